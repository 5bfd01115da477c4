/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Good streams, damaged: each event taken away, doubled, moved, altered, and then at random. What
 * is illegal is left out, as a supervisor leaves it out, and the job is ended. It may only pass if
 * the events that were taken still hold all the evidence, by an oracle of our own.
 */
#include "job/stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h wants the four standard headers above */
#include <cmocka.h>

static const struct course courses[] = {
    {LETHE_VERIFY_FULL, 2, 0, 0, WHOLE, false, LETHE_STATUS_REPORTED, LETHE_METHOD_CLEAR},
    {LETHE_VERIFY_CONFIDENCE, 1, 0, 0, WHOLE, false, LETHE_STATUS_REPORTED, LETHE_METHOD_CLEAR},
    {LETHE_VERIFY_STRATA, 1, 0, 0, WHOLE, false, LETHE_STATUS_REPORTED, LETHE_METHOD_CLEAR},
    {LETHE_VERIFY_CONFIDENCE, 2, 0, 0, CUT_IN_PASS, false, LETHE_STATUS_REPORTED,
     LETHE_METHOD_CLEAR},
    {LETHE_VERIFY_FULL, 2, 0, 0, CUT_IN_VERIFY, false, LETHE_STATUS_REPORTED, LETHE_METHOD_CLEAR},
    {LETHE_VERIFY_FULL, 1, 0, 0, CUT_AFTER_ATTEST, false, LETHE_STATUS_REPORTED,
     LETHE_METHOD_CLEAR},
    {LETHE_VERIFY_CONFIDENCE, 1, 0, 0, CUT_AFTER_RESULT, false, LETHE_STATUS_REPORTED,
     LETHE_METHOD_CLEAR},
    {LETHE_VERIFY_FULL, 2, 8, 100, WHOLE, false, LETHE_STATUS_REPORTED, LETHE_METHOD_CLEAR},
    {LETHE_VERIFY_FULL, 2, 8, 100, CUT_IN_PASS, false, LETHE_STATUS_REPORTED, LETHE_METHOD_CLEAR},
};
#define N_COURSES (sizeof(courses) / sizeof(courses[0]))

static bool passed(enum lethe_outcome outcome)
{
    return outcome == LETHE_OUTCOME_PASSED || outcome == LETHE_OUTCOME_PASSED_WITH_EXCEPTIONS;
}

static json_int_t number(const struct lethe_event *event, const char *key)
{
    return json_integer_value(json_object_get(event->body, key));
}

static const char *text(const struct lethe_event *event, const char *key)
{
    return json_string_value(json_object_get(event->body, key));
}

/* The oracle: walks the events that were taken, with none of the code under test. */
static bool evidence_holds(const struct stream *taken, const struct course *course)
{
    bool start = false, identity = false, after = false, attested = false,
         cut_before_result = false;
    bool sound[3] = {false};
    int role = 0, ok[3] = {0}, canaries = 0, result = 0;
    json_int_t written[3] = {0}, from[3] = {0}, flushed[3] = {0};
    for (size_t i = 0; i < taken->n; i++) {
        const struct lethe_event *e = &taken->events[i];
        json_int_t pass = number(e, "pass"), step = number(e, "step");
        switch (e->type) {
        case LETHE_EVENT_JOB_START:
            start = true;
            break;
        case LETHE_EVENT_IDENTITY_CHECKED:
            identity = json_is_true(json_object_get(e->body, "ok"));
            after = identity && ok[2] && strcmp(text(e, "when"), "after-verify") == 0;
            if (!identity && strcmp(text(e, "when"), "resume") != 0)
                return false;
            break;
        case LETHE_EVENT_WORKER_STARTED:
            role = strcmp(text(e, "role"), "verify") == 0 ? 2 : 1;
            break;
        case LETHE_EVENT_STEP_BEGIN:
            sound[step] =
                start && identity && role == (step == 2 ? 2 : 1) && (step == 0 || ok[step - 1]);
            attested = step == 1 ? false : attested;
            break;
        case LETHE_EVENT_CANARY_WRITTEN:
            canaries = (int)number(e, "count");
            break;
        case LETHE_EVENT_PASS_BEGIN:
            from[pass] = number(e, "offset");
            if (from[pass] > flushed[pass])
                return false;
            break;
        case LETHE_EVENT_PASS_POINT:
            flushed[pass] = number(e, "offset");
            break;
        case LETHE_EVENT_PASS_END:
            written[pass] = from[pass] + number(e, "bytes") + 512 * number(e, "errors");
            break;
        case LETHE_EVENT_ATTEST:
            attested = true;
            break;
        case LETHE_EVENT_STEP_END:
            if (!json_is_true(json_object_get(e->body, "ok")))
                return false;
            ok[step] = 1;
            identity = step == 1 ? false : identity;
            break;
        case LETHE_EVENT_INTERRUPTED:
            identity = false;
            role = 0;
            cut_before_result = cut_before_result || !ok[2];
            result = ok[2] ? result : 0;
            break;
        case LETHE_EVENT_VERIFY_RESULT: {
            struct lethe_verify_result r;
            if (lethe_verify_result_from_json(json_object_get(e->body, "result"), &r, NULL) < 0)
                return false;
            json_int_t bad = (json_int_t)course->bad_sectors * 512;
            bool full = r.mode == LETHE_VERIFY_FULL &&
                        (json_int_t)r.bytes + bad >= (json_int_t)STREAM_CAPACITY;
            bool sampled = r.mode == course->mode && !cut_before_result &&
                           r.samples >= (r.mode == LETHE_VERIFY_CONFIDENCE ? 459 : 1639);
            result = r.complete && !r.mismatches && !r.canaries_survived && !r.unreadable &&
                     r.canaries_checked >= 16 && (full || sampled);
            break;
        }
        case LETHE_EVENT_ABORT:
        case LETHE_EVENT_JOB_REFUSED:
            return false;
        default:
            break;
        }
    }
    for (unsigned i = 0; i < course->passes; i++)
        if (written[i] != (json_int_t)STREAM_CAPACITY || flushed[i] != (json_int_t)STREAM_CAPACITY)
            return false;
    return start && after && attested && canaries == 16 && result && ok[0] && ok[1] && ok[2] &&
           sound[0] && sound[1] && sound[2];
}

