/* SPDX-License-Identifier: Apache-2.0 */
/* Somebody with sqlite3 and the file: the triggers say no, and whoever goes around them is found
 * out. */
#include "base/time.h"
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

static uint64_t early(void)
{
    return STREAM_TIME - 1000;
}

/* Two jobs, and the clock released after each. */
static void make_store(void)
{
    struct lethe_store *store = scratch_open();
    lethe_time_override(early, NULL);
    scratch_job(store, 1, true);
    assert_int_equal(lethe_store_release_clock(store, "dead battery", NULL), 0);
    scratch_job(store, 2, true);
    assert_int_equal(lethe_store_release_clock(store, "dead battery", NULL), 0);
    lethe_time_override(NULL, NULL);
    assert_int_equal(lethe_store_check(store, NULL), 0);
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
        "UPDATE events SET event = '{}' WHERE n = 3",
        "UPDATE events SET time = 0",
        "DELETE FROM events WHERE n = 3",
        "DELETE FROM events",
        "INSERT OR REPLACE INTO events SELECT * FROM events WHERE n = 3",
        "REPLACE INTO events(job, seq, time, type, event, prev, hash)"
        " SELECT job, seq, 0, type, event, prev, hash FROM events WHERE n = 3",
        "UPDATE certificates SET text = 'x'",
        "DELETE FROM certificates",
        "INSERT OR REPLACE INTO certificates SELECT job, jti, vct, 'x' FROM certificates",
        "UPDATE clock_releases SET reason = 'none of your business'",
        "DELETE FROM clock_releases",
        "INSERT OR REPLACE INTO clock_releases SELECT * FROM clock_releases WHERE n = 1",
        "UPDATE job_secrets SET data = x'00'",
        "PRAGMA foreign_keys=ON; DELETE FROM jobs",
        "INSERT INTO events(job, seq, time, type, event, prev, hash) VALUES('a', 1, 1, 't', 'e', "
        "x'00', x'00')",
        "INSERT INTO jobs VALUES('a', 'soon', 't', 'd', 'p', 's', 'o')",
    };
    (void)state;
    make_store();
    struct lethe_store *store = scratch_open();
    assert_int_equal(lethe_store_secret_put(store, "x", "seed", "1", 1, NULL), 0);
    lethe_store_close(store);
    for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
        int rc = scratch_sql(tries[i]);
        if (rc != SQLITE_CONSTRAINT)
            print_error("%d: %s\n", rc, tries[i]);
        assert_int_equal(rc, SQLITE_CONSTRAINT);
    }
    assert_int_equal(check(NULL), 0);
}

#define NO_TRIGGERS                                                                                \
    "DROP TRIGGER events_no_update; DROP TRIGGER events_no_delete;"                                \
    "DROP TRIGGER events_no_replace; DROP TRIGGER certificates_no_update;"                         \
    "DROP TRIGGER certificates_no_delete; DROP TRIGGER certificates_no_replace;"                   \
    "DROP TRIGGER clock_releases_no_update; DROP TRIGGER clock_releases_no_delete;"

