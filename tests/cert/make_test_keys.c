/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes what certs/test-keys lacks: make_test_keys DIR. The keys are kept, so that the examples
 * stay the same. Each but the first few and the last few is wrong in exactly one way.
 */
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "trust/x509_profile.h"

#define ORG "Lethe test keys (not an organisation)"
#define CA_BASIC "critical,CA:TRUE,pathlen:0"
#define CA_USAGE "critical,keyCertSign,cRLSign"
#define USAGE "critical,digitalSignature,nonRepudiation"
#define EKU LETHE_EKU_BENCH "," LETHE_EKU_DOCUMENT ",emailProtection"
#define SAN "URI:" LETHE_BENCH_URI "test-bench"
#define LOG_SAN SAN ",URI:" LETHE_LOG_URI "lethe.log/test/bench"

struct recipe {
    const char *name, *issuer, *key, *organisation, *basic, *usage, *eku, *san, *from, *until;
    const char *digest;
};
static const struct recipe recipes[] = {
    {"root", NULL, "P-384", ORG, CA_BASIC, CA_USAGE, NULL, NULL, "20250101000000Z",
     "20450101000000Z", "SHA384"},
    {"bench", "root", "P-256", ORG, "critical,CA:FALSE", USAGE, EKU, SAN, "20260101000000Z",
     "20360101000000Z", "SHA384"},
    {"stranger-root", NULL, "P-384", ORG, CA_BASIC, CA_USAGE, NULL, NULL, "20250101000000Z",
     "20450101000000Z", "SHA384"},
    {"stranger-bench", "stranger-root", "P-256", ORG, "critical,CA:FALSE", USAGE, EKU, SAN,
     "20260101000000Z", "20360101000000Z", "SHA384"},
    {"demo-root", NULL, "P-384", LETHE_DEMO_ORGANISATION, CA_BASIC, CA_USAGE, NULL, NULL,
     "20250101000000Z", "20450101000000Z", "SHA384"},
    {"demo-bench", "demo-root", "P-256", LETHE_DEMO_ORGANISATION, "critical,CA:FALSE", USAGE, EKU,
     "URI:" LETHE_BENCH_URI "demo", "20260101000000Z", "20360101000000Z", "SHA384"},
    {"expired-bench", "root", "P-256", ORG, "critical,CA:FALSE", USAGE, EKU, SAN, "20250201000000Z",
     "20250501000000Z", "SHA384"},
    {"no-eku-bench", "root", "P-256", ORG, "critical,CA:FALSE", USAGE, "emailProtection", SAN,
     "20260101000000Z", "20360101000000Z", "SHA384"},
    {"ca-bench", "root", "P-256", ORG, "critical,CA:TRUE", "critical,digitalSignature,keyCertSign",
     EKU, SAN, "20260101000000Z", "20360101000000Z", "SHA384"},
    {"p384-bench", "root", "P-384", ORG, "critical,CA:FALSE", USAGE, EKU, SAN, "20260101000000Z",
     "20360101000000Z", "SHA384"},
    {"rsa-bench", "root", "RSA", ORG, "critical,CA:FALSE", USAGE, EKU, SAN, "20260101000000Z",
     "20360101000000Z", "SHA384"},
    {"other-org-bench", "root", "P-256", "Somebody Else", "critical,CA:FALSE", USAGE, EKU, SAN,
     "20260101000000Z", "20360101000000Z", "SHA384"},
    {"no-san-bench", "root", "P-256", ORG, "critical,CA:FALSE", USAGE, EKU, "DNS:example.org",
     "20260101000000Z", "20360101000000Z", "SHA384"},
    {"no-usage-bench", "root", "P-256", ORG, "critical,CA:FALSE", "critical,keyAgreement", EKU, SAN,
     "20260101000000Z", "20360101000000Z", "SHA384"},
    {"sha1-bench", "root", "P-256", ORG, "critical,CA:FALSE", USAGE, EKU, SAN, "20260101000000Z",
     "20360101000000Z", "SHA1"},
    {"self-bench", NULL, "P-256", ORG, "critical,CA:FALSE", USAGE, EKU, SAN, "20260101000000Z",
     "20360101000000Z", "SHA384"},
    {"sub-ca", "root", "P-256", ORG, CA_BASIC, CA_USAGE, NULL, NULL, "20260101000000Z",
     "20360101000000Z", "SHA384"},
    {"sub-bench", "sub-ca", "P-256", ORG, "critical,CA:FALSE", USAGE, EKU, SAN, "20260101000000Z",
     "20360101000000Z", "SHA384"},
    {"log-bench", "root", "P-256", ORG, "critical,CA:FALSE", USAGE, EKU, LOG_SAN, "20260101000000Z",
     "20360101000000Z", "SHA384"},
    {"old-log-bench", "root", "P-256", ORG, "critical,CA:FALSE", USAGE, EKU, LOG_SAN,
     "20250201000000Z", "20250501000000Z", "SHA384"},
    {"status", "root", "P-256", ORG, "critical,CA:FALSE", USAGE, LETHE_EKU_STATUS,
     "URI:" LETHE_STATUS_SIGNER_URI "test", "20250201000000Z", "20360101000000Z", "SHA384"},
};
#define N_RECIPES (sizeof(recipes) / sizeof(recipes[0]))

