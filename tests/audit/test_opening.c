/* SPDX-License-Identifier: Apache-2.0 */
/* The organisation's opening file against the log. */
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include "audit/published.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include <inttypes.h>
#include <lethe/audit.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A real certificate, with all its disclosures. */
#define CERTIFICATE LETHE_SOURCE_DIR "/certs/examples/valid/full.sdjwt"
#define EVENT "{\"seq\":3,\"type\":\"job.start\"}"

static struct published log_;
static struct lethe_audit_options options;
static struct lethe_audit_report report;
static struct lethe_trust *trust;
static struct lethe_verify_policy policy;
static char opening[256], *sdjwt, job[37];
static json_t *claims;
static size_t sdjwt_len;
static uint64_t start_index, end_index;

static const char *claim(const char *key)
{
    return json_string_value(json_object_get(claims, key));
}

/* A log with a start and the end that belong to the certificate. */
static void publish(void)
{
    struct lethe_tlog_entry start = {.kind = LETHE_TLOG_START, .has_hash = true};
    struct lethe_tlog_entry end = {.kind = LETHE_TLOG_CERT, .has_hash = true};
    char digest[65];
    published_open(&log_);
    options = (struct lethe_audit_options){
        .dir = log_.dir, .log = &log_.log.key, .opening = opening, .tolerance = 86400 * 366};
    snprintf(opening, sizeof(opening), "%s/opening.ndjson", log_.dir);
    strcpy(job, claim("job"));
    json_t *event = lethe_json_load(EVENT, strlen(EVENT), 4096, NULL);
    lethe_json_digest(event, digest);
    json_decref(event);
    lethe_hex_decode(start.hash.bytes, 32, digest, 64);
    strcpy(start.name, job);
    strcpy(end.name, claim("jti"));
    strcpy(end.job, job);
    strcpy(end.outcome, claim("outcome"));
    end.time = (uint64_t)json_integer_value(json_object_get(claims, "iat"));
    start.time = end.time - 60;
    lethe_tlog_jwt_hash(&end.hash, sdjwt, sdjwt_len);
    start_index = published_add(&log_, &start);
    end_index = published_add(&log_, &end);
    published_checkpoint(&log_, 0);
}

static int open_log(void **state)
{
    (void)state;
    if (lethe_file_read(CERTIFICATE, 1 << 20, &sdjwt, &sdjwt_len, NULL) < 0 ||
        lethe_certificate_decode(sdjwt, sdjwt_len, &claims, NULL) < 0)
        return -1;
    publish();
    return 0;
}

static int close_log(void **state)
{
    (void)state;
    lethe_audit_report_clear(&report);
    published_close(&log_);
    json_decref(claims);
    free(sdjwt);
    lethe_trust_free(trust);
    trust = NULL;
    return 0;
}

static void audit(enum lethe_audit_weight verdict, const char *text)
{
    struct lethe_error err = {0};
    published_write(&log_, "opening.ndjson", text, strlen(text));
    lethe_audit_report_clear(&report);
    assert_int_equal(lethe_audit_run(&options, &report, &err), 0);
    if (report.verdict != verdict)
        for (size_t i = 0; i < report.n_codes; i++)
            if (report.findings[i].n)
                print_message("%s: %s\n", report.findings[i].code,
                              report.findings[i].first[0].text);
    assert_int_equal(report.verdict, verdict);
}

static uint64_t found(const char *code)
{
    for (size_t i = 0; i < report.n_codes; i++)
        if (strcmp(report.findings[i].code, code) == 0)
            return report.findings[i].n;
    return UINT64_MAX;
}

static char *lines(const char *event, const char *text)
{
    struct lethe_buf out = {0};
    if (event)
        lethe_buf_printf(&out, "{\"index\":%" PRIu64 ",\"event\":%s}\n", start_index, event);
    if (text)
        lethe_buf_printf(&out, "{\"index\":%" PRIu64 ",\"sdjwt\":\"%s\"}\n", end_index, text);
    return lethe_buf_take(&out);
}

