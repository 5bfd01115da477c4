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
        close(held->rest[i].fd);
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

/* {"areas": [1, 2]}: those of the descriptors behind the first. */
int lethe_held_spec_area(struct lethe_io_spec *out, unsigned area, int fd, struct lethe_error *err)
{
    int rc = fd < 0 ? fd : 0;
    if (rc == 0 && out->n_fds == LETHE_IO_FDS_MAX)
        rc = lethe_fail(err, LETHE_E_LIMIT, "no descriptor left for the areas of the card");
    if (rc == 0 && !out->config)
        out->config = json_pack("{s:[]}", "areas");
    json_t *areas = json_object_get(out->config, "areas");
    if (rc == 0 && json_array_append_new(areas, json_integer(area)) < 0)
        rc = lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    if (rc == 0) {
        out->fds[out->n_fds++] = fd;
        return 0;
    }
    if (fd >= 0)
        close(fd);
    lethe_io_spec_close(out);
    return rc;
}

int lethe_held_open(const struct lethe_io_spec *spec, unsigned queue_depth, struct lethe_io **out,
                    struct lethe_error *err)
{
    const json_t *areas = spec->config ? json_object_get(spec->config, "areas") : NULL;
    size_t n = json_array_size(areas);
    if (spec->n_fds != 1 + n)
        return lethe_fail(err, LETHE_E_INVALID, "the driver %s needs %zu descriptors, not %zu",
                          spec->driver, 1 + n, spec->n_fds);
    int rc = lethe_io_fd_open(spec->fds[0], spec->writable, queue_depth, out, err);
    for (size_t i = 0; rc == 0 && i < n; i++) {
        json_int_t area = json_integer_value(json_array_get(areas, i));
        rc = lethe_io_fd_area(*out, area > 0 && area < LETHE_MMC_AREAS ? (unsigned)area : 0,
                              spec->fds[1 + i], err);
        if (rc < 0) {
            lethe_io_close(*out);
            *out = NULL;
        }
    }
    return rc;
}
