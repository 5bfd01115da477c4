/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Host overwrite: the passes of a policy, each over every addressable byte (NIST SP 800-88r2
 * section 3.1.1 and IEEE 2883-2022: Clear). docs/techniques/overwrite.md tells what it reaches.
 */
#include "technique/pass.h"
#include "technique/sanitize.h"
#include "technique/zones.h"

#include "base/json.h"
#include "base/text.h"
#include "base/time.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH 8
#define CHUNK_MAX ((size_t)1 << 20)

struct pass_record {
    uint64_t began, ended; /* ms */
    uint64_t from, bytes, errors;
};

struct overwrite {
    struct lethe_pass pass;
    bool open;             /* a pass is under way */
    unsigned first, now;   /* passes */
    uint64_t from;         /* of the pass to begin next */
    const char *restarted; /* why, if the first pass was begun again */
    struct pass_record records[LETHE_PASSES_MAX];
};

static int overwrite_check(const struct lethe_run *run, const struct lethe_io_info *info,
                           struct lethe_error *err)
{
    if (run->n_passes == 0 || run->n_passes > LETHE_PASSES_MAX ||
        run->resume_pass >= run->n_passes || run->resume_offset > run->capacity)
        return lethe_fail(err, LETHE_E_USAGE, "no such pass to run");
    if (info->capacity != run->capacity) {
        bool smaller = info->capacity < run->capacity;
        lethe_fail(err, smaller ? LETHE_E_GONE : LETHE_E_CHANGED,
                   "the device answers to %" PRIu64 " bytes; recorded are %" PRIu64, info->capacity,
                   run->capacity);
        lethe_error_effect(err, "nothing was overwritten by this step");
        return smaller ? -LETHE_E_GONE : -LETHE_E_CHANGED;
    }
    if (run->capacity == 0 || run->capacity % info->logical_block != 0)
        return lethe_fail(err, LETHE_E_UNSUPPORTED,
                          "%" PRIu64 " bytes are not a whole number of blocks of %" PRIu32,
                          run->capacity, info->logical_block);
    if (run->resume_offset % info->logical_block != 0)
        return lethe_fail(err, LETHE_E_USAGE, "%" PRIu64 " is not on a block", run->resume_offset);
    return 0;
}

/* Are so many zones written to their ends? Behind a pointer a drive reads as it likes, zeros too.
 */
static bool zones_full(const struct lethe_zone_census *zones, uint64_t n)
{
    return zones->full + zones->conventional >= n;
}

/* In the middle of a pass: what was flushed must read back, and the last blocks must still carry
 * their marks, or whether an address wrapped before the interruption can't be told any more. If
 * not, the pass starts again. Behind its end both were written and checked. */
static int overwrite_resume_inside(struct overwrite *self, struct lethe_error *err)
{
    uint64_t zone = self->pass.run->zone;
    struct lethe_zone_census zones;
    int rc = lethe_technique_zones(self->pass.run, &zones, err);
    if (rc < 0)
        return rc;
    if (zone && !zones_full(&zones, self->from / zone))
        self->restarted = "the zones written before the interruption were not full after it";
    else if (!lethe_recheck_point(&self->pass, self->from))
        self->restarted = "what was written before the interruption did not read back";
    else if (zone) /* its pointer is somewhere behind: the zone is begun anew */
        self->from -= self->from % zone;
    else if (self->from < self->pass.run->capacity &&
             (rc = lethe_tail_stands(&self->pass, err)) == 0)
        self->restarted = "the marks in the last blocks were gone after the interruption";
    if (self->restarted)
        self->from = 0;
    return rc < 0 ? rc : 0;
}

static int overwrite_resume(struct lethe_run *run, struct overwrite *self, struct lethe_error *err)
{
    self->first = self->now = run->resume_pass;
    self->from = run->resume_offset;
    if (self->now == 0 && self->from == 0)
        return 0;
    int rc = lethe_pass_open(&self->pass, self->now, self->from, err);
    if (rc < 0)
        return rc;
    if (self->from > 0)
        return overwrite_resume_inside(self, err);
    rc = lethe_recheck_between(&self->pass, err);
    if (rc != 0)
        return rc < 0 ? rc : 0;
    lethe_fail(
        err, LETHE_E_IO,
        "pass %u was recorded as complete, but the last blocks hold neither it nor a later one",
        self->now - 1);
    lethe_error_effect(err, "NOT sanitised: the device lost what it said was written");
    lethe_error_remedy(err, "do not trust this device; erase it in a new job or destroy it");
    return -LETHE_E_IO;
}

static int overwrite_start(struct lethe_run *run, struct lethe_error *err)
{
    struct lethe_io_info info;
    int rc = lethe_io_info(run->io, &info);
    if (rc < 0)
        return lethe_fail_errno(err, -rc, "the device does not tell its size");
    if ((rc = overwrite_check(run, &info, err)) < 0)
        return rc;
    struct overwrite *self = calloc(1, sizeof(*self));
    if (!self)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    run->state = self;
    self->pass.run = run;
    self->pass.block = info.logical_block;
    self->pass.chunk = CHUNK_MAX;
    unsigned depth = run->zone ? 1 : DEPTH; /* in order means one after the other */
    while (self->pass.chunk * depth > run->memory && self->pass.chunk > info.physical_block)
        self->pass.chunk /= 2;
    self->pass.queue = lethe_queue_new(run->io, depth, self->pass.chunk);
    size_t tail = LETHE_TAIL_BLOCKS * (size_t)info.logical_block;
    self->pass.tail = run->capacity > tail ? run->capacity - tail : 0;
    if (run->zone) /* the last blocks can't be written first, nor last of all */
        self->pass.tail = run->capacity;
    self->pass.mark = lethe_io_buffer(tail);
    self->pass.back = lethe_io_buffer(tail);
    if (!self->pass.queue || !self->pass.mark || !self->pass.back)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    return overwrite_resume(run, self, err);
}

