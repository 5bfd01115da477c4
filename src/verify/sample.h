/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which blocks a verification reads, in ascending order, without a table of the device: an 8 TB
 * drive costs what a 64 GB one does.
 */
#ifndef LETHE_VERIFY_SAMPLE_H
#define LETHE_VERIFY_SAMPLE_H

#include <lethe/verification.h>

struct lethe_sample;

/* FORCED: further offsets that must be read, sorted or not. */
int lethe_sample_new(const struct lethe_verification_rule *rule, const uint8_t key[LETHE_KEY_SIZE],
                     const char *job, uint64_t capacity, uint32_t block, const uint64_t *forced,
                     size_t n_forced, struct lethe_sample **out, struct lethe_error *err);
void lethe_sample_free(struct lethe_sample *sample);
/* Strata that blocks are drawn from; 1 when all are read. */
uint64_t lethe_sample_strata(const struct lethe_sample *sample);
/* The next run of COUNT blocks from block FIRST; false at the end. Never the same block twice. */
bool lethe_sample_next(struct lethe_sample *sample, uint64_t *first, uint64_t *count);

#endif
