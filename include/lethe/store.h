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
/* The same, and ENTRY (below; may be NULL) goes into its log in the same transaction: either both
 * are there or neither is. */
struct lethe_store_entry;
int lethe_store_append_logged(struct lethe_store *store, struct lethe_job *job,
                              struct lethe_event *event, struct lethe_store_entry *entry,
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
    bool certified;  /* a certificate or a record was issued for it */
    bool policy_met; /* it was a certificate: only a job that met its policy gets one */
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

/* Certificates: the SD-JWT text, stored before it is announced, with its ENTRY (may be NULL) in the
 * same transaction. One per job: a second put of another text is -LETHE_E_REFUSED. */
int lethe_store_certificate_put(struct lethe_store *store, const char *job, const char *jti,
                                const char *vct, const char *text, struct lethe_store_entry *entry,
                                struct lethe_error *err);
/* By job id, jti, or unique prefix. free(*text). */
int lethe_store_certificate_get(struct lethe_store *store, const char *id, char **text,
                                char job[37], struct lethe_error *err);

/*
 * What this bench has promised to its transparency logs (lethe/log.h says it to the world). A log
 * is named by its origin: the bench's own, and the demo's.
 */
#define LETHE_STORE_ENTRY_MAX 1024
#define LETHE_STORE_NOTE_MAX 16384
struct lethe_store_entry {
    const char *log;
    const char *kind, *name; /* "start" and the job, "cert" and the jti ...: one of each a log */
    const char *text;        /* canonical JSON: what is hashed */
    uint64_t index;          /* assigned */
};
/* All of them in one transaction, durable on return. */
int lethe_store_log_add(struct lethe_store *store, struct lethe_store_entry *entries, size_t n,
                        struct lethe_error *err);
/* How many entries LOG has. */
int lethe_store_log_size(struct lethe_store *store, const char *log, uint64_t *size,
                         struct lethe_error *err);
/* Entries FROM .. TO - 1 in order, their index and leaf hash; FN returns non-zero to stop.
 * -LETHE_E_INVALID when one is missing. */
int lethe_store_log_each(struct lethe_store *store, const char *log, uint64_t from, uint64_t to,
                         int (*fn)(void *user, const struct lethe_store_entry *entry,
                                   const uint8_t leaf[32]),
                         void *user, struct lethe_error *err);
/* The entry of KIND and NAME, of LOG (NULL: of the log that has it; the latest). LOG_OUT (256
 * bytes) and TEXT (free() it) may be NULL. -LETHE_E_NOT_FOUND. */
int lethe_store_log_find(struct lethe_store *store, const char *log, const char *kind,
                         const char *name, char *log_out, uint64_t *index, char **text,
                         struct lethe_error *err);

struct lethe_store_checkpoint {
    uint64_t size, time; /* time: when it was made here, ms */
    uint8_t root[32];
    char *note; /* signed by the log; owned, lethe_store_checkpoint_clear() */
};
void lethe_store_checkpoint_clear(struct lethe_store_checkpoint *checkpoint);
/* Once for each size, and never smaller than one before: -LETHE_E_REFUSED. */
int lethe_store_checkpoint_put(struct lethe_store *store, const char *log,
                               const struct lethe_store_checkpoint *checkpoint,
                               struct lethe_error *err);
/* The largest with size <= MAX. -LETHE_E_NOT_FOUND. */
int lethe_store_checkpoint_get(struct lethe_store *store, const char *log, uint64_t max,
                               struct lethe_store_checkpoint *out, struct lethe_error *err);
/* The largest that a witness has signed. -LETHE_E_NOT_FOUND. */
int lethe_store_checkpoint_witnessed(struct lethe_store *store, const char *log,
                                     struct lethe_store_checkpoint *out, struct lethe_error *err);
/* Of those that cover entry INDEX, the first that the most witnesses have signed.
 * -LETHE_E_NOT_FOUND.
 */
int lethe_store_checkpoint_covering(struct lethe_store *store, const char *log, uint64_t index,
                                    struct lethe_store_checkpoint *out, struct lethe_error *err);
/* Each, smallest first. */
int lethe_store_checkpoint_each(struct lethe_store *store, const char *log,
                                int (*fn)(void *user,
                                          const struct lethe_store_checkpoint *checkpoint),
                                void *user, struct lethe_error *err);

struct lethe_store_cosignature {
    uint64_t size, time; /* time: the witness's own, s */
    const char *witness; /* its verifier key */
    const char *line;    /* as it goes below the note */
};
int lethe_store_cosignature_put(struct lethe_store *store, const char *log,
                                const struct lethe_store_cosignature *cosignature,
                                struct lethe_error *err);
/* Of the checkpoint of SIZE: each witness's earliest first, and then what it signed later. */
int lethe_store_cosignature_each(struct lethe_store *store, const char *log, uint64_t size,
                                 int (*fn)(void *user,
                                           const struct lethe_store_cosignature *cosignature),
                                 void *user, struct lethe_error *err);
/* The size that WITNESS signed last; 0 none. */
int lethe_store_cosignature_last(struct lethe_store *store, const char *log, const char *witness,
                                 uint64_t *size, struct lethe_error *err);

/* Cosignatures that the files beside certificates (proofs, pages) may lack: of entries FROM .. TO
 * - 1. 1 with free(out->seen) to do, or 0: they lack none. */
struct lethe_store_news {
    uint64_t from, to;
    char *seen; /* by whom, JSON */
};
int lethe_store_news(struct lethe_store *store, const char *log, struct lethe_store_news *out,
                     struct lethe_error *err);
/* They have them now, all that NEWS was of. */
int lethe_store_news_shown(struct lethe_store *store, const char *log,
                           const struct lethe_store_news *news, struct lethe_error *err);

/* Somebody knows more of LOG than is here: it stays on record, and the log stays shut. */
int lethe_store_alarm_put(struct lethe_store *store, const char *log, const char *what,
                          struct lethe_error *err);
/* 1 and the latest into OUT, 0 none. */
int lethe_store_alarm_get(struct lethe_store *store, const char *log, char *out, size_t out_size,
                          struct lethe_error *err);

/*
 * Slots of status lists (lethe/trust.h). A slot for JOB's certificate in the list of URI, drawn
 * once: asked again, it is the one it has, and URI_OUT is the list that one is of. -LETHE_E_LIMIT:
 * the list is full.
 */
int lethe_store_status_slot(struct lethe_store *store, const char *job, const char *uri,
                            char uri_out[256], uint64_t *slot, struct lethe_error *err);
/* -LETHE_E_NOT_FOUND: it has none. */
int lethe_store_status_get(struct lethe_store *store, const char *job, char uri[256],
                           uint64_t *slot, int *status, struct lethe_error *err);
/* STATUS: enum lethe_status. -LETHE_E_REFUSED: it is so already, or was revoked for good. */
int lethe_store_status_set(struct lethe_store *store, const char *job, int status,
                           const char *reason, struct lethe_error *err);
/* Each slot of URI that anything was ever said of, with what holds now. */
int lethe_store_status_each(struct lethe_store *store, const char *uri,
                            int (*fn)(void *user, uint64_t slot, int status), void *user,
                            struct lethe_error *err);

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
