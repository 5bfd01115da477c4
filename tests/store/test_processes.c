/* SPDX-License-Identifier: Apache-2.0 */
/* Several processes at once, and processes killed at any moment. */
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
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#define WRITERS 4
#define JOBS_EACH 4

static pid_t start(void run(unsigned), unsigned n)
{
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        run(n);
        _exit(0);
    }
    return pid;
}

static void wait_for(pid_t pid, bool killed)
{
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (!killed)
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void write_jobs(unsigned n)
{
    struct lethe_store *store = scratch_open();
    if (!store)
        _exit(1);
    for (unsigned i = 0; i < JOBS_EACH; i++)
        scratch_job(store, 1 + n * JOBS_EACH + i, true);
    lethe_store_close(store);
}

static int count(void *user, const struct lethe_job_row *row)
{
    unsigned *n = user;
    *n += row->certified;
    return 0;
}

/* They also race to create it: the directory is not there yet. */
static void writers_side_by_side(void **state)
{
    (void)state;
    pid_t pids[WRITERS];
    unsigned n = 0;
    uint64_t began = lethe_monotonic_ms();
    for (unsigned i = 0; i < WRITERS; i++)
        pids[i] = start(write_jobs, i);
    for (unsigned i = 0; i < WRITERS; i++)
        wait_for(pids[i], false);
    print_message("%u jobs by %u processes: %u ms\n", WRITERS * JOBS_EACH, WRITERS,
                  (unsigned)(lethe_monotonic_ms() - began));
    struct lethe_store *store = scratch_open();
    assert_int_equal(lethe_store_jobs(store, false, count, &n, NULL), 0);
    assert_int_equal(n, WRITERS * JOBS_EACH);
    assert_int_equal(lethe_store_check(store, NULL), 0);
    lethe_store_close(store);
}

/* Tells through a pipe what it has been promised to be durable. */
static int promises[2];

static void append_until_killed(unsigned n)
{
    struct lethe_store *store = scratch_open();
    struct lethe_job job;
    struct stream s;
    char id[37];
    if (!store)
        _exit(1);
    scratch_id(id, n);
    lethe_job_init(&job);
    stream_make(&s, &course_plain);
    size_t i = 0;
    for (; s.events[i].type != LETHE_EVENT_PASS_POINT; i++) {
        if (scratch_append(store, &job, n, s.events[i].type, json_incref(s.events[i].body)) < 0)
            _exit(1);
        if (write(promises[1], &job.last_seq, sizeof(job.last_seq)) < 0)
            _exit(1);
    }
    for (uint64_t at = 4096;; at += 4096) {
        if (scratch_append(store, &job, n, LETHE_EVENT_PASS_POINT,
                           json_pack("{s:i, s:I}", "pass", 0, "offset", (json_int_t)at)) < 0)
            _exit(1);
        if (write(promises[1], &job.last_seq, sizeof(job.last_seq)) < 0)
            _exit(1);
    }
}

static void killed_at_any_moment(void **state)
{
    (void)state;
    srand(11);
    for (unsigned round = 0; round < 25; round++) {
        struct lethe_job job;
        struct lethe_error err = {0};
        char id[37];
        uint64_t promised = 0, seq;
        scratch_id(id, round);
        assert_int_equal(pipe(promises), 0);
        pid_t pid = start(append_until_killed, round);
        close(promises[1]);
        usleep((useconds_t)(rand() % 40000));
        kill(pid, SIGKILL);
        wait_for(pid, true);
        while (read(promises[0], &seq, sizeof(seq)) == (ssize_t)sizeof(seq))
            promised = seq;
        close(promises[0]);
        struct lethe_store *store = scratch_open();
        assert_non_null(store);
        assert_int_equal(lethe_store_check(store, &err), 0);
        int rc = lethe_store_load(store, id, &job, &err);
        if (promised > 0 || rc == 0) {
            /* All that was promised, and at most the one whose promise was not heard. */
            assert_int_equal(rc, 0);
            assert_true(job.last_seq == promised || job.last_seq == promised + 1);
            /* The next start can go on with it. */
            json_t *stop = json_pack("{s:s, s:s}", "by", "supervisor", "reason", "the bench died");
            assert_int_equal(scratch_append(store, &job, round, LETHE_EVENT_ABORT, stop), 0);
            lethe_job_clear(&job);
        }
        lethe_store_close(store);
    }
}

static int hold[2], told[2];

static void hold_lock(unsigned n)
{
    struct lethe_store *store = scratch_open();
    char id[37], c;
    scratch_id(id, n);
    if (lethe_store_job_lock(store, id, NULL) < 0)
        _exit(1);
    if (write(told[1], "x", 1) != 1 || read(hold[0], &c, 1) < 0)
        _exit(1);
}

static void a_job_has_one_supervisor(void **state)
{
    (void)state;
    struct lethe_error err = {0};
    char id[37], other[37], c;
    assert_int_equal(pipe(hold) | pipe(told), 0);
    struct lethe_store *store = scratch_open();
    pid_t pid = start(hold_lock, 1);
    assert_int_equal(read(told[0], &c, 1), 1);
    scratch_id(id, 1);
    scratch_id(other, 2);
    assert_int_equal(lethe_store_job_lock(store, id, &err), -LETHE_E_BUSY);
    assert_true(err.remedy[0]);
    int fd = lethe_store_job_lock(store, other, &err);
    assert_true(fd >= 0);
    close(fd);
    kill(pid, SIGKILL); /* its lock goes with it */
    wait_for(pid, true);
    fd = lethe_store_job_lock(store, id, &err);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(lethe_store_job_lock(store, "../../etc/x", &err), -LETHE_E_USAGE);
    for (int i = 0; i < 2; i++) {
        close(hold[i]);
        close(told[i]);
    }
    lethe_store_close(store);
}

#define T(name) cmocka_unit_test_setup_teardown(name, scratch_setup, scratch_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {
        T(writers_side_by_side),
        T(killed_at_any_moment),
        T(a_job_has_one_supervisor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
