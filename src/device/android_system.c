/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a running Android says of itself: fixed commands, each with its time. Kept are states,
 * counts and sizes; never the names of accounts, users or packages.
 */
#include "device/android.h"

#include "base/text.h"
#include "base/time.h"
#include "proto/android_text.h"

#include <stdlib.h>
#include <string.h>

#define COMMAND_MS 4000
#define ANDROID_10 29

struct system {
    struct lethe_look *look;
    struct lethe_adb *adb;
    unsigned command_ms;
    uint64_t until;
    const struct lethe_buf *props;
};

/* Whole, and by the phone's own word done; else nothing was said. */
static bool ask(const struct system *s, const char *command, struct lethe_adb_output *out)
{
    uint64_t now = lethe_monotonic_ms();
    memset(out, 0, sizeof(*out));
    if (now >= s->until)
        return false;
    uint64_t left = s->until - now;
    int rc = lethe_adb_shell(s->adb, command, out,
                             left < s->command_ms ? (unsigned)left : s->command_ms, NULL);
    return rc == 0 && !out->cut && out->exit <= 0;
}

static bool prop(const struct system *s, const char *name, char *out, size_t out_size)
{
    return lethe_android_prop(s->props->data, s->props->len, name, out, out_size);
}

static uint32_t number(const char *text)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    return *text && !*end && value < 10000 ? (uint32_t)value : 0;
}

static void take_names(const struct system *s)
{
    struct lethe_facts *f = s->look->facts;
    struct lethe_phone *phone = &f->phone;
    char text[128];
    const struct {
        const char *name;
        char *out;
        size_t size;
    } names[] = {{"ro.product.manufacturer", phone->vendor, sizeof(phone->vendor)},
                 {"ro.product.model", phone->model, sizeof(phone->model)},
                 {"ro.product.device", phone->product, sizeof(phone->product)},
                 {"ro.build.version.release", phone->system, sizeof(phone->system)},
                 {"ro.build.fingerprint", phone->build, sizeof(phone->build)},
                 {"ro.serialno", phone->serial, sizeof(phone->serial)}};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (prop(s, names[i].name, text, sizeof(text)) && text[0])
            lethe_text_clean(names[i].out, names[i].size, text, strlen(text));
    if (prop(s, "ro.build.characteristics", text, sizeof(text)))
        phone->tablet = phone->tablet || lethe_android_has_word(text, "tablet");
    static const char *const imeis[] = {
        "ro.ril.oem.imei",   "ro.ril.oem.imei1",   "ro.ril.oem.imei2",    "ro.ril.miui.imei0",
        "ro.ril.miui.imei1", "persist.radio.imei", "persist.radio.imei1", "persist.radio.imei2"};
    for (size_t i = 0; i < sizeof(imeis) / sizeof(imeis[0]); i++)
        if (prop(s, imeis[i], text, sizeof(text)))
            lethe_android_add_imei(phone, text);
    memcpy(f->vendor, phone->vendor, sizeof(f->vendor));
    memcpy(f->model, phone->model, sizeof(phone->model));
    memcpy(f->serial, phone->serial, sizeof(f->serial));
    memcpy(f->firmware, phone->system, sizeof(f->firmware));
}

/* What else runs Android, by the words that AOSP has for it: what a reset is worth there nobody has
 * shown. NULL: nothing of the kind is said. */
static const char *other_kind(const struct system *s)
{
    static const char *const kinds[][2] = {
        {"watch", "a watch"},
        {"tv", "a television or its box"},
        {"automotive", "part of a car"},
        {"embedded", "part of an appliance (\"embedded\")"},
    };
    char text[128] = "";
    prop(s, "ro.build.characteristics", text, sizeof(text));
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
        if (lethe_android_has_word(text, kinds[i][0]))
            return kinds[i][1];
    return NULL;
}

static void refuse_other(const struct system *s, const char *kind)
{
    char what[96];
    s->look->facts->phone.family = LETHE_FAMILY_OTHER;
    lethe_text_format(what, sizeof(what), "it is %s, and neither a phone nor a tablet", kind);
    lethe_android_obstacle(s->look, LETHE_ACCESS_GRANTED, what,
                           "reset it in its own settings, by its maker's instructions: Lethe can "
                           "neither erase it nor show that it is erased");
}

/* "msm8998", the number of a Qualcomm chip whose trusted system keeps the keys. */
static bool is_chip(const char *name, const char *series)
{
    size_t len = strlen(series);
    return strncmp(name, series, len) == 0 && name[len] &&
           strspn(name + len, "0123456789") == strlen(name + len);
}

