/* SPDX-License-Identifier: Apache-2.0 */
/* The host overwrite on devices in memory that fail in every way we know. */
#include "base/pattern.h"
#include "fake_io.h"
#include "loop.h"

#include <errno.h>
#include <lethe/technique.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "skip.h"

#define MIB ((uint64_t)1 << 20)
#define TAIL ((uint64_t)8 * 512) /* the last blocks, marked before a pass */
#define MARKS(size) ((size) < TAIL ? (size) : TAIL)
#define JOB "01234567-89ab-7cde-8f01-23456789abcd"

static const uint8_t seed[LETHE_SEED_SIZE] = {7, 7, 7};

/* What a supervisor would hear. */
struct heard {
    struct fake_io *fake;
    unsigned begun, ended, progress, points, exceptions;
    uint64_t begin_offset, point, pass_bytes, pass_errors;
    uint64_t exception_first, exception_last, exception_bytes;
    int exception_errno;
    unsigned stop_after; /* progress reports */
    bool flushed;        /* at every durable point nothing was unflushed */
};

static int on_begin(void *user, unsigned pass, const char *pattern, uint64_t offset)
{
    struct heard *heard = user;
    assert_true(pattern[0] != '\0');
    (void)pass;
    heard->begun++;
    heard->begin_offset = offset;
    return 0;
}

static int on_progress(void *user, unsigned pass, uint64_t done, uint64_t errors)
{
    struct heard *heard = user;
    (void)pass;
    (void)errors;
    assert_true(done <= heard->fake->info.capacity);
    heard->progress++;
    return heard->stop_after && heard->progress >= heard->stop_after ? -LETHE_E_CANCELLED : 0;
}

static int on_durable(void *user, unsigned pass, uint64_t offset)
{
    struct heard *heard = user;
    (void)pass;
    heard->flushed = heard->flushed && heard->fake->unflushed == 0 && heard->fake->queued == 0;
    heard->points++;
    heard->point = offset;
    return 0;
}

static int on_exception(void *user, uint64_t offset, uint64_t length, int errnum)
{
    struct heard *heard = user;
    if (heard->exceptions++ == 0)
        heard->exception_first = offset;
    heard->exception_last = offset + length;
    heard->exception_bytes += length;
    heard->exception_errno = errnum;
    return 0;
}

static int on_end(void *user, unsigned pass, uint64_t bytes, uint64_t errors)
{
    struct heard *heard = user;
    (void)pass;
    heard->ended++;
    heard->pass_bytes = bytes;
    heard->pass_errors = errors;
    return 0;
}

struct bench {
    struct fake_io *fake;
    struct heard heard;
    struct lethe_run run;
    struct lethe_error err;
    json_t *evidence;
};

static const char one_random[1][24] = {"random"};

static void bench_open(struct bench *bench, uint64_t capacity, unsigned depth)
{
    memset(bench, 0, sizeof(*bench));
    bench->fake = fake_io_new(capacity, 512, depth, 0xA5);
    bench->heard = (struct heard){.fake = bench->fake, .flushed = true};
    bench->run = (struct lethe_run){.io = &bench->fake->io,
                                    .job = JOB,
                                    .seed = seed,
                                    .capacity = capacity,
                                    .n_passes = 1,
                                    .passes = one_random,
                                    .memory = 4 * MIB,
                                    .report = {.pass_begin = on_begin,
                                               .progress = on_progress,
                                               .durable = on_durable,
                                               .exception = on_exception,
                                               .pass_end = on_end,
                                               .user = &bench->heard}};
}

static int bench_run(struct bench *bench)
{
    const struct lethe_technique *technique = lethe_technique_find("overwrite");
    int rc = technique->start(&bench->run, &bench->err);
    if (rc == 0) {
        do {
            rc = technique->step(&bench->run, &bench->err);
        } while (rc > 0);
        if (rc == 0)
            assert_int_equal(technique->attest(&bench->run, &bench->evidence, &bench->err), 0);
    }
    technique->stop(&bench->run);
    assert_int_equal(bench->fake->queued, 0);
    return rc;
}

