/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Attacks on signed PDFs, each made from a good one: incremental saving (ISA), shadow, signature
 * wrapping (SWA), universal forgery (USF), and what an issuer's own key could be made to sign.
 */
// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on
#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "carrier/pdf_make.h"
#include "cert/support.h"
#include <lethe/carrier.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

static void expect(const char *what, const char *file, size_t len, const char *code)
{
    struct lethe_carrier carrier;
    int rc = lethe_carrier_open(file, len, &carrier);
    const struct lethe_check *check = &carrier.bundle.carrier.check;
    if (strcmp(check->code, code) != 0 || (rc < 0) != (code[0] != '\0'))
        fail_msg("%s: \"%s\" (%s), not \"%s\"", what, check->code, check->text, code);
    assert_int_equal(check->state, rc < 0 ? LETHE_CHECK_BAD : LETHE_CHECK_OK);
    assert_true(rc == 0 || !carrier.bundle.sdjwt.text);
    lethe_carrier_clear(&carrier);
}

/* ---- a good one ---- */

static void test_good(void **state)
{
    (void)state;
    static const char *const root[] = {"root", NULL};
    struct lethe_trust *trust = support_trust(root);
    struct lethe_verify_policy policy = {
        .trust = trust, .now = EXAMPLE_NOW, .device = "EX-WCC4N0123456"};
    struct lethe_certificate_report report;
    struct lethe_carrier carrier;
    struct pdf_recipe recipe;
    size_t len;
    pdf_recipe_good(&recipe);
    char *file = pdf_make(&recipe, &len);
    assert_int_equal(lethe_carrier_open(file, len, &carrier), 0);
    assert_int_equal(carrier.bundle.carrier.kind, LETHE_CARRIER_PDF);
    assert_int_equal(carrier.bundle.proof.len, 31);
    assert_memory_equal(carrier.bundle.proof.text, "c2sp.org/tlog-proof@v1\nindex 7\n", 31);
    carrier.bundle.proof = (struct lethe_span){NULL, 0};
    lethe_carrier_verify(&carrier, NULL, &policy, &report);
    assert_int_equal(report.verdict, LETHE_VERDICT_VALID);
    assert_int_equal(report.carrier.state, LETHE_CHECK_OK);
    assert_string_equal(report.chain.leaf_sha256, carrier.bundle.carrier.signer_sha256);
    lethe_certificate_report_clear(&report);
    lethe_carrier_clear(&carrier);
    free(file);
    /* Without a proof. */
    pdf_add(&recipe, PDF_PROOF, NULL);
    pdf_add(&recipe, PDF_PROOF_SPEC, NULL);
    pdf_edit(&recipe, PDF_CATALOG, "(certificate.tlog-proof) 10 0 R", "");
    pdf_edit(&recipe, PDF_CATALOG, " 10 0 R ]", " ]");
    file = pdf_make(&recipe, &len);
    expect("no proof", file, len, "");
    free(file);
    pdf_recipe_clear(&recipe);
    lethe_trust_free(trust);
}

/* ---- after it was signed ---- */

static size_t find(const char *file, size_t len, const char *what)
{
    const char *at = memmem(file, len, what, strlen(what));
    assert_non_null(at);
    return (size_t)(at - file);
}

/* Any one byte changed anywhere: refused. But for the signature itself, of which some bytes (a
 * version number, the case of a digit) say nothing: there the certificate that comes out must be
 * the same. */
