/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_io.h"
#include "verify/canary.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MIB ((uint64_t)1 << 20)
#define JOB "01234567-89ab-7cde-8f01-23456789abcd"

static const uint8_t key[LETHE_KEY_SIZE] = {1, 2, 3};

static int write_canaries(struct fake_io *fake, uint64_t capacity, uint32_t count,
                          uint32_t *written, struct lethe_error *err)
{
    return lethe_canary_write(&fake->io, JOB, key, capacity, 0, count, written, NULL, err);
}

static void offsets_are_distinct_sorted_and_at_both_ends(void **state)
{
    (void)state;
    static const uint64_t capacities[] = {512,      1024,     10 * 512,
                                          16 * 512, 64 * MIB, (uint64_t)8 << 40};
    static const uint32_t counts[] = {0, 1, 2, 9, 16, 100};
    uint64_t offsets[100];
    for (size_t c = 0; c < 6; c++) {
        for (size_t k = 0; k < 6; k++) {
            uint64_t blocks = capacities[c] / 512;
            uint32_t n = lethe_canary_offsets(key, capacities[c], 512, counts[k], offsets);
            assert_int_equal(n, counts[k] < blocks ? counts[k] : blocks);
            if (n > 0)
                assert_int_equal(offsets[0], 0);
            if (n > 1)
                assert_int_equal(offsets[n - 1], capacities[c] - 512);
            for (uint32_t i = 1; i < n; i++)
                assert_true(offsets[i] > offsets[i - 1] && offsets[i] % 512 == 0);
        }
    }
}

static void offsets_depend_on_the_key_alone(void **state)
{
    (void)state;
    static const uint8_t other[LETHE_KEY_SIZE] = {1, 2, 4};
    uint64_t a[32], b[32], c[32];
    lethe_canary_offsets(key, 1024 * MIB, 512, 32, a);
    lethe_canary_offsets(key, 1024 * MIB, 512, 32, b);
    lethe_canary_offsets(other, 1024 * MIB, 512, 32, c);
    assert_memory_equal(a, b, sizeof(a));
    assert_memory_not_equal(a, c, sizeof(a));
}

static void written_flushed_and_read_back(void **state)
{
    (void)state;
    for (uint32_t block = 512; block <= 4096; block *= 8) {
        struct fake_io *fake = fake_io_new(8 * MIB, block, 0, 0);
        uint32_t written;
        uint64_t offsets[16];
        assert_int_equal(write_canaries(fake, 8 * MIB, 16, &written, NULL), 16);
        assert_int_equal(written, 16);
        assert_int_equal(fake->unflushed, 0);
        assert_int_equal(fake->reads, 16);
        lethe_canary_offsets(key, 8 * MIB, block, 16, offsets);
        for (int i = 0; i < 16; i++) {
            const uint8_t *at = fake->data + offsets[i];
            assert_true(lethe_canary_survives(at, block, JOB));
            assert_false(lethe_canary_survives(at, block, "another job, another job, another jo"));
            assert_true(at[block - 1] || at[block - 2]); /* to the end of the block */
        }
        lethe_io_close(&fake->io);
    }
}

static void a_fragment_of_a_mark_survives(void **state)
{
    (void)state;
    uint8_t block[512];
    lethe_canary_fill(block, sizeof(block), JOB, key, 4096);
    memset(block, 0, 300);
    assert_true(lethe_canary_survives(block, sizeof(block), JOB));
    memset(block, 0, sizeof(block));
    assert_false(lethe_canary_survives(block, sizeof(block), JOB));
}

static void dropped_writes_are_unmasked(void **state)
{
    (void)state;
    struct lethe_error err;
    struct fake_io *fake = fake_io_new(8 * MIB, 512, 0, 0);
    uint32_t written;
    fake->drop_from = 8 * MIB - 512;
    fake->drop_len = 512;
    assert_int_equal(write_canaries(fake, 8 * MIB, 16, &written, &err), -LETHE_E_IO);
    assert_int_equal(written, 16);
    assert_non_null(strstr(err.effect, "does not keep"));
    lethe_io_close(&fake->io);
}

