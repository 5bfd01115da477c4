/* SPDX-License-Identifier: Apache-2.0 */
/* How a phone looks on its port, mode by mode (facts/phones.md 1.1, 2.1). */
#include "base/text.h"
#include "emu/phone/android.h"
#include <stdio.h>
#include <string.h>

struct look {
    enum lethe_phone_family family;
    enum lethe_phone_mode mode;
    uint16_t vendor, product; /* unless its personality says otherwise, where it runs its system */
    uint8_t class_, subclass, protocol;
    const char *interface;
};

static const struct look looks[] = {
    {LETHE_FAMILY_ANDROID, LETHE_MODE_NORMAL, 0x18d1, 0x4ee7, 0xff, 0x42, 1, "ADB Interface"},
    {LETHE_FAMILY_ANDROID, LETHE_MODE_CLOSED, 0x18d1, 0x4ee1, 0x06, 0x01, 1, "MTP"},
    {LETHE_FAMILY_ANDROID, LETHE_MODE_PTP, 0x18d1, 0x4ee5, 0x06, 0x01, 1, "PTP"},
    {LETHE_FAMILY_ANDROID, LETHE_MODE_RECOVERY, 0x18d1, 0xd001, 0xff, 0x42, 1, "ADB Interface"},
    {LETHE_FAMILY_ANDROID, LETHE_MODE_SIDELOAD, 0x18d1, 0xd001, 0xff, 0x42, 1, "ADB Interface"},
    {LETHE_FAMILY_ANDROID, LETHE_MODE_RESCUE, 0x18d1, 0xd001, 0xff, 0x42, 1, "ADB Interface"},
    {LETHE_FAMILY_ANDROID, LETHE_MODE_FASTBOOT, 0x18d1, 0x4ee0, 0xff, 0x42, 3, "fastboot"},
    {LETHE_FAMILY_ANDROID, LETHE_MODE_FASTBOOTD, 0x18d1, 0x4ee0, 0xff, 0x42, 3, "fastboot"},
    {LETHE_FAMILY_ANDROID, LETHE_MODE_DOWNLOAD, 0x04e8, 0x685d, 0x0a, 0, 0, "Gadget Serial"},
    {LETHE_FAMILY_ANDROID, LETHE_MODE_EDL, 0x05c6, 0x9008, 0xff, 0xff, 0xff, "QUSB__BULK"},
    {LETHE_FAMILY_IOS, LETHE_MODE_NORMAL, 0x05ac, 0x12a8, 0xff, 0xfe, 2, "Apple USB Multiplexor"},
    {LETHE_FAMILY_IOS, LETHE_MODE_CLOSED, 0x05ac, 0x12a8, 0x06, 0x01, 1, "PTP"},
    {LETHE_FAMILY_IOS, LETHE_MODE_RECOVERY, 0x05ac, 0x1281, 0xfe, 0xff, 0, "Apple Mobile Device"},
    {LETHE_FAMILY_IOS, LETHE_MODE_DFU, 0x05ac, 0x1227, 0xfe, 0x01, 0, "Apple Mobile Device"},
};

void phone_face(const struct phone *phone, struct lethe_face *out)
{
    const struct look *look = NULL;
    unsigned vendor, product;
    *out = (struct lethe_face){.release = 0x0510};
    for (size_t i = 0; i < sizeof(looks) / sizeof(*looks); i++)
        if (looks[i].family == phone_family(phone) && looks[i].mode == phone_mode(phone))
            look = &looks[i];
    if (!look)
        return;
    bool silent = look->mode == LETHE_MODE_RECOVERY &&
                  phone_family(phone) == LETHE_FAMILY_ANDROID && !android_answers(phone);
    out->vendor = look->vendor;
    out->product = look->product;
    bool known = sscanf(phone_trait_text(phone, "usb"), "%4x:%4x", &vendor, &product) == 2;
    /* Without adb a maker's phone has a number of its own, and so has Google's. */
    if (known && (look->mode == LETHE_MODE_NORMAL ||
                  (look->mode == LETHE_MODE_CLOSED && vendor != look->vendor))) {
        out->vendor = (uint16_t)vendor;
        out->product = (uint16_t)product;
    }
    const char *texts[] = {phone_trait_text(phone, "vendor"), phone_trait_text(phone, "model"),
                           phone_serial(phone), look->interface};
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
        lethe_text_format(out->texts[i], sizeof(out->texts[i]), "%s", texts[i]);
    /* A gadget of no function still has a configuration. */
    lethe_face_bulk(out, look->class_, silent ? 0 : look->subclass, silent ? 0 : look->protocol, 4);
}
