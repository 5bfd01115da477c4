/* SPDX-License-Identifier: Apache-2.0 */
#include "store/scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h wants the four standard headers above */
#include <cmocka.h>

#include "base/time.h"
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Back to the first schema: what came later was not there. */
#define SCHEMA_1                                                                                   \
    "DROP TABLE log_shown; DROP TABLE status_changes; DROP TABLE status_slots; DROP TABLE "        \
    "log_cosignatures; DROP TABLE "                                                                \
    "log_checkpoints; DROP TABLE log_entries;"                                                     \
    "DROP TABLE log_alarms; DROP TRIGGER meta_no_update; DROP TRIGGER meta_no_delete;"             \
    "DELETE FROM meta WHERE key = 'log_after'; DROP TABLE clock_releases; PRAGMA user_version=1"

static void what_is_appended_is_there_again(void **state)
{
    (void)state;
    struct lethe_store *store = scratch_open();
    struct lethe_job job;
    char id[37];
    scratch_job(store, 1, false);
    lethe_store_close(store);
    store = scratch_open();
    scratch_id(id, 1);
    assert_int_equal(lethe_store_load(store, id, &job, NULL), 0);
    assert_int_equal(job.state, LETHE_JOB_ENDED);
    assert_int_equal(job.outcome, LETHE_OUTCOME_PASSED);
    assert_int_equal(job.method, LETHE_METHOD_CLEAR);
    assert_string_equal(job.plan.policy.id, "test-policy");
    lethe_job_clear(&job);
    assert_int_equal(lethe_store_check(store, NULL), 0);
    lethe_store_close(store);
}

