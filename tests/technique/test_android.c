/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The erasures of an Android phone, step by step as a job would do them, against the model: what is
 * erased, what is claimed, and that no liar is believed.
 */
#include "android_bench.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define MODE(name) (1u << LETHE_MODE_##name)

/* Steps one after the other; the evidence of the last. Another phone, and one that comes back in a
 * mode that the step does not return to, end the job, as its window would. */
static int run_steps(struct android_bench *bench, const char *const *names, json_t **evidence)
{
    int rc = 0;
    *evidence = NULL;
    for (; rc == 0 && *names; names++) {
        json_decref(*evidence);
        rc = android_bench_step(bench, *names, evidence);
        unsigned returns = lethe_technique_find(*names)->returns;
        if (rc < 0 || !returns)
            continue;
        if (!android_bench_returns(bench))
            return lethe_fail(&bench->err, LETHE_E_GONE, "it never came back");
        if (!android_bench_is_same(bench))
            return lethe_fail(&bench->err, LETHE_E_CHANGED, "another phone came back");
        if (!(returns & 1u << android_bench_mode(bench)))
            return lethe_fail(&bench->err, LETHE_E_CHANGED, "it came back in another mode");
    }
    return rc;
}

static const char *const rescue_chain[] = {"android-sideload", "android-rescue",
                                           "android-rescue-wipe", NULL};
static const char *const fastboot[] = {"android-bootloader", "android-fastboot-erase", NULL};
static const char *const harness[] = {"android-test-harness", NULL};
static const char *const settings[] = {"android-settings-reset", NULL};

static void the_rescue_chain_erases_and_shows_it(void **state)
{
    struct android_bench bench;
    json_t *evidence;
    (void)state;
    android_bench_begin(&bench, "normal", "", "");
    assert_true(android_bench_remains(&bench, "userdata") > 0);
    assert_int_equal(run_steps(&bench, rescue_chain, &evidence), 0);
    assert_string_equal(json_string_value(json_object_get(evidence, "reply")), "DONEDONE");
    assert_true(json_is_true(json_object_get(evidence, "admitted")));
    assert_int_equal(android_bench_remains(&bench, "userdata"), 0);
    assert_int_equal(android_bench_remains(&bench, "metadata"), 0);
    assert_int_equal(android_bench_judge(&bench, "android-rescue-wipe", evidence),
                     LETHE_GRADE_STATE);
    json_decref(evidence);
    android_bench_end(&bench);
}

/* Of a bootloader that tells no size of metadata that it is erased all the same, or that it was not
 * is told: nobody calls it absent. */
static void metadata_is_erased_whatever_is_told_of_it(void **state)
{
    static const struct {
        const char *traits, *fault, *reply;
        bool gone;
    } rows[] = {{"unlocked=true metadata_hidden=true", "", "okay", true},
                {"unlocked=true metadata_hidden=true", "metadata-fails", "refused", false},
                {"unlocked=true encryption=fbe", "", "refused", true}};
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct android_bench bench;
        json_t *evidence;
        android_bench_begin(&bench, "normal", rows[i].traits, rows[i].fault);
        assert_int_equal(run_steps(&bench, fastboot, &evidence), 0);
        const json_t *replies = json_object_get(evidence, "replies");
        assert_string_equal(json_string_value(json_object_get(replies, "metadata")), rows[i].reply);
        assert_string_equal(json_string_value(json_object_get(replies, "cache")), "absent");
        assert_int_equal(android_bench_remains(&bench, "userdata"), 0);
        assert_int_equal(android_bench_remains(&bench, "metadata") == 0, rows[i].gone);
        json_decref(evidence);
        android_bench_end(&bench);
    }
}

static void fastboot_erases_all_three(void **state)
{
    struct android_bench bench;
    json_t *evidence;
    (void)state;
    android_bench_begin(&bench, "normal", "unlocked=true cache=true", "");
    assert_int_equal(run_steps(&bench, fastboot, &evidence), 0);
    const json_t *replies = json_object_get(evidence, "replies");
    assert_string_equal(json_string_value(json_object_get(replies, "userdata")), "okay");
    assert_string_equal(json_string_value(json_object_get(replies, "metadata")), "okay");
    assert_string_equal(json_string_value(json_object_get(replies, "cache")), "okay");
    assert_int_equal(android_bench_remains(&bench, "userdata"), 0);
    assert_int_equal(android_bench_remains(&bench, "metadata"), 0);
    assert_int_equal(android_bench_judge(&bench, "android-fastboot-erase", evidence),
                     LETHE_GRADE_STATE);
    json_decref(evidence);
    android_bench_end(&bench);
}

