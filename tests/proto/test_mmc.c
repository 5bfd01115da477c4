/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/mmc.h"

#include <string.h>

static void erase(void **state)
{
    (void)state;
    struct lethe_mmc_command c[3];
    assert_int_equal(
        lethe_mmc_cmd_erase(LETHE_MMC_EMMC, LETHE_MMC_SECURE_TRIM2, 8, 1023, false, 5000, c, NULL),
        0);
    assert_int_equal(c[0].opcode, 35);
    assert_int_equal(c[0].argument, 8);
    assert_int_equal(c[1].opcode, 36);
    assert_int_equal(c[1].argument, 1023);
    assert_int_equal(c[2].opcode, 38);
    assert_int_equal(c[2].argument, 0x80008000);
    assert_int_equal(c[2].response, LETHE_MMC_R1B);
    assert_int_equal(c[2].timeout_ms, 5000);
    assert_int_equal(lethe_mmc_cmd_erase(LETHE_MMC_SD, LETHE_MMC_ERASE, 1, 2, true, 0, c, NULL), 0);
    assert_int_equal(c[0].opcode, 32);
    assert_int_equal(c[1].argument, 1024);
    assert_int_equal(
        lethe_mmc_cmd_erase(LETHE_MMC_EMMC, LETHE_MMC_DISCARD, 0, 1, false, 0, c, NULL),
        -LETHE_E_REFUSED);
    assert_int_equal(
        lethe_mmc_cmd_erase(LETHE_MMC_SD, LETHE_MMC_SECURE_ERASE, 0, 1, false, 0, c, NULL),
        -LETHE_E_UNSUPPORTED);
    assert_int_equal(lethe_mmc_cmd_erase(LETHE_MMC_EMMC, LETHE_MMC_ERASE, 2, 1, false, 0, c, NULL),
                     -LETHE_E_USAGE);
    assert_int_equal(lethe_mmc_cmd_erase(LETHE_MMC_EMMC, LETHE_MMC_ERASE, 0,
                                         (UINT64_C(1) << 32) / 512, true, 0, c, NULL),
                     -LETHE_E_USAGE);
}

static void switches(void **state)
{
    (void)state;
    struct lethe_mmc_command c = lethe_mmc_cmd_sanitize(240000);
    assert_int_equal(c.opcode, 6);
    assert_int_equal(c.argument, 0x03a50100);
    assert_int_equal(c.timeout_ms, 240000);
    assert_int_equal(lethe_mmc_cmd_read_block(3, false).argument, 3);
    assert_int_equal(lethe_mmc_cmd_read_block(3, true).argument, 3 * 512);
    assert_int_equal(lethe_mmc_cmd_send_status(1).argument, 0x10000);
    assert_int_equal(lethe_mmc_cmd_send_ext_csd().block_size, 512);
}

static void ext_csd(void **state)
{
    (void)state;
    uint8_t d[512] = {0};
    struct lethe_ext_csd e;
    assert_int_equal(lethe_ext_csd_parse(d, 512, &e, NULL), -LETHE_E_INVALID);
    d[192] = 8;
    d[213] = 0x80;
    d[214] = 0xd1;
    d[215] = 0x01; /* 30507008 sectors */
    d[226] = 32;
    d[168] = 4;
    d[221] = 16;
    d[224] = 1;
    d[146] = 3; /* the second general purpose partition */
    d[231] = 0x55;
    d[223] = 2;
    d[232] = 5;
    d[181] = 1;
    d[171] = 0x05;
    d[173] = 0x04;
    d[179] = 0x48;
    d[267] = 1;
    d[268] = 2;
    d[269] = 77; /* no such band */
    assert_int_equal(lethe_ext_csd_parse(d, 512, &e, NULL), 0);
    assert_int_equal(e.sectors, 30507008);
    assert_int_equal(e.boot_bytes, 4 << 20);
    assert_int_equal(e.rpmb_bytes, 512 << 10);
    assert_int_equal(e.gp_bytes[0], 0);
    assert_int_equal(e.gp_bytes[1], 3 * 16 * 512 * 1024);
    assert_true(e.secure_erase && e.trim && e.sanitize && e.discard);
    assert_int_equal(e.erased_value, 0xff);
    assert_true(e.user_wp_permanent && e.user_wp_power_on && e.boot_wp_permanent);
    assert_int_equal(e.erase_group, 512 * 1024);
    assert_int_equal(e.write_protect_group, 8 << 20);
    assert_int_equal(e.erase_timeout_ms, 600);
    assert_int_equal(e.trim_timeout_ms, 1500);
    assert_int_equal(e.life_a, 2);
    assert_int_equal(e.life_b, 0);
    d[192] = 6; /* before 5.0 those bytes were reserved */
    assert_int_equal(lethe_ext_csd_parse(d, 512, &e, NULL), 0);
    assert_int_equal(e.life_a, 0);
    assert_int_equal(lethe_ext_csd_parse(d, 511, &e, NULL), -LETHE_E_INVALID);
}

