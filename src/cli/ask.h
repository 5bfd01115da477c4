/* SPDX-License-Identifier: Apache-2.0 */
/* Questions to the person at the terminal: asked on stderr, answered on stdin. */
#ifndef LETHE_CLI_ASK_H
#define LETHE_CLI_ASK_H

#include <stdbool.h>
#include <stddef.h>

/* Is there somebody to ask? */
bool lethe_ask_possible(void);
/* One line, cleaned and trimmed; false at end of input. */
bool lethe_ask_line(const char *prompt, char *out, size_t out_size);
/* The same without echo, and not cleaned. */
bool lethe_ask_secret(const char *prompt, char *out, size_t out_size);
/* What a hand scanner or a person reads on the label of WHAT: asked until it can be one, or nothing
 * is given (false). */
bool lethe_ask_psid(const char *what, char *out, size_t out_size);
/* One key: true for y, and for a second Ctrl-C. No answer within TIMEOUT_MS means no: whoever asks
 * has jobs running that want attention. */
bool lethe_ask_yes(const char *prompt, int timeout_ms);

#endif
