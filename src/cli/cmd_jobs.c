/* SPDX-License-Identifier: Apache-2.0 */
/* lethe jobs: all jobs, newest first. */
#include "cli.h"
#include "table.h"

#include <base/time.h>
#include <stdio.h>

struct options {
    bool json, open;
};

static const struct argp_option options[] = {
    {"json", 'j', NULL, 0, "One array", 0},
    {"open", 'o', NULL, 0, "Only those without an end or a certificate", 0},
    {0}};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;
    switch (key) {
    case 'j':
        o->json = true;
        return 0;
    case 'o':
        o->open = true;
        return 0;
    case ARGP_KEY_ARG:
        argp_error(state, "unexpected '%s' (lethe job show %s)", arg, arg);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {.options = options,
                                 .parser = parse_option,
                                 .doc = "List the jobs of this bench, newest first.\v"
                                        "Examples:\n"
                                        "  lethe jobs\n"
                                        "  lethe jobs --open\n"
                                        "  lethe jobs --json | jq '.[] | select(.outcome == "
                                        "\"failed\")'"};

struct rows {
    json_t *array;
    struct lethe_table table;
};

/* "passed" alone would be read as "done": not where nothing was certified, or not the policy. */
static const char *outcome_of(const struct lethe_job_row *row)
{
    bool passed = row->outcome == LETHE_OUTCOME_PASSED ||
                  row->outcome == LETHE_OUTCOME_PASSED_WITH_EXCEPTIONS;
    if (row->state < LETHE_JOB_ENDED)
        return "open";
    if (passed && !row->certified)
        return "passed, no certificate";
    if (passed && !row->policy_met)
        return "passed, policy not met";
    return lethe_outcome_name(row->outcome);
}

static int add(void *user, const struct lethe_job_row *row)
{
    struct rows *rows = user;
    char time[21];
    lethe_time_format(time, row->created);
    bool open = row->state < LETHE_JOB_ENDED;
    json_array_append_new(rows->array,
                          json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:s, s:b, s:b}", "job", row->id,
                                    "created", time, "target", row->target, "device", row->device,
                                    "policy", row->policy, "open", (int)open, "outcome",
                                    lethe_outcome_name(row->outcome), "certified",
                                    (int)row->certified, "policy_met", (int)row->policy_met));
    time[16] = '\0'; /* minutes are enough for a person */
    time[10] = ' ';
    lethe_table_row(&rows->table, (const char *const[]){row->id, time, row->target, row->device,
                                                        outcome_of(row)});
    return 0;
}

int lethe_cmd_jobs(struct lethe_cli *cli, int argc, char **argv)
{
    struct options o = {0};
    struct lethe_error err = {0};
    lethe_cli_parse(&argp, argc, argv, &o);
    struct rows rows = {
        .array = json_array(),
        .table = {.n_columns = 5,
                  .titles = {"JOB", "CREATED (UTC)", "TARGET", "DEVICE", "OUTCOME"}},
    };
    int rc = lethe_cli_look_store(cli, &err);
    if (rc >= 0)
        rc = lethe_store_jobs(cli->store, o.open, add, &rows, &err);
    if (rc >= 0 && o.json) {
        lethe_cli_print_json(rows.array);
    } else {
        if (rc >= 0)
            lethe_table_print(&rows.table, stdout);
        if (rc >= 0) /* times above may be of a clock that was not believed later */
            rc = lethe_cli_print_clock_releases(cli, stdout, &err);
        json_decref(rows.array);
    }
    lethe_table_clear(&rows.table);
    return rc < 0 ? lethe_cli_fail(cli, &err) : 0;
}
