/* SPDX-License-Identifier: Apache-2.0 */
/*
 * android-fill: the user storage is filled with a random stream that can be computed again, in
 * numbered files, until the phone takes no more (facts/phones.md 3.1). What it overwrites is what
 * the file system gives it after an erasure: never every cell that held old data.
 */
#include "technique/android.h"

#include "base/crypto.h"
#include "base/pattern.h"
#include "base/text.h"
#include "base/time.h"
#include "proto/android_text.h"
#include "technique/sanitize.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK ((uint64_t)65536) /* of reading back */
/* Files get smaller when the large ones don't fit any more. */
#define LEVELS 3
static const uint64_t sizes[LEVELS] = {(uint64_t)64 << 20, (uint64_t)1 << 20, BLOCK};
#define FILES_MAX 10000000u
#define FILE_MS 600000
#define DF "df -k /data"
#define PASS 0 /* of the job's random stream: base/pattern.h */
/* With all of them as they should be: at most 0.1 % of the blocks are not, with 99 % confidence. */
#define SAMPLES 4603
/* Less of the free space than that was not filled; more than that left free is not full. */
#define FILLED_PERCENT 95
#define FREE_PERCENT 5

/* Told at most some ten times a second. */
#define TELL_MS 100

static int tell(struct lethe_run *run, uint64_t *told, uint64_t done, uint64_t errors)
{
    uint64_t now = lethe_monotonic_ms();
    if (!run->report.progress || now - *told < TELL_MS)
        return 0;
    *told = now;
    return run->report.progress(run->report.user, 0, done, errors);
}

struct fill {
    struct lethe_adb *adb;
    struct lethe_stream *stream;
    unsigned level;
    uint64_t offset; /* of the stream: what is on the phone */
    uint64_t n[LEVELS];
    uint64_t free_before, free_after, size;
    char full[160]; /* in the phone's words */
    uint64_t told;
    uint64_t began, ended;
};

static void file_path(uint64_t number, char *out, size_t out_size)
{
    lethe_text_format(out, out_size, "/sdcard/Lethe/%07" PRIu64, number);
}

static bool ask_space(struct lethe_adb *adb, uint64_t *size, uint64_t *available)
{
    LETHE_ADB_OUTPUT_AUTO out = {.exit = -1};
    return lethe_adb_shell(adb, DF, &out, LETHE_ADB_MS, NULL) == 0 && out.exit <= 0 && !out.cut &&
           lethe_android_df(out.text.data, out.text.len, size, available);
}

static int open_stream(const struct lethe_run *run, struct lethe_stream **out,
                       struct lethe_error *err)
{
    static const struct lethe_pattern random = {.kind = LETHE_PATTERN_RANDOM};
    return lethe_stream_new(&random, run->seed, run->job, PASS, out, err);
}

static int fill_start(struct lethe_run *run, struct lethe_error *err)
{
    struct fill *self = calloc(1, sizeof(*self));
    if (!self)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    run->state = self;
    self->began = lethe_now_ms();
    int rc = lethe_android_meet(run, LETHE_ADB_STATE_DEVICE, 0, &self->adb, err);
    if (rc == 0)
        rc = open_stream(run, &self->stream, err);
    if (rc < 0)
        return rc;
    if (ask_space(self->adb, &self->size, &self->free_before))
        return 0;
    lethe_fail(err, LETHE_E_IO, "the phone does not tell how much room it has");
    lethe_error_effect(err, "nothing was written to the phone");
    return -LETHE_E_IO;
}

static void make_data(void *user, uint64_t offset, void *out, size_t len)
{
    struct fill *self = user;
    lethe_stream_fill(self->stream, self->offset + offset, out, len);
}

static uint64_t files_of(const struct fill *self)
{
    return self->n[0] + self->n[1] + self->n[2];
}

/* It takes no file of this size any more: a smaller one, or it is full. */
static int next_level(struct fill *self, const struct lethe_error *why)
{
    lethe_text_format(self->full, sizeof(self->full), "%.159s", why->what);
    if (++self->level < LEVELS)
        return 1;
    uint64_t size;
    if (!ask_space(self->adb, &size, &self->free_after))
        self->free_after = UINT64_MAX;
    self->ended = lethe_now_ms();
    return 0;
}

