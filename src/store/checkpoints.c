/* SPDX-License-Identifier: Apache-2.0 */
/* Checkpoints of the transparency logs: here before anybody sees them, one a size, and who
 * witnessed them. */
#include "base/text.h"
#include "base/time.h"
#include "store/db.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS "c.size, c.time, c.root, c.note FROM log_checkpoints c"

void lethe_store_checkpoint_clear(struct lethe_store_checkpoint *checkpoint)
{
    free(checkpoint->note);
    *checkpoint = (struct lethe_store_checkpoint){0};
}

/* A copy: the row goes on. */
static int take_row(sqlite3_stmt *row, struct lethe_store_checkpoint *out, struct lethe_error *err)
{
    if (sqlite3_column_bytes(row, 2) != 32)
        return lethe_fail(err, LETHE_E_INVALID, "a checkpoint in the store is damaged");
    *out = (struct lethe_store_checkpoint){
        .size = (uint64_t)sqlite3_column_int64(row, 0),
        .time = (uint64_t)sqlite3_column_int64(row, 1),
        .note = strdup(lethe_db_text(row, 3)),
    };
    memcpy(out->root, sqlite3_column_blob(row, 2), 32);
    return out->note ? 0 : lethe_fail(err, LETHE_E_INTERNAL, "no memory for a checkpoint");
}

int lethe_store_checkpoint_put(struct lethe_store *store, const char *log,
                               const struct lethe_store_checkpoint *checkpoint,
                               struct lethe_error *err)
{
    struct lethe_store_checkpoint last = {0};
    if (strlen(checkpoint->note) > LETHE_STORE_NOTE_MAX)
        return lethe_fail(err, LETHE_E_LIMIT, "a checkpoint of %zu bytes is too large",
                          strlen(checkpoint->note));
    int rc = lethe_db_begin(store->db, err, "keep the checkpoint");
    if (rc < 0)
        return rc;
    rc = lethe_store_checkpoint_get(store, log, INT64_MAX, &last, err);
    if (rc == 0 && last.size >= checkpoint->size)
        rc = lethe_fail(err, LETHE_E_REFUSED,
                        "the log %s has a checkpoint of size %" PRIu64
                        " already: none of size %" PRIu64 " is made",
                        log, last.size, checkpoint->size);
    if (rc == 0 || rc == -LETHE_E_NOT_FOUND)
        rc = lethe_db_run(store->db, err, "keep the checkpoint",
                          "INSERT INTO log_checkpoints VALUES(?1, ?2, ?3, ?4, ?5)", "siibs", log,
                          (int64_t)checkpoint->size, (int64_t)checkpoint->time, checkpoint->root,
                          sizeof(checkpoint->root), checkpoint->note);
    lethe_store_checkpoint_clear(&last);
    return lethe_db_end(store->db, rc, err);
}

static int get_one(struct lethe_store *store, const char *sql, const char *log, uint64_t max,
                   struct lethe_store_checkpoint *out, struct lethe_error *err)
{
    LETHE_STMT_AUTO *statement = NULL;
    *out = (struct lethe_store_checkpoint){0};
    int rc = lethe_db_prepare(store->db, &statement, err, sql, "si", log, (int64_t)max);
    if (rc == 0)
        rc = lethe_db_step(statement, err, "read the log");
    if (rc == 0)
        rc = lethe_fail(err, LETHE_E_NOT_FOUND, "the log %s has no such checkpoint yet", log);
    return rc < 0 ? rc : take_row(statement, out, err);
}

int lethe_store_checkpoint_get(struct lethe_store *store, const char *log, uint64_t max,
                               struct lethe_store_checkpoint *out, struct lethe_error *err)
{
    return get_one(store,
                   "SELECT " COLUMNS " WHERE c.log = ?1 AND c.size <= ?2"
                   " ORDER BY c.size DESC LIMIT 1",
                   log, max, out, err);
}

int lethe_store_checkpoint_witnessed(struct lethe_store *store, const char *log,
                                     struct lethe_store_checkpoint *out, struct lethe_error *err)
{
    return get_one(store,
                   "SELECT " COLUMNS " WHERE c.log = ?1 AND c.size <= ?2 AND EXISTS(SELECT 1 FROM"
                   " log_cosignatures s WHERE s.log = c.log AND s.size = c.size)"
                   " ORDER BY c.size DESC LIMIT 1",
                   log, INT64_MAX, out, err);
}

