/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What SANITIZE is, whatever the command set: one course for ATA, SCSI and NVMe. The drive is
 * believed in nothing: its status is read before, all along and after, and "succeeded" counts only
 * as the end of something that we began and saw.
 */
#ifndef LETHE_TECHNIQUE_SANITIZE_H
#define LETHE_TECHNIQUE_SANITIZE_H

#include "proto/sanitize.h"

#include <lethe/technique.h>

/* One command set: ata_sanitize.c, scsi_sanitize.c, nvme_sanitize.c. */
struct lethe_sanitize_set {
    const char *name; /* "ata", "scsi", "nvme" */
    /* Ask. 0 with OUT (state UNKNOWN where the answer does not tell); -LETHE_E_GONE, -LETHE_E_IO.
     */
    int (*status)(struct lethe_run *run, struct lethe_sanitize_status *out,
                  struct lethe_error *err);
    /* Before it begins: lift what would only get in the way (a freeze lock to come). May be NULL.
     */
    void (*prepare)(struct lethe_run *run);
    /* Send it. COMMANDS: an array to which what was sent is added, as text. */
    int (*begin)(struct lethe_run *run, enum lethe_sanitize_action action, json_t *commands,
                 struct lethe_error *err);
    /* Leave the failure mode, where the drive lets us. */
    int (*leave_failure)(struct lethe_run *run, struct lethe_error *err);
    /* NO ERROR after RUNNING is all that it says at the end (SCSI). */
    bool idle_is_done;
    /* Only another one, to its end, leaves the failure mode (a torn format). */
    bool left_by_again;
};

int lethe_sanitize_start(struct lethe_run *run, const struct lethe_sanitize_set *set,
                         enum lethe_sanitize_action action, struct lethe_error *err);
/* Of a drive that was left while it worked: wait for its end, leave its failure. What it did in the
 * meantime counts for nothing. */
int lethe_sanitize_settle(struct lethe_run *run, const struct lethe_sanitize_set *set,
                          enum lethe_sanitize_action action, struct lethe_error *err);
int lethe_sanitize_step(struct lethe_run *run, struct lethe_error *err);
int lethe_sanitize_attest(struct lethe_run *run, json_t **evidence, struct lethe_error *err);
void lethe_sanitize_stop(struct lethe_run *run);

/* "b4 0012 ..." in hex, for the record of commands. */
void lethe_technique_hex(json_t *commands, const char *what, const uint8_t *bytes, size_t n);
/* What -ERRNUM from a command means for the job, in words. Returns -LETHE_E_X. */
int lethe_technique_no_answer(int rc, const char *what, struct lethe_error *err);
/* A drive's own erasure could not be begun, or went wrong: WHAT, and what it means. */
int lethe_technique_fail(struct lethe_error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Sleep between two looks. */
void lethe_technique_wait(uint32_t ms);

#endif
