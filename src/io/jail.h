/* SPDX-License-Identifier: Apache-2.0 */
/* All that a process can reach by a name, from then on: one directory, and no network. */
#ifndef LETHE_IO_JAIL_H
#define LETHE_IO_JAIL_H

#include <lethe/error.h>
#include <stdbool.h>

/* DIRECTORY becomes the root of this process, in a network of its own: that also takes away the
 * UNIX sockets without a path, which no directory could hide. Works for root and, by a user
 * namespace, without; from a process of one thread. Who could undo it (CAP_SYS_CHROOT) must still
 * give that up. */
int lethe_jail_enter(const char *directory, struct lethe_error *err);
bool lethe_jail_entered(void);

#endif
