/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A USB device of one bulk pipe, on a kernel's port: what the host writes becomes datagrams on a
 * SOCK_SEQPACKET descriptor, a transfer each, and datagrams become what the host reads: the same
 * link that workers speak over without a kernel between.
 */
#ifndef LETHE_EMU_USB_PIPE_H
#define LETHE_EMU_USB_PIPE_H

#include "emu/usb/face.h"

/* Of a transfer of the host's, each so many bytes are a datagram; those of the device are no
 * larger. */
#define LETHE_PIPE_TRANSFER ((size_t)64 << 10)

enum lethe_pipe_end {
    LETHE_PIPE_LEFT = 1, /* the link was closed: the device leaves its port */
    LETHE_PIPE_DETACHED, /* the host let go of the device */
};
struct lethe_pipe {
    int line; /* lethe_vhci_attach() */
    int link; /* below 0: a device that never says anything */
    struct lethe_face *face;
    bool (*stays)(void *user); /* asked now and then: is the device still on its port? */
    void *user;
};
/* Until either end is closed, the device doesn't stay, or LINE speaks nonsense, which is no host;
 * -LETHE_E_* where the memory ran out. */
int lethe_pipe_serve(const struct lethe_pipe *pipe, struct lethe_error *err);

#endif
