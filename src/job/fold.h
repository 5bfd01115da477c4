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
extern const struct lethe_fold lethe_folds[LETHE_EVENT_TYPES];

#endif
