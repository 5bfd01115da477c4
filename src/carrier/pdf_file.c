/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The skeleton (ISO 32000-1 section 7.5): one header, objects side by side, one cross-reference
 * table that knows each of them, one trailer, the end. Whatever lies between, beside or behind is a
 * refusal: there a second version of the page could wait.
 */
#include "carrier/pdf.h"

#include <stdlib.h>
#include <string.h>

#define OBJECTS_MAX 8192

static size_t count(const uint8_t *data, size_t len, const char *word, size_t *last)
{
    size_t n = 0, size = strlen(word);
    const uint8_t *at = data;
    while ((at = memmem(at, (size_t)(data + len - at), word, size))) {
        *last = (size_t)(at - data);
        at += size;
        n++;
    }
    return n;
}

/* "%PDF-1.7\n" and a comment of four bytes that no text has. */
static int header_read(struct lethe_pdf_reader *in, struct lethe_complaint *why)
{
    uint64_t minor;
    if (!lethe_pdf_word(in, "%PDF-1.") || !lethe_pdf_digits(in, &minor) || minor < 4 || minor > 7 ||
        !lethe_pdf_word(in, "\n%") || in->end - in->at < 5 || in->data[in->at + 4] != '\n')
        return lethe_complain(why, "pdf-header", "it does not begin as our PDFs do");
    for (size_t end = in->at + 4; in->at < end; in->at++)
        if (in->data[in->at] < 0x80)
            return lethe_complain(why, "pdf-header", "it does not begin as our PDFs do");
    in->at++;
    return 0;
}

static int revisions_check(const uint8_t *data, size_t len, size_t *startxref,
                           struct lethe_complaint *why)
{
    static const char end[] = "%%EOF\n";
    size_t eof = 0, ends = count(data, len, "%%EOF", &eof);
    if (ends > 1 || count(data, len, "startxref", startxref) > 1)
        return lethe_complain(why, "pdf-revisions",
                              "it was changed after it was made: it has %zu ends", ends);
    if (ends == 0 || *startxref == 0)
        return lethe_complain(why, "pdf-end", "it has no end, or none that says where to begin");
    if (len - eof != sizeof(end) - 1 || memcmp(data + eof, end, sizeof(end) - 1) != 0)
        return lethe_complain(why, "pdf-end", "something follows behind its end");
    return 0;
}

static int xref_bad(struct lethe_complaint *why, const char *what)
{
    return lethe_complain(why, "pdf-xref", "its table of objects: %s", what);
}

/* "xref\n0 N\n" and N lines of exactly 20 bytes (section 7.5.4). */
static int xref_read(struct lethe_pdf_file *file, struct lethe_pdf_reader *in,
                     struct lethe_complaint *why)
{
    uint64_t n;
    if (!lethe_pdf_word(in, "xref\n0 ") || !lethe_pdf_digits(in, &n) || !lethe_pdf_word(in, "\n"))
        return xref_bad(why, "it does not begin where it should, or is a stream");
    if (n < 2 || n > OBJECTS_MAX || (in->end - in->at) / 20 < n)
        return xref_bad(why, "it is too long or too short");
    if (!(file->objects = calloc(n, sizeof(*file->objects))))
        return lethe_complain(why, "memory", "memory ran out");
    file->n = (size_t)n;
    for (size_t i = 0; i < file->n; i++) {
        struct lethe_pdf_reader line = {file->data, in->at, in->at + 20, NULL};
        uint64_t offset, generation;
        bool ok = lethe_pdf_digits(&line, &offset) && line.at == in->at + 10 &&
                  lethe_pdf_word(&line, " ") && lethe_pdf_digits(&line, &generation) &&
                  line.at == in->at + 16;
        bool used = ok && lethe_pdf_word(&line, " n");
        ok = ok && (used || lethe_pdf_word(&line, " f")) && lethe_pdf_word(&line, " \n");
        if (!ok || (used && (i == 0 || generation != 0 || offset == 0)))
            return xref_bad(why, "one of its lines is not as ours are");
        file->objects[i].offset = used ? (size_t)offset : 0;
        in->at += 20;
    }
    return 0;
}

