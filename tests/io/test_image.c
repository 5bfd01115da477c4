/* SPDX-License-Identifier: Apache-2.0 */
/* Claims on image files: the lease as the kernel really grants it. */
#include <errno.h>
#include <fcntl.h>
#include <lethe/io.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static char path[] = "/tmp/lethe-test-image-XXXXXX";

/* The clock of who waits for a claim: nobody sleeps here. Somebody may let go meanwhile. */
int __wrap_nanosleep(const struct timespec *pause, struct timespec *rest);
static long waited_ms;
static int holder = -1, lets_go_at_ms;

int __wrap_nanosleep(const struct timespec *pause, struct timespec *rest)
{
    (void)rest;
    waited_ms += pause->tv_sec * 1000 + pause->tv_nsec / 1000000;
    if (holder >= 0 && waited_ms >= lets_go_at_ms) {
        close(holder);
        holder = -1;
    }
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    strcpy(path + strlen(path) - 6, "XXXXXX");
    int fd = mkstemp(path);
    if (fd < 0 || ftruncate(fd, 1 << 20) < 0)
        return -1;
    return close(fd);
}

static int tear_down(void **state)
{
    (void)state;
    return unlink(path);
}

/* Another process opens the image; its errno, 0 when it could. */
static int foreign_open(int flags)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        int fd = open(path, flags | O_NONBLOCK);
        _exit(fd < 0 ? errno : 0);
    }
    waitpid(child, &status, 0);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void claimed_while_open_elsewhere(void **state)
{
    (void)state;
    struct lethe_error err;
    for (int access = O_RDONLY; access <= O_RDWR; access++) {
        int other = open(path, access | O_CLOEXEC);
        waited_ms = 0;
        assert_int_equal(lethe_image_claim(path, &err), -LETHE_E_BUSY);
        assert_non_null(strstr(err.remedy, path));
        assert_in_range(waited_ms, 4000, 6000);
        close(other);
    }
    waited_ms = 0;
    int claim = lethe_image_claim(path, &err);
    assert_true(claim >= 0);
    assert_int_equal(waited_ms, 0);
    close(claim);
}

/* As a ring that the kernel takes down after its process has ended. */
static void who_lets_go_meanwhile_is_waited_for(void **state)
{
    (void)state;
    struct lethe_error err;
    waited_ms = 0;
    lets_go_at_ms = 500;
    holder = open(path, O_RDWR | O_CLOEXEC);
    assert_true(holder >= 0);
    int claim = lethe_image_claim(path, &err);
    assert_true(claim >= 0);
    assert_in_range(waited_ms, 500, 1000);
    close(claim);
}

static void foreign_open_is_kept_out_and_noticed(void **state)
{
    (void)state;
    struct lethe_error err;
    int claim = lethe_image_claim(path, &err);
    assert_true(claim >= 0);
    assert_int_equal(lethe_image_held(claim, &err), 0);
    /* He is turned away, the signal about it does no harm, and the lease is whole again. */
    assert_int_equal(foreign_open(O_RDONLY), EWOULDBLOCK);
    assert_int_equal(lethe_image_held(claim, &err), 0);
    assert_int_equal(foreign_open(O_RDWR), EWOULDBLOCK);
    assert_int_equal(lethe_image_held(claim, &err), 0);
    assert_int_equal(lethe_image_claim(path, &err), -LETHE_E_BUSY);
    close(claim);
    assert_int_equal(foreign_open(O_RDWR), 0);
}

static void one_who_waits_and_gets_in_is_a_change(void **state)
{
    (void)state;
    struct lethe_error err;
    int ready[2], status;
    int claim = lethe_image_claim(path, &err);
    assert_true(claim >= 0);
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        close(claim);
        (void)!write(ready[1], "x", 1);
        int fd = open(path, O_RDONLY); /* waits for the lease to go */
        pause();
        _exit(fd < 0);
    }
    char byte;
    assert_int_equal(read(ready[0], &byte, 1), 1);
    while (fcntl(claim, F_GETLEASE) == F_WRLCK)
        usleep(1000);
    assert_int_equal(lethe_image_held(claim, &err), -LETHE_E_CHANGED);
    assert_int_equal(lethe_image_reopen(claim, true, &err), -LETHE_E_CHANGED);
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    close(ready[0]);
    close(ready[1]);
    close(claim);
}

static void workers_get_a_descriptor_that_keeps_the_lease(void **state)
{
    (void)state;
    struct lethe_error err;
    struct stat a, b;
    int claim = lethe_image_claim(path, &err);
    int worker = lethe_image_reopen(claim, false, &err);
    assert_true(worker >= 0 && worker != claim);
    assert_int_equal(fcntl(worker, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    assert_int_equal(fstat(claim, &a) | fstat(worker, &b), 0);
    assert_int_equal(a.st_ino, b.st_ino);
    assert_int_equal(fcntl(claim, F_GETLEASE), F_WRLCK);
    close(worker);
    assert_int_equal(fcntl(claim, F_GETLEASE), F_WRLCK);
    close(claim);
}

static void what_is_no_image_is_refused(void **state)
{
    (void)state;
    struct lethe_error err;
    assert_int_equal(truncate(path, 1000), 0);
    assert_int_equal(lethe_image_claim(path, &err), -LETHE_E_REFUSED);
    assert_int_equal(truncate(path, 0), 0);
    assert_int_equal(lethe_image_claim(path, &err), -LETHE_E_REFUSED);
    assert_int_equal(lethe_image_claim("/dev/null", &err), -LETHE_E_REFUSED);
    assert_true(lethe_image_claim("/tmp", &err) < 0);
    assert_int_equal(lethe_image_claim("/tmp/lethe-test-nothing-there", &err), -LETHE_E_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(claimed_while_open_elsewhere, set_up, tear_down),
        cmocka_unit_test_setup_teardown(who_lets_go_meanwhile_is_waited_for, set_up, tear_down),
        cmocka_unit_test_setup_teardown(foreign_open_is_kept_out_and_noticed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(one_who_waits_and_gets_in_is_a_change, set_up, tear_down),
        cmocka_unit_test_setup_teardown(workers_get_a_descriptor_that_keeps_the_lease, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(what_is_no_image_is_refused, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
