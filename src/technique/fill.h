/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Filling the user storage of a phone: files that together are a random stream which can be
 * computed again, written until it takes no more (facts/phones.md 3.1), and read back by samples.
 * By which way they are written and read is for android_fill.c and ios_fill.c.
 */
#ifndef LETHE_TECHNIQUE_FILL_H
#define LETHE_TECHNIQUE_FILL_H

#include "base/pattern.h"

#include <lethe/technique.h>

#define LETHE_FILL_BLOCK ((uint64_t)65536) /* of reading back */
/* Files get smaller when the large ones don't fit any more. */
#define LETHE_FILL_LEVELS 3
extern const uint64_t lethe_fill_sizes[LETHE_FILL_LEVELS];
#define LETHE_FILL_FILES_MAX 10000000u

struct lethe_filled {
    const char *technique;
    uint64_t n[LETHE_FILL_LEVELS]; /* files of each size, in their order */
    uint64_t bytes, size;
    uint64_t free_before, free_after; /* UINT64_MAX: it does not tell */
    const char *full;                 /* in the phone's words */
    uint64_t began, ended;
};

/* The stream of pass 0 of the job. */
int lethe_fill_stream(const struct lethe_run *run, struct lethe_stream **out,
                      struct lethe_error *err);
/* Progress, at most some ten times a second; negative: stop. */
int lethe_fill_tell(struct lethe_run *run, uint64_t *told, uint64_t done, uint64_t errors);
/* Files written so far. */
uint64_t lethe_fill_files(const struct lethe_filled *filled);
int lethe_fill_attest(const struct lethe_filled *filled, json_t **evidence,
                      struct lethe_error *err);
/* READ puts LETHE_FILL_BLOCK bytes of block BLOCK of file FILE into OUT: 1, or 0 they are not there
 * as they were written; negative: it could not be read (-LETHE_E_GONE ends it). Adds "samples" to
 * FINDINGS. */
int lethe_fill_read_back(struct lethe_run *run,
                         int (*read)(void *user, uint64_t file, uint64_t block, void *out),
                         void *user, json_t *findings, struct lethe_error *err);
/* SAME: it was seen to be the device that was filled. */
enum lethe_grade lethe_fill_grade(const json_t *evidence, const json_t *findings, bool same,
                                  char why[192]);

#endif
