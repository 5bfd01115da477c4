/* SPDX-License-Identifier: Apache-2.0 */
#include "cert/binding.h"

#include <lethe/identity.h>
#include <string.h>
#include <strings.h>

static const char *text(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    return value ? value : "";
}

static bool binds(const json_t *claims, const json_t *identifier)
{
    if (strcmp(text(identifier, "source"), "device") != 0)
        return false;
    switch (lethe_id_kind_parse(text(identifier, "kind"))) {
    case LETHE_ID_SERIAL:
    case LETHE_ID_WWN:
    case LETHE_ID_EUI64:
    case LETHE_ID_NGUID:
    case LETHE_ID_UDID:
    case LETHE_ID_IMEI:
    case LETHE_ID_CID:
        return true;
    case LETHE_ID_BACKING:
        return strcmp(text(claims, "substrate"), "physical") != 0;
    default:
        return false;
    }
}

/* One identifier against what a person typed. The rules of spelling are lethe_identity_named()'s.
 */
static bool same(const char *value, const char *id)
{
    struct lethe_identity one = {0};
    if (strcasecmp(value, id) == 0)
        return true;
    return lethe_identity_add(&one, LETHE_ID_SERIAL, LETHE_SOURCE_DEVICE, value) == 0 &&
           lethe_identity_named(&one, id);
}

static bool any(const json_t *claims, const char *id)
{
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(claims, "identifiers"), i, item)
    {
        if (binds(claims, item) && (!id || same(text(item, "value"), id)))
            return true;
    }
    return false;
}

bool lethe_binding_any(const json_t *claims)
{
    return any(claims, NULL);
}

bool lethe_binding_matches(const json_t *claims, const char *id)
{
    return id[0] && any(claims, id);
}

bool lethe_binding_discloses(const json_t *claims, const char *name)
{
    if (strncmp(name, "custom.", 7) == 0)
        return json_object_get(json_object_get(claims, "custom"), name + 7) != NULL;
    if (lethe_id_kind_parse(name) < 0)
        return json_object_get(claims, name) != NULL;
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(claims, "identifiers"), i, item)
    {
        if (strcmp(text(item, "kind"), name) == 0)
            return true;
    }
    return false;
}
