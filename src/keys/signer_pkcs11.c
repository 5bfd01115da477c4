/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bench key in a token, by PKCS#11: the module's own C_Sign, found by an RFC 7512 URI. Through
 * libcrypto it would take an engine (deprecated) that gives up on a token with one key of a kind it
 * does not know.
 */
#include "base/crypto.h"
#include "base/text.h"
#include "base/time.h"
#include "keys/internal.h"
#include <p11-kit/p11-kit.h>
#include <p11-kit/uri.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS_MAX 64
#define ID_SIZE 8

struct token {
    P11KitUri *uri;
    CK_FUNCTION_LIST *module;   /* one, by module-path */
    CK_FUNCTION_LIST **modules; /* or those that the system knows */
    CK_FUNCTION_LIST *f;        /* the one that has the token */
    CK_SESSION_HANDLE session;
    CK_OBJECT_HANDLE key;
};

struct pkcs11_signer {
    struct lethe_signer signer; /* first */
    struct token token;
};

static void token_close(struct token *token)
{
    if (token->f && token->session)
        token->f->C_CloseSession(token->session);
    if (token->modules)
        p11_kit_modules_finalize_and_release(token->modules);
    if (token->module) {
        p11_kit_module_finalize(token->module);
        p11_kit_module_release(token->module);
    }
    p11_kit_uri_free(token->uri);
}

static int token_failed(struct lethe_error *err, CK_RV rv, const char *what)
{
    int rc = lethe_fail(err, rv == CKR_PIN_INCORRECT ? LETHE_E_REFUSED : LETHE_E_IO, "%s: %s", what,
                        p11_kit_strerror(rv));
    if (rv == CKR_PIN_INCORRECT || rv == CKR_PIN_LOCKED)
        lethe_error_remedy(err, "give the right PIN; after a few wrong ones a token locks itself");
    else
        lethe_error_remedy(err, "is the token plugged in? pkcs11-tool --list-slots shows them");
    return rc;
}

static int modules_load(struct token *token, struct lethe_error *err)
{
    const char *path = p11_kit_uri_get_module_path(token->uri);
    if (!path) {
        token->modules = p11_kit_modules_load_and_initialize(0);
        return token->modules
                   ? 0
                   : lethe_fail(err, LETHE_E_NOT_FOUND, "no PKCS#11 module: %s", p11_kit_message());
    }
    CK_FUNCTION_LIST *module = p11_kit_module_load(path, 0);
    if (!module) {
        int rc =
            lethe_fail(err, LETHE_E_NOT_FOUND, "%s is no PKCS#11 module that can be loaded", path);
        lethe_error_remedy(err, "install the token's driver, or mend module-path= in the keyref");
        return rc;
    }
    CK_RV rv = p11_kit_module_initialize(module);
    if (rv != CKR_OK) {
        p11_kit_module_release(module);
        return token_failed(err, rv, "the token's driver does not start");
    }
    token->module = module;
    return 0;
}

static bool token_in(struct token *token, CK_FUNCTION_LIST *module, CK_SLOT_ID *slot)
{
    CK_SLOT_ID slots[SLOTS_MAX];
    CK_ULONG n = SLOTS_MAX;
    CK_TOKEN_INFO info;
    if (module->C_GetSlotList(CK_TRUE, slots, &n) != CKR_OK)
        return false;
    for (CK_ULONG i = 0; i < n; i++)
        if (module->C_GetTokenInfo(slots[i], &info) == CKR_OK &&
            (info.flags & CKF_TOKEN_INITIALIZED) &&
            p11_kit_uri_match_token_info(token->uri, &info)) {
            token->f = module;
            *slot = slots[i];
            return true;
        }
    return false;
}

static int token_find(struct token *token, CK_SLOT_ID *slot, struct lethe_error *err)
{
    bool found = token->module && token_in(token, token->module, slot);
    for (size_t i = 0; token->modules && token->modules[i] && !found; i++)
        found = token_in(token, token->modules[i], slot);
    if (found)
        return 0;
    int rc = lethe_fail(err, LETHE_E_NOT_FOUND, "no token is there that the keyref names");
    lethe_error_effect(err, "nothing was signed");
    lethe_error_remedy(err, "plug it in; pkcs11-tool --list-slots shows what there is");
    return rc;
}

