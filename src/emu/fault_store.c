/* SPDX-License-Identifier: Apache-2.0 */
/* Writes that succeed and are not, or not rightly, stored. */
#include "emu/fault.h"
#include <string.h>

/* Success for all of it, while covered bytes go nowhere. */
static ssize_t drop_pwrite(struct lethe_io *io, const void *buf, size_t len, uint64_t offset)
{
    struct fault *fault = fault_of(io);
    bool covered;
    if (!fault_fires(fault, true, offset, len))
        return fault_pwrite(io, buf, len, offset);
    for (size_t done = 0, n; done < len; done += n) {
        n = fault_run(fault, offset + done, len - done, &covered);
        if (covered)
            continue;
        ssize_t put = fault_pwrite(io, (const char *)buf + done, n, offset + done);
        if (put < 0)
            return put;
        if ((size_t)put < n)
            return (ssize_t)(done + (size_t)put);
    }
    return (ssize_t)len;
}

/* Limbo: beyond the real capacity there is nothing, and it reads as zeros. */
static ssize_t drop_pread(struct lethe_io *io, void *buf, size_t len, uint64_t offset)
{
    struct fault *fault = fault_of(io);
    ssize_t got = fault_pread(io, buf, len, offset);
    if (fault->rule.kind != FAULT_LIMBO || got <= 0 || !fault_armed(fault, false))
        return got;
    size_t first = fault_first(fault, offset, (size_t)got);
    memset((char *)buf + first, 0, (size_t)got - first);
    return got;
}

const struct lethe_io_ops fault_ops_drop = {.name = "drop",
                                            .info = fault_info,
                                            .pread = drop_pread,
                                            .pwrite = drop_pwrite,
                                            .sync = fault_sync,
                                            .command = fault_command,
                                            .close = fault_close};

/* One bit of every covered block, always the same one. */
static void flip(const struct fault *fault, char *data, size_t len, uint64_t offset)
{
    uint32_t granule = fault->session->granule;
    bool covered;
    for (size_t done = 0, n; done < len; done += n) {
        n = granule - (size_t)((offset + done) % granule);
        n = n < len - done ? n : len - done;
        (void)fault_run(fault, offset + done, n, &covered);
        if (!covered)
            continue;
        uint64_t bit = fault_hash(~fault->rule.seed, (offset + done) / granule);
        char *byte = &data[done + (size_t)(bit / 8 % n)];
        *byte = (char)((unsigned char)*byte ^ (1u << (bit % 8)));
    }
}

static ssize_t corrupt_pwrite(struct lethe_io *io, const void *buf, size_t len, uint64_t offset)
{
    struct fault *fault = fault_of(io);
    if (!fault_fires(fault, true, offset, len))
        return fault_pwrite(io, buf, len, offset);
    for (size_t done = 0, n; done < len; done += n) {
        n = len - done < FAULT_BOUNCE ? len - done : FAULT_BOUNCE;
        memcpy(fault->bounce, (const char *)buf + done, n);
        flip(fault, fault->bounce, n, offset + done);
        ssize_t put = fault_pwrite(io, fault->bounce, n, offset + done);
        if (put < 0)
            return put;
        if ((size_t)put < n)
            return (ssize_t)(done + (size_t)put);
    }
    return (ssize_t)len;
}

const struct lethe_io_ops fault_ops_corrupt = {.name = "corrupt",
                                               .info = fault_info,
                                               .pread = fault_pread,
                                               .pwrite = corrupt_pwrite,
                                               .sync = fault_sync,
                                               .command = fault_command,
                                               .close = fault_close};
