/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_io.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct fake_io *fake_of(struct lethe_io *io)
{
    return (struct fake_io *)io;
}

static int fake_info(struct lethe_io *io, struct lethe_io_info *out)
{
    *out = fake_of(io)->info;
    return 0;
}

static bool touches(uint64_t offset, size_t len, uint64_t from, uint64_t from_len)
{
    return from_len && offset < from + from_len && from < offset + len;
}

/* What is common to both directions: bytes to move, or -errno. */
static ssize_t fake_admit(struct fake_io *fake, size_t len, uint64_t offset, uint64_t bad,
                          uint64_t bad_len)
{
    if (fake->delay_ms)
        usleep(fake->delay_ms * 1000);
    if (len % fake->info.logical_block || offset % fake->info.logical_block)
        return -EINVAL;
    if (fake->transient) {
        fake->transient--;
        return -EAGAIN;
    }
    if (offset >= fake->info.capacity)
        return 0;
    if (len > fake->info.capacity - offset)
        len = (size_t)(fake->info.capacity - offset);
    if (touches(offset, len, bad, bad_len))
        return -(fake->bad_errno ? fake->bad_errno : EIO);
    if (fake->short_to && len > fake->short_to)
        len = fake->short_to;
    if (len > fake->largest)
        fake->largest = len;
    return (ssize_t)len;
}

/* Byte by byte of the medium: false capacity wraps, limbo swallows. */
static void fake_move(struct fake_io *fake, uint8_t *buf, size_t len, uint64_t offset, bool write)
{
    for (size_t done = 0, n; done < len; done += n) {
        uint64_t at = fake->alias ? (offset + done) % fake->alias : offset + done;
        uint64_t end = fake->alias ? fake->alias : fake->info.capacity;
        bool lost = fake->limbo && at >= fake->limbo;
        if (fake->limbo && !lost)
            end = fake->limbo;
        n = len - done < end - at ? len - done : (size_t)(end - at);
        if (lost && !write && fake->limbo_reads >= 0)
            memset(buf + done, fake->limbo_reads, n);
        else if (!write)
            memcpy(buf + done, fake->data + at, n);
        else if (!lost)
            memcpy(fake->data + at, buf + done, n);
    }
}

static ssize_t fake_pread(struct lethe_io *io, void *buf, size_t len, uint64_t offset)
{
    struct fake_io *fake = fake_of(io);
    ssize_t n = fake_admit(fake, len, offset, fake->bad_read, fake->bad_read_len);
    if (fake->gone_at && offset + len > fake->gone_at)
        return -fake->gone_errno;
    if (n > 0) {
        fake_move(fake, buf, (size_t)n, offset, false);
        fake->bytes_read += (uint64_t)n;
    }
    fake->reads++;
    return n;
}

static ssize_t fake_pwrite(struct lethe_io *io, const void *buf, size_t len, uint64_t offset)
{
    struct fake_io *fake = fake_of(io);
    ssize_t n = fake_admit(fake, len, offset, fake->bad_write, fake->bad_write_len);
    if (fake->gone_at && offset + len > fake->gone_at)
        return fake->gone_errno ? -fake->gone_errno : -ENOSPC;
    if (fake->cut_after && fake->writes >= fake->cut_after)
        return -ENODEV;
    if (n == 0)
        return -ENOSPC;
    if (n > 0) {
        if (!touches(offset, (size_t)n, fake->drop_from, fake->drop_len))
            fake_move(fake, (uint8_t *)(uintptr_t)buf, (size_t)n, offset, true); /* only read */
        fake->bytes_written += (uint64_t)n;
        fake->unflushed += (uint64_t)n;
    }
    fake->writes++;
    if (fake->medium && fake->writes == fake->flush_after)
        memcpy(fake->medium, fake->data, fake->info.capacity);
    return n;
}

static int fake_sync(struct lethe_io *io)
{
    struct fake_io *fake = fake_of(io);
    if (fake->sync_errno && fake->syncs >= fake->sync_good)
        return -fake->sync_errno;
    if (fake->cut_after && fake->writes >= fake->cut_after)
        return -ENODEV;
    fake->syncs++;
    fake->unflushed = 0;
    if (fake->medium)
        memcpy(fake->medium, fake->data, fake->info.capacity);
    return 0;
}

static int fake_submit(struct lethe_io *io, struct lethe_io_request *request)
{
    struct fake_io *fake = fake_of(io);
    if (fake->queued == fake->depth)
        return -EAGAIN;
    fake->queue[fake->queued++] = request;
    if (fake->queued > fake->in_flight_max)
        fake->in_flight_max = fake->queued;
    return 0;
}

/* Carried out when reaped, so that nothing is on the device before it said so. */
static int fake_reap(struct lethe_io *io, struct lethe_io_request **done)
{
    struct fake_io *fake = fake_of(io);
    if (fake->queued == 0)
        return 0;
    unsigned i = (fake->reaps++ * 7) % fake->queued;
    struct lethe_io_request *request = fake->queue[i];
    fake->queue[i] = fake->queue[--fake->queued];
    request->result = request->write ? fake_pwrite(io, request->buf, request->len, request->offset)
                                     : fake_pread(io, request->buf, request->len, request->offset);
    *done = request;
    return 1;
}

static void fake_close(struct lethe_io *io)
{
    free(fake_of(io)->data);
    free(io);
}

static const struct lethe_io_ops fake_ops = {
    .name = "fake",
    .info = fake_info,
    .pread = fake_pread,
    .pwrite = fake_pwrite,
    .sync = fake_sync,
    .close = fake_close,
};

static const struct lethe_io_ops fake_queue_ops = {
    .name = "fake-queue",
    .info = fake_info,
    .pread = fake_pread,
    .pwrite = fake_pwrite,
    .sync = fake_sync,
    .submit = fake_submit,
    .reap = fake_reap,
    .close = fake_close,
};

struct fake_io *fake_io_new(uint64_t capacity, uint32_t block, unsigned depth, uint8_t fill)
{
    struct fake_io *fake = calloc(1, sizeof(*fake));
    if (!fake || !(fake->data = malloc(capacity)))
        abort();
    memset(fake->data, fill, capacity);
    fake->io.ops = depth ? &fake_queue_ops : &fake_ops;
    fake->depth = depth;
    fake->info = (struct lethe_io_info){.capacity = capacity,
                                        .logical_block = block,
                                        .physical_block = 4096,
                                        .alignment = 4096,
                                        .direct = true};
    return fake;
}
