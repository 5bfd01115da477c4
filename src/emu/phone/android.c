/* SPDX-License-Identifier: Apache-2.0 */
#include "emu/phone/android.h"

#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include "emu/phone/phone_usb.h"
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MODE(name) (1u << LETHE_MODE_##name)
#define ANSWERS (MODE(NORMAL) | MODE(SIDELOAD) | MODE(RESCUE) | MODE(FASTBOOT) | MODE(FASTBOOTD))

static json_t *fresh_id(void)
{
    uint8_t bytes[8];
    char hex[17];
    lethe_random(bytes, sizeof(bytes));
    lethe_hex_encode(hex, bytes, sizeof(bytes));
    return json_string(hex);
}

/* The state of a system at its first start. */
static int new_system(struct phone *phone)
{
    json_t *state = json_pack(
        "{s:[], s:s, s:b, s:b, s:b, s:b, s:i, s:i, s:i, s:o, s:[], s:{s:{}, s:{}, s:{}}, s:b}",
        "keys", "asking", "", "adb", 0, "provisioned", 0, "lock_screen", 0, "harness", 0,
        "accounts", 0, "users", 1, "boot_count", 1, "android_id", fresh_id(), "packages",
        "settings", "global", "secure", "system", "frp", phone_state_is(phone, "frp"));
    return state ? phone_set(phone, "state", state) : -LETHE_E_INTERNAL;
}

/* What a personality may get wrong and would be met in the middle of a conversation. */
static int check_traits(const struct phone *phone, struct lethe_error *err)
{
    static const char *const maps[] = {"props", "activities"};
    for (size_t m = 0; m < sizeof(maps) / sizeof(*maps); m++) {
        const json_t *map = phone_trait(phone, maps[m]);
        const char *key;
        json_t *value;
        if (map && !json_is_object(map))
            return lethe_fail(err, LETHE_E_INVALID, "\"%s\" of a phone is not a map", maps[m]);
        json_object_foreach((json_t *)(uintptr_t)map, key, value)
        {
            if (!json_is_string(value) && !json_is_integer(value))
                return lethe_fail(err, LETHE_E_INVALID, "\"%.64s\" of a phone is no text", key);
        }
    }
    const json_t *packages = phone_trait(phone, "packages"), *name;
    size_t i;
    json_array_foreach((json_t *)(uintptr_t)packages, i, name)
    {
        if (!json_is_string(name))
            return lethe_fail(err, LETHE_E_INVALID, "\"packages\" of a phone are no names");
    }
    return 0;
}

static int android_born(struct phone *phone, struct lethe_error *err)
{
    int checked = check_traits(phone, err);
    if (checked < 0)
        return checked;
    int rc = new_system(phone);
    json_t *packages = json_deep_copy(phone_trait(phone, "packages"));
    if (rc == 0)
        rc = phone_state_set(phone, "adb", json_boolean(!json_is_false(phone_trait(phone, "adb"))));
    if (rc == 0)
        rc = phone_state_set(phone, "provisioned", json_true());
    if (rc == 0)
        rc = phone_state_set(phone, "lock_screen",
                             json_boolean(phone_trait_is(phone, "lock_screen")));
    if (rc == 0)
        rc = phone_state_set(phone, "accounts",
                             json_integer((json_int_t)phone_trait_count(phone, "accounts", 0)));
    if (rc == 0)
        rc = phone_state_set(phone, "users",
                             json_integer((json_int_t)phone_trait_count(phone, "users", 1)));
    if (rc == 0)
        rc = phone_state_set(phone, "boot_count", json_integer(57));
    if (rc == 0)
        rc = phone_state_set(phone, "packages", packages ? packages : json_array());
    if (rc == 0)
        rc = phone_state_set(phone, "frp", json_boolean(phone_trait_is(phone, "frp")));
    if (rc < 0)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    if (phone_mode(phone) == LETHE_MODE_NORMAL && !phone_state_is(phone, "adb"))
        phone_set(phone, "mode", json_string(lethe_phone_mode_name(LETHE_MODE_CLOSED)));
    return 0;
}

void android_restart(struct phone *phone, enum lethe_phone_mode mode)
{
    uint32_t away = (uint32_t)phone_trait_count(phone, "away_ms", 300);
    bool erased = json_integer_value(json_object_get(phone->memory, "erased")) > 0;
    if (mode == LETHE_MODE_NORMAL) {
        const json_t *boots = json_object_get(phone_state(phone), "boot_count");
        phone_state_set(phone, "boot_count", json_integer(json_integer_value(boots) + 1));
        if (!phone_state_is(phone, "adb"))
            mode = LETHE_MODE_CLOSED;
    }
    if (erased && phone_strikes_here(phone, PHONE_FAULT_NEVER_RETURNS))
        away = PHONE_FOREVER;
    const json_t *rule = erased ? phone_fault(phone, PHONE_FAULT_OTHER_SERIAL) : NULL;
    if (rule && phone_strikes_here(phone, PHONE_FAULT_OTHER_SERIAL)) {
        const char *serial = json_string_value(json_object_get(rule, "serial"));
        phone_set(phone, "serial", json_string(serial ? serial : "NOTTHESAMEONE"));
    }
    uint32_t late = (uint32_t)phone_trait_count(phone, "late_ms", 0);
    if (mode == LETHE_MODE_NORMAL && late > 0 && away != PHONE_FOREVER) {
        phone_leave(phone, LETHE_MODE_CLOSED, away);
        phone_due(phone, "adb", away + late);
        return;
    }
    phone_leave(phone, mode, away);
}

static void count_erasure(struct phone *phone)
{
    json_int_t before = json_integer_value(json_object_get(phone->memory, "erased"));
    phone_set(phone, "erased", json_integer(before + 1));
}

/* What a wipe left, by what it should have erased. */
enum kept { KEPT_NOTHING, KEPT_HALF, KEPT_DATA, KEPT_ALL };

/* AREAS of the storage, ended by NULL; where it lies, not all of them. */
static int erase_data(struct phone *phone, const char *const *areas, enum kept *kept,
                      struct lethe_error *err)
{
    count_erasure(phone);
    *kept = phone_strikes_here(phone, PHONE_FAULT_UNERASED) ? KEPT_ALL
            : phone_strikes_here(phone, PHONE_FAULT_KEEPS)  ? KEPT_DATA
            : phone_strikes_here(phone, PHONE_FAULT_HALF)   ? KEPT_HALF
                                                            : KEPT_NOTHING;
    if (*kept == KEPT_HALF)
        return phone_storage_erase(phone, "userdata/data", err);
    for (int rc = 0; *kept == KEPT_NOTHING && *areas; areas++)
        if ((rc = phone_storage_erase(phone, *areas, err)) < 0)
            return rc;
    return 0;
}

/* What its system is when it starts next. The keys of adb are data like others: what keeps that has
 * them still. */
static int start_anew(struct phone *phone, enum kept kept, bool harness, struct lethe_error *err)
{
    if (kept == KEPT_ALL)
        return 0;
    bool keys_stay = phone_strikes_here(phone, PHONE_FAULT_REMEMBERS) || harness || kept;
    LETHE_JSON_AUTO *before = json_incref(phone_state(phone));
    int rc = new_system(phone);
    if (rc == 0 && keys_stay)
        rc = phone_state_set(phone, "keys", json_incref(json_object_get(before, "keys")));
    if (rc == 0)
        rc = phone_state_set(phone, "adb",
                             harness     ? json_true()
                             : keys_stay ? json_incref(json_object_get(before, "adb"))
                                         : json_false());
    static const char *const data[] = {"packages", "accounts", "users", "android_id"};
    for (size_t i = 0; rc == 0 && kept == KEPT_DATA && i < sizeof(data) / sizeof(*data); i++)
        rc = phone_state_set(phone, data[i], json_incref(json_object_get(before, data[i])));
    if (rc == 0 && harness) {
        phone_state_set(phone, "provisioned", json_true());
        rc = phone_state_set(phone, "harness", json_true());
    }
    if (rc == 0 && phone_strikes_here(phone, PHONE_FAULT_FRP))
        rc = phone_state_set(phone, "frp", json_true());
    return rc < 0 ? lethe_fail(err, LETHE_E_INTERNAL, "memory ran out") : 0;
}

int android_erase(struct phone *phone, enum android_erase how, struct lethe_error *err)
{
    /* AOSP's test harness asks for EXTRA_WIPE_EXTERNAL_STORAGE (facts/phones.md 2.2). */
    static const char *const areas[] = {"userdata", "metadata", NULL}, *const all[] = {
                                                                           "userdata", "metadata",
                                                                           "card", NULL};
    bool card = how == ANDROID_ERASE_HARNESS && phone_trait_is(phone, "sd_card");
    enum kept kept;
    if (how == ANDROID_ERASE_TRUSTED && !phone_fault(phone, PHONE_FAULT_FRP))
        phone_state_set(phone, "frp", json_false());
    int rc = erase_data(phone, card ? all : areas, &kept, err);
    return rc < 0 ? rc : start_anew(phone, kept, how == ANDROID_ERASE_HARNESS, err);
}

int android_erase_partition(struct phone *phone, const char *partition, struct lethe_error *err)
{
    static const char *const areas[] = {"userdata", NULL};
    enum kept kept;
    bool lies = phone_fault(phone, PHONE_FAULT_OKAY_KEEPS) ||
                phone_fault(phone, PHONE_FAULT_KEEPS) || phone_fault(phone, PHONE_FAULT_UNERASED);
    if (strcmp(partition, "metadata") == 0)
        return lies ? 0 : phone_storage_erase(phone, "metadata", err);
    if (strcmp(partition, "userdata") != 0)
        return 0;
    if (phone_strikes_here(phone, PHONE_FAULT_OKAY_KEEPS)) {
        count_erasure(phone);
        return 0;
    }
    int rc = erase_data(phone, areas, &kept, err);
    return rc < 0 ? rc : start_anew(phone, kept, false, err);
}

uint64_t android_users(const struct phone *phone)
{
    const json_t *users = json_object_get(phone_state(phone), "users");
    return json_is_integer(users) ? (uint64_t)json_integer_value(users) : 1;
}

void android_ask_reset(struct phone *phone)
{
    const char *person = phone_trait_text(phone, "person");
    if (strcmp(person, "walks-away") != 0)
        phone_due(phone, "reset", (uint32_t)phone_trait_count(phone, "person_ms", 500));
}

bool android_trusts(const struct phone *phone, const char *key)
{
    const json_t *known;
    size_t i;
    json_array_foreach(json_object_get(phone_state(phone), "keys"), i, known)
    {
        if (strcmp(json_string_value(known), key) == 0)
            return true;
    }
    return false;
}

int android_ask_key(struct phone *phone, const char *key)
{
    int rc = phone_state_set(phone, "asking", json_string(key));
    if (rc == 0 && !json_is_false(phone_trait(phone, "allow")) &&
        !phone_fault(phone, PHONE_FAULT_UNAUTHORISED))
        phone_due(phone, "allow", (uint32_t)phone_trait_count(phone, "allow_ms", 200));
    return rc;
}

static int android_due(struct phone *phone, const char *verb, uint64_t at, struct lethe_error *err)
{
    (void)at;
    if (verb && strcmp(verb, "allow") == 0) {
        const char *key = phone_state_text(phone, "asking");
        if (*key)
            json_array_append_new(json_object_get(phone_state(phone), "keys"), json_string(key));
        return phone_state_set(phone, "asking", json_string(""));
    }
    if (verb && strcmp(verb, "adb") == 0) {
        phone_leave(phone, LETHE_MODE_NORMAL, 0);
        return 0;
    }
    if (!verb || strcmp(verb, "reset") != 0)
        return 0;
    int rc = android_erase(phone, ANDROID_ERASE_TRUSTED, err);
    if (rc == 0)
        android_restart(phone, LETHE_MODE_NORMAL);
    return rc;
}

static int android_identity(const struct phone *phone, struct lethe_identity *identity)
{
    struct lethe_face face;
    phone_face(phone, &face);
    *identity = (struct lethe_identity){
        .class_ = phone_trait_is(phone, "tablet") ? LETHE_CLASS_TABLET : LETHE_CLASS_PHONE,
        .bus = LETHE_BUS_USB,
        .media = LETHE_MEDIA_FLASH,
        .substrate = LETHE_SUBSTRATE_EMULATED,
        .usb_vendor = face.vendor,
        .usb_product = face.product,
        .usb_release = face.release};
    lethe_text_clean(identity->vendor, sizeof(identity->vendor), phone_trait_text(phone, "vendor"),
                     64);
    lethe_text_clean(identity->model, sizeof(identity->model), phone_trait_text(phone, "model"),
                     96);
    return lethe_identity_add(identity, LETHE_ID_SERIAL, LETHE_SOURCE_DEVICE, phone_serial(phone));
}

static int android_link(const struct phone *phone, struct lethe_io_spec *spec,
                        struct lethe_error *err)
{
    const char *const argv[] = {"lethe-phone", "link", "--memory", phone->path, NULL};
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
        return lethe_fail_errno(err, errno, "no socket for a phone");
    spec->fds[spec->n_fds++] = pair[0];
    int rc = phone_start(argv, pair[1], err);
    close(pair[1]);
    return rc;
}

bool android_answers(const struct phone *phone)
{
    enum lethe_phone_mode mode = phone_mode(phone);
    /* Recovery's adb is off on phones that were sold: facts/phones.md 2.2. */
    return mode == LETHE_MODE_RECOVERY ? phone_trait_is(phone, "recovery_adb")
                                       : (1u << mode & ANSWERS) != 0;
}

static int android_spec(const struct phone *phone, bool writable, bool look,
                        struct lethe_io_spec *spec, struct lethe_error *err)
{
    (void)look;
    (void)writable; /* what asks only is kept to that by what it sends */
    int rc = android_answers(phone) ? android_link(phone, spec, err) : 0;
    if (rc < 0)
        return rc;
    spec->config = json_pack("{s:s, s:s, s:I}", "family", "android", "mode",
                             lethe_phone_mode_name(phone_mode(phone)), "generation",
                             (json_int_t)phone_generation(phone));
    return spec->config ? 0 : lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
}

static int android_open(const struct lethe_io_spec *spec, struct lethe_io **out,
                        struct lethe_error *err)
{
    if (spec->n_fds == 0)
        return lethe_io_mute_open(out, err);
    if (spec->n_fds != 1)
        return lethe_fail(err, LETHE_E_INVALID, "%zu descriptors for a phone", spec->n_fds);
    return lethe_io_packet_open(spec->fds[0], out, err);
}

const struct phone_family phone_family_android = {
    .family = LETHE_FAMILY_ANDROID,
    .otherwise = "pixel",
    .modes = MODE(NORMAL) | MODE(CLOSED) | MODE(RECOVERY) | MODE(SIDELOAD) | MODE(RESCUE) |
             MODE(FASTBOOT) | MODE(FASTBOOTD) | MODE(PTP) | MODE(DOWNLOAD) | MODE(EDL),
    .born = android_born,
    .due = android_due,
    .identity = android_identity,
    .answers = android_answers,
    .spec = android_spec,
    .open = android_open};
