/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The zones of a host-managed drive, asked and reset by SCSI commands over its block node: a SATA
 * drive's are translated by the kernel. Needs what any pass-through needs.
 *
 * That a pointer was reset says nothing of what is behind it: the medium has it still. Nothing here
 * is evidence of an erasure; it is what makes writing possible, and what tells whether blocks that
 * are read were written.
 */
#ifndef LETHE_IO_ZONES_H
#define LETHE_IO_ZONES_H

#include "proto/zones.h"

#include <lethe/io.h>

/* All zones of a drive, counted; sizes in bytes. */
struct lethe_zone_census {
    uint64_t size;  /* of each; the last may be smaller */
    uint64_t count; /* all of them */
    uint64_t conventional, preferred;
    uint64_t empty, full, partly; /* of those with a write pointer */
    uint64_t unusable;            /* read-only or offline */
    uint64_t written;             /* bytes below the write pointers */
};

/* Walk them from the first to the last: they must follow one another, be of one size but the last,
 * and end where the drive does. -LETHE_E_INVALID what is reported can't be; -LETHE_E_UNSUPPORTED
 * the command is not carried; -LETHE_E_GONE, -LETHE_E_IO. */
int lethe_zones_count(struct lethe_io *io, uint64_t capacity, uint32_t block,
                      struct lethe_zone_census *out, struct lethe_error *err);

/* Make the zone of SIZE bytes that begins at OFFSET ready to be written from its start on: reset
 * where it has a pointer that is elsewhere, and asked whether it is there now. 0, or negative with
 * the reason. */
int lethe_zone_rewind(struct lethe_io *io, uint64_t offset, uint32_t block,
                      struct lethe_error *err);

json_t *lethe_zone_census_to_json(const struct lethe_zone_census *census);

#endif
