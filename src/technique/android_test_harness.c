/* SPDX-License-Identifier: Apache-2.0 */
/*
 * android-test-harness: Android wipes itself, keeps the keys of benches and skips its setup, so
 * that it can be asked afterwards (facts/phones.md 2.2; grade A of 3). Never the state in which a
 * phone is handed over: a reset comes behind it.
 */
#include "technique/android.h"

#include "base/text.h"
#include "base/time.h"
#include "device/android.h"
#include "proto/android_text.h"
#include "technique/sanitize.h"

#include <stdlib.h>
#include <string.h>

#define ENABLE "cmd testharness enable"
#define ENABLE_S 60
#define LEAVE_S 120
#define CANARIES 8
#define CANARY_SIZE 4096
#define PATIENCE_S 900
/* A new system fills some of its storage by itself: a quarter, or of a small one up to a half. */
#define NEAR_EMPTY_PERCENT 25
#define SMALL_PERCENT 50
#define SYSTEM_BYTES 12000000000

struct harness {
    struct lethe_adb *adb;
    struct lethe_android_state before;
    unsigned canaries; /* written, and seen there */
    bool left;
    uint64_t began, ended;
};

/* Far apart in the order of names: a wipe that stops half-way leaves one. */
static void canary_path(unsigned i, char *out, size_t out_size)
{
    lethe_text_format(out, out_size, "/sdcard/%c-lethe-mark", "05ADHLSz"[i]);
}

static void fill_canary(void *user, uint64_t offset, void *out, size_t len)
{
    (void)user;
    (void)offset;
    lethe_random(out, len);
}

static int write_canaries(struct harness *self, struct lethe_error *err)
{
    for (unsigned i = 0; i < CANARIES; i++) {
        char path[64];
        struct lethe_adb_file file;
        canary_path(i, path, sizeof(path));
        int rc = lethe_adb_send(self->adb, path, CANARY_SIZE, fill_canary, NULL, LETHE_ADB_MS, err);
        if (rc == 0)
            rc = lethe_adb_stat(self->adb, path, &file, LETHE_ADB_MS, err);
        if (rc < 0) {
            lethe_error_effect(err, "nothing that erases was sent to the phone; some small files "
                                    "were written to it");
            return rc;
        }
        self->canaries += file.mode != 0 && file.size == CANARY_SIZE;
    }
    return 0;
}

/* It is wiped with the phone, and nobody armed it: the plan asked for the same. */
static int check_card(struct lethe_adb *adb, struct lethe_error *err)
{
    LETHE_ADB_OUTPUT_AUTO out = {.exit = -1};
    struct lethe_android_volumes volumes = {0};
    int rc = lethe_adb_shell(adb, "sm list-volumes all", &out, LETHE_ADB_MS, err);
    if (rc == 0 && !out.cut && out.exit <= 0)
        lethe_android_volumes(out.text.data, out.text.len, &volumes);
    if (rc == 0 && volumes.sd_card == LETHE_ANSWER_NO)
        return 0;
    if (rc == 0)
        rc = lethe_fail(err, LETHE_E_REFUSED, "%s",
                        volumes.sd_card == LETHE_ANSWER_YES
                            ? "a memory card is in it by now, which a test harness wipes, too"
                            : "whether a memory card is in it could not be asked, which a test "
                              "harness wipes, too");
    lethe_error_effect(err, "nothing that erases was sent to the phone");
    lethe_error_remedy(err, "take the card out, then erase it again");
    return rc;
}

static int harness_start(struct lethe_run *run, struct lethe_error *err)
{
    struct harness *self = calloc(1, sizeof(*self));
    if (!self)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    run->state = self;
    int rc = lethe_android_meet(run, LETHE_ADB_STATE_DEVICE, 0, &self->adb, err);
    if (rc == 0)
        rc = lethe_android_check_locks(run, self->adb, err);
    if (rc == 0)
        rc = check_card(self->adb, err);
    if (rc < 0)
        return rc;
    lethe_android_state_read(run, self->adb, &self->before);
    return write_canaries(self, err);
}

static int refused(const struct lethe_adb_output *out, struct lethe_error *err)
{
    bool locked = out->exit == 2; /* facts/phones.md 2.2 */
    lethe_fail(err, LETHE_E_REFUSED,
               locked ? "the phone takes no test harness: a lock screen is set, or it can't "
                        "keep the bench's key"
                      : "the phone has no test harness mode (exit status %d)",
               out->exit);
    lethe_error_effect(err, "the phone did NOT erase itself");
    lethe_error_remedy(err, "%s",
                       locked ? "take the lock screen off in its settings, then erase it again; or "
                                "have it reset by hand: --guided"
                              : "no overwriting can be shown on it: erase it by a policy that asks "
                                "for none (--policy nist-800-88r2-clear), or have it reset by "
                                "hand, which does not meet this one: --guided");
    return -LETHE_E_REFUSED;
}

