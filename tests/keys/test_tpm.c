/* SPDX-License-Identifier: Apache-2.0 */
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include "base/time.h"
#include "keys/tpm_counter.h"
#include "skip.h"
#include "trust/fixture.h"
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t swtpm = -1;
static char tcti[64];

static bool start(unsigned port)
{
    char state[160], server[64], control[64];
    int status;
    snprintf(state, sizeof(state), "dir=%s/tpm", fixture_dir);
    snprintf(server, sizeof(server), "type=tcp,bindaddr=127.0.0.1,port=%u", port);
    snprintf(control, sizeof(control), "type=tcp,bindaddr=127.0.0.1,port=%u", port + 1);
    snprintf(tcti, sizeof(tcti), "swtpm:host=127.0.0.1,port=%u", port);
    swtpm = fork();
    if (swtpm == 0) {
        execlp("swtpm", "swtpm", "socket", "--tpm2", "--tpmstate", state, "--server", server,
               "--ctrl", control, "--flags", "not-need-init,startup-clear", (char *)NULL);
        _exit(127);
    }
    /* It ends at once when the port is taken; else it is there when it answers. */
    for (int i = 0; i < 100; i++) {
        char probe[160];
        usleep(20000);
        if (waitpid(swtpm, &status, WNOHANG) == swtpm)
            return false;
        snprintf(probe, sizeof(probe), "bash -c ': > /dev/tcp/127.0.0.1/%u' 2>/dev/null", port + 1);
        if (system(probe) == 0)
            return true;
    }
    return false;
}

static int setup(void **state)
{
    char dir[128];
    if (fixture_make(state) < 0)
        return -1;
    snprintf(dir, sizeof(dir), "%s/tpm", fixture_dir);
    if (mkdir(dir, 0700) < 0)
        return -1;
    for (int i = 0; i < 8; i++) {
        uint16_t port;
        lethe_random(&port, sizeof(port));
        if (start(20000u + port % 10000u * 2))
            return 0;
    }
    return -1;
}

static int teardown(void **state)
{
    if (swtpm > 0) {
        kill(swtpm, SIGTERM);
        waitpid(swtpm, NULL, 0);
    }
    swtpm = -1;
    return fixture_remove(state);
}

static char *dir_of(const char *name)
{
    static char dir[128];
    snprintf(dir, sizeof(dir), "%s/%s", fixture_dir, name);
    return dir;
}

static int init(const char *name, const char *handle, const char *options, const char *passphrase,
                struct lethe_error *err)
{
    char keyref[256];
    snprintf(keyref, sizeof(keyref), "handle:%s?tcti=%s%s", handle, tcti, options);
    const struct lethe_keys_wish wish = {
        .organisation = "TPM & Co", .bench = "bench-1", .passphrase = passphrase, .keyref = keyref};
    return lethe_keys_setup(dir_of(name), &wish, err);
}

static void test_signs_in_the_tpm(void **state)
{
    (void)state;
    struct lethe_error err = {0};
    if (init("t", "", "", NULL, &err) != 0)
        fail_msg("%s %s", err.what, err.remedy);
    char *line = fixture_read(dir_of("t"), "keys/bench.key");
    assert_non_null(strstr(line, "handle:0x81010001?tcti="));
    free(line);
    struct lethe_signer *signer = fixture_bench(dir_of("t"));
    assert_string_equal(signer->ops->name, "handle");
    for (int i = 0; i < 20; i++) /* a number in a few hundred has a leading zero */
        assert_int_equal(lethe_signer_rehearse(signer, fixture_now, &err), 0);
    lethe_signer_close(signer);
    /* A new key, at the next handle. */
    if (lethe_keys_rotate(dir_of("t"), NULL, NULL, NULL, 0, &err) != 0)
        fail_msg("%s", err.what);
    line = fixture_read(dir_of("t"), "keys/bench.key");
    assert_non_null(strstr(line, "handle:0x81010002?tcti="));
    free(line);
    signer = fixture_bench(dir_of("t"));
    assert_int_equal(lethe_signer_rehearse(signer, fixture_now, &err), 0);
    lethe_signer_close(signer);
}

static int give(void *user, char *out, size_t out_size)
{
    snprintf(out, out_size, "%s", (const char *)user);
    return 0;
}

static void test_pin(void **state)
{
    (void)state;
    struct lethe_error err = {0};
    struct lethe_signer *signer;
    char right[] = "geheim", wrong[] = "geheimer";
    assert_int_equal(init("v", "0x81010010", "&pin-value=a%20b", NULL, &err), 0);
    signer = fixture_bench(dir_of("v"));
    assert_int_equal(lethe_signer_rehearse(signer, fixture_now, NULL), 0);
    lethe_signer_close(signer);
    assert_int_equal(init("t", "0x81010011", "&pin-source=ask", right, &err), 0);
    assert_int_equal(lethe_signer_open(dir_of("t"), give, right, &signer, &err), 0);
    assert_int_equal(lethe_signer_rehearse(signer, fixture_now, NULL), 0);
    lethe_signer_close(signer);
    assert_int_equal(lethe_signer_open(dir_of("t"), NULL, NULL, &signer, &err), -LETHE_E_REFUSED);
    assert_int_equal(lethe_signer_open(dir_of("t"), give, wrong, &signer, &err), 0);
    assert_int_equal(lethe_signer_rehearse(signer, fixture_now, &err), -LETHE_E_REFUSED);
    assert_non_null(strstr(err.what, "the TPM does not sign"));
    lethe_signer_close(signer);
}

