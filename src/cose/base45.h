/* SPDX-License-Identifier: Apache-2.0 */
/* Base45 (RFC 9285): the bytes that a QR code holds cheapest. */
#ifndef LETHE_COSE_BASE45_H
#define LETHE_COSE_BASE45_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define LETHE_BASE45_SIZE(n) ((n) / 2 * 3 + (n) % 2 * 2 + 1)
/* OUT must hold LETHE_BASE45_SIZE(len). */
void lethe_base45_encode(char *out, const uint8_t *in, size_t len);
/* Strict: no other characters, no length that no bytes have, no group beyond its two bytes. Then
 * one text stands for one string of bytes. Bytes written, or -1. */
ssize_t lethe_base45_decode(uint8_t *out, size_t out_size, const char *in, size_t in_len);

#endif
