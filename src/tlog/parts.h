/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this layer share. */
#ifndef LETHE_TLOG_PARTS_H
#define LETHE_TLOG_PARTS_H

#include <lethe/tlog.h>

/* SHA-256(prefix || data). */
void lethe_tlog_sha256(struct lethe_tlog_hash *out, uint8_t prefix, const void *data, size_t len);

/* Root of 2^LOG hashes side by side (LOG <= 8). */
void lethe_tlog_complete(const struct lethe_tlog_hash *hashes, unsigned log,
                         struct lethe_tlog_hash *out);

/* A natural number as our formats write it: decimal, no leading zero, not above MAX. */
bool lethe_tlog_number(const char *text, size_t len, uint64_t max, uint64_t *out);

/* One line from *AT on, without its newline; false at the end or when the newline is missing. */
bool lethe_tlog_line(const char **at, const char *end, const char **line, size_t *len);

/* Canonical base64 of at least one byte. */
bool lethe_tlog_base64_valid(const char *text, size_t len);

/* The character at TEXT and its length; 0 when that is no well-formed UTF-8. */
size_t lethe_tlog_utf8(const char *text, size_t left, uint32_t *code);

/* LEN bytes are a key name, of any length: unknown signers are ignored, whatever they are called.
 */
bool lethe_tlog_name_fits(const char *name, size_t len);
/* LEN bytes are a key name (lethe_tlog_name_valid), copied with a NUL. */
bool lethe_tlog_name_copy(char out[LETHE_TLOG_NAME_MAX], const char *name, size_t len);

/*
 * An entry taken apart: our JSON has only members of one letter, sorted, with strings that need no
 * escape, natural numbers, and the object "c" of such members. Members are found by their letter.
 */
struct lethe_tlog_member {
    enum { LETHE_TLOG_ABSENT, LETHE_TLOG_STRING, LETHE_TLOG_NUMBER, LETHE_TLOG_OBJECT } type;
    const char *text; /* of a string, without quotes; of an object, with braces */
    size_t len;
    uint64_t number;
};
struct lethe_tlog_members {
    uint32_t present; /* bit i: letter 'a' + i */
    struct lethe_tlog_member member[26];
};
/* False: not in this form (it may still be canonical JSON of another kind). */
bool lethe_tlog_entry_scan(const char *text, size_t len, struct lethe_tlog_members *out);

#endif
