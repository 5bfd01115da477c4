/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A drive's own erasure and its zones. A pointer that was reset makes a drive give out nothing, or
 * zeros, whatever the medium holds: such reads are no look at what was erased. So a sanitize is
 * told to keep the zones (ZNR; SBC-4 5.30.1), and it is watched whether it did.
 */
#ifndef LETHE_TECHNIQUE_ZONES_H
#define LETHE_TECHNIQUE_ZONES_H

#include "io/zones.h"

#include <lethe/technique.h>

/* All zones, now. Not of a drive without (run->zone 0): 0, OUT zeroed. */
int lethe_technique_zones(struct lethe_run *run, struct lethe_zone_census *out,
                          struct lethe_error *err);
/* {"before","after","kept"}: asked again. KEPT: all that was below a write pointer still is. */
json_t *lethe_technique_zones_kept(struct lethe_run *run, const struct lethe_zone_census *before,
                                   bool *kept);

#endif
