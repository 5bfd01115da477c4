/* SPDX-License-Identifier: Apache-2.0 */
/* How an Android phone is asked, by the mode it is in (facts/phones.md 2.3 and 2.4). */
#ifndef LETHE_DEVICE_ANDROID_H
#define LETHE_DEVICE_ANDROID_H

#include "device/look.h"
#include "phone/adb.h"

/* The mode that the scan saw; MODE_UNKNOWN where it said none. */
enum lethe_phone_mode lethe_android_mode(const struct lethe_io *io);

/* Its system, over ADB: what is unknown when UNTIL has come stays unknown. */
void lethe_look_android_system(struct lethe_look *look, struct lethe_adb *adb, uint64_t until);
/* What would bring it back locked to somebody: PHONE's locks and counts, each question with at most
 * COMMAND_MS. */
void lethe_android_read_locks(struct lethe_adb *adb, unsigned command_ms, uint64_t until,
                              struct lethe_phone *phone);
/* Its recovery waiting for an update or a rescue, over ADB. */
void lethe_look_android_recovery(struct lethe_look *look, struct lethe_adb *adb);
/* Its bootloader. 0, or -LETHE_E_GONE. */
int lethe_look_android_fastboot(struct lethe_look *look);

/* What stands in the way, and what to do about it, in the words of both facts and phone. */
void lethe_android_obstacle(struct lethe_look *look, enum lethe_phone_access access,
                            const char *what, const char *advice);
/* TEXT is 14 to 16 digits with the right last one (3GPP TS 23.003 annex B). */
bool lethe_imei_valid(const char *text);
void lethe_android_add_imei(struct lethe_phone *phone, const char *text);

#endif
