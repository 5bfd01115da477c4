/* SPDX-License-Identifier: Apache-2.0 */
/* What a drive does to itself, in the record: what it earns, what leaves it without, power cycles.
 */
#include "job/stream.h"

#include "plan/plan.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h wants the four standard headers above */
#include <cmocka.h>

#define MARKS 459 /* 99 % confidence, 1 % */
#define HIDDEN ((uint64_t)16 << 20)

struct shape {
    bool hidden;           /* a PREPARE step with a power cycle first */
    bool followed;         /* an overwrite behind it, read in full */
    bool unproved;         /* its end was not seen */
    bool unattested;       /* no evidence at all */
    bool unlooked, unread; /* marks before the overwrite: not looked for; not all of them read */
    uint32_t standing;     /* ... and found */
    uint32_t survivors, withheld;
    bool may_withhold;
    uint32_t marks; /* looked for; 0: all */
};

static int shape_plan(const struct shape *shape, struct lethe_plan *plan)
{
    struct course course = course_plain;
    course.passes = 1;
    course.mode = shape->followed ? LETHE_VERIFY_FULL : LETHE_VERIFY_CONFIDENCE;
    course.wanted = LETHE_METHOD_PURGE;
    plan_make(plan, &course);
    struct lethe_step overwrite = plan->steps[1], verify = plan->steps[2];
    plan->method = LETHE_METHOD_PURGE;
    plan->technique_kind = LETHE_KIND_CRYPTO_ERASE;
    plan->path = LETHE_PATH_NVME;
    plan->n_steps = 0;
    if (shape->hidden) {
        plan->capacity_before = STREAM_CAPACITY - HIDDEN;
        plan->steps[plan->n_steps++] = (struct lethe_step){
            .kind = LETHE_STEP_PREPARE, .technique = "ata-unhide", .cycle = true};
    }
    plan->steps[plan->n_steps++] =
        (struct lethe_step){.kind = LETHE_STEP_CANARY, .canaries = shape->followed ? 16 : MARKS};
    plan->steps[plan->n_steps++] =
        (struct lethe_step){.kind = LETHE_STEP_TECHNIQUE, .technique = "nvme-sanitize-crypto"};
    if (shape->followed) {
        plan->steps[plan->n_steps - 1].reads_may_fail = shape->may_withhold;
        plan->steps[plan->n_steps++] = overwrite;
    } else {
        verify.leaves = LETHE_LEAVES_UNKNOWN;
        verify.reads_may_fail = shape->may_withhold;
    }
    plan->steps[plan->n_steps++] = verify;
    return lethe_plan_digest(plan, plan->digest, NULL);
}

static json_t *looked(const char *when)
{
    return json_pack("{s:s, s:b}", "when", when, "ok", 1);
}

static json_t *worker(const char *role)
{
    return json_pack("{s:s, s:{s:s, s:s}}", "role", role, "sandbox", "seccomp", "filter",
                     "capabilities", "sys_admin");
}

static json_t *step(int i)
{
    return json_pack("{s:i}", "step", i);
}

static json_t *done(int i)
{
    return json_pack("{s:i, s:b}", "step", i, "ok", 1);
}

static json_t *started(const struct lethe_plan *plan)
{
    struct lethe_identity now;
    json_t *start = start_make(&course_plain);
    lethe_plan_identity(plan, false, &now);
    json_object_set_new(start, "identity", lethe_identity_to_json(&now));
    return start;
}

static json_t *found(const struct shape *shape)
{
    struct lethe_verify_result r = {.mode = LETHE_VERIFY_CONFIDENCE,
                                    .block = 512,
                                    .blocks = STREAM_CAPACITY / 512,
                                    .first_mismatch = UINT64_MAX,
                                    .complete = true};
    uint32_t marks = shape->marks ? shape->marks : MARKS;
    if (shape->followed) {
        r.mode = LETHE_VERIFY_FULL;
        r.block = 4096;
        r.blocks = r.samples = STREAM_CAPACITY / 4096;
        r.bytes = STREAM_CAPACITY;
        r.coverage_ppm = 1000000;
        r.canaries_checked = 16;
    } else {
        r.canaries_checked = marks - shape->withheld;
        r.withheld = shape->withheld;
        r.samples = r.canaries_checked;
        r.bytes = r.samples * 512;
        r.coverage_ppm = (uint32_t)(r.bytes * 1000000 / STREAM_CAPACITY);
    }
    r.canaries_survived = shape->survivors;
    return json_pack("{s:o}", "result", lethe_verify_result_to_json(&r));
}

