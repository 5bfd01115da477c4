/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/plist.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static int unsayable(struct lethe_error *err)
{
    return lethe_fail(err, LETHE_E_INVALID, "this can't be said in a property list");
}

static int put_text(struct lethe_buf *out, const char *text)
{
    int rc = 0;
    for (; rc == 0 && *text; text++) {
        unsigned char c = (unsigned char)*text;
        bool bare = c >= 0x20 || c == '\t' || c == '\n';
        if (c == '<')
            rc = lethe_buf_puts(out, "&lt;");
        else if (c == '>')
            rc = lethe_buf_puts(out, "&gt;");
        else if (c == '&')
            rc = lethe_buf_puts(out, "&amp;");
        else if (c == '\r') /* readers of XML may take a bare one for a newline */
            rc = lethe_buf_puts(out, "&#13;");
        else
            rc = lethe_buf_add(out, bare ? text : "\xef\xbf\xbd", bare ? 1 : 3);
    }
    return rc;
}

static int put_element(struct lethe_buf *out, const char *name, const char *text)
{
    int rc = lethe_buf_printf(out, "<%s>", name);
    if (rc == 0)
        rc = put_text(out, text);
    return rc < 0 ? rc : lethe_buf_printf(out, "</%s>\n", name);
}

static int put_date(struct lethe_buf *out, json_int_t seconds, struct lethe_error *err)
{
    time_t when = (time_t)seconds;
    struct tm tm;
    char text[80];
    if (seconds < -62135596800 || seconds >= 253402300800 || !gmtime_r(&when, &tm))
        return unsayable(err);
    snprintf(text, sizeof(text), "%04d-%02d-%02dT%02d:%02d:%02dZ", tm.tm_year + 1900, tm.tm_mon + 1,
             tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
    return put_element(out, "date", text);
}

/* What JSON has no type for: 1 written, 0 an ordinary object, negative. */
static int put_special(const json_t *json, struct lethe_buf *out, struct lethe_error *err)
{
    const char *key = json_object_iter_key(json_object_iter((json_t *)(uintptr_t)json));
    if (json_object_size(json) != 1 || key[0] != '$')
        return 0;
    const json_t *value = json_object_get(json, key);
    int rc = -LETHE_E_INVALID;
    if (!strcmp(key, "$data") && json_is_string(value))
        rc = put_element(out, "data", json_string_value(value));
    else if (!strcmp(key, "$date") && json_is_integer(value))
        rc = put_date(out, json_integer_value(value), err);
    else if (!strcmp(key, "$real") && json_is_string(value))
        rc = put_element(out, "real", json_string_value(value));
    else if (!strcmp(key, "$unsigned") && json_is_string(value))
        rc = put_element(out, "integer", json_string_value(value));
    else if (!strcmp(key, "$uid") && json_is_integer(value)) /* the XML form of a UID */
        rc = lethe_buf_printf(out,
                              "<dict>\n<key>CF$UID</key>\n<integer>%" JSON_INTEGER_FORMAT
                              "</integer>\n</dict>\n",
                              json_integer_value(value));
    else
        return 0;
    return rc < 0 ? rc : 1;
}

static int put_value(const json_t *json, struct lethe_buf *out, unsigned depth,
                     struct lethe_error *err);

static int put_object(const json_t *json, struct lethe_buf *out, unsigned depth,
                      struct lethe_error *err)
{
    int rc = put_special(json, out, err);
    if (rc != 0)
        return rc < 0 ? rc : 0;
    rc = lethe_buf_puts(out, "<dict>\n");
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)json, key, value)
    {
        if (rc == 0)
            rc = put_element(out, "key", key);
        if (rc == 0)
            rc = put_value(value, out, depth + 1, err);
    }
    return rc < 0 ? rc : lethe_buf_puts(out, "</dict>\n");
}

static int put_array(const json_t *json, struct lethe_buf *out, unsigned depth,
                     struct lethe_error *err)
{
    int rc = lethe_buf_puts(out, "<array>\n");
    size_t i;
    json_t *value;
    json_array_foreach(json, i, value)
    {
        if (rc == 0)
            rc = put_value(value, out, depth + 1, err);
    }
    return rc < 0 ? rc : lethe_buf_puts(out, "</array>\n");
}

static int put_value(const json_t *json, struct lethe_buf *out, unsigned depth,
                     struct lethe_error *err)
{
    if (depth > LETHE_PLIST_DEPTH_MAX)
        return unsayable(err);
    switch (json_typeof(json)) {
    case JSON_OBJECT:
        return put_object(json, out, depth, err);
    case JSON_ARRAY:
        return put_array(json, out, depth, err);
    case JSON_STRING:
        return put_element(out, "string", json_string_value(json));
    case JSON_INTEGER:
        return lethe_buf_printf(out, "<integer>%" JSON_INTEGER_FORMAT "</integer>\n",
                                json_integer_value(json));
    case JSON_TRUE:
        return lethe_buf_puts(out, "<true/>\n");
    case JSON_FALSE:
        return lethe_buf_puts(out, "<false/>\n");
    default:
        return unsayable(err);
    }
}

int lethe_plist_xml_format(const json_t *json, struct lethe_buf *out, struct lethe_error *err)
{
    int rc = lethe_buf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                                 "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" "
                                 "\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n"
                                 "<plist version=\"1.0\">\n");
    if (rc == 0)
        rc = put_value(json, out, 1, err);
    return rc < 0 ? rc : lethe_buf_puts(out, "</plist>\n");
}
