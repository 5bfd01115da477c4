/* SPDX-License-Identifier: Apache-2.0 */
/* A SAS drive and what bridges make of others, byte by byte: SPC-5, SBC-4, facts/drives.md A3. */
#include "drive.h"

#include <stdio.h>

static uint64_t capacity(struct drive *drive)
{
    struct lethe_io_info info;
    assert_int_equal(lethe_io_info(drive->opened.io, &info), 0);
    return info.capacity;
}

static void says_who_it_is(void **state)
{
    struct drive drive;
    (void)state;
    drive_new(&drive, "{kind: scsi}");
    SCSI_IN(&drive, "12 00 00 00 60 00", 96);
    drive_expect(drive.data, "00 00 07 02 5b 00 00 02 41 63 6d 65 20 20 20 20 50 75 72 67");
    SCSI_IN(&drive, "12 01 80 00 60 00", 96);
    drive_expect(drive.data, "00 80 00 08 53 33 52 31 41 4c 34 32");
    SCSI_IN(&drive, "12 01 83 00 60 00", 96);
    drive_expect(drive.data, "00 83 00 20 01 03 00 08 50 00 c5 00 a1 b2 c3 d4 02 01 00 10");
    SCSI_IN(&drive, "12 01 77 00 60 00", 96);
    assert_int_equal(drive_sense(&drive), 0x052400);
    SCSI_IN(&drive, "9e 10 00 00 00 00 00 00 00 00 00 00 00 20 00 00", 32);
    drive_expect(drive.data, "00 00 00 00 00 00 07 ff 00 00 02 00");
    drive_end(&drive);
    drive_new(&drive, "{kind: ata}");
    SCSI_IN(&drive, "12 00 00 00 60 00", 96);
    drive_expect(drive.data + 8, "41 54 41 20 20 20 20 20 50 75 72 67");
    drive_expect(drive.data + 32, "30 32 30 33"); /* the last four of the revision */
    SCSI_IN(&drive, "12 01 89 02 3c 00", 572);
    drive_expect(drive.data, "00 89 02 38");
    drive_expect(drive.data + 60 + 20, "33 53 31 52");
    drive_end(&drive);
    drive_new(&drive, "{kind: ata, bridge: sat}");
    SCSI_IN(&drive, "12 00 00 00 60 00", 96);
    drive_expect(drive.data + 8, "41 53 4d 54 20"); /* the bridge's own name */
    drive_end(&drive);
}

static void reads_and_writes(void **state)
{
    struct drive drive;
    (void)state;
    drive_new(&drive, "{kind: scsi}");
    memset(drive.data, 'n', 1024);
    SCSI_OUT(&drive, "2a 00 00 00 00 02 00 00 02 00", 1024);
    assert_int_equal(drive.c.result, 0);
    assert_int_equal(drive.c.transferred, 1024);
    SCSI_IN(&drive, "88 00 00 00 00 00 00 00 00 01 00 00 00 04 00 00", 2048);
    assert_int_equal(drive.data[511], 'o');
    assert_int_equal(drive.data[512], 'n');
    assert_int_equal(drive.data[1536], 'o');
    SCSI_IN(&drive, "28 00 00 00 08 00 00 00 01 00", 512);
    assert_int_equal(drive_sense(&drive), 0x052100);
    SCSI(&drive, "ff 00 00 00 00 00");
    assert_int_equal(drive_sense(&drive), 0x052000);
    drive_end(&drive);
}

