/* SPDX-License-Identifier: Apache-2.0 */
/* Signed notes: text, an empty line, signatures (signed-note, "Format"). */
#include "base/text.h"
#include "tlog/parts.h"
#include <inttypes.h>
#include <openssl/evp.h>
#include <string.h>

#define DASH "\xE2\x80\x94 " /* U+2014 and a space */
#define DASH_LEN 4
#define BLOB_MAX (4 + 8 + 64) /* key id, time, Ed25519 */

static int malformed(struct lethe_error *err, const char *why)
{
    return lethe_fail(err, LETHE_E_INVALID, "not a signed note: %s", why);
}

/* Valid UTF-8, no control characters but newline. */
static bool is_text(const char *bytes, size_t len)
{
    uint32_t code;
    for (size_t i = 0, n; i < len; i += n) {
        n = lethe_tlog_utf8(bytes + i, len - i, &code);
        if (n == 0 || (code < ' ' && code != '\n'))
            return false;
    }
    return true;
}

/* At least an id and one byte; more is not decoded, because those of unknown signers may be long
 * (ML-DSA). */
static bool get_id(const char *text, size_t len, uint32_t *id)
{
    uint8_t first[6];
    if (len < 8 || lethe_tlog_base64_decode(first, sizeof(first), text, 8) < 5)
        return false;
    *id = (uint32_t)first[0] << 24 | (uint32_t)first[1] << 16 | (uint32_t)first[2] << 8 | first[3];
    return lethe_tlog_base64_valid(text, len);
}

static int add_signature(struct lethe_tlog_note *note, const char *line, size_t len,
                         struct lethe_error *err)
{
    struct lethe_tlog_signature signature = {0};
    if (note->n == LETHE_TLOG_SIGNATURES_MAX)
        return lethe_fail(err, LETHE_E_LIMIT, "the note has more than %d signatures",
                          LETHE_TLOG_SIGNATURES_MAX);
    if (len < DASH_LEN || memcmp(line, DASH, DASH_LEN) != 0)
        return malformed(err, "a signature line begins otherwise");
    signature.name = line + DASH_LEN;
    const char *space = memchr(signature.name, ' ', len - DASH_LEN);
    if (!space)
        return malformed(err, "a signature line has no name");
    signature.name_len = (size_t)(space - signature.name);
    signature.base64 = space + 1;
    signature.base64_len = (size_t)(line + len - signature.base64);
    if (!lethe_tlog_name_fits(signature.name, signature.name_len))
        return malformed(err, "a signer's name is not one");
    if (!get_id(signature.base64, signature.base64_len, &signature.id))
        return malformed(err, "a signature is not canonical base64");
    for (size_t i = 0; i < note->n; i++)
        if (note->signature[i].id == signature.id &&
            note->signature[i].name_len == signature.name_len &&
            memcmp(note->signature[i].name, signature.name, signature.name_len) == 0)
            return malformed(err, "one key signed twice");
    note->signature[note->n++] = signature;
    return 0;
}

/* The text ends at the last empty line. */
static size_t text_length(const char *bytes, size_t len)
{
    for (size_t i = len; i >= 2; i--)
        if (bytes[i - 1] == '\n' && bytes[i - 2] == '\n')
            return i - 1;
    return 0;
}

int lethe_tlog_note_parse(const char *bytes, size_t len, struct lethe_tlog_note *out,
                          struct lethe_error *err)
{
    memset(out, 0, sizeof(*out));
    if (len > LETHE_TLOG_NOTE_MAX)
        return lethe_fail(err, LETHE_E_LIMIT, "a note of %zu bytes is longer than %d", len,
                          LETHE_TLOG_NOTE_MAX);
    if (!is_text(bytes, len))
        return malformed(err, "it has control characters or is no UTF-8");
    out->text = bytes;
    out->text_len = text_length(bytes, len);
    if (out->text_len < 2)
        return malformed(err, "no empty line parts text and signatures");
    const char *at = bytes + out->text_len + 1, *end = bytes + len, *line;
    size_t line_len;
    int rc = 0;
    while (rc == 0 && lethe_tlog_line(&at, end, &line, &line_len))
        rc = add_signature(out, line, line_len, err);
    if (rc < 0)
        return rc;
    if (at != end)
        return malformed(err, "the last line has no end");
    return out->n > 0 ? 0 : malformed(err, "nobody signed it");
}

