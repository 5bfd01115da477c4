/* SPDX-License-Identifier: Apache-2.0 */
/* Plans of phones: what blocks them, by which way they go, what they may claim. */
#include "plan/phone_fakes.h"

#include "base/json.h"
#include "base/text.h"
#include "plan/plan.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
/* cmocka.h wants the four standard headers above */
#include <cmocka.h>

static struct lethe_policy_set *policies;
static struct lethe_device device;
static struct lethe_facts facts;
static struct lethe_profile profile;
static struct lethe_plan plan;
static struct lethe_error err;
static const char *const ios[] = {"ios-erase", "ios-fill", "guided-reset", NULL};
static const char *const android[] = {
    "android-sideload",       "android-rescue",         "android-fill",
    "android-rescue-wipe",    "android-fastboot-erase", "android-test-harness",
    "android-settings-reset", "guided-reset",           NULL};

static int load(void **state)
{
    (void)state;
    const char *dirs[] = {LETHE_SOURCE_DIR "/profiles/policies", NULL};
    return lethe_policy_set_load(dirs, &policies, NULL);
}

static int unload(void **state)
{
    (void)state;
    lethe_policy_set_free(policies);
    return 0;
}

static int iphone(void **state)
{
    (void)state;
    err = (struct lethe_error){0};
    lethe_fake_iphone(&device, &facts);
    lethe_fake_profile(&profile, ios);
    return 0;
}

static int pixel(void **state)
{
    (void)state;
    err = (struct lethe_error){0};
    lethe_fake_android(&device, &facts);
    lethe_fake_profile(&profile, android);
    return 0;
}

static int make(const char *policy, struct lethe_plan_options options)
{
    const struct lethe_policy *found = lethe_policy_find(policies, policy, NULL);
    assert_non_null(found);
    return lethe_plan_make(&device, found, &profile, &options, &plan, &err);
}
#define MAKE(policy, ...) make(policy, (struct lethe_plan_options){__VA_ARGS__})
#define CLEAR "nist-800-88r2-clear"
#define PURGE "nist-800-88r2-purge"
#define GB "gb-46864-2025"

static void assert_said(const char *text, const char *word)
{
    if (!strstr(text, word))
        fail_msg("\"%s\" does not say \"%s\"", text, word);
}

static bool limited(const char *word)
{
    for (size_t i = 0; i < plan.n_limitations; i++)
        if (strstr(plan.limitations[i], word))
            return true;
    return false;
}

/* "kind technique, kind technique ..." */
static void assert_steps(const char *expected)
{
    char steps[512] = "";
    for (size_t i = 0; i < plan.n_steps; i++) {
        strcat(steps, i ? ", " : "");
        strcat(steps, lethe_step_kind_name(plan.steps[i].kind));
        strcat(steps, " ");
        strcat(steps, plan.steps[i].technique);
    }
    assert_string_equal(steps, expected);
}

/* Through its JSON and back, and nothing else is taken. */
static void assert_round_trip(void)
{
    struct lethe_plan again;
    LETHE_JSON_AUTO *json = lethe_plan_to_json(&plan);
    assert_int_equal(lethe_plan_from_json(json, &again, &err), 0);
    for (size_t i = 0; i < plan.n_steps; i++) {
        assert_int_equal(again.steps[i].returns, plan.steps[i].returns);
        assert_int_equal(again.steps[i].away, plan.steps[i].away);
        assert_int_equal(again.steps[i].cycle, plan.steps[i].cycle);
    }
    assert_int_equal(again.not_demonstrable, plan.not_demonstrable);
    assert_int_equal(again.for_destruction, plan.for_destruction);
    assert_int_equal(again.keep_esim, plan.keep_esim);
    json_object_set_new(json, "not_demonstrable", json_boolean(!plan.not_demonstrable));
    assert_int_equal(lethe_plan_from_json(json, &again, &err), -LETHE_E_INVALID);
}

