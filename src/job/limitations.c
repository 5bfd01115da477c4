/* SPDX-License-Identifier: Apache-2.0 */
/* What the certificate must say beside its claim (rule 2): first what this job showed, then what
 * plan and bench knew before. */
#include "base/text.h"
#include "job/parts.h"
#include <inttypes.h>
#include <lethe/facts.h>
#include <lethe/technique.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

static void add(struct lethe_assessment *out, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static void add(struct lethe_assessment *out, const char *format, ...)
{
    char *last = out->limitations[LETHE_LIMITATIONS_MAX - 1];
    if (out->n_limitations == LETHE_LIMITATIONS_MAX) {
        lethe_text_format(
            last, sizeof(out->limitations[0]),
            "there are more limitations than fit here: see the plan and the events of the job");
        return;
    }
    va_list args;
    va_start(args, format);
    lethe_say(out->limitations[out->n_limitations++], sizeof(out->limitations[0]), format, args);
    va_end(args);
}

/* "0.0654 %", rounded up: a bound may only grow. */
static void percent(char *out, size_t out_size, double fraction)
{
    lethe_text_format(out, out_size, "%.4f %%", ceil(fraction * 1e6) / 1e4);
}

/* Marks in zones are at their beginnings: they say something of zones, and of blocks only as far as
 * zones are erased as a whole. MISS: 1 - c. */
static void add_zones(const struct lethe_job *job, double miss, struct lethe_assessment *out)
{
    const struct lethe_verify_result *r = &job->verification;
    uint64_t zones = (job->plan.identity.capacity - 1) / job->plan.zone + 1;
    char fraction[32];
    percent(fraction, sizeof(fraction), -expm1(log(miss) / (double)r->samples));
    if (r->samples >= zones)
        add(out,
            "sampled: the beginnings of all %" PRIu64 " zones were looked at (%" PRIu64
            " blocks of %" PRIu32 " bytes), and nothing behind them",
            zones, r->samples, r->block);
    else
        add(out,
            "sampled: where zones are erased as a whole, at most %s of them are not sanitised, "
            "with confidence %g %%; the beginnings of %" PRIu64 " of %" PRIu64
            " zones were looked at, and nothing behind them",
            fraction, (1 - miss) * 100, r->samples, zones);
}

/*
 * facts/standards.md section 6: no bad block among n random ones bounds the bad fraction by
 * 1 - (1-c)^(1/n) with confidence c. Blocks that are always read (both ends, partition tables) are
 * no random ones, so that at most the rule's own n counts.
 */
static void add_confidence(const struct lethe_job *job, const struct lethe_verification_rule *rule,
                           struct lethe_assessment *out)
{
    const struct lethe_verify_result *r = &job->verification;
    uint64_t n = lethe_sample_count(rule->confidence_ppm, rule->fraction_ppm, r->blocks);
    n = r->samples < n ? r->samples : n;
    if (n == 0 || rule->confidence_ppm == 0 || rule->confidence_ppm >= 1000000)
        return;
    double miss = 1 - rule->confidence_ppm / 1e6;
    char fraction[32];
    if (job->plan.zone && lethe_plan_verification(&job->plan)->leaves == LETHE_LEAVES_UNKNOWN) {
        add_zones(job, miss, out);
        return;
    }
    percent(fraction, sizeof(fraction), -expm1(log(miss) / (double)n));
    add(out,
        "sampled: at most %s of the addressable blocks are not sanitised, with confidence %g %%; "
        "%" PRIu64 " of %" PRIu64 " blocks of %" PRIu32 " bytes were compared",
        fraction, rule->confidence_ppm / 1e4, r->samples, r->blocks, r->block);
}

static void add_verification(const struct lethe_job *job, struct lethe_assessment *out)
{
    const struct lethe_step *step = lethe_plan_verification(&job->plan);
    const struct lethe_verify_result *r = &job->verification;
    uint64_t capacity = job->plan.identity.capacity;
    /* A bound on what was not found is only said where nothing was found. */
    if (!job->verified || !step || r->bytes >= capacity || !lethe_verify_clean(r) || !r->complete)
        return;
    if (r->mode == LETHE_VERIFY_CONFIDENCE) {
        add_confidence(job, &step->verification, out);
    } else if (r->mode == LETHE_VERIFY_STRATA) {
        char read[32];
        lethe_text_format(read, sizeof(read), "%.2f %%",
                          floor((double)r->bytes / (double)capacity * 1e4) / 1e2);
        add(out, "sampled: %s of the addressable space was compared, the rest was not read", read);
    }
}

static void add_course(const struct lethe_job *job, struct lethe_assessment *out)
{
    if (out->exception_sectors > 0)
        add(out,
            "%s%" PRIu64
            " sectors could not be overwritten or read and may hold what they held before",
            job->exceptions_truncated ? "at least " : "", out->exception_sectors);
    if (job->interruptions > 0)
        add(out, "the job was interrupted %" PRIu32 " times and resumed %" PRIu32 " times%s",
            job->interruptions, job->resumptions,
            job->verify_full ? "; verification in full was required for that" : "");
    if (job->clock_released)
        add(out,
            "the clock of the bench was %" PRIu64
            " s ahead when the job ran, and was released: when "
            "it began is not known, and all its times are that of its end",
            (job->clock_back + 999) / 1000);
    else if (job->clock_back >= LETHE_CLOCK_ANOMALY_MS)
        add(out, "the clock of the bench was set back by %" PRIu64 " s during the job",
            (job->clock_back + 999) / 1000);
}

/* Rule 1: that a command was answered shows nothing of what it did. */
static void add_unseen(const struct lethe_job *job, struct lethe_assessment *out)
{
    for (size_t i = 0; i < job->plan.n_steps; i++) {
        const json_t *unseen = json_object_get(job->attests[i], LETHE_EVIDENCE_UNSEEN);
        const char *command = json_string_value(json_object_get(unseen, "command"));
        json_int_t ms = json_integer_value(json_object_get(unseen, "milliseconds"));
        if (command)
            add(out,
                "%s was accepted and answered after %" JSON_INTEGER_FORMAT
                " ms; nothing observable shows that it was done",
                command, ms);
    }
}

/* Asked behind a power cycle, too (technique ata-unhide). */
static void add_untold(const struct lethe_job *job, struct lethe_assessment *out)
{
    for (size_t i = 0; i < job->plan.n_steps; i++) {
        const char *way =
            json_string_value(json_object_get(job->attests[i], LETHE_EVIDENCE_UNTOLD));
        if (way)
            add(out,
                "The device says that it can hide a part of its capacity (%.16s), and refused to "
                "tell whether it does, after a power cycle, too; what was hidden was not reached.",
                way);
    }
}

/* V8 of facts/phones.md 1.4: told by an Apple device that is asked again; not being told is no
 * "no".
 */
static void add_locks(const struct lethe_job *job, struct lethe_assessment *out)
{
    const json_t *last = NULL;
    for (size_t i = 0; i < job->plan.n_steps; i++)
        if (job->findings[i] && json_is_object(json_object_get(job->findings[i], "after")))
            last = json_object_get(job->findings[i], "after");
    const char *lock = json_string_value(json_object_get(last, "activation_lock"));
    if (lock && strcmp(lock, "yes") != 0 && strcmp(lock, "no") != 0)
        add(out, "Locks not checked after the erasure: %s.",
            lethe_lock_name(LETHE_LOCK_ACTIVATION));
}

/* Where it does not stand in the way of the claim (lethe_job_grade()), it is said all the same. */
static void add_partitions(const struct lethe_job *job, struct lethe_assessment *out)
{
    for (size_t i = 0; i < job->plan.n_steps; i++) {
        const json_t *replies = json_object_get(job->attests[i], "replies");
        const char *reply = json_string_value(json_object_get(replies, "metadata"));
        if (reply && strcmp(reply, "refused") == 0)
            add(out, "Metadata was not erased: the bootloader told of no such partition, and "
                     "refused to erase one.");
    }
}

static bool begins(const char *limitation, const char *with)
{
    return strncmp(limitation, with, strlen(with)) == 0;
}

/* What was not looked at bounds and shows nothing. NULL: it holds all the same. */
static const char *of_unverified(const char *limitation)
{
    static const char *const bounds[] = {LETHE_LIMIT_VERIFIED, LETHE_LIMIT_OWN_MARKS,
                                         LETHE_LIMIT_OWN_ZONES};
    for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++)
        if (begins(limitation, bounds[i]))
            return "It was not verified: the job was over before.";
    return begins(limitation, LETHE_LIMIT_OWN_SPARE) ? LETHE_LIMIT_OWN_SPARE "." : NULL;
}