static void test_counter(void **state)
{
    (void)state;
    struct lethe_error err = {0};
    char uri[96], path[160];
    uint64_t known = 99;
    snprintf(uri, sizeof(uri), "handle:?tcti=%s", tcti);
    assert_int_equal(lethe_tpm_counter_raise(acme, 1, &known, &err), -LETHE_E_NOT_FOUND);
    /* A log of 7 entries already. */
    if (lethe_tpm_counter_make(acme, uri, 7, &err) != 0)
        fail_msg("%s", err.what);
    assert_int_equal(lethe_tpm_counter_make(acme, uri, 7, &err), -LETHE_E_REFUSED);
    assert_int_equal(lethe_tpm_counter_raise(acme, 7, &known, NULL), 0);
    assert_int_equal(known, 7);
    assert_int_equal(lethe_tpm_counter_raise(acme, 12, &known, NULL), 0);
    assert_int_equal(known, 7);
    assert_int_equal(lethe_tpm_counter_raise(acme, 12, &known, NULL), 0);
    assert_int_equal(known, 12);
    /* The state of before, put back. */
    assert_int_equal(lethe_tpm_counter_raise(acme, 11, &known, &err), -LETHE_E_CHANGED);
    assert_int_equal(known, 12);
    assert_int_equal(lethe_tpm_counter_raise(acme, 200000, &known, &err), -LETHE_E_LIMIT);
    /* Another log has another one. */
    assert_int_equal(lethe_tpm_counter_make(other, uri, 0, &err), 0);
    assert_int_equal(lethe_tpm_counter_raise(other, 3, &known, NULL), 0);
    assert_int_equal(lethe_tpm_counter_raise(acme, 12, &known, NULL), 0);
    assert_int_equal(known, 12);
    snprintf(path, sizeof(path), "%s/trust/log.counter", acme);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(lethe_tpm_counter_make(acme, "pkcs11:x", 0, &err), -LETHE_E_USAGE);
    assert_int_equal(lethe_tpm_counter_make(acme, "handle:?tcti=swtpm:port=1", 0, &err),
                     -LETHE_E_NOT_FOUND);
}

static void test_says_what_is_missing(void **state)
{
    (void)state;
    struct lethe_error err = {0};
    struct lethe_signer *signer;
    static const char *const bad[] = {"handle:1", "handle:0x80000000", "handle:0x8101000",
                                      "handle:0x81010001?pin=1", "handle:?tcti="};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const struct lethe_keys_wish wish = {.organisation = "X", .bench = "b", .keyref = bad[i]};
        if (lethe_keys_setup(dir_of("x"), &wish, &err) != -LETHE_E_USAGE)
            fail_msg("%s was taken", bad[i]);
    }
    /* A key that is not there any more. */
    assert_int_equal(init("t", "0x81010020", "", NULL, &err), 0);
    char key[160], line[256];
    snprintf(key, sizeof(key), "%s/keys/bench.key", dir_of("t"));
    snprintf(line, sizeof(line), "sed -i s/0x81010020/0x81010021/ %s", key);
    assert_int_equal(system(line), 0);
    assert_int_equal(lethe_signer_open(dir_of("t"), NULL, NULL, &signer, &err), -LETHE_E_NOT_FOUND);
    assert_non_null(strstr(err.what, "0x81010021"));
    /* The right place, another key. */
    assert_int_equal(init("u", "0x81010021", "", NULL, &err), 0);
    assert_int_equal(lethe_signer_open(dir_of("t"), NULL, NULL, &signer, &err), -LETHE_E_INVALID);
    /* No TPM at all. */
    kill(swtpm, SIGTERM);
    waitpid(swtpm, NULL, 0);
    swtpm = -1;
    assert_int_equal(lethe_signer_open(dir_of("t"), NULL, NULL, &signer, &err), -LETHE_E_NOT_FOUND);
    assert_non_null(strstr(err.what, "no TPM answers"));
    assert_non_null(strstr(err.remedy, "tcti="));
}

static void test_needs_swtpm(void **state)
{
    (void)state;
    lethe_test_skip("swtpm is not installed (scripts/deps test)");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {TEST(test_signs_in_the_tpm), TEST(test_pin),
                                       TEST(test_counter), TEST(test_says_what_is_missing)},
                            none[] = {cmocka_unit_test(test_needs_swtpm)};
    if (system("command -v swtpm >/dev/null") != 0)
        return cmocka_run_group_tests(none, NULL, NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
