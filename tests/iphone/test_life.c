/* SPDX-License-Identifier: Apache-2.0 */
/* The life of an iPhone on the bench: looked at, paired, erased, judged; through the proxy and the
 * library that talk to real ones. */
#include "live.h"

#include <base/json.h>
#include <base/text.h>
#include <emu/phone/iphone.h>
#include <io/apple.h>
#include <stdlib.h>
#include <unistd.h>

static json_t *look(struct lethe_io *io, const json_t *argument)
{
    struct lethe_identity identity = {.class_ = LETHE_CLASS_PHONE, .bus = LETHE_BUS_USB};
    struct lethe_facts *facts = calloc(1, sizeof(*facts));
    (void)argument;
    json_t *out =
        lethe_facts_read(io, &identity, NULL, facts, NULL) == 0 ? lethe_facts_to_json(facts) : NULL;
    free(facts);
    return out;
}

static const char *at(const json_t *json, const char *outer, const char *inner)
{
    const json_t *object = outer ? json_object_get(json, outer) : json;
    const char *text = json_string_value(json_object_get(object, inner));
    return text ? text : "";
}

static void it_is_known_before_it_trusts(void **state)
{
    struct live live;
    (void)state;
    live_begin(&live, "iphone", "");
    LETHE_JSON_AUTO *facts = live_do(&live, look, NULL);
    assert_non_null(facts);
    assert_string_equal(at(facts, "phone", "model"), "iPhone12,1");
    assert_string_equal(at(facts, "phone", "access"), "untrusted");
    assert_int_equal(json_array_size(json_object_get(facts, "can")), 0);
    char *text = json_dumps(facts, 0);
    assert_non_null(strstr(text, "lethe pair"));
    assert_null(strstr(text, "Old owner"));
    free(text);
    live_end(&live);
}

static void it_pairs_when_somebody_taps_trust(void **state)
{
    struct live live;
    (void)state;
    live_begin(&live, "iphone", "      with: [asks=2]\n");
    LETHE_JSON_AUTO *not_yet = live_pair(&live, 1);
    assert_string_equal(at(not_yet, NULL, "error"), "PairingDialogResponsePending");
    LETHE_JSON_AUTO *paired = live_pair(&live, 3);
    assert_string_equal(at(paired, NULL, "end"), "reply");
    assert_string_equal(at(paired, NULL, "error"), "");
    LETHE_JSON_AUTO *facts = live_do(&live, look, NULL);
    assert_string_equal(at(facts, "phone", "access"), "granted");
    assert_string_equal(at(facts, "phone", "serial"), "F4GZX1ABN735");
    assert_string_equal(at(facts, "phone", "imei"), "353226100000011");
    live_end(&live);
}

static void check(const char *technique, const char *personality, const char *with,
                  enum lethe_grade expected, bool erased)
{
    struct live live;
    char why[192];
    live_begin(&live, personality, with);
    LETHE_JSON_AUTO *paired = live_pair(&live, 2);
    assert_string_equal(at(paired, NULL, "error"), "");
    LETHE_JSON_AUTO *done = live_erase(&live, technique);
    assert_non_null(done);
    if (json_integer_value(json_object_get(done, "rc")) != 0)
        fail_msg("%s", at(done, NULL, "what"));
    const json_t *evidence = json_object_get(done, "evidence");
    assert_true(live_returned(&live, 10000));
    LETHE_JSON_AUTO *findings = live_observe(&live, technique, evidence);
    assert_non_null(findings);
    enum lethe_grade grade = lethe_technique_find(technique)->grade(evidence, findings, why);
    if (grade != expected) {
        char *text = json_dumps(findings, JSON_INDENT(1));
        print_message("%s\n%s\n", why, text);
        free(text);
    }
    assert_int_equal(grade, expected);
    assert_int_equal(live_remains(&live) == 0, erased);
    live_end(&live);
}

static void an_erasure_is_seen_in_its_state(void **state)
{
    (void)state;
    check("ios-erase", "iphone", "", LETHE_GRADE_STATE, true);
}

/* How many hosts it trusts; waits a moment for WANTED. */
static size_t trusted(const struct live *live, size_t wanted)
{
    size_t n = wanted + 1;
    for (int i = 0; i < 100 && n != wanted; i++, usleep(50000)) {
        struct phone phone;
        assert_int_equal(phone_open(live->memory, &phone, NULL), 0);
        n = json_object_size(json_object_get(phone_state(&phone), "trust"));
        phone_close(&phone);
    }
    return n;
}

