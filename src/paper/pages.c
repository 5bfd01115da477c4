/* SPDX-License-Identifier: Apache-2.0 */
#include "paper/pages.h"
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct text {
    const char *data;
    size_t len;
};

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static void skip_space(struct text *text)
{
    while (text->len > 0 && is_space(*text->data)) {
        text->data++;
        text->len--;
    }
}

static bool take(struct text *text, const char *word)
{
    size_t len = strlen(word);
    skip_space(text);
    if (text->len < len || memcmp(text->data, word, len) != 0)
        return false;
    text->data += len;
    text->len -= len;
    return true;
}

static bool take_number(struct text *text, size_t *out)
{
    size_t digits = 0;
    skip_space(text);
    for (*out = 0; text->len > 0 && *text->data >= '0' && *text->data <= '9'; digits++) {
        if (digits == 12)
            return false;
        *out = *out * 10 + (size_t)(*text->data - '0');
        text->data++;
        text->len--;
    }
    return digits > 0;
}

/* Behind the first KEY in a dictionary's text. */
static bool find(struct text *text, const char *key)
{
    const char *found = memmem(text->data, text->len, key, strlen(key));
    if (!found)
        return false;
    found += strlen(key);
    text->len -= (size_t)(found - text->data);
    text->data = found;
    return true;
}

/* The object that KEY of a dictionary refers to: "KEY 12 0 R". */
static bool reference(struct text text, const char *key, size_t n, size_t *out)
{
    size_t generation;
    return find(&text, key) && take_number(&text, out) && take_number(&text, &generation) &&
           generation == 0 && take(&text, "R") && *out > 0 && *out < n;
}

struct place {
    size_t offset, number;
};

static int by_offset(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/* Entries of the cross-reference table: 20 bytes each (ISO 32000-1 section 7.5.4). */
static bool read_places(struct text *table, size_t n, struct place *places, size_t *used)
{
    *used = 0;
    for (size_t i = 0; i < n; i++) {
        size_t offset, generation;
        if (!take_number(table, &offset) || !take_number(table, &generation))
            return false;
        if (take(table, "f"))
            continue;
        if (!take(table, "n") || i == 0 || generation != 0)
            return false;
        places[(*used)++] = (struct place){offset, i};
    }
    return true;
}

/* An object reaches from its own offset to the next one's. */
static bool read_object(struct text span, size_t number, struct lethe_pages_object *out)
{
    size_t said, generation;
    if (!take_number(&span, &said) || said != number || !take_number(&span, &generation) ||
        generation != 0 || !take(&span, "obj"))
        return false;
    while (span.len > 0 && is_space(span.data[span.len - 1]))
        span.len--;
    const size_t end = strlen("endobj");
    if (span.len < end || memcmp(span.data + span.len - end, "endobj", end) != 0)
        return false;
    out->body = span.data;
    out->len = span.len - end;
    return true;
}

static bool read_objects(const char *data, size_t xref, struct text *table, struct lethe_pages *pdf)
{
    size_t used;
    struct place *places = calloc(pdf->n, sizeof(*places));
    bool ok = places && read_places(table, pdf->n, places, &used);
    if (ok)
        qsort(places, used, sizeof(*places), by_offset);
    for (size_t i = 0; ok && i < used; i++) {
        size_t end = i + 1 < used ? places[i + 1].offset : xref;
        ok = places[i].offset < end && end <= xref &&
             read_object((struct text){data + places[i].offset, end - places[i].offset},
                         places[i].number, &pdf->objects[places[i].number]);
    }
    free(places);
    return ok;
}

static struct text body(const struct lethe_pages *pdf, size_t number)
{
    return (struct text){pdf->objects[number].body, pdf->objects[number].len};
}

static bool present(const struct lethe_pages *pdf, size_t number)
{
    return pdf->objects[number].body != NULL;
}

/* What we are going to add must not be there, and nothing that acts by itself. */
static bool plain_page(struct text page)
{
    static const char *const unwanted[] = {"/Annots", "/AA", "/Metadata", "stream"};
    for (size_t i = 0; i < sizeof(unwanted) / sizeof(unwanted[0]); i++)
        if (memmem(page.data, page.len, unwanted[i], strlen(unwanted[i])))
            return false;
    struct text start = page;
    return take(&start, "<<");
}

static bool read_tree(struct text trailer, struct lethe_pages *pdf)
{
    size_t n = pdf->n;
    if (!reference(trailer, "/Root", n, &pdf->root) || !present(pdf, pdf->root) ||
        !reference(body(pdf, pdf->root), "/Pages", n, &pdf->pages) || !present(pdf, pdf->pages))
        return false;
    if (!reference(trailer, "/Info", n, &pdf->info))
        pdf->info = 0;
    struct text kids = body(pdf, pdf->pages);
    return find(&kids, "/Kids") && take(&kids, "[") && reference(kids, "", n, &pdf->first) &&
           present(pdf, pdf->first) && plain_page(body(pdf, pdf->first));
}

static bool read_file(const char *data, size_t len, struct lethe_pages *pdf)
{
    size_t xref, first;
    const size_t tail = len < 64 ? len : 64;
    struct text end = {data + len - tail, tail};
    if (len < 16 || memcmp(data, "%PDF-1.", 7) != 0 || !find(&end, "startxref") ||
        !take_number(&end, &xref) || xref >= len)
        return false;
    struct text table = {data + xref, len - xref};
    if (!take(&table, "xref") || !take_number(&table, &first) || first != 0 ||
        !take_number(&table, &pdf->n) || pdf->n < 2 || pdf->n > LETHE_PAGES_OBJECTS_MAX)
        return false;
    pdf->objects = calloc(pdf->n, sizeof(*pdf->objects));
    return pdf->objects && read_objects(data, xref, &table, pdf) && take(&table, "trailer") &&
           read_tree(table, pdf);
}

int lethe_pages_open(const char *data, size_t len, struct lethe_pages *out, struct lethe_error *err)
{
    *out = (struct lethe_pages){0};
    if (read_file(data, len, out))
        return 0;
    lethe_pages_close(out);
    return lethe_fail(err, LETHE_E_INVALID, "the page that was drawn is not a PDF as we expect it");
}

void lethe_pages_close(struct lethe_pages *pdf)
{
    free(pdf->objects);
    pdf->objects = NULL;
}
