/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of `lethe keys` share: one set of options, one function a verb. */
#ifndef LETHE_CLI_KEYS_H
#define LETHE_CLI_KEYS_H

#include "cli.h"

#define LETHE_KEYS_ARGS_MAX 3
#define LETHE_KEYS_LIST_MAX 16

struct lethe_keys_options {
    bool json, ask, suspend, restore;
    const char *verb, *args[LETHE_KEYS_ARGS_MAX];
    size_t n_args;
    const char *org, *bench, *root_key, *keyref, *status_uri, *reason, *since, *until, *file;
    const char *vkeys[LETHE_KEYS_LIST_MAX + 1], *uris[LETHE_KEYS_LIST_MAX + 1];
    size_t n_vkeys, n_uris;
    unsigned days; /* 0: not given */
};

/* keys_bench.c */
int lethe_keys_verb_init(struct lethe_cli *cli, const struct lethe_keys_options *o,
                         struct lethe_error *err);
int lethe_keys_verb_show(struct lethe_cli *cli, const struct lethe_keys_options *o,
                         struct lethe_error *err);
int lethe_keys_verb_rotate(struct lethe_cli *cli, const struct lethe_keys_options *o,
                           struct lethe_error *err);
int lethe_keys_verb_list(struct lethe_cli *cli, const struct lethe_keys_options *o,
                         struct lethe_error *err);
int lethe_keys_verb_export_root(struct lethe_cli *cli, const struct lethe_keys_options *o,
                                struct lethe_error *err);
/* For what the root signs, into cli->passphrase: "" when there is none. */
int lethe_keys_ask_root(struct lethe_cli *cli, const char *root_key, struct lethe_error *err);

/* keys_status.c */
int lethe_keys_verb_revoke(struct lethe_cli *cli, const struct lethe_keys_options *o,
                           struct lethe_error *err);
int lethe_keys_verb_status_list(struct lethe_cli *cli, const struct lethe_keys_options *o,
                                struct lethe_error *err);
int lethe_keys_verb_status_uri(struct lethe_cli *cli, const struct lethe_keys_options *o,
                               struct lethe_error *err);

/* keys_revoke.c */
int lethe_keys_verb_revoke_bench(struct lethe_cli *cli, const struct lethe_keys_options *o,
                                 struct lethe_error *err);
int lethe_keys_verb_crl(struct lethe_cli *cli, const struct lethe_keys_options *o,
                        struct lethe_error *err);
/* Into the log of this bench, once; a bench that has no log yet does without. */
int lethe_keys_log_revocation(struct lethe_cli *cli, const char *name, uint64_t since, int reason,
                              struct lethe_error *err);
int lethe_keys_reason(const struct lethe_keys_options *o, int *out, struct lethe_error *err);

/* A counter in the TPM that an old copy of the log can't turn back. */
int lethe_keys_verb_log_counter(struct lethe_cli *cli, const struct lethe_keys_options *o,
                                struct lethe_error *err);

/* keys_trust.c */
int lethe_keys_verb_trust_list(struct lethe_cli *cli, const struct lethe_keys_options *o,
                               struct lethe_error *err);
/* "2026-11-23" or "2026-11-23T01:02:03Z"; WHAT names the option. */
int lethe_keys_time(const char *text, const char *what, uint64_t *ms, struct lethe_error *err);
/* Where --output says, or on standard output. */
int lethe_keys_put(const struct lethe_keys_options *o, const char *text, struct lethe_error *err);
/* The same of a signed list; --json: {"file"}, or {"list"} where it goes into none. */
int lethe_keys_give(const struct lethe_keys_options *o, const char *text, struct lethe_error *err);

#endif
