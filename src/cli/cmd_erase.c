/* SPDX-License-Identifier: Apache-2.0 */
/* lethe erase: plan, record, confirmation, then the station does the rest. */
#include "imei.h"
#include "intake.h"
#include "view.h"

#include <base/file.h>
#include <base/json.h>
#include <base/text.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TARGETS_MAX 256

struct options {
    struct lethe_intake intake;
    bool json;
    size_t n_targets, n_confirm;
    char *targets[TARGETS_MAX];
    const char *confirm[TARGETS_MAX];
    const char *manifest, *faults;
};

enum {
    OPT_CONFIRM = 0x100,
    OPT_CONFIRM_FROM,
    OPT_OPERATOR,
    OPT_ASSET_TAG,
    OPT_LOT,
    OPT_CUSTOMER,
    OPT_FIELD,
    OPT_FAULT,
    OPT_NO_PAGE,
    OPT_PSID,
    OPT_FOR_DESTRUCTION,
    OPT_KEEP_ESIM,
    OPT_GUIDED,
    OPT_IMEI
};

static const struct argp_option options[] = {
    {"policy", 'p', "ID", 0, "The policy to meet (lethe policy list)", 0},
    {"confirm", OPT_CONFIRM, "ID", 0,
     "Serial, WWN or other identifier of a target, or 8 digits of its plan's digest; once per "
     "target",
     0},
    {"confirm-from", OPT_CONFIRM_FROM, "FILE", 0,
     "Intake manifest (CSV or NDJSON, - is standard input): identifier, asset_tag, lot, policy, "
     "psid, customer, operator, fields of your own",
     0},
    {"psid", OPT_PSID, "PSID", 0,
     "Printed on the label of a self-encrypting drive: unlocks it, and erases it where nothing "
     "better does; for one target. Asked for at a terminal where the plan needs it",
     0},
    {"imei", OPT_IMEI, "IMEI", 0,
     "Of a phone: what its label or box says, typed; \"scanned:IMEI\" where a scanner read it. "
     "Twice "
     "for two",
     0},
    {"guided", OPT_GUIDED, NULL, 0,
     "Phones and tablets: by hand, step by step on the screen, whatever else would work; you "
     "attest "
     "what you saw",
     0},
    {"keep-esim", OPT_KEEP_ESIM, NULL, 0,
     "Phones and tablets: leave the eSIM, which then holds data of its owner", 0},
    {"for-destruction", OPT_FOR_DESTRUCTION, NULL, 0,
     "Phones and tablets: the lot goes to destruction or recycling, so it may come back locked to "
     "its former owner",
     0},
    {"operator", OPT_OPERATOR, "NAME", 0, "Who does it (the login name)", 0},
    {"asset-tag", OPT_ASSET_TAG, "TAG", 0, "Your own number of the device", 0},
    {"lot", OPT_LOT, "LOT", 0, "The batch it came with", 0},
    {"customer", OPT_CUSTOMER, "NAME", 0, "Whose device it was", 0},
    {"field", OPT_FIELD, "KEY=VALUE", 0, "Anything else for the record; may be repeated", 0},
    {"accept-untested", 'u', NULL, 0,
     "Also techniques that nobody is known to have tested on such a device", 0},
    {"no-page", OPT_NO_PAGE, NULL, 0, "No PDF beside the certificate", 0},
    {"fault", OPT_FAULT, "FILE", 0,
     "Training and tests: inject the faults of FILE; the job counts as emulated", 0},
    {"json", 'j', NULL, 0, "One object a line: events, and a result for each target", 0},
    {0}};

