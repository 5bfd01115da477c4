/* SPDX-License-Identifier: Apache-2.0 */
/* From an SD-JWT to the text of its QR code, signed by the same bench (certs/README.md, "The QR
 * code"). What the SD-JWT withholds, the label withholds. */
#include "base/crypto.h"
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "cert/binding.h"
#include "cert/sdjwt.h"
#include "cert/verdict.h"
#include "trust/es256.h"
#include <lethe/certificate.h>
#include <lethe/cose.h>
#include <stdlib.h>
#include <string.h>

static bool bytes_of_uuid(const char *text, uint8_t out[16])
{
    char hex[33];
    size_t n = 0;
    for (; *text && n < sizeof(hex) - 1; text++)
        if (*text != '-')
            hex[n++] = *text;
    return *text == '\0' && lethe_hex_decode(out, 16, hex, n) == 16;
}

/* Identifiers of KIND that the device gave and that tell it from others. */
static void add_devices(const json_t *claims, enum lethe_id_kind kind, struct lethe_qr *qr)
{
    size_t i;
    json_t *item;
    json_array_foreach(json_object_get(claims, "identifiers"), i, item)
    {
        if (qr->n_devices == LETHE_QR_DEVICES_MAX ||
            lethe_id_kind_parse(lethe_claim_text(item, "kind")) != (int)kind ||
            !lethe_binding_one(lethe_claim_text(claims, "substrate"),
                               lethe_claim_text(item, "kind"), lethe_claim_text(item, "source"),
                               lethe_claim_text(item, "value")))
            continue;
        lethe_qr_device_hash(qr->jti, kind, lethe_claim_text(item, "value"),
                             qr->devices[qr->n_devices]);
        if (qr->n_devices == 0 ||
            memcmp(qr->devices[0], qr->devices[qr->n_devices], LETHE_QR_DEVICE_SIZE) != 0)
            qr->n_devices++;
    }
}

static int from_claims(const json_t *claims, struct lethe_qr *qr, struct lethe_error *err)
{
    /* What people read off a device comes first. */
    static const enum lethe_id_kind kinds[] = {LETHE_ID_SERIAL, LETHE_ID_IMEI,   LETHE_ID_WWN,
                                               LETHE_ID_EUI64,  LETHE_ID_NGUID,  LETHE_ID_UDID,
                                               LETHE_ID_CID,    LETHE_ID_BACKING};
    const json_t *policy = json_object_get(claims, "policy");
    int outcome = lethe_outcome_parse(lethe_claim_text(claims, "outcome"));
    int method = lethe_method_parse(lethe_claim_text(claims, "method"));
    int substrate = lethe_substrate_parse(lethe_claim_text(claims, "substrate"));
    uint64_t ended;
    if (outcome < 0 || method < 0 || substrate < 0 ||
        lethe_time_parse(lethe_claim_text(json_object_get(claims, "times"), "ended"), &ended) < 0 ||
        !bytes_of_uuid(lethe_claim_text(claims, "jti"), qr->jti) ||
        !lethe_text_format(qr->policy, sizeof(qr->policy), "%s", lethe_claim_text(policy, "id")))
        return lethe_fail(err, LETHE_E_INVALID, "the certificate says what no label can");
    qr->issued = (uint64_t)json_integer_value(json_object_get(claims, "iat"));
    qr->ended = ended / 1000;
    qr->certificate = strcmp(lethe_claim_text(claims, "vct"), LETHE_VCT_CERTIFICATE) == 0;
    qr->outcome = (enum lethe_outcome)outcome;
    qr->method = (enum lethe_method)method;
    qr->substrate = (enum lethe_substrate)substrate;
    qr->policy_met = json_is_true(json_object_get(policy, "met"));
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        add_devices(claims, kinds[i], qr);
    return 0;
}

/* The last whole character that fits into SIZE bytes. */
static void cut(char *text, size_t size)
{
    while (size > 0 && ((unsigned char)text[size] & 0xc0) == 0x80)
        size--;
    while (size > 0 && text[size - 1] == ' ')
        size--;
    text[size] = '\0';
}

