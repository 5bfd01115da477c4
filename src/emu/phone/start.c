/* SPDX-License-Identifier: Apache-2.0 */
/* The process that runs a model. It forks once more, so that nobody has to wait for it, and lives
 * as long as somebody holds the other end of its socket. */
#include "base/file.h"
#include "base/program.h"
#include "emu/phone/phone.h"
#include <errno.h>
#include <sys/wait.h>

extern char **environ;

int phone_start(const char *const argv[], int socket, struct lethe_error *err)
{
    char path[PATH_MAX];
    pid_t pid = 0;
    int status = 0, rc = lethe_program_find("lethe-phone", path, sizeof(path), err);
    if (rc < 0)
        return rc;
    /* posix_spawn() takes argv without const and changes nothing. */
    int failed =
        lethe_program_spawn(path, (char *const *)(uintptr_t)argv, environ, socket, 3, &pid);
    if (failed)
        return lethe_fail_errno(err, failed, "%s can't be started", path);
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        ;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0
               ? 0
               : lethe_fail(err, LETHE_E_INTERNAL, "%s could not begin", path);
}