/* Where only the overwrite behind it counts, what the plan said of the drive's own erasure is said
 * of the overwrite, each in its place: check_end() holds older records to the number of them. */
static void add_of_plan(const struct lethe_job *job, const char *limitation,
                        struct lethe_assessment *out)
{
    const struct lethe_plan *plan = &job->plan;
    char own[192];
    bool told = plan->identity.media != LETHE_MEDIA_FLASH;
    for (size_t i = 0; i < plan->n_limitations; i++)
        told = told || begins(plan->limitations[i], LETHE_LIMIT_SPARE);
    const char *unverified = job->verified ? NULL : of_unverified(limitation);
    if (unverified)
        add(out, "%s", unverified);
    else if (!lethe_job_only_overwritten(job))
        add(out, "%s", limitation);
    else if (begins(limitation, LETHE_LIMIT_OWN_ZONES))
        add(out, "%s", LETHE_LIMIT_ZONES);
    else if (begins(limitation, LETHE_LIMIT_OWN_SPARE) &&
             lethe_job_uncounted(job, own, sizeof(own)))
        add(out, "%s%s%s", own, told ? "" : ". ", told ? "" : LETHE_LIMIT_SPARE);
    else if (begins(limitation, LETHE_LIMIT_OWN_SPARE) && !told)
        add(out, "%s", LETHE_LIMIT_SPARE);
    else if (!begins(limitation, LETHE_LIMIT_OWN_SPARE) &&
             !begins(limitation, LETHE_LIMIT_OWN_WITHHELD))
        add(out, "%s", limitation);
}

static void add_known_before(const struct lethe_job *job, struct lethe_assessment *out)
{
    const struct lethe_plan *plan = &job->plan;
    size_t i;
    json_t *one;
    if (plan->profile.status < plan->policy.min_test_status &&
        json_is_true(json_object_get(job->created_body, "accept_untested")))
        add(out, "this technique is %s on this family of devices, which was accepted for this job",
            lethe_test_status_name(plan->profile.status));
    if (!plan->policy.read_in_full)
        add(out, "the standard behind policy %s was not read in full by the makers of this tool",
            plan->policy.id);
    json_array_foreach(json_object_get(job->created_body, "limitations"), i, one)
        add(out, "%s", json_string_value(one));
    for (i = 0; i < plan->n_limitations; i++)
        add_of_plan(job, plan->limitations[i], out);
}

void lethe_add_limitations(const struct lethe_job *job, struct lethe_assessment *out)
{
    add_verification(job, out);
    add_course(job, out);
    add_unseen(job, out);
    add_untold(job, out);
    add_locks(job, out);
    add_partitions(job, out);
    add_known_before(job, out);
}
