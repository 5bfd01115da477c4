/* SPDX-License-Identifier: Apache-2.0 */
/* One device profile: schema, then what a schema can't say. profiles/device.schema.json says the
 * same for editors; tests/profile runs one corpus through both. */
#include <lethe/profile.h>

#include "base/crypto.h"
#include "base/text.h"
#include "base/yaml.h"
#include "profile/check.h"
#include "profile/match.h"
#include <stdlib.h>
#include <string.h>

/* A set as a list of its words, so that an empty list is an error: as bits it would look like a
 * field left out, and the profile would match more than its author meant. */
#define SET_MAX 16
struct set {
    int words[SET_MAX];
    unsigned n;
};

struct profile_file {
    struct lethe_profile profile;
    struct set classes, buses, medias, substrates;
    struct set quirks;
    char usb_vendor[5], usb_product[5], usb_release[5]; /* four hex digits, as lsusb prints them */
};

#define MAYBE CYAML_FLAG_OPTIONAL

#define VERSION_MAX 999 /* of a system: what has more is a build, or a date */

#define PHONES (1u << LETHE_CLASS_PHONE | 1u << LETHE_CLASS_TABLET)

static const cyaml_strval_t classes[] = {LETHE_DEVICE_CLASSES(LETHE_STRVAL)};
static const cyaml_strval_t buses[] = {LETHE_BUSES(LETHE_STRVAL)};
static const cyaml_strval_t medias[] = {LETHE_MEDIAS(LETHE_STRVAL)};
static const cyaml_strval_t substrates[] = {LETHE_SUBSTRATES(LETHE_STRVAL)};
static const cyaml_strval_t quirks[] = {LETHE_QUIRKS(LETHE_STRVAL)};
static const cyaml_strval_t carries[] = {LETHE_CARRIES(LETHE_STRVAL)};
static const cyaml_strval_t statuses[] = {LETHE_TEST_STATUSES(LETHE_STRVAL)};

#define SET_OF(words)                                                                              \
    {                                                                                              \
        CYAML_VALUE_ENUM(CYAML_FLAG_STRICT, int, words, CYAML_ARRAY_LEN(words))                    \
    }
static const cyaml_schema_value_t classes_schema = SET_OF(classes);
static const cyaml_schema_value_t buses_schema = SET_OF(buses);
static const cyaml_schema_value_t medias_schema = SET_OF(medias);
static const cyaml_schema_value_t substrates_schema = SET_OF(substrates);
static const cyaml_schema_value_t quirks_schema = SET_OF(quirks);

/* `match` has no struct of its own in the file's: its fields live in the profile and beside it, so
 * the mapping starts where the whole file does. */
static const cyaml_schema_field_t match_fields[] = {
    CYAML_FIELD_SEQUENCE_COUNT("classes", MAYBE, struct profile_file, classes.words, classes.n,
                               &classes_schema, 1, SET_MAX),
    CYAML_FIELD_SEQUENCE_COUNT("buses", MAYBE, struct profile_file, buses.words, buses.n,
                               &buses_schema, 1, SET_MAX),
    CYAML_FIELD_SEQUENCE_COUNT("medias", MAYBE, struct profile_file, medias.words, medias.n,
                               &medias_schema, 1, SET_MAX),
    CYAML_FIELD_SEQUENCE_COUNT("substrates", MAYBE, struct profile_file, substrates.words,
                               substrates.n, &substrates_schema, 1, SET_MAX),
    CYAML_FIELD_STRING("vendor", MAYBE, struct profile_file, profile.match.vendor, 1),
    CYAML_FIELD_STRING("model", MAYBE, struct profile_file, profile.match.model, 1),
    CYAML_FIELD_STRING("firmware", MAYBE, struct profile_file, profile.match.firmware, 1),
    CYAML_FIELD_STRING("bridge", MAYBE, struct profile_file, profile.match.bridge, 1),
    CYAML_FIELD_STRING("usb_vendor", MAYBE, struct profile_file, usb_vendor, 4),
    CYAML_FIELD_STRING("usb_product", MAYBE, struct profile_file, usb_product, 4),
    CYAML_FIELD_STRING("usb_release", MAYBE, struct profile_file, usb_release, 4),
    CYAML_FIELD_END};

/* Likewise: in the profile and beside it. The first word of CARRIES says nothing: it is not for
 * files. */
static const cyaml_schema_field_t quirk_fields[] = {
    CYAML_FIELD_ENUM("path", MAYBE | CYAML_FLAG_STRICT, struct profile_file, profile.quirks.path,
                     carries + 1, CYAML_ARRAY_LEN(carries) - 1),
    CYAML_FIELD_SEQUENCE_COUNT("words", MAYBE, struct profile_file, quirks.words, quirks.n,
                               &quirks_schema, 1, SET_MAX),
    CYAML_FIELD_END};

