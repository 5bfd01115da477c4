/* SPDX-License-Identifier: Apache-2.0 */
#include "emu/model/controller.h"

#include "base/json.h"
#include "base/text.h"
#include "emu/fault.h"
#include <lethe/identity.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where areas begin in the `.firmware` file: behind the state. */
#define AREAS_AT ((uint64_t)64 << 10)
#define AREA_MAX ((uint64_t)1 << 40)
#define MODEL_GP_MAX 4

const char *const model_kind_names[MODEL_KINDS] = {"ata", "scsi", "nvme", "mmc", "sd"};

const struct bridge_facts model_bridges[BRIDGES] = {
#define LETHE_BRIDGE(symbol, spelling, vid, pid, vendor, product, kinds)                           \
    {spelling, vid, pid, vendor, product, kinds},
#include "emu/model/bridges.def"
#undef LETHE_BRIDGE
};

static const struct {
    const char *name, *kinds, *defaults;
} features[FEATURES] = {
#define LETHE_FEATURE(symbol, spelling, kinds, defaults) {spelling, kinds, defaults},
#include "emu/model/features.def"
#undef LETHE_FEATURE
};

static const struct {
    const char *name, *must, *may;
} lies[LIES] = {
#define LETHE_LIE(symbol, spelling, must, may) {spelling, must, may},
#include "emu/model/lies.def"
#undef LETHE_LIE
};

static const char *const operations[] = {"any",    "sanitize", "security-erase",
                                         "format", "erase",    "revert"};

static bool listed(const char *list, const char *word)
{
    char padded[48];
    return lethe_text_format(padded, sizeof(padded), " %s ", word) && strstr(list, padded);
}

static int get_count(const json_t *json, const char *key, uint64_t *out, struct lethe_error *err)
{
    return json_object_get(json, key) ? lethe_json_u64(json, key, out, err) : 0;
}

static int get_kind(const json_t *json, struct controller *out, struct lethe_error *err)
{
    const char *kind, *bridge = "none";
    int rc = lethe_json_str(json, "kind", &kind, err);
    if (rc == 0 && json_object_get(json, "bridge"))
        rc = lethe_json_str(json, "bridge", &bridge, err);
    if (rc < 0)
        return rc;
    unsigned k = 0, b = 0;
    while (k < MODEL_KINDS && strcmp(model_kind_names[k], kind) != 0)
        k++;
    while (b < BRIDGES && strcmp(model_bridges[b].name, bridge) != 0)
        b++;
    if (k == MODEL_KINDS)
        return lethe_fail(err, LETHE_E_INVALID, "no controller is of kind \"%.40s\"", kind);
    if (b == BRIDGES)
        return lethe_fail(err, LETHE_E_INVALID, "no bridge is called \"%.40s\"", bridge);
    if (!listed(model_bridges[b].kinds, kind))
        return lethe_fail(err, LETHE_E_INVALID, "the bridge %s can't have a drive of kind %s",
                          bridge, kind);
    out->kind = (enum model_kind)k;
    out->bridge = (enum bridge)b;
    return 0;
}

/* "152d:0583" or, with the release number by which bridges of one number differ, "152d:0583:0205".
 */
static int get_usb(const json_t *json, struct controller *out, struct lethe_error *err)
{
    const char *text = NULL;
    unsigned vendor, product, release = 0x100;
    int end = 0;
    out->usb_vendor = model_bridges[out->bridge].vendor;
    out->usb_product = model_bridges[out->bridge].product;
    out->usb_release = 0x100;
    if (!json_object_get(json, "usb"))
        return 0;
    int rc = lethe_json_str(json, "usb", &text, err);
    if (rc < 0)
        return rc;
    bool good = out->bridge != BRIDGE_NONE &&
                (strlen(text) == 9
                     ? sscanf(text, "%4x:%4x%n", &vendor, &product, &end) == 2
                     : sscanf(text, "%4x:%4x:%4x%n", &vendor, &product, &release, &end) == 3) &&
                (end == 9 || end == 14) && text[end] == '\0';
    if (!good)
        return lethe_fail(err, LETHE_E_INVALID,
                          "\"usb\" is not the number of a bridge such as \"152d:0583\"");
    out->usb_vendor = (uint16_t)vendor;
    out->usb_product = (uint16_t)product;
    out->usb_release = (uint16_t)release;
    return 0;
}

