/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tries to get out of the worker's sandbox, from a child of its own each: what is forbidden must
 * kill it (SIGSYS) or be refused by the kernel; what a worker needs must work. Built without
 * sanitizers only: they need the very calls that are forbidden.
 */
#include <errno.h>
#include <fcntl.h>
#include <io/jail.h>
#include <linux/fs.h>
#include <linux/usbdevice_fs.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <worker/worker.h>
/* after the above: cmocka wants setjmp and stdarg first */
#include <cmocka.h>

#define ALLOWED 0
#define REFUSED 7 /* the attempt came back with an error */

#define NOBODY 65534

static int data_fd = -1;
static const char *jailed; /* where a cell with NEEDS_MUX is */

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
static int attempt_in(const struct lethe_cell *cell, bool as_nobody, int (*act)(void))
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int pair[2];
        if (as_nobody &&
            (setresgid(NOBODY, NOBODY, NOBODY) < 0 || setresuid(NOBODY, NOBODY, NOBODY) < 0))
            _exit(97);
        struct lethe_sandbox sandbox = {0};
        if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) < 0 || dup2(pair[0], LETHE_WORKER_FD) < 0)
            _exit(99);
        if (cell->needs & LETHE_NEEDS_MUX && jailed && lethe_jail_enter(jailed, NULL) < 0)
            _exit(96);
        if (lethe_sandbox_enter(cell, &sandbox, NULL) < 0 || strcmp(sandbox.seccomp, "filter") != 0)
            _exit(98);
        _exit(act());
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static int attempt(enum lethe_role role, int (*act)(void))
{
    return attempt_in(&(struct lethe_cell){.role = role}, false, act);
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

/* ---- Who talks to a phone ---- */

static int pipe_fd = -1; /* an emulated phone's bulk pipe */
static int listeners[3] = {-1, -1, -1};
static char jail[64], outside[64]; /* directories with a socket "mux" in each */
static const char nameless[] = "\0lethe-test-abstract";

static int listen_on(const struct sockaddr_un *address, socklen_t len)
{
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    return bind(fd, (const struct sockaddr *)address, len) < 0 || listen(fd, 4) < 0 ? -1 : fd;
}

static struct sockaddr_un at(const char *directory)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof(address.sun_path), "%s/mux", directory);
    return address;
}

static struct sockaddr_un without_a_path(socklen_t *len)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memcpy(address.sun_path, nameless, sizeof(nameless));
    *len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + sizeof(nameless));
    return address;
}

static int phone_setup(void **state)
{
    int pair[2];
    socklen_t len;
    snprintf(jail, sizeof(jail), "/tmp/lethe-jail-XXXXXX");
    snprintf(outside, sizeof(outside), "/tmp/lethe-outside-XXXXXX");
    if (setup(state) < 0 || !mkdtemp(jail) || !mkdtemp(outside) || chmod(jail, 0711) < 0 ||
        chmod(outside, 0711) < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) < 0)
        return -1;
    pipe_fd = fcntl(pair[0], F_DUPFD, LETHE_WORKER_FD + 1); /* which is something else below */
    struct sockaddr_un in = at(jail), out = at(outside), abstract = without_a_path(&len);
    listeners[0] = listen_on(&in, sizeof(in));
    listeners[1] = listen_on(&out, sizeof(out));
    listeners[2] = listen_on(&abstract, len);
    for (int i = 0; i < 3; i++)
        if (listeners[i] < 0)
            return -1;
    return chmod(in.sun_path, 0666) < 0 || chmod(out.sun_path, 0666) < 0 ? -1 : 0;
}

static int phone_teardown(void **state)
{
    struct sockaddr_un in = at(jail), out = at(outside);
    for (int i = 0; i < 3; i++)
        close(listeners[i]);
    unlink(in.sun_path);
    unlink(out.sun_path);
    return rmdir(jail) + rmdir(outside) + teardown(state);
}

static void must_die_in(const struct lethe_cell *cell, int (*act)(void))
{
    int status = attempt_in(cell, false, act);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGSYS);
}

static void must_give(const struct lethe_cell *cell, bool as_nobody, int (*act)(void), int wanted)
{
    int status = attempt_in(cell, as_nobody, act);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), wanted);
}

