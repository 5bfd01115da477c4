/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <lethe/identity.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above. */
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static struct lethe_identity drive(void)
{
    struct lethe_identity id = {.class_ = LETHE_CLASS_DISK,
                                .bus = LETHE_BUS_USB,
                                .media = LETHE_MEDIA_MAGNETIC,
                                .substrate = LETHE_SUBSTRATE_PHYSICAL,
                                .vendor = "ACME",
                                .model = "Spinner 500",
                                .firmware = "1.0",
                                .bridge = "152d:0578 JMicron",
                                .usb_vendor = 0x152d,
                                .usb_product = 0x0578,
                                .usb_release = 0x0414,
                                .capacity = 500107862016,
                                .logical_block = 512,
                                .physical_block = 4096};
    assert_int_equal(lethe_identity_add(&id, LETHE_ID_SERIAL, LETHE_SOURCE_DEVICE, "S1A BC:99"), 0);
    assert_int_equal(
        lethe_identity_add(&id, LETHE_ID_WWN, LETHE_SOURCE_DEVICE, "naa.5000c500a1b2c3d4"), 0);
    assert_int_equal(lethe_identity_add(&id, LETHE_ID_ASSET_TAG, LETHE_SOURCE_SCANNED, "A-7"), 0);
    return id;
}

static void adds_once_and_cleaned(void **state)
{
    (void)state;
    struct lethe_identity id = drive();
    size_t n = id.n_identifiers;
    assert_int_equal(lethe_identity_add(&id, LETHE_ID_SERIAL, LETHE_SOURCE_DEVICE, "   "), 0);
    assert_int_equal(lethe_identity_add(&id, LETHE_ID_SERIAL, LETHE_SOURCE_DEVICE, " S1A  BC:99 "),
                     0);
    assert_int_equal(id.n_identifiers, n);
    assert_int_equal(lethe_identity_add(&id, LETHE_ID_SERIAL, LETHE_SOURCE_TYPED, "S1A BC:99"), 0);
    assert_int_equal(id.n_identifiers, n + 1);
    for (char serial[] = "a"; id.n_identifiers < LETHE_IDENTIFIERS_MAX; serial[0]++)
        assert_int_equal(lethe_identity_add(&id, LETHE_ID_SERIAL, LETHE_SOURCE_DEVICE, serial), 0);
    assert_int_equal(lethe_identity_add(&id, LETHE_ID_SERIAL, LETHE_SOURCE_DEVICE, "more"),
                     -LETHE_E_LIMIT);
    assert_string_equal(lethe_identity_find(&id, LETHE_ID_ASSET_TAG)->value, "A-7");
    assert_null(lethe_identity_find(&id, LETHE_ID_IMEI));
}

static void same_whatever_order_and_labels(void **state)
{
    (void)state;
    struct lethe_identity armed = drive(), now = drive();
    struct lethe_identifier first = now.identifiers[0];
    now.identifiers[0] = now.identifiers[1];
    now.identifiers[1] = first;
    now.n_identifiers = 2; /* the asset tag was scanned: no word of the device */
    assert_int_equal(lethe_identity_same(&armed, &now, NULL), 0);
}

/* A phone says less on its port than when it is asked; nothing that it says may be another's. */
static void a_part_of_a_phone_is_recognised(void **state)
{
    (void)state;
    struct lethe_error err = {0};
    struct lethe_identity armed = drive(), now = drive();
    lethe_identity_add(&armed, LETHE_ID_IMEI, LETHE_SOURCE_DEVICE, "490154203237518");
    now.model[0] = '\0';
    assert_int_equal(lethe_identity_within(&armed, &now, &err), 0);
    now.substrate = LETHE_SUBSTRATE_EMULATED;
    assert_int_equal(lethe_identity_within(&armed, &now, &err), -LETHE_E_CHANGED);
    now = drive();
    lethe_identity_add(&now, LETHE_ID_IMEI, LETHE_SOURCE_DEVICE, "490154203237526");
    assert_int_equal(lethe_identity_within(&armed, &now, &err), -LETHE_E_CHANGED);
    assert_non_null(strstr(err.what, "490154203237526"));
    now = drive();
    now.n_identifiers = 0;
    assert_int_equal(lethe_identity_within(&armed, &now, &err), -LETHE_E_CHANGED);
    lethe_identity_add(&now, LETHE_ID_ASSET_TAG, LETHE_SOURCE_SCANNED, "S1A BC:99");
    assert_int_equal(lethe_identity_within(&armed, &now, &err), -LETHE_E_CHANGED);
}

