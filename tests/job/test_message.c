/* SPDX-License-Identifier: Apache-2.0 */
/* What a worker may say, by its role; everything else is refused. */
#include "job/stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h wants the four standard headers above */
#include <cmocka.h>

#include "base/json.h"

static int parse(const char *text, enum lethe_role role, struct lethe_error *err)
{
    struct lethe_event event;
    bool done;
    int rc = lethe_message_parse(text, strlen(text), role, &event, &done, err);
    if (rc < 0)
        assert_null(event.body);
    lethe_event_clear(&event);
    return rc;
}

static char *message(enum lethe_event_type type, const json_t *body)
{
    json_t *json = json_deep_copy(body);
    json_object_set_new(json, "type", json_string(lethe_event_name(type)));
    char *text = lethe_json_canonical(json);
    json_decref(json);
    return text;
}

/* Every event of whole jobs, said by each role: only its own are taken. */
static void each_role_says_its_own(void **state)
{
    static const char *const own[2] = {
        "worker.started step.begin canary.written pass.begin pass.point pass.end exception "
        "technique.attest step.end progress",
        "worker.started step.begin exception verify.result step.end progress"};
    (void)state;
    struct stream s;
    struct course course = course_plain;
    course.bad_sectors = 1;
    course.cut = CUT_IN_PASS;
    stream_make(&s, &course);
    stream_add(&s, LETHE_EVENT_PROGRESS,
               json_pack("{s:i, s:i, s:i, s:i}", "step", 1, "pass", 0, "done", 5, "errors", 0));
    stream_add(&s, LETHE_EVENT_ABORT, json_pack("{s:s, s:s}", "by", "operator", "reason", "x"));
    stream_add(&s, LETHE_EVENT_JOB_REFUSED, json_pack("{s:s, s:s}", "code", "busy", "reason", "x"));
    for (size_t i = 0; i < s.n; i++) {
        const struct lethe_event *e = &s.events[i];
        char *text = message(e->type, e->body);
        for (int role = LETHE_ROLE_ERASE; role <= LETHE_ROLE_VERIFY; role++) {
            struct lethe_error err = {0};
            bool takes = strstr(own[role], lethe_event_name(e->type)) != NULL;
            const char *said = json_string_value(json_object_get(e->body, "role"));
            if (said)
                takes = strcmp(said, role == LETHE_ROLE_VERIFY ? "verify" : "erase") == 0;
            if (e->type == LETHE_EVENT_EXCEPTION)
                takes = role == LETHE_ROLE_ERASE; /* it is about writing */
            int rc = parse(text, (enum lethe_role)role, &err);
            if ((rc == 0) != takes)
                print_error("role %d: %s: %s\n", role, text, err.what);
            assert_int_equal(rc, takes ? 0 : -LETHE_E_INVALID);
        }
        free(text);
    }
    stream_clear(&s);
}

static void the_body_comes_through(void **state)
{
    static const char text[] = "{\"type\":\"pass.point\",\"pass\":1,\"offset\":4096}";
    (void)state;
    struct lethe_event event;
    bool done = true;
    assert_int_equal(lethe_message_parse(text, strlen(text), LETHE_ROLE_ERASE, &event, &done, NULL),
                     0);
    assert_false(done);
    assert_int_equal(event.type, LETHE_EVENT_PASS_POINT);
    assert_int_equal(event.seq, 0);
    assert_int_equal(json_object_size(event.body), 2);
    assert_int_equal(json_integer_value(json_object_get(event.body, "offset")), 4096);
    lethe_event_clear(&event);
    assert_int_equal(
        lethe_message_parse("{\"type\":\"done\"}", 15, LETHE_ROLE_ERASE, &event, &done, NULL), 0);
    assert_true(done);
    assert_null(event.body);
}

static void what_is_not_ours_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "{",
        "[]",
        "null",
        "{}",
        "\"done\"",
        "{\"type\":1}",
        "{\"type\":\"done\",\"x\":1}",
        "{\"type\":\"done\"} {\"type\":\"done\"}",
        "{\"type\":\"go\"}",
        "{\"type\":\"step.begin\",\"step\":1,\"step\":1}",
        "{\"type\":\"step.begin\",\"step\":1,\"job\":\"" STREAM_JOB "\"}",
        "{\"type\":\"step.begin\",\"step\":1,\"seq\":1}",
        "{\"type\":\"step.begin\",\"step\":1,\"time\":1}",
        "{\"type\":\"step.begin\",\"step\":1.0}",
        "{\"type\":\"step.begin\",\"step\":-1}",
        "{\"type\":\"step.begin\",\"step\":99}",
        "{\"type\":\"step.begin\"}",
        ("{\"type\":\"exception\",\"phase\":\"write\",\"offset\":0,\"length\":512,\"errno\":5,"
         "\"why\":\"\"}"),
    };
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        for (int role = 0; role < 2; role++) {
            struct lethe_error err = {0};
            int rc = parse(bad[i], (enum lethe_role)role, &err);
            if (rc != -LETHE_E_INVALID)
                print_error("taken: %s\n", bad[i]);
            assert_int_equal(rc, -LETHE_E_INVALID);
            assert_true(err.what[0]);
        }
}

static void too_long_is_refused(void **state)
{
    (void)state;
    char *text = malloc(LETHE_MESSAGE_MAX + 64);
    int n = sprintf(text, "{\"type\":\"done\"");
    memset(text + n, ' ', LETHE_MESSAGE_MAX + 64 - (size_t)n);
    struct lethe_event event;
    bool done;
    text[LETHE_MESSAGE_MAX - 1] = '}';
    assert_int_equal(
        lethe_message_parse(text, LETHE_MESSAGE_MAX, LETHE_ROLE_ERASE, &event, &done, NULL), 0);
    text[LETHE_MESSAGE_MAX - 1] = ' ';
    text[LETHE_MESSAGE_MAX] = '}';
    assert_int_equal(
        lethe_message_parse(text, LETHE_MESSAGE_MAX + 1, LETHE_ROLE_ERASE, &event, &done, NULL),
        -LETHE_E_INVALID);
    free(text);
}

static void a_worker_that_could_not_begin(void **state)
{
    (void)state;
    struct lethe_error err = {0};
    assert_int_equal(parse("{\"type\":\"failed\",\"code\":\"io\",\"reason\":\"no \\u001b[31mring\","
                           "\"effect\":\"\",\"remedy\":\"try again\"}",
                           LETHE_ROLE_ERASE, &err),
                     -LETHE_E_INVALID);
    assert_string_equal(err.what, "no ?[31mring");
    assert_string_equal(err.remedy, "try again");
    assert_int_equal(parse("{\"type\":\"failed\",\"reason\":7}", LETHE_ROLE_ERASE, NULL),
                     -LETHE_E_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_role_says_its_own),        cmocka_unit_test(the_body_comes_through),
        cmocka_unit_test(what_is_not_ours_is_refused),   cmocka_unit_test(too_long_is_refused),
        cmocka_unit_test(a_worker_that_could_not_begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
