/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a worker says becomes record; what it leaves unsaid becomes a failed step. The worker has
 * listened to a hostile device: it is believed in nothing but what the state machine allows.
 */
#include <base/json.h>
#include <base/time.h>
#include <errno.h>
#include <station/bench.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <worker/worker.h>

#define MESSAGES_A_TURN 64 /* so that one talkative worker can't starve the others */

int lethe_bench_record(struct lethe_bench *bench, enum lethe_event_type type, json_t *body,
                       struct lethe_error *err)
{
    struct lethe_event event = {.type = type, .time = lethe_now_ms(), .body = body};
    if (!body)
        return lethe_fail(err, LETHE_E_INTERNAL, "out of memory");
    memcpy(event.job, bench->job.id, sizeof(event.job));
    struct lethe_log_line line;
    struct lethe_store_entry *entry;
    int rc = lethe_bench_promise(bench, &event, &line, &entry, err);
    if (rc == 0)
        rc = lethe_store_append_logged(bench->station->store, &bench->job, &event, entry, err);
    if (rc == 0 && bench->station->on_event)
        bench->station->on_event(bench->station->user, bench->index, &event);
    lethe_event_clear(&event);
    return rc;
}

static json_t *failed_step(unsigned step, const struct lethe_error *why)
{
    json_t *body = json_pack("{s:i, s:b}", "step", (int)step, "ok", 0);
    lethe_json_put_error(body, why);
    return body;
}

/* The step that the worker would have begun with. */
static unsigned first_step(const struct lethe_bench *bench)
{
    int next = lethe_job_next_step(&bench->job);
    return next < 0 ? 0 : (unsigned)next;
}

/* For helpers that die, a phone's job is left open this often: one that kills them each time is not
 * waited for. */
#define LIVES 2

/* A drive left between our password and its erasure is locked by it, or will be when it loses
 * power. Ending the job would leave it so: the job waits for the drive instead, and `lethe resume`
 * erases it. */
static bool would_lock(const struct lethe_job *job)
{
    return job->state == LETHE_JOB_RUNNING && lethe_job_locks(job);
}

/* AGAIN: with the step that was done, and did not arrive. */
static void leave_open(struct lethe_bench *bench, const struct lethe_error *why, bool again)
{
    struct lethe_error err = {0};
    json_t *body = json_pack("{s:s}", "reason", why->what);
    if (body && again)
        json_object_set_new(body, "again", json_true());
    lethe_bench_drop_worker(bench);
    if (lethe_bench_record(bench, LETHE_EVENT_INTERRUPTED, body, &err) < 0)
        lethe_bench_lost(bench, &err);
    else
        lethe_bench_lost(bench, why);
}

static void leave_locked(struct lethe_bench *bench, const char *reason)
{
    struct lethe_error why = {0};
    lethe_fail(&why, LETHE_E_GONE, "%s", reason);
    lethe_error_effect(&why, "NOT sanitised, and locked by the password that this job set, at the "
                             "latest when it loses power; the job stays open");
    lethe_error_remedy(&why, "power the drive on in the same slot, then: lethe resume %.13s",
                       bench->job.id);
    leave_open(bench, &why, false);
}

/* A worker can say no more: what is known of the device then. A phone may have been brought into
 * another mode by that time, which erases nothing. */
static void tell_effect(const struct lethe_bench *bench, struct lethe_error *why, const char *begun)
{
    lethe_error_effect(
        why, "%s",
        lethe_job_unharmed(&bench->job) ? "nothing that erases was sent to the device" : begun);
}

