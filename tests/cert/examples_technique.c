/* SPDX-License-Identifier: Apache-2.0 */
/* Drives that erased themselves, with the commands that were sent; and techniques that contradict
 * the device or their own commands. */
#include "cert/examples_change.h"

#include <stddef.h>

#define BY(name, kind, commands)                                                                   \
    "technique", "{\"name\":\"" name "\",\"kind\":\"" kind                                         \
                 "\",\"observed\":true,\"commands\":[" commands "]}"
#define ON(bus, media) "device.bus", "\"" bus "\"", "device.media", "\"" media "\""
#define PURGED                                                                                     \
    "method", "\"purge\"", "policy.method", "\"purge\"", "policy.id", "\"nist-800-88r2-purge\""
#define UNIFORM "verification.expected", "\"uniform\""
/* Nothing is known of what it leaves: marks are the sample. */
#define MARKS                                                                                      \
    "verification.expected", "\"unknown\"", "verification.block", "512", "verification.blocks",    \
        "976773168", "verification.samples", "4603", "verification.bytes", "2356736",              \
        "verification.coverage_ppm", "4", "verification.canaries_written", "4603",                 \
        "verification.canaries_checked", "4603"

#define ATA_BLOCK "\"ATA B4 feature 0012 count 0000 lba 0000426B4572\""
#define ATA_CRYPTO "\"ATA B4 feature 0011 count 0000 lba 000043727970\""
#define ATA_OVERWRITE "\"ATA B4 feature 0014 count 0001 lba 4F5700000000\""
#define ATA_ERASE(words)                                                                           \
    "\"ATA F1 SECURITY SET PASSWORD\",\"ATA F3 SECURITY ERASE PREPARE\",\"ATA F4 SECURITY ERASE "  \
    "UNIT" words "\""
#define ASKED "\"ATA EC IDENTIFY DEVICE\""
#define ASKED_4 ASKED "," ASKED "," ASKED "," ASKED
#define ZEROS_20 "0000000000000000000000000000000000000000"
#define NVME(opcode, cdw10)                                                                        \
    "\"NVMe " opcode ZEROS_20 "00000000000000000000000000000000000000" cdw10 ZEROS_20 "\""
#define SCSI_FORMAT "\"SCSI 041000000000\""
#define SCSI_OVERWRITE "\"SCSI 48810000000000000800\""
#define MMC_ERASE "\"MMC CMD35 00000000\",\"MMC CMD36 001DCFFF\",\"MMC CMD38 00000000\""

