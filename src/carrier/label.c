/* SPDX-License-Identifier: Apache-2.0 */
/* The verdict on a label: what its QR code says, who signed it, and whether it is of this device.
 */
#include "carrier/label.h"
#include "base/crypto.h"
#include "base/text.h"
#include "base/time.h"
#include "cert/es256.h"
#include "cert/verdict.h"
#include "trust/x509_profile.h"
#include <lethe/carrier.h>
#include <lethe/identity.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct label {
    struct lethe_qr qr;
    uint8_t *signed_part, signature[64];
    size_t signed_len;
};

static bool is_signer(const struct lethe_qr *qr, const uint8_t *der, size_t len)
{
    uint8_t hash[LETHE_HASH_SIZE];
    lethe_sha256(hash, der, len);
    return memcmp(hash, qr->kid, sizeof(qr->kid)) == 0;
}

static bool signed_by(const struct label *label, const uint8_t *der, size_t len,
                      struct lethe_complaint *why)
{
    struct lethe_es256 *key = lethe_es256_new(der, len, why);
    bool ok = key && lethe_es256_verify(key, label->signature, label->signed_part,
                                        label->signed_len, why) == 0;
    lethe_es256_free(key);
    return ok;
}

/* ---- With the certificate ---- */

static void uuid_text(const uint8_t id[16], char out[37])
{
    char hex[33];
    lethe_hex_encode(hex, id, 16);
    snprintf(out, 37, "%.8s-%.4s-%.4s-%.4s-%.12s", hex, hex + 8, hex + 12, hex + 16, hex + 20);
}

/* What the label says that the certificate does not; NULL: nothing. */
static const char *difference(const struct lethe_qr *qr, const json_t *claims)
{
    char jti[37], ended[21];
    const json_t *policy = json_object_get(claims, "policy");
    uuid_text(qr->jti, jti);
    lethe_time_format(ended, qr->ended * 1000);
    const char *vct = qr->certificate ? LETHE_VCT_CERTIFICATE : LETHE_VCT_RECORD;
    if (strcmp(lethe_claim_text(claims, "jti"), jti) != 0)
        return "its id";
    if ((uint64_t)json_integer_value(json_object_get(claims, "iat")) != qr->issued)
        return "when it was signed";
    if (strcmp(lethe_claim_text(claims, "vct"), vct) != 0)
        return "its type";
    if (strcmp(lethe_claim_text(claims, "outcome"), lethe_outcome_name(qr->outcome)) != 0)
        return "the outcome";
    if (strcmp(lethe_claim_text(claims, "method"), lethe_method_name(qr->method)) != 0)
        return "the method";
    if (strcmp(lethe_claim_text(claims, "substrate"), lethe_substrate_name(qr->substrate)) != 0)
        return "what was erased";
    if (strcmp(lethe_claim_text(policy, "id"), qr->policy) != 0 ||
        json_is_true(json_object_get(policy, "met")) != qr->policy_met)
        return "the policy";
    if (strcmp(lethe_claim_text(json_object_get(claims, "times"), "ended"), ended) != 0)
        return "when it ended";
    return NULL;
}

static bool disclosed(const struct lethe_qr *qr, size_t i, const json_t *claims)
{
    uint8_t hash[LETHE_QR_DEVICE_SIZE];
    size_t k;
    json_t *item;
    json_array_foreach(json_object_get(claims, "identifiers"), k, item)
    {
        int kind = lethe_id_kind_parse(lethe_claim_text(item, "kind"));
        if (kind < 0)
            continue;
        lethe_qr_device_hash(qr->jti, (enum lethe_id_kind)kind, lethe_claim_text(item, "value"),
                             hash);
        if (memcmp(hash, qr->devices[i], sizeof(hash)) == 0)
            return true;
    }
    return false;
}

/* Signature and hash were judged with the certificate; here: does the bench say the same twice? */
void lethe_label_compare(const struct lethe_span *text, struct lethe_certificate_report *report)
{
    struct lethe_qr qr;
    struct lethe_qr_why why;
    if (!report->claims || lethe_qr_decode(text->text, text->len, &qr, NULL, NULL, NULL, &why) < 0)
        return;
    const char *what = difference(&qr, report->claims);
    for (size_t i = 0; i < qr.n_devices && !what && report->n_hidden_identifiers == 0; i++)
        what = disclosed(&qr, i, report->claims) ? NULL : "the device";
    if (what)
        lethe_verdict_check(report, &report->carrier, LETHE_VERDICT_INVALID, "qr-mismatch",
                            "the label does not say what the certificate beside it says: %s", what);
}

