/* SPDX-License-Identifier: Apache-2.0 */
/* The record itself: appended, read in order, folded. */
#include "base/buf.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/text.h"
#include "store/db.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

void lethe_store_hash(uint8_t out[32], const uint8_t prev[32], const char *text)
{
    LETHE_BUF_AUTO whole = {0};
    if (lethe_buf_add(&whole, prev, 32) < 0 || lethe_buf_puts(&whole, text) < 0)
        abort(); /* as the primitives of base/crypto do */
    lethe_sha256(out, whole.data, whole.len);
}

/* "WDC WD5000 S/N X": what a person calls it. */
static void device_name(char *out, size_t out_size, const struct lethe_identity *id)
{
    char name[512];
    const struct lethe_identifier *serial = lethe_identity_find(id, LETHE_ID_SERIAL);
    lethe_text_format(name, sizeof(name), "%s %s%s%s", id->vendor, id->model, serial ? " S/N " : "",
                      serial ? serial->value : "");
    lethe_text_clean(out, out_size, name, sizeof(name));
}

static int insert_row(struct lethe_store *store, const struct lethe_event *event,
                      struct lethe_error *err)
{
    char device[192];
    struct lethe_plan *plan = malloc(sizeof(*plan));
    if (!plan)
        return lethe_fail(err, LETHE_E_INTERNAL, "no memory for a plan");
    int rc = lethe_plan_from_json(json_object_get(event->body, "plan"), plan, err);
    if (rc == 0) {
        device_name(device, sizeof(device), &plan->identity);
        rc = lethe_db_run(store->db, err, "record the job",
                          "INSERT INTO jobs VALUES(?1, ?2, ?3, ?4, ?5, 'new', 'none')", "sisss",
                          event->job, (int64_t)event->time,
                          json_string_value(json_object_get(event->body, "target")), device,
                          plan->policy.id);
    }
    free(plan);
    return rc;
}

int lethe_store_chain_head(struct lethe_store *store, uint8_t head[32], struct lethe_error *err)
{
    LETHE_STMT_AUTO *statement = NULL;
    memset(head, 0, 32);
    /* A release of the clock stands behind the event it names, and before the next. */
    int rc = lethe_db_prepare(store->db, &statement, err,
                              "SELECT hash FROM"
                              " (SELECT after AS at, 1 AS release, hash FROM"
                              "  (SELECT after, hash FROM clock_releases ORDER BY n DESC LIMIT 1)"
                              "  UNION ALL SELECT n, 0, hash FROM"
                              "  (SELECT n, hash FROM events ORDER BY n DESC LIMIT 1))"
                              " ORDER BY at DESC, release DESC LIMIT 1",
                              "");
    if (rc == 0)
        rc = lethe_db_step(statement, err, "read the record");
    if (rc > 0)
        memcpy(head, sqlite3_column_blob(statement, 0), 32);
    return rc < 0 ? rc : 0;
}

/* Somebody else may have gone on with this job since our fold: then nothing of ours applies. */
static int check_last(struct lethe_store *store, const struct lethe_event *event,
                      struct lethe_error *err)
{
    LETHE_STMT_AUTO *statement = NULL;
    int rc = lethe_db_prepare(store->db, &statement, err,
                              "SELECT coalesce(max(seq), 0) FROM events WHERE job = ?1", "s",
                              event->job);
    if (rc == 0)
        rc = lethe_db_step(statement, err, "read the record");
    if (rc < 0)
        return rc;
    uint64_t last = (uint64_t)sqlite3_column_int64(statement, 0);
    return last + 1 == event->seq
               ? 0
               : lethe_fail(err, LETHE_E_CHANGED,
                            "another process has gone on with job %.8s (event %" PRIu64 ")",
                            event->job, last);
}

static int insert_event(struct lethe_store *store, const struct lethe_event *event,
                        struct lethe_error *err)
{
    uint8_t prev[32], hash[32];
    LETHE_JSON_AUTO *json = lethe_event_to_json(event);
    char *text = json ? lethe_json_canonical(json) : NULL;
    if (!text)
        return lethe_fail(err, LETHE_E_INTERNAL, "no memory for an event");
    int rc = strlen(text) <= LETHE_EVENT_MAX
                 ? lethe_store_chain_head(store, prev, err)
                 : lethe_fail(err, LETHE_E_LIMIT, "an event is larger than a record takes");
    if (rc == 0) {
        lethe_store_hash(hash, prev, text);
        rc = lethe_db_run(store->db, err, "record what happened",
                          "INSERT INTO events(job, seq, time, type, event, prev, hash)"
                          " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                          "siissbb", event->job, (int64_t)event->seq, (int64_t)event->time,
                          lethe_event_name(event->type), text, prev, sizeof(prev), hash,
                          sizeof(hash));
    }
    free(text);
    return rc;
}

