/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of the plan, from the first mark to the result of the verification. */
#include "base/json.h"
#include "job/fold.h"
#include "job/parts.h"
#include <inttypes.h>
#include <lethe/technique.h>
#include <string.h>

bool lethe_step_by_technique(const struct lethe_step *step)
{
    return step->kind == LETHE_STEP_TECHNIQUE || step->kind == LETHE_STEP_PREPARE;
}

bool lethe_step_guided(const struct lethe_step *step)
{
    const struct lethe_technique *technique = lethe_technique_find(step->technique);
    return step->kind == LETHE_STEP_TECHNIQUE && technique &&
           technique->flags & LETHE_TECHNIQUE_GUIDED;
}

bool lethe_job_locks(const struct lethe_job *job)
{
    const char *action = json_string_value(json_object_get(job->intent, "action"));
    return action && strcmp(action, "ata-security-password") == 0;
}

bool lethe_job_unharmed(const struct lethe_job *job)
{
    if (!job->destructive)
        return true;
    if (job->step < 0 || job->intent || job->attests[job->step])
        return false;
    for (int i = 0; i < job->step; i++)
        if (!lethe_step_judges(&job->plan.steps[i]) && !lethe_step_moves(&job->plan.steps[i]))
            return false;
    const struct lethe_step *step = &job->plan.steps[job->step];
    const struct lethe_technique *technique = lethe_technique_find(step->technique);
    return step->kind == LETHE_STEP_TECHNIQUE && technique &&
           technique->flags & LETHE_TECHNIQUE_INTENDS;
}

static int check_step_begin(const struct lethe_job *job, const json_t *body,
                            struct lethe_error *err)
{
    int step = (int)lethe_body_number(body, "step");
    if (step != lethe_job_next_step(job))
        return lethe_fail(err, LETHE_E_INVALID, "step %d is not the next step of the plan", step);
    if (job->window || (step > 0 && job->plan.steps[step - 1].cycle && !job->cycled))
        return lethe_fail(err, LETHE_E_INVALID, "the drive must be powered off and on first");
    if (!lethe_step_judges(&job->plan.steps[step]) && !job->identity_fresh)
        return lethe_fail(err, LETHE_E_INVALID,
                          "nothing destructive begins before the device was identified (rule 4)");
    return 0;
}

static void forget(json_t **json)
{
    json_decref(*json);
    *json = NULL;
}

static int on_step_begin(struct lethe_job *job, const struct lethe_event *event)
{
    job->step = (int)lethe_body_number(event->body, "step");
    const struct lethe_step *step = &job->plan.steps[job->step];
    bool judges = lethe_step_judges(step);
    int role = judges ? LETHE_ROLE_VERIFY : LETHE_ROLE_ERASE;
    job->step_sound[job->step] = job->worker == role && job->identity_fresh;
    job->destructive = job->destructive || (!judges && !lethe_step_moves(step));
    if (step->cycle)
        job->cycled = false;
    job->identity_after = false;
    if (step->kind == LETHE_STEP_CANARY)
        job->canaries_written = 0;
    /* of a run that was cut short: no evidence of this one */
    forget(&job->attests[job->step]);
    forget(&job->findings[job->step]);
    forget(&job->returned[job->step]);
    if (lethe_step_guided(step))
        forget(&job->attested);
    return 0;
}

static int check_step_end(const struct lethe_job *job, const json_t *body, struct lethe_error *err)
{
    if ((int)lethe_body_number(body, "step") != job->step)
        return lethe_fail(err, LETHE_E_INVALID, "step %" PRIu64 " is not under way",
                          lethe_body_number(body, "step"));
    if (!lethe_body_truth(body, "ok") &&
        (!lethe_body_word(body, "code")[0] || !lethe_body_word(body, "reason")[0]))
        return lethe_fail(err, LETHE_E_INVALID, "a failed step says no reason");
    return 0;
}

