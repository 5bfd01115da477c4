/* SPDX-License-Identifier: Apache-2.0 */
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include "trust/fixture.h"
#include "trust/validation.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define JTI "0199c2f4-0000-7000-8000-000000000001"
#define JTI2 "0199c2f4-0000-7000-8000-000000000002"

/* As much of a certificate as a validation looks at. */
static char *certificate(struct lethe_signer *signer, const char *jti)
{
    char *jwt =
             fixture_sign(signer, "dc+sd-jwt",
                          json_pack("{s:s,s:s,s:I}", "jti", jti, "organisation",
                                    signer->organisation, "iat", (json_int_t)(fixture_now / 1000))),
         *out;
    assert_true(asprintf(&out, "%s~ZGlzY2xvc3VyZQ~", jwt) > 0);
    free(jwt);
    return out;
}

static char *validated(struct lethe_signer *signer, const char *cert)
{
    struct lethe_validation wish = {.certificate = JTI,
                                    .by = "B. Second",
                                    .decision = LETHE_DECISION_REPEAT,
                                    .note = "canaries look odd"};
    struct lethe_error err = {0};
    char *text;
    if (lethe_validation_make(signer, cert, strlen(cert), "A. First", &wish, fixture_now, &text,
                              &err) != 0)
        fail_msg("%s", err.what);
    return text;
}

static int verify(const struct lethe_trust *trust, const char *text, const char *cert,
                  const char *operator_name, struct lethe_validation *out, struct lethe_error *err)
{
    return lethe_validation_verify(trust, text, strlen(text), cert, strlen(cert), operator_name,
                                   fixture_now, out, err);
}

static void test_bound_to_its_certificate(void **state)
{
    (void)state;
    struct lethe_trust *trust = fixture_trust(acme);
    struct lethe_signer *signer = fixture_bench(acme);
    struct lethe_validation out;
    struct lethe_error err = {0};
    char *cert = certificate(signer, JTI), *another = certificate(signer, JTI2);
    fixture_now += DAY_MS;
    char *text = validated(signer, cert);
    assert_int_equal(verify(trust, text, cert, "A. First", &out, NULL), 0);
    assert_string_equal(out.certificate, JTI);
    assert_string_equal(out.by, "B. Second");
    assert_string_equal(lethe_decision_name(out.decision), "repeat");
    assert_string_equal(out.note, "canaries look odd");
    assert_int_equal(out.iat, NOW0 + DAY_MS);
    assert_string_equal(out.chain.organisation, "ACME 回收");
    /* Whoever withholds a disclosure does not unbind it. */
    char *less = strdup(cert);
    strchr(less, '~')[1] = '\0';
    assert_int_equal(verify(trust, text, less, NULL, &out, NULL), 0);
    assert_int_equal(verify(trust, text, another, NULL, &out, &err), -LETHE_E_CHANGED);
    assert_int_equal(verify(trust, text, "no certificate", NULL, &out, &err), -LETHE_E_CHANGED);
    for (unsigned part = 0; part < 3; part++) {
        char *bad = fixture_tamper(text, part);
        assert_true(verify(trust, bad, cert, NULL, &out, &err) < 0);
        free(bad);
    }
    free(less);
    free(text);
    free(cert);
    free(another);
    lethe_signer_close(signer);
    lethe_trust_free(trust);
}

static void test_a_second_person(void **state)
{
    (void)state;
    struct lethe_trust *trust = fixture_trust(acme);
    struct lethe_signer *signer = fixture_bench(acme);
    struct lethe_validation out, wish = {.certificate = JTI, .by = "a first"};
    struct lethe_error err = {0};
    char *cert = certificate(signer, JTI), *text;
    static const char *const same[] = {"A. First", "A first", "a.first ", "AFIRST"};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(lethe_validation_make(signer, cert, strlen(cert), same[i], &wish,
                                               fixture_now, &text, &err),
                         -LETHE_E_REFUSED);
    wish.by[0] = '\0';
    assert_int_equal(
        lethe_validation_make(signer, cert, strlen(cert), NULL, &wish, fixture_now, &text, &err),
        -LETHE_E_USAGE);
    /* Made where the operator was hidden, looked at where he is not. */
    text = validated(signer, cert);
    assert_int_equal(verify(trust, text, cert, "b second", &out, &err), -LETHE_E_REFUSED);
    free(text);
    free(cert);
    lethe_signer_close(signer);
    lethe_trust_free(trust);
}

