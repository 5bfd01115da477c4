/* SPDX-License-Identifier: Apache-2.0 */
#include "phone/adb_host.h"

#include "base/crypto.h"
#include "base/file.h"
#include "base/text.h"

#include <limits.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdlib.h>
#include <string.h>

#define COMMENT "lethe@bench" /* what a phone shows beside the fingerprint */

struct lethe_adb_host {
    EVP_PKEY *key;
};

static int crypto_failed(struct lethe_error *err)
{
    return lethe_fail(err, LETHE_E_INTERNAL, "libcrypto could not work with the bench's ADB key");
}

/* -- supervisor -------------------------------------------------------------------------------- */

static int make(const char *path, struct lethe_error *err)
{
    EVP_PKEY *key = EVP_RSA_gen(8 * LETHE_ADB_MODULUS);
    BIO *memory = BIO_new(BIO_s_mem());
    char *text = NULL;
    long len = 0;
    if (key && memory && PEM_write_bio_PrivateKey(memory, key, NULL, NULL, 0, NULL, NULL) == 1)
        len = BIO_get_mem_data(memory, &text);
    int rc = len > 0 ? lethe_file_write(path, text, (size_t)len, 0600, err) : crypto_failed(err);
    if (len > 0)
        lethe_wipe(text, (size_t)len);
    BIO_free(memory);
    EVP_PKEY_free(key);
    return rc;
}

/* Two runs may begin on a new bench at once: who comes second reads what the first one wrote. */
static int load(const char *dir, char **pem, size_t *len, struct lethe_error *err)
{
    char path[PATH_MAX], lock[PATH_MAX];
    int rc = lethe_path_join(path, sizeof(path), dir, LETHE_ADB_HOST_FILE, err);
    if (rc < 0)
        return rc;
    rc = lethe_file_read(path, LETHE_ADB_HOST_MAX, pem, len, err);
    if (rc != -LETHE_E_NOT_FOUND)
        return rc;
    rc = lethe_path_join(lock, sizeof(lock), dir, LETHE_ADB_HOST_FILE ".lock", err);
    if (rc == 0)
        rc = lethe_dir_make(dir, 0700, err);
    if (rc < 0)
        return rc;
    LETHE_FD_AUTO held = lethe_file_lock(lock, true, err);
    if (held < 0)
        return held;
    rc = lethe_file_read(path, LETHE_ADB_HOST_MAX, pem, len, err);
    if (rc != -LETHE_E_NOT_FOUND)
        return rc;
    rc = make(path, err);
    return rc < 0 ? rc : lethe_file_read(path, LETHE_ADB_HOST_MAX, pem, len, err);
}

int lethe_adb_host_give(const char *dir, struct lethe_io_spec *spec, struct lethe_error *err)
{
    const char *family = json_string_value(json_object_get(spec->config, "family"));
    char *pem = NULL;
    size_t len = 0;
    bool android =
        strcmp(spec->driver, "android") == 0 || (family && strcmp(family, "android") == 0);
    if (!android || !dir)
        return 0;
    int rc = load(dir, &pem, &len, err);
    if (rc < 0)
        return rc;
    if (!spec->config)
        spec->config = json_object();
    if (json_object_set_new(spec->config, "adb_key", json_stringn(pem, len)) < 0)
        rc = lethe_fail(err, LETHE_E_INVALID, "%s/" LETHE_ADB_HOST_FILE " is no key", dir);
    lethe_wipe(pem, len);
    free(pem);
    return rc;
}

/* -- worker ------------------------------------------------------------------------------------ */

int lethe_adb_host_new(const char *pem, struct lethe_adb_host **out, struct lethe_error *err)
{
    if (!pem || !pem[0])
        return lethe_fail(err, LETHE_E_NOT_FOUND, "the bench has no ADB key");
    struct lethe_adb_host *host = calloc(1, sizeof(*host));
    BIO *memory = BIO_new_mem_buf(pem, -1);
    if (host && memory)
        host->key = PEM_read_bio_PrivateKey(memory, NULL, NULL, NULL);
    BIO_free(memory);
    if (!host || !host->key || EVP_PKEY_get_base_id(host->key) != EVP_PKEY_RSA ||
        EVP_PKEY_get_bits(host->key) != 8 * (int)LETHE_ADB_MODULUS) {
        lethe_adb_host_free(host);
        lethe_fail(err, LETHE_E_INVALID, "the bench's ADB key is no RSA key of 2048 bits");
        lethe_error_remedy(err, "move the file \"" LETHE_ADB_HOST_FILE
                                "\" out of Lethe's state directory: a new one is made");
        return -LETHE_E_INVALID;
    }
    *out = host;
    return 0;
}

void lethe_adb_host_free(struct lethe_adb_host *host)
{
    if (!host)
        return;
    EVP_PKEY_free(host->key);
    free(host);
}

int lethe_adb_host_sign(const struct lethe_adb_host *host,
                        const uint8_t token[LETHE_ADB_TOKEN_SIZE],
                        uint8_t out[LETHE_ADB_SIGNATURE_SIZE], struct lethe_error *err)
{
    size_t len = LETHE_ADB_SIGNATURE_SIZE;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(host->key, NULL);
    bool done = context && EVP_PKEY_sign_init(context) == 1 &&
                EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1 &&
                EVP_PKEY_CTX_set_signature_md(context, EVP_sha1()) == 1 &&
                EVP_PKEY_sign(context, out, &len, token, LETHE_ADB_TOKEN_SIZE) == 1 &&
                len == LETHE_ADB_SIGNATURE_SIZE;
    EVP_PKEY_CTX_free(context);
    return done ? 0 : crypto_failed(err);
}

int lethe_adb_host_public(const struct lethe_adb_host *host, char out[LETHE_ADB_KEY_TEXT],
                          struct lethe_error *err)
{
    uint8_t modulus[LETHE_ADB_MODULUS], key[LETHE_ADB_KEY];
    BIGNUM *n = NULL, *e = NULL;
    bool told = EVP_PKEY_get_bn_param(host->key, OSSL_PKEY_PARAM_RSA_N, &n) == 1 &&
                EVP_PKEY_get_bn_param(host->key, OSSL_PKEY_PARAM_RSA_E, &e) == 1 &&
                BN_bn2binpad(n, modulus, sizeof(modulus)) == (int)sizeof(modulus) &&
                BN_num_bits(e) <= 32;
    int rc = told ? lethe_adb_key_encode(modulus, (uint32_t)BN_get_word(e), key, err)
                  : crypto_failed(err);
    BN_free(n);
    BN_free(e);
    return rc < 0 ? rc : lethe_adb_key_format(key, COMMENT, out);
}
