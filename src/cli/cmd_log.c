/* SPDX-License-Identifier: Apache-2.0 */
/* lethe log: is the bench's record what it was when it was written? The way out when a clock far
 * ahead has written in it. And the transparency log (log_verbs.h). */
#include "ask.h"
#include "cli.h"
#include "log_verbs.h"

#include <base/json.h>
#include <base/time.h>
#include <keys/log_key.h>
#include <stdio.h>
#include <string.h>

enum { OPT_REASON = 0x100, OPT_YES, OPT_DEMO, OPT_AGAIN, OPT_OPENING, OPT_KEY };

static const struct argp_option options[] = {
    {"reason", OPT_REASON, "TEXT", 0, "release-clock: why; it stays in the record", 0},
    {"yes", OPT_YES, NULL, 0, "release-clock: do not ask", 0},
    {"demo", OPT_DEMO, NULL, 0, "The log of emulated jobs", 0},
    {"again", OPT_AGAIN, NULL, 0, "init: give the log up for a new one", 0},
    {"opening", OPT_OPENING, NULL, 0, "export: what the entries are of, for your auditor", 0},
    {"output", 'o', "FILE", 0, "prove, export: into FILE", 0},
    {"key", OPT_KEY, "KEY", 0, "witness: remember the witness at URL, whose key is KEY", 0},
    {"json", 'j', NULL, 0, "One object: ok, what was done, error", 0},
    {0}};

static const struct verb {
    const char *name;
    size_t min_args, max_args;
    const char *wants;
    lethe_log_verb_fn *run; /* NULL: check and release-clock print for themselves */
} verbs[] = {
    {"check", 0, 0, "", NULL},
    {"release-clock", 0, 0, "", NULL},
    {"init", 0, 0, "", lethe_log_verb_init},
    {"checkpoint", 0, 0, "", lethe_log_verb_checkpoint},
    {"prove", 1, 1, "ID", lethe_log_verb_prove},
    {"export", 0, 1, "[FILE]", lethe_log_verb_export},
    {"publish", 1, 1, "DIR", lethe_log_verb_publish},
    {"witness", 0, 16, "[URL...]", lethe_log_verb_witness},
};

static const struct verb *find_verb(const char *name)
{
    for (size_t i = 0; name && i < sizeof verbs / sizeof *verbs; i++)
        if (!strcmp(verbs[i].name, name))
            return &verbs[i];
    return NULL;
}

