/* SPDX-License-Identifier: Apache-2.0 */
/* An iPhone or iPad: what of it is known without its trust, with it, and what is in the way. */
#include "device/ios.h"
#include "device/android.h"
#include "device/look.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

static void refuse(struct lethe_look *look, enum lethe_phone_access access, const char *obstacle,
                   const char *remedy)
{
    look->facts->phone.access = access;
    lethe_text_format(look->facts->phone.advice, sizeof(look->facts->phone.advice), "%s", remedy);
    lethe_look_obstacle(look, obstacle, remedy);
}

/* With the record that the proxy keeps; never by pairing: that is the operator's to ask for. */
static void enter(struct lethe_look *look)
{
    const struct lethe_apple_ops *apple = look->io->ops->apple;
    struct lethe_apple_answer answer = {0};
    apple->session_open(look->io, LETHE_APPLE_MS, &answer);
    enum lethe_apple_pairing pairing = lethe_apple_pairing_of(&answer);
    struct lethe_phone *phone = &look->facts->phone;
    phone->ios.paired = LETHE_ANSWER_NO;
    if (lethe_apple_ok(&answer)) {
        phone->ios.paired = LETHE_ANSWER_YES;
        phone->access = LETHE_ACCESS_GRANTED;
    } else if (pairing == LETHE_PAIRING_LOCKED) {
        phone->ios.paired = LETHE_ANSWER_UNKNOWN;
        refuse(look, LETHE_ACCESS_LOCKED, "it is locked", "unlock it with its passcode");
    } else {
        char remedy[192];
        lethe_text_format(remedy, sizeof(remedy),
                          "unlock it, then: lethe pair %s, and tap Trust on its screen",
                          apple->udid(look->io));
        refuse(look, LETHE_ACCESS_UNTRUSTED,
               answer.end == LETHE_APPLE_UNPAIRED ? "it does not trust this bench yet"
                                                  : "it no longer trusts this bench",
               remedy);
    }
    lethe_apple_answer_clear(&answer);
}

/* What is no IMEI by its own check digit names no device: it is told, and left out. */
static void take_imeis(struct lethe_look *look, const struct lethe_ios *ios)
{
    struct lethe_phone *phone = &look->facts->phone;
    for (size_t i = 0; i < 2; i++) {
        char what[96];
        if (!ios->imei[i][0])
            continue;
        if (lethe_imei_valid(ios->imei[i])) {
            lethe_android_add_imei(phone, ios->imei[i]);
            continue;
        }
        if (look->facts->obstacle[0])
            continue; /* something weightier is in the way */
        lethe_text_format(what, sizeof(what), "it calls \"%s\" its IMEI, which is none: left out",
                          ios->imei[i]);
        lethe_look_obstacle(look, what, "scan or type the one that is printed on it: --imei");
    }
}

static void take(struct lethe_look *look, const struct lethe_ios *ios)
{
    struct lethe_facts *f = look->facts;
    struct lethe_phone *phone = &f->phone;
    phone->tablet = strncmp(ios->type, "iPad", 4) == 0;
    memcpy(phone->model, ios->type, sizeof(phone->model));
    memcpy(phone->product, ios->model, sizeof(phone->product));
    memcpy(phone->system, ios->version, sizeof(phone->system));
    memcpy(phone->build, ios->build, sizeof(ios->build));
    memcpy(phone->serial, ios->serial, sizeof(phone->serial));
    memcpy(phone->udid, ios->udid, sizeof(phone->udid));
    memcpy(phone->ecid, ios->ecid, sizeof(phone->ecid));
    take_imeis(look, ios);
    memcpy(phone->ios.activation, ios->activation, sizeof(phone->ios.activation));
    phone->ios.setup_done = ios->setup_done;
    phone->battery = ios->battery;
    phone->charging = ios->charging;
    phone->storage = ios->storage;
    phone->storage_free = ios->storage_free;
    phone->locks[LETHE_LOCK_FIND_MY] = ios->find_my;
    phone->locks[LETHE_LOCK_ACTIVATION] = ios->activation_lock;
    phone->locks[LETHE_LOCK_SUPERVISED] = ios->supervised;
    phone->locks[LETHE_LOCK_MDM] = ios->managed;
    memcpy(f->model, ios->type, sizeof(ios->type));
    memcpy(f->serial, ios->serial, sizeof(f->serial));
    memcpy(f->firmware, ios->version, sizeof(f->firmware));
}

