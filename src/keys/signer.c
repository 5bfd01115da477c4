/* SPDX-License-Identifier: Apache-2.0 */
/* Opening a signer: a key, wherever it is, and the certificates that make it believed. */
#include "base/crypto.h"
#include "base/time.h"
#include "keys/internal.h"
#include "trust/es256.h"
#include "trust/x509_profile.h"
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>
#include <unistd.h>

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

static int signer_fill(struct lethe_signer *signer, enum lethe_leaf kind, X509 *leaf, X509 *root,
                       struct lethe_error *err)
{
    if (!lethe_x509_organisation(leaf, signer->organisation, sizeof(signer->organisation)) ||
        !(kind == LETHE_LEAF_BENCH
              ? lethe_x509_bench(leaf, signer->bench, sizeof(signer->bench))
              : lethe_x509_status(leaf, signer->bench, sizeof(signer->bench))) ||
        !lethe_x509_validity(leaf, &signer->not_before, &signer->not_after))
        return lethe_fail(err, LETHE_E_INVALID, "the certificate is not one of ours");
    signer->demo = strcmp(signer->organisation, LETHE_DEMO_ORGANISATION) == 0;
    int rc = chain_add(signer, leaf, err);
    if (rc == 0)
        rc = chain_add(signer, root, err);
    if (rc == 0)
        lethe_sha256_hex(signer->certificate_sha256, signer->chain[0], signer->chain_len[0]);
    return rc;
}

struct asking {
    int (*ask)(void *user, char *out, size_t out_size);
    void *user;
};

/* KEY_FILE holds or names the key of LEAF. */
static int pair_open(const char *key_file, const char *pem, enum lethe_leaf kind, X509 *leaf,
                     X509 *root, const struct asking *asking, struct lethe_signer **out,
                     struct lethe_error *err)
{
    LETHE_PKEY_AUTO *public = NULL;
    int rc = lethe_key_open(key_file, asking->ask, asking->user, out, &public, err);
    if (rc < 0)
        return rc;
    if (EVP_PKEY_eq(public, X509_get0_pubkey(leaf)) != 1) {
        rc = lethe_fail(err, LETHE_E_INVALID, "%s is not the key of %s", key_file, pem);
        lethe_error_remedy(err,
                           "Restore the pair from a backup, or make a new one: lethe keys renew");
    }
    if (rc == 0)
        rc = signer_fill(*out, kind, leaf, root, err);
    if (rc < 0)
        lethe_signer_close(*out);
    return rc;
}

/* What was given up is not signed with, whatever the verifier would say of it. */
static int not_revoked(const struct lethe_key_paths *paths, const char *part, X509 *leaf,
                       struct lethe_error *err)
{
    X509_CRL *crl;
    X509_REVOKED *entry;
    int rc = lethe_crl_read(paths, &crl, err);
    if (rc < 0)
        return rc;
    if (crl && X509_CRL_get0_by_cert(crl, &entry, leaf) == 1) {
        rc = lethe_fail(err, LETHE_E_REFUSED, "the %s certificate is revoked (%s)", part,
                        paths->crl);
        lethe_error_effect(err, "nothing was signed: nobody would believe it");
        lethe_error_remedy(err, "make a new key: lethe keys rotate");
    }
    X509_CRL_free(crl);
    return rc;
}

static int open_part(const char *dir, enum lethe_leaf kind, const struct asking *asking,
                     struct lethe_signer **out, struct lethe_error *err)
{
    struct lethe_key_paths paths;
    LETHE_X509_AUTO *leaf = NULL;
    LETHE_X509_AUTO *root = NULL;
    char kept[PATH_MAX];
    int rc = lethe_key_paths(dir, &paths, err);
    if (rc < 0)
        return rc;
    bool status = kind == LETHE_LEAF_STATUS;
    const char *pem = status ? paths.status_pem : paths.bench_pem,
               *key = status ? paths.status_key : paths.bench_key;
    if (access(paths.root_pem, F_OK) != 0) {
        rc = lethe_fail(err, LETHE_E_NOT_FOUND, "this bench has no keys yet (%s)", paths.root_pem);
        lethe_error_remedy(
            err, "Make them: lethe keys init --org \"YOUR ORGANISATION\" --bench bench-1");
        return rc;
    }
    if (status && access(pem, F_OK) != 0) {
        rc = lethe_fail(err, LETHE_E_NOT_FOUND, "this bench has no key for status lists (%s)", pem);
        lethe_error_remedy(err, "lethe keys renew makes one");
        return rc;
    }
    rc = lethe_certfile_read(paths.root_pem, &root, err);
    if (rc == 0)
        rc = lethe_certfile_read(pem, &leaf, err);
    if (rc == 0)
        rc = not_revoked(&paths, status ? "status" : "bench", leaf, err);
    /* A renewal that was cut short leaves the new key beside the old certificate: then the old key
     * is the kept one (renew.c). */
    if (rc == 0)
        rc = lethe_key_kept(paths.keys, "bench", leaf, ".key", kept, err);
    if (rc == 0)
        rc = pair_open(access(kept, F_OK) == 0 ? kept : key, pem, kind, leaf, root, asking, out,
                       err);
    return rc;
}

int lethe_signer_open(const char *dir, int (*ask)(void *user, char *out, size_t out_size),
                      void *user, struct lethe_signer **out, struct lethe_error *err)
{
    const struct asking asking = {ask, user};
    return open_part(dir, LETHE_LEAF_BENCH, &asking, out, err);
}

int lethe_signer_open_status(const char *dir, int (*ask)(void *user, char *out, size_t out_size),
                             void *user, struct lethe_signer **out, struct lethe_error *err)
{
    const struct asking asking = {ask, user};
    return open_part(dir, LETHE_LEAF_STATUS, &asking, out, err);
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
    uint8_t nonce[32], raw[64];
    lethe_random(nonce, sizeof(nonce));
    int rc = signer->ops->sign(signer, nonce, sizeof(nonce), raw, err);
    if (rc < 0)
        return rc;
    const uint8_t *at = signer->chain[0];
    LETHE_X509_AUTO *leaf = d2i_X509(NULL, &at, (long)signer->chain_len[0]);
    lethe_signature_low_s(raw);
    bool ok = leaf && lethe_signature_verify(X509_get0_pubkey(leaf), nonce, sizeof(nonce), raw) ==
                          LETHE_SIGNATURE_OK;
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
