/* SPDX-License-Identifier: Apache-2.0 */
/* Services without a stream to speak of: restarts, and what recovery offers (facts/phones.md 2.2).
 */
#include "base/text.h"
#include "emu/phone/adbd.h"
#include "emu/phone/android.h"
#include <stdlib.h>
#include <string.h>

#define MODE(name) (1u << LETHE_MODE_##name)
#define MINADBD (MODE(SIDELOAD) | MODE(RESCUE))

/* -- reboot:TARGET ----------------------------------------------------------------------------- */

enum lethe_phone_mode android_boot_target(const struct phone *phone, const char *target)
{
    enum lethe_phone_mode from = phone_mode(phone);
    if (strcmp(target, "bootloader") == 0)
        return LETHE_MODE_FASTBOOT;
    if (strcmp(target, "fastboot") == 0)
        return LETHE_MODE_FASTBOOTD;
    if (strcmp(target, "recovery") == 0)
        return LETHE_MODE_RECOVERY;
    if (strncmp(target, "sideload", 8) == 0 && !json_is_false(phone_trait(phone, "sideload")))
        return LETHE_MODE_SIDELOAD;
    /* Recovery's own word: a system, and a maker's recovery, restart and think no more of it. */
    if (strcmp(target, "rescue") == 0 && from != LETHE_MODE_NORMAL &&
        phone_trait_is(phone, "rescue") && !phone_fault(phone, PHONE_FAULT_NO_RESCUE))
        return LETHE_MODE_RESCUE;
    return LETHE_MODE_NORMAL;
}

static int restart(struct phone *phone, void *user, struct lethe_error *err)
{
    (void)err;
    android_restart(phone, android_boot_target(phone, user));
    return 0;
}

static int reboot_open(struct adb *adb, struct adb_stream *stream, const char *argument)
{
    char target[64];
    lethe_text_format(target, sizeof(target), "%s", argument);
    adb_end(stream);
    return phone_engine_change(&adb->base, restart, target);
}

/* -- rescue-getprop:NAME ------------------------------------------------------------------------
 */

static int getprop_open(struct adb *adb, struct adb_stream *stream, const char *argument)
{
    static const char *const allowed[] = {"ro.build.date.utc",
                                          "ro.build.fingerprint",
                                          "ro.build.flavor",
                                          "ro.build.id",
                                          "ro.build.product",
                                          "ro.build.tags",
                                          "ro.build.version.incremental",
                                          "ro.product.device",
                                          "ro.product.vendor.device"};
    char value[512] = "";
    adb_end(stream);
    if (strcmp(argument, "rescue.battery_level") == 0)
        lethe_text_format(value, sizeof(value), "%llu",
                          (unsigned long long)phone_trait_count(&adb->base.phone, "battery", 80));
    for (size_t i = 0; i < sizeof(allowed) / sizeof(*allowed); i++)
        if (strcmp(allowed[i], argument) == 0)
            adb_prop(&adb->base.phone, argument, value, sizeof(value));
    adb_write(stream, value, strlen(value));
    return adb_write(stream, "\n", 1);
}

/* -- rescue-wipe:userdata:8 ---------------------------------------------------------------------
 */

/* What an erase command meets before it does anything. */
enum android_obstacle { OBSTACLE_NONE, OBSTACLE_SILENT, OBSTACLE_LINE, OBSTACLE_GONE };

static int meet(struct phone *phone, void *user, struct lethe_error *err)
{
    enum android_obstacle *out = user;
    *out = OBSTACLE_NONE;
    if (phone_strikes_here(phone, PHONE_FAULT_NO_REPLY)) {
        *out = OBSTACLE_SILENT;
    } else if (phone_strikes_here(phone, PHONE_FAULT_EOF)) {
        *out = OBSTACLE_LINE;
    } else if (phone_strikes_here(phone, PHONE_FAULT_VANISHES)) {
        *out = OBSTACLE_GONE;
        int rc = phone_storage_erase(phone, "userdata/data", err);
        phone_leave(phone, LETHE_MODE_NORMAL, (uint32_t)phone_trait_count(phone, "away_ms", 300));
        return rc;
    } else if (phone_strikes_here(phone, PHONE_FAULT_DROPS)) {
        *out = OBSTACLE_GONE;
        int rc = android_erase(phone, ANDROID_ERASE_ALL, err);
        android_restart(phone, LETHE_MODE_NORMAL);
        return rc;
    }
    return 0;
}

bool android_meets(struct phone_engine *engine, bool *silent)
{
    enum android_obstacle met = OBSTACLE_NONE;
    phone_engine_change(engine, meet, &met);
    *silent = met == OBSTACLE_SILENT || met == OBSTACLE_GONE;
    return met != OBSTACLE_NONE;
}

static int wipe(struct phone *phone, void *user, struct lethe_error *err)
{
    bool *done = user;
    *done = !phone_strikes_here(phone, PHONE_FAULT_FAILFAIL);
    return *done ? android_erase(phone, ANDROID_ERASE_ALL, err) : 0;
}

static int wipe_open(struct adb *adb, struct adb_stream *stream, const char *argument)
{
    bool done = false, silent;
    if (android_meets(&adb->base, &silent)) {
        if (!silent)
            adb_end(stream);
        return 0;
    }
    if (strncmp(argument, "userdata:", 9) == 0)
        phone_engine_change(&adb->base, wipe, &done);
    phone_engine_hold(&adb->base, phone_trait_count(&adb->base.phone, "wipe_ms", 0));
    adb_end(stream);
    return adb_write(stream, done ? "DONEDONE" : "FAILFAIL", 8);
}

/* -- sideload-host:SIZE:BLOCK: packages that are not the maker's are read, and refused -----------
 */

static int sideload_open(struct adb *adb, struct adb_stream *stream, const char *argument)
{
    (void)adb;
    (void)argument;
    return adb_write(stream, "00000000", 8);
}

static void sideload_data(struct adb *adb, struct adb_stream *stream, const uint8_t *data,
                          size_t len)
{
    (void)adb;
    (void)data;
    (void)len;
    if (!stream->ending)
        adb_write(stream, "FAILFAIL", 8);
    adb_end(stream);
}

static const struct adb_service services[] = {
    {.prefix = "reboot:", .modes = MODE(NORMAL) | MODE(RECOVERY) | MINADBD, .open = reboot_open},
    {.prefix = "rescue-getprop:", .modes = MODE(RESCUE), .open = getprop_open},
    {.prefix = "rescue-wipe:", .modes = MODE(RESCUE), .open = wipe_open},
    {.prefix = "rescue-install:",
     .modes = MODE(RESCUE),
     .open = sideload_open,
     .data = sideload_data},
    {.prefix = "sideload-host:",
     .modes = MODE(SIDELOAD),
     .open = sideload_open,
     .data = sideload_data},
};

static const struct adb_service *fits(const struct phone *phone, const struct adb_service *service,
                                      const char *name, const char **argument)
{
    size_t len = strlen(service->prefix);
    if (!(service->modes & 1u << phone_mode(phone)) || strncmp(name, service->prefix, len) != 0)
        return NULL;
    *argument = name + len;
    return service;
}

const struct adb_service *adb_service_find(const struct phone *phone, const char *name,
                                           const char **argument)
{
    const struct adb_service *found = NULL;
    for (size_t i = 0; !found && i < sizeof(services) / sizeof(*services); i++)
        found = fits(phone, &services[i], name, argument);
    for (size_t i = 0; !found && i < ADB_SHELLS; i++)
        found = fits(phone, &adb_service_shell[i], name, argument);
    return found ? found : fits(phone, &adb_service_sync, name, argument);
}
