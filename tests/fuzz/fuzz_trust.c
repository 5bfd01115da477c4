/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a verifier reads beside certificates. The first byte chooses:
 *   'S' a status list as it comes    's' its payload as JSON: header and signature are put round it
 *   'T' a trust list as it comes     't' its payload as JSON, signed by the pinned key
 *   'V' a validation record          'v' its payload as JSON
 *   'C' a revocation list, DER or PEM
 */
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "keys/internal.h"
#include <lethe/trust.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW 1795400000000ull
#define URI "https://acme.example/s"

static struct lethe_trust *trust;
static struct lethe_signer *with_chain, *without;
static char *pin, *certificate;

static void begin(void)
{
    static uint8_t chain[4096];
    char *pem, *text;
    size_t len;
    EVP_PKEY *key = EVP_EC_gen("P-256");
    BIO *bio = BIO_new(BIO_s_mem());
    if (!key || !bio || lethe_trust_new(&trust, NULL) < 0 ||
        lethe_file_read(FUZZ_SOURCE_DIR "/certs/test-keys/root.pem", 65536, &pem, &len, NULL) < 0 ||
        lethe_trust_add_pem(trust, pem, len, NULL) < 0 || PEM_write_bio_PUBKEY(bio, key) != 1)
        abort();
    free(pem);
    len = (size_t)BIO_get_mem_data(bio, &text);
    pin = strndup(text, len);
    BIO_free(bio);
    EVP_PKEY_up_ref(key);
    without = lethe_signer_of_key(key);
    with_chain = lethe_signer_of_key(key);
    with_chain->n_chain = 1;
    with_chain->chain[0] = chain;
    with_chain->chain_len[0] = 64; /* no certificate: the path is what fuzz_certificate tries */
    json_t *claims = json_pack("{s:s,s:s,s:i}", "jti", "0199c2f4-0000-7000-8000-000000000001",
                               "organisation", "Example", "iat", 1);
    if (lethe_jws_make(without, "x", claims, &text, NULL) < 0 ||
        asprintf(&certificate, "%s~", text) < 0)
        abort();
    json_decref(claims);
    free(text);
}

/* What was read is whole: every slot has an answer. */
static void status(const char *text, size_t len)
{
    struct lethe_status_list *list;
    (void)lethe_status_list_read(trust, text, len, NOW, 0, &list, NULL);
    if (!list)
        return;
    for (uint64_t i = 0; i < LETHE_STATUS_SLOTS; i += 4099)
        if (lethe_status_list_get(list, lethe_status_list_info(list)->anchor_sha256,
                                  lethe_status_list_info(list)->uri, i,
                                  NULL) > LETHE_STATUS_SUSPENDED)
            abort();
    lethe_status_list_free(list);
}

/* What was refused left nothing. */
static void trust_list(const char *text, size_t len)
{
    struct lethe_trust *into;
    struct lethe_trust_list_info info;
    if (lethe_trust_new(&into, NULL) < 0)
        abort();
    int rc = lethe_trust_add_list(into, text, len, pin, strlen(pin), NOW, 0, &info, NULL);
    if (rc < 0 && (into->n_anchors > 0 || into->n_pins > 0))
        abort();
    lethe_trust_free(into);
}

static void validation(const char *text, size_t len)
{
    struct lethe_validation out;
    lethe_validation_verify(trust, text, len, certificate, strlen(certificate), "A", NOW, &out,
                            NULL);
}

static void revocations(const char *data, size_t len)
{
    struct lethe_trust *into;
    struct lethe_crl_info info;
    struct lethe_chain chain = {.direct = true, .serial = "01"};
    if (lethe_trust_new(&into, NULL) < 0)
        abort();
    for (size_t i = 0; i < trust->n_anchors; i++) {
        X509_up_ref(trust->anchors[i].cert);
        lethe_anchor_add(into, trust->anchors[i].cert, 0, UINT64_MAX, NULL);
    }
    memcpy(chain.anchor_sha256, trust->anchors[0].sha256, sizeof(chain.anchor_sha256));
    int rc = lethe_trust_add_crl(into, data, len, NOW, 0, &info, NULL);
    if (rc < 0 && lethe_trust_revoked(into, &chain, 0, NULL) != LETHE_REVOCATION_UNKNOWN)
        abort();
    lethe_trust_free(into);
}

static void with_payload(struct lethe_signer *signer, const char *typ, const char *json, size_t len,
                         void (*fn)(const char *text, size_t len))
{
    char *text;
    json_t *claims = lethe_json_load(json, len, 1 << 20, NULL);
    if (claims && lethe_jws_make(signer, typ, claims, &text, NULL) == 0) {
        fn(text, strlen(text));
        free(text);
    }
    json_decref(claims);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (!trust)
        begin();
    if (size == 0)
        return 0;
    const char *text = (const char *)data + 1;
    size_t len = size - 1;
    switch (data[0]) {
    case 'S':
        status(text, len);
        break;
    case 's':
        with_payload(with_chain, "statuslist+jwt", text, len, status);
        break;
    case 'T':
        trust_list(text, len);
        break;
    case 't':
        with_payload(without, "lethe-trust-list+jwt", text, len, trust_list);
        break;
    case 'V':
        validation(text, len);
        break;
    case 'v':
        with_payload(with_chain, "lethe-validation+jwt", text, len, validation);
        break;
    case 'C':
        revocations(text, len);
        break;
    default:
        break;
    }
    return 0;
}
