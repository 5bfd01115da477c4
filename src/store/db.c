/* SPDX-License-Identifier: Apache-2.0 */
#include "store/db.h"

#include <stdarg.h>
#include <string.h>

int lethe_db_fail(sqlite3 *db, struct lethe_error *err, const char *doing)
{
    int code = db ? sqlite3_errcode(db) : SQLITE_NOMEM;
    const char *why = db ? sqlite3_errmsg(db) : "out of memory";
    if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
        return lethe_fail(err, LETHE_E_BUSY, "cannot %s: another process keeps the store busy",
                          doing);
    if (code == SQLITE_FULL) {
        lethe_fail(err, LETHE_E_LIMIT, "cannot %s: the disk of the store is full", doing);
        lethe_error_remedy(err, "make room: df -h; then: lethe resume");
        return -LETHE_E_LIMIT;
    }
    return lethe_fail(err, LETHE_E_IO, "cannot %s: %s", doing, why);
}

int lethe_db_exec(sqlite3 *db, const char *sql, struct lethe_error *err, const char *doing)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : lethe_db_fail(db, err, doing);
}

static int prepare(sqlite3 *db, sqlite3_stmt **out, struct lethe_error *err, const char *sql,
                   const char *kinds, va_list args)
{
    *out = NULL;
    int rc = sqlite3_prepare_v2(db, sql, -1, out, NULL);
    for (int i = 1; rc == SQLITE_OK && *kinds; kinds++, i++) {
        const void *data;
        if (*kinds == 's') {
            rc = sqlite3_bind_text(*out, i, va_arg(args, const char *), -1, SQLITE_TRANSIENT);
        } else if (*kinds == 'i') {
            rc = sqlite3_bind_int64(*out, i, va_arg(args, int64_t));
        } else {
            data = va_arg(args, const void *);
            rc = sqlite3_bind_blob64(*out, i, data, va_arg(args, size_t), SQLITE_TRANSIENT);
        }
    }
    return rc == SQLITE_OK ? 0 : lethe_db_fail(db, err, "ask the store");
}

int lethe_db_prepare(sqlite3 *db, sqlite3_stmt **out, struct lethe_error *err, const char *sql,
                     const char *kinds, ...)
{
    va_list args;
    va_start(args, kinds);
    int rc = prepare(db, out, err, sql, kinds, args);
    va_end(args);
    return rc;
}

int lethe_db_step(sqlite3_stmt *statement, struct lethe_error *err, const char *doing)
{
    int rc = sqlite3_step(statement);
    if (rc == SQLITE_ROW)
        return 1;
    return rc == SQLITE_DONE ? 0 : lethe_db_fail(sqlite3_db_handle(statement), err, doing);
}

int lethe_db_run(sqlite3 *db, struct lethe_error *err, const char *doing, const char *sql,
                 const char *kinds, ...)
{
    LETHE_STMT_AUTO *statement = NULL;
    va_list args;
    va_start(args, kinds);
    int rc = prepare(db, &statement, err, sql, kinds, args);
    va_end(args);
    while (rc >= 0 && (rc = lethe_db_step(statement, err, doing)) > 0)
        ;
    return rc;
}

const char *lethe_db_text(sqlite3_stmt *statement, int column)
{
    const unsigned char *text = sqlite3_column_text(statement, column);
    return text ? (const char *)text : "";
}

int lethe_db_begin(sqlite3 *db, struct lethe_error *err, const char *doing)
{
    int moved = 0;
    if (sqlite3_file_control(db, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved) {
        lethe_fail(err, LETHE_E_IO, "cannot %s: the database is not where it was opened", doing);
        lethe_error_effect(err, "what was recorded before is gone; nothing is certified");
        lethe_error_remedy(err, "find out who moved or deleted the state directory; put it back");
        return -LETHE_E_IO;
    }
    return lethe_db_exec(db, "BEGIN IMMEDIATE", err, doing);
}

int lethe_db_end(sqlite3 *db, int rc, struct lethe_error *err)
{
    if (rc == 0)
        rc = lethe_db_exec(db, "COMMIT", err, "make the record durable");
    if (rc < 0)
        sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return rc;
}
