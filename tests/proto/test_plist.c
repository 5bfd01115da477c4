/* SPDX-License-Identifier: Apache-2.0 */
/* Property lists. The samples are by Python's plistlib, which knows nothing of us. */
#include "proto/plist.h"

#include "base/base64.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* after the above: cmocka wants setjmp and stdarg first */
#include <cmocka.h>

/* {"a": 1, "b": [True, False, 1.5, -3], "d": b"hello\0", "t": 2026-11-23 07:40:40, "big": 2**64-1,
 *  "neg": -2**63, "s": "h\u00e9 \U0001F600 <&>", "x": {"y": []}} */
static const char binary[] =
    "YnBsaXN0MDDYAQIDBAUGBwgJCg8QERITFFFhUWJTYmlnUWRTbmVnUXNRdFF4EAGkCwwNDgkIIz/4"
    "AAAAAAAAE//////////9FAAAAAAAAAAA//////////9GaGVsbG8AE4AAAAAAAAAAaQBoAOkAINg9"
    "3gAAIAA8ACYAPjNByFoSvAAAANEVFlF5oAgZGx0hIycpKy0vNDU2P0hZYGl8hYiKAAAAAAAAAQEA"
    "AAAAAAAAFwAAAAAAAAAAAAAAAAAAAIs=";
static const char same[] =
    "{\"a\":1,\"b\":[true,false,{\"$real\":\"1.5\"},-3],\"big\":{\"$unsigned\":"
    "\"18446744073709551615\"},\"d\":{\"$data\":\"aGVsbG8A\"},\"neg\":-9223372036854775808,"
    "\"s\":\"h\u00e9 \U0001F600 <&>\",\"t\":{\"$date\":1795419640},\"x\":{\"y\":[]}}";

static char *text_of(const json_t *json)
{
    return json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS | JSON_ENCODE_ANY);
}

static void check(const void *data, size_t len, const char *wanted)
{
    struct lethe_error err = {0};
    json_t *json = lethe_plist_parse(data, len, &err);
    if (!json)
        fail_msg("%s", err.what);
    char *text = text_of(json);
    assert_string_equal(text, wanted);
    free(text);
    json_decref(json);
}

static void check_text(const char *xml, const char *wanted)
{
    check(xml, strlen(xml), wanted);
}

static void refuse(const char *xml, enum lethe_error_code code)
{
    struct lethe_error err = {0};
    assert_null(lethe_plist_parse(xml, strlen(xml), &err));
    assert_int_equal(err.code, code);
    assert_true(err.what[0] != '\0');
}

static void test_binary(void **state)
{
    (void)state;
    uint8_t data[sizeof(binary)];
    ssize_t len = lethe_base64_decode(data, sizeof(data), binary, strlen(binary));
    assert_true(len > 0);
    check(data, (size_t)len, same);
    /* Half of it is none, wherever it is cut. */
    for (size_t i = 0; i < (size_t)len; i++)
        assert_null(lethe_plist_parse(data, i, NULL));
}

static void test_xml(void **state)
{
    (void)state;
    uint8_t data[sizeof(binary)];
    ssize_t len = lethe_base64_decode(data, sizeof(data), binary, strlen(binary));
    json_t *json = lethe_plist_parse(data, (size_t)len, NULL);
    LETHE_BUF_AUTO xml = {0};
    assert_int_equal(lethe_plist_xml_format(json, &xml, NULL), 0);
    json_decref(json);
    check(xml.data, xml.len, same);
    for (size_t i = 0; i < xml.len - strlen("</plist>\n"); i++)
        assert_null(lethe_plist_parse(xml.data, i, NULL));
    check_text("<plist version=\"1.0\"><true/></plist>\n", "true");
    check_text("<string>&#x41;&#66;&lt;&amp;</string>", "\"AB<&\"");
    check_text("<plist><!-- a --><data>\n  aGVs\n  bG8=\n</data></plist>",
               "{\"$data\":\"aGVsbG8=\"}");
    check_text("<integer>0x1F</integer>", "31");
    check_text("<string/>", "\"\"");
}

static void test_lists_that_are_none(void **state)
{
    (void)state;
    static const char *const none[] = {
        "", "plist", "<plist>", "<plist></plist>", "<plist><dict></plist>",
        "<plist><true/><true/></plist>", "<plist><dict><true/></dict></plist>",
        "<dict><key>a</key></dict>", "<dict><key>a</key><true/><key>a</key><true/></dict>",
        "<integer>1x</integer>", "<integer></integer>", "<integer>-9223372036854775809</integer>",
        "<integer>18446744073709551616</integer>", "<real>nan</real>", "<real>inf</real>",
        "<date>yesterday</date>", "<data>a</data>", "<data>====</data>", "<string>a<b/></string>",
        "<string>&#0;</string>", "<string>&#xd800;</string>", "<string>&nbsp;</string>",
        "<string>\xff</string>", "<true/>x", "<true></false>",
        /* What an entity could do, and a name that is ours. */
        "<!DOCTYPE plist [<!ENTITY a \"b\">]><string>a</string>",
        "<dict><key>$data</key><string>AAAA</string></dict>"};
    for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++)
        refuse(none[i], LETHE_E_INVALID);
}

