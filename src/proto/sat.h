/* SPDX-License-Identifier: Apache-2.0 */
/* ATA inside SCSI (SAT-4 12.2): ATA PASS-THROUGH (16) and (12), and the registers from sense data
 * of both forms. */
#ifndef LETHE_PROTO_SAT_H
#define LETHE_PROTO_SAT_H

#include "proto/ata.h"

/* 85h. Takes every taskfile. CK_COND as TASKFILE->want_result says: some bridges (JMicron
 * 152d:0567) answer nothing to it, so data-in commands are built without. */
int lethe_sat_cdb16(const struct lethe_ata_taskfile *taskfile, struct lethe_cdb *out,
                    struct lethe_error *err);
/* A1h: 28 bits only. -LETHE_E_UNSUPPORTED for 48-bit commands, so never SANITIZE. */
int lethe_sat_cdb12(const struct lethe_ata_taskfile *taskfile, struct lethe_cdb *out,
                    struct lethe_error *err);

/*
 * Registers of the command before, where the sense data were lost or of the fixed form (SAT-4
 * 12.2.2.2 PROTOCOL 15). The answer is LETHE_SAT_RESPONSE bytes of data-in, an ATA Status Return
 * descriptor; many bridges do not know it.
 */
#define LETHE_SAT_RESPONSE 14
struct lethe_cdb lethe_sat_cdb_return_response(void);
/* 1 registers decoded, 0 not such an answer. */
int lethe_sat_response_decode(const uint8_t *data, size_t len, struct lethe_ata_result *out);

/* Sense data after an ATA PASS-THROUGH. 1: registers decoded, OUT->known says which; 0: there are
 * none in it, OUT->known is 0 (GOOD status without sense: nothing is known). */
int lethe_sat_sense_decode(const uint8_t *sense, size_t len, struct lethe_ata_result *out);

#endif
