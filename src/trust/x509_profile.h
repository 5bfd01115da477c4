/* SPDX-License-Identifier: Apache-2.0 */
/* What a certificate must look like to be one of ours: issuing and verifying share these words.
 * The profile itself is written down in certs/README.md, "The X.509 profile". */
#ifndef LETHE_TRUST_X509_PROFILE_H
#define LETHE_TRUST_X509_PROFILE_H

#include <openssl/x509.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Extended key usage "signs erasure certificates". Under 2.25 (X.667: an OID from a random UUID,
 * needing no registration), to be replaced once by an arc under an IANA private enterprise number.
 */
#define LETHE_EKU_BENCH "2.25.184030033748568517897385037763072314477.1"
/* RFC 9336: id-kp-documentSigning. */
#define LETHE_EKU_DOCUMENT "1.3.6.1.5.5.7.3.36"
/* "Signs status lists": never both in one certificate. */
#define LETHE_EKU_STATUS "2.25.184030033748568517897385037763072314477.2"
#define LETHE_BENCH_URI "urn:lethe:bench:"
#define LETHE_STATUS_SIGNER_URI "urn:lethe:status:"
/* The log that a bench writes to, pinned by its certificate. */
#define LETHE_LOG_URI "urn:lethe:log:"
#define LETHE_ORIGIN_MAX 255
#define LETHE_BENCH_ID_MAX 64
/* The demo hierarchy's organisation: the verifier lets it sign emulated jobs only (rule 8). */
#define LETHE_DEMO_ORGANISATION "DEMO - NOT A REAL ORGANISATION"

/* 1..64 of letters, digits, '.', '_', '-': fit for a URI and for a file name. */
bool lethe_bench_id_ok(const char *id);
/* Subject O of CERT as UTF-8; false when there is not exactly one, or it does not fit or is
 * unclean. */
bool lethe_x509_organisation(X509 *cert, char *out, size_t out_size);
/* The id behind the SAN URI urn:lethe:bench:ID of CERT; beside it there may be
 * urn:lethe:log:ORIGIN. False when the SAN is anything else. */
bool lethe_x509_bench(X509 *cert, char *out, size_t out_size);
/* The origin of a bench's log; false when there is none. */
bool lethe_x509_log_origin(X509 *cert, char out[LETHE_ORIGIN_MAX + 1]);
/* The id behind urn:lethe:status:ID, alone in the SAN. */
bool lethe_x509_status(X509 *cert, char *out, size_t out_size);
/* Its serial number in hex; false when it is none of RFC 5280. */
bool lethe_x509_serial(X509 *cert, char out[41]);
/* SHA-256 of its DER, hex. */
int lethe_x509_fingerprint(X509 *cert, char out[65]);
bool lethe_x509_time(const ASN1_TIME *time, uint64_t *ms);
/* notBefore and notAfter in ms. */
bool lethe_x509_validity(X509 *cert, uint64_t *not_before, uint64_t *not_after);

#endif
