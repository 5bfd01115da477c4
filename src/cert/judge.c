/* SPDX-License-Identifier: Apache-2.0 */
/* What an authentic certificate says, against what the user asked for. */
#include "base/text.h"
#include "cert/binding.h"
#include "cert/technique.h"
#include "cert/verdict.h"
#include "trust/x509_profile.h"
#include <stdio.h>
#include <string.h>

/* The claims' issuer is the one the chain names, and a demo key signs emulated jobs and nothing
 * else. */
void lethe_judge_issuer(struct lethe_certificate_report *out)
{
    char iss[sizeof(out->chain.bench) + sizeof(LETHE_BENCH_URI)];
    lethe_text_format(iss, sizeof(iss), LETHE_BENCH_URI "%s", out->chain.bench);
    if (strcmp(lethe_claim_text(out->claims, "iss"), iss) != 0 ||
        strcmp(lethe_claim_text(out->claims, "organisation"), out->chain.organisation) != 0)
        lethe_verdict_add(out, LETHE_VERDICT_INVALID, "issuer",
                          "its claims name another issuer than its signing certificate");
    bool demo = strcmp(out->chain.organisation, LETHE_DEMO_ORGANISATION) == 0;
    bool emulated = strcmp(lethe_claim_text(out->claims, "substrate"), "emulated") == 0;
    if (demo && !emulated)
        lethe_verdict_add(out, LETHE_VERDICT_INVALID, "demo-key",
                          "a demo key signed for something that is not emulated");
    if (!demo && emulated)
        lethe_verdict_add(out, LETHE_VERDICT_INVALID, "emulated-key",
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
    lethe_verdict_add(out, LETHE_VERDICT_VALID, "accepted",
                      "this is a record, no certificate: %s was accepted by request",
                      lethe_claim_text(out->claims, "outcome"));
    if (strcmp(lethe_claim_text(out->claims, "method"), "none") == 0)
        lethe_verdict_add(out, LETHE_VERDICT_UNDETERMINED, "method-none",
                          "no method of sanitisation was achieved, whatever is accepted");
    if (!json_is_true(json_object_get(verification, "performed")) ||
        strcmp(lethe_claim_text(verification, "mode"), "none") == 0)
        lethe_verdict_add(out, LETHE_VERDICT_UNDETERMINED, "not-verified",
                          "nothing was verified, whatever is accepted");
}

static void judge_record(const struct lethe_verify_policy *policy,
                         struct lethe_certificate_report *out)
{
    const json_t *wanted = json_object_get(out->claims, "policy");
    int outcome = lethe_outcome_parse(lethe_claim_text(out->claims, "outcome"));
    if (outcome >= 0 && (policy->accept_outcomes & ACCEPTABLE & 1u << outcome))
        judge_accepted(out);
    else
        lethe_verdict_add(out, LETHE_VERDICT_UNDETERMINED, "record-only",
                          "it is a record of a job that is %s, not a certificate of sanitisation",
                          lethe_claim_text(out->claims, "outcome"));
    if (!json_is_true(json_object_get(wanted, "met")))
        lethe_verdict_add(out, LETHE_VERDICT_UNDETERMINED, "policy-not-met",
                          "the job did not meet its policy %s", lethe_claim_text(wanted, "id"));
}

static void judge_result(const struct lethe_verify_policy *policy,
                         struct lethe_certificate_report *out)
{
    const json_t *exceptions = json_object_get(out->claims, "exceptions");
    const char *technique = lethe_claim_text(json_object_get(out->claims, "technique"), "name");
    if (!lethe_known_technique(technique))
        lethe_verdict_add(
            out, LETHE_VERDICT_UNDETERMINED, "technique-unknown",
            "\"%.60s\" is no technique that this version knows, so it cannot be judged", technique);
    if (strcmp(lethe_claim_text(out->claims, "vct"), LETHE_VCT_CERTIFICATE) != 0)
        judge_record(policy, out);
    else if (strcmp(lethe_claim_text(out->claims, "outcome"), "passed-with-exceptions") == 0)
        lethe_verdict_add(
            out, LETHE_VERDICT_VALID, "exceptions",
            "%llu sectors could not be sanitised; the policy allows as many",
            (unsigned long long)json_integer_value(json_object_get(exceptions, "sectors")));
}

static void judge_substrate(const struct lethe_verify_policy *policy,
                            struct lethe_certificate_report *out)
{
    const char *name = lethe_claim_text(out->claims, "substrate");
    int substrate = lethe_substrate_parse(name);
    if (substrate == LETHE_SUBSTRATE_PHYSICAL)
        return;
    if (substrate >= 0 && (policy->allow_substrates & 1u << substrate))
        lethe_verdict_add(out, LETHE_VERDICT_VALID, "substrate-allowed",
                          "what was erased is %s, no physical device: allowed by request", name);
    else
        lethe_verdict_add(out, LETHE_VERDICT_UNDETERMINED, "substrate",
                          "what was erased is %s, no physical device (allow it with --allow %s)",
                          name, name);
}

/* "CLAIM" or "CLAIM=VALUE". What is hidden may be anything: it is never taken for what was asked
 * for.
 */
static void judge_required(const char *wanted, struct lethe_certificate_report *out)
{
    char name[96];
    const char *value = strchr(wanted, '=');
    lethe_text_format(name, sizeof(name), "%.*s",
                      (int)(value ? (size_t)(value - wanted) : strlen(wanted)), wanted);
    if (!lethe_binding_discloses(out->claims, name))
        lethe_verdict_add(out, LETHE_VERDICT_UNDETERMINED, "undisclosed",
                          "\"%.60s\" was required and is not disclosed", name);
    else if (value && !lethe_binding_says(out->claims, name, value + 1))
        lethe_verdict_add(out, LETHE_VERDICT_INVALID, "required-mismatch",
                          "\"%.60s\" is not \"%.80s\", which was required", name, value + 1);
}

static void judge_binding(const struct lethe_verify_policy *policy, size_t n_hidden_identifiers,
                          struct lethe_certificate_report *out)
{
    bool bound = lethe_binding_any(out->claims);
    if (!bound)
        lethe_verdict_add(
            out, LETHE_VERDICT_UNDETERMINED, "unbound",
            "no identifier is disclosed that was read from the device and is its own: it could "
            "be of any device");
    if (policy->device && !lethe_binding_matches(out->claims, policy->device)) {
        if (n_hidden_identifiers > 0)
            lethe_verdict_add(
                out, LETHE_VERDICT_UNDETERMINED, "device-hidden",
                "\"%.80s\" is not disclosed; it may be one of the identifiers that the "
                "holder withheld",
                policy->device);
        else
            lethe_verdict_add(out, LETHE_VERDICT_INVALID, "device-mismatch",
                              "it is for another device than \"%.80s\"", policy->device);
    }
    for (const char *const *wanted = policy->require; wanted && *wanted; wanted++)
        judge_required(*wanted, out);
}

static void judge_remarks(struct lethe_certificate_report *out)
{
    const json_t *profile = json_object_get(out->claims, "profile");
    if (!json_is_true(json_object_get(json_object_get(out->claims, "policy"), "read_in_full")))
        lethe_verdict_add(out, LETHE_VERDICT_VALID, "policy-not-read",
                          "the issuer's policy was made without reading its standard in full");
    if (json_is_true(json_object_get(profile, "accepted_untested")))
        lethe_verdict_add(
            out, LETHE_VERDICT_VALID, "untested",
            "the technique is less tested on such devices than the policy asks for; the "
            "issuer accepted that");
}

void lethe_judge_claims(struct lethe_judging *j)
{
    judge_result(j->policy, j->out);
    judge_substrate(j->policy, j->out);
    judge_binding(j->policy, j->jwt->n_hidden_identifiers, j->out);
    judge_remarks(j->out);
}