static void set_record(struct options *o, struct argp_state *state, const char *key,
                       const char *value)
{
    struct lethe_error err = {0};
    int rc = key ? lethe_record_set(&o->intake.common, key, value, &err)
                 : lethe_record_set_field(&o->intake.common, value, &err);
    if (rc < 0)
        argp_error(state, "%s%s%s", err.what, err.remedy[0] ? ": " : "", err.remedy);
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;
    switch (key) {
    case 'p':
        o->intake.policy = arg;
        return 0;
    case OPT_CONFIRM:
        if (o->n_confirm == TARGETS_MAX)
            argp_error(state, "at most %d --confirm", TARGETS_MAX);
        o->confirm[o->n_confirm++] = arg;
        return 0;
    case OPT_CONFIRM_FROM:
        o->manifest = arg;
        return 0;
    case OPT_OPERATOR:
        set_record(o, state, "operator", arg);
        return 0;
    case OPT_ASSET_TAG:
        set_record(o, state, "asset_tag", arg);
        return 0;
    case OPT_LOT:
        set_record(o, state, "lot", arg);
        return 0;
    case OPT_CUSTOMER:
        set_record(o, state, "customer", arg);
        return 0;
    case OPT_FIELD:
        set_record(o, state, NULL, arg);
        return 0;
    case 'u':
        o->intake.plan.accept_untested = true;
        return 0;
    case OPT_FOR_DESTRUCTION:
        o->intake.plan.for_destruction = true;
        return 0;
    case OPT_KEEP_ESIM:
        o->intake.plan.keep_esim = true;
        return 0;
    case OPT_GUIDED:
        o->intake.plan.guided = true;
        return 0;
    case OPT_IMEI: {
        struct lethe_error err = {0};
        if (o->intake.n_imei == 2)
            argp_error(state, "a phone has two IMEIs at most");
        if (lethe_imei_parse(arg, &o->intake.imei[o->intake.n_imei++], &err) < 0)
            argp_error(state, "--imei: %s: %s", err.what, err.remedy);
        return 0;
    }
    case OPT_PSID:
        o->intake.psid = arg;
        return 0;
    case OPT_NO_PAGE:
        o->intake.no_page = true;
        return 0;
    case OPT_FAULT:
        o->faults = arg;
        return 0;
    case 'j':
        o->json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (o->n_targets == TARGETS_MAX)
            argp_error(state, "at most %d devices at once", TARGETS_MAX);
        o->targets[o->n_targets++] = arg;
        return 0;
    case ARGP_KEY_END:
        if (o->n_targets == 0 && !o->manifest)
            argp_error(state, "which device? (lethe list shows them)");
        if (o->intake.psid && o->n_targets != 1)
            argp_error(state, "--psid is of one device (a manifest has a column psid)");
        if (o->intake.n_imei && o->n_targets != 1)
            argp_error(state, "--imei is of one phone");
        if (!o->intake.policy && !o->manifest)
            argp_error(state, "--policy ID is needed (lethe policy list shows them)");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    .options = options,
    .parser = parse_option,
    .args_doc = "TARGET...\n--confirm-from FILE",
    .doc =
        "Erase devices by a policy, verify, and certify. The plan is shown, then the device's "
        "serial number (or another identifier, or the plan's digest) must be typed or scanned: "
        "nothing else starts an erasure.\v"
        "Examples:\n"
        "  lethe erase /dev/sdb --policy nist-800-88r2-clear\n"
        "  lethe erase /dev/sdb /dev/sdc --policy gb-46864-2025 --lot L-77 \\\n"
        "      --confirm WD-WCC4E1234567 --confirm 4C530001240821\n"
        "  lethe erase --policy r2v3 --confirm-from lot-77.csv\n"
        "  lethe erase disk.img --policy random-full --confirm 1f2e3d4c --json\n"
        "  lethe pair usb:2-4 && lethe erase usb:2-4 --policy nist-800-88r2-purge\n"
        "  lethe erase usb:2-4 --policy nist-800-88r2-clear --guided \\\n"
        "      --imei 356938035643809\n"
        "\n"
        "A phone or tablet that would come back locked to somebody is refused before anything is "
        "sent to it. One that is reset by hand (--guided) waits until you type your name, or until "
        "'lethe job attest' says so elsewhere; the others go on.\n"
        "\n"
        "A manifest without TARGETs takes every attached device that it names. Ctrl-C asks before "
        "it stops; what was stopped half-way is not sanitised, and the record says so.\n"
        "\n"
        "Exit status: 0 passed, 3 refused (nothing was sent), 4 passed with exceptions, 5 failed "
        "(also: passed, but by less than the policy asks), 6 indeterminate, 7 aborted, 8 attested "
        "by "
        "you and shown by nothing else; of several the worst."};

static void default_operator(struct lethe_record *record)
{
    if (json_object_get(record->fields, "operator"))
        return;
    /* Whoever became root is the operator, not root. */
    const char *name = getenv("SUDO_USER");
    const struct passwd *entry = name && *name ? NULL : getpwuid(getuid());
    if (entry)
        name = entry->pw_name;
    if (name)
        lethe_record_set(record, "operator", name, NULL);
}

int lethe_cli_load_faults(const char *file, json_t **out, struct lethe_error *err)
{
    char *text = NULL;
    size_t len = 0;
    int rc = lethe_file_read(file, 64 * 1024, &text, &len, err);
    if (rc < 0)
        return rc;
    LETHE_JSON_AUTO *json = lethe_json_load(text, len, 64 * 1024, err);
    free(text);
    if (!json)
        return -LETHE_E_INVALID;
    json_t *faults = json_object_get(json, "faults");
    if (!json_is_array(faults))
        return lethe_fail(err, LETHE_E_INVALID, "%s: wants {\"faults\": [...]}", file);
    *out = json_incref(faults);
    return 0;
}

static void tell_refused(const struct options *o, const struct lethe_item *item)
{
    struct lethe_result result = {
        .outcome = LETHE_OUTCOME_REFUSED,
        .substrate = o->faults ? LETHE_SUBSTRATE_EMULATED : item->device.identity.substrate,
        .error = item->refusal,
    };
    if (o->json)
        lethe_cli_print_line(lethe_view_result_to_json(item->target, &result, item->found));
    else
        lethe_view_result_print(o->intake.cli, item->target, &result, item->found);
}

/* Only emulated jobs can do without the bench key; the others are refused for want of it. */
static void open_signer(struct lethe_intake *intake)
{
    struct lethe_error err = {0};
    bool tried = false, opened = false;
    for (size_t i = 0; i < intake->n; i++) {
        struct lethe_item *item = &intake->items[i];
        if (!item->confirmed || item->refusal.code ||
            item->plan->identity.substrate == LETHE_SUBSTRATE_EMULATED)
            continue;
        if (!tried)
            opened = lethe_cli_open_signer(intake->cli, &err) >= 0;
        tried = true;
        if (!opened) {
            item->refusal = err;
            if (!item->refusal.effect[0])
                lethe_error_effect(&item->refusal, "nothing was sent to %s", item->target);
        }
    }
}

static void tell_open_job(void *user, const struct lethe_job *job)
{
    (void)user;
    if (lethe_job_locks(job)) {
        char text[200];
        lethe_cli_describe(text, sizeof text, &job->plan.identity);
        fprintf(stderr,
                "lethe: %s is locked by the password that job %s set before it was interrupted; "
                "erase and unlock it with: lethe resume %.13s\n",
                text, job->id, job->id);
        return;
    }
    fprintf(stderr, "lethe: job %s was interrupted and waits for: lethe resume %.13s\n", job->id,
            job->id);
}

static void tell_trouble(void *user, const char *job, const struct lethe_error *err)
{
    char subject[80];
    lethe_text_format(subject, sizeof subject, "job %s of another run", job);
    lethe_cli_print_note(user, subject, err);
}

static void tell_recovered(void *user, const struct lethe_job *job,
                           const struct lethe_result *result)
{
    (void)user;
    fprintf(stderr, "lethe: job %s of another run has its certificate now: %s\n", job->id,
            result->certificate);
}

/* What is real needs the bench's transparency log; the demo has its own. */
static void open_log(struct lethe_intake *intake)
{
    struct lethe_error err = {0};
    if (lethe_cli_open_log(intake->cli, &err) >= 0)
        return;
    for (size_t i = 0; i < intake->n; i++)
        if (!intake->items[i].refusal.code &&
            intake->items[i].plan->identity.substrate != LETHE_SUBSTRATE_EMULATED)
            intake->items[i].refusal = err;
}

/* A drive refused for its password: it may be ours, and the record knows. */
static bool any_locked(const struct lethe_intake *intake)
{
    for (size_t i = 0; i < intake->n; i++)
        if (intake->items[i].device.facts && intake->items[i].device.facts->security.enabled)
            return true;
    return false;
}

/* No record, no erasure: when it can't be written, all are refused. What other runs left behind is
 * brought to its end first. */
static void open_record(struct lethe_intake *intake)
{
    struct lethe_error err = {0};
    if (lethe_intake_ready(intake) == 0 && !any_locked(intake))
        return;
    int rc = lethe_cli_open_store(intake->cli, &err);
    if (rc >= 0 && intake->cli->signer)
        open_log(intake);
    struct lethe_station station = {
        .store = intake->cli->store,
        .signer = intake->cli->signer,
        .log = intake->cli->log,
        .env = &intake->cli->env,
        .page_lang = intake->no_page ? NULL : intake->cli->lang,
        .on_trouble = tell_trouble,
        .on_recovered = tell_recovered,
        .user = intake->cli,
    };
    if (rc >= 0)
        rc = lethe_station_recover(&station, tell_open_job, NULL, &err);
    for (size_t i = 0; rc < 0 && i < intake->n; i++)
        if (!intake->items[i].refusal.code) {
            intake->items[i].refusal = err;
            if (!err.effect[0])
                lethe_error_effect(&intake->items[i].refusal, "nothing was sent to %s",
                                   intake->items[i].target);
        }
}

static int run_station(struct options *o, json_t *faults, int *status, struct lethe_error *err)
{
    struct lethe_intake *intake = &o->intake;
    size_t n = lethe_intake_ready(intake), at = 0;
    struct lethe_request *requests = calloc(n, sizeof *requests);
    struct lethe_result *results = calloc(n, sizeof *results);
    struct lethe_view view = {0};
    int rc =
        requests && results ? lethe_view_open(&view, intake->cli, o->json, n) : -LETHE_E_INTERNAL;
    if (rc < 0)
        rc = lethe_fail(err, LETHE_E_INTERNAL, "out of memory");
    for (size_t i = 0; rc >= 0 && i < intake->n; i++) {
        struct lethe_item *item = &intake->items[i];
        if (item->refusal.code)
            continue;
        lethe_view_name(&view, at, &item->device, item->plan);
        requests[at++] = (struct lethe_request){
            .device = &item->device,
            .plan = item->plan,
            .confirmation = item->confirmation,
            .accept_untested = intake->plan.accept_untested,
            .psid = item->psid,
            .record = item->record.fields,
            .custom = item->record.custom,
            .faults = faults,
        };
    }
    struct lethe_station station = {
        .store = intake->cli->store,
        .signer = intake->cli->signer,
        .log = intake->cli->log,
        .env = &intake->cli->env,
        .page_lang = intake->no_page ? NULL : intake->cli->lang,
        .on_event = lethe_view_event,
        .on_tick = lethe_view_tick,
        .on_interrupt = lethe_view_interrupt,
        .on_result = lethe_view_result,
        .on_attest = lethe_view_attest,
        .on_attest_void = lethe_view_attest_void,
        .user = &view,
    };
    if (rc >= 0)
        rc = lethe_station_run(&station, requests, n, results, err);
    for (size_t i = 0; rc >= 0 && i < n; i++)
        *status = lethe_exit_worst(*status, lethe_result_exit(&results[i]));
    lethe_view_close(&view);
    free(requests);
    free(results);
    return rc;
}

static int erase(struct options *o, int *status, struct lethe_error *err)
{
    struct lethe_intake *intake = &o->intake;
    LETHE_JSON_AUTO *faults = NULL;
    int rc = o->faults ? lethe_cli_load_faults(o->faults, &faults, err) : 0;
    if (rc >= 0 && o->manifest)
        rc = lethe_manifest_load(o->manifest, &intake->manifest, err);
    if (rc < 0)
        return rc;
    intake->faults = faults != NULL;
    intake->quiet = o->json;
    default_operator(&intake->common);
    rc = lethe_intake_prepare(intake, o->targets, o->n_targets, err);
    if (rc < 0)
        return rc;
    lethe_intake_complete_records(intake);
    lethe_intake_confirm(intake, o->confirm, o->n_confirm);
    open_signer(intake);
    open_record(intake);
    for (size_t i = 0; i < intake->n; i++)
        if (intake->items[i].refusal.code) {
            tell_refused(o, &intake->items[i]);
            *status = lethe_exit_worst(*status, lethe_outcome_exit(LETHE_OUTCOME_REFUSED));
        }
    return lethe_intake_ready(intake) ? run_station(o, faults, status, err) : 0;
}

int lethe_cmd_erase(struct lethe_cli *cli, int argc, char **argv)
{
    struct options o = {0};
    struct lethe_error err = {0};
    lethe_intake_init(&o.intake, cli);
    lethe_cli_parse(&argp, argc, argv, &o);
    signal(SIGPIPE, SIG_IGN); /* whoever reads our output may leave; the devices stay */
    int status = 0;
    if (erase(&o, &status, &err) < 0)
        status = lethe_cli_fail(cli, &err); /* nothing ran, or what did can't be told */
    else if (!o.json)
        lethe_cli_nag(cli);
    lethe_intake_clear(&o.intake);
    return status;
}
