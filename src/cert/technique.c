/* SPDX-License-Identifier: Apache-2.0 */
#include "cert/technique.h"

#include <stddef.h>
#include <string.h>

/* facts: SP 800-88r2 section 3.1.1, IEEE 2883: the host reaches only what is addressable; the
 * sanitize commands of ATA, SCSI and NVMe are Purge. No command destroys. */
static const struct lethe_known_technique known[] = {
    {"overwrite", "overwrite", LETHE_METHOD_CLEAR, true},
    {"ata-sanitize-block", "block-erase", LETHE_METHOD_PURGE, false},
    {"ata-sanitize-crypto", "crypto-erase", LETHE_METHOD_PURGE, false},
    {"ata-sanitize-overwrite", "overwrite", LETHE_METHOD_PURGE, false},
    {"scsi-sanitize-block", "block-erase", LETHE_METHOD_PURGE, false},
    {"scsi-sanitize-crypto", "crypto-erase", LETHE_METHOD_PURGE, false},
    {"scsi-sanitize-overwrite", "overwrite", LETHE_METHOD_PURGE, false},
    {"nvme-sanitize-block", "block-erase", LETHE_METHOD_PURGE, false},
    {"nvme-sanitize-crypto", "crypto-erase", LETHE_METHOD_PURGE, false},
    {"nvme-sanitize-overwrite", "overwrite", LETHE_METHOD_PURGE, false},
    {"ata-security-erase", "overwrite", LETHE_METHOD_CLEAR, false},
    {"ata-security-erase-enhanced", "overwrite", LETHE_METHOD_PURGE, false},
    {"nvme-format-user", "block-erase", LETHE_METHOD_CLEAR, false},
    {"nvme-format-crypto", "crypto-erase", LETHE_METHOD_CLEAR, false},
    {"scsi-format-unit", "overwrite", LETHE_METHOD_CLEAR, false},
    {"mmc-sanitize", "block-erase", LETHE_METHOD_PURGE, false},
    {"mmc-erase", "block-erase", LETHE_METHOD_CLEAR, false},
    {"tcg-psid-revert", "crypto-erase", LETHE_METHOD_PURGE, false},
};

const struct lethe_known_technique *lethe_known_technique(const char *name)
{
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (strcmp(known[i].name, name) == 0)
            return &known[i];
    return NULL;
}