static int trailer_read(struct lethe_pdf_file *file, struct lethe_pdf_reader *in, size_t startxref,
                        struct lethe_complaint *why)
{
    static const char *const known[] = {"Size", "Root", "Info", "ID"};
    uint64_t at;
    if (!lethe_pdf_word(in, "trailer\n"))
        return xref_bad(why, "no trailer follows it");
    int rc = lethe_pdf_value_read(in, &file->trailer, why);
    if (rc < 0)
        return rc;
    if (file->trailer->type != LETHE_PDF_DICT)
        return xref_bad(why, "its trailer is no dictionary");
    for (const struct lethe_pdf_value *item = file->trailer->first; item; item = item->next) {
        bool ok = false;
        for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
            ok = ok || strcmp(known[i], item->key) == 0;
        if (strcmp(item->key, "Encrypt") == 0)
            return lethe_complain(why, "pdf-encrypted", "it is encrypted");
        if (strcmp(item->key, "Prev") == 0 || strcmp(item->key, "XRefStm") == 0)
            return lethe_complain(why, "pdf-revisions", "its table goes on elsewhere (%s)",
                                  item->key);
        if (!ok)
            return xref_bad(why, "its trailer has what ours do not");
    }
    const struct lethe_pdf_value *size = lethe_pdf_get(file->trailer, "Size");
    if (!size || size->type != LETHE_PDF_INTEGER || size->number != (int64_t)file->n)
        return xref_bad(why, "its trailer says another size");
    lethe_pdf_space(in);
    if (in->at != startxref || !lethe_pdf_word(in, "startxref\n") || !lethe_pdf_digits(in, &at) ||
        at != file->xref || !lethe_pdf_word(in, "\n%%EOF\n") || in->at != in->end)
        return xref_bad(why, "something stands between it and the end");
    return 0;
}

/* Where the table begins: what startxref says, which is also where the last object ends. */
static int xref_find(struct lethe_pdf_file *file, size_t startxref, struct lethe_complaint *why)
{
    struct lethe_pdf_reader in = {file->data, startxref, file->len, NULL};
    uint64_t at;
    if (!lethe_pdf_word(&in, "startxref\n") || !lethe_pdf_digits(&in, &at) || at >= startxref)
        return xref_bad(why, "it can't be found");
    file->xref = (size_t)at;
    return 0;
}

/* ---- Objects ---- */

/* A length may be an object of its own, which may come later: "N 0 obj\n LENGTH\nendobj". */
static bool length_of(const struct lethe_pdf_file *file, const struct lethe_pdf_value *value,
                      uint64_t *out)
{
    if (value && value->type == LETHE_PDF_INTEGER && value->number >= 0) {
        *out = (uint64_t)value->number;
        return true;
    }
    if (!value || value->type != LETHE_PDF_REFERENCE || (uint64_t)value->number >= file->n ||
        !file->objects[value->number].offset || file->objects[value->number].offset >= file->xref)
        return false;
    struct lethe_pdf_reader in = {file->data, file->objects[value->number].offset, file->xref,
                                  NULL};
    uint64_t number;
    if (!lethe_pdf_digits(&in, &number) || number != (uint64_t)value->number ||
        !lethe_pdf_word(&in, " 0 obj"))
        return false;
    lethe_pdf_space(&in);
    if (!lethe_pdf_digits(&in, out))
        return false;
    lethe_pdf_space(&in);
    return lethe_pdf_word(&in, "endobj");
}

static int stream_read(const struct lethe_pdf_file *file, struct lethe_pdf_reader *in,
                       struct lethe_pdf_object *object, struct lethe_complaint *why)
{
    uint64_t len;
    if (!lethe_pdf_word(in, "\n") && !lethe_pdf_word(in, "\r\n"))
        return lethe_complain(why, "pdf-stream", "byte %zu: a stream without a line end", in->at);
    if (!length_of(file, lethe_pdf_get(object->value, "Length"), &len) || len > in->end - in->at)
        return lethe_complain(why, "pdf-stream", "byte %zu: a stream of no length", in->at);
    object->has_stream = true;
    object->stream = in->at;
    object->stream_len = (size_t)len;
    in->at += len;
    if (!lethe_pdf_word(in, "\n"))
        lethe_pdf_word(in, "\r\n");
    if (!lethe_pdf_word(in, "endstream"))
        return lethe_complain(why, "pdf-stream", "byte %zu: a stream does not end where it says",
                              in->at);
    lethe_pdf_space(in);
    return 0;
}

