/* SPDX-License-Identifier: Apache-2.0 */
#include "io/usb_ioctls.h"

#include <linux/usbdevice_fs.h>
#include <sys/ioctl.h>

const unsigned long lethe_usb_ioctls[LETHE_USB_IOCTLS] = {
    USBDEVFS_SUBMITURB,  USBDEVFS_REAPURBNDELAY,    USBDEVFS_DISCARDURB,
    USBDEVFS_CLEAR_HALT, USBDEVFS_RELEASEINTERFACE,
};
