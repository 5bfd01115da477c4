/* SPDX-License-Identifier: Apache-2.0 */
#include "verify/compare.h"

#include "base/text.h"
#include "base/time.h"
#include "io/failure.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TELL_MS 100
#define TRANSIENT_TRIES 5
/* Where something differs, expected bytes are made in pieces of this size. */
#define PIECE ((size_t)64 << 10)

static int compare_fail(int errnum, uint64_t offset, struct lethe_error *err)
{
    char at[32];
    lethe_size_format(at, sizeof(at), offset);
    bool gone = lethe_io_failure(errnum) == LETHE_FAILURE_GONE;
    if (gone)
        lethe_fail(err, LETHE_E_GONE, "the device ended or vanished at %s (%s)", at,
                   strerror(errnum));
    else
        lethe_fail(err, LETHE_E_IO, "reading at %s failed: %s", at, strerror(errnum));
    lethe_error_effect(err, "not verified: what is on it is not known");
    return gone ? -LETHE_E_GONE : -LETHE_E_IO;
}

/* Block by block, where a piece is known to differ somewhere. */
static void judge_blocks(struct lethe_compare *c, uint64_t offset, const uint8_t *data,
                         const uint8_t *expected, size_t len)
{
    struct lethe_verify_result *result = c->result;
    for (size_t at = 0; at < len;) {
        uint64_t block = (offset + at) / result->block;
        size_t n = (size_t)((block + 1) * result->block - (offset + at));
        if (n > len - at)
            n = len - at;
        size_t same = 0;
        while (same < n && data[at + same] == expected[at + same])
            same++;
        if (same < n) {
            if (offset + at + same < result->first_mismatch)
                result->first_mismatch = offset + at + same;
            if (block + 1 != c->differed)
                result->mismatches++;
            c->differed = block + 1;
        }
        at += n;
    }
}

static void judge(struct lethe_compare *c, uint64_t offset, const uint8_t *data, size_t len)
{
    c->result->bytes += len;
    for (size_t at = 0, n; at < len; at += n) {
        at += lethe_stream_compare(c->stream, offset + at, data + at, len - at);
        if (at == len)
            return;
        at -= at % 16;
        n = len - at < PIECE ? len - at : PIECE;
        lethe_stream_fill(c->stream, offset + at, c->expected, n);
        judge_blocks(c, offset + at, data + at, c->expected, n);
    }
}

static int said(int rc, struct lethe_error *err)
{
    return rc >= 0 ? 0
                   : lethe_fail(err, (enum lethe_error_code) - rc, "the verification was stopped");
}

static int heartbeat(struct lethe_compare *c, uint64_t offset, struct lethe_error *err)
{
    const struct lethe_report *report = &c->run->report;
    uint64_t now = lethe_monotonic_ms();
    if (!report->progress || now - c->told_ms < TELL_MS)
        return 0;
    c->told_ms = now;
    return said(report->progress(report->user, c->run->pass, offset,
                                 c->result->mismatches + c->result->unreadable),
                err);
}

static int bad_sector(struct lethe_compare *c, uint64_t offset, int errnum, struct lethe_error *err)
{
    const struct lethe_report *report = &c->run->report;
    uint64_t block = offset / c->result->block;
    if (block + 1 != c->unread)
        c->result->unreadable++;
    c->unread = block + 1;
    return report->exception && !c->run->reads_may_fail
               ? said(report->exception(report->user, offset, c->logical, errnum), err)
               : 0;
}

/* All of it, or -errno; the end of the device is -ENODEV, which no sector answers. */
static int read_whole(struct lethe_io *io, uint8_t *buf, size_t len, uint64_t offset)
{
    for (size_t done = 0; done < len;) {
        ssize_t got = lethe_io_pread(io, buf + done, len - done, offset + done);
        if (got < 0)
            return (int)got;
        if (got == 0)
            return -ENODEV;
        done += (size_t)got;
    }
    return 0;
}

/* Again, in smaller and smaller pieces down to the logical block. */
static int recover(struct lethe_compare *c, uint8_t *buf, uint64_t offset, size_t len,
                   struct lethe_error *err)
{
    int rc, tries = 0;
    do {
        rc = read_whole(c->run->io, buf, len, offset);
    } while (rc < 0 && lethe_io_failure(-rc) == LETHE_FAILURE_TRANSIENT &&
             ++tries < TRANSIENT_TRIES);
    if (rc == 0)
        judge(c, offset, buf, len);
    else if (lethe_io_failure(-rc) != LETHE_FAILURE_SECTOR)
        return compare_fail(-rc, offset, err);
    else if (len <= c->logical)
        rc = bad_sector(c, offset, -rc, err);
    else {
        size_t half = len / c->logical / 2 * c->logical;
        rc = recover(c, buf, offset, half, err);
        return rc < 0 ? rc : recover(c, buf + half, offset + half, len - half, err);
    }
    return rc < 0 ? rc : heartbeat(c, offset, err);
}

