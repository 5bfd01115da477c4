/* SPDX-License-Identifier: Apache-2.0 */
#include "terminal.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/ioctl.h>
#include <termios.h>
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

static struct termios loud;
static volatile sig_atomic_t hushed;

/* In the background the terminal is the shell's, and touching it would stop us. */
static bool is_ours(void)
{
    return tcgetpgrp(STDOUT_FILENO) == getpgrp();
}

static void end_loudly(int number)
{
    lethe_terminal_unhush();
    raise(number); /* SA_RESETHAND: its default, once we have returned */
}

void lethe_terminal_hush(void)
{
    struct termios quiet;
    if (hushed || !is_ours() || tcgetattr(STDOUT_FILENO, &loud) != 0)
        return;
    quiet = loud;
    quiet.c_lflag &= (tcflag_t)~ECHO;
    const struct sigaction action = {.sa_handler = end_loudly, .sa_flags = (int)SA_RESETHAND};
    sigaction(SIGQUIT, &action, NULL);
    sigaction(SIGABRT, &action, NULL);
    hushed = 1;
    tcsetattr(STDOUT_FILENO, TCSADRAIN, &quiet);
}

/* Called by a signal too: tcgetpgrp() and tcsetattr() may be. */
void lethe_terminal_unhush(void)
{
    if (hushed && is_ours())
        tcsetattr(STDOUT_FILENO, TCSAFLUSH, &loud);
    hushed = 0;
}
