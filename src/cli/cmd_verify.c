/* SPDX-License-Identifier: Apache-2.0 */
/* lethe verify TARGET --cert FILE: the buyer's check. */
#include "recheck.h"

#include <base/file.h>
#include <base/json.h>
#include <base/text.h>
#include <base/time.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CERTIFICATE_MAX (256 * 1024)

struct options {
    bool json, full;
    unsigned allow;
    const char *target, *certificate, *trust;
};

enum { OPT_CERT = 0x100, OPT_TRUST, OPT_ALLOW, OPT_FULL };

static const struct argp_option options[] = {
    {"cert", OPT_CERT, "FILE", 0, "The certificate (sd-jwt) that came with the device", 0},
    {"trust", OPT_TRUST, "ROOT", 0,
     "Root certificate (PEM) of the organisation you believe (trust/root.pem of the state "
     "directory)",
     0},
    {"allow", OPT_ALLOW, "SUBSTRATE", 0, "Also virtual, image or emulated devices; may be repeated",
     0},
    {"full", OPT_FULL, NULL, 0, "Read every byte instead of samples", 0},
    {"json", 'j', NULL, 0, "One object: certificate, checks, result", 0},
    {0}};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;
    int substrate;
    switch (key) {
    case OPT_CERT:
        o->certificate = arg;
        return 0;
    case OPT_TRUST:
        o->trust = arg;
        return 0;
    case OPT_ALLOW:
        substrate = lethe_substrate_parse(arg);
        if (substrate < 0)
            argp_error(state, "--allow: virtual, image or emulated, not '%s'", arg);
        o->allow |= 1U << (unsigned)substrate;
        return 0;
    case OPT_FULL:
        o->full = true;
        return 0;
    case 'j':
        o->json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (o->target)
            argp_error(state, "one device at a time");
        o->target = arg;
        return 0;
    case ARGP_KEY_END:
        if (!o->target || !o->certificate)
            argp_error(state, "which device, and which --cert FILE?");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    .options = options,
    .parser = parse_option,
    .args_doc = "TARGET --cert FILE",
    .doc = "Check a device that was bought against the certificate that came with it: is the "
           "certificate good, is it this device, and does it still hold what the erasure left? "
           "Reads only.\v"
           "Examples:\n"
           "  lethe verify /dev/sdb --cert disk.jwt --trust acme-root.pem\n"
           "  lethe verify /dev/loop3 --cert disk.jwt --trust root.pem \\\n"
           "      --allow virtual --json\n"
           "\n"
           "Exit status: 0 everything holds, 1 the certificate is invalid or the device "
           "contradicts it, 2 something can't be told, 3 nothing was checked: wrong usage, or the "
           "device or a file can't be read."};

#define EXIT_NOT_CHECKED 3 /* as lethe-verify has it */

static int load_trust(const struct lethe_cli *cli, const char *file, struct lethe_trust **out,
                      struct lethe_error *err)
{
    char own[4200], *pem = NULL;
    size_t len = 0;
    int rc = lethe_trust_new(out, err);
    if (rc < 0)
        return rc;
    if (!file) {
        if (!cli->state[0])
            return 0;
        lethe_text_format(own, sizeof own, "%s/trust/root.pem", cli->state);
        if (access(own, R_OK) != 0)
            return 0; /* nobody is believed: the report will say so */
        file = own;
    }
    rc = lethe_file_read(file, 64 * 1024, &pem, &len, err);
    if (rc >= 0)
        rc = lethe_trust_add_pem(*out, pem, len, err);
    free(pem);
    return rc;
}

static void check_certificate(const struct lethe_certificate_report *report,
                              struct lethe_recheck *out)
{
    static const enum lethe_finding findings[] = {
        [LETHE_VERDICT_VALID] = LETHE_HOLDS,
        [LETHE_VERDICT_INVALID] = LETHE_BAD_CERTIFICATE,
        [LETHE_VERDICT_UNDETERMINED] = LETHE_UNKNOWN,
    };
    if (report->n_reasons == 0)
        lethe_recheck_add(out, "certificate", findings[report->verdict], "signed by %s, bench %s",
                          report->chain.organisation, report->chain.bench);
    for (size_t i = 0; i < report->n_reasons; i++)
        lethe_recheck_add(out, "certificate", findings[report->reasons[i].weight], "%s",
                          report->reasons[i].text);
}

