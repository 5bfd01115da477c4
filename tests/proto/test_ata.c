/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/sat.h"
#include "proto/zones.h"

#include <string.h>

static const uint8_t password[LETHE_ATA_PASSWORD] = "lethe";

static void cdb(const struct lethe_ata_taskfile *t, const uint8_t expected[16])
{
    struct lethe_cdb out;
    assert_int_equal(lethe_sat_cdb16(t, &out, NULL), 0);
    assert_int_equal(out.n_bytes, 16);
    assert_memory_equal(out.bytes, expected, 16);
}

static void identify_as_others_send_it(void **state)
{
    (void)state;
    struct lethe_ata_taskfile t = lethe_ata_cmd_identify();
    struct lethe_cdb out;
    /* What sg_sat_identify(8) and hdparm(8) send, but for the obsolete bits of the device. */
    cdb(&t, (const uint8_t[16]){0x85, 0x08, 0x0e, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0x40, 0xec, 0});
    assert_int_equal(lethe_sat_cdb12(&t, &out, NULL), 0);
    const uint8_t twelve[12] = {0xa1, 0x08, 0x0e, 0, 1, 0, 0, 0, 0x40, 0xec, 0, 0};
    assert_int_equal(out.n_bytes, 12);
    assert_memory_equal(out.bytes, twelve, 12);
    assert_int_equal(out.transfer, LETHE_TRANSFER_IN);
    assert_int_equal(out.data_len, 512);
}

static void sanitize_commands(void **state)
{
    (void)state;
    struct lethe_ata_taskfile t = lethe_ata_cmd_sanitize_crypto();
    cdb(&t, (const uint8_t[16]){0x85, 0x07, 0x20, 0, 0x11, 0, 0x10, 0x43, 0x70, 0, 0x79, 0, 0x72,
                                0x40, 0xb4, 0});
    t = lethe_ata_cmd_sanitize_block();
    cdb(&t, (const uint8_t[16]){0x85, 0x07, 0x20, 0, 0x12, 0, 0x10, 0x42, 0x72, 0, 0x45, 0, 0x6b,
                                0x40, 0xb4, 0});
    assert_int_equal(lethe_ata_cmd_sanitize_overwrite(16, true, 0xa1b2c3d4, &t, NULL), 0);
    cdb(&t, (const uint8_t[16]){0x85, 0x07, 0x20, 0, 0x14, 0, 0x90, 0xa1, 0xd4, 0x57, 0xc3, 0x4f,
                                0xb2, 0x40, 0xb4, 0});
    assert_int_equal(lethe_ata_cmd_sanitize_overwrite(0, false, 0, &t, NULL), -LETHE_E_USAGE);
    assert_int_equal(lethe_ata_cmd_sanitize_overwrite(17, false, 0, &t, NULL), -LETHE_E_USAGE);
    lethe_ata_cmd_sanitize_overwrite(1, false, 0, &t, NULL);
    lethe_ata_sanitize_keeps_zones(&t);
    assert_int_equal(t.count, 0x8011); /* ZONED NO RESET, FAILURE MODE, one pass */
    t = lethe_ata_cmd_sanitize_status(true);
    cdb(&t, (const uint8_t[16]){0x85, 0x07, 0x20, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0x40, 0xb4, 0});
    t = lethe_ata_cmd_sanitize_antifreeze();
    assert_int_equal(t.lba, 0x416e7469);
    t = lethe_ata_cmd_sanitize_freeze();
    assert_int_equal(t.lba, 0x46724c6b);
}

static void sanitize_does_not_fit_into_twelve_bytes(void **state)
{
    (void)state;
    struct lethe_ata_taskfile t = lethe_ata_cmd_sanitize_crypto();
    struct lethe_cdb out;
    struct lethe_error err = {0};
    assert_int_equal(lethe_sat_cdb12(&t, &out, &err), -LETHE_E_UNSUPPORTED);
    assert_non_null(strstr(err.remedy, "native"));
    assert_int_equal(out.n_bytes, 0);
}

