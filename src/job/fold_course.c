/* SPDX-License-Identifier: Apache-2.0 */
/* The job as a whole: created, started, cut short, taken up again, on which device. */
#include "job/fold.h"
#include "job/parts.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* What judges a phone is told by a technique that was begun before, and nothing is begun behind it:
 * the last step looks. */
static int check_phone_shape(const struct lethe_plan *plan, struct lethe_error *err)
{
    for (size_t i = 0; i < plan->n_steps; i++) {
        const struct lethe_step *step = &plan->steps[i];
        bool leaves = step->kind != LETHE_STEP_STATE && step->returns;
        if (leaves != step->cycle)
            return lethe_fail(err, LETHE_E_INVALID,
                              "step %zu of the plan leaves its port without a way back", i);
        if (step->n_passes > 0)
            return lethe_fail(err, LETHE_E_INVALID, "the plan writes to a device without capacity");
        bool erased = false;
        for (size_t k = 0; k < i; k++)
            erased = erased || (plan->steps[k].kind == LETHE_STEP_TECHNIQUE &&
                                strcmp(plan->steps[k].technique, step->technique) == 0);
        if (step->kind == LETHE_STEP_STATE && !erased)
            return lethe_fail(err, LETHE_E_INVALID,
                              "step %zu of the plan looks for what no step before it did", i);
    }
    return plan->n_steps > 0 && plan->steps[plan->n_steps - 1].kind == LETHE_STEP_STATE
               ? 0
               : lethe_fail(err, LETHE_E_INVALID, "the plan does not end with the phone's state");
}

/* A shape that the fold can tell apart: one set of canaries, one overwrite, verified last. */
static int check_shape(const struct lethe_plan *plan, struct lethe_error *err)
{
    size_t canaries = 0, overwrites = 0, verifications = 0;
    if (lethe_class_is_phone(plan->identity.class_))
        return check_phone_shape(plan, err);
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
    lethe_job_keep_failure(job, event->body);
    job->outcome = LETHE_OUTCOME_REFUSED;
    job->method = LETHE_METHOD_NONE;
    job->ended = event->time;
    return 0;
}

static int check_start(const struct lethe_job *job, const json_t *body, struct lethe_error *err)
{
    struct lethe_identity identity;
    struct lethe_identity due;
    int rc = lethe_identity_from_json(json_object_get(body, "identity"), &identity, err);
    lethe_plan_identity(&job->plan, false, &due);
    bool phone = lethe_class_is_phone(due.class_);
    if (rc == 0 && (phone ? lethe_identity_within(&due, &identity, err)
                          : lethe_identity_same(&due, &identity, err)) < 0)
        rc = -LETHE_E_INVALID;
    if (rc == 0 && job->identity_failed)
        rc = lethe_fail(err, LETHE_E_INVALID,
                        "a job can't start on a device that is not the planned one");
    return rc;
}

static int on_start(struct lethe_job *job, const struct lethe_event *event)
{
    job->started = event->time;
    return lethe_job_keep(&job->start_body, event->body);
}

/* A phone's step that has told its evidence is done: nothing was left but to say so, and begun
 * again it would find the phone gone where it was sent. */
static void end_told_step(struct lethe_job *job)
{
    int step = job->step;
    if (!lethe_class_is_phone(job->plan.identity.class_) || step < 0 || job->step_ok[step] ||
        !job->attests[step] || job->failure.code)
        return;
    job->step_ok[step] = true;
    json_decref(job->intent);
    job->intent = NULL;
}

bool lethe_job_cut(const struct lethe_job *job)
{
    int step = job->step;
    return job->state == LETHE_JOB_IDLE && job->window && step >= 0 && job->step_ok[step] &&
           lethe_class_is_phone(job->plan.identity.class_) &&
           json_is_true(json_object_get(job->attests[step], LETHE_EVIDENCE_CUT));
}

static int check_interrupted(const struct lethe_job *job, const json_t *body,
                             struct lethe_error *err)
{
    return !lethe_body_truth(body, "again") || lethe_job_cut(job)
               ? 0
               : lethe_fail(err, LETHE_E_INVALID, "nothing shows that a command did not arrive");
}

