/* SPDX-License-Identifier: Apache-2.0 */
#include "cert/technique.h"

#include <stddef.h>
#include <string.h>

/* facts: SP 800-88r2 section 3.1.1, IEEE 2883: the host reaches only what is addressable; the
 * sanitize commands of ATA, SCSI and NVMe are Purge. No command destroys. */
static const struct lethe_known_technique known[] = {
    {"overwrite", "overwrite", LETHE_METHOD_CLEAR, true, LETHE_PART_NONE},
    {"ata-sanitize-block", "block-erase", LETHE_METHOD_PURGE, false, LETHE_PART_NONE},
    {"ata-sanitize-crypto", "crypto-erase", LETHE_METHOD_PURGE, false, LETHE_PART_NONE},
    {"ata-sanitize-overwrite", "overwrite", LETHE_METHOD_PURGE, false, LETHE_PART_NONE},
    {"scsi-sanitize-block", "block-erase", LETHE_METHOD_PURGE, false, LETHE_PART_NONE},
    {"scsi-sanitize-crypto", "crypto-erase", LETHE_METHOD_PURGE, false, LETHE_PART_NONE},
    {"scsi-sanitize-overwrite", "overwrite", LETHE_METHOD_PURGE, false, LETHE_PART_NONE},
    {"nvme-sanitize-block", "block-erase", LETHE_METHOD_PURGE, false, LETHE_PART_NONE},
    {"nvme-sanitize-crypto", "crypto-erase", LETHE_METHOD_PURGE, false, LETHE_PART_NONE},
    {"nvme-sanitize-overwrite", "overwrite", LETHE_METHOD_PURGE, false, LETHE_PART_NONE},
    {"ata-security-erase", "overwrite", LETHE_METHOD_CLEAR, false, LETHE_PART_NONE},
    {"ata-security-erase-enhanced", "overwrite", LETHE_METHOD_PURGE, false, LETHE_PART_NONE},
    {"nvme-format-user", "block-erase", LETHE_METHOD_CLEAR, false, LETHE_PART_NONE},
    {"nvme-format-crypto", "crypto-erase", LETHE_METHOD_CLEAR, false, LETHE_PART_NONE},
    {"scsi-format-unit", "overwrite", LETHE_METHOD_CLEAR, false, LETHE_PART_NONE},
    {"mmc-sanitize", "block-erase", LETHE_METHOD_PURGE, false, LETHE_PART_NONE},
    {"mmc-erase", "block-erase", LETHE_METHOD_CLEAR, false, LETHE_PART_NONE},
    {"tcg-psid-revert", "crypto-erase", LETHE_METHOD_PURGE, false, LETHE_PART_NONE},
    {"ios-erase", "crypto-erase", LETHE_METHOD_PURGE, false, LETHE_PART_ERASES},
    {"ios-backup-erase", "crypto-erase", LETHE_METHOD_PURGE, false, LETHE_PART_ERASES},
    {"ios-fill", "overwrite", LETHE_METHOD_CLEAR, false, LETHE_PART_FILLS},
    {"android-sideload", "reset", LETHE_METHOD_NONE, false, LETHE_PART_MOVES},
    {"android-rescue", "reset", LETHE_METHOD_NONE, false, LETHE_PART_MOVES},
    {"android-bootloader", "reset", LETHE_METHOD_NONE, false, LETHE_PART_MOVES},
    {"android-rescue-wipe", "crypto-erase", LETHE_METHOD_PURGE, false, LETHE_PART_ERASES},
    {"android-fastboot-erase", "crypto-erase", LETHE_METHOD_PURGE, false, LETHE_PART_ERASES},
    {"android-test-harness", "crypto-erase", LETHE_METHOD_PURGE, false, LETHE_PART_ERASES},
    {"android-fill", "overwrite", LETHE_METHOD_CLEAR, false, LETHE_PART_FILLS},
    {"android-settings-reset", "crypto-erase", LETHE_METHOD_PURGE, false, LETHE_PART_GUIDED},
    {"guided-reset", "crypto-erase", LETHE_METHOD_PURGE, false, LETHE_PART_GUIDED},
};

const struct lethe_known_technique *lethe_known_technique(const char *name)
{
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strcmp(known[i].name, name) == 0)
            return &known[i];
    return NULL;
}

int lethe_known_grade(const char *word)
{
    static const char *const words[] = {"denied", "none", "attested", "state"};
    for (int i = 0; i < (int)(sizeof(words) / sizeof(words[0])); i++)
        if (strcmp(words[i], word) == 0)
            return i;
    return -1;
}
