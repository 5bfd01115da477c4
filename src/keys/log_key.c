/* SPDX-License-Identifier: Apache-2.0 */
#include "keys/log_key.h"

#include "base/crypto.h"
#include "base/file.h"
#include "base/text.h"
#include "base/time.h"
#include "keys/internal.h"
#include "trust/x509_profile.h"
#include <ctype.h>
#include <errno.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct lethe_log_signer {
    struct lethe_tlog_key key;
    EVP_PKEY *pkey;
    uint8_t secret[32];
};

struct paths {
    struct lethe_key_paths bench;
    char key[PATH_MAX], secret[PATH_MAX], vkey[PATH_MAX];
};

static int find_paths(const char *dir, struct paths *out, struct lethe_error *err)
{
    int rc = lethe_key_paths(dir, &out->bench, err);
    if (rc == 0)
        rc = lethe_path_join(out->key, PATH_MAX, out->bench.keys, "log.key", err);
    if (rc == 0)
        rc = lethe_path_join(out->secret, PATH_MAX, out->bench.keys, "log.secret", err);
    return rc < 0 ? rc : lethe_path_join(out->vkey, PATH_MAX, out->bench.trust, "log.vkey", err);
}

/* Letters and digits, in lower case; whatever else becomes one '-'. */
static void put_slug(char *out, size_t out_size, const char *text, const char *otherwise)
{
    size_t n = 0;
    for (; *text && n + 1 < out_size; text++) {
        unsigned char c = (unsigned char)*text;
        if (c < 0x80 && isalnum(c))
            out[n++] = (char)tolower(c);
        else if (n > 0 && out[n - 1] != '-')
            out[n++] = '-';
    }
    while (n > 0 && out[n - 1] == '-')
        n--;
    out[n] = '\0';
    if (n == 0)
        lethe_text_format(out, out_size, "%s", otherwise);
}

void lethe_log_origin_make(char out[LETHE_TLOG_NAME_MAX], const char *organisation,
                           const char *bench, const char *root_sha256)
{
    char org[65], name[65];
    put_slug(org, sizeof(org), organisation, "org");
    put_slug(name, sizeof(name), bench, "bench");
    lethe_text_format(out, LETHE_TLOG_NAME_MAX, "lethe.log/%s/%s/%.8s", org, name, root_sha256);
}

static int key_generate(EVP_PKEY **out, struct lethe_error *err)
{
    *out = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    return *out ? 0 : lethe_fail(err, LETHE_E_INTERNAL, "no Ed25519 key could be made");
}

static int public_half(EVP_PKEY *pkey, const char *origin, struct lethe_tlog_key *out,
                       struct lethe_error *err)
{
    uint8_t pub[32];
    size_t len = sizeof(pub);
    if (EVP_PKEY_get_raw_public_key(pkey, pub, &len) != 1 || len != sizeof(pub)) {
        ERR_clear_error();
        return lethe_fail(err, LETHE_E_INVALID, "the key of the log is no Ed25519 key");
    }
    return lethe_tlog_key_make(out, origin, LETHE_TLOG_ED25519, pub, err);
}

int lethe_log_key_make(const char *dir, const char *origin, const char *passphrase,
                       struct lethe_error *err)
{
    struct paths paths;
    struct lethe_tlog_key key;
    LETHE_PKEY_AUTO *pkey = NULL;
    uint8_t secret[32];
    char secret_hex[66], vkey[LETHE_TLOG_VKEY_MAX + 1];
    int rc = find_paths(dir, &paths, err);
    if (rc == 0)
        rc = key_generate(&pkey, err);
    if (rc == 0)
        rc = public_half(pkey, origin, &key, err);
    if (rc == 0)
        rc = lethe_keyfile_write(paths.key, pkey, passphrase, err);
    if (rc < 0)
        return rc;
    /* Pseudonyms stay comparable over the logs of a bench: a secret that is there is kept. */
    if (access(paths.secret, F_OK) != 0) {
        lethe_random(secret, sizeof(secret));
        lethe_hex_encode(secret_hex, secret, sizeof(secret));
        strcat(secret_hex, "\n");
        rc = lethe_file_write(paths.secret, secret_hex, 65, 0600, err);
        lethe_wipe(secret, sizeof(secret));
        lethe_wipe(secret_hex, sizeof(secret_hex));
    }
    lethe_tlog_key_format(&key, vkey);
    strcat(vkey, "\n");
    return rc < 0 ? rc : lethe_file_write(paths.vkey, vkey, strlen(vkey), 0644, err);
}

