/* SPDX-License-Identifier: Apache-2.0 */
#include "batch/record.h"

#include "base/crypto.h"
#include "base/json.h"
#include "base/text.h"
#include "trust/internal.h"
#include "trust/x509_profile.h"
#include <string.h>

void lethe_record_hash(const void *data, size_t len, char out[LETHE_BATCH_HASH_SIZE])
{
    uint8_t hash[LETHE_HASH_SIZE];
    lethe_sha256(hash, data, len);
    lethe_b64url_encode(out, hash, sizeof(hash));
}

bool lethe_record_hash_ok(const char *text)
{
    uint8_t hash[LETHE_HASH_SIZE];
    return lethe_b64url_decode(hash, sizeof(hash), text, strlen(text)) == sizeof(hash);
}

bool lethe_record_uuid_ok(const char *text)
{
    for (size_t i = 0; i < 36; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !text[i] || !strchr("0123456789abcdef", text[i]))
            return false;
    }
    return text[36] == '\0';
}

int lethe_record_text(const json_t *claims, const char *key, char *out, size_t out_size,
                      bool optional, struct lethe_error *err)
{
    int rc = lethe_json_copy(claims, key, out, out_size, optional, err);
    if (rc == 0 && (!lethe_text_is_clean(out) || (!optional && !out[strspn(out, " .,")])))
        rc = lethe_fail(err, LETHE_E_INVALID, "\"%s\" is no plain text", key);
    return rc;
}

int lethe_record_device(const json_t *pair, struct lethe_batch_device *out, struct lethe_error *err)
{
    const char *jti = json_string_value(json_array_get(pair, 0));
    const char *hash = json_string_value(json_array_get(pair, 1));
    if (json_array_size(pair) != 2 || !jti || !hash || !lethe_record_uuid_ok(jti) ||
        !lethe_record_hash_ok(hash))
        return lethe_fail(err, LETHE_E_INVALID, "a certificate is its jti and its hash");
    memcpy(out->jti, jti, sizeof(out->jti));
    memcpy(out->hash, hash, sizeof(out->hash));
    return 0;
}

int lethe_record_signed(const struct lethe_trust *trust, const struct lethe_jws *jws,
                        const char *what, uint64_t now, uint64_t *iat, struct lethe_chain *chain,
                        struct lethe_error *err)
{
    const char *iss, *organisation;
    char uri[sizeof(chain->bench) + sizeof(LETHE_BENCH_URI)];
    int rc = lethe_date_member(jws->claims, "iat", iat, err);
    if (rc == 0)
        rc = lethe_json_str(jws->claims, "iss", &iss, err);
    if (rc == 0)
        rc = lethe_json_str(jws->claims, "organisation", &organisation, err);
    if (rc == 0)
        rc = lethe_jws_verify(jws, NULL, what, err);
    if (rc == 0)
        rc = lethe_trust_check(trust, (const uint8_t *const *)jws->chain, jws->chain_len,
                               jws->n_chain, *iat, chain, err);
    if (rc < 0)
        return rc;
    lethe_text_format(uri, sizeof(uri), LETHE_BENCH_URI "%s", chain->bench);
    if (strcmp(iss, uri) != 0 || strcmp(organisation, chain->organisation) != 0)
        return lethe_fail(err, LETHE_E_INVALID,
                          "%s names another issuer than its signing certificate", what);
    if (strcmp(organisation, LETHE_DEMO_ORGANISATION) == 0)
        return lethe_fail(err, LETHE_E_INVALID, "%s is signed by the demo's key", what);
    if (*iat > now + LETHE_SKEW_MS)
        return lethe_fail(err, LETHE_E_INVALID, "%s is of the future of this computer's clock",
                          what);
    if (lethe_trust_revoked(trust, chain, 0, NULL) == LETHE_REVOCATION_VOID)
        return lethe_fail(err, LETHE_E_INVALID, "the key that signed %s is revoked", what);
    return 0;
}
