/* SPDX-License-Identifier: Apache-2.0 */
/* Labels: made from a certificate, judged alone and beside it. */
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include "base/crypto.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "carrier/labels.h"
#include "cert/support.h"
#include <lethe/carrier.h>
#include <qrencode.h>
#include <stdlib.h>
#include <string.h>

static const char *const root[] = {"root", NULL};
static const char *const stranger_root[] = {"stranger-root", NULL};
static const char *const demo_root[] = {"demo-root", NULL};
#define SERIAL "EX-WCC4N0123456"

static struct lethe_benches benches;

static void bench_known(const char *name)
{
    char path[256], *pem;
    size_t len;
    lethe_text_format(path, sizeof(path), LETHE_SOURCE_DIR "/certs/test-keys/%s.pem", name);
    assert_int_equal(lethe_file_read(path, 1 << 16, &pem, &len, NULL), 0);
    assert_int_equal(lethe_benches_add_pem(&benches, pem, len, NULL), 0);
    free(pem);
}

static int setup(void **state)
{
    (void)state;
    static const char *const names[] = {"stranger-bench", "demo-bench", "bench", "no-eku-bench"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        bench_known(names[i]);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    lethe_benches_clear(&benches);
    lethe_time_override(NULL, NULL);
    return 0;
}

struct asked {
    const char *const *roots;
    struct lethe_verify_policy policy;
    bool no_benches;
};

/* CODE must be among the reasons, with the weight of the verdict when that is not valid. */
static void judge_alone(const char *label, struct asked asked, enum lethe_verdict verdict,
                        const char *code)
{
    struct lethe_certificate_report report;
    struct lethe_trust *trust = support_trust(asked.roots ? asked.roots : root);
    asked.policy.trust = trust;
    asked.policy.now = asked.policy.now ? asked.policy.now : EXAMPLE_NOW;
    lethe_qr_verify(label, strlen(label), asked.no_benches ? NULL : &benches, &asked.policy,
                    &report);
    bool found = false;
    for (size_t i = 0; i < report.n_reasons; i++)
        found = found || (strcmp(report.reasons[i].code, code) == 0 &&
                          (report.reasons[i].weight == verdict));
    if (report.verdict != verdict || !found)
        fail_msg("%s (%s), not %s (%s)", lethe_verdict_name(report.verdict),
                 report.n_reasons ? report.reasons[0].code : "", lethe_verdict_name(verdict), code);
    assert_true(report.level <= 0);
    assert_true(report.verdict != LETHE_VERDICT_VALID || report.level == 0);
    json_t *json = lethe_certificate_report_to_json(&report);
    assert_non_null(json);
    json_decref(json);
    lethe_certificate_report_clear(&report);
    lethe_trust_free(trust);
}

/* ---- it fits ---- */

static void test_fits_a_small_label(void **state)
{
    (void)state;
    static const char *const cases[][7] = {
        {NULL},
        {"open.policy.id", "\"gost-50739\"", NULL},
        {"open.policy.id", "\"ieee-2883-2022-purge\"", NULL},
        {"hidden.identifiers.1.kind", "\"imei\"", "hidden.identifiers.1.value",
         "\"490154203237518\"", NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *sdjwt, *label;
        struct lethe_qr qr;
        struct lethe_qr_why why;
        label_issue("bench", cases[i], &sdjwt, &label);
        assert_int_equal(lethe_qr_decode(label, strlen(label), &qr, NULL, NULL, NULL, &why), 0);
        assert_int_equal(qr.n_devices, 2);
        assert_true(qr.by[0] != '\0');
        QRcode *code = QRcode_encodeString(label, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
        assert_non_null(code);
        print_message("%zu characters, version %d, %d modules: \"%s\"\n", strlen(label),
                      code->version, code->width, qr.by);
        assert_true(code->version <= 11);
        assert_true(code->width <= 61);
        QRcode_free(code);
        free(sdjwt);
        free(label);
    }
    /* A long name of a policy makes it larger, never wrong. */
    char *sdjwt, *label;
    label_issue("bench",
                (const char *const[]){
                    "open.policy.id",
                    "\"a-policy-of-an-organisation-that-likes-long-names-2026-11\"", NULL},
                &sdjwt, &label);
    assert_true(strlen(label) > LETHE_QR_SMALL && strlen(label) < LETHE_QR_MAX);
    judge_alone(label, (struct asked){.policy.device = SERIAL}, LETHE_VERDICT_VALID, "qr-only");
    free(sdjwt);
    free(label);
}

/* ---- alone ---- */

static void test_alone(void **state)
{
    (void)state;
    char *sdjwt, *label;
    label_issue("bench", NULL, &sdjwt, &label);
    judge_alone(label, (struct asked){0}, LETHE_VERDICT_UNDETERMINED, "qr-only");
    judge_alone(label, (struct asked){.policy.device = SERIAL}, LETHE_VERDICT_VALID, "qr-only");
    judge_alone(label, (struct asked){.policy.device = "ex-wcc4n 0123456"}, LETHE_VERDICT_VALID,
                "qr-only");
    judge_alone(label, (struct asked){.policy.device = "50:01:4e:e2:b1:23:45:67"},
                LETHE_VERDICT_VALID, "qr-only");
    /* Swapped: a label from another box. */
    judge_alone(label, (struct asked){.policy.device = "EX-WCC4N0123457"}, LETHE_VERDICT_INVALID,
                "device-mismatch");
    judge_alone(label, (struct asked){.policy.device = ""}, LETHE_VERDICT_INVALID,
                "device-mismatch");
    /* Who signed it is not known, or known and not trusted. */
    judge_alone(label, (struct asked){.policy.device = SERIAL, .no_benches = true},
                LETHE_VERDICT_UNDETERMINED, "qr-bench-unknown");
    judge_alone(label, (struct asked){.policy.device = SERIAL, .roots = stranger_root},
                LETHE_VERDICT_UNDETERMINED, "untrusted");
    judge_alone(label, (struct asked){.policy = {.device = SERIAL, .min_level = 1}},
                LETHE_VERDICT_UNDETERMINED, "level");
    static const char *const require[] = {"operator", NULL};
    judge_alone(label, (struct asked){.policy = {.device = SERIAL, .require = require}},
                LETHE_VERDICT_UNDETERMINED, "undisclosed");
    judge_alone(label, (struct asked){.policy = {.device = SERIAL, .now = 1700000000000}},
                LETHE_VERDICT_INVALID, "future");
    free(sdjwt);
    free(label);
}

/* Of a revoked bench no label stands: nothing proves that it is from before. */
static void test_revoked_bench(void **state)
{
    (void)state;
    char *sdjwt, *label;
    struct lethe_certificate_report report;
    struct lethe_trust *trust = support_trust(root);
    struct lethe_verify_policy policy = {.trust = trust, .now = EXAMPLE_NOW, .device = SERIAL};
    label_issue("bench", NULL, &sdjwt, &label);
    support_revoke(trust, "bench", EXAMPLE_IAT + 60);
    lethe_qr_verify(label, strlen(label), &benches, &policy, &report);
    assert_int_equal(report.verdict, LETHE_VERDICT_INVALID);
    assert_string_equal(report.reasons[0].code, "bench-revoked");
    assert_int_equal(report.level, -1);
    lethe_certificate_report_clear(&report);
    lethe_trust_free(trust);
    free(sdjwt);
    free(label);
}

/* Any one character changed anywhere: never valid, and never a crash. */
static void test_no_changed_character_is_valid(void **state)
{
    (void)state;
    char *sdjwt, *label;
    struct lethe_trust *trust = support_trust(root);
    struct lethe_verify_policy policy = {.trust = trust, .now = EXAMPLE_NOW, .device = SERIAL};
    label_issue("bench", NULL, &sdjwt, &label);
    size_t len = strlen(label);
    for (size_t i = 0; i < len; i++) {
        struct lethe_certificate_report report;
        char was = label[i];
        label[i] = was == 'A' ? 'B' : 'A';
        lethe_qr_verify(label, len, &benches, &policy, &report);
        if (report.verdict == LETHE_VERDICT_VALID)
            fail_msg("character %zu changed from '%c' and still valid", i, was);
        lethe_certificate_report_clear(&report);
        lethe_qr_verify(label, i, &benches, &policy, &report);
        assert_int_equal(report.verdict, LETHE_VERDICT_INVALID);
        lethe_certificate_report_clear(&report);
        label[i] = was;
    }
    lethe_trust_free(trust);
    free(sdjwt);
    free(label);
}

static void same(struct lethe_qr *qr)
{
    (void)qr;
}
static void call_it_certificate(struct lethe_qr *qr)
{
    qr->certificate = true;
}
static void call_it_record(struct lethe_qr *qr)
{
    qr->certificate = false;
}
static void no_method(struct lethe_qr *qr)
{
    qr->method = LETHE_METHOD_NONE;
}
static void better_method(struct lethe_qr *qr)
{
    qr->method = LETHE_METHOD_PURGE;
}
static void ended_later(struct lethe_qr *qr)
{
    qr->ended = qr->issued + 1;
}
static void signed_long_ago(struct lethe_qr *qr)
{
    qr->issued = qr->ended = 1600000000;
}
static void other_device(struct lethe_qr *qr)
{
    lethe_qr_device_hash(qr->jti, LETHE_ID_SERIAL, "ANOTHER-1", qr->devices[0]);
}
static void emulated(struct lethe_qr *qr)
{
    qr->substrate = LETHE_SUBSTRATE_EMULATED;
}
static void image(struct lethe_qr *qr)
{
    qr->substrate = LETHE_SUBSTRATE_IMAGE;
}
static void other_hash(struct lethe_qr *qr)
{
    qr->jwt_sha256[0] ^= 1;
}
static void other_policy(struct lethe_qr *qr)
{
    strcpy(qr->policy, "nist-clear");
}
static void kid_of(struct lethe_qr *qr, const char *name)
{
    size_t len;
    uint8_t hash[LETHE_HASH_SIZE], *der = support_der(name, &len);
    lethe_sha256(hash, der, len);
    memcpy(qr->kid, hash, sizeof(qr->kid));
    OPENSSL_free(der);
}
static void of_demo(struct lethe_qr *qr)
{
    kid_of(qr, "demo-bench");
}
static void of_stranger(struct lethe_qr *qr)
{
    kid_of(qr, "stranger-bench");
}
static void of_no_eku(struct lethe_qr *qr)
{
    kid_of(qr, "no-eku-bench");
}

static void test_forged(void **state)
{
    (void)state;
    static const struct {
        const char *signer;
        void (*change)(struct lethe_qr *qr);
        enum lethe_verdict verdict;
        const char *code;
    } forgeries[] = {
        {"bench", same, LETHE_VERDICT_VALID, "qr-only"},
        {"stranger-bench", same, LETHE_VERDICT_INVALID, "signature"}, /* under our kid */
        {"stranger-bench", of_stranger, LETHE_VERDICT_UNDETERMINED, "untrusted"},
        {"no-eku-bench", of_no_eku, LETHE_VERDICT_INVALID, "chain"},
        {"demo-bench", of_demo, LETHE_VERDICT_UNDETERMINED, "untrusted"},
        {"bench", call_it_record, LETHE_VERDICT_INVALID, "contradiction-outcome"},
        {"bench", no_method, LETHE_VERDICT_INVALID, "contradiction-outcome"},
        {"bench", ended_later, LETHE_VERDICT_INVALID, "contradiction-times"},
        {"bench", signed_long_ago, LETHE_VERDICT_INVALID, "iat"},
        {"bench", other_device, LETHE_VERDICT_INVALID, "device-mismatch"},
        {"bench", emulated, LETHE_VERDICT_INVALID, "emulated-key"},
        {"bench", image, LETHE_VERDICT_UNDETERMINED, "substrate"},
    };
    char *sdjwt, *label;
    label_issue("bench", NULL, &sdjwt, &label);
    for (size_t i = 0; i < sizeof(forgeries) / sizeof(forgeries[0]); i++) {
        char *forged = label_forge(label, forgeries[i].signer, forgeries[i].change);
        judge_alone(forged, (struct asked){.policy.device = SERIAL}, forgeries[i].verdict,
                    forgeries[i].code);
        free(forged);
    }
    char *forged = label_forge(label, "demo-bench", of_demo);
    judge_alone(forged, (struct asked){.policy.device = SERIAL, .roots = demo_root},
                LETHE_VERDICT_INVALID, "demo-key");
    free(forged);
    forged = label_forge(label, "bench", image);
    judge_alone(forged,
                (struct asked){
                    .policy = {.device = SERIAL, .allow_substrates = 1u << LETHE_SUBSTRATE_IMAGE}},
                LETHE_VERDICT_VALID, "substrate-allowed");
    free(forged);
    free(sdjwt);
    free(label);
}

/* The label of a failed job never becomes one of a certificate. */
static void test_record(void **state)
{
    (void)state;
    char *text, *label, *sdjwt;
    size_t len;
    assert_int_equal(lethe_file_read(LETHE_SOURCE_DIR
                                     "/certs/examples/undetermined/record-failed.sdjwt",
                                     1 << 18, &text, &len, NULL),
                     0);
    struct lethe_signer *signer = support_signer("bench", NULL);
    assert_int_equal(lethe_qr_issue(text, len, signer, &label, NULL), 0);
    judge_alone(label, (struct asked){.policy.device = SERIAL}, LETHE_VERDICT_UNDETERMINED,
                "record-only");
    char *forged = label_forge(label, "bench", call_it_certificate);
    judge_alone(forged, (struct asked){.policy.device = SERIAL}, LETHE_VERDICT_INVALID,
                "contradiction-outcome");
    free(forged);
    free(label);
    lethe_signer_close(signer);
    free(text);
    /* And a key that did not sign the certificate makes no label of it. */
    label_issue("bench", NULL, &sdjwt, &label);
    free(label);
    struct lethe_error err = {0};
    signer = support_signer("other-org-bench", NULL);
    assert_int_equal(lethe_qr_issue(sdjwt, strlen(sdjwt), signer, &label, &err), -LETHE_E_REFUSED);
    assert_null(label);
    assert_true(err.remedy[0] != '\0');
    lethe_signer_close(signer);
    free(sdjwt);
}

/* ---- what is withheld ---- */

static void test_hidden_device_is_left_out(void **state)
{
    (void)state;
    char *sdjwt, *label;
    struct lethe_qr qr;
    struct lethe_qr_why why;
    label_issue("bench", NULL, &sdjwt, &label);
    free(label);
    /* The holder shows no identifier: the JWT alone. */
    strchr(sdjwt, '~')[1] = '\0';
    struct lethe_signer *signer = support_signer("bench", NULL);
    assert_int_equal(lethe_qr_issue(sdjwt, strlen(sdjwt), signer, &label, NULL), 0);
    assert_int_equal(lethe_qr_decode(label, strlen(label), &qr, NULL, NULL, NULL, &why), 0);
    assert_int_equal(qr.n_devices, 0);
    judge_alone(label, (struct asked){0}, LETHE_VERDICT_UNDETERMINED, "qr-only");
    judge_alone(label, (struct asked){.policy.device = SERIAL}, LETHE_VERDICT_UNDETERMINED,
                "device-hidden");
    lethe_signer_close(signer);
    free(label);
    free(sdjwt);
    /* A serial that many devices have names none of them. */
    label_issue("bench",
                (const char *const[]){"hidden.identifiers.0.value", "\"0000000000\"",
                                      "hidden.identifiers.1.value", "\"none\"", NULL},
                &sdjwt, &label);
    assert_int_equal(lethe_qr_decode(label, strlen(label), &qr, NULL, NULL, NULL, &why), 0);
    assert_int_equal(qr.n_devices, 0);
    free(label);
    free(sdjwt);
}

/* ---- beside its certificate ---- */

static void judge_beside(const char *sdjwt, const char *label, enum lethe_verdict verdict,
                         const char *code)
{
    struct lethe_certificate_report report;
    struct lethe_carrier carrier;
    struct lethe_trust *trust = support_trust(root);
    struct lethe_verify_policy policy = {.trust = trust, .now = EXAMPLE_NOW};
    json_t *object = json_pack("{s:s,s:s}", "sdjwt", sdjwt, "qr", label);
    char *text = json_dumps(object, 0);
    assert_int_equal(lethe_carrier_open(text, strlen(text), &carrier), 0);
    lethe_carrier_verify(&carrier, NULL, &policy, &report);
    if (report.verdict != verdict || (code[0] && strcmp(report.reasons[0].code, code) != 0))
        fail_msg("%s (%s), not %s (%s)", lethe_verdict_name(report.verdict),
                 report.n_reasons ? report.reasons[0].code : "", lethe_verdict_name(verdict), code);
    assert_int_equal(report.carrier.state,
                     verdict == LETHE_VERDICT_VALID ? LETHE_CHECK_OK : LETHE_CHECK_BAD);
    lethe_certificate_report_clear(&report);
    lethe_carrier_clear(&carrier);
    free(text);
    json_decref(object);
    lethe_trust_free(trust);
}

static void test_beside_its_certificate(void **state)
{
    (void)state;
    static const struct {
        void (*change)(struct lethe_qr *qr);
        const char *code;
    } forgeries[] = {
        {better_method, "qr-mismatch"}, {call_it_record, "qr-mismatch"},
        {ended_later, "qr-mismatch"},   {signed_long_ago, "qr-mismatch"},
        {other_device, "qr-mismatch"},  {other_policy, "qr-mismatch"},
        {image, "qr-mismatch"},         {other_hash, "qr-other"},
    };
    char *sdjwt, *label, *other, *other_label;
    label_issue("bench", NULL, &sdjwt, &label);
    label_issue("bench", (const char *const[]){"open.policy.title", "\"x\"", NULL}, &other,
                &other_label);
    judge_beside(sdjwt, label, LETHE_VERDICT_VALID, "");
    judge_beside(sdjwt, other_label, LETHE_VERDICT_INVALID, "qr-other");
    judge_beside(other, label, LETHE_VERDICT_INVALID, "qr-other");
    judge_beside(sdjwt, "ER1:BB8", LETHE_VERDICT_INVALID, "cose");
    for (size_t i = 0; i < sizeof(forgeries) / sizeof(forgeries[0]); i++) {
        char *forged = label_forge(label, "bench", forgeries[i].change);
        judge_beside(sdjwt, forged, LETHE_VERDICT_INVALID, forgeries[i].code);
        free(forged);
    }
    char *forged = label_forge(label, "stranger-bench", same);
    judge_beside(sdjwt, forged, LETHE_VERDICT_INVALID, "qr-signature");
    free(forged);
    free(sdjwt);
    free(label);
    free(other);
    free(other_label);
}

/* certs/examples/labels.json, as other verifiers are tested with it. */
static void test_examples(void **state)
{
    (void)state;
    char *text;
    size_t len, i;
    assert_int_equal(
        lethe_file_read(LETHE_SOURCE_DIR "/certs/examples/labels.json", 1 << 20, &text, &len, NULL),
        0);
    LETHE_JSON_AUTO *file = lethe_json_load(text, len, 1 << 20, NULL);
    assert_non_null(file);
    free(text);
    json_t *example;
    assert_true(json_array_size(json_object_get(file, "labels")) >= 25);
    json_array_foreach(json_object_get(file, "labels"), i, example)
    {
        const char *name, *label, *device, *verdict, *code;
        assert_int_equal(json_unpack(example, "{s:s,s:s,s:s,s:s,s:s}", "name", &name, "text",
                                     &label, "device", &device, "verdict", &verdict, "code", &code),
                         0);
        print_message("%s\n", name);
        enum lethe_verdict wanted = !strcmp(verdict, "valid")     ? LETHE_VERDICT_VALID
                                    : !strcmp(verdict, "invalid") ? LETHE_VERDICT_INVALID
                                                                  : LETHE_VERDICT_UNDETERMINED;
        assert_string_equal(lethe_verdict_name(wanted), verdict);
        judge_alone(label, (struct asked){.policy.device = device[0] ? device : NULL}, wanted,
                    code);
    }
}

static void test_benches_file(void **state)
{
    (void)state;
    struct lethe_benches none = {0};
    struct lethe_error err = {0};
    assert_true(lethe_benches_add_pem(&none, "x", 1, &err) < 0);
    const char broken[] = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    assert_true(lethe_benches_add_pem(&none, broken, strlen(broken), &err) < 0);
    assert_int_equal(none.n, 0);
    lethe_benches_clear(&none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fits_a_small_label),
        cmocka_unit_test(test_alone),
        cmocka_unit_test(test_revoked_bench),
        cmocka_unit_test(test_no_changed_character_is_valid),
        cmocka_unit_test(test_forged),
        cmocka_unit_test(test_record),
        cmocka_unit_test(test_hidden_device_is_left_out),
        cmocka_unit_test(test_beside_its_certificate),
        cmocka_unit_test(test_benches_file),
        cmocka_unit_test(test_examples),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