static int fill_step(struct lethe_run *run, struct lethe_error *err)
{
    struct fill *self = run->state;
    struct lethe_error why = {0};
    char path[64];
    uint64_t size = sizes[self->level];
    file_path(files_of(self), path, sizeof(path));
    int rc = lethe_adb_send(self->adb, path, size, make_data, self, FILE_MS, &why);
    if (rc == -LETHE_E_LIMIT)
        return next_level(self, &why);
    if (rc < 0 || files_of(self) >= FILES_MAX) {
        lethe_fail(err, rc < 0 ? why.code : LETHE_E_LIMIT, "%s",
                   rc < 0 ? why.what : "the phone takes files without end");
        lethe_error_effect(err, "its storage is partly overwritten");
        lethe_error_remedy(err, "erase it again");
        return -(int)(rc < 0 ? why.code : LETHE_E_LIMIT);
    }
    self->n[self->level]++;
    self->offset += size;
    return tell(run, &self->told, self->offset, 0) < 0
               ? lethe_fail(err, LETHE_E_CANCELLED, "the filling was stopped")
               : 1;
}

static int fill_attest(struct lethe_run *run, json_t **evidence, struct lethe_error *err)
{
    const struct fill *self = run->state;
    char began[21], ended[21];
    lethe_time_format(began, self->began);
    lethe_time_format(ended, self->ended);
    json_t *files = json_array();
    for (unsigned i = 0; i < LEVELS; i++)
        json_array_append_new(files, json_pack("{s:I, s:I}", "size", (json_int_t)sizes[i], "n",
                                               (json_int_t)self->n[i]));
    *evidence = json_pack(
        "{s:s, s:s, s:o, s:I, s:I, s:I, s:I, s:s, s:s, s:s}", "technique", "android-fill",
        "pattern", "random", "files", files, "bytes", (json_int_t)self->offset, "size",
        (json_int_t)self->size, "free_before", (json_int_t)self->free_before, "free_after",
        self->free_after > INT64_MAX ? (json_int_t)-1 : (json_int_t)self->free_after, "full",
        self->full, "started", began, "ended", ended);
    return *evidence ? 0 : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
}

static void fill_stop(struct lethe_run *run)
{
    struct fill *self = run->state;
    if (self) {
        lethe_adb_free(self->adb);
        lethe_stream_free(self->stream);
    }
    free(self);
    run->state = NULL;
}

/* -- reading back ------------------------------------------------------------------------------ */

struct written {
    uint64_t n[LEVELS], blocks;
};

static bool take_written(const json_t *evidence, struct written *out)
{
    const json_t *files = json_object_get(evidence, "files");
    *out = (struct written){0};
    for (unsigned i = 0; i < LEVELS; i++) {
        const json_t *one = json_array_get(files, i);
        json_int_t n = json_integer_value(json_object_get(one, "n"));
        if (json_integer_value(json_object_get(one, "size")) != (json_int_t)sizes[i] || n < 0 ||
            n > (json_int_t)FILES_MAX)
            return false;
        out->n[i] = (uint64_t)n;
        out->blocks += out->n[i] * (sizes[i] / BLOCK);
    }
    return true;
}

/* Where block NUMBER of the stream lies: its file, and the block in it. */
static void locate(const struct written *written, uint64_t number, uint64_t *file, uint64_t *block)
{
    *file = 0;
    for (unsigned i = 0; i < LEVELS; i++) {
        uint64_t each = sizes[i] / BLOCK;
        if (number < written->n[i] * each) {
            *file += number / each;
            *block = number % each;
            return;
        }
        number -= written->n[i] * each;
        *file += written->n[i];
    }
}

/* One of each of N equal parts, where the sample key says; who filled the phone never had that. */
static uint64_t draw(const struct lethe_run *run, uint64_t part, uint64_t n, uint64_t blocks)
{
    uint64_t from = blocks / n * part + blocks % n * part / n;
    uint64_t to = blocks / n * (part + 1) + blocks % n * (part + 1) / n;
    char label[96];
    uint8_t hash[LETHE_HASH_SIZE];
    uint64_t drawn = 0;
    lethe_text_format(label, sizeof(label), "lethe-fill-v1 %s %" PRIu64, run->job, part);
    lethe_hmac_sha256(hash, run->sample_key, LETHE_HASH_SIZE, label, strlen(label));
    for (unsigned i = 0; i < 8; i++)
        drawn = drawn << 8 | hash[i];
    return from + drawn % (to - from);
}

/* 1 as it was written, 0 something else, negative: it could not be read. */
static int compare(struct lethe_adb *adb, struct lethe_stream *stream,
                   const struct written *written, uint64_t number)
{
    LETHE_ADB_OUTPUT_AUTO out = {.exit = -1};
    char path[64], command[160];
    uint64_t file = 0, block = 0;
    locate(written, number, &file, &block);
    file_path(file, path, sizeof(path));
    lethe_text_format(command, sizeof(command),
                      "dd if=%s bs=%" PRIu64 " skip=%" PRIu64 " count=1 2>/dev/null", path, BLOCK,
                      block);
    int rc = lethe_adb_shell(adb, command, &out, LETHE_ADB_MS, NULL);
    if (rc < 0 || out.exit > 0)
        return rc < 0 ? rc : -LETHE_E_IO;
    return out.text.len == BLOCK &&
           lethe_stream_compare(stream, number * BLOCK, out.text.data, BLOCK) == BLOCK;
}

