/* SPDX-License-Identifier: Apache-2.0 */
#include "cert/technique.h"

#include <stdlib.h>
#include <string.h>

/*
 * facts: SP 800-88r2 section 3.1.1, IEEE 2883: the host reaches only what is addressable; the
 * sanitize commands of ATA, SCSI and NVMe are Purge, on media that are known; a security erase of
 * flash is Clear. A magnetic medium has no blocks of flash, an image file no firmware. No command
 * destroys.
 */
#define MOST(unknown, magnetic, flash, file)                                                       \
    {                                                                                              \
        [LETHE_MEDIA_UNKNOWN] = unknown, [LETHE_MEDIA_MAGNETIC] = magnetic,                        \
        [LETHE_MEDIA_FLASH] = flash, [LETHE_MEDIA_FILE] = file                                     \
    }
#define NEVER LETHE_CLAIMS_NOTHING
#define NONE LETHE_METHOD_NONE
#define CLEAR LETHE_METHOD_CLEAR
#define PURGE LETHE_METHOD_PURGE
#define PURGES MOST(CLEAR, PURGE, PURGE, NEVER)
#define PURGES_FLASH MOST(CLEAR, NEVER, PURGE, NEVER)
#define CLEARS MOST(CLEAR, CLEAR, CLEAR, NEVER)
#define CLEARS_FLASH MOST(CLEAR, NEVER, CLEAR, NEVER)
/* What a phone has is flash, whether that was told or not. */
#define PHONE(method) MOST(method, NEVER, method, NEVER)

/* A bridge may carry what it likes; of a bus that is not known nothing is known. */
#define ATA .buses = "ata scsi usb emulated unknown", .set = "ATA"
#define SCSI .buses = "scsi usb emulated unknown", .set = "SCSI"
#define NVME .buses = "nvme usb emulated unknown", .set = "NVMe"
#define MMC .buses = "mmc emulated unknown", .set = "MMC"
#define PORT .buses = "usb emulated unknown"

#define SENDS(...) .sends = {__VA_ARGS__}
#define TEXT(all)                                                                                  \
    {                                                                                              \
        .begins = all, .whole = true                                                               \
    }
#define BEGINS(start)                                                                              \
    {                                                                                              \
        .begins = start                                                                            \
    }
#define BYTE(start, at, mask, value)                                                               \
    {                                                                                              \
        start, false, at, mask, value                                                              \
    }
#define MMC_ERASES BEGINS("MMC CMD35 "), BEGINS("MMC CMD36 "), BEGINS("MMC CMD38 ")
#define ERASES .part = LETHE_PART_ERASES, PORT
#define ANDROID_BACK .back = "closed normal ptp"
#define IOS_BACK .back = "normal"