static void test_no_changed_byte_is_taken(void **state)
{
    (void)state;
    struct pdf_recipe recipe;
    struct lethe_carrier good;
    size_t len;
    pdf_recipe_good(&recipe);
    char *file = pdf_make(&recipe, &len);
    char *copy = malloc(len);
    memcpy(copy, file, len);
    assert_int_equal(lethe_carrier_open(file, len, &good), 0);
    size_t from = find(file, len, "/Contents <") + 10;
    size_t until = from + strcspn(file + from, ">");
    for (size_t i = 0; i < len; i += 1 + i % 3) {
        struct lethe_carrier carrier;
        copy[i] = (char)(file[i] ^ (i % 2 ? 1 : 0x20));
        bool taken = lethe_carrier_open(copy, len, &carrier) == 0 &&
                     carrier.bundle.carrier.kind == LETHE_CARRIER_PDF;
        if (taken && (i < from || i > until))
            fail_msg("byte %zu changed from %02x and still taken", i, (unsigned char)file[i]);
        if (taken) {
            assert_string_equal(carrier.bundle.carrier.signer_sha256,
                                good.bundle.carrier.signer_sha256);
            assert_int_equal(carrier.bundle.sdjwt.len, good.bundle.sdjwt.len);
            assert_memory_equal(carrier.bundle.sdjwt.text, good.bundle.sdjwt.text,
                                good.bundle.sdjwt.len);
        }
        lethe_carrier_clear(&carrier);
        copy[i] = file[i];
    }
    free(copy);
    lethe_carrier_clear(&good);
    for (size_t cut = 0; cut < len; cut += 61) {
        struct lethe_carrier carrier;
        if (lethe_carrier_open(file, cut, &carrier) == 0 &&
            carrier.bundle.carrier.kind == LETHE_CARRIER_PDF)
            fail_msg("its first %zu bytes are taken", cut);
        lethe_carrier_clear(&carrier);
    }
    free(file);
    pdf_recipe_clear(&recipe);
}

/* FILE with WHAT put in at AT. */
static void expect_inserted(const char *name, const char *file, size_t len, size_t at,
                            const char *what, const char *code)
{
    LETHE_BUF_AUTO out = {0};
    lethe_buf_add(&out, file, at);
    lethe_buf_puts(&out, what);
    lethe_buf_add(&out, file + at, len - at);
    expect(name, out.data, out.len, code);
}

/* FILE with the first WHAT overwritten by WITH, as long as it. */
static void expect_patched(const char *name, const char *file, size_t len, const char *what,
                           const char *with, const char *code)
{
    char *copy = malloc(len);
    memcpy(copy, file, len);
    assert_int_equal(strlen(what), strlen(with));
    memcpy(copy + find(file, len, what), with, strlen(with));
    expect(name, copy, len, code);
    free(copy);
}

static void test_incremental_saving(void **state)
{
    (void)state;
    struct pdf_recipe recipe;
    size_t len;
    pdf_recipe_good(&recipe);
    char *file = pdf_make(&recipe, &len), update[512];
    size_t xref = find(file, len, "xref\n0 ");
    /* A whole second revision: another page, its table, its trailer. This is also how the contents
     * of a shadow document come to the front. */
    int n = snprintf(update, sizeof(update),
                     "4 0 obj\n<< /Length 8 >>\nstream\n1 0 0 rg\nendstream\nendobj\n");
    snprintf(update + n, sizeof(update) - (size_t)n,
             "xref\n4 1\n%010zu 00000 n \ntrailer\n<< /Size 11 /Root 1 0 R /Prev %zu >>\n"
             "startxref\n%zu\n%%%%EOF\n",
             len, xref, len + (size_t)n);
    expect_inserted("a second revision", file, len, len, update, "pdf-revisions");
    /* The lazy ones: no end, no table, or only a trailer (ISA, Mladenov et al. 2019). */
    update[n] = '\0';
    expect_inserted("an object without table", file, len, len, update, "pdf-end");
    expect_inserted("a trailer alone", file, len, len, "trailer\n<< /Root 4 0 R >>\n", "pdf-end");
    expect_inserted("an empty second end", file, len, len, "startxref\n0\n%%EOF\n",
                    "pdf-revisions");
    expect_inserted("a space behind", file, len, len, "\n", "pdf-end");
    expect_inserted("something before", file, len, 0, "x", "pdf-header");
    expect_inserted("a comment before its objects", file, len, find(file, len, "1 0 obj"),
                    "%hidden\n", "pdf-xref");
    expect_inserted("an object in the middle", file, len, find(file, len, "4 0 obj"), update,
                    "pdf-xref");
    expect_patched("another colour", file, len, "0 0 1 rg", "1 0 0 rg", "pdf-changed");
    expect_patched("another page", file, len, "/Contents 4 0 R", "/Contents 9 0 R", "pdf-changed");
    expect_patched("another date", file, len, "D:20261123", "D:20251123", "pdf-changed");
    free(file);
    pdf_recipe_clear(&recipe);
}

