/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Payload and disclosures (RFC 9901 section 7.1, steps 3 to 5), stricter where it leaves room:
 * digests stand only where our specification puts them, and every disclosure answers exactly one of
 * them.
 */
#include "base/crypto.h"
#include "base/text.h"
#include "cert/sdjwt.h"
#include "cert/strict.h"
#include <lethe/error.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define DIGEST_SIZE 43   /* characters of SHA-256 in base64url */
#define DIGESTS_MAX 1024 /* no more are looked at: the comparing is n^2 */
#define SALT_MIN 22      /* 128 bits in base64url: RFC 9901 section 9.3 */

struct opened {
    uint8_t digest[LETHE_HASH_SIZE];
    json_t *array; /* [salt, value] or [salt, name, value] */
    bool used;
};

struct opening {
    size_t n;
    struct opened disclosures[LETHE_SDJWT_DISCLOSURES_MAX];
    size_t n_seen, room; /* every digest of the payload */
    uint8_t (*seen)[LETHE_HASH_SIZE];
    size_t n_hidden, n_hidden_claims, n_hidden_custom, n_hidden_identifiers;
    struct lethe_complaint *why;
};

static bool digest_read(const json_t *json, uint8_t out[LETHE_HASH_SIZE])
{
    return json_is_string(json) && json_string_length(json) == DIGEST_SIZE &&
           lethe_b64url_decode(out, LETHE_HASH_SIZE, json_string_value(json), DIGEST_SIZE) ==
               LETHE_HASH_SIZE;
}

static bool same(const uint8_t a[LETHE_HASH_SIZE], const uint8_t b[LETHE_HASH_SIZE])
{
    return memcmp(a, b, LETHE_HASH_SIZE) == 0;
}

/* Names with a meaning to SD-JWT are nowhere else in a certificate, at no depth. */
static bool has_sd_names(const json_t *json)
{
    const char *key;
    json_t *value;
    size_t i;
    if (json_is_object(json)) {
        json_object_foreach((json_t *)(uintptr_t)json, key, value)
        {
            if (strcmp(key, "_sd") == 0 || strcmp(key, "...") == 0 || strcmp(key, "_sd_alg") == 0 ||
                has_sd_names(value))
                return true;
        }
    }
    json_array_foreach(json, i, value)
    {
        if (has_sd_names(value))
            return true;
    }
    return false;
}

