/* SPDX-License-Identifier: Apache-2.0 */
/* Kernel block devices and image files by descriptor. */
#include "io/passthrough.h"
#include "io/ring.h"

#include <errno.h>
#include <fcntl.h>
#include <lethe/io.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

struct fd_io {
    struct lethe_io io;
    int fd;
    int areas[LETHE_MMC_AREAS]; /* of an eMMC, beside FD; -1 none */
    bool writable;
    struct lethe_io_info info;
    unsigned depth, in_flight; /* of the ring; depth 0: none */
    struct io_uring ring;
};

static struct fd_io *fd_of(struct lethe_io *io)
{
    return (struct fd_io *)io;
}

static int fd_info(struct lethe_io *io, struct lethe_io_info *out)
{
    *out = fd_of(io)->info;
    return 0;
}

static ssize_t fd_pread(struct lethe_io *io, void *buf, size_t len, uint64_t offset)
{
    ssize_t n;
    do {
        n = pread(fd_of(io)->fd, buf, len, (off_t)offset);
    } while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : n;
}

static ssize_t fd_pwrite(struct lethe_io *io, const void *buf, size_t len, uint64_t offset)
{
    const struct fd_io *self = fd_of(io);
    ssize_t n;
    /* A file would grow; a device says ENOSPC. Both have one end here: the one seen at opening. */
    if (!self->writable)
        return -EBADF;
    if (offset >= self->info.capacity)
        return -ENOSPC;
    if (len > self->info.capacity - offset)
        len = (size_t)(self->info.capacity - offset);
    do {
        n = pwrite(self->fd, buf, len, (off_t)offset);
    } while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : n;
}

static int fd_sync(struct lethe_io *io)
{
    int rc;
    do {
        rc = fdatasync(fd_of(io)->fd);
    } while (rc < 0 && errno == EINTR);
    return rc < 0 ? -errno : 0;
}

static int fd_command(struct lethe_io *io, struct lethe_command *command)
{
    const struct fd_io *self = fd_of(io);
    int fd = self->fd;
    if (command->set == LETHE_SET_MMC && command->n_bytes > 6 && command->bytes[6] > 0)
        fd = command->bytes[6] < LETHE_MMC_AREAS ? self->areas[command->bytes[6]] : -1;
    return fd < 0 ? -ENXIO : lethe_passthrough(fd, command);
}

static int fd_submit(struct lethe_io *io, struct lethe_io_request *request)
{
    struct fd_io *self = fd_of(io);
    struct io_uring_sqe *sqe;
    if (request->write && !self->writable)
        return -EBADF;
    if (request->write && (request->offset > self->info.capacity ||
                           request->len > self->info.capacity - request->offset))
        return -ENOSPC;
    if (self->in_flight == self->depth || !(sqe = io_uring_get_sqe(&self->ring)))
        return -EAGAIN;
    /* 0: the index of the one registered file. */
    if (request->write)
        io_uring_prep_write(sqe, 0, request->buf, (unsigned)request->len, request->offset);
    else
        io_uring_prep_read(sqe, 0, request->buf, (unsigned)request->len, request->offset);
    io_uring_sqe_set_flags(sqe, IOSQE_FIXED_FILE);
    io_uring_sqe_set_data(sqe, request);
    self->in_flight++;
    /* An entry that the kernel did not take now stays in the ring: the next submit or reap passes
     * it on. */
    io_uring_submit(&self->ring);
    return 0;
}

static int fd_reap(struct lethe_io *io, struct lethe_io_request **done)
{
    struct fd_io *self = fd_of(io);
    struct io_uring_cqe *cqe;
    int rc;
    if (self->in_flight == 0)
        return 0;
    while ((rc = io_uring_peek_cqe(&self->ring, &cqe)) == -EAGAIN) {
        rc = io_uring_submit_and_wait(&self->ring, 1);
        if (rc < 0 && rc != -EINTR && rc != -EAGAIN && rc != -EBUSY)
            return rc;
    }
    if (rc < 0)
        return rc;
    *done = io_uring_cqe_get_data(cqe);
    (*done)->result = cqe->res;
    io_uring_cqe_seen(&self->ring, cqe);
    self->in_flight--;
    return 1;
}

