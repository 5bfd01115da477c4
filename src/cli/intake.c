/* SPDX-License-Identifier: Apache-2.0 */
#include "intake.h"

#include "ask.h"
#include "firmware.h"
#include "plan_text.h"

#include <base/json.h>
#include <base/text.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void lethe_intake_init(struct lethe_intake *intake, struct lethe_cli *cli)
{
    *intake = (struct lethe_intake){.cli = cli};
    lethe_record_init(&intake->common);
}

void lethe_intake_clear(struct lethe_intake *intake)
{
    for (size_t i = 0; i < intake->n; i++) {
        lethe_device_clear(&intake->items[i].device);
        lethe_record_clear(&intake->items[i].record);
        free(intake->items[i].plan);
    }
    free(intake->items);
    lethe_device_list_clear(&intake->all);
    lethe_manifest_clear(&intake->manifest);
    lethe_record_clear(&intake->common);
    *intake = (struct lethe_intake){0};
}

static bool ready(const struct lethe_item *item)
{
    return item->planned && item->refusal.code == 0;
}

size_t lethe_intake_ready(const struct lethe_intake *intake)
{
    size_t n = 0;
    for (size_t i = 0; i < intake->n; i++)
        n += ready(&intake->items[i]);
    return n;
}

static struct lethe_item *add_item(struct lethe_intake *intake, const char *target)
{
    struct lethe_item *grown = realloc(intake->items, (intake->n + 1) * sizeof *grown);
    if (!grown)
        return NULL;
    intake->items = grown;
    struct lethe_item *item = &grown[intake->n];
    *item = (struct lethe_item){.plan = calloc(1, sizeof *item->plan)};
    if (!item->plan)
        return NULL;
    lethe_text_format(item->target, sizeof item->target, "%s", target);
    lethe_record_init(&item->record);
    intake->n++;
    return item;
}

static int add_target(struct lethe_intake *intake, const char *target, struct lethe_error *err)
{
    struct lethe_item *item = add_item(intake, target);
    if (!item)
        return lethe_fail(err, LETHE_E_INTERNAL, "out of memory");
    if (lethe_cli_target(intake->cli, target, &item->device, &item->refusal) < 0)
        return 0;
    item->found = true;
    for (size_t i = 0; i + 1 < intake->n; i++)
        if (intake->items[i].found && !strcmp(intake->items[i].device.target, item->device.target))
            return lethe_fail(err, LETHE_E_USAGE, "%s and %s are the same device",
                              intake->items[i].target, target);
    return lethe_cli_attach(&intake->all, &item->device, err);
}

static bool names_attached(const struct lethe_intake *intake, const char *identifier)
{
    for (size_t i = 0; i < intake->all.n; i++)
        if (lethe_identity_named(&intake->all.devices[i].identity, identifier))
            return true;
    return false;
}

static bool is_among(const struct lethe_intake *intake, const struct lethe_device *device)
{
    for (size_t i = 0; i < intake->n; i++)
        if (intake->items[i].found && !strcmp(intake->items[i].device.target, device->target))
            return true;
    return false;
}

/* The scan knows a phone by its USB serial number only. A line that names nothing seen by that may
 * name one by what it says itself: its maker's serial number, IMEI or UDID. And what confirms a
 * phone must not be what another one says of itself, too. */
static int ask_phones(struct lethe_intake *intake, struct lethe_error *err)
{
    bool wanted = false;
    for (size_t l = 0; l < intake->manifest.n && !wanted; l++)
        wanted = !names_attached(intake, intake->manifest.lines[l].identifier);
    for (size_t i = 0; i < intake->n && !wanted; i++)
        wanted =
            intake->items[i].found && lethe_class_is_phone(intake->items[i].device.identity.class_);
    struct lethe_device **phones = calloc(intake->all.n ? intake->all.n : 1, sizeof *phones);
    size_t n = 0;
    if (!phones)
        return lethe_fail(err, LETHE_E_INTERNAL, "out of memory");
    for (size_t i = 0; wanted && i < intake->all.n; i++)
        if (lethe_class_is_phone(intake->all.devices[i].identity.class_) &&
            !is_among(intake, &intake->all.devices[i]))
            phones[n++] = &intake->all.devices[i];
    int rc = n > 0 ? lethe_cli_probe(intake->cli, phones, n, err) : 0;
    free(phones);
    return rc;
}

