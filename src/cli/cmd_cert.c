/* SPDX-License-Identifier: Apache-2.0 */
/* lethe cert list|show|export, and what has its own file: what this bench has certified. */
#include "cert_paper.h"
#include "cert_present.h"
#include "cert_qr.h"
#include "cert_validate.h"
#include "cli.h"
#include "table.h"

#include <base/file.h>
#include <base/json.h>
#include <base/text.h>
#include <base/time.h>
#include <lethe/certificate.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct options {
    bool json;
    const char *verb, *id, *format, *lang, *file;
};

enum { OPT_FORMAT = 0x100, OPT_LANG };

static const struct argp_option options[] = {
    {"format", OPT_FORMAT, "FORMAT", 0, "sd-jwt (what verifies), pdf, json or html", 0},
    {"lang", OPT_LANG, "LANG", 0, "Language of the page: en, zh or both", 0},
    {"output", 'o', "FILE", 0, "Where to (standard output)", 0},
    {"json", 'j', NULL, 0, "For programs", 0},
    {0}};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;
    switch (key) {
    case OPT_FORMAT:
        o->format = arg;
        return 0;
    case OPT_LANG:
        o->lang = lethe_cli_lang(arg, state);
        return 0;
    case 'o':
        o->file = arg;
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
        if (!o->verb || (strcmp(o->verb, "list") != 0 && strcmp(o->verb, "show") != 0 &&
                         strcmp(o->verb, "export") != 0))
            argp_error(state, "list, show, export, label, present, qr, report or validate?");
        if (strcmp(o->verb, "list") != 0 && !o->id)
            argp_error(state, "%s which certificate? (lethe cert list)", o->verb);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    .options = options,
    .parser = parse_option,
    .args_doc = "list\nshow ID\nexport ID --format FORMAT -o FILE\n"
                "label ID --format FORMAT -o FILE\n"
                "present ID --hide NAME,... -o FILE\nqr ID\n"
                "report --lot LOT -o FILE\nvalidate ID --by NAME --decision WORD",
    .doc = "The certificates and records this bench has signed.\v"
           "Examples:\n"
           "  lethe cert list\n"
           "  lethe cert show 0199c2f4\n"
           "  lethe cert export 0199c2f4 --format sd-jwt -o disk.jwt\n"
           "  lethe cert export 0199c2f4 --format pdf --lang both -o disk.pdf\n"
           "  lethe cert export 0199c2f4 --format html --lang both -o disk.html\n"
           "  lethe cert label 0199c2f4 -o label.pdf\n"
           "  lethe cert qr 0199c2f4\n"
           "  lethe cert present 0199c2f4 --hide customer -o for-buyer.sdjwt\n"
           "  lethe cert report --lot 2026-47 -o lot.pdf\n"
           "\n"
           "ID is the id of a job or of a certificate, or its beginning (8 characters or more). "
           "Whoever gets the sd-jwt checks it with: lethe-verify disk.jwt --trust root.pem"};

/* "certificate" or "record": two types, so that nobody mistakes them. */
static const char *kind_of(const json_t *claims)
{
    return !strcmp(lethe_cli_text(claims, "vct"), LETHE_VCT_CERTIFICATE) ? "certificate" : "record";
}

struct listing {
    struct lethe_store *store;
    json_t *array;
    struct lethe_table table;
    struct lethe_error err;
    int rc;
};

static int add(void *user, const struct lethe_job_row *row)
{
    struct listing *listing = user;
    char *text = NULL, job[37], time[21];
    if (!row->certified)
        return 0;
    LETHE_JSON_AUTO *claims = NULL;
    listing->rc = lethe_store_certificate_get(listing->store, row->id, &text, job, &listing->err);
    if (listing->rc >= 0)
        listing->rc = lethe_certificate_decode(text, strlen(text), &claims, &listing->err);
    free(text);
    if (listing->rc < 0)
        return 1;
    lethe_time_format(time, (uint64_t)json_integer_value(json_object_get(claims, "iat")) * 1000);
    json_array_append_new(listing->array, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "id",
                                                    lethe_cli_text(claims, "jti"), "job", row->id,
                                                    "kind", kind_of(claims), "issued", time,
                                                    "outcome", lethe_outcome_name(row->outcome),
                                                    "device", row->device, "policy", row->policy));
    time[16] = '\0';
    time[10] = ' ';
    lethe_table_row(&listing->table,
                    (const char *const[]){row->id, kind_of(claims), time, row->device,
                                          lethe_outcome_name(row->outcome)});
    return 0;
}

static int list(struct lethe_cli *cli, bool json, struct lethe_error *err)
{
    struct listing listing = {
        .store = cli->store,
        .array = json_array(),
        .table = {.n_columns = 5, .titles = {"JOB", "KIND", "ISSUED (UTC)", "DEVICE", "OUTCOME"}},
    };
    int rc = lethe_store_jobs(cli->store, false, add, &listing, err);
    if (rc >= 0 && listing.rc < 0) {
        rc = listing.rc;
        *err = listing.err;
    }
    if (rc >= 0 && json)
        lethe_cli_print_json(json_incref(listing.array));
    else if (rc >= 0)
        lethe_table_print(&listing.table, stdout);
    json_decref(listing.array);
    lethe_table_clear(&listing.table);
    return rc;
}

