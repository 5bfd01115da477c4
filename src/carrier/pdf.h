/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A reader of the PDFs that Lethe makes, and of no others. Attacks on signed PDFs (shadow,
 * incremental saving, signature wrapping, universal forgery) live on readers that forgive: this one
 * accounts for every byte, and anything it does not know is a refusal.
 */
#ifndef LETHE_CARRIER_PDF_H
#define LETHE_CARRIER_PDF_H

#include "cert/complaint.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* ---- pdf.c: all of it ---- */
struct lethe_pdf_bytes {
    uint8_t *data; /* malloced, NUL behind it */
    size_t len;
};
struct lethe_pdf_contents {
    struct lethe_pdf_bytes sdjwt, proof; /* proof may be missing */
    char signer_sha256[65];
};
/* 0, or -LETHE_E_INVALID and WHY. To be cleared either way. */
int lethe_pdf_read(const uint8_t *data, size_t len, struct lethe_pdf_contents *out,
                   struct lethe_complaint *why);
void lethe_pdf_contents_clear(struct lethe_pdf_contents *contents);

/* ---- pdf_value.c: values (ISO 32000-1 section 7.3) ---- */
enum lethe_pdf_type {
    LETHE_PDF_NULL,
    LETHE_PDF_BOOL,
    LETHE_PDF_INTEGER,
    LETHE_PDF_REAL,
    LETHE_PDF_STRING,
    LETHE_PDF_NAME,
    LETHE_PDF_ARRAY,
    LETHE_PDF_DICT, /* of a stream, too */
    LETHE_PDF_REFERENCE
};
struct lethe_pdf_value {
    enum lethe_pdf_type type;
    int64_t number;   /* INTEGER, BOOL; REFERENCE: the object */
    const char *text; /* NAME, STRING: decoded, NUL behind it */
    size_t len;
    size_t at, end;  /* where it stands in the file */
    const char *key; /* as a member of a DICT */
    struct lethe_pdf_value *first, *next;
};
/* All values of one file; freed at once. */
struct lethe_pdf_arena {
    struct lethe_pdf_chunk *chunks;
    size_t used;
};
struct lethe_pdf_reader {
    const uint8_t *data;
    size_t at, end;
    struct lethe_pdf_arena *arena;
};
void lethe_pdf_arena_clear(struct lethe_pdf_arena *arena);
void lethe_pdf_space(struct lethe_pdf_reader *in);
/* Exactly WORD at this place; false: nothing is taken. */
bool lethe_pdf_word(struct lethe_pdf_reader *in, const char *word);
/* Digits only, at most 10 of them. */
bool lethe_pdf_digits(struct lethe_pdf_reader *in, uint64_t *out);
int lethe_pdf_value_read(struct lethe_pdf_reader *in, struct lethe_pdf_value **out,
                         struct lethe_complaint *why);
/* A member of a DICT; NULL when there is none, or VALUE is NULL or no DICT. */
const struct lethe_pdf_value *lethe_pdf_get(const struct lethe_pdf_value *value, const char *key);
bool lethe_pdf_is_name(const struct lethe_pdf_value *value, const char *name);

/* ---- pdf_file.c: objects and how they are found ---- */
struct lethe_pdf_object {
    struct lethe_pdf_value *value; /* NULL: a free number */
    size_t offset;
    size_t stream, stream_len;
    bool has_stream;
};
struct lethe_pdf_file {
    const uint8_t *data;
    size_t len, xref;
    struct lethe_pdf_arena arena;
    size_t n;
    struct lethe_pdf_object *objects;
    struct lethe_pdf_value *trailer;
};
int lethe_pdf_open(const uint8_t *data, size_t len, struct lethe_pdf_file *out,
                   struct lethe_complaint *why);
void lethe_pdf_close(struct lethe_pdf_file *file);
/* VALUE itself, or the object it refers to; NULL when there is none. */
const struct lethe_pdf_value *lethe_pdf_resolve(const struct lethe_pdf_file *file,
                                                const struct lethe_pdf_value *value);
/* FN for every value of every object, and of the trailer; stops at the first that is not 0. */
int lethe_pdf_each(const struct lethe_pdf_file *file,
                   int (*fn)(void *user, const struct lethe_pdf_value *value), void *user);

/* pdf_rules.c: nothing that acts, changes or hides. */
int lethe_pdf_rules(const struct lethe_pdf_file *file, struct lethe_complaint *why);
/* pdf_signature.c: one signature, over the whole file. SIGNER: SHA-256 of its certificate. */
int lethe_pdf_signature(const struct lethe_pdf_file *file, char signer_sha256[65],
                        struct lethe_complaint *why);
/* pdf_attachments.c: one certificate, at most one proof, nothing else. LETHE_PDF_LOT: the
 * certificates of a lot, of which none is the page's. */
#define LETHE_PDF_LOT "pdf-lot"
int lethe_pdf_attachments(const struct lethe_pdf_file *file, struct lethe_pdf_contents *out,
                          struct lethe_complaint *why);

#endif
