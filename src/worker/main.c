/* SPDX-License-Identifier: Apache-2.0 */
/* lethe-worker: the other side of the supervisor and nothing else, orders on descriptor 3. */
#include <lethe/worker.h>

int main(int argc, char **argv)
{
    return lethe_worker_program("lethe-worker", argc, argv);
}
