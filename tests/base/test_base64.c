/* SPDX-License-Identifier: Apache-2.0 */
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include "base/base64.h"
#include <string.h>

/* RFC 4648 section 10, and the two digits in which the alphabets differ. */
static void vectors(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {{"", ""},
                                           {"f", "Zg=="},
                                           {"fo", "Zm8="},
                                           {"foo", "Zm9v"},
                                           {"foob", "Zm9vYg=="},
                                           {"fooba", "Zm9vYmE="},
                                           {"foobar", "Zm9vYmFy"},
                                           {"\xfb\xff\xbf", "+/+/"}};
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        char text[16], back[16];
        size_t len = strlen(pairs[i][0]);
        lethe_base64_encode(text, pairs[i][0], len);
        assert_string_equal(text, pairs[i][1]);
        assert_int_equal(lethe_base64_decode(back, len, text, strlen(text)), len);
        assert_memory_equal(back, pairs[i][0], len);
    }
}

static void one_spelling(void **state)
{
    (void)state;
    static const char *const bad[] = {"Zg",       "Zg=",  "Zh==", "Zm9=", "Zm9v\n", "Zm 9",
                                      "Zg==Zg==", "====", "Z===", "-_-_", "=Zm9",   "Zm9vY==="};
    char out[16];
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (lethe_base64_decode(out, sizeof(out), bad[i], strlen(bad[i])) != -1)
            fail_msg("\"%s\" was taken", bad[i]);
    assert_int_equal(lethe_base64_decode(out, 2, "Zm9v", 4), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(vectors), cmocka_unit_test(one_spelling)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
