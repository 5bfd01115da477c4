/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/zones.h"

#include "proto/bytes.h"

#include <string.h>

#define PARTIAL 0x80 /* the list length counts what is returned, not all that there is */

static struct lethe_cdb zone_command(uint8_t opcode, uint8_t action, uint64_t lba)
{
    struct lethe_cdb cdb = {.n_bytes = 16};
    cdb.bytes[0] = opcode;
    cdb.bytes[1] = action;
    lethe_put_be64(cdb.bytes + 2, lba);
    return cdb;
}

struct lethe_cdb lethe_scsi_cmd_report_zones(uint64_t lba, uint32_t len)
{
    struct lethe_cdb cdb = zone_command(0x95, 0x00, lba);
    cdb.transfer = LETHE_TRANSFER_IN;
    cdb.data_len = len;
    lethe_put_be32(cdb.bytes + 10, len);
    cdb.bytes[14] = PARTIAL;
    return cdb;
}

struct lethe_cdb lethe_scsi_cmd_reset_write_pointer(uint64_t lba)
{
    return zone_command(0x94, 0x04, lba);
}

int lethe_zones_parse(const uint8_t *data, size_t len, struct lethe_zones *out,
                      struct lethe_error *err)
{
    memset(out, 0, sizeof *out);
    if (len < LETHE_ZONE_BYTES)
        return lethe_fail(err, LETHE_E_INVALID, "a report of zones of only %zu bytes", len);
    uint32_t listed = lethe_be32(data);
    size_t room = len / LETHE_ZONE_BYTES - 1;
    if (listed % LETHE_ZONE_BYTES != 0)
        return lethe_fail(err, LETHE_E_INVALID, "a report of zones with a torn descriptor");
    out->n = listed / LETHE_ZONE_BYTES < room ? listed / LETHE_ZONE_BYTES : room;
    out->last_lba = lethe_be64(data + 8);
    out->descriptors = data + LETHE_ZONE_BYTES;
    return 0;
}

static bool is_type(unsigned type)
{
    return type >= LETHE_ZONE_CONVENTIONAL && type <= LETHE_ZONE_PREFERRED;
}

static bool is_condition(unsigned condition)
{
    return condition <= LETHE_ZONE_CLOSED || condition >= LETHE_ZONE_READ_ONLY;
}

/* A conventional zone has no pointer, and one with a pointer says where it is. */
static bool agree(unsigned type, unsigned condition)
{
    bool conventional = type == LETHE_ZONE_CONVENTIONAL;
    return condition >= LETHE_ZONE_READ_ONLY ? !conventional || condition != LETHE_ZONE_FULL
                                             : conventional == (condition == LETHE_ZONE_NO_POINTER);
}

int lethe_zones_get(const struct lethe_zones *zones, size_t i, struct lethe_zone *out,
                    struct lethe_error *err)
{
    if (i >= zones->n)
        return lethe_fail(err, LETHE_E_USAGE, "no zone %zu in a report of %zu", i, zones->n);
    const uint8_t *d = zones->descriptors + i * LETHE_ZONE_BYTES;
    unsigned type = d[0] & 0xf, condition = d[1] >> 4;
    uint64_t length = lethe_be64(d + 8), start = lethe_be64(d + 16), pointer = lethe_be64(d + 24);
    memset(out, 0, sizeof *out);
    if (!is_type(type) || !is_condition(condition) || !agree(type, condition))
        return lethe_fail(err, LETHE_E_INVALID, "a zone of type %u in condition %u", type,
                          condition);
    if (length == 0 || start > INT64_MAX || length > INT64_MAX - start)
        return lethe_fail(err, LETHE_E_INVALID, "a zone that begins at %llu and has %llu blocks",
                          (unsigned long long)start, (unsigned long long)length);
    *out = (struct lethe_zone){.type = (enum lethe_zone_type)type,
                               .condition = (enum lethe_zone_condition)condition,
                               .start = start,
                               .length = length};
    if (condition == LETHE_ZONE_FULL)
        out->written = length;
    /* The field means nothing in the other conditions (ZBC-2 table 63). */
    if (condition < LETHE_ZONE_EMPTY || condition > LETHE_ZONE_CLOSED)
        return 0;
    if (pointer < start || pointer - start > length ||
        (condition == LETHE_ZONE_EMPTY && pointer != start)) {
        memset(out, 0, sizeof *out);
        return lethe_fail(err, LETHE_E_INVALID,
                          "the write pointer of the zone at %llu is at %llu, where it can't be",
                          (unsigned long long)start, (unsigned long long)pointer);
    }
    out->written = pointer - start;
    return 0;
}

#define VALID 0x80 /* bit 63 of a quadword: the drive has it */

int lethe_ata_zoned_parse(const uint8_t *data, size_t len, struct lethe_ata_zoned_page *out,
                          struct lethe_error *err)
{
    memset(out, 0, sizeof *out);
    if (len < 512)
        return lethe_fail(err, LETHE_E_INVALID, "zoned device information of only %zu bytes", len);
    /* Quadword 0: the page's number in bits 23:16, its revision in bits 15:0. */
    if (!(data[7] & VALID) || data[2] != LETHE_ATA_IDENTIFY_ZONED || lethe_le16(data) == 0 ||
        !(data[15] & VALID))
        return lethe_fail(err, LETHE_E_INVALID, "no zoned device information");
    out->unrestricted_reads = data[8] & 1;
    out->max_open = data[47] & VALID ? lethe_le32(data + 40) : UINT32_MAX;
    return 0;
}
