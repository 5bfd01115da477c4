/* SPDX-License-Identifier: Apache-2.0 */
/* Two organisations with keys in a directory of their own, under a clock that stands. */
#ifndef TESTS_TRUST_FIXTURE_H
#define TESTS_TRUST_FIXTURE_H

#include "keys/internal.h"
#include <lethe/trust.h>

#define MINUTE_MS (60ull * 1000)
#define DAY_MS (24ull * 3600 * 1000)
#define NOW0 1795400000000ull /* 2026-11-23 */

extern uint64_t fixture_now;
extern char fixture_dir[64], acme[80], other[80];

/* cmocka setup and teardown of each test. */
int fixture_make(void **state);
int fixture_remove(void **state);
/* A file's contents; free(). */
char *fixture_read(const char *dir, const char *name);
struct lethe_trust *fixture_trust(const char *dir);
struct lethe_signer *fixture_bench(const char *dir);
struct lethe_signer *fixture_status(const char *dir);
/* TEXT with the byte in the middle of its part PART (0, 1, 2) changed. */
char *fixture_tamper(const char *text, unsigned part);
/* Claims signed as they are: what an attacker with that key could sign. */
char *fixture_sign(struct lethe_signer *signer, const char *typ, json_t *claims);

#endif
