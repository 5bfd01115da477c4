/* SPDX-License-Identifier: Apache-2.0 */
#include "wrap.h"

#include "terminal.h"

#include <base/text.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

/* Bytes of the character that begins TEXT. */
static size_t one(const char *text)
{
    size_t n = 1;
    while (((unsigned char)text[n] & 0xc0) == 0x80)
        n++;
    return n;
}

static bool is_wide(const char *text)
{
    char c[8];
    size_t n = one(text);
    return n >= 3 && n < sizeof c && lethe_text_format(c, sizeof c, "%.*s", (int)n, text) &&
           lethe_text_columns(c) == 2;
}

/* Never begins a line: full stops, commas, closing brackets and quotation marks. */
static bool closes(const char *text)
{
    static const char *const marks[] = {"。", "，", "、", "；", "：", "！", "？",
                                        "）", "”",  "’",  "」", "』", "》", "】"};
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (strncmp(text, marks[i], strlen(marks[i])) == 0)
            return true;
    return false;
}

/* What stays together: a word up to the next blank, where it fits into ROOM; else, of East Asian
 * text, which has no blanks, a character and what closes behind it. */
static size_t together(const char *text, size_t room)
{
    char word[2048];
    size_t whole = strcspn(text, " "), n = one(text);
    if (lethe_text_format(word, sizeof word, "%.*s", (int)whole, text) &&
        lethe_text_columns(word) <= room)
        return whole;
    if (is_wide(text)) {
        while (text[n] && closes(text + n))
            n += one(text + n);
        return n;
    }
    while (text[n] && text[n] != ' ' && !is_wide(text + n))
        n += one(text + n);
    while (text[n] && closes(text + n))
        n += one(text + n);
    return n;
}

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
    for (const char *from = text; *from;) {
        size_t blanks = strspn(from, " ");
        from += blanks;
        size_t len = *from ? together(from, width > indent ? width - indent : 0) : 0;
        if (len == 0)
            break;
        lethe_text_format(word, sizeof word, "%.*s", (int)len, from);
        size_t columns = lethe_text_columns(word), gap = !fresh && blanks > 0;
        if (!fresh && at + gap + columns > width) {
            fprintf(out, "\n%*s", (int)indent, "");
            at = indent;
            gap = 0;
        }
        at += columns + gap;
        fprintf(out, "%s%s", gap ? " " : "", word);
        fresh = false;
        from += len;
    }
    fputc('\n', out);
}

void lethe_wrap_line(FILE *out, const char *head, size_t indent, const char *text)
{
    size_t width, lines;
    if (!isatty(fileno(out))) {
        fprintf(out, "%s%s\n", head, text);
        return;
    }
    lethe_terminal_size(fileno(out), &width, &lines);
    lethe_wrap_print(out, head, indent, width, "%s", text);
}
