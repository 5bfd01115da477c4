/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/sat.h"

#include "proto/bytes.h"

#include <inttypes.h>
#include <string.h>

/* Byte 2 of both CDBs. Lengths are told in blocks of 512 bytes (T_TYPE 0) in COUNT. */
#define CK_COND 0x20
#define FROM_DEVICE 0x08
#define IN_BLOCKS 0x04
#define LENGTH_IN_COUNT 0x02

static int check(const struct lethe_ata_taskfile *taskfile, struct lethe_error *err)
{
    if (taskfile->ext
            ? taskfile->lba >> 48 != 0
            : taskfile->lba >> 28 != 0 || taskfile->count > 0xff || taskfile->feature > 0xff)
        return lethe_fail(err, LETHE_E_USAGE, "ATA command %02xh has fields too large for its form",
                          taskfile->command);
    if (taskfile->transfer != LETHE_TRANSFER_NONE &&
        (taskfile->blocks == 0 || taskfile->blocks != taskfile->count))
        return lethe_fail(err, LETHE_E_USAGE,
                          "ATA command %02xh moves %u blocks but its count says %u",
                          taskfile->command, taskfile->blocks, taskfile->count);
    return 0;
}

static uint8_t flags(const struct lethe_ata_taskfile *taskfile)
{
    uint8_t value = taskfile->want_result ? CK_COND : 0;
    if (taskfile->transfer != LETHE_TRANSFER_NONE)
        value |= IN_BLOCKS | LENGTH_IN_COUNT;
    if (taskfile->transfer == LETHE_TRANSFER_IN)
        value |= FROM_DEVICE;
    return value;
}

static uint8_t device(const struct lethe_ata_taskfile *taskfile)
{
    return (uint8_t)(taskfile->device | (taskfile->ext ? 0 : taskfile->lba >> 24 & 0xf));
}

static void transfer(const struct lethe_ata_taskfile *taskfile, struct lethe_cdb *out)
{
    out->transfer = taskfile->transfer;
    out->data_len = taskfile->transfer == LETHE_TRANSFER_NONE
                        ? 0
                        : (uint32_t)taskfile->blocks * LETHE_ATA_BLOCK;
}

int lethe_sat_cdb16(const struct lethe_ata_taskfile *taskfile, struct lethe_cdb *out,
                    struct lethe_error *err)
{
    memset(out, 0, sizeof *out);
    int rc = check(taskfile, err);
    if (rc < 0)
        return rc;
    uint64_t lba = taskfile->lba;
    uint8_t *cdb = out->bytes;
    out->n_bytes = 16;
    transfer(taskfile, out);
    cdb[0] = 0x85;
    cdb[1] = (uint8_t)(taskfile->protocol << 1 | (taskfile->ext ? 1 : 0));
    cdb[2] = flags(taskfile);
    lethe_put_be16(cdb + 3, taskfile->feature);
    lethe_put_be16(cdb + 5, taskfile->count);
    cdb[7] = (uint8_t)(taskfile->ext ? lba >> 24 : 0); /* low bytes: (31:24) then (7:0) ... */
    cdb[8] = (uint8_t)lba;
    cdb[9] = (uint8_t)(lba >> 32);
    cdb[10] = (uint8_t)(lba >> 8);
    cdb[11] = (uint8_t)(lba >> 40);
    cdb[12] = (uint8_t)(lba >> 16);
    cdb[13] = device(taskfile);
    cdb[14] = taskfile->command;
    return 0;
}

int lethe_sat_cdb12(const struct lethe_ata_taskfile *taskfile, struct lethe_cdb *out,
                    struct lethe_error *err)
{
    memset(out, 0, sizeof *out);
    if (taskfile->ext) {
        lethe_fail(err, LETHE_E_UNSUPPORTED,
                   "this bridge takes only 28-bit ATA commands, %02xh is a 48-bit one",
                   taskfile->command);
        lethe_error_effect(err, "Nothing was sent");
        lethe_error_remedy(err, "move the drive to a native SATA slot or another bridge");
        return -LETHE_E_UNSUPPORTED;
    }
    int rc = check(taskfile, err);
    if (rc < 0)
        return rc;
    uint8_t *cdb = out->bytes;
    out->n_bytes = 12;
    transfer(taskfile, out);
    cdb[0] = 0xa1;
    cdb[1] = (uint8_t)(taskfile->protocol << 1);
    cdb[2] = flags(taskfile);
    cdb[3] = (uint8_t)taskfile->feature;
    cdb[4] = (uint8_t)taskfile->count;
    cdb[5] = (uint8_t)taskfile->lba;
    cdb[6] = (uint8_t)(taskfile->lba >> 8);
    cdb[7] = (uint8_t)(taskfile->lba >> 16);
    cdb[8] = device(taskfile);
    cdb[9] = taskfile->command;
    return 0;
}

struct lethe_cdb lethe_sat_cdb_return_response(void)
{
    /* T_DIR is set although SAT-4 ignores it here: bridges move no data otherwise. */
    return (struct lethe_cdb){.bytes = {0x85, LETHE_ATA_RETURN_RESPONSE << 1, FROM_DEVICE},
                              .n_bytes = 16,
                              .transfer = LETHE_TRANSFER_IN,
                              .data_len = LETHE_SAT_RESPONSE};
}