static void test_universal_forgery(void **state)
{
    (void)state;
    struct pdf_recipe recipe;
    size_t len;
    pdf_recipe_good(&recipe);
    char *file = pdf_make(&recipe, &len);
    size_t contents = find(file, len, "/Contents <") + 10;
    static const struct {
        const char *what, *with, *code;
    } patches[] = {
        {"/ByteRange [ 0 ", "/ByteRangX [ 0 ", "pdf-byterange"},
        {"/ByteRange [ 0 ", "/ByteRange [ 1 ", "pdf-byterange"},
        {"/ByteRange [ 0 ", "/ByteRange [-0 ", "pdf-changed"}, /* the same number, other bytes */
        {"/ByteRange [ 0 ", "/ByteRange [.0 ", "pdf-byterange"},
        {"/ByteRange [ 0 ", "/ByteRange  (0 ", "pdf-object"},
        {"/Contents <", "/Contentx <", "pdf-contents"},
        {"/Type /Sig ", "/Type /Sug ", "pdf-changed"},
        {"/V 6 0 R", "/V 4 0 R", "pdf-signatures"},
        {"/FT /Sig", "/FT /Btn", "pdf-signatures"},
        {"/FT /Sig", "/FX /Sig", "pdf-signatures"},
        {"/Fields [ 5 0 R ]", "/Fields [       ]", "pdf-signatures"},
        {"/Fields [ 5 0 R ]", "/Fields [ 3 0 R ]", "pdf-signatures"},
        {"/AcroForm", "/AcroFarm", "pdf-signatures"},
        {"/Adobe.PPKLite", "/Adobe.PPKLita", "pdf-signature-kind"},
        {"/ETSI.CAdES.detached", "/ETSI.CAdES.detache_", "pdf-signature-kind"},
    };
    for (size_t i = 0; i < sizeof(patches) / sizeof(patches[0]); i++)
        expect_patched(patches[i].with, file, len, patches[i].what, patches[i].with,
                       patches[i].code);
    /* Contents of nothing, and something behind the signature. */
    size_t end = contents + strcspn(file + contents, ">");
    char *copy = malloc(len);
    memcpy(copy, file, len);
    memset(copy + contents + 1, '0', end - contents - 1);
    expect("zeros", copy, len, "pdf-contents");
    memcpy(copy, file, len);
    copy[end - 1] = '1';
    expect("behind the signature", copy, len, "pdf-padding");
    memcpy(copy, file, len);
    copy[contents + 1] = 'g';
    expect("no digit", copy, len, "pdf-object");
    /* A length that says the padding is part of it. */
    memcpy(copy, file, len);
    memcpy(copy + contents + 5, "07ff", 4);
    expect("another length", copy, len, "pdf-cms");
    memcpy(copy, file, len);
    memcpy(copy + contents + 1, "3080", 4);
    expect("no length", copy, len, "pdf-contents");
    free(copy);
    free(file);
    pdf_recipe_clear(&recipe);
}

