/* SPDX-License-Identifier: Apache-2.0 */
/* The header of a JWT is the same for all that a bench signs with one certificate: what was found
 * of it once need not be found again. Only what was found good is kept. */
#ifndef LETHE_CERT_CACHE_H
#define LETHE_CERT_CACHE_H

#include "cert/es256.h"
#include "cert/sdjwt.h"
#include <lethe/certificate.h>

struct lethe_cached {
    char *header;
    size_t header_len;
    struct lethe_es256 *key;
    struct lethe_chain chain;
    uint64_t from, until; /* ms: the path holds at all times between */
    unsigned uses;
};

/* NULL when it is not there, or CACHE is NULL. */
struct lethe_cached *lethe_verify_cache_find(struct lethe_verify_cache *cache,
                                             struct lethe_span header);
/* Keep what was found at the times FROM and UNTIL; takes KEY over, but when memory ran out (false).
 */
bool lethe_verify_cache_keep(struct lethe_verify_cache *cache, struct lethe_span header,
                             struct lethe_es256 *key, const struct lethe_chain *chain,
                             uint64_t from, uint64_t until);

#endif
