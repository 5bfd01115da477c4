/* SPDX-License-Identifier: Apache-2.0 */
/* Who else has a node open for writing. O_EXCL doesn't tell: a virtual machine or a network export
 * writes to a whole disk without it. Readers (smartd, multipathd, udev's probes) are harmless.
 * Only asked at the claim: a walk over every descriptor of every process is slow. */
#include "base/file.h"
#include "base/text.h"
#include "scan/sysfs.h"
#include "scan/uses.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool opened_for_writing(const char *proc, const char *pid, const char *fd)
{
    char info[4096];
    if (!lethe_sys_raw(info, sizeof info, "%s/%s/fdinfo/%s", proc, pid, fd))
        return false;
    const char *flags = strstr(info, "flags:");
    return flags && (strtoul(flags + 6, NULL, 8) & O_ACCMODE) != O_RDONLY;
}

static bool process_has_open(const char *proc, const char *pid, const struct stat *node)
{
    char dir[PATH_MAX], path[PATH_MAX], **fds = NULL;
    bool found = false;
    struct stat st;
    if (!lethe_text_format(dir, sizeof dir, "%s/%s/fd", proc, pid) ||
        lethe_dir_list(dir, &fds, NULL) < 0)
        return false;
    for (size_t i = 0; fds[i] && !found; i++) {
        if (!lethe_text_format(path, sizeof path, "%s/%s", dir, fds[i]) || stat(path, &st) < 0)
            continue;
        bool same = S_ISBLK(node->st_mode) ? S_ISBLK(st.st_mode) && st.st_rdev == node->st_rdev
                                           : S_ISREG(st.st_mode) && st.st_dev == node->st_dev &&
                                                 st.st_ino == node->st_ino;
        found = same && opened_for_writing(proc, pid, fds[i]);
    }
    lethe_names_free(fds);
    return found;
}

/* Another supervisor, or a worker of one: it records what it does, and is waited for or stopped
 * where it was started. */
static bool is_lethe(const char *proc, const char *pid)
{
    char path[PATH_MAX], program[PATH_MAX];
    lethe_text_format(path, sizeof path, "%s/%s/exe", proc, pid);
    ssize_t n = readlink(path, program, sizeof program - 1);
    program[n > 0 ? n : 0] = '\0';
    const char *name = strrchr(program, '/');
    return name && (strcmp(name, "/lethe") == 0 || strcmp(name, "/lethe-worker") == 0);
}

int lethe_uses_openers(const struct lethe_scan_env *env, struct lethe_device *device,
                       struct lethe_error *err)
{
    char **pids = NULL, own[16];
    struct stat node;
    if (stat(device->node, &node) < 0)
        return lethe_fail(err, LETHE_E_GONE, "%s is gone", device->node);
    lethe_text_format(own, sizeof own, "%d", (int)getpid());
    int rc = lethe_dir_list(env->proc, &pids, err);
    for (size_t i = 0; rc == 0 && pids[i]; i++) {
        char name[64], what[256], release[32];
        if (pids[i][strspn(pids[i], "0123456789")] != '\0' || strcmp(pids[i], own) == 0 ||
            !process_has_open(env->proc, pids[i], &node))
            continue;
        lethe_sys_text(name, sizeof name, "%s/%s/comm", env->proc, pids[i]);
        lethe_text_format(what, sizeof what, "%.160s is open for writing in %s (process %s)",
                          device->node, name, pids[i]);
        lethe_text_format(release, sizeof release,
                          is_lethe(env->proc, pids[i]) ? "lethe jobs --open" : "kill %s", pids[i]);
        if (lethe_use_add(device, S_ISBLK(node.st_mode) ? "claimed" : "image-open", false, release,
                          what) < 0)
            rc = lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    }
    lethe_names_free(pids);
    return rc;
}
