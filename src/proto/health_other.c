/* SPDX-License-Identifier: Apache-2.0 */
/* Health of what is not ATA: SCSI log pages (SPC-5 7.3, SBC-4 6.4), the NVMe SMART log (Base 2.0
 * 5.16.1.3), eMMC life estimates (JESD84-B51 7.4.3). */
#include "proto/bytes.h"
#include "proto/smart.h"

#include <string.h>

/* One parameter of a log page; VALUE is inside the page. */
struct parameter {
    uint16_t code;
    const uint8_t *value;
    size_t len;
};

/* Counters have any length up to 8 bytes, more only with leading zeros. */
static uint64_t counter(const struct parameter *p)
{
    uint64_t value = 0;
    for (size_t i = 0; i < p->len; i++) {
        if (value >> 56)
            return UINT64_MAX;
        value = value << 8 | p->value[i];
    }
    return value;
}

/* Error counter pages differ by page only in what was done: their totals add up. */
static void error_counter(struct lethe_health *health, uint8_t page, const struct parameter *p)
{
    if (p->code == 0x0006) { /* total uncorrected errors */
        uint64_t value = counter(p);
        health->uncorrectable =
            value > UINT64_MAX - health->uncorrectable ? UINT64_MAX : health->uncorrectable + value;
        health->known |= LETHE_HEALTH_UNCORRECTABLE;
    } else if (p->code == 0x0005 && page == LETHE_SCSI_LOG_WRITE_ERRORS) {
        health->written = counter(p); /* total bytes processed */
        health->known |= LETHE_HEALTH_WRITTEN;
    }
}

static void take(struct lethe_health *health, uint8_t page, const struct parameter *p)
{
    switch (page) {
    case LETHE_SCSI_LOG_WRITE_ERRORS:
    case LETHE_SCSI_LOG_READ_ERRORS:
    case LETHE_SCSI_LOG_VERIFY_ERRORS:
        error_counter(health, page, p);
        break;
    case LETHE_SCSI_LOG_TEMPERATURE:
        if (p->code == 0 && p->len >= 2 && p->value[1] != 0xff) {
            health->temperature = p->value[1];
            health->known |= LETHE_HEALTH_TEMPERATURE;
        }
        break;
    case LETHE_SCSI_LOG_SSD: /* percentage used endurance indicator */
        if (p->code == 1 && p->len >= 4) {
            health->used = p->value[3];
            health->known |= LETHE_HEALTH_USED;
        }
        break;
    case LETHE_SCSI_LOG_BACKGROUND: /* accumulated power on minutes */
        if (p->code == 0 && p->len >= 4) {
            health->power_on_hours = lethe_be32(p->value) / 60;
            health->known |= LETHE_HEALTH_HOURS;
        }
        break;
    case LETHE_SCSI_LOG_EXCEPTIONS: /* 5Dh: failure prediction threshold exceeded */
        if (p->code == 0 && p->len >= 2) {
            health->failing = health->failing || p->value[0] == 0x5d;
            health->known |= LETHE_HEALTH_FAILING;
        }
        break;
    default:
        break;
    }
}

int lethe_health_add_scsi_log(struct lethe_health *health, const uint8_t *data, size_t len,
                              uint8_t page, struct lethe_error *err)
{
    if (len < 4 || (data[0] & 0x3f) != page || (data[0] & 0x40))
        return lethe_fail(err, LETHE_E_INVALID,
                          "asked for log page %02xh the device answered another one", page);
    size_t end = 4 + (size_t)lethe_be16(data + 2);
    if (end > len)
        end = len;
    for (size_t at = 4; at + 4 <= end; at += 4 + (size_t)data[at + 3]) {
        struct parameter p = {lethe_be16(data + at), data + at + 4, data[at + 3]};
        if (at + 4 + p.len > end)
            break;
        take(health, page, &p);
    }
    return 0;
}

int lethe_health_add_scsi_defects(struct lethe_health *health, const uint8_t *data, size_t len,
                                  struct lethe_error *err)
{
    if (len < 8)
        return lethe_fail(err, LETHE_E_INVALID, "READ DEFECT DATA has %zu bytes, not 8", len);
    /* SBC-4 table 70: GLISTV, and the format that the device chose. */
    if (!(data[1] & 0x08))
        return 0;
    size_t entry = (data[1] & 7) == 0 ? 4 : 8;
    struct lethe_health found = {.known = LETHE_HEALTH_REALLOCATED,
                                 .reallocated = lethe_be32(data + 4) / entry};
    lethe_health_merge(health, &found);
    return 0;
}

int lethe_health_add_nvme(struct lethe_health *health, const uint8_t *data, size_t len,
                          struct lethe_error *err)
{
    if (len < 512)
        return lethe_fail(err, LETHE_E_INVALID, "the NVMe SMART log has %zu bytes, not 512", len);
    if (lethe_bytes_all(data, 512, 0xff) || lethe_bytes_all(data, 512, 0))
        return lethe_fail(err, LETHE_E_INVALID, "the NVMe SMART log is empty");
    const uint8_t warning = data[0];
    struct lethe_health found = {
        .known = LETHE_HEALTH_HOURS | LETHE_HEALTH_POWER_CYCLES | LETHE_HEALTH_MEDIA_ERRORS |
                 LETHE_HEALTH_USED | LETHE_HEALTH_SPARE | LETHE_HEALTH_FAILING |
                 LETHE_HEALTH_READ_ONLY,
        .failing = warning & (1 << 2 | 1 << 4), /* reliability degraded, backup of cache failed */
        .read_only = warning & 1 << 3,
        .spare = data[3],
        .spare_threshold = data[4],
        .used = data[5],
        .power_cycles = lethe_le128(data + 112),
        .power_on_hours = lethe_le128(data + 128),
        .media_errors = lethe_le128(data + 160),
    };
    uint16_t kelvin = lethe_le16(data + 1);
    if (kelvin > 0 && kelvin < 1000) {
        found.temperature = (int)kelvin - 273;
        found.known |= LETHE_HEALTH_TEMPERATURE;
    }
    uint64_t units = lethe_le128(data + 48); /* of 1000 blocks of 512 bytes */
    if (units <= UINT64_MAX / 512000) {
        found.written = units * 512000;
        found.known |= LETHE_HEALTH_WRITTEN;
    }
    lethe_health_merge(health, &found);
    return 0;
}

void lethe_health_add_ext_csd(struct lethe_health *health, const struct lethe_ext_csd *ext_csd)
{
    struct lethe_health found = {0};
    uint8_t life = ext_csd->life_a > ext_csd->life_b ? ext_csd->life_a : ext_csd->life_b;
    if (life > 0) {
        found.used = life * 10u;
        found.known |= LETHE_HEALTH_USED;
    }
    if (ext_csd->pre_eol > 0) { /* 2: 80 % of the reserved blocks are consumed, 3: 90 % */
        found.failing = ext_csd->pre_eol >= 3;
        found.known |= LETHE_HEALTH_FAILING;
    }
    if (ext_csd->pre_eol >= 2) {
        found.spare = ext_csd->pre_eol == 2 ? 20 : 10;
        found.known |= LETHE_HEALTH_SPARE;
    }
    lethe_health_merge(health, &found);
}
