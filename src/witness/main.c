/* SPDX-License-Identifier: Apache-2.0 */
/* lethe-witness: signs other shops' logs, so that none of them can tell two stories. */
#include "witness/witness.h"

#include <argp.h>
#include <stdio.h>
#include <stdlib.h>

const char *argp_program_version = "lethe-witness " LETHE_VERSION;

struct options {
    const char *dir, *name, *config, *listen;
    bool show_key, status, json;
};

enum { OPT_SHOW_KEY = 0x100, OPT_STATUS };

static const struct argp_option options[] = {
    {"dir", 'd', "DIR", 0, "Key, and what was signed (default: /var/lib/lethe-witness)", 0},
    {"name", 'n', "NAME", 0, "Of a new witness, such as its address", 0},
    {"config", 'c', "FILE", 0, "Logs that may ask: lines \"log KEY\" (default: DIR/logs.conf)", 0},
    {"listen", 'l', "ADDR:PORT", 0, "default: 127.0.0.1:8460", 0},
    {"show-key", OPT_SHOW_KEY, NULL, 0, "Print the key that others know this witness by", 0},
    {"status", OPT_STATUS, NULL, 0, "Print what was signed, and of whom", 0},
    {"json", 'j', NULL, 0, "Print JSON", 0},
    {0}};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;
    switch (key) {
    case 'd':
        o->dir = arg;
        return 0;
    case 'n':
        o->name = arg;
        return 0;
    case 'c':
        o->config = arg;
        return 0;
    case 'l':
        o->listen = arg;
        return 0;
    case OPT_SHOW_KEY:
        o->show_key = true;
        return 0;
    case OPT_STATUS:
        o->status = true;
        return 0;
    case 'j':
        o->json = true;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "unexpected '%s'", arg);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    .options = options,
    .parser = parse_option,
    .doc = "Witness transparency logs (C2SP tlog-witness): sign each checkpoint that goes on from "
           "the last one signed, and nothing else. Put HTTPS before it where it is reached over a "
           "network.\v"
           "Examples:\n"
           "  lethe-witness --name witness.example.org --show-key\n"
           "  echo \"log $(cat /mnt/bench-7/trust/log.vkey)\" >> /var/lib/lethe-witness/logs.conf\n"
           "  lethe-witness --listen 192.0.2.7:8460\n"
           "  curl -s http://192.0.2.7:8460/status\n"
           "\n"
           "A directory that was lost, or restored from an older copy, must not go on: begin a "
           "new witness.\n"
           "Exit status: 1 it can't work, 2 wrong usage."};

static void print_key(const struct lethe_witness *witness, bool json)
{
    char vkey[LETHE_TLOG_VKEY_MAX];
    lethe_tlog_key_format(&witness->key, vkey);
    printf(json ? "{\"key\":\"%s\"}\n" : "%s\n", vkey);
}

static int print_status(struct lethe_witness *witness, bool json, struct lethe_error *err)
{
    size_t i;
    json_t *log, *status = lethe_witness_status(witness, err);
    if (!status)
        return -(int)err->code;
    if (json) {
        json_dumpf(status, stdout, JSON_SORT_KEYS | JSON_COMPACT);
        putchar('\n');
    } else {
        printf("%s\n", json_string_value(json_object_get(status, "key")));
        json_array_foreach(json_object_get(status, "logs"), i, log)
            printf("%10lld  %s\n", (long long)json_integer_value(json_object_get(log, "size")),
                   json_string_value(json_object_get(log, "origin")));
    }
    json_decref(status);
    return 0;
}

static void listening(void *user, unsigned port)
{
    const struct options *o = user;
    if (o->json)
        printf("{\"listening\":\"%s\",\"port\":%u}\n", o->listen, port);
    else
        printf("listening at %s (port %u)\n", o->listen, port);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    struct options o = {.dir = "/var/lib/lethe-witness", .listen = "127.0.0.1:8460"};
    struct lethe_witness witness;
    struct lethe_error err = {0};
    argp_err_exit_status = 2;
    argp_parse(&argp, argc, argv, 0, NULL, &o);
    int rc = lethe_witness_open(o.dir, o.name, o.config, !o.show_key && !o.status, &witness, &err);
    if (rc >= 0) {
        if (o.show_key)
            print_key(&witness, o.json);
        else if (o.status)
            rc = print_status(&witness, o.json, &err);
        else
            rc = lethe_witness_serve(&witness, o.listen, listening, &o, &err);
        lethe_witness_close(&witness);
    }
    if (rc >= 0)
        return 0;
    fprintf(stderr, "lethe-witness: %s\n", err.what);
    if (err.effect[0])
        fprintf(stderr, "  effect: %s\n", err.effect);
    if (err.remedy[0])
        fprintf(stderr, "  remedy: %s\n", err.remedy);
    return err.code == LETHE_E_USAGE ? 2 : 1;
}
