/* SPDX-License-Identifier: Apache-2.0 */
#include "table.h"

#include "terminal.h"
#include "wrap.h"

#include <base/text.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

void lethe_table_cell(char *out, size_t out_size, const char *text, size_t width)
{
    bool cut = lethe_text_columns(text) > width;
    size_t room = cut && width > 0 ? width - 1 : width;
    size_t used = 0, len = 0;
    mbstate_t state = {0};
    while (*text) {
        wchar_t wide;
        size_t n = mbrtowc(&wide, text, strlen(text), &state);
        if (n == 0 || n == (size_t)-1 || n == (size_t)-2)
            break;
        int columns = wcwidth(wide);
        if (columns < 0)
            columns = 1;
        if (used + (size_t)columns > room || len + n + 1 >= out_size)
            break;
        memcpy(out + len, text, n);
        len += n;
        used += (size_t)columns;
        text += n;
    }
    if (cut && width > 0 && len + 1 < out_size) {
        out[len++] = '~';
        used++;
    }
    while (used < width && len + 1 < out_size) {
        out[len++] = ' ';
        used++;
    }
    out[len] = '\0';
}

static int add(struct lethe_table *table, const char *const *cells, size_t n)
{
    char **grown = realloc(table->cells, (table->n_cells + table->n_columns) * sizeof *grown);
    if (!grown)
        return -1;
    table->cells = grown;
    for (size_t i = 0; i < table->n_columns; i++)
        grown[table->n_cells + i] = i < n && cells[i] ? strdup(cells[i]) : NULL;
    table->n_cells += table->n_columns;
    return 0;
}

int lethe_table_row(struct lethe_table *table, const char *const *cells)
{
    const char *first[LETHE_TABLE_COLUMNS_MAX];
    memcpy(first, cells, table->n_columns * sizeof *first);
    if (!first[0])
        first[0] = "";
    return add(table, first, table->n_columns);
}

int lethe_table_note(struct lethe_table *table, const char *text)
{
    return add(table, (const char *const[]){NULL, text}, 2);
}

int lethe_table_text(struct lethe_table *table, const char *text)
{
    return add(table, (const char *const[]){NULL, text, ""}, 3);
}

static const char *cell(const struct lethe_table *table, size_t i)
{
    return table->cells[i] ? table->cells[i] : "";
}

static void measure(const struct lethe_table *table, bool terminal, size_t *widths)
{
    size_t total = 2 * (table->n_columns - 1), columns, rows;
    for (size_t c = 0; c < table->n_columns; c++) {
        widths[c] = lethe_text_columns(table->titles[c]);
        for (size_t i = c; i < table->n_cells; i += table->n_columns)
            if (table->cells[i - c] && lethe_text_columns(cell(table, i)) > widths[c])
                widths[c] = lethe_text_columns(cell(table, i));
        total += widths[c];
    }
    lethe_terminal_size(STDOUT_FILENO, &columns, &rows);
    while (terminal && total > columns) {
        /* The first is what has to be typed: it stays whole. */
        size_t widest = 1;
        for (size_t c = 2; c < table->n_columns; c++)
            if (widths[c] > widths[widest])
                widest = c;
        if (table->n_columns < 2 || widths[widest] <= 4)
            break;
        widths[widest]--;
        total--;
    }
}

static void print_row(char *const *cells, const char *const *titles, size_t n, const size_t *widths,
                      FILE *out)
{
    char text[2048];
    for (size_t c = 0; c < n; c++) {
        const char *value = titles ? titles[c] : cells[c] ? cells[c] : "";
        if (c + 1 == n && lethe_text_columns(value) <= widths[c])
            fputs(value, out); /* no blanks at the end of a line */
        else {
            lethe_table_cell(text, sizeof text, value, widths[c]);
            fprintf(out, "%s%s", text, c + 1 < n ? "  " : "");
        }
    }
    fputc('\n', out);
}

void lethe_table_print(const struct lethe_table *table, FILE *out)
{
    size_t widths[LETHE_TABLE_COLUMNS_MAX];
    measure(table, isatty(fileno(out)), widths);
    print_row(NULL, table->titles, table->n_columns, widths, out);
    for (size_t i = 0; i < table->n_cells; i += table->n_columns) {
        if (table->cells[i])
            print_row(table->cells + i, NULL, table->n_columns, widths, out);
        else if (table->n_columns > 2 && table->cells[i + 2])
            lethe_wrap_line(out, "  ", 4, cell(table, i + 1));
        else
            fprintf(out, "  %s\n", cell(table, i + 1));
    }
}

void lethe_table_clear(struct lethe_table *table)
{
    for (size_t i = 0; i < table->n_cells; i++)
        free(table->cells[i]);
    free(table->cells);
    table->cells = NULL;
    table->n_cells = 0;
}