static int add_by_manifest(struct lethe_intake *intake, struct lethe_error *err)
{
    for (size_t i = 0; i < intake->all.n; i++) {
        const struct lethe_device *device = &intake->all.devices[i];
        bool named = false;
        for (size_t l = 0; l < intake->manifest.n && !named; l++)
            named = lethe_identity_named(&device->identity, intake->manifest.lines[l].identifier);
        if (!named)
            continue;
        struct lethe_item *item = add_item(intake, device->target);
        if (!item || lethe_device_copy(device, &item->device) < 0)
            return lethe_fail(err, LETHE_E_INTERNAL, "out of memory");
        item->found = true;
    }
    if (intake->n > 0)
        return 0;
    lethe_fail(err, LETHE_E_REFUSED, "the manifest names none of the devices that are attached");
    lethe_error_effect(err, "nothing was sent to any device");
    lethe_error_remedy(err, "lethe list, and compare its serial numbers with the manifest's");
    return -LETHE_E_REFUSED;
}

/* What its label or box says. A phone that tells its own must agree: else the label is another's.
 */
static int add_imei(const struct lethe_intake *intake, struct lethe_item *item)
{
    struct lethe_identity *identity = &item->device.identity;
    if (intake->n_imei && !lethe_class_is_phone(identity->class_)) {
        lethe_fail(&item->refusal, LETHE_E_REFUSED,
                   "an IMEI was given, and %s is no phone or tablet: it has none", item->target);
        lethe_error_effect(&item->refusal, "nothing was sent to %s", item->target);
        lethe_error_remedy(
            &item->refusal,
            "leave --imei out, or name the phone (lethe list); what else is to be on "
            "the certificate: --asset-tag, --field");
        return -LETHE_E_REFUSED;
    }
    for (size_t i = 0; i < intake->n_imei; i++) {
        const struct lethe_identifier *given = &intake->imei[i];
        const struct lethe_identifier *own = NULL;
        bool same = false;
        for (size_t k = 0; k < identity->n_identifiers; k++)
            if (identity->identifiers[k].kind == LETHE_ID_IMEI) {
                own = own ? own : &identity->identifiers[k];
                same = same || strcmp(identity->identifiers[k].value, given->value) == 0;
            }
        if (own && !same) {
            lethe_fail(&item->refusal, LETHE_E_REFUSED,
                       "IMEI %s was given, but %s says that its own is %s", given->value,
                       item->target, own->value);
            lethe_error_effect(&item->refusal, "nothing was sent to %s", item->target);
            lethe_error_remedy(&item->refusal, "look whether label and phone belong together");
            return -LETHE_E_REFUSED;
        }
        if (!same)
            lethe_identity_add(identity, LETHE_ID_IMEI, given->source, given->value);
    }
    return 0;
}

/* For a program, before anything is confirmed: a line for each. */
static void tell_warnings(const struct lethe_item *item)
{
    size_t i;
    json_t *warning;
    LETHE_JSON_AUTO *warnings = lethe_firmware_warnings(item->device.facts);
    json_array_foreach(warnings, i, warning)
    {
        lethe_cli_print_line(json_pack("{s:s, s:s, s:O}", "type", "warning", "target", item->target,
                                       "warning", warning));
    }
}

/* Would the PSID on the label let it be planned, and is there somebody to read it? */
static bool ask_psid(struct lethe_intake *intake, struct lethe_item *item,
                     const struct lethe_device *planned, const char *policy)
{
    struct lethe_facts *facts = item->device.facts;
    char what[400], describe[320];
    if (!facts || item->psid || intake->quiet || !lethe_ask_possible())
        return false;
    facts->psid = true;
    bool helps = lethe_cli_plan(intake->cli, planned, policy, &intake->plan, item->plan, NULL) >= 0;
    facts->psid = false;
    if (!helps)
        return false;
    lethe_cli_describe(describe, sizeof describe, &item->device.identity);
    lethe_text_format(what, sizeof what, "%s, %s", item->target, describe);
    if (!lethe_ask_psid(what, item->read_psid, sizeof item->read_psid))
        return false;
    item->psid = item->read_psid;
    facts->psid = true;
    return true;
}