static void an_iphone_is_purged_by_its_own_firmware(void **state)
{
    (void)state;
    assert_int_equal(MAKE(PURGE, .keep_esim = false), 0);
    assert_steps("technique ios-erase, state ios-erase");
    assert_int_equal(plan.method, LETHE_METHOD_PURGE);
    assert_int_equal(plan.technique_kind, LETHE_KIND_CRYPTO_ERASE);
    assert_true(plan.steps[0].cycle && plan.steps[0].returns & 1u << LETHE_MODE_NORMAL);
    assert_int_equal(plan.steps[0].away, 1800);
    assert_false(plan.not_demonstrable);
    assert_true(limited("Raw media not readable; verified by device state"));
    assert_true(limited("vendor-asserted"));
    assert_false(limited("eSIM"));
    assert_said(plan.policy.statement, "verified by device state");
    assert_true(lethe_plan_seconds(&plan) > 0);
    assert_round_trip();
    assert_int_equal(MAKE(CLEAR, .keep_esim = true), 0);
    assert_true(plan.keep_esim && limited("eSIM was kept on purpose"));
    assert_round_trip();
}

/* What was read of some versions of a system is no evidence of the others. */
static void a_row_is_of_versions(void **state)
{
    (void)state;
    pixel(NULL);
    assert_string_equal(profile.techniques[3].technique, "android-rescue-wipe");
    strcpy(device.identity.firmware, "15");
    profile.techniques[3].since = 10;
    profile.techniques[3].until = 14;
    profile.n_techniques = 4;
    assert_int_equal(MAKE(CLEAR, 0), -LETHE_E_REFUSED);
    assert_said(err.what, "has it of version 10 to 14 of the system, and this is 15");
    assert_said(err.remedy, "--guided");
    strcpy(device.identity.firmware, "14");
    assert_int_equal(MAKE(CLEAR, 0), 0);
    strcpy(device.identity.firmware, ""); /* it did not say: what it can it says itself */
    assert_int_equal(MAKE(CLEAR, 0), 0);
    /* What brings it there is of versions, too: that of others says nothing. */
    strcpy(device.identity.firmware, "15");
    profile.techniques[3].until = 0;
    assert_string_equal(profile.techniques[1].technique, "android-rescue");
    profile.techniques[1].until = 14;
    assert_int_equal(MAKE(CLEAR, 0), -LETHE_E_REFUSED);
    assert_said(err.what, "android-rescue is untested");
}

/* What can't be told to keep an eSIM keeps none on purpose; nor is its erasure asked for. */
static void an_esim_is_kept_only_where_that_can_be_told(void **state)
{
    (void)state;
    static const char *const backup[] = {"ios-backup-erase", "guided-reset", NULL};
    lethe_fake_profile(&profile, backup);
    facts.can = LETHE_CAN_IOS_BACKUP_ERASE;
    assert_int_equal(MAKE(PURGE, 0), 0);
    assert_steps("technique ios-backup-erase, state ios-backup-erase");
    assert_true(limited("eSIM may have kept"));
    assert_int_equal(MAKE(PURGE, .keep_esim = true), -LETHE_E_REFUSED);
    assert_said(err.what, "keep its eSIM");
    assert_said(err.remedy, "--keep-esim");
    pixel(NULL);
    assert_int_equal(MAKE(CLEAR, .keep_esim = true), -LETHE_E_REFUSED);
}

static void a_plan_of_a_phone_has_no_steps_of_a_drive(void **state)
{
    (void)state;
    struct lethe_plan again;
    assert_int_equal(MAKE(PURGE, 0), 0);
    plan.steps[1].kind = LETHE_STEP_VERIFY;
    plan.steps[1].verification.mode = LETHE_VERIFY_FULL;
    plan.steps[1].technique[0] = '\0';
    assert_int_equal(lethe_plan_digest(&plan, plan.digest, &err), 0);
    LETHE_JSON_AUTO *json = lethe_plan_to_json(&plan);
    assert_int_equal(lethe_plan_from_json(json, &again, &err), -LETHE_E_INVALID);
    assert_int_equal(MAKE(PURGE, 0), 0);
    plan.identity.capacity = plan.identity.logical_block = 512;
    assert_int_equal(lethe_plan_digest(&plan, plan.digest, &err), 0);
    LETHE_JSON_AUTO *sized = lethe_plan_to_json(&plan);
    assert_int_equal(lethe_plan_from_json(sized, &again, &err), -LETHE_E_INVALID);
}

