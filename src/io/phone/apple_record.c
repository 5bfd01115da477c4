/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What pairing makes (facts/phones.md 5.5): a root of our own that signs a certificate for this
 * host and one for the device's public key. Names are empty: the certificates say nothing of the
 * bench. Made anew for each device, so that no two devices can tell that they met the same bench.
 */
#include "io/phone/apple_record.h"

#include <base/time.h>
#include <ctype.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <proto/plist.h>
#include <string.h>

#define KEY_BITS 2048u
#define YEARS_10 (60L * 60 * 24 * 365 * 10)

/* PEM of PKCS#1, as devices and models tell it. */
static EVP_PKEY *device_key(const void *text, size_t len)
{
    EVP_PKEY *key = NULL;
    BIO *bio = len > 0 && len < 8192 ? BIO_new_mem_buf(text, (int)len) : NULL;
    char *name = NULL, *header = NULL;
    unsigned char *bytes = NULL;
    long size = 0;
    if (bio && PEM_read_bio(bio, &name, &header, &bytes, &size) == 1 &&
        strcmp(name, "RSA PUBLIC KEY") == 0) {
        const unsigned char *at = bytes;
        key = d2i_PublicKey(EVP_PKEY_RSA, NULL, &at, size);
    }
    OPENSSL_free(name);
    OPENSSL_free(header);
    OPENSSL_free(bytes);
    BIO_free(bio);
    return key;
}

static bool extend(X509 *cert, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx(&context, NULL, cert, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    bool done = extension && X509_add_ext(cert, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return done;
}

static X509 *certify(EVP_PKEY *subject, EVP_PKEY *issuer, bool root)
{
    X509 *cert = X509_new();
    bool done =
        cert && X509_set_version(cert, 2) && X509_set_pubkey(cert, subject) &&
        ASN1_INTEGER_set(X509_get_serialNumber(cert), 0) &&
        X509_gmtime_adj(X509_getm_notBefore(cert), 0) &&
        X509_gmtime_adj(X509_getm_notAfter(cert), YEARS_10) &&
        extend(cert, NID_basic_constraints, root ? "critical,CA:TRUE" : "critical,CA:FALSE") &&
        (root || extend(cert, NID_key_usage, "critical,digitalSignature,keyEncipherment")) &&
        X509_sign(cert, issuer, EVP_sha256()) > 0;
    if (done)
        return cert;
    X509_free(cert);
    return NULL;
}

/* What WRITE puts into a BIO, as a plist's data. */
static bool put(json_t *record, const char *name, BIO *bio, int written)
{
    char *data = NULL;
    long len = bio ? BIO_get_mem_data(bio, &data) : 0;
    bool done = written == 1 && len > 0 &&
                json_object_set_new(record, name, lethe_plist_data(data, (size_t)len)) == 0;
    BIO_free(bio);
    return done;
}

static bool put_cert(json_t *record, const char *name, X509 *cert)
{
    BIO *bio = BIO_new(BIO_s_mem());
    return put(record, name, bio, bio && cert ? PEM_write_bio_X509(bio, cert) : 0);
}

static bool put_key(json_t *record, const char *name, EVP_PKEY *key)
{
    BIO *bio = BIO_new(BIO_s_secmem());
    return put(record, name, bio,
               bio ? PEM_write_bio_PrivateKey_traditional(bio, key, NULL, NULL, 0, NULL, NULL) : 0);
}

json_t *lethe_apple_record_make(const void *public_key, size_t len, const char *buid,
                                struct lethe_error *err)
{
    char id[37];
    lethe_uuid7(id);
    for (char *c = id; *c; c++)
        *c = (char)toupper((unsigned char)*c);
    json_t *record = json_pack("{s:s, s:s}", "HostID", id, "SystemBUID", buid);
    EVP_PKEY *device = device_key(public_key, len);
    EVP_PKEY *root = EVP_RSA_gen(KEY_BITS), *host = EVP_RSA_gen(KEY_BITS);
    X509 *root_cert = root ? certify(root, root, true) : NULL;
    X509 *host_cert = root && host ? certify(host, root, false) : NULL;
    X509 *device_cert = root && device ? certify(device, root, false) : NULL;
    bool done = record && root && host && put_cert(record, "RootCertificate", root_cert) &&
                put_cert(record, "HostCertificate", host_cert) &&
                put_cert(record, "DeviceCertificate", device_cert) &&
                put_key(record, "RootPrivateKey", root) && put_key(record, "HostPrivateKey", host);
    X509_free(device_cert);
    X509_free(host_cert);
    X509_free(root_cert);
    EVP_PKEY_free(host);
    EVP_PKEY_free(root);
    EVP_PKEY_free(device);
    if (done)
        return record;
    json_decref(record);
    lethe_fail(err, LETHE_E_INVALID, "no pair record can be made for the device's public key");
    return NULL;
}

json_t *lethe_apple_record_public(const json_t *record)
{
    static const char *const told[] = {"DeviceCertificate", "HostCertificate", "RootCertificate",
                                       "HostID", "SystemBUID"};
    json_t *out = json_object();
    for (size_t i = 0; out && i < sizeof(told) / sizeof(*told); i++)
        json_object_set(out, told[i], json_object_get(record, told[i]));
    return out;
}
