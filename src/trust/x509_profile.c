/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/x509_profile.h"

#include "base/text.h"
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

bool lethe_x509_bench(X509 *cert, char *out, size_t out_size)
{
    int critical = 0;
    GENERAL_NAMES *names = X509_get_ext_d2i(cert, NID_subject_alt_name, &critical, NULL);
    bool ok = names && sk_GENERAL_NAME_num(names) == 1;
    const GENERAL_NAME *name = ok ? sk_GENERAL_NAME_value(names, 0) : NULL;
    ok = ok && name->type == GEN_URI;
    if (ok) {
        const ASN1_STRING *uri = name->d.uniformResourceIdentifier;
        const char *text = (const char *)ASN1_STRING_get0_data(uri);
        size_t len = (size_t)ASN1_STRING_length(uri), prefix = strlen(LETHE_BENCH_URI);
        ok = len > prefix && len - prefix < out_size && !memchr(text, 0, len) &&
             memcmp(text, LETHE_BENCH_URI, prefix) == 0;
        if (ok) {
            memcpy(out, text + prefix, len - prefix);
            out[len - prefix] = '\0';
            ok = lethe_bench_id_ok(out);
        }
    }
    GENERAL_NAMES_free(names);
    return ok;
}

static bool time_ms(const ASN1_TIME *time, uint64_t *out)
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
    return time_ms(X509_get0_notBefore(cert), not_before) &&
           time_ms(X509_get0_notAfter(cert), not_after);
}
