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
void lethe_judge_issuer(const struct lethe_judging *j)
{
    char iss[sizeof(j->out->chain.bench) + sizeof(LETHE_BENCH_URI)];
    lethe_text_format(iss, sizeof(iss), LETHE_BENCH_URI "%s", j->out->chain.bench);
    if (strcmp(lethe_node_text(j->jwt->claims, "iss"), iss) != 0 ||
        strcmp(lethe_node_text(j->jwt->claims, "organisation"), j->out->chain.organisation) != 0)
        lethe_verdict_add(j->out, LETHE_VERDICT_INVALID, "issuer",
                          "its claims name another issuer than its signing certificate");
    bool demo = strcmp(j->out->chain.organisation, LETHE_DEMO_ORGANISATION) == 0;
    bool emulated = strcmp(lethe_node_text(j->jwt->claims, "substrate"), "emulated") == 0;
    if (demo && !emulated)
        lethe_verdict_add(j->out, LETHE_VERDICT_INVALID, "demo-key",
                          "a demo key signed for something that is not emulated");
    if (!demo && emulated)
        lethe_verdict_add(j->out, LETHE_VERDICT_INVALID, "emulated-key",
                          "an organisation's key signed for an emulated device");
}

/* Outcomes that --accept may widen to: whoever accepts them knows that it is somebody's word. What
 * failed, was aborted or refused sanitised nothing and can't be asked for. */
#define ACCEPTABLE (1u << LETHE_OUTCOME_OPERATOR_ATTESTED | 1u << LETHE_OUTCOME_INDETERMINATE)

/* A record accepted by name: the word for the outcome is taken, what it lacks is not. Nobody can
 * ask for a device on which nothing was done, nothing was looked at or a policy was not met. */
static void judge_accepted(const struct lethe_judging *j)
{
    const struct lethe_node *verification = lethe_node_get(j->jwt->claims, "verification");
    lethe_verdict_add(j->out, LETHE_VERDICT_VALID, "accepted",
                      "this is a record, no certificate: %s was accepted by request",
                      lethe_node_text(j->jwt->claims, "outcome"));
    if (strcmp(lethe_node_text(j->jwt->claims, "method"), "none") == 0)
        lethe_verdict_add(j->out, LETHE_VERDICT_UNDETERMINED, "method-none",
                          "no method of sanitisation was achieved, whatever is accepted");
    if (!lethe_node_is_true(lethe_node_get(verification, "performed")) ||
        strcmp(lethe_node_text(verification, "mode"), "none") == 0)
        lethe_verdict_add(j->out, LETHE_VERDICT_UNDETERMINED, "not-verified",
                          "nothing was verified, whatever is accepted");
}

static void judge_record(const struct lethe_judging *j)
{
    const struct lethe_node *wanted = lethe_node_get(j->jwt->claims, "policy");
    int outcome = lethe_outcome_parse(lethe_node_text(j->jwt->claims, "outcome"));
    if (outcome >= 0 && (j->policy->accept_outcomes & ACCEPTABLE & 1u << outcome))
        judge_accepted(j);
    else
        lethe_verdict_add(j->out, LETHE_VERDICT_UNDETERMINED, "record-only",
                          "it is a record of a job that is %s, not a certificate of sanitisation",
                          lethe_node_text(j->jwt->claims, "outcome"));
    if (!lethe_node_is_true(lethe_node_get(wanted, "met")))
        lethe_verdict_add(j->out, LETHE_VERDICT_UNDETERMINED, "policy-not-met",
                          "the job did not meet its policy %s", lethe_node_text(wanted, "id"));
}

/* Each technique of the chain of a phone is asked for, too. */
static void judge_technique(const struct lethe_judging *j)
{
    const struct lethe_node *technique = lethe_node_get(j->jwt->claims, "technique"), *item;
    const char *unknown = lethe_node_text(technique, "name");
    unknown = lethe_known_technique(unknown) ? NULL : unknown;
    LETHE_NODE_EACH(lethe_node_get(technique, "chain"), item)
    {
        const char *name = lethe_node_string(item);
        if (!unknown && name && !lethe_known_technique(name))
            unknown = name;
    }
    if (unknown)
        lethe_verdict_add(
            j->out, LETHE_VERDICT_UNDETERMINED, "technique-unknown",
            "\"%.60s\" is no technique that this version knows, so it cannot be judged", unknown);
}

