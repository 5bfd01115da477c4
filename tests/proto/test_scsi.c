/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "proto/bytes.h"
#include "proto/scsi.h"

#include <string.h>

static void sanitize(void **state)
{
    (void)state;
    struct lethe_cdb c = lethe_scsi_cmd_sanitize_block();
    const uint8_t block[10] = {0x48, 0xa2};
    assert_int_equal(c.n_bytes, 10);
    assert_memory_equal(c.bytes, block, 10);
    lethe_scsi_sanitize_keeps_zones(&c);
    assert_int_equal(c.bytes[1], 0xe2); /* IMMED, ZNR, AUSE, BLOCK ERASE */
    assert_int_equal(lethe_scsi_cmd_sanitize_crypto().bytes[1], 0xa3);
    c = lethe_scsi_cmd_sanitize_crypto();
    lethe_scsi_sanitize_waits(&c);
    assert_int_equal(c.bytes[1], 0x23);
    assert_int_equal(lethe_scsi_cmd_sanitize_exit_failure().bytes[1], 0x1f);
    uint8_t list[LETHE_SCSI_SANITIZE_LIST_MAX];
    assert_int_equal(lethe_scsi_cmd_sanitize_overwrite(3, true, 0xdeadbeef, &c, list, NULL), 0);
    const uint8_t overwrite[10] = {0x48, 0xa1, 0, 0, 0, 0, 0, 0, 8};
    const uint8_t expected[8] = {0x83, 0, 0, 4, 0xde, 0xad, 0xbe, 0xef};
    assert_memory_equal(c.bytes, overwrite, 10);
    assert_memory_equal(list, expected, 8);
    assert_int_equal(c.transfer, LETHE_TRANSFER_OUT);
    assert_int_equal(lethe_scsi_cmd_sanitize_overwrite(0, false, 0, &c, list, NULL),
                     -LETHE_E_USAGE);
    assert_int_equal(lethe_scsi_cmd_sanitize_overwrite(32, false, 0, &c, list, NULL),
                     -LETHE_E_USAGE);
}

static void format(void **state)
{
    (void)state;
    struct lethe_cdb c;
    uint8_t list[4], ten[24], six[12];
    assert_int_equal(lethe_scsi_cmd_format_unit(0, &c, list, NULL), 0);
    assert_int_equal(c.bytes[1], 0x10);
    assert_int_equal(list[1], 0x02);
    assert_int_equal(lethe_scsi_cmd_format_unit(2, &c, list, NULL), 0);
    assert_int_equal(c.bytes[1], 0xd0);
    assert_int_equal(lethe_scsi_cmd_format_unit(4, &c, list, NULL), -LETHE_E_USAGE);
    assert_int_equal(lethe_scsi_block_length_list(512, false, ten, NULL), 0);
    assert_int_equal(lethe_be32(ten + 20), 512);
    assert_int_equal(ten[7], 16);
    assert_int_equal(lethe_be64(ten + 8), 0);
    assert_int_equal(lethe_scsi_block_length_list(513, false, ten, NULL), -LETHE_E_USAGE);
    assert_int_equal(lethe_scsi_block_length_list6(528, six, NULL), 0);
    assert_int_equal(lethe_be24(six + 9), 528);
    assert_int_equal(six[3], 8);
}

static void other_commands(void **state)
{
    (void)state;
    struct lethe_cdb c = lethe_scsi_cmd_vpd(0xb1, 64);
    assert_memory_equal(c.bytes, "\x12\x01\xb1\x00\x40", 5);
    c = lethe_scsi_cmd_read_capacity16();
    assert_memory_equal(c.bytes, "\x9e\x10\0\0\0\0\0\0\0\0\0\0\0\x20", 14);
    c = lethe_scsi_cmd_report_support(0x48, 3, 20);
    assert_memory_equal(c.bytes, "\xa3\x0c\x02\x48\x00\x03\0\0\0\x14", 10);
    c = lethe_scsi_cmd_report_support(0x04, -1, 20);
    assert_memory_equal(c.bytes, "\xa3\x0c\x01\x04\x00\x00\0\0\0\x14", 10);
    c = lethe_scsi_cmd_security_in(1, 1, 2048, true);
    assert_memory_equal(c.bytes, "\xa2\x01\x00\x01\x80\0\0\0\0\x04", 10);
    c = lethe_scsi_cmd_security_out(1, 0x1004, 512, false);
    assert_memory_equal(c.bytes, "\xb5\x01\x10\x04\0\0\0\0\x02\0", 10);
    assert_int_equal(lethe_scsi_cmd_read16(0x123456789a, 8, 512, true, &c, NULL), 0);
    assert_memory_equal(c.bytes, "\x88\x08\0\0\0\x12\x34\x56\x78\x9a\0\0\0\x08", 14);
    assert_int_equal(c.data_len, 4096);
    assert_int_equal(lethe_scsi_cmd_write16(0, 0, 512, true, &c, NULL), -LETHE_E_USAGE);
    assert_int_equal(lethe_scsi_cmd_write16(UINT64_MAX, 2, 512, true, &c, NULL), -LETHE_E_USAGE);
    assert_int_equal(lethe_scsi_cmd_write16(0, UINT32_MAX, 4096, true, &c, NULL), -LETHE_E_USAGE);
}