static void bench_close(struct bench *bench)
{
    json_decref(bench->evidence);
    lethe_io_close(&bench->fake->io);
}

/* LEN bytes at OFFSET of the device are what PASS with PATTERN writes. */
static bool holds(const struct bench *bench, const char *pattern, unsigned pass, uint64_t offset,
                  size_t len)
{
    struct lethe_pattern parsed;
    struct lethe_stream *stream;
    uint8_t *copy = malloc(len);
    memcpy(copy, bench->fake->data + offset, len);
    assert_int_equal(lethe_pattern_parse(pattern, &parsed, NULL), 0);
    assert_int_equal(lethe_stream_new(&parsed, seed, JOB, pass, &stream, NULL), 0);
    bool same = lethe_stream_compare(stream, offset, copy, len) == len;
    lethe_stream_free(stream);
    free(copy);
    return same;
}

static const json_t *pass_evidence(const struct bench *bench, size_t i)
{
    return json_array_get(json_object_get(bench->evidence, "passes"), i);
}

static json_int_t number(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static void every_byte_is_written(void **state)
{
    (void)state;
    /* Sizes that are no multiple of a request; with the generic queue, and one that reorders. */
    static const uint64_t sizes[] = {512, 4096, 7 * MIB + 512, 16 * MIB};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        for (unsigned depth = 0; depth <= 16; depth += 8) {
            struct bench bench;
            bench_open(&bench, sizes[i], depth);
            assert_int_equal(bench_run(&bench), 0);
            assert_true(holds(&bench, "random", 0, 0, sizes[i]));
            assert_int_equal(bench.heard.begun, 1);
            assert_int_equal(bench.heard.ended, 1);
            assert_int_equal(bench.heard.pass_bytes, sizes[i]);
            assert_int_equal(bench.heard.pass_errors, 0);
            assert_int_equal(bench.heard.point, sizes[i]);
            assert_true(bench.heard.flushed);
            assert_int_equal(bench.fake->bytes_written, sizes[i] + MARKS(sizes[i]));
            if (depth && sizes[i] > 4 * MIB)
                assert_true(bench.fake->in_flight_max >= 4);
            bench_close(&bench);
        }
    }
}

static void passes_follow_each_other(void **state)
{
    (void)state;
    static const char passes[4][24] = {"zero", "hex:924924", "byte:1", "~byte:1"};
    struct bench bench;
    bench_open(&bench, 3 * MIB, 8);
    bench.run.n_passes = 4;
    bench.run.passes = passes;
    assert_int_equal(bench_run(&bench), 0);
    assert_true(holds(&bench, "~byte:1", 3, 0, 3 * MIB));
    assert_int_equal(bench.heard.begun, 4);
    assert_int_equal(bench.heard.ended, 4);
    assert_int_equal(bench.fake->bytes_written, 12 * MIB + 4 * TAIL);
    assert_int_equal(json_array_size(json_object_get(bench.evidence, "passes")), 4);
    for (size_t i = 0; i < 4; i++) {
        const json_t *pass = pass_evidence(&bench, i);
        assert_string_equal(json_string_value(json_object_get(pass, "pattern")), passes[i]);
        assert_int_equal(number(pass, "pass"), i);
        assert_int_equal(number(pass, "bytes"), 3 * MIB);
        assert_int_equal(number(pass, "errors"), 0);
        assert_non_null(json_object_get(pass, "started"));
        assert_non_null(json_object_get(pass, "ended"));
        assert_null(json_object_get(pass, "resumed_from"));
    }
    /* Behind the marks, before and behind the last request. */
    assert_int_equal(number(bench.evidence, "flushes"), 12);
    assert_int_equal(number(bench.evidence, "retries"), 0);
    bench_close(&bench);
}

static void memory_is_bounded(void **state)
{
    (void)state;
    static const size_t memories[] = {64 << 10, 1 << 20, 12 << 20};
    for (size_t i = 0; i < 3; i++) {
        struct bench bench;
        bench_open(&bench, 9 * MIB, 32);
        bench.run.memory = memories[i];
        assert_int_equal(bench_run(&bench), 0);
        assert_true(bench.fake->largest * bench.fake->in_flight_max <= memories[i]);
        assert_true(holds(&bench, "random", 0, 0, 9 * MIB));
        bench_close(&bench);
    }
}

