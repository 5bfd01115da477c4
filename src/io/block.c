/* SPDX-License-Identifier: Apache-2.0 */
/* Whole-disk nodes: claimed once, opened again for each worker. */
#include <errno.h>
#include <fcntl.h>
#include <lethe/io.h>
#include <linux/fs.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* Since Linux 5.15; Debian 12's headers have it, older ones may not. */
#ifndef BLKGETDISKSEQ
#define BLKGETDISKSEQ _IOR(0x12, 128, __u64)
#endif

/* udev takes a shared lock while it probes a device that has just appeared. */
#define LOCK_TRIES 100
#define LOCK_PAUSE_MS 20

int lethe_block_facts(int fd, struct lethe_block_facts *out, struct lethe_error *err)
{
    struct stat st;
    uint64_t bytes;
    int logical;
    unsigned physical;
    memset(out, 0, sizeof(*out));
    if (fstat(fd, &st) < 0)
        return lethe_fail_errno(err, errno, "cannot look at the device's descriptor");
    if (!S_ISBLK(st.st_mode))
        return lethe_fail(err, LETHE_E_UNSUPPORTED, "this is not a block device");
    if (ioctl(fd, BLKGETSIZE64, &bytes) < 0 || ioctl(fd, BLKSSZGET, &logical) < 0 ||
        ioctl(fd, BLKPBSZGET, &physical) < 0)
        return lethe_fail_errno(err, errno, "the block device does not tell its size");
    if (logical < 512 || (logical & (logical - 1)) != 0)
        return lethe_fail(err, LETHE_E_UNSUPPORTED, "a logical block of %d bytes", logical);
    out->number = st.st_rdev;
    out->capacity = bytes;
    out->logical_block = (uint32_t)logical;
    out->physical_block = physical >= (unsigned)logical ? physical : (uint32_t)logical;
    if (ioctl(fd, BLKGETDISKSEQ, &out->diskseq) < 0)
        out->diskseq = 0;
    return 0;
}

static int node_open(const char *node, int flags)
{
    int fd;
    do {
        fd = open(node, flags | O_CLOEXEC);
    } while (fd < 0 && errno == EINTR);
    return fd < 0 ? -errno : fd;
}

/* An exclusive lock keeps udev and blkid from probing while we write (systemd's
 * BLOCK_DEVICE_LOCKING). */
static int node_lock(int fd)
{
    const struct timespec pause = {.tv_nsec = LOCK_PAUSE_MS * 1000000L};
    for (int i = 0; flock(fd, LOCK_EX | LOCK_NB) < 0; i++) {
        if (errno != EWOULDBLOCK || i == LOCK_TRIES)
            return -errno;
        nanosleep(&pause, NULL);
    }
    return 0;
}

int lethe_block_hold(const char *node, struct lethe_error *err)
{
    int fd = lethe_block_claim(node, err);
    if (fd != -LETHE_E_REFUSED)
        return fd;
    fd = node_open(node, O_RDONLY | O_EXCL);
    return fd < 0 ? lethe_fail_errno(err, -fd, "cannot claim %s", node) : fd;
}

int lethe_block_claim(const char *node, struct lethe_error *err)
{
    struct lethe_block_facts facts;
    int fd = node_open(node, O_RDWR | O_EXCL);
    if (fd == -EBUSY) {
        lethe_fail(err, LETHE_E_BUSY, "%s is in use or claimed by another program", node);
        lethe_error_effect(err, "nothing was sent to it");
        lethe_error_remedy(err, "see who uses it: lsblk %s; lethe list", node);
        return -LETHE_E_BUSY;
    }
    if (fd == -EROFS || fd == -EACCES || fd == -EPERM) {
        lethe_fail(err, LETHE_E_REFUSED, "%s can't be opened for writing: %s", node, strerror(-fd));
        lethe_error_effect(err, "nothing was sent to it");
        lethe_error_remedy(err, "open the write-protect switch, or run as root: sudo lethe ...");
        return -LETHE_E_REFUSED;
    }
    if (fd < 0)
        return lethe_fail_errno(err, -fd, "cannot claim %s", node);
    int rc = lethe_block_facts(fd, &facts, err);
    if (rc == 0 && node_lock(fd) < 0) {
        rc = lethe_fail(err, LETHE_E_BUSY, "another program holds a lock on %s", node);
        lethe_error_effect(err, "nothing was sent to it");
        lethe_error_remedy(err, "see who holds it: lsof %s", node);
    }
    if (rc < 0) {
        close(fd);
        return rc;
    }
    return fd;
}

int lethe_block_peek(const char *node, struct lethe_error *err)
{
    struct lethe_block_facts facts;
    int fd = node_open(node, O_RDONLY | O_NONBLOCK);
    if (fd < 0)
        return lethe_fail_errno(err, -fd, "cannot look at %s", node);
    int rc = lethe_block_facts(fd, &facts, err);
    if (rc < 0) {
        close(fd);
        return rc;
    }
    return fd;
}

int lethe_block_reopen(const char *node, int claim, bool writable, struct lethe_error *err)
{
    struct lethe_block_facts armed, now;
    int access = writable ? O_RDWR : O_RDONLY;
    int rc = lethe_block_facts(claim, &armed, err);
    if (rc < 0)
        return rc;
    int fd = node_open(node, access | O_DIRECT);
    if (fd == -EINVAL)
        fd = node_open(node, access);
    if (fd < 0)
        return lethe_fail_errno(err, -fd, "cannot open %s again", node);
    rc = lethe_block_facts(fd, &now, err);
    if (rc == 0 && (now.number != armed.number || now.diskseq != armed.diskseq)) {
        rc = lethe_fail(err, LETHE_E_CHANGED, "%s is another device than the one claimed", node);
        lethe_error_effect(err, "the device that has this name now was not touched");
    }
    if (rc < 0) {
        close(fd);
        return rc;
    }
    return fd;
}
