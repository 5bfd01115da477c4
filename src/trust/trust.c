/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is this chain one of a pinned organisation? Nothing is fetched, nothing is taken from the
 * system's trust store, and nothing is searched: x5c must be the path itself, in order (RFC 7515
 * section 4.1.6), and the anchor is one the user named.
 */
#include "base/crypto.h"
#include "base/text.h"
#include "trust/x509_profile.h"
#include <lethe/trust.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#define CHAIN_MAX 4
#define ANCHORS_MAX 256

struct lethe_trust {
    STACK_OF(X509) * anchors;
};

int lethe_trust_new(struct lethe_trust **out, struct lethe_error *err)
{
    struct lethe_trust *trust = calloc(1, sizeof(*trust));
    if (trust && !(trust->anchors = sk_X509_new_null())) {
        free(trust);
        trust = NULL;
    }
    if (!trust)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    *out = trust;
    return 0;
}

void lethe_trust_free(struct lethe_trust *trust)
{
    if (!trust)
        return;
    sk_X509_pop_free(trust->anchors, X509_free);
    free(trust);
}

static bool has_extension_critical(X509 *cert, int nid)
{
    int at = X509_get_ext_by_NID(cert, nid, -1);
    return at >= 0 && X509_EXTENSION_get_critical(X509_get_ext(cert, at));
}

/* P-256, or P-384 where WIDE allows it, by name: explicit curve parameters are how CVE-2020-0601
 * worked. */
static bool key_is_nist(X509 *cert, bool wide)
{
    EVP_PKEY *key = X509_get0_pubkey(cert);
    char group[32];
    size_t len;
    if (!key || EVP_PKEY_get_base_id(key) != EVP_PKEY_EC ||
        EVP_PKEY_get_group_name(key, group, sizeof(group), &len) != 1)
        return false;
    return strcmp(group, "prime256v1") == 0 || (wide && strcmp(group, "secp384r1") == 0);
}

static bool signed_with_sha2(X509 *cert)
{
    int nid = X509_get_signature_nid(cert);
    return nid == NID_ecdsa_with_SHA256 || nid == NID_ecdsa_with_SHA384 ||
           nid == NID_ecdsa_with_SHA512;
}

/* What is wrong with CERT as an authority; NULL: nothing. */
static const char *authority_fault(X509 *cert)
{
    if (X509_get_version(cert) != X509_VERSION_3)
        return "it is not X.509 version 3";
    if (!key_is_nist(cert, true))
        return "its key is not P-256 or P-384";
    if (!signed_with_sha2(cert))
        return "it is not signed by ECDSA with SHA-2";
    if (!has_extension_critical(cert, NID_basic_constraints) ||
        !(X509_get_extension_flags(cert) & EXFLAG_CA))
        return "it is no certificate authority (critical basicConstraints)";
    if (!has_extension_critical(cert, NID_key_usage) ||
        !(X509_get_key_usage(cert) & KU_KEY_CERT_SIGN))
        return "its critical keyUsage does not allow signing certificates";
    return NULL;
}

static bool has_bench_usage(X509 *cert)
{
    EXTENDED_KEY_USAGE *usages = X509_get_ext_d2i(cert, NID_ext_key_usage, NULL, NULL);
    bool found = false;
    char oid[128];
    for (int i = 0; usages && i < sk_ASN1_OBJECT_num(usages) && !found; i++) {
        OBJ_obj2txt(oid, sizeof(oid), sk_ASN1_OBJECT_value(usages, i), 1);
        found = strcmp(oid, LETHE_EKU_BENCH) == 0;
    }
    EXTENDED_KEY_USAGE_free(usages);
    return found;
}

