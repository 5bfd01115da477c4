/* SPDX-License-Identifier: Apache-2.0 */
/* The program as scripts and people meet it: exit status, JSON lines, width. */
#include "base/buf.h"
#include "base/text.h"
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
/* cmocka.h wants the four standard headers above */
#include <cmocka.h>

#define PROGRAM LETHE_BINARY_DIR "/bin/lethe-verify "
#define IN "cd " LETHE_SOURCE_DIR "/certs/examples && "
#define TRUST " --trust ../test-keys/root.pem "

static int run(const char *command, struct lethe_buf *out)
{
    char chunk[4096];
    size_t n;
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    while ((n = fread(chunk, 1, sizeof(chunk), pipe)) > 0)
        lethe_buf_add(out, chunk, n);
    int status = pclose(pipe);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int status_of(const char *command)
{
    LETHE_BUF_AUTO out = {0};
    return run(command, &out);
}

static void test_exit_is_the_worst(void **state)
{
    (void)state;
    assert_int_equal(status_of(IN PROGRAM "valid/full.sdjwt" TRUST), 0);
    assert_int_equal(status_of(IN PROGRAM "invalid/alg-none.sdjwt" TRUST), 1);
    assert_int_equal(status_of(IN PROGRAM "undetermined/virtual.sdjwt" TRUST), 2);
    assert_int_equal(status_of(IN PROGRAM "undetermined/virtual.sdjwt --allow virtual" TRUST), 0);
    assert_int_equal(status_of(IN PROGRAM "valid/full.sdjwt undetermined/virtual.sdjwt" TRUST), 2);
    assert_int_equal(
        status_of(IN PROGRAM
                  "undetermined/virtual.sdjwt invalid/alg-none.sdjwt valid/full.sdjwt" TRUST),
        1);
    assert_int_equal(status_of(IN PROGRAM "valid/full.sdjwt"), 2); /* nobody is trusted */
    assert_int_equal(status_of(IN PROGRAM "/nonexistent" TRUST), 2);
    assert_int_equal(status_of(IN PROGRAM "valid/full.sdjwt --device OTHER" TRUST), 1);
    assert_int_equal(
        status_of(IN PROGRAM
                  "undetermined/record-attested-met.sdjwt --accept operator-attested" TRUST),
        0);
    assert_int_equal(
        status_of(IN PROGRAM "undetermined/record-attested.sdjwt --accept operator-attested" TRUST),
        2);
    assert_int_equal(
        status_of(IN PROGRAM
                  "undetermined/record-indeterminate.sdjwt --accept indeterminate" TRUST),
        2);
    assert_int_equal(status_of(IN PROGRAM "valid/full.sdjwt --min-level L2" TRUST), 2);
    /* Options may stand before, behind and between. */
    assert_int_equal(status_of(IN PROGRAM TRUST "--require serial -- valid/full.sdjwt"), 0);
}

static void test_wrong_usage_is_no_verdict(void **state)
{
    (void)state;
    static const char *const commands[] = {
        PROGRAM,
        PROGRAM TRUST,
        IN PROGRAM "valid/full.sdjwt --trust /nonexistent",
        IN PROGRAM "valid/full.sdjwt --trust valid/full.sdjwt",
        IN PROGRAM "valid/full.sdjwt --trust ../test-keys/bench.pem",
        IN PROGRAM "valid/full.sdjwt --allow anything" TRUST,
        IN PROGRAM "valid/full.sdjwt --accept failed" TRUST,
        IN PROGRAM "valid/full.sdjwt --accept perhaps" TRUST,
        IN PROGRAM "valid/full.sdjwt --min-level 3" TRUST,
        IN PROGRAM "valid/full.sdjwt --device ''" TRUST,
        IN PROGRAM "valid/full.sdjwt --insecure" TRUST,
    };
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        char command[1024];
        LETHE_BUF_AUTO out = {0};
        lethe_text_format(command, sizeof(command), "(%s) 2>/dev/null", commands[i]);
        if (run(command, &out) != 3 || out.len > 0)
            fail_msg("%s", commands[i]);
    }
    LETHE_BUF_AUTO help = {0};
    assert_int_equal(run(PROGRAM "--help", &help), 0);
    assert_non_null(strstr(help.data, "Examples:"));
    assert_non_null(strstr(help.data, "3 wrong usage"));
}

static void test_json_lines(void **state)
{
    (void)state;
    static const char *const verdicts[] = {"valid", "invalid", "undetermined"};
    LETHE_BUF_AUTO out = {0};
    assert_int_equal(
        run(IN PROGRAM "--json valid/full.sdjwt invalid/empty.sdjwt /nonexistent" TRUST, &out), 1);
    char *line = out.data;
    for (size_t i = 0; i < 3; i++) {
        char *end = strchr(line, '\n');
        assert_non_null(end);
        json_t *json = json_loadb(line, (size_t)(end - line), JSON_REJECT_DUPLICATES, NULL);
        assert_non_null(json);
        static const char *const keys[] = {"file", "verdict", "level", "reasons", "claims"};
        for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++)
            assert_non_null(json_object_get(json, keys[k]));
        assert_string_equal(json_string_value(json_object_get(json, "verdict")), verdicts[i]);
        assert_true(i == 0 || json_array_size(json_object_get(json, "reasons")) > 0);
        json_decref(json);
        line = end + 1;
    }
    assert_string_equal(line, "");
}

