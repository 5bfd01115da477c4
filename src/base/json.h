/* SPDX-License-Identifier: Apache-2.0 */
/* JSON by our rules over jansson: duplicates rejected, bounded size and depth, integers and
 * strings, one canonical form (sorted keys, no spaces, UTF-8: RFC 8785 for the values we use). */
#ifndef LETHE_BASE_JSON_H
#define LETHE_BASE_JSON_H

#include <jansson.h>
#include <lethe/error.h>
#include <stdbool.h>
#include <stdint.h>

#define LETHE_JSON_DEPTH_MAX 16

/* LEN bytes that must be exactly one JSON object, <= MAX bytes, depth <= LETHE_JSON_DEPTH_MAX, no
 * duplicate names, no NUL, no real numbers. NULL + ERR otherwise. The caller owns the reference. */
json_t *lethe_json_load(const char *text, size_t len, size_t max, struct lethe_error *err);
/* Canonical text; free() it. NULL only when memory ran out. */
char *lethe_json_canonical(const json_t *json);
/* SHA-256 of the canonical text, in lower-case hex. */
int lethe_json_digest(const json_t *json, char out[65]);

/* Typed getters: -LETHE_E_INVALID + ERR naming KEY when missing or of another type. */
int lethe_json_str(const json_t *object, const char *key, const char **out,
                   struct lethe_error *err);
int lethe_json_u64(const json_t *object, const char *key, uint64_t *out, struct lethe_error *err);
int lethe_json_bool(const json_t *object, const char *key, bool *out, struct lethe_error *err);
/* Borrowed reference, or NULL + ERR. TYPE: JSON_OBJECT or JSON_ARRAY. */
json_t *lethe_json_get(const json_t *object, const char *key, json_type type,
                       struct lethe_error *err);
/* Copy a string member into a fixed field; too long is an error, missing leaves "" when OPTIONAL.
 */
int lethe_json_copy(const json_t *object, const char *key, char *out, size_t out_size,
                    bool optional, struct lethe_error *err);

/* An error as events and messages carry it: "code", "reason", and "effect" and "remedy" where it
 * has them. OBJECT may be NULL (memory ran out): then nothing is done. */
void lethe_json_put_error(json_t *object, const struct lethe_error *why);

static inline void lethe_json_unref(json_t **json)
{
    if (*json)
        json_decref(*json);
}
#define LETHE_JSON_AUTO __attribute__((cleanup(lethe_json_unref))) json_t

#endif
