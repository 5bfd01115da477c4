/* SPDX-License-Identifier: Apache-2.0 */
/* One entry of a `faults` list: strictly read, every member checked against its kind. */
#include "base/json.h"
#include "base/text.h"
#include "emu/fault.h"
#include <stdio.h>
#include <string.h>

static const struct kind {
    const char *name, *must, *may;
} kinds[FAULT_KINDS] = {
#define LETHE_FAULT(symbol, spelling, ops, must, may) {spelling, must, may},
#include "emu/faults.def"
#undef LETHE_FAULT
};

const char *fault_kind_name(enum fault_kind kind)
{
    return kinds[kind].name;
}

bool fault_rule_remembers(const struct fault_rule *rule)
{
    return rule->kind == FAULT_STALE_READ || rule->kind == FAULT_OVERLAY_REVEAL;
}

static bool listed(const char *list, const char *member)
{
    char word[40];
    return lethe_text_format(word, sizeof(word), " %s ", member) && strstr(list, word);
}

static int check_members(const json_t *json, const struct kind *kind, struct lethe_error *err)
{
    const char *key;
    json_t *value;
    char word[24];
    int used;
    json_object_foreach((json_t *)(uintptr_t)json, key, value)
    {
        if (!listed(kind->must, key) && !listed(kind->may, key) &&
            !listed(" kind after_writes after_bytes times ", key))
            return lethe_fail(err, LETHE_E_INVALID, "\"%s\" means nothing for the fault %s", key,
                              kind->name);
    }
    for (const char *at = kind->must; sscanf(at, " %23s%n", word, &used) == 1; at += used)
        if (!json_object_get(json, word))
            return lethe_fail(err, LETHE_E_INVALID, "the fault %s needs \"%s\"", kind->name, word);
    return 0;
}

static int get_count(const json_t *json, const char *key, uint64_t *out, struct lethe_error *err)
{
    return json_object_get(json, key) ? lethe_json_u64(json, key, out, err) : 0;
}

/* "12.5%" in parts per million; at most four digits behind the point. */
static bool percent_parse(const char *text, uint32_t *ppm)
{
    uint64_t value = 0;
    unsigned digits = 0, behind = 0;
    bool point = false;
    for (; (*text >= '0' && *text <= '9') || (*text == '.' && !point && digits > 0); text++) {
        if (*text == '.') {
            point = true;
            continue;
        }
        if (++digits > 7 || (point && ++behind > 4))
            return false;
        value = value * 10 + (uint64_t)(*text - '0');
    }
    if (digits == 0 || (point && behind == 0) || strcmp(text, "%") != 0)
        return false;
    for (; behind < 4; behind++)
        value *= 10;
    *ppm = (uint32_t)value;
    return value <= 1000000;
}

int fault_get_size(const json_t *json, const char *key, uint64_t capacity, uint64_t *out,
                   struct lethe_error *err)
{
    const json_t *value = json_object_get(json, key);
    uint32_t ppm;
    if (!value)
        return 0;
    if (json_is_integer(value))
        return lethe_json_u64(json, key, out, err);
    if (json_is_string(value) && percent_parse(json_string_value(value), &ppm))
        *out = (uint64_t)((unsigned __int128)capacity * ppm / 1000000);
    else if (!json_is_string(value) || !lethe_size_parse(json_string_value(value), out))
        return lethe_fail(err, LETHE_E_INVALID,
                          "\"%s\" of a fault is not a size such as \"10MiB\" or \"50%%\"", key);
    return 0;
}

static int get_fraction(const json_t *json, struct fault_rule *out, struct lethe_error *err)
{
    const json_t *value = json_object_get(json, "fraction");
    if (value &&
        (!json_is_string(value) || !percent_parse(json_string_value(value), &out->fraction_ppm) ||
         out->fraction_ppm == 0))
        return lethe_fail(err, LETHE_E_INVALID,
                          "\"fraction\" of a fault is not a percentage such as \"0.5%%\"");
    return 0;
}

static int get_word(const json_t *json, const char *key, const char *const *words, int *out,
                    struct lethe_error *err)
{
    const char *text;
    if (!json_object_get(json, key))
        return 0;
    int rc = lethe_json_str(json, key, &text, err);
    for (int i = 0; rc == 0 && words[i]; i++) {
        if (strcmp(text, words[i]) == 0) {
            *out = i;
            return 0;
        }
    }
    return rc < 0 ? rc : lethe_fail(err, LETHE_E_INVALID, "\"%s\" can't be \"%s\"", key, text);
}

static int get_range(const json_t *json, uint64_t capacity, uint32_t block, struct fault_rule *out,
                     struct lethe_error *err)
{
    uint64_t at = UINT64_MAX;
    int rc = fault_get_size(json, "from", capacity, &out->from, err);
    if (rc == 0)
        rc = fault_get_size(json, "to", capacity, &out->to, err);
    if (rc == 0)
        rc = fault_get_size(json, "at_offset", capacity, &at, err);
    if (rc < 0)
        return rc;
    if (at != UINT64_MAX && (json_object_get(json, "from") || json_object_get(json, "to")))
        return lethe_fail(err, LETHE_E_INVALID,
                          "\"at_offset\" and \"from\" or \"to\" in one fault");
    if (at != UINT64_MAX) {
        out->from = at;
        out->to = at < UINT64_MAX - 1 ? at + 1 : at;
    }
    /* A device knows whole blocks only. */
    out->from -= out->from % block;
    if (out->to <= UINT64_MAX - block)
        out->to = (out->to + block - 1) / block * block;
    if (out->from >= out->to)
        return lethe_fail(err, LETHE_E_INVALID, "the range of a fault is empty");
    return 0;
}

