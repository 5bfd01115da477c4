/* SPDX-License-Identifier: Apache-2.0 */
/* One certificate for two devices, one serial number on two devices. */
#include "base/text.h"
#include "verifycli/verifycli.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
/* cmocka.h wants the four standard headers above */
#include <cmocka.h>

struct device {
    const char *serial, *model, *wwn;
};

/* The codes that are said of a valid one, and nothing else of it changes. */
static void expect(struct lethe_duplicates **seen, const char *where, const char *jti,
                   struct device device, const char *code, const char *names)
{
    struct lethe_certificate_report report = {.verdict = LETHE_VERDICT_VALID, .level = 1};
    lethe_text_format(report.jti, sizeof(report.jti), "%s", jti);
    report.claims = json_pack(
        "{s:{s:s*}, s:[{s:s,s:s,s:s},{s:s,s:s,s:s},{s:s,s:s,s:s}]}", "device", "model",
        device.model, "identifiers", "kind", "asset-tag", "source", "scanned", "value", "1", "kind",
        "serial", "source", "device", "value", device.serial, "kind", "wwn", "source",
        device.wwn ? "device" : "typed", "value", device.wwn ? device.wwn : "x");
    assert_non_null(report.claims);
    assert_int_equal(lethe_duplicates_look(seen, where, &report), code != NULL);
    assert_int_equal(report.n_reasons, code != NULL);
    assert_int_equal(report.verdict, LETHE_VERDICT_VALID);
    assert_int_equal(report.level, 1);
    if (code) {
        assert_string_equal(report.reasons[0].code, code);
        assert_int_equal(report.reasons[0].weight, LETHE_VERDICT_VALID);
        assert_non_null(strstr(report.reasons[0].text, names));
        assert_true(lethe_duplicates_code(code));
    }
    json_decref(report.claims);
}

static void test_twice(void **state)
{
    (void)state;
    struct lethe_duplicates *seen = NULL;
    const struct device a = {"S1", "M1", "5000c500a1"}, b = {"S2", "M1", "5000c500a2"};
    expect(&seen, "x/a.sdjwt", "1", a, NULL, NULL);
    expect(&seen, "x/a.pdf", "1", a, NULL, NULL); /* the page of it */
    expect(&seen, "y/a.sdjwt", "1", a, "jti-twice", "x/a.sdjwt");
    expect(&seen, "b", "2", a, NULL, NULL); /* erased again */
    expect(&seen, "c", "3", b, NULL, NULL);
    expect(&seen, "d", "4", (struct device){"S1", "M2", NULL}, "serial-twice", "x/a.sdjwt");
    expect(&seen, "e", "5", (struct device){"S1", "M1", "5000c500a9"}, "serial-twice", "x/a");
    /* What is not disclosed is no other. */
    expect(&seen, "f", "6", (struct device){"S1", NULL, NULL}, NULL, NULL);
    expect(&seen, "g", "", (struct device){"S3", NULL, NULL}, NULL, NULL);
    assert_false(lethe_duplicates_full(seen));
    lethe_duplicates_free(seen);
}

/* Neither said of, nor remembered. */
static void test_only_of_valid_ones(void **state)
{
    (void)state;
    struct lethe_duplicates *seen = NULL;
    struct lethe_certificate_report report = {.verdict = LETHE_VERDICT_UNDETERMINED, .jti = "1"};
    assert_false(lethe_duplicates_look(&seen, "a", &report));
    expect(&seen, "b", "1", (struct device){"S1", "M1", NULL}, NULL, NULL);
    assert_false(lethe_duplicates_look(&seen, "c", &report));
    assert_int_equal(report.n_reasons, 0);
    lethe_duplicates_free(seen);
}

/* Beyond the bound the first ones are still known, and it is said that others are not. */
static void test_bounded(void **state)
{
    (void)state;
    struct lethe_duplicates *seen = NULL;
    struct lethe_certificate_report report = {.verdict = LETHE_VERDICT_VALID};
    char where[32];
    for (int i = 0; i < LETHE_DUPLICATES_MAX + 10; i++) {
        assert_int_equal(lethe_duplicates_full(seen), i >= LETHE_DUPLICATES_MAX);
        lethe_text_format(report.jti, sizeof(report.jti), "id-%d", i);
        lethe_text_format(where, sizeof(where), "line %d", i);
        assert_false(lethe_duplicates_look(&seen, where, &report));
    }
    lethe_text_format(report.jti, sizeof(report.jti), "id-%d", LETHE_DUPLICATES_MAX + 5);
    assert_false(lethe_duplicates_look(&seen, "again", &report));
    lethe_text_format(report.jti, sizeof(report.jti), "id-%d", 77);
    assert_true(lethe_duplicates_look(&seen, "again", &report));
    assert_string_equal(report.reasons[0].text,
                        "a certificate with this id was here before: line 77");
    lethe_duplicates_free(seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_twice),
        cmocka_unit_test(test_only_of_valid_ones),
        cmocka_unit_test(test_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
