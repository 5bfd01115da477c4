/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of bytes on a device as sorted ranges that do not touch. */
#include "job/parts.h"
#include <string.h>

static uint64_t end_of(struct lethe_range range)
{
    return range.offset + range.length;
}

bool lethe_ranges_add(struct lethe_range *ranges, size_t *n, size_t max, struct lethe_range one)
{
    size_t first = 0;
    while (first < *n && end_of(ranges[first]) < one.offset)
        first++;
    size_t last = first; /* behind the last one that touches */
    uint64_t start = one.offset, end = end_of(one);
    while (last < *n && ranges[last].offset <= end_of(one)) {
        start = ranges[last].offset < start ? ranges[last].offset : start;
        end = end_of(ranges[last]) > end ? end_of(ranges[last]) : end;
        last++;
    }
    if (first == last && *n == max)
        return false;
    memmove(&ranges[first + 1], &ranges[last], (*n - last) * sizeof(*ranges));
    ranges[first] = (struct lethe_range){start, end - start};
    *n = *n - (last - first) + 1;
    return true;
}

uint64_t lethe_ranges_units(const struct lethe_range *ranges, size_t n, uint32_t size, uint64_t end)
{
    uint64_t units = 0, next = 0; /* first unit not counted yet */
    for (size_t i = 0; i < n && ranges[i].offset < end; i++) {
        uint64_t stop = end_of(ranges[i]) < end ? end_of(ranges[i]) : end;
        uint64_t from = ranges[i].offset / size, to = (stop - 1) / size + 1;
        from = from > next ? from : next;
        units += to > from ? to - from : 0;
        next = to > next ? to : next;
    }
    return units;
}

size_t lethe_job_exceptions(const struct lethe_job *job, struct lethe_range *out)
{
    size_t n = job->n_write_exceptions;
    memcpy(out, job->write_exceptions, n * sizeof(*out));
    for (size_t i = 0; i < job->n_read_exceptions; i++)
        lethe_ranges_add(out, &n, 2 * LETHE_EXCEPTION_RANGES_MAX, job->read_exceptions[i]);
    return n;
}

static bool is_natural(const json_t *json)
{
    return json_is_integer(json) && json_integer_value(json) >= 0;
}

bool lethe_ranges_from_json(const json_t *json, struct lethe_range *out, size_t *n)
{
    *n = json_array_size(json);
    if (!json_is_array(json) || *n > LETHE_EXCEPTION_RANGES_MAX)
        return false;
    uint64_t end = 0;
    for (size_t i = 0; i < *n; i++) {
        const json_t *pair = json_array_get(json, i);
        const json_t *offset = json_array_get(pair, 0), *length = json_array_get(pair, 1);
        if (json_array_size(pair) != 2 || !is_natural(offset) || !is_natural(length))
            return false;
        uint64_t at = (uint64_t)json_integer_value(offset);
        uint64_t len = (uint64_t)json_integer_value(length);
        /* Sorted and merged, so that one set of sectors has one spelling. */
        if (len == 0 || len > (uint64_t)INT64_MAX - at || (i > 0 && at <= end))
            return false;
        end = at + len;
        if (out)
            out[i] = (struct lethe_range){at, len};
    }
    return true;
}

json_t *lethe_ranges_to_json(const struct lethe_range *ranges, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n && list; i++) {
        json_t *pair =
            json_pack("[I,I]", (json_int_t)ranges[i].offset, (json_int_t)ranges[i].length);
        if (json_array_append_new(list, pair) < 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}
