/* SPDX-License-Identifier: Apache-2.0 */
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include "base/text.h"
#include "trust/fixture.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define URI "https://acme.example/status/bench-1"
#define TYP "statuslist+jwt"
#define BYTES (LETHE_STATUS_SLOTS / 4)

static uint8_t slots[BYTES];

static char *made(struct lethe_signer *signer)
{
    char *text;
    struct lethe_error err = {0};
    if (lethe_status_list_make(signer, URI, slots, fixture_now, fixture_now + 7 * DAY_MS, &text,
                               &err) != 0)
        fail_msg("%s", err.what);
    return text;
}

/* Zlib of LEN bytes of VALUE, base64url. */
static char *packed(size_t len, int value)
{
    uLongf n = compressBound(len);
    uint8_t *plain = malloc(len), *out = malloc(n);
    char *text = malloc(LETHE_B64URL_SIZE(n));
    memset(plain, value, len);
    assert_int_equal(compress2(out, &n, plain, len, 9), Z_OK);
    lethe_b64url_encode(text, out, n);
    free(plain);
    free(out);
    return text;
}

static json_t *claims(int bits, const char *lst)
{
    return json_pack(
        "{s:s,s:I,s:I,s:{s:i,s:s}}", "sub", URI, "iat", (json_int_t)(fixture_now / 1000), "exp",
        (json_int_t)((fixture_now + DAY_MS) / 1000), "status_list", "bits", bits, "lst", lst);
}

static int read_list(const struct lethe_trust *trust, const char *text, uint64_t not_before,
                     struct lethe_status_list **out, struct lethe_error *err)
{
    return lethe_status_list_read(trust, text, strlen(text), fixture_now, not_before, out, err);
}

/* Not read, with this code, for a reason with these words. */
static void refused(const struct lethe_trust *trust, char *text, int code, const char *words)
{
    struct lethe_status_list *list;
    struct lethe_error err = {0};
    int rc = read_list(trust, text, 0, &list, &err);
    /* What is stale may be looked into, for what it revokes. */
    if ((list != NULL) != (code == LETHE_E_LIMIT))
        fail_msg("a list %s for %s", list ? "was left" : "is missing", err.what);
    lethe_status_list_free(list);
    if (rc != -code || (int)err.code != code || !strstr(err.what, words))
        fail_msg("%d (%s), wanted %d with \"%s\"", rc, err.what, -code, words);
    free(text);
}

static void test_says_what_was_put_in(void **state)
{
    (void)state;
    struct lethe_trust *trust = fixture_trust(acme);
    struct lethe_signer *signer = fixture_status(acme);
    struct lethe_status_list *list;
    struct lethe_error err = {0};
    memset(slots, 0, sizeof(slots));
    slots[0] = 0x1 << 2 | 0x2 << 4; /* slots 1 and 2: the first is in the lowest bits */
    slots[BYTES - 1] = 0x1 << 6;
    slots[77] = 0x3;
    char *text = made(signer);
    assert_int_equal(read_list(trust, text, 0, &list, NULL), 0);
    const struct lethe_status_info *info = lethe_status_list_info(list);
    assert_string_equal(info->uri, URI);
    assert_string_equal(info->organisation, "ACME 回收");
    assert_int_equal(info->iat, NOW0);
    assert_int_equal(info->exp, NOW0 + 7 * DAY_MS);
    static const int wanted[] = {0, 1, 2, 0};
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(
            lethe_status_list_get(list, lethe_status_list_info(list)->anchor_sha256, URI, i, NULL),
            wanted[i]);
    assert_int_equal(lethe_status_list_get(list, lethe_status_list_info(list)->anchor_sha256, URI,
                                           LETHE_STATUS_SLOTS - 1, NULL),
                     LETHE_STATUS_INVALID);
    /* A list speaks for its own organisation and address, and for the slots it has. */
    assert_int_equal(
        lethe_status_list_get(list, lethe_status_list_info(list)->signer_sha256, URI, 0, &err),
        -LETHE_E_NOT_FOUND);
    assert_int_equal(
        lethe_status_list_get(list, lethe_status_list_info(list)->anchor_sha256, URI "2", 0, &err),
        -LETHE_E_NOT_FOUND);
    assert_int_equal(lethe_status_list_get(list, lethe_status_list_info(list)->anchor_sha256, URI,
                                           LETHE_STATUS_SLOTS, &err),
                     -LETHE_E_INVALID);
    assert_int_equal(lethe_status_list_get(list, lethe_status_list_info(list)->anchor_sha256, URI,
                                           UINT64_MAX, &err),
                     -LETHE_E_INVALID);
    assert_int_equal(
        lethe_status_list_get(list, lethe_status_list_info(list)->anchor_sha256, URI, 77 * 4, &err),
        -LETHE_E_INVALID);
    lethe_status_list_free(list);
    free(text);
    lethe_signer_close(signer);
    lethe_trust_free(trust);
}

