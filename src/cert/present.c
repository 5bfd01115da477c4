/* SPDX-License-Identifier: Apache-2.0 */
/* A holder's choice (RFC 9901 section 7.2): the issuer's JWT as it is, some disclosures left out.
 */
#include "base/buf.h"
#include "base/crypto.h"
#include "base/text.h"
#include "cert/verdict.h"
#include <string.h>

static bool holds(const struct lethe_node *digests, const char *digest)
{
    const struct lethe_node *item;
    LETHE_NODE_EACH(digests, item)
    {
        const char *text = lethe_node_string(item);
        if (text && strcmp(text, digest) == 0)
            return true;
    }
    return false;
}

/* What a disclosure stands for, by where its digest stands: "customer", "custom.NAME", "serial". */
static int name_of(const struct lethe_node *payload, struct lethe_span span,
                   const struct lethe_node *array, char *out, size_t out_size,
                   struct lethe_complaint *why)
{
    uint8_t hash[LETHE_HASH_SIZE];
    char digest[LETHE_B64URL_SIZE(LETHE_HASH_SIZE)];
    lethe_sha256(hash, span.text, span.len);
    lethe_b64url_encode(digest, hash, sizeof(hash));
    bool own = holds(lethe_node_get(lethe_node_get(payload, "custom"), "_sd"), digest);
    const char *name = lethe_node_string(lethe_node_at(array, 1));
    if (lethe_node_size(array) == 2)
        name = lethe_node_text(lethe_node_at(array, 1), "kind");
    if (!name || !lethe_text_format(out, out_size, "%s%s", own ? "custom." : "", name))
        return lethe_complain(why, "disclosure", "a disclosure has no name of a sensible length");
    return 0;
}

static int each(const struct lethe_sdjwt *jwt, lethe_disclosure_fn *fn, void *user,
                struct lethe_buf *out, struct lethe_complaint *why)
{
    int rc = 0;
    struct lethe_tree tree = {0}; /* as it was signed: jwt->claims has the digests no more */
    struct lethe_node *payload = lethe_tree_read_b64(&tree, jwt->payload.text, jwt->payload.len,
                                                     JSON_OBJECT, "payload", why);
    rc = payload ? 0 : -LETHE_E_INVALID;
    for (size_t i = 0; rc == 0 && i < jwt->n_disclosures; i++) {
        struct lethe_span span = jwt->disclosures[i];
        char name[96];
        struct lethe_node *array =
            lethe_tree_read_b64(&tree, span.text, span.len, JSON_ARRAY, "disclosure", why);
        rc = array ? name_of(payload, span, array, name, sizeof(name), why) : -LETHE_E_INVALID;
        json_t *value =
            rc == 0 ? lethe_node_to_json(lethe_node_at(array, lethe_node_size(array) - 1)) : NULL;
        if (rc == 0 && fn(user, name, value) &&
            (lethe_buf_add(out, span.text, span.len) < 0 || lethe_buf_puts(out, "~") < 0))
            rc = lethe_complain(why, "memory", "memory ran out");
        json_decref(value);
    }
    lethe_tree_clear(&tree);
    return rc;
}

int lethe_certificate_present(const char *text, size_t len, lethe_disclosure_fn *fn, void *user,
                              char **out, struct lethe_error *err)
{
    LETHE_BUF_AUTO made = {0};
    struct lethe_sdjwt jwt;
    struct lethe_complaint why;
    int rc = lethe_sdjwt_parse(text, len, &jwt, &why);
    if (rc == 0)
        rc = lethe_sdjwt_open(&jwt, &why); /* what does not hold together is not handed on */
    if (rc == 0 &&
        (lethe_buf_add(&made, jwt.jwt.text, jwt.jwt.len) < 0 || lethe_buf_puts(&made, "~") < 0))
        rc = lethe_complain(&why, "memory", "memory ran out");
    if (rc == 0)
        rc = each(&jwt, fn, user, &made, &why);
    lethe_sdjwt_clear(&jwt);
    if (rc < 0)
        return lethe_fail(err, LETHE_E_INVALID, "not a certificate: %s", why.text);
    *out = lethe_buf_take(&made);
    return *out ? 0 : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
}
