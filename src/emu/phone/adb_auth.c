/* SPDX-License-Identifier: Apache-2.0 */
/* AUTH as a phone checks it: RSA-2048, PKCS#1 v1.5, the token in a SHA-1 digest's place. */
#include "emu/phone/adbd.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>
#include <string.h>

static EVP_PKEY *key_of(const uint8_t modulus[LETHE_ADB_MODULUS], uint32_t exponent)
{
    EVP_PKEY *key = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    BIGNUM *n = BN_bin2bn(modulus, (int)LETHE_ADB_MODULUS, NULL);
    OSSL_PARAM *params = NULL;
    if (context && build && n && OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n) &&
        OSSL_PARAM_BLD_push_uint32(build, OSSL_PKEY_PARAM_RSA_E, exponent))
        params = OSSL_PARAM_BLD_to_param(build);
    if (!params || EVP_PKEY_fromdata_init(context) <= 0 ||
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, params) <= 0)
        key = NULL;
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(build);
    BN_free(n);
    EVP_PKEY_CTX_free(context);
    return key;
}

bool adb_signed(const char *text, const uint8_t token[LETHE_ADB_TOKEN_SIZE],
                const uint8_t *signature, size_t len)
{
    uint8_t raw[LETHE_ADB_KEY], modulus[LETHE_ADB_MODULUS];
    uint32_t exponent;
    if (!text || lethe_adb_key_parse(text, strlen(text) + 1, raw, NULL) < 0 ||
        lethe_adb_key_decode(raw, sizeof(raw), modulus, &exponent, NULL) < 0)
        return false;
    EVP_PKEY *key = key_of(modulus, exponent);
    EVP_PKEY_CTX *context = key ? EVP_PKEY_CTX_new(key, NULL) : NULL;
    bool good = context && EVP_PKEY_verify_init(context) > 0 &&
                EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) > 0 &&
                EVP_PKEY_CTX_set_signature_md(context, EVP_sha1()) > 0 &&
                EVP_PKEY_verify(context, signature, len, token, LETHE_ADB_TOKEN_SIZE) == 1;
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(key);
    return good;
}