static int on_step_end(struct lethe_job *job, const struct lethe_event *event)
{
    bool ok = lethe_body_truth(event->body, "ok");
    job->step_ok[job->step] = ok;
    job->pass = -1;
    bool by_technique = lethe_step_by_technique(&job->plan.steps[job->step]);
    /* A phone may be another by the time that it has been asked. */
    if (by_technique || job->plan.steps[job->step].kind == LETHE_STEP_STATE)
        job->identity_fresh = false;
    if (ok && by_technique) {
        json_decref(job->intent); /* what was meant is done, and what it left is cleaned up */
        job->intent = NULL;
    }
    if (!ok)
        lethe_job_keep_failure(job, event->body);
    if (!ok || lethe_job_steps_over(job))
        job->state = LETHE_JOB_ENDING;
    return 0;
}

static int by_technique(const struct lethe_job *job, const char *what, struct lethe_error *err)
{
    return lethe_step_by_technique(&job->plan.steps[job->step])
               ? 0
               : lethe_fail(err, LETHE_E_INVALID, "%s is out of place in step %d", what, job->step);
}

static int in_step(const struct lethe_job *job, enum lethe_step_kind kind, const char *what,
                   struct lethe_error *err)
{
    return job->plan.steps[job->step].kind == kind
               ? 0
               : lethe_fail(err, LETHE_E_INVALID, "%s is out of place in step %d", what, job->step);
}

static int check_canaries(const struct lethe_job *job, const json_t *body, struct lethe_error *err)
{
    int rc = in_step(job, LETHE_STEP_CANARY, "canary.written", err);
    if (rc == 0 && (job->canaries_written ||
                    lethe_body_number(body, "count") > job->plan.steps[job->step].canaries))
        rc = lethe_fail(err, LETHE_E_INVALID, "more canaries than planned");
    return rc;
}

static int on_canaries(struct lethe_job *job, const struct lethe_event *event)
{
    job->canaries_written = (uint32_t)lethe_body_number(event->body, "count");
    return 0;
}

static int check_attest(const struct lethe_job *job, const json_t *body, struct lethe_error *err)
{
    (void)body;
    int rc = by_technique(job, "technique.attest", err);
    if (rc == 0 && (job->attests[job->step] ||
                    lethe_job_passes_done(job) < job->plan.steps[job->step].n_passes))
        rc = lethe_fail(err, LETHE_E_INVALID, "technique.attest comes once, after the passes");
    return rc;
}

static int on_attest(struct lethe_job *job, const struct lethe_event *event)
{
    return lethe_job_keep(&job->attests[job->step], json_object_get(event->body, "evidence"));
}

static int check_intent(const struct lethe_job *job, const json_t *body, struct lethe_error *err)
{
    (void)body;
    return by_technique(job, "technique.intent", err);
}

static int on_intent(struct lethe_job *job, const struct lethe_event *event)
{
    return lethe_job_keep(&job->intent, event->body);
}

static int check_observed(const struct lethe_job *job, const json_t *body, struct lethe_error *err)
{
    int rc = in_step(job, LETHE_STEP_STATE, "state.observed", err);
    if (rc == 0 && (job->findings[job->step] || (int)lethe_body_number(body, "step") != job->step))
        rc = lethe_fail(err, LETHE_E_INVALID, "a state is observed once, in its own step");
    return rc;
}

static int on_observed(struct lethe_job *job, const struct lethe_event *event)
{
    return lethe_job_keep(&job->findings[job->step], json_object_get(event->body, "findings"));
}

/* Somebody says what was seen: of something that was begun, and once. */
static int check_attested(const struct lethe_job *job, const json_t *body, struct lethe_error *err)
{
    (void)body;
    bool guided = false;
    for (size_t i = 0; i < job->plan.n_steps; i++)
        guided = guided || (job->step_ok[i] && lethe_step_guided(&job->plan.steps[i]));
    if (!guided &&
        !(job->state == LETHE_JOB_RUNNING && lethe_step_guided(&job->plan.steps[job->step])))
        return lethe_fail(err, LETHE_E_INVALID, "there is nothing that a person could attest");
    return job->attested ? lethe_fail(err, LETHE_E_INVALID, "a job is attested once") : 0;
}

