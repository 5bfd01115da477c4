/* SPDX-License-Identifier: Apache-2.0 */
/* The bench's keys, opened on first need, and whether they may sign: an old copy of the state
 * directory must not. */
#include "ask.h"
#include "cli.h"

#include <base/crypto.h>
#include <base/file.h>
#include <base/text.h>
#include <keys/log_key.h>
#include <lethe/log.h>
#include <lethe/station.h>
#include <lethe/tlog.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

int lethe_cli_passphrase(struct lethe_cli *cli, const char *prompt, char *out, size_t out_size,
                         struct lethe_error *err)
{
    if (!cli->passphrase_file || !*cli->passphrase_file) {
        if (!lethe_ask_possible())
            return 0;
        if (!lethe_ask_secret(prompt, out, out_size))
            return lethe_fail(err, LETHE_E_CANCELLED, "no passphrase was given");
        return 1;
    }
    char *text = NULL;
    size_t len = 0;
    int rc = lethe_file_read(cli->passphrase_file, 4096, &text, &len, err);
    if (rc < 0)
        return rc;
    size_t line = strcspn(text, "\r\n");
    if (line == 0 || line >= out_size) {
        rc = lethe_fail(err, LETHE_E_INVALID,
                        "%s: the first line must be a passphrase of 1 to %zu bytes",
                        cli->passphrase_file, out_size - 1);
    } else {
        memcpy(out, text, line);
        out[line] = '\0';
        rc = 1;
    }
    lethe_wipe(text, len);
    free(text);
    return rc;
}

struct ask_context {
    struct lethe_cli *cli;
    struct lethe_error err;
};

static int ask_passphrase(void *user, char *out, size_t out_size)
{
    struct ask_context *ask = user;
    struct lethe_cli *cli = ask->cli;
    /* One passphrase opens the keys of the bench and of its log. */
    int rc = cli->passphrase[0]
                 ? 1
                 : lethe_cli_passphrase(cli, "Passphrase of the bench key: ", cli->passphrase,
                                        sizeof(cli->passphrase), &ask->err);
    if (rc > 0 && !lethe_text_format(out, out_size, "%s", cli->passphrase))
        rc = lethe_fail(&ask->err, LETHE_E_LIMIT, "the passphrase is too long");
    if (rc == 0) {
        rc = lethe_fail(&ask->err, LETHE_E_REFUSED,
                        "the bench key has a passphrase and there is no terminal to ask on");
        lethe_error_effect(&ask->err, "nothing was sent to any device");
        lethe_error_remedy(&ask->err, "lethe --passphrase-file FILE ..., or set "
                                      "LETHE_PASSPHRASE_FILE");
    }
    return rc < 0 ? rc : 0;
}

int lethe_cli_open_signer(struct lethe_cli *cli, struct lethe_error *err)
{
    if (cli->signer)
        return 0;
    struct ask_context ask = {.cli = cli};
    int rc = lethe_cli_need_state(cli, true, err);
    if (rc < 0)
        return rc;
    rc = lethe_signer_open(cli->state, ask_passphrase, &ask, &cli->signer, err);
    if (rc < 0 && ask.err.code && err) /* why there was no passphrase says more */
        *err = ask.err;
    return rc;
}

int lethe_cli_open_status_signer(struct lethe_cli *cli, struct lethe_signer **out,
                                 struct lethe_error *err)
{
    struct ask_context ask = {.cli = cli};
    int rc = lethe_signer_open_status(cli->state, ask_passphrase, &ask, out, err);
    if (rc < 0 && ask.err.code && err)
        *err = ask.err;
    return rc;
}

/* A file of witnesses that can't be read would switch off, unseen, what notices an old copy. */
static int check_witnesses(const struct lethe_cli *cli, struct lethe_error *err)
{
    struct lethe_tlog_policy *policy = malloc(sizeof *policy);
    if (!policy)
        return lethe_fail(err, LETHE_E_INTERNAL, "out of memory");
    int rc = lethe_log_policy_load(cli->state, policy, err);
    free(policy);
    if (rc >= 0 || rc == -LETHE_E_NOT_FOUND)
        return 0;
    lethe_error_effect(err, "nothing was sent or signed: no witness could be asked whether this "
                            "state directory is an old copy");
    lethe_error_remedy(err, "mend trust/log.policy in %.200s, or bring it back from a backup",
                       cli->state);
    return rc;
}

static int open_log(struct lethe_cli *cli, struct lethe_store *store, struct lethe_log **out,
                    struct lethe_error *err)
{
    struct ask_context ask = {.cli = cli};
    struct lethe_log_signer *signer = NULL;
    int rc = check_witnesses(cli, err);
    if (rc < 0)
        return rc;
    rc = lethe_log_signer_open(cli->state, ask_passphrase, &ask, &signer, err);
    if (rc < 0 && ask.err.code && err)
        *err = ask.err;
    return rc < 0 ? rc : lethe_log_open(store, cli->state, signer, out, err);
}

int lethe_cli_open_log(struct lethe_cli *cli, struct lethe_error *err)
{
    return cli->log ? 0 : open_log(cli, cli->store, &cli->log, err);
}

int lethe_cli_may_sign(struct lethe_cli *cli, struct lethe_error *err)
{
    struct lethe_station station = {0};
    struct lethe_tlog_key key;
    int rc = lethe_cli_need_state(cli, true, err);
    if (rc < 0)
        return rc;
    if (lethe_log_key_read(cli->state, &key, NULL) == -LETHE_E_NOT_FOUND)
        return 0;
    signal(SIGPIPE, SIG_IGN); /* a witness may hang up */
    /* A store of its own: the caller's may be one that only looks. */
    rc = lethe_store_open(cli->state, &station.store, err);
    if (rc >= 0)
        rc = open_log(cli, station.store, &station.log, err);
    if (rc >= 0) {
        lethe_station_begin_log(&station);
        rc = lethe_log_alarm(station.log, err);
    }
    lethe_log_close(station.log);
    if (station.store)
        lethe_store_close(station.store);
    return rc;
}

int lethe_cli_ready_signer(struct lethe_cli *cli, struct lethe_error *err)
{
    int rc = lethe_cli_may_sign(cli, err);
    return rc < 0 ? rc : lethe_cli_open_signer(cli, err);
}