static void test_standard_input_and_a_line_feed(void **state)
{
    (void)state;
    assert_int_equal(status_of(IN PROGRAM "- < valid/full.sdjwt" TRUST), 0);
    assert_int_equal(status_of(IN "(cat valid/full.sdjwt; echo) | " PROGRAM "-" TRUST), 0);
    assert_int_equal(status_of(IN "(cat valid/full.sdjwt; printf '\\r\\n') | " PROGRAM "-" TRUST),
                     0);
    assert_int_equal(status_of(IN "(cat valid/full.sdjwt; printf '\\r') | " PROGRAM "-" TRUST), 1);
    assert_int_equal(
        status_of(IN "(cat valid/full.sdjwt; printf '\\r\\n\\r\\n') | " PROGRAM "-" TRUST), 1);
    assert_int_equal(status_of(IN "(cat valid/full.sdjwt; echo; echo) | " PROGRAM "-" TRUST), 1);
    assert_int_equal(status_of(IN "(cat valid/full.sdjwt; printf '\\0') | " PROGRAM "-" TRUST), 1);
    assert_int_equal(status_of("head -c 3000000 /dev/zero | " PROGRAM "-"), 1);
}

#define SCRATCH LETHE_BINARY_DIR "/tests/cert/verify-scratch"
#define FRESH "rm -rf " SCRATCH " && mkdir -p " SCRATCH " && cd " SCRATCH " && "
#define ROOT " --trust " LETHE_SOURCE_DIR "/certs/test-keys/root.pem"
#define FULL LETHE_SOURCE_DIR "/certs/examples/valid/full.sdjwt "

/* All of a directory's certificates and of those below; what is no file is said, and never waited
 * for. */
static void test_directories_and_pipes(void **state)
{
    (void)state;
    assert_int_equal(status_of(IN PROGRAM "valid" TRUST), 0);
    assert_int_equal(status_of(IN PROGRAM "valid undetermined" TRUST), 2);
    assert_int_equal(status_of(IN PROGRAM "valid undetermined invalid" TRUST), 1);
    assert_int_equal(status_of(IN PROGRAM "." TRUST), 1); /* none here, all below */
    LETHE_BUF_AUTO out = {0};
    assert_int_equal(run(FRESH "cp " FULL "a.sdjwt && cp " FULL
                               "b.sdjwt && echo x > c.txt && " PROGRAM "--json ." ROOT,
                         &out),
                     0);
    assert_non_null(strstr(out.data, "\"file\":\"./a.sdjwt\""));
    assert_non_null(strstr(out.data, "\"file\":\"./b.sdjwt\""));
    assert_null(strstr(out.data, "c.txt"));
    assert_int_equal(status_of(FRESH PROGRAM "." ROOT), 2);
    assert_int_equal(status_of(FRESH "mkfifo p && timeout 10 " PROGRAM "p" ROOT), 2);
    assert_int_equal(
        status_of(FRESH "mkfifo p.sdjwt && cp " FULL "a.sdjwt && timeout 10 " PROGRAM "." ROOT), 2);
    assert_int_equal(status_of(FRESH "mkfifo p && timeout 10 " PROGRAM FULL "--trust p 2>&-"), 3);
    assert_int_equal(status_of(PROGRAM "/dev/null" ROOT), 2);
}

/* A file's name comes out of the JSON as it is on the disk, and never acts on a terminal. */
static void test_names_of_files(void **state)
{
    (void)state;
    LETHE_BUF_AUTO out = {0};
    assert_int_equal(run(FRESH "n=$(printf 'a\\033[31m\\302\\233b') && cp " FULL
                               "\"$n\" && " PROGRAM "--json" ROOT " -- *",
                         &out),
                     0);
    assert_null(strchr(out.data, '\033'));
    assert_null(strstr(out.data, "\302\233"));
    json_t *json = json_loads(out.data, JSON_REJECT_DUPLICATES, NULL);
    assert_string_equal(json_string_value(json_object_get(json, "file")), "a\033[31m\302\233b");
    json_decref(json);
}

/* A root that is broken is not passed over. */
static void test_broken_roots(void **state)
{
    (void)state;
#define ROOT_FILE LETHE_SOURCE_DIR "/certs/test-keys/root.pem"
#define BROKEN "printf -- '-----BEGIN CERTIFICATE-----\\nAAAA\\n-----END CERTIFICATE-----\\n'"
    assert_int_equal(status_of(FRESH "(cat " ROOT_FILE "; " BROKEN ") > r.pem && " PROGRAM FULL
                                     "--trust r.pem 2>&-"),
                     3);
    assert_int_equal(
        status_of(FRESH "head -n -3 " ROOT_FILE " > r.pem && " PROGRAM FULL "--trust r.pem 2>&-"),
        3);
    assert_int_equal(status_of(FRESH "(echo Ours:; cat " ROOT_FILE
                                     "; echo; echo end) > r.pem && " PROGRAM FULL "--trust r.pem"),
                     0);
}

/* No colours when nobody looks, and never wider than a terminal. */
static void test_plain_and_narrow(void **state)
{
    (void)state;
    LETHE_BUF_AUTO out = {0};
    run(IN PROGRAM "valid/*.sdjwt undetermined/*.sdjwt invalid/*.sdjwt" TRUST, &out);
    assert_null(strchr(out.data, '\033'));
    assert_non_null(strstr(out.data, "VALID  valid/full.sdjwt"));
    for (char *line = strtok(out.data, "\n"); line; line = strtok(NULL, "\n"))
        if (lethe_text_columns(line) > 80)
            fail_msg("%zu columns: %s", lethe_text_columns(line), line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_exit_is_the_worst),
        cmocka_unit_test(test_wrong_usage_is_no_verdict),
        cmocka_unit_test(test_json_lines),
        cmocka_unit_test(test_standard_input_and_a_line_feed),
        cmocka_unit_test(test_directories_and_pipes),
        cmocka_unit_test(test_names_of_files),
        cmocka_unit_test(test_broken_roots),
        cmocka_unit_test(test_plain_and_narrow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
