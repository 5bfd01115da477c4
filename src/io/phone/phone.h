/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Openers of real phones. libusb and libimobiledevice are in one program, lethe-worker-phone, which
 * registers them; in every other process opening a phone says so. No constructor magic: one call in
 * its main().
 */
#ifndef LETHE_IO_PHONE_PHONE_H
#define LETHE_IO_PHONE_PHONE_H

#include <lethe/io.h>

/* Which interface of the device, and its bulk endpoints (proto/usb_descriptors.h). */
struct lethe_usb_pipe {
    uint8_t interface, in, out;
    bool ends; /* an OUT transfer of whole packets is followed by an empty one: ADB, not fastboot */
};

struct lethe_phone_io {
    /* FD: the device's usbfs node, read-write, of which this claims PIPE's interface until it is
     * closed. -LETHE_E_BUSY when another program of this bench holds it. */
    int (*open_usb)(int fd, const struct lethe_usb_pipe *pipe, struct lethe_io **out,
                    struct lethe_error *err);
    /* src/io/phone/apple.h */
    int (*open_apple)(const char *path, const char *udid, struct lethe_io **out,
                      struct lethe_error *err);
};
extern const struct lethe_phone_io lethe_phone_io_real; /* lethe_io_phone */
void lethe_phone_io_use(const struct lethe_phone_io *openers);

/* What drivers call: the registered opener, or -LETHE_E_UNSUPPORTED ("needs lethe-worker-phone").
 */
int lethe_phone_open_usb(int fd, const struct lethe_usb_pipe *pipe, struct lethe_io **out,
                         struct lethe_error *err);
int lethe_phone_open_apple(const char *path, const char *udid, struct lethe_io **out,
                           struct lethe_error *err);

/* A SOCK_SEQPACKET (or datagram pair's) descriptor as a phone's bulk pipe, for emulated ones: one
 * datagram is one transfer of at most LETHE_USB_TRANSFER_MAX. In every program. FD is not closed
 * before lethe_io_close(). */
#define LETHE_USB_TRANSFER_MAX ((size_t)64 << 10)
int lethe_io_packet_open(int fd, struct lethe_io **out, struct lethe_error *err);
/* A phone in a mode without an interface that could be asked (ADB off, MTP): it is there, and that
 * is all; commands are -EOPNOTSUPP. */
int lethe_io_mute_open(struct lethe_io **out, struct lethe_error *err);

#endif