static void only_ours_can_read_it(void **state)
{
    (void)state;
    struct stat st;
    char path[96];
    mode_t before = umask(0);
    struct lethe_store *store = scratch_open();
    umask(before);
    scratch_job(store, 1, false);
    assert_int_equal(stat(scratch_dir, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    static const char *const names[] = {"lethe.db", "lethe.db-wal"};
    for (size_t i = 0; i < 2; i++) {
        snprintf(path, sizeof(path), "%s/%s", scratch_dir, names[i]);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
    }
    assert_string_equal(lethe_store_dir(store), scratch_dir);
    lethe_store_close(store);
}

/* A refused event leaves neither the store nor the fold changed, and says so as the caller's
 * mistake. */
static void what_is_illegal_is_not_stored(void **state)
{
    (void)state;
    struct lethe_store *store = scratch_open();
    struct lethe_job job, before;
    char id[37];
    uint64_t time;
    lethe_job_init(&job);
    assert_int_equal(
        scratch_append(store, &job, 1, LETHE_EVENT_JOB_CREATED, created_make(&course_plain)), 0);
    before = job;
    assert_int_equal(
        scratch_append(store, &job, 1, LETHE_EVENT_STEP_BEGIN, json_pack("{s:i}", "step", 0)),
        -LETHE_E_INVALID);
    assert_memory_equal(&job, &before, sizeof(job));
    assert_int_equal(lethe_store_last_time(store, &time, NULL), 0);
    assert_int_equal(time, STREAM_TIME + 1000);
    scratch_id(id, 1);
    lethe_job_clear(&job);
    assert_int_equal(lethe_store_load(store, id, &job, NULL), 0);
    assert_int_equal(job.last_seq, 1);
    lethe_job_clear(&job);
    lethe_store_close(store);
}

static void somebody_else_went_on(void **state)
{
    (void)state;
    struct lethe_store *store = scratch_open();
    struct lethe_job mine, theirs;
    char id[37];
    json_t *stop = json_pack("{s:s, s:s}", "by", "operator", "reason", "stop");
    scratch_id(id, 1);
    lethe_job_init(&mine);
    assert_int_equal(
        scratch_append(store, &mine, 1, LETHE_EVENT_JOB_CREATED, created_make(&course_plain)), 0);
    assert_int_equal(lethe_store_load(store, id, &theirs, NULL), 0);
    assert_int_equal(scratch_append(store, &theirs, 1, LETHE_EVENT_ABORT, json_incref(stop)), 0);
    assert_int_equal(
        scratch_append(store, &mine, 1, LETHE_EVENT_JOB_START, start_make(&course_plain)),
        -LETHE_E_CHANGED);
    assert_int_equal(mine.state, LETHE_JOB_CREATED);
    /* The same id made twice. */
    struct lethe_job twice;
    lethe_job_init(&twice);
    assert_int_equal(
        scratch_append(store, &twice, 1, LETHE_EVENT_JOB_CREATED, created_make(&course_plain)),
        -LETHE_E_CHANGED);
    assert_int_equal(lethe_store_check(store, NULL), 0);
    json_decref(stop);
    lethe_job_clear(&mine);
    lethe_job_clear(&theirs);
    lethe_store_close(store);
}

struct seen {
    size_t n, stop;
    struct lethe_job_row rows[32];
};

static int see(void *user, const struct lethe_job_row *row)
{
    struct seen *seen = user;
    seen->rows[seen->n++] = *row;
    return seen->n == seen->stop;
}

static void jobs_are_listed(void **state)
{
    (void)state;
    struct lethe_store *store = scratch_open();
    struct seen seen = {0};
    struct lethe_job job;
    json_t *no = json_pack("{s:s, s:s}", "code", "busy", "reason", "in use");
    scratch_job(store, 1, true);
    scratch_job(store, 2, false); /* waits for its certificate */
    lethe_job_init(&job);
    assert_int_equal(
        scratch_append(store, &job, 3, LETHE_EVENT_JOB_CREATED, created_make(&course_plain)), 0);
    assert_int_equal(scratch_append(store, &job, 3, LETHE_EVENT_JOB_REFUSED, json_incref(no)), 0);
    lethe_job_clear(&job);
    assert_int_equal(
        scratch_append(store, &job, 4, LETHE_EVENT_JOB_CREATED, created_make(&course_plain)), 0);
    lethe_job_clear(&job);
    assert_int_equal(lethe_store_jobs(store, false, see, &seen, NULL), 0);
    assert_int_equal(seen.n, 4);
    for (unsigned i = 0; i < 4; i++) {
        char id[37];
        scratch_id(id, 4 - i);
        assert_string_equal(seen.rows[i].id, id); /* newest first */
    }
    assert_int_equal(seen.rows[0].state, LETHE_JOB_CREATED);
    assert_int_equal(seen.rows[1].outcome, LETHE_OUTCOME_REFUSED);
    assert_false(seen.rows[2].certified);
    assert_true(seen.rows[3].certified && seen.rows[3].policy_met);
    assert_false(seen.rows[2].policy_met);
    assert_string_equal(seen.rows[3].device, "Example Flash Drive S/N 4C530001");
    assert_string_equal(seen.rows[3].target, "/dev/sdz");
    assert_string_equal(seen.rows[3].policy, "test-policy");
    seen = (struct seen){0};
    assert_int_equal(lethe_store_jobs(store, true, see, &seen, NULL), 0);
    assert_int_equal(seen.n, 2);
    assert_int_equal(seen.rows[0].state, LETHE_JOB_CREATED);
    assert_int_equal(seen.rows[1].state, LETHE_JOB_ENDED);
    seen = (struct seen){.stop = 1};
    assert_int_equal(lethe_store_jobs(store, false, see, &seen, NULL), 0);
    assert_int_equal(seen.n, 1);
    json_decref(no);
    lethe_store_close(store);
}

static void ids_by_their_beginning(void **state)
{
    (void)state;
    struct lethe_store *store = scratch_open();
    struct lethe_job job;
    struct lethe_error err = {0};
    scratch_job(store, 1, false);
    scratch_job(store, 2, false);
    scratch_job(store, 17, false);
    assert_int_equal(lethe_store_load(store, "01940001", &job, NULL), 0);
    lethe_job_clear(&job);
    assert_int_equal(lethe_store_load(store, "01940000", &job, &err), -LETHE_E_NOT_FOUND);
    assert_non_null(strstr(err.what, "more than one"));
    assert_int_equal(lethe_store_load(store, "0194000", &job, &err), -LETHE_E_NOT_FOUND);
    assert_int_equal(lethe_store_load(store, "01940002", &job, &err), -LETHE_E_NOT_FOUND);
    assert_int_equal(lethe_store_load(store, "%%%%%%%%", &job, &err), -LETHE_E_NOT_FOUND);
    lethe_store_close(store);
}

static int count(void *user, const struct lethe_event *event)
{
    uint64_t *n = user;
    assert_int_equal(event->seq, ++*n);
    return *n == 5;
}

static void events_come_in_order(void **state)
{
    (void)state;
    struct lethe_store *store = scratch_open();
    char id[37];
    uint64_t n = 0;
    scratch_job(store, 2, false);
    scratch_id(id, 2);
    assert_int_equal(lethe_store_events(store, id, count, &n, NULL), 0);
    assert_int_equal(n, 5);
    lethe_store_close(store);
}

static void secrets_are_kept_once(void **state)
{
    (void)state;
    struct lethe_store *store = scratch_open();
    char id[37];
    uint8_t key[32], back[32];
    scratch_id(id, 1);
    memset(key, 7, sizeof(key));
    assert_int_equal(lethe_store_secret_get(store, id, "seed", back, 32, NULL), -LETHE_E_NOT_FOUND);
    assert_int_equal(lethe_store_secret_put(store, id, "seed", key, 32, NULL), 0);
    assert_int_equal(lethe_store_secret_put(store, id, "seed", key, 32, NULL), 0);
    assert_int_equal(lethe_store_secret_get(store, id, "seed", back, 32, NULL), 0);
    assert_memory_equal(key, back, 32);
    assert_int_equal(lethe_store_secret_get(store, id, "seed", back, 16, NULL), -LETHE_E_INVALID);
    key[0] = 8;
    assert_int_equal(lethe_store_secret_put(store, id, "seed", key, 32, NULL), -LETHE_E_REFUSED);
    lethe_store_close(store);
}

static void one_certificate_a_job(void **state)
{
    (void)state;
    struct lethe_store *store = scratch_open();
    struct lethe_error err = {0};
    char id[37], job[37], *text;
    scratch_job(store, 1, true);
    scratch_job(store, 2, true);
    scratch_id(id, 1);
    assert_int_equal(lethe_store_certificate_get(store, id, &text, job, NULL), 0);
    assert_string_equal(text, "header.payload1.signature~");
    assert_string_equal(job, id);
    free(text);
    assert_int_equal(lethe_store_certificate_get(store, "jti-00000002", &text, job, NULL), 0);
    assert_string_equal(text, "header.payload2.signature~");
    free(text);
    assert_int_equal(lethe_store_certificate_get(store, "jti-00000", &text, job, &err),
                     -LETHE_E_NOT_FOUND);
    assert_null(text);
    assert_int_equal(lethe_store_certificate_get(store, "jti", &text, job, &err),
                     -LETHE_E_NOT_FOUND);
    assert_int_equal(lethe_store_certificate_get(store, "nothing-at-all", &text, job, &err),
                     -LETHE_E_NOT_FOUND);
    assert_int_equal(lethe_store_certificate_put(store, id, "jti-00000001-of-a-certificate", "v",
                                                 "header.payload1.signature~", NULL, NULL),
                     0);
    assert_int_equal(lethe_store_certificate_put(store, id, "another", "v", "another", NULL, NULL),
                     -LETHE_E_REFUSED);
    scratch_id(id, 9);
    assert_int_equal(lethe_store_certificate_put(store, id, "no-such-job", "v", "t", NULL, NULL),
                     -LETHE_E_IO);
    lethe_store_close(store);
}

static void a_newer_store_is_left_alone(void **state)
{
    (void)state;
    struct lethe_store *store = scratch_open();
    struct lethe_error err = {0};
    lethe_store_close(store);
    assert_int_equal(scratch_sql("PRAGMA user_version=6"), 0);
    assert_int_equal(lethe_store_open(scratch_dir, &store, &err), -LETHE_E_UNSUPPORTED);
    assert_true(err.remedy[0]);
    assert_int_equal(scratch_sql("PRAGMA user_version=1; PRAGMA application_id=5"), 0);
    assert_int_equal(lethe_store_open(scratch_dir, &store, &err), -LETHE_E_INVALID);
    assert_int_equal(scratch_sql("PRAGMA user_version=0"), 0);
    assert_int_equal(lethe_store_open(scratch_dir, &store, &err), -LETHE_E_INVALID);
}

static void copy_file(const char *name, const char *to)
{
    char command[256];
    snprintf(command, sizeof(command), "cp %s/%s '%s/'", scratch_dir, name, to);
    assert_int_equal(system(command), 0);
}

/* Nobody that may write in DIR: is the record there, whole, with N jobs? And DIR as it was? */
static void looks_without_rights(const char *dir, size_t n)
{
    char command[256];
    snprintf(command, sizeof(command), "chmod -R a+rX,a-w '%s' && chmod 755 '%s/..'", dir, dir);
    assert_int_equal(system(command), 0);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        struct lethe_store *store = NULL;
        struct lethe_error err = {0};
        struct seen seen = {0};
        if (geteuid() == 0 && (setresgid(65534, 65534, 65534) || setresuid(65534, 65534, 65534)))
            _exit(9);
        int rc = access(dir, W_OK) == 0 ? -1 : lethe_store_open_existing(dir, &store, &err);
        if (rc == 0)
            rc = lethe_store_check(store, &err);
        if (rc == 0)
            rc = lethe_store_jobs(store, false, see, &seen, &err);
        lethe_store_close(store);
        if (rc < 0)
            fprintf(stderr, "%s\n", err.what);
        _exit(rc < 0 || seen.n != n);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    snprintf(command, sizeof(command), "chmod -R u+w '%s'", dir);
    assert_int_equal(system(command), 0);
    assert_int_equal(status, 0);
}

/* An auditor's copy: at rest, while its owner works, and with a log that was copied too. */
static void looking_needs_no_right_to_write(void **state)
{
    (void)state;
    char copy[96];
    struct lethe_store *store = scratch_open();
    scratch_job(store, 1, true);
    lethe_store_close(store);
    looks_without_rights(scratch_dir, 1);
    store = scratch_open();
    scratch_job(store, 2, true);
    snprintf(copy, sizeof(copy), "%.*s/copy?#%%41", (int)(strlen(scratch_dir) - strlen("/state")),
             scratch_dir);
    assert_int_equal(mkdir(copy, 0700), 0);
    copy_file("lethe.db", copy);
    copy_file("lethe.db-wal", copy);
    looks_without_rights(scratch_dir, 2);
    looks_without_rights(copy, 2);
    lethe_store_close(store);
}

static void looking_makes_nothing(void **state)
{
    (void)state;
    struct lethe_store *store = NULL;
    struct lethe_error err = {0};
    char path[96];
    assert_int_equal(lethe_store_open_existing(scratch_dir, &store, &err), -LETHE_E_NOT_FOUND);
    assert_non_null(strstr(err.remedy, "--state"));
    assert_int_equal(access(scratch_dir, F_OK), -1);
    store = scratch_open();
    scratch_job(store, 1, true);
    lethe_store_close(store);
    assert_int_equal(lethe_store_open_existing(scratch_dir, &store, &err), 0);
    assert_int_equal(lethe_store_check(store, &err), 0);
    assert_true(lethe_store_release_clock(store, "no", NULL) < 0);
    uint8_t key[32] = {0};
    assert_true(lethe_store_secret_put(store, "x", "seed", key, sizeof(key), NULL) < 0);
    lethe_store_close(store);
    snprintf(path, sizeof(path), "%s/lethe.db-wal", scratch_dir);
    assert_int_equal(access(path, F_OK), -1);
    /* One of the first schema can be looked at as it is. */
    assert_int_equal(scratch_sql(SCHEMA_1), 0);
    assert_int_equal(lethe_store_open_existing(scratch_dir, &store, &err), 0);
    assert_int_equal(lethe_store_check(store, &err), 0);
    lethe_store_close(store);
    /* A file without tables is no record. */
    snprintf(path, sizeof(path), "%s/lethe.db", scratch_dir);
    assert_int_equal(truncate(path, 0), 0);
    assert_int_equal(lethe_store_open_existing(scratch_dir, &store, &err), -LETHE_E_NOT_FOUND);
}

static void room_is_asked_for(void **state)
{
    (void)state;
    struct lethe_store *store = scratch_open();
    struct lethe_error err = {0};
    assert_int_equal(lethe_store_room(store, 1, &err), 0);
    assert_int_equal(lethe_store_room(store, UINT64_MAX, &err), -LETHE_E_LIMIT);
    assert_true(err.remedy[0]);
    lethe_store_close(store);
}

static void the_clock_of_the_store(void **state)
{
    (void)state;
    struct lethe_store *store = scratch_open();
    uint64_t ms = 1;
    assert_int_equal(lethe_store_last_time(store, &ms, NULL), 0);
    assert_int_equal(ms, 0);
    scratch_job(store, 1, false);
    assert_int_equal(lethe_store_last_time(store, &ms, NULL), 0);
    assert_true(ms > STREAM_TIME);
    lethe_store_close(store);
}

static uint64_t clock_now;
static uint64_t read_clock(void)
{
    return clock_now;
}

static int keep_release(void *user, const struct lethe_clock_release *release)
{
    *(struct lethe_clock_release *)user = *release;
    return 0;
}

/* A job was recorded by a clock years ahead. Once somebody has said so, the clock of now counts,
 * and it may not go back behind that. */
static void a_released_clock(void **state)
{
    (void)state;
    struct lethe_store *store = scratch_open();
    struct lethe_error err = {0};
    struct lethe_clock_release release = {0};
    uint64_t ms = 0;
    scratch_job(store, 1, true);
    clock_now = STREAM_TIME - 1000000000;
    lethe_time_override(read_clock, NULL);
    assert_int_equal(lethe_store_release_clock(store, "", NULL), -LETHE_E_USAGE);
    assert_int_equal(lethe_store_release_clock(store, "  ", NULL), -LETHE_E_USAGE);
    assert_int_equal(lethe_store_release_clock(store, "a\nb", NULL), -LETHE_E_USAGE);
    assert_int_equal(lethe_store_clock_releases(store, keep_release, &release, NULL), 0);
    assert_int_equal(release.time, 0);
    assert_int_equal(lethe_store_release_clock(store, "dead battery", &err), 0);
    assert_int_equal(lethe_store_last_time(store, &ms, NULL), 0);
    assert_int_equal(ms, clock_now);
    assert_int_equal(lethe_store_clock_releases(store, keep_release, &release, NULL), 0);
    assert_int_equal(release.time, clock_now);
    assert_true(release.last > STREAM_TIME);
    assert_string_equal(release.reason, "dead battery");
    /* Twice is once too often. */
    clock_now++;
    assert_int_equal(lethe_store_release_clock(store, "again", &err), -LETHE_E_REFUSED);
    assert_int_equal(lethe_store_check(store, &err), 0);
    /* What comes behind it counts, and stands in the same chain. */
    scratch_job(store, 2, true);
    assert_int_equal(lethe_store_last_time(store, &ms, NULL), 0);
    assert_true(ms > STREAM_TIME);
    assert_int_equal(lethe_store_release_clock(store, "the other battery", &err), 0);
    clock_now--;
    assert_int_equal(lethe_store_release_clock(store, "and back again", &err), 0);
    assert_int_equal(lethe_store_check(store, &err), 0);
    scratch_job(store, 3, true);
    assert_int_equal(lethe_store_check(store, &err), 0);
    lethe_time_override(NULL, NULL);
    lethe_store_close(store);
}

/* A job that a clock far ahead dated ends with the word that the clock was released, and only where
 * it was: behind what the job has. */
static void a_job_ends_after_a_release(void **state)
{
    (void)state;
    struct lethe_store *store = scratch_open();
    struct lethe_job job;
    lethe_job_init(&job);
    assert_int_equal(
        scratch_append(store, &job, 1, LETHE_EVENT_JOB_CREATED, created_make(&course_plain)), 0);
    clock_now = STREAM_TIME - 1000000000;
    lethe_time_override(read_clock, NULL);
    struct lethe_event stop = {
        .type = LETHE_EVENT_ABORT,
        .time = clock_now,
        .body = json_pack("{s:s, s:s, s:s}", "by", "operator", "reason", "x", "clock", "battery")};
    memcpy(stop.job, job.id, sizeof(stop.job));
    assert_int_equal(lethe_store_append(store, &job, &stop, NULL), -LETHE_E_INVALID);
    assert_int_equal(job.state, LETHE_JOB_CREATED);
    assert_int_equal(lethe_store_release_clock(store, "battery", NULL), 0);
    assert_int_equal(lethe_store_append(store, &job, &stop, NULL), 0);
    assert_int_equal(job.state, LETHE_JOB_ENDING);
    assert_int_equal(lethe_store_check(store, NULL), 0);
    /* Said once more, with nothing released since. */
    assert_int_equal(lethe_store_append(store, &job, &stop, NULL), -LETHE_E_INVALID);
    json_decref(stop.body);
    lethe_job_clear(&job);
    lethe_time_override(NULL, NULL);
    lethe_store_close(store);
}

/* What a store of the first schema holds is all there after it was opened, and it can do the new
 * thing. */
static void an_older_store_is_brought_up(void **state)
{
    (void)state;
    struct lethe_store *store = scratch_open();
    scratch_job(store, 1, true);
    lethe_store_close(store);
    assert_int_equal(scratch_sql(SCHEMA_1), 0);
    store = scratch_open();
    assert_int_equal(lethe_store_check(store, NULL), 0);
    clock_now = STREAM_TIME;
    lethe_time_override(read_clock, NULL);
    assert_int_equal(lethe_store_release_clock(store, "dead battery", NULL), 0);
    lethe_time_override(NULL, NULL);
    assert_int_equal(lethe_store_check(store, NULL), 0);
    lethe_store_close(store);
}

/* Not a figure to be proud of, but a bound: listing devices must not wait for the store. */
static void opening_is_quick(void **state)
{
    (void)state;
    struct lethe_store *store = scratch_open();
    for (unsigned i = 1; i < 8; i++)
        scratch_job(store, i, true);
    lethe_store_close(store);
    uint64_t began = lethe_monotonic_ms();
    for (int i = 0; i < 20; i++) {
        store = scratch_open();
        lethe_store_close(store);
    }
    uint64_t each = (lethe_monotonic_ms() - began) / 20;
    print_message("opening the store: %u ms\n", (unsigned)each);
    assert_true(each < 50);
}

#define T(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(what_is_appended_is_there_again),
        T(only_ours_can_read_it),
        T(what_is_illegal_is_not_stored),
        T(somebody_else_went_on),
        T(jobs_are_listed),
        T(ids_by_their_beginning),
        T(events_come_in_order),
        T(secrets_are_kept_once),
        T(one_certificate_a_job),
        T(a_newer_store_is_left_alone),
        T(looking_needs_no_right_to_write),
        T(looking_makes_nothing),
        T(room_is_asked_for),
        T(the_clock_of_the_store),
        T(a_released_clock),
        T(a_job_ends_after_a_release),
        T(an_older_store_is_brought_up),
        T(opening_is_quick),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