/* Each lock alone blocks, on both families, and says who must do what. */
static void every_lock_blocks_before_anything_is_sent(void **state)
{
    (void)state;
    static const struct {
        enum lethe_lock lock;
        const char *what, *remedy;
    } locks[] = {{LETHE_LOCK_FIND_MY, "Find My", "switch Find My off"},
                 {LETHE_LOCK_ACTIVATION, "Activation Lock", "icloud.com/find"},
                 {LETHE_LOCK_MDM, "organisation", "release it"},
                 {LETHE_LOCK_FRP, "factory reset protection", "Google account"},
                 {LETHE_LOCK_ACCOUNTS, "accounts", "remove every account"},
                 {LETHE_LOCK_NO_RESET, "restriction", "lift it"}};
    for (int family = 0; family < 2; family++)
        for (size_t i = 0; i < sizeof(locks) / sizeof(locks[0]); i++) {
            family ? pixel(NULL) : iphone(NULL);
            facts.phone.locks[locks[i].lock] = LETHE_ANSWER_YES;
            for (int guided = 0; guided < 2; guided++) {
                assert_int_equal(MAKE(CLEAR, .guided = guided), -LETHE_E_REFUSED);
                assert_said(err.what, locks[i].what);
                assert_said(err.effect, "nothing was sent");
                assert_said(err.remedy, locks[i].remedy);
                assert_said(err.remedy, "--for-destruction");
            }
            assert_int_equal(MAKE(CLEAR, .for_destruction = true), 0);
            assert_true(plan.for_destruction && limited("destruction or recycling"));
            assert_round_trip();
        }
    for (int i = 0; i < LETHE_LOCK_COUNT; i++)
        facts.phone.locks[i] = LETHE_ANSWER_YES;
    assert_int_equal(MAKE(CLEAR, 0), -LETHE_E_REFUSED);
    assert_said(err.remedy, "--for-destruction");
}

static void what_could_not_be_asked_goes_by_hand(void **state)
{
    (void)state;
    static const enum lethe_lock locks[] = {LETHE_LOCK_FRP, LETHE_LOCK_ACCOUNTS, LETHE_LOCK_MDM,
                                            LETHE_LOCK_NO_RESET};
    for (size_t i = 0; i < sizeof(locks) / sizeof(locks[0]); i++) {
        pixel(NULL);
        facts.phone.locks[locks[i]] = LETHE_ANSWER_UNKNOWN;
        assert_int_equal(MAKE(CLEAR, 0), 0);
        assert_steps("technique android-settings-reset, state android-settings-reset");
        assert_true(limited(lethe_lock_name(locks[i])));
        assert_true(limited("operator-attested at best"));
    }
    profile.n_techniques = 4; /* nothing that a person does */
    assert_int_equal(MAKE(CLEAR, 0), -LETHE_E_REFUSED);
    assert_said(err.what, "no-factory-reset");
    assert_said(err.remedy, "--guided");
    assert_int_equal(MAKE(CLEAR, .for_destruction = true), 0);
    assert_steps("prepare android-sideload, prepare android-rescue, technique android-rescue-wipe, "
                 "state android-rescue-wipe");
}

/* In Setup Assistant Find My is off on every phone, locked ones too. */
static void find_my_off_in_setup_is_no_answer(void **state)
{
    (void)state;
    facts.phone.locks[LETHE_LOCK_ACTIVATION] = LETHE_ANSWER_UNKNOWN;
    assert_int_equal(MAKE(PURGE, 0), 0);
    assert_steps("technique ios-erase, state ios-erase");
    facts.phone.ios.setup_done = LETHE_ANSWER_NO;
    assert_int_equal(MAKE(PURGE, 0), 0);
    assert_steps("technique guided-reset, state guided-reset");
    assert_true(limited("find-my"));
    assert_true(limited("Why by hand: whether it would come back locked could not be asked"));
    facts.phone.locks[LETHE_LOCK_ACTIVATION] = LETHE_ANSWER_NO;
    assert_int_equal(MAKE(PURGE, 0), 0);
    assert_steps("technique ios-erase, state ios-erase");
    facts.phone.locks[LETHE_LOCK_MDM] = LETHE_ANSWER_UNKNOWN;
    assert_int_equal(MAKE(PURGE, 0), 0);
    assert_steps("technique guided-reset, state guided-reset");
}