/* The worker's work is over and came to nothing: for WHY. */
static void fail(struct lethe_bench *bench, const struct lethe_error *why)
{
    struct lethe_error err = {0};
    int rc = 0;
    if (would_lock(&bench->job)) {
        leave_locked(bench, why->what);
        return;
    }
    lethe_bench_drop_worker(bench);
    if (bench->job.state != LETHE_JOB_RUNNING) {
        const struct lethe_step *step = &bench->job.plan.steps[first_step(bench)];
        /* A phone that was brought into another mode, or came back: what is next never began. */
        if (bench->job.state == LETHE_JOB_IDLE && !lethe_step_judges(step) &&
            !(bench->job.destructive && bench->job.identity_fresh)) {
            lethe_bench_abort(bench, "supervisor", why->what);
            return;
        }
        if (!bench->job.destructive && !bench->resumed) {
            struct lethe_error harmless = *why;
            lethe_error_effect(&harmless, "nothing was sent to the device");
            lethe_bench_refuse(bench, &harmless);
            return;
        }
        rc = lethe_bench_record(bench, LETHE_EVENT_STEP_BEGIN,
                                json_pack("{s:i}", "step", (int)first_step(bench)), &err);
    }
    if (rc == 0)
        rc = lethe_bench_record(bench, LETHE_EVENT_STEP_END,
                                failed_step((unsigned)bench->job.step, why), &err);
    if (rc < 0)
        lethe_bench_lost(bench, &err);
    else
        lethe_bench_finish(bench);
}

/* What failed is ours: a worker, its proxy, a service. A phone that did what it was told is not
 * condemned for it, nor passed: its job waits, as it does when the supervisor dies. */
static void break_off(struct lethe_bench *bench, const struct lethe_error *why)
{
    const struct lethe_job *job = &bench->job;
    bool under_way = job->state == LETHE_JOB_RUNNING || job->state == LETHE_JOB_IDLE;
    struct lethe_error open = *why;
    if (!bench->driver->phone || !under_way || !job->destructive || job->interruptions >= LIVES) {
        fail(bench, why);
        return;
    }
    lethe_error_effect(&open, "%s; the job stays open",
                       lethe_job_unharmed(job)
                           ? "nothing that erases was sent to the device"
                           : "whether it is erased was not seen: it does NOT count as "
                             "sanitised");
    lethe_error_remedy(&open, "%sthen, with it plugged in: lethe resume %.13s",
                       why->code == LETHE_E_UNREACHED
                           ? "see that usbmuxd runs (systemctl status usbmuxd), "
                           : "look into the system log, ",
                       job->id);
    leave_open(bench, &open, false);
}

bool lethe_bench_tell_again(struct lethe_bench *bench)
{
    struct lethe_error why = {0};
    if (!lethe_job_cut(&bench->job) || bench->job.interruptions >= LIVES)
        return false;
    lethe_fail(&why, LETHE_E_UNREACHED,
               "what leads to the phone died when it was told to erase itself, and it never left "
               "its port: the command did not arrive");
    lethe_error_effect(&why, "it does NOT count as sanitised; the job stays open");
    lethe_error_remedy(&why,
                       "see that usbmuxd runs (systemctl status usbmuxd), then, with it plugged "
                       "in: lethe resume %.13s",
                       bench->job.id);
    leave_open(bench, &why, true);
    return true;
}

void lethe_bench_last_look(struct lethe_bench *bench)
{
    struct lethe_error err = {0};
    /* Another device, or none: the state machine knows, and so will the verdict. */
    lethe_bench_check_identity(bench, "after-verify", &err);
    lethe_bench_finish(bench);
}

/* It was asked with the keys of before, and the answer is on record: the next step lets itself in
 * anew. Not once that step began: then these are its own. */
static void forget_shown(struct lethe_bench *bench)
{
    const struct lethe_job *job = &bench->job;
    char why[192];
    int look, next = lethe_job_next_step(job);
    for (int i = 0; bench->driver->forget && job->step == next - 1 && i < job->step; i++)
        if (lethe_job_grade(job, (size_t)i, why, &look) == LETHE_GRADE_STATE && look == job->step)
            bench->driver->forget(bench->held);
}

