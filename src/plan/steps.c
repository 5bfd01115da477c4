/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The steps of a plan: hidden areas opened, marks, the technique, where needed an overwrite behind
 * it, the verification. What can be verified decides: a read-back needs to know what to expect.
 */
#include "plan/plan.h"

#include "base/text.h"
#include <string.h>

#define UNHIDE "ata-unhide"
#define REVERT "tcg-psid-revert"
#define REFORMAT "scsi-reformat"
#define BLOCK 512
/* 99 %, 0.1 %: where a policy that reads everything draws no sample of its own */
#define MARKS_CONFIDENCE_PPM 990000
#define MARKS_FRACTION_PPM 1000

static struct lethe_step *next(struct lethe_plan *plan, enum lethe_step_kind kind)
{
    struct lethe_step *step = &plan->steps[plan->n_steps++];
    step->kind = kind;
    return step;
}

static struct lethe_step *next_unhide(struct lethe_plan *plan, const struct lethe_facts *facts)
{
    struct lethe_step *step = next(plan, LETHE_STEP_PREPARE);
    lethe_text_format(step->technique, sizeof(step->technique), "%s", UNHIDE);
    plan->path = facts->path;
    return step;
}

static int open_known(struct lethe_plan *plan, const struct lethe_facts *facts,
                      struct lethe_error *err)
{
    struct lethe_identity *id = &plan->identity;
    const struct lethe_technique *opener = lethe_technique_find(UNHIDE);
    struct lethe_error why = {0};
    int rc = opener && facts->can & LETHE_CAN_UNHIDE
                 ? lethe_technique_ready(opener, facts, &why)
                 : lethe_fail(&why, LETHE_E_REFUSED,
                              "what is between here and the drive does not carry the commands "
                              "for that, or loses their answers");
    if (rc < 0 || facts->native_capacity % id->logical_block) {
        char hidden[32];
        lethe_size_format(hidden, sizeof(hidden), facts->native_capacity - id->capacity);
        lethe_fail(err, LETHE_E_REFUSED,
                   "%s of the drive are hidden (%s) and can't be opened here%s%s", hidden,
                   facts->hidden_by, why.what[0] ? ": " : "", why.what);
        lethe_error_effect(err, "nothing was sent to the device; an erasure would leave them");
        lethe_error_remedy(err, "%s",
                           why.remedy[0] ? why.remedy : "move the drive to a native SATA slot");
        return -LETHE_E_REFUSED;
    }
    /* Two limits, one behind the other: each is opened in a power cycle of its own. */
    for (int limits = strchr(facts->hidden_by, '+') ? 2 : 1; limits > 0; limits--)
        next_unhide(plan, facts)->cycle = facts->unhide_needs_cycle;
    plan->capacity_before = id->capacity;
    id->capacity = facts->native_capacity;
    return 0;
}

int lethe_plan_open_hidden(struct lethe_plan *plan, const struct lethe_facts *facts,
                           struct lethe_error *err)
{
    if (!facts)
        return 0;
    /* An overlay is not opened while a limit of SET MAX stands: where nobody knows whether one
     * does, that is asked first, behind a power cycle. */
    bool behind =
        strcmp(facts->hidden_by, "dco") == 0 && facts->hidden_unasked[0] && facts->hidden_refused;
    bool hides = facts->native_capacity > plan->identity.capacity && !behind;
    int rc = hides ? open_known(plan, facts, err) : 0;
    /* In its failure mode a drive answers nothing but its sanitise commands. */
    if (rc < 0 || !facts->hidden_unasked[0] || facts->sanitize.failed)
        return rc;
    if (!facts->hidden_refused && plan->method < LETHE_METHOD_PURGE)
        return 0; /* a limitation */
    if (!facts->hidden_refused) {
        lethe_fail(err, LETHE_E_REFUSED,
                   "the drive says that it can hide a part of itself (%s), and could not be asked "
                   "whether it does: what is between here and the drive does not carry the answer",
                   facts->hidden_unasked);
        lethe_error_effect(err, "nothing was sent to the device");
        lethe_error_remedy(err, "move the drive to a native SATA slot");
        return -LETHE_E_REFUSED;
    }
    /* What freezes the answer lasts until the drive loses power. Behind that it is asked once more,
     * and must answer: no power cycle follows. */
    if (!hides)
        next_unhide(plan, facts)->cycle = true;
    next_unhide(plan, facts);
    return 0;
}

