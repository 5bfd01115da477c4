/* SPDX-License-Identifier: Apache-2.0 */
/* JSON in, JSON out: the same verdicts, and nothing that was asked for passed over. */
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include <lethe/verify_json.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h wants the four standard headers above */
#include <cmocka.h>

#define CERTS LETHE_SOURCE_DIR "/certs/"
#define NOW 1795400000 /* of the examples */

static char *slurp(const char *name)
{
    char path[512], *text;
    size_t len;
    struct lethe_error err;
    lethe_text_format(path, sizeof(path), CERTS "%s", name);
    if (lethe_file_read(path, 1 << 20, &text, &len, &err) < 0)
        fail_msg("%s", err.what);
    return text;
}

/* Takes REQUEST; new reference. */
static json_t *ask(json_t *request)
{
    char *text = json_dumps(request, JSON_COMPACT), *said = lethe_verify_json(text);
    json_t *answer = json_loads(said, JSON_REJECT_DUPLICATES, NULL);
    assert_non_null(answer);
    lethe_verify_json_free(said);
    free(text);
    json_decref(request);
    return answer;
}

static json_t *about(const char *file)
{
    char *certificate = slurp(file), *root = slurp("test-keys/root.pem"),
         *demo = slurp("test-keys/demo-root.pem");
    json_t *request =
        json_pack("{s:s,s:[s,s],s:i}", "certificate", certificate, "trust", root, demo, "now", NOW);
    free(certificate);
    free(root);
    free(demo);
    return request;
}

static const char *word(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static void test_the_examples(void **state)
{
    (void)state;
    char *text = slurp("examples/index.json");
    json_t *index = json_loads(text, 0, NULL), *item;
    size_t i, n = 0;
    json_array_foreach(json_object_get(index, "examples"), i, item)
    {
        char file[256];
        json_t *request, *answer;
        lethe_text_format(file, sizeof(file), "examples/%s", word(item, "file"));
        request = about(file);
        if (!json_object_get(request, "certificate")) { /* not UTF-8: no JSON can hold it */
            json_decref(request);
            continue;
        }
        answer = ask(request);
        if (strcmp(word(answer, "verdict"), word(item, "verdict")) != 0 &&
            strcmp(word(item, "code"), "untrusted") != 0)
            fail_msg("%s is %s", file, word(answer, "verdict"));
        json_decref(answer);
        n++;
    }
    assert_true(n > 150);
    json_decref(index);
    free(text);
}

static void assert_refused(json_t *request)
{
    json_t *answer = ask(request);
    if (json_object_get(answer, "verdict") || !json_object_get(answer, "error"))
        fail_msg("%s", json_dumps(answer, 0));
    json_decref(answer);
}

static void test_nothing_is_passed_over(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "{\"requires\":[\"serial\"]}",
        "{\"device\":\"\"}",
        "{\"device\":7}",
        "{\"require\":\"serial\"}",
        "{\"require\":[1]}",
        "{\"require\":[\"\"]}",
        "{\"min_level\":3}",
        "{\"min_level\":\"L2\"}",
        "{\"min_level\":-1}",
        "{\"allow\":[\"anything\"]}",
        "{\"accept\":[\"failed\"]}",
        "{\"trust\":[\"no PEM\"]}",
        "{\"status\":[\"no list\"]}",
        "{\"crls\":[\"no list\"]}",
        "{\"log_policy\":\"nonsense\"}",
        "{\"log_keys\":[\"nonsense\"]}",
        "{\"trust_list\":{\"list\":\"x\"}}",
        "{\"certificate_b64\":\"AAAA\"}",
        "{\"now\":\"today\"}",
        "{\"proof\":1}",
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        json_t *request = about("examples/valid/full.sdjwt"), *more = json_loads(wrong[i], 0, NULL);
        assert_non_null(more);
        json_object_update(request, more);
        json_decref(more);
        assert_refused(request);
    }
    assert_refused(json_object());
    assert_refused(json_array());
    char *said = lethe_verify_json(NULL);
    assert_non_null(strstr(said, "\"error\""));
    lethe_verify_json_free(said);
    said = lethe_verify_json("{\"certificate\":\"a\",\"certificate\":\"b\"}");
    assert_non_null(strstr(said, "\"error\""));
    lethe_verify_json_free(said);
}

static void test_what_is_asked_counts(void **state)
{
    (void)state;
    static const struct {
        const char *file, *more, *verdict;
    } cases[] = {
        {"examples/valid/full.sdjwt", "{\"device\":\"OTHER\"}", "invalid"},
        {"examples/valid/full.sdjwt", "{\"min_level\":2}", "undetermined"},
        {"examples/valid/full.sdjwt", "{\"require\":[\"method=purge\"]}", "invalid"},
        {"examples/valid/serial-only.sdjwt", "{\"require\":[\"customer\"]}", "undetermined"},
        {"examples/undetermined/virtual.sdjwt", "{\"allow\":[\"virtual\"]}", "valid"},
        {"examples/valid/full.sdjwt", "{\"trust\":[]}", "undetermined"},
        {"examples/valid/full.sdjwt", "{\"proof\":\"rubbish\"}", "invalid"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        json_t *request = about(cases[i].file), *more = json_loads(cases[i].more, 0, NULL);
        json_object_update(request, more);
        json_t *answer = ask(request);
        if (strcmp(word(answer, "verdict"), cases[i].verdict) != 0)
            fail_msg("%s: %s", cases[i].more, word(answer, "verdict"));
        json_decref(answer);
        json_decref(more);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_examples),
        cmocka_unit_test(test_nothing_is_passed_over),
        cmocka_unit_test(test_what_is_asked_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
