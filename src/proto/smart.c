/* SPDX-License-Identifier: Apache-2.0 */
/* ATA SMART attributes (ATA8-ACS 7.52.6; never standardised, as everybody has them) and device
 * statistics (ACS-4 9.5). */
#include "proto/smart.h"

#include "proto/bytes.h"

#include <inttypes.h>
#include <string.h>

static int checked_block(const char *what, const uint8_t *data, size_t len, struct lethe_error *err)
{
    if (len < LETHE_ATA_BLOCK)
        return lethe_fail(err, LETHE_E_INVALID, "%s has %zu bytes, not 512", what, len);
    uint8_t sum = 0;
    for (size_t i = 0; i < LETHE_ATA_BLOCK; i++)
        sum = (uint8_t)(sum + data[i]);
    if (sum != 0)
        return lethe_fail(err, LETHE_E_INVALID, "%s has a wrong checksum", what);
    if (lethe_bytes_all(data, LETHE_ATA_BLOCK, 0))
        return lethe_fail(err, LETHE_E_INVALID, "%s is empty", what);
    return 0;
}

/* 30 entries of 12 bytes behind a word of revision; the same places in both tables. */
static const uint8_t *entry(const uint8_t *data, size_t n)
{
    return data + 2 + 12 * n;
}

static uint8_t threshold_of(const uint8_t *thresholds, uint8_t id)
{
    for (size_t i = 0; thresholds && i < LETHE_SMART_ATTRIBUTES_MAX; i++)
        if (entry(thresholds, i)[0] == id)
            return entry(thresholds, i)[1];
    return 0;
}

int lethe_smart_parse(const uint8_t *data, size_t len, const uint8_t *thresholds,
                      size_t thresholds_len, struct lethe_smart *out, struct lethe_error *err)
{
    memset(out, 0, sizeof *out);
    int rc = checked_block("SMART data", data, len, err);
    if (rc == 0 && thresholds)
        rc = checked_block("SMART thresholds", thresholds, thresholds_len, err);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < LETHE_SMART_ATTRIBUTES_MAX; i++) {
        const uint8_t *e = entry(data, i);
        if (e[0] == 0)
            continue;
        struct lethe_smart_attribute *a = &out->attributes[out->n_attributes++];
        a->id = e[0];
        a->prefailure = e[1] & 1;
        a->value = e[3];
        a->worst = e[4];
        a->raw = (uint64_t)lethe_le16(e + 9) << 32 | lethe_le32(e + 5);
        a->threshold = threshold_of(thresholds, a->id);
        /* 0, 254, 255: always passing, invalid, for tests. A value of 0 or over 253 is none. */
        a->failed = a->threshold >= 1 && a->threshold <= 253 && a->value >= 1 && a->value <= 253 &&
                    a->value <= a->threshold;
    }
    return 0;
}

const struct lethe_smart_attribute *lethe_smart_find(const struct lethe_smart *smart, uint8_t id)
{
    for (size_t i = 0; i < smart->n_attributes; i++)
        if (smart->attributes[i].id == id)
            return &smart->attributes[i];
    return NULL;
}

void lethe_health_add_smart(struct lethe_health *health, const struct lethe_smart *smart,
                            bool rotating)
{
    struct lethe_health found = {0};
    /* Makers put other counts into the upper bytes of these; the widths are what they agree on. */
    const struct {
        uint8_t id, width;
        unsigned bit;
        uint64_t *field;
    } counts[] = {
        {5, 32, LETHE_HEALTH_REALLOCATED, &found.reallocated},
        {9, 24, LETHE_HEALTH_HOURS, &found.power_on_hours},
        {12, 32, LETHE_HEALTH_POWER_CYCLES, &found.power_cycles},
        {187, 32, LETHE_HEALTH_MEDIA_ERRORS, &found.media_errors},
        {188, 16, LETHE_HEALTH_TIMEOUTS, &found.timeouts},
        {197, 32, LETHE_HEALTH_PENDING, &found.pending},
        {198, 32, LETHE_HEALTH_UNCORRECTABLE, &found.uncorrectable},
        {199, 32, LETHE_HEALTH_LINK_ERRORS, &found.link_errors},
    };
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        const struct lethe_smart_attribute *a = lethe_smart_find(smart, counts[i].id);
        if (a) {
            *counts[i].field = a->raw & ((UINT64_C(1) << counts[i].width) - 1);
            found.known |= counts[i].bit;
        }
    }
    const struct lethe_smart_attribute *heat = lethe_smart_find(smart, 194);
    if (!heat)
        heat = lethe_smart_find(smart, 190);
    if (heat) {
        found.temperature = (int8_t)(heat->raw & 0xff);
        found.known |= LETHE_HEALTH_TEMPERATURE;
    }
    /* Normalised values that count down from 100 with wear: SSD life left, media wearout
     * indicator, wear levelling count, per cent of life remaining. The first a drive has. */
    static const uint8_t wear[] = {231, 233, 177, 202, 173};
    for (size_t i = 0; !rotating && i < sizeof wear; i++) {
        const struct lethe_smart_attribute *a = lethe_smart_find(smart, wear[i]);
        if (a && a->value <= 100) {
            found.used = 100u - a->value;
            found.known |= LETHE_HEALTH_USED;
            break;
        }
    }
    for (size_t i = 0; i < smart->n_attributes; i++)
        if (smart->attributes[i].prefailure && smart->attributes[i].failed) {
            found.failing = true;
            found.known |= LETHE_HEALTH_FAILING;
        }
    lethe_health_merge(health, &found);
}

