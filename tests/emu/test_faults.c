/* SPDX-License-Identifier: Apache-2.0 */
/* Each fault does what docs/emulation.md says, to a device that is wiped by a trusting host. */
#include "bench.h"

#include <base/file.h>
#include <base/time.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define BLOCKS (MIB / 512)

/* Writes the whole device, believing every word; the answer to the first write that failed. */
static int wipe(struct bench *bench)
{
    struct bench_io opened = bench_io(bench, true);
    int rc = bench_fill(opened.io, 'n', 0, MIB);
    if (rc == 0)
        rc = lethe_io_sync(opened.io);
    bench_io_close(&opened);
    return rc;
}

/* FAULTS let a wipe succeed and leave LEFT old blocks of 512 bytes. */
static void check_left(const char *faults, size_t left)
{
    struct bench bench;
    bench_disk(&bench, faults, "");
    assert_int_equal(bench_old_blocks(&bench), BLOCKS);
    assert_int_equal(wipe(&bench), 0);
    assert_int_equal(bench_old_blocks(&bench), left);
    bench_end(&bench);
}

static void honest_disk_is_wiped(void **state)
{
    (void)state;
    check_left("[]", 0);
}

static void drop_writes(void **state)
{
    (void)state;
    check_left("[{kind: drop-writes}]", BLOCKS);
    check_left("[{kind: drop-writes, from: 64KiB, to: 128KiB}]", 128);
    check_left("[{kind: drop-writes, at_offset: 700}]", 1);
    check_left("[{kind: drop-writes, after_writes: 4}]", BLOCKS - 4 * 128);
    check_left("[{kind: drop-writes, after_bytes: 25%}]", BLOCKS / 4 * 3);
    check_left("[{kind: drop-writes, times: 3}]", 3 * 128);
}

static void drop_fraction_is_deterministic(void **state)
{
    struct bench bench;
    size_t left[3];
    static const char *const faults[] = {"[{kind: drop-fraction, fraction: 25%, seed: 1}]",
                                         "[{kind: drop-fraction, fraction: 25%, seed: 1}]",
                                         "[{kind: drop-fraction, fraction: 25%, seed: 2}]"};
    (void)state;
    for (int i = 0; i < 3; i++) {
        bench_disk(&bench, faults[i], "");
        assert_int_equal(wipe(&bench), 0);
        left[i] = bench_old_blocks(&bench);
        assert_int_equal(left[i] % 8, 0); /* whole physical blocks */
        assert_in_range(left[i], BLOCKS / 8, BLOCKS / 2);
        bench_end(&bench);
    }
    assert_int_equal(left[0], left[1]);
    assert_int_not_equal(left[0], left[2]);
}

static void drop_fraction_does_not_depend_on_the_size_of_requests(void **state)
{
    struct bench bench;
    (void)state;
    bench_disk(&bench, "[{kind: drop-fraction, fraction: 25%, seed: 1}]", "");
    assert_int_equal(wipe(&bench), 0);
    size_t left = bench_old_blocks(&bench);
    struct bench_io opened = bench_io(&bench, true);
    for (uint64_t at = 0; at < MIB; at += 512)
        assert_int_equal(bench_fill(opened.io, 'x', at, 512), 0);
    bench_io_close(&opened);
    assert_int_equal(bench_old_blocks(&bench), left);
    bench_end(&bench);
}

static void partial_wipe(void **state)
{
    (void)state;
    check_left("[{kind: partial-wipe, size: 25%}]", BLOCKS / 4 * 3);
    check_left("[{kind: partial-wipe, size: 100KiB}]", BLOCKS - 200);
    check_left("[{kind: partial-wipe, size: 512, after_writes: 16}]", 0);
}

static void read_only_silently(void **state)
{
    (void)state;
    check_left("[{kind: read-only-silently}]", BLOCKS / 2);
    check_left("[{kind: read-only-silently, after_writes: 1}]", BLOCKS - 128);
}

