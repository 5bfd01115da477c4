/* SPDX-License-Identifier: Apache-2.0 */
/* Sanitize, 84h (NVMe Base 2.0 5.24): nvme-sanitize-crypto, -block, -overwrite. It reaches every
 * namespace of the subsystem and what is unallocated; its log (81h) survives power cycles. */
#include "io/exec.h"
#include "technique/sanitize.h"

#define STATUS_MS 15000

static int nvme_status(struct lethe_run *run, struct lethe_sanitize_status *out,
                       struct lethe_error *err)
{
    uint8_t data[LETHE_NVME_SANITIZE_LOG_SIZE] = {0};
    struct lethe_nvme_admin cmd;
    struct lethe_nvme_result result;
    int rc =
        lethe_nvme_cmd_get_log(LETHE_NVME_LOG_SANITIZE, LETHE_NVME_ALL, sizeof(data), &cmd, err);
    if (rc < 0)
        return rc;
    rc = lethe_nvme_exec(run->io, run->path, &cmd, data, STATUS_MS, &result);
    if (rc < 0)
        return lethe_technique_no_answer(rc, "the sanitise log", err);
    *out = (struct lethe_sanitize_status){.state = LETHE_SANITIZE_UNKNOWN};
    if (!result.known || result.status != LETHE_NVME_SUCCESS)
        return 0;
    return lethe_nvme_sanitize_log_parse(data, sizeof(data), out, err);
}

static int command_of(enum lethe_sanitize_action action, struct lethe_nvme_admin *out,
                      struct lethe_error *err)
{
    return lethe_nvme_cmd_sanitize(action, 1, false, 0, false, out, err);
}

static uint32_t nvme_named(enum lethe_sanitize_action action)
{
    struct lethe_nvme_admin cmd;
    return command_of(action, &cmd, NULL) == 0 ? cmd.cdw10 : 0;
}

static int nvme_begin(struct lethe_run *run, enum lethe_sanitize_action action, json_t *commands,
                      struct lethe_sanitize_status *told, struct lethe_error *err)
{
    (void)told;
    uint8_t entry[64];
    struct lethe_nvme_admin cmd;
    struct lethe_nvme_result result;
    int rc = command_of(action, &cmd, err);
    if (rc < 0)
        return rc;
    lethe_nvme_admin_encode(&cmd, entry);
    lethe_technique_hex(commands, "NVMe", entry, sizeof(entry));
    rc = lethe_nvme_exec(run->io, run->path, &cmd, NULL, STATUS_MS, &result);
    if (rc < 0)
        return lethe_technique_no_answer(rc, "Sanitize", err);
    if (!result.known)
        return lethe_technique_fail(err, "the bridge does not say whether the drive took it");
    if (result.status != LETHE_NVME_SUCCESS)
        return lethe_technique_fail(err, "the drive refused its sanitise command: %s",
                                    lethe_nvme_status_name(result.status));
    return 0;
}

static int nvme_leave_failure(struct lethe_run *run, json_t *commands, struct lethe_error *err)
{
    struct lethe_nvme_admin cmd = lethe_nvme_cmd_sanitize_exit_failure();
    struct lethe_nvme_result result;
    uint8_t entry[64];
    lethe_nvme_admin_encode(&cmd, entry);
    lethe_technique_hex(commands, "NVMe", entry, sizeof(entry));
    int rc = lethe_nvme_exec(run->io, run->path, &cmd, NULL, STATUS_MS, &result);
    if (rc < 0)
        return lethe_technique_no_answer(rc, "Exit Failure Mode", err);
    return result.known && result.status == LETHE_NVME_SUCCESS
               ? 0
               : lethe_technique_fail(err, "the drive stays in the failure mode of its sanitise");
}

static const struct lethe_sanitize_set nvme = {.name = "nvme",
                                               .status = nvme_status,
                                               .begin = nvme_begin,
                                               .leave_failure = nvme_leave_failure,
                                               .named = nvme_named};

/* The drive's own estimates; where it tells none, the rate of an SSD. */
static uint64_t crypto_seconds(const struct lethe_facts *facts, uint64_t capacity)
{
    (void)capacity;
    return facts->sanitize.crypto_seconds;
}

static uint64_t block_seconds(const struct lethe_facts *facts, uint64_t capacity)
{
    (void)capacity;
    return facts->sanitize.block_seconds;
}

static uint64_t overwrite_seconds(const struct lethe_facts *facts, uint64_t capacity)
{
    uint64_t told = facts->sanitize.overwrite_seconds;
    return told ? told : capacity / 1000000000;
}

LETHE_SANITIZE_ACTIONS(nvme, crypto_seconds, block_seconds, overwrite_seconds,
                       .needs = LETHE_NEEDS_SYS_ADMIN, .protocol = LETHE_PROTOCOL_NVME);
