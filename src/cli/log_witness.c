/* SPDX-License-Identifier: Apache-2.0 */
/* lethe log witness: have the newest checkpoint signed by others; --key: remember one more. */
#include "log_verbs.h"

#include <base/buf.h>
#include <base/file.h>
#include <base/json.h>
#include <base/text.h>
#include <base/time.h>
#include <lethe/station.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define TIMEOUT_MS 10000

struct told {
    struct lethe_cli *cli;
    json_t *list;
    bool json;
};

static void tell(void *user, const struct lethe_log_witness_result *result)
{
    struct told *told = user;
    char time[21] = "";
    if (result->time)
        lethe_time_format(time, 1000 * result->time);
    json_t *one = json_pack("{s:s, s:s, s:b}", "witness", result->name, "url", result->url,
                            "signed", result->time != 0);
    if (result->time)
        json_object_set_new(one, "time", json_string(time));
    else
        json_object_set_new(one, "error", lethe_cli_error_to_json(&result->error));
    json_array_append_new(told->list, one);
    if (told->json)
        return;
    if (result->time)
        printf("%s signed at %s\n", result->name, time);
    else
        lethe_cli_print_note(told->cli, result->name, &result->error);
}

/* Any one of them will do, until somebody writes what is wanted into the file. */
static int save(const struct lethe_log *log, const char *file,
                const struct lethe_tlog_policy *policy, struct lethe_error *err)
{
    LETHE_BUF_AUTO buf = {0};
    char vkey[LETHE_TLOG_VKEY_MAX];
    lethe_tlog_key_format(lethe_log_key(log), vkey);
    int rc = lethe_buf_printf(&buf, "log %s\n", vkey);
    for (size_t i = 0; rc == 0 && i < policy->n_witnesses; i++) {
        lethe_tlog_key_format(&policy->witness[i].key, vkey);
        rc = lethe_buf_printf(&buf, "witness %s %s %s\n", policy->witness[i].name, vkey,
                              policy->witness[i].url);
    }
    if (rc == 0)
        rc = lethe_buf_puts(&buf, "group witnesses any");
    for (size_t i = 0; rc == 0 && i < policy->n_witnesses; i++)
        rc = lethe_buf_printf(&buf, " %s", policy->witness[i].name);
    if (rc == 0)
        rc = lethe_buf_puts(&buf, "\nquorum witnesses\n");
    return rc < 0 ? lethe_fail(err, LETHE_E_INTERNAL, "memory ran out")
                  : lethe_file_write(file, buf.data, buf.len, 0644, err);
}

static int add(const struct lethe_log *log, const char *file, const char *vkey, const char *url,
               struct lethe_tlog_policy *policy, struct lethe_error *err)
{
    size_t n = policy->n_witnesses;
    struct lethe_tlog_key key;
    if (policy->n_groups > 1 || n == LETHE_TLOG_POLICY_EACH) {
        lethe_fail(err, LETHE_E_REFUSED, "%s was written by hand", file);
        lethe_error_remedy(err, "add the line there: witness NAME %s %s", vkey, url);
        return -LETHE_E_REFUSED;
    }
    int rc = lethe_tlog_key_parse(vkey, strlen(vkey), &key, err);
    if (rc == 0 && key.type != LETHE_TLOG_COSIGNATURE)
        rc = lethe_fail(err, LETHE_E_USAGE, "%.120s is no witness's key", vkey);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < n; i++)
        if (policy->witness[i].key.id == key.id)
            n = i; /* it has moved */
    policy->witness[n].key = key;
    lethe_text_format(policy->witness[n].name, sizeof policy->witness[n].name, "w%zu", n + 1);
    if (!lethe_text_format(policy->witness[n].url, sizeof policy->witness[n].url, "%s", url))
        return lethe_fail(err, LETHE_E_LIMIT, "the address %.64s... is too long", url);
    if (n == policy->n_witnesses)
        policy->n_witnesses++;
    return save(log, file, policy, err);
}