static void test_only_of_today(void **state)
{
    (void)state;
    struct lethe_trust *trust = fixture_trust(acme);
    struct lethe_signer *signer = fixture_status(acme);
    struct lethe_status_list *list;
    struct lethe_error err = {0};
    char *old = made(signer);
    fixture_now += DAY_MS;
    char *new = made(signer);
    assert_int_equal(read_list(trust, new, 0, &list, NULL), 0);
    uint64_t seen = lethe_status_list_info(list)->iat;
    lethe_status_list_free(list);
    /* The replayed list of yesterday is still signed and still in its time. */
    assert_int_equal(read_list(trust, old, 0, &list, NULL), 0);
    lethe_status_list_free(list);
    assert_int_equal(read_list(trust, old, seen, &list, &err), -LETHE_E_LIMIT);
    assert_true(lethe_status_list_info(list)->stale);
    lethe_status_list_free(list);
    assert_non_null(strstr(err.what, "older than one that was seen"));
    assert_int_equal(read_list(trust, new, seen, &list, NULL), 0);
    lethe_status_list_free(list);
    fixture_now += 6 * DAY_MS + 1;
    refused(trust, old, LETHE_E_LIMIT, "expired");
    fixture_now -= 7 * DAY_MS + 10 * MINUTE_MS;
    refused(trust, new, LETHE_E_INVALID, "future");
    lethe_signer_close(signer);
    lethe_trust_free(trust);
}

/* A list does not outlive the certificate of who signed it. */
static void test_ends_with_its_signer(void **state)
{
    (void)state;
    struct lethe_trust *trust = fixture_trust(acme);
    struct lethe_signer *signer = fixture_status(acme);
    struct lethe_status_list *list;
    char *text;
    fixture_now += 88 * DAY_MS;
    text = made(signer);
    assert_int_equal(read_list(trust, text, 0, &list, NULL), 0);
    assert_int_equal(lethe_status_list_info(list)->exp, signer->not_after);
    lethe_status_list_free(list);
    free(text);
    fixture_now += 3 * DAY_MS;
    assert_int_equal(
        lethe_status_list_make(signer, URI, slots, fixture_now, fixture_now + 1, &text, NULL),
        -LETHE_E_REFUSED);
    lethe_signer_close(signer);
    /* With the root at hand there is a new one. */
    assert_int_equal(lethe_keys_renew(acme, NULL, NULL, 0, NULL), 0);
    signer = fixture_status(acme);
    text = made(signer);
    assert_int_equal(read_list(trust, text, 0, &list, NULL), 0);
    lethe_status_list_free(list);
    free(text);
    lethe_signer_close(signer);
    lethe_trust_free(trust);
}

static void test_other_organisation(void **state)
{
    (void)state;
    struct lethe_trust *trust = fixture_trust(acme);
    struct lethe_signer *signer = fixture_status(other);
    refused(trust, made(signer), LETHE_E_UNTRUSTED, "no trusted root");
    lethe_signer_close(signer);
    lethe_trust_free(trust);
}

/* Who makes certificates is not who says that they are good, and the other way round. */
static void test_parts_are_not_mixed(void **state)
{
    (void)state;
    struct lethe_trust *trust = fixture_trust(acme);
    struct lethe_signer *bench = fixture_bench(acme), *status = fixture_status(acme);
    struct lethe_chain chain;
    struct lethe_error err = {0};
    refused(trust, made(bench), LETHE_E_INVALID, "extended key usage");
    assert_int_equal(lethe_trust_check(trust, (const uint8_t *const *)status->chain,
                                       status->chain_len, status->n_chain, fixture_now, &chain,
                                       &err),
                     -LETHE_E_INVALID);
    assert_non_null(strstr(err.what, "extended key usage"));
    lethe_signer_close(bench);
    lethe_signer_close(status);
    lethe_trust_free(trust);
}

