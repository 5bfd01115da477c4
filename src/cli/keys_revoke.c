/* SPDX-License-Identifier: Apache-2.0 */
/* lethe keys revoke-bench|crl|log-counter: a bench key that is not to be believed any more; a state
 * directory that is not. */
#include "keys.h"

#include <base/file.h>
#include <base/text.h>
#include <base/time.h>
#include <keys/tpm_counter.h>
#include <stdlib.h>
#include <string.h>

int lethe_keys_reason(const struct lethe_keys_options *o, int *out, struct lethe_error *err)
{
    *out = o->reason ? lethe_revocation_reason_parse(o->reason) : 0;
    if (*out >= 0)
        return 0;
    lethe_fail(err, LETHE_E_USAGE, "'%s' is no reason", o->reason);
    lethe_error_remedy(err, "--reason key-compromise, superseded, cessation, withdrawn, changed, "
                            "ca-compromise or unspecified");
    return -LETHE_E_USAGE;
}

int lethe_keys_log_revocation(struct lethe_cli *cli, const char *name, uint64_t since, int reason,
                              struct lethe_error *err)
{
    uint64_t index;
    int rc = lethe_cli_open_store(cli, err);
    if (rc >= 0)
        rc = lethe_cli_open_log(cli, err);
    if (rc == -LETHE_E_NOT_FOUND) {
        lethe_cli_print_note(cli, "the revocation is in no transparency log", err);
        return 0;
    }
    if (rc >= 0)
        rc = lethe_store_log_find(cli->store, lethe_log_origin(cli->log), "revoke", name, NULL,
                                  &index, NULL, err);
    if (rc == -LETHE_E_NOT_FOUND)
        rc = lethe_log_revoke(cli->log, name, since / 1000, (unsigned)reason, err);
    return rc;
}

static int put_crl(const struct lethe_cli *cli, const struct lethe_keys_options *o,
                   struct lethe_error *err)
{
    char path[4200], *text;
    size_t len;
    lethe_text_format(path, sizeof path, "%s/trust/crl.pem", cli->state);
    if (!o->file)
        return 0;
    int rc = lethe_file_read(path, 8u << 20, &text, &len, err);
    if (rc < 0)
        return rc;
    rc = lethe_keys_put(o, text, err);
    free(text);
    return rc;
}

int lethe_keys_verb_revoke_bench(struct lethe_cli *cli, const struct lethe_keys_options *o,
                                 struct lethe_error *err)
{
    uint64_t since;
    char sha256[65], time[21];
    size_t n_status;
    int reason;
    int rc = lethe_keys_reason(o, &reason, err);
    if (rc >= 0)
        rc = lethe_keys_time(o->since, "--since", &since, err);
    if (rc >= 0)
        rc = lethe_keys_ask_root(cli, o->root_key, err);
    if (rc >= 0)
        rc = lethe_keys_revoke_bench(cli->state, o->args[0], since, reason, o->root_key,
                                     cli->passphrase[0] ? cli->passphrase : NULL, o->days, sha256,
                                     &n_status, err);
    if (rc >= 0)
        rc = lethe_keys_log_revocation(cli, sha256, since, reason, err);
    if (rc >= 0)
        rc = put_crl(cli, o, err);
    if (rc < 0)
        return rc;
    lethe_time_format(time, since);
    if (o->json)
        lethe_cli_print_json(json_pack(
            "{s:s, s:s, s:s, s:I}", "certificate", sha256, "revoked_since", time, "reason",
            lethe_revocation_reason_name(reason), "status_certificates", (json_int_t)n_status));
    else
        printf("%.16s is not believed since %s.\nNobody knows yet: hand out %s/trust/crl.pem\n",
               sha256, time, cli->state);
    if (n_status == 0)
        fprintf(stderr,
                "note: no certificate of that bench's key for status lists is in %s/trust: "
                "revoke it as well, its file in place of the bench's (docs/keys.md)\n",
                cli->state);
    return 0;
}

int lethe_keys_verb_crl(struct lethe_cli *cli, const struct lethe_keys_options *o,
                        struct lethe_error *err)
{
    char path[4200];
    int rc = lethe_keys_ask_root(cli, o->root_key, err);
    if (rc >= 0)
        rc = lethe_keys_crl(cli->state, o->root_key, cli->passphrase[0] ? cli->passphrase : NULL,
                            o->days, err);
    if (rc >= 0)
        rc = put_crl(cli, o, err);
    if (rc < 0)
        return rc;
    lethe_text_format(path, sizeof path, "%s/trust/crl.pem", cli->state);
    if (o->json)
        lethe_cli_print_json(
            json_pack("{s:o}", "file", lethe_cli_json_text(o->file ? o->file : path)));
    else if (!o->file)
        puts(path);
    return 0;
}

int lethe_keys_verb_log_counter(struct lethe_cli *cli, const struct lethe_keys_options *o,
                                struct lethe_error *err)
{
    struct lethe_store_checkpoint last = {0};
    int rc = lethe_cli_open_store(cli, err);
    if (rc >= 0)
        rc = lethe_cli_open_log(cli, err);
    if (rc >= 0)
        rc = lethe_store_checkpoint_get(cli->store, lethe_log_origin(cli->log), INT64_MAX, &last,
                                        err);
    if (rc == -LETHE_E_NOT_FOUND && cli->log) /* nothing was said yet */
        rc = 0;
    if (rc >= 0)
        rc = lethe_tpm_counter_make(cli->state, o->n_args > 0 ? o->args[0] : "handle:", last.size,
                                    err);
    lethe_store_checkpoint_clear(&last);
    if (rc >= 0 && !o->json)
        printf("A counter in the TPM counts the entries of %s from now on.\n",
               lethe_log_origin(cli->log));
    else if (rc >= 0)
        lethe_cli_print_json(json_pack("{s:s}", "log", lethe_log_origin(cli->log)));
    return rc;
}
