/* SPDX-License-Identifier: Apache-2.0 */
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include "base/buf.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/text.h"
#include "base/time.h"
#include "cert/examples.h"
#include "cert/support.h"
#include <stdlib.h>
#include <string.h>

#define EXAMPLES LETHE_SOURCE_DIR "/certs/examples/"

static const char *const our_root[] = {"root", NULL};

static char *example(const char *file, size_t *len)
{
    char path[512], *text;
    lethe_text_format(path, sizeof(path), EXAMPLES "%s", file);
    assert_int_equal(lethe_file_read(path, 1 << 20, &text, len, NULL), 0);
    return text;
}

static void verify(const char *file, struct lethe_verify_policy policy,
                   struct lethe_certificate_report *report)
{
    size_t len;
    char *text = example(file, &len);
    if (!policy.now)
        policy.now = EXAMPLE_NOW;
    lethe_certificate_verify(text, len, &policy, report);
    free(text);
}

static bool has_reason(const struct lethe_certificate_report *report, const char *code)
{
    for (size_t i = 0; i < report->n_reasons; i++)
        if (strcmp(report->reasons[i].code, code) == 0)
            return true;
    return false;
}

/* ---- the examples ---- */

static int compare_one(void *user, const char *file, const char *text)
{
    size_t len;
    char *is = example(file, &len);
    if (strcmp(is, text) != 0)
        fail_msg("%s is not what the generator makes: run generate_examples certs/examples", file);
    free(is);
    (*(size_t *)user)++;
    return 0;
}

static void test_examples_are_what_is_generated(void **state)
{
    (void)state;
    size_t n = 0;
    assert_int_equal(examples_make(compare_one, &n), 0);
    assert_true(n > 40);
    lethe_time_override(NULL, NULL);
}

/* Valid ones are valid; each other one is refused for its own reason and no other. */
static void test_examples_are_judged(void **state)
{
    (void)state;
    struct lethe_trust *trust = support_trust(our_root);
    size_t len, i, n_invalid = 0;
    char *text = example("index.json", &len);
    json_t *index = json_loads(text, 0, NULL), *item;
    free(text);
    json_array_foreach(json_object_get(index, "examples"), i, item)
    {
        struct lethe_certificate_report report;
        const char *file = json_string_value(json_object_get(item, "file"));
        const char *verdict = json_string_value(json_object_get(item, "verdict"));
        const char *code = json_string_value(json_object_get(item, "code"));
        verify(file, (struct lethe_verify_policy){.trust = trust}, &report);
        if (strcmp(lethe_verdict_name(report.verdict), verdict) != 0 || !has_reason(&report, code))
            fail_msg("%s is %s (%s), not %s (%s)", file, lethe_verdict_name(report.verdict),
                     report.n_reasons ? report.reasons[0].code : "", verdict, code);
        for (size_t k = 0; k < report.n_reasons; k++)
            if (report.reasons[k].weight == LETHE_VERDICT_INVALID &&
                strcmp(report.reasons[k].code, code) != 0)
                fail_msg("%s is invalid for %s too", file, report.reasons[k].code);
        n_invalid += report.verdict == LETHE_VERDICT_INVALID;
        /* A level is reached only by what is authentic and trusted. */
        assert_true(report.level < 0 || report.verdict != LETHE_VERDICT_INVALID);
        assert_true(report.level == 0 || report.verdict != LETHE_VERDICT_VALID);
        lethe_certificate_report_clear(&report);
    }
    assert_true(n_invalid >= 40);
    json_decref(index);
    lethe_trust_free(trust);
}