static void check_options(const struct lethe_log_options *o, struct argp_state *state)
{
    const struct {
        bool given;
        const char *option, *verbs;
    } only[] = {{o->reason || o->yes, "--reason and --yes are", "release-clock"},
                {o->again, "--again is", "init"},
                {o->opening, "--opening is", "export"},
                {o->output, "--output is", "prove export"},
                {o->key, "--key is", "witness"},
                {o->demo, "--demo is", "init checkpoint prove export publish witness"}};
    const struct verb *verb = find_verb(o->verb);
    if (!verb)
        argp_error(state, "init, checkpoint, prove, check, export, publish, witness or "
                          "release-clock?");
    else if (o->n_args < verb->min_args || o->n_args > verb->max_args)
        argp_error(state, "lethe log %s%s%s", verb->name, *verb->wants ? " " : "", verb->wants);
    else if (!strcmp(o->verb, "release-clock") && !o->reason)
        argp_error(state, "release-clock needs --reason TEXT");
    else if (o->key && o->n_args != 1)
        argp_error(state, "--key KEY goes with one URL");
    else if (o->output && !strcmp(o->verb, "export") && o->n_args > 0)
        argp_error(state, "FILE or --output FILE, not both");
    for (size_t i = 0; verb && i < sizeof only / sizeof *only; i++)
        if (only[i].given && !strstr(only[i].verbs, verb->name))
            argp_error(state, "%s for %s", only[i].option, only[i].verbs);
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct lethe_log_options *o = state->input;
    switch (key) {
    case OPT_REASON:
        o->reason = arg;
        return 0;
    case OPT_YES:
        o->yes = true;
        return 0;
    case OPT_DEMO:
        o->demo = true;
        return 0;
    case OPT_AGAIN:
        o->again = true;
        return 0;
    case OPT_OPENING:
        o->opening = true;
        return 0;
    case 'o':
        o->output = arg;
        return 0;
    case OPT_KEY:
        o->key = arg;
        return 0;
    case 'j':
        o->json = true;
        return 0;
    case ARGP_KEY_ARGS:
        o->verb = state->argv[state->next];
        o->args = state->argv + state->next + 1;
        o->n_args = (size_t)(state->argc - state->next - 1);
        return 0;
    case ARGP_KEY_END:
        check_options(o, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    .options = options,
    .parser = parse_option,
    .args_doc = "check\nrelease-clock --reason TEXT\ninit [--again]\ncheckpoint\nprove "
                "ID\nexport [--opening] [FILE]\npublish DIR\nwitness [--key KEY] [URL...]",
    .doc =
        "Check the record of this bench: every event in its place and readable, every ended job "
        "with its certificate, every entry of the transparency logs. Or, where a clock far ahead "
        "has written in it and every job is refused since: say that the clock of now is right. "
        "That is recorded, with the reason, for whoever audits the bench.\n\n"
        "The transparency log says of each job that it began and how it ended, without naming the "
        "device, so that nothing can be removed or back-dated in silence: publish it as files for "
        "any web server, and have it witnessed by others.\v"
        "Examples:\n"
        "  lethe log check\n"
        "  lethe --state /srv/copy-of-bench-7 log check --json\n"
        "  lethe log publish /srv/www/log\n"
        "  lethe log witness --key 'witness.example+a1b2c3d4+BHx...' \\\n"
        "      https://witness.example\n"
        "  lethe log witness\n"
        "  lethe log prove 01a206bd -o certificate.tlog-proof\n"
        "  lethe log export --opening opening.ndjson\n"
        "  lethe log release-clock --reason 'CMOS battery was dead on 3 May'\n"
        "\n"
        "Exit status: 1 the record is damaged or was changed, or no witness has signed; 2 there is "
        "none; 3 refused: an older copy of the record, the clock is not behind, nobody said yes."};

static int add_release(void *user, const struct lethe_clock_release *release)
{
    char time[21], last[21];
    lethe_time_format(time, release->time);
    lethe_time_format(last, release->last);
    json_array_append_new(
        user, json_pack("{s:s, s:s, s:s}", "time", time, "last", last, "reason", release->reason));
    return 0;
}

static int print_release(void *user, const struct lethe_clock_release *release)
{
    char time[21], last[21];
    lethe_time_format(time, release->time);
    lethe_time_format(last, release->last);
    fprintf(user, "The clock was released at %s from events dated up to %s: %s\n", time, last,
            release->reason);
    return 0;
}

int lethe_cli_print_clock_releases(struct lethe_cli *cli, FILE *out, struct lethe_error *err)
{
    return lethe_store_clock_releases(cli->store, print_release, out, err);
}

/* The log under DIR into LIST; none is fine. */
static int check_log(struct lethe_cli *cli, const struct lethe_log_options *which, json_t *list,
                     struct lethe_error *err)
{
    char dir[4096 + 8];
    uint64_t entries = 0, checkpoints = 0;
    struct lethe_tlog_key key;
    int rc = lethe_log_state(cli, which, dir, err);
    if (rc >= 0)
        rc = lethe_log_key_read(dir, &key, err);
    if (rc == -LETHE_E_NOT_FOUND)
        return 0;
    if (rc >= 0)
        rc = lethe_log_check(cli->store, dir, &entries, &checkpoints, err);
    json_array_append_new(list, json_pack("{s:s, s:I, s:I, s:b}", "origin", rc < 0 ? "" : key.name,
                                          "entries", (json_int_t)entries, "checkpoints",
                                          (json_int_t)checkpoints, "demo", (int)which->demo));
    return rc;
}

static void print_logs(const json_t *logs)
{
    size_t i;
    json_t *log;
    json_array_foreach(logs, i, log) printf(
        "Its %slog is whole: %s, %lld entries, %lld checkpoints.\n",
        json_is_true(json_object_get(log, "demo")) ? "demo's " : "", lethe_cli_text(log, "origin"),
        (long long)json_integer_value(json_object_get(log, "entries")),
        (long long)json_integer_value(json_object_get(log, "checkpoints")));
}

static int check(struct lethe_cli *cli, const struct lethe_log_options *o, struct lethe_error *err)
{
    LETHE_JSON_AUTO *releases = json_array();
    LETHE_JSON_AUTO *logs = json_array();
    static const struct lethe_log_options which[] = {{.demo = false}, {.demo = true}};
    int rc = lethe_cli_look_store(cli, err);
    bool none = rc == -LETHE_E_NOT_FOUND || rc == -LETHE_E_USAGE;
    if (rc >= 0)
        rc = lethe_store_check(cli->store, err);
    for (size_t i = 0; rc >= 0 && i < 2; i++)
        rc = check_log(cli, &which[i], logs, err);
    if (rc >= 0)
        rc = lethe_store_clock_releases(cli->store, add_release, releases, err);
    if (o->json) {
        json_t *answer = json_pack("{s:b, s:O, s:O}", "ok", (int)(rc >= 0), "clock_releases",
                                   releases, "logs", logs);
        if (rc < 0)
            json_object_set_new(answer, "error", lethe_cli_error_to_json(err));
        lethe_cli_print_json(answer);
    } else if (rc >= 0) {
        printf("The record in %s is whole.\n", cli->state);
        print_logs(logs);
        rc = lethe_cli_print_clock_releases(cli, stdout, err);
    }
    if (rc < 0 && !o->json)
        lethe_cli_print_error(cli, NULL, err);
    return none ? lethe_cli_exit(err) : rc < 0;
}

/* Typed in full: from here on an older clock is believed. */
static int ask(struct lethe_error *err)
{
    char answer[16] = "";
    if (lethe_ask_possible()) {
        fputs("Is the clock of this machine right now (date -u)? From here on jobs count by it,\n"
              "and the record says so to whoever audits it.\n",
              stderr);
        if (lethe_ask_line("Type yes to release the clock: ", answer, sizeof answer) &&
            !strcmp(answer, "yes"))
            return 0;
    }
    lethe_fail(err, LETHE_E_REFUSED, "nobody said yes to releasing the clock");
    lethe_error_effect(err, "nothing was recorded");
    lethe_error_remedy(err, "type yes when asked, or: lethe log release-clock --yes --reason TEXT");
    return -LETHE_E_REFUSED;
}

static int release_clock(struct lethe_cli *cli, const struct lethe_log_options *o,
                         struct lethe_error *err)
{
    uint64_t last = 0;
    struct lethe_store *there = NULL;
    int rc = lethe_cli_need_state(cli, false, err);
    if (rc >= 0) /* none is made for it */
        rc = lethe_store_open_existing(cli->state, &there, err);
    if (rc >= 0)
        rc = lethe_store_last_time(there, &last, err);
    lethe_store_close(there);
    /* Nothing to say yes to: the store says why. */
    if (rc >= 0 && !o->yes && lethe_now_ms() < last)
        rc = ask(err);
    if (rc >= 0)
        rc = lethe_cli_open_store(cli, err);
    if (rc >= 0)
        rc = lethe_store_release_clock(cli->store, o->reason, err);
    if (rc < 0)
        return lethe_cli_fail(cli, err);
    return check(cli, o, err);
}

int lethe_cmd_log(struct lethe_cli *cli, int argc, char **argv)
{
    struct lethe_log_options o = {0};
    struct lethe_error err = {0};
    lethe_cli_parse(&argp, argc, argv, &o);
    const struct verb *verb = find_verb(o.verb);
    if (!verb->run)
        return !strcmp(verb->name, "check") ? check(cli, &o, &err) : release_clock(cli, &o, &err);
    if (verb->run(cli, &o, &err) >= 0)
        return 0;
    if (o.json)
        lethe_cli_print_json(
            json_pack("{s:b, s:o}", "ok", 0, "error", lethe_cli_error_to_json(&err)));
    else
        lethe_cli_print_error(cli, NULL, &err);
    return lethe_cli_exit(&err);
}