/* Signature wrapping: what was signed is moved apart, and something else slipped in between. */
static void test_signature_wrapping(void **state)
{
    (void)state;
    struct pdf_recipe recipe;
    size_t len;
    pdf_recipe_good(&recipe);
    char *file = pdf_make(&recipe, &len);
    size_t close = find(file, len, "/Contents <") + 10;
    close += strcspn(file + close, ">");
    expect_inserted("more of a gap", file, len, close, "00", "pdf-xref");
    expect_inserted("an object in the gap", file, len, close + 1, " /X (y)", "pdf-xref");
    free(file);
    /* With offsets that fit, and a range that was right for another file. */
    static const char *const ranges[] = {"[ 0 10 20 30 ]",
                                         "[ 0 0 0 0 ]",
                                         "[ ]",
                                         "null",
                                         "(x)",
                                         "[ 0 1 ]",
                                         "[ 0 10 20 30 40 50 ]",
                                         "[ 0 -1 20 30 ]",
                                         "[ 0 9999999999 20 30 ]",
                                         "[ 0 10.5 20 30 ]",
                                         "3 0 R"};
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        struct pdf_recipe wrapped;
        pdf_recipe_good(&wrapped);
        pdf_edit(&wrapped, PDF_SIGNATURE, "@RANGE@", ranges[i]);
        file = pdf_make(&wrapped, &len);
        expect(ranges[i], file, len, "pdf-byterange");
        free(file);
        pdf_recipe_clear(&wrapped);
    }
    pdf_recipe_clear(&recipe);
}

/* ---- signed by the bench, and still none of ours ---- */

struct edit {
    const char *name;
    int number;
    const char *find, *replace, *code;
};

