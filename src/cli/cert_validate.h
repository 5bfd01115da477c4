/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LETHE_CLI_CERT_VALIDATE_H
#define LETHE_CLI_CERT_VALIDATE_H

#include "cli.h"

/* lethe cert validate: ARGV[0] is its whole name. Returns the exit status. */
int lethe_cert_validate(struct lethe_cli *cli, int argc, char **argv);

#endif
