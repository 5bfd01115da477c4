/* SPDX-License-Identifier: Apache-2.0 */
#include "paper/cms.h"
#include <openssl/ecdsa.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

enum {
    DER_INTEGER = 0x02,
    DER_OCTETS = 0x04,
    DER_SEQUENCE = 0x30,
    DER_SET = 0x31,
    DER_CONTEXT_0 = 0xA0
};

/* OBJECT IDENTIFIERs as whole elements. */
#define OID(...) ((const uint8_t[]){__VA_ARGS__})
#define ADD_OID(out, ...) lethe_buf_add(out, OID(__VA_ARGS__), sizeof(OID(__VA_ARGS__)))
#define OID_DATA 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x01
#define OID_SIGNED_DATA 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02
#define OID_CONTENT_TYPE 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x03
#define OID_MESSAGE_DIGEST 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x04
#define OID_SIGNING_CERTIFICATE_V2                                                                 \
    0x06, 0x0B, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x09, 0x10, 0x02, 0x2F
#define OID_SHA256 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01
#define OID_ECDSA_SHA256 0x06, 0x08, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02

/* One element: tag, length in its shortest form, contents. */
static int element(struct lethe_buf *out, uint8_t tag, const void *data, size_t len)
{
    uint8_t head[6] = {tag};
    size_t n = 1;
    if (len < 0x80)
        head[n++] = (uint8_t)len;
    else {
        size_t bytes = len > 0xFFFFFF ? 4 : len > 0xFFFF ? 3 : len > 0xFF ? 2 : 1;
        head[n++] = (uint8_t)(0x80 | bytes);
        while (bytes--)
            head[n++] = (uint8_t)(len >> (8 * bytes));
    }
    return lethe_buf_add(out, head, n) == 0 && lethe_buf_add(out, data, len) == 0 ? 0 : -1;
}

/* What INNER holds becomes one element of OUT; INNER is emptied. */
static int wrap(struct lethe_buf *out, uint8_t tag, struct lethe_buf *inner)
{
    int rc = element(out, tag, inner->data ? inner->data : "", inner->len);
    lethe_buf_free(inner);
    return rc;
}

static void algorithm_sha256(struct lethe_buf *out)
{
    LETHE_BUF_AUTO inner = {0};
    ADD_OID(&inner, OID_SHA256); /* no parameters: RFC 5754 section 2 */
    wrap(out, DER_SEQUENCE, &inner);
}

static void attribute(struct lethe_buf *out, const uint8_t *oid, size_t oid_len,
                      struct lethe_buf *value)
{
    LETHE_BUF_AUTO inner = {0};
    lethe_buf_add(&inner, oid, oid_len);
    wrap(&inner, DER_SET, value);
    wrap(out, DER_SEQUENCE, &inner);
}

/* RFC 5035 section 3: the hash algorithm is SHA-256 when it is left out. */
static void signing_certificate(struct lethe_buf *out, const struct lethe_signer *signer)
{
    uint8_t hash[LETHE_HASH_SIZE];
    LETHE_BUF_AUTO id = {0};
    LETHE_BUF_AUTO ids = {0};
    LETHE_BUF_AUTO list = {0};
    lethe_sha256(hash, signer->chain[0], signer->chain_len[0]);
    element(&id, DER_OCTETS, hash, sizeof(hash));
    wrap(&ids, DER_SEQUENCE, &id);
    wrap(&list, DER_SEQUENCE, &ids);
    wrap(out, DER_SEQUENCE, &list);
}

/* The contents of the SET OF Attribute. DER wants the elements in the order of their bytes: these
 * are, by their lengths (0x18, 0x2F and more). */
static void signed_attributes(struct lethe_buf *out, const struct lethe_signer *signer,
                              const uint8_t digest[LETHE_HASH_SIZE])
{
    LETHE_BUF_AUTO value = {0};
    ADD_OID(&value, OID_DATA);
    attribute(out, OID(OID_CONTENT_TYPE), sizeof(OID(OID_CONTENT_TYPE)), &value);
    element(&value, DER_OCTETS, digest, LETHE_HASH_SIZE);
    attribute(out, OID(OID_MESSAGE_DIGEST), sizeof(OID(OID_MESSAGE_DIGEST)), &value);
    signing_certificate(&value, signer);
    attribute(out, OID(OID_SIGNING_CERTIFICATE_V2), sizeof(OID(OID_SIGNING_CERTIFICATE_V2)),
              &value);
}

