/* SPDX-License-Identifier: Apache-2.0 */
/* What the entries of our logs say, in one spelling each (RFC 8785). */
#include "base/buf.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/text.h"
#include "tlog/parts.h"
#include <inttypes.h>
#include <lethe/words.h>
#include <stdlib.h>
#include <string.h>

#define BIT(letter) (UINT32_C(1) << ((letter) - 'a'))
#define ALWAYS (BIT('k') | BIT('n') | BIT('t') | BIT('v'))
#define ENDS (ALWAYS | BIT('d') | BIT('j') | BIT('o'))

static const struct {
    const char *name;
    uint32_t must, may;
} kinds[LETHE_TLOG_KINDS] = {
    [LETHE_TLOG_UNKNOWN] = {"unknown", 0, 0},
    [LETHE_TLOG_START] = {"start", ALWAYS | BIT('d') | BIT('h'), BIT('c')},
    [LETHE_TLOG_CERT] = {"cert", ENDS | BIT('h'), 0},
    [LETHE_TLOG_FAIL] = {"fail", ENDS, BIT('h')},
    [LETHE_TLOG_REVOKE] = {"revoke", ALWAYS | BIT('r') | BIT('s'), 0},
    [LETHE_TLOG_KEY] = {"key", ALWAYS, 0},
    [LETHE_TLOG_ANCHOR] = {"anchor", ALWAYS | BIT('c'), 0},
};

const char *lethe_tlog_kind_name(enum lethe_tlog_kind kind)
{
    return (unsigned)kind < LETHE_TLOG_KINDS ? kinds[kind].name : kinds[LETHE_TLOG_UNKNOWN].name;
}

void lethe_tlog_jwt_hash(struct lethe_tlog_hash *out, const char *sdjwt, size_t len)
{
    const char *tilde = len > 0 ? memchr(sdjwt, '~', len) : NULL;
    lethe_sha256(out->bytes, sdjwt, tilde ? (size_t)(tilde - sdjwt) : len);
}

static int malformed(struct lethe_error *err, const char *why)
{
    return lethe_fail(err, LETHE_E_INVALID, "not an entry of ours: %s", why);
}

static const struct lethe_tlog_member *member(const struct lethe_tlog_members *all, char letter,
                                              int type)
{
    const struct lethe_tlog_member *one = &all->member[letter - 'a'];
    return all->present & BIT(letter) && (int)one->type == type ? one : NULL;
}

static bool get_number(const struct lethe_tlog_members *all, char letter, uint64_t *out)
{
    const struct lethe_tlog_member *one = member(all, letter, LETHE_TLOG_NUMBER);
    if (one)
        *out = one->number;
    return one;
}

static bool get_string(const struct lethe_tlog_members *all, char letter, char *out, size_t size)
{
    const struct lethe_tlog_member *one = member(all, letter, LETHE_TLOG_STRING);
    if (!one || one->len == 0 || one->len >= size)
        return false;
    memcpy(out, one->text, one->len);
    out[one->len] = '\0';
    return true;
}

