/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/es256.h"

#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <stdbool.h>
#include <string.h>

/* The order n of P-256, and n/2 (FIPS 186-5, SP 800-186 section 3.2.1.3). */
static const uint8_t order[32] = {0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff,
                                  0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17,
                                  0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};
static const uint8_t half[32] = {0x7f, 0xff, 0xff, 0xff, 0x80, 0x00, 0x00, 0x00, 0x7f, 0xff, 0xff,
                                 0xff, 0xff, 0xff, 0xff, 0xff, 0xde, 0x73, 0x7d, 0x56, 0xd3, 0x8b,
                                 0xcf, 0x42, 0x79, 0xdc, 0xe5, 0x61, 0x7e, 0x31, 0x92, 0xa8};

void lethe_signature_low_s(uint8_t signature[64])
{
    uint8_t *s = signature + 32;
    int borrow = 0;
    if (memcmp(s, half, sizeof(half)) <= 0)
        return;
    for (size_t i = sizeof(order); i-- > 0;) {
        int digit = order[i] - s[i] - borrow;
        borrow = digit < 0;
        s[i] = (uint8_t)(digit + (borrow ? 256 : 0));
    }
}

/* FIPS 186-5 section 6.4.2: both lie in 1..n-1; zero is how CVE-2022-21449 worked. Looked at before
 * libcrypto sees them, so that the reason can be told. */
static bool in_range(const uint8_t number[32])
{
    static const uint8_t zero[32];
    return memcmp(number, zero, 32) != 0 && memcmp(number, order, 32) < 0;
}

static bool is_p256(const EVP_PKEY *key)
{
    char group[32];
    size_t len;
    return key && EVP_PKEY_get_base_id(key) == EVP_PKEY_EC &&
           EVP_PKEY_get_group_name(key, group, sizeof(group), &len) == 1 &&
           strcmp(group, "prime256v1") == 0;
}

static bool holds(EVP_PKEY *key, const void *data, size_t len, const uint8_t signature[64])
{
    uint8_t der[80], *end = der;
    ECDSA_SIG *sig = ECDSA_SIG_new();
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool ok = sig && ctx &&
              ECDSA_SIG_set0(sig, BN_bin2bn(signature, 32, NULL),
                             BN_bin2bn(signature + 32, 32, NULL)) == 1;
    int der_len = ok ? i2d_ECDSA_SIG(sig, &end) : 0;
    ok = der_len > 0 && EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) == 1 &&
         EVP_DigestVerify(ctx, der, (size_t)der_len, data, len) == 1;
    EVP_MD_CTX_free(ctx);
    ECDSA_SIG_free(sig);
    ERR_clear_error();
    return ok;
}

enum lethe_signature lethe_signature_form(const uint8_t signature[64])
{
    if (!in_range(signature) || !in_range(signature + 32))
        return LETHE_SIGNATURE_RANGE;
    return memcmp(signature + 32, half, sizeof(half)) > 0 ? LETHE_SIGNATURE_HIGH
                                                          : LETHE_SIGNATURE_OK;
}

enum lethe_signature lethe_signature_verify(EVP_PKEY *key, const void *data, size_t len,
                                            const uint8_t signature[64])
{
    if (!is_p256(key))
        return LETHE_SIGNATURE_KEY;
    enum lethe_signature form = lethe_signature_form(signature);
    if (form != LETHE_SIGNATURE_OK)
        return form;
    return holds(key, data, len, signature) ? LETHE_SIGNATURE_OK : LETHE_SIGNATURE_WRONG;
}