static int overwrite_begin(struct lethe_run *run, struct overwrite *self, struct lethe_error *err)
{
    struct pass_record *record = &self->records[self->now];
    int rc = lethe_pass_open(&self->pass, self->now, self->from, err);
    if (rc < 0)
        return rc;
    record->began = lethe_now_ms();
    record->from = self->from;
    self->open = true;
    self->from = 0;
    if (run->report.pass_begin)
        rc = run->report.pass_begin(run->report.user, self->now, run->passes[self->now],
                                    record->from);
    if (rc < 0)
        return lethe_fail(err, (enum lethe_error_code) - rc, "the overwriting was stopped");
    rc = record->from == 0 && !run->zone ? lethe_tail_mark(&self->pass, err) : 0;
    return rc < 0 ? rc : 1;
}

static int overwrite_end(struct lethe_run *run, struct overwrite *self, struct lethe_error *err)
{
    struct pass_record *record = &self->records[self->now];
    record->ended = lethe_now_ms();
    record->bytes = self->pass.bytes;
    record->errors = self->pass.errors;
    self->open = false;
    int rc = 0;
    if (run->report.pass_end)
        rc = run->report.pass_end(run->report.user, self->now, record->bytes, record->errors);
    if (rc < 0)
        return lethe_fail(err, (enum lethe_error_code) - rc, "the overwriting was stopped");
    return ++self->now < run->n_passes;
}

static int overwrite_step(struct lethe_run *run, struct lethe_error *err)
{
    struct overwrite *self = run->state;
    if (!self->open)
        return overwrite_begin(run, self, err);
    int rc = lethe_pass_step(&self->pass, err);
    return rc != 0 ? rc : overwrite_end(run, self, err);
}

static json_t *pass_evidence(const struct lethe_run *run, const struct overwrite *self, unsigned i)
{
    const struct pass_record *record = &self->records[i];
    char began[21], ended[21];
    lethe_time_format(began, record->began);
    lethe_time_format(ended, record->ended);
    json_t *pass = json_pack("{s:i, s:s, s:I, s:I, s:s, s:s}", "pass", (int)i, "pattern",
                             run->passes[i], "bytes", (json_int_t)record->bytes, "errors",
                             (json_int_t)record->errors, "started", began, "ended", ended);
    if (pass && record->from > 0)
        json_object_set_new(pass, "resumed_from", json_integer((json_int_t)record->from));
    if (pass && i == self->first && self->restarted)
        json_object_set_new(pass, "restarted", json_string(self->restarted));
    return pass;
}

static int overwrite_attest(struct lethe_run *run, json_t **evidence, struct lethe_error *err)
{
    const struct overwrite *self = run->state;
    json_t *passes = json_array();
    for (unsigned i = self->first; i < self->now; i++)
        json_array_append_new(passes, pass_evidence(run, self, i));
    struct lethe_zone_census zones;
    int rc = lethe_technique_zones(run, &zones, err);
    if (rc == 0 && run->zone && !zones_full(&zones, zones.count))
        rc = lethe_technique_fail(err, "only %" PRIu64 " of %" PRIu64 " zones are full",
                                  zones.full + zones.conventional, zones.count);
    if (rc < 0) {
        json_decref(passes);
        return rc;
    }
    *evidence = json_pack("{s:s, s:I, s:o, s:I, s:I, s:o*}", "technique", "overwrite", "capacity",
                          (json_int_t)run->capacity, "passes", passes, "flushes",
                          (json_int_t)self->pass.flushes, "retries", (json_int_t)self->pass.retries,
                          "zones", run->zone ? lethe_zone_census_to_json(&zones) : NULL);
    return *evidence ? 0 : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
}

static void overwrite_stop(struct lethe_run *run)
{
    struct overwrite *self = run->state;
    if (!self)
        return;
    lethe_queue_free(self->pass.queue);
    lethe_pass_close(&self->pass);
    lethe_io_buffer_free(self->pass.mark);
    lethe_io_buffer_free(self->pass.back);
    free(self);
    run->state = NULL;
}

const struct lethe_technique lethe_technique_overwrite = {
    .name = "overwrite",
    .kind = LETHE_KIND_OVERWRITE,
    .method = LETHE_METHOD_CLEAR,
    .needs = LETHE_NEEDS_WRITE,
    .flags = LETHE_TECHNIQUE_HOST | LETHE_TECHNIQUE_RESUMABLE | LETHE_TECHNIQUE_ZONES,
    .start = overwrite_start,
    .step = overwrite_step,
    .attest = overwrite_attest,
    .stop = overwrite_stop,
};