static void behind_the_triggers(void **state)
{
    static const struct {
        const char *sql, *found;
    } tries[] = {
        {"UPDATE events SET event = replace(event, '/dev/sdz', '/dev/sdy') WHERE n = 1",
         "event 1 of the store was changed after it was written"},
        {"UPDATE events SET event = event || ' ' WHERE n = 3",
         "event 3 of the store was changed after it was written"},
        {"UPDATE events SET time = time + 1 WHERE n = 3",
         "event 3 of the store is filed under what it is not"},
        {"UPDATE events SET type = 'job.abort' WHERE n = 3",
         "event 3 of the store is filed under what it is not"},
        {"UPDATE events SET hash = "
         "x'0000000000000000000000000000000000000000000000000000000000000000'"
         " WHERE n = 3",
         "event 3 of the store was changed"},
        {"UPDATE events SET prev = "
         "x'0000000000000000000000000000000000000000000000000000000000000000'"
         " WHERE n = 3",
         "event 3 of the store does not follow the one before it"},
        {"DELETE FROM events WHERE n = 5", "event 5 of the store is missing"},
        {"DELETE FROM events WHERE n = (SELECT max(n) FROM events)", "of the store is missing"},
        {"DELETE FROM events WHERE job LIKE '%2'", "of the store is missing"},
        {"UPDATE events SET n = 1000 WHERE n = 5", "event 5 of the store is missing"},
        {"UPDATE clock_releases SET reason = 'nothing' WHERE n = 1",
         "release 1 of the clock was changed after it was written"},
        {"UPDATE clock_releases SET time = time + 1 WHERE n = 2",
         "release 2 of the clock was changed after it was written"},
        {"UPDATE clock_releases SET after = after - 1 WHERE n = 1",
         "release 1 of the clock does not follow what is before it"},
        {"UPDATE clock_releases SET after = after + 1 WHERE n = 2", "of the store is missing"},
        {"DELETE FROM clock_releases WHERE n = 1", "release 1 of the clock is missing"},
        {"DELETE FROM clock_releases WHERE n = 2", "release 2 of the clock is missing"},
        /* Whoever covers that up as well meets the chain. */
        {"DELETE FROM clock_releases; DELETE FROM sqlite_sequence WHERE name = 'clock_releases'",
         "does not follow the one before it"},
        {"UPDATE jobs SET state = 'running' WHERE id LIKE '%1'", "is not what its events say"},
        {"UPDATE jobs SET outcome = 'failed' WHERE id LIKE '%1'", "is not what its events say"},
        {"UPDATE jobs SET state = 'asleep' WHERE id LIKE '%1'", "is damaged"},
        {"UPDATE certificates SET text = 'forged' WHERE job LIKE '%1'", "was changed"},
        {"DELETE FROM certificates WHERE job LIKE '%1'", "there is no certificate"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
        char sql[1024];
        struct lethe_error err = {0};
        assert_int_equal(scratch_setup(NULL), 0);
        make_store();
        snprintf(sql, sizeof(sql), "%s %s", NO_TRIGGERS, tries[i].sql);
        assert_int_equal(scratch_sql(sql), 0);
        int rc = check(&err);
        if (rc == 0 || !strstr(err.what, tries[i].found))
            print_error("%s: %d %s\n", tries[i].sql, rc, err.what);
        assert_true(rc < 0);
        assert_non_null(strstr(err.what, tries[i].found));
        assert_int_equal(scratch_teardown(NULL), 0);
    }
}

#define FLIP                                                                                       \
    "UPDATE events SET event = substr(event, 1, %u - 1) ||"                                        \
    " char(unicode(substr(event, %u, 1)) %s 1) || substr(event, %u + 1) WHERE n = %u"

/* One byte of one event, whichever: it shows. */
static void any_flipped_byte_shows(void **state)
{
    (void)state;
    assert_int_equal(scratch_setup(NULL), 0);
    make_store();
    assert_int_equal(scratch_sql(NO_TRIGGERS), 0);
    for (unsigned n = 1; n <= 20; n += 3)
        for (unsigned at = 2; at < 60; at += 7) {
            char sql[512];
            snprintf(sql, sizeof(sql), FLIP, at, at, "+", at, n);
            assert_int_equal(scratch_sql(sql), 0);
            assert_true(check(NULL) < 0);
            snprintf(sql, sizeof(sql), FLIP, at, at, "-", at, n);
            assert_int_equal(scratch_sql(sql), 0);
        }
    assert_int_equal(check(NULL), 0);
    assert_int_equal(scratch_teardown(NULL), 0);
}

/* A record changed so that the job would be judged better does not even load. */
static void a_better_end_does_not_load(void **state)
{
    (void)state;
    struct lethe_job job;
    struct lethe_error err = {0};
    char id[37];
    make_store();
    assert_int_equal(scratch_sql(NO_TRIGGERS
                                 "UPDATE events SET event = replace(event, '\"mismatches\":0',"
                                 " '\"first_mismatch\":0,\"mismatches\":1') WHERE job LIKE '%1'"),
                     0);
    struct lethe_store *store = scratch_open();
    scratch_id(id, 1);
    assert_int_equal(lethe_store_load(store, id, &job, &err), -LETHE_E_INVALID);
    assert_non_null(strstr(err.what, "job.end says another"));
    lethe_store_close(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_triggers_say_no, scratch_setup, scratch_teardown),
        cmocka_unit_test(behind_the_triggers),
        cmocka_unit_test(any_flipped_byte_shows),
        cmocka_unit_test_setup_teardown(a_better_end_does_not_load, scratch_setup,
                                        scratch_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
