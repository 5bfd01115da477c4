/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scsi-format-unit: FORMAT UNIT, 04h (SBC-4 5.4). It prepares the medium, and erases as a side
 * effect: Clear at most, and not one byte on a drive that only checks its defect lists, which the
 * marks tell. It runs as a sanitise does, with sense codes of its own; cut short, it leaves the
 * medium torn and is begun again.
 * scsi-reformat: the same after MODE SELECT asked for blocks of 512 bytes, so that a kernel can
 * address the drive at all. It erases nothing by its own claim: what does comes after it.
 */
#include "io/exec.h"
#include "technique/sanitize.h"

#include <string.h>

#define STATUS_MS 15000
#define BLOCK 512

static int format_status(struct lethe_run *run, struct lethe_sanitize_status *out,
                         struct lethe_error *err)
{
    struct lethe_sense told;
    int rc = lethe_technique_request_sense(run, &told, err);
    if (rc < 0)
        return rc;
    lethe_scsi_sanitize_result(&told, out);
    switch (lethe_sense_state(&told)) {
    case LETHE_SENSE_STATE_FORMAT_RUNNING:
        out->state = LETHE_SANITIZE_RUNNING;
        out->progress_known = told.progress_known;
        out->progress = told.progress;
        break;
    case LETHE_SENSE_STATE_FORMAT_CORRUPTED:
    case LETHE_SENSE_STATE_FORMAT_FAILED:
        out->state = LETHE_SANITIZE_FAILED;
        break;
    default:
        break;
    }
    return 0;
}

static int format_send(struct lethe_run *run, bool waits, json_t *commands,
                       struct lethe_scsi_result *result, struct lethe_error *err)
{
    uint8_t list[LETHE_SCSI_FORMAT_LIST] = {0};
    struct lethe_cdb cdb;
    int rc = lethe_scsi_cmd_format_unit(0, &cdb, list, err);
    if (rc < 0)
        return rc;
    if (waits)
        lethe_scsi_format_waits(list);
    lethe_technique_hex(commands, "SCSI", cdb.bytes, cdb.n_bytes);
    lethe_technique_hex(commands, "SCSI parameters", list, sizeof(list));
    rc = lethe_scsi_exec(run->io, &cdb, list, waits ? LETHE_SANITIZE_WAITS_MS : STATUS_MS, result);
    return rc < 0 ? lethe_technique_no_answer(rc, "FORMAT UNIT", err) : 0;
}

static int format_begin(struct lethe_run *run, enum lethe_sanitize_action action, json_t *commands,
                        struct lethe_sanitize_status *told, struct lethe_error *err)
{
    (void)told;
    struct lethe_scsi_result result;
    char words[128];
    (void)action;
    int rc = format_send(run, false, commands, &result, err);
    if (rc < 0 || result.status == 0)
        return rc;
    lethe_sense_format(words, sizeof(words), &result.sense);
    return lethe_technique_fail(err, "the drive refused to be formatted: %s", words);
}

static int format_repeat(struct lethe_run *run, enum lethe_sanitize_action action, json_t *commands,
                         struct lethe_error *err)
{
    struct lethe_scsi_result result;
    (void)action;
    int rc = format_send(run, true, commands, &result, err);
    return rc < 0 ? rc : result.status == 0;
}

/* MODE SELECT (6), SBC-4 6.5.2: a short block descriptor; 0 blocks: as many as there is room for.
 */
static int ask_for_blocks(struct lethe_run *run, json_t *commands, struct lethe_error *err)
{
    uint8_t list[12] = {[3] = 8, [10] = BLOCK >> 8, [11] = BLOCK & 0xff};
    struct lethe_cdb cdb = lethe_scsi_cmd_mode_select6(sizeof(list), false);
    struct lethe_scsi_result result;
    char words[128];
    lethe_technique_hex(commands, "SCSI", cdb.bytes, cdb.n_bytes);
    int rc = lethe_scsi_exec(run->io, &cdb, list, STATUS_MS, &result);
    if (rc < 0)
        return lethe_technique_no_answer(rc, "MODE SELECT", err);
    if (result.status == 0)
        return 0;
    lethe_sense_format(words, sizeof(words), &result.sense);
    lethe_technique_fail(err, "the drive refuses blocks of %d bytes: %s", BLOCK, words);
    lethe_error_remedy(err, "destroy it, or use its array's own tool");
    return -LETHE_E_IO;
}

static int reformat_begin(struct lethe_run *run, enum lethe_sanitize_action action,
                          json_t *commands, struct lethe_sanitize_status *told,
                          struct lethe_error *err)
{
    int rc = ask_for_blocks(run, commands, err);
    return rc < 0 ? rc : format_begin(run, action, commands, told, err);
}

static const struct lethe_sanitize_set reformat = {.name = "scsi-reformat",
                                                   .status = format_status,
                                                   .begin = reformat_begin,
                                                   .idle_is_done = true,
                                                   .left_by_again = true};

/* What it was doing when the bench went is waited for: it takes nothing else meanwhile. */
static int reformat_start(struct lethe_run *run, struct lethe_error *err)
{
    int rc =
        run->resumed ? lethe_sanitize_settle(run, &reformat, LETHE_SANITIZE_OVERWRITE, err) : 0;
    return rc < 0 ? rc : lethe_sanitize_start(run, &reformat, LETHE_SANITIZE_OVERWRITE, err);
}

static int reformat_ready(const struct lethe_facts *facts, struct lethe_error *err)
{
    return facts->foreign_block
               ? 0
               : lethe_fail(err, LETHE_E_UNSUPPORTED, "the drive's blocks are as they should be");
}

static const struct lethe_sanitize_set format = {.name = "scsi-format",
                                                 .status = format_status,
                                                 .begin = format_begin,
                                                 .repeat = format_repeat,
                                                 .idle_is_done = true,
                                                 .left_by_again = true};

static int start(struct lethe_run *run, struct lethe_error *err)
{
    return lethe_sanitize_start(run, &format, LETHE_SANITIZE_OVERWRITE, err);
}

static int settle(struct lethe_run *run, struct lethe_error *err)
{
    return lethe_sanitize_settle(run, &format, LETHE_SANITIZE_OVERWRITE, err);
}

const struct lethe_technique lethe_technique_scsi_format_unit = {
    .name = "scsi-format-unit",
    .kind = LETHE_KIND_OVERWRITE,
    .method = LETHE_METHOD_CLEAR,
    .needs = LETHE_NEEDS_RAWIO,
    .protocol = LETHE_PROTOCOL_SCSI,
    .capability = LETHE_CAN_FORMAT_UNIT,
    .leaves = LETHE_LEAVES_UNIFORM,
    .seconds = lethe_technique_disk_seconds,
    .settle = settle,
    .start = start,
    .step = lethe_sanitize_step,
    .attest = lethe_sanitize_attest,
    .stop = lethe_sanitize_stop,
};

const struct lethe_technique lethe_technique_scsi_reformat = {
    .name = "scsi-reformat",
    .kind = LETHE_KIND_OVERWRITE,
    .method = LETHE_METHOD_NONE,
    .needs = LETHE_NEEDS_RAWIO,
    .flags = LETHE_TECHNIQUE_OPENS,
    .protocol = LETHE_PROTOCOL_SCSI,
    .capability = LETHE_CAN_FORMAT_UNIT,
    .ready = reformat_ready,
    .seconds = lethe_technique_disk_seconds,
    .start = reformat_start,
    .step = lethe_sanitize_step,
    .attest = lethe_sanitize_attest,
    .stop = lethe_sanitize_stop,
};
