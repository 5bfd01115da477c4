/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/plist.h"

#include "base/base64.h"
#include "proto/plist_count.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool lethe_plist_count_add(struct lethe_plist_count *count, unsigned depth, size_t text)
{
    count->nodes++;
    count->text += text;
    if (depth > LETHE_PLIST_DEPTH_MAX)
        lethe_fail(count->err, LETHE_E_LIMIT, "a property list nested deeper than %u",
                   LETHE_PLIST_DEPTH_MAX);
    else if (count->nodes > LETHE_PLIST_NODES_MAX)
        lethe_fail(count->err, LETHE_E_LIMIT, "a property list of more than %u values",
                   LETHE_PLIST_NODES_MAX);
    else if (count->text > LETHE_PLIST_TEXT_MAX)
        lethe_fail(count->err, LETHE_E_LIMIT, "a property list that unfolds to more than %zu bytes",
                   LETHE_PLIST_TEXT_MAX);
    else
        return true;
    return false;
}

json_t *lethe_plist_malformed(const struct lethe_plist_count *count, const char *what)
{
    lethe_fail(count->err, LETHE_E_INVALID, "a malformed property list: %s", what);
    return NULL;
}

json_t *lethe_plist_string(const struct lethe_plist_count *count, const char *text, size_t len)
{
    if (len && memchr(text, 0, len))
        return lethe_plist_malformed(count, "a string with a NUL");
    json_t *string = json_stringn(len ? text : "", len); /* refuses what is not UTF-8 */
    return string ? string : lethe_plist_malformed(count, "a string that is not UTF-8");
}

json_t *lethe_plist_integer(const struct lethe_plist_count *count, bool negative,
                            uint64_t magnitude)
{
    if (magnitude <= INT64_MAX)
        return json_integer(negative ? -(json_int_t)magnitude : (json_int_t)magnitude);
    if (negative && magnitude == (uint64_t)INT64_MAX + 1)
        return json_integer(INT64_MIN);
    if (negative)
        return lethe_plist_malformed(count, "an integer below -2^63");
    char text[24];
    snprintf(text, sizeof(text), "%" PRIu64, magnitude);
    return json_pack("{s:s}", "$unsigned", text);
}

json_t *lethe_plist_real(const struct lethe_plist_count *count, double value)
{
    char text[40];
    if (!isfinite(value))
        return lethe_plist_malformed(count, "a real without end");
    snprintf(text, sizeof(text), "%.17g", value);
    return json_pack("{s:s}", "$real", text);
}

json_t *lethe_plist_date(const struct lethe_plist_count *count, double seconds)
{
    /* 0001-01-01 and the end of 9999: what the XML form can say. */
    if (!(seconds >= -62135596800.0 && seconds < 253402300800.0))
        return lethe_plist_malformed(count, "a date beyond the calendar");
    return json_pack("{s:I}", "$date", (json_int_t)floor(seconds));
}

bool lethe_plist_put(const struct lethe_plist_count *count, json_t *dictionary, const char *key,
                     size_t key_len, json_t *value)
{
    static const char *const ours[] = {"$data", "$date", "$real", "$uid", "$unsigned"};
    if (!value)
        return false;
    json_t *name = lethe_plist_string(count, key, key_len);
    const char *text = json_string_value(name);
    const char *why = !text ? "" : json_object_get(dictionary, text) ? "a key twice" : NULL;
    for (size_t i = 0; !why && i < sizeof(ours) / sizeof(*ours); i++)
        if (!strcmp(text, ours[i]))
            why = "a key that only we may write";
    if (why) {
        if (*why)
            lethe_plist_malformed(count, why);
        json_decref(value);
    } else if (json_object_set_new(dictionary, text, value) < 0) {
        why = "";
        lethe_fail(count->err, LETHE_E_INTERNAL, "out of memory");
    }
    json_decref(name);
    return !why;
}

json_t *lethe_plist_parse(const void *data, size_t len, struct lethe_error *err)
{
    if (len >= 6 && memcmp(data, "bplist", 6) == 0)
        return lethe_plist_binary_parse(data, len, err);
    return lethe_plist_xml_parse(data, len, err);
}

json_t *lethe_plist_data(const void *data, size_t len)
{
    char *text = malloc(LETHE_BASE64_SIZE(len));
    if (!text)
        return NULL;
    lethe_base64_encode(text, data, len);
    json_t *json = json_pack("{s:s}", "$data", text);
    free(text);
    return json;
}

void *lethe_plist_data_get(const json_t *json, size_t *len)
{
    const json_t *text = json_object_get(json, "$data");
    *len = 0;
    if (!json_is_string(text) || json_object_size(json) != 1)
        return NULL;
    size_t n = json_string_length(text);
    uint8_t *bytes = malloc(n / 4 * 3 + 1);
    ssize_t got = bytes ? lethe_base64_decode(bytes, n / 4 * 3, json_string_value(text), n) : -1;
    if (got < 0) {
        free(bytes);
        return NULL;
    }
    *len = (size_t)got;
    return bytes;
}
