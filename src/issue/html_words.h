/* SPDX-License-Identifier: Apache-2.0 */
/* What the page says by itself, in English and Chinese. */
#ifndef LETHE_ISSUE_HTML_WORDS_H
#define LETHE_ISSUE_HTML_WORDS_H

struct lethe_words {
    const char *key, *en, *zh;
};

/* NULL when there is none: then the page shows the key's own word, escaped. */
const struct lethe_words *lethe_words_find(const char *key);

#endif