static int read_back(struct lethe_run *run, struct lethe_adb *adb, json_t *findings,
                     struct lethe_error *err)
{
    struct written written;
    struct lethe_stream *stream = NULL;
    uint64_t differ = 0, unreadable = 0, told = 0;
    if (!take_written(run->intent, &written) || written.blocks == 0 || !run->sample_key)
        return 0; /* nothing to look for: nothing found */
    int rc = open_stream(run, &stream, err);
    uint64_t n = written.blocks < SAMPLES ? written.blocks : SAMPLES;
    for (uint64_t i = 0; rc == 0 && i < n; i++) {
        int same = compare(adb, stream, &written, draw(run, i, n, written.blocks));
        differ += same == 0;
        unreadable += same < 0;
        if (same == -LETHE_E_GONE)
            rc = lethe_fail(err, LETHE_E_GONE, "the phone left while it was read back");
        else if (tell(run, &told, (i + 1) * BLOCK, differ) < 0)
            rc = lethe_fail(err, LETHE_E_CANCELLED, "the reading back was stopped");
    }
    lethe_stream_free(stream);
    if (rc < 0)
        return rc;
    return json_object_set_new(findings, "samples",
                               json_pack("{s:I, s:I, s:I, s:I, s:I}", "block", (json_int_t)BLOCK,
                                         "of", (json_int_t)written.blocks, "read", (json_int_t)n,
                                         "differ", (json_int_t)differ, "unreadable",
                                         (json_int_t)unreadable));
}

static int fill_observe(struct lethe_run *run, json_t **findings, struct lethe_error *err)
{
    struct lethe_adb *adb = NULL;
    int rc = lethe_android_find(run, &adb, findings, err);
    if (rc == 0 && adb && lethe_android_text_is(*findings, "serial", "same"))
        rc = read_back(run, adb, *findings, err);
    lethe_adb_free(adb);
    return rc;
}

static json_int_t count(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_integer(value) ? json_integer_value(value) : -1;
}

static enum lethe_grade fill_grade(const json_t *evidence, const json_t *findings, char why[192])
{
    const json_t *samples = json_object_get(findings, "samples");
    json_int_t read = count(samples, "read"), differ = count(samples, "differ");
    json_int_t bytes = count(evidence, "bytes"), before = count(evidence, "free_before");
    json_int_t after = count(evidence, "free_after"), size = count(evidence, "size");
    enum lethe_grade grade = LETHE_GRADE_NONE;
    const char *say;
    if (!lethe_android_text_is(findings, "serial", "same"))
        say = "it could not be seen whether it is the same phone";
    else if (differ > 0) {
        grade = LETHE_GRADE_DENIED;
        say = "samples hold something else than was written: it does not keep what it takes";
    } else if (read <= 0 || differ < 0 || count(samples, "unreadable") != 0)
        say = "what was written could not be read back";
    else if (before <= 0 || bytes / (before / 100 + 1) < FILLED_PERCENT - 1)
        say = "the phone took less than it had room for";
    else if (after < 0 || size <= 0 || after / (size / 100 + 1) >= FREE_PERCENT)
        say = "the phone was not full afterwards";
    else {
        grade = LETHE_GRADE_STATE;
        say = "the user storage was filled, and every sample read back as it was written";
    }
    lethe_text_format(why, 192, "%s", say);
    return grade;
}

static uint64_t fill_patience(const struct lethe_facts *facts, uint64_t capacity)
{
    (void)facts;
    (void)capacity;
    return FILE_MS / 1000;
}

const struct lethe_technique lethe_technique_android_fill = {
    .name = "android-fill",
    .kind = LETHE_KIND_OVERWRITE,
    .method = LETHE_METHOD_CLEAR,
    .needs = LETHE_NEEDS_USB,
    .protocol = LETHE_PROTOCOL_ADB,
    .capability = LETHE_CAN_TEST_HARNESS,
    .leaves = LETHE_LEAVES_UNKNOWN,
    .patience = fill_patience,
    .start = fill_start,
    .step = fill_step,
    .attest = fill_attest,
    .stop = fill_stop,
    .observe = fill_observe,
    .grade = fill_grade,
};
