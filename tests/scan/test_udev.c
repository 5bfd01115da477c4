/* SPDX-License-Identifier: Apache-2.0 */
/* What libudev finds in its database, in a mount namespace where /run is ours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "scan/udev.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static dev_t number;

static void database(const char *lines)
{
    char path[64];
    snprintf(path, sizeof path, "/run/udev/data/b%u:%u", major(number), minor(number));
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(lines, file);
    fclose(file);
}

static void no_udev_no_word(void **state)
{
    (void)state;
    struct lethe_udev_facts facts;
    database("E:ID_ATA=1\nE:ID_SERIAL_SHORT=S1\n");
    unlink("/run/udev/control");
    lethe_udev_read(&lethe_scan_env_system, number, &facts);
    assert_false(facts.ata);
    assert_string_equal(facts.serial, "");
    assert_int_equal(facts.rotation, -1);
}

static void drive_behind_a_bridge(void **state)
{
    (void)state;
    struct lethe_udev_facts facts;
    fclose(fopen("/run/udev/control", "w"));
    database("I:1\nE:ID_BUS=ata\nE:ID_ATA=1\nE:ID_SERIAL_SHORT=WD-1234\nE:ID_WWN=0x50014ee2\n"
             "E:ID_WWN_WITH_EXTENSION=0x50014ee20b001234\nE:ID_ATA_ROTATION_RATE_RPM=7200\n");
    lethe_udev_read(&lethe_scan_env_system, number, &facts);
    assert_true(facts.ata);
    assert_string_equal(facts.serial, "WD-1234");
    assert_string_equal(facts.wwn, "0x50014ee20b001234");
    assert_int_equal(facts.rotation, 7200);
}

static void hostile_values(void **state)
{
    (void)state;
    struct lethe_udev_facts facts;
    fclose(fopen("/run/udev/control", "w"));
    database("I:1\nE:ID_SERIAL_SHORT=a\x1b[2Jb\xe2\x80\xae"
             "c\nE:ID_ATA_ROTATION_RATE_RPM=-5\n");
    lethe_udev_read(&lethe_scan_env_system, number, &facts);
    assert_string_equal(facts.serial, "a?[2Jb?c");
    assert_int_equal(facts.rotation, -1);
    assert_false(facts.ata);
}

/* Any block device will do: nothing is opened. */
static bool some_device(void)
{
    unsigned maj, min;
    FILE *file = popen("cat /sys/class/block/*/dev 2>/dev/null | head -n 1", "r");
    bool found = file && fscanf(file, "%u:%u", &maj, &min) == 2;
    if (file)
        pclose(file);
    if (found)
        number = makedev(maj, min);
    return found;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_udev_no_word),
        cmocka_unit_test(drive_behind_a_bridge),
        cmocka_unit_test(hostile_values),
    };
    if (!some_device() || unshare(CLONE_NEWNS) < 0 ||
        mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("none", "/run", "tmpfs", 0, NULL) < 0 || mkdir("/run/udev", 0755) < 0 ||
        mkdir("/run/udev/data", 0755) < 0) {
        fprintf(stderr, "SKIP: a mount namespace of one's own needs root, and one block device\n");
        return 77;
    }
    fclose(fopen("/run/udev/control", "w"));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
