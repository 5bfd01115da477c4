/* SPDX-License-Identifier: Apache-2.0 */
/* Real loop devices over files in memory; detached again whatever happens in the test. */
#ifndef LETHE_TESTS_SCAN_LOOPS_H
#define LETHE_TESTS_SCAN_LOOPS_H

#include <stdbool.h>

struct loop {
    char file[64]; /* "" when it is over another device */
    char node[32];
};

/* Can this process attach loop devices? Prints why not. */
bool loops_usable(void);
/* MIB of memory behind it. */
void loop_attach(struct loop *loop, unsigned mib);
void loop_over(struct loop *loop, const char *path);
void loop_detach(struct loop *loop);
/* Run a shell command; fails the test when it fails. */
void shell(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
