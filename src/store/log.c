/* SPDX-License-Identifier: Apache-2.0 */
/* Entries of the transparency logs: promised in the transaction that records what they are of. */
#include "base/crypto.h"
#include "base/text.h"
#include "store/db.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* RFC 6962 section 2.1: the hash of a leaf. */
static void leaf_hash(uint8_t out[32], const char *text)
{
    uint8_t bytes[1 + LETHE_STORE_ENTRY_MAX];
    size_t len = strlen(text);
    bytes[0] = 0;
    memcpy(bytes + 1, text, len);
    lethe_sha256(out, bytes, 1 + len);
}

int lethe_store_log_size(struct lethe_store *store, const char *log, uint64_t *size,
                         struct lethe_error *err)
{
    LETHE_STMT_AUTO *statement = NULL;
    int rc = lethe_db_prepare(store->db, &statement, err,
                              "SELECT coalesce(max(i) + 1, 0) FROM log_entries WHERE log = ?1", "s",
                              log);
    if (rc == 0)
        rc = lethe_db_step(statement, err, "read the log");
    if (rc > 0)
        *size = (uint64_t)sqlite3_column_int64(statement, 0);
    return rc < 0 ? rc : 0;
}

/* 1: it is there already, as it is to be. */
static int find_same(struct lethe_store *store, struct lethe_store_entry *entry,
                     struct lethe_error *err)
{
    LETHE_STMT_AUTO *statement = NULL;
    int rc = lethe_db_prepare(store->db, &statement, err,
                              "SELECT i, entry FROM log_entries"
                              " WHERE log = ?1 AND kind = ?2 AND name = ?3",
                              "sss", entry->log, entry->kind, entry->name);
    if (rc == 0)
        rc = lethe_db_step(statement, err, "read the log");
    if (rc <= 0)
        return rc;
    entry->index = (uint64_t)sqlite3_column_int64(statement, 0);
    return strcmp(lethe_db_text(statement, 1), entry->text) == 0
               ? 1
               : lethe_fail(err, LETHE_E_REFUSED, "the log has another \"%s\" of %.40s already",
                            entry->kind, entry->name);
}

int lethe_store_log_insert(struct lethe_store *store, struct lethe_store_entry *entry,
                           struct lethe_error *err)
{
    uint8_t leaf[32];
    if (!entry)
        return 0;
    if (strlen(entry->text) > LETHE_STORE_ENTRY_MAX)
        return lethe_fail(err, LETHE_E_LIMIT, "an entry of %zu bytes is too large for the log",
                          strlen(entry->text));
    int rc = find_same(store, entry, err);
    if (rc != 0)
        return rc < 0 ? rc : 0;
    rc = lethe_store_log_size(store, entry->log, &entry->index, err);
    leaf_hash(leaf, entry->text);
    if (rc < 0)
        return rc;
    return lethe_db_run(store->db, err, "promise an entry to the log",
                        "INSERT INTO log_entries VALUES(?1, ?2, ?3, ?4, ?5, ?6)", "sisssb",
                        entry->log, (int64_t)entry->index, entry->kind, entry->name, entry->text,
                        leaf, sizeof(leaf));
}

int lethe_store_log_add(struct lethe_store *store, struct lethe_store_entry *entries, size_t n,
                        struct lethe_error *err)
{
    int rc = lethe_db_begin(store->db, err, "promise entries to the log");
    if (rc < 0)
        return rc;
    for (size_t i = 0; rc == 0 && i < n; i++)
        rc = lethe_store_log_insert(store, &entries[i], err);
    return lethe_db_end(store->db, rc, err);
}

int lethe_store_log_each(struct lethe_store *store, const char *log, uint64_t from, uint64_t to,
                         int (*fn)(void *user, const struct lethe_store_entry *entry,
                                   const uint8_t leaf[32]),
                         void *user, struct lethe_error *err)
{
    LETHE_STMT_AUTO *statement = NULL;
    uint64_t next = from;
    int rc = lethe_db_prepare(store->db, &statement, err,
                              "SELECT i, kind, name, entry, leaf FROM log_entries"
                              " WHERE log = ?1 AND i >= ?2 AND i < ?3 ORDER BY i",
                              "sii", log, (int64_t)from, (int64_t)to);
    while (rc == 0 && (rc = lethe_db_step(statement, err, "read the log")) > 0) {
        struct lethe_store_entry entry = {
            .log = log,
            .kind = lethe_db_text(statement, 1),
            .name = lethe_db_text(statement, 2),
            .text = lethe_db_text(statement, 3),
            .index = (uint64_t)sqlite3_column_int64(statement, 0),
        };
        if (entry.index != next || sqlite3_column_bytes(statement, 4) != 32)
            break;
        next++;
        rc = 0;
        if (fn(user, &entry, sqlite3_column_blob(statement, 4)))
            return 0;
    }
    if (rc < 0 || next == to)
        return rc < 0 ? rc : 0;
    lethe_fail(err, LETHE_E_INVALID, "entry %" PRIu64 " of the log %s is missing in the store",
               next, log);
    lethe_error_effect(err, "the log can't go on: it would say something else than before");
    lethe_error_remedy(err, "restore the newest backup of the state directory; what is wrong with "
                            "it: lethe log check");
    return -LETHE_E_INVALID;
}

int lethe_store_log_find(struct lethe_store *store, const char *log, const char *kind,
                         const char *name, char *log_out, uint64_t *index, char **text,
                         struct lethe_error *err)
{
    LETHE_STMT_AUTO *statement = NULL;
    int rc = lethe_db_prepare(store->db, &statement, err,
                              "SELECT log, i, entry FROM log_entries WHERE name = ?1 AND kind = ?2"
                              " AND (?3 = '' OR log = ?3) ORDER BY i DESC LIMIT 1",
                              "sss", name, kind, log ? log : "");
    if (rc == 0)
        rc = lethe_db_step(statement, err, "read the log");
    if (rc <= 0)
        return rc < 0 ? rc
                      : lethe_fail(err, LETHE_E_NOT_FOUND, "the log has no \"%s\" of %.40s", kind,
                                   name);
    if (log_out)
        lethe_text_format(log_out, 256, "%s", lethe_db_text(statement, 0));
    *index = (uint64_t)sqlite3_column_int64(statement, 1);
    if (!text)
        return 0;
    *text = strdup(lethe_db_text(statement, 2));
    return *text ? 0 : lethe_fail(err, LETHE_E_INTERNAL, "no memory for an entry");
}
