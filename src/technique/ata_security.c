/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SECURITY ERASE UNIT, F4h (ACS-4 7.41-7.45): ata-security-erase and ata-security-erase-enhanced.
 *
 * It needs a password set first, and a drive that loses power between the two comes back locked. So
 * the password is one fixed, published one, in the record before it is set; a resumed run finds the
 * drive locked by it, opens it, marks it anew and erases it again. F4 blocks until it is over,
 * which may take hours.
 */
#include "io/exec.h"
#include "proto/identify.h"
#include "technique/sanitize.h"

#include "base/time.h"

#include <stdlib.h>
#include <string.h>

#define PASSWORD "Lethe" /* rest zero: docs/techniques/ata-security-erase.md */
#define COMMAND_MS 15000
#define ERASE_SLACK_S 900 /* beyond twice what the drive says it needs */
#define ERASE_UNKNOWN_S (18 * 3600)

struct security {
    bool enhanced;
    bool enabled_before; /* seen enabled, by our password, before F4 */
    bool accepted;       /* F4 ended with the drive's good status */
    bool clean_after;    /* a fresh IDENTIFY: neither enabled nor locked */
    char serial[24];
    uint32_t minutes;
    uint64_t began, ended;
    json_t *commands;  /* in words: certs/SPEC.md has them so */
    json_t *taskfiles; /* ... and as they were sent */
};

static int identify(struct lethe_run *run, struct lethe_ata_identify *out, struct lethe_error *err)
{
    uint8_t data[LETHE_ATA_BLOCK] = {0};
    struct lethe_ata_taskfile t = lethe_ata_cmd_identify();
    struct lethe_ata_result result;
    int rc = lethe_ata_exec(run->io, run->path, &t, data, COMMAND_MS, &result);
    if (rc < 0)
        return lethe_technique_no_answer(rc, "IDENTIFY DEVICE", err);
    return lethe_ata_identify_parse(data, sizeof(data), out, err);
}

static void password(uint8_t out[LETHE_ATA_PASSWORD])
{
    memset(out, 0, LETHE_ATA_PASSWORD);
    memcpy(out, PASSWORD, strlen(PASSWORD));
}

/* Registers, and word 0 of the block: whose password, which erase, which level. The password behind
 * it is the published one. */
static void note_taskfile(struct security *self, const struct lethe_ata_taskfile *t,
                          const uint8_t *block)
{
    char line[96];
    int len =
        snprintf(line, sizeof(line), "ATA %02X feature %04X count %04X lba %012llX device %02X",
                 t->command, t->feature, t->count, (unsigned long long)t->lba, t->device);
    if (block)
        snprintf(line + len, sizeof(line) - (size_t)len, " out %02X%02X + password", block[1],
                 block[0]);
    json_array_append_new(self->taskfiles, json_string(line));
}

/* One security command with its block; WORDS for people. 0 only when the drive said it was good. */
static int send(struct lethe_run *run, const struct lethe_ata_taskfile *t, uint8_t *block,
                unsigned timeout_ms, const char *words, struct lethe_error *err)
{
    struct security *self = run->state;
    struct lethe_ata_result result;
    char line[64];
    snprintf(line, sizeof(line), "ATA %02X %s", t->command, words);
    json_array_append_new(self->commands, json_string(line));
    note_taskfile(self, t, block);
    int rc = lethe_ata_exec(run->io, run->path, t, block, timeout_ms, &result);
    if (rc < 0)
        return lethe_technique_no_answer(rc, words, err);
    if (!lethe_ata_succeeded(&result))
        return lethe_technique_fail(err, "the drive %s %s (status %02X, error %02X)",
                                    result.known ? "refused" : "did not say how it ended:", words,
                                    result.status, result.error);
    return 0;
}

/* Was its job left open for a drive that wanted its power cycle, with the password on it? However
 * often something else cut the job short. */
static bool waited(const struct lethe_run *run)
{
    return json_is_true(json_object_get(json_object_get(run->intent, "detail"), "waited"));
}

/* The drive may come back locked from here on: the record knows the password before it does. */
static int intend(struct lethe_run *run, const char *serial, bool waits)
{
    json_t *detail =
        json_pack("{s:s, s:s}", "serial", serial[0] ? serial : "-", "password", PASSWORD);
    if (detail && waits)
        json_object_set_new(detail, "waited", json_true());
    return run->report.intent(run->report.user, "ata-security-password", detail);
}

