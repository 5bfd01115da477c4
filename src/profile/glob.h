/* SPDX-License-Identifier: Apache-2.0 */
/* Globs of device profiles: '*' is any text, '?' any one byte, everything else itself.
 * Case-insensitive (ASCII). */
#ifndef LETHE_PROFILE_GLOB_H
#define LETHE_PROFILE_GLOB_H

#include <stdbool.h>

/* Longest text or pattern looked at; longer ones never match. */
#define LETHE_GLOB_MAX 128

/* Has PATTERN a wildcard at all? */
bool lethe_glob_is_wild(const char *pattern);
bool lethe_glob_match(const char *pattern, const char *text);
/* Is there a text that both match? Exact, so that ties between profiles are found when they are
 * loaded and not when a device turns up. */
bool lethe_glob_meet(const char *a, const char *b);

#endif
