/* SPDX-License-Identifier: Apache-2.0 */
/* Nominal rates by media and bus: orders of magnitude, so that a person knows whether to wait or
 * to go home. Measured rates replace them as soon as a job runs. */
#include "plan/plan.h"

#define MB 1000000ull
#define SAMPLE_BLOCK 4096u
#define NEXT_US 200 /* for the block behind the last one */

/* Sequential bytes a second. */
static uint64_t rate(const struct lethe_identity *id)
{
    bool magnetic = id->media == LETHE_MEDIA_MAGNETIC;
    switch (id->bus) {
    case LETHE_BUS_NVME:
        return 1500 * MB;
    case LETHE_BUS_ATA:
    case LETHE_BUS_SCSI:
        return id->media == LETHE_MEDIA_FLASH ? 400 * MB : 150 * MB;
    case LETHE_BUS_USB:
        return magnetic ? 100 * MB : 25 * MB;
    case LETHE_BUS_MMC:
        return 25 * MB;
    case LETHE_BUS_VIRTIO:
        return 300 * MB;
    case LETHE_BUS_LOOP:
    case LETHE_BUS_FILE:
    case LETHE_BUS_EMULATED:
        return 800 * MB;
    case LETHE_BUS_UNKNOWN:
        break;
    }
    return 100 * MB;
}

/* Microseconds for one block somewhere else. */
static uint64_t access_us(const struct lethe_identity *id)
{
    bool slow_flash = id->bus == LETHE_BUS_USB || id->bus == LETHE_BUS_MMC;
    if (id->media == LETHE_MEDIA_FILE)
        return 100;
    if (id->media == LETHE_MEDIA_FLASH)
        return slow_flash ? 2000 : 200;
    return 12000;
}

static uint64_t ceil_div(uint64_t a, uint64_t b)
{
    return a / b + (a % b != 0);
}

static uint64_t at_most(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

struct lethe_cost lethe_cost_canary(const struct lethe_plan *plan, const struct lethe_step *step)
{
    const struct lethe_identity *id = &plan->identity;
    uint64_t n = at_most(step->canaries, id->capacity / id->logical_block);
    /* Those of a zone stand one behind the other at its start (verify/canary.c). */
    uint64_t places = plan->zone ? at_most(n, ceil_div(id->capacity, plan->zone)) : n;
    /* written, flushed, read back */
    return (struct lethe_cost){
        n * id->logical_block,
        ceil_div(2 * (places * access_us(id) + (n - places) * NEXT_US), 1000000)};
}

struct lethe_cost lethe_cost_pass(const struct lethe_plan *plan)
{
    return (struct lethe_cost){plan->identity.capacity,
                               ceil_div(plan->identity.capacity, rate(&plan->identity))};
}

uint64_t lethe_cost_samples(const struct lethe_plan *plan,
                            const struct lethe_verification_rule *rule)
{
    return lethe_sample_count(rule->confidence_ppm, rule->fraction_ppm,
                              ceil_div(plan->identity.capacity, SAMPLE_BLOCK));
}

struct lethe_cost lethe_cost_verify(const struct lethe_plan *plan, const struct lethe_step *step)
{
    const struct lethe_identity *id = &plan->identity;
    const struct lethe_verification_rule *rule = &step->verification;
    struct lethe_cost all = lethe_cost_pass(plan);
    uint64_t reads = 0, bytes = 0;
    switch (rule->mode) {
    case LETHE_VERIFY_NONE:
        return (struct lethe_cost){0, 0};
    case LETHE_VERIFY_FULL:
        return all;
    case LETHE_VERIFY_CONFIDENCE:
        reads = lethe_cost_samples(plan, rule);
        bytes = reads * SAMPLE_BLOCK;
        break;
    case LETHE_VERIFY_STRATA:
        reads = (uint64_t)rule->subsections * rule->samples;
        bytes = id->capacity / 1000000 * rule->percent_ppm * rule->samples;
        break;
    }
    uint64_t seconds = ceil_div(reads * access_us(id), 1000000) + ceil_div(bytes, rate(id));
    /* reading everything in order is never slower than a sample of it */
    return (struct lethe_cost){at_most(bytes, all.bytes), at_most(seconds, all.seconds)};
}

/* What it takes to start a system anew, and to ask it. */
#define RESTART_SECONDS 120
#define ASK_SECONDS 15

uint64_t lethe_cost_phone(const struct lethe_step *step)
{
    if (step->kind == LETHE_STEP_STATE)
        return ASK_SECONDS;
    return step->expected_seconds + (step->cycle ? RESTART_SECONDS : 0);
}

uint64_t lethe_plan_seconds(const struct lethe_plan *plan)
{
    uint64_t seconds = 0;
    for (size_t i = 0; i < plan->n_steps; i++) {
        const struct lethe_step *step = &plan->steps[i];
        if (lethe_plan_of_phone(plan)) {
            seconds += lethe_cost_phone(step);
            continue;
        }
        switch (step->kind) {
        case LETHE_STEP_CANARY:
            seconds += lethe_cost_canary(plan, step).seconds;
            break;
        case LETHE_STEP_TECHNIQUE:
            seconds += step->n_passes * lethe_cost_pass(plan).seconds + step->expected_seconds;
            break;
        case LETHE_STEP_PREPARE:
            seconds += step->expected_seconds;
            break;
        case LETHE_STEP_STATE:
            break;
        case LETHE_STEP_VERIFY:
            seconds += lethe_cost_verify(plan, step).seconds;
            break;
        }
    }
    return seconds;
}
