/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and notes for tests. */
#ifndef TESTS_TLOG_SIGNING_H
#define TESTS_TLOG_SIGNING_H

#include <lethe/tlog.h>

struct signing_key {
    struct lethe_tlog_key key;
    uint8_t secret[32];
};
/* The secret is SEED, 32 times. */
void signing_key_make(struct signing_key *out, const char *name, enum lethe_tlog_key_type type,
                      uint8_t seed);
/* "TEXT\n": what signatures are added to. */
void signing_checkpoint(char *note, size_t size, const struct lethe_tlog_checkpoint *checkpoint);
/* A line behind NOTE, whose text ends at its first empty line. */
void signing_add(char *note, size_t size, const struct signing_key *key, uint64_t time);
/* A policy of one log and one witness called W, whose name is the quorum. */
void signing_policy(char *out, size_t size, const struct signing_key *log,
                    const struct signing_key *witness, const char *w);

#endif
