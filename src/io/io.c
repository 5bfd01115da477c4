/* SPDX-License-Identifier: Apache-2.0 */
/* What every io shares: whole transfers, and a queue for those that have none of their own. */
#include <errno.h>
#include <lethe/io.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define DONE_RING_SIZE 64

#define PAGE ((size_t)4096)
#define HUGE_PAGE ((size_t)2 << 20)

int lethe_io_info(struct lethe_io *io, struct lethe_io_info *out)
{
    if (io->ops->info)
        return io->ops->info(io, out);
    *out = (struct lethe_io_info){.alignment = 1};
    return 0;
}

ssize_t lethe_io_pread(struct lethe_io *io, void *buf, size_t len, uint64_t offset)
{
    return io->ops->pread ? io->ops->pread(io, buf, len, offset) : -EOPNOTSUPP;
}

ssize_t lethe_io_pwrite(struct lethe_io *io, const void *buf, size_t len, uint64_t offset)
{
    return io->ops->pwrite ? io->ops->pwrite(io, buf, len, offset) : -EOPNOTSUPP;
}

int lethe_io_read(struct lethe_io *io, void *buf, size_t len, uint64_t offset)
{
    for (size_t done = 0; done < len;) {
        ssize_t got = lethe_io_pread(io, (char *)buf + done, len - done, offset + done);
        if (got < 0)
            return (int)got;
        if (got == 0)
            return -ENODATA;
        done += (size_t)got;
    }
    return 0;
}

int lethe_io_write(struct lethe_io *io, const void *buf, size_t len, uint64_t offset)
{
    for (size_t done = 0; done < len;) {
        ssize_t put = lethe_io_pwrite(io, (const char *)buf + done, len - done, offset + done);
        if (put < 0)
            return (int)put;
        if (put == 0)
            return -ENOSPC;
        done += (size_t)put;
    }
    return 0;
}

int lethe_io_sync(struct lethe_io *io)
{
    return io->ops->sync ? io->ops->sync(io) : 0;
}

int lethe_io_command(struct lethe_io *io, struct lethe_command *command)
{
    return io->ops->command ? io->ops->command(io, command) : -EOPNOTSUPP;
}

/* Without a queue of its own a request is carried out here and now, and waits to be reaped. */
static int submit_now(struct lethe_io *io, struct lethe_io_request *request)
{
    if (!io->done_ring) {
        io->done_ring = calloc(DONE_RING_SIZE, sizeof(*io->done_ring));
        if (!io->done_ring)
            return -ENOMEM;
        io->done_size = DONE_RING_SIZE;
    }
    if (io->done_count == io->done_size)
        return -EAGAIN;
    request->result = request->write
                          ? lethe_io_pwrite(io, request->buf, request->len, request->offset)
                          : lethe_io_pread(io, request->buf, request->len, request->offset);
    io->done_ring[(io->done_head + io->done_count++) % io->done_size] = request;
    return 0;
}

static int reap_done(struct lethe_io *io, struct lethe_io_request **done)
{
    if (io->done_count == 0)
        return 0;
    *done = io->done_ring[io->done_head];
    io->done_head = (io->done_head + 1) % io->done_size;
    io->done_count--;
    return 1;
}

int lethe_io_submit(struct lethe_io *io, struct lethe_io_request *request)
{
    return io->ops->submit ? io->ops->submit(io, request) : submit_now(io, request);
}

int lethe_io_reap(struct lethe_io *io, struct lethe_io_request **done)
{
    return io->ops->submit ? io->ops->reap(io, done) : reap_done(io, done);
}

void lethe_io_close(struct lethe_io *io)
{
    while (io) {
        struct lethe_io *lower = io->lower;
        free(io->done_ring);
        io->done_ring = NULL;
        io->ops->close(io);
        io = lower;
    }
}

void *lethe_io_buffer(size_t len)
{
    size_t alignment = len >= HUGE_PAGE ? HUGE_PAGE : PAGE;
    size_t size = (len + PAGE - 1) & ~(PAGE - 1);
    void *buffer = aligned_alloc(alignment, size ? size : PAGE);
    /* The kernel pins the pages of every O_DIRECT request: few large ones where it can. */
    if (buffer && alignment == HUGE_PAGE)
        madvise(buffer, size, MADV_HUGEPAGE);
    if (buffer)
        memset(buffer, 0, size);
    return buffer;
}

void lethe_io_buffer_free(void *buffer)
{
    free(buffer);
}

void lethe_io_spec_close(struct lethe_io_spec *spec)
{
    for (size_t i = 0; i < spec->n_fds; i++)
        close(spec->fds[i]);
    spec->n_fds = 0;
    json_decref(spec->config);
    spec->config = NULL;
}
