/* SPDX-License-Identifier: Apache-2.0 */
/* Signing: claims to SD-JWT (RFC 9901 section 4), read back by the verifier's own eyes before it is
 * let out. */
#include "cert/sdjwt.h"

#include "base/buf.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "cert/consistency.h"
#include "cert/schema.h"
#include "trust/es256.h"
#include <lethe/certificate.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define SALT_SIZE 16 /* 128 bits: RFC 9901 section 9.3 */

struct issuing {
    struct lethe_buf disclosures; /* "~" each */
    int rc;
};

static char *b64url(const void *data, size_t len)
{
    char *out = malloc(LETHE_B64URL_SIZE(len));
    if (out)
        lethe_b64url_encode(out, data, len);
    return out;
}

static char *b64url_json(const json_t *json)
{
    char *text = json ? lethe_json_canonical(json) : NULL;
    char *out = text ? b64url(text, strlen(text)) : NULL;
    free(text);
    return out;
}

/* The disclosure goes on the list; its digest is the result. NAME NULL: an array element. */
static json_t *disclose(struct issuing *is, const char *name, json_t *value)
{
    uint8_t salt[SALT_SIZE], hash[LETHE_HASH_SIZE];
    char salt_text[LETHE_B64URL_SIZE(SALT_SIZE)], digest[LETHE_B64URL_SIZE(LETHE_HASH_SIZE)];
    lethe_random(salt, sizeof(salt));
    lethe_b64url_encode(salt_text, salt, sizeof(salt));
    LETHE_JSON_AUTO *array =
        name ? json_pack("[s,s,O]", salt_text, name, value) : json_pack("[s,O]", salt_text, value);
    char *text = b64url_json(array);
    if (!text || lethe_buf_puts(&is->disclosures, text) < 0 ||
        lethe_buf_puts(&is->disclosures, "~") < 0)
        is->rc = -LETHE_E_INTERNAL;
    else {
        lethe_sha256(hash, text, strlen(text));
        lethe_b64url_encode(digest, hash, sizeof(hash));
    }
    free(text);
    return is->rc < 0 ? NULL : json_string(digest);
}

static int digest_order(const void *a, const void *b)
{
    return strcmp(json_string_value(*(json_t *const *)a), json_string_value(*(json_t *const *)b));
}

/* RFC 9901 section 4.2.4.1: the order of digests must not tell the order of claims. */
static json_t *sorted(json_t *const *digests, size_t n)
{
    json_t *list = json_array(), *copy[LETHE_SDJWT_DISCLOSURES_MAX];
    memcpy(copy, digests, n * sizeof(copy[0]));
    qsort(copy, n, sizeof(copy[0]), digest_order);
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, copy[i]);
    return list;
}

/* Every member of FROM becomes a digest in INTO._sd; at the TOP but for the two that have places of
 * their own. */
static void hide_members(struct issuing *is, const json_t *from, json_t *into, bool top)
{
    json_t *digests[LETHE_SDJWT_DISCLOSURES_MAX], *value;
    const char *key;
    size_t n = 0;
    json_object_foreach((json_t *)(uintptr_t)from, key, value)
    {
        if (top && (strcmp(key, "custom") == 0 || strcmp(key, "identifiers") == 0))
            continue;
        if (json_is_object(value) || json_is_array(value) || n == LETHE_SDJWT_DISCLOSURES_MAX)
            is->rc = -LETHE_E_INVALID;
        if (is->rc < 0 || !(digests[n] = disclose(is, key, value)))
            break;
        n++;
    }
    if (n > 0)
        json_object_set_new(into, "_sd", sorted(digests, n));
}

static json_t *hide_elements(struct issuing *is, const json_t *from)
{
    json_t *list = json_array(), *value;
    size_t i;
    json_array_foreach(from, i, value)
    {
        json_t *digest = disclose(is, NULL, value);
        json_array_append_new(list, json_pack("{s:o}", "...", digest));
    }
    return list;
}

