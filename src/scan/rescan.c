/* SPDX-License-Identifier: Apache-2.0 */
/* A SCSI disk that refused to tell its size when the kernel looked keeps the size 0 when it could
 * tell: the kernel is made to look again (facts/drives.md A3). */
#include <lethe/device.h>

#include "base/file.h"
#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

int lethe_scan_rescan(const struct lethe_scan_env *env, const struct lethe_device *device,
                      struct lethe_error *err)
{
    char path[PATH_MAX];
    const char *slash = strrchr(device->target, '/');
    const char *name = slash ? slash + 1 : device->target;
    lethe_text_format(path, sizeof(path), "%s/block/%s/device/rescan", env->sys, name);
    LETHE_FD_AUTO fd = lethe_file_open(path, O_WRONLY, 0, err);
    int rc = fd;
    if (fd >= 0)
        rc = write(fd, "1", 1) == 1
                 ? 0
                 : lethe_fail_errno(err, errno, "the kernel does not look at %s again", name);
    if (rc < 0)
        lethe_error_remedy(err, "as root: echo 1 > %s", path);
    return rc;
}
