/* SPDX-License-Identifier: Apache-2.0 */
/* An NVMe controller, by its admin commands and behind USB bridges: NVMe 1.4, facts/drives.md A4.
 */
#include "drive.h"

#include <stdio.h>

#define IDENTIFY(drive, nsid, cns) drive_nvme(drive, 0x06, nsid, cns, 0, LETHE_DATA_IN, 4096)
#define SANITIZE(drive, dw10, dw11) drive_nvme(drive, 0x84, 0, dw10, dw11, LETHE_DATA_NONE, 0)
#define FORMAT(drive, nsid, dw10) drive_nvme(drive, 0x80, nsid, dw10, 0, LETHE_DATA_NONE, 0)
/* Log 81h, 512 bytes: NUMD 127. */
#define SANITIZE_LOG(drive)                                                                        \
    assert_int_equal(drive_nvme(drive, 0x02, 0xffffffff, 0x007f0081, 0, LETHE_DATA_IN, 512), 0)
#define TWO "namespaces: [512KiB], spare: 64KiB, milliseconds: 40"

static void says_who_it_is(void **state)
{
    struct drive drive;
    (void)state;
    drive_new(&drive, "{kind: nvme, " TWO ", unallocated: 256KiB}");
    assert_int_equal(IDENTIFY(&drive, 0, 1), 0);
    drive_expect(drive.data + 4, "53 33 52 31 41 4c 34 32 20");
    drive_expect(drive.data + 24, "50 75 72 67 65");
    drive_expect(drive.data + 64, "46 57 31 2e 30 32 30 33");
    drive_expect(drive.data + 80, "00 04 01 00");
    drive_expect(drive.data + 256, "0a 00");       /* OACS: format, namespace management */
    drive_expect(drive.data + 280, "00 00 1c 00"); /* TNVMCAP 1 MiB + 512 KiB + 256 KiB */
    drive_expect(drive.data + 296, "00 00 04 00"); /* UNVMCAP */
    drive_expect(drive.data + 328, "03 00 00 00"); /* SANICAP: crypto, block */
    drive_expect(drive.data + 512, "66 44");
    drive_expect(drive.data + 524, "04 01"); /* FNA: crypto; VWC */
    assert_int_equal(IDENTIFY(&drive, 1, 0), 0);
    drive_expect(drive.data, "00 08 00 00 00 00 00 00 00 08");
    drive_expect(drive.data + 128, "00 00 09 00");
    assert_int_equal(IDENTIFY(&drive, 2, 0), 0);
    drive_expect(drive.data, "00 04 00 00");
    assert_int_equal(IDENTIFY(&drive, 0, 2), 0);
    drive_expect(drive.data, "01 00 00 00 02 00 00 00 00 00 00 00");
    assert_int_equal(IDENTIFY(&drive, 0, 0x77), 0x002);
    drive_end(&drive);
}

static void namespaces_come_and_go(void **state)
{
    struct drive drive;
    (void)state;
    drive_new(&drive, "{kind: nvme, " TWO "}");
    memset(drive.data, 0, 4096);
    drive.data[0] = drive.data[2] = 1;
    assert_int_equal(drive_nvme(&drive, 0x15, 2, 1, 0, LETHE_DATA_OUT, 4096), 0); /* detach */
    assert_int_equal(IDENTIFY(&drive, 0, 0x02), 0);
    drive_expect(drive.data, "01 00 00 00 00 00 00 00");
    assert_int_equal(IDENTIFY(&drive, 0, 0x10), 0); /* allocated all the same */
    drive_expect(drive.data, "01 00 00 00 02 00 00 00 00 00 00 00");
    assert_int_equal(drive_nvme(&drive, 0x15, 2, 1, 0, LETHE_DATA_OUT, 4096), 0x11a);
    assert_int_equal(drive_nvme(&drive, 0x0d, 2, 1, 0, LETHE_DATA_NONE, 0), 0); /* delete */
    assert_int_equal(IDENTIFY(&drive, 0, 0x10), 0);
    drive_expect(drive.data, "01 00 00 00 00 00 00 00");
    assert_int_equal(IDENTIFY(&drive, 0, 1), 0);
    drive_expect(drive.data + 296, "00 00 08 00"); /* its capacity is unallocated now */
    assert_int_equal(drive_remains(&drive, "ns2"), 1024);
    /* Format doesn't reach it, Sanitize does. */
    assert_int_equal(FORMAT(&drive, 0xffffffff, 1 << 9), 0);
    assert_int_equal(drive_remains(&drive, "main"), 0);
    drive_end(&drive);
}

