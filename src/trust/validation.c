/* SPDX-License-Identifier: Apache-2.0 */
/* The second person's word (NIST SP 800-88r2 section 4.5.2): a signed record of its own, bound to
 * one certificate, of the same organisation, and not by the one who did the work. */
#include "trust/validation.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/text.h"
#include "trust/jws.h"
#include "trust/x509_profile.h"
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX (64 * 1024)
#define CERTIFICATE_MAX (256 * 1024)
#define WHAT "the validation record"

static const char *const decisions[] = {"accept", "repeat", "escalate"};

const char *lethe_decision_name(enum lethe_decision decision)
{
    return decisions[decision];
}

int lethe_decision_parse(const char *name)
{
    for (size_t i = 0; i < sizeof(decisions) / sizeof(decisions[0]); i++)
        if (strcmp(decisions[i], name) == 0)
            return (int)i;
    return -LETHE_E_INVALID;
}

/* Upper and lower case, spaces and dots do not make two people. */
bool lethe_same_person(const char *a, const char *b)
{
    for (;; a++, b++) {
        a += strspn(a, " .,");
        b += strspn(b, " .,");
        if (tolower((unsigned char)*a) != tolower((unsigned char)*b))
            return false;
        if (!*a)
            return true;
    }
}

int lethe_certificate_hash(const char *certificate, size_t len,
                           char out[LETHE_B64URL_SIZE(LETHE_HASH_SIZE)])
{
    uint8_t hash[LETHE_HASH_SIZE];
    const char *tilde = len <= CERTIFICATE_MAX ? memchr(certificate, '~', len) : NULL;
    if (!tilde)
        return -LETHE_E_INVALID;
    lethe_sha256(hash, certificate, (size_t)(tilde - certificate));
    lethe_b64url_encode(out, hash, sizeof(hash));
    return 0;
}

static int bound_check(const json_t *claims, const char *certificate, size_t len,
                       struct lethe_validation *out, struct lethe_error *err)
{
    static const char *const names[] = {"jti", "hash", NULL};
    char hash[LETHE_B64URL_SIZE(LETHE_HASH_SIZE)];
    const char *claimed;
    const json_t *bound = lethe_json_get(claims, "certificate", JSON_OBJECT, err);
    int rc = bound ? lethe_members_known(bound, names, "certificate", err) : -LETHE_E_INVALID;
    if (rc == 0)
        rc = lethe_json_copy(bound, "jti", out->certificate, sizeof(out->certificate), false, err);
    if (rc == 0)
        rc = lethe_json_str(bound, "hash", &claimed, err);
    if (rc == 0 && (lethe_certificate_hash(certificate, len, hash) < 0 || strcmp(hash, claimed)))
        rc = lethe_fail(err, LETHE_E_CHANGED, WHAT " is of another certificate (%.40s)",
                        out->certificate);
    return rc;
}

/* What the certificate says of itself, opened: its signature is the caller's business. The hash
 * binds all of it, so these only have to agree. */
static int certificate_read(const char *certificate, size_t len, struct lethe_validation *out,
                            uint64_t *iat, char *organisation, size_t organisation_size,
                            struct lethe_error *err)
{
    const char *end = memchr(certificate, '~', len);
    const char *dot = memchr(certificate, '.', (size_t)(end - certificate));
    const char *second = dot ? memchr(dot + 1, '.', (size_t)(end - dot - 1)) : NULL;
    size_t part = second ? (size_t)(second - dot - 1) : 0;
    char *bytes = malloc(part + 1), jti[37];
    ssize_t n = bytes ? lethe_b64url_decode(bytes, part, dot ? dot + 1 : "", part) : -1;
    LETHE_JSON_AUTO *claims =
        n > 0 ? lethe_json_load(bytes, (size_t)n, CERTIFICATE_MAX, err) : NULL;
    free(bytes);
    if (!claims)
        return lethe_fail(err, LETHE_E_INVALID, "what " WHAT " is of is no certificate");
    int rc = lethe_json_copy(claims, "jti", jti, sizeof(jti), false, err);
    if (rc == 0)
        rc = lethe_json_copy(claims, "organisation", organisation, organisation_size, false, err);
    if (rc == 0)
        rc = lethe_date_member(claims, "iat", iat, err);
    if (rc == 0 && strcmp(jti, out->certificate) != 0)
        rc = lethe_fail(err, LETHE_E_CHANGED, WHAT " names another certificate than its hash");
    return rc;
}

