/* SPDX-License-Identifier: Apache-2.0 */
#include "record.h"

#include <base/text.h>
#include <ctype.h>
#include <string.h>

#define KEY_MAX 32
#define VALUE_MAX 128

static const char *const record_fields[] = {"operator", "asset_tag", "lot", "customer"};

/* Names that certificates give a meaning (certs/README.md, RFC 7519, RFC 9901): a free field may
 * not look like one of them, whoever prints `custom` beside the rest. */
/* clang-format off */
static const char *const standard[] = {
    "iss", "sub", "aud", "exp", "nbf", "iat", "jti", "vct", "cnf", "status", "_sd", "_sd_alg",
    "...", "x5c", "alg", "typ", "kid", "crit", "outcome", "result", "results", "method", "level",
    "technique", "passes", "policy", "policy_met", "profile", "standard", "sanitize", "sanitise",
    "verification", "verify", "verified", "validation", "exceptions", "limitations", "substrate",
    "started", "ended", "duration", "interruptions", "device", "identifier", "identifiers",
    "serial", "serial_number", "wwn", "eui64", "nguid", "udid", "imei", "eid", "cid",
    "bridge_serial", "backing", "vendor", "manufacturer", "model", "firmware", "capacity",
    "media", "bus", "class", "source", "organisation", "organization", "issuer", "iss_org",
    "bench", "tool", "version", "seed", "sample_key", "canary_key", "commitments", "reveal",
    "log", "signature", "certificate", "digest", "job", "events", "custom", "test_status",
    "accept_untested", "operators", "replaces", "must_understand", "confirmed", "time",
};
/* clang-format on */

/* "Asset tag", "asset-tag" and "ASSET_TAG" are one name. */
static void fold(char *out, size_t out_size, const char *key)
{
    lethe_text_clean(out, out_size, key, strlen(key));
    for (char *c = out; *c; c++)
        *c = *c == '-' || *c == ' ' ? '_' : (char)tolower((unsigned char)*c);
}

static bool is_one_of(const char *const *names, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (!strcmp(names[i], name))
            return true;
    return false;
}

static bool is_record_field(const char *folded)
{
    return is_one_of(record_fields, sizeof record_fields / sizeof *record_fields, folded);
}

void lethe_record_init(struct lethe_record *record)
{
    record->fields = json_object();
    record->custom = json_object();
}

void lethe_record_clear(struct lethe_record *record)
{
    json_decref(record->fields);
    json_decref(record->custom);
    *record = (struct lethe_record){0};
}

int lethe_record_set(struct lethe_record *record, const char *key, const char *value,
                     struct lethe_error *err)
{
    char folded[KEY_MAX + 1], clean[VALUE_MAX + 1];
    if (!*key || strlen(key) > KEY_MAX || !lethe_text_is_clean(key))
        return lethe_fail(err, LETHE_E_USAGE,
                          "the name of a field is 1 to %d printable characters, not '%.40s'",
                          KEY_MAX, key);
    if (strlen(value) > VALUE_MAX || !lethe_text_is_clean(value))
        return lethe_fail(err, LETHE_E_USAGE,
                          "the value of '%s' must be printable and at most %d bytes", key,
                          VALUE_MAX);
    fold(folded, sizeof folded, key);
    lethe_text_clean(clean, sizeof clean, value, strlen(value));
    if (!*clean)
        return 0;
    if (!strcmp(folded, "operator") && !lethe_text_is_name(value)) {
        lethe_fail(err, LETHE_E_USAGE, "that is nobody's name: operator '%s'", clean);
        lethe_error_remedy(err, "give the name of who does it, in letters or digits");
        return -LETHE_E_USAGE;
    }
    if (json_object_get(record->fields, folded) || json_object_get(record->custom, key))
        return lethe_fail(err, LETHE_E_USAGE, "'%s' is given twice", key);
    if (is_record_field(folded)) {
        json_object_set_new(record->fields, folded, json_string(clean));
        return 0;
    }
    if (is_one_of(standard, sizeof standard / sizeof *standard, folded)) {
        lethe_fail(err, LETHE_E_USAGE, "'%s' is the name of a standard claim", key);
        lethe_error_effect(err, "on a certificate it could be mistaken for what was observed");
        lethe_error_remedy(err, "call the field something else, e.g. my_%s", folded);
        return -LETHE_E_USAGE;
    }
    if (json_object_size(record->custom) >= LETHE_CUSTOM_FIELDS_MAX)
        return lethe_fail(err, LETHE_E_USAGE, "at most %d fields of one's own",
                          LETHE_CUSTOM_FIELDS_MAX);
    json_object_set_new(record->custom, key, json_string(clean));
    return 0;
}

int lethe_record_set_field(struct lethe_record *record, const char *pair, struct lethe_error *err)
{
    char key[KEY_MAX + 2], folded[KEY_MAX + 2];
    const char *equals = strchr(pair, '=');
    if (!equals || equals == pair) {
        lethe_fail(err, LETHE_E_USAGE, "--field wants KEY=VALUE, not '%.60s'", pair);
        return -LETHE_E_USAGE;
    }
    lethe_text_format(key, sizeof key, "%.*s", (int)(equals - pair), pair);
    fold(folded, sizeof folded, key);
    if (is_record_field(folded)) {
        char option[64];
        lethe_record_option(option, sizeof option, folded);
        lethe_fail(err, LETHE_E_USAGE, "'%s' is the name of a standard claim", key);
        lethe_error_remedy(err, "use %s", option);
        return -LETHE_E_USAGE;
    }
    return lethe_record_set(record, key, equals + 1, err);
}

void lethe_record_fill(struct lethe_record *to, const struct lethe_record *from)
{
    json_object_update_missing(to->fields, from->fields);
    json_object_update_missing(to->custom, from->custom);
}

const char *lethe_record_missing(const struct lethe_record *record, const char (*required)[32],
                                 size_t n_required)
{
    for (size_t i = 0; i < n_required; i++) {
        char folded[KEY_MAX + 1];
        fold(folded, sizeof folded, required[i]);
        const json_t *value = is_record_field(folded)
                                  ? json_object_get(record->fields, folded)
                                  : json_object_get(record->custom, required[i]);
        if (!value)
            return required[i];
    }
    return NULL;
}

void lethe_record_option(char *out, size_t out_size, const char *field)
{
    char folded[KEY_MAX + 1];
    fold(folded, sizeof folded, field);
    if (!strcmp(folded, "asset_tag"))
        lethe_text_format(out, out_size, "--asset-tag");
    else if (is_record_field(folded))
        lethe_text_format(out, out_size, "--%s", folded);
    else
        lethe_text_format(out, out_size, "--field %s=", field);
}

bool lethe_record_per_device(const char *field)
{
    char folded[KEY_MAX + 1];
    fold(folded, sizeof folded, field);
    return !is_record_field(folded) || !strcmp(folded, "asset_tag");
}
