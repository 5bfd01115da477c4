/* SPDX-License-Identifier: Apache-2.0 */
/* How well a device profile fits a device, and whether two profiles can fit the same one. */
#ifndef LETHE_PROFILE_MATCH_H
#define LETHE_PROFILE_MATCH_H

#include <lethe/profile.h>

/* Specificity: 1 for every set given, 8 for every glob and 1 more for each of its signs that is no
 * wildcard, 128 for every exact text and for each part of a USB id. The same for every device, so
 * that ties can be found without one. */
enum { LETHE_SCORE_GLOB = 8, LETHE_SCORE_EXACT = 128 };
unsigned lethe_match_score(const struct lethe_profile_match *match);
/* NULL when IDENTITY matches, else the name of the first field that does not. */
const char *lethe_match_mismatch(const struct lethe_profile_match *match,
                                 const struct lethe_identity *identity);
/* Can some device match both? */
bool lethe_match_meet(const struct lethe_profile_match *a, const struct lethe_profile_match *b);

#endif
