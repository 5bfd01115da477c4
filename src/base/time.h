/* SPDX-License-Identifier: Apache-2.0 */
/* The seam to clocks and randomness: production code asks here, tests set what it hears. */
#ifndef LETHE_BASE_TIME_H
#define LETHE_BASE_TIME_H

#include <stddef.h>
#include <stdint.h>

/* Milliseconds since 1970 (UTC), and milliseconds of a clock that never jumps back. */
uint64_t lethe_now_ms(void);
uint64_t lethe_monotonic_ms(void);
/* Cryptographic randomness; aborts the process when the kernel has none. */
void lethe_random(void *out, size_t len);

/* "2026-11-23T01:02:03Z" (size 21) and back; 0 or -LETHE_E_INVALID. Seconds. */
void lethe_time_format(char out[21], uint64_t ms);
int lethe_time_parse(const char *text, uint64_t *ms);

/* UUIDv7 (RFC 9562 section 5.7) from lethe_now_ms() and lethe_random(), lower case. */
void lethe_uuid7(char out[37]);

/* Tests only: replace wall clock and randomness; NULL restores. */
void lethe_time_override(uint64_t (*now_ms)(void), void (*random)(void *out, size_t len));

#endif
