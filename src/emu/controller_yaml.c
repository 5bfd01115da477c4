/* SPDX-License-Identifier: Apache-2.0 */
#include "emu/controller_yaml.h"

#include "emu/model/controller.h"
#include <stddef.h>
#include <string.h>

#define TEXT(key, type, max)                                                                       \
    CYAML_FIELD_STRING_PTR(#key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct type, key, 0, max)
#define COUNT(key, type)                                                                           \
    CYAML_FIELD_UINT_PTR(#key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct type, key)
#define WORDS(key, max)                                                                            \
    CYAML_FIELD_SEQUENCE(#key, CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct yaml_controller,   \
                         key, &word_value, 0, max)

static const cyaml_schema_value_t word_value = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 1, 40)};

static const cyaml_schema_field_t lie_fields[] = {
    CYAML_FIELD_STRING_PTR("kind", CYAML_FLAG_POINTER, struct yaml_lie, kind, 1, 32),
    TEXT(of, yaml_lie, 32),
    TEXT(at, yaml_lie, 16),
    TEXT(size, yaml_lie, 32),
    TEXT(area, yaml_lie, 15),
    TEXT(serial, yaml_lie, 95),
    COUNT(times, yaml_lie),
    COUNT(milliseconds, yaml_lie),
    CYAML_FIELD_END,
};
static const cyaml_schema_value_t lie_value = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct yaml_lie, lie_fields)};

static const cyaml_schema_field_t health_fields[] = {
    COUNT(reallocated, yaml_health),
    COUNT(pending, yaml_health),
    COUNT(uncorrectable, yaml_health),
    COUNT(hours, yaml_health),
    COUNT(life_used, yaml_health),
    TEXT(failed, yaml_health, 5),
    CYAML_FIELD_END,
};

const cyaml_schema_field_t yaml_controller_fields[] = {
    CYAML_FIELD_STRING_PTR("kind", CYAML_FLAG_POINTER, struct yaml_controller, kind, 1, 8),
    TEXT(bridge, yaml_controller, 32),
    TEXT(usb, yaml_controller, 14),
    TEXT(hpa, yaml_controller, 32),
    TEXT(dco, yaml_controller, 32),
    TEXT(unallocated, yaml_controller, 32),
    TEXT(zone, yaml_controller, 32),
    TEXT(spare, yaml_controller, 32),
    TEXT(boot, yaml_controller, 32),
    TEXT(password, yaml_controller, 32),
    TEXT(psid, yaml_controller, 32),
    COUNT(sector, yaml_controller),
    COUNT(conventional, yaml_controller),
    COUNT(milliseconds, yaml_controller),
    WORDS(features, FEATURES),
    WORDS(namespaces, MODEL_AREAS_MAX),
    WORDS(gp, 4),
    CYAML_FIELD_MAPPING_PTR("health", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
                            struct yaml_controller, health, health_fields),
    CYAML_FIELD_SEQUENCE("faults", CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL, struct yaml_controller,
                         faults, &lie_value, 0, MODEL_LIES_MAX),
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

static bool words(json_t *object, const char *key, char *const *list, uint32_t n)
{
    if (!list)
        return true;
    json_t *array = json_array();
    for (uint32_t i = 0; i < n; i++) {
        if (json_array_append_new(array, json_string(list[i])) < 0) {
            json_decref(array);
            return false;
        }
    }
    return json_object_set_new(object, key, array) == 0;
}

static bool health(json_t *object, const struct yaml_health *from)
{
    if (!from)
        return true;
    json_t *json = json_object();
    bool good = count(json, "reallocated", from->reallocated) &&
                count(json, "pending", from->pending) &&
                count(json, "uncorrectable", from->uncorrectable) &&
                count(json, "hours", from->hours) && count(json, "life_used", from->life_used);
    /* Not CYAML's bool, which takes any word that it does not know for true. */
    if (good && from->failed)
        good = (strcmp(from->failed, "true") == 0 || strcmp(from->failed, "false") == 0
                    ? json_object_set_new(json, "failed",
                                          json_boolean(strcmp(from->failed, "true") == 0))
                    : json_object_set_new(json, "failed", json_string(from->failed))) == 0;
    if (good)
        return json_object_set_new(object, "health", json) == 0;
    json_decref(json);
    return false;
}

static bool lies(json_t *object, const struct yaml_lie *list, uint32_t n)
{
    json_t *array = json_array();
    for (uint32_t i = 0; i < n; i++) {
        json_t *lie = json_object();
        if (!text(lie, "kind", list[i].kind) || !text(lie, "of", list[i].of) ||
            !text(lie, "at", list[i].at) || !text(lie, "size", list[i].size) ||
            !text(lie, "area", list[i].area) || !text(lie, "serial", list[i].serial) ||
            !count(lie, "times", list[i].times) ||
            !count(lie, "milliseconds", list[i].milliseconds)) {
            json_decref(lie);
            json_decref(array);
            return false;
        }
        json_array_append_new(array, lie);
    }
    return json_object_set_new(object, "faults", array) == 0;
}

json_t *yaml_controller_to_json(const struct yaml_controller *from)
{
    json_t *json = json_object();
    if (text(json, "kind", from->kind) && text(json, "bridge", from->bridge) &&
        text(json, "usb", from->usb) && text(json, "hpa", from->hpa) &&
        text(json, "dco", from->dco) && text(json, "unallocated", from->unallocated) &&
        text(json, "zone", from->zone) && text(json, "spare", from->spare) &&
        text(json, "boot", from->boot) && text(json, "password", from->password) &&
        text(json, "psid", from->psid) && count(json, "sector", from->sector) &&
        count(json, "conventional", from->conventional) &&
        count(json, "milliseconds", from->milliseconds) &&
        words(json, "features", from->features, from->features_count) &&
        words(json, "namespaces", from->namespaces, from->namespaces_count) &&
        words(json, "gp", from->gp, from->gp_count) && health(json, from->health) &&
        lies(json, from->faults, from->faults_count))
        return json;
    json_decref(json);
    return NULL;
}
