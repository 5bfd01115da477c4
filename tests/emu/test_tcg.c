/* SPDX-License-Identifier: Apache-2.0 */
/* TCG discovery and the PSID revert, byte by byte: Core 2.01, Opal 2.01, facts/drives.md A6. */
#include "drive.h"

#define PSID "0123456789ABCDEF0123456789ABCDEF"
#define DISCOVERY "a2 01 00 01 00 00 00 00 01 00 00 00"
#define RECEIVE "a2 01 07 fe 00 00 00 00 02 00 00 00"
#define SEND "b5 01 07 fe 00 00 00 00 02 00 00 00"

static void be32(uint8_t *to, size_t value)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> (24 - 8 * i));
}

/* ComPacket, packet and subpacket around TOKENS. */
static void send_tokens(struct drive *drive, uint32_t tsn, const void *tokens, size_t len)
{
    size_t padded = (len + 3) & ~(size_t)3;
    memset(drive->data, 0, 512);
    drive->data[4] = 0x07;
    drive->data[5] = 0xfe;
    be32(drive->data + 16, 36 + padded);
    be32(drive->data + 20, tsn);
    be32(drive->data + 40, 12 + padded);
    be32(drive->data + 52, len);
    memcpy(drive->data + 56, tokens, len);
    assert_int_equal(SCSI_OUT(drive, SEND, 512), 0);
    assert_int_equal(drive->c.result, 0);
    assert_int_equal(SCSI_IN(drive, RECEIVE, 512), 0);
}

static void start_session(struct drive *drive, const char *psid)
{
    static const uint8_t head[] = {0xf8, 0xa8, 0, 0, 0, 0,    0,    0,    0,    0xff, 0xa8, 0,
                                   0,    0,    0, 0, 0, 0xff, 2,    0xf0, 0x01, 0xa8, 0,    0,
                                   2,    5,    0, 0, 0, 1,    0x01, 0xf2, 0x00, 0xd0, 32};
    static const uint8_t tail[] = {0xf3, 0xf2, 0x03, 0xa8, 0,    0,    0,    9,    0,    1,
                                   0xff, 1,    0xf3, 0xf1, 0xf9, 0xf0, 0x00, 0x00, 0x00, 0xf1};
    uint8_t all[128];
    memcpy(all, head, sizeof(head));
    memcpy(all + sizeof(head), psid, 32);
    memcpy(all + sizeof(head) + 32, tail, sizeof(tail));
    send_tokens(drive, 0, all, sizeof(head) + 32 + sizeof(tail));
}

static const uint8_t revert[] = {0xf8, 0xa8, 0,    0,    2,    5,    0,    0,    0,
                                 1,    0xa8, 0,    0,    0,    6,    0,    0,    2,
                                 2,    0xf0, 0xf1, 0xf9, 0xf0, 0x00, 0x00, 0x00, 0xf1};

static void discovery(void **state)
{
    struct drive drive;
    (void)state;
    drive_new(&drive, "{kind: scsi, psid: " PSID ", features: [opal, tcg-locked, block-sid]}");
    SCSI_IN(&drive, DISCOVERY, 256);
    drive_expect(drive.data, "00 00 00 70 00 00 00 01");
    drive_expect(drive.data + 48, "00 01 10 0c 11");
    drive_expect(drive.data + 64, "00 02 10 0c 0f"); /* supported, enabled, locked, encrypts */
    drive_expect(drive.data + 80, "02 03 10 10 07 fe 00 01");
    drive_expect(drive.data + 100, "04 02 10 0c 03"); /* SID has a PIN of its own, and is blocked */
    assert_int_equal(lethe_io_read(drive.opened.io, drive.data, 512, 0), -EIO);
    start_session(&drive, PSID);
    drive_expect(drive.data + 56, "f0 f1 f9 f0 01"); /* not authorised: blocked */
    drive_power_cycle(&drive);
    SCSI_IN(&drive, DISCOVERY, 256);
    drive_expect(drive.data + 100, "04 02 10 0c 01");
    drive_end(&drive);
    drive_new(&drive, "{kind: ata, features: [pyrite]}");
    /* TRUSTED RECEIVE: protocol 1 in FEATURE, ComID in LBA(23:8), one block. */
    SCSI_IN(&drive, "85 08 0e 00 01 00 01 00 00 00 01 00 00 40 5c 00", 512);
    drive_expect(drive.data + 64, "00 02 10 0c 01");
    drive_expect(drive.data + 80, "03 02 10 10 07 fe");
    drive_end(&drive);
    drive_new(&drive, "{kind: nvme, features: [opal]}");
    assert_int_equal(drive_nvme(&drive, 0x82, 0, 0x01000100, 512, LETHE_DATA_IN, 512), 0);
    drive_expect(drive.data + 80, "02 03 10 10");
    drive_end(&drive);
}

