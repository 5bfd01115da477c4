/* SPDX-License-Identifier: Apache-2.0 */
#include "cert/support.h"

#include "base/buf.h"
#include "base/crypto.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "cert/sdjwt.h"
#include "trust/es256.h"
#include "trust/x509_profile.h"
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#define KEYS LETHE_SOURCE_DIR "/certs/test-keys/"

static void __attribute__((noreturn)) die(const char *what, const char *which)
{
    fprintf(stderr, "support: %s %s\n", what, which ? which : "");
    abort();
}

/* ---- one clock, one source of numbers ---- */

static uint8_t random_state[LETHE_HASH_SIZE];

static uint64_t fixed_now(void)
{
    return EXAMPLE_NOW;
}

static void fixed_random(void *out, size_t len)
{
    for (size_t done = 0; done < len;) {
        size_t n = len - done < sizeof(random_state) ? len - done : sizeof(random_state);
        lethe_sha256(random_state, random_state, sizeof(random_state));
        memcpy((uint8_t *)out + done, random_state, n);
        done += n;
    }
}

void support_fix(const char *label)
{
    lethe_sha256(random_state, label, strlen(label));
    lethe_time_override(fixed_now, fixed_random);
}

/* ---- RFC 6979 over P-256 with SHA-256 ---- */

static void hmac_parts(const uint8_t key[32], const uint8_t v[32], int byte, const uint8_t *x,
                       const uint8_t *h, uint8_t out[32])
{
    uint8_t message[32 + 1 + 64];
    size_t len = 32;
    memcpy(message, v, 32);
    if (byte >= 0) {
        message[len++] = (uint8_t)byte;
        if (x) {
            memcpy(message + len, x, 32);
            memcpy(message + len + 32, h, 32);
            len += 64;
        }
    }
    lethe_hmac_sha256(out, key, 32, message, len);
}

/* Section 3.2; the first candidate below n is taken (the chance that it is not is 2^-32). */
static BIGNUM *nonce(const BIGNUM *secret, const uint8_t hash[32], const BIGNUM *order)
{
    uint8_t x[32], h[32], k[32] = {0}, v[32];
    BIGNUM *reduced = BN_bin2bn(hash, 32, NULL);
    if (BN_cmp(reduced, order) >= 0)
        BN_sub(reduced, reduced, order);
    BN_bn2binpad(reduced, h, 32);
    BN_free(reduced);
    BN_bn2binpad(secret, x, 32);
    memset(v, 1, sizeof(v));
    hmac_parts(k, v, 0, x, h, k);
    hmac_parts(k, v, -1, NULL, NULL, v);
    hmac_parts(k, v, 1, x, h, k);
    for (;;) {
        hmac_parts(k, v, -1, NULL, NULL, v);
        hmac_parts(k, v, -1, NULL, NULL, v);
        BIGNUM *candidate = BN_bin2bn(v, 32, NULL);
        if (!BN_is_zero(candidate) && BN_cmp(candidate, order) < 0)
            return candidate;
        BN_free(candidate);
        hmac_parts(k, v, 0, NULL, NULL, k);
        hmac_parts(k, v, -1, NULL, NULL, v);
    }
}

void support_sign(EVP_PKEY *key, const void *data, size_t len, uint8_t out[64])
{
    uint8_t hash[32];
    BIGNUM *secret = NULL;
    if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &secret) != 1)
        die("no private key", NULL);
    lethe_sha256(hash, data, len);
    BN_CTX *ctx = BN_CTX_new();
    EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    const BIGNUM *order = EC_GROUP_get0_order(group);
    BIGNUM *k = nonce(secret, hash, order), *r = BN_new(), *s = BN_new(), *e = BN_new();
    EC_POINT *point = EC_POINT_new(group);
    EC_POINT_mul(group, point, k, NULL, NULL, ctx);
    EC_POINT_get_affine_coordinates(group, point, r, NULL, ctx);
    BN_nnmod(r, r, order, ctx);
    BN_bin2bn(hash, 32, e);
    BN_mod_mul(s, r, secret, order, ctx);
    BN_mod_add(s, s, e, order, ctx);
    BN_mod_inverse(k, k, order, ctx);
    BN_mod_mul(s, s, k, order, ctx);
    BN_bn2binpad(r, out, 32);
    BN_bn2binpad(s, out + 32, 32);
    EC_POINT_free(point);
    EC_GROUP_free(group);
    BN_free(k);
    BN_free(r);
    BN_free(s);
    BN_free(e);
    BN_clear_free(secret);
    BN_CTX_free(ctx);
}

