/* SPDX-License-Identifier: Apache-2.0 */
/* An iPhone or iPad as a file and on its port; what it says there is src/emu/phone/muxd.c's. */
#include "base/json.h"
#include "base/text.h"
#include "emu/phone/phone_usb.h"
#include <string.h>

static int iphone_born(struct phone *phone, struct lethe_error *err)
{
    (void)phone;
    (void)err;
    return 0;
}

static int iphone_due(struct phone *phone, const char *verb, uint64_t at, struct lethe_error *err)
{
    (void)phone;
    (void)verb;
    (void)at;
    (void)err;
    return 0;
}

/* usbmuxd inserts a dash after the eighth of 24 characters. */
static int iphone_identity(const struct phone *phone, struct lethe_identity *identity)
{
    const char *serial = phone_serial(phone);
    char udid[96];
    struct lethe_face face;
    phone_face(phone, &face);
    *identity = (struct lethe_identity){
        .class_ = phone_trait_is(phone, "tablet") ? LETHE_CLASS_TABLET : LETHE_CLASS_PHONE,
        .bus = LETHE_BUS_USB,
        .media = LETHE_MEDIA_FLASH,
        .substrate = LETHE_SUBSTRATE_EMULATED,
        .vendor = "Apple",
        .usb_vendor = 0x05ac,
        .usb_product = 0x12a8};
    if (strlen(serial) == 24)
        lethe_text_format(udid, sizeof(udid), "%.8s-%s", serial, serial + 8);
    else
        lethe_text_format(udid, sizeof(udid), "%s", serial);
    lethe_text_clean(identity->model, sizeof(identity->model), phone_trait_text(phone, "model"),
                     96);
    return lethe_identity_add(identity, LETHE_ID_UDID, LETHE_SOURCE_DEVICE, udid);
}

static int iphone_spec(const struct phone *phone, bool writable, struct lethe_io_spec *spec,
                       struct lethe_error *err)
{
    (void)phone;
    (void)writable;
    (void)spec;
    return lethe_fail(err, LETHE_E_UNSUPPORTED, "the emulated iPhone can't be asked yet");
}

static int iphone_open(const struct lethe_io_spec *spec, struct lethe_io **out,
                       struct lethe_error *err)
{
    (void)spec;
    (void)out;
    return lethe_fail(err, LETHE_E_UNSUPPORTED, "the emulated iPhone can't be asked yet");
}

const struct phone_family phone_family_ios = {
    .family = LETHE_FAMILY_IOS,
    .otherwise = "iphone",
    .modes = 1u << LETHE_MODE_NORMAL | 1u << LETHE_MODE_CLOSED | 1u << LETHE_MODE_RECOVERY |
             1u << LETHE_MODE_DFU,
    .born = iphone_born,
    .due = iphone_due,
    .identity = iphone_identity,
    .spec = iphone_spec,
    .open = iphone_open};
