/* SPDX-License-Identifier: Apache-2.0 */
/* Which phone, in which mode, by numbers and interfaces (facts/phones.md 1.1, 2.1, 4). */
#include "proto/usb_descriptors.h"

#include <stddef.h>
#include <string.h>

#define APPLE 0x05ac
#define GOOGLE 0x18d1

static const struct {
    uint16_t vendor;
    const char *maker;
} makers[] = {
    {GOOGLE, "Google"},    {0x04e8, "Samsung"},  {0x2717, "Xiaomi"},   {0x12d1, "Huawei"},
    {0x339b, "Honor"},     {0x22d9, "Oppo"},     {0x2a70, "OnePlus"},  {0x2d95, "Vivo"},
    {0x22b8, "Motorola"},  {0x17ef, "Lenovo"},   {0x0fce, "Sony"},     {0x1004, "LG"},
    {0x0bb4, "HTC"},       {0x19d2, "ZTE"},      {0x0b05, "Asus"},     {0x2e04, "HMD"},
    {0x2ae5, "Fairphone"}, {0x2a45, "Meizu"},    {0x1bbb, "TCL"},      {0x04dd, "Sharp"},
    {0x1949, "Amazon"},    {0x0e8d, "MediaTek"}, {0x05c6, "Qualcomm"}, {0x1782, "Unisoc"},
    {0x109b, "Hisense"},   {0x0421, "Nokia"},    {0x2b4c, "ZUK"},      {0x2207, "Rockchip"},
};

/* Numbers that a device has in one state only, whatever its interfaces. LAST: of a range. */
static const struct {
    uint16_t vendor, first, last;
    enum lethe_phone_family family;
    enum lethe_phone_mode mode;
    const char *what;
} states[] = {
    {APPLE, 0x1280, 0x1283, LETHE_FAMILY_IOS, LETHE_MODE_RECOVERY, "Apple recovery mode"},
    {APPLE, 0x1222, 0x1222, LETHE_FAMILY_IOS, LETHE_MODE_DFU, "Apple WTF mode"},
    {APPLE, 0x1227, 0x1227, LETHE_FAMILY_IOS, LETHE_MODE_DFU, "Apple DFU mode"},
    {APPLE, 0x1901, 0x1905, LETHE_FAMILY_IOS, LETHE_MODE_RECOVERY, "an Apple restore system"},
    {0x05c6, 0x9008, 0x9008, LETHE_FAMILY_OTHER, LETHE_MODE_EDL,
     "Qualcomm emergency download (EDL)"},
    {0x05c6, 0x900e, 0x900e, LETHE_FAMILY_OTHER, LETHE_MODE_EDL, "Qualcomm crash dump"},
    {0x0e8d, 0x0003, 0x0003, LETHE_FAMILY_OTHER, LETHE_MODE_EDL, "MediaTek boot ROM"},
    {0x0e8d, 0x2000, 0x2001, LETHE_FAMILY_OTHER, LETHE_MODE_EDL, "MediaTek preloader"},
    {0x1782, 0x4d00, 0x4d00, LETHE_FAMILY_OTHER, LETHE_MODE_EDL, "Unisoc boot ROM"},
    {0x04e8, 0x685d, 0x685d, LETHE_FAMILY_ANDROID, LETHE_MODE_DOWNLOAD, "Samsung download mode"},
    {0x04e8, 0x6601, 0x6601, LETHE_FAMILY_ANDROID, LETHE_MODE_DOWNLOAD, "Samsung download mode"},
    {0x04e8, 0x68c3, 0x68c3, LETHE_FAMILY_ANDROID, LETHE_MODE_DOWNLOAD, "Samsung download mode"},
};

static const char *maker_of(uint16_t vendor)
{
    for (size_t i = 0; i < sizeof(makers) / sizeof(*makers); i++)
        if (makers[i].vendor == vendor)
            return makers[i].maker;
    return "";
}

static bool by_number(const struct lethe_usb_device *device, struct lethe_usb_phone *out)
{
    for (size_t i = 0; i < sizeof(states) / sizeof(*states); i++) {
        if (device->vendor != states[i].vendor || device->product < states[i].first ||
            device->product > states[i].last)
            continue;
        out->family = states[i].family;
        out->mode = states[i].mode;
        out->what = states[i].what;
        return true;
    }
    return false;
}

