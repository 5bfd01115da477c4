/* SPDX-License-Identifier: Apache-2.0 */
/* What the plan can't do, in sentences for the operator and for the certificate. The certificate
 * claims no more than the evidence carries (rule 2). */
#include "plan/plan.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define add lethe_plan_limitation

void lethe_plan_limitation(struct lethe_plan *plan, const char *format, ...)
{
    /* profiles carry at most LETHE_PROFILE_NOTES_MAX, and there are fewer kinds here and in
     * phone_limit.c than are left */
    static_assert(LETHE_LIMITATIONS_MAX >= LETHE_PROFILE_NOTES_MAX + 16, "room for all");
    va_list args;
    va_start(args, format);
    vsnprintf(plan->limitations[plan->n_limitations++], sizeof(plan->limitations[0]), format, args);
    va_end(args);
}

static bool has_identifier(const struct lethe_identity *id)
{
    for (size_t i = 0; i < id->n_identifiers; i++)
        if (id->identifiers[i].source == LETHE_SOURCE_DEVICE &&
            id->identifiers[i].kind != LETHE_ID_BRIDGE_SERIAL &&
            id->identifiers[i].kind != LETHE_ID_BACKING)
            return true;
    return false;
}

/* Parts per million as percent, without trailing zeroes: 1000 is "0.1". */
static void percent(char out[16], uint32_t ppm)
{
    snprintf(out, 16, "%u.%04u", ppm / 10000, ppm % 10000);
    size_t len = strlen(out);
    while (out[len - 1] == '0')
        out[--len] = '\0';
    if (out[len - 1] == '.')
        out[len - 1] = '\0';
}

/* A drive's own erasure is shown by its marks, whatever is written over it afterwards. */
static void limit_zones(struct lethe_plan *plan, const struct lethe_step *technique)
{
    if (technique->n_passes > 0)
        add(plan, "%s", LETHE_LIMIT_ZONES);
    else
        add(plan,
            "%s written before. On a zoned drive they can only stand at the beginnings of zones, "
            "here of zones drawn at random; what was behind them was not marked.",
            LETHE_LIMIT_OWN_ZONES);
}

static void limit_verification(struct lethe_plan *plan, const struct lethe_step *step)
{
    const struct lethe_verification_rule *rule = &step->verification;
    char p[16], c[16];
    if (step->leaves == LETHE_LEAVES_UNKNOWN) {
        percent(p, rule->fraction_ppm);
        percent(c, rule->confidence_ppm);
        if (plan->zone)
            return;
        add(plan,
            LETHE_LIMIT_OWN_MARKS ": marks written before at random places were looked for, which "
                                  "bounds what may remain to %s %% of the addressable "
                                  "blocks with %s %% confidence.",
            p, c);
        return;
    }
    switch (rule->mode) {
    case LETHE_VERIFY_NONE:
        add(plan, "Nothing is verified: the policy asks for no read-back.");
        break;
    case LETHE_VERIFY_FULL:
        break;
    case LETHE_VERIFY_CONFIDENCE:
        percent(p, rule->fraction_ppm);
        percent(c, rule->confidence_ppm);
        add(plan,
            LETHE_LIMIT_VERIFIED
            " a random sample: it bounds what may remain to %s %% of the addressable "
            "blocks with %s %% confidence; single blocks are only found by a full read.",
            p, c);
        break;
    case LETHE_VERIFY_STRATA:
        percent(p, rule->percent_ppm * rule->samples);
        add(plan,
            LETHE_LIMIT_VERIFIED
            " samples of %u subsections, %s %% of the addressable blocks; single "
            "blocks are only found by a full read.",
            rule->subsections, p);
        break;
    }
}

/* Areas of a card beside its user area: RPMB opens to its key only, the others to the card's own
 * erase. */
static void limit_areas(struct lethe_plan *plan, const struct lethe_facts *facts, bool host)
{
    char names[96] = "";
    for (size_t i = 0; i < facts->n_areas; i++)
        if (host || strcmp(facts->areas[i].name, "rpmb") == 0)
            snprintf(names + strlen(names), sizeof(names) - strlen(names), "%s%s",
                     names[0] ? ", " : "", facts->areas[i].name);
    if (names[0])
        add(plan,
            "Areas of the card beside its user area that were not touched: %s. They may hold what "
            "they held before.",
            names);
}