static struct lethe_sense sense(const void *bytes, size_t len)
{
    struct lethe_sense s;
    uint8_t exact[64];
    memcpy(exact, bytes, len);
    lethe_sense_parse(exact, len, &s);
    return s;
}

static void progress(void **state)
{
    (void)state;
    struct lethe_sanitize_status status;
    struct lethe_sense s = sense("\x70\0\x02\0\0\0\0\x0a\0\0\0\0\x04\x1b\0\x80\x40\x00", 18);
    assert_true(s.progress_known);
    assert_int_equal(s.progress, 0x4000);
    lethe_scsi_sanitize_result(&s, &status);
    assert_int_equal(status.state, LETHE_SANITIZE_RUNNING);
    assert_int_equal(status.progress, 0x4000);
    s = sense("\x72\x02\x04\x1b\0\0\0\x08\x02\x06\0\0\x80\x12\x34\0", 16);
    assert_true(s.progress_known);
    assert_int_equal(s.progress, 0x1234);
    s = sense("\x70\0\x03\0\0\0\0\x0a\0\0\0\0\x31\x03\0\0\0\0", 18);
    lethe_scsi_sanitize_result(&s, &status);
    assert_int_equal(status.state, LETHE_SANITIZE_FAILED);
    s = sense("\x70\0\0\0\0\0\0\x0a\0\0\0\0\0\0\0\0\0\0", 18);
    lethe_scsi_sanitize_result(&s, &status);
    assert_int_equal(status.state, LETHE_SANITIZE_IDLE); /* never "succeeded" */
    s = sense("\x70\0\x06\0\0\0\0\x0a\0\0\0\0\x29\0\0\0\0\0", 18);
    lethe_scsi_sanitize_result(&s, &status);
    assert_int_equal(status.state, LETHE_SANITIZE_UNKNOWN);
    s = sense("", 0);
    lethe_scsi_sanitize_result(&s, &status);
    assert_int_equal(status.state, LETHE_SANITIZE_UNKNOWN);
}

static void states(void **state)
{
    (void)state;
    static const struct {
        uint8_t key, asc, ascq;
        enum lethe_sense_state state;
    } cases[] = {
        {2, 0x04, 0x1b, LETHE_SENSE_STATE_SANITIZE_RUNNING},
        {2, 0x04, 0x04, LETHE_SENSE_STATE_FORMAT_RUNNING},
        {2, 0x04, 0x01, LETHE_SENSE_STATE_BECOMING_READY},
        {2, 0x3a, 0x01, LETHE_SENSE_STATE_NO_MEDIUM},
        {3, 0x31, 0x03, LETHE_SENSE_STATE_SANITIZE_FAILED},
        {3, 0x31, 0x00, LETHE_SENSE_STATE_FORMAT_CORRUPTED},
        {3, 0x11, 0x15, LETHE_SENSE_STATE_WRITE_NEEDED},
        {3, 0x11, 0x00, LETHE_SENSE_STATE_READ_ERROR},
        {3, 0x0c, 0x00, LETHE_SENSE_STATE_WRITE_ERROR},
        {5, 0x20, 0x00, LETHE_SENSE_STATE_UNSUPPORTED_COMMAND},
        {5, 0x20, 0x02, LETHE_SENSE_STATE_LOCKED},
        {5, 0x24, 0x00, LETHE_SENSE_STATE_UNSUPPORTED_FIELD},
        {5, 0x21, 0x00, LETHE_SENSE_STATE_ILLEGAL},
        {6, 0x29, 0x01, LETHE_SENSE_STATE_RESET},
        {6, 0x2a, 0x09, LETHE_SENSE_STATE_CAPACITY_CHANGED},
        {6, 0x2a, 0x01, LETHE_SENSE_STATE_PARAMETERS_CHANGED},
        {7, 0x27, 0x00, LETHE_SENSE_STATE_WRITE_PROTECTED},
        {7, 0x20, 0x02, LETHE_SENSE_STATE_LOCKED},
        {1, 0x00, 0x1d, LETHE_SENSE_STATE_ATA_REGISTERS},
        {1, 0x5d, 0x00, LETHE_SENSE_STATE_FAILURE_PREDICTED},
        {4, 0x44, 0x00, LETHE_SENSE_STATE_HARDWARE},
        {0xb, 0, 0, LETHE_SENSE_STATE_ABORTED},
        {0, 0, 0, LETHE_SENSE_STATE_NONE},
        {0xe, 0x1d, 0, LETHE_SENSE_STATE_OTHER},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint8_t bytes[8] = {0x72, cases[i].key, cases[i].asc, cases[i].ascq};
        struct lethe_sense s = sense(bytes, 8);
        assert_true(s.valid && s.descriptor);
        if (lethe_sense_state(&s) != cases[i].state)
            fail_msg("%02x/%02x/%02x: %s", s.key, s.asc, s.ascq,
                     lethe_sense_state_name(lethe_sense_state(&s)));
    }
    char text[64];
    struct lethe_sense s = sense("\x72\x02\x04\x1b\0\0\0\0", 8);
    lethe_sense_format(text, sizeof text, &s);
    assert_string_equal(text, "sanitize-running (02/04/1b)");
}

