/* SPDX-License-Identifier: Apache-2.0 */
/* Reading ranges of a device with several requests in flight and comparing them byte by byte with
 * what the last pass wrote. */
#ifndef LETHE_VERIFY_COMPARE_H
#define LETHE_VERIFY_COMPARE_H

#include "base/pattern.h"
#include "io/queue.h"

#include <lethe/verification.h>

struct lethe_compare {
    const struct lethe_verify_run *run;
    struct lethe_verify_result *result;
    struct lethe_queue *queue;
    struct lethe_stream *stream;
    uint8_t *expected; /* one piece of what must be there */
    uint32_t logical;  /* the device's block: what a bad sector is */
    size_t chunk;      /* largest request */
    size_t at_exception;
    uint64_t planned; /* blocks in the ranges so far */
    uint64_t told_ms;
    /* A block counts once, in however many pieces it was read: the last ones that did. */
    uint64_t excepted_after, differed, unread;
};

/* RUN, RESULT (zeroed; block set) and LOGICAL are already set. */
int lethe_compare_open(struct lethe_compare *compare, unsigned depth, size_t chunk,
                       struct lethe_error *err);
/* Ranges must ascend. Known exceptions in them are left out, and counted. */
int lethe_compare_range(struct lethe_compare *compare, uint64_t offset, uint64_t length,
                        struct lethe_error *err);
/* Wait for and judge what is still in flight. */
int lethe_compare_drain(struct lethe_compare *compare, struct lethe_error *err);
/* Also sets result->samples. */
void lethe_compare_close(struct lethe_compare *compare);

#endif
