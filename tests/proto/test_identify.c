/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/identify.h"
#include "samples.h"

#include <string.h>

static uint8_t data[512];

static void word(unsigned n, uint16_t value)
{
    data[2 * n] = (uint8_t)value;
    data[2 * n + 1] = (uint8_t)(value >> 8);
}

static void seal(void)
{
    data[510] = 0xa5;
    data[511] = 0;
    for (int i = 0; i < 511; i++)
        data[511] = (uint8_t)(data[511] - data[i]);
}

static int fresh(void **state)
{
    (void)state;
    memcpy(data, sample_identify, sizeof data);
    return 0;
}

static struct lethe_ata_identify parsed(void)
{
    struct lethe_ata_identify id;
    struct lethe_error err = {0};
    seal();
    if (lethe_ata_identify_parse(data, 512, &id, &err) != 0)
        fail_msg("%s", err.what);
    return id;
}

static void real_ssd(void **state)
{
    (void)state;
    struct lethe_ata_identify id = parsed();
    assert_string_equal(id.model, "Samsung SSD 870 QVO 4TB");
    assert_string_equal(id.serial, "S5STNF0W000000M");
    assert_string_equal(id.firmware, "SVQ02B6Q");
    assert_string_equal(id.wwn, "5002538f00000001");
    assert_true(id.ata && id.checksum_present && id.lba48);
    assert_int_equal(id.major, 11); /* ACS-4 */
    assert_int_equal(id.sectors, 7814037168);
    assert_int_equal(id.logical_sector, 512);
    assert_int_equal(id.physical_sector, 512);
    assert_int_equal(id.rotation_rate, 1);
    assert_int_equal(id.form_factor, 3);
    assert_false(id.sanitize.supported);
    assert_true(id.security.supported && id.security.frozen && id.security.enhanced_erase);
    assert_false(id.security.enabled || id.security.locked);
    assert_int_equal(id.security.erase_minutes, 4);
    assert_int_equal(id.security.enhanced_erase_minutes, 8);
    assert_int_equal(id.security.master_password_id, 0xfffe);
    assert_true(id.hidden.hpa_supported && id.hidden.hpa_enabled && id.hidden.dco_supported);
    assert_false(id.hidden.amac_supported);
    assert_true(id.trim.supported && id.trim.deterministic && id.trim.reads_zero);
    assert_true(id.smart.supported && id.smart.enabled && id.general_logging);
    assert_int_equal(id.zoned, LETHE_ATA_ZONED_NO);
}

static void sanitize_bits(void **state)
{
    (void)state;
    word(59, 0xf400);
    struct lethe_ata_identify id = parsed();
    assert_true(id.sanitize.supported && id.sanitize.crypto && id.sanitize.overwrite);
    assert_true(id.sanitize.block_erase && id.sanitize.antifreeze);
    word(59, 0xe000); /* methods without the feature set */
    id = parsed();
    assert_false(id.sanitize.supported || id.sanitize.crypto);
    word(59, 0xffff);
    assert_false(parsed().sanitize.supported);
}

static void security_states(void **state)
{
    (void)state;
    word(128, 0x0137);
    struct lethe_ata_identify id = parsed();
    assert_true(id.security.enabled && id.security.locked && id.security.count_expired);
    assert_true(id.security.level_maximum && id.security.enhanced_erase);
    assert_false(id.security.frozen);
    word(89, 0x8000 | 1000);
    word(90, 0x00ff);
    id = parsed();
    assert_int_equal(id.security.erase_minutes, 2000);
    assert_int_equal(id.security.enhanced_erase_minutes, 510);
    word(128, 0x0006); /* not supported: the rest says nothing */
    assert_false(parsed().security.enabled);
}

static void validity_bits(void **state)
{
    (void)state;
    word(87, 0x0163); /* 85-87 are not valid: no WWN, nothing enabled */
    struct lethe_ata_identify id = parsed();
    assert_string_equal(id.wwn, "");
    assert_false(id.smart.enabled || id.hidden.hpa_enabled);
    word(83, 0x3d01); /* nor 82-83: 28 bits */
    id = parsed();
    assert_false(id.lba48 || id.hidden.hpa_supported || id.hidden.dco_supported);
    assert_int_equal(id.sectors, 0x0fffffff);
    fresh(NULL);
    word(119, 0x411e);
    assert_true(parsed().hidden.amac_supported);
    word(119, 0x011e);
    assert_false(parsed().hidden.amac_supported);
    word(119, 0x411e);
    word(86, 0x3c01); /* bit 15 clear: word 119 does not count */
    assert_false(parsed().hidden.amac_supported);
}

static void sector_sizes(void **state)
{
    (void)state;
    word(106, 0x6003);
    struct lethe_ata_identify id = parsed();
    assert_int_equal(id.logical_sector, 512);
    assert_int_equal(id.physical_sector, 4096);
    word(106, 0x5000);
    word(117, 2048);
    word(118, 0);
    assert_int_equal(parsed().logical_sector, 4096);
    word(117, 0xffff); /* impossible */
    word(118, 0xffff);
    assert_int_equal(parsed().logical_sector, 512);
    word(106, 0xffff); /* not valid */
    assert_int_equal(parsed().physical_sector, 512);
}

static void large_capacity(void **state)
{
    (void)state;
    word(69, (uint16_t)(0x4f30 | 1 << 3));
    word(230, 0x1234);
    word(233, 0x0001);
    assert_int_equal(parsed().sectors, 0x0001000000001234);
}

static void not_an_identify(void **state)
{
    (void)state;
    struct lethe_ata_identify id;
    struct lethe_error err;
    assert_int_equal(lethe_ata_identify_parse(data, 511, &id, &err), -LETHE_E_INVALID);
    data[100]++;
    assert_int_equal(lethe_ata_identify_parse(data, 512, &id, &err), -LETHE_E_INVALID);
    memset(data, 0, sizeof data);
    assert_int_equal(lethe_ata_identify_parse(data, 512, &id, &err), -LETHE_E_INVALID);
    memset(data, 0xff, sizeof data);
    assert_int_equal(lethe_ata_identify_parse(data, 512, &id, &err), -LETHE_E_INVALID);
    /* An INQUIRY answer, as a bridge without pass-through leaves it in its buffer. */
    memset(data, 0, sizeof data);
    memcpy(data, "\0\x80\x06\x02\x1f\0\0\0ACME    DISK            1.00", 36);
    data[54] = 0;
    assert_int_equal(lethe_ata_identify_parse(data, 512, &id, &err), -LETHE_E_INVALID);
}

static void text_is_cleaned(void **state)
{
    (void)state;
    data[20] = 0x1b;
    data[55] = 0x07;
    struct lethe_ata_identify id = parsed();
    assert_string_equal(id.serial, "S?STNF0W000000M");
    assert_int_equal(id.model[0], '?');
    word(0, 0x8580);
    assert_false(parsed().ata);
    word(0, 0x848a);
    assert_true(parsed().ata);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(real_ssd, fresh),
        cmocka_unit_test_setup(sanitize_bits, fresh),
        cmocka_unit_test_setup(security_states, fresh),
        cmocka_unit_test_setup(validity_bits, fresh),
        cmocka_unit_test_setup(sector_sizes, fresh),
        cmocka_unit_test_setup(large_capacity, fresh),
        cmocka_unit_test_setup(not_an_identify, fresh),
        cmocka_unit_test_setup(text_is_cleaned, fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
