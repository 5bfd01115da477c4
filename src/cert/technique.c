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
#define MUST(all)                                                                                  \
    {                                                                                              \
        .spelt = all                                                                               \
    }
#define MAY(all)                                                                                   \
    {                                                                                              \
        .spelt = all, .turn = LETHE_TURN_MAY                                                       \
    }
#define WITH(all)                                                                                  \
    {                                                                                              \
        .spelt = all, .turn = LETHE_TURN_WITH                                                      \
    }
#define BYTE(all, when, at, mask, value)                                                           \
    {                                                                                              \
        all, LETHE_TURN_##when, at, mask, value                                                    \
    }
/* The failure of a sanitise before may be left first, never behind it: it would be of this one. */
#define ATA_SANITIZE(words)                                                                        \
    SENDS(MAY("ATA B4 feature 0000 count 0001 lba 0{12}"),                                         \
          MAY("ATA B4 feature 0040 count 0000 lba 0000416E7469"), MUST("ATA B4 feature " words))
#define SCSI_SANITIZE(action)                                                                      \
    SENDS(MAY("SCSI 481f0{16}"), BYTE("SCSI 48??0{16}", MUST, 1, 0x1f, action),                    \
          BYTE("SCSI 48??0{16}", MAY, 1, 0x1f, action))
#define SCSI_LIST BYTE("SCSI 48??0{13}800", MUST, 1, 0x1f, 1), MAY("SCSI parameters ?{16}")
#define SCSI_LIST_AGAIN BYTE("SCSI 48??0{13}800", MAY, 1, 0x1f, 1), WITH("SCSI parameters ?{16}")
#define NVME_SANITIZE(all, action)                                                                 \
    SENDS(MAY("NVMe 840{78}010{46}"), BYTE("NVMe 840{78}" all, MUST, 40, 0x07, action))
#define NVME_FORMAT(ses) SENDS(BYTE("NVMe 800{6}?{8}0{64}????0{44}", MUST, 41, 0x0e, (ses) << 1))
#define SECURITY_ERASE(words)                                                                      \
    SENDS(MAY("ATA F2 SECURITY UNLOCK"),                                                           \
          {.spelt = "ATA F1 SECURITY SET PASSWORD", .turn = LETHE_TURN_UNSET},                     \
          MUST("ATA F3 SECURITY ERASE PREPARE"), MUST("ATA F4 SECURITY ERASE UNIT" words))
#define MMC_AREA(area)                                                                             \
    MAY("MMC CMD35 00000000 (" area " area)"), WITH("MMC CMD36 ?{8} (" area " area)"),             \
        WITH("MMC CMD38 00000000 (" area " area)")
#define MMC_ERASES                                                                                 \
    MMC_AREA("gp3"), MMC_AREA("gp2"), MMC_AREA("gp1"), MMC_AREA("gp0"), MMC_AREA("boot1"),         \
        MMC_AREA("boot0"), MUST("MMC CMD35 00000000 (user area)"),                                 \
        MUST("MMC CMD36 ?{8} (user area)"), MUST("MMC CMD38 00000000 (user area)")
#define ERASES .part = LETHE_PART_ERASES, PORT
#define ANDROID_BACK .back = "closed normal ptp"
#define IOS_BACK .back = "normal"