static void test_signed_but_not_ours(void **state)
{
    (void)state;
    static const struct edit edits[] = {
        /* what acts */
        {"script", PDF_CATALOG, "/Pages", "/OpenAction << /S /JavaScript /JS (x) >> /Pages",
         "pdf-active"},
        {"action", PDF_CATALOG, "/Pages", "/OpenAction [ 3 0 R /Fit ] /Pages", "pdf-active"},
        {"escaped name", PDF_CATALOG, "/Pages", "/Open#41ction [ 3 0 R /Fit ] /Pages",
         "pdf-active"},
        {"names of scripts", PDF_CATALOG, "/Names << ", "/Names << /JavaScript << >> ",
         "pdf-active"},
        {"launch", PDF_FIELD, "/T ", "/A << /S /Launch /F (x) >> /T ", "pdf-active"},
        {"go to another file", PDF_FIELD, "/T ", "/A << /S /GoToR /F (x) >> /T ", "pdf-active"},
        {"go into an attachment", PDF_FIELD, "/T ", "/A << /S /GoToE >> /T ", "pdf-active"},
        {"submit", PDF_FIELD, "/T ", "/A << /S /SubmitForm >> /T ", "pdf-active"},
        {"additional actions", PDF_PAGE, "/Parent", "/AA << >> /Parent", "pdf-active"},
        {"XFA", PDF_CATALOG, "/SigFlags 3", "/XFA 4 0 R", "pdf-active"},
        {"portfolio", PDF_CATALOG, "/Pages", "/Collection << >> /Pages", "pdf-active"},
        {"external stream", PDF_CONTENT, "/Fit#6d", "/F (x) /Fit#6d", "pdf-active"},
        /* what shows otherwise tomorrow */
        {"layers", PDF_CATALOG, "/Pages", "/OCProperties << >> /Pages", "pdf-hidden"},
        {"layer of a page", PDF_PAGE, "/Parent", "/OC 4 0 R /Parent", "pdf-hidden"},
        {"hide", PDF_FIELD, "/T ", "/A << /S /Hide >> /T ", "pdf-hidden"},
        {"redrawn fields", PDF_CATALOG, "/SigFlags 3", "/NeedAppearances true", "pdf-hidden"},
        {"text laid over", PDF_PAGE, "/Annots [ 5 0 R ]",
         "/Annots [ << /Subtype /FreeText >> 5 0 R ]", "pdf-annotation"},
        {"a stamp", PDF_PAGE, "/Annots [ 5 0 R ]", "/Annots [ << /Subtype /Stamp >> 5 0 R ]",
         "pdf-annotation"},
        {"a file on a page", PDF_PAGE, "/Annots [ 5 0 R ]",
         "/Annots [ << /Subtype /FileAttachment >> 5 0 R ]", "pdf-attachments"},
        /* how it is written */
        {"a key twice", PDF_PAGE, "/Parent", "/Contents 9 0 R /Parent", "pdf-object"},
        {"a key twice, escaped", PDF_PAGE, "/Parent", "/Con#74ents 9 0 R /Parent", "pdf-object"},
        {"a comment", PDF_PAGE, "% 1\n", "% /Contents 9 0 R\n", "pdf-object"},
        {"object stream", PDF_CONTENT, "/Fit#6d true", "/Type /ObjStm", "pdf-object-stream"},
        {"xref stream", PDF_CONTENT, "/Fit#6d true", "/Type /XRef", "pdf-object-stream"},
        {"length too short", PDF_CONTENT, "/Length 27", "/Length 20", "pdf-stream"},
        {"length too long", PDF_CONTENT, "/Length 27", "/Length 99999999", "pdf-stream"},
        {"no length", PDF_CONTENT, "/Length 27", "", "pdf-stream"},
        {"length of itself", PDF_CONTENT, "/Length 27", "/Length 4 0 R", "pdf-stream"},
        {"length of a page", PDF_CONTENT, "/Length 27", "/Length 3 0 R", "pdf-stream"},
        {"two streams", PDF_CONTENT, "endstream", "endstream\nstream\nx\nendstream", "pdf-object"},
        {"nested deep", PDF_PAGES, "/Count 1",
         "/Count [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]", "pdf-object"},
        {"generation", PDF_PAGE, "2 0 R", "2 1 R", "pdf-object"},
        /* signatures */
        {"two fields", PDF_PAGE, "/Annots [ 5 0 R ]", "/Annots [ 5 0 R << /FT /Sig /V 6 0 R >> ]",
         "pdf-signatures"},
        {"two signatures", PDF_PAGE, "/Parent", "/X << /Type /Sig >> /Parent", "pdf-signatures"},
        {"a text field", PDF_PAGE, "/Annots [ 5 0 R ]", "/Annots [ 5 0 R << /FT /Tx >> ]",
         "pdf-signatures"},
        {"signature in place", PDF_FIELD, "/V 6 0 R", "/V << /Type /Sig >>", "pdf-signatures"},
        /* attachments */
        {"no list", PDF_CATALOG, "/EmbeddedFiles", "/EmbeddedFile_", "pdf-attachments"},
        {"one name twice", PDF_CATALOG, "(certificate.tlog-proof) 10 0 R",
         "(certificate.sdjwt) 8 0 R", "pdf-attachments"},
        {"one name, two files", PDF_CATALOG, "(certificate.tlog-proof)", "(certificate.sdjwt)",
         "pdf-attachments"},
        {"another name", PDF_CATALOG, "(certificate.tlog-proof)", "(readme.txt)",
         "pdf-attachments"},
        {"a tree of names", PDF_CATALOG, "/EmbeddedFiles << ", "/EmbeddedFiles << /Kids [ ] ",
         "pdf-attachments"},
        {"a lot", PDF_CATALOG, "(certificate.sdjwt) 8 0 R (certificate.tlog-proof) 10 0 R",
         "(a.sdjwt) 8 0 R (b.sdjwt) 10 0 R", "pdf-lot"},
        {"a lot and a certificate", PDF_CATALOG, "(certificate.tlog-proof)", "(b.sdjwt)",
         "pdf-attachments"},
        {"a lot and something else", PDF_CATALOG,
         "(certificate.sdjwt) 8 0 R (certificate.tlog-proof) 10 0 R",
         "(a.sdjwt) 8 0 R (b.txt) 10 0 R", "pdf-attachments"},
        {"a lot, the last of no file", PDF_CATALOG,
         "(certificate.sdjwt) 8 0 R (certificate.tlog-proof) 10 0 R", "(a.sdjwt) 8 0 R (b.sdjwt)",
         "pdf-attachments"},
        {"not in the list", PDF_CATALOG, "(certificate.tlog-proof) 10 0 R", "", "pdf-attachments"},
        {"half a pair", PDF_CATALOG, "(certificate.tlog-proof) 10 0 R", "(certificate.tlog-proof)",
         "pdf-attachments"},
        {"certificate as proof", PDF_CATALOG,
         "(certificate.sdjwt) 8 0 R (certificate.tlog-proof) 10 0 R",
         "(certificate.sdjwt) 10 0 R (certificate.tlog-proof) 8 0 R", "pdf-attachments"},
        {"two names", PDF_CERTIFICATE_SPEC, "/UF (certificate.sdjwt)", "/UF (other.sdjwt)",
         "pdf-attachments"},
        {"one name only", PDF_CERTIFICATE_SPEC, "/UF (certificate.sdjwt)", "", "pdf-attachments"},
        {"two contents", PDF_CERTIFICATE_SPEC, "/UF 7 0 R", "/UF 9 0 R", "pdf-attachments"},
        {"contents of no file", PDF_CERTIFICATE_SPEC, "/EF << /F 7 0 R /UF 7 0 R >>",
         "/EF << /F 4 0 R /UF 4 0 R >>", "pdf-attachments"},
        {"no contents", PDF_CERTIFICATE_SPEC, "/F 7 0 R /UF 7 0 R", "", "pdf-attachments"},
        {"object of no number", PDF_CERTIFICATE_SPEC, "/F 7 0 R /UF 7 0 R", "/F 99 0 R /UF 99 0 R",
         "pdf-attachments"},
        {"filter", PDF_CERTIFICATE, "/Type /EmbeddedFile",
         "/Filter /ASCIIHexDecode /Type /EmbeddedFile", "pdf-attachments"},
        {"filters", PDF_CERTIFICATE, "/Type /EmbeddedFile",
         "/Filter [ /FlateDecode ] /Type /EmbeddedFile", "pdf-attachments"},
        {"parameters", PDF_CERTIFICATE, "/Type /EmbeddedFile",
         "/DecodeParms << >> /Type /EmbeddedFile", "pdf-attachments"},
        {"not deflated", PDF_CERTIFICATE, "/Type /EmbeddedFile",
         "/Filter /FlateDecode /Type /EmbeddedFile", "pdf-attachments"},
        {"untyped", PDF_PROOF, "/Type /EmbeddedFile", "", "pdf-attachments"},
        {"no certificate", PDF_CERTIFICATE, "eyJ", "xyJ", "json"},
    };
    for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); i++) {
        struct pdf_recipe recipe;
        size_t len;
        pdf_recipe_good(&recipe);
        pdf_edit(&recipe, edits[i].number, edits[i].find, edits[i].replace);
        char *file = pdf_make(&recipe, &len);
        expect(edits[i].name, file, len, edits[i].code);
        free(file);
        pdf_recipe_clear(&recipe);
    }
}