static void hidden_areas(void **state)
{
    (void)state;
    struct lethe_ata_taskfile t;
    struct lethe_cdb out;
    assert_int_equal(lethe_ata_cmd_set_max(true, 0x123456789abc, true, &t, NULL), 0);
    cdb(&t, (const uint8_t[16]){0x85, 0x07, 0x20, 0, 0, 0, 1, 0x56, 0xbc, 0x34, 0x9a, 0x12, 0x78,
                                0x40, 0x37, 0});
    assert_int_equal(lethe_ata_cmd_set_max(false, 0xabcdef1, false, &t, NULL), 0);
    cdb(&t, (const uint8_t[16]){0x85, 0x06, 0x20, 0, 0, 0, 0, 0, 0xf1, 0, 0xde, 0, 0xbc, 0x4a, 0xf9,
                                0});
    assert_int_equal(lethe_sat_cdb12(&t, &out, NULL), 0);
    assert_int_equal(out.bytes[8], 0x4a);
    assert_int_equal(lethe_ata_cmd_set_max(false, 1 << 28, false, &t, NULL), -LETHE_E_USAGE);
    assert_int_equal(lethe_ata_cmd_set_max(true, UINT64_C(1) << 48, false, &t, NULL),
                     -LETHE_E_USAGE);
    assert_int_equal(lethe_ata_cmd_amac_set(99, &t, NULL), 0);
    assert_int_equal(t.command, 0x78);
    assert_int_equal(t.feature, 1);
    t = lethe_ata_cmd_dco_identify();
    assert_int_equal(t.feature, 0xc2);

    struct lethe_ata_result r = {
        .known = LETHE_ATA_KNOWN_ALL, .status = 0x50, .device = 0x45, .lba = 0x8fffff};
    uint64_t max = 0;
    assert_true(lethe_ata_result_max_lba(&r, true, &max));
    assert_int_equal(max, 0x8fffff);
    assert_true(lethe_ata_result_max_lba(&r, false, &max));
    assert_int_equal(max, 0x58fffff);
    r.known &= ~(unsigned)LETHE_ATA_KNOWN_LBA_HIGH;
    assert_false(lethe_ata_result_max_lba(&r, true, &max));
    r.status = 0x51;
    assert_false(lethe_ata_result_max_lba(&r, false, &max));
}

static void dco(void **state)
{
    (void)state;
    uint8_t data[512] = {2, 0};
    data[6] = 0x2f; /* 976773167 is 3A38602Fh */
    data[7] = 0x60;
    data[8] = 0x38;
    data[9] = 0x3a;
    data[14] = 0x88;
    data[15] = 0x01;
    data[510] = 0xa5;
    for (int i = 0; i < 511; i++)
        data[511] = (uint8_t)(data[511] - data[i]);
    struct lethe_ata_dco d;
    assert_int_equal(lethe_ata_dco_parse(data, 512, &d, NULL), 0);
    assert_int_equal(d.max_lba, 976773167);
    assert_true(d.hpa && d.security && d.lba48);
    data[9]++;
    assert_int_equal(lethe_ata_dco_parse(data, 512, &d, NULL), -LETHE_E_INVALID);
    assert_int_equal(lethe_ata_dco_parse(data, 511, &d, NULL), -LETHE_E_INVALID);
}

static void security_blocks(void **state)
{
    (void)state;
    uint8_t block[512], rest[512 - 34] = {0};
    lethe_ata_security_set_block(block, password);
    assert_int_equal(block[0], 0); /* user */
    assert_int_equal(block[1], 0); /* level High */
    assert_memory_equal(block + 2, password, 32);
    assert_memory_equal(block + 34, rest, sizeof rest);
    lethe_ata_security_erase_block(block, LETHE_ATA_USER, true, password);
    assert_int_equal(block[0], 2);
    lethe_ata_security_erase_block(block, LETHE_ATA_MASTER, false, password);
    assert_int_equal(block[0], 1);
    lethe_ata_security_block(block, LETHE_ATA_MASTER, password);
    assert_int_equal(block[0], 1);
    struct lethe_ata_taskfile t = lethe_ata_cmd_security_erase_unit();
    cdb(&t, (const uint8_t[16]){0x85, 0x0a, 0x26, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0x40, 0xf4, 0});
}