/* Before an overwrite the marks are looked for: it wipes them out. */
static json_t *attest(const struct shape *shape)
{
    json_t *evidence = json_pack("{s:b}", "proved", !shape->unproved);
    if (shape->followed && !shape->unlooked)
        json_object_set_new(evidence, "marks",
                            json_pack("{s:i, s:i}", "checked", shape->unread ? 15 : 16, "standing",
                                      (int)shape->standing));
    return json_pack("{s:o}", "evidence", evidence);
}

static void prepare(struct stream *s, int *i)
{
    stream_add(s, LETHE_EVENT_STEP_BEGIN, step(*i));
    stream_add(s, LETHE_EVENT_ATTEST, json_pack("{s:{s:s}}", "evidence", "opened", "hpa"));
    stream_add(s, LETHE_EVENT_STEP_END, done((*i)++));
    stream_add(s, LETHE_EVENT_WINDOW_OPEN,
               json_pack("{s:i, s:s}", "seconds", 600, "ask", "power it off and on"));
    stream_add(s, LETHE_EVENT_WINDOW_CLOSED, json_pack("{s:b}", "ok", 1));
    stream_add(s, LETHE_EVENT_WORKER_STARTED, worker("erase"));
    stream_add(s, LETHE_EVENT_IDENTITY_CHECKED, looked("before-erase"));
}

static void shape_stream(const struct shape *shape, struct stream *s)
{
    static struct lethe_plan plan;
    int i = 0;
    assert_int_equal(shape_plan(shape, &plan), 0);
    s->n = 0;
    json_t *created = created_make(&course_plain);
    json_object_set_new(created, "plan", lethe_plan_to_json(&plan));
    stream_add(s, LETHE_EVENT_JOB_CREATED, created);
    stream_add(s, LETHE_EVENT_IDENTITY_CHECKED, looked("before-erase"));
    stream_add(s, LETHE_EVENT_JOB_START, started(&plan));
    stream_add(s, LETHE_EVENT_WORKER_STARTED, worker("erase"));
    if (shape->hidden)
        prepare(s, &i);
    stream_add(s, LETHE_EVENT_STEP_BEGIN, step(i));
    stream_add(s, LETHE_EVENT_CANARY_WRITTEN,
               json_pack("{s:i}", "count", shape->followed ? 16 : MARKS));
    stream_add(s, LETHE_EVENT_STEP_END, done(i++));
    stream_add(s, LETHE_EVENT_STEP_BEGIN, step(i));
    stream_add(s, LETHE_EVENT_INTENT, json_pack("{s:s, s:{}}", "action", "sanitize", "detail"));
    if (!shape->unattested)
        stream_add(s, LETHE_EVENT_ATTEST, attest(shape));
    stream_add(s, LETHE_EVENT_STEP_END, done(i++));
    if (shape->followed) {
        stream_add(s, LETHE_EVENT_IDENTITY_CHECKED, looked("before-erase"));
        stream_add(s, LETHE_EVENT_STEP_BEGIN, step(i));
        stream_add(s, LETHE_EVENT_PASS_BEGIN,
                   json_pack("{s:i, s:s, s:i}", "pass", 0, "pattern", "zero", "offset", 0));
        stream_add(s, LETHE_EVENT_PASS_POINT,
                   json_pack("{s:i, s:I}", "pass", 0, "offset", (json_int_t)STREAM_CAPACITY));
        stream_add(s, LETHE_EVENT_PASS_END,
                   json_pack("{s:i, s:I, s:i}", "pass", 0, "bytes", (json_int_t)STREAM_CAPACITY,
                             "errors", 0));
        stream_add(s, LETHE_EVENT_ATTEST, json_pack("{s:{s:i}}", "evidence", "flushes", 1));
        stream_add(s, LETHE_EVENT_STEP_END, done(i++));
    }
    stream_add(s, LETHE_EVENT_IDENTITY_CHECKED, looked("before-verify"));
    stream_add(s, LETHE_EVENT_WORKER_STARTED, worker("verify"));
    stream_add(s, LETHE_EVENT_STEP_BEGIN, step(i));
    stream_add(s, LETHE_EVENT_VERIFY_RESULT, found(shape));
    stream_add(s, LETHE_EVENT_STEP_END, done(i));
    stream_add(s, LETHE_EVENT_IDENTITY_CHECKED, looked("after-verify"));
}

