/* SPDX-License-Identifier: Apache-2.0 */
/* The end and what is given out of it: no more than the evidence carries. */
#include "base/crypto.h"
#include "base/json.h"
#include "base/text.h"
#include "job/fold.h"
#include "job/parts.h"
#include <stdlib.h>
#include <string.h>

/* START committed to the keys: another key now would be another sample (design, Overwriting and
 * checking). */
static int check_reveal(const struct lethe_job *job, const json_t *body, bool passed,
                        struct lethe_error *err)
{
    static const struct {
        const char *key, *commit;
    } pairs[] = {{"sample_key", "sample_commit"}, {"canary_key", "canary_commit"}};
    const json_t *reveal = json_object_get(body, "reveal");
    if (!job->start_body || (!reveal && !passed))
        return 0;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
        uint8_t key[LETHE_KEY_SIZE];
        char hash[2 * LETHE_HASH_SIZE + 1];
        const char *hex = lethe_body_word(reveal, pairs[i].key);
        if (lethe_hex_decode(key, sizeof(key), hex, strlen(hex)) != (ssize_t)sizeof(key))
            return lethe_fail(err, LETHE_E_INVALID, "job.end does not reveal \"%s\"", pairs[i].key);
        lethe_sha256_hex(hash, key, sizeof(key));
        if (strcmp(hash, lethe_body_word(job->start_body, pairs[i].commit)) != 0)
            return lethe_fail(err, LETHE_E_INVALID, "\"%s\" is not the one that START committed to",
                              pairs[i].key);
    }
    return 0;
}

static int check_end(const struct lethe_job *job, const json_t *body, struct lethe_error *err)
{
    struct lethe_assessment *verdict = calloc(1, sizeof(*verdict));
    if (!verdict)
        return lethe_fail(err, LETHE_E_INTERNAL, "no memory for a verdict");
    lethe_assess(job, verdict);
    LETHE_JSON_AUTO *due = lethe_assessment_to_json(verdict, job);
    bool passed = verdict->outcome == LETHE_OUTCOME_PASSED ||
                  verdict->outcome == LETHE_OUTCOME_PASSED_WITH_EXCEPTIONS;
    free(verdict);
    if (!due)
        return lethe_fail(err, LETHE_E_INTERNAL, "no memory for a verdict");
    static const char *const exact[] = {"outcome", "method", "policy_met", "exceptions"};
    for (size_t i = 0; i < sizeof(exact) / sizeof(exact[0]); i++)
        if (!json_equal(json_object_get(body, exact[i]), json_object_get(due, exact[i])))
            return lethe_fail(err, LETHE_E_INVALID,
                              "job.end says another \"%s\" than the evidence carries (rule 2)",
                              exact[i]);
    /* Words may be said better by a later version; none may be left out. */
    static const char *const counted[] = {"reasons", "limitations"};
    for (size_t i = 0; i < sizeof(counted) / sizeof(counted[0]); i++)
        if (json_array_size(json_object_get(body, counted[i])) <
            json_array_size(json_object_get(due, counted[i])))
            return lethe_fail(err, LETHE_E_INVALID, "job.end leaves out %s", counted[i]);
    return check_reveal(job, body, passed, err);
}

static int on_end(struct lethe_job *job, const struct lethe_event *event)
{
    job->outcome = (enum lethe_outcome)lethe_outcome_parse(lethe_body_word(event->body, "outcome"));
    job->method = (enum lethe_method)lethe_method_parse(lethe_body_word(event->body, "method"));
    job->ended = event->time;
    return lethe_job_keep(&job->end_body, event->body);
}

/* Which vct is the certificate type (certs/README.md); every other is a record. */
#define CERTIFICATE_VCT "urn:lethe:erasure-certificate:"

static int check_certificate(const struct lethe_job *job, const json_t *body,
                             struct lethe_error *err)
{
    bool certificate =
        strncmp(lethe_body_word(body, "vct"), CERTIFICATE_VCT, strlen(CERTIFICATE_VCT)) == 0;
    int outcome = lethe_outcome_parse(lethe_body_word(job->end_body, "outcome"));
    bool met = lethe_body_truth(job->end_body, "policy_met") &&
               (outcome == LETHE_OUTCOME_PASSED || outcome == LETHE_OUTCOME_PASSED_WITH_EXCEPTIONS);
    return !certificate || met
               ? 0
               : lethe_fail(
                     err, LETHE_E_INVALID,
                     "only a job that met its policy gets a certificate; this one gets a record");
}

const struct lethe_fold lethe_fold_end = {check_end, on_end};
const struct lethe_fold lethe_fold_certificate = {check_certificate, NULL};

/* A refused job has nothing to be certified. */
static int check_closed(const struct lethe_job *job, const json_t *body, struct lethe_error *err)
{
    (void)body;
    return job->end_body ? 0 : lethe_fail(err, LETHE_E_INVALID, "a refused job is closed already");
}

const struct lethe_fold lethe_fold_closed = {check_closed, NULL};
