/* SPDX-License-Identifier: Apache-2.0 */
/* Property lists: what is read can be written, and reads back as the same text. */
#include "proto/plist.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static unsigned depth_of(const json_t *json)
{
    unsigned depth = 0, below;
    size_t i;
    const char *key;
    json_t *value;
    json_array_foreach(json, i, value)
    {
        below = depth_of(value);
        depth = below > depth ? below : depth;
    }
    json_object_foreach((json_t *)(uintptr_t)json, key, value)
    {
        below = depth_of(value);
        depth = below > depth ? below : depth;
    }
    return depth + 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    LETHE_BUF_AUTO first = {0};
    LETHE_BUF_AUTO second = {0};
    struct lethe_error err = {0};
    json_t *json = lethe_plist_parse(data, size, &err);
    if (!json) {
        if (!err.what[0])
            abort();
        return 0;
    }
    /* What stands for data or a date is one deeper than in the list. */
    if (depth_of(json) > LETHE_PLIST_DEPTH_MAX + 1)
        abort();
    if (lethe_plist_xml_format(json, &first, &err) < 0)
        abort();
    json_decref(json);
    if (first.len > LETHE_PLIST_MAX)
        return 0;
    json = lethe_plist_parse(first.data, first.len, &err);
    if (!json) {
        /* Two keys that differ only in what XML can't carry become one. */
        if (!strstr(err.what, "a key twice"))
            abort();
        return 0;
    }
    if (lethe_plist_xml_format(json, &second, &err) < 0 || first.len != second.len ||
        memcmp(first.data, second.data, first.len) != 0)
        abort();
    json_decref(json);
    return 0;
}
