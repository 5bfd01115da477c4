/* SPDX-License-Identifier: Apache-2.0 */
/* One verification: are the canaries gone, and is what was sampled what the last pass wrote? */
#include "base/text.h"
#include "base/time.h"
#include "io/failure.h"
#include "verify/canary.h"
#include "verify/compare.h"
#include "verify/sample.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* A file system's block: what is left over of a file comes in such pieces. */
#define SAMPLE_BLOCK 4096
#define TELL_MS 100

/* Nothing is known of the contents: the canaries are the sample. */
static bool by_marks(const struct lethe_verify_run *run)
{
    return !run->pattern && run->leaves == LETHE_LEAVES_UNKNOWN;
}

static bool is_exception(const struct lethe_verify_run *run, uint64_t offset, uint32_t length)
{
    for (size_t i = 0; i < run->n_exceptions; i++) {
        const struct lethe_range *known = &run->exceptions[i];
        if (known->offset < offset + length && offset < known->offset + known->length)
            return true;
    }
    return false;
}

/* A block that can't be read shows no mark, but that is no proof that it is gone: it counts as not
 * checked. One that the erasure already reported as unwritable is known to be left as it was. */
static int check_canary(const struct lethe_verify_run *run, uint32_t block, uint64_t offset,
                        uint8_t *buf, struct lethe_verify_result *result, struct lethe_error *err)
{
    if (is_exception(run, offset, block))
        return 0;
    ssize_t got = lethe_io_pread(run->io, buf, block, offset);
    int errnum = got < 0 ? (int)-got : got == 0 ? ENODEV : 0;
    if (errnum && lethe_io_failure(errnum) == LETHE_FAILURE_GONE) {
        lethe_fail(err, LETHE_E_GONE, "the device ended or vanished while its canaries were read");
        lethe_error_effect(err, "not verified: what is on it is not known");
        return -LETHE_E_GONE;
    }
    if (got != (ssize_t)block) {
        if (!run->reads_may_fail)
            result->complete = false;
        else if (by_marks(run))
            result->withheld++; /* else its block is counted where contents are compared */
        return 0;
    }
    result->canaries_checked++;
    if (by_marks(run)) {
        result->samples++;
        result->bytes += block;
    }
    if (lethe_canary_survives(buf, block, run->job))
        result->canaries_survived++;
    return 0;
}

static int check_canaries(const struct lethe_verify_run *run, uint32_t block,
                          const uint64_t *offsets, uint32_t n, struct lethe_verify_result *result,
                          struct lethe_error *err)
{
    uint8_t *buf = lethe_io_buffer(block);
    uint64_t told = lethe_monotonic_ms();
    int rc = buf ? 0 : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    for (uint32_t i = 0; rc == 0 && i < n; i++) {
        rc = check_canary(run, block, offsets[i], buf, result, err);
        uint64_t now = lethe_monotonic_ms();
        if (rc < 0 || !run->report.progress || now - told < TELL_MS)
            continue;
        told = now; /* thousands of them take a slow stick minutes */
        if (run->report.progress(run->report.user, run->pass, (i + 1ull) * block, 0) < 0)
            rc = lethe_fail(err, LETHE_E_CANCELLED, "the verification was stopped");
    }
    lethe_io_buffer_free(buf);
    return rc;
}

static int compare_sample(struct lethe_compare *compare, struct lethe_sample *sample,
                          struct lethe_error *err)
{
    const struct lethe_verify_run *run = compare->run;
    uint32_t block = compare->result->block;
    uint64_t first, count;
    int rc = 0;
    while (rc == 0 && lethe_sample_next(sample, &first, &count)) {
        uint64_t offset = first * block;
        uint64_t length =
            run->capacity - offset < count * block ? run->capacity - offset : count * block;
        rc = lethe_compare_range(compare, offset, length, err);
    }
    if (rc == 0)
        rc = lethe_compare_drain(compare, err);
    return rc;
}

/* The shortest pattern (1, 2, 4 or 8 bytes) that the first block repeats, as a spelling; "" none:
 * what a block erase or a vendor's own erase leaves is the same everywhere. */
static int learn_pattern(const struct lethe_verify_run *run, uint32_t logical, char out[24],
                         struct lethe_error *err)
{
    uint8_t *buf = lethe_io_buffer(logical);
    if (!buf)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    out[0] = '\0';
    ssize_t got = lethe_io_pread(run->io, buf, logical, 0);
    for (size_t n = 1; got == (ssize_t)logical && n <= 8 && !out[0]; n *= 2) {
        if (memcmp(buf, buf + n, logical - n) != 0)
            continue;
        char hex[17];
        lethe_hex_encode(hex, buf, n);
        lethe_text_format(out, 24, "hex:%s", hex);
    }
    lethe_io_buffer_free(buf);
    return 0;
}

