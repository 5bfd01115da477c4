/* SPDX-License-Identifier: Apache-2.0 */
/* What a phone is like: its personality, and what an emulation file changes of it. */
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "emu/phone/phone.h"
#include <stdlib.h>
#include <string.h>

#define PERSONALITY_MAX ((size_t)256 << 10)
#define LIKE_MAX 4

/* Made from personalities/NAME.json when it is built. */
struct personality {
    const char *name, *text;
};
extern const struct personality phone_personalities[];

/* Is NAME one of ours? Its text, or NULL. */
static const char *built_in(const char *name)
{
    for (const struct personality *p = phone_personalities; p->name; p++)
        if (strcmp(p->name, name) == 0)
            return p->text;
    return NULL;
}

static int load(const char *name, const char *dir, json_t **out, struct lethe_error *err)
{
    char path[PATH_MAX], *text = NULL;
    size_t len = 0;
    const char *ours = strchr(name, '/') ? NULL : built_in(name);
    if (ours) {
        *out = lethe_json_load(ours, strlen(ours), PERSONALITY_MAX, err);
        return *out ? 0 : -LETHE_E_INVALID;
    }
    if (!strchr(name, '/'))
        return lethe_fail(err, LETHE_E_INVALID,
                          "no phone of ours is called \"%.40s\"; a file of your own needs a \"/\" "
                          "in its name",
                          name);
    if (!lethe_text_format(path, sizeof(path), "%s%s%s", name[0] == '/' ? "" : dir,
                           name[0] == '/' ? "" : "/", name))
        return lethe_fail(err, LETHE_E_LIMIT, "the path of a personality is too long");
    int rc = lethe_file_read(path, PERSONALITY_MAX, &text, &len, err);
    if (rc < 0)
        return rc;
    *out = lethe_json_load(text, len, PERSONALITY_MAX, err);
    free(text);
    return *out ? 0 : -LETHE_E_INVALID;
}

int phone_personality(const char *name, const char *dir, json_t **out, struct lethe_error *err)
{
    json_t *traits = NULL;
    int rc = load(name, dir, &traits, err);
    /* "like": one of ours, with these differences. */
    for (unsigned depth = 0; rc == 0 && json_object_get(traits, "like"); depth++) {
        LETHE_JSON_AUTO *differences = traits;
        const char *like = NULL;
        traits = NULL;
        rc = depth < LIKE_MAX ? lethe_json_str(differences, "like", &like, err)
                              : lethe_fail(err, LETHE_E_INVALID, "\"%.40s\" is like itself", name);
        if (rc == 0)
            rc = load(like, dir, &traits, err);
        json_object_del(differences, "like");
        if (rc == 0 && json_object_update_recursive(traits, differences) < 0)
            rc = lethe_fail(err, LETHE_E_INVALID, "\"%.40s\" can't be like \"%.40s\"", name, like);
    }
    if (rc < 0)
        json_decref(traits);
    else
        *out = traits;
    return rc;
}

const json_t *phone_trait(const struct phone *phone, const char *path)
{
    const json_t *at = json_object_get(phone->memory, "traits");
    while (at && *path) {
        char key[128];
        size_t len = strcspn(path, "/");
        if (!lethe_text_format(key, sizeof(key), "%.*s", (int)len, path))
            return NULL;
        at = json_object_get(at, key);
        path += len + (path[len] == '/');
    }
    return at;
}

const char *phone_trait_text(const struct phone *phone, const char *path)
{
    const char *text = json_string_value(phone_trait(phone, path));
    return text ? text : "";
}

bool phone_trait_is(const struct phone *phone, const char *path)
{
    return json_is_true(phone_trait(phone, path));
}

uint64_t phone_trait_count(const struct phone *phone, const char *path, uint64_t otherwise)
{
    const json_t *count = phone_trait(phone, path);
    uint64_t size;
    if (json_is_string(count) && lethe_size_parse(json_string_value(count), &size))
        return size;
    return json_is_integer(count) && json_integer_value(count) >= 0
               ? (uint64_t)json_integer_value(count)
               : otherwise;
}

static json_t *value_of(const char *text)
{
    char *end;
    if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)
        return json_boolean(text[0] == 't');
    long long number = strtoll(text, &end, 10);
    /* "007" and "+1" are text. */
    char again[24];
    lethe_text_format(again, sizeof(again), "%lld", number);
    return strcmp(again, text) == 0 ? json_integer(number) : json_string(text);
}

int phone_trait_apply(json_t *traits, const char *setting, struct lethe_error *err)
{
    const char *equals = strchr(setting, '='), *path = setting;
    if (!equals || equals == setting)
        return lethe_fail(err, LETHE_E_INVALID, "\"%.80s\" is not of the form trait=value",
                          setting);
    for (;;) {
        char key[128];
        size_t len = strcspn(path, "/=");
        if (len == 0 || !lethe_text_format(key, sizeof(key), "%.*s", (int)len, path))
            return lethe_fail(err, LETHE_E_INVALID, "\"%.80s\" names no trait", setting);
        if (path + len == equals) {
            /* In a map of texts (properties) a number stays text. */
            const json_t *before = json_object_get(traits, key);
            json_t *value = json_is_string(before) ? json_string(equals + 1) : value_of(equals + 1);
            return json_object_set_new(traits, key, value) < 0
                       ? lethe_fail(err, LETHE_E_INVALID, "\"%.80s\" is not UTF-8", setting)
                       : 0;
        }
        json_t *next = json_object_get(traits, key);
        if (!next) {
            next = json_object();
            json_object_set_new(traits, key, next);
        }
        if (!json_is_object(next))
            return lethe_fail(err, LETHE_E_INVALID, "\"%.80s\": %s has no parts", setting, key);
        traits = next;
        path += len + 1;
    }
}
