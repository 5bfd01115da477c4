/* SPDX-License-Identifier: Apache-2.0 */
/* Small signed PDFs, right and wrong, by another way than the one that issues them: objects as
 * text, the signature by libcrypto's own CMS. */
#ifndef LETHE_TESTS_CARRIER_PDF_MAKE_H
#define LETHE_TESTS_CARRIER_PDF_MAKE_H

#include <stddef.h>

#define PDF_OBJECTS_MAX 24
enum {
    PDF_CATALOG = 1,
    PDF_PAGES,
    PDF_PAGE,
    PDF_CONTENT,
    PDF_FIELD,
    PDF_SIGNATURE,
    PDF_CERTIFICATE,
    PDF_CERTIFICATE_SPEC,
    PDF_PROOF,
    PDF_PROOF_SPEC,
    PDF_FREE /* the first number that nothing has */
};
struct pdf_recipe {
    char *objects[PDF_OBJECTS_MAX]; /* between "N 0 obj" and "endobj"; NULL: a free number */
    const char *header, *trailer;   /* NULL: as it should be; TRAILER is added to it */
    const char *hidden;             /* between the objects and the table */
    const char *signer;             /* in certs/test-keys; NULL: "bench" */
    const void *data;               /* what "@DATA@" stands for */
    size_t data_len;
    int forget; /* this object is not in the table */
    int size;   /* more than there is, in the trailer */
};
/* What Lethe would make of certs/examples/valid/full.sdjwt. */
void pdf_recipe_good(struct pdf_recipe *out);
void pdf_recipe_clear(struct pdf_recipe *recipe);
/* In object NUMBER, FIND (which is there) becomes REPLACE. */
void pdf_edit(struct pdf_recipe *recipe, int number, const char *find, const char *replace);
void pdf_add(struct pdf_recipe *recipe, int number, const char *text);
/* The file, signed. free() it. */
char *pdf_make(const struct pdf_recipe *recipe, size_t *len);

#endif
