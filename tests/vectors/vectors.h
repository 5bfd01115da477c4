/* SPDX-License-Identifier: Apache-2.0 */
/* certs/examples/levels: what stands around a certificate (proofs, status lists, revocations, trust
 * lists, validations, the records of a lot), right and wrong. */
#ifndef TESTS_VECTORS_H
#define TESTS_VECTORS_H

#include <jansson.h>
#include <stdbool.h>

/* Makes all of them. FN gets each file, "levels.json" last; a negative return ends it. SAME: each
 * run makes the same bytes (not so of what OpenSSL signs with a number drawn for it). */
typedef int vector_file(void *user, const char *file, const char *text, bool same);
int vectors_make(vector_file *fn, void *user);

/* ---- Among the files that make them ---- */
#define VECTOR_ORIGIN "lethe.log/test/bench"
#define VECTOR_URI "https://status.example/1"
#define VECTOR_NOW 1795400000
#define VECTOR_IAT 1795399200
#define VECTOR_EXP 2051222400 /* 2035: the examples are to hold for as long as the test keys */

/* A file levels/NAME; the name stays valid. Text that was given out before is not written twice. */
const char *vector_put(const char *name, const char *text, bool same);
/* One line of the index: takes REQUEST, whose members name files. LEVEL may be NULL. */
void vector_add(const char *name, json_t *request, const char *verdict, const char *code,
                const char *level);

/* A JWT by the key of certs/test-keys/KEY.key: header {alg, typ, x5c of KEY and root}, then CHANGES
 * ("header.alg", "claims.exp" ... to JSON text, or NULL to take away). Takes CLAIMS. RAW, when not
 * NULL, stands for the payload's text. */
struct vector_change {
    const char *path, *json;
};
char *vector_jwt(const char *key, const char *root, const char *typ, json_t *claims,
                 const struct vector_change *change, const char *raw);
/* The certificate that they are about: by the bench KEY, with CHANGE to the claims under "open". */
char *vector_certificate(const char *label, const char *key, const struct vector_change *changes,
                         size_t n);

void vectors_proof(void);
void vectors_status(void);
void vectors_revocation(void);
void vectors_trust_list(void);
void vectors_validation(void);
void vectors_batch(void);

#endif