void lethe_bench_go_on(struct lethe_bench *bench, const struct lethe_resume_point *resume)
{
    struct lethe_error err = {0};
    const struct lethe_job *job = &bench->job;
    bool judges = lethe_step_judges(&job->plan.steps[lethe_job_next_step(job)]);
    /* Before anything destructive the look comes with the worker's word that it begins. */
    if (judges && !job->identity_fresh &&
        lethe_bench_check_identity(bench, "before-verify", &err) < 0) {
        lethe_bench_finish(bench);
        return;
    }
    bench->phase = judges ? LETHE_PHASE_VERIFY : LETHE_PHASE_ERASE;
    lethe_pace_start(&bench->pace, lethe_monotonic_ms());
    forget_shown(bench);
    int rc = lethe_bench_spawn(bench, judges ? LETHE_ROLE_VERIFY : LETHE_ROLE_ERASE, resume, &err);
    /* A phone that was told to erase itself before the bench stopped leaves when it is ready to:
     * the job stays open, as if it had been away when it was resumed. */
    if (rc == -LETHE_E_GONE && resume && bench->driver->phone)
        lethe_bench_refuse(bench, &err);
    else if (rc < 0 && rc != -LETHE_E_GONE)
        break_off(bench, &err);
    else if (rc < 0)
        fail(bench, &err);
}

/* The worker has done all it was told: the next phase, or the end. */
static void advance(struct lethe_bench *bench)
{
    lethe_bench_drop_worker(bench);
    if (bench->job.failure.code) {
        lethe_bench_finish(bench);
        return;
    }
    const struct lethe_job *job = &bench->job;
    int next = lethe_job_next_step(job);
    if (next > 0 && job->plan.steps[next - 1].cycle && !job->cycled)
        lethe_bench_window_open(bench);
    else if (next >= 0)
        lethe_bench_go_on(bench, NULL);
    else if (lethe_bench_attest_due(job))
        lethe_bench_attest_open(bench);
    else
        lethe_bench_last_look(bench);
}

static void say_go(struct lethe_bench *bench)
{
    (void)!send(bench->socket, LETHE_MESSAGE_GO, strlen(LETHE_MESSAGE_GO), MSG_NOSIGNAL);
}

/* Rule 4: nothing destructive begins before the device was identified. Between two techniques of a
 * plan the supervisor looks; the worker waits for its "go" meanwhile. */
static int look_before(struct lethe_bench *bench, const struct lethe_event *event,
                       struct lethe_error *err)
{
    uint64_t step = (uint64_t)json_integer_value(json_object_get(event->body, "step"));
    if (event->type != LETHE_EVENT_STEP_BEGIN || bench->job.identity_fresh ||
        step >= bench->job.plan.n_steps || lethe_step_judges(&bench->job.plan.steps[step]))
        return 0;
    return lethe_bench_check_identity(bench, "before-erase", err);
}

/* Is it marked now where it is? Begun again after an intent, it may have done what it was told and
 * be back already: where it was before then stands, until it is about to be told again. */
static bool about_to_leave(const struct lethe_job *job, enum lethe_event_type type)
{
    return (type == LETHE_EVENT_STEP_BEGIN || type == LETHE_EVENT_INTENT) &&
           job->plan.steps[job->step].cycle && (type == LETHE_EVENT_INTENT || !job->intent);
}

static int take_event(struct lethe_bench *bench, struct lethe_event *event, struct lethe_error *err)
{
    uint64_t now = lethe_monotonic_ms();
    if (event->type == LETHE_EVENT_PROGRESS) {
        memcpy(event->job, bench->job.id, sizeof(event->job));
        event->time = lethe_now_ms();
        lethe_pace_progress(bench, event->body, now);
        if (bench->station->on_event)
            bench->station->on_event(bench->station->user, bench->index, event);
        return 0;
    }
    bench->pace.moved_ms = now;
    int rc = lethe_bench_record(bench, event->type, json_incref(event->body), err);
    if (rc == 0 && about_to_leave(&bench->job, event->type))
        rc = lethe_bench_window_mark(bench, err);
    if (rc == 0 && event->type == LETHE_EVENT_STEP_BEGIN &&
        bench->job.plan.steps[bench->job.step].kind == LETHE_STEP_STATE)
        rc = lethe_bench_look_mark(bench, err);
    if (rc == 0 && (event->type == LETHE_EVENT_STEP_BEGIN || event->type == LETHE_EVENT_INTENT))
        say_go(bench);
    return rc;
}

/* Does EVENT tell that its step failed, for CODE? */
static bool failed_for(const struct lethe_event *event, enum lethe_error_code code)
{
    const char *word = json_string_value(json_object_get(event->body, "code"));
    return event->type == LETHE_EVENT_STEP_END && word &&
           !json_is_true(json_object_get(event->body, "ok")) &&
           strcmp(word, lethe_error_code_name(code)) == 0;
}

