/* SPDX-License-Identifier: Apache-2.0 */
/* Power, flushes, and who is in the slot afterwards. */
#include "emu/fault.h"
#include <errno.h>

/* The lights go out in the middle of a request: half of it may be on the medium. From here on the
 * meter answers ENODEV to everyone; what was not flushed is rolled back at the next power-on. */
static ssize_t power_pwrite(struct lethe_io *io, const void *buf, size_t len, uint64_t offset)
{
    struct fault *fault = fault_of(io);
    if (!fault_fires(fault, true, offset, len))
        return fault_pwrite(io, buf, len, offset);
    size_t half = len / 2 - len / 2 % fault->session->logical_block;
    if (half > 0)
        (void)fault_pwrite(io, buf, half, offset);
    fault->session->state->off = 1;
    return -ENODEV;
}

static ssize_t power_pread(struct lethe_io *io, void *buf, size_t len, uint64_t offset)
{
    struct fault *fault = fault_of(io);
    if (!fault_fires(fault, false, offset, len))
        return fault_pread(io, buf, len, offset);
    fault->session->state->off = 1;
    return -ENODEV;
}

const struct lethe_io_ops fault_ops_power = {.name = "power-cut",
                                             .info = fault_info,
                                             .pread = power_pread,
                                             .pwrite = power_pwrite,
                                             .sync = fault_sync,
                                             .command = fault_command,
                                             .close = fault_close};

/* Says "flushed" and flushes nothing: seen only when the power fails. */
static int flush_sync(struct lethe_io *io)
{
    struct fault *fault = fault_of(io);
    if (!fault_armed(fault, true))
        return fault_sync(io);
    uint64_t fired = fault->slot->fired++;
    return fault->rule.times == 0 || fired < fault->rule.times ? 0 : fault_sync(io);
}

const struct lethe_io_ops fault_ops_flush = {.name = "lying-flush",
                                             .info = fault_info,
                                             .pread = fault_pread,
                                             .pwrite = fault_pwrite,
                                             .sync = flush_sync,
                                             .command = fault_command,
                                             .close = fault_close};

/* Another device in the same slot: only identify() tells. */
static ssize_t swap_pread(struct lethe_io *io, void *buf, size_t len, uint64_t offset)
{
    if (fault_fires(fault_of(io), false, offset, len))
        fault_of(io)->slot->latched = 1;
    return fault_pread(io, buf, len, offset);
}

static ssize_t swap_pwrite(struct lethe_io *io, const void *buf, size_t len, uint64_t offset)
{
    if (fault_fires(fault_of(io), true, offset, len))
        fault_of(io)->slot->latched = 1;
    return fault_pwrite(io, buf, len, offset);
}

const struct lethe_io_ops fault_ops_swap = {.name = "swap",
                                            .info = fault_info,
                                            .pread = swap_pread,
                                            .pwrite = swap_pwrite,
                                            .sync = fault_sync,
                                            .command = fault_command,
                                            .close = fault_close};
