/* SPDX-License-Identifier: Apache-2.0 */
/* What the page says by itself, in English and Chinese. */
#ifndef LETHE_ISSUE_HTML_WORDS_H
#define LETHE_ISSUE_HTML_WORDS_H

#include <jansson.h>
#include <stdbool.h>

struct lethe_words {
    const char *key, *en, *zh;
};

/* NULL when there is none: then the page shows the key's own word, escaped. */
const struct lethe_words *lethe_words_find(const char *key);
/* In Chinese: what the states of a phone show together. */
const char *lethe_state_zh(const json_t *verification);
/* A lock that phones of FAMILY can have, and that hinders an erasure. */
bool lethe_lock_matters(const char *lock, const char *family);

#endif
