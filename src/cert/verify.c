/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verdict on a certificate. First whether it is authentic, then whether it contradicts itself,
 * and only then whether it says what the user asked for. Everything found is named; the worst
 * decides.
 */
#include "base/text.h"
#include "cert/cache.h"
#include "cert/consistency.h"
#include "cert/schema.h"
#include "cert/verdict.h"
#include <string.h>

static void on_contradiction(void *user, const struct lethe_complaint *why)
{
    lethe_verdict_add(user, LETHE_VERDICT_INVALID, why->code, "%s", why->text);
}

/* ---- Signature ---- */
struct verifying {
    struct lethe_sdjwt jwt;
    struct lethe_cached *cached; /* seen before; or: */
    struct lethe_es256 *key;     /* made here, and: */
    bool kept;                   /* it went into the cache, which frees it */
};

static int check_signature(struct verifying *v, const struct lethe_verify_policy *policy,
                           struct lethe_complaint *why)
{
    v->cached = lethe_verify_cache_find(policy->cache, v->jwt.header);
    int rc = v->cached ? 0 : lethe_sdjwt_header(&v->jwt, why);
    if (rc == 0 && !v->cached &&
        !(v->key = lethe_es256_new(v->jwt.chain[0], v->jwt.chain_len[0], why)))
        rc = -LETHE_E_INVALID;
    return rc < 0 ? rc
                  : lethe_es256_verify(v->cached ? v->cached->key : v->key, v->jwt.signature,
                                       v->jwt.signed_part.text, v->jwt.signed_part.len, why);
}

/* ---- Path ---- */
static int path_at(const struct verifying *v, const struct lethe_trust *trust, uint64_t when,
                   struct lethe_chain *chain, struct lethe_error *err)
{
    const uint8_t *certs[LETHE_SDJWT_CHAIN_MAX];
    for (size_t i = 0; i < v->jwt.n_chain; i++)
        certs[i] = v->jwt.chain[i];
    return lethe_trust_check(trust, certs, v->jwt.chain_len, v->jwt.n_chain, when, chain, err);
}

/* A path holds for one stretch of time. If it ends at the same anchor at both ends of the bench
 * certificate's life, it does so at all times between. */
static void remember(struct verifying *v, const struct lethe_verify_policy *policy,
                     const struct lethe_chain *now)
{
    struct lethe_chain first, last;
    if (!policy->cache || !v->key || path_at(v, policy->trust, now->not_before, &first, NULL) < 0 ||
        path_at(v, policy->trust, now->not_after, &last, NULL) < 0 ||
        strcmp(first.anchor_sha256, last.anchor_sha256) != 0)
        return;
    if (lethe_verify_cache_keep(policy->cache, v->jwt.header, v->key, now, now->not_before,
                                now->not_after))
        v->kept = true;
}

/* The path is judged at iat. That the signer's word for it is true is shown by the log, if at all.
 */
static int judge_path(struct verifying *v, const struct lethe_verify_policy *policy,
                      struct lethe_certificate_report *out)
{
    struct lethe_error err = {0};
    uint64_t iat = (uint64_t)lethe_node_integer(lethe_node_get(v->jwt.claims, "iat"));
    uint64_t when = iat > UINT64_MAX / 1000 ? UINT64_MAX : iat * 1000;
    int rc = 0;
    if (v->cached && when >= v->cached->from && when <= v->cached->until) {
        out->chain = v->cached->chain;
    } else {
        struct lethe_complaint why;
        rc = v->cached ? lethe_sdjwt_header(&v->jwt, &why) : 0;
        if (rc == 0)
            rc = path_at(v, policy->trust, when, &out->chain, &err);
        if (rc == 0)
            remember(v, policy, &out->chain);
    }
    bool dated = out->chain.not_after > 0;
    out->path.state = LETHE_CHECK_OK;
    if (dated && (when < out->chain.not_before || when > out->chain.not_after))
        lethe_verdict_check(out, &out->path, LETHE_VERDICT_INVALID, "iat",
                            "it says it was signed when its bench certificate was not valid");
    else if (rc < 0 && rc != -LETHE_E_UNTRUSTED)
        lethe_verdict_check(out, &out->path, LETHE_VERDICT_INVALID, "chain", "%s", err.what);
    else if (rc < 0)
        lethe_verdict_check(out, &out->path, LETHE_VERDICT_UNDETERMINED, "untrusted", "%s",
                            err.what);
    if (when > policy->now && when - policy->now > LETHE_SKEW_MS)
        lethe_verdict_add(out, LETHE_VERDICT_INVALID, "future",
                          "it was signed in the future of this computer's clock");
    return rc;
}

/* Until now for all we know: a key outlives its certificate, and so does who stole it. */
static void judge_age(const struct lethe_verify_policy *policy,
                      struct lethe_certificate_report *out)
{
    bool witnessed = out->proven_not_after > 0 && out->proven_not_after <= out->chain.not_after;
    if (out->chain.not_after > 0 && policy->now > out->chain.not_after && !witnessed)
        lethe_verdict_add(out, LETHE_VERDICT_VALID, "expired",
                          "the bench certificate has expired since; without a witness only the "
                          "issuer's word says that it signed before");
}

/* An organisation that is not believed any more can still sign with a clock of before. */
static void judge_until(const struct lethe_verify_policy *policy,
                        struct lethe_certificate_report *out)
{
    uint64_t until = lethe_trust_until(policy->trust, &out->chain);
    if (policy->now > until && (out->proven_not_after == 0 || out->proven_not_after > until))
        lethe_verdict_check(out, &out->path, LETHE_VERDICT_UNDETERMINED, "untrusted",
                            "the trust list does not believe its organisation any more, and no "
                            "witness has seen that it is from before");
}

