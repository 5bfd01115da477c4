/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a drive says of its own health, in one form, and a triage before hours are wasted. Nothing
 * of it proves or disproves an erasure: it is for the bench and for the report.
 */
#ifndef LETHE_PROTO_HEALTH_H
#define LETHE_PROTO_HEALTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum lethe_health_known {
    LETHE_HEALTH_HOURS = 1 << 0,
    LETHE_HEALTH_REALLOCATED = 1 << 1,
    LETHE_HEALTH_PENDING = 1 << 2,
    LETHE_HEALTH_UNCORRECTABLE = 1 << 3,
    LETHE_HEALTH_MEDIA_ERRORS = 1 << 4,
    LETHE_HEALTH_USED = 1 << 5,
    LETHE_HEALTH_SPARE = 1 << 6,
    LETHE_HEALTH_TEMPERATURE = 1 << 7,
    LETHE_HEALTH_WRITTEN = 1 << 8,
    LETHE_HEALTH_FAILING = 1 << 9, /* the device's own prediction was asked for and answered */
    LETHE_HEALTH_LINK_ERRORS = 1 << 10,
    LETHE_HEALTH_TIMEOUTS = 1 << 11,
    LETHE_HEALTH_POWER_CYCLES = 1 << 12,
    LETHE_HEALTH_READ_ONLY = 1 << 13,
};
struct lethe_health {
    unsigned known; /* LETHE_HEALTH_X: the other fields are 0 */
    uint64_t power_on_hours;
    uint64_t power_cycles;
    uint64_t reallocated;   /* sectors; SCSI: grown defects */
    uint64_t pending;       /* sectors waiting to be reallocated */
    uint64_t uncorrectable; /* ATA: off-line uncorrectable sectors; SCSI: read+write+verify */
    uint64_t media_errors;  /* reported uncorrectable errors; NVMe media errors */
    uint64_t timeouts;      /* command timeouts (188) */
    uint64_t link_errors;   /* interface CRC errors (199): a cable or a dock, not the drive */
    unsigned used;          /* per cent of the rated endurance; may exceed 100 */
    unsigned spare, spare_threshold; /* per cent of the spare blocks left, and the least good one */
    int temperature;                 /* Celsius */
    uint64_t written;                /* bytes written by hosts */
    bool failing;                    /* the device predicts its failure */
    bool read_only; /* the medium has been put into read-only mode: cannot be erased */
};

enum lethe_triage {
    LETHE_TRIAGE_UNKNOWN,
    LETHE_TRIAGE_GOOD,
    LETHE_TRIAGE_WORN,
    LETHE_TRIAGE_FAILING
};
#define LETHE_TRIAGE_REASONS_MAX 8
struct lethe_triage_verdict {
    enum lethe_triage triage;
    char reasons[LETHE_TRIAGE_REASONS_MAX][96]; /* worst first; sentences without a full stop */
    size_t n_reasons;
};
/* Pure. UNKNOWN when nothing that could speak against the drive is known. */
void lethe_health_triage(const struct lethe_health *health, struct lethe_triage_verdict *out);
const char *lethe_triage_name(enum lethe_triage triage); /* "good" ... */

/* Add what MORE knows and HEALTH does not. */
void lethe_health_merge(struct lethe_health *health, const struct lethe_health *more);

#endif
