/* SPDX-License-Identifier: Apache-2.0 */
/* One policy file: schema, then what a schema can't say. profiles/policy.schema.json says the same
 * for editors; tests/profile runs one corpus through both. */
#include <lethe/policy.h>

#include "base/crypto.h"
#include "base/pattern.h"
#include "base/text.h"
#include "base/yaml.h"
#include "profile/check.h"
#include "profile/words.h"
#include <stdlib.h>
#include <string.h>

/* What people write differs from what we count with: "99%", "1MB/s". */
struct policy_file {
    struct lethe_policy policy;
    struct {
        enum lethe_verify_mode mode;
        char confidence[16], fraction[16], percent[16];
        uint32_t subsections, samples;
    } verification;
    struct {
        bool allowed;
        uint64_t max_sectors;
    } exceptions;
    struct {
        uint64_t max_bad_sectors;
        uint32_t stall_seconds, rate_seconds;
        char min_rate[24];
    } limits;
};

/* The most a JSON number carries exactly in every reader (RFC 8259 section 6). */
#define SECTORS_MAX (((uint64_t)1 << 53) - 1)
#define CANARIES_MAX 65536
#define STRATA_MIN 1000 /* SP 800-88r1 section 4.7 */
#define STRATA_MAX 1000000

#define MAYBE CYAML_FLAG_OPTIONAL

static const cyaml_strval_t methods[] = {{"clear", LETHE_METHOD_CLEAR},
                                         {"purge", LETHE_METHOD_PURGE},
                                         {"destroy", LETHE_METHOD_DESTROY}};
static const cyaml_strval_t statuses[] = {LETHE_TEST_STATUSES(LETHE_STRVAL)};
static const cyaml_strval_t medias[] = {LETHE_MEDIAS(LETHE_STRVAL_BIT)};

static const cyaml_schema_value_t pass_schema = {
    CYAML_VALUE_STRING(CYAML_FLAG_DEFAULT, ((struct lethe_policy_rule *)NULL)->passes[0], 1, 23)};
static const cyaml_schema_field_t rule_fields[] = {
    LETHE_FIELD_WORDS("media", CYAML_FLAG_DEFAULT, struct lethe_policy_rule, media, medias),
    LETHE_FIELD_WORDS("techniques", CYAML_FLAG_DEFAULT, struct lethe_policy_rule, kinds,
                      lethe_technique_kind_words),
    CYAML_FIELD_SEQUENCE_COUNT("passes", MAYBE, struct lethe_policy_rule, passes, n_passes,
                               &pass_schema, 1, LETHE_PASSES_MAX),
    CYAML_FIELD_END};
static const cyaml_schema_value_t rule_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct lethe_policy_rule, rule_fields)};

#define MEMBER(name) __typeof__(((struct policy_file *)NULL)->name)
static const cyaml_schema_field_t verification_fields[] = {
    LETHE_FIELD_WORD("mode", CYAML_FLAG_DEFAULT, MEMBER(verification), mode,
                     lethe_verify_mode_words),
    CYAML_FIELD_STRING("confidence", MAYBE, MEMBER(verification), confidence, 1),
    CYAML_FIELD_STRING("fraction", MAYBE, MEMBER(verification), fraction, 1),
    CYAML_FIELD_UINT("subsections", MAYBE, MEMBER(verification), subsections),
    CYAML_FIELD_UINT("samples", MAYBE, MEMBER(verification), samples),
    CYAML_FIELD_STRING("percent", MAYBE, MEMBER(verification), percent, 1),
    CYAML_FIELD_END};
static const cyaml_schema_field_t exceptions_fields[] = {
    LETHE_FIELD_WORD("allowed", CYAML_FLAG_DEFAULT, MEMBER(exceptions), allowed, lethe_bool_words),
    CYAML_FIELD_UINT("max_sectors", MAYBE, MEMBER(exceptions), max_sectors), CYAML_FIELD_END};
static const cyaml_schema_field_t limits_fields[] = {
    CYAML_FIELD_UINT("max_bad_sectors", MAYBE, MEMBER(limits), max_bad_sectors),
    CYAML_FIELD_UINT("stall_seconds", MAYBE, MEMBER(limits), stall_seconds),
    CYAML_FIELD_STRING("min_rate", MAYBE, MEMBER(limits), min_rate, 1),
    CYAML_FIELD_UINT("rate_seconds", MAYBE, MEMBER(limits), rate_seconds), CYAML_FIELD_END};

static const cyaml_schema_value_t required_schema = {
    CYAML_VALUE_STRING(CYAML_FLAG_DEFAULT, ((struct lethe_policy *)NULL)->required[0], 1, 31)};
