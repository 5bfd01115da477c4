/* SPDX-License-Identifier: Apache-2.0 */
/* What a phone says crosses a process boundary unharmed, or not at all. */
#include <base/json.h>
#include <lethe/facts.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
/* cmocka.h wants the four standard headers above */
#include <cmocka.h>

static struct lethe_facts some_facts(void)
{
    struct lethe_facts facts = {.protocol = LETHE_PROTOCOL_IOS, .can = LETHE_CAN_IOS_ERASE};
    struct lethe_phone *phone = &facts.phone;
    phone->family = LETHE_FAMILY_IOS;
    phone->mode = LETHE_MODE_NORMAL;
    phone->access = LETHE_ACCESS_GRANTED;
    phone->locks[LETHE_LOCK_FIND_MY] = LETHE_ANSWER_YES;
    phone->locks[LETHE_LOCK_PASSCODE] = LETHE_ANSWER_NO;
    phone->battery = -1;
    phone->storage = 64000000000;
    phone->android.accounts = UINT32_MAX;
    strcpy(phone->model, "iPhone12,1");
    strcpy(phone->imei[1], "356938035643809");
    return facts;
}

static void crosses_unharmed(void **state)
{
    (void)state;
    struct lethe_facts facts = some_facts(), back;
    LETHE_JSON_AUTO *json = lethe_facts_to_json(&facts);
    assert_int_equal(lethe_facts_from_json(json, &back, NULL), 0);
    assert_memory_equal(&facts, &back, sizeof(facts));
}

static void drives_have_no_phone(void **state)
{
    (void)state;
    struct lethe_facts facts = {.protocol = LETHE_PROTOCOL_ATA};
    LETHE_JSON_AUTO *json = lethe_facts_to_json(&facts);
    assert_null(json_object_get(json, "phone"));
}

static void refuses(const char *member, json_t *value)
{
    struct lethe_facts facts = some_facts(), back;
    LETHE_JSON_AUTO *json = lethe_facts_to_json(&facts);
    json_object_set_new(json_object_get(json, "phone"), member, value);
    assert_true(lethe_facts_from_json(json, &back, NULL) < 0);
    assert_int_equal(back.phone.family, LETHE_FAMILY_NONE);
}

static void strange_forms_are_refused(void **state)
{
    (void)state;
    refuses("family", json_string("windows"));
    refuses("model", json_string("a\x01z"));
    refuses("model",
            json_string("0123456789012345678901234567890123456789012345678901234567890123"));
    refuses("battery", json_integer(-2));
    refuses("sd_card", json_true());
    refuses("locks", json_object());
    refuses("name", json_string("somebody's phone"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crosses_unharmed),
        cmocka_unit_test(drives_have_no_phone),
        cmocka_unit_test(strange_forms_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