static void judged(const struct shape *shape, enum lethe_outcome outcome, enum lethe_method method,
                   bool met)
{
    struct stream s;
    struct lethe_job job;
    shape_stream(shape, &s);
    assert_int_equal(stream_fold(&s, &job), 0);
    assert_int_equal(stream_end(&job), 0);
    assert_int_equal(job.outcome, outcome);
    assert_int_equal(job.method, method);
    assert_int_equal(json_is_true(json_object_get(job.end_body, "policy_met")), met);
    lethe_job_clear(&job);
    stream_clear(&s);
}

static void seen_and_gone_is_purged(void **state)
{
    (void)state;
    judged(&(struct shape){0}, LETHE_OUTCOME_PASSED, LETHE_METHOD_PURGE, true);
    judged(&(struct shape){.hidden = true}, LETHE_OUTCOME_PASSED, LETHE_METHOD_PURGE, true);
    judged(&(struct shape){.followed = true}, LETHE_OUTCOME_PASSED, LETHE_METHOD_PURGE, true);
    judged(&(struct shape){.may_withhold = true, .withheld = 100}, LETHE_OUTCOME_PASSED,
           LETHE_METHOD_PURGE, true);
    judged(&(struct shape){.followed = true, .unread = true, .may_withhold = true},
           LETHE_OUTCOME_PASSED, LETHE_METHOD_PURGE, true);
}

static void what_nobody_saw_earns_nothing(void **state)
{
    (void)state;
    judged(&(struct shape){.unproved = true}, LETHE_OUTCOME_INDETERMINATE, LETHE_METHOD_NONE,
           false);
    judged(&(struct shape){.unattested = true}, LETHE_OUTCOME_INDETERMINATE, LETHE_METHOD_NONE,
           false);
    judged(&(struct shape){.marks = MARKS - 1}, LETHE_OUTCOME_INDETERMINATE, LETHE_METHOD_NONE,
           false);
    judged(&(struct shape){.withheld = 1}, LETHE_OUTCOME_INDETERMINATE, LETHE_METHOD_NONE, false);
    judged(&(struct shape){.survivors = 1}, LETHE_OUTCOME_FAILED, LETHE_METHOD_NONE, false);
}

/* Purge was asked, Clear was proved: it says Clear, and the policy is not met. */
static void an_overwrite_behind_it_is_clear(void **state)
{
    (void)state;
    static const struct shape shapes[] = {
        {.followed = true, .unproved = true},
        {.followed = true, .unlooked = true},
        {.followed = true, .unread = true},
        {.followed = true, .standing = 1},
        {.followed = true, .may_withhold = true, .standing = 1},
        {.followed = true, .may_withhold = true, .unlooked = true}};
    for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++)
        judged(&shapes[i], LETHE_OUTCOME_PASSED, LETHE_METHOD_CLEAR, false);
}

static bool is_said(const char (*list)[256], size_t n, const char *words)
{
    for (size_t i = 0; i < n; i++)
        if (strstr(list[i], words))
            return true;
    return false;
}

/* What the plan says of the drive's own erasure is only said where that counted; an overwrite has
 * limitations of its own, and the reason is there whether the policy is met or not. */
