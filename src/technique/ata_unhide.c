/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ata-unhide: what a host protected area (SET MAX), an accessible maximum (AMAC) or a device
 * configuration overlay (DCO) hides is opened before anything is erased. One limit a run: each
 * takes effect with a power cycle only, and a DCO is not restored while a SET MAX limit stands
 * (facts/drives.md A2). Whether it worked, the capacity tells afterwards. A step behind which there
 * is no power cycle only asks: the drive must answer by each way to hide that it says it has, and
 * hide nothing.
 */
#include "io/exec.h"
#include "proto/identify.h"
#include "technique/sanitize.h"

#include <stdlib.h>

#define COMMAND_MS 15000

struct unhide {
    const char *opened; /* "amac", "hpa", "dco" or "nothing" */
    uint64_t before, native;
    const char *untold; /* by this way it may hide, and it does not say: NULL none */
    json_t *commands;
};

static int run_command(struct lethe_run *run, const struct lethe_ata_taskfile *t, void *data,
                       const char *words, struct lethe_ata_result *result, struct lethe_error *err)
{
    struct unhide *self = run->state;
    char line[96];
    *result = (struct lethe_ata_result){0};
    snprintf(line, sizeof(line), "ATA %02X feature %02X lba %012llX %s", t->command, t->feature,
             (unsigned long long)t->lba, words);
    json_array_append_new(self->commands, json_string(line));
    int rc = lethe_ata_exec(run->io, run->path, t, data, COMMAND_MS, result);
    return rc < 0 ? lethe_technique_no_answer(rc, words, err) : 0;
}

static int refused(const char *words, const struct lethe_ata_result *result,
                   struct lethe_error *err)
{
    if (!(result->known & LETHE_ATA_KNOWN_STATUS)) {
        lethe_technique_fail(err,
                             "what is between here and the drive does not tell whether it took "
                             "%s",
                             words);
        lethe_error_effect(err, "what it hides may be open behind its next power cycle, or not; it "
                                "is NOT sanitised");
        lethe_error_remedy(err, "move the drive to a native SATA slot and erase it again");
        return -LETHE_E_IO;
    }
    lethe_technique_fail(err, "the drive did not take %s (status %02X, error %02X)", words,
                         result->status, result->error);
    lethe_error_effect(err, "a part of it stays hidden; it is NOT sanitised");
    lethe_error_remedy(err, "power it off and on (one change in each power cycle), then erase it "
                            "again; if a firmware password or freeze keeps it closed, destroy it");
    return -LETHE_E_IO;
}

/* Before a power cycle that is no failure: what is frozen answers behind it. Nor is it where
 * the policy takes what can be addressed for enough: the certificate says so. */
static int untold(const struct lethe_run *run, const char *what,
                  const struct lethe_ata_result *result, struct lethe_error *err)
{
    struct unhide *self = run->state;
    self->untold = what;
    if (run->cycled_after || run->accept_untold)
        return 0;
    lethe_technique_fail(err,
                         "the drive says that it can hide a part of itself (%s), and could not be "
                         "asked whether it does: it refuses the question after a power cycle, too "
                         "(status %02X, error %02X)",
                         what, result->status, result->error);
    lethe_error_effect(err, "nothing of it was erased: what it may hide would have stayed");
    lethe_error_remedy(err,
                       "power it on when the bench already runs, or in another slot: a BIOS or a "
                       "bridge may freeze it again; if it never answers, erase what can be "
                       "addressed, which its certificate says (--policy clear-addressable), or "
                       "destroy it");
    return -LETHE_E_IO;
}

/* The plan was made for what it showed then: a new one opens this. */
static int hides(uint64_t native, uint64_t seen, const char *how, struct lethe_error *err)
{
    lethe_technique_fail(err,
                         "the drive hides %llu of its %llu sectors (%s), and could not be asked "
                         "about them before its power cycle",
                         (unsigned long long)(native - seen), (unsigned long long)native, how);
    lethe_error_effect(err, "nothing of it was erased");
    lethe_error_remedy(err, "erase it again without switching it off: the plan then opens them");
    return -LETHE_E_IO;
}

/* SET MAX must follow READ NATIVE MAX directly (ACS-3 7.x). */
static int open_limit(struct lethe_run *run, const struct lethe_ata_identify *id, bool *opened,
                      struct lethe_error *err)
{
    struct unhide *self = run->state;
    struct lethe_ata_taskfile get, set;
    struct lethe_ata_result result;
    uint64_t native = 0;
    bool amac = id->hidden.amac_supported;
    const char *how = amac ? "amac" : "hpa";
    get = amac ? lethe_ata_cmd_amac_get() : lethe_ata_cmd_read_native_max(id->lba48);
    int rc = run_command(run, &get, NULL, "native maximum", &result, err);
    if (rc == -LETHE_E_TIMEOUT)
        return untold(run, how, &result, err);
    if (rc < 0)
        return rc;
    if (!lethe_ata_result_max_lba(&result, amac || id->lba48, &native))
        return untold(run, how, &result, err);
    self->native = native + 1;
    *opened = native + 1 > id->sectors;
    if (!*opened)
        return 0;
    if (!run->cycled_after)
        return hides(native + 1, id->sectors, how, err);
    rc = amac ? lethe_ata_cmd_amac_set(native, &set, err)
              : lethe_ata_cmd_set_max(id->lba48, native, true, &set, err);
    if (rc < 0)
        return rc;
    self->opened = how;
    rc =
        run_command(run, &set, NULL, amac ? "SET ACCESSIBLE MAX" : "SET MAX ADDRESS", &result, err);
    return rc < 0 || lethe_ata_succeeded(&result) ? rc : refused("SET MAX", &result, err);
}

