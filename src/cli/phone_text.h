/* SPDX-License-Identifier: Apache-2.0 */
/* What a phone or tablet shows and says of itself, in words that a bench operator reads. */
#ifndef LETHE_CLI_PHONE_TEXT_H
#define LETHE_CLI_PHONE_TEXT_H

#include <lethe/facts.h>
#include <lethe/profile.h>
#include <stdio.h>

/* Is it one, or something that shows itself like one? FACTS may be NULL. */
bool lethe_phone_shown(const struct lethe_facts *facts);
/* "normal mode, iOS 16.7.2, battery 80 %, not trusted yet" */
void lethe_phone_summary(const struct lethe_phone *phone, char *out, size_t out_size);
/* What would keep it from its next owner, or us from erasing it; "" nothing that is known. */
void lethe_phone_locks(const struct lethe_phone *phone, char *out, size_t out_size);
/* All of it, for `lethe show`, within WIDTH columns. */
void lethe_phone_print(const struct lethe_facts *facts, size_t width, FILE *out);

/* The steps of PROFILE's guide in LANG ("en", "zh" or "both"), numbered; WHAT is done for it
 * heads them. Those of everybody where it has none. */
void lethe_guide_print(const struct lethe_profile *profile, const char *lang, size_t width,
                       FILE *out);

#endif
