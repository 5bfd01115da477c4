/* SPDX-License-Identifier: Apache-2.0 */
/* Every bench key there was: the one in use and those kept beside. */
#include "base/file.h"
#include "base/text.h"
#include "keys/internal.h"
#include "trust/x509_profile.h"
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEYS_MAX 4096

struct listing {
    const struct lethe_key_paths *paths;
    X509_CRL *crl;
    size_t n;
    struct lethe_bench_key *keys;
};

static void read_revoked(X509_CRL *crl, X509 *cert, struct lethe_bench_key *out)
{
    X509_REVOKED *entry;
    if (!crl || X509_CRL_get0_by_cert(crl, &entry, cert) != 1)
        return;
    ASN1_GENERALIZEDTIME *date = X509_REVOKED_get_ext_d2i(entry, NID_invalidity_date, NULL, NULL);
    out->revoked = true;
    lethe_x509_time(date ? (const ASN1_TIME *)date : X509_REVOKED_get0_revocationDate(entry),
                    &out->revoked_since);
    ASN1_GENERALIZEDTIME_free(date);
}

/* "file", or the scheme of the line that names it. */
static void read_place(const char *path, char out[16])
{
    char *text;
    size_t len;
    out[0] = '\0';
    if (access(path, F_OK) != 0 || lethe_file_read(path, 65536, &text, &len, NULL) < 0)
        return;
    lethe_text_format(out, 16, "%.*s", lethe_keyref_is(text) ? (int)strcspn(text, ":") : 4,
                      lethe_keyref_is(text) ? text : "file");
    free(text);
}

static int read_one(struct listing *listing, const char *pem, bool current, struct lethe_error *err)
{
    struct lethe_bench_key key = {.current = current};
    LETHE_X509_AUTO *cert = NULL;
    char kept[PATH_MAX];
    int rc = lethe_certfile_read(pem, &cert, err);
    if (rc == 0)
        rc = lethe_key_kept(listing->paths->keys, "bench", cert, ".key", kept, err);
    if (rc < 0)
        return rc;
    if (lethe_x509_fingerprint(cert, key.sha256) < 0 ||
        !lethe_x509_bench(cert, key.bench, sizeof(key.bench)) ||
        !lethe_x509_validity(cert, &key.not_before, &key.not_after))
        return lethe_fail(err, LETHE_E_INVALID, "%s is no bench certificate", pem);
    /* The one in use is among the kept ones as well when a renewal was cut short. */
    for (size_t i = 0; i < listing->n; i++)
        if (strcmp(listing->keys[i].sha256, key.sha256) == 0)
            return 0;
    read_place(current && access(kept, F_OK) != 0 ? listing->paths->bench_key : kept, key.keyref);
    read_revoked(listing->crl, cert, &key);
    listing->keys[listing->n++] = key;
    return 0;
}

static int order(const void *a, const void *b)
{
    const struct lethe_bench_key *x = a, *y = b;
    return x->current != y->current         ? x->current - y->current
           : x->not_before != y->not_before ? (x->not_before < y->not_before ? -1 : 1)
                                            : strcmp(x->sha256, y->sha256);
}

static int read_all(struct listing *listing, struct lethe_error *err)
{
    char **names = NULL, path[PATH_MAX];
    int rc = read_one(listing, listing->paths->bench_pem, true, err);
    if (rc == 0)
        rc = lethe_dir_list(listing->paths->trust, &names, err);
    for (size_t i = 0; rc == 0 && names[i] && listing->n < KEYS_MAX; i++) {
        if (strncmp(names[i], "bench-", 6) != 0)
            continue;
        rc = lethe_path_join(path, sizeof(path), listing->paths->trust, names[i], err);
        if (rc == 0)
            rc = read_one(listing, path, false, err);
    }
    lethe_names_free(names);
    qsort(listing->keys, listing->n, sizeof(listing->keys[0]), order);
    return rc;
}

int lethe_keys_list(const char *dir, int (*fn)(void *user, const struct lethe_bench_key *key),
                    void *user, struct lethe_error *err)
{
    struct lethe_key_paths paths;
    struct listing listing = {.paths = &paths};
    int rc = lethe_key_paths(dir, &paths, err);
    if (rc < 0 || access(paths.bench_pem, F_OK) != 0)
        return rc;
    rc = lethe_crl_read(&paths, &listing.crl, err);
    if (rc < 0)
        return rc;
    listing.keys = calloc(KEYS_MAX, sizeof(*listing.keys));
    rc = listing.keys ? read_all(&listing, err)
                      : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    for (size_t i = 0; rc == 0 && i < listing.n; i++)
        if (fn(user, &listing.keys[i]) != 0)
            break;
    free(listing.keys);
    X509_CRL_free(listing.crl);
    return rc;
}
