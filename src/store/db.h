/* SPDX-License-Identifier: Apache-2.0 */
/* SQLite in our words: errors as lethe_error, statements that finalise themselves. */
#ifndef LETHE_STORE_DB_H
#define LETHE_STORE_DB_H

#include <lethe/store.h>
#include <sqlite3.h>

struct lethe_store {
    sqlite3 *db;
    char dir[4000];
};

/* The schema this build writes; user_version of the database. */
#define LETHE_SCHEMA 5
#define LETHE_APPLICATION_ID 0x4C455448 /* "LETH" */
extern const char lethe_schema_sql[];
/* From schema 1 to 2; the last part of a new store too. */
extern const char lethe_schema_clock_sql[];
/* From schema 2 to 3, likewise. */
extern const char lethe_schema_log_sql[];
/* From schema 3 to 4. */
extern const char lethe_schema_status_sql[];
/* From schema 4 to 5. */
extern const char lethe_schema_shown_sql[];

#define LETHE_CERTIFICATE_MAX ((size_t)1 << 20)
#define LETHE_EVENT_MAX ((size_t)256 << 10)

/* Is it one of ours, and not of a newer Lethe? VERSION is 0 when it has no tables yet. */
int lethe_store_check_version(struct lethe_store *store, int64_t *version, struct lethe_error *err);

/* -LETHE_E_BUSY, -LETHE_E_LIMIT (disk full) or -LETHE_E_IO with SQLite's word for it. */
int lethe_db_fail(sqlite3 *db, struct lethe_error *err, const char *doing);
int lethe_db_exec(sqlite3 *db, const char *sql, struct lethe_error *err, const char *doing);

/* Parameters by kind: 's' text, 'i' int64_t, 'b' const void * + size_t; bound in order from ?1. */
int lethe_db_prepare(sqlite3 *db, sqlite3_stmt **out, struct lethe_error *err, const char *sql,
                     const char *kinds, ...);
/* 1 a row, 0 done, negative failed. */
int lethe_db_step(sqlite3_stmt *statement, struct lethe_error *err, const char *doing);
/* Prepare, run to its end, finalise. */
int lethe_db_run(sqlite3 *db, struct lethe_error *err, const char *doing, const char *sql,
                 const char *kinds, ...);
/* A text column: never NULL. */
const char *lethe_db_text(sqlite3_stmt *statement, int column);

static inline void lethe_db_finalize(sqlite3_stmt **statement)
{
    sqlite3_finalize(*statement);
}
#define LETHE_STMT_AUTO __attribute__((cleanup(lethe_db_finalize))) sqlite3_stmt

/* BEGIN IMMEDIATE. A database that was deleted or moved under us would still take every write, and
 * all of it would be lost: -LETHE_E_IO. */
int lethe_db_begin(sqlite3 *db, struct lethe_error *err, const char *doing);
/* COMMIT when RC is 0, else (and when that fails) ROLLBACK. */
int lethe_db_end(sqlite3 *db, int rc, struct lethe_error *err);

/* The whole id of the job that PREFIX (>= 8 characters) begins: -LETHE_E_NOT_FOUND,
 * -LETHE_E_INVALID when two do. */
int lethe_store_resolve(struct lethe_store *store, const char *prefix, char job[37],
                        struct lethe_error *err);
/* Hash of an event's canonical TEXT behind PREV. */
void lethe_store_hash(uint8_t out[32], const uint8_t prev[32], const char *text);
/* Where the chain of this store ends now: zeros when it has not begun. */
int lethe_store_chain_head(struct lethe_store *store, uint8_t head[32], struct lethe_error *err);

/* log.c: within a transaction of the caller's: ENTRY gets the next index of its log. One there is
 * already of its kind and name must have the same text: -LETHE_E_REFUSED. ENTRY may be NULL. */
int lethe_store_log_insert(struct lethe_store *store, struct lethe_store_entry *entry,
                           struct lethe_error *err);
/* check_log.c: entries, events and certificates agree. */
int lethe_store_check_log(struct lethe_store *store, struct lethe_error *err);

/* An event that says that the clock was released: was it, behind the event of its job before? */
int lethe_clock_check_event(struct lethe_store *store, const struct lethe_event *event,
                            struct lethe_error *err);
/* A row of clock_releases, and its place in the chain: behind event AFTER. */
struct lethe_clock_row {
    int64_t n, after;
    struct lethe_clock_release release;
    uint8_t prev[32], hash[32];
};
#define LETHE_CLOCK_ROWS                                                                           \
    "SELECT n, after, time, last, reason, prev, hash FROM clock_releases ORDER BY n"
int lethe_clock_take_row(sqlite3_stmt *statement, struct lethe_clock_row *row,
                         struct lethe_error *err);
/* -LETHE_E_INTERNAL when memory ran out. */
int lethe_clock_hash(const struct lethe_clock_row *row, uint8_t out[32], struct lethe_error *err);
#endif
