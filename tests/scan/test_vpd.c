/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scan/vpd.h"

#include <stdlib.h>
#include <string.h>

static void serial(void **state)
{
    static const uint8_t page[] = "\0\x80\0\x0c  WD-WCC1234";
    struct lethe_vpd vpd = {0};
    (void)state;
    assert_true(lethe_vpd_serial(&vpd, page, 16));
    assert_string_equal(vpd.serial, "WD-WCC1234");
    /* Another page, no page, an empty one. */
    assert_false(lethe_vpd_serial(&vpd, (const uint8_t *)"\0\x83\0\1x", 5));
    assert_false(lethe_vpd_serial(&vpd, page, 3));
    assert_false(lethe_vpd_serial(&vpd, (const uint8_t *)"\0\x80\0\0", 4));
}

static void serial_is_cleaned_and_bounded(void **state)
{
    struct lethe_vpd vpd = {0};
    (void)state;
    assert_true(lethe_vpd_serial(&vpd, (const uint8_t *)"\0\x80\xff\xff\x1b[2Jx", 9));
    assert_string_equal(vpd.serial, "?[2Jx");
    uint8_t page[4096];
    memset(page, 'A', sizeof page);
    memcpy(page, "\0\x80\xff\xff", 4);
    assert_true(lethe_vpd_serial(&vpd, page, sizeof page));
    assert_int_equal(strlen(vpd.serial), sizeof vpd.serial - 1);
}

static void designators(void **state)
{
    /* T10 text, NAA of the unit, NAA of a target port, EUI-64. */
    static const uint8_t page[] = {0, 0x83, 0, 44, 2,    1,    0,    4, 'A', 'T', 'A', ' ',
                                   1, 3,    0, 8,  0x50, 0x00, 0xc5, 0, 1,   2,   3,   4,
                                   1, 0x93, 0, 8,  0x50, 0x00, 0xc5, 9, 9,   9,   9,   9,
                                   1, 2,    0, 8,  0x00, 0x25, 0x38, 1, 2,   3,   4,   5};
    struct lethe_vpd vpd = {0};
    (void)state;
    assert_true(lethe_vpd_designators(&vpd, page, sizeof page));
    assert_string_equal(vpd.naa, "5000c50001020304");
    assert_string_equal(vpd.eui, "0025380102030405");
}

static void extended_naa_wins(void **state)
{
    uint8_t page[4 + 12 + 20] = {0, 0x83, 0, 32, 1, 3, 0, 8, 0x50, 1,   2,
                                 3, 4,    5, 6,  7, 1, 3, 0, 16,   0x60};
    struct lethe_vpd vpd = {0};
    (void)state;
    assert_true(lethe_vpd_designators(&vpd, page, sizeof page));
    assert_int_equal(strlen(vpd.naa), 32);
}

static void lying_lengths(void **state)
{
    (void)state;
    static const uint8_t page[] = {0, 0x83, 0xff, 0xff, 1, 3, 0, 8,  0x50, 0, 0xc5, 0,
                                   1, 2,    3,    4,    1, 3, 0, 16, 0x60, 1, 2};
    /* Every cut of it, in memory of exactly that size: the sanitizer sees a read too far. */
    for (size_t n = 0; n <= sizeof page; n++) {
        struct lethe_vpd vpd = {0};
        uint8_t *copy = malloc(n ? n : 1);
        memcpy(copy, page, n);
        bool found = lethe_vpd_designators(&vpd, copy, n);
        assert_int_equal(found, n >= 16);
        free(copy);
    }
    /* All zeros name nothing. */
    struct lethe_vpd vpd = {0};
    assert_false(
        lethe_vpd_designators(&vpd, (const uint8_t *)"\0\x83\0\x0c\1\3\0\x08\0\0\0\0\0\0\0\0", 16));
}

static void rotation(void **state)
{
    struct lethe_vpd vpd = {0};
    (void)state;
    assert_true(lethe_vpd_characteristics(&vpd, (const uint8_t *)"\0\xb1\0\x3c\x1c\x20", 6));
    assert_int_equal(vpd.rotation, 7200);
    assert_false(lethe_vpd_characteristics(&vpd, (const uint8_t *)"\0\xb1\0\x3c\x1c", 5));
}

static void word(uint8_t *identify, size_t index, unsigned value)
{
    identify[2 * index] = (uint8_t)value;
    identify[2 * index + 1] = (uint8_t)(value >> 8);
}

static void ata_text(uint8_t *identify, size_t index, size_t words, const char *text)
{
    for (size_t i = 0; i < 2 * words; i++)
        identify[2 * index + (i ^ 1)] = (uint8_t)(*text ? *text++ : ' ');
}

static void ata_page(uint8_t page[572])
{
    memset(page, 0, 572);
    memcpy(page, "\0\x89\x02\x38", 4);
    page[56] = 0xec;
    uint8_t *identify = page + 60;
    ata_text(identify, 10, 10, "     WD-WCC6Y1234567");
    ata_text(identify, 23, 4, "01.01A01");
    ata_text(identify, 27, 20, "WDC WD10EZEX-08WN4A0");
    word(identify, 87, 0x4100);
    word(identify, 108, 0x5001);
    word(identify, 109, 0x4ee2);
    word(identify, 110, 0x0b00);
    word(identify, 111, 0x1234);
    word(identify, 217, 7200);
}

static void ata(void **state)
{
    uint8_t page[572];
    struct lethe_vpd vpd = {0};
    (void)state;
    ata_page(page);
    assert_true(lethe_vpd_ata(&vpd, page, sizeof page));
    assert_string_equal(vpd.ata_serial, "WD-WCC6Y1234567");
    assert_string_equal(vpd.ata_firmware, "01.01A01");
    assert_string_equal(vpd.ata_model, "WDC WD10EZEX-08WN4A0");
    assert_string_equal(vpd.ata_wwn, "50014ee20b001234");
    assert_int_equal(vpd.ata_rotation, 7200);
}

static void ata_that_is_not_trusted(void **state)
{
    uint8_t page[572];
    struct lethe_vpd vpd = {0};
    (void)state;
    ata_page(page);
    assert_false(lethe_vpd_ata(&vpd, page, sizeof page - 1));
    page[56] = 0xa1; /* a packet device */
    assert_false(lethe_vpd_ata(&vpd, page, sizeof page));
    ata_page(page);
    page[60 + 510] = 0xa5; /* promises a checksum that doesn't hold */
    assert_false(lethe_vpd_ata(&vpd, page, sizeof page));
    assert_false(vpd.ata);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(serial),        cmocka_unit_test(serial_is_cleaned_and_bounded),
        cmocka_unit_test(designators),   cmocka_unit_test(extended_naa_wins),
        cmocka_unit_test(lying_lengths), cmocka_unit_test(rotation),
        cmocka_unit_test(ata),           cmocka_unit_test(ata_that_is_not_trusted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