static const struct lethe_known_technique techniques[] = {
    {"overwrite", "overwrite", MOST(CLEAR, CLEAR, CLEAR, CLEAR), .host = true},
    {"ata-sanitize-block", "block-erase", PURGES_FLASH, ATA,
     ATA_SANITIZE("0012 count ?0?0 lba 0000426B4572")},
    {"ata-sanitize-crypto", "crypto-erase", PURGES, ATA,
     ATA_SANITIZE("0011 count ?0?0 lba 000043727970")},
    {"ata-sanitize-overwrite", "overwrite", PURGES, ATA, .writes = true,
     ATA_SANITIZE("0014 count ?0?? lba 4F57?{8}")},
    {"scsi-sanitize-block", "block-erase", PURGES_FLASH, SCSI, SCSI_SANITIZE(2)},
    {"scsi-sanitize-crypto", "crypto-erase", PURGES, SCSI, SCSI_SANITIZE(3)},
    {"scsi-sanitize-overwrite", "overwrite", PURGES, SCSI, .writes = true,
     SENDS(MAY("SCSI 481f0{16}"), SCSI_LIST, SCSI_LIST_AGAIN)},
    {"nvme-sanitize-block", "block-erase", PURGES_FLASH, NVME, NVME_SANITIZE("??0{46}", 2)},
    {"nvme-sanitize-crypto", "crypto-erase", PURGES, NVME, NVME_SANITIZE("??0{46}", 4)},
    {"nvme-sanitize-overwrite", "overwrite", PURGES, NVME, .writes = true,
     NVME_SANITIZE("??0{6}?{8}0{32}", 3)},
    {"ata-security-erase", "overwrite", CLEARS, ATA, SECURITY_ERASE("")},
    {"ata-security-erase-enhanced", "overwrite", MOST(CLEAR, PURGE, CLEAR, NEVER), ATA,
     SECURITY_ERASE(", enhanced")},
    {"nvme-format-user", "block-erase", CLEARS_FLASH, NVME, NVME_FORMAT(1)},
    {"nvme-format-crypto", "crypto-erase", CLEARS, NVME, NVME_FORMAT(2)},
    {"scsi-format-unit", "overwrite", CLEARS, SCSI,
     SENDS(MUST("SCSI 041000000000"), MAY("SCSI parameters ?{8}"), MAY("SCSI 041000000000"),
           WITH("SCSI parameters ?{8}"))},
    {"mmc-sanitize", "block-erase", CLEARS_FLASH, MMC,
     SENDS(MMC_ERASES, MUST("MMC CMD6 03A50100"))},
    {"mmc-erase", "block-erase", CLEARS_FLASH, MMC, SENDS(MMC_ERASES)},
    {"tcg-psid-revert", "crypto-erase", PURGES, .buses = "ata scsi nvme usb emulated unknown",
     SENDS(MUST("StartSession, Admin SP, as PSID"), MAY("Authenticate"), MUST("Revert"))},
    {"ios-erase", "crypto-erase", PHONE(PURGE), ERASES, IOS_BACK, .esim = true},
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

/* Byte AT of the hexadecimal behind the first space. */
static unsigned byte_of(const char *command, unsigned at)
{
    const char *hex = strchr(command, ' ') + 1;
    char two[3] = "";
    memcpy(two, hex + 2 * (size_t)at, 2);
    return (unsigned)strtoul(two, NULL, 16);
}

static bool is_one(char spelt, char c)
{
    return spelt == '?' ? c && strchr("0123456789abcdefABCDEF", c) : spelt == c;
}

static bool is_spelt(const char *spelt, const char *command)
{
    while (*spelt) {
        char one = *spelt++, *end = NULL;
        unsigned long times = 1;
        if (*spelt == '{') {
            times = strtoul(spelt + 1, &end, 10);
            spelt = end + 1;
        }
        for (; times > 0; times--, command++)
            if (!is_one(one, *command))
                return false;
    }
    return *command == '\0';
}

/* What is spelt so is as long as its masked byte needs. */
bool lethe_known_command_is(const struct lethe_known_command *known, const char *command)
{
    return is_spelt(known->spelt, command) &&
           (!known->mask || (byte_of(command, known->at) & known->mask) == known->value);
}

static bool sends(const struct lethe_known_technique *known, const char *command, bool always)
{
    for (size_t i = 0; i < LETHE_SENDS_MAX && known->sends[i].spelt; i++)
        if ((!always || known->sends[i].turn == LETHE_TURN_MUST) &&
            lethe_known_command_is(&known->sends[i], command))
            return true;
    return false;
}

bool lethe_known_sends(const struct lethe_known_technique *known, const char *command)
{
    return sends(known, command, false);
}

bool lethe_known_needs(const struct lethe_known_technique *known, const char *command)
{
    return sends(known, command, true);
}

int lethe_known_grade(const char *word)
{
    static const char *const words[] = {"denied", "none", "attested", "state"};
    for (int i = 0; i < (int)(sizeof(words) / sizeof(words[0])); i++)
        if (strcmp(words[i], word) == 0)
            return i;
    return -1;
}
