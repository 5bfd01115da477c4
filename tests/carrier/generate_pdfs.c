/* SPDX-License-Identifier: Apache-2.0 */
/* Makes certs/examples/pdf: pages to test other verifiers with, as attackers would change them. The
 * signatures draw a number each time, so the files are others after each run. */
#include "base/buf.h"
#include "base/file.h"
#include "base/text.h"
#include "carrier/pdf_make.h"
#include <jansson.h>
#include <lethe/error.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *dir;
static json_t *index_;

static void put(const char *name, const char *data, size_t len, const char *verdict,
                const char *code)
{
    char path[512];
    lethe_text_format(path, sizeof(path), "%s/%s.pdf", dir, name);
    if (lethe_file_write(path, data, len, 0644, NULL) < 0) {
        fprintf(stderr, "cannot write %s\n", path);
        exit(1);
    }
    lethe_text_format(path, sizeof(path), "pdf/%s.pdf", name);
    json_array_append_new(
        index_, json_pack("{s:s,s:s,s:s}", "file", path, "verdict", verdict, "code", code));
}

static const struct {
    const char *name;
    int number;
    const char *find, *replace, *code;
} edits[] = {
    {"script", PDF_CATALOG, "/Pages", "/OpenAction << /S /JavaScript /JS (x) >> /Pages",
     "pdf-active"},
    {"script-escaped", PDF_CATALOG, "/Pages", "/Open#41ction [ 3 0 R /Fit ] /Pages", "pdf-active"},
    {"layers", PDF_CATALOG, "/Pages", "/OCProperties << >> /Pages", "pdf-hidden"},
    {"stamp", PDF_PAGE, "/Annots [ 5 0 R ]", "/Annots [ << /Subtype /Stamp >> 5 0 R ]",
     "pdf-annotation"},
    {"two-signatures", PDF_PAGE, "/Parent", "/X << /Type /Sig >> /Parent", "pdf-signatures"},
    {"range-missing", PDF_SIGNATURE, "/ByteRange @RANGE@", "", "pdf-byterange"},
    {"range-null", PDF_SIGNATURE, "@RANGE@", "null", "pdf-byterange"},
    {"range-short", PDF_SIGNATURE, "@RANGE@", "[ 0 10 20 30 ]", "pdf-byterange"},
    {"one-name-twice", PDF_CATALOG, "(certificate.tlog-proof)", "(certificate.sdjwt)",
     "pdf-attachments"},
    {"unlisted-file", PDF_CATALOG, "(certificate.tlog-proof) 10 0 R", "", "pdf-attachments"},
    {"two-contents", PDF_CERTIFICATE_SPEC, "/UF 7 0 R", "/UF 9 0 R", "pdf-attachments"},
    {"object-stream", PDF_CONTENT, "/Fit#6d true", "/Type /ObjStm", "pdf-object-stream"},
    {"key-twice", PDF_PAGE, "/Parent", "/Con#74ents 9 0 R /Parent", "pdf-object"},
};

/* The page of a certificate without a proof: there is no log that these keys are of. */
static void recipe(struct pdf_recipe *out, bool proof)
{
    pdf_recipe_good(out);
    if (proof)
        return;
    pdf_add(out, PDF_PROOF, NULL);
    pdf_add(out, PDF_PROOF_SPEC, NULL);
    pdf_edit(out, PDF_CATALOG, "(certificate.tlog-proof) 10 0 R", "");
    pdf_edit(out, PDF_CATALOG, " 10 0 R ]", " ]");
}

static void recipe_put(const char *name, struct pdf_recipe *r, const char *verdict,
                       const char *code)
{
    size_t len;
    char *file = pdf_make(r, &len);
    put(name, file, len, verdict, code);
    free(file);
    pdf_recipe_clear(r);
}

static void after_signing(void)
{
    struct pdf_recipe r;
    size_t len;
    recipe(&r, false);
    char *file = pdf_make(&r, &len);
    char *colour = memmem(file, len, "0 0 1 rg", 8),
         *contents = memmem(file, len, "/Contents <", 11);
    LETHE_BUF_AUTO more = {0};
    put("good", file, len, "valid", "");
    lethe_buf_add(&more, file, len);
    lethe_buf_printf(&more,
                     "4 0 obj\n<< /Length 8 >>\nstream\n1 0 0 rg\nendstream\nendobj\n"
                     "xref\n4 1\n%010zu 00000 n \ntrailer\n<< /Size 9 /Root 1 0 R /Prev %zu >>\n"
                     "startxref\n%zu\n%%%%EOF\n",
                     len, (size_t)((char *)memmem(file, len, "xref\n0 ", 7) - file), len + 57);
    put("second-revision", more.data, more.len, "invalid", "pdf-revisions");
    lethe_buf_free(&more);
    memset(&more, 0, sizeof(more));
    lethe_buf_add(&more, file, len);
    lethe_buf_puts(&more, "\n");
    put("something-behind", more.data, more.len, "invalid", "pdf-end");
    memcpy(colour, "1 0 0 rg", 8);
    put("page-changed", file, len, "invalid", "pdf-changed");
    memcpy(colour, "0 0 1 rg", 8);
    contents[10 + strcspn(contents + 10, ">") - 1] = '1';
    put("behind-the-signature", file, len, "invalid", "pdf-padding");
    free(file);
    pdf_recipe_clear(&r);
}

int main(int argc, char **argv)
{
    struct pdf_recipe r;
    char path[512];
    if (argc != 2) {
        fprintf(stderr, "usage: %s certs/examples/pdf\n", argv[0]);
        return 2;
    }
    dir = argv[1];
    index_ = json_array();
    after_signing();
    for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
        recipe(&r, true);
        pdf_edit(&r, edits[i].number, edits[i].find, edits[i].replace);
        recipe_put(edits[i].name, &r, "invalid", edits[i].code);
    }
    recipe(&r, false);
    pdf_edit(&r, PDF_CATALOG, "(certificate.sdjwt)",
             "(0199c2f4-5d1e-7a30-8c44-2b1f0e9d7a66.sdjwt)");
    recipe_put("lot", &r, "undetermined", "pdf-lot");
    recipe(&r, false);
    r.hidden = "4 0 obj\n<< /Length 8 >>\nstream\n1 0 0 rg\nendstream\nendobj\n";
    recipe_put("hidden-object", &r, "invalid", "pdf-hidden");
    recipe(&r, false);
    r.signer = "stranger-bench";
    recipe_put("other-signer", &r, "invalid", "pdf-signer");
    recipe(&r, false);
    r.trailer = "/Encrypt << /Filter /Standard >>";
    recipe_put("encrypted", &r, "invalid", "pdf-encrypted");
    lethe_text_format(path, sizeof(path), "%s.json", dir);
    json_t *file = json_pack("{s:I,s:s,s:o}", "now", (json_int_t)1795400000, "root",
                             "test-keys/root.pem", "examples", index_);
    int rc = json_dump_file(file, path, JSON_INDENT(1) | JSON_SORT_KEYS);
    json_decref(file);
    return rc != 0;
}