static const cyaml_schema_field_t policy_fields[] = {
    CYAML_FIELD_STRING("id", CYAML_FLAG_DEFAULT, struct policy_file, policy.id, 1),
    CYAML_FIELD_STRING("title", CYAML_FLAG_DEFAULT, struct policy_file, policy.title, 1),
    CYAML_FIELD_STRING("version", CYAML_FLAG_DEFAULT, struct policy_file, policy.version, 1),
    CYAML_FIELD_STRING("source", CYAML_FLAG_DEFAULT, struct policy_file, policy.source, 1),
    CYAML_FIELD_STRING("provenance", CYAML_FLAG_DEFAULT, struct policy_file, policy.provenance, 1),
    LETHE_FIELD_WORD("read_in_full", CYAML_FLAG_DEFAULT, struct policy_file, policy.read_in_full,
                     lethe_bool_words),
    LETHE_FIELD_WORD("method", CYAML_FLAG_DEFAULT, struct policy_file, policy.method, methods),
    LETHE_FIELD_WORD("min_test_status", CYAML_FLAG_DEFAULT, struct policy_file,
                     policy.min_test_status, statuses),
    CYAML_FIELD_SEQUENCE_COUNT("rules", CYAML_FLAG_DEFAULT, struct policy_file, policy.rules,
                               policy.n_rules, &rule_schema, 1, LETHE_RULES_MAX),
    CYAML_FIELD_MAPPING("verification", CYAML_FLAG_DEFAULT, struct policy_file, verification,
                        verification_fields),
    CYAML_FIELD_UINT("canaries", CYAML_FLAG_DEFAULT, struct policy_file, policy.canaries),
    CYAML_FIELD_MAPPING("exceptions", CYAML_FLAG_DEFAULT, struct policy_file, exceptions,
                        exceptions_fields),
    CYAML_FIELD_MAPPING("limits", CYAML_FLAG_DEFAULT, struct policy_file, limits, limits_fields),
    CYAML_FIELD_SEQUENCE_COUNT("required", MAYBE, struct policy_file, policy.required,
                               policy.n_required, &required_schema, 0, LETHE_RECORD_FIELDS_MAX),
    CYAML_FIELD_UINT("retention_years", CYAML_FLAG_DEFAULT, struct policy_file,
                     policy.retention_years),
    CYAML_FIELD_STRING("statement", CYAML_FLAG_DEFAULT, struct policy_file, policy.statement, 1),
    CYAML_FIELD_END};
static const cyaml_schema_value_t policy_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct policy_file, policy_fields)};

static int bad(const char *file, struct lethe_error *err, const char *what)
{
    return lethe_fail(err, LETHE_E_INVALID, "%s: %s", file, what);
}

static int check_texts(const char *file, const struct lethe_policy *p, struct lethe_error *err)
{
    int rc = lethe_check_id(file, "id", p->id, err);
    rc = rc < 0 ? rc : lethe_check_text(file, "title", p->title, err);
    rc = rc < 0 ? rc : lethe_check_date(file, "version", p->version, err);
    rc = rc < 0 ? rc : lethe_check_text(file, "source", p->source, err);
    rc = rc < 0 ? rc : lethe_check_text(file, "provenance", p->provenance, err);
    return rc < 0 ? rc : lethe_check_text(file, "statement", p->statement, err);
}

static int check_passes(const char *file, size_t i, struct lethe_policy_rule *rule,
                        struct lethe_error *err)
{
    for (size_t j = 0; j < rule->n_passes; j++) {
        struct lethe_pattern pattern;
        struct lethe_error why;
        if (lethe_pattern_parse(rule->passes[j], &pattern, &why) < 0) {
            lethe_fail(err, LETHE_E_INVALID, "%s: rules[%zu].passes[%zu]: %s", file, i, j,
                       why.what);
            lethe_error_remedy(err, "%s", why.remedy);
            return -LETHE_E_INVALID;
        }
        lethe_pattern_format(rule->passes[j], sizeof(rule->passes[j]), &pattern);
    }
    return 0;
}

