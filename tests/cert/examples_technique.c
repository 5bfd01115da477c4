/* SPDX-License-Identifier: Apache-2.0 */
/* Drives that erased themselves, with the commands that were sent; and techniques that contradict
 * the device or their own commands. */
#include "cert/examples_change.h"

#include <stddef.h>

#define UNREAD                                                                                     \
    "Spare and reallocated areas can be read by no host: that the device erased them too is its "  \
    "own word."
#define MAY_WITHHOLD                                                                               \
    "By its own word the drive may refuse to give out blocks until they are written again: what "  \
    "it withheld was not seen."
#define UNSEEN                                                                                     \
    "SANITIZE_START was accepted and answered after 912 ms; nothing observable shows that it was " \
    "done"
#define LIMITED(more) "limitations", "[\"" UNREAD "\"" more "]"
#define DONE_BY(name, kind, commands)                                                              \
    "technique", "{\"name\":\"" name "\",\"kind\":\"" kind                                         \
                 "\",\"observed\":true,\"commands\":[" commands "]}"
#define BY(name, kind, commands) DONE_BY(name, kind, commands), LIMITED("")
#define BY_MMC_SANITIZE(commands)                                                                  \
    DONE_BY("mmc-sanitize", "block-erase", commands), LIMITED(",\"" UNSEEN "\"")
#define ON(bus, media) "device.bus", "\"" bus "\"", "device.media", "\"" media "\""
#define PURGED                                                                                     \
    "method", "\"purge\"", "policy.method", "\"purge\"", "policy.id", "\"nist-800-88r2-purge\"",   \
        "policy.statement", "\"Purged by policy nist-800-88r2-purge of 2026-11-23.\""
#define UNIFORM "verification.expected", "\"uniform\""
/* Nothing is known of what it leaves: marks are the sample. */
#define MARKS                                                                                      \
    "verification.expected", "\"unknown\"", "verification.block", "512", "verification.blocks",    \
        "976773168", "verification.samples", "4603", "verification.bytes", "2356736",              \
        "verification.coverage_ppm", "4", "verification.canaries_written", "4603",                 \
        "verification.canaries_checked", "4603", "verification.statement",                         \
        "\"At most 0.1 % of the addressable blocks are not sanitised, with 99 % confidence: 4603 " \
        "marks had been written at random places, and none is there any more.\""

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
#define MMC_AREA(from, to, how, area)                                                              \
    "\"MMC CMD35 " from " (" area " area)\",\"MMC CMD36 " to " (" area " area)\",\"MMC CMD38 " how \
    " (" area " area)\""
#define MMC_BOOT MMC_AREA("00000000", "00001FFF", "00000000", "boot0")
#define MMC_USER MMC_AREA("00000000", "3A38602F", "00000000", "user")
#define MMC_ERASE MMC_BOOT "," MMC_USER
#define MMC_SANITIZE ",\"MMC CMD6 03A50100\""

/* The last 3 marks can't be read any more. */
#define WITHHELD(bus_of)                                                                           \
    "device.bus", "\"" bus_of "\"", "device.media", "\"flash\"", "verification.samples", "4600",   \
        "verification.bytes", "2355200", "verification.canaries_checked", "4600",                  \
        "verification.withheld", "3", "verification.statement",                                    \
        "\"4600 of the 4603 marks that had been written before the erasure were looked for, and "  \
        "none is there any more; the drive did not give out the blocks of the other 3.\""
#define FOLLOWED(marks)                                                                            \
    LIMITED(""), PURGED, "technique",                                                              \
        "{\"name\":\"ata-sanitize-crypto\",\"kind\":\"crypto-erase\",\"observed\":true,"           \
        "\"commands\":[" ATA_CRYPTO                                                                \
        "],\"followed_by\":{\"name\":\"overwrite\",\"passes\":[{\"pattern\":\"zero\","             \
        "\"bytes\":500107862016,\"errors\":0}]}}",                                                 \
        "verification.mode", "\"full\"", "verification.samples", "122096646",                      \
        "verification.bytes", "500107862016", "verification.coverage_ppm", "1000000",              \
        "verification.statement",                                                                  \
        "\"All 122096646 addressable blocks were read; each holds what the erasure left.\"",       \
        "verification.canaries_written", marks, "verification.canaries_checked", marks