static void the_test_harness_shows_its_wipe(void **state)
{
    struct android_bench bench;
    json_t *evidence;
    (void)state;
    android_bench_begin(&bench, "normal", "", "");
    assert_int_equal(run_steps(&bench, harness, &evidence), 0);
    assert_int_equal(android_bench_remains(&bench, "userdata"), 0);
    assert_int_equal(bench.intents, 1); /* the record knew before the phone did */
    enum lethe_grade grade = android_bench_judge(&bench, "android-test-harness", evidence);
    assert_string_equal(bench.err.what, "the files put on it before are gone, its system is new, "
                                        "and nothing of its owner's is on it");
    assert_int_equal(grade, LETHE_GRADE_STATE);
    /* Nothing that names its owner is kept. */
    char *text = json_dumps(evidence, 0);
    assert_null(strstr(text, "org.example.notes"));
    free(text);
    json_decref(evidence);
    android_bench_end(&bench);
}

/* facts/phones.md 3.1: wipe, fill, read back, and the final reset. */
static void a_filled_phone_is_read_back(void **state)
{
    struct android_bench bench;
    json_t *evidence, *filled;
    (void)state;
    android_bench_begin(&bench, "normal", "storage=3MiB", "");
    assert_int_equal(run_steps(&bench, harness, &evidence), 0);
    /* Cut short, it begins again: nothing is left of what it wrote before. */
    assert_int_equal(android_bench_step(&bench, "android-fill", &filled), 0);
    json_decref(filled);
    assert_int_equal(android_bench_step(&bench, "android-fill", &filled), 0);
    assert_true(bench.progress > 0);
    assert_true(json_integer_value(json_object_get(filled, "bytes")) >
                json_integer_value(json_object_get(filled, "free_before")) * 95 / 100);
    enum lethe_grade grade = android_bench_judge(&bench, "android-fill", filled);
    assert_string_equal(
        bench.err.what,
        "the user storage was filled, and every sample read back as it was written");
    assert_int_equal(grade, LETHE_GRADE_STATE);
    json_decref(evidence);
    assert_int_equal(run_steps(&bench, rescue_chain, &evidence), 0);
    assert_int_equal(android_bench_judge(&bench, "android-rescue-wipe", evidence),
                     LETHE_GRADE_STATE);
    json_decref(evidence);
    json_decref(filled);
    android_bench_end(&bench);
}

static void a_person_resets_it_and_says_so(void **state)
{
    struct android_bench bench;
    json_t *evidence;
    (void)state;
    android_bench_begin(&bench, "normal", "", "");
    assert_int_equal(run_steps(&bench, settings, &evidence), 0);
    assert_int_equal(android_bench_remains(&bench, "userdata"), 0);
    assert_int_equal(android_bench_judge(&bench, "android-settings-reset", evidence),
                     LETHE_GRADE_ATTESTED);
    json_decref(evidence);
    android_bench_end(&bench);
}

static void another_phone_is_sent_nothing(void **state)
{
    static const struct {
        const char *technique, *mode, *traits;
    } routes[] = {{"android-sideload", "normal", ""},
                  {"android-test-harness", "normal", ""},
                  {"android-fill", "normal", ""},
                  {"android-settings-reset", "normal", ""},
                  {"android-fastboot-erase", "fastboot", "unlocked=true"}};
    (void)state;
    for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++) {
        struct android_bench bench;
        json_t *evidence;
        android_bench_begin(&bench, routes[i].mode, routes[i].traits, "");
        long long before = android_bench_remains(&bench, "userdata");
        snprintf(bench.identity.identifiers[0].value, 32, "ANOTHER");
        assert_int_equal(android_bench_step(&bench, routes[i].technique, &evidence),
                         -LETHE_E_CHANGED);
        assert_int_equal(android_bench_remains(&bench, "userdata"), before);
        android_bench_end(&bench);
    }
    /* In recovery by its model. */
    struct android_bench bench;
    json_t *evidence;
    android_bench_begin(&bench, "rescue", "", "");
    snprintf(bench.identity.model, sizeof(bench.identity.model), "Pixel 8");
    assert_int_equal(android_bench_step(&bench, "android-rescue-wipe", &evidence),
                     -LETHE_E_CHANGED);
    android_bench_end(&bench);
}

