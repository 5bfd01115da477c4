/* SPDX-License-Identifier: Apache-2.0 */
/* lethe lot list|show|draw|retest: the statistical check of a lot (R2v3). */
#include "lot.h"
#include "table.h"

#include <base/json.h>
#include <base/text.h>
#include <base/time.h>
#include <lethe/words.h>
#include <stdlib.h>
#include <string.h>

enum { OPT_CONFIDENCE = 0x100, OPT_BAD, OPT_BY, OPT_TOOL, OPT_RESULT, OPT_NOTE, OPT_ALLOW };

static const struct argp_option options[] = {
    {"confidence", OPT_CONFIDENCE, "PERCENT", 0, "How sure the sample is to make (95%)", 0},
    {"bad", OPT_BAD, "PERCENT", 0, "Of so many bad devices one is to be found (5%)", 0},
    {"by", OPT_BY, "NAME", 0, "Who tested it; not who sanitised it", 0},
    {"tool", OPT_TOOL, "TEXT", 0, "What it was tested with, and its version", 0},
    {"result", OPT_RESULT, "WORD", 0, "clean or residue", 0},
    {"note", OPT_NOTE, "TEXT", 0, "What else is to be said", 0},
    {"allow", OPT_ALLOW, "SUBSTRATE", 0, "In show: let virtual or image devices count", 0},
    {"json", 'j', NULL, 0, "For programs", 0},
    {0}};

/* "95%", "99.9": parts in a million. */
static unsigned percent(struct argp_state *state, const char *option, const char *text, double min,
                        double max)
{
    char *end;
    double value = strtod(text, &end);
    if (*end == '%')
        end++;
    if (end == text || *end || !(value >= min && value <= max))
        argp_error(state, "--%s: a percentage from %g to %g, not '%s'", option, min, max, text);
    return (unsigned)(value * 10000 + 0.5);
}

