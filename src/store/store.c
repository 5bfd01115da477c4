/* SPDX-License-Identifier: Apache-2.0 */
/* Opening, and making what is not there yet: once, durably, by one process. */
#include <lethe/store.h>

#include "base/file.h"
#include "base/text.h"
#include "base/time.h"
#include "store/db.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define BUSY_MS 30000 /* another job's commit takes milliseconds; a backup may take longer */

static int pragma(sqlite3 *db, const char *name, int64_t *value, struct lethe_error *err)
{
    char sql[64];
    LETHE_STMT_AUTO *statement = NULL;
    lethe_text_format(sql, sizeof(sql), "PRAGMA %s", name);
    int rc = lethe_db_prepare(db, &statement, err, sql, "");
    if (rc == 0)
        rc = lethe_db_step(statement, err, "read the store");
    if (rc > 0)
        *value = sqlite3_column_int64(statement, 0);
    return rc < 0 ? rc : 0;
}

int lethe_store_check_version(struct lethe_store *store, int64_t *version, struct lethe_error *err)
{
    int64_t application = 0, tables = 0;
    int rc = pragma(store->db, "user_version", version, err);
    if (rc == 0 && *version == 0)
        rc = pragma(store->db, "schema_version", &tables, err);
    /* Its maker may have finished between the two looks. */
    if (rc == 0 && tables > 0)
        rc = pragma(store->db, "user_version", version, err);
    if (rc == 0)
        rc = pragma(store->db, "application_id", &application, err);
    if (rc < 0)
        return rc;
    if ((*version == 0 && tables > 0) || (*version > 0 && application != LETHE_APPLICATION_ID))
        return lethe_fail(err, LETHE_E_INVALID, "%s/lethe.db is not a store of Lethe", store->dir);
    if (*version > LETHE_SCHEMA) {
        lethe_fail(err, LETHE_E_UNSUPPORTED,
                   "%s/lethe.db was written by a newer Lethe (schema %" PRId64 ", ours is %d)",
                   store->dir, *version, LETHE_SCHEMA);
        lethe_error_remedy(err,
                           "use that version of lethe, or another directory: lethe --state DIR");
        return -LETHE_E_UNSUPPORTED;
    }
    return 0;
}

static int sync_dir(const char *path, struct lethe_error *err)
{
    LETHE_FD_AUTO fd = lethe_file_open(path, O_RDONLY | O_DIRECTORY, 0, err);
    if (fd < 0)
        return fd;
    return fsync(fd) == 0 ? 0 : lethe_fail_errno(err, errno, "cannot make %s durable", path);
}

