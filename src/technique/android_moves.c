/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Into the rescue mode of an AOSP recovery (facts/phones.md 2.2): android-sideload, then
 * android-rescue; or into the bootloader: android-bootloader. None erases anything; a maker's
 * recovery without that mode goes elsewhere, and the phone is as it was.
 */
#include "technique/android.h"

#include "technique/sanitize.h"

#include <string.h>

static void move_stop(struct lethe_run *run)
{
    lethe_adb_free(run->state);
    run->state = NULL;
}

static int leave(struct lethe_run *run, const char *service, struct lethe_error *err)
{
    int rc =
        lethe_adb_leave(run->state, service, lethe_android_ms(run, LETHE_ANDROID_LEAVE_S), err);
    if (rc < 0 && err) {
        lethe_error_effect(err, "nothing that erases was sent to the phone");
        lethe_error_remedy(err, "its maker's recovery may not have this mode: have it reset by "
                                "hand: --guided");
    }
    return rc;
}

static int attest(const char *technique, const char *service, json_t **evidence,
                  struct lethe_error *err)
{
    *evidence =
        json_pack("{s:s, s:[s], s:b}", "technique", technique, "commands", service, "left", 1);
    return *evidence ? 0 : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
}

/* Only a phone that keeps our key can show afterwards, by having forgotten it, that it was erased.
 */
static int admitted_start(struct lethe_run *run, struct lethe_error *err)
{
    struct lethe_adb *adb = NULL;
    int rc = lethe_android_meet(run, LETHE_ADB_STATE_DEVICE, 0, &adb, err);
    run->state = adb;
    if (rc < 0)
        return rc;
    if (lethe_adb_trust(adb) == LETHE_ADB_TRUST_SIGNED)
        return lethe_android_check_locks(run, adb, err);
    lethe_fail(err, LETHE_E_REFUSED, "the phone asks no bench for a key");
    lethe_error_effect(err, "nothing that erases was sent to the phone");
    lethe_error_remedy(err, "have it reset by hand: --guided");
    return -LETHE_E_REFUSED;
}

/* -- android-sideload -------------------------------------------------------------------------- */

#define SIDELOAD "reboot:sideload"

static int sideload_step(struct lethe_run *run, struct lethe_error *err)
{
    return leave(run, SIDELOAD, err);
}

static int sideload_attest(struct lethe_run *run, json_t **evidence, struct lethe_error *err)
{
    (void)run;
    return attest("android-sideload", SIDELOAD, evidence, err);
}

const struct lethe_technique lethe_technique_android_sideload = {
    .name = "android-sideload",
    .kind = LETHE_KIND_RESET,
    .needs = LETHE_NEEDS_USB,
    .flags = LETHE_TECHNIQUE_MOVES | LETHE_TECHNIQUE_ADMITS,
    .protocol = LETHE_PROTOCOL_ADB,
    .capability = LETHE_CAN_RESCUE,
    .leaves = LETHE_LEAVES_UNKNOWN,
    .returns = 1u << LETHE_MODE_SIDELOAD,
    .away_seconds = 180,
    .start = admitted_start,
    .step = sideload_step,
    .attest = sideload_attest,
    .stop = move_stop,
};

/* -- android-rescue ---------------------------------------------------------------------------- */

#define RESCUE "reboot:rescue"

static int rescue_start(struct lethe_run *run, struct lethe_error *err)
{
    struct lethe_adb *adb = NULL;
    int rc = lethe_android_meet(run, LETHE_ADB_STATE_SIDELOAD, 0, &adb, err);
    run->state = adb;
    return rc;
}

static int rescue_step(struct lethe_run *run, struct lethe_error *err)
{
    return leave(run, RESCUE, err);
}

static int rescue_attest(struct lethe_run *run, json_t **evidence, struct lethe_error *err)
{
    (void)run;
    return attest("android-rescue", RESCUE, evidence, err);
}

const struct lethe_technique lethe_technique_android_rescue = {
    .name = "android-rescue",
    .kind = LETHE_KIND_RESET,
    .needs = LETHE_NEEDS_USB,
    .flags = LETHE_TECHNIQUE_MOVES,
    .protocol = LETHE_PROTOCOL_ADB,
    .capability = LETHE_CAN_RESCUE,
    .leaves = LETHE_LEAVES_UNKNOWN,
    .returns = 1u << LETHE_MODE_RESCUE,
    .away_seconds = 180,
    .start = rescue_start,
    .step = rescue_step,
    .attest = rescue_attest,
    .stop = move_stop,
};

/* -- android-bootloader ------------------------------------------------------------------------ */

#define BOOTLOADER "reboot:bootloader"

static int bootloader_step(struct lethe_run *run, struct lethe_error *err)
{
    return leave(run, BOOTLOADER, err);
}

static int bootloader_attest(struct lethe_run *run, json_t **evidence, struct lethe_error *err)
{
    (void)run;
    return attest("android-bootloader", BOOTLOADER, evidence, err);
}

const struct lethe_technique lethe_technique_android_bootloader = {
    .name = "android-bootloader",
    .kind = LETHE_KIND_RESET,
    .needs = LETHE_NEEDS_USB,
    .flags = LETHE_TECHNIQUE_MOVES | LETHE_TECHNIQUE_ADMITS,
    .protocol = LETHE_PROTOCOL_ADB,
    .capability = LETHE_CAN_FASTBOOT_ERASE,
    .leaves = LETHE_LEAVES_UNKNOWN,
    .returns = 1u << LETHE_MODE_FASTBOOT,
    .away_seconds = 180,
    .start = admitted_start,
    .step = bootloader_step,
    .attest = bootloader_attest,
    .stop = move_stop,
};
