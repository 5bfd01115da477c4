/* SPDX-License-Identifier: Apache-2.0 */
/* What an iPhone's state shows: the rule of facts/phones.md 1.4, line by line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <base/json.h>
#include <cmocka.h>
#include <string.h>
#include <technique/ios.h>

static json_t *state_before(void)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "serial", "S1",
                     "udid", "U1", "ecid", "77", "activation", "Activated", "brick", "no",
                     "setup_done", "yes", "public_key", "aa", "nvram", "yes", "obliteration",
                     "EACS Done @1", "oblit_begins",
                     "OblitType: ObliterateDataPartition. Reason: factory", "activation_lock", "no",
                     "find_my", "no");
}

/* Before and after of a true erasure, to be spoiled. */
static void sound(json_t **evidence, json_t **findings)
{
    json_t *after = state_before();
    json_object_set_new(after, "activation", json_string("Unactivated"));
    json_object_set_new(after, "setup_done", json_string("no"));
    json_object_set_new(after, "public_key", json_string("bb"));
    json_object_set_new(after, "obliteration", json_string("EACS Done @2"));
    *evidence = json_pack("{s:o}", "before", state_before());
    *findings = json_pack("{s:s, s:s, s:o}", "old_session", "host unknown", "pairing",
                          "without a dialog", "after", after);
}

struct spoil {
    const char *where, *key, *value; /* "before", "after", "" the findings; value NULL: not there */
};

static enum lethe_grade grade(const struct spoil *spoils, size_t n)
{
    char why[192] = "";
    json_t *evidence, *findings;
    sound(&evidence, &findings);
    for (size_t i = 0; i < n; i++) {
        json_t *object =
            strcmp(spoils[i].where, "before") == 0  ? json_object_get(evidence, "before")
            : strcmp(spoils[i].where, "after") == 0 ? json_object_get(findings, "after")
                                                    : findings;
        if (spoils[i].value)
            json_object_set_new(object, spoils[i].key, json_string(spoils[i].value));
        else
            json_object_del(object, spoils[i].key);
    }
    enum lethe_grade result = lethe_ios_grade(evidence, findings, why);
    assert_true(why[0]);
    json_decref(evidence);
    json_decref(findings);
    return result;
}
#define GRADE(...)                                                                                 \
    grade((const struct spoil[]){__VA_ARGS__},                                                     \
          sizeof((const struct spoil[]){__VA_ARGS__}) / sizeof(struct spoil))

static void a_true_erasure_passes(void **state)
{
    (void)state;
    assert_int_equal(grade(NULL, 0), LETHE_GRADE_STATE);
    /* V3 or V4, V5 or V6. */
    assert_int_equal(GRADE({"", "pairing", "unknown"}), LETHE_GRADE_STATE);
    assert_int_equal(GRADE({"after", "activation", "Activated"}), LETHE_GRADE_STATE);
    assert_int_equal(GRADE({"after", "public_key", "aa"}), LETHE_GRADE_STATE);
    assert_int_equal(GRADE({"after", "nvram", "no"}), LETHE_GRADE_STATE);
    assert_int_equal(GRADE({"", "old_session", "tls failed"}), LETHE_GRADE_STATE);
    assert_int_equal(
        GRADE({"after", "activation", "?"}, {"after", "brick", "yes"}, {"", "pairing", "unknown"}),
        LETHE_GRADE_STATE);
}

static void anything_that_was_not_seen_is_no_pass(void **state)
{
    (void)state;
    assert_int_equal(GRADE({"", "old_session", "unknown"}), LETHE_GRADE_NONE);
    assert_int_equal(GRADE({"", "old_session", "no record"}), LETHE_GRADE_NONE);
    assert_int_equal(GRADE({"", "old_session", NULL}), LETHE_GRADE_NONE);
    assert_int_equal(GRADE({"", "pairing", "asks for trust"}, {"after", "activation", "Activated"}),
                     LETHE_GRADE_NONE);
    assert_int_equal(GRADE({"", "pairing", "unknown"}, {"after", "setup_done", "yes"}),
                     LETHE_GRADE_NONE);
    /* Trust reset by hand: everything but V5 and V6. */
    assert_int_equal(
        GRADE({"after", "public_key", "aa"}, {"after", "obliteration", "EACS Done @1"}),
        LETHE_GRADE_NONE);
    assert_int_equal(GRADE({"after", "public_key", NULL}, {"after", "obliteration", NULL}),
                     LETHE_GRADE_NONE);
    assert_int_equal(GRADE({"after", "public_key", "aa"}, {"before", "nvram", "no"}),
                     LETHE_GRADE_NONE);
    assert_int_equal(
        GRADE({"after", "public_key", "aa"}, {"after", "oblit_begins", "OblitType: x"}),
        LETHE_GRADE_NONE);
}

