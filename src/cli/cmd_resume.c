/* SPDX-License-Identifier: Apache-2.0 */
/* lethe resume: interrupted jobs go on, on the device they were confirmed for. */
#include "ask.h"
#include "sizeless.h"
#include "view.h"

#include <base/file.h>
#include <base/json.h>
#include <base/text.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define JOBS_MAX 256

struct options {
    bool json, list, no_page, leave_locked;
    size_t n_jobs;
    const char *jobs[JOBS_MAX];
    const char *abandon, *faults, *psid;
};

enum { OPT_ABANDON = 0x100, OPT_FAULT, OPT_LEAVE_LOCKED, OPT_NO_PAGE, OPT_PSID };

static const struct argp_option options[] = {
    {"abandon", OPT_ABANDON, "JOB", 0,
     "End JOB without its device: aborted, NOT sanitised, with a signed record", 0},
    {"leave-locked", OPT_LEAVE_LOCKED, NULL, 0,
     "With --abandon: though the password that JOB set may lock the drive", 0},
    {"list", 'l', NULL, 0, "Only tell which jobs wait", 0},
    {"psid", OPT_PSID, "PSID", 0,
     "As for erase, for one job: it is in no record, and must be given again", 0},
    {"no-page", OPT_NO_PAGE, NULL, 0, "No PDF beside the certificate", 0},
    {"fault", OPT_FAULT, "FILE", 0, "Training and tests: as for erase, for jobs begun with it", 0},
    {"json", 'j', NULL, 0, "One object a line: events, and a result for each job", 0},
    {0}};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;
    struct lethe_error err = {0};
    switch (key) {
    case OPT_ABANDON:
        o->abandon = arg;
        return 0;
    case OPT_LEAVE_LOCKED:
        o->leave_locked = true;
        return 0;
    case OPT_NO_PAGE:
        o->no_page = true;
        return 0;
    case OPT_PSID:
        o->psid = arg;
        return 0;
    case OPT_FAULT:
        o->faults = arg;
        return 0;
    case 'l':
        o->list = true;
        return 0;
    case 'j':
        o->json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (o->n_jobs == JOBS_MAX)
            argp_error(state, "at most %d jobs", JOBS_MAX);
        o->jobs[o->n_jobs++] = arg;
        return 0;
    case ARGP_KEY_END:
        if (o->psid && o->n_jobs != 1)
            argp_error(state, "--psid is of one device: name its job");
        if (o->psid && lethe_psid_check(o->psid, &err) < 0)
            argp_error(state, "--psid: %s", err.what);
        if (o->abandon && (o->n_jobs || o->list))
            argp_error(state, "--abandon takes one job and nothing else");
        if (o->leave_locked && !o->abandon)
            argp_error(state, "--leave-locked goes with --abandon");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    .options = options,
    .parser = parse_option,
    .args_doc = "[JOB...]",
    .doc =
        "Go on with jobs that a crash or a power cut interrupted; without JOB with all of them. "
        "Each device is found by its identity, wherever it is plugged in now. A pass goes on from "
        "its last flushed point, and verification becomes full; what a drive does to itself is "
        "begun "
        "again until it is verified.\v"
        "Examples:\n"
        "  lethe resume --list\n"
        "  lethe resume\n"
        "  lethe resume 0199c2f4 --json\n"
        "  lethe resume 0199c2f4 --psid 0123456789ABCDEF0123456789ABCDEF\n"
        "  lethe resume --abandon 0199c2f4\n"
        "\n"
        "Exit status 3, 6: a job's device is not attached, can't be told from another one, or "
        "would be left locked, or another process is at work on it; the job stays open. 6 once "
        "something that erases was sent to it. 1: a certificate still can't be signed; the note "
        "says why."};

struct waiting {
    char id[37], target[256];
    bool sizeless, over;   /* attached, and without a size as yet; told or run */
    bool unharmed;         /* nothing that erases was sent */
    bool opening;          /* nothing but what opens hidden areas was */
    struct lethe_job *job; /* owned */
    const struct lethe_plan *plan;
    struct lethe_device device;
    struct lethe_error refusal;
    char psid[64]; /* where it was asked for */
};

struct list {
    const struct lethe_cli *cli;
    const struct options *o;
    int *status;
    size_t settled; /* that needed no device: certified now, or still can't be */
    size_t n;
    struct waiting *jobs; /* owned */
    bool asked[JOBS_MAX]; /* which of the command line were met */
    size_t busy;          /* that another process is at work on */
    char busy_id[37];     /* one of them: of those that are wanted */
};

