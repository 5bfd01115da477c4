/* SPDX-License-Identifier: Apache-2.0 */
/* The list of certificates that are not to be believed any more, signed by the root. */
#include "base/file.h"
#include "base/text.h"
#include "base/time.h"
#include "keys/internal.h"
#include "trust/x509_profile.h"
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DAY_MS (24ull * 3600 * 1000)
#define CRL_FILE_MAX (8u << 20)

/* RFC 5280 section 5.3.1; what is about attributes, holds and deltas is not for us. */
static const struct {
    const char *name;
    int code;
} reasons[] = {{"unspecified", 0}, {"key-compromise", 1}, {"ca-compromise", 2}, {"changed", 3},
               {"superseded", 4},  {"cessation", 5},      {"withdrawn", 9}};

int lethe_revocation_reason_parse(const char *name)
{
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
        if (strcmp(reasons[i].name, name) == 0)
            return reasons[i].code;
    return -LETHE_E_INVALID;
}

const char *lethe_revocation_reason_name(int reason)
{
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
        if (reasons[i].code == reason)
            return reasons[i].name;
    return "";
}

static int make_failed(struct lethe_error *err)
{
    char why[160];
    ERR_error_string_n(ERR_get_error(), why, sizeof(why));
    ERR_clear_error();
    return lethe_fail(err, LETHE_E_INTERNAL, "the revocation list could not be made: %s", why);
}

int lethe_crl_read(const struct lethe_key_paths *paths, X509_CRL **out, struct lethe_error *err)
{
    char *text;
    size_t len;
    *out = NULL;
    if (access(paths->crl, F_OK) != 0)
        return 0;
    int rc = lethe_file_read(paths->crl, CRL_FILE_MAX, &text, &len, err);
    if (rc < 0)
        return rc;
    BIO *bio = BIO_new_mem_buf(text, (int)len);
    *out = bio ? PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL) : NULL;
    BIO_free(bio);
    free(text);
    ERR_clear_error();
    return *out ? 0
                : lethe_fail(err, LETHE_E_INVALID, "%s: it holds no revocation list", paths->crl);
}

static bool entry_dates(X509_REVOKED *entry, uint64_t since, int reason)
{
    ASN1_TIME *now = ASN1_TIME_set(NULL, (time_t)(lethe_now_ms() / 1000));
    ASN1_GENERALIZEDTIME *from = ASN1_GENERALIZEDTIME_set(NULL, (time_t)(since / 1000));
    ASN1_ENUMERATED *why = ASN1_ENUMERATED_new();
    bool ok = now && from && why && X509_REVOKED_set_revocationDate(entry, now) == 1 &&
              ASN1_ENUMERATED_set(why, reason) == 1 &&
              X509_REVOKED_add1_ext_i2d(entry, NID_invalidity_date, from, 0, 0) == 1 &&
              /* section 5.3.1: "unspecified" is said by saying nothing */
              (reason == 0 || X509_REVOKED_add1_ext_i2d(entry, NID_crl_reason, why, 0, 0) == 1);
    ASN1_TIME_free(now);
    ASN1_GENERALIZEDTIME_free(from);
    ASN1_ENUMERATED_free(why);
    return ok;
}

static bool add_entries(X509_CRL *crl, STACK_OF(X509) * certs, uint64_t since, int reason)
{
    bool ok = true;
    for (int i = 0; ok && i < sk_X509_num(certs); i++) {
        const ASN1_INTEGER *serial = X509_get0_serialNumber(sk_X509_value(certs, i));
        X509_REVOKED *entry = X509_REVOKED_new();
        ok = entry &&
             X509_REVOKED_set_serialNumber(entry, (ASN1_INTEGER *)(uintptr_t)serial) == 1 &&
             entry_dates(entry, since, reason) && X509_CRL_add0_revoked(crl, entry) == 1;
        if (!ok)
            X509_REVOKED_free(entry);
    }
    return ok;
}

