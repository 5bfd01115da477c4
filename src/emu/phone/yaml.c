/* SPDX-License-Identifier: Apache-2.0 */
#include "emu/phone/yaml.h"

#include "base/json.h"
#include "base/text.h"
#include "emu/phone/phone.h"
#include <stddef.h>
#include <string.h>

#define TEXT(key, type, max)                                                                       \
    CYAML_FIELD_STRING_PTR(#key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct type, key, 0, max)
#define COUNT(key, type)                                                                           \
    CYAML_FIELD_UINT_PTR(#key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct type, key)

static const cyaml_schema_value_t word_value = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, 1024)};

static const cyaml_schema_field_t fault_fields[] = {
    CYAML_FIELD_STRING_PTR("kind", CYAML_FLAG_POINTER, struct yaml_phone_fault, kind, 1, 32),
    TEXT(serial, yaml_phone_fault, 95),
    TEXT(of, yaml_phone_fault, 32),
    COUNT(times, yaml_phone_fault),
    COUNT(after, yaml_phone_fault),
    COUNT(milliseconds, yaml_phone_fault),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t fault_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct yaml_phone_fault, fault_fields)};

const cyaml_schema_field_t yaml_phone_fields[] = {
    TEXT(family, yaml_phone, 16),
    TEXT(personality, yaml_phone, 1024),
    TEXT(mode, yaml_phone, 16),
    TEXT(storage, yaml_phone, 32),
    TEXT(contents, yaml_phone, 32),
    CYAML_FIELD_SEQUENCE("with", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct yaml_phone, with,
                         &word_value, 0, 64),
    CYAML_FIELD_SEQUENCE("faults", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct yaml_phone,
                         faults, &fault_value, 0, PHONE_FAULTS_MAX),
    CYAML_FIELD_END,
};

static bool text(json_t *object, const char *key, const char *value)
{
    return !value || json_object_set_new(object, key, json_string(value)) == 0;
}

static bool count(json_t *object, const char *key, const uint64_t *value)
{
    return !value || json_object_set_new(object, key, json_integer((json_int_t)*value)) == 0;
}

static json_t *faults(const struct yaml_phone *from)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < from->faults_count; i++) {
        const struct yaml_phone_fault *f = &from->faults[i];
        json_t *rule = json_object();
        if (!text(rule, "kind", f->kind) || !text(rule, "serial", f->serial) ||
            !text(rule, "of", f->of) || !count(rule, "times", f->times) ||
            !count(rule, "after", f->after) || !count(rule, "milliseconds", f->milliseconds) ||
            json_array_append(list, rule) < 0) {
            json_decref(rule);
            json_decref(list);
            return NULL;
        }
        json_decref(rule);
    }
    return list;
}

/* The personality with what the file changes of it. */
static int traits_of(const struct yaml_phone *from, const char *name, const char *dir, json_t **out,
                     struct lethe_error *err)
{
    uint64_t size;
    int rc = phone_personality(name, dir, out, err);
    if (rc < 0)
        return rc;
    const char *const sizes[][2] = {{"storage", from->storage}, {"contents", from->contents}};
    for (size_t i = 0; i < 2; i++) {
        if (!sizes[i][1])
            continue;
        if (!lethe_size_parse(sizes[i][1], &size) || size > 1ull << 40)
            return lethe_fail(err, LETHE_E_INVALID, "%s \"%s\" is not a size such as \"64MiB\"",
                              sizes[i][0], sizes[i][1]);
        json_object_set_new(*out, sizes[i][0], json_integer((json_int_t)size));
    }
    for (uint32_t i = 0; rc == 0 && i < from->with_count; i++)
        rc = phone_trait_apply(*out, from->with[i], err);
    return rc;
}

static const struct phone_family *family_of(const char *word)
{
    int family = word ? lethe_phone_family_parse(word) : -1;
    return family < 0 ? NULL : phone_family_of((enum lethe_phone_family)family);
}

int yaml_phone_to_json(const struct yaml_phone *from, const char *dir, const char *serial,
                       json_t **out, struct lethe_error *err)
{
    LETHE_JSON_AUTO *traits = NULL;
    const char *word;
    const struct phone_family *family = family_of(from->family);
    if (!from->personality && !family)
        return lethe_fail(err, LETHE_E_INVALID,
                          "a phone needs a \"personality\", or a \"family\": android or ios");
    int rc = traits_of(from, from->personality ? from->personality : family->otherwise, dir,
                       &traits, err);
    if (rc == 0)
        rc = lethe_json_str(traits, "family", &word, err);
    if (rc == 0 && (!family_of(word) || (from->family && family_of(word) != family)))
        rc = lethe_fail(err, LETHE_E_INVALID, "the personality is of family \"%.16s\"", word);
    if (rc < 0)
        return rc;
    family = family_of(word);
    const char *own = json_string_value(json_object_get(traits, "mode"));
    const char *mode_word = from->mode ? from->mode : own ? own : "normal";
    int mode = lethe_phone_mode_parse(mode_word);
    if (mode < 0 || !(family->modes & 1u << mode))
        return lethe_fail(err, LETHE_E_INVALID, "a phone of %s can't be in mode \"%.16s\"", word,
                          mode_word);
    if (!serial)
        serial = json_string_value(json_object_get(traits, "serial"));
    if (!serial || !lethe_text_is_clean(serial))
        return lethe_fail(err, LETHE_E_INVALID, "the phone has no serial of printable characters");
    LETHE_JSON_AUTO *list = faults(from);
    *out = list ? json_pack("{s:s, s:s, s:s, s:O, s:O}", "family", word, "serial", serial, "mode",
                            mode_word, "traits", traits, "faults", list)
                : NULL;
    if (!*out)
        return lethe_fail(err, LETHE_E_INVALID, "the phone has text that is not UTF-8");
    rc = phone_faults_check(list, family->family, err);
    if (rc < 0) {
        json_decref(*out);
        *out = NULL;
    }
    return rc;
}