static int connect_db(struct lethe_store *store, struct lethe_error *err)
{
    char path[4096];
    int rc = lethe_path_join(path, sizeof(path), store->dir, "lethe.db", err);
    if (rc < 0)
        return rc;
    if (sqlite3_open_v2(path, &store->db, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK)
        return lethe_db_fail(store->db, err, "open the store");
    sqlite3_busy_timeout(store->db, BUSY_MS);
    /* What returned 0 survives a power cut: FULL syncs the log at every commit. */
    return lethe_db_exec(store->db,
                         "PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
                         "PRAGMA trusted_schema=OFF; PRAGMA recursive_triggers=ON;",
                         err, "set up the store");
}

/* A store of an older schema gets what is new; what is in it stays. */
static int make_schema(struct lethe_store *store, int64_t version, struct lethe_error *err)
{
    int rc = lethe_db_exec(store->db, "PRAGMA journal_mode=WAL", err, "set up the store");
    if (rc == 0)
        rc = lethe_db_exec(store->db, "BEGIN IMMEDIATE", err, "set up the store");
    if (rc < 0)
        return rc;
    char created[21];
    lethe_time_format(created, lethe_now_ms());
    if (version == 0)
        rc = lethe_db_exec(store->db, lethe_schema_sql, err, "set up the store");
    if (rc == 0 && version == 0)
        rc = lethe_db_run(store->db, err, "set up the store",
                          "INSERT INTO meta VALUES('created', ?1)", "s", created);
    if (rc == 0 && version < 2)
        rc = lethe_db_exec(store->db, lethe_schema_clock_sql, err, "set up the store");
    if (rc == 0 && version < 3)
        rc = lethe_db_exec(store->db, lethe_schema_log_sql, err, "set up the store");
    if (rc == 0 && version < 4)
        rc = lethe_db_exec(store->db, lethe_schema_status_sql, err, "set up the store");
    if (rc == 0)
        rc = lethe_db_exec(store->db, lethe_schema_shown_sql, err, "set up the store");
    char sql[96];
    lethe_text_format(sql, sizeof(sql), "PRAGMA application_id=%d; PRAGMA user_version=%d",
                      LETHE_APPLICATION_ID, LETHE_SCHEMA);
    if (rc == 0)
        rc = lethe_db_exec(store->db, sql, err, "set up the store");
    return lethe_db_end(store->db, rc, err);
}

/* One process makes the store, others wait for it: a file without tables is never used. */
static int create(struct lethe_store *store, struct lethe_error *err)
{
    char path[4096], parent[4096];
    int64_t version = 0;
    if (lethe_path_join(path, sizeof(path), store->dir, "lethe.lock", err) < 0 ||
        lethe_path_join(parent, sizeof(parent), store->dir, "..", err) < 0)
        return -LETHE_E_LIMIT;
    LETHE_FD_AUTO lock = lethe_file_lock(path, true, err);
    if (lock < 0)
        return lock;
    int rc = lethe_path_join(path, sizeof(path), store->dir, "lethe.db", err);
    if (rc < 0)
        return rc;
    /* Ours alone, whatever the umask. Nobody has it open yet, so that closing drops no lock of
     * SQLite's. */
    if (access(path, F_OK) != 0) {
        LETHE_FD_AUTO fd = lethe_file_open(path, O_RDWR | O_CREAT | O_EXCL, 0600, err);
        if (fd < 0)
            return fd;
    }
    if (!store->db)
        rc = connect_db(store, err);
    if (rc == 0)
        rc = lethe_store_check_version(store, &version, err);
    if (rc == 0 && version < LETHE_SCHEMA)
        rc = make_schema(store, version, err);
    if (rc == 0)
        rc = sync_dir(store->dir, err);
    return rc < 0 ? rc : sync_dir(parent, err);
}

int lethe_store_open(const char *dir, struct lethe_store **out, struct lethe_error *err)
{
    char path[4096];
    int64_t version = 0;
    *out = NULL;
    struct lethe_store *store = calloc(1, sizeof(*store));
    if (!store)
        return lethe_fail(err, LETHE_E_INTERNAL, "no memory for the store");
    int rc = lethe_text_format(store->dir, sizeof(store->dir), "%s", dir)
                 ? lethe_path_join(path, sizeof(path), dir, "lethe.db", err)
                 : lethe_fail(err, LETHE_E_LIMIT, "the path %.64s... is too long", dir);
    if (rc == 0 && access(path, F_OK) != 0) {
        rc = lethe_dir_make(dir, 0700, err);
        if (rc == 0)
            rc = create(store, err);
    } else if (rc == 0) {
        rc = connect_db(store, err);
        if (rc == 0)
            rc = lethe_store_check_version(store, &version, err);
        if (rc == 0 && version < LETHE_SCHEMA) /* an older one, or its maker died, or is at it */
            rc = create(store, err);
    }
    if (rc < 0)
        lethe_store_close(store);
    else
        *out = store;
    return rc;
}

void lethe_store_close(struct lethe_store *store)
{
    if (!store)
        return;
    sqlite3_close_v2(store->db);
    free(store);
}

const char *lethe_store_dir(const struct lethe_store *store)
{
    return store->dir;
}

int lethe_store_room(struct lethe_store *store, uint64_t bytes, struct lethe_error *err)
{
    struct statvfs fs;
    char need[32], have[32];
    if (statvfs(store->dir, &fs) < 0)
        return lethe_fail_errno(err, errno, "cannot see how much room %s has", store->dir);
    uint64_t left = (uint64_t)fs.f_bavail * fs.f_frsize;
    if (left >= bytes)
        return 0;
    lethe_size_format(need, sizeof(need), bytes);
    lethe_size_format(have, sizeof(have), left);
    lethe_fail(err, LETHE_E_LIMIT, "no room for the record: %s has %s left, a job may need %s",
               store->dir, have, need);
    lethe_error_remedy(err, "make room there, or use another directory: lethe --state DIR");
    return -LETHE_E_LIMIT;
}

int lethe_store_job_lock(struct lethe_store *store, const char *job, struct lethe_error *err)
{
    char dir[4096], name[64], path[4096];
    if (!lethe_job_id_valid(job))
        return lethe_fail(err, LETHE_E_USAGE, "\"%.40s\" is not a job", job);
    lethe_text_format(name, sizeof(name), "%s.lock", job);
    int rc = lethe_path_join(dir, sizeof(dir), store->dir, "jobs", err);
    if (rc == 0)
        rc = lethe_dir_make(dir, 0700, err);
    if (rc == 0)
        rc = lethe_path_join(path, sizeof(path), dir, name, err);
    if (rc == 0)
        rc = lethe_file_lock(path, false, err);
    if (rc == -LETHE_E_BUSY) {
        lethe_fail(err, LETHE_E_BUSY, "job %.8s is being run by another lethe", job);
        lethe_error_remedy(err, "wait for it, or stop it there");
    }
    return rc;
}
