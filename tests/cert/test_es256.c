/* SPDX-License-Identifier: Apache-2.0 */
/* A key with its table says what the same key says without. */
#include "base/crypto.h"
#include "cert/es256.h"
#include "trust/es256.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h wants the four standard headers above */
#include <cmocka.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

static uint8_t *certificate(EVP_PKEY *key, size_t *len)
{
    uint8_t *der = NULL;
    X509 *cert = X509_new();
    X509_set_pubkey(cert, key);
    X509_gmtime_adj(X509_getm_notBefore(cert), 0);
    X509_gmtime_adj(X509_getm_notAfter(cert), 3600);
    assert_true(X509_sign(cert, key, EVP_sha256()) > 0);
    *len = (size_t)i2d_X509(cert, &der);
    X509_free(cert);
    return der;
}

static void sign(EVP_PKEY *key, const void *data, size_t len, uint8_t out[64])
{
    uint8_t der[80];
    const uint8_t *at = der;
    size_t der_len = sizeof(der);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    assert_int_equal(EVP_DigestSignInit(ctx, NULL, EVP_sha256(), NULL, key), 1);
    assert_int_equal(EVP_DigestSign(ctx, der, &der_len, data, len), 1);
    ECDSA_SIG *sig = d2i_ECDSA_SIG(NULL, &at, (long)der_len);
    BN_bn2binpad(ECDSA_SIG_get0_r(sig), out, 32);
    BN_bn2binpad(ECDSA_SIG_get0_s(sig), out + 32, 32);
    ECDSA_SIG_free(sig);
    EVP_MD_CTX_free(ctx);
    lethe_signature_low_s(out);
}

static void test_with_and_without_the_table(void **state)
{
    (void)state;
    for (int k = 0; k < 3; k++) {
        struct lethe_complaint why;
        EVP_PKEY *key = EVP_EC_gen("P-256"), *other = EVP_EC_gen("P-256");
        size_t len;
        uint8_t *der = certificate(key, &len);
        struct lethe_es256 *plain = lethe_es256_new(der, len, &why),
                           *ready = lethe_es256_new(der, len, &why);
        lethe_es256_prepare(ready);
        for (unsigned i = 0; i < 200; i++) {
            uint8_t data[64], signature[64], bad[64];
            memset(data, (int)i, sizeof(data));
            sign(key, data, sizeof(data), signature);
            assert_int_equal(lethe_es256_verify(plain, signature, data, sizeof(data), &why), 0);
            assert_int_equal(lethe_es256_verify(ready, signature, data, sizeof(data), &why), 0);
            memcpy(bad, signature, sizeof(bad));
            bad[i % 64] ^= (uint8_t)(1u << i % 8);
            assert_true(lethe_es256_verify(plain, bad, data, sizeof(data), &why) < 0);
            assert_true(lethe_es256_verify(ready, bad, data, sizeof(data), &why) < 0);
            data[i % 64] ^= 1;
            assert_true(lethe_es256_verify(ready, signature, data, sizeof(data), &why) < 0);
            sign(other, data, sizeof(data), signature);
            assert_true(lethe_es256_verify(ready, signature, data, sizeof(data), &why) < 0);
            assert_string_equal(why.code, "signature");
        }
        lethe_es256_free(plain);
        lethe_es256_free(ready);
        OPENSSL_free(der);
        EVP_PKEY_free(key);
        EVP_PKEY_free(other);
    }
}

/* Numbers that no signature has: the same reason both ways, and never a yes. */
static void test_numbers_out_of_range(void **state)
{
    (void)state;
    static const uint8_t order[32] = {0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00,
                                      0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
                                      0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84,
                                      0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};
    struct lethe_complaint why;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    size_t len;
    uint8_t *der = certificate(key, &len), signature[64];
    struct lethe_es256 *each[] = {lethe_es256_new(der, len, &why), lethe_es256_new(der, len, &why)};
    lethe_es256_prepare(each[1]);
    for (size_t k = 0; k < 2; k++) {
        for (int half = 0; half < 2; half++) {
            sign(key, "x", 1, signature);
            memset(signature + 32 * half, 0, 32);
            assert_true(lethe_es256_verify(each[k], signature, "x", 1, &why) < 0);
            assert_string_equal(why.code, "signature-range");
            memcpy(signature + 32 * half, order, 32);
            assert_true(lethe_es256_verify(each[k], signature, "x", 1, &why) < 0);
            assert_string_equal(why.code, "signature-range");
        }
        memset(signature, 0, sizeof(signature)); /* CVE-2022-21449 */
        assert_true(lethe_es256_verify(each[k], signature, "x", 1, &why) < 0);
        /* n - s says the same, and is not taken. */
        sign(key, "x", 1, signature);
        int borrow = 0;
        for (size_t i = 32; i-- > 0;) {
            int digit = order[i] - signature[32 + i] - borrow;
            borrow = digit < 0;
            signature[32 + i] = (uint8_t)(digit & 255);
        }
        assert_true(lethe_es256_verify(each[k], signature, "x", 1, &why) < 0);
        assert_string_equal(why.code, "signature-high");
        lethe_es256_free(each[k]);
    }
    OPENSSL_free(der);
    EVP_PKEY_free(key);
}

static void test_other_keys(void **state)
{
    (void)state;
    struct lethe_complaint why;
    EVP_PKEY *key = EVP_EC_gen("P-384");
    size_t len;
    uint8_t *der = certificate(key, &len);
    assert_null(lethe_es256_new(der, len, &why));
    assert_string_equal(why.code, "key");
    assert_null(lethe_es256_new((const uint8_t *)"x", 1, &why));
    OPENSSL_free(der);
    EVP_PKEY_free(key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_with_and_without_the_table),
        cmocka_unit_test(test_numbers_out_of_range),
        cmocka_unit_test(test_other_keys),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
