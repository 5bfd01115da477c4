/* SPDX-License-Identifier: Apache-2.0 */
/* Every situation x every event, against a table written here by hand from the rules. */
#include "job/stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h wants the four standard headers above */
#include <cmocka.h>

#define N LETHE_EVENT_TYPES

/* A situation is a plain stream folded up to an index, or bent a little. */
enum situation {
    NEW,
    CREATED,
    STARTED,
    MARKING,
    BETWEEN,
    ERASING,
    IN_PASS,
    PASS_OVER,
    ATTESTED,
    ERASED,
    VERIFYING,
    RESULT,
    CUT,
    RESUMED,
    OVER,
    LEFT,
    FAILED,
    ABORTED,
    ENDED,
    ENDED_FAILED,
    REFUSED,
    CERTIFIED,
    CLOSED,
    SITUATIONS
};
static const char *const situation_names[SITUATIONS] = {
    "new",     "created",      "started",  "marking",   "between",   "erasing",
    "in-pass", "pass-over",    "attested", "erased",    "verifying", "result",
    "cut",     "resumed",      "over",     "left",      "failed",    "aborted",
    "ended",   "ended-failed", "refused",  "certified", "closed"};

/* Legal events, one letter each, with a body that is right for the situation. */
static const struct {
    char letter;
    enum lethe_event_type type;
} letters[] = {
    {'c', LETHE_EVENT_JOB_CREATED},
    {'f', LETHE_EVENT_JOB_REFUSED},
    {'s', LETHE_EVENT_JOB_START},
    {'w', LETHE_EVENT_WORKER_STARTED},
    {'b', LETHE_EVENT_STEP_BEGIN},
    {'m', LETHE_EVENT_CANARY_WRITTEN},
    {'p', LETHE_EVENT_PASS_BEGIN},
    {'o', LETHE_EVENT_PASS_POINT},
    {'q', LETHE_EVENT_PASS_END},
    {'x', LETHE_EVENT_EXCEPTION},
    {'t', LETHE_EVENT_ATTEST},
    {'e', LETHE_EVENT_STEP_END},
    {'i', LETHE_EVENT_IDENTITY_CHECKED},
    {'v', LETHE_EVENT_VERIFY_RESULT},
    {'k', LETHE_EVENT_INTERRUPTED},
    {'r', LETHE_EVENT_RESUMED},
    {'a', LETHE_EVENT_ABORT},
    {'E', LETHE_EVENT_END},
    {'C', LETHE_EVENT_CERTIFICATE},
    {'z', LETHE_EVENT_CLOSED},
};
static const char *const legal[SITUATIONS] = {
    [NEW] = "c",          [CREATED] = "fsia",   [STARTED] = "fwbikaE", [MARKING] = "mxeka",
    [BETWEEN] = "wbikaE", [ERASING] = "pxeka",  [IN_PASS] = "oqxeka",  [PASS_OVER] = "xteka",
    [ATTESTED] = "xeka",  [ERASED] = "wbikaE",  [VERIFYING] = "xveka", [RESULT] = "xeka",
    [CUT] = "ikraE",      [RESUMED] = "wbikaE", [OVER] = "ikaE",       [LEFT] = "ikaE",
    [FAILED] = "ikaE",    [ABORTED] = "ikaE",   [ENDED] = "Cz",        [ENDED_FAILED] = "Cz",
    [REFUSED] = "C",      [CERTIFIED] = "",     [CLOSED] = "",
};
static const enum lethe_job_state states[SITUATIONS] = {
    [NEW] = LETHE_JOB_NEW,           [CREATED] = LETHE_JOB_CREATED,
    [STARTED] = LETHE_JOB_STARTED,   [MARKING] = LETHE_JOB_RUNNING,
    [BETWEEN] = LETHE_JOB_IDLE,      [ERASING] = LETHE_JOB_RUNNING,
    [IN_PASS] = LETHE_JOB_RUNNING,   [PASS_OVER] = LETHE_JOB_RUNNING,
    [ATTESTED] = LETHE_JOB_RUNNING,  [ERASED] = LETHE_JOB_IDLE,
    [VERIFYING] = LETHE_JOB_RUNNING, [RESULT] = LETHE_JOB_RUNNING,
    [CUT] = LETHE_JOB_INTERRUPTED,   [RESUMED] = LETHE_JOB_IDLE,
    [OVER] = LETHE_JOB_ENDING,       [LEFT] = LETHE_JOB_ENDING,
    [FAILED] = LETHE_JOB_ENDING,     [ABORTED] = LETHE_JOB_ENDING,
    [ENDED] = LETHE_JOB_ENDED,       [ENDED_FAILED] = LETHE_JOB_ENDED,
    [REFUSED] = LETHE_JOB_ENDED,     [CERTIFIED] = LETHE_JOB_CERTIFIED,
    [CLOSED] = LETHE_JOB_CLOSED,
};

