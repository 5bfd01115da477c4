/* SPDX-License-Identifier: Apache-2.0 */
/* Power, the volatile cache, and one device seen by several processes. */
#include "bench.h"

#include <base/file.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define CACHE "    volatile_cache: true\n"

/* Run BODY as another process, which must end with 0: a new supervisor or a worker. */
static void in_process(struct bench *bench, int (*body)(struct bench *bench))
{
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(body(bench));
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

static int claim_as_another(struct bench *bench)
{
    struct lethe_held *held;
    return lethe_driver_emu.claim(NULL, &bench->list.devices[0], &held, NULL) == 0 ? 0 : 1;
}

static void power_cut_takes_only_what_was_not_flushed(void **state)
{
    struct bench bench;
    (void)state;
    bench_disk(&bench, "[]", CACHE);
    struct bench_io opened = bench_io(&bench, true);
    assert_int_equal(bench_fill(opened.io, 'f', 0, 256 * 1024), 0);
    assert_int_equal(lethe_io_sync(opened.io), 0);
    assert_int_equal(bench_fill(opened.io, 'u', 0, 4096), 0); /* twice the same block */
    assert_int_equal(bench_fill(opened.io, 'v', 0, 4096), 0);
    assert_int_equal(bench_fill(opened.io, 'u', MIB - 4096, 4096), 0);
    assert_true(bench_is(opened.io, 'v', 0, 4096));
    bench_io_close(&opened);
    bench_release(&bench);

    assert_int_equal(lethe_emu_power_cut(&bench.list.devices[0], &bench.err), 0);
    bench_claim(&bench);
    opened = bench_io(&bench, false);
    assert_true(bench_is(opened.io, 'f', 0, 256 * 1024));
    assert_true(bench_is(opened.io, OLD, 256 * 1024, MIB - 256 * 1024));
    bench_io_close(&opened);
    bench_end(&bench);
}

static void without_a_volatile_cache_nothing_is_lost(void **state)
{
    struct bench bench;
    (void)state;
    bench_disk(&bench, "[]", "");
    struct bench_io opened = bench_io(&bench, true);
    assert_int_equal(bench_fill(opened.io, 'u', 0, 4096), 0);
    bench_io_close(&opened);
    bench_release(&bench);
    assert_int_equal(lethe_emu_power_cut(&bench.list.devices[0], &bench.err), 0);
    bench_claim(&bench);
    opened = bench_io(&bench, false);
    assert_true(bench_is(opened.io, 'u', 0, 4096));
    bench_io_close(&opened);
    bench_end(&bench);
}

static void rollback_keeps_a_sparse_device_sparse(void **state)
{
    struct bench bench;
    struct stat st;
    (void)state;
    bench_new(&bench, "devices: [{name: big, capacity: 8TB, media: magnetic, serial: BIG-8, "
                      "volatile_cache: true}]");
    bench_load(&bench);
    bench_claim(&bench);
    struct bench_io opened = bench_io(&bench, true);
    assert_int_equal(bench_fill(opened.io, 'u', 8000000000000 - 65536, 65536), 0);
    assert_int_equal(bench_fill(opened.io, 'u', 4000000000000, 65536), 0);
    bench_io_close(&opened);
    bench_release(&bench);
    assert_int_equal(lethe_emu_power_cut(&bench.list.devices[0], &bench.err), 0);
    char path[256];
    assert_int_equal(lethe_path_join(path, sizeof(path), bench.dir, "bench.yaml.big.img", NULL), 0);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_size, 8000000000000);
    assert_in_range(st.st_blocks, 0, 256);
    bench_end(&bench);
}

static void lying_flush_loses_what_it_promised(void **state)
{
    struct bench bench;
    (void)state;
    bench_disk(&bench, "[{kind: lying-flush, after_writes: 1}]", CACHE);
    struct bench_io opened = bench_io(&bench, true);
    assert_int_equal(lethe_io_sync(opened.io), 0);
    assert_int_equal(bench_fill(opened.io, 'n', 0, MIB), 0);
    assert_int_equal(lethe_io_sync(opened.io), 0);
    bench_io_close(&opened);
    assert_int_equal(bench_old_blocks(&bench), 0); /* as long as there is power */
    bench_release(&bench);
    assert_int_equal(lethe_emu_power_cut(&bench.list.devices[0], &bench.err), 0);
    bench_claim(&bench);
    assert_int_equal(bench_old_blocks(&bench), MIB / 512);
    bench_end(&bench);
}

