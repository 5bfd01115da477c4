/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Health from what each family has: ATA SMART attributes and device statistics, SCSI log pages,
 * the NVMe SMART log, eMMC life estimates. Every function adds to a struct lethe_health that the
 * caller zeroed; where two sources tell the same, the first one asked is kept.
 */
#ifndef LETHE_PROTO_SMART_H
#define LETHE_PROTO_SMART_H

#include "proto/ata.h"
#include "proto/health.h"
#include "proto/identify.h"
#include "proto/mmc.h"

#include <lethe/error.h>

#define LETHE_SMART_ATTRIBUTES_MAX 30
struct lethe_smart_attribute {
    uint8_t id, value, worst, threshold; /* threshold 0 = not told or never fails */
    uint64_t raw;                        /* 48 bits */
    bool prefailure;                     /* else usage */
    bool failed;                         /* value <= threshold, with a threshold of 1-253 */
};
struct lethe_smart {
    struct lethe_smart_attribute attributes[LETHE_SMART_ATTRIBUTES_MAX];
    size_t n_attributes;
};
/* SMART READ DATA (512 bytes) and, if not NULL, READ THRESHOLDS; checksums are demanded. */
int lethe_smart_parse(const uint8_t *data, size_t len, const uint8_t *thresholds,
                      size_t thresholds_len, struct lethe_smart *out, struct lethe_error *err);
const struct lethe_smart_attribute *lethe_smart_find(const struct lethe_smart *smart, uint8_t id);
/* Attributes have no standard: only those whose meaning makers share are taken, wear by the
 * normalised value. ROTATING: 231 is a temperature there. */
void lethe_health_add_smart(struct lethe_health *health, const struct lethe_smart *smart,
                            bool rotating);
/* Failure predicted by SMART RETURN STATUS: lethe_ata_smart_status(); < 0 adds nothing. */
void lethe_health_add_ata_status(struct lethe_health *health, int smart_status);

/* Device statistics, log 04h (ACS-4 9.5): one page of 512 bytes; which one it says itself. */
#define LETHE_ATA_LOG_STATISTICS 0x04
#define LETHE_ATA_STATISTICS_LIST 0x00
#define LETHE_ATA_STATISTICS_GENERAL 0x01
#define LETHE_ATA_STATISTICS_ROTATING 0x03
#define LETHE_ATA_STATISTICS_ERRORS 0x04
#define LETHE_ATA_STATISTICS_TEMPERATURE 0x05
#define LETHE_ATA_STATISTICS_TRANSPORT 0x06
#define LETHE_ATA_STATISTICS_SSD 0x07
/* Page 0: which pages there are; bit N = page N. */
int lethe_ata_statistics_list(const uint8_t *data, size_t len, uint64_t *pages,
                              struct lethe_error *err);
int lethe_health_add_ata_statistics(struct lethe_health *health, const uint8_t *data, size_t len,
                                    uint8_t page, uint32_t logical_sector, struct lethe_error *err);

/* SCSI LOG SENSE pages; another page than these is not an error and adds nothing. */
#define LETHE_SCSI_LOG_WRITE_ERRORS 0x02
#define LETHE_SCSI_LOG_READ_ERRORS 0x03
#define LETHE_SCSI_LOG_VERIFY_ERRORS 0x05
#define LETHE_SCSI_LOG_TEMPERATURE 0x0d
#define LETHE_SCSI_LOG_SSD 0x11
#define LETHE_SCSI_LOG_BACKGROUND 0x15
#define LETHE_SCSI_LOG_EXCEPTIONS 0x2f
int lethe_health_add_scsi_log(struct lethe_health *health, const uint8_t *data, size_t len,
                              uint8_t page, struct lethe_error *err);

/* Header of READ DEFECT DATA (12) of the grown list: its entries are reallocated blocks. */
int lethe_health_add_scsi_defects(struct lethe_health *health, const uint8_t *data, size_t len,
                                  struct lethe_error *err);
/* NVMe SMART / Health log (02h), 512 bytes. */
int lethe_health_add_nvme(struct lethe_health *health, const uint8_t *data, size_t len,
                          struct lethe_error *err);
/* eMMC life (EXT_CSD 267-269): a band of 10 % is its upper end. */
void lethe_health_add_ext_csd(struct lethe_health *health, const struct lethe_ext_csd *ext_csd);

#endif
