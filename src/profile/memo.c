/* SPDX-License-Identifier: Apache-2.0 */
#include "profile/memo.h"

#include "base/buf.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/time.h"
#include "profile/folder.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MEMO_MAX ((size_t)64 << 20)

/* In front of the records. Of this machine and this program only: never a format. */
struct head {
    uint8_t key[LETHE_HASH_SIZE];
    uint64_t size, n, sum;
};

/* Against a disk that lies, not against a person: is_ours() keeps out all but the bench's own user
 * and root, who could as well replace the program. */
static uint64_t sum_of(const void *data, size_t len)
{
    uint64_t sum = 14695981039346656037u, word;
    const uint8_t *at = data;
    for (; len >= sizeof(word); len -= sizeof(word), at += sizeof(word)) {
        memcpy(&word, at, sizeof(word));
        sum = (sum ^ word) * 1099511628211u;
        sum ^= sum >> 29;
    }
    for (; len > 0; len--)
        sum = (sum ^ *at++) * 1099511628211u;
    return sum;
}

/* A record from here decides what a policy means, while a certificate names the hash of its file:
 * nobody else may be able to write it. */
static bool is_ours(const struct stat *st, bool or_root)
{
    return (st->st_uid == geteuid() || (or_root && st->st_uid == 0)) &&
           (st->st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

static bool is_kept_safely(const char *path)
{
    char dir[PATH_MAX] = ".";
    struct stat st;
    const char *slash = strrchr(path, '/');
    size_t len = slash ? (size_t)(slash - path) + 1 : 0;
    if (len >= sizeof(dir))
        return false;
    if (len > 0) {
        memcpy(dir, path, len);
        dir[len] = '\0';
    }
    return stat(dir, &st) == 0 && is_ours(&st, true);
}

/* A file can change twice within one tick of its file system's clock (two seconds on FAT), and look
 * the same: what is as young as that is parsed, and not kept. */
#define YOUNG_MS 2000

struct looks {
    struct lethe_buf all;
    uint64_t newest; /* milliseconds */
};

static int look(void *user, const char *path, const struct stat *st, struct lethe_error *err)
{
    struct looks *looks = user;
    const uint64_t how[] = {st->st_dev,
                            st->st_ino,
                            (uint64_t)st->st_size,
                            (uint64_t)st->st_mtim.tv_sec,
                            (uint64_t)st->st_mtim.tv_nsec,
                            (uint64_t)st->st_ctim.tv_sec,
                            (uint64_t)st->st_ctim.tv_nsec};
    uint64_t changed =
        (uint64_t)st->st_ctim.tv_sec * 1000 + (uint64_t)st->st_ctim.tv_nsec / 1000000;
    looks->newest = changed > looks->newest ? changed : looks->newest;
    (void)err;
    return lethe_buf_add(&looks->all, how, sizeof(how)) < 0
               ? -LETHE_E_INTERNAL
               : lethe_buf_add(&looks->all, path, strlen(path) + 1);
}

void lethe_memo_open(struct lethe_memo *memo, const char *path, size_t size,
                     const char *const *dirs)
{
    struct stat program;
    struct looks looks = {0};
    *memo = (struct lethe_memo){.size = size};
    if (path && is_kept_safely(path) && stat("/proc/self/exe", &program) == 0 &&
        look(&looks, "", &program, NULL) == 0 && lethe_folder_look(dirs, look, &looks, NULL) == 0 &&
        looks.newest + YOUNG_MS <= lethe_now_ms()) {
        lethe_sha256(memo->key, looks.all.data, looks.all.len);
        memo->path = path;
    }
    lethe_buf_free(&looks.all);
}

/* Most of a record are arrays that end early: each stretch of what is in it, and how many zeros
 * come behind. */
struct stretch {
    uint32_t len, zeros;
};
#define ZEROS_MIN 16

static size_t zeros_at(const uint8_t *from, const uint8_t *end)
{
    const uint8_t *at = from;
    while (at < end && *at == 0)
        at++;
    return (size_t)(at - from);
}

static int pack(struct lethe_buf *out, const uint8_t *at, size_t size)
{
    const uint8_t *end = at + size;
    while (at < end) {
        const uint8_t *next = at;
        size_t zeros = zeros_at(next, end);
        while (zeros < ZEROS_MIN && next < end) {
            next += zeros ? zeros : 1;
            zeros = zeros_at(next, end);
        }
        struct stretch stretch = {(uint32_t)(next - at), (uint32_t)zeros};
        if (lethe_buf_add(out, &stretch, sizeof(stretch)) < 0 ||
            lethe_buf_add(out, at, stretch.len) < 0)
            return -LETHE_E_INTERNAL;
        at = next + zeros;
    }
    return 0;
}

/* One of SIZE, zeroed, from what is left of the text. */
static bool unpack(uint8_t *record, size_t size, const char **text, const char *end)
{
    for (size_t at = 0; at < size;) {
        struct stretch stretch;
        size_t left = (size_t)(end - *text);
        if (left < sizeof(stretch))
            return false;
        memcpy(&stretch, *text, sizeof(stretch));
        if (stretch.len > left - sizeof(stretch) || stretch.len > size - at ||
            stretch.zeros > size - at - stretch.len || stretch.len + stretch.zeros == 0)
            return false;
        memcpy(record + at, *text + sizeof(stretch), stretch.len);
        *text += sizeof(stretch) + stretch.len;
        at += stretch.len + stretch.zeros;
    }
    return true;
}

static bool is_of(const struct lethe_memo *memo, const char *text, size_t len, struct head *head)
{
    if (len < sizeof(*head))
        return false;
    memcpy(head, text, sizeof(*head));
    return memcmp(head->key, memo->key, sizeof(head->key)) == 0 && head->size == memo->size &&
           head->n > 0 && head->n <= MEMO_MAX / memo->size &&
           head->sum == sum_of(text + sizeof(*head), len - sizeof(*head));
}

/* All of a plain file of ours; what waits for a writer, or is somewhere else, is none. NULL: not
 * there. */
static char *read_ours(const char *path, size_t *len)
{
    struct stat st;
    LETHE_FD_AUTO fd = lethe_file_open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0, NULL);
    if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || !is_ours(&st, false) ||
        st.st_size <= 0 || (uint64_t)st.st_size > MEMO_MAX)
        return NULL;
    *len = (size_t)st.st_size;
    char *text = malloc(*len);
    for (size_t have = 0; text && have < *len;) {
        ssize_t got = read(fd, text + have, *len - have);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            free(text);
            return NULL;
        }
        have += (size_t)got;
    }
    return text;
}