static void power_cut_fault_kills_until_a_new_supervisor_comes(void **state)
{
    struct bench bench;
    struct lethe_identity identity;
    struct lethe_io_info info;
    char block[512];
    (void)state;
    bench_disk(&bench, "[{kind: power-cut, after_writes: 3}]", CACHE);
    struct bench_io opened = bench_io(&bench, true);
    assert_int_equal(bench_fill(opened.io, 'f', 0, 65536), 0);
    assert_int_equal(lethe_io_sync(opened.io), 0);
    assert_int_equal(bench_fill(opened.io, 'u', 65536, 2 * 65536), 0);
    assert_int_equal(bench_fill(opened.io, 'u', 3 * 65536, 65536), -ENODEV);
    assert_int_equal(lethe_io_pread(opened.io, block, 512, 0), -ENODEV);
    assert_int_equal(lethe_io_pwrite(opened.io, block, 512, 0), -ENODEV);
    assert_int_equal(lethe_io_sync(opened.io), -ENODEV);
    assert_int_equal(lethe_io_info(opened.io, &info), -ENODEV);
    assert_int_equal(lethe_driver_emu.identify(bench.held, &identity, &bench.err), -LETHE_E_GONE);
    bench_release(&bench);
    assert_int_equal(lethe_driver_emu.claim(NULL, &bench.list.devices[0], &bench.held, &bench.err),
                     -LETHE_E_GONE);

    in_process(&bench, claim_as_another);
    /* Back again; the old opening stays dead, and the fault does not fire a second time. */
    assert_int_equal(lethe_io_pread(opened.io, block, 512, 0), -ENODEV);
    bench_io_close(&opened);
    bench_claim(&bench);
    opened = bench_io(&bench, true);
    assert_true(bench_is(opened.io, 'f', 0, 65536));
    assert_true(bench_is(opened.io, OLD, 65536, MIB - 65536));
    assert_int_equal(bench_fill(opened.io, 'n', 0, MIB), 0);
    bench_io_close(&opened);
    bench_end(&bench);
}

static void a_torn_write_stays_without_a_cache(void **state)
{
    struct bench bench;
    (void)state;
    bench_disk(&bench, "[{kind: power-cut}]", "");
    struct bench_io opened = bench_io(&bench, true);
    assert_int_equal(bench_fill(opened.io, 'n', 0, 8192), -ENODEV);
    bench_io_close(&opened);
    bench_release(&bench);
    in_process(&bench, claim_as_another);
    bench_claim(&bench);
    assert_int_equal(bench_old_blocks(&bench), (MIB - 4096) / 512);
    bench_end(&bench);
}

static void a_pulled_device_is_back_for_the_next_supervisor(void **state)
{
    struct bench bench;
    (void)state;
    bench_disk(&bench, "[{kind: vanish, after_writes: 1}]", CACHE);
    struct bench_io opened = bench_io(&bench, true);
    assert_int_equal(bench_fill(opened.io, 'n', 0, MIB), -ENOSPC);
    bench_io_close(&opened);
    bench_release(&bench);
    in_process(&bench, claim_as_another);
    bench_claim(&bench);
    assert_int_equal(bench_old_blocks(&bench), MIB / 512);
    bench_end(&bench);
}

static void bench_wide_cut_kills_what_is_open(void **state)
{
    struct bench bench;
    char block[512];
    (void)state;
    bench_disk(&bench, "[]", CACHE);
    struct bench_io opened = bench_io(&bench, true);
    assert_int_equal(bench_fill(opened.io, 'u', 0, 4096), 0);
    assert_int_equal(lethe_emu_power_cut(&bench.list.devices[0], &bench.err), 0);
    assert_int_equal(lethe_io_pread(opened.io, block, 512, 0), -ENODEV);
    assert_int_equal(lethe_driver_emu.spec(bench.held, true, &(struct lethe_io_spec){0}, NULL),
                     -LETHE_E_GONE);
    bench_io_close(&opened);
    bench_release(&bench);
    in_process(&bench, claim_as_another);
    bench_claim(&bench);
    assert_int_equal(bench_old_blocks(&bench), MIB / 512);
    bench_end(&bench);
}

