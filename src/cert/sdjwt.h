/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SD-JWT (RFC 9901) as we use it, and nothing more of it: ES256, the key from x5c, `_sd` at the top
 * and in `custom`, `...` in `identifiers`, no disclosure inside a disclosure, no key binding.
 */
#ifndef LETHE_CERT_SDJWT_H
#define LETHE_CERT_SDJWT_H

#include "cert/complaint.h"
#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#define LETHE_SDJWT_MAX (256 * 1024)
#define LETHE_SDJWT_DISCLOSURES_MAX 128
#define LETHE_SDJWT_CHAIN_MAX 4
#define LETHE_SDJWT_TYP "dc+sd-jwt"

struct lethe_span {
    const char *text;
    size_t len;
};

struct lethe_sdjwt {
    struct lethe_span signed_part, payload; /* into the text given to parse */
    size_t n_disclosures;
    struct lethe_span disclosures[LETHE_SDJWT_DISCLOSURES_MAX];
    uint8_t signature[64];
    size_t n_chain; /* x5c, DER */
    uint8_t *chain[LETHE_SDJWT_CHAIN_MAX];
    size_t chain_len[LETHE_SDJWT_CHAIN_MAX];
    json_t *claims;              /* after open */
    size_t n_hidden;             /* after open: digests that no disclosure answers */
    size_t n_hidden_identifiers; /* those of them in `identifiers` */
};

/* All return 0 or -LETHE_E_INVALID and WHY. Framing, header and chain; the payload is not looked
 * at. */
int lethe_sdjwt_parse(const char *text, size_t len, struct lethe_sdjwt *out,
                      struct lethe_complaint *why);
/* Does the key of the first certificate verify the signature? */
int lethe_sdjwt_signature(const struct lethe_sdjwt *jwt, struct lethe_complaint *why);
/* Of the two signatures (r, s) and (r, n-s) that say the same, the one with the smaller s: the only
 * one that lethe_sdjwt_signature() takes, so that one certificate has one text. */
void lethe_sdjwt_low_s(uint8_t signature[64]);
/* Payload and disclosures, merged into jwt->claims (RFC 9901 section 7.1). */
int lethe_sdjwt_open(struct lethe_sdjwt *jwt, struct lethe_complaint *why);
void lethe_sdjwt_clear(struct lethe_sdjwt *jwt);

#endif
