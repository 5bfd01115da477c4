/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One pass over the whole device, from an offset to its end: requests in flight, bad sectors found
 * by halving, durable points, limits, and false capacity.
 */
#ifndef LETHE_TECHNIQUE_PASS_H
#define LETHE_TECHNIQUE_PASS_H

#include "base/pattern.h"
#include "io/queue.h"

#include <lethe/technique.h>

struct lethe_pass {
    struct lethe_run *run;
    struct lethe_queue *queue;
    struct lethe_stream *stream;
    unsigned number;
    uint32_t block;            /* the device's logical block */
    size_t chunk;              /* bytes of one request */
    uint64_t from;             /* where this run of the pass began */
    uint64_t next;             /* the next byte to submit */
    uint64_t bytes;            /* written, by this run */
    uint64_t errors;           /* sectors that can't be written */
    uint64_t point;            /* durable up to here */
    uint64_t tail;             /* where the last blocks begin, which are marked and written last */
    uint8_t *mark, *back;      /* what they are marked with, and room to read them again */
    unsigned standing;         /* a bit for each that carries its mark */
    uint64_t flushes, retries; /* over all passes: kept by lethe_pass_open() */
    uint64_t point_ms, told_ms, rate_ms, rate_bytes;
};

#define LETHE_TAIL_BLOCKS 8

/* Begin: run, queue, block, chunk, tail, mark, back and the counters over all passes are already
 * set. Touches nothing on the device. */
int lethe_pass_open(struct lethe_pass *pass, unsigned number, uint64_t from,
                    struct lethe_error *err);
/* 1 there is more, 0 every byte is on the medium or a counted exception. */
int lethe_pass_step(struct lethe_pass *pass, struct lethe_error *err);
void lethe_pass_close(struct lethe_pass *pass);
/* The stream that the last blocks are marked with in pass NUMBER: none that a pass writes, and one
 * that can be computed again. */
int lethe_pass_marks(const struct lethe_run *run, unsigned number, struct lethe_stream **out,
                     struct lethe_error *err);
/* A transfer failed in a way that ends it: ERR says so. */
int lethe_pass_fail(const struct lethe_pass *pass, const char *doing, int errnum, uint64_t offset,
                    struct lethe_error *err);

/* False capacity (tail.c). Mark the last blocks before anything else is written: those that are no
 * bad sectors must read back. */
int lethe_tail_mark(struct lethe_pass *pass, struct lethe_error *err);
/* After all others were written and flushed: the marks must stand as they were. */
int lethe_tail_check(struct lethe_pass *pass, struct lethe_error *err);
/* 1 the last blocks hold the marks of this pass, as far as they can be read; 0 something else. */
int lethe_tail_stands(struct lethe_pass *pass, struct lethe_error *err);

/* Going on after an interruption (recheck.c). Does the medium hold the pass that is open right
 * below OFFSET? What can't be read counts as no. */
bool lethe_recheck_point(const struct lethe_pass *pass, uint64_t offset);
/* The pass that is open may have begun, without a durable point yet: do the last blocks hold the
 * pass before, or what came after it? 1 yes, 0 there is something else. */
int lethe_recheck_between(const struct lethe_pass *pass, struct lethe_error *err);

#endif
