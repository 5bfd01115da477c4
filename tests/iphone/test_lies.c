/* SPDX-License-Identifier: Apache-2.0 */
/* The liars: what each model does when it is told to erase itself, and what may be said of it. None
 * that kept anything is ever said to be erased. */
#include "live.h"

#include <base/json.h>
#include <base/text.h>
#include <stdlib.h>

struct lie {
    const char *faults;
    const char *technique;
    int rc;    /* of the step: 0, or -LETHE_E_X */
    bool back; /* it leaves its port and comes back */
    enum lethe_grade grade;
    bool erased;
};

static const struct lie lies[] = {
    {"", "ios-erase", 0, true, LETHE_GRADE_STATE, true},
    {"done-but-keeps", "ios-erase", 0, true, LETHE_GRADE_NONE, false},
    {"half-wipe", "ios-erase", 0, true, LETHE_GRADE_NONE, false},
    {"returns-unerased", "ios-erase", 0, true, LETHE_GRADE_DENIED, false},
    {"vanishes", "ios-erase", 0, true, LETHE_GRADE_DENIED, false},
    {"drops-but-erases", "ios-erase", 0, true, LETHE_GRADE_STATE, true},
    {"returns-locked", "ios-erase", 0, true, LETHE_GRADE_NONE, true},
    {"other-serial, serial: 00008030AAAABBBBCCCCDDDD", "ios-erase", 0, true, LETHE_GRADE_NONE,
     true},
    {"error-chain", "ios-erase", -LETHE_E_IO, false, LETHE_GRADE_NONE, false},
    {"eof", "ios-erase", 0, false, LETHE_GRADE_DENIED, false},
    {"no-reply", "ios-erase", 0, false, LETHE_GRADE_DENIED, false},
    {"length-4g, of: MCInstall", "ios-erase", -LETHE_E_REFUSED, false, LETHE_GRADE_NONE, false},
    {"half-plist, of: MCInstall", "ios-erase", -LETHE_E_REFUSED, false, LETHE_GRADE_NONE, false},
    {"deep-nesting, of: MCInstall", "ios-erase", -LETHE_E_REFUSED, false, LETHE_GRADE_NONE, false},
    {"done-but-keeps", "ios-backup-erase", 0, true, LETHE_GRADE_NONE, false},
    {"returns-unerased", "ios-backup-erase", 0, true, LETHE_GRADE_DENIED, false},
    {"error-chain", "ios-backup-erase", -LETHE_E_IO, false, LETHE_GRADE_NONE, false},
};

static void tell(const struct lie *lie)
{
    struct live live;
    char with[160] = "", why[192] = "";
    if (lie->faults[0])
        lethe_text_format(with, sizeof(with),
                          "      with: [away_ms=200]\n      faults: [{kind: %s}]\n", lie->faults);
    live_begin(&live, "iphone", with);
    LETHE_JSON_AUTO *paired = live_pair(&live, 2);
    assert_string_equal(json_string_value(json_object_get(paired, "error")), "");
    LETHE_JSON_AUTO *done = live_erase(&live, lie->technique);
    assert_non_null(done);
    assert_int_equal(json_integer_value(json_object_get(done, "rc")), lie->rc);
    assert_int_equal(live_returned(&live, lie->back ? 10000 : 500), lie->back);
    /* A step that failed has no evidence, and is not judged. */
    const json_t *evidence = json_object_get(done, "evidence");
    assert_int_equal(evidence != NULL, lie->rc == 0);
    LETHE_JSON_AUTO *findings =
        evidence ? live_observe(&live, lie->technique, evidence) : json_object();
    assert_non_null(findings);
    enum lethe_grade grade = lethe_technique_find(lie->technique)->grade(evidence, findings, why);
    bool erased = live_remains(&live) == 0;
    print_message("%-18s %-44s %-8s %-8s %s\n", lie->technique, lie->faults[0] ? lie->faults : "-",
                  erased ? "erased" : "kept", lethe_grade_name(grade), why);
    assert_true(erased || grade != LETHE_GRADE_STATE);
    assert_int_equal(erased, lie->erased);
    assert_int_equal(grade, lie->grade);
    live_end(&live);
}

static void no_liar_is_said_to_be_erased(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(lies) / sizeof(*lies); i++)
        tell(&lies[i]);
}

static void refuses(const char *with, const char *what)
{
    struct live live;
    live_begin(&live, "iphone", with);
    json_decref(live_pair(&live, 1));
    LETHE_JSON_AUTO *done = live_erase(&live, "ios-erase");
    assert_int_equal(json_integer_value(json_object_get(done, "rc")), -LETHE_E_REFUSED);
    if (!strstr(json_string_value(json_object_get(done, "what")), what))
        fail_msg("%s", json_string_value(json_object_get(done, "what")));
    assert_false(live_returned(&live, 400));
    assert_int_not_equal(live_remains(&live), 0);
    live_end(&live);
}

static void what_would_come_back_locked_is_not_told(void **state)
{
    (void)state;
    refuses("      with: [find_my=true]\n", "Apple Account");
    refuses("      with: [activation_lock=true]\n", "Apple Account");
    refuses("      with: [mdm=true, supervised=true]\n", "organisation");
    refuses("      with: [trust=denied]\n", "no session");
    refuses("      with: [trust=pending]\n", "no session");
    refuses("      with: [locked=true]\n", "no session");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_liar_is_said_to_be_erased),
        cmocka_unit_test(what_would_come_back_locked_is_not_told),
    };
    return cmocka_run_group_tests_name("iphone_lies", tests, NULL, NULL);
}
