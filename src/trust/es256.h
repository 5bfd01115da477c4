/* SPDX-License-Identifier: Apache-2.0 */
/* ECDSA P-256 with SHA-256 and a signature of r || s: "ES256" of JOSE (RFC 7518 section 3.4) and of
 * COSE (RFC 9053 section 2.1). */
#ifndef LETHE_TRUST_ES256_H
#define LETHE_TRUST_ES256_H

#include <openssl/evp.h>
#include <stddef.h>
#include <stdint.h>

enum lethe_signature {
    LETHE_SIGNATURE_OK,
    LETHE_SIGNATURE_KEY,   /* no P-256 key */
    LETHE_SIGNATURE_RANGE, /* r or s outside 1..n-1 */
    LETHE_SIGNATURE_HIGH,  /* s > n/2 */
    LETHE_SIGNATURE_WRONG  /* it does not hold */
};
enum lethe_signature lethe_signature_verify(EVP_PKEY *key, const void *data, size_t len,
                                            const uint8_t signature[64]);
/* RANGE or HIGH when no key could have made it so that we take it, else OK. */
enum lethe_signature lethe_signature_form(const uint8_t signature[64]);
/* Of the two signatures (r, s) and (r, n-s) that say the same, the one with the smaller s: the only
 * one that lethe_signature_verify() takes, so that one signed thing has one text. */
void lethe_signature_low_s(uint8_t signature[64]);

#endif
