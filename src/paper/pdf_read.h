/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The objects of a PDF that cairo wrote: one revision, one classic cross-reference section, no
 * object streams. It comes from the process that draws, which heard what devices say: every offset
 * is checked, and what is not of that shape is refused.
 */
#ifndef LETHE_PAPER_PDF_READ_H
#define LETHE_PAPER_PDF_READ_H

#include <lethe/error.h>

#define LETHE_PDF_OBJECTS_MAX 200000u

struct lethe_pdf {
    size_t n; /* objects are 1 to n - 1 */
    struct lethe_pdf_object {
        const char *body; /* behind "obj", up to "endobj"; NULL: free */
        size_t len;
    } * objects;               /* lethe_pdf_close() */
    size_t root, pages, first; /* numbers: catalog, page tree, first page */
    size_t info;               /* 0: none */
};

/* DATA must live as long as OUT. */
int lethe_pdf_open(const char *data, size_t len, struct lethe_pdf *out, struct lethe_error *err);
void lethe_pdf_close(struct lethe_pdf *pdf);

#endif
