/* SPDX-License-Identifier: Apache-2.0 */
/* `lethe`: global options, then one of the subcommands in commands.def. */
#include "cli.h"

#include <base/text.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct lethe_subcommand subcommands[] = {
#define LETHE_SUBCOMMAND(symbol, name, summary) {name, summary, lethe_cmd_##symbol},
#include "commands.def"
#undef LETHE_SUBCOMMAND
};
#define N_SUBCOMMANDS (sizeof subcommands / sizeof *subcommands)

const char *argp_program_version = "lethe " LETHE_VERSION;

struct global {
    struct lethe_cli cli;
    const char *state;
    int first; /* index of the subcommand in argv; 0: none */
};

enum { OPT_STATE = 0x100, OPT_EMULATE, OPT_PROFILES, OPT_PASSPHRASE, OPT_LANG, OPT_NO_COLOR };

static const struct argp_option options[] = {
    {"state", OPT_STATE, "DIR", 0, "Everything Lethe writes is under DIR (LETHE_STATE)", 0},
    {"emulate", OPT_EMULATE, "FILE", 0, "Attach the emulated devices of FILE; may be repeated", 0},
    {"profiles", OPT_PROFILES, "DIR", 0, "Policies and device profiles other than Lethe's own", 0},
    {"passphrase-file", OPT_PASSPHRASE, "FILE", 0,
     "First line: passphrase of the keys (LETHE_PASSPHRASE_FILE)", 0},
    {"lang", OPT_LANG, "LANG", 0, "Language of pages: en, zh or both", 0},
    {"no-color", OPT_NO_COLOR, NULL, 0, "No colours (NO_COLOR)", 0},
    {0}};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct global *global = state->input;
    struct lethe_cli *cli = &global->cli;
    switch (key) {
    case OPT_STATE:
        if (!*arg)
            argp_error(state, "--state: the name of the directory is empty");
        global->state = arg;
        return 0;
    case OPT_EMULATE:
        if (cli->n_emulate == LETHE_CLI_EMULATE_MAX)
            argp_error(state, "--emulate: at most %d files", LETHE_CLI_EMULATE_MAX);
        cli->emulate[cli->n_emulate++] = arg;
        return 0;
    case OPT_PROFILES:
        cli->profiles = arg;
        return 0;
    case OPT_PASSPHRASE:
        cli->passphrase_file = arg;
        return 0;
    case OPT_LANG:
        cli->lang = cli->hand = lethe_cli_lang(arg, state);
        return 0;
    case OPT_NO_COLOR:
        cli->no_color = true;
        return 0;
    case ARGP_KEY_ARG: /* the subcommand: what follows is its own */
        global->first = state->next - 1;
        state->next = state->argc;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static char *list_subcommands(int key, const char *text, void *input)
{
    (void)input;
    if (key != ARGP_KEY_HELP_POST_DOC)
        return (char *)(uintptr_t)text;
    char *out = NULL;
    size_t len = 0;
    FILE *stream = open_memstream(&out, &len);
    if (!stream)
        return NULL;
    fputs("Subcommands (lethe SUBCOMMAND --help tells more):\n", stream);
    for (size_t i = 0; i < N_SUBCOMMANDS; i++)
        if (subcommands[i].summary)
            fprintf(stream, "  %-9s %s\n", subcommands[i].name, subcommands[i].summary);
    fprintf(stream, "\n%s", text);
    fclose(stream);
    return out;
}

static const struct argp argp = {
    .options = options,
    .parser = parse_option,
    .args_doc = "SUBCOMMAND [ARG...]",
    .doc = "Erase drives, prove it, and certify it.\v"
           "Examples:\n"
           "  lethe list\n"
           "  lethe plan /dev/sdb --policy nist-800-88r2-clear\n"
           "  lethe erase /dev/sdb --policy nist-800-88r2-clear --asset-tag A-1042\n"
           "  lethe cert export JOB --format html -o certificate.html\n"
           "\n"
           "Exit status: 0 passed, 1 internal error, 2 wrong usage, 3 refused, "
           "4 passed with exceptions, 5 failed, 6 indeterminate, 7 aborted, 8 operator-attested; "
           "of several the worst.",
    .help_filter = list_subcommands,
};

void lethe_cli_parse(const struct argp *command, int argc, char **argv, void *input)
{
    argp_parse(command, argc, argv, 0, NULL, input);
}

error_t lethe_cli_parse_one(int key, char *arg, struct argp_state *state, struct lethe_cli_one *one)
{
    switch (key) {
    case 'j':
        one->json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (one->target)
            argp_error(state, "one device at a time");
        one->target = arg;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "which device? (lethe list shows them)");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct lethe_subcommand *find(const char *name)
{
    for (size_t i = 0; i < N_SUBCOMMANDS; i++)
        if (!strcmp(subcommands[i].name, name))
            return &subcommands[i];
    return NULL;
}

int main(int argc, char **argv)
{
    struct global global = {.cli.lang = "en"};
    struct lethe_error err = {0};
    setlocale(LC_CTYPE, "C.UTF-8"); /* column widths; numbers and times stay as they are */
    argp_err_exit_status = 2;
    /* A worker gets no options and opens nothing: it goes straight to its order. */
    if (argc == 2 && !strcmp(argv[1], "__worker"))
        return lethe_cmd_worker(&global.cli, argc - 1, argv + 1);
    if (argc == 2 && !strcmp(argv[1], "__probe"))
        return lethe_cmd_probe(&global.cli, argc - 1, argv + 1);
    argp_parse(&argp, argc, argv, ARGP_IN_ORDER, NULL, &global);
    if (global.first == 0) {
        argp_help(&argp, stderr, ARGP_HELP_SHORT_USAGE | ARGP_HELP_SEE, argv[0]);
        return 2;
    }
    const struct lethe_subcommand *subcommand = find(argv[global.first]);
    if (!subcommand || !subcommand->summary) {
        lethe_fail(&err, LETHE_E_USAGE, "there is no subcommand '%s'", argv[global.first]);
        lethe_error_remedy(&err, "lethe --help");
        return lethe_cli_fail(&global.cli, &err);
    }
    lethe_cli_init(&global.cli, global.state);
    char name[64];
    lethe_text_format(name, sizeof name, "lethe %s", subcommand->name);
    argv[global.first] = name; /* in usage messages */
    int status = subcommand->run(&global.cli, argc - global.first, argv + global.first);
    lethe_cli_clear(&global.cli);
    if (fflush(stdout) != 0 && status == 0)
        status = 1; /* what was asked for did not arrive */
    return status;
}
