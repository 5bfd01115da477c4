/* SPDX-License-Identifier: Apache-2.0 */
/* What an Android phone says of itself where its system does not run: little. Whether it would come
 * back locked can't be asked there. */
#include "device/android.h"

#include "base/text.h"
#include "phone/fastboot.h"
#include "proto/android_text.h"

#include <stdlib.h>
#include <string.h>

#define ANSWER_MAX 256

/* recovery's minadbd, of its short list (facts/phones.md 2.2). */
static void rescue_prop(struct lethe_adb *adb, const char *service, char *out, size_t out_size)
{
    LETHE_BUF_AUTO answer = {0};
    out[0] = '\0';
    if (lethe_adb_ask(adb, service, ANSWER_MAX, &answer, LETHE_ADB_MS, NULL) == 0 && answer.data)
        lethe_android_setting(answer.data, answer.len, out, out_size);
}

void lethe_look_android_recovery(struct lethe_look *look, struct lethe_adb *adb)
{
    struct lethe_phone *phone = &look->facts->phone;
    const struct lethe_adb_banner *banner = lethe_adb_peer(adb);
    bool rescue = banner->state == LETHE_ADB_STATE_RESCUE;
    phone->mode = rescue ? LETHE_MODE_RESCUE : LETHE_MODE_SIDELOAD;
    memcpy(phone->product, banner->device, sizeof(phone->product));
    if (banner->model[0])
        memcpy(phone->model, banner->model, sizeof(phone->model));
    look->facts->can |= LETHE_CAN_RESCUE;
    if (!rescue)
        return;
    char level[8];
    rescue_prop(adb, "rescue-getprop:ro.build.fingerprint", phone->build, sizeof(phone->build));
    rescue_prop(adb, "rescue-getprop:rescue.battery_level", level, sizeof(level));
    char *end;
    long percent = strtol(level, &end, 10);
    if (level[0] && !*end && percent >= 0 && percent <= 100)
        phone->battery = percent;
}

static enum lethe_answer variable(struct lethe_io *io, const char *name)
{
    char value[64] = "";
    (void)lethe_fastboot_getvar(io, name, value, sizeof(value), NULL);
    return strcmp(value, "yes") == 0 || strcmp(value, "true") == 0   ? LETHE_ANSWER_YES
           : strcmp(value, "no") == 0 || strcmp(value, "false") == 0 ? LETHE_ANSWER_NO
                                                                     : LETHE_ANSWER_UNKNOWN;
}

static void judge_fastboot(struct lethe_look *look)
{
    struct lethe_facts *f = look->facts;
    if (!lethe_look_agrees(look, LETHE_ID_SERIAL, f->phone.serial)) {
        f->disagrees = true;
        lethe_android_obstacle(look, LETHE_ACCESS_GRANTED,
                               "its bootloader names it otherwise than its USB port does",
                               "unplug it; it is not what it seems");
    } else if (f->phone.unlocked != LETHE_ANSWER_YES) {
        lethe_android_obstacle(look, LETHE_ACCESS_GRANTED,
                               "its bootloader is locked, and erases nothing",
                               "start its system (the power key chooses \"Start\"), then look "
                               "again");
    } else if (variable(look->io, "battery-soc-ok") == LETHE_ANSWER_NO) {
        lethe_android_obstacle(look, LETHE_ACCESS_GRANTED,
                               "its bootloader says that its battery is too low",
                               "charge it, then look again");
    } else {
        f->can |= LETHE_CAN_FASTBOOT_ERASE;
    }
}

int lethe_look_android_fastboot(struct lethe_look *look)
{
    struct lethe_facts *f = look->facts;
    struct lethe_phone *phone = &f->phone;
    struct lethe_error why = {0};
    char imei[64] = "";
    f->protocol = LETHE_PROTOCOL_FASTBOOT;
    int rc =
        lethe_fastboot_getvar(look->io, "serialno", phone->serial, sizeof(phone->serial), &why);
    if (rc == -LETHE_E_GONE)
        return rc;
    if (rc < 0 && rc != -LETHE_E_UNSUPPORTED) {
        lethe_android_obstacle(
            look, rc == -LETHE_E_BUSY ? LETHE_ACCESS_BUSY : LETHE_ACCESS_NONE, why.what,
            why.remedy[0] ? why.remedy : "restart its bootloader, then look again");
        return 0;
    }
    phone->access = LETHE_ACCESS_GRANTED;
    if (variable(look->io, "is-userspace") == LETHE_ANSWER_YES)
        phone->mode = LETHE_MODE_FASTBOOTD;
    (void)lethe_fastboot_getvar(look->io, "product", phone->product, sizeof(phone->product), NULL);
    (void)lethe_fastboot_getvar(look->io, "imei", imei, sizeof(imei), NULL);
    lethe_android_add_imei(phone, imei);
    phone->unlocked = variable(look->io, "unlocked");
    memcpy(f->serial, phone->serial, sizeof(f->serial));
    memcpy(f->vendor, phone->vendor, sizeof(f->vendor));
    memcpy(f->model, phone->model, sizeof(phone->model));
    judge_fastboot(look);
    return 0;
}
