/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of revoked bench certificates. */
#include "base/text.h"
#include "cert/support.h"
#include "vectors/vectors.h"
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

struct list {
    const char *root;  /* issues and signs it */
    const char *bench; /* the revoked one; NULL: nobody is */
    int64_t since, made, next, number;
    bool indirect; /* with a critical extension that nobody knows */
};

static void add_entry(X509_CRL *crl, const struct list *list)
{
    size_t len;
    uint8_t *der = support_der(list->bench, &len);
    const uint8_t *at = der;
    X509 *leaf = d2i_X509(NULL, &at, (long)len);
    X509_REVOKED *entry = X509_REVOKED_new();
    ASN1_TIME *time = ASN1_TIME_set(NULL, list->since);
    X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(leaf));
    X509_REVOKED_set_revocationDate(entry, time);
    X509_CRL_add0_revoked(crl, entry);
    ASN1_TIME_free(time);
    X509_free(leaf);
    OPENSSL_free(der);
}

static void extend(X509_CRL *crl, const struct list *list)
{
    ASN1_INTEGER *number = ASN1_INTEGER_new();
    ASN1_INTEGER_set(number, list->number);
    if (list->number > 0)
        X509_CRL_add1_ext_i2d(crl, NID_crl_number, number, 0, 0);
    if (list->indirect)
        X509_CRL_add1_ext_i2d(crl, NID_delta_crl, number, 1, 0);
    ASN1_INTEGER_free(number);
}

static char *make(const struct list *list)
{
    size_t len;
    uint8_t *der = support_der(list->root, &len);
    const uint8_t *at = der;
    X509 *root = d2i_X509(NULL, &at, (long)len);
    EVP_PKEY *key = support_key(list->root);
    X509_CRL *crl = X509_CRL_new();
    ASN1_TIME *time = ASN1_TIME_set(NULL, list->made);
    BIO *bio = BIO_new(BIO_s_mem());
    char *data, *out;
    X509_CRL_set_version(crl, X509_CRL_VERSION_2);
    X509_CRL_set_issuer_name(crl, X509_get_subject_name(root));
    if (list->bench)
        add_entry(crl, list);
    X509_CRL_set1_lastUpdate(crl, time);
    ASN1_TIME_set(time, list->next);
    X509_CRL_set1_nextUpdate(crl, time);
    extend(crl, list);
    if (X509_CRL_sign(crl, key, EVP_sha384()) <= 0 || PEM_write_bio_X509_CRL(bio, crl) != 1)
        abort();
    len = (size_t)BIO_get_mem_data(bio, &data);
    out = strndup(data, len);
    BIO_free(bio);
    ASN1_TIME_free(time);
    X509_CRL_free(crl);
    EVP_PKEY_free(key);
    X509_free(root);
    OPENSSL_free(der);
    return out;
}

static void add(const char *name, char *text, bool proof, const char *verdict, const char *code)
{
    char file[96], named[96];
    char *certificate = vector_certificate("logged", "log-bench", NULL, 0);
    lethe_text_format(file, sizeof(file), "crl-%s.pem", name);
    lethe_text_format(named, sizeof(named), "crl: %s", name);
    json_t *asked =
        json_pack("{s:s,s:[s]}", "certificate", vector_put("logged.sdjwt", certificate, true),
                  "crls", vector_put(file, text, false));
    if (proof) {
        json_object_set_new(asked, "proof", json_string("levels/good.tlog-proof"));
        json_object_set_new(asked, "log_policy", json_string("levels/tlog.policy"));
    }
    vector_add(named, asked, verdict, code, NULL);
    free(certificate);
    free(text);
}

void vectors_revocation(void)
{
    struct list list = {.root = "root",
                        .bench = "log-bench",
                        .since = VECTOR_IAT - 60,
                        .made = VECTOR_NOW - 3600,
                        .next = VECTOR_EXP,
                        .number = 1};
    add("revoked-before", make(&list), false, "invalid", "bench-revoked");
    add("revoked-before-it-was-witnessed", make(&list), true, "invalid", "bench-revoked");
    list.since = VECTOR_IAT + 3600;
    add("revoked-since-without-a-witness", make(&list), false, "invalid", "bench-revoked");
    add("revoked-since-and-witnessed-before", make(&list), true, "valid", "bench-revoked-since");
    list.bench = "expired-bench";
    add("another-bench", make(&list), false, "valid", "policy-not-read");
    list.bench = NULL;
    add("nobody", make(&list), false, "valid", "policy-not-read");
    list.bench = "log-bench";
    list.root = "stranger-root";
    add("by-a-stranger", make(&list), false, "refused", "");
    list.root = "sub-ca";
    add("by-no-root", make(&list), false, "refused", "");
    list.root = "root";
    list.next = VECTOR_NOW - 60;
    add("expired", make(&list), false, "refused", "");
    list.next = VECTOR_EXP;
    list.number = 0;
    add("without-a-number", make(&list), false, "refused", "");
    list.number = 1;
    list.indirect = true;
    add("delta", make(&list), false, "refused", "");
    list.indirect = false;
    char *text = make(&list), *at = strstr(text, "-----END") - 40;
    *at = *at == 'A' ? 'B' : 'A';
    add("changed", text, false, "refused", "");
    add("no-crl", strdup("-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----\n"), false,
        "refused", "");
}
