/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/fastboot.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
/* after the above: cmocka wants setjmp and stdarg first */
#include <cmocka.h>

static int parse(const char *text, struct lethe_fastboot_reply *out)
{
    return lethe_fastboot_reply_parse((const uint8_t *)text, strlen(text), out, NULL);
}

static void test_commands(void **state)
{
    (void)state;
    char text[LETHE_FASTBOOT_COMMAND_MAX + 1], same[LETHE_FASTBOOT_COMMAND_MAX + 1];
    assert_int_equal(lethe_fastboot_command_build(text, "getvar", "product", NULL), 14);
    assert_string_equal(text, "getvar:product");
    assert_int_equal(lethe_fastboot_command_build(text, "reboot", NULL, NULL), 6);
    assert_int_equal(lethe_fastboot_command_build(text, "getvar", "a\nb", NULL), -LETHE_E_USAGE);
    assert_int_equal(lethe_fastboot_command_build(text, "", NULL, NULL), -LETHE_E_USAGE);
    char name[80];
    memset(name, 'n', sizeof(name));
    name[LETHE_FASTBOOT_COMMAND_MAX - 6] = '\0'; /* with "erase:" exactly as long as may be */
    assert_int_equal(lethe_fastboot_command_build(text, "erase", name, NULL), 64);
    assert_int_equal(lethe_fastboot_command_parse((const uint8_t *)text, 64, same, NULL), 0);
    assert_string_equal(same, text);
    name[LETHE_FASTBOOT_COMMAND_MAX - 6] = 'n';
    name[LETHE_FASTBOOT_COMMAND_MAX - 5] = '\0';
    assert_int_equal(lethe_fastboot_command_build(text, "erase", name, NULL), -LETHE_E_USAGE);
    assert_int_equal(lethe_fastboot_command_parse((const uint8_t *)"a\0b", 3, same, NULL),
                     -LETHE_E_INVALID);
}

static void test_replies(void **state)
{
    (void)state;
    struct lethe_fastboot_reply reply;
    assert_int_equal(parse("OKAY", &reply), 0);
    assert_int_equal(reply.kind, LETHE_FASTBOOT_OKAY);
    assert_string_equal(reply.text, "");
    assert_int_equal(parse("FAILErase is not allowed in Lock State", &reply), 0);
    assert_int_equal(reply.kind, LETHE_FASTBOOT_FAIL);
    assert_string_equal(reply.text, "Erase is not allowed in Lock State");
    assert_int_equal(parse("DATA00100000", &reply), 0);
    assert_int_equal(reply.data, 0x100000);
    assert_int_equal(parse("INFO\033]0;x\a", &reply), 0);
    assert_string_equal(reply.text, "?]0;x?");
    assert_int_equal(parse("DATA001", &reply), -LETHE_E_INVALID);
    assert_int_equal(parse("DATA0010000g", &reply), -LETHE_E_INVALID);
    assert_int_equal(parse("okay", &reply), -LETHE_E_INVALID);
    assert_int_equal(parse("OKA", &reply), -LETHE_E_INVALID);
    assert_int_equal(parse("", &reply), -LETHE_E_INVALID);
}

/* Debian's fastboot takes a reply of 5,000 bytes (facts/phones.md 5.9); we take 256. */
static void test_a_reply_has_an_end(void **state)
{
    (void)state;
    struct lethe_fastboot_reply reply;
    uint8_t bytes[LETHE_FASTBOOT_REPLY_MAX + 1];
    char long_text[600];
    memset(bytes, 'x', sizeof(bytes));
    memcpy(bytes, "OKAY", 4);
    assert_int_equal(lethe_fastboot_reply_parse(bytes, 256, &reply, NULL), 0);
    assert_int_equal(strlen(reply.text), 252);
    assert_int_equal(lethe_fastboot_reply_parse(bytes, 257, &reply, NULL), -LETHE_E_LIMIT);
    memset(long_text, 'y', sizeof(long_text));
    long_text[sizeof(long_text) - 1] = '\0';
    assert_int_equal(lethe_fastboot_reply_build(bytes, LETHE_FASTBOOT_INFO, long_text), 256);
}

static void test_sizes(void **state)
{
    (void)state;
    uint64_t size;
    assert_int_equal(lethe_fastboot_size_parse("0x1dcb000", &size), 0);
    assert_int_equal(size, 0x1dcb000);
    assert_int_equal(lethe_fastboot_size_parse("1A4A7FB000", &size), 0);
    assert_int_equal(size, 0x1a4a7fb000);
    assert_int_equal(lethe_fastboot_size_parse("ffffffffffffffff", &size), 0);
    assert_true(size == UINT64_MAX);
    static const char *const none[] = {"", "0x", "1ffffffffffffffff", "12 ", "-1", "g"};
    for (size_t i = 0; i < sizeof(none) / sizeof(*none); i++)
        assert_int_equal(lethe_fastboot_size_parse(none[i], &size), -LETHE_E_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_commands),
        cmocka_unit_test(test_replies),
        cmocka_unit_test(test_a_reply_has_an_end),
        cmocka_unit_test(test_sizes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