/* The name of a module, by which nothing is proved. Those in a trusted environment are AOSP's own
 * (system/core/trusty/trusty-base.mk), OP-TEE's, Samsung's, and Qualcomm's, which bear the name of
 * the chip; of any other it is not known what keeps the keys. */
static enum lethe_answer keystore_of(const char *name)
{
    static const char *const hardware[] = {"trusty", "optee", "mdfpp"};
    static const char *const software[] = {"default", "software", "goldfish", "ranchu"};
    for (size_t i = 0; i < sizeof(hardware) / sizeof(hardware[0]); i++)
        if (strcmp(name, hardware[i]) == 0)
            return LETHE_ANSWER_YES;
    for (size_t i = 0; i < sizeof(software) / sizeof(software[0]); i++)
        if (strcmp(name, software[i]) == 0)
            return LETHE_ANSWER_NO;
    return is_chip(name, "msm") || is_chip(name, "sdm") ? LETHE_ANSWER_YES : LETHE_ANSWER_UNKNOWN;
}

static void take_encryption(const struct system *s)
{
    struct lethe_phone *phone = &s->look->facts->phone;
    __typeof__(phone->android) *a = &phone->android;
    char text[64];
    prop(s, "ro.crypto.state", a->crypto_state, sizeof(a->crypto_state));
    prop(s, "ro.crypto.type", a->crypto_type, sizeof(a->crypto_type));
    prop(s, "ro.boot.verifiedbootstate", a->boot_state, sizeof(a->boot_state));
    prop(s, "ro.boot.flash.locked", a->flash_locked, sizeof(a->flash_locked));
    prop(s, "sys.oem_unlock_allowed", a->oem_unlock_allowed, sizeof(a->oem_unlock_allowed));
    prop(s, "ro.frp.pst", a->frp_partition, sizeof(a->frp_partition));
    prop(s, "ro.build.version.sdk", text, sizeof(text));
    a->sdk = number(text);
    prop(s, "ro.product.first_api_level", text, sizeof(text));
    a->first_sdk = number(text);
    prop(s, "ro.crypto.metadata.enabled", text, sizeof(text));
    a->metadata_encryption = lethe_android_answer(text);
    prop(s, "ro.crypto.metadata_init_delete_all_keys.enabled", text, sizeof(text));
    a->delete_all_keys = lethe_android_answer(text);
    prop(s, "ro.hardware.keystore", text, sizeof(text));
    a->hardware_keystore = keystore_of(text);
    if (strcmp(a->flash_locked, "0") == 0 || strcmp(a->boot_state, "orange") == 0)
        phone->unlocked = LETHE_ANSWER_YES;
    else if (strcmp(a->flash_locked, "1") == 0)
        phone->unlocked = LETHE_ANSWER_NO;
}

static void take_accounts(const struct system *s, struct lethe_phone *phone)
{
    LETHE_ADB_OUTPUT_AUTO out;
    struct lethe_android_accounts accounts = {LETHE_ANDROID_COUNT_UNKNOWN,
                                              LETHE_ANDROID_COUNT_UNKNOWN, LETHE_ANSWER_UNKNOWN};
    struct lethe_android_users users = {.users = LETHE_ANDROID_COUNT_UNKNOWN};
    if (ask(s, "dumpsys account", &out))
        lethe_android_accounts(out.text.data, out.text.len, &accounts);
    lethe_adb_output_clear(&out);
    if (ask(s, "dumpsys user", &out))
        lethe_android_users(out.text.data, out.text.len, &users);
    phone->android.users = users.users;
    phone->android.accounts = accounts.accounts;
    phone->locks[LETHE_LOCK_NO_RESET] = users.no_factory_reset;
    /* No account of every user, or it is not known. */
    phone->locks[LETHE_LOCK_ACCOUNTS] =
        accounts.any == LETHE_ANSWER_NO && accounts.users != users.users ? LETHE_ANSWER_UNKNOWN
                                                                         : accounts.any;
    lethe_adb_output_clear(&out);
    struct lethe_android_policy policy = {0};
    if (ask(s, "dumpsys device_policy", &out))
        lethe_android_policy(out.text.data, out.text.len, &policy);
    bool owned = policy.device_owner == LETHE_ANSWER_YES ||
                 policy.profile_owner == LETHE_ANSWER_YES || users.managed == LETHE_ANSWER_YES;
    phone->locks[LETHE_LOCK_MDM] =
        owned ? LETHE_ANSWER_YES
        : policy.device_owner == LETHE_ANSWER_NO && policy.profile_owner == LETHE_ANSWER_NO
            ? LETHE_ANSWER_NO
            : LETHE_ANSWER_UNKNOWN;
}