/* Any one character changed anywhere: never valid. */
static void test_no_changed_byte_is_valid(void **state)
{
    (void)state;
    struct lethe_trust *trust = support_trust(our_root);
    struct lethe_verify_policy policy = {.trust = trust, .now = EXAMPLE_NOW};
    size_t len;
    char *text = example("valid/full.sdjwt", &len);
    for (size_t i = 0; i < len; i += 1 + i % 5) {
        struct lethe_certificate_report report;
        char was = text[i];
        text[i] = was == 'A' ? 'B' : 'A';
        lethe_certificate_verify(text, len, &policy, &report);
        if (report.verdict != LETHE_VERDICT_INVALID)
            fail_msg("byte %zu changed from '%c' and still %s", i, was,
                     lethe_verdict_name(report.verdict));
        lethe_certificate_report_clear(&report);
        text[i] = was;
    }
    /* Nor any beginning of it, but for whole disclosures left away. */
    for (size_t cut = 0; cut < len; cut += 97) {
        struct lethe_certificate_report report;
        lethe_certificate_verify(text, cut, &policy, &report);
        assert_true(report.verdict == LETHE_VERDICT_INVALID || text[cut - 1] == '~');
        lethe_certificate_report_clear(&report);
    }
    free(text);
    lethe_trust_free(trust);
}

/* ---- what the user asks for ---- */

static void test_device(void **state)
{
    (void)state;
    struct lethe_trust *trust = support_trust(our_root);
    struct lethe_certificate_report report;
    struct lethe_verify_policy policy = {.trust = trust};
    static const char *const good[] = {"EX-WCC4N0123456", "ex-wcc4n0123456", "0x50014ee2b1234567",
                                       "naa.50014ee2b1234567", "50:01:4e:e2:b1:23:45:67"};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        policy.device = good[i];
        verify("valid/full.sdjwt", policy, &report);
        assert_int_equal(report.verdict, LETHE_VERDICT_VALID);
        lethe_certificate_report_clear(&report);
    }
    /* Another device, a part of the name, nothing, and a tag that somebody scanned. */
    static const char *const bad[] = {"EX-WCC4N0123457", "EX-WCC4N", "", "A-0017"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        policy.device = bad[i];
        verify("valid/full.sdjwt", policy, &report);
        assert_int_equal(report.verdict, LETHE_VERDICT_INVALID);
        assert_true(has_reason(&report, "device-mismatch"));
        lethe_certificate_report_clear(&report);
    }
    /* The holder shows another identifier: the one that is asked for may be withheld. */
    size_t len;
    char *text = example("valid/full.sdjwt", &len);
    struct parts parts;
    parts_split(text, &parts);
    parts_drop(&parts, parts_find(&parts, "serial"));
    EVP_PKEY *key = support_key("bench");
    char *shown = parts_join(&parts, key);
    policy.device = "EX-WCC4N0123456";
    policy.now = EXAMPLE_NOW;
    lethe_certificate_verify(shown, strlen(shown), &policy, &report);
    assert_int_equal(report.verdict, LETHE_VERDICT_UNDETERMINED);
    assert_true(has_reason(&report, "device-hidden"));
    lethe_certificate_report_clear(&report);
    free(shown);
    free(text);
    EVP_PKEY_free(key);
    parts_clear(&parts);
    /* Nothing binds and nothing is withheld: it is of no such device. */
    verify("undetermined/serial-zeros.sdjwt", policy, &report);
    assert_int_equal(report.verdict, LETHE_VERDICT_INVALID);
    assert_true(has_reason(&report, "device-mismatch"));
    lethe_certificate_report_clear(&report);
    /* The right one, but it could be any: not another device, and not bound to this one. */
    policy.device = "0000000000";
    verify("undetermined/serial-zeros.sdjwt", policy, &report);
    assert_int_equal(report.verdict, LETHE_VERDICT_UNDETERMINED);
    assert_true(has_reason(&report, "unbound"));
    lethe_certificate_report_clear(&report);
    policy.device = "490154203237518";
    verify("valid/imei.sdjwt", policy, &report);
    assert_int_equal(report.verdict, LETHE_VERDICT_VALID);
    lethe_certificate_report_clear(&report);
    /* Nothing disclosed: it can't be said. */
    policy.device = "EX-WCC4N0123456";
    verify("undetermined/nothing-disclosed.sdjwt", policy, &report);
    assert_int_equal(report.verdict, LETHE_VERDICT_UNDETERMINED);
    assert_true(has_reason(&report, "unbound"));
    assert_int_equal(report.n_hidden, 11);
    lethe_certificate_report_clear(&report);
    lethe_trust_free(trust);
}

