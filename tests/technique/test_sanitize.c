/* SPDX-License-Identifier: Apache-2.0 */
/* The course of a sanitise, whatever the command set: what a drive may answer, look by look, and
 * what may be made of it. Real command sets against models are in tests/scenarios. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka.h wants the four standard headers above */
#include <cmocka.h>

#include "technique/sanitize.h"

#include <lethe/technique.h>

/* One look each; the last one stays. */
struct script {
    const struct lethe_sanitize_status *looks;
    size_t n, at;
    bool gone, refuses, stays_failed, says_running;
    int repeats; /* what repeat() answers */
    unsigned begun, left_failure, intents;
};
static struct script *script;

static int status(struct lethe_run *run, struct lethe_sanitize_status *out, struct lethe_error *err)
{
    (void)run;
    if (script->gone && script->at + 1 >= script->n)
        return lethe_fail(err, LETHE_E_GONE, "gone");
    *out = script->looks[script->at];
    if (script->at + 1 < script->n)
        script->at++;
    return 0;
}

static int begin(struct lethe_run *run, enum lethe_sanitize_action action, json_t *commands,
                 struct lethe_sanitize_status *told, struct lethe_error *err)
{
    (void)run;
    (void)action;
    assert_int_equal(script->intents, 1); /* the record knows before the drive does */
    assert_int_equal(told->state, LETHE_SANITIZE_UNKNOWN);
    json_array_append_new(commands, json_string("begin"));
    script->begun++;
    if (script->says_running)
        told->state = LETHE_SANITIZE_RUNNING;
    return script->refuses ? lethe_technique_fail(err, "refused") : 0;
}

static int repeat(struct lethe_run *run, enum lethe_sanitize_action action, json_t *commands,
                  struct lethe_error *err)
{
    (void)run;
    (void)action;
    json_array_append_new(commands, json_string("repeat"));
    script->begun++;
    return script->repeats < 0 ? lethe_fail(err, (enum lethe_error_code) - script->repeats, "late")
                               : script->repeats;
}

static int leave_failure(struct lethe_run *run, json_t *commands, struct lethe_error *err)
{
    (void)commands;
    (void)run;
    script->left_failure++;
    return script->stays_failed ? lethe_technique_fail(err, "stays") : 0;
}

static const struct lethe_sanitize_set with_log = {
    .name = "ata", .status = status, .begin = begin, .leave_failure = leave_failure};
static const struct lethe_sanitize_set without_log = {.name = "scsi",
                                                      .status = status,
                                                      .begin = begin,
                                                      .leave_failure = leave_failure,
                                                      .idle_is_done = true};

static const struct lethe_sanitize_set answered = {.name = "scsi",
                                                   .status = status,
                                                   .begin = begin,
                                                   .repeat = repeat,
                                                   .leave_failure = leave_failure,
                                                   .idle_is_done = true};

static int intent(void *user, const char *action, json_t *detail)
{
    (void)user;
    assert_string_equal(action, "sanitize");
    json_decref(detail);
    script->intents++;
    return 0;
}

static int progress(void *user, unsigned pass, uint64_t done, uint64_t errors)
{
    (void)pass;
    (void)errors;
    *(uint64_t *)user = done;
    return 0;
}

enum ending { PROVED, UNPROVED, FAILS };

static void course(const struct lethe_sanitize_set *set, struct script *s, enum ending due)
{
    uint64_t done = 0;
    struct lethe_error err = {0};
    struct lethe_run run = {
        .capacity = 65536,
        .poll_ms = 1,
        .report = {.intent = intent, .progress = progress, .user = &done},
    };
    script = s;
    json_t *evidence = NULL;
    int rc = lethe_sanitize_start(&run, set, LETHE_SANITIZE_BLOCK, &err);
    while (rc == 0 && (rc = lethe_sanitize_step(&run, &err)) > 0)
        rc = 0;
    if (due == FAILS) {
        assert_true(rc < 0);
        assert_true(err.what[0]);
    } else {
        assert_int_equal(rc, 0);
        assert_int_equal(lethe_sanitize_attest(&run, &evidence, &err), 0);
        assert_int_equal(json_is_true(json_object_get(evidence, "proved")), due == PROVED);
        assert_int_equal(json_array_size(json_object_get(evidence, "commands")), s->begun);
    }
    json_decref(evidence);
    lethe_sanitize_stop(&run);
}

#define LOOKS(...)                                                                                 \
    .looks = (const struct lethe_sanitize_status[]){__VA_ARGS__},                                  \
    .n = sizeof((const struct lethe_sanitize_status[]){__VA_ARGS__}) /                             \
         sizeof(struct lethe_sanitize_status)
#define IDLE                                                                                       \
    {                                                                                              \
        .state = LETHE_SANITIZE_IDLE                                                               \
    }
#define RUNS                                                                                       \
    {                                                                                              \
        .state = LETHE_SANITIZE_RUNNING, .progress_known = true, .progress = 1000                  \
    }
