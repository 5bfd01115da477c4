/* SPDX-License-Identifier: Apache-2.0 */
/* A new bench key in place of the old one. A crash in between is harmless: the pair that is
 * replaced is kept beside, under its certificate's fingerprint, before either half changes. */
#include "base/crypto.h"
#include "base/file.h"
#include "keys/internal.h"
#include "keys/log_key.h"
#include "trust/x509_profile.h"
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int copy_file(const char *from, const char *to, mode_t mode, struct lethe_error *err)
{
    char *data;
    size_t len;
    int rc = lethe_file_read(from, 65536, &data, &len, err);
    if (rc < 0)
        return rc;
    rc = lethe_file_write(to, data, len, mode, err);
    lethe_wipe(data, len);
    free(data);
    return rc;
}

/* The pair in use goes beside, under the certificate's fingerprint. */
static int renew_keep(const struct lethe_key_paths *paths, X509 *leaf, struct lethe_error *err)
{
    char key[PATH_MAX], pem[PATH_MAX];
    int rc = lethe_key_kept(paths->keys, "bench", leaf, ".key", key, err);
    if (rc == 0)
        rc = lethe_key_kept(paths->trust, "bench", leaf, ".pem", pem, err);
    /* Kept already by a renewal that was cut short: then bench.key is a newer one. */
    if (rc == 0 && access(key, F_OK) != 0)
        rc = copy_file(paths->bench_key, key, 0600, err);
    return rc < 0 ? rc : copy_file(paths->bench_pem, pem, 0644, err);
}

int lethe_root_open(const struct lethe_key_paths *paths, const char *file, const char *passphrase,
                    X509 **root, EVP_PKEY **key, struct lethe_error *err)
{
    const char *path = file ? file : paths->root_key;
    int rc;
    if (!file && access(path, F_OK) != 0) {
        rc = lethe_fail(err, LETHE_E_NOT_FOUND, "the root key is not on this bench");
        lethe_error_remedy(err, "Bring the medium it was moved to, and name it: --root-key FILE");
        return rc;
    }
    rc = file ? 0 : lethe_keyfile_private(path, err);
    if (rc == 0)
        rc = lethe_certfile_read(paths->root_pem, root, err);
    if (rc == 0)
        rc = lethe_keyfile_read(path, passphrase && passphrase[0] ? passphrase : NULL, key, err);
    if (rc == 0 && EVP_PKEY_eq(*key, X509_get0_pubkey(*root)) != 1)
        rc = lethe_fail(err, LETHE_E_REFUSED, "%s is not the key of %s", path, paths->root_pem);
    return rc;
}

int lethe_keys_root_encrypted(const char *dir, const char *root_key_file, bool *out,
                              struct lethe_error *err)
{
    struct lethe_key_paths paths;
    int rc = lethe_key_paths(dir, &paths, err);
    *out = false;
    if (rc < 0 || (!root_key_file && access(paths.root_key, F_OK) != 0))
        return rc;
    return lethe_keyfile_encrypted(root_key_file ? root_key_file : paths.root_key, out, err);
}

static int renew_make(const char *dir, const struct lethe_key_paths *paths, const char *keyref,
                      X509 *root, EVP_PKEY *root_key, const char *passphrase, unsigned days,
                      struct lethe_error *err)
{
    LETHE_PKEY_AUTO *bench_key = NULL;
    LETHE_X509_AUTO *old = NULL;
    LETHE_X509_AUTO *leaf = NULL;
    char bench[LETHE_BENCH_ID_MAX + 1];
    struct lethe_tlog_key log;
    int rc = lethe_certfile_read(paths->bench_pem, &old, err);
    if (rc < 0)
        return rc;
    if (!lethe_x509_bench(old, bench, sizeof(bench)))
        return lethe_fail(err, LETHE_E_INVALID, "%s names no bench", paths->bench_pem);
    struct lethe_leaf_wish wish = {.leaf = LETHE_LEAF_BENCH, .id = bench, .days = days};
    if (lethe_log_key_read(dir, &log, NULL) == 0) /* it may be a new one: lethe log init */
        wish.origin = log.name;
    rc = renew_keep(paths, old, err);
    /* First, so that the status certificate in use is never older than the bench's: what goes with
     * an earlier bench key is kept beside, where revoking that one finds it. */
    if (rc == 0)
        rc = lethe_status_key_make(paths, bench, days, passphrase, root, root_key, err);
    if (rc == 0)
        rc = lethe_key_make(keyref, paths->bench_key, passphrase, &bench_key, err);
    if (rc == 0)
        rc = lethe_leaf_make(bench_key, &wish, root, root_key, &leaf, err);
    if (rc == 0)
        rc = lethe_certfile_write(paths->bench_pem, leaf, err);
    /* The root is at hand: what else it has to sign from time to time. */
    return rc < 0 ? rc : lethe_crl_refresh(paths, root, root_key, LETHE_CRL_DAYS, err);
}

int lethe_keys_rotate(const char *dir, const char *root_key_file, const char *passphrase,
                      const char *keyref, unsigned bench_days, struct lethe_error *err)
{
    struct lethe_key_paths paths;
    LETHE_X509_AUTO *root = NULL;
    LETHE_PKEY_AUTO *root_key = NULL;
    unsigned days = bench_days ? bench_days : LETHE_BENCH_DAYS;
    char *again = NULL;
    if (days > LETHE_BENCH_DAYS_MAX)
        return lethe_fail(err, LETHE_E_USAGE, "a bench certificate is good for at most %d days",
                          LETHE_BENCH_DAYS_MAX);
    int rc = lethe_key_paths(dir, &paths, err);
    if (rc < 0)
        return rc;
    LETHE_FD_AUTO lock = lethe_keys_lock(&paths, err);
    if (lock < 0)
        return lock;
    rc = lethe_root_open(&paths, root_key_file, passphrase, &root, &root_key, err);
    if (rc == 0 && !keyref)
        rc = lethe_keyref_again(paths.bench_key, &again, err);
    if (rc == 0)
        rc = renew_make(dir, &paths, keyref ? keyref : again, root, root_key,
                        passphrase && passphrase[0] ? passphrase : NULL, days, err);
    free(again);
    return rc;
}

int lethe_keys_renew(const char *dir, const char *root_key_file, const char *passphrase,
                     unsigned bench_days, struct lethe_error *err)
{
    return lethe_keys_rotate(dir, root_key_file, passphrase, NULL, bench_days, err);
}
