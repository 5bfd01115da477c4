/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cell a worker locks itself into, after its device and ring are open and before it hears a
 * byte of the device. An allow-list: what is not named kills the process, and the supervisor
 * records a failed job. No ioctl for a verifier: SANITIZE passes through a read-only descriptor
 * (facts/drives.md A1), so one that could ioctl could destroy what it judges. An eraser by firmware
 * has the pass-through ioctls of the kernel by number and nothing else. Who talks to a phone, to
 * judge it too, has the ioctls of bulk transfers on the one node it holds; or, for an iPhone, UNIX
 * sockets, in an empty network and below a directory where there is one socket, its usbmux proxy's.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <io/jail.h>
#include <io/passthrough.h>
#include <io/usb_ioctls.h>
#include <linux/capability.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <worker/worker.h>

#define NOBODY 65534

/* Whatever the role: memory without code, time, randomness, waiting, leaving. */
static const int common[] = {
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(futex),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(nanosleep),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(getrandom),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sched_yield),
    SCMP_SYS(poll),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(sysinfo), /* qsort of glibc asks how much memory there is */
    /* The device: all descriptors were opened by the supervisor, read-only for a verifier.
     * lseek, fstat, fadvise and close move no data; the ring was restricted when it was made. */
    SCMP_SYS(read),
    SCMP_SYS(pread64),
    SCMP_SYS(preadv),
    SCMP_SYS(lseek),
    SCMP_SYS(fstat),
    SCMP_SYS(fadvise64),
    SCMP_SYS(close),
    SCMP_SYS(io_uring_enter),
};

static const int erasing[] = {
    SCMP_SYS(pwrite64),
    SCMP_SYS(pwritev),
    SCMP_SYS(fsync),
    SCMP_SYS(fdatasync),
};

/* A phone's bulk pipe, on a port (libusb waits with a timer) or emulated (a socket that is there).
 */
static const int piping[] = {
    SCMP_SYS(timerfd_settime),
    SCMP_SYS(sendmsg),
    SCMP_SYS(recvfrom),
    SCMP_SYS(recvmsg),
};

/* libusbmuxd makes a connection for each service of the phone, and looks at the socket first. Paths
 * are those of the jail. */
static const int calling[] = {
    SCMP_SYS(connect),  SCMP_SYS(shutdown),   SCMP_SYS(fcntl),      SCMP_SYS(select),
    SCMP_SYS(pselect6), SCMP_SYS(ppoll),      SCMP_SYS(getsockopt), SCMP_SYS(setsockopt),
    SCMP_SYS(sendto),   SCMP_SYS(sendmsg),    SCMP_SYS(recvfrom),   SCMP_SYS(recvmsg),
    SCMP_SYS(write),    SCMP_SYS(newfstatat), SCMP_SYS(stat),       SCMP_SYS(setitimer),
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static int allow(scmp_filter_ctx filter, const int *calls, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int allow_ioctls(scmp_filter_ctx filter, const unsigned long *numbers, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
                                  SCMP_A1(SCMP_CMP_EQ, (scmp_datum_t)numbers[i]));
        if (rc < 0)
            return rc;
    }
    return 0;
}

static int allow_pipe(scmp_filter_ctx filter)
{
    int rc = allow(filter, piping, COUNT(piping));
    if (rc == 0)
        rc = allow_ioctls(filter, lethe_usb_ioctls, LETHE_USB_IOCTLS);
    /* To nobody by name; and the eight bytes by which libusb wakes itself. */
    if (rc == 0)
        rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(sendto), 1, SCMP_A4(SCMP_CMP_EQ, 0));
    if (rc == 0)
        rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(write), 1,
                              SCMP_A2(SCMP_CMP_EQ, sizeof(uint64_t)));
    return rc;
}

static int allow_calls(scmp_filter_ctx filter)
{
    int rc = allow(filter, calling, COUNT(calling));
    return rc < 0 ? rc
                  : seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
                                     SCMP_A0(SCMP_CMP_EQ, AF_UNIX));
}

static int install_filter(enum lethe_role role, unsigned needs)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (!filter)
        return -ENOMEM;
    int rc = allow(filter, common, COUNT(common));
    if (rc == 0 && role == LETHE_ROLE_ERASE)
        rc = allow(filter, erasing, COUNT(erasing));
    if (rc == 0 && needs & (LETHE_NEEDS_RAWIO | LETHE_NEEDS_SYS_ADMIN))
        rc = allow_ioctls(filter, lethe_passthrough_ioctls, LETHE_PASSTHROUGH_IOCTLS);
    if (rc == 0 && needs & LETHE_NEEDS_USB)
        rc = allow_pipe(filter);
    if (rc == 0 && needs & LETHE_NEEDS_MUX)
        rc = allow_calls(filter);
    /* Talking: only on the socket to the supervisor, and last words on standard error. */
    static const int talking[] = {SCMP_SYS(sendto), SCMP_SYS(sendmsg), SCMP_SYS(recvfrom),
                                  SCMP_SYS(recvmsg)};
    for (size_t i = 0; rc == 0 && i < COUNT(talking); i++)
        rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, talking[i], 1,
                              SCMP_A0(SCMP_CMP_EQ, LETHE_WORKER_FD));
    for (int fd = 2; rc == 0 && fd <= LETHE_WORKER_FD; fd++)
        rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(write), 1,
                              SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)fd));
    /* Memory: anonymous, never executable. */
    if (rc == 0)
        rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 2,
                              SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
                              SCMP_A3(SCMP_CMP_MASKED_EQ, MAP_ANONYMOUS, MAP_ANONYMOUS));
    if (rc == 0)
        rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
                              SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    /* fstat of glibc 2.36 is newfstatat(fd, "", ..., AT_EMPTY_PATH). */
    if (rc == 0)
        rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(newfstatat), 1,
                              SCMP_A3(SCMP_CMP_EQ, AT_EMPTY_PATH));
    /* abort() must be able to end us, and only us. */
    if (rc == 0)
        rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
                              SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid()));
    if (rc == 0)
        rc = seccomp_load(filter);
    seccomp_release(filter);
    return rc;
}