static void test_allow_substrate(void **state)
{
    (void)state;
    struct lethe_trust *trust = support_trust(our_root);
    struct lethe_certificate_report report;
    verify("undetermined/virtual.sdjwt",
           (struct lethe_verify_policy){.trust = trust,
                                        .allow_substrates = 1u << LETHE_SUBSTRATE_VIRTUAL},
           &report);
    assert_int_equal(report.verdict, LETHE_VERDICT_VALID);
    assert_true(has_reason(&report, "substrate-allowed"));
    lethe_certificate_report_clear(&report);
    /* One allowed is not all allowed. */
    verify("undetermined/image.sdjwt",
           (struct lethe_verify_policy){.trust = trust,
                                        .allow_substrates = 1u << LETHE_SUBSTRATE_VIRTUAL},
           &report);
    assert_int_equal(report.verdict, LETHE_VERDICT_UNDETERMINED);
    lethe_certificate_report_clear(&report);
    lethe_trust_free(trust);
    /* The demo: only when its root is trusted and emulated is allowed, both by name. */
    static const char *const demo_root[] = {"demo-root", NULL};
    trust = support_trust(demo_root);
    verify("undetermined/demo-emulated.sdjwt", (struct lethe_verify_policy){.trust = trust},
           &report);
    assert_int_equal(report.verdict, LETHE_VERDICT_UNDETERMINED);
    lethe_certificate_report_clear(&report);
    verify("undetermined/demo-emulated.sdjwt",
           (struct lethe_verify_policy){.trust = trust,
                                        .allow_substrates = 1u << LETHE_SUBSTRATE_EMULATED},
           &report);
    assert_int_equal(report.verdict, LETHE_VERDICT_VALID);
    lethe_certificate_report_clear(&report);
    lethe_trust_free(trust);
}

static void test_accept_outcome(void **state)
{
    (void)state;
    struct lethe_trust *trust = support_trust(our_root);
    struct lethe_certificate_report report;
    struct lethe_verify_policy policy = {.trust = trust,
                                         .accept_outcomes = 1u << LETHE_OUTCOME_OPERATOR_ATTESTED};
    verify("undetermined/record-attested-met.sdjwt", policy, &report);
    assert_int_equal(report.verdict, LETHE_VERDICT_VALID);
    assert_true(has_reason(&report, "accepted"));
    lethe_certificate_report_clear(&report);
    /* The word is taken; what the record lacks is not. */
    policy.accept_outcomes = ~0u;
    static const struct {
        const char *file, *code;
    } lacking[] = {
        {"undetermined/record-attested.sdjwt", "policy-not-met"},
        {"undetermined/record-attested-none.sdjwt", "method-none"},
        {"undetermined/record-attested-unverified.sdjwt", "not-verified"},
        {"undetermined/record-indeterminate.sdjwt", "method-none"},
    };
    for (size_t i = 0; i < sizeof(lacking) / sizeof(lacking[0]); i++) {
        verify(lacking[i].file, policy, &report);
        assert_int_equal(report.verdict, LETHE_VERDICT_UNDETERMINED);
        assert_true(has_reason(&report, "accepted"));
        assert_true(has_reason(&report, lacking[i].code));
        lethe_certificate_report_clear(&report);
    }
    verify("invalid/record-indeterminate-mark-left.sdjwt", policy, &report);
    assert_int_equal(report.verdict, LETHE_VERDICT_INVALID);
    lethe_certificate_report_clear(&report);
    /* What failed can't be accepted, whatever is asked for. */
    verify("undetermined/record-failed.sdjwt", policy, &report);
    assert_int_equal(report.verdict, LETHE_VERDICT_UNDETERMINED);
    lethe_certificate_report_clear(&report);
    verify("undetermined/record-aborted.sdjwt", policy, &report);
    assert_int_equal(report.verdict, LETHE_VERDICT_UNDETERMINED);
    lethe_certificate_report_clear(&report);
    lethe_trust_free(trust);
}

