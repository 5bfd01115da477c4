/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bulk pipe of a phone on a real port. libusb gets the descriptor that the supervisor opened
 * and looks for no other device; one transfer is in flight at a time.
 */
#include "io/phone/usb.h"

#include <errno.h>
#include <libusb.h>
#include <stdlib.h>
#include <sys/time.h>

struct usb_io {
    struct lethe_io io;
    libusb_context *context;
    libusb_device_handle *handle;
    struct libusb_transfer *transfer;
    struct lethe_usb_pipe pipe;
    int packet_out; /* bytes of a packet to the phone */
    bool claimed;
};

static struct usb_io *usb_of(struct lethe_io *io)
{
    return (struct usb_io *)io;
}

static int errno_of_call(int rc)
{
    switch (rc) {
    case LIBUSB_SUCCESS:
        return 0;
    case LIBUSB_ERROR_NO_DEVICE:
    case LIBUSB_ERROR_NOT_FOUND:
        return -ENODEV;
    case LIBUSB_ERROR_BUSY:
        return -EBUSY;
    case LIBUSB_ERROR_NO_MEM:
        return -ENOMEM;
    default:
        return -EIO;
    }
}

static int errno_of_transfer(enum libusb_transfer_status status)
{
    switch (status) {
    case LIBUSB_TRANSFER_COMPLETED:
        return 0;
    case LIBUSB_TRANSFER_TIMED_OUT:
        return -ETIMEDOUT;
    case LIBUSB_TRANSFER_NO_DEVICE:
        return -ENODEV;
    case LIBUSB_TRANSFER_STALL:
        return -EPIPE;
    case LIBUSB_TRANSFER_OVERFLOW:
        return -EOVERFLOW;
    default:
        return -EIO;
    }
}

static void LIBUSB_CALL ended(struct libusb_transfer *transfer)
{
    *(int *)transfer->user_data = 1;
}

/* Until the transfer has ended, by itself, by its time limit or cancelled: the buffer is the
 * caller's again only then. */
static void finish(struct usb_io *self, int *done)
{
    while (!*done) {
        struct timeval slice = {.tv_sec = 1};
        int rc = libusb_handle_events_timeout_completed(self->context, &slice, done);
        if (rc < 0 && rc != LIBUSB_ERROR_INTERRUPTED && !*done &&
            libusb_cancel_transfer(self->transfer) == LIBUSB_ERROR_NOT_FOUND)
            return;
    }
}

static int usb_command(struct lethe_io *io, struct lethe_command *command)
{
    struct usb_io *self = usb_of(io);
    bool out = command->direction == LETHE_DATA_OUT;
    command->transferred = 0;
    command->result = 0;
    command->n_sense = 0;
    if (command->set != LETHE_SET_USB || command->direction == LETHE_DATA_NONE)
        return -EOPNOTSUPP;
    if (command->data_len == 0 || command->data_len > LETHE_USB_TRANSFER_MAX)
        return -EINVAL;

    int done = 0, len = (int)command->data_len;
    /* No time at all would be for ever. */
    unsigned timeout = command->timeout_ms ? command->timeout_ms : 1;
    libusb_fill_bulk_transfer(self->transfer, self->handle, out ? self->pipe.out : self->pipe.in,
                              command->data, len, ended, &done, timeout);
    bool whole = self->packet_out > 0 && len % self->packet_out == 0;
    self->transfer->flags = out && self->pipe.ends && whole ? LIBUSB_TRANSFER_ADD_ZERO_PACKET : 0;
    int rc = libusb_submit_transfer(self->transfer);
    if (rc < 0)
        return errno_of_call(rc);
    finish(self, &done);

    enum libusb_transfer_status status = self->transfer->status;
    command->transferred = (size_t)self->transfer->actual_length;
    rc = errno_of_transfer(status);
    if (status == LIBUSB_TRANSFER_STALL)
        libusb_clear_halt(self->handle, self->transfer->endpoint);
    if (rc == 0 && out && command->transferred != command->data_len)
        return -EIO;
    /* What came before the time was up has come. */
    return rc == -ETIMEDOUT && !out && command->transferred > 0 ? 0 : rc;
}

static void usb_close(struct lethe_io *io)
{
    struct usb_io *self = usb_of(io);
    if (self->claimed)
        libusb_release_interface(self->handle, self->pipe.interface);
    libusb_free_transfer(self->transfer);
    if (self->handle)
        libusb_close(self->handle);
    libusb_exit(self->context);
    free(self);
}

static const struct lethe_io_ops usb_ops = {
    .name = "usb",
    .command = usb_command,
    .close = usb_close,
};

static int fail_call(int rc, const char *doing, struct lethe_error *err)
{
    if (rc == LIBUSB_ERROR_BUSY) {
        lethe_fail(err, LETHE_E_BUSY, "another program of this bench holds the phone's connection");
        lethe_error_remedy(err, "stop it; an adb server with: adb kill-server");
        return -LETHE_E_BUSY;
    }
    if (rc == LIBUSB_ERROR_NO_DEVICE)
        return lethe_fail(err, LETHE_E_GONE, "the phone has left its port");
    return lethe_fail(err, LETHE_E_IO, "the phone's USB connection can't be %s (%s)", doing,
                      libusb_error_name(rc));
}

static int open_claimed(struct usb_io *self, int fd, struct lethe_error *err)
{
    libusb_set_option(NULL, LIBUSB_OPTION_NO_DEVICE_DISCOVERY);
    int rc = libusb_init(&self->context);
    if (rc < 0) {
        self->context = NULL;
        return fail_call(rc, "prepared", err);
    }
    rc = libusb_wrap_sys_device(self->context, fd, &self->handle);
    if (rc < 0) {
        self->handle = NULL;
        return fail_call(rc, "opened", err);
    }
    rc = libusb_claim_interface(self->handle, self->pipe.interface);
    if (rc < 0)
        return fail_call(rc, "claimed", err);
    self->claimed = true;
    self->packet_out = libusb_get_max_packet_size(libusb_get_device(self->handle), self->pipe.out);
    self->transfer = libusb_alloc_transfer(0);
    return self->transfer ? 0 : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
}

int lethe_phone_usb_open(int fd, const struct lethe_usb_pipe *pipe, struct lethe_io **out,
                         struct lethe_error *err)
{
    *out = NULL;
    if (!(pipe->in & LIBUSB_ENDPOINT_IN) || pipe->out & LIBUSB_ENDPOINT_IN)
        return lethe_fail(err, LETHE_E_INVALID, "these are no bulk endpoints of a phone");
    struct usb_io *self = calloc(1, sizeof(*self));
    if (!self)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    self->io.ops = &usb_ops;
    self->pipe = *pipe;
    int rc = open_claimed(self, fd, err);
    if (rc < 0) {
        usb_close(&self->io);
        return rc;
    }
    *out = &self->io;
    return 0;
}
