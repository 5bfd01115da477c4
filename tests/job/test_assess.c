/* SPDX-License-Identifier: Apache-2.0 */
/* The verdict on whole jobs: what passes, and what each missing or bad piece turns it into. */
#include "job/stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h wants the four standard headers above */
#include <cmocka.h>

static struct stream s;

static struct lethe_event *find(enum lethe_event_type type, int nth)
{
    for (size_t i = 0; i < s.n; i++)
        if (s.events[i].type == type && --nth == 0)
            return &s.events[i];
    fail_msg("no such event in the stream");
    return NULL;
}

static void set(enum lethe_event_type type, int nth, const char *key, json_t *value)
{
    json_object_set_new(find(type, nth)->body, key, value);
}

static void set_result(const char *key, json_int_t value)
{
    json_t *result = json_object_get(find(LETHE_EVENT_VERIFY_RESULT, 1)->body, "result");
    json_object_set_new(result, key, json_integer(value));
}

static struct lethe_assessment verdict_of(struct lethe_job *job)
{
    struct lethe_assessment verdict;
    stream_fold(&s, job);
    lethe_assess(job, &verdict);
    return verdict;
}

static bool says(size_t n, size_t size, const char *first, const char *words)
{
    for (size_t i = 0; i < n; i++)
        if (strstr(first + i * size, words))
            return true;
    return false;
}

/* The outcome of what is in S now, a reason that must be given (NULL: none at all), and S is free
 * again. */
static void expect(enum lethe_outcome outcome, const char *reason)
{
    struct lethe_job job;
    struct lethe_assessment v = verdict_of(&job);
    bool passed =
        outcome == LETHE_OUTCOME_PASSED || outcome == LETHE_OUTCOME_PASSED_WITH_EXCEPTIONS;
    if (v.outcome != outcome ||
        (reason && !says(v.n_reasons, sizeof(v.reasons[0]), v.reasons[0], reason)))
        for (size_t i = 0; i < v.n_reasons; i++)
            print_error("%s: %s\n", lethe_outcome_name(v.outcome), v.reasons[i]);
    assert_string_equal(lethe_outcome_name(v.outcome), lethe_outcome_name(outcome));
    assert_true(reason ? says(v.n_reasons, sizeof(v.reasons[0]), v.reasons[0], reason)
                       : v.n_reasons == 0);
    if (!passed) {
        assert_int_equal(v.method, LETHE_METHOD_NONE);
        assert_false(v.policy_met);
    }
    assert_int_equal(stream_end(&job), 0);
    assert_int_equal(job.outcome, outcome);
    lethe_job_clear(&job);
    stream_clear(&s);
}

static void expect_limitation(const char *words)
{
    struct lethe_job job;
    struct lethe_assessment v = verdict_of(&job);
    if (!says(v.n_limitations, sizeof(v.limitations[0]), v.limitations[0], words))
        for (size_t i = 0; i < v.n_limitations; i++)
            print_error("%s\n", v.limitations[i]);
    assert_true(says(v.n_limitations, sizeof(v.limitations[0]), v.limitations[0], words));
    lethe_job_clear(&job);
}

static void a_whole_job_passes(void **state)
{
    (void)state;
    static const enum lethe_verify_mode modes[] = {LETHE_VERIFY_FULL, LETHE_VERIFY_CONFIDENCE,
                                                   LETHE_VERIFY_STRATA};
    for (size_t i = 0; i < 3; i++) {
        struct course course = course_plain;
        course.mode = modes[i];
        stream_make(&s, &course);
        struct lethe_job job;
        struct lethe_assessment v = verdict_of(&job);
        assert_int_equal(v.method, LETHE_METHOD_CLEAR);
        assert_true(v.policy_met);
        lethe_job_clear(&job);
        expect(LETHE_OUTCOME_PASSED, NULL);
    }
}

