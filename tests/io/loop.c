/* SPDX-License-Identifier: Apache-2.0 */
#include "loop.h"

#include <fcntl.h>
#include <linux/loop.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

const char *test_loop_attach(struct test_loop *loop, uint64_t size)
{
    loop->fd = -1;
    if (geteuid() != 0)
        return "not root: no loop devices";
    int control = open("/dev/loop-control", O_RDWR | O_CLOEXEC);
    if (control < 0)
        return "no /dev/loop-control";
    loop->backing = memfd_create("lethe-test", MFD_CLOEXEC);
    /* Somebody else may take the free number first: a few tries. */
    for (int i = 0; i < 16 && loop->fd < 0; i++) {
        int number = ioctl(control, LOOP_CTL_GET_FREE);
        snprintf(loop->node, sizeof(loop->node), "/dev/loop%d", number);
        loop->fd = open(loop->node, O_RDWR | O_CLOEXEC);
        struct loop_config config = {.fd = (uint32_t)loop->backing, .block_size = 512};
        if (loop->fd >= 0 && (ftruncate(loop->backing, (off_t)size) < 0 ||
                              ioctl(loop->fd, LOOP_CONFIGURE, &config) < 0)) {
            close(loop->fd);
            loop->fd = -1;
        }
    }
    close(control);
    return loop->fd >= 0 ? NULL : "no loop device could be configured";
}

int test_loop_shrink(struct test_loop *loop, uint64_t size)
{
    return ftruncate(loop->backing, (off_t)size) < 0 ? -1 : ioctl(loop->fd, LOOP_SET_CAPACITY);
}

void test_loop_detach(struct test_loop *loop)
{
    if (loop->fd >= 0) {
        ioctl(loop->fd, LOOP_CLR_FD);
        close(loop->fd);
        close(loop->backing);
    }
    loop->fd = -1;
}
