/* SPDX-License-Identifier: Apache-2.0 */
/* An ATA drive behind ATA PASS-THROUGH, byte by byte: ACS-3, SAT-4, facts/drives.md A2. */
#include "drive.h"

/* 16-byte ATA PASS-THROUGH: non-data with CK_COND, PIO in and out of one sector. */
#define NON_DATA(drive, feature, count, lba, command)                                              \
    SCSI(drive, "85 07 20 " feature " " count " " lba " 40 " command " 00")
#define PIO_OUT(drive, feature, command)                                                           \
    SCSI_OUT(drive, "85 0a 06 00 " feature " 00 01 00 00 00 00 00 00 40 " command " 00", 512)
#define IDENTIFY "85 08 0e 00 00 00 01 00 00 00 00 00 00 00 ec 00"
/* LBA fields in the order of the CDB: low(31:24) low(7:0), mid(39:32) mid(15:8), high(47:40)
 * high(23:16). */
#define NO_LBA "00 00 00 00 00 00"
#define CRYP "43 70 00 79 00 72"
#define BKER "42 72 00 45 00 6b"
#define ANTI "41 69 00 74 00 6e"
#define OVER "ba be 57 be 4f fe" /* pattern BAFEBEBE */

static void identify(struct drive *drive)
{
    assert_int_equal(SCSI_IN(drive, IDENTIFY, 512), 0);
    assert_int_equal(drive->c.result, 0);
}

static void registers(const struct drive *drive, const char *hex)
{
    assert_int_equal(drive->c.result, 2);
    assert_int_equal(drive->c.n_sense, 22);
    drive_expect(drive->c.sense + 8, hex);
}

static void says_who_it_is(void **state)
{
    struct drive drive;
    uint8_t sum = 0;
    (void)state;
    drive_new(&drive, "{kind: ata}");
    identify(&drive);
    drive_expect(drive.data + 20, "33 53 31 52 4c 41 32 34 20 20"); /* "S3R1AL42", swapped */
    drive_expect(drive.data + 46, "57 46 2e 31 32 30 33 30");
    drive_expect(drive.data + 54, "75 50 67 72 61 65 6c 62");
    assert_int_equal(word_of(&drive, 59), 0xd400); /* block, overwrite, sanitize, antifreeze */
    assert_int_equal(word_of(&drive, 100), 2048);
    assert_int_equal(word_of(&drive, 101), 0);
    assert_int_equal(word_of(&drive, 82) & 0x0402, 0x0402); /* HPA, security */
    assert_int_equal(word_of(&drive, 128), 0x0021);
    assert_int_equal(word_of(&drive, 217), 1);
    assert_int_equal(word_of(&drive, 108), 0x5000);
    assert_int_equal(word_of(&drive, 111), 0xc3d4);
    for (size_t i = 0; i < 512; i++)
        sum = (uint8_t)(sum + drive.data[i]);
    assert_int_equal(drive.data[510], 0xa5);
    assert_int_equal(sum, 0);
    drive_end(&drive);
}

static void check_condition_has_the_registers(void **state)
{
    struct drive drive;
    (void)state;
    drive_new(&drive, "{kind: ata}");
    /* SANITIZE STATUS EXT of a drive that never did one. */
    NON_DATA(&drive, "00 00", "00 00", NO_LBA, "b4");
    assert_int_equal(drive_sense(&drive), 0x01001d);
    registers(&drive, "09 0c 01 00 00 00 00 ff 00 ff 00 00 40 50");
    drive_end(&drive);
    drive_new(&drive, "{kind: ata, bridge: sat-fixed-sense}");
    NON_DATA(&drive, "00 00", "00 00", NO_LBA, "b4");
    assert_int_equal(drive.c.n_sense, 18);
    drive_expect(drive.c.sense, "70 00 01 00 50 40 00 0a 80 ff ff 00 00 1d");
    /* Protocol 15 has what fixed sense can't: COUNT(15:8). */
    assert_int_equal(SCSI_IN(&drive, "85 1e 00 00 00 00 00 00 00 00 00 00 00 00 00 00", 14), 0);
    drive_expect(drive.data, "09 0c 01 00 00 00 00 ff 00 ff 00 00 40 50");
    drive_end(&drive);
}

