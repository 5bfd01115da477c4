/* SPDX-License-Identifier: Apache-2.0 */
/* The words of phones, and their facts across the process boundary: strict, as those of drives. */
#include <lethe/phone.h>

#include "base/json.h"
#include "device/rows.h"
#include <string.h>

#define SPELLING(symbol, spelling) [LETHE_##symbol] = spelling,
static const char *const families[] = {LETHE_PHONE_FAMILIES(SPELLING)};
static const char *const modes[] = {LETHE_PHONE_MODES(SPELLING)};
static const char *const accesses[] = {LETHE_PHONE_ACCESSES(SPELLING)};
static const char *const locks[] = {LETHE_LOCKS(SPELLING)};
#undef SPELLING

static int find(const char *const *words, size_t n, const char *spelling)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(words[i], spelling) == 0)
            return (int)i;
    return -1;
}

#define WORDS(noun, type, table)                                                                   \
    const char *lethe_##noun##_name(enum type value)                                               \
    {                                                                                              \
        return (unsigned)value < sizeof(table) / sizeof((table)[0]) ? (table)[value] : "?";        \
    }                                                                                              \
    int lethe_##noun##_parse(const char *spelling)                                                 \
    {                                                                                              \
        return find(table, sizeof(table) / sizeof((table)[0]), spelling);                          \
    }
WORDS(phone_family, lethe_phone_family, families)
WORDS(phone_mode, lethe_phone_mode, modes)
WORDS(phone_access, lethe_phone_access, accesses)
WORDS(lock, lethe_lock, locks)

#define METADATA_SDK 30 /* launched with Android 11: metadata encryption is mandatory */

enum lethe_answer lethe_phone_encrypts_metadata(const struct lethe_phone *phone)
{
    const __typeof__(phone->android) *a = &phone->android;
    if (strcmp(a->crypto_state, "unencrypted") == 0)
        return LETHE_ANSWER_NO;
    if (a->first_sdk >= METADATA_SDK || a->metadata_encryption == LETHE_ANSWER_YES)
        return LETHE_ANSWER_YES;
    /* The whole disk under one key has no other for its metadata. */
    return strcmp(a->crypto_type, "block") == 0 ? LETHE_ANSWER_NO : a->metadata_encryption;
}

#define FIELD(group, key, kind, member)                                                            \
    LETHE_ROW(struct lethe_phone, group, key, LETHE_ROW_##kind, member)
static const struct lethe_row rows[] = {
    FIELD(NULL, "tablet", FLAG, tablet),
    FIELD(NULL, "advice", TEXT, advice),
    FIELD(NULL, "vendor", TEXT, vendor),
    FIELD(NULL, "model", TEXT, model),
    FIELD(NULL, "product", TEXT, product),
    FIELD(NULL, "system", TEXT, system),
    FIELD(NULL, "build", TEXT, build),
    FIELD(NULL, "serial", TEXT, serial),
    FIELD(NULL, "udid", TEXT, udid),
    FIELD(NULL, "ecid", TEXT, ecid),
    FIELD(NULL, "imei", TEXT, imei[0]),
    FIELD(NULL, "imei2", TEXT, imei[1]),
    FIELD(NULL, "battery", SIGNED, battery),
    FIELD(NULL, "charging", ANSWER, charging),
    FIELD(NULL, "storage", U64, storage),
    FIELD(NULL, "storage_free", U64, storage_free),
    FIELD(NULL, "unlocked", ANSWER, unlocked),
    FIELD(NULL, "sd_card", ANSWER, sd_card),
    FIELD(NULL, "esim", ANSWER, esim),
    FIELD("ios", "activation", TEXT, ios.activation),
    FIELD("ios", "setup_done", ANSWER, ios.setup_done),
    FIELD("ios", "paired", ANSWER, ios.paired),
    FIELD("android", "sdk", U32, android.sdk),
    FIELD("android", "first_sdk", U32, android.first_sdk),
    FIELD("android", "crypto_state", TEXT, android.crypto_state),
    FIELD("android", "crypto_type", TEXT, android.crypto_type),
    FIELD("android", "metadata_encryption", ANSWER, android.metadata_encryption),
    FIELD("android", "hardware_keystore", ANSWER, android.hardware_keystore),
    FIELD("android", "delete_all_keys", ANSWER, android.delete_all_keys),
    FIELD("android", "boot_state", TEXT, android.boot_state),
    FIELD("android", "flash_locked", TEXT, android.flash_locked),
    FIELD("android", "oem_unlock_allowed", TEXT, android.oem_unlock_allowed),
    FIELD("android", "frp_partition", TEXT, android.frp_partition),
    FIELD("android", "users", U32, android.users),
    FIELD("android", "accounts", U32, android.accounts),
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

json_t *lethe_phone_to_json(const struct lethe_phone *phone)
{
    json_t *closed = json_object();
    json_t *json =
        json_pack("{s:s, s:s, s:s, s:o}", "family", lethe_phone_family_name(phone->family), "mode",
                  lethe_phone_mode_name(phone->mode), "access",
                  lethe_phone_access_name(phone->access), "locks", closed);
    int rc = json ? lethe_rows_put(json, rows, ROWS, phone) : -1;
    for (int i = 0; rc == 0 && i < LETHE_LOCK_COUNT; i++)
        rc = json_object_set_new(closed, locks[i], lethe_answer_json((int)phone->locks[i]));
    if (rc == 0)
        return json;
    json_decref(json);
    return NULL;
}

static int word(const json_t *json, const char *key, int parse(const char *))
{
    const char *text = json_string_value(json_object_get(json, key));
    return text ? parse(text) : -1;
}

static int take(const json_t *json, struct lethe_phone *out)
{
    int family = word(json, "family", lethe_phone_family_parse);
    int mode = word(json, "mode", lethe_phone_mode_parse);
    int access = word(json, "access", lethe_phone_access_parse);
    if (family < 0 || mode < 0 || access < 0 || lethe_rows_take(json, rows, ROWS, out) < 0)
        return -1;
    out->family = (enum lethe_phone_family)family;
    out->mode = (enum lethe_phone_mode)mode;
    out->access = (enum lethe_phone_access)access;
    for (int i = 0; i < LETHE_LOCK_COUNT; i++) {
        int answer = lethe_answer_parse(json_object_get(json_object_get(json, "locks"), locks[i]));
        if (answer < 0)
            return -1;
        out->locks[i] = (enum lethe_answer)answer;
    }
    return 0;
}

int lethe_phone_from_json(const json_t *json, struct lethe_phone *out, struct lethe_error *err)
{
    memset(out, 0, sizeof(*out));
    LETHE_JSON_AUTO *again = take(json, out) < 0 ? NULL : lethe_phone_to_json(out);
    if (again && json_equal((json_t *)(uintptr_t)json, again))
        return 0;
    memset(out, 0, sizeof(*out));
    return lethe_fail(err, LETHE_E_INVALID, "what was told of the phone is not of this form");
}
