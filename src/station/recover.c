/* SPDX-License-Identifier: Apache-2.0 */
/*
 * After a crash: every start gets its end, or stays visibly open. What a dead supervisor left is
 * told by the lock on its job, which the kernel releases with the process.
 */
#include <base/json.h>
#include <base/time.h>
#include <station/bench.h>
#include <stdlib.h>
#include <string.h>

struct open_jobs {
    size_t n;
    char (*ids)[37];
};

static int collect(void *user, const struct lethe_job_row *row)
{
    struct open_jobs *open = user;
    void *grown = realloc(open->ids, (open->n + 1) * sizeof(*open->ids));
    if (!grown)
        return 1;
    open->ids = grown;
    memcpy(open->ids[open->n++], row->id, sizeof(row->id));
    return 0;
}

bool lethe_bench_lacks_last_look(const struct lethe_job *job)
{
    return job->state == LETHE_JOB_ENDING && !job->aborted && !job->failure.code &&
           !job->identity_failed && !job->identity_after;
}

static int record_interruption(struct lethe_bench *bench, struct lethe_error *err)
{
    return lethe_bench_record(bench, LETHE_EVENT_INTERRUPTED,
                              json_pack("{s:s}", "reason", "the bench stopped during the job"),
                              err);
}

/* END where it lacks, and the certificate. */
static int finish(struct lethe_bench *bench, struct lethe_error *err)
{
    int rc = lethe_bench_secrets(bench, err);
    if (rc < 0)
        return rc;
    lethe_bench_finish(bench);
    if (bench->job.state == LETHE_JOB_CERTIFIED)
        return 0;
    *err = bench->result.error;
    return -(int)err->code;
}

static int recover_one(struct lethe_bench *bench, const char *reason, struct lethe_error *err)
{
    (void)reason;
    switch (bench->job.state) {
    case LETHE_JOB_CREATED:
        /* START was never written, so nothing was sent. */
        return lethe_bench_record(bench, LETHE_EVENT_JOB_REFUSED,
                                  json_pack("{s:s, s:s}", "code", "cancelled", "reason",
                                            "the bench stopped before the job was started"),
                                  err);
    case LETHE_JOB_STARTED:
    case LETHE_JOB_RUNNING:
    case LETHE_JOB_IDLE:
        return record_interruption(bench, err);
    case LETHE_JOB_ENDING:
        if (lethe_bench_lacks_last_look(&bench->job)) /* waits for its device, told once */
            return bench->job.worker >= 0 ? record_interruption(bench, err) : 0;
        return finish(bench, err);
    case LETHE_JOB_ENDED:
        return bench->job.outcome == LETHE_OUTCOME_REFUSED ? 0 : finish(bench, err);
    default:
        return 0;
    }
}

/* For `lethe resume`. */
static bool waits(const struct lethe_job *job)
{
    return job->state == LETHE_JOB_INTERRUPTED || lethe_bench_lacks_last_look(job);
}

static int with_job(struct lethe_station *station, const char *id,
                    int (*act)(struct lethe_bench *, const char *, struct lethe_error *),
                    const char *reason, void (*fn)(void *user, const struct lethe_job *job),
                    void *user, struct lethe_result *result, struct lethe_error *err)
{
    static const struct lethe_request none;
    struct lethe_station quiet = *station;
    quiet.on_event = NULL;
    quiet.on_result = NULL;
    struct lethe_bench *bench = calloc(1, sizeof(*bench));
    if (!bench)
        return lethe_fail(err, LETHE_E_INTERNAL, "out of memory");
    *bench = (struct lethe_bench){.station = &quiet, .request = &none, .faults = -1, .socket = -1};
    bench->resumed = true;
    bench->lock = lethe_store_job_lock(station->store, id, err);
    int rc = bench->lock < 0 ? bench->lock : lethe_store_load(station->store, id, &bench->job, err);
    if (rc == 0)
        rc = act(bench, reason, err);
    memcpy(bench->result.job, bench->job.id, sizeof(bench->result.job));
    if (rc == 0 && fn && waits(&bench->job))
        fn(user, &bench->job);
    if (rc == 0 && !result && station->on_recovered && bench->job.state == LETHE_JOB_CERTIFIED)
        station->on_recovered(station->user, &bench->job, &bench->result);
    if (rc == 0 && result)
        *result = bench->result;
    lethe_bench_release(bench);
    lethe_job_clear(&bench->job);
    free(bench);
    lethe_station_end_pages(&quiet);
    return rc;
}

