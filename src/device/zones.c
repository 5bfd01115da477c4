/* SPDX-License-Identifier: Apache-2.0 */
/* The zones of a host-managed drive: VPD page B6h and its report of them (ZBC-2 5.8, 6.5.2). */
#include "device/look.h"

#include "base/text.h"
#include "io/zones.h"

#define PAGE_SIZE 64
#define UNTOLD 0xffffffffu

static void look_limits(struct lethe_look *look)
{
    uint8_t data[PAGE_SIZE] = {0};
    struct lethe_cdb cdb = lethe_scsi_cmd_vpd(0xb6, sizeof(data));
    struct lethe_scsi_result result;
    struct lethe_vpd_zoned told;
    if (lethe_scsi_exec(look->io, &cdb, data, LETHE_LOOK_MS, &result) < 0 || result.status != 0 ||
        lethe_vpd_zoned_parse(data, result.transferred, &told, NULL) < 0)
        return;
    look->facts->zones.unrestricted_reads = told.unrestricted_reads;
    look->facts->zones.max_open = told.max_open_zones == UNTOLD ? 0 : told.max_open_zones;
}

void lethe_look_zones(struct lethe_look *look)
{
    struct lethe_facts *f = look->facts;
    struct lethe_zone_census census;
    struct lethe_error why = {0};
    if (!f->zoned && !f->zones.host_aware)
        return;
    look_limits(look);
    if (look->identity->capacity == 0) {
        lethe_text_format(f->zones.why, sizeof(f->zones.why), "the kernel gives it no capacity%s",
                          f->zones.unrestricted_reads
                              ? ""
                              : ": it answers no reads behind its write pointers (URSWRZ 0)");
        return;
    }
    if (lethe_zones_count(look->io, look->identity->capacity, look->identity->logical_block,
                          &census, &why) < 0) {
        lethe_text_format(f->zones.why, sizeof(f->zones.why), "%s", why.what);
        return;
    }
    f->zones.size = census.size;
    f->zones.count = census.count;
    f->zones.conventional = census.conventional;
    f->zones.unusable = census.unusable;
}