static void information(void **state)
{
    (void)state;
    struct lethe_sense s = sense("\xf0\0\x03\x00\x01\x02\x03\x0a\0\0\0\0\x11\0\0\0\0\0", 18);
    assert_true(s.information_known);
    assert_int_equal(s.information, 0x10203);
    s = sense("\x72\x03\x11\0\0\0\0\x0c\x00\x0a\x80\0\0\0\0\x09\0\0\0\x01", 20);
    assert_true(s.information_known);
    assert_int_equal(s.information, 0x900000001);
    assert_true(sense("\x71\0\x03\0\0\0\0\x0a\0\0\0\0\x11\0\0\0\0\0", 18).deferred);
    /* A length that ends before the code. */
    s = sense("\x70\0\x03\0\0\0\0\x02\0\0\0\0\x31\x03\0\0\0\0", 18);
    assert_int_equal(s.asc, 0);
}

static void capacity(void **state)
{
    (void)state;
    struct lethe_scsi_capacity c;
    assert_int_equal(
        lethe_scsi_capacity10_parse((const uint8_t *)"\xff\xff\xff\xff\0\0\x02\0", 8, &c, NULL), 0);
    assert_true(c.more);
    uint8_t data[32] = {0, 0, 0, 0x01, 0xd1, 0xc0, 0xbe, 0xaf, 0, 0, 2, 0, 0x03, 0x03, 0xc0};
    assert_int_equal(lethe_scsi_capacity16_parse(data, 32, &c, NULL), 0);
    assert_int_equal(c.blocks, 7814037168);
    assert_int_equal(c.logical_block, 512);
    assert_int_equal(c.physical_block, 4096);
    assert_int_equal(c.protection_type, 2);
    assert_true(c.provisioning && c.reads_zero);
    memset(data, 0xff, 8);
    assert_int_equal(lethe_scsi_capacity16_parse(data, 32, &c, NULL), -LETHE_E_INVALID);
    assert_int_equal(lethe_scsi_capacity16_parse(data, 11, &c, NULL), -LETHE_E_INVALID);
}

