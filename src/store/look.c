/* SPDX-License-Identifier: Apache-2.0 */
/* Opening to look, never to write: for whoever audits a record, wherever it lies. */
#include "base/file.h"
#include "base/text.h"
#include "store/db.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUSY_MS 30000

static int no_record(const char *dir, struct lethe_error *err)
{
    lethe_fail(err, LETHE_E_NOT_FOUND, "there is no record in %s", dir);
    lethe_error_remedy(err, "name the state directory of a bench: lethe --state DIR ...; the first "
                            "erasure makes one");
    return -LETHE_E_NOT_FOUND;
}

/* A file: URI of PATH (RFC 3986), with what SQLite is to know of it. */
static bool make_uri(char *out, size_t out_size, const char *path, const char *query)
{
    size_t len = 0;
    lethe_text_format(out, out_size, "file:");
    len = strlen(out);
    for (; *path; path++) {
        bool plain = !strchr("%?#", *path);
        if (!lethe_text_format(out + len, out_size - len, plain ? "%c" : "%%%02X",
                               (unsigned char)*path))
            return false;
        len += plain ? 1 : 3;
    }
    return lethe_text_format(out + len, out_size - len, "?%s", query);
}

static bool holds_something(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && st.st_size > 0;
}

static int connect_uri(struct lethe_store *store, const char *uri, int flags,
                       struct lethe_error *err)
{
    sqlite3_close_v2(store->db);
    store->db = NULL;
    if (sqlite3_open_v2(uri, &store->db, flags | SQLITE_OPEN_URI, NULL) != SQLITE_OK)
        return lethe_db_fail(store->db, err, "open the store");
    sqlite3_busy_timeout(store->db, BUSY_MS);
    return lethe_db_exec(store->db, "PRAGMA trusted_schema=OFF; PRAGMA temp_store=MEMORY", err,
                         "open the store");
}

/*
 * Beside others that may be writing now, SQLite's own locks keep us apart; they live in files
 * beside the database, which it makes when they are not there, and takes away again if it may
 * write. With something in the write-ahead log it may not: that would be moved into the database,
 * and evidence stays as it was found.
 *
 * Where these files can't be made nobody else can be writing but their owner, and there is no log:
 * the file is what is recorded. Or there is one, copied without its index: that is made in memory.
 */
static int connect_db(struct lethe_store *store, int64_t *version, struct lethe_error *err)
{
    char path[4096], wal[4200], uri[13000];
    int rc = lethe_path_join(path, sizeof(path), store->dir, "lethe.db", err);
    if (rc < 0)
        return rc;
    lethe_text_format(wal, sizeof(wal), "%s-wal", path);
    bool logged = holds_something(wal);
    if (!make_uri(uri, sizeof(uri), path, "cache=private"))
        return lethe_fail(err, LETHE_E_LIMIT, "the path %.64s... is too long", path);
    rc = connect_uri(store, uri, logged ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE, err);
    if (rc == 0)
        rc = lethe_store_check_version(store, version, err);
    int why = sqlite3_errcode(store->db);
    if (rc == 0 || (why != SQLITE_CANTOPEN && why != SQLITE_READONLY))
        return rc;
    make_uri(uri, sizeof(uri), path, logged ? "vfs=unix-none" : "immutable=1");
    rc = connect_uri(store, uri, SQLITE_OPEN_READONLY, err);
    if (rc == 0 && logged)
        rc = lethe_db_exec(store->db, "PRAGMA locking_mode=EXCLUSIVE", err, "open the store");
    return rc < 0 ? rc : lethe_store_check_version(store, version, err);
}

/* A store of schema 1 never had its clock released, one of schema 2 had no log,
 * one of schema 3 no status lists. */
static int complete_schema(struct lethe_store *store, int64_t version, struct lethe_error *err)
{
    int rc = 0;
    if (version < 2)
        rc = lethe_db_exec(store->db,
                           "CREATE TEMP TABLE clock_releases(n INTEGER, after INTEGER,"
                           " time INTEGER, last INTEGER, reason TEXT, prev BLOB, hash BLOB)",
                           err, "open the store");
    if (rc == 0 && version < 3)
        rc = lethe_db_exec(
            store->db,
            "CREATE TEMP TABLE log_entries(log TEXT, i INTEGER, kind TEXT, name TEXT, entry TEXT,"
            " leaf BLOB);"
            "CREATE TEMP TABLE log_checkpoints(log TEXT, size INTEGER, time INTEGER, root BLOB,"
            " note TEXT);"
            "CREATE TEMP TABLE log_cosignatures(log TEXT, size INTEGER, witness TEXT,"
            " time INTEGER, line TEXT);"
            "CREATE TEMP TABLE log_alarms(n INTEGER, log TEXT, time INTEGER, what TEXT);"
            "CREATE TEMP TABLE meta(key TEXT, value TEXT);"
            "INSERT INTO temp.meta SELECT 'log_after', coalesce(max(n), 0) FROM events",
            err, "open the store");
    if (rc == 0 && version < 4)
        rc = lethe_db_exec(store->db,
                           "CREATE TEMP TABLE status_slots(uri TEXT, slot INTEGER, job TEXT);"
                           "CREATE TEMP TABLE status_changes(n INTEGER, job TEXT, time INTEGER,"
                           " status INTEGER, reason TEXT)",
                           err, "open the store");
    return rc < 0 ? rc : lethe_db_exec(store->db, "PRAGMA query_only=ON", err, "open the store");
}

int lethe_store_open_existing(const char *dir, struct lethe_store **out, struct lethe_error *err)
{
    char path[4096];
    int64_t version = 0;
    *out = NULL;
    int rc = lethe_path_join(path, sizeof(path), dir, "lethe.db", err);
    if (rc < 0)
        return rc;
    if (access(path, R_OK) != 0) {
        if (errno == ENOENT || errno == ENOTDIR)
            return no_record(dir, err);
        rc = lethe_fail_errno(err, errno, "the record in %s can't be read", dir);
        lethe_error_remedy(err, "ask its owner for a copy of the directory, or be root");
        return rc;
    }
    struct lethe_store *store = calloc(1, sizeof(*store));
    if (!store)
        return lethe_fail(err, LETHE_E_INTERNAL, "no memory for the store");
    rc = lethe_text_format(store->dir, sizeof(store->dir), "%s", dir)
             ? connect_db(store, &version, err)
             : lethe_fail(err, LETHE_E_LIMIT, "the path %.64s... is too long", dir);
    if (rc == 0)
        rc = version > 0 ? complete_schema(store, version, err) : no_record(dir, err);
    if (rc < 0)
        lethe_store_close(store);
    else
        *out = store;
    return rc;
}