const struct change examples_technique[] = {
    {"by-ata-sanitize-block",
     VALID,
     "policy-not-read",
     {BY("ata-sanitize-block", "block-erase", ATA_BLOCK), ON("usb", "flash"), PURGED, UNIFORM}},
    {"by-ata-sanitize-crypto",
     VALID,
     "policy-not-read",
     {BY("ata-sanitize-crypto", "crypto-erase", ATA_CRYPTO), PURGED, MARKS}},
    {"by-ata-sanitize-overwrite",
     VALID,
     "policy-not-read",
     {BY("ata-sanitize-overwrite", "overwrite", ATA_OVERWRITE), ON("scsi", "magnetic"), PURGED}},
    {"by-ata-security-erase",
     VALID,
     "policy-not-read",
     {BY("ata-security-erase", "overwrite", ATA_ERASE("")), ON("ata", "flash"), UNIFORM}},
    {"by-ata-security-erase-enhanced",
     VALID,
     "policy-not-read",
     {BY("ata-security-erase-enhanced", "overwrite", ATA_ERASE(", enhanced")), PURGED, MARKS}},
    {"by-scsi-sanitize-overwrite",
     VALID,
     "policy-not-read",
     {BY("scsi-sanitize-overwrite", "overwrite", SCSI_OVERWRITE), ON("scsi", "magnetic"), PURGED}},
    {"by-scsi-format-unit",
     VALID,
     "policy-not-read",
     {BY("scsi-format-unit", "overwrite", SCSI_FORMAT), ON("scsi", "magnetic"), UNIFORM}},
    {"by-nvme-sanitize-crypto",
     VALID,
     "policy-not-read",
     {BY("nvme-sanitize-crypto", "crypto-erase", NVME("84", "0c000000")), ON("nvme", "flash"),
      PURGED, MARKS}},
    {"by-nvme-format-user",
     VALID,
     "policy-not-read",
     {BY("nvme-format-user", "block-erase", NVME("80", "00020000")), ON("nvme", "flash"), UNIFORM}},
    {"by-mmc-sanitize",
     VALID,
     "policy-not-read",
     {BY("mmc-sanitize", "block-erase", MMC_ERASE ",\"MMC CMD6 03A50100\""), ON("mmc", "flash"),
      UNIFORM}},
    {"purge-by-mmc-sanitize",
     INVALID,
     "contradiction-method",
     {BY("mmc-sanitize", "block-erase", MMC_ERASE ",\"MMC CMD6 03A50100\""), ON("mmc", "flash"),
      PURGED, UNIFORM}},
    {"by-tcg-psid-revert",
     VALID,
     "policy-not-read",
     {BY("tcg-psid-revert", "crypto-erase", "\"StartSession, Admin SP, as PSID\",\"Revert\""),
      ON("nvme", "flash"), PURGED, MARKS}},
    {"by-tcg-psid-revert-of-enterprise",
     VALID,
     "policy-not-read",
     {BY("tcg-psid-revert", "crypto-erase",
         "\"StartSession, Admin SP\",\"Authenticate, as PSID\",\"RevertSP\""),
      ON("scsi", "magnetic"), PURGED, MARKS}},
    {"commands-not-told",
     VALID,
     "policy-not-read",
     {BY("ata-sanitize-overwrite", "overwrite", ATA_OVERWRITE), "technique.commands", "-"}},

    /* the device has no such bus, or no such medium */
    {"technique-of-another-bus",
     INVALID,
     "contradiction-technique",
     {BY("ata-sanitize-overwrite", "overwrite", ATA_OVERWRITE), ON("nvme", "magnetic")}},
    {"technique-of-no-virtual-disk",
     INVALID,
     "contradiction-technique",
     {BY("scsi-format-unit", "overwrite", SCSI_FORMAT), "substrate", "\"virtual\"",
      ON("virtio", "magnetic")}},
    {"technique-of-no-image",
     INVALID,
     "contradiction-technique",
     {BY("ata-sanitize-overwrite", "overwrite", ATA_OVERWRITE), "substrate", "\"image\"",
      "device.class", "\"image\"", "device.media", "\"file\""}},
    {"technique-of-flash-on-magnetic",
     INVALID,
     "contradiction-technique",
     {BY("mmc-erase", "block-erase", MMC_ERASE), ON("emulated", "magnetic"), "substrate",
      "\"virtual\"", UNIFORM}},
    {"magnetic-mmc", INVALID, "contradiction-technique", {ON("mmc", "magnetic")}},
    {"purge-of-an-unknown-medium",
     INVALID,
     "contradiction-method",
     {BY("ata-sanitize-overwrite", "overwrite", ATA_OVERWRITE), ON("ata", "unknown"), PURGED}},
    {"purge-by-format",
     INVALID,
     "contradiction-method",
     {BY("scsi-format-unit", "overwrite", SCSI_FORMAT), ON("scsi", "magnetic"), PURGED, UNIFORM}},

    /* the commands are not those of the technique */
    {"commands-of-another-set",
     INVALID,
     "contradiction-technique",
     {BY("nvme-sanitize-block", "block-erase", ATA_BLOCK), ON("usb", "flash"), PURGED, UNIFORM}},
    {"commands-of-another-action",
     INVALID,
     "contradiction-technique",
     {BY("ata-sanitize-block", "block-erase", ATA_OVERWRITE), ON("ata", "flash"), PURGED, UNIFORM}},
    {"commands-of-two-actions",
     INVALID,
     "contradiction-technique",
     {BY("ata-sanitize-block", "block-erase", ATA_BLOCK "," ATA_OVERWRITE), ON("ata", "flash"),
      PURGED, UNIFORM}},
    {"commands-of-the-weaker-erase",
     INVALID,
     "contradiction-technique",
     {BY("ata-security-erase-enhanced", "overwrite", ATA_ERASE("")), PURGED, MARKS}},
    {"commands-of-another-bit",
     INVALID,
     "contradiction-technique",
     {BY("nvme-sanitize-crypto", "crypto-erase", NVME("84", "0a000000")), ON("nvme", "flash"),
      PURGED, MARKS}},
    {"commands-of-a-format",
     INVALID,
     "contradiction-technique",
     {BY("nvme-format-user", "block-erase", NVME("80", "00040000")), ON("nvme", "flash"), UNIFORM}},
    {"commands-of-another-service",
     INVALID,
     "contradiction-technique",
     {BY("scsi-sanitize-overwrite", "overwrite", "\"SCSI 48820000000000000800\""),
      ON("scsi", "magnetic"), PURGED}},
    {"commands-none",
     INVALID,
     "contradiction-technique",
     {BY("ata-sanitize-overwrite", "overwrite", ""), PURGED}},
    {"commands-half",
     INVALID,
     "contradiction-technique",
     {BY("mmc-sanitize", "block-erase", MMC_ERASE), ON("mmc", "flash"), UNIFORM}},
    {"commands-out-of-order",
     INVALID,
     "contradiction-technique",
     {BY("mmc-sanitize", "block-erase", "\"MMC CMD6 03A50100\"," MMC_ERASE), ON("mmc", "flash"),
      UNIFORM}},
    {"commands-of-no-erasure",
     INVALID,
     "contradiction-technique",
     {BY("ata-sanitize-overwrite", "overwrite",
         ASKED_4 "," ASKED_4 "," ASKED_4 "," ASKED_4 "," ASKED_4),
      PURGED}},
    {"overwrite-observed-by-nobody",
     INVALID,
     "contradiction-technique",
     {"technique.observed", "false"}},
    {"commands-beside-an-overwrite",
     INVALID,
     "contradiction-technique",
     {"technique.commands", "[" SCSI_OVERWRITE "]"}},
    {"commands-read-only",
     INVALID,
     "contradiction-technique",
     {BY("tcg-psid-revert", "crypto-erase", "\"StartSession, Admin SP, as PSID\""),
      ON("nvme", "flash"), PURGED, MARKS}},

    /* counts */
    {"capacity-of-no-sectors",
     INVALID,
     "contradiction-capacity",
     {BY("ata-sanitize-overwrite", "overwrite", ATA_OVERWRITE), "device.capacity", "500107862015"}},
    {"resumed-and-never-interrupted",
     INVALID,
     "contradiction-times",
     {BY("ata-sanitize-crypto", "crypto-erase", ATA_CRYPTO), MARKS, "interruptions.resumed", "1"}},
    {"samples-of-a-byte-less",
     INVALID,
     "contradiction-samples",
     {"verification.bytes", "19259391"}},
};
const size_t examples_techniques = sizeof(examples_technique) / sizeof(examples_technique[0]);
