/* SPDX-License-Identifier: Apache-2.0 */
/* The records of phones as a bench writes them, one for each chain of steps that plans have. */
#ifndef LETHE_TESTS_JOB_PHONE_STREAM_H
#define LETHE_TESTS_JOB_PHONE_STREAM_H

#include "job/stream.h"

#define PHONE_STEPS 8
#define PHONE_CHAINS 7

/* The chains that plans are made of. */
struct phone_chain {
    const char *name;
    const char *steps[PHONE_STEPS]; /* "prepare X", "technique X", "state X" */
    bool guided;
};
extern const struct phone_chain phone_chains[PHONE_CHAINS];

/* Of an Android phone, or an iPhone where the chain is one's, purged. */
void phone_plan(const struct phone_chain *chain, struct lethe_plan *plan);
json_t *phone_created(const struct lethe_plan *plan);
/* Everything up to but without job.end; PLAN is made, too. */
void phone_stream(const struct phone_chain *chain, struct lethe_plan *plan, struct stream *s);
json_t *phone_identity(const char *when);
json_t *phone_back(const struct lethe_step *step);
json_t *phone_observed(const struct lethe_plan *plan, size_t step, const char *grade);
json_t *phone_attestation(void);

#endif
