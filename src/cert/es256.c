/* SPDX-License-Identifier: Apache-2.0 */
/* EC_GROUP_precompute_mult() is deprecated in OpenSSL 3, and nothing stands in for it. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "cert/es256.h"

#include "base/crypto.h"
#include "trust/es256.h"
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/*
 * A verification computes u1*G + u2*Q. For G libcrypto has a table; for the public key Q it works
 * bit by bit, which is four fifths of the time. Who verifies thousands of one bench makes a table
 * for Q too: a group that is P-256 but for its generator, which is Q.
 */
struct ready {
    EC_GROUP *curve, *own;
    BN_CTX *ctx;
    EC_POINT *left, *right;
    BIGNUM *r, *s, *e, *x, *half; /* half: n/2 */
    const BIGNUM *n;
};

struct lethe_es256 {
    EVP_PKEY *key;
    struct ready *ready; /* NULL: not made ready */
};

struct lethe_es256 *lethe_es256_new(const uint8_t *der, size_t len, struct lethe_complaint *why)
{
    const uint8_t *at = der;
    X509 *cert = d2i_X509(NULL, &at, (long)len);
    EVP_PKEY *key = cert ? X509_get_pubkey(cert) : NULL;
    struct lethe_es256 *out = calloc(1, sizeof(*out));
    char group[32];
    size_t group_len;
    X509_free(cert);
    ERR_clear_error();
    if (out && key && EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
        EVP_PKEY_get_group_name(key, group, sizeof(group), &group_len) == 1 &&
        strcmp(group, "prime256v1") == 0) {
        out->key = key;
        return out;
    }
    lethe_complain(why, "key", "the first certificate of x5c has no P-256 key");
    EVP_PKEY_free(key);
    free(out);
    ERR_clear_error();
    return NULL;
}

static void ready_free(struct ready *ready)
{
    if (!ready)
        return;
    EC_POINT_free(ready->left);
    EC_POINT_free(ready->right);
    EC_GROUP_free(ready->curve);
    EC_GROUP_free(ready->own);
    BN_free(ready->r);
    BN_free(ready->s);
    BN_free(ready->e);
    BN_free(ready->x);
    BN_free(ready->half);
    BN_CTX_free(ready->ctx);
    free(ready);
}

/* Q on CURVE, from what the key says of itself. */
static bool public_point(EVP_PKEY *key, const EC_GROUP *curve, EC_POINT *out, BN_CTX *ctx)
{
    uint8_t *encoded = NULL;
    size_t len = EVP_PKEY_get1_encoded_public_key(key, &encoded);
    bool ok = len > 0 && EC_POINT_oct2point(curve, out, encoded, len, ctx) == 1;
    OPENSSL_free(encoded);
    return ok;
}

static bool ready_make(struct ready *ready, EVP_PKEY *key)
{
    ready->ctx = BN_CTX_new();
    ready->curve = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    ready->own = ready->curve ? EC_GROUP_dup(ready->curve) : NULL;
    if (!ready->ctx || !ready->own)
        return false;
    ready->n = EC_GROUP_get0_order(ready->curve);
    ready->left = EC_POINT_new(ready->curve);
    ready->right = EC_POINT_new(ready->curve);
    ready->r = BN_new();
    ready->s = BN_new();
    ready->e = BN_new();
    ready->x = BN_new();
    ready->half = BN_new();
    return ready->left && ready->right && ready->r && ready->s && ready->e && ready->x &&
           ready->half && BN_rshift1(ready->half, ready->n) == 1 &&
           public_point(key, ready->curve, ready->right, ready->ctx) &&
           EC_GROUP_set_generator(ready->own, ready->right, ready->n, BN_value_one()) == 1 &&
           EC_GROUP_precompute_mult(ready->own, ready->ctx) == 1;
}

void lethe_es256_prepare(struct lethe_es256 *key)
{
    struct ready *ready = key->ready ? NULL : calloc(1, sizeof(*ready));
    if (ready && ready_make(ready, key->key))
        key->ready = ready;
    else
        ready_free(ready);
    ERR_clear_error();
}

void lethe_es256_free(struct lethe_es256 *key)
{
    if (!key)
        return;
    ready_free(key->ready);
    EVP_PKEY_free(key->key);
    free(key);
}

/* FIPS 186-5 section 6.4.2, with the smaller s. True: the signature holds. */
static bool ready_verify(const struct ready *t, const uint8_t signature[64], const void *data,
                         size_t len)
{
    uint8_t hash[LETHE_HASH_SIZE];
    lethe_sha256(hash, data, len);
    return BN_bin2bn(signature, 32, t->r) && BN_bin2bn(signature + 32, 32, t->s) &&
           !BN_is_zero(t->r) && BN_cmp(t->r, t->n) < 0 && !BN_is_zero(t->s) &&
           BN_cmp(t->s, t->half) <= 0 && BN_bin2bn(hash, LETHE_HASH_SIZE, t->e) &&
           BN_mod_inverse(t->s, t->s, t->n, t->ctx) &&
           BN_mod_mul(t->e, t->e, t->s, t->n, t->ctx) == 1 && /* u1 = e/s */
           BN_mod_mul(t->s, t->r, t->s, t->n, t->ctx) == 1 && /* u2 = r/s */
           EC_POINT_mul(t->curve, t->left, t->e, NULL, NULL, t->ctx) == 1 &&
           EC_POINT_mul(t->own, t->right, t->s, NULL, NULL, t->ctx) == 1 &&
           EC_POINT_add(t->curve, t->left, t->left, t->right, t->ctx) == 1 &&
           EC_POINT_is_at_infinity(t->curve, t->left) == 0 &&
           EC_POINT_get_affine_coordinates(t->curve, t->left, t->x, NULL, t->ctx) == 1 &&
           BN_nnmod(t->x, t->x, t->n, t->ctx) == 1 && BN_cmp(t->x, t->r) == 0;
}

int lethe_es256_verify(struct lethe_es256 *key, const uint8_t signature[64], const void *data,
                       size_t len, struct lethe_complaint *why)
{
    /* What does not hold by the table is asked of libcrypto's own way before it is called forged.
     */
    if (key->ready && ready_verify(key->ready, signature, data, len))
        return 0;
    ERR_clear_error();
    switch (lethe_signature_verify(key->key, data, len, signature)) {
    case LETHE_SIGNATURE_OK:
        return 0;
    case LETHE_SIGNATURE_RANGE:
        return lethe_complain(why, "signature-range", "the signature's numbers are out of range");
    case LETHE_SIGNATURE_HIGH:
        return lethe_complain(why, "signature-high",
                              "the signature is the larger of two that say the same; only the "
                              "smaller one is taken");
    case LETHE_SIGNATURE_KEY:
    case LETHE_SIGNATURE_WRONG:
        break;
    }
    return lethe_complain(why, "signature",
                          "the signature does not hold: something was changed, or another key "
                          "signed it");
}
