/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the issuing side share. */
#ifndef LETHE_KEYS_INTERNAL_H
#define LETHE_KEYS_INTERNAL_H

#include "trust/internal.h"
#include <jansson.h>
#include <lethe/trust.h>
#include <limits.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#define LETHE_ROOT_DAYS 5479 /* 15 years (facts/certs.md section 4) */
#define LETHE_BENCH_DAYS 90
#define LETHE_BENCH_DAYS_MAX 3650
#define LETHE_CRL_DAYS 90 /* as long as the root may stay in its safe */

static inline void lethe_pkey_free(EVP_PKEY **key)
{
    EVP_PKEY_free(*key);
}
static inline void lethe_x509_free(X509 **cert)
{
    X509_free(*cert);
}
#define LETHE_PKEY_AUTO __attribute__((cleanup(lethe_pkey_free))) EVP_PKEY
#define LETHE_X509_AUTO __attribute__((cleanup(lethe_x509_free))) X509

/* x509_make.c */
int lethe_root_make(EVP_PKEY *key, const char *organisation, X509 **out, struct lethe_error *err);
struct lethe_leaf_wish {
    enum lethe_leaf leaf;
    const char *id;
    const char *origin; /* of a bench's log; NULL: none */
    unsigned days;
};
int lethe_leaf_make(EVP_PKEY *key, const struct lethe_leaf_wish *wish, X509 *root,
                    EVP_PKEY *root_key, X509 **out, struct lethe_error *err);

/* keyfile.c: PKCS#8 and X.509 in PEM files. */
int lethe_keyfile_write(const char *path, EVP_PKEY *key, const char *passphrase,
                        struct lethe_error *err);
/* PASSPHRASE NULL for a key in clear. -LETHE_E_REFUSED when it is encrypted and PASSPHRASE is NULL
 * or wrong. */
int lethe_keyfile_read(const char *path, const char *passphrase, EVP_PKEY **out,
                       struct lethe_error *err);
/* Ours alone? The bench's own files only: a medium that a root key is kept on may know no owners.
 * -LETHE_E_REFUSED. */
int lethe_keyfile_private(const char *path, struct lethe_error *err);
int lethe_keyfile_encrypted(const char *path, bool *out, struct lethe_error *err);
int lethe_certfile_write(const char *path, X509 *cert, struct lethe_error *err);
int lethe_certfile_read(const char *path, X509 **out, struct lethe_error *err);

/* keyref.c: bench.key holds the key itself (PEM), or in one line where it is. */
bool lethe_keyref_is(const char *text);
/* Must somebody type the PIN? */
bool lethe_keyref_asks(const char *uri);
/* A key at KEYREF (NULL or "file:": PEM in PATH, under PASSPHRASE), described in PATH. Its public
 * half into OUT. */
int lethe_key_make(const char *keyref, const char *path, const char *passphrase, EVP_PKEY **out,
                   struct lethe_error *err);
/* The key that PATH holds or names, with ops and nothing else filled in; PUBLIC may be NULL. */
int lethe_key_open(const char *path, int (*ask)(void *user, char *out, size_t out_size), void *user,
                   struct lethe_signer **out, EVP_PKEY **public, struct lethe_error *err);
/* What a renewal of the key in PATH asks for: the same place, another key. free(). NULL: a file. */
int lethe_keyref_again(const char *path, char **out, struct lethe_error *err);

/* signer_file.c, signer_pkcs11.c, signer_tpm.c. Take KEY over. */
struct lethe_signer *lethe_signer_of_key(EVP_PKEY *key);
/* PIN may be NULL. MAKE: a new key, *STORED (free()) is how to find it again. */
int lethe_pkcs11_open(const char *uri, const char *pin, bool make, char **stored,
                      struct lethe_signer **out, EVP_PKEY **public, struct lethe_error *err);
int lethe_tpm_open(const char *uri, const char *pin, bool make, char **stored,
                   struct lethe_signer **out, EVP_PKEY **public, struct lethe_error *err);
/* An uncompressed or bare point on P-256 as a key; NULL when it is none. */
EVP_PKEY *lethe_p256_public(const uint8_t *x, const uint8_t *y);

/* keys.c: where things are. */
struct lethe_key_paths {
    char trust[PATH_MAX], keys[PATH_MAX];
    char root_pem[PATH_MAX], bench_pem[PATH_MAX], root_key[PATH_MAX], bench_key[PATH_MAX];
    char status_pem[PATH_MAX], status_key[PATH_MAX], crl[PATH_MAX], status_uri[PATH_MAX];
};
int lethe_key_paths(const char *dir, struct lethe_key_paths *out, struct lethe_error *err);
/* What is kept beside under the fingerprint of CERT, a "bench" or "status" one:
 * "bench-0123456789abcdef.key" or ".pem". */
int lethe_key_kept(const char *dir, const char *part, X509 *cert, const char *suffix,
                   char out[PATH_MAX], struct lethe_error *err);

int lethe_keys_lock(const struct lethe_key_paths *paths, struct lethe_error *err);
/* lethe_keys_setup() for any name, the demo's too. */
int lethe_keys_make(const char *dir, const struct lethe_keys_wish *wish, struct lethe_error *err);
/* A status key and its certificate, in place of what there was; that certificate is kept beside. */
int lethe_status_key_make(const struct lethe_key_paths *paths, const char *id, unsigned days,
                          const char *passphrase, X509 *root, EVP_PKEY *root_key,
                          struct lethe_error *err);
/* renew.c: the root's pair; FILE NULL: the one on this bench. */
int lethe_root_open(const struct lethe_key_paths *paths, const char *file, const char *passphrase,
                    X509 **root, EVP_PKEY **key, struct lethe_error *err);

/* crl_make.c: the CRL on file, NULL when there is none yet. */
int lethe_crl_read(const struct lethe_key_paths *paths, X509_CRL **out, struct lethe_error *err);
/* Sign it anew, with the same entries. */
int lethe_crl_refresh(const struct lethe_key_paths *paths, X509 *root, EVP_PKEY *root_key,
                      unsigned days, struct lethe_error *err);

/* jws_make.c: CLAIMS as a JWT of TYP, with the signer's x5c when it has a chain. free(*text). */
int lethe_jws_make(struct lethe_signer *signer, const char *typ, const json_t *claims, char **text,
                   struct lethe_error *err);

#endif
