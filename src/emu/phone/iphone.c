/* SPDX-License-Identifier: Apache-2.0 */
/* The family "ios": how one is born, and what an erasure leaves of it. */
#include "emu/phone/iphone.h"

#include "base/json.h"
#include "base/text.h"
#include "base/time.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { AWAY_MS = 1200 };

void iphone_udid(const struct phone *phone, char out[64])
{
    const char *serial = phone_serial(phone);
    if (strlen(serial) == 24)
        lethe_text_format(out, 64, "%.8s-%s", serial, serial + 8);
    else
        lethe_text_format(out, 64, "%.63s", serial);
}

uint64_t iphone_ecid(const struct phone *phone)
{
    const char *serial = phone_serial(phone);
    size_t len = strlen(serial);
    /* The newer serial numbers end in it. */
    return strtoull(len == 24 ? serial + 8 : serial + (len > 14 ? len - 14 : 0), NULL, 16);
}

unsigned iphone_version(const struct phone *phone)
{
    return (unsigned)strtoul(phone_trait_text(phone, "system"), NULL, 10);
}

bool iphone_in_setup(const struct phone *phone)
{
    return !phone_state_is(phone, "setup_done");
}

int iphone_born(struct phone *phone, struct lethe_error *err)
{
    static const char *const copied[] = {"find_my",  "activation_lock", "supervised", "mdm",
                                         "assigned", "profile",         "locked",     "esim"};
    bool setup = phone_trait_is(phone, "setup");
    unsigned key = 0;
    for (const char *at = phone_serial(phone); *at; at++)
        key = key * 31 + (unsigned char)*at;
    json_t *state = json_pack(
        "{s:i, s:{}, s:s, s:b, s:s, s:i, s:{s:s, s:s, s:s}}", "key", (int)(key % 1000), "trust",
        "activation", setup ? "Unactivated" : "Activated", "setup_done", !setup, "name",
        phone_trait_text(phone, "name"), "asked", 0, "nvram", "boot-args", "", "oblit-begins",
        "OblitType: ObliterateDataPartition. Reason: factory", "obliteration", "EACS Done @0");
    if (!state)
        return lethe_fail(err, LETHE_E_INTERNAL, "memory ran out");
    for (size_t i = 0; i < sizeof(copied) / sizeof(*copied); i++)
        json_object_set_new(state, copied[i], json_boolean(phone_trait_is(phone, copied[i])));
    if (!phone_trait_text(phone, "model")[0] || !phone_trait_text(phone, "system")[0]) {
        json_decref(state);
        return lethe_fail(err, LETHE_E_INVALID,
                          "an iPhone or iPad needs the traits model and system");
    }
    return phone_set(phone, "state", state);
}

/* ---- erasing ---- */

static uint32_t away_ms(struct phone *phone)
{
    return phone_strikes_here(phone, PHONE_FAULT_NEVER_RETURNS)
               ? PHONE_FOREVER
               : (uint32_t)phone_trait_count(phone, "away_ms", AWAY_MS);
}

static void nvram_set(struct phone *phone, const char *name, const char *value)
{
    json_object_set_new(json_object_get(phone_state(phone), "nvram"), name, json_string(value));
}

/* What everybody can see of an erased phone, whatever became of the data. */
static void forget(struct phone *phone)
{
    bool locked = phone_state_is(phone, "find_my") || phone_state_is(phone, "activation_lock") ||
                  phone_strikes_here(phone, PHONE_FAULT_RETURNS_LOCKED);
    phone_state_set(phone, "trust", json_object());
    phone_state_set(phone, "activation",
                    json_string(phone_trait_is(phone, "activates") ? "Activated" : "Unactivated"));
    phone_state_set(phone, "setup_done", json_false());
    phone_state_set(phone, "activation_lock", json_boolean(locked));
    phone_state_set(phone, "find_my", json_false());
    phone_state_set(phone, "locked", json_false());
    phone_state_set(phone, "asked", json_integer(0));
    phone_state_set(phone, "name", json_string(phone_trait_text(phone, "class")));
    /* Supervision by a cable goes; what the maker's programme assigns comes again. */
    phone_state_set(phone, "supervised", json_boolean(phone_state_is(phone, "mdm")));
    phone_state_set(phone, "profile", json_false());
}

