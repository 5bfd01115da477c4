/* SPDX-License-Identifier: Apache-2.0 */
/* Event streams as a bench writes them, to be replayed, cut and bent. */
#ifndef LETHE_TESTS_JOB_STREAM_H
#define LETHE_TESTS_JOB_STREAM_H

#include <lethe/job.h>

#define STREAM_MAX 128
#define STREAM_CAPACITY ((uint64_t)64 << 20)
#define STREAM_JOB "01940000-0000-7000-8000-000000000001"
#define STREAM_TIME 1800000000000

struct stream {
    struct lethe_event events[STREAM_MAX];
    size_t n;
};
void stream_clear(struct stream *stream);
void stream_copy(const struct stream *from, struct stream *to);
/* BODY is taken. */
void stream_add(struct stream *stream, enum lethe_event_type type, json_t *body);
void stream_insert(struct stream *stream, size_t at, const struct lethe_event *event);
void stream_remove(struct stream *stream, size_t at);

/* What kind of job. */
struct course {
    enum lethe_verify_mode mode;
    unsigned passes;
    uint64_t bad_sectors; /* from byte 1 MiB on, in the last pass */
    uint64_t allowed;     /* by the policy; 0: none */
    /* Where it is interrupted, and resumed. */
    enum course_cut { WHOLE, CUT_IN_PASS, CUT_AFTER_ATTEST, CUT_IN_VERIFY, CUT_AFTER_RESULT } cut;
    bool accept_untested;
    enum lethe_test_status status; /* of the technique */
    enum lethe_method wanted;      /* by the policy */
};
extern const struct course course_plain; /* two passes, full verification */

void plan_make(struct lethe_plan *plan, const struct course *course);
/* Everything up to but without job.end. */
void stream_make(struct stream *stream, const struct course *course);
json_t *result_make(const struct course *course, bool full);
json_t *created_make(const struct course *course);
json_t *start_make(const struct course *course);

/* Number, apply; what is illegal is left out, as a supervisor does. Returns how many were. */
size_t stream_fold(const struct stream *stream, struct lethe_job *job);
/* END by the verdict of the fold, with the keys START committed to: 0 or negative. */
int stream_end(struct lethe_job *job);
/* Both; the outcome, LETHE_OUTCOME_NONE when END was refused. */
enum lethe_outcome stream_outcome(const struct stream *stream);
int apply(struct lethe_job *job, enum lethe_event_type type, json_t *body);

#endif