static void expect_recipe(const char *name, struct pdf_recipe *recipe, const char *code)
{
    size_t len;
    char *file = pdf_make(recipe, &len);
    expect(name, file, len, code);
    free(file);
    pdf_recipe_clear(recipe);
}

static void test_skeleton(void **state)
{
    (void)state;
    struct pdf_recipe r;
    pdf_recipe_good(&r);
    r.trailer = "/Prev 9";
    expect_recipe("Prev", &r, "pdf-revisions");
    pdf_recipe_good(&r);
    r.trailer = "/XRefStm 9";
    expect_recipe("XRefStm", &r, "pdf-revisions");
    pdf_recipe_good(&r);
    r.trailer = "/Encrypt << /Filter /Standard >>";
    expect_recipe("Encrypt", &r, "pdf-encrypted");
    pdf_recipe_good(&r);
    r.trailer = "/Other 1";
    expect_recipe("Other", &r, "pdf-xref");
    pdf_recipe_good(&r);
    r.trailer = "/Root 3 0 R";
    expect_recipe("two roots", &r, "pdf-object");
    pdf_recipe_good(&r);
    r.size = 1;
    expect_recipe("size", &r, "pdf-xref");
    static const char *const headers[] = {"%PDF-1.7\n",
                                          "%PDF-1.7\r\n%\xE2\xE3\xCF\xD3\n",
                                          "%PDF-2.0\n%\xE2\xE3\xCF\xD3\n",
                                          "%PDF-1.3\n%\xE2\xE3\xCF\xD3\n",
                                          "%PDF-1.7\n%abcd\n",
                                          "\n%PDF-1.7\n%\xE2\xE3\xCF\xD3\n"};
    for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        pdf_recipe_good(&r);
        r.header = headers[i];
        expect_recipe(headers[i], &r, "pdf-header");
    }
    /* An object the table does not know: at the end, and in the middle as a second one of a number.
     */
    pdf_recipe_good(&r);
    r.hidden = "4 0 obj\n<< /Length 8 >>\nstream\n1 0 0 rg\nendstream\nendobj\n";
    expect_recipe("a second object 4", &r, "pdf-hidden");
    pdf_recipe_good(&r);
    r.forget = PDF_CONTENT;
    expect_recipe("forgotten", &r, "pdf-hidden");
    pdf_recipe_good(&r);
    r.hidden = "%comment\n";
    expect_recipe("a comment", &r, "pdf-hidden");
    /* One more file that nobody lists, with and without a type. */
    pdf_recipe_good(&r);
    pdf_add(&r, PDF_FREE, "<< /F (x) /EF << /F 7 0 R >> >>");
    expect_recipe("another specification", &r, "pdf-attachments");
    pdf_recipe_good(&r);
    pdf_add(&r, PDF_FREE, "<< /Type /EmbeddedFile /Length 1 >>\nstream\nx\nendstream");
    expect_recipe("another file", &r, "pdf-attachments");
    /* Work that grows with the square of its size. */
    LETHE_BUF_AUTO many = {0};
    lethe_buf_puts(&many, "<<");
    for (int i = 0; i < 100000; i++)
        lethe_buf_printf(&many, "/%d 0", i);
    lethe_buf_puts(&many, ">>");
    pdf_recipe_good(&r);
    pdf_add(&r, PDF_FREE, many.data);
    expect_recipe("many keys", &r, "pdf-object");
    /* A signature nobody points at. */
    pdf_recipe_good(&r);
    pdf_add(&r, PDF_FREE, "<< /ByteRange [ 0 1 2 3 ] >>");
    expect_recipe("another range", &r, "pdf-signatures");
    /* Not signed at all. */
    pdf_recipe_good(&r);
    pdf_add(&r, PDF_SIGNATURE, "<< /Type /Nothing >>");
    expect_recipe("unsigned", &r, "pdf-unsigned");
    /* Signed by somebody else: our certificate wrapped in a page of his own. */
    static const char *const others[] = {"stranger-bench", "other-org-bench", "demo-bench"};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        pdf_recipe_good(&r);
        r.signer = others[i];
        expect_recipe(others[i], &r, "pdf-signer");
    }
    /* Where there is no file. */
    expect("nothing", "%PDF-", 5, "pdf-header");
    const char none[] = "%PDF-1.7\n%\xE2\xE3\xCF\xD3\nstartxref\n0\n%%EOF\n";
    expect("no objects", none, strlen(none), "pdf-xref");
    const char no_end[] = "%PDF-1.7\n%\xE2\xE3\xCF\xD3\n";
    expect("no end", no_end, strlen(no_end), "pdf-end");
}