static void sanitize_runs_and_ends(void **state)
{
    struct drive drive;
    (void)state;
    drive_new(&drive, "{kind: ata, spare: 64KiB, milliseconds: 900}");
    assert_int_equal(drive_remains(&drive, "main"), ALL_OLD);
    assert_int_equal(drive_remains(&drive, "spare"), 128);
    NON_DATA(&drive, "00 40", "00 00", ANTI, "b4");
    registers(&drive, "09 0c 01 00 10"); /* antifreeze */
    NON_DATA(&drive, "00 12", "00 10", BKER, "b4");
    registers(&drive, "09 0c 01 00 50"); /* running, antifreeze */
    /* Everything else is aborted meanwhile. */
    SCSI_IN(&drive, "85 09 0e 00 00 00 01 00 00 00 00 00 00 40 24 00", 512);
    assert_int_equal(drive_sense(&drive), 0x0b0000);
    NON_DATA(&drive, "00 12", "00 10", BKER, "b4");
    assert_int_equal(drive_sense(&drive), 0x0b0000);
    identify(&drive);
    drive_wait_ms(450);
    NON_DATA(&drive, "00 00", "00 00", NO_LBA, "b4");
    assert_int_equal(drive.c.sense[8 + 4], 0x50);
    unsigned progress = drive.c.sense[8 + 7] | drive.c.sense[8 + 9] * 256u;
    assert_in_range(progress, 65536 / 3, 65535 - 1);
    drive_wait_ms(600);
    NON_DATA(&drive, "00 00", "00 00", NO_LBA, "b4");
    registers(&drive, "09 0c 01 00 90 00 00 ff 00 ff 00 00 40 50");
    assert_int_equal(drive_remains(&drive, "main"), 0);
    assert_int_equal(drive_remains(&drive, "spare"), 0);
    assert_true(bench_is(drive.opened.io, 0, 0, MIB));
    drive_end(&drive);
}

static void sanitize_overwrites_with_the_pattern(void **state)
{
    struct drive drive;
    (void)state;
    drive_new(&drive, "{kind: ata, milliseconds: 1}");
    NON_DATA(&drive, "00 14", "00 01", OVER, "b4");
    assert_int_equal(drive_sense(&drive), 0x01001d);
    drive_wait_ms(5);
    assert_int_equal(lethe_io_read(drive.opened.io, drive.data, 512, 0), 0);
    drive_expect(drive.data, "be be fe ba be be fe ba");
    NON_DATA(&drive, "00 14", "00 82", OVER, "b4"); /* two passes, inverted: the other one last */
    drive_wait_ms(5);
    assert_int_equal(lethe_io_read(drive.opened.io, drive.data, 512, 0), 0);
    drive_expect(drive.data, "41 41 01 45 41 41 01 45");
    drive_end(&drive);
}

static void sanitize_refuses_by_reason(void **state)
{
    struct drive drive;
    (void)state;
    drive_new(&drive, "{kind: ata}");
    NON_DATA(&drive, "00 11", "00 00", CRYP, "b4"); /* not one of its */
    registers(&drive, "09 0c 01 04 00 00 00 02 00 00 00 00 40 51");
    NON_DATA(&drive, "00 12", "00 00", CRYP, "b4"); /* the wrong key */
    registers(&drive, "09 0c 01 04 00 00 00 02");
    NON_DATA(&drive, "00 20", "00 00", "46 6b 00 4c 00 72", "b4"); /* FREEZE LOCK */
    registers(&drive, "09 0c 01 00 20");
    NON_DATA(&drive, "00 12", "00 00", BKER, "b4");
    registers(&drive, "09 0c 01 04 00 00 00 03");
    NON_DATA(&drive, "00 40", "00 00", ANTI, "b4");
    registers(&drive, "09 0c 01 04 00 00 00 03");
    drive_power_cycle(&drive);
    NON_DATA(&drive, "00 12", "00 00", BKER, "b4");
    registers(&drive, "09 0c 01 00 40");
    drive_end(&drive);
}

