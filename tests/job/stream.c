/* SPDX-License-Identifier: Apache-2.0 */
#include "job/stream.h"

#include "base/crypto.h"
#include "plan/plan.h"
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BAD_AT ((uint64_t)1 << 20)
#define POINT ((uint64_t)32 << 20)
#define BLOCK 4096

const struct course course_plain = {.mode = LETHE_VERIFY_FULL,
                                    .passes = 2,
                                    .status = LETHE_STATUS_REPORTED,
                                    .wanted = LETHE_METHOD_CLEAR};
static const char *const patterns[] = {"zero", "random", "one"};

void stream_clear(struct stream *stream)
{
    for (size_t i = 0; i < stream->n; i++)
        lethe_event_clear(&stream->events[i]);
    stream->n = 0;
}

void stream_copy(const struct stream *from, struct stream *to)
{
    *to = *from;
    for (size_t i = 0; i < to->n; i++)
        to->events[i].body = json_deep_copy(from->events[i].body);
}

void stream_add(struct stream *stream, enum lethe_event_type type, json_t *body)
{
    assert(stream->n < STREAM_MAX && body);
    struct lethe_event *event = &stream->events[stream->n++];
    *event = (struct lethe_event){.type = type, .job = STREAM_JOB, .body = body};
}

void stream_insert(struct stream *stream, size_t at, const struct lethe_event *event)
{
    struct lethe_event copy = *event;
    assert(stream->n < STREAM_MAX);
    copy.body = json_deep_copy(event->body);
    memmove(&stream->events[at + 1], &stream->events[at],
            (stream->n - at) * sizeof(stream->events[0]));
    stream->events[at] = copy;
    stream->n++;
}

void stream_remove(struct stream *stream, size_t at)
{
    lethe_event_clear(&stream->events[at]);
    memmove(&stream->events[at], &stream->events[at + 1],
            (stream->n - at - 1) * sizeof(stream->events[0]));
    stream->n--;
}

void plan_make(struct lethe_plan *plan, const struct course *course)
{
    *plan = (struct lethe_plan){
        .identity = {.class_ = LETHE_CLASS_DISK,
                     .bus = LETHE_BUS_USB,
                     .media = LETHE_MEDIA_FLASH,
                     .substrate = LETHE_SUBSTRATE_PHYSICAL,
                     .vendor = "Example",
                     .model = "Flash Drive",
                     .capacity = STREAM_CAPACITY,
                     .logical_block = 512,
                     .physical_block = 4096},
        .policy = {.id = "test-policy",
                   .title = "A policy for tests",
                   .version = "2026-11-23",
                   .statement = "by the test policy",
                   .read_in_full = true,
                   .method = course->wanted,
                   .min_test_status = LETHE_STATUS_REPORTED,
                   .exceptions_allowed = course->allowed > 0,
                   .exceptions_max_sectors = course->allowed,
                   .retention_years = 3},
        .profile = {.id = "test-profile", .evidence = "a test", .status = course->status},
        .method = LETHE_METHOD_CLEAR,
        .technique_kind = LETHE_KIND_OVERWRITE,
        .n_steps = 3,
        .steps = {{.kind = LETHE_STEP_CANARY, .canaries = 16},
                  {.kind = LETHE_STEP_TECHNIQUE,
                   .technique = "overwrite",
                   .n_passes = course->passes},
                  {.kind = LETHE_STEP_VERIFY, .verification = {.mode = course->mode}}},
        .n_limitations = 1,
        .limitations = {"spare flash can't be read by anybody"},
    };
    snprintf(plan->policy.hash, sizeof(plan->policy.hash), "%064d", 1);
    snprintf(plan->profile.hash, sizeof(plan->profile.hash), "%064d", 2);
    lethe_identity_add(&plan->identity, LETHE_ID_SERIAL, LETHE_SOURCE_DEVICE, "4C530001");
    for (unsigned i = 0; i < course->passes; i++)
        snprintf(plan->steps[1].passes[i], sizeof(plan->steps[1].passes[i]), "%s", patterns[i]);
    struct lethe_verification_rule *rule = &plan->steps[2].verification;
    if (course->mode == LETHE_VERIFY_CONFIDENCE) {
        rule->confidence_ppm = 990000;
        rule->fraction_ppm = 10000;
    } else if (course->mode == LETHE_VERIFY_STRATA) {
        rule->subsections = 1000;
        rule->samples = 2;
        rule->percent_ppm = 50000;
    }
    int rc = lethe_plan_digest(plan, plan->digest, NULL);
    assert(rc == 0);
    (void)rc;
}