static int object_read(struct lethe_pdf_file *file, struct lethe_pdf_reader *in, size_t number,
                       struct lethe_complaint *why)
{
    struct lethe_pdf_object *object = &file->objects[number];
    uint64_t is;
    if (!lethe_pdf_digits(in, &is) || is != number || !lethe_pdf_word(in, " 0 obj"))
        return lethe_complain(why, "pdf-xref", "object %zu is not where its table says", number);
    lethe_pdf_space(in);
    int rc = lethe_pdf_value_read(in, &object->value, why);
    lethe_pdf_space(in);
    if (rc == 0 && object->value->type == LETHE_PDF_DICT && lethe_pdf_word(in, "stream"))
        rc = stream_read(file, in, object, why);
    if (rc == 0 && !lethe_pdf_word(in, "endobj"))
        rc = lethe_complain(why, "pdf-object", "object %zu does not end where it should", number);
    lethe_pdf_space(in);
    return rc;
}

struct place {
    size_t offset, number;
};

static int by_offset(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/* In the order in which they stand: each begins where the one before it ended. */
static int objects_read(struct lethe_pdf_file *file, struct lethe_pdf_reader *in,
                        struct lethe_complaint *why)
{
    struct place *places = calloc(file->n, sizeof(*places));
    size_t n = 0;
    int rc = places ? 0 : lethe_complain(why, "memory", "memory ran out");
    for (size_t i = 1; i < file->n && rc == 0; i++)
        if (file->objects[i].offset)
            places[n++] = (struct place){file->objects[i].offset, i};
    if (rc == 0)
        qsort(places, n, sizeof(*places), by_offset);
    for (size_t i = 0; i < n && rc == 0; i++) {
        if (places[i].offset != in->at)
            rc = lethe_complain(why, "pdf-hidden",
                                "byte %zu: something stands there that its table does not know",
                                in->at < places[i].offset ? in->at : places[i].offset);
        else
            rc = object_read(file, in, places[i].number, why);
    }
    if (rc == 0 && in->at != file->xref)
        rc =
            lethe_complain(why, "pdf-hidden",
                           "byte %zu: something stands there that its table does not know", in->at);
    free(places);
    return rc;
}

int lethe_pdf_open(const uint8_t *data, size_t len, struct lethe_pdf_file *out,
                   struct lethe_complaint *why)
{
    size_t startxref = 0;
    memset(out, 0, sizeof(*out));
    out->data = data;
    out->len = len;
    struct lethe_pdf_reader in = {data, 0, len, &out->arena};
    int rc = header_read(&in, why);
    if (rc == 0)
        rc = revisions_check(data, len, &startxref, why);
    if (rc == 0)
        rc = xref_find(out, startxref, why);
    struct lethe_pdf_reader table = {data, out->xref, len, &out->arena};
    if (rc == 0)
        rc = xref_read(out, &table, why);
    if (rc == 0)
        rc = trailer_read(out, &table, startxref, why);
    in.end = out->xref;
    return rc < 0 ? rc : objects_read(out, &in, why);
}

void lethe_pdf_close(struct lethe_pdf_file *file)
{
    lethe_pdf_arena_clear(&file->arena);
    free(file->objects);
    memset(file, 0, sizeof(*file));
}

const struct lethe_pdf_value *lethe_pdf_resolve(const struct lethe_pdf_file *file,
                                                const struct lethe_pdf_value *value)
{
    if (!value || value->type != LETHE_PDF_REFERENCE)
        return value;
    return (uint64_t)value->number < file->n ? file->objects[value->number].value : NULL;
}

static int each(const struct lethe_pdf_value *value,
                int (*fn)(void *user, const struct lethe_pdf_value *value), void *user)
{
    int rc = fn(user, value);
    for (const struct lethe_pdf_value *item = value->first; item && rc == 0; item = item->next)
        rc = each(item, fn, user);
    return rc;
}

int lethe_pdf_each(const struct lethe_pdf_file *file,
                   int (*fn)(void *user, const struct lethe_pdf_value *value), void *user)
{
    int rc = each(file->trailer, fn, user);
    for (size_t i = 0; i < file->n && rc == 0; i++)
        if (file->objects[i].value)
            rc = each(file->objects[i].value, fn, user);
    return rc;
}