/* What it says of the device is what is known. */
static void a_first_write_that_fails_claims_nothing(void **state)
{
    (void)state;
    struct lethe_error err;
    uint32_t written;
    uint64_t offsets[16];
    lethe_canary_offsets(key, 8 * MIB, 512, 16, offsets);
    for (int i = 0; i < 2; i++) {
        struct fake_io *fake = fake_io_new(8 * MIB, 512, 0, 0);
        fake->bad_write = offsets[i];
        fake->bad_write_len = 512;
        fake->bad_errno = EROFS;
        assert_int_equal(write_canaries(fake, 8 * MIB, 16, &written, &err), -LETHE_E_UNSUPPORTED);
        assert_int_equal(written, i + 1);
        assert_non_null(
            strstr(err.effect, i ? "up to 2 blocks are" : "nothing is known to be overwritten"));
        lethe_io_close(&fake->io);
    }
}

static void false_capacity_is_unmasked(void **state)
{
    (void)state;
    struct lethe_error err;
    struct fake_io *fake = fake_io_new(8 * MIB, 512, 0, 0);
    uint32_t written;
    /* The last mark lands on the first. Where none meets another the overwriting finds out: see
     * tests/technique. */
    fake->alias = 8 * MIB - 512;
    assert_int_equal(write_canaries(fake, 8 * MIB, 16, &written, &err), -LETHE_E_IO);
    lethe_io_close(&fake->io);
}

static void a_bad_sector_is_no_lie(void **state)
{
    (void)state;
    struct lethe_error err;
    struct fake_io *fake = fake_io_new(8 * MIB, 512, 0, 0);
    uint32_t written;
    fake->bad_write = 0;
    fake->bad_write_len = 512;
    assert_int_equal(write_canaries(fake, 8 * MIB, 16, &written, &err), 15);
    assert_int_equal(written, 16);
    fake->bad_write_len = 8 * MIB - 512;
    assert_int_equal(write_canaries(fake, 8 * MIB, 16, &written, &err), -LETHE_E_IO);
    lethe_io_close(&fake->io);
}

static void an_unreadable_mark_does_not_stand(void **state)
{
    (void)state;
    struct fake_io *fake = fake_io_new(8 * MIB, 512, 0, 0);
    uint32_t written;
    fake->bad_read = 8 * MIB - 512;
    fake->bad_read_len = 512;
    assert_int_equal(write_canaries(fake, 8 * MIB, 16, &written, NULL), 15);
    lethe_io_close(&fake->io);
}

static void a_device_that_vanishes_or_shrinks(void **state)
{
    (void)state;
    struct lethe_error err;
    struct fake_io *fake = fake_io_new(8 * MIB, 512, 0, 0);
    uint32_t written;
    assert_int_equal(write_canaries(fake, 9 * MIB, 16, &written, &err), -LETHE_E_GONE);
    assert_int_equal(write_canaries(fake, 7 * MIB, 16, &written, &err), -LETHE_E_CHANGED);
    assert_int_equal(written, 0);
    assert_int_equal(fake->writes, 0);
    fake->gone_at = 4 * MIB;
    fake->gone_errno = ENOSPC;
    assert_int_equal(write_canaries(fake, 8 * MIB, 16, &written, &err), -LETHE_E_GONE);
    assert_true(written > 0);
    lethe_io_close(&fake->io);
}

static void a_failed_flush_is_a_failure(void **state)
{
    (void)state;
    struct lethe_error err;
    struct fake_io *fake = fake_io_new(8 * MIB, 512, 0, 0);
    uint32_t written;
    fake->sync_errno = EIO;
    assert_int_equal(write_canaries(fake, 8 * MIB, 16, &written, &err), -LETHE_E_IO);
    assert_int_equal(written, 16);
    lethe_io_close(&fake->io);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(offsets_are_distinct_sorted_and_at_both_ends),
        cmocka_unit_test(offsets_depend_on_the_key_alone),
        cmocka_unit_test(written_flushed_and_read_back),
        cmocka_unit_test(a_fragment_of_a_mark_survives),
        cmocka_unit_test(dropped_writes_are_unmasked),
        cmocka_unit_test(a_first_write_that_fails_claims_nothing),
        cmocka_unit_test(false_capacity_is_unmasked),
        cmocka_unit_test(a_bad_sector_is_no_lie),
        cmocka_unit_test(an_unreadable_mark_does_not_stand),
        cmocka_unit_test(a_device_that_vanishes_or_shrinks),
        cmocka_unit_test(a_failed_flush_is_a_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