static void all_of_it(void **state)
{
    char *text = lines("{ \"type\": \"job.start\", \"seq\": 3 }", sdjwt); /* its form is free */
    (void)state;
    audit(LETHE_AUDIT_SOUND, text);
    free(text);
    assert_int_equal(report.opened, 2);
    assert_int_equal(report.closed, 0);
    for (int by = 0; by < LETHE_AUDIT_BYS; by++) {
        assert_int_equal(report.by[by].n, 1);
        assert_int_equal(report.by[by].group[0].outcome[LETHE_OUTCOME_PASSED], 1);
    }
    const char *person = claim("operator");
    assert_string_equal(report.by[LETHE_AUDIT_OPERATOR].group[0].name, person ? person : "");
    assert_string_equal(
        report.by[LETHE_AUDIT_POLICY].group[0].name,
        json_string_value(json_object_get(json_object_get(claims, "policy"), "id")));
    json_t *json = lethe_audit_report_to_json(&report);
    assert_int_equal(json_array_size(json_object_get(json, "policy")), 1);
    json_decref(json);
    assert_int_equal(lethe_audit_report_to_csv(&report, &text, NULL), 0);
    assert_non_null(strstr(text, "policy,\""));
    assert_non_null(strstr(text, ",passed,1\r\n"));
    free(text);
}

static void some_of_it(void **state)
{
    char *text = lines(NULL, sdjwt);
    (void)state;
    audit(LETHE_AUDIT_SOUND, text);
    free(text);
    assert_int_equal(report.opened, 1);
    assert_int_equal(report.closed, 1);
    audit(LETHE_AUDIT_SOUND, "");
    assert_int_equal(report.closed, 2);
}

static void another_event(void **state)
{
    char *text = lines("{\"seq\":4,\"type\":\"job.start\"}", sdjwt);
    (void)state;
    audit(LETHE_AUDIT_BROKEN, text);
    free(text);
    assert_int_equal(found("opening-other"), 1);
}

/* Another certificate than the logged one: a bit of its JWT. */
static void another_certificate(void **state)
{
    char *text;
    (void)state;
    char *dot = strchr(sdjwt, '.');
    dot[3] = dot[3] == 'A' ? 'B' : 'A';
    text = lines(EVENT, sdjwt);
    audit(LETHE_AUDIT_BROKEN, text);
    free(text);
    assert_int_equal(found("opening-other"), 1);
    assert_int_equal(report.by[LETHE_AUDIT_POLICY].n, 0);
}

/* Its JWT is what was logged, a disclosure is not. */
static void a_forged_disclosure(void **state)
{
    char *text;
    (void)state;
    char *tilde = strchr(sdjwt, '~');
    tilde[5] = tilde[5] == 'A' ? 'B' : 'A';
    text = lines(EVENT, sdjwt);
    audit(LETHE_AUDIT_BROKEN, text);
    free(text);
    assert_int_equal(found("opening-invalid"), 1);
}

static void out_of_order(void **state)
{
    char *a = lines(EVENT, NULL), *b = lines(NULL, sdjwt);
    struct lethe_buf text = {0};
    (void)state;
    lethe_buf_printf(&text, "%s%s", b, a);
    audit(LETHE_AUDIT_BROKEN, text.data);
    assert_int_equal(found("opening"), 1);
    lethe_buf_free(&text);
    lethe_buf_printf(&text, "%s%s", a, a);
    audit(LETHE_AUDIT_BROKEN, text.data);
    lethe_buf_free(&text);
    free(a);
    free(b);
}

static void malformed_lines(void **state)
{
    static const char *const bad[] = {
        "\n",
        "{}\n",
        "not json\n",
        "{\"index\":0,\"event\":{}}", /* no end */
        "{\"index\":0}\n",
        "{\"index\":0,\"event\":{},\"more\":1}\n",
        "{\"index\":0,\"event\":1}\n",
        "{\"index\":0,\"sdjwt\":{}}\n",
        "{\"index\":-1,\"event\":{}}\n",
        "{\"index\":2,\"event\":{}}\n", /* of no entry */
    };
    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        audit(LETHE_AUDIT_BROKEN, bad[i]);
        assert_int_equal(found("opening"), 1);
    }
    /* Of another kind than the entry. */
    audit(LETHE_AUDIT_BROKEN, "{\"index\":0,\"sdjwt\":\"a\"}\n{\"index\":1,\"event\":{}}\n");
    assert_int_equal(found("opening-other"), 2);
    char *huge = malloc(LETHE_AUDIT_OPENING_LINE_MAX + 2);
    memset(huge, ' ', LETHE_AUDIT_OPENING_LINE_MAX + 1);
    huge[LETHE_AUDIT_OPENING_LINE_MAX + 1] = '\0';
    audit(LETHE_AUDIT_BROKEN, huge);
    free(huge);
}

