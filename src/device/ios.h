/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One reading of an iPhone or iPad: the values of facts/phones.md 1.1, asked of lockdown and, with
 * a session, of its services. Kept are states, sizes and hashes; never a name, a phone number or
 * what is left of an Apple ID (`fm-account-masked`).
 */
#ifndef LETHE_DEVICE_IOS_H
#define LETHE_DEVICE_IOS_H

#include <io/apple.h>
#include <lethe/facts.h>

#define LETHE_IOS_MCINSTALL "com.apple.mobile.MCInstall"

struct lethe_ios {
    bool answers; /* lockdown said what kind of device it is */
    char type[64], model[64], class_[24], version[32], build[32];
    char serial[64], udid[64], ecid[32], imei[2][24];
    char activation[24];      /* ActivationState */
    char public_key[65];      /* SHA-256 of DevicePublicKey, hex */
    enum lethe_answer locked; /* PasswordProtected: its screen is locked now */
    enum lethe_answer brick, setup_done, find_my;
    int32_t battery; /* percent, -1 unknown */
    enum lethe_answer charging;
    uint64_t storage, storage_free;
    /* The memory that outlives an erasure (NonVolatileRAM): what is told of the last one. */
    bool nvram; /* it could be read: what is empty below is not there */
    char obliteration[160], oblit_begins[160];
    enum lethe_answer activation_lock; /* fm-activation-locked */
    /* With a session. */
    enum lethe_answer cloud; /* is there a configuration of an organisation? */
    enum lethe_answer supervised;
    enum lethe_answer managed; /* would an organisation have it back after an erasure? */
    int32_t profiles;          /* configuration profiles, -1 unknown */
};

/* What lockdown says, within the session if one is open. */
void lethe_ios_read(struct lethe_io *io, struct lethe_ios *out);
/* Supervision and management, by MCInstall: needs a session. Adds to OUT. */
void lethe_ios_read_management(struct lethe_io *io, struct lethe_ios *out);
/* Is it assigned to an organisation by its maker, so that it comes back to it? CLOUD is the
 * CloudConfiguration of an answer that was given (NULL: none is there), PROFILES how many are
 * installed, -1 unknown. */
enum lethe_answer lethe_ios_managed(const json_t *cloud, int32_t profiles);
/* Ask MCInstall; REPLY of OUT is one of its dictionaries. */
void lethe_ios_mcinstall(struct lethe_io *io, const char *request, struct lethe_apple_answer *out);
/* The first number of "16.7.2"; 0 unknown. */
unsigned lethe_ios_major(const char *version);

#endif
