/* SPDX-License-Identifier: Apache-2.0 */
/* The signed list of organisations: whom a marketplace believes, from when until when. The key that
 * signs it is pinned by whoever uses it; a list does not say by which key it is to be checked. */
#include "base/base64.h"
#include "base/json.h"
#include "base/text.h"
#include "trust/jws.h"
#include "trust/x509_profile.h"
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX (8u << 20)
#define DER_MAX (8 * 1024)
#define PER_ORGANISATION_MAX 64
#define WHAT "the trust list"

/* A public key, or a certificate of one. */
static int signer_read(const char *pem, size_t len, EVP_PKEY **out, struct lethe_error *err)
{
    BIO *bio = BIO_new_mem_buf(pem, (int)(len > 65536 ? 65536 : len));
    *out = bio ? PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL) : NULL;
    X509 *cert = NULL;
    if (bio && !*out && BIO_reset(bio) == 1 && (cert = PEM_read_bio_X509(bio, NULL, NULL, NULL)))
        *out = X509_get_pubkey(cert);
    X509_free(cert);
    BIO_free(bio);
    ERR_clear_error();
    return *out ? 0
                : lethe_fail(err, LETHE_E_INVALID,
                             "the key that " WHAT " is checked by is neither a public key nor a "
                             "certificate in PEM");
}

static int root_read(const json_t *item, const char *organisation, uint64_t since, uint64_t until,
                     struct lethe_trust *into, struct lethe_error *err)
{
    uint8_t der[DER_MAX];
    char name[128];
    const char *text = json_string_value(item);
    ssize_t len = text ? lethe_base64_decode(der, sizeof(der), text, strlen(text)) : -1;
    const uint8_t *at = der;
    X509 *cert = len > 0 ? d2i_X509(NULL, &at, len) : NULL;
    if (!cert || at != der + len || !lethe_x509_organisation(cert, name, sizeof(name)) ||
        strcmp(name, organisation) != 0) {
        X509_free(cert);
        ERR_clear_error();
        return lethe_fail(err, LETHE_E_INVALID,
                          "a root of \"%s\" in " WHAT " is no certificate of that name",
                          organisation);
    }
    return lethe_anchor_add(into, cert, since, until, err);
}

static int pin_add(struct lethe_trust *into, enum lethe_pin_kind kind, const char *organisation,
                   const char *text, struct lethe_error *err)
{
    struct lethe_pin *more = reallocarray(into->pins, into->n_pins + 1, sizeof(*more));
    if (!more)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    into->pins = more;
    struct lethe_pin *pin = &more[into->n_pins];
    pin->kind = kind;
    if (!text || !text[0] || !lethe_text_is_clean(text) ||
        !lethe_text_format(pin->text, sizeof(pin->text), "%s", text) ||
        !lethe_text_format(pin->organisation, sizeof(pin->organisation), "%s", organisation))
        return lethe_fail(err, LETHE_E_INVALID, "a text of \"%.100s\" in " WHAT " is none",
                          organisation);
    into->n_pins++;
    return 0;
}

static int pins_read(const json_t *object, const char *key, enum lethe_pin_kind kind,
                     const char *organisation, struct lethe_trust *into, struct lethe_error *err)
{
    const json_t *list = json_object_get(object, key);
    if (!list)
        return 0;
    if (!json_is_array(list) || json_array_size(list) > PER_ORGANISATION_MAX)
        return lethe_fail(err, LETHE_E_INVALID, "\"%s\" in " WHAT " is no short list", key);
    int rc = 0;
    for (size_t i = 0; i < json_array_size(list) && rc == 0; i++)
        rc = pin_add(into, kind, organisation, json_string_value(json_array_get(list, i)), err);
    return rc;
}

static int organisation_read(const json_t *object, struct lethe_trust *into,
                             struct lethe_error *err)
{
    static const char *const names[] = {"name",  "roots", "log_vkeys", "status_uris",
                                        "since", "until", NULL};
    char name[128];
    uint64_t since = 0, until = UINT64_MAX;
    if (!json_is_object(object))
        return lethe_fail(err, LETHE_E_INVALID, "an organisation in " WHAT " is no object");
    int rc = lethe_members_known(object, names, "an organisation in " WHAT, err);
    if (rc == 0)
        rc = lethe_json_copy(object, "name", name, sizeof(name), false, err);
    if (rc == 0 && json_object_get(object, "since"))
        rc = lethe_date_member(object, "since", &since, err);
    if (rc == 0 && json_object_get(object, "until"))
        rc = lethe_date_member(object, "until", &until, err);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < into->n_anchors; i++)
        if (strcmp(into->anchors[i].organisation, name) == 0)
            return lethe_fail(err, LETHE_E_INVALID, "\"%s\" is twice in " WHAT, name);
    const json_t *roots = lethe_json_get(object, "roots", JSON_ARRAY, err);
    size_t n = json_array_size(roots);
    if (n == 0 || n > PER_ORGANISATION_MAX)
        return lethe_fail(err, LETHE_E_INVALID, "\"%s\" has no roots in " WHAT, name);
    for (size_t i = 0; i < n && rc == 0; i++)
        rc = root_read(json_array_get(roots, i), name, since, until, into, err);
    if (rc == 0)
        rc = pins_read(object, "log_vkeys", LETHE_PIN_LOG_VKEY, name, into, err);
    if (rc == 0)
        rc = pins_read(object, "status_uris", LETHE_PIN_STATUS_URI, name, into, err);
    return rc;
}

