/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/scsi.h"

#include "proto/bytes.h"

#include <inttypes.h>
#include <string.h>

static struct lethe_cdb cdb_none(size_t n_bytes, uint8_t opcode)
{
    return (struct lethe_cdb){.bytes = {opcode}, .n_bytes = n_bytes};
}

static struct lethe_cdb cdb_in(size_t n_bytes, uint8_t opcode, uint32_t len)
{
    return (struct lethe_cdb){.bytes = {opcode},
                              .n_bytes = n_bytes,
                              .transfer = len > 0 ? LETHE_TRANSFER_IN : LETHE_TRANSFER_NONE,
                              .data_len = len};
}

static struct lethe_cdb cdb_out(size_t n_bytes, uint8_t opcode, uint32_t len)
{
    return (struct lethe_cdb){.bytes = {opcode},
                              .n_bytes = n_bytes,
                              .transfer = len > 0 ? LETHE_TRANSFER_OUT : LETHE_TRANSFER_NONE,
                              .data_len = len};
}

struct lethe_cdb lethe_scsi_cmd_test_unit_ready(void)
{
    return cdb_none(6, 0x00);
}

struct lethe_cdb lethe_scsi_cmd_request_sense(uint8_t len, bool descriptor)
{
    struct lethe_cdb cdb = cdb_in(6, 0x03, len);
    cdb.bytes[1] = descriptor ? 1 : 0;
    cdb.bytes[4] = len;
    return cdb;
}

struct lethe_cdb lethe_scsi_cmd_inquiry(uint16_t len)
{
    struct lethe_cdb cdb = cdb_in(6, 0x12, len);
    lethe_put_be16(cdb.bytes + 3, len);
    return cdb;
}

struct lethe_cdb lethe_scsi_cmd_vpd(uint8_t page, uint16_t len)
{
    struct lethe_cdb cdb = lethe_scsi_cmd_inquiry(len);
    cdb.bytes[1] = 1;
    cdb.bytes[2] = page;
    return cdb;
}

struct lethe_cdb lethe_scsi_cmd_read_capacity10(void)
{
    return cdb_in(10, 0x25, 8);
}

struct lethe_cdb lethe_scsi_cmd_read_capacity16(void)
{
    struct lethe_cdb cdb = cdb_in(16, 0x9e, 32);
    cdb.bytes[1] = 0x10;
    lethe_put_be32(cdb.bytes + 10, 32);
    return cdb;
}

struct lethe_cdb lethe_scsi_cmd_report_luns(uint32_t len)
{
    struct lethe_cdb cdb = cdb_in(12, 0xa0, len);
    lethe_put_be32(cdb.bytes + 6, len);
    return cdb;
}

struct lethe_cdb lethe_scsi_cmd_report_support(uint8_t opcode, int service_action, uint32_t len)
{
    struct lethe_cdb cdb = cdb_in(12, 0xa3, len);
    cdb.bytes[1] = 0x0c;
    cdb.bytes[2] = service_action < 0 ? 1 : 2; /* SPC-5 table 251, REPORTING OPTIONS */
    cdb.bytes[3] = opcode;
    if (service_action >= 0)
        lethe_put_be16(cdb.bytes + 4, (uint16_t)service_action);
    lethe_put_be32(cdb.bytes + 6, len);
    return cdb;
}

struct lethe_cdb lethe_scsi_cmd_start_stop(bool start, bool immediate)
{
    struct lethe_cdb cdb = cdb_none(6, 0x1b);
    cdb.bytes[1] = immediate ? 1 : 0;
    cdb.bytes[4] = start ? 1 : 0;
    return cdb;
}

struct lethe_cdb lethe_scsi_cmd_synchronize_cache(void)
{
    return cdb_none(10, 0x35);
}

struct lethe_cdb lethe_scsi_cmd_read_defects12(uint32_t len)
{
    struct lethe_cdb cdb = cdb_in(12, 0xb7, len);
    cdb.bytes[1] = 0x08 | 0x03; /* REQ_GLIST, long block format (SBC-4 5.19) */
    lethe_put_be32(cdb.bytes + 6, len);
    return cdb;
}

struct lethe_cdb lethe_scsi_cmd_log_sense(uint8_t page, uint8_t subpage, uint16_t len)
{
    struct lethe_cdb cdb = cdb_in(10, 0x4d, len);
    cdb.bytes[2] = 0x40 | (page & 0x3f); /* cumulative values */
    cdb.bytes[3] = subpage;
    lethe_put_be16(cdb.bytes + 7, len);
    return cdb;
}

struct lethe_cdb lethe_scsi_cmd_mode_sense10(uint8_t page, uint8_t subpage, uint16_t len)
{
    struct lethe_cdb cdb = cdb_in(10, 0x5a, len);
    cdb.bytes[1] = 0x10; /* LLBAA: a long block descriptor is welcome */
    cdb.bytes[2] = page & 0x3f;
    cdb.bytes[3] = subpage;
    lethe_put_be16(cdb.bytes + 7, len);
    return cdb;
}

