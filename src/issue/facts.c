/* SPDX-License-Identifier: Apache-2.0 */
/* The open claims that are plain facts of the fold (certs/README.md has each with its clause). */
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "issue/parts.h"
#include <string.h>

/* A certificate must stay small enough to mail; the record has them all. */
#define RANGES_SHOWN 64
#define COMMANDS_SHOWN 24 /* more than any technique sends */

static const struct lethe_step *step_of(const struct lethe_plan *plan, enum lethe_step_kind kind)
{
    for (size_t i = 0; i < plan->n_steps; i++)
        if (plan->steps[i].kind == kind)
            return &plan->steps[i];
    return NULL;
}

static const char *kind_name(enum lethe_technique_kind kind)
{
    switch (kind) {
    case LETHE_KIND_BLOCK_ERASE:
        return "block-erase";
    case LETHE_KIND_CRYPTO_ERASE:
        return "crypto-erase";
    case LETHE_KIND_RESET:
        return "reset";
    case LETHE_KIND_OVERWRITE:
        break;
    }
    return "overwrite";
}

static void put_number(json_t *object, const char *key, uint64_t value)
{
    json_object_set_new(object, key, json_integer((json_int_t)value));
}

static void put_text(json_t *object, const char *key, const char *value)
{
    json_object_set_new(object, key, json_string(value));
}

static void put_truth(json_t *object, const char *key, bool value)
{
    json_object_set_new(object, key, json_boolean(value));
}

static json_t *passes_of(const struct lethe_job *job, const struct lethe_step *step)
{
    json_t *passes = json_array();
    for (size_t i = 0; i < step->n_passes; i++)
        json_array_append_new(passes, json_pack("{s:s,s:I,s:I}", "pattern", step->passes[i],
                                                "bytes", (json_int_t)job->passes[i].bytes, "errors",
                                                (json_int_t)job->passes[i].errors));
    return passes;
}

static const struct lethe_step *overwrite_of(const struct lethe_plan *plan)
{
    for (size_t i = 0; i < plan->n_steps; i++)
        if (plan->steps[i].kind == LETHE_STEP_TECHNIQUE && plan->steps[i].n_passes > 0)
            return &plan->steps[i];
    return NULL;
}

/* What was sent, as the evidence has it. */
static void put_commands(json_t *out, const json_t *evidence)
{
    const json_t *all = json_object_get(evidence, "commands");
    json_t *shown = json_array();
    for (size_t i = 0; i < json_array_size(all) && i < COMMANDS_SHOWN; i++)
        json_array_append(shown, json_array_get(all, i));
    json_object_set_new(out, "commands", shown);
}

json_t *lethe_claim_technique(const struct lethe_job *job)
{
    const struct lethe_step *step = step_of(&job->plan, LETHE_STEP_TECHNIQUE);
    const struct lethe_step *overwrite = overwrite_of(&job->plan);
    if (lethe_class_is_phone(job->plan.identity.class_))
        return lethe_claim_phone_technique(job, kind_name(job->plan.technique_kind));
    json_t *out = json_object();
    if (!out || !step)
        return out;
    size_t at = (size_t)(step - job->plan.steps);
    const json_t *evidence = job->attests[at];
    bool observed = overwrite_of(&job->plan) && step->n_passes == 0
                        ? lethe_job_firmware_proved(job)
                        : json_is_true(json_object_get(evidence, "proved"));
    /* What the device did to itself and nobody saw end is not what sanitised it. */
    if (step->n_passes == 0 && overwrite && !observed) {
        put_text(out, "name", overwrite->technique);
        put_text(out, "kind", kind_name(LETHE_KIND_OVERWRITE));
        json_object_set_new(out, "passes", passes_of(job, overwrite));
        return out;
    }
    put_text(out, "name", step->technique);
    put_text(out, "kind", kind_name(job->plan.technique_kind));
    if (step->n_passes > 0) {
        json_object_set_new(out, "passes", passes_of(job, step));
        return out;
    }
    put_truth(out, "observed", observed);
    put_commands(out, evidence);
    if (overwrite)
        json_object_set_new(out, "followed_by",
                            json_pack("{s:s, s:o}", "name", overwrite->technique, "passes",
                                      passes_of(job, overwrite)));
    return out;
}

