/* SPDX-License-Identifier: Apache-2.0 */
/* The steps of an order, one after the other, every one told before and after. */
#include <base/json.h>
#include <base/time.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <technique/sanitize.h>
#include <worker/worker.h>

#define BUSY_MS 60000 /* at least; then it is no work any more: it fails */

struct runner {
    const struct lethe_order *order;
    struct lethe_io *io;
    int fd;
    unsigned step;
    /* Exceptions that touch are told as one: a scratch is one range, not a thousand events. */
    struct lethe_range pending;
    int pending_errnum;
    unsigned told; /* ranges; bounded, the sum of errors of a pass tells the rest */
    const char *phase;
};

static int say(struct runner *r, json_t *message)
{
    if (!message)
        return -LETHE_E_INTERNAL;
    char *text = lethe_json_canonical(message);
    json_decref(message);
    if (!text)
        return -LETHE_E_INTERNAL;
    ssize_t n;
    do
        n = send(r->fd, text, strlen(text), MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    free(text);
    return n < 0 ? -LETHE_E_GONE : 0;
}

/* Wait until the supervisor has made the step's beginning durable (rule 3). */
static int await_go(struct runner *r)
{
    char word[8];
    ssize_t n;
    do
        n = recv(r->fd, word, sizeof(word), 0);
    while (n < 0 && errno == EINTR);
    bool go = n == (ssize_t)strlen(LETHE_MESSAGE_GO) && !memcmp(word, LETHE_MESSAGE_GO, (size_t)n);
    return go ? 0 : -LETHE_E_CANCELLED;
}

/* Said, and on disk when this returns: a crash from now on finds it in the record. */
static int on_intent(void *user, const char *action, json_t *detail)
{
    int rc = say(user, json_pack("{s:s, s:s, s:o}", "type", "technique.intent", "action", action,
                                 "detail", detail));
    return rc < 0 ? rc : await_go(user);
}

static int flush_exception(struct runner *r)
{
    if (!r->pending.length || r->told >= LETHE_EXCEPTION_RANGES_MAX) {
        r->pending.length = 0;
        return 0;
    }
    r->told++;
    json_t *m = json_pack("{s:s, s:s, s:I, s:I, s:i}", "type", "exception", "phase", r->phase,
                          "offset", (json_int_t)r->pending.offset, "length",
                          (json_int_t)r->pending.length, "errno", r->pending_errnum);
    r->pending.length = 0;
    return say(r, m);
}

static int on_exception(void *user, uint64_t offset, uint64_t length, int errnum)
{
    struct runner *r = user;
    if (r->pending.length && r->pending.offset + r->pending.length == offset &&
        r->pending_errnum == errnum) {
        r->pending.length += length;
        return 0;
    }
    int rc = flush_exception(r);
    r->pending = (struct lethe_range){offset, length};
    r->pending_errnum = errnum;
    return rc;
}

static int on_pass_begin(void *user, unsigned pass, const char *pattern, uint64_t offset)
{
    return say(user, json_pack("{s:s, s:i, s:s, s:I}", "type", "pass.begin", "pass", (int)pass,
                               "pattern", pattern, "offset", (json_int_t)offset));
}

static int on_progress(void *user, unsigned pass, uint64_t done, uint64_t errors)
{
    struct runner *r = user;
    return say(r, json_pack("{s:s, s:i, s:i, s:I, s:I}", "type", "progress", "step", (int)r->step,
                            "pass", (int)pass, "done", (json_int_t)done, "errors",
                            (json_int_t)errors));
}

static int on_durable(void *user, unsigned pass, uint64_t offset)
{
    int rc = flush_exception(user);
    return rc < 0 ? rc
                  : say(user, json_pack("{s:s, s:i, s:I}", "type", "pass.point", "pass", (int)pass,
                                        "offset", (json_int_t)offset));
}

static int on_pass_end(void *user, unsigned pass, uint64_t bytes, uint64_t errors)
{
    int rc = flush_exception(user);
    return rc < 0
               ? rc
               : say(user, json_pack("{s:s, s:i, s:I, s:I}", "type", "pass.end", "pass", (int)pass,
                                     "bytes", (json_int_t)bytes, "errors", (json_int_t)errors));
}

static struct lethe_report report_of(struct runner *r)
{
    return (struct lethe_report){.pass_begin = on_pass_begin,
                                 .progress = on_progress,
                                 .durable = on_durable,
                                 .exception = on_exception,
                                 .pass_end = on_pass_end,
                                 .intent = on_intent,
                                 .user = r};
}

/* How often a drive that works by itself is looked at. A bench looks once a second; a test bed,
 * whose models work for milliseconds, says how often in LETHE_POLL_MS. */
static uint32_t poll_interval(void)
{
    const char *asked = getenv("LETHE_POLL_MS");
    unsigned long ms = asked ? strtoul(asked, NULL, 10) : 0;
    return ms > 0 && ms < 60000 ? (uint32_t)ms : 1000;
}

/* Models have no hours either: LETHE_BLOCKS_SECONDS, of what is no physical device. */
static uint32_t blocks_limit(enum lethe_substrate substrate)
{
    const char *asked = getenv("LETHE_BLOCKS_SECONDS");
    unsigned long seconds = asked ? strtoul(asked, NULL, 10) : 0;
    bool test_bed = substrate == LETHE_SUBSTRATE_EMULATED || substrate == LETHE_SUBSTRATE_VIRTUAL;
    return test_bed && seconds < 3600 ? (uint32_t)seconds * 1000 : 0;
}

/* A phone that knew our key before, and does not any more, has lost what it knew it by. */
static bool admitted(const struct lethe_plan *plan, unsigned before)
{
    for (unsigned i = 0; i < before; i++) {
        const struct lethe_technique *technique = lethe_technique_find(plan->steps[i].technique);
        if (technique && technique->flags & LETHE_TECHNIQUE_ADMITS)
            return true;
    }
    return false;
}

/* A device's own erasure was cut short, and STEP is where it is taken up: behind new marks. */
static bool taken_up(const struct runner *r, unsigned step)
{
    const struct lethe_step *steps = r->order->plan.steps;
    return r->order->resume &&
           (step == r->order->step ||
            (step == r->order->step + 1 && steps[r->order->step].kind == LETHE_STEP_CANARY &&
             steps[step].kind == LETHE_STEP_TECHNIQUE && steps[step].n_passes == 0));
}

static struct lethe_run run_of(struct runner *r, unsigned at)
{
    const struct lethe_step *step = &r->order->plan.steps[at];
    struct lethe_run run = {.io = r->io,
                            .job = r->order->job,
                            .seed = r->order->seed,
                            .capacity = r->order->plan.identity.capacity,
                            .zone = r->order->plan.zone,
                            .n_passes = step->n_passes,
                            .passes = (const char(*)[24])step->passes,
                            .limits = r->order->plan.limits,
                            .memory = LETHE_WORKER_BUFFERS,
                            .accept_untold = r->order->plan.policy.accept_untold,
                            .cycled_after = step->cycle,
                            .resumed = taken_up(r, at),
                            .intent = taken_up(r, at) ? r->order->intent : NULL,
                            .path = r->order->plan.path,
                            .psid = r->order->psid,
                            .poll_ms = poll_interval(),
                            .blocks_ms = blocks_limit(r->order->plan.identity.substrate),
                            .quiet_ms =
                                lethe_quiet_ms(r->order->plan.identity.substrate, poll_interval()),
                            .report = report_of(r),
                            .identity = &r->order->plan.identity,
                            .admitted = admitted(&r->order->plan, at),
                            .keep_esim = r->order->plan.keep_esim,
                            .for_destruction = r->order->plan.for_destruction};
    if (r->order->resume && step->n_passes) {
        run.resume_pass = r->order->resume_pass;
        run.resume_offset = r->order->resume_offset;
    }
    return run;
}

/* A command that blocks (Format NVM, a card's ERASE) goes on without the process that sent it, and
 * has no status to ask for: the first mark is tried until the drive takes it, or says that it never
 * will. */
static int await_mark(struct runner *r, const struct lethe_technique *technique,
                      struct lethe_run *run, uint32_t patience, struct lethe_error *err)
{
    uint64_t normal = patience * 1000ull;
    uint64_t until = lethe_monotonic_ms() + (normal > BUSY_MS ? normal : BUSY_MS);
    uint32_t written;
    int rc = 0;
    while (rc == 0 &&
           lethe_canary_write(r->io, r->order->job, r->order->canary_key,
                              r->order->plan.identity.capacity, r->order->plan.zone, 1, &written,
                              NULL, NULL) == -LETHE_E_IO &&
           lethe_monotonic_ms() < until) {
        lethe_technique_wait(run->poll_ms);
        if (technique && technique->refuses) {
            rc = technique->refuses(run, err);
            technique->stop(run);
        }
    }
    return rc;
}

/* Nothing is written to a drive that still does what it was told before the crash. */
static int settle(struct runner *r, struct lethe_error *err)
{
    unsigned next = r->step + 1;
    if (next >= r->order->plan.n_steps || !taken_up(r, next))
        return 0;
    struct lethe_run run = run_of(r, next);
    const struct lethe_technique *technique =
        lethe_technique_find(r->order->plan.steps[next].technique);
    int rc = 0;
    if (technique && technique->settle) {
        rc = technique->settle(&run, err);
        technique->stop(&run);
    }
    if (rc == 0 && r->order->plan.steps[r->step].canaries > 0)
        rc = await_mark(r, technique, &run, r->order->plan.steps[next].patience, err);
    return rc;
}

static int run_canary(struct runner *r, const struct lethe_step *step, struct lethe_error *err)
{
    struct lethe_report report = report_of(r);
    uint32_t written = 0;
    int rc = settle(r, err);
    if (rc < 0)
        return rc;
    rc = lethe_canary_write(r->io, r->order->job, r->order->canary_key,
                            r->order->plan.identity.capacity, r->order->plan.zone, step->canaries,
                            &written, &report, err);
    /* Also when it failed: some of them are on the device now. */
    int told = say(r, json_pack("{s:s, s:i}", "type", "canary.written", "count", (int)written));
    return rc < 0 ? rc : told;
}

static uint32_t planned_canaries(const struct lethe_plan *plan)
{
    uint32_t n = 0;
    for (size_t i = 0; i < plan->n_steps; i++)
        n += plan->steps[i].canaries;
    return n;
}

/* An overwrite behind a device's own erasure wipes out what would have shown it to be a lie: the
 * marks are looked for before it. What they mean is for the judge. */
static int look_for_marks(struct runner *r, json_t *evidence, struct lethe_error *err)
{
    const struct lethe_plan *plan = &r->order->plan;
    uint32_t checked, standing;
    if (plan->steps[r->step].kind != LETHE_STEP_TECHNIQUE || plan->steps[r->step].n_passes > 0 ||
        r->step + 1 == plan->n_steps || plan->steps[r->step + 1].kind != LETHE_STEP_TECHNIQUE)
        return 0;
    int rc = lethe_canary_look(r->io, r->order->job, r->order->canary_key, plan->identity.capacity,
                               plan->zone, planned_canaries(plan), &checked, &standing, err);
    if (rc < 0)
        return rc;
    json_object_set_new(
        evidence, "marks",
        json_pack("{s:I, s:I}", "checked", (json_int_t)checked, "standing", (json_int_t)standing));
    return 0;
}

static int run_technique(struct runner *r, const struct lethe_step *step, struct lethe_error *err)
{
    const struct lethe_technique *technique = lethe_technique_find(step->technique);
    if (!technique)
        return lethe_fail(err, LETHE_E_UNSUPPORTED, "this build has no technique \"%s\"",
                          step->technique);
    struct lethe_run run = run_of(r, r->step);
    int rc = technique->start(&run, err);
    if (rc >= 0)
        while ((rc = technique->step(&run, err)) > 0)
            ;
    if (rc == 0) {
        json_t *evidence = NULL;
        rc = technique->attest(&run, &evidence, err);
        if (rc >= 0)
            rc = look_for_marks(r, evidence, err);
        if (rc < 0)
            json_decref(evidence);
        else
            rc = say(r, json_pack("{s:s, s:o}", "type", "technique.attest", "evidence", evidence));
    }
    technique->stop(&run);
    int told = flush_exception(r);
    return rc < 0 ? rc : told;
}

/* What the device must hold now: the last pass of the last host overwrite, what its own overwrite
 * is known to leave, or nothing predictable. */
static const struct lethe_step *last_technique(const struct lethe_plan *plan)
{
    const struct lethe_step *last = NULL;
    for (size_t i = 0; i < plan->n_steps; i++)
        if (plan->steps[i].kind == LETHE_STEP_TECHNIQUE)
            last = &plan->steps[i];
    return last;
}

static int run_verify(struct runner *r, const struct lethe_step *step, struct lethe_error *err)
{
    const struct lethe_order *order = r->order;
    const struct lethe_step *erased = last_technique(&order->plan);
    struct lethe_verify_run run = {.io = r->io,
                                   .job = order->job,
                                   .capacity = order->plan.identity.capacity,
                                   .zone = order->plan.zone,
                                   .rule = step->verification,
                                   .full = order->full,
                                   .seed = order->seed,
                                   .sample_key = order->sample_key,
                                   .canary_key = order->canary_key,
                                   .canaries = planned_canaries(&order->plan),
                                   .n_exceptions = order->n_exceptions,
                                   .exceptions = order->exceptions,
                                   .memory = LETHE_WORKER_BUFFERS,
                                   .report = report_of(r)};
    if (erased && erased->n_passes) {
        run.pass = (unsigned)erased->n_passes - 1;
        run.pattern = erased->passes[run.pass];
    } else if (step->pattern[0]) {
        run.pattern = step->pattern;
    }
    run.leaves = step->leaves;
    run.reads_may_fail = step->reads_may_fail;
    struct lethe_verify_result result = {0};
    int rc = lethe_verify_device(&run, &result, err);
    int told = flush_exception(r);
    if (told == 0 && result.block > 0) /* else nothing was looked at: there is only why */
        told = say(r, json_pack("{s:s, s:o}", "type", "verify.result", "result",
                                lethe_verify_result_to_json(&result)));
    return rc < 0 ? rc : told;
}

/* What state the device is in now, told by the technique whose work is judged: of its own evidence
 * it gets what is on record. */
static int run_state(struct runner *r, const struct lethe_step *step, struct lethe_error *err)
{
    const struct lethe_technique *technique = lethe_technique_find(step->technique);
    if (!technique || !technique->observe)
        return lethe_fail(err, LETHE_E_UNSUPPORTED, "this build can't observe what \"%s\" left",
                          step->technique);
    struct lethe_run run = run_of(r, r->step);
    run.intent = r->order->intent;
    run.sample_key = r->order->sample_key;
    json_t *findings = NULL;
    int rc = technique->observe(&run, &findings, err);
    if (rc < 0) {
        json_decref(findings);
        return rc;
    }
    return say(r, json_pack("{s:s, s:i, s:o}", "type", "state.observed", "step", (int)r->step,
                            "findings", findings));
}

static int end_step(struct runner *r, int rc, const struct lethe_error *err)
{
    json_t *m =
        json_pack("{s:s, s:i, s:b}", "type", "step.end", "step", (int)r->step, "ok", rc >= 0);
    if (rc < 0)
        lethe_json_put_error(m, err);
    return say(r, m);
}

static bool judges(const struct lethe_step *step)
{
    return step->kind == LETHE_STEP_VERIFY || step->kind == LETHE_STEP_STATE;
}

/* Erasing and judging never share a process (rule 5). */
static bool is_mine(const struct lethe_order *order, const struct lethe_step *step)
{
    return (order->role == LETHE_ROLE_VERIFY) == judges(step);
}

static int run_step(struct runner *r, const struct lethe_step *step, bool *ok)
{
    int rc = say(r, json_pack("{s:s, s:i}", "type", "step.begin", "step", (int)r->step));
    if (rc == 0)
        rc = await_go(r);
    if (rc < 0)
        return rc;

    struct lethe_error err = {.code = LETHE_E_INTERNAL, .what = "the step gave no reason"};
    r->phase = judges(step) ? "read" : "write";
    switch (step->kind) {
    case LETHE_STEP_CANARY:
        rc = run_canary(r, step, &err);
        break;
    case LETHE_STEP_PREPARE:
    case LETHE_STEP_TECHNIQUE:
        rc = run_technique(r, step, &err);
        break;
    case LETHE_STEP_VERIFY:
        rc = run_verify(r, step, &err);
        break;
    case LETHE_STEP_STATE:
        rc = run_state(r, step, &err);
        break;
    }
    *ok = rc >= 0;
    return end_step(r, rc, &err);
}

int lethe_runner_run(const struct lethe_order *order, struct lethe_io *io,
                     const struct lethe_sandbox *sandbox, int fd)
{
    struct runner r = {.order = order, .io = io, .fd = fd};
    int rc = say(&r, json_pack("{s:s, s:s, s:{s:s, s:s, s:s}}", "type", "worker.started", "role",
                               order->role == LETHE_ROLE_ERASE ? "erase" : "verify", "sandbox",
                               "seccomp", sandbox->seccomp, "capabilities", sandbox->capabilities,
                               "user", sandbox->user));
    bool ok = true;
    /* A power cycle, or a phone that goes away, ends what this process can see; a step of the other
     * role comes before anything behind it. */
    bool cycle = false;
    for (r.step = order->step; rc == 0 && ok && !cycle && r.step < order->plan.n_steps &&
                               is_mine(order, &order->plan.steps[r.step]);
         r.step++) {
        rc = run_step(&r, &order->plan.steps[r.step], &ok);
        cycle = order->plan.steps[r.step].cycle;
    }
    if (rc == 0)
        rc = say(&r, json_pack("{s:s}", "type", "done"));
    return rc;
}