static void assert_changed(const struct lethe_identity *now, const char *word)
{
    struct lethe_identity armed = drive();
    struct lethe_error err = {0};
    assert_int_equal(lethe_identity_same(&armed, now, &err), -LETHE_E_CHANGED);
    if (!strstr(err.what, word))
        fail_msg("\"%s\" does not say \"%s\"", err.what, word);
}

static void every_difference_is_a_change(void **state)
{
    (void)state;
    struct lethe_identity now = drive();
    now.capacity -= 512;
    assert_changed(&now, "capacity");
    now = drive();
    now.logical_block = 4096;
    assert_changed(&now, "logical block");
    now = drive();
    now.substrate = LETHE_SUBSTRATE_VIRTUAL;
    assert_changed(&now, "substrate");
    now = drive();
    now.vendor[0] = 'a';
    assert_changed(&now, "vendor");
    now = drive();
    now.model[0] = '\0';
    assert_changed(&now, "model");
    now = drive();
    now.identifiers[0].value[0] = 'X';
    assert_changed(&now, "serial was \"S1A BC:99\" when armed and is \"X1A BC:99\" now");
    now = drive();
    now.identifiers[1].source = LETHE_SOURCE_TYPED; /* the device does not say it any more */
    assert_changed(&now, "missing");
    now = drive();
    lethe_identity_add(&now, LETHE_ID_EUI64, LETHE_SOURCE_DEVICE, "1");
    assert_changed(&now, "not there when armed");
}

static void named_as_people_type(void **state)
{
    (void)state;
    struct lethe_identity id = drive();
    assert_true(lethe_identity_named(&id, "S1A BC:99"));
    assert_true(lethe_identity_named(&id, " s1abc99 "));
    assert_true(lethe_identity_named(&id, "5000C500A1B2C3D4"));
    assert_true(lethe_identity_named(&id, "0x5000c500a1b2c3d4"));
    assert_true(lethe_identity_named(&id, "50:00:c5:00:a1:b2:c3:d4"));
    assert_false(lethe_identity_named(&id, "S1ABC9"));
    assert_false(lethe_identity_named(&id, "S1ABC999"));
    assert_false(lethe_identity_named(&id, ""));
    assert_false(lethe_identity_named(&id, " : "));
    assert_false(lethe_identity_named(&id, "0x"));
    assert_false(lethe_identity_named(&id, "A-7"));      /* asset tags name nothing */
    assert_false(lethe_identity_named(&id, "S1-ABC99")); /* a dash is part of a serial number */
    lethe_identity_add(&id, LETHE_ID_UDID, LETHE_SOURCE_DEVICE, "00008030-001C2D3E4F50001E");
    assert_true(lethe_identity_named(&id, "00008030-001c2d3e4f50001e"));
    assert_true(lethe_identity_named(&id, "00008030001C2D3E4F50001E"));
    assert_false(lethe_identity_named(&id, "00008030001C2D3E4F50001"));
    assert_false(lethe_identity_named(&id, "-"));
    id.identifiers[0].source = LETHE_SOURCE_TYPED;
    assert_false(lethe_identity_named(&id, "S1ABC99")); /* nor does what a person typed */
    lethe_identity_add(&id, LETHE_ID_BRIDGE_SERIAL, LETHE_SOURCE_DEVICE, "B1");
    lethe_identity_add(&id, LETHE_ID_BACKING, LETHE_SOURCE_DEVICE, "/x");
    assert_false(lethe_identity_named(&id, "B1"));
    assert_false(lethe_identity_named(&id, "/x"));
}

