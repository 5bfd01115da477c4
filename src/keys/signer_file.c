/* SPDX-License-Identifier: Apache-2.0 */
/* A private key in memory, from a file. */
#include "keys/internal.h"
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <stdlib.h>

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

struct lethe_signer *lethe_signer_of_key(EVP_PKEY *key)
{
    struct file_signer *self = calloc(1, sizeof(*self));
    if (!self) {
        EVP_PKEY_free(key);
        return NULL;
    }
    self->signer.ops = &file_ops;
    self->key = key;
    return &self->signer;
}
