/* SPDX-License-Identifier: Apache-2.0 */
/* lethe keys: what makes certificates believed, and what takes that back. One file a concern
 * (keys_*.c), one line a verb. */
#include "keys.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    OPT_ORG = 0x100,
    OPT_BENCH,
    OPT_DAYS,
    OPT_ASK,
    OPT_PASSPHRASE,
    OPT_ROOT_KEY,
    OPT_KEYREF,
    OPT_STATUS_URI,
    OPT_REASON,
    OPT_SINCE,
    OPT_UNTIL,
    OPT_SUSPEND,
    OPT_RESTORE,
    OPT_URI,
    OPT_VKEY
};

static const struct argp_option options[] = {
    {"org", OPT_ORG, "NAME", 0, "Name of the organisation, as certificates show it", 0},
    {"bench", OPT_BENCH, "NAME", 0, "Name of this bench", 0},
    {"days", OPT_DAYS, "N", 0, "How long what is made is good for", 0},
    {"ask-passphrase", OPT_ASK, NULL, 0, "Ask for a passphrase for the keys", 0},
    {"passphrase-file", OPT_PASSPHRASE, "FILE", 0, "First line: passphrase for the keys", 0},
    {"root-key", OPT_ROOT_KEY, "FILE", 0, "Where export-root has put the root key", 0},
    {"keyref", OPT_KEYREF, "URI", 0,
     "Where the bench key lives: file:, pkcs11:... (a token), handle: (a TPM)", 0},
    {"status-uri", OPT_STATUS_URI, "URL", 0, "Where the status list will be published", 0},
    {"reason", OPT_REASON, "WORD", 0,
     "key-compromise, superseded, cessation, withdrawn, changed, unspecified", 0},
    {"since", OPT_SINCE, "TIME", 0, "Since when (2026-11-23 or 2026-11-23T14:00:00Z)", 0},
    {"until", OPT_UNTIL, "TIME", 0, "trust-list: until when", 0},
    {"suspend", OPT_SUSPEND, NULL, 0, "revoke: for now", 0},
    {"restore", OPT_RESTORE, NULL, 0, "revoke: end a suspension", 0},
    {"uri", OPT_URI, "URL", 0, "status-list: an earlier one; trust-list: where one is", 0},
    {"vkey", OPT_VKEY, "VKEY", 0, "trust-list: key of the organisation's log", 0},
    {"output", 'o', "FILE", 0, "Where to (standard output)", 0},
    {"json", 'j', NULL, 0, "For programs", 0},
    {0}};

static const struct verb {
    const char *name;
    size_t least, most; /* arguments */
    const char *usage;
    enum { READS, WRITES, SIGNS } does;
    int (*run)(struct lethe_cli *cli, const struct lethe_keys_options *o, struct lethe_error *err);
} verbs[] = {
    {"init", 0, 0, "init --org NAME --bench NAME", WRITES, lethe_keys_verb_init},
    {"show", 0, 0, "show", READS, lethe_keys_verb_show},
    {"list", 0, 0, "list", READS, lethe_keys_verb_list},
    {"renew", 0, 0, "renew", SIGNS, lethe_keys_verb_rotate},
    {"rotate", 0, 0, "rotate", SIGNS, lethe_keys_verb_rotate},
    {"export-root", 1, 1, "export-root FILE", WRITES, lethe_keys_verb_export_root},
    {"revoke", 1, 1, "revoke ID", SIGNS, lethe_keys_verb_revoke},
    {"status-list", 0, 0, "status-list -o FILE", SIGNS, lethe_keys_verb_status_list},
    {"status-uri", 0, 1, "status-uri URL", WRITES, lethe_keys_verb_status_uri},
    {"revoke-bench", 1, 1, "revoke-bench CERTIFICATE --since TIME", SIGNS,
     lethe_keys_verb_revoke_bench},
    {"crl", 0, 0, "crl", SIGNS, lethe_keys_verb_crl},
    {"log-counter", 0, 1, "log-counter [handle:?tcti=...]", WRITES, lethe_keys_verb_log_counter},
    {"trust-list", 1, 2, "trust-list add|remove|sign|show", WRITES, lethe_keys_verb_trust_list},
};

static const struct verb *verb_find(const char *name)
{
    for (size_t i = 0; name && i < sizeof verbs / sizeof verbs[0]; i++)
        if (!strcmp(verbs[i].name, name))
            return &verbs[i];
    return NULL;
}

static unsigned parse_days(const char *arg, struct argp_state *state)
{
    char *end;
    errno = 0;
    unsigned long days = strtoul(arg, &end, 10);
    if (errno || *end || end == arg || days < 1 || days > 3650)
        argp_error(state, "--days: 1 to 3650, not '%s'", arg);
    return (unsigned)days;
}

