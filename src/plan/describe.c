/* SPDX-License-Identifier: Apache-2.0 */
/* The plan for people and for --json: what will happen, how long it takes, what will be claimed. */
#include "plan/plan.h"

#include "base/text.h"
#include <stdio.h>
#include <string.h>

static void append(json_t *steps, const struct lethe_step *step, const char *detail,
                   struct lethe_cost cost)
{
    json_array_append_new(steps,
                          json_pack("{s:s, s:s, s:I, s:I}", "step",
                                    lethe_step_kind_name(step->kind), "detail", detail, "bytes",
                                    (json_int_t)cost.bytes, "seconds", (json_int_t)cost.seconds));
}

static void describe_technique(json_t *steps, const struct lethe_plan *plan,
                               const struct lethe_step *step)
{
    char detail[160], size[32];
    lethe_size_format(size, sizeof(size), plan->identity.capacity);
    for (size_t i = 0; i < step->n_passes; i++) {
        snprintf(detail, sizeof(detail), "%s, pass %zu of %zu: %s over %s", step->technique, i + 1,
                 step->n_passes, step->passes[i], size);
        append(steps, step, detail, lethe_cost_pass(plan));
    }
    if (step->n_passes == 0) {
        snprintf(detail, sizeof(detail), "%s, carried out by the device", step->technique);
        append(steps, step, detail,
               (struct lethe_cost){plan->identity.capacity, step->expected_seconds});
    }
}

/* What is done to a phone: told to do it, it leaves its port and comes back. */
static void describe_phone(json_t *steps, const struct lethe_step *step,
                           const struct lethe_device *device)
{
    char detail[160];
    const struct lethe_technique *technique = lethe_technique_find(step->technique);
    bool guided = technique && technique->flags & LETHE_TECHNIQUE_GUIDED;
    bool fills = technique && technique->kind == LETHE_KIND_OVERWRITE;
    if (step->kind == LETHE_STEP_STATE)
        snprintf(detail, sizeof(detail), "%s: the device is asked for its state", step->technique);
    else
        snprintf(detail, sizeof(detail), "%s%s%s", step->technique,
                 step->kind == LETHE_STEP_PREPARE ? ": brought into another mode, unharmed"
                 : guided                         ? ", by hand, step by step on the screen"
                 : fills ? ": its user storage is filled with a random stream"
                         : ", carried out by the device",
                 step->cycle ? "; it leaves its port and comes back" : "");
    append(steps, step, detail,
           (struct lethe_cost){fills && step->kind == LETHE_STEP_TECHNIQUE && device->facts
                                   ? device->facts->phone.storage
                                   : 0,
                               lethe_cost_phone(step)});
}

static void describe_prepare(json_t *steps, const struct lethe_plan *plan,
                             const struct lethe_step *step)
{
    char detail[160], size[32];
    bool opens = plan->capacity_before > 0 && plan->capacity_before < plan->identity.capacity;
    lethe_size_format(size, sizeof(size), plan->identity.capacity - plan->capacity_before);
    if (lethe_plan_reformats(plan) && plan->capacity_before == 0)
        snprintf(detail, sizeof(detail), "formatted to blocks of %u bytes (%s)",
                 plan->identity.logical_block, step->technique);
    else if (opens && step->cycle)
        snprintf(detail, sizeof(detail), "%s of hidden areas are opened (%s)", size,
                 step->technique);
    else if (strcmp(step->technique, "ata-unhide") == 0)
        snprintf(detail, sizeof(detail), "the drive %s whether it hides a part of itself (%s)",
                 step->cycle ? "could not be asked" : "is asked again, and must tell",
                 step->technique);
    else
        snprintf(detail, sizeof(detail), "it is unlocked (%s)", step->technique);
    snprintf(detail + strlen(detail), sizeof(detail) - strlen(detail), "%s",
             step->cycle ? "; then the drive must be powered off and on" : "");
    append(steps, step, detail, (struct lethe_cost){0, step->expected_seconds});
}

