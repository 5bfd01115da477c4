/* SPDX-License-Identifier: Apache-2.0 */
/* Areas that a drive does not count in its capacity: host protected area (ATA8-ACS 4.11),
 * accessible max address configuration (ACS-3 and later), device configuration overlay
 * (ATA8-ACS 4.8). */
#include "proto/ata_taskfile.h"
#include "proto/bytes.h"

#include <inttypes.h>
#include <string.h>

static int check_lba(uint64_t lba, bool ext, struct lethe_error *err)
{
    if (lba >> (ext ? 48 : 28))
        return lethe_fail(err, LETHE_E_USAGE, "LBA %" PRIu64 " does not fit into %d bits", lba,
                          ext ? 48 : 28);
    return 0;
}

struct lethe_ata_taskfile lethe_ata_cmd_read_native_max(bool ext)
{
    return non_data(ext ? 0x27 : 0xf8, 0, ext);
}

int lethe_ata_cmd_set_max(bool ext, uint64_t max_lba, bool persist, struct lethe_ata_taskfile *out,
                          struct lethe_error *err)
{
    int rc = check_lba(max_lba, ext, err);
    if (rc < 0)
        return rc;
    *out = non_data(ext ? 0x37 : 0xf9, 0, ext);
    out->lba = max_lba;
    out->count = persist ? 1 : 0; /* ATA8-ACS 7.54.2 V V bit */
    return 0;
}

bool lethe_ata_result_max_lba(const struct lethe_ata_result *result, bool ext, uint64_t *max_lba)
{
    const unsigned needed =
        LETHE_ATA_KNOWN_LBA_LOW | (ext ? LETHE_ATA_KNOWN_LBA_HIGH : LETHE_ATA_KNOWN_DEVICE);
    if (!lethe_ata_succeeded(result) || (result->known & needed) != needed)
        return false;
    *max_lba =
        ext ? result->lba : (result->lba & 0xffffff) | (uint64_t)(result->device & 0xf) << 24;
    return true;
}

struct lethe_ata_taskfile lethe_ata_cmd_amac_get(void)
{
    return non_data(0x78, 0x0000, true);
}

int lethe_ata_cmd_amac_set(uint64_t max_lba, struct lethe_ata_taskfile *out,
                           struct lethe_error *err)
{
    int rc = check_lba(max_lba, true, err);
    if (rc < 0)
        return rc;
    *out = non_data(0x78, 0x0001, true);
    out->lba = max_lba;
    return 0;
}

struct lethe_ata_taskfile lethe_ata_cmd_amac_freeze(void)
{
    return non_data(0x78, 0x0002, true);
}

struct lethe_ata_taskfile lethe_ata_cmd_dco_restore(void)
{
    return non_data(0xb1, 0xc0, false);
}

struct lethe_ata_taskfile lethe_ata_cmd_dco_freeze(void)
{
    return non_data(0xb1, 0xc1, false);
}

struct lethe_ata_taskfile lethe_ata_cmd_dco_identify(void)
{
    return (struct lethe_ata_taskfile){.command = 0xb1,
                                       .feature = 0xc2,
                                       .count = 1,
                                       .blocks = 1,
                                       .protocol = LETHE_ATA_PIO_IN,
                                       .transfer = LETHE_TRANSFER_IN,
                                       .device = DEVICE_LBA};
}

int lethe_ata_dco_parse(const uint8_t *data, size_t len, struct lethe_ata_dco *out,
                        struct lethe_error *err)
{
    memset(out, 0, sizeof *out);
    if (len < LETHE_ATA_BLOCK)
        return lethe_fail(err, LETHE_E_INVALID,
                          "the device configuration overlay has %zu bytes, not 512", len);
    uint8_t sum = 0;
    for (size_t i = 0; i < LETHE_ATA_BLOCK; i++)
        sum = (uint8_t)(sum + data[i]);
    if (data[510] != 0xa5 || sum != 0) /* ATA8-ACS table 60: word 255 is always there */
        return lethe_fail(err, LETHE_E_INVALID,
                          "the device configuration overlay has a wrong checksum");
    out->revision = lethe_le16(data);
    out->max_lba = lethe_le64(data + 6) & 0xffffffffffff;
    uint16_t features = lethe_le16(data + 14);
    out->security = features & 1 << 3;
    out->hpa = features & 1 << 7;
    out->lba48 = features & 1 << 8;
    return 0;
}
