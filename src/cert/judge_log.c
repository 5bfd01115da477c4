/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is it in the log of its bench, seen by witnesses? The entry must be the one that this very JWT
 * makes (all of it but the pseudonym of the device, which the proof brings), under a checkpoint
 * that the log's pinned key signed. A proof that is missing or not witnessed enough only lowers the
 * level; one that is wrong makes the certificate invalid.
 */
#include "base/text.h"
#include "base/time.h"
#include "cert/verdict.h"
#include <lethe/tlog.h>
#include <stdlib.h>
#include <string.h>

#define AGE_MAX_DEFAULT (7ull * 24 * 60 * 60)

struct log_judging {
    struct lethe_judging *j;
    const struct lethe_node *claim; /* "log"; may be NULL */
    struct lethe_tlog_key key;
    struct lethe_tlog_proof proof;
    struct lethe_tlog_proven proven;
};

#define BAD(l, ...)                                                                                \
    lethe_verdict_check((l)->j->out, &(l)->j->out->log, LETHE_VERDICT_INVALID, __VA_ARGS__)
#define OPEN(l, ...)                                                                               \
    lethe_verdict_check((l)->j->out, &(l)->j->out->log, LETHE_VERDICT_VALID, __VA_ARGS__)

static uint64_t natural(const struct lethe_node *object, const char *key)
{
    return (uint64_t)lethe_node_integer(lethe_node_get(object, key));
}

/* "times.started" in seconds; 0 when it never began. */
static uint64_t started(const struct lethe_judging *j)
{
    uint64_t ms = 0;
    const struct lethe_node *times = lethe_node_get(j->jwt->claims, "times");
    return lethe_time_parse(lethe_node_text(times, "started"), &ms) < 0 ? 0 : ms / 1000;
}

/* ---- The key of the log ---- */
static bool takes(struct log_judging *l, const struct lethe_tlog_key *key, const char *origin)
{
    if (key->type != LETHE_TLOG_ED25519 || strcmp(key->name, origin) != 0)
        return false;
    l->key = *key;
    return true;
}

static bool takes_text(struct log_judging *l, const char *vkey, const char *origin)
{
    struct lethe_tlog_key key;
    return lethe_tlog_key_parse(vkey, strlen(vkey), &key, NULL) == 0 && takes(l, &key, origin);
}

/* Of the keys that the user pinned, the one of ORIGIN: from the policy, alone, or from a trust
 * list, which says whose it is. */
static bool find_key(struct log_judging *l, const char *origin)
{
    const struct lethe_verify_policy *policy = l->j->policy;
    const char *vkey;
    for (size_t i = 0; policy->log_policy && i < policy->log_policy->n_logs; i++)
        if (takes(l, &policy->log_policy->log[i].key, origin))
            return true;
    for (const char *const *at = policy->log_vkeys; at && *at; at++)
        if (takes_text(l, *at, origin))
            return true;
    for (size_t i = 0;
         (vkey = lethe_trust_log_vkey(policy->trust, l->j->out->chain.organisation, i)); i++)
        if (takes_text(l, vkey, origin))
            return true;
    return false;
}

/* The log is the one that the organisation's root gave this bench, and its key is known. */
static bool judge_origin(struct log_judging *l)
{
    const char *pinned = l->j->out->chain.log_origin;
    const char *origin = lethe_node_text(l->claim, "origin");
    if (!l->claim)
        return OPEN(l, "log-none", "the certificate names no log: its proof cannot be judged");
    if (!pinned[0])
        return OPEN(l, "log-unpinned", "the bench certificate names no log: any would do");
    if (strcmp(pinned, origin) != 0)
        return BAD(l, "log-origin", "it names another log than its bench certificate");
    return find_key(l, origin)
               ? true
               : OPEN(l, "log-key", "no key of the log \"%.80s\" was given", origin);
}

/* ---- The entry ---- */
static bool judge_entry(struct log_judging *l, struct lethe_tlog_hash *leaf)
{
    const struct lethe_node *claims = l->j->jwt->claims;
    struct lethe_tlog_entry entry;
    struct lethe_tlog_hash jwt;
    struct lethe_error err = {0};
    bool certificate = strcmp(lethe_node_text(claims, "vct"), LETHE_VCT_CERTIFICATE) == 0;
    if (lethe_tlog_proof_entry(&l->proof, &entry, leaf, &err) < 0)
        return BAD(l, "proof-format", "the proof: %s", err.what);
    lethe_tlog_jwt_hash(&jwt, l->j->bundle->sdjwt.text, l->j->bundle->sdjwt.len);
    if (entry.kind != (certificate ? LETHE_TLOG_CERT : LETHE_TLOG_FAIL) ||
        strcmp(entry.name, lethe_node_text(claims, "jti")) != 0 ||
        strcmp(entry.job, lethe_node_text(claims, "job")) != 0 ||
        strcmp(entry.outcome, lethe_node_text(claims, "outcome")) != 0 ||
        entry.time != natural(claims, "iat") || !entry.has_hash ||
        !lethe_tlog_hash_equal(&entry.hash, &jwt))
        return BAD(l, "proof-other", "the proof is of another entry than this certificate's");
    return true;
}

