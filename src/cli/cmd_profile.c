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
           "device, in which order its techniques are tried, what is to be minded with it "
           "(quirks), and why profiles like it don't match."};

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

/* "path nvme-jmicron, slow": how a bridge is asked, and what is to be minded. */
static void quirks_text(const json_t *quirks, char *out, size_t out_size)
{
    const char *path = lethe_cli_text(quirks, "path");
    size_t i;
    json_t *word;
    out[0] = '\0';
    if (strcmp(path, "unknown") != 0)
        lethe_text_format(out, out_size, "path %s", path);
    json_array_foreach(json_object_get(quirks, "words"), i, word)
    {
        size_t len = strlen(out);
        lethe_text_format(out + len, out_size - len, "%s%s", len ? ", " : "",
                          json_string_value(word));
    }
}

static json_t *technique_json(const struct lethe_profile_technique *t)
{
    json_t *json = json_pack("{s:s, s:s, s:s}", "technique", t->technique, "status",
                             lethe_test_status_name(t->status), "evidence", t->evidence);
    if (json && t->since)
        json_object_set_new(json, "since", json_integer(t->since));
    if (json && t->until)
        json_object_set_new(json, "until", json_integer(t->until));
    return json;
}

static void print_technique(size_t number, const struct lethe_profile_technique *t)
{
    char since[24] = "", until[24] = "";
    if (t->since)
        lethe_text_format(since, sizeof since, ", version %u", t->since);
    if (t->until)
        lethe_text_format(until, sizeof until, " to %u", t->until);
    printf("  %zu. %s (%s%s%s)\n", number, t->technique, lethe_test_status_name(t->status), since,
           t->since && !t->until ? " on" : until);
}

static json_t *profile_to_json(const struct lethe_profile *p)
{
    json_t *techniques = json_array(), *limitations = json_array();
    for (size_t t = 0; t < p->n_techniques; t++)
        json_array_append_new(techniques, technique_json(&p->techniques[t]));
    for (size_t l = 0; l < p->n_limitations; l++)
        json_array_append_new(limitations, json_string(p->limitations[l]));
    return json_pack("{s:s, s:s, s:o, s:o, s:o, s:s, s:s}", "id", p->id, "title", p->title,
                     "techniques", techniques, "quirks", lethe_quirks_to_json(&p->quirks),
                     "limitations", limitations, "source", p->source, "hash", p->hash);
}

static void list(struct lethe_cli *cli, bool json)
{
    json_t *array = json_array();
    struct lethe_table table = {.n_columns = 4,
                                .titles = {"PROFILE", "PREFERRED", "QUIRKS", "TITLE"}};
    for (size_t i = 0; i < lethe_profile_count(cli->device_profiles); i++) {
        const struct lethe_profile *p = lethe_profile_at(cli->device_profiles, i);
        json_t *one = profile_to_json(p);
        char first[64], quirks[256];
        lethe_text_format(first, sizeof first, "%s (%s)", p->techniques[0].technique,
                          lethe_test_status_name(p->techniques[0].status));
        quirks_text(json_object_get(one, "quirks"), quirks, sizeof quirks);
        lethe_table_row(&table, (const char *const[]){p->id, first, quirks, p->title});
        json_array_append_new(array, one);
    }
    if (json) {
        lethe_cli_print_json(array);
    } else {
        json_decref(array);
        lethe_table_print(&table, stdout);
    }
    lethe_table_clear(&table);
}

/* Of another kind altogether: not worth a line. */
static bool is_far(const char *mismatch)
{
    static const char *const far[] = {"classes", "buses", "substrates", "usb_vendor", "vendor"};
    for (size_t i = 0; i < sizeof far / sizeof *far; i++)
        if (strcmp(mismatch, far[i]) == 0)
            return true;
    return false;
}

static void print_candidates(const json_t *why, const char *chosen)
{
    struct lethe_table table = {.n_columns = 3, .titles = {"PROFILE", "SCORE", "WHY NOT"}};
    size_t i, others = 0;
    json_t *candidate;
    json_array_foreach(json_object_get(why, "candidates"), i, candidate)
    {
        char score[24];
        const char *id = lethe_cli_text(candidate, "id");
        const char *mismatch = lethe_cli_text(candidate, "mismatch");
        if (is_far(mismatch)) {
            others++;
            continue;
        }
        lethe_text_format(score, sizeof score, "%" JSON_INTEGER_FORMAT,
                          json_integer_value(json_object_get(candidate, "score")));
        lethe_table_row(&table,
                        (const char *const[]){id, score,
                                              mismatch[0]           ? mismatch
                                              : !strcmp(id, chosen) ? "(chosen)"
                                                                    : "matches, less specific"});
    }
    lethe_table_print(&table, stdout);
    lethe_table_clear(&table);
    if (others)
        printf("%zu more are for other buses, makers and substrates (--json has them)\n", others);
}

static void print_chosen(const struct lethe_cli *cli, const char *chosen)
{
    for (size_t i = 0; i < lethe_profile_count(cli->device_profiles); i++) {
        const struct lethe_profile *p = lethe_profile_at(cli->device_profiles, i);
        if (strcmp(p->id, chosen) != 0)
            continue;
        for (size_t t = 0; t < p->n_techniques; t++)
            print_technique(t + 1, &p->techniques[t]);
        printf("  source: %s\n", p->source);
    }
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
    char quirks[256];
    const char *chosen = lethe_cli_text(why, "chosen");
    printf("%s: %s\n", target, chosen[0] ? chosen : "no profile matches");
    print_chosen(cli, chosen);
    quirks_text(json_object_get(why, "quirks"), quirks, sizeof quirks);
    printf("  quirks: %s\n", quirks[0] ? quirks : "none");
    print_candidates(why, chosen);
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