static void alias_wraps(void **state)
{
    struct bench bench;
    (void)state;
    bench_disk(&bench, "[{kind: alias, size: 300KiB}]", "");
    struct bench_io opened = bench_io(&bench, true);
    assert_int_equal(bench_fill(opened.io, 'a', 0, 4096), 0);
    assert_true(bench_is(opened.io, 'a', 300 * 1024, 4096));
    assert_true(bench_is(opened.io, 'a', 600 * 1024, 4096));
    /* Across the seam. */
    assert_int_equal(bench_fill(opened.io, 'b', 300 * 1024 - 512, 1024), 0);
    assert_true(bench_is(opened.io, 'b', 0, 512));
    assert_true(bench_is(opened.io, 'b', 600 * 1024 - 512, 1024));
    assert_true(bench_is(opened.io, 'a', 512, 4096 - 512));
    bench_io_close(&opened);
    bench_end(&bench);
}

static void limbo_swallows_and_reads_zeros(void **state)
{
    struct bench bench;
    (void)state;
    bench_disk(&bench, "[{kind: limbo, size: 512KiB}]", "");
    assert_int_equal(wipe(&bench), 0);
    struct bench_io opened = bench_io(&bench, false);
    assert_true(bench_is(opened.io, 'n', 0, MIB / 2));
    assert_true(bench_is(opened.io, 0, MIB / 2, MIB / 2));
    char *two = lethe_io_buffer(1024);
    assert_int_equal(lethe_io_read(opened.io, two, 1024, MIB / 2 - 512), 0);
    assert_int_equal(two[511], 'n');
    assert_int_equal(two[512], 0);
    lethe_io_buffer_free(two);
    bench_io_close(&opened);
    bench_end(&bench);
}

static void corrupt_flips_one_bit_of_a_block(void **state)
{
    struct bench bench;
    (void)state;
    bench_disk(&bench, "[{kind: corrupt, fraction: 10%, seed: 3}]", "");
    assert_int_equal(wipe(&bench), 0);
    struct bench_io opened = bench_io(&bench, false);
    char *block = lethe_io_buffer(4096);
    size_t wrong = 0;
    for (uint64_t at = 0; at < MIB; at += 4096) {
        int bits = 0;
        assert_int_equal(lethe_io_read(opened.io, block, 4096, at), 0);
        for (size_t i = 0; i < 4096; i++)
            bits += __builtin_popcount((unsigned char)block[i] ^ (unsigned)'n');
        assert_in_range(bits, 0, 1);
        wrong += bits > 0;
    }
    assert_in_range(wrong, 8, 60);
    lethe_io_buffer_free(block);
    bench_io_close(&opened);
    bench_end(&bench);
}

static void shrink_shows_less_later(void **state)
{
    struct bench bench;
    struct lethe_io_info info;
    struct lethe_identity identity;
    char block[512];
    (void)state;
    bench_disk(&bench, "[{kind: shrink, size: 512KiB, after_writes: 2}]", "");
    struct bench_io opened = bench_io(&bench, true);
    assert_int_equal(lethe_io_info(opened.io, &info), 0);
    assert_int_equal(info.capacity, MIB);
    assert_int_equal(bench_fill(opened.io, 'n', 0, 128 * 1024), 0);
    assert_int_equal(lethe_io_info(opened.io, &info), 0);
    assert_int_equal(info.capacity, MIB / 2);
    assert_int_equal(lethe_driver_emu.identify(bench.held, &identity, NULL), 0);
    assert_int_equal(identity.capacity, MIB / 2);
    assert_int_equal(lethe_io_pread(opened.io, block, 512, MIB / 2), 0);
    assert_int_equal(lethe_io_pwrite(opened.io, block, 512, MIB / 2), -ENOSPC);
    assert_int_equal(lethe_io_pwrite(opened.io, block, 512, MIB / 2 - 512), 512);
    bench_io_close(&opened);
    bench_end(&bench);
}