/* Is JOB among those of the command line, or are all meant? */
static bool is_wanted(struct list *list, const char *job)
{
    bool wanted = list->o->n_jobs == 0;
    for (size_t i = 0; i < list->o->n_jobs; i++)
        if (strlen(list->o->jobs[i]) >= 8 &&
            !strncmp(job, list->o->jobs[i], strlen(list->o->jobs[i])))
            wanted = list->asked[i] = true;
    return wanted;
}

static void collect(void *user, const struct lethe_job *job)
{
    struct list *list = user;
    struct waiting *grown =
        is_wanted(list, job->id) ? realloc(list->jobs, (list->n + 1) * sizeof *grown) : NULL;
    if (!grown)
        return;
    list->jobs = grown;
    struct waiting *waiting = &grown[list->n++];
    *waiting = (struct waiting){.job = malloc(sizeof *waiting->job)};
    if (waiting->job) {
        lethe_job_copy(job, waiting->job);
        waiting->plan = &waiting->job->plan;
    }
    waiting->unharmed = lethe_job_unharmed(job);
    waiting->opening = job->plan.capacity_before > 0 && job->step >= 0 &&
                       job->plan.steps[job->step].kind == LETHE_STEP_PREPARE;
    lethe_text_format(waiting->id, sizeof waiting->id, "%s", job->id);
    lethe_text_format(waiting->target, sizeof waiting->target, "%s",
                      lethe_cli_text(job->created_body, "target"));
}

static void note_busy(void *user, const char *job)
{
    struct list *list = user;
    if (!is_wanted(list, job))
        return;
    list->busy++;
    lethe_text_format(list->busy_id, sizeof list->busy_id, "%s", job);
}

/* Nothing is left to do here; is it done elsewhere? */
static void tell_none(const struct list *list)
{
    if (list->busy == 0)
        puts("No job waits.");
    else
        printf("No job waits: another lethe process is at work on job %.13s%s.\n", list->busy_id,
               list->busy > 1 ? " and others" : "");
}

static void clear(struct list *list)
{
    for (size_t i = 0; i < list->n; i++) {
        lethe_device_clear(&list->jobs[i].device);
        if (list->jobs[i].job)
            lethe_job_clear(list->jobs[i].job);
        free(list->jobs[i].job);
    }
    free(list->jobs);
}

/* It is nowhere: away, or another bench's, or of a file that was not given. */
static int tell_missing(const struct lethe_cli *cli, const struct waiting *job,
                        struct lethe_error *err)
{
    char text[200];
    bool phone = lethe_class_is_phone(job->plan->identity.class_);
    bool emulated = strncmp(job->target, "emu:", 4) == 0;
    lethe_cli_describe(text, sizeof text, &job->plan->identity);
    lethe_fail(err, LETHE_E_REFUSED, "the device of this job is not attached: %s", text);
    lethe_error_effect(
        err, "%s; the job stays open",
        job->unharmed ? "nothing that erases was sent to it"
        : job->opening
            ? "what it hides was being opened: nothing of it is overwritten, and it is NOT "
              "sanitised"
        : phone ? "its erasure was begun, and it may still be starting again; whether it is "
                  "erased nobody saw: it does NOT count as sanitised"
                : "it is partly overwritten and NOT sanitised");
    lethe_error_remedy(err, "%s, then: lethe resume %.13s; or: lethe resume --abandon %.13s",
                       emulated && cli->n_emulate
                           ? "give the --emulate FILE that has it, or wait until it is back"
                       : emulated                ? "give --emulate FILE"
                       : phone && !job->unharmed ? "leave it plugged in until it has started again"
                                                 : "plug it in",
                       job->id, job->id);
    return -LETHE_E_REFUSED;
}

/* The one attached device that is the job's, by every identifier and a capacity that the plan knows
 * of; or, where there is none, by all but a capacity that it does not tell as yet. */
