/* SPDX-License-Identifier: Apache-2.0 */
#include "job/fold.h"

#include "base/crypto.h"
#include "base/json.h"
#include "base/text.h"
#include "job/parts.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Bodies have passed the table in event.c: members are there and of their kind. */
static uint64_t number(const json_t *body, const char *key)
{
    return (uint64_t)json_integer_value(json_object_get(body, key));
}

static bool truth(const json_t *body, const char *key)
{
    return json_is_true(json_object_get(body, key));
}

static const char *word(const json_t *body, const char *key)
{
    const char *text = json_string_value(json_object_get(body, key));
    return text ? text : "";
}

/* Cut to what the field holds, never within a character. */
static void copy_text(char *out, size_t out_size, const char *text)
{
    lethe_text_clean(out, out_size, text, strlen(text));
}

static int keep(json_t **copy, const json_t *json)
{
    json_t *fresh = json_deep_copy(json);
    if (!fresh)
        return -LETHE_E_INTERNAL;
    json_decref(*copy);
    *copy = fresh;
    return 0;
}

static void keep_failure(struct lethe_job *job, const json_t *body)
{
    if (job->failure.code)
        return; /* the first is the cause */
    int code = lethe_error_code_parse(word(body, "code"));
    job->failure.code = code > 0 ? (enum lethe_error_code)code : LETHE_E_INTERNAL;
    copy_text(job->failure.what, sizeof(job->failure.what), word(body, "reason"));
    copy_text(job->failure.effect, sizeof(job->failure.effect), word(body, "effect"));
    copy_text(job->failure.remedy, sizeof(job->failure.remedy), word(body, "remedy"));
}

static bool steps_over(const struct lethe_job *job)
{
    for (size_t i = 0; i < job->plan.n_steps; i++)
        if (!job->step_ok[i])
            return false;
    return true;
}

/* ---- the job as a whole ---- */

/* A shape that the fold can tell apart: one set of canaries, one overwrite, verified last. */
static int check_shape(const struct lethe_plan *plan, struct lethe_error *err)
{
    size_t canaries = 0, overwrites = 0, verifications = 0;
    for (size_t i = 0; i < plan->n_steps; i++) {
        const struct lethe_step *step = &plan->steps[i];
        if (verifications > 0)
            return lethe_fail(err, LETHE_E_INVALID, "the plan goes on after its verification");
        canaries += step->kind == LETHE_STEP_CANARY;
        overwrites += step->kind == LETHE_STEP_TECHNIQUE && step->n_passes > 0;
        verifications += step->kind == LETHE_STEP_VERIFY;
    }
    if (plan->n_steps == 0 || plan->n_steps > LETHE_STEPS_MAX || canaries > 1 || overwrites > 1)
        return lethe_fail(err, LETHE_E_INVALID,
                          "the plan has no steps, or two overwrites or sets of canaries");
    if ((canaries > 0 || overwrites > 0) &&
        (plan->identity.logical_block == 0 ||
         plan->identity.capacity < plan->identity.logical_block))
        return lethe_fail(err, LETHE_E_INVALID, "the plan writes to a device without capacity");
    return 0;
}

static int check_created(const struct lethe_job *job, const json_t *body, struct lethe_error *err)
{
    (void)job;
    struct lethe_plan *plan = malloc(sizeof(*plan));
    if (!plan)
        return lethe_fail(err, LETHE_E_INTERNAL, "no memory for a plan");
    int rc = lethe_plan_from_json(json_object_get(body, "plan"), plan, err);
    if (rc == 0)
        rc = check_shape(plan, err);
    free(plan);
    return rc;
}

static int on_created(struct lethe_job *job, const struct lethe_event *event)
{
    struct lethe_plan *plan = malloc(sizeof(*plan));
    json_t *body = json_deep_copy(event->body);
    if (!plan || !body ||
        lethe_plan_from_json(json_object_get(event->body, "plan"), plan, NULL) < 0) {
        free(plan);
        json_decref(body);
        return -LETHE_E_INTERNAL;
    }
    lethe_job_init(job);
    job->state = LETHE_JOB_CREATED;
    memcpy(job->id, event->job, sizeof(job->id));
    job->plan = *plan;
    job->created = event->time;
    job->created_body = body;
    free(plan);
    return 0;
}

static int check_refused(const struct lethe_job *job, const json_t *body, struct lethe_error *err)
{
    (void)body;
    return !job->destructive ? 0
                             : lethe_fail(err, LETHE_E_INVALID,
                                          "a job is not refused after its first destructive step");
}

