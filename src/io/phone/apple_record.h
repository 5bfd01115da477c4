/* SPDX-License-Identifier: Apache-2.0 */
/* Pair records: made here, kept by the proxy. */
#ifndef LETHE_IO_PHONE_APPLE_RECORD_H
#define LETHE_IO_PHONE_APPLE_RECORD_H

#include <io/apple.h>

/* New keys, and certificates for them and for the device's own PUBLIC_KEY (PEM, PKCS#1; the
 * device's word). The record as JSON of proto/plist, without EscrowBag; NULL + ERR. */
json_t *lethe_apple_record_make(const void *public_key, size_t len, const char *buid,
                                struct lethe_error *err);
/* What of RECORD the device is told: no private keys. New reference. */
json_t *lethe_apple_record_public(const json_t *record);

#endif
