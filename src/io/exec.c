/* SPDX-License-Identifier: Apache-2.0 */
#include "io/exec.h"

#include "proto/nvme_bridge.h"
#include "proto/sat.h"

#include <errno.h>
#include <string.h>

#define RESPONSE_MS 10000
#define CHECK_CONDITION 2

static enum lethe_direction direction(enum lethe_transfer transfer)
{
    return transfer == LETHE_TRANSFER_IN    ? LETHE_DATA_IN
           : transfer == LETHE_TRANSFER_OUT ? LETHE_DATA_OUT
                                            : LETHE_DATA_NONE;
}

static void fill(struct lethe_command *c, const struct lethe_cdb *cdb, void *data,
                 unsigned timeout_ms)
{
    *c = (struct lethe_command){.set = LETHE_SET_SCSI,
                                .n_bytes = cdb->n_bytes,
                                .direction = direction(cdb->transfer),
                                .data = data,
                                .data_len = cdb->data_len,
                                .timeout_ms = timeout_ms};
    memcpy(c->bytes, cdb->bytes, cdb->n_bytes);
}

int lethe_scsi_exec(struct lethe_io *io, const struct lethe_cdb *cdb, void *data,
                    unsigned timeout_ms, struct lethe_scsi_result *out)
{
    struct lethe_command c;
    memset(out, 0, sizeof(*out));
    fill(&c, cdb, data, timeout_ms);
    int rc = lethe_io_command(io, &c);
    if (rc < 0)
        return rc;
    out->status = (uint8_t)c.result;
    out->transferred = c.transferred;
    lethe_sense_parse(c.sense, c.n_sense, &out->sense);
    return 0;
}

/* ---- ATA ---- */

static int wrap(enum lethe_path path, const struct lethe_ata_taskfile *taskfile,
                struct lethe_cdb *cdb)
{
    int rc = path == LETHE_PATH_SAT16   ? lethe_sat_cdb16(taskfile, cdb, NULL)
             : path == LETHE_PATH_SAT12 ? lethe_sat_cdb12(taskfile, cdb, NULL)
                                        : -1;
    return rc < 0 ? -EOPNOTSUPP : 0;
}

/* Fixed-format sense lost COUNT(15:8) and LBA(47:24): ask for the registers themselves. */
static void ask_registers(struct lethe_io *io, struct lethe_ata_result *out)
{
    uint8_t data[LETHE_SAT_RESPONSE] = {0};
    struct lethe_cdb cdb = lethe_sat_cdb_return_response();
    struct lethe_command c;
    struct lethe_ata_result whole;
    fill(&c, &cdb, data, RESPONSE_MS);
    if (lethe_io_command(io, &c) == 0 && c.result == 0 &&
        lethe_sat_response_decode(data, sizeof(data), &whole) == 1)
        *out = whole;
}

int lethe_ata_exec(struct lethe_io *io, enum lethe_path path,
                   const struct lethe_ata_taskfile *taskfile, void *data, unsigned timeout_ms,
                   struct lethe_ata_result *out)
{
    struct lethe_cdb cdb;
    struct lethe_command c;
    memset(out, 0, sizeof(*out));
    int rc = wrap(path, taskfile, &cdb);
    if (rc < 0)
        return rc;
    fill(&c, &cdb, data, timeout_ms);
    rc = lethe_io_command(io, &c);
    if (rc < 0)
        return rc;
    int decoded = lethe_sat_sense_decode(c.sense, c.n_sense, out);
    if (decoded && taskfile->want_result && !(out->known & LETHE_ATA_KNOWN_COUNT_HIGH))
        ask_registers(io, out);
    if (decoded || taskfile->transfer == LETHE_TRANSFER_NONE)
        return 0;
    /* Sense that is not of the drive: the bridge refused the wrapping. */
    if (c.result == CHECK_CONDITION)
        return -EOPNOTSUPP;
    if (c.result == 0 && !taskfile->want_result) {
        out->known = LETHE_ATA_KNOWN_STATUS;
        out->status = LETHE_ATA_STATUS_READY;
    }
    return 0;
}

/* ---- NVMe ---- */

static int bridge_of(enum lethe_path path, enum lethe_nvme_bridge *out)
{
    switch (path) {
    case LETHE_PATH_NVME_JMICRON:
        *out = LETHE_NVME_BRIDGE_JMICRON;
        return 0;
    case LETHE_PATH_NVME_ASMEDIA:
        *out = LETHE_NVME_BRIDGE_ASMEDIA;
        return 0;
    case LETHE_PATH_NVME_REALTEK:
        *out = LETHE_NVME_BRIDGE_REALTEK;
        return 0;
    default:
        return -EOPNOTSUPP;
    }
}

/* The steps of a bridge's exchange, in order; one that fails ends it. */
static int over_bridge(struct lethe_io *io, enum lethe_path path,
                       const struct lethe_nvme_admin *command, void *data, unsigned timeout_ms,
                       struct lethe_nvme_result *out)
{
    enum lethe_nvme_bridge bridge;
    struct lethe_nvme_bridge_exchange exchange;
    uint8_t completion[512];
    if (bridge_of(path, &bridge) < 0 ||
        lethe_nvme_bridge_wrap(bridge, command, &exchange, NULL) < 0)
        return -EOPNOTSUPP;
    for (size_t i = 0; i < exchange.n_steps; i++) {
        struct lethe_nvme_bridge_step *step = &exchange.steps[i];
        struct lethe_command c;
        fill(&c, &step->cdb,
             step->command_data ? data
             : step->completion ? completion
                                : step->payload,
             timeout_ms);
        if (step->completion && c.data_len > sizeof(completion))
            return -EINVAL;
        int rc = lethe_io_command(io, &c);
        if (rc < 0)
            return rc;
        if (c.result != 0)
            return -EIO;
        if (step->completion)
            out->known = lethe_nvme_bridge_completion(completion, c.data_len, &out->status,
                                                      &out->dw0, NULL) == 0;
    }
    return 0;
}

int lethe_nvme_exec(struct lethe_io *io, enum lethe_path path,
                    const struct lethe_nvme_admin *command, void *data, unsigned timeout_ms,
                    struct lethe_nvme_result *out)
{
    memset(out, 0, sizeof(*out));
    if (path != LETHE_PATH_NVME)
        return over_bridge(io, path, command, data, timeout_ms, out);
    struct lethe_command c = {.set = LETHE_SET_NVME,
                              .n_bytes = 64,
                              .direction = direction(command->transfer),
                              .data = data,
                              .data_len = command->data_len,
                              .timeout_ms = timeout_ms};
    lethe_nvme_admin_encode(command, c.bytes);
    int rc = lethe_io_command(io, &c);
    if (rc < 0)
        return rc;
    out->known = true;
    out->status = (uint16_t)((uint64_t)c.result >> 32 & LETHE_NVME_STATUS_MASK);
    out->dw0 = (uint32_t)c.result;
    return 0;
}