static void a_flat_battery_waits(void **state)
{
    (void)state;
    facts.phone.battery = 29;
    assert_int_equal(MAKE(CLEAR, .for_destruction = true), -LETHE_E_REFUSED);
    assert_said(err.remedy, "charge");
    facts.phone.charging = LETHE_ANSWER_YES;
    assert_int_equal(MAKE(CLEAR, 0), 0);
    facts.phone.charging = LETHE_ANSWER_NO;
    facts.phone.battery = 30;
    assert_int_equal(MAKE(CLEAR, 0), 0);
}

static void nobody_is_let_in(void **state)
{
    (void)state;
    facts.protocol = LETHE_PROTOCOL_NONE;
    facts.phone = (struct lethe_phone){.family = LETHE_FAMILY_ANDROID,
                                       .mode = LETHE_MODE_CLOSED,
                                       .access = LETHE_ACCESS_UNTRUSTED,
                                       .battery = -1,
                                       .advice = "allow USB debugging on the phone"};
    assert_int_equal(MAKE(CLEAR, 0), -LETHE_E_REFUSED);
    assert_said(err.remedy, "allow USB debugging on the phone");
    assert_said(err.remedy, "--guided");
    assert_int_equal(MAKE(CLEAR, .guided = true), 0);
    assert_steps("technique guided-reset, state guided-reset");
    assert_int_equal(plan.method, LETHE_METHOD_NONE);
    assert_int_equal(plan.technique_kind, LETHE_KIND_RESET);
    assert_said(plan.policy.statement, "word of a person");
    assert_true(limited("frp, accounts, mdm, no-factory-reset") || limited("accounts"));
    assert_int_equal(MAKE(PURGE, .guided = true), -LETHE_E_REFUSED); /* encrypted? nobody knows */
    facts.phone.mode = LETHE_MODE_EDL;
    assert_int_equal(MAKE(CLEAR, .guided = true), -LETHE_E_REFUSED);
    assert_null(strstr(err.remedy, "--guided"));
    /* Only from a system that runs: its start would be taken for the reset. */
    static const struct {
        enum lethe_phone_family family;
        enum lethe_phone_mode mode;
        const char *remedy;
    } unstarted[] = {{LETHE_FAMILY_ANDROID, LETHE_MODE_RECOVERY, "Reboot system now"},
                     {LETHE_FAMILY_ANDROID, LETHE_MODE_SIDELOAD, "Reboot system now"},
                     {LETHE_FAMILY_ANDROID, LETHE_MODE_RESCUE, "Reboot system now"},
                     {LETHE_FAMILY_ANDROID, LETHE_MODE_FASTBOOT, "start its system"},
                     {LETHE_FAMILY_ANDROID, LETHE_MODE_FASTBOOTD, "start its system"},
                     {LETHE_FAMILY_IOS, LETHE_MODE_RECOVERY, "only a restore"},
                     {LETHE_FAMILY_IOS, LETHE_MODE_DFU, "only a restore"}};
    for (size_t i = 0; i < sizeof(unstarted) / sizeof(unstarted[0]); i++)
        for (int access = LETHE_ACCESS_NONE; access <= LETHE_ACCESS_GRANTED; access++) {
            facts.phone.family = unstarted[i].family;
            facts.phone.mode = unstarted[i].mode;
            facts.phone.access = (enum lethe_phone_access)access;
            assert_int_equal(MAKE(CLEAR, .guided = true), -LETHE_E_REFUSED);
            assert_said(err.remedy, unstarted[i].remedy);
            assert_null(strstr(err.remedy, "--guided"));
        }
    facts.phone.family = LETHE_FAMILY_ANDROID;
    facts.phone.mode = LETHE_MODE_PTP;
    facts.phone.access = LETHE_ACCESS_NONE;
    assert_int_equal(MAKE(CLEAR, .guided = true), 0);
    device.facts = NULL; /* not even asked */
    assert_int_equal(MAKE(CLEAR, 0), -LETHE_E_REFUSED);
    assert_int_equal(MAKE(CLEAR, .guided = true), 0);
}

