/* SPDX-License-Identifier: Apache-2.0 */
/* A job that ended, and whose certificate our own verifier would refuse, is no trap: it is closed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plan/plan.h"
#include "store/scratch.h"
#include <lethe/station.h>
#include <string.h>

/* A magnetic medium on the bus of cards: no scan tells that, and no verifier believes it. */
static json_t *impossible(const json_t *created, struct lethe_identity *identity)
{
    struct lethe_plan plan;
    assert_int_equal(lethe_plan_from_json(json_object_get(created, "plan"), &plan, NULL), 0);
    plan.identity.bus = LETHE_BUS_MMC;
    plan.identity.media = LETHE_MEDIA_MAGNETIC;
    plan.identity.substrate = LETHE_SUBSTRATE_EMULATED;
    assert_int_equal(lethe_plan_digest(&plan, plan.digest, NULL), 0);
    *identity = plan.identity;
    json_t *body = json_deep_copy(created);
    json_object_set_new(body, "plan", lethe_plan_to_json(&plan));
    return body;
}

static void end_job(struct lethe_store *store, bool believable, char id[37])
{
    static const char *const secrets[] = {"seed", "sample-key", "canary-key"};
    struct lethe_identity identity;
    struct stream s;
    struct lethe_job job;
    scratch_id(id, 1);
    scratch_time = 1700000000000; /* before now: closing it comes after */
    lethe_job_init(&job);
    stream_make(&s, &course_plain);
    for (size_t i = 0; i < s.n; i++) {
        bool created = s.events[i].type == LETHE_EVENT_JOB_CREATED;
        json_t *body = created && !believable ? impossible(s.events[i].body, &identity)
                                              : json_deep_copy(s.events[i].body);
        if (!believable && s.events[i].type == LETHE_EVENT_JOB_START) {
            json_object_set_new(body, "identity", lethe_identity_to_json(&identity));
            json_object_set_new(body, "demo_key", json_true());
        }
        assert_int_equal(scratch_append(store, &job, 1, s.events[i].type, body), 0);
    }
    for (uint8_t i = 0; i < 3; i++) {
        uint8_t key[LETHE_KEY_SIZE];
        memset(key, i + 1, sizeof(key));
        assert_int_equal(lethe_store_secret_put(store, id, secrets[i], key, sizeof(key), NULL), 0);
    }
    assert_int_equal(scratch_append(store, &job, 1, LETHE_EVENT_END, scratch_end(&job)), 0);
    assert_int_equal(job.outcome, LETHE_OUTCOME_PASSED);
    lethe_job_clear(&job);
    stream_clear(&s);
}

static int count(void *user, const struct lethe_job_row *row)
{
    ++*(int *)user;
    assert_false(row->certified);
    return 0;
}

static int open_jobs(struct lethe_store *store)
{
    int n = 0;
    assert_int_equal(lethe_store_jobs(store, true, count, &n, NULL), 0);
    return n;
}

static void what_nobody_would_believe_is_closed(void **state)
{
    struct lethe_store *store = scratch_open();
    struct lethe_station station = {.store = store};
    struct lethe_result result = {0};
    struct lethe_error err = {0};
    char id[37];
    (void)state;
    end_job(store, false, id);
    assert_int_equal(open_jobs(store), 1);
    int rc = lethe_station_abandon(&station, id, "given up by the operator", &result, &err);
    if (rc < 0)
        print_message("%s\n", err.what);
    assert_int_equal(rc, 0);
    assert_int_equal(result.outcome, LETHE_OUTCOME_NONE);
    assert_non_null(strstr(result.error.what, "closed without a certificate"));
    assert_int_equal(open_jobs(store), 0);
    lethe_store_close(store);
}

/* What only lacks a key waits for one. */
static void what_can_be_mended_stays(void **state)
{
    struct lethe_store *store = scratch_open();
    struct lethe_station station = {.store = store};
    struct lethe_result result = {0};
    struct lethe_error err = {0};
    char id[37];
    (void)state;
    end_job(store, true, id);
    assert_true(lethe_station_abandon(&station, id, "given up", &result, &err) < 0);
    assert_non_null(strstr(err.what, "no bench key"));
    assert_int_equal(open_jobs(store), 1);
    lethe_store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_nobody_would_believe_is_closed, scratch_setup,
                                        scratch_teardown),
        cmocka_unit_test_setup_teardown(what_can_be_mended_stays, scratch_setup, scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
