/* SPDX-License-Identifier: Apache-2.0 */
#include "scan/held.h"
#include "base/text.h"
#include "scan/uses.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct lethe_held *lethe_held_new(const struct lethe_scan_env *env,
                                  const struct lethe_device *device, struct lethe_error *err)
{
    struct lethe_held *held = calloc(1, sizeof *held);
    if (held && lethe_device_copy(device, &held->device) == 0) {
        held->env = env;
        held->fd = -1;
        return held;
    }
    free(held);
    lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    return NULL;
}

void lethe_held_free(struct lethe_held *held)
{
    if (!held)
        return;
    if (held->fd >= 0)
        close(held->fd);
    for (size_t i = 0; i < held->n_rest; i++)
        close(held->rest[i]);
    lethe_device_clear(&held->device);
    free(held);
}

int lethe_held_blame(struct lethe_held *held, struct lethe_error *err)
{
    struct lethe_device now = {0};
    int rc = lethe_scan_target(held->env, held->device.node, &now, NULL);
    if (rc == 0)
        rc = lethe_uses_openers(held->env, &now, NULL);
    rc = rc == 0 ? lethe_device_refuse(&now, err) : 0;
    lethe_device_clear(&now);
    return rc < 0 ? rc : -LETHE_E_BUSY;
}

int lethe_held_spec(const char *driver, int fd, bool writable, struct lethe_io_spec *out)
{
    memset(out, 0, sizeof *out);
    if (fd < 0)
        return fd;
    lethe_text_format(out->driver, sizeof out->driver, "%s", driver);
    out->fds[0] = fd;
    out->n_fds = 1;
    out->writable = writable;
    return 0;
}

int lethe_held_open(const struct lethe_io_spec *spec, unsigned queue_depth, struct lethe_io **out,
                    struct lethe_error *err)
{
    if (spec->n_fds != 1)
        return lethe_fail(err, LETHE_E_INVALID, "the driver %s needs one descriptor, not %zu",
                          spec->driver, spec->n_fds);
    return lethe_io_fd_open(spec->fds[0], spec->writable, queue_depth, out, err);
}
