/* SPDX-License-Identifier: Apache-2.0 */
/* Properties of the sample, over many keys, sizes and rules. */
#include "base/crypto.h"
#include "verify/sample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define JOB "01234567-89ab-7cde-8f01-23456789abcd"
#define BLOCK 4096
#define GIB ((uint64_t)1 << 30)

static const struct lethe_verification_rule confidence_99_1 = {
    .mode = LETHE_VERIFY_CONFIDENCE, .confidence_ppm = 990000, .fraction_ppm = 10000};
static const struct lethe_verification_rule confidence_99_01 = {
    .mode = LETHE_VERIFY_CONFIDENCE, .confidence_ppm = 990000, .fraction_ppm = 1000};
static const struct lethe_verification_rule strata_88r1 = {
    .mode = LETHE_VERIFY_STRATA, .subsections = 1000, .samples = 2, .percent_ppm = 50000};

struct offsets {
    uint64_t *at;
    size_t n;
};

static struct offsets draw(const struct lethe_verification_rule *rule, unsigned key_number,
                           const char *job, uint64_t capacity)
{
    struct offsets offsets;
    struct lethe_error err;
    uint8_t key[LETHE_KEY_SIZE] = {(uint8_t)key_number, (uint8_t)(key_number >> 8), 0x55};
    int rc = lethe_sample_offsets(rule, key, job, capacity, BLOCK, &offsets.at, &offsets.n, &err);
    if (rc < 0)
        fail_msg("%s", err.what);
    return offsets;
}

static bool has(const struct offsets *offsets, uint64_t offset)
{
    size_t low = 0, high = offsets->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (offsets->at[middle] < offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low < offsets->n && offsets->at[low] == offset;
}

static void sorted_distinct_and_forced_ones_included(void **state)
{
    (void)state;
    const struct lethe_verification_rule *rules[] = {&confidence_99_1, &confidence_99_01,
                                                     &strata_88r1};
    static const uint64_t capacities[] = {
        512,          BLOCK,        10 * BLOCK,         97 * BLOCK, 1000 * BLOCK,
        1001 * BLOCK, 9000 * BLOCK, 9217 * BLOCK + 512, GIB + 1536};
    for (size_t r = 0; r < 3; r++) {
        for (size_t c = 0; c < sizeof(capacities) / sizeof(capacities[0]); c++) {
            uint64_t blocks = (capacities[c] + BLOCK - 1) / BLOCK;
            struct offsets s = draw(rules[r], (unsigned)c, JOB, capacities[c]);
            assert_true(s.n > 0 && s.n <= blocks);
            for (size_t i = 0; i < s.n; i++) {
                assert_int_equal(s.at[i] % BLOCK, 0);
                assert_true(s.at[i] < capacities[c]);
                assert_true(i == 0 || s.at[i] > s.at[i - 1]);
            }
            for (uint64_t b = 0; b < 64 && b < blocks; b++)
                assert_true(has(&s, b * BLOCK));
            for (uint64_t b = 1; b <= 33 && b <= blocks; b++)
                assert_true(has(&s, (blocks - b) * BLOCK));
            free(s.at);
        }
    }
}

static void as_many_as_the_confidence_needs(void **state)
{
    (void)state;
    /* facts/standards.md section 6. */
    static const struct {
        uint32_t c, p;
        uint64_t n;
    } table[] = {
        {950000, 10000, 299}, {990000, 10000, 459}, {999000, 10000, 688}, {950000, 1000, 2995},
        {990000, 1000, 4603}, {999000, 1000, 6905}, {950000, 100, 29956}, {990000, 100, 46050},
        {999000, 100, 69075}, {950000, 10, 299572}, {990000, 10, 460515},
    };
    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        struct lethe_verification_rule rule = {.mode = LETHE_VERIFY_CONFIDENCE,
                                               .confidence_ppm = table[i].c,
                                               .fraction_ppm = table[i].p};
        struct offsets s = draw(&rule, 3, JOB, 8192 * GIB);
        assert_in_range(s.n, table[i].n, table[i].n + table[i].n / 100 + 64 + 33 + 1000);
        free(s.at);
    }
}

/* The bound itself, for the worst placement of the bad blocks: as many as p says, packed where one
 * stratum costs them most. */
static void the_bound_holds_where_strata_are_unequal(void **state)
{
    (void)state;
    unsigned sampled = 0;
    for (uint64_t blocks = 930; blocks < 200000; blocks = blocks * 21 / 20 + 1) {
        struct lethe_sample *sample;
        uint8_t key[LETHE_KEY_SIZE] = {9};
        assert_int_equal(lethe_sample_new(&confidence_99_1, key, JOB, blocks * BLOCK, BLOCK, NULL,
                                          0, &sample, NULL),
                         0);
        uint64_t strata = lethe_sample_strata(sample);
        lethe_sample_free(sample);
        if (strata == 1)
            continue;
        double largest = (double)((blocks + strata - 1) / strata);
        double bad = 0.01 * (double)blocks;
        double worst = pow(1 - bad / ((double)strata * largest), (double)strata);
        assert_true(strata >= 459 && worst <= 0.01 + 1e-9);
        sampled++;
    }
    assert_true(sampled > 50);
}