static void end_of_arguments(const struct lethe_lot_options *o, struct argp_state *state)
{
    static const char *const verbs[] = {"list", "show", "draw", "retest"};
    size_t i = 0;
    while (i < 4 && (!o->verb || strcmp(o->verb, verbs[i]) != 0))
        i++;
    if (i == 4)
        argp_error(state, "list, show, draw or retest?");
    if (i > 0 && !o->id)
        argp_error(state, i == 3 ? "retest of which job?" : "%s which lot? (lethe lot list)",
                   o->verb);
    if (i == 3 && (!o->by || !o->tool || o->residue < 0))
        argp_error(state, "retest needs ID, --by NAME, --tool TEXT and --result WORD");
}

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct lethe_lot_options *o = state->input;
    int substrate;
    switch (key) {
    case OPT_CONFIDENCE:
        o->confidence_ppm = percent(state, "confidence", arg, 50, 99.9999);
        return 0;
    case OPT_BAD:
        o->bad_ppm = percent(state, "bad", arg, 0.0001, 50);
        return 0;
    case OPT_BY:
        o->by = arg;
        return 0;
    case OPT_TOOL:
        o->tool = arg;
        return 0;
    case OPT_RESULT:
        if (strcmp(arg, "clean") != 0 && strcmp(arg, "residue") != 0)
            argp_error(state, "--result: clean or residue, not '%s'", arg);
        o->residue = strcmp(arg, "residue") == 0;
        return 0;
    case OPT_NOTE:
        o->note = arg;
        return 0;
    case OPT_ALLOW:
        substrate = lethe_substrate_parse(arg);
        if (substrate < 0)
            argp_error(state, "--allow: virtual or image, not '%s'", arg);
        o->allow_substrates |= 1u << substrate;
        return 0;
    case 'j':
        o->json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (!o->verb)
            o->verb = arg;
        else if (!o->id && strcmp(o->verb, "list") != 0)
            o->id = arg;
        else
            argp_error(state, "unexpected '%s'", arg);
        return 0;
    case ARGP_KEY_END:
        end_of_arguments(o, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    .options = options,
    .parser = parse_option,
    .args_doc = "list\nshow LOT\ndraw LOT\nretest ID --by NAME --tool TEXT --result WORD",
    .doc =
        "A sample of the devices of a lot, tested again by somebody else than who sanitised them, "
        "as R2v3 wants it: how many, which ones, and what may be said of the lot then.\v"
        "Examples:\n"
        "  lethe lot list\n"
        "  lethe lot draw 2026-47 --confidence 95% --bad 5%\n"
        "  lethe lot retest 0199c2f4 --by 'B. Second' \\\n"
        "      --tool 'PhotoRec 7.1' --result clean\n"
        "  lethe lot show 2026-47\n"
        "\n"
        "Which devices are drawn follows from a checkpoint of the transparency log, so drawing "
        "again draws the same. The records are kept beside the certificates as lot-*.jwt; whoever "
        "gets them checks them with: lethe-verify lot FILES --trust root.pem"};

/* ---- list ---- */
struct listing {
    struct lethe_store *store;
    json_t *lots; /* name -> {certificates, records} */
    struct lethe_error err;
    int rc;
};

static int gather(void *user, const struct lethe_job_row *row)
{
    struct listing *l = user;
    char *text = NULL, job[37];
    LETHE_JSON_AUTO *claims = NULL;
    if (!row->certified)
        return 0;
    l->rc = lethe_store_certificate_get(l->store, row->id, &text, job, &l->err);
    if (l->rc == 0)
        l->rc = lethe_certificate_decode(text, strlen(text), &claims, &l->err);
    free(text);
    const char *name = lethe_cli_text(claims, "lot");
    if (l->rc < 0 || !name[0])
        return l->rc < 0;
    const char *kind =
        strcmp(lethe_cli_text(claims, "vct"), LETHE_VCT_CERTIFICATE) ? "records" : "certificates";
    json_t *lot = json_object_get(l->lots, name);
    if (!lot) {
        lot = json_pack("{s:s,s:i,s:i}", "lot", name, "certificates", 0, "records", 0);
        json_object_set_new(l->lots, name, lot);
    }
    json_integer_set(json_object_get(lot, kind),
                     json_integer_value(json_object_get(lot, kind)) + 1);
    return 0;
}

static int list(struct lethe_cli *cli, const struct lethe_lot_options *o, struct lethe_error *err)
{
    LETHE_JSON_AUTO *lots = json_object();
    struct listing l = {.store = cli->store, .lots = lots};
    struct lethe_table table = {.n_columns = 4,
                                .titles = {"LOT", "CERTIFICATES", "RECORDS", "DRAWN"}};
    const char *name;
    json_t *lot, *array = json_array();
    int rc = lethe_store_jobs(cli->store, false, gather, &l, err);
    if (rc >= 0 && l.rc < 0) {
        rc = l.rc;
        *err = l.err;
    }
    json_object_foreach(lots, name, lot)
    {
        struct lethe_draw draw;
        char n[3][24];
        if (rc < 0 || lethe_lot_last(cli, name, &draw, NULL) < 0)
            memset(&draw, 0, sizeof draw);
        json_object_set_new(lot, "draws", json_integer((json_int_t)draw.number));
        lethe_text_format(n[0], sizeof n[0], "%" JSON_INTEGER_FORMAT,
                          json_integer_value(json_object_get(lot, "certificates")));
        lethe_text_format(n[1], sizeof n[1], "%" JSON_INTEGER_FORMAT,
                          json_integer_value(json_object_get(lot, "records")));
        lethe_text_format(n[2], sizeof n[2], draw.number ? "%zu of %zu" : "-", draw.sample,
                          draw.n_devices);
        lethe_draw_clear(&draw);
        lethe_table_row(&table, (const char *const[]){name, n[0], n[1], n[2]});
        json_array_append(array, lot);
    }
    if (rc >= 0 && o->json)
        lethe_cli_print_json(json_incref(array));
    else if (rc >= 0)
        lethe_table_print(&table, stdout);
    json_decref(array);
    lethe_table_clear(&table);
    return rc;
}

/* ---- show ---- */
struct given {
    struct lethe_span *files;
    size_t n;
    struct lethe_lot_record *draws, *retests;
};

static int give(struct lethe_cli *cli, const struct lethe_lot *lot, struct given *out,
                struct lethe_error *err)
{
    int rc = lethe_lot_records(cli, lot->name, ".draw-", &out->draws, err);
    size_t n = lot->n;
    if (rc == 0)
        rc = lethe_lot_records(cli, lot->name, ".retest-", &out->retests, err);
    for (size_t i = 0; rc == 0 && out->draws[i].text; i++)
        n++;
    for (size_t i = 0; rc == 0 && out->retests[i].text; i++)
        n++;
    out->files = calloc(n + 1, sizeof *out->files);
    if (rc == 0 && !out->files)
        rc = lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    for (size_t i = 0; rc == 0 && out->draws[i].text; i++)
        out->files[out->n++] = (struct lethe_span){out->draws[i].text, out->draws[i].len};
    for (size_t i = 0; rc == 0 && out->retests[i].text; i++)
        out->files[out->n++] = (struct lethe_span){out->retests[i].text, out->retests[i].len};
    for (size_t i = 0; rc == 0 && i < lot->n; i++)
        out->files[out->n++] =
            (struct lethe_span){lot->devices[i].sdjwt, strlen(lot->devices[i].sdjwt)};
    return rc;
}

static json_t *drawn_json(const struct lethe_lot *lot, const struct lethe_draw *draw)
{
    json_t *drawn = json_array();
    for (size_t i = 0; i < draw->sample; i++)
        for (size_t k = 0; k < lot->n; k++)
            if (strcmp(lot->devices[k].jti, draw->devices[i].jti) == 0)
                json_array_append_new(drawn, json_pack("{s:s,s:s,s:s}", "job", lot->devices[k].job,
                                                       "certificate", lot->devices[k].jti, "device",
                                                       lot->devices[k].device));
    return drawn;
}

static void print_show(const struct lethe_cli *cli, const struct lethe_lot *lot,
                       const struct lethe_draw *draw, const struct lethe_batch_report *report)
{
    bool valid = report->verdict == LETHE_VERDICT_VALID;
    printf("%-12s %s\n%-12s %zu certified, %zu not\n", "lot", lot->name, "devices",
           lot->n_certificates, lot->n - lot->n_certificates);
    printf("%-12s %zu of %zu, for a confidence of %g %% to find %g %% bad\n", "drawn", draw->sample,
           draw->n_devices, draw->confidence_ppm / 1e4, draw->bad_ppm / 1e4);
    printf("%-12s %zu clean, %zu with residue, %zu missing\n", "tested", report->clean,
           report->residue, report->missing);
    for (size_t i = 0; i < draw->sample; i++)
        for (size_t k = 0; k < lot->n; k++)
            if (strcmp(lot->devices[k].jti, draw->devices[i].jti) == 0)
                printf("%-12s %s  %s\n", "", lot->devices[k].job, lot->devices[k].device);
    for (size_t i = 0; i < report->n_reasons; i++)
        printf("%-12s %s [%s]\n",
               report->reasons[i].weight == LETHE_VERDICT_VALID ? "remark" : "because",
               report->reasons[i].text, report->reasons[i].code);
    printf("%s%-12s %s%s\n", lethe_color(cli, 1, valid ? LETHE_GREEN : LETHE_RED), "statement",
           valid ? report->statement : "none: nothing can be said of this lot",
           lethe_color(cli, 1, LETHE_PLAIN));
}

static int show(struct lethe_cli *cli, const struct lethe_lot_options *o, int *status,
                struct lethe_error *err)
{
    struct lethe_lot lot = {0};
    struct given given = {0};
    struct lethe_lot_trust trust = {0};
    struct lethe_draw draw = {0};
    struct lethe_batch_report report;
    int rc = lethe_lot_collect(cli, o->id, &lot, err);
    if (rc >= 0)
        rc = lethe_lot_last(cli, o->id, &draw, err);
    if (rc >= 0)
        rc = give(cli, &lot, &given, err);
    if (rc >= 0)
        rc = lethe_lot_trust(cli, &trust, err);
    if (rc >= 0) {
        struct lethe_verify_policy policy = {.trust = trust.trust,
                                             .now = lethe_now_ms(),
                                             .allow_substrates = o->allow_substrates,
                                             .log_vkeys = trust.vkeys};
        lethe_batch_verify(given.files, given.n, &policy, &report);
        *status = (int)report.verdict;
        json_t *json = o->json ? lethe_batch_report_to_json(&report) : NULL;
        if (json) {
            json_object_set_new(json, "drawn", drawn_json(&lot, &draw));
            lethe_cli_print_json(json);
        } else {
            print_show(cli, &lot, &draw, &report);
        }
    }
    lethe_lot_records_free(given.draws);
    lethe_lot_records_free(given.retests);
    free(given.files);
    lethe_lot_trust_clear(&trust);
    lethe_draw_clear(&draw);
    lethe_lot_clear(&lot);
    return rc;
}

int lethe_cmd_lot(struct lethe_cli *cli, int argc, char **argv)
{
    struct lethe_lot_options o = {.residue = -1, .confidence_ppm = 950000, .bad_ppm = 50000};
    struct lethe_error err = {0};
    int status = 0, rc = 0;
    lethe_cli_parse(&argp, argc, argv, &o);
    if (!strcmp(o.verb, "draw"))
        rc = lethe_lot_draw(cli, &o, &err);
    else if (!strcmp(o.verb, "retest"))
        rc = lethe_lot_retest(cli, &o, &err);
    else if ((rc = lethe_cli_look_store(cli, &err)) >= 0)
        rc = !strcmp(o.verb, "list") ? list(cli, &o, &err) : show(cli, &o, &status, &err);
    return rc < 0 ? lethe_cli_fail(cli, &err) : status;
}
