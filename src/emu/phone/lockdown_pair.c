/* SPDX-License-Identifier: Apache-2.0 */
/* Trust: what a host hands over when it pairs, and when the phone takes it. */
#include "base/time.h"
#include "emu/phone/iphone_stream.h"
#include "emu/phone/plist.h"
#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

enum { HOSTS_MAX = 64 };

static const char *host_of(const json_t *record)
{
    const char *host = json_string_value(json_object_get(record, "HostID"));
    return host && strlen(host) < 64 ? host : NULL;
}

static bool known(const struct phone *phone, const char *host)
{
    return json_object_get(json_object_get(phone_state(phone), "trust"), host);
}

/* A certificate of RECORD as PEM text, and its public key where KEY is given. */
static json_t *certificate(const json_t *record, const char *which, EVP_PKEY **key)
{
    LETHE_BUF_AUTO pem = {0};
    if (plist_data_get(json_object_get(record, which), &pem) <= 0)
        return NULL;
    BIO *bio = BIO_new_mem_buf(pem.data, (int)pem.len);
    X509 *parsed = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
    json_t *text = parsed ? json_stringn(pem.data, pem.len) : NULL;
    if (parsed && key)
        *key = X509_get_pubkey(parsed);
    X509_free(parsed);
    BIO_free(bio);
    ERR_clear_error();
    return text;
}

/* What the phone keeps of RECORD; NULL: it isn't a pair record for this phone. */
static json_t *examine(const struct phone *phone, const json_t *record)
{
    EVP_PKEY *theirs = NULL, *ours = iphone_key(phone);
    json_t *kept = json_object();
    const char *buid = json_string_value(json_object_get(record, "SystemBUID"));
    bool whole =
        json_object_set_new(kept, "root", certificate(record, "RootCertificate", NULL)) == 0 &&
        json_object_set_new(kept, "host", certificate(record, "HostCertificate", NULL)) == 0 &&
        json_object_set_new(kept, "device", certificate(record, "DeviceCertificate", &theirs)) ==
            0 &&
        json_object_set_new(kept, "buid", json_string(buid ? buid : "")) == 0 && theirs && ours &&
        EVP_PKEY_eq(theirs, ours) == 1;
    EVP_PKEY_free(theirs);
    EVP_PKEY_free(ours);
    if (whole)
        return kept;
    json_decref(kept);
    return NULL;
}

/* Who sits before the phone: the trait "trust" is "granted" (or nothing; after "asks" times),
 * "pending" (never), "denied", "managed", or the error of lockdown that it is. */
static const char *ask(struct phone *phone)
{
    const char *trust = phone_trait_text(phone, "trust");
    json_int_t asked = json_integer_value(json_object_get(phone_state(phone), "asked"));
    if (iphone_in_setup(phone))
        return NULL;
    if (phone_state_is(phone, "locked"))
        return "PasswordProtected";
    if (strcmp(trust, "denied") == 0)
        return "UserDeniedPairing";
    if (strcmp(trust, "managed") == 0)
        return "MCProtected";
    if (strcmp(trust, "pending") == 0)
        return "PairingDialogResponsePending";
    if (trust[0] && strcmp(trust, "granted") != 0)
        return trust;
    phone_state_set(phone, "asked", json_integer(asked + 1));
    return (uint64_t)asked < phone_trait_count(phone, "asks", 0) ? "PairingDialogResponsePending"
                                                                 : NULL;
}

struct pairing {
    const json_t *record;
    const char *error;
};

static int take(struct phone *phone, void *user, struct lethe_error *err)
{
    struct pairing *pairing = user;
    json_t *trust = json_object_get(phone_state(phone), "trust");
    const char *host = host_of(pairing->record);
    (void)err;
    json_t *kept = host ? examine(phone, pairing->record) : NULL;
    if (!host)
        pairing->error = "MissingPairRecord";
    else if (!kept)
        pairing->error = "InvalidPairRecord";
    else if (!known(phone, host))
        pairing->error = ask(phone);
    if (!pairing->error && json_object_size(trust) >= HOSTS_MAX)
        pairing->error = "SavePairRecordFailed";
    if (pairing->error)
        json_decref(kept);
    else
        json_object_set_new(trust, host, kept);
    return 0;
}

const char *iphone_pair(struct phone *phone, const json_t *record, json_t **escrow)
{
    struct pairing pairing = {.record = record};
    uint8_t bag[32];
    if (phone_change(phone, take, &pairing, NULL) < 0)
        return "SavePairRecordFailed";
    lethe_random(bag, sizeof(bag));
    *escrow = pairing.error ? NULL : plist_data(bag, sizeof(bag));
    return pairing.error;
}

const char *iphone_validate_pair(const struct phone *phone, const json_t *record)
{
    const char *host = host_of(record);
    return !host ? "MissingPairRecord" : known(phone, host) ? NULL : "InvalidHostID";
}

static int drop(struct phone *phone, void *user, struct lethe_error *err)
{
    (void)err;
    json_object_del(json_object_get(phone_state(phone), "trust"), user);
    return 0;
}

const char *iphone_unpair(struct phone *phone, const json_t *record)
{
    const char *host = host_of(record);
    const char *error = iphone_validate_pair(phone, record);
    if (!error && phone_change(phone, drop, (char *)(uintptr_t)host, NULL) < 0)
        error = "SavePairRecordFailed";
    return error;
}
