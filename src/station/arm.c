/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a request to START. Everything that would waste the hours is tried before (rule 3): the
 * claim, the identity, a signature that will still be good at the end, room for the record, a
 * clock that is not behind, the fields the policy wants. Only then is anything sent.
 */
#include <base/crypto.h>
#include <base/json.h>
#include <base/text.h>
#include <base/time.h>
#include <errno.h>
#include <lethe/emu.h>
#include <station/bench.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define RECORD_ROOM                                                                                \
    ((uint64_t)64 << 20) /* events of a job with a thousand bad ranges, with ease                  \
                          */
#define CLOCK_TOLERANCE_MS 2000

const struct lethe_plan *lethe_bench_plan(const struct lethe_bench *bench)
{
    return bench->job.state == LETHE_JOB_NEW ? bench->request->plan : &bench->job.plan;
}

static bool emulated(const struct lethe_bench *bench)
{
    return lethe_bench_plan(bench)->identity.substrate == LETHE_SUBSTRATE_EMULATED;
}

static int claim(struct lethe_bench *bench, struct lethe_error *err)
{
    const struct lethe_request *request = bench->request;
    bench->driver = lethe_driver_find(request->device->driver);
    if (!bench->driver)
        return lethe_fail(err, LETHE_E_UNSUPPORTED, "no driver for %s", request->device->target);
    if (request->faults) {
        if (!emulated(bench))
            return lethe_fail(err, LETHE_E_REFUSED,
                              "faults were asked for on a device that is not marked as emulated");
        bench->faults = memfd_create("lethe-faults", MFD_CLOEXEC);
        if (bench->faults < 0 || ftruncate(bench->faults, (off_t)lethe_emu_state_size()) < 0)
            return lethe_fail_errno(err, errno, "no memory for the counters of the faults");
    }
    int rc = bench->driver->claim(bench->station->env, request->device, &bench->held, err);
    if (rc == 0 && lethe_bench_plan(bench)->path != LETHE_PATH_NONE && bench->driver->claim_rest)
        rc = bench->driver->claim_rest(bench->held, err);
    return rc;
}

const struct lethe_device *lethe_bench_device(const struct lethe_bench *bench)
{
    return bench->returned.target[0] ? &bench->returned : bench->request->device;
}

/* A phone that restarts leaves its port by itself: said in other words than that it is gone. */
static void say_it_left(const char *when, struct lethe_error *why)
{
    if (strcmp(when, "after-verify") == 0)
        lethe_fail(why, LETHE_E_GONE,
                   "the phone left its port again while its state was looked at, or behind that: "
                   "as what it comes back nobody saw");
    else if (strcmp(when, "before-verify") == 0)
        lethe_fail(why, LETHE_E_GONE,
                   "the phone left its port again before its state could be looked at");
    else if (strcmp(when, "before-erase") == 0)
        lethe_fail(why, LETHE_E_GONE, "the phone left its port before the next step was begun");
}

int lethe_bench_check_identity(struct lethe_bench *bench, const char *when, struct lethe_error *err)
{
    struct lethe_error why = {0};
    struct lethe_identity now = {0};
    int rc = bench->driver->identify(bench->held, &now, &why);
    if (rc == 0 && bench->request->faults)
        now.substrate = LETHE_SUBSTRATE_EMULATED;
    if (rc == 0)
        rc = lethe_job_same_device(&bench->job, &now, &why);
    if (rc == -LETHE_E_GONE && bench->driver->phone)
        say_it_left(when, &why);
    json_t *body = json_pack("{s:s, s:b}", "when", when, "ok", rc == 0);
    if (body && rc < 0)
        json_object_set_new(body, "reason", json_string(why.what));
    int recorded = lethe_bench_record(bench, LETHE_EVENT_IDENTITY_CHECKED, body, err);
    if (recorded < 0)
        return recorded;
    if (rc < 0)
        bench->changed = why;
    if (rc < 0 && err)
        *err = why;
    return rc;
}

/* NIST SP 800-88r2 section 4.6 and the policy: what a record must name. */
static int check_record(const struct lethe_bench *bench, struct lethe_error *err)
{
    const struct lethe_plan *plan = &bench->job.plan;
    for (size_t i = 0; i < plan->policy.n_required; i++) {
        char key[32];
        lethe_text_format(key, sizeof(key), "%s", plan->policy.required[i]);
        for (char *c = key; *c; c++)
            if (*c == '-')
                *c = '_';
        const char *value = json_string_value(json_object_get(bench->request->record, key));
        if (!value)
            value = json_string_value(
                json_object_get(bench->request->custom, plan->policy.required[i]));
        if (value && *value)
            continue;
        lethe_fail(err, LETHE_E_REFUSED, "policy %s wants a record of \"%s\"", plan->policy.id,
                   plan->policy.required[i]);
        lethe_error_remedy(err, "give --%s, or --field %s=...", plan->policy.required[i],
                           plan->policy.required[i]);
        return -LETHE_E_REFUSED;
    }
    return 0;
}