/* "every byte", "4603 random blocks": the kind of verification in few words. */
static void verification_words(char *out, size_t out_size, const struct lethe_plan *plan,
                               const struct lethe_step *step)
{
    if (!step) {
        snprintf(out, out_size, "by the state of the device; raw media not readable");
        return;
    }
    const struct lethe_verification_rule *rule = &step->verification;
    if (step->leaves == LETHE_LEAVES_UNKNOWN) {
        snprintf(out, out_size, "all %u marks written before are looked for and must be gone",
                 lethe_plan_step(plan, LETHE_STEP_CANARY)->canaries);
        return;
    }
    switch (rule->mode) {
    case LETHE_VERIFY_NONE:
        snprintf(out, out_size, "nothing is read back");
        break;
    case LETHE_VERIFY_FULL:
        snprintf(out, out_size, "every byte is read back and compared");
        break;
    case LETHE_VERIFY_CONFIDENCE:
        snprintf(out, out_size, "at least %llu random blocks are read back and compared",
                 (unsigned long long)lethe_cost_samples(plan, rule));
        break;
    case LETHE_VERIFY_STRATA:
        snprintf(out, out_size, "%u samples in each of %u subsections are read back and compared",
                 rule->samples, rule->subsections);
        break;
    }
}

static json_t *describe_steps(const struct lethe_plan *plan, const struct lethe_device *device)
{
    json_t *steps = json_array();
    char detail[160];
    for (size_t i = 0; i < plan->n_steps; i++) {
        const struct lethe_step *step = &plan->steps[i];
        if (lethe_plan_of_phone(plan)) {
            describe_phone(steps, step, device);
            continue;
        }
        switch (step->kind) {
        case LETHE_STEP_CANARY:
            snprintf(detail, sizeof(detail), "%u marks are written and read back", step->canaries);
            append(steps, step, detail, lethe_cost_canary(plan, step));
            break;
        case LETHE_STEP_TECHNIQUE:
            describe_technique(steps, plan, step);
            break;
        case LETHE_STEP_VERIFY:
            verification_words(detail, sizeof(detail), plan, step);
            append(steps, step, detail, lethe_cost_verify(plan, step));
            break;
        case LETHE_STEP_PREPARE:
            describe_prepare(steps, plan, step);
            break;
        case LETHE_STEP_STATE: /* of phones only */
            break;
        }
    }
    return steps;
}

static json_t *describe_claims(const struct lethe_plan *plan)
{
    char verification[160];
    verification_words(verification, sizeof(verification), plan,
                       lethe_plan_step(plan, LETHE_STEP_VERIFY));
    json_t *claims =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:b}", "method", lethe_method_name(plan->method),
                  "technique", lethe_plan_main(plan)->technique, "technique_kind",
                  lethe_technique_kind_name(plan->technique_kind), "verification", verification,
                  "substrate", lethe_substrate_name(plan->identity.substrate), "statement",
                  plan->policy.statement, "exceptions_allowed", plan->policy.exceptions_allowed);
    if (claims && lethe_plan_of_phone(plan)) {
        json_object_set_new(claims, "demonstrable", json_boolean(!plan->not_demonstrable));
        json_object_set_new(claims, "for_destruction", json_boolean(plan->for_destruction));
        json_object_set_new(claims, "keep_esim", json_boolean(plan->keep_esim));
    }
    return claims;
}

json_t *lethe_plan_describe(const struct lethe_plan *plan, const struct lethe_device *device)
{
    json_t *limitations = json_array();
    for (size_t i = 0; i < plan->n_limitations; i++)
        json_array_append_new(limitations, json_string(plan->limitations[i]));
    return json_pack(
        "{s:s, s:o, s:{s:s, s:s, s:s, s:s, s:b}, s:{s:s, s:s, s:s, s:s}, s:o, s:o, s:o, s:I}",
        "digest", plan->digest, "device", lethe_device_to_json(device), "policy", "id",
        plan->policy.id, "title", plan->policy.title, "version", plan->policy.version, "hash",
        plan->policy.hash, "read_in_full", plan->policy.read_in_full, "profile", "id",
        plan->profile.id, "hash", plan->profile.hash, "status",
        lethe_test_status_name(plan->profile.status), "evidence", plan->profile.evidence, "steps",
        describe_steps(plan, device), "claims", describe_claims(plan), "limitations", limitations,
        "seconds", (json_int_t)lethe_plan_seconds(plan));
}