static int on_interrupted(struct lethe_job *job, const struct lethe_event *event)
{
    if (lethe_body_truth(event->body, "again"))
        job->step_ok[job->step] = false;
    else
        end_told_step(job);
    bool ending = job->aborted || job->failure.code || job->identity_failed;
    bool all = lethe_job_steps_over(job);
    /* What verification found can't be unfound by verifying again (one verification a job). */
    ending = ending || all || (job->verified && !lethe_verify_clean(&job->verification));
    job->state = ending ? LETHE_JOB_ENDING : LETHE_JOB_INTERRUPTED;
    if (!ending)
        job->verified = false; /* clean, but cut short before its step ended: once more, in full */
    job->interruptions++;
    job->verify_full = job->verify_full || !all;
    job->identity_fresh = false;
    job->window = false;
    job->worker = -1;
    job->pass = -1;
    return 0;
}

static int check_resumed(const struct lethe_job *job, const json_t *body, struct lethe_error *err)
{
    uint64_t pass = lethe_body_number(body, "pass"), offset = lethe_body_number(body, "offset");
    int overwrite = lethe_plan_overwrite(&job->plan), from = lethe_job_resume_step(job);
    if (!job->identity_fresh)
        return lethe_fail(err, LETHE_E_INVALID,
                          "a job is not resumed before its device was identified again");
    if (overwrite < from)
        return 0; /* there is none, or it goes on behind it */
    if (pass > lethe_job_passes_done(job) || pass >= job->plan.steps[overwrite].n_passes ||
        offset > job->passes[pass].point || (from < overwrite && (pass > 0 || offset > 0)))
        return lethe_fail(err, LETHE_E_INVALID,
                          "a job can't go on from pass %" PRIu64 " at %" PRIu64
                          ": that was never on the medium",
                          pass, offset);
    if (offset > 0 && job->passes[pass].complete && !job->plan.zone && !lethe_job_left_random(job))
        return lethe_fail(err, LETHE_E_INVALID,
                          "what the last pass left any blank medium would show, too: it is to be "
                          "written again");
    return 0;
}

/* What a device does to itself is shown by the marks that it was begun with and by what was seen of
 * it, of the medium that was there then. Who knows what was done while nobody looked: a twin never
 * had these marks, a discarded block does not show them. Until it is verified it is begun again,
 * with new marks. What an overwrite left of fixed bytes, any blank medium shows, too: the last pass
 * is written again. In zones it is shown by their write pointers, which only the overwrite asks
 * for. */
int lethe_job_resume_step(const struct lethe_job *job)
{
    const struct lethe_step *steps = job->plan.steps;
    int next = lethe_job_next_step(job), marks = -1;
    if (next < 0 || lethe_class_is_phone(job->plan.identity.class_))
        return next;
    for (int i = 0; i <= next; i++) {
        if (steps[i].kind == LETHE_STEP_CANARY)
            marks = i;
        if (steps[i].kind == LETHE_STEP_TECHNIQUE && steps[i].n_passes == 0)
            return marks < 0 ? i : marks;
    }
    bool shown = !job->plan.zone && lethe_job_left_random(job);
    return steps[next].kind == LETHE_STEP_VERIFY && next > 0 && !shown ? next - 1 : next;
}

bool lethe_job_left_random(const struct lethe_job *job)
{
    int at = lethe_plan_overwrite(&job->plan);
    const struct lethe_step *step = at < 0 ? NULL : &job->plan.steps[at];
    return step && strcmp(step->passes[step->n_passes - 1], "random") == 0;
}

static int on_resumed(struct lethe_job *job, const struct lethe_event *event)
{
    int overwrite = lethe_plan_overwrite(&job->plan), from = lethe_job_resume_step(job);
    job->resumptions++;
    for (size_t i = (size_t)from; i < job->plan.n_steps; i++)
        job->step_ok[i] = false;
    job->cycled = true; /* identified anew, with all that it hid: check_resumed */
    job->window = false;
    job->resume_pass = (unsigned)lethe_body_number(event->body, "pass");
    job->resume_offset = lethe_body_number(event->body, "offset");
    if (overwrite < from)
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
        lethe_copy_text(job->abort_reason, sizeof(job->abort_reason),
                        lethe_body_word(event->body, "reason"));
    job->aborted = true;
    return 0;
}

static int check_identity(const struct lethe_job *job, const json_t *body, struct lethe_error *err)
{
    const char *when = lethe_body_word(body, "when");
    int next = lethe_job_next_step(job);
    bool verifies = next >= 0 && lethe_step_judges(&job->plan.steps[next]);
    const char *due = job->state == LETHE_JOB_INTERRUPTED ? "resume"
                      : job->state == LETHE_JOB_ENDING    ? "after-verify"
                      : verifies                          ? "before-verify"
                                                          : "before-erase";
    if (strcmp(when, due) != 0)
        return lethe_fail(err, LETHE_E_INVALID, "an identity check \"%s\" is due here, not \"%s\"",
                          due, when);
    if (!lethe_body_truth(body, "ok") && !lethe_body_word(body, "reason")[0])
        return lethe_fail(err, LETHE_E_INVALID, "a failed identity check says no reason");
    return 0;
}

