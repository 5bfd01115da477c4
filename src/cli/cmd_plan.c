/* SPDX-License-Identifier: Apache-2.0 */
/* lethe plan TARGET: what would be done, and what could be claimed. Sends nothing to the device. */
#include "plan_text.h"

#include <lethe/words.h>

struct options {
    struct lethe_cli_one one;
    bool psid;
    struct lethe_plan_options plan;
    const char *policy;
};

enum { OPT_PSID = 0x100, OPT_FOR_DESTRUCTION, OPT_KEEP_ESIM, OPT_GUIDED };

static const struct argp_option options[] = {
    {"policy", 'p', "ID", 0, "The policy to meet (lethe policy list)", 0},
    {"accept-untested", 'u', NULL, 0,
     "Also techniques that nobody is known to have tested on such a device", 0},
    {"psid", OPT_PSID, "PSID", 0, "As for erase: printed on the drive's label", 0},
    {"for-destruction", OPT_FOR_DESTRUCTION, NULL, 0, "As for erase: locks of phones do not refuse",
     0},
    {"keep-esim", OPT_KEEP_ESIM, NULL, 0, "As for erase: the eSIM stays", 0},
    {"guided", OPT_GUIDED, NULL, 0, "As for erase: of a phone, by hand", 0},
    {"json", 'j', NULL, 0, "One object: digest, device, steps, claims, limitations; or refusal", 0},
    {0}};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;
    switch (key) {
    case 'p':
        o->policy = arg;
        return 0;
    case 'u':
        o->plan.accept_untested = true;
        return 0;
    case OPT_FOR_DESTRUCTION:
        o->plan.for_destruction = true;
        return 0;
    case OPT_KEEP_ESIM:
        o->plan.keep_esim = true;
        return 0;
    case OPT_GUIDED:
        o->plan.guided = true;
        return 0;
    case OPT_PSID:
        o->psid = true;
        return 0;
    case ARGP_KEY_END:
        if (!o->policy)
            argp_error(state, "--policy ID is needed (lethe policy list shows them)");
        return 0;
    default:
        return lethe_cli_parse_one(key, arg, state, &o->one);
    }
}

static const struct argp argp = {
    .options = options,
    .parser = parse_option,
    .args_doc = "TARGET",
    .doc =
        "Show what erasing TARGET by a policy would do, how long it would take and what could be "
        "claimed afterwards. Nothing is sent to the device.\v"
        "Examples:\n"
        "  lethe plan /dev/sdb --policy nist-800-88r2-clear\n"
        "  lethe plan usb:2-4 --policy nist-800-88r2-purge --guided\n"
        "  lethe plan disk.img --policy gb-46864-2025 --json | jq .digest\n"
        "\n"
        "Exit status 3: refused, with the reason and what would help."};

/* What has to be there before a target can be judged: what fails here is not the target's fault. */
static int load(struct lethe_cli *cli, const char *policy, struct lethe_error *err)
{
    int rc = lethe_cli_load_policies(cli, err);
    if (rc >= 0)
        rc = lethe_cli_load_profiles(cli, err);
    if (rc >= 0)
        rc = lethe_cli_load_emulated(cli, err);
    return rc >= 0 && !lethe_policy_find(cli->policies, policy, err) ? -LETHE_E_USAGE : rc;
}

/* Anything that stands in the way from here on is a refusal; memory that ran out is not. */
static int exit_of(const struct lethe_error *err)
{
    return err->code == 0                  ? 0
           : err->code == LETHE_E_INTERNAL ? 1
                                           : lethe_outcome_exit(LETHE_OUTCOME_REFUSED);
}

int lethe_cmd_plan(struct lethe_cli *cli, int argc, char **argv)
{
    struct options o = {0};
    struct lethe_error err = {0};
    struct lethe_device device = {0};
    struct lethe_plan plan = {0};
    lethe_cli_parse(&argp, argc, argv, &o);
    if (load(cli, o.policy, &err) < 0)
        return lethe_cli_fail(cli, &err);
    struct lethe_device *one = &device;
    bool found = lethe_cli_target(cli, o.one.target, &device, &err) >= 0 &&
                 lethe_cli_probe(cli, &one, 1, &err) >= 0;
    if (found && device.facts)
        device.facts->psid = o.psid;
    bool planned = found && lethe_cli_plan(cli, &device, o.policy, &o.plan, &plan, &err) >= 0;
    /* A plan is shown for a device in use, but it could not be carried out now. */
    if (planned)
        lethe_device_refuse(&device, &err);
    int status = exit_of(&err);
    if (status && !err.effect[0])
        lethe_error_effect(&err, "nothing was sent to %s", o.one.target);
    if (o.one.json && status != 1)
        lethe_cli_print_json(lethe_cli_plan_to_json(planned ? &plan : NULL, found ? &device : NULL,
                                                    status ? &err : NULL));
    else if (planned)
        lethe_cli_plan_print(cli, &plan, &device, false);
    if (status && !(o.one.json && status != 1))
        lethe_cli_print_error(cli, NULL, &err);
    lethe_device_clear(&device);
    return status;
}