static void nothing_illegal_in_good_streams(void **state)
{
    (void)state;
    for (int cut = WHOLE; cut <= CUT_AFTER_RESULT; cut++) {
        struct course course = course_plain;
        struct lethe_job job;
        course.mode = LETHE_VERIFY_CONFIDENCE;
        course.cut = (enum course_cut)cut;
        stream_make(&s, &course);
        assert_int_equal(stream_fold(&s, &job), 0);
        lethe_job_clear(&job);
        if (cut != WHOLE)
            expect_limitation(
                "the job was interrupted 1 times and resumed 1 times; verification in full");
        expect(LETHE_OUTCOME_PASSED, NULL);
    }
}

static void sampling_says_what_it_proved(void **state)
{
    (void)state;
    struct course course = course_plain;
    course.mode = LETHE_VERIFY_CONFIDENCE;
    stream_make(&s, &course);
    /* 459 at 99 % and 1 %; forced blocks do not make the claim better. */
    expect_limitation("sampled: at most 0.9983 % of the addressable blocks are not sanitised, with "
                      "confidence 99 %; 500 of 16384 blocks of 4096 bytes were compared");
    set_result("samples", 459);
    set_result("bytes", 459 * 4096);
    expect(LETHE_OUTCOME_PASSED, NULL);
    stream_make(&s, &course);
    set_result("samples", 458);
    set_result("bytes", 458 * 4096);
    expect(LETHE_OUTCOME_INDETERMINATE, "looked at less than the policy demands");

    course.mode = LETHE_VERIFY_STRATA;
    stream_make(&s, &course);
    expect_limitation("sampled: 12.20 % of the addressable space was compared");
    set_result("samples", 1638);
    set_result("bytes", 1638 * 4096);
    expect(LETHE_OUTCOME_INDETERMINATE, "looked at less than the policy demands");
}

static void verification_failures(void **state)
{
    (void)state;
    stream_make(&s, &course_plain);
    set_result("canaries_survived", 1);
    expect(LETHE_OUTCOME_FAILED, "1 of 16 marks written before the erasure are still there");
    stream_make(&s, &course_plain);
    set_result("mismatches", 1);
    set_result("first_mismatch", 4096);
    expect(LETHE_OUTCOME_FAILED, "1 of 16384 blocks read do not hold what was written");
    stream_make(&s, &course_plain);
    set_result("unreadable", 1);
    expect(LETHE_OUTCOME_FAILED, "could not be read to be verified");
    stream_make(&s, &course_plain);
    json_t *read = json_pack("{s:s, s:i, s:i, s:i}", "phase", "read", "offset", 4096, "length", 512,
                             "errno", 5);
    struct lethe_event event = {.type = LETHE_EVENT_EXCEPTION, .job = STREAM_JOB, .body = read};
    stream_insert(&s, (size_t)(find(LETHE_EVENT_VERIFY_RESULT, 1) - s.events), &event);
    json_decref(read);
    expect(LETHE_OUTCOME_FAILED, "1 blocks could not be read to be verified");
}

static void verification_gaps(void **state)
{
    (void)state;
    static const struct {
        const char *key;
        json_int_t value;
        const char *reason;
    } gaps[] = {
        {"canaries_checked", 15, "15 of 16 marks were looked for"},
        {"bytes", STREAM_CAPACITY - 4096, "looked at less than the policy demands"},
        {"block", 512, "contradict"},
        {"blocks", 16385, "contradict"},
        {"samples", 1, "contradict"},
        {"excepted", 1, "contradict"},
    };
    for (size_t i = 0; i < sizeof(gaps) / sizeof(gaps[0]); i++) {
        stream_make(&s, &course_plain);
        set_result(gaps[i].key, gaps[i].value);
        expect(LETHE_OUTCOME_INDETERMINATE, gaps[i].reason);
    }
    stream_make(&s, &course_plain);
    json_object_set_new(json_object_get(find(LETHE_EVENT_VERIFY_RESULT, 1)->body, "result"),
                        "complete", json_false());
    expect(LETHE_OUTCOME_INDETERMINATE, "did not read all that it meant to");
    /* An interrupted job that was only sampled. */
    struct course course = course_plain;
    course.mode = LETHE_VERIFY_CONFIDENCE;
    course.cut = CUT_IN_PASS;
    stream_make(&s, &course);
    json_t *sampled = result_make(&course, false);
    json_decref(find(LETHE_EVENT_VERIFY_RESULT, 1)->body);
    find(LETHE_EVENT_VERIFY_RESULT, 1)->body = sampled;
    expect(LETHE_OUTCOME_INDETERMINATE, "interrupted and was not verified in full");
}