static int on_refused(struct lethe_job *job, const struct lethe_event *event)
{
    keep_failure(job, event->body);
    job->outcome = LETHE_OUTCOME_REFUSED;
    job->method = LETHE_METHOD_NONE;
    job->ended = event->time;
    return 0;
}

static int check_start(const struct lethe_job *job, const json_t *body, struct lethe_error *err)
{
    struct lethe_identity identity;
    int rc = lethe_identity_from_json(json_object_get(body, "identity"), &identity, err);
    if (rc == 0 && lethe_identity_same(&job->plan.identity, &identity, err) < 0)
        rc = -LETHE_E_INVALID;
    if (rc == 0 && job->identity_failed)
        rc = lethe_fail(err, LETHE_E_INVALID,
                        "a job can't start on a device that is not the planned one");
    return rc;
}

static int on_start(struct lethe_job *job, const struct lethe_event *event)
{
    job->started = event->time;
    return keep(&job->start_body, event->body);
}

static int on_interrupted(struct lethe_job *job, const struct lethe_event *event)
{
    (void)event;
    bool ending = job->aborted || job->failure.code || job->identity_failed;
    bool all = steps_over(job);
    /* What verification found can't be unfound by verifying again (one verification a job). */
    ending = ending || all || (job->verified && !lethe_verify_clean(&job->verification));
    job->state = ending ? LETHE_JOB_ENDING : LETHE_JOB_INTERRUPTED;
    if (!ending)
        job->verified = false; /* clean, but cut short before its step ended: once more, in full */
    job->interruptions++;
    job->verify_full = job->verify_full || !all;
    job->identity_fresh = false;
    job->worker = -1;
    job->pass = -1;
    return 0;
}

static unsigned passes_done(const struct lethe_job *job)
{
    unsigned n = 0;
    while (n < LETHE_PASSES_MAX && job->passes[n].complete)
        n++;
    return n;
}

static int check_resumed(const struct lethe_job *job, const json_t *body, struct lethe_error *err)
{
    uint64_t pass = number(body, "pass"), offset = number(body, "offset");
    int overwrite = lethe_plan_overwrite(&job->plan);
    if (!job->identity_fresh)
        return lethe_fail(err, LETHE_E_INVALID,
                          "a job is not resumed before its device was identified again");
    if (overwrite < 0 || job->step_ok[overwrite])
        return 0; /* goes on behind the overwrite */
    if (pass > passes_done(job) || pass >= job->plan.steps[overwrite].n_passes ||
        offset > job->passes[pass].point)
        return lethe_fail(err, LETHE_E_INVALID,
                          "a job can't go on from pass %" PRIu64 " at %" PRIu64
                          ": that was never on the medium",
                          pass, offset);
    return 0;
}

static int on_resumed(struct lethe_job *job, const struct lethe_event *event)
{
    int overwrite = lethe_plan_overwrite(&job->plan);
    job->resumptions++;
    job->resume_pass = (unsigned)number(event->body, "pass");
    job->resume_offset = number(event->body, "offset");
    if (overwrite < 0 || job->step_ok[overwrite])
        return 0;
    for (unsigned i = job->resume_pass; i < LETHE_PASSES_MAX; i++) {
        struct lethe_pass_facts *pass = &job->passes[i];
        uint64_t began = i == job->resume_pass ? pass->began : 0;
        *pass = (struct lethe_pass_facts){.began = began,
                                          .point = i == job->resume_pass ? job->resume_offset : 0};
    }
    return 0;
}

static int on_abort(struct lethe_job *job, const struct lethe_event *event)
{
    if (!job->aborted)
        copy_text(job->abort_reason, sizeof(job->abort_reason), word(event->body, "reason"));
    job->aborted = true;
    return 0;
}

/* ---- who is it ---- */

static int next_step(const struct lethe_job *job)
{
    int i = 0;
    while ((size_t)i < job->plan.n_steps && job->step_ok[i])
        i++;
    return (size_t)i < job->plan.n_steps ? i : -1;
}

static int check_identity(const struct lethe_job *job, const json_t *body, struct lethe_error *err)
{
    const char *when = word(body, "when");
    int next = next_step(job);
    bool verifies = next >= 0 && job->plan.steps[next].kind == LETHE_STEP_VERIFY;
    const char *due = job->state == LETHE_JOB_INTERRUPTED ? "resume"
                      : job->state == LETHE_JOB_ENDING    ? "after-verify"
                      : verifies                          ? "before-verify"
                                                          : "before-erase";
    if (strcmp(when, due) != 0)
        return lethe_fail(err, LETHE_E_INVALID, "an identity check \"%s\" is due here, not \"%s\"",
                          due, when);
    if (!truth(body, "ok") && !word(body, "reason")[0])
        return lethe_fail(err, LETHE_E_INVALID, "a failed identity check says no reason");
    return 0;
}

