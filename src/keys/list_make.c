/* SPDX-License-Identifier: Apache-2.0 */
/* Publishing a trust list: whom to believe is gathered in one file, and signed by a key of its own
 * that verifiers pin. */
#include "base/base64.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "keys/internal.h"
#include "trust/x509_profile.h"
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DRAFT_MAX (8u << 20)
#define TYP "lethe-trust-list+jwt"

struct places {
    struct lethe_key_paths bench;
    char draft[PATH_MAX], key[PATH_MAX], pub[PATH_MAX];
};

static int places_find(const char *dir, struct places *out, struct lethe_error *err)
{
    int rc = lethe_key_paths(dir, &out->bench, err);
    if (rc == 0)
        rc = lethe_path_join(out->draft, PATH_MAX, out->bench.trust, "organisations.json", err);
    if (rc == 0)
        rc = lethe_path_join(out->pub, PATH_MAX, out->bench.trust, "list.pub", err);
    if (rc == 0)
        rc = lethe_path_join(out->key, PATH_MAX, out->bench.keys, "list.key", err);
    if (rc == 0)
        rc = lethe_dir_make(out->bench.keys, 0700, err);
    return rc < 0 ? rc : lethe_dir_make(out->bench.trust, 0700, err);
}

static int draft_read(const struct places *places, json_t **out, struct lethe_error *err)
{
    char *text;
    size_t len;
    if (access(places->draft, F_OK) != 0) {
        *out = json_pack("{s:[]}", "organisations");
        return *out ? 0 : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    }
    int rc = lethe_file_read(places->draft, DRAFT_MAX, &text, &len, err);
    if (rc < 0)
        return rc;
    *out = lethe_json_load(text, len, DRAFT_MAX, err);
    free(text);
    if (*out && !json_is_array(json_object_get(*out, "organisations"))) {
        json_decref(*out);
        return lethe_fail(err, LETHE_E_INVALID, "%s has no list of organisations", places->draft);
    }
    return *out ? 0 : -LETHE_E_INVALID;
}

static int draft_write(const struct places *places, const json_t *draft, struct lethe_error *err)
{
    char *text = lethe_json_canonical(draft);
    int rc = text ? lethe_file_write(places->draft, text, strlen(text), 0644, err)
                  : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    free(text);
    return rc;
}

static json_t *organisation_of(const json_t *draft, const char *name, size_t *at)
{
    const json_t *list = json_object_get(draft, "organisations");
    for (*at = 0; *at < json_array_size(list); ++*at) {
        json_t *item = json_array_get(list, *at);
        const char *is = json_string_value(json_object_get(item, "name"));
        if (is && strcmp(is, name) == 0)
            return item;
    }
    return NULL;
}

/* One root, by our own verifier's eyes, as base64 DER. */
static int root_take(const char *pem, size_t len, char name[128], json_t **out,
                     struct lethe_error *err)
{
    struct lethe_trust *trust = NULL;
    int rc = lethe_trust_new(&trust, err);
    if (rc == 0)
        rc = lethe_trust_add_pem(trust, pem, len, err);
    if (rc == 0 && trust->n_anchors != 1)
        rc = lethe_fail(err, LETHE_E_USAGE, "one root at a time, not %zu", trust->n_anchors);
    unsigned char *der = NULL;
    int der_len = rc == 0 ? i2d_X509(trust->anchors[0].cert, &der) : 0;
    char *text = der_len > 0 ? malloc(LETHE_BASE64_SIZE((size_t)der_len)) : NULL;
    if (rc == 0 && !text)
        rc = lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    if (rc == 0) {
        lethe_base64_encode(text, der, (size_t)der_len);
        *out = json_string(text);
        memcpy(name, trust->anchors[0].organisation, 128);
    }
    free(text);
    OPENSSL_free(der);
    lethe_trust_free(trust);
    return rc;
}

static void put_once(json_t *object, const char *key, json_t *text)
{
    json_t *list = json_object_get(object, key), *item;
    size_t i;
    if (!list) {
        list = json_array();
        json_object_set_new(object, key, list);
    }
    json_array_foreach(list, i, item) if (json_equal(item, text)) break;
    if (i == json_array_size(list))
        json_array_append(list, text);
    json_decref(text);
}

static void put_texts(json_t *object, const char *key, const char *const *texts)
{
    for (; texts && *texts; texts++)
        put_once(object, key, json_string(*texts));
}

static void put_time(json_t *object, const char *key, uint64_t ms)
{
    if (ms > 0)
        json_object_set_new(object, key, json_integer((json_int_t)(ms / 1000)));
}