static const struct course course = {.mode = LETHE_VERIFY_FULL,
                                     .passes = 1,
                                     .status = LETHE_STATUS_REPORTED,
                                     .wanted = LETHE_METHOD_CLEAR};

static json_t *refused_body(void)
{
    return json_pack("{s:s, s:s}", "code", "busy", "reason", "in use");
}

static json_t *certificate_body(bool certificate)
{
    return json_pack("{s:s, s:s, s:s, s:s}", "id", "x", "vct",
                     certificate ? "urn:lethe:erasure-certificate:1" : "urn:lethe:erasure-record:1",
                     "sha256", "00000000000000000000000000000000000000000000000000000000000000aa",
                     "path", "certificates/x");
}

static json_t *failed_body(int step)
{
    return json_pack("{s:i, s:b, s:s, s:s}", "step", step, "ok", 0, "code", "gone", "reason",
                     "unplugged");
}

static void must(struct lethe_job *job, enum lethe_event_type type, json_t *body)
{
    assert_int_equal(apply(job, type, body), 0);
}

/* Fold of the plain stream up to and with the NTH (from 1) event of TYPE. */
static void fold_to(struct lethe_job *job, enum lethe_event_type type, int nth)
{
    struct stream s;
    stream_make(&s, &course);
    lethe_job_init(job);
    for (size_t i = 0; i < s.n && nth > 0; i++) {
        must(job, s.events[i].type, json_incref(s.events[i].body));
        nth -= s.events[i].type == type;
    }
    assert_int_equal(nth, 0);
    stream_clear(&s);
}