static int signature(struct lethe_buf *out, struct lethe_signer *signer,
                     const struct lethe_buf *attributes, struct lethe_error *err)
{
    /* Signed is the SET OF itself, not the [0] that stands in its place: RFC 5652 section 5.4. */
    LETHE_BUF_AUTO set = {0};
    uint8_t raw[64], der[80], *end = der;
    if (element(&set, DER_SET, attributes->data, attributes->len) < 0)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    int rc = signer->ops->sign(signer, set.data, set.len, raw, err);
    if (rc < 0)
        return rc;
    ECDSA_SIG *sig = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(raw, 32, NULL), *s = BN_bin2bn(raw + 32, 32, NULL);
    int len = 0;
    if (sig && r && s && ECDSA_SIG_set0(sig, r, s) == 1)
        len = i2d_ECDSA_SIG(sig, &end);
    else {
        BN_free(r);
        BN_free(s);
    }
    ECDSA_SIG_free(sig);
    return len > 0 && element(out, DER_OCTETS, der, (size_t)len) == 0
               ? 0
               : lethe_fail(err, LETHE_E_INTERNAL, "the signature cannot be encoded");
}

static int signer_id(struct lethe_buf *out, const struct lethe_signer *signer,
                     struct lethe_error *err)
{
    const uint8_t *at = signer->chain[0];
    X509 *leaf = d2i_X509(NULL, &at, (long)signer->chain_len[0]);
    unsigned char *name = NULL, *serial = NULL;
    int name_len = leaf ? i2d_X509_NAME(X509_get_issuer_name(leaf), &name) : 0;
    int serial_len = leaf ? i2d_ASN1_INTEGER(X509_get0_serialNumber(leaf), &serial) : 0;
    LETHE_BUF_AUTO inner = {0};
    int rc = -1;
    if (name_len > 0 && serial_len > 0) {
        lethe_buf_add(&inner, name, (size_t)name_len);
        lethe_buf_add(&inner, serial, (size_t)serial_len);
        rc = wrap(out, DER_SEQUENCE, &inner);
    }
    OPENSSL_free(name);
    OPENSSL_free(serial);
    X509_free(leaf);
    return rc == 0 ? 0 : lethe_fail(err, LETHE_E_INVALID, "the bench certificate can't be read");
}

static int signer_info(struct lethe_buf *out, struct lethe_signer *signer,
                       const uint8_t digest[LETHE_HASH_SIZE], struct lethe_error *err)
{
    LETHE_BUF_AUTO attributes = {0};
    LETHE_BUF_AUTO inner = {0};
    LETHE_BUF_AUTO algorithm = {0};
    signed_attributes(&attributes, signer, digest);
    element(&inner, DER_INTEGER, (const uint8_t[]){1}, 1);
    int rc = signer_id(&inner, signer, err);
    if (rc < 0)
        return rc;
    algorithm_sha256(&inner);
    element(&inner, DER_CONTEXT_0, attributes.data, attributes.len);
    ADD_OID(&algorithm, OID_ECDSA_SHA256);
    wrap(&inner, DER_SEQUENCE, &algorithm);
    rc = signature(&inner, signer, &attributes, err);
    if (rc == 0 && wrap(out, DER_SEQUENCE, &inner) < 0)
        rc = lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    return rc;
}

/* In the order of their bytes, as DER wants a SET OF. */
static void certificates(struct lethe_buf *out, const struct lethe_signer *signer)
{
    size_t order[4], n = signer->n_chain;
    for (size_t i = 0; i < n; i++) {
        size_t at = i;
        for (; at > 0; at--) {
            size_t other = order[at - 1], len = signer->chain_len[i];
            int sign = memcmp(signer->chain[i], signer->chain[other],
                              len < signer->chain_len[other] ? len : signer->chain_len[other]);
            if (sign >= 0)
                break;
            order[at] = other;
        }
        order[at] = i;
    }
    LETHE_BUF_AUTO inner = {0};
    for (size_t i = 0; i < n; i++)
        lethe_buf_add(&inner, signer->chain[order[i]], signer->chain_len[order[i]]);
    wrap(out, DER_CONTEXT_0, &inner);
}

int lethe_cms_sign(struct lethe_signer *signer, const uint8_t digest[LETHE_HASH_SIZE],
                   struct lethe_buf *out, struct lethe_error *err)
{
    LETHE_BUF_AUTO inner = {0};
    LETHE_BUF_AUTO data = {0};
    LETHE_BUF_AUTO content = {0};
    element(&data, DER_INTEGER, (const uint8_t[]){1}, 1);
    algorithm_sha256(&inner);
    wrap(&data, DER_SET, &inner);
    ADD_OID(&inner, OID_DATA); /* detached: no content */
    wrap(&data, DER_SEQUENCE, &inner);
    certificates(&data, signer);
    int rc = signer_info(&inner, signer, digest, err);
    if (rc < 0)
        return rc;
    wrap(&data, DER_SET, &inner);
    wrap(&inner, DER_SEQUENCE, &data);
    ADD_OID(&content, OID_SIGNED_DATA);
    wrap(&content, DER_CONTEXT_0, &inner);
    return wrap(out, DER_SEQUENCE, &content) == 0
               ? 0
               : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
}