static const struct lethe_known_technique techniques[] = {
    {"overwrite", "overwrite", MOST(CLEAR, CLEAR, CLEAR, CLEAR), .host = true},
    {"ata-sanitize-block", "block-erase", PURGES_FLASH, ATA, SENDS(BEGINS("ATA B4 feature 0012 "))},
    {"ata-sanitize-crypto", "crypto-erase", PURGES, ATA, SENDS(BEGINS("ATA B4 feature 0011 "))},
    {"ata-sanitize-overwrite", "overwrite", PURGES, ATA, SENDS(BEGINS("ATA B4 feature 0014 "))},
    {"scsi-sanitize-block", "block-erase", PURGES_FLASH, SCSI, SENDS(BYTE("SCSI 48", 1, 0x1f, 2))},
    {"scsi-sanitize-crypto", "crypto-erase", PURGES, SCSI, SENDS(BYTE("SCSI 48", 1, 0x1f, 3))},
    {"scsi-sanitize-overwrite", "overwrite", PURGES, SCSI, SENDS(BYTE("SCSI 48", 1, 0x1f, 1))},
    {"nvme-sanitize-block", "block-erase", PURGES_FLASH, NVME, SENDS(BYTE("NVMe 84", 40, 0x07, 2))},
    {"nvme-sanitize-crypto", "crypto-erase", PURGES, NVME, SENDS(BYTE("NVMe 84", 40, 0x07, 4))},
    {"nvme-sanitize-overwrite", "overwrite", PURGES, NVME, SENDS(BYTE("NVMe 84", 40, 0x07, 3))},
    {"ata-security-erase", "overwrite", CLEARS, ATA,
     SENDS(TEXT("ATA F3 SECURITY ERASE PREPARE"), TEXT("ATA F4 SECURITY ERASE UNIT"))},
    {"ata-security-erase-enhanced", "overwrite", MOST(CLEAR, PURGE, CLEAR, NEVER), ATA,
     SENDS(TEXT("ATA F3 SECURITY ERASE PREPARE"), TEXT("ATA F4 SECURITY ERASE UNIT, enhanced"))},
    {"nvme-format-user", "block-erase", CLEARS_FLASH, NVME, SENDS(BYTE("NVMe 80", 41, 0x0e, 0x02))},
    {"nvme-format-crypto", "crypto-erase", CLEARS, NVME, SENDS(BYTE("NVMe 80", 41, 0x0e, 0x04))},
    {"scsi-format-unit", "overwrite", CLEARS, SCSI, SENDS(BYTE("SCSI 04", 0, 0xff, 0x04))},
    {"mmc-sanitize", "block-erase", CLEARS_FLASH, MMC,
     SENDS(MMC_ERASES, TEXT("MMC CMD6 03A50100"))},
    {"mmc-erase", "block-erase", CLEARS_FLASH, MMC, SENDS(MMC_ERASES)},
    {"tcg-psid-revert", "crypto-erase", PURGES, .buses = "ata scsi nvme usb emulated unknown",
     SENDS(BEGINS("StartSession, Admin SP"), BEGINS("Revert"))},
    {"ios-erase", "crypto-erase", PHONE(PURGE), ERASES, IOS_BACK},
    {"ios-backup-erase", "crypto-erase", PHONE(PURGE), ERASES, IOS_BACK},
    {"ios-fill", "overwrite", PHONE(CLEAR), PORT, .part = LETHE_PART_FILLS,
     .after = "ios-erase ios-backup-erase"},
    {"android-sideload", "reset", PHONE(NONE), PORT, .part = LETHE_PART_MOVES, .back = "sideload",
     .next = "android-rescue"},
    {"android-rescue", "reset", PHONE(NONE), PORT, .part = LETHE_PART_MOVES, .back = "rescue",
     .next = "android-rescue-wipe"},
    {"android-bootloader", "reset", PHONE(NONE), PORT, .part = LETHE_PART_MOVES, .back = "fastboot",
     .next = "android-fastboot-erase"},
    {"android-rescue-wipe", "crypto-erase", PHONE(PURGE), ERASES, ANDROID_BACK},
    {"android-fastboot-erase", "crypto-erase", PHONE(PURGE), ERASES, ANDROID_BACK},
    {"android-test-harness", "crypto-erase", PHONE(PURGE), ERASES, .back = "normal"},
    {"android-fill", "overwrite", PHONE(CLEAR), PORT, .part = LETHE_PART_FILLS,
     .after = "android-test-harness"},
    {"android-settings-reset", "crypto-erase", PHONE(PURGE), PORT, .part = LETHE_PART_GUIDED,
     ANDROID_BACK},
    {"guided-reset", "crypto-erase", PHONE(PURGE), PORT, .part = LETHE_PART_GUIDED,
     .back = "closed normal ptp unknown"},
};

size_t lethe_known_techniques(void)
{
    return sizeof(techniques) / sizeof(techniques[0]);
}

const struct lethe_known_technique *lethe_known_technique_at(size_t i)
{
    return i < lethe_known_techniques() ? &techniques[i] : NULL;
}

const struct lethe_known_technique *lethe_known_technique(const char *name)
{
    for (size_t i = 0; i < lethe_known_techniques(); i++)
        if (strcmp(techniques[i].name, name) == 0)
            return &techniques[i];
    return NULL;
}

bool lethe_known_lists(const char *list, const char *word)
{
    size_t len = strlen(word);
    for (const char *at = list; len > 0 && (at = strstr(at, word)); at++)
        if ((at == list || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
            return true;
    return false;
}

/* Byte AT of the hexadecimal behind the first space; -1 where it is not. */
static int byte_of(const char *command, unsigned at)
{
    const char *hex = strchr(command, ' ');
    char two[3] = "";
    if (!hex || strspn(hex + 1, "0123456789abcdef") < 2 * (size_t)at + 2)
        return -1;
    memcpy(two, hex + 1 + 2 * (size_t)at, 2);
    return (int)strtoul(two, NULL, 16);
}

bool lethe_known_command_is(const struct lethe_known_command *known, const char *command)
{
    size_t len = strlen(known->begins);
    if (strncmp(command, known->begins, len) != 0)
        return false;
    if (known->mask) {
        int byte = byte_of(command, known->at);
        return byte < 0 || (byte & known->mask) == known->value;
    }
    return !known->whole || command[len] == '\0';
}

bool lethe_known_sends(const struct lethe_known_technique *known, const char *command)
{
    for (size_t i = 0; i < LETHE_SENDS_MAX && known->sends[i].begins; i++)
        if (lethe_known_command_is(&known->sends[i], command))
            return true;
    return false;
}

int lethe_known_grade(const char *word)
{
    static const char *const words[] = {"denied", "none", "attested", "state"};
    for (int i = 0; i < (int)(sizeof(words) / sizeof(words[0])); i++)
        if (strcmp(words[i], word) == 0)
            return i;
    return -1;
}
