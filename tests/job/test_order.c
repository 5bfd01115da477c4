/* SPDX-License-Identifier: Apache-2.0 */
/* Orders cross a process boundary: all of it comes through, and nothing bent does. */
#include "job/stream.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h wants the four standard headers above */
#include <cmocka.h>

#include "base/json.h"

static void order_make(struct lethe_order *order, enum lethe_role role)
{
    memset(order, 0, sizeof(*order));
    order->role = role;
    order->writable = role == LETHE_ROLE_ERASE;
    snprintf(order->job, sizeof(order->job), "%s", STREAM_JOB);
    snprintf(order->driver, sizeof(order->driver), "emu");
    order->config = json_pack("{s:i}", "x", 1);
    plan_make(&order->plan, &course_plain);
    memset(order->seed, 1, sizeof(order->seed));
    memset(order->canary_key, 2, sizeof(order->canary_key));
    for (size_t i = 0; i < order->plan.n_steps; i++)
        if (order->plan.steps[i].kind ==
            (role == LETHE_ROLE_VERIFY ? LETHE_STEP_VERIFY : LETHE_STEP_TECHNIQUE))
            order->step = (unsigned)i;
    snprintf(order->psid, sizeof(order->psid), "0123456789ABCDEF0123456789ABCDEF");
    if (role == LETHE_ROLE_VERIFY)
        memset(order->sample_key, 3, sizeof(order->sample_key));
    else {
        order->resume = true;
        order->resume_pass = 1;
        order->resume_offset = 4096;
    }
    order->full = true;
    order->n_exceptions = 2;
    order->exceptions[0] = (struct lethe_range){512, 512};
    order->exceptions[1] = (struct lethe_range){4096, 1024};
}

static void there_and_back(void **state)
{
    (void)state;
    for (int role = 0; role < 2; role++) {
        struct lethe_order order, back;
        struct lethe_error err = {0};
        order_make(&order, (enum lethe_role)role);
        json_t *json = lethe_order_to_json(&order);
        assert_non_null(json);
        assert_int_equal(lethe_order_from_json(json, &back, &err), 0);
        assert_true(json_equal(order.config, back.config));
        json_t *config = back.config;
        back.config = order.config;
        assert_memory_equal(&back.plan, &order.plan, sizeof(order.plan));
        assert_memory_equal(back.seed, order.seed, sizeof(order.seed));
        assert_memory_equal(back.sample_key, order.sample_key, sizeof(order.sample_key));
        assert_memory_equal(back.canary_key, order.canary_key, sizeof(order.canary_key));
        assert_memory_equal(back.exceptions, order.exceptions, sizeof(order.exceptions));
        assert_int_equal(back.n_exceptions, 2);
        assert_int_equal(back.step, order.step);
        assert_string_equal(back.psid, order.psid);
        assert_int_equal(back.role, role);
        assert_int_equal(back.resume, order.resume);
        assert_int_equal(back.resume_pass, order.resume_pass);
        assert_int_equal(back.resume_offset, order.resume_offset);
        assert_int_equal(back.full, order.full);
        assert_int_equal(back.writable, order.writable);
        back.config = config;
        json_decref(json);
        lethe_order_clear(&order);
        lethe_order_clear(&back);
    }
}

/* Rule 5 and the commitment: the eraser's order does not hold the sample. */
static void who_erases_does_not_know_the_sample(void **state)
{
    (void)state;
    struct lethe_order order;
    order_make(&order, LETHE_ROLE_ERASE);
    memset(order.sample_key, 3, sizeof(order.sample_key));
    json_t *json = lethe_order_to_json(&order);
    assert_null(json_object_get(json, "sample_key"));
    json_object_set_new(
        json, "sample_key",
        json_string("0303030303030303030303030303030303030303030303030303030303030303"));
    struct lethe_order back;
    assert_int_equal(lethe_order_from_json(json, &back, NULL), -LETHE_E_INVALID);
    json_decref(json);
    lethe_order_clear(&order);
}

static void bent_orders_are_refused(void **state)
{
    static const struct {
        const char *key, *value;
    } bends[] = {
        {"stranger", "1"},
        {"role", "\"judge\""},
        {"role", "1"},
        {"job", "\"x\""},
        {"driver", "\"\""},
        {"driver", "\"much-too-long-a-driver\""},
        {"writable", "1"},
        {"writable", "true"},
        {"config", "[]"},
        {"capacity", "512"},
        {"plan", "{}"},
        {"seed", "\"01\""},
        {"seed", "null"},
        {"canary_key", "\"zz\""},
        {"sample_key", "null"},
        {"resume", "{\"pass\":0,\"offset\":0}"},
        {"resume", "{}"},
        {"full", "0"},
        {"exceptions", "[[512,512],[512,512]]"},
        {"exceptions", "[[67108352,1024]]"},
        {"exceptions", "{}"},
    };
    (void)state;
    struct lethe_order order, back;
    order_make(&order, LETHE_ROLE_VERIFY);
    json_t *json = lethe_order_to_json(&order);
    for (size_t i = 0; i < sizeof(bends) / sizeof(bends[0]); i++) {
        struct lethe_error err = {0};
        json_t *bent = json_deep_copy(json);
        json_object_set_new(bent, bends[i].key, json_loads(bends[i].value, JSON_DECODE_ANY, NULL));
        int rc = lethe_order_from_json(bent, &back, &err);
        if (rc != -LETHE_E_INVALID)
            print_error("taken: %s = %s\n", bends[i].key, bends[i].value);
        assert_int_equal(rc, -LETHE_E_INVALID);
        assert_true(err.what[0]);
        json_decref(bent);
    }
    const char *key;
    json_t *value, *keys = json_copy(json);
    json_object_foreach(keys, key, value)
    {
        json_t *bent = json_deep_copy(json);
        json_object_del(bent, key);
        assert_int_equal(lethe_order_from_json(bent, &back, NULL), -LETHE_E_INVALID);
        json_decref(bent);
    }
    json_decref(keys);
    json_decref(json);
    lethe_order_clear(&order);
}

/* The largest plan and the most exceptions there can be go into one datagram. */
static void the_largest_fits(void **state)
{
    (void)state;
    struct lethe_order order, back;
    order_make(&order, LETHE_ROLE_VERIFY);
    order.n_exceptions = LETHE_EXCEPTION_RANGES_MAX;
    for (size_t i = 0; i < order.n_exceptions; i++)
        order.exceptions[i] = (struct lethe_range){i * 8192, 4096};
    json_t *json = lethe_order_to_json(&order);
    char *text = lethe_json_canonical(json);
    assert_true(strlen(text) < LETHE_MESSAGE_MAX / 2);
    assert_int_equal(lethe_order_from_json(json, &back, NULL), 0);
    free(text);
    json_decref(json);
    lethe_order_clear(&order);
    lethe_order_clear(&back);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_and_back),
        cmocka_unit_test(who_erases_does_not_know_the_sample),
        cmocka_unit_test(bent_orders_are_refused),
        cmocka_unit_test(the_largest_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
