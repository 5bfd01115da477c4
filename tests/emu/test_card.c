/* SPDX-License-Identifier: Apache-2.0 */
/* eMMC and SD, command by command: JESD84-B51, facts/drives.md A5. */
#include "drive.h"
#include <errno.h>
#include <stdio.h>

#define NONE LETHE_DATA_NONE, 0
#define EMMC "{kind: mmc, spare: 64KiB, boot: 128KiB, gp: [512KiB], milliseconds: 2"

/* CMD35, 36 and 38 in one piece. */
static void erase(struct drive *drive, unsigned area, uint32_t last, uint32_t how)
{
    char hex[80];
    snprintf(hex, sizeof(hex),
             "23 00 00 00 00 00 %02x 24 00 00 00 %02x %02x %02x 26 00 00 00 00 %02x %02x", area,
             last >> 8, last & 0xff, area, how, area);
    assert_int_equal(drive_send(drive, LETHE_SET_MMC, hex, NONE), 0);
    assert_int_equal(drive->c.n_sense, 12);
    drive_expect(drive->c.sense, "00 00 09 00 00 00 09 00 00 00 09 00");
}

static void says_what_it_has(void **state)
{
    struct drive drive;
    (void)state;
    drive_new(&drive, EMMC ", health: {life_used: 35}}");
    assert_int_equal(drive_mmc(&drive, 8, 0, LETHE_DATA_IN, 512), 0x900);
    drive_expect(drive.data + 143, "01 00 00 00 00 00"); /* GP 1: 512 KiB */
    drive_expect(drive.data + 192, "08");
    drive_expect(drive.data + 212, "00 08 00 00"); /* 2048 sectors */
    drive_expect(drive.data + 226, "01");          /* boot: 128 KiB each */
    drive_expect(drive.data + 231, "55");          /* sanitize, trim, secure erase */
    drive_expect(drive.data + 267, "01 04 04");
    assert_int_equal(drive_mmc(&drive, 10, 0, NONE) >> 24, 0x15);
    assert_int_equal(drive.c.n_sense, 16);
    drive_expect(drive.c.sense + 3, "50 75 72 67 65 61");
    assert_int_equal(drive_mmc(&drive, 13, 0, NONE), 0x900);
    assert_int_equal(drive_mmc(&drive, 60, 0, NONE), -ETIMEDOUT);
    drive_end(&drive);
}

static void erases_and_sanitizes(void **state)
{
    struct drive drive;
    (void)state;
    drive_new(&drive, EMMC "}");
    assert_int_equal(drive_mmc(&drive, 38, 0, NONE), 0x10000900); /* no CMD35, 36: sequence */
    assert_int_equal(drive_mmc(&drive, 35, 0, NONE), 0x900);
    assert_int_equal(drive_mmc(&drive, 36, 2047, NONE), 0x900);
    assert_int_equal(drive_mmc(&drive, 38, 0, NONE), 0x10000900); /* each ends with its ioctl */
    assert_int_equal(drive_remains(&drive, "main"), ALL_OLD);
    erase(&drive, 0, 0, 0); /* one group of 512 KiB */
    assert_int_equal(drive_remains(&drive, "main"), ALL_OLD / 2);
    erase(&drive, 0, 2047, 0);
    assert_int_equal(drive_remains(&drive, "main"), 0);
    assert_int_equal(drive_remains(&drive, "spare"), 128);           /* unmapped, still there */
    assert_int_equal(drive_mmc(&drive, 6, 0x03a50100, NONE), 0x900); /* [165] = 1 */
    assert_int_equal(drive_remains(&drive, "spare"), 0);
    assert_int_equal(drive_remains(&drive, "boot0"), 256);
    drive_end(&drive);
}

