/* SPDX-License-Identifier: Apache-2.0 */
/* SCSI sense data (SPC-5 4.4), both forms, and what they mean for us. */
#ifndef LETHE_PROTO_SENSE_H
#define LETHE_PROTO_SENSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum lethe_sense_key {
    LETHE_SENSE_NO_SENSE = 0x0,
    LETHE_SENSE_RECOVERED = 0x1,
    LETHE_SENSE_NOT_READY = 0x2,
    LETHE_SENSE_MEDIUM_ERROR = 0x3,
    LETHE_SENSE_HARDWARE_ERROR = 0x4,
    LETHE_SENSE_ILLEGAL_REQUEST = 0x5,
    LETHE_SENSE_UNIT_ATTENTION = 0x6,
    LETHE_SENSE_DATA_PROTECT = 0x7,
    LETHE_SENSE_BLANK_CHECK = 0x8,
    LETHE_SENSE_VENDOR = 0x9,
    LETHE_SENSE_COPY_ABORTED = 0xa,
    LETHE_SENSE_ABORTED = 0xb,
    LETHE_SENSE_VOLUME_OVERFLOW = 0xd,
    LETHE_SENSE_MISCOMPARE = 0xe,
    LETHE_SENSE_COMPLETED = 0xf,
};

struct lethe_sense {
    bool valid;      /* there was sense data; else the rest is 0 */
    bool descriptor; /* 72h/73h, else 70h/71h */
    bool deferred;   /* 71h/73h: of an earlier command */
    uint8_t key, asc, ascq;
    bool progress_known;
    uint16_t progress; /* of 65536 (SKSV with key 0 or 2) */
    bool information_known;
    uint64_t information; /* usually the LBA */
};

/* Always fills OUT; returns OUT->valid. */
bool lethe_sense_parse(const uint8_t *sense, size_t len, struct lethe_sense *out);

/* What it means for a job. The table is in sense.c. */
enum lethe_sense_state {
    LETHE_SENSE_STATE_NONE,                /* no sense, or nothing is wrong */
    LETHE_SENSE_STATE_ATA_REGISTERS,       /* 00/1D: look at lethe_sat_sense_decode() */
    LETHE_SENSE_STATE_SANITIZE_RUNNING,    /* 04/1B */
    LETHE_SENSE_STATE_SANITIZE_FAILED,     /* 31/03 */
    LETHE_SENSE_STATE_FORMAT_RUNNING,      /* 04/04 */
    LETHE_SENSE_STATE_FORMAT_CORRUPTED,    /* 31/00 */
    LETHE_SENSE_STATE_FORMAT_FAILED,       /* 31/01 */
    LETHE_SENSE_STATE_SELF_TEST_RUNNING,   /* 04/09 */
    LETHE_SENSE_STATE_BECOMING_READY,      /* 04/01 */
    LETHE_SENSE_STATE_STOPPED,             /* 04/02: START UNIT needed */
    LETHE_SENSE_STATE_NOT_READY,           /* key 2, other */
    LETHE_SENSE_STATE_NO_MEDIUM,           /* 3A */
    LETHE_SENSE_STATE_RESET,               /* 29: power on, reset; 2F cleared by another */
    LETHE_SENSE_STATE_CAPACITY_CHANGED,    /* 2A/09 */
    LETHE_SENSE_STATE_PARAMETERS_CHANGED,  /* 2A other, 3F */
    LETHE_SENSE_STATE_MEDIUM_CHANGED,      /* 28 */
    LETHE_SENSE_STATE_UNIT_ATTENTION,      /* key 6, other */
    LETHE_SENSE_STATE_UNSUPPORTED_COMMAND, /* 20 */
    LETHE_SENSE_STATE_UNSUPPORTED_FIELD,   /* 24, 25, 26 */
    LETHE_SENSE_STATE_ILLEGAL,             /* key 5, other */
    LETHE_SENSE_STATE_WRITE_PROTECTED,     /* 27 */
    LETHE_SENSE_STATE_LOCKED,              /* 20/02, 74/71 security, key 7 other */
    LETHE_SENSE_STATE_CONFLICT,            /* 2C, 53/02 */
    LETHE_SENSE_STATE_FAILURE_PREDICTED,   /* 5D */
    LETHE_SENSE_STATE_WRITE_ERROR,         /* 03/0C */
    LETHE_SENSE_STATE_WRITE_NEEDED,        /* 03/11/15: write after sanitize required */
    LETHE_SENSE_STATE_READ_ERROR,          /* 03/11, and 03 other */
    LETHE_SENSE_STATE_UNWRITTEN,           /* key 8: reads fail until written */
    LETHE_SENSE_STATE_HARDWARE,            /* key 4 */
    LETHE_SENSE_STATE_ABORTED,             /* key B */
    LETHE_SENSE_STATE_OTHER,
};
enum lethe_sense_state lethe_sense_state(const struct lethe_sense *sense);
const char *lethe_sense_state_name(enum lethe_sense_state state); /* "sanitize-running" ... */
/* "sanitize-running (02/04/1b)": key, additional code, qualifier. */
void lethe_sense_format(char *out, size_t out_size, const struct lethe_sense *sense);

#endif