/* The key of the volume is gone, and with it all else that was under it. */
static int obliterate(struct phone *phone, uint64_t at, struct lethe_error *err)
{
    char text[64];
    int rc = phone_storage_erase(phone, "userdata", err);
    if (rc == 0)
        rc = phone_storage_erase(phone, "metadata", err);
    if (rc < 0)
        return rc;
    json_int_t key = json_integer_value(json_object_get(phone_state(phone), "key"));
    if (!phone_trait_is(phone, "keeps_key"))
        phone_state_set(phone, "key", json_integer(key + 1));
    phone_state_set(
        phone, "esim",
        json_boolean(phone_state_is(phone, "esim") && phone_state_is(phone, "keep_esim")));
    nvram_set(phone, "oblit-begins",
              "OblitType: ObliterateDataPartition. Reason: MobileConfiguration");
    lethe_text_format(text, sizeof(text), "EACS Done @%llu", (unsigned long long)(at / 1000));
    nvram_set(phone, "obliteration",
              iphone_version(phone) < 14 ? "handle_message: Obliteration Complete" : text);
    return 0;
}

static int erase(struct phone *phone, uint64_t at, struct lethe_error *err)
{
    bool unerased = phone_strikes_here(phone, PHONE_FAULT_UNERASED);
    bool keeps = phone_strikes_here(phone, PHONE_FAULT_KEEPS);
    bool half = phone_strikes_here(phone, PHONE_FAULT_HALF);
    const json_t *other = phone_fault(phone, PHONE_FAULT_OTHER_SERIAL);
    json_int_t count = json_integer_value(json_object_get(phone->memory, "erased"));
    int rc = 0;
    if (!unerased)
        forget(phone);
    if (half)
        rc = phone_storage_erase(phone, "userdata/media", err);
    else if (!unerased && !keeps)
        rc = obliterate(phone, at, err);
    if (rc < 0)
        return rc;
    phone_set(phone, "erased", json_integer(count + 1));
    phone_leave(phone, LETHE_MODE_NORMAL, away_ms(phone));
    if (other && phone_strikes_here(phone, PHONE_FAULT_OTHER_SERIAL))
        phone_set(phone, "serial", json_incref(json_object_get(other, "serial")));
    return 0;
}

int iphone_due(struct phone *phone, const char *verb, uint64_t at, struct lethe_error *err)
{
    if (strcmp(verb, "erase") == 0)
        return erase(phone, at, err);
    int rc = 0;
    if (strcmp(verb, "vanish") == 0) /* pulled out half-way, and plugged in again */
        rc = phone_storage_erase(phone, "userdata/media", err);
    if (strcmp(verb, "shutdown") == 0)
        phone_leave(phone, LETHE_MODE_NORMAL, PHONE_FOREVER);
    else
        phone_leave(phone, LETHE_MODE_NORMAL, away_ms(phone));
    return rc;
}

struct order {
    bool keep_esim;
    enum iphone_verdict verdict;
};

static int take_order(struct phone *phone, void *user, struct lethe_error *err)
{
    struct order *order = user;
    (void)err;
    order->verdict = IPHONE_ACKNOWLEDGES;
    if (phone_strikes_here(phone, PHONE_FAULT_ERROR_CHAIN)) {
        order->verdict = IPHONE_REFUSES;
    } else if (phone_strikes_here(phone, PHONE_FAULT_NO_REPLY)) {
        order->verdict = IPHONE_IS_SILENT;
    } else if (phone_strikes_here(phone, PHONE_FAULT_EOF)) {
        order->verdict = IPHONE_HANGS_UP;
    } else if (phone_strikes_here(phone, PHONE_FAULT_VANISHES)) {
        order->verdict = IPHONE_HANGS_UP;
        phone_due(phone, "vanish", 0);
    } else {
        if (phone_strikes_here(phone, PHONE_FAULT_DROPS))
            order->verdict = IPHONE_HANGS_UP;
        phone_state_set(phone, "keep_esim", json_boolean(order->keep_esim));
        phone_due(phone, "erase", IPHONE_LEAVES_MS);
    }
    return 0;
}

enum iphone_verdict iphone_erase(struct phone *phone, bool keep_esim)
{
    struct order order = {.keep_esim = keep_esim};
    return phone_change(phone, take_order, &order, NULL) < 0 ? IPHONE_FAILED : order.verdict;
}

static int make_due(struct phone *phone, void *user, struct lethe_error *err)
{
    (void)err;
    phone_due(phone, user, IPHONE_LEAVES_MS);
    return 0;
}

int iphone_restart(struct phone *phone, bool for_good, struct lethe_error *err)
{
    char verb[] = "shutdown", again[] = "restart";
    return phone_change(phone, make_due, for_good ? verb : again, err);
}
