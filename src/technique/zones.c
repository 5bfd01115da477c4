/* SPDX-License-Identifier: Apache-2.0 */
#include "technique/zones.h"

#include <string.h>

static int untold(int rc, struct lethe_error *err)
{
    lethe_error_effect(err, "NOT known to be sanitised");
    lethe_error_remedy(err, "power the drive off and on, then erase it again; if that fails too, "
                            "destroy it");
    return rc;
}

int lethe_technique_zones(struct lethe_run *run, struct lethe_zone_census *out,
                          struct lethe_error *err)
{
    struct lethe_io_info info;
    memset(out, 0, sizeof(*out));
    if (run->zone == 0)
        return 0;
    int rc = lethe_io_info(run->io, &info);
    if (rc < 0)
        return lethe_fail_errno(err, -rc, "the device does not tell its size");
    rc = lethe_zones_count(run->io, run->capacity, info.logical_block, out, err);
    if (rc == 0 && out->size != run->zone)
        rc = lethe_fail(err, LETHE_E_CHANGED, "its zones have another size than recorded");
    return rc < 0 ? untold(rc, err) : 0;
}

/* Overwritten or block-erased zones become full, those of a cryptographic erase stay as they are
 * (SBC-4 5.30.1): never is there less below the pointers. A zone that is read-only or offline now
 * was perhaps not erased. */
static bool is_kept(const struct lethe_zone_census *before, const struct lethe_zone_census *after)
{
    return after->count == before->count && after->conventional == before->conventional &&
           after->unusable == 0 && after->empty <= before->empty &&
           after->written >= before->written;
}

json_t *lethe_technique_zones_kept(struct lethe_run *run, const struct lethe_zone_census *before,
                                   bool *kept)
{
    struct lethe_zone_census after;
    struct lethe_error err = {0};
    int rc = lethe_technique_zones(run, &after, &err);
    *kept = rc == 0 && is_kept(before, &after);
    json_t *told = rc == 0 ? lethe_zone_census_to_json(&after) : json_string(err.what);
    return json_pack("{s:o, s:o, s:b}", "before", lethe_zone_census_to_json(before), "after", told,
                     "kept", *kept);
}