static void erasing_gaps(void **state)
{
    (void)state;
    static const struct {
        enum lethe_event_type type;
        int nth;
        const char *reason;
    } gaps[] = {
        {LETHE_EVENT_CANARY_WRITTEN, 1, "0 of 16 marks were written"},
        {LETHE_EVENT_WORKER_STARTED, 1, "step 1 (marking) was not done by its own worker"},
        {LETHE_EVENT_WORKER_STARTED, 2, "step 3 (verifying) was not done by its own worker"},
        {LETHE_EVENT_PASS_POINT, 2, "the end of pass 1 was never flushed"},
        {LETHE_EVENT_PASS_END, 2, "pass 2 was not brought to its end"},
        {LETHE_EVENT_ATTEST, 1, "the technique gave no evidence of its end"},
        {LETHE_EVENT_IDENTITY_CHECKED, 2, "on the device as identified"},
        {LETHE_EVENT_IDENTITY_CHECKED, 3, "not identified again after the verification"},
        {LETHE_EVENT_VERIFY_RESULT, 1, "nothing was verified"},
    };
    for (size_t i = 0; i < sizeof(gaps) / sizeof(gaps[0]); i++) {
        stream_make(&s, &course_plain);
        stream_remove(&s, (size_t)(find(gaps[i].type, gaps[i].nth) - s.events));
        expect(LETHE_OUTCOME_INDETERMINATE, gaps[i].reason);
    }
    /* The bench stops behind the result, before its step has ended, and nobody resumes. */
    stream_make(&s, &course_plain);
    while (s.events[s.n - 1].type != LETHE_EVENT_VERIFY_RESULT)
        stream_remove(&s, s.n - 1);
    stream_add(&s, LETHE_EVENT_INTERRUPTED, json_pack("{s:s}", "reason", "power"));
    expect(LETHE_OUTCOME_INDETERMINATE, "step 3 (verifying) was not brought to its end");
    stream_make(&s, &course_plain);
    set(LETHE_EVENT_PASS_END, 1, "bytes", json_integer((json_int_t)STREAM_CAPACITY - 4096));
    expect(LETHE_OUTCOME_FAILED, "pass 1 ended short");
}

static void exceptions(void **state)
{
    (void)state;
    struct course course = course_plain;
    course.bad_sectors = 8;
    stream_make(&s, &course);
    expect(LETHE_OUTCOME_FAILED,
           "8 sectors were left as they were; policy test-policy allows none");
    course.allowed = 7;
    stream_make(&s, &course);
    expect(LETHE_OUTCOME_FAILED, "8 sectors were left as they were; policy test-policy allows 7");
    course.allowed = 8;
    stream_make(&s, &course);
    struct lethe_job job;
    struct lethe_assessment v = verdict_of(&job);
    assert_true(v.policy_met);
    assert_int_equal(v.exception_sectors, 8);
    json_t *json = lethe_assessment_to_json(&v, &job);
    json_t *ranges = json_loads("[[1048576,4096]]", 0, NULL);
    assert_true(json_equal(json_object_get(json_object_get(json, "exceptions"), "ranges"), ranges));
    json_decref(json);
    json_decref(ranges);
    lethe_job_clear(&job);
    expect_limitation("8 sectors could not be overwritten or read");
    expect(LETHE_OUTCOME_PASSED_WITH_EXCEPTIONS, "8 sectors were left as they were, which policy");

    /* Nine errors of which the worker lists eight. */
    stream_make(&s, &course);
    set(LETHE_EVENT_PASS_END, 2, "errors", json_integer(9));
    set(LETHE_EVENT_PASS_END, 2, "bytes", json_integer((json_int_t)STREAM_CAPACITY - 9 * 512));
    expect(LETHE_OUTCOME_FAILED, "more bad areas than a record can list");
}