static void sanitize_block(void **state)
{
    struct drive drive;
    (void)state;
    drive_new(&drive, "{kind: scsi, spare: 64KiB, milliseconds: 900}");
    SCSI(&drive, "48 82 00 00 00 00 00 00 00 00");
    assert_int_equal(drive.c.result, 0);
    SCSI(&drive, "00 00 00 00 00 00");
    assert_int_equal(drive_sense(&drive), 0x02041b);
    drive_wait_ms(450);
    SCSI_IN(&drive, "03 00 00 00 12 00", 18);
    drive_expect(drive.data, "70 00 02 00 00 00 00 0a 00 00 00 00 04 1b 00 80");
    assert_in_range(drive.data[16] * 256u + drive.data[17], 65536 / 3, 65535);
    SCSI_IN(&drive, "03 01 00 00 20 00", 32);
    drive_expect(drive.data, "72 02 04 1b 00 00 00 08 02 06 00 00 80");
    SCSI_IN(&drive, "28 00 00 00 00 00 00 00 01 00", 512);
    assert_int_equal(drive_sense(&drive), 0x02041b);
    SCSI(&drive, "48 82 00 00 00 00 00 00 00 00");
    assert_int_equal(drive_sense(&drive), 0x02041b);
    SCSI_IN(&drive, "25 00 00 00 00 00 00 00 00 00", 8); /* this one answers */
    assert_int_equal(drive.c.result, 0);
    /* The kernel waits with a read of its own; so does ours. */
    assert_int_equal(lethe_io_read(drive.opened.io, drive.data, 512, 0), 0);
    SCSI(&drive, "00 00 00 00 00 00");
    assert_int_equal(drive.c.result, 0);
    assert_int_equal(drive_remains(&drive, "main"), 0);
    assert_int_equal(drive_remains(&drive, "spare"), 0);
    drive_end(&drive);
}

static void sanitize_overwrite_and_parameters(void **state)
{
    struct drive drive;
    (void)state;
    drive_new(&drive, "{kind: scsi, milliseconds: 2, features: [sanitize-overwrite, "
                      "capacity-refused]}");
    memcpy(drive.data, "\x01\x00\x00\x04\xde\xad\xbe\xef", 8);
    SCSI_OUT(&drive, "48 01 00 00 00 00 00 00 08 00", 8); /* not immediate: when it is over */
    assert_int_equal(drive.c.result, 0);
    assert_int_equal(lethe_io_read(drive.opened.io, drive.data, 512, 512), 0);
    drive_expect(drive.data, "de ad be ef de ad be ef");
    memcpy(drive.data, "\x82\x00\x00\x01\x55", 5); /* two passes, inverted */
    SCSI_OUT(&drive, "48 01 00 00 00 00 00 00 05 00", 5);
    assert_int_equal(lethe_io_read(drive.opened.io, drive.data, 512, 512), 0);
    drive_expect(drive.data, "aa aa aa aa aa");
    memcpy(drive.data, "\x00\x00\x00\x01\x55", 5); /* no passes */
    SCSI_OUT(&drive, "48 01 00 00 00 00 00 00 05 00", 5);
    assert_int_equal(drive_sense(&drive), 0x052600);
    SCSI(&drive, "48 83 00 00 00 00 00 00 00 00"); /* crypto: not one of its */
    assert_int_equal(drive_sense(&drive), 0x052000);
    drive_end(&drive);
}

static void sanitize_fails_and_is_left_only_when_allowed(void **state)
{
    struct drive drive;
    (void)state;
    drive_new(&drive, "{kind: scsi, milliseconds: 1, faults: [{kind: fails}]}");
    SCSI(&drive, "48 02 00 00 00 00 00 00 00 00");
    assert_int_equal(drive_sense(&drive), 0x033103);
    SCSI(&drive, "48 1f 00 00 00 00 00 00 00 00"); /* AUSE wasn't set */
    assert_int_equal(drive_sense(&drive), 0x033103);
    drive_end(&drive);
    drive_new(&drive, "{kind: scsi, milliseconds: 1, faults: [{kind: fails}]}");
    SCSI(&drive, "48 22 00 00 00 00 00 00 00 00"); /* AUSE */
    assert_int_equal(drive_sense(&drive), 0x033103);
    SCSI(&drive, "48 1f 00 00 00 00 00 00 00 00");
    assert_int_equal(drive.c.result, 0);
    SCSI(&drive, "00 00 00 00 00 00");
    assert_int_equal(drive.c.result, 0);
    drive_end(&drive);
}

