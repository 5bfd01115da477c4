/* SPDX-License-Identifier: Apache-2.0 */
/* Framing, protected header and signature. */
#include "cert/sdjwt.h"

#include "base/base64.h"
#include "base/text.h"
#include "cert/es256.h"
#include <lethe/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* Base64url, and what stands between. */
static const bool ours[256] = {
    ['A'] = true, ['B'] = true, ['C'] = true, ['D'] = true, ['E'] = true, ['F'] = true,
    ['G'] = true, ['H'] = true, ['I'] = true, ['J'] = true, ['K'] = true, ['L'] = true,
    ['M'] = true, ['N'] = true, ['O'] = true, ['P'] = true, ['Q'] = true, ['R'] = true,
    ['S'] = true, ['T'] = true, ['U'] = true, ['V'] = true, ['W'] = true, ['X'] = true,
    ['Y'] = true, ['Z'] = true, ['a'] = true, ['b'] = true, ['c'] = true, ['d'] = true,
    ['e'] = true, ['f'] = true, ['g'] = true, ['h'] = true, ['i'] = true, ['j'] = true,
    ['k'] = true, ['l'] = true, ['m'] = true, ['n'] = true, ['o'] = true, ['p'] = true,
    ['q'] = true, ['r'] = true, ['s'] = true, ['t'] = true, ['u'] = true, ['v'] = true,
    ['w'] = true, ['x'] = true, ['y'] = true, ['z'] = true, ['0'] = true, ['1'] = true,
    ['2'] = true, ['3'] = true, ['4'] = true, ['5'] = true, ['6'] = true, ['7'] = true,
    ['8'] = true, ['9'] = true, ['-'] = true, ['_'] = true, ['.'] = true, ['~'] = true,
};

/* RFC 9901 section 4: <issuer JWT>~<disclosure>~...~ with nothing behind the last tilde. */
static int split(const char *text, size_t len, struct lethe_sdjwt *out, struct lethe_span *jwt,
                 struct lethe_complaint *why)
{
    if (len == 0)
        return lethe_complain(why, "empty", "there is nothing in it");
    if (len > LETHE_SDJWT_MAX)
        return lethe_complain(why, "size", "%zu bytes are more than a certificate can have", len);
    for (size_t i = 0; i < len; i++)
        if (!ours[(uint8_t)text[i]])
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

#define CERTIFICATE_MAX (1 << 16) /* in base64 */

static int header_chain(const struct lethe_node *x5c, struct lethe_sdjwt *out,
                        struct lethe_complaint *why)
{
    size_t n = lethe_node_size(x5c);
    if (!lethe_node_is(x5c, JSON_ARRAY) || n == 0 || n > LETHE_SDJWT_CHAIN_MAX)
        return lethe_complain(why, "x5c", "x5c is not a list of 1 to %d certificates",
                              LETHE_SDJWT_CHAIN_MAX);
    for (size_t i = 0; i < n; i++) {
        const struct lethe_node *item = lethe_node_at(x5c, i);
        size_t size = lethe_node_length(item);
        out->chain[i] = size > 0 && size <= CERTIFICATE_MAX ? malloc(size) : NULL;
        ssize_t len = out->chain[i]
                          ? lethe_base64_decode(out->chain[i], size, lethe_node_string(item), size)
                          : -1;
        if (len <= 0) {
            free(out->chain[i]);
            out->chain[i] = NULL;
            return lethe_complain(why, "x5c", "certificate %zu of x5c is not canonical base64", i);
        }
        out->chain_len[i] = (size_t)len;
        out->n_chain = i + 1;
    }
    return 0;
}

/* A closed header: whatever else it says (jwk, jku, x5u, kid, crit, b64, zip ...) could only point
 * a reader at another key or another payload. */
static int header_check(const struct lethe_node *header, struct lethe_sdjwt *out,
                        struct lethe_complaint *why)
{
    const struct lethe_node *item;
    LETHE_NODE_EACH(header, item)
    {
        if (strcmp(item->key, "alg") != 0 && strcmp(item->key, "typ") != 0 &&
            strcmp(item->key, "x5c") != 0)
            return lethe_complain(why, "header", "the header has \"%.40s\", which is not allowed",
                                  item->key);
    }
    const char *alg = lethe_node_string(lethe_node_get(header, "alg"));
    const char *typ = lethe_node_string(lethe_node_get(header, "typ"));
    if (!alg || strcmp(alg, "ES256") != 0)
        return lethe_complain(why, "alg", "the algorithm is \"%.20s\", only ES256 is accepted",
                              alg ? alg : "");
    if (!typ || strcmp(typ, LETHE_SDJWT_TYP) != 0)
        return lethe_complain(why, "typ", "the header's typ is not " LETHE_SDJWT_TYP);
    return header_chain(lethe_node_get(header, "x5c"), out, why);
}

int lethe_sdjwt_split(const char *text, size_t len, struct lethe_sdjwt *out,
                      struct lethe_complaint *why)
{
    struct lethe_span jwt = {text, 0};
    memset(out, 0, offsetof(struct lethe_sdjwt, disclosures)); /* of which there are none yet */
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
    out->jwt = jwt;
    out->header = (struct lethe_span){jwt.text, (size_t)(dot - jwt.text)};
    out->signed_part = (struct lethe_span){jwt.text, (size_t)(second - jwt.text)};
    out->payload = (struct lethe_span){dot + 1, (size_t)(second - dot - 1)};
    if (lethe_b64url_decode(out->signature, sizeof(out->signature), second + 1,
                            (size_t)(end - second - 1)) != (ssize_t)sizeof(out->signature))
        return lethe_complain(why, "signature-format",
                              "the signature is not 64 bytes of canonical base64url");
    return 0;
}

int lethe_sdjwt_header(struct lethe_sdjwt *jwt, struct lethe_complaint *why)
{
    struct lethe_tree tree = {0};
    struct lethe_node *header =
        lethe_tree_read_b64(&tree, jwt->header.text, jwt->header.len, JSON_OBJECT, "header", why);
    int rc = header ? header_check(header, jwt, why) : -LETHE_E_INVALID;
    lethe_tree_clear(&tree);
    return rc;
}

int lethe_sdjwt_parse(const char *text, size_t len, struct lethe_sdjwt *out,
                      struct lethe_complaint *why)
{
    int rc = lethe_sdjwt_split(text, len, out, why);
    return rc < 0 ? rc : lethe_sdjwt_header(out, why);
}

int lethe_sdjwt_signature(const struct lethe_sdjwt *jwt, struct lethe_complaint *why)
{
    struct lethe_es256 *key = lethe_es256_new(jwt->chain[0], jwt->chain_len[0], why);
    int rc = key ? lethe_es256_verify(key, jwt->signature, jwt->signed_part.text,
                                      jwt->signed_part.len, why)
                 : -LETHE_E_INVALID;
    lethe_es256_free(key);
    return rc;
}

json_t *lethe_sdjwt_claims(const struct lethe_sdjwt *jwt)
{
    return lethe_node_to_json(jwt->claims);
}

void lethe_sdjwt_clear(struct lethe_sdjwt *jwt)
{
    for (size_t i = 0; i < LETHE_SDJWT_CHAIN_MAX; i++)
        free(jwt->chain[i]);
    lethe_tree_clear(&jwt->tree);
    memset(jwt, 0, offsetof(struct lethe_sdjwt, disclosures));
}