static void more_ranges_than_fit(void **state)
{
    (void)state;
    struct lethe_job job;
    struct course course = course_plain;
    course.allowed = 100000;
    stream_make(&s, &course);
    lethe_job_init(&job);
    for (size_t i = 0; s.events[i].type != LETHE_EVENT_PASS_END; i++)
        assert_int_equal(apply(&job, s.events[i].type, json_incref(s.events[i].body)), 0);
    for (int i = 0; i < LETHE_EXCEPTION_RANGES_MAX + 1; i++) {
        assert_false(job.exceptions_truncated);
        assert_int_equal(apply(&job, LETHE_EVENT_EXCEPTION,
                               json_pack("{s:s, s:i, s:i, s:i}", "phase", "write", "offset",
                                         i * 1024, "length", 512, "errno", 5)),
                         0);
    }
    assert_true(job.exceptions_truncated);
    assert_int_equal(job.n_write_exceptions, LETHE_EXCEPTION_RANGES_MAX);
    struct lethe_assessment v;
    lethe_assess(&job, &v);
    assert_int_equal(v.outcome, LETHE_OUTCOME_FAILED);
    lethe_job_clear(&job);
    stream_clear(&s);
}

static void test_status(void **state)
{
    (void)state;
    struct course course = course_plain;
    course.status = LETHE_STATUS_UNTESTED;
    stream_make(&s, &course);
    expect(LETHE_OUTCOME_INDETERMINATE, "this technique is untested on this family of devices");
    course.accept_untested = true;
    stream_make(&s, &course);
    expect_limitation("untested on this family of devices, which was accepted for this job");
    expect(LETHE_OUTCOME_PASSED, NULL);
}

static void a_policy_that_wants_more(void **state)
{
    (void)state;
    struct course course = course_plain;
    course.wanted = LETHE_METHOD_PURGE;
    stream_make(&s, &course);
    struct lethe_job job;
    struct lethe_assessment v = verdict_of(&job);
    assert_int_equal(v.outcome, LETHE_OUTCOME_PASSED);
    assert_int_equal(v.method, LETHE_METHOD_CLEAR);
    assert_false(v.policy_met);
    lethe_job_clear(&job);
    expect(LETHE_OUTCOME_PASSED, "policy test-policy wants purge; clear is what was proved");
}

/* A plan that promises Purge for an overwrite by the host is not believed (rule 2). */
static void an_overwrite_is_never_more_than_clear(void **state)
{
    (void)state;
    struct lethe_job job;
    stream_make(&s, &course_plain);
    stream_fold(&s, &job);
    job.plan.method = LETHE_METHOD_PURGE;
    struct lethe_assessment v;
    lethe_assess(&job, &v);
    assert_int_equal(v.method, LETHE_METHOD_CLEAR);
    lethe_job_clear(&job);
    stream_clear(&s);
}

static void cut_after(enum lethe_event_type type, int nth)
{
    size_t keep = (size_t)(find(type, nth) - s.events) + 1;
    while (s.n > keep)
        stream_remove(&s, s.n - 1);
}