static int on_identity(struct lethe_job *job, const struct lethe_event *event)
{
    bool ok = truth(event->body, "ok");
    job->identity_checks++;
    job->identity_fresh = ok;
    if (job->state == LETHE_JOB_ENDING)
        job->identity_after = ok && steps_over(job);
    /* A resume tried on another device touches nothing: the right one can still be brought. */
    if (ok || job->state == LETHE_JOB_INTERRUPTED)
        return 0;
    job->identity_failed = true;
    if (!job->failure.code) {
        job->failure.code = LETHE_E_CHANGED;
        copy_text(job->failure.what, sizeof(job->failure.what), word(event->body, "reason"));
    }
    if (job->destructive)
        job->state = LETHE_JOB_ENDING;
    return 0;
}

static int on_worker(struct lethe_job *job, const struct lethe_event *event)
{
    job->worker =
        strcmp(word(event->body, "role"), "verify") == 0 ? LETHE_ROLE_VERIFY : LETHE_ROLE_ERASE;
    return 0;
}

/* ---- steps ---- */

static int check_step_begin(const struct lethe_job *job, const json_t *body,
                            struct lethe_error *err)
{
    int step = (int)number(body, "step");
    if (step != next_step(job))
        return lethe_fail(err, LETHE_E_INVALID, "step %d is not the next step of the plan", step);
    if (job->plan.steps[step].kind != LETHE_STEP_VERIFY && !job->identity_fresh)
        return lethe_fail(err, LETHE_E_INVALID,
                          "nothing destructive begins before the device was identified (rule 4)");
    return 0;
}

static int on_step_begin(struct lethe_job *job, const struct lethe_event *event)
{
    job->step = (int)number(event->body, "step");
    const struct lethe_step *step = &job->plan.steps[job->step];
    bool verifies = step->kind == LETHE_STEP_VERIFY;
    int role = verifies ? LETHE_ROLE_VERIFY : LETHE_ROLE_ERASE;
    job->step_sound[job->step] = job->worker == role && job->identity_fresh;
    job->destructive = job->destructive || !verifies;
    job->identity_after = false;
    if (step->kind == LETHE_STEP_CANARY)
        job->canaries_written = 0;
    if (step->kind == LETHE_STEP_TECHNIQUE) {
        json_decref(job->attest); /* evidence of a run that was cut short is none of this one */
        job->attest = NULL;
    }
    return 0;
}

static int check_step_end(const struct lethe_job *job, const json_t *body, struct lethe_error *err)
{
    if ((int)number(body, "step") != job->step)
        return lethe_fail(err, LETHE_E_INVALID, "step %" PRIu64 " is not under way",
                          number(body, "step"));
    if (!truth(body, "ok") && (!word(body, "code")[0] || !word(body, "reason")[0]))
        return lethe_fail(err, LETHE_E_INVALID, "a failed step says no reason");
    return 0;
}

static int on_step_end(struct lethe_job *job, const struct lethe_event *event)
{
    bool ok = truth(event->body, "ok");
    job->step_ok[job->step] = ok;
    job->pass = -1;
    if (job->plan.steps[job->step].kind == LETHE_STEP_TECHNIQUE)
        job->identity_fresh = false;
    if (!ok)
        keep_failure(job, event->body);
    if (!ok || steps_over(job))
        job->state = LETHE_JOB_ENDING;
    return 0;
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
    if (rc == 0 &&
        (job->canaries_written || number(body, "count") > job->plan.steps[job->step].canaries))
        rc = lethe_fail(err, LETHE_E_INVALID, "more canaries than planned");
    return rc;
}

static int on_canaries(struct lethe_job *job, const struct lethe_event *event)
{
    job->canaries_written = (uint32_t)number(event->body, "count");
    return 0;
}

static int check_attest(const struct lethe_job *job, const json_t *body, struct lethe_error *err)
{
    (void)body;
    int rc = in_step(job, LETHE_STEP_TECHNIQUE, "technique.attest", err);
    if (rc == 0 && (job->attest || passes_done(job) < job->plan.steps[job->step].n_passes))
        rc = lethe_fail(err, LETHE_E_INVALID, "technique.attest comes once, after the passes");
    return rc;
}

static int on_attest(struct lethe_job *job, const struct lethe_event *event)
{
    return keep(&job->attest, json_object_get(event->body, "evidence"));
}

