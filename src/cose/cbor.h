/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Deterministic CBOR (RFC 8949 section 4.2.1) of the few kinds we use: integers, byte and text
 * strings, arrays, maps, tags, false and true. One value, one string of bytes: whatever could be
 * spelt otherwise is refused, so nobody can read it differently.
 */
#ifndef LETHE_COSE_CBOR_H
#define LETHE_COSE_CBOR_H

#include "base/buf.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LETHE_CBOR_DEPTH_MAX 8

enum lethe_cbor_major {
    LETHE_CBOR_UINT = 0,
    LETHE_CBOR_NEGATIVE = 1,
    LETHE_CBOR_BYTES = 2,
    LETHE_CBOR_TEXT = 3,
    LETHE_CBOR_ARRAY = 4,
    LETHE_CBOR_MAP = 5,
    LETHE_CBOR_TAG = 6,
    LETHE_CBOR_SIMPLE = 7
};

/* ---- Reading ---- */
struct lethe_cbor {
    const uint8_t *at, *end;
};
/* NULL when DATA is exactly one item in the one allowed spelling; else what is wrong, in words.
 * Refuses: longer arguments than needed, indefinite lengths, floats, null, undefined and other
 * simple values, maps out of order or with a key twice, text that is not UTF-8, depth beyond
 * LETHE_CBOR_DEPTH_MAX, bytes behind the item. */
const char *lethe_cbor_fault(const uint8_t *data, size_t len);

/* Each takes one head or item of something that lethe_cbor_fault() found sound; false when it is of
 * another kind, and then nothing is taken. */
bool lethe_cbor_take(struct lethe_cbor *in, enum lethe_cbor_major major, uint64_t *argument);
bool lethe_cbor_take_int(struct lethe_cbor *in, int64_t *out);
bool lethe_cbor_take_bool(struct lethe_cbor *in, bool *out);
/* A byte or text string; *out points into the input. */
bool lethe_cbor_take_string(struct lethe_cbor *in, enum lethe_cbor_major major, const uint8_t **out,
                            size_t *len);

/* ---- Writing: the caller puts map members in order (bytewise order of encoded keys) ---- */
int lethe_cbor_put(struct lethe_buf *out, enum lethe_cbor_major major, uint64_t argument);
int lethe_cbor_put_int(struct lethe_buf *out, int64_t value);
int lethe_cbor_put_bool(struct lethe_buf *out, bool value);
int lethe_cbor_put_string(struct lethe_buf *out, enum lethe_cbor_major major, const void *data,
                          size_t len);

#endif