static int on_attested(struct lethe_job *job, const struct lethe_event *event)
{
    return lethe_job_keep(&job->attested, event->body);
}

/* ---- passes ---- */

static int check_pass_begin(const struct lethe_job *job, const json_t *body,
                            struct lethe_error *err)
{
    const struct lethe_step *step = &job->plan.steps[job->step];
    uint64_t pass = lethe_body_number(body, "pass"), offset = lethe_body_number(body, "offset");
    int rc = in_step(job, LETHE_STEP_TECHNIQUE, "pass.begin", err);
    if (rc < 0)
        return rc;
    if (pass >= step->n_passes || pass != lethe_job_passes_done(job) || job->pass >= 0 ||
        job->passes[pass].ended)
        return lethe_fail(err, LETHE_E_INVALID, "pass %" PRIu64 " is not the next one", pass);
    if (strcmp(lethe_body_word(body, "pattern"), step->passes[pass]) != 0)
        return lethe_fail(err, LETHE_E_INVALID, "pass %" PRIu64 " writes \"%s\", planned is \"%s\"",
                          pass, lethe_body_word(body, "pattern"), step->passes[pass]);
    /* Earlier than what is known to be written (a zone is begun anew) only writes more; later
     * leaves a gap. */
    bool resumed = job->resumptions > 0 && pass == job->resume_pass && offset <= job->resume_offset;
    if (offset != 0 && !resumed)
        return lethe_fail(err, LETHE_E_INVALID, "pass %" PRIu64 " begins in the middle", pass);
    return 0;
}

static int on_pass_begin(struct lethe_job *job, const struct lethe_event *event)
{
    job->pass = (int)lethe_body_number(event->body, "pass");
    struct lethe_pass_facts *pass = &job->passes[job->pass];
    pass->from = pass->point = lethe_body_number(event->body, "offset");
    if (!pass->began)
        pass->began = event->time;
    return 0;
}

static int check_pass_open(const struct lethe_job *job, const json_t *body, struct lethe_error *err)
{
    return job->pass >= 0 && lethe_body_number(body, "pass") == (uint64_t)job->pass
               ? 0
               : lethe_fail(err, LETHE_E_INVALID, "pass %" PRIu64 " is not under way",
                            lethe_body_number(body, "pass"));
}

static int check_pass_point(const struct lethe_job *job, const json_t *body,
                            struct lethe_error *err)
{
    uint64_t offset = lethe_body_number(body, "offset"), capacity = job->plan.identity.capacity;
    uint32_t physical = job->plan.identity.physical_block;
    int rc = check_pass_open(job, body, err);
    if (rc < 0)
        return rc;
    if (offset < job->passes[job->pass].point || offset > capacity ||
        (physical && offset % physical && offset != capacity))
        return lethe_fail(err, LETHE_E_INVALID,
                          "%" PRIu64 " is not a point that pass %d can have reached", offset,
                          job->pass);
    return 0;
}

static int on_pass_point(struct lethe_job *job, const struct lethe_event *event)
{
    job->passes[job->pass].point = lethe_body_number(event->body, "offset");
    return 0;
}

static int check_pass_end(const struct lethe_job *job, const json_t *body, struct lethe_error *err)
{
    uint64_t bytes = lethe_body_number(body, "bytes"), errors = lethe_body_number(body, "errors");
    uint64_t span, sector = lethe_plan_sector(&job->plan);
    int rc = check_pass_open(job, body, err);
    if (rc < 0)
        return rc;
    span = job->plan.identity.capacity - job->passes[job->pass].from;
    if (bytes > span || errors > (span - bytes) / sector)
        return lethe_fail(err, LETHE_E_INVALID,
                          "pass %d claims more than the device holds: %" PRIu64
                          " bytes and %" PRIu64 " bad sectors of %" PRIu64 " bytes",
                          job->pass, bytes, errors, span);
    return 0;
}