static int set_password(struct lethe_run *run, const struct lethe_ata_identify *id,
                        struct lethe_error *err)
{
    uint8_t word[LETHE_ATA_PASSWORD], block[LETHE_ATA_BLOCK];
    struct lethe_ata_taskfile t = lethe_ata_cmd_security_set_password();
    int rc = intend(run, id->serial, waited(run));
    if (rc < 0)
        return lethe_fail(err, LETHE_E_CANCELLED, "stopped before a password was set");
    password(word);
    lethe_ata_security_set_block(block, word);
    return send(run, &t, block, COMMAND_MS, "SECURITY SET PASSWORD", err);
}

/* Is the password on it ours? Only our own record can say so. */
static bool ours(const struct lethe_run *run)
{
    const char *action = json_string_value(json_object_get(run->intent, "action"));
    return run->resumed && action && strcmp(action, "ata-security-password") == 0;
}

static int check(const struct lethe_run *run, const struct lethe_ata_identify *id,
                 struct lethe_error *err)
{
    /* Our password is on it, and it takes none now: the job waits for its power cycle. */
    if (id->security.enabled && ours(run) && (id->security.frozen || id->security.count_expired))
        return lethe_fail(err, LETHE_E_BUSY,
                          "the drive takes no password before it loses power: %s",
                          id->security.frozen ? "its security commands are frozen"
                                              : "too many wrong ones were tried");
    if (id->security.frozen) {
        lethe_technique_fail(err, "the drive's security commands are frozen");
        lethe_error_remedy(err, "power the drive off and on with the bench running (hot-plug, or "
                                "suspend and resume), then erase it again");
        return -LETHE_E_REFUSED;
    }
    if (id->security.enabled && !ours(run)) {
        lethe_technique_fail(err, "a password that is not ours is set on the drive");
        lethe_error_remedy(err, "remove it with its owner's password, or revert the drive by the "
                                "PSID on its label");
        return -LETHE_E_REFUSED;
    }
    if (id->security.count_expired) {
        lethe_technique_fail(err, "too many wrong passwords were tried on the drive");
        lethe_error_remedy(err, "power it off and on, then erase it again");
        return -LETHE_E_REFUSED;
    }
    return 0;
}

enum hold { HOLD_NONE, HOLD_UNTIL_CYCLE, HOLD_ANOTHER, HOLD_UNKNOWN };

/* A drive that kept its data should not keep our password too; UNSHOWN: one whose IDENTIFY does not
 * tell of it. What it holds then. */
static enum hold take_password_off(struct lethe_run *run, bool unshown)
{
    uint8_t word[LETHE_ATA_PASSWORD], block[LETHE_ATA_BLOCK];
    struct lethe_ata_identify id;
    struct lethe_ata_taskfile unlock = lethe_ata_cmd_security_unlock();
    struct lethe_ata_taskfile disable = lethe_ata_cmd_security_disable();
    password(word);
    lethe_ata_security_block(block, LETHE_ATA_USER, word);
    if (identify(run, &id, NULL) < 0)
        return HOLD_UNKNOWN;
    if (!id.security.enabled && !unshown)
        return HOLD_NONE;
    if (id.security.frozen || id.security.count_expired)
        return HOLD_UNTIL_CYCLE;
    if (id.security.locked)
        (void)send(run, &unlock, block, COMMAND_MS, "SECURITY UNLOCK", NULL);
    (void)send(run, &disable, block, COMMAND_MS, "SECURITY DISABLE PASSWORD", NULL);
    if (identify(run, &id, NULL) < 0)
        return HOLD_UNKNOWN;
    return !id.security.enabled                              ? HOLD_NONE
           : id.security.frozen || id.security.count_expired ? HOLD_UNTIL_CYCLE
                                                             : HOLD_ANOTHER;
}

/* It was not erased, as ERR says, and what of the password? Once a job waits for a drive that takes
 * no password before it loses power: `lethe resume` opens and erases it (station/conduct.c). */
static int tell_password(struct lethe_run *run, enum hold hold, struct lethe_error *err)
{
    if (hold == HOLD_NONE)
        lethe_error_effect(err, "the device is NOT sanitised; the password that was set for it is "
                                "off again");
    if (hold == HOLD_UNTIL_CYCLE && !waited(run)) {
        const struct security *self = run->state; /* on record before the job is left */
        return intend(run, self->serial, true) < 0
                   ? lethe_fail(err, LETHE_E_CANCELLED, "stopped while the drive had its password")
                   : lethe_fail(err, LETHE_E_BUSY,
                                "the drive keeps the password that was set for its erasure, and "
                                "takes none before it loses power");
    }
    if (hold == HOLD_NONE)
        return -LETHE_E_IO;
    lethe_error_effect(err, "the device is NOT sanitised, and %s",
                       hold == HOLD_ANOTHER ? "it does not let its password (" PASSWORD
                                              ") be taken off: it is "
                                              "locked, or will be when it loses power"
                                            : "may be locked by its password (" PASSWORD ")");
    lethe_error_remedy(err,
                       "power it off and on; hdparm --user-master u --security-unlock " PASSWORD
                       " /dev/sdX; hdparm --user-master u --security-disable " PASSWORD
                       " /dev/sdX; then erase it again; if it takes neither, revert it by the "
                       "PSID on its label, or destroy it");
    return -LETHE_E_IO;
}

