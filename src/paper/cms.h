/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The signature of a PDF: CMS SignedData (RFC 5652), detached, as PAdES baseline wants it (ETSI EN
 * 319 142-1): content-type, message-digest and signing-certificate-v2 (RFC 5035) are signed, and
 * signing-time is not there. Put together here byte by byte, because the key may be in a token and
 * is only ever asked for one ECDSA signature.
 */
#ifndef LETHE_PAPER_CMS_H
#define LETHE_PAPER_CMS_H

#include "base/buf.h"
#include "base/crypto.h"
#include <lethe/trust.h>

/* DER into OUT. DIGEST: SHA-256 of what is signed. */
int lethe_cms_sign(struct lethe_signer *signer, const uint8_t digest[LETHE_HASH_SIZE],
                   struct lethe_buf *out, struct lethe_error *err);

#endif
