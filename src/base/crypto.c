/* SPDX-License-Identifier: Apache-2.0 */
#include "base/crypto.h"

#include "base/text.h"
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <stdlib.h>

static void must(bool ok)
{
    if (!ok)
        abort();
}

void lethe_sha256(uint8_t out[LETHE_HASH_SIZE], const void *data, size_t len)
{
    must(EVP_Digest(len ? data : "", len, out, NULL, EVP_sha256(), NULL) == 1);
}

void lethe_sha256_hex(char out[2 * LETHE_HASH_SIZE + 1], const void *data, size_t len)
{
    uint8_t hash[LETHE_HASH_SIZE];
    lethe_sha256(hash, data, len);
    lethe_hex_encode(out, hash, sizeof(hash));
}

void lethe_hmac_sha256(uint8_t out[LETHE_HASH_SIZE], const void *key, size_t key_len,
                       const void *data, size_t len)
{
    /* A NULL key would mean "the key of before" to libcrypto. */
    must(key_len <= INT32_MAX && HMAC(EVP_sha256(), key_len ? key : "", (int)key_len,
                                      len ? data : (const void *)"", len, out, NULL) != NULL);
}

void lethe_hkdf(void *out, size_t out_len, const void *key, size_t key_len, const void *info,
                size_t info_len)
{
    char digest[] = "SHA256";
    OSSL_PARAM params[4] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, (void *)(uintptr_t)key, key_len),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, (void *)(uintptr_t)info, info_len),
        OSSL_PARAM_construct_end(),
    };
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *ctx = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
    must(ctx && EVP_KDF_derive(ctx, out, out_len, params) == 1);
    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
}

bool lethe_equal_const_time(const void *a, const void *b, size_t len)
{
    return CRYPTO_memcmp(a, b, len) == 0;
}

void lethe_wipe(void *secret, size_t len)
{
    if (secret)
        OPENSSL_cleanse(secret, len);
}
