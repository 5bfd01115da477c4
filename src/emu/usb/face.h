/* SPDX-License-Identifier: Apache-2.0 */
/* What a USB device shows of itself: descriptors, and the requests that every device answers
 * (USB 2.0, 9.4). */
#ifndef LETHE_EMU_USB_FACE_H
#define LETHE_EMU_USB_FACE_H

#include "emu/usb/wire.h"

#define LETHE_FACE_TEXTS 6
#define LETHE_FACE_CONFIGURATION_MAX 128
#define LETHE_CONTROL_MAX 256

struct lethe_face {
    uint8_t device_class;
    uint16_t vendor, product, release;
    /* Numbered from 1: maker, product, serial number (these three in the device descriptor; ""
     * none), and what `configuration` names. */
    char texts[LETHE_FACE_TEXTS][64];
    uint8_t configuration[LETHE_FACE_CONFIGURATION_MAX]; /* with all that belongs to it */
    size_t n_configuration;
    uint8_t configured; /* bConfigurationValue that the host has set; 0 none */
};

/* One interface with two bulk endpoints, 1 OUT and 81h IN, at high speed. TEXT: the number of its
 * name, or 0. */
void lethe_face_bulk(struct lethe_face *face, uint8_t class_, uint8_t subclass, uint8_t protocol,
                     uint8_t text);
/* Answer a control request into OUT: how many bytes, or -EPIPE (a stall) for what isn't known. */
int lethe_face_control(struct lethe_face *face, const uint8_t setup[8],
                       uint8_t out[LETHE_CONTROL_MAX]);

#endif
