/* SPDX-License-Identifier: Apache-2.0 */
/* The vocabulary: what goes out comes back, and nothing else comes in. */
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

static void every_name_is_its_own(void **state)
{
    (void)state;
    for (int i = 0; i < LETHE_EVENT_TYPES; i++)
        assert_int_equal(lethe_event_parse(lethe_event_name((enum lethe_event_type)i)), i);
    assert_int_equal(lethe_event_parse("job.ends"), -1);
    assert_string_equal(lethe_event_name(LETHE_EVENT_TYPES), "?");
}

static struct lethe_event numbered(const struct stream *s, size_t i)
{
    struct lethe_event event = s->events[i];
    event.seq = i + 1;
    event.time = STREAM_TIME;
    return event;
}

static void a_stream_survives_json(void **state)
{
    (void)state;
    struct stream s;
    struct course course = course_plain;
    course.bad_sectors = 3;
    course.cut = CUT_IN_PASS;
    stream_make(&s, &course);
    for (size_t i = 0; i < s.n; i++) {
        struct lethe_event event = numbered(&s, i), back;
        struct lethe_error err = {0};
        json_t *json = lethe_event_to_json(&event);
        assert_int_equal(lethe_event_from_json(json, &back, &err), 0);
        assert_int_equal(back.type, event.type);
        assert_int_equal(back.seq, event.seq);
        assert_int_equal(back.time, event.time);
        assert_string_equal(back.job, event.job);
        assert_true(json_equal(back.body, event.body));
        json_decref(json);
        lethe_event_clear(&back);
    }
    stream_clear(&s);
}

/* Every member, at every depth that the table knows: gone, of another kind, or joined by a
 * stranger. */
static int refuses(const struct lethe_event *event)
{
    return lethe_event_check(event, NULL);
}

