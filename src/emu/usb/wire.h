/* SPDX-License-Identifier: Apache-2.0 */
/*
 * USB/IP, the device's side: the requests (urbs) of a kernel's vhci_hcd for one USB device, over a
 * stream that it was given (no network). Documentation/usb/usbip_protocol of the kernel.
 */
#ifndef LETHE_EMU_USB_WIRE_H
#define LETHE_EMU_USB_WIRE_H

#include <lethe/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* More than any driver asks for in one request. */
#define LETHE_URB_MAX ((size_t)2 << 20)
#define LETHE_VHCI_PORTS 8 /* of high speed, of the first controller */

struct lethe_urb {
    uint32_t sequence;
    bool unlink;      /* not a request: `victim` is no longer wanted */
    uint32_t victim;  /* its sequence */
    uint8_t endpoint; /* without the direction's bit; 0 is control */
    bool in;          /* to the host */
    uint32_t length;  /* of the data, which for OUT follow on the stream */
    uint8_t setup[8];
};

/* Attach a device to the first port from FIRST to LAST that is free, or becomes so within
 * WAIT_MS (a port that was left needs a moment). Our end of the stream; *PORT is which. */
int lethe_vhci_attach(int first, int last, unsigned wait_ms, int *port, struct lethe_error *err);
/* 1 a request is there, 0 the host let go of the device; it blocks. */
int lethe_urb_read(int line, struct lethe_urb *out);
/* All N bytes of what follows an OUT request: 1, or 0 as above. */
int lethe_urb_read_data(int line, void *to, size_t n);
/* How it went: STATUS 0 or -errno; FROM is what an IN request brings, N how much was moved. */
int lethe_urb_done(int line, const struct lethe_urb *urb, int status, const void *from, size_t n);

#endif
