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

#ifdef __cplusplus
}
#endif
#endif