/* --require KIND[=VALUE] is answered by what was read from the device: typed and scanned ones are a
 * person's word, as they are for --device. */
static void test_require_asks_the_device(void **state)
{
    (void)state;
    static const char *const sources[] = {"typed", "scanned", "device"};
    struct lethe_trust *trust = support_trust(our_root);
    for (size_t i = 0; i < 3; i++) {
        struct lethe_certificate_report report;
        char list[256];
        const char *const wanted[] = {"serial=VICTIM-123456", NULL};
        const char *const any[] = {"serial", NULL};
        snprintf(list, sizeof(list),
                 "[{\"kind\":\"wwn\",\"value\":\"naa.50014ee2b1234567\",\"source\":\"device\"},"
                 "{\"kind\":\"serial\",\"value\":\"VICTIM-123456\",\"source\":\"%s\"}]",
                 sources[i]);
        static const char *const chain[] = {"root", NULL};
        json_t *claims = support_claims();
        struct lethe_signer *signer = support_signer("bench", chain);
        support_fix("require");
        support_set(claims, "hidden.identifiers", list);
        char *text = support_issue(claims, signer);
        lethe_signer_close(signer);
        json_decref(claims);
        for (int k = 0; k < 2; k++) {
            const struct lethe_verify_policy policy = {
                .trust = trust, .now = EXAMPLE_NOW, .require = k ? any : wanted};
            lethe_certificate_verify(text, strlen(text), &policy, &report);
            assert_int_equal(report.verdict == LETHE_VERDICT_VALID, i == 2);
            lethe_certificate_report_clear(&report);
        }
        free(text);
    }
    lethe_trust_free(trust);
}

static void test_require_and_level(void **state)
{
    (void)state;
    struct lethe_trust *trust = support_trust(our_root);
    struct lethe_certificate_report report;
    const char *const all[] = {"serial", "operator", "custom.shelf", "limitations", NULL};
    verify("valid/full.sdjwt", (struct lethe_verify_policy){.trust = trust, .require = all},
           &report);
    assert_int_equal(report.verdict, LETHE_VERDICT_VALID);
    lethe_certificate_report_clear(&report);
    verify("valid/serial-only.sdjwt", (struct lethe_verify_policy){.trust = trust, .require = all},
           &report);
    assert_int_equal(report.verdict, LETHE_VERDICT_UNDETERMINED);
    assert_true(has_reason(&report, "undisclosed"));
    lethe_certificate_report_clear(&report);
    verify("valid/full.sdjwt", (struct lethe_verify_policy){.trust = trust, .min_level = 1},
           &report);
    assert_int_equal(report.verdict, LETHE_VERDICT_UNDETERMINED);
    assert_true(has_reason(&report, "level"));
    lethe_certificate_report_clear(&report);
    lethe_trust_free(trust);
}

static void test_nobody_is_trusted_by_default(void **state)
{
    (void)state;
    struct lethe_certificate_report report;
    verify("valid/full.sdjwt", (struct lethe_verify_policy){.trust = NULL}, &report);
    assert_int_equal(report.verdict, LETHE_VERDICT_UNDETERMINED);
    assert_int_equal(report.level, -1);
    assert_true(has_reason(&report, "untrusted"));
    assert_string_equal(report.chain.bench, "test-bench");
    json_t *json = lethe_certificate_report_to_json(&report);
    assert_true(json_is_null(json_object_get(json, "level")));
    assert_string_equal(json_string_value(json_object_get(json, "verdict")), "undetermined");
    json_decref(json);
    lethe_certificate_report_clear(&report);
}

/* ---- issuing ---- */

static const char *const chain[] = {"root", NULL};

