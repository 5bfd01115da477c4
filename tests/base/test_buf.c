/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above. */
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static void adds_and_terminates(void **state)
{
    (void)state;
    LETHE_BUF_AUTO buf = {0};
    assert_int_equal(lethe_buf_add(&buf, "a\0b", 3), 0);
    assert_int_equal(lethe_buf_puts(&buf, "cd"), 0);
    assert_int_equal(lethe_buf_printf(&buf, "%03d", 7), 0);
    assert_int_equal(buf.len, 8);
    assert_memory_equal(buf.data, "a\0bcd007", 9); /* with its NUL */
}

static void grows_over_its_first_size(void **state)
{
    (void)state;
    LETHE_BUF_AUTO buf = {0};
    for (int i = 0; i < 1000; i++)
        assert_int_equal(lethe_buf_printf(&buf, "%04d", i), 0);
    assert_int_equal(buf.len, 4000);
    assert_memory_equal(buf.data, "00000001", 8);
    assert_string_equal(buf.data + 3996, "0999");
}

static void takes_over_text(void **state)
{
    (void)state;
    struct lethe_buf buf = {0};
    char *empty = lethe_buf_take(&buf);
    assert_string_equal(empty, "");
    free(empty);
    lethe_buf_puts(&buf, "x");
    char *text = lethe_buf_take(&buf);
    assert_string_equal(text, "x");
    assert_null(buf.data);
    assert_int_equal(buf.len, 0);
    free(text);
}

static void refuses_what_cannot_fit_in_memory(void **state)
{
    (void)state;
    LETHE_BUF_AUTO buf = {0};
    lethe_buf_puts(&buf, "kept");
    assert_true(lethe_buf_add(&buf, "x", SIZE_MAX - 4) < 0);
    assert_string_equal(buf.data, "kept");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adds_and_terminates),
        cmocka_unit_test(grows_over_its_first_size),
        cmocka_unit_test(takes_over_text),
        cmocka_unit_test(refuses_what_cannot_fit_in_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
