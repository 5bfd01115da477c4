/* SPDX-License-Identifier: Apache-2.0 */
/* Devices that say so when they fail: medium errors, and the one that is pulled out. */
#include "emu/fault.h"
#include <errno.h>

/* Bad and weak blocks. What lies before the block in the same request is still written, as a disk
 * does; the host only hears EIO for all of it. */
static ssize_t bad_pwrite(struct lethe_io *io, const void *buf, size_t len, uint64_t offset)
{
    struct fault *fault = fault_of(io);
    if (!fault_fires(fault, true, offset, len))
        return fault_pwrite(io, buf, len, offset);
    size_t before = fault_first(fault, offset, len);
    if (before > 0)
        (void)fault_pwrite(io, buf, before, offset);
    return -EIO;
}

static ssize_t bad_pread(struct lethe_io *io, void *buf, size_t len, uint64_t offset)
{
    return fault_fires(fault_of(io), false, offset, len) ? -EIO : fault_pread(io, buf, len, offset);
}

const struct lethe_io_ops fault_ops_bad = {.name = "bad",
                                           .info = fault_info,
                                           .pread = bad_pread,
                                           .pwrite = bad_pwrite,
                                           .sync = fault_sync,
                                           .command = fault_command,
                                           .close = fault_close};

/* Unplugged: the kernel answers writes with ENOSPC and reads with end of file, which a careless
 * loop takes for the end of a job well done (facts: a removed disk looks like a finished one). */
static bool vanished(struct lethe_io *io, bool write, size_t len, uint64_t offset)
{
    struct fault *fault = fault_of(io);
    if (!fault->slot->latched && fault_fires(fault, write, offset, len))
        fault->slot->latched = 1;
    return fault->slot->latched;
}

static ssize_t vanish_pread(struct lethe_io *io, void *buf, size_t len, uint64_t offset)
{
    if (!vanished(io, false, len, offset))
        return fault_pread(io, buf, len, offset);
    return fault_of(io)->rule.enodev ? -ENODEV : 0;
}

static ssize_t vanish_pwrite(struct lethe_io *io, const void *buf, size_t len, uint64_t offset)
{
    if (!vanished(io, true, len, offset))
        return fault_pwrite(io, buf, len, offset);
    return fault_of(io)->rule.enodev ? -ENODEV : -ENOSPC;
}

static int vanish_sync(struct lethe_io *io)
{
    if (!fault_of(io)->slot->latched)
        return fault_sync(io);
    return fault_of(io)->rule.enodev ? -ENODEV : -EIO;
}

const struct lethe_io_ops fault_ops_vanish = {.name = "vanish",
                                              .info = fault_info,
                                              .pread = vanish_pread,
                                              .pwrite = vanish_pwrite,
                                              .sync = vanish_sync,
                                              .command = fault_command,
                                              .close = fault_close};
