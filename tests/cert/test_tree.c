/* SPDX-License-Identifier: Apache-2.0 */
/* The reader of JSON against another one, on what is right, what is wrong and what is random. */
#include "cert/tree.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h wants the four standard headers above */
#include <cmocka.h>

#include "base/text.h"

/* What of jansson's values a certificate may not hold: NULL when it may. */
static const char *forbidden(const json_t *json, unsigned depth)
{
    const char *key, *found = NULL;
    json_t *value;
    size_t i;
    if (depth > 16)
        return "depth";
    if (json_is_real(json))
        return "number";
    if (json_is_null(json))
        return "null";
    if (json_is_integer(json) && llabs(json_integer_value(json)) > 9007199254740991)
        return "number";
    if (json_is_string(json) && !lethe_text_is_clean(json_string_value(json)))
        return "text";
    json_object_foreach((json_t *)(uintptr_t)json, key, value)
    {
        found = !lethe_text_is_clean(key) ? "text" : forbidden(value, depth + 1);
        if (found)
            return found;
    }
    json_array_foreach(json, i, value)
    {
        if ((found = forbidden(value, depth + 1)))
            return found;
    }
    return NULL;
}

static void compare(const char *text, size_t len)
{
    json_t *theirs = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    /* jansson passes over a NUL between tokens; RFC 8259 has no such space. */
    bool fine = theirs && json_is_object(theirs) && !forbidden(theirs, 1) && !memchr(text, 0, len);
    struct lethe_tree tree = {0};
    struct lethe_complaint why = {"", ""};
    struct lethe_node *ours = lethe_tree_read(&tree, text, len, JSON_OBJECT, "text", &why);
    if ((ours != NULL) != fine)
        fail_msg("%.*s: ours %s (%s), theirs %s", (int)len, text, ours ? "takes it" : "refuses",
                 why.text, fine ? "takes it" : "refuses");
    if (ours) {
        json_t *same = lethe_node_to_json(ours);
        if (!json_equal(same, theirs))
            fail_msg("%.*s: not the same values", (int)len, text);
        json_decref(same);
    }
    json_decref(theirs);
    lethe_tree_clear(&tree);
}

static const char *const texts[] = {
    "{}",
    " { } ",
    "{\"a\":1}",
    "{\"a\":-0}",
    "{\"a\":01}",
    "{\"a\":1.0}",
    "{\"a\":1e3}",
    "{\"a\":-}",
    "{\"a\":+1}",
    "{\"a\":9007199254740991}",
    "{\"a\":9007199254740992}",
    "{\"a\":-9007199254740991}",
    "{\"a\":99999999999999999999999}",
    "{\"a\":null}",
    "{\"a\":nul}",
    "{\"a\":true,\"b\":false}",
    "{\"a\":True}",
    "{\"a\":[]}",
    "{\"a\":[1,2,[3]]}",
    "{\"a\":[1,]}",
    "{\"a\":1,}",
    "{,}",
    "{\"a\"}",
    "{\"a\":}",
    "{a:1}",
    "{\"a\":1}x",
    "{\"a\":1} {}",
    "[]",
    "1",
    "\"x\"",
    "",
    " ",
    "{",
    "}",
    "{\"a\":1",
    "{\"a",
    "{\"a\":\"",
    "{\"a\":\"\\",
    "{\"a\":\"\\u",
    "{\"a\":\"\\u00\"}",
    "{\"a\":\"\\u0000\"}",
    "{\"\\u0000\":1}",
    "{\"a\":\"\\u0041\\n\"}",
    "{\"a\":\"\\u0041\"}",
    "{\"\\u0061\":1,\"a\":2}",
    "{\"a\":1,\"a\":2}",
    "{\"a\":\"\\ud800\"}",
    "{\"a\":\"\\ud83d\\ude00\"}",
    "{\"a\":\"\\ude00\\ud83d\"}",
    "{\"a\":\"\\ud83dx\"}",
    "{\"a\":\"\\ud83d\\u0041\"}",
    "{\"a\":\"\\x\"}",
    "{\"a\":\"\t\"}",
    "{\"a\":\"\x7f\"}",
    "{\"a\":\"\xc3\xa9\"}",
    "{\"a\":\"\xc3\"}",
    "{\"a\":\"\xc0\x80\"}",
    "{\"a\":\"\xed\xa0\x80\"}",
    "{\"a\":\"\xf5\x80\x80\x80\"}",
    "{\"a\":\"\\u200b\"}",
    "{\"a\":\"\\u202e\"}",
    "{\"a\":\"\\/\\\\\\\"\"}",
    "{\"\":1}",
    "{\"a\":{\"a\":{\"a\":1}}}",
    "{\"a\" : [ 1 , 2 ] }",
    "{\"a\":\"\\u00e9\\u4e2d\"}",
    "\xef\xbb\xbf{}",
    "{\"a\":[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]}",
    "{\"a\":[[[[[[[[[[[[[[]]]]]]]]]]]]]]}",
    "{\"a\":[[[[[[[[[[[[[[1]]]]]]]]]]]]]]}",
    "{\"a\":[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]}",
};

static void test_known_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        compare(texts[i], strlen(texts[i]));
    compare("{\"a\":\"x\0y\"}", 11);
    compare("{}\0", 3);
}

/* Each of them with a byte changed, left out or doubled. */
static void test_changed_texts(void **state)
{
    (void)state;
    static const char bytes[] = "{}[]\",:\\u0d1.-e \x80\xc3\x7f\x01nt";
    char made[128];
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        size_t len = strlen(texts[i]);
        for (size_t at = 0; at < len; at++) {
            for (size_t b = 0; b < sizeof(bytes); b++) { /* its NUL too */
                memcpy(made, texts[i], len);
                made[at] = bytes[b];
                compare(made, len);
            }
            memcpy(made, texts[i], at);
            memcpy(made + at, texts[i] + at + 1, len - at - 1);
            compare(made, len - 1);
            memcpy(made, texts[i], at + 1);
            memcpy(made + at + 1, texts[i] + at, len - at);
            compare(made, len + 1);
        }
    }
}

static void test_reasons(void **state)
{
    (void)state;
    static const struct {
        const char *text, *code;
    } cases[] = {{"{\"a\":1,\"a\":2}", "duplicate-key"},
                 {"{\"a\":null}", "null"},
                 {"{\"a\":1.5}", "number"},
                 {"{\"a\":9007199254740992}", "number"},
                 {"{\"a\":\"\\u0000\"}", "text"},
                 {"{\"a\":\"\\u202e\"}", "text"},
                 {"{\"a\":1", "json"},
                 {"[]", "json"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct lethe_tree tree = {0};
        struct lethe_complaint why;
        assert_null(lethe_tree_read(&tree, cases[i].text, strlen(cases[i].text), JSON_OBJECT,
                                    "text", &why));
        assert_string_equal(why.code, cases[i].code);
        lethe_tree_clear(&tree);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_texts),
        cmocka_unit_test(test_changed_texts),
        cmocka_unit_test(test_reasons),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
