/* SPDX-License-Identifier: Apache-2.0 */
/* Several processes at one log, and processes killed in the middle of it: what was promised is
 * there afterwards, and what was signed is what it was. tests/crash stops at every sync. */
#include "log/place.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
/* cmocka.h wants the four standard headers above */
#include <cmocka.h>

#include "base/file.h"
#include "base/time.h"
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WRITERS 3
#define EACH 40

static void write_entries(unsigned n)
{
    struct place place;
    if (place_open(&place, NULL) < 0)
        _exit(1);
    for (unsigned i = 0; i < EACH; i++)
        if (place_promise(&place, 1 + n * EACH + i, 1) < 0 ||
            lethe_log_integrate(place.log, NULL) < 0)
            _exit(2);
    place_close(&place);
    _exit(0);
}

static void side_by_side(void **state)
{
    (void)state;
    pid_t pids[WRITERS];
    struct place place;
    uint64_t entries = 0, checkpoints = 0, began = lethe_monotonic_ms();
    for (unsigned i = 0; i < WRITERS; i++) {
        pids[i] = fork();
        assert_true(pids[i] >= 0);
        if (pids[i] == 0)
            write_entries(i);
    }
    for (unsigned i = 0; i < WRITERS; i++) {
        int status;
        assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    }
    print_message("%u entries, a checkpoint each, by %u processes: %llu ms\n", WRITERS * EACH,
                  WRITERS, (unsigned long long)(lethe_monotonic_ms() - began));
    assert_int_equal(place_open(&place, NULL), 0);
    assert_int_equal(lethe_log_check(place.store, place_dir, &entries, &checkpoints, NULL), 0);
    assert_int_equal(entries, WRITERS * EACH + 1);
    place_close(&place);
}

/* Tells through a pipe how many entries are durable. */
static void write_until_killed(unsigned first, int promises)
{
    struct place place;
    if (place_open(&place, NULL) < 0)
        _exit(1);
    for (unsigned i = first;; i++) {
        uint64_t size;
        if (place_promise(&place, i, 1) < 0 ||
            lethe_store_log_size(place.store, lethe_log_origin(place.log), &size, NULL) < 0 ||
            write(promises, &size, sizeof(size)) != sizeof(size) ||
            lethe_log_integrate(place.log, NULL) < 0)
            _exit(2);
    }
}

/* The published checkpoint, as a reader sees it at any moment. */
static bool published(struct lethe_tlog_checkpoint *out)
{
    char file[128], *text;
    size_t len;
    struct lethe_tlog_key key;
    snprintf(file, sizeof(file), "%s/log/checkpoint", place_dir);
    if (access(file, F_OK) != 0)
        return false;
    assert_int_equal(lethe_log_key_read(place_dir, &key, NULL), 0);
    assert_int_equal(lethe_file_read(file, 4096, &text, &len, NULL), 0);
    assert_int_equal(lethe_tlog_checkpoint_open(text, len, &key, out, NULL, NULL), 0);
    free(text);
    return true;
}

static void killed_at_any_moment(void **state)
{
    (void)state;
    struct lethe_tlog_checkpoint seen[64];
    size_t n_seen = 0;
    uint64_t promised = 0;
    for (unsigned round = 0; round < 25; round++) {
        int promises[2];
        uint64_t entries = 0, checkpoints = 0, size;
        assert_int_equal(pipe(promises), 0);
        pid_t pid = fork();
        assert_true(pid >= 0);
        if (pid == 0)
            write_until_killed(1 + round * 1000, promises[1]);
        close(promises[1]);
        /* From the first promise on, at another moment each time. */
        assert_int_equal(read(promises[0], &size, sizeof(size)), sizeof(size));
        nanosleep(&(struct timespec){.tv_nsec = 1000L * (1370 * round % 30000)}, NULL);
        kill(pid, SIGKILL);
        assert_int_equal(waitpid(pid, NULL, 0), pid);
        promised = size;
        while (read(promises[0], &size, sizeof(size)) == sizeof(size))
            promised = size;
        close(promises[0]);
        n_seen += published(&seen[n_seen]);

        struct place place;
        struct lethe_error err = {0};
        int rc = place_open(&place, &err);
        if (rc < 0)
            print_error("%s\n", err.what);
        assert_int_equal(rc, 0);
        assert_int_equal(lethe_log_check(place.store, place_dir, &entries, &checkpoints, &err), 0);
        assert_true(entries >= promised);
        /* All of it is said, and nothing that was said is taken back. */
        assert_true(published(&seen[n_seen]));
        assert_int_equal(seen[n_seen++].size, entries);
        for (size_t i = 0; i < n_seen; i++) {
            struct lethe_store_checkpoint kept;
            assert_int_equal(
                lethe_store_checkpoint_get(place.store, seen[i].origin, seen[i].size, &kept, NULL),
                0);
            assert_int_equal(kept.size, seen[i].size);
            assert_memory_equal(kept.root, seen[i].root.bytes, 32);
            lethe_store_checkpoint_clear(&kept);
        }
        place_close(&place);
    }
    print_message("%llu entries over 25 kills\n", (unsigned long long)promised);
}

#define T(name) cmocka_unit_test_setup_teardown(name, place_setup, place_teardown)
int main(void)
{
    const struct CMUnitTest tests[] = {T(side_by_side), T(killed_at_any_moment)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
