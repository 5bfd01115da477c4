/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keys of a bench as files. The order of writing is what makes a crash harmless: private keys
 * first, trust/root.pem last (it says that all the rest is there).
 */
#include "base/crypto.h"
#include "base/file.h"
#include "base/text.h"
#include "keys/internal.h"
#include "keys/log_key.h"
#include "trust/x509_profile.h"
#include <errno.h>
#include <fcntl.h>
#include <openssl/ec.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

int lethe_key_paths(const char *dir, struct lethe_key_paths *out, struct lethe_error *err)
{
    const struct {
        char *path;
        const char *base, *name;
    } all[] = {{out->trust, dir, "trust"},
               {out->keys, dir, "keys"},
               {out->root_pem, out->trust, "root.pem"},
               {out->bench_pem, out->trust, "bench.pem"},
               {out->root_key, out->keys, "root.key"},
               {out->bench_key, out->keys, "bench.key"},
               {out->status_pem, out->trust, "status.pem"},
               {out->status_key, out->keys, "status.key"},
               {out->status_uri, out->trust, "status.uri"},
               {out->crl, out->trust, "crl.pem"}};
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        int rc = lethe_path_join(all[i].path, PATH_MAX, all[i].base, all[i].name, err);
        if (rc < 0)
            return rc;
    }
    return 0;
}

int lethe_key_kept(const char *dir, const char *part, X509 *cert, const char *suffix,
                   char out[PATH_MAX], struct lethe_error *err)
{
    char hash[65], name[64];
    if (lethe_x509_fingerprint(cert, hash) < 0)
        return lethe_fail(err, LETHE_E_INTERNAL, "the %s certificate cannot be encoded", part);
    lethe_text_format(name, sizeof(name), "%s-%.16s%s", part, hash, suffix);
    return lethe_path_join(out, PATH_MAX, dir, name, err);
}

int lethe_keys_lock(const struct lethe_key_paths *paths, struct lethe_error *err)
{
    char path[PATH_MAX];
    int rc = lethe_path_join(path, sizeof(path), paths->keys, ".lock", err);
    return rc < 0 ? rc : lethe_file_lock(path, true, err);
}

static int init_check(const struct lethe_key_paths *paths, struct lethe_error *err)
{
    /* Keys without a certificate have signed nothing: left by an init that was cut short, made
     * anew. */
    const char *const files[] = {paths->root_pem, paths->bench_pem};
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        if (access(files[i], F_OK) != 0)
            continue;
        int rc = lethe_fail(err, LETHE_E_REFUSED, "there are keys already: %s", files[i]);
        lethe_error_effect(err, "Nothing was changed: overwriting them would orphan every "
                                "certificate signed so far");
        lethe_error_remedy(err, "Use them, renew the bench key with lethe keys renew, or choose "
                                "another --state DIR");
        return rc;
    }
    return 0;
}

static int init_words(const char *organisation, const char *bench, unsigned days,
                      struct lethe_error *err)
{
    if (!organisation[0] || strlen(organisation) > 64 || !lethe_text_is_clean(organisation))
        return lethe_fail(err, LETHE_E_USAGE,
                          "an organisation's name has 1 to 64 bytes and no control characters");
    if (!lethe_bench_id_ok(bench)) {
        int rc = lethe_fail(err, LETHE_E_USAGE, "\"%.80s\" cannot name a bench", bench);
        lethe_error_remedy(err, "Use 1 to %d letters, digits, '.', '_' or '-', such as bench-1",
                           LETHE_BENCH_ID_MAX);
        return rc;
    }
    if (days > LETHE_BENCH_DAYS_MAX)
        return lethe_fail(err, LETHE_E_USAGE, "a bench certificate is good for at most %d days",
                          LETHE_BENCH_DAYS_MAX);
    return 0;
}

