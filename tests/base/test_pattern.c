/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pattern.h"

#include "base/crypto.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above. */
#include <cmocka.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t seed[LETHE_SEED_SIZE] = "a seed of thirty-two bytes here";
#define BIG ((size_t)100003) /* many pieces and a ragged end */

static struct lethe_stream *stream_of(const char *text, const char *job, unsigned pass)
{
    struct lethe_pattern pattern;
    struct lethe_stream *stream;
    assert_int_equal(lethe_pattern_parse(text, &pattern, NULL), 0);
    assert_int_equal(lethe_stream_new(&pattern, seed, job, pass, &stream, NULL), 0);
    return stream;
}

static void one_spelling(void **state)
{
    (void)state;
    static const char *const spellings[][2] = {
        {"zero", "zero"},
        {"one", "one"},
        {"random", "random"},
        {"hex:00", "zero"},
        {"hex:FF", "one"},
        {"hex:0000", "zero"},
        {"hex:ABab", "hex:ab"},
        {"hex:924924", "hex:924924"},
        {"hex:01020102", "hex:0102"},
        {"hex:0102030405060708", "hex:0102030405060708"},
        {"hex:010201", "hex:010201"},
        {"byte:1", "byte:1"},
        {"~byte:9", "~byte:9"},
        {"hex:ffffffffffffffff", "one"},
    };
    for (size_t i = 0; i < sizeof(spellings) / sizeof(spellings[0]); i++) {
        struct lethe_pattern pattern;
        char text[24];
        assert_int_equal(lethe_pattern_parse(spellings[i][0], &pattern, NULL), 0);
        lethe_pattern_format(text, sizeof(text), &pattern);
        assert_string_equal(text, spellings[i][1]);
    }
}

static void refuses_other_spellings(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",       "Zero",   "hex:",    "hex:1",   "hex:0102030405060708090a",
        "hex:0g", "byte:0", "byte:10", "byte:",   "~random",
        "~zero",  "~",      "hex:00 ", "random ", "byte"};
    struct lethe_error err;
    struct lethe_pattern pattern;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (lethe_pattern_parse(bad[i], &pattern, &err) != -LETHE_E_INVALID)
            fail_msg("%s was taken", bad[i]);
}

static void fixed_bytes_keep_phase(void **state)
{
    (void)state;
    static const char *const patterns[] = {"zero",
                                           "one",
                                           "hex:5a",
                                           "hex:0102",
                                           "hex:924924",
                                           "hex:01020304",
                                           "hex:0102030405",
                                           "hex:010203040506",
                                           "hex:01020304050607",
                                           "hex:0102030405060708"};
    uint8_t *data = malloc(BIG);
    assert_non_null(data);
    for (size_t p = 0; p < sizeof(patterns) / sizeof(patterns[0]); p++) {
        struct lethe_pattern pattern;
        lethe_pattern_parse(patterns[p], &pattern, NULL);
        struct lethe_stream *stream = stream_of(patterns[p], "job", 0);
        static const uint64_t offsets[] = {0, 16, 512, 4096 * 3, (1ULL << 43) + 512};
        for (size_t o = 0; o < sizeof(offsets) / sizeof(offsets[0]); o++) {
            lethe_stream_fill(stream, offsets[o], data, BIG);
            for (size_t i = 0; i < BIG; i++)
                if (data[i] != pattern.bytes[(offsets[o] + i) % pattern.n_bytes])
                    fail_msg("%s at %zu", patterns[p], i);
            assert_int_equal(lethe_stream_compare(stream, offsets[o], data, BIG), BIG);
        }
        lethe_stream_free(stream);
    }
    free(data);
}

/* The stream by its definition, from primitives that are not pattern.c's. */
static void random_is_what_an_auditor_computes(void **state)
{
    (void)state;
    static const char info[] = "lethe-pass-v1\0job-7\0"
                               "12";
    uint8_t key[32], iv[16] = {0}, zeros[64] = {0}, want[64], got[64];
    uint64_t offset = (1ULL << 42) + 512, block = offset / 16;
    int n;
    lethe_hkdf(key, sizeof(key), seed, sizeof(seed), info, sizeof(info) - 1);
    for (int i = 0; i < 8; i++)
        iv[8 + i] = (uint8_t)(block >> (56 - 8 * i));
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    assert_int_equal(EVP_EncryptInit_ex(ctx, EVP_aes_256_ctr(), NULL, key, iv), 1);
    assert_int_equal(EVP_EncryptUpdate(ctx, want, &n, zeros, 64), 1);
    EVP_CIPHER_CTX_free(ctx);
    struct lethe_stream *stream = stream_of("random", "job-7", 12);
    lethe_stream_fill(stream, offset, got, sizeof(got));
    assert_memory_equal(got, want, sizeof(got));
    lethe_stream_free(stream);
}

