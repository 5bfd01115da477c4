/* SPDX-License-Identifier: Apache-2.0 */
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include "trust/fixture.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct lethe_chain chain_of(const struct lethe_trust *trust,
                                   const struct lethe_signer *signer)
{
    struct lethe_chain chain;
    assert_int_equal(lethe_trust_check(trust, (const uint8_t *const *)signer->chain,
                                       signer->chain_len, signer->n_chain, NOW0, &chain, NULL),
                     0);
    return chain;
}

static int add(struct lethe_trust *trust, const char *dir, uint64_t not_before,
               struct lethe_crl_info *info, struct lethe_error *err)
{
    char *crl = fixture_read(dir, "trust/crl.pem");
    int rc = lethe_trust_add_crl(trust, crl, strlen(crl), fixture_now, not_before, info, err);
    free(crl);
    return rc;
}

static void revoke(const char *which, uint64_t since)
{
    struct lethe_error err = {0};
    char sha256[65];
    size_t n_status;
    if (lethe_keys_revoke_bench(acme, which, since, 1, NULL, NULL, 0, sha256, &n_status, &err) != 0)
        fail_msg("%s", err.what);
}

/* A stolen key: what a witness saw before stands, nothing else does. */
static void test_since_against_the_witness(void **state)
{
    (void)state;
    struct lethe_trust *trust = fixture_trust(acme);
    struct lethe_signer *signer = fixture_bench(acme);
    struct lethe_chain chain = chain_of(trust, signer);
    struct lethe_crl_info info;
    uint64_t since = NOW0 + DAY_MS, found = 0;
    assert_int_equal(lethe_trust_revoked(trust, &chain, NOW0, NULL), LETHE_REVOCATION_UNKNOWN);
    fixture_now += 10 * DAY_MS;
    assert_int_equal(lethe_keys_crl(acme, NULL, NULL, 0, NULL), 0);
    assert_int_equal(add(trust, acme, 0, &info, NULL), 0);
    assert_int_equal(info.n_revoked, 0);
    assert_int_equal(lethe_trust_revoked(trust, &chain, 0, NULL), LETHE_REVOCATION_GOOD);
    fixture_now += MINUTE_MS;
    revoke("current", since);
    assert_int_equal(add(trust, acme, 0, &info, NULL), 0);
    assert_string_equal(info.organisation, "ACME 回收");
    assert_int_equal(info.n_revoked, 2); /* it, and its key for status lists */
    assert_int_equal(info.number, 2);
    assert_int_equal(info.this_update, fixture_now);
    assert_int_equal(lethe_trust_revoked(trust, &chain, since - 1, &found),
                     LETHE_REVOCATION_BEFORE);
    assert_int_equal(found, since);
    assert_int_equal(lethe_trust_revoked(trust, &chain, since, NULL), LETHE_REVOCATION_VOID);
    assert_int_equal(lethe_trust_revoked(trust, &chain, since + DAY_MS, NULL),
                     LETHE_REVOCATION_VOID);
    /* No witness: the thief sets his clock as he likes. */
    assert_int_equal(lethe_trust_revoked(trust, &chain, 0, NULL), LETHE_REVOCATION_VOID);
    lethe_signer_close(signer);
    lethe_trust_free(trust);
}