static json_t *plan_json(const struct course *course)
{
    struct lethe_plan plan;
    plan_make(&plan, course);
    return lethe_plan_to_json(&plan);
}

json_t *created_make(const struct course *course)
{
    return json_pack("{s:s, s:o, s:{s:s, s:s}, s:{s:s}, s:{s:s}, s:{s:s, s:s, s:s}, s:b, s:[s]}",
                     "target", "/dev/sdz", "plan", plan_json(course), "tool", "name", "lethe",
                     "version", "0.1.0", "record", "operator", "op", "custom", "shelf", "7",
                     "confirmed", "by", "serial", "source", "typed", "value", "4C530001",
                     "accept_untested", course->accept_untested, "limitations", "a test");
}

static void key_make(uint8_t key[LETHE_KEY_SIZE], char hex[65], char commit[65], int n)
{
    memset(key, n, LETHE_KEY_SIZE);
    for (int i = 0; i < LETHE_KEY_SIZE; i++)
        snprintf(hex + 2 * i, 3, "%02x", key[i]);
    lethe_sha256_hex(commit, key, LETHE_KEY_SIZE);
}

json_t *start_make(const struct course *course)
{
    struct lethe_plan plan;
    uint8_t key[LETHE_KEY_SIZE];
    char hex[65], seed[65], sample[65], canary[65];
    plan_make(&plan, course);
    key_make(key, hex, seed, 1);
    key_make(key, hex, sample, 2);
    key_make(key, hex, canary, 3);
    return json_pack("{s:o, s:s, s:s, s:s, s:{s:s, s:s, s:s}, s:b}", "identity",
                     lethe_identity_to_json(&plan.identity), "sample_commit", sample, "seed_commit",
                     seed, "canary_commit", canary, "bench", "id", "bench-1", "key", seed,
                     "not_after", "2027-01-01T00:00:00Z", "demo_key", 0);
}

static json_t *identity(const char *when)
{
    return json_pack("{s:s, s:b}", "when", when, "ok", 1);
}

static json_t *worker(const char *role)
{
    return json_pack("{s:s, s:i, s:{s:s, s:s, s:s}}", "role", role, "pid", 42, "sandbox", "seccomp",
                     "filter", "capabilities", "none", "ring", "restricted");
}

static json_t *at(const char *key, uint64_t pass, const char *key2, uint64_t value)
{
    return json_pack("{s:I, s:I}", key, (json_int_t)pass, key2, (json_int_t)value);
}

static json_t *step_end(int step)
{
    return json_pack("{s:i, s:b}", "step", step, "ok", 1);
}

static void add_cut(struct stream *s, uint64_t pass, uint64_t offset)
{
    stream_add(s, LETHE_EVENT_INTERRUPTED, json_pack("{s:s}", "reason", "the bench stopped"));
    stream_add(s, LETHE_EVENT_IDENTITY_CHECKED, identity("resume"));
    stream_add(s, LETHE_EVENT_RESUMED,
               json_pack("{s:I, s:I, s:s}", "pass", (json_int_t)pass, "offset", (json_int_t)offset,
                         "reason", "goes on from the last durable point"));
}

