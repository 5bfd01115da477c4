/* SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"
#include "verifycli/verifycli.h"
#include <string.h>

void lethe_verify_count(struct lethe_verify_summary *summary, const char *where,
                        struct lethe_certificate_report *report)
{
    size_t i = 0, n = sizeof(summary->codes) / sizeof(summary->codes[0]);
    summary->n_twice += lethe_duplicates_look(&summary->seen, where, report);
    summary->verdicts[report->verdict]++;
    summary->levels[report->level + 1]++;
    if (report->verdict == LETHE_VERDICT_VALID)
        return;
    /* The first reason is the worst one. */
    const char *code = report->n_reasons > 0 ? report->reasons[0].code : "";
    while (i < summary->n_codes && strcmp(summary->codes[i].code, code) != 0)
        i++;
    if (i == n)
        return;
    if (i == summary->n_codes) {
        lethe_text_format(summary->codes[i].code, sizeof(summary->codes[i].code), "%s", code);
        summary->n_codes++;
    }
    summary->codes[i].n++;
}

int lethe_verify_worst(const struct lethe_verify_summary *summary)
{
    return summary->verdicts[LETHE_VERDICT_INVALID] > 0        ? LETHE_VERDICT_INVALID
           : summary->verdicts[LETHE_VERDICT_UNDETERMINED] > 0 ? LETHE_VERDICT_UNDETERMINED
                                                               : LETHE_VERDICT_VALID;
}

void lethe_verify_show_summary(FILE *out, const struct lethe_verify_summary *summary)
{
    const size_t *v = summary->verdicts, *l = summary->levels;
    fprintf(out, "\n%zu verified: %zu valid, %zu invalid, %zu undetermined\n", v[0] + v[1] + v[2],
            v[LETHE_VERDICT_VALID], v[LETHE_VERDICT_INVALID], v[LETHE_VERDICT_UNDETERMINED]);
    fprintf(out, "level: %zu L2, %zu L1, %zu L0, %zu none\n", l[3], l[2], l[1], l[0]);
    for (size_t i = 0; i < summary->n_codes; i++)
        fprintf(out, "  %6zu  %s\n", summary->codes[i].n, summary->codes[i].code);
    if (summary->n_twice > 0)
        fprintf(out,
                "%zu valid, but here twice, or with the serial number of another device: see "
                "the remarks\n",
                summary->n_twice);
}

void lethe_verify_summary_end(struct lethe_verify_summary *summary)
{
    if (lethe_duplicates_full(summary->seen))
        fprintf(stderr, "lethe-verify: duplicates were looked for among the first %d valid ones\n",
                LETHE_DUPLICATES_MAX);
    lethe_duplicates_free(summary->seen);
    summary->seen = NULL;
}
