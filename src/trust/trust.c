/* SPDX-License-Identifier: Apache-2.0 */
/* The anchors: roots that a user has named, one by one or by a list that he pinned. */
#include "trust/internal.h"
#include "trust/x509_profile.h"
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

int lethe_trust_new(struct lethe_trust **out, struct lethe_error *err)
{
    *out = calloc(1, sizeof(**out));
    return *out ? 0 : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
}

void lethe_trust_free(struct lethe_trust *trust)
{
    if (!trust)
        return;
    for (size_t i = 0; i < trust->n_anchors; i++)
        X509_free(trust->anchors[i].cert);
    for (size_t i = 0; i < trust->n_crls; i++)
        free(trust->crls[i].revoked);
    free(trust->anchors);
    free(trust->crls);
    free(trust->pins);
    free(trust);
}

static struct lethe_anchor *anchor_find(const struct lethe_trust *trust, const char *sha256)
{
    for (size_t i = 0; i < trust->n_anchors; i++)
        if (strcmp(trust->anchors[i].sha256, sha256) == 0)
            return &trust->anchors[i];
    return NULL;
}

uint64_t lethe_trust_until(const struct lethe_trust *trust, const struct lethe_chain *chain)
{
    const struct lethe_anchor *anchor = trust ? anchor_find(trust, chain->anchor_sha256) : NULL;
    return anchor ? anchor->until : UINT64_MAX;
}

int lethe_anchor_add(struct lethe_trust *trust, X509 *cert, uint64_t since, uint64_t until,
                     struct lethe_error *err)
{
    struct lethe_anchor anchor = {.cert = cert, .since = since, .until = until}, *more, *old;
    const char *fault = lethe_authority_fault(cert);
    int rc = 0;
    if (!fault && !lethe_x509_organisation(cert, anchor.organisation, sizeof(anchor.organisation)))
        fault = "its subject has no single organisation name (O)";
    if (fault)
        rc = lethe_fail(err, LETHE_E_INVALID, "it cannot be trusted as a root: %s", fault);
    else if (lethe_x509_fingerprint(cert, anchor.sha256) < 0)
        rc = lethe_fail(err, LETHE_E_INTERNAL, "a certificate cannot be encoded");
    else if ((old = anchor_find(trust, anchor.sha256))) {
        /* Who pins a root by hand means it without limits. */
        if (since == 0 && until == UINT64_MAX)
            old->since = since, old->until = until;
    } else if (trust->n_anchors >= LETHE_ANCHORS_MAX) {
        rc = lethe_fail(err, LETHE_E_LIMIT, "more than %d roots", LETHE_ANCHORS_MAX);
    } else if (!(more = reallocarray(trust->anchors, trust->n_anchors + 1, sizeof(*more)))) {
        rc = lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    } else {
        trust->anchors = more;
        trust->anchors[trust->n_anchors++] = anchor;
        return 0;
    }
    X509_free(cert);
    return rc;
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
        struct lethe_error why;
        rc = lethe_anchor_add(trust, cert, 0, UINT64_MAX, &why);
        if (rc < 0)
            lethe_fail(err, why.code, "certificate %d: %s", added + 1, why.what);
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
