/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LETHE_CLI_CERT_QR_H
#define LETHE_CLI_CERT_QR_H

#include "cli.h"

/* argv[0] is "lethe cert qr". The exit status. */
int lethe_cert_qr(struct lethe_cli *cli, int argc, char **argv);

#endif