static void reads_fail_until_written_where_it_says_so(void **state)
{
    struct drive drive;
    (void)state;
    drive_new(&drive, "{kind: scsi, milliseconds: 1, features: [sanitize-block, sanitize-crypto, "
                      "unreadable-after-block]}");
    SCSI_IN(&drive, "12 01 b1 00 40 00", 64);
    drive_expect(drive.data, "00 b1 00 3c 00 01 00 83");
    SCSI(&drive, "48 02 00 00 00 00 00 00 00 00");
    SCSI_IN(&drive, "28 00 00 00 00 00 00 00 01 00", 512);
    assert_int_equal(drive_sense(&drive), 0x031115);
    assert_int_equal(lethe_io_read(drive.opened.io, drive.data, 512, 0), -ENODATA);
    assert_int_equal(bench_fill(drive.opened.io, 'n', 0, 4096), 0);
    assert_true(bench_is(drive.opened.io, 'n', 0, 4096));
    assert_int_equal(lethe_io_read(drive.opened.io, drive.data, 512, 8192), -ENODATA);
    drive_end(&drive);
}

static void format_makes_520_into_512(void **state)
{
    struct drive drive;
    (void)state;
    drive_new(&drive, "{kind: scsi, sector: 520, spare: 64KiB, milliseconds: 5}");
    assert_int_equal(capacity(&drive), 0);
    SCSI_IN(&drive, "25 00 00 00 00 00 00 00 00 00", 8);
    drive_expect(drive.data, "00 00 07 ff 00 00 02 08");
    SCSI_IN(&drive, "1a 00 00 00 ff 00", 64);
    drive_expect(drive.data, "0b 00 10 08 00 00 08 00 00 00 02 08");
    memcpy(drive.data, "\0\0\0\x08\0\0\0\0\0\0\x02\0", 12);
    SCSI_OUT(&drive, "15 10 00 00 0c 00", 12);
    assert_int_equal(drive.c.result, 0);
    memcpy(drive.data, "\0\x02\0\0", 4); /* IMMED */
    SCSI_OUT(&drive, "04 10 00 00 00 00", 4);
    assert_int_equal(drive.c.result, 0);
    SCSI(&drive, "00 00 00 00 00 00");
    assert_int_equal(drive_sense(&drive), 0x020404);
    drive_wait_ms(10);
    SCSI(&drive, "00 00 00 00 00 00");
    assert_int_equal(drive.c.result, 0);
    assert_int_equal(capacity(&drive), MIB);
    assert_int_equal(drive_remains(&drive, "spare"), 128); /* no purge */
    drive_end(&drive);
}

static void an_interrupted_format_leaves_data(void **state)
{
    struct drive drive;
    (void)state;
    drive_new(&drive, "{kind: scsi, milliseconds: 5, faults: [{kind: power-loss, at: 25%}]}");
    assert_int_equal(SCSI(&drive, "04 00 00 00 00 00"), -ENODEV);
    drive_power_back(&drive);
    SCSI(&drive, "00 00 00 00 00 00");
    assert_int_equal(drive_sense(&drive), 0x033100); /* medium format corrupted */
    assert_int_equal(drive_remains(&drive, "main"), ALL_OLD * 3 / 4);
    SCSI(&drive, "04 00 00 00 00 00");
    assert_int_equal(drive.c.result, 0);
    assert_int_equal(drive_remains(&drive, "main"), 0);
    drive_end(&drive);
}

static void reports_its_opcodes(void **state)
{
    struct drive drive;
    (void)state;
    drive_new(&drive, "{kind: scsi}");
    SCSI_IN(&drive, "a3 0c 02 48 00 02 00 00 00 20 00 00", 32);
    drive_expect(drive.data, "00 03 00 0a 48 02");
    SCSI_IN(&drive, "a3 0c 02 48 00 03 00 00 00 20 00 00", 32);
    drive_expect(drive.data, "00 01 00 00");
    SCSI_IN(&drive, "a3 0c 01 28 00 00 00 00 00 20 00 00", 32);
    drive_expect(drive.data, "00 03 00 0a 28 ff");
    SCSI_IN(&drive, "a3 0c 00 00 00 00 00 00 10 00 00 00", 4096);
    assert_int_equal(drive.data[3] % 8, 0);
    drive_expect(drive.data + 4, "00 00 00 00 00 00 00 06");
    drive_end(&drive);
    drive_new(&drive, "{kind: ata, bridge: sat}"); /* usb-storage doesn't even ask */
    SCSI_IN(&drive, "a3 0c 00 00 00 00 00 00 10 00 00 00", 4096);
    assert_int_equal(drive_sense(&drive), 0x052000);
    drive_end(&drive);
}

