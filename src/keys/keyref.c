/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a private key is: in keys/bench.key itself (PEM), or in something that never gives it out,
 * and then bench.key holds one line that names it. One file either way, so that keeping, replacing
 * and reading a pair are the same for all.
 */
#include "base/crypto.h"
#include "base/file.h"
#include "base/text.h"
#include "keys/internal.h"
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <stdlib.h>
#include <string.h>

#define KEYREF_MAX 1024
#define PASSPHRASE_MAX 1024

struct backend {
    const char *scheme;
    int (*open)(const char *uri, const char *pin, bool make, char **stored,
                struct lethe_signer **out, EVP_PKEY **public, struct lethe_error *err);
};
static const struct backend backends[] = {{"pkcs11:", lethe_pkcs11_open},
                                          {"handle:", lethe_tpm_open}};

static const struct backend *backend_of(const char *uri)
{
    for (size_t i = 0; i < sizeof(backends) / sizeof(backends[0]); i++)
        if (strncmp(uri, backends[i].scheme, strlen(backends[i].scheme)) == 0)
            return &backends[i];
    return NULL;
}

bool lethe_keyref_is(const char *text)
{
    return backend_of(text) != NULL;
}

/* A token wants its PIN (RFC 7512 section 2.4: pin-value); a key in a TPM only where it was made
 * so. */
bool lethe_keyref_asks(const char *uri)
{
    return strncmp(uri, "pkcs11:", 7) == 0 ? !strstr(uri, "pin-value=")
                                           : strstr(uri, "pin-source=ask") != NULL;
}

EVP_PKEY *lethe_p256_public(const uint8_t *x, const uint8_t *y)
{
    uint8_t point[65] = {4};
    memcpy(point + 1, x, 32);
    memcpy(point + 33, y, 32);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char[]){"prime256v1"}, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point)),
        OSSL_PARAM_construct_end()};
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY *key = NULL;
    if (ctx && EVP_PKEY_fromdata_init(ctx) == 1)
        EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params);
    EVP_PKEY_CTX_free(ctx);
    ERR_clear_error();
    return key;
}

static int make_file(const char *path, const char *passphrase, EVP_PKEY **out,
                     struct lethe_error *err)
{
    LETHE_PKEY_AUTO *key = EVP_EC_gen("P-256");
    if (!key)
        return lethe_fail(err, LETHE_E_INTERNAL, "no P-256 key could be made");
    int rc = lethe_keyfile_write(path, key, passphrase, err);
    if (rc < 0)
        return rc;
    *out = key;
    key = NULL;
    return 0;
}

int lethe_key_make(const char *keyref, const char *path, const char *passphrase, EVP_PKEY **out,
                   struct lethe_error *err)
{
    struct lethe_signer *signer;
    char *stored = NULL;
    if (!keyref || strcmp(keyref, "file:") == 0)
        return make_file(path, passphrase, out, err);
    const struct backend *backend = backend_of(keyref);
    if (!backend || strlen(keyref) > KEYREF_MAX - 64 || !lethe_text_is_clean(keyref)) {
        int rc = lethe_fail(err, LETHE_E_USAGE, "\"%.80s\" is no place for a key", keyref);
        lethe_error_remedy(err, "Use file:, pkcs11:token=NAME;object=NAME or handle:0x81010001");
        return rc;
    }
    const char *pin = lethe_keyref_asks(keyref) ? passphrase : NULL;
    int rc = backend->open(keyref, pin, true, &stored, &signer, out, err);
    if (rc < 0)
        return rc;
    lethe_signer_close(signer);
    rc = lethe_file_write(path, stored, strlen(stored), 0600, err);
    free(stored);
    return rc;
}

/* The first line of PATH when it names a key elsewhere; else NULL. */
static int keyref_read(const char *path, char **out, struct lethe_error *err)
{
    char *text;
    size_t len;
    *out = NULL;
    int rc = lethe_file_read(path, 65536, &text, &len, err);
    if (rc < 0)
        return rc;
    if (lethe_keyref_is(text)) {
        text[strcspn(text, "\r\n")] = '\0';
        *out = text;
        return 0;
    }
    lethe_wipe(text, len);
    free(text);
    return 0;
}

static int open_file(const char *path, const char *passphrase, struct lethe_signer **out,
                     EVP_PKEY **public, struct lethe_error *err)
{
    EVP_PKEY *key;
    int rc = lethe_keyfile_read(path, passphrase, &key, err);
    if (rc < 0)
        return rc;
    if (!(*out = lethe_signer_of_key(key)))
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    if (public) {
        EVP_PKEY_up_ref(key);
        *public = key;
    }
    return 0;
}

int lethe_key_open(const char *path, int (*ask)(void *user, char *out, size_t out_size), void *user,
                   struct lethe_signer **out, EVP_PKEY **public, struct lethe_error *err)
{
    bool wanted;
    char passphrase[PASSPHRASE_MAX], *uri = NULL, *given = NULL;
    int rc = lethe_keyfile_private(path, err);
    if (rc == 0)
        rc = lethe_keyfile_encrypted(path, &wanted, err);
    if (rc == 0)
        rc = keyref_read(path, &uri, err);
    if (rc < 0)
        return rc;
    if (wanted && ask && ask(user, passphrase, sizeof(passphrase)) < 0)
        rc = lethe_fail(err, LETHE_E_CANCELLED, "no passphrase was given for %s", path);
    else if (wanted && ask)
        given = passphrase;
    if (rc == 0)
        rc = uri ? backend_of(uri)->open(uri, given, false, NULL, out, public, err)
                 : open_file(path, given, out, public, err);
    if (given)
        lethe_wipe(passphrase, sizeof(passphrase));
    free(uri);
    return rc;
}

/* Without what names one key: ";id=..." of a token, the number of a handle. */
int lethe_keyref_again(const char *path, char **out, struct lethe_error *err)
{
    int rc = keyref_read(path, out, err);
    if (rc < 0 || !*out)
        return rc;
    char *from = strncmp(*out, "handle:", 7) == 0 ? *out + 7 : strstr(*out, ";id=");
    if (!from)
        return 0;
    char *end = *from == ';' ? from + 1 + strcspn(from + 1, ";?") : from + strcspn(from, "?");
    memmove(from, end, strlen(end) + 1);
    return 0;
}
