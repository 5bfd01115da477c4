/* SPDX-License-Identifier: Apache-2.0 */
/* The certificates of a bench: the organisation's root, the bench's own and that of its status
 * lists (certs/README.md, "The X.509 profile"). */
#include "base/text.h"
#include "base/time.h"
#include "keys/internal.h"
#include "trust/x509_profile.h"
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <string.h>

#define DAY_MS (24ull * 3600 * 1000)
/* Clocks of two benches differ a little: a certificate is good from a moment before it was made. */
#define SKEW_MS (5ull * 60 * 1000)

static int make_failed(struct lethe_error *err)
{
    char why[160];
    ERR_error_string_n(ERR_get_error(), why, sizeof(why));
    ERR_clear_error();
    return lethe_fail(err, LETHE_E_INTERNAL, "the certificate could not be made: %s", why);
}

static bool set_serial(X509 *cert)
{
    unsigned char bytes[16];
    lethe_random(bytes, sizeof(bytes));
    bytes[0] =
        (unsigned char)((bytes[0] & 0x7F) | 0x40); /* positive, of one length: RFC 5280 4.1.2.2 */
    BIGNUM *number = BN_bin2bn(bytes, sizeof(bytes), NULL);
    bool ok = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert));
    BN_free(number);
    return ok;
}

static bool add_name(X509_NAME *name, const char *field, const char *text)
{
    return X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, (const unsigned char *)text, -1,
                                      -1, 0) == 1;
}

static bool set_name(X509 *cert, const char *organisation, const char *common)
{
    X509_NAME *name = X509_get_subject_name(cert);
    return add_name(name, "O", organisation) && add_name(name, "CN", common);
}

static bool set_validity(X509 *cert, uint64_t from, uint64_t until)
{
    return ASN1_TIME_set(X509_getm_notBefore(cert), (time_t)(from / 1000)) &&
           ASN1_TIME_set(X509_getm_notAfter(cert), (time_t)(until / 1000));
}

static bool add_extension(X509 *cert, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx_nodb(&ctx);
    X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    bool ok = extension && X509_add_ext(cert, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return ok;
}

int lethe_root_make(EVP_PKEY *key, const char *organisation, X509 **out, struct lethe_error *err)
{
    uint64_t now = lethe_now_ms();
    LETHE_X509_AUTO *cert = X509_new();
    bool ok = cert && X509_set_version(cert, X509_VERSION_3) && set_serial(cert) &&
              set_name(cert, organisation, "Lethe organisation root") &&
              X509_set_issuer_name(cert, X509_get_subject_name(cert)) &&
              set_validity(cert, now - SKEW_MS, now + LETHE_ROOT_DAYS * DAY_MS) &&
              X509_set_pubkey(cert, key) &&
              add_extension(cert, cert, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
              add_extension(cert, cert, NID_key_usage, "critical,keyCertSign,cRLSign") &&
              add_extension(cert, cert, NID_subject_key_identifier, "hash") &&
              add_extension(cert, cert, NID_authority_key_identifier, "keyid:always") &&
              X509_sign(cert, key, EVP_sha384()) > 0;
    if (!ok)
        return make_failed(err);
    *out = cert;
    cert = NULL;
    return 0;
}

/* What of a leaf depends on its part. */
static bool add_part(X509 *cert, X509 *root, const struct lethe_leaf_wish *wish)
{
    char san[2 * LETHE_ORIGIN_MAX];
    bool status = wish->leaf == LETHE_LEAF_STATUS;
    lethe_text_format(san, sizeof(san), "URI:%s%s%s%s",
                      status ? LETHE_STATUS_SIGNER_URI : LETHE_BENCH_URI, wish->id,
                      wish->origin ? ",URI:" LETHE_LOG_URI : "", wish->origin ? wish->origin : "");
    return add_extension(cert, root, NID_ext_key_usage,
                         status ? LETHE_EKU_STATUS
                                : LETHE_EKU_BENCH "," LETHE_EKU_DOCUMENT ",emailProtection") &&
           add_extension(cert, root, NID_subject_alt_name, san);
}

int lethe_leaf_make(EVP_PKEY *key, const struct lethe_leaf_wish *wish, X509 *root,
                    EVP_PKEY *root_key, X509 **out, struct lethe_error *err)
{
    uint64_t now = lethe_now_ms(), from, until, root_from, root_until;
    char organisation[128];
    if (!lethe_x509_organisation(root, organisation, sizeof(organisation)) ||
        !lethe_x509_validity(root, &root_from, &root_until))
        return lethe_fail(err, LETHE_E_INVALID, "the root certificate is not one of ours");
    from = now - SKEW_MS > root_from ? now - SKEW_MS : root_from;
    until = now + wish->days * DAY_MS < root_until ? now + wish->days * DAY_MS : root_until;
    if (until <= now) {
        int rc =
            lethe_fail(err, LETHE_E_REFUSED, "the organisation's root certificate has expired");
        lethe_error_remedy(err,
                           "Make new keys in a new directory with lethe --state DIR keys init");
        return rc;
    }
    LETHE_X509_AUTO *cert = X509_new();
    bool ok =
        cert && X509_set_version(cert, X509_VERSION_3) && set_serial(cert) &&
        set_name(cert, organisation, wish->id) &&
        X509_set_issuer_name(cert, X509_get_subject_name(root)) &&
        set_validity(cert, from, until) && X509_set_pubkey(cert, key) &&
        add_extension(cert, root, NID_basic_constraints, "critical,CA:FALSE") &&
        add_extension(cert, root, NID_key_usage, "critical,digitalSignature,nonRepudiation") &&
        add_part(cert, root, wish) &&
        add_extension(cert, root, NID_subject_key_identifier, "hash") &&
        add_extension(cert, root, NID_authority_key_identifier, "keyid:always") &&
        X509_sign(cert, root_key, EVP_sha384()) > 0;
    if (!ok)
        return make_failed(err);
    *out = cert;
    cert = NULL;
    return 0;
}
