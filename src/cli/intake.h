/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From what was typed to what is armed: each target with its device, plan, record and confirmation,
 * or the reason why it stays untouched. One refused target does not stop the others.
 */
#ifndef LETHE_CLI_INTAKE_H
#define LETHE_CLI_INTAKE_H

#include "cli.h"
#include "manifest.h"
#include "record.h"

#include <lethe/plan.h>
#include <lethe/station.h>

struct lethe_item {
    char target[256];
    struct lethe_device device;
    bool found, planned, confirmed;
    struct lethe_plan *plan; /* owned; valid when planned */
    const struct lethe_manifest_line *line;
    const char *psid;   /* printed on its label; NULL none */
    char read_psid[64]; /* where it was asked for */
    struct lethe_record record;
    struct lethe_confirmation confirmation;
    struct lethe_error refusal; /* code 0: none so far */
};

struct lethe_intake {
    struct lethe_cli *cli;
    const char *policy; /* of the command line */
    const char *psid;   /* of the command line, for its one target; NULL none */
    struct lethe_plan_options plan;
    size_t n_imei; /* of the command line, for its one target */
    struct lethe_identifier imei[2];
    bool no_page;
    bool faults;                  /* stacked on every device: make-believe, so `emulated` */
    bool quiet;                   /* --json: nothing for people on stdout */
    struct lethe_device_list all; /* everything attached: what an identifier must be unique among */
    struct lethe_manifest manifest;
    struct lethe_record common; /* of the command line */
    size_t n;
    struct lethe_item *items; /* owned */
};

void lethe_intake_init(struct lethe_intake *intake, struct lethe_cli *cli);
void lethe_intake_clear(struct lethe_intake *intake);

/* Scan, find each of TARGETS (or, without any, every attached device that the manifest names),
 * match it with the manifest, plan it, and refuse what is in use. Negative only when nothing can be
 * done at all. */
int lethe_intake_prepare(struct lethe_intake *intake, char *const *targets, size_t n_targets,
                         struct lethe_error *err);
/* Record fields: from manifest and command line, asked for where there is somebody to ask, else the
 * item is refused with the name of the option. */
void lethe_intake_complete_records(struct lethe_intake *intake);
/* By the manifest, by VALUES (each must confirm exactly one item), then at the terminal. What stays
 * unconfirmed is refused. */
void lethe_intake_confirm(struct lethe_intake *intake, const char *const *values, size_t n_values);
/* Items that may go on. */
size_t lethe_intake_ready(const struct lethe_intake *intake);

#endif
