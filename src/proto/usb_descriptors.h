/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a device shows of itself on USB: sysfs's `descriptors` (the device's and all of its
 * configurations'), and what phone in which mode that is. A maker's number alone makes no phone:
 * the same makers build drives, printers and keyboards.
 */
#ifndef LETHE_PROTO_USB_DESCRIPTORS_H
#define LETHE_PROTO_USB_DESCRIPTORS_H

#include <lethe/error.h>
#include <lethe/phone.h>
#include <stddef.h>
#include <stdint.h>

#define LETHE_USB_INTERFACES_MAX 48
#define LETHE_USB_DESCRIPTORS_MAX ((size_t)65536)

struct lethe_usb_interface {
    uint8_t configuration; /* bConfigurationValue it belongs to */
    uint8_t number, alternate;
    uint8_t klass, subclass, protocol;
    uint8_t name_index;        /* of its string, 0 none */
    char name[32];             /* the string: not in the descriptors; for who has it (sysfs) */
    uint8_t bulk_in, bulk_out; /* endpoint addresses, 0 none: the first of each */
    uint16_t packet_in, packet_out;
};
struct lethe_usb_device {
    uint16_t vendor, product, release;
    uint8_t klass, subclass, protocol;
    uint8_t serial_index;
    uint8_t n_configurations;
    size_t n_interfaces;
    struct lethe_usb_interface interfaces[LETHE_USB_INTERFACES_MAX];
};
/* Interfaces above the limit are left out: no phone has so many. */
int lethe_usb_descriptors_parse(const uint8_t *data, size_t len, struct lethe_usb_device *out,
                                struct lethe_error *err);

/* One that fits; ALTERNATE 0, with both bulk endpoints where BULK. NULL: none. */
const struct lethe_usb_interface *lethe_usb_interface_find(const struct lethe_usb_device *device,
                                                           uint8_t klass, uint8_t subclass,
                                                           uint8_t protocol, bool bulk);

struct lethe_usb_phone {
    enum lethe_phone_family family; /* NONE: no phone */
    enum lethe_phone_mode mode;
    const struct lethe_usb_interface *interface; /* to talk to: adb, fastboot, mux; or NULL */
    const char *maker;                           /* "Samsung"; "" unknown */
    const char *what; /* in plain words, for what can't be talked to; "" else */
};
/*
 * By descriptors alone: adb is NORMAL, or RECOVERY where the numbers are those of a recovery; which
 * of device, recovery, sideload or rescue it is only its own banner tells. Fastboot and fastbootd
 * look alike: FASTBOOT.
 */
void lethe_usb_phone_classify(const struct lethe_usb_device *device, struct lethe_usb_phone *out);

/* usbmuxd's UDID of an Apple device from its USB serial: "-" behind the eighth of 24 digits.
 * -LETHE_E_INVALID for what is neither 24 nor 40 hexadecimal digits. */
#define LETHE_UDID_SIZE ((size_t)41)
int lethe_usb_apple_udid(const char *serial, char out[LETHE_UDID_SIZE]);

#endif
