/* SPDX-License-Identifier: Apache-2.0 */
#include "emu/phone/plist.h"

#include "base/base64.h"
#include <plist/plist.h>
#include <stdlib.h>
#include <string.h>

#define DATA "$data"
#define DATE "$date"
enum { SIZE_MAX_BYTES = 1 << 20, DEPTH_MAX = 32 };

static inline void release(plist_t *node)
{
    if (*node)
        plist_free(*node);
}
#define PLIST_AUTO __attribute__((cleanup(release))) plist_t

json_t *plist_data(const void *data, size_t len)
{
    char *text = malloc(LETHE_BASE64_SIZE(len));
    if (!text)
        return NULL;
    lethe_base64_encode(text, data, len);
    json_t *json = json_pack("{s:s}", DATA, text);
    free(text);
    return json;
}

ssize_t plist_data_get(const json_t *json, struct lethe_buf *out)
{
    const char *text = json_string_value(json_object_get(json, DATA));
    if (!text)
        return -1;
    size_t len = strlen(text);
    char *bytes = malloc(len + 1);
    ssize_t got = bytes ? lethe_base64_decode(bytes, len, text, len) : -1;
    if (got >= 0 && lethe_buf_add(out, bytes, (size_t)got) < 0)
        got = -1;
    free(bytes);
    return got;
}

static json_t *read_node(plist_t node, unsigned depth);

static json_t *read_dictionary(plist_t node, unsigned depth)
{
    json_t *object = json_object();
    plist_dict_iter at = NULL;
    plist_dict_new_iter(node, &at);
    for (;;) {
        char *key = NULL;
        plist_t value = NULL;
        plist_dict_next_item(node, at, &key, &value);
        if (!value) {
            free(key);
            break;
        }
        int rc = json_object_set_new(object, key, read_node(value, depth + 1));
        free(key);
        if (rc < 0) {
            json_decref(object);
            object = NULL;
            break;
        }
    }
    free(at);
    return object;
}

static json_t *read_array(plist_t node, unsigned depth)
{
    json_t *array = json_array();
    for (uint32_t i = 0; i < plist_array_get_size(node); i++) {
        if (json_array_append_new(array, read_node(plist_array_get_item(node, i), depth + 1)) < 0) {
            json_decref(array);
            return NULL;
        }
    }
    return array;
}

static json_t *read_string(plist_t node)
{
    char *text = NULL;
    plist_get_string_val(node, &text);
    json_t *json = text ? json_string(text) : NULL;
    free(text);
    return json;
}

static json_t *read_data(plist_t node)
{
    char *bytes = NULL;
    uint64_t len = 0;
    plist_get_data_val(node, &bytes, &len);
    json_t *json = plist_data(bytes ? bytes : "", len);
    free(bytes);
    return json;
}

static json_t *read_node(plist_t node, unsigned depth)
{
    uint8_t truth = 0;
    uint64_t number = 0;
    double real = 0;
    int32_t seconds = 0, microseconds = 0;
    if (depth > DEPTH_MAX)
        return NULL;
    switch (plist_get_node_type(node)) {
    case PLIST_DICT:
        return read_dictionary(node, depth);
    case PLIST_ARRAY:
        return read_array(node, depth);
    case PLIST_STRING:
        return read_string(node);
    case PLIST_DATA:
        return read_data(node);
    case PLIST_BOOLEAN:
        plist_get_bool_val(node, &truth);
        return json_boolean(truth);
    case PLIST_UINT:
        plist_get_uint_val(node, &number);
        return json_integer((json_int_t)number);
    case PLIST_REAL:
        plist_get_real_val(node, &real);
        return json_real(real);
    case PLIST_DATE:
        plist_get_date_val(node, &seconds, &microseconds);
        return json_pack("{s:i}", DATE, (int)seconds);
    default:
        return NULL;
    }
}

json_t *plist_decode(const void *data, size_t len)
{
    PLIST_AUTO node = NULL;
    if (len == 0 || len > SIZE_MAX_BYTES)
        return NULL;
    if (len > 8 && memcmp(data, "bplist00", 8) == 0)
        plist_from_bin(data, (uint32_t)len, &node);
    else
        plist_from_xml(data, (uint32_t)len, &node);
    return node ? read_node(node, 0) : NULL;
}

static plist_t write_node(const json_t *json);

static plist_t write_object(const json_t *json)
{
    LETHE_BUF_AUTO bytes = {0};
    if (plist_data_get(json, &bytes) >= 0)
        return plist_new_data(bytes.data ? bytes.data : "", bytes.len);
    const json_t *date = json_object_get(json, DATE);
    if (date)
        return plist_new_date((int32_t)json_integer_value(date), 0);
    plist_t dictionary = plist_new_dict();
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)json, key, value)
    {
        plist_dict_set_item(dictionary, key, write_node(value));
    }
    return dictionary;
}

static plist_t write_node(const json_t *json)
{
    switch (json_typeof(json)) {
    case JSON_OBJECT:
        return write_object(json);
    case JSON_ARRAY: {
        plist_t array = plist_new_array();
        for (size_t i = 0; i < json_array_size(json); i++)
            plist_array_append_item(array, write_node(json_array_get(json, i)));
        return array;
    }
    case JSON_STRING:
        return plist_new_string(json_string_value(json));
    case JSON_INTEGER:
        return plist_new_uint((uint64_t)json_integer_value(json));
    case JSON_REAL:
        return plist_new_real(json_real_value(json));
    default:
        return plist_new_bool(json_is_true(json));
    }
}

int plist_encode(const json_t *json, bool binary, struct lethe_buf *out)
{
    PLIST_AUTO node = write_node(json);
    char *bytes = NULL;
    uint32_t len = 0;
    if (binary)
        plist_to_bin(node, &bytes, &len);
    else
        plist_to_xml(node, &bytes, &len);
    int rc = bytes ? lethe_buf_add(out, bytes, len) : -LETHE_E_INTERNAL;
    free(bytes);
    return rc;
}
