/* SPDX-License-Identifier: Apache-2.0 */
/* What in the record says "not sanitised" (failure), and what is missing from it (gap). */
#include "base/text.h"
#include "job/parts.h"
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

void lethe_say(char *out, size_t out_size, const char *format, va_list args)
{
    char whole[1024];
    vsnprintf(whole, sizeof(whole), format, args);
    lethe_text_clean(out, out_size, whole, sizeof(whole));
}

void lethe_add_reason(struct lethe_assessment *out, const char *format, ...)
{
    if (out->n_reasons == LETHE_REASONS_MAX)
        return;
    va_list args;
    va_start(args, format);
    lethe_say(out->reasons[out->n_reasons++], sizeof(out->reasons[0]), format, args);
    va_end(args);
}

uint32_t lethe_plan_sector(const struct lethe_plan *plan)
{
    return plan->identity.logical_block ? plan->identity.logical_block : 512;
}

uint32_t lethe_plan_canaries(const struct lethe_plan *plan)
{
    uint32_t count = 0;
    uint64_t blocks = plan->identity.capacity / lethe_plan_sector(plan);
    for (size_t i = 0; i < plan->n_steps; i++)
        if (plan->steps[i].kind == LETHE_STEP_CANARY)
            count = plan->steps[i].canaries;
    return count < blocks ? count : (uint32_t)blocks;
}

int lethe_plan_overwrite(const struct lethe_plan *plan)
{
    for (size_t i = 0; i < plan->n_steps; i++)
        if (plan->steps[i].kind == LETHE_STEP_TECHNIQUE && plan->steps[i].n_passes > 0)
            return (int)i;
    return -1;
}

const struct lethe_step *lethe_plan_verification(const struct lethe_plan *plan)
{
    for (size_t i = 0; i < plan->n_steps; i++)
        if (plan->steps[i].kind == LETHE_STEP_VERIFY)
            return &plan->steps[i];
    return NULL;
}

bool lethe_verify_clean(const struct lethe_verify_result *result)
{
    return result->mismatches == 0 && result->canaries_survived == 0 && result->unreadable == 0;
}

/* ---- failures ---- */

static void find_bad_passes(const struct lethe_job *job, struct lethe_assessment *out)
{
    int step = lethe_plan_overwrite(&job->plan);
    for (size_t i = 0; step >= 0 && i < job->plan.steps[step].n_passes; i++)
        if (job->passes[i].ended && !job->passes[i].complete)
            lethe_add_reason(out,
                             "pass %zu ended short: %" PRIu64 " bytes and %" PRIu64
                             " bad sectors of %" PRIu64 " bytes",
                             i + 1, job->passes[i].bytes, job->passes[i].errors,
                             job->plan.identity.capacity);
}

/* Blocks that verification could not read and where no bad sector was known before. */
static uint64_t unexpected_reads(const struct lethe_job *job)
{
    struct lethe_range all[2 * LETHE_EXCEPTION_RANGES_MAX];
    uint32_t block =
        job->verification.block ? job->verification.block : lethe_plan_sector(&job->plan);
    size_t n = lethe_job_exceptions(job, all);
    return lethe_ranges_units(all, n, block, UINT64_MAX) -
           lethe_ranges_units(job->write_exceptions, job->n_write_exceptions, block, UINT64_MAX);
}

static void find_bad_verification(const struct lethe_job *job, struct lethe_assessment *out)
{
    const struct lethe_verify_result *result = &job->verification;
    uint64_t unread = unexpected_reads(job);
    if (job->verified && result->canaries_survived > 0)
        lethe_add_reason(
            out, "%" PRIu32 " of %" PRIu32 " marks written before the erasure are still there",
            result->canaries_survived, result->canaries_checked);
    if (job->verified && result->mismatches > 0)
        lethe_add_reason(out,
                         "%" PRIu64 " of %" PRIu64
                         " blocks read do not hold what was written, the first at byte %" PRIu64,
                         result->mismatches, result->samples, result->first_mismatch);
    if (job->verified && result->unreadable > 0)
        lethe_add_reason(out, "%" PRIu64 " blocks could not be read to be verified",
                         result->unreadable);
    else if (unread > 0)
        lethe_add_reason(out, "%" PRIu64 " blocks could not be read to be verified", unread);
}

const char *lethe_exceptions_what(const struct lethe_job *job)
{
    bool unwritten = job->n_write_exceptions > 0;
    for (size_t i = 0; i < LETHE_PASSES_MAX; i++)
        unwritten = unwritten || job->passes[i].errors > 0;
    return !unwritten                   ? "could not be read"
           : job->n_read_exceptions > 0 ? "could not be overwritten or not be read"
                                        : "were left as they were";
}

