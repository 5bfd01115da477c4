/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ios-fill: the media folder of an iPhone or iPad is filled over AFC until it takes no more, as
 * android-fill does it. Whether real devices answer AFC in their setup after an erasure was never
 * shown (facts/phones.md 3.1): it is offered where untested ways are accepted, and nothing is
 * claimed by it.
 */
#include "technique/fill.h"
#include "technique/ios.h"
#include "technique/ios_afc.h"

#include "base/text.h"
#include "base/time.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct fill {
    struct lethe_afc afc;
    struct lethe_stream *stream;
    unsigned level;
    struct lethe_filled filled; /* bytes: of the stream, what is on the device */
    char full[64], chunk[LETHE_AFC_CHUNK];
    uint64_t told;
};

static void file_path(uint64_t number, char *out, size_t out_size)
{
    lethe_text_format(out, out_size, "/Lethe/%07" PRIu64, number);
}

static int broken(int rc, struct lethe_error *err)
{
    enum lethe_error_code code = rc < 0 ? (enum lethe_error_code) - rc : LETHE_E_IO;
    lethe_fail(err, code, "%s (error %d)",
               code == LETHE_E_GONE ? "the device left while it was filled"
                                    : "the device does not take files as it should",
               rc);
    lethe_error_effect(err, "its storage is partly overwritten");
    lethe_error_remedy(err, "erase it again");
    return -(int)code;
}

/* With the device of the plan, and its file service. */
static int meet(struct lethe_run *run, struct lethe_afc *afc, struct lethe_error *err)
{
    struct lethe_apple_answer answer = {0};
    struct lethe_ios ios;
    bool open = lethe_ios_enter(run->io, &answer);
    int rc = open ? 0
                  : lethe_fail(err, LETHE_E_UNTRUSTED, "it opens no session with this bench: %s %s",
                               lethe_apple_end_name(answer.end), answer.error);
    lethe_apple_answer_clear(&answer);
    if (rc < 0) {
        lethe_error_effect(err, "nothing was written to it");
        lethe_error_remedy(err, "unlock it, lethe pair, tap Trust, then again");
        return rc;
    }
    lethe_ios_read(run->io, &ios);
    if (!ios.answers)
        rc = lethe_ios_reach(run->io, "nothing was written to it", err);
    if (rc < 0)
        return rc;
    rc = run->identity ? lethe_ios_same(run->identity, &ios, err) : 0;
    if (rc == 0 && lethe_afc_open(run->io, afc) != 0) {
        rc = lethe_fail(err, LETHE_E_UNSUPPORTED, "it has no file service in this state");
        lethe_error_effect(err, "nothing was written to it");
        lethe_error_remedy(err, "erase it by a policy that asks for no overwriting");
    }
    return rc;
}

static int fill_start(struct lethe_run *run, struct lethe_error *err)
{
    struct fill *self = calloc(1, sizeof(*self));
    if (!self)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    run->state = self;
    self->filled =
        (struct lethe_filled){.technique = "ios-fill", .full = self->full, .began = lethe_now_ms()};
    int rc = meet(run, &self->afc, err);
    if (rc == 0)
        rc = lethe_fill_stream(run, &self->stream, err);
    if (rc < 0)
        return rc;
    /* What is left of an earlier filling would be counted as used, and read back as something else.
     */
    rc = lethe_afc_remove_tree(&self->afc, "/Lethe");
    if (rc == 0)
        rc = lethe_afc_space(&self->afc, &self->filled.size, &self->filled.free_before);
    if (rc == 0)
        rc = lethe_afc_make_directory(&self->afc, "/Lethe");
    return rc == 0 ? 0 : broken(rc, err);
}

/* 0, LETHE_AFC_NO_SPACE and none of it is there, or what went wrong. */
static int write_file(struct fill *self, uint64_t size)
{
    char path[64];
    uint64_t handle = 0;
    file_path(lethe_fill_files(&self->filled), path, sizeof(path));
    int rc = lethe_afc_file_open(&self->afc, path, LETHE_AFC_WRITE, &handle);
    if (rc != 0)
        return rc;
    for (uint64_t done = 0; rc == 0 && done < size; done += sizeof(self->chunk)) {
        lethe_stream_fill(self->stream, self->filled.bytes + done, self->chunk,
                          sizeof(self->chunk));
        rc = lethe_afc_write(&self->afc, handle, self->chunk, sizeof(self->chunk));
    }
    int closed = rc < 0 ? 0 : lethe_afc_file_close(&self->afc, handle);
    rc = rc != 0 ? rc : closed;
    if (rc != LETHE_AFC_NO_SPACE)
        return rc;
    int removed = lethe_afc_remove(&self->afc, path);
    return removed == 0 ? rc : removed;
}

