/* SPDX-License-Identifier: Apache-2.0 */
#include "phone/bulk.h"

#include "base/time.h"

#include <errno.h>
#include <string.h>

static int failed(int rc, struct lethe_error *err)
{
    switch (-rc) {
    case ENODEV:
    case ENXIO:
    case ESHUTDOWN:
        return lethe_fail(err, LETHE_E_GONE, "the phone left the bus");
    case ETIMEDOUT:
        return lethe_fail(err, LETHE_E_TIMEOUT, "the phone did not answer in time");
    case EOPNOTSUPP:
        return lethe_fail(err, LETHE_E_UNSUPPORTED,
                          "the phone offers no interface to talk on in its present mode");
    case EBUSY:
        lethe_fail(err, LETHE_E_BUSY, "another program holds the phone's interface");
        lethe_error_remedy(err, "stop the adb server of this machine: adb kill-server");
        return -LETHE_E_BUSY;
    default:
        return lethe_fail(err, LETHE_E_IO, "the phone's USB interface failed: %s", strerror(-rc));
    }
}

/* A deadline that has passed still lets through what is waiting. */
static unsigned left(uint64_t until)
{
    uint64_t now = lethe_monotonic_ms();
    return until > now ? (unsigned)(until - now) : 1;
}

int lethe_bulk_out(struct lethe_io *io, const void *data, size_t len, uint64_t until,
                   struct lethe_error *err)
{
    struct lethe_command command = {.set = LETHE_SET_USB,
                                    .direction = LETHE_DATA_OUT,
                                    .data = (void *)(uintptr_t)data,
                                    .data_len = len,
                                    .timeout_ms = left(until)};
    int rc = lethe_io_command(io, &command);
    return rc < 0 ? failed(rc, err) : 0;
}

ssize_t lethe_bulk_in(struct lethe_io *io, void *data, size_t size, uint64_t until,
                      struct lethe_error *err)
{
    struct lethe_command command = {.set = LETHE_SET_USB,
                                    .direction = LETHE_DATA_IN,
                                    .data = data,
                                    .data_len = size,
                                    .timeout_ms = left(until)};
    int rc = lethe_io_command(io, &command);
    if (rc < 0)
        return failed(rc, err);
    return command.transferred <= size ? (ssize_t)command.transferred : failed(-EOVERFLOW, err);
}