static void bad_sectors_are_found_exactly(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench, 8 * MIB, 8);
    bench.fake->bad_write = 3 * MIB + 5 * 512;
    bench.fake->bad_write_len = 3 * 512;
    assert_int_equal(bench_run(&bench), 0);
    assert_int_equal(bench.heard.exceptions, 3);
    assert_int_equal(bench.heard.exception_first, 3 * MIB + 5 * 512);
    assert_int_equal(bench.heard.exception_last, 3 * MIB + 8 * 512);
    assert_int_equal(bench.heard.exception_errno, EIO);
    assert_int_equal(bench.heard.pass_errors, 3);
    assert_int_equal(bench.heard.pass_bytes, 8 * MIB - 3 * 512);
    assert_int_equal(number(pass_evidence(&bench, 0), "errors"), 3);
    assert_true(number(bench.evidence, "retries") > 0);
    assert_true(holds(&bench, "random", 0, 0, 3 * MIB + 5 * 512));
    assert_true(holds(&bench, "random", 0, 3 * MIB + 8 * 512, 5 * MIB - 8 * 512));
    assert_int_equal(bench.fake->data[3 * MIB + 6 * 512], 0xA5);
    bench_close(&bench);
}

static void bad_sectors_at_both_ends(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench, 2 * MIB + 512, 0);
    bench.fake->bad_write = 2 * MIB;
    bench.fake->bad_write_len = 512;
    bench.fake->bad_errno = ENODATA;
    assert_int_equal(bench_run(&bench), 0);
    assert_int_equal(bench.heard.pass_errors, 1);
    assert_int_equal(bench.heard.exception_first, 2 * MIB);
    assert_int_equal(bench.heard.exception_errno, ENODATA);
    assert_int_equal(bench.heard.point, 2 * MIB + 512);
    bench_close(&bench);
}

static void too_many_bad_sectors_end_it(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench, 8 * MIB, 8);
    bench.fake->bad_write = 4 * MIB;
    bench.fake->bad_write_len = 4 * MIB;
    bench.run.limits.max_bad_sectors = 20;
    assert_int_equal(bench_run(&bench), -LETHE_E_LIMIT);
    assert_int_equal(bench.heard.exceptions, 21);
    assert_int_equal(bench.heard.ended, 0);
    assert_non_null(strstr(bench.err.effect, "NOT sanitised"));
    bench_close(&bench);
}

static void exactly_the_limit_is_allowed(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench, 8 * MIB, 8);
    bench.fake->bad_write = 4 * MIB;
    bench.fake->bad_write_len = 20 * 512;
    bench.run.limits.max_bad_sectors = 20;
    assert_int_equal(bench_run(&bench), 0);
    assert_int_equal(bench.heard.pass_errors, 20);
    bench_close(&bench);
}

static void a_device_that_vanishes_is_no_success(void **state)
{
    (void)state;
    static const int errnos[] = {ENOSPC, ENODEV, ENXIO, ENOMEDIUM};
    for (size_t i = 0; i < 4; i++) {
        for (unsigned depth = 0; depth <= 8; depth += 8) {
            struct bench bench;
            bench_open(&bench, 8 * MIB, depth);
            bench.fake->gone_at = 5 * MIB;
            bench.fake->gone_errno = errnos[i];
            assert_int_equal(bench_run(&bench), -LETHE_E_GONE);
            assert_int_equal(bench.heard.exceptions, 0);
            assert_int_equal(bench.heard.ended, 0);
            assert_int_equal(bench.heard.points, 0);
            assert_true(bench.err.remedy[0] != '\0');
            bench_close(&bench);
        }
    }
}

