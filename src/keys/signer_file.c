/* SPDX-License-Identifier: Apache-2.0 */
/* The bench key in a file. PKCS#11 and TPM2 will be further implementations of the same ops. */
#include "base/crypto.h"
#include "base/text.h"
#include "base/time.h"
#include "keys/internal.h"
#include "trust/x509_profile.h"
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PASSPHRASE_MAX 1024

struct file_signer {
    struct lethe_signer signer; /* first */
    EVP_PKEY *key;
};

/* JOSE wants r || s of fixed length (RFC 7518 section 3.4), libcrypto gives DER. */
static bool der_to_raw(const uint8_t *der, size_t len, uint8_t out[64])
{
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &der, (long)len);
    bool ok = sig && BN_bn2binpad(ECDSA_SIG_get0_r(sig), out, 32) == 32 &&
              BN_bn2binpad(ECDSA_SIG_get0_s(sig), out + 32, 32) == 32;
    ECDSA_SIG_free(sig);
    return ok;
}

static int file_sign(struct lethe_signer *signer, const void *data, size_t len, uint8_t out[64],
                     struct lethe_error *err)
{
    struct file_signer *self = (struct file_signer *)signer;
    uint8_t der[128];
    size_t der_len = sizeof(der);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = ctx && EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, self->key) == 1 &&
              EVP_DigestSign(ctx, der, &der_len, data, len) == 1 && der_to_raw(der, der_len, out);
    EVP_MD_CTX_free(ctx);
    ERR_clear_error();
    return ok ? 0 : lethe_fail(err, LETHE_E_INTERNAL, "the bench key could not sign");
}

static void file_close(struct lethe_signer *signer)
{
    struct file_signer *self = (struct file_signer *)signer;
    EVP_PKEY_free(self->key);
    free(self);
}

static const struct lethe_signer_ops file_ops = {"file", file_sign, file_close};

void lethe_signer_close(struct lethe_signer *signer)
{
    if (!signer)
        return;
    for (size_t i = 0; i < signer->n_chain; i++)
        OPENSSL_free(signer->chain[i]);
    signer->ops->close(signer);
}

static int chain_add(struct lethe_signer *signer, X509 *cert, struct lethe_error *err)
{
    unsigned char *der = NULL;
    int len = i2d_X509(cert, &der);
    if (len <= 0)
        return lethe_fail(err, LETHE_E_INTERNAL, "a certificate cannot be encoded");
    signer->chain[signer->n_chain] = der;
    signer->chain_len[signer->n_chain++] = (size_t)len;
    return 0;
}

static int signer_fill(struct lethe_signer *signer, X509 *leaf, X509 *root, struct lethe_error *err)
{
    if (!lethe_x509_organisation(leaf, signer->organisation, sizeof(signer->organisation)) ||
        !lethe_x509_bench(leaf, signer->bench, sizeof(signer->bench)) ||
        !lethe_x509_validity(leaf, &signer->not_before, &signer->not_after))
        return lethe_fail(err, LETHE_E_INVALID, "the bench certificate is not one of ours");
    signer->demo = strcmp(signer->organisation, LETHE_DEMO_ORGANISATION) == 0;
    int rc = chain_add(signer, leaf, err);
    if (rc == 0)
        rc = chain_add(signer, root, err);
    if (rc == 0)
        lethe_sha256_hex(signer->certificate_sha256, signer->chain[0], signer->chain_len[0]);
    return rc;
}

static int key_read(const char *path, int (*ask)(void *user, char *out, size_t out_size),
                    void *user, EVP_PKEY **out, struct lethe_error *err)
{
    bool encrypted;
    char passphrase[PASSPHRASE_MAX];
    int rc = lethe_keyfile_private(path, err);
    if (rc == 0)
        rc = lethe_keyfile_encrypted(path, &encrypted, err);
    if (rc < 0)
        return rc;
    if (!encrypted || !ask)
        return lethe_keyfile_read(path, NULL, out, err);
    rc = ask(user, passphrase, sizeof(passphrase));
    rc = rc < 0 ? lethe_fail(err, LETHE_E_CANCELLED, "no passphrase was given for %s", path)
                : lethe_keyfile_read(path, passphrase, out, err);
    lethe_wipe(passphrase, sizeof(passphrase));
    return rc;
}

/* A renewal that was cut short leaves the new key beside the old certificate: then the old key is
 * the kept one (keys.c). */
static int pair_read(const struct lethe_key_paths *paths, X509 *leaf,
                     int (*ask)(void *user, char *out, size_t out_size), void *user, EVP_PKEY **out,
                     struct lethe_error *err)
{
    char kept[PATH_MAX];
    int rc = lethe_key_kept(paths->keys, leaf, ".key", kept, err);
    if (rc < 0)
        return rc;
    rc = key_read(access(kept, F_OK) == 0 ? kept : paths->bench_key, ask, user, out, err);
    if (rc < 0 || EVP_PKEY_eq(*out, X509_get0_pubkey(leaf)) == 1)
        return rc;
    rc = lethe_fail(err, LETHE_E_INVALID, "%s is not the key of %s", paths->bench_key,
                    paths->bench_pem);
    lethe_error_remedy(err, "Restore the pair from a backup, or make a new one: lethe keys renew");
    return rc;
}

