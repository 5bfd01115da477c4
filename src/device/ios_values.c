/* SPDX-License-Identifier: Apache-2.0 */
/* The values of an iPhone or iPad: facts/phones.md 1.1 is the list of them. */
#include "device/ios.h"

#include "base/crypto.h"
#include "base/text.h"
#include "proto/plist.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* One that keeps silent over one question is not asked the others: each would cost as long. */
struct reading {
    struct lethe_io *io;
    bool silent;
};

static json_t *get(struct reading *r, const char *domain, const char *key)
{
    struct lethe_apple_answer answer = {0};
    if (r->silent)
        return NULL;
    r->io->ops->apple->value(r->io, domain, key, LETHE_APPLE_MS, &answer);
    r->silent = answer.end == LETHE_APPLE_TIMEOUT || answer.end == LETHE_APPLE_ABSENT;
    json_t *value = lethe_apple_ok(&answer) ? json_incref(answer.reply) : NULL;
    lethe_apple_answer_clear(&answer);
    return value;
}

static void text_of(const json_t *value, char *out, size_t out_size)
{
    if (json_is_string(value))
        lethe_text_clean(out, out_size, json_string_value(value), json_string_length(value));
    if (json_is_integer(value))
        lethe_text_format(out, out_size, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    if (json_is_object(value)) /* beyond 2^63 */
        text_of(json_object_get(value, "$unsigned"), out, out_size);
}

static void get_text(struct reading *r, const char *key, char *out, size_t out_size)
{
    json_t *value = get(r, NULL, key);
    text_of(value, out, out_size);
    json_decref(value);
}

static enum lethe_answer answer_of(const json_t *value)
{
    return json_is_true(value)    ? LETHE_ANSWER_YES
           : json_is_false(value) ? LETHE_ANSWER_NO
                                  : LETHE_ANSWER_UNKNOWN;
}

static enum lethe_answer get_answer(struct reading *r, const char *domain, const char *key)
{
    json_t *value = get(r, domain, key);
    enum lethe_answer answer = answer_of(value);
    json_decref(value);
    return answer;
}

static void read_public_key(struct reading *r, struct lethe_ios *out)
{
    uint8_t hash[LETHE_HASH_SIZE];
    size_t len = 0;
    json_t *value = get(r, NULL, "DevicePublicKey");
    void *key = lethe_plist_data_get(value, &len);
    if (key && len > 0) {
        lethe_sha256(hash, key, len);
        lethe_hex_encode(out->public_key, hash, sizeof(hash));
    }
    free(key);
    json_decref(value);
}

/* NVRAM keeps bytes; what is told of an erasure is text. */
static void nvram_text(const json_t *memory, const char *key, char *out, size_t out_size)
{
    size_t len = 0;
    const json_t *value = json_object_get(memory, key);
    char *bytes = lethe_plist_data_get(value, &len);
    if (bytes)
        lethe_text_clean(out, out_size, bytes, strnlen(bytes, len));
    else
        text_of(value, out, out_size);
    free(bytes);
}

static void take_nvram(const json_t *memory, struct lethe_ios *out)
{
    char locked[8] = "";
    if (!json_is_object(memory))
        return;
    out->nvram = true;
    nvram_text(memory, "obliteration", out->obliteration, sizeof(out->obliteration));
    nvram_text(memory, "oblit-begins", out->oblit_begins, sizeof(out->oblit_begins));
    nvram_text(memory, "fm-activation-locked", locked, sizeof(locked));
    out->activation_lock = strcmp(locked, "YES") == 0  ? LETHE_ANSWER_YES
                           : strcmp(locked, "NO") == 0 ? LETHE_ANSWER_NO
                                                       : LETHE_ANSWER_UNKNOWN;
}

/* The same memory as the registry of its kernel shows it: where lockdown does not. */
static void read_registry(struct reading *r, struct lethe_ios *out)
{
    const struct lethe_apple_ops *apple = r->io->ops->apple;
    struct lethe_apple_answer answer = {0};
    struct lethe_apple_service *service =
        apple->service_open(r->io, "com.apple.mobile.diagnostics_relay", LETHE_APPLE_MS, &answer);
    if (service) {
        json_t *ask = json_pack("{s:s, s:s}", "Request", "IORegistry", "EntryName", "options");
        lethe_apple_answer_clear(&answer);
        apple->exchange(service, ask, LETHE_APPLE_MS, &answer);
        json_decref(ask);
        if (answer.end == LETHE_APPLE_REPLY)
            take_nvram(json_object_get(json_object_get(answer.reply, "Diagnostics"), "IORegistry"),
                       out);
        apple->service_close(service);
    }
    lethe_apple_answer_clear(&answer);
}

static void read_nvram(struct reading *r, struct lethe_ios *out)
{
    json_t *memory = get(r, NULL, "NonVolatileRAM");
    take_nvram(memory, out);
    json_decref(memory);
    if (!out->nvram && !r->silent)
        read_registry(r, out);
}

static uint64_t bytes_of(const json_t *dict, const char *key)
{
    json_int_t value = json_integer_value(json_object_get(dict, key));
    return value > 0 ? (uint64_t)value : 0;
}

static void read_storage(struct reading *r, struct lethe_ios *out)
{
    json_t *usage = get(r, "com.apple.disk_usage", NULL);
    out->storage = bytes_of(usage, "TotalDataCapacity");
    out->storage_free = bytes_of(usage, "TotalDataAvailable");
    if (out->storage_free > out->storage)
        out->storage = out->storage_free = 0;
    json_decref(usage);
}

static void read_battery(struct reading *r, struct lethe_ios *out)
{
    json_t *battery = get(r, "com.apple.mobile.battery", NULL);
    const json_t *percent = json_object_get(battery, "BatteryCurrentCapacity");
    json_int_t value = json_is_integer(percent) ? json_integer_value(percent) : -1;
    out->battery = value >= 0 && value <= 100 ? (int32_t)value : -1;
    out->charging = answer_of(json_object_get(battery, "BatteryIsCharging"));
    json_decref(battery);
}

void lethe_ios_read(struct lethe_io *io, struct lethe_ios *out)
{
    struct reading reading = {.io = io}, *r = &reading;
    *out = (struct lethe_ios){.battery = -1, .profiles = -1};
    get_text(r, "ProductType", out->type, sizeof(out->type));
    out->answers = out->type[0] != '\0';
    if (!out->answers)
        return;
    get_text(r, "ModelNumber", out->model, sizeof(out->model));
    get_text(r, "DeviceClass", out->class_, sizeof(out->class_));
    get_text(r, "ProductVersion", out->version, sizeof(out->version));
    get_text(r, "BuildVersion", out->build, sizeof(out->build));
    get_text(r, "SerialNumber", out->serial, sizeof(out->serial));
    get_text(r, "UniqueDeviceID", out->udid, sizeof(out->udid));
    get_text(r, "UniqueChipID", out->ecid, sizeof(out->ecid));
    get_text(r, "InternationalMobileEquipmentIdentity", out->imei[0], sizeof(out->imei[0]));
    get_text(r, "InternationalMobileEquipmentIdentity2", out->imei[1], sizeof(out->imei[1]));
    get_text(r, "ActivationState", out->activation, sizeof(out->activation));
    read_public_key(r, out);
    out->locked = get_answer(r, NULL, "PasswordProtected");
    out->brick = get_answer(r, NULL, "BrickState");
    out->setup_done = get_answer(r, "com.apple.purplebuddy", "SetupDone");
    /* By its key: the domain lists as empty (facts/phones.md 1.1). */
    out->find_my = get_answer(r, "com.apple.fmip", "IsAssociated");
    read_battery(r, out);
    read_storage(r, out);
    read_nvram(r, out);
}

void lethe_ios_mcinstall(struct lethe_io *io, const char *request, struct lethe_apple_answer *out)
{
    const struct lethe_apple_ops *apple = io->ops->apple;
    struct lethe_apple_service *service =
        apple->service_open(io, LETHE_IOS_MCINSTALL, LETHE_APPLE_MS, out);
    if (!service)
        return;
    json_t *ask = json_pack("{s:s}", "RequestType", request);
    lethe_apple_answer_clear(out);
    apple->exchange(service, ask, LETHE_APPLE_MS, out);
    json_decref(ask);
    apple->service_close(service);
}

static bool acknowledged(const struct lethe_apple_answer *answer)
{
    const char *status = json_string_value(json_object_get(answer->reply, "Status"));
    return answer->end == LETHE_APPLE_REPLY && status && strcmp(status, "Acknowledged") == 0;
}

/* ConfigurationSource of one that Apple Configurator supervised over a cable: go-ios (`prepare`)
 * and pymobiledevice3 (`supervise`) write it so. It goes with the erasure. */
#define SOURCE_CONFIGURATOR 2

static bool is_or_may_be(const json_t *cloud, const char *key)
{
    const json_t *value = json_object_get(cloud, key);
    return value && !json_is_false(value) && !json_is_null(value);
}

/* What the maker's programme sends with the activation names a server (ConfigurationURL) or the
 * organisation, unremovable or not: it comes again with the next activation (facts/phones.md 1.4,
 * V7). Of a device with profiles, and without all that, who put them there is not known. */
enum lethe_answer lethe_ios_managed(const json_t *cloud, int32_t profiles)
{
    const json_t *source = json_object_get(cloud, "ConfigurationSource");
    if (json_is_true(json_object_get(cloud, "IsMDMUnremovable")) ||
        json_is_true(json_object_get(cloud, "IsMandatory")) ||
        json_is_string(json_object_get(cloud, "ConfigurationURL")))
        return LETHE_ANSWER_YES;
    if (is_or_may_be(cloud, "IsMDMUnremovable") || is_or_may_be(cloud, "IsMandatory"))
        return LETHE_ANSWER_UNKNOWN; /* in words that are none of ours */
    if (json_is_integer(source) && json_integer_value(source) == SOURCE_CONFIGURATOR)
        return LETHE_ANSWER_NO;
    if (is_or_may_be(cloud, "IsSupervised") || is_or_may_be(cloud, "OrganizationName"))
        return json_is_integer(source) ? LETHE_ANSWER_YES : LETHE_ANSWER_UNKNOWN;
    return profiles == 0 ? LETHE_ANSWER_NO : LETHE_ANSWER_UNKNOWN;
}

void lethe_ios_read_management(struct lethe_io *io, struct lethe_ios *out)
{
    struct lethe_apple_answer answer = {0};
    json_t *cloud = NULL;
    lethe_ios_mcinstall(io, "GetCloudConfiguration", &answer);
    bool asked = acknowledged(&answer);
    if (asked) {
        cloud = json_incref(json_object_get(answer.reply, "CloudConfiguration"));
        bool there = json_is_object(cloud) && json_object_size(cloud) > 0;
        const json_t *supervised = json_object_get(cloud, "IsSupervised");
        /* Answered, and not said: it is not. */
        out->cloud = there ? LETHE_ANSWER_YES : LETHE_ANSWER_NO;
        out->supervised = supervised ? answer_of(supervised) : LETHE_ANSWER_NO;
    }
    lethe_apple_answer_clear(&answer);
    lethe_ios_mcinstall(io, "GetProfileList", &answer);
    const json_t *list = json_object_get(answer.reply, "OrderedIdentifiers");
    if (acknowledged(&answer) && json_is_array(list) && json_array_size(list) < 10000)
        out->profiles = (int32_t)json_array_size(list);
    lethe_apple_answer_clear(&answer);
    if (asked)
        out->managed = lethe_ios_managed(cloud, out->profiles);
    json_decref(cloud);
}

unsigned lethe_ios_major(const char *version)
{
    char *end;
    unsigned long major = strtoul(version, &end, 10);
    return end > version && major < 100 && (*end == '.' || !*end) ? (unsigned)major : 0;
}
