/* SPDX-License-Identifier: Apache-2.0 */
#include "cert/strict.h"

#include "base/json.h"
#include "base/text.h"
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#define INTEGER_MAX 9007199254740991 /* RFC 7493 section 2.2 */

static int walk(const json_t *json, unsigned depth, const char *what, struct lethe_complaint *why)
{
    const char *key;
    json_t *value;
    size_t i;
    int rc = 0;
    if (depth > LETHE_JSON_DEPTH_MAX)
        return lethe_complain(why, "depth", "the %s is nested deeper than %d levels", what,
                              LETHE_JSON_DEPTH_MAX);
    switch (json_typeof(json)) {
    case JSON_OBJECT:
        /* The iteration takes a non-const object, but changes nothing. */
        json_object_foreach((json_t *)(uintptr_t)json, key, value)
        {
            if (!lethe_text_is_clean(key))
                return lethe_complain(why, "text", "the %s has a name with unprintable text", what);
            if ((rc = walk(value, depth + 1, what, why)) < 0)
                return rc;
        }
        return 0;
    case JSON_ARRAY:
        json_array_foreach(json, i, value)
        {
            if ((rc = walk(value, depth + 1, what, why)) < 0)
                return rc;
        }
        return 0;
    case JSON_STRING:
        if (!lethe_text_is_clean(json_string_value(json)))
            return lethe_complain(
                why, "text", "the %s has text that acts on a page instead of standing on it", what);
        return 0;
    case JSON_INTEGER:
        if (json_integer_value(json) > INTEGER_MAX || json_integer_value(json) < -INTEGER_MAX)
            return lethe_complain(why, "number", "the %s has an integer beyond 2^53", what);
        return 0;
    case JSON_REAL:
        return lethe_complain(why, "number", "the %s has a number that is not an integer", what);
    case JSON_NULL:
        return lethe_complain(why, "null", "the %s has a null", what);
    case JSON_TRUE:
    case JSON_FALSE:
        break;
    }
    return 0;
}

json_t *lethe_strict_json(const char *text, size_t len, json_type type, const char *what,
                          struct lethe_complaint *why)
{
    json_error_t error;
    json_t *json = json_loadb(text, len, JSON_REJECT_DUPLICATES, &error);
    if (!json) {
        enum json_error_code code = json_error_code(&error);
        if (code == json_error_duplicate_key)
            lethe_complain(why, "duplicate-key", "the %s has a name twice", what);
        else if (code == json_error_stack_overflow)
            lethe_complain(why, "depth", "the %s is nested too deep", what);
        else if (code == json_error_numeric_overflow)
            lethe_complain(why, "number", "the %s has an integer beyond 2^53", what);
        else if (code == json_error_null_character || code == json_error_null_byte_in_key)
            lethe_complain(why, "text", "the %s has a NUL character", what);
        else
            lethe_complain(why, "json", "the %s is not JSON: %.100s", what, error.text);
        return NULL;
    }
    if (json_typeof(json) != type)
        lethe_complain(why, "json", "the %s is not a JSON %s", what,
                       type == JSON_ARRAY ? "array" : "object");
    else if (walk(json, 1, what, why) == 0)
        return json;
    json_decref(json);
    return NULL;
}

json_t *lethe_strict_b64_json(const char *text, size_t len, json_type type, const char *what,
                              struct lethe_complaint *why)
{
    uint8_t *bytes = malloc(len + 1);
    if (!bytes) {
        lethe_complain(why, "memory", "memory ran out");
        return NULL;
    }
    ssize_t n = lethe_b64url_decode(bytes, len, text, len);
    json_t *json = NULL;
    if (n < 0)
        lethe_complain(why, "encoding", "the %s is not canonical base64url", what);
    else
        json = lethe_strict_json((const char *)bytes, (size_t)n, type, what, why);
    free(bytes);
    return json;
}

uint8_t *lethe_strict_base64(const char *text, size_t len, size_t *out_len)
{
    if (len == 0 || len % 4 != 0 || len > 1 << 16)
        return NULL;
    /* EVP_DecodeBlock skips spaces and does not look at unused bits: so encode again and compare.
     */
    uint8_t *bytes = malloc(len);
    char *again = malloc(len + 5);
    int n = bytes && again ? EVP_DecodeBlock(bytes, (const unsigned char *)text, (int)len) : -1;
    n -= n > 0 ? (text[len - 1] == '=') + (text[len - 2] == '=') : 0;
    bool ok = n > 0 && EVP_EncodeBlock((unsigned char *)again, bytes, n) == (int)len &&
              memcmp(again, text, len) == 0;
    free(again);
    if (!ok) {
        free(bytes);
        return NULL;
    }
    *out_len = (size_t)n;
    return bytes;
}