/* Only those of ARGS, if any were named. */
static int choose(const struct lethe_log_options *o, struct lethe_tlog_policy *policy,
                  struct lethe_error *err)
{
    for (size_t a = 0; a < o->n_args; a++) {
        bool known = false;
        for (size_t i = 0; i < policy->n_witnesses; i++)
            known |= !strcmp(policy->witness[i].url, o->args[a]);
        if (known)
            continue;
        lethe_fail(err, LETHE_E_NOT_FOUND, "no witness at %.120s is known", o->args[a]);
        lethe_error_remedy(err,
                           "its operator says its key (lethe-witness --show-key): lethe log "
                           "witness --key KEY %.100s",
                           o->args[a]);
        return -LETHE_E_NOT_FOUND;
    }
    for (size_t i = 0; o->n_args && i < policy->n_witnesses; i++) {
        bool wanted = false;
        for (size_t a = 0; a < o->n_args; a++)
            wanted |= !strcmp(policy->witness[i].url, o->args[a]);
        if (!wanted)
            policy->witness[i].url[0] = '\0';
    }
    return 0;
}

/* Certificates from before have proofs and pages without these signatures. */
static int renew(struct lethe_cli *cli, const struct lethe_log_options *o, struct lethe_log *log,
                 struct lethe_error *err)
{
    struct lethe_error page = {0};
    struct lethe_store_news news;
    int rc = lethe_store_news(cli->store, lethe_log_origin(log), &news, err);
    if (rc <= 0)
        return rc;
    free(news.seen);
    if (!o->demo)
        lethe_cli_open_signer(cli, &page); /* proofs do without */
    struct lethe_station station = {
        .store = cli->store, .signer = cli->signer, .page_lang = cli->lang};
    rc = lethe_station_renew(&station, log, o->demo, &page, err);
    if (page.code)
        lethe_cli_print_note(cli, "pages", &page);
    return rc;
}

static int ask(struct lethe_cli *cli, const struct lethe_log_options *o, struct lethe_log *log,
               struct lethe_tlog_policy *policy, struct lethe_error *err)
{
    LETHE_JSON_AUTO *list = json_array();
    struct told told = {.cli = cli, .list = list, .json = o->json};
    int n = lethe_log_witness(log, policy, TIMEOUT_MS, tell, &told, err);
    int rc = n < 0 ? n : renew(cli, o, log, err);
    if (rc >= 0 && n == 0)
        rc = lethe_fail(err, LETHE_E_UNPROVED, "no witness has signed");
    if (o->json && rc >= 0)
        lethe_cli_print_json(json_pack("{s:b, s:s, s:O}", "ok", 1, "origin", lethe_log_origin(log),
                                       "witnesses", list));
    return rc;
}

int lethe_log_verb_witness(struct lethe_cli *cli, const struct lethe_log_options *o,
                           struct lethe_error *err)
{
    char dir[4096 + 8], trust[4200], file[4300];
    struct lethe_log *log = NULL;
    signal(SIGPIPE, SIG_IGN); /* a witness may hang up */
    struct lethe_tlog_policy *policy = calloc(1, sizeof *policy);
    int rc = policy ? lethe_log_take(cli, o, &log, err)
                    : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    if (rc >= 0)
        rc = lethe_log_state(cli, o, dir, err);
    if (rc >= 0)
        rc = lethe_path_join(trust, sizeof trust, dir, "trust", err);
    if (rc >= 0)
        rc = lethe_path_join(file, sizeof file, trust, "log.policy", err);
    if (rc >= 0)
        rc = lethe_log_policy_load(dir, policy, err);
    if (rc == -LETHE_E_NOT_FOUND && o->key) {
        *policy = (struct lethe_tlog_policy){0};
        rc = 0;
    }
    if (rc == -LETHE_E_NOT_FOUND)
        lethe_error_remedy(err, "agree with somebody to witness each other: lethe log witness "
                                "--key KEY URL");
    if (rc >= 0 && o->key)
        rc = add(log, file, o->key, o->args[0], policy, err);
    if (rc >= 0)
        rc = choose(o, policy, err);
    if (rc >= 0)
        rc = lethe_log_integrate(log, err);
    if (rc >= 0)
        rc = ask(cli, o, log, policy, err);
    lethe_log_give(cli, log);
    free(policy);
    return rc;
}
