/* SPDX-License-Identifier: Apache-2.0 */
/* What is promised to the transparency logs: all of it or nothing, in order, for ever. */
#include "base/crypto.h"
#include "base/file.h"
#include "store/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h wants the four standard headers above */
#include <cmocka.h>

#include <sqlite3.h>
#include <sys/stat.h>

struct seen {
    size_t n;
    char kinds[16][16], texts[16][LETHE_STORE_ENTRY_MAX + 1];
    uint8_t leaves[16][32];
};

static int see(void *user, const struct lethe_store_entry *entry, const uint8_t leaf[32])
{
    struct seen *seen = user;
    snprintf(seen->kinds[seen->n], sizeof(seen->kinds[0]), "%s", entry->kind);
    snprintf(seen->texts[seen->n], sizeof(seen->texts[0]), "%s", entry->text);
    memcpy(seen->leaves[seen->n++], leaf, 32);
    return 0;
}

static int add(struct lethe_store *store, const char *log, const char *kind, const char *name,
               const char *text, uint64_t *index)
{
    struct lethe_store_entry entry = {.log = log, .kind = kind, .name = name, .text = text};
    int rc = lethe_store_log_add(store, &entry, 1, NULL);
    *index = entry.index;
    return rc;
}

static void jobs_are_promised(void **state)
{
    (void)state;
    struct lethe_store *store = scratch_open();
    struct seen seen = {0};
    struct lethe_error err = {0};
    uint64_t size = 99, index = 99;
    char id[37], log[256], *text = NULL;
    assert_int_equal(lethe_store_log_size(store, SCRATCH_LOG, &size, NULL), 0);
    assert_int_equal(size, 0);
    scratch_job(store, 1, true);
    scratch_job(store, 2, false);
    assert_int_equal(lethe_store_log_size(store, SCRATCH_LOG, &size, NULL), 0);
    assert_int_equal(size, 3);
    assert_int_equal(lethe_store_log_each(store, SCRATCH_LOG, 0, 3, see, &seen, &err), 0);
    assert_int_equal(seen.n, 3);
    assert_string_equal(seen.kinds[0], "start");
    assert_string_equal(seen.kinds[1], "cert");
    assert_string_equal(seen.kinds[2], "start");
    /* RFC 6962 section 2.1 */
    char bytes[LETHE_STORE_ENTRY_MAX + 2] = {0};
    uint8_t leaf[32];
    snprintf(bytes + 1, sizeof(bytes) - 1, "%s", seen.texts[1]);
    lethe_sha256(leaf, bytes, 1 + strlen(seen.texts[1]));
    assert_memory_equal(leaf, seen.leaves[1], 32);
    scratch_id(id, 2);
    assert_int_equal(lethe_store_log_find(store, NULL, "start", id, log, &index, &text, NULL), 0);
    assert_int_equal(index, 2);
    assert_string_equal(log, SCRATCH_LOG);
    assert_string_equal(text, seen.texts[2]);
    free(text);
    assert_int_equal(lethe_store_log_find(store, "other", "start", id, NULL, &index, NULL, NULL),
                     -LETHE_E_NOT_FOUND);
    /* More than there is. */
    assert_int_equal(lethe_store_log_each(store, SCRATCH_LOG, 0, 4, see, &seen, &err),
                     -LETHE_E_INVALID);
    assert_non_null(strstr(err.what, "entry 3"));
    assert_int_equal(lethe_store_check(store, NULL), 0);
    lethe_store_close(store);
}

