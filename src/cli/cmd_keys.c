/* SPDX-License-Identifier: Apache-2.0 */
/* lethe keys init|show|renew|export-root: the organisation's root and the bench's key. */
#include "ask.h"
#include "cli.h"

#include <base/crypto.h>
#include <base/text.h>
#include <base/time.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct options {
    bool json, ask;
    const char *verb, *file, *org, *bench, *root_key;
    unsigned days;
};

enum { OPT_ORG = 0x100, OPT_BENCH, OPT_DAYS, OPT_ASK, OPT_PASSPHRASE, OPT_ROOT_KEY };

static const struct argp_option options[] = {
    {"org", OPT_ORG, "NAME", 0, "Name of the organisation, as certificates show it", 0},
    {"bench", OPT_BENCH, "NAME", 0, "Name of this bench", 0},
    {"days", OPT_DAYS, "N", 0, "How long the bench certificate is good for (90)", 0},
    {"ask-passphrase", OPT_ASK, NULL, 0, "Ask for a passphrase for both keys", 0},
    {"passphrase-file", OPT_PASSPHRASE, "FILE", 0, "First line: passphrase for both keys", 0},
    {"root-key", OPT_ROOT_KEY, "FILE", 0, "Where export-root has put the root key", 0},
    {"json", 'j', NULL, 0, "For programs", 0},
    {0}};

struct parse {
    struct options *o;
    struct lethe_cli *cli;
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct parse *parse = state->input;
    struct options *o = parse->o;
    switch (key) {
    case OPT_ORG:
        o->org = arg;
        return 0;
    case OPT_BENCH:
        o->bench = arg;
        return 0;
    case OPT_DAYS: {
        char *end;
        errno = 0;
        unsigned long days = strtoul(arg, &end, 10);
        if (errno || *end || end == arg || days < 1 || days > 3650)
            argp_error(state, "--days: 1 to 3650, not '%s'", arg);
        o->days = (unsigned)days;
        return 0;
    }
    case OPT_ASK:
        o->ask = true;
        return 0;
    case OPT_PASSPHRASE:
        parse->cli->passphrase_file = arg;
        return 0;
    case OPT_ROOT_KEY:
        o->root_key = arg;
        return 0;
    case 'j':
        o->json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (!o->verb)
            o->verb = arg;
        else if (!o->file && !strcmp(o->verb, "export-root"))
            o->file = arg;
        else
            argp_error(state, "unexpected '%s'", arg);
        return 0;
    case ARGP_KEY_END:
        if (!o->verb || (strcmp(o->verb, "init") != 0 && strcmp(o->verb, "show") != 0 &&
                         strcmp(o->verb, "renew") != 0 && strcmp(o->verb, "export-root") != 0))
            argp_error(state, "init, show, renew or export-root?");
        if (!strcmp(o->verb, "init") && (!o->org || !o->bench))
            argp_error(state, "init needs --org NAME and --bench NAME");
        if (!strcmp(o->verb, "export-root") && !o->file)
            argp_error(state, "export the root key to which file?");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    .options = options,
    .parser = parse_option,
    .args_doc = "init --org NAME --bench NAME\nshow\nrenew\nexport-root FILE",
    .doc = "The keys that make certificates believed. The bench key signs certificates; the "
           "organisation's root key signs bench keys and belongs in a safe.\v"
           "Examples:\n"
           "  lethe keys init --org 'Acme Refurbishing' --bench bench-1 --ask-passphrase\n"
           "  lethe keys export-root /media/safe/acme-root.key\n"
           "  lethe keys renew --root-key /media/safe/acme-root.key\n"
           "\n"
           "Give trust/root.pem of the state directory to whoever is to check your certificates."};

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

static int init(struct lethe_cli *cli, const struct options *o, struct lethe_error *err)
{
    char passphrase[256] = "";
    int rc = choose_passphrase(cli, o->ask, passphrase, sizeof passphrase, err);
    if (rc >= 0)
        rc =
            lethe_keys_init(cli->state, o->org, o->bench, rc > 0 ? passphrase : NULL, o->days, err);
    lethe_wipe(passphrase, sizeof passphrase);
    return rc;
}

static int renew(struct lethe_cli *cli, const struct options *o, struct lethe_error *err)
{
    struct lethe_keys_info info;
    char passphrase[256] = "";
    int rc = lethe_keys_info(cli->state, &info, err);
    if (rc < 0)
        return rc;
    if (info.encrypted || cli->passphrase_file)
        rc = lethe_cli_passphrase(cli, "Passphrase of the keys: ", passphrase, sizeof passphrase,
                                  err);
    if (rc >= 0)
        rc = lethe_keys_renew(cli->state, o->root_key, passphrase[0] ? passphrase : NULL, o->days,
                              err);
    lethe_wipe(passphrase, sizeof passphrase);
    return rc;
}

static int show(const struct lethe_cli *cli, bool json, struct lethe_error *err)
{
    struct lethe_keys_info info = {0};
    int rc = lethe_keys_info(cli->state, &info, err);
    if (rc < 0)
        return rc;
    char bench_until[21] = "", root_until[21] = "", root[4200];
    if (info.initialised) {
        lethe_time_format(bench_until, info.bench_not_after);
        lethe_time_format(root_until, info.root_not_after);
    }
    lethe_text_format(root, sizeof root, "%s/trust/root.pem", cli->state);
    if (json) {
        lethe_cli_print_json(json_pack(
            "{s:b, s:s, s:s, s:b, s:b, s:s, s:s, s:s}", "initialised", (int)info.initialised,
            "organisation", info.organisation, "bench", info.bench, "root_on_bench",
            (int)info.root_on_bench, "encrypted", (int)info.encrypted, "bench_not_after",
            bench_until, "root_not_after", root_until, "root", info.initialised ? root : ""));
        return 0;
    }
    if (!info.initialised) {
        printf("There are no keys in %s yet.\nMake them: lethe keys init --org NAME --bench NAME\n",
               cli->state);
        return 0;
    }
    printf("%-14s %s\n%-14s %s\n%-14s %s\n%-14s %s\n%-14s %s\n%-14s %s\n%-14s %s\n", "organisation",
           info.organisation, "bench", info.bench, "bench until", bench_until, "root until",
           root_until, "passphrase", info.encrypted ? "yes" : "no", "root key",
           info.root_on_bench ? "on this bench" : "not on this bench (good)", "give away", root);
    return 0;
}

int lethe_cmd_keys(struct lethe_cli *cli, int argc, char **argv)
{
    struct options o = {.days = 90};
    struct parse parse = {&o, cli};
    struct lethe_error err = {0};
    lethe_cli_parse(&argp, argc, argv, &parse);
    int rc = lethe_cli_need_state(cli, strcmp(o.verb, "show") != 0, &err);
    if (rc < 0)
        return lethe_cli_fail(cli, &err);
    if (!strcmp(o.verb, "init"))
        rc = init(cli, &o, &err);
    else if (!strcmp(o.verb, "renew"))
        rc = renew(cli, &o, &err);
    else if (!strcmp(o.verb, "export-root"))
        rc = lethe_keys_export_root(cli->state, o.file, &err);
    if (rc >= 0)
        rc = show(cli, o.json, &err);
    if (rc < 0)
        return lethe_cli_fail(cli, &err);
    if (!o.json)
        lethe_cli_nag(cli);
    return 0;
}
