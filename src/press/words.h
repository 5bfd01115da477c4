/* SPDX-License-Identifier: Apache-2.0 */
/* What only paper says, in English and Chinese; all else is said as on the page of src/issue. */
#ifndef LETHE_PRESS_WORDS_H
#define LETHE_PRESS_WORDS_H

#include "issue/html_words.h"

/* Never NULL: an unknown key shows its last part. */
struct lethe_words words_of(const char *key);

#endif
