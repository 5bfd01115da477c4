/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a drive's own firmware says of itself: asked by pass-through in a sandboxed worker
 * (`probe`), told to the supervisor as bounded JSON. Everything in it is the device's word: the
 * plan is made from it, no verdict is.
 */
#ifndef LETHE_FACTS_H
#define LETHE_FACTS_H

#include <jansson.h>
#include <lethe/error.h>
#include <lethe/identity.h>
#include <lethe/io.h>
#include <lethe/phone.h>
#include <lethe/profile.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The command set that the drive itself speaks, behind whatever bridge. */
enum lethe_protocol {
    LETHE_PROTOCOL_NONE,     /* "none": nothing can be asked; host writes only */
    LETHE_PROTOCOL_ATA,      /* "ata" */
    LETHE_PROTOCOL_SCSI,     /* "scsi" */
    LETHE_PROTOCOL_NVME,     /* "nvme" */
    LETHE_PROTOCOL_MMC,      /* "mmc" */
    LETHE_PROTOCOL_SD,       /* "sd" */
    LETHE_PROTOCOL_IOS,      /* "ios": lockdown and its services */
    LETHE_PROTOCOL_ADB,      /* "adb": also sideload and rescue */
    LETHE_PROTOCOL_FASTBOOT, /* "fastboot" */
};
const char *lethe_protocol_name(enum lethe_protocol protocol);
int lethe_protocol_parse(const char *spelling); /* -1 unknown */

/* clang-format off */
/* What it says it can do; a bit is set only where the path can carry the command safely too. */
#define LETHE_CAPABILITIES(X)                                                                     \
    X(CAN_SANITIZE_CRYPTO, "sanitize-crypto")                                                     \
    X(CAN_SANITIZE_BLOCK, "sanitize-block")                                                       \
    X(CAN_SANITIZE_OVERWRITE, "sanitize-overwrite")                                               \
    X(CAN_SECURITY_ERASE, "security-erase")                                                       \
    X(CAN_SECURITY_ERASE_ENHANCED, "security-erase-enhanced")                                     \
    X(CAN_FORMAT_USER, "format-user") X(CAN_FORMAT_CRYPTO, "format-crypto")  /* NVMe SES 1, 2 */  \
    X(CAN_FORMAT_UNIT, "format-unit")                                        /* SCSI */           \
    X(CAN_MMC_SANITIZE, "mmc-sanitize") X(CAN_MMC_ERASE, "mmc-erase")                             \
    X(CAN_PSID_REVERT, "psid-revert")                                                             \
    X(CAN_UNHIDE, "unhide")                                  /* HPA, DCO or AMAC can be opened */ \
    X(CAN_IOS_ERASE, "ios-erase") X(CAN_IOS_BACKUP_ERASE, "ios-backup-erase")                     \
    X(CAN_AFC, "afc")                                                                             \
    X(CAN_SETTINGS_RESET, "settings-reset") X(CAN_RESCUE, "rescue")                               \
    X(CAN_TEST_HARNESS, "test-harness") X(CAN_FASTBOOT_ERASE, "fastboot-erase")
/* clang-format on */
#define LETHE_CAPABILITY_BIT(symbol, spelling) LETHE_##symbol##_BIT,
enum lethe_capability_bit { LETHE_CAPABILITIES(LETHE_CAPABILITY_BIT) LETHE_CAPABILITY_COUNT };
#undef LETHE_CAPABILITY_BIT
#define LETHE_CAPABILITY_ENUM(symbol, spelling) LETHE_##symbol = 1 << LETHE_##symbol##_BIT,
enum lethe_capability { LETHE_CAPABILITIES(LETHE_CAPABILITY_ENUM) };
#undef LETHE_CAPABILITY_ENUM
const char *lethe_capability_name(enum lethe_capability_bit bit);

/* What lets TRUSTED SEND and RECEIVE through to drives on SATA ports: a parameter of libata that is
 * read when Linux starts, and can't be set later. Debian's commands. */
#define LETHE_TCG_ALLOW                                                                            \
    "sed -i 's/^GRUB_CMDLINE_LINUX=\"/&libata.allow_tpm=1 /' /etc/default/grub && update-grub && " \
    "reboot"

#define LETHE_NAMESPACES_MAX 32
#define LETHE_AREAS_MAX 8

/* How it is, in one word, before hours are spent on it. */
enum lethe_condition {
    LETHE_CONDITION_UNKNOWN, /* "unknown" */
    LETHE_CONDITION_GOOD,    /* "good" */
    LETHE_CONDITION_WORN,    /* "worn": works, little life left or some bad sectors */
    LETHE_CONDITION_FAILING, /* "failing": says so itself, or can't be expected to finish */
};
const char *lethe_condition_name(enum lethe_condition triage);
int lethe_condition_parse(const char *spelling); /* -1 unknown */

struct lethe_facts {
    enum lethe_protocol protocol;
    enum lethe_path path;
    char obstacle[192]; /* why no (or not all) commands can be sent, in words; "" none */
    char remedy[192];   /* what would help: "move it to a native slot" ... */
    unsigned can;       /* enum lethe_capability */
    /* As the drive names itself; must agree with what the kernel says (fake bridges). */
    char vendor[64], model[96], serial[64], firmware[32];
    bool disagrees; /* with the kernel's serial or capacity: nothing is sent to such a device */

