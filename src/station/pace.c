/* SPDX-License-Identifier: Apache-2.0 */
#include <base/json.h>
#include <station/bench.h>

/* A second's worth of smoothing hides the flushes and still shows a drive that slows down. */
#define SMOOTHING 4
#define SILENCE_SECONDS 3

void lethe_pace_start(struct lethe_pace *pace, uint64_t now)
{
    *pace = (struct lethe_pace){.last_ms = now, .moved_ms = now};
}

static uint64_t verify_bytes(const struct lethe_plan *plan, const struct lethe_step *step,
                             bool full)
{
    uint64_t capacity = plan->identity.capacity;
    uint32_t block = plan->identity.physical_block > 4096 ? plan->identity.physical_block : 4096;
    if (full || step->verification.mode == LETHE_VERIFY_FULL)
        return capacity;
    if (step->verification.mode == LETHE_VERIFY_STRATA)
        return capacity / 1000 * step->verification.samples * step->verification.percent_ppm / 1000;
    uint64_t n = lethe_sample_count(step->verification.confidence_ppm,
                                    step->verification.fraction_ppm, capacity / block);
    return n * block < capacity ? n * block : capacity;
}

/* A phone has no capacity; only filling its storage moves bytes, as many as it says it has. */
static uint64_t phone_bytes(const struct lethe_bench *bench, const struct lethe_step *step)
{
    const struct lethe_technique *technique = lethe_technique_find(step->technique);
    const struct lethe_facts *facts = bench->request->device->facts;
    bool fills =
        step->kind == LETHE_STEP_TECHNIQUE && technique && technique->kind == LETHE_KIND_OVERWRITE;
    return fills && facts ? facts->phone.storage : 0;
}

/* Bytes of the step under way, and of all that follows it. */
static void account(const struct lethe_bench *bench, unsigned at, unsigned pass, uint64_t *total,
                    uint64_t *after)
{
    const struct lethe_plan *plan = &bench->job.plan;
    *total = *after = 0;
    for (unsigned i = at; i < plan->n_steps; i++) {
        const struct lethe_step *step = &plan->steps[i];
        uint64_t bytes = plan->identity.capacity;
        uint64_t further = 0;
        if (step->kind == LETHE_STEP_VERIFY)
            bytes = verify_bytes(plan, step, bench->resumed);
        else if (step->kind == LETHE_STEP_CANARY)
            bytes = 2ull * step->canaries * plan->identity.logical_block; /* and read back */
        else if (step->n_passes > 1)
            further = (step->n_passes - 1 - (i == at ? pass : 0)) * bytes;
        if (lethe_class_is_phone(plan->identity.class_))
            bytes = phone_bytes(bench, step);
        if (i == at)
            *total = bytes;
        else
            *after += bytes;
        *after += further;
    }
}

json_t *lethe_pace_silence(struct lethe_bench *bench, uint64_t now)
{
    const struct lethe_job *job = &bench->job;
    struct lethe_pace *pace = &bench->pace;
    const struct lethe_step *step = &job->plan.steps[job->step];
    uint64_t silent = (now - pace->moved_ms) / 1000;
    if (step->kind != LETHE_STEP_TECHNIQUE || step->n_passes > 0 || silent < SILENCE_SECONDS ||
        silent == pace->silent)
        return NULL;
    pace->silent = silent;
    uint64_t expected = step->expected_seconds;
    return json_pack("{s:i, s:i, s:I, s:i, s:I, s:I}", "step", job->step, "pass", 0, "done",
                     (json_int_t)pace->last_done, "errors", 0, "elapsed", (json_int_t)silent, "eta",
                     (json_int_t)(expected > silent ? expected - silent : 0));
}

void lethe_pace_progress(struct lethe_bench *bench, json_t *body, uint64_t now)
{
    struct lethe_pace *pace = &bench->pace;
    uint64_t step = 0, pass = 0, done = 0;
    if (lethe_json_u64(body, "step", &step, NULL) < 0 ||
        lethe_json_u64(body, "pass", &pass, NULL) < 0 ||
        lethe_json_u64(body, "done", &done, NULL) < 0)
        return;

    if (done < pace->last_done) { /* a new pass or step */
        pace->last_done = 0;
        pace->moved_ms = now;
    }
    if (done > pace->last_done) {
        pace->moved_ms = now;
        uint64_t elapsed = now - pace->last_ms;
        if (elapsed >= 100) {
            uint64_t rate = (done - pace->last_done) * 1000 / elapsed;
            pace->rate = pace->rate ? pace->rate + rate / SMOOTHING - pace->rate / SMOOTHING : rate;
            pace->last_ms = now;
            pace->last_done = done;
        }
    }

    uint64_t total, after;
    account(bench, (unsigned)step, (unsigned)pass, &total, &after);
    uint64_t left = (total > done ? total - done : 0) + after;
    json_object_set_new(body, "total", json_integer((json_int_t)total));
    json_object_set_new(body, "rate", json_integer((json_int_t)pace->rate));
    json_object_set_new(body, "eta",
                        json_integer(pace->rate ? (json_int_t)(left / pace->rate) : 0));
}