static void a_small_device_is_read_whole(void **state)
{
    (void)state;
    struct offsets s = draw(&confidence_99_01, 1, JOB, 9000 * BLOCK);
    assert_int_equal(s.n, 9000);
    free(s.at);
    struct lethe_verification_rule full = {.mode = LETHE_VERIFY_FULL};
    s = draw(&full, 1, JOB, 100 * BLOCK + 512);
    assert_int_equal(s.n, 101);
    free(s.at);
}

/* One of each of 1000 and more strata, and every block of a stratum as often as any other. */
static void one_of_each_stratum_evenly(void **state)
{
    (void)state;
    enum { STRATA = 4603, SIZE = 16, KEYS = 400 };
    uint64_t capacity = (uint64_t)STRATA * SIZE * BLOCK;
    unsigned place[SIZE] = {0}, drawn = 0;
    for (unsigned k = 0; k < KEYS / 40; k++) {
        struct offsets s = draw(&confidence_99_01, k, JOB, capacity);
        unsigned in_stratum[STRATA + 1] = {0};
        for (size_t i = 0; i < s.n; i++)
            in_stratum[s.at[i] / BLOCK / SIZE]++;
        for (unsigned i = 0; i < STRATA; i++)
            assert_true(in_stratum[i] >= 1);
        /* Strata without a forced block. */
        for (size_t i = 0; i < s.n; i++) {
            uint64_t stratum = s.at[i] / BLOCK / SIZE;
            if (in_stratum[stratum] == 1 && stratum > 8 && stratum < STRATA - 8) {
                place[s.at[i] / BLOCK % SIZE]++;
                drawn++;
            }
        }
        free(s.at);
    }
    /* Forced ends of sections hide where they coincide with the draw; the rest is even:
     * chi-squared over 15 places, far above its 99.99 % point only if it is not. */
    double expected = (double)drawn / SIZE, chi = 0;
    for (unsigned i = 0; i < SIZE; i++)
        chi += ((double)place[i] - expected) * ((double)place[i] - expected) / expected;
    assert_true(drawn > 20000);
    assert_true(chi < 120);
}

/* NIST SP 800-88r1 section 4.7: 1000 subsections, in each two samples of 5 % that don't overlap. */
static void strata_of_88r1(void **state)
{
    (void)state;
    static const uint64_t capacities[] = {GIB, 4 * GIB + 512, 1000 * 41 * BLOCK, 1000 * 7 * BLOCK};
    for (size_t c = 0; c < 4; c++) {
        uint64_t blocks = (capacities[c] + BLOCK - 1) / BLOCK;
        uint8_t key[LETHE_KEY_SIZE] = {(uint8_t)c};
        struct lethe_sample *sample;
        uint64_t first, count, last = 0, total = 0;
        uint64_t *inside = calloc(1001, sizeof(*inside));
        assert_int_equal(
            lethe_sample_new(&strata_88r1, key, JOB, capacities[c], BLOCK, NULL, 0, &sample, NULL),
            0);
        while (lethe_sample_next(sample, &first, &count)) {
            assert_true(count > 0 && first >= last);
            last = first + count;
            total += count;
            for (uint64_t b = first; b < last; b++) {
                uint64_t stratum = (uint64_t)((unsigned __int128)b * 1000 / blocks);
                inside[stratum]++;
            }
        }
        assert_true(last == blocks);
        assert_true(total * 10 >= blocks);
        for (unsigned i = 0; i < 1000; i++)
            assert_true(inside[i] * 10 >= blocks / 1000);
        lethe_sample_free(sample);
        free(inside);
    }
}

static void the_same_key_and_job_draw_the_same(void **state)
{
    (void)state;
    const struct lethe_verification_rule *rules[] = {&confidence_99_1, &strata_88r1};
    for (size_t r = 0; r < 2; r++) {
        struct offsets a = draw(rules[r], 1, JOB, GIB), b = draw(rules[r], 1, JOB, GIB);
        struct offsets c = draw(rules[r], 2, JOB, GIB);
        struct offsets d = draw(rules[r], 1, "another", GIB);
        assert_int_equal(a.n, b.n);
        assert_memory_equal(a.at, b.at, a.n * sizeof(*a.at));
        assert_true(a.n != c.n || memcmp(a.at, c.at, a.n * sizeof(*a.at)) != 0);
        assert_true(a.n != d.n || memcmp(a.at, d.at, a.n * sizeof(*a.at)) != 0);
        free(a.at);
        free(b.at);
        free(c.at);
        free(d.at);
    }
}