static void add_pass(struct stream *s, const struct course *course, unsigned pass, uint64_t from)
{
    uint64_t bad = pass + 1 == course->passes ? course->bad_sectors : 0;
    stream_add(s, LETHE_EVENT_PASS_BEGIN,
               json_pack("{s:I, s:s, s:I}", "pass", (json_int_t)pass, "pattern", patterns[pass],
                         "offset", (json_int_t)from));
    if (bad)
        stream_add(s, LETHE_EVENT_EXCEPTION,
                   json_pack("{s:s, s:I, s:I, s:i}", "phase", "write", "offset", (json_int_t)BAD_AT,
                             "length", (json_int_t)(bad * 512), "errno", 5));
    if (from < POINT)
        stream_add(s, LETHE_EVENT_PASS_POINT, at("pass", pass, "offset", POINT));
    if (course->cut == CUT_IN_PASS && pass == 0 && from == 0)
        return;
    stream_add(s, LETHE_EVENT_PASS_POINT, at("pass", pass, "offset", STREAM_CAPACITY));
    stream_add(s, LETHE_EVENT_PASS_END,
               json_pack("{s:I, s:I, s:I}", "pass", (json_int_t)pass, "bytes",
                         (json_int_t)(STREAM_CAPACITY - from - bad * 512), "errors",
                         (json_int_t)bad));
}

json_t *result_make(const struct course *course, bool full)
{
    struct lethe_verify_result r = {.mode = full ? LETHE_VERIFY_FULL : course->mode,
                                    .block = BLOCK,
                                    .blocks = STREAM_CAPACITY / BLOCK,
                                    .first_mismatch = UINT64_MAX,
                                    .canaries_checked = 16,
                                    .complete = true};
    uint64_t touched = (course->bad_sectors * 512 + BLOCK - 1) / BLOCK;
    r.samples = r.mode == LETHE_VERIFY_FULL         ? r.blocks - touched
                : r.mode == LETHE_VERIFY_CONFIDENCE ? 500
                                                    : 2000;
    r.bytes = r.mode == LETHE_VERIFY_FULL ? STREAM_CAPACITY - course->bad_sectors * 512
                                          : r.samples * BLOCK;
    r.excepted = r.mode == LETHE_VERIFY_FULL ? touched : 0;
    r.coverage_ppm = (uint32_t)(r.bytes * 1000000 / STREAM_CAPACITY);
    return json_pack("{s:o}", "result", lethe_verify_result_to_json(&r));
}

/* Where the last pass goes on once it was whole: at its end, or, where any blank medium would look
 * so, at its beginning. */
static uint64_t again_from(const struct course *course)
{
    return strcmp(patterns[course->passes - 1], "random") == 0 ? STREAM_CAPACITY : 0;
}

static void add_last_pass_again(struct stream *s, const struct course *course)
{
    stream_add(s, LETHE_EVENT_WORKER_STARTED, worker("erase"));
    stream_add(s, LETHE_EVENT_STEP_BEGIN, json_pack("{s:i}", "step", 1));
    add_pass(s, course, course->passes - 1, again_from(course));
    stream_add(s, LETHE_EVENT_ATTEST, json_pack("{s:{s:i}}", "evidence", "flushes", 1));
}

static void add_verification(struct stream *s, const struct course *course)
{
    stream_add(s, LETHE_EVENT_IDENTITY_CHECKED, identity("before-verify"));
    for (int turn = 0; turn < (course->cut >= CUT_IN_VERIFY ? 2 : 1); turn++) {
        stream_add(s, LETHE_EVENT_WORKER_STARTED, worker("verify"));
        stream_add(s, LETHE_EVENT_STEP_BEGIN, json_pack("{s:i}", "step", 2));
        if (course->cut == CUT_AFTER_RESULT && turn == 0)
            stream_add(s, LETHE_EVENT_VERIFY_RESULT, result_make(course, false));
        if (course->cut < CUT_IN_VERIFY || turn > 0)
            continue;
        add_cut(s, course->passes - 1, again_from(course));
        if (again_from(course) > 0)
            continue;
        add_last_pass_again(s, course);
        stream_add(s, LETHE_EVENT_STEP_END, step_end(1));
        stream_add(s, LETHE_EVENT_IDENTITY_CHECKED, identity("before-verify"));
    }
    stream_add(s, LETHE_EVENT_VERIFY_RESULT, result_make(course, course->cut != WHOLE));
    stream_add(s, LETHE_EVENT_STEP_END, step_end(2));
    stream_add(s, LETHE_EVENT_IDENTITY_CHECKED, identity("after-verify"));
}

