/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Preloaded into user-mode-linux, so that it runs on processors with AMX. Its kernel keeps the
 * floating-point state of a process in 2,696 bytes; there the host's ptrace(2) wants all of the
 * state (PTRACE_SETREGSET with NT_X86_XSTATE, 11,008 bytes) or nothing (EFAULT), and the machine
 * ends in a panic before its first process runs. What is missing is added from the process itself:
 * the tiles of AMX, which no process uses without asking for them (ARCH_REQ_XCOMP_PERM).
 */
#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static long call(long request, pid_t pid, void *address, void *data)
{
    return syscall(SYS_ptrace, request, pid, address, data);
}

static long set_all(pid_t pid, const struct iovec *part)
{
    /* Not on the stack: the kernel in the process gives us little. It has one thread. */
    static unsigned char all[64 * 1024] __attribute__((aligned(64)));
    struct iovec whole = {all, sizeof all};
    if (call(PTRACE_GETREGSET, pid, (void *)NT_X86_XSTATE, &whole) < 0)
        return -1;
    if (part->iov_len >= whole.iov_len) {
        errno = EFAULT;
        return -1;
    }
    memcpy(all, part->iov_base, part->iov_len);
    return call(PTRACE_SETREGSET, pid, (void *)NT_X86_XSTATE, &whole);
}

long ptrace(enum __ptrace_request request, ...)
{
    va_list args;
    va_start(args, request);
    pid_t pid = va_arg(args, pid_t);
    void *address = va_arg(args, void *), *data = va_arg(args, void *);
    va_end(args);

    long word = 0;
    switch (request) {
    case PTRACE_PEEKTEXT: /* the system call stores the word, the C library returns it */
    case PTRACE_PEEKDATA:
    case PTRACE_PEEKUSER:
        if (call(request, pid, address, &word) < 0)
            return -1;
        errno = 0;
        return word;
    default:
        break;
    }
    long rc = call(request, pid, address, data);
    if (rc < 0 && errno == EFAULT && request == PTRACE_SETREGSET && data &&
        address == (void *)NT_X86_XSTATE)
        rc = set_all(pid, data);
    return rc;
}