static void issue_refused(const char *path, const char *json, const char *code)
{
    struct lethe_signer *signer = support_signer("bench", chain);
    struct lethe_error err = {0};
    json_t *claims = support_claims();
    char *text = NULL, jti[37];
    support_fix("refused");
    support_set(claims, path, json);
    assert_int_equal(lethe_certificate_issue(claims, signer, &text, jti, &err), -LETHE_E_INVALID);
    assert_null(text);
    if (!strstr(err.what, code))
        fail_msg("%s: \"%s\" is refused as %s", path, json, err.what);
    json_decref(claims);
    lethe_signer_close(signer);
    lethe_time_override(NULL, NULL);
}

/* Ours does not sign what it would not believe. */
static void test_contradictions_are_not_signed(void **state)
{
    (void)state;
    issue_refused("open.outcome", "\"failed\"", "contradiction-outcome");
    issue_refused("open.policy.met", "false", "contradiction-policy");
    issue_refused("open.method", "\"purge\"", "contradiction-method");
    issue_refused("open.verification.mismatches", "1", "contradiction-verification");
    issue_refused("open.device.bus", "\"loop\"", "contradiction-substrate");
    issue_refused("open.technique.passes.0.bytes", "512", "contradiction-passes");
    issue_refused("open.verification.confidence_ppm", NULL, "contradiction-samples");
    issue_refused("open.verification.canary_commit", NULL, "contradiction-commitment");
    issue_refused("open.technique.kind", "\"reset\"", "contradiction-technique");
    issue_refused("hidden.operator", "\"R.\\u200bExample\"", "text");
    issue_refused("open.discount", "1", "claim-unknown");
    issue_refused("open.device.model", "\"a\\u001bb\"", "text");
    issue_refused("hidden.custom._sd", "\"x\"", "claim-name");
    issue_refused("hidden.custom.weight", "{\"_sd\":1}", "");
    issue_refused("hidden.outcome", "\"passed\"", "claim-shadow");
    issue_refused("hidden.operator", "\"\"", "claim-value");
}

static int sign_high(struct lethe_signer *signer, const void *data, size_t len, uint8_t out[64],
                     struct lethe_error *err)
{
    (void)signer;
    (void)err;
    EVP_PKEY *key = support_key("bench");
    support_sign(key, data, len, out);
    EVP_PKEY_free(key);
    return 0;
}

/* Whatever a key's holder answers, s or n - s: the certificate has the smaller one. */
static void test_issued_signatures_are_low(void **state)
{
    (void)state;
    struct lethe_signer *signer = support_signer("bench", chain);
    struct lethe_signer_ops ops = *signer->ops;
    size_t n_high = 0;
    ops.sign = sign_high;
    signer->ops = &ops;
    for (int i = 0; i < 16; i++) {
        char label[16], jti[37], *text;
        struct lethe_error err = {0};
        json_t *claims = support_claims();
        lethe_text_format(label, sizeof(label), "low %d", i);
        support_fix(label);
        assert_int_equal(lethe_certificate_issue(claims, signer, &text, jti, &err), 0);
        const char *second = strchr(strchr(text, '.') + 1, '.');
        uint8_t raw[64];
        sign_high(signer, text, (size_t)(second - text), raw, NULL);
        n_high += raw[32] >= 0x80;
        free(text);
        json_decref(claims);
    }
    assert_true(n_high > 0); /* some had to be turned */
    lethe_signer_close(signer);
    lethe_time_override(NULL, NULL);
}

