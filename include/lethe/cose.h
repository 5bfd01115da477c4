/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The label: what a QR code says of one certificate or record, small enough for a 30 mm label.
 * "ER1:" + base45 (RFC 9285) of a COSE_Sign1 (RFC 9052, ES256) over integer-keyed claims in
 * deterministic CBOR (RFC 8949 section 4.2). Specified in certs/README.md, "The QR code".
 * Part of liblethe-verify: bytes in, bytes out, no keys and no judgement (lethe/carrier.h judges).
 */
#ifndef LETHE_COSE_H
#define LETHE_COSE_H

#include <lethe/error.h>
#include <lethe/words.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LETHE_QR_PREFIX "ER1:"
#define LETHE_QR_VERSION 1
/* A QR code of version 11-M holds 366 characters of its alphanumeric mode; a longer text is still
 * read, up to this. */
#define LETHE_QR_SMALL 366
#define LETHE_QR_MAX 700
#define LETHE_QR_DEVICES_MAX 2
#define LETHE_QR_DEVICE_SIZE 16
#define LETHE_QR_KID_SIZE 8

struct lethe_qr {
    uint8_t kid[LETHE_QR_KID_SIZE]; /* first bytes of SHA-256 of the bench certificate (DER) */
    uint64_t issued, ended;         /* seconds since 1970 */
    uint8_t jti[16];                /* of the certificate; also the salt of DEVICES */
    bool certificate;               /* false: a record */
    enum lethe_outcome outcome;
    enum lethe_method method;
    enum lethe_substrate substrate;
    char policy[65];
    bool policy_met;
    uint8_t jwt_sha256[32]; /* of the issuer JWT, up to the first "~" */
    size_t n_devices;       /* 0: withheld */
    uint8_t devices[LETHE_QR_DEVICES_MAX][LETHE_QR_DEVICE_SIZE];
    char by[65]; /* "BENCH, ORGANISATION", cut to what fits: to read, never to believe */
};

/* What a signature is over: Sig_structure of RFC 9052 section 4.4. free(*out). */
int lethe_qr_to_be_signed(const struct lethe_qr *qr, uint8_t **out, size_t *len,
                          struct lethe_error *err);
/* The text, with SIGNATURE (raw r||s over the above, s <= n/2). free(*text). */
int lethe_qr_encode(const struct lethe_qr *qr, const uint8_t signature[64], char **text,
                    struct lethe_error *err);

/* Read a text strictly. -LETHE_E_INVALID, or -LETHE_E_UNSUPPORTED for claims or a version that this
 * one does not know; WHY gets a stable code: "qr-prefix", "qr-size", "base45", "cbor", "cose",
 * "alg", "qr-claims", "claim-unknown". SIGNED_PART (free it) and SIGNATURE may be NULL. */
struct lethe_qr_why {
    char code[32];
    char text[192];
};
int lethe_qr_decode(const char *text, size_t len, struct lethe_qr *out, uint8_t **signed_part,
                    size_t *signed_len, uint8_t signature[64], struct lethe_qr_why *why);

/* The salted hash of one identifier: the first 16 bytes of
 * SHA-256(jti || kind || 0x00 || value as lethe_identifier_fold() spells it). */
void lethe_qr_device_hash(const uint8_t jti[16], enum lethe_id_kind kind, const char *value,
                          uint8_t out[LETHE_QR_DEVICE_SIZE]);
/* Does ID, of whichever kind, answer one of the hashes? */
bool lethe_qr_names_device(const struct lethe_qr *qr, const char *id);

#ifdef __cplusplus
}
#endif
#endif
