/* SPDX-License-Identifier: Apache-2.0 */
/* lethe cert present: hand a certificate on with less disclosed than the issuer disclosed. */
#include "cert_present.h"

#include <base/buf.h>
#include <base/file.h>
#include <base/text.h>
#include <lethe/certificate.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAMES_MAX 64

struct options {
    const char *id, *file;
    bool list, json, only, hide;
    size_t n;
    char *names[NAMES_MAX];
};

/* Names between commas; the argument is taken apart where it stands. */
static void add_names(struct options *o, char *arg, struct argp_state *state)
{
    char *rest = arg;
    for (char *name; (name = strsep(&rest, ","));) {
        if (!name[0])
            argp_error(state, "an empty name");
        if (o->n == NAMES_MAX)
            argp_error(state, "more than %d names", NAMES_MAX);
        o->names[o->n++] = name;
    }
}

enum { OPT_HIDE = 0x100, OPT_ONLY, OPT_LIST };

static const struct argp_option options[] = {
    {"hide", OPT_HIDE, "NAME,...", 0, "Leave these out", 0},
    {"only", OPT_ONLY, "NAME,...", 0, "Leave out all but these", 0},
    {"list", OPT_LIST, NULL, 0, "What can be left out, and what it says", 0},
    {"output", 'o', "FILE", 0, "Where to (standard output)", 0},
    {"json", 'j', NULL, 0, "The list for programs", 0},
    {0}};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;
    switch (key) {
    case OPT_HIDE:
        o->hide = true;
        add_names(o, arg, state);
        return 0;
    case OPT_ONLY:
        o->only = true;
        add_names(o, arg, state);
        return 0;
    case OPT_LIST:
        o->list = true;
        return 0;
    case 'o':
        o->file = arg;
        return 0;
    case 'j':
        o->json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (o->id)
            argp_error(state, "unexpected '%s'", arg);
        o->id = arg;
        return 0;
    case ARGP_KEY_END:
        if (!o->id)
            argp_error(state, "present which certificate? (lethe cert list)");
        if (o->list + o->hide + o->only != 1)
            argp_error(state, "one of --hide, --only and --list");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    .options = options,
    .parser = parse_option,
    .args_doc = "ID",
    .doc =
        "Hand a certificate on with less disclosed: the issuer's signature goes on holding, and "
        "lethe-verify says how much is withheld.\v"
        "Examples:\n"
        "  lethe cert present 0199c2f4 --list\n"
        "  lethe cert present 0199c2f4 --hide customer,operator -o for-buyer.sdjwt\n"
        "  lethe cert present 0199c2f4 --only serial -o for-buyer.sdjwt\n"
        "\n"
        "The label and the PDF of the job show what they always showed: do not hand them on with "
        "it."};

struct presenting {
    const struct options *o;
    bool found[NAMES_MAX];
    json_t *list;
};

static bool choose(void *user, const char *name, const json_t *value)
{
    struct presenting *p = user;
    bool named = false;
    for (size_t i = 0; i < p->o->n; i++)
        if (strcmp(p->o->names[i], name) == 0)
            named = p->found[i] = true;
    /* An identifier's kind is its name already. */
    const json_t *inner = json_object_get(value, "value");
    json_array_append_new(p->list,
                          json_pack("{s:s, s:O}", "name", name, "value", inner ? inner : value));
    return p->o->only ? named : !named;
}

static void print_list(const json_t *list, bool json)
{
    size_t i;
    json_t *item;
    if (json) {
        lethe_cli_print_json(json_incref((json_t *)(uintptr_t)list));
        return;
    }
    json_array_foreach(list, i, item)
    {
        char *value = json_dumps(json_object_get(item, "value"), JSON_ENCODE_ANY);
        printf("%-20s %s\n", lethe_cli_text(item, "name"), value ? value : "");
        free(value);
    }
}

/* A name that is not there would have hidden nothing, and nobody would know. */
static int all_found(const struct presenting *p, struct lethe_error *err)
{
    LETHE_BUF_AUTO names = {0};
    size_t i;
    json_t *item;
    json_array_foreach(p->list, i, item)
        lethe_buf_printf(&names, "%s%s", i ? "," : "", lethe_cli_text(item, "name"));
    for (i = 0; i < p->o->n; i++) {
        if (p->found[i])
            continue;
        lethe_fail(err, LETHE_E_NOT_FOUND, "nothing called '%s' is disclosed in it",
                   p->o->names[i]);
        lethe_error_remedy(err, "It discloses: %.200s", names.data ? names.data : "nothing");
        return -LETHE_E_NOT_FOUND;
    }
    return 0;
}

static int present(const struct options *o, const char *text, struct lethe_error *err)
{
    struct presenting p = {.o = o, .list = json_array()};
    char *out = NULL;
    int rc = lethe_certificate_present(text, strlen(text), choose, &p, &out, err);
    if (rc >= 0 && !o->list)
        rc = all_found(&p, err);
    if (rc >= 0 && o->list)
        print_list(p.list, o->json);
    else if (rc >= 0 && o->file && strcmp(o->file, "-") != 0)
        rc = lethe_file_write(o->file, out, strlen(out), 0644, err);
    else if (rc >= 0 && (fputs(out, stdout) < 0 || fflush(stdout) != 0))
        rc = lethe_fail(err, LETHE_E_IO, "writing to standard output failed");
    json_decref(p.list);
    free(out);
    return rc;
}

int lethe_cert_present(struct lethe_cli *cli, int argc, char **argv)
{
    struct options o = {0};
    struct lethe_error err = {0};
    char *text = NULL, job[37];
    lethe_cli_parse(&argp, argc, argv, &o);
    int rc = lethe_cli_look_store(cli, &err);
    if (rc >= 0)
        rc = lethe_store_certificate_get(cli->store, o.id, &text, job, &err);
    if (rc >= 0)
        rc = present(&o, text, &err);
    free(text);
    return rc < 0 ? lethe_cli_fail(cli, &err) : 0;
}