static void limitations_are_of_what_counted(void **state)
{
    (void)state;
    static const struct {
        struct shape shape;
        const char *why; /* NULL: the drive's own erasure counts */
    } rows[] = {
        {{.followed = true}, NULL},
        {{.followed = true, .standing = 3}, "done with 3 of 16 marks still there"},
        {{.followed = true, .unproved = true}, "worked was not observed"},
        {{.followed = true, .unread = true}, "not shown by all of its marks"},
    };
    static const char *const own[] = {LETHE_LIMIT_OWN_SPARE ": that is its own word.",
                                      LETHE_LIMIT_OWN_ZONES " written before.",
                                      LETHE_LIMIT_OWN_WITHHELD ".", "The technique is loud."};
    for (size_t k = 0; k < 2 * sizeof(rows) / sizeof(*rows); k++) {
        const char *why = rows[k / 2].why;
        struct stream s;
        struct lethe_job job;
        struct lethe_assessment v;
        shape_stream(&rows[k / 2].shape, &s);
        assert_int_equal(stream_fold(&s, &job), 0);
        for (size_t i = 0; i < 4; i++)
            snprintf(job.plan.limitations[i], sizeof(job.plan.limitations[i]), "%s", own[i]);
        job.plan.n_limitations = 4;
        job.plan.identity.media = LETHE_MEDIA_FLASH;
        job.plan.policy.method = k % 2 ? LETHE_METHOD_CLEAR : LETHE_METHOD_PURGE;
        lethe_assess(&job, &v);
        assert_int_equal(v.outcome, LETHE_OUTCOME_PASSED);
        for (size_t i = 0; i < 3; i++)
            assert_int_equal(is_said(v.limitations, v.n_limitations, own[i]), !why);
        assert_true(is_said(v.limitations, v.n_limitations, own[3]));
        assert_int_equal(is_said(v.limitations, v.n_limitations, LETHE_LIMIT_SPARE), !!why);
        if (why)
            assert_true(is_said(v.limitations, v.n_limitations, why));
        assert_int_equal(v.policy_met, k % 2 || !why);
        assert_int_equal(v.n_reasons > 0, !v.policy_met);
        if (v.n_reasons > 0)
            assert_non_null(strstr(v.reasons[v.n_reasons - 1], why));
        lethe_job_clear(&job);
        stream_clear(&s);
    }
}

/* Take one event out, or say it elsewhere: never better for it. */
static void a_record_with_a_hole_is_never_better(void **state)
{
    (void)state;
    static const struct shape shapes[] = {{0}, {.hidden = true}, {.followed = true}};
    for (size_t k = 0; k < sizeof(shapes) / sizeof(*shapes); k++) {
        struct stream whole, s;
        shape_stream(&shapes[k], &whole);
        for (size_t i = 3; i < whole.n; i++) {
            enum lethe_event_type type = whole.events[i].type;
            stream_copy(&whole, &s);
            stream_remove(&s, i);
            enum lethe_outcome outcome = stream_outcome(&s);
            if (type != LETHE_EVENT_INTENT) /* no pass stands on it */
                assert_int_not_equal(outcome, LETHE_OUTCOME_PASSED);
            stream_clear(&s);
        }
        stream_clear(&whole);
    }
}

static void windows(void **state)
{
    (void)state;
    struct stream s;
    struct lethe_job job;
    shape_stream(&(struct shape){.hidden = true}, &s);
    size_t open = 0;
    while (s.events[open].type != LETHE_EVENT_WINDOW_OPEN)
        open++;
    size_t n = s.n;
    s.n = open + 1;
    assert_int_equal(stream_fold(&s, &job), 0);
    assert_true(job.window);
    /* Nothing begins while it is open, and it opens once. */
    assert_true(apply(&job, LETHE_EVENT_STEP_BEGIN, step(1)) < 0);
    assert_true(apply(&job, LETHE_EVENT_WINDOW_OPEN,
                      json_pack("{s:i, s:s}", "seconds", 1, "ask", "again")) < 0);
    /* A drive that does not come back ends the job. */
    assert_int_equal(apply(&job, LETHE_EVENT_WINDOW_CLOSED,
                           json_pack("{s:b, s:s}", "ok", 0, "reason", "it did not come back")),
                     0);
    assert_int_equal(job.state, LETHE_JOB_ENDING);
    assert_int_equal(stream_end(&job), 0);
    assert_int_equal(job.outcome, LETHE_OUTCOME_FAILED);
    lethe_job_clear(&job);
    s.n = n;
    stream_clear(&s);
}

/* Stopped between the opening of a hidden area and the marks: nothing was written yet. */
static void what_was_only_opened_is_not_overwritten(void **state)
{
    (void)state;
    for (int marked = 0; marked < 2; marked++) {
        struct stream s;
        struct lethe_job job;
        struct lethe_assessment v;
        shape_stream(&(struct shape){.hidden = true}, &s);
        size_t at = 0, n = s.n;
        while (s.events[at].type != (marked ? LETHE_EVENT_CANARY_WRITTEN : LETHE_EVENT_WINDOW_OPEN))
            at++;
        s.n = at;
        assert_int_equal(stream_fold(&s, &job), 0);
        job.aborted = true;
        snprintf(job.abort_reason, sizeof(job.abort_reason), "given up");
        lethe_assess(&job, &v);
        assert_int_equal(v.outcome, LETHE_OUTCOME_ABORTED);
        assert_non_null(
            strstr(v.reasons[0], marked ? "partly overwritten" : "nothing overwritten"));
        lethe_job_clear(&job);
        s.n = n;
        stream_clear(&s);
    }
}

