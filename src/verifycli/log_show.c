/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "base/text.h"
#include "base/time.h"
#include "verifycli/log.h"
#include <inttypes.h>
#include <string.h>

#define WIDTH 80
#define INDENT 14
#define DAYS_SHOWN 14
#define GROUPS_SHOWN 20

/* "  label       words that go on, wrapped under themselves". A word longer than a line is cut. */
static void line(FILE *out, const char *label, const char *words)
{
    size_t column = INDENT;
    fprintf(out, "  %-*s", INDENT - 2, label);
    while (*words) {
        char word[WIDTH - INDENT + 1];
        size_t len = strcspn(words, " ");
        lethe_text_clean(word, sizeof(word), words, len);
        size_t columns = lethe_text_columns(word);
        if (column > INDENT && column + 1 + columns > WIDTH) {
            fprintf(out, "\n%*s", INDENT, "");
            column = INDENT;
        } else if (column > INDENT) {
            fputc(' ', out);
            column++;
        }
        fputs(word, out);
        column += columns;
        words += len + (words[len] == ' ');
    }
    fputc('\n', out);
}

/* Nothing to say is not said. */
static void printed(FILE *out, const char *label, struct lethe_buf *words)
{
    if (words->len > 0)
        line(out, label, words->data);
    lethe_buf_free(words);
}

static void add(struct lethe_buf *words, const char *name, uint64_t n)
{
    if (n > 0)
        lethe_buf_printf(words, "%s%s %" PRIu64, words->len ? ", " : "", name, n);
}

static void add_kinds(struct lethe_buf *words, const struct lethe_audit_counts *counts)
{
    for (int i = 1; i < LETHE_TLOG_KINDS; i++)
        add(words, lethe_tlog_kind_name((enum lethe_tlog_kind)i), counts->kind[i]);
    add(words, lethe_tlog_kind_name(LETHE_TLOG_UNKNOWN), counts->kind[LETHE_TLOG_UNKNOWN]);
}

static void add_outcomes(struct lethe_buf *words, const uint64_t outcome[LETHE_AUDIT_OUTCOMES])
{
    for (int i = 0; i < LETHE_AUDIT_OUTCOMES; i++)
        add(words, lethe_outcome_name((enum lethe_outcome)i), outcome[i]);
}

static void show_findings(FILE *out, const struct lethe_audit_report *report,
                          enum lethe_audit_weight weight, const char *label)
{
    for (size_t i = 0; i < report->n_codes; i++) {
        const struct lethe_audit_findings *findings = &report->findings[i];
        struct lethe_buf words = {0};
        if (findings->n == 0 || findings->weight != weight)
            continue;
        lethe_buf_printf(&words, "%s [%s]: %" PRIu64, findings->meaning, findings->code,
                         findings->n);
        printed(out, label, &words);
        /* Of remarks the first few will do: --json has more. */
        size_t shown = weight == LETHE_AUDIT_SOUND ? 3 : LETHE_AUDIT_FINDINGS_EACH;
        for (size_t k = 0; k < findings->n && k < shown; k++) {
            const struct lethe_audit_finding *one = &findings->first[k];
            if (one->index != UINT64_MAX)
                lethe_buf_printf(&words, "entry %" PRIu64 ": ", one->index);
            lethe_buf_puts(&words, one->text);
            printed(out, "", &words);
        }
        if (findings->n > shown) {
            lethe_buf_printf(&words, "and %" PRIu64 " more", findings->n - shown);
            printed(out, "", &words);
        }
    }
}

static void show_checkpoints(FILE *out, const struct lethe_audit_report *report)
{
    struct lethe_buf words = {0};
    char time[21], root[LETHE_TLOG_BASE64_SIZE(32)];
    lethe_tlog_base64_encode(root, report->root.bytes, sizeof(report->root.bytes));
    lethe_buf_printf(&words, "%" PRIu64 ", root %s", report->size, root);
    printed(out, "entries", &words);
    lethe_buf_printf(&words, "%" PRIu64 " hold%s, %" PRIu64 " of them witnessed; %" PRIu64 " tiles",
                     report->checkpoints, report->pinned ? "" : " (signatures not checked)",
                     report->witnessed, report->tiles);
    printed(out, "checkpoints", &words);
    if (report->not_after > 0) {
        lethe_time_format(time, report->not_after * 1000);
        lethe_buf_printf(&words, "all of it existed at %s, say its witnesses", time);
        printed(out, "proven", &words);
    }
}

