/* SPDX-License-Identifier: Apache-2.0 */
#include "emu/disk.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define UNDO_CHUNK ((size_t)256 * 1024)
#define UNDO_MAGIC 0x6c65746865756e64u /* "letheund" */

/* Behind the old data of each entry, so that the log is read from its end. */
struct undo_trailer {
    uint64_t magic, offset;
    uint32_t len;
    uint32_t zero; /* the old data was all zero and is not stored: sparse devices stay sparse */
};

struct disk {
    struct lethe_io io;
    int backing, undo;
    struct lethe_emu_state *state;
    struct disk_shape shape;
    char *chunk; /* UNDO_CHUNK */
};

static struct disk *disk_of(struct lethe_io *io)
{
    return (struct disk *)io;
}

static int disk_info(struct lethe_io *io, struct lethe_io_info *out)
{
    const struct disk_shape *shape = &disk_of(io)->shape;
    /* `direct`: there is no cache between host and model; the device's own cache is modelled. */
    *out = (struct lethe_io_info){.capacity = shape->capacity,
                                  .logical_block = shape->logical_block,
                                  .physical_block = shape->physical_block,
                                  .alignment = shape->logical_block,
                                  .direct = true};
    return 0;
}

static int check_blocks(const struct disk *disk, size_t len, uint64_t offset)
{
    return (offset | len) % disk->shape.logical_block != 0 ? -EINVAL : 0;
}

/* All of LEN by pread or pwrite on a plain file: 0 or -errno. The end of the file is -EIO. */
static int file_move(int fd, void *buf, size_t len, uint64_t offset, bool write)
{
    for (size_t done = 0; done < len;) {
        off_t at = (off_t)(offset + done);
        ssize_t n = write ? pwrite(fd, (char *)buf + done, len - done, at)
                          : pread(fd, (char *)buf + done, len - done, at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return n < 0 ? -errno : -EIO;
        done += (size_t)n;
    }
    return 0;
}

static ssize_t disk_pread(struct lethe_io *io, void *buf, size_t len, uint64_t offset)
{
    const struct disk *disk = disk_of(io);
    int rc = check_blocks(disk, len, offset);
    if (rc < 0)
        return rc;
    if (offset >= disk->shape.capacity)
        return 0;
    if (len > disk->shape.capacity - offset)
        len = (size_t)(disk->shape.capacity - offset);
    rc = file_move(disk->backing, buf, len, offset, false);
    return rc < 0 ? rc : (ssize_t)len;
}

static bool all_zero(const char *data, size_t len)
{
    return len == 0 || (data[0] == 0 && memcmp(data, data + 1, len - 1) == 0);
}

/* Old data first, then the end of the log, then the new data: killed in between, the log only says
 * more than it must. */
static int undo_note(struct disk *disk, size_t len, uint64_t offset)
{
    struct undo_trailer trailer = {.magic = UNDO_MAGIC};
    for (size_t done = 0; done < len; done += trailer.len) {
        uint64_t end = disk->state->undo_end;
        trailer.offset = offset + done;
        trailer.len = (uint32_t)(len - done < UNDO_CHUNK ? len - done : UNDO_CHUNK);
        int rc = file_move(disk->backing, disk->chunk, trailer.len, trailer.offset, false);
        trailer.zero = rc == 0 && all_zero(disk->chunk, trailer.len);
        if (rc == 0 && !trailer.zero) {
            rc = file_move(disk->undo, disk->chunk, trailer.len, end, true);
            end += trailer.len;
        }
        if (rc == 0)
            rc = file_move(disk->undo, &trailer, sizeof(trailer), end, true);
        if (rc < 0)
            return rc;
        disk->state->undo_end = end + sizeof(trailer);
    }
    return 0;
}

static ssize_t disk_pwrite(struct lethe_io *io, const void *buf, size_t len, uint64_t offset)
{
    struct disk *disk = disk_of(io);
    int rc = check_blocks(disk, len, offset);
    if (rc < 0)
        return rc;
    if (offset >= disk->shape.capacity)
        return -ENOSPC;
    if (len > disk->shape.capacity - offset)
        len = (size_t)(disk->shape.capacity - offset);
    if (disk->undo >= 0 && (rc = undo_note(disk, len, offset)) < 0)
        return rc;
    rc = file_move(disk->backing, (void *)(uintptr_t)buf, len, offset, true);
    return rc < 0 ? rc : (ssize_t)len;
}

/* "On the medium" is in the backing file and no longer in the undo log. The host's own page cache
 * is not part of the model. */
static int disk_sync(struct lethe_io *io)
{
    struct disk *disk = disk_of(io);
    if (disk->undo >= 0)
        disk->state->undo_end = 0;
    return 0;
}

static void disk_close(struct lethe_io *io)
{
    free(disk_of(io)->chunk);
    free(disk_of(io));
}

static const struct lethe_io_ops disk_ops = {.name = "emulated disk",
                                             .info = disk_info,
                                             .pread = disk_pread,
                                             .pwrite = disk_pwrite,
                                             .sync = disk_sync,
                                             .close = disk_close};

int disk_open(int backing, int undo, struct lethe_emu_state *state, const struct disk_shape *shape,
              struct lethe_io **out, struct lethe_error *err)
{
    struct disk *disk = calloc(1, sizeof(*disk));
    char *chunk = undo >= 0 ? malloc(UNDO_CHUNK) : NULL;
    if (!disk || (undo >= 0 && !chunk)) {
        free(disk);
        free(chunk);
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    }
    *disk = (struct disk){.io = {.ops = &disk_ops},
                          .backing = backing,
                          .undo = undo,
                          .state = state,
                          .shape = *shape,
                          .chunk = chunk};
    *out = &disk->io;
    return 0;
}

/* The last entry of the log, applied. */
static int undo_last(int backing, int undo, char *chunk, uint64_t *end)
{
    struct undo_trailer trailer;
    if (*end < sizeof(trailer))
        return -EILSEQ;
    uint64_t at = *end - sizeof(trailer);
    int rc = file_move(undo, &trailer, sizeof(trailer), at, false);
    if (rc < 0)
        return rc;
    if (trailer.magic != UNDO_MAGIC || trailer.len > UNDO_CHUNK ||
        (!trailer.zero && trailer.len > at))
        return -EILSEQ;
    if (trailer.zero) {
        rc = fallocate(backing, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)trailer.offset,
                       trailer.len) == 0
                 ? 0
                 : -errno;
        if (rc < 0) { /* a file system without holes */
            memset(chunk, 0, trailer.len);
            rc = file_move(backing, chunk, trailer.len, trailer.offset, true);
        }
    } else {
        at -= trailer.len;
        rc = file_move(undo, chunk, trailer.len, at, false);
        if (rc == 0)
            rc = file_move(backing, chunk, trailer.len, trailer.offset, true);
    }
    *end = at;
    return rc;
}

int disk_roll_back(int backing, int undo, struct lethe_emu_state *state, struct lethe_error *err)
{
    char *chunk = malloc(UNDO_CHUNK);
    int rc = chunk ? 0 : -ENOMEM;
    for (uint64_t end = state->undo_end; rc == 0 && end > 0;) {
        rc = undo_last(backing, undo, chunk, &end);
        if (rc == 0)
            state->undo_end = end;
    }
    free(chunk);
    return rc == 0 ? 0 : lethe_fail_errno(err, -rc, "cannot roll back the emulated device's cache");
}
