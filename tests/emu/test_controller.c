/* SPDX-License-Identifier: Apache-2.0 */
/* What is common to all kinds of firmware: who may ask what, power, several processes, the page. */
#include "drive.h"

#include <base/file.h>
#include <base/text.h>
#include <base/time.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* Every line of the tables is in the page for people. */
static void every_word_is_described(void **state)
{
    static const char *const words[] = {
#define LETHE_FEATURE(symbol, spelling, ...) spelling,
#include <emu/model/features.def>
#undef LETHE_FEATURE
#define LETHE_LIE(symbol, spelling, ...) spelling,
#include <emu/model/lies.def>
#undef LETHE_LIE
#define LETHE_BRIDGE(symbol, spelling, ...) spelling,
#include <emu/model/bridges.def>
#undef LETHE_BRIDGE
    };
    char *page, quoted[48];
    size_t len;
    (void)state;
    assert_int_equal(
        lethe_file_read(LETHE_SOURCE_DIR "/docs/emulation.md", 1 << 20, &page, &len, NULL), 0);
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
        lethe_text_format(quoted, sizeof(quoted), "`%s`", words[i]);
        if (!strstr(page, quoted))
            fail_msg("docs/emulation.md says nothing of %s", words[i]);
    }
    free(page);
}

static void each_takes_the_commands_of_its_kind(void **state)
{
    static const struct {
        const char *controller;
        int scsi, nvme, mmc;
    } cases[] = {
        {"{kind: ata}", 0, -ENOTTY, -ENOTTY},
        {"{kind: scsi}", 0, -ENOTTY, -ENOTTY},
        {"{kind: nvme}", -ENOTTY, 0, -ENOTTY},
        {"{kind: mmc}", -ENOTTY, -ENOTTY, 0},
        {"{kind: sd}", -ENOTTY, -ENOTTY, 0},
        {"{kind: sd, bridge: no-pass-through}", 0, -ENOTTY, -ENOTTY},
        {"{kind: nvme, bridge: jmicron-nvme}", 0, -ENOTTY, -ENOTTY},
    };
    struct drive drive;
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        drive_new(&drive, cases[i].controller);
        assert_int_equal(SCSI(&drive, "00 00 00 00 00 00"), cases[i].scsi);
        assert_int_equal(
            drive_send(&drive, LETHE_SET_NVME,
                       "18 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 "
                       "00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 "
                       "00 00 00 00 00 00 00 00 00 00 00 00 00 00",
                       LETHE_DATA_NONE, 0),
            cases[i].nvme);
        assert_int_equal(drive_send(&drive, LETHE_SET_MMC, "0d 00 00 00 00 00", LETHE_DATA_NONE, 0),
                         cases[i].mmc);
        drive_end(&drive);
    }
}

static void a_device_without_firmware_takes_none(void **state)
{
    struct bench bench;
    struct lethe_command c = {.set = LETHE_SET_SCSI, .n_bytes = 6};
    (void)state;
    bench_disk(&bench, "[]", "");
    struct bench_io opened = bench_io(&bench, true);
    assert_int_equal(lethe_io_command(opened.io, &c), -EOPNOTSUPP);
    bench_io_close(&opened);
    bench_end(&bench);
}

/* One process begins and is killed, another one finds it going on, a third one that can't write
 * reads what came of it. */