/* ---- compressed ---- */

static void expect_deflated(const char *name, const uint8_t *data, size_t len, const char *code)
{
    struct pdf_recipe r;
    char object[128];
    pdf_recipe_good(&r);
    snprintf(
        object, sizeof(object),
        "<< /Type /EmbeddedFile /Filter /FlateDecode /Length %zu >>\nstream\n@DATA@\nendstream",
        len);
    pdf_add(&r, PDF_CERTIFICATE, object);
    r.data = data;
    r.data_len = len;
    expect_recipe(name, &r, code);
}

static void test_compressed(void **state)
{
    (void)state;
    static uint8_t big[1 << 20], packed[1 << 16];
    char *sdjwt;
    size_t len;
    uLongf n = sizeof(packed) - 1;
    assert_int_equal(lethe_file_read(LETHE_SOURCE_DIR "/certs/examples/valid/full.sdjwt", 1 << 18,
                                     &sdjwt, &len, NULL),
                     0);
    assert_int_equal(compress(packed, &n, (uint8_t *)sdjwt, len), Z_OK);
    free(sdjwt);
    expect_deflated("deflated", packed, n, "");
    expect_deflated("more behind", packed, n + 1, "pdf-attachments");
    expect_deflated("cut short", packed, n - 1, "pdf-attachments");
    packed[n - 1] ^= 1; /* Adler-32 */
    expect_deflated("another sum", packed, n, "pdf-attachments");
    n = sizeof(packed);
    assert_int_equal(compress2(packed, &n, big, sizeof(big), 9), Z_OK);
    expect_deflated("a bomb", packed, n, "pdf-attachments");
    expect_deflated("nothing", packed, 0, "pdf-attachments");
}

