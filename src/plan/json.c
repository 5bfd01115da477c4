/* SPDX-License-Identifier: Apache-2.0 */
/* A plan as the object that is digested: no times, no paths, no estimates. */
#include "plan/plan.h"

#include "base/json.h"
#include <string.h>

static const char *const step_words[] = {[LETHE_STEP_CANARY] = "canary",
                                         [LETHE_STEP_TECHNIQUE] = "technique",
                                         [LETHE_STEP_VERIFY] = "verify",
                                         [LETHE_STEP_PREPARE] = "prepare",
                                         [LETHE_STEP_STATE] = "state"};
#define STEP_KINDS (int)(sizeof(step_words) / sizeof(step_words[0]))
static const char *const leaves_words[] = {[LETHE_LEAVES_PATTERN] = "pattern",
                                           [LETHE_LEAVES_UNIFORM] = "uniform",
                                           [LETHE_LEAVES_UNKNOWN] = "unknown"};

const char *lethe_step_kind_name(enum lethe_step_kind kind)
{
    return step_words[kind];
}

int lethe_step_kind_parse(const char *spelling)
{
    for (int i = 0; i < STEP_KINDS; i++)
        if (strcmp(step_words[i], spelling) == 0)
            return i;
    return -1;
}

const char *lethe_leaves_name(enum lethe_leaves leaves)
{
    return leaves_words[leaves];
}

int lethe_leaves_parse(const char *spelling)
{
    for (int i = LETHE_LEAVES_PATTERN; i <= LETHE_LEAVES_UNKNOWN; i++)
        if (strcmp(leaves_words[i], spelling) == 0)
            return i;
    return -1;
}

/* N strings of SIZE bytes each, one behind the other. */
static json_t *strings(const char *first, size_t size, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, json_string(first + i * size));
    return list;
}

static json_t *verification_to_json(const struct lethe_verification_rule *rule)
{
    const char *mode = lethe_verify_mode_name(rule->mode);
    if (rule->mode == LETHE_VERIFY_CONFIDENCE)
        return json_pack("{s:s, s:I, s:I}", "mode", mode, "confidence_ppm",
                         (json_int_t)rule->confidence_ppm, "fraction_ppm",
                         (json_int_t)rule->fraction_ppm);
    if (rule->mode == LETHE_VERIFY_STRATA)
        return json_pack("{s:s, s:I, s:I, s:I}", "mode", mode, "subsections",
                         (json_int_t)rule->subsections, "samples", (json_int_t)rule->samples,
                         "percent_ppm", (json_int_t)rule->percent_ppm);
    return json_pack("{s:s}", "mode", mode);
}

/* Members that only plans with the device's own techniques have are left out of the others: the
 * digest of a host overwrite stays what it was. */
static json_t *verify_to_json(const struct lethe_step *step)
{
    json_t *json = json_pack("{s:s, s:o}", "step", lethe_step_kind_name(step->kind), "verification",
                             verification_to_json(&step->verification));
    if (step->leaves != LETHE_LEAVES_PATTERN)
        json_object_set_new(json, "leaves", json_string(lethe_leaves_name(step->leaves)));
    if (step->pattern[0])
        json_object_set_new(json, "pattern", json_string(step->pattern));
    if (step->reads_may_fail)
        json_object_set_new(json, "reads_may_fail", json_true());
    return json;
}

static json_t *technique_to_json(const struct lethe_step *step)
{
    json_t *json = json_pack("{s:s, s:s, s:o}", "step", lethe_step_kind_name(step->kind),
                             "technique", step->technique, "passes",
                             strings(step->passes[0], sizeof(step->passes[0]), step->n_passes));
    if (step->patience)
        json_object_set_new(json, "patience", json_integer((json_int_t)step->patience));
    if (step->reads_may_fail)
        json_object_set_new(json, "reads_may_fail", json_true());
    if (step->cycle)
        json_object_set_new(json, "cycle", json_true());
    return json;
}

static json_t *state_to_json(const struct lethe_step *step)
{
    json_t *json = json_pack("{s:s, s:s}", "step", lethe_step_kind_name(step->kind), "technique",
                             step->technique);
    if (step->patience)
        json_object_set_new(json, "patience", json_integer((json_int_t)step->patience));
    return json;
}

/* Where a phone goes after the step. */
static json_t *with_return(json_t *json, const struct lethe_step *step)
{
    if (!step->returns)
        return json;
    json_t *modes = json_array();
    for (int mode = 0; mode < LETHE_MODE_COUNT; mode++)
        if (step->returns & 1u << mode)
            json_array_append_new(modes,
                                  json_string(lethe_phone_mode_name((enum lethe_phone_mode)mode)));
    json_object_set_new(json, "returns", modes);
    if (step->away)
        json_object_set_new(json, "away", json_integer((json_int_t)step->away));
    return json;
}

