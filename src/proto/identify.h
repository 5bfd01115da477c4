/* SPDX-License-Identifier: Apache-2.0 */
/* IDENTIFY DEVICE (ACS-4 7.13.6), 512 bytes, into words a person can use. A feature is only
 * reported when the words that carry it say that they are valid. */
#ifndef LETHE_PROTO_IDENTIFY_H
#define LETHE_PROTO_IDENTIFY_H

#include <lethe/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum lethe_ata_zoned { LETHE_ATA_ZONED_NO, LETHE_ATA_ZONED_HOST_AWARE, LETHE_ATA_ZONED_DEVICE };

struct lethe_ata_identify {
    bool ata;                                /* word 0 bit 15 clear: not a packet device */
    bool checksum_present;                   /* word 255 low byte A5h; a wrong one is an error */
    char serial[21], firmware[9], model[41]; /* clean text, may be "" */
    char wwn[17];               /* words 108-111, lower-case hex, "" when word 87 bit 8 is clear */
    char additional_product[9]; /* words 170-173 */
    unsigned major;             /* highest ATA/ATAPI-N or ACS bit of word 80; 0 = not told */

    /* Sizes. Capacity is what the device answers to NOW: hidden areas are not in it. */
    uint64_t sectors;           /* logical; words 230-233, 100-103 or 60-61 */
    uint32_t logical_sector;    /* bytes; word 106, 117-118 */
    uint32_t physical_sector;   /* bytes */
    uint32_t logical_alignment; /* logical sectors before the first aligned one; word 209 */
    bool lba48;

    /* SANITIZE (word 59) */
    struct {
        bool supported, crypto, overwrite, block_erase, antifreeze;
        bool acs3; /* b11: the commands allowed meanwhile are those of ACS-3 */
    } sanitize;

    /* SECURITY (words 82, 85, 89, 90, 92, 128) */
    struct {
        bool supported, enabled, locked, frozen, count_expired, enhanced_erase;
        bool level_maximum;              /* else High */
        uint32_t erase_minutes;          /* 0 = not told; "at most" value means >= 508 or 65532 */
        uint32_t enhanced_erase_minutes; /* 0 = not told */
        uint16_t master_password_id;     /* word 92; 0 or FFFFh = not told */
    } security;

    /* Hidden areas (words 82/85 b10, 83/86 b11, 119/120 b8) */
    struct {
        bool hpa_supported, hpa_enabled;
        bool hpa_security;  /* word 83 b8: a SET MAX password may lock it */
        bool dco_supported; /* word 83 b11 */
        bool amac_supported;
    } hidden;

    struct {
        bool supported;     /* DATA SET MANAGEMENT / TRIM, word 169 b0 */
        bool deterministic; /* DRAT, word 69 b14 */
        bool reads_zero;    /* RZAT, word 69 b5 */
        bool encrypts_all;  /* word 69 b4: all user data is encrypted */
    } trim;

    struct {
        bool supported, enabled, self_test, error_logging;
    } smart;
    bool general_logging;         /* GPL: READ LOG EXT works; word 84/87 b5 */
    bool smart_command_transport; /* SCT, word 206 b0 */
    bool trusted;                 /* TRUSTED SEND/RECEIVE, word 48 b0 */
    bool write_cache, write_cache_enabled;
    bool sense_data_reporting;
    enum lethe_ata_zoned zoned; /* word 69 b1:0 */
    /* Word 217: 0 not told, 1 = non-rotating (SSD), else turns a minute */
    uint16_t rotation_rate;
    uint8_t form_factor; /* word 168 b3:0: 3 = 2.5 inch, 2 = 3.5 inch, 4 = 1.8 inch, 0 not told */
};

/* DATA must be 512 bytes or more. -LETHE_E_INVALID for less, for all-00h or all-FFh, for a wrong
 * checksum, and for answers that no ATA device gives (a bridge's leftovers: facts A2). */
int lethe_ata_identify_parse(const uint8_t *data, size_t len, struct lethe_ata_identify *out,
                             struct lethe_error *err);

#endif