static void find_bad_exceptions(const struct lethe_job *job, struct lethe_assessment *out)
{
    if (job->exceptions_truncated)
        lethe_add_reason(out, "more bad areas than a record can list");
    if (out->exception_sectors == 0)
        return;
    if (!job->plan.policy.exceptions_allowed)
        lethe_add_reason(out, "%" PRIu64 " sectors %s; policy %s allows none",
                         out->exception_sectors, lethe_exceptions_what(job), job->plan.policy.id);
    else if (out->exception_sectors > job->plan.policy.exceptions_max_sectors)
        lethe_add_reason(out, "%" PRIu64 " sectors %s; policy %s allows %" PRIu64,
                         out->exception_sectors, lethe_exceptions_what(job), job->plan.policy.id,
                         job->plan.policy.exceptions_max_sectors);
}

bool lethe_find_failure(const struct lethe_job *job, struct lethe_assessment *out)
{
    size_t before = out->n_reasons;
    if (job->identity_failed)
        lethe_add_reason(out, "not the device that was armed any more: %s", job->failure.what);
    else if (job->failure.code && job->failure.code != LETHE_E_CANCELLED)
        lethe_add_reason(out, "%s", job->failure.what);
    find_bad_verification(job, out);
    find_bad_passes(job, out);
    find_bad_exceptions(job, out);
    return out->n_reasons > before;
}

/* ---- gaps ---- */

static void find_missing_steps(const struct lethe_job *job, struct lethe_assessment *out)
{
    static const char *const kinds[] = {[LETHE_STEP_CANARY] = "marking",
                                        [LETHE_STEP_TECHNIQUE] = "erasing",
                                        [LETHE_STEP_VERIFY] = "verifying",
                                        [LETHE_STEP_PREPARE] = "preparing",
                                        [LETHE_STEP_STATE] = "asking for the state"};
    for (size_t i = 0; i < job->plan.n_steps; i++) {
        const char *kind = kinds[job->plan.steps[i].kind];
        if (!job->step_ok[i])
            lethe_add_reason(out, "step %zu (%s) was not brought to its end", i + 1, kind);
        else if (!job->step_sound[i])
            lethe_add_reason(
                out, "step %zu (%s) was not done by its own worker on the device as identified",
                i + 1, kind);
    }
}

/* Pointers that were reset hide what is behind them, erased or not (src/technique/zones.h). */
static void add_unobserved(const struct lethe_job *job, struct lethe_assessment *out)
{
    bool lost = false;
    for (size_t i = 0; i < job->plan.n_steps; i++)
        lost = lost ||
               json_is_false(json_object_get(json_object_get(job->attests[i], "zones"), "kept"));
    if (lost)
        lethe_add_reason(out, "the drive did not keep its write pointers as it was told to: what "
                              "it gives out now does not show what its zones hold");
    else
        lethe_add_reason(out, "the end of the erasure was not observed: the device's word alone is "
                              "no evidence");
}

static void find_missing_erasure(const struct lethe_job *job, struct lethe_assessment *out)
{
    int step = lethe_plan_overwrite(&job->plan);
    bool technique = false, attested = true;
    for (size_t i = 0; i < job->plan.n_steps; i++) {
        technique = technique || job->plan.steps[i].kind == LETHE_STEP_TECHNIQUE;
        attested = attested && (!lethe_step_by_technique(&job->plan.steps[i]) || job->attests[i]);
    }
    if (!technique)
        lethe_add_reason(out, "the plan has no step that erases");
    else if (!attested)
        lethe_add_reason(out, "the technique gave no evidence of its end");
    else if (step < 0 && !lethe_job_firmware_proved(job))
        add_unobserved(job, out);
    for (size_t i = 0; step >= 0 && i < job->plan.steps[step].n_passes; i++)
        if (!job->passes[i].ended)
            lethe_add_reason(out, "pass %zu was not brought to its end", i + 1);
        else if (job->passes[i].complete && job->passes[i].point != job->plan.identity.capacity)
            lethe_add_reason(out, "the end of pass %zu was never flushed to the medium", i + 1);
    if (job->canaries_written < lethe_plan_canaries(&job->plan))
        lethe_add_reason(out, "%" PRIu32 " of %" PRIu32 " marks were written before the erasure",
                         job->canaries_written, lethe_plan_canaries(&job->plan));
}

/* Blocks that verification may have skipped because their sectors are known exceptions. */
static uint64_t excusable(const struct lethe_job *job)
{
    return lethe_ranges_units(job->write_exceptions, job->n_write_exceptions,
                              job->verification.block, job->plan.identity.capacity);
}

/* Does the result add up at all? Its numbers come from a worker. A block with a bad sector may have
 * been read in part: its bytes count, the block does not. */
static bool adds_up(const struct lethe_job *job)
{
    const struct lethe_verify_result *r = &job->verification;
    uint64_t capacity = job->plan.identity.capacity;
    if (r->block == 0 || r->blocks != capacity / r->block + (capacity % r->block != 0))
        return false;
    return r->samples <= r->blocks && r->bytes <= capacity && r->excepted <= r->blocks &&
           r->unreadable <= r->blocks && r->withheld <= r->blocks &&
           r->bytes / r->block <= r->samples + r->excepted + r->unreadable &&
           r->excepted <= excusable(job);
}

