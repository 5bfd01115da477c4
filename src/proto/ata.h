/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ATA commands as taskfiles (ACS-4; hidden areas also ATA8-ACS, which had HPA and DCO), and what
 * the registers say afterwards. A taskfile goes on the wire through proto/sat.h.
 */
#ifndef LETHE_PROTO_ATA_H
#define LETHE_PROTO_ATA_H

#include "proto/sanitize.h"
#include "proto/transfer.h"

#include <lethe/error.h>

#define LETHE_ATA_BLOCK 512
#define LETHE_ATA_PASSWORD 32 /* bytes: words 1-16 of the security block */

enum lethe_ata_protocol { /* values of SAT-4 table 172, PROTOCOL */
                          LETHE_ATA_NON_DATA = 3,
                          LETHE_ATA_PIO_IN = 4,
                          LETHE_ATA_PIO_OUT = 5,
                          LETHE_ATA_DMA = 6,
                          LETHE_ATA_RETURN_RESPONSE = 15,
};

struct lethe_ata_taskfile {
    uint16_t feature, count; /* 28-bit commands use the low bytes */
    uint64_t lba;            /* 48 bits, or 28: bits 27:24 are then put into the device register */
    uint8_t device, command;
    bool ext;         /* a 48-bit command */
    bool want_result; /* registers are asked for even when nothing failed (CK_COND) */
    enum lethe_ata_protocol protocol;
    enum lethe_transfer transfer;
    uint16_t blocks; /* of LETHE_ATA_BLOCK in the data phase; always equal to COUNT's meaning */
};

/* Registers after a command. Only what KNOWN names was returned; the rest is 0. */
enum lethe_ata_known {
    LETHE_ATA_KNOWN_ERROR = 1 << 0,
    LETHE_ATA_KNOWN_STATUS = 1 << 1,
    LETHE_ATA_KNOWN_DEVICE = 1 << 2,
    LETHE_ATA_KNOWN_COUNT_LOW = 1 << 3,  /* COUNT(7:0) */
    LETHE_ATA_KNOWN_COUNT_HIGH = 1 << 4, /* COUNT(15:8): lost by fixed-format sense */
    LETHE_ATA_KNOWN_LBA_LOW = 1 << 5,    /* LBA(23:0) */
    LETHE_ATA_KNOWN_LBA_HIGH = 1 << 6,   /* LBA(47:24): lost by fixed-format sense */
    LETHE_ATA_KNOWN_ALL = 0x7f,
};
struct lethe_ata_result {
    unsigned known; /* LETHE_ATA_KNOWN_X */
    uint8_t error, status, device;
    uint16_t count;
    uint64_t lba;
};

#define LETHE_ATA_STATUS_ERROR 0x01
#define LETHE_ATA_STATUS_FAULT 0x20
#define LETHE_ATA_STATUS_READY 0x40
#define LETHE_ATA_STATUS_BUSY 0x80
#define LETHE_ATA_ERROR_ABORT 0x04

/* True only if the status register was returned and says: ready, no error, no device fault. */
bool lethe_ata_succeeded(const struct lethe_ata_result *result);
/* True only if the registers say that the command was aborted (error ABRT). */
bool lethe_ata_aborted(const struct lethe_ata_result *result);

/* -- identity, power ------------------------------------------------------------------------ */
struct lethe_ata_taskfile lethe_ata_cmd_identify(void);          /* ECh, 1 block in */
struct lethe_ata_taskfile lethe_ata_cmd_standby_immediate(void); /* E0h */
struct lethe_ata_taskfile lethe_ata_cmd_flush_cache(bool ext);   /* E7h / EAh */
struct lethe_ata_taskfile lethe_ata_cmd_check_power(void);       /* E5h, COUNT(7:0) is the mode */

/* -- hidden areas (open HPA, then AMAC, then DCO; a power cycle after each change) ----------- */
struct lethe_ata_taskfile lethe_ata_cmd_read_native_max(bool ext); /* F8h / 27h */
/* SET MAX ADDRESS F9h / 37h to MAX_LBA. It must follow READ NATIVE MAX directly. PERSIST: also
 * after the power cycle (COUNT bit 0). A 28-bit one refuses MAX_LBA over 2^28-1. */
int lethe_ata_cmd_set_max(bool ext, uint64_t max_lba, bool persist, struct lethe_ata_taskfile *out,
                          struct lethe_error *err);
/* The answer of both, and of AMAC: the highest LBA that can be had. False when it was not told. */
bool lethe_ata_result_max_lba(const struct lethe_ata_result *result, bool ext, uint64_t *max_lba);
struct lethe_ata_taskfile lethe_ata_cmd_amac_get(void); /* 78h/0000h GET NATIVE MAX ADDRESS EXT */
int lethe_ata_cmd_amac_set(uint64_t max_lba, struct lethe_ata_taskfile *out,
                           struct lethe_error *err);        /* 78h/0001h */
struct lethe_ata_taskfile lethe_ata_cmd_amac_freeze(void);  /* 78h/0002h */
struct lethe_ata_taskfile lethe_ata_cmd_dco_restore(void);  /* B1h/C0h */
struct lethe_ata_taskfile lethe_ata_cmd_dco_freeze(void);   /* B1h/C1h */
struct lethe_ata_taskfile lethe_ata_cmd_dco_identify(void); /* B1h/C2h, 1 block in */
struct lethe_ata_dco {
    uint16_t revision;
    uint64_t max_lba; /* the highest the device can have */
    bool hpa, security, lba48;
};
/* ATA8-ACS 7.9.3.3; -LETHE_E_INVALID when the checksum is wrong or the block is too short. */
int lethe_ata_dco_parse(const uint8_t *data, size_t len, struct lethe_ata_dco *out,
                        struct lethe_error *err);

