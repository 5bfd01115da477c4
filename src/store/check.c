/* SPDX-License-Identifier: Apache-2.0 */
/* Is the record what it was when it was written? */
#include "base/crypto.h"
#include "base/json.h"
#include "base/text.h"
#include "store/db.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static int damaged(struct lethe_error *err, int64_t n, const char *how)
{
    lethe_fail(err, LETHE_E_INVALID, "event %" PRId64 " of the store %s", n, how);
    lethe_error_effect(err, "what was recorded from there on can't be relied on");
    lethe_error_remedy(err, "compare with a backup, and with the certificates given out");
    return -LETHE_E_INVALID;
}

static int check_file(struct lethe_store *store, struct lethe_error *err)
{
    LETHE_STMT_AUTO *statement = NULL;
    int rc = lethe_db_prepare(store->db, &statement, err, "PRAGMA quick_check(1)", "");
    if (rc == 0)
        rc = lethe_db_step(statement, err, "check the store");
    if (rc < 0)
        return rc;
    const char *verdict = lethe_db_text(statement, 0);
    return strcmp(verdict, "ok") == 0
               ? 0
               : lethe_fail(err, LETHE_E_INVALID, "the file of the store is damaged: %s", verdict);
}

/* Columns are there to search by; the event's text is what was hashed. */
static int check_columns(sqlite3_stmt *row, const char *text, struct lethe_error *err)
{
    int64_t n = sqlite3_column_int64(row, 0);
    struct lethe_event event = {0};
    LETHE_JSON_AUTO *json = lethe_json_load(text, strlen(text), LETHE_EVENT_MAX, err);
    if (!json || lethe_event_from_json(json, &event, err) < 0)
        return damaged(err, n, "can't be read");
    bool same = strcmp(event.job, lethe_db_text(row, 1)) == 0 &&
                (int64_t)event.seq == sqlite3_column_int64(row, 2) &&
                (int64_t)event.time == sqlite3_column_int64(row, 3) &&
                strcmp(lethe_event_name(event.type), lethe_db_text(row, 4)) == 0;
    lethe_event_clear(&event);
    return same ? 0 : damaged(err, n, "is filed under what it is not");
}

static int check_link(sqlite3_stmt *row, int64_t expected, uint8_t head[32],
                      struct lethe_error *err)
{
    int64_t n = sqlite3_column_int64(row, 0);
    const char *text = lethe_db_text(row, 5);
    uint8_t hash[32];
    if (n != expected)
        return damaged(err, expected, "is missing");
    lethe_store_hash(hash, head, text);
    if (sqlite3_column_bytes(row, 6) != 32 || memcmp(sqlite3_column_blob(row, 6), head, 32) != 0)
        return damaged(err, n, "does not follow the one before it");
    if (sqlite3_column_bytes(row, 7) != 32 || memcmp(sqlite3_column_blob(row, 7), hash, 32) != 0)
        return damaged(err, n, "was changed after it was written");
    memcpy(head, hash, 32);
    return check_columns(row, text, err);
}

static int damaged_release(struct lethe_error *err, int64_t n, const char *how)
{
    lethe_fail(err, LETHE_E_INVALID, "release %" PRId64 " of the clock %s", n, how);
    lethe_error_effect(err, "when things happened from there on can't be relied on");
    lethe_error_remedy(err, "compare with a backup, and with the certificates given out");
    return -LETHE_E_INVALID;
}

/* The releases of the clock, each due when the chain has come to the event it stands behind. */
struct releases {
    sqlite3_stmt *rows;
    struct lethe_clock_row next;
    bool any; /* `next` holds one */
    int64_t n;
};

static int fetch_release(struct releases *releases, struct lethe_error *err)
{
    int rc = lethe_db_step(releases->rows, err, "check the record");
    releases->any = rc > 0;
    if (rc > 0)
        rc = lethe_clock_take_row(releases->rows, &releases->next, err);
    if (rc == 0 && releases->any && releases->next.n != ++releases->n)
        rc = damaged_release(err, releases->n, "is missing");
    return rc;
}

/* Those that stand behind event AFTER. */
static int check_releases(struct releases *releases, int64_t after, uint8_t head[32],
                          struct lethe_error *err)
{
    int rc = 0;
    while (rc == 0 && releases->any && releases->next.after <= after) {
        const struct lethe_clock_row *row = &releases->next;
        uint8_t hash[32];
        rc = lethe_clock_hash(row, hash, err);
        if (rc == 0 && (row->after != after || memcmp(row->prev, head, 32) != 0))
            rc = damaged_release(err, row->n, "does not follow what is before it");
        if (rc == 0 && memcmp(row->hash, hash, 32) != 0)
            rc = damaged_release(err, row->n, "was changed after it was written");
        memcpy(head, hash, 32);
        if (rc == 0)
            rc = fetch_release(releases, err);
    }
    return rc;
}