static void find_device(struct lethe_cli *cli, const struct lethe_device_list *attached,
                        bool faults, struct waiting *job)
{
    const struct lethe_device *found = NULL, *sizeless = NULL;
    struct lethe_device_list all = {0};
    struct lethe_device recorded = {0};
    struct lethe_error *err = &job->refusal;
    int rc = 0;
    if (!job->plan) {
        lethe_fail(err, LETHE_E_INTERNAL, "out of memory");
        return;
    }
    for (size_t i = 0; rc >= 0 && i < attached->n; i++)
        rc = lethe_cli_attach(&all, &attached->devices[i], err);
    /* Image files are found by no scan, only where they were. */
    if (rc >= 0 && lethe_cli_target(cli, job->target, &recorded, NULL) >= 0)
        rc = lethe_cli_attach(&all, &recorded, err);
    for (size_t i = 0; rc >= 0 && i < all.n; i++) {
        struct lethe_identity identity = all.devices[i].identity;
        if (faults) /* what they were stacked on was planned as emulated */
            identity.substrate = LETHE_SUBSTRATE_EMULATED;
        if (lethe_plan_sizeless(job->plan, &all.devices[i].identity))
            sizeless = &all.devices[i];
        if (!lethe_job_finds(job->job, &identity))
            continue;
        if (found) {
            rc = lethe_fail(err, LETHE_E_REFUSED, "%s and %s can't be told apart", found->target,
                            all.devices[i].target);
            lethe_error_effect(err, "which of them the job had begun is unknown; it stays open");
            lethe_error_remedy(err, "unplug the other one, then: lethe resume %.13s", job->id);
        }
        found = &all.devices[i];
    }
    job->sizeless = rc >= 0 && !found && sizeless;
    if (job->sizeless)
        found = sizeless;
    if (rc >= 0 && !found)
        rc = tell_missing(cli, job, err);
    if (rc >= 0)
        rc = lethe_device_refuse(found, err);
    if (rc >= 0 && lethe_device_copy(found, &job->device) < 0)
        lethe_fail(err, LETHE_E_INTERNAL, "out of memory");
    lethe_device_clear(&recorded);
    lethe_device_list_clear(&all);
}

static void tell_list(const struct list *list, bool json)
{
    json_t *array = json_array();
    for (size_t i = 0; i < list->n; i++) {
        char text[200] = "";
        if (list->jobs[i].plan)
            lethe_cli_describe(text, sizeof text, &list->jobs[i].plan->identity);
        json_array_append_new(array, json_pack("{s:s, s:s, s:s}", "job", list->jobs[i].id, "target",
                                               list->jobs[i].target, "device", text));
        if (!json)
            printf("%s  %s  %s\n", list->jobs[i].id, list->jobs[i].target, text);
    }
    if (json)
        lethe_cli_print_json(json_incref(array));
    else if (list->n == 0)
        tell_none(list);
    json_decref(array);
}

static int tell_result(const struct lethe_cli *cli, const char *target,
                       const struct lethe_result *result, bool scanned, bool json)
{
    if (json)
        lethe_cli_print_line(lethe_view_result_to_json(target, result, scanned));
    else
        lethe_view_result_print(cli, target, result, scanned);
    return lethe_result_exit(result);
}

/* A job whose end, or certificate, needs no device has it now: that is its result. */
static void tell_recovered(void *user, const struct lethe_job *job,
                           const struct lethe_result *result)
{
    struct list *list = user;
    if (list->o->list) {
        fprintf(stderr, "lethe: job %s has its certificate now: %s\n", job->id,
                result->certificate);
        return;
    }
    is_wanted(list, job->id);
    list->settled++;
    *list->status = lethe_exit_worst(
        *list->status, tell_result(list->cli, lethe_cli_text(job->created_body, "target"), result,
                                   true, list->o->json));
}

/* Only those that were asked for make this run a failure. */
static void tell_trouble(void *user, const char *job, const struct lethe_error *err)
{
    struct list *list = user;
    char subject[64];
    if (list->o->list) /* where no key is opened */
        return;
    lethe_text_format(subject, sizeof subject, "job %s", job);
    lethe_cli_print_note(list->cli, subject, err);
    list->settled++;
    if (is_wanted(list, job))
        *list->status = lethe_exit_worst(*list->status, lethe_outcome_exit(LETHE_OUTCOME_NONE));
}

/* The PSID is in no record: whoever sits there reads it once more. */
static const char *read_psid(const struct waiting *job, char *out, size_t out_size)
{
    bool reverts = false;
    for (size_t i = 0; job->plan && i < job->plan->n_steps; i++)
        reverts = reverts || strcmp(job->plan->steps[i].technique, "tcg-psid-revert") == 0;
    return reverts && lethe_ask_possible() && lethe_ask_psid(job->target, out, out_size) ? out
                                                                                         : NULL;
}

