/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is this chain one of a pinned organisation? Nothing is fetched, nothing is taken from the
 * system's trust store, and nothing is searched: x5c must be the path itself, in order (RFC 7515
 * section 4.1.6), and the anchor is one the user named.
 */
#include "trust/internal.h"
#include "trust/x509_profile.h"
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>

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

static int leaf_describe(X509 *leaf, enum lethe_leaf kind, struct lethe_chain *out,
                         struct lethe_error *err)
{
    if (lethe_x509_fingerprint(leaf, out->leaf_sha256) < 0)
        return chain_invalid(err, 0, "it cannot be encoded");
    const char *fault = lethe_leaf_fault(leaf, kind);
    if (fault)
        return chain_invalid(err, 0, fault);
    if (kind == LETHE_LEAF_BENCH) {
        lethe_x509_bench(leaf, out->bench, sizeof(out->bench));
        lethe_x509_log_origin(leaf, out->log_origin);
    } else {
        lethe_x509_status(leaf, out->bench, sizeof(out->bench));
    }
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
        const char *fault = lethe_authority_fault(authority);
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
        X509_VERIFY_PARAM_set_depth(param, LETHE_CHAIN_MAX);
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
static int anchored(const struct lethe_anchor *anchor, STACK_OF(X509) * chain, uint64_t when,
                    struct lethe_chain *out, struct lethe_error *err)
{
    int at = sk_X509_num(chain) - 1;
    if (X509_cmp(anchor->cert, sk_X509_value(chain, at)) == 0)
        at--;
    if (at < 0 || !lethe_x509_serial(sk_X509_value(chain, at), out->serial))
        return chain_invalid(err, 0, "its serial number is none");
    if (when < anchor->since || when > anchor->until)
        return lethe_fail(err, LETHE_E_UNTRUSTED,
                          "the trust list does not believe \"%s\" at that time",
                          anchor->organisation);
    memcpy(out->anchor_sha256, anchor->sha256, sizeof(out->anchor_sha256));
    out->direct = at == 0;
    return 0;
}

/* By any anchor that stands behind it (then *FOUND is set); what the last one had against it is
 * the reason. */
static int check_anchors(const struct lethe_trust *trust, STACK_OF(X509) * chain, uint64_t when,
                         bool *found, struct lethe_chain *out, struct lethe_error *err)
{
    int rc = 0;
    for (size_t i = 0; trust && i < trust->n_anchors; i++) {
        const struct lethe_anchor *anchor = &trust->anchors[i];
        if (!anchors(anchor->cert, chain))
            continue;
        *found = true;
        if (strcmp(anchor->organisation, out->organisation) != 0)
            rc = lethe_fail(err, LETHE_E_INVALID,
                            "the bench says it is of another organisation than its root");
        else if ((rc = path_validate(chain, anchor->cert, when, err)) == 0 &&
                 (rc = anchored(anchor, chain, when, out, err)) == 0)
            return 0;
    }
    return rc;
}

static int check_chain(const struct lethe_trust *trust, enum lethe_leaf leaf,
                       STACK_OF(X509) * chain, uint64_t when, struct lethe_chain *out,
                       struct lethe_error *err)
{
    bool found = false;
    int rc = leaf_describe(sk_X509_value(chain, 0), leaf, out, err);
    if (rc == 0)
        rc = chain_links(chain, out->organisation, err);
    if (rc == 0)
        rc = check_anchors(trust, chain, when, &found, out, err);
    if (rc < 0 || found)
        return rc;
    rc = links_signed(chain, err);
    return rc < 0 ? rc : untrusted(out, err);
}

int lethe_path_check(const struct lethe_trust *trust, enum lethe_leaf leaf,
                     const uint8_t *const *certs, const size_t *lens, size_t n, uint64_t when,
                     struct lethe_chain *out, struct lethe_error *err)
{
    memset(out, 0, sizeof(*out));
    if (n == 0 || n > LETHE_CHAIN_MAX)
        return lethe_fail(err, LETHE_E_INVALID, "a chain holds 1 to %d certificates, not %zu",
                          LETHE_CHAIN_MAX, n);
    STACK_OF(X509) *chain = sk_X509_new_null();
    if (!chain)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    int rc = chain_read(chain, certs, lens, n, err);
    if (rc == 0)
        rc = check_chain(trust, leaf, chain, when, out, err);
    sk_X509_pop_free(chain, X509_free);
    ERR_clear_error();
    return rc;
}

int lethe_trust_check(const struct lethe_trust *trust, const uint8_t *const *certs,
                      const size_t *lens, size_t n, uint64_t when, struct lethe_chain *out,
                      struct lethe_error *err)
{
    return lethe_path_check(trust, LETHE_LEAF_BENCH, certs, lens, n, when, out, err);
}
