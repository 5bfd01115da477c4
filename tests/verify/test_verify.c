/* SPDX-License-Identifier: Apache-2.0 */
/* The verification on devices in memory: what it finds, what it must not overlook. */
#include "base/json.h"
#include "base/pattern.h"
#include "fake_io.h"
#include "verify/canary.h"

#include <errno.h>
#include <lethe/verification.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MIB ((uint64_t)1 << 20)
#define SIZE (64 * MIB)
#define JOB "01234567-89ab-7cde-8f01-23456789abcd"

static const uint8_t seed[LETHE_SEED_SIZE] = {3};
static const uint8_t sample_key[LETHE_KEY_SIZE] = {4};
static const uint8_t canary_key[LETHE_KEY_SIZE] = {5};

static const struct lethe_verification_rule full = {.mode = LETHE_VERIFY_FULL};
static const struct lethe_verification_rule confidence = {
    .mode = LETHE_VERIFY_CONFIDENCE, .confidence_ppm = 990000, .fraction_ppm = 10000};
static const struct lethe_verification_rule strata = {
    .mode = LETHE_VERIFY_STRATA, .subsections = 1000, .samples = 2, .percent_ppm = 50000};

struct bench {
    struct fake_io *fake;
    struct lethe_verify_run run;
    struct lethe_verify_result result;
    struct lethe_error err;
    unsigned progress, exceptions;
    uint64_t exception_offset, exception_bytes;
};

static int on_progress(void *user, unsigned pass, uint64_t done, uint64_t errors)
{
    struct bench *bench = user;
    (void)pass;
    (void)errors;
    assert_true(done <= bench->run.capacity);
    bench->progress++;
    return 0;
}

static int on_exception(void *user, uint64_t offset, uint64_t length, int errnum)
{
    struct bench *bench = user;
    assert_true(errnum > 0);
    bench->exceptions++;
    bench->exception_offset = offset;
    bench->exception_bytes += length;
    return 0;
}

/* A device that carries PATTERN of pass 0. */
static void bench_open(struct bench *bench, const struct lethe_verification_rule *rule,
                       const char *pattern, uint64_t capacity, unsigned depth)
{
    struct lethe_pattern parsed;
    struct lethe_stream *stream;
    memset(bench, 0, sizeof(*bench));
    bench->fake = fake_io_new(capacity, 512, depth, 0);
    assert_int_equal(lethe_pattern_parse(pattern, &parsed, NULL), 0);
    assert_int_equal(lethe_stream_new(&parsed, seed, JOB, 0, &stream, NULL), 0);
    lethe_stream_fill(stream, 0, bench->fake->data, capacity);
    lethe_stream_free(stream);
    bench->run = (struct lethe_verify_run){
        .io = &bench->fake->io,
        .job = JOB,
        .capacity = capacity,
        .rule = *rule,
        .pattern = pattern,
        .seed = seed,
        .sample_key = sample_key,
        .canary_key = canary_key,
        .canaries = 16,
        .memory = 12 * MIB,
        .report = {.progress = on_progress, .exception = on_exception, .user = bench}};
}

static int bench_run(struct bench *bench)
{
    int rc = lethe_verify_device(&bench->run, &bench->result, &bench->err);
    assert_int_equal(bench->fake->queued, 0);
    assert_int_equal(bench->fake->writes, 0);
    return rc;
}

static void bench_close(struct bench *bench)
{
    lethe_io_close(&bench->fake->io);
}

