/* SPDX-License-Identifier: Apache-2.0 */
/* lethe-verify log DIR: exit 0 sound, 1 broken, 2 undetermined, 3 wrong usage. */
#ifndef LETHE_VERIFYCLI_LOG_H
#define LETHE_VERIFYCLI_LOG_H

#include <lethe/audit.h>
#include <stdio.h>

/* ARGV[0] is "log". */
int lethe_verify_log(int argc, char **argv);

/* For people: at most 80 columns wide; colours only when COLOUR. */
void lethe_verify_log_show(FILE *out, const char *dir, const struct lethe_audit_report *report,
                           bool colour);

#endif
