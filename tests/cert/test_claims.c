/* SPDX-License-Identifier: Apache-2.0 */
/* From event streams to certificates: each kind of job, signed and judged. */
#include "base/json.h"
#include "base/time.h"
#include "cert/support.h"
#include "job/phone_stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h wants the four standard headers above */
#include <cmocka.h>

#define NOW (STREAM_TIME + 24ull * 3600 * 1000)
#define SEED "0101010101010101010101010101010101010101010101010101010101010101"

static const char *const chain[] = {"root", NULL};

static void ended(const struct course *course, struct lethe_job *job)
{
    struct stream *stream = calloc(1, sizeof(*stream));
    stream_make(stream, course);
    lethe_job_init(job);
    assert_int_equal(stream_fold(stream, job), 0);
    assert_int_equal(stream_end(job), 0);
    stream_clear(stream);
    free(stream);
}

/* Build, sign, verify. */
static void certify(const struct lethe_job *job, struct lethe_certificate_report *report)
{
    struct lethe_signer *signer = support_signer("bench", chain);
    struct lethe_trust *trust = support_trust(chain);
    struct lethe_error err = {0};
    LETHE_JSON_AUTO *claims = NULL;
    char *text = NULL, jti[37];
    if (lethe_claims_build(job, signer, SEED, NOW, &claims, &err) < 0 ||
        lethe_certificate_issue(claims, signer, &text, jti, &err) < 0)
        fail_msg("%s", err.what);
    lethe_certificate_verify(text, strlen(text),
                             &(struct lethe_verify_policy){.trust = trust, .now = NOW}, report);
    assert_string_equal(json_string_value(json_object_get(report->claims, "jti")), jti);
    free(text);
    lethe_trust_free(trust);
    lethe_signer_close(signer);
}

static const char *claim(const struct lethe_certificate_report *report, const char *key)
{
    return json_string_value(json_object_get(report->claims, key));
}

/* Whatever a bench can pass with, its certificate is believed: whole, sampled, in strata, resumed,
 * with exceptions that the policy allows. */
static void test_passed_jobs_are_believed(void **state)
{
    (void)state;
    static const struct course courses[] = {
        {LETHE_VERIFY_FULL, 2, 0, 0, WHOLE, false, LETHE_STATUS_REPORTED, LETHE_METHOD_CLEAR},
        {LETHE_VERIFY_CONFIDENCE, 1, 0, 0, WHOLE, false, LETHE_STATUS_REPORTED, LETHE_METHOD_CLEAR},
        {LETHE_VERIFY_STRATA, 1, 0, 0, WHOLE, false, LETHE_STATUS_REPORTED, LETHE_METHOD_CLEAR},
        {LETHE_VERIFY_CONFIDENCE, 2, 0, 0, CUT_IN_PASS, false, LETHE_STATUS_REPORTED,
         LETHE_METHOD_CLEAR},
        {LETHE_VERIFY_FULL, 2, 0, 0, CUT_IN_VERIFY, false, LETHE_STATUS_REPORTED,
         LETHE_METHOD_CLEAR},
        {LETHE_VERIFY_FULL, 2, 8, 100, WHOLE, false, LETHE_STATUS_REPORTED, LETHE_METHOD_CLEAR},
        {LETHE_VERIFY_FULL, 2, 8, 100, CUT_IN_PASS, false, LETHE_STATUS_REPORTED,
         LETHE_METHOD_CLEAR},
        /* part of a block: what is around the bad sectors is read */
        {LETHE_VERIFY_FULL, 1, 2, 100, WHOLE, false, LETHE_STATUS_REPORTED, LETHE_METHOD_CLEAR},
        {LETHE_VERIFY_FULL, 1, 0, 0, WHOLE, true, LETHE_STATUS_UNTESTED, LETHE_METHOD_CLEAR},
    };
    for (size_t i = 0; i < sizeof(courses) / sizeof(courses[0]); i++) {
        struct lethe_job *job = malloc(sizeof(*job));
        struct lethe_certificate_report report;
        ended(&courses[i], job);
        certify(job, &report);
        if (report.verdict != LETHE_VERDICT_VALID)
            fail_msg("course %zu: %s", i, report.reasons[0].text);
        assert_string_equal(claim(&report, "vct"), LETHE_VCT_CERTIFICATE);
        assert_string_equal(claim(&report, "outcome"),
                            courses[i].bad_sectors ? "passed-with-exceptions" : "passed");
        assert_string_equal(claim(&report, "method"), "clear");
        assert_string_equal(claim(&report, "operator"), "op");
        assert_string_equal(claim(&report, "seed"), SEED);
        lethe_certificate_report_clear(&report);
        lethe_job_clear(job);
        free(job);
    }
}

