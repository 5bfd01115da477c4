/* SPDX-License-Identifier: Apache-2.0 */
#include "technique/fill.h"

#include "base/crypto.h"
#include "base/text.h"
#include "base/time.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK LETHE_FILL_BLOCK
#define LEVELS LETHE_FILL_LEVELS
#define PASS 0 /* of the job's random stream: base/pattern.h */
/* With all of them as they should be: at most 0.1 % of the blocks are not, with 99 % confidence. */
#define SAMPLES 4603
/* Less of the free space than that was not filled; more than that left free is not full. */
#define FILLED_PERCENT 95
#define FREE_PERCENT 5
#define TELL_MS 100

const uint64_t lethe_fill_sizes[LEVELS] = {(uint64_t)64 << 20, (uint64_t)1 << 20, BLOCK};

int lethe_fill_stream(const struct lethe_run *run, struct lethe_stream **out,
                      struct lethe_error *err)
{
    static const struct lethe_pattern random = {.kind = LETHE_PATTERN_RANDOM};
    return lethe_stream_new(&random, run->seed, run->job, PASS, out, err);
}

int lethe_fill_tell(struct lethe_run *run, uint64_t *told, uint64_t done, uint64_t errors)
{
    uint64_t now = lethe_monotonic_ms();
    if (!run->report.progress || now - *told < TELL_MS)
        return 0;
    *told = now;
    return run->report.progress(run->report.user, 0, done, errors);
}

uint64_t lethe_fill_files(const struct lethe_filled *filled)
{
    uint64_t files = 0;
    for (unsigned i = 0; i < LEVELS; i++)
        files += filled->n[i];
    return files;
}

int lethe_fill_attest(const struct lethe_filled *filled, json_t **evidence, struct lethe_error *err)
{
    char began[21], ended[21];
    lethe_time_format(began, filled->began);
    lethe_time_format(ended, filled->ended);
    json_t *files = json_array();
    for (unsigned i = 0; i < LEVELS; i++)
        json_array_append_new(files,
                              json_pack("{s:I, s:I}", "size", (json_int_t)lethe_fill_sizes[i], "n",
                                        (json_int_t)filled->n[i]));
    *evidence = json_pack(
        "{s:s, s:s, s:o, s:I, s:I, s:I, s:I, s:s, s:s, s:s}", "technique", filled->technique,
        "pattern", "random", "files", files, "bytes", (json_int_t)filled->bytes, "size",
        (json_int_t)filled->size, "free_before", (json_int_t)filled->free_before, "free_after",
        filled->free_after > INT64_MAX ? (json_int_t)-1 : (json_int_t)filled->free_after, "full",
        filled->full, "started", began, "ended", ended);
    return *evidence ? 0 : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
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
        if (json_integer_value(json_object_get(one, "size")) != (json_int_t)lethe_fill_sizes[i] ||
            n < 0 || n > (json_int_t)LETHE_FILL_FILES_MAX)
            return false;
        out->n[i] = (uint64_t)n;
        out->blocks += out->n[i] * (lethe_fill_sizes[i] / BLOCK);
    }
    return true;
}

/* Where block NUMBER of the stream lies: its file, and the block in it. */
static void locate(const struct written *written, uint64_t number, uint64_t *file, uint64_t *block)
{
    *file = 0;
    for (unsigned i = 0; i < LEVELS; i++) {
        uint64_t each = lethe_fill_sizes[i] / BLOCK;
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

int lethe_fill_read_back(struct lethe_run *run,
                         int (*read)(void *user, uint64_t file, uint64_t block, void *out),
                         void *user, json_t *findings, struct lethe_error *err)
{
    struct written written;
    struct lethe_stream *stream = NULL;
    uint64_t differ = 0, unreadable = 0, told = 0;
    if (!take_written(run->intent, &written) || written.blocks == 0 || !run->sample_key)
        return 0; /* nothing to look for: nothing found */
    char *data = malloc(BLOCK);
    int rc = data ? lethe_fill_stream(run, &stream, err)
                  : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    uint64_t n = written.blocks < SAMPLES ? written.blocks : SAMPLES;
    for (uint64_t i = 0; rc == 0 && i < n; i++) {
        uint64_t number = draw(run, i, n, written.blocks), file = 0, block = 0;
        locate(&written, number, &file, &block);
        int there = read(user, file, block, data);
        if (there == 1)
            there = lethe_stream_compare(stream, number * BLOCK, data, BLOCK) == BLOCK;
        differ += there == 0;
        unreadable += there < 0;
        if (there == -LETHE_E_GONE)
            rc = lethe_fail(err, LETHE_E_GONE, "the phone left while it was read back");
        else if (lethe_fill_tell(run, &told, (i + 1) * BLOCK, differ) < 0)
            rc = lethe_fail(err, LETHE_E_CANCELLED, "the reading back was stopped");
    }
    lethe_stream_free(stream);
    free(data);
    if (rc < 0)
        return rc;
    return json_object_set_new(findings, "samples",
                               json_pack("{s:I, s:I, s:I, s:I, s:I}", "block", (json_int_t)BLOCK,
                                         "of", (json_int_t)written.blocks, "read", (json_int_t)n,
                                         "differ", (json_int_t)differ, "unreadable",
                                         (json_int_t)unreadable));
}

static json_int_t count(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_integer(value) ? json_integer_value(value) : -1;
}

enum lethe_grade lethe_fill_grade(const json_t *evidence, const json_t *findings, bool same,
                                  char why[192])
{
    const json_t *samples = json_object_get(findings, "samples");
    json_int_t read = count(samples, "read"), differ = count(samples, "differ");
    json_int_t bytes = count(evidence, "bytes"), before = count(evidence, "free_before");
    json_int_t after = count(evidence, "free_after"), size = count(evidence, "size");
    enum lethe_grade grade = LETHE_GRADE_NONE;
    const char *say;
    if (!same)
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