static void health(void **state)
{
    struct drive drive;
    (void)state;
    drive_new(&drive, "{kind: scsi, health: {life_used: 17, hours: 100, failed: true}}");
    SCSI_IN(&drive, "4d 00 51 00 00 00 00 00 40 00", 64);
    drive_expect(drive.data, "11 00 00 08 00 01 03 04 00 00 00 11");
    SCSI_IN(&drive, "4d 00 6f 00 00 00 00 00 40 00", 64);
    drive_expect(drive.data, "2f 00 00 08 00 00 03 04 5d");
    SCSI_IN(&drive, "4d 00 55 00 00 00 00 00 40 00", 64);
    drive_expect(drive.data, "15 00 00 10 00 00 03 0c 00 00 17 70");
    drive_end(&drive);
}

static void zones(void **state)
{
    struct drive drive;
    (void)state;
    drive_new(&drive, "{kind: scsi, zone: 256KiB, features: [zoned]}");
    SCSI_IN(&drive, "12 00 00 00 60 00", 96);
    assert_int_equal(drive.data[0], 0x14);
    SCSI_IN(&drive, "95 00 00 00 00 00 00 00 00 00 00 00 01 40 00 00", 320);
    drive_expect(drive.data, "00 00 01 00 01");
    drive_expect(drive.data + 64, "02 10 00 00 00 00 00 00 00 00 00 00 00 00 02 00");
    memset(drive.data, 'z', 512);
    SCSI_OUT(&drive, "2a 00 00 00 02 01 00 00 01 00", 512); /* not at the write pointer */
    assert_int_equal(drive_sense(&drive), 0x052104);
    SCSI_OUT(&drive, "2a 00 00 00 02 00 00 00 01 00", 512);
    assert_int_equal(drive.c.result, 0);
    SCSI_IN(&drive, "95 00 00 00 00 00 00 00 02 00 00 00 00 80 00 00", 128);
    drive_expect(drive.data + 64, "02 20");
    drive_expect(drive.data + 64 + 24, "00 00 00 00 00 00 02 01");
    SCSI(&drive, "94 04 00 00 00 00 00 00 00 00 00 00 00 00 01 00"); /* all */
    assert_int_equal(drive.c.result, 0);
    SCSI_IN(&drive, "95 00 00 00 00 00 00 00 02 00 00 00 00 80 00 00", 128);
    drive_expect(drive.data + 64, "02 10");
    drive_end(&drive);
}

/* Below its write pointer a zone is read, behind it nothing or a pattern; what was there stays on
 * the medium, and shows where a drive is careless. */
static void zones_are_read_below_their_pointers(void **state)
{
    static const struct {
        const char *controller, *behind; /* first bytes; NULL: an error */
    } cases[] = {
        {"{kind: scsi, zone: 256KiB, features: [zoned]}", NULL},
        {"{kind: scsi, zone: 256KiB, features: [zoned, unrestricted-reads]}", "00 00 00"},
        {"{kind: scsi, zone: 256KiB, features: [zoned, unrestricted-reads], "
         "faults: [{kind: old-behind-pointer}]}",
         "6f 6f 6f"}, /* what was there */
    };
    struct drive drive;
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        drive_new(&drive, cases[i].controller);
        SCSI(&drive, "94 04 00 00 00 00 00 00 02 00 00 00 00 00 00 00");
        assert_int_equal(drive.c.result, 0);
        memset(drive.data, 'z', 512);
        SCSI_OUT(&drive, "2a 00 00 00 02 00 00 00 01 00", 512);
        SCSI_IN(&drive, "28 00 00 00 02 00 00 00 01 00", 512);
        drive_expect(drive.data, "7a 7a 7a");
        SCSI_IN(&drive, "28 00 00 00 02 01 00 00 01 00", 512);
        if (cases[i].behind)
            drive_expect(drive.data, cases[i].behind);
        else
            assert_int_equal(drive_sense(&drive), 0x052106);
        assert_int_equal(drive_remains(&drive, "main"), ALL_OLD - 1);
        SCSI_IN(&drive, "12 01 b6 00 40 00", 64);
        assert_int_equal(drive.data[4], i > 0);
        drive_end(&drive);
    }
}

