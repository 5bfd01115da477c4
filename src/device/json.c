/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Facts across the process boundary. Strict in one stroke, as plans are: what was understood is
 * written again, and anything that differs from what came in refuses it.
 */
#include "base/json.h"
#include "base/text.h"
#include "device/rows.h"

#include <lethe/facts.h>
#include <string.h>

#define FIELD(group, key, kind, member)                                                            \
    LETHE_ROW(struct lethe_facts, group, key, LETHE_ROW_##kind, member)
static const struct lethe_row rows[] = {
    FIELD(NULL, "obstacle", TEXT, obstacle),
    FIELD(NULL, "remedy", TEXT, remedy),
    FIELD(NULL, "vendor", TEXT, vendor),
    FIELD(NULL, "model", TEXT, model),
    FIELD(NULL, "serial", TEXT, serial),
    FIELD(NULL, "firmware", TEXT, firmware),
    FIELD(NULL, "disagrees", FLAG, disagrees),
    FIELD("security", "supported", FLAG, security.supported),
    FIELD("security", "enabled", FLAG, security.enabled),
    FIELD("security", "locked", FLAG, security.locked),
    FIELD("security", "frozen", FLAG, security.frozen),
    FIELD("security", "expired", FLAG, security.expired),
    FIELD("security", "maximum", FLAG, security.maximum),
    FIELD("security", "erase_minutes", U32, security.erase_minutes),
    FIELD("security", "enhanced_minutes", U32, security.enhanced_minutes),
    FIELD("sanitize", "running", FLAG, sanitize.running),
    FIELD("sanitize", "failed", FLAG, sanitize.failed),
    FIELD("sanitize", "frozen", FLAG, sanitize.frozen),
    FIELD("sanitize", "known", FLAG, sanitize.known),
    FIELD("sanitize", "progress", U32, sanitize.progress),
    FIELD("sanitize", "crypto_seconds", U32, sanitize.crypto_seconds),
    FIELD("sanitize", "block_seconds", U32, sanitize.block_seconds),
    FIELD("sanitize", "overwrite_seconds", U32, sanitize.overwrite_seconds),
    FIELD("hidden", "native_capacity", U64, native_capacity),
    FIELD("hidden", "by", TEXT, hidden_by),
    FIELD("hidden", "known", FLAG, hidden_known),
    FIELD("hidden", "needs_cycle", FLAG, unhide_needs_cycle),
    FIELD("hidden", "unasked", TEXT, hidden_unasked),
    FIELD("hidden", "refused", FLAG, hidden_refused),
    FIELD("foreign", "block", U32, foreign_block),
    FIELD("foreign", "blocks", U64, foreign_blocks),
    FIELD(NULL, "unallocated", U64, unallocated),
    FIELD(NULL, "zoned", FLAG, zoned),
    FIELD("tcg", "opal", FLAG, tcg.opal),
    FIELD("tcg", "pyrite", FLAG, tcg.pyrite),
    FIELD("tcg", "enterprise", FLAG, tcg.enterprise),
    FIELD("tcg", "ruby", FLAG, tcg.ruby),
    FIELD("tcg", "locked", FLAG, tcg.locked),
    FIELD("tcg", "block_sid", FLAG, tcg.block_sid),
    FIELD("tcg", "unasked", FLAG, tcg.unasked),
    FIELD("tcg", "kernel_blocks", FLAG, tcg.kernel_blocks),
    FIELD("reads_fail_after", "block", FLAG, reads_fail_after_block),
    FIELD("reads_fail_after", "crypto", FLAG, reads_fail_after_crypto),
    FIELD("health", "why", TEXT, health.why),
    FIELD("health", "hours", SIGNED, health.hours),
    FIELD("health", "reallocated", SIGNED, health.reallocated),
    FIELD("health", "pending", SIGNED, health.pending),
    FIELD("health", "uncorrectable", SIGNED, health.uncorrectable),
    FIELD("health", "media_errors", SIGNED, health.media_errors),
    FIELD("health", "used_percent", SIGNED, health.used_percent),
    FIELD("health", "temperature", SIGNED, health.temperature),
    FIELD("health", "written_bytes", SIGNED, health.written_bytes),
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

/* Only of drives that have such zones. */
static const struct lethe_row zone_rows[] = {
    FIELD("zones", "host_aware", FLAG, zones.host_aware),
    FIELD("zones", "size", U64, zones.size),
    FIELD("zones", "count", U64, zones.count),
    FIELD("zones", "conventional", U64, zones.conventional),
    FIELD("zones", "unusable", U64, zones.unusable),
    FIELD("zones", "max_open", U32, zones.max_open),
    FIELD("zones", "unrestricted_reads", FLAG, zones.unrestricted_reads),
    FIELD("zones", "why", TEXT, zones.why),
};
#define ZONE_ROWS (sizeof(zone_rows) / sizeof(zone_rows[0]))

/* Only of cards that are protected. */
static const struct lethe_row protection_rows[] = {
    FIELD("protection", "user", FLAG, protection.user),
    FIELD("protection", "user_for_good", FLAG, protection.user_for_good),
    FIELD("protection", "other", FLAG, protection.other),
};
#define PROTECTION_ROWS (sizeof(protection_rows) / sizeof(protection_rows[0]))

static json_t *capabilities_of(unsigned can)
{
    json_t *list = json_array();
    for (int i = 0; i < LETHE_CAPABILITY_COUNT; i++)
        if (can & 1u << i)
            json_array_append_new(list,
                                  json_string(lethe_capability_name((enum lethe_capability_bit)i)));
    return list;
}

static json_t *namespaces_of(const struct lethe_facts *facts)
{
    json_t *list = json_array();
    for (size_t i = 0; i < facts->n_namespaces; i++)
        json_array_append_new(list, json_pack("{s:I, s:o, s:b}", "nsid",
                                              (json_int_t)facts->namespaces[i].nsid, "capacity",
                                              lethe_size_json(facts->namespaces[i].capacity),
                                              "active", facts->namespaces[i].active));
    return list;
}

static json_t *areas_of(const struct lethe_facts *facts)
{
    json_t *list = json_array();
    for (size_t i = 0; i < facts->n_areas; i++)
        json_array_append_new(list, json_pack("{s:s, s:o, s:b}", "name", facts->areas[i].name,
                                              "capacity", lethe_size_json(facts->areas[i].capacity),
                                              "protected", facts->areas[i].protected_));
    return list;
}

json_t *lethe_facts_to_json(const struct lethe_facts *facts)
{
    json_t *json = json_pack("{s:s, s:s, s:o, s:o, s:o, s:{s:s}}", "protocol",
                             lethe_protocol_name(facts->protocol), "path",
                             lethe_path_name(facts->path), "can", capabilities_of(facts->can),
                             "namespaces", namespaces_of(facts), "areas", areas_of(facts), "health",
                             "condition", lethe_condition_name(facts->health.condition));
    if (json && lethe_rows_put(json, rows, ROWS, facts) == 0 &&
        (!(facts->zoned || facts->zones.host_aware) ||
         lethe_rows_put(json, zone_rows, ZONE_ROWS, facts) == 0) &&
        (!(facts->protection.user || facts->protection.other) ||
         lethe_rows_put(json, protection_rows, PROTECTION_ROWS, facts) == 0) &&
        (facts->phone.family == LETHE_FAMILY_NONE ||
         json_object_set_new(json, "phone", lethe_phone_to_json(&facts->phone)) == 0))
        return json;
    json_decref(json);
    return NULL;
}

/* ---- back ---- */

static int get_word(const json_t *json, const char *key, int parse(const char *))
{
    const char *word = json_string_value(json_object_get(json, key));
    return word ? parse(word) : -1;
}

static int take_capabilities(const json_t *list, struct lethe_facts *out)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *word = json_string_value(json_array_get(list, i));
        int bit = 0;
        while (bit < LETHE_CAPABILITY_COUNT &&
               strcmp(lethe_capability_name((enum lethe_capability_bit)bit), word ? word : ""))
            bit++;
        if (bit == LETHE_CAPABILITY_COUNT)
            return -1;
        out->can |= 1u << bit;
    }
    return 0;
}

