/* SPDX-License-Identifier: Apache-2.0 */
#include "scan/vpd.h"
#include "base/text.h"

#include <string.h>

static unsigned be16(const uint8_t *p)
{
    return (unsigned)p[0] << 8 | p[1];
}

/* SPC-4 7.8.2: qualifier and type, page code, length (2 bytes), then that many bytes. Returns the
 * bytes behind the header that are both promised and there; 0 for another page. */
static size_t vpd_body(const uint8_t *page, size_t len, uint8_t code)
{
    if (len < 4 || page[1] != code)
        return 0;
    size_t promised = be16(page + 2);
    return promised < len - 4 ? promised : len - 4;
}

bool lethe_vpd_serial(struct lethe_vpd *vpd, const uint8_t *page, size_t len)
{
    size_t n = vpd_body(page, len, 0x80);
    if (n == 0)
        return false;
    lethe_text_clean(vpd->serial, sizeof vpd->serial, (const char *)page + 4, n);
    return vpd->serial[0] != '\0';
}

static bool all_same(const uint8_t *p, size_t n, uint8_t value)
{
    for (size_t i = 0; i < n; i++)
        if (p[i] != value)
            return false;
    return true;
}

bool lethe_vpd_designators(struct lethe_vpd *vpd, const uint8_t *page, size_t len)
{
    size_t n = vpd_body(page, len, 0x83), at = 0;
    const uint8_t *body = page + 4;
    bool found = false;
    /* SPC-4 7.8.6.1: code set, association and type, reserved, length, designator. */
    while (n >= 4 && at <= n - 4) {
        const uint8_t *d = body + at;
        size_t size = d[3];
        if (size > n - at - 4)
            return found;
        unsigned code_set = d[0] & 0x0f, association = d[1] >> 4 & 3, type = d[1] & 0x0f;
        const uint8_t *id = d + 4;
        /* Only what names the logical unit: a target port's name stays when the drive is changed.
         */
        if (association == 0 && code_set == 1 && !all_same(id, size, 0) &&
            !all_same(id, size, 0xff)) {
            if (type == 3 && (size == 8 || size == 16) && strlen(vpd->naa) < 2 * size) {
                lethe_hex_encode(vpd->naa, id, size);
                found = true;
            } else if (type == 2 && (size == 8 || size == 16) && strlen(vpd->eui) < 2 * size) {
                lethe_hex_encode(vpd->eui, id, size);
                found = true;
            }
        }
        at += 4 + size;
    }
    return found;
}

bool lethe_vpd_characteristics(struct lethe_vpd *vpd, const uint8_t *page, size_t len)
{
    /* SBC-3 6.6.2: MEDIUM ROTATION RATE in bytes 4-5. */
    if (vpd_body(page, len, 0xb1) < 2)
        return false;
    vpd->rotation = (uint16_t)be16(page + 4);
    return true;
}

/* ATA strings (ACS-3 3.4.9): words whose high byte comes first, padded with spaces. */
static void ata_string(char *out, size_t size, const uint8_t *word, size_t bytes)
{
    char text[40];
    for (size_t i = 0; i < bytes; i += 2) {
        text[i] = (char)word[i + 1];
        text[i + 1] = (char)word[i];
    }
    lethe_text_clean(out, size, text, bytes);
}

static unsigned ata_word(const uint8_t *identify, size_t index)
{
    return (unsigned)identify[2 * index + 1] << 8 | identify[2 * index];
}

bool lethe_vpd_ata(struct lethe_vpd *vpd, const uint8_t *page, size_t len)
{
    /* SAT-4 12.4.2: 56 bytes of header and signature, then 512 bytes of IDENTIFY DEVICE data;
     * byte 56 tells the command: ECh is a disk, A1h a packet device. */
    if (vpd_body(page, len, 0x89) < 568 || page[56] != 0xec)
        return false;
    const uint8_t *identify = page + 60;
    if (identify[510] == 0xa5) { /* ACS-3 7.12.7: integrity word present, so it must hold */
        uint8_t sum = 0;
        for (size_t i = 0; i < 512; i++)
            sum = (uint8_t)(sum + identify[i]);
        if (sum != 0)
            return false;
    }
    ata_string(vpd->ata_serial, sizeof vpd->ata_serial, identify + 20, 20);
    ata_string(vpd->ata_firmware, sizeof vpd->ata_firmware, identify + 46, 8);
    ata_string(vpd->ata_model, sizeof vpd->ata_model, identify + 54, 40);
    if (vpd->ata_serial[0] == '\0' || vpd->ata_model[0] == '\0')
        return false;
    /* Words 108-111 hold the WWN when word 87 bit 8 says so and bits 15:14 say it is valid. */
    if ((ata_word(identify, 87) & 0xc100) == 0x4100) {
        uint8_t wwn[8];
        for (size_t i = 0; i < 4; i++) {
            wwn[2 * i] = (uint8_t)(ata_word(identify, 108 + i) >> 8);
            wwn[2 * i + 1] = (uint8_t)ata_word(identify, 108 + i);
        }
        if (!all_same(wwn, sizeof wwn, 0) && !all_same(wwn, sizeof wwn, 0xff))
            lethe_hex_encode(vpd->ata_wwn, wwn, sizeof wwn);
    }
    vpd->ata_rotation = (uint16_t)ata_word(identify, 217);
    vpd->ata = true;
    return true;
}
