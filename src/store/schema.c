/* SPDX-License-Identifier: Apache-2.0 */
#include "store/db.h"

/*
 * Events and certificates can be added, never changed or taken away. That keeps our own code and an
 * honest hand on sqlite3 from it; somebody who drops the triggers is found out by the chain of
 * hashes, and who writes that anew as well by the certificates already given out.
 *
 * jobs is an index: lethe_store_check() folds the events again and compares.
 */
const char lethe_schema_sql[] =
    "CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT;"
    "CREATE TABLE jobs("
    " id TEXT PRIMARY KEY, created INTEGER NOT NULL, target TEXT NOT NULL, device TEXT NOT NULL,"
    " policy TEXT NOT NULL, state TEXT NOT NULL, outcome TEXT NOT NULL) STRICT;"
    "CREATE INDEX jobs_created ON jobs(created);"
    "CREATE TABLE events("
    " n INTEGER PRIMARY KEY AUTOINCREMENT,"
    " job TEXT NOT NULL REFERENCES jobs(id), seq INTEGER NOT NULL, time INTEGER NOT NULL,"
    " type TEXT NOT NULL, event TEXT NOT NULL, prev BLOB NOT NULL CHECK(length(prev) = 32),"
    " hash BLOB NOT NULL CHECK(length(hash) = 32), UNIQUE(job, seq)) STRICT;"
    "CREATE INDEX events_time ON events(time);"
    "CREATE TABLE certificates("
    " job TEXT PRIMARY KEY REFERENCES jobs(id), jti TEXT NOT NULL UNIQUE, vct TEXT NOT NULL,"
    " text TEXT NOT NULL) STRICT;"
    "CREATE TABLE job_secrets("
    " job TEXT NOT NULL, name TEXT NOT NULL, data BLOB NOT NULL, PRIMARY KEY(job, name)) STRICT;"
    "CREATE TRIGGER events_no_update BEFORE UPDATE ON events"
    " BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;"
    "CREATE TRIGGER events_no_delete BEFORE DELETE ON events"
    " BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;"
    "CREATE TRIGGER certificates_no_update BEFORE UPDATE ON certificates"
    " BEGIN SELECT RAISE(ABORT, 'certificates are append-only'); END;"
    "CREATE TRIGGER certificates_no_delete BEFORE DELETE ON certificates"
    " BEGIN SELECT RAISE(ABORT, 'certificates are append-only'); END;"
    /* INSERT OR REPLACE deletes without the trigger above unless recursive triggers are on. */
    "CREATE TRIGGER events_no_replace BEFORE INSERT ON events"
    " WHEN EXISTS(SELECT 1 FROM events WHERE n = NEW.n OR (job = NEW.job AND seq = NEW.seq))"
    " BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;"
    "CREATE TRIGGER certificates_no_replace BEFORE INSERT ON certificates"
    " WHEN EXISTS(SELECT 1 FROM certificates WHERE job = NEW.job OR jti = NEW.jti)"
    " BEGIN SELECT RAISE(ABORT, 'certificates are append-only'); END;"
    "CREATE TRIGGER secrets_no_update BEFORE UPDATE ON job_secrets"
    " BEGIN SELECT RAISE(ABORT, 'secrets are never overwritten'); END;";

/* The clock of a bench may have been wrong, and events are for ever: a release says from which
 * event on the clock counts again. It stands in the same chain of hashes, behind event `after`. */
const char lethe_schema_clock_sql[] =
    "CREATE TABLE clock_releases("
    " n INTEGER PRIMARY KEY AUTOINCREMENT, after INTEGER NOT NULL, time INTEGER NOT NULL,"
    " last INTEGER NOT NULL, reason TEXT NOT NULL, prev BLOB NOT NULL CHECK(length(prev) = 32),"
    " hash BLOB NOT NULL CHECK(length(hash) = 32)) STRICT;"
    "CREATE TRIGGER clock_releases_no_update BEFORE UPDATE ON clock_releases"
    " BEGIN SELECT RAISE(ABORT, 'releases of the clock are append-only'); END;"
    "CREATE TRIGGER clock_releases_no_delete BEFORE DELETE ON clock_releases"
    " BEGIN SELECT RAISE(ABORT, 'releases of the clock are append-only'); END;"
    "CREATE TRIGGER clock_releases_no_replace BEFORE INSERT ON clock_releases"
    " WHEN EXISTS(SELECT 1 FROM clock_releases WHERE n = NEW.n)"
    " BEGIN SELECT RAISE(ABORT, 'releases of the clock are append-only'); END;";

/*
 * What this bench has promised to its transparency logs. An entry gets its index in the transaction
 * that records what it is of; a checkpoint of one size exists once, and is here before anybody can
 * see it. `log` is the log's origin. What was recorded before there were logs (events up to
 * `log_after`) has no entries.
 */
