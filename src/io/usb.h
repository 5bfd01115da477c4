/* SPDX-License-Identifier: Apache-2.0 */
/* USB devices that no kernel driver holds, in the supervisor: opened, claimed, handed on. What is
 * said to them is a worker's (src/io/phone/). */
#ifndef LETHE_IO_USB_H
#define LETHE_IO_USB_H

#include <lethe/error.h>

/* /dev/bus/usb/BUS/NUMBER, read and write. */
int lethe_usb_open(const char *node, struct lethe_error *err);
/* Nobody else of Lethe's holds it, by a lock on the open file: -LETHE_E_BUSY. */
int lethe_usb_lock(int fd, struct lethe_error *err);
/* The interface NUMBER is ours, of this open file and its duplicates, until it is closed.
 * -LETHE_E_BUSY when another program has it. Claiming what is ours already is fine. */
int lethe_usb_claim(int fd, unsigned number, struct lethe_error *err);

#endif
