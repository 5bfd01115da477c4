/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above. */
#include <cmocka.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

static char dir[64];

static int make_dir(void **state)
{
    (void)state;
    strcpy(dir, "/tmp/lethe-test-XXXXXX");
    return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof(command), "rm -rf '%s'", dir);
    return system(command);
}

static const char *in_dir(const char *name)
{
    static char path[PATH_MAX];
    assert_int_equal(lethe_path_join(path, sizeof(path), dir, name, NULL), 0);
    return path;
}

static void writes_and_reads(void **state)
{
    (void)state;
    char *text;
    size_t len;
    struct stat st;
    assert_int_equal(lethe_file_write(in_dir("f"), "a\0b", 3, 0600, NULL), 0);
    assert_int_equal(lethe_file_read(in_dir("f"), 3, &text, &len, NULL), 0);
    assert_int_equal(len, 3);
    assert_memory_equal(text, "a\0b", 4);
    free(text);
    assert_int_equal(stat(in_dir("f"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(lethe_file_write(in_dir("f"), "", 0, 0644, NULL), 0);
    assert_int_equal(lethe_file_read(in_dir("f"), 0, &text, &len, NULL), 0);
    assert_string_equal(text, "");
    free(text);
    assert_int_equal(stat(in_dir("f"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0644);
}

static void reading_has_bounds_and_words(void **state)
{
    (void)state;
    char *text;
    size_t len;
    struct lethe_error err;
    lethe_file_write(in_dir("f"), "abcd", 4, 0600, NULL);
    assert_int_equal(lethe_file_read(in_dir("f"), 3, &text, &len, &err), -LETHE_E_LIMIT);
    assert_int_equal(lethe_file_read(in_dir("none"), 3, &text, &len, &err), -LETHE_E_NOT_FOUND);
    assert_non_null(strstr(err.what, "none: No such file"));
    assert_int_equal(lethe_file_read(dir, 3, &text, &len, &err), -LETHE_E_IO);
}

/* Somebody who has the old file open goes on reading the old file, and nothing is left beside. */
static void replaces_atomically(void **state)
{
    (void)state;
    char got[4] = "";
    char **names;
    lethe_file_write(in_dir("f"), "old", 3, 0600, NULL);
    LETHE_FD_AUTO fd = lethe_file_open(in_dir("f"), O_RDONLY, 0, NULL);
    assert_true(fd >= 0);
    assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
    assert_int_equal(lethe_file_write(in_dir("f"), "new", 3, 0600, NULL), 0);
    assert_int_equal(read(fd, got, 3), 3);
    assert_string_equal(got, "old");
    assert_int_equal(mkdir(in_dir("d"), 0700), 0);
    lethe_file_write(in_dir("d/x"), "", 0, 0600, NULL);
    assert_true(lethe_file_write(in_dir("d"), "x", 1, 0600, NULL) < 0); /* not over a directory */
    assert_true(lethe_file_write(in_dir("no/f"), "x", 1, 0600, NULL) < 0);
    assert_int_equal(lethe_dir_list(dir, &names, NULL), 0);
    assert_string_equal(names[0], "d");
    assert_string_equal(names[1], "f");
    assert_null(names[2]);
    lethe_names_free(names);
}

static void makes_directories(void **state)
{
    (void)state;
    struct stat st;
    struct lethe_error err;
    assert_int_equal(lethe_dir_make(in_dir("a/b//c/"), 0700, NULL), 0);
    assert_int_equal(lethe_dir_make(in_dir("a/b/c"), 0700, NULL), 0);
    assert_int_equal(stat(in_dir("a/b/c"), &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
    lethe_file_write(in_dir("f"), "", 0, 0600, NULL);
    assert_true(lethe_dir_make(in_dir("f"), 0700, &err) < 0);
    assert_non_null(strstr(err.what, "Not a directory"));
    assert_true(lethe_dir_make(in_dir("f/x"), 0700, &err) < 0);
}

static void lists_nothing_and_missing(void **state)
{
    (void)state;
    char **names;
    assert_int_equal(lethe_dir_list(dir, &names, NULL), 0);
    assert_null(names[0]);
    lethe_names_free(names);
    assert_int_equal(lethe_dir_list(in_dir("none"), &names, NULL), -LETHE_E_NOT_FOUND);
    assert_null(names);
    for (int i = 99; i >= 0; i--) {
        char name[8];
        snprintf(name, sizeof(name), "n%02d", i);
        lethe_file_write(in_dir(name), "", 0, 0600, NULL);
    }
    assert_int_equal(lethe_dir_list(dir, &names, NULL), 0);
    assert_string_equal(names[0], "n00");
    assert_string_equal(names[99], "n99");
    assert_null(names[100]);
    lethe_names_free(names);
}

static void locks_against_others(void **state)
{
    (void)state;
    int fd = lethe_file_lock(in_dir("lock"), false, NULL);
    assert_true(fd >= 0);
    pid_t child = fork();
    if (child == 0)
        _exit(lethe_file_lock(in_dir("lock"), false, NULL) == -LETHE_E_BUSY ? 0 : 1);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    close(fd);
    LETHE_FD_AUTO again = lethe_file_lock(in_dir("lock"), true, NULL);
    assert_true(again >= 0);
}

/* Killed between making a file and putting it in place: what stays is recognised as ours. */
static void tidies_after_a_kill(void **state)
{
    (void)state;
    int status;
    char **names;
    assert_int_equal(mkdir(in_dir("d"), 0700), 0);
    assert_int_equal(lethe_file_write(in_dir("d/.lethe-mine"), "", 0, 0600, NULL), 0);
    pid_t pid = fork();
    if (pid == 0) {
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        setrlimit(RLIMIT_FSIZE, &(struct rlimit){0, 0}); /* SIGXFSZ */
        lethe_file_write(in_dir("d/63"), "x", 1, 0600, NULL);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(lethe_dir_list(in_dir("d"), &names, NULL), 0);
    assert_true(names[0] && names[1] && !names[2]);
    assert_int_equal(strncmp(names[0], ".lethe-", 7), 0);
    assert_int_equal(strncmp(names[1], ".lethe-", 7), 0);
    lethe_names_free(names);
    lethe_dir_tidy(dir);
    assert_int_equal(lethe_dir_list(in_dir("d"), &names, NULL), 0);
    assert_string_equal(names[0], ".lethe-mine");
    assert_null(names[1]);
    lethe_names_free(names);
}

static void joins_within_bounds(void **state)
{
    (void)state;
    char out[6];
    assert_int_equal(lethe_path_join(out, sizeof(out), "/a", "bc", NULL), 0);
    assert_string_equal(out, "/a/bc");
    assert_int_equal(lethe_path_join(out, sizeof(out), "/", "bc", NULL), 0);
    assert_string_equal(out, "/bc");
    assert_int_equal(lethe_path_join(out, sizeof(out), "/a", "bcd", NULL), -LETHE_E_LIMIT);
}

int main(void)
{
#define IN_DIR(test) cmocka_unit_test_setup_teardown(test, make_dir, remove_dir)
    const struct CMUnitTest tests[] = {
        IN_DIR(writes_and_reads),          IN_DIR(reading_has_bounds_and_words),
        IN_DIR(replaces_atomically),       IN_DIR(makes_directories),
        IN_DIR(lists_nothing_and_missing), IN_DIR(locks_against_others),
        IN_DIR(tidies_after_a_kill),       cmocka_unit_test(joins_within_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
