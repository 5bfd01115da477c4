/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The grades that the techniques of phones give, and what the verdict makes of them: good evidence
 * as phones give it, and every way in which it can be less. Nothing that is taken away or bent may
 * make more of it.
 */
#include "job/phone_stream.h"

#include "base/json.h"
#include "plan/plan.h"
#include <lethe/technique.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h wants the four standard headers above */
#include <cmocka.h>

#define IOS_BEFORE                                                                                 \
    "{\"udid\":\"00008030-001C2D3E4F50001E\",\"serial\":\"F4GZX1ABN735\",\"ecid\":\"79\","         \
    "\"public_key\":\"aa\",\"record\":\"bb\",\"nvram\":\"yes\",\"obliteration\":\"\","             \
    "\"oblit_begins\":\"\",\"activation\":\"Activated\",\"brick\":\"no\",\"setup_done\":\"yes\","  \
    "\"activation_lock\":\"no\",\"find_my\":\"no\"}"
#define IOS_EVIDENCE                                                                               \
    "{\"commands\":[\"MCInstall EraseDevice, PreserveDataPlan false\"],\"outcome\":"               \
    "\"acknowledged\",\"before\":" IOS_BEFORE "}"
#define IOS_FINDINGS                                                                               \
    "{\"old_session\":\"host unknown\",\"pairing\":\"without a dialog\",\"after\":{\"udid\":"      \
    "\"00008030-001C2D3E4F50001E\",\"serial\":\"F4GZX1ABN735\",\"ecid\":\"79\",\"public_key\":"    \
    "\"cc\",\"nvram\":\"yes\",\"obliteration\":\"EACS Done @1795423297\",\"oblit_begins\":"        \
    "\"OblitType: ObliterateDataPartition. Reason: MobileConfiguration\",\"activation\":"          \
    "\"Unactivated\",\"brick\":\"yes\",\"setup_done\":\"unknown\",\"activation_lock\":\"no\"}}"
#define CLOSED "{\"mode\":\"closed\",\"adb\":\"absent\",\"serial\":\"unknown\"}"
#define HARNESS_STATE                                                                              \
    "{\"android_id\":\"bb\",\"boot_count\":2,\"packages\":0,\"accounts\":0,\"users\":1,\"size\":"  \
    "67108864,\"used\":0,\"frp\":\"no\"}"

#define FILLED "{\"bytes\":67108864,\"size\":67108864,\"free_before\":67108864,\"free_after\":0}"
#define READ_BACK "{\"serial\":\"same\",\"samples\":{\"read\":1024,\"differ\":0,\"unreadable\":0}}"

/* As an honest phone leaves it, and the outcome of a job that saw it. */
static const struct good {
    const char *technique, *evidence, *findings;
    enum lethe_outcome outcome;
    const char *needed; /* members without which it is less, as "e:PATH f:PATH ..." */
} goods[] = {
    {"ios-erase", IOS_EVIDENCE, IOS_FINDINGS, LETHE_OUTCOME_PASSED,
     "e:before e:before.udid e:before.serial e:before.ecid f:old_session f:after f:after.udid "
     "f:after.serial f:after.ecid"},
    {"ios-backup-erase", IOS_EVIDENCE, IOS_FINDINGS, LETHE_OUTCOME_PASSED,
     "e:before f:old_session f:after f:after.udid"},
    {"android-rescue-wipe", "{\"reply\":\"DONEDONE\",\"admitted\":true,\"left\":true}", CLOSED,
     LETHE_OUTCOME_PASSED, "e:reply e:admitted f:mode f:adb"},
    {"android-fastboot-erase",
     "{\"replies\":{\"userdata\":\"okay\",\"metadata\":\"okay\"},\"admitted\":true}", CLOSED,
     LETHE_OUTCOME_PASSED,
     "e:replies e:replies.userdata e:replies.metadata e:admitted f:mode f:adb"},
    {"android-test-harness",
     "{\"canaries\":8,\"before\":{\"android_id\":\"aa\",\"boot_count\":57,\"packages\":3}}",
     "{\"mode\":\"normal\",\"adb\":\"accepted\",\"serial\":\"same\",\"canaries\":{\"checked\":8,"
     "\"standing\":0},\"state\":" HARNESS_STATE "}",
     LETHE_OUTCOME_PASSED,
     "e:canaries e:before e:before.android_id f:serial f:canaries f:canaries.standing f:state "
     "f:state.android_id f:state.packages f:state.accounts f:state.users f:state.boot_count "
     "f:state.size f:state.used"},
    {"android-fill", FILLED, READ_BACK, LETHE_OUTCOME_PASSED,
     "e:bytes e:size e:free_before e:free_after f:serial f:samples f:samples.read "
     "f:samples.differ f:samples.unreadable"},
    {"ios-fill", FILLED, READ_BACK, LETHE_OUTCOME_PASSED,
     "e:bytes e:free_before f:serial f:samples f:samples.read f:samples.differ"},
    {"android-settings-reset", "{\"opened\":\"2026-11-23T08:43:43Z\",\"admitted\":true}", CLOSED,
     LETHE_OUTCOME_OPERATOR_ATTESTED, "e:opened e:admitted f:mode f:adb"},
    {"guided-reset", "{\"technique\":\"guided-reset\"}",
     "{\"adb\":\"absent\",\"setup_done\":\"unknown\",\"activation_lock\":\"unknown\"}",
     LETHE_OUTCOME_OPERATOR_ATTESTED, "e:technique"},
};
#define GOODS (sizeof(goods) / sizeof(goods[0]))

