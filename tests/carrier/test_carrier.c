/* SPDX-License-Identifier: Apache-2.0 */
/* What is it, and what is in it: sniffing and bundles. */
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include "base/file.h"
#include "base/json.h"
#include <lethe/carrier.h>
#include <stdlib.h>
#include <string.h>

static void test_sniffs(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum lethe_carrier_kind kind;
        const char *code; /* "": taken */
    } things[] = {
        {"", LETHE_CARRIER_SDJWT, ""},
        {"a.b.c~", LETHE_CARRIER_SDJWT, ""},
        {"ER1:BB8", LETHE_CARRIER_QR, ""},
        {"er1:BB8", LETHE_CARRIER_SDJWT, ""},
        {" \r\n{\"sdjwt\":\"a.b.c~\"}\n", LETHE_CARRIER_BUNDLE, ""},
        {"{}", LETHE_CARRIER_BUNDLE, "bundle"},
        {"{", LETHE_CARRIER_BUNDLE, "bundle"},
        {"{\"sdjwt\":\"\"}", LETHE_CARRIER_BUNDLE, "bundle"},
        {"{\"sdjwt\":1}", LETHE_CARRIER_BUNDLE, "bundle"},
        {"{\"sdjwt\":\"a\",\"sdjwt\":\"b\"}", LETHE_CARRIER_BUNDLE, "bundle"},
        {"{\"sdjwt\":\"a\",\"SDJWT\":\"b\"}", LETHE_CARRIER_BUNDLE, "bundle"},
        {"{\"sdjwt\":\"a\",\"proof\":null}", LETHE_CARRIER_BUNDLE, "bundle"},
        {"{\"sdjwt\":\"a\\u0000b\"}", LETHE_CARRIER_BUNDLE, "bundle"},
        {"{\"proof\":\"a\"}", LETHE_CARRIER_BUNDLE, "bundle"},
        {"{\"sdjwt\":\"a\"}{\"sdjwt\":\"b\"}", LETHE_CARRIER_BUNDLE, "bundle"},
        {"%PDF-1.7\n", LETHE_CARRIER_PDF, "pdf-header"},
        {" %PDF-1.7\n", LETHE_CARRIER_PDF, "pdf-header"},
        {"{\"sdjwt\":\"a\"}%PDF-1.7\n", LETHE_CARRIER_PDF, "pdf-header"},
        {"ER1:BB8%PDF-1.7\n", LETHE_CARRIER_PDF, "pdf-header"},
    };
    for (size_t i = 0; i < sizeof(things) / sizeof(things[0]); i++) {
        struct lethe_carrier carrier;
        int rc = lethe_carrier_open(things[i].text, strlen(things[i].text), &carrier);
        const struct lethe_carrier_facts *facts = &carrier.bundle.carrier;
        if (facts->kind != things[i].kind || strcmp(facts->check.code, things[i].code) != 0)
            fail_msg("%zu: %s, \"%s\" (%s)", i, lethe_carrier_kind_name(facts->kind),
                     facts->check.code, facts->check.text);
        assert_int_equal(rc < 0, things[i].code[0] != '\0');
        assert_int_equal(facts->check.state == LETHE_CHECK_BAD, rc < 0);
        assert_true(rc == 0 || !carrier.bundle.sdjwt.text);
        lethe_carrier_clear(&carrier);
    }
}

static void test_bundle(void **state)
{
    (void)state;
    const char *text = "{\"proof\":\"c2sp\\nline\\n\",\"qr\":\"ER1:BB8\",\"sdjwt\":\"a.b.c~d~\"}";
    struct lethe_carrier carrier;
    assert_int_equal(lethe_carrier_open(text, strlen(text), &carrier), 0);
    const struct lethe_bundle *bundle = &carrier.bundle;
    assert_int_equal(bundle->sdjwt.len, 8);
    assert_memory_equal(bundle->sdjwt.text, "a.b.c~d~", 8);
    assert_int_equal(bundle->proof.len, 10);
    assert_memory_equal(bundle->proof.text, "c2sp\nline\n", 10);
    assert_int_equal(bundle->qr.len, 7);
    assert_memory_equal(bundle->qr.text, "ER1:BB8", 7);
    lethe_carrier_clear(&carrier);
    /* More than anything that carries a certificate. */
    size_t len = LETHE_CARRIER_MAX + 1;
    char *big = calloc(1, len);
    assert_true(lethe_carrier_open(big, len, &carrier) < 0);
    assert_string_equal(carrier.bundle.carrier.check.code, "size");
    lethe_carrier_clear(&carrier);
    free(big);
}

/* A bundle is judged as the certificate in it; what was refused is invalid with its reason. */
static void test_verdict(void **state)
{
    (void)state;
    struct lethe_trust *trust;
    struct lethe_certificate_report report;
    struct lethe_carrier carrier;
    char *pem, *sdjwt;
    size_t pem_len, len;
    assert_int_equal(lethe_trust_new(&trust, NULL), 0);
    assert_int_equal(lethe_file_read(LETHE_SOURCE_DIR "/certs/test-keys/root.pem", 1 << 16, &pem,
                                     &pem_len, NULL),
                     0);
    assert_int_equal(lethe_trust_add_pem(trust, pem, pem_len, NULL), 0);
    assert_int_equal(lethe_file_read(LETHE_SOURCE_DIR "/certs/examples/valid/full.sdjwt", 1 << 18,
                                     &sdjwt, &len, NULL),
                     0);
    struct lethe_verify_policy policy = {.trust = trust, .now = 1795400000000ull};
    json_t *object = json_pack("{s:s}", "sdjwt", sdjwt);
    char *text = json_dumps(object, 0);
    assert_int_equal(lethe_carrier_open(text, strlen(text), &carrier), 0);
    lethe_carrier_verify(&carrier, NULL, &policy, &report);
    assert_int_equal(report.verdict, LETHE_VERDICT_VALID);
    lethe_certificate_report_clear(&report);
    lethe_carrier_clear(&carrier);
    free(text);
    json_object_set_new(object, "pdf", json_string("x"));
    text = json_dumps(object, 0);
    assert_true(lethe_carrier_open(text, strlen(text), &carrier) < 0);
    lethe_carrier_verify(&carrier, NULL, &policy, &report);
    assert_int_equal(report.verdict, LETHE_VERDICT_INVALID);
    assert_int_equal(report.level, -1);
    assert_string_equal(report.reasons[0].code, "bundle");
    assert_int_equal(report.carrier.state, LETHE_CHECK_BAD);
    lethe_certificate_report_clear(&report);
    lethe_carrier_clear(&carrier);
    free(text);
    json_decref(object);
    free(pem);
    free(sdjwt);
    lethe_trust_free(trust);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sniffs),
        cmocka_unit_test(test_bundle),
        cmocka_unit_test(test_verdict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