static int token_open(struct token *token, const char *uri, const char *pin,
                      struct lethe_error *err)
{
    CK_SLOT_ID slot;
    token->uri = p11_kit_uri_new();
    int parsed = token->uri ? p11_kit_uri_parse(uri, P11_KIT_URI_FOR_ANY, token->uri) : -1;
    if (parsed != P11_KIT_URI_OK || p11_kit_uri_any_unrecognized(token->uri))
        return lethe_fail(err, LETHE_E_USAGE, "\"%.80s\" is no URI of RFC 7512", uri);
    int rc = modules_load(token, err);
    if (rc == 0)
        rc = token_find(token, &slot, err);
    if (rc < 0)
        return rc;
    CK_RV rv = token->f->C_OpenSession(slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, NULL, NULL,
                                       &token->session);
    if (rv != CKR_OK)
        return token_failed(err, rv, "the token opens no session");
    const char *value = p11_kit_uri_get_pin_value(token->uri);
    if (!value && !pin) {
        rc = lethe_fail(err, LETHE_E_REFUSED, "the token wants a PIN and none was given");
        lethe_error_remedy(err, "give it as the passphrase, or as pin-value= in the keyref");
        return rc;
    }
    value = value ? value : pin;
    rv =
        token->f->C_Login(token->session, CKU_USER, (CK_UTF8CHAR *)(uintptr_t)value, strlen(value));
    return rv == CKR_OK || rv == CKR_USER_ALREADY_LOGGED_IN
               ? 0
               : token_failed(err, rv, "the token does not take the PIN");
}

/* The one object of CLASS that the URI names. */
static int object_find(struct token *token, CK_OBJECT_CLASS class, CK_OBJECT_HANDLE *out,
                       struct lethe_error *err)
{
    CK_ATTRIBUTE wanted[4] = {{CKA_CLASS, &class, sizeof(class)}};
    CK_ULONG n = 1, found = 0;
    CK_OBJECT_HANDLE objects[2];
    static const CK_ATTRIBUTE_TYPE types[] = {CKA_ID, CKA_LABEL};
    for (size_t i = 0; i < 2; i++) {
        CK_ATTRIBUTE *named = p11_kit_uri_get_attribute(token->uri, types[i]);
        if (named)
            wanted[n++] = *named;
    }
    CK_RV rv = token->f->C_FindObjectsInit(token->session, wanted, n);
    if (rv == CKR_OK)
        rv = token->f->C_FindObjects(token->session, objects, 2, &found);
    token->f->C_FindObjectsFinal(token->session);
    if (rv != CKR_OK)
        return token_failed(err, rv, "the token cannot be searched");
    if (found == 0)
        return lethe_fail(err, LETHE_E_NOT_FOUND, "the token has no key of that name");
    if (found > 1)
        return lethe_fail(err, LETHE_E_INVALID,
                          "the token has several keys of that name: add id= to the keyref");
    *out = objects[0];
    return 0;
}

/* PKCS#11 2.40 section 2.3.3: an uncompressed point, in a DER octet string. */
static int public_read(struct token *token, EVP_PKEY **out, struct lethe_error *err)
{
    CK_OBJECT_HANDLE object;
    uint8_t point[80];
    CK_ATTRIBUTE value = {CKA_EC_POINT, point, sizeof(point)};
    int rc = object_find(token, CKO_PUBLIC_KEY, &object, err);
    if (rc < 0)
        return rc;
    CK_RV rv = token->f->C_GetAttributeValue(token->session, object, &value, 1);
    if (rv == CKR_OK && value.ulValueLen == 67 && point[0] == 4 && point[1] == 65 && point[2] == 4)
        *out = lethe_p256_public(point + 3, point + 35);
    else
        *out = NULL;
    return *out ? 0 : lethe_fail(err, LETHE_E_INVALID, "the key in the token is not one on P-256");
}

static int pkcs11_sign(struct lethe_signer *signer, const void *data, size_t len, uint8_t out[64],
                       struct lethe_error *err)
{
    struct token *token = &((struct pkcs11_signer *)signer)->token;
    CK_MECHANISM mechanism = {CKM_ECDSA, NULL, 0};
    uint8_t hash[LETHE_HASH_SIZE];
    CK_ULONG out_len = 64;
    lethe_sha256(hash, data, len);
    CK_RV rv = token->f->C_SignInit(token->session, &mechanism, token->key);
    if (rv == CKR_OK)
        rv = token->f->C_Sign(token->session, hash, sizeof(hash), out, &out_len);
    return rv == CKR_OK && out_len == 64 ? 0 : token_failed(err, rv, "the token does not sign");
}