/* One lie each, and what has to come of it. */
static const struct {
    const char *technique, *at, *value;
    enum lethe_outcome outcome;
} lies[] = {
    {"ios-erase", "f:old_session", "\"opened\"", LETHE_OUTCOME_INDETERMINATE},
    {"ios-erase", "f:old_session", "\"unknown\"", LETHE_OUTCOME_INDETERMINATE},
    {"ios-erase", "f:old_session", "\"no record\"", LETHE_OUTCOME_INDETERMINATE},
    {"ios-erase", "f:old_session", "\"tls failed\"", LETHE_OUTCOME_PASSED},
    {"ios-erase", "f:after.udid", "\"00008030-00FFFFFFFFFFFFFF\"", LETHE_OUTCOME_INDETERMINATE},
    {"ios-erase", "f:after.serial", "\"ANOTHER\"", LETHE_OUTCOME_INDETERMINATE},
    {"ios-erase", "f:after.ecid", "\"80\"", LETHE_OUTCOME_INDETERMINATE},
    {"ios-erase", "f:after.activation_lock", "\"yes\"", LETHE_OUTCOME_INDETERMINATE},
    {"ios-erase", "e:before.udid", "7", LETHE_OUTCOME_INDETERMINATE},
    {"android-rescue-wipe", "e:reply", "\"FAILFAIL\"", LETHE_OUTCOME_FAILED},
    {"android-rescue-wipe", "e:reply", "\"DONE\"", LETHE_OUTCOME_INDETERMINATE},
    {"android-rescue-wipe", "e:admitted", "false", LETHE_OUTCOME_INDETERMINATE},
    {"android-rescue-wipe", "f:adb", "\"accepted\"", LETHE_OUTCOME_FAILED},
    {"android-rescue-wipe", "f:adb", "\"open\"", LETHE_OUTCOME_INDETERMINATE},
    {"android-rescue-wipe", "f:adb", "\"silent\"", LETHE_OUTCOME_INDETERMINATE},
    {"android-rescue-wipe", "f:adb", "\"unauthorized\"", LETHE_OUTCOME_PASSED},
    {"android-rescue-wipe", "f:mode", "\"normal\"", LETHE_OUTCOME_INDETERMINATE},
    {"android-rescue-wipe", "f:serial", "\"other\"", LETHE_OUTCOME_INDETERMINATE},
    {"android-fastboot-erase", "e:replies.userdata", "\"none\"", LETHE_OUTCOME_INDETERMINATE},
    {"android-fastboot-erase", "e:replies.metadata", "\"none\"", LETHE_OUTCOME_INDETERMINATE},
    {"android-fastboot-erase", "e:replies.metadata", "\"absent\"", LETHE_OUTCOME_INDETERMINATE},
    {"android-fastboot-erase", "e:replies.metadata", "\"refused\"", LETHE_OUTCOME_INDETERMINATE},
    {"android-fastboot-erase", "e:admitted", "false", LETHE_OUTCOME_INDETERMINATE},
    {"android-fastboot-erase", "f:adb", "\"accepted\"", LETHE_OUTCOME_FAILED},
    {"android-test-harness", "f:canaries.standing", "1", LETHE_OUTCOME_FAILED},
    {"android-test-harness", "f:state.android_id", "\"aa\"", LETHE_OUTCOME_FAILED},
    {"android-test-harness", "f:state.packages", "2", LETHE_OUTCOME_FAILED},
    {"android-test-harness", "f:state.accounts", "1", LETHE_OUTCOME_FAILED},
    {"android-test-harness", "f:state.users", "2", LETHE_OUTCOME_FAILED},
    {"android-test-harness", "f:state.boot_count", "58", LETHE_OUTCOME_FAILED},
    {"android-test-harness", "f:state.used", "60000000", LETHE_OUTCOME_INDETERMINATE},
    {"android-test-harness", "f:state.frp", "\"yes\"", LETHE_OUTCOME_INDETERMINATE},
    {"android-test-harness", "f:serial", "\"other\"", LETHE_OUTCOME_INDETERMINATE},
    {"android-fill", "f:samples.differ", "1", LETHE_OUTCOME_FAILED},
    {"android-fill", "f:samples.unreadable", "1", LETHE_OUTCOME_INDETERMINATE},
    {"android-fill", "f:samples.read", "0", LETHE_OUTCOME_INDETERMINATE},
    {"android-fill", "e:bytes", "33554432", LETHE_OUTCOME_INDETERMINATE},
    {"android-fill", "e:free_after", "33554432", LETHE_OUTCOME_INDETERMINATE},
    {"android-settings-reset", "f:adb", "\"accepted\"", LETHE_OUTCOME_FAILED},
    {"android-settings-reset", "e:opened", "\"\"", LETHE_OUTCOME_INDETERMINATE},
    {"guided-reset", "f:adb", "\"accepted\"", LETHE_OUTCOME_FAILED},
    {"guided-reset", "f:adb", "\"open\"", LETHE_OUTCOME_INDETERMINATE},
    {"guided-reset", "f:setup_done", "\"yes\"", LETHE_OUTCOME_INDETERMINATE},
    {"guided-reset", "f:activation_lock", "\"yes\"", LETHE_OUTCOME_INDETERMINATE},
};
#define LIES (sizeof(lies) / sizeof(lies[0]))

