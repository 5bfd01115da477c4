/* SPDX-License-Identifier: Apache-2.0 */
/* Columns that line up, also with East Asian text, and fit the terminal. */
#ifndef LETHE_CLI_TABLE_H
#define LETHE_CLI_TABLE_H

#include <stddef.h>
#include <stdio.h>

/* TEXT cut or filled to exactly WIDTH columns; a cut text ends in "~". OUT_SIZE >= 4 * WIDTH + 1.
 */
void lethe_table_cell(char *out, size_t out_size, const char *text, size_t width);

#define LETHE_TABLE_COLUMNS_MAX 12
struct lethe_table {
    size_t n_columns;
    const char *titles[LETHE_TABLE_COLUMNS_MAX];
    size_t n_cells;
    char **
        cells; /* owned; row by row; a NULL first cell makes a row of one free line (second cell) */
};
/* Copies CELLS (n_columns of them; NULL is ""). */
int lethe_table_row(struct lethe_table *table, const char *const *cells);
/* A line of its own below the last row: never cut (it may hold a command to be copied). */
int lethe_table_note(struct lethe_table *table, const char *text);
/* The same, broken between words on a terminal; of a table of three columns or more. */
int lethe_table_text(struct lethe_table *table, const char *text);
/* On a terminal columns shrink, widest first, until a row fits; but never the first: what is in it
 * has to be typed. */
void lethe_table_print(const struct lethe_table *table, FILE *out);
void lethe_table_clear(struct lethe_table *table);

#endif
