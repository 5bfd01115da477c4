/* SPDX-License-Identifier: Apache-2.0 */
/* The state machine: which event may follow which, and that a refused one changes nothing. */
#include "job/fold.h"
#include "job/parts.h"
#include <inttypes.h>
#include <string.h>

static const char *const state_names[LETHE_JOB_STATES] = {
    [LETHE_JOB_NEW] = "new",
    [LETHE_JOB_CREATED] = "created",
    [LETHE_JOB_STARTED] = "started",
    [LETHE_JOB_RUNNING] = "running",
    [LETHE_JOB_IDLE] = "idle",
    [LETHE_JOB_INTERRUPTED] = "interrupted",
    [LETHE_JOB_ENDING] = "ending",
    [LETHE_JOB_ENDED] = "ended",
    [LETHE_JOB_CERTIFIED] = "certified",
    [LETHE_JOB_CLOSED] = "closed",
};

const char *lethe_job_state_name(enum lethe_job_state state)
{
    return (unsigned)state < LETHE_JOB_STATES ? state_names[state] : "?";
}

int lethe_job_state_parse(const char *spelling)
{
    for (int i = 0; i < LETHE_JOB_STATES; i++)
        if (strcmp(state_names[i], spelling) == 0)
            return i;
    return -1;
}

/* State x event -> state. What is not here is illegal; what an event says may make it illegal too,
 * or choose ENDING (fold_*.c: a failed or last step, another device, an interruption that can't be
 * mended). */
#define TO(state) (LETHE_JOB_##state + 1)
static const unsigned char transitions[LETHE_JOB_STATES][LETHE_EVENT_TYPES] = {
    [LETHE_JOB_NEW] = {[LETHE_EVENT_JOB_CREATED] = TO(CREATED)},
    [LETHE_JOB_CREATED] =
        {
            [LETHE_EVENT_IDENTITY_CHECKED] = TO(CREATED),
            [LETHE_EVENT_JOB_START] = TO(STARTED),
            [LETHE_EVENT_JOB_REFUSED] = TO(ENDED),
            [LETHE_EVENT_ABORT] = TO(ENDING),
        },
    [LETHE_JOB_STARTED] =
        {
            [LETHE_EVENT_IDENTITY_CHECKED] = TO(STARTED),
            [LETHE_EVENT_WORKER_STARTED] = TO(STARTED),
            [LETHE_EVENT_STEP_BEGIN] = TO(RUNNING),
            [LETHE_EVENT_INTERRUPTED] = TO(INTERRUPTED),
            [LETHE_EVENT_JOB_REFUSED] = TO(ENDED),
            [LETHE_EVENT_ABORT] = TO(ENDING),
            [LETHE_EVENT_END] = TO(ENDED),
        },
    [LETHE_JOB_RUNNING] =
        {
            [LETHE_EVENT_CANARY_WRITTEN] = TO(RUNNING),
            [LETHE_EVENT_PASS_BEGIN] = TO(RUNNING),
            [LETHE_EVENT_PASS_POINT] = TO(RUNNING),
            [LETHE_EVENT_PASS_END] = TO(RUNNING),
            [LETHE_EVENT_EXCEPTION] = TO(RUNNING),
            [LETHE_EVENT_INTENT] = TO(RUNNING),
            [LETHE_EVENT_ATTEST] = TO(RUNNING),
            [LETHE_EVENT_VERIFY_RESULT] = TO(RUNNING),
            [LETHE_EVENT_OBSERVED] = TO(RUNNING),
            [LETHE_EVENT_ATTESTED] = TO(RUNNING),
            [LETHE_EVENT_STEP_END] = TO(IDLE),
            [LETHE_EVENT_INTERRUPTED] = TO(INTERRUPTED),
            [LETHE_EVENT_ABORT] = TO(ENDING),
        },
    [LETHE_JOB_IDLE] =
        {
            [LETHE_EVENT_IDENTITY_CHECKED] = TO(IDLE),
            [LETHE_EVENT_WINDOW_OPEN] = TO(IDLE),
            [LETHE_EVENT_WINDOW_CLOSED] = TO(IDLE),
            [LETHE_EVENT_ATTESTED] = TO(IDLE),
            [LETHE_EVENT_WORKER_STARTED] = TO(IDLE),
            [LETHE_EVENT_STEP_BEGIN] = TO(RUNNING),
            [LETHE_EVENT_INTERRUPTED] = TO(INTERRUPTED),
            [LETHE_EVENT_ABORT] = TO(ENDING),
            [LETHE_EVENT_END] = TO(ENDED),
        },
    [LETHE_JOB_INTERRUPTED] =
        {
            [LETHE_EVENT_IDENTITY_CHECKED] = TO(INTERRUPTED),
            [LETHE_EVENT_WINDOW_OPEN] = TO(INTERRUPTED),
            [LETHE_EVENT_WINDOW_CLOSED] = TO(INTERRUPTED),
            [LETHE_EVENT_RESUMED] = TO(IDLE),
            [LETHE_EVENT_INTERRUPTED] = TO(INTERRUPTED),
            [LETHE_EVENT_ABORT] = TO(ENDING),
            [LETHE_EVENT_END] = TO(ENDED),
        },
    [LETHE_JOB_ENDING] =
        {
            [LETHE_EVENT_IDENTITY_CHECKED] = TO(ENDING),
            [LETHE_EVENT_ATTESTED] = TO(ENDING),
            [LETHE_EVENT_INTERRUPTED] = TO(ENDING),
            [LETHE_EVENT_ABORT] = TO(ENDING),
            [LETHE_EVENT_END] = TO(ENDED),
        },
    [LETHE_JOB_ENDED] =
        {[LETHE_EVENT_CERTIFICATE] = TO(CERTIFIED), [LETHE_EVENT_CLOSED] = TO(CLOSED)},
    /* CERTIFIED, CLOSED: nothing. progress and result: never. */
};

