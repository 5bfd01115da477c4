/* SPDX-License-Identifier: Apache-2.0 */
#include "base/time.h"
#include "cert/verdict.h"
#include <lethe/trust.h>

/* What was decided, where it was decided by whom it says. */
static void judge_decision(const struct lethe_validation *record,
                           struct lethe_certificate_report *out)
{
    char time[21];
    lethe_time_format(time, record->iat);
    if (record->decision == LETHE_DECISION_ACCEPT)
        lethe_verdict_add(out, LETHE_VERDICT_VALID, "validated", "%.80s looked at it on %s: accept",
                          record->by, time);
    else
        lethe_verdict_add(out, LETHE_VERDICT_UNDETERMINED,
                          record->decision == LETHE_DECISION_REPEAT ? "validation-repeat"
                                                                    : "validation-escalate",
                          "%.80s looked at it on %s and did not accept it: %s", record->by, time,
                          lethe_decision_name(record->decision));
}

void lethe_judge_validation(struct lethe_judging *j)
{
    const struct lethe_span *given = &j->bundle->validation, *of = &j->bundle->sdjwt;
    struct lethe_validation record;
    struct lethe_error err = {0};
    if (!given->text)
        return;
    const struct lethe_node *operator_name = lethe_node_get(j->jwt->claims, "operator");
    if (!operator_name && j->jwt->n_hidden_claims > 0) {
        lethe_verdict_add(j->out, LETHE_VERDICT_UNDETERMINED, "validation-hidden",
                          "somebody's word on it was given, but who did the work may be withheld: "
                          "whether it was a second person can't be told");
        return;
    }
    int rc =
        lethe_validation_verify(j->policy->trust, given->text, given->len, of->text, of->len,
                                lethe_node_string(operator_name), j->policy->now, &record, &err);
    if (rc == 0)
        judge_decision(&record, j->out);
    else
        lethe_verdict_add(
            j->out, rc == -LETHE_E_UNTRUSTED ? LETHE_VERDICT_UNDETERMINED : LETHE_VERDICT_INVALID,
            "validation", "%s", err.what);
}
