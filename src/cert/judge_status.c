/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Revoked? A bench by the CRL of its organisation, since a time that is judged against what
 * witnesses prove, never against the signer's own clock; a single certificate by a token status
 * list, which must say so afresh.
 */
#include "base/time.h"
#include "cert/verdict.h"
#include <string.h>

static void judge_bench(struct lethe_judging *j)
{
    struct lethe_certificate_report *out = j->out;
    uint64_t since = 0;
    char day[21];
    if (out->path.state != LETHE_CHECK_OK)
        return;
    enum lethe_revocation revocation =
        lethe_trust_revoked(j->policy->trust, &out->chain, out->proven_not_after, &since);
    lethe_time_format(day, since);
    if (revocation == LETHE_REVOCATION_VOID)
        lethe_verdict_check(out, &out->status, LETHE_VERDICT_INVALID, "bench-revoked",
                            "the bench certificate is revoked since %s, and no witness saw this "
                            "certificate before",
                            day);
    else if (revocation == LETHE_REVOCATION_BEFORE)
        lethe_verdict_add(out, LETHE_VERDICT_VALID, "bench-revoked-since",
                          "the bench certificate is revoked since %s; witnesses saw this "
                          "certificate before",
                          day);
}

/* Of all lists about this certificate: what one of them revoked for good stays revoked, however old
 * it is; else the newest one of today says, and of two from the same second the worse. */
static int look_up(struct lethe_judging *j, const char *uri, uint64_t index,
                   struct lethe_error *err)
{
    int found = -LETHE_E_NOT_FOUND;
    uint64_t newest = 0;
    for (const struct lethe_status_list *const *list = j->policy->status_lists; list && *list;
         list++) {
        const struct lethe_status_info *info = lethe_status_list_info(*list);
        int status = lethe_status_list_get(*list, j->out->chain.anchor_sha256, uri, index, err);
        if (status == -LETHE_E_NOT_FOUND)
            continue;
        if (status < 0 || status == LETHE_STATUS_INVALID)
            return status;
        if (info->stale || info->iat < newest || (info->iat == newest && status < found))
            continue;
        newest = info->iat;
        found = status;
    }
    return found;
}

static void judge_single(struct lethe_judging *j)
{
    struct lethe_certificate_report *out = j->out;
    struct lethe_error err = {0};
    const struct lethe_node *claim =
        lethe_node_get(lethe_node_get(j->jwt->claims, "status"), "status_list");
    bool lists = j->policy->status_lists && *j->policy->status_lists;
    if (out->path.state != LETHE_CHECK_OK || !(lists || j->policy->status_stale))
        return;
    if (!claim) {
        lethe_verdict_check(out, &out->status, LETHE_VERDICT_VALID, "status-none",
                            "the certificate names no status list: its issuer cannot revoke it");
        return;
    }
    int status = look_up(j, lethe_node_text(claim, "uri"),
                         (uint64_t)lethe_node_integer(lethe_node_get(claim, "idx")), &err);
    if (status == LETHE_STATUS_VALID)
        out->status.state =
            out->status.state == LETHE_CHECK_NONE ? LETHE_CHECK_OK : out->status.state;
    else if (status == LETHE_STATUS_INVALID)
        lethe_verdict_check(out, &out->status, LETHE_VERDICT_INVALID, "revoked",
                            "its issuer has revoked it");
    else if (status == LETHE_STATUS_SUSPENDED)
        lethe_verdict_check(out, &out->status, LETHE_VERDICT_UNDETERMINED, "suspended",
                            "its issuer has suspended it for the time being");
    else if (status == -LETHE_E_NOT_FOUND && j->policy->status_stale)
        lethe_verdict_check(out, &out->status, LETHE_VERDICT_VALID, "status-stale",
                            "the status list that was given says nothing of today");
    else if (status == -LETHE_E_NOT_FOUND)
        lethe_verdict_check(out, &out->status, LETHE_VERDICT_VALID, "status-other",
                            "no status list that was given is the one of this certificate");
    else
        lethe_verdict_check(out, &out->status, LETHE_VERDICT_INVALID, "status", "%s", err.what);
}

void lethe_judge_status(struct lethe_judging *j)
{
    judge_bench(j);
    judge_single(j);
}
