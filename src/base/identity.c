/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"
#include "base/text.h"
#include <ctype.h>
#include <lethe/identity.h>
#include <stdlib.h>
#include <string.h>

static bool identifier_equal(const struct lethe_identifier *a, const struct lethe_identifier *b)
{
    return a->kind == b->kind && a->source == b->source && strcmp(a->value, b->value) == 0;
}

static bool identity_has(const struct lethe_identity *id, const struct lethe_identifier *wanted)
{
    for (size_t i = 0; i < id->n_identifiers; i++)
        if (identifier_equal(&id->identifiers[i], wanted))
            return true;
    return false;
}

int lethe_identity_add(struct lethe_identity *id, enum lethe_id_kind kind,
                       enum lethe_id_source source, const char *value)
{
    struct lethe_identifier added = {.kind = kind, .source = source};
    lethe_text_clean(added.value, sizeof(added.value), value, strlen(value));
    if (!added.value[0] || identity_has(id, &added))
        return 0;
    if (id->n_identifiers >= LETHE_IDENTIFIERS_MAX)
        return -LETHE_E_LIMIT;
    id->identifiers[id->n_identifiers++] = added;
    return 0;
}

const struct lethe_identifier *lethe_identity_find(const struct lethe_identity *id,
                                                   enum lethe_id_kind kind)
{
    for (size_t i = 0; i < id->n_identifiers; i++)
        if (id->identifiers[i].kind == kind)
            return &id->identifiers[i];
    return NULL;
}

static int changed_text(struct lethe_error *err, const char *what, const char *armed,
                        const char *now)
{
    return lethe_fail(err, LETHE_E_CHANGED, "the %s was \"%s\" when armed and is \"%s\" now", what,
                      armed, now);
}

static int changed_number(struct lethe_error *err, const char *what, uint64_t armed, uint64_t now)
{
    return lethe_fail(err, LETHE_E_CHANGED, "the %s was %llu bytes when armed and is %llu now",
                      what, (unsigned long long)armed, (unsigned long long)now);
}

/* The first device-sourced identifier of A that B has not. */
static const struct lethe_identifier *identifier_missing(const struct lethe_identity *a,
                                                         const struct lethe_identity *b)
{
    for (size_t i = 0; i < a->n_identifiers; i++)
        if (a->identifiers[i].source == LETHE_SOURCE_DEVICE && !identity_has(b, &a->identifiers[i]))
            return &a->identifiers[i];
    return NULL;
}

int lethe_identity_same(const struct lethe_identity *armed, const struct lethe_identity *now,
                        struct lethe_error *err)
{
    if (armed->capacity != now->capacity)
        return changed_number(err, "capacity", armed->capacity, now->capacity);
    if (armed->logical_block != now->logical_block)
        return changed_number(err, "logical block", armed->logical_block, now->logical_block);
    if (armed->physical_block != now->physical_block)
        return changed_number(err, "physical block", armed->physical_block, now->physical_block);
    if (armed->substrate != now->substrate)
        return changed_text(err, "substrate", lethe_substrate_name(armed->substrate),
                            lethe_substrate_name(now->substrate));
    if (strcmp(armed->vendor, now->vendor) != 0)
        return changed_text(err, "vendor", armed->vendor, now->vendor);
    if (strcmp(armed->model, now->model) != 0)
        return changed_text(err, "model", armed->model, now->model);
    const struct lethe_identifier *gone = identifier_missing(armed, now);
    const struct lethe_identifier *new = identifier_missing(now, armed);
    if (gone && new && gone->kind == new->kind)
        return changed_text(err, lethe_id_kind_name(gone->kind), gone->value, new->value);
    if (gone)
        return lethe_fail(err, LETHE_E_CHANGED, "the %s \"%s\" of the armed device is missing now",
                          lethe_id_kind_name(gone->kind), gone->value);
    if (new)
        return lethe_fail(err, LETHE_E_CHANGED, "the %s \"%s\" was not there when armed",
                          lethe_id_kind_name(new->kind), new->value);
    return 0;
}

int lethe_identity_within(const struct lethe_identity *armed, const struct lethe_identity *now,
                          struct lethe_error *err)
{
    bool named = false;
    if (armed->substrate != now->substrate)
        return changed_text(err, "substrate", lethe_substrate_name(armed->substrate),
                            lethe_substrate_name(now->substrate));
    for (size_t i = 0; i < now->n_identifiers; i++)
        named = named || now->identifiers[i].source == LETHE_SOURCE_DEVICE;
    if (!named)
        return lethe_fail(err, LETHE_E_CHANGED, "the device names itself by nothing now");
    const struct lethe_identifier *new = identifier_missing(now, armed);
    return new ? lethe_fail(err, LETHE_E_CHANGED, "the %s \"%s\" is not the armed device's",
                            lethe_id_kind_name(new->kind), new->value)
               : 0;
}

