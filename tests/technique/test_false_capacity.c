/* SPDX-License-Identifier: Apache-2.0 */
/*
 * No way past false capacity: every size a device may really have, every way of being smaller,
 * every point at which an overwrite can be interrupted. And no honest device condemned for it.
 */
#include "base/pattern.h"
#include "fake_io.h"

#include <lethe/technique.h>
#include <lethe/verification.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define JOB "01234567-89ab-7cde-8f01-23456789abcd"
#define BLOCK 512
#define CHUNK 4096 /* one request, of the least memory */

static const uint8_t seed[LETHE_SEED_SIZE] = {9, 8, 7}, key[LETHE_KEY_SIZE] = {1, 2};

struct policy {
    size_t n;
    const char passes[3][24];
};
/* The kinds of pass that shipped policies have, each as a last one; same bytes twice, too. */
static const struct policy policies[] = {
    {1, {"zero"}},         {1, {"one"}},
    {1, {"random"}},       {1, {"byte:1"}},
    {1, {"hex:924924"}},   {2, {"zero", "zero"}},
    {2, {"one", "zero"}},  {3, {"byte:1", "~byte:1", "random"}},
    {2, {"random", "one"}}};
#define N_POLICIES (sizeof(policies) / sizeof(policies[0]))

/* What the supervisor would have recorded. */
struct record {
    const struct fake_io *fake;
    unsigned pass;
    bool ended;            /* the pass above */
    uint64_t from, writes; /* where it began, after how many writes */
};

static int on_begin(void *user, unsigned pass, const char *pattern, uint64_t offset)
{
    struct record *record = user;
    (void)pattern;
    record->pass = pass;
    record->ended = false;
    record->from = offset;
    record->writes = record->fake->writes;
    return 0;
}

static int on_end(void *user, unsigned pass, uint64_t bytes, uint64_t errors)
{
    struct record *record = user;
    (void)bytes;
    assert_int_equal(pass, record->pass);
    assert_int_equal(errors, 0);
    record->ended = true;
    return 0;
}

static int overwrite(struct fake_io *fake, const struct policy *policy, unsigned pass,
                     uint64_t offset, size_t memory, struct record *record)
{
    const struct lethe_technique *technique = lethe_technique_find("overwrite");
    struct lethe_error err;
    struct lethe_run run = {.io = &fake->io,
                            .job = JOB,
                            .seed = seed,
                            .capacity = fake->info.capacity,
                            .n_passes = policy->n,
                            .passes = policy->passes,
                            .resume_pass = pass,
                            .resume_offset = offset,
                            .memory = memory,
                            .report = {.pass_begin = on_begin, .pass_end = on_end, .user = record}};
    *record = (struct record){.fake = fake, .pass = pass, .from = offset};
    int rc = technique->start(&run, &err);
    while (rc >= 0 && (rc = technique->step(&run, &err)) > 0)
        ;
    technique->stop(&run);
    return rc;
}

static bool verified(struct fake_io *fake, const struct policy *policy)
{
    struct lethe_verify_run run = {
        .io = &fake->io,
        .job = JOB,
        .capacity = fake->info.capacity,
        .rule = {.mode = LETHE_VERIFY_CONFIDENCE, .confidence_ppm = 990000, .fraction_ppm = 10000},
        .pattern = policy->passes[policy->n - 1],
        .pass = (unsigned)policy->n - 1,
        .seed = seed,
        .sample_key = key,
        .canary_key = key,
        .canaries = 64,
        .memory = 12 << 20};
    struct lethe_verify_result result;
    struct lethe_error err;
    return lethe_verify_device(&run, &result, &err) == 0 && result.complete &&
           result.mismatches == 0 && result.canaries_survived == 0;
}

enum lie { ALIAS, LIMBO_ZERO, LIMBO_ONE, LIMBO_AS_BEFORE, LIES };

static struct fake_io *liar(uint64_t blocks, uint64_t real, enum lie lie, unsigned depth)
{
    struct fake_io *fake = fake_io_new(blocks * BLOCK, BLOCK, depth, 0xA5);
    if (lie == ALIAS)
        fake->alias = real * BLOCK;
    else
        fake->limbo = real * BLOCK;
    fake->limbo_reads = lie == LIMBO_ZERO ? 0 : lie == LIMBO_ONE ? 0xFF : -1;
    return fake;
}

