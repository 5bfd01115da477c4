/* SPDX-License-Identifier: Apache-2.0 */
/* The emulation file is read strictly, in block style, flow style and as JSON. */
#include "bench.h"

#include <base/file.h>
#include <base/json.h>
#include <base/text.h>
#include <emu/emulation.h>
#include <stdlib.h>

#define DISK "name: a, capacity: 1MiB, media: flash"

static int parse(const char *text, json_t **out, struct lethe_error *err)
{
    *out = NULL;
    return emulation_parse("dir/e.yaml", "/there", text, strlen(text), out, err);
}

static void accept(const char *text, json_t **out)
{
    struct lethe_error err = {0};
    if (parse(text, out, &err) < 0)
        fail_msg("refused: %s\n%s", text, err.what);
}

static const char *text_of(const json_t *config, const char *key)
{
    return json_string_value(json_object_get(config, key));
}

static void defaults(void **state)
{
    json_t *configs;
    struct emulated emulated;
    (void)state;
    accept("devices: [{" DISK "}]", &configs);
    const json_t *config = json_array_get(configs, 0);
    assert_string_equal(text_of(config, "backing"), "/there/e.yaml.a.img");
    assert_string_equal(text_of(config, "contents"), "zero");
    assert_int_equal(emulated_from_config(config, &emulated, NULL), 0);
    assert_int_equal(emulated.shape.capacity, MIB);
    assert_int_equal(emulated.shape.logical_block, 512);
    assert_int_equal(emulated.shape.physical_block, 512);
    assert_false(emulated.volatile_cache);
    assert_int_equal(emulated.n_rules, 0);
    json_decref(configs);
}

static void paths_start_at_the_file(void **state)
{
    json_t *configs;
    (void)state;
    accept("devices: [{" DISK ", backing: sub/x.img, contents: \"file:in.img\"}]", &configs);
    assert_string_equal(text_of(json_array_get(configs, 0), "backing"), "/there/sub/x.img");
    assert_string_equal(text_of(json_array_get(configs, 0), "contents"), "file:/there/in.img");
    json_decref(configs);
    accept("devices: [{" DISK ", backing: /abs/x.img, contents: \"file:/abs/in.img\"}]", &configs);
    assert_string_equal(text_of(json_array_get(configs, 0), "backing"), "/abs/x.img");
    assert_string_equal(text_of(json_array_get(configs, 0), "contents"), "file:/abs/in.img");
    json_decref(configs);
}

static void json_is_yaml(void **state)
{
    json_t *block, *json;
    (void)state;
    accept("devices:\n"
           "  - name: a\n"
           "    serial: \"0042\"\n"
           "    model: \"Caf\\u00e9 \\\"X\\\"\"\n"
           "    capacity: 1048576\n"
           "    logical_block: 4096\n"
           "    media: flash\n"
           "    volatile_cache: true\n"
           "    faults:\n"
           "      - kind: bad-block\n"
           "        after_writes: 5\n"
           "        from: 4096\n"
           "        to: 8KiB\n",
           &block);
    accept(
        "{\n\t\"devices\": [{\"name\": \"a\", \"serial\": \"0042\", \"media\": \"flash\",\n"
        "\"model\": \"Caf\\u00e9 \\\"X\\\"\", \"capacity\": \"1048576\", \"logical_block\": 4096,\n"
        "\"volatile_cache\": true, \"faults\": [{\"kind\": \"bad-block\", \"after_writes\": 5,\n"
        "\"from\": \"4096\", \"to\": \"8KiB\"}]}]\n}\n",
        &json);
    assert_true(json_equal(block, json));
    /* What we write ourselves, in both of jansson's shapes. */
    json_t *again = json_pack("{s:[{s:s, s:s, s:s}]}", "devices", "name", "a", "capacity", "1MiB",
                              "media", "magnetic");
    for (int i = 0; i < 2; i++) {
        json_t *configs;
        char *text = json_dumps(again, i ? JSON_INDENT(4) : JSON_COMPACT);
        accept(text, &configs);
        json_decref(configs);
        free(text);
    }
    json_decref(again);
    json_decref(block);
    json_decref(json);
}

