/* SPDX-License-Identifier: Apache-2.0 */
/* What is made of an Android phone's words, in every mode: locks in three words, advice in plain
 * ones. */
#include "android_bench.h"

#include <device/android.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void look(struct android_bench *bench, struct lethe_facts *facts)
{
    struct lethe_io *io = android_bench_plug(bench);
    assert_non_null(io);
    assert_int_equal(lethe_facts_read(io, &bench->identity, NULL, facts, &bench->err), 0);
    lethe_io_close(io);
    assert_int_equal(facts->phone.family, LETHE_FAMILY_ANDROID);
    /* It crosses to the supervisor whole. */
    struct lethe_facts again;
    json_t *json = lethe_facts_to_json(facts);
    assert_int_equal(lethe_facts_from_json(json, &again, &bench->err), 0);
    json_decref(json);
}

static void one(const char *mode, const char *traits, const char *faults, struct lethe_facts *facts)
{
    struct android_bench bench;
    android_bench_begin(&bench, mode, traits, faults);
    look(&bench, facts);
    android_bench_end(&bench);
}

static void its_system_tells_all(void **state)
{
    struct lethe_facts f;
    (void)state;
    one("normal", "", "", &f);
    assert_int_equal(f.protocol, LETHE_PROTOCOL_ADB);
    assert_int_equal(f.phone.access, LETHE_ACCESS_GRANTED);
    assert_int_equal(f.phone.mode, LETHE_MODE_NORMAL);
    assert_string_equal(f.phone.vendor, "Google");
    assert_string_equal(f.phone.model, "Pixel 7");
    assert_string_equal(f.phone.product, "panther");
    assert_string_equal(f.phone.system, "14");
    assert_string_equal(f.phone.serial, BENCH_SERIAL);
    assert_int_equal(f.phone.android.sdk, 34);
    assert_int_equal(f.phone.android.first_sdk, 33);
    assert_string_equal(f.phone.android.crypto_state, "encrypted");
    assert_string_equal(f.phone.android.crypto_type, "file");
    assert_int_equal(f.phone.android.metadata_encryption, LETHE_ANSWER_YES);
    assert_int_equal(f.phone.android.hardware_keystore, LETHE_ANSWER_YES);
    assert_int_equal(f.phone.unlocked, LETHE_ANSWER_NO);
    assert_int_equal(f.phone.battery, 82);
    assert_int_equal(f.phone.charging, LETHE_ANSWER_YES);
    assert_int_equal(f.phone.storage, 4 << 20);
    assert_int_equal(f.phone.sd_card, LETHE_ANSWER_NO);
    assert_int_equal(f.phone.android.accounts, 0);
    assert_int_equal(f.phone.android.users, 1);
    static const enum lethe_lock off[] = {LETHE_LOCK_FRP, LETHE_LOCK_ACCOUNTS, LETHE_LOCK_MDM,
                                          LETHE_LOCK_NO_RESET, LETHE_LOCK_PASSCODE};
    for (size_t i = 0; i < sizeof(off) / sizeof(off[0]); i++)
        assert_int_equal(f.phone.locks[off[i]], LETHE_ANSWER_NO);
    assert_int_equal(f.can, LETHE_CAN_SETTINGS_RESET | LETHE_CAN_RESCUE | LETHE_CAN_TEST_HARNESS);
}

static void every_lock_is_seen(void **state)
{
    static const struct {
        const char *traits;
        enum lethe_lock lock;
        enum lethe_answer answer;
    } cases[] = {
        {"frp=true", LETHE_LOCK_FRP, LETHE_ANSWER_YES},
        {"secure_frp_mode=true", LETHE_LOCK_FRP, LETHE_ANSWER_YES},
        {"frp_readable=false", LETHE_LOCK_FRP, LETHE_ANSWER_UNKNOWN},
        {"accounts=2", LETHE_LOCK_ACCOUNTS, LETHE_ANSWER_YES},
        {"accounts=1 users=2", LETHE_LOCK_ACCOUNTS, LETHE_ANSWER_YES},
        {"device_owner=com.example/.Admin", LETHE_LOCK_MDM, LETHE_ANSWER_YES},
        {"no_factory_reset=true", LETHE_LOCK_NO_RESET, LETHE_ANSWER_YES},
        {"lock_screen=true", LETHE_LOCK_PASSCODE, LETHE_ANSWER_YES},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct lethe_facts f;
        one("normal", cases[i].traits, "", &f);
        assert_int_equal(f.phone.locks[cases[i].lock], cases[i].answer);
    }
}