static int check_clock(struct lethe_bench *bench, struct lethe_error *err)
{
    uint64_t last = 0, now = lethe_now_ms();
    int rc = lethe_store_last_time(bench->station->store, &last, err);
    if (rc < 0 || now + CLOCK_TOLERANCE_MS >= last)
        return rc;
    char then[21];
    lethe_time_format(then, last);
    rc = lethe_fail(err, LETHE_E_REFUSED, "the clock is behind the last recorded event (%s)", then);
    lethe_error_effect(err, "nothing was sent to the device, nothing was recorded");
    lethe_error_remedy(err, "set the clock: timedatectl set-ntp true; if it was that event's clock "
                            "that was wrong: lethe log release-clock --reason TEXT");
    return rc;
}

static struct lethe_signer *signer_for(struct lethe_bench *bench, struct lethe_signer **demo,
                                       struct lethe_error *err)
{
    if (!emulated(bench)) {
        if (!bench->station->signer) {
            lethe_fail(err, LETHE_E_REFUSED, "there is no bench key to sign the certificate with");
            lethe_error_remedy(err, "make one: lethe keys init --org NAME --bench NAME");
        }
        return bench->station->signer;
    }
    /* What is make-believe is never signed by the organisation's key (rule 8). */
    lethe_signer_open_demo(lethe_store_dir(bench->station->store), demo, err);
    return *demo;
}

/* What START says of the key, and the trial that it will be good when it is needed. */
static int rehearse(struct lethe_bench *bench, json_t *start, struct lethe_error *err)
{
    struct lethe_signer *demo = NULL;
    struct lethe_signer *signer = signer_for(bench, &demo, err);
    if (!signer)
        return err ? -(int)err->code : -LETHE_E_REFUSED;
    /* Twice the estimate: drives are slower than their data sheets. */
    uint64_t until = lethe_now_ms() + 2000 * lethe_plan_seconds(lethe_bench_plan(bench));
    int rc = lethe_signer_rehearse(signer, until, err);
    if (rc == 0) {
        char until_text[21];
        lethe_time_format(until_text, signer->not_after);
        json_object_set_new(start, "bench",
                            json_pack("{s:s, s:s, s:s}", "id", signer->bench, "key",
                                      signer->certificate_sha256, "not_after", until_text));
        json_object_set_new(start, "demo_key", json_boolean(signer->demo));
        rc = lethe_bench_log_ready(bench, err);
    }
    if (demo)
        lethe_signer_close(demo);
    return rc;
}

static int draw_secrets(struct lethe_bench *bench, json_t *start, struct lethe_error *err)
{
    struct {
        const char *name, *commit;
        uint8_t *data;
    } secrets[] = {{"seed", "seed_commit", bench->seed},
                   {"canary-key", "canary_commit", bench->canary_key},
                   {"sample-key", "sample_commit", bench->sample_key}};
    for (size_t i = 0; i < sizeof(secrets) / sizeof(*secrets); i++) {
        lethe_random(secrets[i].data, LETHE_KEY_SIZE);
        int rc = lethe_store_secret_put(bench->station->store, bench->job.id, secrets[i].name,
                                        secrets[i].data, LETHE_KEY_SIZE, err);
        if (rc < 0)
            return rc;
        char commit[2 * LETHE_HASH_SIZE + 1];
        lethe_sha256_hex(commit, secrets[i].data, LETHE_KEY_SIZE);
        json_object_set_new(start, secrets[i].commit, json_string(commit));
    }
    return 0;
}

int lethe_bench_secrets(struct lethe_bench *bench, struct lethe_error *err)
{
    struct lethe_store *store = bench->station->store;
    const char *job = bench->job.id;
    int rc = lethe_store_secret_get(store, job, "seed", bench->seed, sizeof(bench->seed), err);
    if (rc == 0)
        rc = lethe_store_secret_get(store, job, "canary-key", bench->canary_key,
                                    sizeof(bench->canary_key), err);
    if (rc == 0)
        rc = lethe_store_secret_get(store, job, "sample-key", bench->sample_key,
                                    sizeof(bench->sample_key), err);
    return rc;
}