static void refuse(const char *text, const char *because)
{
    struct lethe_error err = {0};
    json_t *configs = NULL;
    if (parse(text, &configs, &err) == 0)
        fail_msg("accepted: %s", text);
    assert_null(configs);
    if (!strstr(err.what, because))
        fail_msg("refused, but because \"%s\" and not \"%s\": %s", err.what, because, text);
}

static void nonsense_is_refused(void **state)
{
    (void)state;
    refuse("", "");
    refuse("devices: []", "");
    refuse("devices: [{" DISK "}]\ncolour: red", "colour");
    refuse("devices: [{" DISK ", colour: red}]", "colour");
    refuse("devices: [{" DISK ", name: b}]", "");
    refuse("devices: [{name: a, capacity: 1MiB}]", "media");
    refuse("devices: [{name: a, media: flash}]", "capacity");
    refuse("devices: [{capacity: 1MiB, media: flash}]", "name");
    refuse("devices: [{name: ../a, capacity: 1MiB, media: flash}]", "letters");
    refuse("devices: [{name: a, capacity: 1MiB, media: file}]", "ENUM value: file");
    refuse("devices: [{name: a, capacity: many, media: flash}]", "capacity");
    refuse("devices: [{name: a, capacity: 0, media: flash}]", "capacity");
    refuse("devices: [{name: a, capacity: 1000, media: flash}]", "whole");
    refuse("devices: [{name: a, capacity: 2PiB, media: flash}]", "1PiB");
    refuse("devices: [{" DISK ", logical_block: 500}]", "powers of two");
    refuse("devices: [{" DISK ", logical_block: 4096, physical_block: 512}]", "powers of two");
    refuse("devices: [{" DISK ", bus: omnibus}]", "omnibus");
    refuse("devices: [{" DISK ", serial: \"a\\u202eb\"}]", "control characters");
    refuse("devices: [{" DISK ", contents: noise}]", "contents");
    refuse("devices: [{" DISK ", contents: \"text:\"}]", "contents");
    refuse("devices: [{name: a, capacity: 8TB, media: flash, contents: \"random:1\"}]", "16 GiB");
    refuse("devices: [{" DISK "}, {" DISK "}]", "same name");
    refuse("devices: [{" DISK ", backing: x}, {name: b, capacity: 1MiB, media: flash, backing: x}]",
           "same backing");
    refuse("devices: [{" DISK ", faults: [{kind: melt}]}]", "device 1 (a): no fault");
    refuse("devices: [{" DISK ", faults: [{rate: 1MiB}]}]", "kind");
    refuse("devices: [{" DISK ", faults: [{kind: slow}]}]", "rate");
    refuse("devices: [{" DISK ", faults: [{kind: limbo, size: 200%}]}]", "\"size\"");
    refuse("devices: [{" DISK ", faults: [{kind: stall, times: -1}]}]", "");
}

/* cases.json goes through the JSON Schema too (test_schema.py): the two can't drift apart. */
static void the_cases_of_the_schema(void **state)
{
    static const char *const lists[] = {"valid", "invalid", "beyond_the_schema"};
    char *text;
    size_t len;
    (void)state;
    assert_int_equal(
        lethe_file_read(LETHE_SOURCE_DIR "/tests/emu/cases.json", MIB, &text, &len, NULL), 0);
    json_t *cases = lethe_json_load(text, len, MIB, NULL);
    free(text);
    assert_non_null(cases);
    for (size_t i = 0; i < 3; i++) {
        const json_t *list = lethe_json_get(cases, lists[i], JSON_ARRAY, NULL);
        assert_true(json_array_size(list) > 10);
        for (size_t j = 0; j < json_array_size(list); j++) {
            json_t *configs = NULL;
            char *one = json_dumps(json_array_get(list, j), 0);
            if (i == 0)
                accept(one, &configs);
            else
                refuse(one, "");
            json_decref(configs);
            free(one);
        }
    }
    json_decref(cases);
}

static void lines_are_named(void **state)
{
    (void)state;
    refuse("devices:\n  - name: a\n    capacity: 1MiB\n    media: flash\n    colour: red\n",
           "dir/e.yaml:5:");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults),
        cmocka_unit_test(paths_start_at_the_file),
        cmocka_unit_test(json_is_yaml),
        cmocka_unit_test(nonsense_is_refused),
        cmocka_unit_test(the_cases_of_the_schema),
        cmocka_unit_test(lines_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