static void check_usage(const struct lethe_keys_options *o, struct argp_state *state)
{
    const struct verb *verb = verb_find(o->verb);
    if (!verb) {
        argp_error(state, "what? lethe keys --help has the list");
        return;
    }
    if (o->n_args < verb->least || o->n_args > verb->most)
        argp_error(state, "usage: lethe keys %s", verb->usage);
    if (!strcmp(o->verb, "init") && (!o->org || !o->bench))
        argp_error(state, "init needs --org NAME and --bench NAME");
    if (!strcmp(o->verb, "revoke-bench") && !o->since)
        argp_error(state, "revoke-bench needs --since TIME: from when on is it not believed?");
    if (o->suspend && o->restore)
        argp_error(state, "either --suspend or --restore");
}

struct parse {
    struct lethe_keys_options *o;
    struct lethe_cli *cli;
};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct parse *parse = state->input;
    struct lethe_keys_options *o = parse->o;
    switch (key) {
    case OPT_ORG:
        o->org = arg;
        return 0;
    case OPT_BENCH:
        o->bench = arg;
        return 0;
    case OPT_DAYS:
        o->days = parse_days(arg, state);
        return 0;
    case OPT_ASK:
        o->ask = true;
        return 0;
    case OPT_PASSPHRASE:
        parse->cli->passphrase_file = arg;
        return 0;
    case OPT_ROOT_KEY:
        o->root_key = arg;
        return 0;
    case OPT_KEYREF:
        o->keyref = arg;
        return 0;
    case OPT_STATUS_URI:
        o->status_uri = arg;
        return 0;
    case OPT_REASON:
        o->reason = arg;
        return 0;
    case OPT_SINCE:
        o->since = arg;
        return 0;
    case OPT_UNTIL:
        o->until = arg;
        return 0;
    case OPT_SUSPEND:
        o->suspend = true;
        return 0;
    case OPT_RESTORE:
        o->restore = true;
        return 0;
    case OPT_URI:
    case OPT_VKEY: {
        size_t *n = key == OPT_URI ? &o->n_uris : &o->n_vkeys;
        if (*n == LETHE_KEYS_LIST_MAX)
            argp_error(state, "more than %d", LETHE_KEYS_LIST_MAX);
        (key == OPT_URI ? o->uris : o->vkeys)[(*n)++] = arg;
        return 0;
    }
    case 'o':
        o->file = arg;
        return 0;
    case 'j':
        o->json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (!o->verb)
            o->verb = arg;
        else if (o->n_args < LETHE_KEYS_ARGS_MAX)
            o->args[o->n_args++] = arg;
        else
            argp_error(state, "unexpected '%s'", arg);
        return 0;
    case ARGP_KEY_END:
        check_usage(o, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    .options = options,
    .parser = parse_option,
    .args_doc = "init --org NAME --bench NAME\nshow\nlist\nrotate\nexport-root FILE\n"
                "revoke ID\nstatus-list -o FILE\nstatus-uri [URL]\n"
                "revoke-bench CERTIFICATE --since TIME\ncrl\nlog-counter\n"
                "trust-list add ROOT.pem|remove NAME|sign|show",
    .doc = "The keys that make certificates believed. The bench key signs certificates; the "
           "organisation's root key signs bench keys and belongs in a safe. What was signed can be "
           "revoked: one certificate, or all of a key that was stolen.\v"
           "Examples:\n"
           "  lethe keys init --org 'Acme Refurbishing' --bench bench-1 --ask-passphrase\n"
           "  lethe keys init --org Acme --bench b2 --keyref 'pkcs11:token=bench'\n"
           "  lethe keys export-root /media/safe/acme-root.key\n"
           "  lethe keys rotate --root-key /media/safe/acme-root.key\n"
           "  lethe keys status-uri https://acme.example/status/bench-1\n"
           "  lethe keys revoke 0199c2f4 --reason superseded\n"
           "  lethe keys status-list -o bench-1\n"
           "  lethe keys revoke-bench current --since 2026-11-20 \\\n"
           "      --reason key-compromise --root-key /media/safe/acme-root.key\n"
           "  lethe keys trust-list add acme-root.pem\n"
           "  lethe keys trust-list sign -o trust-list.jwt\n"
           "\n"
           "Give trust/root.pem of the state directory to whoever is to check your certificates. "
           "renew is another word for rotate."};

int lethe_cmd_keys(struct lethe_cli *cli, int argc, char **argv)
{
    struct lethe_keys_options o = {0};
    struct parse parse = {&o, cli};
    struct lethe_error err = {0};
    lethe_cli_parse(&argp, argc, argv, &parse);
    const struct verb *verb = verb_find(o.verb);
    int rc = lethe_cli_need_state(cli, verb->does != READS, &err);
    if (rc >= 0 && verb->does == SIGNS)
        rc = lethe_cli_may_sign(cli, &err);
    if (rc >= 0)
        rc = verb->run(cli, &o, &err);
    if (rc < 0)
        return lethe_cli_fail(cli, &err);
    if (!o.json)
        lethe_cli_nag(cli);
    return 0;
}
