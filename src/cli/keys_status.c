/* SPDX-License-Identifier: Apache-2.0 */
/* lethe keys revoke|status-list|status-uri: whether a certificate that was given out still stands.
 */
#include "keys.h"

#include <base/json.h>
#include <base/text.h>
#include <base/time.h>
#include <lethe/certificate.h>
#include <stdlib.h>
#include <string.h>

#define LIST_DAYS 7
#define DAY_MS (24ull * 3600 * 1000)

/* Its id, and the job that it is of. */
static int find(struct lethe_cli *cli, const char *id, char jti[37], char job[37],
                struct lethe_error *err)
{
    char *text = NULL;
    LETHE_JSON_AUTO *claims = NULL;
    int rc = lethe_cli_open_store(cli, err);
    if (rc >= 0)
        rc = lethe_store_certificate_get(cli->store, id, &text, job, err);
    if (rc >= 0)
        rc = lethe_certificate_decode(text, strlen(text), &claims, err);
    if (rc >= 0)
        rc = lethe_json_copy(claims, "jti", jti, 37, false, err);
    free(text);
    return rc;
}

static void say(const struct lethe_keys_options *o, const char *jti, const char *word,
                const char *uri, uint64_t slot)
{
    if (o->json) {
        lethe_cli_print_json(json_pack("{s:s, s:s, s:s, s:I}", "certificate", jti, "status", word,
                                       "uri", uri, "slot", (json_int_t)slot));
        return;
    }
    printf("%s: %s\nNobody knows yet: publish a new list at %s\n"
           "  lethe keys status-list -o FILE\n",
           jti, word, uri);
}

int lethe_keys_verb_revoke(struct lethe_cli *cli, const struct lethe_keys_options *o,
                           struct lethe_error *err)
{
    char jti[37], job[37], uri[256];
    uint64_t slot;
    int status, reason = 0;
    int to = o->suspend   ? LETHE_STATUS_SUSPENDED
             : o->restore ? LETHE_STATUS_VALID
                          : LETHE_STATUS_INVALID;
    int rc = to == LETHE_STATUS_INVALID ? lethe_keys_reason(o, &reason, err) : 0;
    if (rc >= 0)
        rc = find(cli, o->args[0], jti, job, err);
    if (rc >= 0)
        rc = lethe_store_status_get(cli->store, job, uri, &slot, &status, err);
    /* The log first: done again after a crash it is the same entry, and what it says is not taken
     * back. A suspension may be, so it is none of the log's. */
    if (rc >= 0 && to == LETHE_STATUS_INVALID && status != LETHE_STATUS_INVALID)
        rc = lethe_keys_log_revocation(cli, jti, lethe_now_ms(), reason, err);
    if (rc >= 0)
        rc = lethe_store_status_set(cli->store, job, to, o->reason ? o->reason : "", err);
    if (rc >= 0)
        say(o, jti, o->suspend ? "suspended" : o->restore ? "valid" : "revoked", uri, slot);
    return rc;
}

static int put_slot(void *user, uint64_t slot, int status)
{
    uint8_t *slots = user;
    slots[slot / 4] |= (uint8_t)(status << slot % 4 * 2);
    return 0;
}

int lethe_keys_verb_status_list(struct lethe_cli *cli, const struct lethe_keys_options *o,
                                struct lethe_error *err)
{
    char setting[LETHE_STATUS_URI_MAX + 1];
    struct lethe_signer *signer = NULL;
    char *text = NULL;
    const char *uri = o->n_uris > 0 ? o->uris[0] : setting;
    int rc = lethe_status_uri_get(cli->state, setting, err);
    if (rc >= 0 && !uri[0]) {
        rc = lethe_fail(err, LETHE_E_USAGE, "this bench publishes no status list");
        lethe_error_remedy(err, "say where it will be: lethe keys status-uri URL");
    }
    if (rc >= 0)
        rc = lethe_cli_open_store(cli, err);
    if (rc >= 0)
        rc = lethe_cli_open_status_signer(cli, &signer, err);
    if (rc < 0)
        return rc;
    uint64_t now = lethe_now_ms();
    uint8_t *slots = calloc(1, LETHE_STATUS_SLOTS / 4);
    rc = slots ? lethe_store_status_each(cli->store, uri, put_slot, slots, err)
               : lethe_fail(err, LETHE_E_INTERNAL, "out of memory");
    if (rc >= 0)
        rc = lethe_status_list_make(signer, uri, slots, now,
                                    now + (o->days ? o->days : LIST_DAYS) * DAY_MS, &text, err);
    if (rc >= 0)
        rc = lethe_keys_give(o, text, err);
    free(text);
    free(slots);
    lethe_signer_close(signer);
    return rc;
}

int lethe_keys_verb_status_uri(struct lethe_cli *cli, const struct lethe_keys_options *o,
                               struct lethe_error *err)
{
    char uri[LETHE_STATUS_URI_MAX + 1];
    int rc = 0;
    if (o->n_args > 0)
        rc = lethe_status_uri_set(cli->state, strcmp(o->args[0], "none") ? o->args[0] : NULL, err);
    if (rc >= 0)
        rc = lethe_status_uri_get(cli->state, uri, err);
    if (rc < 0)
        return rc;
    if (o->json)
        lethe_cli_print_json(json_pack("{s:s}", "status_uri", uri));
    else
        printf("%s\n", uri[0] ? uri : "none: certificates name no status list");
    return 0;
}