static bool is_of(X509_REVOKED *entry, STACK_OF(X509) * certs)
{
    for (int i = 0; i < sk_X509_num(certs); i++)
        if (ASN1_INTEGER_cmp(X509_REVOKED_get0_serialNumber(entry),
                             X509_get0_serialNumber(sk_X509_value(certs, i))) == 0)
            return true;
    return false;
}

/* All of OLD but the entries of EXCEPT. */
static bool add_old(X509_CRL *crl, X509_CRL *old, STACK_OF(X509) * except)
{
    STACK_OF(X509_REVOKED) *entries = old ? X509_CRL_get_REVOKED(old) : NULL;
    for (int i = 0; i < sk_X509_REVOKED_num(entries); i++) {
        X509_REVOKED *entry = sk_X509_REVOKED_value(entries, i);
        if (is_of(entry, except))
            continue;
        X509_REVOKED *copy = X509_REVOKED_dup(entry);
        if (!copy || X509_CRL_add0_revoked(crl, copy) != 1) {
            X509_REVOKED_free(copy);
            return false;
        }
    }
    return true;
}

static uint64_t number_of(X509_CRL *crl)
{
    uint64_t number = 0;
    ASN1_INTEGER *value = crl ? X509_CRL_get_ext_d2i(crl, NID_crl_number, NULL, NULL) : NULL;
    if (value)
        ASN1_INTEGER_get_uint64(&number, value);
    ASN1_INTEGER_free(value);
    return number;
}

static bool add_frame(X509_CRL *crl, X509 *root, uint64_t number, unsigned days)
{
    uint64_t now = lethe_now_ms();
    ASN1_TIME *from = ASN1_TIME_set(NULL, (time_t)(now / 1000));
    ASN1_TIME *next = ASN1_TIME_set(NULL, (time_t)((now + days * DAY_MS) / 1000));
    ASN1_INTEGER *value = ASN1_INTEGER_new();
    X509V3_CTX ctx;
    X509V3_set_ctx_nodb(&ctx);
    X509V3_set_ctx(&ctx, root, NULL, NULL, crl, 0);
    X509_EXTENSION *key =
        X509V3_EXT_conf_nid(NULL, &ctx, NID_authority_key_identifier, "keyid:always");
    bool ok = from && next && value && key && X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1 &&
              X509_CRL_set_issuer_name(crl, X509_get_subject_name(root)) == 1 &&
              X509_CRL_set1_lastUpdate(crl, from) == 1 &&
              X509_CRL_set1_nextUpdate(crl, next) == 1 && X509_CRL_add_ext(crl, key, -1) == 1 &&
              ASN1_INTEGER_set_uint64(value, number) == 1 &&
              X509_CRL_add1_ext_i2d(crl, NID_crl_number, value, 0, 0) == 1;
    ASN1_TIME_free(from);
    ASN1_TIME_free(next);
    ASN1_INTEGER_free(value);
    X509_EXTENSION_free(key);
    return ok;
}

/* OLD's entries, and those of CERTS (NULL: none more). */
static int crl_sign(const struct lethe_key_paths *paths, X509_CRL *old, STACK_OF(X509) * certs,
                    uint64_t since, int reason, X509 *root, EVP_PKEY *root_key, unsigned days,
                    struct lethe_error *err)
{
    X509_CRL *crl = X509_CRL_new();
    BIO *bio = BIO_new(BIO_s_mem());
    char *pem;
    bool ok = crl && bio && add_frame(crl, root, number_of(old) + 1, days) &&
              add_old(crl, old, certs) && add_entries(crl, certs, since, reason) &&
              X509_CRL_sort(crl) == 1 && X509_CRL_sign(crl, root_key, EVP_sha384()) > 0 &&
              PEM_write_bio_X509_CRL(bio, crl) == 1;
    long len = ok ? BIO_get_mem_data(bio, &pem) : 0;
    int rc = ok ? lethe_file_write(paths->crl, pem, (size_t)len, 0644, err) : make_failed(err);
    BIO_free(bio);
    X509_CRL_free(crl);
    return rc;
}