static void arrange(struct lethe_job *job, enum situation situation)
{
    json_t *why = json_pack("{s:s}", "reason", "power");
    json_t *stop = json_pack("{s:s, s:s}", "by", "operator", "reason", "stop");
    switch (situation) {
    case NEW:
        lethe_job_init(job);
        break;
    case CREATED:
        fold_to(job, LETHE_EVENT_IDENTITY_CHECKED, 1);
        break;
    case STARTED:
        fold_to(job, LETHE_EVENT_WORKER_STARTED, 1);
        break;
    case MARKING:
        fold_to(job, LETHE_EVENT_STEP_BEGIN, 1);
        break;
    case BETWEEN:
        fold_to(job, LETHE_EVENT_STEP_END, 1);
        break;
    case ERASING:
        fold_to(job, LETHE_EVENT_STEP_BEGIN, 2);
        break;
    case IN_PASS:
        fold_to(job, LETHE_EVENT_PASS_BEGIN, 1);
        break;
    case PASS_OVER:
        fold_to(job, LETHE_EVENT_PASS_END, 1);
        break;
    case ATTESTED:
        fold_to(job, LETHE_EVENT_ATTEST, 1);
        break;
    case ERASED:
        fold_to(job, LETHE_EVENT_STEP_END, 2);
        break;
    case VERIFYING:
        fold_to(job, LETHE_EVENT_STEP_BEGIN, 3);
        break;
    case RESULT:
        fold_to(job, LETHE_EVENT_VERIFY_RESULT, 1);
        break;
    case CUT:
    case RESUMED:
        fold_to(job, LETHE_EVENT_PASS_POINT, 1);
        must(job, LETHE_EVENT_INTERRUPTED, json_incref(why));
        must(job, LETHE_EVENT_IDENTITY_CHECKED, json_pack("{s:s, s:b}", "when", "resume", "ok", 1));
        if (situation == RESUMED)
            must(job, LETHE_EVENT_RESUMED,
                 json_pack("{s:i, s:i, s:s}", "pass", 0, "offset", 32 << 20, "reason", "on"));
        break;
    case OVER:
        fold_to(job, LETHE_EVENT_STEP_END, 3);
        break;
    case LEFT: /* verification found something, then the bench stopped */
        fold_to(job, LETHE_EVENT_STEP_BEGIN, 3);
        {
            json_t *result = result_make(&course, true);
            json_t *r = json_object_get(result, "result");
            json_object_set_new(r, "mismatches", json_integer(1));
            json_object_set_new(r, "first_mismatch", json_integer(4096));
            must(job, LETHE_EVENT_VERIFY_RESULT, result);
        }
        must(job, LETHE_EVENT_INTERRUPTED, json_incref(why));
        break;
    case FAILED:
    case ENDED_FAILED:
        fold_to(job, LETHE_EVENT_PASS_POINT, 1);
        must(job, LETHE_EVENT_STEP_END, failed_body(1));
        if (situation == ENDED_FAILED)
            assert_int_equal(stream_end(job), 0);
        break;
    case ABORTED:
        fold_to(job, LETHE_EVENT_PASS_POINT, 1);
        must(job, LETHE_EVENT_ABORT, json_incref(stop));
        break;
    case ENDED:
    case CERTIFIED:
    case CLOSED:
        fold_to(job, LETHE_EVENT_IDENTITY_CHECKED, 3);
        assert_int_equal(stream_end(job), 0);
        if (situation == CERTIFIED)
            must(job, LETHE_EVENT_CERTIFICATE, certificate_body(true));
        if (situation == CLOSED)
            must(job, LETHE_EVENT_CLOSED, json_incref(why));
        break;
    case REFUSED:
        fold_to(job, LETHE_EVENT_JOB_START, 1);
        must(job, LETHE_EVENT_JOB_REFUSED, refused_body());
        break;
    case SITUATIONS:
        break;
    }
    json_decref(why);
    json_decref(stop);
}

