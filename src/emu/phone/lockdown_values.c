/* SPDX-License-Identifier: Apache-2.0 */
/* What GetValue answers, from what the phone is like and what became of it. */
#include "base/text.h"
#include "base/time.h"
#include "emu/phone/iphone_stream.h"
#include "emu/phone/plist.h"
#include <string.h>

static void put(json_t *object, const char *key, json_t *value)
{
    json_object_set_new(object, key, value);
}

static json_t *data_of(const char *text)
{
    return plist_data(text, strlen(text));
}

json_t *iphone_nvram(const struct phone *phone)
{
    json_t *out = json_object();
    const char *name;
    json_t *value;
    if (phone_trait_is(phone, "hides_nvram"))
        return out;
    json_object_foreach(json_object_get(phone_state(phone), "nvram"), name, value)
    {
        put(out, name, data_of(json_string_value(value)));
    }
    put(out, "auto-boot", data_of("true"));
    put(out, "fm-activation-locked",
        data_of(phone_state_is(phone, "activation_lock") || phone_state_is(phone, "find_my")
                    ? "YES"
                    : "NO"));
    return out;
}

/* What it calls itself: an owner may type anything, and a fault does. */
static json_t *name_of(const struct phone *phone)
{
    if (phone_fault(phone, PHONE_FAULT_CONTROL))
        return json_string("i\x1b[2J\x07Phone\xe2\x80\xae\nenohPi\t\x7f");
    if (phone_fault(phone, PHONE_FAULT_PATHS))
        return json_string("../../../../etc/cron.d/lethe;$(reboot)%n%s<script>");
    return json_string(phone_state_text(phone, "name"));
}

/* The traits that are told as they are. */
static const struct {
    const char *key, *trait;
    bool always; /* to a host that isn't trusted, too */
} texts[] = {
    {"ProductType", "model", true},
    {"ProductVersion", "system", true},
    {"BuildVersion", "build", true},
    {"DeviceClass", "class", true},
    {"HardwareModel", "hardware", true},
    {"CPUArchitecture", "arch", true},
    {"WiFiAddress", "wifi", true},
    {"BluetoothAddress", "bluetooth", true},
    {"ModelNumber", "model_number", false},
    {"RegionInfo", "region", false},
    {"SerialNumber", "maker_serial", false},
    {"MLBSerialNumber", "board_serial", false},
    {"InternationalMobileEquipmentIdentity", "imei", false},
    {"InternationalMobileEquipmentIdentity2", "imei2", false},
    {"MobileEquipmentIdentifier", "meid", false},
    {"PhoneNumber", "phone_number", false},
};

static void put_public_key(const struct phone *phone, json_t *all)
{
    LETHE_BUF_AUTO pem = {0};
    if (iphone_public_key(phone, &pem) == 0)
        put(all, "DevicePublicKey", plist_data(pem.data, pem.len));
}

static json_t *general(const struct phone *phone, bool trusted)
{
    json_t *all = json_object();
    char udid[64];
    iphone_udid(phone, udid);
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        const char *value = phone_trait_text(phone, texts[i].trait);
        if (value[0] && (trusted || texts[i].always))
            put(all, texts[i].key, json_string(value));
    }
    put(all, "DeviceName", name_of(phone));
    put(all, "ProductName",
        json_string(strcmp(phone_trait_text(phone, "class"), "iPad") == 0 ? "iPadOS"
                                                                          : "iPhone OS"));
    put(all, "UniqueDeviceID", json_string(udid));
    put(all, "UniqueChipID", json_integer((json_int_t)iphone_ecid(phone)));
    put(all, "ChipID", json_integer((json_int_t)phone_trait_count(phone, "chip", 0)));
    put(all, "BoardId", json_integer((json_int_t)phone_trait_count(phone, "board", 0)));
    put(all, "ProtocolVersion", json_string("2"));
    put(all, "ProductionSOC", json_true());
    put(all, "TelephonyCapability", json_boolean(phone_trait_text(phone, "imei")[0]));
    put_public_key(phone, all);
    if (!trusted)
        return all;
    put(all, "ActivationState", json_string(phone_state_text(phone, "activation")));
    put(all, "ActivationStateAcknowledged", json_boolean(!iphone_in_setup(phone)));
    put(all, "BrickState", json_boolean(iphone_in_setup(phone)));
    put(all, "PasswordProtected", json_boolean(phone_state_is(phone, "locked")));
    put(all, "HostAttached", json_true());
    put(all, "TrustedHostAttached", json_true());
    put(all, "TimeIntervalSince1970", json_real((double)lethe_now_ms() / 1000));
    put(all, "TimeZone", json_string("Etc/UTC"));
    if (!phone_trait_is(phone, "hides_nvram"))
        put(all, "NonVolatileRAM", iphone_nvram(phone));
    return all;
}

