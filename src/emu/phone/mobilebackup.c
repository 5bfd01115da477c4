/* SPDX-License-Identifier: Apache-2.0 */
/* com.apple.mobilebackup2, as much of it as an erasure needs: the version exchange of DeviceLink,
 * Hello, EraseDevice. */
#include "emu/phone/iphone_stream.h"
#include <string.h>

/* Error codes as backups and restores have them. */
enum { OK = 0, MALFORMED = 1, IS_LOCKED = 208, FIND_MY_IS_ON = 211, SETUP_IS_OPEN = 212 };

static void greet(struct iphone_stream *stream)
{
    iphone_say(stream, json_pack("[s, i, i]", "DLMessageVersionExchange", 300, 0));
}

static void respond(struct iphone_stream *stream, int code, const char *description,
                    json_t *version)
{
    json_t *response = json_pack("{s:s, s:i, s:s}", "MessageName", "Response", "ErrorCode", code,
                                 "ErrorDescription", description);
    if (version)
        json_object_set_new(response, "ProtocolVersion", version);
    iphone_say(stream, json_pack("[s, o]", "DLMessageProcessMessage", response));
}

static void erase_device(struct iphone_stream *stream, const json_t *request)
{
    char udid[64];
    iphone_udid(stream->phone, udid);
    const char *target = json_string_value(json_object_get(request, "TargetIdentifier"));
    if (!target || strcmp(target, udid) != 0) {
        respond(stream, MALFORMED, "Unknown target", NULL);
    } else if (phone_state_is(stream->phone, "locked")) {
        respond(stream, IS_LOCKED, "Device locked (MBErrorDomain/208)", NULL);
    } else if (phone_state_is(stream->phone, "find_my")) {
        respond(stream, FIND_MY_IS_ON, "Find My iPhone must be disabled (MBErrorDomain/211)", NULL);
    } else if (iphone_in_setup(stream->phone)) {
        respond(stream, SETUP_IS_OPEN, "Setup is not finished (MBErrorDomain/212)", NULL);
    } else {
        switch (iphone_erase(stream->phone, false)) {
        case IPHONE_ACKNOWLEDGES:
            respond(stream, OK, "", NULL);
            break;
        case IPHONE_REFUSES:
            respond(stream, MALFORMED, "The device could not be erased (MBErrorDomain/1)", NULL);
            break;
        case IPHONE_IS_SILENT:
            break;
        default:
            stream->ended = true;
        }
    }
}

static bool speaks(const json_t *request, double wanted)
{
    const json_t *versions = json_object_get(request, "SupportedProtocolVersions");
    for (size_t i = 0; i < json_array_size(versions); i++) {
        double version = json_number_value(json_array_get(versions, i));
        if (version > wanted - 0.01 && version < wanted + 0.01)
            return true;
    }
    return false;
}

static void process(struct iphone_stream *stream, const json_t *request)
{
    const char *name = json_string_value(json_object_get(request, "MessageName"));
    if (name && strcmp(name, "Hello") == 0) {
        if (speaks(request, 2.1) || speaks(request, 2.0))
            respond(stream, OK, "", json_real(speaks(request, 2.1) ? 2.1 : 2.0));
        else
            respond(stream, MALFORMED, "No common version", NULL);
    } else if (name && strcmp(name, "EraseDevice") == 0) {
        erase_device(stream, request);
    } else {
        respond(stream, MALFORMED, "Unknown message", NULL);
    }
}

static void message(struct iphone_stream *stream, const json_t *plist)
{
    const char *type = json_string_value(json_array_get(plist, 0));
    const char *word = json_string_value(json_array_get(plist, 1));
    if (type && strcmp(type, "DLMessageVersionExchange") == 0 && word &&
        strcmp(word, "DLVersionsOk") == 0)
        iphone_say(stream, json_pack("[s]", "DLMessageDeviceReady"));
    else if (type && strcmp(type, "DLMessageProcessMessage") == 0)
        process(stream, json_array_get(plist, 1));
    else
        stream->ended = true; /* DLMessageDisconnect, or no word of DeviceLink */
}

const struct iphone_service iphone_backup = {.name = "com.apple.mobilebackup2",
                                             .tls = true,
                                             .binary = true,
                                             .greet = greet,
                                             .message = message};
