/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <base/program.h>
#include <base/time.h>
#include <cmocka.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* A shell that says on its socket what SCRIPT says. */
static struct lethe_program shell(const char *script, char *const environment[], int at)
{
    char *argv[] = {(char[]){"sh"}, (char[]){"-c"}, (char *)(uintptr_t)script, NULL};
    struct lethe_program program = {.patience_ms = 5000};
    int pair[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    assert_int_equal(lethe_program_spawn("/bin/sh", argv, environment, pair[1], at, &program.pid),
                     0);
    close(pair[1]);
    program.socket = pair[0];
    struct timeval patience = {.tv_sec = 5};
    setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    return program;
}

static void expect(struct lethe_program *program, const char *words)
{
    char said[128] = "";
    assert_true(strlen(words) < sizeof(said));
    assert_true(lethe_program_receive(program, said, strlen(words)));
    assert_string_equal(said, words);
    assert_false(lethe_program_receive(program, said, 1)); /* and no more */
    lethe_program_close(program);
    assert_int_equal(program->socket, -1);
}

/* Descriptors we have open, those that are inherited too, do not reach it. */
static void test_gets_its_socket_only(void **state)
{
    (void)state;
    char *none[] = {NULL};
    int leaked = open("/dev/null", O_RDONLY);
    assert_true(leaked > 2 && leaked < 10);
    struct lethe_program program = shell(
        "for i in 0 1 2 3 4 5 6 7 8 9; do [ -e /proc/$$/fd/$i ] && printf $i >&0; done", none, 0);
    expect(&program, "012");
    program = shell("for i in 0 1 2 3 4 5 6 7 8 9; do [ -e /proc/$$/fd/$i ] && printf $i >&3; done",
                    none, 3);
    expect(&program, "0123");
    close(leaked);
}

static void test_gets_the_environment_it_is_given(void **state)
{
    (void)state;
    char *one[] = {(char[]){"no_proxy=here"}, NULL};
    setenv("LETHE_PASSPHRASE_FILE", "/secret", 1);
    struct lethe_program program = shell("echo $no_proxy$LETHE_PASSPHRASE_FILE >&0", one, 0);
    expect(&program, "here\n");
    unsetenv("LETHE_PASSPHRASE_FILE");
}

static void test_one_that_is_not_there(void **state)
{
    (void)state;
    char path[4096], *none[] = {NULL}, *argv[] = {(char[]){"x"}, NULL};
    struct lethe_program program;
    struct lethe_error err = {0};
    pid_t pid = 1;
    assert_int_equal(lethe_program_find("lethe-nothing", path, sizeof(path), &err),
                     -LETHE_E_NOT_FOUND);
    assert_non_null(strstr(err.what, "lethe-nothing"));
    assert_int_equal(lethe_program_open("lethe-nothing", none, 1000, &program, &err),
                     -LETHE_E_NOT_FOUND);
    assert_int_equal(program.socket, -1);
    assert_int_not_equal(lethe_program_spawn("/nowhere/x", argv, none, 1, 0, &pid), 0);
    assert_int_equal(pid, 0);
}

/* One byte at a time for ever is no way to hold us. */
static void test_patience_is_for_all_of_it(void **state)
{
    (void)state;
    char *path[] = {(char[]){"PATH=/bin:/usr/bin"}, NULL}, data[1000];
    struct lethe_program program = shell("while :; do printf x >&0; sleep 0.02; done", path, 0);
    program.patience_ms = 200;
    uint64_t begin = lethe_monotonic_ms();
    assert_false(lethe_program_receive(&program, data, sizeof(data)));
    assert_true(lethe_monotonic_ms() - begin < 4000);
    pid_t pid = program.pid;
    lethe_program_close(&program);
    assert_int_equal(kill(pid, 0), -1); /* reaped */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gets_its_socket_only),
        cmocka_unit_test(test_gets_the_environment_it_is_given),
        cmocka_unit_test(test_one_that_is_not_there),
        cmocka_unit_test(test_patience_is_for_all_of_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
