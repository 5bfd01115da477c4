/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a phone or tablet says of itself. Part of the facts of a device (lethe/facts.h): asked in a
 * sandboxed probe, told as bounded JSON, believed in nothing but for refusing. A lock that could
 * not be asked about is UNKNOWN, never NO.
 */
#ifndef LETHE_PHONE_H
#define LETHE_PHONE_H

#include <jansson.h>
#include <lethe/error.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* clang-format off */
#define LETHE_PHONE_FAMILIES(X)                                                                   \
    X(FAMILY_NONE, "none")        /* not a phone */                                               \
    X(FAMILY_IOS, "ios") X(FAMILY_ANDROID, "android") X(FAMILY_HARMONY, "harmony")                \
    X(FAMILY_OTHER, "other")      /* recognised, and nothing more */

/* How a phone shows itself on its port: by interfaces and identifiers, or by its own word. */
#define LETHE_PHONE_MODES(X)                                                                      \
    X(MODE_UNKNOWN, "unknown")                                                                    \
    X(MODE_NORMAL, "normal")      /* its system runs: lockdown or adb can be asked */             \
    X(MODE_CLOSED, "closed")      /* its system runs, and no way in: adb off, MTP, charging */    \
    X(MODE_PTP, "ptp")                                                                            \
    X(MODE_RECOVERY, "recovery") X(MODE_SIDELOAD, "sideload") X(MODE_RESCUE, "rescue")            \
    X(MODE_FASTBOOT, "fastboot") X(MODE_FASTBOOTD, "fastbootd")                                   \
    X(MODE_DFU, "dfu") X(MODE_DOWNLOAD, "download") X(MODE_EDL, "edl")

/* May we talk to it? */
#define LETHE_PHONE_ACCESSES(X)                                                                   \
    X(ACCESS_NONE, "none")        /* nothing answers in this mode */                              \
    X(ACCESS_BUSY, "busy")        /* another program of this bench holds it (an adb server) */    \
    X(ACCESS_LOCKED, "locked")    /* the phone must be unlocked first */                          \
    X(ACCESS_UNTRUSTED, "untrusted") /* somebody must tap Trust, or allow USB debugging */        \
    X(ACCESS_REFUSED, "refused")  /* ... and tapped no, or may not */                             \
    X(ACCESS_GRANTED, "granted")

/* What would make it come back locked to somebody, or keep it from being erased. */
#define LETHE_LOCKS(X)                                                                            \
    X(LOCK_FIND_MY, "find-my") X(LOCK_ACTIVATION, "activation-lock")                              \
    X(LOCK_MDM, "mdm")            /* managed, enrolment not removable, or a device owner */       \
    X(LOCK_SUPERVISED, "supervised")                                                              \
    X(LOCK_FRP, "frp") X(LOCK_ACCOUNTS, "accounts")                                               \
    X(LOCK_NO_RESET, "no-factory-reset") /* a restriction of its owner */                         \
    X(LOCK_PASSCODE, "passcode")  /* a lock screen: no hindrance but to test-harness mode */
/* clang-format on */
#define LETHE_PHONE_ENUM(symbol, spelling) LETHE_##symbol,
enum lethe_phone_family { LETHE_PHONE_FAMILIES(LETHE_PHONE_ENUM) };
enum lethe_phone_mode { LETHE_PHONE_MODES(LETHE_PHONE_ENUM) LETHE_MODE_COUNT };
enum lethe_phone_access { LETHE_PHONE_ACCESSES(LETHE_PHONE_ENUM) };
enum lethe_lock { LETHE_LOCKS(LETHE_PHONE_ENUM) LETHE_LOCK_COUNT };
#undef LETHE_PHONE_ENUM
/* Never NULL; parse: -1 for what is no word of ours. */
const char *lethe_phone_family_name(enum lethe_phone_family family);
int lethe_phone_family_parse(const char *spelling);
const char *lethe_phone_mode_name(enum lethe_phone_mode mode);
int lethe_phone_mode_parse(const char *spelling);
/* What to do with one that can't be asked in this mode, in plain words; "": nothing. */
const char *lethe_phone_mode_advice(enum lethe_phone_family family, enum lethe_phone_mode mode);
const char *lethe_phone_access_name(enum lethe_phone_access access);
int lethe_phone_access_parse(const char *spelling);
const char *lethe_lock_name(enum lethe_lock lock);
int lethe_lock_parse(const char *spelling);

/* "unknown", "no", "yes"; the zero value claims nothing. */
enum lethe_answer { LETHE_ANSWER_UNKNOWN, LETHE_ANSWER_NO, LETHE_ANSWER_YES };

struct lethe_phone {
    enum lethe_phone_family family; /* NONE: all else is empty */
    enum lethe_phone_mode mode;
    enum lethe_phone_access access;
    bool tablet;
    char advice[256]; /* to the operator, in plain words: "unlock the phone and tap Trust"; "" */
    char vendor[64], model[64]; /* "Apple", "iPhone12,1"; ro.product.manufacturer and .model */
    char product[64];           /* ro.product.device, ModelNumber */
    char system[32];            /* "16.7.2", "14" */
    char build[128];            /* BuildVersion, build fingerprint */
    char serial[64];            /* as the maker printed it; the USB serial is in the identity */
    char udid[64], ecid[32], imei[2][24];
    enum lethe_answer locks[LETHE_LOCK_COUNT];
    int64_t battery; /* percent, -1 unknown */
    enum lethe_answer charging;
    uint64_t storage, storage_free; /* bytes of user storage, 0 unknown */
    enum lethe_answer unlocked;     /* the bootloader (Android) */
    enum lethe_answer sd_card;      /* a medium of its own: no plan for the phone reaches it */
    enum lethe_answer esim;

    /* iOS: facts/phones.md 1.1 and 1.4. */
    struct {
        char activation[24]; /* ActivationState */
        enum lethe_answer setup_done, paired;
    } ios;
    /* Android: 2.3 and 2.4. */
    struct {
        uint32_t sdk, first_sdk; /* API levels, 0 unknown */
        char crypto_state[16], crypto_type[16];
        enum lethe_answer metadata_encryption, hardware_keystore, delete_all_keys;
        char boot_state[16]; /* ro.boot.verifiedbootstate */
        char flash_locked[8], oem_unlock_allowed[8];
        char frp_partition[128];  /* ro.frp.pst: where factory reset protection is kept; "" none */
        uint32_t users, accounts; /* UINT32_MAX unknown */
    } android;
};

/* Is its user data under a key that is wrapped in a partition of its own, /metadata
 * (facts/phones.md 2.4)? By what it says of itself; UNKNOWN is no NO. */
enum lethe_answer lethe_phone_encrypts_metadata(const struct lethe_phone *phone);

/* Strict and bounded both ways. */
json_t *lethe_phone_to_json(const struct lethe_phone *phone);
int lethe_phone_from_json(const json_t *json, struct lethe_phone *out, struct lethe_error *err);

#ifdef __cplusplus
}
#endif
#endif