static void write_protection_and_status(void **state)
{
    (void)state;
    assert_int_equal(lethe_mmc_write_prot_worst((const uint8_t[8]){0, 0, 0, 0, 0, 0, 0, 0x09}, 2),
                     2);
    assert_int_equal(lethe_mmc_write_prot_worst((const uint8_t[8]){0, 0, 0, 0, 0, 0, 0, 0x09}, 1),
                     1);
    assert_int_equal(lethe_mmc_write_prot_worst((const uint8_t[8]){0xc0}, 32), 3);
    assert_int_equal(lethe_mmc_write_prot_worst((const uint8_t[8]){0xc0}, 31), 0);
    assert_false(lethe_mmc_status_failed(0x00000900)); /* transfer state, ready */
    assert_string_equal(lethe_mmc_status_word(0x04000900), "write protected");
    assert_true(lethe_mmc_status_failed(0x00008900)); /* erase skipped protected blocks */
    assert_true(lethe_mmc_status_failed(LETHE_MMC_STATUS_SWITCH_ERROR));
}

static void identification(void **state)
{
    (void)state;
    struct lethe_mmc_cid cid;
    /* As in /sys/block/mmcblk0/device/cid; the serial number is made up. */
    static const uint8_t emmc[16] = {0x15, 0x01, 0x00, 'B',  'J',  'T',  'D',  '4',
                                     'R',  0x06, 0x12, 0x34, 0x56, 0x78, 0x89, 0x01};
    assert_int_equal(lethe_mmc_cid_parse(LETHE_MMC_EMMC, emmc, &cid, NULL), 0);
    assert_int_equal(cid.manufacturer, 0x15);
    assert_string_equal(cid.product, "BJTD4R");
    assert_int_equal(cid.serial, 0x12345678);
    assert_int_equal(cid.month, 8);
    assert_int_equal(cid.year, 2006);
    static const uint8_t sd[16] = {0x03, 'S',  'D',  'S',  'U',  '0',  '8',  'G',
                                   0x80, 0x12, 0x34, 0x56, 0x78, 0x00, 0xc9, 0x01};
    assert_int_equal(lethe_mmc_cid_parse(LETHE_MMC_SD, sd, &cid, NULL), 0);
    assert_string_equal(cid.product, "SU08G");
    assert_int_equal(cid.oem, 0x5344);
    assert_int_equal(cid.serial, 0x12345678);
    assert_int_equal(cid.year, 2012);
    assert_int_equal(cid.month, 9);
    assert_int_equal(lethe_mmc_cid_parse(LETHE_MMC_SD, (const uint8_t[16]){0}, &cid, NULL),
                     -LETHE_E_INVALID);
}

static void card_registers(void **state)
{
    (void)state;
    struct lethe_mmc_csd csd;
    /* SDHC: C_SIZE 1DB7h. */
    static const uint8_t sdhc[16] = {0x40, 0x0e, 0x00, 0x32, 0x5b, 0x59, 0x00, 0x00,
                                     0x1d, 0xb7, 0x7f, 0x80, 0x0a, 0x40, 0x00, 0x01};
    assert_int_equal(lethe_mmc_csd_parse(LETHE_MMC_SD, sdhc, &csd, NULL), 0);
    assert_int_equal(csd.structure, 1);
    assert_int_equal(csd.capacity, UINT64_C(7608) * 512 * 1024);
    assert_false(csd.permanent_write_protect);
    uint8_t locked[16];
    memcpy(locked, sdhc, 16);
    locked[14] = 0x30;
    assert_int_equal(lethe_mmc_csd_parse(LETHE_MMC_SD, locked, &csd, NULL), 0);
    assert_true(csd.permanent_write_protect && csd.temporary_write_protect);
    struct lethe_sd_scr scr;
    assert_int_equal(lethe_sd_scr_parse((const uint8_t[8]){0x02, 0xb5, 0x80, 0x03}, &scr, NULL), 0);
    assert_int_equal(scr.version, 3);
    assert_true(scr.erased_ones);
    struct lethe_sd_ssr ssr;
    uint8_t status[64] = {0};
    status[8] = 4;
    status[10] = 0x90;
    status[12] = 8;
    status[13] = 0x05;
    status[24] = 2;
    assert_int_equal(lethe_sd_ssr_parse(status, &ssr, NULL), 0);
    assert_int_equal(ssr.speed_class, 10);
    assert_int_equal(ssr.allocation_unit, 4 << 20);
    assert_int_equal(ssr.erase_size, 8);
    assert_int_equal(ssr.erase_timeout_s, 1);
    assert_int_equal(ssr.erase_offset_s, 1);
    assert_true(ssr.discard && !ssr.full_erase);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(erase),          cmocka_unit_test(switches),
        cmocka_unit_test(ext_csd),        cmocka_unit_test(write_protection_and_status),
        cmocka_unit_test(identification), cmocka_unit_test(card_registers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