/* The share of the medium that 88r1 sampling must have read: samples x percent of every subsection.
 */
static uint64_t strata_bytes(const struct lethe_verification_rule *rule, uint64_t capacity)
{
    uint64_t ppm = (uint64_t)rule->samples * rule->percent_ppm;
    ppm = ppm > 1000000 ? 1000000 : ppm;
    return capacity / 1000000 * ppm + capacity % 1000000 * ppm / 1000000;
}

/* Did it look as far as the rule demands? Bytes of known bad sectors count as asked for. */
static bool far_enough(const struct lethe_job *job, const struct lethe_step *step)
{
    const struct lethe_verification_rule *rule = &step->verification;
    const struct lethe_verify_result *r = &job->verification;
    bool marks = step->leaves == LETHE_LEAVES_UNKNOWN;
    /* What the drive may withhold by its own word counts as asked for; a limitation says so. */
    uint64_t withheld = step->reads_may_fail ? r->withheld : 0;
    uint64_t capacity = job->plan.identity.capacity, sector = lethe_plan_sector(&job->plan);
    uint64_t skipped = r->excepted * r->block;
    uint64_t known = sector * lethe_ranges_units(job->write_exceptions, job->n_write_exceptions,
                                                 (uint32_t)sector, capacity);
    skipped = skipped < known ? skipped : known;
    skipped += withheld * r->block;
    uint64_t reached = skipped > capacity - r->bytes ? capacity : r->bytes + skipped;
    if (r->mode == LETHE_VERIFY_FULL)
        return reached == capacity;
    /* Marks stand for all that is addressable, and a device's erasure begins anew when it was cut
     * short: there is nothing that reading in full would add. */
    if ((job->verify_full && !marks) || r->mode != rule->mode)
        return false;
    if (r->mode == LETHE_VERIFY_CONFIDENCE)
        return rule->confidence_ppm > 0 && rule->fraction_ppm > 0 &&
               (r->samples + (marks ? r->excepted + withheld : 0) >=
                    lethe_sample_count(rule->confidence_ppm, rule->fraction_ppm, r->blocks) ||
                r->samples + r->excepted + withheld >= r->blocks);
    return r->mode == LETHE_VERIFY_STRATA && rule->samples > 0 && rule->percent_ppm > 0 &&
           reached >= strata_bytes(rule, capacity);
}

static void find_missing_verification(const struct lethe_job *job, struct lethe_assessment *out)
{
    const struct lethe_step *step = lethe_plan_verification(&job->plan);
    const struct lethe_verify_result *result = &job->verification;
    if (!step || step->verification.mode == LETHE_VERIFY_NONE) {
        lethe_add_reason(out, "the plan verifies nothing");
        return;
    }
    if (!job->verified) {
        lethe_add_reason(out, "nothing was verified");
        return;
    }
    if (!result->complete)
        lethe_add_reason(out, "the verification did not read all that it meant to");
    if (!adds_up(job))
        lethe_add_reason(out,
                         "the numbers of the verification contradict each other or the record");
    else if (!far_enough(job, step))
        lethe_add_reason(out,
                         job->verify_full
                             ? "the job was interrupted and was not verified in full afterwards"
                             : "the verification looked at less than the policy demands");
    if (result->canaries_checked + (step->reads_may_fail ? result->withheld : 0) <
        lethe_plan_canaries(&job->plan))
        lethe_add_reason(out, "%" PRIu32 " of %" PRIu32 " marks were looked for after the erasure",
                         result->canaries_checked, lethe_plan_canaries(&job->plan));
    if (!job->identity_after)
        lethe_add_reason(out, "the device was not identified again after the verification");
}

void lethe_find_missing_start(const struct lethe_job *job, struct lethe_assessment *out)
{
    if (!job->start_body)
        lethe_add_reason(out, "the job has no recorded start");
    find_missing_steps(job, out);
}

void lethe_find_untested(const struct lethe_job *job, struct lethe_assessment *out)
{
    if (job->plan.profile.status < job->plan.policy.min_test_status &&
        !json_is_true(json_object_get(job->created_body, "accept_untested")))
        lethe_add_reason(out, "this technique is %s on this family of devices; policy %s wants %s",
                         lethe_test_status_name(job->plan.profile.status), job->plan.policy.id,
                         lethe_test_status_name(job->plan.policy.min_test_status));
}

bool lethe_find_gap(const struct lethe_job *job, struct lethe_assessment *out)
{
    size_t before = out->n_reasons;
    lethe_find_missing_start(job, out);
    find_missing_erasure(job, out);
    find_missing_verification(job, out);
    lethe_find_untested(job, out);
    return out->n_reasons > before;
}