static const char *mode_name(enum lethe_verify_mode mode)
{
    static const char *const names[] = {[LETHE_VERIFY_NONE] = "none",
                                        [LETHE_VERIFY_FULL] = "full",
                                        [LETHE_VERIFY_CONFIDENCE] = "confidence",
                                        [LETHE_VERIFY_STRATA] = "strata"};
    return names[mode];
}

/* What the rule asked, for the mode that was really used: an interrupted job is read in full. */
static void put_rule(json_t *out, const struct lethe_verification_rule *rule,
                     enum lethe_verify_mode mode)
{
    if (mode == LETHE_VERIFY_CONFIDENCE) {
        put_number(out, "confidence_ppm", rule->confidence_ppm);
        put_number(out, "fraction_ppm", rule->fraction_ppm);
    } else if (mode == LETHE_VERIFY_STRATA) {
        put_number(out, "subsections", rule->subsections);
        put_number(out, "samples_per_subsection", rule->samples);
        put_number(out, "percent_ppm", rule->percent_ppm);
    }
}

static void put_result(json_t *out, const struct lethe_verify_result *result)
{
    put_number(out, "block", result->block);
    put_number(out, "blocks", result->blocks);
    put_number(out, "samples", result->samples);
    put_number(out, "bytes", result->bytes);
    put_number(out, "coverage_ppm", result->coverage_ppm);
    put_number(out, "mismatches", result->mismatches);
    if (result->first_mismatch != UINT64_MAX && result->mismatches > 0)
        put_number(out, "first_mismatch", result->first_mismatch);
    put_number(out, "unreadable", result->unreadable);
    put_number(out, "excepted", result->excepted);
    if (result->withheld > 0)
        put_number(out, "withheld", result->withheld);
    put_truth(out, "complete", result->complete);
    put_number(out, "canaries_checked", result->canaries_checked);
    put_number(out, "canaries_survived", result->canaries_survived);
}

static void copy_text(json_t *out, const char *as, const json_t *from, const char *key)
{
    const char *value = json_string_value(json_object_get(from, key));
    if (value && value[0])
        put_text(out, as, value);
}

/* A job that never started committed to nothing, and drew nothing that could be revealed. */
static void put_commitments(json_t *out, const struct lethe_job *job)
{
    const json_t *reveal = json_object_get(job->end_body, "reveal");
    if (!job->start_body)
        return;
    copy_text(out, "sample_commit", job->start_body, "sample_commit");
    copy_text(out, "sample_key", reveal, "sample_key");
    copy_text(out, "canary_commit", job->start_body, "canary_commit");
    copy_text(out, "canary_key", reveal, "canary_key");
}

static json_t *verification_of_drive(const struct lethe_job *job)
{
    const struct lethe_step *step = step_of(&job->plan, LETHE_STEP_VERIFY);
    enum lethe_verify_mode mode = step ? step->verification.mode : LETHE_VERIFY_NONE;
    char statement[256];
    json_t *out = json_object();
    if (!out)
        return NULL;
    if (job->verified)
        mode = job->verification.mode;
    put_truth(out, "performed", job->verified);
    put_text(out, "mode", mode_name(mode));
    if (step)
        put_rule(out, &step->verification, mode);
    if (step && step->leaves != LETHE_LEAVES_PATTERN)
        put_text(out, "expected", step->leaves == LETHE_LEAVES_UNIFORM ? "uniform" : "unknown");
    if (job->verified)
        put_result(out, &job->verification);
    put_number(out, "canaries_written", job->canaries_written);
    put_truth(out, "identity_rechecked", job->identity_after && !job->identity_failed);
    lethe_statement(statement, sizeof(statement), job);
    put_text(out, "statement", statement);
    return out;
}

json_t *lethe_claim_verification(const struct lethe_job *job)
{
    bool phone = lethe_class_is_phone(job->plan.identity.class_);
    json_t *out = phone ? lethe_claim_phone_state(job) : verification_of_drive(job);
    if (out)
        put_commitments(out, job);
    return out;
}

/* What meeting the policy says is said where it was met. A plan that says before that it will not
 * be shown, or by a person only, says no more than came of it where that came of it. */