/* Fold what is legal of S, end it, and ask the oracle. */
static enum lethe_outcome judge(const struct stream *s, const struct course *course)
{
    struct stream taken = {.n = 0};
    struct lethe_job job;
    lethe_job_init(&job);
    for (size_t i = 0; i < s->n; i++)
        if (apply(&job, s->events[i].type, json_incref(s->events[i].body)) == 0)
            stream_add(&taken, s->events[i].type, json_incref(s->events[i].body));
    enum lethe_outcome outcome = stream_end(&job) == 0 ? job.outcome : LETHE_OUTCOME_NONE;
    if (passed(outcome) && !evidence_holds(&taken, course)) {
        for (size_t i = 0; i < taken.n; i++) {
            char *body = json_dumps(taken.events[i].body, JSON_COMPACT);
            if (taken.events[i].type != LETHE_EVENT_JOB_CREATED)
                print_error("%s %s\n", lethe_event_name(taken.events[i].type), body);
            free(body);
        }
        fail_msg("%s without the evidence", lethe_outcome_name(outcome));
    }
    lethe_job_clear(&job);
    stream_clear(&taken);
    return outcome;
}

/* In the order of claims: passed, with exceptions, the rest. */
static int rank(enum lethe_outcome outcome)
{
    return outcome == LETHE_OUTCOME_PASSED ? 2 : passed(outcome);
}

static void the_courses_pass(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_COURSES; i++) {
        struct stream s;
        stream_make(&s, &courses[i]);
        assert_int_equal(judge(&s, &courses[i]), courses[i].bad_sectors
                                                     ? LETHE_OUTCOME_PASSED_WITH_EXCEPTIONS
                                                     : LETHE_OUTCOME_PASSED);
        stream_clear(&s);
    }
}

/* Only a durable point in the middle of a pass can go and leave the evidence whole. */
static bool dispensable(const struct stream *s, size_t i)
{
    return s->events[i].type == LETHE_EVENT_PASS_POINT &&
           number(&s->events[i], "offset") < (json_int_t)STREAM_CAPACITY;
}

static void each_event_taken_away(void **state)
{
    (void)state;
    for (size_t c = 0; c < N_COURSES; c++) {
        struct stream s;
        stream_make(&s, &courses[c]);
        for (size_t i = 0; i < s.n; i++) {
            struct stream cut;
            stream_copy(&s, &cut);
            bool may = dispensable(&s, i);
            stream_remove(&cut, i);
            bool did = passed(judge(&cut, &courses[c]));
            /* Of a job cut short and taken up again some is told twice: there the oracle decides.
             */
            if (courses[c].cut == WHOLE && did != may)
                fail_msg("course %zu without event %zu (%s): passed is %d", c, i,
                         lethe_event_name(s.events[i].type), did);
            stream_clear(&cut);
        }
        stream_clear(&s);
    }
}