static int tell(const struct lethe_cli *cli, const struct options *o, const char *target,
                const struct lethe_certificate_report *report, const struct lethe_recheck *recheck)
{
    static const int exits[] = {[LETHE_HOLDS] = 0,
                                [LETHE_CONTRADICTED] = 1,
                                [LETHE_UNKNOWN] = 2,
                                [LETHE_BAD_CERTIFICATE] = 1};
    static const enum lethe_color colors[] = {[LETHE_HOLDS] = LETHE_GREEN,
                                              [LETHE_CONTRADICTED] = LETHE_RED,
                                              [LETHE_UNKNOWN] = LETHE_YELLOW,
                                              [LETHE_BAD_CERTIFICATE] = LETHE_RED};
    enum lethe_finding overall = lethe_recheck_overall(recheck);
    if (o->json) {
        json_t *checks = json_array();
        for (size_t i = 0; i < recheck->n; i++)
            json_array_append_new(checks,
                                  json_pack("{s:s, s:s, s:s}", "check", recheck->lines[i].check,
                                            "result", lethe_finding_name(recheck->lines[i].finding),
                                            "text", recheck->lines[i].text));
        lethe_cli_print_json(json_pack("{s:s, s:s, s:i, s:o, s:o}", "target", target, "result",
                                       lethe_finding_name(overall), "exit", exits[overall],
                                       "certificate", lethe_certificate_report_to_json(report),
                                       "checks", checks));
        return exits[overall];
    }
    for (size_t i = 0; i < recheck->n; i++)
        printf("%s%-12s%s  %-17s %s\n",
               lethe_color(cli, STDOUT_FILENO, colors[recheck->lines[i].finding]),
               lethe_finding_name(recheck->lines[i].finding),
               lethe_color(cli, STDOUT_FILENO, LETHE_PLAIN), recheck->lines[i].check,
               recheck->lines[i].text);
    printf(
        "%s: %s\n", target,
        overall == LETHE_HOLDS          ? "everything that was checked still holds"
        : overall == LETHE_CONTRADICTED ? "the device CONTRADICTS its certificate"
        : overall == LETHE_BAD_CERTIFICATE
            ? "the certificate is INVALID: it proves nothing, the device was not compared with it"
            : "not everything can be told");
    return exits[overall];
}

int lethe_cmd_verify(struct lethe_cli *cli, int argc, char **argv)
{
    struct options o = {0};
    struct lethe_error err = {0};
    struct lethe_trust *trust = NULL;
    struct lethe_device device = {0};
    struct lethe_certificate_report report = {0};
    struct lethe_recheck recheck = {0};
    char *text = NULL;
    size_t len = 0;
    argp_err_exit_status = EXIT_NOT_CHECKED;
    lethe_cli_parse(&argp, argc, argv, &o);

    int rc = load_trust(cli, o.trust, &trust, &err);
    if (rc >= 0)
        rc = lethe_file_read(o.certificate, CERTIFICATE_MAX, &text, &len, &err);
    if (rc >= 0)
        rc = lethe_cli_target(cli, o.target, &device, &err);
    int status = EXIT_NOT_CHECKED;
    if (rc >= 0) {
        const struct lethe_verify_policy policy = {
            .trust = trust, .now = lethe_now_ms(), .allow_substrates = o.allow};
        while (len > 0 && strchr("\r\n \t", text[len - 1]))
            len--;
        lethe_certificate_verify(text, len, &policy, &report);
        check_certificate(&report, &recheck);
        /* What nobody signed is nothing to compare with. */
        if (report.claims && report.verdict != LETHE_VERDICT_INVALID) {
            lethe_recheck_identity(report.claims, &device, &recheck);
            /* A device of another size would differ everywhere: reading it tells nothing more. */
            if (lethe_recheck_overall(&recheck) != LETHE_CONTRADICTED)
                lethe_recheck_contents(cli, report.claims, &device, o.full, &recheck);
        }
        status = tell(cli, &o, device.target, &report, &recheck);
    } else {
        lethe_cli_print_error(cli, NULL, &err);
    }
    lethe_certificate_report_clear(&report);
    lethe_device_clear(&device);
    if (trust)
        lethe_trust_free(trust);
    free(text);
    return status;
}
