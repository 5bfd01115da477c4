/* SPDX-License-Identifier: Apache-2.0 */
/* lethe cert export --format pdf, and lethe cert label. */
#include "cert_paper.h"

#include <base/file.h>
#include <base/json.h>
#include <base/text.h>
#include <lethe/certificate.h>
#include <lethe/cose.h>
#include <lethe/paper.h>
#include <lethe/station.h>
#include <stdlib.h>
#include <string.h>

int lethe_cert_signer(struct lethe_cli *cli, bool emulated, struct lethe_signer **demo,
                      struct lethe_signer **out, struct lethe_error *err)
{
    int rc = emulated ? lethe_signer_open_demo(lethe_store_dir(cli->store), demo, err)
                      : lethe_cli_ready_signer(cli, err);
    *out = emulated ? *demo : cli->signer;
    return rc < 0 ? rc : 0;
}

bool lethe_cert_emulated(const json_t *claims)
{
    return strcmp(lethe_cli_text(claims, "substrate"), "emulated") == 0;
}

/* The page made when the certificate was signed: the key that made it may be gone. */
static int kept_page(const struct lethe_cli *cli, const char *job, char **out, size_t *len,
                     struct lethe_error *err)
{
    char relative[80], path[600];
    lethe_text_format(relative, sizeof relative, "certificates/%s.pdf", job);
    int rc = lethe_path_join(path, sizeof path, lethe_store_dir(cli->store), relative, err);
    return rc < 0 ? rc : lethe_file_read(path, 16u << 20, out, len, err);
}

int lethe_cert_pdf(struct lethe_cli *cli, const char *job, const char *sdjwt, const char *lang,
                   char **out, size_t *len, struct lethe_error *err)
{
    LETHE_JSON_AUTO *claims = NULL;
    struct lethe_signer *demo = NULL, *signer = NULL;
    struct lethe_press *press = NULL;
    const struct lethe_page_source source = {cli->store, job, sdjwt, lang};
    int rc = lethe_certificate_decode(sdjwt, strlen(sdjwt), &claims, err);
    if (rc == 0)
        rc = lethe_cert_signer(cli, lethe_cert_emulated(claims), &demo, &signer, err);
    if (rc == 0)
        rc = lethe_press_open(&press, err);
    if (rc == 0)
        rc = lethe_page_make(&source, press, signer, out, len, err);
    if (rc == -LETHE_E_REFUSED && kept_page(cli, job, out, len, NULL) == 0) {
        fprintf(stderr, "lethe: no new page: %s: this is the page made then\n", err->what);
        rc = 0;
    }
    lethe_press_close(press);
    if (demo)
        lethe_signer_close(demo);
    return rc;
}

int lethe_cert_give(const char *file, const char *data, size_t len, struct lethe_error *err)
{
    if (file && strcmp(file, "-") != 0)
        return lethe_file_write(file, data, len, 0644, err);
    return fwrite(data, 1, len, stdout) == len && fflush(stdout) == 0
               ? 0
               : lethe_fail(err, LETHE_E_IO, "writing to standard output failed");
}

struct label_options {
    struct lethe_label label;
    const char *id, *file, *lang;
    bool no_qr;
};

enum { OPT_FORMAT = 0x100, OPT_SIZE, OPT_DPI, OPT_LANG, OPT_NO_QR };

static const struct argp_option label_options[] = {
    {"format", OPT_FORMAT, "FORMAT", 0, "pdf, png or zpl (for a label printer)", 0},
    {"size", OPT_SIZE, "WxH", 0, "Millimetres, 30x30 and more (30x30)", 0},
    {"dpi", OPT_DPI, "N", 0, "Dots an inch of png and zpl (203)", 0},
    {"lang", OPT_LANG, "LANG", 0, "en, zh or both; zpl is in English", 0},
    {"no-qr", OPT_NO_QR, NULL, 0, "Only the words", 0},
    {"output", 'o', "FILE", 0, "Where to (standard output)", 0},
    {0}};

static void label_format(struct label_options *o, const char *name, struct argp_state *state)
{
    static const char *const names[] = {"pdf", "png", "zpl"};
    for (int i = 0; i < 3; i++)
        if (strcmp(name, names[i]) == 0) {
            o->label.format = (enum lethe_label_format)i;
            return;
        }
    argp_error(state, "--format: pdf, png or zpl, not '%s'", name);
}

