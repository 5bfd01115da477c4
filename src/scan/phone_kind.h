/* SPDX-License-Identifier: Apache-2.0 */
/* What a USB device is to a bench, by its numbers, names and interfaces alone: nothing is sent to
 * it (facts/phones.md 1.1, 2.1, 4). */
#ifndef LETHE_SCAN_PHONE_KIND_H
#define LETHE_SCAN_PHONE_KIND_H

#include "proto/usb_descriptors.h"

/* As the kernel read it when it was plugged in; strings cleaned. */
struct lethe_usb_sight {
    struct lethe_usb_device usb; /* with the names of its interfaces */
    uint8_t configuration;       /* in use */
    char maker[64], name[96], serial[128];
};

/* Through what it can be asked. */
enum lethe_phone_talk { LETHE_TALK_NONE, LETHE_TALK_MUX, LETHE_TALK_ADB, LETHE_TALK_FASTBOOT };

struct lethe_phone_kind {
    struct lethe_usb_phone usb; /* family NONE: no phone, tablet, player or camera */
    enum lethe_phone_talk talk;
    bool tablet;
    char serial[64]; /* as the maker printed it, where the USB serial holds it (Apple's recovery) */
    char udid[64];   /* Apple's */
    char advice[256]; /* to the operator, in plain words; "" nothing to be done */
};
/* OUT points into SIGHT. */
void lethe_phone_kind(const struct lethe_usb_sight *sight, struct lethe_phone_kind *out);

#endif