/* What was meant is known to who takes the step up again, and to nobody after it. */
static void intents(void **state)
{
    (void)state;
    struct stream s;
    struct lethe_job job;
    shape_stream(&(struct shape){0}, &s);
    size_t at = 0;
    while (s.events[at].type != LETHE_EVENT_INTENT)
        at++;
    size_t n = s.n;
    s.n = at + 1;
    assert_int_equal(stream_fold(&s, &job), 0);
    assert_non_null(job.intent);
    assert_int_equal(apply(&job, LETHE_EVENT_INTERRUPTED, json_pack("{s:s}", "reason", "power")),
                     0);
    assert_non_null(job.intent);
    assert_int_equal(lethe_job_next_step(&job), 1);
    lethe_job_clear(&job);
    s.n = n;
    assert_int_equal(stream_fold(&s, &job), 0);
    assert_null(job.intent);
    lethe_job_clear(&job);
    stream_clear(&s);
}

/* Taken up again, a device's own erasure proves nothing by the marks of before: they are written
 * anew, and what was meant (a password) is remembered all along. */
static void marks_are_written_anew(void **state)
{
    (void)state;
    static const struct shape shapes[] = {{0}, {.hidden = true}, {.followed = true}};
    for (size_t k = 0; k < sizeof(shapes) / sizeof(*shapes); k++) {
        struct stream s;
        struct lethe_job job;
        shape_stream(&shapes[k], &s);
        size_t at = 0, n = s.n;
        int canary = shapes[k].hidden ? 1 : 0;
        while (s.events[at].type != LETHE_EVENT_INTENT)
            at++;
        s.n = at + 1;
        assert_int_equal(stream_fold(&s, &job), 0);
        assert_int_equal(apply(&job, LETHE_EVENT_INTERRUPTED, json_pack("{s:s}", "reason", "x")),
                         0);
        assert_int_equal(apply(&job, LETHE_EVENT_IDENTITY_CHECKED, looked("resume")), 0);
        assert_int_equal(apply(&job, LETHE_EVENT_RESUMED,
                               json_pack("{s:i, s:i, s:s}", "pass", 0, "offset", 0, "reason", "x")),
                         0);
        assert_int_equal(lethe_job_next_step(&job), canary);
        assert_int_equal(apply(&job, LETHE_EVENT_WORKER_STARTED, worker("erase")), 0);
        assert_true(apply(&job, LETHE_EVENT_STEP_BEGIN, step(canary + 1)) < 0);
        assert_int_equal(apply(&job, LETHE_EVENT_STEP_BEGIN, step(canary)), 0);
        assert_int_equal(job.canaries_written, 0);
        assert_int_equal(apply(&job, LETHE_EVENT_CANARY_WRITTEN, json_pack("{s:i}", "count", 16)),
                         0);
        assert_int_equal(apply(&job, LETHE_EVENT_STEP_END, done(canary)), 0);
        assert_non_null(job.intent);
        assert_int_equal(apply(&job, LETHE_EVENT_STEP_BEGIN, step(canary + 1)), 0);
        lethe_job_clear(&job);
        s.n = n;
        stream_clear(&s);
    }
}

/* It was done, and not verified yet: nobody looked meanwhile, and another medium of the same
 * identity has no marks either. Nothing of it counts; an overwrite behind it begins at its
 * beginning. */