/* The event that can't be stored leaves no entry, the entry that can't be made no event. */
static void both_or_neither(void **state)
{
    (void)state;
    struct lethe_store *store = scratch_open();
    struct lethe_job job;
    struct lethe_error err = {0};
    uint64_t size, index;
    char long_text[LETHE_STORE_ENTRY_MAX + 2];
    memset(long_text, 'x', sizeof(long_text));
    long_text[sizeof(long_text) - 1] = '\0';
    lethe_job_init(&job);
    assert_int_equal(
        scratch_append(store, &job, 1, LETHE_EVENT_JOB_CREATED, created_make(&course_plain)), 0);
    struct lethe_event event = {.type = LETHE_EVENT_JOB_START, .time = STREAM_TIME + 5000};
    scratch_id(event.job, 1);
    struct lethe_store_entry entry = {
        .log = SCRATCH_LOG, .kind = "start", .name = event.job, .text = long_text};
    event.body = start_make(&course_plain);
    assert_int_equal(lethe_store_append_logged(store, &job, &event, &entry, &err), -LETHE_E_LIMIT);
    assert_int_equal(job.state, LETHE_JOB_CREATED);
    entry.text = "{}";
    json_object_set_new(event.body, "unknown", json_true());
    assert_int_equal(lethe_store_append_logged(store, &job, &event, &entry, &err),
                     -LETHE_E_INVALID);
    assert_int_equal(lethe_store_log_size(store, SCRATCH_LOG, &size, NULL), 0);
    assert_int_equal(size, 0);
    lethe_event_clear(&event);
    /* One of each kind and name; the same again is the same. */
    assert_int_equal(add(store, "a", "key", "k1", "{\"k\":1}", &index), 0);
    assert_int_equal(add(store, "a", "key", "k2", "{\"k\":2}", &index), 0);
    assert_int_equal(add(store, "a", "key", "k1", "{\"k\":1}", &index), 0);
    assert_int_equal(index, 0);
    assert_int_equal(add(store, "a", "key", "k1", "{\"k\":3}", &index), -LETHE_E_REFUSED);
    assert_int_equal(add(store, "b", "key", "k1", "{\"k\":3}", &index), 0);
    assert_int_equal(index, 0);
    lethe_job_clear(&job);
    lethe_store_close(store);
}

static int count(void *user, const struct lethe_store_checkpoint *checkpoint)
{
    uint64_t *sizes = user;
    sizes[++sizes[0]] = checkpoint->size;
    return 0;
}

static int keep_line(void *user, const struct lethe_store_cosignature *cosignature)
{
    char *lines = user;
    snprintf(lines + strlen(lines), 64 - strlen(lines), "%s %s %llu;", cosignature->witness,
             cosignature->line, (unsigned long long)cosignature->time);
    return 0;
}

static int news(struct lethe_store *store, struct lethe_store_news *out)
{
    free(out->seen);
    return lethe_store_news(store, "a", out, NULL);
}

/* What was shown is not asked for again; a witness that was away is looked at from where it left.
 */