static const struct good *good_of(const char *technique)
{
    for (size_t i = 0; i < GOODS; i++)
        if (strcmp(goods[i].technique, technique) == 0)
            return &goods[i];
    fail_msg("no such row: %s", technique);
    return NULL;
}

/* What a job comes to in which the phone was told TECHNIQUE, and left that behind. ANDROID: what it
 * had said of itself, in place of what the fake says; or NULL. */
static enum lethe_outcome outcome_with(const char *technique, json_t *evidence, json_t *findings,
                                       json_t *android, enum lethe_technique_kind kind)
{
    char erase[64], look[64];
    snprintf(erase, sizeof(erase), "technique %s", technique);
    snprintf(look, sizeof(look), "state %s", technique);
    const struct phone_chain chain = {
        technique, {erase, look}, lethe_technique_find(technique)->flags & LETHE_TECHNIQUE_GUIDED};
    struct lethe_plan *plan = calloc(1, sizeof(*plan));
    struct stream *s = calloc(1, sizeof(*s));
    phone_stream(&chain, plan, s);
    if (kind != LETHE_KIND_CRYPTO_ERASE) {
        plan->technique_kind = kind;
        plan->method = plan->policy.method = LETHE_METHOD_CLEAR;
        lethe_plan_digest(plan, plan->digest, NULL);
        json_object_set_new(s->events[0].body, "plan", lethe_plan_to_json(plan));
    }
    for (size_t i = 0; i < s->n; i++) {
        json_t *phone = json_object_get(json_object_get(s->events[i].body, "firmware"), "phone");
        if (android && phone)
            json_object_update(json_object_get(phone, "android"), android);
        if (s->events[i].type == LETHE_EVENT_ATTEST)
            json_object_set(s->events[i].body, "evidence", evidence);
        if (s->events[i].type == LETHE_EVENT_OBSERVED)
            json_object_set(s->events[i].body, "findings", findings);
    }
    enum lethe_outcome outcome = stream_outcome(s);
    stream_clear(s);
    free(s);
    free(plan);
    return outcome;
}