static void what_it_can_follows_from_what_it_is(void **state)
{
    struct lethe_facts f;
    (void)state;
    one("normal", "lock_screen=true", "", &f);
    assert_int_equal(f.can, LETHE_CAN_SETTINGS_RESET | LETHE_CAN_RESCUE);
    one("normal", "props/ro.build.version.sdk=28", "", &f);
    assert_int_equal(f.can, LETHE_CAN_SETTINGS_RESET);
    one("normal", "props/ro.frp.pst=", "", &f);
    assert_int_equal(f.can, LETHE_CAN_SETTINGS_RESET | LETHE_CAN_RESCUE);
    one("sideload", "", "", &f);
    assert_int_equal(f.can, LETHE_CAN_RESCUE);
    assert_int_equal(f.phone.locks[LETHE_LOCK_FRP], LETHE_ANSWER_UNKNOWN);
    one("rescue", "battery=40", "", &f);
    assert_int_equal(f.can, LETHE_CAN_RESCUE);
    assert_int_equal(f.phone.battery, 40);
    assert_non_null(strstr(f.phone.build, "google/panther"));
}

/* By AOSP's own words; what only looks like one of them is none. */
static void what_is_no_phone_is_seen(void **state)
{
    static const struct {
        const char *characteristics, *named; /* NULL: a phone or tablet */
        bool tablet;
    } kinds[] = {{"watch", "a watch", false},
                 {"nosdcard,watch", "a watch", false},
                 {"tv", "television", false},
                 {"nosdcard,automotive", "car", false},
                 {"embedded,nosdcard", "appliance", false},
                 {"tablet,nosdcard", NULL, true},
                 {"default", NULL, false},
                 {"nosdcard,watchful", NULL, false},
                 {"tvdpi", NULL, false}};
    (void)state;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct android_bench bench;
        struct lethe_facts f;
        char trait[96];
        snprintf(trait, sizeof(trait), "props/ro.build.characteristics=%s",
                 kinds[i].characteristics);
        android_bench_begin(&bench, "normal", trait, "");
        struct lethe_io *io = android_bench_plug(&bench);
        assert_int_equal(lethe_facts_read(io, &bench.identity, NULL, &f, &bench.err), 0);
        lethe_io_close(io);
        assert_int_equal(f.phone.family,
                         kinds[i].named ? LETHE_FAMILY_OTHER : LETHE_FAMILY_ANDROID);
        assert_int_equal(f.phone.tablet, kinds[i].tablet);
        assert_int_equal(f.can == 0, kinds[i].named != NULL);
        if (kinds[i].named)
            assert_non_null(strstr(f.obstacle, kinds[i].named));
        android_bench_end(&bench);
    }
}

/* A name is believed where it is known to be that of a trusted environment, and nowhere else. */
static void a_keystore_is_no_hardware_by_its_name(void **state)
{
    static const struct {
        const char *name;
        enum lethe_answer answer;
    } names[] = {
        {"trusty", LETHE_ANSWER_YES},       {"optee", LETHE_ANSWER_YES},
        {"mdfpp", LETHE_ANSWER_YES},        {"msm8998", LETHE_ANSWER_YES},
        {"sdm660", LETHE_ANSWER_YES},       {"software", LETHE_ANSWER_NO},
        {"ranchu", LETHE_ANSWER_NO},        {"trusty-software-emulation", LETHE_ANSWER_UNKNOWN},
        {"msm", LETHE_ANSWER_UNKNOWN},      {"msm8998soft", LETHE_ANSWER_UNKNOWN},
        {"whatever", LETHE_ANSWER_UNKNOWN}, {"", LETHE_ANSWER_UNKNOWN}};
    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct lethe_facts f;
        char trait[96];
        snprintf(trait, sizeof(trait), "props/ro.hardware.keystore=%s", names[i].name);
        one("normal", trait, "", &f);
        assert_int_equal(f.phone.android.hardware_keystore, names[i].answer);
    }
}

