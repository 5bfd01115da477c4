/* SPDX-License-Identifier: Apache-2.0 */
/* lethe policy list|show ID: the standards that can be met, as data. */
#include "cli.h"
#include "table.h"

#include <base/json.h>
#include <base/text.h>
#include <inttypes.h>
#include <string.h>

struct options {
    bool json;
    const char *verb, *id;
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
        else if (!o->id && !strcmp(o->verb, "show"))
            o->id = arg;
        else
            argp_error(state, "unexpected '%s'", arg);
        return 0;
    case ARGP_KEY_END:
        if (!o->verb || (strcmp(o->verb, "list") != 0 && strcmp(o->verb, "show") != 0))
            argp_error(state, "list or show?");
        if (!strcmp(o->verb, "show") && !o->id)
            argp_error(state, "show which policy? (lethe policy list)");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static const struct argp argp = {
    .options = options,
    .parser = parse_option,
    .args_doc = "list\nshow ID",
    .doc = "The policies: which standard asks for what, and how we know.\v"
           "Examples:\n"
           "  lethe policy list\n"
           "  lethe policy show gb-46864-2025\n"
           "  lethe policy show dod-3 --json | jq .rules"};

static json_t *rule_to_json(const struct lethe_policy_rule *rule)
{
    json_t *media = json_array(), *techniques = json_array(), *passes = json_array();
    for (unsigned m = 0; m < 32; m++)
        if (rule->media & 1U << m)
            json_array_append_new(media, json_string(lethe_media_name((enum lethe_media)m)));
    for (unsigned kind = 1; kind <= rule->kinds; kind <<= 1)
        if (rule->kinds & kind)
            json_array_append_new(techniques, json_string(lethe_technique_kind_name(
                                                  (enum lethe_technique_kind)kind)));
    for (size_t p = 0; p < rule->n_passes; p++)
        json_array_append_new(passes, json_string(rule->passes[p]));
    return json_pack("{s:o, s:o, s:o, s:b}", "media", media, "techniques", techniques, "passes",
                     passes, "phone_fill", rule->fill);
}

static json_t *policy_to_json(const struct lethe_policy *p)
{
    json_t *rules = json_array(), *required = json_array();
    for (size_t i = 0; i < p->n_rules; i++)
        json_array_append_new(rules, rule_to_json(&p->rules[i]));
    for (size_t i = 0; i < p->n_required; i++)
        json_array_append_new(required, json_string(p->required[i]));
    const struct lethe_verification_rule *v = &p->verification;
    json_t *verification =
        json_pack("{s:s, s:I, s:I, s:I, s:I, s:I}", "mode", lethe_verify_mode_name(v->mode),
                  "confidence_ppm", (json_int_t)v->confidence_ppm, "fraction_ppm",
                  (json_int_t)v->fraction_ppm, "subsections", (json_int_t)v->subsections, "samples",
                  (json_int_t)v->samples, "percent_ppm", (json_int_t)v->percent_ppm);
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:b, s:s, s:s, s:o, s:o, s:I, s:b, s:I, s:o, s:I, s:s, s:s}",
        "id", p->id, "title", p->title, "version", p->version, "source", p->source, "provenance",
        p->provenance, "read_in_full", (int)p->read_in_full, "method", lethe_method_name(p->method),
        "min_test_status", lethe_test_status_name(p->min_test_status), "rules", rules,
        "verification", verification, "canaries", (json_int_t)p->canaries, "exceptions_allowed",
        (int)p->exceptions_allowed, "exceptions_max_sectors", (json_int_t)p->exceptions_max_sectors,
        "required", required, "retention_years", (json_int_t)p->retention_years, "statement",
        p->statement, "hash", p->hash);
}

static void percent(char *out, size_t out_size, uint32_t ppm)
{
    lethe_text_format(out, out_size, "%u.%04u", ppm / 10000, ppm % 10000);
    size_t len = strlen(out);
    while (out[len - 1] == '0')
        out[--len] = '\0';
    if (out[len - 1] == '.')
        out[--len] = '\0';
    lethe_text_format(out + len, out_size - len, " %%");
}