void lethe_health_add_ata_status(struct lethe_health *health, int smart_status)
{
    if (smart_status < 0)
        return;
    health->known |= LETHE_HEALTH_FAILING;
    health->failing = health->failing || smart_status > 0; /* one bad word is enough */
}

/* -- device statistics ------------------------------------------------------------------------- */

static int statistics_page(const uint8_t *data, size_t len, uint8_t page, struct lethe_error *err)
{
    if (len < LETHE_ATA_BLOCK)
        return lethe_fail(err, LETHE_E_INVALID, "device statistics have %zu bytes, not 512", len);
    /* The first quadword has the page number in bits 23:16 and the revision in bits 15:0. */
    if (data[2] != page || lethe_le16(data) == 0)
        return lethe_fail(err, LETHE_E_INVALID,
                          "asked for page %u of the device statistics, "
                          "the drive answered another one",
                          page);
    return 0;
}

int lethe_ata_statistics_list(const uint8_t *data, size_t len, uint64_t *pages,
                              struct lethe_error *err)
{
    *pages = 0;
    int rc = statistics_page(data, len, LETHE_ATA_STATISTICS_LIST, err);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < data[8]; i++) /* at most 255: inside the block */
        if (data[9 + i] < 64)
            *pages |= UINT64_C(1) << data[9 + i];
    return 0;
}

#define STATISTIC_SUPPORTED 0x80
#define STATISTIC_VALID 0x40
#define STATISTIC_NORMALIZED 0x20 /* a percentage then, where we want a count */

/* A statistic of WIDTH bits at AT; false when the drive does not have it. */
static bool statistic(const uint8_t *data, size_t at, unsigned width, uint64_t *out)
{
    const uint8_t both = STATISTIC_SUPPORTED | STATISTIC_VALID;
    if ((data[at + 7] & both) != both)
        return false;
    *out = lethe_le64(data + at) & ((UINT64_C(1) << width) - 1);
    return true;
}

static void statistic_into(const uint8_t *data, size_t at, unsigned bit, uint64_t *field,
                           struct lethe_health *found)
{
    if (!(data[at + 7] & STATISTIC_NORMALIZED) && statistic(data, at, 32, field))
        found->known |= bit;
}

int lethe_health_add_ata_statistics(struct lethe_health *health, const uint8_t *data, size_t len,
                                    uint8_t page, uint32_t logical_sector, struct lethe_error *err)
{
    struct lethe_health found = {0};
    uint64_t value;
    int rc = statistics_page(data, len, page, err);
    if (rc < 0)
        return rc;
    switch (page) {
    case LETHE_ATA_STATISTICS_GENERAL:
        statistic_into(data, 8, LETHE_HEALTH_POWER_CYCLES, &found.power_cycles, &found);
        statistic_into(data, 16, LETHE_HEALTH_HOURS, &found.power_on_hours, &found);
        if (statistic(data, 24, 48, &value) && logical_sector > 0 &&
            value <= UINT64_MAX / logical_sector) {
            found.written = value * logical_sector;
            found.known |= LETHE_HEALTH_WRITTEN;
        }
        break;
    case LETHE_ATA_STATISTICS_ROTATING:
        statistic_into(data, 32, LETHE_HEALTH_REALLOCATED, &found.reallocated, &found);
        statistic_into(data, 56, LETHE_HEALTH_PENDING, &found.pending, &found);
        break;
    case LETHE_ATA_STATISTICS_ERRORS:
        statistic_into(data, 8, LETHE_HEALTH_MEDIA_ERRORS, &found.media_errors, &found);
        statistic_into(data, 16, LETHE_HEALTH_TIMEOUTS, &found.timeouts, &found);
        break;
    case LETHE_ATA_STATISTICS_TEMPERATURE:
        if (statistic(data, 8, 8, &value)) {
            found.temperature = (int8_t)value;
            found.known |= LETHE_HEALTH_TEMPERATURE;
        }
        break;
    case LETHE_ATA_STATISTICS_TRANSPORT:
        statistic_into(data, 24, LETHE_HEALTH_LINK_ERRORS, &found.link_errors, &found);
        break;
    case LETHE_ATA_STATISTICS_SSD:
        if (statistic(data, 8, 8, &value)) {
            found.used = (unsigned)value;
            found.known |= LETHE_HEALTH_USED;
        }
        break;
    default:
        break;
    }
    lethe_health_merge(health, &found);
    return 0;
}
