/* SPDX-License-Identifier: Apache-2.0 */
/* From an ended job to what its certificate says: open claims, and those a holder may withhold. */
#include "base/json.h"
#include "base/text.h"
#include "issue/parts.h"
#include "trust/x509_profile.h"
#include <lethe/certificate.h>
#include <string.h>

static int claims_allowed(const struct lethe_job *job, const struct lethe_signer *signer,
                          struct lethe_error *err)
{
    bool emulated = job->plan.identity.substrate == LETHE_SUBSTRATE_EMULATED;
    if (!job->end_body)
        return lethe_fail(err, LETHE_E_INVALID, "job %s has not ended: there is nothing to certify",
                          job->id);
    if (emulated && !signer->demo)
        return lethe_fail(err, LETHE_E_REFUSED,
                          "an organisation's key never signs for an emulated device");
    if (!emulated && signer->demo)
        return lethe_fail(err, LETHE_E_REFUSED,
                          "the demo key signs for emulated devices and nothing else");
    return 0;
}

/* Were all hidden areas opened? Then it has the capacity that the plan was made for. */
static bool opened(const struct lethe_job *job)
{
    for (size_t i = 0; i < job->plan.n_steps; i++)
        if (job->plan.steps[i].kind == LETHE_STEP_PREPARE && !job->step_ok[i])
            return false;
    return true;
}

/* Who the device was when START was recorded; before that, when the plan was made. */
static int identity_of(const struct lethe_job *job, struct lethe_identity *out,
                       struct lethe_error *err)
{
    const json_t *started = json_object_get(job->start_body, "identity");
    /* A phone shows less of itself on its port than it was armed by. */
    if (lethe_class_is_phone(job->plan.identity.class_))
        started = NULL;
    int rc = started ? lethe_identity_from_json(started, out, err) : 0;
    if (!started)
        *out = job->plan.identity;
    if (opened(job))
        out->capacity = job->plan.identity.capacity;
    return rc;
}

/* What the drive's own firmware said of its health when START was recorded. Numbers it did not tell
 * are left out. */
static json_t *health_claim(const struct lethe_job *job)
{
    static const char *const numbers[] = {"hours",         "reallocated",  "pending",
                                          "uncorrectable", "media_errors", "used_percent",
                                          "written_bytes"};
    const json_t *told = json_object_get(json_object_get(job->start_body, "firmware"), "health");
    const char *condition = json_string_value(json_object_get(told, "condition"));
    if (!condition)
        return NULL;
    json_t *out = json_pack("{s:s}", "condition", condition);
    for (size_t i = 0; out && i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        json_t *value = json_object_get(told, numbers[i]);
        if (json_integer_value(value) >= 0 && json_is_integer(value) &&
            json_integer_value(value) < (json_int_t)1 << 53)
            json_object_set(out, numbers[i], value);
    }
    return out;
}

static bool passed(const struct lethe_job *job)
{
    return (job->outcome == LETHE_OUTCOME_PASSED ||
            job->outcome == LETHE_OUTCOME_PASSED_WITH_EXCEPTIONS) &&
           json_is_true(json_object_get(job->end_body, "policy_met"));
}

static json_t *open_claims(const struct lethe_job *job, const struct lethe_identity *identity,
                           const struct lethe_signer *signer, uint64_t now)
{
    char iss[sizeof(signer->bench) + sizeof(LETHE_BENCH_URI)];
    lethe_text_format(iss, sizeof(iss), LETHE_BENCH_URI "%s", signer->bench);
    json_t *tool = json_object_get(job->created_body, "tool");
    const char *seed_commit = json_string_value(json_object_get(job->start_body, "seed_commit"));
    return json_pack("{s:s,s:s,s:s,s:I,s:s,s:s, s:s,s:s,s:s,s:o,s:o,s:o,s:o,s:o,s:o,s:o,"
                     "s:O?,s:O?,s:O?,s:{s:I,s:I},s:s*}",
                     "vct", passed(job) ? LETHE_VCT_CERTIFICATE : LETHE_VCT_RECORD, "iss", iss,
                     "organisation", signer->organisation, "iat", (json_int_t)(now / 1000), "job",
                     job->id, "plan", job->plan.digest,
                     /* what was achieved */
                     "outcome", lethe_outcome_name(job->outcome), "method",
                     lethe_method_name(job->method), "substrate",
                     lethe_substrate_name(identity->substrate), "technique",
                     lethe_claim_technique(job), "verification", lethe_claim_verification(job),
                     "policy", lethe_claim_policy(job), "profile", lethe_claim_profile(job),
                     "device", lethe_claim_device(identity), "times", lethe_claim_times(job),
                     "exceptions", lethe_claim_exceptions(job),
                     /* in words, and how it went */
                     "reasons", json_object_get(job->end_body, "reasons"), "limitations",
                     json_object_get(job->end_body, "limitations"), "tool", tool, "interruptions",
                     "count", (json_int_t)job->interruptions, "resumed",
                     (json_int_t)job->resumptions, "seed_commit", seed_commit);
}

static json_t *identifier_claims(const struct lethe_identity *identity)
{
    json_t *list = json_array();
    for (size_t i = 0; i < identity->n_identifiers; i++)
        json_array_append_new(list,
                              json_pack("{s:s,s:s,s:s}", "kind",
                                        lethe_id_kind_name(identity->identifiers[i].kind), "value",
                                        identity->identifiers[i].value, "source",
                                        lethe_id_source_name(identity->identifiers[i].source)));
    return list;
}

static json_t *hidden_claims(const struct lethe_job *job, const struct lethe_identity *identity,
                             const char *seed_hex)
{
    static const char *const fields[] = {"operator", "customer", "asset_tag", "lot"};
    const json_t *record = json_object_get(job->created_body, "record");
    json_t *custom = json_object_get(job->created_body, "custom");
    json_t *hidden = json_object();
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        json_t *value = json_object_get(record, fields[i]);
        if (json_string_length(value) > 0)
            json_object_set(hidden, fields[i], value);
    }
    if (seed_hex && seed_hex[0] && job->start_body)
        json_object_set_new(hidden, "seed", json_string(seed_hex));
    if (json_object_size(custom) > 0)
        json_object_set(hidden, "custom", custom);
    json_object_set_new(hidden, "identifiers", identifier_claims(identity));
    return hidden;
}

int lethe_claims_build(const struct lethe_job *job, const struct lethe_signer *signer,
                       const char *seed_hex, uint64_t now, json_t **out, struct lethe_error *err)
{
    struct lethe_identity identity;
    int rc = claims_allowed(job, signer, err);
    if (rc == 0)
        rc = identity_of(job, &identity, err);
    if (rc < 0)
        return rc;
    json_t *open = open_claims(job, &identity, signer, now);
    json_t *health = open ? health_claim(job) : NULL;
    if (health)
        json_object_set_new(open, "health", health);
    if (open && lethe_class_is_phone(identity.class_))
        json_object_set_new(open, "phone", lethe_claim_phone(job));
    if (!open)
        return lethe_fail(err, LETHE_E_INTERNAL, "the claims of job %s could not be made", job->id);
    *out = json_pack("{s:o,s:o}", "open", open, "hidden", hidden_claims(job, &identity, seed_hex));
    return *out ? 0 : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
}