static void it_goes_on_over_processes(void **state)
{
    struct drive drive;
    int status;
    (void)state;
    drive_new(&drive, "{kind: scsi, milliseconds: 1500}");
    pid_t child = fork();
    if (child == 0) {
        SCSI(&drive, "48 82 00 00 00 00 00 00 00 00");
        kill(getpid(), SIGKILL);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    SCSI(&drive, "00 00 00 00 00 00");
    assert_int_equal(drive_sense(&drive), 0x02041b);
    drive_wait_ms(1510);
    struct bench_io reader = bench_io(&drive.bench, false);
    assert_true(bench_is(reader.io, 0, 0, MIB));
    bench_io_close(&reader);
    drive_end(&drive);
}

static void faults_of_the_medium_stay_below(void **state)
{
    struct drive drive;
    char text[512];
    (void)state;
    memset(&drive, 0, sizeof(drive));
    snprintf(text, sizeof(text),
             "devices: [{name: disk, capacity: 1MiB, media: flash, serial: S, "
             "faults: [{kind: bad-block, at_offset: 4096}], controller: {kind: scsi}}]");
    bench_new(&drive.bench, text);
    bench_load(&drive.bench);
    bench_claim(&drive.bench);
    drive.opened = bench_io(&drive.bench, true);
    SCSI_IN(&drive, "28 00 00 00 00 08 00 00 01 00", 512);
    assert_int_equal(drive_sense(&drive), 0x031100);
    SCSI_IN(&drive, "28 00 00 00 00 07 00 00 01 00", 512);
    assert_int_equal(drive.c.result, 0);
    drive_end(&drive);
}

static void bridge_is_in_the_identity(void **state)
{
    struct drive drive;
    (void)state;
    drive_new(&drive, "{kind: ata, bridge: sat, usb: \"152d:0578:0205\"}");
    assert_int_equal(drive.bench.list.devices[0].identity.usb_vendor, 0x152d);
    assert_int_equal(drive.bench.list.devices[0].identity.usb_product, 0x0578);
    assert_int_equal(drive.bench.list.devices[0].identity.usb_release, 0x0205);
    assert_string_equal(drive.bench.list.devices[0].identity.bridge, "152d:0578 ASMT 2115");
    drive_end(&drive);
}

static void another_controller_starts_afresh(void **state)
{
    struct bench bench;
    (void)state;
    bench_new(&bench,
              "devices: [{name: a, capacity: 1MiB, media: flash, controller: {kind: ata}}]");
    bench_load(&bench);
    json_decref(bench.list.devices[0].config);
    free(bench.list.devices);
    static const char text[] = "devices: [{name: a, capacity: 1MiB, media: flash, controller: "
                               "{kind: ata, spare: 64KiB}}]";
    assert_int_equal(lethe_file_write(bench.file, text, sizeof(text) - 1, 0600, &bench.err), 0);
    assert_int_equal(lethe_emu_load(bench.file, &bench.list, &bench.err), -LETHE_E_INVALID);
    assert_non_null(strstr(bench.err.remedy, "rm "));
    bench_end(&bench);
}

/* Not one that silently isn't there: EXT_CSD counts general purpose partitions in groups. */
static void partitions_have_sizes_that_a_card_can_tell(void **state)
{
    static const char *const sizes[] = {"gp: [256KiB]", "gp: [1MiB, 0]", "boot: 64KiB"};
    struct bench bench;
    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(*sizes); i++) {
        char text[160];
        lethe_text_format(text, sizeof(text),
                          "devices: [{name: a, capacity: 1MiB, media: flash, controller: {kind: "
                          "mmc, %s}}]",
                          sizes[i]);
        bench_new(&bench, text);
        assert_int_equal(lethe_emu_load(bench.file, &bench.list, &bench.err), -LETHE_E_INVALID);
        bench_end(&bench);
    }
}

static void slow_as_often_as_it_says(void **state)
{
    struct drive drive;
    (void)state;
    drive_new(&drive, "{kind: ata, faults: [{kind: slow-commands, milliseconds: 500, times: 2}]}");
    for (int i = 0; i < 4; i++) {
        uint64_t began = lethe_monotonic_ms();
        assert_int_equal(SCSI(&drive, "00 00 00 00 00 00"), 0);
        assert_int_equal(lethe_monotonic_ms() - began >= 500, i < 2);
    }
    drive_end(&drive);
}

/* What no scan could tell is no emulation: nobody would believe its certificate. */
static void what_can_not_be_is_refused(void **state)
{
    static const struct {
        const char *device, *why;
    } cases[] = {
        {"media: magnetic, bus: mmc, controller: {kind: mmc}", "on the bus mmc is flash"},
        {"media: magnetic, bus: mmc", "on the bus mmc is flash"},
        {"media: magnetic, controller: {kind: sd}", "a card is flash"},
        {"media: magnetic, bus: ata, controller: {kind: scsi}", "not on the bus ata"},
    };
    struct bench bench;
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char text[160];
        lethe_text_format(text, sizeof(text), "devices: [{name: a, capacity: 1MiB, %s}]",
                          cases[i].device);
        bench_new(&bench, text);
        assert_int_equal(lethe_emu_load(bench.file, &bench.list, &bench.err), -LETHE_E_INVALID);
        assert_non_null(strstr(bench.err.what, cases[i].why));
        bench_end(&bench);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_word_is_described),
        cmocka_unit_test(slow_as_often_as_it_says),
        cmocka_unit_test(what_can_not_be_is_refused),
        cmocka_unit_test(partitions_have_sizes_that_a_card_can_tell),
        cmocka_unit_test(each_takes_the_commands_of_its_kind),
        cmocka_unit_test(a_device_without_firmware_takes_none),
        cmocka_unit_test(it_goes_on_over_processes),
        cmocka_unit_test(faults_of_the_medium_stay_below),
        cmocka_unit_test(bridge_is_in_the_identity),
        cmocka_unit_test(another_controller_starts_afresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