/* Whatever is written, wherever it wraps: the mark in the last block is gone too early. */
static void false_capacity_is_unmasked(void **state)
{
    (void)state;
    static const char passes[3][1][24] = {{"zero"}, {"hex:924924"}, {"random"}};
    static const uint64_t real[] = {1 * MIB, 3 * MIB + 512, 4 * MIB, 6 * MIB, 8 * MIB - 512};
    for (size_t i = 0; i < 15; i++) {
        struct bench bench;
        bench_open(&bench, 8 * MIB, i % 2 ? 8 : 0);
        bench.run.passes = passes[i / 5];
        bench.fake->alias = real[i % 5];
        assert_int_equal(bench_run(&bench), -LETHE_E_IO);
        assert_non_null(strstr(bench.err.what, "less capacity"));
        assert_int_equal(bench.heard.ended, 0);
        bench_close(&bench);
    }
}

static void a_device_of_another_size_is_not_touched(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench, 8 * MIB, 0);
    bench.run.capacity = 9 * MIB;
    assert_int_equal(bench_run(&bench), -LETHE_E_GONE);
    bench.run.capacity = 7 * MIB;
    assert_int_equal(bench_run(&bench), -LETHE_E_CHANGED);
    assert_int_equal(bench.fake->writes, 0);
    bench_close(&bench);
}

static void short_writes_are_completed(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench, 4 * MIB, 8);
    bench.fake->short_to = 64 << 10;
    assert_int_equal(bench_run(&bench), 0);
    assert_int_equal(bench.heard.pass_bytes, 4 * MIB);
    assert_int_equal(bench.heard.exceptions, 0);
    assert_true(holds(&bench, "random", 0, 0, 4 * MIB));
    bench_close(&bench);
}

static void a_host_short_of_memory_tries_again(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench, 4 * MIB, 8);
    bench.fake->transient = 3;
    assert_int_equal(bench_run(&bench), 0);
    assert_int_equal(bench.heard.exceptions, 0);
    assert_true(holds(&bench, "random", 0, 0, 4 * MIB));
    bench_close(&bench);
    bench_open(&bench, 4 * MIB, 8);
    bench.fake->transient = 1000000;
    assert_int_equal(bench_run(&bench), -LETHE_E_IO);
    bench_close(&bench);
}

static void nothing_is_durable_without_a_flush(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench, 4 * MIB, 8);
    bench.fake->sync_errno = EIO;
    assert_int_equal(bench_run(&bench), -LETHE_E_IO);
    assert_int_equal(bench.heard.points, 0);
    assert_int_equal(bench.heard.ended, 0);
    bench_close(&bench);
}

static void an_error_that_is_not_the_mediums_ends_it(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench, 4 * MIB, 8);
    bench.fake->bad_write = 0;
    bench.fake->bad_write_len = 512;
    bench.fake->bad_errno = EROFS;
    assert_int_equal(bench_run(&bench), -LETHE_E_IO);
    assert_int_equal(bench.heard.exceptions, 0);
    bench_close(&bench);
}

static void a_hopelessly_slow_device_ends_it(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench, 32 * MIB, 0);
    bench.run.memory = 1 * MIB; /* 128 KiB requests */
    bench.fake->delay_ms = 20;
    bench.run.limits.min_rate = 100 * MIB;
    bench.run.limits.rate_seconds = 1;
    assert_int_equal(bench_run(&bench), -LETHE_E_LIMIT);
    assert_true(bench.fake->bytes_written < 32 * MIB);
    /* It told of its progress meanwhile, but not too often. */
    assert_in_range(bench.heard.progress, 2, 15);
    bench_close(&bench);
}

static void the_supervisor_can_stop_it(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench, 32 * MIB, 0);
    bench.fake->delay_ms = 20;
    bench.heard.stop_after = 2;
    assert_int_equal(bench_run(&bench), -LETHE_E_CANCELLED);
    assert_int_equal(bench.heard.ended, 0);
    assert_true(bench.fake->bytes_written < 32 * MIB);
    bench_close(&bench);
}

/* A device on which PATTERN of PASS was written up to OFFSET. */
static void bench_written(struct bench *bench, const char *pattern, unsigned pass, uint64_t offset)
{
    struct lethe_pattern parsed;
    struct lethe_stream *stream;
    assert_int_equal(lethe_pattern_parse(pattern, &parsed, NULL), 0);
    assert_int_equal(lethe_stream_new(&parsed, seed, JOB, pass, &stream, NULL), 0);
    lethe_stream_fill(stream, 0, bench->fake->data, offset);
    lethe_stream_free(stream);
}