static void a_good_device_in_every_mode(void **state)
{
    (void)state;
    const struct lethe_verification_rule *rules[] = {&full, &confidence, &strata};
    static const char *const patterns[] = {"zero", "hex:924924", "~byte:3", "random"};
    static const uint64_t sizes[] = {512, 3 * MIB + 512, SIZE};
    for (size_t i = 0; i < 3 * 4 * 3 * 2; i++) {
        struct bench bench;
        const struct lethe_verification_rule *rule = rules[i % 3];
        uint64_t size = sizes[i / 12 % 3];
        bench_open(&bench, rule, patterns[i / 3 % 4], size, i / 36 ? 64 : 0);
        assert_int_equal(bench_run(&bench), 0);
        const struct lethe_verify_result *r = &bench.result;
        assert_int_equal(r->mode, rule->mode);
        assert_int_equal(r->block, 4096);
        assert_int_equal(r->blocks, (size + 4095) / 4096);
        assert_int_equal(r->mismatches, 0);
        assert_true(r->first_mismatch == UINT64_MAX);
        assert_int_equal(r->unreadable, 0);
        assert_int_equal(r->excepted, 0);
        assert_int_equal(r->canaries_checked, size == 512 ? 1 : 16);
        assert_int_equal(r->canaries_survived, 0);
        assert_true(r->complete);
        assert_true(bench.progress > 0);
        if (rule->mode == LETHE_VERIFY_FULL) {
            assert_int_equal(r->bytes, size);
            assert_int_equal(r->coverage_ppm, 1000000);
            assert_int_equal(r->samples, r->blocks);
        } else if (size == SIZE) {
            uint64_t *offsets;
            size_t n;
            assert_int_equal(
                lethe_sample_offsets(rule, sample_key, JOB, size, 4096, &offsets, &n, NULL), 0);
            free(offsets);
            assert_in_range(r->samples, n, n + 16);
            assert_int_equal(r->bytes, r->samples * 4096);
            assert_int_equal(r->coverage_ppm, r->bytes * 1000000 / size);
            if (rule->mode == LETHE_VERIFY_STRATA)
                assert_true(r->coverage_ppm >= 100000);
            if (bench.fake->depth)
                assert_true(bench.fake->in_flight_max >= 8);
        }
        bench_close(&bench);
    }
}

static void one_wrong_byte_is_found_in_full(void **state)
{
    (void)state;
    static const uint64_t wrong[] = {0, 1, 4095, 4096, 65535, 65536, 5 * MIB + 77, SIZE - 1};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        for (int fixed = 0; fixed < 2; fixed++) {
            struct bench bench;
            bench_open(&bench, &full, fixed ? "zero" : "random", SIZE, 8);
            bench.fake->data[wrong[i]] ^= 0x80;
            assert_int_equal(bench_run(&bench), 0);
            assert_int_equal(bench.result.mismatches, 1);
            assert_int_equal(bench.result.first_mismatch, wrong[i]);
            assert_true(bench.result.complete);
            bench_close(&bench);
        }
    }
}

static void wrong_blocks_are_counted_each_once(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench, &full, "random", SIZE, 8);
    /* Two in one block, three blocks in a row across a request's end, the last block. */
    bench.fake->data[10 * 4096 + 3] ^= 1;
    bench.fake->data[10 * 4096 + 3000] ^= 1;
    for (uint64_t b = 255; b < 258; b++)
        bench.fake->data[b * 4096] ^= 1;
    bench.fake->data[SIZE - 1] ^= 1;
    assert_int_equal(bench_run(&bench), 0);
    assert_int_equal(bench.result.mismatches, 5);
    assert_int_equal(bench.result.first_mismatch, 10 * 4096 + 3);
    bench_close(&bench);
}

static void a_device_that_dropped_everything(void **state)
{
    (void)state;
    const struct lethe_verification_rule *rules[] = {&full, &confidence, &strata};
    for (size_t i = 0; i < 3; i++) {
        struct bench bench;
        bench_open(&bench, rules[i], "random", SIZE, 8);
        memset(bench.fake->data, 0, SIZE);
        assert_int_equal(bench_run(&bench), 0);
        assert_int_equal(bench.result.mismatches, bench.result.samples);
        assert_int_equal(bench.result.first_mismatch, 0);
        bench_close(&bench);
    }
}

/* 2 % of the blocks left, wherever they cluster: found with more than 99 % probability, so over 20
 * devices practically always. */