static int get_features(const json_t *json, struct controller *out, struct lethe_error *err)
{
    const char *kind = model_kind_names[out->kind];
    const json_t *list = json_object_get(json, "features"), *item;
    size_t i;
    if (!list) {
        for (unsigned f = 0; f < FEATURES; f++)
            if (listed(features[f].defaults, kind))
                out->features |= 1ULL << f;
        return 0;
    }
    if (!json_is_array(list))
        return lethe_fail(err, LETHE_E_INVALID, "\"features\" is not a list");
    json_array_foreach((json_t *)(uintptr_t)list, i, item)
    {
        const char *name = json_string_value(item);
        unsigned f = 0;
        while (name && f < FEATURES && strcmp(features[f].name, name) != 0)
            f++;
        if (!name || f == FEATURES || !listed(features[f].kinds, kind))
            return lethe_fail(err, LETHE_E_INVALID, "no controller of kind %s has \"%.40s\"", kind,
                              name ? name : "?");
        out->features |= 1ULL << f;
    }
    return 0;
}

static int add_area(struct controller *out, enum area_use use, unsigned number, const char *name,
                    uint64_t size, struct lethe_error *err)
{
    if (size == 0)
        return 0;
    if (out->n_areas == MODEL_AREAS_MAX || size > AREA_MAX)
        return lethe_fail(err, LETHE_E_LIMIT, "the controller has too many areas");
    if (size % 4096 != 0)
        return lethe_fail(err, LETHE_E_INVALID, "the area %s is not in whole blocks of 4096", name);
    struct area *area = &out->areas[out->n_areas++];
    const struct area *before = out->n_areas > 1 ? area - 1 : NULL;
    *area = (struct area){.use = use,
                          .number = number,
                          .offset = before ? before->offset + before->size : AREAS_AT,
                          .size = size};
    /* As Linux calls them: namespaces from 1, partitions of a card from 0. */
    unsigned shown = use == AREA_NAMESPACE ? number : number - 1;
    lethe_text_format(area->name, sizeof(area->name), number ? "%s%u" : "%s", name, shown);
    return 0;
}

/* "namespaces" and "gp" are lists of sizes: the second namespace on, the first GP partition on. */
static int get_list(const json_t *json, const char *key, enum area_use use, unsigned first,
                    const char *name, struct controller *out, struct lethe_error *err)
{
    const json_t *list = json_object_get(json, key);
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < json_array_size(list); i++) {
        const char *text = json_string_value(json_array_get(list, i));
        uint64_t size;
        if (!text || !lethe_size_parse(text, &size) || size == 0)
            return lethe_fail(err, LETHE_E_INVALID, "\"%s\" is not a list of sizes", key);
        /* EXT_CSD [154:143] counts write-protect groups: here of 512 KiB, as card_registers says */
        if (use == AREA_GP && (i >= MODEL_GP_MAX || size % (512 << 10) != 0))
            return lethe_fail(err, LETHE_E_INVALID,
                              "an eMMC has at most %d \"gp\" partitions, in steps of 512 KiB",
                              MODEL_GP_MAX);
        rc = add_area(out, use, first + (unsigned)i, name, size, err);
    }
    return rc;
}

