/* SPDX-License-Identifier: Apache-2.0 */
/* The sandboxed process that erases or verifies one device. */
#ifndef LETHE_WORKER_H
#define LETHE_WORKER_H

#ifdef __cplusplus
extern "C" {
#endif

/* The worker's main, for `PROGRAM __worker`: orders come on descriptor 3. Returns an exit status.
 */
int lethe_worker_main(int fd);
/* The same for `PROGRAM __probe`: asks a drive's firmware about itself, and answers once. */
int lethe_probe_main(int fd);
/* main() of a program that is a worker and nothing else: which of the two, by its one word. */
int lethe_worker_program(const char *name, int argc, char **argv);

#ifdef __cplusplus
}
#endif
#endif