static void opal_reverts(void **state)
{
    struct drive drive;
    (void)state;
    drive_new(&drive, "{kind: scsi, psid: " PSID ", spare: 64KiB, milliseconds: 1, "
                      "features: [opal, tcg-locked]}");
    start_session(&drive, "0000000000000000000000000000000F");
    drive_expect(drive.data + 56, "f0 f1 f9 f0 01");
    send_tokens(&drive, 0x1001, revert, sizeof(revert)); /* without a session */
    drive_expect(drive.data + 56, "f0 f1 f9 f0 01");
    start_session(&drive, PSID);
    /* SyncSession(host 1, ours 1001h), status 0 */
    drive_expect(drive.data + 56, "f8 a8 00 00 00 00 00 00 00 ff a8 00 00 00 00 00 00 ff 03 f0 84 "
                                  "00 00 00 01 84 00 00 10 01 f1 f9 f0 00 00 00 f1");
    send_tokens(&drive, 0x1001, revert, sizeof(revert));
    drive_expect(drive.data + 56, "f0 f1 f9 f0 00 00 00 f1");
    assert_int_equal(drive_remains(&drive, "main"), 0);
    assert_int_equal(drive_remains(&drive, "spare"), 0);
    SCSI_IN(&drive, DISCOVERY, 256);
    drive_expect(drive.data + 64, "00 02 10 0c 09");  /* not enabled, not locked */
    drive_expect(drive.data + 100, "04 02 10 0c 00"); /* the owner's PIN is the default again */
    assert_int_equal(lethe_io_read(drive.opened.io, drive.data, 512, 0), 0);
    drive_end(&drive);
}

static void pyrite_only_unlocks(void **state)
{
    struct drive drive;
    (void)state;
    drive_new(&drive, "{kind: scsi, psid: " PSID ", milliseconds: 1, features: [pyrite, "
                      "tcg-locked]}");
    start_session(&drive, PSID);
    send_tokens(&drive, 0x1001, revert, sizeof(revert));
    drive_expect(drive.data + 56, "f0 f1 f9 f0 00");
    assert_int_equal(drive_remains(&drive, "main"), ALL_OLD);
    assert_true(bench_is(drive.opened.io, OLD, 0, MIB));
    drive_end(&drive);
}

/* Enterprise SSC 3.00, as sedutil speaks it: a session of nobody's, named parameters, Authenticate
 * with a result, RevertSP of the SP that the session is with. */
