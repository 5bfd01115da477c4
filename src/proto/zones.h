/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Zones of a drive that is written in their order (ZBC-2): REPORT ZONES and RESET WRITE POINTER,
 * which a SATA drive takes as well, by its host's translator (SAT-5). What a drive reports is
 * believed zone by zone only, in itself: that zones follow one another and end where the drive does
 * is for who walks them (io/zones.h).
 */
#ifndef LETHE_PROTO_ZONES_H
#define LETHE_PROTO_ZONES_H

#include "proto/transfer.h"

#include <lethe/error.h>
#include <stdbool.h>

/* Of the header, and of each descriptor behind it (ZBC-2 5.8.2). */
#define LETHE_ZONE_BYTES 64

enum lethe_zone_type {
    LETHE_ZONE_CONVENTIONAL = 1,
    LETHE_ZONE_SEQUENTIAL = 2, /* write required: at its write pointer only */
    LETHE_ZONE_PREFERRED = 3,  /* sequential write preferred: of host-aware drives */
};
enum lethe_zone_condition {
    LETHE_ZONE_NO_POINTER = 0x0,
    LETHE_ZONE_EMPTY = 0x1,
    LETHE_ZONE_OPENED = 0x2, /* implicitly */
    LETHE_ZONE_HELD_OPEN = 0x3,
    LETHE_ZONE_CLOSED = 0x4,
    LETHE_ZONE_READ_ONLY = 0xd,
    LETHE_ZONE_FULL = 0xe,
    LETHE_ZONE_OFFLINE = 0xf,
};

struct lethe_zone { /* in logical blocks */
    enum lethe_zone_type type;
    enum lethe_zone_condition condition;
    uint64_t start, length;
    uint64_t written; /* behind its start, up to the write pointer; FULL: all; without one: 0 */
};

struct lethe_zones {
    const uint8_t *descriptors; /* inside of the answer */
    size_t n;                   /* of them that are there */
    uint64_t last_lba;
};

/* 95h/00h from the zone that holds LBA on, no more of them than fit into LEN bytes (PARTIAL). */
struct lethe_cdb lethe_scsi_cmd_report_zones(uint64_t lba, uint32_t len);
/* 94h/04h of the zone that begins at LBA. Moves a pointer and erases nothing. */
struct lethe_cdb lethe_scsi_cmd_reset_write_pointer(uint64_t lba);

int lethe_zones_parse(const uint8_t *data, size_t len, struct lethe_zones *out,
                      struct lethe_error *err);
/* Descriptor I. -LETHE_E_INVALID for one that can't be: no length, an unknown type or condition, a
 * pointer outside of its zone, an end beyond 2^63. */
int lethe_zones_get(const struct lethe_zones *zones, size_t i, struct lethe_zone *out,
                    struct lethe_error *err);

/* What an ATA drive says of its zones (ZAC, zoned device information): page 09h of its
 * IDENTIFY DEVICE data log, 30h. */
#define LETHE_ATA_LOG_IDENTIFY 0x30
#define LETHE_ATA_IDENTIFY_ZONED 0x09
struct lethe_ata_zoned_page {
    bool unrestricted_reads; /* URSWRZ */
    uint32_t max_open;       /* FFFFFFFFh untold */
};
/* 512 bytes. -LETHE_E_INVALID for another page, or one without the valid bit: what has no zones
 * answers with that, and bridges with what they had in their buffers. */
int lethe_ata_zoned_parse(const uint8_t *data, size_t len, struct lethe_ata_zoned_page *out,
                          struct lethe_error *err);

#endif