void *lethe_memo_read(const struct lethe_memo *memo, size_t *n)
{
    struct head head;
    size_t len = 0;
    *n = 0;
    char *text = memo->path ? read_ours(memo->path, &len) : NULL;
    if (!text || !is_of(memo, text, len, &head)) {
        free(text);
        return NULL;
    }
    /* As large as this is, it comes from the kernel: no page of it is there before it is written
     * to. */
    uint8_t *records = calloc(head.n, memo->size);
    const char *at = text + sizeof(head), *end = text + len;
    bool fits = records != NULL;
    for (size_t i = 0; fits && i < head.n; i++)
        fits = unpack(records + i * memo->size, memo->size, &at, end);
    free(text);
    if (!fits) {
        free(records);
        return NULL;
    }
    *n = head.n;
    return records;
}

void lethe_memo_write(const struct lethe_memo *memo, const void *(*at)(const void *user, size_t i),
                      const void *user, size_t n)
{
    struct head head = {.size = memo->size, .n = n};
    LETHE_BUF_AUTO text = {0};
    if (!memo->path || n == 0 || n > MEMO_MAX / memo->size ||
        lethe_buf_add(&text, &head, sizeof(head)) < 0)
        return;
    for (size_t i = 0; i < n; i++)
        if (pack(&text, at(user, i), memo->size) < 0)
            return;
    memcpy(head.key, memo->key, sizeof(head.key));
    head.sum = sum_of(text.data + sizeof(head), text.len - sizeof(head));
    memcpy(text.data, &head, sizeof(head));
    if (text.len <= MEMO_MAX)
        (void)lethe_file_write(memo->path, text.data, text.len, 0600, NULL);
}