/* "000081100012345678901234" on the bus is "00008110-0012345678901234" to usbmuxd. */
static bool same_udid(const char *a, const char *b)
{
    for (; *a && *b; a++, b++) {
        a += *a == '-';
        b += *b == '-';
        if ((*a | 0x20) != (*b | 0x20))
            return false;
    }
    return *a == *b;
}

static bool is_ours(const char *type)
{
    return strncmp(type, "iPhone", 6) == 0 || strncmp(type, "iPad", 4) == 0 ||
           strncmp(type, "iPod", 4) == 0;
}

static void what_it_can(struct lethe_look *look, const struct lethe_ios *ios)
{
    struct lethe_facts *f = look->facts;
    unsigned major = lethe_ios_major(ios->version);
    if (!is_ours(ios->type)) {
        refuse(look, f->phone.access, "it is no iPhone, iPad or iPod touch",
               "erase it in its own settings: Lethe has no route for it");
        return;
    }
    if (ios->udid[0] && !same_udid(ios->udid, look->io->ops->apple->udid(look->io))) {
        f->disagrees = true;
        refuse(look, f->phone.access, "it names itself otherwise than its USB port does",
               "unplug it; it is not what it seems");
        return;
    }
    if (f->phone.access != LETHE_ACCESS_GRANTED)
        return;
    f->can |= LETHE_CAN_AFC;
    if (major >= 9)
        f->can |= LETHE_CAN_IOS_BACKUP_ERASE;
    if (major >= 11)
        f->can |= LETHE_CAN_IOS_ERASE;
    if (major < 9)
        refuse(look, LETHE_ACCESS_GRANTED,
               major ? "its system is older than iOS 9, which has no erasure by cable"
                     : "it does not say which system it runs",
               "erase it by hand, in Settings > General > Reset");
}

void lethe_look_ios(struct lethe_look *look)
{
    const struct lethe_apple_ops *apple = look->io->ops->apple;
    struct lethe_facts *f = look->facts;
    struct lethe_ios ios;
    f->protocol = LETHE_PROTOCOL_IOS;
    f->phone.family = LETHE_FAMILY_IOS;
    f->phone.mode = LETHE_MODE_NORMAL;
    lethe_text_format(f->vendor, sizeof(f->vendor), "Apple");
    lethe_text_format(f->phone.vendor, sizeof(f->phone.vendor), "Apple");
    lethe_ios_read(look->io, &ios);
    if (!ios.answers) {
        f->phone.battery = -1;
        const char *who = apple->broken ? apple->broken(look->io) : NULL;
        if (who && strcmp(who, "usbmuxd") == 0)
            refuse(look, LETHE_ACCESS_LOCKED, "usbmuxd, which leads to it, does not answer",
                   "see that it runs (systemctl start usbmuxd), then plug the device in again");
        else
            refuse(
                look, LETHE_ACCESS_LOCKED, "it does not answer",
                "unlock it; if it was locked for an hour, unplug it, unlock it, plug it in again");
        return;
    }
    enter(look);
    if (f->phone.access == LETHE_ACCESS_GRANTED) {
        lethe_ios_read(look->io, &ios);
        lethe_ios_read_management(look->io, &ios);
    }
    take(look, &ios);
    if (ios.locked == LETHE_ANSWER_YES && f->phone.access == LETHE_ACCESS_UNTRUSTED)
        refuse(look, LETHE_ACCESS_LOCKED, "it is locked",
               "unlock it with its passcode, then tap Trust");
    what_it_can(look, &ios);
    apple->session_close(look->io);
}