/* The body that would be right here, so that only the place can be wrong. */
static json_t *fitting(const struct lethe_job *job, enum lethe_event_type type)
{
    int next = 0;
    while (next < 3 && job->step_ok[next])
        next++;
    const char *when = job->state == LETHE_JOB_INTERRUPTED ? "resume"
                       : job->state == LETHE_JOB_ENDING    ? "after-verify"
                       : next == 2                         ? "before-verify"
                                                           : "before-erase";
    const char *phase = job->step == 2 ? "read" : "write";
    json_t *body;
    struct lethe_assessment verdict;
    switch (type) {
    case LETHE_EVENT_JOB_CREATED:
        return created_make(&course);
    case LETHE_EVENT_JOB_REFUSED:
        return refused_body();
    case LETHE_EVENT_JOB_START:
        return start_make(&course);
    case LETHE_EVENT_WORKER_STARTED:
        return json_pack("{s:s, s:{s:s, s:s}}", "role", next == 2 ? "verify" : "erase", "sandbox",
                         "seccomp", "filter", "capabilities", "none");
    case LETHE_EVENT_STEP_BEGIN:
        return json_pack("{s:i}", "step", next);
    case LETHE_EVENT_CANARY_WRITTEN:
        return json_pack("{s:i}", "count", 16);
    case LETHE_EVENT_PASS_BEGIN:
        return json_pack("{s:i, s:s, s:i}", "pass", 0, "pattern", "zero", "offset", 0);
    case LETHE_EVENT_PASS_POINT:
        return json_pack("{s:i, s:i}", "pass", 0, "offset", 32 << 20);
    case LETHE_EVENT_PASS_END:
        return json_pack("{s:i, s:i, s:i}", "pass", 0, "bytes", 64 << 20, "errors", 0);
    case LETHE_EVENT_EXCEPTION:
        return json_pack("{s:s, s:i, s:i, s:i}", "phase", phase, "offset", 0, "length", 512,
                         "errno", 5);
    case LETHE_EVENT_ATTEST:
        return json_pack("{s:{}}", "evidence");
    case LETHE_EVENT_STEP_END:
        return json_pack("{s:i, s:b}", "step", job->step >= 0 ? job->step : 0, "ok", 1);
    case LETHE_EVENT_IDENTITY_CHECKED:
        return json_pack("{s:s, s:b}", "when", when, "ok", 1);
    case LETHE_EVENT_VERIFY_RESULT:
        return result_make(&course, true);
    case LETHE_EVENT_INTERRUPTED:
    case LETHE_EVENT_CLOSED:
        return json_pack("{s:s}", "reason", "power");
    case LETHE_EVENT_RESUMED:
        return json_pack("{s:i, s:i, s:s}", "pass", 0, "offset", 0, "reason", "on");
    case LETHE_EVENT_ABORT:
        return json_pack("{s:s, s:s}", "by", "operator", "reason", "stop");
    case LETHE_EVENT_END:
        lethe_assess(job, &verdict);
        body = lethe_assessment_to_json(&verdict, job);
        json_object_set_new(
            body, "reveal",
            json_pack("{s:s, s:s}", "sample_key",
                      "0202020202020202020202020202020202020202020202020202020202020202",
                      "canary_key",
                      "0303030303030303030303030303030303030303030303030303030303030303"));
        return body;
    case LETHE_EVENT_CERTIFICATE:
        return certificate_body(json_is_true(json_object_get(job->end_body, "policy_met")));
    case LETHE_EVENT_PROGRESS:
        return json_pack("{s:i, s:i, s:i, s:i}", "step", 1, "pass", 0, "done", 1, "errors", 0);
    default:
        return json_pack("{s:s, s:s, s:s, s:b, s:i}", "outcome", "passed", "method", "clear",
                         "substrate", "physical", "policy_met", 1, "exit", 0);
    }
}

static char letter_of(enum lethe_event_type type)
{
    for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++)
        if (letters[i].type == type)
            return letters[i].letter;
    return '-'; /* progress, result: in no string */
}

static void every_event_in_every_situation(void **state)
{
    (void)state;
    unsigned wrong = 0;
    for (int s = 0; s < SITUATIONS; s++)
        for (int type = 0; type < N; type++) {
            struct lethe_job job, before;
            arrange(&job, (enum situation)s);
            assert_int_equal(job.state, states[s]);
            before = job;
            bool expected = strchr(legal[s], letter_of((enum lethe_event_type)type)) != NULL;
            int rc = apply(&job, (enum lethe_event_type)type,
                           fitting(&job, (enum lethe_event_type)type));
            if ((rc == 0) != expected) {
                print_error("%s in %s: %d\n", lethe_event_name((enum lethe_event_type)type),
                            situation_names[s], rc);
                wrong++;
            }
            /* What is refused leaves no trace. */
            if (rc < 0) {
                assert_int_equal(rc, -LETHE_E_INVALID);
                assert_memory_equal(&job, &before, sizeof(job));
            }
            lethe_job_clear(&job);
        }
    assert_int_equal(wrong, 0);
}

static void refuse(enum situation situation, enum lethe_event_type type, json_t *body)
{
    struct lethe_job job;
    arrange(&job, situation);
    struct lethe_job before = job;
    int rc = apply(&job, type, json_incref(body));
    if (rc != -LETHE_E_INVALID) {
        char *text = json_dumps(body, 0);
        print_error("%s taken in %s: %s\n", lethe_event_name(type), situation_names[situation],
                    text);
        free(text);
    }
    assert_int_equal(rc, -LETHE_E_INVALID);
    assert_memory_equal(&job, &before, sizeof(job));
    json_decref(body);
    lethe_job_clear(&job);
}