/* ---- passes ---- */

static int check_pass_begin(const struct lethe_job *job, const json_t *body,
                            struct lethe_error *err)
{
    const struct lethe_step *step = &job->plan.steps[job->step];
    uint64_t pass = number(body, "pass"), offset = number(body, "offset");
    int rc = in_step(job, LETHE_STEP_TECHNIQUE, "pass.begin", err);
    if (rc < 0)
        return rc;
    if (pass >= step->n_passes || pass != passes_done(job) || job->pass >= 0 ||
        job->passes[pass].ended)
        return lethe_fail(err, LETHE_E_INVALID, "pass %" PRIu64 " is not the next one", pass);
    if (strcmp(word(body, "pattern"), step->passes[pass]) != 0)
        return lethe_fail(err, LETHE_E_INVALID, "pass %" PRIu64 " writes \"%s\", planned is \"%s\"",
                          pass, word(body, "pattern"), step->passes[pass]);
    bool resumed = job->resumptions > 0 && pass == job->resume_pass && offset == job->resume_offset;
    if (offset != 0 && !resumed)
        return lethe_fail(err, LETHE_E_INVALID, "pass %" PRIu64 " begins in the middle", pass);
    return 0;
}

static int on_pass_begin(struct lethe_job *job, const struct lethe_event *event)
{
    job->pass = (int)number(event->body, "pass");
    struct lethe_pass_facts *pass = &job->passes[job->pass];
    pass->from = pass->point = number(event->body, "offset");
    if (!pass->began)
        pass->began = event->time;
    return 0;
}

static int check_pass_open(const struct lethe_job *job, const json_t *body, struct lethe_error *err)
{
    return job->pass >= 0 && number(body, "pass") == (uint64_t)job->pass
               ? 0
               : lethe_fail(err, LETHE_E_INVALID, "pass %" PRIu64 " is not under way",
                            number(body, "pass"));
}

static int check_pass_point(const struct lethe_job *job, const json_t *body,
                            struct lethe_error *err)
{
    uint64_t offset = number(body, "offset"), capacity = job->plan.identity.capacity;
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
    job->passes[job->pass].point = number(event->body, "offset");
    return 0;
}

static int check_pass_end(const struct lethe_job *job, const json_t *body, struct lethe_error *err)
{
    uint64_t bytes = number(body, "bytes"), errors = number(body, "errors");
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
    uint64_t bytes = number(event->body, "bytes"), errors = number(event->body, "errors");
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
    uint64_t offset = number(body, "offset"), length = number(body, "length");
    uint64_t capacity = job->plan.identity.capacity;
    bool verifies = job->plan.steps[job->step].kind == LETHE_STEP_VERIFY;
    if (length == 0 || offset > capacity || length > capacity - offset)
        return lethe_fail(err, LETHE_E_INVALID, "an exception lies outside the device");
    if (verifies && strcmp(word(body, "phase"), "write") == 0)
        return lethe_fail(err, LETHE_E_INVALID, "verification does not write");
    return 0;
}

static int on_exception(struct lethe_job *job, const struct lethe_event *event)
{
    bool write = strcmp(word(event->body, "phase"), "write") == 0;
    struct lethe_range one = {number(event->body, "offset"), number(event->body, "length")};
    if (!lethe_ranges_add(write ? job->write_exceptions : job->read_exceptions,
                          write ? &job->n_write_exceptions : &job->n_read_exceptions,
                          LETHE_EXCEPTION_RANGES_MAX, one))
        job->exceptions_truncated = true;
    return 0;
}

/* ---- the verdict ---- */

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

/* START committed to the keys: another key now would be another sample (design, Overwriting and
 * checking). */
static int check_reveal(const struct lethe_job *job, const json_t *body, bool passed,
                        struct lethe_error *err)
{
    static const struct {
        const char *key, *commit;
    } pairs[] = {{"sample_key", "sample_commit"}, {"canary_key", "canary_commit"}};
    const json_t *reveal = json_object_get(body, "reveal");
    if (!job->start_body || (!reveal && !passed))
        return 0;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        uint8_t key[LETHE_KEY_SIZE];
        char hash[2 * LETHE_HASH_SIZE + 1];
        const char *hex = word(reveal, pairs[i].key);
        if (lethe_hex_decode(key, sizeof(key), hex, strlen(hex)) != (ssize_t)sizeof(key))
            return lethe_fail(err, LETHE_E_INVALID, "job.end does not reveal \"%s\"", pairs[i].key);
        lethe_sha256_hex(hash, key, sizeof(key));
        if (strcmp(hash, word(job->start_body, pairs[i].commit)) != 0)
            return lethe_fail(err, LETHE_E_INVALID, "\"%s\" is not the one that START committed to",
                              pairs[i].key);
    }
    return 0;
}