int lethe_log_key_read(const char *dir, struct lethe_tlog_key *out, struct lethe_error *err)
{
    struct paths paths;
    char *text;
    size_t len;
    int rc = find_paths(dir, &paths, err);
    if (rc == 0 && access(paths.vkey, F_OK) != 0) {
        lethe_fail(err, LETHE_E_NOT_FOUND, "this bench has no transparency log yet (%s)",
                   paths.vkey);
        lethe_error_effect(err, "nothing was sent to any device: no start without its log entry");
        lethe_error_remedy(err, "make one: lethe log init");
        return -LETHE_E_NOT_FOUND;
    }
    if (rc == 0)
        rc = lethe_file_read(paths.vkey, 4096, &text, &len, err);
    if (rc < 0)
        return rc;
    rc = lethe_tlog_key_parse(text, len, out, err);
    free(text);
    return rc;
}

/* The old log's files under its key's id, so that what it signed can still be checked. */
static int put_aside(const struct paths *paths, const struct lethe_tlog_key *old,
                     struct lethe_error *err)
{
    char name[64], to[PATH_MAX];
    lethe_text_format(name, sizeof(name), "log-%08x.vkey", old->id);
    int rc = lethe_path_join(to, sizeof(to), paths->bench.trust, name, err);
    if (rc == 0 && rename(paths->vkey, to) < 0)
        rc = lethe_fail_errno(err, errno, "%s can't be put aside", paths->vkey);
    lethe_text_format(name, sizeof(name), "log-%08x.key", old->id);
    if (rc == 0)
        rc = lethe_path_join(to, sizeof(to), paths->bench.keys, name, err);
    if (rc == 0 && rename(paths->key, to) < 0)
        rc = lethe_fail_errno(err, errno, "%s can't be put aside", paths->key);
    return rc;
}

/* Has a log of this directory told anybody anything? Then its name is taken. */
static bool has_spoken(const char *dir)
{
    char log[PATH_MAX], checkpoint[PATH_MAX];
    return lethe_path_join(log, sizeof(log), dir, "log", NULL) == 0 &&
           lethe_path_join(checkpoint, sizeof(checkpoint), log, "checkpoint", NULL) == 0 &&
           access(checkpoint, F_OK) == 0;
}

static int root_hash(const struct lethe_key_paths *paths, char out[65], struct lethe_error *err)
{
    LETHE_X509_AUTO *root = NULL;
    int rc = lethe_certfile_read(paths->root_pem, &root, err);
    if (rc == 0 && lethe_x509_fingerprint(root, out) < 0)
        rc = lethe_fail(err, LETHE_E_INTERNAL, "the root certificate cannot be encoded");
    return rc;
}

int lethe_log_bench_certificate(const char *dir, char out[65], struct lethe_error *err)
{
    struct paths paths;
    LETHE_X509_AUTO *leaf = NULL;
    int rc = find_paths(dir, &paths, err);
    if (rc == 0)
        rc = lethe_certfile_read(paths.bench.bench_pem, &leaf, err);
    if (rc == 0 && lethe_x509_fingerprint(leaf, out) < 0)
        rc = lethe_fail(err, LETHE_E_INTERNAL, "the bench certificate cannot be encoded");
    return rc;
}

int lethe_log_key_pinned(const char *dir, const char *origin, struct lethe_error *err)
{
    struct paths paths;
    LETHE_X509_AUTO *leaf = NULL;
    char pinned[LETHE_ORIGIN_MAX + 1] = "";
    int rc = find_paths(dir, &paths, err);
    if (rc == 0)
        rc = lethe_certfile_read(paths.bench.bench_pem, &leaf, err);
    if (rc < 0 || !lethe_x509_log_origin(leaf, pinned) || !pinned[0] || !strcmp(pinned, origin))
        return rc;
    lethe_fail(err, LETHE_E_REFUSED, "the bench certificate names another log, %.120s", pinned);
    lethe_error_effect(err,
                       "nothing was sent to any device: its certificate would not be believed");
    lethe_error_remedy(err, "have the bench certificate name this log: lethe keys renew");
    return -LETHE_E_REFUSED;
}