/* The log is named after the root, so that two of one name are told apart. */
static int log_make(const char *dir, X509 *root, const struct lethe_keys_wish *wish,
                    const char *passphrase, char origin[LETHE_TLOG_NAME_MAX],
                    struct lethe_error *err)
{
    char hash[65];
    if (lethe_x509_fingerprint(root, hash) < 0)
        return lethe_fail(err, LETHE_E_INTERNAL, "the root certificate cannot be encoded");
    lethe_log_origin_make(origin, wish->organisation, wish->bench, hash);
    return lethe_log_key_make(dir, origin, passphrase, err);
}

static int init_make(const char *dir, const struct lethe_key_paths *paths,
                     const struct lethe_keys_wish *wish, unsigned days, struct lethe_error *err)
{
    const char *passphrase = wish->passphrase && wish->passphrase[0] ? wish->passphrase : NULL;
    char origin[LETHE_TLOG_NAME_MAX] = "";
    const struct lethe_leaf_wish bench = {
        .leaf = LETHE_LEAF_BENCH, .id = wish->bench, .origin = origin, .days = days};
    LETHE_PKEY_AUTO *root_key = EVP_EC_gen("P-384");
    LETHE_PKEY_AUTO *bench_key = NULL;
    LETHE_X509_AUTO *root = NULL;
    LETHE_X509_AUTO *leaf = NULL;
    int rc = root_key ? lethe_root_make(root_key, wish->organisation, &root, err)
                      : lethe_fail(err, LETHE_E_INTERNAL, "no P-384 key could be made");
    if (rc == 0)
        rc = lethe_keyfile_write(paths->root_key, root_key, passphrase, err);
    if (rc == 0)
        rc = log_make(dir, root, wish, passphrase, origin, err);
    if (rc == 0)
        rc = lethe_key_make(wish->keyref, paths->bench_key, passphrase, &bench_key, err);
    if (rc == 0)
        rc = lethe_leaf_make(bench_key, &bench, root, root_key, &leaf, err);
    if (rc == 0)
        rc = lethe_status_key_make(paths, wish->bench, days, passphrase, root, root_key, err);
    if (rc == 0)
        rc = lethe_certfile_write(paths->bench_pem, leaf, err);
    if (rc == 0)
        rc = lethe_certfile_write(paths->root_pem, root, err);
    return rc;
}

int lethe_keys_setup(const char *dir, const struct lethe_keys_wish *wish, struct lethe_error *err)
{
    /* Under the demo's name it could sign for nothing but emulated devices. */
    if (strcasecmp(wish->organisation, LETHE_DEMO_ORGANISATION) == 0) {
        int rc = lethe_fail(err, LETHE_E_USAGE, "\"%s\" is the name of the demo's keys",
                            LETHE_DEMO_ORGANISATION);
        lethe_error_remedy(err, "Give your own organisation's name; the demo makes its own keys");
        return rc;
    }
    return lethe_keys_make(dir, wish, err);
}

int lethe_keys_init(const char *dir, const char *organisation, const char *bench,
                    const char *passphrase, unsigned bench_days, struct lethe_error *err)
{
    const struct lethe_keys_wish wish = {
        .organisation = organisation, .bench = bench, .passphrase = passphrase, .days = bench_days};
    return lethe_keys_setup(dir, &wish, err);
}

int lethe_keys_make(const char *dir, const struct lethe_keys_wish *wish, struct lethe_error *err)
{
    struct lethe_key_paths paths;
    unsigned days = wish->days ? wish->days : LETHE_BENCH_DAYS;
    int rc = init_words(wish->organisation, wish->bench, days, err);
    if (rc == 0)
        rc = lethe_key_paths(dir, &paths, err);
    if (rc == 0)
        rc = lethe_dir_make(paths.keys, 0700, err);
    if (rc == 0)
        rc = lethe_dir_make(paths.trust, 0700, err);
    if (rc < 0)
        return rc;
    LETHE_FD_AUTO lock = lethe_keys_lock(&paths, err);
    if (lock < 0)
        return lock;
    if ((rc = init_check(&paths, err)) == 0 && wish->status_uri)
        rc = lethe_status_uri_set(dir, wish->status_uri, err);
    return rc < 0 ? rc : init_make(dir, &paths, wish, days, err);
}