static json_t *payload_make(struct issuing *is, const json_t *claims, const char *jti)
{
    const json_t *hidden = json_object_get(claims, "hidden");
    const json_t *custom = json_object_get(hidden, "custom");
    json_t *payload = json_deep_copy(json_object_get(claims, "open"));
    json_object_set_new(payload, "jti", json_string(jti));
    json_object_set_new(payload, "_sd_alg", json_string("sha-256"));
    hide_members(is, hidden, payload, true);
    json_object_set_new(payload, "identifiers",
                        hide_elements(is, json_object_get(hidden, "identifiers")));
    if (json_object_size(custom) > 0) {
        json_t *object = json_object();
        hide_members(is, custom, object, false);
        json_object_set_new(payload, "custom", object);
    }
    return payload;
}

static json_t *header_make(const struct lethe_signer *signer)
{
    json_t *chain = json_array();
    for (size_t i = 0; i < signer->n_chain; i++) {
        size_t len = signer->chain_len[i];
        char *text = malloc(len * 4 / 3 + 5);
        if (!text)
            break;
        EVP_EncodeBlock((unsigned char *)text, signer->chain[i], (int)len);
        json_array_append_new(chain, json_string(text));
        free(text);
    }
    return json_pack("{s:s,s:s,s:o}", "alg", "ES256", "typ", LETHE_SDJWT_TYP, "x5c", chain);
}

static int sign(struct lethe_signer *signer, const json_t *payload, struct lethe_buf *out,
                struct lethe_error *err)
{
    uint8_t signature[64];
    char signature_text[LETHE_B64URL_SIZE(sizeof(signature))];
    LETHE_JSON_AUTO *header = header_make(signer);
    char *head = b64url_json(header), *body = b64url_json(payload);
    int rc = head && body ? lethe_buf_printf(out, "%s.%s", head, body) : -LETHE_E_INTERNAL;
    free(head);
    free(body);
    if (rc < 0)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    rc = signer->ops->sign(signer, out->data, out->len, signature, err);
    if (rc < 0)
        return rc;
    lethe_signature_low_s(signature);
    lethe_b64url_encode(signature_text, signature, sizeof(signature));
    return lethe_buf_printf(out, ".%s~", signature_text) < 0
               ? lethe_fail(err, LETHE_E_INTERNAL, "memory ran out")
               : 0;
}

static void keep_first(void *user, const struct lethe_complaint *why)
{
    struct lethe_complaint *first = user;
    if (!first->code[0])
        *first = *why;
}

/* What our own verifier would refuse is not signed into the world. */
static int read_back(const char *text, struct lethe_error *err)
{
    struct lethe_sdjwt jwt;
    struct lethe_complaint why = {0};
    int rc = lethe_sdjwt_parse(text, strlen(text), &jwt, &why);
    if (rc == 0)
        rc = lethe_sdjwt_signature(&jwt, &why);
    if (rc == 0)
        rc = lethe_sdjwt_open(&jwt, &why);
    if (rc == 0)
        rc = lethe_schema_check(jwt.claims, &why);
    if (rc == 0 && lethe_consistency_check(jwt.claims, keep_first, &why) > 0)
        rc = -LETHE_E_INVALID;
    lethe_sdjwt_clear(&jwt);
    if (rc == 0)
        return 0;
    rc = lethe_fail(err, LETHE_E_INVALID, "the certificate would not be believed (%s): %s",
                    why.code, why.text);
    lethe_error_effect(err, "The record of the job is kept; nothing was signed into the world");
    return rc;
}

int lethe_certificate_issue(const json_t *claims, struct lethe_signer *signer, char **text,
                            char jti[37], struct lethe_error *err)
{
    struct issuing is = {0};
    LETHE_BUF_AUTO out = {0};
    lethe_uuid7(jti);
    LETHE_JSON_AUTO *payload = payload_make(&is, claims, jti);
    int rc = is.rc < 0 || !payload ? lethe_fail(err, LETHE_E_INVALID,
                                                "what can be withheld is at most %d plain fields",
                                                LETHE_SDJWT_DISCLOSURES_MAX)
                                   : sign(signer, payload, &out, err);
    if (rc == 0 && is.disclosures.len > 0 &&
        lethe_buf_add(&out, is.disclosures.data, is.disclosures.len) < 0)
        rc = lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    lethe_buf_free(&is.disclosures);
    if (rc == 0)
        rc = read_back(out.data, err);
    if (rc < 0)
        return rc;
    *text = lethe_buf_take(&out);
    return 0;
}
