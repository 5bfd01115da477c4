/* SPDX-License-Identifier: Apache-2.0 */
/*
 * eMMC (JESD84-B51) and SD (Physical Layer 6): registers, and the commands that erase. MMC_IOC_CMD
 * and MMC_IOC_MULTI_CMD carry them; the transport maps RESPONSE to the kernel's flags.
 */
#ifndef LETHE_PROTO_MMC_H
#define LETHE_PROTO_MMC_H

#include "proto/transfer.h"

#include <lethe/error.h>
#include <stdbool.h>
#include <stddef.h>

#define LETHE_MMC_EXT_CSD_SIZE 512

enum lethe_mmc_response { LETHE_MMC_R1, LETHE_MMC_R1B, LETHE_MMC_R2 };
struct lethe_mmc_command {
    uint8_t opcode;
    uint32_t argument;
    enum lethe_mmc_response response;
    bool app; /* CMD55 before it (ACMD) */
    enum lethe_transfer transfer;
    uint16_t block_size, blocks; /* of the data phase */
    unsigned timeout_ms;         /* of the busy signal; 0 = the kernel's default */
};

enum lethe_mmc_kind { LETHE_MMC_EMMC, LETHE_MMC_SD };

/* -- CID (16 bytes, most significant first as /sys/.../cid prints it) ---------------------------
 */
struct lethe_mmc_cid {
    uint8_t manufacturer;
    uint16_t oem; /* eMMC: CBX and OID; SD: two ASCII characters */
    char product[7];
    uint8_t revision; /* major << 4 | minor */
    uint32_t serial;
    unsigned year, month; /* eMMC: year is modulo 16 from 1997 (or 2013 with EXT_CSD_REV > 4) */
};
int lethe_mmc_cid_parse(enum lethe_mmc_kind kind, const uint8_t cid[16], struct lethe_mmc_cid *out,
                        struct lethe_error *err);

/* -- CSD: size of small cards, write protection, erase unit ----------------------------------- */
struct lethe_mmc_csd {
    uint8_t structure; /* SD: 0 = SDSC, 1 = SDHC/SDXC, 2 = SDUC; eMMC: 0-3 */
    uint64_t capacity; /* bytes; 0 where EXT_CSD has it */
    bool permanent_write_protect, temporary_write_protect;
    bool write_protect_groups; /* WP_GRP_ENABLE */
    uint32_t erase_unit;       /* bytes; 0 = see EXT_CSD or SSR */
};
int lethe_mmc_csd_parse(enum lethe_mmc_kind kind, const uint8_t csd[16], struct lethe_mmc_csd *out,
                        struct lethe_error *err);

/* -- EXT_CSD (JESD84-B51 7.4) ------------------------------------------------------------------ */
struct lethe_ext_csd {
    uint8_t revision;                  /* [192]: 8 = eMMC 5.1, 7 = 5.0, 6 = 4.5 ... */
    uint64_t sectors;                  /* [215:212] of 512 bytes: the user area */
    uint64_t boot_bytes;               /* [226] x 128 KiB, of each of two boot partitions */
    uint64_t rpmb_bytes;               /* [168] x 128 KiB: cannot be erased without its key */
    uint64_t gp_bytes[4];              /* [154:143]: general purpose partitions */
    uint64_t enhanced_bytes;           /* [142:140]: enhanced user area */
    bool partitioned;                  /* [155] bit 0: partitioning is complete (and permanent) */
    uint32_t erase_group;              /* bytes: high-capacity erase unit [224] x 512 KiB */
    uint32_t write_protect_group;      /* bytes: [221] x erase_group */
    bool erase_group_in_use;           /* [175] bit 0: the host switched to them */
    bool secure_erase, trim, sanitize; /* [231] bits 0, 4, 6 */
    bool secure_bad_block;             /* [231] bit 2 */
    bool discard;                      /* revision >= 6 */
    uint8_t erased_value;              /* 00h or FFh: [181] ERASED_MEM_CONT */
    bool user_wp_permanent, user_wp_power_on; /* [171] bits 2, 0 */
    bool user_wp_permanent_disabled;          /* [171] bit 4 */
    bool boot_wp_permanent, boot_wp_power_on; /* [173] bits 2, 0 */
    uint8_t boot_wp_status;    /* [174] b1:0 boot1, b3:2 boot2: 1 power-on, 2 permanent */
    uint8_t partition_config;  /* [179]; b2:0 PARTITION_ACCESS */
    uint32_t erase_timeout_ms; /* [223] x 300 ms for one erase group; 0 = not told */
    uint32_t trim_timeout_ms;  /* [232] x 300 ms */
    uint8_t pre_eol;           /* [267] 0 not told, 1 normal, 2 warning, 3 urgent */
    uint8_t life_a, life_b;    /* [268] [269] 0 not told, 1 = 0-10 % used ... 10, 11 = exceeded */
    char firmware[17];         /* [261:254], hex */
    uint64_t cache_bytes;      /* [252:249] x 1 Kbit */
    uint8_t removal_type;      /* [16] b5:4 configured, b3:0 supported ways of secure removal */
};
int lethe_ext_csd_parse(const uint8_t *data, size_t len, struct lethe_ext_csd *out,
                        struct lethe_error *err);

