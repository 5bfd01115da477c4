/* SPDX-License-Identifier: Apache-2.0 */
/* A SCSI drive that came back while it sanitises itself, and tells no size until that is over: to
 * the kernel it has none, then and afterwards. */
#ifndef LETHE_CLI_SIZELESS_H
#define LETHE_CLI_SIZELESS_H

#include "cli.h"

#include <lethe/plan.h>

/* Wait for the end of what DEVICE does, told as that of JOB (JSON: a line on stdout, else words on
 * stderr), and make the kernel look at its size again. 0: it has one now. */
int lethe_sizeless_wait(struct lethe_cli *cli, struct lethe_device *device, const char *job,
                        bool json, struct lethe_error *err);

#endif
