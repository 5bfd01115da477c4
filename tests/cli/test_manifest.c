/* SPDX-License-Identifier: Apache-2.0 */
#include <cli/manifest.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static int parse(const char *text, struct lethe_manifest *out, struct lethe_error *err)
{
    return lethe_manifest_parse("lot.csv", text, strlen(text), out, err);
}

static const char *field(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static void test_csv(void **state)
{
    (void)state;
    struct lethe_manifest m;
    assert_int_equal(parse("\xEF\xBB\xBFIdentifier,asset_tag,lot,policy,shelf\r\n"
                           " S-1 ,A-1,L,,\"top, \"\"left\"\"\"\r\n"
                           "\r\n"
                           "S-2,,,r2v3,",
                           &m, NULL),
                     0);
    assert_int_equal(m.n, 2);
    assert_string_equal(m.lines[0].identifier, "S-1");
    assert_string_equal(m.lines[0].policy, "");
    assert_string_equal(field(m.lines[0].record.fields, "asset_tag"), "A-1");
    assert_string_equal(field(m.lines[0].record.custom, "shelf"), "top, \"left\"");
    assert_int_equal(m.lines[0].number, 2);
    assert_string_equal(m.lines[1].policy, "r2v3");
    assert_int_equal(json_object_size(m.lines[1].record.fields), 0);
    lethe_manifest_clear(&m);
}

static void test_ndjson(void **state)
{
    (void)state;
    struct lethe_manifest m;
    assert_int_equal(parse("\n{\"identifier\": \"S-1\", \"asset-tag\": \"A\"}\n\n"
                           "  {\"identifier\": \"S-2\", \"shelf\": \"3\"}",
                           &m, NULL),
                     0);
    assert_int_equal(m.n, 2);
    assert_int_equal(m.lines[1].number, 4);
    assert_string_equal(field(m.lines[1].record.custom, "shelf"), "3");
    lethe_manifest_clear(&m);
}

static void test_bad_ones_are_refused_whole(void **state)
{
    (void)state;
    static const struct {
        const char *text, *what;
    } bad[] = {
        {"", "names no device"},
        {"identifier\n", "names no device"},
        {"serial\nS-1\n", "lot.csv:1"},
        {"tag\nS-1\n", "no column is called"},
        {"identifier,lot\nS-1,a\nS-2,b,c\n", "lot.csv:3: more fields"},
        {"identifier\n\"S-1\n", "lot.csv:2"},
        {"identifier,a,A\nS-1,1,2\n", "two columns"},
        {"identifier,lot\n,x\n", "identifier is empty"},
        {"identifier,outcome\nS-1,passed\n", "standard claim"},
        {"identifier,lot\nS-1,\033[2J\n", "printable"},
        {"identifier,lot\nS-1,a\nS-2\n", "lot.csv:3: the line ends before 'lot'"},
        {"identifier,aset_tag\nS-1,a\n", "lot.csv:1: 'aset_tag': is 'asset_tag' meant?"},
        {"identifier,Asset Tga\nS-1,a\n", "is 'asset_tag' meant?"},
        {"identifer\nS-1\n", "is 'identifier' meant?"},
        {"identifier,lot,lot_,Lot\nS-1,a,b,c\n", "two columns"},
        {"identifier,asset tag,asset_tag\nS-1,a,b\n", "given twice"},
        {"{\"identifier\": \"S-1\", \"polcy\": \"x\"}\n", "is 'policy' meant?"},
        {"{\"identifier\": 7}\n", "not a string"},
        {"{\"lot\": \"L\"}\n", "identifier is empty"},
        {"{\"identifier\": \"S\", \"identifier\": \"T\"}\n", "lot.csv:1"},
        {"{\"identifier\": \"S-1\"}\n{\n", "lot.csv:2"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct lethe_manifest m;
        struct lethe_error err = {0};
        assert_true(parse(bad[i].text, &m, &err) < 0);
        if (!strstr(err.what, bad[i].what))
            fail_msg("'%s' says '%s'", bad[i].text, err.what);
        assert_int_equal(m.n, 0);
    }
}

static void test_match(void **state)
{
    (void)state;
    struct lethe_manifest m;
    const struct lethe_manifest_line *line;
    struct lethe_error err = {0};
    struct lethe_identity id = {0};
    assert_int_equal(lethe_identity_add(&id, LETHE_ID_SERIAL, LETHE_SOURCE_DEVICE, "WD-1"), 0);
    assert_int_equal(lethe_identity_add(&id, LETHE_ID_WWN, LETHE_SOURCE_DEVICE, "5000c500a1b2c3d4"),
                     0);

    assert_int_equal(parse("identifier\nother\nwd-1\n", &m, NULL), 0);
    assert_int_equal(lethe_manifest_match(&m, &id, &line, &err), 0);
    assert_ptr_equal(line, &m.lines[1]);
    assert_false(m.lines[0].used);
    assert_true(m.lines[1].used);
    lethe_manifest_clear(&m);

    assert_int_equal(parse("identifier\nother\n", &m, NULL), 0);
    assert_int_equal(lethe_manifest_match(&m, &id, &line, &err), 0);
    assert_null(line);
    lethe_manifest_clear(&m);

    /* By two of its names: whose record is it? */
    assert_int_equal(parse("identifier\nwd-1\n0x5000C500A1B2C3D4\n", &m, NULL), 0);
    assert_int_equal(lethe_manifest_match(&m, &id, &line, &err), -LETHE_E_REFUSED);
    assert_non_null(strstr(err.what, "lines 2 and 3"));
    assert_null(line);
    lethe_manifest_clear(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_csv),
        cmocka_unit_test(test_ndjson),
        cmocka_unit_test(test_bad_ones_are_refused_whole),
        cmocka_unit_test(test_match),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
