/* SPDX-License-Identifier: Apache-2.0 */
/* SCSI commands (SPC-5, SBC-4) as CDBs with their parameter lists. Answers are read by
 * proto/scsi_inquiry.h, proto/scsi_log.h and proto/sense.h. */
#ifndef LETHE_PROTO_SCSI_H
#define LETHE_PROTO_SCSI_H

#include "proto/sanitize.h"
#include "proto/scsi_inquiry.h"
#include "proto/sense.h"
#include "proto/transfer.h"

#include <lethe/error.h>

struct lethe_cdb lethe_scsi_cmd_test_unit_ready(void);                       /* 00h */
struct lethe_cdb lethe_scsi_cmd_request_sense(uint8_t len, bool descriptor); /* 03h */
struct lethe_cdb lethe_scsi_cmd_inquiry(uint16_t len);                       /* 12h */
struct lethe_cdb lethe_scsi_cmd_vpd(uint8_t page, uint16_t len);             /* 12h EVPD */
struct lethe_cdb lethe_scsi_cmd_read_capacity10(void);                       /* 25h, 8 bytes */
struct lethe_cdb lethe_scsi_cmd_read_capacity16(void);                       /* 9Eh/10h, 32 */
struct lethe_cdb lethe_scsi_cmd_report_luns(uint32_t len);                   /* A0h */
/* A3h/0Ch for one command; SERVICE_ACTION < 0 for commands without one. */
struct lethe_cdb lethe_scsi_cmd_report_support(uint8_t opcode, int service_action, uint32_t len);
struct lethe_cdb lethe_scsi_cmd_start_stop(bool start, bool immediate); /* 1Bh */
struct lethe_cdb lethe_scsi_cmd_synchronize_cache(void);                /* 35h, all */
/* B7h, grown list in long block format; LEN 8 for the header alone. */
struct lethe_cdb lethe_scsi_cmd_read_defects12(uint32_t len);
struct lethe_cdb lethe_scsi_cmd_log_sense(uint8_t page, uint8_t subpage, uint16_t len);    /* 4Dh */
struct lethe_cdb lethe_scsi_cmd_mode_sense10(uint8_t page, uint8_t subpage, uint16_t len); /* 5Ah */
struct lethe_cdb lethe_scsi_cmd_mode_sense6(uint8_t page, uint8_t len);                    /* 1Ah */
struct lethe_cdb lethe_scsi_cmd_mode_select10(uint16_t len, bool save);                    /* 55h */
struct lethe_cdb lethe_scsi_cmd_mode_select6(uint8_t len, bool save);                      /* 15h */
/* 88h / 8Ah; BLOCKS * BLOCK_SIZE bytes; bypasses the device's cache with FUA. */
int lethe_scsi_cmd_read16(uint64_t lba, uint32_t blocks, uint32_t block_size, bool fua,
                          struct lethe_cdb *out, struct lethe_error *err);
int lethe_scsi_cmd_write16(uint64_t lba, uint32_t blocks, uint32_t block_size, bool fua,
                           struct lethe_cdb *out, struct lethe_error *err);
/* A2h / B5h (SPC-5 6.40). LEN in bytes; 512-byte units are never used (INC_512 clear) unless ATA:
 * the translator of a SATA device wants multiples of 512 with INC_512 set (SAT-4 9.16). */
struct lethe_cdb lethe_scsi_cmd_security_in(uint8_t protocol, uint16_t specific, uint32_t len,
                                            bool inc512);
struct lethe_cdb lethe_scsi_cmd_security_out(uint8_t protocol, uint16_t specific, uint32_t len,
                                             bool inc512);

/* -- SANITIZE 48h (SBC-4 5.30), IMMED and AUSE ------------------------------------------------- */
#define LETHE_SCSI_SANITIZE_LIST_MAX 8
struct lethe_cdb lethe_scsi_cmd_sanitize_block(void);
struct lethe_cdb lethe_scsi_cmd_sanitize_crypto(void);
struct lethe_cdb lethe_scsi_cmd_sanitize_exit_failure(void);
/* ZNR, of a zoned drive: write pointers stay (crypto), or zones become full (block, overwrite),
 * instead of empty (SBC-4 5.30.1): what was sanitised can be read afterwards. */
void lethe_scsi_sanitize_keeps_zones(struct lethe_cdb *sanitize);
/* IMMED cleared: its status comes when it is over, and is its result. */
void lethe_scsi_sanitize_waits(struct lethe_cdb *sanitize);
/* PASSES 1-31, a pattern of 4 bytes (what a SAT target must have); LIST gets the parameter list,
 * OUT->data_len bytes of it. */
int lethe_scsi_cmd_sanitize_overwrite(unsigned passes, bool invert, uint32_t pattern,
                                      struct lethe_cdb *out,
                                      uint8_t list[LETHE_SCSI_SANITIZE_LIST_MAX],
                                      struct lethe_error *err);
/* A REQUEST SENSE answer while or after sanitising. NO SENSE is IDLE: whether it succeeded only the
 * transition from RUNNING tells. */
void lethe_scsi_sanitize_result(const struct lethe_sense *sense, struct lethe_sanitize_status *out);

/* -- FORMAT UNIT 04h (SBC-4 5.4), IMMED, and the block length before it ------------------------ */
#define LETHE_SCSI_FORMAT_LIST 4
/* PROTECTION_TYPE 0-3 (FMTPINFO, PROTECTION FIELD USAGE); OUT and its parameter list. The defect
 * lists are the drive's own; DCRT and certification stay as the drive has them. */
int lethe_scsi_cmd_format_unit(unsigned protection_type, struct lethe_cdb *out,
                               uint8_t list[LETHE_SCSI_FORMAT_LIST], struct lethe_error *err);
/* As lethe_scsi_sanitize_waits(). */
void lethe_scsi_format_waits(uint8_t list[LETHE_SCSI_FORMAT_LIST]);
/* Parameter list of MODE SELECT (10) with a long block descriptor: BLOCK_LENGTH, and BLOCKS 0 so
 * that the drive takes all it has (SBC-4 6.5.2.3; FFFFFFFFh/FFFFFFFFFFFFFFFFh asks the same of
 * drives that keep the old count on 0). */
#define LETHE_SCSI_BLOCK_LENGTH_LIST 24
int lethe_scsi_block_length_list(uint32_t block_length, bool maximum,
                                 uint8_t list[LETHE_SCSI_BLOCK_LENGTH_LIST],
                                 struct lethe_error *err);
/* The same for MODE SELECT (6), short descriptor; for drives without the 10-byte commands. */
#define LETHE_SCSI_BLOCK_LENGTH_LIST6 12
int lethe_scsi_block_length_list6(uint32_t block_length,
                                  uint8_t list[LETHE_SCSI_BLOCK_LENGTH_LIST6],
                                  struct lethe_error *err);

#endif
