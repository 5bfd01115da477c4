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
    uint32_t block;  /* the device's logical block */
    size_t chunk;    /* bytes of one request */
    uint64_t from;   /* where this run of the pass began */
    uint64_t next;   /* the next byte to submit */
    uint64_t bytes;  /* written, by this run */
    uint64_t errors; /* sectors that can't be written */
    uint64_t point;  /* durable up to here */
    uint8_t *tail;   /* the last block as it was before, and room to read it again */
    bool tail_known;
    uint64_t flushes, retries; /* over all passes: kept by lethe_pass_open() */
    uint64_t point_ms, told_ms, rate_ms, rate_bytes;
};

/* Begin: run, queue, block, chunk, tail and the counters over all passes are already set. */
int lethe_pass_open(struct lethe_pass *pass, unsigned number, uint64_t from,
                    struct lethe_error *err);
/* 1 there is more, 0 every byte is on the medium or a counted exception. */
int lethe_pass_step(struct lethe_pass *pass, struct lethe_error *err);
void lethe_pass_close(struct lethe_pass *pass);

#endif
