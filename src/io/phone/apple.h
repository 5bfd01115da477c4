/* SPDX-License-Identifier: Apache-2.0 */
/* The real `struct lethe_apple_ops`, by libimobiledevice: only in lethe-worker-phone. */
#ifndef LETHE_IO_PHONE_APPLE_H
#define LETHE_IO_PHONE_APPLE_H

#include <io/apple.h>

/*
 * An io of the device UDID behind the usbmux proxy whose socket is PATH. Root is shut into the
 * directory of the socket for good (chroot). Opening sends nothing. One at a time in a process:
 * libimobiledevice takes the path from the environment, and the wall clock is one timer.
 *
 * System calls, for who builds the sandbox, beyond those of every worker: socket(AF_UNIX),
 * connect, stat (newfstatat), shutdown, fcntl, select/pselect6, getsockopt, setsockopt, sendto,
 * sendmsg, recvfrom, recvmsg, write and read on any descriptor, setitimer, rt_sigreturn. The
 * handler of SIGALRM is set in here, before the filter.
 */
int lethe_apple_open(const char *path, const char *udid, struct lethe_io **out,
                     struct lethe_error *err);

#endif
