/* SPDX-License-Identifier: Apache-2.0 */
/* The medium of an emulated disk: a backing file, and a volatile write cache kept as an undo log.
 */
#ifndef LETHE_EMU_DISK_H
#define LETHE_EMU_DISK_H

#include "emu/state.h"
#include <lethe/io.h>

struct disk_shape {
    uint64_t capacity;
    uint32_t logical_block, physical_block;
};

/* UNDO < 0: no volatile cache, or a reader. The descriptors stay the caller's; STATE outlives the
 * result. */
int disk_open(int backing, int undo, struct lethe_emu_state *state, const struct disk_shape *shape,
              struct lethe_io **out, struct lethe_error *err);

/* What was not flushed is as if it had never been written. May be repeated after an interruption.
 * For who holds the claim only: nothing else may have the device open. */
int disk_roll_back(int backing, int undo, struct lethe_emu_state *state, struct lethe_error *err);

#endif
