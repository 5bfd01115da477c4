/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the trust layer share. */
#ifndef LETHE_TRUST_INTERNAL_H
#define LETHE_TRUST_INTERNAL_H

#include <lethe/trust.h>
#include <openssl/x509.h>

#define LETHE_CHAIN_MAX 4
#define LETHE_ANCHORS_MAX 4096
/* Clocks differ: so far ahead of ours something may have been signed. */
#define LETHE_SKEW_MS (5ull * 60 * 1000)

struct lethe_anchor {
    X509 *cert;
    char sha256[65], organisation[128];
    uint64_t since, until; /* what a trust list believes it for, ms; 0 and UINT64_MAX: pinned */
};

struct lethe_revoked {
    char serial[41];
    uint64_t since; /* ms */
};
struct lethe_crl {
    char anchor_sha256[65];
    uint64_t this_update;
    bool stale; /* of an older day: what it revokes stands, of the rest it says nothing */
    size_t n;
    struct lethe_revoked *revoked; /* sorted by serial; owned */
};

/* What a trust list says beside roots. */
struct lethe_pin {
    enum lethe_pin_kind { LETHE_PIN_LOG_VKEY, LETHE_PIN_STATUS_URI } kind;
    char organisation[128], text[LETHE_STATUS_URI_MAX + 1];
};

struct lethe_trust {
    size_t n_anchors, n_crls, n_pins;
    struct lethe_anchor *anchors;
    struct lethe_crl *crls;
    struct lethe_pin *pins;
};

/* trust.c. Takes CERT over, also when it fails. An anchor that is there already stays as it is. */
int lethe_anchor_add(struct lethe_trust *trust, X509 *cert, uint64_t since, uint64_t until,
                     struct lethe_error *err);

/* x509_fault.c: what is wrong with CERT in this part; NULL: nothing. */
enum lethe_leaf { LETHE_LEAF_BENCH, LETHE_LEAF_STATUS };
const char *lethe_authority_fault(X509 *cert);
const char *lethe_leaf_fault(X509 *cert, enum lethe_leaf leaf);

/* path.c: lethe_trust_check() for either kind of leaf. */
int lethe_path_check(const struct lethe_trust *trust, enum lethe_leaf leaf,
                     const uint8_t *const *certs, const size_t *lens, size_t n, uint64_t when,
                     struct lethe_chain *out, struct lethe_error *err);

#endif