int lethe_store_checkpoint_each(struct lethe_store *store, const char *log,
                                int (*fn)(void *user,
                                          const struct lethe_store_checkpoint *checkpoint),
                                void *user, struct lethe_error *err)
{
    LETHE_STMT_AUTO *statement = NULL;
    int rc = lethe_db_prepare(store->db, &statement, err,
                              "SELECT " COLUMNS " WHERE c.log = ?1 ORDER BY c.size", "s", log);
    while (rc == 0 && (rc = lethe_db_step(statement, err, "read the log")) > 0) {
        struct lethe_store_checkpoint checkpoint;
        rc = take_row(statement, &checkpoint, err);
        bool stop = rc == 0 && fn(user, &checkpoint);
        lethe_store_checkpoint_clear(&checkpoint);
        if (stop)
            return 0;
    }
    return rc;
}

int lethe_store_cosignature_put(struct lethe_store *store, const char *log,
                                const struct lethe_store_cosignature *cosignature,
                                struct lethe_error *err)
{
    int rc = lethe_db_begin(store->db, err, "keep a cosignature");
    if (rc < 0)
        return rc;
    rc = lethe_db_run(store->db, err, "keep a cosignature",
                      "INSERT OR IGNORE INTO log_cosignatures VALUES(?1, ?2, ?3, ?4, ?5)", "sisis",
                      log, (int64_t)cosignature->size, cosignature->witness,
                      (int64_t)cosignature->time, cosignature->line);
    return lethe_db_end(store->db, rc, err);
}

int lethe_store_checkpoint_covering(struct lethe_store *store, const char *log, uint64_t index,
                                    struct lethe_store_checkpoint *out, struct lethe_error *err)
{
    return get_one(store,
                   "SELECT " COLUMNS " WHERE c.log = ?1 AND c.size > ?2 ORDER BY"
                   " (SELECT count(DISTINCT witness) FROM log_cosignatures s"
                   "  WHERE s.log = c.log AND s.size = c.size) DESC, c.size LIMIT 1",
                   log, index, out, err);
}

int lethe_store_cosignature_each(struct lethe_store *store, const char *log, uint64_t size,
                                 int (*fn)(void *user,
                                           const struct lethe_store_cosignature *cosignature),
                                 void *user, struct lethe_error *err)
{
    LETHE_STMT_AUTO *statement = NULL;
    int rc = lethe_db_prepare(store->db, &statement, err,
                              "SELECT witness, time, line FROM log_cosignatures"
                              " WHERE log = ?1 AND size = ?2 ORDER BY witness, time",
                              "si", log, (int64_t)size);
    while (rc == 0 && (rc = lethe_db_step(statement, err, "read the log")) > 0) {
        struct lethe_store_cosignature one = {
            .size = size,
            .witness = lethe_db_text(statement, 0),
            .time = (uint64_t)sqlite3_column_int64(statement, 1),
            .line = lethe_db_text(statement, 2),
        };
        rc = 0;
        if (fn(user, &one))
            return 0;
    }
    return rc;
}

int lethe_store_cosignature_last(struct lethe_store *store, const char *log, const char *witness,
                                 uint64_t *size, struct lethe_error *err)
{
    LETHE_STMT_AUTO *statement = NULL;
    int rc = lethe_db_prepare(store->db, &statement, err,
                              "SELECT coalesce(max(size), 0) FROM log_cosignatures"
                              " WHERE log = ?1 AND witness = ?2",
                              "ss", log, witness);
    if (rc == 0)
        rc = lethe_db_step(statement, err, "read the log");
    if (rc > 0)
        *size = (uint64_t)sqlite3_column_int64(statement, 0);
    return rc < 0 ? rc : 0;
}

int lethe_store_alarm_put(struct lethe_store *store, const char *log, const char *what,
                          struct lethe_error *err)
{
    int rc = lethe_db_begin(store->db, err, "record an alarm");
    if (rc < 0)
        return rc;
    rc = lethe_db_run(store->db, err, "record an alarm",
                      "INSERT INTO log_alarms(log, time, what) VALUES(?1, ?2, ?3)", "sis", log,
                      (int64_t)lethe_now_ms(), what);
    return lethe_db_end(store->db, rc, err);
}

int lethe_store_alarm_get(struct lethe_store *store, const char *log, char *out, size_t out_size,
                          struct lethe_error *err)
{
    LETHE_STMT_AUTO *statement = NULL;
    int rc = lethe_db_prepare(store->db, &statement, err,
                              "SELECT what FROM log_alarms WHERE log = ?1 ORDER BY n DESC LIMIT 1",
                              "s", log);
    if (rc == 0)
        rc = lethe_db_step(statement, err, "read the log");
    if (rc > 0)
        lethe_text_format(out, out_size, "%s", lethe_db_text(statement, 0));
    return rc;
}
