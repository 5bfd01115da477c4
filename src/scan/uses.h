/* SPDX-License-Identifier: Apache-2.0 */
/* The guard: why a device can't be erased now, and what would release it. */
#ifndef LETHE_SCAN_USES_H
#define LETHE_SCAN_USES_H

#include "scan/graph.h"

/* Replace DEVICE's uses. Topmost first, so that the commands work in the order of the list. */
int lethe_uses_disk(const struct lethe_scan_env *env, const struct lethe_graph *graph, int node,
                    struct lethe_device *device, struct lethe_error *err);
/* PATH is canonical and absolute, NUMBER and INODE are of the open or stat'ed file. */
int lethe_uses_file(const struct lethe_scan_env *env, const struct lethe_graph *graph,
                    const char *path, dev_t number, ino_t inode, struct lethe_device *device,
                    struct lethe_error *err);
/* After an exclusive claim failed, or before it is believed: other processes that hold NODE open
 * for writing (a virtual machine does so without O_EXCL). Adds uses of kind "claimed". */
int lethe_uses_openers(const struct lethe_scan_env *env, struct lethe_device *device,
                       struct lethe_error *err);
/* WORD so that a shell takes it as one word, or false: then a command with it must not be shown. */
bool lethe_shell_word(char *out, size_t size, const char *word);
int lethe_use_add(struct lethe_device *device, const char *kind, bool never, const char *release,
                  const char *what);

#endif
