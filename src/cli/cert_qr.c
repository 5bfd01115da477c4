/* SPDX-License-Identifier: Apache-2.0 */
/* lethe cert qr: what to put into the QR code of a label. */
#include "cert_qr.h"

#include <base/file.h>
#include <base/json.h>
#include <base/text.h>
#include <lethe/certificate.h>
#include <lethe/cose.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options {
    bool json, hide;
    const char *id;
};

enum { OPT_HIDE = 0x100 };

static const struct argp_option options[] = {
    {"hide-device", OPT_HIDE, NULL, 0, "Leave out which device it is of (needs the bench key)", 0},
    {"json", 'j', NULL, 0, "For programs", 0},
    {0}};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;
    switch (key) {
    case 'j':
        o->json = true;
        return 0;
    case OPT_HIDE:
        o->hide = true;
        return 0;
    case ARGP_KEY_ARG:
        if (o->id)
            argp_error(state, "unexpected '%s'", arg);
        o->id = arg;
        return 0;
    case ARGP_KEY_END:
        if (!o->id)
            argp_error(state, "of which certificate? (lethe cert list)");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    .options = options,
    .parser = parse_option,
    .args_doc = "ID [--hide-device]",
    .doc = "The text of the QR code of a certificate or record, for a label of your own.\v"
           "Examples:\n"
           "  lethe cert qr 0199c2f4\n"
           "  lethe cert qr 0199c2f4 | qrencode -l M -o label.png\n"
           "\n"
           "It holds salted hashes of the serial number and the IMEI: whoever has the label can "
           "try serial numbers and IMEIs until one fits. With --hide-device both are left out, and "
           "the label alone says of no device that it was sanitised."};

static int make(struct lethe_cli *cli, const char *sdjwt, size_t len, char **out,
                struct lethe_error *err)
{
    LETHE_JSON_AUTO *claims = NULL;
    struct lethe_signer *demo = NULL;
    int rc = lethe_certificate_decode(sdjwt, len, &claims, err);
    if (rc == 0 && !strcmp(lethe_cli_text(claims, "substrate"), "emulated"))
        rc = lethe_signer_open_demo(lethe_store_dir(cli->store), &demo, err);
    else if (rc == 0)
        rc = lethe_cli_ready_signer(cli, err);
    if (rc >= 0)
        rc = lethe_qr_issue(sdjwt, len, demo ? demo : cli->signer, out, err);
    if (demo)
        lethe_signer_close(demo);
    return rc;
}

/* Kept beside the certificate; where it is missing, made again while the key lives. What no
 * disclosure opens is withheld: without any, the JWT alone names no device. */
static int get(struct lethe_cli *cli, const char *sdjwt, const char *job, bool hide, char **out,
               struct lethe_error *err)
{
    char relative[64], path[512];
    size_t len;
    if (hide)
        return make(cli, sdjwt, strcspn(sdjwt, "~") + 1, out, err);
    lethe_text_format(relative, sizeof(relative), "certificates/%s.qr", job);
    int rc = lethe_path_join(path, sizeof(path), lethe_store_dir(cli->store), relative, err);
    if (rc == 0)
        rc = lethe_file_read(path, LETHE_QR_MAX, out, &len, err);
    return rc == -LETHE_E_NOT_FOUND ? make(cli, sdjwt, strlen(sdjwt), out, err) : rc;
}

int lethe_cert_qr(struct lethe_cli *cli, int argc, char **argv)
{
    struct options o = {0};
    struct lethe_error err = {0};
    char *sdjwt = NULL, *label = NULL, job[37];
    lethe_cli_parse(&argp, argc, argv, &o);
    int rc = lethe_cli_look_store(cli, &err);
    if (rc >= 0)
        rc = lethe_store_certificate_get(cli->store, o.id, &sdjwt, job, &err);
    if (rc >= 0)
        rc = get(cli, sdjwt, job, o.hide, &label, &err);
    if (rc >= 0 && o.json)
        lethe_cli_print_json(json_pack("{s:s,s:s}", "job", job, "qr", label));
    else if (rc >= 0)
        puts(label);
    free(sdjwt);
    free(label);
    return rc < 0 ? lethe_cli_fail(cli, &err) : 0;
}
