/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Marks written before an erasure and demanded gone after it (facts/drives.md A8.1). Writing and
 * reading them back also unmasks a drive with less capacity than it says, and a bridge that
 * answers from its cache.
 */
#include "verify/canary.h"

#include "base/crypto.h"
#include "base/text.h"
#include "base/time.h"
#include "io/failure.h"
#include "io/zones.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TELL_MS 100
#define MAGIC "LETHE-CANARY-v1\n"
#define JOB_SIZE 36
#define MARK_SIZE (LETHE_CANARY_MAGIC_SIZE + JOB_SIZE + 8 + LETHE_HASH_SIZE)

static void put_be64(uint8_t out[8], uint64_t value)
{
    for (int i = 0; i < 8; i++)
        out[i] = (uint8_t)(value >> (56 - 8 * i));
}

void lethe_canary_fill(uint8_t *out, size_t block, const char *job,
                       const uint8_t key[LETHE_KEY_SIZE], uint64_t offset)
{
    uint8_t mark[MARK_SIZE] = MAGIC;
    uint8_t *named = mark + LETHE_CANARY_MAGIC_SIZE;
    memcpy(named, job, strnlen(job, JOB_SIZE));
    put_be64(named + JOB_SIZE, offset);
    lethe_hmac_sha256(named + JOB_SIZE + 8, key, LETHE_KEY_SIZE, named, JOB_SIZE + 8);
    for (size_t at = 0; at < block; at += MARK_SIZE)
        memcpy(out + at, mark, block - at < MARK_SIZE ? block - at : MARK_SIZE);
}

bool lethe_canary_survives(const uint8_t *data, size_t len, const char *job)
{
    /* Any mark of this job, not only the one of this place: a device with aliased addresses shows
     * another one here. */
    uint8_t head[LETHE_CANARY_MAGIC_SIZE + JOB_SIZE] = MAGIC;
    memcpy(head + LETHE_CANARY_MAGIC_SIZE, job, strnlen(job, JOB_SIZE));
    return memmem(data, len, head, sizeof(head)) != NULL;
}

/* Drawn block number I. 64 bits modulo the number of blocks: the bias is below 2^-20. */
static uint64_t drawn_block(const uint8_t key[LETHE_KEY_SIZE], uint64_t i, uint64_t blocks)
{
    uint8_t message[16] = "position", hash[LETHE_HASH_SIZE];
    uint64_t value = 0;
    put_be64(message + 8, i);
    lethe_hmac_sha256(hash, key, LETHE_KEY_SIZE, message, sizeof(message));
    for (int k = 0; k < 8; k++)
        value = value << 8 | hash[k];
    return value % blocks;
}

/* Puts VALUE where it belongs among the N sorted ones, unless it is there already. */
static uint32_t insert(uint64_t *sorted, uint32_t n, uint64_t value)
{
    uint32_t low = 0, high = n;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (sorted[middle] < value)
            low = middle + 1;
        else
            high = middle;
    }
    if (low < n && sorted[low] == value)
        return n;
    memmove(sorted + low + 1, sorted + low, (n - low) * sizeof(*sorted));
    sorted[low] = value;
    return n + 1;
}

/* COUNT of BLOCKS pieces of SIZE bytes each. */
static uint32_t draw(const uint8_t key[LETHE_KEY_SIZE], uint64_t blocks, uint64_t size,
                     uint32_t count, uint64_t *out)
{
    uint32_t n = 0;
    if (count > blocks)
        count = (uint32_t)blocks;
    if (count > 0)
        n = insert(out, n, 0);
    if (count > 1)
        n = insert(out, n, (blocks - 1) * size);
    /* On a device hardly larger than its marks drawing would take forever: take them in order. */
    for (uint64_t b = 1; count > blocks / 2 && n < count; b++)
        n = insert(out, n, b * size);
    for (uint64_t i = 0; n < count; i++)
        n = insert(out, n, drawn_block(key, i, blocks) * size);
    return n;
}