static json_t *disk_usage(const struct phone *phone)
{
    uint64_t size = phone_trait_count(phone, "storage", 32 << 20), used = phone_storage_used(phone);
    uint64_t system = size / 8;
    return json_pack("{s:I, s:I, s:I, s:I, s:I}", "TotalDiskCapacity", (json_int_t)(size + system),
                     "TotalSystemCapacity", (json_int_t)system, "TotalSystemAvailable",
                     (json_int_t)0, "TotalDataCapacity", (json_int_t)size, "TotalDataAvailable",
                     (json_int_t)(used < size ? size - used : 0));
}

static json_t *battery(const struct phone *phone)
{
    bool charging = phone_trait_is(phone, "charging");
    uint64_t percent = phone_trait_count(phone, "battery", 80);
    return json_pack("{s:I, s:b, s:b, s:b, s:b}", "BatteryCurrentCapacity", (json_int_t)percent,
                     "BatteryIsCharging", charging, "ExternalConnected", 1, "FullyCharged",
                     percent >= 100, "HasBattery", 1);
}

static json_t *setup(const struct phone *phone)
{
    return iphone_in_setup(phone)
               ? json_object()
               : json_pack("{s:b, s:s}", "SetupDone", 1, "SetupState", "SetupUsingAssistant");
}

/* Only when the key is named: the domain as a whole shows nothing. In Setup Assistant always
 * false. */
static json_t *find_my(const struct phone *phone)
{
    return json_pack("{s:b}", "IsAssociated",
                     phone_state_is(phone, "find_my") && !iphone_in_setup(phone));
}

static json_t *international(const struct phone *phone)
{
    (void)phone;
    return json_pack("{s:s, s:s}", "Language", "en", "Locale", "en_US");
}

static const struct {
    const char *name;
    json_t *(*all)(const struct phone *phone);
    bool listed;
} domains[] = {
    {"com.apple.disk_usage", disk_usage, true},       {"com.apple.mobile.battery", battery, true},
    {"com.apple.purplebuddy", setup, true},           {"com.apple.fmip", find_my, false},
    {"com.apple.international", international, true},
};

json_t *iphone_value(const struct phone *phone, const char *domain, const char *key, bool trusted,
                     const char **error)
{
    LETHE_JSON_AUTO *all = NULL;
    bool listed = true;
    if (!domain) {
        all = general(phone, trusted);
    } else if (!trusted) {
        *error = "GetProhibited";
        return NULL;
    }
    for (size_t i = 0; domain && i < sizeof(domains) / sizeof(*domains); i++) {
        if (strcmp(domains[i].name, domain) == 0) {
            all = domains[i].all(phone);
            listed = domains[i].listed;
        }
    }
    if (!key)
        return all && listed ? json_incref(all) : json_object();
    json_t *value = json_incref(json_object_get(all, key));
    if (!value && !trusted) {
        LETHE_JSON_AUTO *more = general(phone, true);
        *error = json_object_get(more, key) ? "GetProhibited" : "MissingValue";
    } else if (!value) {
        *error = "MissingValue";
    }
    return value;
}