static enum lethe_outcome outcome_of(const char *technique, json_t *evidence, json_t *findings)
{
    return outcome_with(technique, evidence, findings, NULL, LETHE_KIND_CRYPTO_ERASE);
}

/* "e:before.udid" of the two: where it stands, and its name there. */
static json_t *place(json_t *evidence, json_t *findings, const char *at, char name[64])
{
    json_t *object = at[0] == 'e' ? evidence : findings;
    for (at += 2; strchr(at, '.'); at = strchr(at, '.') + 1) {
        snprintf(name, 64, "%.*s", (int)(strchr(at, '.') - at), at);
        object = json_object_get(object, name);
    }
    snprintf(name, 64, "%.*s", (int)strcspn(at, " "), at);
    return object;
}

/* With VALUE in that place; NULL takes it away. */
static enum lethe_outcome bent(const struct good *good, const char *at, const char *value)
{
    char name[64];
    json_t *evidence = json_loads(good->evidence, 0, NULL);
    json_t *findings = json_loads(good->findings, 0, NULL);
    json_t *object = place(evidence, findings, at, name);
    assert_non_null(json_object_get(object, name));
    if (value)
        json_object_set_new(object, name, json_loads(value, JSON_DECODE_ANY, NULL));
    else
        json_object_del(object, name);
    enum lethe_outcome outcome = outcome_of(good->technique, evidence, findings);
    json_decref(evidence);
    json_decref(findings);
    return outcome;
}

static void honest_phones_are_believed(void **state)
{
    (void)state;
    for (size_t i = 0; i < GOODS; i++) {
        json_t *evidence = json_loads(goods[i].evidence, 0, NULL);
        json_t *findings = json_loads(goods[i].findings, 0, NULL);
        assert_non_null(evidence);
        assert_non_null(findings);
        assert_int_equal(outcome_of(goods[i].technique, evidence, findings), goods[i].outcome);
        json_decref(evidence);
        json_decref(findings);
    }
}

static void each_lie_is_told_apart(void **state)
{
    (void)state;
    printf("%-24s %-24s %-30s %s\n", "technique", "of", "it says", "outcome");
    for (size_t i = 0; i < LIES; i++) {
        enum lethe_outcome outcome = bent(good_of(lies[i].technique), lies[i].at, lies[i].value);
        printf("%-24s %-24s %-30s %s\n", lies[i].technique, lies[i].at, lies[i].value,
               lethe_outcome_name(outcome));
        if (outcome != lies[i].outcome)
            fail_msg("%s, %s %s: %s, due is %s", lies[i].technique, lies[i].at, lies[i].value,
                     lethe_outcome_name(outcome), lethe_outcome_name(lies[i].outcome));
    }
}