struct lethe_cdb lethe_scsi_cmd_mode_sense6(uint8_t page, uint8_t len)
{
    struct lethe_cdb cdb = cdb_in(6, 0x1a, len);
    cdb.bytes[2] = page & 0x3f;
    cdb.bytes[4] = len;
    return cdb;
}

#define PAGE_FORMAT 0x10

struct lethe_cdb lethe_scsi_cmd_mode_select10(uint16_t len, bool save)
{
    struct lethe_cdb cdb = cdb_out(10, 0x55, len);
    cdb.bytes[1] = (uint8_t)(PAGE_FORMAT | (save ? 1 : 0));
    lethe_put_be16(cdb.bytes + 7, len);
    return cdb;
}

struct lethe_cdb lethe_scsi_cmd_mode_select6(uint8_t len, bool save)
{
    struct lethe_cdb cdb = cdb_out(6, 0x15, len);
    cdb.bytes[1] = (uint8_t)(PAGE_FORMAT | (save ? 1 : 0));
    cdb.bytes[4] = len;
    return cdb;
}

static int transfer16(uint8_t opcode, uint64_t lba, uint32_t blocks, uint32_t block_size, bool fua,
                      struct lethe_cdb *out, struct lethe_error *err)
{
    uint64_t bytes = (uint64_t)blocks * block_size;
    if (blocks == 0 || bytes == 0 || bytes > UINT32_MAX || lba + (blocks - 1) < lba)
        return lethe_fail(err, LETHE_E_USAGE,
                          "%" PRIu32 " blocks of %" PRIu32 " bytes cannot be moved at once", blocks,
                          block_size);
    memset(out, 0, sizeof *out);
    out->bytes[0] = opcode;
    out->bytes[1] = fua ? 0x08 : 0;
    lethe_put_be64(out->bytes + 2, lba);
    lethe_put_be32(out->bytes + 10, blocks);
    out->n_bytes = 16;
    out->data_len = (uint32_t)bytes;
    return 0;
}

int lethe_scsi_cmd_read16(uint64_t lba, uint32_t blocks, uint32_t block_size, bool fua,
                          struct lethe_cdb *out, struct lethe_error *err)
{
    int rc = transfer16(0x88, lba, blocks, block_size, fua, out, err);
    if (rc == 0)
        out->transfer = LETHE_TRANSFER_IN;
    return rc;
}

int lethe_scsi_cmd_write16(uint64_t lba, uint32_t blocks, uint32_t block_size, bool fua,
                           struct lethe_cdb *out, struct lethe_error *err)
{
    int rc = transfer16(0x8a, lba, blocks, block_size, fua, out, err);
    if (rc == 0)
        out->transfer = LETHE_TRANSFER_OUT;
    return rc;
}

static struct lethe_cdb security(struct lethe_cdb cdb, uint8_t protocol, uint16_t specific,
                                 uint32_t len, bool inc512)
{
    cdb.bytes[1] = protocol;
    lethe_put_be16(cdb.bytes + 2, specific);
    cdb.bytes[4] = inc512 ? 0x80 : 0;
    lethe_put_be32(cdb.bytes + 6, inc512 ? len / 512 : len);
    return cdb;
}

struct lethe_cdb lethe_scsi_cmd_security_in(uint8_t protocol, uint16_t specific, uint32_t len,
                                            bool inc512)
{
    return security(cdb_in(12, 0xa2, len), protocol, specific, len, inc512);
}

struct lethe_cdb lethe_scsi_cmd_security_out(uint8_t protocol, uint16_t specific, uint32_t len,
                                             bool inc512)
{
    return security(cdb_out(12, 0xb5, len), protocol, specific, len, inc512);
}

/* -- SANITIZE ---------------------------------------------------------------------------------- */

#define IMMEDIATE 0x80
#define ZNR 0x40  /* zoned no reset */
#define AUSE 0x20 /* allow unrestricted sanitize exit: a failed device can be used again */

static struct lethe_cdb sanitize(uint8_t service_action)
{
    struct lethe_cdb cdb = cdb_none(10, 0x48);
    cdb.bytes[1] = (uint8_t)(IMMEDIATE | AUSE | service_action);
    return cdb;
}

struct lethe_cdb lethe_scsi_cmd_sanitize_block(void)
{
    return sanitize(0x02);
}

struct lethe_cdb lethe_scsi_cmd_sanitize_crypto(void)
{
    return sanitize(0x03);
}

struct lethe_cdb lethe_scsi_cmd_sanitize_exit_failure(void)
{
    struct lethe_cdb cdb = cdb_none(10, 0x48);
    cdb.bytes[1] = 0x1f; /* neither IMMED nor AUSE has a meaning here (SBC-4 5.30.5) */
    return cdb;
}

void lethe_scsi_sanitize_keeps_zones(struct lethe_cdb *sanitize)
{
    sanitize->bytes[1] |= ZNR;
}