static const char *bench_fault(X509 *cert)
{
    char id[LETHE_BENCH_ID_MAX + 1];
    if (X509_get_version(cert) != X509_VERSION_3)
        return "it is not X.509 version 3";
    if (!key_is_nist(cert, false))
        return "its key is not P-256";
    if (!signed_with_sha2(cert))
        return "it is not signed by ECDSA with SHA-2";
    if (!has_extension_critical(cert, NID_basic_constraints) ||
        (X509_get_extension_flags(cert) & EXFLAG_CA))
        return "it is a certificate authority, or does not say critically that it is none";
    if (!has_extension_critical(cert, NID_key_usage) ||
        !(X509_get_key_usage(cert) & KU_DIGITAL_SIGNATURE) ||
        (X509_get_key_usage(cert) & (KU_KEY_CERT_SIGN | KU_CRL_SIGN)))
        return "its critical keyUsage is not that of a bench (digitalSignature)";
    if (!has_bench_usage(cert))
        return "its extended key usage does not name erasure certificates (" LETHE_EKU_BENCH ")";
    if (!lethe_x509_bench(cert, id, sizeof(id)))
        return "its subjectAltName is not the URI " LETHE_BENCH_URI
               "ID, alone or with " LETHE_LOG_URI "ORIGIN";
    return NULL;
}

int lethe_trust_add_pem(struct lethe_trust *trust, const char *pem, size_t len,
                        struct lethe_error *err)
{
    BIO *bio = BIO_new_mem_buf(pem, (int)(len > 1 << 20 ? 1 << 20 : len));
    if (!bio)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    int added = 0, rc = 0;
    X509 *cert;
    ERR_clear_error();
    while (rc == 0 && (cert = PEM_read_bio_X509(bio, NULL, NULL, NULL))) {
        char organisation[128];
        const char *fault = authority_fault(cert);
        if (!fault && !lethe_x509_organisation(cert, organisation, sizeof(organisation)))
            fault = "its subject has no single organisation name (O)";
        if (fault)
            rc = lethe_fail(err, LETHE_E_INVALID, "certificate %d cannot be trusted as a root: %s",
                            added + 1, fault);
        else if (sk_X509_num(trust->anchors) >= ANCHORS_MAX)
            rc = lethe_fail(err, LETHE_E_LIMIT, "more than %d roots", ANCHORS_MAX);
        else if (!sk_X509_push(trust->anchors, cert))
            rc = lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
        if (rc < 0)
            X509_free(cert);
        else
            added++;
    }
    /* The reading ends where no further certificate begins; a broken one is no such end. */
    unsigned long last = ERR_peek_last_error();
    if (rc == 0 &&
        !(ERR_GET_LIB(last) == ERR_LIB_PEM && ERR_GET_REASON(last) == PEM_R_NO_START_LINE))
        rc = lethe_fail(err, LETHE_E_INVALID, "certificate %d in it is broken", added + 1);
    BIO_free(bio);
    ERR_clear_error();
    if (rc == 0 && added == 0) {
        rc = lethe_fail(err, LETHE_E_INVALID, "no PEM certificate in it");
        lethe_error_remedy(err, "Give the root certificate the organisation published, a file that "
                                "begins with -----BEGIN CERTIFICATE-----");
    }
    return rc;
}

static int chain_invalid(struct lethe_error *err, size_t at, const char *why)
{
    return lethe_fail(err, LETHE_E_INVALID, "certificate %zu of the chain: %s", at, why);
}

static int chain_read(STACK_OF(X509) * chain, const uint8_t *const *certs, const size_t *lens,
                      size_t n, struct lethe_error *err)
{
    for (size_t i = 0; i < n; i++) {
        const uint8_t *at = certs[i];
        X509 *cert = d2i_X509(NULL, &at, (long)lens[i]);
        bool whole = cert && at == certs[i] + lens[i];
        if (!whole || !sk_X509_push(chain, cert)) {
            X509_free(cert);
            return chain_invalid(err, i, "it is not one DER certificate");
        }
    }
    return 0;
}

