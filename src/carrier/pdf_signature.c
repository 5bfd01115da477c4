/* SPDX-License-Identifier: Apache-2.0 */
/* The signature of the page: CAdES in PAdES (ETSI EN 319 142-1), one, over every byte but its own
 * (ISO 32000-1 section 12.8.1). */
#include "base/crypto.h"
#include "carrier/pdf.h"
#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <string.h>

struct found {
    const struct lethe_pdf_value *signature, *field;
    size_t signatures, fields;
};

/* Anything that looks like one counts, wherever it stands. */
static int look(void *user, const struct lethe_pdf_value *value)
{
    struct found *found = user;
    if (value->type != LETHE_PDF_DICT)
        return 0;
    if (lethe_pdf_get(value, "ByteRange") ||
        lethe_pdf_is_name(lethe_pdf_get(value, "Type"), "Sig") ||
        lethe_pdf_is_name(lethe_pdf_get(value, "Type"), "DocTimeStamp")) {
        found->signature = value;
        found->signatures++;
    }
    if (lethe_pdf_get(value, "FT")) {
        found->field = value;
        found->fields++;
    }
    return 0;
}

/* Catalog -> AcroForm -> Fields [ one ] -> V: the way on which other readers find it. */
static int find(const struct lethe_pdf_file *file, const struct lethe_pdf_value **out,
                struct lethe_complaint *why)
{
    struct found found = {0};
    lethe_pdf_each(file, look, &found);
    if (found.signatures == 0)
        return lethe_complain(why, "pdf-unsigned", "the page is not signed");
    if (found.signatures > 1 || found.fields != 1)
        return lethe_complain(why, "pdf-signatures", "it has %zu signatures and %zu fields",
                              found.signatures, found.fields);
    const struct lethe_pdf_value *root =
        lethe_pdf_resolve(file, lethe_pdf_get(file->trailer, "Root"));
    const struct lethe_pdf_value *fields =
        lethe_pdf_get(lethe_pdf_resolve(file, lethe_pdf_get(root, "AcroForm")), "Fields");
    const struct lethe_pdf_value *field =
        fields && fields->type == LETHE_PDF_ARRAY && fields->first && !fields->first->next
            ? lethe_pdf_resolve(file, fields->first)
            : NULL;
    if (!field || field != found.field || !lethe_pdf_is_name(lethe_pdf_get(field, "FT"), "Sig") ||
        lethe_pdf_resolve(file, lethe_pdf_get(field, "V")) != found.signature)
        return lethe_complain(why, "pdf-signatures", "its form is not one field of its signature");
    if (!lethe_pdf_is_name(lethe_pdf_get(found.signature, "Filter"), "Adobe.PPKLite") ||
        !lethe_pdf_is_name(lethe_pdf_get(found.signature, "SubFilter"), "ETSI.CAdES.detached"))
        return lethe_complain(why, "pdf-signature-kind", "its signature is not of our kind");
    *out = found.signature;
    return 0;
}

/* [ 0 A B C ]: all before A, all from B to the very end, and between them nothing but Contents. */
static int range_check(const struct lethe_pdf_file *file, const struct lethe_pdf_value *signature,
                       struct lethe_complaint *why)
{
    const struct lethe_pdf_value *range = lethe_pdf_get(signature, "ByteRange");
    const struct lethe_pdf_value *contents = lethe_pdf_get(signature, "Contents");
    int64_t numbers[4];
    size_t n = 0;
    if (!contents || contents->type != LETHE_PDF_STRING || contents->len == 0 ||
        file->data[contents->at] != '<')
        return lethe_complain(why, "pdf-contents", "its signature is empty or missing");
    for (const struct lethe_pdf_value *item = range ? range->first : NULL; item;
         item = item->next) {
        if (range->type != LETHE_PDF_ARRAY || item->type != LETHE_PDF_INTEGER || n == 4)
            return lethe_complain(why, "pdf-byterange", "its ByteRange is not four numbers");
        numbers[n++] = item->number;
    }
    if (n != 4)
        return lethe_complain(why, "pdf-byterange", "its ByteRange is not four numbers");
    if (numbers[0] != 0 || numbers[1] != (int64_t)contents->at ||
        numbers[2] != (int64_t)contents->end || numbers[3] != (int64_t)(file->len - contents->end))
        return lethe_complain(why, "pdf-byterange",
                              "its signature does not cover the whole file but itself");
    return 0;
}

