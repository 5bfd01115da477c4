/* SPDX-License-Identifier: Apache-2.0 */
#include "paper/pdf_sign.h"
#include "base/buf.h"
#include "base/text.h"
#include "base/time.h"
#include "paper/cms.h"
#include "paper/icc.h"
#include "paper/pages.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Everything of a CMS but the certificates takes some 600 bytes. */
#define CMS_ROOM 1536
#define RANGE_WIDTH 40

struct writer {
    struct lethe_buf out;
    size_t *offsets; /* of every object; 0: free */
    size_t n, cap;
    bool failed;
    size_t range_at, contents_at, contents_len;
    char date[24]; /* D:20261123010203Z */
};

static size_t object_new(struct writer *w)
{
    if (w->n >= w->cap) {
        w->failed = true;
        return 0;
    }
    w->offsets[w->n] = 0;
    return w->n++;
}

static void object_begin(struct writer *w, size_t number)
{
    w->offsets[number] = w->out.len;
    lethe_buf_printf(&w->out, "%zu 0 obj", number);
}

static void object_end(struct writer *w)
{
    lethe_buf_puts(&w->out, "endobj\n");
}

static void stream(struct writer *w, size_t number, const char *entries, const void *data,
                   size_t len)
{
    object_begin(w, number);
    lethe_buf_printf(&w->out, "\n<< %s /Length %zu >>\nstream\n", entries, len);
    if (lethe_buf_add(&w->out, data, len) < 0)
        w->failed = true;
    lethe_buf_puts(&w->out, "\nendstream\n");
    object_end(w);
}

/* A text string in UTF-16BE (ISO 32000-1 section 7.9.2.2), in hexadecimal: nothing to escape. */
static void text_string(struct lethe_buf *out, const char *utf8)
{
    lethe_buf_puts(out, "<FEFF");
    for (const unsigned char *at = (const unsigned char *)utf8; *at;) {
        unsigned more = *at >= 0xF0 ? 3 : *at >= 0xE0 ? 2 : *at >= 0xC0 ? 1 : 0;
        uint32_t c = more == 3 ? *at & 7u : more == 2 ? *at & 15u : more == 1 ? *at & 31u : *at;
        for (at++; more > 0 && (*at & 0xC0) == 0x80; more--)
            c = c << 6 | (*at++ & 0x3Fu);
        if (c > 0xFFFF)
            lethe_buf_printf(out, "%04X%04X", (unsigned)(0xD800 + ((c - 0x10000) >> 10)),
                             (unsigned)(0xDC00 + ((c - 0x10000) & 0x3FF)));
        else
            lethe_buf_printf(out, "%04X", (unsigned)c);
    }
    lethe_buf_puts(out, ">");
}

static void xml(struct lethe_buf *out, const char *text)
{
    for (; *text; text++)
        if (*text == '&' || *text == '<' || *text == '>')
            lethe_buf_printf(out, "&#%d;", *text);
        else
            lethe_buf_add(out, text, 1);
}

static size_t metadata(struct writer *w, const struct lethe_pdf_document *document)
{
    char time[21];
    size_t number = object_new(w);
    LETHE_BUF_AUTO packet = {0};
    lethe_time_format(time, document->now);
    lethe_buf_puts(&packet,
                   "<?xpacket begin=\"\xEF\xBB\xBF\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n"
                   "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF "
                   "xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n<rdf:Description "
                   "rdf:about=\"\" xmlns:dc=\"http://purl.org/dc/elements/1.1/\" "
                   "xmlns:xmp=\"http://ns.adobe.com/xap/1.0/\" "
                   "xmlns:pdf=\"http://ns.adobe.com/pdf/1.3/\">\n"
                   "<dc:format>application/pdf</dc:format>\n"
                   "<dc:title><rdf:Alt><rdf:li xml:lang=\"x-default\">");
    xml(&packet, document->title);
    lethe_buf_printf(&packet,
                     "</rdf:li></rdf:Alt></dc:title>\n"
                     "<xmp:CreateDate>%s</xmp:CreateDate><xmp:ModifyDate>%s</xmp:ModifyDate>\n"
                     "<xmp:CreatorTool>Lethe</xmp:CreatorTool><pdf:Producer>Lethe " LETHE_VERSION
                     "</pdf:Producer>\n</rdf:Description></rdf:RDF></x:xmpmeta>\n"
                     "<?xpacket end=\"r\"?>",
                     time, time);
    stream(w, number, "/Type /Metadata /Subtype /XML", packet.data ? packet.data : "", packet.len);
    return number;
}

static void info(struct writer *w, size_t number, const struct lethe_pdf_document *document)
{
    object_begin(w, number);
    lethe_buf_puts(&w->out, "\n<< /Title ");
    text_string(&w->out, document->title);
    lethe_buf_printf(&w->out,
                     " /Creator (Lethe) /Producer (Lethe " LETHE_VERSION
                     ") /CreationDate (%s) /ModDate (%s) >>\n",
                     w->date, w->date);
    object_end(w);
}