/* Contents: the sample, and the places of the canaries, byte by byte. */
static int check_contents(const struct lethe_verify_run *run, uint32_t logical,
                          const uint64_t *canaries, uint32_t n_canaries,
                          struct lethe_verify_result *result, struct lethe_error *err)
{
    struct lethe_verification_rule rule = run->rule;
    struct lethe_compare compare = {.run = run, .result = result, .logical = logical};
    struct lethe_sample *sample;
    if (run->full)
        rule.mode = LETHE_VERIFY_FULL;
    int rc = lethe_sample_new(&rule, run->sample_key, run->job, run->capacity, result->block,
                              canaries, n_canaries, &sample, err);
    if (rc < 0)
        return rc;
    /* Scattered blocks: many small requests. Long runs: few large ones. */
    bool scattered = rule.mode == LETHE_VERIFY_CONFIDENCE || rule.mode == LETHE_VERIFY_NONE;
    rc = scattered ? lethe_compare_open(&compare, 32, (size_t)64 << 10, err)
                   : lethe_compare_open(&compare, 8, (size_t)1 << 20, err);
    if (rc == 0)
        rc = compare_sample(&compare, sample, err);
    lethe_compare_close(&compare);
    lethe_sample_free(sample);
    return rc;
}

static int verify_open(const struct lethe_verify_run *run, struct lethe_io_info *info,
                       struct lethe_verify_result *result, struct lethe_error *err)
{
    int rc = lethe_io_info(run->io, info);
    if ((rc < 0 && lethe_io_failure(-rc) == LETHE_FAILURE_GONE) ||
        (rc == 0 && info->capacity == 0 && run->capacity > 0)) {
        lethe_fail(err, LETHE_E_GONE, "the device vanished before it could be verified");
        lethe_error_effect(err, "not verified");
        return -LETHE_E_GONE;
    }
    if (rc < 0)
        return lethe_fail_errno(err, -rc, "the device does not tell its size");
    if (info->capacity != run->capacity) {
        bool smaller = info->capacity < run->capacity;
        lethe_fail(err, smaller ? LETHE_E_GONE : LETHE_E_CHANGED,
                   "the device answers to %llu bytes; recorded are %llu",
                   (unsigned long long)info->capacity, (unsigned long long)run->capacity);
        lethe_error_effect(err, "not verified");
        return smaller ? -LETHE_E_GONE : -LETHE_E_CHANGED;
    }
    if (run->capacity == 0)
        return lethe_fail(err, LETHE_E_USAGE, "nothing to verify");
    /* Where blocks may be withheld, each canary is in one of its own: both are counted alike. */
    bool single = by_marks(run) || run->reads_may_fail;
    result->block =
        single || info->logical_block > SAMPLE_BLOCK ? info->logical_block : SAMPLE_BLOCK;
    result->blocks = (run->capacity - 1) / result->block + 1;
    return 0;
}

int lethe_verify_device(const struct lethe_verify_run *run, struct lethe_verify_result *result,
                        struct lethe_error *err)
{
    struct lethe_io_info info;
    memset(result, 0, sizeof(*result));
    result->mode = run->full && !by_marks(run) ? LETHE_VERIFY_FULL : run->rule.mode;
    result->first_mismatch = UINT64_MAX;
    int rc = verify_open(run, &info, result, err);
    if (rc < 0)
        return rc;
    uint64_t *canaries = calloc(run->canaries ? run->canaries : 1, sizeof(*canaries));
    if (!canaries)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    uint32_t n = lethe_canary_places(run->canary_key, run->capacity, run->zone,
                                     lethe_canary_block(&info, run->zone), run->canaries, canaries);
    result->complete = true;
    rc = check_canaries(run, info.logical_block, canaries, n, result, err);
    struct lethe_verify_run contents = *run;
    char learned[24] = "";
    if (rc == 0 && !run->pattern && run->leaves == LETHE_LEAVES_UNIFORM) {
        rc = learn_pattern(run, info.logical_block, learned, err);
        contents.pattern = learned[0] ? learned : "zero";
    }
    if (rc == 0 && contents.pattern)
        rc = check_contents(&contents, info.logical_block, canaries, n, result, err);
    if (rc == 0 && run->report.progress &&
        run->report.progress(run->report.user, run->pass, run->capacity,
                             result->mismatches + result->unreadable) < 0)
        rc = lethe_fail(err, LETHE_E_CANCELLED, "the verification was stopped");
    if (run->reads_may_fail) {
        result->withheld += result->unreadable;
        result->unreadable = 0;
    }
    result->complete = result->complete && rc == 0 && result->unreadable == 0;
    result->coverage_ppm = (uint32_t)((unsigned __int128)result->bytes * 1000000 / run->capacity);
    free(canaries);
    return rc;
}
