/* SPDX-License-Identifier: Apache-2.0 */
/*
 * android-settings-reset: the phone's own reset screen is opened over adb, and a person confirms
 * there (facts/phones.md 2.2). The one route by which Android itself lifts its reset protection.
 * What is observed is recorded; the erasure is attested by a person (grade C).
 */
#include "technique/android.h"

#include "base/text.h"
#include "base/time.h"
#include "proto/android_text.h"
#include "technique/sanitize.h"

#include <stdlib.h>
#include <string.h>

#define PATIENCE_S 600 /* its start, and the quiet time behind it */
#define AWAY_S                                                                                     \
    3600 /* a person reads, types a PIN, confirms; the phone erases itself and starts              \
          */
#define COMMAND_MS 15000

/* The screen itself, then the ones from which it is a tap or two away. */
static const struct {
    const char *resolve, *start;
} screens[] = {
#define SCREEN(action)                                                                             \
    {                                                                                              \
        "cmd package resolve-activity --brief -a " action, "am start -a " action                   \
    }
    SCREEN("com.android.settings.action.FACTORY_RESET"),
    SCREEN("android.settings.BACKUP_AND_RESET_SETTINGS"),
    SCREEN("android.settings.PRIVACY_SETTINGS"),
    SCREEN("android.settings.SETTINGS"),
#undef SCREEN
};
#define SCREENS (sizeof(screens) / sizeof(screens[0]))

struct reset {
    struct lethe_adb *adb;
    struct lethe_android_state before;
    bool knows_us;
    const char *opened; /* the command; NULL none */
    uint64_t opened_at;
};

static int reset_start(struct lethe_run *run, struct lethe_error *err)
{
    struct reset *self = calloc(1, sizeof(*self));
    if (!self)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    run->state = self;
    int rc = lethe_android_meet(run, LETHE_ADB_STATE_DEVICE, 0, &self->adb, err);
    if (rc < 0)
        return rc;
    self->knows_us = lethe_adb_trust(self->adb) == LETHE_ADB_TRUST_SIGNED;
    lethe_android_state_read(run, self->adb, &self->before);
    return 0;
}

static bool resolves(struct lethe_adb *adb, const char *command)
{
    LETHE_ADB_OUTPUT_AUTO out = {.exit = -1};
    char component[256];
    return lethe_adb_shell(adb, command, &out, COMMAND_MS, NULL) == 0 && out.exit <= 0 &&
           lethe_android_activity(out.text.data, out.text.len, component, sizeof(component));
}

static bool opens(struct lethe_adb *adb, const char *command)
{
    LETHE_ADB_OUTPUT_AUTO out = {.exit = -1};
    return lethe_adb_shell(adb, command, &out, COMMAND_MS, NULL) == 0 && out.exit <= 0;
}

static int open_screen(struct reset *self, struct lethe_error *err)
{
    for (size_t i = 0; i < SCREENS && !self->opened; i++)
        if (resolves(self->adb, screens[i].resolve) && opens(self->adb, screens[i].start))
            self->opened = screens[i].start;
    if (self->opened)
        return 0;
    lethe_fail(err, LETHE_E_UNSUPPORTED, "the phone opens none of its settings for us");
    lethe_error_effect(err, "nothing that erases was sent to the phone");
    lethe_error_remedy(err, "have it reset by hand, step by step: --guided");
    return -LETHE_E_UNSUPPORTED;
}

/* What a person does then, and when the phone leaves its port, is for the window behind the step.
 */
static int reset_step(struct lethe_run *run, struct lethe_error *err)
{
    struct reset *self = run->state;
    self->opened_at = lethe_now_ms();
    return open_screen(self, err);
}

static int reset_attest(struct lethe_run *run, json_t **evidence, struct lethe_error *err)
{
    const struct reset *self = run->state;
    char opened[21];
    lethe_time_format(opened, self->opened_at);
    *evidence = json_pack("{s:s, s:[s], s:b, s:o, s:s}", "technique", "android-settings-reset",
                          "commands", self->opened, "admitted", (int)self->knows_us, "before",
                          lethe_android_state_json(&self->before), "opened", opened);
    return *evidence ? 0 : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
}

static void reset_stop(struct lethe_run *run)
{
    struct reset *self = run->state;
    if (self)
        lethe_adb_free(self->adb);
    free(self);
    run->state = NULL;
}

/* The phone claims nothing here: what a person attests must not be contradicted by its state. */
static enum lethe_grade reset_grade(const json_t *evidence, const json_t *findings, char why[192])
{
    bool opened = lethe_android_text(evidence, "opened")[0];
    enum lethe_grade grade = lethe_android_grade(opened, evidence, findings, why);
    if (grade != LETHE_GRADE_STATE)
        return grade;
    lethe_text_format(why, 192,
                      "its reset screen was opened, it left, and came back as a new phone does; "
                      "that it was erased is a person's word");
    return LETHE_GRADE_ATTESTED;
}

static uint64_t reset_seconds(const struct lethe_facts *facts, uint64_t capacity)
{
    (void)facts;
    (void)capacity;
    return 300;
}

static uint64_t reset_patience(const struct lethe_facts *facts, uint64_t capacity)
{
    (void)facts;
    (void)capacity;
    return PATIENCE_S;
}

const struct lethe_technique lethe_technique_android_settings_reset = {
    .name = "android-settings-reset",
    .kind = LETHE_KIND_RESET,
    .method = LETHE_METHOD_PURGE,
    .needs = LETHE_NEEDS_USB,
    .flags = LETHE_TECHNIQUE_GUIDED,
    .protocol = LETHE_PROTOCOL_ADB,
    .capability = LETHE_CAN_SETTINGS_RESET,
    .leaves = LETHE_LEAVES_UNKNOWN,
    .seconds = reset_seconds,
    .patience = reset_patience,
    .start = reset_start,
    .step = reset_step,
    .attest = reset_attest,
    .stop = reset_stop,
    .returns = LETHE_ANDROID_RETURNS,
    .away_seconds = AWAY_S,
    .ask = "on the phone's screen: choose \"Erase all data\", type its PIN, and confirm",
    .ask_zh = "在手机屏幕上选择“清除所有数据”，输入锁屏密码并确认",
    .observe = lethe_android_observe,
    .grade = reset_grade,
};