static void bad_blocks(void **state)
{
    struct bench bench;
    char block[512];
    (void)state;
    bench_disk(&bench, "[{kind: bad-block, from: 64KiB, to: 65KiB}]", "");
    struct bench_io opened = bench_io(&bench, true);
    assert_int_equal(bench_fill(opened.io, 'n', 0, 65536), 0);
    assert_int_equal(bench_fill(opened.io, 'n', 65536, 65536), -EIO);
    assert_int_equal(lethe_io_pread(opened.io, block, 512, 65536 + 512), -EIO);
    assert_int_equal(lethe_io_pread(opened.io, block, 512, 65536 + 1024), 512);
    /* Halving finds the edges. */
    assert_int_equal(bench_fill(opened.io, 'n', 65536 + 1024, 512), 0);
    assert_int_equal(bench_fill(opened.io, 'n', 65536 - 512, 512), 0);
    bench_io_close(&opened);
    bench_end(&bench);

    /* Only when written, only when read. */
    bench_disk(&bench,
               "[{kind: bad-block, at_offset: 0, during: write}, "
               "{kind: bad-block, at_offset: 4096, during: read}, "
               "{kind: bad-block, at_offset: 8192, during: verify}]",
               "");
    opened = bench_io(&bench, true);
    assert_int_equal(bench_fill(opened.io, 'n', 0, 512), -EIO);
    assert_int_equal(lethe_io_pread(opened.io, block, 512, 0), 512);
    assert_int_equal(bench_fill(opened.io, 'n', 4096, 512), 0);
    assert_int_equal(lethe_io_pread(opened.io, block, 512, 4096), -EIO);
    assert_int_equal(lethe_io_pread(opened.io, block, 512, 8192), 512);
    bench_io_close(&opened);
    opened = bench_io(&bench, false);
    assert_int_equal(lethe_io_pread(opened.io, block, 512, 8192), -EIO);
    bench_io_close(&opened);
    bench_end(&bench);
}

static void what_is_before_a_bad_block_is_written(void **state)
{
    struct bench bench;
    (void)state;
    bench_disk(&bench, "[{kind: bad-block, at_offset: 4096, during: write}]", "");
    struct bench_io opened = bench_io(&bench, true);
    assert_int_equal(bench_fill(opened.io, 'n', 0, 8192), -EIO);
    assert_true(bench_is(opened.io, 'n', 0, 4096));
    assert_true(bench_is(opened.io, OLD, 4096, 4096));
    bench_io_close(&opened);
    bench_end(&bench);
}

static void weak_blocks_succeed_at_last(void **state)
{
    struct bench bench;
    (void)state;
    bench_disk(&bench, "[{kind: weak, at_offset: 4096, times: 3}]", "");
    struct bench_io opened = bench_io(&bench, true);
    for (int i = 0; i < 3; i++)
        assert_int_equal(bench_fill(opened.io, 'n', 4096, 512), -EIO);
    assert_int_equal(bench_fill(opened.io, 'n', 4096, 512), 0);
    bench_io_close(&opened);
    bench_end(&bench);
}

static void vanish_looks_like_the_end(void **state)
{
    struct bench bench;
    struct lethe_identity identity;
    char block[512];
    (void)state;
    bench_disk(&bench, "[{kind: vanish, after_writes: 1}]", "");
    struct bench_io opened = bench_io(&bench, true);
    assert_int_equal(bench_fill(opened.io, 'n', 0, 512), 0);
    assert_int_equal(lethe_io_pwrite(opened.io, block, 512, 512), -ENOSPC);
    assert_int_equal(lethe_io_pread(opened.io, block, 512, 0), 0);
    assert_int_equal(lethe_io_read(opened.io, block, 512, 0), -ENODATA);
    assert_int_equal(lethe_io_sync(opened.io), -EIO);
    assert_int_equal(lethe_driver_emu.identify(bench.held, &identity, &bench.err), -LETHE_E_GONE);
    assert_int_equal(lethe_driver_emu.spec(bench.held, false, &(struct lethe_io_spec){0}, NULL),
                     -LETHE_E_GONE);
    bench_io_close(&opened);
    /* This process has seen it go: it does not come back for it. */
    bench_release(&bench);
    assert_int_equal(lethe_driver_emu.claim(NULL, &bench.list.devices[0], &bench.held, &bench.err),
                     -LETHE_E_GONE);
    bench_end(&bench);

    bench_disk(&bench, "[{kind: vanish, at_offset: 512KiB, variant: enodev}]", "");
    opened = bench_io(&bench, true);
    assert_int_equal(bench_fill(opened.io, 'n', 0, MIB), -ENODEV);
    assert_int_equal(lethe_io_pread(opened.io, block, 512, 0), -ENODEV);
    assert_int_equal(lethe_io_sync(opened.io), -ENODEV);
    bench_io_close(&opened);
    bench_end(&bench);
}

