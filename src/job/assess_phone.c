/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a phone's own state says of its erasure (facts/phones.md 1.4, 3). An acknowledgement is no
 * evidence, and what could not be asked is not shown: every step that erased must be shown by its
 * technique's grade, after the same phone left and came back.
 */
#include "job/fold.h"
#include "job/parts.h"
#include <lethe/phone.h>
#include <lethe/technique.h>
#include <string.h>

static bool erases(const struct lethe_step *step)
{
    return step->kind == LETHE_STEP_TECHNIQUE;
}

/* The step that looked at what STEP did: the first of its technique behind it, before anything else
 * of that technique. */
static int looked_at_by(const struct lethe_plan *plan, size_t step)
{
    for (size_t i = step + 1; i < plan->n_steps; i++)
        if (strcmp(plan->steps[i].technique, plan->steps[step].technique) == 0)
            return plan->steps[i].kind == LETHE_STEP_STATE ? (int)i : -1;
    return -1;
}

/* Did a bootloader not erase metadata (facts/phones.md 2.4, 3: grade B needs both)? Where that
 * holds the keys of everything, all else may be read again; where nobody knows, no key is known to
 * be gone. By what the phone said of itself before START. */
static bool keeps_keys(const struct lethe_job *job, size_t step)
{
    const json_t *replies = json_object_get(job->attests[step], "replies");
    const char *reply = json_string_value(json_object_get(replies, "metadata"));
    const json_t *told = json_object_get(json_object_get(job->start_body, "firmware"), "phone");
    struct lethe_phone phone = {0};
    if (!replies || (reply && strcmp(reply, "okay") == 0))
        return false;
    if (told && lethe_phone_from_json(told, &phone, NULL) < 0)
        return true;
    enum lethe_answer used = lethe_phone_encrypts_metadata(&phone);
    return used == LETHE_ANSWER_YES ||
           (used == LETHE_ANSWER_UNKNOWN && job->plan.technique_kind == LETHE_KIND_CRYPTO_ERASE);
}

enum lethe_grade lethe_job_grade(const struct lethe_job *job, size_t step, char why[192],
                                 int *look_at)
{
    const struct lethe_technique *technique = lethe_technique_find(job->plan.steps[step].technique);
    int look = looked_at_by(&job->plan, step);
    if (look_at)
        *look_at = look;
    lethe_copy_text(why, 192, "its state was not asked for");
    if (look < 0 || !job->attests[step] || !job->findings[look] || !technique || !technique->grade)
        return LETHE_GRADE_NONE;
    enum lethe_grade grade = technique->grade(job->attests[step], job->findings[look], why);
    if (grade == LETHE_GRADE_STATE && keeps_keys(job, step)) {
        lethe_copy_text(why, 192, "its bootloader did not erase metadata, where its keys are");
        return LETHE_GRADE_NONE;
    }
    /* What a person did is attested by a person, whatever its state looks like. */
    if (technique->flags & LETHE_TECHNIQUE_GUIDED && grade > LETHE_GRADE_ATTESTED)
        return LETHE_GRADE_ATTESTED;
    return grade;
}

/* Away and back within its time, as the same one, in a mode that the plan expects. */
static bool came_back(const struct lethe_job *job, size_t step)
{
    const json_t *returned = job->returned[step];
    return !job->plan.steps[step].cycle ||
           (returned && json_is_true(json_object_get(returned, "ok")));
}

bool lethe_job_attestable(const struct lethe_job *job)
{
    bool guided = false;
    for (size_t i = 0; i < job->plan.n_steps; i++) {
        if (!lethe_step_guided(&job->plan.steps[i]))
            continue;
        guided = true;
        if (!job->step_ok[i] || !came_back(job, i))
            return false;
    }
    return guided;
}

/* What ended the job was that nobody could look: the phone stayed away, or would not say. That it
 * is not erased is not said by that. */
static bool only_unseen(const struct lethe_job *job)
{
    return job->step >= 0 && !job->identity_failed &&
           ((job->step_ok[job->step] && !came_back(job, (size_t)job->step)) ||
            job->plan.steps[job->step].kind == LETHE_STEP_STATE);
}

bool lethe_phone_find_failure(const struct lethe_job *job, struct lethe_assessment *out)
{
    size_t before = out->n_reasons;
    char why[192];
    if (job->identity_failed)
        lethe_add_reason(out, "not the device that was armed any more: %s", job->failure.what);
    else if (job->failure.code && job->failure.code != LETHE_E_CANCELLED && !only_unseen(job))
        lethe_add_reason(out, "%s", job->failure.what);
    for (size_t i = 0; i < job->plan.n_steps; i++)
        if (erases(&job->plan.steps[i]) && lethe_job_grade(job, i, why, NULL) == LETHE_GRADE_DENIED)
            lethe_add_reason(out, "NOT erased by %s: %s", job->plan.steps[i].technique, why);
    return out->n_reasons > before;
}

static void find_unshown(const struct lethe_job *job, struct lethe_assessment *out)
{
    char why[192];
    bool erased = false;
    for (size_t i = 0; i < job->plan.n_steps; i++) {
        const struct lethe_step *step = &job->plan.steps[i];
        if (!came_back(job, i))
            lethe_add_reason(out, "that it left its port and came back after %s was not seen",
                             step->technique);
        if (!erases(step))
            continue;
        erased = true;
        enum lethe_grade grade = lethe_job_grade(job, i, why, NULL);
        if (grade == LETHE_GRADE_NONE)
            lethe_add_reason(out, "its state does not show that %s erased it: %s", step->technique,
                             why);
        else if (grade == LETHE_GRADE_ATTESTED && !lethe_step_guided(step))
            lethe_add_reason(out, "%s can't be attested, only shown: %s", step->technique, why);
        else if (grade == LETHE_GRADE_ATTESTED && !job->attested)
            lethe_add_reason(out, "nobody attested that %s was carried out", step->technique);
    }
    if (!erased)
        lethe_add_reason(out, "the plan has no step that erases");
}

bool lethe_phone_find_gap(const struct lethe_job *job, struct lethe_assessment *out)
{
    size_t before = out->n_reasons;
    if (job->failure.code)
        lethe_add_reason(out, "%s", job->failure.what);
    lethe_find_missing_start(job, out);
    find_unshown(job, out);
    if (!job->identity_after)
        lethe_add_reason(out, "the device was not identified again at the end");
    lethe_find_untested(job, out);
    return out->n_reasons > before;
}

bool lethe_phone_is_attested(const struct lethe_job *job, struct lethe_assessment *out)
{
    size_t before = out->n_reasons;
    char why[192];
    for (size_t i = 0; i < job->plan.n_steps; i++)
        if (erases(&job->plan.steps[i]) && lethe_job_grade(job, i, why, NULL) < LETHE_GRADE_STATE)
            lethe_add_reason(out, "%s by the word of a person, not shown by the device: %s",
                             job->plan.steps[i].technique, why);
    return out->n_reasons > before;
}