static void logs_smart_and_trusted(void **state)
{
    (void)state;
    struct lethe_ata_taskfile t = lethe_ata_cmd_read_log(0x04, 0x0107, 1);
    cdb(&t, (const uint8_t[16]){0x85, 0x09, 0x0e, 0, 0, 0, 1, 0, 0x04, 0x01, 0x07, 0, 0, 0x40, 0x2f,
                                0});
    t = lethe_ata_cmd_smart_status();
    cdb(&t, (const uint8_t[16]){0x85, 0x06, 0x20, 0, 0xda, 0, 0, 0, 0, 0, 0x4f, 0, 0xc2, 0x40, 0xb0,
                                0});
    t = lethe_ata_cmd_trusted_receive(1, 0x07fe, 4);
    cdb(&t,
        (const uint8_t[16]){0x85, 0x08, 0x0e, 0, 1, 0, 4, 0, 0, 0, 0xfe, 0, 0x07, 0x40, 0x5c, 0});
    struct lethe_cdb out;
    t.count = 3; /* the transfer would not be what the command says */
    assert_int_equal(lethe_sat_cdb16(&t, &out, NULL), -LETHE_E_USAGE);
}

static int decode(const uint8_t *sense, size_t len, struct lethe_ata_result *r)
{
    uint8_t exact[64];
    memcpy(exact, sense, len);
    return lethe_sat_sense_decode(exact, len, r);
}

/* Published by people who looked at their kernel log: CHECK POWER and SMART RETURN STATUS of
 * drives behind USB bridges. */
static void sense_of_real_bridges(void **state)
{
    (void)state;
    struct lethe_ata_result r;
    static const uint8_t power[] = {0x72, 1, 0,    0x1d, 0, 0, 0, 0x0e, 9, 0x0c, 0,
                                    0,    0, 0xff, 0,    0, 0, 0, 0,    0, 0x40, 0x50};
    assert_int_equal(decode(power, sizeof power, &r), 1);
    assert_true(lethe_ata_succeeded(&r));
    assert_int_equal(r.count, 0xff);
    assert_false(r.known & LETHE_ATA_KNOWN_COUNT_HIGH);
    static const uint8_t smart[] = {0x72, 1, 0, 0x1d, 0, 0, 0,    0x0e, 9,    0x0c, 0,
                                    0,    0, 0, 0,    0, 0, 0x4f, 0,    0xc2, 0xe0, 0x50};
    assert_int_equal(decode(smart, sizeof smart, &r), 1);
    assert_int_equal(lethe_ata_smart_status(&r), 0);
    /* hdparm(8): "bad/missing sense data", an aborted command in the form of Linux before 6.11. */
    static const uint8_t old[32] = {0x70, 0, 5, 0, 0, 0, 0, 0x0a, 4, 0x51, 0x40, 0, 0x21, 4};
    assert_int_equal(decode(old, sizeof old, &r), 1);
    assert_true(lethe_ata_aborted(&r));
    assert_false(lethe_ata_succeeded(&r));
    /* A refusal whose registers are not called valid is the drive's, and no lost answer: ABORTED
     * COMMAND without additional code. Behind another key nobody knows. */
    uint8_t refusal[18] = {0x70, 0, 0x0b, 4, 0x51, 0x40, 0, 0x0a};
    assert_int_equal(decode(refusal, sizeof refusal, &r), 1);
    assert_true(lethe_ata_aborted(&r));
    refusal[2] = 5;
    assert_int_equal(decode(refusal, sizeof refusal, &r), 0);
    refusal[2] = 0x0b;
    refusal[4] = 0x50;
    assert_int_equal(decode(refusal, sizeof refusal, &r), 0);
}

