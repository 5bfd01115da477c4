/* SPDX-License-Identifier: Apache-2.0 */
/* What both readers of property lists share: the bounds, and values made within them. */
#ifndef LETHE_PROTO_PLIST_COUNT_H
#define LETHE_PROTO_PLIST_COUNT_H

#include "proto/plist.h"

#include <stdbool.h>
#include <stdint.h>

struct lethe_plist_count {
    unsigned nodes;
    size_t text;
    struct lethe_error *err;
};

/* One more value at DEPTH (the root is at 1) with TEXT bytes of its own: true while in bounds. */
bool lethe_plist_count_add(struct lethe_plist_count *count, unsigned depth, size_t text);
/* NULL, having said that the list is malformed: WHAT. */
json_t *lethe_plist_malformed(const struct lethe_plist_count *count, const char *what);

/* NULL with an error said. */
json_t *lethe_plist_string(const struct lethe_plist_count *count, const char *text, size_t len);
json_t *lethe_plist_integer(const struct lethe_plist_count *count, bool negative,
                            uint64_t magnitude);
json_t *lethe_plist_real(const struct lethe_plist_count *count, double value);
/* SECONDS since 1970, between the years 1 and 9999. */
json_t *lethe_plist_date(const struct lethe_plist_count *count, double seconds);
/* Put VALUE (stolen, may be NULL) into DICTIONARY: false with an error said for a key twice or one
 * of our own. */
bool lethe_plist_put(const struct lethe_plist_count *count, json_t *dictionary, const char *key,
                     size_t key_len, json_t *value);

#endif