static int on_pass_end(struct lethe_job *job, const struct lethe_event *event)
{
    struct lethe_pass_facts *pass = &job->passes[job->pass];
    uint64_t bytes = lethe_body_number(event->body, "bytes"),
             errors = lethe_body_number(event->body, "errors");
    uint32_t sector = lethe_plan_sector(&job->plan);
    uint64_t listed =
        lethe_ranges_units(job->write_exceptions, job->n_write_exceptions, sector, UINT64_MAX);
    uint64_t before =
        lethe_ranges_units(job->write_exceptions, job->n_write_exceptions, sector, pass->from);
    uint64_t earlier = before * sector < pass->from ? before : pass->from / sector;
    pass->complete = bytes + errors * sector == job->plan.identity.capacity - pass->from;
    pass->bytes = pass->from - earlier * sector + bytes;
    pass->errors = earlier + errors;
    pass->ended = event->time;
    /* A worker lists only so many ranges; its count tells that there were more. */
    job->exceptions_truncated = job->exceptions_truncated || pass->errors > listed;
    job->pass = -1;
    return 0;
}

static int check_exception(const struct lethe_job *job, const json_t *body, struct lethe_error *err)
{
    uint64_t offset = lethe_body_number(body, "offset"), length = lethe_body_number(body, "length");
    uint64_t capacity = job->plan.identity.capacity;
    bool verifies = job->plan.steps[job->step].kind == LETHE_STEP_VERIFY;
    if (length == 0 || offset > capacity || length > capacity - offset)
        return lethe_fail(err, LETHE_E_INVALID, "an exception lies outside the device");
    if (verifies && strcmp(lethe_body_word(body, "phase"), "write") == 0)
        return lethe_fail(err, LETHE_E_INVALID, "verification does not write");
    return 0;
}

static int on_exception(struct lethe_job *job, const struct lethe_event *event)
{
    bool write = strcmp(lethe_body_word(event->body, "phase"), "write") == 0;
    struct lethe_range one = {lethe_body_number(event->body, "offset"),
                              lethe_body_number(event->body, "length")};
    if (!lethe_ranges_add(write ? job->write_exceptions : job->read_exceptions,
                          write ? &job->n_write_exceptions : &job->n_read_exceptions,
                          LETHE_EXCEPTION_RANGES_MAX, one))
        job->exceptions_truncated = true;
    return 0;
}

static int check_verified(const struct lethe_job *job, const json_t *body, struct lethe_error *err)
{
    (void)body;
    int rc = in_step(job, LETHE_STEP_VERIFY, "verify.result", err);
    if (rc == 0 && job->verified)
        rc = lethe_fail(err, LETHE_E_INVALID, "a job is verified once; erase again in a new job");
    return rc;
}

static int on_verified(struct lethe_job *job, const struct lethe_event *event)
{
    job->verified = true;
    return lethe_verify_result_from_json(json_object_get(event->body, "result"), &job->verification,
                                         NULL);
}

const struct lethe_fold lethe_fold_observed = {check_observed, on_observed};
const struct lethe_fold lethe_fold_attested = {check_attested, on_attested};
const struct lethe_fold lethe_fold_step_begin = {check_step_begin, on_step_begin};
const struct lethe_fold lethe_fold_canary_written = {check_canaries, on_canaries};
const struct lethe_fold lethe_fold_pass_begin = {check_pass_begin, on_pass_begin};
const struct lethe_fold lethe_fold_pass_point = {check_pass_point, on_pass_point};
const struct lethe_fold lethe_fold_pass_end = {check_pass_end, on_pass_end};
const struct lethe_fold lethe_fold_exception = {check_exception, on_exception};
const struct lethe_fold lethe_fold_intent = {check_intent, on_intent};
const struct lethe_fold lethe_fold_attest = {check_attest, on_attest};
const struct lethe_fold lethe_fold_step_end = {check_step_end, on_step_end};
const struct lethe_fold lethe_fold_verify_result = {check_verified, on_verified};
