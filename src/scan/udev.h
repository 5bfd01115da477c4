/* SPDX-License-Identifier: Apache-2.0 */
/* What udev's probes learned by talking to the device, which sysfs doesn't show: for a disk behind
 * a SAT bridge on usb-storage, the drive's own serial is only there. */
#ifndef LETHE_SCAN_UDEV_H
#define LETHE_SCAN_UDEV_H

#include <lethe/device.h>
#include <sys/types.h>

struct lethe_udev_facts {
    bool ata;        /* ID_ATA: the facts come from the drive's IDENTIFY data */
    char serial[64]; /* ID_SERIAL_SHORT */
    char wwn[40];    /* ID_WWN_WITH_EXTENSION or ID_WWN */
    int rotation;    /* ID_ATA_ROTATION_RATE_RPM; -1 not told, 0 solid state */
};

/* Does udev run on the system that ENV shows? Trees of tests have none. */
bool lethe_udev_runs(const struct lethe_scan_env *env);
/* Everything empty when udev doesn't run or doesn't know the device. */
void lethe_udev_read(const struct lethe_scan_env *env, dev_t number, struct lethe_udev_facts *out);

#endif
