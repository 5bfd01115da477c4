/* SPDX-License-Identifier: Apache-2.0 */
/* Host-managed drives: marks, passes and looks that stay within what zones allow. */
#include "base/pattern.h"
#include "fake_zoned.h"
#include "technique/zones.h"
#include "verify/canary.h"

#include <errno.h>
#include <lethe/verification.h>
#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka.h wants the four standard headers above */
#include <cmocka.h>

#define KIB ((uint64_t)1 << 10)
#define ZONE (256 * KIB)
#define BLOCK 4096
#define JOB "01234567-89ab-7cde-8f01-23456789abcd"

static const uint8_t key[LETHE_KEY_SIZE] = {1, 2, 3}, seed[LETHE_SEED_SIZE] = {4};

/* Wherever they are drawn: each zone that has marks has them from its first block on, without a
 * gap; the first and the last zone have some. */
static void marks_begin_at_the_start_of_zones(void **state)
{
    static const uint64_t capacities[] = {ZONE, 16 * ZONE, 15 * ZONE + 64 * KIB,
                                          (uint64_t)52156 * 256 * KIB * KIB};
    static const uint32_t counts[] = {0, 1, 2, 7, 16, 17, 60, 460, 4603};
    (void)state;
    for (size_t c = 0; c < 4; c++) {
        uint64_t zone = c == 3 ? 256 * KIB * KIB : ZONE;
        for (size_t k = 0; k < 9; k++) {
            uint64_t *at = calloc(counts[k] + 1, sizeof(*at)), blocks = capacities[c] / BLOCK;
            uint32_t n = lethe_canary_zone_offsets(key, capacities[c], zone, BLOCK, counts[k], at);
            assert_int_equal(n, counts[k] < blocks ? counts[k] : blocks);
            for (uint32_t i = 0; i < n; i++) {
                assert_true(at[i] % zone == 0 || (i > 0 && at[i] == at[i - 1] + BLOCK));
                assert_true(i == 0 || at[i] > at[i - 1]);
                assert_true(at[i] + BLOCK <= capacities[c]);
            }
            if (n > 0)
                assert_int_equal(at[0], 0);
            if (n > 1)
                assert_int_equal(at[n - 1] / zone, (capacities[c] - 1) / zone);
            if (c == 3 && n > 1) /* zones enough: one each */
                assert_int_equal(at[n - 1] % zone, 0);
            free(at);
        }
    }
}

static void marks_are_written_legally(void **state)
{
    static const uint32_t counts[] = {1, 16, 100, 1000, 2000};
    (void)state;
    for (size_t k = 0; k < 5; k++) {
        struct fake_zoned *f = fake_zoned_new(15 * ZONE + 64 * KIB, ZONE, 2, 0xaa);
        struct lethe_error err = {0};
        uint32_t written = 0, checked = 0, standing = 0;
        uint32_t due =
            counts[k] < f->capacity / BLOCK ? counts[k] : (uint32_t)(f->capacity / BLOCK);
        int rc = lethe_canary_write(&f->io, JOB, key, f->capacity, ZONE, counts[k], &written, NULL,
                                    &err);
        assert_int_equal(rc, due);
        assert_int_equal(written, due);
        assert_int_equal(f->out_of_order, 0);
        assert_true(f->resets <= 14 && (counts[k] < 1000 || f->resets == 14));
        assert_int_equal(lethe_canary_look(&f->io, JOB, key, f->capacity, ZONE, counts[k], &checked,
                                           &standing, &err),
                         0);
        assert_int_equal(checked, due);
        assert_int_equal(standing, due);
        /* What a reset hides is not checked. */
        memset(f->pointers, 0, sizeof(f->pointers));
        lethe_canary_look(&f->io, JOB, key, f->capacity, ZONE, counts[k], &checked, &standing,
                          &err);
        assert_true(checked == standing && checked < due + (counts[k] == 1));
        lethe_io_close(&f->io);
    }
}

static void a_reset_that_is_none_stops_the_marks(void **state)
{
    struct fake_zoned *f = fake_zoned_new(4 * ZONE, ZONE, 0, 0xaa);
    struct lethe_error err = {0};
    uint32_t written = 0;
    (void)state;
    f->pretends = true;
    assert_int_equal(
        lethe_canary_write(&f->io, JOB, key, f->capacity, ZONE, 4, &written, NULL, &err),
        -LETHE_E_IO);
    assert_true(err.what[0] && err.effect[0] && err.remedy[0]);
    assert_int_equal(f->writes, 0);
    lethe_io_close(&f->io);
}

