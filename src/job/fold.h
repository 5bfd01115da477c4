/* SPDX-License-Identifier: Apache-2.0 */
/* What each event asks of the fold (check: pure) and does to it (effect). */
#ifndef LETHE_JOB_FOLD_H
#define LETHE_JOB_FOLD_H

#include <lethe/job.h>

struct lethe_fold {
    /* Legal beyond what the transition table says? 0 or -LETHE_E_INVALID. May be NULL. */
    int (*check)(const struct lethe_job *job, const json_t *body, struct lethe_error *err);
    /* Only fails when memory ran out. JOB has its next state already; an effect may choose another.
     * May be NULL. */
    int (*effect)(struct lethe_job *job, const struct lethe_event *event);
};
/* NULL: never applied (progress, result). */
extern const struct lethe_fold *const lethe_folds[LETHE_EVENT_TYPES];
extern const struct lethe_fold lethe_fold_job_created, lethe_fold_job_refused, lethe_fold_job_start,
    lethe_fold_worker_started, lethe_fold_step_begin, lethe_fold_canary_written,
    lethe_fold_pass_begin, lethe_fold_pass_point, lethe_fold_pass_end, lethe_fold_exception,
    lethe_fold_attest, lethe_fold_observed, lethe_fold_attested, lethe_fold_step_end,
    lethe_fold_identity_checked, lethe_fold_verify_result, lethe_fold_interrupted,
    lethe_fold_intent, lethe_fold_window_open, lethe_fold_window_closed, lethe_fold_resumed,
    lethe_fold_abort, lethe_fold_end, lethe_fold_certificate, lethe_fold_closed;

/* fold.c */
uint64_t lethe_body_number(const json_t *body, const char *key);
bool lethe_body_truth(const json_t *body, const char *key);
const char *lethe_body_word(const json_t *body, const char *key);
void lethe_copy_text(char *out, size_t out_size, const char *text);
int lethe_job_keep(json_t **copy, const json_t *json);
void lethe_job_keep_failure(struct lethe_job *job, const json_t *body);
bool lethe_job_steps_over(const struct lethe_job *job);
unsigned lethe_job_passes_done(const struct lethe_job *job);

#endif