void lethe_scsi_sanitize_waits(struct lethe_cdb *sanitize)
{
    sanitize->bytes[1] &= (uint8_t)~IMMEDIATE;
}

int lethe_scsi_cmd_sanitize_overwrite(unsigned passes, bool invert, uint32_t pattern,
                                      struct lethe_cdb *out,
                                      uint8_t list[LETHE_SCSI_SANITIZE_LIST_MAX],
                                      struct lethe_error *err)
{
    if (passes < 1 || passes > 31)
        return lethe_fail(err, LETHE_E_USAGE, "SCSI SANITIZE overwrites 1 to 31 times, not %u",
                          passes);
    *out = sanitize(0x01);
    out->transfer = LETHE_TRANSFER_OUT;
    out->data_len = LETHE_SCSI_SANITIZE_LIST_MAX;
    lethe_put_be16(out->bytes + 7, LETHE_SCSI_SANITIZE_LIST_MAX);
    memset(list, 0, LETHE_SCSI_SANITIZE_LIST_MAX);
    list[0] = (uint8_t)((invert ? 0x80 : 0) | passes); /* SBC-4 table 95; TEST 0 */
    lethe_put_be16(list + 2, 4);
    lethe_put_be32(list + 4, pattern);
    return 0;
}

void lethe_scsi_sanitize_result(const struct lethe_sense *sense, struct lethe_sanitize_status *out)
{
    memset(out, 0, sizeof *out);
    if (!sense->valid || sense->deferred)
        return;
    switch (lethe_sense_state(sense)) {
    case LETHE_SENSE_STATE_SANITIZE_RUNNING:
        out->state = LETHE_SANITIZE_RUNNING;
        out->progress_known = sense->progress_known;
        out->progress = sense->progress;
        break;
    case LETHE_SENSE_STATE_SANITIZE_FAILED:
        out->state = LETHE_SANITIZE_FAILED;
        break;
    case LETHE_SENSE_STATE_NONE:
        if (sense->key == LETHE_SENSE_NO_SENSE)
            out->state = LETHE_SANITIZE_IDLE;
        break;
    default:
        break;
    }
}

/* -- FORMAT UNIT ------------------------------------------------------------------------------- */

int lethe_scsi_cmd_format_unit(unsigned protection_type, struct lethe_cdb *out,
                               uint8_t list[LETHE_SCSI_FORMAT_LIST], struct lethe_error *err)
{
    /* SBC-4 table 41: FMTPINFO and PROTECTION FIELD USAGE for types 0 to 3. */
    static const uint8_t fmtpinfo[] = {0, 2, 3, 3}, usage[] = {0, 0, 0, 1};
    if (protection_type > 3)
        return lethe_fail(err, LETHE_E_USAGE, "protection type %u does not exist", protection_type);
    *out = cdb_out(6, 0x04, LETHE_SCSI_FORMAT_LIST);
    out->bytes[1] = (uint8_t)(fmtpinfo[protection_type] << 6 | 0x10); /* FMTDATA: there is a list */
    memset(list, 0, LETHE_SCSI_FORMAT_LIST);
    list[0] = usage[protection_type];
    list[1] = 0x02; /* IMMED; FOV 0: defects, certification, stop on error as the drive has them */
    return 0;
}

void lethe_scsi_format_waits(uint8_t list[LETHE_SCSI_FORMAT_LIST])
{
    list[1] = 0;
}

static int check_block_length(uint32_t block_length, struct lethe_error *err)
{
    if (block_length < 512 || block_length > 0xffffff || block_length % 8 != 0)
        return lethe_fail(err, LETHE_E_USAGE, "no drive has blocks of %" PRIu32 " bytes",
                          block_length);
    return 0;
}

int lethe_scsi_block_length_list(uint32_t block_length, bool maximum,
                                 uint8_t list[LETHE_SCSI_BLOCK_LENGTH_LIST],
                                 struct lethe_error *err)
{
    int rc = check_block_length(block_length, err);
    if (rc < 0)
        return rc;
    memset(list, 0, LETHE_SCSI_BLOCK_LENGTH_LIST);
    list[4] = 1;                  /* LONGLBA: the descriptor has 16 bytes */
    lethe_put_be16(list + 6, 16); /* BLOCK DESCRIPTOR LENGTH */
    if (maximum)
        memset(list + 8, 0xff, 8);
    lethe_put_be32(list + 20, block_length);
    return 0;
}

int lethe_scsi_block_length_list6(uint32_t block_length,
                                  uint8_t list[LETHE_SCSI_BLOCK_LENGTH_LIST6],
                                  struct lethe_error *err)
{
    int rc = check_block_length(block_length, err);
    if (rc < 0)
        return rc;
    memset(list, 0, LETHE_SCSI_BLOCK_LENGTH_LIST6);
    list[3] = 8; /* BLOCK DESCRIPTOR LENGTH; NUMBER OF LOGICAL BLOCKS 0 */
    list[9] = (uint8_t)(block_length >> 16);
    lethe_put_be16(list + 10, (uint16_t)block_length);
    return 0;
}
