/* SPDX-License-Identifier: Apache-2.0 */
/* lethe job show JOB: one job and every event of it. */
#include "cli.h"

#include <base/json.h>
#include <base/time.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct options {
    bool json;
    const char *verb, *job;
};

static const struct argp_option options[] = {{"json", 'j', NULL, 0, "One object: job, events", 0},
                                             {0}};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;
    switch (key) {
    case 'j':
        o->json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (!o->verb)
            o->verb = arg;
        else if (!o->job)
            o->job = arg;
        else
            argp_error(state, "unexpected '%s'", arg);
        return 0;
    case ARGP_KEY_END:
        if (!o->verb || strcmp(o->verb, "show") != 0 || !o->job)
            argp_error(state, "show which job? (lethe jobs)");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {.options = options,
                                 .parser = parse_option,
                                 .args_doc = "show JOB",
                                 .doc = "Show one job: what is known of it is its event stream.\v"
                                        "Examples:\n"
                                        "  lethe job show 0199c2f4\n"
                                        "  lethe job show 0199c2f4 --json | \\\n"
                                        "      jq '.events[] | select(.type == \"exception\")'\n"
                                        "\n"
                                        "JOB may be the beginning of an id, 8 characters or more."};

static int collect(void *user, const struct lethe_event *event)
{
    json_array_append_new(user, lethe_event_to_json(event));
    return 0;
}

/* The members of an event that fit a line: texts and numbers, and what is nested as JSON. */
static void print_event(const json_t *event)
{
    char time[21];
    lethe_time_format(time, (uint64_t)json_integer_value(json_object_get(event, "time")));
    printf("%s  %-18s", time, lethe_cli_text(event, "type"));
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)event, key, value)
    {
        if (!strcmp(key, "time") || !strcmp(key, "type") || !strcmp(key, "job") ||
            !strcmp(key, "seq") || !strcmp(key, "plan"))
            continue;
        if (json_is_string(value))
            printf(" %s=%s", key, json_string_value(value));
        else if (json_is_integer(value))
            printf(" %s=%" JSON_INTEGER_FORMAT, key, json_integer_value(value));
        else if (json_is_boolean(value))
            printf(" %s=%s", key, json_is_true(value) ? "yes" : "no");
        else {
            printf(" %s=", key);
            json_dumpf(value, stdout, JSON_COMPACT);
        }
    }
    putchar('\n');
}

static json_t *job_to_json(const struct lethe_job *job)
{
    char created[21];
    lethe_time_format(created, job->created);
    return json_pack("{s:s, s:s, s:s, s:s, s:b, s:s, s:s, s:I, s:I, s:b}", "id", job->id, "created",
                     created, "policy", job->plan.policy.id, "digest", job->plan.digest, "open",
                     (int)(job->state < LETHE_JOB_ENDED), "outcome",
                     lethe_outcome_name(job->outcome), "method", lethe_method_name(job->method),
                     "interruptions", (json_int_t)job->interruptions, "resumptions",
                     (json_int_t)job->resumptions, "certified",
                     (int)(job->state == LETHE_JOB_CERTIFIED));
}

static void print_job(const struct lethe_job *job, const json_t *events)
{
    char device[320];
    size_t i;
    json_t *event;
    lethe_cli_describe(device, sizeof device, &job->plan.identity);
    printf("%-12s %s\n%-12s %s\n%-12s %s (%s)\n%-12s %s\n", "job", job->id, "device", device,
           "policy", job->plan.policy.id, job->plan.policy.version, "outcome",
           job->state < LETHE_JOB_ENDED ? "open" : lethe_outcome_name(job->outcome));
    if (job->state >= LETHE_JOB_ENDED)
        printf("%-12s %s\n", "method", lethe_method_name(job->method));
    if (job->interruptions)
        printf("%-12s %" PRIu32 " interruptions, %" PRIu32 " resumptions\n", "interrupted",
               job->interruptions, job->resumptions);
    if (job->failure.code)
        printf("%-12s %s\n", "because", job->failure.what);
    puts("");
    json_array_foreach(events, i, event) print_event(event);
}

int lethe_cmd_job(struct lethe_cli *cli, int argc, char **argv)
{
    struct options o = {0};
    struct lethe_error err = {0};
    struct lethe_job job;
    lethe_cli_parse(&argp, argc, argv, &o);
    LETHE_JSON_AUTO *events = json_array();
    lethe_job_init(&job);
    int rc = lethe_cli_look_store(cli, &err);
    if (rc >= 0)
        rc = lethe_store_load(cli->store, o.job, &job, &err);
    if (rc >= 0)
        rc = lethe_store_events(cli->store, job.id, collect, events, &err);
    if (rc >= 0 && o.json)
        lethe_cli_print_json(json_pack("{s:o, s:O}", "job", job_to_json(&job), "events", events));
    else if (rc >= 0)
        print_job(&job, events);
    lethe_job_clear(&job);
    return rc < 0 ? lethe_cli_fail(cli, &err) : 0;
}
