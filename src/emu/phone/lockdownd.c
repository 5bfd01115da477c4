/* SPDX-License-Identifier: Apache-2.0 */
/* lockdownd, port 62078: who it is, who may talk to it, and where its services are. */
#include "base/time.h"
#include "emu/phone/iphone_stream.h"
#include "emu/phone/plist.h"
#include <string.h>

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static bool trusted(const struct iphone_stream *stream)
{
    return stream->session[0] != '\0';
}

static json_t *answer(const json_t *request)
{
    return json_pack("{s:O}", "Request", json_object_get(request, "Request"));
}

static void refuse(struct iphone_stream *stream, const json_t *request, const char *error)
{
    json_t *reply = answer(request);
    json_object_set_new(reply, "Error", json_string(error));
    iphone_say(stream, reply);
}

/* Done, or ERROR. */
static void settle(struct iphone_stream *stream, const json_t *request, const char *error)
{
    if (error)
        refuse(stream, request, error);
    else
        iphone_say(stream, answer(request));
}

static void query_type(struct iphone_stream *stream, const json_t *request)
{
    json_t *reply = answer(request);
    json_object_set_new(reply, "Type", json_string("com.apple.mobile.lockdown"));
    iphone_say(stream, reply);
}

static void get_value(struct iphone_stream *stream, const json_t *request)
{
    const char *error = "MissingValue";
    const char *domain = json_string_value(json_object_get(request, "Domain"));
    const char *key = json_string_value(json_object_get(request, "Key"));
    json_t *value = iphone_value(stream->phone, domain, key, trusted(stream), &error);
    json_t *reply = answer(request);
    if (domain)
        json_object_set_new(reply, "Domain", json_string(domain));
    if (key)
        json_object_set_new(reply, "Key", json_string(key));
    if (value)
        json_object_set_new(reply, "Value", value);
    else
        json_object_set_new(reply, "Error", json_string(error));
    iphone_say(stream, reply);
}

static int rename_it(struct phone *phone, void *user, struct lethe_error *err)
{
    (void)err;
    return phone_state_set(phone, "name", json_string(user));
}

static void set_value(struct iphone_stream *stream, const json_t *request)
{
    const char *key = text_of(request, "Key"), *error = NULL;
    const json_t *value = json_object_get(request, "Value");
    if (strcmp(key, "UntrustedHostBUID") == 0)
        error = NULL; /* what an unpaired host calls itself */
    else if (!trusted(stream) || strcmp(key, "DeviceName") != 0 || !json_is_string(value))
        error = "SetProhibited";
    else if (phone_change(stream->phone, rename_it, (char *)(uintptr_t)json_string_value(value),
                          NULL) < 0)
        error = "ImmutableValue";
    settle(stream, request, error);
}

static void pair(struct iphone_stream *stream, const json_t *request)
{
    json_t *escrow = NULL;
    const char *error = iphone_pair(stream->phone, json_object_get(request, "PairRecord"), &escrow);
    json_t *reply = answer(request);
    json_object_set_new(reply, error ? "Error" : "EscrowBag", error ? json_string(error) : escrow);
    iphone_say(stream, reply);
}

static void validate_pair(struct iphone_stream *stream, const json_t *request)
{
    settle(stream, request,
           iphone_validate_pair(stream->phone, json_object_get(request, "PairRecord")));
}

static void unpair(struct iphone_stream *stream, const json_t *request)
{
    settle(stream, request, iphone_unpair(stream->phone, json_object_get(request, "PairRecord")));
}

static void start_session(struct iphone_stream *stream, const json_t *request)
{
    const char *host = text_of(request, "HostID");
    const json_t *trust = json_object_get(phone_state(stream->phone), "trust");
    const char *error = !host[0]                        ? "MissingHostID"
                        : trusted(stream)               ? "SessionActive"
                        : !json_object_get(trust, host) ? "InvalidHostID"
                                                        : NULL;
    if (error) {
        refuse(stream, request, error);
        return;
    }
    memccpy(stream->host, host, '\0', sizeof(stream->host) - 1);
    lethe_uuid7(stream->session);
    json_t *reply = answer(request);
    json_object_set_new(reply, "EnableSessionSSL", json_true());
    json_object_set_new(reply, "SessionID", json_string(stream->session));
    iphone_say(stream, reply);
    if (!iphone_tls_begin(stream, stream->host))
        stream->ended = true;
}

static void stop_session(struct iphone_stream *stream, const json_t *request)
{
    const char *session = text_of(request, "SessionID");
    const char *error = !trusted(stream)                        ? "SessionInactive"
                        : strcmp(session, stream->session) != 0 ? "InvalidSessionID"
                                                                : NULL;
    settle(stream, request, error);
    if (!error)
        stream->session[0] = '\0';
}

static void start_service(struct iphone_stream *stream, const json_t *request)
{
    const struct iphone_service *service = iphone_service_find(text_of(request, "Service"));
    const char *error = !service                             ? "InvalidService"
                        : !trusted(stream) && !service->open ? "SessionInactive"
                                                             : NULL;
    uint16_t port =
        error ? 0 : iphone_promise(stream->iphone, service, trusted(stream) ? stream->host : "");
    if (!port) {
        refuse(stream, request, error ? error : "ServiceLimit");
        return;
    }
    json_t *reply = answer(request);
    json_object_set_new(reply, "Service", json_string(service->name));
    json_object_set_new(reply, "Port", json_integer(port));
    if (service->tls)
        json_object_set_new(reply, "EnableServiceSSL", json_true());
    iphone_say(stream, reply);
}

static void goodbye(struct iphone_stream *stream, const json_t *request)
{
    settle(stream, request, NULL);
    stream->ended = true;
}

static const struct {
    const char *name;
    void (*handle)(struct iphone_stream *stream, const json_t *request);
} requests[] = {
    {"QueryType", query_type},       {"GetValue", get_value},
    {"SetValue", set_value},         {"Pair", pair},
    {"ValidatePair", validate_pair}, {"Unpair", unpair},
    {"StartSession", start_session}, {"StopSession", stop_session},
    {"StartService", start_service}, {"Goodbye", goodbye},
};

static void message(struct iphone_stream *stream, const json_t *plist)
{
    const char *name = text_of(plist, "Request");
    for (size_t i = 0; i < sizeof(requests) / sizeof(*requests); i++) {
        if (strcmp(requests[i].name, name) == 0) {
            requests[i].handle(stream, plist);
            return;
        }
    }
    if (json_object_get(plist, "Request"))
        refuse(stream, plist, "UnknownRequest");
    else
        stream->ended = true;
}

const struct iphone_service iphone_lockdown = {
    .name = "com.apple.mobile.lockdown", .open = true, .message = message};
