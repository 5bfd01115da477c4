/* SPDX-License-Identifier: Apache-2.0 */
#include "io/jail.h"

#include <errno.h>
#include <sched.h>
#include <unistd.h>

static bool entered;

bool lethe_jail_entered(void)
{
    return entered;
}

int lethe_jail_enter(const char *directory, struct lethe_error *err)
{
    const int apart = CLONE_NEWNET | CLONE_NEWIPC;
    if (unshare(apart) < 0 && (errno != EPERM || unshare(apart | CLONE_NEWUSER) < 0)) {
        int rc = lethe_fail_errno(err, errno, "the worker can't be shut off from the network");
        lethe_error_remedy(err, "run lethe as root, or: sysctl kernel.unprivileged_userns_clone=1");
        return rc;
    }
    if (chroot(directory) < 0 || chdir("/") < 0)
        return lethe_fail_errno(err, errno, "the worker can't be shut into %s", directory);
    entered = true;
    return 0;
}