static error_t parse_label(int key, char *arg, struct argp_state *state)
{
    struct label_options *o = state->input;
    struct lethe_error err = {0};
    switch (key) {
    case OPT_FORMAT:
        label_format(o, arg, state);
        return 0;
    case OPT_SIZE:
        if (lethe_label_size(arg, &o->label, &err) < 0)
            argp_error(state, "%s: %s", err.what, err.remedy);
        return 0;
    case OPT_DPI: {
        char *end;
        unsigned long dpi = strtoul(arg, &end, 10);
        if (*end || dpi < 150 || dpi > 1200)
            argp_error(state, "--dpi: 150 to 1200, not '%s'", arg);
        o->label.dpi = (unsigned)dpi;
        return 0;
    }
    case OPT_LANG:
        o->lang = lethe_cli_lang(arg, state);
        return 0;
    case OPT_NO_QR:
        o->no_qr = true;
        return 0;
    case 'o':
        o->file = arg;
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

static const struct argp label_argp = {
    .options = label_options,
    .parser = parse_label,
    .args_doc = "ID",
    .doc = "A label for the device: QR code and the words that matter. What did not pass gets a "
           "striped one with a black band, which nobody takes for the other kind.\v"
           "Examples:\n"
           "  lethe cert label 0199c2f4 -o label.pdf\n"
           "  lethe cert label 0199c2f4 --format zpl --size 50x30 | lp -o raw\n"
           "  lethe cert label 0199c2f4 --format png --dpi 300 -o label.png\n"
           "\n"
           "Who may read the QR code can try serial numbers and IMEIs until one fits: see lethe "
           "cert qr --help."};

/* The text kept beside the certificate; made again where it is missing. */
static int qr_text(struct lethe_cli *cli, const char *job, const char *sdjwt, bool emulated,
                   char **out, struct lethe_error *err)
{
    char relative[80], path[600];
    size_t len;
    struct lethe_signer *demo = NULL, *signer = NULL;
    lethe_text_format(relative, sizeof relative, "certificates/%s.qr", job);
    int rc = lethe_path_join(path, sizeof path, lethe_store_dir(cli->store), relative, err);
    if (rc == 0)
        rc = lethe_file_read(path, LETHE_QR_MAX, out, &len, err);
    if (rc != -LETHE_E_NOT_FOUND)
        return rc;
    rc = lethe_cert_signer(cli, emulated, &demo, &signer, err);
    if (rc == 0)
        rc = lethe_qr_issue(sdjwt, strlen(sdjwt), signer, out, err);
    if (demo)
        lethe_signer_close(demo);
    return rc;
}

static int label(struct lethe_cli *cli, const struct label_options *o, struct lethe_error *err)
{
    char *sdjwt = NULL, *qr = NULL, *out = NULL, job[37];
    size_t len;
    LETHE_JSON_AUTO *claims = NULL;
    struct lethe_press *press = NULL;
    int rc = lethe_store_certificate_get(cli->store, o->id, &sdjwt, job, err);
    if (rc == 0)
        rc = lethe_certificate_decode(sdjwt, strlen(sdjwt), &claims, err);
    if (rc == 0 && !o->no_qr)
        rc = qr_text(cli, job, sdjwt, lethe_cert_emulated(claims), &qr, err);
    if (rc == 0)
        rc = lethe_press_open(&press, err);
    if (rc == 0)
        rc = lethe_paper_label(press,
                               &(struct lethe_paper){.sdjwt = sdjwt,
                                                     .sdjwt_len = strlen(sdjwt),
                                                     .qr = qr,
                                                     .lang = o->lang ? o->lang : cli->lang},
                               &o->label, &out, &len, err);
    if (rc == 0)
        rc = lethe_cert_give(o->file, out, len, err);
    lethe_press_close(press);
    free(out);
    free(qr);
    free(sdjwt);
    return rc;
}

int lethe_cert_label(struct lethe_cli *cli, int argc, char **argv)
{
    struct label_options o = {.label = {LETHE_LABEL_PDF, 30, 30, 203}};
    struct lethe_error err = {0};
    lethe_cli_parse(&label_argp, argc, argv, &o);
    int rc = lethe_cli_look_store(cli, &err);
    if (rc >= 0)
        rc = label(cli, &o, &err);
    return rc < 0 ? lethe_cli_fail(cli, &err) : 0;
}
