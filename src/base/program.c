/* SPDX-License-Identifier: Apache-2.0 */
#include "base/program.h"
#include "base/file.h"
#include "base/text.h"
#include "base/time.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

int lethe_program_find(const char *name, char *out, size_t out_size, struct lethe_error *err)
{
    char self[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
    self[len > 0 ? len : 0] = '\0';
    char *slash = strrchr(self, '/');
    if (slash) {
        *slash = '\0';
        if (lethe_path_join(out, out_size, self, name, NULL) == 0 && access(out, X_OK) == 0)
            return 0;
    }
    if (lethe_path_join(out, out_size, LETHE_PROGRAM_DIR, name, NULL) == 0 &&
        access(out, X_OK) == 0)
        return 0;
    int rc = lethe_fail(err, LETHE_E_NOT_FOUND, "the program %s is not installed", name);
    lethe_error_remedy(err, "install it beside lethe: the package has both");
    return rc;
}

int lethe_program_spawn(const char *path, char *const argv[], char *const environment[], int socket,
                        int at, pid_t *pid)
{
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
    posix_spawn_file_actions_adddup2(&actions, socket, at);
    /* Only the socket passes: whatever we were started with (files, pipes, a terminal) stays here.
     */
    for (int fd = 0; fd <= (LETHE_SANITIZED ? 1 : 2); fd++)
        if (fd != at)
            posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
    posix_spawn_file_actions_addclosefrom_np(&actions, at > 2 ? at + 1 : 3);
    /* Its own process group: Ctrl-C is for us to judge. */
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                              POSIX_SPAWN_SETPGROUP);
    int rc = posix_spawn(pid, path, &actions, &attributes, argv, environment);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (rc)
        *pid = 0;
    return rc;
}

int lethe_program_open(const char *name, char *const environment[], unsigned patience_ms,
                       struct lethe_program *out, struct lethe_error *err)
{
    char path[PATH_MAX], word[32];
    int pair[2];
    *out = (struct lethe_program){.socket = -1};
    int rc = lethe_program_find(name, path, sizeof(path), err);
    if (rc < 0)
        return rc;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return lethe_fail_errno(err, errno, "no socket for %s", name);
    out->patience_ms = patience_ms;
    struct timeval patience = {.tv_sec = patience_ms / 1000,
                               .tv_usec = (suseconds_t)(patience_ms % 1000) * 1000};
    setsockopt(pair[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    setsockopt(pair[0], SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
    lethe_text_format(word, sizeof(word), "%s", name);
    char *argv[] = {word, NULL};
    int failed = lethe_program_spawn(path, argv, environment, pair[1], STDIN_FILENO, &out->pid);
    close(pair[1]);
    out->socket = pair[0];
    if (!failed)
        return 0;
    lethe_program_close(out);
    return lethe_fail_errno(err, failed, "%s can't be started", path);
}

void lethe_program_close(struct lethe_program *program)
{
    if (program->socket >= 0)
        close(program->socket);
    if (program->pid > 0) {
        kill(program->pid, SIGKILL);
        while (waitpid(program->pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    *program = (struct lethe_program){.socket = -1};
}

bool lethe_program_send(const struct lethe_program *program, const void *data, size_t len)
{
    uint64_t until = lethe_monotonic_ms() + program->patience_ms;
    for (const char *at = data; len > 0 && lethe_monotonic_ms() <= until;) {
        ssize_t n = send(program->socket, at, len, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += n;
        len -= (size_t)n;
    }
    return len == 0;
}

bool lethe_program_receive(const struct lethe_program *program, void *data, size_t len)
{
    uint64_t until = lethe_monotonic_ms() + program->patience_ms;
    for (char *at = data; len > 0 && lethe_monotonic_ms() <= until;) {
        ssize_t n = recv(program->socket, at, len, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += n;
        len -= (size_t)n;
    }
    return len == 0;
}
