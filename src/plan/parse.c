/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A plan read back, from the store or in a worker. Strict in one stroke: what was understood is
 * written again, and anything that differs from what came in (an unknown name, another spelling,
 * a field too many) refuses it. The digest guards against mix-ups, not against a forger.
 */
#include "plan/plan.h"

#include "base/json.h"
#include "base/pattern.h"
#include <string.h>

static int get_word(const json_t *json, const char *key, int parse(const char *), int *out,
                    struct lethe_error *err)
{
    const char *spelling = NULL;
    int rc = lethe_json_str(json, key, &spelling, err);
    if (rc < 0)
        return rc;
    *out = parse(spelling);
    return *out >= 0
               ? 0
               : lethe_fail(err, LETHE_E_INVALID, "plan: %s \"%.40s\" is not known", key, spelling);
}

static int get_u32(const json_t *json, const char *key, uint32_t *out, struct lethe_error *err)
{
    uint64_t value = 0;
    int rc = lethe_json_u64(json, key, &value, err);
    if (rc == 0 && value > UINT32_MAX)
        rc = lethe_fail(err, LETHE_E_INVALID, "plan: %s is out of range", key);
    *out = (uint32_t)value;
    return rc;
}

static int get_strings(const json_t *json, const char *key, char *first, size_t size, size_t max,
                       size_t *n, struct lethe_error *err)
{
    json_t *list = lethe_json_get(json, key, JSON_ARRAY, err);
    if (!list)
        return -LETHE_E_INVALID;
    *n = json_array_size(list);
    if (*n > max)
        return lethe_fail(err, LETHE_E_INVALID, "plan: more %s than %zu", key, max);
    for (size_t i = 0; i < *n; i++) {
        const char *text = json_string_value(json_array_get(list, i));
        if (!text || strlen(text) >= size)
            return lethe_fail(err, LETHE_E_INVALID, "plan: %s[%zu] is no string of ours", key, i);
        memcpy(first + i * size, text, strlen(text) + 1);
    }
    return 0;
}

static int parse_policy(const json_t *json, struct lethe_plan *out, struct lethe_error *err)
{
    __typeof__(out->policy) *p = &out->policy;
    int method = 0, status = 0;
    const json_t *o = lethe_json_get(json, "policy", JSON_OBJECT, err);
    int rc = o ? 0 : -LETHE_E_INVALID;
    rc = rc < 0 ? rc : lethe_json_copy(o, "id", p->id, sizeof(p->id), false, err);
    rc = rc < 0 ? rc : lethe_json_copy(o, "title", p->title, sizeof(p->title), false, err);
    rc = rc < 0 ? rc : lethe_json_copy(o, "version", p->version, sizeof(p->version), false, err);
    rc = rc < 0 ? rc : lethe_json_copy(o, "hash", p->hash, sizeof(p->hash), false, err);
    rc = rc < 0 ? rc
                : lethe_json_copy(o, "statement", p->statement, sizeof(p->statement), false, err);
    rc = rc < 0 ? rc : lethe_json_bool(o, "read_in_full", &p->read_in_full, err);
    rc = rc < 0 ? rc : get_word(o, "method", lethe_method_parse, &method, err);
    rc = rc < 0 ? rc : get_word(o, "min_test_status", lethe_test_status_parse, &status, err);
    rc = rc < 0 ? rc : lethe_json_bool(o, "exceptions_allowed", &p->exceptions_allowed, err);
    rc = rc < 0 ? rc : lethe_json_u64(o, "exceptions_max_sectors", &p->exceptions_max_sectors, err);
    rc = rc < 0 ? rc : get_u32(o, "retention_years", &p->retention_years, err);
    if (rc == 0 && json_object_get(o, "max_not_before_age"))
        rc = get_u32(o, "max_not_before_age", &p->max_not_before_age, err);
    if (rc == 0 && json_object_get(o, "accept_untold"))
        rc = lethe_json_bool(o, "accept_untold", &p->accept_untold, err);
    rc = rc < 0 ? rc
                : get_strings(o, "required", p->required[0], sizeof(p->required[0]),
                              LETHE_RECORD_FIELDS_MAX, &p->n_required, err);
    p->method = (enum lethe_method)method;
    p->min_test_status = (enum lethe_test_status)status;
    return rc;
}