/* A MIME type as a name: "/" must be written as a code. */
static void type_name(struct lethe_buf *out, const char *type)
{
    for (; *type; type++)
        if (*type == '/')
            lethe_buf_puts(out, "#2F");
        else
            lethe_buf_add(out, type, 1);
}

/* The embedded file and its specification, whose number is returned. */
static size_t attachment(struct writer *w, const struct lethe_pdf_attachment *file)
{
    size_t data = object_new(w), specification = object_new(w);
    LETHE_BUF_AUTO entries = {0};
    if (w->failed)
        return 0;
    lethe_buf_puts(&entries, "/Type /EmbeddedFile /Subtype /");
    type_name(&entries, file->type);
    lethe_buf_printf(&entries, " /Params << /Size %zu /ModDate (%s) >>", file->len, w->date);
    stream(w, data, entries.data, file->data, file->len);
    object_begin(w, specification);
    lethe_buf_printf(&w->out,
                     "\n<< /Type /Filespec /F (%s) /UF (%s) /AFRelationship /%s\n"
                     "   /EF << /F %zu 0 R /UF %zu 0 R >> >>\n",
                     file->name, file->name, file->relation, data, data);
    object_end(w);
    return specification;
}

static size_t colours(struct writer *w)
{
    uint8_t profile[LETHE_ICC_SIZE];
    size_t number = object_new(w);
    lethe_icc_profile(profile);
    stream(w, number, "/N 3", profile, sizeof(profile));
    return number;
}

/* The signature's dictionary, with room for what is known only when all the rest is written. */
static void signature(struct writer *w, size_t number, const struct lethe_signer *signer)
{
    w->contents_len = CMS_ROOM;
    for (size_t i = 0; i < signer->n_chain; i++)
        w->contents_len += signer->chain_len[i];
    object_begin(w, number);
    lethe_buf_puts(&w->out, "\n<< /Type /Sig /Filter /Adobe.PPKLite "
                            "/SubFilter /ETSI.CAdES.detached\n   /ByteRange ");
    w->range_at = w->out.len;
    lethe_buf_printf(&w->out, "%*s\n   /Contents ", RANGE_WIDTH, "");
    w->contents_at = w->out.len;
    lethe_buf_puts(&w->out, "<");
    for (size_t i = 0; i < w->contents_len; i++)
        lethe_buf_puts(&w->out, "00");
    lethe_buf_printf(&w->out, ">\n   /M (%s) /Name ", w->date);
    text_string(&w->out, signer->organisation);
    lethe_buf_puts(&w->out,
                   "\n   /Reference [ << /Type /SigRef /TransformMethod /DocMDP /TransformParams "
                   "<< /Type /TransformParams /P 1 /V /1.2 >> >> ] >>\n");
    object_end(w);
}

static void field(struct writer *w, size_t number, size_t signature_number, size_t page)
{
    object_begin(w, number);
    lethe_buf_printf(&w->out,
                     "\n<< /Type /Annot /Subtype /Widget /FT /Sig /T (Signature) /F 132 "
                     "/Rect [ 0 0 0 0 ]\n   /P %zu 0 R /V %zu 0 R >>\n",
                     page, signature_number);
    object_end(w);
}

/* cairo's objects as they are, but for those that we write ourselves. */
static void copy(struct writer *w, const struct lethe_pages *pdf, size_t field_number)
{
    for (size_t i = 1; i < pdf->n; i++) {
        const struct lethe_pages_object *object = &pdf->objects[i];
        if (!object->body || i == pdf->root || i == pdf->info)
            continue;
        size_t skip = 0;
        object_begin(w, i);
        if (i == pdf->first) {
            const char *open = memmem(object->body, object->len, "<<", 2);
            skip = (size_t)(open - object->body) + 2;
            lethe_buf_printf(&w->out, "\n<< /Annots [ %zu 0 R ]", field_number);
        }
        if (lethe_buf_add(&w->out, object->body + skip, object->len - skip) < 0)
            w->failed = true;
        object_end(w);
    }
}

static void catalog(struct writer *w, const struct lethe_pages *pdf,
                    const struct lethe_pdf_document *document, const size_t *files,
                    size_t field_number, size_t signature_number)
{
    size_t xmp = metadata(w, document), icc = colours(w);
    object_begin(w, pdf->root);
    lethe_buf_printf(&w->out,
                     "\n<< /Type /Catalog /Pages %zu 0 R /Lang (%s) /Metadata %zu 0 R\n"
                     "   /ViewerPreferences << /DisplayDocTitle true >>\n"
                     "   /OutputIntents [ << /Type /OutputIntent /S /GTS_PDFA1 "
                     "/OutputConditionIdentifier (sRGB) /Info (sRGB) /DestOutputProfile %zu 0 R >> "
                     "]\n   /AcroForm << /Fields [ %zu 0 R ] /SigFlags 3 >>\n"
                     "   /Perms << /DocMDP %zu 0 R >>\n   /AF [",
                     pdf->pages, document->lang, xmp, icc, field_number, signature_number);
    for (size_t i = 0; i < document->n_attachments; i++)
        lethe_buf_printf(&w->out, " %zu 0 R", files[i]);
    lethe_buf_puts(&w->out, " ]\n   /Names << /EmbeddedFiles << /Names [");
    for (size_t i = 0; i < document->n_attachments; i++)
        lethe_buf_printf(&w->out, " (%s) %zu 0 R", document->attachments[i].name, files[i]);
    lethe_buf_puts(&w->out, " ] >> >> >>\n");
    object_end(w);
}

