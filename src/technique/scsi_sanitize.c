/* SPDX-License-Identifier: Apache-2.0 */
/* SANITIZE, 48h (SBC-4 5.30): scsi-sanitize-crypto, -block, -overwrite. Its progress is in REQUEST
 * SENSE, and so is its end: there is no log, only the transition. */
#include "io/exec.h"
#include "technique/sanitize.h"

#define STATUS_MS 15000
#define SENSE_LENGTH 252

static int scsi_status(struct lethe_run *run, struct lethe_sanitize_status *out,
                       struct lethe_error *err)
{
    uint8_t data[SENSE_LENGTH] = {0};
    struct lethe_cdb cdb = lethe_scsi_cmd_request_sense(SENSE_LENGTH, false);
    struct lethe_scsi_result result;
    struct lethe_sense sense;
    int rc = lethe_scsi_exec(run->io, &cdb, data, STATUS_MS, &result);
    if (rc < 0)
        return lethe_technique_no_answer(rc, "REQUEST SENSE", err);
    lethe_sense_parse(data, result.transferred, &sense);
    /* Some drives answer with CHECK CONDITION instead: then the sense is in the answer itself. */
    lethe_scsi_sanitize_result(result.status == 0 ? &sense : &result.sense, out);
    return 0;
}

static int scsi_begin(struct lethe_run *run, enum lethe_sanitize_action action, json_t *commands,
                      struct lethe_error *err)
{
    uint8_t list[LETHE_SCSI_SANITIZE_LIST_MAX] = {0};
    struct lethe_cdb cdb;
    struct lethe_scsi_result result;
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
    lethe_technique_hex(commands, "SCSI", cdb.bytes, cdb.n_bytes);
    rc = lethe_scsi_exec(run->io, &cdb, list, STATUS_MS, &result);
    if (rc < 0)
        return lethe_technique_no_answer(rc, "SANITIZE", err);
    if (result.status == 0)
        return 0;
    char words[128];
    lethe_sense_format(words, sizeof(words), &result.sense);
    return lethe_technique_fail(err, "the drive refused its sanitise command: %s", words);
}

static int scsi_leave_failure(struct lethe_run *run, struct lethe_error *err)
{
    struct lethe_cdb cdb = lethe_scsi_cmd_sanitize_exit_failure();
    struct lethe_scsi_result result;
    struct lethe_sanitize_status now;
    int rc = lethe_scsi_exec(run->io, &cdb, NULL, STATUS_MS, &result);
    if (rc < 0)
        return lethe_technique_no_answer(rc, "SANITIZE EXIT FAILURE", err);
    rc = scsi_status(run, &now, err);
    if (rc < 0)
        return rc;
    return now.state == LETHE_SANITIZE_FAILED
               ? lethe_technique_fail(err, "the drive stays in the failure mode of its sanitise")
               : 0;
}

static const struct lethe_sanitize_set scsi = {.name = "scsi",
                                               .status = scsi_status,
                                               .begin = scsi_begin,
                                               .leave_failure = scsi_leave_failure,
                                               .idle_is_done = true};

static uint64_t seconds(const struct lethe_facts *facts, uint64_t capacity)
{
    (void)facts;
    return capacity / 150000000;
}

#define SCSI_SANITIZE(NAME, ACTION, KIND, CAN, LEAVES, PATTERN, SECONDS)                           \
    static int start_##ACTION(struct lethe_run *run, struct lethe_error *err)                      \
    {                                                                                              \
        return lethe_sanitize_start(run, &scsi, LETHE_SANITIZE_##ACTION, err);                     \
    }                                                                                              \
    static int settle_##ACTION(struct lethe_run *run, struct lethe_error *err)                     \
    {                                                                                              \
        return lethe_sanitize_settle(run, &scsi, LETHE_SANITIZE_##ACTION, err);                    \
    }                                                                                              \
    const struct lethe_technique lethe_technique_scsi_sanitize_##NAME = {                          \
        .name = "scsi-sanitize-" #NAME,                                                            \
        .kind = KIND,                                                                              \
        .method = LETHE_METHOD_PURGE,                                                              \
        .needs = LETHE_NEEDS_RAWIO,                                                                \
        .protocol = LETHE_PROTOCOL_SCSI,                                                           \
        .capability = CAN,                                                                         \
        .leaves = LEAVES,                                                                          \
        .pattern = PATTERN,                                                                        \
        .seconds = SECONDS,                                                                        \
        .settle = settle_##ACTION,                                                                 \
        .start = start_##ACTION,                                                                   \
        .step = lethe_sanitize_step,                                                               \
        .attest = lethe_sanitize_attest,                                                           \
        .stop = lethe_sanitize_stop,                                                               \
    }

SCSI_SANITIZE(crypto, CRYPTO, LETHE_KIND_CRYPTO_ERASE, LETHE_CAN_SANITIZE_CRYPTO,
              LETHE_LEAVES_UNKNOWN, NULL, NULL);
SCSI_SANITIZE(block, BLOCK, LETHE_KIND_BLOCK_ERASE, LETHE_CAN_SANITIZE_BLOCK, LETHE_LEAVES_UNIFORM,
              NULL, NULL);
SCSI_SANITIZE(overwrite, OVERWRITE, LETHE_KIND_OVERWRITE, LETHE_CAN_SANITIZE_OVERWRITE,
              LETHE_LEAVES_PATTERN, "zero", seconds);
