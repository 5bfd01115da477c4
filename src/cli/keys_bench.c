/* SPDX-License-Identifier: Apache-2.0 */
/* lethe keys init|show|list|renew|rotate|export-root: the organisation's root and the bench's key.
 */
#include "ask.h"
#include "keys.h"
#include "table.h"

#include <base/crypto.h>
#include <base/text.h>
#include <base/time.h>
#include <string.h>

#define BENCH_DAYS 90

static int choose_passphrase(struct lethe_cli *cli, bool ask, char *out, size_t out_size,
                             struct lethe_error *err)
{
    char again[256];
    if (cli->passphrase_file)
        return lethe_cli_passphrase(cli, "", out, out_size, err);
    if (!ask)
        return 0;
    if (!lethe_ask_possible()) {
        lethe_fail(err, LETHE_E_USAGE, "there is no terminal to ask for a passphrase on");
        lethe_error_remedy(err, "lethe keys init --passphrase-file FILE ...");
        return -LETHE_E_USAGE;
    }
    if (!lethe_ask_secret("Passphrase for the keys: ", out, out_size) || !*out ||
        !lethe_ask_secret("Once more: ", again, sizeof again))
        return lethe_fail(err, LETHE_E_CANCELLED, "no passphrase was given, no keys were made");
    bool same = !strcmp(out, again);
    lethe_wipe(again, sizeof again);
    if (!same)
        return lethe_fail(err, LETHE_E_USAGE, "the two passphrases differ, no keys were made");
    return 1;
}

int lethe_keys_verb_init(struct lethe_cli *cli, const struct lethe_keys_options *o,
                         struct lethe_error *err)
{
    char passphrase[256] = "";
    int rc = choose_passphrase(cli, o->ask, passphrase, sizeof passphrase, err);
    const struct lethe_keys_wish wish = {.organisation = o->org,
                                         .bench = o->bench,
                                         .passphrase = rc > 0 ? passphrase : NULL,
                                         .keyref = o->keyref,
                                         .status_uri = o->status_uri,
                                         .days = o->days ? o->days : BENCH_DAYS};
    if (rc >= 0)
        rc = lethe_keys_setup(cli->state, &wish, err);
    lethe_wipe(passphrase, sizeof passphrase);
    return rc < 0 ? rc : lethe_keys_verb_show(cli, o, err);
}

int lethe_keys_ask_root(struct lethe_cli *cli, const char *root_key, struct lethe_error *err)
{
    bool encrypted;
    struct lethe_keys_info info;
    int rc = lethe_keys_info(cli->state, &info, err);
    if (rc >= 0)
        rc = lethe_keys_root_encrypted(cli->state, root_key, &encrypted, err);
    if (rc < 0 || cli->passphrase[0] || (!info.encrypted && !encrypted && !cli->passphrase_file))
        return rc;
    rc = lethe_cli_passphrase(cli, "Passphrase of the keys: ", cli->passphrase,
                              sizeof cli->passphrase, err);
    return rc < 0 ? rc : 0;
}

/* Which key signs from now on is public: at once, or with the next job. */
static void announce(struct lethe_cli *cli)
{
    struct lethe_error err = {0};
    int rc = lethe_cli_open_store(cli, &err);
    if (rc >= 0)
        rc = lethe_cli_open_signer(cli, &err);
    if (rc >= 0)
        rc = lethe_cli_open_log(cli, &err);
    if (rc >= 0)
        rc = lethe_log_announce_key(cli->log, cli->signer->certificate_sha256, &err);
    if (rc < 0)
        lethe_cli_print_note(cli, "the new key is not in the log yet", &err);
}

int lethe_keys_verb_rotate(struct lethe_cli *cli, const struct lethe_keys_options *o,
                           struct lethe_error *err)
{
    int rc = lethe_keys_ask_root(cli, o->root_key, err);
    if (rc >= 0)
        rc = lethe_keys_rotate(cli->state, o->root_key, cli->passphrase[0] ? cli->passphrase : NULL,
                               o->keyref, o->days ? o->days : BENCH_DAYS, err);
    if (rc < 0)
        return rc;
    announce(cli);
    return lethe_keys_verb_show(cli, o, err);
}

int lethe_keys_verb_export_root(struct lethe_cli *cli, const struct lethe_keys_options *o,
                                struct lethe_error *err)
{
    int rc = lethe_keys_export_root(cli->state, o->args[0], err);
    return rc < 0 ? rc : lethe_keys_verb_show(cli, o, err);
}