static void slow_takes_its_time(void **state)
{
    struct bench bench;
    (void)state;
    bench_disk(&bench, "[{kind: slow, rate: 1MiB, during: write}]", "");
    struct bench_io opened = bench_io(&bench, true);
    uint64_t before = lethe_monotonic_ms();
    assert_int_equal(bench_fill(opened.io, 'n', 0, MIB / 8), 0);
    assert_in_range(lethe_monotonic_ms() - before, 120, 5000);
    bench_io_close(&opened);
    bench_end(&bench);
}

static void stall_ends_once(void **state)
{
    struct bench bench;
    (void)state;
    bench_disk(&bench, "[{kind: stall, seconds: 1, during: write}]", "");
    uint64_t before = lethe_monotonic_ms();
    assert_int_equal(wipe(&bench), 0);
    assert_in_range(lethe_monotonic_ms() - before, 990, 1900);
    assert_int_equal(bench_old_blocks(&bench), 0);
    bench_end(&bench);
}

static void stall_for_ever_can_be_killed(void **state)
{
    struct bench bench;
    int status;
    (void)state;
    bench_disk(&bench, "[{kind: stall}]", "");
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct bench_io opened = bench_io(&bench, true);
        _exit(bench_fill(opened.io, 'n', 0, 512) == 0 ? 1 : 2);
    }
    usleep(200000);
    assert_int_equal(waitpid(child, &status, WNOHANG), 0); /* it hangs */
    assert_int_equal(kill(child, SIGTERM), 0);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    /* It fired once, for all processes. */
    assert_int_equal(wipe(&bench), 0);
    bench_end(&bench);
}

static void swap_is_seen_by_identity_only(void **state)
{
    struct bench bench;
    struct lethe_identity armed, now;
    (void)state;
    bench_disk(&bench, "[{kind: swap, serial: OTHER-9, model: Another disk, after_writes: 8}]", "");
    assert_int_equal(lethe_driver_emu.identify(bench.held, &armed, NULL), 0);
    assert_true(lethe_identity_named(&armed, "emu-1"));
    assert_int_equal(wipe(&bench), 0);
    assert_int_equal(lethe_driver_emu.identify(bench.held, &now, NULL), 0);
    assert_string_equal(lethe_identity_find(&now, LETHE_ID_SERIAL)->value, "OTHER-9");
    assert_null(lethe_identity_find(&now, LETHE_ID_WWN));
    assert_string_equal(now.model, "Another disk");
    assert_int_equal(lethe_identity_same(&armed, &now, &bench.err), -LETHE_E_CHANGED);
    bench_end(&bench);
}

static void stale_read_gives_some_old_blocks(void **state)
{
    struct bench bench;
    (void)state;
    bench_disk(&bench, "[{kind: stale-read, fraction: 25%}]", "");
    struct bench_io opened = bench_io(&bench, true);
    assert_int_equal(bench_fill(opened.io, 'n', 0, MIB), 0);
    assert_true(bench_is(opened.io, 'n', 0, MIB)); /* the writer sees what it wrote */
    bench_io_close(&opened);
    size_t left = bench_old_blocks(&bench);
    assert_in_range(left, BLOCKS / 8, BLOCKS / 2);
    assert_int_equal(bench_old_blocks(&bench), left);
    bench_end(&bench);
}