static void take_protection(const struct system *s, struct lethe_phone *phone)
{
    LETHE_ADB_OUTPUT_AUTO out;
    struct lethe_android_frp frp = {.challenge = LETHE_ANDROID_COUNT_UNKNOWN};
    char mode[32] = "";
    if (ask(s, "dumpsys persistent_data_block", &out))
        lethe_android_frp(out.text.data, out.text.len, &frp);
    lethe_adb_output_clear(&out);
    if (ask(s, "settings get global secure_frp_mode", &out))
        lethe_android_setting(out.text.data, out.text.len, mode, sizeof(mode));
    bool off = strcmp(mode, "0") == 0 || strcmp(mode, "null") == 0;
    phone->locks[LETHE_LOCK_FRP] = strcmp(mode, "1") == 0                 ? LETHE_ANSWER_YES
                                   : frp.armed == LETHE_ANSWER_NO && !off ? LETHE_ANSWER_UNKNOWN
                                                                          : frp.armed;
    lethe_adb_output_clear(&out);
    char word[16] = "";
    if (ask(s, "locksettings get-disabled", &out))
        lethe_android_setting(out.text.data, out.text.len, word, sizeof(word));
    phone->locks[LETHE_LOCK_PASSCODE] = strcmp(word, "true") == 0    ? LETHE_ANSWER_NO
                                        : strcmp(word, "false") == 0 ? LETHE_ANSWER_YES
                                                                     : LETHE_ANSWER_UNKNOWN;
}

void lethe_android_read_locks(struct lethe_adb *adb, unsigned command_ms, uint64_t until,
                              struct lethe_phone *phone)
{
    const struct system s = {.adb = adb, .command_ms = command_ms, .until = until};
    take_accounts(&s, phone);
    take_protection(&s, phone);
}

static void take_hardware(const struct system *s)
{
    struct lethe_phone *phone = &s->look->facts->phone;
    LETHE_ADB_OUTPUT_AUTO out;
    if (ask(s, "dumpsys battery", &out)) {
        struct lethe_android_battery battery;
        lethe_android_battery(out.text.data, out.text.len, &battery);
        phone->battery = battery.level;
        phone->charging = battery.charging;
    }
    lethe_adb_output_clear(&out);
    uint64_t total, available;
    if (ask(s, "df -k /data", &out) &&
        lethe_android_df(out.text.data, out.text.len, &total, &available)) {
        phone->storage = total;
        phone->storage_free = available;
    }
    lethe_adb_output_clear(&out);
    if (ask(s, "sm list-volumes all", &out)) {
        struct lethe_android_volumes volumes;
        lethe_android_volumes(out.text.data, out.text.len, &volumes);
        phone->sd_card = volumes.sd_card;
    }
}

static void what_it_can(const struct system *s)
{
    struct lethe_facts *f = s->look->facts;
    const struct lethe_phone *phone = &f->phone;
    /* A phone that lets everybody in can't show by its distrust that it forgot us. */
    bool knows_us = lethe_adb_trust(s->adb) == LETHE_ADB_TRUST_SIGNED;
    bool modern = phone->android.sdk >= ANDROID_10;
    if (!lethe_look_agrees(s->look, LETHE_ID_SERIAL, phone->serial)) {
        f->disagrees = true;
        lethe_android_obstacle(s->look, LETHE_ACCESS_GRANTED,
                               "it names itself otherwise than its USB port does",
                               "unplug it; it is not what it seems");
        return;
    }
    f->can |= LETHE_CAN_SETTINGS_RESET;
    if (modern && knows_us)
        f->can |= LETHE_CAN_RESCUE;
    if (knows_us && phone->unlocked == LETHE_ANSWER_YES)
        f->can |= LETHE_CAN_FASTBOOT_ERASE; /* in its bootloader, where it is brought */
    if (modern && knows_us && phone->android.frp_partition[0] &&
        phone->locks[LETHE_LOCK_PASSCODE] == LETHE_ANSWER_NO)
        f->can |= LETHE_CAN_TEST_HARNESS;
}

void lethe_look_android_system(struct lethe_look *look, struct lethe_adb *adb, uint64_t until)
{
    LETHE_ADB_OUTPUT_AUTO props;
    struct system s = {
        .look = look, .adb = adb, .command_ms = COMMAND_MS, .until = until, .props = &props.text};
    if (!ask(&s, "getprop", &props)) {
        lethe_android_obstacle(look, LETHE_ACCESS_NONE, "its shell does not answer",
                               "unlock it, unplug it and plug it in again");
        return;
    }
    take_names(&s);
    const char *other = other_kind(&s);
    if (other) {
        refuse_other(&s, other);
        return;
    }
    take_encryption(&s);
    lethe_android_read_locks(adb, COMMAND_MS, until, &look->facts->phone);
    take_hardware(&s);
    what_it_can(&s);
}
