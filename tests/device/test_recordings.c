/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Devices as somebody recorded them (docs/recordings.md): each file of tests/recordings is played
 * back, and all that was understood of it then must be understood now. More may be.
 */
#include "base/file.h"
#include "base/json.h"
#include "io/record.h"
#include "phone/adb_host.h"
#include <lethe/facts.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
/* cmocka.h wants the headers above */
#include <cmocka.h>

#define FOLDER LETHE_SOURCE_DIR "/tests/recordings"

static json_t *load(const char *name)
{
    char path[512], *text = NULL;
    size_t len = 0;
    struct lethe_error err = {0};
    assert_int_equal(lethe_path_join(path, sizeof(path), FOLDER, name, &err), 0);
    assert_int_equal(lethe_file_read(path, LETHE_RECORDING_MAX, &text, &len, &err), 0);
    json_t *json = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    free(text);
    assert_non_null(json);
    assert_string_equal(json_string_value(json_object_get(json, "format")), LETHE_RECORDING_FORMAT);
    return json;
}

/* Is all of THEN in NOW? */
static bool holds(const json_t *now, const json_t *then)
{
    const char *key;
    json_t *value;
    size_t i, j;
    if (json_is_object(then)) {
        json_object_foreach((json_t *)(uintptr_t)then, key, value)
        {
            if (!holds(json_object_get(now, key), value))
                return false;
        }
        return json_is_object(now);
    }
    if (!json_is_array(then))
        return json_equal(now, then);
    json_array_foreach(then, i, value)
    {
        for (j = 0; j < json_array_size(now) && !holds(json_array_get(now, j), value); j++)
            ;
        if (j == json_array_size(now))
            return false;
    }
    return json_is_array(now);
}

/* A bench of today, with a key of its own. */
static const json_t *config_of(const json_t *recording, struct lethe_io_spec *spec)
{
    char folder[] = "/tmp/lethe-recordings.XXXXXX", path[64];
    spec->config = json_deep_copy(json_object_get(recording, "config"));
    assert_non_null(mkdtemp(folder));
    assert_int_equal(lethe_adb_host_give(folder, spec, NULL), 0);
    snprintf(path, sizeof(path), "%s/" LETHE_ADB_HOST_FILE, folder);
    unlink(path);
    snprintf(path, sizeof(path), "%s/" LETHE_ADB_HOST_FILE ".lock", folder);
    unlink(path);
    rmdir(folder);
    return spec->config;
}

/* Why it isn't as it was; the caller's to free. */
static char *play(const json_t *recording)
{
    struct lethe_identity identity = {0};
    struct lethe_quirks quirks = {0};
    struct lethe_error err = {0};
    struct lethe_io *io = NULL;
    struct lethe_io_spec spec = {0};
    struct lethe_facts *facts = calloc(1, sizeof(*facts));
    char *why = NULL;
    assert_non_null(facts);
    int rc = lethe_identity_from_json(json_object_get(recording, "identity"), &identity, &err);
    rc = rc < 0 ? rc : lethe_quirks_from_json(json_object_get(recording, "quirks"), &quirks, &err);
    rc = rc < 0 ? rc : lethe_replay_open(json_object_get(recording, "exchange"), &io, &err);
    if (rc == 0)
        io->config = config_of(recording, &spec);
    rc = rc < 0 ? rc : lethe_facts_read(io, &identity, &quirks, facts, &err);
    if (rc < 0) {
        why = strdup(err.what);
    } else {
        LETHE_JSON_AUTO *seen = lethe_facts_to_json(facts);
        if (!holds(seen, json_object_get(recording, "facts")))
            why = json_dumps(seen, JSON_INDENT(1) | JSON_SORT_KEYS);
    }
    lethe_io_close(io);
    lethe_io_spec_close(&spec);
    free(facts);
    return why;
}

static void devices_are_understood_as_they_were(void **state)
{
    (void)state;
    char **names = NULL;
    unsigned wrong = 0, n = 0;
    assert_int_equal(lethe_dir_list(FOLDER, &names, NULL), 0);
    for (size_t i = 0; names[i]; i++) {
        if (!strstr(names[i], ".json"))
            continue;
        LETHE_JSON_AUTO *recording = load(names[i]);
        char *why = play(recording);
        if (why)
            fprintf(stderr, "%s: %s\n", names[i], why);
        wrong += why != NULL;
        n++;
        free(why);
    }
    lethe_names_free(names);
    assert_int_equal(wrong, 0);
    assert_true(n >= 4);
}

/* That a changed answer is noticed: the test above can fail. */
static void another_device_is_told(void **state)
{
    (void)state;
    LETHE_JSON_AUTO *recording = load("emulated-ata-ssd.json");
    json_t *facts = json_object_get(recording, "facts");
    assert_int_equal(json_object_set_new(facts, "model", json_string("Another")), 0);
    char *why = play(recording);
    assert_non_null(why);
    free(why);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(devices_are_understood_as_they_were),
        cmocka_unit_test(another_device_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