static void leftovers_are_found_by_sampling(void **state)
{
    (void)state;
    unsigned found = 0;
    for (unsigned i = 0; i < 20; i++) {
        struct bench bench;
        uint8_t key[LETHE_KEY_SIZE] = {(uint8_t)i, 9};
        bench_open(&bench, &confidence, "zero", SIZE, 8);
        bench.run.sample_key = key;
        memset(bench.fake->data + (i * 3 + 1) * MIB, 0xEE, SIZE / 50);
        assert_int_equal(bench_run(&bench), 0);
        found += bench.result.mismatches > 0;
        bench_close(&bench);
    }
    assert_true(found >= 19);
}

static void ends_and_tables_are_always_read(void **state)
{
    (void)state;
    static const uint64_t places[] = {0, 512, 63 * 4096, SIZE - 512, SIZE - 33 * 4096};
    for (size_t i = 0; i < 5; i++) {
        struct bench bench;
        bench_open(&bench, &confidence, "random", SIZE, 8);
        bench.fake->data[places[i]] ^= 1;
        assert_int_equal(bench_run(&bench), 0);
        assert_int_equal(bench.result.mismatches, 1);
        bench_close(&bench);
    }
}

static void a_canary_that_survives_is_told(void **state)
{
    (void)state;
    const struct lethe_verification_rule *rules[] = {&full, &confidence, &strata};
    uint64_t offsets[16];
    for (size_t i = 0; i < 3; i++) {
        struct bench bench;
        bench_open(&bench, rules[i], "random", SIZE, 8);
        assert_int_equal(lethe_canary_offsets(canary_key, SIZE, 512, 16, offsets), 16);
        lethe_canary_fill(bench.fake->data + offsets[7], 512, JOB, canary_key, offsets[7]);
        assert_int_equal(bench_run(&bench), 0);
        assert_int_equal(bench.result.canaries_checked, 16);
        assert_int_equal(bench.result.canaries_survived, 1);
        /* Its block is compared, too, whatever the sample. */
        assert_int_equal(bench.result.mismatches, 1);
        bench_close(&bench);
    }
}

static void without_a_pattern_only_canaries_are_judged(void **state)
{
    (void)state;
    struct bench bench;
    uint64_t offsets[16];
    bench_open(&bench, &confidence, "random", SIZE, 8);
    bench.run.pattern = NULL;
    assert_int_equal(bench_run(&bench), 0);
    assert_int_equal(bench.result.canaries_checked, 16);
    assert_int_equal(bench.result.canaries_survived, 0);
    assert_int_equal(bench.result.samples, 0);
    assert_true(bench.result.complete);
    lethe_canary_offsets(canary_key, SIZE, 512, 16, offsets);
    /* Aliased: the mark of another place. */
    lethe_canary_fill(bench.fake->data + offsets[3], 512, JOB, canary_key, offsets[4]);
    assert_int_equal(bench_run(&bench), 0);
    assert_int_equal(bench.result.canaries_survived, 1);
    bench.fake->bad_read = offsets[3];
    bench.fake->bad_read_len = 512;
    assert_int_equal(bench_run(&bench), 0);
    assert_int_equal(bench.result.canaries_checked, 15);
    assert_false(bench.result.complete);
    bench_close(&bench);
}

static void unreadable_blocks_are_counted(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench, &full, "random", SIZE, 8);
    bench.fake->bad_read = 20 * MIB + 4096 - 512; /* the end of one block, the begin of the next */
    bench.fake->bad_read_len = 1024;
    assert_int_equal(bench_run(&bench), 0);
    assert_int_equal(bench.result.unreadable, 2);
    assert_int_equal(bench.result.mismatches, 0);
    assert_int_equal(bench.result.samples, bench.result.blocks - 2);
    assert_int_equal(bench.result.bytes, SIZE - 1024);
    assert_int_equal(bench.exceptions, 2);
    assert_int_equal(bench.exception_bytes, 1024);
    assert_false(bench.result.complete);
    bench_close(&bench);
}