/* Its last blocks carry the marks of a pass that has begun: a stream that no pass writes. */
static void bench_marked(struct bench *bench, unsigned pass)
{
    struct lethe_pattern random;
    struct lethe_stream *stream;
    uint64_t at = bench->run.capacity - TAIL;
    assert_int_equal(lethe_pattern_parse("random", &random, NULL), 0);
    assert_int_equal(lethe_stream_new(&random, seed, JOB, LETHE_PASSES_MAX + pass, &stream, NULL),
                     0);
    lethe_stream_fill(stream, at, bench->fake->data + at, TAIL);
    lethe_stream_free(stream);
}

static void resumes_from_a_durable_point(void **state)
{
    (void)state;
    static const uint64_t points[] = {4096, 5 * MIB, 20 * MIB, 24 * MIB};
    for (size_t i = 0; i < 4; i++) {
        struct bench bench;
        bench_open(&bench, 24 * MIB, 8);
        if (points[i] < 24 * MIB) /* the marks are written over last */
            bench_marked(&bench, 0);
        bench_written(&bench, "random", 0, points[i]);
        bench.run.resume_offset = points[i];
        assert_int_equal(bench_run(&bench), 0);
        assert_int_equal(bench.heard.begin_offset, points[i]);
        assert_int_equal(bench.heard.pass_bytes, 24 * MIB - points[i]);
        assert_int_equal(bench.fake->bytes_written, 24 * MIB - points[i]);
        assert_true(bench.fake->bytes_read <= 17 * MIB && bench.fake->bytes_read >= 4096);
        assert_true(holds(&bench, "random", 0, 0, 24 * MIB));
        assert_int_equal(number(pass_evidence(&bench, 0), "resumed_from"), points[i]);
        assert_null(json_object_get(pass_evidence(&bench, 0), "restarted"));
        bench_close(&bench);
    }
}

static void starts_the_pass_again_when_flushed_data_is_gone(void **state)
{
    (void)state;
    /* The last block below the point, one at the far end of what is read again, an unreadable one.
     */
    static const uint64_t lost[] = {20 * MIB - 1, 5 * MIB, 0};
    for (size_t i = 0; i < 3; i++) {
        struct bench bench;
        bench_open(&bench, 24 * MIB, 8);
        bench_written(&bench, "random", 0, 20 * MIB);
        bench.run.resume_offset = 20 * MIB;
        if (lost[i]) {
            bench.fake->data[lost[i]] ^= 1;
        } else {
            bench.fake->bad_read = 19 * MIB;
            bench.fake->bad_read_len = 512;
        }
        assert_int_equal(bench_run(&bench), 0);
        assert_int_equal(bench.heard.begin_offset, 0);
        assert_int_equal(bench.heard.pass_bytes, 24 * MIB);
        assert_true(holds(&bench, "random", 0, 0, 24 * MIB));
        assert_null(json_object_get(pass_evidence(&bench, 0), "resumed_from"));
        assert_non_null(json_object_get(pass_evidence(&bench, 0), "restarted"));
        bench_close(&bench);
    }
}

static void starts_the_pass_again_when_the_marks_are_gone(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct bench bench;
        bench_open(&bench, 24 * MIB, 8);
        bench_marked(&bench, (unsigned)i); /* those of another pass are none */
        bench_written(&bench, "random", 0, 20 * MIB);
        bench.run.resume_offset = 20 * MIB;
        if (i == 0)
            bench.fake->data[24 * MIB - 1] ^= 1;
        assert_int_equal(bench_run(&bench), 0);
        assert_int_equal(bench.heard.begin_offset, 0);
        assert_int_equal(bench.heard.pass_bytes, 24 * MIB);
        assert_non_null(strstr(
            json_string_value(json_object_get(pass_evidence(&bench, 0), "restarted")), "marks"));
        bench_close(&bench);
    }
}

/* What an interruption leaves before the first durable point of a pass: this one, the one before,
 * and the marks, block by block. */
