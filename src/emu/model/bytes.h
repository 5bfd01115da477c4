/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers on the wire. */
#ifndef LETHE_EMU_MODEL_BYTES_H
#define LETHE_EMU_MODEL_BYTES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint64_t get_be(const uint8_t *from, size_t n)
{
    uint64_t value = 0;
    for (size_t i = 0; i < n; i++)
        value = value << 8 | from[i];
    return value;
}

static inline uint64_t get_le(const uint8_t *from, size_t n)
{
    uint64_t value = 0;
    for (size_t i = n; i > 0; i--)
        value = value << 8 | from[i - 1];
    return value;
}

static inline void put_be(uint8_t *to, size_t n, uint64_t value)
{
    for (size_t i = n; i > 0; i--, value >>= 8)
        to[i - 1] = (uint8_t)value;
}

static inline void put_le(uint8_t *to, size_t n, uint64_t value)
{
    for (size_t i = 0; i < n; i++, value >>= 8)
        to[i] = (uint8_t)value;
}

/* Left-aligned, padded with spaces, no end. */
static inline void put_text(uint8_t *to, size_t n, const char *text)
{
    size_t len = strnlen(text, n);
    memset(to, ' ', n);
    memcpy(to, text, len);
}

#endif