static void known_exceptions_are_left_out(void **state)
{
    (void)state;
    struct lethe_range known[] = {{8 * MIB, 512}, {20 * MIB + 512, 8192}};
    const struct lethe_verification_rule *rules[] = {&full, &strata, &confidence};
    for (size_t i = 0; i < 3; i++) {
        struct bench bench;
        bench_open(&bench, rules[i], "random", SIZE, 8);
        bench.run.exceptions = known;
        bench.run.n_exceptions = 2;
        memset(bench.fake->data + 8 * MIB, 0xAB, 512); /* old contents, readable */
        bench.fake->bad_read = 20 * MIB + 512;         /* not readable either */
        bench.fake->bad_read_len = 8192;
        assert_int_equal(bench_run(&bench), 0);
        assert_int_equal(bench.result.mismatches, 0);
        assert_int_equal(bench.result.unreadable, 0);
        assert_int_equal(bench.exceptions, 0);
        assert_true(bench.result.complete);
        if (rules[i]->mode == LETHE_VERIFY_FULL) {
            assert_int_equal(bench.result.excepted, 1 + 3);
            assert_int_equal(bench.result.bytes, SIZE - 512 - 8192);
        }
        /* Next to them everything counts. */
        bench.run.rule = full;
        bench.fake->data[8 * MIB + 512] ^= 1;
        bench.fake->data[20 * MIB + 511] ^= 1;
        assert_int_equal(bench_run(&bench), 0);
        assert_int_equal(bench.result.mismatches, 2);
        assert_int_equal(bench.result.first_mismatch, 8 * MIB + 512);
        bench_close(&bench);
    }
}

static void a_device_that_vanishes_is_not_verified(void **state)
{
    (void)state;
    const struct lethe_verification_rule *rules[] = {&full, &confidence, &strata};
    static const int errnos[] = {0, ENODEV, ENXIO}; /* 0: end of file */
    for (size_t i = 0; i < 9; i++) {
        struct bench bench;
        bench_open(&bench, rules[i % 3], "random", SIZE, i % 2 ? 8 : 0);
        bench.run.canaries = 2;
        bench.fake->gone_at = 40 * MIB;
        bench.fake->gone_errno = errnos[i / 3];
        assert_int_equal(bench_run(&bench), -LETHE_E_GONE);
        assert_false(bench.result.complete);
        assert_true(bench.result.bytes < 41 * MIB);
        bench.run.canaries = 0;
        assert_int_equal(bench_run(&bench), -LETHE_E_GONE);
        assert_false(bench.result.complete);
        bench_close(&bench);
    }
}

/* Removed disks tell a size of 0: nothing is looked at, and no numbers are told of it. */
static void a_device_that_left_before(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench, &full, "random", SIZE, 8);
    bench.fake->info.capacity = 0;
    struct lethe_error err = {0};
    assert_int_equal(lethe_verify_device(&bench.run, &bench.result, &err), -LETHE_E_GONE);
    assert_string_equal(err.what, "the device vanished before it could be verified");
    assert_int_equal(bench.result.block, 0);
    assert_false(bench.result.complete);
    bench.fake->info.capacity = SIZE;
    bench_close(&bench);
}

static void a_device_of_another_size(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench, &full, "random", SIZE, 8);
    bench.run.capacity = SIZE + 512;
    assert_int_equal(bench_run(&bench), -LETHE_E_GONE);
    bench.run.capacity = SIZE - 512;
    assert_int_equal(bench_run(&bench), -LETHE_E_CHANGED);
    assert_false(bench.result.complete);
    bench_close(&bench);
}

static void short_reads_are_completed(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench, &full, "random", 8 * MIB, 8);
    bench.fake->short_to = 64 << 10;
    assert_int_equal(bench_run(&bench), 0);
    assert_int_equal(bench.result.bytes, 8 * MIB);
    assert_int_equal(bench.result.mismatches, 0);
    assert_true(bench.result.complete);
    bench.fake->transient = 3;
    assert_int_equal(bench_run(&bench), 0);
    assert_int_equal(bench.result.bytes, 8 * MIB);
    assert_int_equal(bench.result.unreadable, 0);
    bench_close(&bench);
}

