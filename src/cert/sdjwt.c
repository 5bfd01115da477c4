/* SPDX-License-Identifier: Apache-2.0 */
/* Framing, protected header and signature. */
#include "cert/sdjwt.h"

#include "base/text.h"
#include "cert/strict.h"
#include <lethe/error.h>
#include <openssl/ec.h>
#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* RFC 9901 section 4: <issuer JWT>~<disclosure>~...~ with nothing behind the last tilde. */
static int split(const char *text, size_t len, struct lethe_sdjwt *out, struct lethe_span *jwt,
                 struct lethe_complaint *why)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";
    if (len == 0)
        return lethe_complain(why, "empty", "there is nothing in it");
    if (len > LETHE_SDJWT_MAX)
        return lethe_complain(why, "size", "%zu bytes are more than a certificate can have", len);
    for (size_t i = 0; i < len; i++)
        if (!text[i] || !strchr(alphabet, text[i]))
            return lethe_complain(why, "characters", "byte %zu is none that an SD-JWT can have", i);
    const char *tilde = memchr(text, '~', len);
    if (!tilde)
        return lethe_complain(why, "format", "it is no SD-JWT: no \"~\" ends it");
    *jwt = (struct lethe_span){text, (size_t)(tilde - text)};
    const char *at = tilde + 1, *end = text + len;
    while (at < end) {
        tilde = memchr(at, '~', (size_t)(end - at));
        if (!tilde && memchr(at, '.', (size_t)(end - at)))
            return lethe_complain(why, "key-binding",
                                  "it carries a key-binding JWT, which certificates do not have");
        if (!tilde)
            return lethe_complain(why, "format", "it does not end with \"~\"");
        if (tilde == at)
            return lethe_complain(why, "format", "it has an empty disclosure (\"~~\")");
        if (out->n_disclosures == LETHE_SDJWT_DISCLOSURES_MAX)
            return lethe_complain(why, "size", "it has more than %d disclosures",
                                  LETHE_SDJWT_DISCLOSURES_MAX);
        out->disclosures[out->n_disclosures++] = (struct lethe_span){at, (size_t)(tilde - at)};
        at = tilde + 1;
    }
    return 0;
}

static int header_chain(const json_t *x5c, struct lethe_sdjwt *out, struct lethe_complaint *why)
{
    size_t n = json_array_size(x5c);
    if (!json_is_array(x5c) || n == 0 || n > LETHE_SDJWT_CHAIN_MAX)
        return lethe_complain(why, "x5c", "x5c is not a list of 1 to %d certificates",
                              LETHE_SDJWT_CHAIN_MAX);
    for (size_t i = 0; i < n; i++) {
        const json_t *item = json_array_get(x5c, i);
        out->chain[i] = json_is_string(item)
                            ? lethe_strict_base64(json_string_value(item), json_string_length(item),
                                                  &out->chain_len[i])
                            : NULL;
        if (!out->chain[i])
            return lethe_complain(why, "x5c", "certificate %zu of x5c is not canonical base64", i);
        out->n_chain = i + 1;
    }
    return 0;
}

/* A closed header: whatever else it says (jwk, jku, x5u, kid, crit, b64, zip ...) could only point
 * a reader at another key or another payload. */
static int header_check(const json_t *header, struct lethe_sdjwt *out, struct lethe_complaint *why)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)header, key, value)
    {
        if (strcmp(key, "alg") != 0 && strcmp(key, "typ") != 0 && strcmp(key, "x5c") != 0)
            return lethe_complain(why, "header", "the header has \"%.40s\", which is not allowed",
                                  key);
    }
    const char *alg = json_string_value(json_object_get(header, "alg"));
    const char *typ = json_string_value(json_object_get(header, "typ"));
    if (!alg || strcmp(alg, "ES256") != 0)
        return lethe_complain(why, "alg", "the algorithm is \"%.20s\", only ES256 is accepted",
                              alg ? alg : "");
    if (!typ || strcmp(typ, LETHE_SDJWT_TYP) != 0)
        return lethe_complain(why, "typ", "the header's typ is not " LETHE_SDJWT_TYP);
    return header_chain(json_object_get(header, "x5c"), out, why);
}

int lethe_sdjwt_parse(const char *text, size_t len, struct lethe_sdjwt *out,
                      struct lethe_complaint *why)
{
    struct lethe_span jwt = {text, 0};
    memset(out, 0, sizeof(*out));
    int rc = split(text, len, out, &jwt, why);
    if (rc < 0)
        return rc;
    const char *end = jwt.text + jwt.len;
    const char *dot = memchr(jwt.text, '.', jwt.len);
    const char *second = dot ? memchr(dot + 1, '.', (size_t)(end - dot - 1)) : NULL;
    if (!second || memchr(second + 1, '.', (size_t)(end - second - 1)) || dot == jwt.text ||
        second == dot + 1 || second + 1 == end)
        return lethe_complain(why, "format", "it is no JWT of three parts");
    for (size_t i = 0; i < out->n_disclosures; i++)
        if (memchr(out->disclosures[i].text, '.', out->disclosures[i].len))
            return lethe_complain(why, "format", "disclosure %zu has a \".\"", i);
    out->signed_part = (struct lethe_span){jwt.text, (size_t)(second - jwt.text)};
    out->payload = (struct lethe_span){dot + 1, (size_t)(second - dot - 1)};
    if (lethe_b64url_decode(out->signature, sizeof(out->signature), second + 1,
                            (size_t)(end - second - 1)) != (ssize_t)sizeof(out->signature))
        return lethe_complain(why, "signature-format",
                              "the signature is not 64 bytes of canonical base64url");
    json_t *header =
        lethe_strict_b64_json(jwt.text, (size_t)(dot - jwt.text), JSON_OBJECT, "header", why);
    if (!header)
        return -LETHE_E_INVALID;
    rc = header_check(header, out, why);
    json_decref(header);
    return rc;
}