static json_t *created_body(const struct lethe_bench *bench)
{
    const struct lethe_request *request = bench->request;
    const struct lethe_confirmation *c = &request->confirmation;
    json_t *limitations = json_array();
    if (request->faults)
        json_array_append_new(limitations, json_string("faults were injected: training or test"));
    return json_pack("{s:s, s:o, s:{s:s, s:s}, s:O?, s:O?, s:{s:s, s:s, s:s}, s:b, s:o}", "target",
                     request->device->target, "plan", lethe_plan_to_json(request->plan), "tool",
                     "name", "lethe", "version", LETHE_VERSION, "record", request->record, "custom",
                     request->custom, "confirmed", "by", c->by, "source", c->source, "value",
                     c->value, "accept_untested", request->accept_untested, "limitations",
                     limitations);
}

/* Is the bench itself fit to work? Asked before anything is recorded: a clock that is wrong must
 * not get into the record. */
static int check_bench(struct lethe_bench *bench, json_t *start, struct lethe_error *err)
{
    int rc = check_clock(bench, err);
    if (rc == 0)
        rc = lethe_store_room(bench->station->store, RECORD_ROOM, err);
    if (rc == 0)
        rc = rehearse(bench, start, err);
    return rc;
}

/* Nothing may be left to try once START is written. */
static int prepare(struct lethe_bench *bench, json_t *start, struct lethe_error *err)
{
    int rc = claim(bench, err);
    if (rc == 0)
        rc = check_record(bench, err);
    if (rc == 0)
        rc = draw_secrets(bench, start, err);
    if (rc == 0)
        rc = lethe_bench_check_identity(bench, "before-erase", err);
    return rc;
}

int lethe_bench_arm(struct lethe_bench *bench, struct lethe_error *err)
{
    struct lethe_identity now;
    lethe_plan_identity(lethe_bench_plan(bench), false, &now);
    LETHE_JSON_AUTO *start = json_pack("{s:o}", "identity", lethe_identity_to_json(&now));
    int rc = check_bench(bench, start, err);
    if (rc < 0)
        return rc;
    lethe_uuid7(bench->job.id);
    memcpy(bench->result.job, bench->job.id, sizeof(bench->result.job));
    bench->lock = lethe_store_job_lock(bench->station->store, bench->job.id, err);
    if (bench->lock < 0)
        return bench->lock;
    rc = lethe_bench_record(bench, LETHE_EVENT_JOB_CREATED, created_body(bench), err);
    if (rc == 0 && bench->request->device->facts)
        json_object_set_new(start, "firmware", lethe_facts_to_json(bench->request->device->facts));
    if (rc == 0)
        rc = prepare(bench, start, err);
    if (rc == 0)
        rc = lethe_bench_record(bench, LETHE_EVENT_JOB_START, json_incref(start), err);
    if (rc == 0) /* said to the world before anything is done */
        rc = lethe_bench_integrate(bench, err);
    return rc;
}

/* Where the step that was cut short can go on: an overwrite from the first pass without its end,
 * at its last durable point; anything else from its beginning. */
static struct lethe_resume_point resume_point(const struct lethe_job *job,
                                              const struct lethe_step *step)
{
    unsigned pass = 0;
    if (!step || step->n_passes == 0)
        return (struct lethe_resume_point){0};
    while (pass + 1 < step->n_passes && job->passes[pass].complete)
        pass++;
    bool again = job->passes[pass].complete && !job->plan.zone && !lethe_job_left_random(job);
    return (struct lethe_resume_point){.pass = pass, .offset = again ? 0 : job->passes[pass].point};
}

/* Its state was looked at, and by the time that the bench lives again it has left its port and come
 * back, as what nobody saw: what a person said of it before is asked for anew, and what it showed
 * by itself counts as little as if the bench had watched it leave. */
static int left_unwatched(struct lethe_bench *bench, struct lethe_error *err)
{
    struct lethe_error why = {0};
    say_it_left("after-verify", &why);
    if (lethe_bench_attest_due(&bench->job)) {
        bench->attest_since = lethe_now_ms();
        return lethe_bench_record(bench, LETHE_EVENT_INTERRUPTED,
                                  json_pack("{s:s}", "reason", why.what), err);
    }
    return lethe_bench_record(
        bench, LETHE_EVENT_IDENTITY_CHECKED,
        json_pack("{s:s, s:b, s:s}", "when", "after-verify", "ok", 0, "reason", why.what), err);
}

