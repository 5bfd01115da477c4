/* SPDX-License-Identifier: Apache-2.0 */
/* lethe pair TARGET: nothing is paired but when somebody asks for it. */
#include "cli.h"

#include "phone_text.h"

#include <base/file.h>
#include <lethe/station.h>
#include <stdio.h>

static const struct argp_option options[] = {
    {"json", 'j', NULL, 0, "One object: the device as it is then", 0}, {0}};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    if (key == ARGP_KEY_NO_ARGS)
        argp_error(state, "which phone? (lethe list shows them)");
    return lethe_cli_parse_one(key, arg, state, state->input);
}

static const struct argp argp = {
    .options = options,
    .parser = parse_option,
    .args_doc = "TARGET",
    .doc =
        "Ask a phone or tablet to trust this bench. It shows a question on its screen, which "
        "somebody has to answer within a minute: \"Trust\" and the passcode on an iPhone or iPad, "
        "\"Always allow from this computer\" on Android. Nothing is erased or changed, and no "
        "other "
        "command of Lethe ever asks for it.\v"
        "Examples:\n"
        "  lethe pair usb:2-4\n"
        "  lethe pair 00008101-000A1B2C3D4E001E\n"
        "  lethe pair phone:R58M12ABCDE --json\n"
        "\n"
        "Exit status: 0 it trusts this bench now, 3 it does not, and why."};

int lethe_cmd_pair(struct lethe_cli *cli, int argc, char **argv)
{
    struct lethe_cli_one o = {0};
    struct lethe_error err = {0};
    struct lethe_device device = {0};
    lethe_cli_parse(&argp, argc, argv, &o);
    if (lethe_cli_target(cli, o.target, &device, &err) < 0)
        return lethe_cli_fail(cli, &err);
    int rc = lethe_cli_need_state(cli, true, &err);
    if (rc >= 0) /* what it will trust is kept there */
        rc = lethe_dir_make(cli->state, 0700, &err);
    if (rc >= 0)
        rc = lethe_cli_load_profiles(cli, &err);
    if (rc < 0) {
        lethe_device_clear(&device);
        return lethe_cli_fail(cli, &err);
    }
    fprintf(stderr,
            "%s: unlock it and look at its screen: tap \"Trust\" (iPhone, iPad), or \"Always "
            "allow from this computer\" and \"Allow\" (Android)\n",
            o.target);
    rc = lethe_pair(&cli->env, NULL, cli->device_profiles, &device, &err);
    if (o.json)
        lethe_cli_print_json(lethe_device_to_json(&device));
    else if (rc >= 0)
        printf("%s: it trusts this bench\n", o.target);
    if (rc < 0)
        lethe_cli_print_error(cli, o.target, &err);
    lethe_device_clear(&device);
    return rc >= 0 ? 0 : err.code == LETHE_E_INTERNAL ? 1 : 3;
}