static int write_two_requests(struct bench *bench)
{
    struct bench_io opened = bench_io(bench, true);
    int rc = bench_fill(opened.io, 'n', 0, 2 * 65536);
    bench_io_close(&opened);
    return rc == 0 ? 0 : 1;
}

static int swallow_the_third(struct bench *bench)
{
    struct bench_io opened = bench_io(bench, true);
    int rc = bench_fill(opened.io, 'n', 2 * 65536, 65536);
    bool stored = bench_is(opened.io, 'n', 2 * 65536, 65536);
    bench_io_close(&opened);
    return rc == 0 && !stored ? 0 : 1;
}

/* Two workers, one count; and what one did not flush is lost to all. */
static void state_is_shared_between_processes(void **state)
{
    struct bench bench;
    (void)state;
    bench_disk(&bench, "[{kind: drop-writes, after_writes: 2}]", CACHE);
    in_process(&bench, write_two_requests);
    in_process(&bench, swallow_the_third);
    assert_int_equal(bench_old_blocks(&bench), (MIB - 2 * 65536) / 512);
    bench_release(&bench);
    assert_int_equal(lethe_emu_power_cut(&bench.list.devices[0], &bench.err), 0);
    bench_claim(&bench);
    assert_int_equal(bench_old_blocks(&bench), MIB / 512);
    bench_end(&bench);
}

static int find_it_busy(struct bench *bench)
{
    struct lethe_held *held;
    int rc = lethe_driver_emu.claim(NULL, &bench->list.devices[0], &held, &bench->err);
    return rc == -LETHE_E_BUSY && bench->err.remedy[0] ? 0 : 1;
}

static void one_claim_at_a_time(void **state)
{
    struct bench bench;
    (void)state;
    bench_disk(&bench, "[]", "");
    struct bench_io opened = bench_io(&bench, true);
    in_process(&bench, find_it_busy);
    bench_io_close(&opened);
    in_process(&bench, find_it_busy); /* a worker's descriptors don't carry the lock */
    bench_release(&bench);
    in_process(&bench, claim_as_another);
    bench_end(&bench);
}

static void read_only_openings_cannot_write(void **state)
{
    struct bench bench;
    char block[512] = {0};
    (void)state;
    bench_disk(&bench, "[]", CACHE);
    struct bench_io opened = bench_io(&bench, false);
    assert_int_equal(lethe_io_pwrite(opened.io, block, 512, 0), -EBADF);
    bench_io_close(&opened);
    assert_int_equal(bench_old_blocks(&bench), MIB / 512);
    bench_end(&bench);
}

static void a_damaged_undo_log_is_an_error(void **state)
{
    struct bench bench;
    char path[256];
    (void)state;
    bench_disk(&bench, "[]", CACHE);
    struct bench_io opened = bench_io(&bench, true);
    assert_int_equal(bench_fill(opened.io, 'u', 0, 4096), 0);
    bench_io_close(&opened);
    bench_release(&bench);
    assert_int_equal(
        lethe_path_join(path, sizeof(path), bench.dir, "bench.yaml.disk.img.undo", NULL), 0);
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    char *junk = calloc(1, (size_t)st.st_size);
    assert_int_equal(lethe_file_write(path, junk, (size_t)st.st_size, 0600, NULL), 0);
    free(junk);
    assert_int_equal(lethe_emu_power_cut(&bench.list.devices[0], &bench.err), -LETHE_E_IO);
    bench_end(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(power_cut_takes_only_what_was_not_flushed),
        cmocka_unit_test(without_a_volatile_cache_nothing_is_lost),
        cmocka_unit_test(rollback_keeps_a_sparse_device_sparse),
        cmocka_unit_test(lying_flush_loses_what_it_promised),
        cmocka_unit_test(power_cut_fault_kills_until_a_new_supervisor_comes),
        cmocka_unit_test(a_torn_write_stays_without_a_cache),
        cmocka_unit_test(a_pulled_device_is_back_for_the_next_supervisor),
        cmocka_unit_test(bench_wide_cut_kills_what_is_open),
        cmocka_unit_test(state_is_shared_between_processes),
        cmocka_unit_test(one_claim_at_a_time),
        cmocka_unit_test(read_only_openings_cannot_write),
        cmocka_unit_test(a_damaged_undo_log_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
