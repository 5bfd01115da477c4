/* SPDX-License-Identifier: Apache-2.0 */
#include "audit/parts.h"
#include "base/text.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *code, *meaning;
    enum lethe_audit_weight weight;
} codes[LETHE_AUDIT_CODES] = {
#define X(symbol, code, weight, meaning)                                                           \
    [LETHE_AUDIT_##symbol##_FOUND] = {code, meaning, LETHE_AUDIT_##weight},
#include "audit/findings.def"
#undef X
};

const char *lethe_audit_weight_name(enum lethe_audit_weight weight)
{
    static const char *const names[] = {[LETHE_AUDIT_SOUND] = "sound",
                                        [LETHE_AUDIT_BROKEN] = "broken",
                                        [LETHE_AUDIT_UNDETERMINED] = "undetermined"};
    return names[weight];
}

int lethe_audit_findings_new(struct lethe_audit_report *report)
{
    report->findings = calloc(LETHE_AUDIT_CODES, sizeof(*report->findings));
    if (!report->findings)
        return -LETHE_E_INTERNAL;
    report->n_codes = LETHE_AUDIT_CODES;
    for (size_t i = 0; i < report->n_codes; i++) {
        report->findings[i].code = codes[i].code;
        report->findings[i].meaning = codes[i].meaning;
        report->findings[i].weight = codes[i].weight;
    }
    return 0;
}

void lethe_audit_found(struct lethe_audit_report *report, enum lethe_audit_code code,
                       uint64_t index, const char *format, ...)
{
    struct lethe_audit_findings *findings = &report->findings[code];
    char text[512];
    va_list args;
    if (report->verdict != LETHE_AUDIT_BROKEN && findings->weight != LETHE_AUDIT_SOUND)
        report->verdict = findings->weight;
    if (findings->n++ >= LETHE_AUDIT_FINDINGS_EACH)
        return;
    struct lethe_audit_finding *finding = &findings->first[findings->n - 1];
    finding->index = index;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    lethe_text_clean(finding->text, sizeof(finding->text), text, strlen(text));
}

void lethe_audit_report_clear(struct lethe_audit_report *report)
{
    for (int by = 0; by < LETHE_AUDIT_BYS; by++) {
        for (size_t i = 0; i < report->by[by].n; i++)
            free(report->by[by].group[i].name);
        free(report->by[by].group);
    }
    free(report->day);
    free(report->findings);
    memset(report, 0, sizeof(*report));
}