static int try_unix_socket(void)
{
    return socket(AF_UNIX, SOCK_STREAM, 0) >= 0 ? ALLOWED : REFUSED;
}
static int try_inet6(void)
{
    return socket(AF_INET6, SOCK_DGRAM, 0) >= 0 ? ALLOWED : REFUSED;
}
static int try_netlink(void)
{
    return socket(AF_NETLINK, SOCK_RAW, 0) >= 0 ? ALLOWED : REFUSED;
}
static int try_vsock(void)
{
    return socket(AF_VSOCK, SOCK_STREAM, 0) >= 0 ? ALLOWED : REFUSED;
}
static int try_reset(void)
{
    return ioctl(data_fd, USBDEVFS_RESET) == 0 ? ALLOWED : REFUSED;
}
static int try_claim(void)
{
    unsigned number = 0;
    return ioctl(data_fd, USBDEVFS_CLAIMINTERFACE, &number) == 0 ? ALLOWED : REFUSED;
}
static int try_control(void)
{
    struct usbdevfs_ctrltransfer transfer = {0};
    return ioctl(data_fd, USBDEVFS_CONTROL, &transfer) >= 0 ? ALLOWED : REFUSED;
}
static int try_scsi(void)
{
    return ioctl(data_fd, 0x2285 /* SG_IO */, NULL) == 0 ? ALLOWED : REFUSED;
}
static int try_send_to(void)
{
    struct sockaddr_un out = at(outside);
    return sendto(pipe_fd, "x", 1, 0, (struct sockaddr *)&out, sizeof(out)) == 1 ? ALLOWED
                                                                                 : REFUSED;
}
static int try_bind(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/new"};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    return bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 ? ALLOWED : REFUSED;
}
static int try_unlink(void)
{
    return unlink("/mux") == 0 ? ALLOWED : REFUSED;
}
static int try_chroot(void)
{
    return chroot("/") == 0 ? ALLOWED : REFUSED;
}
static int try_unshare(void)
{
    return unshare(CLONE_NEWUSER) == 0 ? ALLOWED : REFUSED;
}

static int connect_to(const struct sockaddr_un *address, socklen_t len)
{
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    return connect(fd, (const struct sockaddr *)address, len) == 0 ? ALLOWED : REFUSED;
}
static int do_connect(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/mux"};
    return connect_to(&address, sizeof(address));
}
static int connect_outside(void)
{
    struct sockaddr_un address = at(outside);
    return connect_to(&address, sizeof(address));
}
static int connect_above(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof(address.sun_path), "/../../..%s/mux", outside);
    return connect_to(&address, sizeof(address));
}
static int connect_nameless(void)
{
    socklen_t len;
    struct sockaddr_un address = without_a_path(&len);
    return connect_to(&address, len);
}
static int look_outside(void)
{
    struct stat st;
    return stat(outside, &st) == 0 || stat("/proc/self", &st) == 0 || stat("/etc", &st) == 0
               ? ALLOWED
               : REFUSED;
}

/* An ioctl that passes the filter, and that a plain file does not know. */
static int do_transfer(void)
{
    struct usbdevfs_urb urb = {0};
    return ioctl(data_fd, USBDEVFS_SUBMITURB, &urb) < 0 && errno == ENOTTY ? ALLOWED : REFUSED;
}
static int do_send(void)
{
    return send(pipe_fd, "x", 1, MSG_NOSIGNAL) == 1 ? ALLOWED : REFUSED;
}
static int do_gigabyte(void)
{
    char *volatile block = malloc((size_t)1 << 30);
    return block ? REFUSED : ALLOWED;
}
static int do_many_descriptors(void)
{
    for (int i = 0; i < 64; i++)
        if (socket(AF_UNIX, SOCK_STREAM, 0) < 0)
            return errno == EMFILE ? ALLOWED : REFUSED;
    return REFUSED;
}
static int do_spin(void)
{
    volatile uint64_t turns = 0;
    while (turns < UINT64_MAX)
        turns++;
    return REFUSED;
}

static void test_a_phones_pipe_and_no_more(void **state)
{
    (void)state;
    static int (*const forbidden[])(void) = {
        try_open,    try_socket,  try_unix_socket, try_inet6, try_ioctl,   try_reset,
        try_claim,   try_control, try_scsi,        try_fork,  try_exec,    try_code,
        try_send_to, try_kill,    try_root,        try_ring,  try_unshare, try_write_elsewhere};
    static int (*const needed[])(void) = {do_read, do_talk, do_allocate, do_transfer, do_send};
    static const enum lethe_role roles[] = {LETHE_ROLE_PROBE, LETHE_ROLE_ERASE, LETHE_ROLE_VERIFY};
    for (size_t r = 0; r < sizeof(roles) / sizeof(*roles); r++) {
        struct lethe_cell cell = {.role = roles[r], .needs = LETHE_NEEDS_USB};
        for (size_t i = 0; i < sizeof(forbidden) / sizeof(*forbidden); i++)
            must_die_in(&cell, forbidden[i]);
        for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++)
            must_give(&cell, false, needed[i], ALLOWED);
        must_give(&cell, false, do_gigabyte, ALLOWED);
    }
}