static int plan_with(struct lethe_intake *intake, struct lethe_item *item, const char *policy)
{
    /* With faults stacked on it no device is real any more (rule 8). The device itself stays what
     * the scan saw: it is armed as that. */
    struct lethe_device planned = item->device;
    if (intake->faults)
        planned.identity.substrate = LETHE_SUBSTRATE_EMULATED;
    int rc =
        lethe_cli_plan(intake->cli, &planned, policy, &intake->plan, item->plan, &item->refusal);
    if (rc < 0 && ask_psid(intake, item, &planned, policy)) {
        item->refusal = (struct lethe_error){0};
        rc = lethe_cli_plan(intake->cli, &planned, policy, &intake->plan, item->plan,
                            &item->refusal);
    }
    return rc;
}

static void plan_item(struct lethe_intake *intake, struct lethe_item *item)
{
    const char *policy = item->line && item->line->policy[0] ? item->line->policy : intake->policy;
    if (item->line && item->line->policy[0] && intake->policy &&
        strcmp(item->line->policy, intake->policy) != 0) {
        lethe_fail(&item->refusal, LETHE_E_REFUSED,
                   "line %u of the manifest wants policy %s, the command line %s",
                   item->line->number, item->line->policy, intake->policy);
        lethe_error_effect(&item->refusal, "nothing was sent to %s", item->target);
        lethe_error_remedy(&item->refusal, "leave --policy out, or correct the line");
        return;
    }
    if (!policy) {
        lethe_fail(&item->refusal, LETHE_E_USAGE, "no policy is named for this device");
        lethe_error_remedy(&item->refusal, "give --policy ID, or a policy column in the manifest");
        return;
    }
    item->psid = item->line && item->line->psid[0] ? item->line->psid : intake->psid;
    if (item->psid && lethe_psid_check(item->psid, &item->refusal) < 0) {
        lethe_error_effect(&item->refusal, "nothing was sent to %s", item->target);
        return;
    }
    if (item->device.facts)
        item->device.facts->psid = item->psid != NULL;
    if (add_imei(intake, item) < 0)
        return;
    item->planned = plan_with(intake, item, policy) >= 0;
    if (!item->planned)
        return;
    if (intake->quiet)
        tell_warnings(item);
    else
        lethe_cli_plan_print(intake->cli, item->plan, &item->device, intake->n > 1);
    if (lethe_device_refuse(&item->device, &item->refusal) >= 0)
        lethe_confirm_possible(item->plan, &intake->all, &item->refusal);
}

static void tell_unknown(const struct lethe_intake *intake)
{
    for (size_t i = 0; i < intake->manifest.n; i++) {
        const struct lethe_manifest_line *line = &intake->manifest.lines[i];
        if (line->used)
            continue;
        bool attached = names_attached(intake, line->identifier);
        fprintf(stderr, "lethe: manifest line %u: %s %s\n", line->number, line->identifier,
                attached ? "is attached but not among the targets, it is left alone"
                         : "is not attached, nothing is done for it");
    }
}

/* What the targets say of themselves now: others are told apart from them by that. */
static void renew_all(struct lethe_intake *intake)
{
    for (size_t i = 0; i < intake->n; i++)
        for (size_t d = 0; intake->items[i].found && d < intake->all.n; d++)
            if (!strcmp(intake->all.devices[d].target, intake->items[i].device.target))
                intake->all.devices[d].identity = intake->items[i].device.identity;
}

static int probe_items(struct lethe_intake *intake, struct lethe_error *err)
{
    struct lethe_device **found = calloc(intake->n ? intake->n : 1, sizeof *found);
    size_t n = 0;
    if (!found)
        return lethe_fail(err, LETHE_E_INTERNAL, "out of memory");
    for (size_t i = 0; i < intake->n; i++)
        if (intake->items[i].found)
            found[n++] = &intake->items[i].device;
    int rc = lethe_cli_probe(intake->cli, found, n, err);
    free(found);
    return rc;
}

