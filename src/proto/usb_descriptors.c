/* SPDX-License-Identifier: Apache-2.0 */
#include "proto/usb_descriptors.h"

#include "proto/bytes.h"

#include <ctype.h>
#include <string.h>

enum { DEVICE = 1, CONFIGURATION = 2, INTERFACE = 4, ENDPOINT = 5 };
enum { DEVICE_SIZE = 18, CONFIGURATION_SIZE = 9, INTERFACE_SIZE = 9, ENDPOINT_SIZE = 7 };
#define ENDPOINT_IN 0x80
#define BULK 2

static void take_endpoint(const uint8_t *p, struct lethe_usb_interface *interface)
{
    if ((p[3] & 3) != BULK)
        return;
    uint8_t *address = p[2] & ENDPOINT_IN ? &interface->bulk_in : &interface->bulk_out;
    uint16_t *packet = p[2] & ENDPOINT_IN ? &interface->packet_in : &interface->packet_out;
    if (*address)
        return;
    *address = p[2];
    *packet = lethe_le16(p + 4);
}

static struct lethe_usb_interface *take_interface(const uint8_t *p, uint8_t configuration,
                                                  struct lethe_usb_device *out)
{
    if (out->n_interfaces == LETHE_USB_INTERFACES_MAX)
        return NULL;
    struct lethe_usb_interface *interface = &out->interfaces[out->n_interfaces++];
    *interface = (struct lethe_usb_interface){.configuration = configuration,
                                              .number = p[2],
                                              .alternate = p[3],
                                              .klass = p[5],
                                              .subclass = p[6],
                                              .protocol = p[7],
                                              .name_index = p[8]};
    return interface;
}

int lethe_usb_descriptors_parse(const uint8_t *data, size_t len, struct lethe_usb_device *out,
                                struct lethe_error *err)
{
    memset(out, 0, sizeof(*out));
    if (len < DEVICE_SIZE || len > LETHE_USB_DESCRIPTORS_MAX || data[0] != DEVICE_SIZE ||
        data[1] != DEVICE)
        return lethe_fail(err, LETHE_E_INVALID, "these are no USB descriptors");
    out->klass = data[4];
    out->subclass = data[5];
    out->protocol = data[6];
    out->vendor = lethe_le16(data + 8);
    out->product = lethe_le16(data + 10);
    out->release = lethe_le16(data + 12);
    out->serial_index = data[16];
    out->n_configurations = data[17];
    uint8_t configuration = 0;
    struct lethe_usb_interface *interface = NULL;
    for (size_t at = DEVICE_SIZE; at < len;) {
        const uint8_t *p = data + at;
        if (len - at < 2 || p[0] < 2 || p[0] > len - at)
            return lethe_fail(err, LETHE_E_INVALID, "a USB descriptor goes beyond its end");
        if (p[1] == CONFIGURATION && p[0] >= CONFIGURATION_SIZE) {
            configuration = p[5];
            interface = NULL;
        } else if (p[1] == INTERFACE && p[0] >= INTERFACE_SIZE) {
            interface = take_interface(p, configuration, out);
        } else if (p[1] == ENDPOINT && p[0] >= ENDPOINT_SIZE && interface) {
            take_endpoint(p, interface);
        }
        at += p[0];
    }
    return 0;
}

const struct lethe_usb_interface *lethe_usb_interface_find(const struct lethe_usb_device *device,
                                                           uint8_t klass, uint8_t subclass,
                                                           uint8_t protocol, bool bulk)
{
    for (size_t i = 0; i < device->n_interfaces; i++) {
        const struct lethe_usb_interface *interface = &device->interfaces[i];
        if (interface->klass == klass && interface->subclass == subclass &&
            interface->protocol == protocol && interface->alternate == 0 &&
            (!bulk || (interface->bulk_in && interface->bulk_out)))
            return interface;
    }
    return NULL;
}

int lethe_usb_apple_udid(const char *serial, char out[LETHE_UDID_SIZE])
{
    size_t len = strlen(serial);
    for (size_t i = 0; i < len; i++)
        if (!isxdigit((unsigned char)serial[i]))
            return -LETHE_E_INVALID;
    if (len == 40) {
        memcpy(out, serial, len + 1);
    } else if (len == 24) {
        memcpy(out, serial, 8);
        out[8] = '-';
        memcpy(out + 9, serial + 8, len - 8 + 1);
    } else {
        return -LETHE_E_INVALID;
    }
    return 0;
}
