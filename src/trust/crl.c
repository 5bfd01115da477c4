/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificate revocation lists (RFC 5280 section 5), of pinned roots and complete: no deltas, no
 * indirect ones, nothing critical that is not understood. What counts of an entry is since when the
 * key is not believed: its invalidityDate (section 5.3.2), which lies before the day on which
 * somebody noticed.
 */
#include "base/text.h"
#include "trust/internal.h"
#include "trust/x509_profile.h"
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#define CRL_MAX (8u << 20)
#define REVOKED_MAX 65536
#define CRLS_MAX 4096

static int invalid(struct lethe_error *err, const char *why)
{
    ERR_clear_error();
    return lethe_fail(err, LETHE_E_INVALID, "the revocation list %s", why);
}

static X509_CRL *crl_decode(const char *data, size_t len)
{
    static const char begin[] = "-----BEGIN X509 CRL-----";
    X509_CRL *crl;
    if (len > CRL_MAX)
        return NULL;
    if (len > strlen(begin) && memcmp(data, begin, strlen(begin)) == 0) {
        BIO *bio = BIO_new_mem_buf(data, (int)len);
        crl = bio ? PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL) : NULL;
        BIO_free(bio);
        return crl;
    }
    const uint8_t *at = (const uint8_t *)data;
    crl = d2i_X509_CRL(NULL, &at, (long)len);
    if (crl && at != (const uint8_t *)data + len) {
        X509_CRL_free(crl);
        return NULL;
    }
    return crl;
}

static bool only(const STACK_OF(X509_EXTENSION) * extensions, const int *nids)
{
    for (int i = 0; i < sk_X509_EXTENSION_num(extensions); i++) {
        X509_EXTENSION *extension = sk_X509_EXTENSION_value(extensions, i);
        const int *nid = nids;
        while (*nid && *nid != OBJ_obj2nid(X509_EXTENSION_get_object(extension)))
            nid++;
        if (!*nid || X509_EXTENSION_get_critical(extension))
            return false;
    }
    return true;
}

static int entry_read(const X509_REVOKED *entry, struct lethe_revoked *out, struct lethe_error *err)
{
    static const int nids[] = {NID_crl_reason, NID_invalidity_date, 0};
    const ASN1_INTEGER *serial = X509_REVOKED_get0_serialNumber(entry);
    int len = ASN1_STRING_length(serial), crit = 0;
    uint64_t since;
    if (len < 1 || len > 20 || ASN1_STRING_type(serial) == V_ASN1_NEG_INTEGER ||
        !only(X509_REVOKED_get0_extensions(entry), nids) ||
        !lethe_x509_time(X509_REVOKED_get0_revocationDate(entry), &out->since))
        return invalid(err, "has an entry that is not understood");
    lethe_hex_encode(out->serial, ASN1_STRING_get0_data(serial), (size_t)len);
    ASN1_GENERALIZEDTIME *date = X509_REVOKED_get_ext_d2i(entry, NID_invalidity_date, &crit, NULL);
    if (!date && crit != -1)
        return invalid(err, "has an invalidityDate that is none");
    bool ok = !date || lethe_x509_time(date, &since);
    if (ok && date && since < out->since)
        out->since = since;
    ASN1_GENERALIZEDTIME_free(date);
    return ok ? 0 : invalid(err, "has an invalidityDate that is none");
}

/* By serial, and of the same one the earliest first. */
static int order(const void *a, const void *b)
{
    const struct lethe_revoked *x = a, *y = b;
    int by_serial = strcmp(x->serial, y->serial);
    return by_serial ? by_serial : x->since < y->since ? -1 : x->since > y->since;
}

static int entries_read(X509_CRL *crl, struct lethe_crl *out, struct lethe_error *err)
{
    STACK_OF(X509_REVOKED) *entries = X509_CRL_get_REVOKED(crl);
    int n = entries ? sk_X509_REVOKED_num(entries) : 0, rc = 0;
    if (n > REVOKED_MAX)
        return invalid(err, "has too many entries");
    if (n > 0 && !(out->revoked = calloc((size_t)n, sizeof(*out->revoked))))
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    for (int i = 0; i < n && rc == 0; i++)
        rc = entry_read(sk_X509_REVOKED_value(entries, i), &out->revoked[out->n++], err);
    if (rc == 0 && n > 0)
        qsort(out->revoked, out->n, sizeof(*out->revoked), order);
    return rc;
}