static int update_row(struct lethe_store *store, const struct lethe_job *job,
                      struct lethe_error *err)
{
    return lethe_db_run(store->db, err, "record the job",
                        "UPDATE jobs SET state = ?2, outcome = ?3 WHERE id = ?1", "sss", job->id,
                        lethe_job_state_name(job->state), lethe_outcome_name(job->outcome));
}

static int append(struct lethe_store *store, const struct lethe_job *next,
                  const struct lethe_event *event, struct lethe_store_entry *entry,
                  struct lethe_error *err)
{
    int rc = lethe_db_begin(store->db, err, "record what happened");
    if (rc < 0)
        return rc;
    rc = check_last(store, event, err);
    if (rc == 0 && event->type == LETHE_EVENT_JOB_CREATED)
        rc = insert_row(store, event, err);
    if (rc == 0)
        rc = insert_event(store, event, err);
    if (rc == 0)
        rc = lethe_clock_check_event(store, event, err);
    if (rc == 0)
        rc = update_row(store, next, err);
    if (rc == 0)
        rc = lethe_store_log_insert(store, entry, err);
    return lethe_db_end(store->db, rc, err);
}

int lethe_store_append(struct lethe_store *store, struct lethe_job *job, struct lethe_event *event,
                       struct lethe_error *err)
{
    return lethe_store_append_logged(store, job, event, NULL, err);
}

int lethe_store_append_logged(struct lethe_store *store, struct lethe_job *job,
                              struct lethe_event *event, struct lethe_store_entry *entry,
                              struct lethe_error *err)
{
    struct lethe_job *next = malloc(sizeof(*next));
    if (!next)
        return lethe_fail(err, LETHE_E_INTERNAL, "no memory for a job");
    uint64_t seq = event->seq;
    event->seq = job->last_seq + 1;
    lethe_job_copy(job, next);
    int rc = lethe_job_apply(next, event, err);
    if (rc == 0)
        rc = append(store, next, event, entry, err);
    if (rc == 0) {
        lethe_job_clear(job);
        *job = *next;
    } else {
        event->seq = seq;
        lethe_job_clear(next);
    }
    free(next);
    return rc;
}

static int take_row(sqlite3_stmt *statement, struct lethe_event *event, struct lethe_error *err)
{
    const char *text = lethe_db_text(statement, 0);
    LETHE_JSON_AUTO *json = lethe_json_load(text, strlen(text), LETHE_EVENT_MAX, err);
    return json ? lethe_event_from_json(json, event, err) : -LETHE_E_INVALID;
}

int lethe_store_events(struct lethe_store *store, const char *job,
                       int (*fn)(void *user, const struct lethe_event *event), void *user,
                       struct lethe_error *err)
{
    char id[37];
    LETHE_STMT_AUTO *statement = NULL;
    int rc = lethe_store_resolve(store, job, id, err);
    if (rc == 0)
        rc = lethe_db_prepare(store->db, &statement, err,
                              "SELECT event FROM events WHERE job = ?1 ORDER BY seq", "s", id);
    while (rc == 0 && (rc = lethe_db_step(statement, err, "read the record")) > 0) {
        struct lethe_event event = {0};
        rc = take_row(statement, &event, err);
        bool stop = rc == 0 && fn(user, &event);
        lethe_event_clear(&event);
        if (stop)
            return 0;
    }
    return rc;
}

struct load {
    struct lethe_job *job;
    struct lethe_error *err;
    int rc;
};

static int fold_one(void *user, const struct lethe_event *event)
{
    struct load *load = user;
    load->rc = lethe_job_apply(load->job, event, load->err);
    return load->rc < 0;
}

int lethe_store_load(struct lethe_store *store, const char *job, struct lethe_job *out,
                     struct lethe_error *err)
{
    struct load load = {.job = out, .err = err};
    lethe_job_init(out);
    int rc = lethe_store_events(store, job, fold_one, &load, err);
    rc = rc < 0 ? rc : load.rc;
    if (rc < 0)
        lethe_job_clear(out);
    return rc;
}
