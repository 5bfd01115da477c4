/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verdict (rules 1 and 2). Asked from the worst down: does anything say "not sanitised"; was it
 * stopped; is any evidence missing; was anything left out. Only then did it pass.
 */
#include "base/text.h"
#include "job/parts.h"
#include <string.h>

static uint64_t count_exceptions(const struct lethe_job *job)
{
    struct lethe_range all[2 * LETHE_EXCEPTION_RANGES_MAX];
    size_t n = lethe_job_exceptions(job, all);
    uint64_t sectors = lethe_ranges_units(all, n, lethe_plan_sector(&job->plan), UINT64_MAX);
    for (size_t i = 0; i < LETHE_PASSES_MAX; i++)
        if (job->passes[i].errors > sectors)
            sectors = job->passes[i].errors;
    return sectors;
}

/* Marks that an overwrite was about to wipe out: all were looked for before it, none stood. One
 * that the drive may withhold by its own word counts as asked for, as in a verification; a
 * limitation says so. */
static bool marks_gone(const struct lethe_job *job, size_t step)
{
    const json_t *marks = json_object_get(job->attests[step], "marks");
    const json_t *checked = json_object_get(marks, "checked");
    return json_is_integer(checked) &&
           (job->plan.steps[step].reads_may_fail ||
            json_integer_value(checked) >= (json_int_t)lethe_plan_canaries(&job->plan)) &&
           json_is_integer(json_object_get(marks, "standing")) &&
           json_integer_value(json_object_get(marks, "standing")) == 0;
}

bool lethe_job_firmware_proved(const struct lethe_job *job)
{
    bool overwritten = lethe_plan_overwrite(&job->plan) >= 0;
    for (size_t i = 0; i < job->plan.n_steps; i++)
        if (job->plan.steps[i].kind == LETHE_STEP_TECHNIQUE && !job->plan.steps[i].n_passes)
            return job->step_ok[i] && json_is_true(json_object_get(job->attests[i], "proved")) &&
                   (!overwritten || marks_gone(job, i));
    return false;
}

static int own_erasure(const struct lethe_plan *plan)
{
    for (size_t i = 0; i < plan->n_steps; i++)
        if (plan->steps[i].kind == LETHE_STEP_TECHNIQUE && !plan->steps[i].n_passes)
            return (int)i;
    return -1;
}

bool lethe_job_only_overwritten(const struct lethe_job *job)
{
    return lethe_plan_overwrite(&job->plan) >= 0 && own_erasure(&job->plan) >= 0 &&
           !lethe_job_firmware_proved(job);
}

static json_int_t own_marks_standing(const struct lethe_job *job)
{
    int step = own_erasure(&job->plan);
    const json_t *marks = step >= 0 ? json_object_get(job->attests[step], "marks") : NULL;
    return json_integer_value(json_object_get(marks, "standing"));
}

bool lethe_job_uncounted(const struct lethe_job *job, char *out, size_t out_size)
{
    int step = own_erasure(&job->plan);
    const json_t *evidence = step >= 0 ? job->attests[step] : NULL;
    const json_t *marks = json_object_get(evidence, "marks");
    json_int_t standing = own_marks_standing(job);
    if (!evidence || !lethe_job_only_overwritten(job))
        return false;
    if (standing > 0)
        lethe_text_format(out, out_size,
                          "the device called its own erasure done with %lld of %lld marks still "
                          "there; only the overwrite behind it counts",
                          (long long)standing,
                          (long long)json_integer_value(json_object_get(marks, "checked")));
    else
        lethe_text_format(out, out_size,
                          "that the device's own erasure worked was not %s; only the overwrite "
                          "behind it counts",
                          json_is_true(json_object_get(evidence, "proved"))
                              ? "shown by all of its marks"
                              : "observed");
    return true;
}

/* Nobody knows whether the drive hides a part of itself. */
static bool may_hide(const struct lethe_job *job)
{
    for (size_t i = 0; i < job->plan.n_steps; i++)
        if (json_object_get(job->attests[i], LETHE_EVIDENCE_UNTOLD))
            return true;
    return false;
}

/* Technique x media x profile is in the plan; a host overwrite is Clear everywhere (facts: IEEE
 * 2883 table). What the device did to itself counts where its end was observed; where it was not,
 * an overwrite behind it still is one. */
static enum lethe_method achieved(const struct lethe_job *job)
{
    const struct lethe_plan *plan = &job->plan;
    bool clear = !lethe_class_is_phone(plan->identity.class_) &&
                 (!lethe_job_firmware_proved(job) || may_hide(job));
    return clear && plan->method > LETHE_METHOD_CLEAR ? LETHE_METHOD_CLEAR : plan->method;
}

/* Stopped by somebody? WHY then says by whom. */
static bool is_cancelled(const struct lethe_job *job, const char **why)
{
    *why = job->aborted ? job->abort_reason : job->failure.what;
    return job->aborted || job->failure.code == LETHE_E_CANCELLED;
}

static enum lethe_outcome judge_phone(const struct lethe_job *job, struct lethe_assessment *out)
{
    const char *why;
    if (lethe_phone_find_failure(job, out))
        return LETHE_OUTCOME_FAILED;
    if (is_cancelled(job, &why)) {
        lethe_add_reason(out, "stopped (%s): NOT shown to be sanitised", why);
        return LETHE_OUTCOME_ABORTED;
    }
    if (lethe_phone_find_gap(job, out))
        return LETHE_OUTCOME_INDETERMINATE;
    return lethe_phone_is_attested(job, out) ? LETHE_OUTCOME_OPERATOR_ATTESTED
                                             : LETHE_OUTCOME_PASSED;
}

