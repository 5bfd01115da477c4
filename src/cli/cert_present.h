/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LETHE_CLI_CERT_PRESENT_H
#define LETHE_CLI_CERT_PRESENT_H

#include "cli.h"

/* argv[0] is "present". The exit status. */
int lethe_cert_present(struct lethe_cli *cli, int argc, char **argv);

#endif
