/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What SANITIZE is, whatever the command set: one course for ATA, SCSI and NVMe. The drive is
 * believed in nothing: its status is read before, all along and after, and "succeeded" counts only
 * as the end of something that we began and saw.
 */
#ifndef LETHE_TECHNIQUE_SANITIZE_H
#define LETHE_TECHNIQUE_SANITIZE_H

#include "proto/sanitize.h"
#include "proto/sense.h"

#include <lethe/technique.h>

/* Of repeat(): it was over in less than a look before. */
#define LETHE_SANITIZE_WAITS_MS 60000

/* One command set: ata_sanitize.c, scsi_sanitize.c, nvme_sanitize.c. */
struct lethe_sanitize_set {
    const char *name; /* "ata", "scsi", "nvme" */
    /* Ask. 0 with OUT (state UNKNOWN where the answer does not tell); -LETHE_E_GONE, -LETHE_E_IO.
     */
    int (*status)(struct lethe_run *run, struct lethe_sanitize_status *out,
                  struct lethe_error *err);
    /* COMMANDS of these four: an array to which what was sent is added, as text. Before it begins:
     * lift what would only get in the way (a freeze lock to come). May be NULL. */
    void (*prepare)(struct lethe_run *run, json_t *commands);
    /* Send it. TOLD (UNKNOWN before): the status, where the answer to the command has one. */
    int (*begin)(struct lethe_run *run, enum lethe_sanitize_action action, json_t *commands,
                 struct lethe_sanitize_status *told, struct lethe_error *err);
    /* Once more, as a command that is answered when it is over: 1 it was, and well; 0 that told
     * nothing; negative no answer. NULL: there is no such command. */
    int (*repeat)(struct lethe_run *run, enum lethe_sanitize_action action, json_t *commands,
                  struct lethe_error *err);
    /* Leave the failure mode, where the drive lets us. NULL: nothing has to be sent. */
    int (*leave_failure)(struct lethe_run *run, json_t *commands, struct lethe_error *err);
    /* How the log must name that command at its end (facts/drives.md A4). NULL: it names none. */
    uint32_t (*named)(enum lethe_sanitize_action action);
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
/* For leave_failure: asked again, because some answer the command and stay in it. Not of NVMe,
 * whose log remembers the failure. */
int lethe_sanitize_left_failure(struct lethe_run *run, const struct lethe_sanitize_set *set,
                                struct lethe_error *err);
int lethe_sanitize_step(struct lethe_run *run, struct lethe_error *err);
int lethe_sanitize_attest(struct lethe_run *run, json_t **evidence, struct lethe_error *err);
void lethe_sanitize_stop(struct lethe_run *run);

/* The three ops tables of command set SET ("lethe_technique_SET_sanitize_crypto" ...), whose struct
 * lethe_sanitize_set has that name too. SECONDS of each action may be NULL. */
#define LETHE_SANITIZE_ACTION(set, word, ACTION, KIND, LEAVES, PATTERN, SECONDS, ...)              \
    static int start_##word(struct lethe_run *run, struct lethe_error *err)                        \
    {                                                                                              \
        return lethe_sanitize_start(run, &set, LETHE_SANITIZE_##ACTION, err);                      \
    }                                                                                              \
    static int settle_##word(struct lethe_run *run, struct lethe_error *err)                       \
    {                                                                                              \
        return lethe_sanitize_settle(run, &set, LETHE_SANITIZE_##ACTION, err);                     \
    }                                                                                              \
    /* What tells its progress in steps of five per cent is not stuck between two of them. */      \
    static uint64_t patience_##word(const struct lethe_facts *facts, uint64_t capacity)            \
    {                                                                                              \
        uint64_t (*seconds)(const struct lethe_facts *, uint64_t) = SECONDS;                       \
        return seconds ? seconds(facts, capacity) / 20 : 0;                                        \
    }                                                                                              \
    const struct lethe_technique lethe_technique_##set##_sanitize_##word = {                       \
        .name = #set "-sanitize-" #word,                                                           \
        .kind = KIND,                                                                              \
        .method = LETHE_METHOD_PURGE,                                                              \
        .capability = LETHE_CAN_SANITIZE_##ACTION,                                                 \
        .flags = LETHE_TECHNIQUE_ZONES,                                                            \
        .leaves = LEAVES,                                                                          \
        .pattern = PATTERN,                                                                        \
        .seconds = SECONDS,                                                                        \
        .patience = patience_##word,                                                               \
        .settle = settle_##word,                                                                   \
        .start = start_##word,                                                                     \
        .step = lethe_sanitize_step,                                                               \
        .attest = lethe_sanitize_attest,                                                           \
        .stop = lethe_sanitize_stop,                                                               \
        __VA_ARGS__}
#define LETHE_SANITIZE_ACTIONS(set, CRYPTO_SECONDS, BLOCK_SECONDS, OVERWRITE_SECONDS, ...)         \
    LETHE_SANITIZE_ACTION(set, crypto, CRYPTO, LETHE_KIND_CRYPTO_ERASE, LETHE_LEAVES_UNKNOWN,      \
                          NULL, CRYPTO_SECONDS, __VA_ARGS__);                                      \
    LETHE_SANITIZE_ACTION(set, block, BLOCK, LETHE_KIND_BLOCK_ERASE, LETHE_LEAVES_UNIFORM, NULL,   \
                          BLOCK_SECONDS, __VA_ARGS__);                                             \
    LETHE_SANITIZE_ACTION(set, overwrite, OVERWRITE, LETHE_KIND_OVERWRITE, LETHE_LEAVES_PATTERN,   \
                          "zero", OVERWRITE_SECONDS, __VA_ARGS__)

/* SCSI: what REQUEST SENSE tells, of whatever goes on in the background. */
int lethe_technique_request_sense(struct lethe_run *run, struct lethe_sense *out,
                                  struct lethe_error *err);
/* At the rate of a disk: for drives that do not tell. */
uint64_t lethe_technique_disk_seconds(const struct lethe_facts *facts, uint64_t capacity);

/* "b4 0012 ..." in hex, for the record of commands. */
void lethe_technique_hex(json_t *commands, const char *what, const uint8_t *bytes, size_t n);
/* What -ERRNUM from a command means for the job, in words. Returns -LETHE_E_X. */
int lethe_technique_no_answer(int rc, const char *what, struct lethe_error *err);
/* A drive's own erasure could not be begun, or went wrong: WHAT, and what it means. */
int lethe_technique_fail(struct lethe_error *err, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* At the end: free what a technique keeps, and its record of commands. */
void lethe_technique_drop(struct lethe_run *run, json_t *commands);
/* Sleep between two looks. */
void lethe_technique_wait(uint32_t ms);

#endif
