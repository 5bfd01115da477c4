/* SPDX-License-Identifier: Apache-2.0 */
#include "terminal.h"

#include <sys/ioctl.h>
#include <unistd.h>

/* The one ioctl outside src/io, and to no device: the C library of Debian 12 has no
 * tcgetwinsize() (POSIX.1-2024) yet. */
void lethe_terminal_size(int fd, size_t *columns, size_t *rows)
{
    struct winsize size;
    *columns = 80;
    *rows = 24;
    if (isatty(fd) && ioctl(fd, TIOCGWINSZ, &size) == 0) {
        if (size.ws_col >= 20)
            *columns = size.ws_col;
        if (size.ws_row >= 4)
            *rows = size.ws_row;
    }
}
