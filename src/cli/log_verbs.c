/* SPDX-License-Identifier: Apache-2.0 */
/* lethe log init, checkpoint, prove, publish. */
#include "log_verbs.h"

#include <base/file.h>
#include <base/json.h>
#include <base/text.h>
#include <errno.h>
#include <inttypes.h>
#include <keys/log_key.h>
#include <lethe/certificate.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int lethe_log_state(const struct lethe_cli *cli, const struct lethe_log_options *o,
                    char out[4096 + 8], struct lethe_error *err)
{
    if (o->demo)
        return lethe_path_join(out, 4096 + 8, cli->state, "demo", err);
    lethe_text_format(out, 4096 + 8, "%s", cli->state);
    return 0;
}

int lethe_log_take(struct lethe_cli *cli, const struct lethe_log_options *o, struct lethe_log **out,
                   struct lethe_error *err)
{
    char dir[4096 + 8];
    struct lethe_log_signer *signer;
    int rc = lethe_cli_open_store(cli, err);
    if (rc >= 0 && !o->demo) {
        rc = lethe_cli_open_log(cli, err);
        *out = cli->log;
        return rc;
    }
    if (rc >= 0)
        rc = lethe_log_state(cli, o, dir, err);
    if (rc >= 0)
        rc = lethe_log_signer_open(dir, NULL, NULL, &signer, err);
    return rc < 0 ? rc : lethe_log_open(cli->store, dir, signer, out, err);
}

void lethe_log_give(struct lethe_cli *cli, struct lethe_log *log)
{
    if (log != cli->log)
        lethe_log_close(log);
}

/* The tiles of the log that was given up, under its key's id. */
static int put_tiles_aside(const char *dir, uint32_t id, struct lethe_error *err)
{
    char from[4200], to[4200], name[32];
    lethe_text_format(name, sizeof name, "log-%08x", id);
    int rc = lethe_path_join(from, sizeof from, dir, "log", err);
    if (rc == 0)
        rc = lethe_path_join(to, sizeof to, dir, name, err);
    if (rc == 0 && access(from, F_OK) == 0 && rename(from, to) < 0)
        rc = lethe_fail_errno(err, errno, "%s can't be put aside", from);
    return rc;
}

int lethe_log_verb_init(struct lethe_cli *cli, const struct lethe_log_options *o,
                        struct lethe_error *err)
{
    char dir[4096 + 8], passphrase[256] = "", vkey[LETHE_TLOG_VKEY_MAX];
    struct lethe_tlog_key key;
    struct lethe_keys_info info = {0};
    struct lethe_log *log = NULL;
    int rc = lethe_cli_need_state(cli, true, err);
    if (rc >= 0)
        rc = lethe_log_state(cli, o, dir, err);
    if (rc >= 0)
        rc = lethe_keys_info(dir, &info, err);
    if (rc >= 0 && info.encrypted)
        rc = lethe_cli_passphrase(cli, "Passphrase of the bench key: ", passphrase,
                                  sizeof passphrase, err);
    if (rc >= 0 && lethe_log_key_read(dir, &key, NULL) < 0)
        key.id = 0; /* its key is gone */
    /* Before the key goes: an init that was cut short then begins with no tiles, or all of them. */
    if (rc >= 0 && o->again)
        rc = put_tiles_aside(dir, key.id, err);
    if (rc >= 0)
        rc = lethe_log_key_init(dir, passphrase, o->again, err);
    if (rc >= 0 && passphrase[0])
        lethe_text_format(cli->passphrase, sizeof cli->passphrase, "%s", passphrase);
    explicit_bzero(passphrase, sizeof passphrase);
    if (rc >= 0)
        rc = lethe_log_key_read(dir, &key, err);
    if (rc >= 0)
        rc = lethe_log_take(cli, o, &log, err);
    if (rc < 0)
        return rc;
    lethe_log_give(cli, log);
    lethe_tlog_key_format(&key, vkey);
    if (o->json) {
        lethe_cli_print_json(
            json_pack("{s:b, s:s, s:s}", "ok", 1, "origin", key.name, "key", vkey));
        return 0;
    }
    printf("log            %s\nkey            %s\n", key.name, vkey);
    puts("Pin it in the bench's certificate: lethe keys renew");
    return 0;
}

