/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the issuing side share. */
#ifndef LETHE_ISSUE_PARTS_H
#define LETHE_ISSUE_PARTS_H

#include <jansson.h>
#include <lethe/job.h>

/* facts.c: one open claim each, from the fold of an ended job. New references; NULL: memory ran
 * out. */
json_t *lethe_claim_technique(const struct lethe_job *job);
json_t *lethe_claim_verification(const struct lethe_job *job);
json_t *lethe_claim_policy(const struct lethe_job *job);
json_t *lethe_claim_profile(const struct lethe_job *job);
json_t *lethe_claim_device(const struct lethe_identity *identity);
json_t *lethe_claim_times(const struct lethe_job *job);
json_t *lethe_claim_exceptions(const struct lethe_job *job);

/* phone.c: what is said of phones and tablets only, and what of them is said otherwise. */
json_t *lethe_claim_phone(const struct lethe_job *job);
json_t *lethe_claim_phone_technique(const struct lethe_job *job, const char *kind);
json_t *lethe_claim_phone_state(const struct lethe_job *job);
void lethe_phone_statement(char *out, size_t out_size, const struct lethe_job *job);

/* statement.c: what the verification shows, as one sentence (facts/standards.md section 6). */
void lethe_statement(char *out, size_t out_size, const struct lethe_job *job);

#endif