static int claims_read(const json_t *claims, struct lethe_validation *out, char *iss,
                       size_t iss_size, struct lethe_error *err)
{
    static const char *const names[] = {"vct",         "iss", "jti",      "iat",  "organisation",
                                        "certificate", "by",  "decision", "note", NULL};
    const char *vct, *decision;
    int rc = lethe_members_known(claims, names, WHAT, err);
    if (rc == 0)
        rc = lethe_json_str(claims, "vct", &vct, err);
    if (rc == 0 && strcmp(vct, LETHE_VCT_VALIDATION) != 0)
        rc = lethe_fail(err, LETHE_E_INVALID, "vct says that it is no validation record");
    if (rc == 0)
        rc = lethe_json_copy(claims, "iss", iss, iss_size, false, err);
    if (rc == 0)
        rc = lethe_json_copy(claims, "jti", out->jti, sizeof(out->jti), false, err);
    if (rc == 0)
        rc = lethe_date_member(claims, "iat", &out->iat, err);
    if (rc == 0)
        rc = lethe_json_copy(claims, "by", out->by, sizeof(out->by), false, err);
    if (rc == 0)
        rc = lethe_json_copy(claims, "note", out->note, sizeof(out->note), true, err);
    if (rc == 0)
        rc = lethe_json_str(claims, "decision", &decision, err);
    if (rc < 0)
        return rc;
    int parsed = lethe_decision_parse(decision);
    if (parsed < 0 || !out->by[strspn(out->by, " .,")] || !lethe_text_is_clean(out->by) ||
        !lethe_text_is_clean(out->note))
        return lethe_fail(err, LETHE_E_INVALID, WHAT " does not say who decided what");
    out->decision = (enum lethe_decision)parsed;
    return 0;
}

/* Signed by a bench of the organisation that the certificate is of, after it, and not by a key that
 * was given up. */
static int signer_check(const struct lethe_trust *trust, const struct lethe_jws *jws,
                        const char *iss, const char *organisation, uint64_t iat, uint64_t now,
                        struct lethe_validation *out, struct lethe_error *err)
{
    char uri[sizeof(out->chain.bench) + sizeof(LETHE_BENCH_URI)];
    const char *claimed = json_string_value(json_object_get(jws->claims, "organisation"));
    int rc = lethe_jws_verify(jws, NULL, WHAT, err);
    if (rc == 0)
        rc = lethe_trust_check(trust, (const uint8_t *const *)jws->chain, jws->chain_len,
                               jws->n_chain, out->iat, &out->chain, err);
    if (rc < 0)
        return rc;
    lethe_text_format(uri, sizeof(uri), LETHE_BENCH_URI "%s", out->chain.bench);
    if (strcmp(iss, uri) != 0 || !claimed || strcmp(claimed, out->chain.organisation) != 0)
        return lethe_fail(err, LETHE_E_INVALID,
                          WHAT " names another issuer than its signing certificate");
    if (strcmp(claimed, organisation) != 0)
        return lethe_fail(err, LETHE_E_INVALID,
                          WHAT " is of another organisation than the certificate");
    if (out->iat < iat || out->iat > now + LETHE_SKEW_MS)
        return lethe_fail(err, LETHE_E_INVALID,
                          WHAT
                          " is older than the certificate, or of the future of this computer's "
                          "clock");
    if (lethe_trust_revoked(trust, &out->chain, 0, NULL) == LETHE_REVOCATION_VOID)
        return lethe_fail(err, LETHE_E_INVALID, "the key that signed " WHAT " is revoked");
    return 0;
}

int lethe_validation_verify(const struct lethe_trust *trust, const char *text, size_t len,
                            const char *certificate, size_t certificate_len,
                            const char *operator_name, uint64_t now, struct lethe_validation *out,
                            struct lethe_error *err)
{
    struct lethe_jws jws;
    char iss[sizeof(out->chain.bench) + sizeof(LETHE_BENCH_URI)], organisation[128];
    uint64_t iat = 0;
    memset(out, 0, sizeof(*out));
    int rc = lethe_jws_read(text, len, TEXT_MAX, LETHE_VALIDATION_TYP, true, WHAT, &jws, err);
    if (rc < 0)
        return rc;
    rc = claims_read(jws.claims, out, iss, sizeof(iss), err);
    if (rc == 0)
        rc = bound_check(jws.claims, certificate, certificate_len, out, err);
    if (rc == 0)
        rc = certificate_read(certificate, certificate_len, out, &iat, organisation,
                              sizeof(organisation), err);
    if (rc == 0)
        rc = signer_check(trust, &jws, iss, organisation, iat, now, out, err);
    if (rc == 0 && operator_name && lethe_same_person(operator_name, out->by))
        rc = lethe_fail(err, LETHE_E_REFUSED,
                        "\"%s\" did the work and validated it: a second person must", out->by);
    lethe_jws_clear(&jws);
    return rc;
}