/* The right kind of event, saying what it may not say. */
static void what_is_said_must_fit(void **state)
{
    (void)state;
    refuse(STARTED, LETHE_EVENT_STEP_BEGIN, json_pack("{s:i}", "step", 1));
    refuse(BETWEEN, LETHE_EVENT_STEP_BEGIN, json_pack("{s:i}", "step", 0));
    refuse(BETWEEN, LETHE_EVENT_STEP_BEGIN, json_pack("{s:i}", "step", 2));
    refuse(MARKING, LETHE_EVENT_CANARY_WRITTEN, json_pack("{s:i}", "count", 17));
    refuse(MARKING, LETHE_EVENT_STEP_END, json_pack("{s:i, s:b}", "step", 1, "ok", 1));
    refuse(MARKING, LETHE_EVENT_STEP_END, json_pack("{s:i, s:b}", "step", 0, "ok", 0));
    refuse(ERASING, LETHE_EVENT_PASS_BEGIN,
           json_pack("{s:i, s:s, s:i}", "pass", 1, "pattern", "zero", "offset", 0));
    refuse(ERASING, LETHE_EVENT_PASS_BEGIN,
           json_pack("{s:i, s:s, s:i}", "pass", 0, "pattern", "one", "offset", 0));
    refuse(ERASING, LETHE_EVENT_PASS_BEGIN,
           json_pack("{s:i, s:s, s:i}", "pass", 0, "pattern", "zero", "offset", 4096));
    refuse(IN_PASS, LETHE_EVENT_PASS_POINT, json_pack("{s:i, s:i}", "pass", 0, "offset", 512));
    refuse(IN_PASS, LETHE_EVENT_PASS_POINT,
           json_pack("{s:i, s:I}", "pass", 0, "offset", (json_int_t)STREAM_CAPACITY + 4096));
    refuse(IN_PASS, LETHE_EVENT_PASS_POINT, json_pack("{s:i, s:i}", "pass", 1, "offset", 4096));
    refuse(
        IN_PASS, LETHE_EVENT_PASS_END,
        json_pack("{s:i, s:I, s:i}", "pass", 0, "bytes", (json_int_t)STREAM_CAPACITY, "errors", 1));
    refuse(IN_PASS, LETHE_EVENT_PASS_END,
           json_pack("{s:i, s:I, s:i}", "pass", 0, "bytes", (json_int_t)STREAM_CAPACITY + 512,
                     "errors", 0));
    refuse(IN_PASS, LETHE_EVENT_EXCEPTION,
           json_pack("{s:s, s:I, s:i, s:i}", "phase", "write", "offset",
                     (json_int_t)STREAM_CAPACITY, "length", 512, "errno", 5));
    refuse(VERIFYING, LETHE_EVENT_EXCEPTION,
           json_pack("{s:s, s:i, s:i, s:i}", "phase", "write", "offset", 0, "length", 512, "errno",
                     5));
    refuse(CUT, LETHE_EVENT_RESUMED,
           json_pack("{s:i, s:I, s:s}", "pass", 0, "offset", (json_int_t)STREAM_CAPACITY, "reason",
                     "r"));
    refuse(CUT, LETHE_EVENT_RESUMED,
           json_pack("{s:i, s:i, s:s}", "pass", 1, "offset", 0, "reason", "r"));
    refuse(OVER, LETHE_EVENT_IDENTITY_CHECKED,
           json_pack("{s:s, s:b}", "when", "before-verify", "ok", 1));
    refuse(OVER, LETHE_EVENT_IDENTITY_CHECKED,
           json_pack("{s:s, s:b}", "when", "after-verify", "ok", 0));
    refuse(ENDED_FAILED, LETHE_EVENT_CERTIFICATE, certificate_body(true));
    refuse(REFUSED, LETHE_EVENT_CERTIFICATE, certificate_body(true));
}