int lethe_log_verb_checkpoint(struct lethe_cli *cli, const struct lethe_log_options *o,
                              struct lethe_error *err)
{
    struct lethe_log *log = NULL;
    char *note = NULL;
    uint64_t size = 0;
    int rc = lethe_log_take(cli, o, &log, err);
    if (rc >= 0)
        rc = lethe_log_integrate(log, err);
    if (rc >= 0)
        rc = lethe_log_checkpoint(log, &size, &note, err);
    if (rc >= 0 && o->json)
        lethe_cli_print_json(json_pack("{s:b, s:s, s:I, s:s}", "ok", 1, "origin",
                                       lethe_log_origin(log), "size", (json_int_t)size,
                                       "checkpoint", note));
    else if (rc >= 0)
        fputs(note, stdout);
    free(note);
    lethe_log_give(cli, log);
    return rc;
}

/* ID: of a job or a certificate. The entry of its certificate or record; of its start, if it has
 * none yet. */
static int find_entry(struct lethe_cli *cli, const struct lethe_log *log, const char *id,
                      uint64_t *index, struct lethe_error *err)
{
    char owner[37], *text = NULL;
    LETHE_JSON_AUTO *claims = NULL;
    struct lethe_job *job = NULL;
    const char *origin = lethe_log_origin(log);
    int rc = lethe_store_certificate_get(cli->store, id, &text, owner, err);
    if (rc == 0) {
        rc = lethe_certificate_decode(text, strlen(text), &claims, err);
        const char *jti = lethe_cli_text(claims, "jti");
        if (rc == 0)
            rc = lethe_store_log_find(cli->store, origin, "cert", jti, NULL, index, NULL, err);
        if (rc == -LETHE_E_NOT_FOUND)
            rc = lethe_store_log_find(cli->store, origin, "fail", jti, NULL, index, NULL, err);
    } else if (rc == -LETHE_E_NOT_FOUND && (job = malloc(sizeof *job))) {
        rc = lethe_store_load(cli->store, id, job, err);
        if (rc == 0) {
            rc = lethe_store_log_find(cli->store, origin, "start", job->id, NULL, index, NULL, err);
            lethe_job_clear(job);
        }
    }
    free(job);
    free(text);
    if (rc == -LETHE_E_NOT_FOUND)
        lethe_error_remedy(err, "lethe jobs lists them; those of emulated devices are in the "
                                "demo's log: lethe log prove --demo ID");
    return rc;
}

int lethe_log_verb_prove(struct lethe_cli *cli, const struct lethe_log_options *o,
                         struct lethe_error *err)
{
    struct lethe_log *log = NULL;
    char *text = NULL;
    size_t len = 0;
    uint64_t index = 0;
    int rc = lethe_log_take(cli, o, &log, err);
    if (rc >= 0)
        rc = find_entry(cli, log, o->args[0], &index, err);
    if (rc >= 0)
        rc = lethe_log_integrate(log, err);
    if (rc >= 0)
        rc = lethe_log_prove(log, index, &text, &len, err);
    if (rc >= 0 && o->output)
        rc = lethe_file_write(o->output, text, len, 0644, err);
    if (rc >= 0 && o->json)
        lethe_cli_print_json(json_pack("{s:b, s:s, s:I, s:s}", "ok", 1, "origin",
                                       lethe_log_origin(log), "index", (json_int_t)index, "proof",
                                       text));
    else if (rc >= 0 && !o->output)
        fputs(text, stdout);
    free(text);
    lethe_log_give(cli, log);
    return rc;
}

int lethe_log_verb_publish(struct lethe_cli *cli, const struct lethe_log_options *o,
                           struct lethe_error *err)
{
    struct lethe_log *log = NULL;
    char *note = NULL;
    uint64_t size = 0;
    size_t files = 0;
    int rc = lethe_log_take(cli, o, &log, err);
    if (rc >= 0)
        rc = lethe_log_integrate(log, err);
    if (rc >= 0)
        rc = lethe_log_publish(log, o->args[0], &files, err);
    if (rc >= 0)
        rc = lethe_log_checkpoint(log, &size, &note, err);
    free(note);
    if (rc >= 0 && o->json)
        lethe_cli_print_json(json_pack("{s:b, s:s, s:I, s:I}", "ok", 1, "origin",
                                       lethe_log_origin(log), "size", (json_int_t)size, "files",
                                       (json_int_t)files));
    else if (rc >= 0)
        printf("%s: %" PRIu64 " entries, %zu new files in %s\n", lethe_log_origin(log), size, files,
               o->args[0]);
    lethe_log_give(cli, log);
    return rc;
}
