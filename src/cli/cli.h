/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the subcommands of `lethe` share: the global options, and what is loaded on first need
 * because of them. One subcommand a file (cmd_*.c), one line each in commands.def.
 */
#ifndef LETHE_CLI_CLI_H
#define LETHE_CLI_CLI_H

#include <argp.h>
#include <lethe/device.h>
#include <lethe/log.h>
#include <lethe/policy.h>
#include <lethe/profile.h>
#include <lethe/store.h>
#include <lethe/trust.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define LETHE_CLI_EMULATE_MAX 16

struct lethe_cli {
    /* Global options */
    char state[4096];            /* absolute; "" where none is known */
    struct lethe_error no_state; /* ... and why */
    const char *profiles;        /* NULL: installed or source tree */
    const char *passphrase_file;
    const char *lang; /* of pages: "en", "zh" or "both" */
    const char *hand; /* of what a person is told to do: the same, or as the locale says */
    bool no_color;
    const char *emulate[LETHE_CLI_EMULATE_MAX];
    size_t n_emulate;

    /* Made from them */
    struct lethe_scan_env env;

    /* Loaded on first need, freed by lethe_cli_clear() */
    struct lethe_device_list emulated;
    bool emulated_loaded;
    struct lethe_policy_set *policies;
    struct lethe_profile_set *device_profiles;
    struct lethe_store *store;
    struct lethe_signer *signer;
    struct lethe_log *log; /* the bench's */
    char passphrase[256];  /* asked once; "" not yet */
};

struct lethe_subcommand {
    const char *name;
    const char *summary; /* NULL: not shown by --help */
    /* ARGV[0] is "lethe NAME". Returns the exit status. */
    int (*run)(struct lethe_cli *cli, int argc, char **argv);
};

#define LETHE_SUBCOMMAND(symbol, name, summary)                                                    \
    int lethe_cmd_##symbol(struct lethe_cli *cli, int argc, char **argv);
#include "commands.def"
#undef LETHE_SUBCOMMAND

/* ---- context.c ---- */
/* --state, else LETHE_STATE, else /var/lib/lethe for root, else the XDG state directory. */
void lethe_cli_init(struct lethe_cli *cli, const char *state);
/* Is there a directory for records, and (WRITE) may we write in it? -LETHE_E_USAGE or
 * -LETHE_E_REFUSED. Asked only by what needs one: looking and planning do without. */
int lethe_cli_need_state(const struct lethe_cli *cli, bool write, struct lethe_error *err);
void lethe_cli_clear(struct lethe_cli *cli);
/* Everything attached, emulated devices among it. */
int lethe_cli_scan(struct lethe_cli *cli, struct lethe_device_list *out, struct lethe_error *err);
int lethe_cli_target(struct lethe_cli *cli, const char *target, struct lethe_device *out,
                     struct lethe_error *err);
/* Ask the firmware of each of N devices about itself; what can't be asked says why. */
int lethe_cli_probe(struct lethe_cli *cli, struct lethe_device *const *devices, size_t n,
                    struct lethe_error *err);
int lethe_cli_probe_list(struct lethe_cli *cli, struct lethe_device_list *list,
                         struct lethe_error *err);
/* Append a copy of DEVICE unless its target is listed already. */
int lethe_cli_attach(struct lethe_device_list *list, const struct lethe_device *device,
                     struct lethe_error *err);
/* The files of --emulate. Also done by the two above, but here a bad file is not mistaken for a bad
 * target. */
int lethe_cli_load_emulated(struct lethe_cli *cli, struct lethe_error *err);
int lethe_cli_load_policies(struct lethe_cli *cli, struct lethe_error *err);
int lethe_cli_load_profiles(struct lethe_cli *cli, struct lethe_error *err);
int lethe_cli_open_store(struct lethe_cli *cli, struct lethe_error *err);
/* The same for commands that only look: nothing is made or changed. */
int lethe_cli_look_store(struct lethe_cli *cli, struct lethe_error *err);
/* On stderr, until `lethe keys export-root` was done. */
void lethe_cli_nag(const struct lethe_cli *cli);