void lethe_identifier_fold(char *out, size_t out_size, const char *text)
{
    static const char *const prefixes[] = {"0x", "naa.", "eui."};
    size_t len = 0;
    for (; *text && len + 1 < out_size; text++)
        if (*text != ' ' && *text != ':')
            out[len++] = (char)tolower((unsigned char)*text);
    out[len] = '\0';
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        size_t n = strlen(prefixes[i]);
        if (strncmp(out, prefixes[i], n) == 0) {
            memmove(out, out + n, len - n + 1);
            return;
        }
    }
}

static bool kind_names_device(enum lethe_id_kind kind)
{
    return kind == LETHE_ID_SERIAL || kind == LETHE_ID_WWN || kind == LETHE_ID_EUI64 ||
           kind == LETHE_ID_UDID || kind == LETHE_ID_IMEI;
}

static void drop_dashes(char *text)
{
    char *to = text;
    for (; *text; text++)
        if (*text != '-')
            *to++ = *text;
    *to = '\0';
}

bool lethe_identity_named(const struct lethe_identity *id, const char *text)
{
    char wanted[256], bare[256], have[sizeof(id->identifiers[0].value)];
    if (strlen(text) >= sizeof(wanted))
        return false; /* folding would cut it, and a cut name could name another device */
    lethe_identifier_fold(wanted, sizeof(wanted), text);
    if (!wanted[0])
        return false;
    memcpy(bare, wanted, sizeof(bare));
    drop_dashes(bare);
    for (size_t i = 0; i < id->n_identifiers; i++) {
        const struct lethe_identifier *one = &id->identifiers[i];
        if (one->source != LETHE_SOURCE_DEVICE || !kind_names_device(one->kind))
            continue;
        bool udid = one->kind == LETHE_ID_UDID;
        lethe_identifier_fold(have, sizeof(have), one->value);
        if (udid)
            drop_dashes(have);
        if (have[0] && strcmp(have, udid ? bare : wanted) == 0)
            return true;
    }
    return false;
}

/* A set has no order, so the canonical form gives it one: kind, what the device said first, value.
 */
static int identifier_order(const void *a, const void *b)
{
    const struct lethe_identifier *x = a, *y = b;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    if (x->source != y->source)
        return x->source > y->source ? -1 : 1;
    return strcmp(x->value, y->value);
}

