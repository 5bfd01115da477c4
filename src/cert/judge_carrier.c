/* SPDX-License-Identifier: Apache-2.0 */
/* A page or a label is not the certificate, but what came with it must be its own. */
#include "base/crypto.h"
#include "base/text.h"
#include "cert/verdict.h"
#include <lethe/cose.h>
#include <stdlib.h>
#include <string.h>

/* A label beside its certificate: signed by the same key, and about the same JWT. */
static void judge_label(struct lethe_judging *j)
{
    struct lethe_certificate_report *out = j->out;
    struct lethe_qr qr;
    struct lethe_qr_why bad;
    struct lethe_complaint why;
    uint8_t jwt[LETHE_HASH_SIZE];
    uint8_t *signed_part = NULL, signature[64];
    char kid[2 * LETHE_QR_KID_SIZE + 1];
    size_t len;
    int rc = lethe_qr_decode(j->bundle->qr.text, j->bundle->qr.len, &qr, &signed_part, &len,
                             signature, &bad);
    if (rc < 0) {
        lethe_verdict_check(out, &out->carrier,
                            rc == -LETHE_E_UNSUPPORTED ? LETHE_VERDICT_VALID
                                                       : LETHE_VERDICT_INVALID,
                            bad.code, "the label: %s", bad.text);
        return;
    }
    lethe_hex_encode(kid, qr.kid, sizeof(qr.kid));
    lethe_sha256(jwt, j->jwt->jwt.text, j->jwt->jwt.len);
    if (memcmp(jwt, qr.jwt_sha256, sizeof(jwt)) != 0)
        lethe_verdict_check(out, &out->carrier, LETHE_VERDICT_INVALID, "qr-other",
                            "the label is of another certificate than the one beside it");
    else if (strncmp(kid, out->chain.leaf_sha256, sizeof(kid) - 1) != 0 ||
             lethe_es256_verify(j->key, signature, signed_part, len, &why) < 0)
        lethe_verdict_check(out, &out->carrier, LETHE_VERDICT_INVALID, "qr-signature",
                            "the label is not signed by the bench of the certificate beside it");
    else if (out->carrier.state == LETHE_CHECK_NONE)
        out->carrier.state = LETHE_CHECK_OK;
    free(signed_part);
}

void lethe_judge_carrier(struct lethe_judging *j)
{
    const struct lethe_carrier_facts *facts = &j->bundle->carrier;
    struct lethe_certificate_report *out = j->out;
    if (facts->check.state == LETHE_CHECK_BAD)
        lethe_verdict_check(out, &out->carrier, LETHE_VERDICT_INVALID, facts->check.code, "%s",
                            facts->check.text);
    else if (facts->check.state == LETHE_CHECK_OPEN)
        lethe_verdict_check(out, &out->carrier, LETHE_VERDICT_VALID, facts->check.code, "%s",
                            facts->check.text);
    else
        out->carrier.state = facts->check.state;
    if (facts->signer_sha256[0] && strcmp(facts->signer_sha256, out->chain.leaf_sha256) != 0)
        lethe_verdict_check(out, &out->carrier, LETHE_VERDICT_INVALID, "carrier-signer",
                            "another key signed the page than the certificate in it");
    if (j->bundle->qr.text && out->path.state == LETHE_CHECK_OK)
        judge_label(j);
}
