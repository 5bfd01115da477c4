/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Did it work on this device? Sampling that can't be re-rolled, exact bytes, canaries gone.
 * Runs in a worker that can only read (rule 5).
 *
 * Canary at LBA-aligned offset o: one logical block = magic(16) || job(36) || be64 offset ||
 * HMAC-SHA256(canary key, job || be64 o), repeated to fill the block. Which offsets: first and last
 * block, the rest block number be64(HMAC(canary key, "position" || be64 i)[0..8]) mod blocks, i =
 * 0, 1,
 * ..., repeated ones skipped (all blocks in order where canaries cover more than half of the
 * device).
 *
 * On a drive with host-managed zones a canary fills one physical block, of which the first logical
 * one is looked at and counted, and stands where it may be written: the first PER blocks of zones
 * that are drawn as blocks are above (first and last zone, then at random), PER being the fewest
 * with which there are zones enough; mostly one. A zone is rewound (lethe_zone_rewind()) before its
 * first block is written.
 *
 * Sample positions: START commits SHA-256(k), the certificate reveals k. s = HMAC(k, job); random
 * words are the big-endian 64-bit words of HMAC(s, be64 0) || HMAC(s, be64 1) || ...; a number
 * below m is word mod m, words not below the last multiple of m dropped. Stratum i of S begins at
 * block floor(i * blocks / S). confidence: one block of each of S strata, S = n =
 * ceil(ln(1-c)/ln(1-p)), grown by what unequal strata cost; half of the device or more: all of it.
 *   strata:     in each subsection `samples` runs of ceil(percent * size) blocks: distinct numbers
 *               below size - samples * length + samples, sorted; run j begins at the j-th plus
 *               j * (length - 1).
 * Always read besides: blocks 0..63, the last 33, the last block of each subsection (confidence: of
 * each of min(S, 1000) equal sections), and the blocks of the canaries.
 * Sample blocks are 4096 bytes, or the logical block where that is larger.
 */
#ifndef LETHE_VERIFICATION_H
#define LETHE_VERIFICATION_H

#include <lethe/io.h>
#include <lethe/policy.h>
#include <lethe/technique.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LETHE_KEY_SIZE 32

/* ZONE: bytes of a zone of a host-managed drive, 0 for any other. Write COUNT canaries, flush, read
 * each back bypassing caches. How many stand: a place that answers with a sector's error is left
 * out, as long as half of them stand. -LETHE_E_IO when one does not read back (fake capacity,
 * dropped writes: named in ERR). WRITTEN counts what may have reached the device, also on failure.
 */
int lethe_canary_write(struct lethe_io *io, const char *job, const uint8_t key[LETHE_KEY_SIZE],
                       uint64_t capacity, uint64_t zone, uint32_t count, uint32_t *written,
                       const struct lethe_report *report, struct lethe_error *err);
/* Are they gone? For an erasure that is overwritten afterwards: nothing would be left to look at.
 * A block that can't be read counts as not checked. -LETHE_E_GONE when the device is. */
int lethe_canary_look(struct lethe_io *io, const char *job, const uint8_t key[LETHE_KEY_SIZE],
                      uint64_t capacity, uint64_t zone, uint32_t count, uint32_t *checked,
                      uint32_t *standing, struct lethe_error *err);
/* Offsets, sorted and distinct; returns how many (<= count: small devices have fewer blocks). OUT
 * holds COUNT. */
uint32_t lethe_canary_offsets(const uint8_t key[LETHE_KEY_SIZE], uint64_t capacity, uint32_t block,
                              uint32_t count, uint64_t *out);
/* The same with zones of ZONE bytes; BLOCK is the physical one. */
uint32_t lethe_canary_zone_offsets(const uint8_t key[LETHE_KEY_SIZE], uint64_t capacity,
                                   uint64_t zone, uint32_t block, uint32_t count, uint64_t *out);

struct lethe_verify_run {
    struct lethe_io *io; /* read-only */
    const char *job;
    uint64_t capacity; /* as recorded at START */
    uint64_t zone;     /* bytes of a zone of a host-managed drive; 0: it is none */
    struct lethe_verification_rule rule;
    bool full; /* made full because the job was interrupted */
    /* Expected contents: the last pass. */
    const char *pattern; /* canonical spelling; NULL: not known (see `leaves`) */
    unsigned pass;
    /* Without a pattern: UNIFORM learns it from the first block and wants it everywhere; UNKNOWN
     * takes the canaries for the sample, since nothing else is known of what was there. */
    enum lethe_leaves leaves;
    bool reads_may_fail; /* the drive says that blocks may not be readable now: those are counted
                            as withheld, not as unreadable */
    const uint8_t *seed;
    const uint8_t *sample_key; /* k */
    const uint8_t *canary_key;
    uint32_t canaries;
    /* Ranges known as exceptions (sorted): reading errors there are counted, not failures of the
     * comparison. */
    size_t n_exceptions;
    const struct lethe_range *exceptions;
    size_t memory;
    struct lethe_report report; /* progress and exception */
};
struct lethe_range {
    uint64_t offset, length;
};

struct lethe_verify_result {
    enum lethe_verify_mode mode;
    uint32_t block;          /* bytes of one sample block */
    uint64_t blocks;         /* addressable blocks of the device */
    uint64_t samples;        /* blocks read and compared, forced ones included */
    uint64_t bytes;          /* bytes compared */
    uint32_t coverage_ppm;   /* bytes / capacity */
    uint64_t mismatches;     /* blocks that differ */
    uint64_t first_mismatch; /* offset, UINT64_MAX none */
    uint32_t canaries_checked, canaries_survived;
    uint64_t unreadable; /* blocks that could not be read and were not known exceptions */
    uint64_t excepted;   /* blocks skipped as known exceptions */
    uint64_t withheld;   /* blocks the drive does not give out, as it said it may not */
    bool complete;       /* everything intended was read */
};

/* 0 when it ran to its end, whatever it found; negative when it could not (RESULT then tells how
 * far). */
int lethe_verify_device(const struct lethe_verify_run *run, struct lethe_verify_result *result,
                        struct lethe_error *err);
json_t *lethe_verify_result_to_json(const struct lethe_verify_result *result);
int lethe_verify_result_from_json(const json_t *json, struct lethe_verify_result *out,
                                  struct lethe_error *err);
/* The whole sample as it will be read, for replay and tests: sorted offsets; *OUT is freed by the
 * caller. Forced ones (first, last, ends of strata, partition tables: LBA 0..63 and the last 33
 * blocks) included. */
int lethe_sample_offsets(const struct lethe_verification_rule *rule,
                         const uint8_t key[LETHE_KEY_SIZE], const char *job, uint64_t capacity,
                         uint32_t block, uint64_t **out, size_t *n, struct lethe_error *err);

#ifdef __cplusplus
}
#endif
#endif
