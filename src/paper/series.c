/* SPDX-License-Identifier: Apache-2.0 */
/* ["begin"|"point"|"end", ms, pass, offset] and ["error", ms, offset, length], in order. */
#include <lethe/job.h>
#include <lethe/paper.h>
#include <string.h>

/* A record of a year in points would still be drawn; more is not needed for a line on paper. */
#define SERIES_MAX 20000

static json_int_t integer(const struct lethe_event *event, const char *key)
{
    return json_integer_value(json_object_get(event->body, key));
}

int lethe_series_add(json_t *series, const struct lethe_event *event)
{
    static const struct {
        enum lethe_event_type type;
        const char *word, *offset;
    } points[] = {{LETHE_EVENT_PASS_BEGIN, "begin", "offset"},
                  {LETHE_EVENT_PASS_POINT, "point", "offset"},
                  {LETHE_EVENT_PASS_END, "end", "bytes"}};
    if (json_array_size(series) >= SERIES_MAX)
        return 0;
    if (event->type == LETHE_EVENT_EXCEPTION)
        return json_array_append_new(series,
                                     json_pack("[s, I, I, I]", "error", (json_int_t)event->time,
                                               integer(event, "offset"), integer(event, "length")));
    for (size_t i = 0; i < sizeof(points) / sizeof(points[0]); i++)
        if (event->type == points[i].type)
            return json_array_append_new(
                series, json_pack("[s, I, I, I]", points[i].word, (json_int_t)event->time,
                                  integer(event, "pass"), integer(event, points[i].offset)));
    return 0;
}
