/* SPDX-License-Identifier: Apache-2.0 */
/* How much room there is to print on. */
#ifndef LETHE_CLI_TERMINAL_H
#define LETHE_CLI_TERMINAL_H

#include <stddef.h>

/* Of the terminal on FD; 80 x 24 where it says nothing. */
void lethe_terminal_size(int fd, size_t *columns, size_t *rows);

/* What is typed on the terminal of standard output is not shown, and thrown away at the end: a
 * live table stands where it would go. Also undone by the signals that end a program unasked. */
void lethe_terminal_hush(void);
void lethe_terminal_unhush(void);

#endif
