/* SPDX-License-Identifier: Apache-2.0 */
#include "base/yaml.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above. */
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

struct pass {
    char *pattern;
    unsigned count;
};

struct plan {
    char *id;
    struct pass *passes;
    unsigned passes_count;
    int size;
};

static const cyaml_schema_field_t pass_fields[] = {
    CYAML_FIELD_STRING_PTR("pattern", CYAML_FLAG_POINTER, struct pass, pattern, 1, 20),
    CYAML_FIELD_UINT("count", CYAML_FLAG_OPTIONAL, struct pass, count),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t pass_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct pass, pass_fields)};
static const cyaml_strval_t sizes[] = {{"small", 0}, {"large", 1}};
static const cyaml_schema_field_t plan_fields[] = {
    CYAML_FIELD_STRING_PTR("id", CYAML_FLAG_POINTER, struct plan, id, 1, 40),
    CYAML_FIELD_SEQUENCE("passes", CYAML_FLAG_POINTER, struct plan, passes, &pass_schema, 1, 3),
    CYAML_FIELD_ENUM("size", CYAML_FLAG_OPTIONAL | CYAML_FLAG_STRICT, struct plan, size, sizes, 2),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t plan_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct plan, plan_fields)};

static void assert_refused(const char *text, const char *where, const char *word)
{
    struct lethe_error err = {0};
    void *out;
    int rc = lethe_yaml_load("p.yaml", text, strlen(text), &plan_schema, &out, &err);
    if (rc == 0)
        lethe_yaml_free(&plan_schema, out);
    if (rc != -LETHE_E_INVALID || strncmp(err.what, where, strlen(where)) != 0 ||
        !strstr(err.what, word))
        fail_msg("wanted %s ... %s, got %d %s", where, word, rc, err.what);
}

static void loads(void **state)
{
    (void)state;
    static const char text[] = "# a policy\nid: x\npasses:\n  - pattern: zero\n"
                               "  - {pattern: '010', count: 10}\nsize: large\n";
    void *out;
    assert_int_equal(lethe_yaml_load("p", text, strlen(text), &plan_schema, &out, NULL), 0);
    const struct plan *plan = out;
    assert_string_equal(plan->id, "x");
    assert_int_equal(plan->passes_count, 2);
    assert_string_equal(plan->passes[1].pattern, "010"); /* in quotes it is text */
    assert_int_equal(plan->passes[1].count, 10);
    assert_int_equal(plan->size, 1);
    lethe_yaml_free(&plan_schema, out);
    lethe_yaml_free(&plan_schema, NULL);
}

static void refuses_what_the_schema_does_not_know(void **state)
{
    (void)state;
    assert_refused("id: x\n\n# why\nfoo: 1\npasses: [{pattern: a}]\n", "p.yaml:4: ", "foo");
    assert_refused("id: x\npasses:\n  - pattern: a\n  - pattern: b\n\n    bar: 1\n",
                   "p.yaml:6: ", "bar");
    assert_refused("id: x\npasses:\n  - pattern: a\n  - count: 2\n", "p.yaml:4: ", "pattern");
    assert_refused("passes:\n  - pattern: a\n", "p.yaml:1: ", "id");
    assert_refused("id: x\npasses:\n  - pattern: a\n\n    count: many\n", "p.yaml:5: ", "many");
    assert_refused("id: x\npasses: [{pattern: a}]\n\nsize: huge\n", "p.yaml:4: ", "huge");
    assert_refused("id: x\n\npasses: []\n", "p.yaml:3: ", "entries");
    assert_refused("id: x\npasses:\n  - {pattern: a}\n  - {pattern: a}\n  - {pattern: a}\n"
                   "  - {pattern: a}\n",
                   "p.yaml:5: ", "entries");
    assert_refused("id: x\npasses: 5\n", "p.yaml:2: ", "SEQUENCE");
    assert_refused("just text\n", "p.yaml:1: ", "MAPPING");
}

static void refuses_duplicates(void **state)
{
    (void)state;
    assert_refused("id: x\npasses: [{pattern: a}]\nid: y\n", "p.yaml:3: ", "\"id\" is there twice");
    assert_refused("id: x\npasses:\n  - pattern: a\n    pattern: b\n", "p.yaml:4: ", "twice");
    assert_refused("id: x\npasses: [{pattern: a}]\n\"id\": y\n", "p.yaml:3: ", "twice");
}

static void refuses_what_libcyaml_lets_through(void **state)
{
    (void)state;
    assert_refused("", "p.yaml:1: ", "empty");
    assert_refused("# nothing\n", "p.yaml:1: ", "empty");
    assert_refused("---\nid: x\npasses: [{pattern: a}]\n---\nid: y\n", "p.yaml:4: ", "document");
    assert_refused("id: &a x\npasses: [{pattern: a}]\n", "p.yaml:1: ", "anchor");
    assert_refused("id: x\npasses: &p\n  - {pattern: a}\n", "p.yaml:2: ", "anchor");
    assert_refused("id: x\npasses:\n  - &m {pattern: a}\n", "p.yaml:3: ", "anchor");
    assert_refused("id: x\npasses: *p\n", "p.yaml:2: ", "alias");
    assert_refused("id: x\npasses:\n  - pattern: a\n    count: 010\n",
                   "p.yaml:4: ", "begin with 0");
    assert_refused("id: x\npasses: [{pattern: a, count: -01}]\n", "p.yaml:2: ", "begin with 0");
    assert_refused("id: \"a\\0b\"\npasses: [{pattern: a}]\n", "p.yaml:1: ", "control");
    assert_refused("id: \"a\\e[2J\"\npasses: [{pattern: a}]\n", "p.yaml:1: ", "control");
    assert_refused("? [a]\n: b\n", "p.yaml:1: ", "key");
    assert_refused("id: [[[[[[[[[[[[[[[[x]]]]]]]]]]]]]]]]\n", "p.yaml:1: ", "deep");
    assert_refused("id: x\n\tpasses: y\n", "p.yaml:2: ", "not YAML");
    assert_refused("id: \"\xff\"\n", "p.yaml:1: ", "not YAML");
}

static void bounds_size(void **state)
{
    (void)state;
    struct lethe_error err;
    void *out;
    char *text = malloc(LETHE_YAML_MAX + 1);
    assert_non_null(text);
    memset(text, '#', LETHE_YAML_MAX + 1);
    assert_int_equal(lethe_yaml_load("p", text, LETHE_YAML_MAX + 1, &plan_schema, &out, &err),
                     -LETHE_E_LIMIT);
    for (size_t i = 0; i + 1 < LETHE_YAML_MAX; i += 2)
        memcpy(text + i, i == 0 ? "[x" : ",x", 2);
    assert_int_equal(lethe_yaml_load("p", text, LETHE_YAML_MAX, &plan_schema, &out, &err),
                     -LETHE_E_INVALID);
    assert_non_null(strstr(err.what, "more values"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loads),
        cmocka_unit_test(refuses_what_the_schema_does_not_know),
        cmocka_unit_test(refuses_duplicates),
        cmocka_unit_test(refuses_what_libcyaml_lets_through),
        cmocka_unit_test(bounds_size),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