/* base64url, 43 characters. */
static bool get_hash(const struct lethe_tlog_members *all, char letter, uint8_t out[32])
{
    const struct lethe_tlog_member *one = member(all, letter, LETHE_TLOG_STRING);
    return one && lethe_b64url_decode(out, 32, one->text, one->len) == 32;
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

static bool is_uuid(const char *text)
{
    for (int i = 0; i < 36; i++)
        if (i == 8 || i == 13 || i == 18 || i == 23 ? text[i] != '-' : !is_hex(text[i]))
            return false;
    return text[36] == '\0';
}

static bool is_sha256(const char *text)
{
    return strlen(text) == 64 && strspn(text, "0123456789abcdef") == 64;
}

static bool get_checkpoint(const struct lethe_tlog_members *all, struct lethe_tlog_entry *out)
{
    const struct lethe_tlog_member *object = member(all, 'c', LETHE_TLOG_OBJECT);
    struct lethe_tlog_members parts;
    if (!object || !lethe_tlog_entry_scan(object->text, object->len, &parts) ||
        parts.present != (BIT('r') | BIT('s') | BIT('t')))
        return false;
    const struct lethe_tlog_member *root = member(&parts, 'r', LETHE_TLOG_STRING);
    out->has_checkpoint = true;
    return root &&
           lethe_tlog_base64_decode(out->checkpoint.root.bytes, sizeof(out->checkpoint.root.bytes),
                                    root->text, root->len) == 32 &&
           get_number(&parts, 's', &out->checkpoint.size) &&
           get_number(&parts, 't', &out->checkpoint.time);
}

/* RFC 5280 section 5.3.1: 0 to 10 but for 7, which is not used. */
static bool get_reason(const struct lethe_tlog_members *all, unsigned *out)
{
    uint64_t reason;
    if (!get_number(all, 'r', &reason) || reason > 10 || reason == 7)
        return false;
    *out = (unsigned)reason;
    return true;
}

static bool name_fits(const struct lethe_tlog_entry *entry)
{
    switch (entry->kind) {
    case LETHE_TLOG_KEY:
        return is_sha256(entry->name);
    case LETHE_TLOG_REVOKE:
        return is_sha256(entry->name) || is_uuid(entry->name);
    case LETHE_TLOG_ANCHOR:
        return lethe_tlog_name_valid(entry->name);
    default:
        return is_uuid(entry->name);
    }
}

static int get_members(const struct lethe_tlog_members *all, struct lethe_tlog_entry *out,
                       struct lethe_error *err)
{
    uint32_t there = all->present;
    if ((kinds[out->kind].must & ~there) ||
        (there & ~(kinds[out->kind].must | kinds[out->kind].may)))
        return malformed(err, "members are missing or too many");
    if (!get_string(all, 'n', out->name, sizeof(out->name)) || !name_fits(out))
        return malformed(err, "\"n\" is no name of this kind");
    if (!get_number(all, 't', &out->time))
        return malformed(err, "\"t\" is no time");
    if (there & BIT('d') && !get_hash(all, 'd', out->device))
        return malformed(err, "\"d\" is no pseudonym");
    out->has_hash = there & BIT('h');
    if (out->has_hash && !get_hash(all, 'h', out->hash.bytes))
        return malformed(err, "\"h\" is no hash");
    if (there & BIT('c') && !get_checkpoint(all, out))
        return malformed(err, "\"c\" is no checkpoint");
    if (there & BIT('j') &&
        (!get_string(all, 'j', out->job, sizeof(out->job)) || !is_uuid(out->job)))
        return malformed(err, "\"j\" is no job");
    if (there & BIT('o') && (!get_string(all, 'o', out->outcome, sizeof(out->outcome)) ||
                             lethe_outcome_parse(out->outcome) <= LETHE_OUTCOME_NONE))
        return malformed(err, "\"o\" is no outcome");
    if (there & BIT('s') && !get_number(all, 's', &out->since))
        return malformed(err, "\"s\" is no time");
    if (there & BIT('r') && !get_reason(all, &out->reason))
        return malformed(err, "\"r\" is no reason");
    if (out->kind == LETHE_TLOG_FAIL && !out->has_hash && strcmp(out->name, out->job) != 0)
        return malformed(err, "without a record a job is named by itself");
    return 0;
}

/* Canonical JSON of a later version: an auditor must see it, not stop at it. */
static int parse_unknown(const char *text, size_t len, struct lethe_error *err)
{
    const char *kind;
    uint64_t version;
    LETHE_JSON_AUTO *json = lethe_json_load(text, len, LETHE_TLOG_ENTRY_MAX, err);
    if (!json)
        return -LETHE_E_INVALID;
    char *canonical = lethe_json_canonical(json);
    bool same = canonical && strlen(canonical) == len && memcmp(canonical, text, len) == 0;
    free(canonical);
    if (!same)
        return malformed(err, "it is not canonical");
    if (lethe_json_str(json, "k", &kind, NULL) < 0 || lethe_json_u64(json, "v", &version, NULL) < 0)
        return malformed(err, "it has no kind or version");
    for (int i = 1; version == 1 && i < LETHE_TLOG_KINDS; i++)
        if (strcmp(kind, kinds[i].name) == 0)
            return malformed(err, "its members are not those of its kind");
    return 0;
}

int lethe_tlog_entry_parse(const void *text, size_t len, struct lethe_tlog_entry *out,
                           struct lethe_error *err)
{
    struct lethe_tlog_members all;
    char kind[16];
    uint64_t version;
    memset(out, 0, sizeof(*out));
    if (len == 0 || len > LETHE_TLOG_ENTRY_MAX)
        return lethe_fail(err, LETHE_E_LIMIT, "an entry has 1 to %d bytes, not %zu",
                          LETHE_TLOG_ENTRY_MAX, len);
    if (lethe_tlog_entry_scan(text, len, &all) && get_number(&all, 'v', &version) &&
        get_string(&all, 'k', kind, sizeof(kind)))
        for (int i = 1; version == 1 && i < LETHE_TLOG_KINDS; i++)
            if (strcmp(kind, kinds[i].name) == 0)
                out->kind = (enum lethe_tlog_kind)i;
    return out->kind == LETHE_TLOG_UNKNOWN ? parse_unknown(text, len, err)
                                           : get_members(&all, out, err);
}

static void put_hash(struct lethe_buf *out, char letter, const uint8_t hash[32])
{
    char text[LETHE_B64URL_SIZE(32)];
    lethe_b64url_encode(text, hash, 32);
    lethe_buf_printf(out, "\"%c\":\"%s\",", letter, text);
}

static void put_members(struct lethe_buf *out, const struct lethe_tlog_entry *entry, uint32_t there)
{
    char root[LETHE_TLOG_BASE64_SIZE(32)];
    lethe_tlog_base64_encode(root, entry->checkpoint.root.bytes, 32);
    if (there & BIT('c'))
        lethe_buf_printf(out, "\"c\":{\"r\":\"%s\",\"s\":%" PRIu64 ",\"t\":%" PRIu64 "},", root,
                         entry->checkpoint.size, entry->checkpoint.time);
    if (there & BIT('d'))
        put_hash(out, 'd', entry->device);
    if (there & BIT('h'))
        put_hash(out, 'h', entry->hash.bytes);
    if (there & BIT('j'))
        lethe_buf_printf(out, "\"j\":\"%s\",", entry->job);
    lethe_buf_printf(out, "\"k\":\"%s\",\"n\":\"%s\",", kinds[entry->kind].name, entry->name);
    if (there & BIT('o'))
        lethe_buf_printf(out, "\"o\":\"%s\",", entry->outcome);
    if (there & BIT('r'))
        lethe_buf_printf(out, "\"r\":%u,", entry->reason);
    if (there & BIT('s'))
        lethe_buf_printf(out, "\"s\":%" PRIu64 ",", entry->since);
    lethe_buf_printf(out, "\"t\":%" PRIu64 ",\"v\":1", entry->time);
}

int lethe_tlog_entry_format(const struct lethe_tlog_entry *entry,
                            char out[LETHE_TLOG_ENTRY_MAX + 1], struct lethe_error *err)
{
    LETHE_BUF_AUTO text = {0};
    struct lethe_tlog_entry again;
    if (entry->kind <= LETHE_TLOG_UNKNOWN || entry->kind >= LETHE_TLOG_KINDS)
        return lethe_fail(err, LETHE_E_USAGE, "an entry needs a kind");
    uint32_t there = kinds[entry->kind].must | (entry->has_hash ? BIT('h') : 0) |
                     (entry->has_checkpoint ? BIT('c') : 0);
    lethe_buf_puts(&text, "{");
    put_members(&text, entry, there);
    if (lethe_buf_puts(&text, "}") < 0)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    /* The reader decides what an entry may say; a piece lost to want of memory shows here, too. */
    int rc = lethe_tlog_entry_parse(text.data, text.len, &again, err);
    if (rc < 0)
        return rc;
    memcpy(out, text.data, text.len + 1);
    return (int)text.len;
}
