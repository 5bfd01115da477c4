/* SPDX-License-Identifier: Apache-2.0 */
#include "io/queue.h"

#include <errno.h>
#include <stdlib.h>

struct lethe_queue {
    struct lethe_io *io;
    unsigned depth;
    unsigned in_flight; /* on the device */
    unsigned n_free, n_ended;
    char *buffers;
    struct lethe_io_request **free;  /* a stack: the buffer used last is the warmest */
    struct lethe_io_request **ended; /* refused by the device, or taken early to make room */
    struct lethe_io_request *requests;
};

struct lethe_queue *lethe_queue_new(struct lethe_io *io, unsigned depth, size_t chunk)
{
    struct lethe_queue *queue = calloc(1, sizeof(*queue));
    if (!queue)
        return NULL;
    queue->io = io;
    queue->depth = depth;
    queue->buffers = lethe_io_buffer(depth * chunk);
    queue->requests = calloc(depth, sizeof(*queue->requests));
    queue->free = calloc(depth, sizeof(struct lethe_io_request *));
    queue->ended = calloc(depth, sizeof(struct lethe_io_request *));
    if (!queue->buffers || !queue->requests || !queue->free || !queue->ended) {
        lethe_queue_free(queue);
        return NULL;
    }
    for (unsigned i = 0; i < depth; i++) {
        queue->requests[i].buf = queue->buffers + i * chunk;
        queue->free[queue->n_free++] = &queue->requests[i];
    }
    return queue;
}

/* Take one that ended on the device. Reaping itself fails only when the ring is broken: then no
 * buffer may be touched again, and no answer about this device can be trusted. */
static struct lethe_io_request *queue_reap(struct lethe_queue *queue)
{
    struct lethe_io_request *request = NULL;
    if (queue->in_flight == 0)
        return NULL;
    if (lethe_io_reap(queue->io, &request) != 1)
        abort();
    queue->in_flight--;
    return request;
}

void lethe_queue_free(struct lethe_queue *queue)
{
    if (!queue)
        return;
    while (queue_reap(queue))
        ;
    lethe_io_buffer_free(queue->buffers);
    free(queue->requests);
    free(queue->free);
    free(queue->ended);
    free(queue);
}

struct lethe_io_request *lethe_queue_get(struct lethe_queue *queue)
{
    return queue->n_free > 0 ? queue->free[--queue->n_free] : NULL;
}

void lethe_queue_put(struct lethe_queue *queue, struct lethe_io_request *request)
{
    int rc;
    while ((rc = lethe_io_submit(queue->io, request)) == -EAGAIN && queue->in_flight > 0)
        queue->ended[queue->n_ended++] = queue_reap(queue);
    if (rc == 0) {
        queue->in_flight++;
    } else {
        request->result = rc;
        queue->ended[queue->n_ended++] = request;
    }
}

struct lethe_io_request *lethe_queue_wait(struct lethe_queue *queue)
{
    return queue->n_ended > 0 ? queue->ended[--queue->n_ended] : queue_reap(queue);
}

void lethe_queue_done(struct lethe_queue *queue, struct lethe_io_request *request)
{
    queue->free[queue->n_free++] = request;
}