static void cross_references(struct writer *w, const struct lethe_pages *pdf, size_t info_number)
{
    uint8_t hash[LETHE_HASH_SIZE];
    char id[33];
    lethe_sha256(hash, w->out.data, w->out.len);
    lethe_hex_encode(id, hash, 16);
    size_t at = w->out.len;
    lethe_buf_printf(&w->out, "xref\n0 %zu\n0000000000 65535 f \n", w->n);
    for (size_t i = 1; i < w->n; i++)
        if (w->offsets[i])
            lethe_buf_printf(&w->out, "%010zu 00000 n \n", w->offsets[i]);
        else
            lethe_buf_puts(&w->out, "0000000000 00001 f \n");
    lethe_buf_printf(&w->out,
                     "trailer\n<< /Size %zu /Root %zu 0 R /Info %zu 0 R /ID [ <%s> <%s> ] >>\n"
                     "startxref\n%zu\n%%%%EOF\n",
                     w->n, pdf->root, info_number, id, id, at);
}

static int write_all(struct writer *w, const struct lethe_pages *pdf,
                     const struct lethe_pdf_document *document, const struct lethe_signer *signer)
{
    size_t *files = calloc(document->n_attachments + 1, sizeof(*files));
    if (!files)
        return -1;
    lethe_buf_puts(&w->out, "%PDF-1.7\n%\xE2\xE3\xCF\xD3\n");
    size_t sig = object_new(w), widget = object_new(w);
    size_t about = pdf->info ? pdf->info : object_new(w);
    copy(w, pdf, widget);
    for (size_t i = 0; i < document->n_attachments; i++)
        files[i] = attachment(w, &document->attachments[i]);
    info(w, about, document);
    field(w, widget, sig, pdf->first);
    catalog(w, pdf, document, files, widget, sig);
    signature(w, sig, signer);
    cross_references(w, pdf, about);
    free(files);
    /* lethe_buf keeps nothing of what did not fit: the end of the file tells. */
    bool whole = w->out.len > 6 && memcmp(w->out.data + w->out.len - 6, "%%EOF\n", 6) == 0;
    return w->failed || !whole ? -1 : 0;
}

static int seal(struct writer *w, struct lethe_signer *signer, struct lethe_error *err)
{
    size_t second = w->contents_at + 2 * w->contents_len + 2;
    char range[RANGE_WIDTH + 1];
    if (!lethe_text_format(range, sizeof(range), "[ 0 %zu %zu %zu ]", w->contents_at, second,
                           w->out.len - second))
        return lethe_fail(err, LETHE_E_LIMIT, "the report is too large to be signed");
    memcpy(w->out.data + w->range_at, range, strlen(range));

    uint8_t digest[LETHE_HASH_SIZE];
    LETHE_BUF_AUTO covered = {0};
    if (lethe_buf_add(&covered, w->out.data, w->contents_at) < 0 ||
        lethe_buf_add(&covered, w->out.data + second, w->out.len - second) < 0)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    lethe_sha256(digest, covered.data, covered.len);

    LETHE_BUF_AUTO cms = {0};
    int rc = lethe_cms_sign(signer, digest, &cms, err);
    if (rc < 0)
        return rc;
    char *hex = cms.len <= w->contents_len ? malloc(2 * cms.len + 1) : NULL;
    if (!hex)
        return lethe_fail(err, LETHE_E_INTERNAL, "the signature does not fit its place");
    lethe_hex_encode(hex, cms.data, cms.len);
    memcpy(w->out.data + w->contents_at + 1, hex, 2 * cms.len);
    free(hex);
    return 0;
}

int lethe_pdf_sign(const char *page, size_t page_len, const struct lethe_pdf_document *document,
                   struct lethe_signer *signer, char **out, size_t *out_len,
                   struct lethe_error *err)
{
    struct lethe_pages pdf;
    int rc = lethe_pages_open(page, page_len, &pdf, err);
    if (rc < 0)
        return rc;
    struct writer w = {.n = pdf.n, .cap = pdf.n + 2 * document->n_attachments + 8};
    char time[21];
    lethe_time_format(time, document->now);
    lethe_text_format(w.date, sizeof(w.date), "D:%.4s%.2s%.2s%.2s%.2s%.2sZ", time, time + 5,
                      time + 8, time + 11, time + 14, time + 17);
    w.offsets = calloc(w.cap, sizeof(*w.offsets));
    if (!w.offsets || write_all(&w, &pdf, document, signer) < 0)
        rc = lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    if (rc == 0)
        rc = seal(&w, signer, err);
    if (rc == 0) {
        *out_len = w.out.len;
        *out = lethe_buf_take(&w.out);
    }
    lethe_buf_free(&w.out);
    free(w.offsets);
    lethe_pages_close(&pdf);
    return rc;
}