static const cyaml_schema_field_t technique_fields[] = {
    CYAML_FIELD_STRING("technique", CYAML_FLAG_DEFAULT, struct lethe_profile_technique, technique,
                       1),
    LETHE_FIELD_WORD("status", CYAML_FLAG_DEFAULT, struct lethe_profile_technique, status,
                     statuses),
    CYAML_FIELD_UINT("since", MAYBE, struct lethe_profile_technique, since),
    CYAML_FIELD_UINT("until", MAYBE, struct lethe_profile_technique, until),
    CYAML_FIELD_STRING("evidence", CYAML_FLAG_DEFAULT, struct lethe_profile_technique, evidence, 1),
    CYAML_FIELD_END};
static const cyaml_schema_value_t technique_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct lethe_profile_technique, technique_fields)};
static const cyaml_schema_value_t limitation_schema = {
    CYAML_VALUE_STRING(CYAML_FLAG_DEFAULT, ((struct lethe_profile *)NULL)->limitations[0], 1, 255)};

static const cyaml_schema_field_t guide_fields[] = {
    CYAML_FIELD_STRING("en", CYAML_FLAG_DEFAULT, struct lethe_guide_step, en, 1),
    CYAML_FIELD_STRING("zh", CYAML_FLAG_DEFAULT, struct lethe_guide_step, zh, 1), CYAML_FIELD_END};
static const cyaml_schema_value_t guide_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct lethe_guide_step, guide_fields)};

static const cyaml_schema_field_t profile_fields[] = {
    CYAML_FIELD_STRING("id", CYAML_FLAG_DEFAULT, struct profile_file, profile.id, 1),
    CYAML_FIELD_STRING("title", CYAML_FLAG_DEFAULT, struct profile_file, profile.title, 1),
    {.key = "match",
     .data_offset = 0,
     .value = {CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct profile_file, match_fields)}},
    CYAML_FIELD_SEQUENCE_COUNT("techniques", CYAML_FLAG_DEFAULT, struct profile_file,
                               profile.techniques, profile.n_techniques, &technique_schema, 1,
                               LETHE_PROFILE_TECHNIQUES_MAX),
    CYAML_FIELD_SEQUENCE_COUNT("limitations", CYAML_FLAG_DEFAULT, struct profile_file,
                               profile.limitations, profile.n_limitations, &limitation_schema, 0,
                               LETHE_PROFILE_NOTES_MAX),
    {.key = "quirks",
     .data_offset = 0,
     .value = {CYAML_VALUE_MAPPING(MAYBE, struct profile_file, quirk_fields)}},
    CYAML_FIELD_SEQUENCE_COUNT("guide", MAYBE, struct profile_file, profile.guide, profile.n_guide,
                               &guide_schema, 1, LETHE_GUIDE_MAX),
    CYAML_FIELD_STRING("source", CYAML_FLAG_DEFAULT, struct profile_file, profile.source, 1),
    CYAML_FIELD_END};
static const cyaml_schema_value_t profile_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct profile_file, profile_fields)};

static int check_usb_id(const char *file, const char *field, const char *text, uint16_t *out,
                        struct lethe_error *err)
{
    uint8_t bytes[2];
    if (!text[0])
        return 0;
    if (lethe_hex_decode(bytes, sizeof(bytes), text, strlen(text)) == 2)
        *out = (uint16_t)(bytes[0] << 8 | bytes[1]);
    return *out ? 0
                : lethe_fail(err, LETHE_E_INVALID,
                             "%s: match.%s: \"%s\" is not four hex digits such as \"152d\"", file,
                             field, text);
}

static unsigned set_bits(const struct set *set)
{
    unsigned bits = 0;
    for (unsigned i = 0; i < set->n; i++)
        bits |= 1u << set->words[i];
    return bits;
}

static int check_match(const char *file, struct profile_file *f, struct lethe_error *err)
{
    struct lethe_profile_match *m = &f->profile.match;
    m->classes = set_bits(&f->classes);
    m->buses = set_bits(&f->buses);
    m->medias = set_bits(&f->medias);
    m->substrates = set_bits(&f->substrates);
    int rc = check_usb_id(file, "usb_vendor", f->usb_vendor, &m->usb_vendor, err);
    rc = rc < 0 ? rc : check_usb_id(file, "usb_product", f->usb_product, &m->usb_product, err);
    rc = rc < 0 ? rc : check_usb_id(file, "usb_release", f->usb_release, &m->usb_release, err);
    rc = rc < 0 ? rc : lethe_check_text(file, "match.vendor", m->vendor, err);
    rc = rc < 0 ? rc : lethe_check_text(file, "match.model", m->model, err);
    rc = rc < 0 ? rc : lethe_check_text(file, "match.firmware", m->firmware, err);
    rc = rc < 0 ? rc : lethe_check_text(file, "match.bridge", m->bridge, err);
    if (rc == 0 && m->usb_product && !m->usb_vendor)
        rc = lethe_fail(err, LETHE_E_INVALID, "%s: match.usb_product without usb_vendor", file);
    if (rc == 0 && m->usb_release && !m->usb_product)
        rc = lethe_fail(err, LETHE_E_INVALID, "%s: match.usb_release without usb_product", file);
    if (rc == 0 && lethe_match_score(m) == 0)
        rc = lethe_fail(err, LETHE_E_INVALID, "%s: match: would match every device", file);
    return rc;
}

