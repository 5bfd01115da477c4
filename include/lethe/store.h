/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Lethe remembers: SQLite in DIR/lethe.db (WAL, synchronous=FULL), STRICT tables, append-only
 * by triggers. A function that returns 0 has made it durable. One process may write at a time per
 * job; several processes may use the store.
 */
#ifndef LETHE_STORE_H
#define LETHE_STORE_H

#include <lethe/job.h>

#ifdef __cplusplus
extern "C" {
#endif

struct lethe_store;
/* Creates DIR (0700) and the database when missing. Refuses a database of a newer schema. */
int lethe_store_open(const char *dir, struct lethe_store **out, struct lethe_error *err);
/* For looking only: makes and changes nothing that is recorded, and needs no right to write: a copy
 * on a read-only medium, or another user's directory, will do. -LETHE_E_NOT_FOUND when there is no
 * record in DIR. */
int lethe_store_open_existing(const char *dir, struct lethe_store **out, struct lethe_error *err);
void lethe_store_close(struct lethe_store *store);

/* Append: assigns event->seq (last + 1) and checks that it applies to the fold JOB
 * (-LETHE_E_INVALID when not), then stores it durably, then applies it. A failure leaves JOB and
 * store as they were; -LETHE_E_CHANGED: another process has gone on with this job. */
int lethe_store_append(struct lethe_store *store, struct lethe_job *job, struct lethe_event *event,
                       struct lethe_error *err);
/* Each event in order; FN returns non-zero to stop. */
int lethe_store_events(struct lethe_store *store, const char *job,
                       int (*fn)(void *user, const struct lethe_event *event), void *user,
                       struct lethe_error *err);
/* Fold of a stored job; JOB may be a unique prefix of the id (>= 8 characters). */
int lethe_store_load(struct lethe_store *store, const char *job, struct lethe_job *out,
                     struct lethe_error *err);

struct lethe_job_row {
    char id[37];
    uint64_t created;
    char target[256], device[192]; /* "WDC WD5000 S/N X" */
    char policy[48];
    enum lethe_job_state state;
    enum lethe_outcome outcome;
    bool certified;
};
/* Newest first. OPEN_ONLY: without END, or ended (not refused) and without its certificate. */
int lethe_store_jobs(struct lethe_store *store, bool open_only,
                     int (*fn)(void *user, const struct lethe_job_row *row), void *user,
                     struct lethe_error *err);
/* Time of the newest event of all jobs, ms; 0 when there is none: a clock behind it is refused.
 * After a release of the clock: of the release, and of the events behind it. */
int lethe_store_last_time(struct lethe_store *store, uint64_t *ms, struct lethe_error *err);

/* The way out when something was recorded by a clock far ahead: a person says, with a REASON that
 * stays in the record, that the clock of now is the right one. -LETHE_E_REFUSED when the clock is
 * not behind what is recorded. */
int lethe_store_release_clock(struct lethe_store *store, const char *reason,
                              struct lethe_error *err);
#define LETHE_CLOCK_REASON_MAX 200
struct lethe_clock_release {
    uint64_t time; /* when it was released, by the clock that was believed from then on, ms */
    uint64_t last; /* what that clock was behind of, ms */
    char reason[LETHE_CLOCK_REASON_MAX + 1];
};
/* Each release, oldest first; FN returns non-zero to stop. */
int lethe_store_clock_releases(struct lethe_store *store,
                               int (*fn)(void *user, const struct lethe_clock_release *release),
                               void *user, struct lethe_error *err);

/* Does everything hang together? The chain of hashes over all events and releases of the clock of
 * this store (each hash = SHA-256(hash before || canonical JSON)), the numbering, every job's fold,
 * the certificates, the file itself. -LETHE_E_INVALID names the first place that does not. */
int lethe_store_check(struct lethe_store *store, struct lethe_error *err);

/* Secrets of a job (seed, sample key, canary key): kept apart from the events, durable before
 * START. Never overwritten: a second put of other data is -LETHE_E_REFUSED. */
int lethe_store_secret_put(struct lethe_store *store, const char *job, const char *name,
                           const void *data, size_t len, struct lethe_error *err);
int lethe_store_secret_get(struct lethe_store *store, const char *job, const char *name, void *out,
                           size_t len, struct lethe_error *err);

/* Certificates: the SD-JWT text, stored before it is announced. One per job: a second put of
 * another text is -LETHE_E_REFUSED. */
int lethe_store_certificate_put(struct lethe_store *store, const char *job, const char *jti,
                                const char *vct, const char *text, struct lethe_error *err);
/* By job id, jti, or unique prefix. free(*text). */
int lethe_store_certificate_get(struct lethe_store *store, const char *id, char **text,
                                char job[37], struct lethe_error *err);

/* Who runs a job: an flock on DIR/jobs/ID.lock; -LETHE_E_BUSY when its supervisor is alive. The
 * descriptor holds it. */
int lethe_store_job_lock(struct lethe_store *store, const char *job, struct lethe_error *err);
/* Is there room (bytes on the file system) for the record of a job? -LETHE_E_LIMIT with remedy when
 * not. */
int lethe_store_room(struct lethe_store *store, uint64_t bytes, struct lethe_error *err);
const char *lethe_store_dir(const struct lethe_store *store);

#ifdef __cplusplus
}
#endif
#endif
