/* SPDX-License-Identifier: Apache-2.0 */
#include "base/time.h"
#include <lethe/certificate.h>

const char *lethe_verdict_name(enum lethe_verdict verdict)
{
    switch (verdict) {
    case LETHE_VERDICT_VALID:
        return "valid";
    case LETHE_VERDICT_UNDETERMINED:
        return "undetermined";
    case LETHE_VERDICT_INVALID:
        break;
    }
    return "invalid";
}

static json_t *reasons_json(const struct lethe_certificate_report *report)
{
    static const char *const weights[] = {[LETHE_VERDICT_VALID] = "remark",
                                          [LETHE_VERDICT_INVALID] = "invalid",
                                          [LETHE_VERDICT_UNDETERMINED] = "undetermined"};
    json_t *list = json_array();
    for (size_t i = 0; i < report->n_reasons; i++)
        json_array_append_new(list, json_pack("{s:s,s:s,s:s}", "code", report->reasons[i].code,
                                              "weight", weights[report->reasons[i].weight], "text",
                                              report->reasons[i].text));
    return list;
}

/* Who signed, as the chain says: null while there is none. */
static json_t *issuer_json(const struct lethe_chain *chain)
{
    char from[21], until[21];
    if (!chain->leaf_sha256[0])
        return json_null();
    lethe_time_format(from, chain->not_before);
    lethe_time_format(until, chain->not_after);
    return json_pack("{s:s,s:s,s:s,s:s,s:s}", "organisation", chain->organisation, "bench",
                     chain->bench, "certificate", chain->leaf_sha256, "not_before", from,
                     "not_after", until);
}

json_t *lethe_certificate_report_to_json(const struct lethe_certificate_report *report)
{
    json_t *level = report->level < 0 ? json_null() : json_sprintf("L%d", report->level);
    return json_pack("{s:s,s:o,s:o,s:o,s:I,s:O?}", "verdict", lethe_verdict_name(report->verdict),
                     "level", level, "reasons", reasons_json(report), "issuer",
                     issuer_json(&report->chain), "hidden", (json_int_t)report->n_hidden, "claims",
                     report->claims);
}
