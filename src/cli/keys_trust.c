/* SPDX-License-Identifier: Apache-2.0 */
/* lethe keys trust-list: whom a marketplace believes, as one signed file. */
#include "keys.h"

#include <base/file.h>
#include <base/json.h>
#include <base/text.h>
#include <base/time.h>
#include <stdlib.h>
#include <string.h>

#define LIST_DAYS 30
#define DAY_MS (24ull * 3600 * 1000)

int lethe_keys_time(const char *text, const char *what, uint64_t *ms, struct lethe_error *err)
{
    char whole[32];
    if (lethe_time_parse(text, ms) == 0)
        return 0;
    if (strlen(text) == 10 && lethe_text_format(whole, sizeof whole, "%sT00:00:00Z", text) &&
        lethe_time_parse(whole, ms) == 0)
        return 0;
    lethe_fail(err, LETHE_E_USAGE, "%s: '%s' is no time", what, text);
    lethe_error_remedy(err, "%s 2026-11-23 or %s 2026-11-23T14:00:00Z (UTC)", what, what);
    return -LETHE_E_USAGE;
}

int lethe_keys_put(const struct lethe_keys_options *o, const char *text, struct lethe_error *err)
{
    if (o->file && strcmp(o->file, "-") != 0)
        return lethe_file_write(o->file, text, strlen(text), 0644, err);
    return fputs(text, stdout) >= 0 && fflush(stdout) == 0
               ? 0
               : lethe_fail(err, LETHE_E_IO, "writing to standard output failed");
}

int lethe_keys_give(const struct lethe_keys_options *o, const char *text, struct lethe_error *err)
{
    bool file = o->file && strcmp(o->file, "-") != 0;
    int rc = file || !o->json ? lethe_keys_put(o, text, err) : 0;
    if (rc >= 0 && o->json)
        lethe_cli_print_json(file ? json_pack("{s:o}", "file", lethe_cli_json_text(o->file))
                                  : json_pack("{s:s}", "list", text));
    return rc;
}

static int add(struct lethe_cli *cli, const struct lethe_keys_options *o, struct lethe_error *err)
{
    struct lethe_trust_list_wish wish = {.log_vkeys = o->vkeys, .status_uris = o->uris};
    char *pem, name[128];
    int rc = o->since ? lethe_keys_time(o->since, "--since", &wish.since, err) : 0;
    if (rc >= 0 && o->until)
        rc = lethe_keys_time(o->until, "--until", &wish.until, err);
    if (rc >= 0)
        rc = lethe_file_read(o->args[1], 1 << 20, &pem, &wish.root_len, err);
    if (rc < 0)
        return rc;
    wish.root_pem = pem;
    rc = lethe_trust_list_put(cli->state, &wish, name, err);
    free(pem);
    if (rc >= 0 && !o->json)
        printf("%s is on the list. Sign it: lethe keys trust-list sign -o FILE\n", name);
    else if (rc >= 0)
        lethe_cli_print_json(json_pack("{s:s}", "name", name));
    return rc;
}

static int sign(struct lethe_cli *cli, const struct lethe_keys_options *o, struct lethe_error *err)
{
    char *text;
    uint64_t now = lethe_now_ms();
    int rc = lethe_cli_may_sign(cli, err);
    if (rc >= 0)
        rc = lethe_trust_list_sign(cli->state, NULL, NULL, now,
                                   now + (o->days ? o->days : LIST_DAYS) * DAY_MS, &text, err);
    if (rc < 0)
        return rc;
    rc = lethe_keys_give(o, text, err);
    free(text);
    if (rc >= 0 && o->file && !o->json)
        printf("Who uses it pins this key: %s/trust/list.pub\n", cli->state);
    return rc;
}

static void show_one(const json_t *organisation)
{
    static const char *const times[] = {"since", "until"};
    printf("%s\n", lethe_cli_text(organisation, "name"));
    printf("  %-8s %zu\n", "roots", json_array_size(json_object_get(organisation, "roots")));
    for (size_t i = 0; i < 2; i++) {
        char time[21];
        const json_t *value = json_object_get(organisation, times[i]);
        if (!value)
            continue;
        lethe_time_format(time, (uint64_t)json_integer_value(value) * 1000);
        printf("  %-8s %s\n", times[i], time);
    }
    static const char *const lists[][2] = {{"log_vkeys", "log"}, {"status_uris", "status"}};
    for (size_t i = 0; i < 2; i++) {
        size_t k;
        json_t *text;
        json_array_foreach(json_object_get(organisation, lists[i][0]), k, text)
            printf("  %-8s %s\n", lists[i][1], json_string_value(text));
    }
}

static int show(struct lethe_cli *cli, const struct lethe_keys_options *o, struct lethe_error *err)
{
    char *text;
    int rc = lethe_trust_list_draft(cli->state, &text, err);
    if (rc < 0)
        return rc;
    json_t *draft = lethe_json_load(text, strlen(text), 8u << 20, err), *organisation;
    free(text);
    if (!draft)
        return -LETHE_E_INVALID;
    if (o->json) {
        lethe_cli_print_json(draft);
        return 0;
    }
    size_t i;
    json_array_foreach(json_object_get(draft, "organisations"), i, organisation)
        show_one(organisation);
    json_decref(draft);
    return 0;
}

int lethe_keys_verb_trust_list(struct lethe_cli *cli, const struct lethe_keys_options *o,
                               struct lethe_error *err)
{
    const char *verb = o->args[0];
    if (!strcmp(verb, "add") && o->n_args == 2)
        return add(cli, o, err);
    if (!strcmp(verb, "remove") && o->n_args == 2)
        return lethe_trust_list_remove(cli->state, o->args[1], err);
    if (!strcmp(verb, "sign") && o->n_args == 1)
        return sign(cli, o, err);
    if (!strcmp(verb, "show") && o->n_args == 1)
        return show(cli, o, err);
    lethe_fail(err, LETHE_E_USAGE, "what to do with the trust list?");
    lethe_error_remedy(err,
                       "lethe keys trust-list add ROOT.pem, remove NAME, sign -o FILE or show");
    return -LETHE_E_USAGE;
}