static void test_a_mux_in_a_jail_and_no_more(void **state)
{
    (void)state;
    static int (*const forbidden[])(void) = {
        try_open,    try_socket,  try_inet6, try_netlink, try_vsock,   try_ioctl,
        do_transfer, try_fork,    try_exec,  try_code,    try_kill,    try_root,
        try_chroot,  try_unshare, try_bind,  try_unlink,  try_map_file};
    static int (*const unreachable[])(void) = {connect_outside, connect_above, connect_nameless,
                                               look_outside};
    static int (*const needed[])(void) = {do_read, do_talk, do_allocate, do_connect};
    struct lethe_cell cell = {.role = LETHE_ROLE_PROBE, .needs = LETHE_NEEDS_MUX};
    jailed = jail;
    for (size_t i = 0; i < sizeof(forbidden) / sizeof(*forbidden); i++)
        must_die_in(&cell, forbidden[i]);
    for (int as_nobody = 0; as_nobody < 2; as_nobody++) {
        if (as_nobody && geteuid() != 0)
            break; /* all of it was as somebody */
        for (size_t i = 0; i < sizeof(unreachable) / sizeof(*unreachable); i++)
            must_give(&cell, as_nobody, unreachable[i], REFUSED);
        for (size_t i = 0; i < sizeof(needed) / sizeof(*needed); i++)
            must_give(&cell, as_nobody, needed[i], ALLOWED);
    }
    must_give(&cell, false, do_gigabyte, ALLOWED);
    must_give(&cell, false, do_many_descriptors, ALLOWED);
}

static void test_no_mux_without_a_jail(void **state)
{
    (void)state;
    struct lethe_cell cell = {.role = LETHE_ROLE_PROBE, .needs = LETHE_NEEDS_MUX};
    jailed = NULL;
    must_give(&cell, false, do_talk, 98);
    jailed = "/nowhere/at/all";
    must_give(&cell, false, do_talk, 96);
}

static void test_a_processor_is_not_for_ever(void **state)
{
    (void)state;
    struct lethe_cell cell = {.role = LETHE_ROLE_PROBE, .needs = LETHE_NEEDS_USB, .cpu_seconds = 1};
    int status = attempt_in(&cell, false, do_spin);
    assert_true(WIFSIGNALED(status));
    assert_true(WTERMSIG(status) == SIGXCPU || WTERMSIG(status) == SIGKILL);
}

static int do_hundred_megabytes(void)
{
    char *volatile block = malloc((size_t)100 << 20);
    return block ? REFUSED : ALLOWED;
}

/* A limit that somebody set before is not lifted, by root neither. */
static void test_limits_only_shrink(void **state)
{
    (void)state;
    struct lethe_cell cell = {.role = LETHE_ROLE_PROBE, .needs = LETHE_NEEDS_USB};
    must_give(&cell, false, do_hundred_megabytes, REFUSED);
    struct rlimit less = {(rlim_t)64 << 20, (rlim_t)64 << 20};
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct lethe_sandbox sandbox;
        if (setrlimit(RLIMIT_AS, &less) < 0 || lethe_sandbox_enter(&cell, &sandbox, NULL) < 0)
            _exit(98);
        _exit(do_hundred_megabytes());
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), ALLOWED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_no_way_out, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_verifier_cannot_write, setup, teardown),
        cmocka_unit_test_setup_teardown(test_what_a_worker_needs, setup, teardown),
        cmocka_unit_test_setup_teardown(test_memory_is_bounded, setup, teardown),
        cmocka_unit_test_setup_teardown(test_a_phones_pipe_and_no_more, phone_setup,
                                        phone_teardown),
        cmocka_unit_test_setup_teardown(test_a_mux_in_a_jail_and_no_more, phone_setup,
                                        phone_teardown),
        cmocka_unit_test_setup_teardown(test_no_mux_without_a_jail, phone_setup, phone_teardown),
        cmocka_unit_test_setup_teardown(test_a_processor_is_not_for_ever, setup, teardown),
        cmocka_unit_test_setup_teardown(test_limits_only_shrink, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
