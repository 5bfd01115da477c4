/* SPDX-License-Identifier: Apache-2.0 */
/* USB descriptors, and what phone they make. */
#include "proto/usb_descriptors.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lethe_usb_device device;
    struct lethe_usb_phone phone;
    char serial[64], udid[LETHE_UDID_SIZE];
    if (lethe_usb_descriptors_parse(data, size, &device, NULL) == 0) {
        if (device.n_interfaces > LETHE_USB_INTERFACES_MAX)
            abort();
        lethe_usb_phone_classify(&device, &phone);
        if (phone.interface && (!phone.interface->bulk_in || !phone.interface->bulk_out))
            abort();
        if (phone.family == LETHE_FAMILY_NONE && (phone.interface || phone.what[0]))
            abort();
    }
    size_t len = size < sizeof serial - 1 ? size : sizeof serial - 1;
    memcpy(serial, data, len);
    serial[len] = '\0';
    if (lethe_usb_apple_udid(serial, udid) == 0 && strlen(udid) != 40 && strlen(udid) != 25)
        abort();
    return 0;
}