static int number_read(X509_CRL *crl, uint64_t *out, struct lethe_error *err)
{
    ASN1_INTEGER *number = X509_CRL_get_ext_d2i(crl, NID_crl_number, NULL, NULL);
    bool ok = number && ASN1_INTEGER_get_uint64(out, number) == 1;
    ASN1_INTEGER_free(number);
    return ok ? 0 : invalid(err, "has no cRLNumber");
}

/* The pinned root that signed it. */
static const struct lethe_anchor *signer_find(const struct lethe_trust *trust, X509_CRL *crl)
{
    for (size_t i = 0; i < trust->n_anchors; i++) {
        X509 *root = trust->anchors[i].cert;
        if (X509_NAME_cmp(X509_CRL_get_issuer(crl), X509_get_subject_name(root)) == 0 &&
            (X509_get_key_usage(root) & KU_CRL_SIGN) &&
            X509_CRL_verify(crl, X509_get0_pubkey(root)) == 1)
            return &trust->anchors[i];
    }
    return NULL;
}

static int crl_read(X509_CRL *crl, struct lethe_crl *out, struct lethe_crl_info *info,
                    struct lethe_error *err)
{
    static const int nids[] = {NID_authority_key_identifier, NID_crl_number, 0};
    int signature = X509_CRL_get_signature_nid(crl);
    if (X509_CRL_get_version(crl) != X509_CRL_VERSION_2)
        return invalid(err, "is not version 2");
    if (signature != NID_ecdsa_with_SHA256 && signature != NID_ecdsa_with_SHA384 &&
        signature != NID_ecdsa_with_SHA512)
        return invalid(err, "is not signed by ECDSA with SHA-2");
    if (!only(X509_CRL_get0_extensions(crl), nids))
        return invalid(err, "is a part, or has something else that is not understood");
    if (!lethe_x509_time(X509_CRL_get0_lastUpdate(crl), &info->this_update) ||
        !lethe_x509_time(X509_CRL_get0_nextUpdate(crl), &info->next_update))
        return invalid(err, "does not say when it was made and when the next one comes");
    out->this_update = info->this_update;
    int rc = number_read(crl, &info->number, err);
    if (rc == 0)
        rc = entries_read(crl, out, err);
    info->n_revoked = out->n;
    return rc;
}

static struct lethe_crl *crl_of(const struct lethe_trust *trust, const char *anchor_sha256)
{
    for (size_t i = 0; i < trust->n_crls; i++)
        if (strcmp(trust->crls[i].anchor_sha256, anchor_sha256) == 0)
            return &trust->crls[i];
    return NULL;
}

static int crl_timely(const struct lethe_crl *old, const struct lethe_crl_info *info, uint64_t now,
                      uint64_t not_before, struct lethe_error *err)
{
    if (info->this_update > now + LETHE_SKEW_MS)
        return invalid(err, "is of the future of this computer's clock");
    if (info->this_update < not_before || (old && info->this_update < old->this_update))
        return lethe_fail(err, LETHE_E_LIMIT,
                          "the revocation list is older than one that was seen before");
    if (now > info->next_update)
        return lethe_fail(err, LETHE_E_LIMIT,
                          "the revocation list is over: a newer one should be there");
    return 0;
}

static const struct lethe_revoked *revoked_find(const struct lethe_crl *crl, const char *serial);

/* What was revoked stays so, since the same time or an earlier one: a newer list without it was
 * made from an old copy of the issuer's state. */