/* ---- overwriting ---- */

static int on_begin(void *user, unsigned pass, const char *pattern, uint64_t offset)
{
    (void)pass;
    (void)pattern;
    *(uint64_t *)user = offset;
    return 0;
}

static int overwrite(struct fake_zoned *f, size_t n_passes, unsigned pass, uint64_t from,
                     uint64_t *began, json_t **evidence, struct lethe_error *err)
{
    static const char passes[3][24] = {"zero", "one", "random"};
    struct lethe_run run = {.io = &f->io,
                            .job = JOB,
                            .seed = seed,
                            .capacity = f->capacity,
                            .zone = f->zone,
                            .n_passes = n_passes,
                            .passes = passes,
                            .resume_pass = pass,
                            .resume_offset = from,
                            .memory = KIB * KIB,
                            .report = {.pass_begin = on_begin, .user = began}};
    const struct lethe_technique *technique = lethe_technique_find("overwrite");
    int rc = technique->start(&run, err);
    while (rc >= 0 && (rc = technique->step(&run, err)) > 0)
        ;
    if (rc == 0)
        rc = technique->attest(&run, evidence, err);
    technique->stop(&run);
    return rc;
}

static void expect_pass(const struct fake_zoned *f, unsigned pass, const char *spelling)
{
    struct lethe_pattern pattern;
    struct lethe_stream *stream;
    assert_int_equal(lethe_pattern_parse(spelling, &pattern, NULL), 0);
    assert_int_equal(lethe_stream_new(&pattern, seed, JOB, pass, &stream, NULL), 0);
    assert_int_equal(lethe_stream_compare(stream, 0, f->data, f->capacity), f->capacity);
    lethe_stream_free(stream);
}

static void passes_go_zone_by_zone(void **state)
{
    (void)state;
    for (unsigned conventional = 0; conventional < 3; conventional++) {
        struct fake_zoned *f = fake_zoned_new(7 * ZONE + 64 * KIB, ZONE, conventional, 0xaa);
        struct lethe_error err = {0};
        uint64_t began;
        json_t *evidence = NULL;
        assert_int_equal(overwrite(f, 3, 0, 0, &began, &evidence, &err), 0);
        assert_int_equal(f->out_of_order, 0);
        assert_int_equal(f->resets, 3 * (8 - conventional));
        expect_pass(f, 2, "random");
        const json_t *zones = json_object_get(evidence, "zones");
        assert_int_equal(json_integer_value(json_object_get(zones, "full")), 8 - conventional);
        json_decref(evidence);
        lethe_io_close(&f->io);
    }
}

/* Where the pointer of a zone is after an interruption nobody knows: it is begun anew. */
static void resuming_begins_at_a_zone(void **state)
{
    static const struct {
        uint64_t capacity, point, begins;
    } cases[] = {{8 * ZONE, 3 * ZONE, 3 * ZONE},
                 {8 * ZONE, 3 * ZONE + 40 * KIB, 3 * ZONE},
                 {8 * ZONE, 40 * KIB, 0},
                 {7 * ZONE + 64 * KIB, 7 * ZONE + 40 * KIB, 7 * ZONE},
                 {7 * ZONE + 64 * KIB, 7 * ZONE + 64 * KIB, 7 * ZONE}}; /* its end */
    (void)state;
    for (size_t i = 0; i < 5; i++) {
        struct fake_zoned *f = fake_zoned_new(cases[i].capacity, ZONE, 1, 0xaa);
        struct lethe_error err = {0};
        uint64_t began;
        json_t *evidence = NULL;
        memset(f->data, 0, cases[i].point);
        uint64_t further = cases[i].point + 2 * BLOCK;
        f->pointers[cases[i].point / ZONE] =
            (further < f->capacity ? further : f->capacity) - cases[i].point / ZONE * ZONE;
        assert_int_equal(overwrite(f, 1, 0, cases[i].point, &began, &evidence, &err), 0);
        assert_int_equal(began, cases[i].begins);
        assert_int_equal(f->out_of_order, 0);
        expect_pass(f, 0, "zero");
        json_decref(evidence);
        lethe_io_close(&f->io);
    }
}

