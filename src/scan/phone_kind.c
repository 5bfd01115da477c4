/* SPDX-License-Identifier: Apache-2.0 */
#include "scan/phone_kind.h"
#include "base/text.h"

#include <fnmatch.h>
#include <string.h>

/* "... ECID:001A2B SRNM:[F2LXK1]": the serial that is printed on it (recovery and DFU). */
static void bracketed_serial(const char *text, struct lethe_phone_kind *out)
{
    const char *at = strstr(text, "SRNM:[");
    size_t n = at ? strcspn(at + 6, "]") : 0;
    if (n > 0 && n < sizeof out->serial)
        lethe_text_format(out->serial, sizeof out->serial, "%.*s", (int)n, at + 6);
}

static bool named(const struct lethe_usb_sight *sight, const char *pattern)
{
    return fnmatch(pattern, sight->name, FNM_CASEFOLD) == 0;
}

static void look_at_apple(const struct lethe_usb_sight *sight, struct lethe_phone_kind *out)
{
    char udid[LETHE_UDID_SIZE];
    out->tablet = named(sight, "*iPad*");
    if (named(sight, "*Apple TV*") || named(sight, "*Watch*") || named(sight, "*HomePod*"))
        out->usb.family = LETHE_FAMILY_OTHER;
    else if (out->usb.mode == LETHE_MODE_NORMAL)
        out->talk = LETHE_TALK_MUX;
    if (lethe_usb_apple_udid(sight->serial, udid) == 0)
        lethe_text_format(out->udid, sizeof out->udid, "%s", udid);
    else
        bracketed_serial(sight->serial, out);
}

void lethe_phone_kind(const struct lethe_usb_sight *sight, struct lethe_phone_kind *out)
{
    *out = (struct lethe_phone_kind){.talk = LETHE_TALK_NONE};
    lethe_usb_phone_classify(&sight->usb, &out->usb);
    if (out->usb.family == LETHE_FAMILY_IOS)
        look_at_apple(sight, out);
    else if (out->usb.family == LETHE_FAMILY_ANDROID && out->usb.interface)
        out->talk = out->usb.mode == LETHE_MODE_FASTBOOT ? LETHE_TALK_FASTBOOT : LETHE_TALK_ADB;
    if (out->usb.family == LETHE_FAMILY_ANDROID)
        out->tablet = named(sight, "*Tab*") || named(sight, "*Pad*");
    if (out->talk == LETHE_TALK_NONE)
        lethe_text_format(out->advice, sizeof out->advice, "%s",
                          lethe_phone_mode_advice(out->usb.family, out->usb.mode));
}