/* Overwriting alone finds it, without canaries and without verification. */
static void try_lie(uint64_t blocks, uint64_t real, enum lie lie, const struct policy *policy,
                    unsigned depth, size_t memory)
{
    struct record record;
    struct fake_io *fake = liar(blocks, real, lie, depth);
    int rc = overwrite(fake, policy, 0, 0, memory, &record);
    if (rc != -LETHE_E_IO)
        fail_msg("%llu of %llu blocks, lie %d, %s: %d", (unsigned long long)real,
                 (unsigned long long)blocks, lie, policy->passes[policy->n - 1], rc);
    lethe_io_close(&fake->io);
}

static void every_real_size_of_a_small_device_is_found(void **state)
{
    (void)state;
    for (uint64_t blocks = 2; blocks <= 64; blocks++)
        for (uint64_t real = 1; real < blocks; real++)
            for (int lie = 0; lie < LIES; lie++)
                try_lie(blocks, real, (enum lie)lie, &policies[(blocks + real) % N_POLICIES], 0,
                        blocks % 2 ? 1 : 64 << 10);
}

static void real_sizes_of_a_device_of_many_requests_are_found(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {65, 72, 73, 200};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        for (uint64_t real = 1; real < sizes[i]; real++)
            for (size_t p = 0; p < N_POLICIES; p++)
                try_lie(sizes[i], real, (enum lie)((real + p) % LIES), &policies[p],
                        real % 2 ? 8 : 0, 1);
}

static void canaries_overwriting_and_verification_pass_an_honest_one(void **state)
{
    (void)state;
    for (uint64_t blocks = 1; blocks <= 96; blocks++) {
        for (size_t p = 0; p < N_POLICIES; p++) {
            struct fake_io *fake = fake_io_new(blocks * BLOCK, BLOCK, p % 2 ? 8 : 0, 0xA5);
            struct record record;
            struct lethe_error err;
            uint32_t written;
            assert_true(lethe_canary_write(&fake->io, JOB, key, blocks * BLOCK, 0, 64, &written,
                                           NULL, &err) > 0);
            assert_false(verified(fake, &policies[p]));
            assert_int_equal(overwrite(fake, &policies[p], 0, 0, 1, &record), 0);
            assert_true(verified(fake, &policies[p]));
            lethe_io_close(&fake->io);
        }
    }
}

/* ---- interruptions ---- */

struct course {
    const struct policy *policy;
    uint64_t blocks, real; /* real 0: honest */
    uint64_t cut;          /* after so many writes */
    uint64_t point;        /* recorded as durable in the pass that was cut */
    unsigned behind;       /* passes that began, but that was not recorded */
    bool power;            /* lost: what was not flushed, some of it */
};

static struct fake_io *course_device(const struct course *course)
{
    struct fake_io *fake = fake_io_new(course->blocks * BLOCK, BLOCK, 0, 0xA5);
    fake->alias = course->real * BLOCK;
    return fake;
}

/* After a cut of the power each block is as flushed or as written. */
static void lose(struct fake_io *fake, uint64_t dice)
{
    for (uint64_t at = 0; at < fake->info.capacity; at += BLOCK) {
        dice = dice * 6364136223846793005U + 1442695040888963407U;
        if (dice >> 63)
            memcpy(fake->data + at, fake->medium + at, BLOCK);
    }
}

/* Requests end in order, so all below the last but one is a point that may have been recorded. */
static uint64_t highest_point(const struct course *course, const struct record *record)
{
    uint64_t tail = course->blocks > 8 ? (course->blocks - 8) * BLOCK : 0;
    uint64_t writes = course->cut > record->writes ? course->cut - record->writes : 0;
    uint64_t chunks = writes - (record->from == 0 && writes > 0); /* one for the marks */
    uint64_t end = record->from + chunks * CHUNK;
    return end < tail ? end : tail - tail % CHUNK;
}

