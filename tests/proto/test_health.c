/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/smart.h"
#include "samples.h"

#include <string.h>

static void real_smart(void **state)
{
    (void)state;
    struct lethe_smart smart;
    struct lethe_health h = {0};
    assert_int_equal(lethe_smart_parse(sample_smart, 512, sample_thresholds, 512, &smart, NULL), 0);
    assert_int_equal(smart.n_attributes, 14);
    assert_int_equal(lethe_smart_find(&smart, 5)->threshold, 10);
    assert_int_equal(lethe_smart_find(&smart, 241)->raw, 0x597d08c79);
    assert_null(lethe_smart_find(&smart, 197));
    lethe_health_add_smart(&h, &smart, false);
    assert_int_equal(h.power_on_hours, 1379);
    assert_int_equal(h.power_cycles, 196);
    assert_int_equal(h.temperature, 29);
    assert_int_equal(h.used, 1);
    assert_true(h.known & LETHE_HEALTH_REALLOCATED);
    assert_false(h.known & (LETHE_HEALTH_PENDING | LETHE_HEALTH_FAILING | LETHE_HEALTH_WRITTEN));
    struct lethe_triage_verdict v;
    lethe_health_triage(&h, &v);
    assert_int_equal(v.triage, LETHE_TRIAGE_GOOD);
    assert_int_equal(v.n_reasons, 0);
}

static void smart_checksums_and_thresholds(void **state)
{
    (void)state;
    uint8_t data[512], thresholds[512];
    struct lethe_smart smart;
    struct lethe_health h = {0};
    memcpy(data, sample_smart, 512);
    memcpy(thresholds, sample_thresholds, 512);
    data[5] = 10; /* attribute 5 at its threshold */
    assert_int_equal(lethe_smart_parse(data, 512, NULL, 0, &smart, NULL), -LETHE_E_INVALID);
    data[511] = (uint8_t)(data[511] + 0x64 - 10);
    assert_int_equal(lethe_smart_parse(data, 512, thresholds, 512, &smart, NULL), 0);
    assert_true(lethe_smart_find(&smart, 5)->failed);
    lethe_health_add_smart(&h, &smart, false);
    assert_true(h.failing);
    thresholds[0]++;
    assert_int_equal(lethe_smart_parse(data, 512, thresholds, 512, &smart, NULL), -LETHE_E_INVALID);
    assert_int_equal(lethe_smart_parse(data, 511, NULL, 0, &smart, NULL), -LETHE_E_INVALID);
}

static void statistic(uint8_t *page, size_t at, uint64_t value, uint8_t flags)
{
    for (int i = 0; i < 7; i++)
        page[at + (size_t)i] = (uint8_t)(value >> 8 * i);
    page[at + 7] = flags;
}

/* Figures of a drive as smartctl(8) printed them. */
static void device_statistics(void **state)
{
    (void)state;
    uint8_t page[512] = {1, 0, 1};
    struct lethe_health h = {0};
    statistic(page, 8, 25, 0xc0);
    statistic(page, 16, 9812, 0xc0);
    statistic(page, 24, 148493136176, 0xc0);
    assert_int_equal(lethe_health_add_ata_statistics(&h, page, 512, 1, 512, NULL), 0);
    assert_int_equal(h.power_cycles, 25);
    assert_int_equal(h.power_on_hours, 9812);
    assert_int_equal(h.written, 148493136176 * 512);
    assert_int_equal(lethe_health_add_ata_statistics(&h, page, 512, 3, 512, NULL),
                     -LETHE_E_INVALID);

    memset(page, 0, sizeof page);
    page[0] = 1;
    page[2] = 3;
    statistic(page, 32, 7, 0xc0);
    statistic(page, 56, 3, 0x80); /* supported, not valid */
    assert_int_equal(lethe_health_add_ata_statistics(&h, page, 512, 3, 512, NULL), 0);
    assert_int_equal(h.reallocated, 7);
    assert_false(h.known & LETHE_HEALTH_PENDING);
    struct lethe_health other = {0};
    statistic(page, 32, 90, 0xe0); /* a percentage is no count */
    assert_int_equal(lethe_health_add_ata_statistics(&other, page, 512, 3, 512, NULL), 0);
    assert_int_equal(other.known, 0);

    uint64_t pages;
    uint8_t list[512] = {1, 0, 0, 0, 0, 0, 0, 0, 4, 0, 1, 4, 200};
    assert_int_equal(lethe_ata_statistics_list(list, 512, &pages, NULL), 0);
    assert_int_equal(pages, 0x13);
}

