/* SPDX-License-Identifier: Apache-2.0 */
#include "emu/usb/wire.h"

#include "base/file.h"
#include "emu/model/bytes.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

#define VHCI "/sys/devices/platform/vhci_hcd.0/attach"
#define HIGH_SPEED 3
#define DEVICE_ID 0x00010002
#define HEADER 48
#define RETRY_MS 20

enum { SUBMIT = 1, UNLINK, SUBMITTED, UNLINKED };

/* By write(2), so that the kernel's answer is heard: several attach at the same time. */
static int offer(int end, int port, struct lethe_error *err)
{
    char text[64];
    int n = snprintf(text, sizeof(text), "%d %d %u %d", port, end, DEVICE_ID, HIGH_SPEED);
    LETHE_FD_AUTO attach = lethe_file_open(VHCI, O_WRONLY, 0, err);
    if (attach < 0)
        return attach;
    return write(attach, text, (size_t)n) == n ? 0 : -errno;
}

int lethe_vhci_attach(int first, int last, unsigned wait_ms, int *port, struct lethe_error *err)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return lethe_fail_errno(err, errno, "a socket for the USB port");
    LETHE_FD_AUTO kernel = pair[1]; /* once attached, it has one of its own */
    LETHE_FD_AUTO ours = pair[0];
    for (unsigned waited = 0;; waited += RETRY_MS) {
        for (*port = first; *port <= last; (*port)++) {
            int rc = offer(kernel, *port, err);
            if (rc == 0) {
                rc = ours;
                ours = -1;
                return rc;
            }
            if (rc != -EBUSY && rc != -EINVAL)
                return lethe_fail(err, LETHE_E_IO, "USB port %d can't be used: %s", *port,
                                  err && err->what[0] ? err->what : strerror(-rc));
        }
        if (waited >= wait_ms)
            return lethe_fail(err, LETHE_E_BUSY, "no USB port from %d to %d of vhci_hcd is free",
                              first, last);
        nanosleep(&(struct timespec){.tv_nsec = RETRY_MS * 1000000L}, NULL);
    }
}

int lethe_urb_read_data(int line, void *to, size_t n)
{
    for (size_t done = 0; done < n;) {
        ssize_t got = read(line, (uint8_t *)to + done, n - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return 0;
        done += (size_t)got;
    }
    return 1;
}

int lethe_urb_read(int line, struct lethe_urb *out)
{
    uint8_t header[HEADER];
    if (lethe_urb_read_data(line, header, sizeof(header)) == 0)
        return 0;
    uint64_t command = get_be(header, 4);
    memset(out, 0, sizeof(*out));
    out->sequence = (uint32_t)get_be(header + 4, 4);
    out->in = get_be(header + 12, 4) == 1;
    out->endpoint = (uint8_t)get_be(header + 16, 4);
    out->unlink = command == UNLINK;
    if (out->unlink) {
        out->victim = (uint32_t)get_be(header + 20, 4);
        return 1;
    }
    out->length = (uint32_t)get_be(header + 24, 4);
    memcpy(out->setup, header + 40, sizeof(out->setup));
    return command == SUBMIT && out->length <= LETHE_URB_MAX;
}

int lethe_urb_done(int line, const struct lethe_urb *urb, int status, const void *from, size_t n)
{
    uint8_t header[HEADER] = {0};
    put_be(header, 4, urb->unlink ? UNLINKED : SUBMITTED);
    put_be(header + 4, 4, urb->sequence);
    put_be(header + 20, 4, (uint32_t)status);
    put_be(header + 24, 4, n);
    struct iovec parts[2] = {{header, sizeof(header)}, {(void *)(uintptr_t)from, urb->in ? n : 0}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = parts[1].iov_len > 0 ? 2 : 1};
    while (message.msg_iovlen > 0) {
        ssize_t put = sendmsg(line, &message, MSG_NOSIGNAL);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return -errno;
        for (size_t left = (size_t)put; message.msg_iovlen > 0;) {
            struct iovec *part = message.msg_iov;
            size_t taken = left < part->iov_len ? left : part->iov_len;
            part->iov_base = (uint8_t *)part->iov_base + taken;
            part->iov_len -= taken;
            left -= taken;
            if (part->iov_len > 0)
                break;
            message.msg_iov++;
            message.msg_iovlen--;
        }
    }
    return 0;
}
