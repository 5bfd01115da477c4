/* SPDX-License-Identifier: Apache-2.0 */
/* EXT_CSD of an eMMC (JESD84-B51 7.4, table 104). */
#include "base/text.h"
#include "proto/bytes.h"
#include "proto/mmc.h"

#include <string.h>

#define KIB 1024u

static bool bit(uint8_t value, unsigned n)
{
    return value >> n & 1;
}

static uint32_t le24(const uint8_t *p)
{
    return (uint32_t)p[2] << 16 | lethe_le16(p);
}

static void partitions(const uint8_t *data, struct lethe_ext_csd *out)
{
    out->boot_bytes = (uint64_t)data[226] * 128 * KIB;
    out->rpmb_bytes = (uint64_t)data[168] * 128 * KIB;
    /* Sizes in units of write protect groups (7.4.64, 7.4.66). */
    uint64_t unit = (uint64_t)data[221] * data[224] * 512 * KIB;
    for (size_t i = 0; i < 4; i++)
        out->gp_bytes[i] = le24(data + 143 + 3 * i) * unit;
    out->enhanced_bytes = le24(data + 140) * unit;
    out->partitioned = bit(data[155], 0);
    out->partition_config = data[179];
}

static void erasing(const uint8_t *data, struct lethe_ext_csd *out)
{
    out->erase_group = (uint32_t)data[224] * 512 * KIB;
    out->write_protect_group = data[221] * out->erase_group;
    out->erase_group_in_use = bit(data[175], 0);
    out->secure_erase = bit(data[231], 0);
    out->secure_bad_block = bit(data[231], 2);
    out->trim = bit(data[231], 4);
    out->sanitize = bit(data[231], 6);
    out->discard = out->revision >= 6;
    out->erased_value = data[181] & 1 ? 0xff : 0x00;
    out->erase_timeout_ms = 300u * data[223];
    out->trim_timeout_ms = 300u * data[232];
    out->removal_type = data[16] & 0x3f;
}

static void protection(const uint8_t *data, struct lethe_ext_csd *out)
{
    out->user_wp_power_on = bit(data[171], 0);
    out->user_wp_permanent = bit(data[171], 2);
    out->user_wp_permanent_disabled = bit(data[171], 4);
    out->boot_wp_power_on = bit(data[173], 0);
    out->boot_wp_permanent = bit(data[173], 2);
    out->boot_wp_status = data[174] & 0xf;
}

int lethe_ext_csd_parse(const uint8_t *data, size_t len, struct lethe_ext_csd *out,
                        struct lethe_error *err)
{
    memset(out, 0, sizeof *out);
    if (len < LETHE_MMC_EXT_CSD_SIZE)
        return lethe_fail(err, LETHE_E_INVALID, "EXT_CSD has %zu bytes, not 512", len);
    if (lethe_bytes_all(data, LETHE_MMC_EXT_CSD_SIZE, 0) ||
        lethe_bytes_all(data, LETHE_MMC_EXT_CSD_SIZE, 0xff))
        return lethe_fail(err, LETHE_E_INVALID, "EXT_CSD is empty");
    out->revision = data[192];
    out->sectors = lethe_le32(data + 212);
    partitions(data, out);
    erasing(data, out);
    protection(data, out);
    out->cache_bytes = (uint64_t)lethe_le32(data + 249) * 128; /* in Kbit */
    if (out->revision >= 7) {                                  /* eMMC 5.0 */
        if (!lethe_bytes_all(data + 254, 8, 0))
            lethe_hex_encode(out->firmware, data + 254, 8);
        out->pre_eol = data[267] <= 3 ? data[267] : 0;
        out->life_a = data[268] <= 11 ? data[268] : 0;
        out->life_b = data[269] <= 11 ? data[269] : 0;
    }
    return 0;
}
