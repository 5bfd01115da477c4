/* SPDX-License-Identifier: Apache-2.0 */
/* SCSI vital product data as the kernel keeps it in sysfs (SPC-4 7.8, SAT-4 12.4). Hostile input:
 * every length in it is the device's word and is checked against the bytes that are there. */
#ifndef LETHE_SCAN_VPD_H
#define LETHE_SCAN_VPD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lethe_vpd {
    char serial[64];   /* page 80h */
    char naa[33];      /* page 83h, logical unit's NAA designator, lower-case hex */
    char eui[33];      /* page 83h, logical unit's EUI-64 based designator */
    uint16_t rotation; /* page B1h: 0 not reported, 1 solid state, 0401h-FFFEh rpm */
    /* page 89h: the ATA IDENTIFY data of the drive behind a SAT layer */
    bool ata;
    char ata_model[48], ata_serial[24], ata_firmware[12], ata_wwn[17];
    uint16_t ata_rotation;
};

/* Each adds what PAGE (LEN bytes) tells; malformed pages add nothing and return false. */
bool lethe_vpd_serial(struct lethe_vpd *vpd, const uint8_t *page, size_t len);
bool lethe_vpd_designators(struct lethe_vpd *vpd, const uint8_t *page, size_t len);
bool lethe_vpd_characteristics(struct lethe_vpd *vpd, const uint8_t *page, size_t len);
bool lethe_vpd_ata(struct lethe_vpd *vpd, const uint8_t *page, size_t len);

#endif
