/* SPDX-License-Identifier: Apache-2.0 */
/* The report for programs: JSON and CSV. */
#include "audit/parts.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include <inttypes.h>
#include <string.h>

/* "2026-11-23"; "other" for those that no row was kept for. */
static void day_text(uint32_t day, char out[21])
{
    if (day == UINT32_MAX) {
        strcpy(out, "other");
        return;
    }
    lethe_time_format(out, (uint64_t)day * 86400 * 1000);
    out[10] = '\0';
}

static json_t *number(uint64_t value)
{
    return json_integer((json_int_t)value);
}

static json_t *kinds_json(const struct lethe_audit_counts *counts)
{
    json_t *json = json_object();
    for (int i = 0; i < LETHE_TLOG_KINDS; i++)
        if (counts->kind[i] > 0)
            json_object_set_new(json, lethe_tlog_kind_name((enum lethe_tlog_kind)i),
                                number(counts->kind[i]));
    return json;
}

static json_t *outcomes_json(const uint64_t outcome[LETHE_AUDIT_OUTCOMES])
{
    json_t *json = json_object();
    for (int i = 0; i < LETHE_AUDIT_OUTCOMES; i++)
        if (outcome[i] > 0)
            json_object_set_new(json, lethe_outcome_name((enum lethe_outcome)i),
                                number(outcome[i]));
    return json;
}

static json_t *findings_json(const struct lethe_audit_report *report)
{
    json_t *all = json_array();
    for (size_t i = 0; i < report->n_codes; i++) {
        const struct lethe_audit_findings *findings = &report->findings[i];
        json_t *first = json_array();
        if (findings->n == 0) {
            json_decref(first);
            continue;
        }
        for (size_t k = 0; k < findings->n && k < LETHE_AUDIT_FINDINGS_EACH; k++) {
            const struct lethe_audit_finding *one = &findings->first[k];
            json_t *json = json_pack("{s:s}", "text", one->text);
            if (one->index != LETHE_AUDIT_NO_ENTRY)
                json_object_set_new(json, "index", number(one->index));
            json_array_append_new(first, json);
        }
        json_array_append_new(all, json_pack("{s:s, s:s, s:s, s:I, s:o}", "code", findings->code,
                                             "weight", lethe_audit_weight_name(findings->weight),
                                             "meaning", findings->meaning, "count",
                                             (json_int_t)findings->n, "first", first));
    }
    return all;
}

static json_t *days_json(const struct lethe_audit_report *report)
{
    json_t *all = json_array();
    for (size_t i = 0; i < report->n_days; i++) {
        char day[21];
        day_text(report->day[i].day, day);
        json_array_append_new(all, json_pack("{s:s, s:o, s:o}", "day", day, "kinds",
                                             kinds_json(&report->day[i].counts), "outcomes",
                                             outcomes_json(report->day[i].counts.outcome)));
    }
    return all;
}

static void put_groups(json_t *json, const struct lethe_audit_report *report)
{
    for (int by = 0; by < LETHE_AUDIT_BYS; by++) {
        json_t *all = json_array();
        for (size_t i = 0; i < report->by[by].n; i++) {
            const struct lethe_audit_group *group = &report->by[by].group[i];
            json_array_append_new(all, json_pack("{s:s, s:o}", "name", group->name, "outcomes",
                                                 outcomes_json(group->outcome)));
        }
        json_object_set_new(json, lethe_audit_by_name((enum lethe_audit_by)by), all);
    }
}

json_t *lethe_audit_report_to_json(const struct lethe_audit_report *report)
{
    char root[LETHE_TLOG_BASE64_SIZE(32)];
    const struct {
        const char *name;
        uint64_t value;
    } numbers[] = {
        {"size", report->size},
        {"checkpoints", report->checkpoints},
        {"witnessed", report->witnessed},
        {"not_after", report->not_after},
        {"tiles", report->tiles},
        {"first_time", report->first_time},
        {"last_time", report->last_time},
        {"open_jobs", report->open_jobs},
        {"devices", report->devices},
        {"retries", report->retries},
        {"retried_devices", report->retried_devices},
        {"failed_then_passed", report->failed_then_passed},
        {"not_before_proven", report->not_before_proven},
        {"opened", report->opened},
        {"closed", report->closed},
    };
    lethe_tlog_base64_encode(root, report->root.bytes, sizeof(report->root.bytes));
    json_t *json =
        json_pack("{s:s, s:s, s:s, s:b}", "verdict", lethe_audit_weight_name(report->verdict),
                  "origin", report->origin, "root", root, "pinned", report->pinned);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        json_object_set_new(json, numbers[i].name, number(numbers[i].value));
    json_object_set_new(json, "kinds", kinds_json(&report->counts));
    json_object_set_new(json, "outcomes", outcomes_json(report->counts.outcome));
    json_object_set_new(json, "findings", findings_json(report));
    json_object_set_new(json, "days", days_json(report));
    put_groups(json, report);
    return json;
}

/* RFC 4180: quoted, quotes doubled. A name that a spreadsheet would take for a formula gets an
 * apostrophe before it. */
static void put_field(struct lethe_buf *out, const char *text)
{
    lethe_buf_puts(out, text[0] && strchr("=+-@", text[0]) ? "\"'" : "\"");
    for (; *text; text++)
        lethe_buf_printf(out, *text == '"' ? "%c\"" : "%c", *text);
    lethe_buf_puts(out, "\"");
}

static int put_row(struct lethe_buf *out, const char *table, const char *key, const char *kind,
                   const char *outcome, uint64_t count)
{
    if (count == 0)
        return 0;
    lethe_buf_printf(out, "%s,", table);
    put_field(out, key);
    return lethe_buf_printf(out, ",%s,%s,%" PRIu64 "\r\n", kind, outcome, count);
}

int lethe_audit_report_to_csv(const struct lethe_audit_report *report, char **out,
                              struct lethe_error *err)
{
    LETHE_BUF_AUTO text = {0};
    int rc = lethe_buf_puts(&text, "table,key,kind,outcome,count\r\n");
    for (size_t i = 0; i < report->n_days && rc == 0; i++) {
        const struct lethe_audit_counts *counts = &report->day[i].counts;
        char day[21];
        day_text(report->day[i].day, day);
        for (int k = 0; k < LETHE_TLOG_KINDS && rc == 0; k++)
            rc = put_row(&text, "day", day, lethe_tlog_kind_name((enum lethe_tlog_kind)k), "",
                         counts->kind[k]);
        for (int k = 0; k < LETHE_AUDIT_OUTCOMES && rc == 0; k++)
            rc = put_row(&text, "day", day, "", lethe_outcome_name((enum lethe_outcome)k),
                         counts->outcome[k]);
    }
    for (int by = 0; by < LETHE_AUDIT_BYS; by++)
        for (size_t i = 0; i < report->by[by].n; i++)
            for (int k = 0; k < LETHE_AUDIT_OUTCOMES && rc == 0; k++)
                rc = put_row(&text, lethe_audit_by_name((enum lethe_audit_by)by),
                             report->by[by].group[i].name, "",
                             lethe_outcome_name((enum lethe_outcome)k),
                             report->by[by].group[i].outcome[k]);
    for (size_t i = 0; i < report->n_codes && rc == 0; i++)
        rc = put_row(&text, "finding", report->findings[i].code, "", "", report->findings[i].n);
    *out = rc == 0 ? lethe_buf_take(&text) : NULL;
    return *out ? 0 : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
}
