/* SPDX-License-Identifier: Apache-2.0 */
#include "base/time.h"
#include <lethe/certificate.h>
#include <string.h>

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

const char *lethe_check_state_name(enum lethe_check_state state)
{
    static const char *const names[] = {"none", "ok", "open", "bad"};
    return names[state];
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

static json_t *check_json(const struct lethe_check *check)
{
    const char *state = lethe_check_state_name(check->state);
    if (check->state < LETHE_CHECK_OPEN)
        return json_pack("{s:s}", "state", state);
    return json_pack("{s:s,s:s,s:s}", "state", state, "code", check->code, "text", check->text);
}

static json_t *time_json(uint64_t ms)
{
    char text[21];
    if (ms == 0)
        return json_null();
    lethe_time_format(text, ms);
    return json_string(text);
}

static json_t *withheld_json(const struct lethe_certificate_report *report)
{
    json_t *absent = json_array();
    for (const char *at = report->absent; *at;) {
        size_t len = strcspn(at, ",");
        json_array_append_new(absent, json_stringn(at, len));
        at += len + (at[len] == ',');
    }
    return json_pack("{s:I,s:I,s:I,s:o}", "claims", (json_int_t)report->n_hidden_claims, "custom",
                     (json_int_t)report->n_hidden_custom, "identifiers",
                     (json_int_t)report->n_hidden_identifiers, "absent", absent);
}

json_t *lethe_certificate_report_to_json(const struct lethe_certificate_report *report)
{
    json_t *level = report->level < 0 ? json_null() : json_sprintf("L%d", report->level);
    return json_pack("{s:s,s:o,s:o,s:{s:o,s:o,s:o,s:o,s:o},s:{s:o,s:o},s:s*,s:o,s:I,s:o,s:O?}",
                     "verdict", lethe_verdict_name(report->verdict), "level", level, "reasons",
                     reasons_json(report), "checks", "signature", check_json(&report->signature),
                     "path", check_json(&report->path), "status", check_json(&report->status),
                     "log", check_json(&report->log), "carrier", check_json(&report->carrier),
                     "proven", "not_before", time_json(report->proven_not_before), "not_after",
                     time_json(report->proven_not_after), "rollback",
                     report->rollback[0] ? report->rollback : NULL, "issuer",
                     issuer_json(&report->chain), "hidden", (json_int_t)report->n_hidden,
                     "withheld", withheld_json(report), "claims", report->claims);
}
