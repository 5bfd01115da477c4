/* SPDX-License-Identifier: Apache-2.0 */
/* A device in memory that does as it is told: wrong, too. */
#ifndef FAKE_IO_H
#define FAKE_IO_H

#include <lethe/io.h>

struct fake_io {
    struct lethe_io io; /* first */
    struct lethe_io_info info;
    uint8_t *data;
    /* Faults; 0 = none. */
    uint64_t bad_write, bad_write_len; /* EIO in this range */
    uint64_t bad_read, bad_read_len;
    int bad_errno;                /* default EIO */
    uint64_t gone_at;             /* writes from here on: ENOSPC; reads: end of file */
    int gone_errno;               /* instead of those */
    uint64_t drop_from, drop_len; /* writes there are not kept */
    uint64_t alias;               /* addresses wrap here */
    uint64_t limbo;               /* from here on writes are not kept */
    int limbo_reads;              /* ... and this byte is read; negative: what was there before */
    uint64_t cut_after;           /* so many writes; more, and flushes, answer ENODEV */
    uint64_t flush_after;         /* so many writes: all of them reach the medium */
    uint8_t *medium;              /* if set, of the test: what a cut of the power leaves for sure */
    size_t short_to;              /* transfers longer than this are cut to it */
    unsigned transient;           /* so many requests answer EAGAIN first */
    int sync_errno;               /* flushes fail */
    unsigned sync_good;           /* ... after so many good ones */
    unsigned delay_ms;            /* per transfer */
    /* A queue that ends requests in any order; 0: the generic one. */
    unsigned depth;
    struct lethe_io_request *queue[64];
    unsigned queued, reaps;
    /* What was seen. */
    uint64_t writes, reads, syncs, unflushed;
    uint64_t bytes_read, bytes_written, largest;
    unsigned in_flight_max;
};

/* CAPACITY bytes filled with FILL. The result is closed by lethe_io_close(). */
struct fake_io *fake_io_new(uint64_t capacity, uint32_t block, unsigned depth, uint8_t fill);

#endif
