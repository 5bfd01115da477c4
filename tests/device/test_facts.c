/* SPDX-License-Identifier: Apache-2.0 */
/* Facts cross a process boundary from a worker that has listened to a hostile device: all of it
 * comes through, and nothing bent does. */
#include <lethe/facts.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
/* cmocka.h wants the four standard headers above */
#include <cmocka.h>

static void facts_make(struct lethe_facts *f)
{
    memset(f, 0, sizeof(*f));
    f->protocol = LETHE_PROTOCOL_NVME;
    f->path = LETHE_PATH_NVME_JMICRON;
    snprintf(f->obstacle, sizeof(f->obstacle), "a reason");
    snprintf(f->model, sizeof(f->model), "Model");
    f->can = LETHE_CAN_SANITIZE_CRYPTO | LETHE_CAN_UNHIDE;
    f->security.locked = f->sanitize.known = f->tcg.opal = true;
    f->sanitize.progress = 65535;
    f->native_capacity = INT64_MAX;
    snprintf(f->hidden_by, sizeof(f->hidden_by), "hpa");
    snprintf(f->hidden_unasked, sizeof(f->hidden_unasked), "dco");
    f->hidden_refused = true;
    f->n_namespaces = LETHE_NAMESPACES_MAX;
    for (size_t i = 0; i < f->n_namespaces; i++) {
        f->namespaces[i].nsid = (uint32_t)i + 1;
        f->namespaces[i].capacity = i;
        f->namespaces[i].active = i % 2;
    }
    f->n_areas = 1;
    snprintf(f->areas[0].name, sizeof(f->areas[0].name), "boot0");
    f->areas[0].protected_ = true;
    f->zoned = true;
    f->zones.size = 268435456;
    f->zones.count = 52156;
    f->zones.conventional = 524;
    f->zones.max_open = 128;
    f->zones.unrestricted_reads = true;
    f->health.condition = LETHE_CONDITION_WORN;
    f->health.hours = -1;
    f->health.temperature = 40;
}

static void there_and_back(void **state)
{
    (void)state;
    struct lethe_facts f, back;
    facts_make(&f);
    f.protection.user = true; /* told of cards only that have some */
    json_t *json = lethe_facts_to_json(&f);
    assert_int_equal(lethe_facts_from_json(json, &back, NULL), 0);
    assert_memory_equal(&back, &f, sizeof(f));
    json_decref(json);
}

/* Any member gone, of another type, or beside: refused, and nothing of it kept. */
static void bent(void **state)
{
    (void)state;
    struct lethe_facts f, back, none = {0};
    facts_make(&f);
    json_t *json = lethe_facts_to_json(&f);
    const char *key;
    json_t *value;
    json_object_foreach(json, key, value)
    {
        json_t *others[] = {NULL, json_real(1.5), json_null(), json_string("\x1b[31m")};
        for (size_t i = 0; i < 4; i++) {
            json_t *copy = json_deep_copy(json);
            if (others[i])
                json_object_set_new(copy, key, others[i]);
            else
                json_object_del(copy, key);
            assert_int_equal(lethe_facts_from_json(copy, &back, NULL), -LETHE_E_INVALID);
            assert_memory_equal(&back, &none, sizeof(back));
            json_decref(copy);
        }
    }
    json_object_set_new(json, "more", json_true());
    assert_int_equal(lethe_facts_from_json(json, &back, NULL), -LETHE_E_INVALID);
    json_decref(json);
}

static void too_many(void **state)
{
    (void)state;
    struct lethe_facts f, back;
    facts_make(&f);
    json_t *json = lethe_facts_to_json(&f);
    json_t *list = json_object_get(json, "namespaces");
    json_array_append(list, json_array_get(list, 0));
    assert_int_equal(lethe_facts_from_json(json, &back, NULL), -LETHE_E_INVALID);
    json_array_remove(list, 0);
    json_object_set_new(json, "model",
                        json_string("a model whose name is much longer than any "
                                    "that a drive can tell, and then some more of "
                                    "it for good measure"));
    assert_int_equal(lethe_facts_from_json(json, &back, NULL), -LETHE_E_INVALID);
    json_decref(json);
}

/* A device that can't be asked, and one that has no memory of anything. */
static void nothing_known(void **state)
{
    (void)state;
    struct lethe_facts f = {0}, back;
    json_t *json = lethe_facts_to_json(&f);
    assert_int_equal(lethe_facts_from_json(json, &back, NULL), 0);
    json_decref(json);
    assert_int_equal(lethe_facts_from_json(NULL, &back, NULL), -LETHE_E_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_and_back),
        cmocka_unit_test(bent),
        cmocka_unit_test(too_many),
        cmocka_unit_test(nothing_known),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
