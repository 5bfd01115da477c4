/* SPDX-License-Identifier: Apache-2.0 */
#include "wrap.h"

#include <base/text.h>
#include <stdarg.h>
#include <string.h>

void lethe_wrap_print(FILE *out, const char *head, size_t indent, size_t width, const char *format,
                      ...)
{
    char text[2048], word[2048];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    fputs(head, out);
    size_t at = lethe_text_columns(head);
    bool fresh = true; /* nothing of TEXT on this line yet */
    for (const char *from = text; *(from += strspn(from, " "));) {
        size_t len = strcspn(from, " ");
        lethe_text_format(word, sizeof word, "%.*s", (int)len, from);
        size_t columns = lethe_text_columns(word);
        if (!fresh && at + 1 + columns > width) {
            fprintf(out, "\n%*s", (int)indent, "");
            at = indent;
            fresh = true;
        }
        at += columns + !fresh;
        fprintf(out, "%s%s", fresh ? "" : " ", word);
        fresh = false;
        from += len;
    }
    fputc('\n', out);
}