/* Before it leaves its system: a phone that would be lost for us is not sent away. */
static void locks_of_the_routes(void **state)
{
    struct android_bench bench;
    json_t *evidence;
    (void)state;
    android_bench_begin(&bench, "normal", "lock_screen=true", "");
    assert_int_equal(android_bench_step(&bench, "android-test-harness", &evidence),
                     -LETHE_E_REFUSED);
    assert_non_null(strstr(bench.err.what, "lock screen"));
    android_bench_end(&bench);
    android_bench_begin(&bench, "normal", "sd_card=true", "");
    assert_int_equal(android_bench_step(&bench, "android-test-harness", &evidence),
                     -LETHE_E_REFUSED);
    assert_non_null(strstr(bench.err.what, "memory card"));
    assert_true(android_bench_remains(&bench, "card") > 0);
    android_bench_end(&bench);
    android_bench_begin(&bench, "rescue", "battery=9", "");
    assert_int_equal(android_bench_step(&bench, "android-rescue-wipe", &evidence),
                     -LETHE_E_REFUSED);
    assert_true(android_bench_remains(&bench, "userdata") > 0);
    android_bench_end(&bench);
    android_bench_begin(&bench, "fastboot", "", "");
    assert_int_equal(android_bench_step(&bench, "android-fastboot-erase", &evidence),
                     -LETHE_E_REFUSED);
    android_bench_end(&bench);
}

/* A maker's recovery without a rescue mode: the phone is where it was, unharmed. */
static void a_recovery_without_rescue_harms_nothing(void **state)
{
    struct android_bench bench;
    json_t *evidence;
    (void)state;
    android_bench_begin(&bench, "normal", "", "no-rescue");
    long long before = android_bench_remains(&bench, "userdata");
    assert_true(run_steps(&bench, rescue_chain, &evidence) < 0);
    assert_int_equal(android_bench_remains(&bench, "userdata"), before);
    assert_int_equal(android_bench_mode(&bench), LETHE_MODE_NORMAL);
    json_decref(evidence);
    android_bench_end(&bench);
}

/* A cable that was pulled: it may be erased, and what it is like when it is back decides. */
static void a_lost_answer_is_looked_into(void **state)
{
    static const struct {
        const char *const *steps, *judged, *traits, *fault;
        bool erased;
        enum lethe_grade grade;
    } cuts[] = {
        {rescue_chain, "android-rescue-wipe", "", "drops-but-erases", true, LETHE_GRADE_NONE},
        {rescue_chain, "android-rescue-wipe", "", "vanishes", false, LETHE_GRADE_DENIED},
        {fastboot, "android-fastboot-erase", "unlocked=true", "drops-but-erases", true,
         LETHE_GRADE_NONE},
        {fastboot, "android-fastboot-erase", "unlocked=true", "vanishes", false,
         LETHE_GRADE_DENIED},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cuts) / sizeof(cuts[0]); i++) {
        struct android_bench bench;
        json_t *evidence;
        android_bench_begin(&bench, "normal", cuts[i].traits, cuts[i].fault);
        assert_int_equal(run_steps(&bench, cuts[i].steps, &evidence), 0);
        assert_true(json_is_true(json_object_get(evidence, "left")));
        /* What was not sent is not among what was. */
        assert_int_equal(json_array_size(json_object_get(evidence, "commands")), 1);
        assert_int_equal(android_bench_remains(&bench, "userdata") == 0, cuts[i].erased);
        assert_int_equal(android_bench_judge(&bench, cuts[i].judged, evidence), cuts[i].grade);
        assert_non_null(
            strstr(bench.err.what, cuts[i].erased ? "did not say" : "did not erase itself"));
        json_decref(evidence);
        android_bench_end(&bench);
    }
}

/* -- liars ------------------------------------------------------------------------------------- */

struct route {
    const char *const *steps, *judged, *mode, *traits;
};
static const struct route routes[] = {
    {rescue_chain, "android-rescue-wipe", "normal", ""},
    {fastboot, "android-fastboot-erase", "normal", "unlocked=true"},
    {harness, "android-test-harness", "normal", ""},
    {settings, "android-settings-reset", "normal", "wipe_ms=0"},
};