/* Who is there, and does anything stand in the way? */
static int meet(struct lethe_run *run, struct lethe_ata_identify *id, struct lethe_error *err)
{
    struct security *self = calloc(1, sizeof(*self));
    if (!self)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    run->state = self;
    self->commands = json_array();
    self->taskfiles = json_array();
    int rc = identify(run, id, err);
    if (rc < 0)
        return rc;
    snprintf(self->serial, sizeof(self->serial), "%s", id->serial);
    return check(run, id, err);
}

/* Left locked by our password: opened by it, for the marks. It stays on until the erasure. */
static int settle(struct lethe_run *run, struct lethe_error *err)
{
    uint8_t word[LETHE_ATA_PASSWORD], block[LETHE_ATA_BLOCK];
    struct lethe_ata_identify id;
    struct lethe_ata_taskfile unlock = lethe_ata_cmd_security_unlock();
    int rc = meet(run, &id, err);
    if (rc < 0 || !id.security.locked)
        return rc;
    password(word);
    lethe_ata_security_block(block, LETHE_ATA_USER, word);
    rc = send(run, &unlock, block, COMMAND_MS, "SECURITY UNLOCK", err);
    if (rc == -LETHE_E_IO)
        lethe_error_remedy(err, "it is locked by another password than the one we set (" PASSWORD
                                "): revert it by the PSID on its label, or destroy it");
    return rc;
}

/* F4 went on without us, and the drive may end it locked: that passes by no waiting. One that does
 * not answer, or is not locked, is busy with it still. */
static int refuses(struct lethe_run *run, struct lethe_error *err)
{
    struct lethe_ata_identify id;
    return identify(run, &id, NULL) == 0 && id.security.locked ? settle(run, err) : 0;
}

static int start(struct lethe_run *run, bool enhanced, struct lethe_error *err)
{
    struct lethe_ata_identify id;
    int rc = meet(run, &id, err);
    struct security *self = run->state;
    if (self)
        self->enhanced = enhanced;
    if (rc == 0 && !id.security.enabled)
        rc = set_password(run, &id, err);
    if (rc == 0)
        rc = identify(run, &id, err);
    if (rc < 0)
        return rc;
    if (!id.security.enabled) {
        lethe_technique_fail(err, "the drive took a password and does not show it");
        return tell_password(run, take_password_off(run, true), err);
    }
    self->enabled_before = true;
    self->minutes = enhanced ? id.security.enhanced_erase_minutes : id.security.erase_minutes;
    return 0;
}

static int start_normal(struct lethe_run *run, struct lethe_error *err)
{
    return start(run, false, err);
}

static int start_enhanced(struct lethe_run *run, struct lethe_error *err)
{
    return start(run, true, err);
}

static uint64_t timeout_seconds(uint32_t minutes)
{
    return minutes ? 2ull * minutes * 60 + ERASE_SLACK_S : ERASE_UNKNOWN_S;
}

static int step(struct lethe_run *run, struct lethe_error *err)
{
    struct security *self = run->state;
    uint8_t word[LETHE_ATA_PASSWORD], block[LETHE_ATA_BLOCK];
    struct lethe_ata_taskfile prepare = lethe_ata_cmd_security_erase_prepare();
    struct lethe_ata_taskfile erase = lethe_ata_cmd_security_erase_unit();
    struct lethe_ata_identify after;
    password(word);
    lethe_ata_security_erase_block(block, LETHE_ATA_USER, self->enhanced, word);
    uint64_t ms = timeout_seconds(self->minutes) * 1000;
    if (run->blocks_ms > 0 && run->blocks_ms < ms)
        ms = run->blocks_ms;
    self->began = lethe_now_ms();
    int rc = send(run, &prepare, NULL, COMMAND_MS, "SECURITY ERASE PREPARE", err);
    if (rc == 0)
        rc = send(run, &erase, block, ms > UINT32_MAX ? UINT32_MAX : (unsigned)ms,
                  self->enhanced ? "SECURITY ERASE UNIT, enhanced" : "SECURITY ERASE UNIT", err);
    self->ended = lethe_now_ms();
    self->accepted = rc == 0;
    if (rc == -LETHE_E_GONE || rc == -LETHE_E_TIMEOUT) /* it may be at it still: the job waits */
        return rc;
    if (rc < 0)
        return tell_password(run, take_password_off(run, false), err);
    rc = identify(run, &after, err);
    if (rc < 0)
        return rc;
    self->clean_after = !after.security.enabled && !after.security.locked;
    if (self->clean_after)
        return 0;
    lethe_technique_fail(err, "the drive says it was erased and still had its password");
    return tell_password(run, take_password_off(run, false), err);
}