static void news_of_witnesses(void **state)
{
    (void)state;
    struct lethe_store *store = scratch_open();
    char note[] = "note";
    uint64_t index;
    struct lethe_store_news all = {0}, half = {0};
    for (uint64_t size = 1; size <= 4; size++) {
        char name[] = {(char)('0' + size), '\0'};
        struct lethe_store_checkpoint checkpoint = {.size = size, .note = note};
        assert_int_equal(add(store, "a", "key", name, name, &index), 0);
        assert_int_equal(lethe_store_checkpoint_put(store, "a", &checkpoint, NULL), 0);
    }
    assert_int_equal(news(store, &all), 0);
    struct lethe_store_cosignature c = {.size = 1, .time = 7, .witness = "v", .line = "one"};
    assert_int_equal(lethe_store_cosignature_put(store, "a", &c, NULL), 0);
    c.witness = "w";
    assert_int_equal(lethe_store_cosignature_put(store, "a", &c, NULL), 0);
    assert_int_equal(news(store, &half), 1);
    assert_int_equal(half.from, 0);
    assert_int_equal(half.to, 1);
    /* One comes between look and mark. */
    c.size = 3;
    assert_int_equal(lethe_store_cosignature_put(store, "a", &c, NULL), 0);
    assert_int_equal(lethe_store_news_shown(store, "a", &half, NULL), 0);
    assert_int_equal(news(store, &all), 1);
    assert_int_equal(all.from, 1);
    assert_int_equal(all.to, 3);
    assert_int_equal(lethe_store_news_shown(store, "a", &all, NULL), 0);
    assert_int_equal(lethe_store_news_shown(store, "a", &half, NULL), 0); /* never back */
    assert_int_equal(news(store, &all), 0);
    c.size = 4;
    c.witness = "v"; /* back again */
    assert_int_equal(lethe_store_cosignature_put(store, "a", &c, NULL), 0);
    assert_int_equal(news(store, &all), 1);
    assert_int_equal(all.from, 1);
    assert_int_equal(all.to, 4);
    assert_int_equal(lethe_store_news_shown(store, "a", &all, NULL), 0);
    c.witness = "x"; /* new */
    assert_int_equal(lethe_store_cosignature_put(store, "a", &c, NULL), 0);
    assert_int_equal(news(store, &all), 1);
    assert_int_equal(all.from, 4);
    assert_int_equal(lethe_store_news_shown(store, "a", &all, NULL), 0);
    assert_int_equal(news(store, &all), 0);
    /* A store from before there were marks: who knows what the files have. */
    lethe_store_close(store);
    assert_int_equal(scratch_sql("DROP TABLE log_shown; PRAGMA user_version=4"), 0);
    store = scratch_open();
    assert_int_equal(news(store, &all), 1);
    assert_int_equal(all.from, 0);
    free(all.seen);
    free(half.seen);
    lethe_store_close(store);
}

static void one_checkpoint_a_size(void **state)
{
    (void)state;
    struct lethe_store *store = scratch_open();
    struct lethe_store_checkpoint out;
    struct lethe_error err = {0};
    char note[] = "note";
    struct lethe_store_checkpoint checkpoint = {.size = 2, .time = 5, .note = note};
    uint64_t index, sizes[8] = {0}, last = 9;
    for (char name[] = "0"; name[0] < '5'; name[0]++)
        assert_int_equal(add(store, "a", "key", name, name, &index), 0);
    assert_int_equal(lethe_store_checkpoint_get(store, "a", 100, &out, NULL), -LETHE_E_NOT_FOUND);
    assert_int_equal(lethe_store_checkpoint_put(store, "a", &checkpoint, &err), 0);
    checkpoint.root[0] = 1;
    assert_int_equal(lethe_store_checkpoint_put(store, "a", &checkpoint, &err), -LETHE_E_REFUSED);
    checkpoint.size = 1;
    assert_int_equal(lethe_store_checkpoint_put(store, "a", &checkpoint, &err), -LETHE_E_REFUSED);
    checkpoint.size = 6; /* more than was promised */
    assert_true(lethe_store_checkpoint_put(store, "a", &checkpoint, &err) < 0);
    checkpoint.size = 5;
    assert_int_equal(lethe_store_checkpoint_put(store, "a", &checkpoint, &err), 0);
    assert_int_equal(lethe_store_checkpoint_get(store, "a", 4, &out, NULL), 0);
    assert_int_equal(out.size, 2);
    assert_int_equal(out.time, 5);
    assert_string_equal(out.note, "note");
    lethe_store_checkpoint_clear(&out);
    assert_int_equal(lethe_store_checkpoint_each(store, "a", count, sizes, NULL), 0);
    assert_int_equal(sizes[0], 2);
    assert_int_equal(sizes[2], 5);
    /* Who witnessed it. */
    assert_int_equal(lethe_store_checkpoint_witnessed(store, "a", &out, NULL), -LETHE_E_NOT_FOUND);
    assert_int_equal(lethe_store_cosignature_last(store, "a", "w", &last, NULL), 0);
    assert_int_equal(last, 0);
    struct lethe_store_cosignature c = {.size = 2, .time = 7, .witness = "w", .line = "one"};
    assert_int_equal(lethe_store_cosignature_put(store, "a", &c, NULL), 0);
    c.line = "two";
    c.time = 8;
    assert_int_equal(lethe_store_cosignature_put(store, "a", &c, NULL), 0);
    c.size = 3; /* of no checkpoint */
    assert_true(lethe_store_cosignature_put(store, "a", &c, NULL) < 0);
    char line[64] = "";
    assert_int_equal(lethe_store_cosignature_each(store, "a", 2, keep_line, line, NULL), 0);
    assert_string_equal(line, "w one 7;w two 8;");
    assert_int_equal(lethe_store_checkpoint_witnessed(store, "a", &out, NULL), 0);
    assert_int_equal(out.size, 2);
    lethe_store_checkpoint_clear(&out);
    assert_int_equal(lethe_store_cosignature_last(store, "a", "w", &last, NULL), 0);
    assert_int_equal(last, 2);
    assert_int_equal(lethe_store_checkpoint_covering(store, "a", 1, &out, NULL), 0);
    assert_int_equal(out.size, 2);
    lethe_store_checkpoint_clear(&out);
    assert_int_equal(lethe_store_checkpoint_covering(store, "a", 2, &out, NULL), 0);
    assert_int_equal(out.size, 5);
    lethe_store_checkpoint_clear(&out);
    assert_int_equal(lethe_store_checkpoint_covering(store, "a", 5, &out, NULL),
                     -LETHE_E_NOT_FOUND);
    /* An alarm stays. */
    char what[128] = "";
    assert_int_equal(lethe_store_alarm_get(store, "a", what, sizeof(what), NULL), 0);
    assert_int_equal(lethe_store_alarm_put(store, "a", "a witness knows more", NULL), 0);
    assert_int_equal(lethe_store_alarm_get(store, "a", what, sizeof(what), NULL), 1);
    assert_string_equal(what, "a witness knows more");
    assert_int_equal(lethe_store_alarm_get(store, "b", what, sizeof(what), NULL), 0);
    lethe_store_close(store);
}