const struct change examples_technique[] = {
    {"purge-block-erase",
     VALID,
     "policy-not-read",
     {BY("ata-sanitize-block", "block-erase", ATA_BLOCK), ON("ata", "flash"), PURGED}},
    {"purge-crypto-erase",
     VALID,
     "policy-not-read",
     {BY("nvme-sanitize-crypto", "crypto-erase", NVME("84", "0c000000")), ON("nvme", "flash"),
      PURGED, MARKS}},
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
     {BY_MMC_SANITIZE(MMC_ERASE MMC_SANITIZE), ON("mmc", "flash"), UNIFORM}},
    {"purge-by-mmc-sanitize",
     INVALID,
     "contradiction-method",
     {BY_MMC_SANITIZE(MMC_ERASE MMC_SANITIZE), ON("mmc", "flash"), PURGED, UNIFORM}},
    {"by-tcg-psid-revert",
     VALID,
     "policy-not-read",
     {BY("tcg-psid-revert", "crypto-erase", "\"StartSession, Admin SP, as PSID\",\"Revert\""),
      ON("nvme", "flash"), PURGED, MARKS}},
    {"by-tcg-psid-revert-of-enterprise",
     VALID,
     "policy-not-read",
     {BY("tcg-psid-revert", "crypto-erase",
         "\"StartSession, Admin SP, as PSID\",\"Authenticate\",\"Revert\""),
      ON("scsi", "magnetic"), PURGED, MARKS}},
    {"commands-not-told",
     INVALID,
     "contradiction-technique",
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
     {BY_MMC_SANITIZE(MMC_ERASE), ON("mmc", "flash"), UNIFORM}},
    {"commands-out-of-order",
     INVALID,
     "contradiction-technique",
     {BY_MMC_SANITIZE("\"MMC CMD6 03A50100\"," MMC_ERASE), ON("mmc", "flash"), UNIFORM}},
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

    {"commands-without-a-signature",
     INVALID,
     "contradiction-technique",
     {BY("ata-sanitize-crypto", "crypto-erase",
         "\"ATA B4 feature 0011 count 0010 lba 000000000000\""),
      PURGED, MARKS}},
    {"commands-of-another-signature",
     INVALID,
     "contradiction-technique",
     {BY("ata-sanitize-block", "block-erase",
         "\"ATA B4 feature 0012 count 0010 lba 000043727970\""),
      ON("ata", "flash"), PURGED, UNIFORM}},
    {"commands-cut-short",
     INVALID,
     "contradiction-technique",
     {BY("nvme-sanitize-crypto", "crypto-erase", "\"NVMe 84\""), ON("nvme", "flash"), PURGED,
      MARKS}},
    {"commands-with-reserved-bits",
     INVALID,
     "contradiction-technique",
     {BY("scsi-sanitize-overwrite", "overwrite", "\"SCSI 4881ffffffffffffffff\""),
      ON("scsi", "magnetic"), PURGED}},
    {"commands-and-one-beside",
     INVALID,
     "contradiction-technique",
     {BY("ata-sanitize-crypto", "crypto-erase",
         ATA_CRYPTO ",\"ATA B4 feature 0020 count 0000 lba 000046724C6B\""),
      PURGED, MARKS}},
    {"commands-and-failed-after",
     INVALID,
     "contradiction-technique",
     {BY("scsi-sanitize-overwrite", "overwrite", SCSI_OVERWRITE ",\"SCSI 481f0000000000000000\""),
      ON("scsi", "magnetic"), PURGED}},
    {"by-scsi-after-a-failure",
     VALID,
     "policy-not-read",
     {BY("scsi-sanitize-overwrite", "overwrite",
         "\"SCSI 481f0000000000000000\"," SCSI_OVERWRITE ",\"SCSI parameters 0100000400000000\""),
      ON("scsi", "magnetic")}},
    {"commands-without-a-password",
     INVALID,
     "contradiction-technique",
     {BY("ata-security-erase", "overwrite",
         "\"ATA F3 SECURITY ERASE PREPARE\",\"ATA F4 SECURITY ERASE UNIT\""),
      ON("ata", "flash"), UNIFORM}},
    {"commands-of-nobody",
     INVALID,
     "contradiction-technique",
     {BY("tcg-psid-revert", "crypto-erase",
         "\"StartSession, Admin SP, as nobody\",\"Authenticate as PSID: FALSE\",\"Revert\""),
      ON("nvme", "flash"), PURGED, MARKS}},
    {"commands-refused",
     INVALID,
     "contradiction-technique",
     {BY("tcg-psid-revert", "crypto-erase",
         "\"StartSession, Admin SP, as PSID\",\"Revert refused\""),
      ON("nvme", "flash"), PURGED, MARKS}},
    {"card-without-its-user-area",
     INVALID,
     "contradiction-technique",
     {BY_MMC_SANITIZE(MMC_BOOT MMC_SANITIZE), ON("mmc", "flash"), UNIFORM}},
    {"card-to-its-first-sector",
     INVALID,
     "contradiction-technique",
     {BY_MMC_SANITIZE(MMC_AREA("00000000", "00000000", "00000000", "user") MMC_SANITIZE),
      ON("mmc", "flash"), UNIFORM}},
    {"card-from-its-middle",
     INVALID,
     "contradiction-technique",
     {BY_MMC_SANITIZE(MMC_AREA("00100000", "3A38602F", "00000000", "user") MMC_SANITIZE),
      ON("mmc", "flash"), UNIFORM}},
    {"card-trimmed",
     INVALID,
     "contradiction-technique",
     {BY_MMC_SANITIZE(MMC_AREA("00000000", "3A38602F", "00000001", "user") MMC_SANITIZE),
      ON("mmc", "flash"), UNIFORM}},
    {"card-with-areas-crossed",
     INVALID,
     "contradiction-technique",
     {BY_MMC_SANITIZE("\"MMC CMD35 00000000 (boot0 area)\",\"MMC CMD36 00001FFF (gp0 area)\",\"MMC "
                      "CMD38 00000000 (rpmb area)\"," MMC_USER MMC_SANITIZE),
      ON("mmc", "flash"), UNIFORM}},
    {"card-that-could-be-seen",
     INVALID,
     "contradiction-technique",
     {BY("mmc-sanitize", "block-erase", MMC_ERASE MMC_SANITIZE), ON("mmc", "flash"), UNIFORM}},
    {"unread-unsaid",
     INVALID,
     "contradiction-technique",
     {DONE_BY("ata-sanitize-crypto", "crypto-erase", ATA_CRYPTO), PURGED, MARKS}},

    /* what the drive kept to itself */
    {"withheld-in-part",
     VALID,
     "withheld",
     {DONE_BY("nvme-sanitize-crypto", "crypto-erase", NVME("84", "0c000000")),
      LIMITED(",\"" MAY_WITHHOLD "\""), ON("nvme", "flash"), PURGED, MARKS, WITHHELD("nvme")}},
    {"withheld-and-unsaid",
     INVALID,
     "contradiction-verification",
     {BY("nvme-sanitize-crypto", "crypto-erase", NVME("84", "0c000000")), ON("nvme", "flash"),
      PURGED, MARKS, WITHHELD("nvme")}},
    {"withheld-by-ata",
     INVALID,
     "contradiction-verification",
     {DONE_BY("ata-sanitize-crypto", "crypto-erase", ATA_CRYPTO), LIMITED(",\"" MAY_WITHHOLD "\""),
      PURGED, MARKS, WITHHELD("ata")}},
    {"withheld-by-a-revert-over-ata",
     INVALID,
     "contradiction-verification",
     {DONE_BY("tcg-psid-revert", "crypto-erase", "\"StartSession, Admin SP, as PSID\",\"Revert\""),
      LIMITED(",\"" MAY_WITHHOLD "\""), PURGED, MARKS, WITHHELD("ata")}},
    {"withheld-by-a-card",
     INVALID,
     "contradiction-verification",
     {DONE_BY("mmc-sanitize", "block-erase", MMC_ERASE MMC_SANITIZE),
      LIMITED(",\"" UNSEEN "\",\"" MAY_WITHHOLD "\""), MARKS, WITHHELD("mmc")}},
    {"withheld-beyond-the-marks",
     INVALID,
     "contradiction-canaries",
     {DONE_BY("nvme-sanitize-crypto", "crypto-erase", NVME("84", "0c000000")),
      LIMITED(",\"" MAY_WITHHOLD "\""), ON("nvme", "flash"), PURGED, MARKS, "verification.withheld",
      "3", "verification.statement",
      "\"4603 of the 4603 marks that had been written before the erasure were looked for, and none "
      "is there any more; the drive did not give out the blocks of the other 3.\""}},

    /* written over: the marks alone show what the device did to itself */
    {"followed-by-an-overwrite", VALID, "policy-not-read", {FOLLOWED("4603")}},
    {"followed-and-hardly-marked", INVALID, "contradiction-canaries", {FOLLOWED("1")}},
    {"followed-faster-than-any-bus",
     INVALID,
     "contradiction-times",
     {FOLLOWED("4603"), "times.created", "\"2026-11-23T01:59:50Z\"", "times.started",
      "\"2026-11-23T01:59:50Z\""}},
    {"overwritten-faster-than-any-bus",
     INVALID,
     "contradiction-times",
     {BY("ata-sanitize-overwrite", "overwrite", ATA_OVERWRITE), PURGED, "times.created",
      "\"2026-11-23T01:59:58Z\"", "times.started", "\"2026-11-23T01:59:58Z\""}},

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