static void show_counts(FILE *out, const struct lethe_audit_report *report)
{
    struct lethe_buf words = {0};
    char first[21], last[21];
    add_kinds(&words, &report->counts);
    printed(out, "kinds", &words);
    add_outcomes(&words, report->counts.outcome);
    printed(out, "outcomes", &words);
    lethe_time_format(first, report->first_time * 1000);
    lethe_time_format(last, report->last_time * 1000);
    lethe_buf_printf(&words, "%s to %s, by the bench's clock", first, last);
    printed(out, "time", &words);
    lethe_buf_printf(&words,
                     "%" PRIu64 "; %" PRIu64 " of them tried again, %" PRIu64 " times; %" PRIu64
                     " passed after they had failed",
                     report->devices, report->retried_devices, report->retries,
                     report->failed_then_passed);
    printed(out, "devices", &words);
    if (report->opened + report->closed > 0) {
        lethe_buf_printf(&words, "%" PRIu64 " entries opened, %" PRIu64 " not", report->opened,
                         report->closed);
        printed(out, "opening", &words);
    }
}

static void show_days(FILE *out, const struct lethe_audit_report *report)
{
    struct lethe_buf words = {0};
    size_t from = report->n_days > DAYS_SHOWN ? report->n_days - DAYS_SHOWN : 0;
    for (size_t i = from; i < report->n_days; i++) {
        char day[21] = "other days";
        if (report->day[i].day != UINT32_MAX) {
            lethe_time_format(day, (uint64_t)report->day[i].day * 86400 * 1000);
            day[10] = '\0';
        }
        add_kinds(&words, &report->day[i].counts);
        printed(out, day, &words);
    }
    if (from > 0) {
        lethe_buf_printf(&words, "and %zu days before (--csv, --json)", from);
        printed(out, "", &words);
    }
}

static void show_groups(FILE *out, const struct lethe_audit_report *report)
{
    for (int by = 0; by < LETHE_AUDIT_BYS; by++)
        for (size_t i = 0; i < report->by[by].n && i <= GROUPS_SHOWN; i++) {
            const struct lethe_audit_group *group = &report->by[by].group[i];
            struct lethe_buf words = {0}, outcomes = {0};
            if (i == GROUPS_SHOWN) {
                lethe_buf_printf(&words, "and %zu more (--csv, --json)", report->by[by].n - i);
                printed(out, "", &words);
                break;
            }
            add_outcomes(&outcomes, group->outcome);
            lethe_buf_printf(&words, "%s: %s", group->name[0] ? group->name : "(not said)",
                             outcomes.data ? outcomes.data : "");
            lethe_buf_free(&outcomes);
            printed(out, i ? "" : lethe_audit_by_name((enum lethe_audit_by)by), &words);
        }
}

void lethe_verify_log_show(FILE *out, const char *dir, const struct lethe_audit_report *report,
                           bool colour)
{
    static const char *const signs[] = {[LETHE_AUDIT_SOUND] = "SOUND",
                                        [LETHE_AUDIT_BROKEN] = "BROKEN",
                                        [LETHE_AUDIT_UNDETERMINED] = "UNDETERMINED"};
    static const char *const colours[] = {[LETHE_AUDIT_SOUND] = "\033[1;32m",
                                          [LETHE_AUDIT_BROKEN] = "\033[1;31m",
                                          [LETHE_AUDIT_UNDETERMINED] = "\033[1;33m"};
    char name[WIDTH - 16];
    lethe_text_clean(name, sizeof(name), dir, strlen(dir));
    fprintf(out, "%s%s%s  %s\n", colour ? colours[report->verdict] : "", signs[report->verdict],
            colour ? "\033[0m" : "", name);
    show_findings(out, report, LETHE_AUDIT_BROKEN, "because");
    show_findings(out, report, LETHE_AUDIT_UNDETERMINED, "open");
    line(out, "log", report->origin[0] ? report->origin : "(unknown)");
    show_checkpoints(out, report);
    show_counts(out, report);
    show_findings(out, report, LETHE_AUDIT_SOUND, "remark");
    show_days(out, report);
    show_groups(out, report);
}
