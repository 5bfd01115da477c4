/* SPDX-License-Identifier: Apache-2.0 */
/* The plug, from outside. */
#include "bench.h"

#include <base/json.h>
#include <base/text.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>

static int ctl(const struct bench *bench, const char *order, const char *name, char out[4096])
{
    char command[1024];
    assert_true(lethe_text_format(command, sizeof(command), "%s %s %s %s 2>&1", EMU_CTL, order,
                                  bench->file, name));
    FILE *pipe = popen(command, "r"); /* NOLINT(cert-env33-c): our own program and names */
    assert_non_null(pipe);
    size_t n = fread(out, 1, 4095, pipe);
    out[n] = '\0';
    return WEXITSTATUS(pclose(pipe));
}

static json_t *dump(const struct bench *bench)
{
    char text[4096];
    assert_int_equal(ctl(bench, "dump-state", "disk", text), 0);
    json_t *json = lethe_json_load(text, strlen(text), sizeof(text), NULL);
    assert_non_null(json);
    return json;
}

static void expect_count(const json_t *json, const char *key, uint64_t count)
{
    uint64_t value;
    assert_int_equal(lethe_json_u64(json, key, &value, NULL), 0);
    assert_int_equal(value, count);
}

static void state_can_be_read_and_the_plug_pulled(void **state)
{
    struct bench bench;
    char text[4096];
    (void)state;
    bench_disk(&bench, "[{kind: weak, at_offset: 0, times: 1}]", "    volatile_cache: true\n");
    struct bench_io opened = bench_io(&bench, true);
    assert_int_equal(bench_fill(opened.io, 'n', 0, 512), -EIO);
    assert_int_equal(bench_fill(opened.io, 'n', 0, 512), 0);
    json_t *json = dump(&bench);
    expect_count(json, "writes", 2);
    expect_count(json, "bytes_written", 1024);
    expect_count(json_array_get(json_object_get(json, "faults"), 0), "fired", 2);
    assert_string_equal(json_string_value(json_object_get(json, "power")), "on");
    json_decref(json);

    assert_int_equal(ctl(&bench, "power-cut", "", text), 0);
    json = dump(&bench); /* we still hold it */
    assert_string_equal(json_string_value(json_object_get(json, "power")), "off");
    json_decref(json);
    assert_int_equal(bench_fill(opened.io, 'n', 0, 512), -ENODEV);
    bench_io_close(&opened);
    bench_release(&bench);

    assert_int_equal(ctl(&bench, "power-cut", "", text), 0);
    json = dump(&bench); /* nobody holds it: rolled back and on again */
    assert_string_equal(json_string_value(json_object_get(json, "power")), "on");
    expect_count(json, "unflushed", 0);
    json_decref(json);
    assert_int_equal(ctl(&bench, "power-cut", "nobody", text), 1);
    assert_int_equal(ctl(&bench, "explode", "", text), 2);
    bench_end(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(state_can_be_read_and_the_plug_pulled)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
