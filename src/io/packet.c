/* SPDX-License-Identifier: Apache-2.0 */
/* The bulk pipe of an emulated phone: a socket that keeps the borders of transfers. */
#include "io/phone/phone.h"

#include <base/time.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

struct packet_io {
    struct lethe_io io;
    int fd;
};

static int fd_of(struct lethe_io *io)
{
    return ((struct packet_io *)io)->fd;
}

/* Until EVENT or the DEADLINE: 0, -ETIMEDOUT or -errno. */
static int wait_for(int fd, short event, uint64_t deadline)
{
    for (;;) {
        uint64_t now = lethe_monotonic_ms();
        struct pollfd poller = {.fd = fd, .events = event};
        int n = poll(&poller, 1, now < deadline ? (int)(deadline - now) : 0);
        if (n > 0)
            return 0; /* a hang-up too: the transfer then says what is the matter */
        if (n == 0 && now >= deadline)
            return -ETIMEDOUT;
        if (n < 0 && errno != EINTR)
            return -errno;
    }
}

/* What the socket says when the phone's side has closed. */
static int gone(int errnum)
{
    return errnum == EPIPE || errnum == ECONNRESET ? -ENODEV : -errnum;
}

static int transfer_out(int fd, struct lethe_command *command, uint64_t deadline)
{
    for (;;) {
        ssize_t n = send(fd, command->data, command->data_len, MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n >= 0) {
            command->transferred = (size_t)n;
            return (size_t)n == command->data_len ? 0 : -EIO;
        }
        if (errno != EAGAIN && errno != EINTR)
            return gone(errno);
        int rc = wait_for(fd, POLLOUT, deadline);
        if (rc < 0)
            return rc;
    }
}

static int transfer_in(int fd, struct lethe_command *command, uint64_t deadline)
{
    for (;;) {
        int rc = wait_for(fd, POLLIN, deadline);
        if (rc < 0)
            return rc;
        struct iovec iov = {command->data, command->data_len};
        struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};
        ssize_t n = recvmsg(fd, &message, MSG_DONTWAIT);
        if (n == 0)
            return -ENODEV;
        if (n > 0) {
            command->transferred = (size_t)n;
            /* As with a bulk endpoint: more than was asked for is an error of the device. */
            return message.msg_flags & MSG_TRUNC ? -EOVERFLOW : 0;
        }
        if (errno != EAGAIN && errno != EINTR)
            return gone(errno);
    }
}

static int packet_command(struct lethe_io *io, struct lethe_command *command)
{
    command->transferred = 0;
    command->result = 0;
    command->n_sense = 0;
    if (command->set != LETHE_SET_USB || command->direction == LETHE_DATA_NONE)
        return -EOPNOTSUPP;
    if (command->data_len == 0 || command->data_len > LETHE_USB_TRANSFER_MAX)
        return -EINVAL;
    uint64_t deadline = lethe_monotonic_ms() + command->timeout_ms;
    return command->direction == LETHE_DATA_OUT ? transfer_out(fd_of(io), command, deadline)
                                                : transfer_in(fd_of(io), command, deadline);
}

static void packet_close(struct lethe_io *io)
{
    free(io);
}

static const struct lethe_io_ops packet_ops = {
    .name = "packet",
    .command = packet_command,
    .close = packet_close,
};

int lethe_io_packet_open(int fd, struct lethe_io **out, struct lethe_error *err)
{
    struct packet_io *self = calloc(1, sizeof(*self));
    *out = NULL;
    if (!self)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    self->fd = fd;
    self->io.ops = &packet_ops;
    *out = &self->io;
    return 0;
}