static int check_rules(const char *file, struct lethe_policy *p, struct lethe_error *err)
{
    unsigned seen = 0;
    for (size_t i = 0; i < p->n_rules; i++) {
        struct lethe_policy_rule *rule = &p->rules[i];
        if (rule->media == 0 || rule->kinds == 0)
            return lethe_fail(err, LETHE_E_INVALID, "%s: rules[%zu]: media or techniques is empty",
                              file, i);
        if (rule->media & seen)
            return lethe_fail(err, LETHE_E_INVALID,
                              "%s: rules[%zu]: a medium that an earlier rule names already", file,
                              i);
        if (rule->n_passes > 0 && !(rule->kinds & LETHE_KIND_OVERWRITE))
            return lethe_fail(err, LETHE_E_INVALID,
                              "%s: rules[%zu]: passes without the technique overwrite", file, i);
        seen |= rule->media;
        int rc = check_passes(file, i, rule, err);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int check_verification(const char *file, const struct policy_file *f,
                              struct lethe_verification_rule *out, struct lethe_error *err)
{
    __typeof__(&f->verification) v = &f->verification;
    bool sampled = v->confidence[0] || v->fraction[0];
    bool strata = v->subsections || v->samples || v->percent[0];
    *out = (struct lethe_verification_rule){
        .mode = v->mode, .subsections = v->subsections, .samples = v->samples};
    if ((v->mode != LETHE_VERIFY_CONFIDENCE && sampled) ||
        (v->mode != LETHE_VERIFY_STRATA && strata))
        return bad(file, err, "verification: a field that belongs to another mode");
    if (v->mode == LETHE_VERIFY_CONFIDENCE) {
        int rc = lethe_check_percent(file, "verification.confidence", v->confidence,
                                     &out->confidence_ppm, err);
        return rc < 0 ? rc
                      : lethe_check_percent(file, "verification.fraction", v->fraction,
                                            &out->fraction_ppm, err);
    }
    if (v->mode != LETHE_VERIFY_STRATA)
        return 0;
    if (v->subsections < STRATA_MIN || v->subsections > STRATA_MAX)
        return bad(file, err, "verification.subsections: not between 1000 and 1000000");
    if (v->samples < 1 || v->samples > 10)
        return bad(file, err, "verification.samples: not between 1 and 10");
    int rc = lethe_check_percent(file, "verification.percent", v->percent, &out->percent_ppm, err);
    if (rc == 0 && (uint64_t)out->percent_ppm * out->samples > 1000000)
        rc = bad(file, err, "verification: the samples of a subsection are more than all of it");
    return rc;
}

static int check_exceptions(const char *file, const struct policy_file *f, struct lethe_policy *p,
                            struct lethe_error *err)
{
    p->exceptions_allowed = f->exceptions.allowed;
    p->exceptions_max_sectors = f->exceptions.max_sectors;
    if (f->exceptions.allowed != (f->exceptions.max_sectors > 0))
        return bad(file, err,
                   "exceptions: max_sectors (1 or more) belongs to allowed: true, and only there");
    if (f->exceptions.max_sectors > SECTORS_MAX || f->limits.max_bad_sectors > SECTORS_MAX)
        return bad(file, err, "exceptions, limits: more sectors than any device has");
    return 0;
}

static int check_limits(const char *file, const struct policy_file *f, struct lethe_limits *out,
                        struct lethe_error *err)
{
    *out = (struct lethe_limits){.max_bad_sectors = f->limits.max_bad_sectors,
                                 .stall_seconds = f->limits.stall_seconds,
                                 .rate_seconds = f->limits.rate_seconds};
    if ((f->limits.min_rate[0] != '\0') != (f->limits.rate_seconds > 0))
        return bad(file, err, "limits: min_rate and rate_seconds belong together");
    return f->limits.min_rate[0]
               ? lethe_check_rate(file, "limits.min_rate", f->limits.min_rate, &out->min_rate, err)
               : 0;
}

static int check_required(const char *file, const struct lethe_policy *p, struct lethe_error *err)
{
    for (size_t i = 0; i < p->n_required; i++) {
        int rc = lethe_check_id(file, "required", p->required[i], err);
        for (size_t j = 0; rc == 0 && j < i; j++)
            if (strcmp(p->required[i], p->required[j]) == 0)
                rc = bad(file, err, "required: a field twice");
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int policy_check(const char *file, struct policy_file *f, struct lethe_error *err)
{
    struct lethe_policy *p = &f->policy;
    int rc = check_texts(file, p, err);
    rc = rc < 0 ? rc : check_rules(file, p, err);
    rc = rc < 0 ? rc : check_verification(file, f, &p->verification, err);
    rc = rc < 0 ? rc : check_exceptions(file, f, p, err);
    rc = rc < 0 ? rc : check_limits(file, f, &p->limits, err);
    rc = rc < 0 ? rc : check_required(file, p, err);
    if (rc == 0 && (p->canaries < 2 || p->canaries > CANARIES_MAX))
        rc = bad(file, err, "canaries: not between 2 (first and last block) and 65536");
    if (rc == 0 && p->retention_years > 100)
        rc = bad(file, err, "retention_years: more than 100");
    return rc;
}

int lethe_policy_parse(const char *name, const char *text, size_t len, struct lethe_policy **out,
                       struct lethe_error *err)
{
    struct policy_file *file = NULL;
    *out = NULL;
    int rc = lethe_yaml_load(name, text, len, &policy_schema, (void **)&file, err);
    if (rc < 0)
        return rc;
    rc = policy_check(name, file, err);
    if (rc == 0 && !(*out = malloc(sizeof(**out))))
        rc = lethe_fail(err, LETHE_E_INTERNAL, "%s: memory ran out", name);
    if (rc == 0) {
        **out = file->policy;
        lethe_sha256_hex((*out)->hash, text, len);
        lethe_text_clean((*out)->file, sizeof((*out)->file), name, strlen(name));
    }
    lethe_yaml_free(&policy_schema, file);
    return rc;
}

void lethe_policy_free(struct lethe_policy *policy)
{
    free(policy);
}

const struct lethe_policy_rule *lethe_policy_rule_for(const struct lethe_policy *policy,
                                                      enum lethe_media media)
{
    for (size_t i = 0; i < policy->n_rules; i++)
        if (policy->rules[i].media & 1u << media)
            return &policy->rules[i];
    return NULL;
}