static void points_never_go_back(void **state)
{
    (void)state;
    struct lethe_job job;
    arrange(&job, IN_PASS);
    must(&job, LETHE_EVENT_PASS_POINT, json_pack("{s:i, s:i}", "pass", 0, "offset", 8192));
    assert_int_equal(
        apply(&job, LETHE_EVENT_PASS_POINT, json_pack("{s:i, s:i}", "pass", 0, "offset", 4096)),
        -LETHE_E_INVALID);
    assert_int_equal(job.passes[0].point, 8192);
    lethe_job_clear(&job);
}

/* What ended short has failed; writing it again needs a resume, which is told. */
static void a_short_pass_is_not_begun_again(void **state)
{
    (void)state;
    struct lethe_job job;
    arrange(&job, IN_PASS);
    must(&job, LETHE_EVENT_PASS_END,
         json_pack("{s:i, s:i, s:i}", "pass", 0, "bytes", 4096, "errors", 0));
    assert_int_equal(apply(&job, LETHE_EVENT_PASS_BEGIN,
                           json_pack("{s:i, s:s, s:i}", "pass", 0, "pattern", "zero", "offset", 0)),
                     -LETHE_E_INVALID);
    assert_int_equal(apply(&job, LETHE_EVENT_ATTEST, json_pack("{s:{}}", "evidence")),
                     -LETHE_E_INVALID);
    lethe_job_clear(&job);
}

static json_t *begin_at(uint64_t offset)
{
    return json_pack("{s:i, s:s, s:I}", "pass", 0, "pattern", "zero", "offset", (json_int_t)offset);
}

/* A zone is begun anew from its start. What was never written must not be left out. */
static void a_resumed_pass_begins_where_it_was_or_earlier(void **state)
{
    static const uint64_t begins[] = {32 << 20, 24 << 20, 0};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct lethe_job job;
        arrange(&job, RESUMED);
        must(&job, LETHE_EVENT_STEP_BEGIN, json_pack("{s:i}", "step", 1));
        assert_int_equal(apply(&job, LETHE_EVENT_PASS_BEGIN, begin_at((32 << 20) + 4096)),
                         -LETHE_E_INVALID);
        must(&job, LETHE_EVENT_PASS_BEGIN, begin_at(begins[i]));
        uint64_t left = STREAM_CAPACITY - begins[i];
        assert_int_equal(apply(&job, LETHE_EVENT_PASS_END,
                               json_pack("{s:i, s:I, s:i}", "pass", 0, "bytes",
                                         (json_int_t)left + 4096, "errors", 0)),
                         -LETHE_E_INVALID);
        must(&job, LETHE_EVENT_PASS_END,
             json_pack("{s:i, s:I, s:i}", "pass", 0, "bytes", (json_int_t)left, "errors", 0));
        assert_true(job.passes[0].complete);
        assert_int_equal(job.passes[0].bytes, STREAM_CAPACITY);
        lethe_job_clear(&job);
    }
}