static void sanitize_reports_itself(void **state)
{
    struct drive drive;
    (void)state;
    drive_new(&drive, "{kind: nvme, namespaces: [512KiB], spare: 64KiB, milliseconds: 900}");
    SANITIZE_LOG(&drive);
    drive_expect(drive.data, "ff ff 00 00 00 00 00 00"); /* never */
    assert_int_equal(SANITIZE(&drive, 0x2 | 1 << 3, 0), 0);
    SANITIZE_LOG(&drive);
    assert_int_equal(drive.data[2] & 7, 2);
    drive_expect(drive.data + 4, "0a 00 00 00");
    assert_int_equal(SANITIZE(&drive, 0x2, 0), 0x01d);
    assert_int_equal(FORMAT(&drive, 1, 1 << 9), 0x01d);
    assert_int_equal(IDENTIFY(&drive, 0, 1), 0);
    assert_int_equal(lethe_io_read(drive.opened.io, drive.data, 512, 0), -EIO); /* at once */
    drive_wait_ms(450);
    SANITIZE_LOG(&drive);
    assert_in_range(drive.data[0] + drive.data[1] * 256u, 65536 / 3, 65534);
    drive_wait_ms(600);
    SANITIZE_LOG(&drive);
    drive_expect(drive.data, "ff ff 01 01 0a 00 00 00"); /* done, all data erased */
    assert_int_equal(drive_remains(&drive, "main"), 0);
    assert_int_equal(drive_remains(&drive, "ns2"), 0);
    assert_int_equal(drive_remains(&drive, "spare"), 0);
    assert_int_equal(bench_fill(drive.opened.io, 'n', 0, 512), 0);
    SANITIZE_LOG(&drive);
    drive_expect(drive.data + 2, "01 00"); /* written since */
    drive_end(&drive);
}

static void sanitize_by_action(void **state)
{
    struct drive drive;
    (void)state;
    drive_new(&drive, "{kind: nvme, milliseconds: 1, features: [sanitize-overwrite, "
                      "sanitize-crypto]}");
    assert_int_equal(SANITIZE(&drive, 2, 0), 0x002); /* no block erase */
    assert_int_equal(SANITIZE(&drive, 5, 0), 0x002);
    assert_int_equal(SANITIZE(&drive, 3 | 1 << 4, 0x11223344), 0);
    drive_wait_ms(5);
    SANITIZE_LOG(&drive);
    assert_int_equal(drive.data[2] & 7, 1);
    assert_int_equal(lethe_io_read(drive.opened.io, drive.data, 512, 0), 0);
    drive_expect(drive.data, "44 33 22 11 44 33 22 11");
    assert_int_equal(SANITIZE(&drive, 4 | 1 << 9, 0), 0); /* crypto, no deallocation */
    drive_wait_ms(5);
    SANITIZE_LOG(&drive);
    assert_int_equal(drive.data[2] & 7, 4);
    assert_int_equal(lethe_io_read(drive.opened.io, drive.data, 512, 0), 0);
    assert_int_not_equal(memcmp(drive.data, drive.data + 8, 8), 0); /* noise */
    drive_end(&drive);
    drive_new(&drive, "{kind: nvme, features: [format]}");
    assert_int_equal(SANITIZE(&drive, 2, 0), 0x001); /* what QEMU says: no such opcode */
    assert_int_equal(drive_nvme(&drive, 2, 0xffffffff, 0x007f0081, 0, LETHE_DATA_IN, 512), 0x109);
    drive_end(&drive);
}

static void sanitize_fails_and_is_left(void **state)
{
    struct drive drive;
    (void)state;
    drive_new(&drive, "{kind: nvme, milliseconds: 1, faults: [{kind: fails, times: 2}]}");
    assert_int_equal(SANITIZE(&drive, 2, 0), 0);
    drive_wait_ms(5);
    SANITIZE_LOG(&drive);
    assert_int_equal(drive.data[2] & 7, 3);
    assert_int_equal(SANITIZE(&drive, 1, 0), 0x01c); /* restricted: not to be left */
    assert_int_equal(SANITIZE(&drive, 2 | 1 << 3, 0), 0x01c);
    assert_int_equal(FORMAT(&drive, 1, 1 << 9), 0x01c);
    assert_int_equal(SANITIZE(&drive, 2, 0), 0);
    drive_wait_ms(5);
    SANITIZE_LOG(&drive);
    assert_int_equal(drive.data[2] & 7, 3);
    assert_int_equal(SANITIZE(&drive, 2, 0), 0); /* the third one works */
    drive_wait_ms(5);
    SANITIZE_LOG(&drive);
    drive_expect(drive.data, "ff ff 01 01");
    drive_end(&drive);
}