static void fd_close(struct lethe_io *io)
{
    struct fd_io *self = fd_of(io);
    if (self->depth > 0)
        io_uring_queue_exit(&self->ring);
    free(self);
}

static const struct lethe_io_ops fd_ops = {
    .name = "fd",
    .info = fd_info,
    .pread = fd_pread,
    .pwrite = fd_pwrite,
    .sync = fd_sync,
    .command = fd_command,
    .close = fd_close,
};

static const struct lethe_io_ops fd_ring_ops = {
    .name = "fd-ring",
    .info = fd_info,
    .pread = fd_pread,
    .pwrite = fd_pwrite,
    .sync = fd_sync,
    .command = fd_command,
    .submit = fd_submit,
    .reap = fd_reap,
    .close = fd_close,
};

/* The smallest O_DIRECT transfer that FD takes: a file does not tell it before Linux 6.1, so it is
 * asked. 0 when it takes none. */
static uint32_t direct_block(int fd, uint64_t capacity)
{
    uint32_t block = 0;
    char *buf = lethe_io_buffer(4096);
    for (uint32_t size = 512; buf && !block && size <= 4096; size *= 8) {
        if (capacity % size == 0 && (pread(fd, buf, size, 0) >= 0 || errno != EINVAL))
            block = size;
    }
    lethe_io_buffer_free(buf);
    return block;
}

static int fd_look_block(int fd, struct lethe_io_info *info, struct lethe_error *err)
{
    struct lethe_block_facts facts;
    int rc = lethe_block_facts(fd, &facts, err);
    if (rc < 0)
        return rc;
    info->capacity = facts.capacity;
    info->logical_block = facts.logical_block;
    info->physical_block = facts.physical_block;
    return 0;
}

static int fd_look_file(int fd, int flags, uint64_t size, struct lethe_io_info *info,
                        struct lethe_error *err)
{
    info->capacity = size;
    info->logical_block = 512;
    if (info->direct) {
        uint32_t block = direct_block(fd, size);
        if (block == 0 && fcntl(fd, F_SETFL, flags & ~O_DIRECT) < 0)
            return lethe_fail_errno(err, errno, "cannot switch the image to buffered access");
        info->direct = block > 0;
        info->logical_block = block > 0 ? block : 512;
    }
    info->physical_block = info->logical_block;
    return 0;
}

static int fd_look(int fd, struct lethe_io_info *info, struct lethe_error *err)
{
    struct stat st;
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fstat(fd, &st) < 0)
        return lethe_fail_errno(err, errno, "cannot look at the device's descriptor");
    info->direct = (flags & O_DIRECT) != 0;
    info->alignment = 4096;
    if (S_ISBLK(st.st_mode))
        return fd_look_block(fd, info, err);
    if (S_ISREG(st.st_mode))
        return fd_look_file(fd, flags, (uint64_t)st.st_size, info, err);
    return lethe_fail(err, LETHE_E_UNSUPPORTED, "neither a block device nor an image file");
}

int lethe_io_fd_open(int fd, bool writable, unsigned queue_depth, struct lethe_io **out,
                     struct lethe_error *err)
{
    *out = NULL;
    struct fd_io *self = calloc(1, sizeof(*self));
    if (!self)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    self->fd = fd;
    for (size_t i = 0; i < LETHE_MMC_AREAS; i++)
        self->areas[i] = -1;
    self->writable = writable;
    int rc = fd_look(fd, &self->info, err);
    if (rc < 0) {
        free(self);
        return rc;
    }
    bool ring = queue_depth > 0 && lethe_ring_open(&self->ring, fd, writable, queue_depth) == 0;
    self->depth = ring ? queue_depth : 0;
    self->io.ops = ring ? &fd_ring_ops : &fd_ops;
    *out = &self->io;
    return 0;
}

int lethe_io_fd_area(struct lethe_io *io, unsigned area, int fd, struct lethe_error *err)
{
    struct stat st;
    if (!lethe_mmc_area_name(area) || fstat(fd, &st) < 0 || !S_ISBLK(st.st_mode))
        return lethe_fail(err, LETHE_E_INVALID, "descriptor %d is no area %u of a card", fd, area);
    fd_of(io)->areas[area] = fd;
    return 0;
}