/* It may leave before its shell has said that it will. */
static int harness_step(struct lethe_run *run, struct lethe_error *err)
{
    struct harness *self = run->state;
    LETHE_ADB_OUTPUT_AUTO out = {.exit = -1};
    struct lethe_error why = {0};
    /* Locks, or a card, may have come behind the plan, and while the canaries were written. */
    int rc = lethe_android_check_locks(run, self->adb, err);
    if (rc == 0)
        rc = check_card(self->adb, err);
    if (rc < 0)
        return rc;
    if (run->report.intent(run->report.user, "android-test-harness", json_object()) < 0)
        return lethe_fail(err, LETHE_E_CANCELLED, "stopped before the command was sent");
    self->began = lethe_now_ms();
    rc = lethe_adb_shell(self->adb, ENABLE, &out, lethe_android_ms(run, ENABLE_S), &why);
    if (rc == 0 && out.exit > 0)
        return refused(&out, err);
    if (rc == 0)
        rc = lethe_adb_await_leave(self->adb, lethe_android_ms(run, LEAVE_S), &why);
    self->left = rc == 0 || rc == -LETHE_E_GONE;
    self->ended = lethe_now_ms();
    if (self->left)
        return 0;
    lethe_fail(err, LETHE_E_TIMEOUT, "the phone was told to erase itself, and went nowhere: %.160s",
               why.what);
    lethe_error_effect(err, "NOT known to be erased");
    lethe_error_remedy(err, "restart it, then erase it again, by hand if need be: --guided");
    return -LETHE_E_TIMEOUT;
}

static int harness_attest(struct lethe_run *run, json_t **evidence, struct lethe_error *err)
{
    const struct harness *self = run->state;
    char began[21], ended[21];
    lethe_time_format(began, self->began);
    lethe_time_format(ended, self->ended);
    *evidence = json_pack("{s:s, s:[s], s:i, s:o, s:b, s:s, s:s}", "technique",
                          "android-test-harness", "commands", ENABLE, "canaries",
                          (int)self->canaries, "before", lethe_android_state_json(&self->before),
                          "left", (int)self->left, "started", began, "ended", ended);
    return *evidence ? 0 : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
}

static void harness_stop(struct lethe_run *run)
{
    struct harness *self = run->state;
    if (self)
        lethe_adb_free(self->adb);
    free(self);
    run->state = NULL;
}

/* -- afterwards -------------------------------------------------------------------------------- */

static int look_for_canaries(struct lethe_adb *adb, json_t *findings, struct lethe_error *err)
{
    unsigned checked = 0, standing = 0;
    for (unsigned i = 0; i < CANARIES; i++) {
        char path[64];
        struct lethe_adb_file file;
        canary_path(i, path, sizeof(path));
        int rc = lethe_adb_stat(adb, path, &file, LETHE_ADB_MS, err);
        if (rc == -LETHE_E_GONE)
            return rc;
        checked += rc == 0;
        standing += rc == 0 && file.mode != 0;
    }
    json_object_set_new(
        findings, "canaries",
        json_pack("{s:i, s:i}", "checked", (int)checked, "standing", (int)standing));
    return 0;
}

static int harness_observe(struct lethe_run *run, json_t **findings, struct lethe_error *err)
{
    struct lethe_adb *adb = NULL;
    int rc = lethe_android_find(run, &adb, findings, err);
    if (rc == 0 && adb && lethe_adb_peer(adb)->state == LETHE_ADB_STATE_DEVICE)
        rc = look_for_canaries(adb, *findings, err);
    lethe_adb_free(adb);
    return rc;
}

static json_int_t count(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_integer(value) ? json_integer_value(value) : -1;
}

enum sign { SIGN_UNKNOWN, SIGN_KEPT, SIGN_GONE };

static enum sign sign_of_id(const json_t *before, const json_t *after)
{
    const char *a = lethe_android_text(before, "android_id");
    const char *b = lethe_android_text(after, "android_id");
    return !*a || !*b ? SIGN_UNKNOWN : strcmp(a, b) == 0 ? SIGN_KEPT : SIGN_GONE;
}

static enum sign sign_of_canaries(const json_t *evidence, const json_t *findings)
{
    const json_t *seen = json_object_get(findings, "canaries");
    if (count(seen, "standing") > 0)
        return SIGN_KEPT;
    return count(evidence, "canaries") == CANARIES && count(seen, "checked") == CANARIES &&
                   count(seen, "standing") == 0
               ? SIGN_GONE
               : SIGN_UNKNOWN;
}