static void scsi_logs(void **state)
{
    (void)state;
    struct lethe_health h = {0};
    static const uint8_t write[] = {0x02, 0,    0, 24, 0,    5, 0x60, 8, 0, 0, 0, 0, 0x12, 0x34,
                                    0x56, 0x78, 0, 6,  0x60, 8, 0,    0, 0, 0, 0, 0, 0,    2};
    static const uint8_t read[] = {0x03, 0, 0, 5, 0, 6, 0, 1, 3};
    static const uint8_t heat[] = {0x0d, 0, 0, 6, 0, 0, 3, 2, 0, 41};
    static const uint8_t scan[] = {0x15, 0, 0, 8, 0, 0, 3, 4, 0, 0, 0x27, 0x10};
    static const uint8_t bad[] = {0x2f, 0, 0, 7, 0, 0, 3, 3, 0x5d, 0x32, 40};
    static const uint8_t worn[] = {0x11, 0, 0, 8, 0, 1, 3, 4, 0, 0, 0, 88};
    assert_int_equal(lethe_health_add_scsi_log(&h, write, sizeof write, 0x02, NULL), 0);
    assert_int_equal(lethe_health_add_scsi_log(&h, read, sizeof read, 0x03, NULL), 0);
    assert_int_equal(h.uncorrectable, 5);
    assert_int_equal(h.written, 0x12345678);
    assert_int_equal(lethe_health_add_scsi_log(&h, heat, sizeof heat, 0x0d, NULL), 0);
    assert_int_equal(h.temperature, 41);
    assert_int_equal(lethe_health_add_scsi_log(&h, scan, sizeof scan, 0x15, NULL), 0);
    assert_int_equal(h.power_on_hours, 166);
    assert_int_equal(lethe_health_add_scsi_log(&h, worn, sizeof worn, 0x11, NULL), 0);
    assert_int_equal(h.used, 88);
    assert_int_equal(lethe_health_add_scsi_log(&h, bad, sizeof bad, 0x2f, NULL), 0);
    assert_true(h.failing);
    assert_int_equal(lethe_health_add_scsi_log(&h, bad, sizeof bad, 0x02, NULL), -LETHE_E_INVALID);
    static const uint8_t defects[8] = {0, 0x0b, 0, 0, 0, 0, 0, 24};
    assert_int_equal(lethe_health_add_scsi_defects(&h, defects, 8, NULL), 0);
    assert_int_equal(h.reallocated, 3);
}

static void nvme(void **state)
{
    (void)state;
    uint8_t log[512] = {0};
    struct lethe_health h = {0};
    struct lethe_triage_verdict v;
    log[1] = 0x36; /* 310 K */
    log[2] = 1;
    log[3] = 100;
    log[4] = 10;
    log[5] = 104;
    log[48] = 2;
    log[128] = 100;
    assert_int_equal(lethe_health_add_nvme(&h, log, 512, NULL), 0);
    assert_int_equal(h.temperature, 37);
    assert_int_equal(h.written, 1024000);
    assert_int_equal(h.used, 104);
    lethe_health_triage(&h, &v);
    assert_int_equal(v.triage, LETHE_TRIAGE_WORN);
    memset(&h, 0, sizeof h);
    log[0] = 0x09;
    log[3] = 5;
    assert_int_equal(lethe_health_add_nvme(&h, log, 512, NULL), 0);
    lethe_health_triage(&h, &v);
    assert_int_equal(v.triage, LETHE_TRIAGE_FAILING);
    assert_true(h.read_only);
    assert_true(v.n_reasons >= 2);
    memset(log, 0xff, 512);
    assert_int_equal(lethe_health_add_nvme(&h, log, 512, NULL), -LETHE_E_INVALID);
    assert_int_equal(lethe_health_add_nvme(&h, log, 511, NULL), -LETHE_E_INVALID);
}

static void emmc(void **state)
{
    (void)state;
    struct lethe_health h = {0};
    struct lethe_triage_verdict v;
    lethe_health_add_ext_csd(&h, &(struct lethe_ext_csd){0});
    lethe_health_triage(&h, &v);
    assert_int_equal(v.triage, LETHE_TRIAGE_UNKNOWN);
    lethe_health_add_ext_csd(&h, &(struct lethe_ext_csd){.life_a = 3, .life_b = 11, .pre_eol = 2});
    assert_int_equal(h.used, 110);
    lethe_health_triage(&h, &v);
    assert_int_equal(v.triage, LETHE_TRIAGE_WORN);
    memset(&h, 0, sizeof h);
    lethe_health_add_ext_csd(&h, &(struct lethe_ext_csd){.life_a = 1, .pre_eol = 3});
    lethe_health_triage(&h, &v);
    assert_int_equal(v.triage, LETHE_TRIAGE_FAILING);
}

static void triage(void **state)
{
    (void)state;
    struct lethe_triage_verdict v;
    struct lethe_health h = {0};
    lethe_health_triage(&h, &v);
    assert_int_equal(v.triage, LETHE_TRIAGE_UNKNOWN);
    h = (struct lethe_health){.known = LETHE_HEALTH_TEMPERATURE | LETHE_HEALTH_LINK_ERRORS,
                              .link_errors = 5000};
    lethe_health_triage(&h, &v); /* says nothing of the medium, but is told */
    assert_int_equal(v.triage, LETHE_TRIAGE_UNKNOWN);
    assert_int_equal(v.n_reasons, 1);
    h = (struct lethe_health){.known = LETHE_HEALTH_PENDING, .pending = 1};
    lethe_health_triage(&h, &v);
    assert_int_equal(v.triage, LETHE_TRIAGE_WORN);
    h.pending = 50;
    lethe_health_triage(&h, &v);
    assert_int_equal(v.triage, LETHE_TRIAGE_FAILING);
    assert_string_equal(lethe_triage_name(v.triage), "failing");
    lethe_health_add_ata_status(&h, -1);
    assert_false(h.known & LETHE_HEALTH_FAILING);
    lethe_health_add_ata_status(&h, 0);
    assert_false(h.failing);
    lethe_health_add_ata_status(&h, 1);
    lethe_health_add_ata_status(&h, 0);
    assert_true(h.failing);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(real_smart),
        cmocka_unit_test(smart_checksums_and_thresholds),
        cmocka_unit_test(device_statistics),
        cmocka_unit_test(scsi_logs),
        cmocka_unit_test(nvme),
        cmocka_unit_test(emmc),
        cmocka_unit_test(triage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