/* The words of verification.h, written down a second time: what an auditor would do. */
static void an_auditor_draws_the_same(void **state)
{
    (void)state;
    uint8_t key[LETHE_KEY_SIZE] = {5, 0, 0x55}, secret[32], words[32];
    uint64_t blocks = 1024 * GIB / BLOCK, strata = 0, counter = 0;
    struct offsets s = draw(&confidence_99_1, 5, JOB, 1024 * GIB);
    double wanted = log(0.01) / log(0.99);
    strata = (uint64_t)ceil(wanted);
    lethe_hmac_sha256(secret, key, sizeof(key), JOB, strlen(JOB));
    for (uint64_t i = 0; i < strata; i++) {
        if (i % 4 == 0) {
            uint8_t be[8] = {0, 0, 0, 0, 0, 0, 0, (uint8_t)counter};
            lethe_hmac_sha256(words, secret, sizeof(secret), be, sizeof(be));
            counter++;
        }
        uint64_t word = 0, begin = blocks * i / strata, end = blocks * (i + 1) / strata;
        for (int k = 0; k < 8; k++)
            word = word << 8 | words[i % 4 * 8 + (uint64_t)k];
        assert_true(has(&s, (begin + word % (end - begin)) * BLOCK));
    }
    free(s.at);
}

static void further_offsets_can_be_forced(void **state)
{
    (void)state;
    uint8_t key[LETHE_KEY_SIZE] = {1};
    uint64_t forced[] = {700 * GIB + 512, 3 * GIB}, first, count;
    struct lethe_sample *sample;
    unsigned found = 0;
    assert_int_equal(
        lethe_sample_new(&confidence_99_1, key, JOB, 1024 * GIB, BLOCK, forced, 2, &sample, NULL),
        0);
    while (lethe_sample_next(sample, &first, &count))
        found += first == 700 * GIB / BLOCK || first == 3 * GIB / BLOCK;
    assert_int_equal(found, 2);
    lethe_sample_free(sample);
}

static void rules_that_can_not_be_carried_out(void **state)
{
    (void)state;
    static const struct lethe_verification_rule rules[] = {
        {.mode = LETHE_VERIFY_CONFIDENCE, .confidence_ppm = 0, .fraction_ppm = 1000},
        {.mode = LETHE_VERIFY_CONFIDENCE, .confidence_ppm = 1000000, .fraction_ppm = 1000},
        {.mode = LETHE_VERIFY_CONFIDENCE, .confidence_ppm = 990000, .fraction_ppm = 0},
        {.mode = LETHE_VERIFY_CONFIDENCE, .confidence_ppm = 990000, .fraction_ppm = 1000000},
        {.mode = LETHE_VERIFY_STRATA, .subsections = 0, .samples = 2, .percent_ppm = 50000},
        {.mode = LETHE_VERIFY_STRATA, .subsections = 1000, .samples = 0, .percent_ppm = 50000},
        {.mode = LETHE_VERIFY_STRATA, .subsections = 1000, .samples = 65, .percent_ppm = 50000},
        {.mode = LETHE_VERIFY_STRATA, .subsections = 1000, .samples = 2, .percent_ppm = 0},
        {.mode = LETHE_VERIFY_STRATA, .subsections = 1000, .samples = 2, .percent_ppm = 1000001},
        {.mode = LETHE_VERIFY_STRATA, .subsections = 70000, .samples = 2, .percent_ppm = 50000},
    };
    uint8_t key[LETHE_KEY_SIZE] = {0};
    uint64_t *offsets;
    size_t n;
    struct lethe_error err;
    for (size_t i = 0; i < sizeof(rules) / sizeof(rules[0]); i++)
        assert_int_equal(lethe_sample_offsets(&rules[i], key, JOB, GIB, BLOCK, &offsets, &n, &err),
                         -LETHE_E_USAGE);
    assert_int_equal(lethe_sample_offsets(&strata_88r1, key, JOB, 0, BLOCK, &offsets, &n, &err),
                     -LETHE_E_USAGE);
    /* A list of 200 million offsets is not made; the verification itself needs none. */
    assert_int_equal(
        lethe_sample_offsets(&strata_88r1, key, JOB, 8192 * GIB, BLOCK, &offsets, &n, &err),
        -LETHE_E_LIMIT);
    assert_null(offsets);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sorted_distinct_and_forced_ones_included),
        cmocka_unit_test(as_many_as_the_confidence_needs),
        cmocka_unit_test(the_bound_holds_where_strata_are_unequal),
        cmocka_unit_test(a_small_device_is_read_whole),
        cmocka_unit_test(one_of_each_stratum_evenly),
        cmocka_unit_test(strata_of_88r1),
        cmocka_unit_test(the_same_key_and_job_draw_the_same),
        cmocka_unit_test(an_auditor_draws_the_same),
        cmocka_unit_test(further_offsets_can_be_forced),
        cmocka_unit_test(rules_that_can_not_be_carried_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