static void another_device_is_no_pass(void **state)
{
    (void)state;
    assert_int_equal(GRADE({"after", "serial", "S2"}), LETHE_GRADE_NONE);
    assert_int_equal(GRADE({"after", "ecid", "78"}), LETHE_GRADE_NONE);
    assert_int_equal(GRADE({"after", "udid", "U2"}), LETHE_GRADE_NONE);
    assert_int_equal(GRADE({"after", "serial", ""}), LETHE_GRADE_NONE);
    assert_int_equal(GRADE({"before", "ecid", NULL}), LETHE_GRADE_NONE);
}

static void one_that_comes_back_locked_is_no_pass(void **state)
{
    (void)state;
    assert_int_equal(GRADE({"after", "activation_lock", "yes"}), LETHE_GRADE_NONE);
    /* For destruction: known before, and accepted. */
    assert_int_equal(GRADE({"after", "activation_lock", "yes"}, {"before", "find_my", "yes"}),
                     LETHE_GRADE_STATE);
}

/* V7: profiles do not outlive an erasure, and what an organisation has back is of no use. */
static void one_that_is_managed_still_is_no_pass(void **state)
{
    (void)state;
    assert_int_equal(GRADE({"", "profiles", "some"}), LETHE_GRADE_NONE);
    assert_int_equal(GRADE({"", "profiles", "unknown"}), LETHE_GRADE_STATE); /* not required */
    assert_int_equal(GRADE({"", "managed", "yes"}, {"before", "managed", "no"}), LETHE_GRADE_NONE);
    /* For destruction: known before, and accepted. */
    assert_int_equal(GRADE({"", "managed", "yes"}, {"before", "managed", "yes"}),
                     LETHE_GRADE_STATE);
    assert_int_equal(GRADE({"", "managed", "no"}, {"before", "managed", "no"}), LETHE_GRADE_STATE);
}

static void one_that_still_knows_us_is_shown_not_to_be_erased(void **state)
{
    (void)state;
    assert_int_equal(GRADE({"", "old_session", "opened"}, {"after", "public_key", "aa"}),
                     LETHE_GRADE_DENIED);
    assert_int_equal(GRADE({"", "old_session", "opened"}), LETHE_GRADE_NONE);
    assert_int_equal(GRADE({"", "old_session", "opened"}, {"after", "public_key", NULL}),
                     LETHE_GRADE_NONE);
}

static void nothing_at_all_is_no_pass(void **state)
{
    char why[192];
    json_t *empty = json_object();
    (void)state;
    assert_int_equal(lethe_ios_grade(empty, empty, why), LETHE_GRADE_NONE);
    assert_int_equal(lethe_ios_grade(NULL, NULL, why), LETHE_GRADE_NONE);
    json_decref(empty);
}

static void only_the_device_of_the_plan_is_told(void **state)
{
    struct lethe_ios now = {.serial = "F4GZX1ABN735",
                            .udid = "00008030-001C2D3E4F50001E",
                            .imei = {"353226100000011", "353226100000029"}};
    struct lethe_identity armed = {0};
    struct lethe_error err = {0};
    (void)state;
    assert_int_equal(lethe_ios_same(&armed, &now, &err), 0);
    lethe_identity_add(&armed, LETHE_ID_SERIAL, LETHE_SOURCE_DEVICE, "00008030001C2D3E4F50001E");
    lethe_identity_add(&armed, LETHE_ID_UDID, LETHE_SOURCE_DEVICE, "00008030-001C2D3E4F50001E");
    lethe_identity_add(&armed, LETHE_ID_SERIAL, LETHE_SOURCE_DEVICE, "F4GZX1ABN735");
    lethe_identity_add(&armed, LETHE_ID_IMEI, LETHE_SOURCE_DEVICE, "353226100000029");
    lethe_identity_add(&armed, LETHE_ID_IMEI, LETHE_SOURCE_TYPED, "490154203237518");
    assert_int_equal(lethe_ios_same(&armed, &now, &err), 0);
    strcpy(now.imei[1], "");
    assert_int_equal(lethe_ios_same(&armed, &now, &err), -LETHE_E_CHANGED);
    strcpy(now.imei[1], "353226100000029");
    strcpy(now.serial, "F4GZX1ABN736");
    assert_int_equal(lethe_ios_same(&armed, &now, &err), -LETHE_E_CHANGED);
    assert_non_null(strstr(err.effect, "NOT erased"));
}