/* The real usbmuxd pairs by itself with what is in its setup: of that, too, nothing is left. */
static void nothing_it_trusts_is_left(void **state)
{
    struct live live;
    char upstream[256];
    (void)state;
    live_begin(&live, "iphone", "");
    live.preflight = live.borrow = true;
    live_muxd(&live, false);
    live_muxd(&live, true);
    lethe_text_format(upstream, sizeof(upstream), "%s/%s.plist", live.records, live.udid);
    json_decref(live_pair(&live, 2));
    assert_int_equal(access(upstream, F_OK), 0);
    LETHE_JSON_AUTO *done = live_erase(&live, "ios-erase");
    assert_int_equal(json_integer_value(json_object_get(done, "rc")), 0);
    assert_true(live_returned(&live, 10000));
    assert_int_equal(trusted(&live, 1), 1);
    for (int i = 0; i < 100 && access(upstream, F_OK) < 0; i++)
        usleep(50000); /* it writes down what it paired with */
    assert_int_equal(access(upstream, F_OK), 0);
    LETHE_JSON_AUTO *findings = live_observe(&live, "ios-erase", json_object_get(done, "evidence"));
    assert_string_equal(at(findings, NULL, "old_session"), "host unknown");
    assert_true(json_is_true(json_object_get(findings, "cleaned")));
    assert_int_not_equal(access(upstream, F_OK), 0);
    assert_int_equal(trusted(&live, 0), 0);
    live_end(&live);
}

static void ios_10_is_erased_by_its_backup_service(void **state)
{
    (void)state;
    check("ios-backup-erase", "iphone-7-ios-10", "", LETHE_GRADE_STATE, true);
}

/* Erased, filled in its setup, read back, erased again: as a plan of a policy that asks for it. */
static void it_is_filled_in_its_setup(void **state)
{
    struct live live;
    char why[192];
    (void)state;
    live_begin(&live, "iphone", "      with: [away_ms=200, storage=4194304]\n");
    const struct lethe_technique *fill = lethe_technique_find("ios-fill");
    json_decref(live_pair(&live, 2));
    LETHE_JSON_AUTO *first = live_erase(&live, "ios-erase");
    assert_true(live_returned(&live, 10000));
    LETHE_JSON_AUTO *seen = live_observe(&live, "ios-erase", json_object_get(first, "evidence"));
    assert_non_null(seen);
    live_forget(&live);
    LETHE_JSON_AUTO *filled = live_erase(&live, "ios-fill");
    if (json_integer_value(json_object_get(filled, "rc")) != 0)
        fail_msg("%s", at(filled, NULL, "what"));
    const json_t *evidence = json_object_get(filled, "evidence");
    assert_true(json_integer_value(json_object_get(evidence, "bytes")) > 3500000);
    LETHE_JSON_AUTO *read = live_observe(&live, "ios-fill", evidence);
    assert_int_equal(fill->grade(evidence, read, why), LETHE_GRADE_STATE);
    live_forget(&live);
    LETHE_JSON_AUTO *last = live_erase(&live, "ios-erase");
    if (json_integer_value(json_object_get(last, "rc")) != 0)
        fail_msg("%s", at(last, NULL, "what"));
    sleep(1);
    LETHE_JSON_AUTO *after = live_observe(&live, "ios-erase", json_object_get(last, "evidence"));
    assert_int_equal(
        lethe_technique_find("ios-erase")->grade(json_object_get(last, "evidence"), after, why),
        LETHE_GRADE_STATE);
    live_end(&live);
}

/* Full of what a run before it wrote: it begins anew. */
static void a_fill_that_was_cut_short_begins_anew(void **state)
{
    struct live live;
    (void)state;
    live_begin(&live, "iphone", "      with: [storage=4194304]\n");
    json_decref(live_pair(&live, 2));
    LETHE_JSON_AUTO *first = live_erase(&live, "ios-fill");
    LETHE_JSON_AUTO *again = live_erase(&live, "ios-fill");
    assert_int_equal(
        json_integer_value(json_object_get(json_object_get(first, "evidence"), "bytes")),
        json_integer_value(json_object_get(json_object_get(again, "evidence"), "bytes")));
    live_end(&live);
}

static void one_that_keeps_nothing_of_it_is_found_out(void **state)
{
    struct live live;
    char why[192];
    (void)state;
    live_begin(&live, "iphone",
               "      with: [storage=4194304]\n      faults: [{kind: fill-lies}]\n");
    json_decref(live_pair(&live, 2));
    LETHE_JSON_AUTO *filled = live_erase(&live, "ios-fill");
    const json_t *evidence = json_object_get(filled, "evidence");
    LETHE_JSON_AUTO *read = live_observe(&live, "ios-fill", evidence);
    assert_int_equal(lethe_technique_find("ios-fill")->grade(evidence, read, why),
                     LETHE_GRADE_DENIED);
    live_end(&live);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_is_known_before_it_trusts),
        cmocka_unit_test(it_pairs_when_somebody_taps_trust),
        cmocka_unit_test(an_erasure_is_seen_in_its_state),
        cmocka_unit_test(nothing_it_trusts_is_left),
        cmocka_unit_test(ios_10_is_erased_by_its_backup_service),
        cmocka_unit_test(it_is_filled_in_its_setup),
        cmocka_unit_test(a_fill_that_was_cut_short_begins_anew),
        cmocka_unit_test(one_that_keeps_nothing_of_it_is_found_out),
    };
    return cmocka_run_group_tests_name("iphone_life", tests, NULL, NULL);
}
