/* SPDX-License-Identifier: Apache-2.0 */
/* The profile of certs/README.md, "The X.509 profile", as a verifier insists on it. */
#include "trust/internal.h"
#include "trust/x509_profile.h"
#include <openssl/ec.h>
#include <openssl/x509v3.h>
#include <string.h>

static bool has_extension_critical(X509 *cert, int nid)
{
    int at = X509_get_ext_by_NID(cert, nid, -1);
    return at >= 0 && X509_EXTENSION_get_critical(X509_get_ext(cert, at));
}

/* P-256, or P-384 where WIDE allows it, by name: explicit curve parameters are how CVE-2020-0601
 * worked. */
static bool key_is_nist(X509 *cert, bool wide)
{
    EVP_PKEY *key = X509_get0_pubkey(cert);
    char group[32];
    size_t len;
    if (!key || EVP_PKEY_get_base_id(key) != EVP_PKEY_EC ||
        EVP_PKEY_get_group_name(key, group, sizeof(group), &len) != 1)
        return false;
    return strcmp(group, "prime256v1") == 0 || (wide && strcmp(group, "secp384r1") == 0);
}

static bool signed_with_sha2(X509 *cert)
{
    int nid = X509_get_signature_nid(cert);
    return nid == NID_ecdsa_with_SHA256 || nid == NID_ecdsa_with_SHA384 ||
           nid == NID_ecdsa_with_SHA512;
}

const char *lethe_authority_fault(X509 *cert)
{
    if (X509_get_version(cert) != X509_VERSION_3)
        return "it is not X.509 version 3";
    if (!key_is_nist(cert, true))
        return "its key is not P-256 or P-384";
    if (!signed_with_sha2(cert))
        return "it is not signed by ECDSA with SHA-2";
    if (!has_extension_critical(cert, NID_basic_constraints) ||
        !(X509_get_extension_flags(cert) & EXFLAG_CA))
        return "it is no certificate authority (critical basicConstraints)";
    if (!has_extension_critical(cert, NID_key_usage) ||
        !(X509_get_key_usage(cert) & KU_KEY_CERT_SIGN))
        return "its critical keyUsage does not allow signing certificates";
    return NULL;
}

static bool has_usage(X509 *cert, const char *wanted)
{
    EXTENDED_KEY_USAGE *usages = X509_get_ext_d2i(cert, NID_ext_key_usage, NULL, NULL);
    bool found = false;
    char oid[128];
    for (int i = 0; usages && i < sk_ASN1_OBJECT_num(usages) && !found; i++) {
        OBJ_obj2txt(oid, sizeof(oid), sk_ASN1_OBJECT_value(usages, i), 1);
        found = strcmp(oid, wanted) == 0;
    }
    EXTENDED_KEY_USAGE_free(usages);
    return found;
}

/* The two parts never meet in one certificate: who can say that a certificate is good is not who
 * makes it. */
static const char *part_fault(X509 *cert, enum lethe_leaf leaf)
{
    char id[LETHE_BENCH_ID_MAX + 1];
    bool bench = has_usage(cert, LETHE_EKU_BENCH), status = has_usage(cert, LETHE_EKU_STATUS);
    if (leaf == LETHE_LEAF_STATUS && (!status || bench))
        return "its extended key usage does not name status lists alone (" LETHE_EKU_STATUS ")";
    if (leaf == LETHE_LEAF_STATUS)
        return lethe_x509_status(cert, id, sizeof(id))
                   ? NULL
                   : "its subjectAltName is not the URI " LETHE_STATUS_SIGNER_URI "ID alone";
    if (!bench)
        return "its extended key usage does not name erasure certificates (" LETHE_EKU_BENCH ")";
    if (status)
        return "its extended key usage names status lists beside erasure certificates";
    if (!lethe_x509_bench(cert, id, sizeof(id)))
        return "its subjectAltName is not the URI " LETHE_BENCH_URI
               "ID, alone or with " LETHE_LOG_URI "ORIGIN";
    return NULL;
}

const char *lethe_leaf_fault(X509 *cert, enum lethe_leaf leaf)
{
    if (X509_get_version(cert) != X509_VERSION_3)
        return "it is not X.509 version 3";
    if (!key_is_nist(cert, false))
        return "its key is not P-256";
    if (!signed_with_sha2(cert))
        return "it is not signed by ECDSA with SHA-2";
    if (!has_extension_critical(cert, NID_basic_constraints) ||
        (X509_get_extension_flags(cert) & EXFLAG_CA))
        return "it is a certificate authority, or does not say critically that it is none";
    if (!has_extension_critical(cert, NID_key_usage) ||
        !(X509_get_key_usage(cert) & KU_DIGITAL_SIGNATURE) ||
        (X509_get_key_usage(cert) & (KU_KEY_CERT_SIGN | KU_CRL_SIGN)))
        return "its critical keyUsage is not that of a signer (digitalSignature)";
    return part_fault(cert, leaf);
}
