/* SPDX-License-Identifier: Apache-2.0 */
/* What the two records of a lot's check share. */
#ifndef LETHE_BATCH_RECORD_H
#define LETHE_BATCH_RECORD_H

#include "trust/jws.h"
#include <lethe/batch.h>

#define LETHE_DRAW_TYP "lethe-batch-draw+jwt"
#define LETHE_RETEST_TYP "lethe-batch-retest+jwt"
#define LETHE_DRAW_TEXT_MAX (2u << 20)
#define LETHE_RETEST_TEXT_MAX (64u << 10)
#define LETHE_BATCH_ORIGIN_SIZE 256

/* The signature holds, by a bench of a pinned root that the claims name, and not revoked. */
int lethe_record_signed(const struct lethe_trust *trust, const struct lethe_jws *jws,
                        const char *what, uint64_t now, uint64_t *iat, struct lethe_chain *chain,
                        struct lethe_error *err);
/* A member that is clean text, and not blank unless OPTIONAL. */
int lethe_record_text(const json_t *claims, const char *key, char *out, size_t out_size,
                      bool optional, struct lethe_error *err);
/* A base64url SHA-256. */
bool lethe_record_hash_ok(const char *text);
void lethe_record_hash(const void *data, size_t len, char out[LETHE_BATCH_HASH_SIZE]);
/* A UUID as our records write it. */
bool lethe_record_uuid_ok(const char *text);
/* ["jti","hash"] */
int lethe_record_device(const json_t *pair, struct lethe_batch_device *out,
                        struct lethe_error *err);

/* order.c: into the order of the draw under the root of the CHECKPOINT of DRAW; ORIGIN receives
 * whose log it is. */
int lethe_draw_order(struct lethe_draw *draw, char origin[LETHE_BATCH_ORIGIN_SIZE],
                     struct lethe_error *err);
/* Are they in it, none twice? */
int lethe_draw_ordered(const struct lethe_draw *draw, char origin[LETHE_BATCH_ORIGIN_SIZE],
                       struct lethe_error *err);

#endif
