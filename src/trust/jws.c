/* SPDX-License-Identifier: Apache-2.0 */
#include "trust/jws.h"

#include "base/base64.h"
#include "base/json.h"
#include "base/text.h"
#include "trust/es256.h"
#include <stdlib.h>
#include <string.h>

#define HEADER_MAX (64 * 1024)
#define DER_MAX (8 * 1024)
/* RFC 7493 section 2.2, in ms. */
#define DATE_MAX (9007199254740991ull / 1000)

/* One of the three parts: canonical base64url of a JSON object. */
static json_t *part_read(const char *text, size_t len, size_t max, const char *what,
                         struct lethe_error *err)
{
    json_t *json = NULL;
    char *bytes = malloc(len + 1);
    ssize_t n = bytes ? lethe_b64url_decode(bytes, len, text, len) : -1;
    if (n < 0)
        lethe_fail(err, LETHE_E_INVALID, "%s is not canonical base64url", what);
    else
        json = lethe_json_load(bytes, (size_t)n, max, err);
    free(bytes);
    return json;
}

static int chain_read(const json_t *x5c, struct lethe_jws *out, const char *what,
                      struct lethe_error *err)
{
    size_t n = json_array_size(x5c);
    if (n == 0 || n > LETHE_CHAIN_MAX)
        return lethe_fail(err, LETHE_E_INVALID, "%s has no x5c of 1 to %d certificates", what,
                          LETHE_CHAIN_MAX);
    for (; out->n_chain < n; out->n_chain++) {
        const json_t *item = json_array_get(x5c, out->n_chain);
        uint8_t *der = malloc(DER_MAX);
        ssize_t len = der && json_is_string(item)
                          ? lethe_base64_decode(der, DER_MAX, json_string_value(item),
                                                json_string_length(item))
                          : -1;
        if (len <= 0) {
            free(der);
            return lethe_fail(err, LETHE_E_INVALID,
                              "certificate %zu in the x5c of %s is not canonical base64",
                              out->n_chain, what);
        }
        out->chain[out->n_chain] = der;
        out->chain_len[out->n_chain] = (size_t)len;
    }
    return 0;
}

/* A closed header, as that of certificates: `jwk`, `kid`, `crit` and the rest could only point a
 * reader elsewhere. */
static int header_read(const char *text, size_t len, const char *typ, bool chain, const char *what,
                       struct lethe_jws *out, struct lethe_error *err)
{
    static const char *const with[] = {"alg", "typ", "x5c", NULL}, *const without[] = {"alg", "typ",
                                                                                       NULL};
    LETHE_JSON_AUTO *header = part_read(text, len, HEADER_MAX, "the header", err);
    const char *is;
    int rc = header ? lethe_members_known(header, chain ? with : without, "the header", err)
                    : -LETHE_E_INVALID;
    if (rc == 0 && (rc = lethe_json_str(header, "alg", &is, err)) == 0 && strcmp(is, "ES256") != 0)
        rc = lethe_fail(err, LETHE_E_INVALID, "%s is not signed with ES256", what);
    if (rc == 0 && (rc = lethe_json_str(header, "typ", &is, err)) == 0 && strcmp(is, typ) != 0)
        rc = lethe_fail(err, LETHE_E_INVALID, "%s is not of typ %s", what, typ);
    return rc == 0 && chain ? chain_read(json_object_get(header, "x5c"), out, what, err) : rc;
}

static int parts_read(const char *text, size_t len, size_t max, const char *typ, bool chain,
                      const char *what, struct lethe_jws *out, struct lethe_error *err)
{
    const char *end = text + len, *dot = memchr(text, '.', len);
    const char *second = dot ? memchr(dot + 1, '.', (size_t)(end - dot - 1)) : NULL;
    if (!second || memchr(second + 1, '.', (size_t)(end - second - 1)))
        return lethe_fail(err, LETHE_E_INVALID, "%s is no JWT of three parts", what);
    out->signed_part = text;
    out->signed_len = (size_t)(second - text);
    if (lethe_b64url_decode(out->signature, 64, second + 1, (size_t)(end - second - 1)) != 64)
        return lethe_fail(err, LETHE_E_INVALID,
                          "the signature of %s is not 64 bytes of canonical base64url", what);
    int rc = header_read(text, (size_t)(dot - text), typ, chain, what, out, err);
    if (rc < 0)
        return rc;
    out->claims = part_read(dot + 1, (size_t)(second - dot - 1), max, "the payload", err);
    return out->claims ? 0 : -LETHE_E_INVALID;
}

int lethe_jws_read(const char *text, size_t len, size_t max, const char *typ, bool chain,
                   const char *what, struct lethe_jws *out, struct lethe_error *err)
{
    memset(out, 0, sizeof(*out));
    if (len == 0 || len > max)
        return lethe_fail(err, LETHE_E_INVALID, "%s is empty or larger than %zu bytes", what, max);
    int rc = parts_read(text, len, max, typ, chain, what, out, err);
    if (rc < 0)
        lethe_jws_clear(out);
    if (rc < 0 && err)
        err->code = LETHE_E_INVALID;
    return rc < 0 ? -LETHE_E_INVALID : 0;
}

int lethe_jws_verify(const struct lethe_jws *jws, EVP_PKEY *key, const char *what,
                     struct lethe_error *err)
{
    X509 *leaf = NULL;
    if (!key) {
        const uint8_t *at = jws->chain[0];
        leaf = d2i_X509(NULL, &at, (long)jws->chain_len[0]);
        key = leaf ? X509_get0_pubkey(leaf) : NULL;
    }
    enum lethe_signature found =
        lethe_signature_verify(key, jws->signed_part, jws->signed_len, jws->signature);
    X509_free(leaf);
    return found == LETHE_SIGNATURE_OK
               ? 0
               : lethe_fail(err, LETHE_E_INVALID,
                            "the signature of %s does not hold: something was changed, or another "
                            "key signed it",
                            what);
}

void lethe_jws_clear(struct lethe_jws *jws)
{
    for (size_t i = 0; i < jws->n_chain; i++)
        free(jws->chain[i]);
    json_decref(jws->claims);
    memset(jws, 0, sizeof(*jws));
}

int lethe_members_known(const json_t *object, const char *const *names, const char *what,
                        struct lethe_error *err)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        const char *const *name = names;
        while (*name && strcmp(*name, key) != 0)
            name++;
        if (!*name)
            return lethe_fail(err, LETHE_E_INVALID,
                              "%s has \"%.40s\", which this version does not know", what, key);
    }
    return 0;
}

int lethe_date_member(const json_t *object, const char *key, uint64_t *ms, struct lethe_error *err)
{
    uint64_t seconds;
    int rc = lethe_json_u64(object, key, &seconds, err);
    if (rc == 0 && seconds > DATE_MAX)
        rc = lethe_fail(err, LETHE_E_INVALID, "\"%s\" is no time", key);
    if (rc == 0)
        *ms = seconds * 1000;
    return rc;
}
