/* SPDX-License-Identifier: Apache-2.0 */
/* The few primitives everything shares, over libcrypto. Failure of libcrypto aborts: it can only
 * mean that memory ran out or the library is broken, and no caller could go on honestly. */
#ifndef LETHE_BASE_CRYPTO_H
#define LETHE_BASE_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LETHE_HASH_SIZE 32

void lethe_sha256(uint8_t out[LETHE_HASH_SIZE], const void *data, size_t len);
void lethe_sha256_hex(char out[2 * LETHE_HASH_SIZE + 1], const void *data, size_t len);
void lethe_hmac_sha256(uint8_t out[LETHE_HASH_SIZE], const void *key, size_t key_len,
                       const void *data, size_t len);
/* RFC 5869 with SHA-256, no salt; out_len <= 255 * 32. INFO is a label, may hold any bytes. */
void lethe_hkdf(void *out, size_t out_len, const void *key, size_t key_len, const void *info,
                size_t info_len);
bool lethe_equal_const_time(const void *a, const void *b, size_t len);
void lethe_wipe(void *secret, size_t len);

#endif
