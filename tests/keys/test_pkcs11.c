/* SPDX-License-Identifier: Apache-2.0 */
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include "skip.h"
#include "trust/fixture.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MODULE "/usr/lib/softhsm/libsofthsm2.so"
#define TOKEN "pkcs11:token=lethe-test;object=bench"
#define WITH "?module-path=" MODULE

static char hsm[96];

/* A token of our own, in a directory of our own. */
static int setup(void **state)
{
    char command[512], config[128];
    if (fixture_make(state) < 0)
        return -1;
    snprintf(hsm, sizeof(hsm), "%s/hsm", acme);
    snprintf(config, sizeof(config), "%s/softhsm2.conf", acme);
    setenv("SOFTHSM2_CONF", config, 1);
    snprintf(command, sizeof(command),
             "mkdir -p %s && printf 'directories.tokendir = %s\\nlog.level = ERROR\\n' > %s && "
             "softhsm2-util --init-token --free --label lethe-test --so-pin 12345678 --pin 4711 "
             ">/dev/null 2>&1",
             hsm, hsm, config);
    return system(command) == 0 ? 0 : -1;
}

static int init(const char *name, const char *keyref, const char *passphrase,
                struct lethe_error *err)
{
    char dir[128];
    snprintf(dir, sizeof(dir), "%s/%s", fixture_dir, name);
    const struct lethe_keys_wish wish = {.organisation = "Token & Co",
                                         .bench = "bench-1",
                                         .passphrase = passphrase,
                                         .keyref = keyref};
    return lethe_keys_setup(dir, &wish, err);
}

static char *path_of(const char *name)
{
    static char dir[128];
    snprintf(dir, sizeof(dir), "%s/%s", fixture_dir, name);
    return dir;
}

static void test_signs_in_the_token(void **state)
{
    (void)state;
    struct lethe_error err = {0};
    struct lethe_signer *signer;
    if (init("t", TOKEN WITH "&pin-value=4711", NULL, &err) != 0)
        fail_msg("%s", err.what);
    char *line = fixture_read(path_of("t"), "keys/bench.key");
    assert_non_null(strstr(line, ";id=%"));
    assert_null(strstr(line, "PRIVATE KEY"));
    free(line);
    signer = fixture_bench(path_of("t"));
    assert_string_equal(signer->ops->name, "pkcs11");
    assert_int_equal(lethe_signer_rehearse(signer, fixture_now + DAY_MS, &err), 0);
    /* Again and again in one session. */
    for (int i = 0; i < 20; i++)
        assert_int_equal(lethe_signer_rehearse(signer, fixture_now, NULL), 0);
    lethe_signer_close(signer);
}

/* A new key each time, and the one that signs is the one of the certificate. */
static void test_rotates_in_the_token(void **state)
{
    (void)state;
    struct lethe_error err = {0};
    char first[65];
    assert_int_equal(init("t", TOKEN WITH "&pin-value=4711", NULL, &err), 0);
    struct lethe_signer *signer = fixture_bench(path_of("t"));
    strcpy(first, signer->certificate_sha256);
    lethe_signer_close(signer);
    if (lethe_keys_rotate(path_of("t"), NULL, NULL, NULL, 0, &err) != 0)
        fail_msg("%s", err.what);
    signer = fixture_bench(path_of("t"));
    assert_string_not_equal(first, signer->certificate_sha256);
    assert_int_equal(lethe_signer_rehearse(signer, fixture_now, NULL), 0);
    lethe_signer_close(signer);
    /* Back into a file, and from a file into the token. */
    assert_int_equal(lethe_keys_rotate(path_of("t"), NULL, NULL, "file:", 0, &err), 0);
    signer = fixture_bench(path_of("t"));
    assert_string_equal(signer->ops->name, "file");
    lethe_signer_close(signer);
    assert_int_equal(
        lethe_keys_rotate(path_of("t"), NULL, NULL, TOKEN WITH "&pin-value=4711", 0, &err), 0);
    signer = fixture_bench(path_of("t"));
    assert_string_equal(signer->ops->name, "pkcs11");
    assert_int_equal(lethe_signer_rehearse(signer, fixture_now, NULL), 0);
    lethe_signer_close(signer);
}

