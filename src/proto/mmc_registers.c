/* SPDX-License-Identifier: Apache-2.0 */
/* CID and CSD (JESD84-B51 7.2, 7.3; SD Physical Layer 6.00 5.2, 5.3), SCR and SSR (SD 5.6, 4.10.2).
 */
#include "proto/bytes.h"
#include "proto/mmc.h"

#include <string.h>

/* Bits HIGH..LOW of a 128-bit register, numbered as the standards do. At most 32 of them. */
static uint32_t bits(const uint8_t reg[16], unsigned high, unsigned low)
{
    uint64_t value = 0;
    for (unsigned n = high + 1; n-- > low;)
        value = value << 1 | (reg[15 - n / 8] >> (n % 8) & 1);
    return (uint32_t)value;
}

static int empty(const char *what, const uint8_t *reg, size_t len, struct lethe_error *err)
{
    if (lethe_bytes_all(reg, len, 0) || lethe_bytes_all(reg, len, 0xff))
        return lethe_fail(err, LETHE_E_INVALID, "the register %s is empty", what);
    return 0;
}

int lethe_mmc_cid_parse(enum lethe_mmc_kind kind, const uint8_t cid[16], struct lethe_mmc_cid *out,
                        struct lethe_error *err)
{
    memset(out, 0, sizeof *out);
    int rc = empty("CID", cid, 16, err);
    if (rc < 0)
        return rc;
    out->manufacturer = cid[0];
    out->oem = lethe_be16(cid + 1);
    if (kind == LETHE_MMC_SD) {
        lethe_field_text(out->product, sizeof out->product, cid + 3, 5);
        out->revision = cid[8];
        out->serial = lethe_be32(cid + 9);
        out->year = 2000 + bits(cid, 19, 12);
        out->month = bits(cid, 11, 8);
    } else {
        lethe_field_text(out->product, sizeof out->product, cid + 3, 6);
        out->revision = cid[9];
        out->serial = lethe_be32(cid + 10);
        out->month = cid[14] >> 4;
        out->year = 1997 + (cid[14] & 0xf);
    }
    return 0;
}

int lethe_mmc_csd_parse(enum lethe_mmc_kind kind, const uint8_t csd[16], struct lethe_mmc_csd *out,
                        struct lethe_error *err)
{
    memset(out, 0, sizeof *out);
    int rc = empty("CSD", csd, 16, err);
    if (rc < 0)
        return rc;
    out->structure = (uint8_t)bits(csd, 127, 126);
    out->permanent_write_protect = bits(csd, 13, 13);
    out->temporary_write_protect = bits(csd, 12, 12);
    out->write_protect_groups = bits(csd, 31, 31);
    uint32_t read_bl_len = bits(csd, 83, 80);
    if (kind == LETHE_MMC_SD && out->structure >= 1) {
        /* Version 2 has 22 bits of C_SIZE, version 3 has 28; both in 512 KiB. */
        uint64_t size = bits(csd, out->structure == 1 ? 69 : 75, 48);
        out->capacity = (size + 1) * 512 * 1024;
        return 0;
    }
    uint32_t size = bits(csd, 73, 62);
    if (kind == LETHE_MMC_EMMC && size == 0xfff)
        return 0; /* over 2 GB: EXT_CSD tells */
    if (read_bl_len < 9 || read_bl_len > 11)
        return lethe_fail(err, LETHE_E_INVALID, "the register CSD tells blocks of 2^%u bytes",
                          read_bl_len);
    out->capacity = ((uint64_t)size + 1) << (bits(csd, 49, 47) + 2) << read_bl_len;
    uint32_t write_block = 1u << bits(csd, 25, 22);
    if (kind == LETHE_MMC_SD) /* SECTOR_SIZE, ERASE_BLK_EN */
        out->erase_unit = bits(csd, 46, 46) ? 512 : (bits(csd, 45, 39) + 1) * write_block;
    else /* ERASE_GRP_SIZE, ERASE_GRP_MULT */
        out->erase_unit = (bits(csd, 46, 42) + 1) * (bits(csd, 41, 37) + 1) * write_block;
    return 0;
}

int lethe_sd_scr_parse(const uint8_t scr[8], struct lethe_sd_scr *out, struct lethe_error *err)
{
    memset(out, 0, sizeof *out);
    if (lethe_bytes_all(scr, 8, 0xff))
        return lethe_fail(err, LETHE_E_INVALID, "the register SCR is empty");
    out->structure = scr[0] >> 4;
    out->erased_ones = scr[1] & 0x80;
    out->security = scr[1] >> 4 & 7;
    /* SD_SPEC, SD_SPEC3, SD_SPEC4, SD_SPECX (table 5-19). */
    unsigned spec = scr[0] & 0xf, specx = (unsigned)(scr[2] & 3) << 2 | scr[3] >> 6;
    if (spec < 2)
        out->version = 1;
    else if (specx > 0)
        out->version = (uint8_t)(4 + specx);
    else if (scr[2] & 0x04)
        out->version = 4;
    else
        out->version = scr[2] & 0x80 ? 3 : 2;
    return 0;
}

int lethe_sd_ssr_parse(const uint8_t ssr[64], struct lethe_sd_ssr *out, struct lethe_error *err)
{
    memset(out, 0, sizeof *out);
    if (lethe_bytes_all(ssr, 64, 0xff))
        return lethe_fail(err, LETHE_E_INVALID, "the SD status is empty");
    static const uint8_t classes[] = {0, 2, 4, 6, 10};
    /* Table 4-44: AU_SIZE, from 16 KiB doubling to 4 MiB, then as listed (KiB). */
    static const uint32_t units[] = {0,    16,   32,   64,    128,   256,   512,   1024,
                                     2048, 4096, 8192, 12288, 16384, 24576, 32768, 65536};
    if (ssr[8] < sizeof classes)
        out->speed_class = classes[ssr[8]];
    out->allocation_unit = (uint64_t)units[ssr[10] >> 4] * 1024;
    out->erase_size = lethe_be16(ssr + 11);
    out->erase_timeout_s = ssr[13] >> 2;
    out->erase_offset_s = ssr[13] & 3;
    out->discard = ssr[24] & 0x02; /* bit 313 */
    out->full_erase = ssr[24] & 0x01;
    return 0;
}