static int parse_profile(const json_t *json, struct lethe_plan *out, struct lethe_error *err)
{
    __typeof__(out->profile) *p = &out->profile;
    int status = 0;
    const json_t *o = lethe_json_get(json, "profile", JSON_OBJECT, err);
    int rc = o ? 0 : -LETHE_E_INVALID;
    rc = rc < 0 ? rc : lethe_json_copy(o, "id", p->id, sizeof(p->id), false, err);
    rc = rc < 0 ? rc : lethe_json_copy(o, "hash", p->hash, sizeof(p->hash), false, err);
    rc = rc < 0 ? rc : lethe_json_copy(o, "evidence", p->evidence, sizeof(p->evidence), false, err);
    rc = rc < 0 ? rc : get_word(o, "status", lethe_test_status_parse, &status, err);
    p->status = (enum lethe_test_status)status;
    return rc;
}

static int parse_limits(const json_t *json, struct lethe_limits *out, struct lethe_error *err)
{
    const json_t *o = lethe_json_get(json, "limits", JSON_OBJECT, err);
    int rc = o ? 0 : -LETHE_E_INVALID;
    rc = rc < 0 ? rc : lethe_json_u64(o, "max_bad_sectors", &out->max_bad_sectors, err);
    rc = rc < 0 ? rc : get_u32(o, "stall_seconds", &out->stall_seconds, err);
    rc = rc < 0 ? rc : lethe_json_u64(o, "min_rate", &out->min_rate, err);
    return rc < 0 ? rc : get_u32(o, "rate_seconds", &out->rate_seconds, err);
}

static int parse_verification(const json_t *json, struct lethe_verification_rule *out,
                              struct lethe_error *err)
{
    int mode = 0;
    const json_t *o = lethe_json_get(json, "verification", JSON_OBJECT, err);
    int rc = o ? get_word(o, "mode", lethe_verify_mode_parse, &mode, err) : -LETHE_E_INVALID;
    out->mode = (enum lethe_verify_mode)mode;
    if (rc == 0 && out->mode == LETHE_VERIFY_CONFIDENCE) {
        rc = get_u32(o, "confidence_ppm", &out->confidence_ppm, err);
        rc = rc < 0 ? rc : get_u32(o, "fraction_ppm", &out->fraction_ppm, err);
    } else if (rc == 0 && out->mode == LETHE_VERIFY_STRATA) {
        rc = get_u32(o, "subsections", &out->subsections, err);
        rc = rc < 0 ? rc : get_u32(o, "samples", &out->samples, err);
        rc = rc < 0 ? rc : get_u32(o, "percent_ppm", &out->percent_ppm, err);
    }
    return rc;
}

static int parse_expected(const json_t *o, struct lethe_step *out, struct lethe_error *err)
{
    int leaves = LETHE_LEAVES_PATTERN;
    int rc = parse_verification(o, &out->verification, err);
    if (rc == 0 && json_object_get(o, "leaves"))
        rc = get_word(o, "leaves", lethe_leaves_parse, &leaves, err);
    if (rc == 0 && json_object_get(o, "pattern")) {
        struct lethe_pattern pattern;
        rc = lethe_json_copy(o, "pattern", out->pattern, sizeof(out->pattern), false, err);
        rc = rc < 0 ? rc : lethe_pattern_parse(out->pattern, &pattern, err);
    }
    if (rc == 0 && json_object_get(o, "reads_may_fail"))
        rc = lethe_json_bool(o, "reads_may_fail", &out->reads_may_fail, err);
    out->leaves = (enum lethe_leaves)leaves;
    return rc;
}

/* A member that is there only where it is true; the comparison with what is written again refuses a
 * false one. */
static int get_flag(const json_t *o, const char *key, bool *out, struct lethe_error *err)
{
    return json_object_get(o, key) ? lethe_json_bool(o, key, out, err) : 0;
}

