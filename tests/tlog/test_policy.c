/* SPDX-License-Identifier: Apache-2.0 */
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include "tlog/signing.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WITNESSES 6
static struct signing_key log_key, witness[WITNESSES];
static char log_vkey[LETHE_TLOG_VKEY_MAX], vkey[WITNESSES][LETHE_TLOG_VKEY_MAX];
static struct lethe_tlog_policy policy;

static int make_keys(void **state)
{
    (void)state;
    signing_key_make(&log_key, "example.org/log", LETHE_TLOG_ED25519, 100);
    lethe_tlog_key_format(&log_key.key, log_vkey);
    for (int i = 0; i < WITNESSES; i++) {
        char name[32];
        sprintf(name, "witness.example/%d", i);
        signing_key_make(&witness[i], name, LETHE_TLOG_COSIGNATURE, (uint8_t)(i + 1));
        lethe_tlog_key_format(&witness[i].key, vkey[i]);
    }
    return 0;
}

static int parse(const char *text)
{
    return lethe_tlog_policy_parse(text, strlen(text), &policy, NULL);
}

/* The example of tlog-policy with our keys. */
static void example(char out[4096])
{
    int n = sprintf(out, "# a comment\n\n log\t%s \n", log_vkey);
    for (int i = 0; i < 3; i++)
        n += sprintf(out + n, "witness X%d %s\n", i + 1, vkey[i]);
    n += sprintf(out + n, "group X-witnesses 2 X1 X2 X3\n");
    for (int i = 3; i < 6; i++)
        n += sprintf(out + n, "witness Y%d %s https://example.org/%d\n", i - 2, vkey[i], i);
    sprintf(out + n, "group Y-witnesses any Y1 Y2 Y3\ngroup X-and-Y all X-witnesses Y-witnesses\n"
                     "quorum X-and-Y\n");
}

/* Cosigned by the witnesses of SET, number i at 1000 + 10 * i. */
static void check(uint32_t set, uint64_t now, struct lethe_tlog_quorum *out)
{
    struct lethe_tlog_checkpoint checkpoint = {.origin = "example.org/log", .size = 1};
    struct lethe_tlog_note note;
    char text[4096];
    signing_checkpoint(text, sizeof(text), &checkpoint);
    signing_add(text, sizeof(text), &log_key, 0);
    for (int i = WITNESSES - 1; i >= 0; i--)
        if (set >> i & 1)
            signing_add(text, sizeof(text), &witness[i], 1000 + 10 * (uint64_t)i);
    assert_int_equal(lethe_tlog_note_parse(text, strlen(text), &note, NULL), 0);
    assert_int_equal(lethe_tlog_policy_check(&policy, &note, now, out, NULL), 0);
}

static void every_set_of_witnesses(void **state)
{
    struct lethe_tlog_quorum quorum;
    char text[4096];
    (void)state;
    example(text);
    assert_int_equal(parse(text), 0);
    assert_int_equal(policy.n_logs, 1);
    assert_int_equal(policy.n_witnesses, 6);
    assert_string_equal(policy.witness[3].url, "https://example.org/3");
    for (uint32_t set = 0; set < 1u << WITNESSES; set++) {
        check(set, 0, &quorum);
        bool met = __builtin_popcount(set & 7) >= 2 && (set & 0x38);
        assert_int_equal(quorum.met, met);
        assert_int_equal(quorum.cosigned, set);
        assert_int_equal(quorum.n_cosigned, __builtin_popcount(set));
        if (set) {
            assert_int_equal(quorum.earliest, 1000 + 10 * __builtin_ctz(set));
            assert_int_equal(quorum.latest, 1000 + 10 * (31 - __builtin_clz(set)));
        }
        /* Times grow with the number: the first Y completes the quorum. */
        assert_int_equal(quorum.not_after, met ? 1000 + 10 * __builtin_ctz(set & 0x38) : 0);
    }
}

static void a_time_to_come_does_not_count(void **state)
{
    struct lethe_tlog_quorum quorum;
    char text[4096];
    (void)state;
    example(text);
    assert_int_equal(parse(text), 0);
    check(0x0F, 1030, &quorum);
    assert_true(quorum.met);
    check(0x0F, 730, &quorum); /* five minutes of grace */
    assert_true(quorum.met);
    check(0x0F, 729, &quorum);
    assert_false(quorum.met);
    assert_int_equal(quorum.future, 8);
    assert_int_equal(quorum.cosigned, 7);
}