/* ---- signing.c ---- */
int lethe_cli_open_signer(struct lethe_cli *cli, struct lethe_error *err);
/* Is this the newest copy of the state directory, as far as the log, the TPM's counter and the
 * witnesses know? Asked before anything is signed in the name of the bench or its organisation,
 * as the station does for jobs. -LETHE_E_REFUSED. */
int lethe_cli_may_sign(struct lethe_cli *cli, struct lethe_error *err);
/* The bench's signer for what is signed here and now: both of the above. */
int lethe_cli_ready_signer(struct lethe_cli *cli, struct lethe_error *err);
/* The key of status lists; lethe_signer_close(). */
int lethe_cli_open_status_signer(struct lethe_cli *cli, struct lethe_signer **out,
                                 struct lethe_error *err);
/* The bench's transparency log, over the open store. */
int lethe_cli_open_log(struct lethe_cli *cli, struct lethe_error *err);
/* First line of the passphrase file, or asked on the terminal: 1 when there is one, 0 when there
 * is no file and no terminal. */
int lethe_cli_passphrase(struct lethe_cli *cli, const char *prompt, char *out, size_t out_size,
                         struct lethe_error *err);

/* ---- message.c ---- */
enum lethe_color { LETHE_PLAIN, LETHE_RED, LETHE_GREEN, LETHE_YELLOW, LETHE_BOLD, LETHE_DIM };
/* The escape that turns COLOR on (LETHE_PLAIN: off) on FD, "" where colours are not wanted. */
const char *lethe_color(const struct lethe_cli *cli, int fd, enum lethe_color color);
enum lethe_color lethe_outcome_color(enum lethe_outcome outcome);
/* What happened, what it means, what to do: three short lines on stderr. */
void lethe_cli_print_error(const struct lethe_cli *cli, const char *subject,
                           const struct lethe_error *err);
/* The same for what stopped nothing: a note. */
void lethe_cli_print_note(const struct lethe_cli *cli, const char *subject,
                          const struct lethe_error *err);
/* Exit status of an error (design, Words): wrong usage 2, refused 3, aborted 7, else 1. */
int lethe_cli_exit(const struct lethe_error *err);
/* Both of the above. */
int lethe_cli_fail(const struct lethe_cli *cli, const struct lethe_error *err);
/* TEXT, cleaned where it is no UTF-8: names of files may be anything. */
json_t *lethe_cli_json_text(const char *text);
/* {"code","what","effect"?,"remedy"?} */
json_t *lethe_cli_error_to_json(const struct lethe_error *err);
/* One line on stdout, flushed; indented when a person is looking. Takes the reference. */
void lethe_cli_print_json(json_t *json);
/* One line, always (NDJSON). Takes the reference. */
void lethe_cli_print_line(json_t *json);
/* "WDC WD5000, 500.1 GB, S/N X" */
void lethe_cli_describe(char *out, size_t out_size, const struct lethe_identity *identity);
/* "3 h 12 min", "45 s" */
void lethe_cli_duration(char *out, size_t out_size, uint64_t seconds);
/* A member that is text, or "" */
const char *lethe_cli_text(const json_t *object, const char *key);

/* ---- cmd_erase.c ---- */
/* --fault FILE: the array in {"faults": [...]} (docs/emulation.md). */
int lethe_cli_load_faults(const char *file, json_t **out, struct lethe_error *err);

/* ---- cmd_log.c ---- */
/* One line for each time that the clock was released, of an open store. */
int lethe_cli_print_clock_releases(struct lethe_cli *cli, FILE *out, struct lethe_error *err);

/* ---- main.c ---- */
/* A subcommand's options. Wrong usage and --help end the program here. */
void lethe_cli_parse(const struct argp *argp, int argc, char **argv, void *input);
/* What subcommands of one device share: --json (which each describes itself) and TARGET, which has
 * to be there. ARGP_ERR_UNKNOWN: another option. */
struct lethe_cli_one {
    bool json;
    const char *target;
};
error_t lethe_cli_parse_one(int key, char *arg, struct argp_state *state,
                            struct lethe_cli_one *one);
/* ARG as the language of a page, or the end with how it is used. */
const char *lethe_cli_lang(const char *arg, const struct argp_state *state);

#endif