static void an_interrupted_job_is_verified_in_full(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench, &confidence, "random", SIZE, 8);
    bench.run.full = true;
    assert_int_equal(bench_run(&bench), 0);
    assert_int_equal(bench.result.mode, LETHE_VERIFY_FULL);
    assert_int_equal(bench.result.bytes, SIZE);
    bench_close(&bench);
}

static void memory_is_bounded(void **state)
{
    (void)state;
    const struct lethe_verification_rule *rules[] = {&full, &confidence, &strata};
    for (size_t i = 0; i < 3; i++) {
        struct bench bench;
        bench_open(&bench, rules[i], "random", SIZE, 64);
        bench.run.memory = 512 << 10;
        assert_int_equal(bench_run(&bench), 0);
        assert_true(bench.fake->largest * bench.fake->in_flight_max <= 512 << 10);
        assert_true(bench.result.complete);
        bench_close(&bench);
    }
}

static void results_survive_their_json(void **state)
{
    (void)state;
    struct bench bench;
    struct lethe_verify_result back;
    bench_open(&bench, &strata, "random", SIZE, 8);
    for (int wrong = 0; wrong < 2; wrong++) {
        bench.fake->data[0] ^= (uint8_t)wrong;
        assert_int_equal(bench_run(&bench), 0);
        LETHE_JSON_AUTO *json = lethe_verify_result_to_json(&bench.result);
        assert_int_equal(lethe_verify_result_from_json(json, &back, NULL), 0);
        assert_memory_equal(&back, &bench.result, sizeof(back));
    }
    bench_close(&bench);
}

static void results_that_contradict_themselves_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *key;
        json_int_t value;
    } wrong[] = {{"block", 0},       {"coverage_ppm", 1000001}, {"samples", 1 << 30},
                 {"mismatches", 1},  {"canaries_survived", 17}, {"first_mismatch", 5},
                 {"unreadable", -1}, {"surprise", 1},           {"block", (json_int_t)1 << 33}};
    struct bench bench;
    struct lethe_verify_result back;
    struct lethe_error err;
    bench_open(&bench, &full, "zero", MIB, 8);
    assert_int_equal(bench_run(&bench), 0);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        LETHE_JSON_AUTO *json = lethe_verify_result_to_json(&bench.result);
        json_object_set_new(json, wrong[i].key, json_integer(wrong[i].value));
        assert_int_equal(lethe_verify_result_from_json(json, &back, &err), -LETHE_E_INVALID);
    }
    LETHE_JSON_AUTO *json = lethe_verify_result_to_json(&bench.result);
    json_object_set_new(json, "mode", json_string("some"));
    assert_int_equal(lethe_verify_result_from_json(json, &back, &err), -LETHE_E_INVALID);
    json_object_del(json, "mode");
    assert_int_equal(lethe_verify_result_from_json(json, &back, &err), -LETHE_E_INVALID);
    bench_close(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_device_in_every_mode),
        cmocka_unit_test(one_wrong_byte_is_found_in_full),
        cmocka_unit_test(wrong_blocks_are_counted_each_once),
        cmocka_unit_test(a_device_that_dropped_everything),
        cmocka_unit_test(leftovers_are_found_by_sampling),
        cmocka_unit_test(ends_and_tables_are_always_read),
        cmocka_unit_test(a_canary_that_survives_is_told),
        cmocka_unit_test(without_a_pattern_only_canaries_are_judged),
        cmocka_unit_test(unreadable_blocks_are_counted),
        cmocka_unit_test(known_exceptions_are_left_out),
        cmocka_unit_test(a_device_that_vanishes_is_not_verified),
        cmocka_unit_test(a_device_that_left_before),
        cmocka_unit_test(a_device_of_another_size),
        cmocka_unit_test(short_reads_are_completed),
        cmocka_unit_test(an_interrupted_job_is_verified_in_full),
        cmocka_unit_test(memory_is_bounded),
        cmocka_unit_test(results_survive_their_json),
        cmocka_unit_test(results_that_contradict_themselves_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
