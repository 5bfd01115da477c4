/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An io_uring that can do nothing but read and write one file.
 *
 * seccomp does not see what a ring does: a worker that may use io_uring_enter(2) could open files
 * and sockets through it (facts/drives.md A9). So the ring is made disabled, told for good what is
 * allowed, and enabled: after that only io_uring_enter(2) is needed, and the filter can forbid
 * io_uring_setup(2) and io_uring_register(2).
 */
#ifndef LETHE_IO_RING_H
#define LETHE_IO_RING_H

#include <liburing.h>
#include <stdbool.h>

/* 0 or -errno: no io_uring here, or one that can't be restricted. */
int lethe_ring_open(struct io_uring *ring, int fd, bool writable, unsigned depth);

#endif
