/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/scsi_inquiry.h"

#include "proto/bytes.h"

#include <string.h>

static int too_short(const char *what, size_t len, struct lethe_error *err)
{
    return lethe_fail(err, LETHE_E_INVALID, "%s of %zu bytes is too short", what, len);
}

int lethe_scsi_inquiry_parse(const uint8_t *data, size_t len, struct lethe_scsi_inquiry *out,
                             struct lethe_error *err)
{
    memset(out, 0, sizeof *out);
    if (len < 36)
        return too_short("INQUIRY data", len, err);
    out->peripheral_type = data[0] & 0x1f;
    out->qualifier = data[0] >> 5;
    out->removable = data[1] & 0x80;
    out->version = data[2];
    out->protect = data[5] & 1;
    lethe_field_text(out->vendor, sizeof out->vendor, data + 8, 8);
    lethe_field_text(out->product, sizeof out->product, data + 16, 16);
    lethe_field_text(out->revision, sizeof out->revision, data + 32, 4);
    out->sat = strcmp(out->vendor, "ATA") == 0; /* SAT-4 9.2.2.2 */
    return 0;
}

int lethe_scsi_capacity10_parse(const uint8_t *data, size_t len, struct lethe_scsi_capacity *out,
                                struct lethe_error *err)
{
    memset(out, 0, sizeof *out);
    if (len < 8)
        return too_short("READ CAPACITY (10)", len, err);
    uint32_t last = lethe_be32(data);
    out->logical_block = lethe_be32(data + 4);
    out->physical_block = out->logical_block;
    out->more = last == UINT32_MAX;
    out->blocks = (uint64_t)last + 1;
    return 0;
}

int lethe_scsi_capacity16_parse(const uint8_t *data, size_t len, struct lethe_scsi_capacity *out,
                                struct lethe_error *err)
{
    memset(out, 0, sizeof *out);
    if (len < 12)
        return too_short("READ CAPACITY (16)", len, err);
    uint64_t last = lethe_be64(data);
    if (last == UINT64_MAX)
        return lethe_fail(err, LETHE_E_INVALID, "READ CAPACITY (16) tells an impossible size");
    out->blocks = last + 1;
    out->logical_block = lethe_be32(data + 8);
    out->physical_block = out->logical_block;
    if (len < 16)
        return 0; /* SBC-2 had 12 bytes */
    out->protection = data[12] & 1;
    out->protection_type = out->protection ? (uint8_t)((data[12] >> 1 & 7) + 1) : 0;
    unsigned exponent = data[13] & 0xf;
    if (((uint64_t)out->logical_block << exponent) <= UINT32_MAX)
        out->physical_block = out->logical_block << exponent;
    out->provisioning = data[14] & 0x80;
    out->reads_zero = data[14] & 0x40;
    return 0;
}

int lethe_scsi_luns_parse(const uint8_t *data, size_t len, uint64_t *out, size_t cap,
                          struct lethe_error *err)
{
    if (len < 8)
        return too_short("REPORT LUNS data", len, err);
    size_t bytes = lethe_be32(data);
    if (bytes > len - 8)
        bytes = len - 8;
    size_t n = bytes / 8;
    for (size_t i = 0; i < n && i < cap; i++)
        out[i] = lethe_be64(data + 8 + 8 * i);
    return (int)n;
}

int lethe_scsi_support_parse(const uint8_t *data, size_t len, enum lethe_scsi_support *out,
                             struct lethe_error *err)
{
    *out = LETHE_SCSI_SUPPORT_UNTOLD;
    if (len < 4)
        return too_short("REPORT SUPPORTED OPERATION CODES data", len, err);
    switch (data[1] & 7) {
    case LETHE_SCSI_SUPPORT_NO:
    case LETHE_SCSI_SUPPORT_STANDARD:
    case LETHE_SCSI_SUPPORT_VENDOR:
        *out = (enum lethe_scsi_support)(data[1] & 7);
        break;
    default:
        break;
    }
    return 0;
}

int lethe_scsi_mode_parse(const uint8_t *data, size_t len, bool ten, struct lethe_scsi_mode *out,
                          struct lethe_error *err)
{
    memset(out, 0, sizeof *out);
    size_t header = ten ? 8 : 4;
    if (len < header)
        return too_short("MODE SENSE data", len, err);
    uint8_t specific = ten ? data[3] : data[2];
    size_t told = ten ? (size_t)lethe_be16(data) + 2 : (size_t)data[0] + 1;
    size_t descriptors = ten ? lethe_be16(data + 6) : data[3];
    bool longlba = ten && (data[4] & 1);
    out->write_protected = specific & 0x80;
    out->dpofua = specific & 0x10;
    if (told < len)
        len = told;
    if (len < header || descriptors > len - header)
        return too_short("MODE SENSE data", len, err);
    const uint8_t *d = data + header;
    if (longlba && descriptors >= 16) { /* SBC-4 6.5.2.3 */
        out->blocks = lethe_be64(d);
        out->block_length = lethe_be32(d + 12);
    } else if (!longlba && descriptors >= 8) { /* SBC-4 6.5.2.2 */
        out->blocks = lethe_be32(d);
        out->block_length = lethe_be24(d + 5);
    }
    if (len > header + descriptors) {
        out->page = d + descriptors;
        out->page_len = len - header - descriptors;
    }
    return 0;
}
