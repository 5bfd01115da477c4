/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which device is the job's, at each point of its plan (rule 4): by every identifier always. Only
 * its capacity may be another one meanwhile, and only where the plan opens what the drive hides.
 */
#include "job/fold.h"
#include <inttypes.h>
#include <lethe/technique.h>

/* Steps that open hidden areas: was one begun, and are all brought to their end? */
static bool openers(const struct lethe_job *job, bool *begun)
{
    bool ended = true;
    *begun = false;
    for (int i = 0; i < (int)job->plan.n_steps; i++) {
        const struct lethe_step *step = &job->plan.steps[i];
        const struct lethe_technique *technique = lethe_technique_find(step->technique);
        if (step->kind != LETHE_STEP_PREPARE || !technique ||
            !(technique->flags & LETHE_TECHNIQUE_OPENS))
            continue;
        *begun = *begun || job->step >= i;
        ended = ended && job->step_ok[i];
    }
    return ended;
}

/* Two limits, one behind the other, are opened one after the other. */
static bool between(const struct lethe_plan *plan, uint64_t capacity)
{
    return (plan->capacity_before > 0 || plan->physical_before > 0) &&
           capacity >= plan->capacity_before && capacity <= plan->identity.capacity;
}

/* All was told to open, and this is what came of it. */
static int still_hides(uint64_t hidden, uint64_t capacity, struct lethe_error *err)
{
    lethe_fail(err, LETHE_E_CHANGED,
               "the drive still hides %" PRIu64 " of its %" PRIu64
               " bytes: what was to open them did not",
               hidden, capacity);
    lethe_error_effect(err, "nothing of it was overwritten; it is NOT sanitised");
    lethe_error_remedy(err, "power it off and on in a native SATA slot, then erase it again; if it "
                            "still hides them, destroy it");
    return -LETHE_E_CHANGED;
}

int lethe_job_same_device(const struct lethe_job *job, const struct lethe_identity *now,
                          struct lethe_error *err)
{
    struct lethe_identity due;
    bool begun, opened = openers(job, &begun);
    lethe_plan_identity(&job->plan, opened, &due);
    if (lethe_class_is_phone(due.class_))
        return lethe_identity_within(&due, now, err);
    if (begun && !opened && between(&job->plan, now->capacity))
        due.capacity = now->capacity;
    uint64_t hidden = due.capacity > now->capacity ? due.capacity - now->capacity : 0;
    if (hidden && begun && opened && job->plan.capacity_before && lethe_job_finds(job, now))
        return still_hides(hidden, due.capacity, err);
    return lethe_identity_same(&due, now, err);
}

bool lethe_job_finds(const struct lethe_job *job, const struct lethe_identity *now)
{
    struct lethe_identity before;
    const struct lethe_identity *armed = &job->plan.identity;
    bool begun;
    openers(job, &begun);
    if (lethe_class_is_phone(armed->class_))
        return lethe_identity_within(armed, now, NULL) == 0;
    lethe_plan_identity(&job->plan, false, &before);
    if (begun && between(&job->plan, now->capacity))
        before.capacity = now->capacity;
    return lethe_identity_same(armed, now, NULL) == 0 ||
           lethe_identity_same(&before, now, NULL) == 0;
}
