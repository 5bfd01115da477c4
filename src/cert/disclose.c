/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Payload and disclosures (RFC 9901 section 7.1, steps 3 to 5), stricter where it leaves room:
 * digests stand only where our specification puts them, and every disclosure answers exactly one of
 * them.
 */
#include "base/crypto.h"
#include "base/text.h"
#include "cert/sdjwt.h"
#include "cert/tree.h"
#include <lethe/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define DIGEST_SIZE 43   /* characters of SHA-256 in base64url */
#define DIGESTS_MAX 1024 /* no more are looked at: the comparing is n^2 */
#define SALT_MIN 22      /* 128 bits in base64url: RFC 9901 section 9.3 */

struct opened {
    uint8_t digest[LETHE_HASH_SIZE];
    struct lethe_node *array; /* [salt, value] or [salt, name, value] */
    bool used;
};

struct opening {
    size_t n;
    size_t n_seen, room; /* every digest of the payload */
    uint8_t (*seen)[LETHE_HASH_SIZE];
    size_t n_hidden, n_hidden_claims, n_hidden_custom, n_hidden_identifiers;
    struct lethe_tree *tree;
    struct lethe_complaint *why;
    struct opened disclosures[LETHE_SDJWT_DISCLOSURES_MAX]; /* N of them */
};

static bool digest_read(const struct lethe_node *node, uint8_t out[LETHE_HASH_SIZE])
{
    return lethe_node_is(node, JSON_STRING) && lethe_node_length(node) == DIGEST_SIZE &&
           lethe_b64url_decode(out, LETHE_HASH_SIZE, lethe_node_string(node), DIGEST_SIZE) ==
               LETHE_HASH_SIZE;
}

static bool same(const uint8_t a[LETHE_HASH_SIZE], const uint8_t b[LETHE_HASH_SIZE])
{
    return memcmp(a, b, LETHE_HASH_SIZE) == 0;
}

static bool is_sd_name(const char *name)
{
    return strcmp(name, "_sd") == 0 || strcmp(name, "...") == 0 || strcmp(name, "_sd_alg") == 0;
}

/* Names with a meaning to SD-JWT are nowhere else in a certificate, at no depth. */
static bool has_sd_names(const struct lethe_node *node)
{
    const struct lethe_node *item;
    LETHE_NODE_EACH(node, item)
    {
        if ((item->key && is_sd_name(item->key)) || has_sd_names(item))
            return true;
    }
    return false;
}

static int disclosure_read(struct opening *o, struct lethe_span span)
{
    struct opened *d = &o->disclosures[o->n];
    d->used = false;
    lethe_sha256(d->digest, span.text, span.len);
    for (size_t i = 0; i < o->n; i++)
        if (same(o->disclosures[i].digest, d->digest))
            return lethe_complain(o->why, "disclosure-twice", "a disclosure is there twice");
    d->array = lethe_tree_read_b64(o->tree, span.text, span.len, JSON_ARRAY, "disclosure", o->why);
    if (!d->array)
        return -LETHE_E_INVALID;
    o->n++;
    size_t size = lethe_node_size(d->array);
    const struct lethe_node *salt = lethe_node_at(d->array, 0);
    if (size < 2 || size > 3 || !lethe_node_is(salt, JSON_STRING) ||
        lethe_node_length(salt) < SALT_MIN ||
        (size == 3 && !lethe_node_is(lethe_node_at(d->array, 1), JSON_STRING)))
        return lethe_complain(o->why, "disclosure",
                              "a disclosure is not [salt, value] or [salt, name, value]");
    const char *name = size == 3 ? lethe_node_string(lethe_node_at(d->array, 1)) : "";
    if (is_sd_name(name))
        return lethe_complain(o->why, "claim-name", "a disclosure names its claim \"%s\"", name);
    if (has_sd_names(lethe_node_at(d->array, size - 1)))
        return lethe_complain(o->why, "nested", "a disclosure holds further digests");
    return 0;
}

