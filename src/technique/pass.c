/* SPDX-License-Identifier: Apache-2.0 */
#include "technique/pass.h"

#include "base/text.h"
#include "base/time.h"
#include "io/failure.h"
#include "io/zones.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

/* What a power cut may cost at most: whichever comes first. */
#define POINT_BYTES ((uint64_t)1 << 30)
#define POINT_MS 10000
#define TELL_MS 100
#define TRANSIENT_TRIES 5

static uint64_t pass_done(const struct lethe_pass *pass)
{
    return pass->bytes + pass->errors * pass->block;
}

static int said(int rc, struct lethe_error *err)
{
    return rc >= 0 ? 0
                   : lethe_fail(err, (enum lethe_error_code) - rc, "the overwriting was stopped");
}

int lethe_pass_fail(const struct lethe_pass *pass, const char *doing, int errnum, uint64_t offset,
                    struct lethe_error *err)
{
    char at[32], of[32];
    lethe_size_format(at, sizeof(at), offset);
    lethe_size_format(of, sizeof(of), pass->run->capacity);
    bool gone = lethe_io_failure(errnum) == LETHE_FAILURE_GONE;
    if (gone)
        lethe_fail(err, LETHE_E_GONE, "the device ended or vanished at %s of %s (%s)", at, of,
                   strerror(errnum));
    else
        lethe_fail(err, LETHE_E_IO, "%s at %s of %s failed: %s", doing, at, of, strerror(errnum));
    lethe_error_effect(err, "NOT sanitised: partly overwritten");
    lethe_error_remedy(err, gone
                                ? "check cable, power and dock; plug it in again and erase it again"
                                : "see the kernel's log: dmesg");
    return gone ? -LETHE_E_GONE : -LETHE_E_IO;
}

/* Below the policy's least rate, averaged over its window, a drive is hopeless. */
static int pass_rate(struct lethe_pass *pass, uint64_t now, struct lethe_error *err)
{
    const struct lethe_limits *limits = &pass->run->limits;
    uint64_t span = now - pass->rate_ms;
    if (limits->min_rate == 0 || limits->rate_seconds == 0 ||
        span < (uint64_t)limits->rate_seconds * 1000)
        return 0;
    uint64_t rate = (pass_done(pass) - pass->rate_bytes) * 1000 / span;
    pass->rate_ms = now;
    pass->rate_bytes = pass_done(pass);
    if (rate >= limits->min_rate)
        return 0;
    lethe_fail(err, LETHE_E_LIMIT,
               "the device takes %" PRIu64 " bytes/s; the policy's least is %" PRIu64, rate,
               limits->min_rate);
    lethe_error_effect(err, "NOT sanitised: partly overwritten");
    lethe_error_remedy(err, "try another port or cable; else destroy the device");
    return -LETHE_E_LIMIT;
}

static int pass_heartbeat(struct lethe_pass *pass, struct lethe_error *err)
{
    const struct lethe_report *report = &pass->run->report;
    uint64_t now = lethe_monotonic_ms();
    int rc = pass_rate(pass, now, err);
    if (rc < 0 || now - pass->told_ms < TELL_MS || !report->progress)
        return rc;
    pass->told_ms = now;
    return said(
        report->progress(report->user, pass->number, pass->from + pass_done(pass), pass->errors),
        err);
}

static int pass_bad_sector(struct lethe_pass *pass, uint64_t offset, int errnum,
                           struct lethe_error *err)
{
    const struct lethe_run *run = pass->run;
    pass->errors++;
    if (run->report.exception) {
        int rc = run->report.exception(run->report.user, offset, pass->block, errnum);
        if (rc < 0)
            return said(rc, err);
    }
    if (run->limits.max_bad_sectors == 0 || pass->errors <= run->limits.max_bad_sectors)
        return 0;
    lethe_fail(err, LETHE_E_LIMIT,
               "more than %" PRIu64 " sectors can't be written: the policy's limit",
               run->limits.max_bad_sectors);
    lethe_error_effect(err, "NOT sanitised: partly overwritten");
    lethe_error_remedy(err, "this drive is failing: destroy it");
    return -LETHE_E_LIMIT;
}

/* Again, one piece at a time and smaller with each failure, down to the logical block. */
static int pass_recover(struct lethe_pass *pass, const char *buf, uint64_t offset, size_t len,
                        struct lethe_error *err)
{
    int rc, tries = 0;
    do {
        pass->retries++;
        rc = lethe_io_write(pass->run->io, buf, len, offset);
    } while (rc < 0 && lethe_io_failure(-rc) == LETHE_FAILURE_TRANSIENT &&
             ++tries < TRANSIENT_TRIES);
    if (rc == 0)
        pass->bytes += len;
    else if (lethe_io_failure(-rc) != LETHE_FAILURE_SECTOR)
        return lethe_pass_fail(pass, "writing", -rc, offset, err);
    else if (len == pass->block)
        rc = pass_bad_sector(pass, offset, -rc, err);
    else {
        size_t half = len / pass->block / 2 * pass->block;
        rc = pass_recover(pass, buf, offset, half, err);
        return rc < 0 ? rc : pass_recover(pass, buf + half, offset + half, len - half, err);
    }
    return rc < 0 ? rc : pass_heartbeat(pass, err);
}