/* What hides a part of the drive was opened, and nothing else begun: steps only go on. */
static bool only_opened(const struct lethe_job *job)
{
    for (int i = 0; i <= job->step; i++)
        if (strcmp(job->plan.steps[i].technique, "ata-unhide") != 0)
            return false;
    return true;
}

static enum lethe_outcome judge(const struct lethe_job *job, struct lethe_assessment *out)
{
    const char *why;
    bool cancelled = is_cancelled(job, &why);
    /* A lock that came behind the plan: the technique looked once more, and sent nothing. */
    if (!job->destructive ||
        (job->failure.code == LETHE_E_REFUSED && !cancelled && lethe_job_unharmed(job))) {
        if (cancelled)
            lethe_add_reason(out, "stopped before anything destructive was sent (%s)", why);
        else
            lethe_add_reason(out, "nothing destructive was sent%s%s", job->failure.code ? ": " : "",
                             job->failure.what);
        return cancelled ? LETHE_OUTCOME_ABORTED : LETHE_OUTCOME_REFUSED;
    }
    if (lethe_class_is_phone(job->plan.identity.class_))
        return judge_phone(job, out);
    if (lethe_find_failure(job, out))
        return LETHE_OUTCOME_FAILED;
    if (cancelled) {
        /* One sentence: check_end() holds older records to the number of them. */
        lethe_add_reason(out, "stopped (%s): NOT sanitised, %s%s", why,
                         only_opened(job) ? "nothing overwritten" : "partly overwritten",
                         lethe_job_locks(job) ? "; the drive may be locked by the password that "
                                                "this job set (user: \"Lethe\")"
                                              : "");
        return LETHE_OUTCOME_ABORTED;
    }
    if (lethe_find_gap(job, out))
        return LETHE_OUTCOME_INDETERMINATE;
    if (out->exception_sectors > 0) {
        lethe_add_reason(out, "%llu sectors %s, which policy %s allows",
                         (unsigned long long)out->exception_sectors, lethe_exceptions_what(job),
                         job->plan.policy.id);
        return LETHE_OUTCOME_PASSED_WITH_EXCEPTIONS;
    }
    return LETHE_OUTCOME_PASSED;
}

void lethe_assess(const struct lethe_job *job, struct lethe_assessment *out)
{
    char own[sizeof(out->reasons[0])];
    memset(out, 0, sizeof(*out));
    out->exception_sectors = count_exceptions(job);
    out->outcome = judge(job, out);
    bool passed = out->outcome == LETHE_OUTCOME_PASSED ||
                  out->outcome == LETHE_OUTCOME_PASSED_WITH_EXCEPTIONS;
    out->method = passed ? achieved(job) : LETHE_METHOD_NONE;
    out->policy_met = passed && !job->plan.not_demonstrable && out->method > LETHE_METHOD_NONE &&
                      out->method >= job->plan.policy.method;
    if (passed && job->plan.not_demonstrable)
        lethe_add_reason(out,
                         "not demonstrable: policy %s asks for overwriting or block erase, which "
                         "nobody can show on such a device",
                         job->plan.policy.id);
    if (passed && out->method < job->plan.policy.method) {
        bool uncounted = lethe_job_uncounted(job, own, sizeof(own));
        bool standing = uncounted && own_marks_standing(job) > 0;
        /* The rest of it is no sentence of its own: check_end() holds older records to the number
         * of them. */
        lethe_add_reason(out, "policy %s wants %s; %s is what was proved%s%s", job->plan.policy.id,
                         lethe_method_name(job->plan.policy.method), lethe_method_name(out->method),
                         uncounted && !standing ? ": " : "", uncounted && !standing ? own : "");
        if (standing)
            lethe_add_reason(out, "%s", own);
    }
    lethe_add_limitations(job, out);
}

static json_t *texts(size_t n, size_t size, const char *first)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n && list; i++)
        if (json_array_append_new(list, json_string(first + i * size)) < 0) {
            json_decref(list);
            return NULL;
        }
    return list;
}

json_t *lethe_assessment_to_json(const struct lethe_assessment *assessment,
                                 const struct lethe_job *job)
{
    struct lethe_range all[2 * LETHE_EXCEPTION_RANGES_MAX];
    size_t n = lethe_job_exceptions(job, all);
    bool truncated = job->exceptions_truncated || n > LETHE_EXCEPTION_RANGES_MAX;
    n = n > LETHE_EXCEPTION_RANGES_MAX ? LETHE_EXCEPTION_RANGES_MAX : n;
    return json_pack(
        "{s:s, s:s, s:b, s:o, s:o, s:{s:I, s:o, s:b}}", "outcome",
        lethe_outcome_name(assessment->outcome), "method", lethe_method_name(assessment->method),
        "policy_met", assessment->policy_met, "reasons",
        texts(assessment->n_reasons, sizeof(assessment->reasons[0]), assessment->reasons[0]),
        "limitations",
        texts(assessment->n_limitations, sizeof(assessment->limitations[0]),
              assessment->limitations[0]),
        "exceptions", "sectors", (json_int_t)assessment->exception_sectors, "ranges",
        lethe_ranges_to_json(all, n), "truncated", truncated);
}
