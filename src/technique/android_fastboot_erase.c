/* SPDX-License-Identifier: Apache-2.0 */
/*
 * android-fastboot-erase: an unlocked bootloader erases userdata, metadata (where the keys are
 * wrapped) and cache (facts/phones.md 2.2). Formatting is left to the system's first start.
 */
#include "technique/android.h"

#include "base/text.h"
#include "base/time.h"
#include "phone/fastboot.h"
#include "technique/sanitize.h"

#include <stdlib.h>
#include <string.h>

#define PATIENCE_S 900
#define ERASE_S 600
enum { USERDATA, METADATA, CACHE, PARTITIONS };

struct fastboot_erase {
    bool there[PARTITIONS], erased[PARTITIONS];
    bool refused; /* metadata, of which it had told nothing */
    bool lost;    /* an answer */
    bool left;
    unsigned asked; /* partitions */
    uint64_t began, ended;
};
static const char *const partitions[PARTITIONS] = {"userdata", "metadata", "cache"};

static int unharmed(struct lethe_error *err)
{
    lethe_error_effect(err, "nothing that erases was sent to the phone");
    return err ? -(int)err->code : -LETHE_E_REFUSED;
}

/* The first question also shows that its answers are ours: one left over from before would not be
 * the serial number. */
static int check(struct lethe_run *run, struct lethe_error *err)
{
    char serial[96] = "", unlocked[32] = "";
    int rc = lethe_fastboot_getvar(run->io, "serialno", serial, sizeof(serial), err);
    if (rc < 0) {
        lethe_error_effect(err, "nothing that erases was sent to the phone");
        return rc;
    }
    if (!lethe_android_is(run->identity, serial)) {
        lethe_fail(err, LETHE_E_CHANGED,
                   "the phone's serial number is \"%.64s\", not the armed one", serial);
        lethe_error_remedy(err, "see which phone is in the slot, then: lethe list");
        return unharmed(err);
    }
    rc = lethe_fastboot_getvar(run->io, "unlocked", unlocked, sizeof(unlocked), err);
    if (rc == 0 && strcmp(unlocked, "yes") == 0)
        return 0;
    lethe_fail(err, LETHE_E_REFUSED, "the phone's bootloader is locked, and erases nothing");
    lethe_error_remedy(err, "start its system, then erase it again");
    return unharmed(err);
}

/* What it does not tell of a partition is no word on whether there is one. */
static int look_for_partitions(struct lethe_run *run, struct lethe_error *err)
{
    struct fastboot_erase *self = run->state;
    for (unsigned i = 0; i < PARTITIONS; i++) {
        char name[64], size[64] = "";
        lethe_text_format(name, sizeof(name), "partition-size:%s", partitions[i]);
        int rc = lethe_fastboot_getvar(run->io, name, size, sizeof(size), err);
        if (rc < 0 && rc != -LETHE_E_UNSUPPORTED)
            return rc;
        uint64_t bytes;
        self->there[i] = rc == 0 && lethe_fastboot_size_parse(size, &bytes) == 0 && bytes > 0;
    }
    return 0;
}

static int fastboot_start(struct lethe_run *run, struct lethe_error *err)
{
    run->state = calloc(1, sizeof(struct fastboot_erase));
    if (!run->state)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    int rc = check(run, err);
    return rc < 0 ? rc : look_for_partitions(run, err);
}

/* The keys of everything are in metadata: it is told to erase that whatever it said of it. Whether
 * one that has none by its own word may do without, the verdict knows (job/assess_phone.c). */
