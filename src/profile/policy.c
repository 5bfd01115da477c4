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

/* Long enough for every number, rate and percentage. */
typedef char written[24];

/* What people write differs from what we count with: "99%", "1MB/s". */
struct policy_file {
    struct lethe_policy policy;
    struct {
        enum lethe_verify_mode mode;
        written confidence, fraction, percent, subsections, samples;
    } verification;
    struct {
        bool allowed;
        written max_sectors;
    } exceptions;
    struct {
        written max_bad_sectors, stall_seconds, min_rate, rate_seconds;
    } limits;
    written canaries, retention_years, max_not_before_age;
};

/* The most a JSON number carries exactly in every reader (RFC 8259 section 6). */
#define SECTORS_MAX (((uint64_t)1 << 53) - 1)
#define CANARIES_MAX 65536
#define STRATA_MIN 1000 /* SP 800-88r1 section 4.7 */
#define STRATA_MAX 1000000
/* What a verifier demands of a certificate (certs/README.md, Consistency), in parts per million. */
#define STRATA_LEAST 10000
#define CONFIDENCE_LEAST 900000
#define FRACTION_MOST 100000

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
    CYAML_FIELD_BOOL("phone_fill", CYAML_FLAG_OPTIONAL, struct lethe_policy_rule, fill),
    CYAML_FIELD_BOOL("overwrite_after", CYAML_FLAG_OPTIONAL, struct lethe_policy_rule,
                     overwrite_after),
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
    CYAML_FIELD_STRING("subsections", MAYBE, MEMBER(verification), subsections, 1),
    CYAML_FIELD_STRING("samples", MAYBE, MEMBER(verification), samples, 1),
    CYAML_FIELD_STRING("percent", MAYBE, MEMBER(verification), percent, 1),
    CYAML_FIELD_END};
static const cyaml_schema_field_t exceptions_fields[] = {
    LETHE_FIELD_WORD("allowed", CYAML_FLAG_DEFAULT, MEMBER(exceptions), allowed, lethe_bool_words),
    CYAML_FIELD_STRING("max_sectors", MAYBE, MEMBER(exceptions), max_sectors, 1), CYAML_FIELD_END};
static const cyaml_schema_field_t limits_fields[] = {
    CYAML_FIELD_STRING("max_bad_sectors", MAYBE, MEMBER(limits), max_bad_sectors, 1),
    CYAML_FIELD_STRING("stall_seconds", MAYBE, MEMBER(limits), stall_seconds, 1),
    CYAML_FIELD_STRING("min_rate", MAYBE, MEMBER(limits), min_rate, 1),
    CYAML_FIELD_STRING("rate_seconds", MAYBE, MEMBER(limits), rate_seconds, 1), CYAML_FIELD_END};

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
    CYAML_FIELD_STRING("canaries", CYAML_FLAG_DEFAULT, struct policy_file, canaries, 1),
    CYAML_FIELD_MAPPING("exceptions", CYAML_FLAG_DEFAULT, struct policy_file, exceptions,
                        exceptions_fields),
    CYAML_FIELD_MAPPING("limits", CYAML_FLAG_DEFAULT, struct policy_file, limits, limits_fields),
    CYAML_FIELD_SEQUENCE_COUNT("required", MAYBE, struct policy_file, policy.required,
                               policy.n_required, &required_schema, 0, LETHE_RECORD_FIELDS_MAX),
    CYAML_FIELD_STRING("retention_years", CYAML_FLAG_DEFAULT, struct policy_file, retention_years,
                       1),
    CYAML_FIELD_STRING("max_not_before_age", MAYBE, struct policy_file, max_not_before_age, 1),
    LETHE_FIELD_WORD("accept_untold", MAYBE, struct policy_file, policy.accept_untold,
                     lethe_bool_words),
    CYAML_FIELD_STRING("statement", CYAML_FLAG_DEFAULT, struct policy_file, policy.statement, 1),
    CYAML_FIELD_END};
static const cyaml_schema_value_t policy_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct policy_file, policy_fields)};

static int bad(const char *file, struct lethe_error *err, const char *what)
{
    return lethe_fail(err, LETHE_E_INVALID, "%s: %s", file, what);
}

