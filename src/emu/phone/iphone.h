/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an iPhone or iPad remembers beside what every phone does (phone.h). Its "state":
 *   "key"         which of the pool's keys is its own; each erasure takes the next one
 *   "trust"       {HostID: {"root", "host", "device": PEM, "buid"}}
 *   "activation"  ActivationState
 *   "setup_done"  false: Setup Assistant shows, and it pairs with anybody
 *   "name", "find_my", "activation_lock", "supervised", "mdm", "assigned", "profile",
 *   "locked", "esim"
 *   "asked"       how often Trust was asked for
 *   "nvram"       {variable: text}
 *   "keep_esim"   what the last EraseDevice said of the data plan
 * Facts: an erased iPhone has another DevicePublicKey, no old trust, is Unactivated, and tells of
 * the obliteration in its NVRAM.
 */
#ifndef LETHE_EMU_PHONE_IPHONE_H
#define LETHE_EMU_PHONE_IPHONE_H

#include "emu/phone/phone.h"

enum { IPHONE_LEAVES_MS = 150 }; /* from the acknowledgement to the bus */

/* As usbmuxd spells it: 24 digits get a dash. */
void iphone_udid(const struct phone *phone, char out[64]);
uint64_t iphone_ecid(const struct phone *phone);
unsigned iphone_version(const struct phone *phone); /* 16 of "16.7.2" */
bool iphone_in_setup(const struct phone *phone);

/* Of phone_family_ios (iphone_port.c). */
int iphone_born(struct phone *phone, struct lethe_error *err);
int iphone_due(struct phone *phone, const char *verb, uint64_t at, struct lethe_error *err);

/* EraseDevice was heard, from MCInstall or mobilebackup2: what it answers. What happens then is the
 * memory's "due". */
enum iphone_verdict {
    IPHONE_FAILED,       /* of our own: the memory could not be kept */
    IPHONE_ACKNOWLEDGES, /* and does it */
    IPHONE_REFUSES,      /* an error; nothing happens */
    IPHONE_IS_SILENT,    /* no answer; nothing happens */
    IPHONE_HANGS_UP,     /* no answer, the connection ends; who knows */
};
enum iphone_verdict iphone_erase(struct phone *phone, bool keep_esim);
int iphone_restart(struct phone *phone, bool for_good, struct lethe_error *err);

#endif
