/* SPDX-License-Identifier: Apache-2.0 */
/*
 * android-rescue-wipe: recovery formats /data, /cache and /metadata, where the keys are wrapped
 * (facts/phones.md 2.2 and 2.4). It answers with eight letters; what they are worth, the state in
 * which the phone comes back shows.
 */
#include "technique/android.h"

#include "base/text.h"
#include "base/time.h"
#include "proto/android_text.h"
#include "technique/sanitize.h"

#include <stdlib.h>
#include <string.h>

#define WIPE "rescue-wipe:userdata:8"
#define BATTERY "rescue-getprop:rescue.battery_level"
#define WIPE_S 900 /* a secure discard of a large storage */
#define PATIENCE_S 1200
#define BATTERY_LEAST 15 /* percent; the plan asked for more, and for a charger */

struct wipe {
    struct lethe_adb *adb;
    char reply[16];
    bool done, left;
    int64_t battery; /* -1 unknown */
    uint64_t began, ended;
};

static int64_t battery_of(struct lethe_adb *adb)
{
    LETHE_BUF_AUTO answer = {0};
    char text[16], *end;
    if (lethe_adb_ask(adb, BATTERY, 64, &answer, LETHE_ADB_MS, NULL) < 0 || !answer.data)
        return -1;
    lethe_android_setting(answer.data, answer.len, text, sizeof(text));
    long percent = strtol(text, &end, 10);
    return text[0] && !*end && percent >= 0 && percent <= 100 ? percent : -1;
}

static int wipe_start(struct lethe_run *run, struct lethe_error *err)
{
    struct wipe *self = calloc(1, sizeof(*self));
    if (!self)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    run->state = self;
    int rc = lethe_android_meet(run, LETHE_ADB_STATE_RESCUE, 0, &self->adb, err);
    if (rc < 0)
        return rc;
    self->battery = battery_of(self->adb);
    if (self->battery < 0 || self->battery >= BATTERY_LEAST)
        return 0;
    lethe_fail(err, LETHE_E_REFUSED, "its battery is at %d %%", (int)self->battery);
    lethe_error_effect(err, "nothing that erases was sent to the phone");
    lethe_error_remedy(err, "charge it, then erase it again");
    return -LETHE_E_REFUSED;
}

/* It refused, or said that it failed. Any other end is none: it may have done it (a cable that was
 * pulled), and the state in which it comes back decides. */
static int judge(const struct wipe *self, int asked, struct lethe_error *err)
{
    bool failed = strcmp(self->reply, "FAILFAIL") == 0;
    if (!failed && asked != -LETHE_E_UNSUPPORTED)
        return 0;
    lethe_fail(err, LETHE_E_IO,
               failed ? "the phone's recovery says that its wipe failed"
                      : "the phone's recovery takes no wipe");
    lethe_error_effect(err, "the phone is NOT erased");
    lethe_error_remedy(err, "start its system, then erase it again, by hand if need be: --guided");
    return -LETHE_E_IO;
}

static int wipe_step(struct lethe_run *run, struct lethe_error *err)
{
    struct wipe *self = run->state;
    LETHE_BUF_AUTO answer = {0};
    struct lethe_error why = {0};
    self->began = lethe_now_ms();
    int rc = lethe_adb_ask(self->adb, WIPE, sizeof(self->reply) - 1, &answer,
                           lethe_android_ms(run, WIPE_S), &why);
    self->ended = lethe_now_ms();
    if (answer.data)
        lethe_text_clean(self->reply, sizeof(self->reply), answer.data, answer.len);
    self->left = rc == -LETHE_E_GONE;
    rc = judge(self, rc, err);
    /* While it may still be at it, it is not told to restart. */
    self->done = strcmp(self->reply, "DONEDONE") == 0;
    if (rc < 0 || !self->done)
        return rc;
    /* A phone that stays is restarted by its person; the window waits for both. */
    self->left = lethe_adb_leave(self->adb, "reboot:", lethe_android_ms(run, LETHE_ANDROID_LEAVE_S),
                                 NULL) == 0;
    return 0;
}

static int wipe_attest(struct lethe_run *run, json_t **evidence, struct lethe_error *err)
{
    const struct wipe *self = run->state;
    char began[21], ended[21];
    lethe_time_format(began, self->began);
    lethe_time_format(ended, self->ended);
    *evidence =
        json_pack("{s:s, s:[s, s*], s:s, s:b, s:b, s:I, s:s, s:s}", "technique",
                  "android-rescue-wipe", "commands", WIPE, self->done ? "reboot:" : NULL, "reply",
                  self->reply, "left", (int)self->left, "admitted", (int)run->admitted, "battery",
                  (json_int_t)self->battery, "started", began, "ended", ended);
    return *evidence ? 0 : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
}

static void wipe_stop(struct lethe_run *run)
{
    struct wipe *self = run->state;
    if (self)
        lethe_adb_free(self->adb);
    free(self);
    run->state = NULL;
}

static enum lethe_grade wipe_grade(const json_t *evidence, const json_t *findings, char why[192])
{
    if (lethe_android_text_is(evidence, "reply", "FAILFAIL")) {
        lethe_text_format(why, 192, "its recovery said that the wipe failed");
        return LETHE_GRADE_DENIED;
    }
    return lethe_android_grade(lethe_android_text_is(evidence, "reply", "DONEDONE"), evidence,
                               findings, why);
}

static uint64_t wipe_seconds(const struct lethe_facts *facts, uint64_t capacity)
{
    (void)facts;
    (void)capacity;
    return 120;
}

static uint64_t wipe_patience(const struct lethe_facts *facts, uint64_t capacity)
{
    (void)facts;
    (void)capacity;
    return PATIENCE_S;
}

const struct lethe_technique lethe_technique_android_rescue_wipe = {
    .name = "android-rescue-wipe",
    .kind = LETHE_KIND_RESET,
    .method = LETHE_METHOD_PURGE,
    .needs = LETHE_NEEDS_USB,
    .protocol = LETHE_PROTOCOL_ADB,
    .capability = LETHE_CAN_RESCUE,
    .leaves = LETHE_LEAVES_UNKNOWN,
    .seconds = wipe_seconds,
    .patience = wipe_patience,
    .start = wipe_start,
    .step = wipe_step,
    .attest = wipe_attest,
    .stop = wipe_stop,
    .returns = LETHE_ANDROID_RETURNS,
    .away_seconds = LETHE_ANDROID_AWAY,
    .observe = lethe_android_observe,
    .grade = wipe_grade,
};
