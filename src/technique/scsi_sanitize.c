/* SPDX-License-Identifier: Apache-2.0 */
/* SANITIZE, 48h (SBC-4 5.30): scsi-sanitize-crypto, -block, -overwrite. Its progress is in REQUEST
 * SENSE, and so is its end: there is no log, only the transition. One that is over before it is
 * looked at shows none; then it is sent once more without IMMED, and its status is its end. */
#include "io/exec.h"
#include "technique/sanitize.h"

#define STATUS_MS 15000

static int scsi_status(struct lethe_run *run, struct lethe_sanitize_status *out,
                       struct lethe_error *err)
{
    struct lethe_sense sense;
    int rc = lethe_technique_request_sense(run, &sense, err);
    if (rc == 0)
        lethe_scsi_sanitize_result(&sense, out);
    return rc;
}

static int scsi_send(struct lethe_run *run, enum lethe_sanitize_action action, bool waits,
                     json_t *commands, struct lethe_scsi_result *result, struct lethe_error *err)
{
    uint8_t list[LETHE_SCSI_SANITIZE_LIST_MAX] = {0};
    struct lethe_cdb cdb;
    int rc = 0;
    switch (action) {
    case LETHE_SANITIZE_CRYPTO:
        cdb = lethe_scsi_cmd_sanitize_crypto();
        break;
    case LETHE_SANITIZE_BLOCK:
        cdb = lethe_scsi_cmd_sanitize_block();
        break;
    case LETHE_SANITIZE_OVERWRITE:
        rc = lethe_scsi_cmd_sanitize_overwrite(1, false, 0, &cdb, list, err);
        break;
    }
    if (rc < 0)
        return rc;
    if (run->zone)
        lethe_scsi_sanitize_keeps_zones(&cdb);
    if (waits)
        lethe_scsi_sanitize_waits(&cdb);
    lethe_technique_hex(commands, "SCSI", cdb.bytes, cdb.n_bytes);
    if (cdb.data_len)
        lethe_technique_hex(commands, "SCSI parameters", list, cdb.data_len);
    rc = lethe_scsi_exec(run->io, &cdb, list, waits ? LETHE_SANITIZE_WAITS_MS : STATUS_MS, result);
    return rc < 0 ? lethe_technique_no_answer(rc, "SANITIZE", err) : 0;
}

static int scsi_begin(struct lethe_run *run, enum lethe_sanitize_action action, json_t *commands,
                      struct lethe_sanitize_status *told, struct lethe_error *err)
{
    (void)told;
    struct lethe_scsi_result result;
    char words[128];
    int rc = scsi_send(run, action, false, commands, &result, err);
    if (rc < 0 || result.status == 0)
        return rc;
    lethe_sense_format(words, sizeof(words), &result.sense);
    return lethe_technique_fail(err, "the drive refused its sanitise command: %s", words);
}

static int scsi_repeat(struct lethe_run *run, enum lethe_sanitize_action action, json_t *commands,
                       struct lethe_error *err)
{
    struct lethe_scsi_result result;
    int rc = scsi_send(run, action, true, commands, &result, err);
    return rc < 0 ? rc : result.status == 0;
}

static const struct lethe_sanitize_set scsi;

static int scsi_leave_failure(struct lethe_run *run, json_t *commands, struct lethe_error *err)
{
    struct lethe_cdb cdb = lethe_scsi_cmd_sanitize_exit_failure();
    struct lethe_scsi_result result;
    lethe_technique_hex(commands, "SCSI", cdb.bytes, cdb.n_bytes);
    int rc = lethe_scsi_exec(run->io, &cdb, NULL, STATUS_MS, &result);
    return rc < 0 ? lethe_technique_no_answer(rc, "SANITIZE EXIT FAILURE", err)
                  : lethe_sanitize_left_failure(run, &scsi, err);
}

static const struct lethe_sanitize_set scsi = {.name = "scsi",
                                               .status = scsi_status,
                                               .begin = scsi_begin,
                                               .repeat = scsi_repeat,
                                               .leave_failure = scsi_leave_failure,
                                               .idle_is_done = true};

LETHE_SANITIZE_ACTIONS(scsi, NULL, NULL, lethe_technique_disk_seconds, .needs = LETHE_NEEDS_RAWIO,
                       .protocol = LETHE_PROTOCOL_SCSI);