static int get_areas(const json_t *json, struct controller *out, struct lethe_error *err)
{
    uint64_t spare = 0, boot = 0;
    int rc = fault_get_size(json, "spare", out->capacity, &spare, err);
    if (rc == 0)
        rc = add_area(out, AREA_SPARE, 0, "spare", spare, err);
    if (rc == 0)
        rc = fault_get_size(json, "boot", out->capacity, &boot, err);
    if (rc == 0 && boot > 0 && (out->kind != MODEL_MMC || boot % (128 << 10) != 0))
        rc = lethe_fail(err, LETHE_E_INVALID,
                        "only an eMMC has boot partitions, in steps of 128 KiB");
    for (unsigned i = 0; rc == 0 && i < 2; i++)
        rc = add_area(out, AREA_BOOT, i + 1, "boot", boot, err);
    if (rc == 0 && json_object_get(json, "gp") && out->kind != MODEL_MMC)
        rc = lethe_fail(err, LETHE_E_INVALID, "only an eMMC has \"gp\" partitions");
    if (rc == 0)
        rc = get_list(json, "gp", AREA_GP, 1, "gp", out, err);
    if (rc == 0 && json_object_get(json, "namespaces") && out->kind != MODEL_NVME)
        rc = lethe_fail(err, LETHE_E_INVALID, "only NVMe has \"namespaces\"");
    return rc < 0 ? rc : get_list(json, "namespaces", AREA_NAMESPACE, 2, "ns", out, err);
}

static int get_limits(const json_t *json, struct controller *out, struct lethe_error *err)
{
    uint64_t sector = out->block;
    out->duration_ms = 200;
    int rc = fault_get_size(json, "hpa", out->capacity, &out->hpa, err);
    if (rc == 0)
        rc = fault_get_size(json, "dco", out->capacity, &out->dco, err);
    if (rc == 0)
        rc = fault_get_size(json, "unallocated", out->capacity, &out->unallocated, err);
    if (rc == 0)
        rc = fault_get_size(json, "zone", out->capacity, &out->zone, err);
    if (rc == 0)
        rc = get_count(json, "conventional", &out->conventional, err);
    if (rc == 0)
        rc = get_count(json, "sector", &sector, err);
    if (rc == 0)
        rc = get_count(json, "milliseconds", &out->duration_ms, err);
    if (rc < 0)
        return rc;
    if (out->zone == 0)
        out->zone = 1 << 20;
    if (out->hpa % out->block || out->dco % out->block || out->zone % out->block ||
        out->hpa > out->capacity || out->dco > out->capacity || (out->dco && out->hpa > out->dco) ||
        out->duration_ms > 1ULL << 32)
        return lethe_fail(err, LETHE_E_INVALID, "the limits of the controller are not possible");
    if (sector != out->block &&
        (out->kind != MODEL_SCSI || out->block != 512 || (sector != 520 && sector != 528)))
        return lethe_fail(err, LETHE_E_INVALID,
                          "\"sector\" is for SCSI drives with 512-byte blocks: 520 or 528");
    if ((out->hpa && !controller_has(out, FEATURE_HPA) && !controller_has(out, FEATURE_AMAC)) ||
        (out->dco && !controller_has(out, FEATURE_DCO)))
        return lethe_fail(err, LETHE_E_INVALID, "a hidden area without the feature that hides it");
    out->sector = (uint32_t)sector;
    return 0;
}

static int get_health(const json_t *json, struct controller *out, struct lethe_error *err)
{
    const json_t *health = json_object_get(json, "health");
    out->hours = 1234;
    if (!health)
        return 0;
    int rc = get_count(health, "reallocated", &out->reallocated, err);
    if (rc == 0)
        rc = get_count(health, "pending", &out->pending, err);
    if (rc == 0)
        rc = get_count(health, "uncorrectable", &out->uncorrectable, err);
    if (rc == 0)
        rc = get_count(health, "hours", &out->hours, err);
    if (rc == 0)
        rc = get_count(health, "life_used", &out->life_used, err);
    if (rc == 0 && json_object_get(health, "failed"))
        rc = lethe_json_bool(health, "failed", &out->health_failed, err);
    if (rc == 0 && out->life_used > 255)
        rc = lethe_fail(err, LETHE_E_INVALID, "\"life_used\" is a percentage up to 255");
    return rc;
}

