/* SPDX-License-Identifier: Apache-2.0 */
/* All files of some folders, parsed: what the sets of policies and of device profiles share. Whole
 * or not there. */
#ifndef LETHE_PROFILE_SET_H
#define LETHE_PROFILE_SET_H

#include <lethe/error.h>
#include <stdbool.h>
#include <stddef.h>

struct lethe_set {
    size_t n;
    void **items; /* owned: each allocated by itself, or all of them a part of KEPT */
    void *kept;
};

struct lethe_set_kind {
    const char *noun; /* "policy" */
    size_t size;      /* of an item: a structure without pointers */
    size_t id;        /* where its id is in it: a text, and the stem of its file's name */
    int (*parse)(const char *name, const char *text, size_t len, void **out,
                 struct lethe_error *err);
    /* May both be in one set? OLD came first. */
    int (*agree)(const void *old, const void *new, struct lethe_error *err);
    /* No count in it is beyond its array? Asked of what was kept: never was it parsed here. */
    bool (*sound)(const void *item);
};

/* DIRS and MEMO as for lethe_policy_set_load_kept(). On failure SET is empty. */
int lethe_set_load(struct lethe_set *set, const struct lethe_set_kind *kind,
                   const char *const *dirs, const char *memo, struct lethe_error *err);
void lethe_set_clear(struct lethe_set *set);

#endif
