/* SPDX-License-Identifier: Apache-2.0 */
/* What the page carries (ISO 32000-1 section 7.11.4): certificate.sdjwt once,
 * certificate.tlog-proof at most once, and no other file. */
#include "carrier/pdf.h"
#include "cert/sdjwt.h"
#include <lethe/carrier.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static int bad(struct lethe_complaint *why, const char *what)
{
    return lethe_complain(why, "pdf-attachments", "its attachments: %s", what);
}

struct counted {
    size_t specifications, files;
};

static int count(void *user, const struct lethe_pdf_value *value)
{
    struct counted *counted = user;
    if (value->type != LETHE_PDF_DICT)
        return 0;
    counted->specifications +=
        lethe_pdf_get(value, "EF") || lethe_pdf_is_name(lethe_pdf_get(value, "Type"), "Filespec");
    counted->files += lethe_pdf_is_name(lethe_pdf_get(value, "Type"), "EmbeddedFile");
    return 0;
}

/* zlib, to its end and to the end of the input; never more than MAX. */
static int inflate_all(const uint8_t *in, size_t in_len, size_t max, struct lethe_pdf_bytes *out,
                       struct lethe_complaint *why)
{
    z_stream z = {0};
    if (!(out->data = malloc(max + 1)) || inflateInit(&z) != Z_OK)
        return lethe_complain(why, "memory", "memory ran out");
    z.next_in = (Bytef *)(uintptr_t)in;
    z.avail_in = (uInt)in_len;
    z.next_out = out->data;
    z.avail_out = (uInt)max;
    int rc = inflate(&z, Z_FINISH);
    out->len = max - z.avail_out;
    bool whole = rc == Z_STREAM_END && z.avail_in == 0;
    inflateEnd(&z);
    out->data[out->len] = '\0';
    return whole ? 0 : bad(why, "one is broken or too large");
}

static int stream_get(const struct lethe_pdf_file *file, const struct lethe_pdf_object *object,
                      size_t max, struct lethe_pdf_bytes *out, struct lethe_complaint *why)
{
    const struct lethe_pdf_value *filter = lethe_pdf_get(object->value, "Filter");
    const uint8_t *data = file->data + object->stream;
    if (!object->has_stream ||
        !lethe_pdf_is_name(lethe_pdf_get(object->value, "Type"), "EmbeddedFile") ||
        lethe_pdf_get(object->value, "DecodeParms") ||
        (filter && !lethe_pdf_is_name(filter, "FlateDecode")))
        return bad(why, "one is stored as ours never are");
    if (object->stream_len == 0 || object->stream_len > max)
        return bad(why, "one is empty or too large");
    if (filter)
        return inflate_all(data, object->stream_len, max, out, why);
    if (!(out->data = malloc(object->stream_len + 1)))
        return lethe_complain(why, "memory", "memory ran out");
    memcpy(out->data, data, object->stream_len);
    out->len = object->stream_len;
    out->data[out->len] = '\0';
    return 0;
}

static bool is_text(const struct lethe_pdf_value *value, const char *text)
{
    return value && value->type == LETHE_PDF_STRING && value->len == strlen(text) &&
           memcmp(value->text, text, value->len) == 0;
}

/* As `lethe cert report` makes them: other certificates, JOB.sdjwt each, and nothing besides. */
static bool is_lot(const struct lethe_pdf_value *list)
{
    static const char suffix[] = ".sdjwt";
    const size_t len = sizeof(suffix) - 1;
    for (const struct lethe_pdf_value *name = list->first; name; name = name->next->next)
        if (name->type != LETHE_PDF_STRING || name->len <= len || !name->next ||
            memcmp(name->text + name->len - len, suffix, len) != 0 ||
            is_text(name, "certificate.sdjwt"))
            return false;
    return list->first != NULL;
}

/* One pair of the list of names: NAME, and a specification that says the same name twice and the
 * same file twice, so that no two readers find another one. */
static int attachment(const struct lethe_pdf_file *file, const struct lethe_pdf_value *name,
                      struct lethe_pdf_contents *out, struct lethe_complaint *why)
{
    bool proof = is_text(name, "certificate.tlog-proof");
    const char *wanted = proof ? "certificate.tlog-proof" : "certificate.sdjwt";
    struct lethe_pdf_bytes *into = proof ? &out->proof : &out->sdjwt;
    const struct lethe_pdf_value *spec = lethe_pdf_resolve(file, name->next);
    const struct lethe_pdf_value *ef = lethe_pdf_get(spec, "EF");
    const struct lethe_pdf_value *f = lethe_pdf_get(ef, "F"), *uf = lethe_pdf_get(ef, "UF");
    if (!is_text(name, wanted))
        return bad(why, "one is neither certificate nor proof");
    if (into->data)
        return bad(why, "one is there twice");
    if (!is_text(lethe_pdf_get(spec, "F"), wanted) || !is_text(lethe_pdf_get(spec, "UF"), wanted) ||
        !f || f->type != LETHE_PDF_REFERENCE ||
        (uf && (uf->type != LETHE_PDF_REFERENCE || uf->number != f->number)) ||
        (uint64_t)f->number >= file->n || !file->objects[f->number].value)
        return bad(why, "one has two names or two contents");
    return stream_get(file, &file->objects[f->number],
                      proof ? LETHE_CARRIER_PROOF_MAX : LETHE_SDJWT_MAX, into, why);
}

int lethe_pdf_attachments(const struct lethe_pdf_file *file, struct lethe_pdf_contents *out,
                          struct lethe_complaint *why)
{
    const struct lethe_pdf_value *root =
        lethe_pdf_resolve(file, lethe_pdf_get(file->trailer, "Root"));
    const struct lethe_pdf_value *tree =
        lethe_pdf_resolve(file, lethe_pdf_get(lethe_pdf_resolve(file, lethe_pdf_get(root, "Names")),
                                              "EmbeddedFiles"));
    const struct lethe_pdf_value *list = lethe_pdf_resolve(file, lethe_pdf_get(tree, "Names"));
    struct counted counted = {0};
    size_t n = 0;
    int rc = 0;
    if (!list || list->type != LETHE_PDF_ARRAY || lethe_pdf_get(tree, "Kids"))
        return bad(why, "there is no certificate among them");
    if (is_lot(list))
        return lethe_complain(why, LETHE_PDF_LOT,
                              "it is the report of a lot, which has no verdict of its own: verify "
                              "the certificates attached to it (pdfdetach -saveall), each for "
                              "itself");
    for (const struct lethe_pdf_value *name = list->first; name && rc == 0; n++) {
        if (!name->next)
            return bad(why, "their list is broken");
        rc = attachment(file, name, out, why);
        name = name->next->next;
    }
    if (rc < 0)
        return rc;
    lethe_pdf_each(file, count, &counted);
    if (counted.specifications != n || counted.files != n)
        return bad(why, "there are more of them than their list knows");
    return out->sdjwt.data ? 0 : bad(why, "there is no certificate among them");
}