static void test_others_stay_good(void **state)
{
    (void)state;
    struct lethe_trust *trust = fixture_trust(acme);
    struct lethe_signer *first = fixture_bench(acme);
    char prefix[13] = "", sha256[65];
    size_t n_status;
    snprintf(prefix, sizeof(prefix), "%.12s", first->certificate_sha256);
    struct lethe_error err = {0};
    assert_int_equal(lethe_keys_rotate(acme, NULL, NULL, NULL, 0, NULL), 0);
    struct lethe_signer *second = fixture_bench(acme);
    assert_string_not_equal(first->certificate_sha256, second->certificate_sha256);
    /* The kept one, by its beginning. */
    assert_int_equal(
        lethe_keys_revoke_bench(acme, prefix, NOW0, 4, NULL, NULL, 0, sha256, &n_status, &err), 0);
    assert_string_equal(sha256, first->certificate_sha256);
    assert_int_equal(n_status, 1); /* that of then, not that of now */
    assert_int_equal(add(trust, acme, 0, NULL, NULL), 0);
    struct lethe_chain a = chain_of(trust, first), b = chain_of(trust, second);
    assert_int_equal(lethe_trust_revoked(trust, &a, 0, NULL), LETHE_REVOCATION_VOID);
    assert_int_equal(lethe_trust_revoked(trust, &b, 0, NULL), LETHE_REVOCATION_GOOD);
    /* A root's list says nothing of what stands below another authority. */
    b.direct = false;
    assert_int_equal(lethe_trust_revoked(trust, &b, 0, NULL), LETHE_REVOCATION_UNKNOWN);
    assert_int_equal(lethe_keys_revoke_bench(acme, "0123456789", NOW0, 4, NULL, NULL, 0, sha256,
                                             &n_status, &err),
                     -LETHE_E_NOT_FOUND);
    lethe_signer_close(first);
    lethe_signer_close(second);
    lethe_trust_free(trust);
}

/* What was given up is not signed with, and a new key goes on. */
static void test_revoked_key_does_not_sign(void **state)
{
    (void)state;
    struct lethe_signer *signer;
    struct lethe_error err = {0};
    revoke("current", NOW0);
    assert_int_equal(lethe_signer_open(acme, NULL, NULL, &signer, &err), -LETHE_E_REFUSED);
    assert_non_null(strstr(err.remedy, "lethe keys rotate"));
    assert_int_equal(lethe_keys_rotate(acme, NULL, NULL, NULL, 0, NULL), 0);
    signer = fixture_bench(acme);
    lethe_signer_close(signer);
}

static void test_said_once(void **state)
{
    (void)state;
    struct lethe_trust *trust = fixture_trust(acme);
    struct lethe_error err = {0};
    struct lethe_crl_info info;
    char sha256[65];
    size_t n_status;
    fixture_now += 10 * DAY_MS;
    revoke("current", NOW0 + 5 * DAY_MS);
    /* Never later, never again; earlier when more comes out. */
    static const uint64_t not [] = {NOW0 + 5 * DAY_MS, NOW0 + 6 * DAY_MS};
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(lethe_keys_revoke_bench(acme, "current", not [i], 1, NULL, NULL, 0, sha256,
                                                 &n_status, &err),
                         -LETHE_E_REFUSED);
    assert_int_equal(lethe_keys_revoke_bench(acme, "current", fixture_now + 1, 1, NULL, NULL, 0,
                                             sha256, &n_status, &err),
                     -LETHE_E_USAGE);
    revoke("current", NOW0 + 2 * DAY_MS);
    assert_int_equal(add(trust, acme, 0, &info, NULL), 0);
    assert_int_equal(info.n_revoked, 2);
    /* Another organisation's certificate is not this root's to revoke. */
    char path[128];
    snprintf(path, sizeof(path), "%s/trust/bench.pem", other);
    assert_int_equal(
        lethe_keys_revoke_bench(acme, path, NOW0, 1, NULL, NULL, 0, sha256, &n_status, &err),
        -LETHE_E_REFUSED);
    lethe_trust_free(trust);
}

static void test_age(void **state)
{
    (void)state;
    struct lethe_trust *trust = fixture_trust(acme);
    struct lethe_crl_info info;
    struct lethe_error err = {0};
    assert_int_equal(lethe_keys_crl(acme, NULL, NULL, 30, NULL), 0);
    char *old = fixture_read(acme, "trust/crl.pem");
    fixture_now += DAY_MS;
    revoke("current", NOW0);
    assert_int_equal(add(trust, acme, 0, &info, NULL), 0);
    /* The list from before the theft, replayed. */
    assert_int_equal(lethe_trust_add_crl(trust, old, strlen(old), fixture_now, 0, NULL, &err),
                     -LETHE_E_LIMIT);
    struct lethe_trust *fresh = fixture_trust(acme);
    assert_int_equal(
        lethe_trust_add_crl(fresh, old, strlen(old), fixture_now, info.this_update, NULL, &err),
        -LETHE_E_LIMIT);
    assert_int_equal(lethe_trust_add_crl(fresh, old, strlen(old), fixture_now, 0, NULL, &err), 0);
    fixture_now += 30 * DAY_MS;
    assert_int_equal(lethe_trust_add_crl(fresh, old, strlen(old), fixture_now, 0, NULL, &err),
                     -LETHE_E_LIMIT);
    fixture_now = NOW0 - DAY_MS;
    assert_int_equal(lethe_trust_add_crl(fresh, old, strlen(old), fixture_now, 0, NULL, &err),
                     -LETHE_E_INVALID);
    free(old);
    lethe_trust_free(fresh);
    lethe_trust_free(trust);
}