void stream_make(struct stream *s, const struct course *course)
{
    s->n = 0;
    stream_add(s, LETHE_EVENT_JOB_CREATED, created_make(course));
    stream_add(s, LETHE_EVENT_IDENTITY_CHECKED, identity("before-erase"));
    stream_add(s, LETHE_EVENT_JOB_START, start_make(course));
    stream_add(s, LETHE_EVENT_WORKER_STARTED, worker("erase"));
    stream_add(s, LETHE_EVENT_STEP_BEGIN, json_pack("{s:i}", "step", 0));
    stream_add(s, LETHE_EVENT_CANARY_WRITTEN, json_pack("{s:i}", "count", 16));
    stream_add(s, LETHE_EVENT_STEP_END, step_end(0));
    stream_add(s, LETHE_EVENT_STEP_BEGIN, json_pack("{s:i}", "step", 1));
    for (unsigned pass = 0; pass < course->passes; pass++) {
        add_pass(s, course, pass, 0);
        if (course->cut != CUT_IN_PASS || pass > 0)
            continue;
        add_cut(s, 0, POINT);
        stream_add(s, LETHE_EVENT_WORKER_STARTED, worker("erase"));
        stream_add(s, LETHE_EVENT_STEP_BEGIN, json_pack("{s:i}", "step", 1));
        add_pass(s, course, 0, POINT);
    }
    stream_add(s, LETHE_EVENT_ATTEST, json_pack("{s:{s:i}}", "evidence", "flushes", 4));
    if (course->cut == CUT_AFTER_ATTEST) {
        /* All was on the medium, but its step had not ended: the last pass ends once more. */
        add_cut(s, course->passes - 1, again_from(course));
        add_last_pass_again(s, course);
    }
    stream_add(s, LETHE_EVENT_STEP_END, step_end(1));
    add_verification(s, course);
}

int apply(struct lethe_job *job, enum lethe_event_type type, json_t *body)
{
    struct lethe_event event = {.type = type,
                                .seq = job->last_seq + 1,
                                .time = STREAM_TIME + 60000 * job->last_seq,
                                .job = STREAM_JOB,
                                .body = body};
    if (lethe_event_ephemeral(type))
        event.seq = 0;
    int rc = lethe_job_apply(job, &event, NULL);
    json_decref(body);
    return rc;
}

size_t stream_fold(const struct stream *stream, struct lethe_job *job)
{
    size_t refused = 0;
    lethe_job_init(job);
    for (size_t i = 0; i < stream->n; i++)
        refused += apply(job, stream->events[i].type, json_incref(stream->events[i].body)) < 0;
    return refused;
}

int stream_end(struct lethe_job *job)
{
    uint8_t key[LETHE_KEY_SIZE];
    char sample[65], canary[65], commit[65];
    struct lethe_assessment verdict;
    key_make(key, sample, commit, 2);
    key_make(key, canary, commit, 3);
    lethe_assess(job, &verdict);
    json_t *body = lethe_assessment_to_json(&verdict, job);
    json_object_set_new(body, "reveal",
                        json_pack("{s:s, s:s}", "sample_key", sample, "canary_key", canary));
    return apply(job, LETHE_EVENT_END, body);
}

enum lethe_outcome stream_outcome(const struct stream *stream)
{
    struct lethe_job job;
    stream_fold(stream, &job);
    enum lethe_outcome outcome = stream_end(&job) == 0 ? job.outcome : LETHE_OUTCOME_NONE;
    lethe_job_clear(&job);
    return outcome;
}
