/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Android's shell prints, for the questions of facts/phones.md 2.3. It is text for people: it
 * differs by version and maker, and a phone can print anything. What is not exactly understood is
 * UNKNOWN, and nothing here ever says NO for want of a line.
 */
#ifndef LETHE_PROTO_ANDROID_TEXT_H
#define LETHE_PROTO_ANDROID_TEXT_H

#include <lethe/phone.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* More than that of one command's output is never looked at. */
#define LETHE_ANDROID_TEXT_MAX ((size_t)1 << 20)
#define LETHE_ANDROID_COUNT_UNKNOWN UINT32_MAX

/* `getprop`: "[name]: [value]". True when NAME is there (with a value, "" too); cleaned. */
bool lethe_android_prop(const char *text, size_t len, const char *name, char *out, size_t out_size);
/* A property's or setting's word: "1", "true", "yes" are YES; "0", "false", "no" NO. */
enum lethe_answer lethe_android_answer(const char *value);

/* Is WORD one of LIST, "nosdcard,watch"? */
bool lethe_android_has_word(const char *list, const char *word);

/* `dumpsys account`: "User UserInfo{..}:" and "  Accounts: n" under each. */
struct lethe_android_accounts {
    uint32_t users, accounts; /* COUNT_UNKNOWN when a user has no line */
    enum lethe_answer any;
};
void lethe_android_accounts(const char *text, size_t len, struct lethe_android_accounts *out);

/* `dumpsys persistent_data_block` (Android 15 and up; older print other words or nothing). */
struct lethe_android_frp {
    enum lethe_answer active;     /* "FRP state: true" */
    enum lethe_answer credential; /* "Has FRP credential handle: true" */
    uint32_t challenge;           /* "FRP challenge block size: n" */
    enum lethe_answer armed;      /* YES when one of them says so, NO when all three say no */
};
void lethe_android_frp(const char *text, size_t len, struct lethe_android_frp *out);

/* `dumpsys device_policy` */
struct lethe_android_policy {
    enum lethe_answer device_owner, profile_owner;
};
void lethe_android_policy(const char *text, size_t len, struct lethe_android_policy *out);

/* `dumpsys user` */
struct lethe_android_users {
    uint32_t users;
    enum lethe_answer no_factory_reset; /* a restriction of any user, not of guests to come */
    enum lethe_answer managed;          /* "Device managed: true" */
};
void lethe_android_users(const char *text, size_t len, struct lethe_android_users *out);

/* `settings get ...`: one line. "null" (not set) and one word; cleaned; "" when it is no answer. */
void lethe_android_setting(const char *text, size_t len, char *out, size_t out_size);

/* `sm list-volumes all`: "id state uuid". */
struct lethe_android_volumes {
    uint32_t n;                /* lines understood */
    enum lethe_answer sd_card; /* a public volume, or an adopted private one */
};
void lethe_android_volumes(const char *text, size_t len, struct lethe_android_volumes *out);

/* `df -k PATH`: bytes of the file system of its last line. False: not understood. */
bool lethe_android_df(const char *text, size_t len, uint64_t *total, uint64_t *available);

/* `dumpsys battery` */
struct lethe_android_battery {
    int32_t level; /* percent, -1 unknown */
    enum lethe_answer charging;
};
void lethe_android_battery(const char *text, size_t len, struct lethe_android_battery *out);

/* `pm list packages -3`: how many; COUNT_UNKNOWN when a line is anything else. */
uint32_t lethe_android_packages(const char *text, size_t len);

/* `cmd package resolve-activity --brief ...`: the component that would open ("a.b/.C"). False: none
 * ("No activity found"), or not understood. */
bool lethe_android_activity(const char *text, size_t len, char *out, size_t out_size);

#endif