static int get_identity(const json_t *json, struct controller *out, struct lethe_error *err)
{
    struct lethe_identity identity;
    int rc = lethe_identity_from_json(json, &identity, err);
    if (rc < 0)
        return rc;
    const struct lethe_identifier *serial = lethe_identity_find(&identity, LETHE_ID_SERIAL);
    const struct lethe_identifier *wwn = lethe_identity_find(&identity, LETHE_ID_WWN);
    memcpy(out->vendor, identity.vendor, sizeof(out->vendor));
    memcpy(out->model, identity.model, sizeof(out->model));
    memcpy(out->revision, identity.firmware, sizeof(out->revision));
    if (serial)
        memcpy(out->serial, serial->value, sizeof(out->serial));
    if (wwn)
        memcpy(out->wwn, wwn->value, sizeof(out->wwn));
    out->magnetic = identity.media == LETHE_MEDIA_MAGNETIC;
    bool card = out->kind == MODEL_MMC || out->kind == MODEL_SD;
    if (card && out->magnetic)
        return lethe_fail(err, LETHE_E_INVALID, "a card is flash, not magnetic");
    if (out->kind == MODEL_SCSI && identity.bus == LETHE_BUS_ATA)
        return lethe_fail(err, LETHE_E_INVALID, "a SCSI drive is not on the bus ata");
    return 0;
}

static int check_members(const json_t *json, enum lie kind, struct lethe_error *err)
{
    const char *key;
    json_t *value;
    char word[24];
    int used;
    json_object_foreach((json_t *)(uintptr_t)json, key, value)
    {
        if (!listed(lies[kind].must, key) && !listed(lies[kind].may, key) &&
            !listed(" kind times ", key))
            return lethe_fail(err, LETHE_E_INVALID, "\"%.40s\" means nothing for %s", key,
                              lies[kind].name);
    }
    for (const char *at = lies[kind].must; sscanf(at, " %23s%n", word, &used) == 1; at += used)
        if (!json_object_get(json, word))
            return lethe_fail(err, LETHE_E_INVALID, "%s needs \"%s\"", lies[kind].name, word);
    return 0;
}

/* Where in the operation it strikes: 1 % for stuck, as SPROG 655 of 65536 was; else half-way. */
static int get_when(const json_t *json, struct lie_rule *out, struct lethe_error *err)
{
    const char *of = "any";
    uint64_t at = out->kind == LIE_STUCK ? 10 : 500;
    int rc = json_object_get(json, "of") ? lethe_json_str(json, "of", &of, err) : 0;
    if (rc == 0)
        rc = fault_get_size(json, "at", 1000, &at, err);
    if (rc < 0)
        return rc;
    unsigned i = 0;
    while (i < sizeof(operations) / sizeof(*operations) && strcmp(operations[i], of) != 0)
        i++;
    if (i == sizeof(operations) / sizeof(*operations))
        return lethe_fail(err, LETHE_E_INVALID, "no operation is called \"%.40s\"", of);
    const char *text = json_string_value(json_object_get(json, "at"));
    if (at > 1000 || (text && !strchr(text, '%')))
        return lethe_fail(err, LETHE_E_INVALID, "\"at\" is a percentage of the progress");
    out->of = (enum operation_kind)i;
    out->permille = (uint32_t)at;
    return 0;
}

static bool area_exists(const struct controller *c, const char *name)
{
    for (size_t i = 0; i < c->n_areas; i++)
        if (strcmp(c->areas[i].name, name) == 0)
            return true;
    return strcmp(name, "main") == 0;
}

