/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above. */
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void assert_refused_bytes(const char *text, size_t len, const char *word)
{
    struct lethe_error err = {0};
    json_t *json = lethe_json_load(text, len, 4096, &err);
    if (json || !strstr(err.what, word))
        fail_msg("%s: %s", text, json ? "was taken" : err.what);
}

static void assert_refused(const char *text, const char *word)
{
    assert_refused_bytes(text, strlen(text), word);
}

static void refuses_by_our_rules(void **state)
{
    (void)state;
    assert_refused("", "not JSON");
    assert_refused("[]", "not an object");
    assert_refused("{\"a\":1,\"a\":1}", "duplicate");
    assert_refused("{\"b\":{\"a\":1,\"\\u0061\":1}}", "duplicate");
    assert_refused("{}{}", "not JSON");
    assert_refused("{\"a\":1.5}", "not an integer");
    assert_refused("{\"a\":[1e2]}", "not an integer");
    assert_refused("{\"a\":9007199254740992}", "2^53");
    assert_refused("{\"a\":-9007199254740992}", "2^53");
    assert_refused("{\"a\":99999999999999999999}", "not JSON");
    assert_refused("{\"a\":\"\\u0000\"}", "not JSON");
    assert_refused_bytes("{\"a\":\"\0\"}", 9, "not JSON");
    assert_refused_bytes("{}\0", 3, "not JSON");
    assert_refused("{\"a\":\"\xff\"}", "not JSON");
    assert_refused("{\"a\":\"\\ud800\"}", "not JSON");
    assert_refused("{'a':1}", "not JSON");
    assert_refused("{\"a\":01}", "not JSON");
    assert_refused("{\"a\":1,}", "not JSON");
}

static void bounds_depth_and_size(void **state)
{
    (void)state;
    for (int depth = LETHE_JSON_DEPTH_MAX; depth <= LETHE_JSON_DEPTH_MAX + 1; depth++) {
        char text[128] = "{\"a\":";
        memset(text + 5, '[', (size_t)depth - 1);
        memset(text + 4 + depth, ']', (size_t)depth - 1);
        strcpy(text + 3 + 2 * depth, "}");
        LETHE_JSON_AUTO *json = lethe_json_load(text, strlen(text), 4096, NULL);
        assert_int_equal(json != NULL, depth <= LETHE_JSON_DEPTH_MAX);
    }
    LETHE_JSON_AUTO *fits = lethe_json_load("{\"a\":1}", 7, 7, NULL);
    assert_non_null(fits);
    struct lethe_error err;
    assert_null(lethe_json_load("{\"a\":1}", 7, 6, &err));
    assert_int_equal(err.code, LETHE_E_LIMIT);
}

static void assert_canonical(const char *text, const char *want)
{
    LETHE_JSON_AUTO *json = lethe_json_load(text, strlen(text), 4096, NULL);
    assert_non_null(json);
    char *got = lethe_json_canonical(json);
    assert_string_equal(got, want);
    free(got);
}

static void canonical_of_rfc_8785(void **state)
{
    (void)state;
    assert_canonical("{ \"b\" : [ 1 , -2, true,false, null ] , \"a\" : { } }",
                     "{\"a\":{},\"b\":[1,-2,true,false,null]}");
    /* Section 3.2.2.2 */
    assert_canonical("{\"s\":\"\\u20ac$\\u000F\\u000aA'\\u0042\\u0022\\u005c\\\\\\\"\\/\\u007f\"}",
                     "{\"s\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\x7f\"}");
    /* Section 3.2.3: its example, sorted by UTF-16 units (U+1F600 before U+FB33). */
    assert_canonical(
        "{\"\\u20ac\":1,\"\\r\":2,\"\\ufb33\":3,\"1\":4,\"\\ud83d\\ude00\":5,"
        "\"\\u0080\":6,\"\\u00f6\":7}",
        "{\"\\r\":2,\"1\":4,\"\xc2\x80\":6,\"ö\":7,\"€\":1,\"😀\":5,\"\xef\xac\xb3\":3}");
    assert_canonical("{\"ab\":1,\"a\":2,\"B\":3}", "{\"B\":3,\"a\":2,\"ab\":1}");
}

static void digest_is_of_the_canonical_text(void **state)
{
    (void)state;
    char digest[65];
    LETHE_JSON_AUTO *json = lethe_json_load(" {} ", 4, 10, NULL);
    assert_int_equal(lethe_json_digest(json, digest), 0);
    assert_string_equal(digest, "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
}

static void getters_name_what_is_wrong(void **state)
{
    (void)state;
    static const char text[] = "{\"s\":\"text\",\"n\":7,\"m\":-1,\"t\":true,\"o\":{},\"l\":[]}";
    LETHE_JSON_AUTO *json = lethe_json_load(text, strlen(text), 4096, NULL);
    const char *s = NULL;
    uint64_t n = 0;
    bool t = false;
    char copy[5];
    struct lethe_error err;
    assert_int_equal(lethe_json_str(json, "s", &s, NULL), 0);
    assert_string_equal(s, "text");
    assert_int_equal(lethe_json_u64(json, "n", &n, NULL), 0);
    assert_int_equal(n, 7);
    assert_int_equal(lethe_json_bool(json, "t", &t, NULL), 0);
    assert_true(t);
    assert_non_null(lethe_json_get(json, "o", JSON_OBJECT, NULL));
    assert_non_null(lethe_json_get(json, "l", JSON_ARRAY, NULL));
    assert_int_equal(lethe_json_copy(json, "s", copy, 5, false, NULL), 0);
    assert_string_equal(copy, "text");

    assert_int_equal(lethe_json_str(json, "n", &s, &err), -LETHE_E_INVALID);
    assert_string_equal(err.what, "\"n\" is not a string");
    assert_int_equal(lethe_json_str(json, "x", &s, &err), -LETHE_E_INVALID);
    assert_string_equal(err.what, "\"x\" is missing");
    assert_int_equal(lethe_json_u64(json, "m", &n, &err), -LETHE_E_INVALID);
    assert_int_equal(lethe_json_u64(json, "s", &n, &err), -LETHE_E_INVALID);
    assert_int_equal(lethe_json_bool(json, "n", &t, &err), -LETHE_E_INVALID);
    assert_null(lethe_json_get(json, "o", JSON_ARRAY, &err));
    assert_null(lethe_json_get(json, "l", JSON_OBJECT, &err));
    assert_int_equal(lethe_json_copy(json, "s", copy, 4, false, &err), -LETHE_E_INVALID);
    assert_string_equal(copy, "");
    assert_int_equal(lethe_json_copy(json, "x", copy, 4, false, &err), -LETHE_E_INVALID);
    strcpy(copy, "old");
    assert_int_equal(lethe_json_copy(json, "x", copy, 4, true, &err), 0);
    assert_string_equal(copy, "");
    assert_int_equal(lethe_json_copy(json, "n", copy, 4, true, &err), -LETHE_E_INVALID);
    assert_int_equal(lethe_json_str(NULL, "x", &s, &err), -LETHE_E_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_by_our_rules),
        cmocka_unit_test(bounds_depth_and_size),
        cmocka_unit_test(canonical_of_rfc_8785),
        cmocka_unit_test(digest_is_of_the_canonical_text),
        cmocka_unit_test(getters_name_what_is_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
