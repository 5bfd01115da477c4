/* SPDX-License-Identifier: Apache-2.0 */
#include "io/zones.h"

#include "io/exec.h"

#include <errno.h>
#include <string.h>

#define ZONES_MS 30000
#define REPORT_SIZE ((size_t)64 << 10) /* of 512: translators of SATA drives want that */
#define ONE_ZONE 512

static int no_answer(int rc, const char *what, struct lethe_error *err)
{
    bool gone = rc == -ENODEV || rc == -ENXIO || rc == -ESHUTDOWN;
    bool carried = rc != -EOPNOTSUPP && rc != -ENOTTY && rc != -EPERM && rc != -EACCES;
    if (gone)
        return lethe_fail(err, LETHE_E_GONE, "the drive vanished (%s)", what);
    if (carried)
        return lethe_fail(err, LETHE_E_IO, "the drive did not answer (%s): %s", what,
                          strerror(-rc));
    lethe_fail(err, LETHE_E_UNSUPPORTED, "%s can't be sent to the drive from here", what);
    lethe_error_remedy(err, "run Lethe as root, with the drive in a native slot");
    return -LETHE_E_UNSUPPORTED;
}

static int refused(const char *what, const struct lethe_sense *sense, struct lethe_error *err)
{
    char words[128];
    lethe_sense_format(words, sizeof(words), sense);
    return lethe_fail(err, LETHE_E_UNSUPPORTED, "the drive refused %s: %s", what, words);
}

static int ask(struct lethe_io *io, uint64_t lba, uint8_t *data, uint32_t len,
               struct lethe_zones *out, struct lethe_error *err)
{
    struct lethe_cdb cdb = lethe_scsi_cmd_report_zones(lba, len);
    struct lethe_scsi_result result;
    memset(data, 0, len);
    int rc = lethe_scsi_exec(io, &cdb, data, ZONES_MS, &result);
    if (rc < 0)
        return no_answer(rc, "REPORT ZONES", err);
    if (result.status != 0)
        return refused("REPORT ZONES", &result.sense, err);
    size_t got = result.transferred < len ? result.transferred : len;
    return lethe_zones_parse(data, got, out, err);
}

/* ---- all of them ---- */

static void count(const struct lethe_zone *zone, uint32_t block, struct lethe_zone_census *out)
{
    out->count++;
    out->written += zone->written * block;
    out->preferred += zone->type == LETHE_ZONE_PREFERRED;
    switch (zone->condition) {
    case LETHE_ZONE_NO_POINTER:
        out->conventional++;
        break;
    case LETHE_ZONE_EMPTY:
        out->empty++;
        break;
    case LETHE_ZONE_OPENED:
    case LETHE_ZONE_HELD_OPEN:
    case LETHE_ZONE_CLOSED:
        out->partly++;
        break;
    case LETHE_ZONE_FULL:
        out->full++;
        break;
    case LETHE_ZONE_READ_ONLY:
    case LETHE_ZONE_OFFLINE:
        out->unusable++;
        break;
    }
}

/* NEXT: the block that it must begin at. All of one size, so that there are no more of them than
 * the first one's size allows, whatever is reported. */
static int place(const struct lethe_zone *zone, uint64_t next, uint64_t end, uint32_t block,
                 struct lethe_zone_census *out, struct lethe_error *err)
{
    if (zone->start != next)
        return lethe_fail(err, LETHE_E_INVALID,
                          "the zone behind block %llu is said to begin at block %llu",
                          (unsigned long long)next, (unsigned long long)zone->start);
    if (zone->length > end - next)
        return lethe_fail(err, LETHE_E_INVALID, "the zone at block %llu ends behind the drive",
                          (unsigned long long)next);
    if (out->count == 0)
        out->size = zone->length * block;
    bool last = zone->length == end - next;
    if (zone->length * block != out->size && !(last && zone->length * block < out->size))
        return lethe_fail(err, LETHE_E_INVALID,
                          "the zone at block %llu is of another size than the first",
                          (unsigned long long)next);
    count(zone, block, out);
    return 0;
}