static int fastboot_step(struct lethe_run *run, struct lethe_error *err)
{
    struct fastboot_erase *self = run->state;
    self->began = lethe_now_ms();
    for (unsigned i = 0; i < PARTITIONS; i++) {
        struct lethe_error why = {0};
        if (i == CACHE && !self->there[i])
            continue;
        self->asked = i + 1;
        int rc = lethe_fastboot_erase(run->io, partitions[i], lethe_android_ms(run, ERASE_S), &why);
        if (i == METADATA && !self->there[i] && rc == -LETHE_E_REFUSED) {
            self->refused = true;
            continue;
        }
        /* No answer is none: it may have done it, and the state in which it comes back decides. */
        if (rc < 0 && rc != -LETHE_E_REFUSED) {
            self->lost = true;
            self->left = rc == -LETHE_E_GONE;
            break;
        }
        if (rc < 0) {
            if (err)
                *err = why;
            lethe_error_effect(
                err, "%s",
                i == USERDATA ? "the phone is NOT erased"
                : i == METADATA
                    ? "its user data was erased, its metadata (where the keys are) was NOT"
                    : "its user data was erased, its cache was NOT");
            lethe_error_remedy(err, "restart its bootloader and erase it again, or start its "
                                    "system and have it reset by hand: --guided");
            return rc;
        }
        self->erased[i] = true;
    }
    self->ended = lethe_now_ms();
    if (self->lost)
        return 0;
    self->left = lethe_fastboot_reboot(run->io, NULL) == 0;
    return 0;
}

static int fastboot_attest(struct lethe_run *run, json_t **evidence, struct lethe_error *err)
{
    const struct fastboot_erase *self = run->state;
    char began[21], ended[21];
    lethe_time_format(began, self->began);
    lethe_time_format(ended, self->ended);
    json_t *commands = json_array(), *replies = json_object();
    for (unsigned i = 0; i < PARTITIONS; i++) {
        char command[64];
        lethe_text_format(command, sizeof(command), "erase:%s", partitions[i]);
        bool skipped = i == CACHE && !self->there[i];
        if (!skipped && i < self->asked)
            json_array_append_new(commands, json_string(command));
        json_object_set_new(replies, partitions[i],
                            json_string(self->erased[i]                  ? "okay"
                                        : i == METADATA && self->refused ? "refused"
                                        : skipped                        ? "absent"
                                                                         : "none"));
    }
    if (!self->lost)
        json_array_append_new(commands, json_string("reboot"));
    *evidence =
        json_pack("{s:s, s:o, s:o, s:b, s:b, s:s, s:s}", "technique", "android-fastboot-erase",
                  "commands", commands, "replies", replies, "left", (int)self->left, "admitted",
                  (int)run->admitted, "started", began, "ended", ended);
    return *evidence ? 0 : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
}

static void fastboot_stop(struct lethe_run *run)
{
    free(run->state);
    run->state = NULL;
}

/* Both; one that told of no metadata, and then refused to erase it, may have none. */
static enum lethe_grade fastboot_grade(const json_t *evidence, const json_t *findings,
                                       char why[192])
{
    const json_t *replies = json_object_get(evidence, "replies");
    bool said = lethe_android_text_is(replies, "userdata", "okay") &&
                (lethe_android_text_is(replies, "metadata", "okay") ||
                 lethe_android_text_is(replies, "metadata", "refused"));
    return lethe_android_grade(said, evidence, findings, why);
}

static uint64_t fastboot_seconds(const struct lethe_facts *facts, uint64_t capacity)
{
    (void)facts;
    (void)capacity;
    return 120;
}

static uint64_t fastboot_patience(const struct lethe_facts *facts, uint64_t capacity)
{
    (void)facts;
    (void)capacity;
    return PARTITIONS * PATIENCE_S;
}

const struct lethe_technique lethe_technique_android_fastboot_erase = {
    .name = "android-fastboot-erase",
    .kind = LETHE_KIND_RESET,
    .method = LETHE_METHOD_PURGE,
    .needs = LETHE_NEEDS_USB,
    .protocol = LETHE_PROTOCOL_FASTBOOT,
    .capability = LETHE_CAN_FASTBOOT_ERASE,
    .leaves = LETHE_LEAVES_UNKNOWN,
    .seconds = fastboot_seconds,
    .patience = fastboot_patience,
    .start = fastboot_start,
    .step = fastboot_step,
    .attest = fastboot_attest,
    .stop = fastboot_stop,
    .returns = LETHE_ANDROID_RETURNS,
    .away_seconds = LETHE_ANDROID_AWAY,
    .observe = lethe_android_observe,
    .grade = fastboot_grade,
};
