/* SPDX-License-Identifier: Apache-2.0 */
/* The fast kernel against libcrypto, and both against AES-256-CTR as somebody else wrote it down.
 */
#include "base/keystream.h"
#include "base/vaes.h"

#include <stdlib.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "skip.h"

static void agrees_with_a_published_vector(void **state)
{
    (void)state;
    /* FIPS 197 appendix C.3: key 00..1f encrypts 00112233..ff; NIST's CTR vectors start at other
     * counters, so zero counter blocks are taken from AES-256(key, 0) =
     * dc95c078a2408989ad48a21492842087 (AESAVS appendix C, key of zeroes). */
    static const uint8_t expected[16] = {0xdc, 0x95, 0xc0, 0x78, 0xa2, 0x40, 0x89, 0x89,
                                         0xad, 0x48, 0xa2, 0x14, 0x92, 0x84, 0x20, 0x87};
    static const uint8_t key[32] = {0};
    uint8_t out[1024];
    for (int portable = 0; portable <= 1; portable++) {
        struct lethe_keystream *stream = lethe_keystream_new(key, portable);
        lethe_keystream_fill(stream, 0, out, sizeof(out));
        assert_memory_equal(out, expected, 16);
        lethe_keystream_free(stream);
    }
}

static void the_fast_kernel_says_the_same(void **state)
{
    (void)state;
    if (!lethe_vaes_available())
        lethe_test_skip("this processor has no VAES with AVX-512");
    static const uint64_t offsets[] = {0,
                                       16,
                                       4096,
                                       512 * 77 + 48,
                                       ((uint64_t)1 << 32) - 4096,
                                       (((uint64_t)1 << 32) - 17) * 16,
                                       ((uint64_t)8 << 40) + 1024,
                                       UINT64_MAX - 65535 - 16 * 512};
    static const size_t lens[] = {1, 15, 16, 511, 512, 513, 4096, 12288, 65536 - 16, 65536 + 7};
    uint8_t *fast_out = malloc(70000), *slow_out = malloc(70000);
    for (unsigned k = 0; k < 8; k++) {
        uint8_t key[32];
        for (unsigned i = 0; i < 32; i++)
            key[i] = (uint8_t)(i * 37 + k * 101 + (k == 7 ? 0x80 : 0));
        struct lethe_keystream *fast = lethe_keystream_new(key, false);
        struct lethe_keystream *slow = lethe_keystream_new(key, true);
        for (size_t o = 0; o < sizeof(offsets) / sizeof(offsets[0]); o++) {
            for (size_t l = 0; l < sizeof(lens) / sizeof(lens[0]); l++) {
                uint64_t offset = offsets[o] / 16 * 16;
                memset(fast_out, 0xAA, 70000);
                memset(slow_out, 0xAA, 70000);
                lethe_keystream_fill(fast, offset, fast_out + 1, lens[l]);
                lethe_keystream_fill(slow, offset, slow_out + 1, lens[l]);
                assert_memory_equal(fast_out, slow_out, 70000);
                assert_int_equal(lethe_keystream_compare(fast, offset, slow_out + 1, lens[l]),
                                 lens[l]);
                assert_int_equal(lethe_keystream_compare(slow, offset, slow_out + 1, lens[l]),
                                 lens[l]);
            }
        }
        lethe_keystream_free(fast);
        lethe_keystream_free(slow);
    }
    free(fast_out);
    free(slow_out);
}

static void every_wrong_bit_is_found_where_it_is(void **state)
{
    (void)state;
    static const uint8_t key[32] = {9};
    enum { LEN = 3 * 4096 + 100 };
    uint8_t *data = malloc(LEN);
    for (int portable = 0; portable <= 1; portable++) {
        struct lethe_keystream *stream = lethe_keystream_new(key, portable);
        lethe_keystream_fill(stream, 1024, data, LEN);
        for (size_t at = 0; at < LEN; at += at < 1100 ? 1 : 61) {
            data[at] ^= (uint8_t)(1 << at % 8);
            assert_int_equal(lethe_keystream_compare(stream, 1024, data, LEN), at);
            data[at] ^= (uint8_t)(1 << at % 8);
        }
        data[LEN - 1] ^= 1;
        assert_int_equal(lethe_keystream_compare(stream, 1024, data, LEN), LEN - 1);
        lethe_keystream_free(stream);
    }
    free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_a_published_vector),
        cmocka_unit_test(the_fast_kernel_says_the_same),
        cmocka_unit_test(every_wrong_bit_is_found_where_it_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