/* ---- Time ---- */
/* A checkpoint that was kept is the same log at the same size, or somebody shows two logs. */
static void judge_seen(struct log_judging *l, struct lethe_tlog_checkpoint *seen, uint64_t *time)
{
    const struct lethe_span *text = &l->j->policy->seen;
    const struct lethe_tlog_checkpoint *now = &l->proven.checkpoint;
    struct lethe_tlog_note note;
    struct lethe_tlog_quorum quorum = {0};
    struct lethe_error err = {0};
    if (!text->text)
        return;
    if (lethe_tlog_checkpoint_open(text->text, text->len, &l->key, seen, &note, &err) < 0) {
        memset(seen, 0, sizeof(*seen));
        lethe_verdict_add(l->j->out, LETHE_VERDICT_VALID, "seen",
                          "the checkpoint that was kept does not help: %s", err.what);
        return;
    }
    if (l->j->policy->log_policy)
        lethe_tlog_policy_check(l->j->policy->log_policy, &note, l->j->policy->now / 1000, &quorum,
                                NULL);
    *time = quorum.not_after;
    if (seen->size == now->size && !lethe_tlog_hash_equal(&seen->root, &now->root))
        BAD(l, "log-fork",
            "the log shows two faces: a checkpoint of %llu entries was kept, and "
            "this one of as many is another",
            (unsigned long long)seen->size);
}

/* The start entry commits to a checkpoint: the job began after it. That is proven as far as the
 * checkpoint and its witnesses are at hand (SEEN), and worth something while it is young. */
static void judge_bracket(struct log_judging *l, const struct lethe_tlog_checkpoint *seen,
                          uint64_t seen_time)
{
    const struct lethe_node *before = lethe_node_get(l->claim, "not_before");
    uint64_t limit = l->j->policy->not_before_age_max, time = natural(before, "time");
    uint64_t began = started(l->j);
    char root[LETHE_TLOG_BASE64_SIZE(32)];
    limit = limit ? limit : AGE_MAX_DEFAULT;
    if (!before)
        return;
    if (began > time && began - time > limit) {
        lethe_verdict_add(l->j->out, LETHE_VERDICT_VALID, "not-before-old",
                          "the checkpoint that its start names is %llu days older: it brackets "
                          "nothing",
                          (unsigned long long)((began - time) / 86400));
        return;
    }
    lethe_tlog_base64_encode(root, seen->root.bytes, sizeof(seen->root.bytes));
    if (seen_time > 0 && seen->size == natural(before, "size") &&
        strcmp(root, lethe_node_text(before, "root")) == 0)
        l->j->out->proven_not_before = seen_time * 1000;
}

/* What the claim says of itself, with or without a proof. */
static void judge_claim(struct log_judging *l)
{
    struct lethe_certificate_report *out = l->j->out;
    const struct lethe_node *before = lethe_node_get(l->claim, "not_before");
    uint64_t began = started(l->j);
    if (before && natural(before, "size") > natural(l->claim, "start_index"))
        BAD(l, "log-order", "its start names a checkpoint from after itself");
    if (before && began > 0 && natural(before, "time") > began + LETHE_SKEW_MS / 1000)
        BAD(l, "log-time", "it says that it began before the checkpoint that its start names");
    lethe_text_format(out->rollback, sizeof(out->rollback), "%s",
                      lethe_node_text(l->claim, "rollback"));
    if (strcmp(out->rollback, "not-excluded") == 0)
        lethe_verdict_add(out, LETHE_VERDICT_VALID, "rollback",
                          "nothing kept the issuer from going back to an older state of its log");
}

/* Enough of those whom the user believes have seen it, and when. */
static bool judge_witnesses(struct log_judging *l)
{
    const struct lethe_tlog_quorum *quorum = &l->proven.quorum;
    struct lethe_certificate_report *out = l->j->out;
    if (!l->j->policy->log_policy || l->j->policy->log_policy->quorum_none)
        return OPEN(l, "unwitnessed",
                    "it is in the log, and no policy says which witnesses must have seen that");
    if (!quorum->met || quorum->not_after == 0)
        return OPEN(l, "quorum", "it is in the log; of its witnesses %zu have seen that, too few",
                    quorum->n_cosigned);
    uint64_t seen = quorum->not_after * 1000, iat = natural(l->j->jwt->claims, "iat") * 1000;
    if (iat > seen + LETHE_SKEW_MS)
        return BAD(l, "log-time", "it says that it was signed after witnesses had seen it");
    out->proven_not_after = seen;
    if (seen > out->chain.not_after)
        return OPEN(l, "witnessed-late",
                    "witnesses saw it after the bench certificate had expired, so they do not "
                    "prove that it was signed before");
    return true;
}

static bool judge_proof(struct log_judging *l)
{
    const struct lethe_span *text = &l->j->bundle->proof;
    struct lethe_error err = {0};
    struct lethe_tlog_hash leaf;
    if (lethe_tlog_proof_parse(text->text, text->len, &l->proof, &err) < 0)
        return BAD(l, "proof-format", "the proof: %s", err.what);
    if (!judge_entry(l, &leaf) || !judge_origin(l))
        return false;
    if (lethe_tlog_proof_verify(&l->proof, &leaf, &l->key, l->j->policy->log_policy,
                                l->j->policy->now / 1000, &l->proven, &err) < 0)
        return BAD(l, "proof", "the proof does not hold: %s", err.what);
    if (natural(l->claim, "start_index") >= l->proof.index)
        return BAD(l, "log-order", "the log has its end before its start");
    return true;
}

void lethe_judge_log(struct lethe_judging *j)
{
    struct log_judging *l = calloc(1, sizeof(*l)); /* a proof has some kilobytes */
    struct lethe_tlog_checkpoint seen = {0};
    uint64_t seen_time = 0;
    if (!l)
        return;
    l->j = j;
    l->claim = lethe_node_get(j->jwt->claims, "log");
    if (l->claim)
        judge_claim(l);
    if (j->bundle->proof.text && j->out->path.state == LETHE_CHECK_OK && judge_proof(l)) {
        judge_seen(l, &seen, &seen_time);
        judge_bracket(l, &seen, seen_time);
        if (judge_witnesses(l) && j->out->log.state == LETHE_CHECK_NONE)
            j->out->log.state = LETHE_CHECK_OK;
    }
    free(l);
}
