/* SPDX-License-Identifier: Apache-2.0 */
#include "carrier/pdf_make.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/text.h"
#include "cert/support.h"
#include <openssl/cms.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ROOM 3000

static void __attribute__((noreturn)) die(const char *what)
{
    fprintf(stderr, "pdf_make: %s\n", what);
    abort();
}

void pdf_add(struct pdf_recipe *recipe, int number, const char *text)
{
    free(recipe->objects[number]);
    recipe->objects[number] = text ? strdup(text) : NULL;
}

void pdf_edit(struct pdf_recipe *recipe, int number, const char *find, const char *replace)
{
    char *text = recipe->objects[number], *at = strstr(text, find);
    LETHE_BUF_AUTO out = {0};
    if (!at)
        die(find);
    lethe_buf_add(&out, text, (size_t)(at - text));
    lethe_buf_puts(&out, replace);
    lethe_buf_puts(&out, at + strlen(find));
    free(text);
    recipe->objects[number] = lethe_buf_take(&out);
}

static char *stream(const char *entries, const char *data)
{
    LETHE_BUF_AUTO out = {0};
    lethe_buf_printf(&out, "<< %s /Length %zu >>\nstream\n%s\nendstream", entries, strlen(data),
                     data);
    return lethe_buf_take(&out);
}

void pdf_recipe_good(struct pdf_recipe *out)
{
    char *sdjwt;
    size_t len;
    memset(out, 0, sizeof(*out));
    if (lethe_file_read(LETHE_SOURCE_DIR "/certs/examples/valid/full.sdjwt", 1 << 18, &sdjwt, &len,
                        NULL) < 0)
        die("no example");
    pdf_add(out, PDF_CATALOG,
            "<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [ 5 0 R ] /SigFlags 3 >>\n"
            "/AF [ 8 0 R 10 0 R ] /Names << /EmbeddedFiles << /Names [ (certificate.sdjwt) 8 0 R "
            "(certificate.tlog-proof) 10 0 R ] >> >> >>");
    pdf_add(out, PDF_PAGES, "<< /Type /Pages /Kids [ 3 0 R ] /Count 1 >>");
    pdf_add(out, PDF_PAGE,
            "<< /Annots [ 5 0 R ] /Type /Page % 1\n/Parent 2 0 R /MediaBox [ 0 0 595.28 841.89 ] "
            "/Contents 4 0 R /Group << /S /Transparency >> >>");
    out->objects[PDF_CONTENT] = stream("/Fit#6d true", "0 0 1 rg 10 10 100 100 re f");
    pdf_add(out, PDF_FIELD,
            "<< /Type /Annot /Subtype /Widget /FT /Sig /T (Signature) /F 132 /Rect [ 0 0 0 0 ] "
            "/P 3 0 R /V 6 0 R >>");
    pdf_add(out, PDF_SIGNATURE,
            "<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached\n"
            "/ByteRange @RANGE@ /Contents @CONTENTS@ /M (D:20261123010203Z) >>");
    out->objects[PDF_CERTIFICATE] = stream("/Type /EmbeddedFile /Subtype /text#2Fplain", sdjwt);
    pdf_add(out, PDF_CERTIFICATE_SPEC,
            "<< /Type /Filespec /F (certificate.sdjwt) /UF (certificate.sdjwt) /AFRelationship "
            "/Source /EF << /F 7 0 R /UF 7 0 R >> >>");
    out->objects[PDF_PROOF] = stream("/Type /EmbeddedFile", "c2sp.org/tlog-proof@v1\nindex 7\n");
    pdf_add(out, PDF_PROOF_SPEC,
            "<< /Type /Filespec /F (certificate.tlog-proof) /UF (certificate.tlog-proof) "
            "/AFRelationship /Supplement /EF << /F 9 0 R /UF 9 0 R >> >>");
    free(sdjwt);
}

void pdf_recipe_clear(struct pdf_recipe *recipe)
{
    for (int i = 0; i < PDF_OBJECTS_MAX; i++)
        free(recipe->objects[i]);
}

