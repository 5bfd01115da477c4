/* SPDX-License-Identifier: Apache-2.0 */
/* What the record says of the clock, and how a person says that the clock is right again. */
#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "store/db.h"
#include <stdlib.h>
#include <string.h>

int lethe_store_last_time(struct lethe_store *store, uint64_t *ms, struct lethe_error *err)
{
    LETHE_STMT_AUTO *statement = NULL;
    *ms = 0;
    int rc = lethe_db_prepare(
        store->db, &statement, err,
        "SELECT max("
        "coalesce((SELECT max(time) FROM events"
        " WHERE n > coalesce((SELECT after FROM clock_releases ORDER BY n DESC LIMIT 1), 0)), 0),"
        "coalesce((SELECT time FROM clock_releases ORDER BY n DESC LIMIT 1), 0))",
        "");
    if (rc == 0)
        rc = lethe_db_step(statement, err, "read the record");
    if (rc > 0)
        *ms = (uint64_t)sqlite3_column_int64(statement, 0);
    return rc < 0 ? rc : 0;
}

int lethe_clock_hash(const struct lethe_clock_row *row, uint8_t out[32], struct lethe_error *err)
{
    LETHE_JSON_AUTO *json = json_pack("{s:s, s:I, s:I, s:I, s:I, s:s}", "type", "clock.released",
                                      "n", (json_int_t)row->n, "after", (json_int_t)row->after,
                                      "time", (json_int_t)row->release.time, "last",
                                      (json_int_t)row->release.last, "reason", row->release.reason);
    char *text = json ? lethe_json_canonical(json) : NULL;
    if (!text)
        return lethe_fail(err, LETHE_E_INTERNAL, "no memory for a release of the clock");
    lethe_store_hash(out, row->prev, text);
    free(text);
    return 0;
}

int lethe_clock_take_row(sqlite3_stmt *statement, struct lethe_clock_row *row,
                         struct lethe_error *err)
{
    *row = (struct lethe_clock_row){
        .n = sqlite3_column_int64(statement, 0),
        .after = sqlite3_column_int64(statement, 1),
        .release = {.time = (uint64_t)sqlite3_column_int64(statement, 2),
                    .last = (uint64_t)sqlite3_column_int64(statement, 3)},
    };
    bool fits = lethe_text_format(row->release.reason, sizeof(row->release.reason), "%s",
                                  lethe_db_text(statement, 4));
    if (!fits || sqlite3_column_bytes(statement, 5) != 32 ||
        sqlite3_column_bytes(statement, 6) != 32)
        return lethe_fail(err, LETHE_E_INVALID, "release %lld of the clock is damaged",
                          (long long)row->n);
    memcpy(row->prev, sqlite3_column_blob(statement, 5), 32);
    memcpy(row->hash, sqlite3_column_blob(statement, 6), 32);
    return 0;
}

int lethe_clock_check_event(struct lethe_store *store, const struct lethe_event *event,
                            struct lethe_error *err)
{
    LETHE_STMT_AUTO *statement = NULL;
    if (!json_object_get(event->body, "clock"))
        return 0;
    int rc = lethe_db_prepare(store->db, &statement, err,
                              "SELECT 1 FROM clock_releases WHERE"
                              " after >= (SELECT n FROM events WHERE job = ?1 AND seq = ?2 - 1)"
                              " AND after < (SELECT n FROM events WHERE job = ?1 AND seq = ?2)",
                              "si", event->job, (int64_t)event->seq);
    if (rc == 0)
        rc = lethe_db_step(statement, err, "read the record");
    if (rc == 0)
        rc = lethe_fail(err, LETHE_E_INVALID,
                        "job %.8s says that the clock was released during it, and it was not",
                        event->job);
    return rc < 0 ? rc : 0;
}

int lethe_store_clock_releases(struct lethe_store *store,
                               int (*fn)(void *user, const struct lethe_clock_release *release),
                               void *user, struct lethe_error *err)
{
    LETHE_STMT_AUTO *statement = NULL;
    int rc = lethe_db_prepare(store->db, &statement, err, LETHE_CLOCK_ROWS, "");
    while (rc == 0 && (rc = lethe_db_step(statement, err, "read the record")) > 0) {
        struct lethe_clock_row row;
        rc = lethe_clock_take_row(statement, &row, err);
        if (rc == 0 && fn(user, &row.release))
            return 0;
    }
    return rc;
}

/* Where a new release stands: number, and the event before it. */
static int next_row(struct lethe_store *store, struct lethe_clock_row *row, struct lethe_error *err)
{
    LETHE_STMT_AUTO *statement = NULL;
    int rc = lethe_db_prepare(store->db, &statement, err,
                              "SELECT coalesce((SELECT max(n) FROM clock_releases), 0) + 1,"
                              " coalesce((SELECT max(n) FROM events), 0)",
                              "");
    if (rc == 0)
        rc = lethe_db_step(statement, err, "read the record");
    if (rc < 0)
        return rc;
    row->n = sqlite3_column_int64(statement, 0);
    row->after = sqlite3_column_int64(statement, 1);
    return lethe_store_chain_head(store, row->prev, err);
}

static int release_clock(struct lethe_store *store, struct lethe_clock_row *row,
                         struct lethe_error *err)
{
    int rc = lethe_store_last_time(store, &row->release.last, err);
    row->release.time = lethe_now_ms();
    /* A release that nobody needs would let the clock go back later unseen. */
    if (rc == 0 && row->release.time >= row->release.last)
        rc = lethe_fail(err, LETHE_E_REFUSED,
                        "the clock is not behind the last recorded event: there is nothing to "
                        "release");
    if (rc == 0)
        rc = next_row(store, row, err);
    if (rc == 0)
        rc = lethe_clock_hash(row, row->hash, err);
    if (rc < 0)
        return rc;
    return lethe_db_run(store->db, err, "record the release of the clock",
                        "INSERT INTO clock_releases VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)", "iiiisbb",
                        row->n, row->after, (int64_t)row->release.time, (int64_t)row->release.last,
                        row->release.reason, row->prev, sizeof(row->prev), row->hash,
                        sizeof(row->hash));
}

int lethe_store_release_clock(struct lethe_store *store, const char *reason,
                              struct lethe_error *err)
{
    struct lethe_clock_row row = {0};
    if (!reason[strspn(reason, " ")] || strlen(reason) > LETHE_CLOCK_REASON_MAX ||
        !lethe_text_is_clean(reason))
        return lethe_fail(err, LETHE_E_USAGE, "a reason is 1 to %d bytes of printable text",
                          LETHE_CLOCK_REASON_MAX);
    lethe_text_format(row.release.reason, sizeof(row.release.reason), "%s", reason);
    int rc = lethe_db_exec(store->db, "BEGIN IMMEDIATE", err, "record the release of the clock");
    return rc < 0 ? rc : lethe_db_end(store->db, release_clock(store, &row, err), err);
}