/* Write, read back, only then remove: there is never a moment without a root key. */
static int export_move(const struct lethe_key_paths *paths, const char *file,
                       struct lethe_error *err)
{
    char *data, *back = NULL;
    size_t len, back_len = 0;
    int rc = lethe_file_read(paths->root_key, 65536, &data, &len, err);
    if (rc < 0)
        return rc;
    rc = lethe_file_write(file, data, len, 0600, err);
    if (rc == 0)
        rc = lethe_file_read(file, 65536, &back, &back_len, err);
    if (rc == 0 && (back_len != len || memcmp(back, data, len) != 0))
        rc = lethe_fail(err, LETHE_E_IO, "%s does not read back as it was written", file);
    lethe_wipe(data, len);
    free(data);
    if (back)
        lethe_wipe(back, back_len);
    free(back);
    if (rc < 0) {
        lethe_error_effect(err, "The root key is still on this bench");
        return rc;
    }
    if (unlink(paths->root_key) < 0)
        return lethe_fail_errno(err, errno, "the root key was copied to %s but %s stays", file,
                                paths->root_key);
    LETHE_FD_AUTO fd = lethe_file_open(paths->keys, O_RDONLY | O_DIRECTORY, 0, err);
    if (fd < 0)
        return fd;
    return fsync(fd) == 0 ? 0 : lethe_fail_errno(err, errno, "cannot sync %s", paths->keys);
}

int lethe_keys_export_root(const char *dir, const char *file, struct lethe_error *err)
{
    struct lethe_key_paths paths;
    int rc = lethe_key_paths(dir, &paths, err);
    if (rc < 0)
        return rc;
    if (access(paths.root_key, F_OK) != 0)
        return lethe_fail(err, LETHE_E_NOT_FOUND, "the root key is not on this bench (%s)",
                          paths.root_key);
    if (access(file, F_OK) == 0) {
        rc = lethe_fail(err, LETHE_E_REFUSED, "%s exists", file);
        lethe_error_effect(err, "Nothing was changed");
        lethe_error_remedy(err,
                           "Name a file that does not exist yet, on a medium you can lock away");
        return rc;
    }
    LETHE_FD_AUTO lock = lethe_keys_lock(&paths, err);
    return lock < 0 ? lock : export_move(&paths, file, err);
}

int lethe_keys_info(const char *dir, struct lethe_keys_info *out, struct lethe_error *err)
{
    struct lethe_key_paths paths;
    LETHE_X509_AUTO *root = NULL;
    LETHE_X509_AUTO *leaf = NULL;
    uint64_t from;
    memset(out, 0, sizeof(*out));
    int rc = lethe_key_paths(dir, &paths, err);
    if (rc < 0)
        return rc;
    out->root_on_bench = access(paths.root_key, F_OK) == 0;
    if (access(paths.root_pem, F_OK) != 0)
        return 0;
    rc = lethe_certfile_read(paths.root_pem, &root, err);
    if (rc == 0)
        rc = lethe_certfile_read(paths.bench_pem, &leaf, err);
    if (rc == 0)
        rc = lethe_keyfile_encrypted(paths.bench_key, &out->encrypted, err);
    if (rc < 0)
        return rc;
    if (!lethe_x509_organisation(root, out->organisation, sizeof(out->organisation)) ||
        !lethe_x509_bench(leaf, out->bench, sizeof(out->bench)) ||
        !lethe_x509_validity(root, &from, &out->root_not_after) ||
        !lethe_x509_validity(leaf, &from, &out->bench_not_after))
        return lethe_fail(err, LETHE_E_INVALID, "the certificates in %s are not ours", paths.trust);
    out->initialised = true;
    return 0;
}