/* -- SECURITY (ACS-4 7.40-7.45) ------------------------------------------------------------- */
struct lethe_ata_taskfile lethe_ata_cmd_security_set_password(void);  /* F1h, 1 block out */
struct lethe_ata_taskfile lethe_ata_cmd_security_unlock(void);        /* F2h, 1 block out */
struct lethe_ata_taskfile lethe_ata_cmd_security_erase_prepare(void); /* F3h */
struct lethe_ata_taskfile lethe_ata_cmd_security_erase_unit(void);    /* F4h, 1 block out; hours */
struct lethe_ata_taskfile lethe_ata_cmd_security_freeze(void);        /* F5h */
struct lethe_ata_taskfile lethe_ata_cmd_security_disable(void);       /* F6h, 1 block out */
/* The blocks of F1 (user password, level High always, so that a master password can still help),
 * F2/F6, and F4. Wipe them after use. */
enum lethe_ata_security_who { LETHE_ATA_USER, LETHE_ATA_MASTER };
void lethe_ata_security_set_block(uint8_t block[LETHE_ATA_BLOCK],
                                  const uint8_t password[LETHE_ATA_PASSWORD]);
void lethe_ata_security_block(uint8_t block[LETHE_ATA_BLOCK], enum lethe_ata_security_who who,
                              const uint8_t password[LETHE_ATA_PASSWORD]);
void lethe_ata_security_erase_block(uint8_t block[LETHE_ATA_BLOCK], enum lethe_ata_security_who who,
                                    bool enhanced, const uint8_t password[LETHE_ATA_PASSWORD]);

/* -- SANITIZE DEVICE B4h (ACS-4 7.36) --------------------------------------------------------- */
#define LETHE_ATA_SANITIZE_REASON_NONE 0
#define LETHE_ATA_SANITIZE_REASON_FAILED 1      /* the last one completed unsuccessfully */
#define LETHE_ATA_SANITIZE_REASON_UNSUPPORTED 2 /* feature value */
#define LETHE_ATA_SANITIZE_REASON_FROZEN 3
#define LETHE_ATA_SANITIZE_REASON_ANTIFREEZE 4
/* CLEAR_FAILURE: leave the failure mode (works only if the sanitize allowed it). */
struct lethe_ata_taskfile lethe_ata_cmd_sanitize_status(bool clear_failure);
/* FAILURE MODE is always allowed to be left (COUNT bit 4). */
struct lethe_ata_taskfile lethe_ata_cmd_sanitize_crypto(void);
struct lethe_ata_taskfile lethe_ata_cmd_sanitize_block(void);
/* PASSES 1-16. INVERT: every pass inverts the pattern of the one before. */
int lethe_ata_cmd_sanitize_overwrite(unsigned passes, bool invert, uint32_t pattern,
                                     struct lethe_ata_taskfile *out, struct lethe_error *err);
/* ZONED NO RESET (COUNT bit 15), as SCSI's ZNR. */
void lethe_ata_sanitize_keeps_zones(struct lethe_ata_taskfile *sanitize);
struct lethe_ata_taskfile lethe_ata_cmd_sanitize_freeze(void);
struct lethe_ata_taskfile lethe_ata_cmd_sanitize_antifreeze(void);
/* What a sanitize command's registers tell. State UNKNOWN where COUNT(15:8) was not returned:
 * ask again by lethe_sat_cdb_return_response(). */
void lethe_ata_sanitize_result(const struct lethe_ata_result *result,
                               struct lethe_sanitize_status *out);

/* -- health ----------------------------------------------------------------------------------- */
struct lethe_ata_taskfile lethe_ata_cmd_smart_read_data(void);       /* B0h/D0h, 1 block in */
struct lethe_ata_taskfile lethe_ata_cmd_smart_read_thresholds(void); /* B0h/D1h, 1 block in */
struct lethe_ata_taskfile lethe_ata_cmd_smart_enable(void);          /* B0h/D8h */
struct lethe_ata_taskfile lethe_ata_cmd_smart_status(void);          /* B0h/DAh */
/* 1 threshold exceeded (failure predicted), 0 not, -1 not told: LBA(23:8) is C24Fh or 2CF4h. */
int lethe_ata_smart_status(const struct lethe_ata_result *result);
/* READ LOG EXT 2Fh: BLOCKS 1-256 of PAGE on. */
struct lethe_ata_taskfile lethe_ata_cmd_read_log(uint8_t log, uint16_t page, uint16_t blocks);

/* -- TCG (ACS-4 7.54, 7.56): COM_ID goes to LBA(23:8). BLOCKS 1-255: SAT takes the length of the
 * transfer from COUNT, which holds only the low byte of it. --------------------------------- */
struct lethe_ata_taskfile lethe_ata_cmd_trusted_receive(uint8_t protocol, uint16_t com_id,
                                                        uint8_t blocks); /* 5Ch, PIO */
struct lethe_ata_taskfile lethe_ata_cmd_trusted_send(uint8_t protocol, uint16_t com_id,
                                                     uint8_t blocks); /* 5Eh, PIO */

#endif