static void the_rescue_chain_moves_before_it_wipes(void **state)
{
    (void)state;
    assert_int_equal(MAKE(PURGE, 0), 0);
    assert_steps("prepare android-sideload, prepare android-rescue, technique android-rescue-wipe, "
                 "state android-rescue-wipe");
    assert_true(lethe_step_moves(&plan.steps[0]) && lethe_step_moves(&plan.steps[1]));
    assert_false(lethe_step_moves(&plan.steps[2]));
    assert_true(limited("Samsung"));
    assert_true(limited("eSIM may have kept"));
    assert_round_trip();
    /* What brings it there counts, too. */
    struct lethe_profile_technique *move = &profile.techniques[1];
    assert_string_equal(move->technique, "android-rescue");
    move->status = LETHE_STATUS_UNTESTED;
    assert_int_equal(MAKE(PURGE, .accept_untested = true), 0);
    assert_int_equal(plan.profile.status, LETHE_STATUS_UNTESTED);
    move->status = LETHE_STATUS_REPORTED;
    facts.phone.mode = LETHE_MODE_RESCUE; /* there already */
    assert_int_equal(MAKE(PURGE, 0), 0);
    assert_steps("technique android-rescue-wipe, state android-rescue-wipe");
}

/* From its system into the bootloader: only a phone that knew this bench can show by having
 * forgotten it that it was erased. One that is there already is asked what it says itself. */
static void an_unlocked_phone_is_brought_to_its_bootloader(void **state)
{
    (void)state;
    static const char *const order[] = {"android-fastboot-erase", "guided-reset",
                                        "android-bootloader", NULL};
    lethe_fake_profile(&profile, order);
    assert_int_equal(MAKE(PURGE, 0), 0);
    assert_steps("technique guided-reset, state guided-reset"); /* locked */
    assert_true(limited("Why by hand: android-fastboot-erase is not possible here"));
    assert_int_equal(MAKE(PURGE, .guided = true), 0); /* asked for: no reason is looked for */
    assert_false(limited("Why by hand"));
    facts.phone.mode = LETHE_MODE_SIDELOAD; /* nobody asked for hands, and nothing else is left */
    assert_int_equal(MAKE(CLEAR, 0), -LETHE_E_REFUSED);
    assert_said(err.remedy, "start its system");
    facts.phone.mode = LETHE_MODE_NORMAL;
    facts.can |= LETHE_CAN_FASTBOOT_ERASE;
    assert_int_equal(MAKE(PURGE, 0), 0);
    assert_steps("prepare android-bootloader, technique android-fastboot-erase, "
                 "state android-fastboot-erase");
    facts.protocol = LETHE_PROTOCOL_FASTBOOT;
    facts.phone.mode = LETHE_MODE_FASTBOOT;
    assert_int_equal(MAKE(PURGE, .for_destruction = true), 0);
    assert_steps("technique android-fastboot-erase, state android-fastboot-erase");
}

/* What a profile does not tell of the way there is shown by nobody, and plan and certificate say
 * so. */
static void a_move_that_is_not_listed_is_untested(void **state)
{
    (void)state;
    static const char *const order[] = {"android-fastboot-erase", NULL};
    lethe_fake_profile(&profile, order);
    facts.can |= LETHE_CAN_FASTBOOT_ERASE;
    assert_int_equal(MAKE(PURGE, 0), -LETHE_E_REFUSED);
    assert_said(err.what, "android-bootloader is untested");
    assert_said(err.remedy, "--accept-untested");
    assert_int_equal(MAKE(PURGE, .accept_untested = true), 0);
    assert_int_equal(plan.profile.status, LETHE_STATUS_UNTESTED);
    assert_said(plan.profile.evidence, "says nothing of android-bootloader");
    static const char *const listed[] = {"android-fastboot-erase", "android-bootloader", NULL};
    lethe_fake_profile(&profile, listed);
    assert_int_equal(MAKE(PURGE, 0), 0);
    assert_int_equal(plan.profile.status, LETHE_STATUS_REPORTED);
    profile.techniques[1].status = LETHE_STATUS_UNTESTED;
    assert_int_equal(MAKE(PURGE, 0), -LETHE_E_REFUSED);
}

