/* SPDX-License-Identifier: Apache-2.0 */
/* Words of a worker, orders and stored events: what is taken must be well-formed, must survive
 * JSON, and must never bring the fold of a job into a state without a name. First byte: how to read
 * it. */
#include "base/json.h"

#include <lethe/job.h>
#include <stdlib.h>
#include <string.h>

static void try_message(const char *text, size_t len, enum lethe_role role)
{
    struct lethe_event event, back;
    struct lethe_error err;
    bool done;
    if (lethe_message_parse(text, len, role, &event, &done, &err) < 0 || done)
        return;
    memcpy(event.job, "01940000-0000-7000-8000-000000000001", sizeof(event.job));
    event.seq = lethe_event_ephemeral(event.type) ? 0 : 1;
    json_t *json = lethe_event_to_json(&event);
    if (lethe_event_from_json(json, &back, &err) < 0 || !json_equal(back.body, event.body))
        abort();
    json_decref(json);
    lethe_event_clear(&back);
    lethe_event_clear(&event);
}

static void try_order(const json_t *json)
{
    struct lethe_error err;
    struct lethe_order *order = malloc(sizeof(*order));
    struct lethe_order *again = malloc(sizeof(*again));
    if (lethe_order_from_json(json, order, &err) == 0) {
        json_t *back = lethe_order_to_json(order);
        if (!back || lethe_order_from_json(back, again, &err) < 0)
            abort();
        lethe_order_clear(again);
        lethe_order_clear(order);
        json_decref(back);
    }
    free(order);
    free(again);
}

/* Nothing is met that nobody looked at: what was read back, or every state that the plan asks for.
 */
static bool looked(const struct lethe_job *job)
{
    if (!lethe_class_is_phone(job->plan.identity.class_))
        return job->verified;
    for (size_t i = 0; i < job->plan.n_steps; i++)
        if (job->plan.steps[i].kind == LETHE_STEP_STATE && !job->findings[i])
            return false;
    return true;
}

/* {"events":[...]}: a whole record, folded as far as it goes and judged at every place. */
static void try_record(const json_t *json)
{
    struct lethe_job *job = malloc(sizeof(*job));
    struct lethe_assessment *verdict = malloc(sizeof(*verdict));
    struct lethe_error err;
    size_t i;
    json_t *one;
    lethe_job_init(job);
    json_array_foreach(json_object_get(json, "events"), i, one)
    {
        struct lethe_event event;
        if (lethe_event_from_json(one, &event, &err) < 0)
            continue;
        lethe_job_apply(job, &event, &err);
        lethe_event_clear(&event);
        if ((unsigned)job->state >= LETHE_JOB_STATES)
            abort();
        if (job->state == LETHE_JOB_NEW)
            continue;
        lethe_assess(job, verdict);
        json_t *end = lethe_assessment_to_json(verdict, job);
        if (!end || (verdict->policy_met && !looked(job)))
            abort();
        json_decref(end);
    }
    lethe_job_clear(job);
    free(job);
    free(verdict);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lethe_error err;
    if (size < 1)
        return 0;
    const char *text = (const char *)data + 1;
    if (data[0] == 'e' || data[0] == 'v') {
        try_message(text, size - 1, data[0] == 'v' ? LETHE_ROLE_VERIFY : LETHE_ROLE_ERASE);
        return 0;
    }
    json_t *json = lethe_json_load(text, size - 1, 1 << 18, &err);
    if (json && data[0] == 'o')
        try_order(json);
    if (json && data[0] == 'r')
        try_record(json);
    json_decref(json);
    return 0;
}
