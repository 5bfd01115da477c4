/* SPDX-License-Identifier: Apache-2.0 */
/* Can this drive do it, here and now? Asked before anything is sent (preflight). */
#include <lethe/technique.h>

/* Pointers that were reset hide what is behind them (technique/zones.h). Where the zones can't be
 * asked for nobody would know. */
static int zones_ready(const struct lethe_technique *technique, const struct lethe_facts *facts,
                       struct lethe_error *err)
{
    bool asked = facts->zones.size > 0;
    if (technique->flags & LETHE_TECHNIQUE_ZONES && asked)
        return 0;
    if (asked)
        lethe_fail(err, LETHE_E_REFUSED,
                   "%s is not for zoned drives: it may reset their write pointers, and nothing "
                   "could be looked at afterwards",
                   technique->name);
    else
        lethe_fail(err, LETHE_E_REFUSED,
                   "the drive has zones that can't be asked for (%s): what it gives out after %s "
                   "need not be what they hold",
                   facts->zones.why, technique->name);
    lethe_error_remedy(err, "%suse an overwrite by a clear policy, or destroy it",
                       asked ? "use its sanitise commands, or " : "move it to a native slot, or ");
    return -LETHE_E_REFUSED;
}

int lethe_technique_ready(const struct lethe_technique *technique, const struct lethe_facts *facts,
                          struct lethe_error *err)
{
    if (technique->protocol == LETHE_PROTOCOL_NONE && !technique->capability)
        return 0;
    if (!facts || facts->protocol == LETHE_PROTOCOL_NONE) {
        lethe_fail(err, LETHE_E_REFUSED, "%s",
                   facts && facts->obstacle[0] ? facts->obstacle
                                               : "the drive's firmware could not be asked");
        lethe_error_remedy(err, "%s",
                           facts && facts->remedy[0]
                               ? facts->remedy
                               : "move the drive to a native SATA, SAS or NVMe slot");
        return -LETHE_E_REFUSED;
    }
    if (facts->disagrees) {
        lethe_fail(err, LETHE_E_REFUSED,
                   "what the drive says of itself is not what the kernel sees: %s",
                   facts->obstacle);
        lethe_error_remedy(err, "%s", facts->remedy);
        return -LETHE_E_REFUSED;
    }
    bool speaks = technique->protocol == LETHE_PROTOCOL_NONE || /* TCG: over whatever it speaks */
                  technique->protocol == facts->protocol;
    bool able = speaks && facts->can & technique->capability;
    if (able && (facts->zoned || facts->zones.host_aware)) {
        int rc = zones_ready(technique, facts, err);
        if (rc < 0)
            return rc;
    }
    if (able)
        return technique->ready ? technique->ready(facts, err) : 0;
    if (technique->capability == LETHE_CAN_PSID_REVERT && facts->tcg.kernel_blocks) {
        lethe_fail(err, LETHE_E_REFUSED,
                   "the drive has TCG, and Linux keeps its commands from drives on SATA ports");
        lethe_error_remedy(err, "start Linux with libata.allow_tpm=1: %s", LETHE_TCG_ALLOW);
        return -LETHE_E_REFUSED;
    }
    if (speaks && facts->obstacle[0]) {
        lethe_fail(err, LETHE_E_REFUSED, "%s", facts->obstacle);
        lethe_error_remedy(err, "%s", facts->remedy);
        return -LETHE_E_REFUSED;
    }
    return speaks ? lethe_fail(err, LETHE_E_UNSUPPORTED, "the device does not offer it")
                  : lethe_fail(err, LETHE_E_UNSUPPORTED, "it is for %s, and the device speaks %s",
                               lethe_protocol_name(technique->protocol),
                               lethe_protocol_name(facts->protocol));
}
