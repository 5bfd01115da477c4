/* SPDX-License-Identifier: Apache-2.0 */
/* How many: by day, kind and outcome, and by who, what lot and which policy. */
#include "audit/parts.h"
#include <stdlib.h>
#include <string.h>

#define DAYS_MAX 8192
#define GROUPS_MAX 16384
#define DAY_S 86400
#define OTHER_DAYS UINT32_MAX
static const char other_groups[] = "(others)";

const char *lethe_audit_by_name(enum lethe_audit_by by)
{
    static const char *const names[] = {"operator", "lot", "policy"};
    return names[by];
}

/* Where the day is, or would be. */
static size_t find_day(const struct lethe_audit_report *report, uint32_t day)
{
    size_t low = 0, high = report->n_days;
    /* Entries mostly follow each other in time. */
    if (high > 0 && report->day[high - 1].day == day)
        return high - 1;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (report->day[middle].day < day)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct lethe_audit_day *day_of(struct lethe_audit_report *report, uint32_t day)
{
    size_t at = find_day(report, day);
    if (at < report->n_days && report->day[at].day == day)
        return &report->day[at];
    if (report->n_days >= DAYS_MAX && day != OTHER_DAYS)
        return day_of(report, OTHER_DAYS);
    if (report->n_days % 64 == 0) {
        struct lethe_audit_day *days = realloc(report->day, (report->n_days + 64) * sizeof(*days));
        if (!days)
            return NULL;
        report->day = days;
    }
    memmove(&report->day[at + 1], &report->day[at], (report->n_days - at) * sizeof(*report->day));
    memset(&report->day[at], 0, sizeof(*report->day));
    report->day[at].day = day;
    report->n_days++;
    return &report->day[at];
}

int lethe_audit_count(struct lethe_audit_report *report, const struct lethe_tlog_entry *entry)
{
    uint64_t day = entry->time / DAY_S;
    struct lethe_audit_day *of_day = day_of(report, day < OTHER_DAYS ? (uint32_t)day : OTHER_DAYS);
    if (!of_day)
        return -LETHE_E_INTERNAL;
    of_day->counts.kind[entry->kind]++;
    report->counts.kind[entry->kind]++;
    if (entry->kind != LETHE_TLOG_CERT && entry->kind != LETHE_TLOG_FAIL)
        return 0;
    int outcome = lethe_outcome_parse(entry->outcome);
    of_day->counts.outcome[outcome]++;
    report->counts.outcome[outcome]++;
    return 0;
}

int lethe_audit_group_count(struct lethe_audit_report *report, enum lethe_audit_by by,
                            const char *name, int outcome)
{
    size_t low = 0, high = report->by[by].n;
    struct lethe_audit_group *groups = report->by[by].group;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (strcmp(groups[middle].name, name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == report->by[by].n || strcmp(groups[low].name, name) != 0) {
        if (report->by[by].n >= GROUPS_MAX && strcmp(name, other_groups) != 0)
            return lethe_audit_group_count(report, by, other_groups, outcome);
        if (report->by[by].n % 64 == 0) {
            groups = realloc(groups, (report->by[by].n + 64) * sizeof(*groups));
            if (!groups)
                return -LETHE_E_INTERNAL;
            report->by[by].group = groups;
        }
        char *copy = strdup(name);
        if (!copy)
            return -LETHE_E_INTERNAL;
        memmove(&groups[low + 1], &groups[low], (report->by[by].n - low) * sizeof(*groups));
        memset(&groups[low], 0, sizeof(*groups));
        groups[low].name = copy;
        report->by[by].n++;
    }
    groups[low].outcome[outcome]++;
    return 0;
}
