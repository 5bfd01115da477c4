/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SD-JWT (RFC 9901) as we use it, and nothing more of it: ES256, the key from x5c, `_sd` at the top
 * and in `custom`, `...` in `identifiers`, no disclosure inside a disclosure, no key binding.
 */
#ifndef LETHE_CERT_SDJWT_H
#define LETHE_CERT_SDJWT_H

#include "cert/complaint.h"
#include "cert/tree.h"
#include <lethe/certificate.h>
#include <stddef.h>
#include <stdint.h>

#define LETHE_SDJWT_MAX (256 * 1024)
#define LETHE_SDJWT_DISCLOSURES_MAX 128
#define LETHE_SDJWT_CHAIN_MAX 4
#define LETHE_SDJWT_TYP "dc+sd-jwt"

struct lethe_sdjwt {
    /* Into the text given to parse. The JWT is header.payload.signature, without a "~". */
    struct lethe_span jwt, header, payload, signed_part;
    size_t n_disclosures;
    uint8_t signature[64];
    size_t n_chain; /* x5c, DER */
    uint8_t *chain[LETHE_SDJWT_CHAIN_MAX];
    size_t chain_len[LETHE_SDJWT_CHAIN_MAX];
    struct lethe_tree tree;
    struct lethe_node *claims; /* after open; in TREE */
    size_t n_hidden;           /* after open: digests that no disclosure answers */
    size_t n_hidden_claims, n_hidden_custom, n_hidden_identifiers; /* where those stand */
    struct lethe_span disclosures[LETHE_SDJWT_DISCLOSURES_MAX];
};

/* All return 0 or -LETHE_E_INVALID and WHY. Framing, header and chain; the payload is not looked
 * at. */
int lethe_sdjwt_parse(const char *text, size_t len, struct lethe_sdjwt *out,
                      struct lethe_complaint *why);
/* Its two halves: framing; then the header, which who has seen the same one before needs not read.
 */
int lethe_sdjwt_split(const char *text, size_t len, struct lethe_sdjwt *out,
                      struct lethe_complaint *why);
int lethe_sdjwt_header(struct lethe_sdjwt *jwt, struct lethe_complaint *why);
/* Does the key of the first certificate verify the signature? */
int lethe_sdjwt_signature(const struct lethe_sdjwt *jwt, struct lethe_complaint *why);
/* Payload and disclosures, merged into jwt->claims (RFC 9901 section 7.1). */
int lethe_sdjwt_open(struct lethe_sdjwt *jwt, struct lethe_complaint *why);
/* The claims for others: a new reference; NULL when memory ran out. */
json_t *lethe_sdjwt_claims(const struct lethe_sdjwt *jwt);
void lethe_sdjwt_clear(struct lethe_sdjwt *jwt);

#endif