static void test_form(void **state)
{
    (void)state;
    struct lethe_trust *trust = fixture_trust(acme);
    struct lethe_error err = {0};
    revoke("current", NOW0);
    char *pem = fixture_read(acme, "trust/crl.pem");
    assert_int_equal(lethe_keys_crl(other, NULL, NULL, 0, NULL), 0);
    assert_int_equal(add(trust, other, 0, NULL, &err), -LETHE_E_UNTRUSTED);
    static const char *const bad[] = {"", "x", "-----BEGIN X509 CRL-----\nAAAA\n"};
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(
            lethe_trust_add_crl(trust, bad[i], strlen(bad[i]), fixture_now, 0, NULL, &err),
            -LETHE_E_INVALID);
    char *at = strstr(pem, "-----\n") + 200;
    *at = *at == 'A' ? 'B' : 'A';
    int rc = lethe_trust_add_crl(trust, pem, strlen(pem), fixture_now, 0, NULL, &err);
    assert_true(rc == -LETHE_E_INVALID || rc == -LETHE_E_UNTRUSTED);
    free(pem);
    lethe_trust_free(trust);
}

/* A reader that is not ours. */
static void test_openssl_takes_it(void **state)
{
    (void)state;
    char command[512];
    revoke("current", NOW0);
    snprintf(command, sizeof(command),
             "openssl crl -in %s/trust/crl.pem -CAfile %s/trust/root.pem -noout -text 2>&1 | "
             "grep -q 'Invalidity Date' && openssl crl -in %s/trust/crl.pem -CAfile "
             "%s/trust/root.pem -noout 2>&1 | grep -q 'verify OK'",
             acme, acme, acme, acme);
    assert_int_equal(system(command), 0);
}

static int count(void *user, const struct lethe_bench_key *key)
{
    struct lethe_bench_key *out = user;
    while (out->sha256[0])
        out++;
    *out = *key;
    return 0;
}

static void test_list_has_every_key(void **state)
{
    (void)state;
    struct lethe_bench_key keys[4] = {0};
    struct lethe_signer *first = fixture_bench(acme);
    fixture_now += DAY_MS;
    assert_int_equal(lethe_keys_rotate(acme, NULL, NULL, NULL, 0, NULL), 0);
    struct lethe_signer *second = fixture_bench(acme);
    revoke(first->certificate_sha256, NOW0 + 1000);
    assert_int_equal(lethe_keys_list(acme, count, keys, NULL), 0);
    assert_string_equal(keys[0].sha256, first->certificate_sha256);
    assert_true(keys[0].revoked);
    assert_int_equal(keys[0].revoked_since, NOW0 + 1000);
    assert_false(keys[0].current);
    assert_string_equal(keys[0].keyref, "file");
    assert_string_equal(keys[1].sha256, second->certificate_sha256);
    assert_true(keys[1].current);
    assert_false(keys[1].revoked);
    assert_string_equal(keys[2].sha256, "");
    lethe_signer_close(first);
    lethe_signer_close(second);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fixture_make, fixture_remove)
int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_since_against_the_witness),
                                       TEST(test_others_stay_good),
                                       TEST(test_revoked_key_does_not_sign),
                                       TEST(test_said_once),
                                       TEST(test_age),
                                       TEST(test_form),
                                       TEST(test_openssl_takes_it),
                                       TEST(test_list_has_every_key)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
