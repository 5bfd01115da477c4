/* SPDX-License-Identifier: Apache-2.0 */
/* Issuing status lists: where they are published, the key that signs them, and one of them. */
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "keys/internal.h"
#include "trust/x509_profile.h"
#include <openssl/ec.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#define TTL_S 43200 /* fetched again twice a day */

/* To be revoked with the bench, if it comes to that. */
static int keep_certificate(const struct lethe_key_paths *paths, struct lethe_error *err)
{
    LETHE_X509_AUTO *old = NULL;
    char kept[PATH_MAX];
    if (access(paths->status_pem, F_OK) != 0)
        return 0;
    int rc = lethe_certfile_read(paths->status_pem, &old, err);
    if (rc == 0)
        rc = lethe_key_kept(paths->trust, "status", old, ".pem", kept, err);
    return rc < 0 ? rc : lethe_certfile_write(kept, old, err);
}

int lethe_status_key_make(const struct lethe_key_paths *paths, const char *id, unsigned days,
                          const char *passphrase, X509 *root, EVP_PKEY *root_key,
                          struct lethe_error *err)
{
    const struct lethe_leaf_wish wish = {.leaf = LETHE_LEAF_STATUS, .id = id, .days = days};
    LETHE_PKEY_AUTO *key = NULL;
    LETHE_X509_AUTO *cert = NULL;
    /* Lists are signed anew every day: no key needs keeping, and one without its certificate (a
     * crash between the two) is told by lethe_signer_open_status(). */
    int rc = keep_certificate(paths, err);
    if (rc == 0)
        rc = lethe_key_make(NULL, paths->status_key, passphrase, &key, err);
    if (rc == 0)
        rc = lethe_leaf_make(key, &wish, root, root_key, &cert, err);
    return rc < 0 ? rc : lethe_certfile_write(paths->status_pem, cert, err);
}

int lethe_status_uri_get(const char *dir, char out[LETHE_STATUS_URI_MAX + 1],
                         struct lethe_error *err)
{
    struct lethe_key_paths paths;
    char *text;
    size_t len;
    out[0] = '\0';
    int rc = lethe_key_paths(dir, &paths, err);
    if (rc < 0 || access(paths.status_uri, F_OK) != 0)
        return rc;
    rc = lethe_file_read(paths.status_uri, LETHE_STATUS_URI_MAX + 1, &text, &len, err);
    if (rc < 0)
        return rc;
    text[strcspn(text, "\n")] = '\0';
    lethe_text_format(out, LETHE_STATUS_URI_MAX + 1, "%s", text);
    free(text);
    return 0;
}

/* RFC 3986, as far as a status list needs it: a reader fetches it, so it is on the web. */
static bool uri_ok(const char *uri)
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
                                  "-._~:/?[]@!$&'()*+,;=%";
    size_t scheme = strncmp(uri, "https://", 8) == 0 ? 8 : strncmp(uri, "http://", 7) == 0 ? 7 : 0;
    return scheme > 0 && uri[scheme] && strlen(uri) <= LETHE_STATUS_URI_MAX &&
           strspn(uri, allowed) == strlen(uri);
}

int lethe_status_uri_set(const char *dir, const char *uri, struct lethe_error *err)
{
    struct lethe_key_paths paths;
    char line[LETHE_STATUS_URI_MAX + 2];
    int rc = lethe_key_paths(dir, &paths, err);
    if (rc == 0 && uri && uri[0] && !uri_ok(uri)) {
        rc = lethe_fail(err, LETHE_E_USAGE, "\"%.80s\" is no address of a status list", uri);
        lethe_error_remedy(
            err, "Give where its file will be, such as https://example.org/status/bench-1");
    }
    if (rc < 0)
        return rc;
    lethe_text_format(line, sizeof(line), "%s\n", uri && uri[0] ? uri : "");
    return lethe_file_write(paths.status_uri, line, strlen(line), 0644, err);
}

static char *pack(const uint8_t *slots)
{
    uLongf len = compressBound(LETHE_STATUS_SLOTS / 4);
    uint8_t *packed = malloc(len);
    char *text = packed ? malloc(LETHE_B64URL_SIZE(len)) : NULL;
    if (text && compress2(packed, &len, slots, LETHE_STATUS_SLOTS / 4, Z_BEST_COMPRESSION) == Z_OK)
        lethe_b64url_encode(text, packed, len);
    free(packed);
    return text;
}

int lethe_status_list_make(struct lethe_signer *signer, const char *uri, const uint8_t *slots,
                           uint64_t now, uint64_t exp, char **text, struct lethe_error *err)
{
    if (now > signer->not_after) {
        int rc = lethe_fail(err, LETHE_E_REFUSED, "the certificate of the status key has ended");
        lethe_error_effect(err, "nobody would believe a list that it signs");
        lethe_error_remedy(err, "lethe keys renew makes a new one");
        return rc;
    }
    char *lst = pack(slots);
    /* A list that outlives its signer's certificate would not be believed to its end. */
    if (exp > signer->not_after)
        exp = signer->not_after;
    LETHE_JSON_AUTO *claims = json_pack(
        "{s:s, s:I, s:I, s:I, s:{s:i, s:s*}}", "sub", uri, "iat", (json_int_t)(now / 1000), "exp",
        (json_int_t)(exp / 1000), "ttl", (json_int_t)TTL_S, "status_list", "bits", 2, "lst", lst);
    int rc = lst && claims ? lethe_jws_make(signer, "statuslist+jwt", claims, text, err)
                           : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    free(lst);
    return rc;
}
