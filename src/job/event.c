/* SPDX-License-Identifier: Apache-2.0 */
/* Events: their names, and JSON both ways. Their members are in members.c. */
#include "base/json.h"
#include "job/parts.h"
#include <lethe/job.h>
#include <string.h>

#define TIME_MAX 253402300799999 /* 9999-12-31, ms: the last that can be written down */

#define EVENT_SPELLING(symbol, spelling) [LETHE_EVENT_##symbol] = spelling,
static const char *const names[] = {LETHE_EVENTS(EVENT_SPELLING)};

const char *lethe_event_name(enum lethe_event_type type)
{
    return (unsigned)type < LETHE_EVENT_TYPES ? names[type] : "?";
}

int lethe_event_parse(const char *spelling)
{
    for (int i = 0; i < LETHE_EVENT_TYPES; i++)
        if (strcmp(names[i], spelling) == 0)
            return i;
    return -1;
}

bool lethe_event_ephemeral(enum lethe_event_type type)
{
    return type == LETHE_EVENT_PROGRESS || type == LETHE_EVENT_RESULT;
}

void lethe_event_clear(struct lethe_event *event)
{
    json_decref(event->body);
    *event = (struct lethe_event){0};
}

bool lethe_job_id_valid(const char *id)
{
    if (strlen(id) != 36)
        return false;
    for (size_t i = 0; i < 36; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? id[i] != '-' : !strchr("0123456789abcdef", id[i]))
            return false;
    }
    return true;
}

int lethe_event_check(const struct lethe_event *event, struct lethe_error *err)
{
    int rc = lethe_event_check_body(event->type, event->body, err);
    if (rc < 0)
        return rc;
    if (!lethe_job_id_valid(event->job))
        return lethe_fail(err, LETHE_E_INVALID, "%s: \"job\" is not a job id",
                          lethe_event_name(event->type));
    if (event->time > TIME_MAX)
        return lethe_fail(err, LETHE_E_INVALID, "%s: \"time\" is beyond the year 9999",
                          lethe_event_name(event->type));
    if (event->seq > INT64_MAX || (event->seq == 0) != lethe_event_ephemeral(event->type))
        return lethe_fail(err, LETHE_E_INVALID, "%s: \"seq\" is not a place in a record",
                          lethe_event_name(event->type));
    return 0;
}

json_t *lethe_event_to_json(const struct lethe_event *event)
{
    json_t *json =
        json_pack("{s:s, s:s, s:I, s:I}", "type", lethe_event_name(event->type), "job", event->job,
                  "seq", (json_int_t)event->seq, "time", (json_int_t)event->time);
    if (json && event->body && json_object_update_missing(json, event->body) < 0) {
        json_decref(json);
        return NULL;
    }
    return json;
}

int lethe_event_from_json(const json_t *json, struct lethe_event *out, struct lethe_error *err)
{
    static const char *const envelope[] = {"type", "job", "seq", "time"};
    struct lethe_event event = {0};
    const char *type;
    int rc = lethe_json_str(json, "type", &type, err);
    if (rc < 0)
        return rc;
    int parsed = lethe_event_parse(type);
    if (parsed < 0)
        return lethe_fail(err, LETHE_E_INVALID, "\"%.64s\" is not an event", type);
    event.type = (enum lethe_event_type)parsed;
    if ((rc = lethe_json_copy(json, "job", event.job, sizeof(event.job), false, err)) < 0 ||
        (rc = lethe_json_u64(json, "seq", &event.seq, err)) < 0 ||
        (rc = lethe_json_u64(json, "time", &event.time, err)) < 0)
        return rc;
    event.body = json_deep_copy(json);
    if (!event.body)
        return lethe_fail(err, LETHE_E_INTERNAL, "no memory for an event");
    for (size_t i = 0; i < sizeof(envelope) / sizeof(envelope[0]); i++)
        json_object_del(event.body, envelope[i]);
    rc = lethe_event_check(&event, err);
    if (rc < 0)
        lethe_event_clear(&event);
    else
        *out = event;
    return rc;
}
