/* SPDX-License-Identifier: Apache-2.0 */
/* lethe-worker: the other side of the supervisor and nothing else, orders on descriptor 3. */
#include <lethe/worker.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv)
{
    const char *word = argc == 2 ? argv[1] : "";
    if (strcmp(word, "__worker") == 0)
        return lethe_worker_main(3);
    if (strcmp(word, "__probe") == 0)
        return lethe_probe_main(3);
    puts("lethe-worker " LETHE_VERSION);
    return strcmp(word, "--version") == 0 ? 0 : 2;
}
