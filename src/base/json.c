/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include "base/buf.h"
#include "base/crypto.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* RFC 7493 section 2.2: beyond this, readers that keep numbers as doubles see another number. */
#define JSON_INT_MAX 9007199254740991

/* Jansson has bounded its own recursion (2048) when this walks what it made. */
static int json_check(const json_t *json, unsigned depth, struct lethe_error *err)
{
    const char *key;
    json_t *value;
    size_t i;
    int rc = 0;
    switch (json_typeof(json)) {
    case JSON_REAL:
        return lethe_fail(err, LETHE_E_INVALID, "JSON has a number that is not an integer");
    case JSON_INTEGER:
        if (json_integer_value(json) > JSON_INT_MAX || json_integer_value(json) < -JSON_INT_MAX)
            return lethe_fail(err, LETHE_E_INVALID, "JSON has an integer beyond 2^53");
        return 0;
    case JSON_OBJECT:
    case JSON_ARRAY:
        if (depth > LETHE_JSON_DEPTH_MAX)
            return lethe_fail(err, LETHE_E_LIMIT, "JSON is nested deeper than %d levels",
                              LETHE_JSON_DEPTH_MAX);
        break;
    default:
        return 0;
    }
    if (json_is_array(json)) {
        json_array_foreach(json, i,
                           value) if ((rc = json_check(value, depth + 1, err)) < 0) return rc;
        return 0;
    }
    /* json_object_foreach takes a non-const object, but changes nothing. */
    json_object_foreach((json_t *)(uintptr_t)json, key,
                        value) if ((rc = json_check(value, depth + 1, err)) < 0) return rc;
    return 0;
}

json_t *lethe_json_load(const char *text, size_t len, size_t max, struct lethe_error *err)
{
    if (len > max) {
        lethe_fail(err, LETHE_E_LIMIT, "JSON of %zu bytes is larger than %zu", len, max);
        return NULL;
    }
    json_error_t why;
    /* Without JSON_ALLOW_NUL: "\u0000" in a string is refused too. */
    json_t *json = json_loadb(text, len, JSON_REJECT_DUPLICATES, &why);
    if (!json) {
        lethe_fail(err, LETHE_E_INVALID, "not JSON: %s (line %d)", why.text, why.line);
        return NULL;
    }
    if (!json_is_object(json))
        lethe_fail(err, LETHE_E_INVALID, "JSON is not an object");
    else if (json_check(json, 1, err) == 0)
        return json;
    json_decref(json);
    return NULL;
}

static int put_string(struct lethe_buf *out, const char *text, size_t len)
{
    /* RFC 8785 section 3.2.2.2: the two-character escapes, \u00xx in lower case for the other
     * controls, everything else as it is. */
    static const char *const shorts[0x20] = {
        ['\b'] = "\\b", ['\t'] = "\\t", ['\n'] = "\\n", ['\f'] = "\\f", ['\r'] = "\\r"};
    int rc = lethe_buf_puts(out, "\"");
    for (size_t i = 0; i < len && rc == 0; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\')
            rc = lethe_buf_printf(out, "\\%c", c);
        else if (c >= 0x20)
            rc = lethe_buf_add(out, &c, 1);
        else if (shorts[c])
            rc = lethe_buf_puts(out, shorts[c]);
        else
            rc = lethe_buf_printf(out, "\\u%04x", c);
    }
    return rc < 0 ? rc : lethe_buf_puts(out, "\"");
}

/* RFC 8785 section 3.2.3 sorts by UTF-16 units. That is the order of the UTF-8 bytes, but for
 * U+E000..U+FFFF (EE, EF), which come behind the surrogate pairs of what is above (F0..F4). */
static int key_order(const void *a, const void *b)
{
    const unsigned char *x = *(const unsigned char *const *)a;
    const unsigned char *y = *(const unsigned char *const *)b;
    while (*x && *x == *y) {
        x++;
        y++;
    }
    int cx = *x == 0xEE || *x == 0xEF ? *x + 0x10 : *x;
    int cy = *y == 0xEE || *y == 0xEF ? *y + 0x10 : *y;
    return cx - cy;
}

static int put_json(struct lethe_buf *out, const json_t *json);

static int put_object(struct lethe_buf *out, const json_t *json)
{
    size_t n = json_object_size(json), i = 0;
    const char **keys = calloc(n + 1, sizeof(*keys));
    if (!keys)
        return -LETHE_E_INTERNAL;
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)json, key, value) keys[i++] = key;
    qsort(keys, n, sizeof(*keys), key_order);
    int rc = lethe_buf_puts(out, "{");
    for (i = 0; i < n && rc == 0; i++) {
        if (i > 0)
            rc = lethe_buf_puts(out, ",");
        if (rc == 0)
            rc = put_string(out, keys[i], strlen(keys[i]));
        if (rc == 0)
            rc = lethe_buf_puts(out, ":");
        if (rc == 0)
            rc = put_json(out, json_object_get(json, keys[i]));
    }
    free(keys);
    return rc < 0 ? rc : lethe_buf_puts(out, "}");
}

