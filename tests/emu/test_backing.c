/* SPDX-License-Identifier: Apache-2.0 */
/* The files of a device: made once, kept, and never somebody else's. */
#include "bench.h"

#include <base/file.h>
#include <base/text.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void path_in(const struct bench *bench, const char *name, char out[256])
{
    assert_int_equal(lethe_path_join(out, 256, bench->dir, name, NULL), 0);
}

static void device_is_described(void **state)
{
    struct bench bench;
    (void)state;
    bench_disk(&bench, "[]", "    bus: usb\n    firmware: F1\n");
    const struct lethe_device *device = &bench.list.devices[0];
    assert_string_equal(device->target, "emu:disk");
    assert_string_equal(device->driver, "emu");
    assert_string_equal(device->node, "");
    assert_int_equal(device->identity.substrate, LETHE_SUBSTRATE_EMULATED);
    assert_int_equal(device->identity.bus, LETHE_BUS_USB);
    assert_int_equal(device->identity.media, LETHE_MEDIA_MAGNETIC);
    assert_int_equal(device->identity.capacity, MIB);
    assert_int_equal(device->identity.logical_block, 512);
    assert_int_equal(device->identity.physical_block, 4096);
    assert_string_equal(device->identity.vendor, "Lethe");
    assert_string_equal(device->identity.firmware, "F1");
    assert_int_equal(lethe_identity_find(&device->identity, LETHE_ID_SERIAL)->source,
                     LETHE_SOURCE_DEVICE);
    assert_string_equal(lethe_identity_find(&device->identity, LETHE_ID_WWN)->value,
                        "5000c500a1b2c3d4");
    assert_non_null(strstr(device->substrate_reason, "bench.yaml"));
    bench_end(&bench);
}

static void contents_are_what_was_said(void **state)
{
    struct bench bench;
    char path[256], *a, *b, *image;
    size_t len;
    (void)state;
    bench_new(&bench, "devices:\n"
                      "- {name: z, capacity: 64KiB, media: flash}\n"
                      "- {name: r1, capacity: 64KiB, media: flash, contents: \"random:7\"}\n"
                      "- {name: r2, capacity: 64KiB, media: flash, contents: \"random:7\"}\n"
                      "- {name: r3, capacity: 64KiB, media: flash, contents: \"random:8\"}\n"
                      "- {name: t, capacity: 64KiB, media: flash, contents: \"text:secret \"}\n"
                      "- {name: f, capacity: 64KiB, media: flash, contents: \"file:in.bin\"}\n");
    path_in(&bench, "in.bin", path);
    assert_int_equal(lethe_file_write(path, "picture", 7, 0600, NULL), 0);
    bench_load(&bench);
    static const char *const names[] = {"z", "r1", "r2", "r3", "t", "f"};
    char *all[6];
    for (size_t i = 0; i < 6; i++) {
        char name[40];
        assert_true(lethe_text_format(name, sizeof(name), "bench.yaml.%s.img", names[i]));
        path_in(&bench, name, path);
        assert_int_equal(lethe_file_read(path, MIB, &all[i], &len, NULL), 0);
        assert_int_equal(len, 65536);
    }
    a = all[1];
    b = all[2];
    image = all[5];
    assert_true(all[0][0] == 0 && memcmp(all[0], all[0] + 1, 65535) == 0);
    assert_memory_equal(a, b, 65536);
    assert_memory_not_equal(a, all[3], 65536);
    assert_memory_not_equal(a, a + 4096, 4096);
    assert_memory_equal(all[4], "secret secret ", 14);
    assert_memory_equal(image, "picture\0\0", 9);
    for (size_t i = 0; i < 6; i++)
        free(all[i]);
    bench_end(&bench);
}

static void reload(struct bench *bench)
{
    for (size_t i = 0; i < bench->list.n; i++)
        json_decref(bench->list.devices[i].config);
    free(bench->list.devices);
    bench->list = (struct lethe_device_list){0};
    bench_load(bench);
}

