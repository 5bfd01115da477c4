/* SPDX-License-Identifier: Apache-2.0 */
/* Whose cosignatures a note has, whether they suffice, and what time that proves. */
#include "tlog/parts.h"
#include <string.h>

#define GRACE_S 300 /* clocks of honest witnesses differ */

/* Groups stand on what is before them: one pass from the first decides all. */
static bool is_met(const struct lethe_tlog_policy *policy, uint32_t cosigned)
{
    uint64_t met = cosigned;
    if (policy->quorum_none)
        return true;
    for (size_t i = 0; i < policy->n_groups; i++)
        if ((unsigned)__builtin_popcountll(met & policy->group[i].members) >= policy->group[i].k)
            met |= UINT64_C(1) << (LETHE_TLOG_POLICY_EACH + i);
    return met >> policy->quorum & 1;
}

/* Those who had cosigned by TIME. */
static uint32_t by(const struct lethe_tlog_quorum *quorum, uint64_t time)
{
    uint32_t set = 0;
    for (unsigned i = 0; i < LETHE_TLOG_POLICY_EACH; i++)
        if (quorum->cosigned >> i & 1 && quorum->time[i] <= time)
            set |= UINT32_C(1) << i;
    return set;
}

static void judge(const struct lethe_tlog_policy *policy, struct lethe_tlog_quorum *out)
{
    out->met = is_met(policy, out->cosigned);
    for (unsigned i = 0; i < LETHE_TLOG_POLICY_EACH; i++) {
        uint64_t time = out->time[i];
        if (!(out->cosigned >> i & 1))
            continue;
        out->n_cosigned++;
        if (out->earliest == 0 || time < out->earliest)
            out->earliest = time;
        if (time > out->latest)
            out->latest = time;
        if (!policy->quorum_none && (out->not_after == 0 || time < out->not_after) &&
            is_met(policy, by(out, time)))
            out->not_after = time;
    }
}

int lethe_tlog_policy_check(const struct lethe_tlog_policy *policy,
                            const struct lethe_tlog_note *note, uint64_t now,
                            struct lethe_tlog_quorum *out, struct lethe_error *err)
{
    memset(out, 0, sizeof(*out));
    for (unsigned i = 0; i < policy->n_witnesses; i++) {
        uint64_t time;
        int rc = lethe_tlog_note_verify(note, &policy->witness[i].key, &time, err);
        if (rc < 0)
            return rc;
        if (rc == 0)
            continue;
        out->time[i] = time;
        if (now > 0 && time > now + GRACE_S)
            out->future |= UINT32_C(1) << i;
        else
            out->cosigned |= UINT32_C(1) << i;
    }
    judge(policy, out);
    return 0;
}
