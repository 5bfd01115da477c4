/* SPDX-License-Identifier: Apache-2.0 */
/* How much room there is to print on. */
#ifndef LETHE_CLI_TERMINAL_H
#define LETHE_CLI_TERMINAL_H

#include <stddef.h>

/* Of the terminal on FD; 80 x 24 where it says nothing. */
void lethe_terminal_size(int fd, size_t *columns, size_t *rows);

#endif
