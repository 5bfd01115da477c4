/* SPDX-License-Identifier: Apache-2.0 */
#include <lethe/worker.h>
#include <stdio.h>
#include <string.h>

int lethe_worker_program(const char *name, int argc, char **argv)
{
    const char *word = argc == 2 ? argv[1] : "";
    if (strcmp(word, "__worker") == 0)
        return lethe_worker_main(3);
    if (strcmp(word, "__probe") == 0)
        return lethe_probe_main(3);
    printf("%s " LETHE_VERSION "\n", name);
    return strcmp(word, "--version") == 0 ? 0 : 2;
}
