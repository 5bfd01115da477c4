/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an emulated device remembers between openings, in memory shared by supervisor and workers
 * (the `.state` file; lethe_emu_state_size() bytes, all zero at first). Every member is atomic: no
 * lock that a killed worker could leave behind.
 */
#ifndef LETHE_EMU_STATE_H
#define LETHE_EMU_STATE_H

#include <jansson.h>
#include <lethe/error.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define LETHE_FAULTS_MAX 16

struct lethe_emu_slot {       /* one fault of the list */
    _Atomic uint64_t fired;   /* how often */
    _Atomic uint32_t latched; /* lasting effect: vanished, swapped */
    uint32_t unused;
};

struct lethe_emu_state {
    _Atomic uint32_t ready;      /* the backing file is whole */
    _Atomic uint32_t off;        /* power is cut: everything answers ENODEV */
    _Atomic uint64_t generation; /* one more with each power-on: older openings are dead */
    _Atomic uint64_t supervisor; /* the process that claimed last */
    _Atomic uint64_t reads, writes, syncs, bytes_read,
        bytes_written;            /* requests, answered or not */
    _Atomic uint64_t undo_end;    /* bytes of the undo log in use */
    _Atomic uint64_t faults_hash; /* the list that the slots belong to */
    struct lethe_emu_slot slots[LETHE_FAULTS_MAX];
};

/* Map FD (at least lethe_emu_state_size() bytes), shared. */
int lethe_emu_state_map(int fd, struct lethe_emu_state **out, struct lethe_error *err);
void lethe_emu_state_unmap(struct lethe_emu_state *state);
/* For people and tests: counters, power, what has fired. New reference. */
json_t *lethe_emu_state_to_json(const struct lethe_emu_state *state);

#endif