static void a_device_remembers(void **state)
{
    struct bench bench;
    char path[256];
    (void)state;
    bench_disk(&bench, "[{kind: swap, serial: OTHER, after_writes: 1}]", "");
    struct bench_io opened = bench_io(&bench, true);
    assert_int_equal(bench_fill(opened.io, 'n', 0, MIB), 0);
    bench_io_close(&opened);
    bench_release(&bench);
    reload(&bench);
    assert_string_equal(
        lethe_identity_find(&bench.list.devices[0].identity, LETHE_ID_SERIAL)->value, "OTHER");
    bench_claim(&bench);
    assert_int_equal(bench_old_blocks(&bench), 0);
    bench_release(&bench);
    /* Without its backing file it starts afresh, counters and all. */
    path_in(&bench, "bench.yaml.disk.img", path);
    assert_int_equal(unlink(path), 0);
    reload(&bench);
    assert_string_equal(
        lethe_identity_find(&bench.list.devices[0].identity, LETHE_ID_SERIAL)->value, "EMU-1");
    bench_claim(&bench);
    assert_int_equal(bench_old_blocks(&bench), MIB / 512);
    bench_end(&bench);
}

static void another_list_of_faults_starts_its_own_counts(void **state)
{
    struct bench bench;
    static const char text[] = "devices: [{name: disk, capacity: 1MiB, media: flash, "
                               "serial: EMU-1, faults: [{kind: drop-writes}]}]";
    (void)state;
    bench_disk(&bench, "[{kind: swap, serial: OTHER}]", "");
    struct bench_io opened = bench_io(&bench, true);
    assert_int_equal(bench_fill(opened.io, 'n', 0, 512), 0);
    bench_io_close(&opened);
    bench_release(&bench);
    assert_int_equal(lethe_file_write(bench.file, text, sizeof(text) - 1, 0600, NULL), 0);
    reload(&bench);
    assert_string_equal(
        lethe_identity_find(&bench.list.devices[0].identity, LETHE_ID_SERIAL)->value, "EMU-1");
    bench_end(&bench);
}

static void an_interrupted_making_is_done_again(void **state)
{
    struct bench bench;
    char path[256], *state_file;
    size_t len;
    (void)state;
    bench_disk(&bench, "[]", "");
    struct bench_io opened = bench_io(&bench, true);
    assert_int_equal(bench_fill(opened.io, 'n', 0, MIB), 0);
    bench_io_close(&opened);
    bench_release(&bench);
    path_in(&bench, "bench.yaml.disk.img.state", path);
    assert_int_equal(lethe_file_read(path, MIB, &state_file, &len, NULL), 0);
    memset(state_file, 0, len); /* as before `ready` was set */
    assert_int_equal(lethe_file_write(path, state_file, len, 0600, NULL), 0);
    free(state_file);
    reload(&bench);
    bench_claim(&bench);
    assert_int_equal(bench_old_blocks(&bench), MIB / 512);
    bench_end(&bench);
}

static void somebody_elses_file_is_left_alone(void **state)
{
    struct bench bench;
    char path[256], *text;
    size_t len;
    (void)state;
    bench_new(&bench, "devices: [{name: x, capacity: 64KiB, media: flash, backing: photos.img}]");
    path_in(&bench, "photos.img", path);
    assert_int_equal(lethe_file_write(path, "holiday", 7, 0600, NULL), 0);
    assert_int_equal(lethe_emu_load(bench.file, &bench.list, &bench.err), -LETHE_E_REFUSED);
    assert_non_null(strstr(bench.err.what, "was not made by an emulation"));
    assert_int_equal(lethe_file_read(path, 100, &text, &len, NULL), 0);
    assert_string_equal(text, "holiday");
    free(text);
    bench_end(&bench);

    bench_new(&bench, "devices: [{name: x, capacity: 64KiB, media: flash, backing: /dev/null}]");
    assert_int_equal(lethe_emu_load(bench.file, &bench.list, &bench.err), -LETHE_E_REFUSED);
    bench_end(&bench);
}

static void another_capacity_is_an_error(void **state)
{
    struct bench bench;
    static const char text[] = "devices: [{name: disk, capacity: 2MiB, media: flash}]";
    (void)state;
    bench_disk(&bench, "[]", "");
    bench_release(&bench);
    assert_int_equal(lethe_file_write(bench.file, text, sizeof(text) - 1, 0600, NULL), 0);
    struct lethe_device_list again;
    assert_int_equal(lethe_emu_load(bench.file, &again, &bench.err), -LETHE_E_INVALID);
    assert_non_null(strstr(bench.err.remedy, "rm "));
    bench_end(&bench);
}

static void too_large_contents_are_an_error(void **state)
{
    struct bench bench;
    char path[256];
    (void)state;
    bench_new(&bench,
              "devices: [{name: f, capacity: 512, media: flash, contents: \"file:in.bin\"}]");
    path_in(&bench, "in.bin", path);
    char big[513];
    memset(big, 'x', sizeof(big));
    assert_int_equal(lethe_file_write(path, big, sizeof(big), 0600, NULL), 0);
    assert_int_equal(lethe_emu_load(bench.file, &bench.list, &bench.err), -LETHE_E_INVALID);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(lethe_emu_load(bench.file, &bench.list, &bench.err), -LETHE_E_NOT_FOUND);
    bench_end(&bench);
}