static int parse_return(const json_t *o, struct lethe_step *out, struct lethe_error *err)
{
    size_t i;
    json_t *one;
    const json_t *modes = json_object_get(o, "returns");
    if (!modes)
        return 0;
    json_array_foreach(modes, i, one)
    {
        const char *word = json_string_value(one);
        int mode = word ? lethe_phone_mode_parse(word) : -1;
        if (mode < 0)
            return lethe_fail(err, LETHE_E_INVALID, "plan: returns[%zu] is no mode of a phone", i);
        out->returns |= 1u << mode;
    }
    return json_object_get(o, "away") ? get_u32(o, "away", &out->away, err) : 0;
}

static int parse_state(const json_t *o, struct lethe_step *out, struct lethe_error *err)
{
    int rc = lethe_json_copy(o, "technique", out->technique, sizeof(out->technique), false, err);
    if (rc == 0 && json_object_get(o, "patience"))
        rc = get_u32(o, "patience", &out->patience, err);
    return rc;
}

static int parse_prepare(const json_t *o, struct lethe_step *out, struct lethe_error *err)
{
    int rc = lethe_json_copy(o, "technique", out->technique, sizeof(out->technique), false, err);
    rc = rc < 0 ? rc : lethe_json_bool(o, "cycle", &out->cycle, err);
    return rc < 0 ? rc : parse_return(o, out, err);
}

static int parse_technique(const json_t *o, struct lethe_step *out, struct lethe_error *err)
{
    int rc = lethe_json_copy(o, "technique", out->technique, sizeof(out->technique), false, err);
    rc = rc < 0 ? rc
                : get_strings(o, "passes", out->passes[0], sizeof(out->passes[0]), LETHE_PASSES_MAX,
                              &out->n_passes, err);
    for (size_t i = 0; rc == 0 && i < out->n_passes; i++) {
        struct lethe_pattern pattern;
        rc = lethe_pattern_parse(out->passes[i], &pattern, err);
    }
    if (rc == 0 && json_object_get(o, "patience"))
        rc = get_u32(o, "patience", &out->patience, err);
    rc = rc < 0 ? rc : get_flag(o, "reads_may_fail", &out->reads_may_fail, err);
    rc = rc < 0 ? rc : get_flag(o, "cycle", &out->cycle, err);
    return rc < 0 ? rc : parse_return(o, out, err);
}

/* A drive is marked, erased and read back; a phone has nothing to read back: it is erased and asked
 * for its state. */
static int check_kinds(const struct lethe_plan *plan, struct lethe_error *err)
{
    static const enum lethe_step_kind drive[] = {LETHE_STEP_CANARY, LETHE_STEP_TECHNIQUE,
                                                 LETHE_STEP_VERIFY},
                                      phone[] = {LETHE_STEP_TECHNIQUE, LETHE_STEP_STATE};
    bool is_phone = lethe_plan_of_phone(plan);
    const enum lethe_step_kind *wanted = is_phone ? phone : drive;
    size_t n = is_phone ? sizeof(phone) / sizeof(phone[0]) : sizeof(drive) / sizeof(drive[0]);
    for (size_t i = 0; i < n; i++)
        if (!lethe_plan_step(plan, wanted[i]))
            return lethe_fail(err, LETHE_E_INVALID, "plan: no %s step",
                              lethe_step_kind_name(wanted[i]));
    const enum lethe_step_kind alien[] = {is_phone ? LETHE_STEP_CANARY : LETHE_STEP_STATE,
                                          is_phone ? LETHE_STEP_VERIFY : LETHE_STEP_STATE};
    for (size_t i = 0; i < 2; i++)
        if (lethe_plan_step(plan, alien[i]))
            return lethe_fail(err, LETHE_E_INVALID, "plan: a %s step is not for such a device",
                              lethe_step_kind_name(alien[i]));
    return 0;
}