static void set(struct lethe_usb_phone *out, enum lethe_phone_family family,
                enum lethe_phone_mode mode, const struct lethe_usb_interface *interface,
                const char *what)
{
    out->family = family;
    out->mode = mode;
    out->interface = interface;
    out->what = what;
}

/* An iPhone, iPad or iPod: 1290-12af (facts 1.1). Other Apple devices are keyboards and Macs. */
static void apple(const struct lethe_usb_device *device, struct lethe_usb_phone *out)
{
    const struct lethe_usb_interface *mux = lethe_usb_interface_find(device, 0xff, 0xfe, 2, true);
    if (device->product < 0x1290 || device->product > 0x12af)
        return;
    if (mux)
        set(out, LETHE_FAMILY_IOS, LETHE_MODE_NORMAL, mux, "");
    else if (lethe_usb_interface_find(device, 6, 1, 1, false))
        set(out, LETHE_FAMILY_IOS, LETHE_MODE_PTP, NULL, "an Apple device that shows only photos");
    else
        set(out, LETHE_FAMILY_IOS, LETHE_MODE_CLOSED, NULL, "an Apple device that shows nothing");
}

/* 6/1/1 is PTP, and MTP where its string says so; ff/ff/0 with that string is MTP too. */
static const struct lethe_usb_interface *media_transfer(const struct lethe_usb_device *device,
                                                        bool *mtp)
{
    const struct lethe_usb_interface *ptp = NULL;
    for (size_t i = 0; i < device->n_interfaces; i++) {
        const struct lethe_usb_interface *interface = &device->interfaces[i];
        if (strstr(interface->name, "MTP")) {
            *mtp = true;
            return interface;
        }
        if (!ptp && interface->klass == 6 && interface->subclass == 1 && interface->protocol == 1)
            ptp = interface;
    }
    *mtp = false;
    return ptp;
}

void lethe_usb_phone_classify(const struct lethe_usb_device *device, struct lethe_usb_phone *out)
{
    bool mtp;
    *out = (struct lethe_usb_phone){
        .maker = device->vendor == APPLE ? "Apple" : maker_of(device->vendor), .what = ""};
    if (by_number(device, out))
        return;
    if (device->vendor == APPLE) {
        apple(device, out);
        return;
    }
    const struct lethe_usb_interface *adb = lethe_usb_interface_find(device, 0xff, 0x42, 1, true);
    const struct lethe_usb_interface *fastboot =
        lethe_usb_interface_find(device, 0xff, 0x42, 3, true);
    const struct lethe_usb_interface *hdc = lethe_usb_interface_find(device, 0xff, 0x50, 1, true);
    const struct lethe_usb_interface *media = media_transfer(device, &mtp);
    bool recovery =
        device->vendor == GOOGLE && (device->product == 0xd001 || device->product == 0xd002);
    bool known = *out->maker != '\0';
    if (fastboot)
        set(out, LETHE_FAMILY_ANDROID, LETHE_MODE_FASTBOOT, fastboot, "");
    else if (adb)
        set(out, LETHE_FAMILY_ANDROID, recovery ? LETHE_MODE_RECOVERY : LETHE_MODE_NORMAL, adb, "");
    else if (hdc)
        set(out, LETHE_FAMILY_HARMONY, LETHE_MODE_NORMAL, NULL, "HarmonyOS");
    else if (media && mtp && known)
        set(out, LETHE_FAMILY_ANDROID, LETHE_MODE_CLOSED, NULL, "file transfer (MTP) only");
    else if (media && mtp)
        set(out, LETHE_FAMILY_OTHER, LETHE_MODE_CLOSED, NULL, "file transfer (MTP) only");
    else if (media && known)
        set(out, LETHE_FAMILY_ANDROID, LETHE_MODE_PTP, NULL, "photo transfer (PTP) only");
    else if (media)
        set(out, LETHE_FAMILY_OTHER, LETHE_MODE_PTP, NULL,
            "photo transfer (PTP): a camera or phone");
}