/* ---- Alone ---- */

static json_t *claims_of(const struct lethe_qr *qr)
{
    char jti[37], ended[21], hash[2 * LETHE_HASH_SIZE + 1];
    uuid_text(qr->jti, jti);
    lethe_time_format(ended, qr->ended * 1000);
    lethe_hex_encode(hash, qr->jwt_sha256, sizeof(qr->jwt_sha256));
    return json_pack("{s:s,s:s,s:s,s:s,s:s,s:I,s:{s:s,s:b},s:{s:s},s:s,s:s*}", "vct",
                     qr->certificate ? LETHE_VCT_CERTIFICATE : LETHE_VCT_RECORD, "jti", jti,
                     "outcome", lethe_outcome_name(qr->outcome), "method",
                     lethe_method_name(qr->method), "substrate",
                     lethe_substrate_name(qr->substrate), "iat", (json_int_t)qr->issued, "policy",
                     "id", qr->policy, "met", qr->policy_met, "times", "ended", ended,
                     "certificate_sha256", hash, "by", qr->by[0] ? qr->by : NULL);
}

/* The bench among those known whose key signed it; its index or -1, and REPORT told. */
static ssize_t find_signer(const struct label *label, const struct lethe_benches *benches,
                           struct lethe_certificate_report *report)
{
    struct lethe_complaint why = {0};
    for (size_t i = 0; benches && i < benches->n; i++)
        if (is_signer(&label->qr, benches->der[i], benches->len[i]) &&
            signed_by(label, benches->der[i], benches->len[i], &why))
            return (ssize_t)i;
    if (why.code[0]) {
        lethe_verdict_check(report, &report->signature, LETHE_VERDICT_INVALID, why.code, "%s",
                            why.text);
    } else {
        char kid[2 * LETHE_QR_KID_SIZE + 1];
        lethe_hex_encode(kid, label->qr.kid, LETHE_QR_KID_SIZE);
        lethe_verdict_check(report, &report->signature, LETHE_VERDICT_UNDETERMINED,
                            "qr-bench-unknown",
                            "no bench certificate is known that begins with SHA-256 %s: it can't "
                            "be said who signed this label",
                            kid);
    }
    return -1;
}

static void judge_path(const struct lethe_qr *qr, const uint8_t *der, size_t len,
                       const struct lethe_verify_policy *policy,
                       struct lethe_certificate_report *out)
{
    struct lethe_error err = {0};
    uint64_t when = qr->issued * 1000;
    int rc = lethe_trust_check(policy->trust, &der, &len, 1, when, &out->chain, &err);
    bool dated = out->chain.not_after > 0;
    out->path.state = LETHE_CHECK_OK;
    if (dated && (when < out->chain.not_before || when > out->chain.not_after))
        lethe_verdict_check(out, &out->path, LETHE_VERDICT_INVALID, "iat",
                            "it says it was signed when its bench certificate was not valid");
    else if (rc == -LETHE_E_UNTRUSTED)
        lethe_verdict_check(out, &out->path, LETHE_VERDICT_UNDETERMINED, "untrusted", "%s",
                            err.what);
    else if (rc < 0)
        lethe_verdict_check(out, &out->path, LETHE_VERDICT_INVALID, "chain", "%s", err.what);
    else if (lethe_trust_revoked(policy->trust, &out->chain, 0, NULL) == LETHE_REVOCATION_VOID)
        lethe_verdict_check(out, &out->path, LETHE_VERDICT_INVALID, "bench-revoked",
                            "the key of this bench was revoked, and nothing proves that it signed "
                            "before");
    if (when > policy->now && when - policy->now > LETHE_SKEW_MS)
        lethe_verdict_add(out, LETHE_VERDICT_INVALID, "future",
                          "it was signed in the future of this computer's clock");
    if (dated && policy->now > out->chain.not_after)
        lethe_verdict_add(out, LETHE_VERDICT_VALID, "expired",
                          "the bench certificate has expired since; only the issuer's word says "
                          "that it signed before");
    bool demo = strcmp(out->chain.organisation, LETHE_DEMO_ORGANISATION) == 0;
    bool emulated = qr->substrate == LETHE_SUBSTRATE_EMULATED;
    if (rc == 0 && demo && !emulated)
        lethe_verdict_add(out, LETHE_VERDICT_INVALID, "demo-key",
                          "a demo key signed for something that is not emulated");
    if (rc == 0 && !demo && emulated)
        lethe_verdict_add(out, LETHE_VERDICT_INVALID, "emulated-key",
                          "an organisation's key signed for an emulated device");
}

