/* SPDX-License-Identifier: Apache-2.0 */
/* SANITIZE DEVICE, B4h (ACS-4 7.36): ata-sanitize-crypto, -block, -overwrite. */
#include "io/exec.h"
#include "technique/sanitize.h"

#define STATUS_MS 15000

static void record(json_t *commands, const struct lethe_ata_taskfile *t)
{
    char what[96];
    snprintf(what, sizeof(what), "ATA %02X feature %04X count %04X lba %012llX", t->command,
             t->feature, t->count, (unsigned long long)t->lba);
    json_array_append_new(commands, json_string(what));
}

static int ata_status(struct lethe_run *run, struct lethe_sanitize_status *out,
                      struct lethe_error *err)
{
    struct lethe_ata_taskfile t = lethe_ata_cmd_sanitize_status(false);
    struct lethe_ata_result result;
    int rc = lethe_ata_exec(run->io, run->path, &t, NULL, STATUS_MS, &result);
    if (rc < 0)
        return lethe_technique_no_answer(rc, "SANITIZE STATUS", err);
    lethe_ata_sanitize_result(&result, out);
    return 0;
}

/* Against a host or bridge that freezes it later (facts/drives.md A2); refusing it is no harm. */
static void ata_prepare(struct lethe_run *run, json_t *commands)
{
    struct lethe_ata_taskfile t = lethe_ata_cmd_sanitize_antifreeze();
    struct lethe_ata_result result;
    record(commands, &t);
    (void)lethe_ata_exec(run->io, run->path, &t, NULL, STATUS_MS, &result);
}

/* Its answer is laid out as that of SANITIZE STATUS (ACS-4 7.36): one that is over in no time is
 * seen running there or nowhere. */
static int ata_begin(struct lethe_run *run, enum lethe_sanitize_action action, json_t *commands,
                     struct lethe_sanitize_status *told, struct lethe_error *err)
{
    struct lethe_ata_taskfile t;
    struct lethe_ata_result result;
    int rc = 0;
    switch (action) {
    case LETHE_SANITIZE_CRYPTO:
        t = lethe_ata_cmd_sanitize_crypto();
        break;
    case LETHE_SANITIZE_BLOCK:
        t = lethe_ata_cmd_sanitize_block();
        break;
    case LETHE_SANITIZE_OVERWRITE:
        rc = lethe_ata_cmd_sanitize_overwrite(1, false, 0, &t, err);
        break;
    }
    if (rc < 0)
        return rc;
    if (run->zone)
        lethe_ata_sanitize_keeps_zones(&t);
    record(commands, &t);
    rc = lethe_ata_exec(run->io, run->path, &t, NULL, STATUS_MS, &result);
    if (rc < 0)
        return lethe_technique_no_answer(rc, "SANITIZE", err);
    if (lethe_ata_aborted(&result))
        return lethe_technique_fail(err, "the drive refused its sanitise command (reason %u)",
                                    (unsigned)(result.lba & 0xff));
    lethe_ata_sanitize_result(&result, told);
    return 0; /* whether it took it, its status tells */
}

static const struct lethe_sanitize_set ata;

static int ata_leave_failure(struct lethe_run *run, json_t *commands, struct lethe_error *err)
{
    struct lethe_ata_taskfile t = lethe_ata_cmd_sanitize_status(true);
    struct lethe_ata_result result;
    record(commands, &t);
    int rc = lethe_ata_exec(run->io, run->path, &t, NULL, STATUS_MS, &result);
    return rc < 0 ? lethe_technique_no_answer(rc, "SANITIZE STATUS", err)
                  : lethe_sanitize_left_failure(run, &ata, err);
}

static const struct lethe_sanitize_set ata = {.name = "ata",
                                              .status = ata_status,
                                              .prepare = ata_prepare,
                                              .begin = ata_begin,
                                              .leave_failure = ata_leave_failure};

static int ready(const struct lethe_facts *facts, struct lethe_error *err)
{
    if (facts->security.locked) {
        lethe_fail(err, LETHE_E_REFUSED, "the drive is locked by an ATA password");
        lethe_error_remedy(err, "unlock it, or revert it by the PSID on its label");
        return -LETHE_E_REFUSED;
    }
    if (facts->sanitize.frozen) {
        lethe_fail(err, LETHE_E_REFUSED,
                   "the drive's sanitise commands are frozen until it loses power");
        lethe_error_remedy(err, "power the drive off and on with the bench running, then again");
        return -LETHE_E_REFUSED;
    }
    return 0;
}

LETHE_SANITIZE_ACTIONS(ata, NULL, NULL, lethe_technique_disk_seconds, .needs = LETHE_NEEDS_RAWIO,
                       .protocol = LETHE_PROTOCOL_ATA, .ready = ready);