static void overlay_reveal_shows_the_old_to_everyone_later(void **state)
{
    struct bench bench;
    (void)state;
    bench_disk(&bench, "[{kind: overlay-reveal}]", "");
    struct bench_io opened = bench_io(&bench, true);
    assert_int_equal(bench_fill(opened.io, 'n', 0, MIB), 0);
    assert_true(bench_is(opened.io, 'n', 0, MIB));
    assert_int_equal(bench_old_blocks(&bench), BLOCKS); /* even while the writer is there */
    bench_io_close(&opened);
    assert_int_equal(bench_old_blocks(&bench), BLOCKS);
    bench_end(&bench);
}

static void faults_stack(void **state)
{
    struct bench bench;
    (void)state;
    /* The first is nearest to the host: the bad block is seen before anything is dropped. */
    bench_disk(&bench,
               "[{kind: bad-block, at_offset: 0, during: write}, {kind: drop-writes, from: 50%}]",
               "");
    struct bench_io opened = bench_io(&bench, true);
    assert_int_equal(bench_fill(opened.io, 'n', 0, 4096), -EIO);
    assert_int_equal(bench_fill(opened.io, 'n', 512, MIB - 512 - 65024), 0);
    bench_io_close(&opened);
    assert_int_equal(bench_old_blocks(&bench), BLOCKS / 2 + 1);
    bench_end(&bench);
}

/* Every line of faults.def is described in the page for people. */
static void every_fault_has_its_words(void **state)
{
    static const char *const names[] = {
#define LETHE_FAULT(symbol, spelling, ...) "### `" spelling "`",
#include <emu/faults.def>
#undef LETHE_FAULT
    };
    char *page, *schema;
    size_t len;
    (void)state;
    assert_int_equal(
        lethe_file_read(LETHE_SOURCE_DIR "/docs/emulation.md", 1 << 20, &page, &len, NULL), 0);
    assert_int_equal(lethe_file_read(LETHE_SOURCE_DIR "/profiles/emulation.schema.json", 1 << 20,
                                     &schema, &len, NULL),
                     0);
    for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
        char quoted[40] = "\"";
        if (!strstr(page, names[i]))
            fail_msg("docs/emulation.md has no heading %s", names[i]);
        strncat(quoted, names[i] + 5, sizeof(quoted) - 2);
        quoted[strlen(quoted) - 1] = '"';
        if (!strstr(schema, quoted))
            fail_msg("profiles/emulation.schema.json does not know %s", quoted);
    }
    free(page);
    free(schema);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(honest_disk_is_wiped),
        cmocka_unit_test(drop_writes),
        cmocka_unit_test(drop_fraction_is_deterministic),
        cmocka_unit_test(drop_fraction_does_not_depend_on_the_size_of_requests),
        cmocka_unit_test(partial_wipe),
        cmocka_unit_test(read_only_silently),
        cmocka_unit_test(alias_wraps),
        cmocka_unit_test(limbo_swallows_and_reads_zeros),
        cmocka_unit_test(corrupt_flips_one_bit_of_a_block),
        cmocka_unit_test(shrink_shows_less_later),
        cmocka_unit_test(bad_blocks),
        cmocka_unit_test(what_is_before_a_bad_block_is_written),
        cmocka_unit_test(weak_blocks_succeed_at_last),
        cmocka_unit_test(vanish_looks_like_the_end),
        cmocka_unit_test(slow_takes_its_time),
        cmocka_unit_test(stall_ends_once),
        cmocka_unit_test(stall_for_ever_can_be_killed),
        cmocka_unit_test(swap_is_seen_by_identity_only),
        cmocka_unit_test(stale_read_gives_some_old_blocks),
        cmocka_unit_test(overlay_reveal_shows_the_old_to_everyone_later),
        cmocka_unit_test(faults_stack),
        cmocka_unit_test(every_fault_has_its_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