static int attest(struct lethe_run *run, json_t **evidence, struct lethe_error *err)
{
    const struct security *self = run->state;
    char began[21], ended[21];
    lethe_time_format(began, self->began);
    lethe_time_format(ended, self->ended);
    bool proved = self->enabled_before && self->accepted && self->clean_after;
    *evidence = json_pack("{s:s, s:s, s:O, s:O, s:b, s:b, s:b, s:I, s:s, s:s, s:b}", "set", "ata",
                          "action", self->enhanced ? "security-erase-enhanced" : "security-erase",
                          "commands", self->commands, "taskfiles", self->taskfiles, "password_seen",
                          self->enabled_before, "accepted", self->accepted, "password_gone",
                          self->clean_after, "estimate_minutes", (json_int_t)self->minutes,
                          "started", began, "ended", ended, "proved", proved);
    return *evidence ? 0 : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
}

static void stop(struct lethe_run *run)
{
    struct security *self = run->state;
    if (self)
        json_decref(self->taskfiles);
    lethe_technique_drop(run, self ? self->commands : NULL);
}

static int ready(const struct lethe_facts *facts, struct lethe_error *err)
{
    if (facts->security.frozen) {
        lethe_fail(err, LETHE_E_REFUSED, "the drive's security commands are frozen");
        lethe_error_remedy(err, "power the drive off and on with the bench running (hot-plug, or "
                                "suspend and resume), then again");
        return -LETHE_E_REFUSED;
    }
    if (facts->security.enabled || facts->security.locked) {
        lethe_fail(err, LETHE_E_REFUSED, "a password is set on the drive");
        lethe_error_remedy(err, "if a job of ours waits for it: lethe resume; if one failed on it: "
                                "hdparm --user-master u --security-unlock " PASSWORD
                                " /dev/sdX, then --security-disable; else remove it with its "
                                "owner's password, or revert by PSID");
        return -LETHE_E_REFUSED;
    }
    return 0;
}

static uint64_t seconds_normal(const struct lethe_facts *facts, uint64_t capacity)
{
    (void)capacity;
    return 60ull * facts->security.erase_minutes;
}

static uint64_t seconds_enhanced(const struct lethe_facts *facts, uint64_t capacity)
{
    (void)capacity;
    return 60ull * facts->security.enhanced_minutes;
}

static uint64_t patience_normal(const struct lethe_facts *facts, uint64_t capacity)
{
    (void)capacity;
    return timeout_seconds(facts->security.erase_minutes) + 60;
}

static uint64_t patience_enhanced(const struct lethe_facts *facts, uint64_t capacity)
{
    (void)capacity;
    return timeout_seconds(facts->security.enhanced_minutes) + 60;
}

/* facts/standards.md section 3: normal is Clear. It writes 00 or FF everywhere. */
const struct lethe_technique lethe_technique_ata_security_erase = {
    .name = "ata-security-erase",
    .kind = LETHE_KIND_OVERWRITE,
    .method = LETHE_METHOD_CLEAR,
    .needs = LETHE_NEEDS_RAWIO,
    .protocol = LETHE_PROTOCOL_ATA,
    .capability = LETHE_CAN_SECURITY_ERASE,
    .leaves = LETHE_LEAVES_UNIFORM,
    .ready = ready,
    .seconds = seconds_normal,
    .patience = patience_normal,
    .settle = settle,
    .refuses = refuses,
    .start = start_normal,
    .step = step,
    .attest = attest,
    .stop = stop,
};

/* Enhanced: a vendor's pattern, reallocated sectors too; on flash Clear at most. */
const struct lethe_technique lethe_technique_ata_security_erase_enhanced = {
    .name = "ata-security-erase-enhanced",
    .kind = LETHE_KIND_OVERWRITE,
    .method = LETHE_METHOD_PURGE,
    .needs = LETHE_NEEDS_RAWIO,
    .flags = LETHE_TECHNIQUE_FLASH_CLEAR,
    .protocol = LETHE_PROTOCOL_ATA,
    .capability = LETHE_CAN_SECURITY_ERASE_ENHANCED,
    .leaves = LETHE_LEAVES_UNKNOWN,
    .ready = ready,
    .seconds = seconds_enhanced,
    .patience = patience_enhanced,
    .settle = settle,
    .refuses = refuses,
    .start = start_enhanced,
    .step = step,
    .attest = attest,
    .stop = stop,
};