/* 1 judged one, 0 none in flight. */
static int compare_reap(struct lethe_compare *c, struct lethe_error *err)
{
    struct lethe_io_request *request = lethe_queue_wait(c->queue);
    if (!request)
        return 0;
    int rc = 0;
    if (request->result == (ssize_t)request->len)
        judge(c, request->offset, request->buf, request->len);
    else if (request->result < 0 && lethe_io_failure((int)-request->result) == LETHE_FAILURE_GONE)
        rc = compare_fail((int)-request->result, request->offset, err);
    else
        rc = recover(c, request->buf, request->offset, request->len, err);
    if (rc == 0)
        rc = heartbeat(c, request->offset, err);
    lethe_queue_done(c->queue, request);
    return rc < 0 ? rc : 1;
}

int lethe_compare_drain(struct lethe_compare *c, struct lethe_error *err)
{
    int rc;
    while ((rc = compare_reap(c, err)) > 0)
        ;
    return rc;
}

static int submit(struct lethe_compare *c, uint64_t offset, uint64_t end, struct lethe_error *err)
{
    while (offset < end) {
        struct lethe_io_request *request;
        while (!(request = lethe_queue_get(c->queue))) {
            int rc = compare_reap(c, err);
            if (rc < 0)
                return rc;
        }
        request->offset = offset;
        request->len = end - offset < c->chunk ? (size_t)(end - offset) : c->chunk;
        request->write = false;
        offset += request->len;
        lethe_queue_put(c->queue, request);
    }
    return 0;
}

static void count_excepted(struct lethe_compare *c, uint64_t offset, uint64_t end)
{
    uint64_t first = offset / c->result->block, after = (end - 1) / c->result->block + 1;
    first = first > c->excepted_after ? first : c->excepted_after;
    if (after > first) {
        c->result->excepted += after - first;
        c->excepted_after = after;
    }
}

int lethe_compare_range(struct lethe_compare *c, uint64_t offset, uint64_t length,
                        struct lethe_error *err)
{
    uint64_t end = offset + length;
    c->planned += (length - 1) / c->result->block + 1;
    while (offset < end) {
        while (c->at_exception < c->run->n_exceptions &&
               c->run->exceptions[c->at_exception].offset +
                       c->run->exceptions[c->at_exception].length <=
                   offset)
            c->at_exception++;
        uint64_t from = end, to = end;
        if (c->at_exception < c->run->n_exceptions) {
            const struct lethe_range *known = &c->run->exceptions[c->at_exception];
            from = known->offset - known->offset % c->logical;
            to = known->offset + known->length + c->logical - 1;
            to -= to % c->logical;
            from = from < offset ? offset : from < end ? from : end;
            to = to < end ? to : end;
        }
        int rc = submit(c, offset, from, err);
        if (rc < 0)
            return rc;
        if (from < to && from < end)
            count_excepted(c, from, to);
        offset = to > from ? to : from;
    }
    return 0;
}

int lethe_compare_open(struct lethe_compare *c, unsigned depth, size_t chunk,
                       struct lethe_error *err)
{
    struct lethe_pattern pattern;
    int rc = lethe_pattern_parse(c->run->pattern, &pattern, err);
    if (rc == 0)
        rc = lethe_stream_new(&pattern, c->run->seed, c->run->job, c->run->pass, &c->stream, err);
    if (rc < 0)
        return rc;
    while (chunk * depth + PIECE > c->run->memory && chunk > c->result->block)
        chunk /= 2;
    c->chunk = chunk;
    c->queue = lethe_queue_new(c->run->io, depth, chunk);
    c->expected = lethe_io_buffer(PIECE);
    return c->queue && c->expected ? 0 : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
}

/* Blocks that were read and compared as a whole, after an early end, too. */
static uint64_t compared(const struct lethe_compare *c)
{
    const struct lethe_verify_result *result = c->result;
    uint64_t left_out = result->excepted + result->unreadable;
    uint64_t wanted = c->planned > left_out ? c->planned - left_out : 0;
    uint64_t judged = result->bytes / result->block + (result->bytes % result->block != 0);
    return wanted < judged ? wanted : judged;
}

void lethe_compare_close(struct lethe_compare *c)
{
    c->result->samples = compared(c);
    lethe_queue_free(c->queue);
    lethe_stream_free(c->stream);
    lethe_io_buffer_free(c->expected);
    c->queue = NULL;
    c->stream = NULL;
    c->expected = NULL;
}