static void sanitize_fails_and_is_left(void **state)
{
    struct drive drive;
    (void)state;
    drive_new(&drive, "{kind: ata, milliseconds: 1, faults: [{kind: fails, times: 1}]}");
    NON_DATA(&drive, "00 12", "00 10", BKER, "b4"); /* the failure may be left */
    drive_wait_ms(5);
    NON_DATA(&drive, "00 00", "00 00", NO_LBA, "b4");
    registers(&drive, "09 0c 01 04 00 00 00 01 00 00 00 00 40 51");
    assert_int_equal(lethe_io_read(drive.opened.io, drive.data, 512, 0), -EIO);
    assert_in_range(drive_remains(&drive, "main"), ALL_OLD / 2, ALL_OLD - 1);
    NON_DATA(&drive, "00 00", "00 01", NO_LBA, "b4");
    registers(&drive, "09 0c 01 00 00 00 00 ff");
    NON_DATA(&drive, "00 12", "00 00", BKER, "b4");
    drive_wait_ms(5);
    NON_DATA(&drive, "00 00", "00 00", NO_LBA, "b4");
    registers(&drive, "09 0c 01 00 80");
    assert_int_equal(drive_remains(&drive, "main"), 0);
    drive_end(&drive);
}

static void sanitize_goes_on_after_a_power_loss(void **state)
{
    struct drive drive;
    (void)state;
    drive_new(&drive, "{kind: ata, milliseconds: 40, faults: [{kind: power-loss, at: 50%}]}");
    NON_DATA(&drive, "00 12", "00 00", BKER, "b4");
    drive_wait_ms(25);
    assert_int_equal(NON_DATA(&drive, "00 00", "00 00", NO_LBA, "b4"), -ENODEV);
    assert_int_equal(drive_remains(&drive, "main"), ALL_OLD / 2);
    drive_power_back(&drive);
    NON_DATA(&drive, "00 00", "00 00", NO_LBA, "b4");
    assert_int_equal(drive.c.sense[8 + 4], 0x40);
    drive_wait_ms(30);
    NON_DATA(&drive, "00 00", "00 00", NO_LBA, "b4");
    registers(&drive, "09 0c 01 00 80");
    assert_int_equal(drive_remains(&drive, "main"), 0);
    drive_end(&drive);
}

static void password(struct drive *drive, unsigned first, unsigned second, const char *text)
{
    memset(drive->data, 0, 512);
    drive->data[0] = (uint8_t)first;
    drive->data[1] = (uint8_t)second;
    memcpy(drive->data + 2, text, strlen(text));
}

static void security_erases(void **state)
{
    struct drive drive;
    (void)state;
    drive_new(&drive, "{kind: ata, spare: 64KiB, milliseconds: 5}");
    password(&drive, 0, 0, "lethe");
    PIO_OUT(&drive, "00", "f1");
    assert_int_equal(drive.c.result, 0);
    identify(&drive);
    assert_int_equal(word_of(&drive, 128), 0x0023); /* enabled */
    assert_int_equal(word_of(&drive, 85) & 2, 2);
    password(&drive, 0, 0, "lethe");
    PIO_OUT(&drive, "00", "f4"); /* not prepared */
    assert_int_equal(drive_sense(&drive), 0x0b0000);
    assert_int_equal(NON_DATA(&drive, "00 00", "00 00", NO_LBA, "f3"), 0);
    identify(&drive); /* something in between */
    password(&drive, 0, 0, "lethe");
    PIO_OUT(&drive, "00", "f4");
    assert_int_equal(drive_sense(&drive), 0x0b0000);
    NON_DATA(&drive, "00 00", "00 00", NO_LBA, "f3");
    password(&drive, 0, 0, "lethe");
    PIO_OUT(&drive, "00", "f4");
    assert_int_equal(drive.c.result, 0);
    identify(&drive);
    assert_int_equal(word_of(&drive, 128), 0x0021);
    assert_int_equal(drive_remains(&drive, "main"), 0);
    assert_int_equal(drive_remains(&drive, "spare"), 128); /* normal: not what is hidden */
    password(&drive, 0, 0, "lethe");
    PIO_OUT(&drive, "00", "f1");
    NON_DATA(&drive, "00 00", "00 00", NO_LBA, "f3");
    password(&drive, 2, 0, "lethe"); /* enhanced */
    PIO_OUT(&drive, "00", "f4");
    assert_int_equal(drive_remains(&drive, "spare"), 0);
    drive_end(&drive);
}

