/* SPDX-License-Identifier: Apache-2.0 */
/* A device that an open job waits for is left to that job. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/scratch.h"
#include <lethe/station.h>
#include <string.h>

static void left_to_its_open_job(void **state)
{
    (void)state;
    struct lethe_store *store = scratch_open();
    struct lethe_job job;
    struct lethe_device device = {0};
    struct stream s;
    lethe_job_init(&job);
    stream_make(&s, &course_plain);
    for (size_t i = 0; i < s.n && job.state != LETHE_JOB_STARTED; i++)
        assert_int_equal(
            scratch_append(store, &job, 1, s.events[i].type, json_incref(s.events[i].body)), 0);
    const char *target = json_string_value(json_object_get(job.created_body, "target"));
    /* by the port, in a mode in which it tells no name */
    strcpy(device.target, target);
    assert_true(lethe_station_awaits(store, &device));
    strcpy(device.target, "usb:9-9");
    assert_false(lethe_station_awaits(store, &device));
    /* by its name, on another port */
    device.identity = job.plan.identity;
    assert_true(lethe_station_awaits(store, &device));
    strcpy(device.identity.identifiers[0].value, "ANOTHER-1");
    device.identity.n_identifiers = 1;
    assert_false(lethe_station_awaits(store, &device));
    lethe_job_clear(&job);
    stream_clear(&s);
    lethe_store_close(store);
}

static void of_a_job_that_is_over_nobody_waits(void **state)
{
    (void)state;
    struct lethe_store *store = scratch_open();
    struct lethe_device device = {0};
    struct lethe_job job;
    char id[37];
    scratch_id(id, 1);
    scratch_job(store, 1, false); /* ended, and not certified yet */
    assert_int_equal(lethe_store_load(store, id, &job, NULL), 0);
    strcpy(device.target, json_string_value(json_object_get(job.created_body, "target")));
    device.identity = job.plan.identity;
    assert_false(lethe_station_awaits(store, &device));
    lethe_job_clear(&job);
    lethe_store_close(store);
}

#define T(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(left_to_its_open_job),
        T(of_a_job_that_is_over_nobody_waits),
    };
    return cmocka_run_group_tests_name("station_await", tests, NULL, NULL);
}
