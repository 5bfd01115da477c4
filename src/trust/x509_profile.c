/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/x509_profile.h"

#include "base/crypto.h"
#include "base/text.h"
#include <lethe/error.h>
#include <openssl/x509v3.h>
#include <string.h>

bool lethe_bench_id_ok(const char *id)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    size_t len = strlen(id);
    return len >= 1 && len <= LETHE_BENCH_ID_MAX && strspn(id, allowed) == len;
}

bool lethe_x509_organisation(X509 *cert, char *out, size_t out_size)
{
    X509_NAME *name = X509_get_subject_name(cert);
    int at = X509_NAME_get_index_by_NID(name, NID_organizationName, -1);
    if (at < 0 || X509_NAME_get_index_by_NID(name, NID_organizationName, at) >= 0)
        return false;
    unsigned char *text = NULL;
    int len = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    bool ok = len > 0 && (size_t)len < out_size && !memchr(text, 0, (size_t)len);
    if (ok) {
        memcpy(out, text, (size_t)len);
        out[len] = '\0';
        ok = lethe_text_is_clean(out);
    }
    OPENSSL_free(text);
    return ok;
}

/* What stands behind PREFIX in NAME; false when it is another kind of name, or does not fit. */
static bool uri_behind(const GENERAL_NAME *name, const char *prefix, char *out, size_t out_size)
{
    if (name->type != GEN_URI)
        return false;
    const ASN1_STRING *uri = name->d.uniformResourceIdentifier;
    const char *text = (const char *)ASN1_STRING_get0_data(uri);
    size_t len = (size_t)ASN1_STRING_length(uri), skip = strlen(prefix);
    if (len <= skip || len - skip >= out_size || memchr(text, 0, len) ||
        memcmp(text, prefix, skip) != 0)
        return false;
    memcpy(out, text + skip, len - skip);
    out[len - skip] = '\0';
    return true;
}

static bool origin_ok(const char *origin)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-/";
    return strspn(origin, allowed) == strlen(origin);
}

/* The SAN is PREFIX and an id, and at most one log's origin: a name more would be one that nobody
 * looks at. */
static bool san_read(X509 *cert, const char *prefix, char *id, size_t id_size,
                     char origin[LETHE_ORIGIN_MAX + 1])
{
    GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
    int n = sk_GENERAL_NAME_num(names);
    bool has_id = false, has_origin = false, ok = n == 1 || n == 2;
    for (int i = 0; ok && i < n; i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);
        if (!has_id && uri_behind(name, prefix, id, id_size))
            has_id = ok = lethe_bench_id_ok(id);
        else if (!has_origin && uri_behind(name, LETHE_LOG_URI, origin, LETHE_ORIGIN_MAX + 1))
            has_origin = ok = origin_ok(origin);
        else
            ok = false;
    }
    if (!has_origin)
        origin[0] = '\0';
    GENERAL_NAMES_free(names);
    return ok && has_id;
}

bool lethe_x509_bench(X509 *cert, char *out, size_t out_size)
{
    char origin[LETHE_ORIGIN_MAX + 1];
    return san_read(cert, LETHE_BENCH_URI, out, out_size, origin);
}

bool lethe_x509_log_origin(X509 *cert, char out[LETHE_ORIGIN_MAX + 1])
{
    char id[LETHE_BENCH_ID_MAX + 1];
    return san_read(cert, LETHE_BENCH_URI, id, sizeof(id), out) && out[0];
}

bool lethe_x509_status(X509 *cert, char *out, size_t out_size)
{
    char origin[LETHE_ORIGIN_MAX + 1];
    return san_read(cert, LETHE_STATUS_SIGNER_URI, out, out_size, origin) && !origin[0];
}

bool lethe_x509_serial(X509 *cert, char out[41])
{
    /* RFC 5280 section 4.1.2.2: positive, at most 20 bytes. */
    const ASN1_INTEGER *serial = X509_get0_serialNumber(cert);
    int len = ASN1_STRING_length(serial);
    if (len < 1 || len > 20 || ASN1_STRING_type(serial) == V_ASN1_NEG_INTEGER)
        return false;
    lethe_hex_encode(out, ASN1_STRING_get0_data(serial), (size_t)len);
    return true;
}

int lethe_x509_fingerprint(X509 *cert, char out[65])
{
    unsigned char *der = NULL;
    int len = i2d_X509(cert, &der);
    if (len <= 0)
        return -LETHE_E_INTERNAL;
    lethe_sha256_hex(out, der, (size_t)len);
    OPENSSL_free(der);
    return 0;
}

bool lethe_x509_time(const ASN1_TIME *time, uint64_t *out)
{
    struct tm tm;
    if (ASN1_TIME_to_tm(time, &tm) != 1)
        return false;
    time_t seconds = timegm(&tm);
    if (seconds < 0)
        return false;
    *out = (uint64_t)seconds * 1000;
    return true;
}

bool lethe_x509_validity(X509 *cert, uint64_t *not_before, uint64_t *not_after)
{
    return lethe_x509_time(X509_get0_notBefore(cert), not_before) &&
           lethe_x509_time(X509_get0_notAfter(cert), not_after);
}