/* ---- certs/test-keys ---- */

static char *key_file(const char *name, const char *suffix, size_t *len)
{
    char path[512], *text;
    lethe_text_format(path, sizeof(path), KEYS "%s%s", name, suffix);
    if (lethe_file_read(path, 65536, &text, len, NULL) < 0)
        die("cannot read", path);
    return text;
}

EVP_PKEY *support_key(const char *name)
{
    size_t len;
    char *text = key_file(name, ".key", &len);
    BIO *bio = BIO_new_mem_buf(text, (int)len);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
    BIO_free(bio);
    free(text);
    return key ? key : (die("no key in", name), NULL);
}

static X509 *support_x509(const char *name)
{
    size_t len;
    char *text = key_file(name, ".pem", &len);
    BIO *bio = BIO_new_mem_buf(text, (int)len);
    X509 *cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    BIO_free(bio);
    free(text);
    return cert ? cert : (die("no certificate in", name), NULL);
}

uint8_t *support_der(const char *name, size_t *len)
{
    X509 *cert = support_x509(name);
    uint8_t *der = NULL;
    int n = i2d_X509(cert, &der);
    X509_free(cert);
    if (n <= 0)
        die("cannot encode", name);
    *len = (size_t)n;
    return der;
}

struct test_signer {
    struct lethe_signer signer;
    EVP_PKEY *key;
};

static int test_sign(struct lethe_signer *signer, const void *data, size_t len, uint8_t out[64],
                     struct lethe_error *err)
{
    (void)err;
    support_sign(((struct test_signer *)signer)->key, data, len, out);
    return 0;
}

static void test_close(struct lethe_signer *signer)
{
    EVP_PKEY_free(((struct test_signer *)signer)->key);
    free(signer);
}

static const struct lethe_signer_ops test_ops = {"test", test_sign, test_close};

struct lethe_signer *support_signer(const char *name, const char *const *chain)
{
    struct test_signer *self = calloc(1, sizeof(*self));
    struct lethe_signer *signer = &self->signer;
    X509 *leaf = support_x509(name);
    self->key = support_key(name);
    signer->ops = &test_ops;
    lethe_x509_organisation(leaf, signer->organisation, sizeof(signer->organisation));
    lethe_x509_bench(leaf, signer->bench, sizeof(signer->bench));
    lethe_x509_validity(leaf, &signer->not_before, &signer->not_after);
    signer->demo = strcmp(signer->organisation, LETHE_DEMO_ORGANISATION) == 0;
    X509_free(leaf);
    signer->chain[0] = support_der(name, &signer->chain_len[0]);
    for (signer->n_chain = 1; chain && *chain; chain++, signer->n_chain++)
        signer->chain[signer->n_chain] = support_der(*chain, &signer->chain_len[signer->n_chain]);
    lethe_sha256_hex(signer->certificate_sha256, signer->chain[0], signer->chain_len[0]);
    return signer;
}

struct lethe_trust *support_trust(const char *const *roots)
{
    struct lethe_trust *trust;
    struct lethe_error err;
    if (lethe_trust_new(&trust, NULL) < 0)
        die("no memory", NULL);
    for (; *roots; roots++) {
        size_t len;
        char *pem = key_file(*roots, ".pem", &len);
        if (lethe_trust_add_pem(trust, pem, len, &err) < 0)
            die(err.what, *roots);
        free(pem);
    }
    return trust;
}

#define HOUR_MS (3600ull * 1000)