/* Take note of DIGEST; each stands once. */
static int note(struct opening *o, const uint8_t digest[LETHE_HASH_SIZE])
{
    for (size_t i = 0; i < o->n_seen; i++)
        if (same(o->seen[i], digest))
            return lethe_complain(o->why, "digest-twice", "a digest is there twice");
    if (o->n_seen == o->room) {
        size_t room = o->room ? 2 * o->room : 64;
        void *more = room > DIGESTS_MAX ? NULL : realloc(o->seen, room * sizeof(*o->seen));
        if (!more)
            return lethe_complain(o->why, "size", "it has more than %d digests", DIGESTS_MAX);
        o->seen = more;
        o->room = room;
    }
    memcpy(o->seen[o->n_seen++], digest, LETHE_HASH_SIZE);
    return 0;
}

/* Find the disclosure of DIGEST: 1 found, 0 hidden. */
static int digest_match(struct opening *o, const struct lethe_node *digest, size_t elements,
                        struct opened **out)
{
    uint8_t hash[LETHE_HASH_SIZE];
    if (!digest_read(digest, hash))
        return lethe_complain(o->why, "digest", "a digest is not SHA-256 in canonical base64url");
    if (note(o, hash) < 0)
        return -LETHE_E_INVALID;
    for (size_t i = 0; i < o->n; i++) {
        struct opened *d = &o->disclosures[i];
        if (!same(d->digest, hash))
            continue;
        if (lethe_node_size(d->array) != elements)
            return lethe_complain(o->why, "disclosure",
                                  "a disclosure of an array element stands for a member, or the "
                                  "other way round");
        d->used = true;
        *out = d;
        return 1;
    }
    o->n_hidden++;
    return 0;
}

/* Put what `_sd` of OBJECT discloses into OBJECT. */
static int open_members(struct opening *o, struct lethe_node *object, bool top)
{
    struct lethe_node *digests = lethe_node_get(object, "_sd"), *digest;
    if (!digests)
        return 0;
    if (!lethe_node_is(digests, JSON_ARRAY) || lethe_node_size(digests) == 0)
        return lethe_complain(o->why, "digest", "_sd is not a list of digests");
    LETHE_NODE_EACH(digests, digest)
    {
        struct opened *d = NULL;
        int rc = digest_match(o, digest, 3, &d);
        if (rc < 0)
            return rc;
        if (!d) {
            *(top ? &o->n_hidden_claims : &o->n_hidden_custom) += 1;
            continue;
        }
        const char *name = lethe_node_string(lethe_node_at(d->array, 1));
        if (lethe_node_get(object, name))
            return lethe_complain(o->why, "claim-shadow",
                                  "a disclosure would replace the claim \"%.40s\"", name);
        /* What must be open or hidden by name is the schema's to say; only here is it known that
         * this one was hidden. */
        static const char *const hideable[] = {"operator", "customer", "asset_tag", "lot", "seed"};
        bool fine = !top;
        for (size_t k = 0; k < sizeof(hideable) / sizeof(hideable[0]); k++)
            fine = fine || strcmp(name, hideable[k]) == 0;
        if (!fine)
            return lethe_complain(o->why, "must-be-open",
                                  "the claim \"%.40s\" is disclosed, but may not be hidden", name);
        lethe_node_add(object, lethe_node_at(d->array, 2), name);
    }
    lethe_node_remove(object, digests);
    return 0;
}

/* `identifiers`: each element is {"...": digest} and nothing else. */
static int open_elements(struct opening *o, struct lethe_node *array)
{
    struct lethe_node *item = array->first, *next;
    array->first = NULL; /* what is disclosed is put back, in its order */
    array->size = 0;
    for (; item; item = next) {
        const struct lethe_node *digest = lethe_node_get(item, "...");
        next = item->next;
        if (!digest || lethe_node_size(item) != 1)
            return lethe_complain(o->why, "sd-place",
                                  "an identifier stands open instead of behind a digest");
        struct opened *d = NULL;
        int rc = digest_match(o, digest, 2, &d);
        if (rc < 0)
            return rc;
        if (d)
            lethe_node_add(array, lethe_node_at(d->array, 1), NULL);
        else
            o->n_hidden_identifiers++;
    }
    return 0;
}

