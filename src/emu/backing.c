/* SPDX-License-Identifier: Apache-2.0 */
/* The files of an emulated device: made once, then they are its memory. */
#include "base/crypto.h"
#include "base/file.h"
#include "base/json.h"
#include "base/pattern.h"
#include "base/text.h"
#include "emu/emulation.h"
#include "emu/model/model.h"
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#define FILL_CHUNK ((size_t)1 << 20)

void backing_close(struct backing *backing)
{
    lethe_emu_state_unmap(backing->state);
    int *fds[] = {&backing->data, &backing->state_fd, &backing->undo, &backing->old,
                  &backing->firmware};
    for (size_t i = 0; i < sizeof(fds) / sizeof(*fds); i++)
        lethe_fd_close(fds[i]);
    backing->state = NULL;
}

static int open_beside(const struct backing *backing, const char *suffix, int flags,
                       struct lethe_error *err)
{
    char path[PATH_MAX];
    if (!lethe_text_format(path, sizeof(path), "%s%s", backing->path, suffix))
        return lethe_fail(err, LETHE_E_LIMIT, "the path %.64s... is too long", backing->path);
    return lethe_file_open(path, flags, 0600, err);
}

static int put(int fd, const void *data, size_t len, uint64_t offset, struct lethe_error *err)
{
    for (size_t done = 0; done < len;) {
        ssize_t n = pwrite(fd, (const char *)data + done, len - done, (off_t)(offset + done));
        if (n < 0 && errno != EINTR)
            return lethe_fail_errno(err, errno, "cannot fill the backing file");
        done += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

/* Data from FROM to TO at the same offsets; holes stay holes. No more than CAPACITY. */
static int copy(int from, int to, uint64_t capacity, char *chunk, struct lethe_error *err)
{
    for (off_t at = 0; (at = lseek(from, at, SEEK_DATA)) >= 0;) {
        off_t hole = lseek(from, at, SEEK_HOLE);
        while (at < hole) {
            size_t want = hole - at < (off_t)FILL_CHUNK ? (size_t)(hole - at) : FILL_CHUNK;
            ssize_t n = pread(from, chunk, want, at);
            if (n < 0 && errno == EINTR)
                continue;
            if (n <= 0)
                return lethe_fail_errno(err, n < 0 ? errno : EIO, "cannot read the contents");
            if ((uint64_t)at + (uint64_t)n > capacity)
                return lethe_fail(err, LETHE_E_INVALID, "the contents are larger than the device");
            int rc = put(to, chunk, (size_t)n, (uint64_t)at, err);
            if (rc < 0)
                return rc;
            at += n;
        }
    }
    return errno == ENXIO ? 0 : lethe_fail_errno(err, errno, "cannot read the contents");
}

static int fill_from_file(int fd, const char *path, uint64_t capacity, char *chunk,
                          struct lethe_error *err)
{
    struct stat st;
    LETHE_FD_AUTO from = lethe_file_open(path, O_RDONLY | O_NONBLOCK, 0, err);
    if (from < 0)
        return from;
    if (fstat(from, &st) < 0 || !S_ISREG(st.st_mode))
        return lethe_fail(err, LETHE_E_INVALID, "%s is not a plain file", path);
    return copy(from, fd, capacity, chunk, err);
}

static int fill_random(int fd, const char *seed, uint64_t capacity, char *chunk,
                       struct lethe_error *err)
{
    static const struct lethe_pattern random = {.kind = LETHE_PATTERN_RANDOM};
    uint8_t key[LETHE_SEED_SIZE];
    struct lethe_stream *stream;
    lethe_sha256(key, seed, strlen(seed));
    int rc = lethe_stream_new(&random, key, "lethe-emulation", 0, &stream, err);
    for (uint64_t at = 0; rc == 0 && at < capacity; at += FILL_CHUNK) {
        size_t n = capacity - at < FILL_CHUNK ? (size_t)(capacity - at) : FILL_CHUNK;
        lethe_stream_fill(stream, at, chunk, n);
        rc = put(fd, chunk, n, at, err);
    }
    if (rc == 0)
        lethe_stream_free(stream);
    return rc;
}

static int fill_text(int fd, const char *text, uint64_t capacity, char *chunk,
                     struct lethe_error *err)
{
    size_t n = strlen(text);
    int rc = 0;
    for (uint64_t at = 0; rc == 0 && at < capacity; at += FILL_CHUNK) {
        for (size_t i = 0; i < FILL_CHUNK; i++)
            chunk[i] = text[(at + i) % n];
        rc = put(fd, chunk, capacity - at < FILL_CHUNK ? (size_t)(capacity - at) : FILL_CHUNK, at,
                 err);
    }
    return rc;
}

static int fill(int fd, const char *contents, uint64_t capacity, char *chunk,
                struct lethe_error *err)
{
    if (ftruncate(fd, (off_t)capacity) < 0)
        return lethe_fail_errno(err, errno, "cannot make a backing file of %llu bytes",
                                (unsigned long long)capacity);
    if (strncmp(contents, "file:", 5) == 0)
        return fill_from_file(fd, contents + 5, capacity, chunk, err);
    if (strncmp(contents, "random:", 7) == 0)
        return fill_random(fd, contents + 7, capacity, chunk, err);
    if (strncmp(contents, "text:", 5) == 0)
        return fill_text(fd, contents + 5, capacity, chunk, err);
    return 0;
}

/* All files anew, the backing file last known good: `ready` is set when it is whole. */
static int make(const json_t *config, const struct emulated *emulated, struct backing *out,
                struct lethe_error *err)
{
    const char *contents;
    int rc = lethe_json_str(config, "contents", &contents, err);
    if (rc < 0)
        return rc;
    memset(out->state, 0, sizeof(*out->state));
    LETHE_FD_AUTO data = open_beside(out, "", O_RDWR | O_CREAT | O_TRUNC, err);
    if (data < 0)
        return data;
    LETHE_FD_AUTO undo = open_beside(out, ".undo", O_RDWR | O_CREAT | O_TRUNC, err);
    if (undo < 0)
        return undo;
    char *chunk = malloc(FILL_CHUNK);
    if (!chunk)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    rc = fill(data, contents, emulated->shape.capacity, chunk, err);
    if (rc == 0 && emulated->remembers) {
        LETHE_FD_AUTO old = open_beside(out, ".old", O_RDWR | O_CREAT | O_TRUNC, err);
        rc = old;
        if (old >= 0)
            rc = ftruncate(old, (off_t)emulated->shape.capacity) == 0
                     ? copy(data, old, emulated->shape.capacity, chunk, err)
                     : lethe_fail_errno(err, errno, "cannot keep the old contents");
    }
    free(chunk);
    if (rc == 0 && emulated->has_controller) {
        LETHE_FD_AUTO firmware = open_beside(out, ".firmware", O_RDWR | O_CREAT | O_TRUNC, err);
        rc = firmware < 0 ? firmware : model_make(firmware, &emulated->controller, err);
    }
    if (rc == 0)
        out->state->ready = 1;
    return rc;
}

/* Somebody's file must never become a model's medium by a slip in `backing`. */
static int check_ours(const struct backing *backing, struct lethe_error *err)
{
    struct stat st, state;
    char path[PATH_MAX];
    if (stat(backing->path, &st) < 0)
        return errno == ENOENT ? 0 : lethe_fail_errno(err, errno, "cannot use %s", backing->path);
    if (lethe_text_format(path, sizeof(path), "%s.state", backing->path) && S_ISREG(st.st_mode) &&
        stat(path, &state) == 0 && S_ISREG(state.st_mode))
        return 0;
    lethe_fail(err, LETHE_E_REFUSED, "%.200s exists and was not made by an emulation",
               backing->path);
    lethe_error_effect(err, "it is left as it is");
    lethe_error_remedy(err, "give the device another `backing`; to start from a copy of this file "
                            "say `contents: \"file:PATH\"`");
    return -LETHE_E_REFUSED;
}

static int open_state(struct backing *out, bool may_make, struct lethe_error *err)
{
    struct stat st;
    out->state_fd = open_beside(out, ".state", may_make ? O_RDWR | O_CREAT : O_RDWR, err);
    if (out->state_fd < 0)
        return out->state_fd;
    while (may_make && flock(out->state_fd, LOCK_EX) < 0) /* two that load at once */
        if (errno != EINTR)
            return lethe_fail_errno(err, errno, "cannot lock the state of %s", out->path);
    if (may_make && fstat(out->state_fd, &st) == 0 && st.st_size == 0 &&
        ftruncate(out->state_fd, (off_t)sizeof(*out->state)) < 0)
        return lethe_fail_errno(err, errno, "cannot make the state of %s", out->path);
    return lethe_emu_state_map(out->state_fd, &out->state, err);
}

/* Counters belong to a list of faults: another list starts its own. */
static void settle_faults(const json_t *config, struct lethe_emu_state *state)
{
    char hex[65] = "";
    const json_t *list = json_object_get(config, "faults");
    uint64_t hash = 0;
    if (list && lethe_json_digest(list, hex) == 0) {
        hex[16] = '\0';
        hash = strtoull(hex, NULL, 16);
    }
    if (state->faults_hash == hash)
        return;
    for (size_t i = 0; i < LETHE_FAULTS_MAX; i++) {
        state->slots[i].fired = 0;
        state->slots[i].latched = 0;
    }
    state->faults_hash = hash;
}

static int open_all(const struct emulated *emulated, struct backing *out, struct lethe_error *err)
{
    struct stat st;
    out->data = open_beside(out, "", O_RDWR, err);
    if (out->data < 0)
        return out->data;
    out->undo = open_beside(out, ".undo", O_RDWR, err);
    if (out->undo < 0)
        return out->undo;
    if (emulated->remembers && (out->old = open_beside(out, ".old", O_RDONLY, err)) < 0)
        return out->old;
    if (emulated->has_controller) {
        out->firmware = open_beside(out, ".firmware", O_RDWR, err);
        if (out->firmware < 0 || fstat(out->firmware, &st) < 0 ||
            (uint64_t)st.st_size != model_size(&emulated->controller)) {
            lethe_fail(err, LETHE_E_INVALID,
                       "%.160s was made without this controller, or with other areas", out->path);
            lethe_error_remedy(err, "to start afresh: rm '%.200s'", out->path);
            return -LETHE_E_INVALID;
        }
    }
    if (fstat(out->data, &st) < 0 || (uint64_t)st.st_size != emulated->shape.capacity) {
        lethe_fail(err, LETHE_E_INVALID,
                   "%.160s has %lld bytes, but the emulation file gives the device %llu", out->path,
                   (long long)st.st_size, (unsigned long long)emulated->shape.capacity);
        lethe_error_remedy(err, "to start afresh: rm '%.200s'", out->path);
        return -LETHE_E_INVALID;
    }
    return 0;
}

int backing_open(const json_t *config, const struct emulated *emulated, bool may_make,
                 struct backing *out, struct lethe_error *err)
{
    struct stat st;
    *out = (struct backing)BACKING_NONE;
    int rc = lethe_json_copy(config, "backing", out->path, sizeof(out->path), false, err);
    if (rc == 0)
        rc = check_ours(out, err);
    if (rc == 0)
        rc = open_state(out, may_make, err);
    if (rc == 0 && may_make && (!out->state->ready || stat(out->path, &st) < 0))
        rc = make(config, emulated, out, err);
    if (rc == 0)
        rc = open_all(emulated, out, err);
    if (rc == 0 && may_make) {
        settle_faults(config, out->state);
        (void)flock(out->state_fd, LOCK_UN);
    }
    if (rc < 0)
        backing_close(out);
    return rc;
}

int backing_claim(const struct backing *backing, struct lethe_error *err)
{
    if (flock(backing->data, LOCK_EX | LOCK_NB) == 0)
        return 0;
    if (errno != EWOULDBLOCK)
        return lethe_fail_errno(err, errno, "cannot claim %s", backing->path);
    lethe_fail(err, LETHE_E_BUSY, "another process has claimed the emulated device in %.200s",
               backing->path);
    lethe_error_effect(err, "nothing was written");
    lethe_error_remedy(err, "wait for it, or see who it is: fuser -v '%.200s'", backing->path);
    return -LETHE_E_BUSY;
}

int backing_power_on(const struct backing *backing, struct lethe_error *err)
{
    /* Off while we roll back: killed in between, the next one goes on. */
    backing->state->off = 1;
    backing->state->generation++;
    int rc = disk_roll_back(backing->data, backing->undo, backing->state, err);
    if (rc < 0)
        return rc;
    backing->state->off = 0;
    return 0;
}