/* What the kind says about members that were not given, and about those that were. */
static int settle(const json_t *json, uint64_t capacity, uint32_t block, struct fault_rule *rule,
                  struct lethe_error *err)
{
    bool triggered = rule->after_writes > 0 || rule->after_bytes > 0;
    rule->size -= rule->size % block;
    if (listed(kinds[rule->kind].must, "size") && (rule->size == 0 || rule->size > capacity))
        return lethe_fail(err, LETHE_E_INVALID,
                          "\"size\" of the fault %s is not between one block and the capacity",
                          kinds[rule->kind].name);
    switch (rule->kind) {
    case FAULT_PARTIAL_WIPE:
    case FAULT_LIMBO:
        rule->from = rule->size;
        break;
    case FAULT_READ_ONLY_SILENTLY:
        if (!triggered)
            rule->after_bytes = capacity / 2;
        break;
    case FAULT_SHRINK:
        if (!triggered)
            rule->after_writes = 1;
        break;
    case FAULT_STALE_READ:
        if (!json_object_get(json, "fraction"))
            rule->fraction_ppm = 100000;
        break;
    case FAULT_WEAK:
        if (rule->times == 0)
            rule->times = 2;
        break;
    case FAULT_STALL:
    case FAULT_VANISH:
    case FAULT_SWAP:
        if (rule->times == 0)
            rule->times = 1;
        break;
    case FAULT_POWER_CUT:
        if (!json_object_get(json, "during"))
            rule->during = FAULT_WRITE;
        if (rule->times == 0)
            rule->times = 1;
        break;
    case FAULT_SLOW:
        if (rule->rate == 0)
            return lethe_fail(err, LETHE_E_INVALID, "\"rate\" of the fault slow is 0");
        break;
    default:
        break;
    }
    return 0;
}

static int get_identity(const json_t *json, struct fault_rule *out, struct lethe_error *err)
{
    int rc = lethe_json_copy(json, "serial", out->serial, sizeof(out->serial), true, err);
    if (rc == 0)
        rc = lethe_json_copy(json, "model", out->model, sizeof(out->model), true, err);
    if (rc == 0)
        rc = lethe_json_copy(json, "wwn", out->wwn, sizeof(out->wwn), true, err);
    if (rc < 0)
        return rc;
    if (!lethe_text_is_clean(out->serial) || !lethe_text_is_clean(out->model) ||
        !lethe_text_is_clean(out->wwn))
        return lethe_fail(err, LETHE_E_INVALID, "an identity in a fault has control characters");
    return 0;
}

static int get_kind(const json_t *json, struct fault_rule *out, struct lethe_error *err)
{
    const char *text;
    int rc = lethe_json_str(json, "kind", &text, err);
    if (rc < 0)
        return rc;
    for (unsigned i = 0; i < FAULT_KINDS; i++) {
        if (strcmp(text, kinds[i].name) == 0) {
            out->kind = (enum fault_kind)i;
            return check_members(json, &kinds[i], err);
        }
    }
    return lethe_fail(err, LETHE_E_INVALID, "no fault is called \"%.40s\"", text);
}

int fault_rule_parse(const json_t *json, uint64_t capacity, uint32_t logical_block,
                     struct fault_rule *out, struct lethe_error *err)
{
    static const char *const whens[] = {"any", "write", "read", "verify", NULL};
    static const char *const variants[] = {"gone", "enodev", NULL};
    int during = FAULT_ANY, variant = 0;
    *out = (struct fault_rule){.to = UINT64_MAX, .fraction_ppm = 1000000};
    if (!json_is_object(json))
        return lethe_fail(err, LETHE_E_INVALID, "a fault is not an object");
    int rc = get_kind(json, out, err);
    if (rc == 0)
        rc = get_word(json, "during", whens, &during, err);
    if (rc == 0)
        rc = get_word(json, "variant", variants, &variant, err);
    if (rc == 0)
        rc = get_count(json, "after_writes", &out->after_writes, err);
    if (rc == 0)
        rc = fault_get_size(json, "after_bytes", capacity, &out->after_bytes, err);
    if (rc == 0)
        rc = get_range(json, capacity, logical_block, out, err);
    if (rc == 0)
        rc = get_fraction(json, out, err);
    if (rc == 0)
        rc = get_count(json, "seed", &out->seed, err);
    if (rc == 0)
        rc = get_count(json, "times", &out->times, err);
    if (rc == 0)
        rc = fault_get_size(json, "size", capacity, &out->size, err);
    if (rc == 0)
        rc = fault_get_size(json, "rate", 0, &out->rate, err);
    if (rc == 0)
        rc = get_count(json, "seconds", &out->seconds, err);
    if (rc == 0)
        rc = get_identity(json, out, err);
    if (rc < 0)
        return rc;
    out->during = (enum fault_when)during;
    out->enodev = variant == 1;
    return settle(json, capacity, logical_block, out, err);
}

int fault_rules_parse(const json_t *list, uint64_t capacity, uint32_t logical_block,
                      struct fault_rule *rules, struct lethe_error *err)
{
    if (!json_is_array(list))
        return lethe_fail(err, LETHE_E_INVALID, "\"faults\" is not a list");
    if (json_array_size(list) > LETHE_FAULTS_MAX)
        return lethe_fail(err, LETHE_E_LIMIT, "more than %d faults", LETHE_FAULTS_MAX);
    for (size_t i = 0; i < json_array_size(list); i++) {
        int rc = fault_rule_parse(json_array_get(list, i), capacity, logical_block, &rules[i], err);
        if (rc < 0)
            return rc;
    }
    return (int)json_array_size(list);
}