int lethe_crl_refresh(const struct lethe_key_paths *paths, X509 *root, EVP_PKEY *root_key,
                      unsigned days, struct lethe_error *err)
{
    X509_CRL *old;
    int rc = lethe_crl_read(paths, &old, err);
    if (rc == 0)
        rc = crl_sign(paths, old, NULL, 0, 0, root, root_key, days, err);
    X509_CRL_free(old);
    return rc;
}

int lethe_keys_crl(const char *dir, const char *root_key_file, const char *passphrase,
                   unsigned crl_days, struct lethe_error *err)
{
    struct lethe_key_paths paths;
    LETHE_X509_AUTO *root = NULL;
    LETHE_PKEY_AUTO *root_key = NULL;
    int rc = lethe_key_paths(dir, &paths, err);
    if (rc < 0)
        return rc;
    LETHE_FD_AUTO lock = lethe_keys_lock(&paths, err);
    if (lock < 0)
        return lock;
    rc = lethe_root_open(&paths, root_key_file, passphrase, &root, &root_key, err);
    return rc < 0 ? rc
                  : lethe_crl_refresh(&paths, root, root_key, crl_days ? crl_days : LETHE_CRL_DAYS,
                                      err);
}

/* The kept certificate whose SHA-256 begins with HEX. */
static int kept_find(const struct lethe_key_paths *paths, const char *hex, X509 **out,
                     struct lethe_error *err)
{
    char **names = NULL, path[PATH_MAX], sha256[65];
    int rc = lethe_dir_list(paths->trust, &names, err), found = 0;
    for (size_t i = 0; rc == 0 && names[i]; i++) {
        LETHE_X509_AUTO *cert = NULL;
        if (strncmp(names[i], "bench", 5) != 0 ||
            lethe_path_join(path, sizeof(path), paths->trust, names[i], NULL) < 0 ||
            lethe_certfile_read(path, &cert, NULL) < 0 ||
            lethe_x509_fingerprint(cert, sha256) < 0 || strncmp(sha256, hex, strlen(hex)) != 0)
            continue;
        /* The one in use is there twice when a renewal was cut short. */
        if (*out && X509_cmp(*out, cert) != 0)
            found++;
        X509_free(*out);
        *out = cert;
        cert = NULL;
        found += found == 0;
    }
    lethe_names_free(names);
    if (rc < 0 || found == 1)
        return rc;
    rc = lethe_fail(err, found ? LETHE_E_INVALID : LETHE_E_NOT_FOUND,
                    found ? "several bench certificates begin with %.64s"
                          : "no bench certificate of this bench begins with %.64s",
                    hex);
    lethe_error_remedy(err, "lethe keys list shows them; for another bench's, name its file");
    return rc;
}

static int which_read(const struct lethe_key_paths *paths, const char *which, X509 *root,
                      X509 **out, struct lethe_error *err)
{
    int rc;
    if (strcmp(which, "current") == 0)
        rc = lethe_certfile_read(paths->bench_pem, out, err);
    else if (strlen(which) >= 8 && strspn(which, "0123456789abcdef") == strlen(which))
        rc = kept_find(paths, which, out, err);
    else
        rc = lethe_certfile_read(which, out, err);
    if (rc == 0 && X509_verify(*out, X509_get0_pubkey(root)) != 1) {
        ERR_clear_error();
        rc = lethe_fail(err, LETHE_E_REFUSED,
                        "the root of this bench did not sign that certificate");
        lethe_error_effect(err, "nothing was changed");
    }
    return rc;
}

/* What was said stays said: believed from before T cannot become believed from before later. */
static bool is_news(X509_CRL *old, X509 *cert, uint64_t since)
{
    X509_REVOKED *entry;
    uint64_t before;
    if (!old || X509_CRL_get0_by_cert(old, &entry, cert) != 1)
        return true;
    ASN1_GENERALIZEDTIME *date = X509_REVOKED_get_ext_d2i(entry, NID_invalidity_date, NULL, NULL);
    bool known = date && lethe_x509_time(date, &before);
    ASN1_GENERALIZEDTIME_free(date);
    return known && since < before;
}

