/* SPDX-License-Identifier: Apache-2.0 */
/* Devices that take their time. */
#include "emu/fault.h"

static void slow_down(struct lethe_io *io, bool write, size_t len, uint64_t offset)
{
    struct fault *fault = fault_of(io);
    if (fault_fires(fault, write, offset, len))
        fault_sleep((uint64_t)((unsigned __int128)len * 1000000000 / fault->rule.rate));
}

static ssize_t slow_pread(struct lethe_io *io, void *buf, size_t len, uint64_t offset)
{
    slow_down(io, false, len, offset);
    return fault_pread(io, buf, len, offset);
}

static ssize_t slow_pwrite(struct lethe_io *io, const void *buf, size_t len, uint64_t offset)
{
    slow_down(io, true, len, offset);
    return fault_pwrite(io, buf, len, offset);
}

const struct lethe_io_ops fault_ops_slow = {.name = "slow",
                                            .info = fault_info,
                                            .pread = slow_pread,
                                            .pwrite = slow_pwrite,
                                            .sync = fault_sync,
                                            .command = fault_command,
                                            .close = fault_close};

/* Hangs in a sleep, so that a signal can still end the process. */
static void stall(struct lethe_io *io, bool write, size_t len, uint64_t offset)
{
    struct fault *fault = fault_of(io);
    if (!fault_fires(fault, write, offset, len))
        return;
    do
        fault_sleep((fault->rule.seconds > 0 ? fault->rule.seconds : 3600) * 1000000000);
    while (fault->rule.seconds == 0);
}

static ssize_t stall_pread(struct lethe_io *io, void *buf, size_t len, uint64_t offset)
{
    stall(io, false, len, offset);
    return fault_pread(io, buf, len, offset);
}

static ssize_t stall_pwrite(struct lethe_io *io, const void *buf, size_t len, uint64_t offset)
{
    stall(io, true, len, offset);
    return fault_pwrite(io, buf, len, offset);
}

const struct lethe_io_ops fault_ops_stall = {.name = "stall",
                                             .info = fault_info,
                                             .pread = stall_pread,
                                             .pwrite = stall_pwrite,
                                             .sync = fault_sync,
                                             .command = fault_command,
                                             .close = fault_close};