int lethe_intake_prepare(struct lethe_intake *intake, char *const *targets, size_t n_targets,
                         struct lethe_error *err)
{
    int rc = lethe_cli_load_policies(intake->cli, err);
    if (rc >= 0)
        rc = lethe_cli_load_profiles(intake->cli, err);
    if (rc >= 0 && intake->policy && !lethe_policy_find(intake->cli->policies, intake->policy, err))
        rc = -LETHE_E_USAGE;
    if (rc >= 0)
        rc = lethe_cli_scan(intake->cli, &intake->all, err);
    for (size_t i = 0; rc >= 0 && i < n_targets; i++)
        rc = add_target(intake, targets[i], err);
    if (rc >= 0)
        rc = ask_phones(intake, err);
    if (rc >= 0 && n_targets == 0)
        rc = add_by_manifest(intake, err);
    if (rc >= 0 && intake->n > 1 && json_object_get(intake->common.fields, "asset_tag"))
        rc = lethe_fail(err, LETHE_E_USAGE, "one --asset-tag for %zu devices: use --confirm-from",
                        intake->n);
    if (rc < 0)
        return rc;
    rc = probe_items(intake, err);
    if (rc < 0)
        return rc;
    renew_all(intake);
    for (size_t i = 0; i < intake->n; i++) {
        struct lethe_item *item = &intake->items[i];
        if (item->found && lethe_manifest_match(&intake->manifest, &item->device.identity,
                                                &item->line, &item->refusal) >= 0)
            plan_item(intake, item);
    }
    tell_unknown(intake);
    return 0;
}

/* ---- Record ---- */

static bool ask_field(struct lethe_record *record, const struct lethe_item *item, const char *field)
{
    char prompt[400], value[160], describe[320] = "";
    struct lethe_error err = {0};
    if (item)
        lethe_cli_describe(describe, sizeof describe, &item->device.identity);
    for (;;) {
        lethe_text_format(prompt, sizeof prompt, "%s%s%s%s%s: ", field, item ? " of " : "",
                          item ? item->target : "", item ? ", " : "", describe);
        if (!lethe_ask_line(prompt, value, sizeof value) || !*value)
            return false;
        if (lethe_record_set(record, field, value, &err) >= 0)
            return true;
        fprintf(stderr, "%s\n", err.what);
    }
}

static void complete(struct lethe_intake *intake, struct lethe_item *item)
{
    if (item->line)
        lethe_record_fill(&item->record, &item->line->record);
    lethe_record_fill(&item->record, &intake->common);
    const char *field;
    while (
        (field = lethe_record_missing(&item->record, (const char(*)[32])item->plan->policy.required,
                                      item->plan->policy.n_required))) {
        bool own = lethe_record_per_device(field);
        if (lethe_ask_possible() &&
            ask_field(own ? &item->record : &intake->common, own ? item : NULL, field)) {
            lethe_record_fill(&item->record, &intake->common);
            continue;
        }
        char option[80];
        lethe_record_option(option, sizeof option, field);
        lethe_fail(&item->refusal, LETHE_E_REFUSED, "policy %s wants a record of '%s'",
                   item->plan->policy.id, field);
        lethe_error_effect(&item->refusal, "nothing was sent to %s", item->target);
        lethe_error_remedy(&item->refusal, "give %s%s", option,
                           option[strlen(option) - 1] == '=' ? "VALUE" : " VALUE");
        return;
    }
}

void lethe_intake_complete_records(struct lethe_intake *intake)
{
    for (size_t i = 0; i < intake->n; i++)
        if (ready(&intake->items[i]))
            complete(intake, &intake->items[i]);
}

/* ---- Confirmation ---- */

static bool open_item(const struct lethe_item *item)
{
    return ready(item) && !item->confirmed;
}

/* The one open item that TEXT confirms; NULL + WHY when it confirms none or more than one. */
static struct lethe_item *confirm_one(struct lethe_intake *intake, const char *text,
                                      const char *source, struct lethe_error *why)
{
    struct lethe_item *found = NULL;
    struct lethe_confirmation confirmation, good = {0};
    for (size_t i = 0; i < intake->n; i++) {
        struct lethe_item *item = &intake->items[i];
        if (!ready(item) || lethe_confirm(item->plan, &intake->all, text, source, &confirmation,
                                          item->confirmed ? NULL : why) < 0)
            continue;
        if (found || item->confirmed) {
            lethe_fail(why, LETHE_E_REFUSED, "'%.90s' was given for %s and for %s", text,
                       found ? found->target : "a device confirmed before", item->target);
            return NULL;
        }
        found = item;
        good = confirmation;
    }
    if (found) {
        found->confirmed = true;
        found->confirmation = good;
    }
    return found;
}