/* The whole matrix: a model that did not erase all is never graded STATE. */
static void no_liar_is_believed(void **state)
{
    static const char *const faults[] = {"no-reply",       "eof",           "returns-unerased",
                                         "other-serial",   "never-returns", "vanishes",
                                         "failfail",       "unauthorised",  "locked-fastboot",
                                         "metadata-fails", "length-4g",     "garbage-banner"};
    (void)state;
    for (size_t r = 0; r < sizeof(routes) / sizeof(routes[0]); r++)
        for (size_t f = 0; f < sizeof(faults) / sizeof(faults[0]); f++) {
            struct android_bench bench;
            json_t *evidence;
            android_bench_begin(&bench, routes[r].mode, routes[r].traits, faults[f]);
            int rc = run_steps(&bench, routes[r].steps, &evidence);
            enum lethe_grade grade =
                rc < 0 ? LETHE_GRADE_NONE : android_bench_judge(&bench, routes[r].judged, evidence);
            bool erased = android_bench_remains(&bench, "userdata") == 0 &&
                          android_bench_remains(&bench, "metadata") == 0;
            print_message("%-24s %-18s %-9s %-8s %.90s\n", routes[r].judged, faults[f],
                          erased ? "erased" : "keeps", rc < 0 ? "step" : lethe_grade_name(grade),
                          bench.err.what);
            if (!erased || strcmp(faults[f], "other-serial") == 0)
                assert_int_not_equal(grade, LETHE_GRADE_STATE);
            json_decref(evidence);
            android_bench_end(&bench);
        }
}

/* The users that it had went with their data. */
static void other_users_are_gone_with_a_wipe(void **state)
{
    struct android_bench bench;
    json_t *evidence;
    (void)state;
    android_bench_begin(&bench, "normal", "users=3", "");
    assert_int_equal(run_steps(&bench, harness, &evidence), 0);
    assert_int_equal(android_bench_judge(&bench, "android-test-harness", evidence),
                     LETHE_GRADE_STATE);
    json_decref(evidence);
    android_bench_end(&bench);
}

/* Those that come back exactly as a phone that erased itself: only what was put on it before, and
 * looked for after, tells. Grade A does. */
static void canaries_catch_who_looks_erased(void **state)
{
    static const char *const faults[] = {"done-but-keeps", "half-wipe"};
    (void)state;
    for (size_t f = 0; f < 2; f++) {
        struct android_bench bench;
        json_t *evidence;
        android_bench_begin(&bench, "normal", "", faults[f]);
        assert_int_equal(run_steps(&bench, harness, &evidence), 0);
        assert_int_equal(android_bench_judge(&bench, "android-test-harness", evidence),
                         LETHE_GRADE_DENIED);
        assert_non_null(strstr(bench.err.what, "still there"));
        json_decref(evidence);
        android_bench_end(&bench);
    }
}

static void a_key_that_is_remembered_denies(void **state)
{
    struct android_bench bench;
    json_t *evidence;
    (void)state;
    android_bench_begin(&bench, "normal", "", "keeps-keys");
    assert_int_equal(run_steps(&bench, rescue_chain, &evidence), 0);
    assert_int_equal(android_bench_judge(&bench, "android-rescue-wipe", evidence),
                     LETHE_GRADE_DENIED);
    json_decref(evidence);
    android_bench_end(&bench);
}

/* -- what is seen while it is watched ---------------------------------------------------------- */

struct late_io {
    struct lethe_io io;
    struct lethe_io *inner; /* what answers then; NULL: it leaves */
    unsigned quiet;         /* commands until then */
};

static int late_command(struct lethe_io *io, struct lethe_command *command)
{
    struct late_io *self = (struct late_io *)io;
    if (self->quiet > 0) {
        self->quiet--;
        return -EOPNOTSUPP;
    }
    return self->inner ? lethe_io_command(self->inner, command) : -ENODEV;
}

static void late_close(struct lethe_io *io)
{
    (void)io;
}

static const struct lethe_io_ops late_ops = {
    .name = "late", .command = late_command, .close = late_close};

