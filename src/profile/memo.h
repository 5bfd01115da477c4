/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of some folders were parsed into, kept so that the next start need not read and
 * parse them again: that is most of what a start costs. Never more than a copy: it is used only
 * when every file, and the program that parsed them, lie there as they did (number, size, times of
 * change: the kernel sets them, nobody else), and nobody but the bench's user and root can have
 * written it. Each record has the hash of the bytes that it was parsed from.
 */
#ifndef LETHE_PROFILE_MEMO_H
#define LETHE_PROFILE_MEMO_H

#include <lethe/error.h>
#include <stddef.h>
#include <stdint.h>

struct lethe_memo {
    const char *path; /* NULL: nothing is kept */
    size_t size;      /* bytes of a record: a structure without pointers */
    uint8_t key[32];
};

/* DIRS as for lethe_folder_each(). */
void lethe_memo_open(struct lethe_memo *memo, const char *path, size_t size,
                     const char *const *dirs);
/* All records, side by side, in the order in which they were given: *N of them, free(). NULL: there
 * is nothing that fits. */
void *lethe_memo_read(const struct lethe_memo *memo, size_t *n);
/* N records, of which AT gives the one at I. As far as it can: a start without it is only slower.
 */
void lethe_memo_write(const struct lethe_memo *memo, const void *(*at)(const void *user, size_t i),
                      const void *user, size_t n);

#endif