static int put_array(struct lethe_buf *out, const json_t *json)
{
    int rc = lethe_buf_puts(out, "[");
    for (size_t i = 0; i < json_array_size(json) && rc == 0; i++) {
        if (i > 0)
            rc = lethe_buf_puts(out, ",");
        if (rc == 0)
            rc = put_json(out, json_array_get(json, i));
    }
    return rc < 0 ? rc : lethe_buf_puts(out, "]");
}

static int put_json(struct lethe_buf *out, const json_t *json)
{
    switch (json_typeof(json)) {
    case JSON_OBJECT:
        return put_object(out, json);
    case JSON_ARRAY:
        return put_array(out, json);
    case JSON_STRING:
        return put_string(out, json_string_value(json), json_string_length(json));
    case JSON_INTEGER:
        return lethe_buf_printf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(json));
    case JSON_TRUE:
        return lethe_buf_puts(out, "true");
    case JSON_FALSE:
        return lethe_buf_puts(out, "false");
    case JSON_NULL:
        return lethe_buf_puts(out, "null");
    case JSON_REAL:
        break;
    }
    abort(); /* a real number: we make none and lethe_json_load() lets none in */
}

char *lethe_json_canonical(const json_t *json)
{
    LETHE_BUF_AUTO out = {0};
    return put_json(&out, json) < 0 ? NULL : lethe_buf_take(&out);
}

int lethe_json_digest(const json_t *json, char out[65])
{
    char *text = lethe_json_canonical(json);
    if (!text)
        return -LETHE_E_INTERNAL;
    lethe_sha256_hex(out, text, strlen(text));
    free(text);
    return 0;
}

/* The member KEY if it is of TYPE, else NULL and ERR. */
static json_t *member(const json_t *object, const char *key, bool of_type(const json_t *),
                      const char *type, struct lethe_error *err)
{
    json_t *value = json_object_get(object, key);
    if (!value)
        lethe_fail(err, LETHE_E_INVALID, "\"%s\" is missing", key);
    else if (!of_type(value))
        lethe_fail(err, LETHE_E_INVALID, "\"%s\" is not %s", key, type);
    else
        return value;
    return NULL;
}

static bool is_string(const json_t *json)
{
    return json_is_string(json);
}

static bool is_natural(const json_t *json)
{
    return json_is_integer(json) && json_integer_value(json) >= 0;
}

static bool is_boolean(const json_t *json)
{
    return json_is_boolean(json);
}

static bool is_object(const json_t *json)
{
    return json_is_object(json);
}

static bool is_array(const json_t *json)
{
    return json_is_array(json);
}

int lethe_json_str(const json_t *object, const char *key, const char **out, struct lethe_error *err)
{
    const json_t *value = member(object, key, is_string, "a string", err);
    if (!value)
        return -LETHE_E_INVALID;
    *out = json_string_value(value);
    return 0;
}

int lethe_json_u64(const json_t *object, const char *key, uint64_t *out, struct lethe_error *err)
{
    const json_t *value = member(object, key, is_natural, "a whole number from 0", err);
    if (!value)
        return -LETHE_E_INVALID;
    *out = (uint64_t)json_integer_value(value);
    return 0;
}

int lethe_json_bool(const json_t *object, const char *key, bool *out, struct lethe_error *err)
{
    const json_t *value = member(object, key, is_boolean, "true or false", err);
    if (!value)
        return -LETHE_E_INVALID;
    *out = json_is_true(value);
    return 0;
}

json_t *lethe_json_get(const json_t *object, const char *key, json_type type,
                       struct lethe_error *err)
{
    return type == JSON_ARRAY ? member(object, key, is_array, "an array", err)
                              : member(object, key, is_object, "an object", err);
}

int lethe_json_copy(const json_t *object, const char *key, char *out, size_t out_size,
                    bool optional, struct lethe_error *err)
{
    const char *text;
    out[0] = '\0';
    if (optional && !json_object_get(object, key))
        return 0;
    int rc = lethe_json_str(object, key, &text, err);
    if (rc < 0)
        return rc;
    size_t len = strlen(text);
    if (len >= out_size)
        return lethe_fail(err, LETHE_E_INVALID, "\"%s\" is longer than %zu bytes", key,
                          out_size - 1);
    memcpy(out, text, len + 1);
    return 0;
}

void lethe_json_put_error(json_t *object, const struct lethe_error *why)
{
    if (!object)
        return;
    json_object_set_new(object, "code", json_string(lethe_error_code_name(why->code)));
    json_object_set_new(object, "reason", json_string(why->what));
    if (why->effect[0])
        json_object_set_new(object, "effect", json_string(why->effect));
    if (why->remedy[0])
        json_object_set_new(object, "remedy", json_string(why->remedy));
}
