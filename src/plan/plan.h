/* SPDX-License-Identifier: Apache-2.0 */
/* Inside the layer. */
#ifndef LETHE_PLAN_PLAN_H
#define LETHE_PLAN_PLAN_H

#include <lethe/plan.h>

/* A phone or a tablet: erased by its own software, judged by its state. */
bool lethe_plan_of_phone(const struct lethe_plan *plan);

/* What a step moves and how long it takes, by nominal rates: for people, never digested. */
struct lethe_cost {
    uint64_t bytes, seconds;
};
struct lethe_cost lethe_cost_canary(const struct lethe_plan *plan, const struct lethe_step *step);
struct lethe_cost lethe_cost_pass(const struct lethe_plan *plan);
struct lethe_cost lethe_cost_verify(const struct lethe_plan *plan, const struct lethe_step *step);
/* Seconds that a step of a phone's plan may take. */
uint64_t lethe_cost_phone(const struct lethe_step *step);

/* Blocks that a sample by confidence draws on this device. */
uint64_t lethe_cost_samples(const struct lethe_plan *plan,
                            const struct lethe_verification_rule *rule);

/* SHA-256 of the canonical JSON of everything but the digest. */
int lethe_plan_digest(const struct lethe_plan *plan, char out[65], struct lethe_error *err);

/* steps.c. A PREPARE step where the drive hides a part of itself; refused where that can't be
 * opened: what is hidden would survive. Where it says that it can hide and refused to tell whether
 * it does: a power cycle, behind which it must tell. */
int lethe_plan_open_hidden(struct lethe_plan *plan, const struct lethe_facts *facts,
                           struct lethe_error *err);
/* Blocks that no kernel can use: the identity that DEVICE will have once they are formatted to 512
 * bytes, true; else its own. */
bool lethe_plan_formatted(const struct lethe_device *device, struct lethe_identity *out);
/* The PREPARE step for that. */
void lethe_plan_reformat(struct lethe_plan *plan, const struct lethe_facts *facts,
                         uint32_t physical_before);
bool lethe_plan_reformats(const struct lethe_plan *plan);
/* A PREPARE step that reverts a drive locked by TCG: nothing can be marked before. */
void lethe_plan_unlock(struct lethe_plan *plan, const struct lethe_facts *facts);
/* Marks, TECHNIQUE, an overwrite behind it where policy or verification need one, verification. */
void lethe_plan_add_steps(struct lethe_plan *plan, const struct lethe_policy *policy,
                          const struct lethe_policy_rule *rule,
                          const struct lethe_technique *technique, const struct lethe_facts *facts);

/* Fill PLAN's limitations from PROFILE, media, substrate, passes, verification, and what FACTS
 * (NULL: not asked) tells of areas that are not reached. */
void lethe_plan_limit(struct lethe_plan *plan, const struct lethe_profile *profile,
                      const struct lethe_facts *facts);
/* Those that drives and phones share: the profile's own, substrate, identity, test status, policy.
 */
void lethe_plan_limit_common(struct lethe_plan *plan, const struct lethe_profile *profile);
void lethe_plan_limitation(struct lethe_plan *plan, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The block that the device is written in: the physical one, where there are zones. Never 0. */
uint32_t lethe_plan_written_block(const struct lethe_identity *id);
/* Can the zones of a host-managed drive be worked with? Else ERR has the reason and the remedy. */
bool lethe_plan_zones(const struct lethe_identity *id, const struct lethe_facts *facts,
                      struct lethe_error *err);

/* What a plan keeps of policy and profile. */
void lethe_plan_copy_policy(struct lethe_plan *plan, const struct lethe_policy *policy);
void lethe_plan_copy_profile(struct lethe_plan *plan, const struct lethe_profile *profile,
                             const struct lethe_profile_technique *known);

/* phone.c */
struct lethe_phone_case;
int lethe_plan_make_phone(const struct lethe_phone_case *c, struct lethe_plan *plan,
                          struct lethe_error *err);

/* A capacity that can be erased, in whole blocks; of a phone: none, for it has no blocks to write.
 */
int lethe_plan_check(const struct lethe_identity *id, struct lethe_error *err);

/* The first step of KIND, or NULL. Every plan made or parsed has a technique step; of a drive also
 * a canary and a verify step, of a phone a state step. */
const struct lethe_step *lethe_plan_step(const struct lethe_plan *plan, enum lethe_step_kind kind);

/* The technique step that the plan's claim is about: of a phone that is filled the fill, else the
 * last, by which it is handed over; of a drive the first. */
const struct lethe_step *lethe_plan_main(const struct lethe_plan *plan);

const char *lethe_step_kind_name(enum lethe_step_kind kind);
int lethe_step_kind_parse(const char *spelling);
const char *lethe_leaves_name(enum lethe_leaves leaves);
int lethe_leaves_parse(const char *spelling);

#endif
