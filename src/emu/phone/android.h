/* SPDX-License-Identifier: Apache-2.0 */
/* What happens to an Android phone, whoever makes it happen: over adb, fastboot, or its keys. */
#ifndef LETHE_EMU_PHONE_ANDROID_H
#define LETHE_EMU_PHONE_ANDROID_H

#include "emu/phone/phone.h"
#include "emu/phone/phone_usb.h"

/*
 * State:
 *   "keys"         public keys that may debug, base64 as adb sends them
 *   "asking"       the key that its screen asks about; ""
 *   "adb", "provisioned", "lock_screen", "harness"  booleans
 *   "accounts", "boot_count"  counts
 *   "android_id"   16 hexadecimal digits, drawn by each new system
 *   "packages"     what its owner installed
 *   "settings"     {"global": {}, "secure": {}, "system": {}}
 *   "frp"          the partition has somebody's secret
 */

/* How an erasure is done: what goes with it. */
enum android_erase {
    ANDROID_ERASE_ALL,     /* recovery, or its settings: data and wrapped keys */
    ANDROID_ERASE_TRUSTED, /* by its settings: the FRP secret too */
    ANDROID_ERASE_HARNESS, /* test harness: adb keys stay, adb is on, setup is skipped */
};
/* Inside a change: user data is gone, unless a fault has it otherwise, and the system is new. */
int android_erase(struct phone *phone, enum android_erase how, struct lethe_error *err);
/* What fastboot does: one partition, no system started. */
int android_erase_partition(struct phone *phone, const char *partition, struct lethe_error *err);
/* Inside a change: it restarts into MODE; NORMAL is CLOSED where adb is off. */
void android_restart(struct phone *phone, enum lethe_phone_mode mode);
/* Inside a change: somebody is asked to reset it, by its own screen. */
void android_ask_reset(struct phone *phone);
/* Inside a change: somebody is asked whether KEY may debug. */
int android_ask_key(struct phone *phone, const char *key);
/* Is there anybody on its endpoints in this mode? */
bool android_answers(const struct phone *phone);
/* Where a restart with TARGET ("", "bootloader", "rescue") ends. */
enum lethe_phone_mode android_boot_target(const struct phone *phone, const char *target);
/* Is there a fault before the erase command does anything? SILENT: nothing is answered. */
bool android_meets(struct phone_engine *engine, bool *silent);
uint64_t android_users(const struct phone *phone);
bool android_trusts(const struct phone *phone, const char *key);

#endif