static int leaf_describe(X509 *leaf, struct lethe_chain *out, struct lethe_error *err)
{
    if (lethe_x509_fingerprint(leaf, out->leaf_sha256) < 0)
        return chain_invalid(err, 0, "it cannot be encoded");
    const char *fault = bench_fault(leaf);
    if (fault)
        return chain_invalid(err, 0, fault);
    lethe_x509_bench(leaf, out->bench, sizeof(out->bench));
    lethe_x509_log_origin(leaf, out->log_origin);
    if (!lethe_x509_organisation(leaf, out->organisation, sizeof(out->organisation)))
        return chain_invalid(err, 0, "its subject has no single organisation name (O)");
    if (!lethe_x509_validity(leaf, &out->not_before, &out->not_after))
        return chain_invalid(err, 0, "its validity cannot be read");
    return 0;
}

static bool signed_by(X509 *cert, X509 *authority)
{
    return X509_verify(cert, X509_get0_pubkey(authority)) == 1;
}

/* Each one names the next as its issuer, and none is of another organisation. Signatures, which
 * cost, come once: in path_validate() when an anchor is there, in links_signed() when none is. */
static int chain_links(STACK_OF(X509) * chain, const char *organisation, struct lethe_error *err)
{
    for (int i = 1; i < sk_X509_num(chain); i++) {
        X509 *authority = sk_X509_value(chain, i);
        char name[128];
        const char *fault = authority_fault(authority);
        if (!fault && (!lethe_x509_organisation(authority, name, sizeof(name)) ||
                       strcmp(name, organisation) != 0))
            fault = "it belongs to another organisation than the bench";
        if (!fault && X509_check_issued(authority, sk_X509_value(chain, i - 1)) != X509_V_OK)
            fault = "it did not issue the one before it";
        if (fault)
            return chain_invalid(err, (size_t)i, fault);
    }
    return 0;
}

static int links_signed(STACK_OF(X509) * chain, struct lethe_error *err)
{
    for (int i = 1; i < sk_X509_num(chain); i++)
        if (!signed_by(sk_X509_value(chain, i - 1), sk_X509_value(chain, i)))
            return chain_invalid(err, (size_t)i, "it did not sign the one before it");
    return 0;
}

/* Does ANCHOR stand at the end of CHAIN, or behind it? */
static bool anchors(X509 *anchor, STACK_OF(X509) * chain)
{
    X509 *last = sk_X509_value(chain, sk_X509_num(chain) - 1);
    return X509_cmp(anchor, last) == 0 || X509_check_issued(anchor, last) == X509_V_OK;
}

/* The path that was validated is the one that was sent, not another one that libcrypto found. */
static bool path_is(STACK_OF(X509) * path, STACK_OF(X509) * chain)
{
    for (int i = 0; i < sk_X509_num(chain); i++)
        if (i >= sk_X509_num(path) ||
            X509_cmp(sk_X509_value(path, i), sk_X509_value(chain, i)) != 0)
            return false;
    return true;
}

/* RFC 5280 section 4.1.2.5: notAfter is the last moment inside; for libcrypto it is the first one
 * outside. So the time is judged here. */
static bool path_in_time(STACK_OF(X509) * path, uint64_t when)
{
    for (int i = 0; i < sk_X509_num(path); i++) {
        uint64_t from, until;
        if (!lethe_x509_validity(sk_X509_value(path, i), &from, &until) || when < from ||
            when / 1000 > until / 1000)
            return false;
    }
    return true;
}