int lethe_trust_list_put(const char *dir, const struct lethe_trust_list_wish *wish, char name[128],
                         struct lethe_error *err)
{
    struct places places;
    json_t *root = NULL;
    LETHE_JSON_AUTO *draft = NULL;
    size_t at;
    int rc = places_find(dir, &places, err);
    if (rc < 0)
        return rc;
    LETHE_FD_AUTO lock = lethe_keys_lock(&places.bench, err);
    if (lock < 0)
        return lock;
    rc = draft_read(&places, &draft, err);
    if (rc == 0)
        rc = root_take(wish->root_pem, wish->root_len, name, &root, err);
    if (rc < 0)
        return rc;
    json_t *object = organisation_of(draft, name, &at);
    if (!object) {
        object = json_pack("{s:s}", "name", name);
        json_array_append_new(json_object_get(draft, "organisations"), object);
    }
    put_once(object, "roots", root);
    put_texts(object, "log_vkeys", wish->log_vkeys);
    put_texts(object, "status_uris", wish->status_uris);
    put_time(object, "since", wish->since);
    put_time(object, "until", wish->until);
    return draft_write(&places, draft, err);
}

int lethe_trust_list_remove(const char *dir, const char *name, struct lethe_error *err)
{
    struct places places;
    LETHE_JSON_AUTO *draft = NULL;
    size_t at;
    int rc = places_find(dir, &places, err);
    if (rc < 0)
        return rc;
    LETHE_FD_AUTO lock = lethe_keys_lock(&places.bench, err);
    if (lock < 0)
        return lock;
    rc = draft_read(&places, &draft, err);
    if (rc < 0)
        return rc;
    if (!organisation_of(draft, name, &at)) {
        lethe_fail(err, LETHE_E_NOT_FOUND, "\"%.100s\" is not on the list", name);
        lethe_error_remedy(err, "lethe keys trust-list show");
        return -LETHE_E_NOT_FOUND;
    }
    json_array_remove(json_object_get(draft, "organisations"), at);
    return draft_write(&places, draft, err);
}

int lethe_trust_list_draft(const char *dir, char **text, struct lethe_error *err)
{
    struct places places;
    LETHE_JSON_AUTO *draft = NULL;
    int rc = places_find(dir, &places, err);
    if (rc == 0)
        rc = draft_read(&places, &draft, err);
    if (rc < 0)
        return rc;
    *text = lethe_json_canonical(draft);
    return *text ? 0 : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
}

/* The public half goes out last: with it, there is a key to sign by. */
static int key_ensure(const struct places *places, struct lethe_error *err)
{
    LETHE_PKEY_AUTO *key = NULL;
    char *pem;
    if (access(places->pub, F_OK) == 0)
        return 0;
    int rc = lethe_key_make(NULL, places->key, NULL, &key, err);
    if (rc < 0)
        return rc;
    BIO *bio = BIO_new(BIO_s_mem());
    bool ok = bio && PEM_write_bio_PUBKEY(bio, key) == 1;
    long len = ok ? BIO_get_mem_data(bio, &pem) : 0;
    rc = ok ? lethe_file_write(places->pub, pem, (size_t)len, 0644, err)
            : lethe_fail(err, LETHE_E_INTERNAL, "the key of the list cannot be encoded");
    BIO_free(bio);
    return rc;
}

/* What our own verifier would refuse is not signed into the world. */
static int read_back(const struct places *places, const char *list, uint64_t now,
                     struct lethe_error *err)
{
    struct lethe_trust *trust = NULL;
    char *pem;
    size_t len;
    int rc = lethe_file_read(places->pub, 65536, &pem, &len, err);
    if (rc < 0)
        return rc;
    rc = lethe_trust_new(&trust, err);
    if (rc == 0)
        rc = lethe_trust_add_list(trust, list, strlen(list), pem, len, now, 0, NULL, err);
    lethe_trust_free(trust);
    free(pem);
    return rc;
}

int lethe_trust_list_sign(const char *dir, int (*ask)(void *user, char *out, size_t out_size),
                          void *user, uint64_t now, uint64_t exp, char **text,
                          struct lethe_error *err)
{
    struct places places;
    struct lethe_signer *signer;
    LETHE_JSON_AUTO *claims = NULL;
    int rc = places_find(dir, &places, err);
    if (rc < 0)
        return rc;
    LETHE_FD_AUTO lock = lethe_keys_lock(&places.bench, err);
    if (lock < 0)
        return lock;
    rc = draft_read(&places, &claims, err);
    if (rc == 0 && json_array_size(json_object_get(claims, "organisations")) == 0) {
        rc = lethe_fail(err, LETHE_E_REFUSED, "there is nobody on the list");
        lethe_error_remedy(err, "lethe keys trust-list add ROOT.pem");
    }
    if (rc == 0)
        rc = key_ensure(&places, err);
    if (rc == 0)
        rc = lethe_key_open(places.key, ask, user, &signer, NULL, err);
    if (rc < 0)
        return rc;
    json_object_set_new(claims, "iat", json_integer((json_int_t)(now / 1000)));
    json_object_set_new(claims, "exp", json_integer((json_int_t)(exp / 1000)));
    rc = lethe_jws_make(signer, TYP, claims, text, err);
    lethe_signer_close(signer);
    if (rc == 0 && (rc = read_back(&places, *text, now, err)) < 0)
        free(*text);
    return rc;
}