/* The order n of P-256, and n/2 (FIPS 186-5, SP 800-186 section 3.2.1.3). */
static const uint8_t order[32] = {0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff,
                                  0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17,
                                  0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51};
static const uint8_t half[32] = {0x7f, 0xff, 0xff, 0xff, 0x80, 0x00, 0x00, 0x00, 0x7f, 0xff, 0xff,
                                 0xff, 0xff, 0xff, 0xff, 0xff, 0xde, 0x73, 0x7d, 0x56, 0xd3, 0x8b,
                                 0xcf, 0x42, 0x79, 0xdc, 0xe5, 0x61, 0x7e, 0x31, 0x92, 0xa8};

void lethe_sdjwt_low_s(uint8_t signature[64])
{
    uint8_t *s = signature + 32;
    int borrow = 0;
    if (memcmp(s, half, sizeof(half)) <= 0)
        return;
    for (size_t i = sizeof(order); i-- > 0;) {
        int digit = order[i] - s[i] - borrow;
        borrow = digit < 0;
        s[i] = (uint8_t)(digit + (borrow ? 256 : 0));
    }
}

/* r and s must lie in 1..n-1 (FIPS 186-5 section 6.4.2): zero is how CVE-2022-21449 worked. Looked
 * at before libcrypto sees them, so that the reason can be told. */
static bool in_range(const BIGNUM *n, const BIGNUM *value)
{
    return !BN_is_zero(value) && BN_cmp(value, n) < 0;
}

static int signature_verify(EVP_PKEY *key, const struct lethe_sdjwt *jwt,
                            struct lethe_complaint *why)
{
    BIGNUM *r = BN_bin2bn(jwt->signature, 32, NULL), *s = BN_bin2bn(jwt->signature + 32, 32, NULL);
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    ECDSA_SIG *sig = ECDSA_SIG_new();
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    uint8_t der[80], *end = der;
    int rc = 0;
    if (!r || !s || !group || !sig || !ctx)
        rc = lethe_complain(why, "memory", "memory ran out");
    else if (!in_range(EC_GROUP_get0_order(group), r) || !in_range(EC_GROUP_get0_order(group), s))
        rc = lethe_complain(why, "signature-range", "the signature's numbers are out of range");
    else if (memcmp(jwt->signature + 32, half, sizeof(half)) > 0)
        rc =
            lethe_complain(why, "signature-high",
                           "the signature is the larger of two that say the same; only the smaller "
                           "one is taken");
    if (rc == 0) {
        ECDSA_SIG_set0(sig, r, s);
        r = s = NULL;
        int len = i2d_ECDSA_SIG(sig, &end);
        if (len <= 0 || EVP_DigestVerifyInit(ctx, NULL, EVP_sha256(), NULL, key) != 1 ||
            EVP_DigestVerify(ctx, der, (size_t)len, (const uint8_t *)jwt->signed_part.text,
                             jwt->signed_part.len) != 1)
            rc = lethe_complain(why, "signature",
                                "the signature does not hold: something was changed, or another "
                                "key signed it");
    }
    EVP_MD_CTX_free(ctx);
    ECDSA_SIG_free(sig);
    EC_GROUP_free(group);
    BN_free(r);
    BN_free(s);
    ERR_clear_error();
    return rc;
}

int lethe_sdjwt_signature(const struct lethe_sdjwt *jwt, struct lethe_complaint *why)
{
    const uint8_t *at = jwt->chain[0];
    X509 *leaf = d2i_X509(NULL, &at, (long)jwt->chain_len[0]);
    EVP_PKEY *key = leaf ? X509_get0_pubkey(leaf) : NULL;
    char group[32];
    size_t len;
    int rc;
    if (!key || EVP_PKEY_get_base_id(key) != EVP_PKEY_EC ||
        EVP_PKEY_get_group_name(key, group, sizeof(group), &len) != 1 ||
        strcmp(group, "prime256v1") != 0)
        rc = lethe_complain(why, "key", "the first certificate of x5c has no P-256 key");
    else
        rc = signature_verify(key, jwt, why);
    X509_free(leaf);
    ERR_clear_error();
    return rc;
}

void lethe_sdjwt_clear(struct lethe_sdjwt *jwt)
{
    for (size_t i = 0; i < LETHE_SDJWT_CHAIN_MAX; i++)
        free(jwt->chain[i]);
    if (jwt->claims)
        json_decref(jwt->claims);
    memset(jwt, 0, sizeof(*jwt));
}
