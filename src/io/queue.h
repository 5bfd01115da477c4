/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A few requests with buffers of their own, kept in flight on one device: what writes a device and
 * what reads it back are the same loop. Not thread-safe.
 */
#ifndef LETHE_IO_QUEUE_H
#define LETHE_IO_QUEUE_H

#include <lethe/io.h>

struct lethe_queue;

/* DEPTH requests with CHUNK bytes each. NULL when memory ran out. */
struct lethe_queue *lethe_queue_new(struct lethe_io *io, unsigned depth, size_t chunk);
/* Waits for what is in flight (the kernel still uses its buffers), then frees. NULL is fine. */
void lethe_queue_free(struct lethe_queue *queue);

/* A request that is free to be filled in, or NULL: all are in flight, wait for one. */
struct lethe_io_request *lethe_queue_get(struct lethe_queue *queue);
/* Start it. A device that can't even accept it answers through lethe_queue_wait(), too. */
void lethe_queue_put(struct lethe_queue *queue, struct lethe_io_request *request);
/* The next request that ended, with its result; NULL when nothing is in flight. It is free again
 * when the caller says so: lethe_queue_done(). */
struct lethe_io_request *lethe_queue_wait(struct lethe_queue *queue);
void lethe_queue_done(struct lethe_queue *queue, struct lethe_io_request *request);

#endif
