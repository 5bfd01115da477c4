/* SPDX-License-Identifier: Apache-2.0 */
/* Which device is the job's while what it hides is opened: never another one, at no other size. */
#include "job/stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
/* cmocka.h wants the four standard headers above */
#include <cmocka.h>

#define BEFORE ((uint64_t)16 << 20)
#define BETWEEN ((uint64_t)32 << 20)

/* Two limits, and an overwrite behind them; ENDED of the first N are. */
static void job_make(struct lethe_job *job, int step, int ended)
{
    lethe_job_init(job);
    plan_make(&job->plan, &course_plain);
    memmove(&job->plan.steps[2], &job->plan.steps[0], sizeof(struct lethe_step) * 4);
    job->plan.steps[0] = job->plan.steps[1] =
        (struct lethe_step){.kind = LETHE_STEP_PREPARE, .technique = "ata-unhide", .cycle = true};
    job->plan.n_steps += 2;
    job->plan.capacity_before = BEFORE;
    job->step = step;
    for (int i = 0; i < ended; i++)
        job->step_ok[i] = true;
}

static bool same(const struct lethe_job *job, uint64_t capacity)
{
    struct lethe_identity now = job->plan.identity;
    now.capacity = capacity;
    return lethe_job_same_device(job, &now, NULL) == 0;
}

static bool finds(const struct lethe_job *job, uint64_t capacity)
{
    struct lethe_identity now = job->plan.identity;
    now.capacity = capacity;
    return lethe_job_finds(job, &now);
}

static void test_not_begun(void **state)
{
    struct lethe_job job;
    (void)state;
    job_make(&job, -1, 0);
    assert_true(same(&job, BEFORE));
    assert_false(same(&job, BETWEEN));
    assert_false(same(&job, STREAM_CAPACITY));
    assert_false(finds(&job, BETWEEN));
}

static void test_while_opening(void **state)
{
    struct lethe_job job;
    (void)state;
    for (int ended = 0; ended < 2; ended++) {
        job_make(&job, ended, ended);
        assert_true(same(&job, BEFORE) && same(&job, BETWEEN) && same(&job, STREAM_CAPACITY));
        assert_true(finds(&job, BETWEEN));
        assert_false(same(&job, BEFORE - 512) || finds(&job, BEFORE - 512));
        assert_false(same(&job, STREAM_CAPACITY + 512) || finds(&job, STREAM_CAPACITY + 512));
    }
}

/* All of it is due, and a drive that did not open is said to be what it is. */
static void test_opened(void **state)
{
    struct lethe_job job;
    struct lethe_error err = {0};
    (void)state;
    job_make(&job, 1, 2);
    assert_true(same(&job, STREAM_CAPACITY));
    assert_false(same(&job, BEFORE) || same(&job, BETWEEN));
    assert_true(finds(&job, BEFORE) && finds(&job, BETWEEN)); /* a power cycle is due */
    struct lethe_identity now = job.plan.identity;
    now.capacity = BETWEEN;
    assert_int_equal(lethe_job_same_device(&job, &now, &err), -LETHE_E_CHANGED);
    assert_non_null(strstr(err.what, "still hides 33554432 of its 67108864 bytes"));
}

static void test_another_drive(void **state)
{
    struct lethe_job job;
    (void)state;
    job_make(&job, 0, 0);
    struct lethe_identity now = job.plan.identity;
    now.capacity = BETWEEN;
    now.identifiers[0].value[0] ^= 1;
    assert_false(lethe_job_same_device(&job, &now, NULL) == 0 || lethe_job_finds(&job, &now));
}

/* Without hidden areas no step makes another size of it. */
static void test_nothing_hidden(void **state)
{
    struct lethe_job job;
    (void)state;
    job_make(&job, 0, 0);
    job.plan.capacity_before = 0;
    assert_true(same(&job, STREAM_CAPACITY) && finds(&job, STREAM_CAPACITY));
    assert_false(same(&job, BETWEEN) || finds(&job, BETWEEN));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_not_begun),      cmocka_unit_test(test_while_opening),
        cmocka_unit_test(test_opened),         cmocka_unit_test(test_another_drive),
        cmocka_unit_test(test_nothing_hidden),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