/* A bootloader that refused to erase metadata: enough only where the phone has no key in it. */
static void metadata_may_stay_only_where_it_holds_no_key(void **state)
{
    static const struct {
        const char *android;
        enum lethe_technique_kind kind;
        enum lethe_outcome outcome;
    } rows[] = {
        {"{'first_sdk':34}", LETHE_KIND_CRYPTO_ERASE, LETHE_OUTCOME_INDETERMINATE},
        {"{'first_sdk':34,'metadata_encryption':'no'}", LETHE_KIND_CRYPTO_ERASE,
         LETHE_OUTCOME_INDETERMINATE},
        {"{'first_sdk':29,'metadata_encryption':'yes'}", LETHE_KIND_RESET,
         LETHE_OUTCOME_INDETERMINATE},
        {"{'first_sdk':29,'metadata_encryption':'unknown'}", LETHE_KIND_CRYPTO_ERASE,
         LETHE_OUTCOME_INDETERMINATE},
        {"{'first_sdk':29,'metadata_encryption':'unknown'}", LETHE_KIND_RESET,
         LETHE_OUTCOME_PASSED},
        {"{'first_sdk':29,'metadata_encryption':'no'}", LETHE_KIND_CRYPTO_ERASE,
         LETHE_OUTCOME_PASSED},
        {"{'first_sdk':28,'crypto_type':'block','metadata_encryption':'unknown'}",
         LETHE_KIND_CRYPTO_ERASE, LETHE_OUTCOME_PASSED},
        {"{'crypto_state':'unencrypted','metadata_encryption':'unknown'}", LETHE_KIND_RESET,
         LETHE_OUTCOME_PASSED},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char text[128];
        snprintf(text, sizeof(text), "%s", rows[i].android);
        for (char *at = text; (at = strchr(at, '\''));)
            *at = '"';
        LETHE_JSON_AUTO *android = json_loads(text, 0, NULL);
        LETHE_JSON_AUTO *findings = json_loads(CLOSED, 0, NULL);
        LETHE_JSON_AUTO *evidence = json_loads(
            "{\"replies\":{\"userdata\":\"okay\",\"metadata\":\"refused\"},\"admitted\":true}", 0,
            NULL);
        assert_non_null(android);
        enum lethe_outcome outcome =
            outcome_with("android-fastboot-erase", evidence, findings, android, rows[i].kind);
        if (outcome != rows[i].outcome)
            fail_msg("%s: %s", rows[i].android, lethe_outcome_name(outcome));
    }
}

/* Members of OBJECT, taken away or made nonsense of one by one: never better than before. */
static void check_members(const struct good *good, const char *side, const char *path,
                          const json_t *object)
{
    static const char *const nonsense[] = {NULL, "null", "7", "-1", "[]", "{}", "\"\"", "true"};
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        char at[128], inner[96];
        snprintf(inner, sizeof(inner), "%s%s%s", path, path[0] ? "." : "", key);
        snprintf(at, sizeof(at), "%s:%s", side, inner);
        for (size_t i = 0; i < sizeof(nonsense) / sizeof(nonsense[0]); i++) {
            enum lethe_outcome outcome = bent(good, at, nonsense[i]);
            if (outcome == LETHE_OUTCOME_PASSED && good->outcome != LETHE_OUTCOME_PASSED)
                fail_msg("%s without %s passed", good->technique, at);
            const char *needed = strstr(good->needed, at);
            bool whole = needed && (needed[strlen(at)] == ' ' || needed[strlen(at)] == '\0');
            if (whole && !nonsense[i] &&
                (outcome == LETHE_OUTCOME_PASSED || outcome == LETHE_OUTCOME_OPERATOR_ATTESTED))
                fail_msg("%s without %s: %s", good->technique, at, lethe_outcome_name(outcome));
        }
        if (json_is_object(value))
            check_members(good, side, inner, value);
    }
}

static void less_is_never_more(void **state)
{
    (void)state;
    for (size_t i = 0; i < GOODS; i++) {
        LETHE_JSON_AUTO *evidence = json_loads(goods[i].evidence, 0, NULL);
        LETHE_JSON_AUTO *findings = json_loads(goods[i].findings, 0, NULL);
        LETHE_JSON_AUTO *nothing = json_object();
        check_members(&goods[i], "e", "", evidence);
        check_members(&goods[i], "f", "", findings);
        assert_int_not_equal(outcome_of(goods[i].technique, nothing, findings),
                             LETHE_OUTCOME_PASSED);
        assert_int_not_equal(outcome_of(goods[i].technique, evidence, nothing),
                             LETHE_OUTCOME_PASSED);
        assert_int_equal(outcome_of(goods[i].technique, nothing, nothing),
                         LETHE_OUTCOME_INDETERMINATE);
    }
}

/* Every technique that erases a phone is in the table above. */
static void none_is_left_out(void **state)
{
    (void)state;
    for (size_t i = 0; i < lethe_technique_count(); i++) {
        const struct lethe_technique *technique = lethe_technique_at(i);
        if (technique->grade)
            assert_non_null(good_of(technique->name));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(honest_phones_are_believed),
        cmocka_unit_test(each_lie_is_told_apart),
        cmocka_unit_test(metadata_may_stay_only_where_it_holds_no_key),
        cmocka_unit_test(less_is_never_more),
        cmocka_unit_test(none_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
