/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the real usbmuxd does by itself when a phone is plugged in (its preflight): a record that
 * the phone doesn't know any more is thrown away, and it pairs anew, as far as it is let. In Setup
 * Assistant everybody is.
 */
#include "base/text.h"
#include "base/time.h"
#include "emu/phone/muxd.h"
#include "emu/phone/plist.h"
#include <ctype.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <string.h>

enum { TEN_YEARS = 10 * 365 * 86400, ROOT_KEY = 6, HOST_KEY = 7 };

static json_t *text_of(BIO *bio)
{
    char *text = NULL;
    long len = bio ? BIO_get_mem_data(bio, &text) : 0;
    json_t *data = len > 0 ? plist_data(text, (size_t)len) : NULL;
    BIO_free(bio);
    return data;
}

static json_t *private_key(EVP_PKEY *key)
{
    BIO *bio = BIO_new(BIO_s_mem());
    if (bio)
        PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL);
    return text_of(bio);
}

/* Of KEY, by ROOT; names stay empty. */
static json_t *certificate(EVP_PKEY *key, EVP_PKEY *root)
{
    X509 *x = X509_new();
    BIO *bio = BIO_new(BIO_s_mem());
    X509_EXTENSION *basic = X509V3_EXT_conf_nid(NULL, NULL, NID_basic_constraints,
                                                key == root ? "critical,CA:TRUE" : "CA:FALSE");
    if (x && basic && bio && X509_set_version(x, 2) && X509_set_pubkey(x, key) &&
        ASN1_INTEGER_set(X509_get_serialNumber(x), 0) &&
        X509_gmtime_adj(X509_getm_notBefore(x), 0) &&
        X509_gmtime_adj(X509_getm_notAfter(x), TEN_YEARS) && X509_add_ext(x, basic, -1) &&
        X509_sign(x, root, EVP_sha256()))
        PEM_write_bio_X509(bio, x);
    X509_EXTENSION_free(basic);
    X509_free(x);
    return text_of(bio);
}

static json_t *make(const struct muxd *muxd, const struct phone *phone)
{
    char host[37], buid[37];
    lethe_uuid7(host);
    for (char *c = host; *c; c++)
        *c = (char)toupper((unsigned char)*c);
    muxd_buid(muxd, buid);
    EVP_PKEY *device = iphone_key(phone), *root = iphone_pool_key(ROOT_KEY),
             *own = iphone_pool_key(HOST_KEY);
    json_t *record =
        device && root && own
            ? json_pack("{s:s, s:s, s:o*, s:o*, s:o*, s:o*, s:o*, s:s}", "HostID", host,
                        "SystemBUID", buid, "RootCertificate", certificate(root, root),
                        "HostCertificate", certificate(own, root), "DeviceCertificate",
                        certificate(device, root), "RootPrivateKey", private_key(root),
                        "HostPrivateKey", private_key(own), "WiFiMACAddress",
                        phone_trait_text(phone, "wifi"))
            : NULL;
    EVP_PKEY_free(device);
    EVP_PKEY_free(root);
    EVP_PKEY_free(own);
    return record;
}

static bool is_trusted(const struct muxd *muxd, const struct phone *phone, const char *udid)
{
    LETHE_BUF_AUTO bytes = {0};
    LETHE_JSON_AUTO *data = muxd_record_read(muxd, udid);
    LETHE_JSON_AUTO *record =
        data && plist_data_get(data, &bytes) > 0 ? plist_decode(bytes.data, bytes.len) : NULL;
    return record && !iphone_validate_pair(phone, record);
}

void muxd_preflight(const struct muxd *muxd, struct phone *phone)
{
    LETHE_BUF_AUTO bytes = {0};
    char udid[64];
    json_t *escrow = NULL;
    iphone_udid(phone, udid);
    if (is_trusted(muxd, phone, udid))
        return;
    muxd_record_delete(muxd, udid);
    LETHE_JSON_AUTO *record = make(muxd, phone);
    if (!record || iphone_pair(phone, record, &escrow) ||
        json_object_set_new(record, "EscrowBag", escrow) < 0 ||
        plist_encode(record, false, &bytes) < 0)
        return;
    LETHE_JSON_AUTO *data = plist_data(bytes.data, bytes.len);
    muxd_record_save(muxd, udid, data);
}
