/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lethe-mux --socket PATH --udid UDID --upstream PATH [--record FILE] [--pairing] [--borrow]
 * Started by src/io/mux.c. Descriptor 0 is its leash: when nobody holds the other end, it ends. It
 * goes into the background once it can be connected to; its first process then ends with 0.
 */
#include "mux/proxy.h"

#include <base/file.h>
#include <base/program.h>
#include <base/text.h>
#include <base/time.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <grp.h>
#include <linux/capability.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#define NOBODY 65534
#define MEMORY ((rlim_t)64 << 20)

struct options {
    const char *socket, *udid, *upstream, *record;
    bool pairing, borrow;
};

static bool parse(int argc, char **argv, struct options *out)
{
    static const struct option all[] = {
        {"socket", required_argument, NULL, 's'},   {"udid", required_argument, NULL, 'u'},
        {"upstream", required_argument, NULL, 'U'}, {"record", required_argument, NULL, 'r'},
        {"pairing", no_argument, NULL, 'p'},        {"borrow", no_argument, NULL, 'b'},
        {"version", no_argument, NULL, 'v'},        {0}};
    for (int c; (c = getopt_long(argc, argv, "", all, NULL)) != -1;)
        switch (c) {
        case 's':
            out->socket = optarg;
            break;
        case 'u':
            out->udid = optarg;
            break;
        case 'U':
            out->upstream = optarg;
            break;
        case 'r':
            out->record = optarg;
            break;
        case 'p':
            out->pairing = true;
            break;
        case 'b':
            out->borrow = true;
            break;
        default:
            return false;
        }
    return out->socket && out->udid && out->upstream && optind == argc;
}

/* Whoever can reach the directory may connect: it is the job's own. */
static int listen_at(const char *path, struct lethe_error *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (!lethe_text_format(address.sun_path, sizeof(address.sun_path), "%s", path))
        return lethe_fail(err, LETHE_E_LIMIT, "the path of the socket is too long: %s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
        chmod(path, 0666) < 0 || listen(fd, LETHE_MUX_CLIENTS_MAX) < 0)
        return lethe_fail_errno(err, errno, "nobody can connect to %s", path);
    return fd;
}

/* Nobody, where usbmuxd lets everybody in; without capabilities in any case. */
static bool drop_rights(const char *upstream)
{
    const struct rlimit none = {0, 0}, memory = {MEMORY, MEMORY}, files = {64, 64},
                        file = {LETHE_MUX_RECORD_MAX, LETHE_MUX_RECORD_MAX};
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct nothing[2] = {{0}};
    struct stat st;
    bool open = stat(upstream, &st) == 0 && st.st_mode & S_IWOTH &&
                (strncmp(upstream, "/run/", 5) == 0 || strncmp(upstream, "/var/run/", 9) == 0);
    if (geteuid() == 0 && open &&
        (setgroups(0, NULL) < 0 || setresgid(NOBODY, NOBODY, NOBODY) < 0 ||
         setresuid(NOBODY, NOBODY, NOBODY) < 0))
        return false;
    return syscall(SYS_capset, &header, nothing) == 0 &&
           prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_DUMPABLE, 0) == 0 &&
           setrlimit(RLIMIT_CORE, &none) == 0 && setrlimit(RLIMIT_FSIZE, &file) == 0 &&
           setrlimit(RLIMIT_NOFILE, &files) == 0 &&
           (LETHE_SANITIZED || setrlimit(RLIMIT_AS, &memory) == 0);
}

/* It opens nothing any more, and starts nothing: it connects, on UNIX sockets, and writes to what
 * it has. */
static int close_door(void)
{
    static const int calls[] = {SCMP_SYS(read),
                                SCMP_SYS(write),
                                SCMP_SYS(recvfrom),
                                SCMP_SYS(sendto),
                                SCMP_SYS(recvmsg),
                                SCMP_SYS(sendmsg),
                                SCMP_SYS(poll),
                                SCMP_SYS(ppoll),
                                SCMP_SYS(accept4),
                                SCMP_SYS(connect),
                                SCMP_SYS(shutdown),
                                SCMP_SYS(close),
                                SCMP_SYS(pread64),
                                SCMP_SYS(pwrite64),
                                SCMP_SYS(ftruncate),
                                SCMP_SYS(fsync),
                                SCMP_SYS(brk),
                                SCMP_SYS(munmap),
                                SCMP_SYS(mremap),
                                SCMP_SYS(madvise),
                                SCMP_SYS(mprotect),
                                SCMP_SYS(clock_gettime),
                                SCMP_SYS(getrandom),
                                SCMP_SYS(exit),
                                SCMP_SYS(exit_group),
                                SCMP_SYS(rt_sigreturn),
                                SCMP_SYS(futex),
                                SCMP_SYS(getpid),
                                SCMP_SYS(restart_syscall)};
    if (LETHE_SANITIZED)
        return 0; /* its runtime needs more than this */
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
    int rc = filter ? 0 : -ENOMEM;
    for (size_t i = 0; rc == 0 && i < sizeof(calls) / sizeof(*calls); i++)
        rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
    if (rc == 0)
        rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 1,
                              SCMP_A0(SCMP_CMP_EQ, AF_UNIX));
    if (rc == 0)
        rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
                              SCMP_A3(SCMP_CMP_MASKED_EQ, 0x20 /* anonymous */, 0x20));
    if (rc == 0)
        rc = seccomp_load(filter);
    seccomp_release(filter);
    return rc;
}

static int fail(const struct lethe_error *err)
{
    fprintf(stderr, "lethe-mux: %s\n", err->what);
    return 1;
}

int main(int argc, char **argv)
{
    struct options options = {0};
    struct lethe_error err = {0};
    struct lethe_mux mux = {.record = {.fd = -1}};
    struct lethe_mux_real real = {.through = -1};
    if (!parse(argc, argv, &options) ||
        !lethe_text_format(mux.udid, sizeof(mux.udid), "%s", options.udid)) {
        puts("lethe-mux " LETHE_VERSION);
        return argc == 2 && strcmp(argv[1], "--version") == 0 ? 0 : 2;
    }
    real.path = options.upstream;
    mux.upstream = (struct lethe_mux_upstream){lethe_mux_real_ask, lethe_mux_real_connect, &real};
    mux.record.pairing = options.pairing;
    mux.record.borrow = options.borrow;
    lethe_uuid7(mux.buid);
    if (options.record &&
        (mux.record.fd = lethe_file_open(options.record, O_RDWR | O_CREAT, 0600, &err)) < 0)
        return fail(&err);
    if (lethe_mux_record_load(&mux.record, &err) < 0)
        return fail(&err);
    int listener = listen_at(options.socket, &err);
    if (listener < 0)
        return fail(&err);
    json_object_seed(0); /* reads from the kernel, by a file */
    pid_t child = fork();
    if (child != 0) {
        lethe_mux_record_clear(&mux.record); /* one copy of its keys is enough */
        return child < 0;
    }
    if (!drop_rights(options.upstream) || close_door() < 0)
        return 1;
    lethe_mux_serve(&mux, &real, listener, STDIN_FILENO, &err);
    lethe_mux_record_clear(&mux.record);
    return 0;
}
