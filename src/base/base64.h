/* SPDX-License-Identifier: Apache-2.0 */
/* Base64 with padding (RFC 4648 section 4), as x5c and PEM have it; <base/text.h> has the other. */
#ifndef LETHE_BASE_BASE64_H
#define LETHE_BASE_BASE64_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define LETHE_BASE64_SIZE(n) (((n) + 2) / 3 * 4 + 1)
/* OUT must hold LETHE_BASE64_SIZE(len). */
void lethe_base64_encode(char *out, const void *in, size_t len);
/* Strict: padded, no whitespace, unused bits zero. Bytes written, or -1. */
ssize_t lethe_base64_decode(void *out, size_t out_size, const char *in, size_t in_len);

#endif
