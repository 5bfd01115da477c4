/* SPDX-License-Identifier: Apache-2.0 */
/* Afterwards: how the phone is found, and what that shows (facts/phones.md 3, grade B). Asking is
 * one thing, in a worker that only asks; judging another, and pure. */
#include "technique/android.h"

#include "base/text.h"
#include "base/time.h"
#include "device/android.h"
#include "proto/android_text.h"
#include "technique/sanitize.h"

#include <string.h>

#define ANSWERS_POLLS 120 /* from its first sign on the port until its system answers */
#define QUIET_TEST_BED_MS 3000
#define LOOK_EVERY_MS 1000
#define BOOT_MS 5000

uint32_t lethe_quiet_ms(enum lethe_substrate substrate, uint32_t poll_ms)
{
    bool test_bed = substrate == LETHE_SUBSTRATE_EMULATED || substrate == LETHE_SUBSTRATE_VIRTUAL;
    return test_bed && poll_ms < LOOK_EVERY_MS ? QUIET_TEST_BED_MS : LETHE_QUIET_MS;
}

static bool has_started(struct lethe_adb *adb)
{
    LETHE_ADB_OUTPUT_AUTO out = {.exit = -1};
    char word[8] = "";
    if (lethe_adb_peer(adb)->state != LETHE_ADB_STATE_DEVICE)
        return true; /* of other states this is not asked */
    if (lethe_adb_shell(adb, "getprop sys.boot_completed", &out, BOOT_MS, NULL) == 0)
        lethe_android_setting(out.text.data, out.text.len, word, sizeof(word));
    return strcmp(word, "1") == 0;
}

/* Connected to a system that has started, or why not. */
static int await_system(struct lethe_run *run, struct lethe_adb **out)
{
    uint64_t until = lethe_monotonic_ms() + (uint64_t)ANSWERS_POLLS * run->poll_ms;
    do {
        struct lethe_adb *adb = NULL;
        int rc = lethe_adb_connect(run->io, 0, &adb, NULL);
        if (rc == -LETHE_E_GONE || rc == -LETHE_E_UNSUPPORTED || rc == -LETHE_E_UNTRUSTED ||
            rc == -LETHE_E_INVALID)
            return rc;
        if (rc == 0 && has_started(adb)) {
            *out = adb;
            return 0;
        }
        lethe_adb_free(adb);
        lethe_technique_wait(run->poll_ms);
    } while (lethe_monotonic_ms() < until);
    return -LETHE_E_TIMEOUT;
}

/* It showed nothing of its old self (RC) and may yet: it is asked again all through the quiet time,
 * to its last moment. A port without ADB says nothing new; that it was left, the supervisor's next
 * look finds. */
static int watch(struct lethe_run *run, int rc, struct lethe_adb **out)
{
    uint64_t until = lethe_monotonic_ms() + (run->quiet_ms ? run->quiet_ms : LETHE_QUIET_MS);
    for (uint64_t now; (now = lethe_monotonic_ms()) < until;) {
        struct lethe_adb *adb = NULL;
        uint64_t pause = run->poll_ms < LOOK_EVERY_MS ? run->poll_ms : LOOK_EVERY_MS;
        lethe_technique_wait((uint32_t)(until - now < pause ? until - now : pause));
        rc = lethe_adb_connect(run->io, 0, &adb, NULL);
        lethe_adb_free(adb);
        if (rc == 0)
            return await_system(run, out);
        if (rc == -LETHE_E_GONE)
            return rc;
    }
    return rc;
}

static const char *door(int rc, const struct lethe_adb *adb)
{
    if (rc == 0)
        return lethe_adb_trust(adb) == LETHE_ADB_TRUST_NONE ? "open" : "accepted";
    return rc == -LETHE_E_UNSUPPORTED ? "absent"
           : rc == -LETHE_E_UNTRUSTED ? "unauthorized"
           : rc == -LETHE_E_GONE      ? "left again"
                                      : "silent";
}

static const char *who(const struct lethe_run *run, struct lethe_adb *adb)
{
    LETHE_ADB_OUTPUT_AUTO out = {.exit = -1};
    char serial[96] = "";
    if (!adb || lethe_adb_shell(adb, "getprop ro.serialno", &out, BOOT_MS, NULL) < 0)
        return "unknown";
    lethe_android_setting(out.text.data, out.text.len, serial, sizeof(serial));
    return !serial[0] ? "unknown" : lethe_android_is(run->identity, serial) ? "same" : "other";
}

int lethe_android_find(struct lethe_run *run, struct lethe_adb **adb, json_t **findings,
                       struct lethe_error *err)
{
    enum lethe_phone_mode mode = lethe_android_mode(run->io);
    uint64_t began = lethe_monotonic_ms();
    int rc = await_system(run, adb);
    if (rc == -LETHE_E_UNSUPPORTED || rc == -LETHE_E_UNTRUSTED)
        rc = watch(run, rc, adb);
    const char *serial = who(run, *adb);
    *findings = json_pack("{s:s, s:s, s:I, s:s}", "mode", lethe_phone_mode_name(mode), "adb",
                          door(rc, *adb), "quiet_ms", (json_int_t)(lethe_monotonic_ms() - began),
                          "serial", serial);
    if (*adb && lethe_adb_peer(*adb)->state == LETHE_ADB_STATE_DEVICE) {
        struct lethe_android_state state;
        lethe_android_state_read(run, *adb, &state);
        json_object_set_new(*findings, "state", lethe_android_state_json(&state));
    }
    return *findings ? 0 : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
}

int lethe_android_observe(struct lethe_run *run, json_t **findings, struct lethe_error *err)
{
    struct lethe_adb *adb = NULL;
    int rc = lethe_android_find(run, &adb, findings, err);
    lethe_adb_free(adb);
    return rc;
}

enum lethe_grade lethe_android_grade(bool said, const json_t *evidence, const json_t *findings,
                                     char why[192])
{
    const char *adb = lethe_android_text(findings, "adb");
    bool admitted = json_is_true(json_object_get(evidence, "admitted"));
    bool closed = lethe_android_text_is(findings, "mode", "closed") ||
                  lethe_android_text_is(findings, "mode", "ptp");
    enum lethe_grade grade = LETHE_GRADE_NONE;
    const char *say;
    if (lethe_android_text_is(findings, "serial", "other"))
        say = "another phone came back";
    else if (strcmp(adb, "left again") == 0)
        say = "it left its port again while its state was looked at: it may come back as it was";
    else if (strcmp(adb, "accepted") == 0) {
        grade = LETHE_GRADE_DENIED;
        say = "it still knows this bench's key: it did not erase itself";
    } else if (!said)
        say = "it did not say that it erased itself";
    else if (strcmp(adb, "absent") == 0 && closed && !admitted)
        say = "it came back with USB debugging off, and was not seen to have it on before";
    else if (strcmp(adb, "absent") == 0 && closed) {
        grade = LETHE_GRADE_STATE;
        say = "it said that it erased itself, left, and came back with USB debugging off, as a new "
              "phone is";
    } else if (strcmp(adb, "unauthorized") == 0 && admitted) {
        grade = LETHE_GRADE_STATE;
        say = "it said that it erased itself, left, and came back without the key that it knew "
              "before";
    } else if (strcmp(adb, "unauthorized") == 0)
        say = "it does not know this bench's key, and was not seen to know it before";
    else if (strcmp(adb, "open") == 0)
        say = "it lets everybody in, now as before: its state shows nothing";
    else
        say = "it could not be seen in which state it came back";
    lethe_text_format(why, 192, "%s", say);
    return grade;
}