/* ATA Status Return descriptor (SAT-4 table 179). Without EXTEND, upper bytes of zero say nothing;
 * others were returned by a translator that forgot the bit. */
static bool descriptor(const uint8_t *d, struct lethe_ata_result *out)
{
    if (d[0] != 0x09 || d[1] != 0x0c)
        return false;
    bool extend = (d[2] & 1) || d[4] || d[6] || d[8] || d[10];
    out->known = LETHE_ATA_KNOWN_ALL;
    out->error = d[3];
    out->device = d[12];
    out->status = d[13];
    out->count = d[5];
    out->lba = (uint64_t)d[11] << 16 | (uint64_t)d[9] << 8 | d[7];
    if (extend) {
        out->count |= (uint16_t)(d[4] << 8);
        out->lba |= (uint64_t)d[10] << 40 | (uint64_t)d[8] << 32 | (uint64_t)d[6] << 24;
    } else {
        out->known &= ~(unsigned)(LETHE_ATA_KNOWN_COUNT_HIGH | LETHE_ATA_KNOWN_LBA_HIGH);
    }
    return true;
}

int lethe_sat_response_decode(const uint8_t *data, size_t len, struct lethe_ata_result *out)
{
    memset(out, 0, sizeof *out);
    return len >= LETHE_SAT_RESPONSE && descriptor(data, out);
}

/* Fixed form (SAT-4 table 180): error, status, device, COUNT(7:0) at AT, behind which a byte of
 * flags at FLAGS and LBA(7:0), (15:8), (23:16): two flags tell whether the upper halves were zero.
 */
static void fixed_registers(const uint8_t *sense, size_t at, size_t flags_at,
                            struct lethe_ata_result *out)
{
    const uint8_t *lba = sense + flags_at + 1;
    uint8_t bits = sense[flags_at];
    out->known = LETHE_ATA_KNOWN_ERROR | LETHE_ATA_KNOWN_STATUS | LETHE_ATA_KNOWN_DEVICE |
                 LETHE_ATA_KNOWN_COUNT_LOW | LETHE_ATA_KNOWN_LBA_LOW;
    out->error = sense[at];
    out->status = sense[at + 1];
    out->device = sense[at + 2];
    out->count = sense[at + 3];
    out->lba = (uint64_t)lba[2] << 16 | (uint64_t)lba[1] << 8 | lba[0];
    if (bits & 0x80) { /* EXTEND: then a clear bit is a statement */
        if (!(bits & 0x40))
            out->known |= LETHE_ATA_KNOWN_COUNT_HIGH;
        if (!(bits & 0x20))
            out->known |= LETHE_ATA_KNOWN_LBA_HIGH;
    }
}

/* An error register, and a status that says: ready, not busy, error. */
static bool looks_failed(const uint8_t *registers)
{
    return registers[0] != 0 && (registers[1] & 0xc1) == 0x41;
}

/* ABORTED COMMAND without additional code: the drive's own refusal (SAT-4 table 190). Bridges give
 * its registers without saying that they are valid. */
static bool is_abort(const uint8_t *sense)
{
    return (sense[2] & 0x0f) == 0x0b && sense[12] == 0 && sense[13] == 0;
}

static int fixed(const uint8_t *sense, size_t len, struct lethe_ata_result *out)
{
    if (len < 14)
        return 0;
    /* A status of 0 was never in the register. */
    bool available = sense[12] == 0x00 && sense[13] == 0x1d && sense[4] != 0;
    /* Some translators append the whole descriptor. */
    if (available && len >= 18 + LETHE_SAT_RESPONSE && sense[7] >= 24 &&
        descriptor(sense + 18, out))
        return 1;
    if (available) {
        fixed_registers(sense, 3, 8, out);
        return 1;
    }
    /* Linux translates a failed command to another additional code and still gives the registers:
     * since 6.11 where SAT has them, before that (Debian 12, too) five bytes further on. Only
     * failures are read this way: a guess must never look like success. */
    if (((sense[0] & 0x80) || is_abort(sense)) && looks_failed(sense + 3)) {
        fixed_registers(sense, 3, 8, out);
        return 1;
    }
    if (!(sense[0] & 0x80) && lethe_bytes_all(sense + 3, 4, 0) && len >= 20 &&
        looks_failed(sense + 8)) {
        fixed_registers(sense, 8, 16, out);
        return 1;
    }
    return 0;
}

int lethe_sat_sense_decode(const uint8_t *sense, size_t len, struct lethe_ata_result *out)
{
    memset(out, 0, sizeof *out);
    if (len < 8)
        return 0;
    switch (sense[0] & 0x7f) { /* 71h and 73h speak of an earlier command */
    case 0x70:
        return fixed(sense, len, out);
    case 0x72:
        break;
    default:
        return 0;
    }
    size_t end = 8 + (size_t)sense[7];
    if (end > len)
        end = len;
    for (size_t at = 8; at + 2 <= end; at += 2 + (size_t)sense[at + 1])
        if (at + LETHE_SAT_RESPONSE <= end && descriptor(sense + at, out))
            return 1;
    return 0;
}
