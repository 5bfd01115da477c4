/* SPDX-License-Identifier: Apache-2.0 */
/* Text from outside, made fit to store and print; hex and base64url (RFC 4648 section 5). */
#ifndef LETHE_BASE_TEXT_H
#define LETHE_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Copy IN (IN_LEN bytes, or up to its NUL) to OUT: control characters, bidirectional overrides,
 * invisible characters and malformed UTF-8 become '?', runs of spaces become one, ends are trimmed,
 * never split a character.
 */
void lethe_text_clean(char *out, size_t out_size, const char *in, size_t in_len);
bool lethe_text_is_utf8(const char *text, size_t len);
/* True when TEXT is well-formed UTF-8 with no control, bidirectional-override or invisible
 * characters. */
bool lethe_text_is_clean(const char *text);
/* True when there is anything to see in TEXT beside spaces, of whatever width. */
bool lethe_text_is_visible(const char *text);
/* True when TEXT can be somebody's name: clean, and with a letter or a digit in it. */
bool lethe_text_is_name(const char *text);
/* snprintf that tells truncation: true when it fitted. */
bool lethe_text_format(char *out, size_t out_size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Columns a terminal needs for TEXT (wcwidth; East Asian wide = 2). */
size_t lethe_text_columns(const char *text);

/* OUT must hold 2*len+1. Lower case. */
void lethe_hex_encode(char *out, const void *in, size_t len);
/* Bytes written, or -1: odd length, a non-hex digit, or more than OUT_SIZE bytes. */
ssize_t lethe_hex_decode(void *out, size_t out_size, const char *in, size_t in_len);

#define LETHE_B64URL_SIZE(n) (((n)*4 + 2) / 3 + 1)
/* OUT must hold LETHE_B64URL_SIZE(len). No padding. */
void lethe_b64url_encode(char *out, const void *in, size_t len);
/* Strict: no padding, no whitespace, unused bits zero. Bytes written, or -1. */
ssize_t lethe_b64url_decode(void *out, size_t out_size, const char *in, size_t in_len);

/* "64MiB", "8 TB", "512", "1.5GiB" (decimal and binary units) to bytes; false when malformed or too
 * large. */
bool lethe_size_parse(const char *text, uint64_t *out);
/* "500.1 GB" (decimal, as on the label of a drive). */
void lethe_size_format(char *out, size_t out_size, uint64_t bytes);

#endif
