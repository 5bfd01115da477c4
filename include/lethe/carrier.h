/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a certificate comes in: the SD-JWT itself, a JSON bundle {"sdjwt","proof"?,"qr"?}, the text
 * of a QR code, a PDF. Part of liblethe-verify: bytes in memory, no files, no network.
 *
 * A carrier is never believed for what it shows: what is rendered comes from the verified claims.
 */
#ifndef LETHE_CARRIER_H
#define LETHE_CARRIER_H

#include <lethe/certificate.h>
#include <lethe/cose.h>
#include <lethe/error.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LETHE_CARRIER_MAX (16u << 20) /* bytes of a carrier */
#define LETHE_CARRIER_PROOF_MAX (64u << 10)

/* "sd-jwt", "bundle", "pdf", "qr" */
const char *lethe_carrier_kind_name(enum lethe_carrier_kind kind);

struct lethe_carrier {
    struct lethe_bundle bundle; /* into DATA or OWNED; bundle.carrier says what it came in */
    char *owned;
};
/*
 * Take DATA apart, whatever it is; it must outlive CARRIER. What is nothing else is taken for an
 * SD-JWT. 0, or -LETHE_E_INVALID: then bundle.carrier.check is BAD with the reason ("size",
 * "bundle", "pdf-...") and the bundle is empty. To be cleared either way.
 *
 * A PDF is refused as a whole when anything about it is not as Lethe makes them (certs/README.md,
 * "The PDF"). One that is not refused is one revision, signed as a whole by the bench that signed
 * the SD-JWT inside; whether that bench is trusted is for the verdict to say.
 */
int lethe_carrier_open(const void *data, size_t len, struct lethe_carrier *out);
void lethe_carrier_clear(struct lethe_carrier *carrier);

/* Bench certificates a verifier knows, to find the signer of a QR code by its 8-byte key id. */
struct lethe_benches {
    size_t n;
    uint8_t **der;
    size_t *len;
};
/* PEM, one or more certificates, added to what is there (start with a zeroed struct). They are
 * judged when used: by their path to a trusted root. */
int lethe_benches_add_pem(struct lethe_benches *benches, const char *pem, size_t len,
                          struct lethe_error *err);
void lethe_benches_clear(struct lethe_benches *benches);

/*
 * The verdict on the text of a QR code alone. Never fails: what can't be read is INVALID. The
 * signer is looked for in BENCHES (may be NULL). Without policy->device it is at best UNDETERMINED
 * ("qr-only"): a label says who signed what, and could have been taken from another device.
 */
void lethe_qr_verify(const char *text, size_t len, const struct lethe_benches *benches,
                     const struct lethe_verify_policy *policy,
                     struct lethe_certificate_report *out);
/* All that was carried, judged together: a label beside a certificate must also say the same
 * ("qr-mismatch"). BENCHES may be NULL. A carrier that was refused is INVALID
 * with its reason; the report of a lot UNDETERMINED ("pdf-lot"). */
void lethe_carrier_verify(const struct lethe_carrier *carrier, const struct lethe_benches *benches,
                          const struct lethe_verify_policy *policy,
                          struct lethe_certificate_report *out);

#ifdef __cplusplus
}
#endif
#endif