static void a_pass_cut_short_is_begun_again(void **state)
{
    (void)state;
    static const char passes[2][24] = {"random", "zero"};
    static const uint64_t foreign[] = {0, 5 * MIB + 512, 8 * MIB - TAIL};
    for (size_t i = 0; i < 3; i++) {
        struct bench bench;
        bench_open(&bench, 8 * MIB, 8);
        bench.run.n_passes = 2;
        bench.run.passes = passes;
        bench.run.resume_pass = 1;
        bench_written(&bench, "random", 0, 8 * MIB);
        bench_marked(&bench, 1);
        for (uint64_t at = 0; at < 7 * MIB; at += 3 * 512)
            memset(bench.fake->data + at, 0, 512);
        bench.fake->bad_read = 8 * MIB - 3 * 512; /* and what can't be read tells nothing */
        bench.fake->bad_read_len = 512;
        if (foreign[i])
            bench.fake->data[foreign[i]] ^= 1;
        assert_int_equal(bench_run(&bench), foreign[i] ? -LETHE_E_IO : 0);
        if (foreign[i]) {
            assert_int_equal(bench.fake->writes, 0);
            assert_non_null(strstr(bench.err.what, "neither"));
        } else {
            assert_int_equal(bench.heard.begin_offset, 0);
            assert_true(holds(&bench, "zero", 1, 0, 8 * MIB));
        }
        bench_close(&bench);
    }
}

static void bad_blocks_at_the_end_hide_no_false_capacity(void **state)
{
    (void)state;
    static const char zero[1][24] = {"zero"};
    for (uint64_t bad = 1; bad <= 8; bad++) {
        for (int fake = 0; fake < 2; fake++) {
            struct bench bench;
            bench_open(&bench, 8 * MIB, 0);
            bench.run.passes = zero;
            bench.fake->bad_write = 8 * MIB - bad * 512;
            bench.fake->bad_write_len = bad * 512;
            bench.fake->alias = fake ? 4 * MIB : 0;
            assert_int_equal(bench_run(&bench), fake || bad == 8 ? -LETHE_E_IO : 0);
            if (bad == 8)
                assert_non_null(strstr(bench.err.what, "can't be told"));
            else
                assert_int_equal(bench.heard.exceptions, fake ? 0 : bad);
            bench_close(&bench);
        }
    }
}

static void resumes_in_a_later_pass(void **state)
{
    (void)state;
    static const char passes[3][24] = {"zero", "one", "random"};
    struct bench bench;
    bench_open(&bench, 8 * MIB, 8);
    bench.run.n_passes = 3;
    bench.run.passes = passes;
    bench_written(&bench, "one", 1, 8 * MIB);
    bench_marked(&bench, 2);
    bench_written(&bench, "random", 2, 3 * MIB);
    bench.run.resume_pass = 2;
    bench.run.resume_offset = 3 * MIB;
    assert_int_equal(bench_run(&bench), 0);
    assert_int_equal(bench.heard.begun, 1);
    assert_int_equal(json_array_size(json_object_get(bench.evidence, "passes")), 1);
    assert_true(holds(&bench, "random", 2, 0, 8 * MIB));
    bench_close(&bench);

    /* Between two passes: the one before must be there. */
    bench_open(&bench, 8 * MIB, 8);
    bench.run.n_passes = 3;
    bench.run.passes = passes;
    bench.run.resume_pass = 2;
    bench_written(&bench, "one", 1, 8 * MIB);
    assert_int_equal(bench_run(&bench), 0);
    assert_int_equal(bench.heard.begun, 1);
    bench.fake->data[8 * MIB - 1] = 0x12;
    json_decref(bench.evidence);
    bench.evidence = NULL;
    assert_int_equal(bench_run(&bench), -LETHE_E_IO);
    assert_non_null(strstr(bench.err.effect, "NOT sanitised"));
    bench_close(&bench);
}

static void nonsense_is_refused(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench, 8 * MIB, 8);
    bench.run.resume_pass = 1;
    assert_int_equal(bench_run(&bench), -LETHE_E_USAGE);
    bench.run.resume_pass = 0;
    bench.run.resume_offset = 9 * MIB;
    assert_int_equal(bench_run(&bench), -LETHE_E_USAGE);
    bench.run.resume_offset = 100;
    assert_int_equal(bench_run(&bench), -LETHE_E_USAGE);
    bench.run.resume_offset = 0;
    bench.run.n_passes = 0;
    assert_int_equal(bench_run(&bench), -LETHE_E_USAGE);
    assert_int_equal(bench.fake->writes, 0);
    bench_close(&bench);
}

