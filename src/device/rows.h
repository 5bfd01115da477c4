/* SPDX-License-Identifier: Apache-2.0 */
/* Members of a plain structure as members of an object: one row each, written and read by the same
 * table. */
#ifndef LETHE_DEVICE_ROWS_H
#define LETHE_DEVICE_ROWS_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

enum lethe_row_kind {
    LETHE_ROW_TEXT,   /* char[]; clean, or empty */
    LETHE_ROW_FLAG,   /* bool */
    LETHE_ROW_U32,    /* uint32_t */
    LETHE_ROW_U64,    /* uint64_t; what no drive can have is 0 */
    LETHE_ROW_SIGNED, /* int64_t, -1 unknown */
    LETHE_ROW_ANSWER, /* enum lethe_answer */
};
/* Groups are objects of their own; NULL: none. */
struct lethe_row {
    const char *group, *name;
    enum lethe_row_kind kind;
    size_t offset, size;
};
#define LETHE_ROW(type, group, key, kind, member)                                                  \
    {                                                                                              \
        group, key, kind, offsetof(type, member), sizeof(((type *)NULL)->member)                   \
    }

json_t *lethe_size_json(uint64_t bytes);
json_t *lethe_answer_json(int answer);
/* -1: not an answer. */
int lethe_answer_parse(const json_t *json);
/* 0, or -1 (memory ran out; not of this form). */
int lethe_rows_put(json_t *json, const struct lethe_row *rows, size_t n, const void *from);
int lethe_rows_take(const json_t *json, const struct lethe_row *rows, size_t n, void *to);

#endif
