/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ES256 signatures (RFC 7518 section 3.4) of one key, again and again: what can be made ready once
 * is. Of (r, s) and (r, n-s), which say the same, only the one with the smaller s is taken.
 */
#ifndef LETHE_CERT_ES256_H
#define LETHE_CERT_ES256_H

#include "cert/complaint.h"
#include <stddef.h>
#include <stdint.h>

struct lethe_es256;
/* The key of a certificate in DER; NULL and WHY ("key") when it has none on P-256. */
struct lethe_es256 *lethe_es256_new(const uint8_t *der, size_t len, struct lethe_complaint *why);
/* Spend 20 ms and 150 KB so that each verification costs half. Failing costs speed only.
 */
void lethe_es256_prepare(struct lethe_es256 *key);
void lethe_es256_free(struct lethe_es256 *key);

/* 0, or -LETHE_E_INVALID and WHY: "signature-range", "signature-high", "signature". One thread at a
 * time. */
int lethe_es256_verify(struct lethe_es256 *key, const uint8_t signature[64], const void *data,
                       size_t len, struct lethe_complaint *why);

#endif