/* What only one maker's bridges understand is asked of no others: what it means to them is
 * anybody's guess. */
static int check_quirks(const char *file, struct profile_file *f, struct lethe_error *err)
{
    struct lethe_profile *p = &f->profile;
    p->quirks.words = set_bits(&f->quirks);
    if (p->quirks.path == LETHE_CARRIES_UNKNOWN || p->match.usb_vendor)
        return 0;
    lethe_fail(err, LETHE_E_INVALID, "%s: quirks.path: not without match.usb_vendor", file);
    lethe_error_remedy(err, "name the bridge by the numbers that lsusb prints");
    return -LETHE_E_INVALID;
}

unsigned lethe_profile_version(const char *firmware)
{
    unsigned long version = strtoul(firmware, NULL, 10);
    return version <= VERSION_MAX ? (unsigned)version : 0;
}

bool lethe_profile_applies(const struct lethe_profile_technique *technique, const char *firmware)
{
    unsigned version = lethe_profile_version(firmware);
    return !version ||
           (version >= technique->since && (!technique->until || version <= technique->until));
}

/* Is there a version that both are of? */
static bool overlap(const struct lethe_profile_technique *a,
                    const struct lethe_profile_technique *b)
{
    return (!a->until || a->until >= b->since) && (!b->until || b->until >= a->since);
}

static int check_techniques(const char *file, const struct lethe_profile *p,
                            struct lethe_error *err)
{
    for (size_t i = 0; i < p->n_techniques; i++) {
        const struct lethe_profile_technique *t = &p->techniques[i];
        int rc = lethe_check_id(file, "techniques", t->technique, err);
        rc = rc < 0 ? rc : lethe_check_text(file, "techniques.evidence", t->evidence, err);
        if (rc == 0 &&
            (t->since > VERSION_MAX || t->until > VERSION_MAX || (t->until && t->until < t->since)))
            rc = lethe_fail(err, LETHE_E_INVALID,
                            "%s: techniques: \"%s\" is of no version: since %u, until %u", file,
                            t->technique, t->since, t->until);
        if (rc == 0 && (t->since || t->until) && (!p->match.classes || p->match.classes & ~PHONES))
            rc = lethe_fail(err, LETHE_E_INVALID,
                            "%s: techniques: since, until: of phones and tablets only", file);
        for (size_t j = 0; rc == 0 && j < i; j++)
            if (strcmp(t->technique, p->techniques[j].technique) == 0 &&
                overlap(t, &p->techniques[j]))
                rc = lethe_fail(err, LETHE_E_INVALID, "%s: techniques: \"%s\" twice%s", file,
                                t->technique, t->since || t->until ? " of one version" : "");
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int profile_check(const char *file, struct profile_file *f, struct lethe_error *err)
{
    const struct lethe_profile *p = &f->profile;
    int rc = lethe_check_id(file, "id", p->id, err);
    rc = rc < 0 ? rc : lethe_check_text(file, "title", p->title, err);
    rc = rc < 0 ? rc : lethe_check_text(file, "source", p->source, err);
    rc = rc < 0 ? rc : check_match(file, f, err);
    rc = rc < 0 ? rc : check_quirks(file, f, err);
    rc = rc < 0 ? rc : check_techniques(file, p, err);
    for (size_t i = 0; rc == 0 && i < p->n_limitations; i++)
        rc = lethe_check_text(file, "limitations", p->limitations[i], err);
    for (size_t i = 0; rc == 0 && i < p->n_guide; i++) {
        rc = lethe_check_text(file, "guide.en", p->guide[i].en, err);
        rc = rc < 0 ? rc : lethe_check_text(file, "guide.zh", p->guide[i].zh, err);
    }
    return rc;
}

int lethe_profile_parse(const char *name, const char *text, size_t len, struct lethe_profile **out,
                        struct lethe_error *err)
{
    struct profile_file *file = NULL;
    *out = NULL;
    int rc = lethe_yaml_load(name, text, len, &profile_schema, (void **)&file, err);
    if (rc < 0)
        return rc;
    rc = profile_check(name, file, err);
    struct lethe_profile *profile = rc < 0 ? NULL : malloc(sizeof(*profile));
    if (!profile && rc == 0)
        rc = lethe_fail(err, LETHE_E_INTERNAL, "%s: memory ran out", name);
    if (profile) {
        *profile = file->profile;
        lethe_sha256_hex(profile->hash, text, len);
        lethe_text_clean(profile->file, sizeof(profile->file), name, strlen(name));
        *out = profile;
    }
    lethe_yaml_free(&profile_schema, file);
    return rc;
}

void lethe_profile_free(struct lethe_profile *profile)
{
    free(profile);
}