/* The worker could not take its password off again: the drive is lost to it, or takes none before
 * it loses power. */
static bool left_locked(const struct lethe_job *job, const struct lethe_event *event)
{
    return would_lock(job) &&
           (failed_for(event, LETHE_E_GONE) || failed_for(event, LETHE_E_TIMEOUT) ||
            failed_for(event, LETHE_E_BUSY));
}

/* The worker lives, and reaches nobody. */
static void cut_off(struct lethe_bench *bench, const struct lethe_event *event)
{
    struct lethe_error why = {0};
    const char *members[] = {"reason", "effect", "remedy"}, *words[3];
    for (size_t i = 0; i < 3; i++) {
        const char *word = json_string_value(json_object_get(event->body, members[i]));
        words[i] = word ? word : "";
    }
    lethe_fail(&why, LETHE_E_UNREACHED, "%s", words[0]);
    lethe_error_effect(&why, "%s", words[1]);
    lethe_error_remedy(&why, "%s", words[2]);
    break_off(bench, &why);
}

/* A drive lost its power, or its slot, while it erased itself. Once: what does so again and again
 * is not waited for. */
static bool vanished_midway(const struct lethe_bench *bench, const struct lethe_event *event)
{
    const struct lethe_job *job = &bench->job;
    const char *code = json_string_value(json_object_get(event->body, "code"));
    return event->type == LETHE_EVENT_STEP_END && code && job->state == LETHE_JOB_RUNNING &&
           !bench->driver->phone && !bench->awaited && job->intent &&
           job->plan.steps[job->step].kind == LETHE_STEP_TECHNIQUE &&
           !json_is_true(json_object_get(event->body, "ok")) &&
           strcmp(code, lethe_error_code_name(LETHE_E_GONE)) == 0;
}

/* A worker whose drive is pulled from under it may say anything: that the drive is gone is what the
 * person at the bench needs to know. */
static void disbelieve(struct lethe_bench *bench, struct lethe_error *err)
{
    struct lethe_identity now = {0};
    bool gone = !bench->driver->phone && bench->held &&
                bench->driver->identify(bench->held, &now, NULL) == -LETHE_E_GONE;
    if (gone)
        lethe_fail(err, LETHE_E_GONE, "the device vanished");
    if (!err->effect[0] || gone)
        lethe_error_effect(err, "%s",
                           gone
                               ? "NOT known to be sanitised; what the worker said last is not taken"
                               : "the worker spoke out of turn; its word is not taken");
    fail(bench, err);
}

static void take_message(struct lethe_bench *bench, const char *text, size_t len)
{
    struct lethe_error err = {0};
    struct lethe_event event = {0};
    bool done = false;
    enum lethe_role role =
        bench->phase == LETHE_PHASE_VERIFY ? LETHE_ROLE_VERIFY : LETHE_ROLE_ERASE;
    int rc = lethe_message_parse(text, len, role, &event, &done, &err);
    if (rc == 0 && done) {
        advance(bench);
        return;
    }
    if (rc == 0 && look_before(bench, &event, &err) < 0) {
        lethe_event_clear(&event);
        lethe_bench_drop_worker(bench);
        lethe_bench_finish(bench); /* another device, or none: the state machine knows */
        return;
    }
    if (rc == 0 && left_locked(&bench->job, &event)) {
        const char *reason = json_string_value(json_object_get(event.body, "reason"));
        leave_locked(bench, reason ? reason : "the drive vanished");
        lethe_event_clear(&event);
        return;
    }
    if (rc == 0 && bench->job.state == LETHE_JOB_RUNNING && failed_for(&event, LETHE_E_UNREACHED)) {
        cut_off(bench, &event);
        lethe_event_clear(&event);
        return;
    }
    if (rc == 0 && vanished_midway(bench, &event)) {
        const char *reason = json_string_value(json_object_get(event.body, "reason"));
        lethe_bench_window_await(bench, reason ? reason : "the drive vanished");
        lethe_event_clear(&event);
        return;
    }
    if (rc == 0)
        rc = take_event(bench, &event, &err);
    lethe_event_clear(&event);
    if (rc == 0)
        return;
    if (rc == -LETHE_E_INVALID)
        disbelieve(bench, &err);
    else
        lethe_bench_lost(bench, &err);
}