static int parse_steps(const json_t *json, struct lethe_plan *out, struct lethe_error *err)
{
    json_t *list = lethe_json_get(json, "steps", JSON_ARRAY, err);
    if (!list)
        return -LETHE_E_INVALID;
    out->n_steps = json_array_size(list);
    if (out->n_steps > LETHE_STEPS_MAX)
        return lethe_fail(err, LETHE_E_INVALID, "plan: more steps than %d", LETHE_STEPS_MAX);
    for (size_t i = 0; i < out->n_steps; i++) {
        const json_t *o = json_array_get(list, i);
        struct lethe_step *step = &out->steps[i];
        int kind = 0;
        int rc = get_word(o, "step", lethe_step_kind_parse, &kind, err);
        if (rc < 0)
            return rc;
        step->kind = (enum lethe_step_kind)kind;
        rc = step->kind == LETHE_STEP_CANARY    ? get_u32(o, "canaries", &step->canaries, err)
             : step->kind == LETHE_STEP_VERIFY  ? parse_expected(o, step, err)
             : step->kind == LETHE_STEP_PREPARE ? parse_prepare(o, step, err)
             : step->kind == LETHE_STEP_STATE   ? parse_state(o, step, err)
                                                : parse_technique(o, step, err);
        if (rc < 0)
            return rc;
    }
    return check_kinds(out, err);
}

int lethe_plan_from_json(const json_t *json, struct lethe_plan *out, struct lethe_error *err)
{
    int method = 0, kind = 0, path = LETHE_PATH_NONE;
    char digest[65];
    memset(out, 0, sizeof(*out));
    json_t *identity = lethe_json_get(json, "identity", JSON_OBJECT, err);
    int rc = identity ? lethe_identity_from_json(identity, &out->identity, err) : -LETHE_E_INVALID;
    rc = rc < 0 ? rc : lethe_plan_check(&out->identity, err);
    rc = rc < 0 ? rc : parse_policy(json, out, err);
    rc = rc < 0 ? rc : parse_profile(json, out, err);
    rc = rc < 0 ? rc : get_word(json, "method", lethe_method_parse, &method, err);
    rc = rc < 0 ? rc : get_word(json, "technique_kind", lethe_technique_kind_parse, &kind, err);
    rc = rc < 0 ? rc : parse_limits(json, &out->limits, err);
    rc = rc < 0 ? rc : parse_steps(json, out, err);
    if (rc == 0 && json_object_get(json, "physical_before"))
        rc = get_u32(json, "physical_before", &out->physical_before, err);
    if (rc == 0 && json_object_get(json, "capacity_before"))
        rc = lethe_json_u64(json, "capacity_before", &out->capacity_before, err);
    if (rc == 0 && json_object_get(json, "zone"))
        rc = lethe_json_u64(json, "zone", &out->zone, err);
    if (rc == 0 && (out->zone % lethe_plan_written_block(&out->identity) != 0 ||
                    out->zone > out->identity.capacity))
        rc = lethe_fail(err, LETHE_E_INVALID, "plan: zones that are no whole number of blocks");
    if (rc == 0 && json_object_get(json, "path"))
        rc = get_word(json, "path", lethe_path_parse, &path, err);
    rc = rc < 0 ? rc : get_flag(json, "for_destruction", &out->for_destruction, err);
    rc = rc < 0 ? rc : get_flag(json, "keep_esim", &out->keep_esim, err);
    rc = rc < 0 ? rc : get_flag(json, "not_demonstrable", &out->not_demonstrable, err);
    rc = rc < 0 ? rc
                : get_strings(json, "limitations", out->limitations[0], sizeof(out->limitations[0]),
                              LETHE_LIMITATIONS_MAX, &out->n_limitations, err);
    rc =
        rc < 0 ? rc : lethe_json_copy(json, "digest", out->digest, sizeof(out->digest), false, err);
    if (rc < 0)
        return rc;
    out->method = (enum lethe_method)method;
    out->technique_kind = (enum lethe_technique_kind)kind;
    out->path = (enum lethe_path)path;
    LETHE_JSON_AUTO *again = lethe_plan_to_json(out);
    if (!again || !json_equal(json, again))
        return lethe_fail(err, LETHE_E_INVALID, "plan: holds something that is not of this format");
    rc = lethe_plan_digest(out, digest, err);
    if (rc == 0 && strcmp(digest, out->digest) != 0)
        rc = lethe_fail(err, LETHE_E_INVALID, "plan: its digest is %s, not %s as it says", digest,
                        out->digest);
    return rc;
}