/* Take the answer to one request. 1 one came, 0 none is in flight. */
static int pass_reap(struct lethe_pass *pass, struct lethe_error *err)
{
    struct lethe_io_request *request = lethe_queue_wait(pass->queue);
    if (!request)
        return 0;
    int rc = 0;
    if (request->result == (ssize_t)request->len)
        pass->bytes += request->len;
    else if (pass->run->zone) /* where its write pointer is now nobody knows */
        rc = lethe_pass_fail(pass, "writing", request->result < 0 ? (int)-request->result : EIO,
                             request->offset, err);
    else if (request->result < 0 && lethe_io_failure((int)-request->result) == LETHE_FAILURE_GONE)
        rc = lethe_pass_fail(pass, "writing", (int)-request->result, request->offset, err);
    else
        rc = pass_recover(pass, request->buf, request->offset, request->len, err);
    lethe_queue_done(pass->queue, request);
    if (rc == 0)
        rc = pass_heartbeat(pass, err);
    return rc < 0 ? rc : 1;
}

/* Everything submitted so far is on the medium, or a counted exception. */
static int pass_flush(struct lethe_pass *pass, struct lethe_error *err)
{
    int rc;
    while ((rc = pass_reap(pass, err)) > 0)
        ;
    if (rc < 0)
        return rc;
    if (pass->from + pass_done(pass) != pass->next)
        return lethe_fail(err, LETHE_E_INTERNAL, "bytes written and bytes submitted differ");
    if ((rc = lethe_io_sync(pass->run->io)) < 0)
        return lethe_pass_fail(pass, "flushing", -rc, pass->next, err);
    pass->flushes++;
    return 0;
}

/* A durable point: told only after a flush succeeded. */
static int pass_settle(struct lethe_pass *pass, struct lethe_error *err)
{
    const struct lethe_report *report = &pass->run->report;
    int rc = pass_flush(pass, err);
    if (rc < 0)
        return rc;
    pass->point = pass->next;
    pass->point_ms = lethe_monotonic_ms();
    return report->durable ? said(report->durable(report->user, pass->number, pass->point), err)
                           : 0;
}

int lethe_pass_marks(const struct lethe_run *run, unsigned number, struct lethe_stream **out,
                     struct lethe_error *err)
{
    const struct lethe_pattern random = {.kind = LETHE_PATTERN_RANDOM};
    return lethe_stream_new(&random, run->seed, run->job, LETHE_PASSES_MAX + number, out, err);
}

int lethe_pass_open(struct lethe_pass *pass, unsigned number, uint64_t from,
                    struct lethe_error *err)
{
    const struct lethe_run *run = pass->run;
    struct lethe_pattern pattern;
    int rc = lethe_pattern_parse(run->passes[number], &pattern, err);
    if (rc < 0)
        return rc;
    lethe_pass_close(pass);
    rc = lethe_stream_new(&pattern, run->seed, run->job, number, &pass->stream, err);
    if (rc < 0)
        return rc;
    pass->number = number;
    pass->from = pass->next = pass->point = from;
    pass->bytes = pass->errors = pass->rate_bytes = 0;
    pass->point_ms = pass->rate_ms = lethe_monotonic_ms();
    pass->told_ms = 0;
    struct lethe_stream *marks;
    if ((rc = lethe_pass_marks(run, number, &marks, err)) < 0)
        return rc;
    lethe_stream_fill(marks, pass->tail, pass->mark, (size_t)(run->capacity - pass->tail));
    lethe_stream_free(marks);
    return 0;
}

static bool pass_point_due(const struct lethe_pass *pass)
{
    return pass->next - pass->point >= POINT_BYTES ||
           (pass->next > pass->point && lethe_monotonic_ms() - pass->point_ms >= POINT_MS);
}

/* Zones one after the other, each from its start on. */
static int pass_zone(struct lethe_pass *pass, uint64_t *left, struct lethe_error *err)
{
    uint64_t zone = pass->run->zone, inside = zone ? pass->next % zone : 0;
    if (zone == 0)
        return 0;
    if (zone - inside < *left)
        *left = zone - inside;
    if (inside > 0)
        return 0;
    int rc = lethe_zone_rewind(pass->run->io, pass->next, pass->block, err);
    if (rc == 0)
        return 0;
    lethe_error_effect(err, "NOT sanitised: partly overwritten");
    lethe_error_remedy(err, "power the drive off and on, then erase it again; if that fails too, "
                            "destroy it");
    return rc;
}

int lethe_pass_step(struct lethe_pass *pass, struct lethe_error *err)
{
    bool body = pass->next < pass->tail;
    uint64_t left = (body ? pass->tail : pass->run->capacity) - pass->next;
    int rc = 0;
    if (left == 0)
        return pass_settle(pass, err);
    if (body && pass_point_due(pass))
        rc = pass_settle(pass, err);
    else if (pass->next == pass->tail && (rc = pass_flush(pass, err)) == 0)
        rc = lethe_tail_check(pass, err);
    if (rc == 0)
        rc = pass_zone(pass, &left, err);
    if (rc < 0)
        return rc;
    struct lethe_io_request *request;
    while (!(request = lethe_queue_get(pass->queue))) {
        if ((rc = pass_reap(pass, err)) < 0)
            return rc;
    }
    request->offset = pass->next;
    request->len = left < pass->chunk ? (size_t)left : pass->chunk;
    request->write = true;
    lethe_stream_fill(pass->stream, request->offset, request->buf, request->len);
    lethe_queue_put(pass->queue, request);
    pass->next += request->len;
    return 1;
}

void lethe_pass_close(struct lethe_pass *pass)
{
    lethe_stream_free(pass->stream);
    pass->stream = NULL;
}
