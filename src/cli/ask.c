/* SPDX-License-Identifier: Apache-2.0 */
#include "ask.h"

#include <base/crypto.h>
#include <base/text.h>
#include <lethe/technique.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

bool lethe_ask_possible(void)
{
    return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

/* A line straight from the descriptor: stdio would read ahead, and what a scanner typed for the
 * next question would be lost to lethe_ask_yes(). */
static bool read_line(char *out, size_t out_size)
{
    size_t len = 0;
    for (;;) {
        char c;
        ssize_t n = read(STDIN_FILENO, &c, 1);
        if (n <= 0)
            return false;
        if (c == '\n')
            break;
        if (len + 1 < out_size)
            out[len++] = c;
    }
    out[len] = '\0';
    return true;
}

bool lethe_ask_line(const char *prompt, char *out, size_t out_size)
{
    char line[512];
    fputs(prompt, stderr);
    fflush(stderr);
    if (!read_line(line, sizeof line))
        return false;
    lethe_text_clean(out, out_size, line, strlen(line));
    return true;
}

bool lethe_ask_secret(const char *prompt, char *out, size_t out_size)
{
    struct termios saved, quiet;
    if (tcgetattr(STDIN_FILENO, &saved) != 0)
        return false;
    quiet = saved;
    quiet.c_lflag &= (tcflag_t)~ECHO;
    fputs(prompt, stderr);
    fflush(stderr);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    bool ok = read_line(out, out_size);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &saved);
    fputc('\n', stderr);
    if (!ok)
        lethe_wipe(out, out_size);
    return ok;
}

bool lethe_ask_psid(const char *what, char *out, size_t out_size)
{
    char prompt[512];
    lethe_text_format(prompt, sizeof prompt,
                      "PSID of %s, scanned or typed from its label (Enter: without): ", what);
    for (;;) {
        struct lethe_error err = {0};
        if (!lethe_ask_line(prompt, out, out_size) || !*out)
            return false;
        if (lethe_psid_check(out, &err) == 0)
            return true;
        fprintf(stderr, "%s: %s\n", err.what, err.remedy);
    }
}

bool lethe_ask_yes(const char *prompt, int timeout_ms)
{
    struct termios saved, keys;
    if (tcgetattr(STDIN_FILENO, &saved) != 0)
        return false;
    keys = saved;
    /* Without ISIG a second Ctrl-C arrives as a key, whatever the supervisor does with signals. */
    keys.c_lflag &= (tcflag_t) ~(ICANON | ISIG | ECHO);
    keys.c_cc[VMIN] = 1;
    keys.c_cc[VTIME] = 0;
    fputs(prompt, stderr);
    fflush(stderr);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &keys);
    char key = 'n';
    struct pollfd poll_in = {.fd = STDIN_FILENO, .events = POLLIN};
    if (poll(&poll_in, 1, timeout_ms) == 1 && read(STDIN_FILENO, &key, 1) != 1)
        key = 'n';
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &saved);
    bool yes = key == 'y' || key == 'Y' || key == '\003';
    fputs(yes ? "yes\n" : "no\n", stderr);
    return yes;
}