static int signer_open(struct file_signer *self, const struct lethe_key_paths *paths,
                       int (*ask)(void *user, char *out, size_t out_size), void *user,
                       struct lethe_error *err)
{
    LETHE_X509_AUTO *leaf = NULL;
    LETHE_X509_AUTO *root = NULL;
    int rc = lethe_certfile_read(paths->root_pem, &root, err);
    if (rc == 0)
        rc = lethe_certfile_read(paths->bench_pem, &leaf, err);
    if (rc == 0)
        rc = pair_read(paths, leaf, ask, user, &self->key, err);
    return rc < 0 ? rc : signer_fill(&self->signer, leaf, root, err);
}

int lethe_signer_open(const char *dir, int (*ask)(void *user, char *out, size_t out_size),
                      void *user, struct lethe_signer **out, struct lethe_error *err)
{
    struct lethe_key_paths paths;
    int rc = lethe_key_paths(dir, &paths, err);
    if (rc < 0)
        return rc;
    if (access(paths.root_pem, F_OK) != 0) {
        rc = lethe_fail(err, LETHE_E_NOT_FOUND, "this bench has no keys yet (%s)", paths.root_pem);
        lethe_error_remedy(
            err, "Make them: lethe keys init --org \"YOUR ORGANISATION\" --bench bench-1");
        return rc;
    }
    struct file_signer *self = calloc(1, sizeof(*self));
    if (!self)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    self->signer.ops = &file_ops;
    rc = signer_open(self, &paths, ask, user, err);
    if (rc < 0)
        lethe_signer_close(&self->signer);
    else
        *out = &self->signer;
    return rc;
}

/* The root as an anchor for one check of our own chain. */
static int anchor_root(const struct lethe_signer *signer, struct lethe_trust **out,
                       struct lethe_error *err)
{
    const uint8_t *der = signer->chain[signer->n_chain - 1];
    LETHE_X509_AUTO *root = d2i_X509(NULL, &der, (long)signer->chain_len[signer->n_chain - 1]);
    BIO *bio = BIO_new(BIO_s_mem());
    char *pem;
    int rc = root && bio && PEM_write_bio_X509(bio, root) == 1
                 ? lethe_trust_new(out, err)
                 : lethe_fail(err, LETHE_E_INTERNAL, "the root certificate cannot be encoded");
    if (rc == 0) {
        long len = BIO_get_mem_data(bio, &pem);
        rc = lethe_trust_add_pem(*out, pem, (size_t)len, err);
        if (rc < 0)
            lethe_trust_free(*out);
    }
    BIO_free(bio);
    return rc;
}

static int rehearse_signature(struct lethe_signer *signer, struct lethe_error *err)
{
    uint8_t nonce[32], raw[64], der[128], *end = der;
    lethe_random(nonce, sizeof(nonce));
    int rc = signer->ops->sign(signer, nonce, sizeof(nonce), raw, err);
    if (rc < 0)
        return rc;
    const uint8_t *at = signer->chain[0];
    LETHE_X509_AUTO *leaf = d2i_X509(NULL, &at, (long)signer->chain_len[0]);
    ECDSA_SIG *sig = ECDSA_SIG_new();
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = leaf && sig && ctx &&
              ECDSA_SIG_set0(sig, BN_bin2bn(raw, 32, NULL), BN_bin2bn(raw + 32, 32, NULL)) == 1;
    int len = ok ? i2d_ECDSA_SIG(sig, &end) : 0;
    ok = len > 0 &&
         EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, X509_get0_pubkey(leaf)) == 1 &&
         EVP_DigestVerify(ctx, der, (size_t)len, nonce, sizeof(nonce)) == 1;
    EVP_MD_CTX_free(ctx);
    ECDSA_SIG_free(sig);
    ERR_clear_error();
    return ok ? 0
              : lethe_fail(err, LETHE_E_INVALID,
                           "a test signature does not verify with the bench certificate");
}

static int rehearse_chain(struct lethe_signer *signer, uint64_t until_ms, struct lethe_error *err)
{
    struct lethe_trust *trust;
    struct lethe_chain chain;
    int rc = anchor_root(signer, &trust, err);
    if (rc < 0)
        return rc;
    const uint64_t times[] = {lethe_now_ms(), until_ms};
    for (size_t i = 0; i < 2 && rc == 0; i++)
        rc = lethe_trust_check(trust, (const uint8_t *const *)signer->chain, signer->chain_len,
                               signer->n_chain, times[i], &chain, err);
    lethe_trust_free(trust);
    if (rc < 0 && (until_ms > signer->not_after || times[0] > signer->not_after)) {
        char until[21];
        lethe_time_format(until, signer->not_after);
        rc = lethe_fail(err, LETHE_E_REFUSED,
                        "the bench certificate ends at %s, before the job would", until);
    }
    return rc;
}

int lethe_signer_rehearse(struct lethe_signer *signer, uint64_t until_ms, struct lethe_error *err)
{
    int rc = rehearse_signature(signer, err);
    if (rc == 0)
        rc = rehearse_chain(signer, until_ms, err);
    if (rc < 0) {
        lethe_error_effect(err, "Nothing was erased: the job could not have been certified");
        lethe_error_remedy(err, "Renew the bench certificate: lethe keys renew");
    }
    return rc;
}