static int check(struct lethe_error *err)
{
    struct lethe_store *store = scratch_open();
    int rc = lethe_store_check(store, err);
    lethe_store_close(store);
    return rc;
}

static void the_triggers_say_no(void **state)
{
    static const char *const tries[] = {
        "UPDATE log_entries SET entry = '{}'",
        "DELETE FROM log_entries",
        "INSERT OR REPLACE INTO log_entries SELECT * FROM log_entries WHERE i = 0",
        "INSERT INTO log_entries SELECT log, 17, kind, 'other', entry, leaf FROM log_entries"
        " WHERE i = 0",
        "UPDATE log_checkpoints SET note = ''",
        "DELETE FROM log_checkpoints",
        "INSERT OR REPLACE INTO log_checkpoints SELECT log, size, 1, root, 'x' FROM "
        "log_checkpoints",
        "UPDATE log_alarms SET what = ''",
        "DELETE FROM log_alarms",
        "UPDATE meta SET value = '1000000' WHERE key = 'log_after'",
        "DELETE FROM meta",
    };
    (void)state;
    struct lethe_store *store = scratch_open();
    char note[] = "note";
    struct lethe_store_checkpoint checkpoint = {.size = 2, .note = note};
    scratch_job(store, 1, true);
    assert_int_equal(lethe_store_checkpoint_put(store, SCRATCH_LOG, &checkpoint, NULL), 0);
    assert_int_equal(lethe_store_alarm_put(store, SCRATCH_LOG, "alarm", NULL), 0);
    lethe_store_close(store);
    for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
        int rc = scratch_sql(tries[i]);
        if (rc != SQLITE_CONSTRAINT)
            print_error("%d: %s\n", rc, tries[i]);
        assert_int_equal(rc, SQLITE_CONSTRAINT);
    }
    assert_int_equal(check(NULL), 0);
}

