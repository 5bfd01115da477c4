/* SPDX-License-Identifier: Apache-2.0 */
/* SMART, and general purpose logs 00h, 04h and 30h. */
#include "emu/model/bytes.h"
#include "emu/model/model.h"

static void seal(uint8_t page[512])
{
    uint8_t sum = 0;
    for (unsigned i = 0; i < 511; i++)
        sum = (uint8_t)(sum + page[i]);
    page[511] = (uint8_t)-sum;
}

/* Attribute: id, flags, value, worst, raw (six bytes). */
static void attribute(uint8_t *at, unsigned id, unsigned value, uint64_t raw)
{
    at[0] = (uint8_t)id;
    put_le(at + 1, 2, 0x0033);
    at[3] = at[4] = (uint8_t)value;
    put_le(at + 5, 6, raw);
}

static void smart_data(const struct model *m, uint8_t page[512])
{
    const struct controller *c = &m->controller;
    put_le(page, 2, 16);
    attribute(page + 2, 5, c->reallocated ? 90 : 100, c->reallocated);
    attribute(page + 14, 9, 99, c->hours);
    attribute(page + 26, 12, 100, m->state->cycles);
    attribute(page + 38, 197, 100, c->pending);
    attribute(page + 50, 198, 100, c->uncorrectable);
    if (!c->magnetic)
        attribute(page + 62, 231, (unsigned)(c->life_used < 100 ? 100 - c->life_used : 1), 0);
    page[362] = 0x82; /* off-line data collection done */
    page[367] = 0x7b;
    put_le(page + 368, 2, 3);
    page[370] = 1;
    seal(page);
}

static void smart_thresholds(uint8_t page[512])
{
    put_le(page, 2, 16);
    page[2] = 5;
    page[3] = 10;
    seal(page);
}

static bool smart(struct model *m, struct ata_registers *r, uint8_t *data, size_t len)
{
    uint8_t page[512] = {0};
    if ((r->lba >> 8 & 0xffff) != 0xc24f)
        return false;
    switch (r->feature & 0xff) {
    case 0xd0:
        smart_data(m, page);
        break;
    case 0xd1:
        smart_thresholds(page);
        break;
    case 0xda: /* RETURN STATUS: 4Fh C2h, or F4h 2Ch when a threshold is exceeded */
        if (m->controller.health_failed)
            r->lba = (r->lba & 0xff) | 0x2cf400;
        return true;
    case 0xd8: /* enable, disable, autosave */
    case 0xd9:
    case 0xd2:
        return true;
    case 0xd5: /* READ LOG: the directory and empty ones */
        page[0] = (r->lba & 0xff) == 0;
        break;
    default:
        return false;
    }
    memcpy(data, page, len < sizeof(page) ? len : sizeof(page));
    return true;
}

/* Device statistics: 8 bytes each, b63 supported, b62 valid (ACS-3 A.5). */
static void statistic(uint8_t *page, unsigned offset, uint64_t value)
{
    put_le(page + offset, 8, value | 3ULL << 62);
}

static void statistics(const struct model *m, unsigned number, uint8_t page[512])
{
    const struct controller *c = &m->controller;
    put_le(page, 8, 1 | (uint64_t)number << 16);
    switch (number) {
    case 0: /* which there are */
        memcpy(page + 8, (const uint8_t[]){5, 0, 1, 3, 4, 7}, 6);
        break;
    case 1:
        statistic(page, 8, m->state->cycles);
        statistic(page, 16, c->hours);
        statistic(page, 24, m->power->bytes_written / 512);
        break;
    case 3:
        statistic(page, 32, c->reallocated);
        statistic(page, 56, c->pending); /* candidates for reallocation */
        break;
    case 4:
        statistic(page, 8, c->uncorrectable);
        break;
    case 7:
        statistic(page, 8, c->life_used);
        break;
    default:
        break;
    }
}

/* ZAC-2: zoned device information; b63 of each quadword says that it is there. */
static void zoned_information(const struct model *m, uint8_t page[512])
{
    put_le(page, 8, 1ULL << 63 | 9 << 16 | 1);
    put_le(page + 8, 8, 1ULL << 63 | (model_has(m, FEATURE_UNRESTRICTED_READS) ? 1u : 0));
    put_le(page + 40, 8, 1ULL << 63 | 128);
}

bool ata_log(struct model *m, struct ata_registers *r, uint8_t *data, size_t len)
{
    if (r->command == 0xb0)
        return smart(m, r, data, len);
    unsigned log = r->lba & 0xff, first = (unsigned)(r->lba >> 8) & 0xff;
    unsigned pages = log == 0x04 ? 8 : log == 0x30 ? 10 : log == 0 ? 1 : 0;
    if (first + r->count > pages || r->count == 0)
        return false;
    for (unsigned i = 0; i < r->count && (size_t)i * 512 < len; i++) {
        uint8_t page[512] = {0};
        unsigned number = first + i;
        if (log == 0) {
            put_le(page, 2, 1);
            put_le(page + 4 * 2, 2, 8);
            put_le(page + 0x30 * 2, 2, 10);
        } else if (log == 0x04) {
            statistics(m, number, page);
        } else if (number == 1) { /* a copy of IDENTIFY */
            ata_identify(m, page);
        } else if (number == 0) {
            put_le(page, 8, 1);
            memcpy(page + 8, (const uint8_t[]){2, 0, 1, 9}, 4);
            page[8] += zones_are_there(m);
        } else if (number == 9 && zones_are_there(m)) {
            zoned_information(m, page);
        }
        size_t left = len - (size_t)i * 512;
        memcpy(data + (size_t)i * 512, page, left < 512 ? left : 512);
    }
    return true;
}