static void its_bootloader_tells_little(void **state)
{
    struct lethe_facts f;
    (void)state;
    one("fastboot", "", "", &f);
    assert_int_equal(f.protocol, LETHE_PROTOCOL_FASTBOOT);
    assert_string_equal(f.phone.serial, BENCH_SERIAL);
    assert_int_equal(f.phone.unlocked, LETHE_ANSWER_NO);
    assert_int_equal(f.can, 0);
    assert_non_null(strstr(f.obstacle, "locked"));
    one("fastboot", "unlocked=true", "", &f);
    assert_int_equal(f.can, LETHE_CAN_FASTBOOT_ERASE);
    assert_int_equal(f.phone.locks[LETHE_LOCK_ACCOUNTS], LETHE_ANSWER_UNKNOWN);
    one("fastboot", "unlocked=true battery=5", "", &f);
    assert_int_equal(f.can, 0);
    assert_non_null(strstr(f.obstacle, "battery"));
    one("fastbootd", "unlocked=true", "", &f);
    assert_int_equal(f.phone.mode, LETHE_MODE_FASTBOOTD);
}

static void what_stands_in_the_way_is_said(void **state)
{
    struct android_bench bench;
    struct lethe_facts f;
    (void)state;
    one("normal", "key=strange", "unauthorised", &f);
    assert_int_equal(f.phone.access, LETHE_ACCESS_UNTRUSTED);
    assert_non_null(strstr(f.phone.advice, "Always allow"));
    assert_int_equal(f.can, 0);
    /* Nor is anybody asked, who would tap Allow, by a look. */
    one("normal", "key=strange", "", &f);
    assert_int_equal(f.phone.access, LETHE_ACCESS_UNTRUSTED);
    assert_non_null(strstr(f.phone.advice, "lethe pair " BENCH_SERIAL));
    one("normal", "adb=false", "", &f);
    assert_int_equal(f.phone.mode, LETHE_MODE_CLOSED);
    assert_int_equal(f.phone.access, LETHE_ACCESS_NONE);
    assert_non_null(strstr(f.phone.advice, "--guided"));
    one("normal", "", "garbage-banner", &f);
    assert_int_equal(f.phone.access, LETHE_ACCESS_NONE);
    assert_int_equal(f.can, 0);
    one("normal", "", "length-4g", &f);
    assert_int_equal(f.can, 0);
    /* A phone that is not the one on its port. */
    android_bench_begin(&bench, "normal", "", "");
    strcpy(bench.identity.identifiers[0].value, "ANOTHER");
    look(&bench, &f);
    assert_true(f.disagrees);
    assert_int_equal(f.can, 0);
    android_bench_end(&bench);
}

static void names_are_fit_to_print(void **state)
{
    struct lethe_facts f;
    (void)state;
    one("normal", "", "control-characters", &f);
    for (const char *c = f.phone.model; *c; c++)
        assert_true((unsigned char)*c >= 0x20);
    one("fastboot", "", "control-characters", &f);
    for (const char *c = f.phone.product; *c; c++)
        assert_true((unsigned char)*c >= 0x20);
}

static void imeis_are_checked(void **state)
{
    struct lethe_phone phone = {0};
    (void)state;
    assert_true(lethe_imei_valid("356938035643809"));
    assert_false(lethe_imei_valid("356938035643808"));
    assert_false(lethe_imei_valid("35693803564380"));
    assert_false(lethe_imei_valid("000000000000000"));
    assert_false(lethe_imei_valid("35693803564380x"));
    lethe_android_add_imei(&phone, "356938035643809");
    lethe_android_add_imei(&phone, "356938035643809");
    assert_string_equal(phone.imei[1], "");
    lethe_android_add_imei(&phone, "490154203237518");
    assert_string_equal(phone.imei[0], "356938035643809");
    assert_string_equal(phone.imei[1], "490154203237518");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(its_system_tells_all),
        cmocka_unit_test(every_lock_is_seen),
        cmocka_unit_test(what_it_can_follows_from_what_it_is),
        cmocka_unit_test(what_is_no_phone_is_seen),
        cmocka_unit_test(a_keystore_is_no_hardware_by_its_name),
        cmocka_unit_test(its_bootloader_tells_little),
        cmocka_unit_test(what_stands_in_the_way_is_said),
        cmocka_unit_test(names_are_fit_to_print),
        cmocka_unit_test(imeis_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