static void ended_phone(const struct phone_chain *steps, void bend(struct stream *s),
                        struct lethe_job *job)
{
    struct stream *stream = calloc(1, sizeof(*stream));
    struct lethe_plan *plan = calloc(1, sizeof(*plan));
    phone_stream(steps, plan, stream);
    if (bend)
        bend(stream);
    stream_fold(stream, job);
    assert_int_equal(stream_end(job), 0);
    stream_clear(stream);
    free(plan);
    free(stream);
}

static bool holds(const json_t *list, const char *text)
{
    size_t i;
    json_t *item;
    json_array_foreach(list, i, item) if (strcmp(json_string_value(item), text) == 0) return true;
    return false;
}

/* A phone that its state shows to be erased is believed; what a person says of one is a record,
 * which nothing that is accepted makes valid. */
static void test_phones_are_believed_by_their_state(void **state)
{
    (void)state;
    for (size_t i = 0; i < PHONE_CHAINS; i++) {
        const struct phone_chain *steps = &phone_chains[i];
        struct lethe_job *job = malloc(sizeof(*job));
        struct lethe_certificate_report report;
        ended_phone(steps, NULL, job);
        certify(job, &report);
        if (report.verdict != (steps->guided ? LETHE_VERDICT_UNDETERMINED : LETHE_VERDICT_VALID))
            fail_msg("%s: %s", steps->name, report.reasons[0].text);
        assert_string_equal(claim(&report, "vct"),
                            steps->guided ? LETHE_VCT_RECORD : LETHE_VCT_CERTIFICATE);
        const json_t *technique = json_object_get(report.claims, "technique");
        const json_t *v = json_object_get(report.claims, "verification");
        const json_t *phone = json_object_get(report.claims, "phone");
        const json_t *looked = json_array_get(json_object_get(v, "state"), 0);
        const json_t *answers = json_object_get(looked, "answers");
        bool filled = strcmp(steps->name, "overwrite") == 0;
        assert_string_equal(claim(&report, "method"), steps->guided ? "none"
                                                      : filled      ? "clear"
                                                                    : "purge");
        assert_string_equal(json_string_value(json_object_get(v, "mode")), "state");
        assert_string_equal(json_string_value(json_object_get(looked, "grade")),
                            steps->guided ? "attested" : "state");
        /* words of ours, and none of the phone's */
        if (strcmp(steps->name, "ios-erase") == 0) {
            assert_true(holds(answers, "old_session: host unknown"));
            assert_true(holds(answers, "cleaned: yes"));
            assert_true(holds(answers, "after.activation: unactivated"));
            assert_int_equal(json_array_size(answers), 5);
        }
        if (filled) {
            assert_true(holds(answers, "canaries.standing: 0"));
            assert_int_equal(json_array_size(answers), 8);
        }
        assert_string_equal(json_string_value(json_object_get(phone, "encryption")), "encrypted");
        assert_string_equal(
            json_string_value(json_object_get(json_object_get(phone, "locks"), "mdm")), "no");
        assert_int_equal(json_is_object(json_object_get(phone, "attested")), steps->guided);
        assert_int_equal(json_is_object(json_object_get(technique, "filled")), filled);
        if (filled) {
            assert_string_equal(json_string_value(json_object_get(technique, "name")),
                                "android-fill");
            assert_string_equal(json_string_value(json_object_get(technique, "kind")), "overwrite");
            assert_int_equal(json_array_size(json_object_get(technique, "chain")), 5);
        }
        lethe_certificate_report_clear(&report);
        lethe_job_clear(job);
        free(job);
    }
}

static void denied(struct stream *s)
{
    struct lethe_plan plan;
    phone_plan(&phone_chains[0], &plan);
    for (size_t i = 0; i < s->n; i++)
        if (s->events[i].type == LETHE_EVENT_OBSERVED) {
            json_decref(s->events[i].body);
            s->events[i].body = phone_observed(&plan, 1, "denied");
        }
}

static void cut_before_its_start(struct stream *s)
{
    while (s->n > 2)
        stream_remove(s, 2);
    stream_add(s, LETHE_EVENT_ABORT, json_pack("{s:s, s:s}", "by", "operator", "reason", "stop"));
}