static bool optional(const char *name)
{
    static const char *const names[] = {"pid",    "ring",   "operator",   "reason", "code",
                                        "effect", "remedy", "shelf",      "total",  "rate",
                                        "eta",    "reveal", "certificate"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static void bend_object(struct lethe_event *event, json_t *object)
{
    const char *key;
    json_t *value;
    json_t *copy = json_copy(object);
    json_object_set_new(object, "stranger", json_integer(1));
    assert_int_equal(refuses(event), -LETHE_E_INVALID);
    json_object_del(object, "stranger");
    json_object_foreach(copy, key, value)
    {
        json_object_del(object, key);
        if (optional(key) && event->type != LETHE_EVENT_ABORT &&
            event->type != LETHE_EVENT_INTERRUPTED && event->type != LETHE_EVENT_RESUMED)
            assert_int_equal(refuses(event), 0);
        else
            assert_int_equal(refuses(event), -LETHE_E_INVALID);
        json_object_set_new(object, key, json_null());
        assert_int_equal(refuses(event), -LETHE_E_INVALID);
        json_object_set_new(object, key, json_real(1.5));
        assert_int_equal(refuses(event), -LETHE_E_INVALID);
        json_object_set_new(object, key, json_string("\x1b[2J"));
        assert_int_equal(refuses(event), -LETHE_E_INVALID);
        json_object_set_new(object, key, json_integer(-1));
        assert_int_equal(refuses(event), -LETHE_E_INVALID);
        json_object_set(object, key, value);
        assert_int_equal(refuses(event), 0);
        bool ours = strcmp(key, "plan") && strcmp(key, "identity") && strcmp(key, "result") &&
                    strcmp(key, "evidence") && strcmp(key, "custom");
        if (json_is_object(value) && ours)
            bend_object(event, value);
    }
    json_decref(copy);
}

static void nothing_else_comes_in(void **state)
{
    (void)state;
    struct stream s;
    struct course course = course_plain;
    course.bad_sectors = 1;
    course.cut = CUT_IN_PASS;
    stream_make(&s, &course);
    stream_add(&s, LETHE_EVENT_ABORT, json_pack("{s:s, s:s}", "by", "operator", "reason", "x"));
    stream_add(&s, LETHE_EVENT_JOB_REFUSED,
               json_pack("{s:s, s:s, s:s, s:s}", "code", "busy", "reason", "r", "effect", "e",
                         "remedy", "m"));
    stream_add(&s, LETHE_EVENT_CERTIFICATE,
               json_pack("{s:s, s:s, s:s, s:s}", "id", "x", "vct", "y", "sha256",
                         "0000000000000000000000000000000000000000000000000000000000000000", "path",
                         "certificates/x"));
    for (size_t i = 0; i < s.n; i++) {
        struct lethe_event event = numbered(&s, i);
        if (event.type == LETHE_EVENT_JOB_REFUSED) /* code and reason are required in this one */
            continue;
        bend_object(&event, event.body);
    }
    stream_clear(&s);
}

static void bounds_hold(void **state)
{
    static const struct {
        enum lethe_event_type type;
        const char *body;
        int rc;
    } cases[] = {
        {LETHE_EVENT_STEP_BEGIN, "{\"step\":11}", 0},
        {LETHE_EVENT_STEP_BEGIN, "{\"step\":12}", -LETHE_E_INVALID},
        {LETHE_EVENT_PASS_POINT, "{\"pass\":47,\"offset\":9007199254740991}", 0},
        {LETHE_EVENT_PASS_POINT, "{\"pass\":48,\"offset\":0}", -LETHE_E_INVALID},
        {LETHE_EVENT_CANARY_WRITTEN, "{\"count\":4294967295}", 0},
        {LETHE_EVENT_CANARY_WRITTEN, "{\"count\":4294967296}", -LETHE_E_INVALID},
        {LETHE_EVENT_IDENTITY_CHECKED, "{\"when\":\"before-erase\",\"ok\":true}", 0},
        {LETHE_EVENT_IDENTITY_CHECKED, "{\"when\":\"before\",\"ok\":true}", -LETHE_E_INVALID},
        {LETHE_EVENT_IDENTITY_CHECKED, "{\"when\":\"before-erase|before-verify\",\"ok\":true}",
         -LETHE_E_INVALID},
        {LETHE_EVENT_IDENTITY_CHECKED, "{\"when\":\"\",\"ok\":true}", -LETHE_E_INVALID},
        {LETHE_EVENT_ABORT, "{\"by\":\"operator\",\"reason\":\"\"}", -LETHE_E_INVALID},
        {LETHE_EVENT_STEP_END, "{\"step\":1,\"ok\":false,\"code\":\"gone\",\"reason\":\"r\"}", 0},
        {LETHE_EVENT_STEP_END, "{\"step\":1,\"ok\":false,\"code\":\"lost\",\"reason\":\"r\"}",
         -LETHE_E_INVALID},
        {LETHE_EVENT_ATTEST, "{\"evidence\":{\"a\":[{\"b\":1}]}}", 0},
        {LETHE_EVENT_ATTEST, "{\"evidence\":{\"a\":[{\"b\":1.5}]}}", -LETHE_E_INVALID},
        {LETHE_EVENT_PROGRESS, "{\"step\":1,\"pass\":0,\"done\":5,\"errors\":0}", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        json_error_t why;
        struct lethe_event event = {.type = cases[i].type,
                                    .seq = lethe_event_ephemeral(cases[i].type) ? 0 : 1,
                                    .job = STREAM_JOB,
                                    .body = json_loads(cases[i].body, 0, &why)};
        assert_non_null(event.body);
        int rc = lethe_event_check(&event, NULL);
        if (rc != cases[i].rc)
            print_error("%s %s\n", lethe_event_name(cases[i].type), cases[i].body);
        assert_int_equal(rc, cases[i].rc);
        json_decref(event.body);
    }
}

static void exceptions_have_one_spelling(void **state)
{
    static const char *const bad[] = {"[[0,0]]",
                                      "[[0,512],[512,512]]",
                                      "[[1024,512],[0,512]]",
                                      "[[0,512],[256,512]]",
                                      "[[0]]",
                                      "[[0,512,1]]",
                                      "[512]",
                                      "[[-512,512]]",
                                      "[[9223372036854775807,512]]",
                                      "{}"};
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct lethe_event event = {.type = LETHE_EVENT_END, .seq = 1, .job = STREAM_JOB};
        event.body =
            json_pack("{s:s, s:s, s:b, s:[], s:[], s:{s:i, s:o, s:b}}", "outcome", "failed",
                      "method", "none", "policy_met", 0, "reasons", "limitations", "exceptions",
                      "sectors", 0, "ranges", json_array(), "truncated", 0);
        json_t *exceptions = json_object_get(event.body, "exceptions");
        assert_int_equal(lethe_event_check(&event, NULL), 0);
        json_object_set_new(exceptions, "ranges", json_loads("[[0,512],[1024,512]]", 0, NULL));
        assert_int_equal(lethe_event_check(&event, NULL), 0);
        json_object_set_new(exceptions, "ranges", json_loads(bad[i], 0, NULL));
        assert_int_equal(lethe_event_check(&event, NULL), -LETHE_E_INVALID);
        json_decref(event.body);
    }
}

static void the_envelope_is_checked(void **state)
{
    static const char *const bad[] = {
        "{\"type\":\"step.begin\",\"job\":\"" STREAM_JOB "\",\"seq\":0,\"time\":1,\"step\":1}",
        "{\"type\":\"step.begin\",\"job\":\"" STREAM_JOB "\",\"seq\":1,\"time\":-1,\"step\":1}",
        "{\"type\":\"step.begin\",\"job\":\"" STREAM_JOB
        "\",\"seq\":1,\"time\":9007199254740991,\"step\":1}",
        "{\"type\":\"step.begin\",\"job\":\"01940000\",\"seq\":1,\"time\":1,\"step\":1}",
        "{\"type\":\"step.begin\",\"job\":\"01940000-0000-7000-8000-00000000000G\",\"seq\":1,"
        "\"time\":1,\"step\":1}",
        "{\"type\":\"step.begins\",\"job\":\"" STREAM_JOB "\",\"seq\":1,\"time\":1,\"step\":1}",
        "{\"type\":\"progress\",\"job\":\"" STREAM_JOB
        "\",\"seq\":1,\"time\":1,\"step\":1,\"pass\":0,\"done\":0,\"errors\":0}",
        "{\"job\":\"" STREAM_JOB "\",\"seq\":1,\"time\":1,\"step\":1}",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct lethe_event event;
        struct lethe_error err = {0};
        json_t *json = lethe_json_load(bad[i], strlen(bad[i]), 4096, &err);
        assert_non_null(json);
        assert_int_equal(lethe_event_from_json(json, &event, &err), -LETHE_E_INVALID);
        assert_true(err.what[0]);
        json_decref(json);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_name_is_its_own),        cmocka_unit_test(a_stream_survives_json),
        cmocka_unit_test(nothing_else_comes_in),        cmocka_unit_test(bounds_hold),
        cmocka_unit_test(exceptions_have_one_spelling), cmocka_unit_test(the_envelope_is_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