static void ask_for(const struct lethe_intake *intake)
{
    fprintf(stderr, "To erase, type or scan:\n");
    for (size_t i = 0; i < intake->n; i++) {
        const struct lethe_item *item = &intake->items[i];
        char text[320];
        if (!open_item(item))
            continue;
        lethe_cli_describe(text, sizeof text, &item->device.identity);
        fprintf(stderr, "  the %s of %s (%s)\n", lethe_confirm_ask(item->plan, &intake->all),
                item->target, text);
    }
}

static bool any_open(const struct lethe_intake *intake)
{
    for (size_t i = 0; i < intake->n; i++)
        if (open_item(&intake->items[i]))
            return true;
    return false;
}

/* In any order: that is how a person with a scanner and a shelf works. An empty line leaves the
 * rest out. */
static void confirm_at_terminal(struct lethe_intake *intake)
{
    char text[160];
    unsigned wrong = 0;
    ask_for(intake);
    while (any_open(intake) && wrong < 3) {
        struct lethe_error why = {0};
        if (!lethe_ask_line("> ", text, sizeof text) || !*text)
            break;
        const struct lethe_item *item = confirm_one(intake, text, "typed", &why);
        if (item) {
            fprintf(stderr, "  %s: confirmed\n", item->target);
            continue;
        }
        wrong++;
        fprintf(stderr, "  %s%s%s\n", why.what, why.remedy[0] ? "; " : "", why.remedy);
    }
}

/* Does TEXT name one of the targets, though it may have been refused for something else? */
static bool names_target(const struct lethe_intake *intake, const char *text)
{
    for (size_t i = 0; i < intake->n; i++) {
        const struct lethe_item *item = &intake->items[i];
        if (item->found && (lethe_identity_named(&item->device.identity, text) ||
                            (item->planned && strlen(text) >= 8 &&
                             !strncasecmp(item->plan->digest, text, strlen(text)))))
            return true;
    }
    return false;
}

/* Something was scanned that is none of the targets. Which other scan it stands for nobody knows,
 * so nothing is begun; unless that many targets were not even found. */
static void refuse_strays(struct lethe_intake *intake, const char *const *values, size_t n_values)
{
    size_t strays = 0, missing = 0;
    const char *stray = NULL;
    for (size_t i = 0; i < n_values; i++)
        if (!names_target(intake, values[i])) {
            strays++;
            stray = values[i];
        }
    for (size_t i = 0; i < intake->n; i++)
        missing += !intake->items[i].found;
    for (size_t i = 0; strays > missing && i < intake->n; i++) {
        struct lethe_item *item = &intake->items[i];
        if (!ready(item) || (intake->n == 1 && !item->confirmed))
            continue; /* one that nothing confirmed is told what would */
        lethe_fail(&item->refusal, LETHE_E_REFUSED, "--confirm %.90s names none of the targets",
                   stray);
        lethe_error_effect(&item->refusal, "nothing was sent to any device");
        lethe_error_remedy(&item->refusal, "check what was scanned, and leave that --confirm out");
    }
}

void lethe_intake_confirm(struct lethe_intake *intake, const char *const *values, size_t n_values)
{
    struct lethe_error why = {0};
    for (size_t i = 0; i < intake->n; i++) {
        struct lethe_item *item = &intake->items[i];
        if (open_item(item) && item->line)
            item->confirmed = lethe_confirm(item->plan, &intake->all, item->line->identifier,
                                            "manifest", &item->confirmation, &item->refusal) >= 0;
    }
    for (size_t i = 0; i < n_values; i++) {
        struct lethe_error one = {0};
        if (!confirm_one(intake, values[i], "argument", &one) && one.code) {
            why = one;
            fprintf(stderr, "lethe: --confirm %s: %s\n", values[i], one.what);
        }
    }
    refuse_strays(intake, values, n_values);
    if (n_values == 0 && any_open(intake) && lethe_ask_possible())
        confirm_at_terminal(intake);
    for (size_t i = 0; i < intake->n; i++) {
        struct lethe_item *item = &intake->items[i];
        if (!open_item(item))
            continue;
        if (intake->n == 1 && why.code) {
            item->refusal = why; /* says more than that nothing confirmed it */
            continue;
        }
        lethe_fail(&item->refusal, LETHE_E_REFUSED, "nobody confirmed that %s is to be erased",
                   item->target);
        lethe_error_effect(&item->refusal, "nothing was sent to %s", item->target);
        lethe_error_remedy(&item->refusal, "--confirm with the %s",
                           lethe_confirm_ask(item->plan, &intake->all));
    }
}