/* A watch, a car: by nobody's hand either, whatever the lot is for. */
static void what_is_no_phone_is_not_planned(void **state)
{
    (void)state;
    facts.phone.family = LETHE_FAMILY_OTHER;
    strcpy(facts.obstacle, "it is a watch");
    assert_int_equal(MAKE(CLEAR, 0), -LETHE_E_REFUSED);
    assert_said(err.what, "it is a watch");
    assert_int_equal(MAKE(CLEAR, .guided = true), -LETHE_E_REFUSED);
    assert_int_equal(MAKE(CLEAR, .for_destruction = true), -LETHE_E_REFUSED);
    assert_said(err.remedy, "its own settings");
}

/* A wipe whose state adb can tell comes before the reset where the profile prefers that. */
static void a_test_harness_is_never_the_last(void **state)
{
    (void)state;
    static const char *const order[] = {"android-test-harness",   "android-rescue-wipe",
                                        "android-settings-reset", "android-sideload",
                                        "android-rescue",         NULL};
    lethe_fake_profile(&profile, order);
    assert_int_equal(MAKE(PURGE, 0), 0);
    assert_steps("technique android-test-harness, state android-test-harness, "
                 "prepare android-sideload, prepare android-rescue, technique android-rescue-wipe, "
                 "state android-rescue-wipe");
    facts.phone.locks[LETHE_LOCK_PASSCODE] = LETHE_ANSWER_UNKNOWN;
    assert_int_equal(MAKE(PURGE, 0), 0);
    assert_int_equal(plan.n_steps, 4);
    pixel(NULL);
    lethe_fake_profile(&profile, order);
    facts.phone.sd_card = LETHE_ANSWER_YES;
    assert_int_equal(MAKE(PURGE, 0), 0);
    assert_int_equal(plan.n_steps, 4);
    profile.n_techniques = 1;
    assert_int_equal(MAKE(PURGE, 0), -LETHE_E_REFUSED);
}

/* facts/phones.md 2.4. */
static void the_claim_follows_the_encryption(void **state)
{
    (void)state;
    static const struct {
        const char *state_, *type;
        uint32_t first_sdk;
        enum lethe_answer metadata, keystore;
        enum lethe_method method;
    } phones[] = {
        {"encrypted", "file", 30, LETHE_ANSWER_UNKNOWN, LETHE_ANSWER_UNKNOWN, LETHE_METHOD_PURGE},
        {"encrypted", "file", 29, LETHE_ANSWER_YES, LETHE_ANSWER_UNKNOWN, LETHE_METHOD_PURGE},
        {"encrypted", "file", 29, LETHE_ANSWER_NO, LETHE_ANSWER_UNKNOWN, LETHE_METHOD_CLEAR},
        {"encrypted", "file", 0, LETHE_ANSWER_UNKNOWN, LETHE_ANSWER_YES, LETHE_METHOD_PURGE},
        {"encrypted", "block", 30, LETHE_ANSWER_YES, LETHE_ANSWER_NO, LETHE_METHOD_CLEAR},
        {"encrypted", "block", 28, LETHE_ANSWER_UNKNOWN, LETHE_ANSWER_YES, LETHE_METHOD_PURGE},
        {"encrypted", "", 0, LETHE_ANSWER_YES, LETHE_ANSWER_YES, LETHE_METHOD_CLEAR},
        {"unencrypted", "", 30, LETHE_ANSWER_YES, LETHE_ANSWER_YES, LETHE_METHOD_CLEAR},
        {"", "", 34, LETHE_ANSWER_YES, LETHE_ANSWER_YES, LETHE_METHOD_CLEAR},
    };
    for (size_t i = 0; i < sizeof(phones) / sizeof(phones[0]); i++) {
        pixel(NULL);
        __typeof__(facts.phone.android) *a = &facts.phone.android;
        strcpy(a->crypto_state, phones[i].state_);
        strcpy(a->crypto_type, phones[i].type);
        a->first_sdk = phones[i].first_sdk;
        a->metadata_encryption = phones[i].metadata;
        a->hardware_keystore = phones[i].keystore;
        bool purge = phones[i].method == LETHE_METHOD_PURGE;
        assert_int_equal(MAKE(CLEAR, 0), 0);
        assert_int_equal(plan.method, phones[i].method);
        assert_int_equal(plan.technique_kind, purge ? LETHE_KIND_CRYPTO_ERASE : LETHE_KIND_RESET);
        assert_int_equal(MAKE(PURGE, 0), purge ? 0 : -LETHE_E_REFUSED);
        if (!purge)
            assert_said(err.remedy, CLEAR);
        assert_int_equal(MAKE(CLEAR, 0), 0);
        assert_int_equal(limited("Destruction is recommended"),
                         strcmp(phones[i].state_, "unencrypted") == 0);
    }
}

