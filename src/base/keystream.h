/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The AES-256-CTR stream of a random pass, addressed by byte offset: counter block = big-endian
 * (offset / 16). By libcrypto; where the processor has VAES and AVX-512 by our own kernel, which
 * takes half the time, and which is used only after it has agreed with libcrypto under this very
 * key.
 */
#ifndef LETHE_BASE_KEYSTREAM_H
#define LETHE_BASE_KEYSTREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lethe_keystream;

/* NULL when memory ran out. PORTABLE: libcrypto only (tests). */
struct lethe_keystream *lethe_keystream_new(const uint8_t key[32], bool portable);
void lethe_keystream_free(struct lethe_keystream *stream);
/* OFFSET: a multiple of 16. */
void lethe_keystream_fill(struct lethe_keystream *stream, uint64_t offset, void *out, size_t len);
/* Index of the first byte of DATA that is not the stream's, or LEN. */
size_t lethe_keystream_compare(struct lethe_keystream *stream, uint64_t offset, const void *data,
                               size_t len);

#endif