static void test_who_signs(void **state)
{
    (void)state;
    struct lethe_trust *trust = fixture_trust(acme);
    struct lethe_signer *bench = fixture_bench(acme), *foreign = fixture_bench(other),
                        *status = fixture_status(acme);
    struct lethe_validation out;
    struct lethe_error err = {0};
    char *cert = certificate(bench, JTI), *pem = fixture_read(other, "trust/root.pem");
    char *text = validated(foreign, cert);
    assert_int_equal(verify(trust, text, cert, NULL, &out, &err), -LETHE_E_UNTRUSTED);
    /* Trusted, but of another house. */
    assert_int_equal(lethe_trust_add_pem(trust, pem, strlen(pem), NULL), 0);
    assert_int_equal(verify(trust, text, cert, NULL, &out, &err), -LETHE_E_INVALID);
    assert_non_null(strstr(err.what, "another organisation"));
    free(text);
    text = validated(status, cert);
    assert_int_equal(verify(trust, text, cert, NULL, &out, &err), -LETHE_E_INVALID);
    assert_non_null(strstr(err.what, "extended key usage"));
    free(text);
    /* Before what it is of; and by a key that was given up. */
    fixture_now -= MINUTE_MS;
    text = validated(bench, cert);
    fixture_now += MINUTE_MS;
    assert_int_equal(verify(trust, text, cert, NULL, &out, &err), -LETHE_E_INVALID);
    free(text);
    text = validated(bench, cert);
    assert_int_equal(verify(trust, text, cert, NULL, &out, NULL), 0);
    char sha256[65];
    size_t n_status;
    assert_int_equal(
        lethe_keys_revoke_bench(acme, "current", NOW0, 1, NULL, NULL, 0, sha256, &n_status, NULL),
        0);
    char *crl = fixture_read(acme, "trust/crl.pem");
    assert_int_equal(lethe_trust_add_crl(trust, crl, strlen(crl), fixture_now, 0, NULL, NULL), 0);
    assert_int_equal(verify(trust, text, cert, NULL, &out, &err), -LETHE_E_INVALID);
    assert_non_null(strstr(err.what, "revoked"));
    free(crl);
    free(text);
    free(pem);
    free(cert);
    lethe_signer_close(bench);
    lethe_signer_close(foreign);
    lethe_signer_close(status);
    lethe_trust_free(trust);
}

static void test_form(void **state)
{
    (void)state;
    struct lethe_trust *trust = fixture_trust(acme);
    struct lethe_signer *signer = fixture_bench(acme);
    struct lethe_validation out;
    char *cert = certificate(signer, JTI), hash[64];
    assert_int_equal(lethe_certificate_hash(cert, strlen(cert), hash), 0);
    static const struct {
        const char *key, *value; /* NULL: taken away */
    } bad[] = {{"vct", "urn:lethe:erasure-certificate:1"},
               {"iss", "urn:lethe:bench:bench-2"},
               {"organisation", "Other Ltd"},
               {"by", " "},
               {"by", NULL},
               {"decision", "approved"},
               {"decision", NULL},
               {"certificate", NULL},
               {"iat", NULL},
               {"also", "this"}};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        json_t *claims =
            json_pack("{s:s,s:s,s:s,s:I,s:s,s:{s:s,s:s},s:s,s:s}", "vct", LETHE_VCT_VALIDATION,
                      "iss", "urn:lethe:bench:bench-1", "jti", JTI2, "iat",
                      (json_int_t)(fixture_now / 1000), "organisation", signer->organisation,
                      "certificate", "jti", JTI, "hash", hash, "by", "B", "decision", "accept");
        if (bad[i].value)
            json_object_set_new(claims, bad[i].key, json_string(bad[i].value));
        else
            json_object_del(claims, bad[i].key);
        char *text = fixture_sign(signer, LETHE_VALIDATION_TYP, claims);
        if (verify(trust, text, cert, NULL, &out, NULL) != -LETHE_E_INVALID)
            fail_msg("%s was taken", bad[i].key);
        free(text);
    }
    free(cert);
    lethe_signer_close(signer);
    lethe_trust_free(trust);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fixture_make, fixture_remove)
int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_bound_to_its_certificate),
                                       TEST(test_a_second_person), TEST(test_who_signs),
                                       TEST(test_form)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