static int number32(const char *file, const char *field, const char *text, uint32_t min,
                    uint32_t max, uint32_t *out, struct lethe_error *err)
{
    uint64_t value = 0;
    int rc = lethe_check_number(file, field, text, min, max, &value, err);
    *out = (uint32_t)value;
    return rc;
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

static int check_strata(const char *file, const struct policy_file *f,
                        struct lethe_verification_rule *out, struct lethe_error *err)
{
    __typeof__(&f->verification) v = &f->verification;
    if (!v->subsections[0] || !v->samples[0])
        return bad(file, err, "verification: strata need subsections, samples and percent");
    int rc = number32(file, "verification.subsections", v->subsections, STRATA_MIN, STRATA_MAX,
                      &out->subsections, err);
    rc =
        rc < 0 ? rc : number32(file, "verification.samples", v->samples, 1, 10, &out->samples, err);
    rc = rc < 0 ? rc
                : lethe_check_percent(file, "verification.percent", v->percent, &out->percent_ppm,
                                      err);
    if (rc == 0 && (uint64_t)out->percent_ppm * out->samples > 1000000)
        rc = bad(file, err, "verification: the samples of a subsection are more than all of it");
    if (rc == 0 && (uint64_t)out->percent_ppm * out->samples < STRATA_LEAST)
        rc = bad(file, err, "verification: strata of less than 1% say nothing");
    return rc;
}

static int check_verification(const char *file, const struct policy_file *f,
                              struct lethe_verification_rule *out, struct lethe_error *err)
{
    __typeof__(&f->verification) v = &f->verification;
    *out = (struct lethe_verification_rule){.mode = v->mode};
    if ((v->mode != LETHE_VERIFY_CONFIDENCE && (v->confidence[0] || v->fraction[0])) ||
        (v->mode != LETHE_VERIFY_STRATA && (v->subsections[0] || v->samples[0] || v->percent[0])))
        return bad(file, err, "verification: a field that belongs to another mode");
    if (v->mode == LETHE_VERIFY_STRATA)
        return check_strata(file, f, out, err);
    if (v->mode != LETHE_VERIFY_CONFIDENCE)
        return 0;
    int rc = lethe_check_percent(file, "verification.confidence", v->confidence,
                                 &out->confidence_ppm, err);
    if (rc == 0)
        rc = lethe_check_percent(file, "verification.fraction", v->fraction, &out->fraction_ppm,
                                 err);
    if (rc == 0 && (out->confidence_ppm < CONFIDENCE_LEAST || out->fraction_ppm > FRACTION_MOST))
        rc = bad(file, err,
                 "verification: confidence is 90% or more, fraction 10% or less: anything weaker "
                 "would be no certificate");
    return rc;
}

static int check_exceptions(const char *file, const struct policy_file *f, struct lethe_policy *p,
                            struct lethe_error *err)
{
    p->exceptions_allowed = f->exceptions.allowed;
    int rc = lethe_check_number(file, "exceptions.max_sectors", f->exceptions.max_sectors, 0,
                                SECTORS_MAX, &p->exceptions_max_sectors, err);
    if (rc == 0 && p->exceptions_allowed != (p->exceptions_max_sectors > 0))
        rc = bad(file, err,
                 "exceptions: max_sectors (1 or more) belongs to allowed: true, and only there");
    return rc;
}

static int check_limits(const char *file, const struct policy_file *f, struct lethe_limits *out,
                        struct lethe_error *err)
{
    __typeof__(&f->limits) l = &f->limits;
    int rc = lethe_check_number(file, "limits.max_bad_sectors", l->max_bad_sectors, 0, SECTORS_MAX,
                                &out->max_bad_sectors, err);
    rc = rc < 0 ? rc
                : number32(file, "limits.stall_seconds", l->stall_seconds, 0, UINT32_MAX,
                           &out->stall_seconds, err);
    rc = rc < 0 ? rc
                : number32(file, "limits.rate_seconds", l->rate_seconds, 1, UINT32_MAX,
                           &out->rate_seconds, err);
    if (rc == 0 && (l->min_rate[0] != '\0') != (l->rate_seconds[0] != '\0'))
        rc = bad(file, err, "limits: min_rate and rate_seconds belong together");
    if (rc == 0 && l->min_rate[0])
        rc = lethe_check_rate(file, "limits.min_rate", l->min_rate, &out->min_rate, err);
    return rc;
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
    /* the least is the first and the last block */
    rc = rc < 0 ? rc : number32(file, "canaries", f->canaries, 2, CANARIES_MAX, &p->canaries, err);
    rc = rc < 0 ? rc
                : number32(file, "retention_years", f->retention_years, 0, 100, &p->retention_years,
                           err);
    if (rc == 0 && f->max_not_before_age[0])
        rc = number32(file, "max_not_before_age", f->max_not_before_age, 1, 8760,
                      &p->max_not_before_age, err);
    if (rc == 0 && p->accept_untold && p->method >= LETHE_METHOD_PURGE)
        rc = bad(file, err,
                 "accept_untold: of the method clear only: purge is of all that a drive "
                 "has");
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
    struct lethe_policy *policy = rc < 0 ? NULL : malloc(sizeof(*policy));
    if (!policy && rc == 0)
        rc = lethe_fail(err, LETHE_E_INTERNAL, "%s: memory ran out", name);
    if (policy) {
        *policy = file->policy;
        lethe_sha256_hex(policy->hash, text, len);
        lethe_text_clean(policy->file, sizeof(policy->file), name, strlen(name));
        *out = policy;
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
