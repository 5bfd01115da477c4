/* SPDX-License-Identifier: Apache-2.0 */
#include <cli/record.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static int setup(void **state)
{
    static struct lethe_record record;
    lethe_record_init(&record);
    *state = &record;
    return 0;
}

static int teardown(void **state)
{
    lethe_record_clear(*state);
    return 0;
}

static const char *text(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static void test_four_fields(void **state)
{
    struct lethe_record *record = *state;
    static const char *const spellings[] = {"asset_tag", "asset-tag", "Asset Tag", "ASSET_TAG"};
    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
        char value[2] = {(char)('a' + i), '\0'};
        assert_int_equal(lethe_record_set(record, spellings[i], value, NULL), 0);
        assert_string_equal(text(record->fields, "asset_tag"), value);
        /* Which of two is meant nobody knows. */
        assert_int_equal(lethe_record_set(record, "asset tag", "x", NULL), -LETHE_E_USAGE);
        assert_string_equal(text(record->fields, "asset_tag"), value);
        if (i + 1 < sizeof spellings / sizeof *spellings)
            json_object_clear(record->fields);
    }
    assert_int_equal(json_object_size(record->fields), 1);
    assert_int_equal(json_object_size(record->custom), 0);
}

static void test_custom_fields(void **state)
{
    struct lethe_record *record = *state;
    assert_int_equal(lethe_record_set(record, "Shelf", "  top   left ", NULL), 0);
    assert_string_equal(text(record->custom, "Shelf"), "top left");
    assert_int_equal(lethe_record_set(record, "箱号", "七", NULL), 0);
    assert_string_equal(text(record->custom, "箱号"), "七");
    /* Empty cells of a table say nothing. */
    assert_int_equal(lethe_record_set(record, "note", "", NULL), 0);
    assert_null(json_object_get(record->custom, "note"));
}

static void test_standard_names_are_refused(void **state)
{
    static const char *const names[] = {"serial", "Serial", "outcome",  "policy-met", "Policy Met",
                                        "_sd",    "seed",   "IMEI",     "method",     "vct",
                                        "...",    "custom", "substrate"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct lethe_error err = {0};
        assert_int_equal(lethe_record_set(*state, names[i], "x", &err), -LETHE_E_USAGE);
        assert_int_equal(err.code, LETHE_E_USAGE);
        assert_true(err.what[0]);
    }
}

static void test_hostile_text_is_refused(void **state)
{
    static const char *const bad[] = {"\x1b[31m", "a\nb", "\xe2\x80\xae", "\xff"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(lethe_record_set(*state, bad[i], "x", NULL), -LETHE_E_USAGE);
        assert_int_equal(lethe_record_set(*state, "note", bad[i], NULL), -LETHE_E_USAGE);
    }
    char longer[200];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    assert_int_equal(lethe_record_set(*state, longer, "x", NULL), -LETHE_E_USAGE);
    assert_int_equal(lethe_record_set(*state, "note", longer, NULL), -LETHE_E_USAGE);
}

static void test_number_of_fields_is_bounded(void **state)
{
    for (int i = 0; i < LETHE_CUSTOM_FIELDS_MAX; i++) {
        char key[] = {'k', (char)('a' + i / 10), (char)('0' + i % 10), '\0'};
        assert_int_equal(lethe_record_set(*state, key, "x", NULL), 0);
    }
    assert_int_equal(lethe_record_set(*state, "ka0", "again", NULL), -LETHE_E_USAGE);
    assert_int_equal(lethe_record_set(*state, "one-more", "x", NULL), -LETHE_E_USAGE);
}

static void test_field_option(void **state)
{
    struct lethe_record *record = *state;
    assert_int_equal(lethe_record_set_field(record, "bay=3=4", NULL), 0);
    assert_string_equal(text(record->custom, "bay"), "3=4");
    static const char *const bad[] = {"", "bay", "=3", "operator=kim", "Asset-Tag=7", "serial=1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(lethe_record_set_field(record, bad[i], NULL), -LETHE_E_USAGE);
}

static void test_missing(void **state)
{
    static const char required[][32] = {"operator", "asset-tag", "bay"};
    struct lethe_record *record = *state;
    char option[64];
    assert_string_equal(lethe_record_missing(record, required, 3), "operator");
    assert_int_equal(lethe_record_set(record, "operator", "kim", NULL), 0);
    assert_string_equal(lethe_record_missing(record, required, 3), "asset-tag");
    lethe_record_option(option, sizeof option, "asset-tag");
    assert_string_equal(option, "--asset-tag");
    assert_true(lethe_record_per_device("asset-tag"));
    assert_false(lethe_record_per_device("operator"));
    assert_int_equal(lethe_record_set(record, "asset-tag", "1", NULL), 0);
    assert_string_equal(lethe_record_missing(record, required, 3), "bay");
    lethe_record_option(option, sizeof option, "bay");
    assert_string_equal(option, "--field bay=");
    assert_int_equal(lethe_record_set_field(record, "bay=1", NULL), 0);
    assert_null(lethe_record_missing(record, required, 3));
}

static void test_fill_never_replaces(void **state)
{
    struct lethe_record *record = *state, common;
    lethe_record_init(&common);
    assert_int_equal(lethe_record_set(record, "lot", "own", NULL), 0);
    assert_int_equal(lethe_record_set(&common, "lot", "common", NULL), 0);
    assert_int_equal(lethe_record_set(&common, "customer", "common", NULL), 0);
    lethe_record_fill(record, &common);
    assert_string_equal(text(record->fields, "lot"), "own");
    assert_string_equal(text(record->fields, "customer"), "common");
    lethe_record_clear(&common);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        TEST(test_four_fields),
        TEST(test_custom_fields),
        TEST(test_standard_names_are_refused),
        TEST(test_hostile_text_is_refused),
        TEST(test_number_of_fields_is_bounded),
        TEST(test_field_option),
        TEST(test_missing),
        TEST(test_fill_never_replaces),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