static void test_depth(void **state)
{
    (void)state;
    for (unsigned depth = LETHE_PLIST_DEPTH_MAX; depth <= LETHE_PLIST_DEPTH_MAX + 1; depth++) {
        LETHE_BUF_AUTO xml = {0};
        for (unsigned i = 0; i < depth; i++)
            lethe_buf_puts(&xml, "<array>");
        for (unsigned i = 0; i < depth; i++)
            lethe_buf_puts(&xml, "</array>");
        json_t *json = lethe_plist_parse(xml.data, xml.len, NULL);
        assert_int_equal(json != NULL, depth == LETHE_PLIST_DEPTH_MAX);
        json_decref(json);
    }
    /* What crashes libplist 2.2.0 (facts/phones.md 5.9). */
    LETHE_BUF_AUTO deep = {0};
    for (unsigned i = 0; i < 100000; i++)
        lethe_buf_puts(&deep, "<array>");
    refuse(deep.data, LETHE_E_LIMIT);
}

static void test_size(void **state)
{
    (void)state;
    static char blanks[LETHE_PLIST_MAX + 16];
    memset(blanks, ' ', sizeof(blanks));
    memcpy(blanks, "<true/>", 7);
    json_t *json = lethe_plist_parse(blanks, LETHE_PLIST_MAX, NULL);
    assert_non_null(json);
    json_decref(json);
    struct lethe_error err;
    assert_null(lethe_plist_parse(blanks, LETHE_PLIST_MAX + 1, &err));
    assert_int_equal(err.code, LETHE_E_LIMIT);
    LETHE_BUF_AUTO many = {0};
    lethe_buf_puts(&many, "<array>");
    for (unsigned i = 0; i < LETHE_PLIST_NODES_MAX; i++)
        lethe_buf_puts(&many, "<true/>");
    lethe_buf_puts(&many, "</array>");
    refuse(many.data, LETHE_E_LIMIT);
}

/* Objects by number: LEN bytes of OBJECTS, N of them at OFFSETS. */
static size_t make(uint8_t *out, const uint8_t *objects, size_t len, const uint8_t *offsets,
                   uint8_t n)
{
    size_t at = 8;
    memcpy(out, "bplist00", 8);
    memcpy(out + at, objects, len);
    at += len;
    uint8_t table = (uint8_t)at;
    memcpy(out + at, offsets, n);
    at += n;
    memset(out + at, 0, 32);
    out[at + 6] = out[at + 7] = 1;
    out[at + 15] = n;
    out[at + 31] = table;
    return at + 32;
}

static void test_binary_that_unfolds(void **state)
{
    (void)state;
    uint8_t data[160];
    struct lethe_error err;
    /* An array that holds itself. */
    size_t len = make(data, (const uint8_t[]){0xa1, 0}, 2, (const uint8_t[]){8}, 1);
    assert_null(lethe_plist_parse(data, len, &err));
    assert_int_equal(err.code, LETHE_E_LIMIT);
    /* Seven levels of eight references each: two million strings in 76 bytes. */
    uint8_t objects[7 * 9 + 3], offsets[8];
    for (uint8_t i = 0; i < 7; i++) {
        objects[i * 9] = 0xa8;
        memset(objects + i * 9 + 1, i + 1, 8);
        offsets[i] = (uint8_t)(8 + i * 9);
    }
    memcpy(objects + 63,
           "\x52"
           "hi",
           3);
    offsets[7] = 8 + 63;
    len = make(data, objects, sizeof(objects), offsets, 8);
    assert_null(lethe_plist_parse(data, len, &err));
    assert_int_equal(err.code, LETHE_E_LIMIT);
    /* A reference to nothing, an offset beyond, a trailer that says too much. */
    len = make(data, (const uint8_t[]){0xa1, 9}, 2, (const uint8_t[]){8}, 1);
    assert_null(lethe_plist_parse(data, len, &err));
    assert_int_equal(err.code, LETHE_E_INVALID);
    len = make(data, (const uint8_t[]){9, 9}, 2, (const uint8_t[]){200}, 1);
    assert_null(lethe_plist_parse(data, len, NULL));
    len = make(data, (const uint8_t[]){9, 9}, 2, (const uint8_t[]){8}, 1);
    check(data, len, "true");
    data[len - 32 + 15] = 255;
    assert_null(lethe_plist_parse(data, len, NULL));
    /* A string that says it is 2^63 long. */
    len = make(data, (const uint8_t[]){0x5f, 0x13, 0x80, 0, 0, 0, 0, 0, 0, 0}, 10,
               (const uint8_t[]){8}, 1);
    assert_null(lethe_plist_parse(data, len, NULL));
}

static void test_what_xml_cannot_say(void **state)
{
    (void)state;
    LETHE_BUF_AUTO xml = {0};
    json_t *bell = json_string("a\ab\r");
    assert_int_equal(lethe_plist_xml_format(bell, &xml, NULL), 0);
    json_decref(bell);
    check(xml.data, xml.len,
          "\"a\xef\xbf\xbd"
          "b\\r\"");
    json_t *null = json_null();
    assert_int_equal(lethe_plist_xml_format(null, &xml, NULL), -LETHE_E_INVALID);
}

static void test_data(void **state)
{
    (void)state;
    size_t len;
    json_t *json = lethe_plist_data("a\0b", 3);
    char *bytes = lethe_plist_data_get(json, &len);
    assert_int_equal(len, 3);
    assert_memory_equal(bytes, "a\0b", 3);
    free(bytes);
    json_object_set_new(json, "more", json_true());
    assert_null(lethe_plist_data_get(json, &len));
    json_decref(json);
    assert_null(lethe_plist_data_get(NULL, &len));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_binary),
        cmocka_unit_test(test_xml),
        cmocka_unit_test(test_lists_that_are_none),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_size),
        cmocka_unit_test(test_binary_that_unfolds),
        cmocka_unit_test(test_what_xml_cannot_say),
        cmocka_unit_test(test_data),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