static void overwriting_is_planned_where_it_can_be_shown(void **state)
{
    (void)state;
    assert_int_equal(MAKE(GB, 0), 0);
    assert_steps("technique android-test-harness, state android-test-harness, "
                 "technique android-fill, state android-fill, prepare android-sideload, "
                 "prepare android-rescue, technique android-rescue-wipe, "
                 "state android-rescue-wipe");
    assert_int_equal(plan.method, LETHE_METHOD_CLEAR);
    assert_int_equal(plan.technique_kind, LETHE_KIND_OVERWRITE);
    assert_false(plan.not_demonstrable);
    assert_string_equal(lethe_plan_main(&plan)->technique, "android-fill");
    assert_true(limited("not claim every cell"));
    assert_said(plan.policy.statement, "overwritten once");
    assert_true(lethe_plan_seconds(&plan) > 3600); /* 128 GB over USB 2 */
    assert_round_trip();
    /* With a lock screen there is no test harness. */
    facts.phone.locks[LETHE_LOCK_PASSCODE] = LETHE_ANSWER_YES;
    assert_int_equal(MAKE(GB, 0), 0);
    assert_true(plan.not_demonstrable && limited("Not demonstrable"));
    assert_null(strstr(plan.policy.statement, "overwritten"));
    assert_int_equal(plan.n_steps, 4);
    assert_true(limited("Why not overwritten: with a lock screen it takes no test harness"));
    assert_round_trip();
    /* It would wipe the memory card, too. */
    pixel(NULL);
    facts.phone.sd_card = LETHE_ANSWER_YES;
    assert_int_equal(MAKE(GB, 0), -LETHE_E_REFUSED);
    assert_said(err.what, "a memory card is in it");
    assert_said(err.remedy, "take the card out");
    assert_int_equal(MAKE(GB, .for_destruction = true), -LETHE_E_REFUSED);
    facts.phone.sd_card = LETHE_ANSWER_UNKNOWN;
    assert_int_equal(MAKE(GB, 0), 0);
    assert_true(plan.not_demonstrable);
    assert_int_equal(plan.n_steps, 4);
    assert_true(limited("Why not overwritten: whether a memory card is in it could not be asked"));
    /* What would change it is named before it is confirmed. */
    pixel(NULL);
    for (size_t i = 0; i < profile.n_techniques; i++)
        if (strcmp(profile.techniques[i].technique, "android-fill") == 0)
            profile.techniques[i].status = LETHE_STATUS_UNTESTED;
    assert_int_equal(MAKE(GB, 0), 0);
    assert_true(plan.not_demonstrable);
    assert_true(limited("Why not overwritten: technique android-fill is untested"));
    assert_true(limited("(--accept-untested goes on)."));
    assert_int_equal(MAKE(GB, .accept_untested = true), 0);
    assert_false(plan.not_demonstrable || limited("Why not overwritten"));
    pixel(NULL);
    facts.phone.locks[LETHE_LOCK_FRP] = LETHE_ANSWER_UNKNOWN;
    assert_int_equal(MAKE(GB, 0), 0);
    assert_true(limited("Why by hand: whether it would come back locked could not be asked (frp)"));
    assert_true(limited("(--for-destruction goes on, of a lot that goes to destruction"));
    /* Policies of many passes are not met by a fill. */
    pixel(NULL);
    assert_int_equal(MAKE("dod-3", 0), 0);
    assert_true(plan.not_demonstrable);
    /* One of somebody's own that bears its name, and allows a reset. */
    const struct lethe_policy *found = lethe_policy_find(policies, CLEAR, NULL);
    assert_non_null(found);
    struct lethe_policy mine = *found;
    lethe_text_format(mine.id, sizeof(mine.id), "gb46864-mine");
    assert_int_equal(
        lethe_plan_make(&device, &mine, &profile, &(struct lethe_plan_options){0}, &plan, &err), 0);
    assert_true(plan.not_demonstrable && limited("Not demonstrable"));
    assert_said(plan.policy.statement, "Not shown to be sanitised");
}

