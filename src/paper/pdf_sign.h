/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A page that cairo drew, written anew with what it carries and one signature over all of it: one
 * revision, one cross-reference section, a /ByteRange that leaves out nothing but the signature
 * itself. Nothing is ever appended to it, so that a reader may refuse any file with more.
 */
#ifndef LETHE_PAPER_PDF_SIGN_H
#define LETHE_PAPER_PDF_SIGN_H

#include <lethe/trust.h>

struct lethe_pdf_attachment {
    const char *name, *type; /* ASCII; "application/dc+sd-jwt" */
    const char *relation;    /* AFRelationship: "Source", "Supplement" */
    const void *data;
    size_t len;
};

struct lethe_pdf_document {
    const char *title; /* UTF-8 */
    const char *lang;  /* "en" or "zh" */
    uint64_t now;      /* ms */
    size_t n_attachments;
    const struct lethe_pdf_attachment *attachments; /* sorted by name */
};

/* free(*out). */
int lethe_pdf_sign(const char *page, size_t page_len, const struct lethe_pdf_document *document,
                   struct lethe_signer *signer, char **out, size_t *out_len,
                   struct lethe_error *err);

#endif
