/* SPDX-License-Identifier: Apache-2.0 */
/*
 * com.apple.mobile.notification_proxy and its insecure sister, which usbmuxd watches until somebody
 * tapped Trust: then "com.apple.mobile.lockdown.request_pair" tells it to pair.
 */
#include "emu/phone/iphone_stream.h"
#include <stdlib.h>
#include <string.h>

#define REQUEST_PAIR "com.apple.mobile.lockdown.request_pair"

struct watch {
    bool for_pairing;
    json_int_t asked; /* "asked" when it began */
};

static void relay(struct iphone_stream *stream, const char *name)
{
    iphone_say(stream, json_pack("{s:s, s:s}", "Command", "RelayNotification", "Name", name));
}

static void observe(struct iphone_stream *stream, const char *name)
{
    if (!stream->own)
        stream->own = calloc(1, sizeof(struct watch));
    struct watch *watch = stream->own;
    if (!watch || strcmp(name, REQUEST_PAIR) != 0)
        return;
    watch->for_pairing = true;
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

/* The dialog was answered: whoever sits before the model says so by making "trust" granted. */
static void tick(struct iphone_stream *stream)
{
    struct watch *watch = stream->own;
    const char *trust = phone_trait_text(stream->phone, "trust");
    if (!watch || !watch->for_pairing || phone_state_is(stream->phone, "locked") ||
        (trust[0] && strcmp(trust, "granted") != 0))
        return;
    watch->for_pairing = false;
    relay(stream, REQUEST_PAIR);
}

static void end(struct iphone_stream *stream)
{
    free(stream->own);
}

const struct iphone_service iphone_notifications = {
    .name = "com.apple.mobile.notification_proxy",
    .tls = true,
    .message = message,
    .end = end,
};
const struct iphone_service iphone_insecure_notifications = {
    .name = "com.apple.mobile.insecure_notification_proxy",
    .open = true,
    .message = message,
    .tick = tick,
    .end = end,
};
