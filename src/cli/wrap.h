/* SPDX-License-Identifier: Apache-2.0 */
/* Text broken between words, with a hanging indent. */
#ifndef LETHE_CLI_WRAP_H
#define LETHE_CLI_WRAP_H

#include <stddef.h>
#include <stdio.h>

/* HEAD, then the words of TEXT; lines after the first begin with INDENT blanks, and none is wider
 * than WIDTH columns unless one word is: that stays whole, it may be there to be copied. Ends with
 * a line feed. */
void lethe_wrap_print(FILE *out, const char *head, size_t indent, size_t width, const char *format,
                      ...) __attribute__((format(printf, 5, 6)));

/* HEAD and TEXT on a line of its own; on a terminal broken to its width. */
void lethe_wrap_line(FILE *out, const char *head, size_t indent, const char *text);

#endif