/* As behind the kernel: what was switched by hand is switched back before the next command. */
static void areas_have_nodes_of_their_own(void **state)
{
    struct drive drive;
    (void)state;
    drive_new(&drive, EMMC ", faults: [{kind: no-node, area: boot1}]}");
    assert_int_equal(drive_mmc(&drive, 6, 0x03b30100, NONE), 0x900); /* [179]: boot 1 */
    assert_int_equal(drive_mmc(&drive, 8, 0, LETHE_DATA_IN, 512), 0x900);
    drive_expect(drive.data + 179, "00");
    assert_int_equal(drive_mmc_area(&drive, 1, 8, 0, LETHE_DATA_IN, 512), 0x900);
    drive_expect(drive.data + 179, "01");
    assert_int_equal(drive_mmc_area(&drive, 1, 17, 0, LETHE_DATA_IN, 512), 0x900);
    drive_expect(drive.data, "4c 45 54 48 45 2d 4f 4c 44"); /* "LETHE-OLD" */
    erase(&drive, 1, 255, 0);
    assert_int_equal(drive_remains(&drive, "boot0"), 0);
    assert_int_equal(drive_remains(&drive, "boot1"), 256);
    assert_int_equal(drive_mmc_area(&drive, 2, 8, 0, LETHE_DATA_IN, 512), -ENXIO);
    assert_int_equal(drive_mmc_area(&drive, 5, 8, 0, LETHE_DATA_IN, 512), -ENXIO); /* no GP 2 */
    assert_int_equal(drive_mmc_area(&drive, 3, 8, 0, LETHE_DATA_IN, 512), -ENXIO); /* RPMB */
    erase(&drive, 4, 1023, 0);                                                     /* GP 1 */
    assert_int_equal(drive_remains(&drive, "gp0"), 0);
    assert_int_equal(drive_remains(&drive, "main"), ALL_OLD);
    memset(drive.data, 'n', 512);
    assert_int_equal(drive_mmc(&drive, 24, 5, LETHE_DATA_OUT, 512), 0x900);
    assert_true(bench_is(drive.opened.io, 'n', 5 * 512, 512));
    drive_end(&drive);
}

static void lies_and_failures(void **state)
{
    struct drive drive;
    (void)state;
    drive_new(&drive, EMMC ", faults: [{kind: keep-area, area: boot1}, {kind: fails, of: "
                           "sanitize, times: 1}]}");
    erase(&drive, 2, 255, 0);
    assert_int_equal(drive_remains(&drive, "boot1"), 256);
    assert_int_equal(drive_mmc(&drive, 6, 0x03a50100, NONE), 0x80900); /* ERROR */
    assert_int_equal(drive_mmc(&drive, 6, 0x03a50100, NONE), 0x900);
    drive_end(&drive);
    drive_new(&drive, "{kind: mmc, features: [write-protected]}");
    assert_int_equal(drive_send(&drive, LETHE_SET_MMC,
                                "23 00 00 00 00 00 00 24 00 00 00 00 01 00 26 00 00 00 00 00 00",
                                NONE),
                     0);
    drive_expect(drive.c.sense + 8, "04 00 09 00"); /* WP_VIOLATION */
    assert_int_equal(drive_mmc(&drive, 31, 0, LETHE_DATA_IN, 8), 0x900);
    drive_expect(drive.data, "ff ff ff ff ff ff ff ff");
    assert_int_equal(drive_mmc(&drive, 6, 0x03a50100, NONE), 0x980); /* no sanitize */
    drive_end(&drive);
}

static void sd(void **state)
{
    struct drive drive;
    (void)state;
    drive_new(&drive, "{kind: sd, spare: 64KiB, milliseconds: 1}");
    assert_int_equal(drive_mmc(&drive, 32, 0, NONE), 0x900);
    assert_int_equal(drive_mmc(&drive, 33, 2047, NONE), 0x900);
    assert_int_equal(drive_mmc(&drive, 38, 0, NONE), 0x900);
    assert_int_equal(drive_remains(&drive, "main"), 0);
    assert_int_equal(drive_remains(&drive, "spare"), 128);
    assert_int_equal(drive_mmc(&drive, 8, 0, LETHE_DATA_IN, 512), -ETIMEDOUT);
    drive_end(&drive);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_what_it_has),
        cmocka_unit_test(erases_and_sanitizes),
        cmocka_unit_test(areas_have_nodes_of_their_own),
        cmocka_unit_test(lies_and_failures),
        cmocka_unit_test(sd),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
