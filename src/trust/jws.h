/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A signed JSON object as we use it beside certificates: JWS compact serialisation (RFC 7515),
 * ES256, a header of exactly `alg`, `typ` and, where the key comes with it, `x5c`.
 */
#ifndef LETHE_TRUST_JWS_H
#define LETHE_TRUST_JWS_H

#include "trust/internal.h"
#include <jansson.h>

struct lethe_jws {
    const char *signed_part; /* into the text given */
    size_t signed_len;
    uint8_t signature[64];
    size_t n_chain; /* x5c, DER */
    uint8_t *chain[LETHE_CHAIN_MAX];
    size_t chain_len[LETHE_CHAIN_MAX];
    json_t *claims; /* read, not yet to be believed */
};
/* CHAIN: with x5c, else without. -LETHE_E_INVALID. WHAT names it in messages ("the status list").
 */
int lethe_jws_read(const char *text, size_t len, size_t max, const char *typ, bool chain,
                   const char *what, struct lethe_jws *out, struct lethe_error *err);
/* By KEY; NULL: by that of the first certificate. -LETHE_E_INVALID when it does not hold. */
int lethe_jws_verify(const struct lethe_jws *jws, EVP_PKEY *key, const char *what,
                     struct lethe_error *err);
void lethe_jws_clear(struct lethe_jws *jws);

/* Every member of OBJECT is one of NAMES (ends with NULL): what is not known cannot be judged. */
int lethe_members_known(const json_t *object, const char *const *names, const char *what,
                        struct lethe_error *err);
/* A NumericDate (RFC 7519 section 2) in whole seconds, as ms. */
int lethe_date_member(const json_t *object, const char *key, uint64_t *ms, struct lethe_error *err);

#endif