/* The places that are filled in when all the rest is known. */
#define RANGE_WIDTH 44
static void put(struct lethe_buf *out, const struct pdf_recipe *recipe, int number, size_t *range,
                size_t *contents)
{
    for (const char *at = recipe->objects[number]; *at;) {
        if (strncmp(at, "@RANGE@", 7) == 0) {
            *range = out->len;
            lethe_buf_printf(out, "%*s", RANGE_WIDTH, "");
            at += 7;
        } else if (strncmp(at, "@CONTENTS@", 10) == 0) {
            *contents = out->len;
            lethe_buf_puts(out, "<");
            for (int i = 0; i < ROOM; i++)
                lethe_buf_puts(out, "00");
            lethe_buf_puts(out, ">");
            at += 10;
        } else if (strncmp(at, "@DATA@", 6) == 0) {
            lethe_buf_add(out, recipe->data, recipe->data_len);
            at += 6;
        } else {
            lethe_buf_add(out, at++, 1);
        }
    }
}

static void sign(struct lethe_buf *file, const char *name, size_t range, size_t contents)
{
    size_t after = contents + 2 * ROOM + 2, der_len;
    char text[RANGE_WIDTH + 1];
    if (range) {
        lethe_text_format(text, sizeof(text), "[ 0 %zu %zu %zu ]", contents, after,
                          file->len - after);
        memcpy(file->data + range, text, strlen(text));
    }
    BIO *covered = BIO_new(BIO_s_mem());
    BIO_write(covered, file->data, (int)contents);
    BIO_write(covered, file->data + after, (int)(file->len - after));
    EVP_PKEY *key = support_key(name);
    uint8_t *leaf = support_der(name, &der_len);
    const uint8_t *at = leaf;
    X509 *cert = d2i_X509(NULL, &at, (long)der_len);
    unsigned flags = CMS_DETACHED | CMS_BINARY | CMS_CADES | CMS_NOSMIMECAP;
    CMS_ContentInfo *cms = CMS_sign(NULL, NULL, NULL, NULL, flags | CMS_PARTIAL);
    if (!cms || !CMS_add1_signer(cms, cert, key, EVP_sha256(), flags) ||
        CMS_final(cms, covered, NULL, flags) != 1)
        die("CMS");
    uint8_t *der = NULL;
    int n = i2d_CMS_ContentInfo(cms, &der);
    if (n <= 0 || n > ROOM)
        die("CMS does not fit");
    char *hex = malloc(2 * (size_t)n + 1);
    lethe_hex_encode(hex, der, (size_t)n);
    memcpy(file->data + contents + 1, hex, 2 * (size_t)n);
    free(hex);
    OPENSSL_free(der);
    OPENSSL_free(leaf);
    CMS_ContentInfo_free(cms);
    X509_free(cert);
    EVP_PKEY_free(key);
    BIO_free(covered);
}

char *pdf_make(const struct pdf_recipe *recipe, size_t *len)
{
    struct lethe_buf out = {0};
    size_t offsets[PDF_OBJECTS_MAX] = {0}, range = 0, contents = 0;
    int n = PDF_FREE;
    lethe_buf_puts(&out, recipe->header ? recipe->header : "%PDF-1.7\n%\xE2\xE3\xCF\xD3\n");
    for (int i = 1; i < PDF_OBJECTS_MAX; i++) {
        if (!recipe->objects[i])
            continue;
        n = i >= n ? i + 1 : n;
        offsets[i] = i == recipe->forget ? 0 : out.len;
        lethe_buf_printf(&out, "%d 0 obj\n", i);
        put(&out, recipe, i, &range, &contents);
        lethe_buf_puts(&out, "\nendobj\n");
    }
    lethe_buf_puts(&out, recipe->hidden ? recipe->hidden : "");
    size_t xref = out.len;
    lethe_buf_printf(&out, "xref\n0 %d\n0000000000 65535 f \n", n);
    for (int i = 1; i < n; i++)
        lethe_buf_printf(&out, "%010zu %s \n", offsets[i], offsets[i] ? "00000 n" : "00001 f");
    lethe_buf_printf(&out, "trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%zu\n%%%%EOF\n",
                     n + recipe->size, recipe->trailer ? recipe->trailer : "", xref);
    if (contents)
        sign(&out, recipe->signer ? recipe->signer : "bench", range, contents);
    *len = out.len;
    return lethe_buf_take(&out);
}
