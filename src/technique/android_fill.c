/* SPDX-License-Identifier: Apache-2.0 */
/*
 * android-fill: the user storage is filled with a random stream that can be computed again, in
 * numbered files, until the phone takes no more (facts/phones.md 3.1). What it overwrites is what
 * the file system gives it after an erasure: never every cell that held old data.
 */
#include "technique/android.h"
#include "technique/fill.h"

#include "base/text.h"
#include "base/time.h"
#include "proto/android_text.h"
#include "technique/sanitize.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MS 600000
#define CLEAN_MS 300000
#define DF "df -k /data"
#define CLEAN "rm -rf /sdcard/Lethe" /* of a filling that was cut short */

struct fill {
    struct lethe_adb *adb;
    struct lethe_stream *stream;
    unsigned level;
    struct lethe_filled filled; /* bytes: of the stream, what is on the phone */
    char full[160];             /* in the phone's words */
    uint64_t told;
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

/* What is left of an earlier filling would be counted as used, and read back as something else. */
static int clean(struct lethe_adb *adb, struct lethe_error *err)
{
    LETHE_ADB_OUTPUT_AUTO out = {.exit = -1};
    int rc = lethe_adb_shell(adb, CLEAN, &out, CLEAN_MS, err);
    return rc == 0 && out.exit > 0
               ? lethe_fail(err, LETHE_E_IO, "the phone does not remove files of ours")
               : rc;
}

static int fill_start(struct lethe_run *run, struct lethe_error *err)
{
    struct fill *self = calloc(1, sizeof(*self));
    if (!self)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    run->state = self;
    self->filled = (struct lethe_filled){
        .technique = "android-fill", .full = self->full, .began = lethe_now_ms()};
    int rc = lethe_android_meet(run, LETHE_ADB_STATE_DEVICE, 0, &self->adb, err);
    if (rc == 0)
        rc = lethe_fill_stream(run, &self->stream, err);
    if (rc == 0)
        rc = clean(self->adb, err);
    if (rc < 0)
        return rc;
    if (ask_space(self->adb, &self->filled.size, &self->filled.free_before))
        return 0;
    lethe_fail(err, LETHE_E_IO, "the phone does not tell how much room it has");
    lethe_error_effect(err, "nothing was written to the phone");
    return -LETHE_E_IO;
}

static void make_data(void *user, uint64_t offset, void *out, size_t len)
{
    struct fill *self = user;
    lethe_stream_fill(self->stream, self->filled.bytes + offset, out, len);
}

/* It takes no file of this size any more: a smaller one, or it is full. */
static int next_level(struct fill *self, const struct lethe_error *why)
{
    lethe_text_format(self->full, sizeof(self->full), "%.159s", why->what);
    if (++self->level < LETHE_FILL_LEVELS)
        return 1;
    uint64_t size;
    if (!ask_space(self->adb, &size, &self->filled.free_after))
        self->filled.free_after = UINT64_MAX;
    self->filled.ended = lethe_now_ms();
    return 0;
}

static int fill_step(struct lethe_run *run, struct lethe_error *err)
{
    struct fill *self = run->state;
    struct lethe_error why = {0};
    char path[64];
    uint64_t size = lethe_fill_sizes[self->level];
    file_path(lethe_fill_files(&self->filled), path, sizeof(path));
    int rc = lethe_adb_send(self->adb, path, size, make_data, self, FILE_MS, &why);
    if (rc == -LETHE_E_LIMIT)
        return next_level(self, &why);
    if (rc < 0 || lethe_fill_files(&self->filled) >= LETHE_FILL_FILES_MAX) {
        lethe_fail(err, rc < 0 ? why.code : LETHE_E_LIMIT, "%s",
                   rc < 0 ? why.what : "the phone takes files without end");
        lethe_error_effect(err, "its storage is partly overwritten");
        lethe_error_remedy(err, "erase it again");
        return -(int)(rc < 0 ? why.code : LETHE_E_LIMIT);
    }
    self->filled.n[self->level]++;
    self->filled.bytes += size;
    return lethe_fill_tell(run, &self->told, self->filled.bytes, 0) < 0
               ? lethe_fail(err, LETHE_E_CANCELLED, "the filling was stopped")
               : 1;
}

static int fill_attest(struct lethe_run *run, json_t **evidence, struct lethe_error *err)
{
    const struct fill *self = run->state;
    return lethe_fill_attest(&self->filled, evidence, err);
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

static int read_block(void *user, uint64_t file, uint64_t block, void *data)
{
    LETHE_ADB_OUTPUT_AUTO out = {.exit = -1};
    char path[64], command[160];
    file_path(file, path, sizeof(path));
    lethe_text_format(command, sizeof(command),
                      "dd if=%s bs=%" PRIu64 " skip=%" PRIu64 " count=1 2>/dev/null", path,
                      LETHE_FILL_BLOCK, block);
    int rc = lethe_adb_shell(user, command, &out, LETHE_ADB_MS, NULL);
    if (rc < 0 || out.exit > 0)
        return rc < 0 ? rc : -LETHE_E_IO;
    if (out.text.len != LETHE_FILL_BLOCK)
        return 0;
    memcpy(data, out.text.data, LETHE_FILL_BLOCK);
    return 1;
}

static int fill_observe(struct lethe_run *run, json_t **findings, struct lethe_error *err)
{
    struct lethe_adb *adb = NULL;
    int rc = lethe_android_find(run, &adb, findings, err);
    if (rc == 0 && adb && lethe_android_text_is(*findings, "serial", "same"))
        rc = lethe_fill_read_back(run, read_block, adb, *findings, err);
    lethe_adb_free(adb);
    return rc;
}

/* Nobody used it while it was filled: what an owner adds then nobody erased but the last reset. */
static enum lethe_grade fill_grade(const json_t *evidence, const json_t *findings, char why[192])
{
    const json_t *state = json_object_get(findings, "state");
    if (lethe_android_text_is(state, "frp", "yes") ||
        json_integer_value(json_object_get(state, "accounts")) > 0) {
        lethe_text_format(why, 192, "it has an owner's account again, or is locked to one");
        return LETHE_GRADE_NONE;
    }
    return lethe_fill_grade(evidence, findings, lethe_android_text_is(findings, "serial", "same"),
                            why);
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
