/* SPDX-License-Identifier: Apache-2.0 */
/* Commands of a drive's own set through the kernel, on the descriptor of its block node. */
#ifndef LETHE_IO_PASSTHROUGH_H
#define LETHE_IO_PASSTHROUGH_H

#include <lethe/io.h>

/* 0 when the command came back, whatever it says (result, sense); -errno when it did not. */
int lethe_passthrough(int fd, struct lethe_command *command);

/* The ioctl numbers it uses, for who builds a system call filter. */
#define LETHE_PASSTHROUGH_IOCTLS 4
extern const unsigned long lethe_passthrough_ioctls[LETHE_PASSTHROUGH_IOCTLS];

#endif
