/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above. */
#include <cmocka.h>
#include <string.h>

static void assert_clean(const char *in, const char *want)
{
    char out[64];
    lethe_text_clean(out, sizeof(out), in, strlen(in));
    assert_string_equal(out, want);
    assert_true(lethe_text_is_clean(out));
}

static void sees_what_can_be_seen(void **state)
{
    (void)state;
    static const char *const blank[] = {
        "", "  ", "\xc2\xa0", " \xe3\x80\x80 ", "\xe2\x80\x8b", "\t\n", "\xe2\xa0\x80", "\xff"};
    for (size_t i = 0; i < sizeof(blank) / sizeof(blank[0]); i++)
        assert_false(lethe_text_is_visible(blank[i]));
    assert_true(lethe_text_is_visible("x"));
    assert_true(lethe_text_is_visible("\xc2\xa0李"));
}

static void knows_a_name(void **state)
{
    (void)state;
    static const char *const names[] = {"Li Hua",   "李华", "4711",     "Ó",
                                        "\xd0\x96", "ªx",   "O'Neill-2"};
    static const char *const others[] = {"",
                                         "  ",
                                         "?",
                                         "??",
                                         "-.,!",
                                         "\x01\x02",
                                         "\xff",
                                         "¿¡",
                                         "…—“”",
                                         "\xee\x80\x80",
                                         "\xf0\x9f\x98\x80",
                                         "\xef\xbf\xbd",
                                         "\xcc\x81",
                                         "、。",
                                         "？",
                                         "\xe2\xa0\x80",
                                         "J\x01n",
                                         "\xe2\x80\x8b"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_true(lethe_text_is_name(names[i]));
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        assert_false(lethe_text_is_name(others[i]));
}

static void cleans_what_devices_say(void **state)
{
    (void)state;
    assert_clean("  WDC  WD5000   ", "WDC WD5000");
    assert_clean("a\x1b[2Jb\n", "a?[2Jb?");
    assert_clean("忘川 é", "忘川 é");
    assert_clean("a\xe2\x80\xae"
                 "b",
                 "a?b"); /* U+202E, right to left override */
    assert_clean("\xc2\x85", "?");
    assert_clean("\x7f", "?");
    assert_clean("\xff\xc0\x80\xed\xa0\x80", "??????"); /* overlong, surrogate */
    assert_clean("\xe5\xbf", "??");
    assert_clean("\xf5\x80\x80\x80", "????");
    assert_clean("", "");
}

static void cleans_within_bounds(void **state)
{
    (void)state;
    char out[6];
    lethe_text_clean(out, sizeof(out), "ab忘川", 8);
    assert_string_equal(out, "ab忘"); /* fits exactly */
    lethe_text_clean(out, 5, "ab忘川", 8);
    assert_string_equal(out, "ab"); /* no half character */
    lethe_text_clean(out, sizeof(out), "abc\0def", 7);
    assert_string_equal(out, "abc");
    lethe_text_clean(out, sizeof(out), "abcdef", 2); /* no NUL in reach */
    assert_string_equal(out, "ab");
    lethe_text_clean(out, 1, "abc", 3);
    assert_string_equal(out, "");
}

static void knows_unclean(void **state)
{
    (void)state;
    assert_true(lethe_text_is_clean("Größe 忘川"));
    assert_false(lethe_text_is_clean("a\tb"));
    assert_false(lethe_text_is_clean("\xe2\x81\xa6")); /* U+2066 */
    assert_false(lethe_text_is_clean("\xc3"));
    /* What is there without being seen. */
    static const char *const invisible[] = {
        "\u00ad", "\u034f", "\u061c", "\u200b",     "\u200d",     "\u200f",
        "\u2060", "\u2064", "\u3164", "\ufeff",     "\ufff9",     "\ufffb",
        "\ufffe", "\uffff", "\ufdd0", "\U000e0041", "\U0001fffe", "\U0010ffff",
    };
    for (size_t i = 0; i < sizeof(invisible) / sizeof(invisible[0]); i++) {
        assert_false(lethe_text_is_clean(invisible[i]));
        assert_clean(invisible[i], "?");
    }
    /* Their neighbours stand. */
    assert_true(lethe_text_is_clean("\u00ac\u00ae\u2010\u2027\u2070\ufffd\ue000\U0001f600"));
}

static void format_tells_truncation(void **state)
{
    (void)state;
    char out[4];
    assert_true(lethe_text_format(out, sizeof(out), "%d", 123));
    assert_false(lethe_text_format(out, sizeof(out), "%d", 1234));
    assert_string_equal(out, "123");
}

static void counts_columns(void **state)
{
    (void)state;
    assert_int_equal(lethe_text_columns("abc"), 3);
    assert_int_equal(lethe_text_columns("忘川"), 4);
    assert_int_equal(lethe_text_columns("e\xcc\x81"), 1); /* a combining accent */
    assert_int_equal(lethe_text_columns(""), 0);
}

static void hex_both_ways(void **state)
{
    (void)state;
    char text[7];
    uint8_t bytes[3];
    lethe_hex_encode(text, "\x00\x9f\xff", 3);
    assert_string_equal(text, "009fff");
    assert_int_equal(lethe_hex_decode(bytes, 3, "009FfF", 6), 3);
    assert_memory_equal(bytes, "\x00\x9f\xff", 3);
    assert_int_equal(lethe_hex_decode(bytes, 3, "", 0), 0);
    assert_int_equal(lethe_hex_decode(bytes, 3, "009", 3), -1);
    assert_int_equal(lethe_hex_decode(bytes, 3, "0g", 2), -1);
    assert_int_equal(lethe_hex_decode(bytes, 2, "009fff", 6), -1);
}

/* RFC 4648 section 10, without the padding. */
static void b64url_vectors(void **state)
{
    (void)state;
    static const char *const vectors[][2] = {
        {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},          {"foo", "Zm9v"},
        {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}, {"\xfb\xff", "-_8"},
    };
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
        char text[16], back[16];
        const char *plain = vectors[i][0], *coded = vectors[i][1];
        lethe_b64url_encode(text, plain, strlen(plain));
        assert_string_equal(text, coded);
        assert_true(strlen(text) + 1 <= LETHE_B64URL_SIZE(strlen(plain)));
        ssize_t n = lethe_b64url_decode(back, strlen(plain), coded, strlen(coded));
        assert_int_equal(n, strlen(plain));
        assert_memory_equal(back, plain, (size_t)n);
    }
}

