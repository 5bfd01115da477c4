/* SPDX-License-Identifier: Apache-2.0 */
#include "device/android.h"

#include "base/text.h"
#include "base/time.h"

#include <ctype.h>
#include <string.h>

#define LOOK_MS 11000 /* in all: a probe has its time, too */

enum lethe_phone_mode lethe_android_mode(const struct lethe_io *io)
{
    const char *word = json_string_value(json_object_get(io->config, "mode"));
    int mode = word ? lethe_phone_mode_parse(word) : -1;
    return mode < 0 ? LETHE_MODE_UNKNOWN : (enum lethe_phone_mode)mode;
}

void lethe_android_obstacle(struct lethe_look *look, enum lethe_phone_access access,
                            const char *what, const char *advice)
{
    struct lethe_phone *phone = &look->facts->phone;
    phone->access = access;
    lethe_text_format(phone->advice, sizeof(phone->advice), "%s", advice);
    lethe_look_obstacle(look, what, advice);
}

bool lethe_imei_valid(const char *text)
{
    unsigned sum = 0;
    size_t len = strlen(text);
    if (len != 15)
        return false;
    for (size_t i = 0; i < len; i++) {
        if (!isdigit((unsigned char)text[i]))
            return false;
        unsigned digit = (unsigned)(text[i] - '0') * (i % 2 ? 2 : 1);
        sum += digit / 10 + digit % 10;
    }
    return sum % 10 == 0 && strspn(text, "0") != len;
}

void lethe_android_add_imei(struct lethe_phone *phone, const char *text)
{
    if (!lethe_imei_valid(text) || strcmp(phone->imei[0], text) == 0)
        return;
    char *slot = phone->imei[0][0] ? phone->imei[1] : phone->imei[0];
    lethe_text_format(slot, sizeof(phone->imei[0]), "%s", text);
}

/* Modes in which nobody answers, and what a person can do about it. */
static void say_closed(struct lethe_look *look, enum lethe_phone_mode mode)
{
    static const struct {
        enum lethe_phone_mode mode;
        const char *what, *advice;
    } closed[] = {
        {LETHE_MODE_CLOSED, "USB debugging is off",
         "on the phone: Settings > About phone, tap \"Build number\" seven times, then System > "
         "Developer options > USB debugging; or have it reset by hand: --guided"},
        {LETHE_MODE_PTP, "it shows its pictures only, and USB debugging is off",
         "switch USB debugging on in its developer options, or have it reset by hand: --guided"},
        {LETHE_MODE_RECOVERY, "its recovery runs, which takes no commands",
         "choose \"Reboot system now\" on the phone, with its volume and power keys"},
        {LETHE_MODE_DOWNLOAD, "it is in download mode, which takes only the maker's own images",
         "start its system: hold power and volume down for ten seconds"},
        {LETHE_MODE_EDL,
         "it is in its processor's emergency mode, which takes only the maker's "
         "own loaders",
         "start its system: hold the power key for twenty seconds"},
    };
    for (size_t i = 0; i < sizeof(closed) / sizeof(closed[0]); i++)
        if (closed[i].mode == mode) {
            lethe_android_obstacle(look, LETHE_ACCESS_NONE, closed[i].what, closed[i].advice);
            return;
        }
    lethe_android_obstacle(look, LETHE_ACCESS_NONE, "nothing on it can be asked in this mode",
                           "start its system and unlock it; or have it reset by hand: --guided");
}

static void say_untrusted(struct lethe_look *look)
{
    const struct lethe_identifier *serial = lethe_identity_find(look->identity, LETHE_ID_SERIAL);
    char advice[192];
    lethe_text_format(
        advice, sizeof(advice),
        "unlock it, then: lethe pair %.40s, and on its screen tick \"Always allow from "
        "this computer\" and tap Allow",
        serial ? serial->value : "TARGET");
    lethe_android_obstacle(look, LETHE_ACCESS_UNTRUSTED, "it does not know this bench", advice);
}

static int say_refused(struct lethe_look *look, int rc, const struct lethe_error *why)
{
    switch (-rc) {
    case LETHE_E_GONE:
        return rc;
    case LETHE_E_UNTRUSTED:
        say_untrusted(look);
        return 0;
    case LETHE_E_BUSY:
        lethe_android_obstacle(look, LETHE_ACCESS_BUSY, why->what,
                               "stop the adb server of this machine: adb kill-server");
        return 0;
    case LETHE_E_UNSUPPORTED:
        say_closed(look, look->facts->phone.mode);
        return 0;
    default:
        lethe_android_obstacle(look, LETHE_ACCESS_NONE, why->what,
                               "unplug it, unlock it, plug it in again; or have it reset by hand: "
                               "--guided");
        return 0;
    }
}

static int look_adb(struct lethe_look *look)
{
    struct lethe_adb *adb = NULL;
    struct lethe_error why = {0};
    uint64_t until = lethe_monotonic_ms() + LOOK_MS;
    look->facts->protocol = LETHE_PROTOCOL_ADB;
    /* Nobody is asked to let us in: that is the operator's to ask for. */
    int rc = lethe_adb_connect(look->io, 0, &adb, &why);
    if (rc < 0)
        return say_refused(look, rc, &why);
    look->facts->phone.access = LETHE_ACCESS_GRANTED;
    switch (lethe_adb_peer(adb)->state) {
    case LETHE_ADB_STATE_DEVICE:
        look->facts->phone.mode = LETHE_MODE_NORMAL;
        lethe_look_android_system(look, adb, until);
        break;
    case LETHE_ADB_STATE_SIDELOAD:
    case LETHE_ADB_STATE_RESCUE:
        lethe_look_android_recovery(look, adb);
        break;
    case LETHE_ADB_STATE_RECOVERY:
        look->facts->phone.mode = LETHE_MODE_RECOVERY;
        say_closed(look, LETHE_MODE_RECOVERY);
        break;
    case LETHE_ADB_STATE_UNKNOWN:
    case LETHE_ADB_STATE_BOOTLOADER:
    case LETHE_ADB_STATE_HOST:
        lethe_android_obstacle(look, LETHE_ACCESS_NONE, "its ADB is in no state that we know",
                               "start its system and plug it in again");
        break;
    }
    lethe_adb_free(adb);
    return 0;
}

int lethe_look_android(struct lethe_look *look)
{
    struct lethe_facts *f = look->facts;
    struct lethe_phone *phone = &f->phone;
    phone->family = LETHE_FAMILY_ANDROID;
    phone->mode = lethe_android_mode(look->io);
    phone->tablet = look->identity->class_ == LETHE_CLASS_TABLET;
    phone->battery = -1;
    phone->android.users = phone->android.accounts = UINT32_MAX;
    lethe_text_format(phone->vendor, sizeof(phone->vendor), "%s", look->identity->vendor);
    lethe_text_format(phone->model, sizeof(phone->model), "%.63s", look->identity->model);
    switch (phone->mode) {
    case LETHE_MODE_NORMAL:
    case LETHE_MODE_SIDELOAD:
    case LETHE_MODE_RESCUE:
        return look_adb(look);
    case LETHE_MODE_FASTBOOT:
    case LETHE_MODE_FASTBOOTD:
        return lethe_look_android_fastboot(look);
    default:
        say_closed(look, phone->mode);
        return 0;
    }
}