static void comes_back_locked(void **state)
{
    struct drive drive;
    (void)state;
    drive_new(&drive, "{kind: ata, milliseconds: 1}");
    password(&drive, 0, 0, "lethe");
    PIO_OUT(&drive, "00", "f1");
    drive_power_cycle(&drive);
    identify(&drive);
    assert_int_equal(word_of(&drive, 128), 0x0027); /* enabled, locked */
    assert_int_equal(lethe_io_read(drive.opened.io, drive.data, 512, 0), -EIO);
    for (unsigned i = 0; i < 5; i++) {
        password(&drive, 0, 0, "wrong");
        PIO_OUT(&drive, "00", "f2");
        assert_int_equal(drive_sense(&drive), 0x0b0000);
    }
    identify(&drive);
    assert_int_equal(word_of(&drive, 128), 0x0037); /* count expired */
    password(&drive, 0, 0, "lethe");
    PIO_OUT(&drive, "00", "f2");
    assert_int_equal(drive_sense(&drive), 0x0b0000);
    drive_power_cycle(&drive);
    password(&drive, 0, 0, "lethe");
    PIO_OUT(&drive, "00", "f2");
    assert_int_equal(drive.c.result, 0);
    password(&drive, 0, 0, "lethe");
    PIO_OUT(&drive, "00", "f6");
    assert_int_equal(drive.c.result, 0);
    identify(&drive);
    assert_int_equal(word_of(&drive, 128), 0x0021);
    drive_end(&drive);
}

static void foreign_lock_and_master(void **state)
{
    struct drive drive;
    (void)state;
    drive_new(&drive, "{kind: ata, password: theirs, milliseconds: 1}");
    identify(&drive);
    assert_int_equal(word_of(&drive, 128), 0x0027);
    password(&drive, 1, 0, ""); /* the master password as it was made: level High, it opens */
    PIO_OUT(&drive, "00", "f2");
    assert_int_equal(drive.c.result, 0);
    drive_end(&drive);
    drive_new(&drive, "{kind: ata, password: theirs, milliseconds: 1, features: [security, "
                      "max-level]}");
    password(&drive, 1, 0, "");
    PIO_OUT(&drive, "00", "f2");
    assert_int_equal(drive_sense(&drive), 0x0b0000);
    NON_DATA(&drive, "00 00", "00 00", NO_LBA, "f3"); /* but it erases */
    password(&drive, 1, 0, "");
    PIO_OUT(&drive, "00", "f4");
    assert_int_equal(drive.c.result, 0);
    drive_end(&drive);
}

static void frozen_until_the_power_was_off(void **state)
{
    struct drive drive;
    (void)state;
    drive_new(&drive, "{kind: ata, features: [security, frozen]}");
    identify(&drive);
    assert_int_equal(word_of(&drive, 128), 0x0009);
    password(&drive, 0, 0, "lethe");
    PIO_OUT(&drive, "00", "f1");
    assert_int_equal(drive_sense(&drive), 0x0b0000);
    drive_power_cycle(&drive);
    identify(&drive);
    assert_int_equal(word_of(&drive, 128), 0x0001);
    drive_end(&drive);
    drive_new(&drive, "{kind: ata, features: [security, frozen-at-boot]}");
    drive_power_cycle(&drive);
    identify(&drive);
    assert_int_equal(word_of(&drive, 128), 0x0009);
    drive_end(&drive);
}

