/* SPDX-License-Identifier: Apache-2.0 */
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include "base/base64.h"
#include "trust/fixture.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TYP "lethe-trust-list+jwt"

static char publisher[80];

static int setup(void **state)
{
    int rc = fixture_make(state);
    snprintf(publisher, sizeof(publisher), "%s/publisher", fixture_dir);
    return rc;
}

static void put(const char *dir, uint64_t since, uint64_t until)
{
    char name[128], *pem = fixture_read(dir, "trust/root.pem");
    static const char *const vkeys[] = {"lethe.log/x+00000000+AAAA", NULL},
                             *const uris[] = {"https://x.example/s", NULL};
    struct lethe_trust_list_wish wish = {.root_pem = pem,
                                         .root_len = strlen(pem),
                                         .log_vkeys = vkeys,
                                         .status_uris = uris,
                                         .since = since,
                                         .until = until};
    struct lethe_error err = {0};
    if (lethe_trust_list_put(publisher, &wish, name, &err) != 0)
        fail_msg("%s", err.what);
    free(pem);
}

static char *signed_list(void)
{
    char *text;
    struct lethe_error err = {0};
    if (lethe_trust_list_sign(publisher, NULL, NULL, fixture_now, fixture_now + 30 * DAY_MS, &text,
                              &err) != 0)
        fail_msg("%s", err.what);
    return text;
}

static int add(struct lethe_trust *trust, const char *text, uint64_t not_before,
               struct lethe_trust_list_info *info, struct lethe_error *err)
{
    char *pin = fixture_read(publisher, "trust/list.pub");
    int rc = lethe_trust_add_list(trust, text, strlen(text), pin, strlen(pin), fixture_now,
                                  not_before, info, err);
    free(pin);
    return rc;
}

static int believed(const struct lethe_trust *trust, const char *dir, uint64_t when)
{
    struct lethe_signer *signer = fixture_bench(dir);
    struct lethe_chain chain;
    int rc = lethe_trust_check(trust, (const uint8_t *const *)signer->chain, signer->chain_len,
                               signer->n_chain, when, &chain, NULL);
    lethe_signer_close(signer);
    return rc;
}

static void test_makes_them_believed(void **state)
{
    (void)state;
    struct lethe_trust *trust;
    struct lethe_trust_list_info info;
    assert_int_equal(lethe_trust_new(&trust, NULL), 0);
    put(acme, 0, 0);
    put(other, 0, 0);
    put(other, 0, 0); /* once more changes nothing */
    char *text = signed_list();
    assert_int_equal(believed(trust, acme, NOW0), -LETHE_E_UNTRUSTED);
    assert_int_equal(add(trust, text, 0, &info, NULL), 0);
    assert_int_equal(info.n_organisations, 2);
    assert_int_equal(info.iat, NOW0);
    assert_int_equal(believed(trust, acme, NOW0), 0);
    assert_int_equal(believed(trust, other, NOW0), 0);
    assert_string_equal(lethe_trust_log_vkey(trust, "Other Ltd", 0), "lethe.log/x+00000000+AAAA");
    assert_null(lethe_trust_log_vkey(trust, "Other Ltd", 1));
    assert_null(lethe_trust_log_vkey(trust, "Nobody", 0));
    assert_string_equal(lethe_trust_status_uri(trust, "ACME 回收", 0), "https://x.example/s");
    free(text);
    lethe_trust_free(trust);
    /* Off the list, out of the trust. */
    assert_int_equal(lethe_trust_list_remove(publisher, "Other Ltd", NULL), 0);
    assert_int_equal(lethe_trust_list_remove(publisher, "Other Ltd", NULL), -LETHE_E_NOT_FOUND);
    assert_int_equal(lethe_trust_new(&trust, NULL), 0);
    text = signed_list();
    assert_int_equal(add(trust, text, 0, &info, NULL), 0);
    assert_int_equal(believed(trust, other, NOW0), -LETHE_E_UNTRUSTED);
    free(text);
    lethe_trust_free(trust);
}

static void test_from_when_until_when(void **state)
{
    (void)state;
    struct lethe_trust *trust;
    assert_int_equal(lethe_trust_new(&trust, NULL), 0);
    put(acme, NOW0 + DAY_MS, NOW0 + 3 * DAY_MS);
    char *text = signed_list();
    assert_int_equal(add(trust, text, 0, NULL, NULL), 0);
    assert_int_equal(believed(trust, acme, NOW0), -LETHE_E_UNTRUSTED);
    assert_int_equal(believed(trust, acme, NOW0 + DAY_MS), 0);
    assert_int_equal(believed(trust, acme, NOW0 + 3 * DAY_MS), 0);
    assert_int_equal(believed(trust, acme, NOW0 + 3 * DAY_MS + 1000), -LETHE_E_UNTRUSTED);
    struct lethe_signer *signer = fixture_bench(acme);
    struct lethe_chain chain;
    assert_int_equal(lethe_trust_check(trust, (const uint8_t *const *)signer->chain,
                                       signer->chain_len, signer->n_chain, NOW0 + DAY_MS, &chain,
                                       NULL),
                     0);
    assert_true(lethe_trust_until(trust, &chain) == NOW0 + 3 * DAY_MS);
    lethe_signer_close(signer);
    /* Who pins the root by hand means it without limits. */
    char *pem = fixture_read(acme, "trust/root.pem");
    assert_int_equal(lethe_trust_add_pem(trust, pem, strlen(pem), NULL), 0);
    assert_int_equal(believed(trust, acme, NOW0), 0);
    assert_true(lethe_trust_until(trust, &chain) == UINT64_MAX);
    free(pem);
    free(text);
    lethe_trust_free(trust);
}