void support_revoke(struct lethe_trust *trust, const char *name, time_t since)
{
    size_t len;
    uint8_t *der = support_der(name, &len), *root_der, *out = NULL;
    const uint8_t *at = der;
    X509 *leaf = d2i_X509(NULL, &at, (long)len);
    at = root_der = support_der("root", &len);
    X509 *root = d2i_X509(NULL, &at, (long)len);
    EVP_PKEY *key = support_key("root");
    X509_CRL *crl = X509_CRL_new();
    X509_REVOKED *entry = X509_REVOKED_new();
    ASN1_TIME *time = ASN1_TIME_set(NULL, since);
    ASN1_INTEGER *number = ASN1_INTEGER_new();
    X509_CRL_set_version(crl, X509_CRL_VERSION_2);
    X509_CRL_set_issuer_name(crl, X509_get_subject_name(root));
    X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(leaf));
    X509_REVOKED_set_revocationDate(entry, time);
    X509_CRL_add0_revoked(crl, entry);
    ASN1_TIME_set(time, (time_t)((EXAMPLE_NOW - HOUR_MS) / 1000));
    X509_CRL_set1_lastUpdate(crl, time);
    ASN1_TIME_set(time, (time_t)((EXAMPLE_NOW + HOUR_MS) / 1000));
    X509_CRL_set1_nextUpdate(crl, time);
    ASN1_INTEGER_set(number, 1);
    X509_CRL_add1_ext_i2d(crl, NID_crl_number, number, 0, 0);
    int crl_len = X509_CRL_sign(crl, key, EVP_sha384()) > 0 ? i2d_X509_CRL(crl, &out) : 0;
    if (crl_len <= 0 || lethe_trust_add_crl(trust, (const char *)out, (size_t)crl_len, EXAMPLE_NOW,
                                            0, NULL, NULL) < 0)
        die("cannot revoke", name);
    OPENSSL_free(out);
    ASN1_INTEGER_free(number);
    ASN1_TIME_free(time);
    X509_CRL_free(crl);
    EVP_PKEY_free(key);
    X509_free(root);
    X509_free(leaf);
    free(root_der);
    free(der);
}

/* ---- claims ---- */

json_t *support_claims(void)
{
    size_t len;
    char *text;
    struct lethe_error err;
    if (lethe_file_read(LETHE_SOURCE_DIR "/tests/cert/claims.json", 65536, &text, &len, &err) < 0)
        die(err.what, NULL);
    json_t *json = lethe_json_load(text, len, 65536, &err);
    free(text);
    return json ? json : (die(err.what, "claims.json"), NULL);
}

void support_set(json_t *object, const char *path, const char *json)
{
    char name[96];
    const char *dot = strcmp(path, "...") == 0 ? NULL : strchr(path, '.');
    lethe_text_format(name, sizeof(name), "%.*s", (int)(dot ? dot - path : (long)strlen(path)),
                      path);
    size_t index = json_is_array(object) ? strtoul(name, NULL, 10) : 0;
    if (dot) {
        json_t *inner =
            json_is_array(object) ? json_array_get(object, index) : json_object_get(object, name);
        if (!inner)
            die("no such claim:", path);
        support_set(inner, dot + 1, json);
        return;
    }
    int rc;
    if (!json) {
        rc = json_is_array(object) ? json_array_remove(object, index)
                                   : json_object_del(object, name);
    } else {
        json_t *value = json_loads(json, JSON_DECODE_ANY, NULL);
        if (!value)
            die("bad JSON:", json);
        rc = json_is_array(object) ? json_array_set_new(object, index, value)
                                   : json_object_set_new(object, name, value);
    }
    if (rc != 0)
        die("cannot set", path);
}

char *support_issue(const json_t *claims, struct lethe_signer *signer)
{
    struct lethe_error err = {0};
    char *text, jti[37];
    if (lethe_certificate_issue(claims, signer, &text, jti, &err) < 0)
        die(err.what, "(not issued)");
    return text;
}

/* ---- parts ---- */

static json_t *decode(const char *text, size_t len, bool array)
{
    char *bytes = calloc(1, len + 1);
    ssize_t n = lethe_b64url_decode(bytes, len, text, len);
    json_t *json = n < 0 ? NULL : json_loadb(bytes, (size_t)n, 0, NULL);
    free(bytes);
    if (!json || (array && !json_is_array(json)))
        die("cannot decode", text);
    return json;
}