/* Another medium, or pointers that were reset: what reads as zeros there was never written. */
static void what_only_reads_as_written_is_written_again(void **state)
{
    struct fake_zoned *f = fake_zoned_new(8 * ZONE, ZONE, 1, 0);
    struct lethe_error err = {0};
    uint64_t began = 1;
    json_t *evidence = NULL;
    (void)state;
    for (unsigned i = 1; i < 8; i++) /* but the last of those before the point */
        f->pointers[i] = i == 4 ? ZONE : 0;
    assert_int_equal(overwrite(f, 1, 0, 5 * ZONE + 40 * KIB, &began, &evidence, &err), 0);
    assert_int_equal(began, 0);
    const json_t *pass = json_array_get(json_object_get(evidence, "passes"), 0);
    assert_non_null(strstr(json_string_value(json_object_get(pass, "restarted")), "not full"));
    json_decref(evidence);
    lethe_io_close(&f->io);
}

static void a_write_that_fails_ends_the_pass(void **state)
{
    struct fake_zoned *f = fake_zoned_new(8 * ZONE, ZONE, 1, 0xaa);
    struct lethe_error err = {0};
    uint64_t began;
    json_t *evidence = NULL;
    (void)state;
    f->bad_write = 4;
    assert_int_equal(overwrite(f, 1, 0, 0, &began, &evidence, &err), -LETHE_E_IO);
    assert_non_null(strstr(err.effect, "NOT sanitised"));
    f->bad_write = 0;
    f->pretends = true;
    assert_int_equal(overwrite(f, 1, 0, 0, &began, &evidence, &err), -LETHE_E_IO);
    assert_non_null(strstr(err.effect, "NOT sanitised"));
    assert_null(evidence);
    lethe_io_close(&f->io);
}

/* ---- a sanitize ---- */

static void emptied(struct fake_zoned *f)
{
    memset(f->pointers, 0, sizeof(f->pointers));
}
static void one_emptied(struct fake_zoned *f)
{
    f->pointers[5] = 0;
}
static void one_shorter(struct fake_zoned *f)
{
    f->pointers[3] -= BLOCK;
}
static void full(struct fake_zoned *f)
{
    f->pointers[3] = ZONE;
}
static void same(struct fake_zoned *f)
{
    (void)f;
}
static void converted(struct fake_zoned *f)
{
    f->conventional = 2;
}

static void zones_that_were_not_kept_are_seen(void **state)
{
    static const struct {
        void (*happens)(struct fake_zoned *f);
        bool kept;
    } cases[] = {{same, true},         {full, true},         {emptied, false},
                 {one_emptied, false}, {one_shorter, false}, {converted, false}};
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct fake_zoned *f = fake_zoned_new(8 * ZONE, ZONE, 1, 0xaa);
        struct lethe_run run = {.io = &f->io, .capacity = f->capacity, .zone = ZONE};
        struct lethe_zone_census before;
        bool kept = !cases[i].kept;
        f->pointers[3] = 5 * BLOCK;
        assert_int_equal(lethe_technique_zones(&run, &before, NULL), 0);
        cases[i].happens(f);
        json_t *told = lethe_technique_zones_kept(&run, &before, &kept);
        assert_int_equal(kept, cases[i].kept);
        assert_int_equal(json_is_true(json_object_get(told, "kept")), kept);
        json_decref(told);
        run.zone = 2 * ZONE; /* not the drive that was planned for */
        assert_int_equal(lethe_technique_zones(&run, &before, NULL), -LETHE_E_CHANGED);
        run.zone = 0;
        assert_int_equal(lethe_technique_zones(&run, &before, NULL), 0);
        assert_int_equal(before.count, 0);
        lethe_io_close(&f->io);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks_begin_at_the_start_of_zones),
        cmocka_unit_test(marks_are_written_legally),
        cmocka_unit_test(a_reset_that_is_none_stops_the_marks),
        cmocka_unit_test(passes_go_zone_by_zone),
        cmocka_unit_test(resuming_begins_at_a_zone),
        cmocka_unit_test(what_only_reads_as_written_is_written_again),
        cmocka_unit_test(a_write_that_fails_ends_the_pass),
        cmocka_unit_test(zones_that_were_not_kept_are_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
