/* SPDX-License-Identifier: Apache-2.0 */
/* com.apple.mobile.diagnostics_relay: the registry's options (NVRAM), battery, restart, sleep. */
#include "emu/phone/iphone_stream.h"
#include <string.h>

static json_t *success(void)
{
    return json_pack("{s:s}", "Status", "Success");
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static json_t *gas_gauge(const struct phone *phone)
{
    return json_pack("{s:i, s:i, s:i, s:s}", "CycleCount", 210, "DesignCapacity", 100,
                     "FullChargeCapacity", (int)phone_trait_count(phone, "battery_health", 91),
                     "Status", "Success");
}

static json_t *registry(const struct phone *phone, const json_t *request)
{
    const char *name = text_of(request, "EntryName"), *class = text_of(request, "EntryClass");
    json_t *entry = NULL;
    if (strcmp(name, "options") == 0 || strcmp(class, "IODTNVRAM") == 0) {
        entry = iphone_nvram(phone);
        json_object_set_new(entry, "name", json_string("options"));
    } else if (strcmp(class, "AppleSmartBattery") == 0 || strcmp(name, "AppleSmartBattery") == 0) {
        entry = gas_gauge(phone);
    } else if (name[0] || class[0]) {
        entry = json_object(); /* no such entry */
    } else {
        entry = json_pack("{s:s, s:[{s:s, s:o}]}", "name", "Root", "children", "name", "options",
                          "properties", iphone_nvram(phone));
    }
    json_t *reply = success();
    json_object_set_new(reply, "Diagnostics", json_pack("{s:o}", "IORegistry", entry));
    return reply;
}

static json_t *everything(const struct phone *phone)
{
    json_t *reply = success();
    json_object_set_new(reply, "Diagnostics",
                        json_pack("{s:o, s:{s:s}, s:{s:s}}", "GasGauge", gas_gauge(phone), "WiFi",
                                  "Status", "Success", "NAND", "Status", "Success"));
    return reply;
}

/* Dead from iOS 17.4 on; before, what the general domain says too. */
static json_t *gestalt(const struct phone *phone, const json_t *request)
{
    const json_t *keys = json_object_get(request, "MobileGestaltKeys");
    json_t *reply = success(), *answers = json_object();
    size_t i;
    json_t *key;
    if (iphone_version(phone) >= 17) {
        json_object_set_new(answers, "Status", json_string("MobileGestaltDeprecated"));
    } else {
        json_object_set_new(answers, "Status", json_string("Success"));
        json_array_foreach((json_t *)(uintptr_t)keys, i, key)
        {
            const char *error;
            json_t *value = iphone_value(phone, NULL, json_string_value(key), true, &error);
            if (value)
                json_object_set_new(answers, json_string_value(key), value);
        }
    }
    json_object_set_new(reply, "Diagnostics", json_pack("{s:o}", "MobileGestalt", answers));
    return reply;
}

static void message(struct iphone_stream *stream, const json_t *plist)
{
    const char *request = text_of(plist, "Request");
    struct phone *phone = stream->phone;
    if (strcmp(request, "IORegistry") == 0) {
        iphone_say(stream, registry(phone, plist));
    } else if (strcmp(request, "MobileGestalt") == 0) {
        iphone_say(stream, gestalt(phone, plist));
    } else if (strcmp(request, "All") == 0 || strcmp(request, "GasGauge") == 0) {
        iphone_say(stream, everything(phone));
    } else if (strcmp(request, "Sleep") == 0) {
        iphone_say(stream, success());
    } else if (strcmp(request, "Restart") == 0 || strcmp(request, "Shutdown") == 0) {
        if (iphone_restart(phone, request[0] == 'S', NULL) == 0)
            iphone_say(stream, success());
    } else if (strcmp(request, "Goodbye") == 0) {
        iphone_say(stream, success());
        stream->ended = true;
    } else {
        iphone_say(stream, json_pack("{s:s}", "Status", "UnknownRequest"));
    }
}

const struct iphone_service iphone_diagnostics = {
    .name = "com.apple.mobile.diagnostics_relay", .tls = true, .message = message};