/* SQLite keeps the highest number ever given: a tail that was cut off is missed there. */
static int highest(struct lethe_store *store, const char *table, int64_t *n,
                   struct lethe_error *err)
{
    LETHE_STMT_AUTO *counter = NULL;
    int rc = lethe_db_prepare(store->db, &counter, err,
                              "SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = ?1",
                              "s", table);
    if (rc == 0)
        rc = lethe_db_step(counter, err, "check the record");
    if (rc < 0)
        return rc;
    *n = sqlite3_column_int64(counter, 0);
    return 0;
}

static int check_chain(struct lethe_store *store, struct lethe_error *err)
{
    LETHE_STMT_AUTO *rows = NULL;
    LETHE_STMT_AUTO *release_rows = NULL;
    uint8_t head[32] = {0};
    int64_t n = 0, last = 0, last_release = 0;
    int rc = lethe_db_prepare(
        store->db, &rows, err,
        "SELECT n, job, seq, time, type, event, prev, hash FROM events ORDER BY n", "");
    if (rc == 0)
        rc = lethe_db_prepare(store->db, &release_rows, err, LETHE_CLOCK_ROWS, "");
    struct releases releases = {.rows = release_rows};
    if (rc == 0)
        rc = fetch_release(&releases, err);
    while (rc == 0 && (rc = lethe_db_step(rows, err, "check the record")) > 0) {
        rc = check_releases(&releases, n, head, err);
        if (rc == 0)
            rc = check_link(rows, ++n, head, err);
    }
    if (rc == 0)
        rc = check_releases(&releases, n, head, err);
    if (rc == 0)
        rc = highest(store, "events", &last, err);
    if (rc == 0)
        rc = highest(store, "clock_releases", &last_release, err);
    if (rc < 0)
        return rc;
    if (last != n || releases.any)
        return damaged(err, n + 1, "is missing");
    return last_release == releases.n ? 0 : damaged_release(err, releases.n + 1, "is missing");
}

/* The certificate announced is the certificate kept. */
static int check_certificate(struct lethe_store *store, const char *job, const json_t *body,
                             struct lethe_error *err)
{
    char *text = NULL, owner[37], hash[65];
    int rc = lethe_store_certificate_get(store, job, &text, owner, err);
    if (rc < 0)
        return rc;
    lethe_sha256_hex(hash, text, strlen(text));
    free(text);
    const char *announced = json_string_value(json_object_get(body, "sha256"));
    return announced && strcmp(hash, announced) == 0
               ? 0
               : lethe_fail(err, LETHE_E_INVALID, "the certificate of job %.8s was changed", job);
}

struct certified {
    struct lethe_store *store;
    struct lethe_error *err;
    int rc;
};

static int on_event(void *user, const struct lethe_event *event)
{
    struct certified *c = user;
    c->rc = lethe_clock_check_event(c->store, event, c->err);
    if (c->rc == 0 && event->type == LETHE_EVENT_CERTIFICATE)
        c->rc = check_certificate(c->store, event->job, event->body, c->err);
    return c->rc < 0;
}

static int check_job(struct lethe_store *store, const struct lethe_job_row *row,
                     struct lethe_error *err)
{
    struct lethe_job *job = malloc(sizeof(*job));
    if (!job)
        return lethe_fail(err, LETHE_E_INTERNAL, "no memory for a job");
    int rc = lethe_store_load(store, row->id, job, err);
    if (rc == 0) {
        if (job->state != row->state || job->outcome != row->outcome ||
            job->created != row->created)
            rc = lethe_fail(err, LETHE_E_INVALID, "the row of job %.8s is not what its events say",
                            row->id);
        lethe_job_clear(job);
    }
    free(job);
    struct certified certified = {.store = store, .err = err};
    if (rc == 0)
        rc = lethe_store_events(store, row->id, on_event, &certified, err);
    return rc < 0 ? rc : certified.rc;
}

struct all_jobs {
    struct lethe_store *store;
    struct lethe_error *err;
    int rc;
};

static int on_row(void *user, const struct lethe_job_row *row)
{
    struct all_jobs *all = user;
    all->rc = check_job(all->store, row, all->err);
    return all->rc < 0;
}

int lethe_store_check(struct lethe_store *store, struct lethe_error *err)
{
    struct all_jobs all = {.store = store, .err = err};
    /* One view of the store, whatever others add meanwhile. */
    int rc = lethe_db_exec(store->db, "BEGIN", err, "check the store");
    if (rc < 0)
        return rc;
    rc = check_file(store, err);
    if (rc == 0)
        rc = check_chain(store, err);
    if (rc == 0)
        rc = lethe_store_jobs(store, false, on_row, &all, err);
    if (rc == 0)
        rc = all.rc;
    if (rc == 0)
        rc = lethe_store_check_log(store, err);
    return lethe_db_end(store->db, rc, err);
}
