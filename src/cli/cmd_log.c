/* SPDX-License-Identifier: Apache-2.0 */
/* lethe log check: is the bench's record what it was when it was written? */
#include "cli.h"

#include <stdio.h>
#include <string.h>

struct options {
    bool json;
    const char *verb;
};

static const struct argp_option options[] = {{"json", 'j', NULL, 0, "One object: ok, error", 0},
                                             {0}};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;
    switch (key) {
    case 'j':
        o->json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (o->verb)
            argp_error(state, "unexpected '%s'", arg);
        o->verb = arg;
        return 0;
    case ARGP_KEY_END:
        if (!o->verb || strcmp(o->verb, "check") != 0)
            argp_error(state, "the one thing to do with the log is: check");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    .options = options,
    .parser = parse_option,
    .args_doc = "check",
    .doc = "Check the record of this bench: every event in its place and readable, every ended job "
           "with its certificate.\v"
           "Examples:\n"
           "  lethe log check\n"
           "  lethe --state /srv/copy-of-bench-7 log check --json\n"
           "\n"
           "Exit status 1: the record is damaged or was changed."};

int lethe_cmd_log(struct lethe_cli *cli, int argc, char **argv)
{
    struct options o = {0};
    struct lethe_error err = {0};
    lethe_cli_parse(&argp, argc, argv, &o);
    int rc = lethe_cli_open_store(cli, &err);
    if (rc >= 0)
        rc = lethe_store_check(cli->store, &err);
    if (o.json) {
        json_t *json = json_pack("{s:b}", "ok", (int)(rc >= 0));
        if (rc < 0)
            json_object_set_new(json, "error", lethe_cli_error_to_json(&err));
        lethe_cli_print_json(json);
    } else if (rc < 0) {
        lethe_cli_print_error(cli, NULL, &err);
    } else {
        printf("The record in %s is whole.\n", cli->state);
    }
    return rc < 0 ? 1 : 0;
}