#define DONE                                                                                       \
    {                                                                                              \
        .state = LETHE_SANITIZE_SUCCEEDED                                                          \
    }
#define FAILED                                                                                     \
    {                                                                                              \
        .state = LETHE_SANITIZE_FAILED                                                             \
    }
#define UNKNOWN                                                                                    \
    {                                                                                              \
        .state = LETHE_SANITIZE_UNKNOWN                                                            \
    }

static void a_success_is_seen(void **state)
{
    (void)state;
    course(&with_log, &(struct script){LOOKS(IDLE, RUNS, RUNS, DONE)}, PROVED);
    course(&with_log, &(struct script){LOOKS(DONE, RUNS, DONE)}, PROVED);
    /* Over in no time, but it was not there before. */
    course(&with_log, &(struct script){LOOKS(IDLE, DONE)}, PROVED);
    course(&with_log,
           &(struct script){LOOKS({.state = LETHE_SANITIZE_SUCCEEDED, .command = 0x12},
                                  {.state = LETHE_SANITIZE_SUCCEEDED, .command = 0x14})},
           PROVED);
    course(&without_log, &(struct script){LOOKS(IDLE, RUNS, RUNS, IDLE)}, PROVED);
}

static void an_old_success_is_none(void **state)
{
    (void)state;
    course(&with_log, &(struct script){LOOKS(DONE, DONE)}, UNPROVED);
    course(&without_log, &(struct script){LOOKS(IDLE, IDLE)}, UNPROVED);
}

/* Over before the first look: the answer to the command may have told that it ran, or it is sent
 * once more to be answered at its end. */
static void over_before_it_was_looked_at(void **state)
{
    (void)state;
    course(&with_log, &(struct script){LOOKS(DONE, DONE), .says_running = true}, PROVED);
    course(&with_log, &(struct script){LOOKS(DONE, IDLE), .says_running = true}, FAILS);
    struct script good = {LOOKS(IDLE, IDLE), .repeats = 1};
    course(&answered, &good, PROVED);
    assert_int_equal(good.begun, 2);
    struct script refused = {LOOKS(IDLE, IDLE), .repeats = 0};
    course(&answered, &refused, UNPROVED);
    assert_int_equal(refused.begun, 2);
    course(&answered, &(struct script){LOOKS(IDLE, IDLE), .repeats = -LETHE_E_TIMEOUT}, UNPROVED);
    course(&answered, &(struct script){LOOKS(IDLE, IDLE, RUNS, IDLE), .repeats = -LETHE_E_TIMEOUT},
           PROVED);
    course(&answered, &(struct script){LOOKS(IDLE, IDLE, FAILED), .repeats = 0}, FAILS);
    course(&answered, &(struct script){LOOKS(IDLE, IDLE), .repeats = -LETHE_E_GONE}, FAILS);
    /* Seen running it is not sent again, and one that fell back to idle is not either. */
    struct script seen = {LOOKS(IDLE, RUNS, IDLE), .repeats = 1};
    course(&answered, &seen, PROVED);
    assert_int_equal(seen.begun, 1);
}

static void failures(void **state)
{
    (void)state;
    struct script fails = {LOOKS(IDLE, RUNS, FAILED)};
    course(&with_log, &fails, FAILS);
    assert_int_equal(fails.left_failure, 1);
    course(&with_log, &(struct script){LOOKS(IDLE), .refuses = true}, FAILS);
    course(&with_log, &(struct script){LOOKS(IDLE, RUNS, IDLE)}, FAILS);
    course(&with_log, &(struct script){LOOKS(UNKNOWN)}, FAILS);
    course(&with_log, &(struct script){LOOKS(IDLE, RUNS, UNKNOWN)}, FAILS);
    course(&with_log, &(struct script){LOOKS(IDLE, RUNS, RUNS), .gone = true}, FAILS);
    course(&with_log, &(struct script){LOOKS({.state = LETHE_SANITIZE_IDLE, .frozen = true})},
           FAILS);
}

static void a_failure_mode_is_left_first(void **state)
{
    (void)state;
    struct script s = {LOOKS(FAILED, RUNS, DONE)};
    course(&with_log, &s, PROVED);
    assert_int_equal(s.left_failure, 1);
    assert_int_equal(s.begun, 1);
    course(&with_log, &(struct script){LOOKS(FAILED), .stays_failed = true}, FAILS);
}

static void somebody_elses_is_left_alone(void **state)
{
    (void)state;
    struct script s = {LOOKS(RUNS, DONE)};
    course(&with_log, &s, FAILS);
    assert_int_equal(s.begun, 0);
}

static int settled(const struct lethe_sanitize_set *set, struct script *s)
{
    uint64_t done = 0;
    struct lethe_error err = {0};
    struct lethe_run run = {
        .capacity = 65536, .poll_ms = 1, .report = {.progress = progress, .user = &done}};
    script = s;
    script->intents = 1; /* of the run that was cut short */
    int rc = lethe_sanitize_settle(&run, set, LETHE_SANITIZE_BLOCK, &err);
    assert_true(rc == 0 || err.what[0]);
    return rc;
}

