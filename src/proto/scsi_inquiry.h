/* SPDX-License-Identifier: Apache-2.0 */
/* What a SCSI device says of itself: INQUIRY and its vital product data, capacity, LUNs. */
#ifndef LETHE_PROTO_SCSI_INQUIRY_H
#define LETHE_PROTO_SCSI_INQUIRY_H

#include <lethe/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct lethe_scsi_inquiry {  /* SPC-5 6.7.2 */
    uint8_t peripheral_type; /* 00h disk, 0Eh simplified disk, 14h host-managed zoned */
    uint8_t qualifier;       /* 0: connected */
    bool removable, protect;
    uint8_t version;
    char vendor[9], product[17], revision[5];
    bool sat; /* vendor is "ATA": a SATA device behind a translator */
};
int lethe_scsi_inquiry_parse(const uint8_t *data, size_t len, struct lethe_scsi_inquiry *out,
                             struct lethe_error *err);

/* Every VPD parser checks the page code (a device that ignores EVPD sends standard data). */
#define LETHE_VPD_PAGES_MAX 256
struct lethe_vpd_pages { /* 00h */
    bool has[LETHE_VPD_PAGES_MAX];
};
int lethe_vpd_pages_parse(const uint8_t *data, size_t len, struct lethe_vpd_pages *out,
                          struct lethe_error *err);
int lethe_vpd_serial_parse(const uint8_t *data, size_t len, char *out, size_t out_size,
                           struct lethe_error *err); /* 80h */
struct lethe_vpd_identification {                    /* 83h, designators of the logical unit */
    char naa[33], eui[33];                           /* lower-case hex, "" when there is none */
    char t10[65], name[65];                          /* T10 vendor ID based; SCSI name string */
};
int lethe_vpd_identification_parse(const uint8_t *data, size_t len,
                                   struct lethe_vpd_identification *out, struct lethe_error *err);
struct lethe_vpd_ata { /* 89h: the translator, and the IDENTIFY data behind it */
    char sat_vendor[9], sat_product[17], sat_revision[5];
    uint8_t identify_command; /* ECh or A1h */
    const uint8_t *identify;  /* 512 bytes inside DATA; the translator may have cached them */
};
int lethe_vpd_ata_parse(const uint8_t *data, size_t len, struct lethe_vpd_ata *out,
                        struct lethe_error *err);
struct lethe_vpd_limits { /* B0h, in logical blocks; 0 = not told */
    uint16_t transfer_granularity;
    uint32_t max_transfer, optimal_transfer, max_unmap, unmap_granularity;
    uint64_t max_write_same;
};
int lethe_vpd_limits_parse(const uint8_t *data, size_t len, struct lethe_vpd_limits *out,
                           struct lethe_error *err);
/* What a read does after a block / crypto erase until the block was written again (SBC-4 6.6.2,
 * WABEREQ and WACEREQ). */
enum lethe_after_erase {
    LETHE_AFTER_ERASE_UNTOLD = 0,
    LETHE_AFTER_ERASE_READS_OK = 1,    /* succeeds */
    LETHE_AFTER_ERASE_READ_FAILS = 2,  /* medium error, any additional code but the next */
    LETHE_AFTER_ERASE_WRITE_NEEDED = 3 /* 03/11/15: LETHE_SENSE_STATE_WRITE_NEEDED */
};
struct lethe_vpd_characteristics { /* B1h */
    uint16_t rotation_rate;        /* 0 not told, 1 non-rotating, else turns a minute */
    uint8_t form_factor;
    enum lethe_after_erase after_block_erase, after_crypto_erase;
    uint8_t zoned; /* 0 not told, 1 host-aware, 2 device-managed */
};
int lethe_vpd_characteristics_parse(const uint8_t *data, size_t len,
                                    struct lethe_vpd_characteristics *out, struct lethe_error *err);
struct lethe_vpd_provisioning { /* B2h */
    bool unmap, write_same_unmap, write_same10_unmap;
    uint8_t reads_zero; /* LBPRZ, 0 = not told */
    uint8_t type;       /* 0 not told, 1 resource, 2 thin */
};
int lethe_vpd_provisioning_parse(const uint8_t *data, size_t len,
                                 struct lethe_vpd_provisioning *out, struct lethe_error *err);
struct lethe_vpd_zoned { /* B6h */
    bool unrestricted_reads;
    uint32_t max_open_zones; /* 0 or FFFFFFFFh = not told */
};
int lethe_vpd_zoned_parse(const uint8_t *data, size_t len, struct lethe_vpd_zoned *out,
                          struct lethe_error *err);

struct lethe_scsi_capacity {
    uint64_t blocks;               /* number of them, not the last LBA */
    uint32_t logical_block;        /* bytes */
    uint32_t physical_block;       /* bytes; = logical_block from READ CAPACITY (10) */
    bool protection;               /* PROT_EN: formatted with protection information */
    uint8_t protection_type;       /* 1-3 */
    bool provisioning, reads_zero; /* LBPME, LBPRZ */
    bool more;                     /* READ CAPACITY (10) said FFFFFFFFh: ask (16) */
};
int lethe_scsi_capacity10_parse(const uint8_t *data, size_t len, struct lethe_scsi_capacity *out,
                                struct lethe_error *err);
int lethe_scsi_capacity16_parse(const uint8_t *data, size_t len, struct lethe_scsi_capacity *out,
                                struct lethe_error *err);

/* LUNs (8 bytes each, SAM-5); the number there are may be more than CAP: the return value is the
 * number of entries in DATA, at most CAP of them are in OUT. */
int lethe_scsi_luns_parse(const uint8_t *data, size_t len, uint64_t *out, size_t cap,
                          struct lethe_error *err);

/* REPORT SUPPORTED OPERATION CODES of one command (SPC-5 6.36.3). */
enum lethe_scsi_support {
    LETHE_SCSI_SUPPORT_UNTOLD = 0,
    LETHE_SCSI_SUPPORT_NO = 1,
    LETHE_SCSI_SUPPORT_STANDARD = 3,
    LETHE_SCSI_SUPPORT_VENDOR = 5
};
int lethe_scsi_support_parse(const uint8_t *data, size_t len, enum lethe_scsi_support *out,
                             struct lethe_error *err);

/* MODE SENSE (6)/(10) header and first block descriptor. */
struct lethe_scsi_mode {
    bool write_protected;  /* WP of the device-specific parameter */
    bool dpofua;           /* FUA is honoured */
    uint64_t blocks;       /* of the block descriptor; 0 = none */
    uint32_t block_length; /* 0 = no block descriptor */
    const uint8_t *page;   /* inside DATA; NULL when there is none */
    size_t page_len;
};
int lethe_scsi_mode_parse(const uint8_t *data, size_t len, bool ten, struct lethe_scsi_mode *out,
                          struct lethe_error *err);

#endif
