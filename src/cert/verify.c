/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verdict on a certificate. First whether it is authentic, then whether it contradicts itself,
 * and only then whether it says what the user asked for. Everything found is named; the worst
 * decides.
 */
#include "base/text.h"
#include "base/time.h"
#include "cert/binding.h"
#include "cert/consistency.h"
#include "cert/schema.h"
#include "cert/sdjwt.h"
#include "cert/technique.h"
#include "trust/x509_profile.h"
#include <lethe/certificate.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Clocks differ: so far ahead of ours a certificate may have been signed. */
#define SKEW_MS (5ull * 60 * 1000)

/* INVALID is worse than UNDETERMINED is worse than VALID. */
static int badness(enum lethe_verdict verdict)
{
    return verdict == LETHE_VERDICT_INVALID ? 2 : verdict == LETHE_VERDICT_UNDETERMINED ? 1 : 0;
}

static void __attribute__((format(printf, 4, 5)))
reason_add(struct lethe_certificate_report *report, enum lethe_verdict weight, const char *code,
           const char *format, ...)
{
    struct lethe_complaint made;
    char text[sizeof(made.text)];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    lethe_complain(&made, code, "%s", text);
    if (badness(weight) > badness(report->verdict))
        report->verdict = weight;
    size_t at = report->n_reasons;
    while (at > 0 && badness(report->reasons[at - 1].weight) < badness(weight))
        at--;
    if (at == LETHE_VERDICT_REASONS_MAX)
        return;
    size_t last = report->n_reasons < LETHE_VERDICT_REASONS_MAX ? report->n_reasons++
                                                                : LETHE_VERDICT_REASONS_MAX - 1;
    memmove(&report->reasons[at + 1], &report->reasons[at],
            (last - at) * sizeof(report->reasons[0]));
    memcpy(report->reasons[at].code, made.code, sizeof(made.code));
    memcpy(report->reasons[at].text, made.text, sizeof(made.text));
    report->reasons[at].weight = weight;
}

static void reason_invalid(struct lethe_certificate_report *report,
                           const struct lethe_complaint *why)
{
    reason_add(report, LETHE_VERDICT_INVALID, why->code, "%s", why->text);
}

static void on_contradiction(void *user, const struct lethe_complaint *why)
{
    reason_invalid(user, why);
}

static const char *claim(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));
    return value ? value : "";
}

/* Signature time is all we have without a witness (level L0): the chain is judged at iat. */
static int judge_chain(const struct lethe_sdjwt *jwt, const struct lethe_verify_policy *policy,
                       struct lethe_certificate_report *out)
{
    struct lethe_error err = {0};
    uint64_t iat = (uint64_t)json_integer_value(json_object_get(jwt->claims, "iat"));
    uint64_t when = iat > UINT64_MAX / 1000 ? UINT64_MAX : iat * 1000;
    const uint8_t *certs[LETHE_SDJWT_CHAIN_MAX];
    for (size_t i = 0; i < jwt->n_chain; i++)
        certs[i] = jwt->chain[i];
    int rc = lethe_trust_check(policy->trust, certs, jwt->chain_len, jwt->n_chain, when,
                               &out->chain, &err);
    bool dated = out->chain.not_after > 0;
    if (dated && (when < out->chain.not_before || when > out->chain.not_after))
        reason_add(out, LETHE_VERDICT_INVALID, "iat",
                   "it says it was signed when its bench certificate was not valid");
    else if (rc == -LETHE_E_UNTRUSTED)
        reason_add(out, LETHE_VERDICT_UNDETERMINED, "untrusted", "%s", err.what);
    else if (rc < 0)
        reason_add(out, LETHE_VERDICT_INVALID, "chain", "%s", err.what);
    if (when > policy->now && when - policy->now > SKEW_MS)
        reason_add(out, LETHE_VERDICT_INVALID, "future",
                   "it was signed in the future of this computer's clock");
    if (dated && policy->now > out->chain.not_after)
        reason_add(out, LETHE_VERDICT_VALID, "expired",
                   "the bench certificate has expired since; without a witness only the issuer's "
                   "word says that it signed before");
    return rc;
}

/* The claims' issuer is the one the chain names, and a demo key signs emulated jobs and nothing
 * else. */
