/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates on paper: lethe cert export --format pdf, lethe cert label, lethe cert report. */
#ifndef LETHE_CLI_CERT_PAPER_H
#define LETHE_CLI_CERT_PAPER_H

#include "cli.h"

/* SDJWT is the certificate of JOB, whole. free(*out). */
int lethe_cert_pdf(struct lethe_cli *cli, const char *job, const char *sdjwt, const char *lang,
                   char **out, size_t *len, struct lethe_error *err);
/* Who signs paper of a job; *DEMO is to be closed when it is not NULL. Pages of emulated jobs are
 * the demo's: the organisation's key signs none of those. */
int lethe_cert_signer(struct lethe_cli *cli, bool emulated, struct lethe_signer **demo,
                      struct lethe_signer **out, struct lethe_error *err);
bool lethe_cert_emulated(const json_t *claims);
/* Into FILE, or to standard output when it is NULL or "-". */
int lethe_cert_give(const char *file, const char *data, size_t len, struct lethe_error *err);
/* argv[0] is "lethe cert label" or "lethe cert report". The exit status. */
int lethe_cert_label(struct lethe_cli *cli, int argc, char **argv);
int lethe_cert_report(struct lethe_cli *cli, int argc, char **argv);

#endif