static int on_identity(struct lethe_job *job, const struct lethe_event *event)
{
    bool ok = lethe_body_truth(event->body, "ok");
    job->identity_checks++;
    job->identity_fresh = ok;
    if (job->state == LETHE_JOB_ENDING)
        job->identity_after = ok && lethe_job_steps_over(job);
    /* A resume tried on another device touches nothing: the right one can still be brought. */
    if (ok || job->state == LETHE_JOB_INTERRUPTED)
        return 0;
    job->identity_failed = true;
    if (!job->failure.code) {
        job->failure.code = LETHE_E_CHANGED;
        lethe_copy_text(job->failure.what, sizeof(job->failure.what),
                        lethe_body_word(event->body, "reason"));
    }
    if (job->destructive)
        job->state = LETHE_JOB_ENDING;
    return 0;
}

static int check_window_open(const struct lethe_job *job, const json_t *body,
                             struct lethe_error *err)
{
    (void)body;
    bool due = job->step >= 0 && job->step_ok[job->step] && job->plan.steps[job->step].cycle;
    /* One that vanished while it erased itself may be back soon. */
    due = due || (job->state == LETHE_JOB_INTERRUPTED && job->step >= 0 &&
                  !lethe_class_is_phone(job->plan.identity.class_));
    return due && !job->window
               ? 0
               : lethe_fail(err, LETHE_E_INVALID, "the plan asks for no power cycle here");
}

static int on_window_open(struct lethe_job *job, const struct lethe_event *event)
{
    (void)event;
    job->window = true;
    job->identity_fresh = false;
    job->worker = -1;
    return 0;
}

static int check_window_closed(const struct lethe_job *job, const json_t *body,
                               struct lethe_error *err)
{
    if (!job->window)
        return lethe_fail(err, LETHE_E_INVALID, "no power cycle is under way");
    unsigned returns = job->plan.steps[job->step].returns;
    int mode = lethe_phone_mode_parse(lethe_body_word(body, "mode"));
    if (!returns || !lethe_body_truth(body, "ok"))
        return 0;
    return mode >= 0 && returns & 1u << mode && json_object_get(body, "away_ms")
               ? 0
               : lethe_fail(err, LETHE_E_INVALID, "the phone is not back as the plan expects it");
}

static int on_window_closed(struct lethe_job *job, const struct lethe_event *event)
{
    if (lethe_job_keep(&job->returned[job->step], event->body) < 0)
        return -LETHE_E_INTERNAL;
    job->window = false;
    job->returned_at = event->time;
    job->cycled = lethe_body_truth(event->body, "ok");
    if (job->cycled)
        return 0;
    if (!job->failure.code) {
        job->failure.code = LETHE_E_GONE;
        lethe_copy_text(job->failure.what, sizeof(job->failure.what),
                        lethe_body_word(event->body, "reason"));
    }
    job->state = LETHE_JOB_ENDING;
    return 0;
}

static int on_worker(struct lethe_job *job, const struct lethe_event *event)
{
    job->worker = strcmp(lethe_body_word(event->body, "role"), "verify") == 0 ? LETHE_ROLE_VERIFY
                                                                              : LETHE_ROLE_ERASE;
    return 0;
}

const struct lethe_fold lethe_fold_job_created = {check_created, on_created};
const struct lethe_fold lethe_fold_job_refused = {check_refused, on_refused};
const struct lethe_fold lethe_fold_job_start = {check_start, on_start};
const struct lethe_fold lethe_fold_worker_started = {NULL, on_worker};
const struct lethe_fold lethe_fold_identity_checked = {check_identity, on_identity};
const struct lethe_fold lethe_fold_interrupted = {check_interrupted, on_interrupted};
const struct lethe_fold lethe_fold_resumed = {check_resumed, on_resumed};
const struct lethe_fold lethe_fold_window_open = {check_window_open, on_window_open};
const struct lethe_fold lethe_fold_window_closed = {check_window_closed, on_window_closed};
const struct lethe_fold lethe_fold_abort = {NULL, on_abort};
