/* SPDX-License-Identifier: Apache-2.0 */
/* What signing and checking a validation record share. */
#ifndef LETHE_TRUST_VALIDATION_H
#define LETHE_TRUST_VALIDATION_H

#include "base/crypto.h"
#include "base/text.h"

#define LETHE_VALIDATION_TYP "lethe-validation+jwt"

bool lethe_same_person(const char *a, const char *b);
/* SHA-256 of an SD-JWT up to its first "~", base64url. -LETHE_E_INVALID when it has none. */
int lethe_certificate_hash(const char *certificate, size_t len,
                           char out[LETHE_B64URL_SIZE(LETHE_HASH_SIZE)]);

#endif