static int check_end(const struct lethe_job *job, const json_t *body, struct lethe_error *err)
{
    struct lethe_assessment *verdict = calloc(1, sizeof(*verdict));
    if (!verdict)
        return lethe_fail(err, LETHE_E_INTERNAL, "no memory for a verdict");
    lethe_assess(job, verdict);
    LETHE_JSON_AUTO *due = lethe_assessment_to_json(verdict, job);
    bool passed = verdict->outcome == LETHE_OUTCOME_PASSED ||
                  verdict->outcome == LETHE_OUTCOME_PASSED_WITH_EXCEPTIONS;
    free(verdict);
    if (!due)
        return lethe_fail(err, LETHE_E_INTERNAL, "no memory for a verdict");
    static const char *const exact[] = {"outcome", "method", "policy_met", "exceptions"};
    for (size_t i = 0; i < sizeof(exact) / sizeof(exact[0]); i++)
        if (!json_equal(json_object_get(body, exact[i]), json_object_get(due, exact[i])))
            return lethe_fail(err, LETHE_E_INVALID,
                              "job.end says another \"%s\" than the evidence carries (rule 2)",
                              exact[i]);
    /* Words may be said better by a later version; none may be left out. */
    static const char *const counted[] = {"reasons", "limitations"};
    for (size_t i = 0; i < sizeof(counted) / sizeof(counted[0]); i++)
        if (json_array_size(json_object_get(body, counted[i])) <
            json_array_size(json_object_get(due, counted[i])))
            return lethe_fail(err, LETHE_E_INVALID, "job.end leaves out %s", counted[i]);
    return check_reveal(job, body, passed, err);
}

static int on_end(struct lethe_job *job, const struct lethe_event *event)
{
    job->outcome = (enum lethe_outcome)lethe_outcome_parse(word(event->body, "outcome"));
    job->method = (enum lethe_method)lethe_method_parse(word(event->body, "method"));
    job->ended = event->time;
    return keep(&job->end_body, event->body);
}

/* Which vct is the certificate type (certs/README.md); every other is a record. */
#define CERTIFICATE_VCT "urn:lethe:erasure-certificate:"

static int check_certificate(const struct lethe_job *job, const json_t *body,
                             struct lethe_error *err)
{
    bool certificate = strncmp(word(body, "vct"), CERTIFICATE_VCT, strlen(CERTIFICATE_VCT)) == 0;
    bool met = truth(job->end_body, "policy_met");
    return !certificate || met
               ? 0
               : lethe_fail(
                     err, LETHE_E_INVALID,
                     "only a job that met its policy gets a certificate; this one gets a record");
}

const struct lethe_fold lethe_folds[LETHE_EVENT_TYPES] = {
    [LETHE_EVENT_JOB_CREATED] = {check_created, on_created},
    [LETHE_EVENT_JOB_REFUSED] = {check_refused, on_refused},
    [LETHE_EVENT_JOB_START] = {check_start, on_start},
    [LETHE_EVENT_WORKER_STARTED] = {NULL, on_worker},
    [LETHE_EVENT_STEP_BEGIN] = {check_step_begin, on_step_begin},
    [LETHE_EVENT_CANARY_WRITTEN] = {check_canaries, on_canaries},
    [LETHE_EVENT_PASS_BEGIN] = {check_pass_begin, on_pass_begin},
    [LETHE_EVENT_PASS_POINT] = {check_pass_point, on_pass_point},
    [LETHE_EVENT_PASS_END] = {check_pass_end, on_pass_end},
    [LETHE_EVENT_EXCEPTION] = {check_exception, on_exception},
    [LETHE_EVENT_ATTEST] = {check_attest, on_attest},
    [LETHE_EVENT_STEP_END] = {check_step_end, on_step_end},
    [LETHE_EVENT_IDENTITY_CHECKED] = {check_identity, on_identity},
    [LETHE_EVENT_VERIFY_RESULT] = {check_verified, on_verified},
    [LETHE_EVENT_INTERRUPTED] = {NULL, on_interrupted},
    [LETHE_EVENT_RESUMED] = {check_resumed, on_resumed},
    [LETHE_EVENT_ABORT] = {NULL, on_abort},
    [LETHE_EVENT_END] = {check_end, on_end},
    [LETHE_EVENT_CERTIFICATE] = {check_certificate, NULL},
};
