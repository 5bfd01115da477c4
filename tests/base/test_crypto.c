/* SPDX-License-Identifier: Apache-2.0 */
#include "base/crypto.h"

#include "base/text.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above. */
#include <cmocka.h>
#include <string.h>

static void assert_hex(const void *got, size_t len, const char *want)
{
    char text[256];
    lethe_hex_encode(text, got, len);
    assert_string_equal(text, want);
}

static void sha256_vectors(void **state)
{
    (void)state;
    char hex[65];
    lethe_sha256_hex(hex, "abc", 3); /* FIPS 180-4 */
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    lethe_sha256_hex(hex, NULL, 0);
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

/* RFC 4231 sections 4.3 and 4.7 (a key longer than the block). */
static void hmac_vectors(void **state)
{
    (void)state;
    uint8_t out[32], key[131];
    lethe_hmac_sha256(out, "Jefe", 4, "what do ya want for nothing?", 28);
    assert_hex(out, 32, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof(key));
    lethe_hmac_sha256(out, key, sizeof(key),
                      "Test Using Larger Than Block-Size Key - Hash Key First", 54);
    assert_hex(out, 32, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    lethe_hmac_sha256(out, NULL, 0, NULL, 0); /* nothing is no error, and no key of before */
    assert_hex(out, 32, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

/* RFC 5869 appendix A.3: no salt, no info. */
static void hkdf_of_the_rfc(void **state)
{
    (void)state;
    uint8_t key[22], out[42];
    memset(key, 0x0b, sizeof(key));
    lethe_hkdf(out, sizeof(out), key, sizeof(key), "", 0);
    assert_hex(out, sizeof(out),
               "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d"
               "9d201395faa4b61a96c8");
}

/* RFC 5869 section 2 by hand, with a label that holds a NUL. */
static void hkdf_by_its_definition(void **state)
{
    (void)state;
    static const uint8_t salt[32] = {0};
    static const char info[] = "label\0job"; /* 9 bytes; the NUL behind them makes room for the 1 */
    uint8_t prk[32], block[32], out[32], message[10];
    lethe_hmac_sha256(prk, salt, sizeof(salt), "key", 3);
    memcpy(message, info, 9);
    message[9] = 1;
    lethe_hmac_sha256(block, prk, sizeof(prk), message, sizeof(message));
    lethe_hkdf(out, sizeof(out), "key", 3, info, 9);
    assert_memory_equal(out, block, sizeof(out));
    lethe_hkdf(out, sizeof(out), "key", 3, info, 5);
    assert_memory_not_equal(out, block, sizeof(out));
}

static void compares_and_wipes(void **state)
{
    (void)state;
    char secret[] = "secret";
    assert_true(lethe_equal_const_time(secret, "secret", 6));
    assert_false(lethe_equal_const_time(secret, "secreT", 6));
    assert_true(lethe_equal_const_time(secret, "x", 0));
    lethe_wipe(secret, 6);
    assert_memory_equal(secret, "\0\0\0\0\0\0", 6);
    lethe_wipe(NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_vectors),     cmocka_unit_test(hmac_vectors),
        cmocka_unit_test(hkdf_of_the_rfc),    cmocka_unit_test(hkdf_by_its_definition),
        cmocka_unit_test(compares_and_wipes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