static void each_event_doubled_or_moved(void **state)
{
    (void)state;
    for (size_t c = 0; c < N_COURSES; c++) {
        struct stream s;
        stream_make(&s, &courses[c]);
        int whole = rank(judge(&s, &courses[c]));
        size_t stride = c == 0 || courses[c].cut == CUT_IN_PASS ? 1 : 3; /* for time's sake */
        for (size_t i = 0; i < s.n; i++)
            for (size_t to = i % stride; to <= s.n; to += stride) {
                struct stream bent;
                stream_copy(&s, &bent);
                stream_insert(&bent, to, &s.events[i]);
                assert_true(rank(judge(&bent, &courses[c])) <= whole);
                stream_remove(&bent, to <= i ? i + 1 : i); /* now it is moved */
                assert_true(rank(judge(&bent, &courses[c])) <= whole);
                stream_clear(&bent);
            }
        stream_clear(&s);
    }
}

static void bend_value(struct stream *s, const struct course *course, json_t *object,
                       const char *key, json_t *value)
{
    static const char *const words[] = {
        "erase",  "verify",     "write",  "read", "before-erase", "before-verify", "after-verify",
        "resume", "confidence", "strata", "full", "none",         "one",           "x"};
    json_int_t n = json_integer_value(value);
    json_int_t numbers[] = {0, 1, n - 1, n + 1, n * 2, n - 4096, n + 4096, 512, INT32_MAX};
    json_incref(value);
    if (json_is_integer(value))
        for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
            json_object_set_new(object, key, json_integer(numbers[i]));
            judge(s, course);
        }
    if (json_is_boolean(value)) {
        json_object_set_new(object, key, json_boolean(!json_is_true(value)));
        judge(s, course);
    }
    if (json_is_string(value))
        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
            json_object_set_new(object, key, json_string(words[i]));
            judge(s, course);
        }
    json_object_set_new(object, key, value);
}

static void each_value_altered(void **state)
{
    (void)state;
    for (size_t c = 0; c < N_COURSES; c++) {
        struct stream s;
        stream_make(&s, &courses[c]);
        for (size_t i = 0; i < s.n; i++) {
            json_t *body = s.events[i].body;
            json_t *inner = json_object_get(body, "result");
            json_t *object = inner ? inner : body;
            json_t *keys = json_copy(object);
            const char *key;
            json_t *value;
            json_object_foreach(keys, key, value) bend_value(&s, &courses[c], object, key, value);
            json_decref(keys);
        }
        stream_clear(&s);
    }
}

/* Events of several streams, thrown together: the machine takes what it takes, and is never fooled.
 */
static void at_random(void **state)
{
    (void)state;
    unsigned n_passed = 0, ends[LETHE_OUTCOME_REFUSED + 1] = {0};
    srand(7);
    for (int round = 0; round < 3000; round++) {
        const struct course *course = &courses[(size_t)rand() % N_COURSES];
        struct stream s;
        stream_make(&s, course);
        for (int k = 1 + rand() % 6; k > 0 && s.n > 1; k--) {
            size_t i = (size_t)rand() % s.n, j = (size_t)rand() % s.n;
            struct lethe_event swap;
            if (rand() % 4 == 0)
                stream_remove(&s, i);
            else if (rand() % 2 && s.n < STREAM_MAX - 1)
                stream_insert(&s, j, &s.events[i]);
            else {
                swap = s.events[i];
                s.events[i] = s.events[j];
                s.events[j] = swap;
            }
        }
        enum lethe_outcome outcome = judge(&s, course);
        ends[outcome]++;
        n_passed += passed(outcome);
        stream_clear(&s);
    }
    print_message("of 3000 damaged jobs: %u passed (evidence whole), %u indeterminate, %u failed, "
                  "%u refused\n",
                  n_passed, ends[LETHE_OUTCOME_INDETERMINATE], ends[LETHE_OUTCOME_FAILED],
                  ends[LETHE_OUTCOME_REFUSED]);
    assert_true(n_passed > 0 && ends[LETHE_OUTCOME_INDETERMINATE] > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_courses_pass),
        cmocka_unit_test(each_event_taken_away),
        cmocka_unit_test(each_event_doubled_or_moved),
        cmocka_unit_test(each_value_altered),
        cmocka_unit_test(at_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
