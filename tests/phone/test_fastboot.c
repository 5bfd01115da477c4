/* SPDX-License-Identifier: Apache-2.0 */
/* The host's side of fastboot against a model of a bootloader. */
#include "android_bench.h"

#include <phone/fastboot.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void it_tells_its_variables(void **state)
{
    struct android_bench bench;
    char value[64];
    (void)state;
    android_bench_begin(&bench, "fastboot", "", "");
    struct lethe_io *io = android_bench_plug(&bench);
    assert_int_equal(lethe_fastboot_getvar(io, "serialno", value, sizeof(value), &bench.err), 0);
    assert_string_equal(value, BENCH_SERIAL);
    assert_int_equal(lethe_fastboot_getvar(io, "unlocked", value, sizeof(value), &bench.err), 0);
    assert_string_equal(value, "no");
    assert_int_equal(lethe_fastboot_getvar(io, "nonsense", value, sizeof(value), &bench.err),
                     -LETHE_E_UNSUPPORTED);
    lethe_io_close(io);
    android_bench_end(&bench);
}

static void a_locked_one_erases_nothing(void **state)
{
    struct android_bench bench;
    (void)state;
    android_bench_begin(&bench, "fastboot", "", "");
    long long before = android_bench_remains(&bench, "userdata");
    struct lethe_io *io = android_bench_plug(&bench);
    assert_int_equal(lethe_fastboot_erase(io, "userdata", 2000, &bench.err), -LETHE_E_REFUSED);
    assert_non_null(strstr(bench.err.what, "locked"));
    assert_int_equal(android_bench_remains(&bench, "userdata"), before);
    lethe_io_close(io);
    android_bench_end(&bench);
}

static void an_unlocked_one_does_and_restarts(void **state)
{
    struct android_bench bench;
    (void)state;
    android_bench_begin(&bench, "fastboot", "unlocked=true", "");
    assert_true(android_bench_remains(&bench, "userdata") > 0);
    struct lethe_io *io = android_bench_plug(&bench);
    assert_int_equal(lethe_fastboot_erase(io, "userdata", 2000, &bench.err), 0);
    assert_int_equal(android_bench_remains(&bench, "userdata"), 0);
    assert_int_equal(lethe_fastboot_reboot(io, &bench.err), 0);
    lethe_io_close(io);
    io = android_bench_plug(&bench);
    assert_int_equal(android_bench_mode(&bench), LETHE_MODE_CLOSED);
    lethe_io_close(io);
    android_bench_end(&bench);
}

static void lies_are_no_answers(void **state)
{
    static const char *const faults[] = {"length-4g", "garbage-banner"};
    char value[64];
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct android_bench bench;
        android_bench_begin(&bench, "fastboot", "", faults[i]);
        struct lethe_io *io = android_bench_plug(&bench);
        assert_int_equal(lethe_fastboot_getvar(io, "serialno", value, sizeof(value), &bench.err),
                         -LETHE_E_INVALID);
        lethe_io_close(io);
        android_bench_end(&bench);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_tells_its_variables),
        cmocka_unit_test(a_locked_one_erases_nothing),
        cmocka_unit_test(an_unlocked_one_does_and_restarts),
        cmocka_unit_test(lies_are_no_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
