/* SPDX-License-Identifier: Apache-2.0 */
#include "base/crypto.h"
#include "base/file.h"
#include "base/time.h"
#include "keys/internal.h"
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PEM_FILE_MAX 65536
/* A passphrase typed at a bench is short: make each guess cost (OWASP's figure for HMAC-SHA-256).
 */
#define PBKDF2_ROUNDS 600000

static int pem_failed(struct lethe_error *err, const char *path, const char *what)
{
    ERR_clear_error();
    return lethe_fail(err, LETHE_E_INVALID, "%s: %s", path, what);
}

static int bio_write(const char *path, BIO *bio, mode_t mode, struct lethe_error *err)
{
    char *data;
    long len = BIO_get_mem_data(bio, &data);
    int rc = lethe_file_write(path, data, (size_t)len, mode, err);
    if (mode == 0600)
        lethe_wipe(data, (size_t)len);
    return rc;
}

/* PKCS#8 (RFC 5958), with PBES2: AES-256-CBC under PBKDF2-HMAC-SHA-256 (RFC 8018). */
static bool key_encrypt(BIO *bio, PKCS8_PRIV_KEY_INFO *plain, const char *passphrase)
{
    unsigned char salt[16], iv[16];
    lethe_random(salt, sizeof(salt));
    lethe_random(iv, sizeof(iv));
    X509_ALGOR *pbe = PKCS5_pbe2_set_iv(EVP_aes_256_cbc(), PBKDF2_ROUNDS, salt, sizeof(salt), iv,
                                        NID_hmacWithSHA256);
    X509_SIG *sealed = pbe ? PKCS8_set0_pbe(passphrase, (int)strlen(passphrase), plain, pbe) : NULL;
    if (!sealed)
        X509_ALGOR_free(pbe);
    bool ok = sealed && PEM_write_bio_PKCS8(bio, sealed) == 1;
    X509_SIG_free(sealed);
    return ok;
}

int lethe_keyfile_write(const char *path, EVP_PKEY *key, const char *passphrase,
                        struct lethe_error *err)
{
    BIO *bio = BIO_new(BIO_s_mem());
    PKCS8_PRIV_KEY_INFO *plain = EVP_PKEY2PKCS8(key);
    bool ok = bio && plain &&
              (passphrase ? key_encrypt(bio, plain, passphrase)
                          : PEM_write_bio_PKCS8_PRIV_KEY_INFO(bio, plain) == 1);
    int rc = ok ? bio_write(path, bio, 0600, err) : pem_failed(err, path, "cannot encode the key");
    PKCS8_PRIV_KEY_INFO_free(plain);
    BIO_free(bio);
    return rc;
}

/* Never ask on a terminal by ourselves: -1 is "no passphrase". */
static int passphrase_give(char *out, int size, int writing, void *user)
{
    (void)writing;
    const char *passphrase = user;
    size_t len = passphrase ? strlen(passphrase) : 0;
    if (!passphrase || len > (size_t)size)
        return -1;
    memcpy(out, passphrase, len);
    return (int)len;
}

static int pem_read(const char *path, char **text, size_t *len, struct lethe_error *err)
{
    return lethe_file_read(path, PEM_FILE_MAX, text, len, err);
}

int lethe_keyfile_private(const char *path, struct lethe_error *err)
{
    struct stat st;
    if (stat(path, &st) < 0 || (st.st_mode & 077) == 0)
        return 0; /* what is not there is told by who reads it */
    lethe_fail(err, LETHE_E_REFUSED, "%s can be read by others (mode %04o)", path,
               (unsigned)st.st_mode & 07777);
    lethe_error_effect(err, "nothing was signed: a key is the organisation's word");
    lethe_error_remedy(err, "chmod 600 %s; if others may have read it: lethe keys renew", path);
    return -LETHE_E_REFUSED;
}

int lethe_keyfile_encrypted(const char *path, bool *out, struct lethe_error *err)
{
    char *text;
    size_t len;
    int rc = pem_read(path, &text, &len, err);
    if (rc < 0)
        return rc;
    *out = lethe_keyref_is(text) ? lethe_keyref_asks(text)
                                 : strstr(text, "-----BEGIN ENCRYPTED PRIVATE KEY-----") != NULL;
    lethe_wipe(text, len);
    free(text);
    return 0;
}

int lethe_keyfile_read(const char *path, const char *passphrase, EVP_PKEY **out,
                       struct lethe_error *err)
{
    char *text;
    size_t len;
    bool encrypted;
    int rc = lethe_keyfile_encrypted(path, &encrypted, err);
    if (rc == 0 && encrypted && !passphrase) {
        rc = lethe_fail(err, LETHE_E_REFUSED, "%s is encrypted and no passphrase was given", path);
        lethe_error_remedy(err, "Give its passphrase");
    }
    if (rc < 0 || (rc = pem_read(path, &text, &len, err)) < 0)
        return rc;
    BIO *bio = BIO_new_mem_buf(text, (int)len);
    *out = bio ? PEM_read_bio_PrivateKey(bio, NULL, passphrase_give,
                                         (void *)(uintptr_t)(encrypted ? passphrase : NULL))
               : NULL;
    BIO_free(bio);
    lethe_wipe(text, len);
    free(text);
    ERR_clear_error();
    if (*out)
        return 0;
    if (!encrypted)
        return pem_failed(err, path, "it holds no private key");
    rc = lethe_fail(err, LETHE_E_REFUSED, "the passphrase does not open %s", path);
    lethe_error_remedy(err, "Try again with the passphrase that was chosen when the key was made");
    return rc;
}

int lethe_certfile_write(const char *path, X509 *cert, struct lethe_error *err)
{
    BIO *bio = BIO_new(BIO_s_mem());
    int rc = bio && PEM_write_bio_X509(bio, cert) == 1
                 ? bio_write(path, bio, 0644, err)
                 : pem_failed(err, path, "cannot encode the certificate");
    BIO_free(bio);
    return rc;
}

int lethe_certfile_read(const char *path, X509 **out, struct lethe_error *err)
{
    char *text;
    size_t len;
    int rc = pem_read(path, &text, &len, err);
    if (rc < 0)
        return rc;
    BIO *bio = BIO_new_mem_buf(text, (int)len);
    *out = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
    BIO_free(bio);
    free(text);
    return *out ? 0 : pem_failed(err, path, "it holds no certificate");
}