/* Format NVM is of namespaces (NVMe Base 2.0 5.14), sanitize of the whole subsystem (8.20). */
static void limit_unallocated(struct lethe_plan *plan, const struct lethe_step *technique,
                              const struct lethe_facts *facts)
{
    const struct lethe_technique *known = lethe_technique_find(technique->technique);
    bool formats = known && known->capability & (LETHE_CAN_FORMAT_USER | LETHE_CAN_FORMAT_CRYPTO);
    bool followed = technique->n_passes == 0 && technique[1].kind == LETHE_STEP_TECHNIQUE;
    if (!facts || !facts->unallocated)
        return;
    if (formats || technique->n_passes > 0)
        add(plan,
            "%" PRIu64 " bytes of the drive belong to no namespace; %s does not reach what they "
            "held.",
            facts->unallocated, formats ? "Format NVM" : "an overwrite");
    else if (followed)
        add(plan,
            "%" PRIu64 " bytes of the drive belong to no namespace; the drive's own erasure alone "
            "reaches what they held, the overwrite behind it does not.",
            facts->unallocated);
}

void lethe_plan_limit_common(struct lethe_plan *plan, const struct lethe_profile *profile)
{
    for (size_t i = 0; i < profile->n_limitations; i++)
        add(plan, "%s", profile->limitations[i]);
    if (plan->identity.substrate != LETHE_SUBSTRATE_PHYSICAL)
        add(plan, "What is erased is not a physical medium but %s.",
            plan->identity.substrate == LETHE_SUBSTRATE_VIRTUAL ? "a virtual device"
            : plan->identity.substrate == LETHE_SUBSTRATE_IMAGE ? "an image file"
                                                                : "an emulated device");
    if (!has_identifier(&plan->identity))
        add(plan, "The device reports no identifier of its own: nothing but model and capacity "
                  "binds the certificate to it.");
    if (plan->profile.status < plan->policy.min_test_status)
        add(plan,
            "The technique is %s on this family of devices, less than the policy accepts (%s); "
            "accepted by the operator.",
            lethe_test_status_name(plan->profile.status),
            lethe_test_status_name(plan->policy.min_test_status));
    if (!plan->policy.read_in_full)
        add(plan,
            "The source of the policy was not read in full: conformity to it is not claimed.");
}

void lethe_plan_limit(struct lethe_plan *plan, const struct lethe_profile *profile,
                      const struct lethe_facts *facts)
{
    const struct lethe_step *technique = lethe_plan_step(plan, LETHE_STEP_TECHNIQUE);
    plan->n_limitations = 0;
    lethe_plan_limit_common(plan, profile);
    if (plan->identity.media == LETHE_MEDIA_FLASH && technique->n_passes > 1)
        add(plan, "On flash more passes than one add wear; they do not reach more of it.");
    if (facts)
        limit_areas(plan, facts, technique->n_passes > 0);
    if (plan->identity.bus == LETHE_BUS_MMC &&
        (!facts || (facts->protocol != LETHE_PROTOCOL_MMC && facts->protocol != LETHE_PROTOCOL_SD)))
        add(plan, "Whether the card has boot and general purpose areas beside its user area could "
                  "not be asked of it; they were not touched.");
    if (facts && facts->protocol == LETHE_PROTOCOL_SD && technique->n_passes == 1)
        add(plan, "One pass: NIST SP 800-88 Rev. 1 asked two of a memory card, a pattern and its "
                  "complement (policy usb-2); Rev. 2, which replaced it, asks one.");
    if (lethe_plan_reformats(plan))
        add(plan,
            "The drive came with blocks of %u bytes and was formatted to %u before it was erased.",
            facts->foreign_block, plan->identity.logical_block);
    if (facts && facts->hidden_unasked[0] && (!facts->hidden_refused || facts->sanitize.failed))
        add(plan,
            "The device says that it can hide a part of its capacity (%s), and could not be asked "
            "whether it does; what was hidden was not reached.",
            facts->hidden_unasked);
    else if (facts && !facts->hidden_known && !facts->hidden_unasked[0])
        add(plan,
            "Whether the device hides a part of its capacity (HPA, DCO, AMAC) or has it in other "
            "namespaces (NVMe) could not be asked of it; what was there was not reached.");
    if (plan->zone)
        limit_zones(plan, technique);
    if (facts && facts->protocol == LETHE_PROTOCOL_NVME && facts->n_namespaces == 0 &&
        technique->n_passes > 0)
        add(plan, "Whether the drive has other namespaces than this one could not be asked of it "
                  "here; an overwrite does not reach what they hold.");
    limit_unallocated(plan, technique, facts);
    /* Profiles of real drives say it in their own words. */
    if (technique->n_passes > 0 && plan->identity.media == LETHE_MEDIA_FLASH &&
        plan->identity.substrate == LETHE_SUBSTRATE_EMULATED)
        add(plan, "%s.", LETHE_LIMIT_SPARE);
    if (technique->n_passes == 0)
        add(plan, "%s: that the device erased them too is its own word.", LETHE_LIMIT_OWN_SPARE);
    const struct lethe_step *verify = lethe_plan_step(plan, LETHE_STEP_VERIFY);
    if (technique->reads_may_fail || verify->reads_may_fail)
        add(plan, "%s until they are written again: what it withheld was not seen.",
            LETHE_LIMIT_OWN_WITHHELD);
    limit_verification(plan, verify);
}