/* What it ends with; false: it was over before the cut, or the point is none. */
static bool course_run(const struct course *course, int *out, bool *holds)
{
    struct fake_io *fake = course_device(course);
    struct record record;
    uint8_t *medium = calloc(course->blocks, BLOCK);
    bool ran = false;
    memset(medium, 0xA5, course->blocks * BLOCK);
    fake->medium = medium;
    fake->cut_after = course->cut;
    int rc = overwrite(fake, course->policy, 0, 0, 1, &record);
    if (rc == -LETHE_E_GONE && course->point <= highest_point(course, &record) &&
        course->behind <= record.pass && !(course->behind && course->point)) {
        ran = true;
        if (course->power) {
            if (course->point) { /* again, with a flush where the point was told */
                memset(fake->data, 0xA5, course->blocks * BLOCK);
                memset(medium, 0xA5, course->blocks * BLOCK);
                fake->flush_after = record.writes + 1 + course->point / CHUNK;
                fake->writes = 0;
                rc = overwrite(fake, course->policy, 0, 0, 1, &record);
                assert_int_equal(rc, -LETHE_E_GONE);
            }
            lose(fake, course->cut * 7919 + course->point);
        }
        fake->cut_after = 0;
        fake->flush_after = 0;
        bool next = record.ended && record.pass + 1 < course->policy->n;
        unsigned pass = record.pass + next;
        uint64_t offset = next ? 0 : record.ended ? course->blocks * BLOCK : course->point;
        if (course->behind) {
            assert_true(course->behind <= pass);
            pass -= course->behind;
            offset = 0;
        }
        *out = overwrite(fake, course->policy, pass, offset, 1, &record);
        struct lethe_pattern pattern;
        struct lethe_stream *stream;
        unsigned last = (unsigned)course->policy->n - 1;
        assert_int_equal(lethe_pattern_parse(course->policy->passes[last], &pattern, NULL), 0);
        assert_int_equal(lethe_stream_new(&pattern, seed, JOB, last, &stream, NULL), 0);
        size_t len = course->blocks * BLOCK;
        *holds = lethe_stream_compare(stream, 0, fake->data, len) == len;
        lethe_stream_free(stream);
    }
    free(medium);
    lethe_io_close(&fake->io);
    return ran;
}

static unsigned sweep(uint64_t blocks, uint64_t real, const struct policy *policy)
{
    struct course course = {.policy = policy, .blocks = blocks, .real = real};
    uint64_t writes = policy->n * (blocks / 8 + 4);
    unsigned ran = 0;
    for (course.cut = 1; course.cut <= writes; course.cut++) {
        for (course.point = 0; course.point < blocks * BLOCK; course.point += CHUNK) {
            for (unsigned way = 0; way < 2 * policy->n; way++) {
                int rc;
                bool holds, power = way % 2;
                course.power = power;
                course.behind = way / 2;
                if (!course_run(&course, &rc, &holds))
                    continue;
                ran++;
                if (real ? rc == 0 : rc != 0 || !holds)
                    fail_msg("%llu of %llu blocks, %zu passes, last %s, %s after %llu writes, "
                             "point %llu, %u passes behind: %d",
                             (unsigned long long)real, (unsigned long long)blocks, policy->n,
                             policy->passes[policy->n - 1], power ? "power cut" : "killed",
                             (unsigned long long)course.cut, (unsigned long long)course.point,
                             course.behind, rc);
            }
        }
    }
    return ran;
}

static void no_interruption_hides_false_capacity(void **state)
{
    (void)state;
    static const uint64_t real[] = {1, 8, 9, 45, 64, 81, 89};
    for (size_t p = 0; p < N_POLICIES; p++)
        for (size_t i = 0; i < sizeof(real) / sizeof(real[0]); i++) {
            /* Up to 8 even the marks meet each other: it ends before anything can be cut. */
            unsigned ran = sweep(90, real[i], &policies[p]);
            assert_true(real[i] < 8 || ran > 0);
        }
}

static void no_interruption_condemns_an_honest_device(void **state)
{
    (void)state;
    static const uint64_t blocks[] = {1, 2, 8, 9, 16, 17, 64, 90};
    for (size_t p = 0; p < N_POLICIES; p++)
        for (size_t i = 0; i < sizeof(blocks) / sizeof(blocks[0]); i++)
            assert_true(sweep(blocks[i], 0, &policies[p]) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_real_size_of_a_small_device_is_found),
        cmocka_unit_test(real_sizes_of_a_device_of_many_requests_are_found),
        cmocka_unit_test(canaries_overwriting_and_verification_pass_an_honest_one),
        cmocka_unit_test(no_interruption_hides_false_capacity),
        cmocka_unit_test(no_interruption_condemns_an_honest_device),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