static void a_reset_in_the_middle_is_no_success(void **state)
{
    struct drive drive;
    (void)state;
    drive_new(&drive, "{kind: ata, milliseconds: 5, faults: [{kind: reset-during}]}");
    password(&drive, 0, 0, "lethe");
    PIO_OUT(&drive, "00", "f1");
    NON_DATA(&drive, "00 00", "00 00", NO_LBA, "f3");
    password(&drive, 0, 0, "lethe");
    SCSI_OUT(&drive, "85 0a 06 00 00 00 01 00 00 00 00 00 00 40 f4 00", 512);
    assert_int_equal(drive.c.result, 0);
    assert_int_equal(NON_DATA(&drive, "00 00", "00 00", NO_LBA, "e5"), 0);
    assert_int_equal(drive_sense(&drive), 0x062900);
    identify(&drive);
    assert_int_equal(word_of(&drive, 128), 0x0023); /* still enabled */
    assert_true(drive_remains(&drive, "main") > 0);
    drive_end(&drive);
}

static uint64_t capacity(struct drive *drive)
{
    struct lethe_io_info info;
    assert_int_equal(lethe_io_info(drive->opened.io, &info), 0);
    return info.capacity;
}

#define READ_NATIVE(drive) NON_DATA(drive, "00 00", "00 00", NO_LBA, "27")

static void hidden_area_is_opened(void **state)
{
    struct drive drive;
    (void)state;
    drive_new(&drive, "{kind: ata, hpa: 256KiB, dco: 768KiB, features: [hpa, dco]}");
    assert_int_equal(capacity(&drive), 256 << 10);
    NON_DATA(&drive, "00 c0", "00 00", NO_LBA, "b1"); /* not while the HPA is there */
    assert_int_equal(drive_sense(&drive), 0x0b0000);
    READ_NATIVE(&drive);
    registers(&drive, "09 0c 01 00 00 00 00 ff 00 05 00 00 40 50"); /* 1535: what DCO leaves */
    NON_DATA(&drive, "00 00", "00 01", "00 ff 00 05 00 00", "37");
    assert_int_equal(drive_sense(&drive), 0x01001d);
    assert_int_equal(capacity(&drive), 768 << 10);
    READ_NATIVE(&drive); /* once a power cycle */
    NON_DATA(&drive, "00 00", "00 01", "00 fe 00 05 00 00", "37");
    assert_int_equal(drive_sense(&drive), 0x052100);
    drive_power_cycle(&drive);
    SCSI_IN(&drive, "85 08 0e 00 c2 00 01 00 00 00 00 00 00 40 b1 00", 512);
    drive_expect(drive.data + 6, "ff 07 00 00 00 00 00 00"); /* 2047: the truth */
    NON_DATA(&drive, "00 c0", "00 00", NO_LBA, "b1");
    assert_int_equal(drive_sense(&drive), 0x01001d);
    drive_power_cycle(&drive);
    assert_int_equal(capacity(&drive), MIB);
    drive_end(&drive);
}

#define DCO_IDENTIFY "85 08 0e 00 c2 00 01 00 00 00 00 00 00 40 b1 00"

/* Frozen by a BIOS or by `hdparm --dco-freeze`, it says nothing of what it hides until it loses
 * power. */