static void works_on_a_real_block_device(void **state)
{
    (void)state;
    struct test_loop loop;
    const char *why = test_loop_attach(&loop, 64 * MIB);
    if (why)
        lethe_test_skip("%s", why);
    const struct lethe_technique *technique = lethe_technique_find("overwrite");
    struct lethe_error err;
    struct lethe_io *io;
    int claim = lethe_block_claim(loop.node, &err);
    int fd = lethe_block_reopen(loop.node, claim, true, &err);
    assert_int_equal(lethe_io_fd_open(fd, true, 16, &io, &err), 0);
    struct lethe_run run = {.io = io,
                            .job = JOB,
                            .seed = seed,
                            .capacity = 64 * MIB,
                            .n_passes = 1,
                            .passes = one_random,
                            .memory = 12 * MIB};
    int rc = technique->start(&run, &err);
    while (rc >= 0 && (rc = technique->step(&run, &err)) > 0)
        ;
    assert_int_equal(rc, 0);
    technique->stop(&run);

    struct lethe_pattern pattern;
    struct lethe_stream *stream;
    uint8_t *buf = lethe_io_buffer(MIB);
    assert_int_equal(lethe_pattern_parse("random", &pattern, NULL), 0);
    assert_int_equal(lethe_stream_new(&pattern, seed, JOB, 0, &stream, NULL), 0);
    for (uint64_t at = 0; at < 64 * MIB; at += MIB) {
        assert_int_equal(lethe_io_read(io, buf, MIB, at), 0);
        assert_int_equal(lethe_stream_compare(stream, at, buf, MIB), MIB);
    }

    /* The device becomes smaller under the writer. */
    rc = technique->start(&run, &err);
    assert_int_equal(rc, 0);
    assert_int_equal(test_loop_shrink(&loop, 32 * MIB), 0);
    while (rc >= 0 && (rc = technique->step(&run, &err)) > 0)
        ;
    assert_int_equal(rc, -LETHE_E_GONE);
    technique->stop(&run);
    lethe_stream_free(stream);
    lethe_io_buffer_free(buf);
    lethe_io_close(io);
    close(fd);
    close(claim);
    test_loop_detach(&loop);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_byte_is_written),
        cmocka_unit_test(passes_follow_each_other),
        cmocka_unit_test(memory_is_bounded),
        cmocka_unit_test(bad_sectors_are_found_exactly),
        cmocka_unit_test(bad_sectors_at_both_ends),
        cmocka_unit_test(too_many_bad_sectors_end_it),
        cmocka_unit_test(exactly_the_limit_is_allowed),
        cmocka_unit_test(a_device_that_vanishes_is_no_success),
        cmocka_unit_test(false_capacity_is_unmasked),
        cmocka_unit_test(a_device_of_another_size_is_not_touched),
        cmocka_unit_test(short_writes_are_completed),
        cmocka_unit_test(a_host_short_of_memory_tries_again),
        cmocka_unit_test(nothing_is_durable_without_a_flush),
        cmocka_unit_test(an_error_that_is_not_the_mediums_ends_it),
        cmocka_unit_test(a_hopelessly_slow_device_ends_it),
        cmocka_unit_test(the_supervisor_can_stop_it),
        cmocka_unit_test(resumes_from_a_durable_point),
        cmocka_unit_test(starts_the_pass_again_when_flushed_data_is_gone),
        cmocka_unit_test(starts_the_pass_again_when_the_marks_are_gone),
        cmocka_unit_test(a_pass_cut_short_is_begun_again),
        cmocka_unit_test(bad_blocks_at_the_end_hide_no_false_capacity),
        cmocka_unit_test(resumes_in_a_later_pass),
        cmocka_unit_test(nonsense_is_refused),
        cmocka_unit_test(works_on_a_real_block_device),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
