/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <lethe/error.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above. */
#include <cmocka.h>
#include <string.h>

static void fills_and_clears(void **state)
{
    (void)state;
    struct lethe_error err;
    memset(&err, 'x', sizeof(err));
    assert_int_equal(lethe_fail(&err, LETHE_E_BUSY, "disk %d", 3), -LETHE_E_BUSY);
    assert_int_equal(err.code, LETHE_E_BUSY);
    assert_string_equal(err.what, "disk 3");
    assert_string_equal(err.effect, "");
    assert_string_equal(err.remedy, "");
    lethe_error_effect(&err, "nothing was sent");
    lethe_error_remedy(&err, "umount %s", "/x");
    assert_string_equal(err.effect, "nothing was sent");
    assert_string_equal(err.remedy, "umount /x");
}

static void does_without_an_error(void **state)
{
    (void)state;
    assert_int_equal(lethe_fail(NULL, LETHE_E_GONE, "x"), -LETHE_E_GONE);
    assert_int_equal(lethe_fail_errno(NULL, EIO, "x"), -LETHE_E_IO);
    lethe_error_effect(NULL, "x");
    lethe_error_remedy(NULL, "x");
}

static void chooses_the_code_from_errno(void **state)
{
    (void)state;
    struct lethe_error err;
    assert_int_equal(lethe_fail_errno(&err, ENOENT, "cannot open %s", "f"), -LETHE_E_NOT_FOUND);
    assert_string_equal(err.what, "cannot open f: No such file or directory");
    assert_int_equal(lethe_fail_errno(&err, EBUSY, "x"), -LETHE_E_BUSY);
    assert_int_equal(lethe_fail_errno(&err, ENODEV, "x"), -LETHE_E_GONE);
    assert_int_equal(lethe_fail_errno(&err, ENXIO, "x"), -LETHE_E_GONE);
    assert_int_equal(lethe_fail_errno(&err, EIO, "x"), -LETHE_E_IO);
    assert_int_equal(lethe_fail_errno(&err, ENOSPC, "x"), -LETHE_E_IO);
}

static void may_wrap_itself(void **state)
{
    (void)state;
    struct lethe_error err;
    lethe_fail(&err, LETHE_E_IO, "inner");
    lethe_fail(&err, LETHE_E_INVALID, "outer: %s", err.what);
    assert_string_equal(err.what, "outer: inner");
}

static void cuts_between_characters(void **state)
{
    (void)state;
    struct lethe_error err;
    char text[400] = "";
    for (size_t i = 0; i + 3 < sizeof(text); i += 3)
        memcpy(text + i, "忘", 4);
    lethe_fail(&err, LETHE_E_IO, "x%s", text);
    size_t len = strlen(err.what);
    assert_int_equal(len % 3, 1);
    assert_true(len > sizeof(err.what) - 4);
    lethe_fail_errno(&err, EIO, "%s", text);
    const char *reason = strstr(err.what, ": Input/output error"); /* is not what is cut */
    assert_non_null(reason);
    assert_int_equal((reason - err.what) % 3, 0);
}

static void names_every_code(void **state)
{
    (void)state;
    for (int a = LETHE_E_INTERNAL; a <= LETHE_E_CANCELLED; a++)
        for (int b = LETHE_E_INTERNAL; b < a; b++)
            assert_string_not_equal(lethe_error_code_name((enum lethe_error_code)a),
                                    lethe_error_code_name((enum lethe_error_code)b));
    assert_string_equal(lethe_error_code_name(LETHE_E_NOT_FOUND), "not-found");
    assert_string_equal(lethe_error_code_name((enum lethe_error_code)99), "internal");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_and_clears),
        cmocka_unit_test(does_without_an_error),
        cmocka_unit_test(chooses_the_code_from_errno),
        cmocka_unit_test(may_wrap_itself),
        cmocka_unit_test(cuts_between_characters),
        cmocka_unit_test(names_every_code),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
