/* SPDX-License-Identifier: Apache-2.0 */
/* The other side of the supervisor: `lethe __worker` and `lethe __probe`, orders on descriptor 3.
 */
#include "cli.h"

#include <lethe/worker.h>

int lethe_cmd_worker(struct lethe_cli *cli, int argc, char **argv)
{
    (void)cli;
    (void)argc;
    (void)argv;
    return lethe_worker_main(3);
}

int lethe_cmd_probe(struct lethe_cli *cli, int argc, char **argv)
{
    (void)cli;
    (void)argc;
    (void)argv;
    return lethe_probe_main(3);
}