static void judge_claims(const struct lethe_qr *qr, const struct lethe_verify_policy *policy,
                         struct lethe_certificate_report *out)
{
    bool passed =
        qr->outcome == LETHE_OUTCOME_PASSED || qr->outcome == LETHE_OUTCOME_PASSED_WITH_EXCEPTIONS;
    if (qr->issued < qr->ended)
        lethe_verdict_add(out, LETHE_VERDICT_INVALID, "contradiction-times",
                          "it was signed before the job ended");
    if (qr->certificate != (passed && qr->policy_met) ||
        (qr->certificate && qr->method == LETHE_METHOD_NONE))
        lethe_verdict_add(out, LETHE_VERDICT_INVALID, "contradiction-outcome",
                          "its type is not that of its outcome");
    if (!qr->certificate)
        lethe_verdict_add(out, LETHE_VERDICT_UNDETERMINED, "record-only",
                          "it is of a record of a job that is %s, not of a certificate",
                          lethe_outcome_name(qr->outcome));
    const char *substrate = lethe_substrate_name(qr->substrate);
    if (qr->substrate != LETHE_SUBSTRATE_PHYSICAL)
        lethe_verdict_add(
            out,
            policy->allow_substrates & 1u << qr->substrate ? LETHE_VERDICT_VALID
                                                           : LETHE_VERDICT_UNDETERMINED,
            policy->allow_substrates & 1u << qr->substrate ? "substrate-allowed" : "substrate",
            "what was erased is %s, no physical device", substrate);
}

static void judge_asked(const struct lethe_qr *qr, const struct lethe_verify_policy *policy,
                        struct lethe_certificate_report *out)
{
    bool named = policy->device && lethe_qr_names_device(qr, policy->device);
    lethe_verdict_add(out, named ? LETHE_VERDICT_VALID : LETHE_VERDICT_UNDETERMINED, "qr-only",
                      "only the label was looked at: %s",
                      named ? "the certificate itself says more"
                            : "it may have been taken from another device");
    if (policy->device && !named && qr->n_devices == 0)
        lethe_verdict_add(out, LETHE_VERDICT_UNDETERMINED, "device-hidden",
                          "the label withholds which device it is of");
    else if (policy->device && !named)
        lethe_verdict_add(out, LETHE_VERDICT_INVALID, "device-mismatch",
                          "the label is of another device than \"%.80s\" (it knows its first "
                          "identifiers only: serial number, IMEI)",
                          policy->device);
    for (const char *const *name = policy->require; name && *name; name++)
        lethe_verdict_add(out, LETHE_VERDICT_UNDETERMINED, "undisclosed",
                          "\"%.60s\" was required and a label does not say it", *name);
    if (policy->min_level > 0)
        lethe_verdict_add(out, LETHE_VERDICT_UNDETERMINED, "level",
                          "level L%u was asked for; a label alone reaches L0", policy->min_level);
}

void lethe_qr_verify(const char *text, size_t len, const struct lethe_benches *benches,
                     const struct lethe_verify_policy *policy, struct lethe_certificate_report *out)
{
    struct label label = {0};
    struct lethe_qr_why why;
    ssize_t at = -1;
    memset(out, 0, sizeof(*out));
    out->level = -1;
    /* An end of line that an editor or a scanner put behind it is no part of it. */
    if (len > 0 && text[len - 1] == '\n')
        len -= len > 1 && text[len - 2] == '\r' ? 2 : 1;
    int rc = lethe_qr_decode(text, len, &label.qr, &label.signed_part, &label.signed_len,
                             label.signature, &why);
    if (rc < 0)
        lethe_verdict_check(out, &out->signature,
                            rc == -LETHE_E_UNSUPPORTED ? LETHE_VERDICT_UNDETERMINED
                                                       : LETHE_VERDICT_INVALID,
                            why.code, "%s", why.text);
    else
        at = find_signer(&label, benches, out);
    if (at >= 0) {
        out->signature.state = LETHE_CHECK_OK;
        out->claims = claims_of(&label.qr);
        judge_path(&label.qr, benches->der[at], benches->len[at], policy, out);
        judge_claims(&label.qr, policy, out);
        if (out->path.state == LETHE_CHECK_OK && out->verdict != LETHE_VERDICT_INVALID)
            out->level = 0;
        judge_asked(&label.qr, policy, out);
    }
    free(label.signed_part);
}
