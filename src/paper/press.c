/* SPDX-License-Identifier: Apache-2.0 */
#include "paper/press.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* A page takes milliseconds, a report of ten thousand devices seconds: beyond this it hangs. */
#define PATIENCE_S 60

struct lethe_press {
    pid_t pid;
    int socket;
};

/* Beside the program that runs, or where it was installed. */
static int find_program(char *out, size_t out_size, struct lethe_error *err)
{
    char self[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
    self[len > 0 ? len : 0] = '\0';
    char *slash = strrchr(self, '/');
    if (slash) {
        *slash = '\0';
        if (lethe_path_join(out, out_size, self, "lethe-press", NULL) == 0 &&
            access(out, X_OK) == 0)
            return 0;
    }
    if (lethe_path_join(out, out_size, LETHE_PROGRAM_DIR, "lethe-press", NULL) == 0 &&
        access(out, X_OK) == 0)
        return 0;
    int rc = lethe_fail(err, LETHE_E_NOT_FOUND,
                        "the program that draws pages, lethe-press, is "
                        "not installed");
    lethe_error_remedy(err, "install it beside lethe, or: lethe cert export ID --format html");
    return rc;
}

static int start(struct lethe_press *press, const char *program, int theirs)
{
    char *argv[] = {(char[]){"lethe-press"}, NULL}, *no_environment[] = {NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, defaults;
    sigemptyset(&none);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGPIPE);
    if (posix_spawn_file_actions_init(&actions))
        return ENOMEM;
    if (posix_spawnattr_init(&attributes)) {
        posix_spawn_file_actions_destroy(&actions);
        return ENOMEM;
    }
    posix_spawn_file_actions_adddup2(&actions, theirs, STDIN_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_RDWR, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_RDWR, 0);
    posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    /* Its own process group: Ctrl-C is for us to judge. */
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                              POSIX_SPAWN_SETPGROUP);
    int rc = posix_spawn(&press->pid, program, &actions, &attributes, argv, no_environment);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return rc;
}

int lethe_press_open(struct lethe_press **out, struct lethe_error *err)
{
    char program[PATH_MAX];
    int rc = find_program(program, sizeof(program), err), pair[2];
    if (rc < 0)
        return rc;
    struct lethe_press *press = calloc(1, sizeof(*press));
    if (!press)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
        rc = lethe_fail_errno(err, errno, "no socket for lethe-press");
        free(press);
        return rc;
    }
    struct timeval patience = {.tv_sec = PATIENCE_S};
    setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    setsockopt(pair[0], SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    int failed = start(press, program, pair[1]);
    close(pair[1]);
    press->socket = pair[0];
    if (failed) {
        press->pid = 0;
        lethe_press_close(press);
        return lethe_fail_errno(err, failed, "%s can't be started", program);
    }
    *out = press;
    return 0;
}

void lethe_press_close(struct lethe_press *press)
{
    if (!press)
        return;
    close(press->socket);
    if (press->pid > 0) {
        kill(press->pid, SIGKILL); /* it holds nothing that could be lost */
        while (waitpid(press->pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    free(press);
}

static bool send_all(int fd, const void *data, size_t len)
{
    for (const char *at = data; len > 0;) {
        ssize_t n = send(fd, at, len, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += n;
        len -= (size_t)n;
    }
    return true;
}

static bool receive_all(int fd, void *data, size_t len)
{
    for (char *at = data; len > 0;) {
        ssize_t n = recv(fd, at, len, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += n;
        len -= (size_t)n;
    }
    return true;
}

static int no_answer(struct lethe_error *err)
{
    int rc = lethe_fail(err, LETHE_E_GONE, "lethe-press gave no page");
    lethe_error_effect(err, "the certificate itself is whole; only its page is missing");
    lethe_error_remedy(err, "lethe cert export ID --format html");
    return rc;
}

static int exchange(const struct lethe_press *press, const char *text, char **out, size_t *out_len,
                    struct lethe_error *err)
{
    size_t len = strlen(text);
    if (len > LETHE_PRESS_REQUEST_MAX)
        return lethe_fail(err, LETHE_E_LIMIT, "too much for one report (%zu bytes)", len);
    uint8_t head[5] = {(uint8_t)(len >> 24), (uint8_t)(len >> 16), (uint8_t)(len >> 8),
                       (uint8_t)len};
    if (!send_all(press->socket, head, 4) || !send_all(press->socket, text, len) ||
        !receive_all(press->socket, head, 5))
        return no_answer(err);
    len = (size_t)head[1] << 24 | (size_t)head[2] << 16 | (size_t)head[3] << 8 | head[4];
    char *answer = len <= LETHE_PRESS_ANSWER_MAX ? malloc(len + 1) : NULL;
    if (!answer || !receive_all(press->socket, answer, len)) {
        free(answer);
        return no_answer(err);
    }
    answer[len] = '\0';
    if (head[0] == 0) {
        *out = answer;
        *out_len = len;
        return 0;
    }
    char why[256];
    lethe_text_clean(why, sizeof(why), answer, len);
    free(answer);
    return lethe_fail(err, LETHE_E_INVALID, "%s", why);
}

int lethe_press_draw(struct lethe_press *press, json_t *request, char **out, size_t *out_len,
                     struct lethe_error *err)
{
    char *text = request ? json_dumps(request, JSON_COMPACT) : NULL;
    json_decref(request);
    int rc = !text    ? lethe_fail(err, LETHE_E_INTERNAL, "memory ran out")
             : !press ? lethe_fail(err, LETHE_E_INTERNAL, "there is no press")
                      : exchange(press, text, out, out_len, err);
    free(text);
    return rc;
}