const char lethe_schema_log_sql[] =
    "CREATE TABLE log_entries("
    " log TEXT NOT NULL, i INTEGER NOT NULL CHECK(i >= 0), kind TEXT NOT NULL, name TEXT NOT NULL,"
    " entry TEXT NOT NULL, leaf BLOB NOT NULL CHECK(length(leaf) = 32),"
    " PRIMARY KEY(log, i), UNIQUE(log, kind, name)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX log_entries_name ON log_entries(name);"
    "CREATE TABLE log_checkpoints("
    " log TEXT NOT NULL, size INTEGER NOT NULL CHECK(size >= 0), time INTEGER NOT NULL,"
    " root BLOB NOT NULL CHECK(length(root) = 32), note TEXT NOT NULL,"
    " PRIMARY KEY(log, size)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE log_cosignatures("
    " log TEXT NOT NULL, size INTEGER NOT NULL, witness TEXT NOT NULL, time INTEGER NOT NULL,"
    " line TEXT NOT NULL, PRIMARY KEY(log, size, witness, time),"
    " FOREIGN KEY(log, size) REFERENCES log_checkpoints(log, size)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE log_alarms("
    " n INTEGER PRIMARY KEY AUTOINCREMENT, log TEXT NOT NULL, time INTEGER NOT NULL,"
    " what TEXT NOT NULL) STRICT;"
    "INSERT INTO meta SELECT 'log_after', coalesce(max(n), 0) FROM events;"
    "CREATE TRIGGER meta_no_update BEFORE UPDATE ON meta"
    " BEGIN SELECT RAISE(ABORT, 'meta is append-only'); END;"
    "CREATE TRIGGER meta_no_delete BEFORE DELETE ON meta"
    " BEGIN SELECT RAISE(ABORT, 'meta is append-only'); END;"
    "CREATE TRIGGER log_entries_no_update BEFORE UPDATE ON log_entries"
    " BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;"
    "CREATE TRIGGER log_entries_no_delete BEFORE DELETE ON log_entries"
    " BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;"
    "CREATE TRIGGER log_entries_next BEFORE INSERT ON log_entries"
    " WHEN NEW.i <> (SELECT coalesce(max(i) + 1, 0) FROM log_entries WHERE log = NEW.log)"
    " BEGIN SELECT RAISE(ABORT, 'the log is append-only'); END;"
    "CREATE TRIGGER log_checkpoints_no_update BEFORE UPDATE ON log_checkpoints"
    " BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only'); END;"
    "CREATE TRIGGER log_checkpoints_no_delete BEFORE DELETE ON log_checkpoints"
    " BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only'); END;"
    "CREATE TRIGGER log_checkpoints_grow BEFORE INSERT ON log_checkpoints"
    " WHEN NEW.size <= (SELECT coalesce(max(size), -1) FROM log_checkpoints WHERE log = NEW.log)"
    " OR NEW.size > (SELECT coalesce(max(i) + 1, 0) FROM log_entries WHERE log = NEW.log)"
    " BEGIN SELECT RAISE(ABORT, 'checkpoints are append-only'); END;"
    "CREATE TRIGGER log_alarms_no_update BEFORE UPDATE ON log_alarms"
    " BEGIN SELECT RAISE(ABORT, 'alarms are append-only'); END;"
    "CREATE TRIGGER log_alarms_no_delete BEFORE DELETE ON log_alarms"
    " BEGIN SELECT RAISE(ABORT, 'alarms are append-only'); END;";

/* Slots of status lists, and what was said of them. */
const char lethe_schema_status_sql[] =
    "CREATE TABLE status_slots("
    " uri TEXT NOT NULL, slot INTEGER NOT NULL CHECK(slot >= 0),"
    " job TEXT NOT NULL UNIQUE REFERENCES jobs(id), PRIMARY KEY(uri, slot)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE status_changes("
    " n INTEGER PRIMARY KEY AUTOINCREMENT, job TEXT NOT NULL REFERENCES status_slots(job),"
    " time INTEGER NOT NULL, status INTEGER NOT NULL CHECK(status BETWEEN 0 AND 2),"
    " reason TEXT NOT NULL) STRICT;"
    "CREATE INDEX status_changes_job ON status_changes(job);"
    "CREATE TRIGGER status_slots_no_update BEFORE UPDATE ON status_slots"
    " BEGIN SELECT RAISE(ABORT, 'a slot is never used twice'); END;"
    "CREATE TRIGGER status_slots_no_delete BEFORE DELETE ON status_slots"
    " BEGIN SELECT RAISE(ABORT, 'a slot is never used twice'); END;"
    "CREATE TRIGGER status_changes_no_update BEFORE UPDATE ON status_changes"
    " BEGIN SELECT RAISE(ABORT, 'changes of a status are append-only'); END;"
    "CREATE TRIGGER status_changes_no_delete BEFORE DELETE ON status_changes"
    " BEGIN SELECT RAISE(ABORT, 'changes of a status are append-only'); END;";

/* Up to which size the cosignatures of each witness are in the files beside certificates. A mark,
 * and no record. A store that had none begins with its newest entries: to look at all of a large
 * log would keep the bench for hours. */
const char lethe_schema_shown_sql[] =
    "CREATE TABLE log_shown("
    " log TEXT NOT NULL, witness TEXT NOT NULL, size INTEGER NOT NULL,"
    " PRIMARY KEY(log, witness)) STRICT, WITHOUT ROWID;"
    "INSERT INTO log_shown SELECT log, witness, max(0, max(size) - 4096) FROM log_cosignatures"
    " GROUP BY log, witness;";
