/* SPDX-License-Identifier: Apache-2.0 */
/* lethe-verify: exit 0 valid, 1 invalid, 2 undetermined, 3 wrong usage. */
#ifndef LETHE_VERIFYCLI_H
#define LETHE_VERIFYCLI_H

#include <lethe/certificate.h>
#include <stdbool.h>
#include <stdio.h>

#define LETHE_VERIFY_USAGE 3
#define LETHE_VERIFY_REQUIRE_MAX 32

struct lethe_verify_options {
    struct lethe_verify_policy policy; /* its trust is owned here */
    struct lethe_trust *trust;
    const char *require[LETHE_VERIFY_REQUIRE_MAX + 1];
    bool json;
    char **files; /* NULL-terminated, into argv */
};

/* 0 go on; 1 all done (--help, --version were printed); negative: wrong usage, said on stderr. */
int lethe_verify_options(int argc, char **argv, struct lethe_verify_options *out);
void lethe_verify_options_clear(struct lethe_verify_options *options);

/* For people: at most 80 columns wide; colours only when COLOUR. */
void lethe_verify_show(FILE *out, const char *file, const struct lethe_certificate_report *report,
                       bool colour);
/* For programs: one line. */
void lethe_verify_show_json(FILE *out, const char *file,
                            const struct lethe_certificate_report *report);

#endif