/* SD names stand in the payload only where open_members() and open_elements() will look. */
static int places_check(struct opening *o, const struct lethe_node *payload)
{
    const struct lethe_node *item, *inner;
    LETHE_NODE_EACH(payload, item)
    {
        if (strcmp(item->key, "_sd") == 0 || strcmp(item->key, "_sd_alg") == 0 ||
            strcmp(item->key, "identifiers") == 0)
            continue;
        if (strcmp(item->key, "...") == 0)
            return lethe_complain(o->why, "claim-name", "the payload has a claim \"...\"");
        if (strcmp(item->key, "custom") != 0) {
            if (has_sd_names(item))
                return lethe_complain(o->why, "sd-place", "digests stand inside \"%.40s\"",
                                      item->key);
            continue;
        }
        if (!lethe_node_is(item, JSON_OBJECT))
            continue;
        LETHE_NODE_EACH(item, inner)
        {
            if (strcmp(inner->key, "...") == 0 || strcmp(inner->key, "_sd_alg") == 0 ||
                (strcmp(inner->key, "_sd") != 0 && has_sd_names(inner)))
                return lethe_complain(o->why, "sd-place", "digests stand inside \"custom\"");
        }
    }
    const char *alg = lethe_node_string(lethe_node_get(payload, "_sd_alg"));
    if (!alg || strcmp(alg, "sha-256") != 0)
        return lethe_complain(o->why, "sd-alg", "_sd_alg is not sha-256");
    return 0;
}

static int merge(struct opening *o, struct lethe_node *payload)
{
    int rc = places_check(o, payload);
    if (rc == 0)
        rc = open_members(o, payload, true);
    struct lethe_node *custom = lethe_node_get(payload, "custom");
    if (rc == 0 && lethe_node_is(custom, JSON_OBJECT))
        rc = open_members(o, custom, false);
    struct lethe_node *identifiers = lethe_node_get(payload, "identifiers");
    if (rc == 0 && lethe_node_is(identifiers, JSON_ARRAY))
        rc = open_elements(o, identifiers);
    for (size_t i = 0; rc == 0 && i < o->n; i++)
        if (!o->disclosures[i].used)
            rc = lethe_complain(o->why, "disclosure-unknown",
                                "a disclosure answers no digest of the certificate");
    if (rc == 0)
        lethe_node_remove(payload, lethe_node_get(payload, "_sd_alg"));
    return rc;
}

int lethe_sdjwt_open(struct lethe_sdjwt *jwt, struct lethe_complaint *why)
{
    struct lethe_node *payload = lethe_tree_read_b64(&jwt->tree, jwt->payload.text,
                                                     jwt->payload.len, JSON_OBJECT, "payload", why);
    if (!payload)
        return -LETHE_E_INVALID;
    struct opening *o = malloc(sizeof(*o));
    if (!o)
        return lethe_complain(why, "memory", "memory ran out");
    memset(o, 0, offsetof(struct opening, disclosures));
    o->tree = &jwt->tree;
    o->why = why;
    int rc = 0;
    for (size_t i = 0; rc == 0 && i < jwt->n_disclosures; i++)
        rc = disclosure_read(o, jwt->disclosures[i]);
    if (rc == 0)
        rc = merge(o, payload);
    if (rc == 0) {
        jwt->claims = payload;
        jwt->n_hidden = o->n_hidden;
        jwt->n_hidden_claims = o->n_hidden_claims;
        jwt->n_hidden_custom = o->n_hidden_custom;
        jwt->n_hidden_identifiers = o->n_hidden_identifiers;
    }
    free(o->seen);
    free(o);
    return rc;
}
