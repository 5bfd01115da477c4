/* SPDX-License-Identifier: Apache-2.0 */
#include "tlog/signing.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void must(bool ok)
{
    if (!ok)
        abort();
}

void signing_key_make(struct signing_key *out, const char *name, enum lethe_tlog_key_type type,
                      uint8_t seed)
{
    uint8_t pub[32];
    size_t len = sizeof(pub);
    memset(out->secret, seed, sizeof(out->secret));
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, out->secret, 32);
    must(key && EVP_PKEY_get_raw_public_key(key, pub, &len) == 1);
    EVP_PKEY_free(key);
    must(lethe_tlog_key_make(&out->key, name, type, pub, NULL) == 0);
}

static void sign(const struct signing_key *key, const void *message, size_t len, uint8_t out[64])
{
    size_t out_len = 64;
    EVP_PKEY *pkey = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, key->secret, 32);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    must(pkey && ctx && EVP_DigestSignInit(ctx, NULL, NULL, NULL, pkey) == 1 &&
         EVP_DigestSign(ctx, out, &out_len, message, len) == 1);
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(pkey);
}

void signing_checkpoint(char *note, size_t size, const struct lethe_tlog_checkpoint *checkpoint)
{
    char text[LETHE_TLOG_CHECKPOINT_TEXT_MAX];
    must(lethe_tlog_checkpoint_format(checkpoint, text, NULL) == 0);
    snprintf(note, size, "%s\n", text);
}

void signing_add(char *note, size_t size, const struct signing_key *key, uint64_t time)
{
    char line[LETHE_TLOG_LINE_MAX], message[LETHE_TLOG_MESSAGE_MAX];
    uint8_t signature[64];
    size_t len = (size_t)(strstr(note, "\n\n") + 1 - note), message_len;
    if (key->key.type == LETHE_TLOG_COSIGNATURE) {
        must(lethe_tlog_cosignature_message(note, len, time, message, &message_len, NULL) == 0);
        sign(key, message, message_len, signature);
    } else {
        sign(key, note, len, signature);
    }
    must(lethe_tlog_signature_line(&key->key, signature, time, line, NULL) == 0);
    must(strlen(note) + strlen(line) < size);
    strcat(note, line);
}

void signing_policy(char *out, size_t size, const struct signing_key *log,
                    const struct signing_key *witness, const char *w)
{
    char log_vkey[LETHE_TLOG_VKEY_MAX], witness_vkey[LETHE_TLOG_VKEY_MAX];
    lethe_tlog_key_format(&log->key, log_vkey);
    lethe_tlog_key_format(&witness->key, witness_vkey);
    snprintf(out, size, "log %s\nwitness %s %s\nquorum %s\n", log_vkey, w, witness_vkey, w);
}