/* The kernel translates for SATA drives. */
static void sata_drives_have_zones_too(void **state)
{
    struct drive drive;
    (void)state;
    drive_new(&drive, "{kind: ata, zone: 256KiB, features: [zoned]}");
    SCSI_IN(&drive, "95 00 00 00 00 00 00 00 00 00 00 00 02 00 80 00", 512);
    drive_expect(drive.data, "00 00 01 00");
    drive_expect(drive.data + 64, "02 10");
    drive_end(&drive);
    drive_new(&drive, "{kind: ata, bridge: sat, features: [zoned]}"); /* bridges do not */
    SCSI_IN(&drive, "95 00 00 00 00 00 00 00 00 00 00 00 02 00 80 00", 512);
    assert_int_equal(drive_sense(&drive), 0x052000);
    drive_end(&drive);
}

/* SBC-4 5.30.1: ZNR keeps pointers (crypto) or fills zones (overwrite, block erase). */
static void a_sanitize_resets_zones_or_keeps_them(void **state)
{
    static const struct {
        const char *features, *cdb, *zone; /* type, condition */
        uint8_t pointer;                   /* of the zone, below 100h; 0 not looked at */
    } cases[] = {
        {"sanitize-crypto", "48 83 00 00 00 00 00 00 00 00", "02 10", 0},
        {"sanitize-crypto", "48 c3 00 00 00 00 00 00 00 00", "02 20", 1},
        {"sanitize-block", "48 82 00 00 00 00 00 00 00 00", "02 10", 0},
        {"sanitize-block", "48 c2 00 00 00 00 00 00 00 00", "02 e0", 0},
    };
    struct drive drive;
    char controller[128];
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        snprintf(controller, sizeof(controller),
                 "{kind: scsi, zone: 256KiB, conventional: 1, milliseconds: 20, features: [zoned, "
                 "%s]}",
                 cases[i].features);
        drive_new(&drive, controller);
        memset(drive.data, 'z', 512);
        SCSI_OUT(&drive, "2a 00 00 00 02 00 00 00 01 00", 512);
        assert_int_equal(drive.c.result, 0);
        SCSI(&drive, cases[i].cdb);
        assert_int_equal(drive.c.result, 0);
        drive_wait_ms(60);
        SCSI_IN(&drive, "95 00 00 00 00 00 00 00 00 00 00 00 00 c0 80 00", 192);
        drive_expect(drive.data, "00 00 00 80"); /* PARTIAL: two of them */
        drive_expect(drive.data + 64, "01 00");
        drive_expect(drive.data + 128, cases[i].zone);
        if (cases[i].pointer)
            assert_int_equal(drive.data[128 + 31], cases[i].pointer);
        drive_end(&drive);
    }
    drive_new(&drive, "{kind: scsi, features: [zoned, no-znr, sanitize-block]}");
    SCSI(&drive, "48 c2 00 00 00 00 00 00 00 00");
    assert_int_equal(drive_sense(&drive), 0x052400);
    drive_end(&drive);
}