/* Section 12.8.3.3: the place is larger than the signature; the rest is zeros and nothing else. */
static bool der_length(const uint8_t *der, size_t len, size_t *out)
{
    if (len < 4 || der[0] != 0x30)
        return false;
    size_t head = 2, n = der[1];
    if (der[1] & 0x80) {
        size_t bytes = der[1] & 0x7f;
        if (bytes < 1 || bytes > 3 || len < 2 + bytes)
            return false;
        n = 0;
        for (size_t i = 0; i < bytes; i++)
            n = n << 8 | der[head++];
    }
    *out = head + n;
    return n <= len - head;
}

static int cms_bad(struct lethe_complaint *why, const char *what)
{
    return lethe_complain(why, "pdf-cms", "the signature of the page: %s", what);
}

/* Exactly the signature we make, and no unsigned attributes, which anybody could add. */
static int shape_check(CMS_ContentInfo *cms, struct lethe_complaint *why)
{
    STACK_OF(CMS_SignerInfo) *signers = CMS_get0_SignerInfos(cms);
    ASN1_OCTET_STRING **content = NULL;
    X509_ALGOR *digest = NULL;
    if (OBJ_obj2nid(CMS_get0_type(cms)) != NID_pkcs7_signed || !signers ||
        sk_CMS_SignerInfo_num(signers) != 1)
        return cms_bad(why, "it is not of one signer");
    content = CMS_get0_content(cms);
    if (!content || *content)
        return cms_bad(why, "it brings its own contents");
    CMS_SignerInfo *signer = sk_CMS_SignerInfo_value(signers, 0);
    CMS_SignerInfo_get0_algs(signer, NULL, NULL, &digest, NULL);
    if (!digest || OBJ_obj2nid(digest->algorithm) != NID_sha256)
        return cms_bad(why, "its hash is not SHA-256");
    if (CMS_unsigned_get_attr_count(signer) > 0)
        return cms_bad(why, "it has attributes that are not signed");
    if (CMS_signed_get_attr_by_NID(signer, NID_id_smime_aa_signingCertificateV2, -1) < 0)
        return cms_bad(why, "it does not name its certificate");
    return 0;
}

static int cms_verify(CMS_ContentInfo *cms, const struct lethe_pdf_file *file,
                      const struct lethe_pdf_value *contents, char signer_sha256[65],
                      struct lethe_complaint *why)
{
    BIO *covered = BIO_new(BIO_s_mem());
    int rc = shape_check(cms, why);
    if (rc == 0 &&
        (!covered || BIO_write(covered, file->data, (int)contents->at) < 0 ||
         BIO_write(covered, file->data + contents->end, (int)(file->len - contents->end)) < 0))
        rc = lethe_complain(why, "memory", "memory ran out");
    /* Who the signer is gets judged with the SD-JWT, whose signer it must be. */
    if (rc == 0 && CMS_verify(cms, NULL, NULL, covered, NULL,
                              CMS_BINARY | CMS_DETACHED | CMS_NO_SIGNER_CERT_VERIFY) != 1)
        rc = lethe_complain(why, "pdf-changed",
                            "the page was changed after it was signed, or another key signed it");
    BIO_free(covered);
    STACK_OF(X509) *signers = rc == 0 ? CMS_get0_signers(cms) : NULL;
    uint8_t *der = NULL;
    int len = signers && sk_X509_num(signers) == 1 ? i2d_X509(sk_X509_value(signers, 0), &der) : 0;
    if (rc == 0 && len <= 0)
        rc = cms_bad(why, "its certificate is missing");
    if (rc == 0)
        lethe_sha256_hex(signer_sha256, der, (size_t)len);
    OPENSSL_free(der);
    sk_X509_free(signers);
    return rc;
}

int lethe_pdf_signature(const struct lethe_pdf_file *file, char signer_sha256[65],
                        struct lethe_complaint *why)
{
    const struct lethe_pdf_value *signature = NULL;
    size_t len = 0;
    int rc = find(file, &signature, why);
    if (rc == 0)
        rc = range_check(file, signature, why);
    if (rc < 0)
        return rc;
    const struct lethe_pdf_value *contents = lethe_pdf_get(signature, "Contents");
    const uint8_t *der = (const uint8_t *)contents->text;
    if (!der_length(der, contents->len, &len))
        return lethe_complain(why, "pdf-contents", "its signature is no signature");
    for (size_t i = len; i < contents->len; i++)
        if (der[i] != 0)
            return lethe_complain(why, "pdf-padding", "something hides behind its signature");
    const uint8_t *at = der;
    CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &at, (long)len);
    if (!cms || at != der + len)
        rc = cms_bad(why, "it can't be read");
    else
        rc = cms_verify(cms, file, contents, signer_sha256, why);
    CMS_ContentInfo_free(cms);
    ERR_clear_error();
    return rc;
}