static void test_another_key(void **state)
{
    (void)state;
    struct lethe_trust *trust;
    struct lethe_error err = {0};
    assert_int_equal(lethe_trust_new(&trust, NULL), 0);
    put(acme, 0, 0);
    char *text = signed_list(), *edited = fixture_tamper(text, 2);
    char *pin = fixture_read(acme, "trust/bench.pem");
    assert_int_equal(lethe_trust_add_list(trust, text, strlen(text), pin, strlen(pin), fixture_now,
                                          0, NULL, &err),
                     -LETHE_E_UNTRUSTED);
    assert_int_equal(err.code, LETHE_E_UNTRUSTED);
    assert_int_equal(add(trust, edited, 0, NULL, &err), -LETHE_E_UNTRUSTED);
    assert_int_equal(
        lethe_trust_add_list(trust, text, strlen(text), "x", 1, fixture_now, 0, NULL, &err),
        -LETHE_E_INVALID);
    assert_int_equal(believed(trust, acme, NOW0), -LETHE_E_UNTRUSTED);
    free(pin);
    free(edited);
    free(text);
    lethe_trust_free(trust);
}

static void test_age(void **state)
{
    (void)state;
    struct lethe_trust *trust;
    struct lethe_error err = {0};
    assert_int_equal(lethe_trust_new(&trust, NULL), 0);
    put(acme, 0, 0);
    char *text = signed_list();
    fixture_now += DAY_MS;
    assert_int_equal(add(trust, text, fixture_now, NULL, &err), -LETHE_E_LIMIT);
    fixture_now += 30 * DAY_MS;
    assert_int_equal(add(trust, text, 0, NULL, &err), -LETHE_E_LIMIT);
    fixture_now = NOW0 - DAY_MS;
    assert_int_equal(add(trust, text, 0, NULL, &err), -LETHE_E_INVALID);
    assert_int_equal(believed(trust, acme, NOW0), -LETHE_E_UNTRUSTED);
    free(text);
    lethe_trust_free(trust);
}

/* Signed by the pinned key, and still not taken: nothing of a list that is wrong somewhere. */
static void test_all_or_nothing(void **state)
{
    (void)state;
    struct lethe_error err = {0};
    struct lethe_signer *signer = fixture_bench(acme), *foreign = fixture_bench(other);
    char key_file[160], root[2][4096];
    put(acme, 0, 0);
    free(signed_list());
    snprintf(key_file, sizeof(key_file), "%s/keys/list.key", publisher);
    lethe_base64_encode(root[0], signer->chain[1], signer->chain_len[1]);
    lethe_base64_encode(root[1], foreign->chain[1], foreign->chain_len[1]);
    struct lethe_signer *list_key;
    assert_int_equal(lethe_key_open(key_file, NULL, NULL, &list_key, NULL, NULL), 0);
    const struct {
        const char *words, *json;
    } bad[] = {
        {"twice", "{'name':'ACME 回收','roots':['%1$s']},{'name':'ACME 回收','roots':['%1$s']}"},
        {"of that name", "{'name':'ACME 回收','roots':['%1$s']},{'name':'ACME','roots':['%2$s']}"},
        {"no roots", "{'name':'ACME 回收','roots':['%1$s']},{'name':'Other Ltd','roots':[]}"},
        {"of that name", "{'name':'ACME 回收','roots':['%1$s','AAAA']}"},
        {"of that name", "{'name':'ACME 回收','roots':['%1$s',7]}"},
        {"does not know", "{'name':'ACME 回收','roots':['%1$s'],'trust':true}"},
        {"no short list", "{'name':'ACME 回收','roots':['%1$s'],'log_vkeys':'x'}"},
        {"is none", "{'name':'ACME 回收','roots':['%1$s'],'log_vkeys':['']}"},
        {"no object", "{'name':'ACME 回收','roots':['%1$s']},7"},
        {"since", "{'name':'ACME 回收','roots':['%1$s'],'since':-1}"},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct lethe_trust *trust;
        char *json = NULL, *text;
        assert_int_equal(lethe_trust_new(&trust, NULL), 0);
        /* %2$s is not in every one of them: printf may then not be given %1$s alone. */
        char format[512];
        snprintf(format, sizeof(format), "%s%%2$.0s", bad[i].json);
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        assert_true(asprintf(&json, format, root[0], root[1]) > 0);
#pragma GCC diagnostic pop
        for (char *at = json; (at = strchr(at, '\'')); at++)
            *at = '"';
        char *whole;
        assert_true(asprintf(&whole, "{\"iat\":%llu,\"exp\":%llu,\"organisations\":[%s]}",
                             (unsigned long long)(NOW0 / 1000),
                             (unsigned long long)((NOW0 + DAY_MS) / 1000), json) > 0);
        text = fixture_sign(list_key, TYP, json_loads(whole, 0, NULL));
        int rc = add(trust, text, 0, NULL, &err);
        if (rc != -LETHE_E_INVALID || !strstr(err.what, bad[i].words))
            fail_msg("%zu: %d %s", i, rc, err.what);
        assert_int_equal(believed(trust, acme, NOW0), -LETHE_E_UNTRUSTED);
        assert_null(lethe_trust_log_vkey(trust, "ACME 回收", 0));
        free(json);
        free(whole);
        free(text);
        lethe_trust_free(trust);
    }
    lethe_signer_close(list_key);
    lethe_signer_close(signer);
    lethe_signer_close(foreign);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, fixture_remove)
int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_makes_them_believed),
                                       TEST(test_from_when_until_when), TEST(test_another_key),
                                       TEST(test_age), TEST(test_all_or_nothing)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
