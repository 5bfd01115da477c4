/* SPDX-License-Identifier: Apache-2.0 */
/* Less is disclosed, and the issuer's signature goes on holding. */
#include "base/file.h"
#include "cert/support.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h wants the four standard headers above */
#include <cmocka.h>

#define FULL LETHE_SOURCE_DIR "/certs/examples/valid/full.sdjwt"

static const char *const roots[] = {"root", NULL};

struct choice {
    const char *drop;
    size_t asked;
};

static bool keep(void *user, const char *name, const json_t *value)
{
    struct choice *choice = user;
    assert_non_null(value);
    choice->asked++;
    return strcmp(name, choice->drop) != 0;
}

static void verify_without(const char *drop, struct lethe_certificate_report *report, size_t *asked)
{
    struct lethe_trust *trust = support_trust(roots);
    struct choice choice = {.drop = drop};
    char *text, *made;
    size_t len;
    assert_int_equal(lethe_file_read(FULL, 1 << 20, &text, &len, NULL), 0);
    assert_int_equal(lethe_certificate_present(text, len, keep, &choice, &made, NULL), 0);
    struct lethe_verify_policy policy = {.trust = trust, .now = EXAMPLE_NOW};
    lethe_certificate_verify(made, strlen(made), &policy, report);
    *asked = choice.asked;
    free(made);
    free(text);
    lethe_trust_free(trust);
}

static void test_hidden_is_gone_and_counted(void **state)
{
    (void)state;
    struct lethe_certificate_report report;
    size_t asked;
    verify_without("customer", &report, &asked);
    assert_int_equal(report.verdict, LETHE_VERDICT_VALID);
    assert_true(asked > 5);
    assert_null(json_object_get(report.claims, "customer"));
    assert_non_null(json_object_get(report.claims, "operator"));
    assert_int_equal(report.n_hidden_claims, 1);
    lethe_certificate_report_clear(&report);
}

/* Without its serial it binds nothing. */
static void test_identifiers_go_by_kind(void **state)
{
    (void)state;
    struct lethe_certificate_report report;
    size_t asked;
    verify_without("serial", &report, &asked);
    assert_int_equal(report.n_hidden_identifiers, 1);
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(report.claims, "identifiers"), i, item)
        assert_string_not_equal(json_string_value(json_object_get(item, "kind")), "serial");
    lethe_certificate_report_clear(&report);
}

/* A custom field is named apart from a claim of the same name. */
static void test_custom_fields_have_names_of_their_own(void **state)
{
    (void)state;
    static const char *const chain[] = {"root", NULL};
    struct lethe_signer *signer = support_signer("bench", chain);
    support_fix("present");
    json_t *claims = support_claims(), *out = NULL;
    json_object_set_new(json_object_get(claims, "hidden"), "custom",
                        json_pack("{s:s}", "operator", "not the operator"));
    char *text = support_issue(claims, signer), *made;
    struct choice choice = {.drop = "custom.operator"};
    assert_int_equal(lethe_certificate_present(text, strlen(text), keep, &choice, &made, NULL), 0);
    assert_int_equal(lethe_certificate_decode(made, strlen(made), &out, NULL), 0);
    assert_non_null(json_object_get(out, "operator"));
    assert_null(json_object_get(json_object_get(out, "custom"), "operator"));
    json_decref(out);
    json_decref(claims);
    free(made);
    free(text);
    lethe_signer_close(signer);
}

static void test_what_does_not_hold_is_not_handed_on(void **state)
{
    (void)state;
    struct choice choice = {.drop = ""};
    struct lethe_error err;
    char *made = NULL;
    assert_true(lethe_certificate_present("a.b.c~", 6, keep, &choice, &made, &err) < 0);
    assert_null(made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hidden_is_gone_and_counted),
        cmocka_unit_test(test_identifiers_go_by_kind),
        cmocka_unit_test(test_custom_fields_have_names_of_their_own),
        cmocka_unit_test(test_what_does_not_hold_is_not_handed_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