void lethe_plan_unlock(struct lethe_plan *plan, const struct lethe_facts *facts)
{
    if (!facts || !facts->tcg.locked)
        return;
    lethe_text_format(next(plan, LETHE_STEP_PREPARE)->technique, sizeof(plan->steps[0].technique),
                      "%s", REVERT);
    plan->path = facts->path;
}

bool lethe_plan_formatted(const struct lethe_device *device, struct lethe_identity *out)
{
    const struct lethe_technique *technique = lethe_technique_find(REFORMAT);
    *out = device->identity;
    if (out->capacity > 0 || !device->facts || !technique ||
        lethe_technique_ready(technique, device->facts, NULL) < 0)
        return false;
    out->capacity = device->facts->foreign_blocks * BLOCK;
    out->logical_block = BLOCK;
    if (out->physical_block % device->facts->foreign_block == 0) /* 4160 become 4096 */
        out->physical_block = out->physical_block / device->facts->foreign_block * BLOCK;
    return true;
}

void lethe_plan_reformat(struct lethe_plan *plan, const struct lethe_facts *facts,
                         uint32_t physical_before)
{
    struct lethe_step *step = next(plan, LETHE_STEP_PREPARE);
    const struct lethe_technique *technique = lethe_technique_find(REFORMAT);
    lethe_text_format(step->technique, sizeof(step->technique), "%s", REFORMAT);
    plan->physical_before = physical_before;
    step->cycle = true; /* kernels look at the size of blocks when a drive comes */
    step->expected_seconds = (uint32_t)technique->seconds(facts, plan->identity.capacity);
    plan->path = facts->path;
}

bool lethe_plan_reformats(const struct lethe_plan *plan)
{
    return plan->physical_before > 0;
}

void lethe_plan_identity(const struct lethe_plan *plan, bool opened, struct lethe_identity *out)
{
    *out = plan->identity;
    if (!opened && (plan->capacity_before || lethe_plan_reformats(plan)))
        out->capacity = plan->capacity_before;
    if (!opened && lethe_plan_reformats(plan))
        out->physical_block = plan->physical_before;
}

bool lethe_plan_sizeless(const struct lethe_plan *plan, const struct lethe_identity *now)
{
    struct lethe_identity sized = *now;
    if (sized.capacity > 0 || sized.n_identifiers == 0 || lethe_class_is_phone(sized.class_))
        return false;
    sized.capacity = plan->identity.capacity;
    sized.logical_block = plan->identity.logical_block;
    sized.physical_block = plan->identity.physical_block;
    return lethe_identity_same(&plan->identity, &sized, NULL) == 0;
}

/* Zones that were empty can't be read after a sanitize that kept them: marks can. */
static enum lethe_leaves leaves_of(const struct lethe_plan *plan,
                                   const struct lethe_technique *technique)
{
    return plan->zone ? LETHE_LEAVES_UNKNOWN : technique->leaves;
}

/* Reads of all blocks can only be compared with something known; a sample can be of the marks. */
static bool needs_overwrite(const struct lethe_plan *plan, const struct lethe_technique *technique,
                            const struct lethe_policy *policy, const struct lethe_policy_rule *rule)
{
    if (technique->flags & LETHE_TECHNIQUE_HOST)
        return false;
    return rule->overwrite_after || (leaves_of(plan, technique) == LETHE_LEAVES_UNKNOWN &&
                                     policy->verification.mode != LETHE_VERIFY_CONFIDENCE);
}

static void add_overwrite(struct lethe_plan *plan, const char *name,
                          const struct lethe_policy_rule *rule)
{
    struct lethe_step *step = next(plan, LETHE_STEP_TECHNIQUE);
    lethe_text_format(step->technique, sizeof(step->technique), "%s", name);
    step->n_passes = rule->n_passes;
    memcpy(step->passes, rule->passes, sizeof(step->passes));
    if (step->n_passes > 0)
        return;
    step->n_passes = 1;
    lethe_text_format(step->passes[0], sizeof(step->passes[0]), "zero");
}