/* Of what passed: what is to be known of it all the same. */
static void judge_passed(const struct lethe_judging *j)
{
    const struct lethe_node *exceptions = lethe_node_get(j->jwt->claims, "exceptions");
    const struct lethe_node *v = lethe_node_get(j->jwt->claims, "verification");
    if (strcmp(lethe_node_text(j->jwt->claims, "outcome"), "passed-with-exceptions") == 0)
        lethe_verdict_add(
            j->out, LETHE_VERDICT_VALID, "exceptions",
            "%llu sectors could not be sanitised; the policy allows as many",
            (unsigned long long)lethe_node_integer(lethe_node_get(exceptions, "sectors")));
    if (lethe_node_integer(lethe_node_get(v, "withheld")) > 0)
        lethe_verdict_add(j->out, LETHE_VERDICT_VALID, "withheld",
                          "the device did not give out %llu blocks that were to be read: of them "
                          "there is its own word only",
                          (unsigned long long)lethe_node_integer(lethe_node_get(v, "withheld")));
}

static void judge_result(const struct lethe_judging *j)
{
    judge_technique(j);
    if (strcmp(lethe_node_text(j->jwt->claims, "vct"), LETHE_VCT_CERTIFICATE) != 0)
        judge_record(j);
    else
        judge_passed(j);
}

static void judge_substrate(const struct lethe_judging *j)
{
    const char *name = lethe_node_text(j->jwt->claims, "substrate");
    int substrate = lethe_substrate_parse(name);
    if (substrate == LETHE_SUBSTRATE_PHYSICAL)
        return;
    if (substrate >= 0 && (j->policy->allow_substrates & 1u << substrate))
        lethe_verdict_add(j->out, LETHE_VERDICT_VALID, "substrate-allowed",
                          "what was erased is %s, no physical device: allowed by request", name);
    else
        lethe_verdict_add(j->out, LETHE_VERDICT_UNDETERMINED, "substrate",
                          "what was erased is %s, no physical device (allow it with --allow %s)",
                          name, name);
}

/* "CLAIM" or "CLAIM=VALUE". What is hidden may be anything: it is never taken for what was asked
 * for.
 */
static void judge_required(const char *wanted, const struct lethe_judging *j)
{
    char name[96];
    const char *value = strchr(wanted, '=');
    lethe_text_format(name, sizeof(name), "%.*s",
                      (int)(value ? (size_t)(value - wanted) : strlen(wanted)), wanted);
    if (!lethe_binding_discloses(j->jwt->claims, name))
        lethe_verdict_add(j->out, LETHE_VERDICT_UNDETERMINED, "undisclosed",
                          "\"%.60s\" was required and is not disclosed", name);
    else if (value && !lethe_binding_says(j->jwt->claims, name, value + 1))
        lethe_verdict_add(j->out, LETHE_VERDICT_INVALID, "required-mismatch",
                          "\"%.60s\" is not \"%.80s\", which was required", name, value + 1);
}

static void judge_binding(const struct lethe_judging *j)
{
    bool bound = lethe_binding_any(j->jwt->claims);
    if (!bound)
        lethe_verdict_add(
            j->out, LETHE_VERDICT_UNDETERMINED, "unbound",
            "no identifier is disclosed that was read from the device and is its own: it could "
            "be of any device");
    if (j->policy->device && !lethe_binding_matches(j->jwt->claims, j->policy->device)) {
        if (j->jwt->n_hidden_identifiers > 0)
            lethe_verdict_add(
                j->out, LETHE_VERDICT_UNDETERMINED, "device-hidden",
                "\"%.80s\" is not disclosed; it may be one of the identifiers that the "
                "holder withheld",
                j->policy->device);
        else
            lethe_verdict_add(j->out, LETHE_VERDICT_INVALID, "device-mismatch",
                              "it is for another device than \"%.80s\"", j->policy->device);
    }
    for (const char *const *wanted = j->policy->require; wanted && *wanted; wanted++)
        judge_required(*wanted, j);
}

static void judge_remarks(const struct lethe_judging *j)
{
    const struct lethe_node *profile = lethe_node_get(j->jwt->claims, "profile");
    if (!lethe_node_is_true(
            lethe_node_get(lethe_node_get(j->jwt->claims, "policy"), "read_in_full")))
        lethe_verdict_add(j->out, LETHE_VERDICT_VALID, "policy-not-read",
                          "the issuer's policy was made without reading its standard in full");
    if (lethe_node_is_true(lethe_node_get(profile, "accepted_untested")))
        lethe_verdict_add(
            j->out, LETHE_VERDICT_VALID, "untested",
            "the technique is less tested on such devices than the policy asks for; the "
            "issuer accepted that");
}

void lethe_judge_claims(const struct lethe_judging *j)
{
    judge_result(j);
    judge_substrate(j);
    judge_binding(j);
    judge_remarks(j);
}
