/* SPDX-License-Identifier: Apache-2.0 */
/* lethe cert report: one lot, all its devices. */
#include "cert_paper.h"

#include <base/file.h>
#include <base/json.h>
#include <base/text.h>
#include <lethe/certificate.h>
#include <lethe/paper.h>
#include <stdlib.h>
#include <string.h>

struct report_options {
    const char *lot, *file, *lang;
};

enum { OPT_LOT = 0x100, OPT_LANG };

static const struct argp_option report_options[] = {
    {"lot", OPT_LOT, "LOT", 0, "Of which lot: as given to lethe erase --lot", 0},
    {"lang", OPT_LANG, "LANG", 0, "en, zh or both", 0},
    {"output", 'o', "FILE", 0, "Where to (standard output)", 0},
    {0}};

static error_t parse_report(int key, char *arg, struct argp_state *state)
{
    struct report_options *o = state->input;
    switch (key) {
    case OPT_LOT:
        o->lot = arg;
        return 0;
    case OPT_LANG:
        o->lang = lethe_cli_lang(arg, state);
        return 0;
    case 'o':
        o->file = arg;
        return 0;
    case ARGP_KEY_END:
        if (!o->lot)
            argp_error(state, "of which lot? (--lot LOT)");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp report_argp = {
    .options = report_options,
    .parser = parse_report,
    .doc = "The report of a lot: totals, every device with its outcome, lines to sign, as a signed "
           "PDF with all certificates and records attached.\v"
           "Examples:\n"
           "  lethe cert report --lot 2026-47 -o lot-2026-47.pdf\n"
           "  pdfdetach -saveall -o DIR lot-2026-47.pdf; lethe-verify DIR --trust root.pem\n"
           "\n"
           "Failed, aborted and repeated jobs of the lot are in it, too. Emulated ones are only in "
           "a report of emulated ones alone, which the demo key signs."};

struct lot {
    struct lethe_store *store;
    const char *name;
    size_t n, cap, emulated;
    struct member {
        char *sdjwt, file[48];
        bool emulated;
    } * members;
    struct lethe_error err;
    int rc;
};

static int add_member(struct lot *lot, char *sdjwt, const char *job, bool emulated)
{
    if (lot->n == lot->cap) {
        size_t cap = lot->cap ? 2 * lot->cap : 64;
        struct member *members = realloc(lot->members, cap * sizeof *members);
        if (!members)
            return lethe_fail(&lot->err, LETHE_E_INTERNAL, "out of memory");
        lot->members = members;
        lot->cap = cap;
    }
    struct member *member = &lot->members[lot->n++];
    *member = (struct member){.sdjwt = sdjwt, .emulated = emulated};
    lethe_text_format(member->file, sizeof member->file, "%s.sdjwt", job);
    lot->emulated += emulated;
    return 0;
}

static int collect(void *user, const struct lethe_job_row *row)
{
    struct lot *lot = user;
    char *text = NULL, job[37];
    LETHE_JSON_AUTO *claims = NULL;
    if (!row->certified)
        return 0;
    lot->rc = lethe_store_certificate_get(lot->store, row->id, &text, job, &lot->err);
    if (lot->rc == 0)
        lot->rc = lethe_certificate_decode(text, strlen(text), &claims, &lot->err);
    bool wanted = lot->rc == 0 && strcmp(lethe_cli_text(claims, "lot"), lot->name) == 0;
    if (wanted)
        lot->rc = add_member(lot, text, row->id, lethe_cert_emulated(claims));
    if (!wanted || lot->rc < 0)
        free(text);
    return lot->rc < 0;
}

/* Oldest first. A report of both kinds is one of the real ones. */
static int draw_report(struct lethe_cli *cli, const struct lot *lot, const char *lang,
                       const char *logo, size_t logo_len, char **out, size_t *len,
                       struct lethe_error *err)
{
    bool demo_only = lot->emulated == lot->n;
    const char **texts = calloc(lot->n, sizeof *texts), **names = calloc(lot->n, sizeof *names);
    struct lethe_lot_paper paper = {.lot = lot->name,
                                    .lang = lang,
                                    .logo = logo,
                                    .logo_len = logo_len,
                                    .sdjwt = texts,
                                    .names = names};
    struct lethe_signer *demo = NULL, *signer = NULL;
    struct lethe_press *press = NULL;
    int rc = texts && names ? lethe_cert_signer(cli, demo_only, &demo, &signer, err)
                            : lethe_fail(err, LETHE_E_INTERNAL, "out of memory");
    for (size_t i = lot->n; rc == 0 && i-- > 0;)
        if (demo_only || !lot->members[i].emulated) {
            texts[paper.n] = lot->members[i].sdjwt;
            names[paper.n++] = lot->members[i].file;
        }
    if (rc == 0 && paper.n < lot->n)
        fprintf(stderr, "lethe: %zu emulated jobs of this lot are not in its report\n",
                lot->n - paper.n);
    if (rc == 0)
        rc = lethe_press_open(&press, err);
    if (rc == 0)
        rc = lethe_paper_lot(press, &paper, signer, out, len, err);
    lethe_press_close(press);
    if (demo)
        lethe_signer_close(demo);
    free(texts);
    free(names);
    return rc;
}

static int report(struct lethe_cli *cli, const struct report_options *o, struct lethe_error *err)
{
    struct lot lot = {.store = cli->store, .name = o->lot};
    char *logo = NULL, *out = NULL, path[600];
    size_t logo_len = 0, len;
    int rc = lethe_store_jobs(cli->store, false, collect, &lot, err);
    if (rc >= 0 && lot.rc < 0) {
        rc = lot.rc;
        *err = lot.err;
    }
    if (rc >= 0 && lot.n == 0) {
        rc = lethe_fail(err, LETHE_E_NOT_FOUND, "no certificate and no record is of lot '%.100s'",
                        o->lot);
        lethe_error_remedy(err, "lethe jobs; the lot is named when erasing: lethe erase --lot LOT");
    }
    if (rc >= 0)
        rc = lethe_path_join(path, sizeof path, lethe_store_dir(cli->store), "logo.png", err);
    if (rc >= 0)
        rc = lethe_file_read(path, LETHE_PAPER_LOGO_MAX, &logo, &logo_len, err);
    if (rc >= 0 || rc == -LETHE_E_NOT_FOUND)
        rc = lot.n ? draw_report(cli, &lot, o->lang ? o->lang : cli->lang, logo, logo_len, &out,
                                 &len, err)
                   : rc;
    if (rc == 0)
        rc = lethe_cert_give(o->file, out, len, err);
    for (size_t i = 0; i < lot.n; i++)
        free(lot.members[i].sdjwt);
    free(lot.members);
    free(logo);
    free(out);
    return rc;
}

int lethe_cert_report(struct lethe_cli *cli, int argc, char **argv)
{
    struct report_options o = {0};
    struct lethe_error err = {0};
    lethe_cli_parse(&report_argp, argc, argv, &o);
    int rc = lethe_cli_look_store(cli, &err);
    if (rc >= 0)
        rc = report(cli, &o, &err);
    return rc < 0 ? lethe_cli_fail(cli, &err) : 0;
}
