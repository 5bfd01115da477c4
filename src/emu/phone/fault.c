/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"
#include "base/text.h"
#include "emu/phone/phone.h"
#include <stdio.h>
#include <string.h>

static const struct {
    const char *name, *families, *members;
} kinds[] = {
#define PHONE_FAULT(symbol, name, families, members) {name, families, " " members " "},
#include "emu/phone/faults.def"
#undef PHONE_FAULT
};

static bool listed(const char *list, const char *word)
{
    char spaced[64];
    return lethe_text_format(spaced, sizeof(spaced), " %s ", word) && strstr(list, spaced);
}

int phone_faults_check(const json_t *list, enum lethe_phone_family family, struct lethe_error *err)
{
    const json_t *rule;
    size_t i;
    json_array_foreach((json_t *)(uintptr_t)list, i, rule)
    {
        const char *name, *key;
        json_t *value;
        unsigned kind = 0;
        int rc = lethe_json_str(rule, "kind", &name, err);
        if (rc < 0)
            return rc;
        while (kind < PHONE_FAULTS && strcmp(kinds[kind].name, name) != 0)
            kind++;
        if (kind == PHONE_FAULTS || !listed(kinds[kind].families, lethe_phone_family_name(family)))
            return lethe_fail(err, LETHE_E_INVALID, "no fault of a phone of %s is called \"%.40s\"",
                              lethe_phone_family_name(family), name);
        json_object_foreach((json_t *)(uintptr_t)rule, key, value)
        {
            if (!listed(" kind times after ", key) && !listed(kinds[kind].members, key))
                return lethe_fail(err, LETHE_E_INVALID, "\"%.40s\" means nothing for %s", key,
                                  name);
        }
    }
    return 0;
}

uint64_t phone_fault_count(const json_t *rule, const char *key, uint64_t otherwise)
{
    const json_t *count = json_object_get(rule, key);
    return json_is_integer(count) && json_integer_value(count) >= 0
               ? (uint64_t)json_integer_value(count)
               : otherwise;
}

static json_t *find(const struct phone *phone, enum phone_fault fault)
{
    const json_t *list = json_object_get(phone->memory, "faults");
    json_t *rule;
    size_t i;
    json_array_foreach((json_t *)(uintptr_t)list, i, rule)
    {
        const char *kind = json_string_value(json_object_get(rule, "kind"));
        uint64_t times = phone_fault_count(rule, "times", 0);
        if (kind && strcmp(kind, kinds[fault].name) == 0 &&
            (times == 0 || phone_fault_count(rule, "fired", 0) < times))
            return rule;
    }
    return NULL;
}

const json_t *phone_fault(const struct phone *phone, enum phone_fault fault)
{
    const json_t *rule = find(phone, fault);
    return rule && phone_fault_count(rule, "seen", 0) >= phone_fault_count(rule, "after", 0) ? rule
                                                                                             : NULL;
}

bool phone_strikes_here(struct phone *phone, enum phone_fault fault)
{
    json_t *rule = find(phone, fault);
    if (!rule)
        return false;
    bool now = phone_fault(phone, fault);
    const char *counter = now ? "fired" : "seen";
    json_object_set_new(rule, counter,
                        json_integer((json_int_t)phone_fault_count(rule, counter, 0) + 1));
    return now;
}

static int strike(struct phone *phone, void *user, struct lethe_error *err)
{
    (void)err;
    return phone_strikes_here(phone, *(const enum phone_fault *)user);
}

bool phone_strikes(struct phone *phone, enum phone_fault fault)
{
    return find(phone, fault) && phone_change(phone, strike, &fault, NULL) > 0;
}