static json_t *identifiers_to_json(const struct lethe_identity *id)
{
    struct lethe_identifier sorted[LETHE_IDENTIFIERS_MAX];
    memcpy(sorted, id->identifiers, sizeof(sorted));
    qsort(sorted, id->n_identifiers, sizeof(sorted[0]), identifier_order);
    json_t *list = json_array();
    for (size_t i = 0; i < id->n_identifiers && list; i++) {
        json_t *one =
            json_pack("{s:s, s:s, s:s}", "kind", lethe_id_kind_name(sorted[i].kind), "source",
                      lethe_id_source_name(sorted[i].source), "value", sorted[i].value);
        if (json_array_append_new(list, one) < 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

/* Members that are empty or 0 where a device says nothing are left out. */
static int put_text(json_t *json, const char *key, const char *value)
{
    return value[0] ? json_object_set_new(json, key, json_string(value)) : 0;
}

static int put_number(json_t *json, const char *key, uint64_t value)
{
    return value ? json_object_set_new(json, key, json_integer((json_int_t)value)) : 0;
}

json_t *lethe_identity_to_json(const struct lethe_identity *id)
{
    json_t *json = json_pack(
        "{s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:o}", "class", lethe_device_class_name(id->class_),
        "bus", lethe_bus_name(id->bus), "media", lethe_media_name(id->media), "substrate",
        lethe_substrate_name(id->substrate), "capacity", (json_int_t)id->capacity, "logical_block",
        (json_int_t)id->logical_block, "physical_block", (json_int_t)id->physical_block,
        "identifiers", identifiers_to_json(id));
    if (json &&
        (put_text(json, "vendor", id->vendor) < 0 || put_text(json, "model", id->model) < 0 ||
         put_text(json, "firmware", id->firmware) < 0 || put_text(json, "bridge", id->bridge) < 0 ||
         put_number(json, "usb_vendor", id->usb_vendor) < 0 ||
         put_number(json, "usb_product", id->usb_product) < 0 ||
         put_number(json, "usb_release", id->usb_release) < 0)) {
        json_decref(json);
        return NULL;
    }
    return json;
}

static int get_word(const json_t *json, const char *key, int parse(const char *), int *out,
                    struct lethe_error *err)
{
    const char *spelling;
    int rc = lethe_json_str(json, key, &spelling, err);
    if (rc < 0)
        return rc;
    *out = parse(spelling);
    return *out >= 0
               ? 0
               : lethe_fail(err, LETHE_E_INVALID,
                            "\"%s\" is \"%.64s\", which is not a word of ours", key, spelling);
}

static int get_text(const json_t *json, const char *key, char *out, size_t out_size, bool optional,
                    struct lethe_error *err)
{
    int rc = lethe_json_copy(json, key, out, out_size, optional, err);
    if (rc == 0 && !lethe_text_is_clean(out))
        return lethe_fail(err, LETHE_E_INVALID, "\"%s\" holds control characters", key);
    return rc;
}

static int get_number(const json_t *json, const char *key, uint64_t max, bool optional,
                      uint64_t *out, struct lethe_error *err)
{
    *out = 0;
    if (optional && !json_object_get(json, key))
        return 0;
    int rc = lethe_json_u64(json, key, out, err);
    if (rc == 0 && *out > max)
        return lethe_fail(err, LETHE_E_INVALID, "\"%s\" is too large", key);
    return rc;
}

static int get_identifiers(const json_t *json, struct lethe_identity *out, struct lethe_error *err)
{
    const json_t *list = lethe_json_get(json, "identifiers", JSON_ARRAY, err);
    if (!list)
        return -LETHE_E_INVALID;
    size_t n = json_array_size(list);
    if (n > LETHE_IDENTIFIERS_MAX)
        return lethe_fail(err, LETHE_E_LIMIT, "%zu identifiers are more than %d", n,
                          LETHE_IDENTIFIERS_MAX);
    for (size_t i = 0; i < n; i++) {
        const json_t *one = json_array_get(list, i);
        struct lethe_identifier *to = &out->identifiers[i];
        int kind = 0, source = 0, rc;
        if ((rc = get_word(one, "kind", lethe_id_kind_parse, &kind, err)) < 0 ||
            (rc = get_word(one, "source", lethe_id_source_parse, &source, err)) < 0 ||
            (rc = get_text(one, "value", to->value, sizeof(to->value), false, err)) < 0)
            return rc;
        to->kind = (enum lethe_id_kind)kind;
        to->source = (enum lethe_id_source)source;
    }
    out->n_identifiers = n;
    return 0;
}

int lethe_identity_from_json(const json_t *json, struct lethe_identity *out,
                             struct lethe_error *err)
{
    struct lethe_identity id = {0};
    int class = 0, bus = 0, media = 0, substrate = 0, rc;
    uint64_t usb_vendor, usb_product, usb_release, logical, physical;
    if ((rc = get_word(json, "class", lethe_device_class_parse, &class, err)) < 0 ||
        (rc = get_word(json, "bus", lethe_bus_parse, &bus, err)) < 0 ||
        (rc = get_word(json, "media", lethe_media_parse, &media, err)) < 0 ||
        (rc = get_word(json, "substrate", lethe_substrate_parse, &substrate, err)) < 0 ||
        (rc = get_text(json, "vendor", id.vendor, sizeof(id.vendor), true, err)) < 0 ||
        (rc = get_text(json, "model", id.model, sizeof(id.model), true, err)) < 0 ||
        (rc = get_text(json, "firmware", id.firmware, sizeof(id.firmware), true, err)) < 0 ||
        (rc = get_text(json, "bridge", id.bridge, sizeof(id.bridge), true, err)) < 0 ||
        (rc = get_number(json, "usb_vendor", UINT16_MAX, true, &usb_vendor, err)) < 0 ||
        (rc = get_number(json, "usb_product", UINT16_MAX, true, &usb_product, err)) < 0 ||
        (rc = get_number(json, "usb_release", UINT16_MAX, true, &usb_release, err)) < 0 ||
        (rc = get_number(json, "capacity", INT64_MAX, false, &id.capacity, err)) < 0 ||
        (rc = get_number(json, "logical_block", UINT32_MAX, false, &logical, err)) < 0 ||
        (rc = get_number(json, "physical_block", UINT32_MAX, false, &physical, err)) < 0 ||
        (rc = get_identifiers(json, &id, err)) < 0)
        return rc;
    id.class_ = (enum lethe_device_class) class;
    id.bus = (enum lethe_bus)bus;
    id.media = (enum lethe_media)media;
    id.substrate = (enum lethe_substrate)substrate;
    id.usb_vendor = (uint16_t)usb_vendor;
    id.usb_product = (uint16_t)usb_product;
    id.usb_release = (uint16_t)usb_release;
    id.logical_block = (uint32_t)logical;
    id.physical_block = (uint32_t)physical;
    *out = id;
    return 0;
}
