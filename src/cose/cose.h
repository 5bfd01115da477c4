/* SPDX-License-Identifier: Apache-2.0 */
/* COSE_Sign1 (RFC 9052 section 4.2) as we use it and nothing more of it: tagged, ES256, a key id of
 * 8 bytes, both protected; no unprotected header, payload inside. */
#ifndef LETHE_COSE_COSE_H
#define LETHE_COSE_COSE_H

#include "base/buf.h"
#include <stddef.h>
#include <stdint.h>

#define LETHE_COSE_KID_SIZE 8

struct lethe_cose {
    uint8_t kid[LETHE_COSE_KID_SIZE];
    const uint8_t *payload; /* into the input */
    size_t payload_len;
    uint8_t signature[64];
};
/* 0, or -LETHE_E_INVALID with a code ("cbor", "cose", "alg") and a sentence. */
int lethe_cose_read(const uint8_t *data, size_t len, struct lethe_cose *out, const char **code,
                    const char **text);
int lethe_cose_write(const struct lethe_cose *cose, struct lethe_buf *out);
/* Sig_structure of RFC 9052 section 4.4, with no external data. */
int lethe_cose_to_be_signed(const uint8_t kid[LETHE_COSE_KID_SIZE], const uint8_t *payload,
                            size_t payload_len, struct lethe_buf *out);

#endif