static void describe_verification(char *out, size_t out_size,
                                  const struct lethe_verification_rule *rule)
{
    char a[24], b[24];
    switch (rule->mode) {
    case LETHE_VERIFY_FULL:
        lethe_text_format(out, out_size, "every byte");
        break;
    case LETHE_VERIFY_CONFIDENCE:
        percent(a, sizeof a, rule->confidence_ppm);
        percent(b, sizeof b, rule->fraction_ppm);
        lethe_text_format(out, out_size, "sample: %s sure that at most %s is left", a, b);
        break;
    case LETHE_VERIFY_STRATA:
        percent(a, sizeof a, rule->percent_ppm);
        lethe_text_format(out, out_size, "sample: %u parts, %u x %s of each", rule->subsections,
                          rule->samples, a);
        break;
    default:
        lethe_text_format(out, out_size, "none");
    }
}

static void print_policy(const struct lethe_policy *p)
{
    char text[160];
    printf("%-12s %s\n%-12s %s\n%-12s %s\n", "policy", p->id, "title", p->title, "method",
           lethe_method_name(p->method));
    printf("%-12s %s%s\n", "version", p->version,
           p->read_in_full ? "" : " (the standard was not read in full)");
    for (size_t i = 0; i < p->n_rules; i++) {
        LETHE_JSON_AUTO *rule = rule_to_json(&p->rules[i]);
        static const char *const lists[] = {"media", "techniques", "passes"};
        for (size_t l = 0; l < 3; l++) {
            size_t k;
            json_t *value;
            printf("%-12s", l == 0 ? "for" : l == 1 ? "  by" : "  passes");
            json_array_foreach(json_object_get(rule, lists[l]), k, value)
                printf("%s %s", k ? "," : "", json_string_value(value));
            puts(l == 2 && p->rules[i].n_passes == 0 ? " (host overwrite does not satisfy it)"
                                                     : "");
        }
        if (p->rules[i].fill)
            puts("  of phones  one fill of the user storage, read back in samples, counts");
    }
    describe_verification(text, sizeof text, &p->verification);
    printf("%-12s %s\n%-12s %u\n", "verify", text, "canaries", p->canaries);
    if (p->exceptions_allowed)
        printf("%-12s up to %" PRIu64 " sectors\n", "exceptions", p->exceptions_max_sectors);
    else
        printf("%-12s none\n", "exceptions");
    if (p->n_required) {
        printf("%-12s", "record");
        for (size_t i = 0; i < p->n_required; i++)
            printf("%s %s", i ? "," : "", p->required[i]);
        putchar('\n');
    }
    printf("%-12s %u years\n%-12s %s\n%-12s %s\n%-12s %s\n%-12s %s\n", "keep", p->retention_years,
           "source", p->source, "provenance", p->provenance, "statement", p->statement, "hash",
           p->hash);
}

int lethe_cmd_policy(struct lethe_cli *cli, int argc, char **argv)
{
    struct options o = {0};
    struct lethe_error err = {0};
    lethe_cli_parse(&argp, argc, argv, &o);
    if (lethe_cli_load_policies(cli, &err) < 0)
        return lethe_cli_fail(cli, &err);
    if (o.id) {
        const struct lethe_policy *policy = lethe_policy_find(cli->policies, o.id, &err);
        if (!policy)
            return lethe_cli_fail(cli, &err);
        if (o.json)
            lethe_cli_print_json(policy_to_json(policy));
        else
            print_policy(policy);
        return 0;
    }
    json_t *array = json_array();
    struct lethe_table table = {.n_columns = 3, .titles = {"POLICY", "METHOD", "TITLE"}};
    for (size_t i = 0; i < lethe_policy_count(cli->policies); i++) {
        const struct lethe_policy *p = lethe_policy_at(cli->policies, i);
        json_array_append_new(array, policy_to_json(p));
        lethe_table_row(&table,
                        (const char *const[]){p->id, lethe_method_name(p->method), p->title});
    }
    if (o.json) {
        lethe_cli_print_json(array);
    } else {
        json_decref(array);
        lethe_table_print(&table, stdout);
    }
    lethe_table_clear(&table);
    return 0;
}
