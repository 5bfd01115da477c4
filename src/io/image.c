/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Image files. O_EXCL means nothing there; a write lease does: the kernel grants it only while no
 * other open of the file exists, and makes a later opener wait (/proc/sys/fs/lease-break-time)
 * while it tells us.
 *
 * The kernel counts our own opens, too: with a second open of the inode, even read-only, the lease
 * is refused, and opening after the lease breaks it (EAGAIN, or our own process waits for itself).
 * So a worker gets a duplicate of the one descriptor. It can be written to whatever the worker is
 * there for: the read-only worker's seccomp filter and its ring must see to that.
 */
#include <errno.h>
#include <fcntl.h>
#include <lethe/io.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static int image_check(int fd, const char *path, struct lethe_error *err)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return lethe_fail_errno(err, errno, "cannot look at %s", path);
    if (!S_ISREG(st.st_mode))
        return lethe_fail(err, LETHE_E_REFUSED, "%s is not a plain file", path);
    if (st.st_size == 0 || st.st_size % 512 != 0) {
        lethe_fail(err, LETHE_E_REFUSED, "%s has %lld bytes: not a disk image", path,
                   (long long)st.st_size);
        lethe_error_remedy(err, "a disk image is a multiple of 512 bytes: truncate -s %%512 %s",
                           path);
        return -LETHE_E_REFUSED;
    }
    return 0;
}

static int image_busy(const char *path, struct lethe_error *err)
{
    lethe_fail(err, LETHE_E_BUSY, "%s is open in another program", path);
    lethe_error_effect(err, "nothing was written to it");
    lethe_error_remedy(err, "see which: fuser -v %s; losetup -j %s", path, path);
    return -LETHE_E_BUSY;
}

/* The lease's signal would end the process; SIGURG is ignored unless somebody wants it. Giving a
 * lease up forgets the choice, so it is made each time. */
static int lease_take(int fd)
{
    return fcntl(fd, F_SETSIG, SIGURG) == 0 ? fcntl(fd, F_SETLEASE, F_WRLCK) : -1;
}

static int image_lease(int fd, const char *path, struct lethe_error *err)
{
    if (lease_take(fd) == 0)
        return 0;
    if (errno == EAGAIN || errno == EBUSY)
        return image_busy(path, err);
    int errnum = errno;
    lethe_fail(err, errnum == EACCES ? LETHE_E_REFUSED : LETHE_E_UNSUPPORTED, "no lease on %s: %s",
               path, strerror(errnum));
    lethe_error_effect(err, "nothing was written: another program could have it open");
    lethe_error_remedy(err, errnum == EACCES ? "only the owner of the file or root can claim it"
                                             : "copy the image to a local file system");
    return errnum == EACCES ? -LETHE_E_REFUSED : -LETHE_E_UNSUPPORTED;
}

static int claim_once(const char *path, struct lethe_error *err)
{
    int fd;
    do {
        /* Not waiting: for the lease of another Lethe, for the other end of a FIFO. */
        fd = open(path, O_RDWR | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    } while (fd < 0 && errno == EINTR);
    if (fd < 0)
        return errno == EWOULDBLOCK ? image_busy(path, err)
                                    : lethe_fail_errno(err, errno, "cannot open %s", path);
    int rc = image_check(fd, path, err);
    if (rc == 0)
        rc = image_lease(fd, path, err);
    if (rc < 0) {
        close(fd);
        return rc;
    }
    /* O_NONBLOCK has to go: a ring would answer EAGAIN instead of waiting. O_DIRECT at best effort:
     * a file system that has none is used through the page cache. */
    if (fcntl(fd, F_SETFL, O_DIRECT) < 0)
        fcntl(fd, F_SETFL, 0);
    return fd;
}

/* The kernel takes a ring down after its process has ended, in its own time, and until then the
 * ring has the file open and the lease on it. Nobody is there whom the guard could see: who claims
 * right after a job waits a little. */
#define CLAIM_TRIES 250
#define CLAIM_WAIT_NS 20000000L

int lethe_image_claim(const char *path, struct lethe_error *err)
{
    int rc = claim_once(path, err);
    for (int tries = 1; rc == -LETHE_E_BUSY && tries < CLAIM_TRIES; tries++) {
        nanosleep(&(struct timespec){.tv_nsec = CLAIM_WAIT_NS}, NULL);
        rc = claim_once(path, err);
    }
    return rc;
}

int lethe_image_held(int claim, struct lethe_error *err)
{
    if (fcntl(claim, F_GETLEASE) == F_WRLCK)
        return 0;
    /* Somebody tried to open it. Take the lease again: that works only if he has gone away. */
    fcntl(claim, F_SETLEASE, F_UNLCK);
    if (lease_take(claim) == 0)
        return 0;
    lethe_fail(err, LETHE_E_CHANGED, "another program has opened the image");
    lethe_error_effect(err, "what it wrote or will write there is not known");
    return -LETHE_E_CHANGED;
}

int lethe_image_reopen(int claim, bool writable, struct lethe_error *err)
{
    (void)writable; /* see above */
    int rc = lethe_image_held(claim, err);
    if (rc < 0)
        return rc;
    int fd = fcntl(claim, F_DUPFD_CLOEXEC, 0);
    return fd >= 0 ? fd : lethe_fail_errno(err, errno, "cannot duplicate the image's descriptor");
}