/* What was overwritten is there to be read, whatever the drive says of its other erasures. */
static bool reads_may_fail(const struct lethe_technique *technique, const struct lethe_facts *facts)
{
    return facts &&
           ((technique->kind == LETHE_KIND_CRYPTO_ERASE && facts->reads_fail_after_crypto) ||
            (technique->kind == LETHE_KIND_BLOCK_ERASE && facts->reads_fail_after_block));
}

static void add_firmware(struct lethe_plan *plan, const struct lethe_technique *technique,
                         const struct lethe_facts *facts, bool overwritten)
{
    struct lethe_step *step = next(plan, LETHE_STEP_TECHNIQUE);
    step->reads_may_fail = overwritten && reads_may_fail(technique, facts);
    lethe_text_format(step->technique, sizeof(step->technique), "%s", technique->name);
    uint64_t capacity = plan->identity.capacity;
    uint64_t patience = technique->patience ? technique->patience(facts, capacity) : 0;
    uint64_t seconds = technique->seconds ? technique->seconds(facts, capacity) : 0;
    step->patience = patience > UINT32_MAX ? UINT32_MAX : (uint32_t)patience;
    step->expected_seconds = seconds > UINT32_MAX ? UINT32_MAX : (uint32_t)seconds;
    plan->path = facts ? facts->path : LETHE_PATH_NONE;
}

/* Where nothing is known of the contents, the marks are the sample: as many as the rule draws. So
 * they are where an overwrite follows: what the device did to itself is seen by them alone. */
static void grow_marks(struct lethe_plan *plan, const struct lethe_verification_rule *rule)
{
    struct lethe_step *marks =
        (struct lethe_step *)(uintptr_t)lethe_plan_step(plan, LETHE_STEP_CANARY);
    bool drawn = rule->mode == LETHE_VERIFY_CONFIDENCE;
    uint64_t blocks = plan->identity.capacity / plan->identity.logical_block;
    uint64_t n = lethe_sample_count(drawn ? rule->confidence_ppm : MARKS_CONFIDENCE_PPM,
                                    drawn ? rule->fraction_ppm : MARKS_FRACTION_PPM, blocks);
    if (n > marks->canaries)
        marks->canaries = n > UINT32_MAX ? UINT32_MAX : (uint32_t)n;
}

static void add_verification(struct lethe_plan *plan, const struct lethe_technique *technique,
                             const struct lethe_policy *policy, const struct lethe_facts *facts,
                             bool overwritten)
{
    struct lethe_step *step = next(plan, LETHE_STEP_VERIFY);
    step->verification = policy->verification;
    if (overwritten)
        grow_marks(plan, &policy->verification);
    if (technique->flags & LETHE_TECHNIQUE_HOST || overwritten)
        return;
    bool sampled = policy->verification.mode == LETHE_VERIFY_CONFIDENCE;
    step->reads_may_fail = reads_may_fail(technique, facts);
    step->leaves = leaves_of(plan, technique);
    if (step->leaves == LETHE_LEAVES_UNIFORM && sampled)
        step->leaves = LETHE_LEAVES_UNKNOWN; /* encrypting drives show anything after an erase */
    if (step->leaves == LETHE_LEAVES_PATTERN)
        lethe_text_format(step->pattern, sizeof(step->pattern), "%s", technique->pattern);
    if (step->leaves == LETHE_LEAVES_UNKNOWN)
        grow_marks(plan, &policy->verification);
}

void lethe_plan_add_steps(struct lethe_plan *plan, const struct lethe_policy *policy,
                          const struct lethe_policy_rule *rule,
                          const struct lethe_technique *technique, const struct lethe_facts *facts)
{
    next(plan, LETHE_STEP_CANARY)->canaries = policy->canaries;
    bool host = technique->flags & LETHE_TECHNIQUE_HOST;
    bool overwrite = needs_overwrite(plan, technique, policy, rule);
    if (!host)
        add_firmware(plan, technique, facts, overwrite);
    if (host || overwrite)
        add_overwrite(plan, host ? technique->name : "overwrite", rule);
    add_verification(plan, technique, policy, facts, overwrite);
}