static void lies(void **state)
{
    static const struct {
        const char *fault;
        size_t main, spare; /* blocks that stay */
    } cases[] = {
        {"{kind: keep-data}", ALL_OLD, 128},
        {"{kind: first-block-only}", ALL_OLD - 1, 128},
        {"{kind: partial-erase, size: 25%}", ALL_OLD * 3 / 4, 128},
        {"{kind: keep-area, area: spare}", 0, 128},
        {"{kind: keep-area, area: main}", ALL_OLD, 0},
        {"{kind: keep-data, of: format}", 0, 0}, /* of something else */
        {"{kind: backwards}", 0, 0},
    };
    struct drive drive;
    char controller[256];
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        snprintf(controller, sizeof(controller),
                 "{kind: scsi, spare: 64KiB, milliseconds: 4, faults: [%s]}", cases[i].fault);
        drive_new(&drive, controller);
        SCSI(&drive, "48 02 00 00 00 00 00 00 00 00");
        assert_int_equal(drive.c.result, 0); /* all of them say that it went well */
        assert_int_equal(drive_remains(&drive, "main"), cases[i].main);
        assert_int_equal(drive_remains(&drive, "spare"), cases[i].spare);
        drive_end(&drive);
    }
}

static void stuck_for_ever(void **state)
{
    struct drive drive;
    (void)state;
    drive_new(&drive, "{kind: scsi, milliseconds: 5, faults: [{kind: stuck}]}");
    SCSI(&drive, "48 82 00 00 00 00 00 00 00 00");
    drive_wait_ms(20);
    SCSI_IN(&drive, "03 00 00 00 12 00", 18);
    assert_int_equal(drive.data[16] * 256u + drive.data[17], 655);
    drive_wait_ms(20);
    SCSI_IN(&drive, "03 00 00 00 12 00", 18);
    assert_int_equal(drive.data[16] * 256u + drive.data[17], 655);
    drive_end(&drive);
}

static void changes_and_dies(void **state)
{
    struct drive drive;
    struct lethe_identity identity;
    (void)state;
    drive_new(&drive, "{kind: scsi, milliseconds: 1, faults: [{kind: new-serial, serial: "
                      "OTHER, times: 1}, {kind: dead-after, of: format}, {kind: zero-capacity}]}");
    SCSI(&drive, "48 02 00 00 00 00 00 00 00 00");
    SCSI_IN(&drive, "12 01 80 00 60 00", 96);
    drive_expect(drive.data, "00 80 00 05 4f 54 48 45 52");
    assert_int_equal(lethe_driver_emu.identify(drive.bench.held, &identity, &drive.bench.err), 0);
    assert_string_equal(lethe_identity_find(&identity, LETHE_ID_SERIAL)->value, "OTHER");
    drive_power_cycle(&drive);
    assert_int_equal(capacity(&drive), 0);
    SCSI_IN(&drive, "25 00 00 00 00 00 00 00 00 00", 8);
    assert_int_equal(drive_sense(&drive), 0x023a00);
    drive_power_cycle(&drive);
    assert_int_equal(capacity(&drive), MIB);
    assert_int_equal(SCSI(&drive, "04 00 00 00 00 00"), -ENODEV);
    assert_int_equal(lethe_driver_emu.identify(drive.bench.held, &identity, &drive.bench.err),
                     -LETHE_E_GONE);
    drive_end(&drive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_who_it_is),
        cmocka_unit_test(reads_and_writes),
        cmocka_unit_test(sanitize_block),
        cmocka_unit_test(sanitize_overwrite_and_parameters),
        cmocka_unit_test(sanitize_fails_and_is_left_only_when_allowed),
        cmocka_unit_test(reads_fail_until_written_where_it_says_so),
        cmocka_unit_test(format_makes_520_into_512),
        cmocka_unit_test(an_interrupted_format_leaves_data),
        cmocka_unit_test(reports_its_opcodes),
        cmocka_unit_test(health),
        cmocka_unit_test(zones),
        cmocka_unit_test(zones_are_read_below_their_pointers),
        cmocka_unit_test(sata_drives_have_zones_too),
        cmocka_unit_test(a_sanitize_resets_zones_or_keeps_them),
        cmocka_unit_test(lies),
        cmocka_unit_test(stuck_for_ever),
        cmocka_unit_test(changes_and_dies),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
