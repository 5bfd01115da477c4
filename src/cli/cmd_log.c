/* SPDX-License-Identifier: Apache-2.0 */
/* lethe log: is the bench's record what it was when it was written? And the way out when a clock
 * far ahead has written in it. */
#include "ask.h"
#include "cli.h"

#include <base/json.h>
#include <base/time.h>
#include <stdio.h>
#include <string.h>

struct options {
    bool json, yes;
    const char *verb, *reason;
};

enum { OPT_REASON = 0x100, OPT_YES };

static const struct argp_option options[] = {
    {"reason", OPT_REASON, "TEXT", 0, "release-clock: why; it stays in the record", 0},
    {"yes", OPT_YES, NULL, 0, "release-clock: do not ask", 0},
    {"json", 'j', NULL, 0, "One object: ok, clock_releases, error", 0},
    {0}};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;
    switch (key) {
    case OPT_REASON:
        o->reason = arg;
        return 0;
    case OPT_YES:
        o->yes = true;
        return 0;
    case 'j':
        o->json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (o->verb)
            argp_error(state, "unexpected '%s'", arg);
        o->verb = arg;
        return 0;
    case ARGP_KEY_END:
        if (!o->verb || (strcmp(o->verb, "check") != 0 && strcmp(o->verb, "release-clock") != 0))
            argp_error(state, "check or release-clock?");
        if (!strcmp(o->verb, "release-clock") && !o->reason)
            argp_error(state, "release-clock needs --reason TEXT");
        if (!strcmp(o->verb, "check") && (o->reason || o->yes))
            argp_error(state, "--reason and --yes are for release-clock");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    .options = options,
    .parser = parse_option,
    .args_doc = "check\nrelease-clock --reason TEXT",
    .doc =
        "Check the record of this bench: every event in its place and readable, every ended job "
        "with its certificate. Or, where a clock far ahead has written in it and every job is "
        "refused since: say that the clock of now is right. That is recorded, with the reason, "
        "for whoever audits the bench.\v"
        "Examples:\n"
        "  lethe log check\n"
        "  lethe --state /srv/copy-of-bench-7 log check --json\n"
        "  lethe log release-clock --reason 'CMOS battery was dead on 3 May'\n"
        "\n"
        "Exit status: 1 the record is damaged or was changed, 2 there is none, 3 the clock is not "
        "behind or nobody said yes."};

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

static int check(struct lethe_cli *cli, bool json, struct lethe_error *err)
{
    LETHE_JSON_AUTO *releases = json_array();
    int rc = lethe_cli_look_store(cli, err);
    bool none = rc == -LETHE_E_NOT_FOUND || rc == -LETHE_E_USAGE;
    if (rc >= 0)
        rc = lethe_store_check(cli->store, err);
    if (rc >= 0)
        rc = lethe_store_clock_releases(cli->store, add_release, releases, err);
    if (json) {
        json_t *answer = json_pack("{s:b, s:O}", "ok", (int)(rc >= 0), "clock_releases", releases);
        if (rc < 0)
            json_object_set_new(answer, "error", lethe_cli_error_to_json(err));
        lethe_cli_print_json(answer);
    } else if (rc >= 0) {
        printf("The record in %s is whole.\n", cli->state);
        rc = lethe_cli_print_clock_releases(cli, stdout, err);
    }
    if (rc < 0 && !json)
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

static int release_clock(struct lethe_cli *cli, const struct options *o, struct lethe_error *err)
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
    return check(cli, o->json, err);
}

int lethe_cmd_log(struct lethe_cli *cli, int argc, char **argv)
{
    struct options o = {0};
    struct lethe_error err = {0};
    lethe_cli_parse(&argp, argc, argv, &o);
    return !strcmp(o.verb, "check") ? check(cli, o.json, &err) : release_clock(cli, &o, &err);
}