static void format_by_ses(void **state)
{
    struct drive drive;
    (void)state;
    drive_new(&drive, "{kind: nvme, namespaces: [512KiB], spare: 64KiB, milliseconds: 2}");
    assert_int_equal(FORMAT(&drive, 1, 0), 0); /* SES 0 erases nothing */
    assert_int_equal(drive_remains(&drive, "main"), ALL_OLD);
    assert_int_equal(FORMAT(&drive, 1, 3), 0x10a);
    assert_int_equal(FORMAT(&drive, 9, 1 << 9), 0x00b);
    assert_int_equal(FORMAT(&drive, 1, 1 << 9), 0);
    assert_int_equal(drive_remains(&drive, "main"), 0);
    assert_int_equal(drive_remains(&drive, "ns2"), 1024);
    assert_int_equal(FORMAT(&drive, 2, 2 << 9), 0);
    assert_int_equal(drive_remains(&drive, "ns2"), 0);
    drive_end(&drive);
    drive_new(&drive, "{kind: nvme, spare: 64KiB, milliseconds: 2, features: [format]}");
    assert_int_equal(FORMAT(&drive, 1, 2 << 9), 0x002);
    drive_end(&drive);
    drive_new(&drive, "{kind: nvme, spare: 64KiB, milliseconds: 2, features: [format], "
                      "faults: [{kind: crypto-pretended}]}");
    assert_int_equal(IDENTIFY(&drive, 0, 1), 0);
    assert_int_equal(drive.data[524] & 4, 0);
    assert_int_equal(FORMAT(&drive, 1, 2 << 9), 0);
    assert_true(bench_is(drive.opened.io, 0, 0, MIB));
    assert_int_equal(drive_remains(&drive, "spare"), 128);
    drive_end(&drive);
}

static void lies(void **state)
{
    struct drive drive;
    (void)state;
    drive_new(&drive, "{kind: nvme, " TWO ", features: [sanitize-block, sanitized-before], "
                      "faults: [{kind: stale-success}]}");
    SANITIZE_LOG(&drive);
    drive_expect(drive.data, "ff ff 01 01 02 00 00 00"); /* of an earlier run */
    assert_int_equal(SANITIZE(&drive, 2, 0), 0);
    SANITIZE_LOG(&drive);
    drive_expect(drive.data, "ff ff 01 01 02 00 00 00");
    assert_int_equal(drive_remains(&drive, "main"), ALL_OLD);
    drive_end(&drive);
    drive_new(&drive, "{kind: nvme, " TWO ", faults: [{kind: keep-key}]}");
    assert_int_equal(SANITIZE(&drive, 4, 0), 0);
    drive_wait_ms(60);
    SANITIZE_LOG(&drive);
    assert_int_equal(drive.data[2] & 7, 1);
    assert_int_equal(drive_remains(&drive, "main"), ALL_OLD);
    drive_end(&drive);
    drive_new(&drive, "{kind: nvme, " TWO ", faults: [{kind: keep-area, area: ns2}]}");
    assert_int_equal(SANITIZE(&drive, 2, 0), 0);
    drive_wait_ms(60);
    SANITIZE_LOG(&drive);
    assert_int_equal(drive.data[2] & 7, 1);
    assert_int_equal(drive_remains(&drive, "main"), 0);
    assert_int_equal(drive_remains(&drive, "ns2"), 1024);
    drive_end(&drive);
    drive_new(&drive, "{kind: nvme, " TWO ", features: [format, refuses-at-first]}");
    assert_int_equal(FORMAT(&drive, 1, 1 << 9), 0x015);
    drive_power_cycle(&drive);
    assert_int_equal(FORMAT(&drive, 1, 1 << 9), 0);
    drive_end(&drive);
}

