/* SPDX-License-Identifier: Apache-2.0 */
/* For tests and for the generator of certs/examples: everything here is reproducible to the byte.
 */
#ifndef LETHE_TESTS_CERT_SUPPORT_H
#define LETHE_TESTS_CERT_SUPPORT_H

#include <jansson.h>
#include <lethe/certificate.h>
#include <openssl/evp.h>
#include <time.h>

#define EXAMPLE_NOW 1795400000000ull /* 2026-11-23T02:13:20Z */
#define EXAMPLE_IAT 1795399200       /* 2026-11-23T02:00:00Z */

/* Salts, ids and the clock from here on depend on LABEL alone. */
void support_fix(const char *label);

/* ECDSA P-256 with SHA-256 and a nonce by RFC 6979: the same signature each time. */
void support_sign(EVP_PKEY *key, const void *data, size_t len, uint8_t out[64]);

/* A signer from certs/test-keys: NAME.key, NAME.pem, and the chain behind it (names,
 * NULL-terminated). */
struct lethe_signer *support_signer(const char *name, const char *const *chain);
EVP_PKEY *support_key(const char *name);
/* DER, free(). */
uint8_t *support_der(const char *name, size_t *len);
/* certs/test-keys/root.pem and nothing else, or the demo's. */
struct lethe_trust *support_trust(const char *const *roots);

/* A CRL of certs/test-keys/root.pem into TRUST, with the bench NAME revoked since SINCE (s). */
void support_revoke(struct lethe_trust *trust, const char *name, time_t since);

/* {"open":{...},"hidden":{...}} of a job that passed: complete and consistent. */
json_t *support_claims(void);
/* Set "a.b.0.c" in OBJECT to JSON text ("3", "\"x\"", "true"); NULL removes it. Aborts on a bad
 * path. */
void support_set(json_t *object, const char *path, const char *json);
/* Sign with a signer of support_signer(); aborts when it is refused. */
char *support_issue(const json_t *claims, struct lethe_signer *signer);

/* An SD-JWT in its parts, to be put together wrongly. */
struct parts {
    json_t *header, *payload;
    char *header_text, *payload_text; /* instead of the above, when set */
    size_t n_disclosures;
    char *disclosures[64]; /* base64url */
};
void parts_split(const char *text, struct parts *out);
void parts_clear(struct parts *parts);
/* What a disclosure says; new reference. */
json_t *parts_disclosure(const struct parts *parts, size_t i);
/* Index of the disclosure of claim NAME, or of the identifier of kind NAME. */
size_t parts_find(const struct parts *parts, const char *name);
void parts_drop(struct parts *parts, size_t i);
/* Append [salt, name, value] (NAME NULL: [salt, value]) and return its digest. */
json_t *parts_disclose(struct parts *parts, const char *name, json_t *value);
/* Signed by KEY. */
char *parts_join(const struct parts *parts, EVP_PKEY *key);

#endif