static void json_round_trip_is_canonical(void **state)
{
    (void)state;
    struct lethe_identity id = drive(), swapped = drive(), back;
    struct lethe_identifier first = swapped.identifiers[0];
    swapped.identifiers[0] = swapped.identifiers[2];
    swapped.identifiers[2] = first;
    LETHE_JSON_AUTO *a = lethe_identity_to_json(&id);
    LETHE_JSON_AUTO *b = lethe_identity_to_json(&swapped);
    char digest_a[65], digest_b[65];
    assert_int_equal(lethe_json_digest(a, digest_a), 0);
    assert_int_equal(lethe_json_digest(b, digest_b), 0);
    assert_string_equal(digest_a, digest_b);
    assert_int_equal(lethe_identity_from_json(a, &back, NULL), 0);
    assert_memory_equal(&back, &id, sizeof(id));
}

static void json_leaves_out_what_is_unknown(void **state)
{
    (void)state;
    struct lethe_identity id = {0}, back;
    LETHE_JSON_AUTO *json = lethe_identity_to_json(&id);
    char *text = lethe_json_canonical(json);
    assert_string_equal(text, "{\"bus\":\"unknown\",\"capacity\":0,\"class\":\"unknown\","
                              "\"identifiers\":[],\"logical_block\":0,\"media\":\"unknown\","
                              "\"physical_block\":0,\"substrate\":\"emulated\"}");
    free(text);
    assert_int_equal(lethe_identity_from_json(json, &back, NULL), 0);
    assert_memory_equal(&back, &id, sizeof(id));
}

static void assert_refused(const char *key, json_t *value)
{
    struct lethe_identity id = drive(), back = {.capacity = 7};
    struct lethe_error err = {0};
    LETHE_JSON_AUTO *json = lethe_identity_to_json(&id);
    if (value)
        json_object_set_new(json, key, value);
    else
        json_object_del(json, key);
    assert_true(lethe_identity_from_json(json, &back, &err) < 0);
    assert_int_equal(back.capacity, 7); /* untouched */
    assert_string_not_equal(err.what, "");
}

static void json_is_checked(void **state)
{
    (void)state;
    assert_refused("bus", NULL);
    assert_refused("bus", json_string("isa"));
    assert_refused("substrate", json_string("Physical"));
    assert_refused("capacity", json_integer(-1));
    assert_refused("capacity", json_string("1"));
    assert_refused("logical_block", json_integer(4294967296));
    assert_refused("usb_vendor", json_integer(65536));
    assert_refused("usb_release", json_integer(65536));
    assert_refused("vendor", json_string("a\x1b[2J"));
    assert_refused("firmware", json_string("a firmware that is longer than its field"));
    assert_refused("identifiers", json_object());
    assert_refused("identifiers", json_pack("[{s:s,s:s}]", "kind", "serial", "source", "device"));
    assert_refused("identifiers",
                   json_pack("[{s:s,s:s,s:s}]", "kind", "x", "source", "device", "value", "1"));
    json_t *many = json_array();
    for (int i = 0; i <= LETHE_IDENTIFIERS_MAX; i++)
        json_array_append_new(
            many, json_pack("{s:s,s:s,s:s}", "kind", "serial", "source", "device", "value", "1"));
    assert_refused("identifiers", many);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adds_once_and_cleaned),
        cmocka_unit_test(same_whatever_order_and_labels),
        cmocka_unit_test(a_part_of_a_phone_is_recognised),
        cmocka_unit_test(every_difference_is_a_change),
        cmocka_unit_test(named_as_people_type),
        cmocka_unit_test(json_round_trip_is_canonical),
        cmocka_unit_test(json_leaves_out_what_is_unknown),
        cmocka_unit_test(json_is_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