static int walk(struct lethe_io *io, uint64_t end, uint32_t block, uint8_t *data,
                struct lethe_zone_census *out, struct lethe_error *err)
{
    int rc = 0;
    for (uint64_t next = 0; rc == 0 && next < end;) {
        struct lethe_zones zones;
        rc = ask(io, next, data, REPORT_SIZE, &zones, err);
        if (rc == 0 && zones.n == 0)
            rc = lethe_fail(err, LETHE_E_INVALID, "no zone is reported at block %llu",
                            (unsigned long long)next);
        for (size_t i = 0; rc == 0 && i < zones.n && next < end; i++) {
            struct lethe_zone zone;
            rc = lethe_zones_get(&zones, i, &zone, err);
            if (rc == 0)
                rc = place(&zone, next, end, block, out, err);
            next += rc == 0 ? zone.length : 0;
        }
    }
    return rc;
}

int lethe_zones_count(struct lethe_io *io, uint64_t capacity, uint32_t block,
                      struct lethe_zone_census *out, struct lethe_error *err)
{
    memset(out, 0, sizeof(*out));
    if (block == 0 || capacity == 0 || capacity % block != 0)
        return lethe_fail(err, LETHE_E_INVALID, "no whole number of blocks");
    uint8_t *data = lethe_io_buffer(REPORT_SIZE);
    if (!data)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    int rc = walk(io, capacity / block, block, data, out, err);
    lethe_io_buffer_free(data);
    if (rc < 0)
        memset(out, 0, sizeof(*out));
    return rc;
}

json_t *lethe_zone_census_to_json(const struct lethe_zone_census *census)
{
    return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "size", (json_int_t)census->size,
                     "count", (json_int_t)census->count, "conventional",
                     (json_int_t)census->conventional, "empty", (json_int_t)census->empty, "partly",
                     (json_int_t)census->partly, "full", (json_int_t)census->full, "unusable",
                     (json_int_t)census->unusable, "written", (json_int_t)census->written);
}

/* ---- one of them ---- */

static int ask_one(struct lethe_io *io, uint64_t lba, uint8_t *data, struct lethe_zone *out,
                   struct lethe_error *err)
{
    struct lethe_zones zones;
    int rc = ask(io, lba, data, ONE_ZONE, &zones, err);
    if (rc == 0 && zones.n == 0)
        rc = lethe_fail(err, LETHE_E_INVALID, "no zone is reported at block %llu",
                        (unsigned long long)lba);
    if (rc == 0)
        rc = lethe_zones_get(&zones, 0, out, err);
    if (rc == 0 && out->start != lba)
        rc = lethe_fail(err, LETHE_E_INVALID,
                        "asked for the zone at block %llu it tells of block "
                        "%llu",
                        (unsigned long long)lba, (unsigned long long)out->start);
    return rc;
}

static int reset(struct lethe_io *io, uint64_t lba, struct lethe_error *err)
{
    struct lethe_cdb cdb = lethe_scsi_cmd_reset_write_pointer(lba);
    struct lethe_scsi_result result;
    int rc = lethe_scsi_exec(io, &cdb, NULL, ZONES_MS, &result);
    if (rc < 0)
        return no_answer(rc, "RESET WRITE POINTER", err);
    return result.status == 0 ? 0 : refused("RESET WRITE POINTER", &result.sense, err);
}

/* A zone that is written anywhere, or from its start on next. */
static bool at_start(const struct lethe_zone *zone)
{
    return zone->condition == LETHE_ZONE_EMPTY || zone->condition == LETHE_ZONE_NO_POINTER;
}

int lethe_zone_rewind(struct lethe_io *io, uint64_t offset, uint32_t block, struct lethe_error *err)
{
    uint8_t *data = lethe_io_buffer(ONE_ZONE);
    struct lethe_zone zone;
    uint64_t lba = offset / block;
    if (!data)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    int rc = ask_one(io, lba, data, &zone, err);
    if (rc == 0 && !at_start(&zone)) {
        rc = reset(io, lba, err);
        if (rc == 0)
            rc = ask_one(io, lba, data, &zone, err);
        if (rc == 0 && !at_start(&zone))
            rc = lethe_fail(err, LETHE_E_IO, "the zone at block %llu was reset, and is not empty",
                            (unsigned long long)lba);
    }
    lethe_io_buffer_free(data);
    return rc;
}
