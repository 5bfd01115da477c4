/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Token Status List, draft-ietf-oauth-status-list-21, sections 4 and 5: of its forms the JWT, of
 * its sizes 2 bits and 2^20 slots. What a list says of a certificate counts only where it is the
 * list that the certificate names, of the same organisation, and of today.
 */
#include "base/json.h"
#include "base/text.h"
#include "trust/jws.h"
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define BYTES (LETHE_STATUS_SLOTS / 4)
#define LST_MAX (BYTES + BYTES / 2)
#define TEXT_MAX (1u << 20)
#define WHAT "the status list"

struct lethe_status_list {
    struct lethe_status_info info;
    uint8_t slots[BYTES];
};

/* Exactly BYTES come out, and nothing stands behind: there is room for no more, whatever the stream
 * claims. */
static int inflate_exact(const uint8_t *in, size_t len, uint8_t out[BYTES])
{
    uint8_t beyond;
    z_stream z = {.next_in = (Bytef *)(uintptr_t)in,
                  .avail_in = (uInt)len,
                  .next_out = out,
                  .avail_out = BYTES};
    if (inflateInit(&z) != Z_OK)
        return -LETHE_E_INTERNAL;
    int got = inflate(&z, Z_SYNC_FLUSH);
    if (got == Z_OK && z.avail_out == 0) { /* the checksum may still be to come */
        z.next_out = &beyond;
        z.avail_out = 1;
        got = inflate(&z, Z_SYNC_FLUSH);
    }
    bool ok = got == Z_STREAM_END && z.avail_in == 0 && z.total_out == BYTES;
    inflateEnd(&z);
    return ok ? 0 : -LETHE_E_INVALID;
}

static int slots_read(const json_t *status_list, uint8_t out[BYTES], struct lethe_error *err)
{
    static const char *const names[] = {"bits", "lst", NULL};
    uint64_t bits;
    const char *lst;
    int rc = lethe_members_known(status_list, names, "status_list", err);
    if (rc == 0)
        rc = lethe_json_u64(status_list, "bits", &bits, err);
    if (rc == 0 && bits != 2)
        rc = lethe_fail(err, LETHE_E_INVALID, WHAT " has %llu bits a slot, not 2",
                        (unsigned long long)bits);
    if (rc == 0)
        rc = lethe_json_str(status_list, "lst", &lst, err);
    if (rc < 0)
        return rc;
    size_t len = strlen(lst);
    uint8_t *packed = len <= LST_MAX ? malloc(len + 1) : NULL;
    ssize_t n = packed ? lethe_b64url_decode(packed, len, lst, len) : -1;
    if (n < 0)
        rc = lethe_fail(err, LETHE_E_INVALID, "lst is too large, or not canonical base64url");
    else if (inflate_exact(packed, (size_t)n, out) < 0)
        rc = lethe_fail(err, LETHE_E_INVALID, "lst is not %u slots, packed by zlib",
                        LETHE_STATUS_SLOTS);
    free(packed);
    return rc;
}

static int times_read(const json_t *claims, uint64_t now, uint64_t not_before,
                      struct lethe_status_info *info, struct lethe_error *err)
{
    uint64_t ttl = 1;
    int rc = lethe_date_member(claims, "iat", &info->iat, err);
    if (rc == 0)
        rc = lethe_date_member(claims, "exp", &info->exp, err);
    if (rc == 0 && json_object_get(claims, "ttl"))
        rc = lethe_json_u64(claims, "ttl", &ttl, err);
    if (rc < 0)
        return rc;
    if (ttl == 0 || info->exp <= info->iat || info->iat > now + LETHE_SKEW_MS)
        return lethe_fail(err, LETHE_E_INVALID,
                          WHAT " has times that cannot be, or is of the future of this computer's "
                               "clock");
    if (now > info->exp) {
        rc = lethe_fail(err, LETHE_E_LIMIT, WHAT " has expired: it says nothing of today");
        lethe_error_remedy(err, "Get the one of today from %.200s", info->uri);
    } else if (info->iat < not_before) {
        rc = lethe_fail(err, LETHE_E_LIMIT,
                        WHAT " is older than one that was seen before: what it says may have been "
                             "revoked since");
        lethe_error_remedy(err, "Get the one of today from %.200s", info->uri);
    }
    return rc;
}

/* The signer is one for status lists, its path stands when it was signed and now, and its key was
 * not given up since. */
