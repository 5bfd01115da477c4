/* SPDX-License-Identifier: Apache-2.0 */
/* tests/scenarios is data: here that it is well-formed, complete, and promises nothing dishonest.
 */
#include "bench.h"

#include <base/file.h>
#include <base/json.h>
#include <emu/emulation.h>
#include <lethe/words.h>
#include <stdio.h>
#include <stdlib.h>

#define FOLDER LETHE_SOURCE_DIR "/tests/scenarios"

/* Not a lie: these may end well. */
static bool harmless(enum fault_kind kind)
{
    return kind == FAULT_SLOW || kind == FAULT_STALL || kind == FAULT_WEAK;
}

struct seen {
    bool full[FAULT_KINDS], sampled[FAULT_KINDS];
};

static bool names(const json_t *list, const char *word)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (strcmp(json_string_value(json_array_get(list, i)), word) == 0)
            return true;
    return false;
}

static void check_expectation(const char *name, const json_t *scenario, bool lies)
{
    const json_t *expect = lethe_json_get(scenario, "expect", JSON_OBJECT, NULL);
    const json_t *outcomes = lethe_json_get(expect, "outcome", JSON_ARRAY, NULL);
    const json_t *exits = lethe_json_get(expect, "exit", JSON_ARRAY, NULL);
    const char *method;
    assert_int_equal(lethe_json_str(expect, "method", &method, NULL), 0);
    assert_true(lethe_method_parse(method) >= 0);
    assert_true(json_array_size(outcomes) > 0);
    assert_int_equal(json_array_size(exits), json_array_size(outcomes));
    for (size_t i = 0; i < json_array_size(outcomes); i++) {
        int outcome = lethe_outcome_parse(json_string_value(json_array_get(outcomes, i)));
        assert_true(outcome > LETHE_OUTCOME_NONE);
        assert_int_equal(lethe_outcome_exit((enum lethe_outcome)outcome),
                         json_integer_value(json_array_get(exits, i)));
        if (lies && outcome == LETHE_OUTCOME_PASSED)
            fail_msg("%s lets a liar pass", name);
        bool good =
            outcome == LETHE_OUTCOME_PASSED || outcome == LETHE_OUTCOME_PASSED_WITH_EXCEPTIONS;
        assert_int_equal(good, strcmp(method, "none") != 0);
    }
}

/* The kinds of the first device's faults; they parse as the tool will parse them. */
static bool check_emulation(const char *name, const json_t *emulate, const json_t *policies,
                            struct seen *seen)
{
    struct lethe_error err = {0};
    struct emulated emulated;
    json_t *configs;
    bool lies = false;
    char *text = json_dumps(emulate, JSON_INDENT(2));
    if (emulation_parse(name, "/scenarios", text, strlen(text), &configs, &err) < 0)
        fail_msg("%s: %s", name, err.what);
    free(text);
    assert_int_equal(json_array_size(configs), 1);
    assert_int_equal(emulated_from_config(json_array_get(configs, 0), &emulated, &err), 0);
    for (int i = 0; i < emulated.n_rules; i++) {
        enum fault_kind kind = emulated.rules[i].kind;
        seen->full[kind] |= names(policies, "random-full");
        seen->sampled[kind] |= names(policies, "nist-800-88r2-clear");
        lies |= !harmless(kind);
    }
    json_decref(configs);
    return lies;
}

static void check_scenario(const char *name, struct seen *seen)
{
    static const char *const members[] = {"title", "emulate", "policies", "expect", "slow"};
    char path[512], policy[600];
    char *text;
    size_t len;
    const char *title;
    struct lethe_error err = {0};
    assert_int_equal(lethe_path_join(path, sizeof(path), FOLDER, name, NULL), 0);
    assert_int_equal(lethe_file_read(path, 65536, &text, &len, &err), 0);
    json_t *scenario = lethe_json_load(text, len, 65536, &err);
    free(text);
    if (!scenario)
        fail_msg("%s: %s", name, err.what);
    const char *key;
    json_t *value;
    json_object_foreach(scenario, key, value)
    {
        bool known = false;
        for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
            known |= strcmp(key, members[i]) == 0;
        assert_true(known);
    }
    assert_int_equal(lethe_json_str(scenario, "title", &title, &err), 0);
    const json_t *policies = lethe_json_get(scenario, "policies", JSON_ARRAY, &err);
    const json_t *emulate = lethe_json_get(scenario, "emulate", JSON_OBJECT, &err);
    assert_true(json_array_size(policies) > 0);
    for (size_t i = 0; i < json_array_size(policies); i++) {
        snprintf(policy, sizeof(policy), "%s/profiles/policies/%s.yaml", LETHE_SOURCE_DIR,
                 json_string_value(json_array_get(policies, i)));
        assert_int_equal(lethe_file_read(policy, 65536, &text, &len, &err), 0);
        free(text);
    }
    check_expectation(name, scenario, check_emulation(name, emulate, policies, seen));
    json_decref(scenario);
}

static void scenarios_are_honest_and_complete(void **state)
{
    struct seen seen = {0};
    char **files;
    size_t n = 0;
    (void)state;
    assert_int_equal(lethe_dir_list(FOLDER, &files, NULL), 0);
    for (char **file = files; *file; file++) {
        size_t len = strlen(*file);
        if (len < 5 || strcmp(*file + len - 5, ".json") != 0)
            continue;
        check_scenario(*file, &seen);
        n++;
    }
    lethe_names_free(files);
    assert_true(n > FAULT_KINDS);
    for (unsigned i = 0; i < FAULT_KINDS; i++)
        if (!seen.full[i] || !seen.sampled[i])
            fail_msg("no scenario with the fault %s for a full and a sampled policy",
                     fault_kind_name((enum fault_kind)i));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(scenarios_are_honest_and_complete)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
