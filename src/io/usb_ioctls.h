/* SPDX-License-Identifier: Apache-2.0 */
/* The ioctls that bulk transfers need once the interface is claimed, for who builds a system call
 * filter: none of them reaches another interface's claim, resets the device or changes its
 * configuration. */
#ifndef LETHE_IO_USB_IOCTLS_H
#define LETHE_IO_USB_IOCTLS_H

#define LETHE_USB_IOCTLS 5
extern const unsigned long lethe_usb_ioctls[LETHE_USB_IOCTLS];

#endif