static void fixed_sense(void **state)
{
    (void)state;
    struct lethe_ata_result r;
    uint8_t s[18] = {0x70, 0, 1, 0, 0x50, 0xe0, 0x12, 0x0a, 0x80, 0x01, 0x4f, 0xc2, 0, 0x1d};
    assert_int_equal(decode(s, 18, &r), 1);
    assert_int_equal(r.lba, 0xc24f01);
    assert_int_equal(r.count, 0x12);
    assert_int_equal(r.known, LETHE_ATA_KNOWN_ALL); /* EXTEND, and both upper halves are zero */
    s[8] = 0xe0;
    assert_int_equal(decode(s, 18, &r), 1);
    assert_false(r.known & (LETHE_ATA_KNOWN_COUNT_HIGH | LETHE_ATA_KNOWN_LBA_HIGH));
    s[8] = 0;
    assert_int_equal(decode(s, 18, &r), 1);
    assert_false(r.known & (LETHE_ATA_KNOWN_COUNT_HIGH | LETHE_ATA_KNOWN_LBA_HIGH));
    /* The whole descriptor behind it. */
    uint8_t both[32] = {0};
    memcpy(both, s, 18);
    both[7] = 24;
    memcpy(both + 18, "\x09\x0c\x01\0\x40\0\0\0\0\0\0\0\x40\x50", 14);
    assert_int_equal(decode(both, 32, &r), 1);
    assert_int_equal(r.count, 0x4000);
    /* Another additional code and no failed registers: nothing is known. */
    s[13] = 0;
    assert_int_equal(decode(s, 18, &r), 0);
    assert_int_equal(r.known, 0);
    s[13] = 0x1d;
    s[4] = 0;
    assert_int_equal(decode(s, 18, &r), 0);
    s[4] = 0x50;
    s[0] = 0x71; /* of an earlier command */
    assert_int_equal(decode(s, 18, &r), 0);
    assert_int_equal(decode(s, 7, &r), 0);
}

static void guesses_are_failures_only(void **state)
{
    (void)state;
    struct lethe_ata_result r;
    /* Whatever bytes there are where old and new kernels put registers: without 00/1D they are
     * never read as success. */
    for (unsigned status = 0; status < 256; status++)
        for (unsigned valid = 0; valid < 2; valid++) {
            uint8_t s[32] = {valid ? 0xf0 : 0x70, 0, 0x0b};
            s[valid ? 3 : 8] = 4;
            s[valid ? 4 : 9] = (uint8_t)status;
            if (decode(s, sizeof s, &r) == 1) {
                assert_false(lethe_ata_succeeded(&r));
                assert_true(lethe_ata_aborted(&r));
            }
        }
}

static struct lethe_sanitize_status sanitize(unsigned known, uint8_t status, uint8_t error,
                                             uint16_t count, uint64_t lba)
{
    struct lethe_ata_result r = {
        .known = known, .status = status, .error = error, .count = count, .lba = lba};
    struct lethe_sanitize_status s;
    lethe_ata_sanitize_result(&r, &s);
    return s;
}

