/* SPDX-License-Identifier: Apache-2.0 */
/* What a schema can't say, for policies and device profiles alike. Messages: "FILE: FIELD: what".
 */
#ifndef LETHE_PROFILE_CHECK_H
#define LETHE_PROFILE_CHECK_H

#include <cyaml/cyaml.h>
#include <lethe/error.h>
#include <stddef.h>
#include <stdint.h>

/* Spellings of <lethe/words.h> for libcyaml: as one value, and as a bit of a set. */
#define LETHE_STRVAL(symbol, spelling) {spelling, LETHE_##symbol},
#define LETHE_STRVAL_BIT(symbol, spelling) {spelling, 1 << LETHE_##symbol},

/* A field that holds one word of a list, or a set of them; never its number. */
#define LETHE_FIELD_WORD(key, flags, structure, member, words)                                     \
    CYAML_FIELD_ENUM(key, (flags) | CYAML_FLAG_STRICT, structure, member, words,                   \
                     CYAML_ARRAY_LEN(words))
#define LETHE_FIELD_WORDS(key, flags, structure, member, words)                                    \
    CYAML_FIELD_FLAGS(key, (flags) | CYAML_FLAG_STRICT, structure, member, words,                  \
                      CYAML_ARRAY_LEN(words))

/* true and false only: libcyaml takes every other word for true, and YAML 1.2 (editors) reads yes
 * and no as text. */
extern const cyaml_strval_t lethe_bool_words[2];

/* Letters, digits, '.', '_' and '-', starting with a letter or digit. */
int lethe_check_id(const char *file, const char *field, const char *id, struct lethe_error *err);
/* One clean line: printable UTF-8. */
int lethe_check_text(const char *file, const char *field, const char *text,
                     struct lethe_error *err);
/* Decimal digits and nothing else: libcyaml takes "4.5" and "4k" for 4, so numbers are read as
 * text.
 * "" (left out) is 0 and not looked at. */
int lethe_check_number(const char *file, const char *field, const char *text, uint64_t min,
                       uint64_t max, uint64_t *out, struct lethe_error *err);
/* "99.95%" to parts per million; at most four decimals, 0 < value < 100. */
int lethe_check_percent(const char *file, const char *field, const char *text, uint32_t *ppm,
                        struct lethe_error *err);
/* "1MB/s" to bytes per second. */
int lethe_check_rate(const char *file, const char *field, const char *text, uint64_t *rate,
                     struct lethe_error *err);
/* "2026-11-23": digits and dashes at their places. */
int lethe_check_date(const char *file, const char *field, const char *text,
                     struct lethe_error *err);

#endif