/* RFC 5280 section 6 by libcrypto, over exactly this path and this one anchor. */
static int path_validate(STACK_OF(X509) * chain, X509 *anchor, uint64_t when,
                         struct lethe_error *err)
{
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    int rc;
    if (!store || !ctx || X509_STORE_add_cert(store, anchor) != 1 ||
        X509_STORE_CTX_init(ctx, store, sk_X509_value(chain, 0), chain) != 1) {
        rc = lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    } else {
        X509_VERIFY_PARAM *param = X509_STORE_CTX_get0_param(ctx);
        X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_X509_STRICT | X509_V_FLAG_NO_CHECK_TIME);
        X509_VERIFY_PARAM_set_depth(param, CHAIN_MAX);
        X509_VERIFY_PARAM_set_auth_level(param, 3); /* 128 bits */
        if (X509_verify_cert(ctx) != 1)
            rc = lethe_fail(err, LETHE_E_INVALID, "certificate %d of the chain: %s",
                            X509_STORE_CTX_get_error_depth(ctx),
                            X509_verify_cert_error_string(X509_STORE_CTX_get_error(ctx)));
        else if (!path_is(X509_STORE_CTX_get0_chain(ctx), chain))
            rc = lethe_fail(err, LETHE_E_INVALID, "the chain is not the path to its root");
        else if (!path_in_time(X509_STORE_CTX_get0_chain(ctx), when))
            rc = lethe_fail(err, LETHE_E_INVALID,
                            "a certificate of the chain is not valid at that time");
        else
            rc = 0;
    }
    X509_STORE_CTX_free(ctx);
    X509_STORE_free(store);
    ERR_clear_error();
    return rc;
}

static int untrusted(const struct lethe_chain *chain, struct lethe_error *err)
{
    int rc = lethe_fail(err, LETHE_E_UNTRUSTED, "no trusted root signed the bench \"%s\" of \"%s\"",
                        chain->bench, chain->organisation);
    lethe_error_remedy(err, "Get the organisation's root from a source you trust, compare its "
                            "fingerprint, and give it with --trust ROOT.pem");
    return rc;
}

/* What a CRL of ANCHOR would name: the certificate that it signed itself. */
static int anchored(X509 *anchor, STACK_OF(X509) * chain, struct lethe_chain *out,
                    struct lethe_error *err)
{
    int at = sk_X509_num(chain) - 1;
    if (X509_cmp(anchor, sk_X509_value(chain, at)) == 0)
        at--;
    if (at < 0 || !lethe_x509_serial(sk_X509_value(chain, at), out->serial) ||
        lethe_x509_fingerprint(anchor, out->anchor_sha256) < 0)
        return chain_invalid(err, 0, "its serial number is none");
    out->direct = at == 0;
    return 0;
}

static int check_chain(const struct lethe_trust *trust, STACK_OF(X509) * chain, uint64_t when,
                       struct lethe_chain *out, struct lethe_error *err)
{
    char name[128];
    bool found = false;
    int rc = leaf_describe(sk_X509_value(chain, 0), out, err);
    if (rc == 0)
        rc = chain_links(chain, out->organisation, err);
    if (rc < 0)
        return rc;
    for (int i = 0; trust && i < sk_X509_num(trust->anchors); i++) {
        X509 *anchor = sk_X509_value(trust->anchors, i);
        if (!anchors(anchor, chain))
            continue;
        found = true;
        if (!lethe_x509_organisation(anchor, name, sizeof(name)) ||
            strcmp(name, out->organisation) != 0)
            rc = lethe_fail(err, LETHE_E_INVALID,
                            "the bench says it is of another organisation than its root");
        else if ((rc = path_validate(chain, anchor, when, err)) == 0)
            return anchored(anchor, chain, out, err);
    }
    if (!found)
        rc = links_signed(chain, err);
    return rc < 0 ? rc : untrusted(out, err);
}

int lethe_trust_check(const struct lethe_trust *trust, const uint8_t *const *certs,
                      const size_t *lens, size_t n, uint64_t when, struct lethe_chain *out,
                      struct lethe_error *err)
{
    memset(out, 0, sizeof(*out));
    if (n == 0 || n > CHAIN_MAX)
        return lethe_fail(err, LETHE_E_INVALID, "a chain holds 1 to %d certificates, not %zu",
                          CHAIN_MAX, n);
    STACK_OF(X509) *chain = sk_X509_new_null();
    if (!chain)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    int rc = chain_read(chain, certs, lens, n, err);
    if (rc == 0)
        rc = check_chain(trust, chain, when, out, err);
    sk_X509_pop_free(chain, X509_free);
    ERR_clear_error();
    return rc;
}