static void apple_has_no_overwrite_that_counts(void **state)
{
    (void)state;
    profile.techniques[1].status = LETHE_STATUS_UNTESTED;
    assert_int_equal(MAKE(GB, 0), 0);
    assert_steps("technique ios-erase, state ios-erase");
    assert_true(plan.not_demonstrable && limited("Not demonstrable"));
    assert_int_equal(MAKE(GB, .accept_untested = true), 0);
    assert_steps("technique ios-erase, state ios-erase, technique ios-fill, state ios-fill, "
                 "technique ios-erase, state ios-erase");
    assert_true(plan.not_demonstrable);
    assert_int_equal(plan.profile.status, LETHE_STATUS_UNTESTED);
    assert_string_equal(lethe_plan_main(&plan)->technique, "ios-erase");
    assert_round_trip();
}

static void an_untested_way_is_refused(void **state)
{
    (void)state;
    profile.techniques[0].status = LETHE_STATUS_UNTESTED;
    profile.n_techniques = 1;
    assert_int_equal(MAKE(PURGE, 0), -LETHE_E_REFUSED);
    assert_said(err.remedy, "--accept-untested");
    assert_int_equal(MAKE(PURGE, .accept_untested = true), 0);
    strcpy(profile.techniques[0].technique, "ios-next");
    assert_int_equal(MAKE(PURGE, 0), -LETHE_E_UNSUPPORTED);
    profile.n_techniques = 0;
    assert_int_equal(MAKE(PURGE, 0), -LETHE_E_REFUSED);
}

static void a_plan_is_described_in_plain_words(void **state)
{
    (void)state;
    assert_int_equal(MAKE(GB, 0), 0);
    LETHE_JSON_AUTO *json = lethe_plan_describe(&plan, &device);
    const json_t *steps = json_object_get(json, "steps"), *fill = json_array_get(steps, 2);
    assert_int_equal(json_array_size(steps), plan.n_steps);
    assert_said(json_string_value(json_object_get(fill, "detail")), "random stream");
    assert_int_equal(json_integer_value(json_object_get(fill, "bytes")), 128000000000);
    assert_true(json_is_true(json_object_get(json_object_get(json, "claims"), "demonstrable")));
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(json, "claims"), "technique")),
        "android-fill");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(an_iphone_is_purged_by_its_own_firmware, iphone),
        cmocka_unit_test_setup(an_esim_is_kept_only_where_that_can_be_told, iphone),
        cmocka_unit_test_setup(a_row_is_of_versions, pixel),
        cmocka_unit_test_setup(a_plan_of_a_phone_has_no_steps_of_a_drive, iphone),
        cmocka_unit_test(every_lock_blocks_before_anything_is_sent),
        cmocka_unit_test(what_could_not_be_asked_goes_by_hand),
        cmocka_unit_test_setup(find_my_off_in_setup_is_no_answer, iphone),
        cmocka_unit_test_setup(a_flat_battery_waits, iphone),
        cmocka_unit_test_setup(nobody_is_let_in, pixel),
        cmocka_unit_test_setup(the_rescue_chain_moves_before_it_wipes, pixel),
        cmocka_unit_test_setup(an_unlocked_phone_is_brought_to_its_bootloader, pixel),
        cmocka_unit_test_setup(a_move_that_is_not_listed_is_untested, pixel),
        cmocka_unit_test_setup(what_is_no_phone_is_not_planned, pixel),
        cmocka_unit_test_setup(a_test_harness_is_never_the_last, pixel),
        cmocka_unit_test(the_claim_follows_the_encryption),
        cmocka_unit_test_setup(overwriting_is_planned_where_it_can_be_shown, pixel),
        cmocka_unit_test_setup(apple_has_no_overwrite_that_counts, iphone),
        cmocka_unit_test_setup(an_untested_way_is_refused, iphone),
        cmocka_unit_test_setup(a_plan_is_described_in_plain_words, pixel),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