static void inquiry_and_mode(void **state)
{
    (void)state;
    struct lethe_scsi_inquiry i;
    static const uint8_t data[] = "\0\x80\x06\x12\x5b\0\0\0ATA     Samsung SSD 870 2B6Q";
    assert_int_equal(lethe_scsi_inquiry_parse(data, 36, &i, NULL), 0);
    assert_true(i.sat && i.removable);
    assert_string_equal(i.product, "Samsung SSD 870");
    assert_int_equal(lethe_scsi_inquiry_parse(data, 35, &i, NULL), -LETHE_E_INVALID);

    struct lethe_scsi_mode m;
    static const uint8_t ten[] = {0, 30, 0, 0x90, 1, 0, 0, 16, 0,    0, 0, 0, 0, 0, 0x10, 0,
                                  0, 0,  0, 0,    0, 0, 2, 8,  0x0a, 6, 0, 0, 0, 0, 0,    0};
    assert_int_equal(lethe_scsi_mode_parse(ten, sizeof ten, true, &m, NULL), 0);
    assert_true(m.write_protected && m.dpofua);
    assert_int_equal(m.block_length, 520);
    assert_int_equal(m.blocks, 4096);
    assert_int_equal(m.page_len, 8);
    assert_int_equal(m.page[0], 0x0a);
    static const uint8_t cut[] = {0, 30, 0, 0, 0, 0, 0, 200, 0, 0};
    assert_int_equal(lethe_scsi_mode_parse(cut, sizeof cut, true, &m, NULL), -LETHE_E_INVALID);

    uint64_t luns[2];
    static const uint8_t list[] = {0, 0, 0, 24, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                                   0, 1, 0, 0,  0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0};
    assert_int_equal(lethe_scsi_luns_parse(list, sizeof list, luns, 2, NULL), 3);
    assert_int_equal(luns[1], 0x0001000000000000);
    enum lethe_scsi_support support;
    assert_int_equal(lethe_scsi_support_parse((const uint8_t *)"\0\x03\0\x0a", 4, &support, NULL),
                     0);
    assert_int_equal(support, LETHE_SCSI_SUPPORT_STANDARD);
    assert_int_equal(lethe_scsi_support_parse((const uint8_t *)"\0\x07\0\x0a", 4, &support, NULL),
                     0);
    assert_int_equal(support, LETHE_SCSI_SUPPORT_UNTOLD);
}

static void vpd(void **state)
{
    (void)state;
    uint8_t page[64] = {0, 0xb1, 0, 60, 0, 1, 0, 0xb3, 0x20};
    struct lethe_vpd_characteristics c;
    assert_int_equal(lethe_vpd_characteristics_parse(page, 64, &c, NULL), 0);
    assert_int_equal(c.rotation_rate, 1);
    assert_int_equal(c.after_block_erase, LETHE_AFTER_ERASE_READ_FAILS);
    assert_int_equal(c.after_crypto_erase, LETHE_AFTER_ERASE_WRITE_NEEDED);
    assert_int_equal(c.zoned, 2);
    page[1] = 0xb0; /* a device that answers another page */
    assert_int_equal(lethe_vpd_characteristics_parse(page, 64, &c, NULL), -LETHE_E_INVALID);

    /* The pages that a SATA SSD behind a SAS controller listed. */
    struct lethe_vpd_pages pages;
    static const uint8_t list[] = {0, 0, 0, 8, 0, 0x80, 0x83, 0x87, 0x89, 0xb0, 0xb1, 0xb2};
    assert_int_equal(lethe_vpd_pages_parse(list, sizeof list, &pages, NULL), 0);
    assert_true(pages.has[0x89] && pages.has[0xb1] && !pages.has[0xb6]);

    char serial[32];
    static const uint8_t sn[] = "\0\x80\0\x08  AB12 \x1b";
    assert_int_equal(lethe_vpd_serial_parse(sn, 12, serial, sizeof serial, NULL), 0);
    assert_string_equal(serial, "AB12 ?");

    struct lethe_vpd_identification id;
    static const uint8_t ids[] = {0,    0x83, 0, 28, 1, 3, 0,    8, 0x50, 0x02, 0x53,
                                  0x8f, 0,    0, 0,  1, 1, 0x13, 0, 8,    0x60, 0,
                                  0,    0,    0, 0,  0, 9, 1,    2, 0,    200};
    assert_int_equal(lethe_vpd_identification_parse(ids, sizeof ids, &id, NULL), 0);
    assert_string_equal(id.naa, "5002538f00000001"); /* the port's is not the unit's */
    assert_string_equal(id.eui, "");
    uint8_t ata[600] = {0, 0x89, 2, 0x38};
    struct lethe_vpd_ata a;
    ata[56] = 0xec;
    assert_int_equal(lethe_vpd_ata_parse(ata, 572, &a, NULL), 0);
    assert_ptr_equal(a.identify, ata + 60);
    assert_int_equal(lethe_vpd_ata_parse(ata, 571, &a, NULL), -LETHE_E_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sanitize), cmocka_unit_test(format), cmocka_unit_test(other_commands),
        cmocka_unit_test(progress), cmocka_unit_test(states), cmocka_unit_test(information),
        cmocka_unit_test(capacity), cmocka_unit_test(vpd),    cmocka_unit_test(inquiry_and_mode),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
