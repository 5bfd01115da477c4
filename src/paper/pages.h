/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The objects of a PDF that cairo wrote: one revision, one classic cross-reference section, no
 * object streams. It comes from the process that draws, which heard what devices say: every offset
 * is checked, and what is not of that shape is refused.
 */
#ifndef LETHE_PAPER_PAGES_H
#define LETHE_PAPER_PAGES_H

#include <lethe/error.h>

#define LETHE_PAGES_OBJECTS_MAX 200000u

struct lethe_pages {
    size_t n; /* objects are 1 to n - 1 */
    struct lethe_pages_object {
        const char *body; /* behind "obj", up to "endobj"; NULL: free */
        size_t len;
    } * objects;               /* lethe_pages_close() */
    size_t root, pages, first; /* numbers: catalog, page tree, first page */
    size_t info;               /* 0: none */
};

/* DATA must live as long as OUT. */
int lethe_pages_open(const char *data, size_t len, struct lethe_pages *out,
                     struct lethe_error *err);
void lethe_pages_close(struct lethe_pages *pdf);

#endif
