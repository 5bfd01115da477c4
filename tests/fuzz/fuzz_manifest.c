/* SPDX-License-Identifier: Apache-2.0 */
/* Intake lists come from customers: whatever is taken must name devices, and nothing in it may bear
 * the name of a standard claim or hold what could not be printed. */
#include <base/text.h>
#include <cli/manifest.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void check_object(const json_t *object)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        if (!lethe_text_is_clean(key) || !lethe_text_is_clean(json_string_value(value)) ||
            !strcmp(key, "serial") || !strcmp(key, "outcome"))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lethe_manifest manifest;
    struct lethe_error err = {0};
    struct lethe_identity identity = {0};
    const struct lethe_manifest_line *line;
    if (size > 65536)
        return 0;
    if (lethe_manifest_parse("fuzz", (const char *)data, size, &manifest, &err) < 0) {
        if (!err.what[0] || manifest.n)
            abort();
        return 0;
    }
    if (manifest.n == 0)
        abort();
    for (size_t i = 0; i < manifest.n; i++) {
        if (!manifest.lines[i].identifier[0])
            abort();
        check_object(manifest.lines[i].record.fields);
        check_object(manifest.lines[i].record.custom);
    }
    lethe_identity_add(&identity, LETHE_ID_SERIAL, LETHE_SOURCE_DEVICE,
                       manifest.lines[0].identifier);
    lethe_manifest_match(&manifest, &identity, &line, &err);
    lethe_manifest_clear(&manifest);
    return 0;
}