int lethe_station_recover(struct lethe_station *station,
                          void (*fn)(void *user, const struct lethe_job *job), void *user,
                          struct lethe_error *err)
{
    struct open_jobs open = {0};
    int rc = lethe_store_jobs(station->store, true, collect, &open, err);
    for (size_t i = 0; rc == 0 && i < open.n; i++) {
        struct lethe_error why = {0};
        int one = with_job(station, open.ids[i], recover_one, NULL, fn, user, NULL, &why);
        /* Alive in another process, waiting for a key, or beyond help: it stays open and listed,
         * and does not keep the others, or new jobs, from their work. A store that can't be
         * written does. */
        if (one == -LETHE_E_IO || one == -LETHE_E_INTERNAL) {
            *err = why;
            rc = one;
        } else if (one == -LETHE_E_BUSY && station->on_busy) {
            station->on_busy(station->user, open.ids[i]);
        } else if (one < 0 && one != -LETHE_E_BUSY && station->on_trouble) {
            station->on_trouble(station->user, open.ids[i], &why);
        }
    }
    free(open.ids);
    if (rc == 0 && station->log) /* the same after a crash between witness and proofs */
        lethe_station_renew(station, station->log, false, NULL, NULL);
    return rc;
}

static int take_last(void *user, const struct lethe_clock_release *release)
{
    struct lethe_clock_release *last = user;
    *last = *release;
    return 0;
}

/* A clock far ahead has dated what is recorded of it: nothing can go on from there, and nothing be
 * said to have been before. Once the clock is released (which the store checks) it can be given up.
 */
static int abandon_ahead(struct lethe_bench *bench, const char *reason, struct lethe_error *err)
{
    struct lethe_clock_release release = {0};
    int rc = lethe_store_clock_releases(bench->station->store, take_last, &release, err);
    if (rc == 0)
        rc = lethe_bench_secrets(bench, err);
    if (rc == 0)
        rc = lethe_bench_record(bench, LETHE_EVENT_ABORT,
                                json_pack("{s:s, s:s, s:s*}", "by", "operator", "reason", reason,
                                          "clock", release.reason[0] ? release.reason : NULL),
                                err);
    if (rc == 0)
        lethe_bench_finish(bench);
    return rc;
}

static bool is_ahead(const struct lethe_job *job)
{
    return job->state > LETHE_JOB_CREATED && job->state < LETHE_JOB_ENDED &&
           lethe_now_ms() + LETHE_CLOCK_TOLERANCE_MS < job->last_time;
}

/* It ended, and what it would be given out would be refused by our own verifier, now and for ever:
 * without an end of its own it would be tried at every start. */
static int close_uncertified(struct lethe_bench *bench, struct lethe_error *err)
{
    struct lethe_error why = {0};
    int rc = lethe_bench_secrets(bench, err);
    if (rc == 0)
        rc = lethe_bench_certify(bench, &why);
    if (rc < 0 && bench->uncertifiable)
        rc = lethe_bench_record(bench, LETHE_EVENT_CLOSED, json_pack("{s:s}", "reason", why.what),
                                err);
    else if (rc < 0 && err)
        *err = why;
    if (rc < 0 || bench->job.state != LETHE_JOB_CLOSED)
        return rc;
    lethe_fail(&bench->result.error, LETHE_E_UNPROVED, "the job is closed without a certificate");
    lethe_error_effect(&bench->result.error, "the device does NOT count as sanitised");
    lethe_error_remedy(&bench->result.error, "erase it again");
    return 0;
}

static int abandon_one(struct lethe_bench *bench, const char *reason, struct lethe_error *err)
{
    bool ahead = is_ahead(&bench->job);
    if (bench->job.state == LETHE_JOB_ENDED && bench->job.outcome != LETHE_OUTCOME_REFUSED)
        return close_uncertified(bench, err);
    int rc = ahead ? abandon_ahead(bench, reason, err) : recover_one(bench, NULL, err);
    if (rc < 0 || ahead || !waits(&bench->job))
        return rc;
    rc = lethe_bench_secrets(bench, err);
    if (rc < 0)
        return rc;
    lethe_bench_abort(bench, "operator", reason);
    if (bench->result.outcome == LETHE_OUTCOME_NONE) {
        *err = bench->result.error;
        return -(int)err->code;
    }
    return 0;
}

int lethe_station_abandon(struct lethe_station *station, const char *job, const char *reason,
                          struct lethe_result *result, struct lethe_error *err)
{
    return with_job(station, job, abandon_one, reason, NULL, NULL, result, err);
}
