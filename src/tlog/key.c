/* SPDX-License-Identifier: Apache-2.0 */
/* Names, ids and vkeys of signers: signed-note, "Signatures" and "Verifier keys". */
#include "base/text.h"
#include "tlog/parts.h"
#include <openssl/sha.h>
#include <string.h>

/* Above U+0020, no DEL, no '+', no Unicode White_Space, no C1 control character. */
static bool fits_name(uint32_t code)
{
    static const uint32_t spaces[] = {0xA0, 0x1680, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000};
    if (code <= ' ' || code == '+' || (code >= 0x7F && code < 0xA0) ||
        (code >= 0x2000 && code <= 0x200A))
        return false;
    for (size_t i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++)
        if (code == spaces[i])
            return false;
    return true;
}

bool lethe_tlog_name_fits(const char *name, size_t len)
{
    uint32_t code;
    for (size_t i = 0, n; i < len; i += n)
        if ((n = lethe_tlog_utf8(name + i, len - i, &code)) == 0 || !fits_name(code))
            return false;
    return len > 0;
}

bool lethe_tlog_name_copy(char out[LETHE_TLOG_NAME_MAX], const char *name, size_t len)
{
    if (len >= LETHE_TLOG_NAME_MAX || !lethe_tlog_name_fits(name, len))
        return false;
    memcpy(out, name, len);
    out[len] = '\0';
    return true;
}

bool lethe_tlog_name_valid(const char *name)
{
    char copy[LETHE_TLOG_NAME_MAX];
    return lethe_tlog_name_copy(copy, name, strlen(name));
}

int lethe_tlog_key_make(struct lethe_tlog_key *out, const char *name, enum lethe_tlog_key_type type,
                        const uint8_t pub[32], struct lethe_error *err)
{
    uint8_t named[LETHE_TLOG_NAME_MAX + 2 + 32], hash[32];
    memset(out, 0, sizeof(*out));
    if (!lethe_tlog_name_copy(out->name, name, strlen(name)))
        return lethe_fail(err, LETHE_E_INVALID,
                          "the name of a log or witness is 1 to %d bytes without spaces and \"+\"",
                          LETHE_TLOG_NAME_MAX - 1);
    if (type != LETHE_TLOG_ED25519 && type != LETHE_TLOG_COSIGNATURE)
        return lethe_fail(err, LETHE_E_UNSUPPORTED, "keys of type 0x%02x are not known here",
                          (unsigned)type);
    out->type = (uint8_t)type;
    memcpy(out->pub, pub, sizeof(out->pub));
    /* key ID = SHA-256(name || 0x0A || type || key)[:4] */
    size_t len = strlen(name);
    memcpy(named, name, len);
    named[len] = '\n';
    named[len + 1] = out->type;
    memcpy(named + len + 2, pub, sizeof(out->pub));
    SHA256(named, len + 2 + sizeof(out->pub), hash);
    out->id = (uint32_t)hash[0] << 24 | (uint32_t)hash[1] << 16 | (uint32_t)hash[2] << 8 | hash[3];
    return 0;
}

void lethe_tlog_key_format(const struct lethe_tlog_key *key, char out[LETHE_TLOG_VKEY_MAX])
{
    uint8_t typed[33] = {key->type};
    char base64[LETHE_TLOG_BASE64_SIZE(sizeof(typed))];
    memcpy(typed + 1, key->pub, sizeof(key->pub));
    lethe_tlog_base64_encode(base64, typed, sizeof(typed));
    lethe_text_format(out, LETHE_TLOG_VKEY_MAX, "%s+%08x+%s", key->name, (unsigned)key->id, base64);
}

int lethe_tlog_key_parse(const char *text, size_t len, struct lethe_tlog_key *out,
                         struct lethe_error *err)
{
    char name[LETHE_TLOG_NAME_MAX], again[LETHE_TLOG_VKEY_MAX];
    uint8_t typed[33];
    len -= len > 0 && text[len - 1] == '\n';
    const char *plus = len > 0 ? memchr(text, '+', len) : NULL;
    size_t name_len = plus ? (size_t)(plus - text) : 0;
    if (!plus || len - name_len < 10 || plus[9] != '+' ||
        !lethe_tlog_name_copy(name, text, name_len) ||
        lethe_tlog_base64_decode(typed, sizeof(typed), plus + 10, len - name_len - 10) !=
            (int)sizeof(typed))
        return lethe_fail(err, LETHE_E_INVALID,
                          "not an Ed25519 verifier key (NAME+ID+BASE64, 33 bytes)");
    int rc = lethe_tlog_key_make(out, name, typed[0], typed + 1, err);
    if (rc < 0)
        return rc;
    lethe_tlog_key_format(out, again);
    if (strlen(again) != len || memcmp(again, text, len) != 0)
        return lethe_fail(err, LETHE_E_INVALID, "the id in the verifier key of %s is not its own",
                          name);
    return 0;
}
