/* SPDX-License-Identifier: Apache-2.0 */
#include "io/usb.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/usbdevice_fs.h>
#include <sys/file.h>
#include <sys/ioctl.h>

int lethe_usb_open(const char *node, struct lethe_error *err)
{
    int fd;
    do
        fd = open(node, O_RDWR | O_CLOEXEC);
    while (fd < 0 && errno == EINTR);
    if (fd >= 0)
        return fd;
    if (errno == ENOENT || errno == ENODEV)
        return lethe_fail(err, LETHE_E_GONE, "%s has left the bus", node);
    int rc = lethe_fail_errno(err, errno, "%s", node);
    if (errno == EACCES)
        lethe_error_remedy(err, "run lethe as root");
    return rc;
}

int lethe_usb_lock(int fd, struct lethe_error *err)
{
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        return 0;
    if (errno != EWOULDBLOCK)
        return lethe_fail_errno(err, errno, "the device can't be locked");
    lethe_fail(err, LETHE_E_BUSY, "another job of Lethe holds it");
    lethe_error_remedy(err, "lethe jobs --open");
    return -LETHE_E_BUSY;
}

int lethe_usb_claim(int fd, unsigned number, struct lethe_error *err)
{
    if (ioctl(fd, USBDEVFS_CLAIMINTERFACE, &number) == 0)
        return 0;
    if (errno == ENODEV)
        return lethe_fail(err, LETHE_E_GONE, "it has left the bus");
    if (errno != EBUSY)
        return lethe_fail_errno(err, errno, "its interface can't be claimed");
    lethe_fail(err, LETHE_E_BUSY, "another program of this bench holds its interface");
    lethe_error_effect(err, "nothing was sent to it");
    lethe_error_remedy(err, "adb kill-server, or end what else talks to it");
    return -LETHE_E_BUSY;
}
