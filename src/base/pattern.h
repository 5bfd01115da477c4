/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a pass writes, and what verification expects to read: any byte of any
 * pass can be computed from its offset alone, so that samples compare exactly
 * and an auditor can replay a random pass.
 *
 * Spelling in policies, plans and certificates (`lethe_pattern_parse`):
 *   "zero" "one"        00, FF
 *   "hex:924924"        1..8 bytes, repeated over the device with phase kept across blocks:
 *                       byte at offset o is bytes[o % n]
 *   "random"            AES-256-CTR stream (design, Overwriting and checking): key =
 * HKDF-SHA256(seed, "lethe-pass-v1" || 0 || job || 0 || decimal pass index), counter block =
 *                       big-endian (offset / 16)
 *   "byte:N" "~byte:N"  one byte drawn for this job, number N (1..9), and its complement:
 *                       HKDF-SHA256(seed, "lethe-byte-v1" || 0 || job || 0 || decimal N), first
 * byte
 */
#ifndef LETHE_BASE_PATTERN_H
#define LETHE_BASE_PATTERN_H

#include <lethe/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LETHE_SEED_SIZE 32

enum lethe_pattern_kind { LETHE_PATTERN_FIXED, LETHE_PATTERN_RANDOM, LETHE_PATTERN_BYTE };

/* As a policy or plan says it: no job, no seed. */
struct lethe_pattern {
    enum lethe_pattern_kind kind;
    uint8_t bytes[8]; /* FIXED */
    uint8_t n_bytes;
    uint8_t draw;    /* BYTE: which of the job's bytes, 1..9 */
    bool complement; /* BYTE */
};

int lethe_pattern_parse(const char *text, struct lethe_pattern *out, struct lethe_error *err);
/* The one canonical spelling ("hex:00" becomes "zero"); OUT_SIZE >= 24. */
void lethe_pattern_format(char *out, size_t out_size, const struct lethe_pattern *pattern);

/* A pattern bound to a job's seed: able to produce bytes. Not thread-safe. */
struct lethe_stream;
int lethe_stream_new(const struct lethe_pattern *pattern, const uint8_t seed[LETHE_SEED_SIZE],
                     const char *job, unsigned pass, struct lethe_stream **out,
                     struct lethe_error *err);
void lethe_stream_free(struct lethe_stream *stream);
/* OFFSET must be a multiple of 16. Memory speed for large LEN (>= 256 KiB). */
void lethe_stream_fill(struct lethe_stream *stream, uint64_t offset, void *out, size_t len);
/* Compare DATA with the stream and return the offset (relative to DATA) of the first byte that
 * differs, or LEN when all are equal. */
size_t lethe_stream_compare(struct lethe_stream *stream, uint64_t offset, const void *data,
                            size_t len);

#endif
