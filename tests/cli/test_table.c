/* SPDX-License-Identifier: Apache-2.0 */
#include <base/text.h>
#include <cli/table.h>
#include <cli/wrap.h>
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void test_cells_have_their_width(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t width;
        const char *cell;
    } cases[] = {
        {"abc", 5, "abc  "}, {"abc", 3, "abc"},   {"abcd", 3, "ab~"},     {"", 2, "  "},
        {"abc", 0, ""},      {"忘川", 4, "忘川"}, {"忘川河", 5, "忘川~"}, {"忘川河", 4, "忘~ "},
        {"é1", 3, "é1 "},    {"abc", 1, "~"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char out[64];
        lethe_table_cell(out, sizeof out, cases[i].text, cases[i].width);
        assert_string_equal(out, cases[i].cell);
        assert_int_equal(lethe_text_columns(out), cases[i].width);
    }
}

static void test_columns_line_up(void **state)
{
    (void)state;
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    struct lethe_table table = {.n_columns = 2, .titles = {"A", "B"}};
    assert_int_equal(lethe_table_row(&table, (const char *const[]){"one", "1"}), 0);
    assert_int_equal(lethe_table_note(&table, "a note as long as it needs to be"), 0);
    assert_int_equal(lethe_table_row(&table, (const char *const[]){NULL, "2"}), 0);
    lethe_table_print(&table, out);
    fclose(out);
    assert_string_equal(text, "A    B\none  1\n  a note as long as it needs to be\n     2\n");
    free(text);
    lethe_table_clear(&table);
}

static void test_text_is_wrapped(void **state)
{
    (void)state;
    static const struct {
        const char *text, *lines;
    } cases[] = {
        {"", "a: \n"},
        {"one", "a: one\n"},
        {"one two", "a: one two\n"},
        {"one  two three four", "a: one two\n   three\n   four\n"},
        {"a-word-that-is-too-long b", "a: a-word-that-is-too-long\n   b\n"},
        {"忘川 忘川 x", "a: 忘川\n   忘川 x\n"},
        {"忘川忘川，忘", "a: 忘川忘\n   川，忘\n"}, /* no blanks: between its signs */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char *text = NULL;
        size_t size = 0;
        FILE *out = open_memstream(&text, &size);
        lethe_wrap_print(out, "a: ", 3, 10, "%s", cases[i].text);
        fclose(out);
        assert_string_equal(text, cases[i].lines);
        free(text);
    }
}

int main(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cells_have_their_width),
        cmocka_unit_test(test_columns_line_up),
        cmocka_unit_test(test_text_is_wrapped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
