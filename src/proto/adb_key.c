/* SPDX-License-Identifier: Apache-2.0 */
/* Host keys of ADB: words of modulus, n0inv = -1/n mod 2^32, the modulus and R^2 mod n (R = 2^2048)
 * little-endian, the exponent. */
#include "base/base64.h"
#include "base/text.h"
#include "proto/adb.h"
#include "proto/bytes.h"

#include <string.h>

#define WORDS (LETHE_ADB_MODULUS / 4)

/* Words, the lowest first. */
static bool not_below(const uint32_t a[WORDS], const uint32_t b[WORDS])
{
    for (size_t i = WORDS; i-- > 0;)
        if (a[i] != b[i])
            return a[i] > b[i];
    return true;
}

static void subtract(uint32_t a[WORDS], const uint32_t b[WORDS])
{
    uint64_t borrow = 0;
    for (size_t i = 0; i < WORDS; i++) {
        uint64_t difference = (uint64_t)a[i] - b[i] - borrow;
        a[i] = (uint32_t)difference;
        borrow = difference >> 63;
    }
}

/* a = 2a mod n, for a < n and n >= 2^2047. */
static void double_mod(uint32_t a[WORDS], const uint32_t n[WORDS])
{
    uint32_t carry = 0;
    for (size_t i = 0; i < WORDS; i++) {
        uint32_t next = a[i] >> 31;
        a[i] = a[i] << 1 | carry;
        carry = next;
    }
    if (carry || not_below(a, n))
        subtract(a, n);
}

/* Newton: each round doubles how many low bits of the inverse are right; x*x = 1 mod 8 begins it.
 */
static uint32_t inverse(uint32_t n)
{
    uint32_t x = n;
    for (int i = 0; i < 4; i++)
        x *= 2 - n * x;
    return x;
}

int lethe_adb_key_encode(const uint8_t modulus[LETHE_ADB_MODULUS], uint32_t exponent,
                         uint8_t out[LETHE_ADB_KEY], struct lethe_error *err)
{
    if (!(modulus[0] & 0x80) || !(modulus[LETHE_ADB_MODULUS - 1] & 1))
        return lethe_fail(err, LETHE_E_INVALID, "this is no modulus of RSA-2048");
    uint32_t n[WORDS], rr[WORDS] = {1};
    for (size_t i = 0; i < WORDS; i++)
        n[i] = lethe_be32(modulus + LETHE_ADB_MODULUS - 4 - 4 * i);
    for (size_t i = 0; i < 2 * 8 * LETHE_ADB_MODULUS; i++)
        double_mod(rr, n);
    lethe_put_le32(out, WORDS);
    lethe_put_le32(out + 4, 0 - inverse(n[0]));
    for (size_t i = 0; i < WORDS; i++) {
        lethe_put_le32(out + 8 + 4 * i, n[i]);
        lethe_put_le32(out + 8 + LETHE_ADB_MODULUS + 4 * i, rr[i]);
    }
    lethe_put_le32(out + LETHE_ADB_KEY - 4, exponent);
    return 0;
}

int lethe_adb_key_decode(const uint8_t *data, size_t len, uint8_t modulus[LETHE_ADB_MODULUS],
                         uint32_t *exponent, struct lethe_error *err)
{
    uint8_t again[LETHE_ADB_KEY];
    if (len != LETHE_ADB_KEY)
        return lethe_fail(err, LETHE_E_INVALID, "an ADB key has 524 bytes, not %zu", len);
    for (size_t i = 0; i < LETHE_ADB_MODULUS; i++)
        modulus[i] = data[8 + LETHE_ADB_MODULUS - 1 - i];
    *exponent = lethe_le32(data + LETHE_ADB_KEY - 4);
    int rc = lethe_adb_key_encode(modulus, *exponent, again, err);
    if (rc < 0)
        return rc;
    if (memcmp(again, data, LETHE_ADB_KEY) != 0)
        return lethe_fail(err, LETHE_E_INVALID, "the ADB key contradicts itself");
    return 0;
}

int lethe_adb_key_format(const uint8_t key[LETHE_ADB_KEY], const char *comment,
                         char out[LETHE_ADB_KEY_TEXT])
{
    char text[LETHE_BASE64_SIZE(LETHE_ADB_KEY)];
    lethe_base64_encode(text, key, LETHE_ADB_KEY);
    if (!lethe_text_format(out, LETHE_ADB_KEY_TEXT, "%s %s", text, comment))
        return -LETHE_E_LIMIT;
    return (int)strlen(out) + 1;
}

int lethe_adb_key_parse(const void *data, size_t len, uint8_t key[LETHE_ADB_KEY],
                        struct lethe_error *err)
{
    const char *text = data;
    len = len ? strnlen(text, len) : 0;
    const char *space = len ? memchr(text, ' ', len) : NULL;
    if (space)
        len = (size_t)(space - text);
    if (lethe_base64_decode(key, LETHE_ADB_KEY, text, len) != (ssize_t)LETHE_ADB_KEY)
        return lethe_fail(err, LETHE_E_INVALID, "this is no ADB key");
    return 0;
}