static int crl_remembers(const struct lethe_crl *newer, const struct lethe_crl *older,
                         struct lethe_error *err)
{
    for (size_t i = 0; i < older->n; i++) {
        const struct lethe_revoked *still = revoked_find(newer, older->revoked[i].serial);
        if (!still || still->since > older->revoked[i].since)
            return lethe_fail(err, LETHE_E_INVALID,
                              "two revocation lists contradict each other: the newer one forgets a "
                              "key that the older one revokes");
    }
    return 0;
}

static int crl_keep(struct lethe_trust *trust, const struct lethe_crl *crl, struct lethe_error *err)
{
    struct lethe_crl *old = crl_of(trust, crl->anchor_sha256), *more;
    if (old && old->this_update > crl->this_update)
        return crl_remembers(old, crl, err);
    if (old) {
        int rc = crl_remembers(crl, old, err);
        if (rc < 0)
            return rc;
        free(old->revoked);
        *old = *crl;
        return 0;
    }
    more = trust->n_crls < CRLS_MAX ? reallocarray(trust->crls, trust->n_crls + 1, sizeof(*more))
                                    : NULL;
    if (!more)
        return lethe_fail(err, LETHE_E_LIMIT, "more than %d revocation lists", CRLS_MAX);
    trust->crls = more;
    trust->crls[trust->n_crls++] = *crl;
    return 0;
}

int lethe_trust_add_crl(struct lethe_trust *trust, const char *data, size_t len, uint64_t now,
                        uint64_t not_before, struct lethe_crl_info *info, struct lethe_error *err)
{
    struct lethe_crl_info found = {0};
    struct lethe_crl made = {0};
    const struct lethe_anchor *root;
    X509_CRL *crl = crl_decode(data, len);
    int rc = crl ? crl_read(crl, &made, &found, err) : invalid(err, "is no X.509 CRL");
    if (rc == 0 && !(root = signer_find(trust, crl)))
        rc = lethe_fail(err, LETHE_E_UNTRUSTED, "no trusted root signed the revocation list");
    if (rc == 0) {
        memcpy(made.anchor_sha256, root->sha256, sizeof(made.anchor_sha256));
        memcpy(found.organisation, root->organisation, sizeof(found.organisation));
        rc = crl_timely(crl_of(trust, root->sha256), &found, now, not_before, err);
    }
    struct lethe_error why = {0};
    int kept = -LETHE_E_INVALID;
    made.stale = rc == -LETHE_E_LIMIT;
    if (rc == 0 || made.stale) {
        bool newest = !crl_of(trust, made.anchor_sha256) ||
                      crl_of(trust, made.anchor_sha256)->this_update <= made.this_update;
        kept = crl_keep(trust, &made, &why);
        if (kept < 0) {
            rc = kept;
            if (err)
                *err = why;
        } else if (!newest) {
            kept = -LETHE_E_LIMIT; /* looked through, not kept */
        }
    }
    if (kept < 0)
        free(made.revoked);
    if (rc == 0 && info)
        *info = found;
    X509_CRL_free(crl);
    ERR_clear_error();
    return rc;
}

static const struct lethe_revoked *revoked_find(const struct lethe_crl *crl, const char *serial)
{
    size_t low = 0, high = crl->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (strcmp(crl->revoked[middle].serial, serial) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < crl->n && strcmp(crl->revoked[low].serial, serial) == 0 ? &crl->revoked[low]
                                                                         : NULL;
}

enum lethe_revocation lethe_trust_revoked(const struct lethe_trust *trust,
                                          const struct lethe_chain *chain, uint64_t proven,
                                          uint64_t *since)
{
    const struct lethe_crl *crl = trust ? crl_of(trust, chain->anchor_sha256) : NULL;
    const struct lethe_revoked *entry = crl ? revoked_find(crl, chain->serial) : NULL;
    if (!entry)
        /* A root's list says nothing of what an authority below it has signed. */
        return crl && !crl->stale && chain->direct ? LETHE_REVOCATION_GOOD
                                                   : LETHE_REVOCATION_UNKNOWN;
    if (since)
        *since = entry->since;
    return proven > 0 && proven < entry->since ? LETHE_REVOCATION_BEFORE : LETHE_REVOCATION_VOID;
}