/* After a crash: nothing is sent to a drive that is busy, and nothing that it did is followed for
 * evidence; only a torn format is left by another one. */
static void left_alone_until_it_is_over(void **state)
{
    (void)state;
    struct script runs = {LOOKS(RUNS, RUNS, DONE, RUNS)};
    assert_int_equal(settled(&with_log, &runs), 0);
    assert_int_equal(runs.at, 3);
    assert_int_equal(runs.begun, 0);
    struct script failed = {LOOKS(RUNS, FAILED, RUNS)};
    assert_int_equal(settled(&with_log, &failed), 0);
    assert_int_equal(failed.left_failure, 1);
    assert_int_equal(failed.begun, 0);
    assert_true(settled(&with_log, &(struct script){LOOKS(FAILED), .stays_failed = true}) < 0);
    assert_true(settled(&with_log, &(struct script){LOOKS(UNKNOWN)}) < 0);
    assert_true(settled(&with_log, &(struct script){LOOKS(RUNS, RUNS), .gone = true}) < 0);

    struct lethe_sanitize_set format = without_log;
    format.left_by_again = true;
    struct script torn = {LOOKS(FAILED, RUNS, IDLE)};
    assert_int_equal(settled(&format, &torn), 0);
    assert_int_equal(torn.begun, 1);
    struct script broken = {LOOKS(FAILED)};
    assert_true(settled(&format, &broken) < 0);
    assert_int_equal(broken.begun, 1);
}

/* facts/standards.md section 3, by name. */
static void methods(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum lethe_method magnetic, flash, unknown;
    } due[] = {
        {"ata-sanitize-crypto", LETHE_METHOD_PURGE, LETHE_METHOD_PURGE, LETHE_METHOD_CLEAR},
        {"ata-sanitize-block", LETHE_METHOD_PURGE, LETHE_METHOD_PURGE, LETHE_METHOD_CLEAR},
        {"ata-sanitize-overwrite", LETHE_METHOD_PURGE, LETHE_METHOD_PURGE, LETHE_METHOD_CLEAR},
        {"scsi-sanitize-crypto", LETHE_METHOD_PURGE, LETHE_METHOD_PURGE, LETHE_METHOD_CLEAR},
        {"scsi-sanitize-block", LETHE_METHOD_PURGE, LETHE_METHOD_PURGE, LETHE_METHOD_CLEAR},
        {"scsi-sanitize-overwrite", LETHE_METHOD_PURGE, LETHE_METHOD_PURGE, LETHE_METHOD_CLEAR},
        {"nvme-sanitize-crypto", LETHE_METHOD_PURGE, LETHE_METHOD_PURGE, LETHE_METHOD_CLEAR},
        {"nvme-sanitize-block", LETHE_METHOD_PURGE, LETHE_METHOD_PURGE, LETHE_METHOD_CLEAR},
        {"nvme-sanitize-overwrite", LETHE_METHOD_PURGE, LETHE_METHOD_PURGE, LETHE_METHOD_CLEAR},
        {"ata-security-erase", LETHE_METHOD_CLEAR, LETHE_METHOD_CLEAR, LETHE_METHOD_CLEAR},
        {"nvme-format-user", LETHE_METHOD_CLEAR, LETHE_METHOD_CLEAR, LETHE_METHOD_CLEAR},
        {"nvme-format-crypto", LETHE_METHOD_CLEAR, LETHE_METHOD_CLEAR, LETHE_METHOD_CLEAR},
        {"ata-unhide", LETHE_METHOD_NONE, LETHE_METHOD_NONE, LETHE_METHOD_NONE},
        {"ata-security-erase-enhanced", LETHE_METHOD_PURGE, LETHE_METHOD_CLEAR, LETHE_METHOD_CLEAR},
    };
    for (size_t i = 0; i < sizeof(due) / sizeof(*due); i++) {
        const struct lethe_technique *t = lethe_technique_find(due[i].name);
        assert_non_null(t);
        assert_int_equal(lethe_technique_method(t, LETHE_MEDIA_MAGNETIC), due[i].magnetic);
        assert_int_equal(lethe_technique_method(t, LETHE_MEDIA_FLASH), due[i].flash);
        assert_int_equal(lethe_technique_method(t, LETHE_MEDIA_UNKNOWN), due[i].unknown);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_success_is_seen),
        cmocka_unit_test(an_old_success_is_none),
        cmocka_unit_test(over_before_it_was_looked_at),
        cmocka_unit_test(failures),
        cmocka_unit_test(a_failure_mode_is_left_first),
        cmocka_unit_test(somebody_elses_is_left_alone),
        cmocka_unit_test(left_alone_until_it_is_over),
        cmocka_unit_test(methods),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