static void judge_issuer(struct lethe_certificate_report *out)
{
    char iss[sizeof(out->chain.bench) + sizeof(LETHE_BENCH_URI)];
    lethe_text_format(iss, sizeof(iss), LETHE_BENCH_URI "%s", out->chain.bench);
    if (strcmp(claim(out->claims, "iss"), iss) != 0 ||
        strcmp(claim(out->claims, "organisation"), out->chain.organisation) != 0)
        reason_add(out, LETHE_VERDICT_INVALID, "issuer",
                   "its claims name another issuer than its signing certificate");
    bool demo = strcmp(out->chain.organisation, LETHE_DEMO_ORGANISATION) == 0;
    bool emulated = strcmp(claim(out->claims, "substrate"), "emulated") == 0;
    if (demo && !emulated)
        reason_add(out, LETHE_VERDICT_INVALID, "demo-key",
                   "a demo key signed for something that is not emulated");
    if (!demo && emulated)
        reason_add(out, LETHE_VERDICT_INVALID, "emulated-key",
                   "an organisation's key signed for an emulated device");
}

/* Outcomes that --accept may widen to: whoever accepts them knows that it is somebody's word. What
 * failed, was aborted or refused sanitised nothing and can't be asked for. */
#define ACCEPTABLE (1u << LETHE_OUTCOME_OPERATOR_ATTESTED | 1u << LETHE_OUTCOME_INDETERMINATE)

/* A record accepted by name: the word for the outcome is taken, what it lacks is not. Nobody can
 * ask for a device on which nothing was done, nothing was looked at or a policy was not met. */
static void judge_accepted(struct lethe_certificate_report *out)
{
    const json_t *verification = json_object_get(out->claims, "verification");
    reason_add(out, LETHE_VERDICT_VALID, "accepted",
               "this is a record, no certificate: %s was accepted by request",
               claim(out->claims, "outcome"));
    if (strcmp(claim(out->claims, "method"), "none") == 0)
        reason_add(out, LETHE_VERDICT_UNDETERMINED, "method-none",
                   "no method of sanitisation was achieved, whatever is accepted");
    if (!json_is_true(json_object_get(verification, "performed")) ||
        strcmp(claim(verification, "mode"), "none") == 0)
        reason_add(out, LETHE_VERDICT_UNDETERMINED, "not-verified",
                   "nothing was verified, whatever is accepted");
}

static void judge_record(const struct lethe_verify_policy *policy,
                         struct lethe_certificate_report *out)
{
    const json_t *wanted = json_object_get(out->claims, "policy");
    int outcome = lethe_outcome_parse(claim(out->claims, "outcome"));
    if (outcome >= 0 && (policy->accept_outcomes & ACCEPTABLE & 1u << outcome))
        judge_accepted(out);
    else
        reason_add(out, LETHE_VERDICT_UNDETERMINED, "record-only",
                   "it is a record of a job that is %s, not a certificate of sanitisation",
                   claim(out->claims, "outcome"));
    if (!json_is_true(json_object_get(wanted, "met")))
        reason_add(out, LETHE_VERDICT_UNDETERMINED, "policy-not-met",
                   "the job did not meet its policy %s", claim(wanted, "id"));
}

static void judge_result(const struct lethe_verify_policy *policy,
                         struct lethe_certificate_report *out)
{
    const json_t *exceptions = json_object_get(out->claims, "exceptions");
    const char *technique = claim(json_object_get(out->claims, "technique"), "name");
    if (!lethe_known_technique(technique))
        reason_add(out, LETHE_VERDICT_UNDETERMINED, "technique-unknown",
                   "\"%.60s\" is no technique that this version knows, so it cannot be judged",
                   technique);
    if (strcmp(claim(out->claims, "vct"), LETHE_VCT_CERTIFICATE) != 0)
        judge_record(policy, out);
    else if (strcmp(claim(out->claims, "outcome"), "passed-with-exceptions") == 0)
        reason_add(out, LETHE_VERDICT_VALID, "exceptions",
                   "%llu sectors could not be sanitised; the policy allows as many",
                   (unsigned long long)json_integer_value(json_object_get(exceptions, "sectors")));
}

static void judge_substrate(const struct lethe_verify_policy *policy,
                            struct lethe_certificate_report *out)
{
    const char *name = claim(out->claims, "substrate");
    int substrate = lethe_substrate_parse(name);
    if (substrate == LETHE_SUBSTRATE_PHYSICAL)
        return;
    if (substrate >= 0 && (policy->allow_substrates & 1u << substrate))
        reason_add(out, LETHE_VERDICT_VALID, "substrate-allowed",
                   "what was erased is %s, no physical device: allowed by request", name);
    else
        reason_add(out, LETHE_VERDICT_UNDETERMINED, "substrate",
                   "what was erased is %s, no physical device (allow it with --allow %s)", name,
                   name);
}

