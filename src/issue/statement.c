/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "issue/parts.h"
#include <inttypes.h>

/* What a certificate says so, a verifier makes again of the numbers (certs/SPEC.md, "Statements").
 * 990000 -> "99", 999500 -> "99.95": parts per million as a percentage without needless zeros. */
static void percent(char *out, size_t out_size, uint32_t ppm)
{
    if (ppm % 10000 == 0)
        lethe_text_format(out, out_size, "%u", ppm / 10000);
    else if (ppm % 1000 == 0)
        lethe_text_format(out, out_size, "%u.%u", ppm / 10000, ppm % 10000 / 1000);
    else if (ppm % 100 == 0)
        lethe_text_format(out, out_size, "%u.%02u", ppm / 10000, ppm % 10000 / 100);
    else
        lethe_text_format(out, out_size, "%u.%04u", ppm / 10000, ppm % 10000);
}

static const struct lethe_verification_rule *rule_of(const struct lethe_job *job)
{
    static const struct lethe_verification_rule none;
    for (size_t i = 0; i < job->plan.n_steps; i++)
        if (job->plan.steps[i].kind == LETHE_STEP_VERIFY)
            return &job->plan.steps[i].verification;
    return &none;
}

static bool by_marks(const struct lethe_job *job)
{
    for (size_t i = 0; i < job->plan.n_steps; i++)
        if (job->plan.steps[i].kind == LETHE_STEP_VERIFY)
            return job->plan.steps[i].leaves == LETHE_LEAVES_UNKNOWN;
    return false;
}

void lethe_statement(char *out, size_t out_size, const struct lethe_job *job)
{
    const struct lethe_verify_result *result = &job->verification;
    const struct lethe_verification_rule *rule = rule_of(job);
    char share[16], sure[16], coverage[16];
    if (lethe_class_is_phone(job->plan.identity.class_)) {
        lethe_phone_statement(out, out_size, job);
        return;
    }
    percent(coverage, sizeof(coverage), result->coverage_ppm);
    if (!job->verified)
        lethe_text_format(out, out_size, "Nothing was verified.");
    else if (result->mismatches > 0)
        lethe_text_format(out, out_size,
                          "%" PRIu64 " of the %" PRIu64 " blocks that were read do not hold what "
                          "the erasure should have left.",
                          result->mismatches, result->samples);
    else if (result->canaries_survived > 0)
        lethe_text_format(out, out_size,
                          "%" PRIu32 " of the %" PRIu32 " marks that had been written before the "
                          "erasure and were looked for are still there.",
                          result->canaries_survived, result->canaries_checked);
    else if (!result->complete)
        lethe_text_format(out, out_size, "The verification did not come to its end.");
    else if (result->withheld > 0 && by_marks(job))
        lethe_text_format(out, out_size,
                          "%" PRIu64 " of the %" PRIu32 " marks that had been written before the "
                          "erasure were looked for, and none is there any more; the drive did not "
                          "give out the blocks of the other %" PRIu64 ".",
                          result->samples, job->canaries_written, result->withheld);
    else if (result->withheld > 0)
        lethe_text_format(out, out_size,
                          "%" PRIu64 " of %" PRIu64 " blocks were read and none differs; the drive "
                          "did not give out %" PRIu64 " that were asked for.",
                          result->samples, result->blocks, result->withheld);
    else if (result->mode == LETHE_VERIFY_FULL)
        lethe_text_format(out, out_size,
                          "All %" PRIu64 " addressable blocks were read; each holds what the "
                          "erasure left%s.",
                          result->blocks, result->excepted ? ", known exceptions apart" : "");
    else if (result->mode == LETHE_VERIFY_CONFIDENCE) {
        percent(share, sizeof(share), rule->fraction_ppm);
        percent(sure, sizeof(sure), rule->confidence_ppm);
        if (by_marks(job) && job->plan.zone) {
            lethe_text_format(out, out_size,
                              "%" PRIu64 " marks had been written at the beginnings of zones drawn "
                              "at random, and none is there any more; what was behind them was "
                              "neither marked nor read.",
                              result->samples);
            return;
        }
        if (by_marks(job)) {
            lethe_text_format(out, out_size,
                              "At most %s %% of the addressable blocks are not sanitised, with %s "
                              "%% confidence: %" PRIu64 " marks had been written at random places, "
                              "and none is there any more.",
                              share, sure, result->samples);
            return;
        }
        lethe_text_format(out, out_size,
                          "At most %s %% of the addressable blocks are not sanitised, with %s %% "
                          "confidence: %" PRIu64 " of %" PRIu64 " blocks, drawn at random, were "
                          "read and none differs.",
                          share, sure, result->samples, result->blocks);
    } else
        lethe_text_format(out, out_size,
                          "%s %% of the medium was read in %u random samples of each of %u "
                          "subsections; nothing differs.",
                          coverage, rule->samples, rule->subsections);
}
