/* SPDX-License-Identifier: Apache-2.0 */
/* lethe job show JOB: one job and every event of it. lethe job attest JOB: what a person saw. */
#include "cli.h"

#include <base/crypto.h>
#include <base/file.h>
#include <base/json.h>
#include <base/text.h>
#include <base/time.h>
#include <inttypes.h>
#include <lethe/station.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options {
    bool json;
    const char *verb, *job, *person, *statement, *photo;
};

enum { OPT_OPERATOR = 0x100, OPT_STATEMENT, OPT_PHOTO };

static const struct argp_option options[] = {
    {"operator", OPT_OPERATOR, "NAME", 0, "attest: the full name of who saw it", 0},
    {"photo", OPT_PHOTO, "FILE", 0,
     "attest: a photo of its screen, of which the record keeps the SHA-256; keep the file", 0},
    {"statement", OPT_STATEMENT, "TEXT", 0, "attest: in words of your own", 0},
    {"json", 'j', NULL, 0, "One object: job, events; or what was attested", 0},
    {0}};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;
    switch (key) {
    case 'j':
        o->json = true;
        return 0;
    case OPT_OPERATOR:
        o->person = arg;
        return 0;
    case OPT_STATEMENT:
        o->statement = arg;
        return 0;
    case OPT_PHOTO:
        o->photo = arg;
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
        if (o->verb && strcmp(o->verb, "attest") == 0) {
            if (!o->job)
                argp_error(state, "attest which job? (lethe jobs --open)");
            if (!o->person || !*o->person)
                argp_error(state, "who saw it? --operator NAME");
            return 0;
        }
        if (!o->verb || strcmp(o->verb, "show") != 0 || !o->job)
            argp_error(state, "show which job? (lethe jobs)");
        if (o->person || o->statement || o->photo)
            argp_error(state, "--operator, --statement and --photo go with attest");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {.options = options,
                                 .parser = parse_option,
                                 .args_doc = "show JOB\nattest JOB --operator NAME",
                                 .doc = "Show one job: what is known of it is its event stream. Or "
                                        "attest that a phone or tablet which was reset by hand is "
                                        "reset: the job, running elsewhere, waits for it.\v"
                                        "Examples:\n"
                                        "  lethe job show 0199c2f4\n"
                                        "  lethe job show 0199c2f4 --json | \\\n"
                                        "      jq '.events[] | select(.type == \"exception\")'\n"
                                        "  lethe job attest 0199c2f4 --operator \"Li Hua\" \\\n"
                                        "      --photo setup-screen.jpg\n"
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

static bool is_guided(const struct lethe_job *job)
{
    for (size_t i = 0; i < job->plan.n_steps; i++) {
        const struct lethe_technique *technique =
            lethe_technique_find(job->plan.steps[i].technique);
        if (job->plan.steps[i].kind == LETHE_STEP_TECHNIQUE && technique &&
            technique->flags & LETHE_TECHNIQUE_GUIDED)
            return true;
    }
    return false;
}

static int check_attestable(const struct lethe_job *job, struct lethe_error *err)
{
    bool early = false;
    const char *why = !is_guided(job) ? "was not done by hand: there is nothing to attest"
                      : job->state >= LETHE_JOB_ENDED ? "has ended: nothing can be added to it"
                      : job->attested                 ? "is attested already"
                                                      : NULL;
    if (!why) {
        early = !lethe_job_attestable(job);
        if (!early)
            return 0;
        why = "is still waiting for its phone: it has not left its port and come back yet";
    }
    lethe_fail(err, LETHE_E_REFUSED, "job %.13s %s", job->id, why);
    lethe_error_effect(err, "nothing was recorded");
    if (early)
        lethe_error_remedy(err, "wait until it is back and shows its first setup screen, then "
                                "again (where the job was cut short, lethe resume first)");
    else
        lethe_error_remedy(err, "lethe jobs --open shows those that still run");
    return -LETHE_E_REFUSED;
}

static int hash_photo(const char *file, char out[65], struct lethe_error *err)
{
    char *data = NULL;
    size_t len = 0;
    int rc = lethe_file_read(file, 64U << 20, &data, &len, err);
    if (rc == 0)
        lethe_sha256_hex(out, data, len);
    free(data);
    return rc;
}

/* Another word may have been taken up since it was looked whether there is one: then that is
 * recorded, and this is not. */
static int check_first(struct lethe_cli *cli, const char *id, const struct lethe_attestation *said,
                       struct lethe_error *err)
{
    struct lethe_job job;
    lethe_job_init(&job);
    int rc = lethe_store_load(cli->store, id, &job, err);
    const char *name = lethe_cli_text(job.attested, "name");
    if (rc == 0 && job.attested && strcmp(name, said->name) != 0) {
        rc = lethe_fail(err, LETHE_E_BUSY, "%s has attested job %.13s meanwhile", name, id);
        lethe_error_effect(err, "nothing was recorded of this");
        lethe_error_remedy(err, "lethe job show %.13s has the record", id);
    }
    lethe_job_clear(&job);
    return rc;
}

/* Left for whoever runs the job: only that process writes to its record. */
static int attest(struct lethe_cli *cli, const struct options *o, const struct lethe_job *job,
                  struct lethe_error *err)
{
    struct lethe_attestation said = {0};
    int rc = lethe_attestation_say(&said, o->person, o->statement, err);
    if (rc == 0)
        rc = check_attestable(job, err);
    if (rc == 0 && o->photo)
        rc = hash_photo(o->photo, said.photo, err);
    if (rc == 0)
        rc = lethe_attestation_leave(cli->state, job->id, &said, err);
    if (rc == 0)
        rc = check_first(cli, job->id, &said, err);
    if (rc < 0)
        return rc;
    if (o->json)
        lethe_cli_print_json(json_pack("{s:s, s:s, s:s, s:s?}", "job", job->id, "name", said.name,
                                       "statement", said.statement, "photo",
                                       said.photo[0] ? said.photo : NULL));
    else
        printf(
            "%.13s: attested by %s; the job takes it up (where it was cut short: lethe resume)\n",
            job->id, said.name);
    return 0;
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
    if (rc >= 0 && strcmp(o.verb, "attest") == 0) {
        rc = attest(cli, &o, &job, &err);
        lethe_job_clear(&job);
        return rc < 0 ? lethe_cli_fail(cli, &err) : 0;
    }
    if (rc >= 0)
        rc = lethe_store_events(cli->store, job.id, collect, events, &err);
    if (rc >= 0 && o.json)
        lethe_cli_print_json(json_pack("{s:o, s:O}", "job", job_to_json(&job), "events", events));
    else if (rc >= 0)
        print_job(&job, events);
    lethe_job_clear(&job);
    return rc < 0 ? lethe_cli_fail(cli, &err) : 0;
}