static void pkcs11_close(struct lethe_signer *signer)
{
    token_close(&((struct pkcs11_signer *)signer)->token);
    free(signer);
}

static const struct lethe_signer_ops pkcs11_ops = {"pkcs11", pkcs11_sign, pkcs11_close};

/* A pair that never leaves the token, under the label of the URI and an id that nothing else has.
 */
static int pair_make(struct token *token, struct lethe_error *err)
{
    static uint8_t p256[] = {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
    CK_MECHANISM mechanism = {CKM_EC_KEY_PAIR_GEN, NULL, 0};
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
    CK_ATTRIBUTE *label = p11_kit_uri_get_attribute(token->uri, CKA_LABEL);
    CK_ATTRIBUTE *id = p11_kit_uri_get_attribute(token->uri, CKA_ID);
    CK_ATTRIBUTE plain = {CKA_LABEL, (CK_UTF8CHAR *)(uintptr_t) "lethe-bench", 11};
    CK_ATTRIBUTE public[] = {{CKA_EC_PARAMS, p256, sizeof(p256)},
                             {CKA_TOKEN, &yes, sizeof(yes)},
                             {CKA_VERIFY, &yes, sizeof(yes)},
                             *id,
                             label ? *label : plain};
    CK_ATTRIBUTE private[] = {{CKA_TOKEN, &yes, sizeof(yes)},
                              {CKA_PRIVATE, &yes, sizeof(yes)},
                              {CKA_SENSITIVE, &yes, sizeof(yes)},
                              {CKA_EXTRACTABLE, &no, sizeof(no)},
                              {CKA_SIGN, &yes, sizeof(yes)},
                              *id,
                              label ? *label : plain};
    CK_OBJECT_HANDLE made;
    CK_RV rv = token->f->C_GenerateKeyPair(
        token->session, &mechanism, public, sizeof(public) / sizeof(public[0]), private,
        sizeof(private) / sizeof(private[0]), &made, &token->key);
    return rv == CKR_OK ? 0 : token_failed(err, rv, "the token makes no key");
}

/* The key that the URI names by its id, or a new one. */
static int pair_want(struct token *token, char **stored, struct lethe_error *err)
{
    uint8_t id[ID_SIZE];
    CK_ATTRIBUTE attribute = {CKA_ID, id, sizeof(id)};
    int rc = -LETHE_E_NOT_FOUND;
    if (p11_kit_uri_get_attribute(token->uri, CKA_ID))
        rc = object_find(token, CKO_PRIVATE_KEY, &token->key, err);
    else {
        lethe_random(id, sizeof(id));
        p11_kit_uri_set_attribute(token->uri, &attribute);
    }
    if (rc == -LETHE_E_NOT_FOUND)
        rc = pair_make(token, err);
    if (rc < 0)
        return rc;
    return p11_kit_uri_format(token->uri, P11_KIT_URI_FOR_ANY, stored) == P11_KIT_URI_OK
               ? 0
               : lethe_fail(err, LETHE_E_INTERNAL, "the keyref cannot be written down");
}

int lethe_pkcs11_open(const char *uri, const char *pin, bool make, char **stored,
                      struct lethe_signer **out, EVP_PKEY **public, struct lethe_error *err)
{
    struct pkcs11_signer *self = calloc(1, sizeof(*self));
    EVP_PKEY *found = NULL;
    if (!self)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    self->signer.ops = &pkcs11_ops;
    int rc = token_open(&self->token, uri, pin, err);
    if (rc == 0)
        rc = make ? pair_want(&self->token, stored, err)
                  : object_find(&self->token, CKO_PRIVATE_KEY, &self->token.key, err);
    if (rc == 0)
        rc = public_read(&self->token, &found, err);
    if (rc < 0) {
        pkcs11_close(&self->signer);
        return rc;
    }
    if (public)
        *public = found;
    else
        EVP_PKEY_free(found);
    *out = &self->signer;
    return 0;
}