static enum sign sign_of_boots(const json_t *before, const json_t *after)
{
    json_int_t a = count(before, "boot_count"), b = count(after, "boot_count");
    return a < 0 || b < 0    ? SIGN_UNKNOWN
           : b > a           ? SIGN_KEPT
           : b < a || b <= 2 ? SIGN_GONE
                             : SIGN_KEPT;
}

static enum sign sign_of_count(const json_t *after, const char *key, json_int_t wanted)
{
    json_int_t n = count(after, key);
    return n < 0 ? SIGN_UNKNOWN : n == wanted ? SIGN_GONE : SIGN_KEPT;
}

/* That it is fuller than we think a new one is shows nothing either way. */
static enum sign sign_of_space(const json_t *after)
{
    json_int_t size = count(after, "size"), used = count(after, "used");
    if (size <= 0 || used < 0)
        return SIGN_UNKNOWN;
    json_int_t percent = used / (size / 100 + 1);
    return percent < NEAR_EMPTY_PERCENT ||
                   (percent < SMALL_PERCENT && used < SYSTEM_BYTES && size > SYSTEM_BYTES)
               ? SIGN_GONE
               : SIGN_UNKNOWN;
}

/* Grade A of facts/phones.md 3: every one of them, and none that was not asked. */
static enum lethe_grade harness_grade(const json_t *evidence, const json_t *findings, char why[192])
{
    const json_t *before = json_object_get(evidence, "before");
    const json_t *after = json_object_get(findings, "state");
    const struct {
        enum sign sign;
        const char *kept, *unknown;
    } signs[] = {
        {sign_of_canaries(evidence, findings), "files that were put on it before are still there",
         "whether the files that were put on it before are gone was not seen"},
        {sign_of_id(before, after), "its system is the one from before (android_id)",
         "whether its system is a new one could not be asked (android_id)"},
        {sign_of_count(after, "packages", 0), "applications of its owner are still on it",
         "its applications could not be counted"},
        {sign_of_count(after, "accounts", 0), "accounts are still on it",
         "its accounts could not be counted"},
        {sign_of_count(after, "users", 1), "more than one user is still on it",
         "its users could not be counted"},
        {sign_of_boots(before, after), "it counts its starts as before",
         "how often it started could not be asked"},
        {sign_of_space(after), "", "its storage is not near empty, or could not be asked about"},
    };
    if (!lethe_android_text_is(findings, "serial", "same")) {
        lethe_text_format(why, 192, "%s",
                          lethe_android_text_is(findings, "serial", "other")
                              ? "another phone came back"
                              : "it could not be seen whether the same phone came back");
        return LETHE_GRADE_NONE;
    }
    if (lethe_android_text_is(after, "frp", "yes")) {
        lethe_text_format(why, 192, "it came back with factory reset protection armed");
        return LETHE_GRADE_NONE;
    }
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
        if (signs[i].sign == SIGN_KEPT) {
            lethe_text_format(why, 192, "%s: it did not erase itself", signs[i].kept);
            return LETHE_GRADE_DENIED;
        }
    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++)
        if (signs[i].sign == SIGN_UNKNOWN) {
            lethe_text_format(why, 192, "%s", signs[i].unknown);
            return LETHE_GRADE_NONE;
        }
    lethe_text_format(why, 192,
                      "the files put on it before are gone, its system is new, and nothing of its "
                      "owner's is on it");
    return LETHE_GRADE_STATE;
}

static uint64_t harness_seconds(const struct lethe_facts *facts, uint64_t capacity)
{
    (void)facts;
    (void)capacity;
    return 180;
}

static uint64_t harness_patience(const struct lethe_facts *facts, uint64_t capacity)
{
    (void)facts;
    (void)capacity;
    return PATIENCE_S;
}

const struct lethe_technique lethe_technique_android_test_harness = {
    .name = "android-test-harness",
    .kind = LETHE_KIND_RESET,
    .method = LETHE_METHOD_PURGE,
    .needs = LETHE_NEEDS_USB,
    .protocol = LETHE_PROTOCOL_ADB,
    .capability = LETHE_CAN_TEST_HARNESS,
    .flags = LETHE_TECHNIQUE_INTENDS,
    .leaves = LETHE_LEAVES_UNKNOWN,
    .seconds = harness_seconds,
    .patience = harness_patience,
    .start = harness_start,
    .step = harness_step,
    .attest = harness_attest,
    .stop = harness_stop,
    .returns = 1u << LETHE_MODE_NORMAL,
    .away_seconds = LETHE_ANDROID_AWAY,
    .observe = harness_observe,
    .grade = harness_grade,
};