static void sanitize_states(void **state)
{
    (void)state;
    const unsigned all = LETHE_ATA_KNOWN_ALL, half = all & ~(unsigned)LETHE_ATA_KNOWN_COUNT_HIGH;
    struct lethe_sanitize_status s = sanitize(all, 0x50, 0, 0x4000, 0x8000);
    assert_int_equal(s.state, LETHE_SANITIZE_RUNNING);
    assert_true(s.progress_known);
    assert_int_equal(s.progress, 0x8000);
    assert_int_equal(sanitize(all, 0x50, 0, 0x8000, 0xffff).state, LETHE_SANITIZE_SUCCEEDED);
    /* Both bits is no success: it still runs. */
    assert_int_equal(sanitize(all, 0x50, 0, 0xc000, 0).state, LETHE_SANITIZE_RUNNING);
    assert_int_equal(sanitize(all, 0x50, 0, 0, 0).state, LETHE_SANITIZE_IDLE);
    assert_true(sanitize(all, 0x50, 0, 0x2000, 0).frozen);
    assert_true(sanitize(all, 0x50, 0, 0x1000, 0).antifreeze);
    /* The upper half of COUNT was lost: unknown, not idle and not done. */
    assert_int_equal(sanitize(half, 0x50, 0, 0x8000, 0).state, LETHE_SANITIZE_UNKNOWN);
    assert_int_equal(sanitize(0, 0x50, 0, 0x8000, 0).state, LETHE_SANITIZE_UNKNOWN);
    s = sanitize(all, 0x51, 4, 0x8000, 1);
    assert_int_equal(s.state, LETHE_SANITIZE_FAILED);
    s = sanitize(all, 0x51, 4, 0x8000, 3);
    assert_int_equal(s.state, LETHE_SANITIZE_UNKNOWN);
    assert_true(s.frozen);
    assert_int_equal(sanitize(all, 0xd0, 0, 0x8000, 0).state, LETHE_SANITIZE_UNKNOWN);
}

static void return_response(void **state)
{
    (void)state;
    struct lethe_ata_result r;
    struct lethe_cdb c = lethe_sat_cdb_return_response();
    assert_int_equal(c.bytes[1], 0x1e);
    assert_int_equal(c.data_len, 14);
    static const uint8_t answer[14] = {9, 0x0c, 1, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0x40, 0x50};
    assert_int_equal(lethe_sat_response_decode(answer, 14, &r), 1);
    assert_int_equal(r.count, 0x8000);
    assert_int_equal(lethe_sat_response_decode(answer, 13, &r), 0);
    assert_int_equal(lethe_sat_response_decode((const uint8_t[14]){0}, 14, &r), 0);
    /* EXTEND forgotten, but there they are. */
    uint8_t forgot[14];
    memcpy(forgot, answer, 14);
    forgot[2] = 0;
    assert_int_equal(lethe_sat_response_decode(forgot, 14, &r), 1);
    assert_true(r.known & LETHE_ATA_KNOWN_COUNT_HIGH);
}

/* Without its valid bits, or of another page: a drive without zones, or a bridge's leftovers. */
static void zoned_information(void **state)
{
    (void)state;
    uint8_t page[512] = {1, 0, 9, [7] = 0x80, [8] = 1, [15] = 0x80, [40] = 128, [47] = 0x80};
    struct lethe_ata_zoned_page told;
    assert_int_equal(lethe_ata_zoned_parse(page, sizeof(page), &told, NULL), 0);
    assert_true(told.unrestricted_reads);
    assert_int_equal(told.max_open, 128);
    assert_int_equal(lethe_ata_zoned_parse(page, 511, &told, NULL), -LETHE_E_INVALID);
    static const size_t needed[] = {0, 2, 7, 15};
    for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++) {
        uint8_t kept = page[needed[i]];
        page[needed[i]] = 0;
        assert_int_equal(lethe_ata_zoned_parse(page, sizeof(page), &told, NULL), -LETHE_E_INVALID);
        page[needed[i]] = kept;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(identify_as_others_send_it),
        cmocka_unit_test(sanitize_commands),
        cmocka_unit_test(sanitize_does_not_fit_into_twelve_bytes),
        cmocka_unit_test(hidden_areas),
        cmocka_unit_test(dco),
        cmocka_unit_test(security_blocks),
        cmocka_unit_test(logs_smart_and_trusted),
        cmocka_unit_test(sense_of_real_bridges),
        cmocka_unit_test(fixed_sense),
        cmocka_unit_test(guesses_are_failures_only),
        cmocka_unit_test(sanitize_states),
        cmocka_unit_test(return_response),
        cmocka_unit_test(zoned_information),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