/* ---- certs/examples/pdf.json, as other verifiers are tested with it ---- */

static char *example(const char *name, size_t *len)
{
    char path[512], *data;
    lethe_text_format(path, sizeof(path), LETHE_SOURCE_DIR "/certs/examples/%s", name);
    if (lethe_file_read(path, LETHE_CARRIER_MAX, &data, len, NULL) < 0)
        fail_msg("cannot read %s", path);
    return data;
}

static void test_examples(void **state)
{
    (void)state;
    static const char *const root[] = {"root", NULL};
    struct lethe_trust *trust = support_trust(root);
    struct lethe_verify_policy policy = {.trust = trust, .now = EXAMPLE_NOW};
    size_t len, i;
    char *text = example("pdf.json", &len);
    LETHE_JSON_AUTO *index = lethe_json_load(text, len, 1 << 20, NULL);
    json_t *item;
    free(text);
    assert_non_null(index);
    assert_true(json_array_size(json_object_get(index, "examples")) >= 20);
    json_array_foreach(json_object_get(index, "examples"), i, item)
    {
        const char *file, *verdict, *code;
        struct lethe_certificate_report report;
        struct lethe_carrier carrier;
        assert_int_equal(
            json_unpack(item, "{s:s,s:s,s:s}", "file", &file, "verdict", &verdict, "code", &code),
            0);
        char *data = example(file, &len);
        expect(file, data, len, code);
        lethe_carrier_open(data, len, &carrier);
        lethe_carrier_verify(&carrier, NULL, &policy, &report);
        if (strcmp(lethe_verdict_name(report.verdict), verdict) != 0 ||
            (code[0] && strcmp(report.reasons[0].code, code) != 0))
            fail_msg("%s: %s (%s)", file, lethe_verdict_name(report.verdict),
                     report.n_reasons ? report.reasons[0].code : "");
        lethe_certificate_report_clear(&report);
        lethe_carrier_clear(&carrier);
        free(data);
    }
    lethe_trust_free(trust);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_no_changed_byte_is_taken),
        cmocka_unit_test(test_incremental_saving),
        cmocka_unit_test(test_universal_forgery),
        cmocka_unit_test(test_signature_wrapping),
        cmocka_unit_test(test_signed_but_not_ours),
        cmocka_unit_test(test_skeleton),
        cmocka_unit_test(test_compressed),
        cmocka_unit_test(test_examples),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