static int next_level(struct fill *self)
{
    if (++self->level < LETHE_FILL_LEVELS)
        return 1;
    uint64_t size;
    lethe_text_format(self->full, sizeof(self->full), "AFC error %d", LETHE_AFC_NO_SPACE);
    if (lethe_afc_space(&self->afc, &size, &self->filled.free_after) != 0)
        self->filled.free_after = UINT64_MAX;
    self->filled.ended = lethe_now_ms();
    return 0;
}

static int fill_step(struct lethe_run *run, struct lethe_error *err)
{
    struct fill *self = run->state;
    uint64_t size = lethe_fill_sizes[self->level];
    int rc = lethe_fill_files(&self->filled) < LETHE_FILL_FILES_MAX ? write_file(self, size)
                                                                    : -LETHE_E_LIMIT;
    if (rc == LETHE_AFC_NO_SPACE)
        return next_level(self);
    if (rc != 0)
        return broken(rc, err);
    self->filled.n[self->level]++;
    self->filled.bytes += size;
    rc = lethe_fill_tell(run, &self->told, self->filled.bytes, 0);
    return rc < 0 ? lethe_fail(err, LETHE_E_CANCELLED, "the filling was stopped") : 1;
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
        lethe_afc_close(&self->afc);
        lethe_stream_free(self->stream);
        run->io->ops->apple->session_close(run->io);
    }
    free(self);
    run->state = NULL;
}

static int read_block(void *user, uint64_t file, uint64_t block, void *out)
{
    struct lethe_afc *afc = user;
    char path[64];
    uint64_t handle = 0;
    size_t got = 0;
    file_path(file, path, sizeof(path));
    int rc = lethe_afc_file_open(afc, path, LETHE_AFC_READ, &handle);
    if (rc == 0) {
        rc = lethe_afc_read(afc, handle, block * LETHE_FILL_BLOCK, out, LETHE_FILL_BLOCK, &got);
        int closed = rc < 0 ? 0 : lethe_afc_file_close(afc, handle);
        rc = rc != 0 ? rc : closed;
    }
    if (rc != 0)
        return rc < 0 ? rc : -LETHE_E_IO;
    return got == LETHE_FILL_BLOCK;
}

static int fill_observe(struct lethe_run *run, json_t **findings, struct lethe_error *err)
{
    struct lethe_afc afc = {0};
    struct lethe_error why = {0};
    int met = meet(run, &afc, &why);
    *findings = json_pack("{s:s, s:s}", "serial", met == 0 ? "same" : "unknown", "why", why.what);
    int rc = *findings ? 0 : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    if (rc == 0 && met == 0)
        rc = lethe_fill_read_back(run, read_block, &afc, *findings, err);
    lethe_afc_close(&afc);
    run->io->ops->apple->session_close(run->io);
    return rc;
}

static enum lethe_grade fill_grade(const json_t *evidence, const json_t *findings, char why[192])
{
    const char *serial = json_string_value(json_object_get(findings, "serial"));
    return lethe_fill_grade(evidence, findings, serial && strcmp(serial, "same") == 0, why);
}

static uint64_t fill_patience(const struct lethe_facts *facts, uint64_t capacity)
{
    (void)facts;
    (void)capacity;
    return 600;
}

const struct lethe_technique lethe_technique_ios_fill = {
    .name = "ios-fill",
    .kind = LETHE_KIND_OVERWRITE,
    .method = LETHE_METHOD_CLEAR,
    .needs = LETHE_NEEDS_MUX,
    .protocol = LETHE_PROTOCOL_IOS,
    .capability = LETHE_CAN_AFC,
    .leaves = LETHE_LEAVES_UNKNOWN,
    .patience = fill_patience,
    .start = fill_start,
    .step = fill_step,
    .attest = fill_attest,
    .stop = fill_stop,
    .observe = fill_observe,
    .grade = fill_grade,
};