/* What ours signs contradicts itself nowhere, whatever the job came to. */
static void test_records_of_phones_hold_together(void **state)
{
    (void)state;
    void (*const bends[])(struct stream *) = {denied, cut_before_its_start};
    static const char *const outcomes[] = {"failed", "aborted"};
    for (size_t i = 0; i < 2; i++) {
        struct lethe_job *job = malloc(sizeof(*job));
        struct lethe_certificate_report report;
        ended_phone(&phone_chains[0], bends[i], job);
        certify(job, &report);
        assert_int_equal(report.verdict, LETHE_VERDICT_UNDETERMINED);
        assert_string_equal(claim(&report, "outcome"), outcomes[i]);
        lethe_certificate_report_clear(&report);
        lethe_job_clear(job);
        free(job);
    }
}

/* Whatever it can't pass with is a record, and says so. */
static void test_other_jobs_are_records(void **state)
{
    (void)state;
    static const struct course courses[] = {
        {LETHE_VERIFY_FULL, 1, 8, 0, WHOLE, false, LETHE_STATUS_REPORTED, LETHE_METHOD_CLEAR},
        {LETHE_VERIFY_FULL, 1, 8, 7, WHOLE, false, LETHE_STATUS_REPORTED, LETHE_METHOD_CLEAR},
        {LETHE_VERIFY_FULL, 1, 0, 0, WHOLE, false, LETHE_STATUS_REPORTED, LETHE_METHOD_PURGE},
        {LETHE_VERIFY_FULL, 1, 0, 0, WHOLE, false, LETHE_STATUS_UNTESTED, LETHE_METHOD_CLEAR},
    };
    for (size_t i = 0; i < sizeof(courses) / sizeof(courses[0]); i++) {
        struct lethe_job *job = malloc(sizeof(*job));
        struct lethe_certificate_report report;
        ended(&courses[i], job);
        certify(job, &report);
        assert_int_equal(report.verdict, LETHE_VERDICT_UNDETERMINED);
        assert_string_equal(claim(&report, "vct"), LETHE_VCT_RECORD);
        assert_true(
            json_is_false(json_object_get(json_object_get(report.claims, "policy"), "met")));
        assert_true(json_array_size(json_object_get(report.claims, "reasons")) > 0);
        lethe_certificate_report_clear(&report);
        lethe_job_clear(job);
        free(job);
    }
}

/* Of marks that were looked for, and found: never that none is there any more. */
static void test_marks_that_survived_are_told(void **state)
{
    (void)state;
    for (int unknown = 0; unknown < 2; unknown++) {
        struct course course = course_plain;
        course.mode = LETHE_VERIFY_CONFIDENCE;
        struct stream *stream = calloc(1, sizeof(*stream));
        struct lethe_job *job = malloc(sizeof(*job));
        struct lethe_signer *signer = support_signer("bench", chain);
        struct lethe_error err = {0};
        LETHE_JSON_AUTO *claims = NULL, *out = NULL;
        char *text = NULL, *page = NULL, jti[37];
        size_t len;
        stream_make(stream, &course);
        for (size_t i = 0; i < stream->n; i++)
            if (stream->events[i].type == LETHE_EVENT_VERIFY_RESULT)
                json_object_set_new(json_object_get(stream->events[i].body, "result"),
                                    "canaries_survived", json_integer(1));
        lethe_job_init(job);
        assert_int_equal(stream_fold(stream, job), 0);
        assert_int_equal(stream_end(job), 0);
        for (size_t i = 0; unknown && i < job->plan.n_steps; i++)
            if (job->plan.steps[i].kind == LETHE_STEP_VERIFY)
                job->plan.steps[i].leaves = LETHE_LEAVES_UNKNOWN;
        if (lethe_claims_build(job, signer, SEED, NOW, &claims, &err) < 0 ||
            lethe_certificate_issue(claims, signer, &text, jti, &err) < 0 ||
            lethe_certificate_decode(text, strlen(text), &out, &err) < 0 ||
            lethe_format_find("html")->render(text, strlen(text), "both", &page, &len, &err) < 0)
            fail_msg("%s", err.what);
        const json_t *v = json_object_get(out, "verification");
        assert_string_equal(json_string_value(json_object_get(v, "statement")),
                            "1 of the 16 marks that had been written before the erasure and were "
                            "looked for are still there.");
        assert_non_null(strstr(page, "清除前写入的标记中，有 1 个在清除后仍然存在。"));
        assert_null(strstr(page, "均已消失"));
        assert_null(strstr(page, "全部相符"));
        free(page);
        free(text);
        lethe_signer_close(signer);
        lethe_job_clear(job);
        free(job);
        stream_clear(stream);
        free(stream);
    }
}

