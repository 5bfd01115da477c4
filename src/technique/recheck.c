/* SPDX-License-Identifier: Apache-2.0 */
/* What an interrupted overwrite finds on the medium, before it goes on from there. */
#include "io/failure.h"
#include "technique/pass.h"

/* How much is read again. */
#define RECHECK_BYTES ((uint64_t)16 << 20)

static uint64_t recheck_from(const struct lethe_pass *pass, uint64_t end)
{
    uint64_t at = end > RECHECK_BYTES ? end - RECHECK_BYTES : 0;
    return at - at % pass->chunk;
}

static size_t recheck_length(const struct lethe_pass *pass, uint64_t at, uint64_t end)
{
    return end - at < pass->chunk ? (size_t)(end - at) : pass->chunk;
}

bool lethe_recheck_point(const struct lethe_pass *pass, uint64_t offset)
{
    struct lethe_io_request *request = lethe_queue_get(pass->queue);
    bool same = true;
    for (uint64_t at = recheck_from(pass, offset); same && at < offset;) {
        size_t len = recheck_length(pass, at, offset);
        same = lethe_io_read(pass->run->io, request->buf, len, at) == 0 &&
               lethe_stream_compare(pass->stream, at, request->buf, len) == len;
        at += len;
    }
    lethe_queue_done(pass->queue, request);
    return same;
}

/* What a job can have left in a block. The worker may have been further than the last record of the
 * supervisor tells, so any later pass is possible, too. */
struct leavings {
    const struct lethe_pass *pass;
    struct lethe_stream *passes[LETHE_PASSES_MAX], *marks[LETHE_PASSES_MAX];
    unsigned first, likely; /* the earliest; the one found last */
    bool known;             /* something could be read */
};

static int leavings_open(struct leavings *left, struct lethe_error *err)
{
    const struct lethe_run *run = left->pass->run;
    left->first = left->likely = left->pass->number - 1;
    int rc = 0;
    for (unsigned i = left->first; rc == 0 && i < run->n_passes; i++) {
        struct lethe_pattern pattern;
        rc = lethe_pattern_parse(run->passes[i], &pattern, err);
        if (rc == 0)
            rc = lethe_stream_new(&pattern, run->seed, run->job, i, &left->passes[i], err);
        if (rc == 0)
            rc = lethe_pass_marks(run, i, &left->marks[i], err);
    }
    return rc;
}

static void leavings_close(struct leavings *left)
{
    for (unsigned i = 0; i < LETHE_PASSES_MAX; i++) {
        lethe_stream_free(left->passes[i]);
        lethe_stream_free(left->marks[i]);
    }
}

static bool block_is_left(struct leavings *left, uint64_t at, const uint8_t *data)
{
    size_t block = left->pass->block;
    for (unsigned i = left->first; i < left->pass->run->n_passes; i++) {
        if (lethe_stream_compare(left->passes[i], at, data, block) == block) {
            left->likely = i;
            return true;
        }
        if (at >= left->pass->tail &&
            lethe_stream_compare(left->marks[i], at, data, block) == block)
            return true;
    }
    return false;
}

/* An interruption tears between blocks, and requests end in any order: each block for itself. */
static bool blocks_are_left(struct leavings *left, uint64_t at, const uint8_t *data, size_t len)
{
    size_t block = left->pass->block;
    left->known = true;
    for (size_t i = 0; i < len; i += block) {
        i += lethe_stream_compare(left->passes[left->likely], at + i, data + i, len - i);
        i -= i % block;
        if (i < len && !block_is_left(left, at + i, data + i))
            return false;
    }
    return true;
}

/* Bad sectors tell nothing, and are counted when they are written. */
static int chunk_is_left(struct leavings *left, uint64_t at, uint8_t *data, size_t len,
                         struct lethe_error *err)
{
    const struct lethe_pass *pass = left->pass;
    int rc = lethe_io_read(pass->run->io, data, len, at);
    if (rc == 0)
        return blocks_are_left(left, at, data, len);
    rc = 1;
    for (size_t i = 0; rc > 0 && i < len; i += pass->block) {
        int failed = lethe_io_read(pass->run->io, data + i, pass->block, at + i);
        if (failed < 0 && lethe_io_failure(-failed) != LETHE_FAILURE_SECTOR)
            return lethe_pass_fail(pass, "reading", -failed, at + i, err);
        if (failed == 0)
            rc = blocks_are_left(left, at + i, data + i, pass->block);
    }
    return rc;
}

int lethe_recheck_between(const struct lethe_pass *pass, struct lethe_error *err)
{
    uint64_t end = pass->run->capacity;
    struct leavings left = {.pass = pass};
    int rc = leavings_open(&left, err);
    if (rc == 0) {
        struct lethe_io_request *request = lethe_queue_get(pass->queue);
        rc = 1;
        for (uint64_t at = recheck_from(pass, end); rc > 0 && at < end;) {
            size_t len = recheck_length(pass, at, end);
            rc = chunk_is_left(&left, at, request->buf, len, err);
            at += len;
        }
        lethe_queue_done(pass->queue, request);
    }
    leavings_close(&left);
    return rc < 0 ? rc : rc && left.known;
}
