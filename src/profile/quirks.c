/* SPDX-License-Identifier: Apache-2.0 */
/* The words of quirks: one spelling each, for files, programs and the order of a probe. */
#include <lethe/profile.h>

#include "base/json.h"
#include <string.h>

#define SPELLING(symbol, spelling) spelling,
static const char *const carries[] = {LETHE_CARRIES(SPELLING)};
static const char *const quirks[] = {LETHE_QUIRKS(SPELLING)};
#undef SPELLING
#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static const char *name(const char *const *list, size_t n, unsigned value)
{
    return value < n ? list[value] : "?";
}

static int parse(const char *const *list, size_t n, const char *spelling)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(list[i], spelling) == 0)
            return (int)i;
    return -1;
}

const char *lethe_carries_name(enum lethe_carries value)
{
    return name(carries, COUNT(carries), (unsigned)value);
}

int lethe_carries_parse(const char *spelling)
{
    return parse(carries, COUNT(carries), spelling);
}

const char *lethe_quirk_name(enum lethe_quirk quirk)
{
    return name(quirks, COUNT(quirks), (unsigned)quirk);
}

int lethe_quirk_parse(const char *spelling)
{
    return parse(quirks, COUNT(quirks), spelling);
}

json_t *lethe_quirks_to_json(const struct lethe_quirks *q)
{
    json_t *words = json_array();
    for (unsigned i = 0; i < LETHE_QUIRK_COUNT; i++)
        if (q->words & 1u << i)
            json_array_append_new(words, json_string(quirks[i]));
    return json_pack("{s:s, s:o}", "path", lethe_carries_name(q->path), "words", words);
}

int lethe_quirks_from_json(const json_t *json, struct lethe_quirks *out, struct lethe_error *err)
{
    const char *spelling = NULL;
    int rc = lethe_json_str(json, "path", &spelling, err);
    const json_t *words = rc < 0 ? NULL : lethe_json_get(json, "words", JSON_ARRAY, err);
    if (!words)
        return -LETHE_E_INVALID;
    int path = lethe_carries_parse(spelling);
    unsigned bits = 0;
    size_t i;
    json_t *word;
    json_array_foreach(words, i, word)
    {
        int quirk = json_is_string(word) ? lethe_quirk_parse(json_string_value(word)) : -1;
        if (quirk < 0)
            return lethe_fail(err, LETHE_E_INVALID, "\"words\" holds what is no quirk");
        bits |= 1u << quirk;
    }
    if (path < 0)
        return lethe_fail(err, LETHE_E_INVALID, "\"path\" is no way that a bridge carries");
    *out = (struct lethe_quirks){.path = (enum lethe_carries)path, .words = bits};
    return 0;
}