/* The PSID is in no record: it is typed again, or nothing is sent. */
static int check_psid(const struct lethe_bench *bench, struct lethe_error *err)
{
    const struct lethe_plan *plan = &bench->job.plan;
    bool given = bench->request->psid && bench->request->psid[0], wanted = false;
    int from = lethe_job_resume_step(&bench->job);
    for (size_t i = from < 0 ? plan->n_steps : (size_t)from; i < plan->n_steps; i++) {
        const struct lethe_technique *technique = lethe_technique_find(plan->steps[i].technique);
        wanted = wanted || (technique && technique->flags & LETHE_TECHNIQUE_PSID);
    }
    if (given || !wanted)
        return 0;
    lethe_fail(err, LETHE_E_REFUSED, "the PSID on the drive's label is needed again");
    lethe_error_effect(err, "nothing more was sent to the device; the job stays open");
    lethe_error_remedy(err, "give it: lethe resume %.13s --psid PSID", bench->job.id);
    return -LETHE_E_REFUSED;
}

/* It is not, or not yet, as the plan expects it. */
static void tell_who_is_due(const struct lethe_bench *bench, struct lethe_error *err)
{
    const char *job = bench->job.id;
    struct lethe_identity now = {0};
    bool closed =
        bench->driver->identify(bench->held, &now, NULL) == 0 && lethe_job_finds(&bench->job, &now);
    lethe_error_effect(err, "nothing more was sent to the device; the job stays open");
    if (closed)
        lethe_error_remedy(err,
                           "power it off and on again, in the same slot, so that it shows all of "
                           "itself; then: lethe resume %.13s; if it stays as it is: lethe resume "
                           "--abandon %.13s, and erase it again",
                           job, job);
    else
        lethe_error_remedy(err,
                           "attach the drive that the job was begun on, alone of its kind; then: "
                           "lethe resume %.13s; or: lethe resume --abandon %.13s",
                           job, job);
}

int lethe_bench_resume(struct lethe_bench *bench, struct lethe_error *err)
{
    memcpy(bench->result.job, bench->job.id, sizeof(bench->result.job));
    LETHE_JSON_AUTO *unused = json_object();
    bench->resumed = true;
    int rc = check_bench(bench, unused, err);
    if (rc < 0) {
        lethe_error_effect(err, "nothing more was sent to the device; the job stays open");
        return rc;
    }
    rc = check_psid(bench, err);
    if (rc == 0)
        rc = claim(bench, err);
    if (rc == 0)
        rc = lethe_bench_secrets(bench, err);
    bool last_look = lethe_bench_lacks_last_look(&bench->job);
    bool left = rc == 0 && last_look && lethe_bench_left_since_look(bench);
    if (left)
        rc = left_unwatched(bench, err);
    if (rc == 0 && last_look && lethe_bench_attest_due(&bench->job)) {
        lethe_bench_attest_open(bench);
        return 0;
    }
    if (rc == 0 && left) {
        lethe_bench_finish(bench);
        return 0;
    }
    if (rc == 0)
        rc = lethe_bench_check_identity(bench, last_look ? "after-verify" : "resume", err);
    if (rc == -LETHE_E_CHANGED && !last_look && !bench->driver->phone)
        tell_who_is_due(bench, err);
    if (rc == 0 && last_look)
        lethe_bench_finish(bench);
    return rc < 0 || last_look ? rc : lethe_bench_take_up(bench, err);
}

int lethe_bench_take_up(struct lethe_bench *bench, struct lethe_error *err)
{
    bench->resumed = true;
    int next = lethe_job_resume_step(&bench->job);
    bool again = next < lethe_job_next_step(&bench->job); /* with a step that was done */
    const struct lethe_step *step = &bench->job.plan.steps[next];
    struct lethe_resume_point point = resume_point(&bench->job, step);
    bool phone = bench->driver->phone;
    /* It was leaving its port when the supervisor died: it is awaited there again. */
    bool away = phone && next > 0 && bench->job.plan.steps[next - 1].cycle && !bench->job.cycled;
    bool judged = lethe_step_judges(step);
    bool from_canaries = step->kind == LETHE_STEP_CANARY;
    const char *reason =
        away              ? "it may have left its port meanwhile, and is awaited there again"
        : judged && phone ? "erased before; its state is asked for again"
        : judged          ? "erased before; verification starts again, in full"
        : phone           ? "what was cut short is looked at, and begun again"
        : step->n_passes && bench->job.passes[point.pass].complete && point.offset == 0
            ? "the last pass is written again: any blank medium would look so"
        : step->n_passes          ? "goes on from the last durable point"
        : from_canaries && !again ? "nothing durable yet; starts again"
                                  : "the device's own erasure is begun again, with new marks";
    int rc = lethe_bench_record(bench, LETHE_EVENT_RESUMED,
                                json_pack("{s:I, s:I, s:s}", "pass", (json_int_t)point.pass,
                                          "offset", (json_int_t)point.offset, "reason", reason),
                                err);
    if (rc < 0)
        return rc;
    if (away)
        lethe_bench_window_open(bench);
    else
        lethe_bench_go_on(bench, &point);
    return 0;
}