static int restore_overlay(struct lethe_run *run, struct lethe_error *err)
{
    struct unhide *self = run->state;
    uint8_t data[LETHE_ATA_BLOCK] = {0};
    struct lethe_ata_result result;
    struct lethe_ata_dco told;
    struct lethe_ata_taskfile ask = lethe_ata_cmd_dco_identify();
    struct lethe_ata_taskfile restore = lethe_ata_cmd_dco_restore();
    int rc = run_command(run, &ask, data, "DCO IDENTIFY", &result, err);
    if (rc == -LETHE_E_TIMEOUT)
        return untold(run, "dco", &result, err);
    if (rc < 0)
        return rc;
    if (!lethe_ata_succeeded(&result) || lethe_ata_dco_parse(data, sizeof(data), &told, NULL) < 0)
        return untold(run, "dco", &result, err);
    if (told.max_lba + 1 <= self->native)
        return 0;
    if (!run->cycled_after)
        return hides(told.max_lba + 1, self->native, "dco", err);
    self->native = told.max_lba + 1;
    self->opened = "dco";
    rc = run_command(run, &restore, NULL, "DCO RESTORE", &result, err);
    return rc < 0 || lethe_ata_succeeded(&result) ? rc : refused("DCO RESTORE", &result, err);
}

static int start(struct lethe_run *run, struct lethe_error *err)
{
    struct unhide *self = calloc(1, sizeof(*self));
    if (!self)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    run->state = self;
    self->opened = "nothing";
    self->commands = json_array();
    return 0;
}

static int step(struct lethe_run *run, struct lethe_error *err)
{
    struct unhide *self = run->state;
    uint8_t data[LETHE_ATA_BLOCK] = {0};
    struct lethe_ata_identify id;
    struct lethe_ata_result result;
    struct lethe_ata_taskfile ask = lethe_ata_cmd_identify();
    bool opened = false;
    int rc = run_command(run, &ask, data, "IDENTIFY DEVICE", &result, err);
    if (rc == 0)
        rc = lethe_ata_identify_parse(data, sizeof(data), &id, err);
    if (rc < 0)
        return rc;
    self->before = self->native = id.sectors;
    if (id.hidden.amac_supported || id.hidden.hpa_supported)
        rc = open_limit(run, &id, &opened, err);
    /* An overlay is not restored while a limit of SET MAX stands, which nobody knows then. */
    bool unknown = self->untold && run->cycled_after;
    if (rc == 0 && !opened && !unknown && id.hidden.dco_supported)
        rc = restore_overlay(run, err);
    return rc;
}

static int attest(struct lethe_run *run, json_t **evidence, struct lethe_error *err)
{
    const struct unhide *self = run->state;
    *evidence = json_pack("{s:s, s:s, s:I, s:I, s:O}", "set", "ata", "opened", self->opened,
                          "sectors_before", (json_int_t)self->before, "sectors_native",
                          (json_int_t)self->native, "commands", self->commands);
    if (*evidence && self->untold && !run->cycled_after)
        json_object_set_new(*evidence, LETHE_EVIDENCE_UNTOLD, json_string(self->untold));
    return *evidence ? 0 : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
}

static void stop(struct lethe_run *run)
{
    struct unhide *self = run->state;
    lethe_technique_drop(run, self ? self->commands : NULL);
}

static int ready(const struct lethe_facts *facts, struct lethe_error *err)
{
    /* A frozen SECURITY aborts SECURITY's own commands alone (ACS-3, table of its actions). */
    if (facts->security.locked) {
        lethe_fail(err, LETHE_E_REFUSED, "the drive is locked by a password");
        lethe_error_remedy(err, "power the drive off and on with the bench running, then again");
        return -LETHE_E_REFUSED;
    }
    return 0;
}

const struct lethe_technique lethe_technique_ata_unhide = {
    .name = "ata-unhide",
    .kind = LETHE_KIND_OVERWRITE,
    .method = LETHE_METHOD_NONE,
    .needs = LETHE_NEEDS_RAWIO,
    .flags = LETHE_TECHNIQUE_OPENS,
    .protocol = LETHE_PROTOCOL_ATA,
    .capability = LETHE_CAN_UNHIDE,
    .ready = ready,
    .start = start,
    .step = step,
    .attest = attest,
    .stop = stop,
};
