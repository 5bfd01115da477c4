/* SPDX-License-Identifier: Apache-2.0 */
/* Which event is folded by what, and what all of them need. */
#include "job/fold.h"

#include "base/text.h"
#include "job/parts.h"
#include <string.h>

const struct lethe_fold *const lethe_folds[LETHE_EVENT_TYPES] = {
    [LETHE_EVENT_JOB_CREATED] = &lethe_fold_job_created,
    [LETHE_EVENT_JOB_REFUSED] = &lethe_fold_job_refused,
    [LETHE_EVENT_JOB_START] = &lethe_fold_job_start,
    [LETHE_EVENT_WORKER_STARTED] = &lethe_fold_worker_started,
    [LETHE_EVENT_STEP_BEGIN] = &lethe_fold_step_begin,
    [LETHE_EVENT_CANARY_WRITTEN] = &lethe_fold_canary_written,
    [LETHE_EVENT_PASS_BEGIN] = &lethe_fold_pass_begin,
    [LETHE_EVENT_PASS_POINT] = &lethe_fold_pass_point,
    [LETHE_EVENT_PASS_END] = &lethe_fold_pass_end,
    [LETHE_EVENT_EXCEPTION] = &lethe_fold_exception,
    [LETHE_EVENT_ATTEST] = &lethe_fold_attest,
    [LETHE_EVENT_INTENT] = &lethe_fold_intent,
    [LETHE_EVENT_STEP_END] = &lethe_fold_step_end,
    [LETHE_EVENT_WINDOW_OPEN] = &lethe_fold_window_open,
    [LETHE_EVENT_WINDOW_CLOSED] = &lethe_fold_window_closed,
    [LETHE_EVENT_IDENTITY_CHECKED] = &lethe_fold_identity_checked,
    [LETHE_EVENT_VERIFY_RESULT] = &lethe_fold_verify_result,
    [LETHE_EVENT_OBSERVED] = &lethe_fold_observed,
    [LETHE_EVENT_ATTESTED] = &lethe_fold_attested,
    [LETHE_EVENT_INTERRUPTED] = &lethe_fold_interrupted,
    [LETHE_EVENT_RESUMED] = &lethe_fold_resumed,
    [LETHE_EVENT_ABORT] = &lethe_fold_abort,
    [LETHE_EVENT_END] = &lethe_fold_end,
    [LETHE_EVENT_CERTIFICATE] = &lethe_fold_certificate,
    [LETHE_EVENT_CLOSED] = &lethe_fold_closed,
};

/* Bodies have passed the table in members.c: members are there and of their kind. */
uint64_t lethe_body_number(const json_t *body, const char *key)
{
    return (uint64_t)json_integer_value(json_object_get(body, key));
}

bool lethe_body_truth(const json_t *body, const char *key)
{
    return json_is_true(json_object_get(body, key));
}

const char *lethe_body_word(const json_t *body, const char *key)
{
    const char *text = json_string_value(json_object_get(body, key));
    return text ? text : "";
}

/* Cut to what the field holds, never within a character. */
void lethe_copy_text(char *out, size_t out_size, const char *text)
{
    lethe_text_clean(out, out_size, text, strlen(text));
}

int lethe_job_keep(json_t **copy, const json_t *json)
{
    json_t *fresh = json_deep_copy(json);
    if (!fresh)
        return -LETHE_E_INTERNAL;
    json_decref(*copy);
    *copy = fresh;
    return 0;
}

void lethe_job_keep_failure(struct lethe_job *job, const json_t *body)
{
    if (job->failure.code)
        return; /* the first is the cause */
    int code = lethe_error_code_parse(lethe_body_word(body, "code"));
    job->failure.code = code > 0 ? (enum lethe_error_code)code : LETHE_E_INTERNAL;
    lethe_copy_text(job->failure.what, sizeof(job->failure.what), lethe_body_word(body, "reason"));
    lethe_copy_text(job->failure.effect, sizeof(job->failure.effect),
                    lethe_body_word(body, "effect"));
    lethe_copy_text(job->failure.remedy, sizeof(job->failure.remedy),
                    lethe_body_word(body, "remedy"));
}

bool lethe_job_steps_over(const struct lethe_job *job)
{
    for (size_t i = 0; i < job->plan.n_steps; i++)
        if (!job->step_ok[i])
            return false;
    return true;
}

int lethe_job_next_step(const struct lethe_job *job)
{
    int i = 0;
    while ((size_t)i < job->plan.n_steps && job->step_ok[i])
        i++;
    return (size_t)i < job->plan.n_steps ? i : -1;
}

unsigned lethe_job_passes_done(const struct lethe_job *job)
{
    unsigned n = 0;
    while (n < LETHE_PASSES_MAX && job->passes[n].complete)
        n++;
    return n;
}