/* Never more than there was before. The kernel's last word comes MARGIN behind. */
static int limit_with(__rlimit_resource_t resource, rlim_t value, rlim_t margin)
{
    struct rlimit now;
    if (getrlimit(resource, &now) < 0)
        return -1;
    if (now.rlim_max != RLIM_INFINITY && now.rlim_max < value + margin)
        value = now.rlim_max > margin ? now.rlim_max - margin : 0;
    return setrlimit(resource, &(struct rlimit){value, value + margin});
}

static int limit(__rlimit_resource_t resource, rlim_t value)
{
    return limit_with(resource, value, 0);
}

bool lethe_cell_of_phone(const struct lethe_driver *driver, const struct lethe_io *io,
                         struct lethe_cell *cell)
{
    if (!driver || !driver->phone)
        return false;
    cell->needs = io->ops->apple ? LETHE_NEEDS_MUX : LETHE_NEEDS_USB;
    cell->cpu_seconds = LETHE_WORKER_CPU_ASKING;
    return true;
}

/* What a hostile phone could make the code that hears it use up. */
static int limit_phone(const struct lethe_cell *cell)
{
    /* A second before it would be killed it is told why, and so is the record. */
    if (cell->cpu_seconds && limit_with(RLIMIT_CPU, cell->cpu_seconds, 1) < 0)
        return -1;
    return limit(RLIMIT_FSIZE, 0) < 0 || limit(RLIMIT_NOFILE, 64) < 0 ? -1 : 0;
}

/* The kernel asks for these at each ioctl. */
static uint32_t capabilities_of(unsigned needs, char *words, size_t size)
{
    uint32_t kept = (needs & LETHE_NEEDS_RAWIO ? 1u << CAP_SYS_RAWIO : 0) |
                    (needs & LETHE_NEEDS_SYS_ADMIN ? 1u << CAP_SYS_ADMIN : 0);
    snprintf(words, size, "%s%s%s", needs & LETHE_NEEDS_RAWIO ? "sys_rawio" : "",
             kept && (kept & (kept - 1)) ? "," : "",
             needs & LETHE_NEEDS_SYS_ADMIN ? "sys_admin" : "");
    if (!kept)
        snprintf(words, size, "none");
    return kept;
}

int lethe_sandbox_enter(const struct lethe_cell *cell, struct lethe_sandbox *out,
                        struct lethe_error *err)
{
    uint32_t kept = capabilities_of(cell->needs, out->capabilities, sizeof(out->capabilities));
    snprintf(out->user, sizeof(out->user), "unchanged");
    if (cell->needs & LETHE_NEEDS_MUX && !lethe_jail_entered())
        return lethe_fail(err, LETHE_E_INTERNAL, "a worker for an iPhone outside its jail");
    if (geteuid() == 0) {
        if (kept && prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
            return lethe_fail_errno(err, errno, "the worker can't keep what its technique needs");
        if (setgroups(0, NULL) < 0 || setresgid(NOBODY, NOBODY, NOBODY) < 0 ||
            setresuid(NOBODY, NOBODY, NOBODY) < 0)
            return lethe_fail_errno(err, errno, "the worker can't give up root");
        snprintf(out->user, sizeof(out->user), "nobody");
    }
    /* Changing the user cleared it: die with the supervisor. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || prctl(PR_SET_DUMPABLE, 0) < 0 ||
        prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return lethe_fail_errno(err, errno, "the worker's process settings are refused");

    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct rest[2] = {{.effective = kept, .permitted = kept}};
    if (syscall(SYS_capset, &header, rest) < 0)
        return lethe_fail_errno(err, errno,
                                kept ? "the worker can't keep just the capabilities that its "
                                       "technique needs (run as root)"
                                     : "the worker can't give up its capabilities");

    if (limit(RLIMIT_CORE, 0) < 0)
        return lethe_fail_errno(err, errno, "the worker's limits are refused");
    if (cell->needs & (LETHE_NEEDS_USB | LETHE_NEEDS_MUX) && limit_phone(cell) < 0)
        return lethe_fail_errno(err, errno, "the worker's limits are refused");
    if (LETHE_SANITIZED) {
        /* AddressSanitizer maps terabytes and opens /proc: told in the record, never silent. */
        snprintf(out->seccomp, sizeof(out->seccomp), "off: sanitizer build");
        return 0;
    }
    if (limit(RLIMIT_NPROC, 0) < 0 || limit(RLIMIT_AS, LETHE_WORKER_MEMORY) < 0)
        return lethe_fail_errno(err, errno, "the worker's limits are refused");
    int rc = install_filter(cell->role, cell->needs);
    if (rc < 0)
        return lethe_fail_errno(err, -rc, "the system call filter can't be installed");
    snprintf(out->seccomp, sizeof(out->seccomp), "filter");
    return 0;
}