uint32_t lethe_canary_offsets(const uint8_t key[LETHE_KEY_SIZE], uint64_t capacity, uint32_t block,
                              uint32_t count, uint64_t *out)
{
    return draw(key, capacity / block, block, count, out);
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

uint32_t lethe_canary_zone_offsets(const uint8_t key[LETHE_KEY_SIZE], uint64_t capacity,
                                   uint64_t zone, uint32_t block, uint32_t count, uint64_t *out)
{
    uint64_t zones = (capacity - 1) / zone + 1;
    uint64_t last = (capacity - (zones - 1) * zone) / block; /* blocks of the last one */
    uint64_t total = (zones - 1) * (zone / block) + last;
    if (count > total)
        count = (uint32_t)total;
    uint64_t per = (count + zones - 1) / zones;
    while ((zones - 1) * per + least(per, last) < count)
        per++;
    if (count <= 1)
        return draw(key, zones, zone, count, out);
    /* The first and the last are always among them. */
    uint64_t others = count > least(per, last) ? count - least(per, last) : 0;
    uint64_t chosen = zones == 1 ? 1 : 1 + (others + per - 1) / per;
    (void)draw(key, zones, zone, (uint32_t)chosen, out);
    /* Spread from the back, so that none is overwritten before it was read. */
    for (uint32_t i = count; i-- > 0;)
        out[i] = out[i / per] + i % per * block;
    return count;
}

uint32_t lethe_canary_block(const struct lethe_io_info *info, uint64_t zone)
{
    return zone && info->physical_block > info->logical_block ? info->physical_block
                                                              : info->logical_block;
}

uint32_t lethe_canary_places(const uint8_t key[LETHE_KEY_SIZE], uint64_t capacity, uint64_t zone,
                             uint32_t block, uint32_t count, uint64_t *out)
{
    return zone ? lethe_canary_zone_offsets(key, capacity, zone, block, count, out)
                : lethe_canary_offsets(key, capacity, block, count, out);
}

struct marks {
    struct lethe_io *io;
    const char *job;
    const uint8_t *key;
    uint32_t block, logical, n, standing;
    uint64_t zone;
    uint64_t *offsets; /* UINT64_MAX: could not be written there */
    uint8_t *mark, *back;
    const struct lethe_report *report;
    uint64_t told_ms;
};

/* A slow stick takes minutes for thousands of marks, and isn't stuck. */
static int marks_tell(struct marks *marks, uint64_t done, struct lethe_error *err)
{
    uint64_t now = lethe_monotonic_ms();
    if (!marks->report || !marks->report->progress || now - marks->told_ms < TELL_MS)
        return 0;
    marks->told_ms = now;
    int rc = marks->report->progress(marks->report->user, 0, done * marks->block, 0);
    return rc >= 0 ? 0 : lethe_fail(err, (enum lethe_error_code) - rc, "the marks were stopped");
}

#define UNLOCK                                                                                     \
    "it may be write-protected: open its switch (the lock of a card) or use another reader; or "   \
    "it "                                                                                          \
    "locked itself (TCG), which a bridge may not tell: move it to a native slot; then again; "     \
    "what "                                                                                        \
    "takes no write there either can only be destroyed"

/* SENT marks were taken by the device before this. */
static int mark_fail(int errnum, uint64_t offset, const char *doing, uint32_t sent,
                     struct lethe_error *err)
{
    char at[32];
    lethe_size_format(at, sizeof(at), offset);
    bool gone = lethe_io_failure(errnum) == LETHE_FAILURE_GONE;
    bool shut = errnum == EROFS || errnum == EPERM || errnum == EACCES; /* no waiting helps */
    enum lethe_error_code code = gone ? LETHE_E_GONE : shut ? LETHE_E_UNSUPPORTED : LETHE_E_IO;
    lethe_fail(err, code, "%s a mark at %s failed: %s", doing, at, strerror(errnum));
    if (shut)
        lethe_error_remedy(err, "%s", UNLOCK);
    if (sent > 0)
        lethe_error_effect(err, "NOT sanitised; up to %u blocks are overwritten", sent);
    else
        lethe_error_effect(err, "NOT sanitised; nothing is known to be overwritten");
    return -(int)code;
}

/* Its marks begin at its start. */
static int marks_enter_zone(struct marks *marks, uint64_t offset, uint32_t sent,
                            struct lethe_error *err)
{
    if (marks->zone == 0 || offset % marks->zone != 0)
        return 0;
    int rc = lethe_zone_rewind(marks->io, offset, marks->logical, err);
    if (rc == 0)
        return 0;
    lethe_error_effect(err,
                       "NOT sanitised; up to %u zones are reset, and their contents out of "
                       "reach of hosts",
                       sent);
    lethe_error_remedy(err, "power the drive off and on, then erase it again; if that fails too, "
                            "destroy it");
    return rc;
}

/* A bad sector may happen to be where a mark belongs: that is for the erasure to find and judge. */
static int marks_write(struct marks *marks, uint32_t *written, struct lethe_error *err)
{
    for (uint32_t i = 0; i < marks->n; i++) {
        lethe_canary_fill(marks->mark, marks->block, marks->job, marks->key, marks->offsets[i]);
        ++*written;
        int rc = marks_enter_zone(marks, marks->offsets[i], i + 1, err);
        if (rc < 0)
            return rc;
        rc = lethe_io_write(marks->io, marks->mark, marks->block, marks->offsets[i]);
        if (rc < 0 && lethe_io_failure(-rc) != LETHE_FAILURE_SECTOR)
            return mark_fail(-rc, marks->offsets[i], "writing", i ? i + 1 : 0, err);
        if (rc < 0)
            marks->offsets[i] = UINT64_MAX;
        rc = marks_tell(marks, i + 1ull, err);
        if (rc < 0)
            return rc;
    }
    int rc = lethe_io_sync(marks->io);
    return rc < 0 ? mark_fail(-rc, 0, "flushing", marks->n, err) : 0;
}

static int marks_read_back(struct marks *marks, struct lethe_error *err)
{
    for (uint32_t i = 0; i < marks->n; i++) {
        uint64_t offset = marks->offsets[i];
        if (offset == UINT64_MAX)
            continue;
        ssize_t got = lethe_io_pread(marks->io, marks->back, marks->block, offset);
        if (got == 0)
            return mark_fail(ENODEV, offset, "reading back", marks->n, err);
        if (got < 0 && lethe_io_failure((int)-got) != LETHE_FAILURE_SECTOR)
            return mark_fail((int)-got, offset, "reading back", marks->n, err);
        if (got != (ssize_t)marks->block)
            continue;
        lethe_canary_fill(marks->mark, marks->block, marks->job, marks->key, offset);
        if (memcmp(marks->mark, marks->back, marks->block) != 0) {
            char at[32];
            lethe_size_format(at, sizeof(at), offset);
            lethe_fail(err, LETHE_E_IO, "the mark written at %s (byte %llu) does not read back", at,
                       (unsigned long long)offset);
            lethe_error_effect(err, "the device does not keep what it says it wrote: false "
                                    "capacity, or writes dropped");
            lethe_error_remedy(err, "it can't be sanitised by overwriting: destroy it");
            return -LETHE_E_IO;
        }
        marks->standing++;
        int rc = marks_tell(marks, marks->n + i + 1ull, err);
        if (rc < 0)
            return rc;
    }
    if (marks->standing >= (marks->n + 1) / 2)
        return (int)marks->standing;
    uint32_t refused = 0;
    for (uint32_t i = 0; i < marks->n; i++)
        refused += marks->offsets[i] == UINT64_MAX;
    if (refused == marks->n) {
        lethe_fail(err, LETHE_E_IO, "%s: none of %u marks", LETHE_TAKES_NO_WRITES, marks->n);
        lethe_error_effect(err, "NOT sanitised; nothing is known to be overwritten");
        lethe_error_remedy(err, "%s", UNLOCK);
        return -LETHE_E_IO;
    }
    lethe_fail(err, LETHE_E_IO, "only %u of %u marks could be written and read back",
               marks->standing, marks->n);
    lethe_error_effect(err, "NOT sanitised: too few of them stand to prove anything");
    lethe_error_remedy(err, "erase it again in another slot, a native one if it was behind a USB "
                            "bridge; if that ends so, too, the drive is failing: destroy it");
    return -LETHE_E_IO;
}

int lethe_canary_write(struct lethe_io *io, const char *job, const uint8_t key[LETHE_KEY_SIZE],
                       uint64_t capacity, uint64_t zone, uint32_t count, uint32_t *written,
                       const struct lethe_report *report, struct lethe_error *err)
{
    struct lethe_io_info info;
    *written = 0;
    int rc = lethe_io_info(io, &info);
    if (rc < 0)
        return lethe_fail_errno(err, -rc, "the device does not tell its size");
    if (info.capacity != capacity) {
        lethe_fail(err, info.capacity < capacity ? LETHE_E_GONE : LETHE_E_CHANGED,
                   "the device answers to %llu bytes; recorded are %llu",
                   (unsigned long long)info.capacity, (unsigned long long)capacity);
        lethe_error_effect(err, "nothing was written");
        return info.capacity < capacity ? -LETHE_E_GONE : -LETHE_E_CHANGED;
    }
    struct marks marks = {.io = io,
                          .job = job,
                          .key = key,
                          .block = lethe_canary_block(&info, zone),
                          .logical = info.logical_block,
                          .zone = zone,
                          .report = report,
                          .told_ms = lethe_monotonic_ms(),
                          .offsets = calloc(count ? count : 1, sizeof(uint64_t)),
                          .mark = lethe_io_buffer(lethe_canary_block(&info, zone)),
                          .back = lethe_io_buffer(lethe_canary_block(&info, zone))};
    if (marks.offsets && marks.mark && marks.back) {
        marks.n = lethe_canary_places(key, capacity, zone, marks.block, count, marks.offsets);
        rc = marks_write(&marks, written, err);
        if (rc == 0)
            rc = marks_read_back(&marks, err);
    } else {
        rc = lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    }
    free(marks.offsets);
    lethe_io_buffer_free(marks.mark);
    lethe_io_buffer_free(marks.back);
    return rc;
}

int lethe_canary_look(struct lethe_io *io, const char *job, const uint8_t key[LETHE_KEY_SIZE],
                      uint64_t capacity, uint64_t zone, uint32_t count, uint32_t *checked,
                      uint32_t *standing, struct lethe_error *err)
{
    struct lethe_io_info info;
    *checked = *standing = 0;
    int rc = lethe_io_info(io, &info);
    if (rc < 0)
        return lethe_fail_errno(err, -rc, "the device does not tell its size");
    uint64_t *offsets = calloc(count ? count : 1, sizeof(*offsets));
    uint32_t block = lethe_canary_block(&info, zone);
    uint8_t *back = lethe_io_buffer(block);
    uint32_t n =
        offsets && back ? lethe_canary_places(key, capacity, zone, block, count, offsets) : 0;
    if (!offsets || !back)
        rc = lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    for (uint32_t i = 0; rc == 0 && i < n; i++) {
        ssize_t got = lethe_io_pread(io, back, block, offsets[i]);
        int errnum = got < 0 ? (int)-got : got == 0 ? ENODEV : 0;
        if (errnum && lethe_io_failure(errnum) == LETHE_FAILURE_GONE)
            rc = mark_fail(errnum, offsets[i], "looking for", n, err);
        if (got != (ssize_t)block)
            continue;
        ++*checked;
        *standing += lethe_canary_survives(back, block, job);
    }
    free(offsets);
    lethe_io_buffer_free(back);
    return rc;
}