static void judge_binding(const struct lethe_verify_policy *policy, size_t n_hidden_identifiers,
                          struct lethe_certificate_report *out)
{
    bool bound = lethe_binding_any(out->claims);
    if (!bound)
        reason_add(
            out, LETHE_VERDICT_UNDETERMINED, "unbound",
            "no identifier is disclosed that was read from the device and is its own: it could "
            "be of any device");
    if (policy->device && !lethe_binding_matches(out->claims, policy->device)) {
        if (n_hidden_identifiers > 0)
            reason_add(out, LETHE_VERDICT_UNDETERMINED, "device-hidden",
                       "\"%.80s\" is not disclosed; it may be one of the identifiers that the "
                       "holder withheld",
                       policy->device);
        else
            reason_add(out, LETHE_VERDICT_INVALID, "device-mismatch",
                       "it is for another device than \"%.80s\"", policy->device);
    }
    for (const char *const *name = policy->require; name && *name; name++)
        if (!lethe_binding_discloses(out->claims, *name))
            reason_add(out, LETHE_VERDICT_UNDETERMINED, "undisclosed",
                       "\"%.60s\" was required and is not disclosed", *name);
}

static void judge_remarks(const struct lethe_verify_policy *policy,
                          struct lethe_certificate_report *out)
{
    const json_t *profile = json_object_get(out->claims, "profile");
    if (policy->min_level > 0)
        reason_add(out, LETHE_VERDICT_UNDETERMINED, "level",
                   "level L%u was asked for; this version checks signature and path only (L0)",
                   policy->min_level);
    if (!json_is_true(json_object_get(json_object_get(out->claims, "policy"), "read_in_full")))
        reason_add(out, LETHE_VERDICT_VALID, "policy-not-read",
                   "the issuer's policy was made without reading its standard in full");
    if (json_is_true(json_object_get(profile, "accepted_untested")))
        reason_add(out, LETHE_VERDICT_VALID, "untested",
                   "the technique is less tested on such devices than the policy asks for; the "
                   "issuer accepted that");
}

static void judge(struct lethe_sdjwt *jwt, const struct lethe_verify_policy *policy,
                  struct lethe_certificate_report *out)
{
    struct lethe_complaint why;
    int rc = lethe_schema_check(jwt->claims, &why);
    if (rc < 0)
        reason_add(out,
                   rc == -LETHE_E_UNSUPPORTED ? LETHE_VERDICT_UNDETERMINED : LETHE_VERDICT_INVALID,
                   why.code, "%s", why.text);
    if (rc < 0 && rc != -LETHE_E_UNSUPPORTED)
        return;
    rc = judge_chain(jwt, policy, out);
    if (rc == 0 || rc == -LETHE_E_UNTRUSTED)
        judge_issuer(out);
    lethe_consistency_check(jwt->claims, on_contradiction, out);
    if (rc == 0 && out->verdict != LETHE_VERDICT_INVALID)
        out->level = 0;
    judge_result(policy, out);
    judge_substrate(policy, out);
    judge_binding(policy, jwt->n_hidden_identifiers, out);
    judge_remarks(policy, out);
}

void lethe_certificate_verify(const char *text, size_t len,
                              const struct lethe_verify_policy *policy,
                              struct lethe_certificate_report *out)
{
    struct lethe_sdjwt jwt;
    struct lethe_complaint why;
    memset(out, 0, sizeof(*out));
    out->level = -1;
    int rc = lethe_sdjwt_parse(text, len, &jwt, &why);
    if (rc == 0)
        rc = lethe_sdjwt_signature(&jwt, &why);
    if (rc == 0)
        rc = lethe_sdjwt_open(&jwt, &why);
    if (rc < 0) {
        reason_invalid(out, &why);
    } else {
        out->claims = json_incref(jwt.claims);
        out->n_hidden = jwt.n_hidden;
        judge(&jwt, policy, out);
    }
    lethe_sdjwt_clear(&jwt);
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
        *claims = json_incref(jwt.claims);
    else
        rc = lethe_fail(err, LETHE_E_INVALID, "not a certificate: %s", why.text);
    lethe_sdjwt_clear(&jwt);
    return rc;
}
