/* SPDX-License-Identifier: Apache-2.0 */
/* lethe profile check|list|explain: what is known of families of devices. */
#include "cli.h"
#include "table.h"

#include <base/file.h>
#include <base/text.h>
#include <stdlib.h>
#include <string.h>

struct options {
    bool json;
    const char *verb;
    int n_args;
    char **args; /* after the verb */
};

static const struct argp_option options[] = {{"json", 'j', NULL, 0, "For programs", 0}, {0}};

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
    struct options *o = state->input;
    switch (key) {
    case 'j':
        o->json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (!o->verb)
            o->verb = arg;
        else
            o->args[o->n_args++] = arg;
        return 0;
    case ARGP_KEY_END:
        if (!o->verb || (strcmp(o->verb, "list") != 0 && strcmp(o->verb, "check") != 0 &&
                         strcmp(o->verb, "explain") != 0))
            argp_error(state, "list, check or explain?");
        if (!strcmp(o->verb, "check") && o->n_args == 0)
            argp_error(state, "check which files?");
        if (!strcmp(o->verb, "explain") && o->n_args != 1)
            argp_error(state, "explain for which one device?");
        if (!strcmp(o->verb, "list") && o->n_args != 0)
            argp_error(state, "unexpected '%s'", o->args[0]);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    .options = options,
    .parser = parse_option,
    .args_doc = "list\ncheck FILE...\nexplain TARGET",
    .doc = "The device profiles: what is known of families of devices.\v"
           "Examples:\n"
           "  lethe profile list\n"
           "  lethe profile check my-stick.yaml profiles/policies/r2v3.yaml\n"
           "  lethe profile explain /dev/sdb\n"
           "\n"
           "check reads device profiles and policies alike. explain tells which profile matches a "
           "device, and why the others don't."};

/* Only device profiles have a `match`. */
static bool looks_like_profile(const char *text)
{
    return !strncmp(text, "match:", 6) || strstr(text, "\nmatch:");
}

static int check_file(const char *file, struct lethe_error *err)
{
    char *text = NULL;
    size_t len = 0;
    int rc = lethe_file_read(file, 256 * 1024, &text, &len, err);
    if (rc < 0)
        return rc;
    if (looks_like_profile(text)) {
        struct lethe_profile *profile = NULL;
        rc = lethe_profile_parse(file, text, len, &profile, err);
        if (rc >= 0)
            lethe_profile_free(profile);
    } else {
        struct lethe_policy *policy = NULL;
        rc = lethe_policy_parse(file, text, len, &policy, err);
        if (rc >= 0)
            lethe_policy_free(policy);
    }
    free(text);
    return rc;
}

static int check(const struct lethe_cli *cli, const struct options *o)
{
    int status = 0;
    for (int i = 0; i < o->n_args; i++) {
        struct lethe_error err = {0};
        bool ok = check_file(o->args[i], &err) >= 0;
        if (o->json) {
            json_t *line = json_pack("{s:s, s:b}", "file", o->args[i], "ok", (int)ok);
            if (!ok)
                json_object_set_new(line, "error", lethe_cli_error_to_json(&err));
            lethe_cli_print_line(line);
        } else if (ok) {
            printf("%s: good\n", o->args[i]);
        } else {
            lethe_cli_print_error(cli, NULL, &err);
        }
        if (!ok)
            status = status == 1 ? 1 : lethe_cli_exit(&err);
    }
    return status;
}

static void list(struct lethe_cli *cli, bool json)
{
    json_t *array = json_array();
    struct lethe_table table = {.n_columns = 3, .titles = {"PROFILE", "TECHNIQUES", "TITLE"}};
    for (size_t i = 0; i < lethe_profile_count(cli->device_profiles); i++) {
        const struct lethe_profile *p = lethe_profile_at(cli->device_profiles, i);
        char names[400] = "";
        size_t len = 0;
        json_t *techniques = json_array();
        for (size_t t = 0; t < p->n_techniques; t++) {
            const struct lethe_profile_technique *technique = &p->techniques[t];
            const char *status = lethe_test_status_name(technique->status);
            if (lethe_text_format(names + len, sizeof names - len, "%s%s (%s)", t ? ", " : "",
                                  technique->technique, status))
                len += strlen(names + len);
            json_array_append_new(techniques,
                                  json_pack("{s:s, s:s, s:s}", "technique", technique->technique,
                                            "status", status, "evidence", technique->evidence));
        }
        json_array_append_new(array, json_pack("{s:s, s:s, s:o, s:s, s:s}", "id", p->id, "title",
                                               p->title, "techniques", techniques, "source",
                                               p->source, "hash", p->hash));
        lethe_table_row(&table, (const char *const[]){p->id, names, p->title});
    }
    if (json) {
        lethe_cli_print_json(array);
    } else {
        json_decref(array);
        lethe_table_print(&table, stdout);
    }
    lethe_table_clear(&table);
}

static int explain(struct lethe_cli *cli, const char *target, bool json, struct lethe_error *err)
{
    struct lethe_device device = {0};
    int rc = lethe_cli_target(cli, target, &device, err);
    if (rc < 0)
        return rc;
    json_t *why = lethe_profile_explain(cli->device_profiles, &device.identity);
    lethe_device_clear(&device);
    if (!why)
        return lethe_fail(err, LETHE_E_INTERNAL, "out of memory");
    if (json) {
        lethe_cli_print_json(why);
        return 0;
    }
    const char *chosen = lethe_cli_text(why, "chosen");
    printf("%s: %s\n", target, chosen[0] ? chosen : "no profile matches");
    struct lethe_table table = {.n_columns = 3, .titles = {"PROFILE", "SCORE", "WHY NOT"}};
    size_t i;
    json_t *candidate;
    json_array_foreach(json_object_get(why, "candidates"), i, candidate)
    {
        char score[24];
        lethe_text_format(score, sizeof score, "%" JSON_INTEGER_FORMAT,
                          json_integer_value(json_object_get(candidate, "score")));
        const char *id = lethe_cli_text(candidate, "id");
        const char *mismatch = lethe_cli_text(candidate, "mismatch");
        lethe_table_row(&table,
                        (const char *const[]){id, score,
                                              mismatch[0]           ? mismatch
                                              : !strcmp(id, chosen) ? "(chosen)"
                                                                    : "matches, less specific"});
    }
    lethe_table_print(&table, stdout);
    lethe_table_clear(&table);
    json_decref(why);
    return 0;
}

int lethe_cmd_profile(struct lethe_cli *cli, int argc, char **argv)
{
    struct lethe_error err = {0};
    struct options o = {.args = calloc((size_t)argc, sizeof *o.args)};
    lethe_cli_parse(&argp, argc, argv, &o);
    int status = 0;
    if (!strcmp(o.verb, "check"))
        status = check(cli, &o);
    else if (lethe_cli_load_profiles(cli, &err) < 0)
        status = lethe_cli_fail(cli, &err);
    else if (!strcmp(o.verb, "list"))
        list(cli, o.json);
    else if (explain(cli, o.args[0], o.json, &err) < 0)
        status = lethe_cli_fail(cli, &err);
    free(o.args);
    return status;
}