static int get_lie(const json_t *json, const struct controller *c, struct lie_rule *out,
                   struct lethe_error *err)
{
    const char *name;
    unsigned kind = 0;
    *out = (struct lie_rule){0};
    int rc = lethe_json_str(json, "kind", &name, err);
    if (rc < 0)
        return rc;
    while (kind < LIES && strcmp(lies[kind].name, name) != 0)
        kind++;
    if (kind == LIES)
        return lethe_fail(err, LETHE_E_INVALID, "no firmware fault is called \"%.40s\"", name);
    out->kind = (enum lie)kind;
    rc = check_members(json, out->kind, err);
    if (rc == 0)
        rc = get_when(json, out, err);
    if (rc == 0)
        rc = get_count(json, "times", &out->times, err);
    if (rc == 0)
        rc = get_count(json, "milliseconds", &out->milliseconds, err);
    if (rc == 0)
        rc = fault_get_size(json, "size", c->capacity, &out->size, err);
    if (rc == 0)
        rc = lethe_json_copy(json, "area", out->area, sizeof(out->area), true, err);
    if (rc == 0)
        rc = lethe_json_copy(json, "serial", out->serial, sizeof(out->serial), true, err);
    if (rc == 0 && out->area[0] && !area_exists(c, out->area))
        rc = lethe_fail(err, LETHE_E_INVALID, "the controller has no area \"%s\"", out->area);
    if (rc == 0 && !lethe_text_is_clean(out->serial))
        rc = lethe_fail(err, LETHE_E_INVALID, "control characters in a serial");
    if (rc == 0 && out->times == 0 &&
        (out->kind == LIE_POWER_LOSS || out->kind == LIE_RESET_DURING ||
         out->kind == LIE_BACKWARDS || out->kind == LIE_ZERO_CAPACITY))
        out->times = 1;
    return rc;
}

static int get_lies(const json_t *json, struct controller *out, struct lethe_error *err)
{
    const json_t *list = json_object_get(json, "faults");
    char hex[65] = "";
    int rc = 0;
    if (!list)
        return 0;
    if (!json_is_array(list) || json_array_size(list) > MODEL_LIES_MAX)
        return lethe_fail(err, LETHE_E_INVALID,
                          "\"faults\" of a controller is a list of %d at most", MODEL_LIES_MAX);
    out->n_lies = json_array_size(list);
    for (size_t i = 0; rc == 0 && i < out->n_lies; i++)
        rc = get_lie(json_array_get(list, i), out, &out->lies[i], err);
    if (rc == 0 && lethe_json_digest(list, hex) == 0) {
        hex[16] = '\0';
        out->digest = strtoull(hex, NULL, 16);
    }
    return rc;
}

int controller_parse(const json_t *json, const json_t *identity, uint64_t capacity, uint32_t block,
                     struct controller *out, struct lethe_error *err)
{
    *out = (struct controller){.capacity = capacity, .block = block};
    if (!json_is_object(json))
        return lethe_fail(err, LETHE_E_INVALID, "\"controller\" is not an object");
    if (block != 512 && block != 4096)
        return lethe_fail(err, LETHE_E_INVALID, "a controller's blocks have 512 or 4096 bytes");
    int rc = get_kind(json, out, err);
    if (rc == 0)
        rc = get_usb(json, out, err);
    if (rc == 0)
        rc = get_features(json, out, err);
    if (rc == 0)
        rc = get_limits(json, out, err);
    if (rc == 0)
        rc = get_areas(json, out, err);
    if (rc == 0)
        rc = lethe_json_copy(json, "password", out->password, sizeof(out->password), true, err);
    if (rc == 0)
        rc = lethe_json_copy(json, "psid", out->psid, sizeof(out->psid), true, err);
    if (rc == 0)
        rc = get_health(json, out, err);
    if (rc == 0)
        rc = get_identity(identity, out, err);
    return rc < 0 ? rc : get_lies(json, out, err);
}
