/* SPDX-License-Identifier: Apache-2.0 */
/*
 * com.apple.mobile.notification_proxy and its insecure sister, which usbmuxd watches until somebody
 * tapped Trust: then "com.apple.mobile.lockdown.request_pair" tells it to pair.
 */
#include "emu/phone/iphone_stream.h"
#include <string.h>

#define REQUEST_PAIR "com.apple.mobile.lockdown.request_pair"

/* `own` of a stream: set while REQUEST_PAIR is awaited. */
static void observe(struct iphone_stream *stream, const char *name)
{
    static char awaited;
    if (strcmp(name, REQUEST_PAIR) == 0)
        stream->own = &awaited;
}

static void message(struct iphone_stream *stream, const json_t *plist)
{
    const char *command = json_string_value(json_object_get(plist, "Command"));
    const char *name = json_string_value(json_object_get(plist, "Name"));
    if (command && name && strcmp(command, "ObserveNotification") == 0) {
        observe(stream, name);
    } else if (command && name && strcmp(command, "PostNotification") == 0) {
        /* Nobody on the phone listens. */
    } else if (command && strcmp(command, "Shutdown") == 0) {
        iphone_say(stream, json_pack("{s:s}", "Command", "ProxyDeath"));
        stream->ended = true;
    } else {
        stream->ended = true;
    }
}

/* The dialog was answered: whoever sits before the model made "trust" granted. */
static void tick(struct iphone_stream *stream)
{
    const char *trust = phone_trait_text(stream->phone, "trust");
    if (!stream->own || phone_state_is(stream->phone, "locked") ||
        (trust[0] && strcmp(trust, "granted") != 0))
        return;
    stream->own = NULL;
    iphone_say(stream,
               json_pack("{s:s, s:s}", "Command", "RelayNotification", "Name", REQUEST_PAIR));
}

const struct iphone_service iphone_notifications = {
    .name = "com.apple.mobile.notification_proxy",
    .tls = true,
    .message = message,
};
const struct iphone_service iphone_insecure_notifications = {
    .name = "com.apple.mobile.insecure_notification_proxy",
    .open = true,
    .message = message,
    .tick = tick,
};