static void quorum_none_and_of_one(void **state)
{
    struct lethe_tlog_quorum quorum;
    char text[1024];
    (void)state;
    assert_int_equal(parse("quorum none\n"), 0);
    check(0, 0, &quorum);
    assert_true(quorum.met);
    assert_int_equal(quorum.not_after, 0);
    sprintf(text, "witness w %s\nwitness unused %s\nquorum w\n", vkey[1], vkey[0]);
    assert_int_equal(parse(text), 0);
    check(1, 0, &quorum); /* the other one */
    assert_false(quorum.met);
    assert_int_equal(quorum.n_cosigned, 1);
    check(3, 0, &quorum);
    assert_true(quorum.met);
    assert_int_equal(quorum.not_after, 1010); /* not 1000: that one has no say */
}

static void a_bad_cosignature_refuses_the_note(void **state)
{
    struct lethe_tlog_checkpoint checkpoint = {.origin = "example.org/log", .size = 1};
    struct lethe_tlog_quorum quorum;
    struct lethe_tlog_note note;
    char text[4096];
    (void)state;
    sprintf(text, "witness w %s\nquorum none\n", vkey[0]);
    assert_int_equal(parse(text), 0);
    signing_checkpoint(text, sizeof(text), &checkpoint);
    signing_add(text, sizeof(text), &witness[0], 5);
    text[strlen("example.org/log\n")] = '2'; /* another size than the one signed */
    assert_int_equal(lethe_tlog_note_parse(text, strlen(text), &note, NULL), 0);
    assert_int_equal(lethe_tlog_policy_check(&policy, &note, 0, &quorum, NULL), -LETHE_E_UNTRUSTED);
}

static void malformed_policies(void **state)
{
    char text[4096];
    const char *line;
    struct lethe_error err;
    (void)state;
    static const char *const bad[] = {
        "",
        "quorum none",
        "quorum none\nquorum none\n",
        "quorum\n",
        "quorum none none\n",
        "quorum nobody\n",
        "Quorum none\n",
        "quorum none\r\n",
        "quorum none\x01\n",
        "quorum none # comment\n",
        "log\nquorum none\n",
        "log abc\nquorum none\n",
        "witness w\nquorum none\n",
        "group g any\nquorum none\n",
        "group g any w\nquorum none\n",
        "group g any none\nquorum none\n",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(parse(bad[i]), -LETHE_E_INVALID);
    /* Behind two good witnesses a and b. */
    static const char *const lines[] = {
        "group g 0 a\n",
        "group g 2 a\n",
        "group g 01 a\n",
        "group g -1 a\n",
        "group g some a\n",
        "group g any a a\n",
        "group a any b\n",
        "group none any a\n",
        "group g any g\n",
        "group g any a\ngroup h any a\n",
        "group g any a\ngroup g any b\n",
        "group g any h\ngroup h any a\n",
    };
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        sprintf(text, "witness a %s\nwitness b %s\n%squorum a\n", vkey[0], vkey[1], lines[i]);
        assert_int_equal(parse(text), -LETHE_E_INVALID);
    }
    /* One key under two names; a log's key as a witness, and the other way; a name twice. */
    sprintf(text, "witness a %s\nwitness b %s\nquorum a\n", vkey[0], vkey[0]);
    assert_int_equal(parse(text), -LETHE_E_INVALID);
    sprintf(text, "witness a %s\nwitness a %s\nquorum a\n", vkey[0], vkey[1]);
    assert_int_equal(parse(text), -LETHE_E_INVALID);
    sprintf(text, "witness a %s\nquorum a\n", log_vkey);
    assert_int_equal(parse(text), -LETHE_E_INVALID);
    sprintf(text, "log %s\nquorum none\n", vkey[0]);
    assert_int_equal(parse(text), -LETHE_E_INVALID);
    sprintf(text, "log %s\nlog %s\nquorum none\n", log_vkey, log_vkey);
    assert_int_equal(parse(text), -LETHE_E_INVALID);
    sprintf(text, "\n# fine\nquorum none\nlog\n");
    assert_int_equal(lethe_tlog_policy_parse(text, strlen(text), &policy, &err), -LETHE_E_INVALID);
    line = strstr(err.what, "line 4");
    assert_non_null(line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_set_of_witnesses),
        cmocka_unit_test(a_time_to_come_does_not_count),
        cmocka_unit_test(quorum_none_and_of_one),
        cmocka_unit_test(a_bad_cosignature_refuses_the_note),
        cmocka_unit_test(malformed_policies),
    };
    return cmocka_run_group_tests(tests, make_keys, NULL);
}
