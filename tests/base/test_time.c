/* SPDX-License-Identifier: Apache-2.0 */
#include "base/time.h"

#include <lethe/error.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above. */
#include <cmocka.h>
#include <stdbool.h>
#include <string.h>

/* The example of RFC 9562 appendix A.6. */
static uint64_t rfc_now(void)
{
    return 0x017F22E279B0;
}

static void rfc_random(void *out, size_t len)
{
    static const uint8_t bytes[16] = {0,    0,    0,    0,    0,    0,    0x0C, 0xC3,
                                      0x18, 0xC4, 0xDC, 0x0C, 0x0C, 0x07, 0x39, 0x8F};
    assert_int_equal(len, sizeof(bytes));
    memcpy(out, bytes, len);
}

static void uuid7_of_the_rfc(void **state)
{
    (void)state;
    char id[37];
    lethe_time_override(rfc_now, rfc_random);
    lethe_uuid7(id);
    lethe_time_override(NULL, NULL);
    assert_string_equal(id, "017f22e2-79b0-7cc3-98c4-dc0c0c07398f");
    char other[37];
    lethe_uuid7(id);
    lethe_uuid7(other);
    assert_string_not_equal(id, other);
}

static void formats_and_parses(void **state)
{
    (void)state;
    char text[21];
    uint64_t ms;
    lethe_time_format(text, 1795741323999);
    assert_string_equal(text, "2026-11-27T01:02:03Z");
    assert_int_equal(lethe_time_parse(text, &ms), 0);
    assert_int_equal(ms, 1795741323000);
    lethe_time_format(text, 0);
    assert_string_equal(text, "1970-01-01T00:00:00Z");
    lethe_time_format(text, UINT64_MAX);
    assert_string_equal(text, "9999-12-31T23:59:59Z");
    assert_int_equal(lethe_time_parse("2024-02-29T23:59:59Z", &ms), 0);
}

static void parses_nothing_else(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "2026-11-23",
        "2026-11-23T01:02:03",
        "2026-11-23T01:02:03z",
        "2026-11-23 01:02:03Z",
        "2026-11-23T01:02:03+00:00",
        "2026-11-23T01:02:03.5Z",
        "2026-13-23T01:02:03Z",
        "2026-04-31T01:02:03Z",
        "2025-02-29T01:02:03Z",
        "2026-11-23T24:00:00Z",
        "2026-11-23T01:02:60Z",
        "1969-12-31T23:59:59Z",
        "2026-11-23T01:02:3 Z",
        "+026-11-23T01:02:03Z",
        "2026-11-23T01:02:03Z ",
    };
    uint64_t ms = 7;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (lethe_time_parse(bad[i], &ms) != -LETHE_E_INVALID)
            fail_msg("%s was taken", bad[i]);
    assert_int_equal(ms, 7);
}

static void clocks_go_on(void **state)
{
    (void)state;
    uint64_t before = lethe_monotonic_ms();
    assert_true(lethe_now_ms() > 1700000000000);
    assert_true(lethe_monotonic_ms() >= before);
}

static void random_differs(void **state)
{
    (void)state;
    uint8_t a[32], b[32];
    lethe_random(a, sizeof(a));
    lethe_random(b, sizeof(b));
    assert_memory_not_equal(a, b, sizeof(a));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uuid7_of_the_rfc),    cmocka_unit_test(formats_and_parses),
        cmocka_unit_test(parses_nothing_else), cmocka_unit_test(clocks_go_on),
        cmocka_unit_test(random_differs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