static enum lethe_grade look_at_late(struct android_bench *bench, struct lethe_io *inner,
                                     unsigned quiet, json_t **findings)
{
    struct late_io late = {.io = {.ops = &late_ops}, .inner = inner, .quiet = quiet};
    const struct lethe_technique *technique = lethe_technique_find("android-rescue-wipe");
    struct lethe_run run = bench->run;
    json_t *evidence = json_pack("{s:s, s:b}", "reply", "DONEDONE", "admitted", 1);
    char why[192];
    late.io.config = bench->config;
    run.io = &late.io;
    assert_int_equal(technique->observe(&run, findings, &bench->err), 0);
    enum lethe_grade grade = technique->grade(evidence, *findings, why);
    json_decref(evidence);
    return grade;
}

static const char *adb_of(const json_t *findings)
{
    return json_string_value(json_object_get(findings, "adb"));
}

/* It kept everything, and its ADB is only later than our first look. */
static void a_phone_is_asked_all_through_the_quiet_time(void **state)
{
    struct android_bench bench;
    json_t *findings;
    (void)state;
    android_bench_begin(&bench, "normal", "", "");
    bench.run.quiet_ms = 400;
    struct lethe_io *inner = android_bench_plug(&bench);
    assert_non_null(inner);
    assert_int_equal(look_at_late(&bench, inner, 5, &findings), LETHE_GRADE_DENIED);
    assert_string_equal(adb_of(findings), "accepted");
    json_decref(findings);
    lethe_io_close(inner);

    assert_int_equal(look_at_late(&bench, NULL, 5, &findings), LETHE_GRADE_NONE);
    assert_string_equal(adb_of(findings), "left again");
    assert_true(json_integer_value(json_object_get(findings, "quiet_ms")) < 400);
    json_decref(findings);

    /* In the last moment, too; and one that stays silent was watched to the end. */
    assert_true(look_at_late(&bench, NULL, UINT_MAX, &findings) != LETHE_GRADE_DENIED);
    assert_string_equal(adb_of(findings), "absent");
    assert_true(json_integer_value(json_object_get(findings, "quiet_ms")) >= 400);
    json_decref(findings);
    android_bench_end(&bench);
}

static void only_a_test_bed_watches_shortly(void **state)
{
    (void)state;
    assert_int_equal(lethe_quiet_ms(LETHE_SUBSTRATE_PHYSICAL, 1), LETHE_QUIET_MS);
    assert_int_equal(lethe_quiet_ms(LETHE_SUBSTRATE_PHYSICAL, 1000), LETHE_QUIET_MS);
    assert_int_equal(lethe_quiet_ms(LETHE_SUBSTRATE_EMULATED, 1000), LETHE_QUIET_MS);
    assert_int_equal(lethe_quiet_ms(LETHE_SUBSTRATE_EMULATED, 1), 3000);
    assert_int_equal(lethe_quiet_ms(LETHE_SUBSTRATE_VIRTUAL, 20), 3000);
    assert_true(LETHE_QUIET_MS >= 180000);
}

static void reset_protection_that_came_back_is_no_state(void **state)
{
    struct android_bench bench;
    json_t *evidence;
    (void)state;
    android_bench_begin(&bench, "normal", "", "frp");
    assert_int_equal(run_steps(&bench, harness, &evidence), 0);
    assert_int_equal(android_bench_judge(&bench, "android-test-harness", evidence),
                     LETHE_GRADE_NONE);
    assert_non_null(strstr(bench.err.what, "reset protection"));
    json_decref(evidence);
    android_bench_end(&bench);
}

static void storage_that_lies_is_no_overwrite(void **state)
{
    static const struct {
        const char *fault;
        enum lethe_grade grade;
    } lies[] = {{"fill-lies", LETHE_GRADE_DENIED}, {"no-space", LETHE_GRADE_NONE}};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct android_bench bench;
        json_t *evidence;
        android_bench_begin(&bench, "normal", "storage=2MiB", lies[i].fault);
        assert_int_equal(android_bench_step(&bench, "android-fill", &evidence), 0);
        assert_int_equal(android_bench_judge(&bench, "android-fill", evidence), lies[i].grade);
        json_decref(evidence);
        android_bench_end(&bench);
    }
}

/* -- the judgement by itself ------------------------------------------------------------------- */

