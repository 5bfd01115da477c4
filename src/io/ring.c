/* SPDX-License-Identifier: Apache-2.0 */
#include "io/ring.h"

#include <errno.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Debian 12's liburing has no exported call for restrictions and enabling. */
static int ring_register(const struct io_uring *ring, unsigned opcode, const void *arg, unsigned n)
{
    long rc = syscall(SYS_io_uring_register, ring->ring_fd, opcode, arg, n);
    return rc < 0 ? -errno : 0;
}

/* Kernel 6.1 runs completions in the task that asks for them, without interrupting it; 5.19 at
 * least does not interrupt it; older ones do. */
static int ring_create(struct io_uring *ring, unsigned depth)
{
    static const unsigned flags[] = {
        IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN,
        IORING_SETUP_COOP_TASKRUN,
        0,
    };
    int rc = -EINVAL;
    for (size_t i = 0; rc == -EINVAL && i < sizeof(flags) / sizeof(flags[0]); i++) {
        struct io_uring_params params = {.flags = IORING_SETUP_R_DISABLED | flags[i]};
        rc = io_uring_queue_init_params(depth, ring, &params);
    }
    return rc;
}

static int ring_restrict(struct io_uring *ring, bool writable)
{
    /* No IORING_RESTRICTION_REGISTER_OP: nothing can be registered any more. */
    struct io_uring_restriction rules[] = {
        {.opcode = IORING_RESTRICTION_SQE_FLAGS_REQUIRED, .sqe_flags = IOSQE_FIXED_FILE},
        {.opcode = IORING_RESTRICTION_SQE_OP, .sqe_op = IORING_OP_READ},
        {.opcode = IORING_RESTRICTION_SQE_OP, .sqe_op = IORING_OP_WRITE},
    };
    unsigned n = writable ? 3 : 2;
    return ring_register(ring, IORING_REGISTER_RESTRICTIONS, rules, n);
}

int lethe_ring_open(struct io_uring *ring, int fd, bool writable, unsigned depth)
{
    int rc = ring_create(ring, depth);
    if (rc < 0)
        return rc;
    if ((rc = ring_register(ring, IORING_REGISTER_FILES, &fd, 1)) < 0 ||
        (rc = ring_restrict(ring, writable)) < 0 ||
        (rc = ring_register(ring, IORING_REGISTER_ENABLE_RINGS, NULL, 0)) < 0)
        io_uring_queue_exit(ring);
    return rc;
}