static void a_frozen_overlay_is_not_told(void **state)
{
    struct drive drive;
    (void)state;
    drive_new(&drive, "{kind: ata, dco: 768KiB, features: [dco, dco-frozen]}");
    SCSI_IN(&drive, DCO_IDENTIFY, 512);
    assert_int_equal(drive_sense(&drive), 0x0b0000);
    NON_DATA(&drive, "00 c0", "00 00", NO_LBA, "b1");
    assert_int_equal(drive_sense(&drive), 0x0b0000);
    drive_power_cycle(&drive);
    SCSI_IN(&drive, DCO_IDENTIFY, 512);
    drive_expect(drive.data + 6, "ff 07 00 00 00 00 00 00");
    NON_DATA(&drive, "00 c1", "00 00", NO_LBA, "b1"); /* --dco-freeze */
    assert_int_equal(drive_sense(&drive), 0x01001d);
    SCSI_IN(&drive, DCO_IDENTIFY, 512);
    assert_int_equal(drive_sense(&drive), 0x0b0000);
    drive_end(&drive);
    drive_new(&drive, "{kind: ata, dco: 768KiB, features: [dco, dco-frozen-at-boot]}");
    drive_power_cycle(&drive);
    SCSI_IN(&drive, DCO_IDENTIFY, 512);
    assert_int_equal(drive_sense(&drive), 0x0b0000);
    drive_end(&drive);
}

static void a_native_maximum_is_refused(void **state)
{
    struct drive drive;
    (void)state;
    drive_new(&drive, "{kind: ata, hpa: 512KiB, features: [hpa, amac, native-max-refused]}");
    READ_NATIVE(&drive);
    assert_int_equal(drive_sense(&drive), 0x0b0000);
    NON_DATA(&drive, "00 00", "00 00", NO_LBA, "78");
    assert_int_equal(drive_sense(&drive), 0x0b0000);
    drive_end(&drive);
}

static void accessible_max_address(void **state)
{
    struct drive drive;
    (void)state;
    drive_new(&drive, "{kind: ata, hpa: 512KiB, features: [amac]}");
    assert_int_equal(capacity(&drive), 512 << 10);
    NON_DATA(&drive, "00 00", "00 00", NO_LBA, "78");
    registers(&drive, "09 0c 01 00 00 00 00 ff 00 07 00 00");
    NON_DATA(&drive, "00 01", "00 00", "00 ff 00 07 00 00", "78");
    assert_int_equal(capacity(&drive), MIB);
    NON_DATA(&drive, "00 01", "00 00", "00 ff 00 03 00 00", "78"); /* once a power cycle */
    assert_int_equal(drive_sense(&drive), 0x0b0000);
    drive_end(&drive);
    drive_new(&drive, "{kind: ata, hpa: 512KiB, features: [amac], faults: [{kind: "
                      "hidden-returns}]}");
    NON_DATA(&drive, "00 01", "00 00", "00 ff 00 07 00 00", "78");
    assert_int_equal(capacity(&drive), MIB);
    drive_power_cycle(&drive);
    assert_int_equal(capacity(&drive), 512 << 10);
    drive_end(&drive);
}

static void a_bridge_remembers_the_capacity(void **state)
{
    struct drive drive;
    (void)state;
    drive_new(&drive, "{kind: ata, bridge: sat, hpa: 512KiB}");
    READ_NATIVE(&drive);
    NON_DATA(&drive, "00 00", "00 01", "00 ff 00 07 00 00", "37");
    assert_int_equal(drive_sense(&drive), 0x01001d);
    identify(&drive);
    assert_int_equal(word_of(&drive, 100), 2048);
    assert_int_equal(capacity(&drive), 512 << 10);
    SCSI_IN(&drive, "25 00 00 00 00 00 00 00 00 00", 8);
    drive_expect(drive.data, "00 00 03 ff 00 00 02 00");
    drive_power_cycle(&drive);
    assert_int_equal(capacity(&drive), MIB);
    drive_end(&drive);
}