    /* ATA security (also behind bridges). */
    struct {
        bool supported, enabled, locked, frozen, expired, maximum;
        uint32_t erase_minutes, enhanced_minutes; /* 0 unknown */
    } security;
    /* A sanitize that runs or failed now, whoever began it. */
    struct {
        bool running, failed, frozen, known;
        uint32_t progress;                                         /* of 65536 */
        uint32_t crypto_seconds, block_seconds, overwrite_seconds; /* 0 unknown */
    } sanitize;
    /* Bytes the drive would have if every limit were lifted (HPA, DCO, AMAC); 0 unknown. */
    uint64_t native_capacity;
    char hidden_by[24]; /* "hpa", "dco", "amac", "hpa+dco"; "" nothing hidden or unknown */
    bool hidden_known;  /* asked and answered, by each way to hide that it says it has */
    /* The ways that it says it has, and that gave no answer: "" none, words as in hidden_by. And
     * did the drive itself refuse (frozen, until it loses power), or what is in between? */
    char hidden_unasked[24];
    bool hidden_refused;
    bool unhide_needs_cycle;

    /* SCSI drives out of arrays: blocks of 520 or 528 bytes, which kernels give no capacity. 0:
     * none of that. */
    uint32_t foreign_block;
    uint64_t foreign_blocks;

    /* NVMe: all namespaces of the subsystem, attached or not. */
    size_t n_namespaces;
    struct {
        uint32_t nsid;
        uint64_t capacity; /* bytes; 0 unknown */
        bool active;
    } namespaces[LETHE_NAMESPACES_MAX];
    uint64_t unallocated; /* bytes */
    /* eMMC: areas beside the user area. */
    size_t n_areas;
    struct {
        char name[16]; /* "boot0", "gp1", "rpmb" */
        uint64_t capacity;
        bool protected_; /* write protection that can't be lifted */
    } areas[LETHE_AREAS_MAX];
    /* eMMC: write protection, of a part of the user area or of any other area. For good: no power
     * cycle lifts it. */
    struct {
        bool user, user_for_good, other;
    } protection;
    bool zoned; /* host-managed zones: writes only in order */
    /* What its report of them says, also of a host-aware drive, which takes writes anywhere and has
     * write pointers all the same (zoned is false then): size 0 where there is none that can be
     * believed, and why. */
    struct {
        uint64_t size, count, conventional; /* bytes; zones */
        uint64_t unusable;                  /* read-only or offline */
        uint32_t max_open;                  /* 0 untold */
        bool host_aware;
        bool unrestricted_reads; /* URSWRZ: reads behind a write pointer are answered */
        char why[128];
    } zones;

    struct {
        bool opal, pyrite, enterprise, ruby, locked, block_sid;
        bool unasked;       /* it says that it has TCG, and level 0 discovery got no answer */
        bool kernel_blocks; /* ... since Linux keeps such commands from SATA drives: the
                               supervisor's word */
    } tcg;
    bool psid; /* not the drive's word: its PSID is at hand. Never crosses a process */
    /* Reads may legitimately fail until blocks are written again: after a block or crypto erase. */
    bool reads_fail_after_block, reads_fail_after_crypto;

    struct lethe_phone phone; /* of a phone or tablet */

    struct {
        enum lethe_condition condition;
        char why[160];
        int64_t hours, reallocated, pending, uncorrectable, media_errors; /* -1 unknown */
        int64_t used_percent, temperature, written_bytes;                 /* -1 unknown */
    } health;
};

/* Ask the device. IO carries commands of its node (lethe_io_command with SCSI, NVMe or MMC);
 * IDENTITY is what the kernel says of it, QUIRKS (NULL: none) what is known of its family: behind a
 * USB bridge they say which way it is asked. Only reads. 0 also when nothing can be asked (protocol
 * none, with the obstacle); negative only when the device is gone. src/device/. */
int lethe_facts_read(struct lethe_io *io, const struct lethe_identity *identity,
                     const struct lethe_quirks *quirks, struct lethe_facts *out,
                     struct lethe_error *err);
/* Take away what drives with such QUIRKS are not to be trusted with, whatever they say. */
void lethe_facts_limit(struct lethe_facts *facts, const struct lethe_quirks *quirks);
/* The drive as it would be in a slot of its own: by the name that it gives itself, without the
 * bridge. For the profiles of drives. */
void lethe_facts_identity(const struct lethe_facts *facts, const struct lethe_identity *seen,
                          struct lethe_identity *out);
/* What it is made of: as SEEN, unless a bridge kept that to itself and the drive's language tells.
 */
enum lethe_media lethe_facts_media(const struct lethe_facts *facts, enum lethe_media seen);

/* Crosses the process boundary: strict and bounded both ways. */
json_t *lethe_facts_to_json(const struct lethe_facts *facts);
int lethe_facts_from_json(const json_t *json, struct lethe_facts *out, struct lethe_error *err);

#ifdef __cplusplus
}
#endif
#endif