static void test_issued_hides_what_it_should(void **state)
{
    (void)state;
    size_t len;
    char *text = example("valid/full.sdjwt", &len);
    struct parts parts;
    parts_split(text, &parts);
    char *payload = json_dumps(parts.payload, 0);
    static const char *const secrets[] = {
        "EX-WCC4N0123456",  "50014ee2b1234567", "A-0017", "R. Example",
        "Example Customer", "2026-47",          "shelf"};
    for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
        assert_null(strstr(payload, secrets[i]));
    static const char *const open[] = {"outcome", "method",  "technique", "verification", "times",
                                       "policy",  "profile", "substrate", "limitations"};
    for (size_t i = 0; i < sizeof(open) / sizeof(open[0]); i++)
        assert_non_null(json_object_get(parts.payload, open[i]));
    /* 3 identifiers, operator, customer, asset tag, lot, seed, 3 custom fields: each by itself. */
    assert_int_equal(parts.n_disclosures, 11);
    free(payload);
    parts_clear(&parts);
    free(text);
}

/* ---- renditions ---- */

static char *render(const char *format, const char *file, const char *lang, size_t *len)
{
    size_t text_len;
    char *text = example(file, &text_len), *out;
    const struct lethe_format *found = lethe_format_find(format);
    assert_non_null(found);
    assert_int_equal(found->render(text, text_len, lang, &out, len, NULL), 0);
    free(text);
    return out;
}

static void test_format_table(void **state)
{
    (void)state;
    assert_int_equal(lethe_format_count(), 3);
    assert_null(lethe_format_find("pdf"));
    assert_null(lethe_format_at(3));
    assert_string_equal(lethe_format_at(0)->suffix, ".sdjwt");
}

static void test_format_sdjwt_and_json(void **state)
{
    (void)state;
    size_t len, text_len;
    char *text = example("valid/full.sdjwt", &text_len);
    char *out = render("sd-jwt", "valid/full.sdjwt", NULL, &len);
    assert_int_equal(len, text_len);
    assert_memory_equal(out, text, len);
    free(out);
    free(text);
    out = render("json", "valid/serial-only.sdjwt", NULL, &len);
    json_t *json = json_loads(out, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(strstr(json_string_value(json_object_get(json, "notice")), "Unsigned"));
    json_t *claims = json_object_get(json, "claims");
    assert_int_equal(json_array_size(json_object_get(claims, "identifiers")), 1);
    assert_null(json_object_get(claims, "operator"));
    assert_null(json_object_get(claims, "_sd"));
    json_decref(json);
    free(out);
}

static void test_html_is_self_contained(void **state)
{
    (void)state;
    static const char *const langs[] = {"en", "zh", "both"};
    for (size_t i = 0; i < 3; i++) {
        size_t len;
        char *html = render("html", "valid/full.sdjwt", langs[i], &len);
        assert_int_equal(strlen(html), len);
        assert_null(strstr(html, "<script"));
        assert_null(strstr(html, "http:"));
        assert_null(strstr(html, "https:"));
        assert_null(strstr(html, "url("));
        assert_true((strstr(html, ">PASSED<") != NULL) == (i != 1));
        assert_true((strstr(html, "通过") != NULL) == (i != 0));
        assert_non_null(strstr(html, "EX-WCC4N0123456"));
        assert_non_null(strstr(html, "cannot be reached by overwriting"));
        free(html);
    }
    size_t len;
    char *text = example("valid/full.sdjwt", &len), *out;
    assert_int_equal(lethe_format_find("html")->render(text, len, "fr", &out, &len, NULL),
                     -LETHE_E_USAGE);
    free(text);
}

/* Of a phone: what its state shows, what its locks were, and whose word it is; no blocks. */
static void test_html_of_phones(void **state)
{
    (void)state;
    static const struct {
        const char *file, *en, *zh;
    } pages[] = {
        {"valid/phone.sdjwt", "shown by its state", "设备状态可证明"},
        {"valid/phone-overwritten.sdjwt", "samples read back", "个样本已回读"},
        {"valid/phone-for-destruction.sdjwt", "FOR DESTRUCTION OR RECYCLING", "仅供销毁或回收"},
        {"undetermined/phone-attested.sdjwt", "ATTESTED ONLY", "仅操作员声明"},
        {"undetermined/phone-attested.sdjwt", "attested by a person only", "仅有人员声明"},
        {"undetermined/phone-not-demonstrable.sdjwt", "NOT met: not demonstrable",
         "未满足：无法证明"},
    };
    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++)
        for (int zh = 0; zh < 2; zh++) {
            size_t len;
            char *html = render("html", pages[i].file, zh ? "zh" : "en", &len);
            if (!strstr(html, zh ? pages[i].zh : pages[i].en))
                fail_msg("%s does not say %s", pages[i].file, zh ? pages[i].zh : pages[i].en);
            assert_null(strstr(html, zh ? "回读范围" : "Marks written"));
            assert_null(strstr(html, "0 B"));
            assert_true(strstr(html, "490154203237518") != NULL);
            free(html);
        }
}