/* Rule 4: not on another device, not without having looked. */
static void no_step_before_identity(void **state)
{
    (void)state;
    struct lethe_job job;
    lethe_job_init(&job);
    must(&job, LETHE_EVENT_JOB_CREATED, created_make(&course));
    must(&job, LETHE_EVENT_JOB_START, start_make(&course));
    assert_int_equal(apply(&job, LETHE_EVENT_STEP_BEGIN, json_pack("{s:i}", "step", 0)),
                     -LETHE_E_INVALID);
    must(&job, LETHE_EVENT_IDENTITY_CHECKED,
         json_pack("{s:s, s:b, s:s}", "when", "before-erase", "ok", 0, "reason", "another serial"));
    assert_int_equal(apply(&job, LETHE_EVENT_STEP_BEGIN, json_pack("{s:i}", "step", 0)),
                     -LETHE_E_INVALID);
    assert_int_equal(stream_end(&job), 0);
    assert_int_equal(job.outcome, LETHE_OUTCOME_REFUSED);
    lethe_job_clear(&job);

    lethe_job_init(&job);
    must(&job, LETHE_EVENT_JOB_CREATED, created_make(&course));
    json_t *start = start_make(&course);
    json_object_set_new(json_object_get(start, "identity"), "model", json_string("Other"));
    assert_int_equal(apply(&job, LETHE_EVENT_JOB_START, start), -LETHE_E_INVALID);
    lethe_job_clear(&job);

    arrange(&job, CUT);
    must(&job, LETHE_EVENT_IDENTITY_CHECKED,
         json_pack("{s:s, s:b, s:s}", "when", "resume", "ok", 0, "reason", "another serial"));
    assert_int_equal(apply(&job, LETHE_EVENT_RESUMED,
                           json_pack("{s:i, s:i, s:s}", "pass", 0, "offset", 0, "reason", "r")),
                     -LETHE_E_INVALID);
    /* The right device can still be brought. */
    must(&job, LETHE_EVENT_IDENTITY_CHECKED, json_pack("{s:s, s:b}", "when", "resume", "ok", 1));
    must(&job, LETHE_EVENT_RESUMED,
         json_pack("{s:i, s:i, s:s}", "pass", 0, "offset", 0, "reason", "r"));
    lethe_job_clear(&job);
}

/* Rule 2: the record does not take an END that says more than it knows. */
static void end_says_what_the_evidence_says(void **state)
{
    static const struct {
        const char *key, *value;
    } lies[] = {
        {"outcome", "\"passed\""},
        {"outcome", "\"indeterminate\""},
        {"method", "\"purge\""},
        {"method", "\"clear\""},
        {"policy_met", "true"},
        {"reasons", "[]"},
        {"limitations", "[]"},
        {"exceptions", "{\"sectors\":0,\"ranges\":[],\"truncated\":true}"},
        {"reveal",
         "{\"sample_key\":\"0303030303030303030303030303030303030303030303030303030303030303\","
         "\"canary_key\":\"0303030303030303030303030303030303030303030303030303030303030303\"}"}};
    (void)state;
    for (size_t i = 0; i < sizeof(lies) / sizeof(lies[0]); i++) {
        struct lethe_job job;
        arrange(&job, FAILED);
        json_t *end = fitting(&job, LETHE_EVENT_END);
        json_object_set_new(end, lies[i].key, json_loads(lies[i].value, JSON_DECODE_ANY, NULL));
        assert_int_equal(apply(&job, LETHE_EVENT_END, end), -LETHE_E_INVALID);
        must(&job, LETHE_EVENT_END, fitting(&job, LETHE_EVENT_END));
        lethe_job_clear(&job);
    }
    /* A pass must reveal the sample; a failure may have lost it. */
    struct lethe_job job;
    arrange(&job, FAILED);
    json_t *end = fitting(&job, LETHE_EVENT_END);
    json_object_del(end, "reveal");
    must(&job, LETHE_EVENT_END, end);
    lethe_job_clear(&job);
    fold_to(&job, LETHE_EVENT_IDENTITY_CHECKED, 3);
    end = fitting(&job, LETHE_EVENT_END);
    json_object_del(end, "reveal");
    assert_int_equal(apply(&job, LETHE_EVENT_END, end), -LETHE_E_INVALID);
    lethe_job_clear(&job);
}

static int apply_at(struct lethe_job *job, uint64_t seq, uint64_t time)
{
    struct lethe_event event = {.type = LETHE_EVENT_INTERRUPTED,
                                .seq = seq,
                                .time = time,
                                .job = STREAM_JOB,
                                .body = json_pack("{s:s}", "reason", "power")};
    int rc = lethe_job_apply(job, &event, NULL);
    json_decref(event.body);
    return rc;
}

