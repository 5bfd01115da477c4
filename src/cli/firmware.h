/* SPDX-License-Identifier: Apache-2.0 */
/* What a drive's firmware says of itself, in words that a bench operator reads. */
#ifndef LETHE_CLI_FIRMWARE_H
#define LETHE_CLI_FIRMWARE_H

#include <lethe/facts.h>
#include <stdio.h>

/* One line for `lethe list`: only what calls for attention. False: nothing does. FACTS may be NULL.
 */
bool lethe_firmware_summary(const struct lethe_facts *facts, char *out, size_t out_size);
/* What to know before hours are spent on it: an array of sentences, [] where there is nothing. */
json_t *lethe_firmware_warnings(const struct lethe_facts *facts);
/* All of it, for `lethe show`. */
void lethe_firmware_print(const struct lethe_facts *facts, FILE *out);

#endif