int lethe_log_key_init(const char *dir, const char *passphrase, bool again, struct lethe_error *err)
{
    struct paths paths;
    struct lethe_keys_info info;
    struct lethe_tlog_key old;
    char hash[65], origin[LETHE_TLOG_NAME_MAX], lock_path[PATH_MAX];
    int rc = find_paths(dir, &paths, err);
    if (rc == 0)
        rc = lethe_keys_info(dir, &info, err);
    if (rc == 0 && !info.initialised) {
        rc = lethe_fail(err, LETHE_E_NOT_FOUND, "this bench has no keys yet");
        lethe_error_remedy(err, "lethe keys init --org NAME --bench NAME makes its log, too");
    }
    if (rc == 0)
        rc = lethe_path_join(lock_path, sizeof(lock_path), paths.bench.keys, ".lock", err);
    if (rc < 0)
        return rc;
    LETHE_FD_AUTO lock = lethe_file_lock(lock_path, true, err);
    if (lock < 0)
        return lock;
    bool there = access(paths.vkey, F_OK) == 0, spoke = there || has_spoken(dir);
    if (spoke && !again) {
        lethe_fail(err, LETHE_E_REFUSED, "this bench has a transparency log%s%s",
                   there ? ": " : " whose key is gone", there ? paths.vkey : "");
        lethe_error_effect(err, "nothing was changed");
        lethe_error_remedy(err, "to give it up for a new one: lethe log init --again");
        return -LETHE_E_REFUSED;
    }
    rc = root_hash(&paths.bench, hash, err);
    if (rc == 0 && again) {
        uint8_t fresh[4];
        lethe_random(fresh, sizeof(fresh));
        lethe_hex_encode(hash, fresh, sizeof(fresh));
    }
    if (rc == 0 && there)
        rc = lethe_log_key_read(dir, &old, err);
    if (rc == 0 && there)
        rc = put_aside(&paths, &old, err);
    if (rc < 0)
        return rc;
    lethe_log_origin_make(origin, info.organisation, info.bench, hash);
    return lethe_log_key_make(dir, origin, passphrase && passphrase[0] ? passphrase : NULL, err);
}

static int secret_read(const char *path, uint8_t out[32], struct lethe_error *err)
{
    char *text;
    size_t len;
    int rc = lethe_keyfile_private(path, err);
    if (rc == 0)
        rc = lethe_file_read(path, 256, &text, &len, err);
    if (rc < 0)
        return rc;
    if (len != 65 || lethe_hex_decode(out, 32, text, 64) != 32)
        rc = lethe_fail(err, LETHE_E_INVALID, "%s: it holds no secret of 64 hex digits", path);
    lethe_wipe(text, len);
    free(text);
    return rc;
}

static int signer_fill(struct lethe_log_signer *self, const char *dir,
                       int (*ask)(void *user, char *out, size_t out_size), void *user,
                       struct lethe_error *err)
{
    struct paths paths;
    struct lethe_tlog_key said;
    char passphrase[256] = "";
    bool encrypted = false;
    int rc = find_paths(dir, &paths, err);
    if (rc == 0)
        rc = lethe_log_key_read(dir, &said, err);
    if (rc == 0)
        rc = lethe_keyfile_private(paths.key, err);
    if (rc == 0)
        rc = lethe_keyfile_encrypted(paths.key, &encrypted, err);
    if (rc == 0 && encrypted && ask && ask(user, passphrase, sizeof(passphrase)) < 0)
        rc = lethe_fail(err, LETHE_E_CANCELLED, "no passphrase was given for the key of the log");
    if (rc == 0)
        rc = lethe_keyfile_read(paths.key, encrypted && ask ? passphrase : NULL, &self->pkey, err);
    lethe_wipe(passphrase, sizeof(passphrase));
    if (rc == 0)
        rc = public_half(self->pkey, said.name, &self->key, err);
    if (rc == 0 && (self->key.id != said.id || memcmp(self->key.pub, said.pub, 32) != 0))
        rc = lethe_fail(err, LETHE_E_INVALID, "%s is not the key of %s", paths.key, paths.vkey);
    return rc < 0 ? rc : secret_read(paths.secret, self->secret, err);
}

int lethe_log_signer_open(const char *dir, int (*ask)(void *user, char *out, size_t out_size),
                          void *user, struct lethe_log_signer **out, struct lethe_error *err)
{
    struct lethe_log_signer *self = calloc(1, sizeof(*self));
    if (!self)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    int rc = signer_fill(self, dir, ask, user, err);
    if (rc < 0)
        lethe_log_signer_close(self);
    else
        *out = self;
    return rc;
}

void lethe_log_signer_close(struct lethe_log_signer *signer)
{
    if (!signer)
        return;
    EVP_PKEY_free(signer->pkey);
    lethe_wipe(signer->secret, sizeof(signer->secret));
    free(signer);
}

const struct lethe_tlog_key *lethe_log_signer_key(const struct lethe_log_signer *signer)
{
    return &signer->key;
}

int lethe_log_signer_sign(struct lethe_log_signer *signer, const void *data, size_t len,
                          uint8_t out[64], struct lethe_error *err)
{
    size_t out_len = 64;
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = ctx && EVP_DigestSignInit(ctx, NULL, NULL, NULL, signer->pkey) == 1 &&
              EVP_DigestSign(ctx, out, &out_len, data, len) == 1 && out_len == 64;
    EVP_MD_CTX_free(ctx);
    ERR_clear_error();
    return ok ? 0 : lethe_fail(err, LETHE_E_INTERNAL, "the key of the log does not sign");
}

void lethe_log_signer_pseudonym(const struct lethe_log_signer *signer, const void *data, size_t len,
                                uint8_t out[32])
{
    lethe_hmac_sha256(out, signer->secret, sizeof(signer->secret), data, len);
}