static void test_form(void **state)
{
    (void)state;
    struct lethe_trust *trust = fixture_trust(acme);
    struct lethe_signer *signer = fixture_status(acme);
    char *good = packed(BYTES, 0), *trailing;
    memset(slots, 0, sizeof(slots));
    refused(trust, fixture_sign(signer, TYP, claims(1, good)), LETHE_E_INVALID, "1 bits");
    refused(trust, fixture_sign(signer, TYP, claims(8, good)), LETHE_E_INVALID, "8 bits");
    refused(trust, fixture_sign(signer, "jwt", claims(2, good)), LETHE_E_INVALID, "typ");
    refused(trust, fixture_sign(signer, "dc+sd-jwt", claims(2, good)), LETHE_E_INVALID, "typ");
    /* More than a list has, less, none; and much more than the text lets expect. */
    static const size_t sizes[] = {BYTES + 1, BYTES - 1, 1, 64u << 20};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        char *bad = packed(sizes[i], 0);
        refused(trust, fixture_sign(signer, TYP, claims(2, bad)), LETHE_E_INVALID, "packed");
        free(bad);
    }
    refused(trust, fixture_sign(signer, TYP, claims(2, "")), LETHE_E_INVALID, "packed");
    refused(trust, fixture_sign(signer, TYP, claims(2, "AAAA")), LETHE_E_INVALID, "packed");
    refused(trust, fixture_sign(signer, TYP, claims(2, "AA==")), LETHE_E_INVALID, "canonical");
    /* A byte behind the end of the stream. */
    uint8_t bytes[4096];
    ssize_t n = lethe_b64url_decode(bytes, sizeof(bytes) - 1, good, strlen(good));
    assert_true(n > 0);
    bytes[n] = 0;
    trailing = malloc(LETHE_B64URL_SIZE((size_t)n + 1));
    lethe_b64url_encode(trailing, bytes, (size_t)n + 1);
    refused(trust, fixture_sign(signer, TYP, claims(2, trailing)), LETHE_E_INVALID, "packed");
    free(trailing);
    /* Cut, and with a wrong checksum. */
    lethe_b64url_encode((char *)bytes + 2048, bytes, (size_t)n - 1);
    refused(trust, fixture_sign(signer, TYP, claims(2, (char *)bytes + 2048)), LETHE_E_INVALID,
            "packed");
    bytes[n - 1] ^= 1;
    lethe_b64url_encode((char *)bytes + 2048, bytes, (size_t)n);
    refused(trust, fixture_sign(signer, TYP, claims(2, (char *)bytes + 2048)), LETHE_E_INVALID,
            "packed");
    json_t *more = claims(2, good);
    json_object_set_new(more, "aggregation_uri", json_string("x"));
    refused(trust, fixture_sign(signer, TYP, more), LETHE_E_INVALID, "aggregation_uri");
    static const char *const needed[] = {"sub", "iat", "exp", "status_list"};
    for (size_t i = 0; i < 4; i++) {
        more = claims(2, good);
        json_object_del(more, needed[i]);
        refused(trust, fixture_sign(signer, TYP, more), LETHE_E_INVALID, needed[i]);
    }
    free(good);
    lethe_signer_close(signer);
    lethe_trust_free(trust);
}

static void test_edited(void **state)
{
    (void)state;
    struct lethe_trust *trust = fixture_trust(acme);
    struct lethe_signer *signer = fixture_status(acme);
    struct lethe_status_list *list;
    memset(slots, 0, sizeof(slots));
    char *text = made(signer);
    for (unsigned part = 0; part < 3; part++) {
        char *bad = fixture_tamper(text, part);
        assert_int_equal(read_list(trust, bad, 0, &list, NULL), -LETHE_E_INVALID);
        free(bad);
    }
    /* A second payload, a part more, nothing. */
    refused(trust, strdup(""), LETHE_E_INVALID, "empty");
    refused(trust, strdup("a.b"), LETHE_E_INVALID, "three parts");
    char *four = malloc(strlen(text) + 3);
    sprintf(four, "%s.a", text);
    refused(trust, four, LETHE_E_INVALID, "three parts");
    free(text);
    lethe_signer_close(signer);
    lethe_trust_free(trust);
}

static void test_revoked_signer(void **state)
{
    (void)state;
    struct lethe_trust *trust = fixture_trust(acme);
    struct lethe_signer *signer = fixture_status(acme);
    char *text = made(signer), *crl, path[128], sha256[65];
    size_t n_status;
    snprintf(path, sizeof(path), "%s/trust/status.pem", acme);
    assert_int_equal(
        lethe_keys_revoke_bench(acme, path, NOW0, 1, NULL, NULL, 0, sha256, &n_status, NULL), 0);
    crl = fixture_read(acme, "trust/crl.pem");
    assert_int_equal(lethe_trust_add_crl(trust, crl, strlen(crl), fixture_now, 0, NULL, NULL), 0);
    refused(trust, text, LETHE_E_INVALID, "revoked");
    free(crl);
    lethe_signer_close(signer);
    lethe_trust_free(trust);
}

static void test_uri_is_kept(void **state)
{
    (void)state;
    char uri[LETHE_STATUS_URI_MAX + 1];
    assert_int_equal(lethe_status_uri_get(acme, uri, NULL), 0);
    assert_string_equal(uri, "");
    assert_int_equal(lethe_status_uri_set(acme, URI, NULL), 0);
    assert_int_equal(lethe_status_uri_get(acme, uri, NULL), 0);
    assert_string_equal(uri, URI);
    static const char *const bad[] = {"status", "ftp://x/y", "https://", "https://a b",
                                      "https://a\n/"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(lethe_status_uri_set(acme, bad[i], NULL), -LETHE_E_USAGE);
    assert_int_equal(lethe_status_uri_set(acme, "", NULL), 0);
    assert_int_equal(lethe_status_uri_get(acme, uri, NULL), 0);
    assert_string_equal(uri, "");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fixture_make, fixture_remove)
int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_says_what_was_put_in),
                                       TEST(test_only_of_today),
                                       TEST(test_ends_with_its_signer),
                                       TEST(test_other_organisation),
                                       TEST(test_parts_are_not_mixed),
                                       TEST(test_form),
                                       TEST(test_edited),
                                       TEST(test_revoked_signer),
                                       TEST(test_uri_is_kept)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
