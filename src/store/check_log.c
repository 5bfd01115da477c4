/* SPDX-License-Identifier: Apache-2.0 */
/* What was promised to the transparency log is what was recorded: nothing else, and all of it. */
#include "base/crypto.h"
#include "base/json.h"
#include "base/text.h"
#include "store/db.h"
#include <inttypes.h>
#include <string.h>

static int disagrees(struct lethe_error *err, const char *log, int64_t index, const char *how)
{
    lethe_fail(err, LETHE_E_INVALID, "entry %" PRId64 " of the log %s %s", index, log, how);
    lethe_error_effect(err, "the log and the record of this bench can't both be right");
    lethe_error_remedy(err, "compare with a backup, and with the log as it was published");
    return -LETHE_E_INVALID;
}

static bool hash_is(const json_t *entry, const char *text, size_t len)
{
    uint8_t hash[32];
    char said[LETHE_B64URL_SIZE(32)];
    lethe_sha256(hash, text, len);
    lethe_b64url_encode(said, hash, sizeof(hash));
    const char *h = json_string_value(json_object_get(entry, "h"));
    return h && strcmp(h, said) == 0;
}

static bool member_is(const json_t *entry, const char *key, const char *text)
{
    const char *value = json_string_value(json_object_get(entry, key));
    return value && strcmp(value, text) == 0;
}

/* One row of text that SQL finds by A; 1 there is one. */
static int look_up(struct lethe_store *store, sqlite3_stmt **row, const char *sql, const char *a,
                   struct lethe_error *err)
{
    int rc = lethe_db_prepare(store->db, row, err, sql, "s", a);
    return rc < 0 ? rc : lethe_db_step(*row, err, "check the log");
}

/* The event of a job that an entry speaks of; by its hash, where there is one. */
static int is_of_event(struct lethe_store *store, const json_t *entry, const char *sql,
                       const char *job, struct lethe_error *err)
{
    LETHE_STMT_AUTO *row = NULL;
    int rc = look_up(store, &row, sql, job, err);
    if (rc <= 0)
        return rc;
    const char *text = lethe_db_text(row, 0);
    return !json_object_get(entry, "h") || hash_is(entry, text, strlen(text));
}

static int is_of_certificate(struct lethe_store *store, const json_t *entry, const char *kind,
                             const char *jti, struct lethe_error *err)
{
    LETHE_STMT_AUTO *row = NULL;
    int rc =
        look_up(store, &row, "SELECT job, vct, text FROM certificates WHERE jti = ?1", jti, err);
    if (rc <= 0)
        return rc;
    const char *text = lethe_db_text(row, 2);
    bool certificate = strstr(lethe_db_text(row, 1), "certificate") != NULL;
    return member_is(entry, "j", lethe_db_text(row, 0)) &&
           certificate == (strcmp(kind, "cert") == 0) && hash_is(entry, text, strcspn(text, "~"));
}

/* 1 it is, 0 it is not. */
static int agrees(struct lethe_store *store, const json_t *entry, const char *kind,
                  const char *name, struct lethe_error *err)
{
    if (!member_is(entry, "k", kind) || !member_is(entry, "n", name))
        return 0;
    if (strcmp(kind, "start") == 0)
        return is_of_event(store, entry,
                           "SELECT event FROM events WHERE job = ?1 AND type = 'job.start'", name,
                           err);
    if (strcmp(kind, "fail") == 0 && member_is(entry, "j", name)) /* refused once begun */
        return is_of_event(store, entry,
                           "SELECT event FROM events WHERE job = ?1 AND type = 'job.refused'", name,
                           err);
    if (strcmp(kind, "cert") == 0 || strcmp(kind, "fail") == 0)
        return is_of_certificate(store, entry, kind, name, err);
    return 1;
}

static int check_entry(struct lethe_store *store, sqlite3_stmt *row, struct lethe_error *err)
{
    const char *log = lethe_db_text(row, 0), *text = lethe_db_text(row, 4);
    int64_t index = sqlite3_column_int64(row, 1);
    uint8_t bytes[1 + LETHE_STORE_ENTRY_MAX] = {0}, leaf[32];
    size_t len = strlen(text);
    LETHE_JSON_AUTO *entry = lethe_json_load(text, len, LETHE_STORE_ENTRY_MAX, err);
    if (!entry)
        return disagrees(err, log, index, "can't be read");
    memcpy(bytes + 1, text, len);
    lethe_sha256(leaf, bytes, 1 + len);
    if (sqlite3_column_bytes(row, 5) != 32 || memcmp(sqlite3_column_blob(row, 5), leaf, 32) != 0)
        return disagrees(err, log, index, "was changed after it was promised");
    int rc = agrees(store, entry, lethe_db_text(row, 2), lethe_db_text(row, 3), err);
    if (rc < 0)
        return rc;
    return rc > 0 ? 0 : disagrees(err, log, index, "is of nothing that was recorded");
}

static int check_entries(struct lethe_store *store, struct lethe_error *err)
{
    LETHE_STMT_AUTO *rows = NULL;
    char log[256] = "";
    int64_t next = 0;
    int rc = lethe_db_prepare(
        store->db, &rows, err,
        "SELECT log, i, kind, name, entry, leaf FROM log_entries ORDER BY log, i", "");
    while (rc == 0 && (rc = lethe_db_step(rows, err, "check the log")) > 0) {
        if (strcmp(log, lethe_db_text(rows, 0)) != 0)
            next = 0;
        lethe_text_format(log, sizeof(log), "%s", lethe_db_text(rows, 0));
        rc = sqlite3_column_int64(rows, 1) == next ? check_entry(store, rows, err)
                                                   : disagrees(err, log, next, "is missing");
        next++;
    }
    return rc;
}

/* Starts, refusals after a start, and certificates: each since there are logs has its entry. */
static int check_promises(struct lethe_store *store, struct lethe_error *err)
{
    LETHE_STMT_AUTO *row = NULL;
    int rc = lethe_db_prepare(
        store->db, &row, err,
        "SELECT e.type, e.job FROM events e"
        " WHERE e.n > (SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'log_after')"
        " AND ((e.type = 'job.start' AND NOT EXISTS(SELECT 1 FROM log_entries"
        "       WHERE name = e.job AND kind = 'start'))"
        "  OR (e.type = 'job.refused' AND EXISTS(SELECT 1 FROM log_entries"
        "       WHERE name = e.job AND kind = 'start')"
        "      AND NOT EXISTS(SELECT 1 FROM log_entries WHERE name = e.job AND kind = 'fail'))"
        "  OR (e.type = 'certificate.issued' AND NOT EXISTS(SELECT 1 FROM certificates c"
        "       JOIN log_entries l ON l.name = c.jti WHERE c.job = e.job"
        "       AND l.kind IN ('cert', 'fail'))))"
        " ORDER BY e.n LIMIT 1",
        "");
    if (rc == 0)
        rc = lethe_db_step(row, err, "check the log");
    if (rc <= 0)
        return rc;
    lethe_fail(err, LETHE_E_INVALID, "%s of job %.8s is not in the log", lethe_db_text(row, 0),
               lethe_db_text(row, 1));
    lethe_error_effect(err, "an auditor of the log would not know of it");
    lethe_error_remedy(err, "compare with a backup, and with the log as it was published");
    return -LETHE_E_INVALID;
}

int lethe_store_check_log(struct lethe_store *store, struct lethe_error *err)
{
    int rc = check_entries(store, err);
    return rc < 0 ? rc : check_promises(store, err);
}