int lethe_tlog_cosignature_message(const char *text, size_t text_len, uint64_t time,
                                   char out[LETHE_TLOG_MESSAGE_MAX], size_t *out_len,
                                   struct lethe_error *err)
{
    char head[64];
    if (time == 0 || time > INT64_MAX)
        return lethe_fail(err, LETHE_E_INVALID, "the time of a cosignature is not one");
    lethe_text_format(head, sizeof(head), "cosignature/v1\ntime %" PRIu64 "\n", time);
    size_t head_len = strlen(head);
    if (text_len > LETHE_TLOG_MESSAGE_MAX - head_len)
        return lethe_fail(err, LETHE_E_LIMIT, "the text is too long for a checkpoint");
    memcpy(out, head, head_len);
    memcpy(out + head_len, text, text_len);
    *out_len = head_len + text_len;
    return 0;
}

static bool ed25519_holds(const uint8_t pub[32], const uint8_t signature[64], const void *message,
                          size_t len)
{
    EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, pub, 32);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool holds = key && ctx && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key) == 1 &&
                 EVP_DigestVerify(ctx, signature, 64, message, len) == 1;
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    return holds;
}

static uint64_t get_time(const uint8_t bytes[8])
{
    uint64_t time = 0;
    for (int i = 0; i < 8; i++)
        time = time << 8 | bytes[i];
    return time;
}

static int check_signature(const struct lethe_tlog_note *note,
                           const struct lethe_tlog_signature *signature,
                           const struct lethe_tlog_key *key, uint64_t *time,
                           struct lethe_error *err)
{
    uint8_t blob[BLOB_MAX + 2];
    char message[LETHE_TLOG_MESSAGE_MAX];
    const char *signed_text = note->text;
    size_t len = note->text_len;
    bool timed = key->type == LETHE_TLOG_COSIGNATURE;
    const uint8_t *end = blob + (timed ? BLOB_MAX : BLOB_MAX - 8);
    int n = lethe_tlog_base64_decode(blob, sizeof(blob), signature->base64, signature->base64_len);
    if (n != (int)(end - blob))
        return lethe_fail(err, LETHE_E_UNTRUSTED, "the signature of %s has the wrong length",
                          key->name);
    if (timed) {
        *time = get_time(blob + 4);
        int rc =
            lethe_tlog_cosignature_message(note->text, note->text_len, *time, message, &len, err);
        if (rc < 0)
            return rc;
        signed_text = message;
    }
    if (!ed25519_holds(key->pub, end - 64, signed_text, len))
        return lethe_fail(err, LETHE_E_UNTRUSTED, "the signature of %s does not hold", key->name);
    return 1;
}

int lethe_tlog_note_verify(const struct lethe_tlog_note *note, const struct lethe_tlog_key *key,
                           uint64_t *time, struct lethe_error *err)
{
    uint64_t when = 0;
    int rc = 0;
    for (size_t i = 0; i < note->n && rc == 0; i++) {
        const struct lethe_tlog_signature *signature = &note->signature[i];
        if (signature->id == key->id && signature->name_len == strlen(key->name) &&
            memcmp(signature->name, key->name, signature->name_len) == 0)
            rc = check_signature(note, signature, key, &when, err);
    }
    if (time)
        *time = rc > 0 ? when : 0;
    return rc;
}

int lethe_tlog_signature_line(const struct lethe_tlog_key *key, const uint8_t signature[64],
                              uint64_t time, char out[LETHE_TLOG_LINE_MAX], struct lethe_error *err)
{
    uint8_t blob[BLOB_MAX];
    char base64[LETHE_TLOG_BASE64_SIZE(BLOB_MAX)];
    size_t n = 0;
    for (int shift = 24; shift >= 0; shift -= 8)
        blob[n++] = (uint8_t)(key->id >> shift);
    if (key->type == LETHE_TLOG_COSIGNATURE) {
        if (time == 0 || time > INT64_MAX)
            return lethe_fail(err, LETHE_E_USAGE, "a cosignature needs a time");
        for (int shift = 56; shift >= 0; shift -= 8)
            blob[n++] = (uint8_t)(time >> shift);
    }
    memcpy(blob + n, signature, 64);
    lethe_tlog_base64_encode(base64, blob, n + 64);
    lethe_text_format(out, LETHE_TLOG_LINE_MAX, DASH "%s %s\n", key->name, base64);
    return 0;
}