void lethe_job_init(struct lethe_job *job)
{
    *job = (struct lethe_job){.step = -1, .worker = -1, .pass = -1};
}

void lethe_job_clear(struct lethe_job *job)
{
    json_decref(job->created_body);
    json_decref(job->start_body);
    json_decref(job->end_body);
    for (size_t i = 0; i < LETHE_STEPS_MAX; i++) {
        json_decref(job->attests[i]);
        json_decref(job->findings[i]);
        json_decref(job->returned[i]);
    }
    json_decref(job->intent);
    json_decref(job->attested);
    lethe_job_init(job);
}

void lethe_job_copy(const struct lethe_job *from, struct lethe_job *to)
{
    *to = *from; /* bodies are never changed, only replaced: they can be shared */
    json_incref(to->created_body);
    json_incref(to->start_body);
    json_incref(to->end_body);
    for (size_t i = 0; i < LETHE_STEPS_MAX; i++) {
        json_incref(to->attests[i]);
        json_incref(to->findings[i]);
        json_incref(to->returned[i]);
    }
    json_incref(to->intent);
    json_incref(to->attested);
}

static int check_place(const struct lethe_job *job, const struct lethe_event *event,
                       struct lethe_error *err)
{
    const char *name = lethe_event_name(event->type);
    if ((unsigned)job->state >= LETHE_JOB_STATES || !transitions[job->state][event->type])
        return lethe_fail(err, LETHE_E_INVALID, "%s can't happen while the job is %s", name,
                          lethe_job_state_name(job->state));
    if (job->id[0] && strcmp(job->id, event->job) != 0)
        return lethe_fail(err, LETHE_E_INVALID, "%s belongs to another job", name);
    if (event->seq != job->last_seq + 1)
        return lethe_fail(err, LETHE_E_INVALID,
                          "%s is event %" PRIu64 " of its job, expected was %" PRIu64, name,
                          event->seq, job->last_seq + 1);
    /* Events are for ever; the store sees to it that the clock was released behind the last. */
    bool released = event->type == LETHE_EVENT_ABORT && json_object_get(event->body, "clock");
    if (event->time + LETHE_CLOCK_TOLERANCE_MS < job->last_time && !released) {
        lethe_fail(err, LETHE_E_INVALID, "%s is %" PRIu64 " s older than the event before it", name,
                   (job->last_time - event->time) / 1000);
        lethe_error_effect(err, "nothing of it is recorded; the job stays open, and its device "
                                "does NOT count as sanitised");
        lethe_error_remedy(err,
                           "set the clock: timedatectl set-ntp true; if it is right now and was "
                           "wrong before: lethe log release-clock --reason TEXT, then: lethe "
                           "resume --abandon %.13s, and erase the device again",
                           job->id);
        return -LETHE_E_INVALID;
    }
    return 0;
}

int lethe_job_check(const struct lethe_job *job, const struct lethe_event *event,
                    struct lethe_error *err)
{
    int rc = lethe_event_check(event, err);
    if (rc == 0)
        rc = check_place(job, event, err);
    if (rc == 0 && lethe_folds[event->type]->check)
        rc = lethe_folds[event->type]->check(job, event->body, err);
    return rc;
}

int lethe_job_apply(struct lethe_job *job, const struct lethe_event *event, struct lethe_error *err)
{
    int rc = lethe_job_check(job, event, err);
    if (rc < 0)
        return rc;
    enum lethe_job_state before = job->state;
    job->state = (enum lethe_job_state)(transitions[before][event->type] - 1);
    if (lethe_folds[event->type]->effect && lethe_folds[event->type]->effect(job, event) < 0) {
        job->state = before;
        return lethe_fail(err, LETHE_E_INTERNAL, "no memory for %s", lethe_event_name(event->type));
    }
    job->last_seq = event->seq;
    job->clock_released = job->clock_released || (event->type == LETHE_EVENT_ABORT &&
                                                  json_object_get(event->body, "clock"));
    if (event->time >= job->last_time)
        job->last_time = event->time;
    else if (job->last_time - event->time > job->clock_back)
        job->clock_back = job->last_time - event->time;
    if (event->time + LETHE_CLOCK_TOLERANCE_MS < job->last_time)
        job->last_time = event->time; /* from here on the clock of now counts */
    return 0;
}
