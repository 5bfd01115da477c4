/* SPDX-License-Identifier: Apache-2.0 */
/* Vital product data pages (SPC-5 7.7, SBC-4 6.6, SAT-4 12.4.2). */
#include "base/text.h"
#include "proto/bytes.h"
#include "proto/scsi_inquiry.h"

#include <stdio.h>
#include <string.h>

/* Page code and length; *END is where the page ends, at least NEEDED on success. */
static int page(const uint8_t *data, size_t len, uint8_t code, size_t needed, size_t *end,
                struct lethe_error *err)
{
    *end = 0;
    if (len < 4)
        return lethe_fail(err, LETHE_E_INVALID, "VPD page %02xh has only %zu bytes", code, len);
    if (data[1] != code)
        return lethe_fail(err, LETHE_E_INVALID,
                          "asked for VPD page %02xh the device answered another one", code);
    *end = 4 + (size_t)lethe_be16(data + 2);
    if (*end > len)
        *end = len;
    if (*end < needed)
        return lethe_fail(err, LETHE_E_INVALID, "VPD page %02xh ends after %zu bytes", code, *end);
    return 0;
}

int lethe_vpd_pages_parse(const uint8_t *data, size_t len, struct lethe_vpd_pages *out,
                          struct lethe_error *err)
{
    memset(out, 0, sizeof *out);
    size_t end;
    int rc = page(data, len, 0x00, 4, &end, err);
    if (rc < 0)
        return rc;
    for (size_t i = 4; i < end; i++)
        out->has[data[i]] = true;
    return 0;
}

int lethe_vpd_serial_parse(const uint8_t *data, size_t len, char *out, size_t out_size,
                           struct lethe_error *err)
{
    size_t end;
    int rc = page(data, len, 0x80, 4, &end, err);
    if (rc < 0)
        return rc;
    lethe_field_text(out, out_size, data + 4, end - 4);
    return 0;
}

static void hex_once(char out[33], const uint8_t *data, size_t len)
{
    if (out[0] == '\0' && len > 0 && len <= 16 && !lethe_bytes_all(data, len, 0))
        lethe_hex_encode(out, data, len);
}

int lethe_vpd_identification_parse(const uint8_t *data, size_t len,
                                   struct lethe_vpd_identification *out, struct lethe_error *err)
{
    memset(out, 0, sizeof *out);
    size_t end;
    int rc = page(data, len, 0x83, 4, &end, err);
    if (rc < 0)
        return rc;
    for (size_t at = 4; at + 4 <= end; at += 4 + (size_t)data[at + 3]) {
        const uint8_t *d = data + at;
        size_t n = d[3];
        if (at + 4 + n > end)
            break;
        if (d[1] >> 4 & 3) /* association: of a port or a target, not of the unit */
            continue;
        bool binary = (d[0] & 0xf) == 1;
        switch (d[1] & 0xf) {
        case 1:
            if (out->t10[0] == '\0')
                lethe_field_text(out->t10, sizeof out->t10, d + 4, n);
            break;
        case 2:
            if (binary)
                hex_once(out->eui, d + 4, n);
            break;
        case 3:
            if (binary)
                hex_once(out->naa, d + 4, n);
            break;
        case 8:
            if (out->name[0] == '\0')
                lethe_field_text(out->name, sizeof out->name, d + 4, n);
            break;
        default:
            break;
        }
    }
    return 0;
}

int lethe_vpd_ata_parse(const uint8_t *data, size_t len, struct lethe_vpd_ata *out,
                        struct lethe_error *err)
{
    memset(out, 0, sizeof *out);
    size_t end;
    int rc = page(data, len, 0x89, 60 + 512, &end, err);
    if (rc < 0)
        return rc;
    lethe_field_text(out->sat_vendor, sizeof out->sat_vendor, data + 8, 8);
    lethe_field_text(out->sat_product, sizeof out->sat_product, data + 16, 16);
    lethe_field_text(out->sat_revision, sizeof out->sat_revision, data + 32, 4);
    out->identify_command = data[56];
    out->identify = data + 60;
    return 0;
}

int lethe_vpd_limits_parse(const uint8_t *data, size_t len, struct lethe_vpd_limits *out,
                           struct lethe_error *err)
{
    memset(out, 0, sizeof *out);
    size_t end;
    int rc = page(data, len, 0xb0, 16, &end, err); /* SBC-2 had 16 bytes */
    if (rc < 0)
        return rc;
    out->transfer_granularity = lethe_be16(data + 6);
    out->max_transfer = lethe_be32(data + 8);
    out->optimal_transfer = lethe_be32(data + 12);
    if (end >= 32) {
        out->max_unmap = lethe_be32(data + 20);
        out->unmap_granularity = lethe_be32(data + 28);
    }
    if (end >= 44)
        out->max_write_same = lethe_be64(data + 36);
    return 0;
}

int lethe_vpd_characteristics_parse(const uint8_t *data, size_t len,
                                    struct lethe_vpd_characteristics *out, struct lethe_error *err)
{
    memset(out, 0, sizeof *out);
    size_t end;
    int rc = page(data, len, 0xb1, 8, &end, err);
    if (rc < 0)
        return rc;
    uint16_t rate = lethe_be16(data + 4);
    if (rate == 1 || (rate >= 0x401 && rate != 0xffff))
        out->rotation_rate = rate;
    out->after_block_erase = (enum lethe_after_erase)(data[7] >> 6);
    out->after_crypto_erase = (enum lethe_after_erase)(data[7] >> 4 & 3);
    out->form_factor = data[7] & 0xf;
    if (end >= 9)
        out->zoned = data[8] >> 4 & 3;
    return 0;
}

int lethe_vpd_provisioning_parse(const uint8_t *data, size_t len,
                                 struct lethe_vpd_provisioning *out, struct lethe_error *err)
{
    memset(out, 0, sizeof *out);
    size_t end;
    int rc = page(data, len, 0xb2, 8, &end, err);
    if (rc < 0)
        return rc;
    out->unmap = data[5] & 0x80;
    out->write_same_unmap = data[5] & 0x40;
    out->write_same10_unmap = data[5] & 0x20;
    out->reads_zero = data[5] >> 2 & 7;
    out->type = data[6] & 7;
    return 0;
}

int lethe_vpd_zoned_parse(const uint8_t *data, size_t len, struct lethe_vpd_zoned *out,
                          struct lethe_error *err)
{
    memset(out, 0, sizeof *out);
    size_t end;
    int rc = page(data, len, 0xb6, 20, &end, err);
    if (rc < 0)
        return rc;
    out->unrestricted_reads = data[4] & 1;
    out->max_open_zones = lethe_be32(data + 16);
    return 0;
}
