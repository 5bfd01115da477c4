/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tries to get out of the worker's sandbox, from a child of its own each: what is forbidden must
 * kill it (SIGSYS) or be refused by the kernel; what a worker needs must work. Built without
 * sanitizers only: they need the very calls that are forbidden.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <worker/worker.h>
/* after the above: cmocka wants setjmp and stdarg first */
#include <cmocka.h>

#define ALLOWED 0
#define REFUSED 7 /* the attempt came back with an error */

static int data_fd = -1;

static int setup(void **state)
{
    (void)state;
    FILE *file = tmpfile();
    data_fd = dup(fileno(file));
    fclose(file);
    return data_fd >= 0 && ftruncate(data_fd, 1 << 20) == 0 ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    return close(data_fd);
}

/* The status of a child that locks itself in and then tries. */
static int attempt(enum lethe_role role, int (*act)(void))
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int pair[2];
        struct lethe_sandbox sandbox = {0};
        if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) < 0 || dup2(pair[0], LETHE_WORKER_FD) < 0)
            _exit(99);
        if (lethe_sandbox_enter(role, 0, &sandbox, NULL) < 0 ||
            strcmp(sandbox.seccomp, "filter") != 0)
            _exit(98);
        _exit(act());
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void must_die(enum lethe_role role, int (*act)(void))
{
    int status = attempt(role, act);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGSYS);
}

static void must_work(enum lethe_role role, int (*act)(void))
{
    int status = attempt(role, act);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), ALLOWED);
}

static int try_open(void)
{
    return open("/etc/hostname", O_RDONLY) >= 0 ? ALLOWED : REFUSED;
}
static int try_socket(void)
{
    return socket(AF_INET, SOCK_STREAM, 0) >= 0 ? ALLOWED : REFUSED;
}
static int try_ioctl(void)
{
    uint64_t size;
    return ioctl(data_fd, BLKGETSIZE64, &size) == 0 ? ALLOWED : REFUSED;
}
static int try_fork(void)
{
    return fork() >= 0 ? ALLOWED : REFUSED;
}
static int try_exec(void)
{
    char *argv[] = {(char[]){"true"}, NULL};
    execv("/bin/true", argv);
    return REFUSED;
}
static int try_code(void)
{
    void *page =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return page == MAP_FAILED ? REFUSED : ALLOWED;
}
static int try_map_file(void)
{
    return mmap(NULL, 4096, PROT_READ, MAP_SHARED, data_fd, 0) == MAP_FAILED ? REFUSED : ALLOWED;
}
static int try_write_elsewhere(void)
{
    return write(data_fd, "x", 1) == 1 ? ALLOWED : REFUSED;
}
static int try_pwrite(void)
{
    return pwrite(data_fd, "x", 1, 0) == 1 ? ALLOWED : REFUSED;
}
static int try_kill(void)
{
    return kill(getppid(), 0) == 0 ? ALLOWED : REFUSED;
}
static int try_ring(void)
{
    struct lethe_io *io = NULL;
    return lethe_io_fd_open(data_fd, false, 4, &io, NULL) == 0 ? ALLOWED : REFUSED;
}
static int try_root(void)
{
    return setuid(0) == 0 ? ALLOWED : REFUSED;
}

static int do_read(void)
{
    char byte;
    return pread(data_fd, &byte, 1, 0) == 1 ? ALLOWED : REFUSED;
}
static int do_flush(void)
{
    return fdatasync(data_fd) == 0 ? ALLOWED : REFUSED;
}
static int do_talk(void)
{
    return send(LETHE_WORKER_FD, "x", 1, MSG_NOSIGNAL) == 1 ? ALLOWED : REFUSED;
}
static int do_allocate(void)
{
    void *block = malloc((size_t)12 << 20);
    return block ? ALLOWED : REFUSED;
}
static int over_allocate(void)
{
    void *volatile block = malloc(LETHE_WORKER_MEMORY);
    return block ? REFUSED : ALLOWED;
}

static void test_no_way_out(void **state)
{
    (void)state;
    static int (*const forbidden[])(void) = {
        try_open,     try_socket,          try_ioctl, try_fork, try_exec, try_code,
        try_map_file, try_write_elsewhere, try_kill,  try_root, try_ring};
    for (size_t i = 0; i < sizeof(forbidden) / sizeof(*forbidden); i++) {
        must_die(LETHE_ROLE_ERASE, forbidden[i]);
        must_die(LETHE_ROLE_VERIFY, forbidden[i]);
    }
}

static void test_a_verifier_cannot_write(void **state)
{
    (void)state;
    must_die(LETHE_ROLE_VERIFY, try_pwrite);
    must_die(LETHE_ROLE_VERIFY, do_flush);
    must_work(LETHE_ROLE_ERASE, try_pwrite);
    must_work(LETHE_ROLE_ERASE, do_flush);
}

static void test_what_a_worker_needs(void **state)
{
    (void)state;
    static int (*const needed[])(void) = {do_read, do_talk, do_allocate};
    for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++) {
        must_work(LETHE_ROLE_ERASE, needed[i]);
        must_work(LETHE_ROLE_VERIFY, needed[i]);
    }
}

static void test_memory_is_bounded(void **state)
{
    (void)state;
    must_work(LETHE_ROLE_ERASE, over_allocate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_no_way_out, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_verifier_cannot_write, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_a_worker_needs, setup, teardown),
        cmocka_unit_test_setup_teardown(test_memory_is_bounded, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