static int run(struct lethe_cli *cli, struct lethe_station *station, struct list *list,
               json_t *faults, const char *psid, int *status, struct lethe_error *err)
{
    size_t n = 0;
    bool json = list->o->json;
    lethe_cli_load_profiles(cli, NULL); /* their guides, for what is reset by hand */
    struct lethe_request *requests = calloc(list->n ? list->n : 1, sizeof *requests);
    struct lethe_result *results = calloc(list->n ? list->n : 1, sizeof *results);
    struct lethe_view view = {0};
    if (!requests || !results || lethe_view_open(&view, cli, json, list->n) < 0) {
        free(requests);
        free(results);
        return lethe_fail(err, LETHE_E_INTERNAL, "out of memory");
    }
    for (size_t i = 0; i < list->n; i++) {
        struct waiting *job = &list->jobs[i];
        if (job->over || (job->sizeless && !job->refusal.code))
            continue;
        job->over = true;
        if (job->refusal.code) {
            struct lethe_result result = {.outcome = job->unharmed ? LETHE_OUTCOME_REFUSED
                                                                   : LETHE_OUTCOME_NONE,
                                          .open = true,
                                          .awaited = !job->unharmed,
                                          .error = job->refusal};
            lethe_text_format(result.job, sizeof result.job, "%s", job->id);
            if (job->plan)
                result.substrate = job->plan->identity.substrate;
            *status = lethe_exit_worst(
                *status, tell_result(cli, job->target, &result, job->plan != NULL, json));
            continue;
        }
        const char *told = psid || json ? psid : read_psid(job, job->psid, sizeof job->psid);
        lethe_view_name(&view, n, &job->device, job->plan);
        requests[n++] = (struct lethe_request){
            .device = &job->device, .resume = job->id, .psid = told, .faults = faults};
    }
    view.n = n;
    station->on_event = lethe_view_event;
    station->on_tick = lethe_view_tick;
    station->on_interrupt = lethe_view_interrupt;
    station->on_result = lethe_view_result;
    station->on_attest = lethe_view_attest;
    station->on_attest_void = lethe_view_attest_void;
    station->user = &view;
    int rc = n ? lethe_station_run(station, requests, n, results, err) : 0;
    for (size_t i = 0; rc >= 0 && i < n; i++)
        *status = lethe_exit_worst(*status, lethe_result_exit(&results[i]));
    lethe_view_close(&view);
    free(requests);
    free(results);
    return rc;
}

static int find_all(struct lethe_cli *cli, struct list *list, bool faults, struct lethe_error *err)
{
    struct lethe_device_list attached = {0};
    int rc = lethe_cli_scan(cli, &attached, err);
    for (size_t i = 0; rc >= 0 && i < list->n; i++)
        if (!list->jobs[i].over && !list->jobs[i].refusal.code) {
            lethe_device_clear(&list->jobs[i].device);
            find_device(cli, &attached, faults, &list->jobs[i]);
        }
    lethe_device_list_clear(&attached);
    return rc;
}

/* It lost its size again. */
static void refuse_sizeless(struct waiting *job)
{
    if (job->over || job->refusal.code || !job->sizeless)
        return;
    lethe_fail(&job->refusal, LETHE_E_REFUSED, "%s told its size, and tells none again",
               job->device.target);
    lethe_error_effect(&job->refusal, "it is NOT known to be sanitised; the job stays open");
    lethe_error_remedy(&job->refusal, "lethe resume %.13s", job->id);
}

/* Those that sanitise themselves and tell no size meanwhile: when all others are done they are
 * waited for. True: there was one. */
static bool await_sizes(struct lethe_cli *cli, struct list *list)
{
    bool any = false;
    for (size_t i = 0; i < list->n; i++) {
        struct waiting *job = &list->jobs[i];
        if (job->over || !job->sizeless)
            continue;
        any = true;
        lethe_sizeless_wait(cli, &job->device, job->id, list->o->json, &job->refusal);
    }
    return any;
}