static void stopped_and_failed(void **state)
{
    (void)state;
    json_t *stop = json_pack("{s:s, s:s}", "by", "operator", "reason", "Ctrl-C");
    json_t *gone = json_pack("{s:i, s:b, s:s, s:s}", "step", 1, "ok", 0, "code", "gone", "reason",
                             "the device vanished");
    json_t *cancelled = json_pack("{s:i, s:b, s:s, s:s}", "step", 1, "ok", 0, "code", "cancelled",
                                  "reason", "stopped by the operator");
    stream_make(&s, &course_plain);
    cut_after(LETHE_EVENT_PASS_POINT, 1);
    stream_add(&s, LETHE_EVENT_ABORT, json_incref(stop));
    expect(LETHE_OUTCOME_ABORTED, "Ctrl-C): NOT sanitised, partly overwritten");
    stream_make(&s, &course_plain);
    cut_after(LETHE_EVENT_JOB_CREATED, 1);
    stream_add(&s, LETHE_EVENT_ABORT, json_incref(stop));
    expect(LETHE_OUTCOME_ABORTED, "before anything destructive");
    stream_make(&s, &course_plain);
    cut_after(LETHE_EVENT_PASS_POINT, 1);
    stream_add(&s, LETHE_EVENT_STEP_END, json_incref(gone));
    expect(LETHE_OUTCOME_FAILED, "the device vanished");
    stream_make(&s, &course_plain);
    cut_after(LETHE_EVENT_PASS_POINT, 1);
    stream_add(&s, LETHE_EVENT_STEP_END, json_incref(cancelled));
    expect(LETHE_OUTCOME_ABORTED, "stopped by the operator");
    /* Worst first: a failure before the stop stays a failure. */
    stream_make(&s, &course_plain);
    cut_after(LETHE_EVENT_PASS_POINT, 1);
    stream_add(&s, LETHE_EVENT_STEP_END, json_incref(gone));
    stream_add(&s, LETHE_EVENT_ABORT, json_incref(stop));
    expect(LETHE_OUTCOME_FAILED, "the device vanished");
    /* Another device at the very end. */
    stream_make(&s, &course_plain);
    set(LETHE_EVENT_IDENTITY_CHECKED, 3, "ok", json_false());
    set(LETHE_EVENT_IDENTITY_CHECKED, 3, "reason", json_string("another serial"));
    expect(LETHE_OUTCOME_FAILED, "not the device that was armed any more: another serial");
    stream_make(&s, &course_plain);
    cut_after(LETHE_EVENT_JOB_START, 1);
    expect(LETHE_OUTCOME_REFUSED, "nothing destructive was sent");
    json_decref(stop);
    json_decref(gone);
    json_decref(cancelled);
}

static void limitations_never_push_each_other_out(void **state)
{
    (void)state;
    struct course course = course_plain;
    struct lethe_job job;
    course.mode = LETHE_VERIFY_CONFIDENCE;
    stream_make(&s, &course);
    stream_fold(&s, &job);
    job.plan.n_limitations = LETHE_LIMITATIONS_MAX;
    for (int i = 1; i < LETHE_LIMITATIONS_MAX; i++)
        snprintf(job.plan.limitations[i], sizeof(job.plan.limitations[i]), "plan %d", i);
    struct lethe_assessment v;
    lethe_assess(&job, &v);
    assert_int_equal(v.n_limitations, LETHE_LIMITATIONS_MAX);
    assert_non_null(strstr(v.limitations[0], "sampled"));
    assert_non_null(strstr(v.limitations[LETHE_LIMITATIONS_MAX - 1], "more limitations than fit"));
    assert_int_equal(v.outcome, LETHE_OUTCOME_PASSED);
    lethe_job_clear(&job);
    stream_clear(&s);
}

/* What a device says in another script and too long is cut between characters, so that END can be
 * written. */
static void long_words_stay_words(void **state)
{
    (void)state;
    char reason[512] = "";
    for (int i = 0; i < 160; i++)
        strcat(reason, "忘");
    stream_make(&s, &course_plain);
    cut_after(LETHE_EVENT_PASS_POINT, 1);
    stream_add(
        &s, LETHE_EVENT_STEP_END,
        json_pack("{s:i, s:b, s:s, s:s}", "step", 1, "ok", 0, "code", "io", "reason", reason));
    expect(LETHE_OUTCOME_FAILED, "忘忘");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_whole_job_passes),
        cmocka_unit_test(nothing_illegal_in_good_streams),
        cmocka_unit_test(sampling_says_what_it_proved),
        cmocka_unit_test(verification_failures),
        cmocka_unit_test(verification_gaps),
        cmocka_unit_test(erasing_gaps),
        cmocka_unit_test(exceptions),
        cmocka_unit_test(more_ranges_than_fit),
        cmocka_unit_test(test_status),
        cmocka_unit_test(a_policy_that_wants_more),
        cmocka_unit_test(an_overwrite_is_never_more_than_clear),
        cmocka_unit_test(stopped_and_failed),
        cmocka_unit_test(limitations_never_push_each_other_out),
        cmocka_unit_test(long_words_stay_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