static json_t *step_to_json(const struct lethe_step *step)
{
    const char *kind = lethe_step_kind_name(step->kind);
    switch (step->kind) {
    case LETHE_STEP_CANARY:
        return json_pack("{s:s, s:I}", "step", kind, "canaries", (json_int_t)step->canaries);
    case LETHE_STEP_PREPARE:
        return with_return(json_pack("{s:s, s:s, s:b}", "step", kind, "technique", step->technique,
                                     "cycle", step->cycle),
                           step);
    case LETHE_STEP_STATE:
        return state_to_json(step);
    case LETHE_STEP_VERIFY:
        return verify_to_json(step);
    case LETHE_STEP_TECHNIQUE:
        break;
    }
    return with_return(technique_to_json(step), step);
}

static json_t *policy_to_json(const struct lethe_plan *plan)
{
    const __typeof__(plan->policy) *p = &plan->policy;
    json_t *json = json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:b, s:s, s:s, s:b, s:I, s:I, s:o}", "id", p->id, "title",
        p->title, "version", p->version, "hash", p->hash, "statement", p->statement, "read_in_full",
        p->read_in_full, "method", lethe_method_name(p->method), "min_test_status",
        lethe_test_status_name(p->min_test_status), "exceptions_allowed", p->exceptions_allowed,
        "exceptions_max_sectors", (json_int_t)p->exceptions_max_sectors, "retention_years",
        (json_int_t)p->retention_years, "required",
        strings(p->required[0], sizeof(p->required[0]), p->n_required));
    if (json && p->max_not_before_age > 0)
        json_object_set_new(json, "max_not_before_age", json_integer(p->max_not_before_age));
    if (json && p->accept_untold)
        json_object_set_new(json, "accept_untold", json_true());
    return json;
}

static json_t *body(const struct lethe_plan *plan)
{
    json_t *steps = json_array();
    for (size_t i = 0; i < plan->n_steps; i++)
        json_array_append_new(steps, step_to_json(&plan->steps[i]));
    json_t *json = json_pack(
        "{s:s, s:o, s:o, s:{s:s, s:s, s:s, s:s}, s:s, s:s, s:{s:I, s:I, s:I, s:I}, s:o, s:o}",
        "format", "lethe-plan-1", "identity", lethe_identity_to_json(&plan->identity), "policy",
        policy_to_json(plan), "profile", "id", plan->profile.id, "hash", plan->profile.hash,
        "evidence", plan->profile.evidence, "status", lethe_test_status_name(plan->profile.status),
        "method", lethe_method_name(plan->method), "technique_kind",
        lethe_technique_kind_name(plan->technique_kind), "limits", "max_bad_sectors",
        (json_int_t)plan->limits.max_bad_sectors, "stall_seconds",
        (json_int_t)plan->limits.stall_seconds, "min_rate", (json_int_t)plan->limits.min_rate,
        "rate_seconds", (json_int_t)plan->limits.rate_seconds, "steps", steps, "limitations",
        strings(plan->limitations[0], sizeof(plan->limitations[0]), plan->n_limitations));
    if (plan->physical_before)
        json_object_set_new(json, "physical_before",
                            json_integer((json_int_t)plan->physical_before));
    if (plan->capacity_before)
        json_object_set_new(json, "capacity_before",
                            json_integer((json_int_t)plan->capacity_before));
    if (plan->zone)
        json_object_set_new(json, "zone", json_integer((json_int_t)plan->zone));
    if (plan->path != LETHE_PATH_NONE)
        json_object_set_new(json, "path", json_string(lethe_path_name(plan->path)));
    if (plan->for_destruction)
        json_object_set_new(json, "for_destruction", json_true());
    if (plan->keep_esim)
        json_object_set_new(json, "keep_esim", json_true());
    if (plan->not_demonstrable)
        json_object_set_new(json, "not_demonstrable", json_true());
    return json;
}

int lethe_plan_digest(const struct lethe_plan *plan, char out[65], struct lethe_error *err)
{
    LETHE_JSON_AUTO *json = body(plan);
    if (!json || lethe_json_digest(json, out) < 0)
        return lethe_fail(err, LETHE_E_INTERNAL, "the plan can't be written as JSON");
    return 0;
}

json_t *lethe_plan_to_json(const struct lethe_plan *plan)
{
    json_t *json = body(plan);
    if (json)
        json_object_set_new(json, "digest", json_string(plan->digest));
    return json;
}