/* "NVME", opcode at 8, NSID at 12, CDW10 at 48. */
static void jmicron_command(struct drive *drive, uint8_t opcode, uint32_t nsid, uint32_t dw10)
{
    memset(drive->data, 0, 512);
    memcpy(drive->data, "NVME", 4);
    drive->data[8] = opcode;
    memcpy(drive->data + 12, &nsid, 4);
    memcpy(drive->data + 48, &dw10, 4);
    assert_int_equal(SCSI_OUT(drive, "a1 80 00 00 02 00 00 00 00 00 00 00", 512), 0);
    assert_int_equal(drive->c.result, 0);
}

static void jmicron(void **state)
{
    struct drive drive;
    (void)state;
    drive_new(&drive, "{kind: nvme, bridge: jmicron-nvme, milliseconds: 1}");
    jmicron_command(&drive, 0x06, 0, 1);
    SCSI_IN(&drive, "a1 82 00 00 10 00 00 00 00 00 00 00", 4096);
    drive_expect(drive.data + 4, "53 33 52 31 41 4c 34 32");
    jmicron_command(&drive, 0x84, 0, 2);
    SCSI(&drive, "a1 81 00 00 00 00 00 00 00 00 00 00");
    SCSI_IN(&drive, "a1 8f 00 00 02 00 00 00 00 00 00 00", 512);
    drive_expect(drive.data, "4e 56 4d 45 00 00 00 00 00 00 00 00");
    drive_expect(drive.data + 20, "00 00 00 00");
    drive_wait_ms(5);
    jmicron_command(&drive, 0x84, 0, 7);
    SCSI(&drive, "a1 81 00 00 00 00 00 00 00 00 00 00");
    SCSI_IN(&drive, "a1 8f 00 00 02 00 00 00 00 00 00 00", 512);
    drive_expect(drive.data + 20, "00 00 04 80"); /* 4002h << 17 */
    assert_int_equal(drive_remains(&drive, "main"), 0);
    drive_end(&drive);
}

static void other_bridges(void **state)
{
    struct drive drive;
    (void)state;
    drive_new(&drive, "{kind: nvme, bridge: asmedia-nvme, milliseconds: 1}");
    SCSI_IN(&drive, "e6 06 00 01 00 00 00 00 00 00 00 00 00 00 00 00", 4096);
    drive_expect(drive.data + 4, "53 33 52 31 41 4c 34 32");
    SCSI_IN(&drive, "e6 02 00 81 00 00 00 7f 00 00 00 00 00 00 00 00", 512);
    drive_expect(drive.data, "ff ff 00 00");
    SCSI_IN(&drive, "e6 84 00 02 00 00 00 00 00 00 00 00 00 00 00 00", 512);
    assert_int_equal(drive_sense(&drive), 0x052000);
    drive_end(&drive);
    drive_new(&drive, "{kind: nvme, bridge: realtek-nvme, milliseconds: 1}");
    SCSI_IN(&drive, "e4 00 10 06 01 00 00 00 00 00 00 00 00 00 00 00", 4096);
    drive_expect(drive.data + 4, "53 33 52 31 41 4c 34 32");
    SCSI_IN(&drive, "e4 00 04 02 81 00 00 00 00 00 00 00 00 00 00 00", 1024);
    drive_expect(drive.data, "ff ff 00 00");
    assert_int_equal(drive.data[512 + 12], 0x04); /* behind 512: Identify of before, FNA */
    SCSI(&drive, "e5 00 00 84 02 00 00 00 00 00 00 00 00 00 00 00");
    assert_int_equal(drive_sense(&drive), 0x052000);
    drive_end(&drive);
    drive_new(&drive, "{kind: nvme, bridge: jmicron-nvme, milliseconds: 1, faults: [{kind: "
                      "swallow-dwords}]}");
    jmicron_command(&drive, 0x02, 0xffffffff, 0x007f0081); /* NUMD is in the lost half */
    SCSI_IN(&drive, "a1 82 00 00 02 00 00 00 00 00 00 00", 512);
    drive_expect(drive.data, "ff ff 00 00 ee ee ee");
    drive_end(&drive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_who_it_is),
        cmocka_unit_test(namespaces_come_and_go),
        cmocka_unit_test(sanitize_reports_itself),
        cmocka_unit_test(sanitize_by_action),
        cmocka_unit_test(sanitize_fails_and_is_left),
        cmocka_unit_test(format_by_ses),
        cmocka_unit_test(lies),
        cmocka_unit_test(jmicron),
        cmocka_unit_test(other_bridges),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