static EVP_PKEY *keys[N_RECIPES];
static X509 *certs[N_RECIPES];

static void must(int ok, const char *what)
{
    if (!ok) {
        fprintf(stderr, "make_test_keys: %s failed\n", what);
        exit(1);
    }
}

static void extend(X509 *cert, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    if (!value)
        return;
    X509V3_set_ctx_nodb(&ctx);
    X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    must(extension && X509_add_ext(cert, extension, -1), value);
    X509_EXTENSION_free(extension);
}

static size_t find(const char *name)
{
    for (size_t i = 0; i < N_RECIPES; i++)
        if (strcmp(recipes[i].name, name) == 0)
            return i;
    must(0, name);
    return 0;
}

/* True: they were there. */
static bool load(const char *dir, size_t i)
{
    char path[512], *pem;
    size_t len;
    lethe_text_format(path, sizeof(path), "%s/%s.key", dir, recipes[i].name);
    if (lethe_file_read(path, 1 << 16, &pem, &len, NULL) < 0)
        return false;
    BIO *bio = BIO_new_mem_buf(pem, (int)len);
    keys[i] = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    BIO_free(bio);
    free(pem);
    lethe_text_format(path, sizeof(path), "%s/%s.pem", dir, recipes[i].name);
    must(keys[i] && lethe_file_read(path, 1 << 16, &pem, &len, NULL) == 0, path);
    bio = BIO_new_mem_buf(pem, (int)len);
    certs[i] = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    BIO_free(bio);
    free(pem);
    must(certs[i] != NULL, path);
    return true;
}

static void make(size_t i)
{
    const struct recipe *r = &recipes[i];
    size_t by = r->issuer ? find(r->issuer) : i;
    X509 *cert = certs[i] = X509_new();
    keys[i] = strcmp(r->key, "RSA") == 0 ? EVP_RSA_gen(2048) : EVP_EC_gen(r->key);
    X509_NAME *name = X509_get_subject_name(cert);
    X509_set_version(cert, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(cert), (long)(i + 1));
    X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8, (const unsigned char *)r->organisation, -1,
                               -1, 0);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const unsigned char *)r->name, -1, -1,
                               0);
    X509_set_issuer_name(cert, X509_get_subject_name(certs[by]));
    ASN1_TIME_set_string_X509(X509_getm_notBefore(cert), r->from);
    ASN1_TIME_set_string_X509(X509_getm_notAfter(cert), r->until);
    X509_set_pubkey(cert, keys[i]);
    extend(cert, certs[by], NID_basic_constraints, r->basic);
    extend(cert, certs[by], NID_key_usage, r->usage);
    extend(cert, certs[by], NID_ext_key_usage, r->eku);
    extend(cert, certs[by], NID_subject_alt_name, r->san);
    extend(cert, certs[by], NID_subject_key_identifier, "hash");
    extend(cert, certs[by], NID_authority_key_identifier, "keyid:always");
    must(X509_sign(cert, keys[by], EVP_get_digestbyname(r->digest)) > 0, r->name);
}

static void save(const char *dir, const char *name, const char *suffix, BIO *bio)
{
    char path[512], *data;
    long len = BIO_get_mem_data(bio, &data);
    lethe_text_format(path, sizeof(path), "%s/%s%s", dir, name, suffix);
    must(lethe_file_write(path, data, (size_t)len, 0644, NULL) == 0, path);
    BIO_free(bio);
}

int main(int argc, char **argv)
{
    must(argc == 2, "usage: make_test_keys DIR;");
    for (size_t i = 0; i < N_RECIPES; i++) {
        if (load(argv[1], i))
            continue;
        BIO *key = BIO_new(BIO_s_mem()), *cert = BIO_new(BIO_s_mem());
        make(i);
        BIO_puts(key, "TEST KEY: PUBLISHED, WORTHLESS, NEVER TO BE TRUSTED\n");
        must(PEM_write_bio_PKCS8PrivateKey(key, keys[i], NULL, NULL, 0, NULL, NULL), "key");
        must(PEM_write_bio_X509(cert, certs[i]), "certificate");
        save(argv[1], recipes[i].name, ".key", key);
        save(argv[1], recipes[i].name, ".pem", cert);
    }
    return 0;
}