static void print_claims(const json_t *value, const char *name, int depth)
{
    const char *key;
    json_t *member;
    size_t i;
    if (json_is_object(value)) {
        if (name)
            printf("%*s%s\n", depth * 2, "", name);
        json_object_foreach((json_t *)(uintptr_t)value, key, member)
            print_claims(member, key, name ? depth + 1 : depth);
    } else if (json_is_array(value)) {
        json_array_foreach(value, i, member) print_claims(member, name, depth);
    } else if (json_is_string(value)) {
        printf("%*s%-*s %s\n", depth * 2, "", 22 - depth * 2, name, json_string_value(value));
    } else if (json_is_integer(value)) {
        printf("%*s%-*s %" JSON_INTEGER_FORMAT "\n", depth * 2, "", 22 - depth * 2, name,
               json_integer_value(value));
    } else {
        printf("%*s%-*s %s\n", depth * 2, "", 22 - depth * 2, name,
               json_is_true(value) ? "yes" : "no");
    }
}

static int show(const char *text, bool json, struct lethe_error *err)
{
    json_t *claims = NULL;
    int rc = lethe_certificate_decode(text, strlen(text), &claims, err);
    if (rc < 0)
        return rc;
    if (json) {
        lethe_cli_print_json(claims);
        return 0;
    }
    printf("%-22s %s\n", "kind", kind_of(claims));
    print_claims(claims, NULL, 0);
    json_decref(claims);
    return 0;
}

/* A page is signed: it needs the bench's key, which a format does not. */
static int export_pdf(struct lethe_cli *cli, const struct options *o, const char *job,
                      const char *text, struct lethe_error *err)
{
    char *out = NULL;
    size_t len = 0;
    int rc = lethe_cert_pdf(cli, job, text, o->lang ? o->lang : cli->lang, &out, &len, err);
    if (rc == 0)
        rc = lethe_cert_give(o->file, out, len, err);
    free(out);
    return rc;
}

static int export(struct lethe_cli *cli, const struct options *o, const char *job, const char *text,
                  struct lethe_error *err)
{
    const char *name = o->format ? o->format : "sd-jwt";
    const struct lethe_format *format = lethe_format_find(name);
    if (strcmp(name, "pdf") == 0)
        return export_pdf(cli, o, job, text, err);
    if (!format) {
        char names[128] = " pdf";
        for (size_t i = 0; i < lethe_format_count(); i++)
            lethe_text_format(names + strlen(names), sizeof names - strlen(names), " %s",
                              lethe_format_at(i)->name);
        lethe_fail(err, LETHE_E_USAGE, "there is no format '%s'", name);
        lethe_error_remedy(err, "--format, one of:%s", names);
        return -LETHE_E_USAGE;
    }
    char *out = NULL;
    size_t len = 0;
    int rc = format->render(text, strlen(text), o->lang ? o->lang : cli->lang, &out, &len, err);
    if (rc < 0)
        return rc;
    rc = lethe_cert_give(o->file, out, len, err);
    free(out);
    return rc;
}

/* Verbs with options of their own, each in its file. */
static struct {
    char title[24]; /* argp wants it as argv[0] */
    int (*run)(struct lethe_cli *cli, int argc, char **argv);
} verbs[] = {
    {"lethe cert label", lethe_cert_label},
    {"lethe cert present", lethe_cert_present},
    {"lethe cert qr", lethe_cert_qr},
    {"lethe cert report", lethe_cert_report},
    {"lethe cert validate", lethe_cert_validate},
};

int lethe_cmd_cert(struct lethe_cli *cli, int argc, char **argv)
{
    struct options o = {0};
    struct lethe_error err = {0};
    char *text = NULL, job[37];
    for (size_t i = 0; argc > 1 && i < sizeof verbs / sizeof verbs[0]; i++) {
        if (strcmp(argv[1], verbs[i].title + strlen("lethe cert ")) != 0)
            continue;
        argv[1] = verbs[i].title;
        return verbs[i].run(cli, argc - 1, argv + 1);
    }
    lethe_cli_parse(&argp, argc, argv, &o);
    int rc = lethe_cli_look_store(cli, &err);
    if (rc >= 0 && !o.id)
        rc = list(cli, o.json, &err);
    else if (rc >= 0)
        rc = lethe_store_certificate_get(cli->store, o.id, &text, job, &err);
    if (rc >= 0 && o.id)
        rc = !strcmp(o.verb, "show") ? show(text, o.json, &err) : export(cli, &o, job, text, &err);
    free(text);
    return rc < 0 ? lethe_cli_fail(cli, &err) : 0;
}