/* As much of a name as leaves the code small: what it says is in the bench certificate as well. */
static int name_fit(struct lethe_qr *qr, const struct lethe_signer *signer, struct lethe_error *err)
{
    static const uint8_t none[64];
    char name[256];
    lethe_text_format(name, sizeof(name), "%s, %s", signer->bench, signer->organisation);
    for (size_t len = strlen(name) < sizeof(qr->by) ? strlen(name) : sizeof(qr->by) - 1;; len--) {
        char *text;
        cut(name, len);
        lethe_text_format(qr->by, sizeof(qr->by), "%s", name);
        int rc = lethe_qr_encode(qr, none, &text, err);
        if (rc < 0)
            return rc;
        bool fits = strlen(text) <= LETHE_QR_SMALL;
        free(text);
        if (fits || len == 0)
            return 0;
    }
}

static int sign(const struct lethe_qr *qr, struct lethe_signer *signer, char **text,
                struct lethe_error *err)
{
    uint8_t signature[64], *to_sign = NULL;
    size_t len;
    struct lethe_complaint why = {0};
    int rc = lethe_qr_to_be_signed(qr, &to_sign, &len, err);
    if (rc == 0)
        rc = signer->ops->sign(signer, to_sign, len, signature, err);
    if (rc == 0) {
        lethe_signature_low_s(signature);
        struct lethe_es256 *key = lethe_es256_new(signer->chain[0], signer->chain_len[0], &why);
        if (!key || lethe_es256_verify(key, signature, to_sign, len, &why) < 0)
            rc = lethe_fail(err, LETHE_E_INVALID, "the label would not be believed: %s", why.text);
        lethe_es256_free(key);
    }
    free(to_sign);
    return rc < 0 ? rc : lethe_qr_encode(qr, signature, text, err);
}

/* What our own verifier would refuse is not printed on labels. */
static int read_back(const char *text, struct lethe_error *err)
{
    struct lethe_qr qr;
    struct lethe_qr_why why;
    if (lethe_qr_decode(text, strlen(text), &qr, NULL, NULL, NULL, &why) == 0)
        return 0;
    return lethe_fail(err, LETHE_E_INVALID, "the label would not be believed: %s", why.text);
}

int lethe_qr_issue(const char *sdjwt, size_t len, struct lethe_signer *signer, char **text,
                   struct lethe_error *err)
{
    struct lethe_sdjwt jwt;
    struct lethe_complaint why;
    struct lethe_qr qr = {0};
    uint8_t hash[LETHE_HASH_SIZE];
    int rc = lethe_sdjwt_parse(sdjwt, len, &jwt, &why);
    if (rc == 0)
        rc = lethe_sdjwt_open(&jwt, &why);
    if (rc < 0) {
        rc = lethe_fail(err, LETHE_E_INVALID, "not a certificate: %s", why.text);
    } else if (jwt.chain_len[0] != signer->chain_len[0] ||
               memcmp(jwt.chain[0], signer->chain[0], jwt.chain_len[0]) != 0) {
        rc = lethe_fail(err, LETHE_E_REFUSED,
                        "another bench certificate signed it than the one in use");
        lethe_error_remedy(err, "use the label that was made with it (certificates/JOB.qr)");
    }
    if (rc == 0) {
        lethe_sha256(qr.jwt_sha256, jwt.jwt.text, jwt.jwt.len);
        lethe_sha256(hash, jwt.chain[0], jwt.chain_len[0]);
        memcpy(qr.kid, hash, sizeof(qr.kid));
        LETHE_JSON_AUTO *claims = lethe_sdjwt_claims(&jwt);
        rc = from_claims(claims, &qr, err);
    }
    if (rc == 0)
        rc = name_fit(&qr, signer, err);
    *text = NULL;
    if (rc == 0)
        rc = sign(&qr, signer, text, err);
    if (rc == 0)
        rc = read_back(*text, err);
    if (rc < 0) {
        free(*text);
        *text = NULL;
    }
    lethe_sdjwt_clear(&jwt);
    return rc;
}