static void what_was_not_verified_is_begun_again(void **state)
{
    (void)state;
    static const struct shape shapes[] = {{0}, {.hidden = true}, {.followed = true}};
    for (size_t k = 0; k < sizeof(shapes) / sizeof(*shapes); k++) {
        struct stream s;
        struct lethe_job job;
        shape_stream(&shapes[k], &s);
        size_t at = 0, n = s.n;
        int canary = shapes[k].hidden ? 1 : 0;
        while (s.events[at].type != LETHE_EVENT_VERIFY_RESULT)
            at++;
        s.n = at;
        assert_int_equal(stream_fold(&s, &job), 0);
        assert_int_equal(apply(&job, LETHE_EVENT_INTERRUPTED, json_pack("{s:s}", "reason", "x")),
                         0);
        assert_int_equal(lethe_job_next_step(&job), (int)job.plan.n_steps - 1);
        assert_int_equal(lethe_job_resume_step(&job), canary);
        assert_int_equal(apply(&job, LETHE_EVENT_IDENTITY_CHECKED, looked("resume")), 0);
        if (shapes[k].followed)
            assert_true(apply(&job, LETHE_EVENT_RESUMED,
                              json_pack("{s:i, s:I, s:s}", "pass", 0, "offset",
                                        (json_int_t)STREAM_CAPACITY, "reason", "x")) < 0);
        assert_int_equal(apply(&job, LETHE_EVENT_RESUMED,
                               json_pack("{s:i, s:i, s:s}", "pass", 0, "offset", 0, "reason", "x")),
                         0);
        assert_int_equal(lethe_job_next_step(&job), canary);
        assert_false(lethe_job_firmware_proved(&job));
        assert_false(job.passes[0].ended);
        assert_int_equal(job.passes[0].point, 0);
        lethe_job_clear(&job);
        s.n = n;
        stream_clear(&s);
    }
}

/* It vanished while it erased itself: awaited, it is taken up as after a crash; else that is the
 * end.
 */
static void one_that_vanished_is_awaited(void **state)
{
    (void)state;
    static const struct shape shape = {0};
    for (int back = 0; back < 2; back++) {
        struct stream s;
        struct lethe_job job;
        struct lethe_assessment verdict;
        shape_stream(&shape, &s);
        size_t at = 0, n = s.n;
        while (s.events[at].type != LETHE_EVENT_INTENT)
            at++;
        s.n = at + 1;
        assert_int_equal(stream_fold(&s, &job), 0);
        json_t *open = json_pack("{s:i, s:s}", "seconds", 180, "ask", "x");
        assert_true(apply(&job, LETHE_EVENT_WINDOW_OPEN, json_incref(open)) < 0);
        assert_int_equal(apply(&job, LETHE_EVENT_INTERRUPTED, json_pack("{s:s}", "reason", "x")),
                         0);
        assert_int_equal(apply(&job, LETHE_EVENT_WINDOW_OPEN, json_incref(open)), 0);
        assert_true(apply(&job, LETHE_EVENT_WINDOW_OPEN, open) < 0);
        if (back) {
            assert_int_equal(apply(&job, LETHE_EVENT_IDENTITY_CHECKED, looked("resume")), 0);
            assert_int_equal(apply(&job, LETHE_EVENT_WINDOW_CLOSED, json_pack("{s:b}", "ok", 1)),
                             0);
            assert_int_equal(
                apply(&job, LETHE_EVENT_RESUMED,
                      json_pack("{s:i, s:i, s:s}", "pass", 0, "offset", 0, "reason", "x")),
                0);
            assert_int_equal(lethe_job_next_step(&job), 0);
        } else {
            assert_int_equal(apply(&job, LETHE_EVENT_WINDOW_CLOSED,
                                   json_pack("{s:b, s:s}", "ok", 0, "reason", "not back")),
                             0);
            assert_int_equal(job.state, LETHE_JOB_ENDING);
            lethe_assess(&job, &verdict);
            assert_int_equal(verdict.outcome, LETHE_OUTCOME_FAILED);
            assert_string_equal(verdict.reasons[0], "not back");
        }
        lethe_job_clear(&job);
        s.n = n;
        stream_clear(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(seen_and_gone_is_purged),
        cmocka_unit_test(what_nobody_saw_earns_nothing),
        cmocka_unit_test(an_overwrite_behind_it_is_clear),
        cmocka_unit_test(limitations_are_of_what_counted),
        cmocka_unit_test(a_record_with_a_hole_is_never_better),
        cmocka_unit_test(windows),
        cmocka_unit_test(what_was_only_opened_is_not_overwritten),
        cmocka_unit_test(intents),
        cmocka_unit_test(marks_are_written_anew),
        cmocka_unit_test(what_was_not_verified_is_begun_again),
        cmocka_unit_test(one_that_vanished_is_awaited),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