static int since_check(X509_CRL *old, X509 *cert, uint64_t since, struct lethe_error *err)
{
    if (since > lethe_now_ms())
        return lethe_fail(err, LETHE_E_USAGE, "the time since when is in the future");
    if (is_news(old, cert, since))
        return 0;
    lethe_fail(err, LETHE_E_REFUSED, "that certificate is revoked already");
    lethe_error_effect(err, "nothing was changed");
    lethe_error_remedy(err, "it can only be moved to an earlier time: --since");
    return -LETHE_E_REFUSED;
}

/* Whoever has the bench has the key of its status lists: its certificates go with CERT. The one in
 * use goes only with the bench key in use; both are made at once (renew.c). */
static int add_status(const struct lethe_key_paths *paths, X509_CRL *old, X509 *cert,
                      uint64_t since, STACK_OF(X509) * out, size_t *n, struct lethe_error *err)
{
    char **names = NULL, path[PATH_MAX], bench[LETHE_BENCH_ID_MAX + 1];
    char id[LETHE_BENCH_ID_MAX + 1];
    LETHE_X509_AUTO *current = NULL;
    *n = lethe_x509_status(cert, id, sizeof(id)) ? 1 : 0;
    if (!lethe_x509_bench(cert, bench, sizeof(bench)))
        return 0;
    int rc = lethe_certfile_read(paths->bench_pem, &current, err);
    if (rc == 0)
        rc = lethe_dir_list(paths->trust, &names, err);
    for (size_t i = 0; rc == 0 && names[i]; i++) {
        LETHE_X509_AUTO *found = NULL;
        bool in_use = strcmp(names[i], "status.pem") == 0;
        if (in_use ? X509_cmp(cert, current) != 0 : strncmp(names[i], "status-", 7) != 0)
            continue;
        if (lethe_path_join(path, sizeof(path), paths->trust, names[i], NULL) < 0 ||
            lethe_certfile_read(path, &found, NULL) < 0 ||
            !lethe_x509_status(found, id, sizeof(id)) || strcmp(id, bench) != 0)
            continue;
        ++*n;
        if (!is_news(old, found, since))
            continue;
        if (sk_X509_push(out, found) == 0)
            rc = lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
        else
            found = NULL; /* OUT's now */
    }
    lethe_names_free(names);
    return rc;
}

int lethe_keys_revoke_bench(const char *dir, const char *which, uint64_t since, int reason,
                            const char *root_key_file, const char *passphrase, unsigned crl_days,
                            char sha256[65], size_t *n_status, struct lethe_error *err)
{
    struct lethe_key_paths paths;
    LETHE_X509_AUTO *root = NULL;
    LETHE_X509_AUTO *cert = NULL;
    LETHE_PKEY_AUTO *root_key = NULL;
    X509_CRL *old = NULL;
    int rc = lethe_key_paths(dir, &paths, err);
    if (rc < 0)
        return rc;
    LETHE_FD_AUTO lock = lethe_keys_lock(&paths, err);
    if (lock < 0)
        return lock;
    STACK_OF(X509) *certs = sk_X509_new_null();
    rc = certs ? 0 : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    if (rc == 0)
        rc = lethe_root_open(&paths, root_key_file, passphrase, &root, &root_key, err);
    if (rc == 0)
        rc = which_read(&paths, which, root, &cert, err);
    if (rc == 0)
        rc = lethe_crl_read(&paths, &old, err);
    if (rc == 0)
        rc = since_check(old, cert, since, err);
    if (rc == 0)
        rc = add_status(&paths, old, cert, since, certs, n_status, err);
    if (rc == 0 && lethe_x509_fingerprint(cert, sha256) < 0)
        rc = lethe_fail(err, LETHE_E_INTERNAL, "the certificate cannot be encoded");
    if (rc == 0 && (X509_up_ref(cert) != 1 || sk_X509_push(certs, cert) == 0))
        rc = lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    if (rc == 0)
        rc = crl_sign(&paths, old, certs, since, reason, root, root_key,
                      crl_days ? crl_days : LETHE_CRL_DAYS, err);
    sk_X509_pop_free(certs, X509_free);
    X509_CRL_free(old);
    return rc;
}
