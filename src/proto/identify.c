/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/identify.h"

#include "proto/bytes.h"

#include <stdio.h>
#include <string.h>

#define SIZE 512

static uint16_t word(const uint8_t *data, unsigned n)
{
    return lethe_le16(data + 2 * (size_t)n);
}

/* Most words carry their own sign of life: bit 15 clear, bit 14 set. */
static bool alive(uint16_t value)
{
    return (value & 0xc000) == 0x4000;
}

/* Words 82, 85, 80 ... have none: all zeros and all ones mean that they are not used. */
static bool used(uint16_t value)
{
    return value != 0 && value != 0xffff;
}

static bool bit(uint16_t value, unsigned n)
{
    return value >> n & 1;
}

static void text(const uint8_t *data, struct lethe_ata_identify *out)
{
    lethe_field_ata_text(out->serial, sizeof out->serial, data + 20, 20);
    lethe_field_ata_text(out->firmware, sizeof out->firmware, data + 46, 8);
    lethe_field_ata_text(out->model, sizeof out->model, data + 54, 40);
    lethe_field_ata_text(out->additional_product, sizeof out->additional_product, data + 340, 8);
    uint16_t w87 = word(data, 87);
    if (alive(w87) && bit(w87, 8))
        snprintf(out->wwn, sizeof out->wwn, "%04x%04x%04x%04x", word(data, 108), word(data, 109),
                 word(data, 110), word(data, 111));
}

static void sizes(const uint8_t *data, struct lethe_ata_identify *out)
{
    uint16_t w83 = word(data, 83), w106 = word(data, 106), w209 = word(data, 209);
    out->lba48 = alive(w83) && bit(w83, 10);
    out->sectors = lethe_le32(data + 120);
    if (out->lba48 && lethe_le64(data + 200) != 0)
        out->sectors = lethe_le64(data + 200);
    /* ACS-4 7.13.6.36: words 100-103 stop at 2^48-1; words 230-233 count when word 69 b3 is set. */
    if (out->lba48 && used(word(data, 69)) && bit(word(data, 69), 3) && lethe_le64(data + 460) != 0)
        out->sectors = lethe_le64(data + 460);
    out->logical_sector = 512;
    out->physical_sector = 512;
    if (alive(w106)) {
        uint32_t words = lethe_le32(data + 234);
        if (bit(w106, 12) && words >= 256 && words <= 1 << 20)
            out->logical_sector = words * 2;
        out->physical_sector = out->logical_sector << (bit(w106, 13) ? w106 & 0xf : 0);
    }
    if (alive(w209))
        out->logical_alignment = w209 & 0x3fff;
}

/* Words 89 and 90 (ACS-4 7.13.6.30): with bit 15 the extended format of 15 bits; units of 2 min. */
static uint32_t erase_minutes(uint16_t value)
{
    return 2u * (bit(value, 15) ? value & 0x7fffu : value & 0xffu);
}

static void security(const uint8_t *data, struct lethe_ata_identify *out)
{
    uint16_t w128 = word(data, 128);
    if (!used(w128) || !bit(w128, 0))
        return;
    out->security.supported = true;
    out->security.enabled = bit(w128, 1);
    out->security.locked = bit(w128, 2);
    out->security.frozen = bit(w128, 3);
    out->security.count_expired = bit(w128, 4);
    out->security.enhanced_erase = bit(w128, 5);
    out->security.level_maximum = bit(w128, 8);
    out->security.erase_minutes = erase_minutes(word(data, 89));
    out->security.enhanced_erase_minutes = erase_minutes(word(data, 90));
    out->security.master_password_id = word(data, 92);
}