static void b64url_has_one_spelling(void **state)
{
    (void)state;
    static const char *const bad[] = {"Zg==", "Zh",   "Zm9", "Zm8=",  "Z",      "Zg\n",   " Zg",
                                      "Zm+v", "Zm/v", "Z g", "Zm9vY", "Zm9vYh", "Zm9vYmF"};
    char out[16];
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (lethe_b64url_decode(out, sizeof(out), bad[i], strlen(bad[i])) != -1)
            fail_msg("%s was taken", bad[i]);
    assert_int_equal(lethe_b64url_decode(out, 2, "Zm9v", 4), -1);
    assert_int_equal(lethe_b64url_decode(out, 0, "Zg", 2), -1);
}

static void sizes(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t bytes;
    } good[] = {
        {"512", 512},
        {"64MiB", 64ULL << 20},
        {"8 TB", 8000000000000},
        {"1.5GiB", 3ULL << 29},
        {"0", 0},
        {"18446744073709551615", UINT64_MAX},
        {"2 kB", 2000},
        {"4k"
         "ib",
         4096},
        {"0.5 MB", 500000},
    };
    static const char *const bad[] = {"",
                                      "MiB",
                                      "-1",
                                      "1.5",
                                      "1 .5GB",
                                      "1.GB",
                                      "1.2.3GB",
                                      "1 XB",
                                      "1GBs",
                                      "1  GB",
                                      " 1",
                                      "16777216 TiB",
                                      "0x10",
                                      "18446744073709551616",
                                      "1.0000000001GB",
                                      "0.3B"};
    uint64_t bytes;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_true(lethe_size_parse(good[i].text, &bytes));
        assert_int_equal(bytes, good[i].bytes);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (lethe_size_parse(bad[i], &bytes))
            fail_msg("%s was taken", bad[i]);
}

static void assert_size(uint64_t bytes, const char *want)
{
    char out[16];
    lethe_size_format(out, sizeof(out), bytes);
    assert_string_equal(out, want);
}

static void sizes_as_on_the_label(void **state)
{
    (void)state;
    assert_size(0, "0 B");
    assert_size(999, "999 B");
    assert_size(1000, "1.0 kB");
    assert_size(500107862016, "500.1 GB");
    assert_size(8001563222016, "8.0 TB");
    assert_size(999949999, "999.9 MB");
    assert_size(999950000, "1.0 GB");
    assert_size(999999999999, "1.0 TB");
    assert_size(UINT64_MAX, "18.4 EB");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cleans_what_devices_say),
        cmocka_unit_test(sees_what_can_be_seen),
        cmocka_unit_test(knows_a_name),
        cmocka_unit_test(cleans_within_bounds),
        cmocka_unit_test(knows_unclean),
        cmocka_unit_test(format_tells_truncation),
        cmocka_unit_test(counts_columns),
        cmocka_unit_test(hex_both_ways),
        cmocka_unit_test(b64url_vectors),
        cmocka_unit_test(b64url_has_one_spelling),
        cmocka_unit_test(sizes),
        cmocka_unit_test(sizes_as_on_the_label),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
