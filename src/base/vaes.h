/* SPDX-License-Identifier: Apache-2.0 */
/* AES-256-CTR, 32 blocks at a time, by VAES and AVX-512. Only keystream.c uses this. */
#ifndef LETHE_BASE_VAES_H
#define LETHE_BASE_VAES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LETHE_VAES_STRIDE 512 /* bytes */

struct lethe_vaes {
    _Alignas(64) uint8_t rounds[15][64]; /* each round key, four times */
};

bool lethe_vaes_available(void);
void lethe_vaes_key(struct lethe_vaes *vaes, const uint8_t key[32]);
/* STRIDES times 512 bytes, from counter COUNTER on. */
void lethe_vaes_fill(const struct lethe_vaes *vaes, uint64_t counter, uint8_t *out, size_t strides);
/* How many strides of DATA, from the first on, are the stream's. */
size_t lethe_vaes_same(const struct lethe_vaes *vaes, uint64_t counter, const uint8_t *data,
                       size_t strides);

#endif
