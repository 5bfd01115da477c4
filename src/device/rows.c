/* SPDX-License-Identifier: Apache-2.0 */
#include "device/rows.h"

#include "base/text.h"
#include <lethe/phone.h>
#include <stdbool.h>
#include <string.h>

static const char *const answers[] = {
    [LETHE_ANSWER_UNKNOWN] = "unknown", [LETHE_ANSWER_NO] = "no", [LETHE_ANSWER_YES] = "yes"};

json_t *lethe_answer_json(int answer)
{
    return json_string(answers[answer >= 0 && answer <= LETHE_ANSWER_YES ? answer : 0]);
}

int lethe_answer_parse(const json_t *json)
{
    const char *word = json_string_value(json);
    for (int i = 0; word && i <= LETHE_ANSWER_YES; i++)
        if (strcmp(word, answers[i]) == 0)
            return i;
    return -1;
}

/* Sizes that no drive can have are not told. */
json_t *lethe_size_json(uint64_t bytes)
{
    return json_integer(bytes <= INT64_MAX ? (json_int_t)bytes : 0);
}

static json_t *value_of(const void *from, const struct lethe_row *row)
{
    const char *at = (const char *)from + row->offset;
    uint32_t u32;
    uint64_t u64;
    int64_t number;
    switch (row->kind) {
    case LETHE_ROW_TEXT:
        return json_string(at);
    case LETHE_ROW_FLAG:
        return json_boolean(*(const bool *)at);
    case LETHE_ROW_U32:
        memcpy(&u32, at, sizeof(u32));
        return json_integer(u32);
    case LETHE_ROW_U64:
        memcpy(&u64, at, sizeof(u64));
        return lethe_size_json(u64);
    case LETHE_ROW_ANSWER: {
        enum lethe_answer answer;
        memcpy(&answer, at, sizeof(answer));
        return lethe_answer_json((int)answer);
    }
    case LETHE_ROW_SIGNED:
        memcpy(&number, at, sizeof(number));
        return json_integer(number);
    }
    return NULL;
}

static int take_value(void *to, const struct lethe_row *row, const json_t *value)
{
    char *at = (char *)to + row->offset;
    json_int_t number = json_integer_value(value);
    if (row->kind == LETHE_ROW_TEXT) {
        const char *text = json_string_value(value);
        if (!text || strlen(text) >= row->size || (text[0] && !lethe_text_is_clean(text)))
            return -1;
        memcpy(at, text, strlen(text) + 1);
        return 0;
    }
    if (row->kind == LETHE_ROW_FLAG) {
        *(bool *)at = json_is_true(value);
        return json_is_boolean(value) ? 0 : -1;
    }
    if (row->kind == LETHE_ROW_ANSWER) {
        enum lethe_answer answer = (enum lethe_answer)lethe_answer_parse(value);
        memcpy(at, &answer, sizeof(answer));
        return lethe_answer_parse(value) < 0 ? -1 : 0;
    }
    if (!json_is_integer(value) || number < (row->kind == LETHE_ROW_SIGNED ? -1 : 0) ||
        (row->kind == LETHE_ROW_U32 && number > UINT32_MAX))
        return -1;
    uint32_t u32 = (uint32_t)number;
    if (row->kind == LETHE_ROW_U32)
        memcpy(at, &u32, sizeof(u32));
    else
        memcpy(at, &number, sizeof(number));
    return 0;
}

static json_t *group_of(json_t *json, const struct lethe_row *row)
{
    if (!row->group)
        return json;
    json_t *group = json_object_get(json, row->group);
    if (!group && json_object_set_new(json, row->group, group = json_object()) < 0)
        return NULL;
    return group;
}

int lethe_rows_put(json_t *json, const struct lethe_row *rows, size_t n, const void *from)
{
    for (size_t i = 0; i < n; i++) {
        json_t *group = group_of(json, &rows[i]);
        if (!group || json_object_set_new(group, rows[i].name, value_of(from, &rows[i])) < 0)
            return -1;
    }
    return 0;
}

int lethe_rows_take(const json_t *json, const struct lethe_row *rows, size_t n, void *to)
{
    for (size_t i = 0; i < n; i++) {
        const json_t *group = rows[i].group ? json_object_get(json, rows[i].group) : json;
        if (take_value(to, &rows[i], json_object_get(group, rows[i].name)) < 0)
            return -1;
    }
    return 0;
}