static void features(const uint8_t *data, struct lethe_ata_identify *out)
{
    uint16_t w48 = word(data, 48), w59 = word(data, 59), w69 = word(data, 69);
    uint16_t w82 = word(data, 82), w83 = word(data, 83), w84 = word(data, 84);
    uint16_t w85 = word(data, 85), w86 = word(data, 86), w87 = word(data, 87);
    uint16_t w119 = word(data, 119), w206 = word(data, 206), w169 = word(data, 169);
    out->trusted = alive(w48) && bit(w48, 0);
    if (w59 != 0xffff && bit(w59, 12)) {
        out->sanitize.supported = true;
        out->sanitize.antifreeze = bit(w59, 10);
        out->sanitize.acs3 = bit(w59, 11);
        out->sanitize.crypto = bit(w59, 13);
        out->sanitize.overwrite = bit(w59, 14);
        out->sanitize.block_erase = bit(w59, 15);
    }
    if (used(w69)) {
        out->trim.deterministic = bit(w69, 14);
        out->trim.reads_zero = bit(w69, 5);
        out->trim.encrypts_all = bit(w69, 4);
        switch (w69 & 3) {
        case 1:
            out->zoned = LETHE_ATA_ZONED_HOST_AWARE;
            break;
        case 2:
            out->zoned = LETHE_ATA_ZONED_DEVICE;
            break;
        default:
            break;
        }
    }
    out->trim.supported = used(w169) && bit(w169, 0);
    if (alive(w83) && used(w82)) {
        out->smart.supported = bit(w82, 0);
        out->write_cache = bit(w82, 5);
        out->hidden.hpa_supported = bit(w82, 10);
    }
    if (alive(w83)) {
        out->hidden.hpa_security = bit(w83, 8);
        out->hidden.dco_supported = bit(w83, 11);
    }
    if (alive(w84)) {
        out->smart.error_logging = bit(w84, 0);
        out->smart.self_test = bit(w84, 1);
        out->general_logging = bit(w84, 5);
    }
    if (alive(w87)) { /* it speaks for 85 and 86, too */
        out->smart.enabled = bit(w85, 0);
        out->write_cache_enabled = bit(w85, 5);
        out->hidden.hpa_enabled = bit(w85, 10);
        if (bit(w86, 15) && alive(w119)) {
            out->sense_data_reporting = bit(w119, 6);
            out->hidden.amac_supported = bit(w119, 8);
        }
    }
    out->smart_command_transport = used(w206) && bit(w206, 0);
}

static void figures(const uint8_t *data, struct lethe_ata_identify *out)
{
    uint16_t w80 = word(data, 80), w168 = word(data, 168), w217 = word(data, 217);
    if (used(w80))
        for (unsigned n = 1; n < 15; n++)
            if (bit(w80, n))
                out->major = n;
    if (used(w168))
        out->form_factor = w168 & 0xf;
    if (w217 == 1 || (w217 >= 0x401 && w217 != 0xffff))
        out->rotation_rate = w217;
}

int lethe_ata_identify_parse(const uint8_t *data, size_t len, struct lethe_ata_identify *out,
                             struct lethe_error *err)
{
    memset(out, 0, sizeof *out);
    if (len < SIZE)
        return lethe_fail(err, LETHE_E_INVALID, "IDENTIFY DEVICE has %zu bytes, not 512", len);
    if (lethe_bytes_all(data, SIZE, 0) || lethe_bytes_all(data, SIZE, 0xff))
        return lethe_fail(err, LETHE_E_INVALID,
                          "IDENTIFY DEVICE is empty: the bridge passes no ATA commands on");
    if (data[510] == 0xa5) { /* ACS-4 7.13.6.82 */
        uint8_t sum = 0;
        for (size_t i = 0; i < SIZE; i++)
            sum = (uint8_t)(sum + data[i]);
        if (sum != 0)
            return lethe_fail(err, LETHE_E_INVALID, "IDENTIFY DEVICE has a wrong checksum");
        out->checksum_present = true;
    }
    /* 848Ah is a CompactFlash card, which is a disk in spite of bit 15 (CFA 4.0 6.2.1.6.1). */
    out->ata = !bit(word(data, 0), 15) || word(data, 0) == 0x848a;
    text(data, out);
    if (out->model[0] == '\0')
        return lethe_fail(err, LETHE_E_INVALID,
                          "IDENTIFY DEVICE names no model: not the answer of an ATA device");
    sizes(data, out);
    security(data, out);
    features(data, out);
    figures(data, out);
    return 0;
}