/* A clock far ahead dated what is there: once it was released, and with that said, a job is given
 * up, and by nothing else. */
static void a_released_clock(void **state)
{
    (void)state;
    struct lethe_job job;
    struct lethe_assessment verdict;
    bool said = false;
    arrange(&job, STARTED);
    struct lethe_event stop = {.type = LETHE_EVENT_ABORT,
                               .seq = job.last_seq + 1,
                               .time = job.last_time - 86400000,
                               .job = STREAM_JOB,
                               .body = json_pack("{s:s, s:s}", "by", "operator", "reason", "x")};
    assert_int_equal(lethe_job_apply(&job, &stop, NULL), -LETHE_E_INVALID);
    assert_false(job.clock_released);
    json_object_set_new(stop.body, "clock", json_string("dead battery"));
    assert_int_equal(lethe_job_apply(&job, &stop, NULL), 0);
    assert_true(job.clock_released && job.aborted);
    assert_int_equal(job.last_time, stop.time);
    lethe_assess(&job, &verdict);
    assert_int_equal(verdict.outcome, LETHE_OUTCOME_ABORTED);
    for (size_t i = 0; i < verdict.n_limitations; i++)
        said = said || strstr(verdict.limitations[i], "was 86400 s ahead when the job ran");
    assert_true(said);
    json_decref(stop.body);
    lethe_job_clear(&job);
}

static void order_and_clock(void **state)
{
    (void)state;
    struct lethe_job job;
    arrange(&job, STARTED);
    uint64_t last = job.last_time, seq = job.last_seq;
    assert_int_equal(apply_at(&job, seq, last), -LETHE_E_INVALID);
    assert_int_equal(apply_at(&job, seq + 2, last), -LETHE_E_INVALID);
    assert_int_equal(apply_at(&job, seq + 1, last - LETHE_CLOCK_TOLERANCE_MS - 1),
                     -LETHE_E_INVALID);
    assert_int_equal(apply_at(&job, seq + 1, last - LETHE_CLOCK_TOLERANCE_MS), 0);
    /* It does not creep back by one tolerance an event. */
    assert_int_equal(job.last_time, last);
    assert_int_equal(apply_at(&job, seq + 2, last - LETHE_CLOCK_TOLERANCE_MS - 1),
                     -LETHE_E_INVALID);
    struct lethe_assessment verdict;
    lethe_assess(&job, &verdict);
    bool said = false;
    for (size_t i = 0; i < verdict.n_limitations; i++)
        said = said || strstr(verdict.limitations[i], "clock of the bench was set back by 120 s");
    assert_true(said);
    lethe_job_clear(&job);

    arrange(&job, STARTED);
    struct lethe_event other = {.type = LETHE_EVENT_ABORT,
                                .seq = job.last_seq + 1,
                                .time = last,
                                .job = "01940000-0000-7000-8000-000000000002",
                                .body = json_pack("{s:s, s:s}", "by", "operator", "reason", "x")};
    assert_int_equal(lethe_job_apply(&job, &other, NULL), -LETHE_E_INVALID);
    json_decref(other.body);
    lethe_job_clear(&job);
}

static void states_have_names(void **state)
{
    (void)state;
    for (int i = 0; i < LETHE_JOB_STATES; i++)
        assert_int_equal(lethe_job_state_parse(lethe_job_state_name((enum lethe_job_state)i)), i);
    assert_int_equal(lethe_job_state_parse("gone"), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_event_in_every_situation),
        cmocka_unit_test(what_is_said_must_fit),
        cmocka_unit_test(points_never_go_back),
        cmocka_unit_test(a_short_pass_is_not_begun_again),
        cmocka_unit_test(a_resumed_pass_begins_where_it_was_or_earlier),
        cmocka_unit_test(no_step_before_identity),
        cmocka_unit_test(end_says_what_the_evidence_says),
        cmocka_unit_test(order_and_clock),
        cmocka_unit_test(a_released_clock),
        cmocka_unit_test(states_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