/* Around the triggers: lethe_store_check() says so. */
static void what_disagrees_is_found(void **state)
{
    static const struct {
        const char *sql, *says;
    } tries[] = {
        {"DROP TRIGGER log_entries_no_delete; DELETE FROM log_entries WHERE i = 3",
         "is not in the log"},
        {"DROP TRIGGER log_entries_no_delete; DELETE FROM log_entries WHERE i = 0", "is missing"},
        {"DROP TRIGGER log_entries_no_update;"
         "UPDATE log_entries SET entry = replace(entry, 'cert', 'fail') WHERE i = 1",
         "was changed"},
        {"DROP TRIGGER log_entries_no_update; UPDATE log_entries SET kind = 'fail' WHERE i = 1",
         "is of nothing"},
        {"INSERT INTO log_entries SELECT log, 4, 'start', 'x', entry, leaf FROM log_entries"
         " WHERE i = 2",
         "is of nothing"},
    };
    (void)state;
    char path[96];
    struct lethe_store *store = scratch_open();
    scratch_job(store, 1, true);
    scratch_job(store, 2, true);
    lethe_store_close(store);
    snprintf(path, sizeof(path), "%s/lethe.db", scratch_dir);
    char *data;
    size_t len;
    assert_int_equal(lethe_file_read(path, 1 << 24, &data, &len, NULL), 0);
    for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
        struct lethe_error err = {0};
        assert_int_equal(check(NULL), 0);
        assert_int_equal(scratch_sql(tries[i].sql), SQLITE_OK);
        assert_int_equal(check(&err), -LETHE_E_INVALID);
        if (!strstr(err.what, tries[i].says))
            print_error("%s: %s\n", tries[i].sql, err.what);
        assert_non_null(strstr(err.what, tries[i].says));
        assert_int_equal(lethe_file_write(path, data, len, 0600, NULL), 0);
    }
    free(data);
}

/* tests/store/schema2.sql was written by the version before there were logs. */
static void a_store_without_logs_gets_them(void **state)
{
    (void)state;
    char path[128], *sql;
    size_t len;
    sqlite3 *db = NULL;
    uint64_t size = 9;
    assert_int_equal(mkdir(scratch_dir, 0700), 0);
    snprintf(path, sizeof(path), "%s/lethe.db", scratch_dir);
    assert_int_equal(
        lethe_file_read(LETHE_SOURCE_DIR "/tests/store/schema2.sql", 1 << 20, &sql, &len, NULL), 0);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
    free(sql);
    /* To look at, as it is. */
    struct lethe_store *store = NULL;
    struct lethe_error err = {0};
    assert_int_equal(lethe_store_open_existing(scratch_dir, &store, &err), 0);
    assert_int_equal(lethe_store_check(store, &err), 0);
    assert_int_equal(lethe_store_log_size(store, SCRATCH_LOG, &size, NULL), 0);
    assert_int_equal(size, 0);
    lethe_store_close(store);
    /* To go on with: what was before has no entries, what comes has. */
    store = scratch_open();
    assert_int_equal(lethe_store_check(store, &err), 0);
    scratch_job(store, 1, true);
    assert_int_equal(lethe_store_check(store, &err), 0);
    assert_int_equal(lethe_store_log_size(store, SCRATCH_LOG, &size, NULL), 0);
    assert_int_equal(size, 2);
    lethe_store_close(store);
    assert_int_equal(scratch_sql("DROP TRIGGER log_entries_no_delete; DELETE FROM log_entries"),
                     SQLITE_OK);
    assert_int_equal(check(&err), -LETHE_E_INVALID);
    assert_non_null(strstr(err.what, "is not in the log"));
}

#define T(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(jobs_are_promised),
        T(both_or_neither),
        T(news_of_witnesses),
        T(one_checkpoint_a_size),
        T(the_triggers_say_no),
        T(what_disagrees_is_found),
        T(a_store_without_logs_gets_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