static int give(void *user, char *out, size_t out_size)
{
    snprintf(out, out_size, "%s", (const char *)user);
    return 0;
}

static void test_asks_for_the_pin(void **state)
{
    (void)state;
    struct lethe_error err = {0};
    struct lethe_signer *signer;
    struct lethe_keys_info info;
    char right[] = "4711", wrong[] = "4712";
    assert_int_equal(init("t", TOKEN WITH, right, &err), 0);
    assert_int_equal(lethe_keys_info(path_of("t"), &info, NULL), 0);
    assert_true(info.encrypted);
    assert_int_equal(lethe_signer_open(path_of("t"), give, right, &signer, &err), 0);
    lethe_signer_close(signer);
    assert_int_equal(lethe_signer_open(path_of("t"), give, wrong, &signer, &err), -LETHE_E_REFUSED);
    assert_non_null(strstr(err.what, "PIN"));
    assert_int_equal(lethe_signer_open(path_of("t"), NULL, NULL, &signer, &err), -LETHE_E_REFUSED);
}

static void test_says_what_is_missing(void **state)
{
    (void)state;
    struct lethe_error err = {0};
    assert_int_equal(init("a", "pkcs11:token=nobody" WITH "&pin-value=1", NULL, &err),
                     -LETHE_E_NOT_FOUND);
    assert_non_null(strstr(err.what, "no token"));
    assert_non_null(strstr(err.remedy, "plug it in"));
    assert_int_equal(init("b", "pkcs11:token=x?module-path=/nowhere.so", "1", &err),
                     -LETHE_E_NOT_FOUND);
    assert_non_null(strstr(err.what, "/nowhere.so"));
    assert_int_equal(init("c", "pkcs11:token=%zz" WITH, "1", &err), -LETHE_E_USAGE);
    assert_int_equal(init("d", "smartcard:1", NULL, &err), -LETHE_E_USAGE);
    /* What failed left nothing that looks like keys. */
    struct lethe_keys_info info;
    assert_int_equal(lethe_keys_info(path_of("a"), &info, NULL), 0);
    assert_false(info.initialised);
    /* A token that was pulled out. */
    assert_int_equal(init("e", TOKEN WITH "&pin-value=4711", NULL, &err), 0);
    char away[128];
    struct lethe_signer *signer;
    snprintf(away, sizeof(away), "%s-away", hsm);
    assert_int_equal(rename(hsm, away), 0);
    assert_int_equal(mkdir(hsm, 0700), 0);
    assert_int_equal(lethe_signer_open(path_of("e"), NULL, NULL, &signer, &err),
                     -LETHE_E_NOT_FOUND);
}

/* A key that is there already is used by its id; one that is none of ours is not. */
static void test_named_key(void **state)
{
    (void)state;
    struct lethe_error err = {0};
    const char *keyref = TOKEN ";id=%01%02" WITH "&pin-value=4711";
    assert_int_equal(init("a", keyref, NULL, &err), 0);
    assert_int_equal(init("b", keyref, NULL, &err), 0);
    struct lethe_signer *a = fixture_bench(path_of("a")), *b;
    b = fixture_bench(path_of("b"));
    assert_int_equal(lethe_signer_rehearse(a, fixture_now, NULL), 0);
    assert_int_equal(lethe_signer_rehearse(b, fixture_now, NULL), 0);
    lethe_signer_close(a);
    lethe_signer_close(b);
}

static void test_needs_softhsm(void **state)
{
    (void)state;
    lethe_test_skip("softhsm2 is not installed (scripts/deps test)");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, fixture_remove)
int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_signs_in_the_token),
                                       TEST(test_rotates_in_the_token), TEST(test_asks_for_the_pin),
                                       TEST(test_says_what_is_missing), TEST(test_named_key)},
                            none[] = {cmocka_unit_test(test_needs_softhsm)};
    if (access(MODULE, R_OK) != 0)
        return cmocka_run_group_tests(none, NULL, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