/* An organisation that its maker's programme assigned it to has it back; one that supervised it
 * over a cable has not; and what is not told is not known. */
static void who_would_have_it_back(void **state)
{
    static const struct {
        const char *cloud;
        int32_t profiles;
        enum lethe_answer managed;
    } rows[] = {
        {"null", 0, LETHE_ANSWER_NO},
        {"null", 1, LETHE_ANSWER_UNKNOWN},
        {"null", -1, LETHE_ANSWER_UNKNOWN},
        {"{'IsSupervised':false,'ConfigurationSource':0,'IsMDMUnremovable':false}", 0,
         LETHE_ANSWER_NO},
        {"{'IsSupervised':false,'ConfigurationSource':0}", 2, LETHE_ANSWER_UNKNOWN},
        {"{'IsMDMUnremovable':true}", 0, LETHE_ANSWER_YES},
        {"{'IsMDMUnremovable':1}", 0, LETHE_ANSWER_UNKNOWN},
        {"{'IsMDMUnremovable':false,'ConfigurationURL':'https://x/'}", 0, LETHE_ANSWER_YES},
        {"{'IsMandatory':true,'ConfigurationSource':2}", 0, LETHE_ANSWER_YES},
        {"{'IsSupervised':true,'ConfigurationSource':1}", 0, LETHE_ANSWER_YES},
        {"{'IsSupervised':true,'ConfigurationSource':0}", 0, LETHE_ANSWER_YES},
        {"{'IsSupervised':true}", 0, LETHE_ANSWER_UNKNOWN},
        {"{'OrganizationName':'A school','ConfigurationSource':1}", 0, LETHE_ANSWER_YES},
        {"{'IsSupervised':true,'ConfigurationSource':2,'IsMDMUnremovable':false,"
         "'OrganizationName':'A shop'}",
         1, LETHE_ANSWER_NO},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[192];
        strcpy(text, rows[i].cloud);
        for (char *at = text; (at = strchr(at, '\''));)
            *at = '"';
        json_t *cloud = json_loads(text, JSON_DECODE_ANY, NULL);
        assert_non_null(cloud);
        if (lethe_ios_managed(cloud, rows[i].profiles) != rows[i].managed)
            fail_msg("%s, %d profiles", rows[i].cloud, (int)rows[i].profiles);
        json_decref(cloud);
    }
    assert_int_equal(lethe_ios_managed(NULL, 0), LETHE_ANSWER_NO);
}

static void the_techniques_are_there(void **state)
{
    (void)state;
    assert_non_null(lethe_technique_find("ios-erase"));
    assert_non_null(lethe_technique_find("ios-backup-erase"));
    assert_non_null(lethe_technique_find("ios-fill"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_true_erasure_passes),
        cmocka_unit_test(anything_that_was_not_seen_is_no_pass),
        cmocka_unit_test(another_device_is_no_pass),
        cmocka_unit_test(one_that_comes_back_locked_is_no_pass),
        cmocka_unit_test(one_that_is_managed_still_is_no_pass),
        cmocka_unit_test(one_that_still_knows_us_is_shown_not_to_be_erased),
        cmocka_unit_test(nothing_at_all_is_no_pass),
        cmocka_unit_test(only_the_device_of_the_plan_is_told),
        cmocka_unit_test(who_would_have_it_back),
        cmocka_unit_test(the_techniques_are_there),
    };
    return cmocka_run_group_tests_name("technique_ios", tests, NULL, NULL);
}
