/* SPDX-License-Identifier: Apache-2.0 */
/* Devices that are smaller than they say, or become so. */
#include "emu/fault.h"
#include <errno.h>

/* Fake capacity: addresses wrap around at the real one. */
static ssize_t alias_move(struct lethe_io *io, char *buf, size_t len, uint64_t offset, bool write)
{
    const struct fault *fault = fault_of(io);
    uint64_t size = fault_armed(fault, write) ? fault->rule.size : UINT64_MAX;
    for (size_t done = 0, n; done < len; done += n) {
        uint64_t at = (offset + done) % size;
        n = len - done < size - at ? len - done : (size_t)(size - at);
        ssize_t moved =
            write ? fault_pwrite(io, buf + done, n, at) : fault_pread(io, buf + done, n, at);
        if (moved < 0)
            return moved;
        if ((size_t)moved < n)
            return (ssize_t)(done + (size_t)moved);
    }
    return (ssize_t)len;
}

static ssize_t alias_pread(struct lethe_io *io, void *buf, size_t len, uint64_t offset)
{
    return alias_move(io, buf, len, offset, false);
}

static ssize_t alias_pwrite(struct lethe_io *io, const void *buf, size_t len, uint64_t offset)
{
    return alias_move(io, (char *)(uintptr_t)buf, len, offset, true); /* only read from */
}

const struct lethe_io_ops fault_ops_alias = {.name = "alias",
                                             .info = fault_info,
                                             .pread = alias_pread,
                                             .pwrite = alias_pwrite,
                                             .sync = fault_sync,
                                             .command = fault_command,
                                             .close = fault_close};

/* Shows a smaller capacity from some moment on. */
static int shrink_info(struct lethe_io *io, struct lethe_io_info *out)
{
    int rc = fault_info(io, out);
    if (rc == 0 && fault_armed(fault_of(io), false) && out->capacity > fault_of(io)->rule.size)
        out->capacity = fault_of(io)->rule.size;
    return rc;
}

/* LEN, or what of it the shrunken device still has. */
static size_t shrink_clip(struct lethe_io *io, size_t len, uint64_t offset, bool write)
{
    const struct fault *fault = fault_of(io);
    if (!fault_armed(fault, write))
        return len;
    uint64_t left = offset < fault->rule.size ? fault->rule.size - offset : 0;
    return len < left ? len : (size_t)left;
}

static ssize_t shrink_pread(struct lethe_io *io, void *buf, size_t len, uint64_t offset)
{
    size_t n = shrink_clip(io, len, offset, false);
    return n > 0 ? fault_pread(io, buf, n, offset) : 0;
}

static ssize_t shrink_pwrite(struct lethe_io *io, const void *buf, size_t len, uint64_t offset)
{
    size_t n = shrink_clip(io, len, offset, true);
    return n > 0 ? fault_pwrite(io, buf, n, offset) : -ENOSPC;
}

const struct lethe_io_ops fault_ops_shrink = {.name = "shrink",
                                              .info = shrink_info,
                                              .pread = shrink_pread,
                                              .pwrite = shrink_pwrite,
                                              .sync = fault_sync,
                                              .command = fault_command,
                                              .close = fault_close};
