/* SPDX-License-Identifier: Apache-2.0 */
/* What `lethe log` does with the transparency log: one function a verb (cmd_log.c has the options
 * and what concerns the record of the bench). */
#ifndef LETHE_CLI_LOG_VERBS_H
#define LETHE_CLI_LOG_VERBS_H

#include "cli.h"

struct lethe_log_options {
    bool json, yes, demo, again, opening;
    const char *verb, *reason, *output, *key;
    size_t n_args;
    char **args; /* behind the verb */
};

/* 0, or negative with an error in words. */
typedef int lethe_log_verb_fn(struct lethe_cli *cli, const struct lethe_log_options *o,
                              struct lethe_error *err);
lethe_log_verb_fn lethe_log_verb_init;
lethe_log_verb_fn lethe_log_verb_checkpoint;
lethe_log_verb_fn lethe_log_verb_prove;
lethe_log_verb_fn lethe_log_verb_export;
lethe_log_verb_fn lethe_log_verb_publish;
lethe_log_verb_fn lethe_log_verb_witness;

/* The directory of keys of the log meant: the bench's, or the demo's. */
int lethe_log_state(const struct lethe_cli *cli, const struct lethe_log_options *o,
                    char out[4096 + 8], struct lethe_error *err);
/* The log meant, open; closed by the caller unless it is cli->log. */
int lethe_log_take(struct lethe_cli *cli, const struct lethe_log_options *o, struct lethe_log **out,
                   struct lethe_error *err);
void lethe_log_give(struct lethe_cli *cli, struct lethe_log *log);

#endif
