/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the issuing side share. */
#ifndef LETHE_KEYS_INTERNAL_H
#define LETHE_KEYS_INTERNAL_H

#include <lethe/trust.h>
#include <limits.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#define LETHE_ROOT_DAYS 5479 /* 15 years (facts/certs.md section 4) */
#define LETHE_BENCH_DAYS 90
#define LETHE_BENCH_DAYS_MAX 3650

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
int lethe_bench_make(EVP_PKEY *key, const char *bench, unsigned days, X509 *root,
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

/* keys.c: where things are. */
struct lethe_key_paths {
    char trust[PATH_MAX], keys[PATH_MAX];
    char root_pem[PATH_MAX], bench_pem[PATH_MAX], root_key[PATH_MAX], bench_key[PATH_MAX];
};
int lethe_key_paths(const char *dir, struct lethe_key_paths *out, struct lethe_error *err);
/* The pair kept beside under the fingerprint of CERT: "bench-0123456789abcdef.key" or ".pem". */
int lethe_key_kept(const char *dir, X509 *cert, const char *suffix, char out[PATH_MAX],
                   struct lethe_error *err);

/* lethe_keys_init() for any name, the demo's too. */
int lethe_keys_make(const char *dir, const char *organisation, const char *bench,
                    const char *passphrase, unsigned bench_days, struct lethe_error *err);

#endif