/* -- commands ---------------------------------------------------------------------------------- */
enum lethe_mmc_erase {
    LETHE_MMC_ERASE = 0x00000000,
    LETHE_MMC_TRIM = 0x00000001,
    LETHE_MMC_DISCARD = 0x00000003, /* leaves data where it is: never an erasure */
    LETHE_MMC_SECURE_ERASE = 0x80000000u,
    LETHE_MMC_SECURE_TRIM1 = 0x80000001u,
    LETHE_MMC_SECURE_TRIM2 = 0x80008000u,
};
/* CMD35, CMD36, CMD38 over sectors FIRST..LAST (512 bytes; of the partition switched to). SD:
 * CMD32, CMD33, CMD38 with argument 0. DISCARD is refused. BYTE_ADDRESSED: SDSC, and eMMC up to 2
 * GB. TIMEOUT_MS is that of CMD38. */
#define LETHE_MMC_ERASE_COMMANDS 3
int lethe_mmc_cmd_erase(enum lethe_mmc_kind kind, enum lethe_mmc_erase how, uint64_t first,
                        uint64_t last, bool byte_addressed, unsigned timeout_ms,
                        struct lethe_mmc_command out[LETHE_MMC_ERASE_COMMANDS],
                        struct lethe_error *err);
#define LETHE_MMC_EXT_CSD_SANITIZE_START 165
#define LETHE_MMC_EXT_CSD_BOOT_WP 173
#define LETHE_MMC_EXT_CSD_ERASE_GROUP_DEF 175
/* CMD6 that writes VALUE to byte INDEX of EXT_CSD (access mode 3). */
struct lethe_mmc_command lethe_mmc_cmd_switch(uint8_t index, uint8_t value, unsigned timeout_ms);
/* SANITIZE_START = 1: physically removes what ERASE and TRIM left. */
struct lethe_mmc_command lethe_mmc_cmd_sanitize(unsigned timeout_ms);
struct lethe_mmc_command lethe_mmc_cmd_send_ext_csd(void); /* CMD8, 512 in */
struct lethe_mmc_command lethe_mmc_cmd_read_block(uint64_t block, bool byte_addressed); /* CMD17 */
struct lethe_mmc_command lethe_mmc_cmd_send_status(uint16_t rca);                       /* CMD13 */
/* CMD30: 32 bits, one a write-protect group from ADDRESS on (4 bytes in). */
struct lethe_mmc_command lethe_mmc_cmd_send_write_prot(uint32_t address);
/* CMD31: 64 bits, two a group: 0 none, 1 temporary, 2 power-on, 3 permanent (8 bytes in). */
struct lethe_mmc_command lethe_mmc_cmd_send_write_prot_type(uint32_t address);
/* The worst type among the first GROUPS (1-32) of CMD31's 8 bytes: group 0 is in the last bits. */
uint8_t lethe_mmc_write_prot_worst(const uint8_t data[8], unsigned groups);

/* R1 (JESD84-B51 6.13). */
#define LETHE_MMC_STATUS_SWITCH_ERROR 0x80u
bool lethe_mmc_status_failed(uint32_t r1);
const char *lethe_mmc_status_word(
    uint32_t r1); /* of the first error: "write protected" ..., or "" */

/* -- SD ---------------------------------------------------------------------------------------- */
struct lethe_sd_scr {           /* 8 bytes */
    uint8_t structure, version; /* version: 1 = 1.x, 2 = 2.00, 3 = 3.0x, 4 = 4.xx, 5 = 5.xx ... */
    bool erased_ones;           /* DATA_STAT_AFTER_ERASE */
    uint8_t security;           /* CPRM */
};
int lethe_sd_scr_parse(const uint8_t scr[8], struct lethe_sd_scr *out, struct lethe_error *err);
struct lethe_sd_ssr { /* 64 bytes, ACMD13 */
    uint8_t speed_class;
    uint64_t allocation_unit; /* bytes; 0 = not told */
    uint16_t erase_size;      /* AUs erased within erase_timeout */
    uint8_t erase_timeout_s, erase_offset_s;
    bool discard, full_erase; /* DISCARD_SUPPORT, FULE_SUPPORT */
};
int lethe_sd_ssr_parse(const uint8_t ssr[64], struct lethe_sd_ssr *out, struct lethe_error *err);

#endif