static void any_offset_is_the_same_stream(void **state)
{
    (void)state;
    uint8_t *whole = malloc(BIG), *part = malloc(BIG);
    assert_non_null(whole);
    assert_non_null(part);
    struct lethe_stream *stream = stream_of("random", "job", 1);
    lethe_stream_fill(stream, 0, whole, BIG);
    for (size_t offset = 0; offset < BIG; offset += 16 * 97) {
        size_t len = BIG - offset < 20000 ? BIG - offset : 20000;
        lethe_stream_fill(stream, offset, part, len);
        assert_memory_equal(part, whole + offset, len);
        assert_int_equal(lethe_stream_compare(stream, offset, part, len), len);
    }
    lethe_stream_free(stream);
    free(whole);
    free(part);
}

static void keys_differ(void **state)
{
    (void)state;
    uint8_t a[64], b[64];
    struct lethe_stream *base = stream_of("random", "job", 1);
    struct lethe_stream *others[] = {stream_of("random", "job", 2), stream_of("random", "job2", 1),
                                     stream_of("random", "jo", 1)};
    lethe_stream_fill(base, 0, a, sizeof(a));
    for (size_t i = 0; i < 3; i++) {
        lethe_stream_fill(others[i], 0, b, sizeof(b));
        assert_memory_not_equal(a, b, sizeof(a));
        lethe_stream_free(others[i]);
    }
    lethe_stream_free(base);
}

static void compare_finds_the_first_difference(void **state)
{
    (void)state;
    static const char *const patterns[] = {"zero", "hex:924924", "hex:01020304050607", "random",
                                           "byte:3"};
    uint8_t *data = malloc(BIG);
    assert_non_null(data);
    for (size_t p = 0; p < sizeof(patterns) / sizeof(patterns[0]); p++) {
        struct lethe_stream *stream = stream_of(patterns[p], "job", 0);
        for (size_t at = 0; at < BIG; at += at < 40 ? 1 : 6661) {
            lethe_stream_fill(stream, 4096, data, BIG);
            data[at] ^= 0x10;
            data[BIG - 1] ^= at == BIG - 1 ? 0 : 0x01;
            assert_int_equal(lethe_stream_compare(stream, 4096, data, BIG), at);
        }
        lethe_stream_fill(stream, 4096, data, BIG);
        data[BIG - 1] ^= 0x80;
        assert_int_equal(lethe_stream_compare(stream, 4096, data, BIG), BIG - 1);
        assert_int_equal(lethe_stream_compare(stream, 4096, data, 0), 0);
        lethe_stream_free(stream);
    }
    free(data);
}

static void drawn_byte_and_complement(void **state)
{
    (void)state;
    static const char info[] = "lethe-byte-v1\0job\0"
                               "2";
    uint8_t want, a[32], b[32];
    lethe_hkdf(&want, 1, seed, sizeof(seed), info, sizeof(info) - 1);
    struct lethe_stream *drawn = stream_of("byte:2", "job", 0);
    struct lethe_stream *complement = stream_of("~byte:2", "job", 5); /* whatever the pass */
    lethe_stream_fill(drawn, 0, a, sizeof(a));
    lethe_stream_fill(complement, 16, b, sizeof(b));
    for (size_t i = 0; i < sizeof(a); i++) {
        assert_int_equal(a[i], want);
        assert_int_equal(b[i], want ^ 0xFF);
    }
    lethe_stream_free(drawn);
    lethe_stream_free(complement);
}

static void refuses_a_pattern_without_bytes(void **state)
{
    (void)state;
    struct lethe_pattern pattern = {.kind = LETHE_PATTERN_FIXED};
    struct lethe_stream *stream;
    assert_int_equal(lethe_stream_new(&pattern, seed, "job", 0, &stream, NULL), -LETHE_E_USAGE);
    assert_null(stream);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_spelling),
        cmocka_unit_test(refuses_other_spellings),
        cmocka_unit_test(fixed_bytes_keep_phase),
        cmocka_unit_test(random_is_what_an_auditor_computes),
        cmocka_unit_test(any_offset_is_the_same_stream),
        cmocka_unit_test(keys_differ),
        cmocka_unit_test(compare_finds_the_first_difference),
        cmocka_unit_test(drawn_byte_and_complement),
        cmocka_unit_test(refuses_a_pattern_without_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