static enum lethe_grade judge(const char *technique, const char *evidence, const char *findings)
{
    char why[192] = "";
    json_t *e = json_loads(evidence, 0, NULL), *f = json_loads(findings, 0, NULL);
    enum lethe_grade grade = lethe_technique_find(technique)->grade(e, f, why);
    assert_true(why[0]);
    json_decref(e);
    json_decref(f);
    return grade;
}

#define DONE "{\"reply\":\"DONEDONE\",\"admitted\":true}"
#define FOUND(mode, adb) "{\"mode\":\"" mode "\",\"adb\":\"" adb "\",\"serial\":\"unknown\"}"

static void nothing_shows_nothing(void **state)
{
    (void)state;
    static const char *const all[] = {"android-rescue-wipe", "android-fastboot-erase",
                                      "android-test-harness", "android-fill",
                                      "android-settings-reset"};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        char why[192];
        assert_int_equal(lethe_technique_find(all[i])->grade(NULL, NULL, why), LETHE_GRADE_NONE);
        assert_int_equal(judge(all[i], "{}", "{}"), LETHE_GRADE_NONE);
        assert_int_equal(judge(all[i], "{\"reply\":7,\"replies\":[],\"before\":3}",
                               "{\"adb\":1,\"mode\":{},\"samples\":\"x\",\"state\":[]}"),
                         LETHE_GRADE_NONE);
    }
}

static void grade_b_by_the_book(void **state)
{
    (void)state;
    const char *wipe = "android-rescue-wipe";
    assert_int_equal(judge(wipe, DONE, FOUND("closed", "absent")), LETHE_GRADE_STATE);
    assert_int_equal(judge(wipe, DONE, FOUND("normal", "unauthorized")), LETHE_GRADE_STATE);
    assert_int_equal(
        judge(wipe, "{\"reply\":\"DONEDONE\",\"admitted\":false}", FOUND("normal", "unauthorized")),
        LETHE_GRADE_NONE);
    /* STLS, or a mode that should have an interface. */
    assert_int_equal(judge(wipe, DONE, FOUND("normal", "absent")), LETHE_GRADE_NONE);
    assert_int_equal(judge(wipe, DONE, FOUND("normal", "open")), LETHE_GRADE_NONE);
    assert_int_equal(judge(wipe, DONE, FOUND("normal", "silent")), LETHE_GRADE_NONE);
    assert_int_equal(judge(wipe, DONE, FOUND("normal", "accepted")), LETHE_GRADE_DENIED);
    assert_int_equal(judge(wipe, "{\"reply\":\"FAILFAIL\"}", FOUND("closed", "absent")),
                     LETHE_GRADE_DENIED);
    assert_int_equal(judge(wipe, "{\"reply\":\"DONE\"}", FOUND("closed", "absent")),
                     LETHE_GRADE_NONE);
    const char *boot = "android-fastboot-erase";
    assert_int_equal(judge(boot,
                           "{\"replies\":{\"userdata\":\"okay\",\"metadata\":\"okay\"},"
                           "\"admitted\":true}",
                           FOUND("closed", "absent")),
                     LETHE_GRADE_STATE);
    /* Found in its bootloader: whether its debugging was ever on nobody knows. */
    assert_int_equal(judge(boot, "{\"replies\":{\"userdata\":\"okay\",\"metadata\":\"okay\"}}",
                           FOUND("closed", "absent")),
                     LETHE_GRADE_NONE);
    assert_int_equal(judge(boot, "{\"replies\":{\"userdata\":\"okay\",\"metadata\":\"none\"}}",
                           FOUND("closed", "absent")),
                     LETHE_GRADE_NONE);
    /* A person's work is a person's word, whatever the state. */
    assert_int_equal(judge("android-settings-reset", "{\"opened\":\"now\",\"admitted\":true}",
                           FOUND("closed", "absent")),
                     LETHE_GRADE_ATTESTED);
    assert_int_equal(judge("android-settings-reset", "{\"opened\":\"now\",\"admitted\":true}",
                           FOUND("normal", "accepted")),
                     LETHE_GRADE_DENIED);
}

#define BEFORE                                                                                     \
    "{\"canaries\":8,\"before\":{\"android_id\":\"aa\",\"boot_count\":57,\"packages\":3}}"