static void bridges_that_do_not(void **state)
{
    struct drive drive;
    (void)state;
    drive_new(&drive, "{kind: ata, bridge: no-pass-through}");
    SCSI_IN(&drive, IDENTIFY, 512);
    assert_int_equal(drive_sense(&drive), 0x052000);
    drive_end(&drive);
    drive_new(&drive, "{kind: ata, bridge: no-ata-1x}");
    SCSI_IN(&drive, IDENTIFY, 512);
    assert_int_equal(drive_sense(&drive), 0x052400);
    drive_end(&drive);
    drive_new(&drive, "{kind: ata, bridge: sat-12-only}");
    SCSI_IN(&drive, IDENTIFY, 512);
    assert_int_equal(drive_sense(&drive), 0x052000);
    SCSI_IN(&drive, "a1 08 0e 00 01 00 00 00 00 ec 00 00", 512);
    assert_int_equal(drive.c.result, 0);
    drive_expect(drive.data + 20, "33 53 31 52");
    drive_end(&drive);
    drive_new(&drive, "{kind: ata, bridge: sat-no-sense}");
    assert_int_equal(NON_DATA(&drive, "00 00", "00 00", NO_LBA, "b4"), 0);
    assert_int_equal(drive.c.result, 0); /* GOOD and nothing else: that is no "done" */
    assert_int_equal(drive.c.n_sense, 0);
    drive_end(&drive);
    drive_new(&drive, "{kind: ata, bridge: sat-data-only}");
    NON_DATA(&drive, "00 00", "00 00", NO_LBA, "b4");
    assert_int_equal(drive_sense(&drive), 0x052400);
    identify(&drive);
    drive_end(&drive);
    drive_new(&drive, "{kind: ata, bridge: sat-invents}");
    SCSI_IN(&drive, IDENTIFY, 512);
    assert_int_equal(drive.c.result, 0);
    assert_int_not_equal(drive.data[510], 0xa5);
    drive_end(&drive);
    drive_new(&drive, "{kind: ata, bridge: sat-fake-identity}");
    SCSI_IN(&drive, IDENTIFY, 512);
    assert_int_equal(drive.c.result, 0);
    assert_int_not_equal(drive.data[20], 0x33);
    drive_end(&drive);
}

static void health(void **state)
{
    struct drive drive;
    (void)state;
    drive_new(&drive, "{kind: ata, health: {reallocated: 7, pending: 3, hours: 4660, failed: true, "
                      "life_used: 12}}");
    /* SMART READ DATA */
    SCSI_IN(&drive, "85 08 0e 00 d0 00 01 00 00 00 4f 00 c2 40 b0 00", 512);
    drive_expect(drive.data + 2, "05 33 00 5a 5a 07");
    drive_expect(drive.data + 14, "09 33 00 63 63 34 12");
    drive_expect(drive.data + 38, "c5 33 00 64 64 03");
    /* SMART RETURN STATUS: threshold exceeded */
    SCSI(&drive, "85 06 20 00 da 00 00 00 00 00 4f 00 c2 40 b0 00");
    registers(&drive, "09 0c 00 00 00 00 00 00 00 f4 00 2c 40 50");
    /* READ LOG EXT 04h, page 1: hours */
    SCSI_IN(&drive, "85 09 0e 00 00 00 01 00 04 00 01 00 00 40 2f 00", 512);
    drive_expect(drive.data + 16, "34 12 00 00 00 00 00 c0");
    drive_end(&drive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_who_it_is),
        cmocka_unit_test(check_condition_has_the_registers),
        cmocka_unit_test(sanitize_runs_and_ends),
        cmocka_unit_test(sanitize_overwrites_with_the_pattern),
        cmocka_unit_test(sanitize_refuses_by_reason),
        cmocka_unit_test(sanitize_fails_and_is_left),
        cmocka_unit_test(sanitize_goes_on_after_a_power_loss),
        cmocka_unit_test(security_erases),
        cmocka_unit_test(comes_back_locked),
        cmocka_unit_test(foreign_lock_and_master),
        cmocka_unit_test(frozen_until_the_power_was_off),
        cmocka_unit_test(a_reset_in_the_middle_is_no_success),
        cmocka_unit_test(hidden_area_is_opened),
        cmocka_unit_test(a_frozen_overlay_is_not_told),
        cmocka_unit_test(a_native_maximum_is_refused),
        cmocka_unit_test(accessible_max_address),
        cmocka_unit_test(a_bridge_remembers_the_capacity),
        cmocka_unit_test(bridges_that_do_not),
        cmocka_unit_test(health),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