static void missing_files_are_errors(void **state)
{
    struct bench bench;
    char path[256];
    (void)state;
    bench_disk(&bench, "[]", "");
    bench_release(&bench);
    path_in(&bench, "bench.yaml.disk.img", path);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(lethe_driver_emu.claim(NULL, &bench.list.devices[0], &bench.held, &bench.err),
                     -LETHE_E_NOT_FOUND);
    bench_end(&bench);
    struct lethe_device_list list;
    assert_int_equal(lethe_emu_load("/nowhere/at.yaml", &list, &bench.err), -LETHE_E_NOT_FOUND);
}

/* A specification comes through a socket: one that does not fit is refused. */
static void hostile_specifications_are_refused(void **state)
{
    struct bench bench;
    struct lethe_io *io;
    (void)state;
    bench_disk(&bench, "[]", "");
    struct lethe_io_spec spec;
    assert_int_equal(lethe_driver_emu.spec(bench.held, true, &spec, NULL), 0);
    spec.n_fds = 2;
    assert_int_equal(lethe_driver_emu.open(&spec, 0, &io, &bench.err), -LETHE_E_INVALID);
    spec.n_fds = 3;
    json_object_set_new(spec.config, "capacity", json_integer(1 << 30));
    assert_int_equal(lethe_driver_emu.open(&spec, 0, &io, &bench.err), -LETHE_E_INVALID);
    json_object_set_new(spec.config, "capacity", json_integer(1 << 20));
    json_object_set_new(spec.config, "logical_block", json_integer(7));
    assert_int_equal(lethe_driver_emu.open(&spec, 0, &io, &bench.err), -LETHE_E_INVALID);
    json_object_set_new(spec.config, "logical_block", json_integer(512));
    int state_fd = spec.fds[1];
    spec.fds[1] = spec.fds[0]; /* a state of the wrong size */
    assert_int_equal(lethe_driver_emu.open(&spec, 0, &io, &bench.err), -LETHE_E_INVALID);
    spec.fds[1] = state_fd;
    json_object_set_new(spec.config, "faults", json_string("none"));
    assert_int_equal(lethe_driver_emu.open(&spec, 0, &io, &bench.err), -LETHE_E_INVALID);
    json_object_del(spec.config, "faults");
    assert_int_equal(lethe_driver_emu.open(&spec, 0, &io, &bench.err), -LETHE_E_INVALID);
    lethe_io_spec_close(&spec);
    bench_end(&bench);
}

static void requests_are_whole_blocks_within_the_device(void **state)
{
    struct bench bench;
    struct lethe_io_info info;
    (void)state;
    bench_disk(&bench, "[]", "");
    struct bench_io opened = bench_io(&bench, true);
    char *two = lethe_io_buffer(1024);
    assert_int_equal(lethe_io_info(opened.io, &info), 0);
    assert_int_equal(info.capacity, MIB);
    assert_true(info.direct);
    assert_int_equal(lethe_io_pread(opened.io, two, 100, 0), -EINVAL);
    assert_int_equal(lethe_io_pwrite(opened.io, two, 512, 256), -EINVAL);
    assert_int_equal(lethe_io_pread(opened.io, two, 1024, MIB - 512), 512);
    assert_int_equal(lethe_io_pread(opened.io, two, 512, MIB), 0);
    assert_int_equal(lethe_io_pwrite(opened.io, two, 1024, MIB - 512), 512);
    assert_int_equal(lethe_io_pwrite(opened.io, two, 512, MIB), -ENOSPC);
    lethe_io_buffer_free(two);
    bench_io_close(&opened);
    bench_end(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(device_is_described),
        cmocka_unit_test(contents_are_what_was_said),
        cmocka_unit_test(a_device_remembers),
        cmocka_unit_test(another_list_of_faults_starts_its_own_counts),
        cmocka_unit_test(an_interrupted_making_is_done_again),
        cmocka_unit_test(somebody_elses_file_is_left_alone),
        cmocka_unit_test(another_capacity_is_an_error),
        cmocka_unit_test(too_large_contents_are_an_error),
        cmocka_unit_test(missing_files_are_errors),
        cmocka_unit_test(hostile_specifications_are_refused),
        cmocka_unit_test(requests_are_whole_blocks_within_the_device),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