static int signer_check(const struct lethe_trust *trust, const struct lethe_jws *jws, uint64_t now,
                        struct lethe_status_info *info, struct lethe_error *err)
{
    const uint64_t times[] = {info->iat, now};
    struct lethe_chain chain;
    int rc = lethe_jws_verify(jws, NULL, WHAT, err);
    for (size_t i = 0; i < 2 && rc == 0; i++)
        rc = lethe_path_check(trust, LETHE_LEAF_STATUS, (const uint8_t *const *)jws->chain,
                              jws->chain_len, jws->n_chain, times[i], &chain, err);
    if (rc < 0)
        return rc;
    if (lethe_trust_revoked(trust, &chain, 0, NULL) == LETHE_REVOCATION_VOID)
        return lethe_fail(err, LETHE_E_INVALID, "the key that signed " WHAT " is revoked");
    lethe_text_format(info->organisation, sizeof(info->organisation), "%s", chain.organisation);
    memcpy(info->signer_sha256, chain.leaf_sha256, sizeof(info->signer_sha256));
    memcpy(info->anchor_sha256, chain.anchor_sha256, sizeof(info->anchor_sha256));
    return 0;
}

static int list_read(const struct lethe_trust *trust, const struct lethe_jws *jws, uint64_t now,
                     uint64_t not_before, struct lethe_status_list *list, struct lethe_error *err)
{
    static const char *const names[] = {"sub", "iat", "exp", "ttl", "status_list", NULL};
    int rc = lethe_members_known(jws->claims, names, WHAT, err);
    if (rc == 0)
        rc =
            lethe_json_copy(jws->claims, "sub", list->info.uri, sizeof(list->info.uri), false, err);
    if (rc < 0)
        return rc;
    const json_t *status_list = lethe_json_get(jws->claims, "status_list", JSON_OBJECT, err);
    rc = status_list ? slots_read(status_list, list->slots, err) : -LETHE_E_INVALID;
    /* Whether it is believed at all comes before whether it is of today. */
    struct lethe_error late = {0};
    int when = rc == 0 ? times_read(jws->claims, now, not_before, &list->info, &late) : 0;
    if (rc == 0 && (when == 0 || when == -LETHE_E_LIMIT))
        rc = signer_check(trust, jws, when == 0 ? now : list->info.iat, &list->info, err);
    if (rc == 0 && when < 0 && err)
        *err = late;
    list->info.stale = rc == 0 && when == -LETHE_E_LIMIT;
    return rc < 0 ? rc : when;
}

int lethe_status_list_read(const struct lethe_trust *trust, const char *text, size_t len,
                           uint64_t now, uint64_t not_before, struct lethe_status_list **out,
                           struct lethe_error *err)
{
    struct lethe_jws jws;
    *out = NULL;
    int rc = lethe_jws_read(text, len, TEXT_MAX, "statuslist+jwt", true, WHAT, &jws, err);
    if (rc < 0)
        return rc;
    struct lethe_status_list *list = calloc(1, sizeof(*list));
    rc = list ? list_read(trust, &jws, now, not_before, list, err)
              : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    lethe_jws_clear(&jws);
    *out = rc == 0 || (list && list->info.stale) ? list : NULL;
    if (!*out)
        free(list);
    return rc;
}

const struct lethe_status_info *lethe_status_list_info(const struct lethe_status_list *list)
{
    return &list->info;
}

int lethe_status_list_get(const struct lethe_status_list *list, const char *anchor, const char *uri,
                          uint64_t index, struct lethe_error *err)
{
    if (strcmp(list->info.uri, uri) != 0)
        return lethe_fail(err, LETHE_E_NOT_FOUND, WHAT " is that of another address: %.160s",
                          list->info.uri);
    if (strcmp(list->info.anchor_sha256, anchor) != 0)
        return lethe_fail(err, LETHE_E_NOT_FOUND, WHAT " is that of another root: \"%s\"",
                          list->info.organisation);
    if (index >= LETHE_STATUS_SLOTS)
        return lethe_fail(err, LETHE_E_INVALID, WHAT " has no slot %llu",
                          (unsigned long long)index);
    /* Section 4.1: the first slot is in the lowest bits. */
    int status = list->slots[index / 4] >> index % 4 * 2 & 3;
    return status <= LETHE_STATUS_SUSPENDED
               ? status
               : lethe_fail(err, LETHE_E_INVALID, "slot %llu of " WHAT " holds no status",
                            (unsigned long long)index);
}

void lethe_status_list_free(struct lethe_status_list *list)
{
    free(list);
}
