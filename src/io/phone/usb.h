/* SPDX-License-Identifier: Apache-2.0 */
/* Bulk transfers of a phone by libusb: only in lethe-worker-phone. */
#ifndef LETHE_IO_PHONE_USB_H
#define LETHE_IO_PHONE_USB_H

#include <io/phone/phone.h>

/* See `open_usb` of io/phone/phone.h. Everything that needs more than transfers is done here,
 * before the sandbox: afterwards it is the ioctls of lethe_usb_ioctls (io/usb_ioctls.h), poll, a
 * timerfd and an eventfd. */
int lethe_phone_usb_open(int fd, const struct lethe_usb_pipe *pipe, struct lethe_io **out,
                         struct lethe_error *err);

#endif