static void enterprise_reverts(void **state)
{
    static const uint8_t start[] = {
        0xf8, 0xa8, 0,    0,    0,    0,    0,    0,    0,    0xff, 0xa8, 0,    0,   0,   0,
        0,    0,    0xff, 2,    0xf0, 0x01, 0xa8, 0,    0,    2,    5,    0,    0,   0,   1,
        0x01, 0xf2, 0xae, 'S',  'e',  's',  's',  'i',  'o',  'n',  'T',  'i',  'm', 'e', 'o',
        'u',  't',  0x82, 0xea, 0x60, 0xf3, 0xf1, 0xf9, 0xf0, 0x00, 0x00, 0x00, 0xf1};
    static const uint8_t head[] = {0xf8, 0xa8, 0,   0,   0,   0,    0,   0,    0,    1,    0xa8,
                                   0,    0,    0,   6,   0,   0,    0,   0x0c, 0xf0, 0xa8, 0,
                                   0,    0,    9,   0,   1,   0xff, 1,   0xf2, 0xa9, 'C',  'h',
                                   'a',  'l',  'l', 'e', 'n', 'g',  'e', 0xd0, 32};
    static const uint8_t tail[] = {0xf3, 0xf1, 0xf9, 0xf0, 0x00, 0x00, 0x00, 0xf1};
    static const uint8_t revert_sp[] = {0xf8, 0xa8, 0,    0,    0,    0,    0,    0,    0,
                                        1,    0xa8, 0,    0,    0,    6,    0,    0,    0,
                                        0x11, 0xf0, 0xf1, 0xf9, 0xf0, 0x00, 0x00, 0x00, 0xf1};
    struct drive drive;
    uint8_t proof[sizeof(head) + 32 + sizeof(tail)];
    (void)state;
    memcpy(proof, head, sizeof(head));
    memset(proof + sizeof(head), '0', 32);
    memcpy(proof + sizeof(head) + 32, tail, sizeof(tail));
    drive_new(&drive, "{kind: scsi, psid: " PSID ", spare: 64KiB, milliseconds: 1, "
                      "features: [enterprise, tcg-locked]}");
    SCSI_IN(&drive, DISCOVERY, 256);
    drive_expect(drive.data + 64, "00 02 10 0c 0f");
    drive_expect(drive.data + 80, "01 00 10 10 07 fe 00 01");
    start_session(&drive, PSID); /* as with Opal: numbers are no names */
    drive_expect(drive.data + 56, "f0 f1 f9 f0 0c");
    send_tokens(&drive, 0, start, sizeof(start));
    drive_expect(drive.data + 56, "f8 a8 00 00 00 00 00 00 00 ff a8 00 00 00 00 00 00 ff 03 f0");
    send_tokens(&drive, 0x1001, revert_sp, sizeof(revert_sp)); /* of nobody */
    drive_expect(drive.data + 56, "f0 f1 f9 f0 01");
    send_tokens(&drive, 0x1001, proof, sizeof(proof));
    drive_expect(drive.data + 56, "f0 00 f1 f9 f0 00"); /* FALSE */
    send_tokens(&drive, 0x1001, revert_sp, sizeof(revert_sp));
    drive_expect(drive.data + 56, "f0 f1 f9 f0 01");
    memcpy(proof + sizeof(head), PSID, 32);
    send_tokens(&drive, 0x1001, proof, sizeof(proof));
    drive_expect(drive.data + 56, "f0 01 f1 f9 f0 00");  /* TRUE */
    send_tokens(&drive, 0x1001, revert, sizeof(revert)); /* Opal's method */
    drive_expect(drive.data + 56, "f0 f1 f9 f0 01");
    send_tokens(&drive, 0x1001, revert_sp, sizeof(revert_sp));
    drive_expect(drive.data + 56, "f0 f1 f9 f0 00");
    assert_int_equal(drive_remains(&drive, "main"), 0);
    assert_int_equal(drive_remains(&drive, "spare"), 0);
    SCSI_IN(&drive, DISCOVERY, 256);
    drive_expect(drive.data + 64, "00 02 10 0c 0b"); /* not locked, and enabled as ever */
    drive_end(&drive);
}

static void pyrite_2_removes_data(void **state)
{
    struct drive drive;
    (void)state;
    drive_new(&drive, "{kind: scsi, psid: " PSID ", spare: 64KiB, milliseconds: 1, "
                      "features: [pyrite2, tcg-locked]}");
    SCSI_IN(&drive, DISCOVERY, 256);
    drive_expect(drive.data + 64, "00 02 10 0c 07"); /* locked, and nothing is encrypted */
    drive_expect(drive.data + 80, "03 03 10 10 07 fe");
    drive_expect(drive.data + 116, "04 04 10 20 00 00 02"); /* by block erase */
    start_session(&drive, PSID);
    send_tokens(&drive, 0x1001, revert, sizeof(revert));
    drive_expect(drive.data + 56, "f0 f1 f9 f0 00");
    assert_int_equal(drive_remains(&drive, "main"), 0);
    assert_int_equal(drive_remains(&drive, "spare"), 0);
    drive_end(&drive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(discovery),           cmocka_unit_test(opal_reverts),
        cmocka_unit_test(pyrite_only_unlocks), cmocka_unit_test(pyrite_2_removes_data),
        cmocka_unit_test(enterprise_reverts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
