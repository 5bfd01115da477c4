/* SPDX-License-Identifier: Apache-2.0 */
#include <lethe/words.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above. */
#include <cmocka.h>

#define CHECK(symbol, spelling)                                                                    \
    assert_string_equal(NAME(LETHE_##symbol), spelling);                                           \
    assert_int_equal(PARSE(spelling), LETHE_##symbol);
#define WORD_TEST(noun, LIST)                                                                      \
    static void noun##_round_trip(void **state)                                                    \
    {                                                                                              \
        (void)state;                                                                               \
        LIST(CHECK)                                                                                \
        assert_int_equal(PARSE(""), -1);                                                           \
        assert_int_equal(PARSE("Passed"), -1);                                                     \
        assert_string_equal(NAME(999), "?");                                                       \
        assert_int_equal(PARSE("?"), -1);                                                          \
    }
#define NAME lethe_method_name
#define PARSE lethe_method_parse
WORD_TEST(method, LETHE_METHODS)
#undef NAME
#undef PARSE
#define NAME lethe_substrate_name
#define PARSE lethe_substrate_parse
WORD_TEST(substrate, LETHE_SUBSTRATES)
#undef NAME
#undef PARSE
#define NAME lethe_outcome_name
#define PARSE lethe_outcome_parse
WORD_TEST(outcome, LETHE_OUTCOMES)
#undef NAME
#undef PARSE
#define NAME lethe_media_name
#define PARSE lethe_media_parse
WORD_TEST(media, LETHE_MEDIAS)
#undef NAME
#undef PARSE
#define NAME lethe_test_status_name
#define PARSE lethe_test_status_parse
WORD_TEST(test_status, LETHE_TEST_STATUSES)
#undef NAME
#undef PARSE
#define NAME lethe_id_kind_name
#define PARSE lethe_id_kind_parse
WORD_TEST(id_kind, LETHE_ID_KINDS)
#undef NAME
#undef PARSE
#define NAME lethe_id_source_name
#define PARSE lethe_id_source_parse
WORD_TEST(id_source, LETHE_ID_SOURCES)
#undef NAME
#undef PARSE
#define NAME lethe_device_class_name
#define PARSE lethe_device_class_parse
WORD_TEST(device_class, LETHE_DEVICE_CLASSES)
#undef NAME
#undef PARSE
#define NAME lethe_bus_name
#define PARSE lethe_bus_parse
WORD_TEST(bus, LETHE_BUSES)

static void zero_claims_least(void **state)
{
    (void)state;
    assert_int_equal(LETHE_METHOD_NONE, 0);
    assert_int_equal(LETHE_SUBSTRATE_EMULATED, 0);
    assert_int_equal(LETHE_OUTCOME_NONE, 0);
    assert_int_equal(LETHE_STATUS_UNTESTED, 0);
    assert_int_equal(LETHE_SOURCE_TYPED, 0);
}

static void outcomes_have_the_statuses_of_the_contract(void **state)
{
    (void)state;
    assert_int_equal(lethe_outcome_exit(LETHE_OUTCOME_NONE), 1);
    assert_int_equal(lethe_outcome_exit(LETHE_OUTCOME_PASSED), 0);
    assert_int_equal(lethe_outcome_exit(LETHE_OUTCOME_REFUSED), 3);
    assert_int_equal(lethe_outcome_exit(LETHE_OUTCOME_PASSED_WITH_EXCEPTIONS), 4);
    assert_int_equal(lethe_outcome_exit(LETHE_OUTCOME_FAILED), 5);
    assert_int_equal(lethe_outcome_exit(LETHE_OUTCOME_INDETERMINATE), 6);
    assert_int_equal(lethe_outcome_exit(LETHE_OUTCOME_ABORTED), 7);
    assert_int_equal(lethe_outcome_exit(LETHE_OUTCOME_OPERATOR_ATTESTED), 8);
    assert_int_equal(lethe_outcome_exit((enum lethe_outcome)99), 1);
}

static void worst_of_several(void **state)
{
    (void)state;
    static const int order[] = {1, 5, 6, 7, 3, 8, 4, 0};
    for (size_t i = 0; i < 8; i++)
        for (size_t j = i; j < 8; j++) {
            assert_int_equal(lethe_exit_worst(order[i], order[j]), order[i]);
            assert_int_equal(lethe_exit_worst(order[j], order[i]), order[i]);
        }
    assert_int_equal(lethe_exit_worst(0, 2), 1);
    assert_int_equal(lethe_exit_worst(2, 5), 1);
    assert_int_equal(lethe_exit_worst(0, 42), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(method_round_trip),
        cmocka_unit_test(substrate_round_trip),
        cmocka_unit_test(outcome_round_trip),
        cmocka_unit_test(media_round_trip),
        cmocka_unit_test(test_status_round_trip),
        cmocka_unit_test(id_kind_round_trip),
        cmocka_unit_test(id_source_round_trip),
        cmocka_unit_test(device_class_round_trip),
        cmocka_unit_test(bus_round_trip),
        cmocka_unit_test(zero_claims_least),
        cmocka_unit_test(outcomes_have_the_statuses_of_the_contract),
        cmocka_unit_test(worst_of_several),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
