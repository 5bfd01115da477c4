/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The buyer's check: a device against its certificate. Each thing that the certificate says and
 * that can be looked at again becomes one line: it holds, it is contradicted, or it can't be told.
 */
#ifndef LETHE_CLI_RECHECK_H
#define LETHE_CLI_RECHECK_H

#include "cli.h"

#include <lethe/certificate.h>

enum lethe_finding {
    LETHE_HOLDS,
    LETHE_CONTRADICTED,
    LETHE_UNKNOWN,
    LETHE_BAD_CERTIFICATE, /* "invalid": it proves nothing, of this device or another */
};
const char *lethe_finding_name(enum lethe_finding finding);

#define LETHE_FINDINGS_MAX 24
struct lethe_recheck {
    size_t n;
    struct {
        char check[24]; /* "certificate", "serial", "capacity", "contents" ... */
        enum lethe_finding finding;
        char text[400];
    } lines[LETHE_FINDINGS_MAX];
};

void lethe_recheck_add(struct lethe_recheck *out, const char *check, enum lethe_finding finding,
                       const char *format, ...) __attribute__((format(printf, 4, 5)));
/* Invalid if any is, else contradicted if any is, else unknown if any is. */
enum lethe_finding lethe_recheck_overall(const struct lethe_recheck *recheck);

/* Who the device is, and how large, against CLAIMS. */
void lethe_recheck_identity(const json_t *claims, const struct lethe_device *device,
                            struct lethe_recheck *out);
/* What is on it, as far as CLAIMS tell what should be: the certificate's own sample again, and a
 * fresh one (or, FULL, every byte). Reads only, in a sandboxed process of its own. */
void lethe_recheck_contents(const struct lethe_cli *cli, const json_t *claims,
                            const struct lethe_device *device, bool full,
                            struct lethe_recheck *out);

#endif