#define AFTER(id, boots, packages, accounts, users, size, used, standing)                          \
    "{\"mode\":\"normal\",\"adb\":\"accepted\",\"serial\":\"same\",\"canaries\":{\"checked\":8,"   \
    "\"standing\":" standing "},\"state\":{\"android_id\":\"" id "\",\"boot_count\":" boots        \
    ",\"packages\":" packages ",\"accounts\":" accounts ",\"users\":" users ",\"size\":" size      \
    ",\"used\":" used ",\"frp\":\"no\"}}"

static void grade_a_needs_every_sign(void **state)
{
    (void)state;
    const char *technique = "android-test-harness";
    static const struct {
        const char *after;
        enum lethe_grade grade;
    } cases[] = {
        {AFTER("bb", "1", "0", "0", "1", "1000000", "1000", "0"), LETHE_GRADE_STATE},
        {AFTER("aa", "1", "0", "0", "1", "1000000", "1000", "0"), LETHE_GRADE_DENIED},
        {AFTER("bb", "58", "0", "0", "1", "1000000", "1000", "0"), LETHE_GRADE_DENIED},
        {AFTER("bb", "1", "1", "0", "1", "1000000", "1000", "0"), LETHE_GRADE_DENIED},
        {AFTER("bb", "1", "0", "1", "1", "1000000", "1000", "0"), LETHE_GRADE_DENIED},
        {AFTER("bb", "1", "0", "0", "2", "1000000", "1000", "0"), LETHE_GRADE_DENIED},
        {AFTER("bb", "1", "0", "0", "1", "1000000", "900000", "0"), LETHE_GRADE_NONE},
        {AFTER("bb", "1", "0", "0", "1", "24000000000", "8000000000", "0"), LETHE_GRADE_STATE},
        {AFTER("bb", "1", "0", "0", "1", "240000000000", "80000000000", "0"), LETHE_GRADE_NONE},
        {AFTER("bb", "1", "0", "0", "1", "1000000", "1000", "1"), LETHE_GRADE_DENIED},
        {AFTER("", "1", "0", "0", "1", "1000000", "1000", "0"), LETHE_GRADE_NONE},
        {AFTER("bb", "-1", "0", "0", "1", "1000000", "1000", "0"), LETHE_GRADE_NONE},
        {AFTER("bb", "1", "-1", "0", "1", "1000000", "1000", "0"), LETHE_GRADE_NONE},
        {AFTER("bb", "1", "0", "-1", "1", "1000000", "1000", "0"), LETHE_GRADE_NONE},
        {AFTER("bb", "1", "0", "0", "-1", "1000000", "1000", "0"), LETHE_GRADE_NONE},
        {AFTER("bb", "1", "0", "0", "1", "0", "0", "0"), LETHE_GRADE_NONE},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_int_equal(judge(technique, BEFORE, cases[i].after), cases[i].grade);
    /* Fewer marks than were to be put there prove less. */
    assert_int_equal(judge(technique,
                           "{\"canaries\":7,\"before\":{\"android_id\":\"aa\","
                           "\"boot_count\":57}}",
                           cases[0].after),
                     LETHE_GRADE_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rescue_chain_erases_and_shows_it),
        cmocka_unit_test(fastboot_erases_all_three),
        cmocka_unit_test(metadata_is_erased_whatever_is_told_of_it),
        cmocka_unit_test(the_test_harness_shows_its_wipe),
        cmocka_unit_test(a_filled_phone_is_read_back),
        cmocka_unit_test(a_person_resets_it_and_says_so),
        cmocka_unit_test(another_phone_is_sent_nothing),
        cmocka_unit_test(locks_of_the_routes),
        cmocka_unit_test(a_recovery_without_rescue_harms_nothing),
        cmocka_unit_test(a_lost_answer_is_looked_into),
        cmocka_unit_test(other_users_are_gone_with_a_wipe),
        cmocka_unit_test(no_liar_is_believed),
        cmocka_unit_test(canaries_catch_who_looks_erased),
        cmocka_unit_test(a_key_that_is_remembered_denies),
        cmocka_unit_test(a_phone_is_asked_all_through_the_quiet_time),
        cmocka_unit_test(only_a_test_bed_watches_shortly),
        cmocka_unit_test(reset_protection_that_came_back_is_no_state),
        cmocka_unit_test(storage_that_lies_is_no_overwrite),
        cmocka_unit_test(nothing_shows_nothing),
        cmocka_unit_test(grade_b_by_the_book),
        cmocka_unit_test(grade_a_needs_every_sign),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