/* A job that was aborted between any two events still gets its record. */
static void test_aborted_anywhere(void **state)
{
    (void)state;
    struct stream *all = calloc(1, sizeof(*all));
    stream_make(all, &course_plain);
    size_t records = 0;
    for (size_t cut = 2; cut < all->n; cut++) {
        struct stream *part = malloc(sizeof(*part));
        struct lethe_job *job = malloc(sizeof(*job));
        struct lethe_certificate_report report;
        stream_copy(all, part);
        while (part->n > cut)
            stream_remove(part, part->n - 1);
        lethe_job_init(job);
        stream_fold(part, job);
        if (apply(job, LETHE_EVENT_ABORT,
                  json_pack("{s:s,s:s}", "by", "operator", "reason", "test")) == 0 &&
            stream_end(job) == 0) {
            certify(job, &report);
            assert_string_equal(claim(&report, "vct"), LETHE_VCT_RECORD);
            assert_int_equal(report.verdict, LETHE_VERDICT_UNDETERMINED);
            /* what meeting the policy would say is not said where it was not met */
            const char *said = json_string_value(
                json_object_get(json_object_get(report.claims, "policy"), "statement"));
            assert_non_null(strstr(said, "was not met: aborted"));
            lethe_certificate_report_clear(&report);
            records++;
        }
        lethe_job_clear(job);
        free(job);
        stream_clear(part);
        free(part);
    }
    assert_true(records > 10);
    stream_clear(all);
    free(all);
}

static void test_wrong_signers_are_refused(void **state)
{
    (void)state;
    static const char *const demo_chain[] = {"demo-root", NULL};
    struct lethe_signer *demo = support_signer("demo-bench", demo_chain);
    struct lethe_signer *bench = support_signer("bench", chain);
    struct lethe_job *job = malloc(sizeof(*job));
    json_t *claims = NULL;
    ended(&course_plain, job);
    assert_int_equal(lethe_claims_build(job, demo, SEED, NOW, &claims, NULL), -LETHE_E_REFUSED);
    job->plan.identity.substrate = LETHE_SUBSTRATE_EMULATED;
    assert_int_equal(lethe_claims_build(job, bench, SEED, NOW, &claims, NULL), -LETHE_E_REFUSED);
    lethe_job_clear(job);
    lethe_job_init(job);
    assert_int_equal(lethe_claims_build(job, bench, SEED, NOW, &claims, NULL), -LETHE_E_INVALID);
    assert_null(claims);
    lethe_job_clear(job);
    free(job);
    lethe_signer_close(demo);
    lethe_signer_close(bench);
}

/* One event more, less or otherwise, and the digest is another. */
static void test_evidence(void **state)
{
    (void)state;
    struct stream *stream = calloc(1, sizeof(*stream));
    struct lethe_evidence whole = {0}, less = {0}, turned = {0};
    stream_make(stream, &course_plain);
    for (size_t i = 0; i < stream->n; i++)
        assert_int_equal(lethe_evidence_add(&whole, &stream->events[i]), 0);
    for (size_t i = 0; i + 1 < stream->n; i++)
        lethe_evidence_add(&less, &stream->events[i]);
    lethe_evidence_add(&turned, &stream->events[1]);
    lethe_evidence_add(&turned, &stream->events[0]);
    for (size_t i = 2; i < stream->n; i++)
        lethe_evidence_add(&turned, &stream->events[i]);
    assert_int_equal(whole.events, stream->n);
    assert_memory_not_equal(whole.hash, less.hash, sizeof(whole.hash));
    assert_memory_not_equal(whole.hash, turned.hash, sizeof(whole.hash));
    json_t *claims = support_claims();
    assert_int_equal(lethe_claims_evidence(claims, &whole), 0);
    struct lethe_signer *signer = support_signer("bench", chain);
    char *text = support_issue(claims, signer);
    free(text);
    lethe_signer_close(signer);
    json_decref(claims);
    stream_clear(stream);
    free(stream);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_passed_jobs_are_believed),
        cmocka_unit_test(test_phones_are_believed_by_their_state),
        cmocka_unit_test(test_records_of_phones_hold_together),
        cmocka_unit_test(test_other_jobs_are_records),
        cmocka_unit_test(test_marks_that_survived_are_told),
        cmocka_unit_test(test_aborted_anywhere),
        cmocka_unit_test(test_wrong_signers_are_refused),
        cmocka_unit_test(test_evidence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
