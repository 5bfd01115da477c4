/* SPDX-License-Identifier: Apache-2.0 */
#include "profile/memo.h"

#include "base/crypto.h"
#include "base/file.h"
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

/* The digest of all so far, the path and the text: one chain over all files. */
static int chain(void *user, const char *path, const char *stem, const char *text, size_t len,
                 struct lethe_error *err)
{
    struct {
        uint8_t before[LETHE_HASH_SIZE], path[LETHE_HASH_SIZE], text[LETHE_HASH_SIZE];
    } link;
    (void)stem;
    (void)err;
    memcpy(link.before, user, sizeof(link.before));
    lethe_sha256(link.path, path, strlen(path));
    lethe_sha256(link.text, text, len);
    lethe_sha256(user, &link, sizeof(link));
    return 0;
}

int lethe_memo_open(struct lethe_memo *memo, const char *path, size_t size, const char *const *dirs,
                    struct lethe_error *err)
{
    struct stat program;
    *memo = (struct lethe_memo){.path = path, .size = size};
    if (!path || !is_kept_safely(path) || stat("/proc/self/exe", &program) < 0) {
        memo->path = NULL;
        return 0;
    }
    const uint64_t who[] = {program.st_dev, program.st_ino, (uint64_t)program.st_size,
                            (uint64_t)program.st_mtim.tv_sec, (uint64_t)program.st_mtim.tv_nsec};
    lethe_sha256(memo->key, who, sizeof(who));
    return lethe_folder_each(dirs, chain, memo->key, err);
}

static bool fits(const struct lethe_memo *memo, const char *text, size_t len, struct head *head)
{
    if (len < sizeof(*head))
        return false;
    memcpy(head, text, sizeof(*head));
    len -= sizeof(*head);
    return memcmp(head->key, memo->key, sizeof(head->key)) == 0 && head->size == memo->size &&
           head->n <= MEMO_MAX / memo->size && head->n * memo->size == len &&
           head->sum == sum_of(text + sizeof(*head), len);
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

int lethe_memo_read(const struct lethe_memo *memo, int (*take)(void *user, const void *record),
                    void *user)
{
    struct head head;
    size_t len = 0;
    char *text = memo->path ? read_ours(memo->path, &len) : NULL;
    if (!text)
        return 0;
    int rc = fits(memo, text, len, &head);
    for (size_t i = 0; rc > 0 && i < head.n; i++) {
        int taken = take(user, text + sizeof(head) + i * memo->size);
        rc = taken < 0 ? taken : rc;
    }
    free(text);
    return rc;
}

void lethe_memo_write(const struct lethe_memo *memo, const void *(*at)(const void *user, size_t i),
                      const void *user, size_t n)
{
    struct head head = {.size = memo->size, .n = n};
    size_t len = sizeof(head) + n * memo->size;
    char *text = memo->path && n > 0 && len <= MEMO_MAX ? malloc(len) : NULL;
    if (!text)
        return;
    for (size_t i = 0; i < n; i++)
        memcpy(text + sizeof(head) + i * memo->size, at(user, i), memo->size);
    memcpy(head.key, memo->key, sizeof(head.key));
    head.sum = sum_of(text + sizeof(head), n * memo->size);
    memcpy(text, &head, sizeof(head));
    (void)lethe_file_write(memo->path, text, len, 0600, NULL);
    free(text);
}