/* With a root, certificates are judged, too. */
static void with_trust(void **state)
{
    char *pem, *text;
    size_t len;
    (void)state;
    assert_int_equal(lethe_trust_new(&trust, NULL), 0);
    assert_int_equal(
        lethe_file_read(LETHE_SOURCE_DIR "/certs/test-keys/root.pem", 1 << 20, &pem, &len, NULL),
        0);
    assert_int_equal(lethe_trust_add_pem(trust, pem, len, NULL), 0);
    free(pem);
    policy = (struct lethe_verify_policy){.trust = trust, .now = UINT64_C(1800000000000)};
    options.certificates = &policy;
    text = lines(EVENT, sdjwt);
    audit(LETHE_AUDIT_SOUND, text);
    free(text);
    /* Signed before it was made, says another clock: invalid. */
    policy.now = UINT64_C(1500000000000);
    text = lines(EVENT, sdjwt);
    audit(LETHE_AUDIT_BROKEN, text);
    assert_int_equal(found("opening-invalid"), 1);
    free(text);
}

/* The same certificate with another claim `log`, in a log of its own. Its signature does not hold
 * any more, which is not asked here. */
static void claim_log(const char *origin, json_int_t at)
{
    char *payload = strchr(sdjwt, '.') + 1, *rest = strchr(payload, '.');
    size_t len = (size_t)(rest - payload), head = (size_t)(payload - sdjwt);
    char *bytes = malloc(len);
    ssize_t n = lethe_b64url_decode(bytes, len, payload, len);
    assert_true(n > 0);
    json_t *json = json_loadb(bytes, (size_t)n, 0, NULL);
    json_object_set_new(json, "log",
                        json_pack("{s:s, s:I, s:s}", "origin", origin, "start_index", at,
                                  "rollback", "not-excluded"));
    char *text = lethe_json_canonical(json), *again = malloc(sdjwt_len + 1024);
    memcpy(again, sdjwt, head);
    lethe_b64url_encode(again + head, text, strlen(text));
    strcat(again, rest);
    json_decref(json);
    json_decref(claims);
    free(bytes);
    free(text);
    free(sdjwt);
    sdjwt = again;
    sdjwt_len = strlen(again);
    assert_int_equal(lethe_certificate_decode(sdjwt, sdjwt_len, &claims, NULL), 0);
    published_close(&log_);
    publish();
}

static void what_a_certificate_says_of_the_log(void **state)
{
    static const struct {
        const char *origin;
        json_int_t at;
        enum lethe_audit_weight verdict;
    } cases[] = {{"example.org/log", 0, LETHE_AUDIT_SOUND},
                 {"example.org/log", 1, LETHE_AUDIT_BROKEN},
                 {"example.org/other", 0, LETHE_AUDIT_BROKEN}};
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        claim_log(cases[i].origin, cases[i].at);
        char *text = lines(EVENT, sdjwt);
        audit(cases[i].verdict, text);
        assert_int_equal(found("opening-other"), cases[i].verdict == LETHE_AUDIT_BROKEN);
        free(text);
    }
}

static void no_such_file(void **state)
{
    struct lethe_error err = {0};
    (void)state;
    options.opening = "/nowhere/opening";
    assert_int_equal(lethe_audit_run(&options, &report, &err), -LETHE_E_NOT_FOUND);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, open_log, close_log)
int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(all_of_it),           TEST(some_of_it),
        TEST(another_event),       TEST(another_certificate),
        TEST(a_forged_disclosure), TEST(out_of_order),
        TEST(malformed_lines),     TEST(with_trust),
        TEST(no_such_file),        TEST(what_a_certificate_says_of_the_log),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