/* A change of a rendition is seen: LETHE_GOLDEN=1 writes the files again, then look at the
 * difference. */
static void test_golden(void **state)
{
    (void)state;
    static const struct {
        const char *format, *lang, *file;
    } golden[] = {{"json", "en", "full.json"}, {"html", "both", "full.html"}};
    for (size_t i = 0; i < 2; i++) {
        char path[512], *is;
        size_t len, is_len;
        char *made = render(golden[i].format, "valid/full.sdjwt", golden[i].lang, &len);
        lethe_text_format(path, sizeof(path), LETHE_SOURCE_DIR "/tests/cert/golden/%s",
                          golden[i].file);
        if (getenv("LETHE_GOLDEN"))
            assert_int_equal(lethe_file_write(path, made, len, 0644, NULL), 0);
        assert_int_equal(lethe_file_read(path, 1 << 20, &is, &is_len, NULL), 0);
        if (is_len != len || memcmp(is, made, len) != 0)
            fail_msg("%s is not what is rendered now", path);
        free(is);
        free(made);
    }
}

static void test_html_outcomes_differ(void **state)
{
    (void)state;
    static const struct {
        const char *file, *class_, *word, *never;
    } pages[] = {
        {"valid/full.sdjwt", "outcome good", "PASSED", "NOT a certificate"},
        {"valid/exceptions.sdjwt", "outcome some", "PASSED WITH EXCEPTIONS", "NOT a certificate"},
        {"undetermined/record-failed.sdjwt", "outcome bad", "FAILED", "PASSED"},
        {"undetermined/record-attested.sdjwt", "outcome bad", "ATTESTED ONLY", "PASSED"},
        {"undetermined/image.sdjwt", "outcome some", "IMAGE FILE", "The medium was sanitised"},
        {"undetermined/image.sdjwt", "NO PHYSICAL MEDIUM</span></h1>", "PASSED",
         "Certificate of sanitisation"},
        {"undetermined/virtual.sdjwt", "outcome some", "NO PHYSICAL MEDIUM</span></p>",
         "The medium was sanitised"},
        {"undetermined/demo-emulated.sdjwt", "outcome some",
         "DEMONSTRATION / NO PHYSICAL MEDIUM</span></p>", "The medium was sanitised"},
        {"undetermined/demo-emulated.sdjwt",
         "<title>DEMONSTRATION / NO PHYSICAL MEDIUM: ", "No medium was sanitised", "outcome good"},
    };
    for (size_t i = 0; i < sizeof(pages) / sizeof(pages[0]); i++) {
        size_t len;
        char *html = render("html", pages[i].file, "en", &len);
        assert_non_null(strstr(html, pages[i].class_));
        assert_non_null(strstr(html, pages[i].word));
        assert_null(strstr(html, pages[i].never));
        free(html);
    }
}

