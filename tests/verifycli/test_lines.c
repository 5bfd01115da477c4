/* SPDX-License-Identifier: Apache-2.0 */
/* lethe-verify on many: lines, folders, what is required, what is hidden. */
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

static bool has_code(const json_t *said, const char *code)
{
    size_t i;
    json_t *reason;
    json_array_foreach(json_object_get(said, "reasons"), i, reason)
    {
        if (strcmp(json_string_value(json_object_get(reason, "code")), code) == 0)
            return true;
    }
    return false;
}

/* The I-th line of OUT as JSON. */
static json_t *line(const struct lethe_buf *out, size_t i)
{
    const char *at = out->data;
    for (; i > 0; i--) {
        at = strchr(at, '\n');
        assert_non_null(at);
        at++;
    }
    const char *end = strchr(at, '\n');
    assert_non_null(end);
    json_t *json = json_loadb(at, (size_t)(end - at), JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(json);
    return json;
}

static void assert_says(const char *command, int status, const char *verdict, const char *code)
{
    LETHE_BUF_AUTO out = {0};
    assert_int_equal(run(command, &out), status);
    json_t *said = line(&out, 0);
    assert_string_equal(json_string_value(json_object_get(said, "verdict")), verdict);
    if (code && !has_code(said, code))
        fail_msg("%s: no %s in %s", command, code, out.data);
    json_decref(said);
}

/* An SD-JWT, a bundle, rubbish, nothing, more than a line may be, and a good one behind it all:
 * each gets its answer, in its place. */
static void test_a_bad_line_stops_nothing(void **state)
{
    (void)state;
    static const char *const verdicts[] = {"valid",   "valid",   "invalid", "invalid",
                                           "invalid", "invalid", "valid"};
    LETHE_BUF_AUTO out = {0};
    assert_int_equal(
        run(IN "(cat valid/full.sdjwt; echo; printf '{\"sdjwt\":\"%s\"}\\r\\n' \"$(cat "
               "valid/full.sdjwt)\"; echo rubbish; echo; head -c 5000000 /dev/zero | tr '\\0' a; "
               "echo; echo '{\"sdjwt\":'; cat valid/full.sdjwt) | " PROGRAM "--lines" TRUST,
            &out),
        1);
    for (size_t i = 0; i < 7; i++) {
        json_t *said = line(&out, i);
        assert_int_equal(json_integer_value(json_object_get(said, "line")), i + 1);
        if (strcmp(json_string_value(json_object_get(said, "verdict")), verdicts[i]) != 0)
            fail_msg("line %zu: %s", i + 1, out.data);
        json_decref(said);
    }
}

static void test_lines_is_lines_alone(void **state)
{
    (void)state;
    LETHE_BUF_AUTO out = {0};
    assert_int_equal(run(IN PROGRAM "--lines valid/full.sdjwt 2>&-" TRUST, &out), 3);
    assert_int_equal(run(IN PROGRAM "--lines --proof x 2>&-" TRUST, &out), 3);
    assert_int_equal(run(PROGRAM "--lines < /dev/null", &out), 0);
    assert_int_equal(out.len, 0);
    assert_int_equal(run(IN PROGRAM "--lines --brief < valid/full.sdjwt" TRUST, &out), 0);
    json_t *said = line(&out, 0);
    assert_null(json_object_get(said, "claims"));
    assert_non_null(json_object_get(said, "jti"));
    json_decref(said);
}

static void test_order_is_kept(void **state)
{
    (void)state;
    LETHE_BUF_AUTO out = {0};
    assert_int_equal(
        run(IN "for i in $(seq 400); do cat valid/full.sdjwt; echo; echo x$i; done | " PROGRAM
               "--lines --brief" TRUST,
            &out),
        1);
    const char *at = out.data;
    for (size_t i = 1; i <= 800; i++) {
        char head[64];
        lethe_text_format(head, sizeof(head), "{\"line\":%zu,\"verdict\":\"%s\"", i,
                          i % 2 ? "valid" : "invalid");
        assert_true(strncmp(at, head, strlen(head)) == 0);
        at = strchr(at, '\n') + 1;
    }
    assert_string_equal(at, "");
}

/* What is hidden is never taken for what was asked for. */
static void test_required(void **state)
{
    (void)state;
#define ASK(file, claim) IN PROGRAM file " --json --require " claim TRUST
    assert_says(ASK("valid/full.sdjwt", "serial"), 0, "valid", NULL);
    assert_says(ASK("valid/serial-only.sdjwt", "customer"), 2, "undetermined", "undisclosed");
    assert_says(ASK("valid/serial-only.sdjwt", "customer=Anyone"), 2, "undetermined",
                "undisclosed");
    assert_says(ASK("valid/full.sdjwt", "serial=OTHER"), 1, "invalid", "required-mismatch");
    assert_says(ASK("valid/full.sdjwt", "outcome=passed"), 0, "valid", NULL);
    assert_says(ASK("valid/full.sdjwt", "method=purge"), 1, "invalid", "required-mismatch");
    assert_says(ASK("valid/full.sdjwt", "policy.met=true"), 0, "valid", NULL);
    assert_says(ASK("valid/full.sdjwt", "nothing.like.it"), 2, "undetermined", "undisclosed");
}

/* Nothing but a certificate of a physical device, by what the device itself says, is valid. */
static void test_never_taken_for_a_certificate(void **state)
{
    (void)state;
#define SAY(file) IN PROGRAM file " --json" TRUST
    assert_says(SAY("undetermined/record-failed.sdjwt"), 2, "undetermined", "record-only");
    assert_says(SAY("undetermined/virtual.sdjwt"), 2, "undetermined", "substrate");
    assert_says(SAY("undetermined/image.sdjwt"), 2, "undetermined", "substrate");
    assert_says(SAY("undetermined/asset-tag-only.sdjwt"), 2, "undetermined", "unbound");
    assert_says(SAY("undetermined/demo-emulated.sdjwt"), 2, "undetermined", "substrate");
    assert_says(SAY("invalid/emulated-by-organisation.sdjwt"), 1, "invalid", "emulated-key");
}

static void test_folders(void **state)
{
    (void)state;
    LETHE_BUF_AUTO out = {0};
    assert_int_equal(run(IN PROGRAM "." TRUST, &out), 1);
    assert_non_null(strstr(out.data, "VALID         L0  ./valid/full.sdjwt\n"));
    assert_non_null(strstr(out.data, "UNDETERMINED  L0  ./undetermined/record-failed.sdjwt  "
                                     "record-only\n"));
    assert_non_null(strstr(out.data, " verified: "));
    assert_non_null(strstr(out.data, "  record-only\n"));
}

/* A remark on each but the first, in a row of a folder and in JSON, and the status stays. */
static void test_duplicates(void **state)
{
    (void)state;
    LETHE_BUF_AUTO out = {0};
    assert_int_equal(run(IN PROGRAM "valid" TRUST, &out), 0);
    assert_non_null(strstr(out.data, "valid/decoys.sdjwt\n  remark    a certificate with this id "
                                     "was here before:\n            "
                                     "valid/bench-expired-since.sdjwt [jti-twice]\n"));
    assert_non_null(strstr(out.data, " valid, but here twice"));
    LETHE_BUF_AUTO lines = {0};
    assert_int_equal(run(IN "for i in 1 2; do cat valid/full.sdjwt; echo; done | " PROGRAM
                            "--lines" TRUST,
                         &lines),
                     0);
    json_t *first = line(&lines, 0), *second = line(&lines, 1);
    assert_false(has_code(first, "jti-twice"));
    assert_true(has_code(second, "jti-twice"));
    assert_string_equal(json_string_value(json_object_get(second, "verdict")), "valid");
    json_decref(first);
    json_decref(second);
}

#define SCRATCH LETHE_BINARY_DIR "/tests/verifycli-scratch"
#define COPY                                                                                       \
    "rm -rf " SCRATCH " && mkdir -p " SCRATCH " && cp valid/full.sdjwt " SCRATCH "/a.sdjwt && "

/* A label beside its certificate is judged with it: another one's, or none at all, is an attack.
 * Alone it is one more that can't be told. */
static void test_labels_in_folders(void **state)
{
    (void)state;
    LETHE_BUF_AUTO out = {0};
    assert_int_equal(run(IN COPY "echo ER1:X > " SCRATCH "/a.qr && " PROGRAM SCRATCH TRUST, &out),
                     1);
    assert_int_equal(run(IN COPY "echo ER1:X > " SCRATCH "/b.qr && " PROGRAM SCRATCH TRUST, &out),
                     1);
}

static void test_hidden_is_told(void **state)
{
    (void)state;
    LETHE_BUF_AUTO out = {0};
    assert_int_equal(run(IN PROGRAM "valid/serial-only.sdjwt" TRUST, &out), 0);
    assert_non_null(strstr(out.data, "withheld by the holder"));
    assert_non_null(strstr(out.data, "customer"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_bad_line_stops_nothing),
        cmocka_unit_test(test_lines_is_lines_alone),
        cmocka_unit_test(test_order_is_kept),
        cmocka_unit_test(test_required),
        cmocka_unit_test(test_never_taken_for_a_certificate),
        cmocka_unit_test(test_folders),
        cmocka_unit_test(test_duplicates),
        cmocka_unit_test(test_labels_in_folders),
        cmocka_unit_test(test_hidden_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
