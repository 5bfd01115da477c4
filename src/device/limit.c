/* SPDX-License-Identifier: Apache-2.0 */
/* What a drive says it can do, less what its family is known to do badly. */
#include "base/text.h"

#include <lethe/facts.h>
#include <string.h>

static const struct {
    enum lethe_quirk quirk;
    unsigned takes; /* enum lethe_capability */
    const char *why, *remedy;
} limits[] = {
    /* The key can be had without the password, so that its change proves nothing. */
    {LETHE_QUIRK_WEAK_ENCRYPTION,
     LETHE_CAN_SANITIZE_CRYPTO | LETHE_CAN_FORMAT_CRYPTO | LETHE_CAN_PSID_REVERT,
     "the encryption of this family of drives is known to be weak: a cryptographic erase proves "
     "nothing",
     "use a block erase or an overwrite, or destroy it"},
    {LETHE_QUIRK_NO_SANITIZE_CRYPTO, LETHE_CAN_SANITIZE_CRYPTO,
     "this family of drives is known to fail a cryptographic sanitise",
     "use another technique, or destroy it"},
    {LETHE_QUIRK_NO_SANITIZE_BLOCK, LETHE_CAN_SANITIZE_BLOCK,
     "this family of drives is known to fail a block erase",
     "use another technique, or destroy it"},
    {LETHE_QUIRK_NO_SANITIZE_OVERWRITE, LETHE_CAN_SANITIZE_OVERWRITE,
     "this family of drives is known to fail a sanitise by overwriting",
     "use another technique, or destroy it"},
    {LETHE_QUIRK_NO_SECURITY_ERASE, LETHE_CAN_SECURITY_ERASE | LETHE_CAN_SECURITY_ERASE_ENHANCED,
     "this family of drives is known to be left locked or unerased by SECURITY ERASE",
     "use another technique, or destroy it"},
    {LETHE_QUIRK_NO_FORMAT_USER, LETHE_CAN_FORMAT_USER,
     "this family of drives is known to fail a Format NVM", "use another technique, or destroy it"},
    {LETHE_QUIRK_NO_FORMAT_CRYPTO, LETHE_CAN_FORMAT_CRYPTO,
     "this family of drives is known to fail a cryptographic Format NVM",
     "use another technique, or destroy it"},
};

void lethe_facts_limit(struct lethe_facts *facts, const struct lethe_quirks *quirks)
{
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        if (!lethe_quirks_has(quirks, limits[i].quirk) || !(facts->can & limits[i].takes))
            continue;
        facts->can &= ~limits[i].takes;
        if (facts->obstacle[0])
            continue;
        lethe_text_format(facts->obstacle, sizeof(facts->obstacle), "%s", limits[i].why);
        lethe_text_format(facts->remedy, sizeof(facts->remedy), "%s", limits[i].remedy);
    }
}

void lethe_facts_identity(const struct lethe_facts *facts, const struct lethe_identity *seen,
                          struct lethe_identity *out)
{
    static const enum lethe_bus buses[] = {
        [LETHE_PROTOCOL_ATA] = LETHE_BUS_ATA,   [LETHE_PROTOCOL_SCSI] = LETHE_BUS_SCSI,
        [LETHE_PROTOCOL_NVME] = LETHE_BUS_NVME, [LETHE_PROTOCOL_MMC] = LETHE_BUS_MMC,
        [LETHE_PROTOCOL_SD] = LETHE_BUS_MMC,
    };
    *out = *seen;
    if (facts->protocol == LETHE_PROTOCOL_NONE)
        return;
    if (facts->phone.family == LETHE_FAMILY_NONE) { /* a phone is no drive behind a bridge */
        out->bus = buses[facts->protocol];
        out->bridge[0] = '\0';
        out->usb_vendor = out->usb_product = out->usb_release = 0;
    }
    if (facts->vendor[0])
        lethe_text_clean(out->vendor, sizeof(out->vendor), facts->vendor, strlen(facts->vendor));
    if (facts->model[0])
        lethe_text_clean(out->model, sizeof(out->model), facts->model, strlen(facts->model));
    if (facts->firmware[0])
        lethe_text_clean(out->firmware, sizeof(out->firmware), facts->firmware,
                         strlen(facts->firmware));
}

/* As of a native one: what speaks NVMe is flash, whatever port it hangs on (scan/disk.c). */
enum lethe_media lethe_facts_media(const struct lethe_facts *facts, enum lethe_media seen)
{
    return seen == LETHE_MEDIA_UNKNOWN && facts->protocol == LETHE_PROTOCOL_NVME ? LETHE_MEDIA_FLASH
                                                                                 : seen;
}