static int take_place(void *user, const struct lethe_bench_key *key)
{
    if (key->current)
        lethe_text_format(user, 16, "%s", key->keyref);
    return 0;
}

int lethe_keys_verb_show(struct lethe_cli *cli, const struct lethe_keys_options *o,
                         struct lethe_error *err)
{
    struct lethe_keys_info info = {0};
    char bench_until[21] = "", root_until[21] = "", root[4200], place[16] = "",
         uri[LETHE_STATUS_URI_MAX + 1];
    int rc = lethe_keys_info(cli->state, &info, err);
    if (rc >= 0)
        rc = lethe_keys_list(cli->state, take_place, place, err);
    if (rc >= 0)
        rc = lethe_status_uri_get(cli->state, uri, err);
    if (rc < 0)
        return rc;
    if (info.initialised) {
        lethe_time_format(bench_until, info.bench_not_after);
        lethe_time_format(root_until, info.root_not_after);
    }
    lethe_text_format(root, sizeof root, "%s/trust/root.pem", cli->state);
    if (o->json) {
        lethe_cli_print_json(
            json_pack("{s:b, s:s, s:s, s:b, s:b, s:s, s:s, s:s, s:s, s:s}", "initialised",
                      (int)info.initialised, "organisation", info.organisation, "bench", info.bench,
                      "root_on_bench", (int)info.root_on_bench, "encrypted", (int)info.encrypted,
                      "key", place, "status_uri", uri, "bench_not_after", bench_until,
                      "root_not_after", root_until, "root", info.initialised ? root : ""));
        return 0;
    }
    if (!info.initialised) {
        printf("There are no keys in %s yet.\nMake them: lethe keys init --org NAME --bench NAME\n",
               cli->state);
        return 0;
    }
    printf("%-14s %s\n%-14s %s\n%-14s %s\n%-14s %s\n%-14s %s\n%-14s %s\n%-14s %s\n%-14s %s\n"
           "%-14s %s\n",
           "organisation", info.organisation, "bench", info.bench, "bench until", bench_until,
           "root until", root_until, "bench key", place, "passphrase",
           info.encrypted ? "yes" : "no", "root key",
           info.root_on_bench ? "on this bench" : "not on this bench (good)", "status list",
           uri[0] ? uri : "none: lethe keys status-uri URL", "give away", root);
    if (!uri[0])
        puts("A certificate that is issued before there is a status list can't be revoked alone,\n"
             "only with its bench key. If you can publish a file on the web, name the list first:\n"
             "  lethe keys status-uri URL");
    return 0;
}

struct listing {
    json_t *array;
    struct lethe_table table;
};

static const char *state_of(const struct lethe_bench_key *key)
{
    return key->revoked                      ? "revoked"
           : key->not_after < lethe_now_ms() ? "expired"
           : key->current                    ? "in use"
                                             : "replaced";
}

static int add_key(void *user, const struct lethe_bench_key *key)
{
    struct listing *listing = user;
    char from[21], until[21], since[21] = "", id[17];
    lethe_time_format(from, key->not_before);
    lethe_time_format(until, key->not_after);
    if (key->revoked)
        lethe_time_format(since, key->revoked_since);
    json_t *object =
        json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:b}", "sha256", key->sha256, "bench",
                  key->bench, "state", state_of(key), "key", key->keyref, "not_before", from,
                  "not_after", until, "current", (int)key->current, "revoked", (int)key->revoked);
    if (key->revoked)
        json_object_set_new(object, "revoked_since", json_string(since));
    json_array_append_new(listing->array, object);
    lethe_text_format(id, sizeof id, "%.16s", key->sha256);
    from[10] = until[10] = '\0';
    lethe_table_row(&listing->table, (const char *const[]){id, key->bench, from, until, key->keyref,
                                                           state_of(key), since});
    return 0;
}

int lethe_keys_verb_list(struct lethe_cli *cli, const struct lethe_keys_options *o,
                         struct lethe_error *err)
{
    struct listing listing = {
        .array = json_array(),
        .table = {.n_columns = 7,
                  .titles = {"CERTIFICATE", "BENCH", "FROM", "UNTIL", "KEY", "STATE", "SINCE"}}};
    int rc = lethe_keys_list(cli->state, add_key, &listing, err);
    if (rc >= 0 && o->json)
        lethe_cli_print_json(json_incref(listing.array));
    else if (rc >= 0)
        lethe_table_print(&listing.table, stdout);
    json_decref(listing.array);
    lethe_table_clear(&listing.table);
    return rc;
}