/* The worker hung up. Nothing was left for it to do once its steps are over; what it was killed for
 * by its sandbox, the device made it do. */
static void bury(struct lethe_bench *bench)
{
    struct lethe_error why = {0};
    char how[64];
    bool ours = lethe_bench_obituary(bench, how, sizeof(how));
    if (bench->job.state == LETHE_JOB_ENDING) {
        advance(bench);
        return;
    }
    lethe_fail(&why, LETHE_E_GONE, "the worker process died: %s", how);
    tell_effect(bench, &why, "the device is NOT known to be sanitised");
    lethe_error_remedy(&why, "look into the system log, then erase it again");
    if (ours)
        break_off(bench, &why);
    else
        fail(bench, &why);
}

void lethe_bench_hear(struct lethe_bench *bench)
{
    static char text[LETHE_MESSAGE_MAX + 1]; /* one thread, one message at a time */
    for (int i = 0; i < MESSAGES_A_TURN && bench->socket >= 0; i++) {
        ssize_t len = recv(bench->socket, text, sizeof(text), MSG_DONTWAIT | MSG_TRUNC);
        if (len < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (len <= 0) {
            bury(bench);
            return;
        }
        take_message(bench, text, (size_t)len);
    }
}

static void tell_silence(struct lethe_bench *bench, uint64_t now)
{
    struct lethe_event event = {.type = LETHE_EVENT_PROGRESS, .time = lethe_now_ms()};
    event.body = bench->station->on_event ? lethe_pace_silence(bench, now) : NULL;
    if (!event.body)
        return;
    memcpy(event.job, bench->job.id, sizeof(event.job));
    bench->station->on_event(bench->station->user, bench->index, &event);
    lethe_event_clear(&event);
}

void lethe_bench_watch(struct lethe_bench *bench, uint64_t now)
{
    const struct lethe_job *job = &bench->job;
    uint32_t patience = job->plan.limits.stall_seconds;
    bool running = job->state == LETHE_JOB_RUNNING && job->step >= 0;
    uint32_t normal = running ? job->plan.steps[job->step].patience : 0;
    /* Taken up again: before its new marks it may still be busy with what it was told before. */
    if (running && bench->resumed && job->plan.steps[job->step].kind == LETHE_STEP_CANARY)
        normal = job->plan.steps[job->step + 1].patience;
    if (patience && normal > patience)
        patience = normal;
    if (bench->socket >= 0 && running)
        tell_silence(bench, now);
    if (bench->socket < 0 || !patience || now - bench->pace.moved_ms <= (uint64_t)patience * 1000)
        return;
    struct lethe_error why = {0};
    unsigned percent = job->plan.identity.capacity
                           ? (unsigned)((double)bench->pace.last_done * 100.0 /
                                            (double)job->plan.identity.capacity +
                                        0.5)
                           : 0;
    lethe_fail(&why, LETHE_E_TIMEOUT, "the device is stuck at %u %%: no progress for %u s", percent,
               patience);
    tell_effect(bench, &why, "it is NOT sanitised; what was written so far is in the record");
    bool erasing = running && job->plan.steps[job->step].kind == LETHE_STEP_TECHNIQUE;
    if (!erasing ||
        !lethe_bench_tell_next(bench,
                               "power it off and on, let it end what it does by itself, and erase "
                               "it again; if it is stuck again: ",
                               &why))
        lethe_error_remedy(&why, "unplug it, try another slot or cable, and erase it again");
    fail(bench, &why);
}

void lethe_bench_abort(struct lethe_bench *bench, const char *by, const char *reason)
{
    struct lethe_error err = {0};
    if (would_lock(&bench->job)) {
        leave_locked(bench, reason);
        return;
    }
    lethe_bench_drop_worker(bench);
    if (lethe_bench_record(bench, LETHE_EVENT_ABORT,
                           json_pack("{s:s, s:s}", "by", by, "reason", reason), &err) < 0)
        lethe_bench_lost(bench, &err);
    else
        lethe_bench_finish(bench);
}