/* The highest level for which it and everything below it holds. */
static void judge_level(const struct lethe_verify_policy *policy,
                        struct lethe_certificate_report *out)
{
    bool authentic = out->signature.state == LETHE_CHECK_OK && out->path.state == LETHE_CHECK_OK;
    out->level = !authentic || out->verdict == LETHE_VERDICT_INVALID ? -1
                 : out->status.state != LETHE_CHECK_OK               ? 0
                 : out->log.state != LETHE_CHECK_OK                  ? 1
                                                                     : 2;
    if (policy->min_level == 0 || out->level >= (int)policy->min_level)
        return;
    if (out->level < 0)
        lethe_verdict_add(out, LETHE_VERDICT_UNDETERMINED, "level",
                          "level L%u was asked for; signature and path do not hold",
                          policy->min_level);
    else
        lethe_verdict_add(out, LETHE_VERDICT_UNDETERMINED, "level",
                          "level L%u was asked for and L%d is reached: status %s, log %s",
                          policy->min_level, out->level, lethe_check_state_name(out->status.state),
                          lethe_check_state_name(out->log.state));
}

static void judge(struct verifying *v, struct lethe_judging *j)
{
    struct lethe_complaint why;
    struct lethe_certificate_report *out = j->out;
    int rc = lethe_schema_check(v->jwt.claims, &why);
    if (rc < 0)
        lethe_verdict_add(
            out, rc == -LETHE_E_UNSUPPORTED ? LETHE_VERDICT_UNDETERMINED : LETHE_VERDICT_INVALID,
            why.code, "%s", why.text);
    if (rc < 0 && rc != -LETHE_E_UNSUPPORTED)
        return;
    rc = judge_path(v, j->policy, out);
    if (rc == 0 || rc == -LETHE_E_UNTRUSTED)
        lethe_judge_issuer(j);
    lethe_consistency_check(v->jwt.claims, on_contradiction, out);
    lethe_judge_log(j);
    lethe_judge_status(j);
    lethe_judge_carrier(j);
    judge_age(j->policy, out);
    judge_until(j->policy, out);
    judge_level(j->policy, out); /* what was asked for, from here on, does not make it less real */
    lethe_judge_claims(j);
    lethe_judge_validation(j);
}

/* What it says, and what it does not. */
static void describe(const struct lethe_sdjwt *jwt, const struct lethe_bundle *bundle,
                     const struct lethe_verify_policy *policy, struct lethe_certificate_report *out)
{
    static const char *const hideable[] = {"operator", "customer", "asset_tag", "lot", "seed"};
    lethe_text_format(out->jti, sizeof(out->jti), "%s", lethe_node_text(jwt->claims, "jti"));
    if (!policy->no_claims || bundle->qr.text) /* a label is compared with them */
        out->claims = lethe_sdjwt_claims(jwt);
    out->n_hidden = jwt->n_hidden;
    out->n_hidden_claims = jwt->n_hidden_claims;
    out->n_hidden_custom = jwt->n_hidden_custom;
    out->n_hidden_identifiers = jwt->n_hidden_identifiers;
    for (size_t i = 0; jwt->n_hidden_claims > 0 && i < sizeof(hideable) / sizeof(hideable[0]);
         i++) {
        size_t len = strlen(out->absent);
        if (!lethe_node_get(jwt->claims, hideable[i]))
            lethe_text_format(out->absent + len, sizeof(out->absent) - len, "%s%s", len ? "," : "",
                              hideable[i]);
    }
}

void lethe_bundle_verify(const struct lethe_bundle *bundle,
                         const struct lethe_verify_policy *policy,
                         struct lethe_certificate_report *out)
{
    struct verifying v = {0};
    struct lethe_complaint why;
    memset(out, 0, sizeof(*out));
    out->level = -1;
    int rc = lethe_sdjwt_split(bundle->sdjwt.text, bundle->sdjwt.len, &v.jwt, &why);
    if (rc == 0)
        rc = check_signature(&v, policy, &why);
    if (rc == 0)
        rc = lethe_sdjwt_open(&v.jwt, &why);
    if (rc < 0) {
        lethe_verdict_check(out, &out->signature, LETHE_VERDICT_INVALID, why.code, "%s", why.text);
    } else {
        out->signature.state = LETHE_CHECK_OK;
        describe(&v.jwt, bundle, policy, out);
        judge(&v, &(struct lethe_judging){.bundle = bundle,
                                          .policy = policy,
                                          .jwt = &v.jwt,
                                          .key = v.cached ? v.cached->key : v.key,
                                          .out = out});
    }
    if (!v.kept)
        lethe_es256_free(v.key);
    lethe_sdjwt_clear(&v.jwt);
}

void lethe_certificate_verify(const char *text, size_t len,
                              const struct lethe_verify_policy *policy,
                              struct lethe_certificate_report *out)
{
    lethe_bundle_verify(&(struct lethe_bundle){.sdjwt = {text, len}}, policy, out);
}

void lethe_certificate_report_clear(struct lethe_certificate_report *report)
{
    json_decref(report->claims);
    memset(report, 0, sizeof(*report));
}

int lethe_certificate_decode(const char *text, size_t len, json_t **claims, struct lethe_error *err)
{
    struct lethe_sdjwt jwt;
    struct lethe_complaint why;
    int rc = lethe_sdjwt_parse(text, len, &jwt, &why);
    if (rc == 0)
        rc = lethe_sdjwt_open(&jwt, &why);
    if (rc == 0)
        *claims = lethe_sdjwt_claims(&jwt);
    else
        rc = lethe_fail(err, LETHE_E_INVALID, "not a certificate: %s", why.text);
    lethe_sdjwt_clear(&jwt);
    return rc;
}
