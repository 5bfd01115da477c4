/* SPDX-License-Identifier: Apache-2.0 */
#include "io/phone/phone.h"

#include <errno.h>
#include <stdlib.h>

static int mute_info(struct lethe_io *io, struct lethe_io_info *out)
{
    (void)io;
    *out = (struct lethe_io_info){.alignment = 1};
    return 0;
}

static ssize_t mute_pread(struct lethe_io *io, void *buf, size_t len, uint64_t offset)
{
    (void)io, (void)buf, (void)len, (void)offset;
    return -EOPNOTSUPP;
}

static ssize_t mute_pwrite(struct lethe_io *io, const void *buf, size_t len, uint64_t offset)
{
    (void)io, (void)buf, (void)len, (void)offset;
    return -EOPNOTSUPP;
}

static int mute_sync(struct lethe_io *io)
{
    (void)io;
    return 0;
}

static void mute_close(struct lethe_io *io)
{
    free(io);
}

static const struct lethe_io_ops mute_ops = {.name = "mute",
                                             .info = mute_info,
                                             .pread = mute_pread,
                                             .pwrite = mute_pwrite,
                                             .sync = mute_sync,
                                             .close = mute_close};

int lethe_io_mute_open(struct lethe_io **out, struct lethe_error *err)
{
    struct lethe_io *io = calloc(1, sizeof(*io));
    if (!io)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    io->ops = &mute_ops;
    *out = io;
    return 0;
}