static int take_namespaces(const json_t *list, struct lethe_facts *out)
{
    out->n_namespaces = json_array_size(list);
    if (out->n_namespaces > LETHE_NAMESPACES_MAX)
        return -1;
    for (size_t i = 0; i < out->n_namespaces; i++) {
        const json_t *one = json_array_get(list, i);
        uint64_t nsid, capacity;
        if (lethe_json_u64(one, "nsid", &nsid, NULL) < 0 || nsid > UINT32_MAX ||
            lethe_json_u64(one, "capacity", &capacity, NULL) < 0 ||
            lethe_json_bool(one, "active", &out->namespaces[i].active, NULL) < 0)
            return -1;
        out->namespaces[i].nsid = (uint32_t)nsid;
        out->namespaces[i].capacity = capacity;
    }
    return 0;
}

static int take_areas(const json_t *list, struct lethe_facts *out)
{
    out->n_areas = json_array_size(list);
    if (out->n_areas > LETHE_AREAS_MAX)
        return -1;
    for (size_t i = 0; i < out->n_areas; i++) {
        const json_t *one = json_array_get(list, i);
        if (lethe_json_copy(one, "name", out->areas[i].name, sizeof(out->areas[i].name), false,
                            NULL) < 0 ||
            !lethe_text_is_clean(out->areas[i].name) ||
            lethe_json_u64(one, "capacity", &out->areas[i].capacity, NULL) < 0 ||
            lethe_json_bool(one, "protected", &out->areas[i].protected_, NULL) < 0)
            return -1;
    }
    return 0;
}

static int take(const json_t *json, struct lethe_facts *out)
{
    int protocol = get_word(json, "protocol", lethe_protocol_parse);
    int path = get_word(json, "path", lethe_path_parse);
    int condition = get_word(json_object_get(json, "health"), "condition", lethe_condition_parse);
    if (protocol < 0 || path < 0 || condition < 0)
        return -1;
    out->protocol = (enum lethe_protocol)protocol;
    out->path = (enum lethe_path)path;
    out->health.condition = (enum lethe_condition)condition;
    const json_t *phone = json_object_get(json, "phone");
    if (lethe_rows_take(json, rows, ROWS, out) < 0 ||
        (json_object_get(json, "zones") && lethe_rows_take(json, zone_rows, ZONE_ROWS, out) < 0) ||
        (json_object_get(json, "protection") &&
         lethe_rows_take(json, protection_rows, PROTECTION_ROWS, out) < 0) ||
        (phone && lethe_phone_from_json(phone, &out->phone, NULL) < 0))
        return -1;
    if (take_capabilities(json_object_get(json, "can"), out) < 0 ||
        take_namespaces(json_object_get(json, "namespaces"), out) < 0)
        return -1;
    return take_areas(json_object_get(json, "areas"), out);
}

int lethe_facts_from_json(const json_t *json, struct lethe_facts *out, struct lethe_error *err)
{
    memset(out, 0, sizeof(*out));
    LETHE_JSON_AUTO *again = take(json, out) < 0 ? NULL : lethe_facts_to_json(out);
    if (again && json_equal((json_t *)(uintptr_t)json, again))
        return 0;
    memset(out, 0, sizeof(*out));
    return lethe_fail(err, LETHE_E_INVALID, "what was told of the drive is not of this form");
}