static int resume(struct lethe_cli *cli, const struct options *o, int *status,
                  struct lethe_error *err)
{
    struct list list = {.cli = cli, .o = o, .status = status};
    struct lethe_keys_info keys = {0};
    struct lethe_station station = {.env = &cli->env,
                                    .page_lang = o->no_page ? NULL : cli->lang,
                                    .on_trouble = tell_trouble,
                                    .on_busy = note_busy,
                                    .on_recovered = tell_recovered,
                                    .user = &list};
    LETHE_JSON_AUTO *faults = NULL;
    int rc = o->faults ? lethe_cli_load_faults(o->faults, &faults, err) : 0;
    if (rc >= 0)
        rc = lethe_cli_open_store(cli, err);
    if (rc < 0)
        return rc;
    /* Emulated jobs do without the bench key, so a bench may have none. */
    if (!o->list && lethe_keys_info(cli->state, &keys, NULL) >= 0 && keys.initialised)
        rc = lethe_cli_open_signer(cli, err);
    if (rc >= 0 && cli->signer)
        rc = lethe_cli_open_log(cli, err);
    station.store = cli->store;
    station.signer = cli->signer;
    station.log = cli->log;
    if (rc >= 0)
        rc = lethe_station_recover(&station, collect, &list, err);
    if (rc >= 0 && o->n_jobs > 0 && list.busy > 0) {
        rc = lethe_fail(err, LETHE_E_BUSY, "another lethe process is at work on job %.13s",
                        list.busy_id);
        lethe_error_effect(err, "nothing was done: that process goes on with it");
        lethe_error_remedy(err, "wait for it, or stop it there; then: lethe resume %.13s",
                           list.busy_id);
    }
    for (size_t i = 0; rc >= 0 && i < o->n_jobs; i++)
        if (!list.asked[i]) {
            rc = lethe_fail(err, LETHE_E_NOT_FOUND, "no job %s waits to be resumed", o->jobs[i]);
            lethe_error_remedy(err, "lethe resume --list, or lethe job show %s", o->jobs[i]);
        }
    if (rc >= 0 && o->list) {
        tell_list(&list, o->json);
    } else if (rc >= 0) {
        rc = find_all(cli, &list, faults != NULL, err);
        if (rc >= 0 && list.n == 0 && list.settled == 0 && !o->json)
            tell_none(&list);
        if (rc >= 0)
            rc = run(cli, &station, &list, faults, o->psid, status, err);
        if (rc >= 0 && await_sizes(cli, &list)) {
            rc = find_all(cli, &list, faults != NULL, err);
            for (size_t i = 0; rc >= 0 && i < list.n; i++)
                refuse_sizeless(&list.jobs[i]);
            if (rc >= 0)
                rc = run(cli, &station, &list, faults, o->psid, status, err);
        }
    }
    clear(&list);
    return rc;
}

/* Only this job opens the drive by itself: with the record closed a person has to. */
static int mind_password(const struct lethe_job *job, struct lethe_error *err)
{
    if (!lethe_job_locks(job) || job->state >= LETHE_JOB_ENDING)
        return 0;
    lethe_fail(err, LETHE_E_REFUSED,
               "job %s set a password on its drive, and is not known to have taken it off",
               job->id);
    lethe_error_effect(err, "the drive may be locked by it, now or when it next loses power; the "
                            "job stays open");
    lethe_error_remedy(err,
                       "attach the drive and erase and unlock it: lethe resume %.13s; where that "
                       "can't be: lethe resume --abandon %.13s --leave-locked",
                       job->id, job->id);
    return -LETHE_E_REFUSED;
}

static int abandon(struct lethe_cli *cli, const struct options *o, int *status,
                   struct lethe_error *err)
{
    struct lethe_job job;
    struct lethe_result result = {0};
    struct lethe_keys_info keys = {0};
    struct lethe_station station = {.env = &cli->env, .page_lang = o->no_page ? NULL : cli->lang};
    lethe_job_init(&job);
    int rc = lethe_cli_open_store(cli, err);
    if (rc >= 0 && lethe_keys_info(cli->state, &keys, NULL) >= 0 && keys.initialised)
        rc = lethe_cli_open_signer(cli, err);
    if (rc >= 0 && cli->signer)
        rc = lethe_cli_open_log(cli, err);
    station.store = cli->store;
    station.signer = cli->signer;
    station.log = cli->log;
    if (rc >= 0)
        rc = lethe_store_load(cli->store, o->abandon, &job, err);
    if (rc >= 0 && !o->leave_locked)
        rc = mind_password(&job, err);
    if (rc >= 0)
        rc = lethe_station_abandon(&station, job.id, "given up by the operator", &result, err);
    if (rc >= 0)
        *status =
            tell_result(cli, lethe_cli_text(job.created_body, "target"), &result, true, o->json);
    lethe_job_clear(&job);
    return rc;
}

int lethe_cmd_resume(struct lethe_cli *cli, int argc, char **argv)
{
    struct options o = {0};
    struct lethe_error err = {0};
    lethe_cli_parse(&argp, argc, argv, &o);
    signal(SIGPIPE, SIG_IGN); /* whoever reads our output may leave; the devices stay */
    int status = 0;
    int rc = o.abandon ? abandon(cli, &o, &status, &err) : resume(cli, &o, &status, &err);
    return rc < 0 ? lethe_cli_fail(cli, &err) : status;
}
