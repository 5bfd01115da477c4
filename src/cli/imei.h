/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LETHE_CLI_IMEI_H
#define LETHE_CLI_IMEI_H

#include <lethe/identity.h>

/* "356938035643809", with blanks, dashes or slashes, "scanned:" before it where a scanner read it:
 * fifteen digits whose last one is right (3GPP TS 23.003 annex B). -LETHE_E_USAGE. */
int lethe_imei_parse(const char *text, struct lethe_identifier *out, struct lethe_error *err);

#endif
