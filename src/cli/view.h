/* SPDX-License-Identifier: Apache-2.0 */
/* What a run looks like while it goes on: a live table, plain lines, or NDJSON. All three are folds
 * over the same events. */
#ifndef LETHE_CLI_VIEW_H
#define LETHE_CLI_VIEW_H

#include "cli.h"

#include <lethe/station.h>

struct lethe_view_row {
    const char *target; /* borrowed */
    char place[160];    /* node and port, for the table */
    char device[200];
    const struct lethe_plan *plan; /* borrowed, for the names of steps; may be NULL */
    char job[37];
    char step[48];
    uint64_t done, total, errors, rate, eta;
    uint64_t elapsed; /* seconds that it has been silent over one command; 0: it talks */
    uint64_t told_ms; /* when progress was last printed (plain, NDJSON) */
    bool ended;
    bool asked;                          /* the operator was told to attest it */
    const struct lethe_profile *profile; /* of what is reset by hand, for its guide; may be NULL */
    enum lethe_outcome outcome;
    const char *said; /* of it, once it ended */
};

struct lethe_view {
    const struct lethe_cli *cli;
    bool json; /* nothing but NDJSON on stdout */
    bool live; /* a table redrawn in place */
    size_t n;
    struct lethe_view_row *rows; /* owned */
    size_t drawn;                /* lines of the table on the screen */
    bool asking;                 /* somebody is typing: the table waits */
};

int lethe_view_open(struct lethe_view *view, const struct lethe_cli *cli, bool json, size_t n);
void lethe_view_close(struct lethe_view *view);
void lethe_view_name(struct lethe_view *view, size_t index, const struct lethe_device *device,
                     const struct lethe_plan *plan);

/* What a station calls; USER is the view. */
void lethe_view_event(void *user, size_t index, const struct lethe_event *event);
void lethe_view_tick(void *user);
enum lethe_interrupt lethe_view_interrupt(void *user);
void lethe_view_result(void *user, size_t index, const struct lethe_result *result);
/* Whoever reset it by hand types a name: one device after the other. */
int lethe_view_attest(void *user, size_t index, struct lethe_attestation *out);
void lethe_view_attest_void(void *user, size_t index, const struct lethe_error *why);

/* The last line of a target on NDJSON: {"type":"result",...}. Of what could not be SCANNED nobody
 * knows the substrate: null. */
json_t *lethe_view_result_to_json(const char *target, const struct lethe_result *result,
                                  bool scanned);
/* The same for a person, on stdout. */
void lethe_view_result_print(const struct lethe_cli *cli, const char *target,
                             const struct lethe_result *result, bool scanned);

#endif