static char *encode(const char *text)
{
    size_t len = strlen(text);
    char *out = malloc(LETHE_B64URL_SIZE(len));
    lethe_b64url_encode(out, text, len);
    return out;
}

void parts_split(const char *text, struct parts *out)
{
    memset(out, 0, sizeof(*out));
    const char *dot = strchr(text, '.'), *second = strchr(dot + 1, '.');
    out->header = decode(text, (size_t)(dot - text), false);
    out->payload = decode(dot + 1, (size_t)(second - dot - 1), false);
    for (const char *at = strchr(second, '~') + 1; *at;) {
        const char *tilde = strchr(at, '~');
        out->disclosures[out->n_disclosures++] = strndup(at, (size_t)(tilde - at));
        at = tilde + 1;
    }
}

void parts_clear(struct parts *parts)
{
    json_decref(parts->header);
    json_decref(parts->payload);
    free(parts->header_text);
    free(parts->payload_text);
    for (size_t i = 0; i < parts->n_disclosures; i++)
        free(parts->disclosures[i]);
}

json_t *parts_disclosure(const struct parts *parts, size_t i)
{
    return decode(parts->disclosures[i], strlen(parts->disclosures[i]), true);
}

size_t parts_find(const struct parts *parts, const char *name)
{
    for (size_t i = 0; i < parts->n_disclosures; i++) {
        json_t *array = parts_disclosure(parts, i);
        const json_t *value = json_array_get(array, 1);
        const char *is =
            json_string_value(json_array_size(array) == 3 ? value : json_object_get(value, "kind"));
        bool found = is && strcmp(is, name) == 0;
        json_decref(array);
        if (found)
            return i;
    }
    die("no disclosure of", name);
}

void parts_drop(struct parts *parts, size_t i)
{
    free(parts->disclosures[i]);
    memmove(&parts->disclosures[i], &parts->disclosures[i + 1],
            (--parts->n_disclosures - i) * sizeof(parts->disclosures[0]));
}

json_t *parts_disclose(struct parts *parts, const char *name, json_t *value)
{
    uint8_t salt[16], hash[LETHE_HASH_SIZE];
    char salt_text[24], digest[LETHE_B64URL_SIZE(LETHE_HASH_SIZE)];
    lethe_random(salt, sizeof(salt));
    lethe_b64url_encode(salt_text, salt, sizeof(salt));
    json_t *array =
        name ? json_pack("[s,s,O]", salt_text, name, value) : json_pack("[s,O]", salt_text, value);
    char *text = lethe_json_canonical(array), *out = encode(text);
    free(text);
    json_decref(array);
    json_decref(value);
    parts->disclosures[parts->n_disclosures++] = out;
    lethe_sha256(hash, out, strlen(out));
    lethe_b64url_encode(digest, hash, sizeof(hash));
    return json_string(digest);
}

/* Not lethe_json_canonical(): that aborts on what our own issuer can't hold, such as floats. */
static char *dump(const json_t *json)
{
    return json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
}

char *parts_join(const struct parts *parts, EVP_PKEY *key)
{
    LETHE_BUF_AUTO out = {0};
    uint8_t raw[64];
    char signature[LETHE_B64URL_SIZE(64)];
    char *header = parts->header_text ? strdup(parts->header_text) : dump(parts->header);
    char *payload = parts->payload_text ? strdup(parts->payload_text) : dump(parts->payload);
    char *head = encode(header), *body = encode(payload);
    lethe_buf_printf(&out, "%s.%s", head, body);
    support_sign(key, out.data, out.len, raw);
    lethe_signature_low_s(raw);
    lethe_b64url_encode(signature, raw, sizeof(raw));
    lethe_buf_printf(&out, ".%s~", signature);
    for (size_t i = 0; i < parts->n_disclosures; i++)
        lethe_buf_printf(&out, "%s~", parts->disclosures[i]);
    free(header);
    free(payload);
    free(head);
    free(body);
    return lethe_buf_take(&out);
}