static int disclosure_read(struct opening *o, struct lethe_span span)
{
    struct opened *d = &o->disclosures[o->n];
    lethe_sha256(d->digest, span.text, span.len);
    for (size_t i = 0; i < o->n; i++)
        if (same(o->disclosures[i].digest, d->digest))
            return lethe_complain(o->why, "disclosure-twice", "a disclosure is there twice");
    d->array = lethe_strict_b64_json(span.text, span.len, JSON_ARRAY, "disclosure", o->why);
    if (!d->array)
        return -LETHE_E_INVALID;
    o->n++; /* from here on the cleanup sees it */
    size_t size = json_array_size(d->array);
    const json_t *salt = json_array_get(d->array, 0);
    if (size < 2 || size > 3 || !json_is_string(salt) || json_string_length(salt) < SALT_MIN ||
        (size == 3 && !json_is_string(json_array_get(d->array, 1))))
        return lethe_complain(o->why, "disclosure",
                              "a disclosure is not [salt, value] or [salt, name, value]");
    const char *name = size == 3 ? json_string_value(json_array_get(d->array, 1)) : "";
    if (strcmp(name, "_sd") == 0 || strcmp(name, "...") == 0 || strcmp(name, "_sd_alg") == 0)
        return lethe_complain(o->why, "claim-name", "a disclosure names its claim \"%s\"", name);
    if (has_sd_names(json_array_get(d->array, size - 1)))
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
static int digest_match(struct opening *o, const json_t *digest, size_t elements,
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
        if (json_array_size(d->array) != elements)
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
static int open_members(struct opening *o, json_t *object, bool top)
{
    json_t *digests = json_object_get(object, "_sd"), *digest;
    size_t i;
    if (!digests)
        return 0;
    if (!json_is_array(digests) || json_array_size(digests) == 0)
        return lethe_complain(o->why, "digest", "_sd is not a list of digests");
    json_array_foreach(digests, i, digest)
    {
        struct opened *d = NULL;
        int rc = digest_match(o, digest, 3, &d);
        if (rc < 0)
            return rc;
        if (!d) {
            *(top ? &o->n_hidden_claims : &o->n_hidden_custom) += 1;
            continue;
        }
        const char *name = json_string_value(json_array_get(d->array, 1));
        if (json_object_get(object, name))
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
        json_object_set(object, name, json_array_get(d->array, 2));
    }
    json_object_del(object, "_sd");
    return 0;
}

/* `identifiers`: each element is {"...": digest} and nothing else. */
static int open_elements(struct opening *o, json_t *array)
{
    size_t i = 0;
    while (i < json_array_size(array)) {
        const json_t *item = json_array_get(array, i);
        const json_t *digest = json_object_get(item, "...");
        if (!digest || json_object_size(item) != 1)
            return lethe_complain(o->why, "sd-place",
                                  "an identifier stands open instead of behind a digest");
        struct opened *d = NULL;
        int rc = digest_match(o, digest, 2, &d);
        if (rc < 0)
            return rc;
        if (d) {
            json_array_set(array, i++, json_array_get(d->array, 1));
        } else {
            json_array_remove(array, i);
            o->n_hidden_identifiers++;
        }
    }
    return 0;
}

/* SD names stand in the payload only where open_members() and open_elements() will look. */
static int places_check(struct opening *o, const json_t *payload)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)payload, key, value)
    {
        if (strcmp(key, "_sd") == 0 || strcmp(key, "_sd_alg") == 0 ||
            strcmp(key, "identifiers") == 0)
            continue;
        const char *inner;
        json_t *inner_value;
        if (strcmp(key, "...") == 0)
            return lethe_complain(o->why, "claim-name", "the payload has a claim \"...\"");
        if (strcmp(key, "custom") != 0) {
            if (has_sd_names(value))
                return lethe_complain(o->why, "sd-place", "digests stand inside \"%.40s\"", key);
            continue;
        }
        json_object_foreach(value, inner, inner_value)
        {
            if (strcmp(inner, "...") == 0 || strcmp(inner, "_sd_alg") == 0 ||
                (strcmp(inner, "_sd") != 0 && has_sd_names(inner_value)))
                return lethe_complain(o->why, "sd-place", "digests stand inside \"custom\"");
        }
    }
    const char *alg = json_string_value(json_object_get(payload, "_sd_alg"));
    if (!alg || strcmp(alg, "sha-256") != 0)
        return lethe_complain(o->why, "sd-alg", "_sd_alg is not sha-256");
    return 0;
}

static int merge(struct opening *o, json_t *payload)
{
    int rc = places_check(o, payload);
    if (rc == 0)
        rc = open_members(o, payload, true);
    json_t *custom = json_object_get(payload, "custom");
    if (rc == 0 && json_is_object(custom))
        rc = open_members(o, custom, false);
    json_t *identifiers = json_object_get(payload, "identifiers");
    if (rc == 0 && json_is_array(identifiers))
        rc = open_elements(o, identifiers);
    for (size_t i = 0; rc == 0 && i < o->n; i++)
        if (!o->disclosures[i].used)
            rc = lethe_complain(o->why, "disclosure-unknown",
                                "a disclosure answers no digest of the certificate");
    if (rc == 0)
        json_object_del(payload, "_sd_alg");
    return rc;
}

int lethe_sdjwt_open(struct lethe_sdjwt *jwt, struct lethe_complaint *why)
{
    json_t *payload =
        lethe_strict_b64_json(jwt->payload.text, jwt->payload.len, JSON_OBJECT, "payload", why);
    if (!payload)
        return -LETHE_E_INVALID;
    struct opening *o = calloc(1, sizeof(*o));
    if (!o) {
        json_decref(payload);
        return lethe_complain(why, "memory", "memory ran out");
    }
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
        payload = NULL;
    }
    for (size_t i = 0; i < o->n; i++)
        json_decref(o->disclosures[i].array);
    free(o->seen);
    free(o);
    json_decref(payload);
    return rc;
}
