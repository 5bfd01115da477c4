/* SPDX-License-Identifier: Apache-2.0 */
/* Claims into markup: numbers, words of ours in the page's language, sizes, times. */
#ifndef LETHE_PRESS_VALUE_H
#define LETHE_PRESS_VALUE_H

#include "press/canvas.h"
#include <jansson.h>
#include <stdint.h>

struct lang {
    bool en, zh;
};

/* Members; "" and 0 where there is none. */
const char *text_of(const json_t *object, const char *key);
uint64_t integer_of(const json_t *object, const char *key);
bool truth_of(const json_t *object, const char *key);
bool is_certificate(const json_t *claims);
bool is_physical(const json_t *claims);
/* Passed, and there was a medium. */
bool is_good(const json_t *claims);

void number(struct lethe_buf *out, uint64_t value);
/* Parts per million, without needless zeros. */
void percent(struct lethe_buf *out, uint64_t ppm);
void word(struct lethe_buf *out, struct lang lang, const char *key);
void word_of(struct lethe_buf *out, struct lang lang, const char *prefix, const char *value);
/* "2026-11-23T01:02:03Z" for people. */
void time_words(struct lethe_buf *out, const char *time);
/* " (1 h 49 min)", when both are times. */
void took(struct lethe_buf *out, struct lang lang, const char *from, const char *to);
/* What the verification shows, in Chinese: the claim itself says it in English. */
void statement_zh(struct lethe_buf *out, const json_t *verification);

#endif
