/* SPDX-License-Identifier: Apache-2.0 */
/* The words that ATA, SCSI and NVMe share when they sanitise. */
#ifndef LETHE_PROTO_SANITIZE_H
#define LETHE_PROTO_SANITIZE_H

#include <stdbool.h>
#include <stdint.h>

enum lethe_sanitize_action {
    LETHE_SANITIZE_CRYPTO,
    LETHE_SANITIZE_BLOCK,
    LETHE_SANITIZE_OVERWRITE
};

enum lethe_sanitize_state {
    LETHE_SANITIZE_UNKNOWN,   /* the answer does not tell: never to be read as done */
    LETHE_SANITIZE_IDLE,      /* none running; none has completed that the device remembers */
    LETHE_SANITIZE_RUNNING,   /* progress counts */
    LETHE_SANITIZE_SUCCEEDED, /* the most recent one completed; only news if it was seen RUNNING */
    LETHE_SANITIZE_FAILED,    /* the device is in, or fell out of, the failure mode */
};

struct lethe_sanitize_status {
    enum lethe_sanitize_state state;
    bool progress_known;
    uint32_t progress; /* of 65536 */
    /* ATA (ACS-4 7.36): */
    bool frozen;     /* SANITIZE FREEZE LOCK was given; until power cycle */
    bool antifreeze; /* SANITIZE ANTIFREEZE LOCK was given; until power cycle */
    uint8_t reason;  /* of an aborted command: LETHE_ATA_SANITIZE_REASON_X */
    /* NVMe (2.0 5.16.1.25): */
    bool no_deallocate;      /* succeeded, and blocks were not deallocated */
    bool global_data_erased; /* nothing was written since */
    uint8_t passes;          /* of an overwrite, completed */
    uint32_t command;        /* CDW10 of the most recent sanitize: must be ours */
    /* Estimates in seconds, 0 = not told. */
    uint32_t estimate_overwrite, estimate_block, estimate_crypto;
};

const char *lethe_sanitize_state_name(enum lethe_sanitize_state state);    /* "running" ... */
const char *lethe_sanitize_action_name(enum lethe_sanitize_action action); /* "crypto" ... */

#endif