static int times_check(const json_t *claims, uint64_t now, uint64_t not_before,
                       struct lethe_trust_list_info *info, struct lethe_error *err)
{
    int rc = lethe_date_member(claims, "iat", &info->iat, err);
    if (rc == 0)
        rc = lethe_date_member(claims, "exp", &info->exp, err);
    if (rc < 0)
        return rc;
    if (info->exp <= info->iat || info->iat > now + LETHE_SKEW_MS)
        return lethe_fail(err, LETHE_E_INVALID,
                          WHAT " has times that cannot be, or is of the future of this computer's "
                               "clock");
    if (now > info->exp)
        return lethe_fail(err, LETHE_E_LIMIT, WHAT " has expired");
    if (info->iat < not_before)
        return lethe_fail(err, LETHE_E_LIMIT, WHAT " is older than one that was seen before");
    return 0;
}

static int list_read(const json_t *claims, uint64_t now, uint64_t not_before,
                     struct lethe_trust *into, struct lethe_trust_list_info *info,
                     struct lethe_error *err)
{
    static const char *const names[] = {"iat", "exp", "organisations", NULL};
    int rc = lethe_members_known(claims, names, WHAT, err);
    if (rc == 0)
        rc = times_check(claims, now, not_before, info, err);
    if (rc < 0)
        return rc;
    const json_t *list = lethe_json_get(claims, "organisations", JSON_ARRAY, err);
    if (!list)
        return -LETHE_E_INVALID;
    info->n_organisations = json_array_size(list);
    for (size_t i = 0; i < info->n_organisations && rc == 0; i++)
        rc = organisation_read(json_array_get(list, i), into, err);
    return rc;
}

/* Room first: then nothing can fail half-way. */
static int take_over(struct lethe_trust *trust, struct lethe_trust *from, struct lethe_error *err)
{
    struct lethe_pin *pins =
        reallocarray(trust->pins, trust->n_pins + from->n_pins + 1, sizeof(*pins));
    if (pins)
        trust->pins = pins;
    if (!pins)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    if (trust->n_anchors + from->n_anchors > LETHE_ANCHORS_MAX)
        return lethe_fail(err, LETHE_E_LIMIT, "more than %d roots", LETHE_ANCHORS_MAX);
    for (size_t i = 0; i < from->n_anchors; i++) {
        const struct lethe_anchor *anchor = &from->anchors[i];
        X509_up_ref(anchor->cert);
        int rc = lethe_anchor_add(trust, anchor->cert, anchor->since, anchor->until, err);
        if (rc < 0)
            return rc;
    }
    if (from->n_pins > 0)
        memcpy(&trust->pins[trust->n_pins], from->pins, from->n_pins * sizeof(*pins));
    trust->n_pins += from->n_pins;
    return 0;
}

int lethe_trust_add_list(struct lethe_trust *trust, const char *text, size_t len,
                         const char *signer_pem, size_t signer_len, uint64_t now,
                         uint64_t not_before, struct lethe_trust_list_info *info,
                         struct lethe_error *err)
{
    struct lethe_trust_list_info found = {0};
    struct lethe_trust *from = NULL;
    struct lethe_jws jws;
    EVP_PKEY *key;
    int rc = signer_read(signer_pem, signer_len, &key, err);
    if (rc < 0)
        return rc;
    rc = lethe_jws_read(text, len, TEXT_MAX, "lethe-trust-list+jwt", false, WHAT, &jws, err);
    if (rc == 0 && (rc = lethe_jws_verify(&jws, key, WHAT, err)) < 0)
        rc = -LETHE_E_UNTRUSTED;
    if (rc == -LETHE_E_UNTRUSTED && err)
        err->code = LETHE_E_UNTRUSTED;
    if (rc == 0)
        rc = lethe_trust_new(&from, err);
    if (rc == 0)
        rc = list_read(jws.claims, now, not_before, from, &found, err);
    if (rc == 0)
        rc = take_over(trust, from, err);
    if (rc == 0 && info)
        *info = found;
    lethe_trust_free(from);
    lethe_jws_clear(&jws);
    EVP_PKEY_free(key);
    return rc;
}

static const char *pin_at(const struct lethe_trust *trust, enum lethe_pin_kind kind,
                          const char *organisation, size_t i)
{
    for (size_t k = 0; k < trust->n_pins; k++)
        if (trust->pins[k].kind == kind && strcmp(trust->pins[k].organisation, organisation) == 0 &&
            i-- == 0)
            return trust->pins[k].text;
    return NULL;
}

const char *lethe_trust_log_vkey(const struct lethe_trust *trust, const char *organisation,
                                 size_t i)
{
    return pin_at(trust, LETHE_PIN_LOG_VKEY, organisation, i);
}

const char *lethe_trust_status_uri(const struct lethe_trust *trust, const char *organisation,
                                   size_t i)
{
    return pin_at(trust, LETHE_PIN_STATUS_URI, organisation, i);
}
