/* SPDX-License-Identifier: Apache-2.0 */
/* Host-managed zones: what must be known of them before anything is sent. */
#include "plan/plan.h"

#include "base/text.h"
#include <inttypes.h>

uint32_t lethe_plan_written_block(const struct lethe_identity *id)
{
    uint32_t logical = id->logical_block ? id->logical_block : 512;
    return id->physical_block > logical && id->physical_block % logical == 0 ? id->physical_block
                                                                             : logical;
}

bool lethe_plan_zones(const struct lethe_identity *id, const struct lethe_facts *facts,
                      struct lethe_error *err)
{
    uint32_t block = lethe_plan_written_block(id);
    if (facts->zones.size == 0) {
        lethe_fail(err, LETHE_E_REFUSED,
                   "the drive is zoned (host-managed), and how its zones are can't be told: %s",
                   facts->zones.why[0] ? facts->zones.why : "it was not asked");
        if (id->capacity == 0)
            lethe_error_remedy(err, "Linux can't use such a drive: erase it by its maker's tool, "
                                    "without a certificate of ours; or destroy it");
        else if (id->bus == LETHE_BUS_USB)
            lethe_error_remedy(err, "move it to a native SATA or SAS slot: its USB bridge does not "
                                    "carry what a drive with zones is asked and told by");
        else
            lethe_error_remedy(err,
                               "run Lethe as root with the drive in a native slot, and compare "
                               "\"blkzone report\"; if that makes no sense either, destroy it");
        return false;
    }
    if (facts->zones.unusable > 0) {
        lethe_fail(err, LETHE_E_REFUSED,
                   "%" PRIu64 " of the drive's %" PRIu64 " zones are read-only or offline: what "
                   "they hold can't be overwritten, nor shown to be gone",
                   facts->zones.unusable, facts->zones.count);
        lethe_error_remedy(err, "this drive is failing: destroy it");
        return false;
    }
    if (facts->zones.size % block == 0 && id->capacity % block == 0)
        return true;
    lethe_fail(err, LETHE_E_REFUSED,
               "the drive's zones are no whole number of the blocks it is written in (%u bytes)",
               block);
    lethe_error_remedy(err, "its own sanitise command by its maker's tool, without a certificate "
                            "of ours; or destroy it");
    return false;
}
