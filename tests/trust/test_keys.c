/* SPDX-License-Identifier: Apache-2.0 */
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include "base/file.h"
#include "base/time.h"
#include "keys/internal.h"
#include "trust/x509_profile.h"
#include <ftw.h>
#include <lethe/trust.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define DAY_MS (24ull * 3600 * 1000)

static char dir[64];
static uint64_t now = 1795400000000ull; /* 2026-11-23 */

static uint64_t fixed_now(void)
{
    return now;
}

static int make_dir(void **state)
{
    (void)state;
    now = 1795400000000ull;
    lethe_time_override(fixed_now, NULL);
    strcpy(dir, "/tmp/lethe-keys-XXXXXX");
    return mkdtemp(dir) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static int remove_dir(void **state)
{
    (void)state;
    lethe_time_override(NULL, NULL);
    return nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static void init(const char *passphrase)
{
    struct lethe_error err = {0};
    if (lethe_keys_init(dir, "ACME 回收", "bench-1", passphrase, 0, &err) != 0)
        fail_msg("%s", err.what);
}

static mode_t mode_of(const char *name)
{
    char path[256];
    struct stat st;
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    assert_int_equal(stat(path, &st), 0);
    return st.st_mode & 0777;
}

static bool exists(const char *name)
{
    char path[256];
    struct stat st;
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    return stat(path, &st) == 0;
}

static struct lethe_trust *trust_of(const char *name)
{
    struct lethe_trust *trust;
    char path[256], *pem;
    size_t len;
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    assert_int_equal(lethe_trust_new(&trust, NULL), 0);
    assert_int_equal(lethe_file_read(path, 65536, &pem, &len, NULL), 0);
    assert_int_equal(lethe_trust_add_pem(trust, pem, len, NULL), 0);
    free(pem);
    return trust;
}

static int check(const struct lethe_trust *trust, const struct lethe_signer *signer, uint64_t when,
                 struct lethe_chain *chain)
{
    return lethe_trust_check(trust, (const uint8_t *const *)signer->chain, signer->chain_len,
                             signer->n_chain, when, chain, NULL);
}

static void test_init_makes_a_believed_pair(void **state)
{
    (void)state;
    struct lethe_signer *signer;
    struct lethe_chain chain;
    init(NULL);
    assert_int_equal(mode_of("keys"), 0700);
    assert_int_equal(mode_of("keys/root.key"), 0600);
    assert_int_equal(mode_of("keys/bench.key"), 0600);
    assert_int_equal(lethe_signer_open(dir, NULL, NULL, &signer, NULL), 0);
    assert_string_equal(signer->organisation, "ACME 回收");
    assert_string_equal(signer->bench, "bench-1");
    assert_false(signer->demo);
    assert_int_equal(signer->n_chain, 2);
    struct lethe_trust *trust = trust_of("trust/root.pem");
    assert_int_equal(check(trust, signer, now, &chain), 0);
    assert_string_equal(chain.organisation, "ACME 回收");
    assert_string_equal(chain.bench, "bench-1");
    assert_string_equal(chain.leaf_sha256, signer->certificate_sha256);
    assert_int_equal(chain.not_after, now + 90 * DAY_MS);
    /* Not before and not after its time. */
    assert_int_equal(check(trust, signer, now - DAY_MS, &chain), -LETHE_E_INVALID);
    assert_int_equal(check(trust, signer, now + 91 * DAY_MS, &chain), -LETHE_E_INVALID);
    lethe_trust_free(trust);
    /* Nobody's root: told as such, with what is known of the bench. */
    assert_int_equal(lethe_trust_new(&trust, NULL), 0);
    assert_int_equal(check(trust, signer, now, &chain), -LETHE_E_UNTRUSTED);
    assert_string_equal(chain.bench, "bench-1");
    lethe_trust_free(trust);
    lethe_signer_close(signer);
}

static void test_init_refuses_to_overwrite(void **state)
{
    (void)state;
    struct lethe_error err;
    char path[256], *before, *after;
    size_t before_len, after_len;
    init(NULL);
    snprintf(path, sizeof(path), "%s/keys/root.key", dir);
    lethe_file_read(path, 65536, &before, &before_len, NULL);
    assert_int_equal(lethe_keys_init(dir, "Other", "b", NULL, 0, &err), -LETHE_E_REFUSED);
    assert_non_null(strstr(err.remedy, "keys renew"));
    lethe_file_read(path, 65536, &after, &after_len, NULL);
    assert_int_equal(before_len, after_len);
    assert_memory_equal(before, after, before_len);
    free(before);
    free(after);
}

static void test_init_refuses_bad_names(void **state)
{
    (void)state;
    assert_int_equal(lethe_keys_init(dir, "", "b", NULL, 0, NULL), -LETHE_E_USAGE);
    assert_int_equal(lethe_keys_init(dir, "A\nB", "b", NULL, 0, NULL), -LETHE_E_USAGE);
    assert_int_equal(lethe_keys_init(dir, LETHE_DEMO_ORGANISATION, "b", NULL, 0, NULL),
                     -LETHE_E_USAGE);
    assert_int_equal(lethe_keys_init(dir, "demo - Not a real organisation", "b", NULL, 0, NULL),
                     -LETHE_E_USAGE);
    assert_int_equal(lethe_keys_init(dir, "A", "b/../c", NULL, 0, NULL), -LETHE_E_USAGE);
    assert_int_equal(lethe_keys_init(dir, "A", "b", NULL, 100000, NULL), -LETHE_E_USAGE);
    assert_false(exists("keys"));
}

static int give(void *user, char *out, size_t out_size)
{
    snprintf(out, out_size, "%s", (const char *)user);
    return 0;
}

/* A key that others can read signs nothing until somebody has seen to it. */
static void test_keys_of_everybody(void **state)
{
    (void)state;
    static const char *const names[] = {"bench", "root"};
    init(NULL);
    for (size_t i = 0; i < 2; i++) {
        char path[128];
        struct lethe_signer *signer;
        struct lethe_error err = {0};
        snprintf(path, sizeof(path), "%s/keys/%s.key", dir, names[i]);
        for (mode_t mode = 1; mode <= 040; mode <<= 1) {
            assert_int_equal(chmod(path, 0600 | mode), 0);
            int rc = i == 0 ? lethe_signer_open(dir, NULL, NULL, &signer, &err)
                            : lethe_keys_renew(dir, NULL, NULL, 0, &err);
            assert_int_equal(rc, -LETHE_E_REFUSED);
            assert_non_null(strstr(err.remedy, "chmod 600 "));
            assert_non_null(strstr(err.remedy, path));
        }
        assert_int_equal(chmod(path, 0600), 0);
    }
    assert_int_equal(lethe_keys_renew(dir, NULL, NULL, 0, NULL), 0);
}

static void test_passphrase(void **state)
{
    (void)state;
    struct lethe_signer *signer = NULL;
    struct lethe_error err;
    struct lethe_keys_info info;
    char right[] = "Lethe 忘川", wrong[] = "wrong";
    init(right);
    assert_int_equal(lethe_keys_info(dir, &info, NULL), 0);
    assert_true(info.initialised && info.encrypted && info.root_on_bench);
    assert_int_equal(lethe_signer_open(dir, NULL, NULL, &signer, &err), -LETHE_E_REFUSED);
    assert_int_equal(lethe_signer_open(dir, give, wrong, &signer, &err), -LETHE_E_REFUSED);
    assert_int_equal(lethe_signer_open(dir, give, right, &signer, &err), 0);
    assert_int_equal(lethe_signer_rehearse(signer, now + DAY_MS, &err), 0);
    lethe_signer_close(signer);
    assert_int_equal(lethe_keys_renew(dir, NULL, wrong, 0, &err), -LETHE_E_REFUSED);
    assert_int_equal(lethe_keys_renew(dir, NULL, right, 0, &err), 0);
    assert_int_equal(lethe_signer_open(dir, give, right, &signer, &err), 0);
    lethe_signer_close(signer);
}

static void test_renew_keeps_the_old_pair(void **state)
{
    (void)state;
    struct lethe_signer *old, *new;
    struct lethe_error err;
    char kept[64];
    init(NULL);
    assert_int_equal(lethe_signer_open(dir, NULL, NULL, &old, NULL), 0);
    now += 80 * DAY_MS;
    /* Beyond its end nothing may start. */
    assert_int_equal(lethe_signer_rehearse(old, now + 20 * DAY_MS, &err), -LETHE_E_REFUSED);
    assert_non_null(strstr(err.remedy, "keys renew"));
    assert_int_equal(lethe_signer_rehearse(old, now + DAY_MS, &err), 0);
    assert_int_equal(lethe_keys_renew(dir, NULL, NULL, 30, &err), 0);
    assert_int_equal(lethe_signer_open(dir, NULL, NULL, &new, NULL), 0);
    assert_string_not_equal(old->certificate_sha256, new->certificate_sha256);
    assert_string_equal(new->bench, "bench-1");
    assert_int_equal(new->not_after, now + 30 * DAY_MS);
    snprintf(kept, sizeof(kept), "keys/bench-%.16s.key", old->certificate_sha256);
    assert_true(exists(kept));
    assert_int_equal(mode_of(kept), 0600);
    snprintf(kept, sizeof(kept), "trust/bench-%.16s.pem", old->certificate_sha256);
    assert_true(exists(kept));
    lethe_signer_close(old);
    lethe_signer_close(new);
}

/* A renewal cut short between its two files: the bench goes on with the old pair, and renews again.
 */
static void test_renew_cut_short(void **state)
{
    (void)state;
    struct lethe_signer *signer;
    char from[256], to[256], *old_pem, *pem;
    size_t old_len, len;
    init(NULL);
    snprintf(from, sizeof(from), "%s/trust/bench.pem", dir);
    lethe_file_read(from, 65536, &old_pem, &old_len, NULL);
    assert_int_equal(lethe_keys_renew(dir, NULL, NULL, 0, NULL), 0);
    lethe_file_write(from, old_pem, old_len, 0644, NULL);
    assert_int_equal(lethe_signer_open(dir, NULL, NULL, &signer, NULL), 0);
    assert_int_equal(lethe_signer_rehearse(signer, now + DAY_MS, NULL), 0);
    lethe_signer_close(signer);
    assert_int_equal(lethe_keys_renew(dir, NULL, NULL, 0, NULL), 0);
    assert_int_equal(lethe_signer_open(dir, NULL, NULL, &signer, NULL), 0);
    lethe_signer_close(signer);
    /* A pair that does not belong together is refused. */
    lethe_file_read(from, 65536, &pem, &len, NULL);
    snprintf(to, sizeof(to), "%s/keys/bench.key", dir);
    snprintf(from, sizeof(from), "%s/keys/root.key", dir);
    free(pem);
    lethe_file_read(from, 65536, &pem, &len, NULL);
    lethe_file_write(to, pem, len, 0600, NULL);
    assert_int_equal(lethe_signer_open(dir, NULL, NULL, &signer, NULL), -LETHE_E_INVALID);
    free(pem);
    free(old_pem);
}

static void test_export_root_moves_it(void **state)
{
    (void)state;
    struct lethe_error err;
    struct lethe_keys_info info;
    char file[256], medium[256];
    init(NULL);
    snprintf(medium, sizeof(medium), "%s/trust", dir);
    snprintf(file, sizeof(file), "%s/offline.key", dir);
    /* A file that exists is never overwritten. */
    snprintf(medium, sizeof(medium), "%s/trust/root.pem", dir);
    assert_int_equal(lethe_keys_export_root(dir, medium, &err), -LETHE_E_REFUSED);
    assert_true(exists("keys/root.key"));
    assert_int_equal(lethe_keys_export_root(dir, file, &err), 0);
    assert_false(exists("keys/root.key"));
    assert_int_equal(mode_of("offline.key"), 0600);
    assert_int_equal(lethe_keys_info(dir, &info, NULL), 0);
    assert_false(info.root_on_bench);
    assert_int_equal(lethe_keys_renew(dir, NULL, NULL, 0, &err), -LETHE_E_NOT_FOUND);
    assert_int_equal(lethe_keys_renew(dir, file, NULL, 0, &err), 0);
    assert_int_equal(lethe_keys_export_root(dir, medium, &err), -LETHE_E_NOT_FOUND);
}

static void test_demo_is_named(void **state)
{
    (void)state;
    struct lethe_signer *demo, *again;
    struct lethe_chain chain;
    assert_int_equal(lethe_signer_open_demo(dir, &demo, NULL), 0);
    assert_true(demo->demo);
    assert_string_equal(demo->organisation, "DEMO - NOT A REAL ORGANISATION");
    assert_int_equal(lethe_signer_open_demo(dir, &again, NULL), 0);
    assert_string_equal(demo->certificate_sha256, again->certificate_sha256);
    /* The organisation's own root does not vouch for it. */
    init(NULL);
    struct lethe_trust *trust = trust_of("trust/root.pem");
    assert_int_equal(check(trust, demo, now, &chain), -LETHE_E_UNTRUSTED);
    lethe_trust_free(trust);
    lethe_signer_close(demo);
    lethe_signer_close(again);
}

static void test_no_keys_yet(void **state)
{
    (void)state;
    struct lethe_signer *signer;
    struct lethe_error err;
    struct lethe_keys_info info;
    assert_int_equal(lethe_keys_info(dir, &info, &err), 0);
    assert_false(info.initialised);
    assert_int_equal(lethe_signer_open(dir, NULL, NULL, &signer, &err), -LETHE_E_NOT_FOUND);
    assert_non_null(strstr(err.remedy, "lethe keys init"));
}

/* Each chain wrong in one way. */
static void test_chain_faults(void **state)
{
    (void)state;
    struct lethe_signer *signer;
    struct lethe_chain chain;
    init(NULL);
    assert_int_equal(lethe_signer_open(dir, NULL, NULL, &signer, NULL), 0);
    struct lethe_trust *trust = trust_of("trust/root.pem");
    const uint8_t *certs[5] = {signer->chain[0], signer->chain[1], signer->chain[1],
                               signer->chain[1], signer->chain[1]};
    size_t lens[5] = {signer->chain_len[0], signer->chain_len[1], signer->chain_len[1],
                      signer->chain_len[1], signer->chain_len[1]};
    assert_int_equal(lethe_trust_check(trust, certs, lens, 0, now, &chain, NULL), -LETHE_E_INVALID);
    assert_int_equal(lethe_trust_check(trust, certs, lens, 5, now, &chain, NULL), -LETHE_E_INVALID);
    assert_int_equal(lethe_trust_check(trust, certs, lens, 1, now, &chain, NULL), 0);
    assert_int_equal(lethe_trust_check(trust, certs, lens, 2, now, &chain, NULL), 0);
    /* Root first; the root as a leaf; a cut certificate; bytes behind it. */
    const uint8_t *turned[] = {signer->chain[1], signer->chain[0]};
    size_t turned_lens[] = {lens[1], lens[0]};
    assert_int_equal(lethe_trust_check(trust, turned, turned_lens, 2, now, &chain, NULL),
                     -LETHE_E_INVALID);
    lens[0]--;
    assert_int_equal(lethe_trust_check(trust, certs, lens, 2, now, &chain, NULL), -LETHE_E_INVALID);
    uint8_t longer[4096];
    memcpy(longer, certs[0], lens[0] + 1);
    longer[lens[0] + 1] = 0;
    certs[0] = longer;
    lens[0] += 2;
    assert_int_equal(lethe_trust_check(trust, certs, lens, 2, now, &chain, NULL), -LETHE_E_INVALID);
    lethe_trust_free(trust);
    lethe_signer_close(signer);
}

static void test_root_must_be_an_authority(void **state)
{
    (void)state;
    struct lethe_trust *trust;
    struct lethe_error err;
    char path[256], *pem;
    size_t len;
    init(NULL);
    snprintf(path, sizeof(path), "%s/trust/bench.pem", dir);
    assert_int_equal(lethe_file_read(path, 65536, &pem, &len, NULL), 0);
    assert_int_equal(lethe_trust_new(&trust, NULL), 0);
    assert_int_equal(lethe_trust_add_pem(trust, pem, len, &err), -LETHE_E_INVALID);
    assert_int_equal(lethe_trust_add_pem(trust, "hello", 5, &err), -LETHE_E_INVALID);
    assert_non_null(strstr(err.what, "no PEM certificate"));
    lethe_trust_free(trust);
    free(pem);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, make_dir, remove_dir)
    const struct CMUnitTest tests[] = {
        TEST(test_init_makes_a_believed_pair),
        TEST(test_init_refuses_to_overwrite),
        TEST(test_init_refuses_bad_names),
        TEST(test_keys_of_everybody),
        TEST(test_passphrase),
        TEST(test_renew_keeps_the_old_pair),
        TEST(test_renew_cut_short),
        TEST(test_export_root_moves_it),
        TEST(test_demo_is_named),
        TEST(test_no_keys_yet),
        TEST(test_chain_faults),
        TEST(test_root_must_be_an_authority),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