static void policy_statement(char *out, size_t out_size, const struct lethe_job *job)
{
    bool as_planned = json_is_true(json_object_get(job->end_body, "policy_met")) ||
                      job->outcome == LETHE_OUTCOME_OPERATOR_ATTESTED ||
                      (job->plan.not_demonstrable && job->outcome == LETHE_OUTCOME_PASSED);
    if (as_planned)
        lethe_text_format(out, out_size, "%s", job->plan.policy.statement);
    else
        lethe_text_format(out, out_size, "Policy %s of %s was not met: %s.", job->plan.policy.id,
                          job->plan.policy.version, lethe_outcome_name(job->outcome));
}

json_t *lethe_claim_policy(const struct lethe_job *job)
{
    json_t *out = json_object();
    if (!out)
        return NULL;
    char statement[sizeof(job->plan.policy.statement)];
    policy_statement(statement, sizeof(statement), job);
    put_text(out, "id", job->plan.policy.id);
    put_text(out, "title", job->plan.policy.title);
    put_text(out, "version", job->plan.policy.version);
    put_text(out, "hash", job->plan.policy.hash);
    put_text(out, "method", lethe_method_name(job->plan.policy.method));
    put_truth(out, "met", json_is_true(json_object_get(job->end_body, "policy_met")));
    if (lethe_class_is_phone(job->plan.identity.class_))
        put_truth(out, "demonstrable", !job->plan.not_demonstrable);
    put_truth(out, "read_in_full", job->plan.policy.read_in_full);
    put_text(out, "min_test_status", lethe_test_status_name(job->plan.policy.min_test_status));
    put_truth(out, "exceptions_allowed", job->plan.policy.exceptions_allowed);
    put_number(out, "exceptions_max_sectors", job->plan.policy.exceptions_max_sectors);
    put_number(out, "retention_years", job->plan.policy.retention_years);
    put_text(out, "statement", statement);
    return out;
}

json_t *lethe_claim_profile(const struct lethe_job *job)
{
    json_t *out = json_object();
    if (!out)
        return NULL;
    put_text(out, "id", job->plan.profile.id);
    put_text(out, "hash", job->plan.profile.hash);
    put_text(out, "test_status", lethe_test_status_name(job->plan.profile.status));
    put_text(out, "evidence", job->plan.profile.evidence);
    put_truth(out, "accepted_untested",
              job->plan.profile.status < job->plan.policy.min_test_status &&
                  json_is_true(json_object_get(job->created_body, "accept_untested")));
    return out;
}

json_t *lethe_claim_device(const struct lethe_identity *identity)
{
    json_t *out = json_object();
    if (!out)
        return NULL;
    put_text(out, "class", lethe_device_class_name(identity->class_));
    put_text(out, "bus", lethe_bus_name(identity->bus));
    put_text(out, "media", lethe_media_name(identity->media));
    put_text(out, "vendor", identity->vendor);
    put_text(out, "model", identity->model);
    put_text(out, "firmware", identity->firmware);
    if (identity->bridge[0])
        put_text(out, "bridge", identity->bridge);
    put_number(out, "capacity", identity->capacity);
    put_number(out, "logical_block", identity->logical_block);
    put_number(out, "physical_block", identity->physical_block);
    return out;
}

json_t *lethe_claim_times(const struct lethe_job *job)
{
    /* What a clock said that nobody believes any more is not signed: it was made by then. */
    uint64_t created = job->clock_released ? job->ended : job->created;
    uint64_t started = job->clock_released ? 0 : job->started;
    const struct {
        const char *key;
        uint64_t ms;
    } times[] = {{"created", created}, {"started", started}, {"ended", job->ended}};
    json_t *out = json_object();
    for (size_t i = 0; out && i < sizeof(times) / sizeof(times[0]); i++) {
        char text[21];
        lethe_time_format(text, times[i].ms);
        if (times[i].ms)
            put_text(out, times[i].key, text);
    }
    return out;
}

json_t *lethe_claim_exceptions(const struct lethe_job *job)
{
    const json_t *found = json_object_get(job->end_body, "exceptions");
    const json_t *all = json_object_get(found, "ranges");
    bool truncated = json_is_true(json_object_get(found, "truncated"));
    json_t *ranges = json_array();
    for (size_t i = 0; i < json_array_size(all) && i < RANGES_SHOWN; i++)
        json_array_append(ranges, json_array_get(all, i));
    return json_pack("{s:I,s:o,s:b}", "sectors",
                     json_integer_value(json_object_get(found, "sectors")), "ranges", ranges,
                     "truncated", truncated || json_array_size(all) > RANGES_SHOWN);
}
