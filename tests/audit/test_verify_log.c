/* SPDX-License-Identifier: Apache-2.0 */
/* lethe-verify log as it is called. */
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include "audit/published.h"
#include "base/text.h"
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

static struct published log_;
static char output[65536];

static int open_log(void **state)
{
    char vkey[LETHE_TLOG_VKEY_MAX], policy[1024], note[1024];
    (void)state;
    published_open(&log_);
    log_.time = 1700000000; /* before any clock that this runs by */
    for (unsigned i = 0; i < 40; i++) {
        log_.time += i % 20 == 0 ? 86400 : 0;
        published_start(&log_, i, i / 2);
        if (i % 4 == 0)
            published_fail(&log_, i, i / 2);
        else
            published_cert(&log_, i, i / 2);
        if (i == 10) {
            published_note(&log_, 0, note, sizeof(note));
            published_write(&log_, "kept", note, strlen(note));
        }
    }
    published_checkpoint(&log_, log_.time);
    lethe_tlog_key_format(&log_.log.key, vkey);
    published_write(&log_, "log.vkey", vkey, strlen(vkey));
    signing_policy(policy, sizeof(policy), &log_.log, &log_.witness, "w");
    published_write(&log_, "policy", policy, strlen(policy));
    published_write(&log_, "empty", "", 0);
    return 0;
}

static int close_log(void **state)
{
    (void)state;
    published_close(&log_);
    return 0;
}

/* %D in ARGUMENTS is the log. Output and errors go into OUTPUT; the exit status. */
static int run(const char *arguments)
{
    char command[4096];
    size_t n =
        (size_t)snprintf(command, sizeof(command), "%s/bin/lethe-verify log ", LETHE_BINARY_DIR);
    for (const char *at = arguments; *at; at++) {
        if (at[0] == '%' && at[1] == 'D') {
            n += (size_t)snprintf(command + n, sizeof(command) - n, "%s", log_.dir);
            at++;
        } else {
            command[n++] = *at;
        }
    }
    snprintf(command + n, sizeof(command) - n, " 2>&1");
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    size_t len = fread(output, 1, sizeof(output) - 1, pipe);
    output[len] = '\0';
    int status = pclose(pipe);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void exit_statuses(void **state)
{
    static const struct {
        const char *arguments, *says;
        int status;
    } cases[] = {
        {"%D --key %D/log.vkey -c 86400", "SOUND", 0},
        {"%D --policy %D/policy -c 86400", "SOUND", 0},
        {"%D --key %D/log.vkey --since %D/kept", "2 hold, 0", 0},
        {"%D", "[not-pinned]", 2},
        {"%D --key %D/log.vkey --since %D/empty", "[checkpoint]", 1},
        {"/nowhere --key %D/log.vkey", "[no-checkpoint]", 2},
        {"%D --key %D/policy", "not an Ed25519", 3},
        {"%D --key %D/nothing", "cannot open", 3},
        {"%D --tolerance x", "seconds", 3},
        {"%D --json --csv", "not both", 3},
        {"%D %D", "one directory", 3},
        {"", "one directory", 3},
        {"--nonsense", "Try", 3},
        {"--help", "Examples:", 0},
        {"%D --key %D/log.vkey --opening %D/nothing", "cannot open", 2},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int status = run(cases[i].arguments);
        if (status != cases[i].status || !strstr(output, cases[i].says))
            fail_msg("%s: exit %d: %s", cases[i].arguments, status, output);
    }
}

static void eighty_columns(void **state)
{
    (void)state;
    for (int key = 0; key < 2; key++) {
        run(key ? "%D --key %D/log.vkey --since %D/empty" : "--help");
        for (char *line = strtok(output, "\n"); line; line = strtok(NULL, "\n"))
            if (lethe_text_columns(line) > 80)
                fail_msg("too wide: %s", line);
    }
}

static void for_programs(void **state)
{
    (void)state;
    assert_int_equal(run("%D --policy %D/policy --json"), 0);
    json_t *json = json_loads(output, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(json);
    assert_string_equal(json_string_value(json_object_get(json, "verdict")), "sound");
    assert_int_equal(json_integer_value(json_object_get(json, "size")), 80);
    assert_int_equal(json_integer_value(json_object_get(json, "retries")), 10);
    assert_int_equal(json_integer_value(json_object_get(json, "failed_then_passed")), 10);
    assert_int_equal(json_array_size(json_object_get(json, "days")), 2);
    json_decref(json);
    assert_int_equal(run("%D --policy %D/policy --csv"), 0);
    assert_memory_equal(output, "table,key,kind,outcome,count\r\n", 30);
    assert_non_null(strstr(output, ",start,,20\r\n"));
    assert_non_null(strstr(output, ",,failed,5\r\n"));
    assert_non_null(strstr(output, "finding,\"retry\",,,10\r\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exit_statuses),
        cmocka_unit_test(eighty_columns),
        cmocka_unit_test(for_programs),
    };
    return cmocka_run_group_tests(tests, open_log, close_log);
}
