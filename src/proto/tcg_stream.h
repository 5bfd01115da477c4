/* SPDX-License-Identifier: Apache-2.0 */
/* The token stream inside TCG packets (TCG Storage Core 2.01 3.2.2). Only tcg.c and its siblings
 * use this. */
#ifndef LETHE_PROTO_TCG_STREAM_H
#define LETHE_PROTO_TCG_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum lethe_tcg_token {
    LETHE_TCG_START_LIST = 0xf0,
    LETHE_TCG_END_LIST = 0xf1,
    LETHE_TCG_START_NAME = 0xf2,
    LETHE_TCG_END_NAME = 0xf3,
    LETHE_TCG_CALL = 0xf8,
    LETHE_TCG_END_OF_DATA = 0xf9,
    LETHE_TCG_END_OF_SESSION = 0xfa,
    LETHE_TCG_EMPTY = 0xff,
    /* Atoms; no control token has these values. */
    LETHE_TCG_UINT = 0x100,
    LETHE_TCG_BYTES = 0x101,
};

/* -- writing: into a buffer of a fixed size; FULL says that something did not fit. -- */
struct lethe_tcg_writer {
    uint8_t *data;
    size_t len, size;
    bool full;
};
void lethe_tcg_put_token(struct lethe_tcg_writer *writer, enum lethe_tcg_token token);
void lethe_tcg_put_uint(struct lethe_tcg_writer *writer, uint32_t value);
void lethe_tcg_put_bytes(struct lethe_tcg_writer *writer, const void *data, size_t len);

/* -- reading -- */
struct lethe_tcg_reader {
    const uint8_t *data;
    size_t len, at;
};
struct lethe_tcg_atom {
    enum lethe_tcg_token token;
    uint64_t value;      /* of UINT */
    const uint8_t *data; /* of BYTES, inside the stream */
    size_t len;
};
/* 1 and the next token, 0 at the end, -1 when malformed. */
int lethe_tcg_next(struct lethe_tcg_reader *reader, struct lethe_tcg_atom *out);

#endif
