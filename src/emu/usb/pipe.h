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
    LETHE_PIPE_LEFT,     /* the link was closed: the device leaves its port */
    LETHE_PIPE_DETACHED, /* the host let go of the device */
};
/* Serve FACE on LINE (lethe_vhci_attach()) over LINK; a LINK below 0 is a device that never says
 * anything. Until either end is closed, or LINE speaks nonsense, which is no host; -LETHE_E_* where
 * the memory ran out. */
int lethe_pipe_serve(int line, int link, struct lethe_face *face, struct lethe_error *err);

#endif