/* A free field may be called what it likes: it stands under its own heading, in quotes. */
static void test_html_custom_stands_apart(void **state)
{
    (void)state;
    struct lethe_signer *signer = support_signer("bench", chain);
    struct lethe_error err = {0};
    json_t *claims = support_claims();
    char *text, jti[37], *html;
    size_t len;
    support_fix("spoof");
    support_set(claims, "hidden.custom.Method achieved", "\"Purge\"");
    assert_int_equal(lethe_certificate_issue(claims, signer, &text, jti, &err), 0);
    assert_int_equal(
        lethe_format_find("html")->render(text, strlen(text), "both", &html, &len, NULL), 0);
    const char *heading = strstr(html, "Stated by the issuer, not checked");
    const char *spoof =
        strstr(html, "<th>&ldquo;Method achieved&rdquo;</th><td>&ldquo;Purge&rdquo;");
    const char *after = heading ? strstr(heading, "<h2>") : NULL;
    assert_non_null(heading);
    assert_non_null(strstr(html, "由签发方声明，未经核验"));
    assert_true(spoof > heading && spoof < after);
    assert_null(strstr(html, "<th>Method achieved"));
    free(html);
    free(text);
    json_decref(claims);
    lethe_signer_close(signer);
    lethe_time_override(NULL, NULL);
}

static void test_html_escapes(void **state)
{
    (void)state;
    struct lethe_signer *signer = support_signer("bench", chain);
    struct lethe_error err = {0};
    json_t *claims = support_claims();
    char *text, jti[37], *html;
    size_t len;
    support_fix("hostile");
    static const char hostile[] = "\"<script>alert('x')</script>&\\\"><img src=x>\"";
    static const char *const places[] = {
        "open.device.model",     "open.device.vendor", "open.device.firmware", "open.policy.title",
        "open.policy.statement", "open.profile.id",    "open.limitations.0",   "open.tool.version",
        "hidden.operator",       "hidden.customer",    "hidden.custom.shelf",  "hidden.lot"};
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
        support_set(claims, places[i], hostile);
    support_set(claims, "hidden.custom.<b>&", "1");
    assert_int_equal(lethe_certificate_issue(claims, signer, &text, jti, &err), 0);
    assert_int_equal(
        lethe_format_find("html")->render(text, strlen(text), "both", &html, &len, NULL), 0);
    assert_null(strstr(html, "<script"));
    assert_null(strstr(html, "<img"));
    assert_null(strstr(html, "'x'"));
    assert_null(strstr(html, "<b>&"));
    assert_non_null(strstr(html, "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;&quot;"));
    free(html);
    free(text);
    json_decref(claims);
    lethe_signer_close(signer);
    lethe_time_override(NULL, NULL);
}

static void test_decode_needs_no_signature_but_form(void **state)
{
    (void)state;
    size_t len;
    json_t *claims = NULL;
    struct lethe_error err;
    char *text = example("invalid/signature-flipped.sdjwt", &len);
    assert_int_equal(lethe_certificate_decode(text, len, &claims, &err), 0);
    json_decref(claims);
    free(text);
    text = example("invalid/payload-duplicate-outcome.sdjwt", &len);
    assert_int_equal(lethe_certificate_decode(text, len, &claims, &err), -LETHE_E_INVALID);
    assert_non_null(strstr(err.what, "twice"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples_are_what_is_generated),
        cmocka_unit_test(test_examples_are_judged),
        cmocka_unit_test(test_no_changed_byte_is_valid),
        cmocka_unit_test(test_device),
        cmocka_unit_test(test_allow_substrate),
        cmocka_unit_test(test_accept_outcome),
        cmocka_unit_test(test_require_asks_the_device),
        cmocka_unit_test(test_require_and_level),
        cmocka_unit_test(test_nobody_is_trusted_by_default),
        cmocka_unit_test(test_contradictions_are_not_signed),
        cmocka_unit_test(test_issued_signatures_are_low),
        cmocka_unit_test(test_issued_hides_what_it_should),
        cmocka_unit_test(test_format_table),
        cmocka_unit_test(test_format_sdjwt_and_json),
        cmocka_unit_test(test_html_is_self_contained),
        cmocka_unit_test(test_html_of_phones),
        cmocka_unit_test(test_golden),
        cmocka_unit_test(test_html_outcomes_differ),
        cmocka_unit_test(test_html_custom_stands_apart),
        cmocka_unit_test(test_html_escapes),
        cmocka_unit_test(test_decode_needs_no_signature_but_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
